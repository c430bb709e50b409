/* SPDX-License-Identifier: Apache-2.0 */
/*
 * metadata.c - the cache of tables' columns, and who waits for what.
 *
 * An entry is FOUND, ABSENT or UNAVAILABLE, each with its own life. A flight
 * is a query on its way; any number of waits share it. Every flight has a
 * deadline and only flights are waited for, so every wait ends.
 *
 * An answer that somebody waits for outlives its time until that wait has been
 * told of: with a life of zero each statement asks anew, and still can use what
 * it asked for, however long the slowest of its tables takes.
 */
#include "metadata/metadata.h"

#include "base/assert.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/metrics.h"
#include "metadata/columns_query.h"

enum {
	METADATA_MAGIC = 0x4d657461,
	FLIGHT_MAGIC = 0x4d65466c,
	WAIT_MAGIC = 0x4d655761,
	KEY_MAX = 1024,
	FLIGHTS_MAX = 256,
	UNAVAILABLE_TTL_MS = 2000,
	FETCH_METRIC_OK = 0,
	FETCH_METRIC_MISSING = 1,
	FETCH_METRIC_FAILED = 2,
};

struct dg_metadata {
	uint32_t magic;
	struct dg_loop *loop;         /* borrowed */
	struct dg_upstream *upstream; /* borrowed */
	struct dg_metadata_config config;
	struct dg_map entries; /* key -> owned struct entry */
	struct dg_list unused; /* all entries, least recently used first */
	size_t n_bytes;
	struct dg_map flights; /* key -> owned struct flight */
};

struct entry {
	struct dg_list link; /* in unused */
	struct dg_str key;   /* owned */
	int64_t cluster_id;  /* a name may come to mean another cluster */
	struct dg_str host;  /* owned */
	uint16_t port;
	enum dg_sql_lookup answer; /* FOUND, ABSENT, UNAVAILABLE */
	struct dg_str *names;      /* owned, with their bytes in text */
	size_t n_names;
	char *text; /* owned */
	size_t text_len;
	struct dg_sql_column_index *index; /* owned; NULL: there is none */
	size_t n_bytes;
	uint64_t expires_ms;
	struct dg_list seats; /* of waits that are not over */
};

struct flight {
	uint32_t magic;
	struct dg_metadata *metadata; /* borrowed */
	struct dg_str key;            /* owned */
	int64_t cluster_id;
	struct dg_str host; /* owned */
	uint16_t port;
	struct dg_columns_query *query;
	struct dg_list seats; /* of waits */
	bool forgotten; /* the table changed meanwhile: do not believe it */
};

/* A wait's place at one table. */
struct seat {
	/* In flight.seats, then entry.seats; in no list once that is gone. */
	struct dg_list link;
	struct dg_metadata_wait *wait;
};

struct dg_metadata_wait {
	uint32_t magic;
	dg_loop_fn done;
	void *arg;
	size_t n_left;         /* seats in flights */
	struct dg_list over;   /* in a list while it is to be told */
	struct dg_timer timer; /* when there is nothing to wait for */
	size_t n_seats;
	struct seat seats[];
};

/* ---- keys -------------------------------------------------------------- */

static bool
add_part(struct dg_str *key, char room[KEY_MAX], struct dg_str part)
{
	if (key->len + part.len + 1 > KEY_MAX)
		return false;
	memcpy(room + key->len, part.data, part.len);
	room[key->len + part.len] = '\0';
	key->len += part.len + 1;
	return true;
}

/* Empty when the names are too long to be remembered. */
static struct dg_str
make_key(struct dg_str cluster, const struct dg_sql_name *table,
	 char room[KEY_MAX])
{
	struct dg_str key = {room, 0};

	if (add_part(&key, room, cluster) &&
	    add_part(&key, room, table->catalog) &&
	    add_part(&key, room, table->schema) &&
	    add_part(&key, room, table->table))
		return key;
	return DG_STR_EMPTY;
}

