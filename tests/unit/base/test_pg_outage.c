/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_pg_outage.c - the server goes and comes back, is silent or slow, and a
 * connection is destroyed in each of its callbacks.
 */
#include "base/pg.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "pg_fixture.h"

static void
control_server(const char *verb)
{
	char command[256];

	snprintf(command, sizeof(command), "%s %s", getenv("DG_TEST_PG_CTL"),
		 verb);
	assert_int_equal(system(command), 0);
}

static void
test_server_restarts(void **state)
{
	struct fixture f;
	struct answer a;
	struct answer waiting = {.done = false};

	(void)state;
	open_pg(&f, NULL);
	run_until(&f, f.connected);
	control_server("stop");
	run_until(&f, !f.connected);
	assert_int_equal(f.downs, 1);
	assert_false(dg_pg_is_connected(f.pg));
	assert_int_equal(
		dg_pg_query(f.pg, "SELECT 5", NULL, 0, on_answer, &waiting),
		DG_OK);
	/* Several attempts fail: one outage is reported once. */
	dg_loop_run_once(f.loop);
	dg_loop_run_once(f.loop);
	dg_loop_run_once(f.loop);
	control_server("start");
	run_until(&f, waiting.done);
	assert_int_equal(waiting.rc, DG_OK);
	assert_string_equal(waiting.text, "5");
	assert_int_equal(f.ups, 2);
	assert_int_equal(f.downs, 1);
	ask(&f, &a, "SELECT 6");
	assert_string_equal(a.text, "6");
	close_pg(&f);
}

static void
test_fail_fast(void **state)
{
	struct fixture f;
	struct answer a = {.done = false};
	struct dg_pg_config config = default_config(&f);
	struct dg_error err;

	(void)state;
	config.fail_fast = true;
	open_pg(&f, &config);
	assert_int_equal(dg_pg_query(f.pg, "SELECT 1", NULL, 0, on_answer, &a),
			 DG_ERR_UNAVAILABLE);
	/* A tool waits all the same. */
	assert_int_equal(dg_pg_query_wait(f.pg, f.loop, "SELECT 8", NULL, 0,
					  on_answer, &a, &err),
			 DG_OK);
	assert_string_equal(a.text, "8");
	ask(&f, &a, "SELECT 1");
	assert_int_equal(a.rc, DG_OK);
	assert_false(a.text[0] == '\0');
	close_pg(&f);
}

/* Two in the queue: the second is refused with the first one's connection. */
static void
test_fail_fast_in_queue(void **state)
{
	struct fixture f;
	struct answer a = {.done = false};
	struct answer b = {.done = false};
	struct dg_pg_config config = default_config(&f);

	(void)state;
	config.fail_fast = true;
	config.query_timeout_ms = 200;
	open_pg(&f, &config);
	run_until(&f, f.connected);
	assert_int_equal(dg_pg_query(f.pg, "SELECT pg_sleep(30)", NULL, 0,
				     on_answer, &a),
			 DG_OK);
	run_until(&f, dg_pg_is_connected(f.pg));
	assert_int_equal(dg_pg_query(f.pg, "SELECT 1", NULL, 0, on_answer, &b),
			 DG_OK);
	run_until(&f, a.done && b.done);
	assert_int_equal(a.rc, DG_ERR_TIMEOUT);
	assert_true(b.rc == DG_ERR_UNAVAILABLE || b.rc == DG_ERR_TIMEOUT);
	close_pg(&f);
}

static void
test_query_timeout(void **state)
{
	struct fixture f;
	struct answer a;
	struct dg_pg_config config = default_config(&f);
	uint64_t start;

	(void)state;
	config.query_timeout_ms = 2000;
	open_pg(&f, &config);
	run_until(&f, f.connected);
	start = dg_clock_mono_ms();
	ask(&f, &a, "SELECT pg_sleep(30)");
	assert_int_equal(a.rc, DG_ERR_TIMEOUT);
	assert_true(dg_clock_mono_ms() - start < 10000);
	run_until(&f, f.connected);
	ask(&f, &a, "SELECT 3");
	assert_int_equal(a.rc, DG_OK);
	assert_int_equal(f.ups, 2);
	close_pg(&f);
}

