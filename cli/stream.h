/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream.h - whole files for subcommands. What is wrong is the caller's to say.
 */
#ifndef DG_CLI_STREAM_H
#define DG_CLI_STREAM_H

#include <stdio.h>

#include "base/buf.h"

/* Up to the end. LIMIT: more than out may hold; IO: errno tells why. */
enum dg_rc dg_cli_stream_read(FILE *in, struct dg_buf *out) DG_MUST_CHECK;

#endif
