/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lab.c - see lab.h.
 */
#include "store/lab.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"

#include <cmocka.h>

static struct dg_error last_error;
static char answer[16384];

const char *
lab_conninfo(void)
{
	const char *conninfo = getenv("DG_TEST_PG");

	if (conninfo == NULL) {
		print_message("skipped: run by with_postgres.sh only\n");
		exit(77);
	}
	return conninfo;
}

void
lab_timeout(void *arg)
{
	(void)arg;
	fail_msg("the condition did not come true within 30 s");
}

struct dg_pg *
lab_connect(struct dg_loop *loop)
{
	struct dg_pg_config config = {
		.name = "lab",
		.conninfo = lab_conninfo(),
		.connect_timeout_ms = 10000,
		.query_timeout_ms = 30000,
		.queue_max = 1000,
	};

	return dg_pg_create(loop, &config);
}

int
lab_setup(void **state)
{
	struct lab *lab = DG_NEW(struct lab);

	dg_log_set_level(DG_LOG_ERROR);
	lab->loop = dg_loop_create("lab", 100);
	lab->pg = lab_connect(lab->loop);
	lab_run(lab, "DROP SCHEMA IF EXISTS datagateway CASCADE");
	*state = lab;
	return 0;
}

int
lab_setup_migrated(void **state)
{
	struct lab *lab;
	struct dg_error err;
	unsigned applied;

	lab_setup(state);
	lab = *state;
	if (dg_store_migrate(lab->pg, lab->loop, &applied, &err) != DG_OK)
		fail_msg("%s", err.text);
	return 0;
}

int
lab_teardown(void **state)
{
	struct lab *lab = *state;

	dg_pg_destroy(&lab->pg);
	dg_loop_destroy(&lab->loop);
	dg_free(lab);
	return 0;
}

enum dg_rc
lab_try(struct lab *lab, const char *sql)
{
	return dg_pg_script_wait(lab->pg, lab->loop, sql, &last_error);
}

const char *
lab_error(void)
{
	return last_error.text;
}

void
lab_run(struct lab *lab, const char *sql)
{
	if (lab_try(lab, sql) != DG_OK)
		fail_msg("%s: %s", sql, last_error.text);
}

static void
on_answer(void *arg, enum dg_rc rc, const struct dg_pg_result *result,
	  const struct dg_error *err)
{
	size_t len = 0;

	(void)arg;
	if (rc != DG_OK)
		fail_msg("%s", err->text);
	answer[0] = '\0';
	for (size_t r = 0; r < dg_pg_rows(result); r++) {
		struct dg_str cell = dg_pg_get(result, r, 0);
		int n;

		if (cell.data == NULL)
			cell = DG_STR("-");
		n = snprintf(answer + len, sizeof(answer) - len, "%s%.*s",
			     r == 0 ? "" : "\n", DG_STR_ARG(cell));
		assert_true(n >= 0 && (size_t)n < sizeof(answer) - len);
		len += (size_t)n;
	}
}

const char *
lab_ask(struct lab *lab, const char *sql)
{
	enum dg_rc rc = dg_pg_query_wait(lab->pg, lab->loop, sql, NULL, 0,
					 on_answer, NULL, &last_error);

	if (rc != DG_OK)
		fail_msg("%s: %s", sql, last_error.text);
	return answer;
}

void
lab_server(const char *verb)
{
	char command[512];

	(void)snprintf(command, sizeof(command), "%s %s",
		       getenv("DG_TEST_PG_CTL"), verb);
	assert_int_equal(system(command), 0);
}
