/* SPDX-License-Identifier: Apache-2.0 */
/*
 * metadata.c - who waits for the columns of which table, and whose turn it is
 * to have them fetched. columns_cache.c keeps the answers.
 *
 * A flight is a query for one table, on its way or in line; any number of
 * waits share it. A payer is a user with flights: he has AIR_MAX of them
 * under way at most, the rest in line, and payers take turns. Every wait has a
 * deadline of its own; a flight that nobody waits for any more never starts.
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
#include "metadata/columns_cache.h"
#include "metadata/columns_query.h"

enum {
	METADATA_MAGIC = 0x4d657461,
	FLIGHT_MAGIC = 0x4d65466c,
	WAIT_MAGIC = 0x4d655761,
	KEY_MAX = 1024,
	TARGET_MAX = 64 << 10,
	AIR_MAX = 8,      /* flights of one user under way */
	LINE_MAX = 256,   /* in line, before a user is sent away */
	LINES_MAX = 4096, /* the same for all of them together */
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
	struct dg_columns_cache cache;
	struct dg_map flights; /* key -> owned struct flight */
	struct dg_map payers;  /* name -> owned struct payer */
	struct dg_list turns;  /* payers of whom one may start, next first */
	size_t n_air;
	size_t n_line;
};

/* A user; exists while he has flights. */
struct payer {
	struct dg_str name;  /* owned */
	struct dg_list turn; /* in metadata.turns while he may start one */
	struct dg_list line; /* flights that are to start, in order */
	size_t n_line;
	size_t n_air;
};

/* Where the flights of one wait go: shared by them. */
struct shared_target {
	size_t refs;
	struct dg_arena *arena; /* owned; holds what target points to */
	struct dg_target target;
};

struct flight {
	uint32_t magic;
	struct dg_metadata *metadata; /* borrowed */
	struct dg_str key;            /* owned */
	struct dg_sql_name table;     /* in key */
	struct shared_target *to;     /* ref */
	struct payer *payer;
	struct dg_list place;           /* in payer.line until it starts */
	struct dg_columns_query *query; /* NULL: in line, or it has ended */
	uint64_t began_ms;              /* once it is not in line */
	struct dg_list seats;           /* of waits */
	bool forgotten; /* the table changed meanwhile: do not believe it */
};

/* A wait's place at one table. */
struct seat {
	/* In flight.seats, then entry.seats; in no list once that is gone. */
	struct dg_list link;
	struct flight *flight; /* NULL: answered */
	struct dg_metadata_wait *wait;
};

struct dg_metadata_wait {
	uint32_t magic;
	dg_loop_fn done;
	void *arg;
	size_t n_left;         /* seats in flights */
	struct dg_list over;   /* in a list while it is to be told */
	struct dg_timer timer; /* its deadline */
	size_t n_seats;
	struct seat seats[];
};

/* ---- keys -------------------------------------------------------------- */

static bool
add_part(struct dg_str *key, char room[KEY_MAX], struct dg_str part)
{
	if (key->len + part.len + 1 > KEY_MAX ||
	    dg_str_find(part, '\0', 0) < part.len)
		return false;
	memcpy(room + key->len, part.data, part.len);
	room[key->len + part.len] = '\0';
	key->len += part.len + 1;
	return true;
}

/* Empty when the names are none to remember: too long, or with a NUL. */
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

static struct dg_sql_name
table_of_key(struct dg_str key)
{
	struct dg_sql_name table = {0};
	struct dg_str cluster;
	bool whole = dg_str_split(&key, '\0', &cluster) &&
		     dg_str_split(&key, '\0', &table.catalog) &&
		     dg_str_split(&key, '\0', &table.schema) &&
		     dg_str_split(&key, '\0', &table.table);

	DG_ASSERT(whole);
	return table;
}

/* ---- targets ----------------------------------------------------------- */

