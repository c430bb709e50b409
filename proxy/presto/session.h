/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session.h - the session that a client carries in its headers (protocol.md 2).
 *
 * Everything is decoded, checked and kept as values, so that the request to
 * the coordinator is built from these and never from the client's bytes. An
 * allow-list: unknown X-Trino-/X-Presto- headers are dropped, dangerous ones
 * (internal bearer, prefix URL, retry) never pass. Non-ASCII, control bytes or
 * two different instances of a single-valued header are refused.
 */
#ifndef DG_PROXY_PRESTO_SESSION_H
#define DG_PROXY_PRESTO_SESSION_H

#include "base/arena.h"
#include "http/head.h"
#include "presto/family.h"

struct dg_pair {
	struct dg_str name;  /* decoded; case as sent */
	struct dg_str value; /* decoded */
};

struct dg_session {
	enum dg_family family;
	bool has_family; /* false: no header of either family */
	struct dg_str user;
	struct dg_str original_user;
	struct dg_str catalog;
	struct dg_str schema;
	struct dg_str path;
	struct dg_str source;
	struct dg_str client_info;
	struct dg_str trace_token;
	struct dg_str time_zone;
	struct dg_str language;
	struct dg_str transaction; /* as sent: "", "NONE" or our sealed id */
	struct dg_str capabilities;
	struct dg_str user_agent;
	const struct dg_str *tags;
	size_t n_tags;
	const struct dg_pair *properties; /* gateway's own ones not included */
	size_t n_properties;
	/* datagateway.*, names without the prefix, e.g. "cluster" */
	const struct dg_pair *own_properties;
	size_t n_own_properties;
	const struct dg_pair *roles;
	size_t n_roles;
	/* $zstd: undone; decoded once, bounded; names unique */
	const struct dg_pair *prepared;
	size_t n_prepared;
	const struct dg_pair *estimates;
	size_t n_estimates;
};

/* INVALID (answer 400 with err's text) or LIMIT. */
enum dg_rc dg_session_read(const struct dg_http_head *head,
			   struct dg_arena *arena, struct dg_session *out,
			   struct dg_error *err) DG_MUST_CHECK;

/* What goes upstream besides the fixed headers. */
struct dg_session_emit {
	enum dg_family family;
	struct dg_str user;	   /* who the coordinator shall believe it is */
	struct dg_str transaction; /* the engine's own id, or "NONE"/"" */
	struct dg_str prepared_name; /* only this entry is sent; "" = none */
};
/* Headers in the arena, appended to out[*n]; LIMIT when max is reached. */
enum dg_rc dg_session_write(const struct dg_session *session,
			    const struct dg_session_emit *emit,
			    struct dg_arena *arena, struct dg_http_header *out,
			    size_t max, size_t *n) DG_MUST_CHECK;

#endif
