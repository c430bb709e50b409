/* SPDX-License-Identifier: Apache-2.0 */
/*
 * columns_cache.c - see columns_cache.h.
 */
#include "metadata/columns_cache.h"

#include "base/assert.h"
#include "base/clock.h"
#include "base/mem.h"
#include "metadata/view.h"

enum {
	NEGATIVE_MAX = 2048,
	VIEW_MAX = 4 << 20, /* its text is 1 MB at most, as any */
};

static void
drop(struct dg_columns_cache *cache, struct dg_columns_entry *entry)
{
	while (!dg_list_is_empty(&entry->seats))
		dg_list_remove(entry->seats.next);
	(void)dg_map_remove(&cache->entries, entry->key);
	dg_list_remove(&entry->link);
	if (entry->answer == DG_SQL_FOUND)
		cache->n_bytes -= entry->n_bytes;
	else
		cache->n_negative--;
	dg_str_free(&entry->key);
	dg_str_free(&entry->host);
	dg_str_free(&entry->why);
	dg_free(entry->names);
	dg_free(entry->types);
	dg_free(entry->text);
	dg_free(entry->index);
	dg_arena_destroy(&entry->room);
	dg_free(entry);
}

static void
drop_first(struct dg_columns_cache *cache, struct dg_list *list)
{
	drop(cache, DG_CONTAINER_OF(list->next, struct dg_columns_entry, link));
}

void
dg_columns_cache_init(struct dg_columns_cache *cache, size_t max_tables,
		      size_t max_bytes)
{
	*cache = (struct dg_columns_cache){
		.max_tables = max_tables,
		.max_bytes = max_bytes,
	};
	dg_map_init(&cache->entries, NULL);
	dg_list_init(&cache->recent);
	dg_list_init(&cache->negative);
}

void
dg_columns_cache_clear(struct dg_columns_cache *cache)
{
	while (!dg_list_is_empty(&cache->recent))
		drop_first(cache, &cache->recent);
	while (!dg_list_is_empty(&cache->negative))
		drop_first(cache, &cache->negative);
}

void
dg_columns_cache_fini(struct dg_columns_cache *cache)
{
	dg_columns_cache_clear(cache);
	dg_map_fini(&cache->entries);
}

struct dg_columns_entry *
dg_columns_cache_find(struct dg_columns_cache *cache,
		      const struct dg_target *target, struct dg_str key)
{
	struct dg_columns_entry *entry = dg_map_get(&cache->entries, key);

	if (entry == NULL)
		return NULL;
	if ((dg_clock_mono_ms() < entry->expires_ms ||
	     !dg_list_is_empty(&entry->seats)) &&
	    entry->cluster_id == target->cluster->id &&
	    entry->port == target->endpoint.port &&
	    dg_str_eq(entry->host, target->endpoint.host))
		return entry;
	drop(cache, entry);
	return NULL;
}

/* The texts of an entry, in a copy of its bytes. NULL: the arena is full. */
static struct dg_str *
copy_texts(const struct dg_columns_entry *entry, const struct dg_str *from,
	   const char *text, struct dg_arena *arena)
{
	struct dg_str *to =
		DG_ARENA_ARRAY(arena, struct dg_str, entry->n_names);

	for (size_t i = 0; to != NULL && i < entry->n_names; i++)
		to[i] = dg_str_make(text + (from[i].data - entry->text),
				    from[i].len);
	return to;
}

bool
dg_columns_cache_copy(const struct dg_columns_entry *entry,
		      struct dg_arena *arena,
		      struct dg_sql_columns *columns_out)
{
	char *text = dg_arena_alloc(arena, entry->text_len);
	struct dg_sql_column_index *index = NULL;
	const struct dg_sql_view *view = NULL;
	struct dg_str *types = NULL;
	struct dg_str *names;

	if (text == NULL)
		return false;
	memcpy(text, entry->text, entry->text_len);
	names = copy_texts(entry, entry->names, text, arena);
	if (names == NULL)
		return false;
	if (entry->types != NULL) {
		types = copy_texts(entry, entry->types, text, arena);
		if (types == NULL)
			return false;
	}
	if (entry->index != NULL) {
		size_t size = dg_sql_column_index_size(entry->n_names);

		index = dg_arena_alloc(arena, size);
		if (index == NULL)
			return false;
		memcpy(index, entry->index, size);
	}
	if (entry->view != NULL) {
		view = dg_view_copy(entry->view, arena);
		if (view == NULL)
			return false;
	}
	*columns_out = (struct dg_sql_columns){
		.names = names,
		.n_names = entry->n_names,
		.types = types,
		.index = index,
		.view = view,
	};
	return true;
}

/* Negative answers go in the order they came: use makes them no truer. */
void
dg_columns_cache_touch(struct dg_columns_cache *cache,
		       struct dg_columns_entry *entry)
{
	if (entry->answer != DG_SQL_FOUND)
		return;
	dg_list_remove(&entry->link);
	dg_list_append(&cache->recent, &entry->link);
}

