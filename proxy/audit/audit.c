/* SPDX-License-Identifier: Apache-2.0 */
/*
 * audit.c - from workers to the audit writer of the control thread.
 *
 * Workers push records on one shared stack (a compare-and-swap, no lock) and
 * wake the control loop; it takes all of them at once, restores their order
 * and hands them to the store. A wake-up that finds the mailbox full is made
 * up for by a tick. A call belongs to its worker again when it comes back.
 *
 * The invariant: a decision counts against the bound from the moment it is
 * accepted until its answer is back at the worker, so no more memory is held
 * than queue_max records or memory_max bytes, whatever Postgres does.
 */
#include "audit/audit.h"

#include <stdatomic.h>

#include "base/assert.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/metrics.h"

enum {
	AUDIT_MAGIC = 0x50784164,
	CALL_MAGIC = 0x41644361,
	TICK_MS = 200,
	AUDIT_METRIC_WRITTEN = 0,
	AUDIT_METRIC_FAILED = 1,
	AUDIT_METRIC_REFUSED = 2,
};

enum item_kind { ITEM_DECISION, ITEM_END };

/* A record on its way; strings are owned. */
struct item {
	struct item *next; /* on the stack, then in a list */
	enum item_kind kind;
	struct dg_audit *audit; /* borrowed */
	union {
		struct dg_store_audit_decision decision;
		struct dg_store_audit_end end;
	} u;
};

struct dg_audit {
	uint32_t magic;
	struct dg_loop *control;      /* borrowed */
	struct dg_store_audit *store; /* owned */
	size_t queue_max;
	size_t text_max;
	size_t memory_max;
	_Atomic(struct item *) pushed; /* newest first */
	_Atomic size_t n_decisions;    /* accepted, answer not yet back */
	_Atomic size_t n_bytes;        /* of these */
	_Atomic size_t n_ends;
	/* Control thread only: */
	struct item *returning; /* answers that found a full mailbox */
	bool closing;           /* the workers' loops are gone */
	struct dg_timer tick;
};

/* A decision is an item with somebody who waits. */
struct dg_audit_call {
	struct item item; /* first */
	uint32_t magic;
	size_t n_bytes;
	struct dg_loop *loop; /* the worker's */
	dg_audit_fn done;     /* NULL: cancelled; worker's thread only */
	void *arg;
	enum dg_rc rc; /* set by the control thread before it goes back */
};

/* ---- copies ------------------------------------------------------------ */

/* Cut between characters. */
static struct dg_str
copy_text(struct dg_str s, size_t max)
{
	size_t len = s.len;

	if (len > max) {
		len = max;
		while (len > 0 && ((unsigned char)s.data[len] & 0xc0) == 0x80)
			len--;
	}
	return dg_str_dup(dg_str_make(s.data, len));
}

#define DECISION_TEXTS(X) \
	X(statement_id) \
	X(principal) \
	X(session_user) \
	X(client_address) \
	X(source) \
	X(cluster) \
	X(statement) \
	X(text) \
	X(access_json) \
	X(decision) \
	X(reason) \
	X(replica)

#define END_TEXTS(X) \
	X(statement_id) \
	X(query_id) \
	X(state) \
	X(error_name)

static void
copy_decision(struct dg_store_audit_decision *to,
	      const struct dg_store_audit_decision *from, size_t max)
{
	*to = *from;
#define COPY(member) to->member = copy_text(from->member, max);
	DECISION_TEXTS(COPY)
#undef COPY
	/* Half of a JSON document is none. */
	if (from->access_json.len > max) {
		dg_str_free(&to->access_json);
		to->access_json = dg_str_dup(DG_STR("[\"cut\"]"));
	}
}

/* Each text twice: as copied here, and in the row that the store writes. */
static size_t
measure_decision(const struct dg_store_audit_decision *record, size_t max)
{
	size_t n = sizeof(struct dg_audit_call);

#define ADD(member) \
	n += 2 * (record->member.len < max ? record->member.len : max);
	DECISION_TEXTS(ADD)
#undef ADD
	return n;
}

static void
copy_end(struct dg_store_audit_end *to, const struct dg_store_audit_end *from,
	 size_t max)
{
	*to = *from;
#define COPY(member) to->member = copy_text(from->member, max);
	END_TEXTS(COPY)
#undef COPY
}

static void
free_texts(struct item *item)
{
	switch (item->kind) {
	case ITEM_DECISION:
#define FREE(member) dg_str_free(&item->u.decision.member);
		DECISION_TEXTS(FREE)
		break;
	case ITEM_END:
#undef FREE
#define FREE(member) dg_str_free(&item->u.end.member);
		END_TEXTS(FREE)
#undef FREE
		break;
	}
}

/* For when the workers are gone: nobody waits any more. */
static void
drop_list(struct item *item)
{
	while (item != NULL) {
		struct item *next = item->next;

		free_texts(item);
		dg_free(item);
		item = next;
	}
}

/* ---- log lines --------------------------------------------------------- */