static struct shared_target *
share_target(const struct dg_target *target)
{
	struct shared_target *to = DG_NEW(struct shared_target);

	to->refs = 1;
	to->arena = dg_arena_create(TARGET_MAX);
	if (dg_target_copy(target, to->arena, &to->target) == DG_OK)
		return to;
	dg_arena_destroy(&to->arena);
	dg_free(to);
	return NULL;
}

static void
unref_target(struct shared_target *to)
{
	if (--to->refs > 0)
		return;
	dg_arena_destroy(&to->arena);
	dg_free(to);
}

/* ---- payers ------------------------------------------------------------ */

static struct payer *
get_payer(struct dg_metadata *m, struct dg_str name)
{
	struct payer *payer = dg_map_get(&m->payers, name);

	if (payer != NULL)
		return payer;
	payer = DG_NEW(struct payer);
	payer->name = dg_str_dup(name);
	dg_list_init(&payer->turn);
	dg_list_init(&payer->line);
	DG_ASSERT(dg_map_put(&m->payers, payer->name, payer, NULL) == DG_OK);
	return payer;
}

/* After any change to his flights; may destroy him. */
static void
settle_payer(struct dg_metadata *m, struct payer *payer)
{
	bool may_start = payer->n_line > 0 && payer->n_air < AIR_MAX;

	if (may_start && !dg_list_is_linked(&payer->turn))
		dg_list_append(&m->turns, &payer->turn);
	else if (!may_start)
		dg_list_remove(&payer->turn);
	if (payer->n_line > 0 || payer->n_air > 0)
		return;
	(void)dg_map_remove(&m->payers, payer->name);
	dg_str_free(&payer->name);
	dg_free(payer);
}

static void
join_line(struct flight *flight, struct payer *payer)
{
	flight->payer = payer;
	dg_list_append(&payer->line, &flight->place);
	payer->n_line++;
	flight->metadata->n_line++;
}

static void
leave_line(struct flight *flight)
{
	dg_list_remove(&flight->place);
	flight->payer->n_line--;
	flight->metadata->n_line--;
}

static bool
is_in_line(const struct flight *flight)
{
	return dg_list_is_linked(&flight->place);
}

/* ---- waits ------------------------------------------------------------- */

static void destroy_flight(struct flight *flight);

static void
leave_seat(struct seat *seat)
{
	struct flight *flight = seat->flight;

	dg_list_remove(&seat->link);
	seat->flight = NULL;
	if (flight != NULL && is_in_line(flight) &&
	    dg_list_is_empty(&flight->seats))
		destroy_flight(flight);
}

static void
destroy_wait(struct dg_metadata_wait *wait)
{
	for (size_t i = 0; i < wait->n_seats; i++)
		leave_seat(&wait->seats[i]);
	dg_list_remove(&wait->over);
	dg_timer_fini(&wait->timer);
	wait->magic = 0;
	dg_free(wait);
}

/*
 * Everything is there, or it is too late for the rest. Seats are kept until
 * the callback is over: it looks at the answers.
 */
static void
finish_wait(void *arg)
{
	struct dg_metadata_wait *wait = arg;

	DG_CHECK_MAGIC(wait, WAIT_MAGIC);
	wait->done(wait->arg);
	destroy_wait(wait);
}

/* ---- flights ----------------------------------------------------------- */

static struct flight *
create_flight(struct dg_metadata *m, struct dg_str key,
	      struct shared_target *to, struct payer *payer)
{
	struct flight *flight = DG_NEW(struct flight);

	flight->magic = FLIGHT_MAGIC;
	flight->metadata = m;
	flight->key = dg_str_dup(key);
	flight->table = table_of_key(flight->key);
	flight->to = to;
	to->refs++;
	dg_list_init(&flight->place);
	dg_list_init(&flight->seats);
	join_line(flight, payer);
	DG_ASSERT(dg_map_put(&m->flights, flight->key, flight, NULL) == DG_OK);
	return flight;
}

