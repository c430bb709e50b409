/* SPDX-License-Identifier: Apache-2.0 */
/*
 * request.c - what requests of the admin API say: parameters, bodies, who.
 *
 * What is not known is refused: a misspelt filter would list everything.
 */
#include "api_private.h"

enum { JSON_MAX_BYTES = 32 << 20 };

static size_t
index_of(struct dg_str name, const char *const *names, size_t n)
{
	size_t i = 0;

	while (i < n && !dg_str_eq(name, dg_str_from_cstr(names[i])))
		i++;
	return i;
}

bool
dg_api_is_write(const struct dg_api_job *job)
{
	return !dg_str_eq(job->method, DG_STR("GET"));
}

bool
dg_api_params(struct dg_api_job *job, const char *const *names, size_t n,
	      struct dg_str *values_out)
{
	struct dg_str rest = job->query;
	struct dg_str pair;

	for (size_t i = 0; i < n; i++)
		values_out[i] = dg_str_make(NULL, 0);
	while (rest.len > 0 && dg_str_split(&rest, '&', &pair)) {
		size_t equals = dg_str_find(pair, '=', 0);
		struct dg_str name = dg_api_decode(
			job->arena, dg_str_slice(pair, 0, equals), true);
		struct dg_str value = dg_api_decode(
			job->arena, dg_str_slice(pair, equals + 1, pair.len),
			true);
		size_t i;

		if (pair.len == 0)
			continue;
		if (name.data == NULL || value.data == NULL) {
			dg_api_problem(job, 400,
				       "the query is not well-formed");
			return false;
		}
		i = index_of(name, names, n);
		if (i == n || values_out[i].data != NULL) {
			dg_api_bad_parameter(job, name,
					     i == n ? "is not known here"
						    : "is given twice");
			return false;
		}
		values_out[i] = value;
	}
	return true;
}

bool
dg_api_flag(struct dg_api_job *job, const char *name, struct dg_str value,
	    bool *out)
{
	*out = dg_str_eq(value, DG_STR("true"));
	if (*out || value.data == NULL || dg_str_eq(value, DG_STR("false")))
		return true;
	dg_api_bad_parameter(job, dg_str_from_cstr(name), "is true or false");
	return false;
}

static bool
read_wait(struct dg_api_job *job, struct dg_str wait, struct dg_str timeout,
	  bool dry_run)
{
	uint64_t seconds = API_WAIT_DEFAULT_S;

	if (wait.data != NULL && !dg_str_eq(wait, DG_STR("applied"))) {
		dg_api_bad_parameter(job, DG_STR("wait"),
				     "can only be applied");
		return false;
	}
	if (wait.data != NULL && dry_run) {
		dg_api_bad_parameter(job, DG_STR("wait"),
				     "a dry run changes nothing to wait for");
		return false;
	}
	if (timeout.data != NULL &&
	    (wait.data == NULL || dg_str_to_u64(timeout, &seconds) != DG_OK ||
	     seconds < 1 || seconds > API_WAIT_MAX_S)) {
		dg_api_bad_parameter(job, DG_STR("wait_timeout"),
				     "is 1 to 60 seconds, with wait=applied");
		return false;
	}
	if (wait.data != NULL)
		job->wait_ms = seconds * 1000;
	return true;
}

bool
dg_api_write_params(struct dg_api_job *job, bool *dry_run_out)
{
	static const char *const names[] = {"dry_run", "wait", "wait_timeout"};
	struct dg_str values[DG_ARRAY_LEN(names)];

	if (!dg_api_params(job, names, DG_ARRAY_LEN(names), values) ||
	    !dg_api_flag(job, "dry_run", values[0], dry_run_out) ||
	    !read_wait(job, values[1], values[2], *dry_run_out))
		return false;
	if (job->wait_ms == 0 || dg_api_wait_take_place(job))
		return true;
	dg_api_header(job, DG_STR("Retry-After"), DG_STR("1"));
	dg_api_problem(job, 503, "too many writes wait for replicas");
	return false;
}

bool
dg_api_body(struct dg_api_job *job, struct dg_str content_type,
	    struct dg_json **out)
{
	struct dg_error err;

	if (!dg_str_eq(job->content_type, content_type) &&
	    !dg_str_eq(job->content_type, DG_STR("application/json"))) {
		dg_api_problem(job, 415, "the body must be application/json");
		return false;
	}
	if (dg_json_parse(dg_buf_peek(&job->body), JSON_MAX_BYTES, out, &err) !=
	    DG_OK) {
		dg_api_problem(job, 400, err.text);
		return false;
	}
	if (dg_json_is_object(*out))
		return true;
	dg_json_destroy(out);
	dg_api_problem(job, 422, "the body must be a JSON object");
	return false;
}

struct dg_str
dg_api_actor(struct dg_api_job *job)
{
	struct dg_str actor;

	if (job->is_signed_in)
		return job->token.subject;
	actor = dg_arena_printf(job->arena, "%.*s (token %lld)",
				DG_STR_ARG(job->token.subject),
				(long long)job->token.id);

	return actor.data == NULL ? job->token.subject : actor;
}
