/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_rewrite.c - the page scanner: tables of pages, each fed whole and cut
 * at every byte, and random JSON compared with what jansson makes of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <jansson.h>

#include "presto/rewrite.h"

static struct dg_rewriter *rewriter;
static struct dg_buf out;

static int
setup(void **state)
{
	(void)state;
	rewriter = dg_rewriter_create();
	dg_buf_init(&out, 1 << 20);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	dg_rewriter_destroy(&rewriter);
	dg_buf_fini(&out);
	return 0;
}

/* "N(...)", "P(...)", "I(...)"; one URI is dropped, one stops the page. */
static enum dg_rc
on_uri(void *arg, enum dg_uri_kind kind, struct dg_str uri, struct dg_buf *to)
{
	assert_ptr_equal(arg, &out);
	if (dg_str_eq(uri, DG_STR("drop")))
		return DG_ERR_NOT_FOUND;
	if (dg_str_eq(uri, DG_STR("stop")))
		return DG_ERR_DENIED;
	return dg_buf_appendf(to, "%c(%.*s)", "NPI"[kind], DG_STR_ARG(uri));
}

static enum dg_rc
feed_split(struct dg_str page, size_t at)
{
	enum dg_rc rc;

	dg_buf_clear(&out);
	dg_rewriter_reset(rewriter, on_uri, &out);
	rc = dg_rewriter_feed(rewriter, dg_str_slice(page, 0, at), &out);
	if (rc == DG_OK)
		rc = dg_rewriter_feed(rewriter,
				      dg_str_slice(page, at, page.len), &out);
	return rc;
}

static enum dg_rc
feed_bytes(struct dg_str page)
{
	enum dg_rc rc = DG_OK;

	dg_buf_clear(&out);
	dg_rewriter_reset(rewriter, on_uri, &out);
	for (size_t i = 0; i < page.len && rc == DG_OK; i++)
		rc = dg_rewriter_feed(rewriter, dg_str_slice(page, i, i + 1),
				      &out);
	return rc;
}

struct page {
	const char *in;
	const char *want;
};

static const struct page pages[] = {
	{"{}", "{}"},
	{" \n{ } \t", "{}"},
	{"{\"nextUri\":\"a\"}", "{\"nextUri\":\"N(a)\"}"},
	{"{\"id\":\"x\",\"infoUri\":\"i\",\"partialCancelUri\":\"p\","
	 "\"nextUri\":\"n\",\"stats\":{\"state\":\"QUEUED\"},\"warnings\":[]}",
	 "{\"id\":\"x\",\"stats\":{\"state\":\"QUEUED\"},\"warnings\":[],"
	 "\"nextUri\":\"N(n)\",\"partialCancelUri\":\"P(p)\","
	 "\"infoUri\":\"I(i)\"}"},
	/* data first, blanks everywhere, escaped slashes and key */
	{"{ \"data\" : [ [1, -2.5e+3] , [null,true,false] ] , "
	 "\"next\\u0055ri\" : \"http:\\/\\/x\\/y\" }",
	 "{\"data\" : [ [1, -2.5e+3] , [null,true,false] ],"
	 "\"nextUri\":\"N(http://x/y)\"}"},
	/* not at the outermost level: left alone */
	{"{\"data\":[[\"\\\"nextUri\\\":\\\"http://evil/\\\"\"]],"
	 "\"stats\":{\"nextUri\":\"deep\",\"state\":\"RUNNING\"}}",
	 "{\"data\":[[\"\\\"nextUri\\\":\\\"http://evil/\\\"\"]],"
	 "\"stats\":{\"nextUri\":\"deep\",\"state\":\"RUNNING\"}}"},
	{"{\"data\":[[{\"nextUri\":\"http://evil/\"}]]}",
	 "{\"data\":[[{\"nextUri\":\"http://evil/\"}]]}"},
	/* dropped and null members leave no comma behind */
	{"{\"nextUri\":\"drop\",\"a\":1}", "{\"a\":1}"},
	{"{\"a\":1,\"nextUri\":\"drop\"}", "{\"a\":1}"},
	{"{\"nextUri\":null}", "{}"},
	{"{\"nextUri\":\"drop\"}", "{}"},
	/* what a URI needs escaped is escaped */
	{"{\"nextUri\":\"a\\\"b\\\\c\\u00e4\"}",
	 "{\"nextUri\":\"N(a\\\"b\\\\c\xc3\xa4)\"}"},
	{"{\"nextUri\":\"\\ud83d\\ude00\"}",
	 "{\"nextUri\":\"N(\xf0\x9f\x98\x80)\"}"},
	{"{\"a\":\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\\ud800\"}",
	 "{\"a\":\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\\ud800\"}"},
	{"{\"a\":0,\"b\":-0,\"c\":10,\"d\":0.5E-7,\"e\":1e5}",
	 "{\"a\":0,\"b\":-0,\"c\":10,\"d\":0.5E-7,\"e\":1e5}"},
	{"{\"\":{\"\":[]},\"x\":{}}", "{\"\":{\"\":[]},\"x\":{}}"},
	{"{\"0123456789abcdef\":\"0123456789abcde\\n0123456789\"}",
	 "{\"0123456789abcdef\":\"0123456789abcde\\n0123456789\"}"},
};

