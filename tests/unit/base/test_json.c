/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_json.c - reading refuses what is ambiguous, writing is always JSON.
 */
#include "base/json.h"

#include "test_support.h"

static struct dg_json *
parse(const char *text)
{
	struct dg_json *root = NULL;
	struct dg_error err;

	assert_int_equal(
		dg_json_parse(dg_str_from_cstr(text), 10000, &root, &err),
		DG_OK);
	return root;
}

static void
test_read(void **state)
{
	struct dg_json *root = parse("{\"s\":\"x\\u00e9\",\"n\":-5,"
				     "\"t\":true,\"f\":false,\"z\":null,"
				     "\"a\":[1,\"two\",{}],\"d\":1.5}");
	struct dg_str s = DG_STR("untouched");
	int64_t n = 77;
	bool b = false;

	(void)state;
	assert_true(dg_json_is_object(root));
	assert_false(dg_json_is_array(root));
	assert_int_equal(dg_json_size(root), 7);
	assert_true(dg_json_string(dg_json_get(root, "s"), &s));
	assert_str(s, "x\xC3\xA9");
	assert_true(dg_json_int(dg_json_get(root, "n"), &n));
	assert_int_equal(n, -5);
	assert_true(dg_json_bool(dg_json_get(root, "t"), &b));
	assert_true(b);
	assert_true(dg_json_bool(dg_json_get(root, "f"), &b));
	assert_false(b);
	assert_true(dg_json_is_array(dg_json_get(root, "a")));
	assert_int_equal(dg_json_size(dg_json_get(root, "a")), 3);
	assert_true(dg_json_string(dg_json_at(dg_json_get(root, "a"), 1), &s));
	assert_str(s, "two");
	/* Absent or of another type: false, and nothing is written. */
	n = 77;
	assert_false(dg_json_int(dg_json_get(root, "d"), &n));
	assert_false(dg_json_int(dg_json_get(root, "s"), &n));
	assert_false(dg_json_int(dg_json_get(root, "none"), &n));
	assert_int_equal(n, 77);
	assert_false(dg_json_bool(dg_json_get(root, "z"), &b));
	assert_false(dg_json_string(dg_json_get(root, "n"), &s));
	assert_str(s, "two");
	assert_null(dg_json_at(dg_json_get(root, "a"), 3));
	assert_null(dg_json_at(root, 0));
	assert_null(dg_json_get(dg_json_get(root, "a"), "x"));
	dg_json_destroy(&root);
	assert_null(root);
	assert_null(dg_json_get(NULL, "x"));
	assert_int_equal(dg_json_size(NULL), 0);
	assert_false(dg_json_is_object(NULL));
	dg_json_destroy(&root);
}

static void
test_iterate(void **state)
{
	struct dg_json *root = parse("{\"b\":1,\"a\":2,\"c\":3}");
	struct dg_json_iter iter = {0};
	const char *keys[] = {"b", "a", "c"};
	int64_t n;

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_true(dg_json_next(root, &iter));
		assert_str(iter.key, keys[i]);
		assert_true(dg_json_int(iter.value, &n));
		assert_int_equal(n, i + 1);
	}
	assert_false(dg_json_next(root, &iter));
	iter = (struct dg_json_iter){0};
	assert_false(dg_json_next(NULL, &iter));
	dg_json_destroy(&root);
}

static const struct {
	const char *text;
	const char *why;
} refused[] = {
	{"", "JSON line"},
	{"{", "JSON line 1"},
	{"{\"a\":1,\"a\":2}", "duplicate key"},
	{"{\"a\":\"\\u0000\"}", "\\u0000"},
	{"\"\xFF\"", "not UTF-8"},
	{"[1] x", "text after the value"},
	{"[1,]", "syntax error"},
	{"99999999999999999999999", "out of range"},
	{"nul", "syntax error"},
	{"{\"secret-text\" 1}", "syntax error"},
};

static void
test_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(refused); i++) {
		struct dg_json *root = NULL;
		struct dg_error err;

		assert_int_equal(
			dg_json_parse(dg_str_from_cstr(refused[i].text), 1000,
				      &root, &err),
			DG_ERR_INVALID);
		assert_null(root);
		assert_non_null(strstr(err.text, refused[i].why));
		/* A document may hold secrets: it is not quoted. */
		assert_null(strstr(err.text, "secret-text"));
	}
}

static void
test_size_limit(void **state)
{
	struct dg_json *root = NULL;

	(void)state;
	assert_int_equal(dg_json_parse(DG_STR("[1]"), 2, &root, NULL),
			 DG_ERR_LIMIT);
	assert_int_equal(dg_json_parse(DG_STR("[1]"), 3, &root, NULL), DG_OK);
	dg_json_destroy(&root);
}

/* Depth is bounded by the reader, not by the stack. */
static void
test_deep_nesting(void **state)
{
	static char text[200000];
	struct dg_json *root = NULL;
	struct dg_error err;

	(void)state;
	memset(text, '[', sizeof(text));
	assert_int_equal(dg_json_parse(dg_str_make(text, sizeof(text)),
				       sizeof(text), &root, &err),
			 DG_ERR_INVALID);
	assert_non_null(strstr(err.text, "nested too deep"));
}

