/* SPDX-License-Identifier: Apache-2.0 */
/*
 * body.c - body framing: fixed length, chunked (RFC 9112 7.1), until close.
 *
 * Strict as head.c: chunk sizes are plain hex digits without sign or blanks,
 * lines end in CR LF. What a chunked body may carry besides payload
 * (extensions and trailers) is bounded over the whole body and dropped.
 */
#include "http/body.h"

#include "base/assert.h"
#include "http/chars.h"

enum {
	EXTRA_MAX = 16 * 1024, /* extensions and trailers of one body */
	SIZE_DIGITS_MAX = 16,
};

enum chunk_state {
	CHUNK_SIZE,      /* hex digits */
	CHUNK_EXTENSION, /* up to CR */
	CHUNK_SIZE_LF,   /* the LF of that line */
	CHUNK_DATA,      /* payload */
	CHUNK_DATA_CR,   /* behind the payload */
	CHUNK_DATA_LF,
	CHUNK_TRAILER_NAME, /* start of a trailer line, or the last CR */
	CHUNK_TRAILER,      /* within a trailer line */
	CHUNK_TRAILER_LF,
	CHUNK_END_LF,
	CHUNK_COMPLETE,
};

void
dg_http_body_init(struct dg_http_body *body, const struct dg_http_head *head)
{
	*body = (struct dg_http_body){
		.framing = head->framing,
		.remaining = head->framing == DG_HTTP_LENGTH
				     ? head->content_length
				     : 0,
		.state = CHUNK_SIZE,
	};
}

static enum dg_http_parse
refuse(struct dg_http_fault *fault, const char *why)
{
	*fault = (struct dg_http_fault){400, why};
	return DG_HTTP_BAD;
}

static size_t
smaller(uint64_t a, size_t b)
{
	return a < b ? (size_t)a : b;
}

static enum dg_http_parse
take_length(struct dg_http_body *body, struct dg_str in, struct dg_str *payload,
	    size_t *consumed)
{
	size_t n = smaller(body->remaining, in.len);

	*payload = dg_str_make(in.data, n);
	*consumed = n;
	body->remaining -= n;
	return body->remaining == 0 ? DG_HTTP_DONE : DG_HTTP_NEED_MORE;
}

static enum dg_http_parse
step_size(struct dg_http_body *body, char c, struct dg_http_fault *fault)
{
	int digit = dg_hex_value(c);

	if (digit >= 0) {
		if (body->size_digits == SIZE_DIGITS_MAX)
			return refuse(fault, "chunk size is too long");
		body->size_digits++;
		body->remaining = body->remaining << 4 | (unsigned)digit;
		return DG_HTTP_DONE;
	}
	if (body->size_digits == 0)
		return refuse(fault, "chunk size is not a hex number");
	body->size_digits = 0;
	if (c == '\r')
		body->state = CHUNK_SIZE_LF;
	else if (c == ';')
		body->state = CHUNK_EXTENSION;
	else
		return refuse(fault, "chunk size is not a hex number");
	return DG_HTTP_DONE;
}

static enum dg_http_parse
count_extra(struct dg_http_body *body, char c, struct dg_http_fault *fault)
{
	if (!dg_http_is_field_value(dg_str_make(&c, 1)))
		return refuse(fault, "control byte in a chunk line");
	if (++body->trailer_bytes > EXTRA_MAX)
		return refuse(fault, "chunk extensions or trailers too long");
	return DG_HTTP_DONE;
}

static enum dg_http_parse
expect(struct dg_http_body *body, char c, char wanted, enum chunk_state next,
       struct dg_http_fault *fault)
{
	if (c != wanted)
		return refuse(fault, "a chunk line does not end in CR LF");
	body->state = next;
	return DG_HTTP_DONE;
}

/* One byte of framing; never called in CHUNK_DATA and CHUNK_COMPLETE. */
static enum dg_http_parse
step(struct dg_http_body *body, char c, struct dg_http_fault *fault)
{
	switch ((enum chunk_state)body->state) {
	case CHUNK_SIZE:
		return step_size(body, c, fault);
	case CHUNK_EXTENSION:
		if (c != '\r')
			return count_extra(body, c, fault);
		body->state = CHUNK_SIZE_LF;
		return DG_HTTP_DONE;
	case CHUNK_SIZE_LF:
		return expect(body, c, '\n',
			      body->remaining == 0 ? CHUNK_TRAILER_NAME
						   : CHUNK_DATA,
			      fault);
	case CHUNK_DATA_CR:
		return expect(body, c, '\r', CHUNK_DATA_LF, fault);
	case CHUNK_DATA_LF:
		return expect(body, c, '\n', CHUNK_SIZE, fault);
	case CHUNK_TRAILER_NAME:
		if (c == '\r') {
			body->state = CHUNK_END_LF;
			return DG_HTTP_DONE;
		}
		if (!dg_http_is_token_byte(c))
			return refuse(fault, "malformed trailer");
		body->state = CHUNK_TRAILER;
		return count_extra(body, c, fault);
	case CHUNK_TRAILER:
		if (c != '\r')
			return count_extra(body, c, fault);
		body->state = CHUNK_TRAILER_LF;
		return DG_HTTP_DONE;
	case CHUNK_TRAILER_LF:
		return expect(body, c, '\n', CHUNK_TRAILER_NAME, fault);
	case CHUNK_END_LF:
		return expect(body, c, '\n', CHUNK_COMPLETE, fault);
	case CHUNK_DATA:
	case CHUNK_COMPLETE:
		break;
	}
	DG_UNREACHABLE();
}

static enum dg_http_parse
take_chunked(struct dg_http_body *body, struct dg_str in,
	     struct dg_str *payload, size_t *consumed,
	     struct dg_http_fault *fault)
{
	size_t i = 0;

	while (body->state != CHUNK_COMPLETE && i < in.len) {
		enum dg_http_parse rc;

		if (body->state == CHUNK_DATA) {
			size_t n = smaller(body->remaining, in.len - i);

			*payload = dg_str_make(in.data + i, n);
			*consumed = i + n;
			body->remaining -= n;
			if (body->remaining == 0)
				body->state = CHUNK_DATA_CR;
			return DG_HTTP_NEED_MORE;
		}
		rc = step(body, in.data[i], fault);
		if (rc != DG_HTTP_DONE)
			return rc;
		i++;
	}
	*consumed = i;
	return body->state == CHUNK_COMPLETE ? DG_HTTP_DONE : DG_HTTP_NEED_MORE;
}

enum dg_http_parse
dg_http_body_next(struct dg_http_body *body, struct dg_str in,
		  struct dg_str *payload_out, size_t *consumed_out,
		  struct dg_http_fault *fault_out)
{
	*payload_out = DG_STR_EMPTY;
	*consumed_out = 0;
	switch (body->framing) {
	case DG_HTTP_NO_BODY:
		return DG_HTTP_DONE;
	case DG_HTTP_LENGTH:
		return take_length(body, in, payload_out, consumed_out);
	case DG_HTTP_CHUNKED:
		return take_chunked(body, in, payload_out, consumed_out,
				    fault_out);
	case DG_HTTP_UNTIL_CLOSE:
		*payload_out = in;
		*consumed_out = in.len;
		return DG_HTTP_NEED_MORE;
	}
	DG_UNREACHABLE();
}
