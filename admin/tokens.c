/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tokens.c - tokens of the admin API: made, listed, revoked.
 *
 * The token itself is in one reply, once; what is logged, listed and kept has
 * no part of it.
 */
#include <stdio.h>

#include "api_private.h"
#include "base/mem.h"

enum {
	DAY_S = 86400,
	DAYS_DEFAULT = 90,
	DAYS_MAX = 366,
	SCOPES_MAX = 64,
	ERRORS_MAX_BYTES = 1 << 16,
};

struct wish {
	struct dg_store_new_token token;
	struct dg_str scopes[SCOPES_MAX];
	struct dg_buf errors;
};

static void
complain(struct wish *wish, const char *pointer, const char *text)
{
	if (dg_buf_appendf(&wish->errors, "%s\t%s\n", pointer, text) != DG_OK)
		return; /* there are enough of them */
}

static bool
is_name(struct dg_str text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.data[i] < 0x20 || text.data[i] == 0x7f)
			return false;
	return text.len > 0 && text.len <= 256;
}

/* The resource is one that the table of routes has. */
static bool
is_scope(struct dg_str scope)
{
	struct dg_str verb = scope;
	struct dg_str resource;

	if (!dg_str_split(&verb, ':', &resource) || resource.len == 0 ||
	    (!dg_str_eq(verb, DG_STR("read")) &&
	     !dg_str_eq(verb, DG_STR("write"))))
		return false;
	for (size_t i = 0; i < dg_api_n_routes; i++) {
		struct dg_str rest =
			dg_str_from_cstr(dg_api_routes[i].path + 1);
		struct dg_str first;

		if (dg_str_split(&rest, '/', &first) &&
		    dg_str_eq(first, resource))
			return true;
	}
	return false;
}

static void
read_scopes(struct wish *wish, const struct dg_json *list)
{
	size_t n = dg_json_size(list);

	if (!dg_json_is_array(list) || n > SCOPES_MAX) {
		complain(wish, "/scopes", "is a list of at most 64 texts");
		return;
	}
	for (size_t i = 0; i < n; i++)
		if (!dg_json_string(dg_json_at(list, i), &wish->scopes[i]) ||
		    !is_scope(wish->scopes[i]))
			complain(wish, "/scopes",
				 "a scope is RESOURCE:read or RESOURCE:write");
	wish->token.scopes = wish->scopes;
	wish->token.n_scopes = n;
}

static void
read_key(struct wish *wish, struct dg_str key, const struct dg_json *value)
{
	struct dg_store_new_token *t = &wish->token;
	int64_t days;

	if (dg_str_eq(key, DG_STR("name"))) {
		if (!dg_json_string(value, &t->name) || !is_name(t->name))
			complain(wish, "/name", "has 1 to 256 bytes");
	} else if (dg_str_eq(key, DG_STR("subject"))) {
		if (!dg_json_string(value, &t->subject) || !is_name(t->subject))
			complain(wish, "/subject", "has 1 to 256 bytes");
	} else if (dg_str_eq(key, DG_STR("role"))) {
		if (!dg_json_string(value, &t->role) ||
		    (!dg_str_eq(t->role, DG_STR("admin")) &&
		     !dg_str_eq(t->role, DG_STR("steward")) &&
		     !dg_str_eq(t->role, DG_STR("auditor"))))
			complain(wish, "/role", "is admin, steward or auditor");
	} else if (dg_str_eq(key, DG_STR("days"))) {
		if (!dg_json_int(value, &days) || days < 1 || days > DAYS_MAX)
			complain(wish, "/days", "is 1 to 366");
		else
			t->lifetime_s = days * DAY_S;
	} else if (dg_str_eq(key, DG_STR("scopes"))) {
		read_scopes(wish, value);
	} else {
		complain(wish, "",
			 "there is name, subject, role, days and "
			 "scopes, nothing else");
	}
}

static void
read_wish(struct wish *wish, const struct dg_json *body)
{
	struct dg_json_iter iter = {0};

	wish->token.lifetime_s = (int64_t)DAYS_DEFAULT * DAY_S;
	while (dg_json_next(body, &iter))
		read_key(wish, iter.key, iter.value);
	if (dg_json_get(body, "name") == NULL)
		complain(wish, "/name", "is needed");
	if (dg_json_get(body, "subject") == NULL)
		complain(wish, "/subject", "is needed");
	if (dg_json_get(body, "role") == NULL)
		complain(wish, "/role", "is needed");
}

/* The token of that id, as the listing tells it; NOT_FOUND. */
static enum dg_rc
put_token(struct dg_api_job *job, struct dg_str id, struct dg_buf *out,
	  struct dg_error *err)
{
	struct dg_store_page page = {
		.listing = dg_store_listing_find(DG_STR("tokens")),
		.after = dg_str_make(NULL, 0),
		.limit = 1,
	};
	struct dg_json_writer w;
	struct dg_str next;
	enum dg_rc rc;

	page.filters[0] = id;
	for (size_t i = 1; i < DG_STORE_FILTERS_MAX; i++)
		page.filters[i] = dg_str_make(NULL, 0);
	dg_json_begin(&w, out);
	dg_json_array_open(&w);
	rc = dg_store_list(job->session->pg, job->session->loop, &page,
			   job->arena, &w, &next, err);
	if (rc != DG_OK)
		return rc;
	dg_json_array_close(&w);
	rc = dg_json_finish(&w);
	if (rc == DG_OK && dg_buf_len(out) <= 2)
		rc = dg_error_set(err, DG_ERR_NOT_FOUND,
				  "there is no such token");
	return rc;
}

