/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_log.c - every line is one JSON object, whatever goes in.
 */
#include "base/log.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/json.h"
#include "test_support.h"

static char captured[1 << 20];
static char path[] = "/tmp/dg_test_log.XXXXXX";

/* What was logged since the file was last emptied. */
static struct dg_str
read_log(int fd)
{
	ssize_t n = pread(fd, captured, sizeof(captured), 0);

	assert_true(n >= 0);
	assert_int_equal(ftruncate(fd, 0), 0);
	lseek(fd, 0, SEEK_SET);
	return dg_str_make(captured, (size_t)n);
}

static int
open_log(void **state)
{
	static int fd;

	fd = mkstemp(path);
	if (fd < 0)
		return -1;
	unlink(path);
	dg_log_set_fd(fd);
	*state = &fd;
	return 0;
}

static int
close_log(void **state)
{
	return close(*(int *)*state);
}

static struct dg_json *
parse_line(struct dg_str *log)
{
	struct dg_json *root = NULL;
	struct dg_error err;
	struct dg_str line;

	assert_true(dg_str_split(log, '\n', &line));
	assert_true(line.len < 8192);
	assert_int_equal(dg_json_parse(line, 1 << 20, &root, &err), DG_OK);
	assert_true(dg_json_is_object(root));
	return root;
}

static void
assert_field(const struct dg_json *root, const char *key, const char *value)
{
	struct dg_str s;

	assert_true(dg_json_string(dg_json_get(root, key), &s));
	assert_str(s, value);
}

static void
test_line(void **state)
{
	int fd = *(int *)*state;
	const struct dg_log_field outer[] = {DG_LOG_CSTR("worker", "w0")};
	const struct dg_log_field inner[] = {DG_LOG_INT("conn", 17)};
	const struct dg_log_ctx gateway = {NULL, outer, 1};
	const struct dg_log_ctx conn = {&gateway, inner, 1};
	struct dg_json *root;
	struct dg_str log;
	struct dg_str ts;
	int64_t n;
	bool b;

	dg_log_info(&conn, "test.event",
		    DG_FIELDS(DG_LOG_INT("n", -3), DG_LOG_BOOL("ok", true),
			      DG_LOG_STR("s", DG_STR("a\"\n\xFF"))),
		    "hello %s", "world");
	log = read_log(fd);
	root = parse_line(&log);
	assert_field(root, "level", "info");
	assert_field(root, "event", "test.event");
	assert_field(root, "msg", "hello world");
	assert_field(root, "worker", "w0");
	assert_field(root, "s", "a\"\n\xEF\xBF\xBD");
	assert_true(dg_json_int(dg_json_get(root, "conn"), &n));
	assert_int_equal(n, 17);
	assert_true(dg_json_int(dg_json_get(root, "n"), &n));
	assert_int_equal(n, -3);
	assert_true(dg_json_bool(dg_json_get(root, "ok"), &b) && b);
	assert_true(dg_json_string(dg_json_get(root, "ts"), &ts));
	assert_int_equal(ts.len, strlen("2026-01-31T12:34:56.123456Z"));
	assert_null(dg_json_get(root, "cut"));
	dg_json_destroy(&root);
	/* Nothing behind the one line. */
	assert_str(log, "");
}

static void
test_levels(void **state)
{
	int fd = *(int *)*state;

	dg_log_debug(NULL, "x", DG_NO_FIELDS, "dropped");
	assert_str(read_log(fd), "");
	dg_log_set_level(DG_LOG_ERROR);
	assert_false(dg_log_enabled(DG_LOG_WARN));
	dg_log_warn(NULL, "x", DG_NO_FIELDS, "dropped");
	assert_str(read_log(fd), "");
	dg_log_error(NULL, "x", DG_NO_FIELDS, "kept");
	assert_true(read_log(fd).len > 0);
	dg_log_set_level(DG_LOG_DEBUG);
	dg_log_debug(NULL, "x", DG_NO_FIELDS, "kept");
	assert_true(read_log(fd).len > 0);
	dg_log_set_level(DG_LOG_INFO);
}

/*
 * Around every length at which something no longer fits: unit becomes
 * escaped_len bytes in the line.
 */
static void
check_cut(int fd, const char *unit, size_t escaped_len)
{
	static char big[9000];
	size_t unit_len = strlen(unit);
	size_t first = 7900 / escaped_len;
	bool saw_whole = false;
	bool saw_cut = false;

	for (size_t units = 0; units < first; units++)
		memcpy(big + units * unit_len, unit, unit_len);
	for (size_t units = first; units * escaped_len < 8200; units++) {
		struct dg_str value = dg_str_make(big, units * unit_len);
		struct dg_json *root;
		struct dg_str log;
		bool cut = false;

		dg_log_info(NULL, "test.cut",
			    DG_FIELDS(DG_LOG_STR("big", value),
				      DG_LOG_INT("after", 1)),
			    "m");
		log = read_log(fd);
		root = parse_line(&log);
		assert_str(log, "");
		(void)dg_json_bool(dg_json_get(root, "cut"), &cut);
		assert_int_equal(cut, dg_json_get(root, "after") == NULL);
		saw_cut = saw_cut || cut;
		saw_whole = saw_whole || !cut;
		dg_json_destroy(&root);
		memcpy(big + units * unit_len, unit, unit_len);
	}
	assert_true(saw_cut && saw_whole);
}

static void
test_long_lines_are_cut(void **state)
{
	int fd = *(int *)*state;

	check_cut(fd, "x", 1);
	check_cut(fd, "\n", 2);
	check_cut(fd, "\xE2\x82\xAC", 3);
	check_cut(fd, "\xFF", 3);
	check_cut(fd, "ab\x01", 8);
}

static void
test_long_message(void **state)
{
	static char big[20000];
	int fd = *(int *)*state;
	struct dg_json *root;
	struct dg_str log;

	memset(big, '\x02', sizeof(big) - 1);
	dg_log_info(NULL, "test.msg", DG_FIELDS(DG_LOG_INT("a", 1)), "%s", big);
	log = read_log(fd);
	root = parse_line(&log);
	assert_field(root, "event", "test.msg");
	dg_json_destroy(&root);
}

enum { WRITERS = 4, LINES = 500 };

static void *
write_lines(void *arg)
{
	for (int i = 0; i < LINES; i++)
		dg_log_info(
			NULL, "test.thread",
			DG_FIELDS(DG_LOG_CSTR("who", arg), DG_LOG_INT("i", i)),
			"line");
	return NULL;
}

static void
test_threads_do_not_mix_lines(void **state)
{
	int fd = *(int *)*state;
	static char names[WRITERS][8];
	pthread_t threads[WRITERS];
	struct dg_str log;
	int n = 0;

	for (int i = 0; i < WRITERS; i++) {
		snprintf(names[i], sizeof(names[i]), "t%d", i);
		assert_int_equal(pthread_create(&threads[i], NULL, write_lines,
						names[i]),
				 0);
	}
	for (int i = 0; i < WRITERS; i++)
		pthread_join(threads[i], NULL);
	log = read_log(fd);
	for (; log.len > 0; n++) {
		struct dg_json *root = parse_line(&log);

		assert_field(root, "event", "test.thread");
		dg_json_destroy(&root);
	}
	assert_int_equal(n, WRITERS * LINES);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_line),
		cmocka_unit_test(test_levels),
		cmocka_unit_test(test_long_lines_are_cut),
		cmocka_unit_test(test_long_message),
		cmocka_unit_test(test_threads_do_not_mix_lines),
	};

	return cmocka_run_group_tests(tests, open_log, close_log);
}
