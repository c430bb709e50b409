/* SPDX-License-Identifier: Apache-2.0 */
/*
 * decide.c - docs/policy.md "Decision", sentence by sentence.
 *
 * Allow adds, deny always wins, nothing is allowed by default. Whatever is not
 * known counts against the request.
 */
#include <stdlib.h>

#include "match.h"
#include "session.h"

struct decider {
	const struct dg_acl_snapshot *snapshot;
	struct dg_acl_cache *cache; /* may be NULL */
	const struct dg_acl_request *request;
	const struct dg_acl_member *user;
	struct dg_arena *arena;
};

/* Columns that are refused, while they are found. */
struct refused {
	struct dg_str *columns;
	size_t n;
	const struct dg_acl_compiled *deny; /* the first that bit */
};

static void
allow(const struct decider *d, struct dg_acl_outcome *out,
      const struct dg_acl_compiled *rule)
{
	out->allowed = true;
	out->reason = DG_ACL_R_ALLOWED;
	out->rule_id = rule->id;
	out->break_glass = rule->break_glass;
	out->rule_reason =
		dg_acl_symbols_name(&d->snapshot->symbols, rule->reason);
}

static void
refuse(const struct decider *d, struct dg_acl_outcome *out,
       enum dg_acl_reason reason, const struct dg_acl_compiled *deny)
{
	out->allowed = false;
	out->reason = reason;
	if (deny == NULL)
		return;
	out->rule_id = deny->id;
	out->rule_reason =
		dg_acl_symbols_name(&d->snapshot->symbols, deny->reason);
}

/* Privileges without columns. */
static void
decide_whole(const struct decider *d, const struct dg_acl_effective *e,
	     struct dg_acl_outcome *out)
{
	if (e->deny_whole != NULL)
		refuse(d, out, DG_ACL_R_DENIED_BY_RULE, e->deny_whole);
	else if (e->allow_whole != NULL)
		allow(d, out, e->allow_whole);
	else
		refuse(d, out, DG_ACL_R_NOT_GRANTED, NULL);
}

static bool
is_listed(const struct dg_acl_entry *entry, struct dg_str column)
{
	for (size_t i = 0; i < entry->n_table_columns; i++)
		if (dg_str_eq(entry->table_columns[i], column))
			return true;
	return false;
}

static void
add_refused(struct refused *refused, struct dg_str column)
{
	refused->columns[refused->n++] = column;
}

/*
 * Sentences 1 and 2 for the columns that the entry names. Coverage is looked
 * at only when the table's columns are known.
 */
static enum dg_rc
check_named(const struct decider *d, const struct dg_acl_entry *entry,
	    const struct dg_acl_effective *e, struct refused *refused,
	    const struct dg_acl_compiled **allow_out)
{
	for (size_t i = 0; i < entry->n_columns; i++) {
		struct dg_str column =
			dg_acl_lower(d->arena, entry->columns[i]);
		const struct dg_acl_compiled *deny;
		const struct dg_acl_compiled *by;
		bool is_field;

		if (column.data == NULL)
			return DG_ERR_LIMIT;
		deny = e->deny_whole != NULL
			       ? e->deny_whole
			       : dg_acl_effective_deny(d->snapshot, e, column);
		if (deny != NULL) {
			if (refused->deny == NULL)
				refused->deny = deny;
			add_refused(refused, column);
			continue;
		}
		if (!entry->columns_known)
			continue;
		is_field = dg_str_find(column, '.', 0) < column.len &&
			   e->n_allows > 0 && !is_listed(entry, column);
		by = dg_acl_effective_allow(d->snapshot, e, column, is_field);
		if (by == NULL)
			add_refused(refused, column);
		else if (*allow_out == NULL)
			*allow_out = by;
	}
	return DG_OK;
}

static int
compare_names(const void *a, const void *b)
{
	const struct dg_str *x = a;
	const struct dg_str *y = b;

	return dg_str_cmp(*x, *y);
}

/*
 * The same for every column. Hidden columns are among them, and any column
 * that a rule names could be one: so each deny bites, and only an allow of the
 * whole table covers.
 */