static void
make_room(struct dg_columns_cache *cache, size_t n_bytes)
{
	while (!dg_list_is_empty(&cache->recent) &&
	       (cache->entries.count - cache->n_negative >= cache->max_tables ||
		cache->n_bytes + n_bytes > cache->max_bytes))
		drop_first(cache, &cache->recent);
}

/* Copies of n texts, their bytes at *at of the entry's. */
static struct dg_str *
keep_texts(struct dg_columns_entry *entry, const struct dg_str *from, size_t n,
	   size_t *at)
{
	struct dg_str *to = DG_NEW_ARRAY(struct dg_str, n + 1);

	for (size_t i = 0; i < n; i++) {
		char *text = entry->text + *at;

		if (from[i].len > 0)
			memcpy(text, from[i].data, from[i].len);
		to[i] = dg_str_make(text, from[i].len);
		*at += from[i].len;
	}
	return to;
}

static void
copy_names(struct dg_columns_entry *entry, const struct dg_sql_columns *columns,
	   size_t text_len)
{
	size_t at = 0;

	entry->text = dg_calloc(text_len + 1, 1);
	entry->text_len = text_len;
	entry->n_names = columns->n_names;
	entry->names = keep_texts(entry, columns->names, columns->n_names, &at);
	if (columns->types != NULL)
		entry->types = keep_texts(entry, columns->types,
					  columns->n_names, &at);
}

/* None for names that the engine would not spell so: that is only slower. */
static void
index_names(struct dg_columns_entry *entry)
{
	entry->index = dg_calloc(dg_sql_column_index_size(entry->n_names), 1);
	if (!dg_sql_column_index_init(entry->index, entry->names,
				      entry->n_names)) {
		dg_free(entry->index);
		entry->index = NULL;
	}
}

/* False: it is larger than it should be. */
static bool
keep_view(struct dg_columns_entry *entry, const struct dg_sql_view *view)
{
	if (view == NULL)
		return true;
	entry->room = dg_arena_create(VIEW_MAX);
	entry->view = dg_view_copy(view, entry->room);
	return entry->view != NULL;
}

/* False: one table may not take the whole cache. */
static bool
fill_found(struct dg_columns_cache *cache, struct dg_columns_entry *entry,
	   const struct dg_sql_columns *columns)
{
	size_t text_len = 0;

	if (columns->n_names > DG_SQL_MAX_COLUMNS)
		return false;
	for (size_t i = 0; i < columns->n_names; i++) {
		text_len += columns->names[i].len;
		if (columns->types != NULL)
			text_len += columns->types[i].len;
	}
	entry->n_bytes = sizeof(*entry) + entry->key.len + entry->host.len +
			 columns->n_names * 2 * sizeof(struct dg_str) +
			 text_len + dg_sql_column_index_size(columns->n_names);
	if (columns->view != NULL)
		entry->n_bytes += dg_view_size(columns->view);
	if (entry->n_bytes > cache->max_bytes / 4 ||
	    !keep_view(entry, columns->view))
		return false;
	make_room(cache, entry->n_bytes);
	copy_names(entry, columns, text_len);
	index_names(entry);
	cache->n_bytes += entry->n_bytes;
	dg_list_append(&cache->recent, &entry->link);
	return true;
}

static void
fill_negative(struct dg_columns_cache *cache, struct dg_columns_entry *entry)
{
	while (cache->n_negative >= NEGATIVE_MAX ||
	       cache->n_negative >= cache->max_tables)
		drop_first(cache, &cache->negative);
	cache->n_negative++;
	dg_list_append(&cache->negative, &entry->link);
}

struct dg_columns_entry *
dg_columns_cache_put(struct dg_columns_cache *cache,
		     const struct dg_target *target, struct dg_str key,
		     enum dg_sql_lookup answer,
		     const struct dg_sql_columns *columns)
{
	struct dg_columns_entry *entry = DG_NEW(struct dg_columns_entry);

	dg_columns_cache_forget(cache, key);
	entry->key = dg_str_dup(key);
	entry->cluster_id = target->cluster->id;
	entry->host = dg_str_dup(target->endpoint.host);
	entry->port = target->endpoint.port;
	entry->answer = answer;
	dg_list_init(&entry->seats);
	if (answer == DG_SQL_FOUND && !fill_found(cache, entry, columns))
		entry->answer = columns->view == NULL ? DG_SQL_NO_VIEW
						      : DG_SQL_UNAVAILABLE;
	if (entry->answer != DG_SQL_FOUND)
		fill_negative(cache, entry);
	DG_ASSERT(dg_map_put(&cache->entries, entry->key, entry, NULL) ==
		  DG_OK);
	return entry;
}

void
dg_columns_cache_forget(struct dg_columns_cache *cache, struct dg_str key)
{
	struct dg_columns_entry *entry = dg_map_get(&cache->entries, key);

	if (entry != NULL)
		drop(cache, entry);
}
