/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session_prepared.c - the text of a prepared statement in a client's headers,
 * and the value that carries it on. See session.h.
 *
 * Trino's clients compress long ones. They are undone within a bound, and in
 * the one way that no decoder takes differently; what goes on is compressed
 * by us, so that what the engine unpacks is what was authorized.
 */
#include <zstd.h>

#include "base/base64.h"
#include "presto/session.h"

#define ZSTD_PREFIX DG_STR("$zstd:")

static const struct dg_pair *
find_prepared(const struct dg_session *session, struct dg_str name)
{
	for (size_t i = 0; i < session->n_prepared; i++) {
		if (dg_str_eq(session->prepared[i].name, name))
			return &session->prepared[i];
	}
	return NULL;
}

static bool
is_compressed(const struct dg_session *session, struct dg_str value)
{
	return session->family == DG_FAMILY_TRINO &&
	       dg_str_starts_with(value, ZSTD_PREFIX);
}

/*
 * Exactly one frame, with a declared size, no dictionary: whatever another
 * decoder could take differently is refused (protocol.md 6.2).
 */
static enum dg_rc
decompress(struct dg_str frame, size_t max, struct dg_arena *arena,
	   struct dg_str *text_out, struct dg_error *err)
{
	static const unsigned char magic[4] = {0x28, 0xb5, 0x2f, 0xfd};
	unsigned long long size;
	char *text;
	size_t n;

	if (frame.len < sizeof(magic) ||
	    memcmp(frame.data, magic, sizeof(magic)) != 0)
		return dg_error_set(err, DG_ERR_INVALID, "it is not zstd");
	size = ZSTD_getFrameContentSize(frame.data, frame.len);
	if (size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR)
		return dg_error_set(err, DG_ERR_INVALID,
				    "the frame does not tell its size");
	if (size > max)
		return dg_error_set(err, DG_ERR_LIMIT,
				    "its text is longer than %zu bytes", max);
	if (ZSTD_getDictID_fromFrame(frame.data, frame.len) != 0)
		return dg_error_set(err, DG_ERR_INVALID,
				    "it needs a dictionary");
	n = ZSTD_findFrameCompressedSize(frame.data, frame.len);
	if (ZSTD_isError(n) || n != frame.len)
		return dg_error_set(err, DG_ERR_INVALID,
				    "it is not exactly one frame");
	text = dg_arena_alloc(arena, (size_t)size);
	if (text == NULL)
		return dg_error_set(err, DG_ERR_LIMIT, "out of memory");
	n = ZSTD_decompress(text, (size_t)size, frame.data, frame.len);
	if (ZSTD_isError(n) || n != size)
		return dg_error_set(err, DG_ERR_INVALID, "the frame is broken");
	*text_out = dg_str_make(text, n);
	if (!dg_str_is_utf8(*text_out))
		return dg_error_set(err, DG_ERR_INVALID,
				    "its text is not UTF-8");
	return DG_OK;
}

static enum dg_rc
expand(struct dg_str value, size_t max, struct dg_arena *arena,
       struct dg_str *text_out, struct dg_error *err)
{
	struct dg_str body = dg_str_slice(value, ZSTD_PREFIX.len, value.len);
	char *frame = dg_arena_alloc(arena, dg_base64_decoded_max(body.len));
	size_t n;

	if (frame == NULL)
		return dg_error_set(err, DG_ERR_LIMIT, "out of memory");
	if (dg_base64_decode(body, true, frame, &n) != DG_OK)
		return dg_error_set(err, DG_ERR_INVALID, "it is not base64url");
	return decompress(dg_str_make(frame, n), max, arena, text_out, err);
}

enum dg_rc
dg_session_prepared(const struct dg_session *session, struct dg_str name,
		    size_t max, struct dg_arena *arena, struct dg_str *text_out,
		    struct dg_error *err)
{
	const struct dg_pair *pair = find_prepared(session, name);
	enum dg_rc rc;

	if (pair == NULL)
		return dg_error_set(err, DG_ERR_NOT_FOUND,
				    "Prepared statement not found: %.*s",
				    DG_STR_ARG(name));
	if (!is_compressed(session, pair->value)) {
		if (pair->value.len > max)
			return dg_error_set(
				err, DG_ERR_LIMIT,
				"Prepared statement %.*s is longer than %zu "
				"bytes",
				DG_STR_ARG(name), max);
		*text_out = pair->value;
		return DG_OK;
	}
	rc = expand(pair->value, max, arena, text_out, err);
	if (rc != DG_OK)
		return dg_error_wrap(err, "Prepared statement %.*s",
				     DG_STR_ARG(name));
	return DG_OK;
}

static enum dg_rc
compress(struct dg_str text, struct dg_arena *arena, struct dg_str *value_out)
{
	size_t bound = ZSTD_compressBound(text.len);
	char *frame = dg_arena_alloc(arena, bound);
	char *value;
	size_t n;

	if (frame == NULL)
		return DG_ERR_LIMIT;
	n = ZSTD_compress(frame, bound, text.data, text.len, 3);
	if (ZSTD_isError(n))
		return DG_ERR_INTERNAL;
	value = dg_arena_alloc(arena, ZSTD_PREFIX.len +
					      dg_base64_encoded_len(n, true));
	if (value == NULL)
		return DG_ERR_LIMIT;
	memcpy(value, ZSTD_PREFIX.data, ZSTD_PREFIX.len);
	n = dg_base64_encode(dg_str_make(frame, n), true,
			     value + ZSTD_PREFIX.len);
	*value_out = dg_str_make(value, ZSTD_PREFIX.len + n);
	return DG_OK;
}

enum dg_rc
dg_session_pack_prepared(const struct dg_session *session, struct dg_str name,
			 struct dg_str text, struct dg_arena *arena,
			 struct dg_str *value_out)
{
	const struct dg_pair *pair = find_prepared(session, name);

	if (pair != NULL && is_compressed(session, pair->value))
		return compress(text, arena, value_out);
	*value_out = text;
	return DG_OK;
}
