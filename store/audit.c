/* SPDX-License-Identifier: Apache-2.0 */
/*
 * audit.c - group commit of audit records.
 *
 * Records wait in one queue, in order. At most one batch is in flight: all
 * that came in meanwhile goes into the next, as one statement, hence one
 * transaction. A record leaves the queue only when it is committed, was
 * refused by Postgres by itself, or the writer is destroyed; so its callback
 * runs exactly once. With a spool, a record is answered for as well when it is
 * on disk, where it goes while there is no connection, on a thread that may
 * wait for the disk; what is there comes back into the queue, a batch at a
 * time, when there is one. So a batch is in flight to Postgres or to the disk,
 * and while it is to the disk only that thread touches the spool.
 * After a lost connection the batch is sent again: records
 * are known by their statement, and repetitions are ignored.
 */
#include <inttypes.h>
#include <stdio.h>

#include "audit_spool.h"
#include "base/assert.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/metrics.h"
#include "base/offload.h"
#include "store/store.h"

enum {
	AUDIT_MAGIC = 0x41756474,
	BATCH_MAX_RECORDS = 500,
	BATCH_MAX_BYTES = 8 << 20,
	RECORD_MAX_BYTES = 4 << 20,
	RETRY_MS = 500,
	CONNECT_TIMEOUT_MS = 10000,
	QUERY_TIMEOUT_MS = 30000,
};

struct record {
	struct dg_list link; /* in queue */
	bool is_end;
	bool is_spooled;        /* it is on disk, nobody waits */
	struct dg_str json;     /* owned */
	dg_store_audit_fn done; /* may be NULL */
	void *arg;
};

/* A batch on its way to disk; the thread's from submit to on_spooled. */
struct spooling {
	struct dg_audit_spool *spool; /* borrowed */
	struct dg_buf lines;
	enum dg_rc rc; /* CLOSED until it was tried */
	struct dg_error err;
};

struct dg_store_audit {
	uint32_t magic;
	struct dg_loop *loop; /* borrowed */
	struct dg_pg *pg;     /* owned */
	struct dg_timer retry;
	struct dg_list queue; /* records; those in flight are the first ones */
	size_t n_queued;
	size_t queue_max;
	size_t n_in_flight;
	bool one_by_one; /* a batch was refused: which record is it? */
	bool closing;
	struct dg_audit_spool *spool; /* owned; NULL: none */
	size_t n_spooled;             /* of the queue, those from it */
	struct dg_offload *disk;      /* owned; one thread; NULL: no spool */
	bool is_spooling;             /* what is in flight goes to disk */
	struct spooling spooling;
};

static void send_batch(struct dg_store_audit *audit);

static const char insert_sql[] =
	"WITH decisions AS ("
	"INSERT INTO datagateway.audit_decision (statement_id, at, principal,"
	" session_user_name, client_address, source, cluster, statement, text,"
	" access, decision, rule_id, reason, policy_version, replica,"
	" fingerprint) "
	"SELECT id, 'epoch'::timestamptz + at * interval '1 microsecond',"
	" principal, session_user_name, client_address, source, cluster,"
	" statement, text, access, decision, nullif(rule_id, 0), reason,"
	" policy_version, replica, fingerprint "
	"FROM jsonb_to_recordset($1::jsonb) AS x (id text, at bigint,"
	" principal text, session_user_name text, client_address text,"
	" source text, cluster text, statement text, text text, access jsonb,"
	" decision text, rule_id bigint, reason text, policy_version bigint,"
	" replica text, fingerprint text) "
	"ON CONFLICT (statement_id, at) DO NOTHING) "
	"INSERT INTO datagateway.audit_end (statement_id, started_at,"
	" query_id, at, duration_ms, state, error_name, rows, bytes) "
	"SELECT id,"
	" 'epoch'::timestamptz + started * interval '1 microsecond', query_id,"
	" 'epoch'::timestamptz + at * interval '1 microsecond', duration_ms,"
	" state, error_name, nullif(rows, -1), bytes "
	"FROM jsonb_to_recordset($2::jsonb) AS x (id text,"
	" started bigint, query_id text, at bigint, duration_ms bigint, state "
	"text, error_name text,"
	" rows bigint, bytes bigint) "
	"ON CONFLICT (statement_id, started_at) DO NOTHING";

