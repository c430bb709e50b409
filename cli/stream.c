/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream.c - see stream.h.
 */
#include "stream.h"

enum dg_rc
dg_cli_stream_read(FILE *in, struct dg_buf *out)
{
	enum { STEP = 65536 };
	size_t n;

	do {
		char *room;

		if (dg_buf_reserve(out, STEP, &room) != DG_OK)
			return DG_ERR_LIMIT;
		n = fread(room, 1, STEP, in);
		dg_buf_commit(out, n);
	} while (n == STEP);
	return ferror(in) != 0 ? DG_ERR_IO : DG_OK;
}
