/* SPDX-License-Identifier: Apache-2.0 */
/*
 * buf.c - the capped byte buffer. See buf.h for the drawing of its ranges.
 *
 * The maximum is checked before any arithmetic that could pass it, so that no
 * size given by a peer overflows or reaches the heap.
 */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/assert.h"
#include "base/mem.h"

enum { BUF_FIRST_CAP = 256 };

static void
check_sane(const struct dg_buf *buf)
{
	DG_DEBUG_ASSERT(buf->head <= buf->tail);
	DG_DEBUG_ASSERT(buf->tail <= buf->cap);
	DG_DEBUG_ASSERT(buf->cap <= buf->max);
	DG_DEBUG_ASSERT(buf->data != NULL || buf->cap == 0);
}

void
dg_buf_init(struct dg_buf *buf, size_t max)
{
	*buf = (struct dg_buf){.max = max};
}

void
dg_buf_fini(struct dg_buf *buf)
{
	check_sane(buf);
	dg_free(buf->data);
	*buf = (struct dg_buf){.max = buf->max};
}

void
dg_buf_clear(struct dg_buf *buf)
{
	check_sane(buf);
	buf->head = 0;
	buf->tail = 0;
}

void
dg_buf_consume(struct dg_buf *buf, size_t n)
{
	check_sane(buf);
	DG_ASSERT(n <= dg_buf_len(buf));
	buf->head += n;
	if (buf->head == buf->tail)
		dg_buf_clear(buf);
}

void
dg_buf_truncate(struct dg_buf *buf, size_t new_len)
{
	check_sane(buf);
	DG_ASSERT(new_len <= dg_buf_len(buf));
	buf->tail = buf->head + new_len;
}

size_t
dg_buf_room(const struct dg_buf *buf)
{
	check_sane(buf);
	return buf->max - dg_buf_len(buf);
}

/* Moves the readable bytes to the front. */
static void
reclaim(struct dg_buf *buf)
{
	size_t len = dg_buf_len(buf);

	if (buf->data == NULL || buf->head == 0)
		return;
	memmove(buf->data, buf->data + buf->head, len);
	buf->head = 0;
	buf->tail = len;
}

/* At least doubles, so that appending costs constant time; needed <= max. */
static void
grow(struct dg_buf *buf, size_t needed)
{
	size_t cap = buf->cap > buf->max / 2 ? buf->max : buf->cap * 2;

	if (cap < BUF_FIRST_CAP)
		cap = BUF_FIRST_CAP;
	if (cap < needed)
		cap = needed;
	if (cap > buf->max)
		cap = buf->max;
	buf->data = dg_realloc(buf->data, cap, 1);
	buf->cap = cap;
}

enum dg_rc
dg_buf_reserve(struct dg_buf *buf, size_t n, char **room_out)
{
	size_t len = dg_buf_len(buf);

	check_sane(buf);
	if (n > buf->max - len)
		return DG_ERR_LIMIT;
	if (buf->data == NULL || buf->cap - buf->tail < n) {
		/*
		 * Moving is cheap while at most half is readable; beyond that
		 * growing keeps a slow reader from costing a move per write.
		 */
		bool worth_moving = len <= buf->cap / 2 || buf->cap == buf->max;

		reclaim(buf);
		if (buf->data == NULL || buf->cap < len + n || !worth_moving)
			grow(buf, len + n);
	}
	*room_out = buf->data + buf->tail;
	return DG_OK;
}

void
dg_buf_commit(struct dg_buf *buf, size_t n)
{
	check_sane(buf);
	DG_ASSERT(n <= buf->cap - buf->tail);
	buf->tail += n;
}

enum dg_rc
dg_buf_append(struct dg_buf *buf, struct dg_str s)
{
	char *room;
	enum dg_rc rc;

	if (s.len == 0)
		return DG_OK;
	rc = dg_buf_reserve(buf, s.len, &room);
	if (rc != DG_OK)
		return rc;
	memcpy(room, s.data, s.len);
	dg_buf_commit(buf, s.len);
	return DG_OK;
}

enum dg_rc
dg_buf_append_char(struct dg_buf *buf, char c)
{
	return dg_buf_append(buf, dg_str_make(&c, 1));
}

static enum dg_rc append_formatted(struct dg_buf *buf, size_t len,
				   const char *fmt, va_list ap) DG_PRINTF(3, 0);

static enum dg_rc
append_formatted(struct dg_buf *buf, size_t len, const char *fmt, va_list ap)
{
	char *text;
	enum dg_rc rc;

	/* vsnprintf writes a NUL, for which the buffer may have no room. */
	if (len < dg_buf_room(buf)) {
		rc = dg_buf_reserve(buf, len + 1, &text);
		if (rc != DG_OK)
			return rc;
		vsnprintf(text, len + 1, fmt, ap);
		dg_buf_commit(buf, len);
		return DG_OK;
	}
	text = dg_calloc(len + 1, 1);
	vsnprintf(text, len + 1, fmt, ap);
	rc = dg_buf_append(buf, dg_str_make(text, len));
	dg_free(text);
	return rc;
}

enum dg_rc
dg_buf_appendf(struct dg_buf *buf, const char *fmt, ...)
{
	va_list ap;
	enum dg_rc rc;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	DG_ASSERT(len >= 0);
	if ((size_t)len > dg_buf_room(buf))
		return DG_ERR_LIMIT;
	va_start(ap, fmt);
	rc = append_formatted(buf, (size_t)len, fmt, ap);
	va_end(ap);
	return rc;
}
