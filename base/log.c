/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log.c - builds one bounded JSON line and writes it at once. See log.h.
 *
 * The line lives on the stack: logging allocates nothing and takes no lock.
 * Room for the closing part is kept from the start, so that a line that is cut
 * is still a JSON object, marked "cut":true.
 */
#include "base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/clock.h"
#include "base/json.h"

enum {
	LOG_LINE_MAX = 8192,
	LOG_TAIL_MAX = 32, /* "\",\"cut\":true}\n" fits */
	LOG_TEXT_MAX = 4096,
	LOG_CTX_DEPTH_MAX = 16,
};

static _Atomic int log_level = DG_LOG_INFO;
static _Atomic int log_fd = STDERR_FILENO;

struct line {
	char data[LOG_LINE_MAX];
	size_t len; /* <= LOG_LINE_MAX - LOG_TAIL_MAX until closed */
	bool cut;
};

void
dg_log_set_level(enum dg_log_level level)
{
	atomic_store_explicit(&log_level, (int)level, memory_order_relaxed);
}

void
dg_log_set_fd(int fd)
{
	atomic_store_explicit(&log_fd, fd, memory_order_relaxed);
}

bool
dg_log_enabled(enum dg_log_level level)
{
	return (int)level >=
	       atomic_load_explicit(&log_level, memory_order_relaxed);
}

static const char *
level_name(enum dg_log_level level)
{
	switch (level) {
	case DG_LOG_DEBUG:
		return "debug";
	case DG_LOG_INFO:
		return "info";
	case DG_LOG_WARN:
		return "warn";
	case DG_LOG_ERROR:
		return "error";
	}
	DG_UNREACHABLE();
}

static size_t
room_of(const struct line *line)
{
	return LOG_LINE_MAX - LOG_TAIL_MAX - line->len;
}

static bool
put(struct line *line, struct dg_str s)
{
	if (s.len > room_of(line)) {
		line->cut = true;
		return false;
	}
	if (s.len > 0)
		memcpy(line->data + line->len, s.data, s.len);
	line->len += s.len;
	return true;
}

/* As much of s as there is room for, at a character's end, in quotes. */
static void
put_quoted(struct line *line, struct dg_str s)
{
	char scratch[8];
	size_t at = 0;

	if (!put(line, DG_STR("\"")))
		return;
	while (at < s.len && !line->cut) {
		size_t from = at;
		struct dg_str piece = dg_json_escape_step(s, &at, scratch);

		if (piece.len <= room_of(line)) {
			put(line, piece);
			continue;
		}
		line->cut = true;
		/* A run may be cut, an escape may not. */
		if (piece.data != s.data + from)
			break;
		piece.len = room_of(line);
		while (piece.len > 0 &&
		       ((unsigned char)piece.data[piece.len] & 0xC0) == 0x80)
			piece.len--;
		memcpy(line->data + line->len, piece.data, piece.len);
		line->len += piece.len;
	}
	/* LOG_TAIL_MAX holds this quote. */
	line->data[line->len++] = '"';
}

/*
 * `,"name":` when at least a short value fits behind it; otherwise the line is
 * cut here, so that a name never stands without a value.
 */
static bool
put_name(struct line *line, const char *name)
{
	struct dg_str s = dg_str_from_cstr(name);

	if (line->cut || s.len + 32 > room_of(line)) {
		line->cut = true;
		return false;
	}
	put(line, DG_STR(",\""));
	put(line, s);
	put(line, DG_STR("\":"));
	return true;
}

static void
put_field(struct line *line, const struct dg_log_field *field)
{
	char number[24];
	int len;

	if (!put_name(line, field->name))
		return;
	switch (field->type) {
	case DG_LOG_F_STR:
		put_quoted(line, field->str);
		break;
	case DG_LOG_F_INT:
		len = snprintf(number, sizeof(number), "%" PRId64, field->num);
		put(line, dg_str_make(number, (size_t)len));
		break;
	case DG_LOG_F_BOOL:
		put(line, field->num != 0 ? DG_STR("true") : DG_STR("false"));
		break;
	}
}

static void
put_fields(struct line *line, const struct dg_log_field *fields, size_t n)
{
	for (size_t i = 0; i < n; i++)
		put_field(line, &fields[i]);
}

/* Outermost first. */
static void
put_context(struct line *line, const struct dg_log_ctx *ctx)
{
	const struct dg_log_ctx *chain[LOG_CTX_DEPTH_MAX];
	size_t n = 0;

	for (; ctx != NULL; ctx = ctx->parent) {
		DG_ASSERT(n < LOG_CTX_DEPTH_MAX);
		chain[n++] = ctx;
	}
	while (n > 0) {
		n--;
		put_fields(line, chain[n]->fields, chain[n]->n_fields);
	}
}

static void
put_head(struct line *line, enum dg_log_level level, const char *event,
	 struct dg_str text)
{
	char now[DG_CLOCK_TEXT_MAX];

	dg_clock_format_utc(dg_clock_wall_us(), now);
	put(line, DG_STR("{\"ts\":"));
	put_quoted(line, dg_str_from_cstr(now));
	if (put_name(line, "level"))
		put_quoted(line, dg_str_from_cstr(level_name(level)));
	if (put_name(line, "event"))
		put_quoted(line, dg_str_from_cstr(event));
	if (put_name(line, "msg"))
		put_quoted(line, text);
}

/* A log that cannot be written is no reason to stop: the line is lost. */
static void
write_line(const char *data, size_t len)
{
	int fd = atomic_load_explicit(&log_fd, memory_order_relaxed);
	int saved_errno = errno;
	ssize_t n;

	do {
		n = write(fd, data, len);
	} while (n < 0 && errno == EINTR);
	errno = saved_errno;
}

static void
close_line(struct line *line)
{
	struct dg_str tail =
		line->cut ? DG_STR(",\"cut\":true}\n") : DG_STR("}\n");

	memcpy(line->data + line->len, tail.data, tail.len);
	line->len += tail.len;
}

void
dg_log_write(enum dg_log_level level, const struct dg_log_ctx *ctx,
	     const char *event, const struct dg_log_field *fields,
	     size_t n_fields, const char *fmt, ...)
{
	char text[LOG_TEXT_MAX];
	struct line line;
	va_list ap;
	int len;

	if (!dg_log_enabled(level))
		return;
	va_start(ap, fmt);
	len = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (len < 0)
		text[0] = '\0';

	line.len = 0;
	line.cut = false;
	put_head(&line, level, event, dg_str_from_cstr(text));
	put_context(&line, ctx);
	put_fields(&line, fields, n_fields);
	close_line(&line);
	write_line(line.data, line.len);
}
