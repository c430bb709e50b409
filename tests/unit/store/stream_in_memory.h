/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream_in_memory.h - a file of the last good policy without a file: what a
 * snapshot puts is kept in a buffer, and is got from there piece by piece.
 */
#ifndef DG_TESTS_STORE_STREAM_IN_MEMORY_H
#define DG_TESTS_STORE_STREAM_IN_MEMORY_H

#include "base/buf.h"
#include "base/error.h"

struct stream_in_memory {
	struct dg_buf bytes;
	size_t at;
};

static inline enum dg_rc
put_in_memory(void *arg, const void *bytes, size_t n, struct dg_error *err)
{
	struct stream_in_memory *m = arg;

	(void)err;
	return dg_buf_append(&m->bytes, dg_str_make(bytes, n));
}

static inline enum dg_rc
get_from_memory(void *arg, void *to, size_t n, size_t *got_out,
		struct dg_error *err)
{
	struct stream_in_memory *m = arg;
	struct dg_str bytes = dg_buf_peek(&m->bytes);
	size_t left = bytes.len - m->at;

	(void)err;
	*got_out = n < left ? n : left;
	if (*got_out > 0)
		memcpy(to, bytes.data + m->at, *got_out);
	m->at += *got_out;
	return DG_OK;
}

#endif
