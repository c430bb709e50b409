/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session.h - the session that a client carries in its headers (protocol.md 2).
 *
 * Everything is decoded, checked and kept as values, so that the request to
 * the coordinator is built from these and never from the client's bytes. An
 * allow-list: unknown X-Trino-/X-Presto- headers are dropped, dangerous ones
 * (internal bearer, prefix URL, retry, extra credentials, temporary functions,
 * spooling) never pass. Refused are headers of both families, non-ASCII and
 * control bytes, a second instance of a single-valued header, names that come
 * twice in a multi-valued one, and whatever two readers could read in two
 * ways.
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
	struct dg_str path; /* kept to be refused; never sent on */
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
	/*
	 * Names unique. Values may still be in Trino's compressed form: read
	 * them with dg_session_prepared.
	 */
	const struct dg_pair *prepared;
	size_t n_prepared;
	const struct dg_pair *estimates;
	size_t n_estimates;
};

/* Of any one kind: properties, prepared statements, tags ... */
#define DG_SESSION_ITEMS_MAX 1000

/* INVALID (answer 400 with err's text) or LIMIT. */
enum dg_rc dg_session_read(const struct dg_http_head *head,
			   struct dg_arena *arena, struct dg_session *out,
			   struct dg_error *err) DG_MUST_CHECK;

/*
 * The text of a prepared statement; the name counts byte for byte. `$zstd:` is
 * undone within max bytes (protocol.md 6.2). NOT_FOUND, INVALID, LIMIT.
 */
enum dg_rc dg_session_prepared(const struct dg_session *session,
			       struct dg_str name, size_t max,
			       struct dg_arena *arena, struct dg_str *text_out,
			       struct dg_error *err) DG_MUST_CHECK;
/* The value that carries text on: compressed where the client's entry is. */
enum dg_rc dg_session_pack_prepared(const struct dg_session *session,
				    struct dg_str name, struct dg_str text,
				    struct dg_arena *arena,
				    struct dg_str *value_out) DG_MUST_CHECK;
/* A gateway's own property, e.g. "cluster"; empty when not set. */
struct dg_str dg_session_own(const struct dg_session *session,
			     struct dg_str name);

/* What goes upstream besides the fixed headers. */
struct dg_session_emit {
	enum dg_family family;
	struct dg_str transaction; /* the engine's own id, or "NONE"/"" */
	/* Only this entry is sent, none when the name is empty. */
	struct dg_str prepared_name;
	struct dg_str prepared_text; /* as dg_session_prepared gave it */
};
/*
 * Headers in the arena, appended to out[*n]; LIMIT when max is reached. The
 * user is not among them: dg_route_identity writes it.
 */
enum dg_rc dg_session_write(const struct dg_session *session,
			    const struct dg_session_emit *emit,
			    struct dg_arena *arena, struct dg_http_header *out,
			    size_t max, size_t *n) DG_MUST_CHECK;

#endif
