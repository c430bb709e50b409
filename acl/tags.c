/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tags.c - where tags were put, and how that is found again.
 *
 * A table of objects that carry tags, by their names, for decisions; and for
 * each tag what carries it, for who asks what is beneath a container. Tags from
 * above are not copied down: who asks looks at the catalog, the schema and the
 * table.
 */
#include <stdlib.h>

#include "base/assert.h"
#include "base/mem.h"
#include "snapshot.h"

/* ---- the table ---------------------------------------------------------- */

static bool
is_same_object(const uint32_t a[DG_ACL_PARTS], const uint32_t b[DG_ACL_PARTS])
{
	return a[0] == b[0] && a[1] == b[1] && a[2] == b[2];
}

static int
compare_u32(uint32_t a, uint32_t b)
{
	return a < b ? -1 : a > b;
}

/* By object, its own tags before those of its columns. */
static int
compare_keys(const void *a, const void *b)
{
	const struct dg_acl_tagging_key *x = a;
	const struct dg_acl_tagging_key *y = b;

	for (unsigned i = 0; i < DG_ACL_PARTS; i++)
		if (x->key[i] != y->key[i])
			return compare_u32(x->key[i], y->key[i]);
	if (x->column != y->column)
		return compare_u32(x->column, y->column);
	return compare_u32(x->tag, y->tag);
}

static int
compare_tags(const void *a, const void *b)
{
	const struct dg_acl_tagging_key *x = a;
	const struct dg_acl_tagging_key *y = b;

	return x->tag != y->tag ? compare_u32(x->tag, y->tag)
				: compare_keys(a, b);
}

/* Keys of one object, from the first on; how many. */
static size_t
count_same(const struct dg_acl_tagging_key *keys, size_t n)
{
	size_t same = 1;

	while (same < n && is_same_object(keys[0].key, keys[same].key))
		same++;
	return same;
}

static enum dg_rc
fill_tagged(struct dg_acl_snapshot *s, const struct dg_acl_tagging_key *keys,
	    size_t n, struct dg_acl_tagged *out)
{
	struct dg_acl_tagged_column *columns;
	uint32_t *tags;
	size_t own = 0;

	while (own < n && keys[own].column == DG_ACL_SYM_NONE)
		own++;
	tags = DG_ARENA_ARRAY(s->arena, uint32_t, own);
	columns =
		DG_ARENA_ARRAY(s->arena, struct dg_acl_tagged_column, n - own);
	if (tags == NULL || columns == NULL)
		return DG_ERR_LIMIT;
	memcpy(out->key, keys[0].key, sizeof(out->key));
	for (size_t i = 0; i < own; i++)
		tags[i] = keys[i].tag;
	for (size_t i = own; i < n; i++)
		columns[i - own] = (struct dg_acl_tagged_column){
			.column = keys[i].column, .tag = keys[i].tag};
	out->tags = tags;
	out->n_tags = (uint32_t)own;
	out->columns = columns;
	out->n_columns = (uint32_t)(n - own);
	return DG_OK;
}

static enum dg_rc
fill_slots(struct dg_acl_snapshot *s)
{
	struct dg_acl_tags *t = &s->tags;
	uint32_t *slots;

	t->n_slots = 4;
	while (t->n_slots < 2 * t->n_tagged)
		t->n_slots *= 2;
	slots = DG_ARENA_ARRAY(s->arena, uint32_t, t->n_slots);
	if (slots == NULL)
		return DG_ERR_LIMIT;
	for (uint32_t i = 0; i < t->n_tagged; i++) {
		uint32_t at =
			dg_acl_key_hash(0, t->tagged[i].key) & (t->n_slots - 1);

		while (slots[at] != 0)
			at = (at + 1) & (t->n_slots - 1);
		slots[at] = i + 1;
	}
	t->slots = slots;
	return DG_OK;
}

static enum dg_rc
build_table(struct dg_acl_snapshot *s, struct dg_acl_tagging_key *keys,
	    size_t n)
{
	struct dg_acl_tags *t = &s->tags;
	uint32_t n_objects = 0;

	qsort(keys, n, sizeof(*keys), compare_keys);
	for (size_t i = 0; i < n; i += count_same(keys + i, n - i))
		n_objects++;
	t->tagged = DG_ARENA_ARRAY(s->arena, struct dg_acl_tagged, n_objects);
	if (t->tagged == NULL)
		return DG_ERR_LIMIT;
	for (size_t i = 0; i < n;) {
		size_t same = count_same(keys + i, n - i);

		if (fill_tagged(s, keys + i, same, &t->tagged[t->n_tagged++]) !=
		    DG_OK)
			return DG_ERR_LIMIT;
		i += same;
	}
	return fill_slots(s);
}