/* Without a connection the wait ends in time, and says why there is none. */
static void
test_wait_timeout(void **state)
{
	struct fixture f;
	struct answer waiting = {.done = false};
	struct dg_pg_config config = default_config(&f);
	struct dg_error err;

	(void)state;
	config.conninfo = "host=/nonexistent/folder";
	config.query_timeout_ms = 1000;
	open_pg(&f, &config);
	assert_int_equal(dg_pg_query_wait(f.pg, f.loop, "SELECT 1", NULL, 0,
					  on_answer, &waiting, &err),
			 DG_ERR_TIMEOUT);
	assert_non_null(strstr(err.text, "no connection to Postgres"));
	assert_non_null(strstr(err.text, "/nonexistent/folder"));
	assert_int_equal(dg_pg_script_wait(f.pg, f.loop, "SELECT 1", &err),
			 DG_ERR_TIMEOUT);
	assert_int_equal(f.downs, 1);
	close_pg(&f);
}

static void
test_queue_is_bounded(void **state)
{
	struct fixture f;
	struct answer a[3];
	struct dg_pg_config config = default_config(&f);

	(void)state;
	config.queue_max = 2;
	open_pg(&f, &config);
	for (int i = 0; i < 3; i++) {
		a[i] = (struct answer){.done = false};
		assert_int_equal(dg_pg_query(f.pg, "SELECT 1", NULL, 0,
					     on_answer, &a[i]),
				 i < 2 ? DG_OK : DG_ERR_UNAVAILABLE);
	}
	run_until(&f, a[0].done && a[1].done);
	assert_false(a[2].done);
	close_pg(&f);
}

/* destroy inside each kind of callback, with others still waiting. */
struct suicide {
	struct fixture *f;
	int closed;
	bool destroyed;
};

static void
on_closed(void *arg, enum dg_rc rc, const struct dg_pg_result *result,
	  const struct dg_error *err)
{
	struct suicide *s = arg;

	assert_int_equal(rc, DG_ERR_CLOSED);
	assert_null(result);
	assert_non_null(err);
	s->closed++;
}

static void
destroy_now(struct suicide *s)
{
	dg_pg_destroy(&s->f->pg);
	assert_null(s->f->pg);
	s->destroyed = true;
}

static void
on_result_destroy(void *arg, enum dg_rc rc, const struct dg_pg_result *result,
		  const struct dg_error *err)
{
	(void)rc;
	(void)result;
	(void)err;
	destroy_now(arg);
}

static bool
on_row_destroy(void *arg, const struct dg_pg_result *row)
{
	destroy_now(arg);
	assert_int_equal(dg_pg_rows(row), 1);
	return true;
}

static void
on_notify_destroy(void *arg, struct dg_str channel, struct dg_str payload)
{
	(void)channel;
	(void)payload;
	destroy_now(arg);
}

static void
on_state_destroy(void *arg, bool connected, const char *why)
{
	(void)connected;
	(void)why;
	destroy_now(arg);
}

static void
test_destroy_in_callbacks(void **state)
{
	struct fixture f;
	struct suicide s = {.f = &f};
	struct dg_pg_config config;

	(void)state;
	open_pg(&f, NULL);
	assert_int_equal(
		dg_pg_query(f.pg, "SELECT 1", NULL, 0, on_result_destroy, &s),
		DG_OK);
	assert_int_equal(dg_pg_query(f.pg, "SELECT 2", NULL, 0, on_closed, &s),
			 DG_OK);
	run_until(&f, s.destroyed);
	assert_int_equal(s.closed, 1);
	dg_loop_destroy(&f.loop);

	s = (struct suicide){.f = &f};
	open_pg(&f, NULL);
	assert_int_equal(dg_pg_query_rows(f.pg, "SELECT generate_series(1,9)",
					  NULL, 0, on_row_destroy, on_closed,
					  &s),
			 DG_OK);
	assert_int_equal(dg_pg_query(f.pg, "SELECT 2", NULL, 0, on_closed, &s),
			 DG_OK);
	run_until(&f, s.destroyed);
	assert_int_equal(s.closed, 2);
	dg_loop_destroy(&f.loop);

	s = (struct suicide){.f = &f};
	config = default_config(&f);
	config.on_state = NULL;
	config.on_notify = on_notify_destroy;
	config.arg = &s;
	open_pg(&f, &config);
	assert_int_equal(dg_pg_listen(f.pg, "c"), DG_OK);
	assert_int_equal(dg_pg_query(f.pg, "NOTIFY c", NULL, 0, NULL, NULL),
			 DG_OK);
	run_until(&f, s.destroyed);
	dg_loop_destroy(&f.loop);

	s = (struct suicide){.f = &f};
	config.on_notify = NULL;
	config.on_state = on_state_destroy;
	open_pg(&f, &config);
	assert_int_equal(dg_pg_query(f.pg, "SELECT 2", NULL, 0, on_closed, &s),
			 DG_OK);
	run_until(&f, s.destroyed);
	assert_int_equal(s.closed, 1);
	dg_loop_destroy(&f.loop);

	s = (struct suicide){.f = &f};
	config.conninfo = "host=/nonexistent/folder";
	open_pg(&f, &config);
	assert_int_equal(dg_pg_query(f.pg, "SELECT 2", NULL, 0, on_closed, &s),
			 DG_OK);
	run_until(&f, s.destroyed);
	assert_int_equal(s.closed, 1);
	dg_loop_destroy(&f.loop);
}

