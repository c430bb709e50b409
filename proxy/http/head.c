/* SPDX-License-Identifier: Apache-2.0 */
/*
 * head.c - the strict head parser. See head.h for what it refuses and why.
 *
 * Works line by line on the first max_head bytes. A prefix that is refused
 * stays refused, and one that is complete stays complete, whatever follows:
 * so the outcome does not depend on how the bytes were cut by the network.
 * Bytes above 0x7f pass in header values only (ISO-8859-1 to the engines; the
 * session reader decides what becomes of them).
 */
#include "http/head.h"

#include "http/chars.h"

enum {
	LENGTH_DIGITS_MAX = 19, /* fits 64 bits whatever the digits are */
	METHOD_MAX = 32,
	SMALL_HEAD = 1024, /* costs nothing to parse again */
};

/* What the headers said, gathered while they are read. */
struct framing_facts {
	size_t n_hosts;
	size_t n_lengths;
	size_t n_codings;
	bool close;
	bool keep_alive;
};

struct lines {
	const char *at; /* first byte that is not read yet */
	const char *end;
};

static enum dg_http_parse
refuse(struct dg_http_fault *fault, unsigned status, const char *why)
{
	*fault = (struct dg_http_fault){status, why};
	return DG_HTTP_BAD;
}

/* The next line without its CR LF. */
static enum dg_http_parse
next_line(struct lines *lines, struct dg_str *line_out,
	  struct dg_http_fault *fault)
{
	size_t len = (size_t)(lines->end - lines->at);
	const char *lf = len == 0 ? NULL : memchr(lines->at, '\n', len);

	if (lf == NULL)
		return DG_HTTP_NEED_MORE;
	if (lf == lines->at || lf[-1] != '\r')
		return refuse(fault, 400, "a head line does not end in CR LF");
	*line_out = dg_str_make(lines->at, (size_t)(lf - lines->at) - 1);
	lines->at = lf + 1;
	return DG_HTTP_DONE;
}

static struct dg_str
trim_blanks(struct dg_str s)
{
	while (s.len > 0 && (s.data[0] == ' ' || s.data[0] == '\t')) {
		s.data++;
		s.len--;
	}
	while (s.len > 0 &&
	       (s.data[s.len - 1] == ' ' || s.data[s.len - 1] == '\t'))
		s.len--;
	return s;
}

/* ---- headers ----------------------------------------------------------- */

static enum dg_http_parse
split_header(struct dg_str line, struct dg_http_header *out,
	     struct dg_http_fault *fault)
{
	size_t n = dg_http_token_len(line);

	if (n == 0 && (line.data[0] == ' ' || line.data[0] == '\t'))
		return refuse(fault, 400, "folded header lines are refused");
	if (n == line.len)
		return refuse(fault, 400, "a header line has no colon");
	if (line.data[n] == ' ' || line.data[n] == '\t')
		return refuse(fault, 400, "blank before a header's colon");
	if (n == 0 || line.data[n] != ':')
		return refuse(fault, 400, "a header name is not a token");
	out->name = dg_str_make(line.data, n);
	out->value =
		trim_blanks(dg_str_make(line.data + n + 1, line.len - n - 1));
	if (!dg_http_is_field_value(out->value))
		return refuse(fault, 400, "control byte in a header value");
	return DG_HTTP_DONE;
}

static enum dg_http_parse
note_content_length(struct dg_str value, struct dg_http_head *head,
		    struct dg_http_fault *fault)
{
	if (value.len > LENGTH_DIGITS_MAX ||
	    dg_str_to_u64(value, &head->content_length) != DG_OK)
		return refuse(fault, 400, "Content-Length is not a number");
	head->framing = DG_HTTP_LENGTH;
	return DG_HTTP_DONE;
}

static enum dg_http_parse
note_transfer_encoding(struct dg_str value, struct dg_http_head *head,
		       struct dg_http_fault *fault)
{
	if (!dg_str_eq_nocase(value, DG_STR("chunked")))
		return refuse(fault, 501,
			      "Transfer-Encoding other than chunked");
	head->framing = DG_HTTP_CHUNKED;
	return DG_HTTP_DONE;
}

static void
note_connection(struct dg_str value, struct framing_facts *facts)
{
	struct dg_str item;

	while (dg_str_split(&value, ',', &item)) {
		item = trim_blanks(item);
		if (dg_str_eq_nocase(item, DG_STR("close")))
			facts->close = true;
		else if (dg_str_eq_nocase(item, DG_STR("keep-alive")))
			facts->keep_alive = true;
	}
}

/* The few headers that say where the message ends, and what comes after. */
static enum dg_http_parse
note_header(const struct dg_http_header *header, struct dg_http_head *head,
	    struct framing_facts *facts, struct dg_http_fault *fault)
{
	struct dg_str name = header->name;

