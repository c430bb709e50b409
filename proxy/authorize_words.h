/* SPDX-License-Identifier: Apache-2.0 */
/*
 * authorize_words.h - a refusal as people read it.
 *
 * "Access Denied: line 1:8: Cannot rename table a.b.c (needs alter); ...": each
 * thing that is refused, where it stands, what to ask for and whom. Decides
 * nothing. Says no more of an object than its name where name_only is set.
 */
#ifndef DG_PROXY_AUTHORIZE_WORDS_H
#define DG_PROXY_AUTHORIZE_WORDS_H

#include "authorize.h"
#include "authorize_map.h"

/* What became of one access. */
struct dg_authorize_check {
	const struct dg_sql_access *access;
	struct dg_authorize_mapping map;
	struct dg_acl_object object;
	struct dg_acl_outcome outcome;
	size_t entry;   /* index among the entries, if it was decided */
	size_t offset;  /* refused: where, in the text */
	bool name_only; /* refused; nothing more may be said of the object */
};

struct dg_authorize_words {
	const struct dg_authorize_request *request;
	/* In the order of the text; at least one. */
	const struct dg_authorize_check *const *refused;
	size_t n_refused;
	bool is_passing; /* all of them: no word of a denial */
};

/* The text, in arena; LIMIT when it has no room. */
enum dg_rc dg_authorize_say(const struct dg_authorize_words *w,
			    struct dg_arena *arena,
			    struct dg_str *out) DG_MUST_CHECK;

#endif
