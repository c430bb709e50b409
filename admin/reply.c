/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reply.c - replies of the admin API: JSON, and problems (RFC 9457).
 */
#include <stdio.h>

#include "api_private.h"

static const struct {
	unsigned status;
	const char *title;
} titles[] = {
	{400, "Bad request"},
	{401, "Not authenticated"},
	{403, "Not allowed"},
	{404, "Not found"},
	{405, "Method not allowed"},
	{409, "Conflict"},
	{412, "Precondition failed"},
	{413, "Too long"},
	{415, "Unsupported media type"},
	{422, "Does not make sense"},
	{429, "Too many requests"},
	{500, "Internal error"},
	{503, "Try again later"},
};

static const char *
title_of(unsigned status)
{
	for (size_t i = 0; i < DG_ARRAY_LEN(titles); i++)
		if (titles[i].status == status)
			return titles[i].title;
	return "Error";
}

/* What does not fit is told without its places. */
static void
finish(struct dg_api_job *job, struct dg_json_writer *w)
{
	if (dg_json_finish(w) == DG_OK)
		return;
	dg_buf_clear(&job->reply);
	job->status = 500;
	job->content_type_out = "application/problem+json";
	if (dg_buf_append(&job->reply, DG_STR("{\"title\":\"Internal error\","
					      "\"status\":500,\"detail\":"
					      "\"the reply is too long\"}")) !=
	    DG_OK)
		dg_buf_clear(&job->reply);
}

static void
begin_problem(struct dg_api_job *job, struct dg_json_writer *w, unsigned status,
	      const char *detail)
{
	job->status = status;
	job->content_type_out = "application/problem+json";
	dg_buf_clear(&job->reply);
	dg_json_begin(w, &job->reply);
	dg_json_object_open(w);
	dg_json_key(w, "type");
	dg_json_put_cstr(w, "about:blank");
	dg_json_key(w, "title");
	dg_json_put_cstr(w, title_of(status));
	dg_json_key(w, "status");
	dg_json_put_int(w, status);
	if (detail != NULL) {
		dg_json_key(w, "detail");
		dg_json_put_cstr(w, detail);
	}
}

void
dg_api_problem(struct dg_api_job *job, unsigned status, const char *detail)
{
	struct dg_json_writer w;

	begin_problem(job, &w, status, detail);
	dg_json_object_close(&w);
	finish(job, &w);
}

void
dg_api_problem_with(struct dg_api_job *job, unsigned status, const char *detail,
		    const struct dg_buf *errors)
{
	struct dg_str rest = dg_buf_peek(errors);
	struct dg_json_writer w;
	struct dg_str line;

	begin_problem(job, &w, status, detail);
	dg_json_key(&w, "errors");
	dg_json_array_open(&w);
	while (dg_str_split(&rest, '\n', &line)) {
		size_t tab = dg_str_find(line, '\t', 0);
		bool has_place = tab < line.len;

		if (line.len == 0)
			continue;
		dg_json_object_open(&w);
		if (has_place) {
			dg_json_key(&w, "pointer");
			dg_json_put_str(&w, dg_str_slice(line, 0, tab));
		}
		dg_json_key(&w, "detail");
		dg_json_put_str(&w, dg_str_slice(line, has_place ? tab + 1 : 0,
						 line.len));
		dg_json_object_close(&w);
	}
	dg_json_array_close(&w);
	dg_json_object_close(&w);
	finish(job, &w);
}

void
dg_api_bad_parameter(struct dg_api_job *job, struct dg_str name,
		     const char *detail)
{
	struct dg_json_writer w;

	begin_problem(job, &w, 400, "a parameter is wrong");
	dg_json_key(&w, "errors");
	dg_json_array_open(&w);
	dg_json_object_open(&w);
	dg_json_key(&w, "parameter");
	dg_json_put_str(&w, name);
	dg_json_key(&w, "detail");
	dg_json_put_cstr(&w, detail);
	dg_json_object_close(&w);
	dg_json_array_close(&w);
	dg_json_object_close(&w);
	finish(job, &w);
}

static unsigned
status_of(enum dg_rc rc)
{
	switch (rc) {
	case DG_OK:
		return 200;
	case DG_ERR_INVALID:
	case DG_ERR_UNSUPPORTED:
		return 422;
	case DG_ERR_LIMIT:
		return 413;
	case DG_ERR_NOT_FOUND:
		return 404;
	case DG_ERR_CONFLICT:
		return 409;
	case DG_ERR_DENIED:
		return 403;
	case DG_ERR_IO:
	case DG_ERR_TIMEOUT:
	case DG_ERR_UNAVAILABLE:
	case DG_ERR_CLOSED:
		return 503;
	case DG_ERR_INTERNAL:
		break;
	}
	return 500;
}

void
dg_api_fail(struct dg_api_job *job, enum dg_rc rc, const struct dg_error *err)
{
	unsigned status = status_of(rc);

	if (status == 503)
		dg_api_header(job, DG_STR("Retry-After"), DG_STR("5"));
	dg_api_problem(job, status, err->text);
}

void
dg_api_header(struct dg_api_job *job, struct dg_str name, struct dg_str value)
{
	struct dg_str copy = dg_arena_str(job->arena, value);

	if (copy.data == NULL || job->n_headers == API_HEADERS_MAX)
		return; /* none of ours changes what a reply means */
	job->headers[job->n_headers++] = (struct dg_service_header){name, copy};
}

void
dg_api_put_version(struct dg_api_job *job, int64_t version)
{
	char text[24];

	job->version = version;
	(void)snprintf(text, sizeof(text), "%lld", (long long)version);
	dg_api_header(job, DG_STR("Policy-Version"), dg_str_from_cstr(text));
}

void
dg_api_reply_begin(struct dg_api_job *job, struct dg_json_writer *w,
		   unsigned status)
{
	job->status = status;
	job->content_type_out = "application/json";
	dg_buf_clear(&job->reply);
	dg_json_begin(w, &job->reply);
}

void
dg_api_reply_end(struct dg_api_job *job, struct dg_json_writer *w)
{
	finish(job, w);
}

void
dg_api_reply_changes(struct dg_api_job *job, bool dry_run, int64_t version,
		     size_t n_changes, struct dg_str diff,
		     struct dg_str effects)
{
	struct dg_json_writer w;

	dg_api_put_version(job, version);
	dg_api_reply_begin(job, &w, 200);
	dg_json_object_open(&w);
	dg_json_key(&w, "dry_run");
	dg_json_put_bool(&w, dry_run);
	dg_json_key(&w, "version");
	dg_json_put_int(&w, version);
	dg_json_key(&w, "changes");
	dg_json_put_int(&w, (int64_t)n_changes);
	dg_json_key(&w, "diff");
	dg_json_put_lines(&w, diff);
	if (dry_run && !dg_api_tells_access(job)) {
		dg_json_key(&w, "effects_hidden");
		dg_json_put_bool(&w, true);
	}
	if (effects.len > 0) {
		dg_json_key(&w, "effects");
		dg_json_put_raw(&w, effects);
	}
	dg_json_object_close(&w);
	dg_api_reply_end(job, &w);
}