/* Also ends its payer, when it was his last. */
static void
destroy_flight(struct flight *flight)
{
	struct dg_metadata *m = flight->metadata;

	DG_ASSERT(dg_list_is_empty(&flight->seats));
	if (is_in_line(flight)) {
		leave_line(flight);
	} else {
		flight->payer->n_air--;
		m->n_air--;
	}
	settle_payer(m, flight->payer);
	(void)dg_map_remove(&m->flights, flight->key);
	dg_columns_query_cancel(&flight->query);
	unref_target(flight->to);
	dg_str_free(&flight->key);
	flight->magic = 0;
	dg_free(flight);
}

/* Moves the waits of a flight to its answer; who misses nothing is over. */
static void
seat_waits(struct dg_list *waiting, struct dg_columns_entry *entry,
	   struct dg_list *over)
{
	while (!dg_list_is_empty(waiting)) {
		struct seat *seat =
			DG_CONTAINER_OF(waiting->next, struct seat, link);

		dg_list_remove(&seat->link);
		seat->flight = NULL;
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

static uint64_t
life_of(const struct dg_metadata *m, enum dg_sql_lookup answer)
{
	switch (answer) {
	case DG_SQL_FOUND:
	case DG_SQL_NO_VIEW:
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

static enum dg_sql_lookup
judge_result(const struct flight *flight, enum dg_columns_result result,
	     const char *why, const char *detail)
{
	switch (result) {
	case DG_COLUMNS_FOUND:
		dg_metric_add_label(DG_METRIC_METADATA_FETCH, FETCH_METRIC_OK,
				    1);
		return DG_SQL_FOUND;
	case DG_COLUMNS_ABSENT:
		dg_metric_add_label(DG_METRIC_METADATA_FETCH,
				    FETCH_METRIC_MISSING, 1);
		return DG_SQL_ABSENT;
	case DG_COLUMNS_NO_VIEW:
		dg_metric_add_label(DG_METRIC_METADATA_FETCH, FETCH_METRIC_OK,
				    1);
		return DG_SQL_NO_VIEW;
	case DG_COLUMNS_FAILED:
		break;
	}
	dg_metric_add_label(DG_METRIC_METADATA_FETCH, FETCH_METRIC_FAILED, 1);
	dg_log_warn(
		NULL, "metadata.failed",
		DG_FIELDS(DG_LOG_STR("host", flight->to->target.endpoint.host),
			  DG_LOG_INT("port", flight->to->target.endpoint.port),
			  DG_LOG_STR("catalog", flight->table.catalog),
			  DG_LOG_STR("schema", flight->table.schema),
			  DG_LOG_STR("table", flight->table.table),
			  DG_LOG_CSTR("why", why),
			  DG_LOG_CSTR("detail", detail)),
		"the columns of a table cannot be had");
	return DG_SQL_UNAVAILABLE;
}

static void start_query(struct flight *flight);
static void start_flights(struct dg_metadata *m);

static void
on_columns(void *arg, enum dg_columns_result result,
	   const struct dg_sql_columns *columns, const char *why,
	   const char *detail)
{
	struct flight *flight = arg;
	struct dg_metadata *m = flight->metadata;
	struct dg_columns_entry *entry;
	struct dg_list over;
	enum dg_sql_lookup answer;

	DG_CHECK_MAGIC(flight, FLIGHT_MAGIC);
	flight->query = NULL;
	answer = judge_result(flight, result, why, detail);
	if (flight->forgotten && !dg_list_is_empty(&flight->seats)) {
		/* Those who wait have deadlines, so this ends. */
		flight->forgotten = false;
		flight->began_ms = dg_clock_mono_ms();
		start_query(flight);
		return;
	}
	dg_list_init(&over);
	if (!flight->forgotten) {
		entry = dg_columns_cache_put(&m->cache, &flight->to->target,
					     flight->key, answer, columns);
		entry->why = dg_str_dup(dg_str_from_cstr(why));
		entry->expires_ms =
			dg_clock_mono_ms() + life_of(m, entry->answer);
		seat_waits(&flight->seats, entry, &over);
	}
	destroy_flight(flight);
	start_flights(m);
	tell_waits(&over);
}

static void
start_query(struct flight *flight)
{
	struct dg_metadata *m = flight->metadata;

	flight->query = dg_columns_query_start(
		m->loop, m->upstream, &flight->to->target, &flight->table,
		m->config.deadline_ms, on_columns, flight);
}

static void
start_flights(struct dg_metadata *m)
{
	while (m->n_air < m->config.max_flights &&
	       !dg_list_is_empty(&m->turns)) {
		struct payer *payer =
			DG_CONTAINER_OF(m->turns.next, struct payer, turn);
		struct flight *flight =
			DG_CONTAINER_OF(payer->line.next, struct flight, place);

		dg_list_remove(&payer->turn);
		leave_line(flight);
		payer->n_air++;
		m->n_air++;
		flight->began_ms = dg_clock_mono_ms();
		settle_payer(m, payer);
		start_query(flight);
	}
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
	dg_columns_cache_init(&m->cache, config->max_tables, config->max_bytes);
	dg_map_init(&m->flights, NULL);
	dg_map_init(&m->payers, NULL);
	dg_list_init(&m->turns);
	return m;
}

/* Who still waits must not be called any more: the worker ends. */
static void
drop_flights(struct dg_metadata *m)
{
	struct dg_map_iter iter = {0};

	while (dg_map_next(&m->flights, &iter)) {
		struct flight *flight = iter.value;

		while (!dg_list_is_empty(&flight->seats)) {
			struct seat *seat = DG_CONTAINER_OF(flight->seats.next,
							    struct seat, link);

			dg_list_remove(&seat->link);
			seat->flight = NULL;
			dg_timer_cancel(&seat->wait->timer);
		}
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
	DG_ASSERT(m->payers.count == 0 && m->n_air == 0 && m->n_line == 0);
	dg_columns_cache_fini(&m->cache);
	dg_map_fini(&m->flights);
	dg_map_fini(&m->payers);
	m->magic = 0;
	dg_free(m);
	*metadata = NULL;
}

enum dg_sql_lookup
dg_metadata_lookup(struct dg_metadata *m, const struct dg_target *target,
		   const struct dg_sql_name *table, struct dg_arena *arena,
		   struct dg_sql_columns *columns_out)
{
	char room[KEY_MAX];
	struct dg_str key = make_key(target->cluster->name, table, room);
	struct dg_columns_entry *entry;

	DG_CHECK_MAGIC(m, METADATA_MAGIC);
	if (key.len == 0) {
		columns_out->why = DG_STR("its name is too long to ask for");
		return DG_SQL_UNAVAILABLE;
	}
	entry = dg_columns_cache_find(&m->cache, target, key);
	if (entry == NULL)
		return DG_SQL_PENDING;
	dg_columns_cache_touch(&m->cache, entry);
	if (entry->answer == DG_SQL_UNAVAILABLE)
		columns_out->why = dg_arena_printf(
			arena, "asking its coordinator failed (%.*s)",
			DG_STR_ARG(entry->why));
	if (entry->answer == DG_SQL_FOUND &&
	    !dg_columns_cache_copy(entry, arena, columns_out))
		return DG_SQL_PENDING;
	return entry->answer;
}

bool
dg_metadata_is_crowded_out(struct dg_metadata *m,
			   const struct dg_target *target,
			   const struct dg_sql_name *table)
{
	char room[KEY_MAX];
	struct dg_str key = make_key(target->cluster->name, table, room);
	const struct flight *flight = NULL;

	DG_CHECK_MAGIC(m, METADATA_MAGIC);
	if (key.len > 0)
		flight = dg_map_get(&m->flights, key);
	/* None: its answer came, and was dropped, or found no room. */
	return flight == NULL || is_in_line(flight) ||
	       dg_clock_mono_ms() - flight->began_ms <
		       m->config.deadline_ms / 2;
}

/*
 * Somebody else has the table in his line: it comes over to where it will be
 * sooner, so that a long line holds up nobody but its owner.
 */
static void
share_flight(struct flight *flight, struct payer *payer)
{
	struct payer *owner = flight->payer;

	if (owner == payer || !is_in_line(flight) ||
	    payer->n_line >= owner->n_line)
		return;
	leave_line(flight);
	join_line(flight, payer);
	settle_payer(flight->metadata, owner);
}

static void
take_seat(struct dg_metadata *m, struct shared_target *to,
	  const struct dg_sql_name *table, struct payer *payer,
	  struct dg_metadata_wait *wait)
{
	char room[KEY_MAX];
	struct dg_str key = make_key(to->target.cluster->name, table, room);
	struct seat *seat = &wait->seats[wait->n_seats++];
	struct dg_columns_entry *entry;

	seat->wait = wait;
	dg_list_init(&seat->link);
	if (key.len == 0)
		return;
	entry = dg_columns_cache_find(&m->cache, &to->target, key);
	if (entry != NULL) {
		dg_list_append(&entry->seats, &seat->link);
		return;
	}
	seat->flight = dg_map_get(&m->flights, key);
	if (seat->flight == NULL)
		seat->flight = create_flight(m, key, to, payer);
	else
		share_flight(seat->flight, payer);
	dg_list_append(&seat->flight->seats, &seat->link);
	wait->n_left++;
}

static void
take_seats(struct dg_metadata *m, const struct dg_metadata_request *request,
	   struct shared_target *to, struct dg_metadata_wait *wait)
{
	struct payer *payer = get_payer(m, request->user);

	for (size_t i = 0; i < request->n_tables; i++)
		take_seat(m, to, &request->tables[i], payer, wait);
	settle_payer(m, payer);
	start_flights(m);
}

static bool
is_line_full(const struct dg_metadata *m, struct dg_str user)
{
	const struct payer *payer = dg_map_get(&m->payers, user);

	return m->n_line >= LINES_MAX ||
	       (payer != NULL && payer->n_line >= LINE_MAX);
}

struct dg_metadata_wait *
dg_metadata_fetch(struct dg_metadata *m,
		  const struct dg_metadata_request *request, dg_loop_fn done,
		  void *arg)
{
	struct dg_metadata_wait *wait;
	struct shared_target *to;

	DG_CHECK_MAGIC(m, METADATA_MAGIC);
	if (is_line_full(m, request->user))
		return NULL;
	to = share_target(request->target);
	if (to == NULL)
		return NULL;
	wait = dg_calloc(1, sizeof(*wait) +
				    request->n_tables * sizeof(struct seat));
	wait->magic = WAIT_MAGIC;
	wait->done = done;
	wait->arg = arg;
	dg_list_init(&wait->over);
	take_seats(m, request, to, wait);
	unref_target(to);
	dg_timer_start(&wait->timer, m->loop,
		       wait->n_left == 0 ? 0 : request->deadline_ms,
		       finish_wait, wait);
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
	struct flight *flight;

	DG_CHECK_MAGIC(m, METADATA_MAGIC);
	if (key.len == 0)
		return;
	dg_columns_cache_forget(&m->cache, key);
	flight = dg_map_get(&m->flights, key);
	if (flight != NULL && !is_in_line(flight))
		flight->forgotten = true;
}

void
dg_metadata_forget_all(struct dg_metadata *m)
{
	struct dg_map_iter iter = {0};

	DG_CHECK_MAGIC(m, METADATA_MAGIC);
	dg_columns_cache_clear(&m->cache);
	while (dg_map_next(&m->flights, &iter)) {
		struct flight *flight = iter.value;

		flight->forgotten = !is_in_line(flight);
	}
}
