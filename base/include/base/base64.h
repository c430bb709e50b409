/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base64.h - RFC 4648 base64 and base64url, table driven.
 *
 * libsodium's is constant-time and ten times slower (protocol.md 13); sealed
 * URIs are not secrets, so speed wins there. For passwords in a Basic header
 * this is fine as well: the text is compared by hash.
 */
#ifndef DG_BASE_BASE64_H
#define DG_BASE_BASE64_H

#include "base/str.h"

/* Bytes needed for n input bytes, without NUL. */
size_t dg_base64_encoded_len(size_t n, bool url);
size_t dg_base64_decoded_max(size_t n);
/* url: '-' and '_' and no padding. out holds encoded_len bytes. */
size_t dg_base64_encode(struct dg_str in, bool url, char *out);
/*
 * Strict: no white space, no bits left over. Padding: required for plain,
 * optional for url. out holds decoded_max bytes.
 */
enum dg_rc dg_base64_decode(struct dg_str in, bool url, char *out,
			    size_t *len_out) DG_MUST_CHECK;

#endif
