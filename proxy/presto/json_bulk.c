/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_bulk.c - see json_bulk.h. One loop without calls: most bytes of large
 * results are read here.
 */
#include "presto/json_bulk.h"

#include "presto/json_lex.h"

/* A whole string without escapes, from its quote: behind it, else NULL. */
static inline const char *
skip_string(const char *p, const char *end)
{
	p = dg_lex_skip_plain(p + 1, end);
	return p < end && *p == '"' ? p + 1 : NULL;
}

static inline const char *
skip_digits(const char *p, const char *end)
{
	while (p < end && *p >= '0' && *p <= '9')
		p++;
	return p;
}

/* A whole number without exponent that is seen to end: behind it, else NULL. */
static inline const char *
skip_number(const char *p, const char *end)
{
	const char *from = *p == '-' ? p + 1 : p;
	const char *dot;

	p = skip_digits(from, end);
	if (p == from || p == end || (*from == '0' && p - from > 1))
		return NULL;
	if (*p == '.') {
		dot = p;
		p = skip_digits(dot + 1, end);
		if (p == dot + 1 || p == end)
			return NULL;
	}
	return (*p | 32) == 'e' || *p == '.' ? NULL : p;
}

static inline const char *
skip_word(const char *p, const char *end, const char *word, size_t len)
{
	return (size_t)(end - p) >= len && memcmp(p, word, len) == 0 ? p + len
								     : NULL;
}

static inline const char *
skip_scalar(const char *p, const char *end)
{
	switch (*p) {
	case '"':
		return skip_string(p, end);
	case 'n':
		return skip_word(p, end, "null", 4);
	case 't':
		return skip_word(p, end, "true", 4);
	case 'f':
		return skip_word(p, end, "false", 5);
	default:
		return skip_number(p, end);
	}
}

/* Opens an array where that is allowed; the second level is not ours. */
static inline bool
push_array(struct dg_json_place *place)
{
	if (place->depth == DG_JSON_DEPTH_MAX ||
	    (place->depth == 2 && place->state == DG_JSON_VALUE_OR_END))
		return false;
	place->objects[place->depth / 64] &=
		~(UINT64_C(1) << (place->depth % 64));
	place->depth++;
	place->state = DG_JSON_VALUE_OR_END;
	return true;
}

/*
 * Closes an array, but for the second level, and for one that would leave us
 * in an object there: its keys may mean something.
 */
static inline bool
pop_array(struct dg_json_place *place)
{
	const uint64_t second = UINT64_C(1) << 1;

	if (place->depth <= 2 || dg_json_in_object(place) ||
	    (place->depth == 3 && (place->objects[0] & second) != 0))
		return false;
	place->depth--;
	place->state = DG_JSON_AFTER;
	return true;
}

/* In front of a value; NULL: not for us. */
static inline const char *
step_value(struct dg_json_place *place, const char *p, const char *end)
{
	bool first = place->state == DG_JSON_VALUE_OR_END;
	const char *q;

	if (*p == '[')
		return push_array(place) ? p + 1 : NULL;
	if (first && *p == ']')
		return pop_array(place) ? p + 1 : NULL;
	if (first && place->depth == 2)
		return NULL;
	q = skip_scalar(p, end);
	if (q != NULL)
		place->state = DG_JSON_AFTER;
	return q;
}

/* Behind a value. */
static inline const char *
step_after(struct dg_json_place *place, const char *p)
{
	if (*p == ',') {
		place->state =
			dg_json_in_object(place) ? DG_JSON_KEY : DG_JSON_VALUE;
		return p + 1;
	}
	return *p == ']' && pop_array(place) ? p + 1 : NULL;
}

/* A key with its colon right behind it. */
static inline const char *
step_key(struct dg_json_place *place, const char *p, const char *end)
{
	const char *q = *p == '"' ? skip_string(p, end) : NULL;

	if (q == NULL || q == end || *q != ':')
		return NULL;
	place->state = DG_JSON_VALUE;
	return q + 1;
}

const char *
dg_json_bulk(struct dg_json_place *place, const char *p, const char *end)
{
	const char *q = p;

	while (q != NULL && q < end) {
		p = q;
		if (place->state == DG_JSON_VALUE ||
		    place->state == DG_JSON_VALUE_OR_END)
			q = step_value(place, p, end);
		else if (place->state == DG_JSON_AFTER)
			q = step_after(place, p);
		else if (place->state == DG_JSON_KEY)
			q = step_key(place, p, end);
		else
			q = NULL;
	}
	return q == NULL ? p : q;
}