/* ---- records as JSON ---------------------------------------------------- */

/* Postgres keeps no NUL in text. */
static void
put_text(struct dg_json_writer *w, const char *key, struct dg_str s)
{
	char *copy;

	dg_json_key(w, key);
	if (s.len == 0 || memchr(s.data, '\0', s.len) == NULL) {
		dg_json_put_str(w, s);
		return;
	}
	copy = DG_NEW_ARRAY(char, s.len);
	for (size_t i = 0; i < s.len; i++)
		copy[i] = s.data[i] == '\0' ? '?' : s.data[i];
	dg_json_put_str(w, dg_str_make(copy, s.len));
	dg_free(copy);
}

static void
put_number(struct dg_json_writer *w, const char *key, int64_t n)
{
	dg_json_key(w, key);
	dg_json_put_int(w, n);
}

/* What is not JSON after all is kept as a text: it must not be lost. */
static void
put_access(struct dg_json_writer *w, struct dg_str json)
{
	struct dg_json *parsed = NULL;

	if (json.len == 0) {
		dg_json_key(w, "access");
		dg_json_put_null(w);
	} else if (dg_json_parse(json, RECORD_MAX_BYTES, &parsed, NULL) ==
		   DG_OK) {
		dg_json_key(w, "access");
		dg_json_put_raw(w, json);
	} else {
		put_text(w, "access", json);
	}
	dg_json_destroy(&parsed);
}

/* As people find it elsewhere; 0: there is none. */
static void
put_fingerprint(struct dg_json_writer *w, uint64_t fingerprint)
{
	char text[20] = "";

	if (fingerprint != 0)
		(void)snprintf(text, sizeof(text), "%016" PRIx64, fingerprint);
	dg_json_key(w, "fingerprint");
	dg_json_put_cstr(w, text);
}

static void
write_decision(struct dg_json_writer *w,
	       const struct dg_store_audit_decision *d)
{
	dg_json_object_open(w);
	put_text(w, "id", d->statement_id);
	put_number(w, "at", d->at_us);
	put_text(w, "principal", d->principal);
	put_text(w, "session_user_name", d->session_user);
	put_text(w, "client_address", d->client_address);
	put_text(w, "source", d->source);
	put_text(w, "cluster", d->cluster);
	put_text(w, "statement", d->statement);
	put_text(w, "text", d->text);
	put_access(w, d->access_json);
	put_text(w, "decision", d->decision);
	put_number(w, "rule_id", d->rule_id);
	put_text(w, "reason", d->reason);
	put_number(w, "policy_version", d->policy_version);
	put_text(w, "replica", d->replica);
	put_fingerprint(w, d->fingerprint);
	dg_json_object_close(w);
}

static void
write_end(struct dg_json_writer *w, const struct dg_store_audit_end *e)
{
	dg_json_object_open(w);
	put_text(w, "id", e->statement_id);
	put_number(w, "started", e->started_us);
	put_text(w, "query_id", e->query_id);
	put_number(w, "at", e->at_us);
	put_number(w, "duration_ms", e->duration_ms);
	put_text(w, "state", e->state);
	put_text(w, "error_name", e->error_name);
	put_number(w, "rows", e->rows);
	put_number(w, "bytes", e->bytes);
	dg_json_object_close(w);
}

/* ---- the queue ---------------------------------------------------------- */

static struct record *
first_record(struct dg_store_audit *audit)
{
	return DG_CONTAINER_OF(audit->queue.next, struct record, link);
}

/* Takes the record out of the queue and answers. May destroy audit. */
static void
answer(struct dg_store_audit *audit, struct record *r, enum dg_rc rc)
{
	dg_store_audit_fn done = r->done;
	void *arg = r->arg;

	dg_list_remove(&r->link);
	audit->n_queued--;
	audit->n_spooled -= r->is_spooled;
	dg_str_free(&r->json);
	dg_free(r);
	if (done != NULL)
		done(arg, rc);
}

