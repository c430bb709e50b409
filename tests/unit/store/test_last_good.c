/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_last_good.c - the policy's file as bytes: what comes back, what is
 * refused, how old it is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/mem.h"
#include "last_good.h"
#include "policy_rows.h"
#include "stream_in_memory.h"

#include <cmocka.h>

#define KEY_TEXT "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

static struct dg_sealed_key
make_key(const char *purpose)
{
	struct dg_sealed_key key;

	assert_int_equal(
		dg_sealed_key_read(DG_STR(KEY_TEXT), purpose, &key, NULL),
		DG_OK);
	return key;
}

static struct dg_last_good
make_about(void)
{
	struct dg_last_good about;

	dg_last_good_init(&about);
	about.version = 42;
	(void)snprintf(about.stamp, sizeof(about.stamp), "42:abc");
	(void)snprintf(about.source, sizeof(about.source), "db:5432/gateway");
	about.seen = dg_last_good_now();
	return about;
}

/* n lines of each table, "TABLE-NUMBER", one of them long. */
static void
write_file(struct stream_in_memory *m, const struct dg_sealed_key *key,
	   const struct dg_last_good *about, size_t n, size_t long_bytes)
{
	struct dg_last_good_writer w;
	char *big = dg_calloc(1, long_bytes + 1);
	char line[64];

	memset(big, 'x', long_bytes);
	dg_buf_init(&m->bytes, 64 << 20);
	m->at = 0;
	assert_int_equal(dg_last_good_writer_open(&w, key, about, put_in_memory,
						  m, NULL),
			 DG_OK);
	for (size_t table = 0; table < dg_policy_n_tables; table++)
		for (size_t i = 0; i < n; i++) {
			(void)snprintf(line, sizeof(line), "%zu-%zu", table, i);
			assert_int_equal(dg_last_good_writer_line(
						 &w, table,
						 dg_str_from_cstr(line), NULL),
					 DG_OK);
		}
	if (long_bytes > 0)
		assert_int_equal(dg_last_good_writer_line(
					 &w, dg_policy_n_tables - 1,
					 dg_str_make(big, long_bytes), NULL),
				 DG_OK);
	assert_int_equal(dg_last_good_writer_finish(&w, NULL), DG_OK);
	dg_last_good_writer_close(&w);
	dg_free(big);
}

/* All of it; how many lines there were. */
static enum dg_rc
read_file(struct stream_in_memory *m, const struct dg_sealed_key *key,
	  struct dg_last_good *about, size_t *n_out, struct dg_error *err)
{
	struct dg_last_good_reader r;
	bool at_end = false;
	enum dg_rc rc;

	m->at = 0;
	*n_out = 0;
	rc = dg_last_good_reader_open(&r, key, get_from_memory, m, about, err);
	while (rc == DG_OK && !at_end) {
		size_t table;
		size_t len;
		char *line;

		rc = dg_last_good_reader_next(&r, &table, &line, &len, &at_end,
					      err);
		*n_out += rc == DG_OK && !at_end;
	}
	dg_last_good_reader_close(&r);
	return rc;
}

static void
test_round_trip(void **state)
{
	const struct dg_sealed_key key = make_key("a");
	struct dg_last_good about = make_about();
	struct dg_last_good_reader r;
	struct dg_last_good read;
	struct stream_in_memory m;
	struct dg_error err;
	bool at_end = false;
	size_t table;
	size_t len;
	char *line;

	(void)state;
	write_file(&m, &key, &about, 20000, 3 << 20);
	assert_int_equal(dg_last_good_reader_open(&r, &key, get_from_memory, &m,
						  &read, &err),
			 DG_OK);
	assert_int_equal(read.version, 42);
	assert_string_equal(read.id, about.id);
	assert_string_equal(read.stamp, "42:abc");
	assert_string_equal(read.source, "db:5432/gateway");
	assert_memory_equal(&read.seen, &about.seen, sizeof(read.seen));
	for (size_t t = 0; t < dg_policy_n_tables; t++)
		for (size_t i = 0; i < 20000; i++) {
			char want[64];

			assert_int_equal(
				dg_last_good_reader_next(&r, &table, &line,
							 &len, &at_end, &err),
				DG_OK);
			assert_false(at_end);
			(void)snprintf(want, sizeof(want), "%zu-%zu", t, i);
			assert_int_equal(table, t);
			assert_true(dg_str_eq(dg_str_make(line, len),
					      dg_str_from_cstr(want)));
		}
	assert_int_equal(dg_last_good_reader_next(&r, &table, &line, &len,
						  &at_end, &err),
			 DG_OK);
	assert_int_equal(len, 3 << 20);
	assert_int_equal(dg_last_good_reader_next(&r, &table, &line, &len,
						  &at_end, &err),
			 DG_OK);
	assert_true(at_end);
	dg_last_good_reader_close(&r);
	dg_buf_fini(&m.bytes);
}

