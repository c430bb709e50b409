/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_http_body.c - body framing; each case whole, and cut at every byte.
 */
#include "http/body.h"

#include "base/buf.h"
#include "net_support.h"

struct test_case {
	const char *name;
	enum dg_http_framing framing;
	uint64_t length;
	struct dg_str bytes;
	const char *payload;  /* all of it, or what came before the fault */
	const char *why;      /* of the fault, or NULL */
	bool incomplete;      /* the bytes end before the body does */
	struct dg_str behind; /* bytes that do not belong to the body */
};

#define CHUNKED .framing = DG_HTTP_CHUNKED

static const struct test_case cases[] = {
	{"none", .framing = DG_HTTP_NO_BODY, .bytes = DG_STR_INIT("GET"),
	 .payload = "", .behind = DG_STR_INIT("GET")},
	{"length", .framing = DG_HTTP_LENGTH, .length = 5,
	 .bytes = DG_STR_INIT("helloGET"), .payload = "hello",
	 .behind = DG_STR_INIT("GET")},
	{"length zero", .framing = DG_HTTP_LENGTH, .length = 0,
	 .bytes = DG_STR_INIT("GET"), .payload = "",
	 .behind = DG_STR_INIT("GET")},
	{"length, short", .framing = DG_HTTP_LENGTH, .length = 6,
	 .bytes = DG_STR_INIT("hello"), .payload = "hello", .incomplete = true},
	{"until close", .framing = DG_HTTP_UNTIL_CLOSE,
	 .bytes = DG_STR_INIT("hello"), .payload = "hello", .incomplete = true},
	{"chunked", CHUNKED,
	 .bytes = DG_STR_INIT("5\r\nhello\r\nA\r\n, world!!!\r\n0\r\n\r\nGET"),
	 .payload = "hello, world!!!", .behind = DG_STR_INIT("GET")},
	{"chunked, empty", CHUNKED, .bytes = DG_STR_INIT("0\r\n\r\n"),
	 .payload = ""},
	{"zeros in front", CHUNKED,
	 .bytes = DG_STR_INIT("0000000000000002\r\nab\r\n000\r\n\r\n"),
	 .payload = "ab"},
	{"extensions", CHUNKED,
	 .bytes = DG_STR_INIT("2;a=b;c=\"d e\"\r\nab\r\n0;x\r\n\r\n"),
	 .payload = "ab"},
	{"trailers", CHUNKED,
	 .bytes = DG_STR_INIT("2\r\nab\r\n0\r\nA: b\r\nC:\td\r\n\r\n.."),
	 .payload = "ab", .behind = DG_STR_INIT("..")},
	{"chunked, short", CHUNKED, .bytes = DG_STR_INIT("6\r\nhello"),
	 .payload = "hello", .incomplete = true},
	{"no last CR LF", CHUNKED, .bytes = DG_STR_INIT("2\r\nab\r\n0\r\n"),
	 .payload = "ab", .incomplete = true},
	{"payload like framing", CHUNKED,
	 .bytes = DG_STR_INIT("7\r\n\r\n0\r\n\r\n\r\n0\r\n\r\n"),
	 .payload = "\r\n0\r\n\r\n"},

	{"largest size", CHUNKED,
	 .bytes = DG_STR_INIT("FFFFFFFFFFFFFFFF\r\nab"), .payload = "ab",
	 .incomplete = true},
	{"size overflow", CHUNKED,
	 .bytes = DG_STR_INIT("10000000000000000\r\nab"), .payload = "",
	 .why = "chunk size is too long"},
	{"plus", CHUNKED, .bytes = DG_STR_INIT("+2\r\nab\r\n"), .payload = "",
	 .why = "chunk size is not a hex number"},
	{"minus", CHUNKED, .bytes = DG_STR_INIT("-2\r\nab\r\n"), .payload = "",
	 .why = "chunk size is not a hex number"},
	{"0x", CHUNKED, .bytes = DG_STR_INIT("0x2\r\nab\r\n"), .payload = "",
	 .why = "chunk size is not a hex number"},
	{"blank in front", CHUNKED, .bytes = DG_STR_INIT(" 2\r\nab\r\n"),
	 .payload = "", .why = "chunk size is not a hex number"},
	{"blank behind", CHUNKED, .bytes = DG_STR_INIT("2 \r\nab\r\n"),
	 .payload = "", .why = "chunk size is not a hex number"},
	{"empty size", CHUNKED, .bytes = DG_STR_INIT("\r\nab\r\n"),
	 .payload = "", .why = "chunk size is not a hex number"},
	{"bare LF after size", CHUNKED, .bytes = DG_STR_INIT("2\nab\r\n"),
	 .payload = "", .why = "chunk size is not a hex number"},
	{"CR without LF after size", CHUNKED, .bytes = DG_STR_INIT("2\rab\r\n"),
	 .payload = "", .why = "a chunk line does not end in CR LF"},
	{"bare LF after data", CHUNKED,
	 .bytes = DG_STR_INIT("2\r\nab\n0\r\n\r\n"), .payload = "ab",
	 .why = "a chunk line does not end in CR LF"},
	{"data longer than its size", CHUNKED,
	 .bytes = DG_STR_INIT("2\r\nabc\r\n0\r\n\r\n"), .payload = "ab",
	 .why = "a chunk line does not end in CR LF"},
	{"LF in an extension", CHUNKED,
	 .bytes = DG_STR_INIT("2;a\nb\r\nab\r\n"), .payload = "",
	 .why = "control byte in a chunk line"},
	{"CR in an extension", CHUNKED,
	 .bytes = DG_STR_INIT("2;a\rb\r\nab\r\n"), .payload = "",
	 .why = "a chunk line does not end in CR LF"},
	{"NUL in a trailer", CHUNKED,
	 .bytes = DG_STR_INIT("0\r\nA: \0\r\n\r\n"), .payload = "",
	 .why = "control byte in a chunk line"},
	{"trailer without a name", CHUNKED,
	 .bytes = DG_STR_INIT("0\r\n: a\r\n\r\n"), .payload = "",
	 .why = "malformed trailer"},
	{"folded trailer", CHUNKED,
	 .bytes = DG_STR_INIT("0\r\nA: b\r\n c\r\n\r\n"), .payload = "",
	 .why = "malformed trailer"},
};

