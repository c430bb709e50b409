/* SPDX-License-Identifier: Apache-2.0 */
/*
 * analyze_text.c - an access list as a table, and the statement with its names
 * marked, as a compiler marks mistakes.
 *
 * All marks are sorted by their place, so the text is walked once however many
 * there are. What could move a terminal's cursor is shown as '?'.
 */
#include "analyze_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

#include "proxy/needs.h"

enum {
	SHOWN_MAX = 160, /* of a line, in characters */
	BEFORE_MARK = 20 /* shown in front of the first mark of a longer one */
};

/* A name in the text. */
struct mark {
	size_t offset;
	const struct dg_sql_access *access; /* NULL: not an object's own */
	char sign;
	unsigned line;
	unsigned column;
};

struct marks {
	struct dg_str text;
	struct mark *at;
	size_t n;
};

/* ---- places ------------------------------------------------------------ */

static int
compare_marks(const void *a, const void *b)
{
	const struct mark *x = a;
	const struct mark *y = b;

	if (x->offset != y->offset)
		return x->offset < y->offset ? -1 : 1;
	return (x->sign == '~') - (y->sign == '~');
}

/* Lines and columns of all, from one walk over the text. */
static void
locate(struct marks *marks)
{
	unsigned line = 1;
	unsigned column = 1;
	size_t at = 0;

	if (marks->n > 0)
		qsort(marks->at, marks->n, sizeof(*marks->at), compare_marks);
	for (size_t i = 0; i < marks->n; i++) {
		struct mark *mark = &marks->at[i];

		for (; at < mark->offset && at < marks->text.len; at++) {
			unsigned char c = (unsigned char)marks->text.data[at];

			if (c == '\n') {
				line++;
				column = 1;
			} else if ((c & 0xC0) != 0x80) {
				column++;
			}
		}
		mark->line = line;
		mark->column = column;
	}
}

