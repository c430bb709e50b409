/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_audit.c - records from several threads to one writer and back, with a
 * store that answers when it is told to.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "audit/audit.h"
#include "base/assert.h"
#include "base/log.h"
#include "base/mem.h"

/* ---- in place of the store --------------------------------------------- */

enum { WRITES_MAX = 20000 };

struct write {
	dg_store_audit_fn done;
	void *arg;
	char id[32];
	bool is_end;
};

struct dg_store_audit {
	int unused;
};

static struct dg_store_audit the_store;
static struct write writes[WRITES_MAX];
static size_t n_writes;
static size_t n_answered;
static bool full;
static bool answer_at_once;
static struct dg_store_audit_decision last;
static size_t last_text_len;
static char last_access[32];

struct dg_store_audit *
dg_store_audit_create(struct dg_loop *loop,
		      const struct dg_store_audit_config *config)
{
	(void)loop;
	(void)config;
	n_writes = 0;
	n_answered = 0;
	full = false;
	answer_at_once = false;
	return &the_store;
}

static void
answer(enum dg_rc rc)
{
	while (n_answered < n_writes) {
		struct write *w = &writes[n_answered++];

		w->done(w->arg, rc);
	}
}

void
dg_store_audit_destroy(struct dg_store_audit **audit)
{
	answer(DG_ERR_CLOSED);
	*audit = NULL;
}

static enum dg_rc
add_write(struct dg_str id, bool is_end, dg_store_audit_fn done, void *arg)
{
	struct write *w = &writes[n_writes];

	if (full)
		return DG_ERR_UNAVAILABLE;
	assert_true(n_writes < WRITES_MAX);
	*w = (struct write){.done = done, .arg = arg, .is_end = is_end};
	(void)snprintf(w->id, sizeof(w->id), "%.*s", DG_STR_ARG(id));
	n_writes++;
	if (answer_at_once)
		answer(DG_OK);
	return DG_OK;
}

enum dg_rc
dg_store_audit_decision(struct dg_store_audit *audit,
			const struct dg_store_audit_decision *record,
			dg_store_audit_fn done, void *arg)
{
	(void)audit;
	last = *record;
	last_text_len = record->text.len;
	(void)snprintf(last_access, sizeof(last_access), "%.*s",
		       DG_STR_ARG(record->access_json));
	return add_write(record->statement_id, false, done, arg);
}

enum dg_rc
dg_store_audit_end(struct dg_store_audit *audit,
		   const struct dg_store_audit_end *record,
		   dg_store_audit_fn done, void *arg)
{
	(void)audit;
	return add_write(record->statement_id, true, done, arg);
}

/* ---- tests ------------------------------------------------------------- */

enum { QUEUE_MAX = 4, TEXT_MAX = 16, MEMORY_MAX = 1 << 20 };

static const struct dg_store_audit_config store_config = {
	.conninfo = "", .queue_max = QUEUE_MAX};

struct fixture {
	struct dg_loop *loop; /* control and worker at once */
	struct dg_audit *audit;
	int answers;
	enum dg_rc rc;
};

static void
open_fixture_with(struct fixture *f, size_t text_max, size_t memory_max)
{
	*f = (struct fixture){.answers = 0};
	f->loop = dg_loop_create("test", 1024);
	f->audit =
		dg_audit_create(f->loop, &store_config, text_max, memory_max);
}

static void
open_fixture(struct fixture *f)
{
	open_fixture_with(f, TEXT_MAX, MEMORY_MAX);
}

static void
close_fixture(struct fixture *f)
{
	dg_audit_destroy(&f->audit);
	dg_loop_destroy(&f->loop);
}

static void
on_answer(void *arg, enum dg_rc rc)
{
	struct fixture *f = arg;

	f->answers++;
	f->rc = rc;
}

static struct dg_audit_call *
decide(struct fixture *f, const char *id)
{
	const struct dg_store_audit_decision record = {
		.statement_id = dg_str_from_cstr(id)};
	struct dg_audit_call *call;

	assert_int_equal(dg_audit_decision(f->audit, f->loop, &record,
					   on_answer, f, &call),
			 DG_OK);
	return call;
}

static void
end(struct fixture *f, const char *id)
{
	const struct dg_store_audit_end record = {.statement_id =
							  dg_str_from_cstr(id)};

	dg_audit_end(f->audit, &record);
}

