/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_session.c - client headers to session and back.
 *
 * Input: lines of "Name: value". A session that was read writes headers that
 * read as the same session: nothing is lost, doubled or changed on the way.
 */
#include "base/assert.h"
#include "presto/session.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ARENA_MAX = 16 << 20, OUT_MAX = 40, TEXT_MAX = 1 << 20 };

static void
split_lines(struct dg_str text, struct dg_http_head *head)
{
	struct dg_str line;

	while (head->n_headers < DG_HTTP_HEADERS_MAX &&
	       dg_str_split(&text, '\n', &line)) {
		size_t colon = dg_str_find(line, ':', 0);

		if (colon >= line.len)
			continue;
		head->headers[head->n_headers++] = (struct dg_http_header){
			dg_str_slice(line, 0, colon),
			dg_str_trim(dg_str_slice(line, colon + 1, line.len))};
	}
}

static void
expect_same_pairs(const struct dg_pair *a, size_t n_a, const struct dg_pair *b,
		  size_t n_b)
{
	DG_ASSERT(n_a == n_b);
	for (size_t i = 0; i < n_a; i++) {
		DG_ASSERT(dg_str_eq(a[i].name, b[i].name));
		DG_ASSERT(dg_str_eq(a[i].value, b[i].value));
	}
}

static void
expect_same(const struct dg_session *a, const struct dg_session *b)
{
	DG_ASSERT(dg_str_eq(a->catalog, b->catalog));
	DG_ASSERT(dg_str_eq(a->schema, b->schema));
	DG_ASSERT(dg_str_eq(a->source, b->source));
	DG_ASSERT(dg_str_eq(a->time_zone, b->time_zone));
	DG_ASSERT(a->n_tags == b->n_tags);
	DG_ASSERT(b->n_own_properties == 0);
	/* Ours, whatever the client's was. */
	DG_ASSERT(dg_str_eq(b->path, b->family == DG_FAMILY_TRINO
					     ? DG_STR("system.builtin")
					     : DG_STR_EMPTY));
	expect_same_pairs(a->properties, a->n_properties, b->properties,
			  b->n_properties);
	expect_same_pairs(a->roles, a->n_roles, b->roles, b->n_roles);
	expect_same_pairs(a->estimates, a->n_estimates, b->estimates,
			  b->n_estimates);
}

static void
round_trip(const struct dg_session *session, struct dg_arena *arena)
{
	struct dg_session_emit emit = {.family = session->family};
	struct dg_http_head head = {.n_headers = 0};
	struct dg_session again;
	struct dg_str text;
	struct dg_error err;

	if (session->n_prepared > 0 &&
	    dg_session_prepared(session, session->prepared[0].name, TEXT_MAX,
				arena, &emit.prepared_text, &err) == DG_OK)
		emit.prepared_name = session->prepared[0].name;
	if (dg_session_write(session, &emit, arena, head.headers, OUT_MAX,
			     &head.n_headers) != DG_OK)
		return;
	DG_ASSERT(dg_session_read(&head, arena, &again, &err) == DG_OK);
	if (!again.has_family)
		return;
	expect_same(session, &again);
	DG_ASSERT(again.n_prepared == (emit.prepared_name.len > 0));
	if (again.n_prepared == 0)
		return;
	DG_ASSERT(dg_session_prepared(&again, emit.prepared_name, TEXT_MAX,
				      arena, &text, &err) == DG_OK);
	DG_ASSERT(dg_str_eq(text, emit.prepared_text));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dg_arena *arena = dg_arena_create(ARENA_MAX);
	struct dg_http_head head = {.n_headers = 0};
	struct dg_session session;
	struct dg_error err;

	split_lines(dg_str_make((const char *)data, size), &head);
	if (dg_session_read(&head, arena, &session, &err) == DG_OK)
		round_trip(&session, arena);
	dg_arena_destroy(&arena);
	return 0;
}
