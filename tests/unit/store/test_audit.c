/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_audit.c - records are committed in groups, once each, in order; a full
 * queue, a bad record and a restart of the server lose none.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/admin.h"
#include "store/lab.h"

#include <cmocka.h>

struct answers {
	int ok;
	int failed;
	enum dg_rc last;
	struct dg_store_audit **destroy; /* at the first answer */
};

static void
on_done(void *arg, enum dg_rc rc)
{
	struct answers *a = arg;

	a->last = rc;
	if (rc == DG_OK)
		a->ok++;
	else
		a->failed++;
	if (a->destroy != NULL)
		dg_store_audit_destroy(a->destroy);
}

static struct dg_store_audit *
start(struct lab *lab, size_t queue_max)
{
	struct dg_store_audit_config config = {.conninfo = lab_conninfo(),
					       .queue_max = queue_max};

	return dg_store_audit_create(lab->loop, &config);
}

static struct dg_store_audit_decision
decision(const char *id)
{
	return (struct dg_store_audit_decision){
		.statement_id = dg_str_from_cstr(id),
		.at_us = 1700000000123456,
		.principal = DG_STR("ann"),
		.session_user = DG_STR("bob"),
		.client_address = DG_STR("192.0.2.1:4711"),
		.source = DG_STR("cli"),
		.cluster = DG_STR("one"),
		.statement = DG_STR("select"),
		.text = DG_STR("select ?"),
		.fingerprint = 0xab,
		.access_json = DG_STR("[{\"action\":\"select\"}]"),
		.decision = DG_STR("allowed"),
		.rule_id = 7,
		.reason = DG_STR("r"),
		.policy_version = 3,
		.replica = DG_STR("gw-1"),
	};
}

static struct dg_store_audit_end
end_of(const char *id)
{
	return (struct dg_store_audit_end){
		.statement_id = dg_str_from_cstr(id),
		.query_id = DG_STR("20240101_000000_00000_abcde"),
		.started_us = 1700000000123456,
		.at_us = 1700000001000000,
		.duration_ms = 877,
		.state = DG_STR("FINISHED"),
		.error_name = DG_STR(""),
		.rows = -1,
		.bytes = 12,
	};
}

static void
add(struct dg_store_audit *audit, const char *id, struct answers *a)
{
	struct dg_store_audit_decision d = decision(id);

	assert_int_equal(dg_store_audit_decision(audit, &d, on_done, a), DG_OK);
}

static void
test_what_is_written(void **state)
{
	struct lab *lab = *state;
	struct dg_store_audit *audit = start(lab, 10);
	struct dg_store_audit_end end = end_of("s1");
	struct answers a = {0};

	add(audit, "s1", &a);
	assert_int_equal(dg_store_audit_end(audit, &end, on_done, &a), DG_OK);
	assert_int_equal(a.ok, 0); /* not before it is committed */
	LAB_UNTIL(lab, a.ok == 2);
	assert_string_equal(
		lab_ask(lab, "SELECT to_jsonb(d) - 'at' FROM "
			     "datagateway.audit_decision d"),
		"{\"text\": \"select ?\", \"access\": [{\"action\": "
		"\"select\"}], \"reason\": \"r\", \"source\": \"cli\", "
		"\"cluster\": \"one\", \"replica\": \"gw-1\", \"rule_id\": 7, "
		"\"decision\": \"allowed\", \"principal\": \"ann\", "
		"\"statement\": \"select\", \"fingerprint\": "
		"\"00000000000000ab\", \"statement_id\": \"s1\", "
		"\"client_address\": \"192.0.2.1:4711\", \"policy_version\": "
		"3, \"session_user_name\": \"bob\"}");
	assert_string_equal(
		lab_ask(lab, "SELECT concat_ws(' ', extract(epoch FROM d.at), "
			     "query_id, extract(epoch FROM e.at), duration_ms, "
			     "state, coalesce(rows::text, '?'), bytes) "
			     "FROM datagateway.audit_decision d "
			     "JOIN datagateway.audit_end e ON "
			     "e.statement_id = d.statement_id AND "
			     "e.started_at = d.at"),
		"1700000000.123456 20240101_000000_00000_abcde "
		"1700000001.000000 877 FINISHED ? 12");
	dg_store_audit_destroy(&audit);
}