/* Without the brackets of the list. */
static struct dg_str
inside(const struct dg_buf *list)
{
	struct dg_str text = dg_buf_peek(list);

	return dg_str_slice(text, 1, text.len - 1);
}

static void
answer_created(struct dg_api_job *job, const char *text, int64_t id)
{
	struct dg_error err = {.text = ""};
	struct dg_json_writer w;
	struct dg_str number =
		dg_arena_printf(job->arena, "%lld", (long long)id);
	struct dg_buf list;
	enum dg_rc rc;

	dg_buf_init(&list, ERRORS_MAX_BYTES);
	rc = put_token(job, number, &list, &err);
	if (rc != DG_OK) {
		dg_api_fail(job, rc, &err);
	} else {
		dg_api_reply_begin(job, &w, 201);
		dg_json_object_open(&w);
		dg_json_key(&w, "text");
		dg_json_put_cstr(&w, text);
		dg_json_key(&w, "token");
		dg_json_put_raw(&w, inside(&list));
		dg_json_object_close(&w);
		dg_api_reply_end(job, &w);
	}
	dg_buf_fini(&list);
}

void
dg_api_create_token(struct dg_api_job *job)
{
	struct wish wish = {.token = {.actor = dg_api_actor(job)}};
	char text[DG_STORE_TOKEN_MAX];
	struct dg_error err = {.text = ""};
	struct dg_json *body = NULL;
	int64_t id;
	enum dg_rc rc;

	if (!dg_api_params(job, NULL, 0, NULL) ||
	    !dg_api_body(job, DG_STR("application/json"), &body))
		return;
	dg_buf_init(&wish.errors, ERRORS_MAX_BYTES);
	read_wish(&wish, body);
	if (dg_buf_len(&wish.errors) > 0) {
		dg_api_problem_with(job, 422, "the token does not make sense",
				    &wish.errors);
	} else if (dg_api_permit_scopes(&job->token, wish.token.scopes,
					wish.token.n_scopes, &err) != DG_OK) {
		dg_api_problem(job, 403, err.text);
	} else {
		rc = dg_store_token_create(job->session->pg, job->session->loop,
					   &wish.token, text, &id, &err);
		if (rc == DG_OK)
			answer_created(job, text, id);
		else
			dg_api_fail(job, rc, &err);
		dg_wipe(text, sizeof(text));
	}
	dg_buf_fini(&wish.errors);
	dg_json_destroy(&body);
}

/* Digits that fit a bigint; false: answered. */
static bool
read_id(struct dg_api_job *job, int64_t *out)
{
	if (dg_str_to_i64(job->match.segments[1], out) == DG_OK && *out > 0)
		return true;
	dg_api_problem(job, 404, "there is no such token");
	return false;
}

void
dg_api_read_token(struct dg_api_job *job)
{
	struct dg_error err = {.text = ""};
	struct dg_buf list;
	int64_t id;
	enum dg_rc rc;

	if (!dg_api_params(job, NULL, 0, NULL) || !read_id(job, &id))
		return;
	dg_buf_init(&list, ERRORS_MAX_BYTES);
	rc = put_token(job, job->match.segments[1], &list, &err);
	if (rc != DG_OK)
		dg_api_fail(job, rc, &err);
	else if (dg_buf_append(&job->reply, inside(&list)) == DG_OK)
		job->status = 200;
	dg_buf_fini(&list);
}

void
dg_api_revoke_token(struct dg_api_job *job)
{
	struct dg_error err = {.text = ""};
	int64_t id;
	enum dg_rc rc;

	if (!dg_api_params(job, NULL, 0, NULL) || !read_id(job, &id))
		return;
	rc = dg_store_token_revoke(job->session->pg, job->session->loop, id,
				   dg_api_actor(job), &err);
	if (rc == DG_OK)
		job->status = 204;
	else
		dg_api_fail(job, rc, &err);
}

static const char *
role_name(enum dg_store_admin_role role)
{
	switch (role) {
	case DG_STORE_ADMIN:
		return "admin";
	case DG_STORE_STEWARD:
		return "steward";
	case DG_STORE_AUDITOR:
		return "auditor";
	}
	return "";
}

void
dg_api_read_self(struct dg_api_job *job)
{
	struct dg_json_writer w;

	if (!dg_api_params(job, NULL, 0, NULL))
		return;
	dg_api_reply_begin(job, &w, 200);
	dg_json_object_open(&w);
	dg_json_key(&w, "id");
	dg_json_put_int(&w, job->token.id);
	dg_json_key(&w, "name");
	dg_json_put_str(&w, job->token.name);
	dg_json_key(&w, "subject");
	dg_json_put_str(&w, job->token.subject);
	dg_json_key(&w, "role");
	dg_json_put_cstr(&w, role_name(job->token.role));
	dg_json_key(&w, "scopes");
	dg_json_array_open(&w);
	for (size_t i = 0; i < job->token.n_scopes; i++)
		dg_json_put_str(&w, job->token.scopes[i]);
	dg_json_array_close(&w);
	dg_json_object_close(&w);
	dg_api_reply_end(job, &w);
}
