/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fold.c - names in lower case, as the engines' Java makes it.
 *
 * Most names are lower-case ASCII already and are returned as they are. The
 * fold is by code point; two letters are special. U+0130 becomes an i and a
 * combining dot in toLowerCase, a plain i in equalsIgnoreCase. U+03A3 becomes
 * one of two sigmas depending on its neighbours in toLowerCase: refused, but
 * in columns, where the two are the same.
 */
#include "resolve/fold.h"

#include "base/assert.h"

/* A code point of at most 4 bytes may become one of at most 4. */
#define FOLDED_MAX 4

static const struct {
	uint32_t first;
	uint32_t last;
	uint32_t stride;
	int32_t delta;
} folds[] = {
#define DG_SQL_FOLD(first, last, stride, delta) {first, last, stride, delta},
#define DG_SQL_FOLD_COLUMN(from, to)
#include "base/fold.def"
#undef DG_SQL_FOLD
#undef DG_SQL_FOLD_COLUMN
};

static const struct {
	uint32_t from;
	uint32_t to;
} column_folds[] = {
#define DG_SQL_FOLD(first, last, stride, delta)
#define DG_SQL_FOLD_COLUMN(from, to) {from, to},
#include "base/fold.def"
#undef DG_SQL_FOLD
#undef DG_SQL_FOLD_COLUMN
	{0x0130, 'i'},
	{0x03A3, 0x03C3},
};

enum fold_rule {
	FOLD_NAME,          /* toLowerCase */
	FOLD_TRINO_COLUMN,  /* equalsIgnoreCase */
	FOLD_PRESTO_COLUMN, /* toLowerCase, then equalsIgnoreCase */
};

static uint32_t
fold_code_point(uint32_t c)
{
	size_t lo = 0, hi = DG_ARRAY_LEN(folds);

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (c > folds[mid].last)
			lo = mid + 1;
		else if (c < folds[mid].first)
			hi = mid;
		else if ((c - folds[mid].first) % folds[mid].stride == 0)
			return (uint32_t)((int32_t)c + folds[mid].delta);
		else
			return c;
	}
	return c;
}

static uint32_t
fold_column_code_point(uint32_t c)
{
	for (size_t i = 0; i < DG_ARRAY_LEN(column_folds); i++)
		if (c == column_folds[i].from)
			return column_folds[i].to;
	return fold_code_point(c);
}

/* s is well-formed at `at`: dg_str_utf8_step said so. */
static uint32_t
decode(struct dg_str s, size_t at, size_t len)
{
	static const unsigned char lead_mask[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	uint32_t c = (unsigned char)s.data[at] & lead_mask[len];

	for (size_t i = 1; i < len; i++)
		c = c << 6 | ((unsigned char)s.data[at + i] & 0x3f);
	return c;
}

static inline uint64_t
load_eight(const char *bytes)
{
	uint64_t word;

	memcpy(&word, bytes, sizeof(word));
	return word;
}

/* All bytes of a short name, some of them twice. */
static inline uint64_t
load_short(struct dg_str name)
{
	uint32_t first = 0, last = 0;

	if (name.len >= 4) {
		memcpy(&first, name.data, sizeof(first));
		memcpy(&last, name.data + name.len - 4, sizeof(last));
	} else if (name.len > 0) {
		first = (uint32_t)(unsigned char)name.data[0] << 8 |
			(unsigned char)name.data[name.len / 2];
		last = (unsigned char)name.data[name.len - 1];
	}
	return (uint64_t)first << 32 | last;
}

/* Is any of these eight bytes an upper-case letter, or not ASCII? */
static inline bool
has_unfolded(uint64_t word)
{
	const uint64_t high = UINT64_C(0x8080808080808080);
	uint64_t from_a, beyond_z;

	if ((word & high) != 0)
		return true;
	from_a = word + UINT64_C(0x0101010101010101) * (0x80 - 'A');
	beyond_z = word + UINT64_C(0x0101010101010101) * (0x80 - 'Z' - 1);
	return (from_a & ~beyond_z & high) != 0;
}

bool
dg_sql_is_folded(struct dg_str name)
{
	if (name.len < 8)
		return !has_unfolded(load_short(name));
	for (size_t i = 0; i + 8 <= name.len; i += 8)
		if (has_unfolded(load_eight(name.data + i)))
			return false;
	return !has_unfolded(load_eight(name.data + name.len - 8));
}

static enum dg_rc
fold(struct dg_arena *arena, struct dg_str name, enum fold_rule rule,
     struct dg_str *folded_out)
{
	size_t at = 0;
	size_t len = 0;
	char *out;

	*folded_out = name;
	if (dg_sql_is_folded(name))
		return DG_OK;
	out = dg_arena_alloc_array(arena, name.len,
				   dg_str_is_ascii(name) ? 1 : FOLDED_MAX);
	if (out == NULL)
		return DG_ERR_LIMIT;
	while (at < name.len) {
		size_t step = dg_str_utf8_step(name, at);
		uint32_t c;

		if (step == 0)
			return DG_ERR_UNSUPPORTED;
		c = decode(name, at, step);
		at += step;
		if (c < 0x80) {
			out[len++] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
			continue;
		}
		if (c == 0x03A3 && rule == FOLD_NAME)
			return DG_ERR_UNSUPPORTED;
		if (c == 0x0130 && rule != FOLD_TRINO_COLUMN) {
			out[len++] = 'i';
			c = 0x0307;
		}
		len += dg_utf8_put(out + len,
				   rule == FOLD_NAME
					   ? fold_code_point(c)
					   : fold_column_code_point(c));
	}
	*folded_out = dg_str_make(out, len);
	return DG_OK;
}

enum dg_rc
dg_sql_fold_name(struct dg_arena *arena, struct dg_str name,
		 struct dg_str *folded_out)
{
	return fold(arena, name, FOLD_NAME, folded_out);
}

enum dg_rc
dg_sql_fold_column(struct dg_arena *arena, enum dg_sql_dialect dialect,
		   struct dg_str name, struct dg_str *folded_out)
{
	return fold(arena, name,
		    dialect == DG_SQL_TRINO ? FOLD_TRINO_COLUMN
					    : FOLD_PRESTO_COLUMN,
		    folded_out);
}