/* The same end, told by two replicas or twice by one, is one end. */
static void
test_idempotent(void **state)
{
	struct lab *lab = *state;
	struct dg_store_audit *audit = start(lab, 10);
	struct dg_store_audit *other = start(lab, 10);
	struct dg_store_audit_end end = end_of("s1");
	struct answers a = {0};

	add(audit, "s1", &a);
	add(audit, "s1", &a);
	assert_int_equal(dg_store_audit_end(audit, &end, on_done, &a), DG_OK);
	LAB_UNTIL(lab, a.ok == 3);
	end.at_us++;
	end.state = DG_STR("FAILED");
	assert_int_equal(dg_store_audit_end(other, &end, on_done, &a), DG_OK);
	assert_int_equal(dg_store_audit_end(audit, &end, NULL, NULL), DG_OK);
	LAB_UNTIL(lab, a.ok == 4);
	assert_string_equal(
		lab_ask(lab, "SELECT state FROM datagateway.audit_end"),
		"FINISHED");
	assert_string_equal(
		lab_ask(lab, "SELECT count(*) FROM datagateway.audit_decision"),
		"1");
	dg_store_audit_destroy(&audit);
	dg_store_audit_destroy(&other);
}

/* What comes in while a group is being committed goes into the next one. */
static void
test_group_commit(void **state)
{
	enum { RECORDS = 2000 };
	struct lab *lab = *state;
	struct dg_store_audit *audit = start(lab, RECORDS);
	struct answers a = {0};
	char id[32];
	uint64_t groups = 0;

	for (int i = 0; i < RECORDS; i++) {
		(void)snprintf(id, sizeof(id), "s%d", i);
		add(audit, id, &a);
	}
	LAB_UNTIL(lab, a.ok == RECORDS);
	assert_int_equal(
		dg_str_to_u64(dg_str_from_cstr(lab_ask(
				      lab, "SELECT count(DISTINCT xmin::text) "
					   "FROM datagateway.audit_decision")),
			      &groups),
		DG_OK);
	print_message("%d records in %d transactions\n", RECORDS, (int)groups);
	assert_true(groups > 1 && groups <= 10);
	/* In the order in which they came. */
	assert_string_equal(
		lab_ask(lab, "SELECT count(*) FROM (SELECT statement_id, "
			     "lag(substr(statement_id, 2)::int) OVER "
			     "(ORDER BY ctid) AS before FROM "
			     "datagateway.audit_decision_default) x "
			     "WHERE before >= substr(statement_id, 2)::int"),
		"0");
	dg_store_audit_destroy(&audit);
}

static void
test_full_queue(void **state)
{
	struct lab *lab = *state;
	struct dg_store_audit *audit = start(lab, 2);
	struct dg_store_audit_decision d = decision("s3");
	struct dg_store_audit_end e = end_of("s3");
	struct answers a = {0};

	add(audit, "s1", &a);
	add(audit, "s2", &a);
	assert_int_equal(dg_store_audit_decision(audit, &d, on_done, &a),
			 DG_ERR_UNAVAILABLE);
	assert_int_equal(dg_store_audit_end(audit, &e, on_done, &a),
			 DG_ERR_UNAVAILABLE);
	LAB_UNTIL(lab, a.ok == 2);
	add(audit, "s3", &a);
	LAB_UNTIL(lab, a.ok == 3);
	assert_int_equal(a.failed, 0);
	dg_store_audit_destroy(&audit);
}

/* Values of clients: quotes, NULs, broken UTF-8, things that are no JSON. */
static void
test_hostile_values(void **state)
{
	struct lab *lab = *state;
	struct dg_store_audit *audit = start(lab, 10);
	struct dg_store_audit_decision d = decision("'; DROP TABLE x; --");
	struct answers a = {0};
	static char longest[1 << 20];

	memset(longest, '"', sizeof(longest));
	d.source = dg_str_make("a\0b\"\\'\n\xff", 8);
	d.text = dg_str_make(longest, sizeof(longest));
	d.access_json = DG_STR("not json");
	assert_int_equal(dg_store_audit_decision(audit, &d, on_done, &a),
			 DG_OK);
	d.statement_id = DG_STR("s2");
	d.access_json = DG_STR("{\"a\":\"\\u0000\"}");
	assert_int_equal(dg_store_audit_decision(audit, &d, on_done, &a),
			 DG_OK);
	d.statement_id = DG_STR("s3");
	d.access_json = DG_STR("[1]}, {\"id\": \"smuggled\"");
	assert_int_equal(dg_store_audit_decision(audit, &d, on_done, &a),
			 DG_OK);
	LAB_UNTIL(lab, a.ok + a.failed == 3);
	assert_int_equal(a.ok, 3);
	assert_string_equal(
		lab_ask(lab, "SELECT concat_ws(' ', length(text), source = "
			     "E'a?b\"\\\\''\\n\\ufffd', "
			     "jsonb_typeof(access)) "
			     "FROM datagateway.audit_decision "
			     "ORDER BY statement_id"),
		"1048576 t string\n1048576 t string\n1048576 t string");
	dg_store_audit_destroy(&audit);
}