/* Nothing of it can be read in the file. */
static void
test_nothing_shows(void **state)
{
	const struct dg_sealed_key key = make_key("a");
	struct dg_last_good about = make_about();
	struct stream_in_memory m;
	struct dg_str bytes;

	(void)state;
	write_file(&m, &key, &about, 10, 0);
	bytes = dg_buf_peek(&m.bytes);
	assert_null(memmem(bytes.data, bytes.len, "gateway", 7));
	assert_null(memmem(bytes.data, bytes.len, "0-1", 3));
	assert_null(memmem(bytes.data, bytes.len, about.id, 32));
	dg_buf_fini(&m.bytes);
}

/* Cut off anywhere, changed anywhere, or with something behind it. */
static void
test_damage(void **state)
{
	const struct dg_sealed_key key = make_key("a");
	struct dg_last_good about = make_about();
	struct stream_in_memory m;
	struct dg_error err;
	size_t all;
	size_t n;

	(void)state;
	write_file(&m, &key, &about, 3, 0);
	all = dg_buf_len(&m.bytes);
	assert_int_equal(read_file(&m, &key, &about, &n, &err), DG_OK);
	assert_int_equal(n, 3 * dg_policy_n_tables);
	for (size_t i = 0; i < all; i++) {
		char *byte = m.bytes.data + m.bytes.head + i;

		*byte = (char)(*byte ^ 1);
		assert_int_not_equal(read_file(&m, &key, &about, &n, &err),
				     DG_OK);
		*byte = (char)(*byte ^ 1);
	}
	assert_int_equal(read_file(&m, &key, &about, &n, &err), DG_OK);
	assert_int_equal(dg_buf_append_char(&m.bytes, 'x'), DG_OK);
	assert_int_equal(read_file(&m, &key, &about, &n, &err), DG_ERR_INVALID);
	for (size_t i = all; i-- > 0;) {
		dg_buf_truncate(&m.bytes, i);
		assert_int_equal(read_file(&m, &key, &about, &n, &err),
				 DG_ERR_NOT_FOUND);
	}
	dg_buf_fini(&m.bytes);
}

static void
test_other_files(void **state)
{
	const struct dg_sealed_key key = make_key("a");
	const struct dg_sealed_key other = make_key("b");
	struct dg_last_good about = make_about();
	struct stream_in_memory m;
	struct stream_in_memory seen = {.at = 0};
	char id[DG_LAST_GOOD_ID + 1];
	struct dg_last_good_time when = {.wall_us = 0};
	struct dg_error err;
	size_t n;

	(void)state;
	write_file(&m, &key, &about, 3, 0);
	assert_int_equal(read_file(&m, &other, &about, &n, &err),
			 DG_ERR_INVALID);
	assert_non_null(strstr(err.text, "with this key"));
	/* The format's number. */
	m.bytes.data[m.bytes.head + DG_SEALED_LABEL]++;
	assert_int_equal(read_file(&m, &key, &about, &n, &err), DG_ERR_INVALID);
	assert_non_null(strstr(err.text, "has format 2"));
	m.bytes.data[m.bytes.head + DG_SEALED_LABEL]--;
	/* One file for the other. */
	dg_buf_init(&seen.bytes, 4096);
	assert_int_equal(dg_last_good_seen_write(&key, about.id, &about.seen,
						 put_in_memory, &seen, NULL),
			 DG_OK);
	assert_int_equal(dg_last_good_seen_read(&key, get_from_memory, &seen,
						id, &when, &err),
			 DG_OK);
	assert_string_equal(id, about.id);
	assert_memory_equal(&when, &about.seen, sizeof(when));
	assert_int_equal(read_file(&seen, &key, &about, &n, &err),
			 DG_ERR_INVALID);
	assert_non_null(strstr(err.text, "another kind"));
	m.at = 0;
	assert_int_equal(dg_last_good_seen_read(&key, get_from_memory, &m, id,
						&when, &err),
			 DG_ERR_INVALID);
	dg_buf_fini(&seen.bytes);
	dg_buf_fini(&m.bytes);
}