static void
run_until_written(struct fixture *f, size_t n)
{
	while (n_writes < n)
		dg_loop_run_once(f->loop);
}

static void
run_until_answered(struct fixture *f, int n)
{
	while (f->answers < n)
		dg_loop_run_once(f->loop);
}

static void
answers_when_written(void **state)
{
	struct fixture f;

	(void)state;
	open_fixture(&f);
	(void)decide(&f, "a");
	end(&f, "a");
	(void)decide(&f, "b");
	run_until_written(&f, 3);
	assert_string_equal(writes[0].id, "a");
	assert_false(writes[0].is_end);
	assert_true(writes[1].is_end);
	assert_string_equal(writes[2].id, "b");
	assert_int_equal(f.answers, 0);
	answer(DG_OK);
	run_until_answered(&f, 2);
	assert_int_equal(f.rc, DG_OK);
	assert_int_equal(dg_audit_pending(f.audit), 0);
	close_fixture(&f);
}

static void
tells_failures(void **state)
{
	struct fixture f;

	(void)state;
	open_fixture(&f);
	full = true;
	(void)decide(&f, "a");
	run_until_answered(&f, 1);
	assert_int_equal(f.rc, DG_ERR_UNAVAILABLE);
	full = false;
	(void)decide(&f, "b");
	run_until_written(&f, 1);
	answer(DG_ERR_IO);
	run_until_answered(&f, 2);
	assert_int_equal(f.rc, DG_ERR_IO);
	close_fixture(&f);
}

static void
refuses_when_full(void **state)
{
	const struct dg_store_audit_decision record = {.statement_id =
							       DG_STR("x")};
	struct dg_audit_call *call;
	struct fixture f;

	(void)state;
	open_fixture(&f);
	for (int i = 0; i < QUEUE_MAX; i++)
		(void)decide(&f, "a");
	call = (void *)&f;
	assert_int_equal(dg_audit_decision(f.audit, f.loop, &record, on_answer,
					   &f, &call),
			 DG_ERR_UNAVAILABLE);
	assert_null(call);
	run_until_written(&f, QUEUE_MAX);
	/* Written is not enough: the answer has to be back. */
	answer(DG_OK);
	assert_int_equal(dg_audit_decision(f.audit, f.loop, &record, on_answer,
					   &f, &call),
			 DG_ERR_UNAVAILABLE);
	run_until_answered(&f, QUEUE_MAX);
	(void)decide(&f, "b");
	close_fixture(&f);
}

/* Long records fill it sooner; their memory comes back with the answers. */
static void
refuses_without_memory(void **state)
{
	static const char text[10000];
	const struct dg_store_audit_decision record = {
		.statement_id = DG_STR("x"),
		.text = dg_str_make(text, sizeof(text)),
	};
	struct dg_audit_call *call;
	struct fixture f;

	(void)state;
	open_fixture_with(&f, sizeof(text), 50 * 1000);
	for (int round = 1; round <= 2; round++) {
		for (int i = 0; i < 2; i++)
			assert_int_equal(dg_audit_decision(f.audit, f.loop,
							   &record, on_answer,
							   &f, &call),
					 DG_OK);
		assert_int_equal(dg_audit_decision(f.audit, f.loop, &record,
						   on_answer, &f, &call),
				 DG_ERR_UNAVAILABLE);
		assert_int_equal(dg_audit_pending(f.audit), 2);
		run_until_written(&f, 2 * (size_t)round);
		answer(DG_OK);
		run_until_answered(&f, 2 * round);
	}
	close_fixture(&f);
}

static void
writes_what_is_cancelled(void **state)
{
	struct dg_audit_call *call;
	struct fixture f;

	(void)state;
	open_fixture(&f);
	call = decide(&f, "a");
	dg_audit_cancel(&call);
	assert_null(call);
	run_until_written(&f, 1);
	answer(DG_OK);
	while (dg_audit_pending(f.audit) > 0)
		dg_loop_run_once(f.loop);
	assert_int_equal(f.answers, 0);
	close_fixture(&f);
}