	if (name.len == 4 && dg_str_eq_nocase(name, DG_STR("Host"))) {
		facts->n_hosts++;
	} else if (name.len == 10 &&
		   dg_str_eq_nocase(name, DG_STR("Connection"))) {
		note_connection(header->value, facts);
	} else if (name.len == 14 &&
		   dg_str_eq_nocase(name, DG_STR("Content-Length"))) {
		facts->n_lengths++;
		return note_content_length(header->value, head, fault);
	} else if (name.len == 17 &&
		   dg_str_eq_nocase(name, DG_STR("Transfer-Encoding"))) {
		facts->n_codings++;
		return note_transfer_encoding(header->value, head, fault);
	}
	return DG_HTTP_DONE;
}

/* Up to and including the empty line. */
static enum dg_http_parse
parse_headers(struct lines *lines, struct dg_http_head *head,
	      struct framing_facts *facts, struct dg_http_fault *fault)
{
	enum dg_http_parse rc;
	struct dg_str line;

	for (;;) {
		struct dg_http_header *header;

		rc = next_line(lines, &line, fault);
		if (rc != DG_HTTP_DONE || line.len == 0)
			return rc;
		if (head->n_headers == DG_HTTP_HEADERS_MAX)
			return refuse(fault, 431, "too many header lines");
		header = &head->headers[head->n_headers];
		rc = split_header(line, header, fault);
		if (rc != DG_HTTP_DONE)
			return rc;
		rc = note_header(header, head, facts, fault);
		if (rc != DG_HTTP_DONE)
			return rc;
		head->n_headers++;
	}
}

/*
 * One framing, stated once (RFC 9112 6.3): whatever two readers could resolve
 * in two ways is refused, the identical repetition included.
 */
static enum dg_http_parse
check_framing(struct dg_http_head *head, const struct framing_facts *facts,
	      struct dg_http_fault *fault)
{
	if (facts->n_lengths > 1)
		return refuse(fault, 400, "more than one Content-Length");
	if (facts->n_codings > 1)
		return refuse(fault, 400, "more than one Transfer-Encoding");
	if (facts->n_lengths > 0 && facts->n_codings > 0)
		return refuse(fault, 400,
			      "both Content-Length and Transfer-Encoding");
	if (facts->n_codings > 0 && head->minor == 0)
		return refuse(fault, 400, "Transfer-Encoding in HTTP/1.0");
	head->keep_alive =
		!facts->close && (head->minor >= 1 || facts->keep_alive);
	return DG_HTTP_DONE;
}

/* "HTTP/1.0" or "HTTP/1.1". */
static enum dg_http_parse
parse_version(struct dg_str s, struct dg_http_head *head,
	      struct dg_http_fault *fault)
{
	if (s.len != 8 || memcmp(s.data, "HTTP/", 5) != 0 || s.data[6] != '.' ||
	    s.data[5] < '0' || s.data[5] > '9' || s.data[7] < '0' ||
	    s.data[7] > '9')
		return refuse(fault, 400, "malformed HTTP version");
	if (s.data[5] != '1' || s.data[7] > '1')
		return refuse(fault, 505, "only HTTP/1.0 and HTTP/1.1");
	head->minor = s.data[7] == '1';
	return DG_HTTP_DONE;
}

static void
reset_head(struct dg_http_head *head)
{
	head->method = DG_HTTP_OTHER;
	head->method_text = DG_STR_EMPTY;
	head->target = DG_STR_EMPTY;
	head->path = DG_STR_EMPTY;
	head->query = DG_STR_EMPTY;
	head->status = 0;
	head->reason = DG_STR_EMPTY;
	head->minor = 0;
	head->n_headers = 0;
	head->framing = DG_HTTP_NO_BODY;
	head->content_length = 0;
	head->keep_alive = false;
	head->expect_continue = false;
	head->head_len = 0;
}

/* ---- requests ---------------------------------------------------------- */

static enum dg_http_method
method_of(struct dg_str s)
{
	switch (s.len) {
	case 3:
		if (memcmp(s.data, "GET", 3) == 0)
			return DG_HTTP_GET;
		if (memcmp(s.data, "PUT", 3) == 0)
			return DG_HTTP_PUT;
		break;
	case 4:
		if (memcmp(s.data, "POST", 4) == 0)
			return DG_HTTP_POST;
		if (memcmp(s.data, "HEAD", 4) == 0)
			return DG_HTTP_HEAD;
		break;
	case 6:
		if (memcmp(s.data, "DELETE", 6) == 0)
			return DG_HTTP_DELETE;
		break;
	}
	return DG_HTTP_OTHER;
}

/*
 * "http://host:1/path?query" as proxies send it (RFC 9112 3.2.2): the
 * authority is checked for sanity and then ignored. Path to *rest_out.
 */
