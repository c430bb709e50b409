/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_http_body.c - chunked bodies: whole and in pieces must agree about the
 * payload, the end and the fault. The first two bytes choose the pieces.
 */
#include "base/assert.h"
#include "base/buf.h"
#include "http/body.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct run {
	struct dg_http_body body;
	struct dg_buf payload;
	struct dg_http_fault fault;
	enum dg_http_parse rc;
	size_t used;
};

static void
feed(struct run *run, struct dg_str bytes)
{
	while (bytes.len > 0 && run->rc == DG_HTTP_NEED_MORE) {
		struct dg_str payload;
		size_t consumed;

		run->rc = dg_http_body_next(&run->body, bytes, &payload,
					    &consumed, &run->fault);
		if (run->rc == DG_HTTP_BAD)
			return;
		DG_ASSERT(consumed <= bytes.len);
		DG_ASSERT(consumed > 0);
		DG_ASSERT(payload.len <= consumed);
		if (dg_buf_append(&run->payload, payload) != DG_OK)
			DG_UNREACHABLE();
		run->used += consumed;
		bytes = dg_str_slice(bytes, consumed, bytes.len);
	}
}

static void
start(struct run *run, size_t size)
{
	const struct dg_http_head head = {.framing = DG_HTTP_CHUNKED};

	*run = (struct run){.rc = DG_HTTP_NEED_MORE};
	dg_buf_init(&run->payload, size + 1);
	dg_http_body_init(&run->body, &head);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dg_str bytes;
	struct run whole;
	struct run cut;
	size_t first;
	size_t piece;

	if (size < 2)
		return 0;
	first = data[0];
	piece = 1 + data[1] % 16U;
	bytes = dg_str_make((const char *)data + 2, size - 2);
	start(&whole, size);
	feed(&whole, bytes);
	start(&cut, size);
	feed(&cut, dg_str_slice(bytes, 0, first));
	for (size_t at = first; at < bytes.len; at += piece)
		feed(&cut, dg_str_slice(bytes, at, at + piece));
	DG_ASSERT(whole.rc == cut.rc);
	DG_ASSERT(whole.fault.why == cut.fault.why);
	DG_ASSERT(dg_str_eq(dg_buf_peek(&whole.payload),
			    dg_buf_peek(&cut.payload)));
	if (whole.rc != DG_HTTP_BAD)
		DG_ASSERT(whole.used == cut.used);
	dg_buf_fini(&whole.payload);
	dg_buf_fini(&cut.payload);
	return 0;
}
