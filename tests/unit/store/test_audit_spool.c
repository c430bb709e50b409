/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_audit_spool.c - audit records while Postgres is away: answered for when
 * they are on disk, in Postgres when it is back, once each, whatever ends or
 * breaks meanwhile.
 */
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/lab.h"

#include <cmocka.h>

#define KEY "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define OTHER_KEY "BAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

static char folder[] = "/tmp/dgspoolXXXXXX";

struct answers {
	int ok;
	int failed;
};

static void
on_done(void *arg, enum dg_rc rc)
{
	struct answers *a = arg;

	a->ok += rc == DG_OK;
	a->failed += rc != DG_OK;
}

static struct dg_store_audit *
start(struct lab *lab, const char *key, uint64_t max_bytes)
{
	struct dg_store_audit_config config = {.conninfo = lab_conninfo(),
					       .queue_max = 10};
	char path[64];

	(void)snprintf(path, sizeof(path), "%s/audit", folder);
	assert_int_equal(dg_audit_spool_open(path, dg_str_from_cstr(key),
					     max_bytes, &config.spool, NULL),
			 DG_OK);
	return dg_store_audit_create(lab->loop, &config);
}

static void
add(struct dg_store_audit *audit, const char *id, struct answers *a)
{
	const struct dg_store_audit_decision decision = {
		.statement_id = dg_str_from_cstr(id),
		.at_us = 1700000000123456,
		.principal = DG_STR("ann"),
		.text = DG_STR("select secret"),
		.access_json = DG_STR("[\n{\"action\":\"select\"}]"),
		.decision = DG_STR("allowed"),
	};
	const struct dg_store_audit_end end = {
		.statement_id = dg_str_from_cstr(id),
		.at_us = 1700000000123456,
		.state = DG_STR("FINISHED"),
	};

	assert_int_equal(dg_store_audit_decision(audit, &decision, on_done, a),
			 DG_OK);
	assert_int_equal(dg_store_audit_end(audit, &end, on_done, a), DG_OK);
}

/* The names in the folder that end so; the last of them in name_out. */
static int
count_files(const char *suffix, char *name_out)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	int n = 0;

	for (entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
		struct dg_str name = dg_str_from_cstr(entry->d_name);

		if (name.data[0] == '.' ||
		    !dg_str_ends_with(name, dg_str_from_cstr(suffix)))
			continue;
		n++;
		if (name_out != NULL)
			(void)snprintf(name_out, 400, "%s/%s", folder,
				       entry->d_name);
	}
	(void)closedir(dir);
	return n;
}

static int
setup(void **state)
{
	char command[128];

	(void)snprintf(command, sizeof(command), "rm -f %s/*", folder);
	assert_int_equal(system(command), 0);
	dg_log_set_fd(open("/dev/null", O_WRONLY));
	return lab_setup_migrated(state);
}

static void
wait_for_rows(struct lab *lab, const char *ids)
{
	uint64_t until_ms = dg_clock_mono_ms() + 30000;

	while (strcmp(lab_ask(lab,
			      "SELECT coalesce(string_agg(statement_id, "
			      "' ' ORDER BY statement_id), '') FROM "
			      "datagateway.audit_decision JOIN "
			      "datagateway.audit_end USING (statement_id)"),
		      ids) != 0)
		assert_true(dg_clock_mono_ms() < until_ms);
}

static void
test_away(void **state)
{
	struct lab *lab = *state;
	struct dg_store_audit *audit = start(lab, KEY, 1 << 20);
	struct answers a = {0};
	struct stat about;
	char name[400];
	char bytes[4096] = "";
	FILE *f;
	size_t n;

	/* By way of the disk, if there is no connection yet. */
	add(audit, "a", &a);
	LAB_UNTIL(lab, a.ok == 2);
	wait_for_rows(lab, "a");
	LAB_UNTIL(lab, count_files("", NULL) == 0);
	lab_server("stop");
	add(audit, "b", &a);
	LAB_UNTIL(lab, a.ok == 4);
	add(audit, "c", &a);
	LAB_UNTIL(lab, a.ok == 6);
	assert_int_equal(count_files("", name), 1);
	assert_int_equal(stat(name, &about), 0);
	assert_int_equal(about.st_mode & 0777, 0600);
	f = fopen(name, "re");
	n = fread(bytes, 1, sizeof(bytes), f);
	(void)fclose(f);
	assert_null(memmem(bytes, n, "secret", 6));
	/* The end of the process; the next one finds it away as well. */
	dg_store_audit_destroy(&audit);
	audit = start(lab, KEY, 1 << 20);
	add(audit, "d", &a);
	LAB_UNTIL(lab, a.ok == 8);
	assert_int_equal(count_files("", NULL), 2);
	lab_server("start");
	wait_for_rows(lab, "a b c d");
	add(audit, "e", &a);
	LAB_UNTIL(lab, a.ok == 10);
	assert_int_equal(count_files("", NULL), 0);
	/* And once more, with the same process. */
	lab_server("stop");
	add(audit, "f", &a);
	LAB_UNTIL(lab, a.ok == 12);
	lab_server("start");
	wait_for_rows(lab, "a b c d e f");
	assert_int_equal(a.failed, 0);
	dg_store_audit_destroy(&audit);
}