static void
expect_out(const char *want)
{
	struct dg_str got = dg_buf_peek(&out);

	if (!dg_str_eq(got, dg_str_from_cstr(want)))
		fail_msg("got  %.*s\nwant %s", DG_STR_ARG(got), want);
	assert_true(dg_rewriter_facts(rewriter)->complete);
}

static void
rewrites(void **state)
{
	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(pages); i++) {
		struct dg_str in = dg_str_from_cstr(pages[i].in);

		for (size_t at = 0; at <= in.len; at++) {
			assert_int_equal(feed_split(in, at), DG_OK);
			expect_out(pages[i].want);
		}
		assert_int_equal(feed_bytes(in), DG_OK);
		expect_out(pages[i].want);
	}
}

static void
refuses(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"\xef\xbb\xbf{}",
		"[]",
		"1",
		"{}x",
		"{}{}",
		"{,}",
		"{\"a\"}",
		"{\"a\":}",
		"{\"a\":1,}",
		"{\"a\":1 \"b\":2}",
		"{\"a\":[1,]}",
		"{\"a\":[,1]}",
		"{\"a\":[1}",
		"{\"a\":{\"b\":1]",
		"{a:1}",
		"{\"a\":01}",
		"{\"a\":-}",
		"{\"a\":1.}",
		"{\"a\":.5}",
		"{\"a\":1e}",
		"{\"a\":+1}",
		"{\"a\":NaN}",
		"{\"a\":tru}",
		"{\"a\":nul1}",
		"{\"a\":\"\x01\"}",
		"{\"a\":\"\n\"}",
		"{\"a\":\"\\x\"}",
		"{\"a\":\"\\u12g4\"}",
		"{\"a\":\"\x80\"}",
		"{\"a\":\"\xc0\x80\"}",
		"{\"a\":\"\xe0\x80\x80\"}",
		"{\"a\":\"\xed\xa0\x80\"}",
		"{\"a\":\"\xf4\x90\x80\x80\"}",
		"{\"a\":\"\xf5\x80\x80\x80\"}",
		"{\"a\":\"\xc3\"}",
		"{\"nextUri\":\"a\",\"nextUri\":\"b\"}",
		"{\"nextUri\":\"a\",\"next\\u0055ri\":\"b\"}",
		"{\"nextUri\":null,\"nextUri\":\"b\"}",
		"{\"nexturi\":\"a\"}",
		"{\"NEXTURI\":\"a\"}",
		"{\"data\":[],\"data\":[]}",
		"{\"id\":\"a\",\"id\":\"b\"}",
		"{\"nextUri\":1}",
		"{\"nextUri\":[\"a\"]}",
		"{\"nextUri\":{\"a\":1}}",
		"{\"nextUri\":\"\\ud800\"}",
		"{\"nextUri\":\"\\u0000\"}",
		"{\"next\\ud800Uri\":\"a\"}",
		"{\"data\":1}",
		"{\"data\":\"x\"}",
		"{\"stats\":[]}",
	};

	for (size_t i = 0; i < DG_ARRAY_LEN(bad); i++) {
		struct dg_str in = dg_str_from_cstr(bad[i]);

		for (size_t at = 0; at <= in.len; at++) {
			if (feed_split(in, at) == DG_OK)
				fail_msg("accepted %s", bad[i]);
		}
		if (feed_bytes(in) == DG_OK)
			fail_msg("accepted %s", bad[i]);
	}
	/* Spooled rows, and what the callback does not like. */
	assert_int_equal(feed_split(DG_STR("{\"data\":{\"encoding\":1}}"), 3),
			 DG_ERR_UNSUPPORTED);
	assert_int_equal(feed_split(DG_STR("{\"nextUri\":\"stop\"}"), 3),
			 DG_ERR_DENIED);
}

