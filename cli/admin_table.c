/* SPDX-License-Identifier: Apache-2.0 */
/*
 * admin_table.c - what the admin API answered, as tables, records and YAML.
 *
 * Control bytes of what others wrote must not reach a terminal: they are shown
 * as "?".
 */
#include <stdio.h>
#include <string.h>

#include "admin_client.h"
#include "base/mem.h"

enum { CELL_MAX = 1 << 20, CELL_SHOWN = 60, COLUMNS_MAX = 32 };

/* ---- values -------------------------------------------------------------- */

/* Without what would move the terminal's cursor. */
static void
append(struct dg_buf *out, struct dg_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.data[i];
		bool moves = c < 0x20 || c == 0x7f;

		if (c == 0xC2 && i + 1 < text.len &&
		    (unsigned char)text.data[i + 1] < 0xA0) { /* U+0080.. */
			moves = true;
			i++;
		}
		if (dg_buf_append_char(out, moves ? '?' : (char)c) != DG_OK)
			return; /* a cell is cut anyway */
	}
}

static void
put_text(struct dg_buf *out, const struct dg_json *value)
{
	struct dg_json_writer w;
	struct dg_str text;
	bool truth;

	if (value == NULL || dg_json_is_null(value))
		return;
	if (dg_json_string(value, &text)) {
		append(out, text);
	} else if (dg_json_bool(value, &truth)) {
		append(out, truth ? DG_STR("yes") : DG_STR("no"));
	} else if (dg_json_is_array(value)) {
		for (size_t i = 0; i < dg_json_size(value); i++) {
			if (i > 0)
				append(out, DG_STR(", "));
			if (dg_json_string(dg_json_at(value, i), &text))
				append(out, text);
		}
	} else {
		dg_json_begin(&w, out);
		dg_json_put_value(&w, value);
		if (dg_json_finish(&w) != DG_OK)
			dg_buf_clear(out);
	}
}

/* Characters, as far as one takes one place. */
static size_t
width_of(struct dg_str text)
{
	size_t width = 0;

	for (size_t i = 0; i < text.len; i++)
		width += ((unsigned char)text.data[i] & 0xc0) != 0x80;
	return width;
}

/* So many characters of it. */
static struct dg_str
cut(struct dg_str text, size_t width)
{
	size_t i = 0;

	while (i < text.len) {
		size_t step = dg_str_utf8_step(text, i);

		if (width == 0)
			break;
		width--;
		i += step == 0 ? 1 : step;
	}
	return dg_str_slice(text, 0, i);
}

/* ---- tables -------------------------------------------------------------- */

struct column {
	char name[40];
	size_t width;
	bool is_used;
};

static size_t
split_columns(const char *words, struct column *columns)
{
	struct dg_str rest = dg_str_from_cstr(words);
	struct dg_str word;
	size_t n = 0;

	while (n < COLUMNS_MAX && dg_str_split(&rest, ' ', &word)) {
		(void)snprintf(columns[n].name, sizeof(columns[n].name), "%.*s",
			       DG_STR_ARG(word));
		columns[n].width = word.len;
		columns[n++].is_used = false;
	}
	return n;
}

static void
measure(struct column *column, const struct dg_json *items, struct dg_buf *cell)
{
	for (size_t i = 0; i < dg_json_size(items); i++) {
		size_t width;

		dg_buf_clear(cell);
		put_text(cell, dg_json_get(dg_json_at(items, i), column->name));
		width = width_of(dg_buf_peek(cell));
		column->is_used = column->is_used || width > 0;
		if (width > CELL_SHOWN)
			width = CELL_SHOWN;
		if (width > column->width)
			column->width = width;
	}
}

static void
print_cell(struct dg_str text, size_t width, bool is_last)
{
	size_t used;

	text = cut(text, CELL_SHOWN);
	used = width_of(text);
	(void)fwrite(text.data, 1, text.len, stdout);
	if (is_last)
		putchar('\n');
	else
		printf("%*s", (int)(width - used + 2), "");
}

static size_t
last_used(const struct column *columns, size_t n)
{
	size_t last = 0;

	for (size_t i = 0; i < n; i++)
		if (columns[i].is_used)
			last = i;
	return last;
}