static void
on_retry(void *arg)
{
	struct dg_store_audit *audit = arg;

	DG_CHECK_MAGIC(audit, AUDIT_MAGIC);
	send_batch(audit);
}

/* Postgres said no to what was in flight. */
static void
on_refused(struct dg_store_audit *audit, enum dg_rc rc,
	   const struct dg_error *err)
{
	if (audit->n_in_flight > 1) {
		audit->one_by_one = true;
		audit->n_in_flight = 0;
		send_batch(audit);
		return;
	}
	dg_log_error(NULL, "audit.record_refused",
		     DG_FIELDS(DG_LOG_CSTR("code", dg_rc_name(rc))),
		     "Postgres refused an audit record: %s", err->text);
	audit->n_in_flight = 0;
	answer(audit, first_record(audit), rc);
	if (!audit->closing)
		send_batch(audit);
}

static void
on_committed(struct dg_store_audit *audit)
{
	size_t n = audit->n_in_flight;

	/* Looking for the culprit goes on as long as what it was among. */
	audit->n_in_flight = 0;
	if (audit->one_by_one && audit->n_queued == n)
		audit->one_by_one = false;
	for (; n > 0 && !audit->closing; n--)
		answer(audit, first_record(audit), DG_OK);
	if (!audit->closing)
		send_batch(audit);
}

static void
on_inserted(void *arg, enum dg_rc rc,
	    const struct dg_pg_result *result DG_UNUSED,
	    const struct dg_error *err)
{
	struct dg_store_audit *audit = arg;

	DG_CHECK_MAGIC(audit, AUDIT_MAGIC);
	if (audit->closing)
		return; /* destroy answers */
	switch (rc) {
	case DG_OK:
		on_committed(audit);
		return;
	case DG_ERR_INVALID:
	case DG_ERR_CONFLICT:
	case DG_ERR_LIMIT:
		on_refused(audit, rc, err);
		return;
	case DG_ERR_NOT_FOUND:
	case DG_ERR_DENIED:
	case DG_ERR_UNSUPPORTED:
	case DG_ERR_IO:
	case DG_ERR_TIMEOUT:
	case DG_ERR_UNAVAILABLE:
	case DG_ERR_CLOSED:
	case DG_ERR_INTERNAL:
		break;
	}
	dg_log_warn(NULL, "audit.write_failed",
		    DG_FIELDS(DG_LOG_CSTR("code", dg_rc_name(rc)),
			      DG_LOG_INT("waiting", audit->n_queued)),
		    "audit records were not written yet: %s", err->text);
	audit->n_in_flight = 0;
	dg_timer_start(&audit->retry, audit->loop, RETRY_MS, on_retry, audit);
}

static enum dg_rc
append(struct dg_buf *out, struct dg_str json)
{
	enum dg_rc rc = DG_OK;

	if (dg_buf_len(out) > 1)
		rc = dg_buf_append_char(out, ',');
	return rc == DG_OK ? dg_buf_append(out, json) : rc;
}

/* As many records as go into one statement; at least one. */
static size_t
fill_batch(struct dg_store_audit *audit, struct dg_buf *decisions,
	   struct dg_buf *ends)
{
	size_t max = audit->one_by_one ? 1 : BATCH_MAX_RECORDS;
	size_t bytes = 0;
	size_t n = 0;
	struct dg_list *it;
	struct dg_list *tmp;

	DG_LIST_FOREACH (it, tmp, &audit->queue) {
		struct record *r = DG_CONTAINER_OF(it, struct record, link);

		bytes += r->json.len + 1;
		if (n == max || (n > 0 && bytes > BATCH_MAX_BYTES))
			break;
		/* Two buffers of twice the size: there is always room. */
		DG_ASSERT(append(r->is_end ? ends : decisions, r->json) ==
			  DG_OK);
		n++;
	}
	return n;
}

/* ---- on disk ------------------------------------------------------------ */

