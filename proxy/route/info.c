/* SPDX-License-Identifier: Apache-2.0 */
/*
 * info.c - reading a coordinator's /v1/info. See health.h.
 */
#include <stdio.h>

#include "base/json.h"
#include "route/health.h"
#include "sqlparse/sqlparse.h"

enum { INFO_MAX = 64 << 10 };

/* The text ends up in our own /v1/info: digits, letters and a few signs. */
static bool
is_version_text(struct dg_str text)
{
	if (text.len == 0 ||
	    text.len >= sizeof(((struct dg_cluster_state *)0)->version_text))
		return false;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];

		if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z') &&
		    !(c >= 'A' && c <= 'Z') && strchr(".-_+", c) == NULL)
			return false;
	}
	return true;
}

bool
dg_health_read_info(enum dg_store_engine engine, struct dg_str body,
		    struct dg_cluster_state *state, const char **why_out)
{
	enum dg_sql_dialect dialect =
		engine == DG_STORE_TRINO ? DG_SQL_TRINO : DG_SQL_PRESTO;
	struct dg_str text = DG_STR_EMPTY;
	struct dg_json *root = NULL;
	unsigned version;
	bool starting = false;

	*why_out = "its /v1/info is not JSON";
	if (dg_json_parse(body, INFO_MAX, &root, NULL) != DG_OK)
		return false;
	*why_out = "its /v1/info tells no version";
	if (!dg_json_string(
		    dg_json_get(dg_json_get(root, "nodeVersion"), "version"),
		    &text) ||
	    !is_version_text(text))
		goto fail;
	*why_out = "it does not run the engine that the policy says";
	if (dg_sql_version_parse(dialect, text, &version) != DG_OK ||
	    version == 0)
		goto fail;
	(void)dg_json_bool(dg_json_get(root, "starting"), &starting);
	state->reachable = true;
	state->starting = starting;
	state->version = version;
	(void)snprintf(state->version_text, sizeof(state->version_text), "%.*s",
		       DG_STR_ARG(text));
	dg_json_destroy(&root);
	return true;
fail:
	dg_json_destroy(&root);
	return false;
}