/* ---- entries ----------------------------------------------------------- */

static void
drop_entry(struct dg_metadata *m, struct entry *entry)
{
	while (!dg_list_is_empty(&entry->seats))
		dg_list_remove(entry->seats.next);
	(void)dg_map_remove(&m->entries, entry->key);
	dg_list_remove(&entry->link);
	m->n_bytes -= entry->n_bytes;
	dg_str_free(&entry->key);
	dg_str_free(&entry->host);
	dg_free(entry->names);
	dg_free(entry->text);
	dg_free(entry->index);
	dg_free(entry);
}

/* An entry about this very cluster that is still believed, or NULL. */
static struct entry *
find_entry(struct dg_metadata *m, const struct dg_target *target,
	   struct dg_str key)
{
	struct entry *entry = dg_map_get(&m->entries, key);

	if (entry == NULL)
		return NULL;
	if ((dg_clock_mono_ms() < entry->expires_ms ||
	     !dg_list_is_empty(&entry->seats)) &&
	    entry->cluster_id == target->cluster->id &&
	    entry->port == target->endpoint.port &&
	    dg_str_eq(entry->host, target->endpoint.host))
		return entry;
	drop_entry(m, entry);
	return NULL;
}

static uint64_t
life_of(const struct dg_metadata *m, enum dg_sql_lookup answer)
{
	switch (answer) {
	case DG_SQL_FOUND:
		return m->config.ttl_ms;
	case DG_SQL_ABSENT:
		return m->config.absent_ttl_ms;
	case DG_SQL_UNAVAILABLE:
		return UNAVAILABLE_TTL_MS;
	case DG_SQL_PENDING:
		break;
	}
	DG_UNREACHABLE();
}

static void
copy_names(struct entry *entry, const struct dg_sql_columns *columns,
	   size_t text_len)
{
	size_t at = 0;

	entry->names = DG_NEW_ARRAY(struct dg_str, columns->n_names + 1);
	entry->text = dg_calloc(text_len + 1, 1);
	entry->text_len = text_len;
	entry->n_names = columns->n_names;
	for (size_t i = 0; i < columns->n_names; i++) {
		struct dg_str name = columns->names[i];

		memcpy(entry->text + at, name.data, name.len);
		entry->names[i] = dg_str_make(entry->text + at, name.len);
		at += name.len;
	}
}

/* None for names that the engine would not spell so: that is only slower. */
static void
index_names(struct entry *entry)
{
	entry->index = dg_calloc(dg_sql_column_index_size(entry->n_names), 1);
	if (!dg_sql_column_index_init(entry->index, entry->names,
				      entry->n_names)) {
		dg_free(entry->index);
		entry->index = NULL;
	}
}

static void
make_room(struct dg_metadata *m, size_t n_bytes)
{
	while (!dg_list_is_empty(&m->unused) &&
	       (m->entries.count >= m->config.max_tables ||
		m->n_bytes + n_bytes > m->config.max_bytes))
		drop_entry(m,
			   DG_CONTAINER_OF(m->unused.next, struct entry, link));
}

/* One table may not take the whole cache. */
static struct entry *
add_entry(struct dg_metadata *m, const struct flight *flight,
	  enum dg_sql_lookup answer, struct dg_sql_columns columns)
{
	struct entry *old = dg_map_get(&m->entries, flight->key);
	struct entry *entry;
	size_t text_len = 0;
	size_t n_bytes;