void
dg_cli_table(const struct dg_cli_resource *resource,
	     const struct dg_json *items)
{
	struct column columns[COLUMNS_MAX];
	size_t n = split_columns(resource->columns, columns);
	struct dg_buf cell;
	size_t last;

	dg_buf_init(&cell, CELL_MAX);
	columns[0].is_used = true;
	for (size_t c = 0; c < n; c++)
		measure(&columns[c], items, &cell);
	last = last_used(columns, n);
	for (size_t c = 0; c < n; c++)
		if (columns[c].is_used)
			print_cell(dg_str_from_cstr(columns[c].name),
				   columns[c].width, c == last);
	for (size_t i = 0; i < dg_json_size(items); i++)
		for (size_t c = 0; c < n; c++) {
			if (!columns[c].is_used)
				continue;
			dg_buf_clear(&cell);
			put_text(&cell, dg_json_get(dg_json_at(items, i),
						    columns[c].name));
			print_cell(dg_buf_peek(&cell), columns[c].width,
				   c == last);
		}
	dg_buf_fini(&cell);
}

void
dg_cli_record(const struct dg_json *object)
{
	struct dg_json_iter iter = {0};
	struct dg_buf cell;

	dg_buf_init(&cell, CELL_MAX);
	while (dg_json_next(object, &iter)) {
		struct dg_str text;

		dg_buf_clear(&cell);
		put_text(&cell, iter.value);
		text = dg_buf_peek(&cell);
		printf("%-16.*s %.*s\n", DG_STR_ARG(iter.key),
		       DG_STR_ARG(text));
	}
	dg_buf_fini(&cell);
}

/* ---- effects ------------------------------------------------------------- */

static void
print_lines(const char *lead, const struct dg_json *texts)
{
	struct dg_buf cell;

	dg_buf_init(&cell, CELL_MAX);
	for (size_t i = 0; i < dg_json_size(texts); i++) {
		dg_buf_clear(&cell);
		put_text(&cell, dg_json_at(texts, i));
		printf("%s%.*s\n", lead, DG_STR_ARG(dg_buf_peek(&cell)));
	}
	dg_buf_fini(&cell);
}

void
dg_cli_effects(const struct dg_json *effects)
{
	const struct dg_json *items = dg_json_get(effects, "items");
	bool is_cut = false;
	int64_t users = 0;

	(void)dg_json_int(dg_json_get(effects, "users"), &users);
	(void)dg_json_bool(dg_json_get(effects, "is_cut"), &is_cut);
	if (dg_json_size(items) > 0)
		printf("who gains and who loses (%lld user%s concerned):\n",
		       (long long)users, users == 1 ? "" : "s");
	print_lines("  ", items);
	if (is_cut)
		puts("  and more");
	print_lines("note: ", dg_json_get(effects, "notes"));
}

/* ---- YAML ---------------------------------------------------------------- */

/* JSON's form of a scalar or a list is YAML's flow style. */
static void
put_flow(const struct dg_json *value)
{
	struct dg_json_writer w;
	struct dg_buf out;
	struct dg_str text;

	dg_buf_init(&out, CELL_MAX);
	dg_json_begin(&w, &out);
	dg_json_put_value(&w, value);
	if (dg_json_finish(&w) == DG_OK) {
		text = dg_buf_peek(&out);
		(void)fwrite(text.data, 1, text.len, stdout);
	}
	putchar('\n');
	dg_buf_fini(&out);
}

static void
put_item(const struct dg_json *item)
{
	struct dg_json_iter iter = {0};
	const char *lead = "  - ";

	while (dg_json_next(item, &iter)) {
		printf("%s%.*s: ", lead, DG_STR_ARG(iter.key));
		put_flow(iter.value);
		lead = "    ";
	}
}

void
dg_cli_yaml(const struct dg_json *value)
{
	struct dg_json_iter iter = {0};

	while (dg_json_next(value, &iter)) {
		printf("%.*s:", DG_STR_ARG(iter.key));
		if (!dg_json_is_array(iter.value) ||
		    dg_json_size(iter.value) == 0) {
			putchar(' ');
			put_flow(iter.value);
			continue;
		}
		putchar('\n');
		for (size_t i = 0; i < dg_json_size(iter.value); i++)
			put_item(dg_json_at(iter.value, i));
	}
}