/* One that Postgres will not take does not take the others with it. */
static void
test_refused_record(void **state)
{
	struct lab *lab = *state;
	struct dg_store_audit *audit = start(lab, 10);
	struct dg_store_audit_decision bad = decision("bad");
	struct answers good = {0};
	struct answers refused = {0};

	dg_log_set_fd(open("/dev/null", O_WRONLY));
	bad.at_us = INT64_MAX;
	add(audit, "s1", &good);
	assert_int_equal(
		dg_store_audit_decision(audit, &bad, on_done, &refused), DG_OK);
	add(audit, "s2", &good);
	LAB_UNTIL(lab, good.ok == 2 && refused.failed == 1);
	assert_int_equal(refused.last, DG_ERR_INVALID);
	add(audit, "s3", &good);
	LAB_UNTIL(lab, good.ok == 3);
	assert_string_equal(
		lab_ask(lab, "SELECT string_agg(statement_id, ' ' ORDER BY 1) "
			     "FROM datagateway.audit_decision"),
		"s1 s2 s3");
	dg_store_audit_destroy(&audit);
	dg_log_set_fd(2);
}

static void
test_server_away(void **state)
{
	struct lab *lab = *state;
	struct dg_store_audit *audit;
	struct answers a = {0};

	dg_log_set_fd(open("/dev/null", O_WRONLY));
	audit = start(lab, 10);
	add(audit, "s1", &a);
	LAB_UNTIL(lab, a.ok == 1);
	lab_server("stop");
	add(audit, "s2", &a);
	add(audit, "s3", &a);
	for (int i = 0; i < 3; i++)
		dg_loop_run_once(lab->loop);
	assert_int_equal(a.ok + a.failed, 1);
	lab_server("start");
	LAB_UNTIL(lab, a.ok == 3);
	assert_string_equal(
		lab_ask(lab, "SELECT count(*) FROM datagateway.audit_decision"),
		"3");
	dg_store_audit_destroy(&audit);
	dg_log_set_fd(2);
}

/* Every record is answered, also those that can no longer be written. */
static void
test_destroy(void **state)
{
	struct lab *lab = *state;
	struct dg_store_audit *audit = start(lab, 10);
	struct answers a = {0};

	add(audit, "s1", &a);
	add(audit, "s2", &a);
	dg_store_audit_destroy(&audit);
	assert_int_equal(a.failed, 2);
	assert_int_equal(a.last, DG_ERR_CLOSED);

	/* Within a callback of its own. */
	a = (struct answers){0};
	audit = start(lab, 10);
	add(audit, "s3", &a);
	add(audit, "s4", &a);
	a.destroy = &audit;
	LAB_UNTIL(lab, a.ok + a.failed == 2);
	assert_int_equal(a.ok, 1);
	assert_null(audit);
}

/* ---- keeping ------------------------------------------------------------ */

/* A decision and its end, so many days ago, noon; later its query id. */
static void
add_old(struct lab *lab, const char *id, unsigned days)
{
	char sql[512];

	snprintf(sql, sizeof(sql),
		 "WITH d AS (INSERT INTO datagateway.audit_decision VALUES "
		 "('%s', date_trunc('day', now(), 'UTC') + '12h' - "
		 "make_interval(days => %u), 'ann', 'ann', '', '', '', "
		 "'select', '', '[]', 'allowed', NULL, '', 1, 'r') "
		 "RETURNING at) INSERT INTO datagateway.audit_end "
		 "SELECT '%s', at, 'q%s', at, 1, 'FINISHED', '', 0, 0 FROM d",
		 id, days, id, id);
	lab_run(lab, sql);
}

static struct dg_store_prune
prune(struct lab *lab, unsigned ahead, unsigned keep_days, bool by_month)
{
	struct dg_store_prune p = {
		.by_month = by_month, .ahead = ahead, .keep_days = keep_days};
	struct dg_error err = {.text = ""};

	if (dg_store_audit_prune(lab->pg, lab->loop, &p, &err) != DG_OK)
		fail_msg("%s", err.text);
	return p;
}

