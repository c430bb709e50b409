/* SPDX-License-Identifier: Apache-2.0 */
/*
 * admin.c - the operator's pages on an HTTP service of the control loop.
 */
#include "admin/admin.h"

#include "base/assert.h"
#include "base/mem.h"

enum { ADMIN_MAGIC = 0x41646d6e };

struct dg_admin {
	uint32_t magic;
	const struct dg_gateway *gateway; /* borrowed, outlives this */
	struct dg_service *service;       /* owned */
};

static void
on_page(void *arg, const struct dg_service_request *request,
	struct dg_service_reply *reply)
{
	const struct dg_admin *admin = arg;
	struct dg_gateway_status status;

	DG_CHECK_MAGIC(admin, ADMIN_MAGIC);
	dg_gateway_status(admin->gateway, &status);
	dg_admin_page(&status, request, reply);
}

enum dg_rc
dg_admin_open(struct dg_loop *control, const struct dg_gateway *gateway,
	      struct dg_str address, struct dg_admin **admin_out,
	      struct dg_error *err)
{
	struct dg_admin *admin = DG_NEW(struct dg_admin);
	enum dg_rc rc;

	admin->magic = ADMIN_MAGIC;
	admin->gateway = gateway;
	rc = dg_service_open(control, address, on_page, admin, &admin->service,
			     err);
	if (rc != DG_OK) {
		dg_admin_close(&admin);
		return dg_error_wrap(err, "admin.listen");
	}
	*admin_out = admin;
	return DG_OK;
}

void
dg_admin_close(struct dg_admin **admin)
{
	struct dg_admin *a = *admin;

	if (a == NULL)
		return;
	DG_CHECK_MAGIC(a, ADMIN_MAGIC);
	dg_service_close(&a->service);
	a->magic = 0;
	dg_free(a);
	*admin = NULL;
}

unsigned
dg_admin_port(const struct dg_admin *admin)
{
	return dg_service_port(admin->service);
}
