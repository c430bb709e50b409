/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_bulk.h - where a scanner stands in a JSON text, and a fast way through
 * the part that means nothing to it: plain strings, numbers, arrays.
 */
#ifndef DG_PROXY_PRESTO_JSON_BULK_H
#define DG_PROXY_PRESTO_JSON_BULK_H

#include "base/str.h"

/* rootStage nests with the plan (protocol.md 3.1) */
#define DG_JSON_DEPTH_MAX 512

enum dg_json_state {
	DG_JSON_START,        /* nothing but blanks yet */
	DG_JSON_KEY_OR_END,   /* after '{' */
	DG_JSON_KEY,          /* after ',' in an object */
	DG_JSON_COLON,        /* after a key */
	DG_JSON_VALUE,        /* after ':' or ',' in an array */
	DG_JSON_VALUE_OR_END, /* after '[' */
	DG_JSON_AFTER,        /* after a value */
	DG_JSON_END,          /* the object is closed */
	DG_JSON_STRING,       /* from here on inside a token: in quotes, */
	DG_JSON_ESCAPE,       /* after '\' */
	DG_JSON_HEX,          /* after '\u' */
	DG_JSON_UTF8,         /* inside a multi-byte character */
	DG_JSON_NUMBER,
	DG_JSON_LITERAL,
};

struct dg_json_place {
	enum dg_json_state state;
	unsigned depth;
	uint64_t objects[DG_JSON_DEPTH_MAX / 64]; /* bit per open level: '{' */
};

/* depth > 0 */
static inline bool
dg_json_in_object(const struct dg_json_place *place)
{
	unsigned level = place->depth - 1;

	return (place->objects[level / 64] >> (level % 64) & 1) != 0;
}

/*
 * The same grammar as rewrite.c's, as far as it goes, within the levels above
 * the second. Stops in front of anything else, whatever is cut by the end of
 * the input included, with place as rewrite.c expects it. depth > 1.
 */
const char *dg_json_bulk(struct dg_json_place *place, const char *p,
			 const char *end);

#endif
