/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_text.h - the small languages within the texts of a policy file;
 * private to store/.
 */
#ifndef DG_STORE_POLICY_TEXT_H
#define DG_STORE_POLICY_TEXT_H

#include "acl/acl.h"
#include "base/arena.h"

/* ASCII lower case, in the arena; data NULL when it is full. */
struct dg_str dg_policy_lower(struct dg_arena *arena, struct dg_str s);

/* "public", "role:x", "user:x", "x" -> "role:public", "role:x", "user:x". */
enum dg_rc dg_policy_principal(struct dg_str text, struct dg_arena *arena,
			       struct dg_str *token_out,
			       struct dg_error *err) DG_MUST_CHECK;

/*
 * a.b.c as the kind wants it; a part in double quotes is taken as it is, dots
 * included, "" within it being one quote.
 */
enum dg_rc dg_policy_object(struct dg_str text, enum dg_acl_kind kind,
			    struct dg_arena *arena,
			    struct dg_acl_object *object_out,
			    struct dg_error *err) DG_MUST_CHECK;

/*
 * What a tag is put on, by how many parts there are: catalog, catalog.schema,
 * catalog.schema.table, and a column behind that, `a.b` being a field.
 */
enum dg_rc dg_policy_tagged(struct dg_str text, struct dg_arena *arena,
			    struct dg_acl_tagging *tagging_out,
			    struct dg_error *err) DG_MUST_CHECK;
/* The one text that stands for it, as datagateway.object_text() makes it. */
enum dg_rc dg_policy_tagged_text(const struct dg_acl_tagging *tagging,
				 struct dg_arena *arena,
				 struct dg_str *text_out,
				 struct dg_error *err) DG_MUST_CHECK;

/* "NAME=POLICY NAME", a catalog of the cluster. */
enum dg_rc dg_policy_map_catalog(struct dg_acl_builder *builder,
				 struct dg_str cluster, struct dg_str text,
				 struct dg_error *err) DG_MUST_CHECK;

struct dg_policy_url {
	bool tls;
	struct dg_str host; /* without brackets */
	uint16_t port;
};
/* http(s)://host[:port], nothing behind it but a slash. */
enum dg_rc dg_policy_url(struct dg_str text, struct dg_arena *arena,
			 struct dg_policy_url *url_out,
			 struct dg_error *err) DG_MUST_CHECK;

/* "2026-01-31" or "2026-01-31T12:34:56Z" -> the latter. UTC only. */
enum dg_rc dg_policy_time(struct dg_str text, struct dg_arena *arena,
			  struct dg_str *time_out,
			  struct dg_error *err) DG_MUST_CHECK;

/*
 * Microseconds since 1970 of such a time, also with a fraction; 0 for none
 * (data NULL). INVALID for other texts.
 */
enum dg_rc dg_policy_time_us(struct dg_str text, int64_t *us_out) DG_MUST_CHECK;

/*
 * The contents of a small file, or of an environment variable, without
 * trailing newlines; on the heap, to be wiped.
 */
enum dg_rc dg_policy_read_file(struct dg_str path, struct dg_str *out,
			       struct dg_error *err) DG_MUST_CHECK;
enum dg_rc dg_policy_read_env(struct dg_str name, struct dg_str *out,
			      struct dg_error *err) DG_MUST_CHECK;

#endif
