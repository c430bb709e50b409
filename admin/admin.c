/* SPDX-License-Identifier: Apache-2.0 */
/*
 * admin.c - the operator's pages and the admin API on an HTTP service of the
 * control loop.
 */
#include "admin/admin.h"

#include "admin/api.h"
#include "base/assert.h"
#include "base/mem.h"

enum { ADMIN_MAGIC = 0x41646d6e, PAGE_MAX_BYTES = 4 << 20 };

struct dg_admin {
	uint32_t magic;
	struct dg_gateway *gateway; /* borrowed, outlives this */
	struct dg_service *service; /* owned */
	struct dg_api *api;         /* owned; NULL: none */
};

static void
show_page(const struct dg_admin *admin, struct dg_service_call *call)
{
	struct dg_gateway_status status;
	struct dg_buf body;
	struct dg_service_reply reply = {
		.status = 200,
		.content_type = "text/plain; charset=utf-8",
		.body = &body,
	};

	dg_buf_init(&body, PAGE_MAX_BYTES);
	dg_gateway_status(admin->gateway, &status);
	dg_admin_page(&status, dg_service_request(call), &reply);
	dg_service_reply(call, &reply);
	dg_buf_fini(&body);
}

static bool
is_for_api(struct dg_str path)
{
	static const struct dg_str prefix = DG_STR_INIT("/api/v1");

	return dg_str_starts_with(path, prefix) &&
	       (path.len == prefix.len || path.data[prefix.len] == '/');
}

static void
on_call(void *arg, struct dg_service_call *call)
{
	const struct dg_admin *admin = arg;

	DG_CHECK_MAGIC(admin, ADMIN_MAGIC);
	if (admin->api != NULL && is_for_api(dg_service_request(call)->path))
		dg_api_call(admin->api, call);
	else
		show_page(admin, call);
}

static enum dg_rc
open_api(struct dg_admin *admin, struct dg_loop *control,
	 const struct dg_config *config, struct dg_error *err)
{
	struct dg_api_config api = {.gateway = admin->gateway};
	struct dg_str conninfo;
	enum dg_rc rc;

	if (dg_config_admin(config).api_conninfo[0] == '\0')
		return DG_OK;
	rc = dg_config_api_conninfo(config, &conninfo, err);
	if (rc != DG_OK)
		return rc;
	api.conninfo = conninfo;
	admin->api = dg_api_create(control, &api);
	dg_secret_free(&conninfo);
	return DG_OK;
}

enum dg_rc
dg_admin_open(struct dg_loop *control, struct dg_gateway *gateway,
	      const struct dg_config *config, struct dg_admin **admin_out,
	      struct dg_error *err)
{
	struct dg_admin *admin = DG_NEW(struct dg_admin);
	struct dg_config_admin c = dg_config_admin(config);
	const struct dg_service_config service = {
		.address = dg_str_from_cstr(c.listen),
		.tls_certificate = c.tls_certificate,
		.tls_key = c.tls_key,
		.handle = on_call,
		.arg = admin,
	};
	enum dg_rc rc;

	admin->magic = ADMIN_MAGIC;
	admin->gateway = gateway;
	rc = dg_service_open(control, &service, &admin->service, err);
	if (rc != DG_OK) {
		dg_admin_close(&admin);
		return dg_error_wrap(err, "admin.listen");
	}
	rc = open_api(admin, control, config, err);
	if (rc != DG_OK) {
		dg_admin_close(&admin);
		return rc;
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
	dg_api_destroy(&a->api); /* answers what it has */
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