	for (size_t i = 0; i < columns.n_names; i++)
		text_len += columns.names[i].len;
	n_bytes = sizeof(*entry) + flight->key.len + flight->host.len +
		  columns.n_names * sizeof(struct dg_str) + text_len;
	if (columns.n_names <= DG_SQL_MAX_COLUMNS)
		n_bytes += dg_sql_column_index_size(columns.n_names);
	if (columns.n_names > DG_SQL_MAX_COLUMNS ||
	    n_bytes > m->config.max_bytes / 4) {
		answer = DG_SQL_UNAVAILABLE;
		columns.n_names = 0;
		text_len = 0;
		n_bytes = sizeof(*entry) + flight->key.len + flight->host.len;
	}
	if (old != NULL)
		drop_entry(m, old);
	make_room(m, n_bytes);
	entry = DG_NEW(struct entry);
	entry->key = dg_str_dup(flight->key);
	entry->cluster_id = flight->cluster_id;
	entry->host = dg_str_dup(flight->host);
	entry->port = flight->port;
	entry->answer = answer;
	entry->n_bytes = n_bytes;
	entry->expires_ms = dg_clock_mono_ms() + life_of(m, answer);
	copy_names(entry, &columns, text_len);
	if (answer == DG_SQL_FOUND)
		index_names(entry);
	dg_list_init(&entry->seats);
	dg_list_append(&m->unused, &entry->link);
	m->n_bytes += n_bytes;
	DG_ASSERT(dg_map_put(&m->entries, entry->key, entry, NULL) == DG_OK);
	return entry;
}

/* ---- waits ------------------------------------------------------------- */

static void
destroy_wait(struct dg_metadata_wait *wait)
{
	for (size_t i = 0; i < wait->n_seats; i++)
		dg_list_remove(&wait->seats[i].link);
	dg_list_remove(&wait->over);
	dg_timer_fini(&wait->timer);
	wait->magic = 0;
	dg_free(wait);
}

/* Seats are kept until the callback is over: it looks at the answers. */
static void
finish_wait(void *arg)
{
	struct dg_metadata_wait *wait = arg;

	DG_CHECK_MAGIC(wait, WAIT_MAGIC);
	wait->done(wait->arg);
	destroy_wait(wait);
}

/* ---- flights ----------------------------------------------------------- */

static void
destroy_flight(struct flight *flight)
{
	(void)dg_map_remove(&flight->metadata->flights, flight->key);
	dg_columns_query_cancel(&flight->query);
	DG_ASSERT(dg_list_is_empty(&flight->seats));
	dg_str_free(&flight->key);
	dg_str_free(&flight->host);
	flight->magic = 0;
	dg_free(flight);
}

/* Moves the waits of a flight to its answer; who misses nothing is over. */
static void
seat_waits(struct dg_list *waiting, struct entry *entry, struct dg_list *over)
{
	while (!dg_list_is_empty(waiting)) {
		struct seat *seat =
			DG_CONTAINER_OF(waiting->next, struct seat, link);

		dg_list_remove(&seat->link);
		dg_list_append(&entry->seats, &seat->link);
		if (--seat->wait->n_left == 0)
			dg_list_append(over, &seat->wait->over);
	}
}

/* A callback may cancel other waits, which leave the list then. */
static void
tell_waits(struct dg_list *over)
{
	while (!dg_list_is_empty(over)) {
		struct dg_metadata_wait *wait = DG_CONTAINER_OF(
			over->next, struct dg_metadata_wait, over);

		dg_list_remove(&wait->over);
		finish_wait(wait);
	}
}