static void
log_decision(const struct dg_store_audit_decision *d)
{
	dg_log_info(NULL, "audit.decision",
		    DG_FIELDS(DG_LOG_STR("statement_id", d->statement_id),
			      DG_LOG_STR("principal", d->principal),
			      DG_LOG_STR("session_user", d->session_user),
			      DG_LOG_STR("client", d->client_address),
			      DG_LOG_STR("source", d->source),
			      DG_LOG_STR("cluster", d->cluster),
			      DG_LOG_STR("statement", d->statement),
			      DG_LOG_STR("decision", d->decision),
			      DG_LOG_INT("rule", d->rule_id),
			      DG_LOG_STR("reason", d->reason),
			      DG_LOG_INT("policy_version", d->policy_version),
			      DG_LOG_STR("access", d->access_json),
			      DG_LOG_STR("text", d->text)),
		    "statement decided");
}

static void
log_end(const struct dg_store_audit_end *e)
{
	dg_log_info(NULL, "audit.end",
		    DG_FIELDS(DG_LOG_STR("statement_id", e->statement_id),
			      DG_LOG_STR("query_id", e->query_id),
			      DG_LOG_STR("state", e->state),
			      DG_LOG_STR("error", e->error_name),
			      DG_LOG_INT("duration_ms", e->duration_ms),
			      DG_LOG_INT("rows", e->rows),
			      DG_LOG_INT("bytes", e->bytes)),
		    "statement ended");
}

/* ---- back to the worker ------------------------------------------------ */

/* Worker's thread. */
static void
on_returned(void *arg)
{
	struct dg_audit_call *call = arg;
	dg_audit_fn done = call->done;
	void *done_arg = call->arg;
	enum dg_rc rc = call->rc;

	DG_CHECK_MAGIC(call, CALL_MAGIC);
	(void)atomic_fetch_sub(&call->item.audit->n_decisions, 1);
	(void)atomic_fetch_sub(&call->item.audit->n_bytes, call->n_bytes);
	dg_metric_add(DG_METRIC_AUDIT_QUEUED, -1);
	free_texts(&call->item);
	call->magic = 0;
	dg_free(call);
	if (done != NULL)
		done(done_arg, rc);
}

static bool
post_back(struct dg_audit_call *call)
{
	return dg_loop_post(call->loop, on_returned, call) == DG_OK;
}

/* Control thread. */
static void
give_back(struct dg_audit_call *call, enum dg_rc rc)
{
	struct dg_audit *audit = call->item.audit;

	call->rc = rc;
	call->item.next = NULL;
	dg_metric_add_label(
		DG_METRIC_AUDIT_RECORDS,
		rc == DG_OK ? AUDIT_METRIC_WRITTEN : AUDIT_METRIC_FAILED, 1);
	if (audit->closing) {
		drop_list(&call->item);
		return;
	}
	if (post_back(call))
		return;
	call->item.next = audit->returning;
	audit->returning = &call->item;
}

static void
retry_returning(struct dg_audit *audit)
{
	struct item *item = audit->returning;

	audit->returning = NULL;
	while (item != NULL) {
		struct item *next = item->next;
		struct dg_audit_call *call =
			DG_CONTAINER_OF(item, struct dg_audit_call, item);

		if (!post_back(call)) {
			item->next = audit->returning;
			audit->returning = item;
		}
		item = next;
	}
}

/* ---- to the store (control thread) ------------------------------------- */

static void
on_decision_written(void *arg, enum dg_rc rc)
{
	struct dg_audit_call *call = arg;

	DG_CHECK_MAGIC(call, CALL_MAGIC);
	give_back(call, rc);
}

static void
on_end_written(void *arg, enum dg_rc rc)
{
	struct item *item = arg;

	dg_metric_add_label(
		DG_METRIC_AUDIT_RECORDS,
		rc == DG_OK ? AUDIT_METRIC_WRITTEN : AUDIT_METRIC_FAILED, 1);
	if (rc != DG_OK)
		dg_log_error(NULL, "audit.end_lost",
			     DG_FIELDS(DG_LOG_STR("statement_id",
						  item->u.end.statement_id)),
			     "the end of a statement could not be recorded");
	(void)atomic_fetch_sub(&item->audit->n_ends, 1);
	free_texts(item);
	dg_free(item);
}

static void
write_item(struct dg_audit *audit, struct item *item)
{
	enum dg_rc rc;

	switch (item->kind) {
	case ITEM_DECISION:
		log_decision(&item->u.decision);
		rc = dg_store_audit_decision(
			audit->store, &item->u.decision, on_decision_written,
			DG_CONTAINER_OF(item, struct dg_audit_call, item));
		if (rc != DG_OK)
			give_back(DG_CONTAINER_OF(item, struct dg_audit_call,
						  item),
				  rc);
		break;
	case ITEM_END:
		log_end(&item->u.end);
		rc = dg_store_audit_end(audit->store, &item->u.end,
					on_end_written, item);
		if (rc != DG_OK)
			on_end_written(item, rc);
		break;
	}
}

