/* SPDX-License-Identifier: Apache-2.0 */
/*
 * status.h - the usual reason phrases.
 */
#ifndef DG_PROXY_HTTP_STATUS_H
#define DG_PROXY_HTTP_STATUS_H

#include "base/str.h"

/* "OK" for 200; "Status" for a code we do not know. Static. */
struct dg_str dg_http_reason(unsigned status);

#endif
