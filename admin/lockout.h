/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lockout.h - addresses that keep coming with wrong tokens; pure.
 *
 * A table of a fixed size: whoever has many addresses pushes out the oldest
 * entries, never the table's bound. An IPv6 network of 64 bits counts as one
 * address.
 */
#ifndef DG_ADMIN_LOCKOUT_H
#define DG_ADMIN_LOCKOUT_H

#include "base/str.h"

enum {
	API_LOCKOUT_SLOTS = 1024,
	API_LOCKOUT_BAD_MAX = 10, /* wrong tokens within ... */
	API_LOCKOUT_WINDOW_MS = 60000,
	API_LOCKOUT_FIRST_MS = 60000, /* doubles each time up to ... */
	API_LOCKOUT_MOST_MS = 900000,
};

struct dg_api_lockout_entry {
	char address[48]; /* "": free */
	unsigned n_bad;
	unsigned n_locked;
	uint64_t since_ms;
	uint64_t until_ms; /* locked until then */
	uint64_t seen_ms;
};

struct dg_api_lockout {
	struct dg_api_lockout_entry entries[API_LOCKOUT_SLOTS];
};

/* peer: "192.0.2.1:443", "[2001:db8::1]:443". Ms it stays locked; 0: it is
 * not. */
uint64_t dg_api_lockout_left_ms(struct dg_api_lockout *lockout,
				const char *peer, uint64_t now_ms);
/* True when it is locked by this one. */
bool dg_api_lockout_note_bad(struct dg_api_lockout *lockout, const char *peer,
			     uint64_t now_ms);
void dg_api_lockout_note_good(struct dg_api_lockout *lockout, const char *peer);

#endif
