/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_buf.c - the buffer's ranges, its maximum, and that nothing is lost.
 */
#include "base/buf.h"

#include "test_support.h"

static void
test_append_and_consume(void **state)
{
	struct dg_buf buf;

	(void)state;
	dg_buf_init(&buf, 100);
	assert_str(dg_buf_peek(&buf), "");
	assert_int_equal(dg_buf_append(&buf, DG_STR("hello ")), DG_OK);
	assert_int_equal(dg_buf_append_char(&buf, 'w'), DG_OK);
	assert_int_equal(dg_buf_appendf(&buf, "%s", "orld"), DG_OK);
	assert_str(dg_buf_peek(&buf), "hello world");
	dg_buf_consume(&buf, 6);
	assert_str(dg_buf_peek(&buf), "world");
	dg_buf_truncate(&buf, 2);
	assert_str(dg_buf_peek(&buf), "wo");
	dg_buf_clear(&buf);
	assert_int_equal(dg_buf_len(&buf), 0);
	dg_buf_fini(&buf);
	assert_null(buf.data);
}

/* At, below and above the maximum; a refusal adds nothing. */
static void
test_maximum(void **state)
{
	struct dg_buf buf;
	char *room;

	(void)state;
	for (size_t max = 0; max < 40; max++) {
		dg_buf_init(&buf, max);
		for (size_t i = 0; i < max; i++)
			assert_int_equal(dg_buf_append_char(&buf, 'x'), DG_OK);
		assert_int_equal(dg_buf_room(&buf), 0);
		assert_int_equal(dg_buf_append_char(&buf, 'x'), DG_ERR_LIMIT);
		assert_int_equal(dg_buf_appendf(&buf, "%d", 1), DG_ERR_LIMIT);
		assert_int_equal(dg_buf_reserve(&buf, SIZE_MAX, &room),
				 DG_ERR_LIMIT);
		assert_int_equal(dg_buf_len(&buf), max);
		assert_true(buf.cap <= buf.max);
		if (max >= 3) {
			dg_buf_consume(&buf, 3);
			assert_int_equal(dg_buf_append(&buf, DG_STR("1234")),
					 DG_ERR_LIMIT);
			assert_int_equal(dg_buf_append(&buf, DG_STR("123")),
					 DG_OK);
		}
		dg_buf_fini(&buf);
	}
}

/* A formatted text that fits exactly has no room for vsnprintf's NUL. */
static void
test_format_fits_exactly(void **state)
{
	struct dg_buf buf;

	(void)state;
	dg_buf_init(&buf, 5);
	assert_int_equal(dg_buf_appendf(&buf, "%s", "12345"), DG_OK);
	assert_str(dg_buf_peek(&buf), "12345");
	dg_buf_fini(&buf);
	dg_buf_init(&buf, 5);
	assert_int_equal(dg_buf_appendf(&buf, "%s", "123456"), DG_ERR_LIMIT);
	assert_int_equal(dg_buf_len(&buf), 0);
	dg_buf_fini(&buf);
}

/* A stream through a small buffer: every byte once and in order. */
static void
test_stream(void **state)
{
	struct dg_buf buf;
	unsigned written = 0;
	unsigned seen = 0;
	unsigned random = 12345;

	(void)state;
	dg_buf_init(&buf, 700);
	while (seen < 200000) {
		size_t n;

		random = random * 1103515245 + 12345;
		n = (random >> 16) % 300;
		while (n > 0 && dg_buf_room(&buf) > 0) {
			char c = (char)(written++ % 251);

			assert_int_equal(dg_buf_append_char(&buf, c), DG_OK);
			n--;
		}
		random = random * 1103515245 + 12345;
		n = (random >> 16) % 300;
		if (n > dg_buf_len(&buf))
			n = dg_buf_len(&buf);
		for (size_t i = 0; i < n; i++)
			assert_int_equal(dg_buf_peek(&buf).data[i],
					 (char)(seen++ % 251));
		dg_buf_consume(&buf, n);
		assert_true(buf.head <= buf.tail && buf.tail <= buf.cap &&
			    buf.cap <= buf.max);
	}
	dg_buf_fini(&buf);
}

static void
test_reserve_commit(void **state)
{
	struct dg_buf buf;
	char *room;

	(void)state;
	dg_buf_init(&buf, 1000);
	assert_int_equal(dg_buf_reserve(&buf, 1000, &room), DG_OK);
	memset(room, 'y', 1000);
	dg_buf_commit(&buf, 10);
	assert_str(dg_buf_peek(&buf), "yyyyyyyyyy");
	dg_buf_consume(&buf, 5);
	assert_int_equal(dg_buf_reserve(&buf, 995, &room), DG_OK);
	memset(room, 'z', 995);
	dg_buf_commit(&buf, 995);
	assert_int_equal(dg_buf_len(&buf), 1000);
	assert_memory_equal(dg_buf_peek(&buf).data, "yyyyyz", 6);
	assert_int_equal(dg_buf_reserve(&buf, 1, &room), DG_ERR_LIMIT);
	assert_int_equal(dg_buf_reserve(&buf, 0, &room), DG_OK);
	dg_buf_fini(&buf);
}

/* Memory follows the contents, not the maximum. */
static void
test_grows_with_contents(void **state)
{
	struct dg_buf buf;

	(void)state;
	dg_buf_init(&buf, SIZE_MAX);
	assert_int_equal(dg_buf_append(&buf, DG_STR("abc")), DG_OK);
	assert_true(buf.cap < 4096);
	dg_buf_fini(&buf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_append_and_consume),
		cmocka_unit_test(test_maximum),
		cmocka_unit_test(test_format_fits_exactly),
		cmocka_unit_test(test_stream),
		cmocka_unit_test(test_reserve_commit),
		cmocka_unit_test(test_grows_with_contents),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