/* "d" or "e" and the JSON, a line each, of what is in the queue; how many. */
static size_t
fill_lines(struct dg_store_audit *audit, struct dg_buf *lines)
{
	struct dg_list *it;
	struct dg_list *tmp;
	size_t n = 0;

	DG_LIST_FOREACH (it, tmp, &audit->queue) {
		struct record *r = DG_CONTAINER_OF(it, struct record, link);

		if (n == BATCH_MAX_RECORDS ||
		    (n > 0 &&
		     dg_buf_len(lines) + r->json.len > BATCH_MAX_BYTES))
			break;
		DG_ASSERT(memchr(r->json.data, '\n', r->json.len) == NULL);
		DG_ASSERT(dg_buf_append_char(lines, r->is_end ? 'e' : 'd') ==
				  DG_OK &&
			  dg_buf_append(lines, r->json) == DG_OK &&
			  dg_buf_append_char(lines, '\n') == DG_OK);
		n++;
	}
	return n;
}

/* What had come from the disk is there still, and comes again. */
static void
forget_spooled(struct dg_store_audit *audit)
{
	struct dg_list *it;
	struct dg_list *tmp;

	dg_audit_spool_rewind(audit->spool);
	DG_LIST_FOREACH (it, tmp, &audit->queue) {
		struct record *r = DG_CONTAINER_OF(it, struct record, link);

		if (r->is_spooled)
			answer(audit, r, DG_OK);
	}
}

/* The disk's thread. */
static void
write_spool(void *arg)
{
	struct spooling *job = arg;

	job->rc = dg_audit_spool_append(job->spool, dg_buf_peek(&job->lines),
					&job->err);
}

/* The spool is the loop's again; whether the batch is on disk. */
static enum dg_rc
end_spooling(struct dg_store_audit *audit)
{
	audit->is_spooling = false;
	dg_buf_fini(&audit->spooling.lines);
	dg_metric_set(DG_METRIC_AUDIT_SPOOL_BYTES,
		      (int64_t)dg_audit_spool_bytes(audit->spool));
	return audit->spooling.rc;
}

static void
on_spooled(void *arg)
{
	struct spooling *job = arg;
	struct dg_store_audit *audit =
		DG_CONTAINER_OF(job, struct dg_store_audit, spooling);
	size_t n = audit->n_in_flight;
	enum dg_rc rc;

	DG_CHECK_MAGIC(audit, AUDIT_MAGIC);
	rc = end_spooling(audit);
	audit->n_in_flight = 0;
	if (rc != DG_OK) {
		dg_log_warn(NULL, "audit.spool_failed",
			    DG_FIELDS(DG_LOG_INT("waiting", audit->n_queued)),
			    "audit records wait for Postgres: %s",
			    job->err.text);
		dg_timer_start(&audit->retry, audit->loop, RETRY_MS, on_retry,
			       audit);
		return;
	}
	for (; n > 0 && !audit->closing; n--)
		answer(audit, first_record(audit), DG_OK);
	if (!audit->closing)
		send_batch(audit);
}

/* Without a connection: to disk, then they are answered for. */
static void
spool_queue(struct dg_store_audit *audit)
{
	struct spooling *job = &audit->spooling;

	if (audit->spool == NULL)
		return;
	forget_spooled(audit);
	if (audit->closing || dg_list_is_empty(&audit->queue))
		return;
	*job = (struct spooling){.spool = audit->spool, .rc = DG_ERR_CLOSED};
	dg_buf_init(&job->lines, 2 * BATCH_MAX_BYTES);
	audit->n_in_flight = fill_lines(audit, &job->lines);
	audit->is_spooling = true;
	/* The thread has one job at a time: there is room for it. */
	DG_ASSERT(dg_offload_submit(audit->disk, 0, write_spool, on_spooled,
				    job, audit->loop) == DG_OK);
}

