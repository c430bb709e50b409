/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bulk.c - whole policies: applied as `admin apply` does, and exported.
 */
#include "api_private.h"

enum { DIFF_MAX_BYTES = 32 << 20, ERRORS_MAX_BYTES = 1 << 20 };

struct bulk {
	struct dg_store_policy_file *file; /* owned */
	struct dg_buf errors;
	struct dg_buf diff;
	struct dg_buf effects; /* of a dry run */
};

static bool
parse(struct dg_api_job *job, struct bulk *b)
{
	struct dg_json *root = NULL;
	enum dg_rc rc;

	if (dg_str_eq(job->content_type, DG_STR("application/yaml"))) {
		rc = dg_store_policy_parse_from(dg_buf_peek(&job->body), true,
						&b->file, &b->errors);
	} else {
		if (!dg_api_body(job, DG_STR("application/json"), &root))
			return false;
		rc = dg_store_policy_parse_json(root, false, &b->file,
						&b->errors);
		dg_json_destroy(&root);
	}
	if (rc != DG_OK)
		dg_api_problem_with(job, 422, "the policy does not make sense",
				    &b->errors);
	return rc == DG_OK;
}

void
dg_api_apply(struct dg_api_job *job)
{
	struct bulk b = {.file = NULL};
	struct dg_error err = {.text = ""};
	int64_t version = 0;
	size_t n = 0;
	bool dry_run;
	enum dg_rc rc;

	if (!dg_api_write_params(job, &dry_run))
		return;
	dg_buf_init(&b.errors, ERRORS_MAX_BYTES);
	dg_buf_init(&b.diff, DIFF_MAX_BYTES);
	dg_buf_init(&b.effects, DIFF_MAX_BYTES);
	if (parse(job, &b)) {
		bool tells = dry_run && dg_api_tells_access(job);

		rc = dg_store_policy_apply(job->session->pg, job->session->loop,
					   b.file, dg_api_actor(job), dry_run,
					   &b.diff, tells ? &b.effects : NULL,
					   &n, &version, &err);
		if (rc == DG_OK)
			dg_api_reply_changes(job, dry_run, version, n,
					     dg_buf_peek(&b.diff),
					     dg_buf_peek(&b.effects));
		else
			dg_api_fail(job, rc, &err);
	}
	dg_store_policy_destroy(&b.file);
	dg_buf_fini(&b.errors);
	dg_buf_fini(&b.diff);
	dg_buf_fini(&b.effects);
}

void
dg_api_export(struct dg_api_job *job)
{
	struct dg_error err = {.text = ""};
	int64_t version = 0;
	enum dg_rc rc;

	if (!dg_api_params(job, NULL, 0, NULL))
		return;
	rc = dg_store_policy_export(job->session->pg, job->session->loop,
				    &job->reply, &version, &err);
	if (rc != DG_OK) {
		dg_api_fail(job, rc, &err);
		return;
	}
	job->status = 200;
	dg_api_put_version(job, version);
}