static void
check_all(const struct decider *d, const struct dg_acl_entry *entry,
	  const struct dg_acl_effective *e, struct refused *refused)
{
	for (uint32_t i = 0; e->deny_whole == NULL && i < e->n_denies; i++) {
		struct dg_str name = dg_acl_symbols_name(&d->snapshot->symbols,
							 e->denies[i].symbol);

		if (dg_str_find(name, '.', 0) < name.len)
			continue; /* its first part is in the list as well */
		if (refused->deny == NULL ||
		    e->denies[i].rule->id < refused->deny->id)
			refused->deny = e->denies[i].rule;
		add_refused(refused, name);
	}
	if (refused->n > 1)
		qsort(refused->columns, refused->n, sizeof(struct dg_str),
		      compare_names);
	for (size_t i = 0; i < entry->n_table_columns; i++) {
		struct dg_str column = entry->table_columns[i];

		if (e->deny_whole != NULL ||
		    (dg_acl_effective_deny(d->snapshot, e, column) == NULL &&
		     dg_acl_effective_allow(d->snapshot, e, column, false) ==
			     NULL))
			add_refused(refused, column);
	}
	if (e->deny_whole != NULL)
		refused->deny = e->deny_whole;
}

/*
 * `count(*)`: some column must be left. Of known columns one that is allowed
 * and not denied; else only where no rule takes a column away.
 */
static void
decide_empty(const struct decider *d, const struct dg_acl_entry *entry,
	     const struct dg_acl_effective *e, struct dg_acl_outcome *out)
{
	const struct dg_acl_compiled *deny = e->deny_whole;
	bool denied_some = false;

	if (deny != NULL) {
		refuse(d, out, DG_ACL_R_DENIED_BY_RULE, deny);
		return;
	}
	if (e->allow_whole != NULL && e->n_denies == 0) {
		allow(d, out, e->allow_whole);
		return;
	}
	if (e->allow_whole == NULL && e->n_allows == 0) {
		refuse(d, out, DG_ACL_R_NOT_GRANTED, NULL);
		return;
	}
	if (!entry->columns_known) {
		refuse(d, out, DG_ACL_R_COLUMNS_UNKNOWN, NULL);
		return;
	}
	for (size_t i = 0; i < entry->n_table_columns; i++) {
		struct dg_str column = entry->table_columns[i];
		const struct dg_acl_compiled *by =
			dg_acl_effective_allow(d->snapshot, e, column, false);
		const struct dg_acl_compiled *bites;

		if (by == NULL)
			continue;
		bites = dg_acl_effective_deny(d->snapshot, e, column);
		if (bites == NULL) {
			allow(d, out, by);
			return;
		}
		denied_some = true;
		if (deny == NULL || bites->id < deny->id)
			deny = bites;
	}
	refuse(d, out,
	       denied_some ? DG_ACL_R_DENIED_BY_RULE : DG_ACL_R_NOT_GRANTED,
	       deny);
}

/* Sentence 3, once no deny has bitten. */
static void
decide_unknown(const struct decider *d, const struct dg_acl_effective *e,
	       struct dg_acl_outcome *out)
{
	if (e->allow_whole == NULL && e->n_allows == 0)
		refuse(d, out, DG_ACL_R_NOT_GRANTED, NULL);
	else if (e->allow_whole == NULL || e->n_denies > 0)
		refuse(d, out, DG_ACL_R_COLUMNS_UNKNOWN, NULL);
	else
		allow(d, out, e->allow_whole);
}

static enum dg_rc
decide_columns(const struct decider *d, const struct dg_acl_entry *entry,
	       const struct dg_acl_effective *e, struct dg_acl_outcome *out)
{
	struct refused refused = {0};
	const struct dg_acl_compiled *by = e->allow_whole;
	enum dg_rc rc = DG_OK;

	if (!entry->all_columns && entry->n_columns == 0) {
		decide_empty(d, entry, e, out);
		return DG_OK;
	}
	/* The usual case: the whole table, and nothing taken away. */
	if (e->allow_whole != NULL && e->deny_whole == NULL &&
	    e->n_denies == 0) {
		allow(d, out, e->allow_whole);
		return DG_OK;
	}
	refused.columns = DG_ARENA_ARRAY(
		d->arena, struct dg_str,
		entry->n_columns + entry->n_table_columns + e->n_denies);
	if (refused.columns == NULL)
		return DG_ERR_LIMIT;
	if (entry->all_columns)
		check_all(d, entry, e, &refused);
	else
		rc = check_named(d, entry, e, &refused, &by);
	if (rc != DG_OK)
		return rc;
	out->missing = refused.columns;
	out->n_missing = refused.n;
	if (refused.deny != NULL) {
		refuse(d, out, DG_ACL_R_DENIED_BY_RULE, refused.deny);
	} else if (!entry->columns_known) {
		decide_unknown(d, e, out);
		out->n_missing = 0;
	} else if (refused.n > 0 || by == NULL ||
		   (entry->all_columns && e->allow_whole == NULL)) {
		refuse(d, out, DG_ACL_R_NOT_GRANTED, NULL);
	} else {
		allow(d, out, by);
	}
	return DG_OK;
}

