/* SPDX-License-Identifier: Apache-2.0 */
/*
 * buf.h - a byte buffer with a read and a write cursor and a maximum.
 *
 *     data          head               tail              cap      max
 *      |  consumed   |  readable bytes  |  writable room  | ...... |
 *
 * 0 <= head <= tail <= cap <= max holds on entry to every function. The buffer
 * grows by doubling up to max, which is given at init and never exceeded;
 * consumed room is reclaimed before growing.
 */
#ifndef DG_BASE_BUF_H
#define DG_BASE_BUF_H

#include "base/str.h"

DG_BEGIN_DECLS

struct dg_buf {
	char *data; /* owned */
	size_t head;
	size_t tail;
	size_t cap;
	size_t max;
};

/* Caller's storage; allocates nothing until the first write. */
void dg_buf_init(struct dg_buf *buf, size_t max);
void dg_buf_fini(struct dg_buf *buf);
/* Forgets the contents, keeps the memory. */
void dg_buf_clear(struct dg_buf *buf);

static inline size_t
dg_buf_len(const struct dg_buf *buf)
{
	return buf->tail - buf->head;
}

/* Readable bytes; valid until the next write to or consume from buf. */
static inline struct dg_str
dg_buf_peek(const struct dg_buf *buf)
{
	return dg_str_make(buf->data == NULL ? "" : buf->data + buf->head,
			   buf->tail - buf->head);
}

/* n <= dg_buf_len(buf). */
void dg_buf_consume(struct dg_buf *buf, size_t n);
/* Drops bytes from the write end; n <= dg_buf_len(buf). */
void dg_buf_truncate(struct dg_buf *buf, size_t new_len);

/*
 * Room for at least n more bytes at *room_out; LIMIT when that would pass max.
 * What was written there becomes readable by dg_buf_commit.
 */
enum dg_rc dg_buf_reserve(struct dg_buf *buf, size_t n,
			  char **room_out) DG_MUST_CHECK;
void dg_buf_commit(struct dg_buf *buf, size_t n);
/* Bytes that can still be written before max. */
size_t dg_buf_room(const struct dg_buf *buf);

/* All or nothing: on LIMIT nothing was added. */
enum dg_rc dg_buf_append(struct dg_buf *buf, struct dg_str s) DG_MUST_CHECK;
enum dg_rc dg_buf_append_char(struct dg_buf *buf, char c) DG_MUST_CHECK;
enum dg_rc dg_buf_appendf(struct dg_buf *buf, const char *fmt, ...)
	DG_PRINTF(2, 3) DG_MUST_CHECK;

DG_END_DECLS

#endif
