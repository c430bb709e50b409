/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_pg.c - queries, errors, rows, notifications against a real Postgres
 * (with_postgres.sh).
 */
#include "base/pg.h"

#include "base/mem.h"
#include "pg_fixture.h"

static void
test_queries(void **state)
{
	struct fixture f;
	struct answer a;

	(void)state;
	open_pg(&f, NULL);
	assert_false(dg_pg_is_connected(f.pg));
	/* Queued before there is a connection. */
	ask(&f, &a, "SELECT 40 + 2");
	assert_int_equal(a.rc, DG_OK);
	assert_string_equal(a.text, "42");
	assert_int_equal(a.rows, 1);
	assert_true(dg_pg_is_connected(f.pg));
	assert_int_equal(f.ups, 1);
	ask(&f, &a, "CREATE TABLE t (n int PRIMARY KEY, s text NOT NULL)");
	assert_int_equal(a.rc, DG_OK);
	ask(&f, &a, "INSERT INTO t SELECT i, 'x' FROM generate_series(1,5) i");
	assert_int_equal(a.affected, 5);
	ask(&f, &a, "DELETE FROM t WHERE n > 3");
	assert_int_equal(a.affected, 2);
	ask(&f, &a, "");
	assert_int_equal(a.rc, DG_OK);
	assert_int_equal(f.downs, 0);
	close_pg(&f);
}

static void
on_params(void *arg, enum dg_rc rc, const struct dg_pg_result *result,
	  const struct dg_error *err)
{
	(void)err;
	assert_int_equal(rc, DG_OK);
	assert_str(dg_pg_get(result, 0, 0), "O'Brien; DROP TABLE t --");
	assert_true(dg_pg_is_null(result, 0, 1));
	assert_null(dg_pg_get(result, 0, 1).data);
	assert_false(dg_pg_is_null(result, 0, 2));
	assert_str(dg_pg_get(result, 0, 2), "");
	assert_non_null(dg_pg_get(result, 0, 2).data);
	assert_str(dg_pg_get(result, 0, 3), "\xC3\xA9");
	*(bool *)arg = true;
}

static void
test_parameters(void **state)
{
	const struct dg_str params[] = {DG_STR("O'Brien; DROP TABLE t --"),
					{NULL, 0},
					DG_STR(""),
					DG_STR("\xC3\xA9")};
	const struct dg_str with_nul = DG_STR("a\0b");
	struct fixture f;
	bool done = false;

	(void)state;
	open_pg(&f, NULL);
	assert_int_equal(dg_pg_query(f.pg,
				     "SELECT $1::text, $2::text, $3::text, $4",
				     params, 4, on_params, &done),
			 DG_OK);
	run_until(&f, done);
	assert_int_equal(dg_pg_query(f.pg, "SELECT $1::text", &with_nul, 1,
				     on_params, &done),
			 DG_ERR_INVALID);
	close_pg(&f);
}

static const struct {
	const char *sql;
	enum dg_rc rc;
	const char *sqlstate;
} errors[] = {
	{"SELEC 1", DG_ERR_INTERNAL, "42601"},
	{"SELECT 1/0", DG_ERR_INVALID, "22012"},
	{"INSERT INTO t VALUES (1, 'again')", DG_ERR_CONFLICT, "23505"},
	{"INSERT INTO t VALUES (99, NULL)", DG_ERR_INVALID, "23502"},
	{"COPY t TO STDOUT", DG_ERR_UNSUPPORTED, ""},
	{"SELECT pg_terminate_backend(pg_backend_pid())", DG_ERR_UNAVAILABLE,
	 "57P01"},
};

static void
test_server_errors(void **state)
{
	struct fixture f;
	struct answer a;

	(void)state;
	open_pg(&f, NULL);
	for (size_t i = 0; i < DG_ARRAY_LEN(errors); i++) {
		ask(&f, &a, errors[i].sql);
		assert_int_equal(a.rc, errors[i].rc);
		assert_string_equal(a.sqlstate, errors[i].sqlstate);
		assert_true(a.text[0] != '\0');
		/* Values belong into no message. */
		assert_null(strstr(a.text, "again"));
		/* The connection is of use again afterwards. */
		ask(&f, &a, "SELECT 1");
		assert_int_equal(a.rc, DG_OK);
	}
	close_pg(&f);
}

