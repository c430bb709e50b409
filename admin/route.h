/* SPDX-License-Identifier: Apache-2.0 */
/*
 * route.h - which operation a request is; pure.
 */
#ifndef DG_ADMIN_ROUTE_H
#define DG_ADMIN_ROUTE_H

#include "base/arena.h"
#include "permit.h"

struct dg_api_job;
typedef void (*dg_api_handler_fn)(struct dg_api_job *job);

struct dg_api_route {
	const char *id;
	const char *method;
	const char *path; /* below /api/v1 */
	enum dg_api_access access;
	dg_api_handler_fn handle; /* NULL: a page, made at once */
	const char *summary;
};
extern const struct dg_api_route dg_api_routes[];
extern const size_t dg_api_n_routes;

enum { API_SEGMENTS_MAX = 4 };

struct dg_api_match {
	const struct dg_api_route *route;         /* NULL: see below */
	struct dg_str segments[API_SEGMENTS_MAX]; /* decoded, in the arena */
	size_t n_segments;
	bool is_path_known; /* but not the method */
	char allow[64];     /* the methods then */
};
/*
 * path: as sent, "/api/v1" cut off. INVALID when an escape is wrong, or the
 * text is not UTF-8 without control bytes; LIMIT without room.
 */
enum dg_rc dg_api_match(struct dg_str method, struct dg_str path,
			struct dg_arena *arena,
			struct dg_api_match *match_out) DG_MUST_CHECK;

/* "%41+" -> "A+" in a path, "A " in a query; data NULL when it is wrong. */
struct dg_str dg_api_decode(struct dg_arena *arena, struct dg_str text,
			    bool is_query);

#endif