/* SHOW: any privilege on the object or beneath it will do. */
static enum dg_rc
decide_show(const struct decider *d, struct dg_acl_query *query,
	    struct dg_acl_outcome *out)
{
	const struct dg_acl_compiled *deny = NULL;
	const struct dg_acl_compiled *by;

	dg_acl_query_symbols(query);
	by = dg_acl_visible_by(query, d->arena, &deny);
	if (by != NULL)
		allow(d, out, by);
	else
		refuse(d, out,
		       deny != NULL ? DG_ACL_R_DENIED_BY_RULE
				    : DG_ACL_R_NOT_GRANTED,
		       deny);
	return DG_OK;
}

/* A second name: what counts is that nobody took it away. */
static void
forgive_missing_allow(const struct dg_acl_entry *entry,
		      struct dg_acl_outcome *out)
{
	if (!entry->unless_denied || out->reason == DG_ACL_R_DENIED_BY_RULE)
		return;
	*out = (struct dg_acl_outcome){
		.allowed = true,
		.reason = DG_ACL_R_ALLOWED,
	};
}

static enum dg_rc
decide_rights(const struct decider *d, const struct dg_acl_entry *entry,
	      struct dg_acl_query *query, struct dg_acl_outcome *out)
{
	const struct dg_acl_effective *e;

	query->privileges = DG_ACL_BIT(entry->privilege);
	if (entry->privilege == DG_ACL_P_SHOW)
		return decide_show(d, query, out);
	e = dg_acl_effective_get(d->cache, query, d->arena);
	if (e == NULL)
		return DG_ERR_LIMIT;
	if (dg_acl_has_columns(entry->object.kind, query->privileges))
		return decide_columns(d, entry, e, out);
	decide_whole(d, e, out);
	return DG_OK;
}

static enum dg_rc
decide_entry(const struct decider *d, const struct dg_acl_entry *entry,
	     struct dg_acl_outcome *out)
{
	struct dg_acl_query query;
	enum dg_rc rc;

	rc = dg_acl_query_init(&query, d->snapshot, d->request, d->user,
			       &entry->object, d->arena);
	if (rc == DG_OK)
		rc = decide_rights(d, entry, &query, out);
	if (rc != DG_OK)
		return rc;
	forgive_missing_allow(entry, out);
	if (!out->allowed && dg_acl_query_observed(&query))
		out->allowed = out->observed = true;
	return DG_OK;
}

enum dg_rc
dg_acl_decide(const struct dg_acl_snapshot *snapshot,
	      struct dg_acl_cache *cache, const struct dg_acl_request *request,
	      struct dg_arena *arena, struct dg_acl_decision *decision_out)
{
	struct decider d = {
		.snapshot = snapshot,
		.cache = cache,
		.request = request,
		.arena = arena,
	};
	struct dg_acl_outcome *outcomes = DG_ARENA_ARRAY(
		arena, struct dg_acl_outcome, request->n_entries);
	size_t first_denied = request->n_entries;
	enum dg_rc member_rc =
		dg_acl_session_member(snapshot, request, arena, &d.user);
	bool observed = false;

	if (outcomes == NULL || member_rc != DG_OK)
		return DG_ERR_LIMIT;
	for (size_t i = 0; i < request->n_entries; i++) {
		enum dg_rc rc = DG_OK;

		if (d.user == NULL)
			refuse(&d, &outcomes[i], DG_ACL_R_NO_SUCH_USER, NULL);
		else
			rc = decide_entry(&d, &request->entries[i],
					  &outcomes[i]);
		if (rc != DG_OK)
			return rc;
		observed = observed || outcomes[i].observed;
		if (!outcomes[i].allowed && first_denied == request->n_entries)
			first_denied = i;
	}
	*decision_out = (struct dg_acl_decision){
		/* An unknown user is allowed nothing, not even nothing. */
		.allowed = d.user != NULL && first_denied == request->n_entries,
		.observed = observed,
		.outcomes = outcomes,
		.first_denied = first_denied,
	};
	return DG_OK;
}