/* A page that is cut short is never complete. */
static void
cut_pages(void **state)
{
	(void)state;
	struct dg_str in = dg_str_from_cstr(pages[3].in);

	for (size_t n = 0; n < in.len; n++) {
		assert_int_equal(feed_split(dg_str_slice(in, 0, n), n / 2),
				 DG_OK);
		assert_false(dg_rewriter_facts(rewriter)->complete);
	}
}

static void
facts(void **state)
{
	(void)state;
	const struct dg_page_facts *f = dg_rewriter_facts(rewriter);
	struct dg_str in = DG_STR(
		"{\"error\":{\"message\":\"m\",\"errorCode\":16777232,"
		"\"errorName\":\"SYNTAX_ERROR\",\"errorType\":\"EXTERNAL\","
		"\"failureInfo\":{\"errorName\":\"X\",\"state\":\"Y\"}},"
		"\"stats\":{\"rootStage\":{\"state\":\"Z\"},"
		"\"list\":[[1,\"a\"],2.5,[]],"
		"\"state\":\"FAILED\"},\"updateType\":\"INSERT\","
		"\"id\":\"2026_a\",\"data\":[]}");

	for (size_t at = 0; at <= in.len; at++) {
		assert_int_equal(feed_split(in, at), DG_OK);
		assert_string_equal(f->id, "2026_a");
		assert_string_equal(f->state, "FAILED");
		assert_string_equal(f->error_name, "SYNTAX_ERROR");
		assert_string_equal(f->error_type, "EXTERNAL");
		assert_int_equal(f->error_code, 16777232);
		assert_true(f->has_error);
		assert_string_equal(f->update_type, "INSERT");
		assert_false(f->has_next);
		assert_false(f->has_data);
	}
	assert_int_equal(feed_split(DG_STR("{\"data\":[["), 4), DG_OK);
	assert_true(dg_rewriter_at_data(rewriter));
	assert_int_equal(feed_split(DG_STR("{\"binaryData\":[\"a\""), 4),
			 DG_OK);
	assert_true(dg_rewriter_at_data(rewriter));
	assert_int_equal(feed_split(DG_STR("{\"columns\":[[1"), 4), DG_OK);
	assert_false(dg_rewriter_at_data(rewriter));
	assert_int_equal(
		feed_split(DG_STR("{\"nextUri\":\"a\",\"stats\":null}"), 4),
		DG_OK);
	assert_true(f->has_next);
	assert_false(f->has_error);
}