static void
take_spooled(struct dg_store_audit *audit, struct dg_str batch)
{
	struct dg_str line;

	while (dg_str_split(&batch, '\n', &line)) {
		struct record *r;

		if (line.len < 2)
			continue;
		r = DG_NEW(struct record);
		r->is_end = line.data[0] == 'e';
		r->is_spooled = true;
		r->json = dg_str_dup(dg_str_slice(line, 1, line.len));
		dg_list_append(&audit->queue, &r->link);
		audit->n_queued++;
		audit->n_spooled++;
	}
}

/* With a connection, and nothing from the disk left in the queue. */
static void
read_spool(struct dg_store_audit *audit)
{
	struct dg_str batch = DG_STR_EMPTY;
	struct dg_error err;
	bool at_end = false;

	if (audit->spool == NULL || audit->n_spooled > 0)
		return;
	while (audit->n_spooled == 0 &&
	       !dg_audit_spool_is_empty(audit->spool)) {
		if (dg_audit_spool_next(audit->spool, &batch, &at_end, &err) !=
		    DG_OK)
			continue; /* put aside */
		if (at_end)
			dg_audit_spool_forget(audit->spool);
		else
			take_spooled(audit, batch);
	}
	dg_metric_set(DG_METRIC_AUDIT_SPOOL_BYTES,
		      (int64_t)dg_audit_spool_bytes(audit->spool));
}

static void
send_batch(struct dg_store_audit *audit)
{
	struct dg_buf decisions;
	struct dg_buf ends;
	struct dg_str params[2];
	enum dg_rc rc;

	if (audit->n_in_flight > 0)
		return;
	if (!dg_pg_is_connected(audit->pg)) {
		spool_queue(audit);
		return;
	}
	read_spool(audit);
	if (dg_list_is_empty(&audit->queue))
		return;
	dg_timer_cancel(&audit->retry);
	dg_buf_init(&decisions, 2 * BATCH_MAX_BYTES);
	dg_buf_init(&ends, 2 * BATCH_MAX_BYTES);
	DG_ASSERT(dg_buf_append_char(&decisions, '[') == DG_OK);
	DG_ASSERT(dg_buf_append_char(&ends, '[') == DG_OK);
	audit->n_in_flight = fill_batch(audit, &decisions, &ends);
	DG_ASSERT(dg_buf_append_char(&decisions, ']') == DG_OK);
	DG_ASSERT(dg_buf_append_char(&ends, ']') == DG_OK);
	params[0] = dg_buf_peek(&decisions);
	params[1] = dg_buf_peek(&ends);
	rc = dg_pg_query(audit->pg, insert_sql, params, 2, on_inserted, audit);
	dg_buf_fini(&decisions);
	dg_buf_fini(&ends);
	if (rc != DG_OK) {
		audit->n_in_flight = 0;
		dg_timer_start(&audit->retry, audit->loop, RETRY_MS, on_retry,
			       audit);
	}
}

static void
on_kick(void *arg)
{
	struct dg_store_audit *audit = arg;

	DG_CHECK_MAGIC(audit, AUDIT_MAGIC);
	if (!audit->closing)
		send_batch(audit);
}

/* False where the queue is full or closing: then json holds nothing. */
static bool
begin_record(struct dg_store_audit *audit, struct dg_buf *json,
	     struct dg_json_writer *w)
{
	DG_CHECK_MAGIC(audit, AUDIT_MAGIC);
	if (audit->n_queued - audit->n_spooled >= audit->queue_max ||
	    audit->closing)
		return false;
	dg_buf_init(json, RECORD_MAX_BYTES);
	dg_json_begin(w, json);
	return true;
}

/* Between the tokens of JSON, where alone they can be: records are lines. */
static void
make_line(struct dg_str json)
{
	char *at = (char *)(uintptr_t)json.data; /* ours, not yet shared */

	for (size_t i = 0; i < json.len; i++)
		if (at[i] == '\n')
			at[i] = ' ';
}

static enum dg_rc
enqueue(struct dg_store_audit *audit, bool is_end, struct dg_buf *json,
	enum dg_rc written, dg_store_audit_fn done, void *arg)
{
	struct record *r;

