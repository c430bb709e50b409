/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy.c - from rules as they are written to a snapshot.
 *
 * Rules are in their compiled form from the start; who they are for waits in a
 * list of postings. finish sorts, works out closures (compile.c) and hands both
 * to part.c, which copies rules to where they stay.
 */
#include <stdlib.h>

#include "base/assert.h"
#include "base/mem.h"
#include "builder.h"
#include "pattern.h"

/* ---- rules -------------------------------------------------------------- */

static int
compare_u32(const void *a, const void *b)
{
	uint32_t x;
	uint32_t y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return x < y ? -1 : x > y;
}

/* Sorts and drops repetitions; the new count. */
static uint32_t
sort_unique(uint32_t *ids, uint32_t n)
{
	uint32_t kept = 0;

	if (n == 0)
		return 0;
	qsort(ids, n, sizeof(*ids), compare_u32);
	for (uint32_t i = 0; i < n; i++)
		if (i == 0 || ids[i] != ids[kept - 1])
			ids[kept++] = ids[i];
	return kept;
}

typedef enum dg_rc (*intern_fn)(struct dg_acl_snapshot *snapshot,
				struct dg_str name, uint32_t *symbol_out);

static enum dg_rc
intern_list(struct dg_acl_builder *builder, const struct dg_str *names,
	    size_t n, intern_fn intern, const uint32_t **ids_out,
	    uint32_t *n_out)
{
	struct dg_acl_snapshot *s = builder->snapshot;
	uint32_t *ids;

	*ids_out = NULL;
	*n_out = 0;
	if (n == 0)
		return DG_OK;
	ids = DG_ARENA_ARRAY(builder->scratch, uint32_t, n);
	if (ids == NULL || n > DG_ACL_MEMBERS_MAX)
		return DG_ERR_LIMIT;
	for (size_t i = 0; i < n; i++)
		if (intern(s, names[i], &ids[i]) != DG_OK)
			return DG_ERR_LIMIT;
	*n_out = sort_unique(ids, (uint32_t)n);
	*ids_out = ids;
	return DG_OK;
}

static enum dg_rc
intern_parts(struct dg_acl_snapshot *s, const struct dg_acl_object *object,
	     struct dg_acl_compiled *out)
{
	const struct dg_str parts[DG_ACL_PARTS] = {
		object->catalog, object->schema, object->name};
	bool keeps_case = dg_acl_kind_keeps_case(object->kind);
	enum dg_rc rc;

	for (unsigned i = 0; i < DG_ACL_PARTS; i++) {
		if (parts[i].len == 0)
			out->parts[i] = DG_ACL_SYM_NONE;
		else if (dg_str_eq(parts[i], DG_STR("*")))
			out->parts[i] = DG_ACL_SYM_STAR;
		else {
			rc = keeps_case ? dg_acl_symbols_intern(&s->symbols,
								parts[i],
								&out->parts[i])
					: dg_acl_intern_lower(s, parts[i],
							      &out->parts[i]);
			if (rc != DG_OK)
				return rc;
			if (!dg_acl_is_pattern(parts[i]))
				continue;
			out->globs = (uint8_t)(out->globs | 1U << i);
			rc = dg_acl_symbols_begin(
				&s->symbols,
				dg_acl_pattern_begin(dg_acl_symbols_name(
					&s->symbols, out->parts[i])));
			if (rc != DG_OK)
				return rc;
		}
	}
	return DG_OK;
}

static bool
holds_always(const struct dg_acl_rule *rule)
{
	return rule->n_clusters == 0 && rule->n_except == 0 &&
	       rule->n_networks == 0 && rule->valid_from_us == 0 &&
	       rule->valid_until_us == 0;
}

static enum dg_rc
compile_except(struct dg_acl_builder *builder, const struct dg_acl_rule *rule,
	       struct dg_acl_conditions *c, struct dg_error *err)
{
	uint32_t *except =
		DG_ARENA_ARRAY(builder->scratch, uint32_t, rule->n_except);

	if (except == NULL || rule->n_except > DG_ACL_MEMBERS_MAX)
		return DG_ERR_LIMIT;
	for (size_t i = 0; i < rule->n_except; i++) {
		const struct dg_acl_member *m = dg_acl_find_member(
			builder->snapshot, rule->except[i], err);

		if (m == NULL)
			return DG_ERR_NOT_FOUND;
		except[i] = m->id;
	}
	c->except = except;
	c->n_except = sort_unique(except, (uint32_t)rule->n_except);
	return DG_OK;
}