/* The last one counts; what is no plain number is 0. */
static void
error_codes(void **state)
{
	(void)state;
	static const struct {
		const char *number;
		int64_t want;
	} codes[] = {
		{"0", 0},
		{"7", 7},
		{"131074", 131074},
		{"-7", 0},
		{"1.5", 0},
		{"2e3", 0},
		{"\"12\"", 0},
		{"[12]", 0},
		{"99999999999999999999999", 0},
		{"3,\"errorCode\":45", 45},
		{"3,\"other\":45", 3},
	};

	for (size_t i = 0; i < DG_ARRAY_LEN(codes); i++) {
		char page[100];
		int n = snprintf(page, sizeof(page),
				 "{\"error\":{\"errorCode\":%s},\"x\":8}",
				 codes[i].number);
		struct dg_str in = dg_str_make(page, (size_t)n);

		for (size_t at = 0; at <= in.len; at++) {
			assert_int_equal(feed_split(in, at), DG_OK);
			assert_int_equal(
				dg_rewriter_facts(rewriter)->error_code,
				codes[i].want);
		}
	}
}

/* A fact longer than its place is cut, a key or URI is a limit. */
static void
limits(void **state)
{
	(void)state;
	static char text[20000];
	struct dg_str in;
	int n;

	n = snprintf(text, sizeof(text), "{\"updateType\":\"%0300d\"}", 0);
	in = dg_str_make(text, (size_t)n);
	assert_int_equal(feed_split(in, 50), DG_OK);
	assert_int_equal(strlen(dg_rewriter_facts(rewriter)->update_type),
			 DG_PAGE_TEXT_MAX - 1);
	n = snprintf(text, sizeof(text), "{\"updateType\":\"%09000d\"}", 0);
	assert_int_equal(feed_split(dg_str_make(text, (size_t)n), 50), DG_OK);
	n = snprintf(text, sizeof(text), "{\"nextUri\":\"%09000d\"}", 0);
	assert_int_equal(feed_split(dg_str_make(text, (size_t)n), 50),
			 DG_ERR_LIMIT);
	n = snprintf(text, sizeof(text), "{\"%09000d\":1}", 0);
	assert_int_equal(feed_split(dg_str_make(text, (size_t)n), 50),
			 DG_ERR_LIMIT);
	/* Depth 512 and 513, the outermost object included. */
	memcpy(text, "{\"a\":", 5);
	memset(text + 5, '[', 512);
	memset(text + 5 + 511, ']', 511);
	text[5 + 2 * 511] = '}';
	assert_int_equal(feed_split(dg_str_make(text, 5 + 2 * 511 + 1), 9),
			 DG_OK);
	assert_true(dg_rewriter_facts(rewriter)->complete);
	memset(text + 5, '[', 512);
	assert_int_equal(feed_split(dg_str_make(text, 5 + 512), 9),
			 DG_ERR_LIMIT);
	/* No room. */
	dg_buf_fini(&out);
	dg_buf_init(&out, 10);
	assert_int_equal(feed_split(DG_STR("{\"a\":1,\"b\":2,\"c\":3}"), 3),
			 DG_ERR_LIMIT);
}

/* ---- against jansson --------------------------------------------------- */

static uint64_t seed = 88172645463325252U;

static unsigned
pick(unsigned n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)(seed >> 11) % n;
}

static json_t *
random_value(unsigned depth)
{
	static const char *const texts[] = {
		"",
		"x",
		"nextUri",
		"\"}],{",
		"\\",
		"\xc3\xa4\xe2\x82\xac",
		"a long text, with more than eight bytes in it",
		"\n\t\x01/",
		"\xf0\x9f\x98\x80",
	};
	json_t *v;

	switch (depth > 6 ? pick(6) : pick(8)) {
	case 0:
		return json_null();
	case 1:
		return json_boolean(pick(2));
	case 2:
		return json_integer((json_int_t)pick(1U << 31) - (1 << 30));
	case 3:
		return json_real((double)pick(1000000) / 64.0);
	case 4:
	case 5:
		return json_string(texts[pick(DG_ARRAY_LEN(texts))]);
	case 6:
		v = json_array();
		for (unsigned n = pick(5); n > 0; n--)
			json_array_append_new(v, random_value(depth + 1));
		return v;
	default:
		v = json_object();
		for (unsigned n = pick(5); n > 0; n--)
			json_object_set_new(v, texts[pick(8)],
					    random_value(depth + 1));
		return v;
	}
}

