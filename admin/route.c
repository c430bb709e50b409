/* SPDX-License-Identifier: Apache-2.0 */
/*
 * route.c - the table of routes.def, and finding one in it.
 */
#include "route.h"

#include <stdio.h>

#include "api_private.h"

const struct dg_api_route dg_api_routes[] = {
#define DG_ROUTE(id, method, path, access, handler, summary) \
	{#id, method, path, access, handler, summary},
#include "routes.def"
#undef DG_ROUTE
};
const size_t dg_api_n_routes = DG_ARRAY_LEN(dg_api_routes);

static bool
is_text(struct dg_str text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.data[i] < 0x20 || text.data[i] == 0x7f)
			return false;
	return dg_str_is_utf8(text);
}

struct dg_str
dg_api_decode(struct dg_arena *arena, struct dg_str text, bool is_query)
{
	char *out = dg_arena_alloc(arena, text.len);
	struct dg_str decoded;
	size_t n = 0;

	for (size_t i = 0; out != NULL && i < text.len; i++) {
		char c = text.data[i];

		if (c == '%') {
			int high = i + 2 < text.len
					   ? dg_hex_value(text.data[i + 1])
					   : -1;
			int low = i + 2 < text.len
					  ? dg_hex_value(text.data[i + 2])
					  : -1;

			if (high < 0 || low < 0)
				return dg_str_make(NULL, 0);
			out[n++] = (char)(high * 16 + low);
			i += 2;
		} else {
			out[n++] = is_query && c == '+' ? ' ' : c;
		}
	}
	decoded = dg_str_make(out, n);
	return out != NULL && is_text(decoded) ? decoded : dg_str_make(NULL, 0);
}

/* "{x}" takes any segment but an empty one. */
static bool
fits(const char *pattern, const struct dg_str *segments, size_t n)
{
	struct dg_str rest = dg_str_from_cstr(pattern + 1);
	struct dg_str part;
	size_t i = 0;

	while (dg_str_split(&rest, '/', &part)) {
		if (i == n)
			return false;
		if (dg_str_starts_with(part, DG_STR("{"))) {
			if (segments[i].len == 0)
				return false;
		} else if (!dg_str_eq(part, segments[i])) {
			return false;
		}
		i++;
	}
	return i == n;
}

static void
allow(struct dg_api_match *match, const char *method)
{
	size_t used = strlen(match->allow);

	match->is_path_known = true;
	(void)snprintf(match->allow + used, sizeof(match->allow) - used, "%s%s",
		       used == 0 ? "" : ", ", method);
}

enum dg_rc
dg_api_match(struct dg_str method, struct dg_str path, struct dg_arena *arena,
	     struct dg_api_match *match_out)
{
	struct dg_str rest = dg_str_slice(path, 1, path.len);
	struct dg_str part;

	*match_out = (struct dg_api_match){.route = NULL};
	if (!dg_str_starts_with(path, DG_STR("/")))
		return path.len == 0 ? DG_OK : DG_ERR_INVALID;
	while (dg_str_split(&rest, '/', &part)) {
		struct dg_str decoded = dg_api_decode(arena, part, false);

		if (decoded.data == NULL)
			return DG_ERR_INVALID;
		if (match_out->n_segments == API_SEGMENTS_MAX)
			return DG_OK; /* nothing is that deep */
		match_out->segments[match_out->n_segments++] = decoded;
	}
	for (size_t i = 0; i < dg_api_n_routes; i++) {
		const struct dg_api_route *route = &dg_api_routes[i];

		if (!fits(route->path, match_out->segments,
			  match_out->n_segments))
			continue;
		if (dg_str_eq(method, dg_str_from_cstr(route->method))) {
			match_out->route = route;
			return DG_OK;
		}
		allow(match_out, route->method);
	}
	return DG_OK;
}
