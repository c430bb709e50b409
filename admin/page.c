/* SPDX-License-Identifier: Apache-2.0 */
/*
 * page.c - /metrics, /healthz, /readyz. Pure: the status comes as an argument.
 */
#include "admin/admin.h"

#include <stdio.h>

#include "base/json.h"
#include "base/metrics.h"

enum { BEHIND_MIN_MS = 1000 };

static void
text_page(struct dg_service_reply *reply, unsigned status, const char *text)
{
	enum dg_rc rc;

	reply->status = status;
	dg_buf_clear(reply->body);
	rc = dg_buf_append(reply->body, dg_str_from_cstr(text));
	(void)rc; /* an empty buffer holds these few words */
}

static void
show_metrics(struct dg_service_reply *reply)
{
	reply->content_type = "text/plain; version=0.0.4; charset=utf-8";
	if (dg_metrics_render(reply->body) != DG_OK)
		text_page(reply, 500, "the metrics do not fit\n");
}

/* For people; a change that is on its way is not worth a word. */
static void
put_behind(struct dg_json_writer *w, const struct dg_gateway_status *status)
{
	char text[64];

	if (status->lag_ms < BEHIND_MIN_MS)
		return;
	(void)snprintf(text, sizeof(text), "%lld version%s, %lld.%lld s",
		       (long long)status->lag_versions,
		       status->lag_versions == 1 ? "" : "s",
		       (long long)(status->lag_ms / 1000),
		       (long long)(status->lag_ms % 1000 / 100));
	dg_json_key(w, "behind");
	dg_json_put_cstr(w, text);
}

static void
show_ready(const struct dg_gateway_status *status,
	   struct dg_service_reply *reply)
{
	struct dg_json_writer w;

	reply->status = status->ready ? 200 : 503;
	reply->content_type = "application/json";
	dg_json_begin(&w, reply->body);
	dg_json_object_open(&w);
	dg_json_key(&w, "ready");
	dg_json_put_bool(&w, status->ready);
	if (status->why_not != NULL) {
		dg_json_key(&w, "why");
		dg_json_put_cstr(&w, status->why_not);
	}
	put_behind(&w, status);
	dg_json_key(&w, "policy_version");
	dg_json_put_int(&w, status->policy_version);
	dg_json_key(&w, "policy_seen");
	dg_json_put_int(&w, status->policy_seen);
	dg_json_key(&w, "policy_lag_versions");
	dg_json_put_int(&w, status->lag_versions);
	dg_json_key(&w, "policy_lag_ms");
	dg_json_put_int(&w, status->lag_ms);
	dg_json_key(&w, "policy_age_ms");
	dg_json_put_int(&w, status->policy_age_ms);
	if (status->policy_from_file) {
		dg_json_key(&w, "policy_source");
		dg_json_put_cstr(&w, "file: Postgres has not answered since "
				     "the start");
	}
	dg_json_key(&w, "postgres_connected");
	dg_json_put_bool(&w, status->postgres_connected);
	dg_json_key(&w, "workers");
	dg_json_put_int(&w, status->workers);
	dg_json_object_close(&w);
	if (dg_json_finish(&w) != DG_OK)
		text_page(reply, 500, "the status does not fit\n");
}

void
dg_admin_page(const struct dg_gateway_status *status,
	      const struct dg_service_request *request,
	      struct dg_service_reply *reply)
{
	if (!dg_str_eq(request->method, DG_STR("GET")) &&
	    !dg_str_eq(request->method, DG_STR("HEAD")))
		text_page(reply, 405, "only GET and HEAD are served here\n");
	else if (dg_str_eq(request->path, DG_STR("/metrics")))
		show_metrics(reply);
	else if (dg_str_eq(request->path, DG_STR("/readyz")))
		show_ready(status, reply);
	else if (dg_str_eq(request->path, DG_STR("/healthz")))
		text_page(reply, 200, "ok\n");
	else
		text_page(reply, 404, "not found\n");
}
