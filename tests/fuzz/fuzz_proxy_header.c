/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_proxy_header.c - PROXY headers: read in pieces as a connection does, the
 * reader never takes a byte that is not the header's, and what comes out is the
 * same however it was cut. The first byte chooses the pieces.
 */
#include "base/assert.h"
#include "net/proxy_header.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum dg_proxy_header_result
read_in_pieces(struct dg_str bytes, size_t piece, size_t *taken_out,
	       struct dg_proxy_header *header)
{
	enum dg_proxy_header_result result;
	size_t taken = 0;

	for (;;) {
		size_t more;

		result = dg_proxy_header_parse(dg_str_slice(bytes, 0, taken),
					       header);
		if (result != DG_PROXY_HEADER_NEED_MORE || taken == bytes.len)
			break;
		DG_ASSERT(header->need > 0 &&
			  taken + header->need <= DG_PROXY_HEADER_MAX);
		more = header->need < piece ? header->need : piece;
		taken += more < bytes.len - taken ? more : bytes.len - taken;
	}
	*taken_out = taken;
	return result;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dg_proxy_header whole;
	struct dg_proxy_header cut;
	char text[DG_ADDRESS_TEXT_MAX];
	struct dg_str bytes;
	size_t taken;
	size_t cut_taken;

	if (size < 1)
		return 0;
	bytes = dg_str_make((const char *)data + 1, size - 1);
	if (read_in_pieces(bytes, DG_PROXY_HEADER_MAX, &taken, &whole) !=
	    read_in_pieces(bytes, 1 + (size_t)data[0] % 16, &cut_taken, &cut)) {
		/* A fault may be seen earlier in smaller pieces, not later. */
		DG_UNREACHABLE();
	}
	if (dg_proxy_header_parse(dg_str_slice(bytes, 0, taken), &whole) !=
	    DG_PROXY_HEADER_DONE)
		return 0;
	DG_ASSERT(taken == cut_taken && whole.has_source == cut.has_source &&
		  whole.is_unknown == cut.is_unknown);
	if (!whole.has_source)
		return 0;
	DG_ASSERT(memcmp(&whole.source, &cut.source, sizeof(whole.source)) ==
		  0);
	dg_address_format(&whole.source, text);
	DG_ASSERT(text[0] != '\0' && strcmp(text, "unknown") != 0);
	return 0;
}
