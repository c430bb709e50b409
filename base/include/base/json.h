/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json.h - reading small JSON documents (through jansson) and writing JSON.
 *
 * Reading is for bounded documents of ours and of coordinators' /v1/info and
 * metadata replies, never for result pages (proxy/presto/rewrite.c scans
 * those). Writing appends to a dg_buf; strings are escaped, invalid UTF-8 is
 * replaced by U+FFFD.
 */
#ifndef DG_BASE_JSON_H
#define DG_BASE_JSON_H

#include "base/buf.h"

struct dg_json; /* an immutable value; borrowed from its document's root */

/*
 * Parses text of at most max_bytes; duplicate keys are refused. The root is
 * owned by the caller: dg_json_destroy.
 */
enum dg_rc dg_json_parse(struct dg_str text, size_t max_bytes,
			 struct dg_json **root_out,
			 struct dg_error *err) DG_MUST_CHECK;
void dg_json_destroy(struct dg_json **root);

/*
 * All accessors accept NULL and the wrong type: they return NULL, false or 0,
 * and leave *out as it was.
 */
struct dg_json *dg_json_get(const struct dg_json *object, const char *key);
size_t dg_json_size(const struct dg_json *array_or_object);
struct dg_json *dg_json_at(const struct dg_json *array, size_t index);
bool dg_json_is_object(const struct dg_json *value);
bool dg_json_is_array(const struct dg_json *value);
bool dg_json_string(const struct dg_json *value, struct dg_str *out);
bool dg_json_int(const struct dg_json *value, int64_t *out);
bool dg_json_bool(const struct dg_json *value, bool *out);
bool dg_json_is_null(const struct dg_json *value);

struct dg_json_iter {
	void *state;
	struct dg_str key;
	struct dg_json *value;
};
/* Over an object's members in their order; start with {0}. */
bool dg_json_next(const struct dg_json *object, struct dg_json_iter *iter);

/*
 * Writer: calls nest as the document does; commas and quotes are its work.
 * The first failure (buffer full) sticks; finish returns it.
 */
struct dg_json_writer {
	struct dg_buf *out; /* borrowed */
	enum dg_rc rc;
	unsigned depth;
	uint64_t has_member; /* bit per depth */
	bool after_key;
};
void dg_json_begin(struct dg_json_writer *w, struct dg_buf *out);
void dg_json_object_open(struct dg_json_writer *w);
void dg_json_object_close(struct dg_json_writer *w);
void dg_json_array_open(struct dg_json_writer *w);
void dg_json_array_close(struct dg_json_writer *w);
void dg_json_key(struct dg_json_writer *w, const char *key);
void dg_json_key_str(struct dg_json_writer *w, struct dg_str key);
void dg_json_put_str(struct dg_json_writer *w, struct dg_str s);
void dg_json_put_cstr(struct dg_json_writer *w, const char *s);
/* The lines of a text that are not empty, as an array. */
void dg_json_put_lines(struct dg_json_writer *w, struct dg_str text);
void dg_json_put_int(struct dg_json_writer *w, int64_t n);
void dg_json_put_bool(struct dg_json_writer *w, bool b);
void dg_json_put_null(struct dg_json_writer *w);
/* A value that was parsed, of at most 64 MiB. */
void dg_json_put_value(struct dg_json_writer *w, const struct dg_json *value);
/* Already JSON. */
void dg_json_put_raw(struct dg_json_writer *w, struct dg_str json);
enum dg_rc dg_json_finish(struct dg_json_writer *w) DG_MUST_CHECK;

/* Appends s quoted and escaped; for code that writes JSON by hand. */
enum dg_rc dg_json_append_string(struct dg_buf *out,
				 struct dg_str s) DG_MUST_CHECK;
/*
 * The next piece of s as it stands inside quotes, *at moved behind it: either
 * a run of bytes that stand for themselves (a view into s) or one escape (in
 * scratch or static). For code with an output of its own, such as the log.
 */
struct dg_str dg_json_escape_step(struct dg_str s, size_t *at, char scratch[8]);

#endif
