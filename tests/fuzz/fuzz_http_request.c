/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_http_request.c - request heads from clients.
 */
#include "fuzz_http_head.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum dg_http_parse
parse(struct dg_str bytes, struct dg_http_head *head,
      struct dg_http_fault *fault)
{
	enum dg_http_parse rc =
		dg_http_parse_request(bytes, FUZZ_MAX_HEAD, head, fault);

	if (rc != DG_HTTP_DONE)
		return rc;
	DG_ASSERT(head->framing != DG_HTTP_UNTIL_CLOSE);
	DG_ASSERT(head->path.len == 0 || head->path.data[0] == '/');
	DG_ASSERT(head->path.len > 0 || head->method == DG_HTTP_OTHER);
	return rc;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_head(data, size, parse);
	return 0;
}