const struct dg_acl_tagged *
dg_acl_find_tagged(const struct dg_acl_snapshot *snapshot,
		   const uint32_t key[DG_ACL_PARTS])
{
	const struct dg_acl_tags *t = &snapshot->tags;
	uint32_t mask = t->n_slots - 1;

	if (t->n_slots == 0)
		return NULL;
	for (uint32_t at = dg_acl_key_hash(0, key) & mask; t->slots[at] != 0;
	     at = (at + 1) & mask) {
		const struct dg_acl_tagged *tagged =
			&t->tagged[t->slots[at] - 1];

		if (is_same_object(tagged->key, key))
			return tagged;
	}
	return NULL;
}

/* ---- what carries a tag ------------------------------------------------- */

static uint64_t
hash_key(const struct dg_acl_snapshot *s, const struct dg_acl_tagging_key *key)
{
	const uint32_t symbols[] = {key->key[0], key->key[1], key->key[2],
				    key->column, key->tag};
	uint64_t sum = 0;

	for (size_t i = 0; i < DG_ARRAY_LEN(symbols); i++)
		sum = (sum ^ dg_acl_hash_str(dg_acl_symbols_name(&s->symbols,
								 symbols[i]))) *
		      UINT64_C(0xff51afd7ed558ccd);
	return sum ^ sum >> 32;
}

static enum dg_rc
fill_tag(struct dg_acl_snapshot *s, const struct dg_acl_tagging_key *keys,
	 size_t n, struct dg_acl_tag *out)
{
	const struct dg_acl_tagged **carriers =
		DG_ARENA_ARRAY(s->arena, const struct dg_acl_tagged *, n);

	if (carriers == NULL)
		return DG_ERR_LIMIT;
	out->tag = keys[0].tag;
	out->carriers = carriers;
	for (size_t i = 0; i < n; i++) {
		out->fingerprint += hash_key(s, &keys[i]);
		if (i > 0 && is_same_object(keys[i - 1].key, keys[i].key))
			continue;
		carriers[out->n_carriers++] =
			dg_acl_find_tagged(s, keys[i].key);
	}
	return DG_OK;
}

static enum dg_rc
build_carriers(struct dg_acl_snapshot *s, struct dg_acl_tagging_key *keys,
	       size_t n)
{
	struct dg_acl_tag *tags;
	uint32_t n_tags = 0;

	qsort(keys, n, sizeof(*keys), compare_tags);
	for (size_t i = 0; i < n; i++)
		n_tags += i == 0 || keys[i].tag != keys[i - 1].tag;
	tags = DG_ARENA_ARRAY(s->arena, struct dg_acl_tag, n_tags);
	if (tags == NULL)
		return DG_ERR_LIMIT;
	n_tags = 0;
	for (size_t i = 0; i < n;) {
		size_t same = 1;

		while (i + same < n && keys[i + same].tag == keys[i].tag)
			same++;
		if (fill_tag(s, keys + i, same, &tags[n_tags++]) != DG_OK)
			return DG_ERR_LIMIT;
		i += same;
	}
	s->tags.tags = tags;
	s->tags.n_tags = n_tags;
	return DG_OK;
}

const struct dg_acl_tag *
dg_acl_find_tag(const struct dg_acl_snapshot *snapshot, uint32_t tag)
{
	const struct dg_acl_tags *t = &snapshot->tags;
	uint32_t low = 0;
	uint32_t high = t->n_tags;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (t->tags[middle].tag == tag)
			return &t->tags[middle];
		if (t->tags[middle].tag < tag)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* The same tag put on the same thing twice is there once. */
static size_t
drop_repeated(struct dg_acl_tagging_key *keys, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (i == 0 || compare_keys(&keys[i], &keys[kept - 1]) != 0)
			keys[kept++] = keys[i];
	return kept;
}

enum dg_rc
dg_acl_compile_tags(struct dg_acl_snapshot *snapshot,
		    struct dg_acl_tagging_key *keys, size_t n)
{
	enum dg_rc rc;

	if (n == 0)
		return DG_OK;
	qsort(keys, n, sizeof(*keys), compare_keys);
	n = drop_repeated(keys, n);
	rc = build_table(snapshot, keys, n);
	return rc == DG_OK ? build_carriers(snapshot, keys, n) : rc;
}