static bool
skip_authority(struct dg_str target, struct dg_str *rest_out)
{
	static const struct dg_str http = DG_STR_INIT("http://");
	static const struct dg_str https = DG_STR_INIT("https://");
	size_t from;
	size_t to;

	if (dg_str_starts_with_nocase(target, http))
		from = http.len;
	else if (dg_str_starts_with_nocase(target, https))
		from = https.len;
	else
		return false;
	for (to = from; to < target.len; to++) {
		char c = target.data[to];

		if (c == '/' || c == '?')
			break;
		if (c == '@')
			return false;
	}
	if (to == from)
		return false;
	*rest_out = dg_str_slice(target, to, target.len);
	return true;
}

/* Path and query. "*" (OPTIONS) and authorities (CONNECT) have no path. */
static enum dg_http_parse
split_target(struct dg_http_head *head, struct dg_http_fault *fault)
{
	struct dg_str rest = head->target;
	size_t question;

	if (rest.len == 0)
		return refuse(fault, 400, "empty request target");
	for (size_t i = 0; i < rest.len; i++) {
		if (!dg_http_is_target_byte(rest.data[i]))
			return refuse(fault, 400,
				      "byte not allowed in a request target");
	}
	if (rest.data[0] != '/' && !skip_authority(rest, &rest)) {
		if (head->method == DG_HTTP_OTHER)
			return DG_HTTP_DONE;
		return refuse(fault, 400, "malformed request target");
	}
	question = dg_str_find(rest, '?', 0);
	head->path = dg_str_slice(rest, 0, question);
	head->query = dg_str_slice(rest, question + 1, rest.len);
	if (head->path.len == 0)
		head->path = DG_STR("/");
	return DG_HTTP_DONE;
}

static enum dg_http_parse
parse_request_line(struct dg_str line, struct dg_http_head *head,
		   struct dg_http_fault *fault)
{
	size_t n = dg_http_token_len(line);
	enum dg_http_parse rc;
	size_t space;

	if (n == 0 || n > METHOD_MAX || n == line.len || line.data[n] != ' ')
		return refuse(fault, 400, "malformed request line");
	head->method_text = dg_str_make(line.data, n);
	head->method = method_of(head->method_text);
	space = dg_str_find(line, ' ', n + 1);
	if (space == line.len)
		return refuse(fault, 400, "request line without a version");
	head->target = dg_str_slice(line, n + 1, space);
	rc = parse_version(dg_str_slice(line, space + 1, line.len), head,
			   fault);
	if (rc != DG_HTTP_DONE)
		return rc;
	return split_target(head, fault);
}

static enum dg_http_parse
check_expect(struct dg_http_head *head, struct dg_http_fault *fault)
{
	const struct dg_http_header *expect =
		dg_http_find(head, DG_STR("Expect"), NULL);

	if (expect == NULL)
		return DG_HTTP_DONE;
	if (!dg_str_eq_nocase(expect->value, DG_STR("100-continue")))
		return refuse(fault, 417, "unknown expectation");
	/* RFC 9110 10.1.1: ignored in HTTP/1.0; pointless without a body. */
	head->expect_continue =
		head->minor >= 1 && head->framing != DG_HTTP_NO_BODY;
	return DG_HTTP_DONE;
}

static enum dg_http_parse
parse_request(struct lines *lines, struct dg_http_head *head,
	      struct dg_http_fault *fault)
{
	struct framing_facts facts = {0};
	enum dg_http_parse rc;
	struct dg_str line;

	rc = next_line(lines, &line, fault);
	/* RFC 9112 2.2: one empty line in front is a slip of old clients. */
	if (rc == DG_HTTP_DONE && line.len == 0)
		rc = next_line(lines, &line, fault);
	if (rc != DG_HTTP_DONE)
		return rc;
	rc = parse_request_line(line, head, fault);
	if (rc != DG_HTTP_DONE)
		return rc;
	rc = parse_headers(lines, head, &facts, fault);
	if (rc != DG_HTTP_DONE)
		return rc;
	rc = check_framing(head, &facts, fault);
	if (rc != DG_HTTP_DONE)
		return rc;
	if (facts.n_hosts > 1 || (facts.n_hosts == 0 && head->minor >= 1))
		return refuse(fault, 400, "exactly one Host header is needed");
	return check_expect(head, fault);
}

/* ---- responses --------------------------------------------------------- */

/* "HTTP/1.1 200 OK"; reason, and the blank before it, may be missing. */
static enum dg_http_parse
parse_status_line(struct dg_str line, struct dg_http_head *head,
		  struct dg_http_fault *fault)
{
	enum dg_http_parse rc;
	uint64_t status;