struct run {
	struct dg_http_body body;
	struct dg_buf payload;
	enum dg_http_parse rc;
	struct dg_http_fault fault;
	size_t used;
};

/* Feeds bytes until they are used up or the body is settled. */
static void
feed(struct run *run, struct dg_str bytes)
{
	for (;;) {
		struct dg_str payload;
		size_t consumed;

		run->rc = dg_http_body_next(&run->body, bytes, &payload,
					    &consumed, &run->fault);
		if (run->rc == DG_HTTP_BAD)
			return;
		assert_true(consumed <= bytes.len);
		assert_int_equal(dg_buf_append(&run->payload, payload), DG_OK);
		run->used += consumed;
		bytes = dg_str_slice(bytes, consumed, bytes.len);
		if (run->rc == DG_HTTP_DONE || bytes.len == 0)
			return;
		assert_true(consumed > 0);
	}
}

static void
check(const struct test_case *test, const struct run *run)
{
	assert_str(dg_buf_peek(&run->payload), test->payload);
	if (test->why != NULL) {
		assert_int_equal(run->rc, DG_HTTP_BAD);
		assert_int_equal(run->fault.status, 400);
		assert_string_equal(run->fault.why, test->why);
		return;
	}
	assert_int_equal(run->rc,
			 test->incomplete ? DG_HTTP_NEED_MORE : DG_HTTP_DONE);
	assert_int_equal(run->used, test->bytes.len - test->behind.len);
}

static void
start(const struct test_case *test, struct run *run)
{
	struct dg_http_head head = {.framing = test->framing,
				    .content_length = test->length};

	*run = (struct run){.rc = DG_HTTP_NEED_MORE};
	dg_buf_init(&run->payload, 4096);
	dg_http_body_init(&run->body, &head);
}

/* In pieces of `piece` bytes, the first one shorter by `shift`. */
static void
run_pieces(const struct test_case *test, size_t piece, size_t shift)
{
	struct run run;
	size_t at = 0;

	start(test, &run);
	do {
		size_t n = at == 0 ? piece - shift : piece;
		struct dg_str s = dg_str_slice(test->bytes, at, at + n);

		feed(&run, s);
		at += s.len;
	} while (run.rc == DG_HTTP_NEED_MORE && at < test->bytes.len);
	check(test, &run);
	dg_buf_fini(&run.payload);
}

static void
test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		const struct test_case *test = &cases[i];

		print_message("%s\n", test->name);
		run_pieces(test, test->bytes.len, 0);
		run_pieces(test, 1, 0);
		/* Two pieces, cut at every byte. */
		for (size_t cut = 1; cut < test->bytes.len; cut++)
			run_pieces(test, test->bytes.len,
				   test->bytes.len - cut);
	}
}

/* Extensions and trailers are bounded over the whole body. */
static void
test_extra_limit(void **state)
{
	static const struct test_case chunked = {"limit", CHUNKED,
						 .bytes = DG_STR_INIT("")};
	struct run run;
	size_t sent = 0;

	(void)state;
	start(&chunked, &run);
	do {
		feed(&run, DG_STR("1;aaaaaaaaaaaaaaa\r\nx\r\n"));
		assert_true(++sent < 5000);
		dg_buf_clear(&run.payload);
	} while (run.rc == DG_HTTP_NEED_MORE);
	assert_string_equal(run.fault.why,
			    "chunk extensions or trailers too long");
	assert_in_range(sent, 1000, 1100);
	dg_buf_fini(&run.payload);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_extra_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