static void
on_columns(void *arg, enum dg_columns_result result,
	   const struct dg_sql_columns *columns, const char *why)
{
	static const struct dg_sql_columns none = {.n_names = 0};
	struct flight *flight = arg;
	struct dg_metadata *m = flight->metadata;
	struct entry *entry;
	struct dg_list over;
	unsigned label = FETCH_METRIC_FAILED;
	enum dg_sql_lookup answer = DG_SQL_UNAVAILABLE;

	DG_CHECK_MAGIC(flight, FLIGHT_MAGIC);
	flight->query = NULL;
	switch (result) {
	case DG_COLUMNS_FOUND:
		label = FETCH_METRIC_OK;
		answer = DG_SQL_FOUND;
		break;
	case DG_COLUMNS_ABSENT:
		label = FETCH_METRIC_MISSING;
		answer = DG_SQL_ABSENT;
		break;
	case DG_COLUMNS_FAILED:
		dg_log_warn(NULL, "metadata.failed",
			    DG_FIELDS(DG_LOG_STR("host", flight->host),
				      DG_LOG_INT("port", flight->port),
				      DG_LOG_CSTR("why", why)),
			    "the columns of a table cannot be had");
		break;
	}
	dg_metric_add_label(DG_METRIC_METADATA_FETCH, label, 1);
	if (flight->forgotten)
		answer = DG_SQL_UNAVAILABLE;
	entry = add_entry(m, flight, answer,
			  answer == DG_SQL_FOUND ? *columns : none);
	dg_list_init(&over);
	seat_waits(&flight->seats, entry, &over);
	destroy_flight(flight);
	tell_waits(&over);
}

static struct flight *
start_flight(struct dg_metadata *m, const struct dg_target *target,
	     const struct dg_sql_name *table, struct dg_str key)
{
	struct flight *flight;

	if (m->flights.count >= FLIGHTS_MAX)
		return NULL;
	flight = DG_NEW(struct flight);
	flight->magic = FLIGHT_MAGIC;
	flight->metadata = m;
	flight->key = dg_str_dup(key);
	flight->cluster_id = target->cluster->id;
	flight->host = dg_str_dup(target->endpoint.host);
	flight->port = target->endpoint.port;
	dg_list_init(&flight->seats);
	DG_ASSERT(dg_map_put(&m->flights, flight->key, flight, NULL) == DG_OK);
	flight->query = dg_columns_query_start(m->loop, m->upstream, target,
					       table, m->config.deadline_ms,
					       on_columns, flight);
	return flight;
}

/* ---- interface --------------------------------------------------------- */

struct dg_metadata *
dg_metadata_create(struct dg_loop *loop, struct dg_upstream *upstream,
		   const struct dg_metadata_config *config)
{
	struct dg_metadata *m = DG_NEW(struct dg_metadata);

	m->magic = METADATA_MAGIC;
	m->loop = loop;
	m->upstream = upstream;
	m->config = *config;
	dg_map_init(&m->entries, NULL);
	dg_map_init(&m->flights, NULL);
	dg_list_init(&m->unused);
	return m;
}

/* Who still waits must not be called any more: the worker ends. */
static void
drop_flights(struct dg_metadata *m)
{
	struct dg_map_iter iter = {0};

	while (dg_map_next(&m->flights, &iter)) {
		struct flight *flight = iter.value;

		while (!dg_list_is_empty(&flight->seats))
			dg_list_remove(flight->seats.next);
		destroy_flight(flight);
		iter = (struct dg_map_iter){0};
	}
}

void
dg_metadata_destroy(struct dg_metadata **metadata)
{
	struct dg_metadata *m = *metadata;

	if (m == NULL)
		return;
	DG_CHECK_MAGIC(m, METADATA_MAGIC);
	drop_flights(m);
	while (!dg_list_is_empty(&m->unused))
		drop_entry(m,
			   DG_CONTAINER_OF(m->unused.next, struct entry, link));
	dg_map_fini(&m->entries);
	dg_map_fini(&m->flights);
	m->magic = 0;
	dg_free(m);
	*metadata = NULL;
}

static bool
copy_columns(const struct entry *entry, struct dg_arena *arena,
	     struct dg_sql_columns *out)
{
	struct dg_str *names =
		DG_ARENA_ARRAY(arena, struct dg_str, entry->n_names);
	char *text = dg_arena_alloc(arena, entry->text_len);
	struct dg_sql_column_index *index = NULL;

