/* SPDX-License-Identifier: Apache-2.0 */
/*
 * columns_cache.h - what is known of tables, each answer with its own life.
 *
 * Tables that are there and answers without columns (the others)
 * are kept in two lists, each with bounds of its own: names that somebody
 * invents push out other such names, never columns.
 */
#ifndef DG_PROXY_METADATA_COLUMNS_CACHE_H
#define DG_PROXY_METADATA_COLUMNS_CACHE_H

#include "base/list.h"
#include "base/map.h"
#include "metadata/metadata.h"

struct dg_columns_entry {
	struct dg_list link; /* in recent or negative of the cache */
	struct dg_str key;   /* owned */
	int64_t cluster_id;  /* a name may come to mean another cluster */
	struct dg_str host;  /* owned */
	uint16_t port;
	enum dg_sql_lookup answer; /* FOUND, ABSENT, NO_VIEW, UNAVAILABLE */
	struct dg_str why;         /* owned; UNAVAILABLE: for people */
	struct dg_str *names;      /* owned, with their bytes in text */
	struct dg_str *types;      /* likewise; NULL: none is known */
	size_t n_names;
	char *text; /* owned */
	size_t text_len;
	struct dg_sql_column_index *index; /* owned; NULL: there is none */
	struct dg_arena *room;             /* owned; of view, or NULL */
	const struct dg_sql_view *view;    /* NULL: nothing but a table */
	size_t n_bytes;
	uint64_t expires_ms;
	/* Of waits that are not over: while there are any, it is believed. */
	struct dg_list seats;
};

struct dg_columns_cache {
	struct dg_map entries;   /* key -> owned struct dg_columns_entry */
	struct dg_list recent;   /* FOUND, least recently used first */
	struct dg_list negative; /* the others, oldest first */
	size_t n_negative;
	size_t n_bytes; /* of recent */
	size_t max_tables;
	size_t max_bytes;
};

void dg_columns_cache_init(struct dg_columns_cache *cache, size_t max_tables,
			   size_t max_bytes);
void dg_columns_cache_fini(struct dg_columns_cache *cache);

/* An entry about this very cluster that is still believed, or NULL. */
struct dg_columns_entry *dg_columns_cache_find(struct dg_columns_cache *cache,
					       const struct dg_target *target,
					       struct dg_str key);
/* Its columns, in the arena. False when that is full. */
bool dg_columns_cache_copy(const struct dg_columns_entry *entry,
			   struct dg_arena *arena,
			   struct dg_sql_columns *columns_out);
/* It has been of use. */
void dg_columns_cache_touch(struct dg_columns_cache *cache,
			    struct dg_columns_entry *entry);
/*
 * Adds or replaces; columns are copied, and only read with FOUND. A table that
 * is too large to be kept is NO_VIEW, a view UNAVAILABLE. The caller sets
 * expires_ms and why.
 */
struct dg_columns_entry *
dg_columns_cache_put(struct dg_columns_cache *cache,
		     const struct dg_target *target, struct dg_str key,
		     enum dg_sql_lookup answer,
		     const struct dg_sql_columns *columns);
/* Harmless when there is none. */
void dg_columns_cache_forget(struct dg_columns_cache *cache, struct dg_str key);
void dg_columns_cache_clear(struct dg_columns_cache *cache);

#endif