static enum dg_rc
compile_networks(struct dg_acl_builder *builder, const struct dg_acl_rule *rule,
		 struct dg_acl_conditions *c, struct dg_error *err)
{
	struct dg_acl_snapshot *s = builder->snapshot;
	struct dg_acl_network *networks = DG_ARENA_ARRAY(
		builder->scratch, struct dg_acl_network, rule->n_networks);
	enum dg_rc rc = DG_OK;

	if (networks == NULL || rule->n_networks > DG_ACL_MEMBERS_MAX)
		return DG_ERR_LIMIT;
	for (size_t i = 0; rc == DG_OK && i < rule->n_networks; i++)
		rc = dg_acl_network_parse(rule->networks[i], &networks[i], err);
	c->networks = networks;
	c->n_networks = (uint32_t)rule->n_networks;
	s->has_networks = s->has_networks || rule->n_networks > 0;
	return rc;
}

/*
 * Most rules by tag ask for one, and for nothing else: they share what says so,
 * as long as the ground lives.
 */
static enum dg_rc
share_conditions(struct dg_acl_builder *builder, struct dg_str tag,
		 struct dg_acl_compiled *out)
{
	struct dg_acl_snapshot *s = builder->snapshot;
	struct dg_acl_conditions *c;
	uint32_t symbol;
	uint32_t *tags;

	if (dg_acl_intern_lower(s, tag, &symbol) != DG_OK)
		return DG_ERR_LIMIT;
	out->shares = true;
	out->conditions =
		dg_map_get(&builder->by_tag,
			   dg_str_make((const char *)&symbol, sizeof(symbol)));
	if (out->conditions != NULL)
		return DG_OK;
	c = DG_ARENA_NEW(s->arena, struct dg_acl_conditions);
	tags = DG_ARENA_ARRAY(s->arena, uint32_t, 1);
	if (c == NULL || tags == NULL)
		return DG_ERR_LIMIT;
	*tags = symbol;
	c->tags = tags;
	c->n_tags = 1;
	out->conditions = c;
	return dg_map_put(&builder->by_tag,
			  dg_str_make((const char *)tags, sizeof(*tags)), c,
			  NULL);
}

static enum dg_rc
compile_conditions(struct dg_acl_builder *builder,
		   const struct dg_acl_rule *rule, struct dg_acl_compiled *out,
		   struct dg_error *err)
{
	struct dg_acl_conditions *c;
	enum dg_rc rc;

	if (out->always && rule->n_tags == 0)
		return DG_OK;
	if (out->always && rule->n_tags == 1 && !builder->modifies)
		return share_conditions(builder, rule->tags[0], out);
	c = DG_ARENA_NEW(builder->scratch, struct dg_acl_conditions);
	if (c == NULL)
		return DG_ERR_LIMIT;
	c->valid_from_us = rule->valid_from_us;
	c->valid_until_us = rule->valid_until_us;
	out->conditions = c;
	rc = compile_except(builder, rule, c, err);
	if (rc == DG_OK)
		rc = compile_networks(builder, rule, c, err);
	if (rc == DG_OK)
		rc = intern_list(builder, rule->tags, rule->n_tags,
				 dg_acl_intern_lower, &c->tags, &c->n_tags);
	if (rc == DG_OK)
		rc = intern_list(builder, rule->clusters, rule->n_clusters,
				 dg_acl_intern_lower, &c->clusters,
				 &c->n_clusters);
	return rc;
}

static void
warm_names(const struct dg_acl_symbols *symbols, const struct dg_acl_rule *rule)
{
	struct dg_str names[DG_ACL_WARM_MAX] = {
		rule->object.schema, rule->object.name, rule->reason};
	size_t n = 3;

	for (size_t i = 0; i < rule->n_columns && n < DG_ACL_WARM_MAX; i++)
		names[n++] = rule->columns[i];
	dg_acl_symbols_warm(symbols, names, n);
}

static enum dg_rc
compile_rule(struct dg_acl_builder *builder, const struct dg_acl_rule *rule,
	     struct dg_acl_compiled *out, struct dg_error *err)
{
	struct dg_acl_snapshot *s = builder->snapshot;
	enum dg_rc rc;