/* "0 0": rows of decisions and ends in the default partitions */
static const char *
left_over(struct lab *lab)
{
	return lab_ask(lab,
		       "SELECT (SELECT count(*) FROM "
		       "datagateway.audit_decision_default) || ' ' || (SELECT "
		       "count(*) FROM datagateway.audit_end_default)");
}

static const char *
kept(struct lab *lab)
{
	return lab_ask(lab, "SELECT string_agg(d.statement_id || query_id, ' ' "
			    "ORDER BY d.at) FROM datagateway.audit_decision d "
			    "JOIN datagateway.audit_end e ON e.statement_id = "
			    "d.statement_id AND e.started_at = d.at");
}

static void
test_partitions(void **state)
{
	struct lab *lab = *state;
	struct dg_store_prune p;

	add_old(lab, "a", 10);
	add_old(lab, "b", 3);
	add_old(lab, "c", 0);
	p = prune(lab, 2, 0, false);
	assert_int_equal(p.made, 2 * 13); /* ten days, today, two ahead */
	assert_int_equal(p.dropped + p.deleted, 0);
	assert_string_equal(left_over(lab), "0 0");
	assert_string_equal(kept(lab), "aqa bqb cqc");

	/* Again: nothing to do. */
	p = prune(lab, 2, 0, false);
	assert_int_equal(p.made + p.dropped + p.deleted, 0);

	/* What comes now has its partition; what is past goes. */
	add_old(lab, "d", 0);
	add_old(lab, "e", 40); /* before all partitions */
	p = prune(lab, 3, 7, false);
	assert_int_equal(p.made, 2);
	assert_int_equal(p.dropped, 2 * 3);
	assert_int_equal(p.deleted, 2);
	assert_string_equal(left_over(lab), "0 0");
	assert_string_equal(kept(lab), "bqb cqc dqd");
}

/* From days to months: they begin where the last day ends. */
static void
test_longer_partitions(void **state)
{
	struct lab *lab = *state;

	add_old(lab, "a", 1);
	(void)prune(lab, 0, 0, false);
	assert_true(prune(lab, 2, 0, true).made >= 4);
	assert_string_equal(
		lab_ask(lab, "SELECT count(*) FROM (SELECT until, lead(since) "
			     "OVER (PARTITION BY parent ORDER BY since) AS next"
			     " FROM datagateway.audit_partitions) x "
			     "WHERE until <> next"),
		"0");
	assert_string_equal(kept(lab), "aqa");
	/* In any time zone the bounds are UTC's. */
	lab_run(lab, "SET TimeZone = 'Asia/Kathmandu'");
	assert_string_equal(
		lab_ask(lab, "SELECT count(*) FROM datagateway.audit_partitions"
			     " WHERE date_trunc('day', until, 'UTC') <> until"),
		"0");
}

/* Whoever writes meanwhile waits, and loses nothing. */
static void
test_partitions_while_writing(void **state)
{
	struct lab *lab = *state;
	struct dg_store_audit *audit = start(lab, 2000);
	struct answers a = {0};
	char id[16];

	for (int i = 0; i < 1000; i++) {
		struct dg_store_audit_decision d;

		snprintf(id, sizeof(id), "w%d", i);
		d = decision(id);
		d.at_us = dg_clock_wall_us();
		assert_int_equal(
			dg_store_audit_decision(audit, &d, on_done, &a), DG_OK);
		if (i % 250 == 0)
			(void)prune(lab, (unsigned)(i / 250), 0, false);
	}
	LAB_UNTIL(lab, a.ok == 1000);
	assert_string_equal(lab_ask(lab, "SELECT count(*) FROM "
					 "datagateway.audit_decision"),
			    "1000");
	dg_store_audit_destroy(&audit);
}

int
main(void)
{
#define AUDIT_TEST(f) \
	cmocka_unit_test_setup_teardown(f, lab_setup_migrated, lab_teardown)
	const struct CMUnitTest tests[] = {
		AUDIT_TEST(test_what_is_written),
		AUDIT_TEST(test_idempotent),
		AUDIT_TEST(test_group_commit),
		AUDIT_TEST(test_full_queue),
		AUDIT_TEST(test_hostile_values),
		AUDIT_TEST(test_refused_record),
		AUDIT_TEST(test_server_away),
		AUDIT_TEST(test_destroy),
		AUDIT_TEST(test_partitions),
		AUDIT_TEST(test_longer_partitions),
		AUDIT_TEST(test_partitions_while_writing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