static void
test_script(void **state)
{
	struct fixture f;
	struct answer a = {.done = false};

	(void)state;
	open_pg(&f, NULL);
	assert_int_equal(dg_pg_script(f.pg,
				      "BEGIN; CREATE TABLE u (n int);"
				      "INSERT INTO u VALUES (7); COMMIT;"
				      "SELECT n FROM u",
				      on_answer, &a),
			 DG_OK);
	run_until(&f, a.done);
	assert_int_equal(a.rc, DG_OK);
	assert_string_equal(a.text, "7");
	/* One failing statement undoes the block and is the answer. */
	a = (struct answer){.done = false};
	assert_int_equal(dg_pg_script(f.pg,
				      "BEGIN; DELETE FROM u; SELECT 1/0;"
				      "COMMIT",
				      on_answer, &a),
			 DG_OK);
	run_until(&f, a.done);
	assert_int_equal(a.rc, DG_ERR_INVALID);
	ask(&f, &a, "ROLLBACK");
	ask(&f, &a, "SELECT count(*) FROM u");
	assert_string_equal(a.text, "1");
	close_pg(&f);
}

struct rows {
	struct answer answer; /* must come first: on_answer's arg */
	int64_t sum;
	size_t n;
	size_t stop_after;
};

static bool
on_row(void *arg, const struct dg_pg_result *row)
{
	struct rows *rows = arg;
	int64_t n;

	assert_int_equal(dg_pg_rows(row), 1);
	assert_int_equal(dg_str_to_i64(dg_pg_get(row, 0, 0), &n), DG_OK);
	rows->sum += n;
	rows->n++;
	return rows->stop_after == 0 || rows->n < rows->stop_after;
}

static void
test_rows(void **state)
{
	struct fixture f;
	struct rows rows = {.sum = 0};
	struct answer a;

	(void)state;
	open_pg(&f, NULL);
	assert_int_equal(dg_pg_query_rows(f.pg,
					  "SELECT generate_series(1, 20000)",
					  NULL, 0, on_row, on_answer, &rows),
			 DG_OK);
	run_until(&f, rows.answer.done);
	assert_int_equal(rows.answer.rc, DG_OK);
	assert_int_equal(rows.n, 20000);
	assert_true(rows.sum == INT64_C(20000) * 20001 / 2);
	/* A reader that has enough. */
	rows = (struct rows){.stop_after = 5};
	assert_int_equal(dg_pg_query_rows(f.pg,
					  "SELECT generate_series(1, 20000)",
					  NULL, 0, on_row, on_answer, &rows),
			 DG_OK);
	run_until(&f, rows.answer.done);
	assert_int_equal(rows.answer.rc, DG_ERR_CLOSED);
	assert_int_equal(rows.n, 5);
	/* An error after rows have come. */
	rows = (struct rows){.stop_after = 0};
	assert_int_equal(dg_pg_query_rows(f.pg,
					  "SELECT 10/(500-i) FROM "
					  "generate_series(1, 1000) i",
					  NULL, 0, on_row, on_answer, &rows),
			 DG_OK);
	run_until(&f, rows.answer.done);
	assert_int_equal(rows.answer.rc, DG_ERR_INVALID);
	assert_int_equal(rows.n, 499);
	ask(&f, &a, "SELECT 1");
	assert_int_equal(a.rc, DG_OK);
	close_pg(&f);
}

static bool
on_line(void *arg, char *line, size_t len)
{
	struct rows *rows = arg;
	int64_t n;

	assert_int_equal(dg_str_to_i64(dg_str_make(line, len), &n), DG_OK);
	rows->sum += n;
	rows->n++;
	return rows->stop_after == 0 || rows->n < rows->stop_after;
}

static void
copy_out(struct fixture *f, const char *sql, struct rows *rows)
{
	assert_int_equal(dg_pg_copy_out(f->pg, sql, on_line, on_answer, rows),
			 DG_OK);
	run_until(f, rows->answer.done);
}

/* As rows, with the same endings. */
static void
test_lines(void **state)
{
	static const char many[] =
		"COPY (SELECT generate_series(1, 20000)) TO STDOUT";
	struct fixture f;
	struct rows rows = {.sum = 0};
	struct answer a;

	(void)state;
	open_pg(&f, NULL);
	copy_out(&f, many, &rows);
	assert_int_equal(rows.answer.rc, DG_OK);
	assert_int_equal(rows.n, 20000);
	assert_true(rows.sum == INT64_C(20000) * 20001 / 2);
	rows = (struct rows){.stop_after = 5};
	copy_out(&f, many, &rows);
	assert_int_equal(rows.answer.rc, DG_ERR_CLOSED);
	assert_int_equal(rows.n, 5);
	rows = (struct rows){.stop_after = 0};
	copy_out(&f,
		 "COPY (SELECT 10/(500-i) FROM generate_series(1, 1000) i) "
		 "TO STDOUT",
		 &rows);
	assert_int_equal(rows.answer.rc, DG_ERR_INVALID);
	assert_int_equal(rows.n, 499);
	/* What is no COPY, and what cannot be had. */
	rows = (struct rows){.stop_after = 0};
	copy_out(&f, "SELECT 1", &rows);
	assert_int_equal(rows.answer.rc, DG_OK);
	assert_int_equal(rows.n, 0);
	rows = (struct rows){.stop_after = 0};
	copy_out(&f, "COPY nothing TO STDOUT", &rows);
	assert_int_equal(rows.answer.rc, DG_ERR_INTERNAL);
	ask(&f, &a, "SELECT 1");
	assert_int_equal(a.rc, DG_OK);
	close_pg(&f);
}