static void
test_write(void **state)
{
	struct dg_json_writer w;
	struct dg_buf buf;

	(void)state;
	dg_buf_init(&buf, 1000);
	dg_json_begin(&w, &buf);
	dg_json_object_open(&w);
	dg_json_key(&w, "a");
	dg_json_array_open(&w);
	dg_json_put_int(&w, INT64_MIN);
	dg_json_put_null(&w);
	dg_json_array_open(&w);
	dg_json_array_close(&w);
	dg_json_object_open(&w);
	dg_json_object_close(&w);
	dg_json_put_bool(&w, true);
	dg_json_array_close(&w);
	dg_json_key_str(&w, DG_STR("b\""));
	dg_json_put_cstr(&w, "x");
	dg_json_key(&w, "c");
	dg_json_put_raw(&w, DG_STR("{\"raw\":1}"));
	dg_json_object_close(&w);
	assert_int_equal(dg_json_finish(&w), DG_OK);
	assert_str(dg_buf_peek(&buf),
		   "{\"a\":[-9223372036854775808,null,[],{},true],"
		   "\"b\\\"\":\"x\",\"c\":{\"raw\":1}}");
	dg_buf_fini(&buf);
}

static const struct {
	const char *in;
	size_t len;
	const char *out;
} escapes[] = {
	{"plain", 5, "\"plain\""},
	{"", 0, "\"\""},
	{"q\"b\\s/", 6, "\"q\\\"b\\\\s/\""},
	{"\n\r\t", 3, "\"\\n\\r\\t\""},
	{"\0\x1f\x7f", 3, "\"\\u0000\\u001f\\u007f\""},
	{"\xC3\xA9\xF0\x9F\x98\x80", 6, "\"\xC3\xA9\xF0\x9F\x98\x80\""},
	{"a\xFFz", 3, "\"a\xEF\xBF\xBDz\""},
	{"\xED\xA0\x80", 3, "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},
	{"cut\xE2\x82", 5, "\"cut\xEF\xBF\xBD\xEF\xBF\xBD\""},
};

static void
test_escapes(void **state)
{
	struct dg_buf buf;

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(escapes); i++) {
		dg_buf_init(&buf, 1000);
		assert_int_equal(dg_json_append_string(
					 &buf, dg_str_make(escapes[i].in,
							   escapes[i].len)),
				 DG_OK);
		assert_str(dg_buf_peek(&buf), escapes[i].out);
		dg_buf_fini(&buf);
	}
}

/* Any bytes, written and read back, give text that stays the same. */
static void
test_round_trip(void **state)
{
	unsigned random = 4711;

	(void)state;
	for (int round = 0; round < 3000; round++) {
		char bytes[40];
		struct dg_buf buf;
		struct dg_json *root = NULL;
		struct dg_str back;
		size_t len;

		random = random * 1103515245 + 12345;
		len = (random >> 16) % sizeof(bytes);
		for (size_t i = 0; i < len; i++) {
			random = random * 1103515245 + 12345;
			bytes[i] = (char)(unsigned char)(random >> 16);
			if (bytes[i] == '\0')
				bytes[i] = '0';
		}
		dg_buf_init(&buf, 1000);
		assert_int_equal(
			dg_json_append_string(&buf, dg_str_make(bytes, len)),
			DG_OK);
		assert_true(dg_str_is_utf8(dg_buf_peek(&buf)));
		assert_int_equal(
			dg_json_parse(dg_buf_peek(&buf), 1000, &root, NULL),
			DG_OK);
		assert_true(dg_json_string(root, &back));
		if (dg_str_is_utf8(dg_str_make(bytes, len)))
			assert_true(dg_str_eq(back, dg_str_make(bytes, len)));
		dg_json_destroy(&root);
		dg_buf_fini(&buf);
	}
}

static void
test_full_buffer_sticks(void **state)
{
	(void)state;
	for (size_t max = 0; max < 20; max++) {
		struct dg_json_writer w;
		struct dg_buf buf;

		dg_buf_init(&buf, max);
		dg_json_begin(&w, &buf);
		dg_json_object_open(&w);
		dg_json_key(&w, "k");
		dg_json_put_cstr(&w, "0123456789");
		dg_json_object_close(&w);
		assert_int_equal(dg_json_finish(&w),
				 max >= 18 ? DG_OK : DG_ERR_LIMIT);
		dg_buf_clear(&buf);
		assert_int_equal(dg_json_append_string(&buf, DG_STR("a\nbc")),
				 max >= 7 ? DG_OK : DG_ERR_LIMIT);
		/* All or nothing. */
		assert_int_equal(dg_buf_len(&buf), max >= 7 ? 7 : 0);
		dg_buf_fini(&buf);
	}
}

static void
test_writer_depth(void **state)
{
	struct dg_json_writer w;
	struct dg_buf buf;

	(void)state;
	dg_buf_init(&buf, 1000);
	dg_json_begin(&w, &buf);
	for (int i = 0; i < 64; i++)
		dg_json_array_open(&w);
	for (int i = 0; i < 64; i++)
		dg_json_array_close(&w);
	assert_int_equal(dg_json_finish(&w), DG_ERR_LIMIT);
	dg_buf_clear(&buf);
	dg_json_begin(&w, &buf);
	for (int i = 0; i < 63; i++)
		dg_json_array_open(&w);
	for (int i = 0; i < 63; i++)
		dg_json_array_close(&w);
	assert_int_equal(dg_json_finish(&w), DG_OK);
	dg_buf_fini(&buf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_iterate),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_size_limit),
		cmocka_unit_test(test_deep_nesting),
		cmocka_unit_test(test_write),
		cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_full_buffer_sticks),
		cmocka_unit_test(test_writer_depth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