static bool
is_name_byte(unsigned char c)
{
	return c == '_' || c >= 0x80 || (c >= '0' && c <= '9') ||
	       ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/* Behind the word or quoted name at this place. */
static size_t
skip_part(struct dg_str text, size_t at)
{
	if (at < text.len && text.data[at] == '"') {
		at = dg_str_find(text, '"', at + 1);
		while (at + 1 < text.len && text.data[at + 1] == '"')
			at = dg_str_find(text, '"', at + 2);
		return at < text.len ? at + 1 : at;
	}
	while (at < text.len && is_name_byte((unsigned char)text.data[at]))
		at++;
	return at;
}

/* Behind the name there, with its dots; one byte at least. */
static size_t
name_end(struct dg_str text, size_t at)
{
	size_t end = skip_part(text, at);

	while (end > at && end + 1 < text.len && text.data[end] == '.') {
		size_t next = skip_part(text, end + 1);

		if (next == end + 1)
			break;
		end = next;
	}
	return end > at ? end : at + 1;
}

/* ---- the marked text --------------------------------------------------- */

struct line {
	struct dg_str text;
	size_t start; /* in the statement */
	unsigned number;
	const struct mark *marks;
	size_t n_marks;
};

/* A character as it is shown. */
struct glyph {
	struct dg_str text;
	size_t step;    /* bytes of the statement */
	unsigned cells; /* of the terminal: two for most of East Asia's */
};

static struct glyph
glyph_at(struct dg_str text, size_t at)
{
	size_t step = dg_str_utf8_step(text, at);
	unsigned char c = (unsigned char)text.data[at];
	struct glyph glyph = {DG_STR("?"), step == 0 ? 1 : step, 1};
	wchar_t wide;
	int cells;

	if (c == '\t')
		glyph.text = DG_STR(" ");
	else if (step == 1 && c >= 0x20 && c < 0x7F)
		glyph.text = dg_str_slice(text, at, at + 1);
	if (step <= 1 ||
	    mbrtowc(&wide, text.data + at, step, &(mbstate_t){0}) != step)
		return glyph;
	cells = wcwidth(wide);
	if (cells < 0)
		return glyph;
	glyph.text = dg_str_slice(text, at, at + step);
	glyph.cells = (unsigned)cells;
	return glyph;
}

/* Where the line is shown from: behind so many characters. */
static size_t
skip_characters(struct dg_str text, unsigned n)
{
	size_t at = 0;

	while (n-- > 0 && at < text.len)
		at += glyph_at(text, at).step;
	return at;
}

/* At most max characters from there on. */
static enum dg_rc
put_characters(struct dg_buf *out, struct dg_str text, size_t at, size_t max)
{
	enum dg_rc rc = DG_OK;

	for (size_t n = 0; n < max && at < text.len && rc == DG_OK; n++) {
		struct glyph glyph = glyph_at(text, at);

		rc = dg_buf_append(out, glyph.text);
		at += glyph.step;
	}
	return rc;
}

static unsigned
cells_of(struct dg_str text)
{
	unsigned cells = 0;
	size_t at = 0;

	while (at < text.len) {
		struct glyph glyph = glyph_at(text, at);

		cells += glyph.cells;
		at += glyph.step;
	}
	return cells;
}

static enum dg_rc
put_padded(struct dg_buf *out, struct dg_str text, int width)
{
	enum dg_rc rc = put_characters(out, text, 0, text.len);

	if (rc != DG_OK)
		return rc;
	width -= (int)cells_of(text);
	return dg_buf_appendf(out, "%*s", width > 0 ? width : 0, "");
}

/* What is under the byte at this offset of the statement. */
static char
sign_at(const struct line *line, struct dg_str whole, size_t offset)
{
	char sign = ' ';

	for (size_t i = 0; i < line->n_marks; i++) {
		const struct mark *mark = &line->marks[i];

		if (mark->offset > offset)
			break;
		if (offset < name_end(whole, mark->offset))
			sign = mark->sign;
	}
	return sign;
}

static enum dg_rc
put_signs(struct dg_buf *out, struct dg_str whole, const struct line *line,
	  size_t at)
{
	char signs[2 * SHOWN_MAX];
	size_t cells = 0;
	size_t len = 0;

	for (unsigned n = 0; n < SHOWN_MAX && at <= line->text.len; n++) {
		struct glyph glyph = {.step = 1, .cells = 1}; /* the end's */
		char sign = sign_at(line, whole, line->start + at);

		if (at < line->text.len)
			glyph = glyph_at(line->text, at);
		for (unsigned i = 0; i < glyph.cells && cells < sizeof(signs);
		     i++)
			signs[cells++] = sign;
		if (sign != ' ')
			len = cells;
		at += glyph.step;
	}
	return dg_buf_appendf(out, "     | %.*s\n", (int)len, signs);
}

static enum dg_rc
put_line(struct dg_buf *out, struct dg_str whole, const struct line *line)
{
	size_t from = 0;
	enum dg_rc rc;

	if (line->n_marks > 0 && line->text.len > SHOWN_MAX &&
	    line->marks[0].column > BEFORE_MARK)
		from = skip_characters(line->text,
				       line->marks[0].column - BEFORE_MARK);
	rc = dg_buf_appendf(out, "%4u | ", line->number);
	if (rc == DG_OK)
		rc = put_characters(out, line->text, from, SHOWN_MAX);
	if (rc == DG_OK)
		rc = dg_buf_append_char(out, '\n');
	if (rc == DG_OK && line->n_marks > 0)
		rc = put_signs(out, whole, line, from);
	return rc;
}

/* The line at *at, with its marks of those from *mark on; moves both. */
static struct line
next_line(const struct marks *marks, size_t *at, size_t *mark)
{
	size_t end = dg_str_find(marks->text, '\n', *at);
	struct line line = {
		.text = dg_str_slice(marks->text, *at, end),
		.start = *at,
		.marks = &marks->at[*mark],
	};

	while (*mark < marks->n &&
	       (marks->at[*mark].offset <= end || end == marks->text.len)) {
		line.n_marks++;
		(*mark)++;
	}
	*at = end + 1;
	return line;
}

/* Lines with a mark, and those around; "..." for what is left out. */
static enum dg_rc
put_marked(struct dg_buf *out, const struct marks *marks)
{
	unsigned number = 0;
	unsigned shown = 0;               /* the last line that was */
	bool is_near = false;             /* the line before had a mark */
	struct line held = {.number = 0}; /* not shown yet: will the next? */
	size_t mark = 0;
	size_t at = 0;
	enum dg_rc rc = DG_OK;

	while (at <= marks->text.len && rc == DG_OK) {
		struct line line = next_line(marks, &at, &mark);

		line.number = ++number;
		if (line.n_marks == 0 && !is_near) {
			held = line;
			continue;
		}
		if (line.n_marks > 0 && held.number != 0) {
			if (held.number > shown + 1)
				rc = dg_buf_append(out, DG_STR("     ...\n"));
			if (rc == DG_OK)
				rc = put_line(out, marks->text, &held);
		}
		held.number = 0;
		is_near = line.n_marks > 0;
		/* What follows the last newline is no line. */
		if (rc == DG_OK &&
		    (is_near || at <= marks->text.len || line.text.len > 0))
			rc = put_line(out, marks->text, &line);
		shown = number;
	}
	return rc;
}

/* ---- the table --------------------------------------------------------- */

static const char *
right_needed(const struct dg_sql_access *access)
{
	const char *right =
		dg_authorize_needs(dg_sql_action_name(access->action));

	return right == NULL ? "" : right;
}

/* "tpch.tiny.nation" in the arena; data NULL: it is full. */
static struct dg_str
object_text(const struct dg_sql_access *access, struct dg_arena *arena)
{
	const struct dg_sql_name *name = &access->object;

	return dg_arena_printf(
		arena, "%.*s%s%.*s%s%.*s%s%.*s", DG_STR_ARG(name->catalog),
		name->catalog.len > 0 && name->schema.len > 0 ? "." : "",
		DG_STR_ARG(name->schema),
		name->schema.len > 0 && name->table.len > 0 ? "." : "",
		DG_STR_ARG(name->table),
		access->name.len == 0   ? ""
		: name->schema.len > 0  ? "."
		: name->catalog.len > 0 ? " "
					: "",
		DG_STR_ARG(access->name));
}

static enum dg_rc
put_columns(struct dg_buf *out, const struct dg_sql_access *access)
{
	enum dg_rc rc = DG_OK;

	for (size_t i = 0; i < access->n_columns && rc == DG_OK; i++) {
		if (i > 0)
			rc = dg_buf_append(out, DG_STR(", "));
		if (rc == DG_OK)
			rc = put_padded(out, access->columns[i].name, 0);
	}
	if (rc == DG_OK && access->all_columns)
		rc = dg_buf_appendf(out, "%sall columns",
				    access->n_columns > 0 ? ", " : "");
	if (rc == DG_OK && !access->columns_known &&
	    (access->action == DG_SQL_ACT_SELECT ||
	     access->action == DG_SQL_ACT_UPDATE))
		rc = dg_buf_append(out, DG_STR(" (columns not known)"));
	if (rc == DG_OK && access->reason.len > 0)
		rc = dg_buf_append(out, access->reason);
	return rc;
}

struct widths {
	int kind;
	int right;
	int place;
	int object;
};

static void
widen(int *width, size_t len)
{
	enum { WIDE = 60 };

	if (len > WIDE)
		len = WIDE;
	if ((int)len > *width)
		*width = (int)len;
}

static enum dg_rc
put_row(struct dg_buf *out, const struct widths *w, const struct mark *mark,
	struct dg_arena *arena)
{
	const struct dg_sql_access *access = mark->access;
	struct dg_str object = object_text(access, arena);
	size_t start = dg_buf_len(out);
	char place[32];
	enum dg_rc rc;

	if (object.data == NULL)
		return DG_ERR_LIMIT;
	snprintf(place, sizeof(place), "%u:%u", mark->line, mark->column);
	rc = dg_buf_appendf(out, "%-*s  %-*s  %-*s  ", w->kind,
			    dg_sql_action_name(access->action), w->right,
			    right_needed(access), w->place, place);
	if (rc == DG_OK)
		rc = put_padded(out, object, w->object);
	if (rc == DG_OK)
		rc = dg_buf_append(out, DG_STR("  "));
	if (rc == DG_OK)
		rc = put_columns(out, access);
	if (rc != DG_OK)
		return rc;
	while (dg_buf_len(out) > start &&
	       dg_buf_peek(out).data[dg_buf_len(out) - 1] == ' ')
		dg_buf_truncate(out, dg_buf_len(out) - 1);
	return dg_buf_append_char(out, '\n');
}

static enum dg_rc
put_table(struct dg_buf *out, const struct marks *marks, struct dg_arena *arena)
{
	struct widths w = {.kind = 4, .right = 5, .place = 5, .object = 2};
	enum dg_rc rc;

	for (size_t i = 0; i < marks->n; i++) {
		const struct dg_sql_access *access = marks->at[i].access;
		struct dg_str object;

		if (access == NULL)
			continue;
		object = object_text(access, arena);
		if (object.data == NULL)
			return DG_ERR_LIMIT;
		widen(&w.object, cells_of(object));
		widen(&w.kind, strlen(dg_sql_action_name(access->action)));
		widen(&w.right, strlen(right_needed(access)));
	}
	rc = dg_buf_appendf(out, "%-*s  %-*s  %-*s  %-*s  %s\n", w.kind, "kind",
			    w.right, "needs", w.place, "place", w.object, "on",
			    "columns");
	for (size_t i = 0; i < marks->n && rc == DG_OK; i++) {
		if (marks->at[i].access != NULL)
			rc = put_row(out, &w, &marks->at[i], arena);
	}
	return rc;
}

/* ---- the answer -------------------------------------------------------- */

/* False: the arena is full. */
static bool
collect(const struct dg_sql_analysis *analysis, struct dg_arena *arena,
	struct marks *marks)
{
	size_t room = analysis->n_access;

	for (size_t i = 0; i < analysis->n_access; i++)
		room += analysis->access[i].n_columns;
	marks->n = 0;
	marks->at = DG_ARENA_ARRAY(arena, struct mark, room);
	if (marks->at == NULL)
		return false;
	for (size_t i = 0; i < analysis->n_access; i++) {
		const struct dg_sql_access *access = &analysis->access[i];

		marks->at[marks->n++] = (struct mark){
			.offset = access->offset,
			.access = access,
			.sign = '^',
		};
		for (size_t c = 0; c < access->n_columns; c++)
			marks->at[marks->n++] = (struct mark){
				.offset = access->columns[c].offset,
				.sign = '~',
			};
	}
	locate(marks);
	return true;
}

enum dg_rc
dg_analyze_put_text(struct dg_buf *out, struct dg_str sql,
		    const struct dg_sql_analysis *analysis,
		    struct dg_arena *arena)
{
	struct marks marks = {.text = sql};
	enum dg_rc rc;

	if (!collect(analysis, arena, &marks))
		return DG_ERR_LIMIT;
	rc = dg_buf_appendf(out, "%s%s\n",
			    dg_sql_statement_name(analysis->statement),
			    analysis->read_only ? ", reads only" : "");
	if (rc != DG_OK || analysis->n_access == 0)
		return rc;
	rc = dg_buf_append_char(out, '\n');
	if (rc == DG_OK)
		rc = put_table(out, &marks, arena);
	if (rc == DG_OK)
		rc = dg_buf_append_char(out, '\n');
	return rc == DG_OK ? put_marked(out, &marks) : rc;
}

enum dg_rc
dg_analyze_put_error(struct dg_buf *out, struct dg_str sql,
		     const struct dg_sql_error *err, struct dg_arena *arena)
{
	struct marks marks = {.text = sql};
	enum dg_rc rc;

	marks.at = DG_ARENA_NEW(arena, struct mark);
	if (marks.at == NULL)
		return DG_ERR_LIMIT;
	marks.at[marks.n++] = (struct mark){.offset = err->offset, .sign = '^'};
	locate(&marks);
	rc = dg_buf_appendf(out, "%u:%u: %s error: %s\n\n", err->line,
			    err->column, dg_sql_error_kind_name(err->kind),
			    err->text);
	return rc == DG_OK ? put_marked(out, &marks) : rc;
}