	*out = (struct dg_acl_compiled){
		.id = rule->id,
		.privileges = rule->privileges &
			      dg_acl_kind_privileges(rule->object.kind),
		.effect = (uint8_t)rule->effect,
		.kind = (uint8_t)rule->object.kind,
		.break_glass = rule->break_glass,
		.always = holds_always(rule),
	};
	warm_names(&s->symbols, rule);
	rc = intern_parts(s, &rule->object, out);
	if (rc == DG_OK)
		rc = intern_list(builder, rule->columns, rule->n_columns,
				 dg_acl_intern_column, &out->columns,
				 &out->n_columns);
	if (rc == DG_OK && rule->reason.len > 0)
		rc = dg_acl_symbols_intern(&s->symbols, rule->reason,
					   &out->reason);
	if (rc == DG_OK)
		rc = compile_conditions(builder, rule, out, err);
	return rc;
}

/* One for each tag of the rule, or one. */
static void
add_posting(struct dg_acl_postings *postings, uint32_t member, uint32_t number,
	    const struct dg_acl_conditions *conditions)
{
	uint32_t n_tags = conditions == NULL ? 0 : conditions->n_tags;
	uint32_t i = 0;

	do {
		postings->items[postings->n++] = (struct dg_acl_posting){
			.member = member,
			.rule = number,
			.tag = n_tags == 0 ? DG_ACL_SYM_NONE
					   : conditions->tags[i],
		};
	} while (++i < n_tags);
}

static enum dg_rc
add_postings(struct dg_acl_builder *builder, struct dg_acl_postings *postings,
	     const struct dg_acl_rule *rule,
	     const struct dg_acl_compiled *compiled, struct dg_error *err)
{
	size_t each = rule->n_tags == 0 ? 1 : rule->n_tags;
	size_t need;

	if (rule->n_principals > DG_ACL_MEMBERS_MAX / each)
		return DG_ERR_LIMIT;
	need = postings->n + rule->n_principals * each;
	if (need > postings->capacity) {
		postings->capacity = need + need / 2 + 64;
		postings->items =
			dg_realloc(postings->items, postings->capacity,
				   sizeof(struct dg_acl_posting));
	}
	for (size_t i = 0; i < rule->n_principals; i++) {
		const struct dg_acl_member *m = dg_acl_find_member(
			builder->snapshot, rule->principals[i], err);

		if (m == NULL)
			return DG_ERR_NOT_FOUND;
		add_posting(postings, m->id, builder->n_rules,
			    compiled->conditions);
	}
	return DG_OK;
}

/* A rule that comes or goes, into the builder's rules. */
static enum dg_rc
take_rule(struct dg_acl_builder *builder, const struct dg_acl_rule *rule,
	  struct dg_acl_postings *postings, struct dg_error *err)
{
	struct dg_acl_compiled compiled;
	size_t n_postings = postings->n;
	enum dg_rc rc;

	rc = dg_acl_rule_check(rule, err);
	if (rc == DG_OK && builder->n_rules >= DG_ACL_MEMBERS_MAX)
		rc = dg_acl_out_of_room(builder, err);
	if (rc == DG_OK)
		rc = dg_acl_check_room(builder, err);
	if (rc != DG_OK)
		return rc;
	rc = compile_rule(builder, rule, &compiled, err);
	if (rc == DG_OK)
		rc = add_postings(builder, postings, rule, &compiled, err);
	if (rc != DG_OK) {
		postings->n = n_postings;
		return rc == DG_ERR_LIMIT ? dg_acl_out_of_room(builder, err)
					  : rc;
	}
	if (builder->n_rules == builder->rules_capacity) {
		builder->rules_capacity =
			builder->n_rules == 0
				? 64
				: builder->n_rules + builder->n_rules / 2;
		builder->rules =
			dg_realloc(builder->rules, builder->rules_capacity,
				   sizeof(struct dg_acl_compiled));
	}
	builder->rules[builder->n_rules++] = compiled;
	return DG_OK;
}

enum dg_rc
dg_acl_add_rule(struct dg_acl_builder *builder, const struct dg_acl_rule *rule,
		struct dg_error *err)
{
	enum dg_rc rc = take_rule(builder, rule, &builder->come, err);

	if (rc != DG_OK)
		return rc;
	if (rule->id <= builder->last_id)
		builder->sorted = false;
	builder->last_id = rule->id;
	builder->snapshot->n_rules++;
	return DG_OK;
}

enum dg_rc
dg_acl_remove_rule(struct dg_acl_builder *builder,
		   const struct dg_acl_rule *rule, struct dg_error *err)
{
	enum dg_rc rc;

	DG_ASSERT(builder->modifies);
	if (builder->snapshot->n_rules == 0)
		return dg_error_set(err, DG_ERR_NOT_FOUND,
				    "there is no rule to remove");
	rc = take_rule(builder, rule, &builder->go, err);
	if (rc == DG_OK)
		builder->snapshot->n_rules--;
	return rc;
}