static void
take_pushed(void *arg)
{
	struct dg_audit *audit = arg;
	struct item *item;
	struct item *ordered = NULL;

	DG_CHECK_MAGIC(audit, AUDIT_MAGIC);
	item = atomic_exchange(&audit->pushed, NULL);
	while (item != NULL) {
		struct item *next = item->next;

		item->next = ordered;
		ordered = item;
		item = next;
	}
	while (ordered != NULL) {
		item = ordered;
		ordered = item->next;
		write_item(audit, item);
	}
}

static void
on_tick(void *arg)
{
	struct dg_audit *audit = arg;

	take_pushed(audit);
	retry_returning(audit);
	dg_timer_start(&audit->tick, audit->control, TICK_MS, on_tick, audit);
}

/* Any thread. Only the one who finds the stack empty has to wake anybody. */
static void
push(struct dg_audit *audit, struct item *item)
{
	struct item *top = atomic_load(&audit->pushed);

	do {
		item->next = top;
	} while (!atomic_compare_exchange_weak(&audit->pushed, &top, item));
	if (top == NULL &&
	    dg_loop_post(audit->control, take_pushed, audit) != DG_OK)
		dg_log_debug(NULL, "audit.mailbox_full", DG_NO_FIELDS,
			     "the next tick takes the records");
}

/* False when that would pass the bound. */
static bool
count_in(_Atomic size_t *n, size_t more, size_t max)
{
	size_t before = atomic_fetch_add(n, more);

	if (before < max && more <= max - before)
		return true;
	(void)atomic_fetch_sub(n, more);
	return false;
}

static bool
admit_decision(struct dg_audit *audit, size_t n_bytes)
{
	if (!count_in(&audit->n_decisions, 1, audit->queue_max))
		return false;
	if (count_in(&audit->n_bytes, n_bytes, audit->memory_max))
		return true;
	(void)atomic_fetch_sub(&audit->n_decisions, 1);
	return false;
}

/* ---- interface --------------------------------------------------------- */

struct dg_audit *
dg_audit_create(struct dg_loop *control,
		const struct dg_store_audit_config *config, size_t text_max,
		size_t memory_max)
{
	struct dg_audit *audit = DG_NEW(struct dg_audit);

	audit->magic = AUDIT_MAGIC;
	audit->control = control;
	audit->queue_max = config->queue_max;
	audit->text_max = text_max;
	audit->memory_max = memory_max;
	audit->store = dg_store_audit_create(control, config);
	on_tick(audit);
	return audit;
}

void
dg_audit_destroy(struct dg_audit **audit)
{
	struct dg_audit *a = *audit;

	if (a == NULL)
		return;
	DG_CHECK_MAGIC(a, AUDIT_MAGIC);
	a->closing = true;
	dg_timer_fini(&a->tick);
	dg_store_audit_destroy(&a->store);
	drop_list(atomic_exchange(&a->pushed, NULL));
	drop_list(a->returning);
	a->magic = 0;
	dg_free(a);
	*audit = NULL;
}

enum dg_rc
dg_audit_decision(struct dg_audit *audit, struct dg_loop *loop,
		  const struct dg_store_audit_decision *record,
		  dg_audit_fn done, void *arg, struct dg_audit_call **call_out)
{
	size_t n_bytes = measure_decision(record, audit->text_max);
	struct dg_audit_call *call;

	DG_CHECK_MAGIC(audit, AUDIT_MAGIC);
	if (!admit_decision(audit, n_bytes)) {
		dg_metric_add_label(DG_METRIC_AUDIT_RECORDS,
				    AUDIT_METRIC_REFUSED, 1);
		*call_out = NULL;
		return DG_ERR_UNAVAILABLE;
	}
	dg_metric_add(DG_METRIC_AUDIT_QUEUED, 1);
	call = DG_NEW(struct dg_audit_call);
	call->magic = CALL_MAGIC;
	call->n_bytes = n_bytes;
	call->item.kind = ITEM_DECISION;
	call->item.audit = audit;
	copy_decision(&call->item.u.decision, record, audit->text_max);
	call->loop = loop;
	call->done = done;
	call->arg = arg;
	*call_out = call;
	push(audit, &call->item);
	return DG_OK;
}

/* The record is written all the same: it was decided. */
void
dg_audit_cancel(struct dg_audit_call **call)
{
	struct dg_audit_call *c = *call;

	if (c == NULL)
		return;
	DG_CHECK_MAGIC(c, CALL_MAGIC);
	c->done = NULL;
	*call = NULL;
}

void
dg_audit_end(struct dg_audit *audit, const struct dg_store_audit_end *end)
{
	struct item *item;

	DG_CHECK_MAGIC(audit, AUDIT_MAGIC);
	if (!count_in(&audit->n_ends, 1, audit->queue_max)) {
		dg_metric_add_label(DG_METRIC_AUDIT_RECORDS,
				    AUDIT_METRIC_REFUSED, 1);
		log_end(end);
		return;
	}
	item = DG_NEW(struct item);
	item->kind = ITEM_END;
	item->audit = audit;
	copy_end(&item->u.end, end, audit->text_max);
	push(audit, item);
}

size_t
dg_audit_pending(const struct dg_audit *audit)
{
	return atomic_load(&audit->n_decisions) + atomic_load(&audit->n_ends);
}