static void
cuts_long_texts(void **state)
{
	const struct dg_store_audit_decision record = {
		.statement_id = DG_STR("a"),
		.text = DG_STR("0123456789abcde\xc3\xa4\xc3\xa4"),
		.access_json = DG_STR("[1,2,3,4,5,6,7,8,9]"),
	};
	struct dg_audit_call *call;
	struct fixture f;

	(void)state;
	open_fixture(&f);
	assert_int_equal(dg_audit_decision(f.audit, f.loop, &record, on_answer,
					   &f, &call),
			 DG_OK);
	run_until_written(&f, 1);
	assert_int_equal(last_text_len, 15); /* between two characters */
	assert_string_equal(last_access, "[\"cut\"]");
	close_fixture(&f);
}

/* The workers' loops are gone by then: nobody may be told. */
static void
dies_with_records_under_way(void **state)
{
	const struct dg_store_audit_decision record = {.statement_id =
							       DG_STR("x")};
	struct dg_loop *worker = dg_loop_create("worker", 16);
	struct dg_audit_call *call;
	struct fixture f;

	(void)state;
	open_fixture(&f);
	assert_int_equal(dg_audit_decision(f.audit, worker, &record, on_answer,
					   &f, &call),
			 DG_OK);
	end(&f, "x");
	run_until_written(&f, 2);
	(void)decide(&f, "still on the stack");
	dg_loop_destroy(&worker);
	close_fixture(&f);
	assert_int_equal(f.answers, 0);
}

/* ---- threads ----------------------------------------------------------- */

enum { THREADS = 4, EACH = 2000 };

static _Atomic int n_finished; /* producers that have all their answers */

struct producer {
	pthread_t id;
	struct dg_loop *loop;
	struct dg_audit *audit;
	int sent;
	int answered;
	int refused;
};

static void send_next(struct producer *p);

static void
on_produced(void *arg, enum dg_rc rc)
{
	struct producer *p = arg;

	DG_ASSERT(rc == DG_OK);
	p->answered++;
	if (p->answered == EACH)
		dg_loop_stop(p->loop);
	else
		send_next(p);
}

static void
on_retry(void *arg)
{
	send_next(arg);
}

static void
send_next(struct producer *p)
{
	const struct dg_store_audit_decision record = {.statement_id =
							       DG_STR("x")};
	const struct dg_store_audit_end ending = {.statement_id = DG_STR("x")};
	struct dg_audit_call *call;

	if (p->sent == EACH)
		return;
	if (dg_audit_decision(p->audit, p->loop, &record, on_produced, p,
			      &call) != DG_OK) {
		p->refused++;
		DG_ASSERT(dg_loop_post(p->loop, on_retry, p) == DG_OK);
		return;
	}
	p->sent++;
	if (p->sent % 2 == 0)
		dg_audit_end(p->audit, &ending);
}

static void *
run_producer(void *arg)
{
	struct producer *p = arg;

	send_next(p);
	dg_loop_run(p->loop);
	n_finished++;
	return NULL;
}

static void
serves_many_threads(void **state)
{
	static struct producer producers[THREADS];
	struct fixture f;
	int answered = 0;

	(void)state;
	open_fixture(&f);
	answer_at_once = true;
	for (int i = 0; i < THREADS; i++) {
		producers[i] = (struct producer){.audit = f.audit};
		producers[i].loop = dg_loop_create("producer", 64);
		assert_int_equal(pthread_create(&producers[i].id, NULL,
						run_producer, &producers[i]),
				 0);
	}
	/*
	 * The control loop's part. Nothing may be pending for a moment while
	 * each producer is between an answer and its next record; the tick
	 * ends a pass without other events.
	 */
	while (n_finished < THREADS || dg_audit_pending(f.audit) > 0)
		dg_loop_run_once(f.loop);
	assert_true(n_writes >= THREADS * EACH);
	for (int i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(producers[i].id, NULL), 0);
		answered += producers[i].answered;
		dg_loop_destroy(&producers[i].loop);
	}
	assert_int_equal(answered, THREADS * EACH);
	close_fixture(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_when_written),
		cmocka_unit_test(tells_failures),
		cmocka_unit_test(refuses_when_full),
		cmocka_unit_test(refuses_without_memory),
		cmocka_unit_test(writes_what_is_cancelled),
		cmocka_unit_test(cuts_long_texts),
		cmocka_unit_test(dies_with_records_under_way),
		cmocka_unit_test(serves_many_threads),
	};

	dg_log_set_level(DG_LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