/* ---- finishing ---------------------------------------------------------- */

static int
compare_id(const void *a, const void *b)
{
	const int64_t *x = a;
	const int64_t *y = b;

	return *x < *y ? -1 : *x > *y;
}

static enum dg_rc
check_unique(const struct dg_acl_builder *builder, struct dg_error *err)
{
	uint32_t n = builder->n_rules;
	int64_t *ids;
	enum dg_rc rc = DG_OK;

	if (builder->sorted || builder->modifies)
		return DG_OK;
	ids = DG_NEW_ARRAY(int64_t, n);
	for (uint32_t i = 0; i < n; i++)
		ids[i] = builder->rules[i].id;
	qsort(ids, n, sizeof(*ids), compare_id);
	for (uint32_t i = 1; i < n && rc == DG_OK; i++)
		if (ids[i - 1] == ids[i])
			rc = dg_error_set(err, DG_ERR_CONFLICT,
					  "two rules have the id %lld",
					  (long long)ids[i]);
	dg_free(ids);
	return rc;
}

static int
compare_edge(const void *a, const void *b)
{
	const struct dg_acl_edge *x = a;
	const struct dg_acl_edge *y = b;

	if (x->member != y->member)
		return x->member < y->member ? -1 : 1;
	return x->role < y->role ? -1 : x->role > y->role;
}

/* Each member's parents, sorted, each once. */
static enum dg_rc
set_parents(struct dg_acl_builder *builder)
{
	struct dg_acl_snapshot *s = builder->snapshot;
	size_t n = builder->n_edges;
	uint32_t *roles;

	if (n == 0)
		return DG_OK;
	roles = DG_ARENA_ARRAY(s->arena, uint32_t, n);
	if (roles == NULL)
		return DG_ERR_LIMIT;
	qsort(builder->edges, n, sizeof(struct dg_acl_edge), compare_edge);
	for (size_t i = 0; i < n; i++) {
		const struct dg_acl_edge *e = &builder->edges[i];
		struct dg_acl_member *m = s->members[e->member];

		if (m->n_parents == 0)
			m->parents = roles;
		else if (m->parents[m->n_parents - 1] == e->role)
			continue;
		*roles++ = e->role;
		m->n_parents++;
	}
	return DG_OK;
}

/* All that versions share while only rules change. */
static enum dg_rc
make_ground(struct dg_acl_builder *b, struct dg_error *err)
{
	struct dg_acl_snapshot *s = b->snapshot;
	enum dg_rc rc = set_parents(b);
	size_t bytes;

	if (rc == DG_OK)
		rc = dg_acl_compile_members(s, err);
	if (rc == DG_OK) /* before the parts: they sum up fingerprints */
		rc = dg_acl_compile_tags(s, b->taggings, b->n_taggings);
	if (rc != DG_OK)
		return rc;
	s->parts = DG_NEW_ARRAY(const struct dg_acl_part *, s->n_members);
	bytes = dg_acl_bytes_held(b);
	dg_acl_snapshot_settle(s);
	s->ground->bytes = bytes;
	return DG_OK;
}

enum dg_rc
dg_acl_builder_finish(struct dg_acl_builder **builder,
		      struct dg_acl_snapshot **snapshot_out,
		      struct dg_error *err)
{
	struct dg_acl_builder *b = *builder;
	struct dg_acl_snapshot *s = b->snapshot;
	size_t held;
	enum dg_rc rc;

	*builder = NULL;
	rc = dg_acl_check_room(b, err);
	if (rc == DG_OK)
		rc = check_unique(b, err);
	if (rc == DG_OK && !b->modifies)
		rc = make_ground(b, err);
	if (rc == DG_ERR_LIMIT)
		(void)dg_acl_out_of_room(b, err);
	if (rc != DG_OK)
		goto done;
	held = b->modifies ? dg_acl_bytes_held(b) : s->ground->bytes;
	rc = held > b->cap_bytes
		     ? DG_ERR_LIMIT
		     : dg_acl_compile_parts(s, b->rules, &b->come, &b->go,
					    b->cap_bytes - held);
	if (rc == DG_ERR_NOT_FOUND)
		(void)dg_error_set(err, rc, "a rule to remove was not there");
	if (rc == DG_ERR_LIMIT)
		(void)dg_acl_out_of_room(b, err);
	if (rc != DG_OK)
		goto done;
	s->bytes += held;
	*snapshot_out = s;
	b->snapshot = NULL;
done:
	dg_acl_builder_destroy(&b);
	return rc;
}