static void
test_what_is_not_written(void **state)
{
	const struct dg_sealed_key key = make_key("a");
	struct dg_last_good about = make_about();
	struct dg_last_good_writer w;
	struct stream_in_memory m = {.at = 0};

	(void)state;
	dg_buf_init(&m.bytes, 1 << 20);
	(void)snprintf(about.source, sizeof(about.source), "a\\b");
	assert_int_equal(dg_last_good_writer_open(&w, &key, &about,
						  put_in_memory, &m, NULL),
			 DG_ERR_INVALID);
	dg_last_good_writer_close(&w);
	about = make_about();
	assert_int_equal(dg_last_good_writer_open(&w, &key, &about,
						  put_in_memory, &m, NULL),
			 DG_OK);
	assert_int_equal(
		dg_last_good_writer_line(
			&w, 0, dg_str_make("", DG_SEALED_CHUNK_MAX), NULL),
		DG_ERR_LIMIT);
	dg_last_good_writer_close(&w);
	dg_buf_fini(&m.bytes);
}

static void
test_keys(void **state)
{
	static const char *const bad[] = {
		"", "x", "AAECAwQFBgcICQoLDA0ODw==", KEY_TEXT KEY_TEXT,
		"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8!"};
	const struct dg_sealed_key a = make_key("a");
	const struct dg_sealed_key b = make_key("b");
	struct dg_sealed_key key;
	struct dg_error err;

	(void)state;
	assert_memory_not_equal(&a, &b, sizeof(a));
	assert_int_equal(
		dg_sealed_key_read(DG_STR(KEY_TEXT "\n"), "a", &key, &err),
		DG_OK);
	assert_memory_equal(&a, &key, sizeof(a));
	for (size_t i = 0; i < DG_ARRAY_LEN(bad); i++)
		assert_int_equal(dg_sealed_key_read(dg_str_from_cstr(bad[i]),
						    "a", &key, &err),
				 DG_ERR_INVALID);
}

static struct dg_last_good_time
at(int64_t wall_s, int64_t boot_s, const char *boot)
{
	struct dg_last_good_time t = {.wall_us = wall_s * 1000000,
				      .boot_ms = boot_s * 1000};

	(void)snprintf(t.boot_id, sizeof(t.boot_id), "%s", boot);
	return t;
}

/* -1: cannot be told. Setting a clock back makes nothing younger. */
static void
test_age(void **state)
{
	static const struct {
		int64_t wall_then, boot_then;
		const char *boot_id_then;
		int64_t wall_now, boot_now;
		const char *boot_id_now;
		int64_t age_s;
	} cases[] = {
		{1000, 10, "a", 1060, 70, "a", 60},
		/* another start of the machine: the wall clock alone */
		{1000, 10, "a", 1060, 5, "b", 60},
		{1000, 10, "", 1060, 70, "", 60},
		/* set back an hour, set forth an hour */
		{5000, 10, "a", 1460, 70, "a", 60},
		{5000, 10, "a", 8660, 70, "a", 3660},
		{5000, 10, "a", 1460, 5, "b", -1},
		{5000, 10, "", 1460, 70, "", -1},
		/* slept: the wall clock knows as well */
		{1000, 10, "a", 9000, 8010, "a", 8000},
		/* two clocks that are both nearly right */
		{1000, 10, "a", 998, 5, "b", 0},
		/* the same start, with less time than before: not the same */
		{1000, 90, "a", 1060, 70, "a", 60},
		{1000, 90, "a", 900, 70, "a", -1},
	};

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		struct dg_last_good_time then =
			at(cases[i].wall_then, cases[i].boot_then,
			   cases[i].boot_id_then);
		struct dg_last_good_time now =
			at(cases[i].wall_now, cases[i].boot_now,
			   cases[i].boot_id_now);
		struct dg_error err;
		int64_t age_ms = -1000;
		enum dg_rc rc = dg_last_good_age_ms(&then, &now, &age_ms, &err);

		if (cases[i].age_s < 0)
			assert_non_null(strstr(err.text, "set back"));
		assert_int_equal(rc,
				 cases[i].age_s < 0 ? DG_ERR_INVALID : DG_OK);
		assert_int_equal(age_ms / 1000, cases[i].age_s);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_nothing_shows),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_other_files),
		cmocka_unit_test(test_what_is_not_written),
		cmocka_unit_test(test_age),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
