/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reply.h - QueryResults pages that the gateway makes itself (protocol.md 5,
 * 13): QUEUED placeholders, FAILED results, the final page of SET SESSION.
 */
#ifndef DG_PROXY_PRESTO_REPLY_H
#define DG_PROXY_PRESTO_REPLY_H

#include "base/buf.h"
#include "presto/family.h"

/* Names and numbers as the engines have them (protocol.md 5.2). */
enum dg_query_error {
#define DG_QUERY_ERROR(id, name, code, type) DG_QE_##id,
#include "presto/query_errors.def"
#undef DG_QUERY_ERROR
};

const char *dg_query_error_name(enum dg_query_error error);
/* Whether a number read from somewhere is one of the enum. */
bool dg_query_error_is_known(unsigned number);

/* An error as an engine names it, which may be one that we do not know. */
struct dg_query_error_info {
	const char *name;
	int64_t code;
	const char *type;
};

struct dg_failure {
	enum dg_query_error error;
	/* What it is told as instead of error; NULL: error. Never sealed. */
	const struct dg_query_error_info *engine;
	struct dg_str message; /* first line matters: tools show it alone */
	unsigned line;         /* from 1, in the client's text; 0 = none */
	unsigned column;
};

/* id for a query of the gateway: "20260801_101112_00000_d0l01" and unique. */
#define DG_QUERY_ID_MAX 64
void dg_reply_make_query_id(int64_t wall_us, char id_out[DG_QUERY_ID_MAX]);

/* Where infoUri points: on the gateway, as nextUri does (protocol.md 4.2). */
enum dg_rc dg_reply_info_uri(struct dg_str base, struct dg_str id,
			     struct dg_buf *out) DG_MUST_CHECK;
/* base: "https://gw.example:8443", for infoUri. next: absolute URI. */
enum dg_rc dg_reply_queued(enum dg_family family, struct dg_str id,
			   struct dg_str base, struct dg_str next,
			   struct dg_buf *out) DG_MUST_CHECK;
enum dg_rc dg_reply_failed(enum dg_family family, struct dg_str id,
			   struct dg_str base, const struct dg_failure *failure,
			   struct dg_buf *out) DG_MUST_CHECK;
/* update_type: "SET SESSION" or "RESET SESSION". */
enum dg_rc dg_reply_session_done(enum dg_family family, struct dg_str id,
				 struct dg_str base, const char *update_type,
				 struct dg_buf *out) DG_MUST_CHECK;

#endif
