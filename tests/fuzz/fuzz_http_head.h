/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_http_head.h - what must hold of any head, whole or cut.
 *
 * The same bytes cut anywhere must lead to the same outcome: a prefix that is
 * refused or complete settles it. What was read must lie within the bytes.
 */
#ifndef FUZZ_HTTP_HEAD_H
#define FUZZ_HTTP_HEAD_H

#include "base/assert.h"
#include "http/chars.h"
#include "http/head.h"

enum { FUZZ_MAX_HEAD = 2048 };

typedef enum dg_http_parse (*fuzz_parse_fn)(struct dg_str bytes,
					    struct dg_http_head *head,
					    struct dg_http_fault *fault);

static inline void
fuzz_check_within(struct dg_str part, struct dg_str whole)
{
	DG_ASSERT(part.len == 0 ||
		  (part.data >= whole.data &&
		   part.data + part.len <= whole.data + whole.len));
}

static inline void
fuzz_check_head(const struct dg_http_head *head, struct dg_str bytes)
{
	struct dg_str own = dg_str_slice(bytes, 0, head->head_len);
	size_t n_lengths;
	size_t n_codings;

	DG_ASSERT(head->head_len >= 4 && head->head_len <= bytes.len);
	DG_ASSERT(head->head_len <= FUZZ_MAX_HEAD);
	DG_ASSERT(memcmp(own.data + own.len - 2, "\r\n", 2) == 0);
	DG_ASSERT(head->n_headers <= DG_HTTP_HEADERS_MAX);
	DG_ASSERT(head->minor <= 1);
	for (size_t i = 0; i < head->n_headers; i++) {
		const struct dg_http_header *header = &head->headers[i];

		fuzz_check_within(header->name, own);
		fuzz_check_within(header->value, own);
		DG_ASSERT(header->name.len > 0);
		DG_ASSERT(dg_http_token_len(header->name) == header->name.len);
		DG_ASSERT(dg_http_is_field_value(header->value));
	}
	(void)dg_http_find(head, DG_STR("content-length"), &n_lengths);
	(void)dg_http_find(head, DG_STR("transfer-encoding"), &n_codings);
	DG_ASSERT(n_lengths + n_codings <= 1);
}

static inline void
fuzz_head(const uint8_t *data, size_t size, fuzz_parse_fn parse)
{
	static struct dg_http_head whole;
	static struct dg_http_head part;
	struct dg_str bytes = dg_str_make((const char *)data, size);
	struct dg_http_fault fault = {0, NULL};
	struct dg_http_fault part_fault = {0, NULL};
	enum dg_http_parse rc;
	size_t step = size < 64 ? 1 : size / 64;

	if (size == 0)
		return;
	rc = parse(bytes, &whole, &fault);
	if (rc == DG_HTTP_DONE)
		fuzz_check_head(&whole, bytes);
	for (size_t n = 0; n < size; n += step) {
		enum dg_http_parse early =
			parse(dg_str_slice(bytes, 0, n), &part, &part_fault);

		if (early == DG_HTTP_NEED_MORE)
			continue;
		DG_ASSERT(early == rc);
		if (rc == DG_HTTP_DONE) {
			DG_ASSERT(part.head_len == whole.head_len);
			DG_ASSERT(part.framing == whole.framing);
			DG_ASSERT(part.n_headers == whole.n_headers);
		} else {
			DG_ASSERT(part_fault.status == fault.status);
			DG_ASSERT(part_fault.why == fault.why);
		}
	}
}

#endif
