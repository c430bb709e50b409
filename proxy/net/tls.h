/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls.h - OpenSSL contexts: TLS 1.2 and 1.3, for clients and to coordinators.
 */
#ifndef DG_PROXY_NET_TLS_H
#define DG_PROXY_NET_TLS_H

#include <stdbool.h>

#include "base/error.h"

struct ssl_ctx_st;

enum dg_rc dg_tls_server_create(const char *cert_file, const char *key_file,
				struct ssl_ctx_st **ctx_out,
				struct dg_error *err) DG_MUST_CHECK;
/* ca_file NULL or "": the system's trust store. Always verifies. */
enum dg_rc dg_tls_client_create(const char *ca_file,
				struct ssl_ctx_st **ctx_out,
				struct dg_error *err) DG_MUST_CHECK;
void dg_tls_destroy(struct ssl_ctx_st **ctx);

#endif