/* The session ends between two lines: one answer, and a new session. */
static void
test_lines_lost(void **state)
{
	struct fixture f;
	struct rows rows = {.sum = 0};
	struct answer a;

	(void)state;
	open_pg(&f, NULL);
	copy_out(&f,
		 "COPY (SELECT i FROM generate_series(1, 20000) i WHERE "
		 "i < 15000 OR pg_terminate_backend(pg_backend_pid())) "
		 "TO STDOUT",
		 &rows);
	assert_int_not_equal(rows.answer.rc, DG_OK);
	assert_true(rows.n < 20000);
	ask(&f, &a, "SELECT 1");
	assert_int_equal(a.rc, DG_OK);
	close_pg(&f);
}

/* A result larger than any socket buffer, and a parameter as large. */
static void
test_large_values(void **state)
{
	enum { BIG = 20 * 1024 * 1024 };
	struct fixture f;
	struct answer a = {.done = false};
	char *big = dg_calloc(BIG, 1);
	struct dg_str param = dg_str_make(big, BIG);

	(void)state;
	memset(big, 'x', BIG);
	open_pg(&f, NULL);
	assert_int_equal(dg_pg_query(f.pg, "SELECT length($1::text)", &param, 1,
				     on_answer, &a),
			 DG_OK);
	run_until(&f, a.done);
	assert_int_equal(a.rc, DG_OK);
	assert_string_equal(a.text, "20971520");
	ask(&f, &a, "SELECT repeat('y', 20000000)");
	assert_int_equal(a.rc, DG_OK);
	close_pg(&f);
	dg_free(big);
}

static void
test_notifications(void **state)
{
	struct fixture f;
	struct fixture g;
	struct answer a;

	(void)state;
	open_pg(&f, NULL);
	open_pg(&g, NULL);
	/* One before the connection is up, one after. */
	assert_int_equal(dg_pg_listen(f.pg, "early"), DG_OK);
	run_until(&f, f.connected);
	assert_int_equal(dg_pg_listen(f.pg, "Late \"one\""), DG_OK);
	ask(&f, &a, "SELECT 1");

	ask(&g, &a, "NOTIFY early, 'p1'");
	assert_int_equal(a.rc, DG_OK);
	run_until(&f, f.notes == 1);
	assert_string_equal(f.channel, "early");
	assert_string_equal(f.payload, "p1");
	ask(&g, &a, "SELECT pg_notify('Late \"one\"', 'p2')");
	run_until(&f, f.notes == 2);
	assert_string_equal(f.channel, "Late \"one\"");
	/* Still in force when the connection is a new one. */
	ask(&f, &a, "SELECT pg_terminate_backend(pg_backend_pid())");
	run_until(&f, f.ups == 2);
	ask(&g, &a, "NOTIFY early, 'p3'");
	ask(&g, &a, "SELECT pg_notify('Late \"one\"', 'p4')");
	run_until(&f, f.notes == 4);
	assert_string_equal(f.payload, "p4");
	close_pg(&f);
	close_pg(&g);
}

/* In order, also those that a callback adds. */
struct chain {
	struct fixture *f;
	char text[16];
	size_t len;
};

static void
on_chain(void *arg, enum dg_rc rc, const struct dg_pg_result *result,
	 const struct dg_error *err)
{
	struct chain *chain = arg;
	char letter;

	(void)err;
	assert_int_equal(rc, DG_OK);
	letter = dg_pg_get(result, 0, 0).data[0];
	chain->text[chain->len++] = letter;
	if (letter == 'a')
		assert_int_equal(dg_pg_query(chain->f->pg, "SELECT 'c'", NULL,
					     0, on_chain, chain),
				 DG_OK);
}

static void
test_order(void **state)
{
	struct fixture f;
	struct chain chain = {.f = &f};

	(void)state;
	open_pg(&f, NULL);
	assert_int_equal(
		dg_pg_query(f.pg, "SELECT 'a'", NULL, 0, on_chain, &chain),
		DG_OK);
	assert_int_equal(
		dg_pg_query(f.pg, "SELECT 'b'", NULL, 0, on_chain, &chain),
		DG_OK);
	run_until(&f, chain.len == 3);
	assert_string_equal(chain.text, "abc");
	close_pg(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_queries),
		cmocka_unit_test(test_parameters),
		cmocka_unit_test(test_server_errors),
		cmocka_unit_test(test_script),
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_lines_lost),
		cmocka_unit_test(test_large_values),
		cmocka_unit_test(test_notifications),
		cmocka_unit_test(test_order),
	};

	return run_with_postgres(tests, DG_ARRAY_LEN(tests));
}