/* More than there is room for waits, as without a spool. */
static void
test_full(void **state)
{
	struct lab *lab = *state;
	struct dg_store_audit *audit = start(lab, KEY, 600);
	struct answers a = {0};
	uint64_t until_ms;

	lab_server("stop");
	add(audit, "a", &a);
	LAB_UNTIL(lab, a.ok == 2);
	add(audit, "b", &a);
	until_ms = dg_clock_mono_ms() + 700;
	LAB_UNTIL(lab, dg_clock_mono_ms() >= until_ms);
	assert_int_equal(a.ok, 2);
	lab_server("start");
	LAB_UNTIL(lab, a.ok == 4);
	wait_for_rows(lab, "a b");
	dg_store_audit_destroy(&audit);
}

/* What a crash has cut off was never answered for; all before it is there. */
static void
test_torn(void **state)
{
	struct lab *lab = *state;
	struct dg_store_audit *audit = start(lab, KEY, 1 << 20);
	struct answers a = {0};
	struct stat about;
	char name[400];

	lab_server("stop");
	add(audit, "a", &a);
	LAB_UNTIL(lab, a.ok == 2);
	add(audit, "b", &a);
	LAB_UNTIL(lab, a.ok == 4);
	dg_store_audit_destroy(&audit);
	assert_int_equal(count_files("", name), 1);
	assert_int_equal(stat(name, &about), 0);
	assert_int_equal(truncate(name, about.st_size - 3), 0);
	lab_server("start");
	audit = start(lab, KEY, 1 << 20);
	wait_for_rows(lab, "a");
	dg_store_audit_destroy(&audit);
}

/* What cannot be read is kept aside and stops nothing. */
static void
test_unreadable(void **state)
{
	struct lab *lab = *state;
	struct dg_store_audit *audit = start(lab, OTHER_KEY, 1 << 20);
	struct answers a = {0};

	lab_server("stop");
	add(audit, "a", &a);
	LAB_UNTIL(lab, a.ok == 2);
	dg_store_audit_destroy(&audit);
	audit = start(lab, KEY, 1 << 20);
	add(audit, "b", &a);
	LAB_UNTIL(lab, a.ok == 4);
	lab_server("start");
	wait_for_rows(lab, "b");
	assert_int_equal(count_files(".unread", NULL), 1);
	dg_store_audit_destroy(&audit);
}

/* Whenever the writer ends: what was answered for is there. */
static void
test_end_while_writing(void **state)
{
	enum { ROUNDS = 24 };
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
	struct lab *lab = *state;
	struct dg_store_audit *audit;
	char want[2 * ROUNDS + 2] = "";
	size_t len = 0;

	lab_server("stop");
	for (size_t i = 0; i < ROUNDS; i++) {
		struct answers a = {0};
		const char id[2] = {letters[i], '\0'};
		uint64_t until_us = dg_clock_mono_us() + 100 * i;

		audit = start(lab, KEY, 1 << 20);
		add(audit, id, &a);
		dg_loop_run_once(lab->loop);
		assert_int_equal(a.failed, 0);
		while (dg_clock_mono_us() < until_us)
			continue; /* the disk's thread is at it */
		dg_store_audit_destroy(&audit);
		/* Decision and end go together, into one batch. */
		assert_int_equal(a.ok + a.failed, 2);
		assert_true(a.ok == 2 || a.failed == 2);
		if (a.ok == 2)
			len += (size_t)snprintf(want + len, sizeof(want) - len,
						"%s%s", len > 0 ? " " : "", id);
		dg_loop_run_once(lab->loop); /* what is deferred */
	}
	assert_true(len > 0);
	lab_server("start");
	audit = start(lab, KEY, 1 << 20);
	wait_for_rows(lab, want);
	dg_store_audit_destroy(&audit);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, lab_teardown)
		TEST(test_away),
		TEST(test_full),
		TEST(test_torn),
		TEST(test_unreadable),
		TEST(test_end_while_writing),
	};
	char command[128];
	int failed;

	if (mkdtemp(folder) == NULL)
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	(void)snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command) == 0 ? failed : 1;
}
