/* SPDX-License-Identifier: Apache-2.0 */
/*
 * balancers.h - from where the PROXY protocol is believed.
 */
#ifndef DG_PROXY_NET_BALANCERS_H
#define DG_PROXY_NET_BALANCERS_H

#include "base/str.h"

struct dg_balancers; /* immutable */

/* Networks or addresses; INVALID with the reason. n 0: nobody. */
enum dg_rc dg_balancers_create(char *const *networks, size_t n,
			       struct dg_balancers **balancers_out,
			       struct dg_error *err) DG_MUST_CHECK;
void dg_balancers_destroy(struct dg_balancers **balancers);
/* peer: "192.0.2.1:443". NULL: nobody is one. */
bool dg_balancers_hold(const struct dg_balancers *balancers, const char *peer);

#endif
