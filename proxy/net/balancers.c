/* SPDX-License-Identifier: Apache-2.0 */
/*
 * balancers.c - see balancers.h.
 */
#include "net/balancers.h"

#include "acl/acl.h"
#include "base/mem.h"

struct dg_balancers {
	struct dg_acl_network *networks; /* owned */
	size_t n;
};

enum dg_rc
dg_balancers_create(char *const *networks, size_t n,
		    struct dg_balancers **balancers_out, struct dg_error *err)
{
	struct dg_balancers *b = DG_NEW(struct dg_balancers);
	enum dg_rc rc = DG_OK;

	b->networks = DG_NEW_ARRAY(struct dg_acl_network, n + 1);
	b->n = n;
	for (size_t i = 0; rc == DG_OK && i < n; i++)
		rc = dg_acl_network_parse(dg_str_from_cstr(networks[i]),
					  &b->networks[i], err);
	if (rc != DG_OK) {
		dg_balancers_destroy(&b);
		return rc;
	}
	*balancers_out = b;
	return DG_OK;
}

void
dg_balancers_destroy(struct dg_balancers **balancers)
{
	if (*balancers == NULL)
		return;
	dg_free((*balancers)->networks);
	dg_free(*balancers);
	*balancers = NULL;
}

bool
dg_balancers_hold(const struct dg_balancers *balancers, const char *peer)
{
	struct dg_acl_address address;

	if (balancers == NULL || balancers->n == 0 ||
	    !dg_acl_address_parse(dg_str_from_cstr(peer), &address))
		return false;
	for (size_t i = 0; i < balancers->n; i++)
		if (dg_acl_network_holds(&balancers->networks[i], &address))
			return true;
	return false;
}