	if (written != DG_OK) {
		dg_buf_fini(json);
		return DG_ERR_LIMIT;
	}
	r = DG_NEW(struct record);
	r->is_end = is_end;
	r->json = dg_str_dup(dg_buf_peek(json));
	r->done = done;
	r->arg = arg;
	dg_buf_fini(json);
	make_line(r->json);
	dg_list_append(&audit->queue, &r->link);
	/* Not at once: what comes in during this dispatch goes along. */
	if (++audit->n_queued == 1)
		dg_loop_defer(audit->loop, on_kick, audit);
	return DG_OK;
}

enum dg_rc
dg_store_audit_decision(struct dg_store_audit *audit,
			const struct dg_store_audit_decision *record,
			dg_store_audit_fn done, void *arg)
{
	struct dg_json_writer w;
	struct dg_buf json;

	if (!begin_record(audit, &json, &w))
		return DG_ERR_UNAVAILABLE;
	write_decision(&w, record);
	return enqueue(audit, false, &json, dg_json_finish(&w), done, arg);
}

enum dg_rc
dg_store_audit_end(struct dg_store_audit *audit,
		   const struct dg_store_audit_end *record,
		   dg_store_audit_fn done, void *arg)
{
	struct dg_json_writer w;
	struct dg_buf json;

	if (!begin_record(audit, &json, &w))
		return DG_ERR_UNAVAILABLE;
	write_end(&w, record);
	return enqueue(audit, true, &json, dg_json_finish(&w), done, arg);
}

/* ---- life --------------------------------------------------------------- */

static void
on_state(void *arg, bool connected DG_UNUSED, const char *why DG_UNUSED)
{
	struct dg_store_audit *audit = arg;

	DG_CHECK_MAGIC(audit, AUDIT_MAGIC);
	if (!audit->closing)
		send_batch(audit);
}

struct dg_store_audit *
dg_store_audit_create(struct dg_loop *loop,
		      const struct dg_store_audit_config *config)
{
	static const struct dg_offload_config disk = {.threads = 1,
						      .queue_max = 1};
	struct dg_store_audit *audit = DG_NEW(struct dg_store_audit);
	struct dg_pg_config pg = {
		.name = "audit",
		.conninfo = config->conninfo,
		.connect_timeout_ms = CONNECT_TIMEOUT_MS,
		.query_timeout_ms = QUERY_TIMEOUT_MS,
		.queue_max = 1,
		.fail_fast = true,
		.on_state = on_state,
		.arg = audit,
	};

	DG_ASSERT(config->queue_max > 0);
	audit->magic = AUDIT_MAGIC;
	audit->loop = loop;
	audit->queue_max = config->queue_max;
	audit->spool = config->spool;
	if (audit->spool != NULL)
		audit->disk = dg_offload_create(&disk);
	dg_list_init(&audit->queue);
	audit->pg = dg_pg_create(loop, &pg);
	return audit;
}

static void
release(void *arg)
{
	struct dg_store_audit *audit = arg;

	dg_timer_fini(&audit->retry);
	dg_audit_spool_close(&audit->spool);
	audit->magic = 0;
	dg_free(audit);
}

/* Waits for the disk; what is on it is answered for. */
static void
stop_spooling(struct dg_store_audit *audit)
{
	size_t n = audit->n_in_flight;

	dg_offload_destroy(&audit->disk);
	dg_loop_forget(audit->loop, on_spooled, &audit->spooling);
	if (!audit->is_spooling || end_spooling(audit) != DG_OK)
		return;
	for (; n > 0; n--)
		answer(audit, first_record(audit), DG_OK);
}

void
dg_store_audit_destroy(struct dg_store_audit **audit)
{
	struct dg_store_audit *a = *audit;

	*audit = NULL;
	if (a == NULL)
		return;
	DG_CHECK_MAGIC(a, AUDIT_MAGIC);
	a->closing = true;
	dg_timer_cancel(&a->retry);
	dg_pg_destroy(&a->pg);
	stop_spooling(a);
	while (!dg_list_is_empty(&a->queue))
		answer(a, first_record(a), DG_ERR_CLOSED);
	dg_loop_defer(a->loop, release, a);
}
