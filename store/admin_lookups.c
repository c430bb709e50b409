/* SPDX-License-Identifier: Apache-2.0 */
/*
 * admin_lookups.c - small questions of who explains a policy: which version is
 * in Postgres, and what its rules are called.
 */
#include "policy_text.h"
#include "store/admin.h"

enum { NAMES_MAX_BYTES = 16 << 20 };

static void
on_version(void *arg, enum dg_rc rc, const struct dg_pg_result *result,
	   const struct dg_error *err DG_UNUSED)
{
	uint64_t version = 0;

	if (rc == DG_OK && dg_pg_rows(result) == 1 &&
	    dg_str_to_u64(dg_pg_get(result, 0, 0), &version) == DG_OK)
		*(int64_t *)arg = (int64_t)version;
}

enum dg_rc
dg_store_version(struct dg_pg *pg, struct dg_loop *loop, int64_t *version_out,
		 struct dg_error *err)
{
	*version_out = 0;
	return dg_pg_query_wait(
		pg, loop, "SELECT version FROM datagateway.policy_version",
		NULL, 0, on_version, version_out, err);
}

static void
on_names(void *arg, enum dg_rc rc, const struct dg_pg_result *result,
	 const struct dg_error *err DG_UNUSED)
{
	struct dg_json **names = arg;

	if (rc == DG_OK && dg_pg_rows(result) == 1 &&
	    dg_json_parse(dg_pg_get(result, 0, 0), NAMES_MAX_BYTES, names,
			  NULL) != DG_OK)
		*names = NULL;
}

enum dg_rc
dg_store_rule_names(struct dg_pg *pg, struct dg_loop *loop, struct dg_str ids,
		    struct dg_json **names_out, struct dg_error *err)
{
	enum dg_rc rc;

	*names_out = NULL;
	rc = dg_pg_query_wait(
		pg, loop,
		"SELECT coalesce(jsonb_object_agg(id, name), '{}')"
		" FROM datagateway.rules WHERE id = ANY "
		"(string_to_array($1, ',')::bigint[])",
		&ids, 1, on_names, names_out, err);
	if (rc == DG_OK && *names_out == NULL)
		rc = dg_error_set(err, DG_ERR_LIMIT,
				  "the names of the rules are too long");
	return rc;
}

enum dg_rc
dg_store_time_us(struct dg_str text, int64_t *us_out)
{
	return text.len == 0 ? DG_ERR_INVALID : dg_policy_time_us(text, us_out);
}

enum dg_rc
dg_store_object_parse(struct dg_str text, struct dg_arena *arena,
		      struct dg_acl_tagging *object_out, struct dg_error *err)
{
	enum dg_rc rc = dg_policy_tagged(text, arena, object_out, err);

	object_out->tag = DG_STR("any");
	return rc == DG_OK ? dg_acl_tagging_check(object_out, err) : rc;
}