static void
test_destroy_at_once(void **state)
{
	struct fixture f;
	struct suicide s = {.f = &f};

	(void)state;
	open_pg(&f, NULL);
	assert_int_equal(dg_pg_query(f.pg, "SELECT 2", NULL, 0, on_closed, &s),
			 DG_OK);
	close_pg(&f);
	assert_int_equal(s.closed, 1);
	dg_pg_destroy(&f.pg);
}

/* A server that takes the connection and never says a word. */
static void
test_silent_server(void **state)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct fixture f;
	struct dg_pg_config config = default_config(&f);
	struct dg_error err;
	char conninfo[64];

	(void)state;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
	assert_int_equal(listen(fd, 5), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	snprintf(conninfo, sizeof(conninfo), "hostaddr=127.0.0.1 port=%d",
		 ntohs(address.sin_port));
	config.conninfo = conninfo;
	config.connect_timeout_ms = 50;
	config.query_timeout_ms = 1500;
	open_pg(&f, &config);
	assert_int_equal(dg_pg_query_wait(f.pg, f.loop, "SELECT 1", NULL, 0,
					  NULL, NULL, &err),
			 DG_ERR_TIMEOUT);
	assert_non_null(strstr(err.text, "timeout after 50 ms"));
	assert_int_equal(f.downs, 1);
	close_pg(&f);
	close(fd);
}

static void
test_connection_text_is_broken(void **state)
{
	struct fixture f;
	struct dg_pg_config config = default_config(&f);
	struct dg_error err;

	(void)state;
	config.conninfo = "no_such_option=1 password=hunter2";
	config.query_timeout_ms = 1000;
	open_pg(&f, &config);
	assert_int_equal(dg_pg_query_wait(f.pg, f.loop, "SELECT 1", NULL, 0,
					  NULL, NULL, &err),
			 DG_ERR_TIMEOUT);
	assert_non_null(strstr(err.text, "no_such_option"));
	assert_null(strstr(err.text, "hunter2"));
	close_pg(&f);
}

/* A server that answers, but not fast enough for all who wait. */
static void
test_wait_for_a_turn_times_out(void **state)
{
	struct fixture f;
	struct answer a[3];
	struct dg_pg_config config = default_config(&f);

	(void)state;
	config.query_timeout_ms = 2500;
	open_pg(&f, &config);
	run_until(&f, f.connected);
	for (int i = 0; i < 3; i++) {
		a[i] = (struct answer){.done = false};
		assert_int_equal(dg_pg_query(f.pg, "SELECT pg_sleep(1.5)", NULL,
					     0, on_answer, &a[i]),
				 DG_OK);
	}
	run_until(&f, a[0].done && a[1].done && a[2].done);
	assert_int_equal(a[0].rc, DG_OK);
	assert_int_equal(a[2].rc, DG_ERR_TIMEOUT);
	assert_non_null(strstr(a[2].text, "busy"));
	/* It was never sent, so the connection is not to blame. */
	assert_int_equal(f.downs, 0);
	close_pg(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_server_restarts),
		cmocka_unit_test(test_fail_fast),
		cmocka_unit_test(test_fail_fast_in_queue),
		cmocka_unit_test(test_query_timeout),
		cmocka_unit_test(test_wait_timeout),
		cmocka_unit_test(test_queue_is_bounded),
		cmocka_unit_test(test_destroy_in_callbacks),
		cmocka_unit_test(test_destroy_at_once),
		cmocka_unit_test(test_wait_for_a_turn_times_out),
		cmocka_unit_test(test_silent_server),
		cmocka_unit_test(test_connection_text_is_broken),
	};

	return run_with_postgres(tests, DG_ARRAY_LEN(tests));
}