static json_t *
random_page(void)
{
	json_t *page = json_object();
	json_t *row;

	for (unsigned n = pick(6); n > 0; n--) {
		char key[8];

		snprintf(key, sizeof(key), "k%u", pick(9));
		json_object_set_new(page, key, random_value(1));
	}
	if (pick(2) == 0)
		json_object_set_new(page, "nextUri", json_string("n/\xc3\xa4"));
	if (pick(2) == 0)
		json_object_set_new(page, "infoUri", json_string("drop"));
	if (pick(2) == 0) {
		row = json_array();
		for (unsigned n = pick(4); n > 0; n--)
			json_array_append_new(row, random_value(2));
		json_object_set_new(page, "data", row);
	}
	return page;
}

static struct dg_str
dump(const json_t *page, char *text, size_t max)
{
	static const size_t styles[] = {
		JSON_COMPACT,      JSON_INDENT(3),
		JSON_ENSURE_ASCII, JSON_ESCAPE_SLASH | JSON_COMPACT,
		JSON_SORT_KEYS,
	};
	size_t n =
		json_dumpb(page, text, max, styles[pick(DG_ARRAY_LEN(styles))]);

	assert_true(n > 0 && n <= max);
	return dg_str_make(text, n);
}

/* The output parses, and is the input with the URIs changed. */
static void
same_as_jansson(void **state)
{
	(void)state;
	static char text[1 << 19];

	for (int i = 0; i < 4000; i++) {
		json_t *page = random_page();
		struct dg_str in = dump(page, text, sizeof(text));
		json_t *got;

		assert_int_equal(feed_split(in, pick((unsigned)in.len + 1)),
				 DG_OK);
		if (json_object_get(page, "nextUri") != NULL)
			json_object_set_new(page, "nextUri",
					    json_string("N(n/\xc3\xa4)"));
		json_object_del(page, "infoUri");
		got = json_loadb(out.data + out.head, dg_buf_len(&out),
				 JSON_REJECT_DUPLICATES, NULL);
		assert_non_null(got);
		assert_true(json_equal(page, got));
		json_decref(got);
		json_decref(page);
	}
}

/* Where jansson and the page rules of rewrite.h differ by intent. */
static bool
is_special(struct dg_str in)
{
	static const char *const words[] = {"\\u", "Uri", "data"};

	for (size_t w = 0; w < DG_ARRAY_LEN(words); w++) {
		if (memmem(in.data, in.len, words[w], strlen(words[w])) != NULL)
			return true;
	}
	return false;
}

/* A damaged page is accepted by both or by neither. */
static void
refuses_as_jansson(void **state)
{
	(void)state;
	static const char bytes[] = "{}[],:\"\\0129eE+-. tfn\x80\xc3\x01";
	static char text[1 << 19];
	size_t refused = 0;

	for (int i = 0; i < 20000; i++) {
		json_t *page = random_page();
		struct dg_str in = dump(page, text, sizeof(text));
		json_error_t error;
		json_t *ref;
		bool ok;

		text[pick((unsigned)in.len)] = bytes[pick(sizeof(bytes) - 1)];
		json_decref(page);
		if (is_special(in))
			continue;
		ok = feed_bytes(in) == DG_OK &&
		     dg_rewriter_facts(rewriter)->complete;
		ref = json_loadb(in.data, in.len, 0, &error);
		if (ref == NULL &&
		    json_error_code(&error) == json_error_numeric_overflow)
			continue;
		if (ok != (ref != NULL))
			fail_msg("we: %d: %.*s", ok, DG_STR_ARG(in));
		json_decref(ref);
		refused += !ok;
	}
	assert_true(refused > 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		TEST(rewrites),        TEST(refuses),
		TEST(cut_pages),       TEST(facts),
		TEST(error_codes),     TEST(limits),
		TEST(same_as_jansson), TEST(refuses_as_jansson),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
