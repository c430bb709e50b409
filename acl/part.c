/* SPDX-License-Identifier: Apache-2.0 */
/*
 * part.c - the rules of a principal, in blocks that versions share.
 *
 *     part -> block 0 .. n-1, by the upper bits of a key's hash
 *
 * A change makes the blocks that it touches anew and takes references to all
 * others. A first load is the same with nothing there before.
 */
#include "base/mem.h"
#include "block.h"

enum {
	RULES_PER_BLOCK = 128,
	BLOCKS_MAX = 1 << 16, /* bits of the hash that are used for it */
	/* So many more than RULES_PER_BLOCK on average: split anew. */
	CROWDED = 4,
};

/* ---- life --------------------------------------------------------------- */

static void
block_unref(struct dg_acl_block *block)
{
	if (block != NULL &&
	    __atomic_sub_fetch(&block->refs, 1, __ATOMIC_ACQ_REL) == 0)
		dg_free(block);
}

static struct dg_acl_block *
block_ref(struct dg_acl_block *block)
{
	if (block != NULL)
		__atomic_add_fetch(&block->refs, 1, __ATOMIC_RELAXED);
	return block;
}

void
dg_acl_part_unref(const struct dg_acl_part **part)
{
	/* Only the count is not immutable. */
	struct dg_acl_part *p = (struct dg_acl_part *)(uintptr_t)*part;

	*part = NULL;
	if (p == NULL || __atomic_sub_fetch(&p->refs, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	for (uint32_t i = 0; i < p->n_blocks; i++)
		block_unref(p->cells[i].block);
	dg_free(p->memory);
	dg_free(p);
}

const struct dg_acl_part *
dg_acl_part_ref(const struct dg_acl_part *part)
{
	struct dg_acl_part *p = (struct dg_acl_part *)(uintptr_t)part;

	if (p != NULL)
		__atomic_add_fetch(&p->refs, 1, __ATOMIC_RELAXED);
	return part;
}

/* ---- lists of rules ----------------------------------------------------- */

struct list {
	struct dg_acl_placed *items; /* owned */
	size_t n;
	size_t capacity;
};

/* Used for one block after the other. */
struct workshop {
	struct dg_acl_block_maker maker;
	struct list list;
	size_t bytes;     /* of all blocks that were made or shared */
	size_t max_bytes; /* LIMIT beyond */
};

static void
append(struct list *list, struct dg_acl_placed placed)
{
	if (list->n == list->capacity) {
		list->capacity = list->n == 0 ? 64 : 2 * list->n;
		list->items = dg_realloc(list->items, list->capacity,
					 sizeof(*list->items));
	}
	list->items[list->n++] = placed;
}

/* ---- one part ----------------------------------------------------------- */

/* What happens to one principal. */
struct edit {
	struct list come;
	struct list go;
};

static uint32_t
blocks_for(size_t n_rules)
{
	uint32_t n = 1;

	while (n < BLOCKS_MAX && (size_t)n * RULES_PER_BLOCK < n_rules)
		n *= 2;
	return n;
}

static void
add_sums(struct dg_acl_sums *to, const struct dg_acl_sums *from)
{
	to->n_rules += from->n_rules;
	to->n_denies += from->n_denies;
	to->n_varying += from->n_varying;
	to->fingerprint += from->fingerprint;
	to->bytes += from->bytes;
	for (unsigned kind = 0; kind < DG_ACL_KIND_COUNT; kind++) {
		to->shapes[kind] |= from->shapes[kind];
		to->tag_shapes[kind] |= from->tag_shapes[kind];
	}
}

/* Puts all rules of a block into list. */
static void
unpack(struct list *list, const struct dg_acl_block *block)
{
	for (uint32_t g = 0; block != NULL && g < block->n_groups; g++) {
		const struct dg_acl_group *group = &block->groups[g];

		for (uint32_t i = 0; i < group->n; i++)
			append(list,
			       (struct dg_acl_placed){
				       .rule = &block->rules[group->first + i],
				       .tag = group->tag,
				       .hash = dg_acl_group_hash(group->kind,
								 group->tag,
								 group->key),
			       });
	}
}

/* Takes those that go out of list from its start on; whether all were there. */
static bool
take_out(struct list *list, const struct dg_acl_placed *go, size_t n_go)
{
	for (size_t g = 0; g < n_go; g++) {
		size_t kept = 0;

		for (size_t i = 0; i < list->n; i++) {
			const struct dg_acl_placed *p = &list->items[i];

			if (p->rule->id != go[g].rule->id ||
			    p->tag != go[g].tag || p->hash != go[g].hash)
				list->items[kept++] = *p;
		}
		/* Named twice by a rule, a principal has it twice. */
		if (kept == list->n &&
		    (g == 0 || go[g - 1].rule->id != go[g].rule->id))
			return false;
		list->n = kept;
	}
	return true;
}

/* One block after all that comes and goes; *block_out NULL: nothing is left. */
static enum dg_rc
remake_block(struct workshop *w, const struct dg_acl_block *old,
	     const struct dg_acl_placed *come, size_t n_come,
	     const struct dg_acl_placed *go, size_t n_go,
	     struct dg_acl_block **block_out)
{
	w->list.n = 0;
	unpack(&w->list, old);
	if (!take_out(&w->list, go, n_go))
		return DG_ERR_NOT_FOUND;
	for (size_t i = 0; i < n_come; i++)
		append(&w->list, come[i]);
	if (w->list.n > UINT32_MAX / 4)
		return DG_ERR_LIMIT;
	*block_out = w->list.n == 0
			     ? NULL
			     : dg_acl_block_make(&w->maker, w->list.items,
						 (uint32_t)w->list.n);
	return DG_OK;
}

/* Sorts stably by block, so that all of one block lie together. */
static void
sort_by_block(struct list *list, uint32_t n_blocks)
{
	size_t *next;
	struct dg_acl_placed *sorted;

	if (n_blocks == 1 || list->n < 2)
		return;
	next = DG_NEW_ARRAY(size_t, (size_t)n_blocks + 1);
	sorted = dg_realloc(NULL, list->n, sizeof(*sorted));
	for (size_t i = 0; i < list->n; i++)
		next[dg_acl_block_of(list->items[i].hash, n_blocks) + 1]++;
	for (uint32_t b = 0; b < n_blocks; b++)
		next[b + 1] += next[b];
	for (size_t i = 0; i < list->n; i++)
		sorted[next[dg_acl_block_of(list->items[i].hash, n_blocks)]++] =
			list->items[i];
	dg_free(next);
	dg_free(list->items);
	list->items = sorted;
	list->capacity = list->n;
}

/* How many of list from at on are of the block. */
static size_t
count_of_block(const struct list *list, size_t at, uint32_t block,
	       uint32_t n_blocks)
{
	size_t n = 0;

	while (at + n < list->n &&
	       dg_acl_block_of(list->items[at + n].hash, n_blocks) == block)
		n++;
	return n;
}

static void
fill_filter(struct dg_acl_cell *cell)
{
	const struct dg_acl_block *block = cell->block;

	for (uint32_t g = 0; block != NULL && g < block->n_groups; g++) {
		const struct dg_acl_group *group = &block->groups[g];
		uint32_t bits[2];

		dg_acl_filter_bits(
			dg_acl_group_hash(group->kind, group->tag, group->key),
			bits);
		for (unsigned i = 0; i < 2; i++)
			cell->filter[bits[i] / 64] |= UINT64_C(1)
						      << bits[i] % 64;
	}
}

/* Empty, cells where lines of the cache begin. */
static struct dg_acl_part *
make_part(uint32_t n_blocks)
{
	enum { LINE = 64 };
	struct dg_acl_part *part = DG_NEW(struct dg_acl_part);
	size_t bytes = n_blocks * sizeof(struct dg_acl_cell) + LINE;
	uintptr_t at;

	_Static_assert(sizeof(struct dg_acl_cell) == LINE, "a cell is a line");
	part->refs = 1;
	part->n_blocks = n_blocks;
	part->memory = dg_calloc(1, bytes);
	at = (uintptr_t)part->memory;
	part->cells =
		(void *)((char *)part->memory + (LINE - at % LINE) % LINE);
	part->sums.bytes = sizeof(*part) + bytes;
	return part;
}

/* An empty list has no memory, nor a place in it. */
static const struct dg_acl_placed *
from_place(const struct list *list, size_t at)
{
	return list->items == NULL ? NULL : list->items + at;
}

static enum dg_rc
remake_blocks(struct workshop *w, const struct dg_acl_part *old,
	      struct edit *edit, struct dg_acl_part *part)
{
	size_t come = 0;
	size_t go = 0;

	sort_by_block(&edit->come, part->n_blocks);
	sort_by_block(&edit->go, part->n_blocks);
	for (uint32_t b = 0; b < part->n_blocks; b++) {
		size_t n_come =
			count_of_block(&edit->come, come, b, part->n_blocks);
		size_t n_go = count_of_block(&edit->go, go, b, part->n_blocks);
		struct dg_acl_block *before =
			old == NULL ? NULL : old->cells[b].block;
		struct dg_acl_cell *cell = &part->cells[b];
		enum dg_rc rc = DG_OK;

		if (n_come + n_go == 0)
			cell->block = block_ref(before);
		else
			rc = remake_block(w, before,
					  from_place(&edit->come, come), n_come,
					  from_place(&edit->go, go), n_go,
					  &cell->block);
		if (rc != DG_OK)
			return rc;
		if (cell->block != before)
			fill_filter(cell);
		else if (before != NULL)
			*cell = old->cells[b];
		come += n_come;
		go += n_go;
		if (cell->block == NULL)
			continue;
		add_sums(&part->sums, &cell->block->sums);
		if (w->bytes + part->sums.bytes > w->max_bytes)
			return DG_ERR_LIMIT;
	}
	return DG_OK;
}

/* Into more blocks: all that is there comes once more. */
static enum dg_rc
split_anew(const struct dg_acl_part *old, struct edit *edit)
{
	struct list all = {0};

	for (uint32_t b = 0; b < old->n_blocks; b++)
		unpack(&all, old->cells[b].block);
	if (!take_out(&all, edit->go.items, edit->go.n)) {
		dg_free(all.items);
		return DG_ERR_NOT_FOUND;
	}
	for (size_t i = 0; i < edit->come.n; i++)
		append(&all, edit->come.items[i]);
	dg_free(edit->come.items);
	edit->come = all;
	edit->go.n = 0;
	return DG_OK;
}

/* The part after the edit, NULL when nothing is left of it. */
static enum dg_rc
remake_part(struct workshop *w, const struct dg_acl_part *old,
	    struct edit *edit, const struct dg_acl_part **part_out)
{
	size_t n_rules = (old == NULL ? 0 : old->sums.n_rules) + edit->come.n;
	uint32_t n_blocks = old == NULL ? blocks_for(n_rules) : old->n_blocks;
	struct dg_acl_part *part;
	const struct dg_acl_part *made;
	enum dg_rc rc = DG_OK;

	if (old != NULL && n_blocks < BLOCKS_MAX &&
	    n_rules > (size_t)n_blocks * RULES_PER_BLOCK * CROWDED) {
		rc = split_anew(old, edit);
		if (rc != DG_OK)
			return rc;
		old = NULL;
		n_blocks = blocks_for(n_rules);
	}
	part = make_part(n_blocks);
	rc = remake_blocks(w, old, edit, part);
	made = part;
	if (rc != DG_OK || part->sums.n_rules == 0) {
		dg_acl_part_unref(&made);
		*part_out = NULL;
		return rc;
	}
	w->bytes += part->sums.bytes;
	*part_out = part;
	return DG_OK;
}

/* ---- all parts ---------------------------------------------------------- */

/*
 * Those of each member, one after the other; first has one more at the end.
 * The postings themselves are not needed any more: memory is short here.
 */
static struct dg_acl_posting *
split_postings(struct dg_acl_postings *postings, uint32_t n_members,
	       size_t *first)
{
	struct dg_acl_posting *split =
		dg_realloc(NULL, postings->n + 1, sizeof(*split));

	for (size_t i = 0; i < postings->n; i++)
		first[postings->items[i].member + 2]++;
	for (uint32_t i = 0; i < n_members; i++)
		first[i + 2] += first[i + 1];
	for (size_t i = 0; i < postings->n; i++)
		split[first[postings->items[i].member + 1]++] =
			postings->items[i];
	dg_free(postings->items);
	*postings = (struct dg_acl_postings){0};
	return split;
}

static void
place_all(const struct dg_acl_snapshot *s, const struct dg_acl_compiled *rules,
	  const struct dg_acl_posting *postings, size_t n, struct list *list)
{
	list->n = 0;
	for (size_t i = 0; i < n; i++) {
		const struct dg_acl_compiled *rule = &rules[postings[i].rule];

		append(list, (struct dg_acl_placed){
				     .rule = rule,
				     .tag = postings[i].tag,
				     .hash = dg_acl_placed_hash(
					     s, rule, postings[i].tag),
			     });
	}
}

enum dg_rc
dg_acl_compile_parts(struct dg_acl_snapshot *snapshot,
		     const struct dg_acl_compiled *rules,
		     struct dg_acl_postings *come, struct dg_acl_postings *go,
		     size_t max_bytes)
{
	struct dg_acl_snapshot *s = snapshot;
	size_t n_first = (size_t)s->n_members + 2;
	size_t *first_come = DG_NEW_ARRAY(size_t, n_first);
	size_t *first_go = DG_NEW_ARRAY(size_t, n_first);
	struct dg_acl_posting *coming =
		split_postings(come, s->n_members, first_come);
	struct dg_acl_posting *going =
		split_postings(go, s->n_members, first_go);
	struct workshop w = {.maker = {.snapshot = s}, .max_bytes = max_bytes};
	struct edit edit = {0};
	enum dg_rc rc = DG_OK;

	for (uint32_t i = 0; i < s->n_members && rc == DG_OK; i++) {
		const struct dg_acl_part *old = s->parts[i];
		size_t n_come = first_come[i + 1] - first_come[i];
		size_t n_go = first_go[i + 1] - first_go[i];

		if (n_come + n_go == 0) {
			w.bytes += old == NULL ? 0 : old->sums.bytes;
			continue;
		}
		place_all(s, rules, coming + first_come[i], n_come, &edit.come);
		place_all(s, rules, going + first_go[i], n_go, &edit.go);
		rc = remake_part(&w, old, &edit, &s->parts[i]);
		if (rc != DG_OK)
			s->parts[i] = old;
		else
			dg_acl_part_unref(&old);
	}
	s->bytes = w.bytes;
	dg_free(edit.come.items);
	dg_free(edit.go.items);
	dg_free(w.list.items);
	dg_acl_block_maker_fini(&w.maker);
	dg_free(coming);
	dg_free(going);
	dg_free(first_come);
	dg_free(first_go);
	return rc;
}
