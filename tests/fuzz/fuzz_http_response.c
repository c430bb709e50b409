/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_http_response.c - response heads from coordinators. The first byte
 * says which method was asked with.
 */
#include "fuzz_http_head.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum dg_http_method method;

static enum dg_http_parse
parse(struct dg_str bytes, struct dg_http_head *head,
      struct dg_http_fault *fault)
{
	enum dg_http_parse rc = dg_http_parse_response(bytes, FUZZ_MAX_HEAD,
						       method, head, fault);

	if (rc != DG_HTTP_DONE)
		return rc;
	DG_ASSERT(head->status >= 100 && head->status <= 599);
	DG_ASSERT(method != DG_HTTP_HEAD || head->framing == DG_HTTP_NO_BODY);
	DG_ASSERT(head->framing != DG_HTTP_UNTIL_CLOSE || !head->keep_alive);
	return rc;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	method = data[0] % 2 == 0 ? DG_HTTP_GET : DG_HTTP_HEAD;
	fuzz_head(data + 1, size - 1, parse);
	return 0;
}
