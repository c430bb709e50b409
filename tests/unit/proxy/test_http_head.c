/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_http_head.c - what the head parser reads, and what it refuses.
 *
 * Each case is run again on every prefix: a prefix must be "need more" until
 * the outcome of the whole appears, and then it must stay.
 */
#include "http/head.h"

#include "base/buf.h"
#include "net_support.h"

enum { MAX_HEAD = 4096 };

struct test_case {
	const char *name;
	struct dg_str bytes;
	/* Dump of what was read, or "STATUS why". */
	const char *expected;
};

#define BYTES(literal) DG_STR_INIT(literal)
#define HOST "Host: h\r\n"

/* method path?query minor framing flags name=value... */
static const struct test_case requests[] = {
	{"plain", BYTES("GET /v1/info HTTP/1.1\r\n" HOST "\r\n"),
	 "GET /v1/info? 1 none keep Host=h"},
	{"query", BYTES("GET /a?b=c?d HTTP/1.1\r\n" HOST "\r\n"),
	 "GET /a?b=c?d 1 none keep Host=h"},
	{"rest waits", BYTES("GET / HTTP/1.1\r\n" HOST "\r\nGET /x"),
	 "GET /? 1 none keep Host=h"},
	{"all methods", BYTES("DELETE / HTTP/1.1\r\n" HOST "\r\n"),
	 "DELETE /? 1 none keep Host=h"},
	{"case of method", BYTES("get / HTTP/1.1\r\n" HOST "\r\n"),
	 "get(other) /? 1 none keep Host=h"},
	{"length",
	 BYTES("POST / HTTP/1.1\r\n" HOST "Content-Length: 10\r\n\r\n"),
	 "POST /? 1 length:10 keep Host=h Content-Length=10"},
	{"length zero",
	 BYTES("POST / HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n"),
	 "POST /? 1 length:0 keep Host=h Content-Length=0"},
	{"chunked",
	 BYTES("POST / HTTP/1.1\r\n" HOST "transfer-encoding: Chunked\r\n\r\n"),
	 "POST /? 1 chunked keep Host=h transfer-encoding=Chunked"},
	{"expect",
	 BYTES("POST / HTTP/1.1\r\n" HOST
	       "Expect: 100-Continue\r\nContent-Length: 1\r\n\r\n"),
	 "POST /? 1 length:1 keep expect Host=h Expect=100-Continue "
	 "Content-Length=1"},
	{"expect without body",
	 BYTES("GET / HTTP/1.1\r\n" HOST "Expect: 100-continue\r\n\r\n"),
	 "GET /? 1 none keep Host=h Expect=100-continue"},
	{"close", BYTES("GET / HTTP/1.1\r\n" HOST "Connection: CLOSE\r\n\r\n"),
	 "GET /? 1 none close Host=h Connection=CLOSE"},
	{"close wins",
	 BYTES("GET / HTTP/1.1\r\n" HOST
	       "Connection: keep-alive, TE\r\nConnection: x ,close\r\n\r\n"),
	 "GET /? 1 none close Host=h Connection=keep-alive, TE "
	 "Connection=x ,close"},
	{"1.0", BYTES("GET / HTTP/1.0\r\n\r\n"), "GET /? 0 none close"},
	{"1.0 keep-alive",
	 BYTES("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"),
	 "GET /? 0 none keep Connection=Keep-Alive"},
	{"absolute form",
	 BYTES("GET http://x:8080/a?b HTTP/1.1\r\n" HOST "\r\n"),
	 "GET /a?b 1 none keep Host=h"},
	{"absolute form, https and case",
	 BYTES("GET HTTPS://x/a HTTP/1.1\r\n" HOST "\r\n"),
	 "GET /a? 1 none keep Host=h"},
	{"absolute form without path",
	 BYTES("GET http://x?q HTTP/1.1\r\n" HOST "\r\n"),
	 "GET /?q 1 none keep Host=h"},
	{"asterisk", BYTES("OPTIONS * HTTP/1.1\r\n" HOST "\r\n"),
	 "OPTIONS(other) ? 1 none keep Host=h"},
	{"authority", BYTES("CONNECT a:1 HTTP/1.1\r\n" HOST "\r\n"),
	 "CONNECT(other) ? 1 none keep Host=h"},
	{"blanks around values",
	 BYTES("GET / HTTP/1.1\r\nHost:h\r\nA: \t b c \t\r\nB:\r\n\r\n"),
	 "GET /? 1 none keep Host=h A=b c B="},
	{"obs-text and tab",
	 BYTES("GET / HTTP/1.1\r\n" HOST "A: \xc3\xa9\tlong enough x\r\n\r\n"),
	 "GET /? 1 none keep Host=h A=\xc3\xa9\tlong enough x"},
	{"empty line in front", BYTES("\r\nGET / HTTP/1.1\r\n" HOST "\r\n"),
	 "GET /? 1 none keep Host=h"},

	{"two empty lines in front",
	 BYTES("\r\n\r\nGET / HTTP/1.1\r\n" HOST "\r\n"),
	 "400 malformed request line"},
	{"bare LF after the request line",
	 BYTES("GET / HTTP/1.1\n" HOST "\r\n"),
	 "400 a head line does not end in CR LF"},
	{"bare LF at the end", BYTES("GET / HTTP/1.1\r\n" HOST "\n"),
	 "400 a head line does not end in CR LF"},
	{"bare CR in a value", BYTES("GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n"),
	 "400 control byte in a header value"},
	{"CR CR LF", BYTES("GET / HTTP/1.1\r\nHost: a\r\r\n\r\n"),
	 "400 control byte in a header value"},
	{"NUL in a value", BYTES("GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n"),
	 "400 control byte in a header value"},
	{"DEL in a long value",
	 BYTES("GET / HTTP/1.1\r\nHost: abcdefghijkl\x7fmnop\r\n\r\n"),
	 "400 control byte in a header value"},
	{"NUL in a name", BYTES("GET / HTTP/1.1\r\nHo\0st: a\r\n\r\n"),
	 "400 a header name is not a token"},
	{"space before the colon", BYTES("GET / HTTP/1.1\r\nHost : a\r\n\r\n"),
	 "400 blank before a header's colon"},
	{"folded", BYTES("GET / HTTP/1.1\r\n" HOST " more\r\n\r\n"),
	 "400 folded header lines are refused"},
	{"folded at once", BYTES("GET / HTTP/1.1\r\n\tHost: a\r\n\r\n"),
	 "400 folded header lines are refused"},
	{"no colon", BYTES("GET / HTTP/1.1\r\nHost\r\n\r\n"),
	 "400 a header line has no colon"},
	{"empty name", BYTES("GET / HTTP/1.1\r\n: x\r\n\r\n"),
	 "400 a header name is not a token"},
	{"name with non-ASCII",
	 BYTES("GET / HTTP/1.1\r\nH\xc3\xb6st: x\r\n\r\n"),
	 "400 a header name is not a token"},
	{"no host", BYTES("GET / HTTP/1.1\r\n\r\n"),
	 "400 exactly one Host header is needed"},
	{"two hosts", BYTES("GET / HTTP/1.1\r\n" HOST HOST "\r\n"),
	 "400 exactly one Host header is needed"},
	{"two hosts in 1.0", BYTES("GET / HTTP/1.0\r\n" HOST HOST "\r\n"),
	 "400 exactly one Host header is needed"},
	{"length and chunked",
	 BYTES("POST / HTTP/1.1\r\n" HOST
	       "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"),
	 "400 both Content-Length and Transfer-Encoding"},
	{"chunked and length",
	 BYTES("POST / HTTP/1.1\r\n" HOST
	       "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n"),
	 "400 both Content-Length and Transfer-Encoding"},
	{"two lengths",
	 BYTES("POST / HTTP/1.1\r\n" HOST
	       "Content-Length: 4\r\nContent-Length: 5\r\n\r\n"),
	 "400 more than one Content-Length"},
	{"the same length twice",
	 BYTES("POST / HTTP/1.1\r\n" HOST
	       "Content-Length: 4\r\nContent-Length: 4\r\n\r\n"),
	 "400 more than one Content-Length"},
	{"length list",
	 BYTES("POST / HTTP/1.1\r\n" HOST "Content-Length: 4, 4\r\n\r\n"),
	 "400 Content-Length is not a number"},
	{"plus sign",
	 BYTES("POST / HTTP/1.1\r\n" HOST "Content-Length: +4\r\n\r\n"),
	 "400 Content-Length is not a number"},
	{"minus sign",
	 BYTES("POST / HTTP/1.1\r\n" HOST "Content-Length: -4\r\n\r\n"),
	 "400 Content-Length is not a number"},
	{"hex length",
	 BYTES("POST / HTTP/1.1\r\n" HOST "Content-Length: 0x4\r\n\r\n"),
	 "400 Content-Length is not a number"},
	{"empty length",
	 BYTES("POST / HTTP/1.1\r\n" HOST "Content-Length:\r\n\r\n"),
	 "400 Content-Length is not a number"},
	{"length overflow",
	 BYTES("POST / HTTP/1.1\r\n" HOST
	       "Content-Length: 18446744073709551617\r\n\r\n"),
	 "400 Content-Length is not a number"},
	{"identity",
	 BYTES("POST / HTTP/1.1\r\n" HOST
	       "Transfer-Encoding: identity\r\n\r\n"),
	 "501 Transfer-Encoding other than chunked"},
	{"gzip, chunked",
	 BYTES("POST / HTTP/1.1\r\n" HOST
	       "Transfer-Encoding: gzip, chunked\r\n\r\n"),
	 "501 Transfer-Encoding other than chunked"},
	{"chunked twice",
	 BYTES("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n"
	       "Transfer-Encoding: chunked\r\n\r\n"),
	 "400 more than one Transfer-Encoding"},
	{"quoted chunked",
	 BYTES("POST / HTTP/1.1\r\n" HOST
	       "Transfer-Encoding: \"chunked\"\r\n\r\n"),
	 "501 Transfer-Encoding other than chunked"},
	{"vertical tab chunked",
	 BYTES("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: \x0b"
	       "chunked\r\n\r\n"),
	 "400 control byte in a header value"},
	{"chunked in 1.0",
	 BYTES("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"),
	 "400 Transfer-Encoding in HTTP/1.0"},
	{"0.9", BYTES("GET /\r\n\r\n"), "400 request line without a version"},
	{"2.0", BYTES("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
	 "505 only HTTP/1.0 and HTTP/1.1"},
	{"1.2", BYTES("GET / HTTP/1.2\r\n" HOST "\r\n"),
	 "505 only HTTP/1.0 and HTTP/1.1"},
	{"long version", BYTES("GET / HTTP/1.10\r\n" HOST "\r\n"),
	 "400 malformed HTTP version"},
	{"lower case version", BYTES("GET / http/1.1\r\n" HOST "\r\n"),
	 "400 malformed HTTP version"},
	{"two blanks", BYTES("GET  / HTTP/1.1\r\n" HOST "\r\n"),
	 "400 malformed HTTP version"},
	{"blank in target", BYTES("GET /a b HTTP/1.1\r\n" HOST "\r\n"),
	 "400 malformed HTTP version"},
	{"blank at the end", BYTES("GET / HTTP/1.1 \r\n" HOST "\r\n"),
	 "400 malformed HTTP version"},
	{"leading blank", BYTES(" GET / HTTP/1.1\r\n" HOST "\r\n"),
	 "400 malformed request line"},
	{"tab between", BYTES("GET\t/ HTTP/1.1\r\n" HOST "\r\n"),
	 "400 malformed request line"},
	{"fragment", BYTES("GET /a#b HTTP/1.1\r\n" HOST "\r\n"),
	 "400 byte not allowed in a request target"},
	{"non-ASCII target", BYTES("GET /\xc3\xa9 HTTP/1.1\r\n" HOST "\r\n"),
	 "400 byte not allowed in a request target"},
	{"relative target", BYTES("GET a HTTP/1.1\r\n" HOST "\r\n"),
	 "400 malformed request target"},
	{"other scheme", BYTES("GET ftp://a/ HTTP/1.1\r\n" HOST "\r\n"),
	 "400 malformed request target"},
	{"no authority", BYTES("GET http:///a HTTP/1.1\r\n" HOST "\r\n"),
	 "400 malformed request target"},
	{"user info", BYTES("GET http://u@h/a HTTP/1.1\r\n" HOST "\r\n"),
	 "400 malformed request target"},
	{"other expectation",
	 BYTES("POST / HTTP/1.1\r\n" HOST "Expect: tea\r\n\r\n"),
	 "417 unknown expectation"},
	{"a TLS hello", BYTES("\x16\x03\x01\x02\x00\x01\r\n\r\n"),
	 "400 malformed request line"},
};

static const struct test_case responses[] = {
	{"plain", BYTES("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"),
	 "200 OK 1 length:3 keep Content-Length=3"},
	{"no reason", BYTES("HTTP/1.1 200 \r\nContent-Length: 3\r\n\r\n"),
	 "200  1 length:3 keep Content-Length=3"},
	{"no blank", BYTES("HTTP/1.1 200\r\nContent-Length: 3\r\n\r\n"),
	 "200  1 length:3 keep Content-Length=3"},
	{"chunked",
	 BYTES("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
	 "200 OK 1 chunked keep Transfer-Encoding=chunked"},
	{"until close", BYTES("HTTP/1.1 200 OK\r\n\r\n"),
	 "200 OK 1 close-delimited close"},
	{"no content", BYTES("HTTP/1.1 204 No Content\r\n\r\n"),
	 "204 No Content 1 none keep"},
	{"continue", BYTES("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200"),
	 "100 Continue 1 none keep"},
	{"not modified",
	 BYTES("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n"),
	 "304 Not Modified 1 none keep Content-Length=9"},
	{"1.0", BYTES("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n"),
	 "200 OK 0 length:0 close Content-Length=0"},
	{"length and chunked",
	 BYTES("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n"
	       "Transfer-Encoding: chunked\r\n\r\n"),
	 "400 both Content-Length and Transfer-Encoding"},
	{"status of two digits", BYTES("HTTP/1.1 20 OK\r\n\r\n"),
	 "400 malformed status line"},
	{"status of four digits", BYTES("HTTP/1.1 2000 OK\r\n\r\n"),
	 "400 malformed status line"},
	{"status 600", BYTES("HTTP/1.1 600 OK\r\n\r\n"),
	 "400 malformed status line"},
	{"status 099", BYTES("HTTP/1.1 099 OK\r\n\r\n"),
	 "400 malformed status line"},
	{"status with a sign", BYTES("HTTP/1.1 +20 OK\r\n\r\n"),
	 "400 malformed status line"},
	{"empty line in front", BYTES("\r\nHTTP/1.1 200 OK\r\n\r\n"),
	 "400 malformed HTTP version"},
	{"not HTTP", BYTES("SSH-2.0-OpenSSH_9\r\n"),
	 "400 malformed HTTP version"},
	{"HTTP/2", BYTES("HTTP/2.0 200 OK\r\n\r\n"),
	 "505 only HTTP/1.0 and HTTP/1.1"},
	{"bad reason", BYTES("HTTP/1.1 200 O\x01K\r\n\r\n"),
	 "400 control byte in a reason phrase"},
	{"folded", BYTES("HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n"),
	 "400 folded header lines are refused"},
};

static void
put(struct dg_buf *out, const char *s)
{
	assert_int_equal(dg_buf_append(out, dg_str_from_cstr(s)), DG_OK);
}

static void
put_str(struct dg_buf *out, struct dg_str s)
{
	assert_int_equal(dg_buf_append(out, s), DG_OK);
}

static void
put_framing(struct dg_buf *out, const struct dg_http_head *head)
{
	switch (head->framing) {
	case DG_HTTP_NO_BODY:
		put(out, " none");
		return;
	case DG_HTTP_LENGTH:
		assert_int_equal(
			dg_buf_appendf(
				out, " length:%llu",
				(unsigned long long)head->content_length),
			DG_OK);
		return;
	case DG_HTTP_CHUNKED:
		put(out, " chunked");
		return;
	case DG_HTTP_UNTIL_CLOSE:
		put(out, " close-delimited");
		return;
	}
}

static void
dump(struct dg_buf *out, const struct dg_http_head *head)
{
	if (head->status != 0) {
		assert_int_equal(dg_buf_appendf(out, "%u ", head->status),
				 DG_OK);
		put_str(out, head->reason);
	} else {
		put_str(out, head->method_text);
		put(out, head->method == DG_HTTP_OTHER ? "(other) " : " ");
		put_str(out, head->path);
		put(out, "?");
		put_str(out, head->query);
	}
	put(out, head->minor == 0 ? " 0" : " 1");
	put_framing(out, head);
	put(out, head->keep_alive ? " keep" : " close");
	if (head->expect_continue)
		put(out, " expect");
	for (size_t i = 0; i < head->n_headers; i++) {
		put(out, " ");
		put_str(out, head->headers[i].name);
		put(out, "=");
		put_str(out, head->headers[i].value);
	}
}

static enum dg_http_parse
parse(bool response, struct dg_str bytes, struct dg_buf *out)
{
	struct dg_http_head head;
	struct dg_http_fault fault = {0, NULL};
	enum dg_http_parse rc;

	dg_buf_clear(out);
	rc = response ? dg_http_parse_response(bytes, MAX_HEAD, DG_HTTP_GET,
					       &head, &fault)
		      : dg_http_parse_request(bytes, MAX_HEAD, &head, &fault);
	switch (rc) {
	case DG_HTTP_DONE:
		assert_in_range(head.head_len, 4, bytes.len);
		dump(out, &head);
		break;
	case DG_HTTP_BAD:
		assert_int_equal(
			dg_buf_appendf(out, "%u %s", fault.status, fault.why),
			DG_OK);
		break;
	case DG_HTTP_NEED_MORE:
		put(out, "more");
		break;
	}
	return rc;
}

/* bytes in memory of exactly their size, so that ASan sees over-reads. */
static enum dg_http_parse
parse_copy(bool response, struct dg_str bytes, struct dg_buf *out)
{
	char *copy = test_malloc(bytes.len + 1);
	enum dg_http_parse rc;

	memcpy(copy + 1, bytes.data, bytes.len);
	rc = parse(response, dg_str_make(copy + 1, bytes.len), out);
	test_free(copy);
	return rc;
}

static void
run_case(bool response, const struct test_case *test, struct dg_buf *out)
{
	bool settled = false;

	for (size_t n = 0; n <= test->bytes.len; n++) {
		enum dg_http_parse rc = parse_copy(
			response, dg_str_make(test->bytes.data, n), out);

		if (rc == DG_HTTP_NEED_MORE) {
			assert_false(settled);
			continue;
		}
		settled = true;
		if (!dg_str_eq(dg_buf_peek(out),
			       dg_str_from_cstr(test->expected)))
			print_error("case \"%s\", %zu bytes\n", test->name, n);
		assert_str(dg_buf_peek(out), test->expected);
	}
	if (!settled)
		fail_msg("case \"%s\" is never settled", test->name);
}

static void
test_requests(void **state)
{
	struct dg_buf out;

	(void)state;
	dg_buf_init(&out, 4096);
	for (size_t i = 0; i < DG_ARRAY_LEN(requests); i++)
		run_case(false, &requests[i], &out);
	dg_buf_fini(&out);
}

static void
test_responses(void **state)
{
	struct dg_buf out;

	(void)state;
	dg_buf_init(&out, 4096);
	for (size_t i = 0; i < DG_ARRAY_LEN(responses); i++)
		run_case(true, &responses[i], &out);
	dg_buf_fini(&out);
}

static void
test_response_to_head(void **state)
{
	struct dg_http_head head;
	struct dg_http_fault fault;

	(void)state;
	assert_int_equal(
		dg_http_parse_response(
			DG_STR("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"),
			MAX_HEAD, DG_HTTP_HEAD, &head, &fault),
		DG_HTTP_DONE);
	assert_int_equal(head.framing, DG_HTTP_NO_BODY);
	assert_true(head.keep_alive);
}

/* A request whose head has exactly len bytes, the last header padded. */
static void
make_request(struct dg_buf *out, size_t len)
{
	dg_buf_clear(out);
	put(out, "GET / HTTP/1.1\r\nHost: h\r\nA: ");
	while (dg_buf_len(out) < len - 4)
		put(out, "x");
	put(out, "\r\n\r\n");
}

static void
test_size_limit(void **state)
{
	struct dg_buf bytes;
	struct dg_buf out;

	(void)state;
	dg_buf_init(&bytes, 2 * (size_t)MAX_HEAD);
	dg_buf_init(&out, 2 * (size_t)MAX_HEAD);
	make_request(&bytes, MAX_HEAD);
	assert_int_equal(parse(false, dg_buf_peek(&bytes), &out), DG_HTTP_DONE);
	make_request(&bytes, MAX_HEAD + 1);
	for (size_t n = MAX_HEAD - 2; n <= dg_buf_len(&bytes); n++) {
		parse(false, dg_str_slice(dg_buf_peek(&bytes), 0, n), &out);
		assert_str(dg_buf_peek(&out),
			   n < MAX_HEAD ? "more" : "431 the head is too large");
	}
	dg_buf_fini(&bytes);
	dg_buf_fini(&out);
}

static void
test_header_count_limit(void **state)
{
	struct dg_buf bytes;
	struct dg_buf out;

	(void)state;
	dg_buf_init(&bytes, MAX_HEAD);
	dg_buf_init(&out, MAX_HEAD);
	put(&bytes, "GET / HTTP/1.1\r\nHost: h\r\n");
	for (size_t i = 1; i < DG_HTTP_HEADERS_MAX; i++)
		put(&bytes, "A: b\r\n");
	put(&bytes, "\r\n");
	assert_int_equal(parse(false, dg_buf_peek(&bytes), &out), DG_HTTP_DONE);
	dg_buf_truncate(&bytes, dg_buf_len(&bytes) - 2);
	put(&bytes, "A: b\r\n\r\n");
	parse(false, dg_buf_peek(&bytes), &out);
	assert_str(dg_buf_peek(&out), "431 too many header lines");
	dg_buf_fini(&bytes);
	dg_buf_fini(&out);
}

/* A long head that comes byte by byte is parsed a few times only. */
static void
test_patient_client(void **state)
{
	enum { LEN = 300 * 1000 };
	struct dg_http_head_progress progress = {0, 0};
	char *bytes = test_malloc(LEN);
	unsigned parsed = 0;

	(void)state;
	memset(bytes, 'x', LEN);
	memcpy(bytes + LEN - 4, "\r\n\r\n", 4);
	for (size_t n = 1025; n < LEN; n++)
		parsed += dg_http_head_is_worth_parsing(
			&progress, dg_str_make(bytes, n), 2 * (size_t)LEN);
	assert_in_range(parsed, 1, 20);
	/* The end is never missed. */
	assert_true(dg_http_head_is_worth_parsing(
		&progress, dg_str_make(bytes, LEN), 2 * (size_t)LEN));
	test_free(bytes);
}

static void
test_find(void **state)
{
	struct dg_http_head head;
	struct dg_http_fault fault;
	size_t count;

	(void)state;
	assert_int_equal(
		dg_http_parse_request(DG_STR("GET / HTTP/1.1\r\nHost: h\r\n"
					     "X-A: 1\r\nx-a: 2\r\n\r\n"),
				      MAX_HEAD, &head, &fault),
		DG_HTTP_DONE);
	assert_str(dg_http_find(&head, DG_STR("x-A"), &count)->value, "1");
	assert_int_equal(count, 2);
	assert_str(dg_http_find(&head, DG_STR("HOST"), NULL)->value, "h");
	assert_null(dg_http_find(&head, DG_STR("X-B"), &count));
	assert_int_equal(count, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_responses),
		cmocka_unit_test(test_response_to_head),
		cmocka_unit_test(test_size_limit),
		cmocka_unit_test(test_header_count_limit),
		cmocka_unit_test(test_patient_client),
		cmocka_unit_test(test_find),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