	if (names == NULL || text == NULL)
		return false;
	memcpy(text, entry->text, entry->text_len);
	for (size_t i = 0; i < entry->n_names; i++) {
		names[i] = entry->names[i];
		names[i].data = text + (entry->names[i].data - entry->text);
	}
	if (entry->index != NULL) {
		size_t size = dg_sql_column_index_size(entry->n_names);

		index = dg_arena_alloc(arena, size);
		if (index == NULL)
			return false;
		memcpy(index, entry->index, size);
	}
	*out = (struct dg_sql_columns){names, entry->n_names, index};
	return true;
}

enum dg_sql_lookup
dg_metadata_lookup(struct dg_metadata *m, const struct dg_target *target,
		   const struct dg_sql_name *table, struct dg_arena *arena,
		   struct dg_sql_columns *columns_out)
{
	char room[KEY_MAX];
	struct dg_str key = make_key(target->cluster->name, table, room);
	struct entry *entry;

	DG_CHECK_MAGIC(m, METADATA_MAGIC);
	if (key.len == 0)
		return DG_SQL_UNAVAILABLE;
	entry = find_entry(m, target, key);
	if (entry == NULL)
		return DG_SQL_PENDING;
	dg_list_remove(&entry->link);
	dg_list_append(&m->unused, &entry->link);
	if (entry->answer == DG_SQL_FOUND &&
	    !copy_columns(entry, arena, columns_out))
		return DG_SQL_UNAVAILABLE;
	return entry->answer;
}

static void
take_seat(struct dg_metadata *m, const struct dg_target *target,
	  const struct dg_sql_name *table, struct dg_metadata_wait *wait)
{
	char room[KEY_MAX];
	struct dg_str key = make_key(target->cluster->name, table, room);
	struct seat *seat = &wait->seats[wait->n_seats++];
	struct flight *flight;
	struct entry *entry;

	seat->wait = wait;
	dg_list_init(&seat->link);
	if (key.len == 0)
		return;
	entry = find_entry(m, target, key);
	if (entry != NULL) {
		dg_list_append(&entry->seats, &seat->link);
		return;
	}
	flight = dg_map_get(&m->flights, key);
	if (flight == NULL)
		flight = start_flight(m, target, table, key);
	if (flight == NULL)
		return;
	dg_list_append(&flight->seats, &seat->link);
	wait->n_left++;
}

struct dg_metadata_wait *
dg_metadata_fetch(struct dg_metadata *m, const struct dg_target *target,
		  const struct dg_sql_name *tables, size_t n_tables,
		  dg_loop_fn done, void *arg)
{
	struct dg_metadata_wait *wait =
		dg_calloc(1, sizeof(*wait) + n_tables * sizeof(struct seat));

	DG_CHECK_MAGIC(m, METADATA_MAGIC);
	wait->magic = WAIT_MAGIC;
	wait->done = done;
	wait->arg = arg;
	dg_list_init(&wait->over);
	for (size_t i = 0; i < n_tables; i++)
		take_seat(m, target, &tables[i], wait);
	if (wait->n_left == 0)
		dg_timer_start(&wait->timer, m->loop, 0, finish_wait, wait);
	return wait;
}

void
dg_metadata_cancel(struct dg_metadata_wait **wait)
{
	struct dg_metadata_wait *w = *wait;

	if (w == NULL)
		return;
	DG_CHECK_MAGIC(w, WAIT_MAGIC);
	destroy_wait(w);
	*wait = NULL;
}

void
dg_metadata_forget(struct dg_metadata *m, struct dg_str cluster,
		   const struct dg_sql_name *table)
{
	char room[KEY_MAX];
	struct dg_str key = make_key(cluster, table, room);
	struct entry *entry;
	struct flight *flight;

	DG_CHECK_MAGIC(m, METADATA_MAGIC);
	if (key.len == 0)
		return;
	entry = dg_map_get(&m->entries, key);
	if (entry != NULL)
		drop_entry(m, entry);
	flight = dg_map_get(&m->flights, key);
	if (flight != NULL)
		flight->forgotten = true;
}
