/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_page.c - what the admin API says about itself: openapi.yaml, and the
 * table of operations as a page. No script, nothing from elsewhere.
 */
#include "api_private.h"
#include "openapi.h"

static const char page_head[] =
	"<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
	"<title>DataGateway admin API</title>\n<style>body{font:16px/1.5 "
	"sans-serif;max-width:60em;margin:2em auto;padding:0 1em}"
	"table{border-collapse:collapse;width:100%}"
	"td,th{text-align:left;padding:.3em .6em;border-bottom:1px solid #ccc}"
	"code{font-size:90%}</style></head>\n<body><h1>DataGateway admin "
	"API</h1>\n<p>All paths are below <code>/api/v1</code>. A token goes "
	"with each request: <code>Authorization: Bearer dga_...</code>. "
	"Parameters, bodies and answers: <a href=\"openapi.yaml\">"
	"openapi.yaml</a>.</p>\n"
	"<table><tr><th>operation</th><th></th><th>for</th></tr>\n";

static const char *
whom(enum dg_api_access access)
{
	switch (access) {
	case API_OPEN:
		return "everybody";
	case API_ANY:
		return "any token";
	case API_READ:
	case API_ASK:
		return "admin, steward, auditor";
	case API_WRITE:
	case API_OWNER:
		return "admin";
	}
	return "";
}

static enum dg_rc
put_table(struct dg_buf *out)
{
	enum dg_rc rc = dg_buf_append(out, dg_str_from_cstr(page_head));

	for (size_t i = 0; rc == DG_OK && i < dg_api_n_routes; i++)
		rc = dg_buf_appendf(out,
				    "<tr><td><code>%s %s</code></td><td>%s</td>"
				    "<td>%s</td></tr>\n",
				    dg_api_routes[i].method,
				    dg_api_routes[i].path,
				    dg_api_routes[i].summary,
				    whom(dg_api_routes[i].access));
	return rc == DG_OK ? dg_buf_append(out, DG_STR("</table></body></html>"
						       "\n"))
			   : rc;
}

void
dg_api_page(const struct dg_api_route *route, struct dg_service_reply *reply)
{
	enum dg_rc rc;

	if (strcmp(route->path, "/") == 0) {
		reply->content_type = "text/html; charset=utf-8";
		reply->headers[reply->n_headers++] = (struct dg_service_header){
			DG_STR("Content-Security-Policy"),
			DG_STR("default-src 'none'; style-src "
			       "'unsafe-inline'")};
		rc = put_table(reply->body);
	} else {
		reply->content_type = "application/yaml";
		rc = dg_buf_append(reply->body, dg_str_from_cstr(dg_openapi));
	}
	if (rc != DG_OK)
		reply->status = 500;
}