	rc = parse_version(dg_str_slice(line, 0, 8), head, fault);
	if (rc != DG_HTTP_DONE)
		return rc;
	if (line.len < 12 || line.data[8] != ' ' ||
	    (line.len > 12 && line.data[12] != ' ') ||
	    dg_str_to_u64(dg_str_slice(line, 9, 12), &status) != DG_OK ||
	    status < 100 || status > 599)
		return refuse(fault, 400, "malformed status line");
	head->status = (unsigned)status;
	head->reason = dg_str_slice(line, 13, line.len);
	if (!dg_http_is_field_value(head->reason))
		return refuse(fault, 400, "control byte in a reason phrase");
	return DG_HTTP_DONE;
}

/* RFC 9112 6.3, rules 1 to 8, after the contradictions were refused. */
static void
settle_response_framing(struct dg_http_head *head, enum dg_http_method method)
{
	if (method == DG_HTTP_HEAD || head->status < 200 ||
	    head->status == 204 || head->status == 304) {
		head->framing = DG_HTTP_NO_BODY;
	} else if (head->framing == DG_HTTP_NO_BODY) {
		head->framing = DG_HTTP_UNTIL_CLOSE;
		head->keep_alive = false;
	}
}

static enum dg_http_parse
parse_response(struct lines *lines, enum dg_http_method method,
	       struct dg_http_head *head, struct dg_http_fault *fault)
{
	struct framing_facts facts = {0};
	enum dg_http_parse rc;
	struct dg_str line;

	rc = next_line(lines, &line, fault);
	if (rc != DG_HTTP_DONE)
		return rc;
	rc = parse_status_line(line, head, fault);
	if (rc != DG_HTTP_DONE)
		return rc;
	rc = parse_headers(lines, head, &facts, fault);
	if (rc != DG_HTTP_DONE)
		return rc;
	rc = check_framing(head, &facts, fault);
	if (rc != DG_HTTP_DONE)
		return rc;
	settle_response_framing(head, method);
	return DG_HTTP_DONE;
}

/* ---- both -------------------------------------------------------------- */

static struct lines
limit_bytes(struct dg_str bytes, size_t max_head)
{
	size_t len = bytes.len < max_head ? bytes.len : max_head;

	return (struct lines){bytes.data, bytes.data + len};
}

static enum dg_http_parse
finish(enum dg_http_parse rc, struct dg_str bytes, size_t max_head,
       const struct lines *lines, struct dg_http_head *head,
       struct dg_http_fault *fault)
{
	if (rc == DG_HTTP_NEED_MORE && bytes.len >= max_head)
		return refuse(fault, 431, "the head is too large");
	if (rc == DG_HTTP_DONE)
		head->head_len = (size_t)(lines->at - bytes.data);
	return rc;
}

enum dg_http_parse
dg_http_parse_request(struct dg_str bytes, size_t max_head,
		      struct dg_http_head *head_out,
		      struct dg_http_fault *fault_out)
{
	struct lines lines = limit_bytes(bytes, max_head);

	reset_head(head_out);
	return finish(parse_request(&lines, head_out, fault_out), bytes,
		      max_head, &lines, head_out, fault_out);
}

enum dg_http_parse
dg_http_parse_response(struct dg_str bytes, size_t max_head,
		       enum dg_http_method method,
		       struct dg_http_head *head_out,
		       struct dg_http_fault *fault_out)
{
	struct lines lines = limit_bytes(bytes, max_head);

	reset_head(head_out);
	return finish(parse_response(&lines, method, head_out, fault_out),
		      bytes, max_head, &lines, head_out, fault_out);
}

static bool
contains_blank_line(struct dg_str bytes, size_t from)
{
	from = from > 3 ? from - 3 : 0;
	bytes = dg_str_slice(bytes, from, bytes.len);
	return memmem(bytes.data, bytes.len, "\n\r\n", 3) != NULL ||
	       memmem(bytes.data, bytes.len, "\n\n", 2) != NULL;
}

bool
dg_http_head_is_worth_parsing(struct dg_http_head_progress *progress,
			      struct dg_str bytes, size_t max_head)
{
	bool worth = bytes.len <= SMALL_HEAD ||
		     bytes.len >= 2 * progress->parsed ||
		     bytes.len >= max_head ||
		     contains_blank_line(bytes, progress->seen);

	progress->seen = bytes.len;
	if (worth)
		progress->parsed = bytes.len;
	return worth;
}

const struct dg_http_header *
dg_http_find(const struct dg_http_head *head, struct dg_str name,
	     size_t *count_out)
{
	const struct dg_http_header *found = NULL;
	size_t count = 0;

	for (size_t i = 0; i < head->n_headers; i++) {
		const struct dg_http_header *header = &head->headers[i];

		if (header->name.len != name.len ||
		    !dg_str_eq_nocase(header->name, name))
			continue;
		if (count++ == 0)
			found = header;
		if (count_out == NULL)
			break;
	}
	if (count_out != NULL)
		*count_out = count;
	return found;
}
