/* SPDX-License-Identifier: Apache-2.0 */
/*
 * items.c - users, roles, clusters, rules: listed, read, written.
 *
 * The section is the path's first segment; what an item is, and whether it
 * makes sense, is known to store/ alone.
 */
#include "api_private.h"
#include "base/base64.h"
#include "base/mem.h"

enum {
	LIMIT_DEFAULT = 100,
	LIMIT_MAX = 1000,
	CURSOR_MAX = 2048,
	FILTER_MAX = 256,
	DIFF_MAX_BYTES = 8 << 20,
	KEY_MAX = 255,
};

/* ---- listings ------------------------------------------------------------ */

bool
dg_api_read_limit(struct dg_api_job *job, struct dg_str text, unsigned *out)
{
	uint64_t limit = LIMIT_DEFAULT;

	if (text.data != NULL && (dg_str_to_u64(text, &limit) != DG_OK ||
				  limit < 1 || limit > LIMIT_MAX)) {
		dg_api_bad_parameter(job, DG_STR("limit"), "is 1 to 1000");
		return false;
	}
	*out = (unsigned)limit;
	return true;
}

/* Characters, as the description counts. */
static bool
are_short(struct dg_api_job *job, const char *const *names,
	  const struct dg_str *values, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t length = 0;

		for (size_t j = 0; j < values[i].len; j++)
			length += ((unsigned char)values[i].data[j] & 0xc0) !=
				  0x80;
		if (length > FILTER_MAX) {
			dg_api_bad_parameter(job, dg_str_from_cstr(names[i]),
					     "has at most 256 characters");
			return false;
		}
	}
	return true;
}

bool
dg_api_read_cursor(struct dg_api_job *job, struct dg_str text,
		   struct dg_str *out)
{
	char *bytes;
	size_t len;

	*out = text;
	if (text.data == NULL)
		return true;
	bytes = dg_arena_alloc(job->arena, dg_base64_decoded_max(text.len));
	if (bytes != NULL && text.len > 0 && text.len <= CURSOR_MAX &&
	    dg_base64_decode(text, true, bytes, &len) == DG_OK && len > 0 &&
	    memchr(bytes, 0, len) == NULL &&
	    dg_str_is_utf8(dg_str_make(bytes, len))) {
		*out = dg_str_make(bytes, len);
		return true;
	}
	dg_api_bad_parameter(job, DG_STR("cursor"), "is none of ours");
	return false;
}

void
dg_api_put_cursor(struct dg_api_job *job, struct dg_json_writer *w,
		  struct dg_str next)
{
	char *text;

	if (next.data == NULL)
		return;
	text = dg_arena_alloc(job->arena,
			      dg_base64_encoded_len(next.len, true));
	if (text == NULL)
		return;
	dg_json_key(w, "next");
	dg_json_put_str(w,
			dg_str_make(text, dg_base64_encode(next, true, text)));
}

void
dg_api_list(struct dg_api_job *job)
{
	struct dg_store_page page = {
		.listing = dg_store_listing_find(job->match.segments[0])};
	const char *names[DG_STORE_FILTERS_MAX + 2];
	struct dg_str values[DG_STORE_FILTERS_MAX + 2];
	struct dg_error err = {.text = ""};
	struct dg_json_writer w;
	struct dg_str next;
	size_t n = 0;
	enum dg_rc rc;

	for (; page.listing->filters[n] != NULL; n++)
		names[n] = page.listing->filters[n];
	names[n] = "limit";
	names[n + 1] = "cursor";
	if (!dg_api_params(job, names, n + 2, values) ||
	    !are_short(job, names, values, n) ||
	    !dg_api_read_limit(job, values[n], &page.limit) ||
	    !dg_api_read_cursor(job, values[n + 1], &page.after))
		return;
	memcpy(page.filters, values, n * sizeof(values[0]));
	dg_api_reply_begin(job, &w, 200);
	dg_json_object_open(&w);
	dg_json_key(&w, "items");
	dg_json_array_open(&w);
	rc = dg_store_list(job->session->pg, job->session->loop, &page,
			   job->arena, &w, &next, &err);
	if (rc == DG_ERR_INVALID) {
		dg_api_problem(job, 400,
			       "a filter or the cursor has a value "
			       "that it cannot have");
		return;
	}
	if (rc != DG_OK) {
		dg_api_fail(job, rc, &err);
		return;
	}
	dg_json_array_close(&w);
	dg_api_put_cursor(job, &w, next);
	dg_json_object_close(&w);
	dg_api_reply_end(job, &w);
}

/* ---- one ----------------------------------------------------------------- */

static unsigned
section_of(const struct dg_api_job *job)
{
	unsigned section = 0;

	/* routes.def names sections only. */
	if (!dg_store_section_find(job->match.segments[0], &section))
		return 0;
	return section;
}

static void
put_etag(struct dg_api_job *job, struct dg_str etag)
{
	if (etag.len > 0)
		dg_api_header(job, DG_STR("ETag"), etag);
}

void
dg_api_read_item(struct dg_api_job *job)
{
	char etag[DG_STORE_ETAG_MAX] = "";
	struct dg_error err = {.text = ""};
	enum dg_rc rc;

	if (!dg_api_params(job, NULL, 0, NULL))
		return;
	job->status = 200;
	rc = dg_store_item_read(job->session->pg, job->session->loop,
				section_of(job), job->match.segments[1],
				&job->reply, etag, &err);
	if (rc != DG_OK)
		dg_api_fail(job, rc, &err);
	else
		put_etag(job, dg_str_from_cstr(etag));
}

/* ---- writing ------------------------------------------------------------- */

struct put {
	struct dg_api_job *job;
	struct dg_store_item_write write;
	struct dg_store_item_result result;
	struct dg_buf diff;
	struct dg_buf effects;
	struct dg_buf errors;
	char digest[DG_STORE_DIGEST_MAX];
};

/* True: an earlier reply was given, or a problem. */
static bool
is_replayed(struct put *p)
{
	struct dg_api_job *job = p->job;
	struct dg_store_reply *reply = &p->write.reply;
	struct dg_store_reply before;
	struct dg_error err = {.text = ""};
	/* The token's text makes it of no use to who reads the table alone. */
	const struct dg_str parts[] = {job->bearer, job->method, job->path,
				       job->query, dg_buf_peek(&job->body)};
	enum dg_rc rc;

	*reply = (struct dg_store_reply){.token = job->token.id,
					 .key = job->idempotency_key};
	if (reply->key.data == NULL)
		return false;
	if (job->is_signed_in) {
		dg_api_bad_parameter(job, DG_STR("Idempotency-Key"),
				     "is for tokens of this API: replies are "
				     "kept with them");
		return true;
	}
	if (reply->key.len == 0 || reply->key.len > KEY_MAX ||
	    !dg_str_is_ascii(reply->key)) {
		dg_api_bad_parameter(job, DG_STR("Idempotency-Key"),
				     "has 1 to 255 ASCII characters");
		return true;
	}
	if (p->write.dry_run) { /* nothing to keep */
		reply->key = dg_str_make(NULL, 0);
		return false;
	}
	dg_store_digest(parts, DG_ARRAY_LEN(parts), p->digest);
	reply->request = dg_str_from_cstr(p->digest);
	before = *reply;
	rc = dg_store_reply_find(job->session->pg, job->session->loop,
				 job->arena, &before, &err);
	if (rc == DG_ERR_NOT_FOUND)
		return false;
	if (rc != DG_OK) {
		dg_api_fail(job, rc, &err);
	} else if (!dg_str_eq(before.request, reply->request)) {
		dg_api_problem(job, 422,
			       "this Idempotency-Key was used for "
			       "another request");
	} else {
		job->status = (unsigned)before.status;
		put_etag(job, before.etag);
		dg_api_put_version(job, before.version);
		dg_api_header(job, DG_STR("Idempotency-Replayed"),
			      DG_STR("true"));
		if (dg_buf_append(&job->reply, before.body) != DG_OK)
			dg_api_problem(job, 500, "the reply is too long");
	}
	return true;
}

static void
put_failure(struct put *p, enum dg_rc rc, const struct dg_error *err)
{
	if (rc == DG_ERR_INVALID && dg_buf_len(&p->errors) > 0)
		dg_api_problem_with(p->job, 422, err->text, &p->errors);
	else if (rc == DG_ERR_INVALID && p->write.how == DG_STORE_DELETE)
		dg_api_problem(p->job, 409, err->text); /* it is still used */
	else if (p->result.is_stale)
		dg_api_problem(p->job, 412, err->text);
	else
		dg_api_fail(p->job, rc, err);
}

static void
put_success(struct put *p)
{
	struct dg_api_job *job = p->job;

	if (p->write.dry_run) {
		dg_buf_clear(&job->reply);
		dg_api_reply_changes(p->job, true, p->result.version,
				     p->result.n_changes, dg_buf_peek(&p->diff),
				     dg_buf_peek(&p->effects));
		return;
	}
	job->status = p->write.how == DG_STORE_DELETE ? 204
		      : p->result.is_created          ? 201
						      : 200;
	put_etag(job, dg_str_from_cstr(p->result.etag));
	dg_api_put_version(job, p->result.version);
}

static bool
read_preconditions(struct put *p)
{
	struct dg_str none = p->job->if_none_match;

	p->write.if_match =
		p->job->if_match.data == NULL ? DG_STR_EMPTY : p->job->if_match;
	p->write.if_none_match = dg_str_eq(none, DG_STR("*"));
	if (p->job->if_match.data != NULL && p->job->if_match.len == 0) {
		dg_api_bad_parameter(p->job, DG_STR("If-Match"), "is empty");
		return false;
	}
	if (none.data == NULL || p->write.if_none_match)
		return true;
	dg_api_bad_parameter(p->job, DG_STR("If-None-Match"), "can only be *");
	return false;
}

static void
run(struct put *p)
{
	struct dg_api_job *job = p->job;
	struct dg_error err = {.text = ""};
	enum dg_rc rc;

	if (!dg_api_write_params(job, &p->write.dry_run) ||
	    !read_preconditions(p) || is_replayed(p))
		return;
	dg_buf_init(&p->diff, DIFF_MAX_BYTES);
	dg_buf_init(&p->effects, DIFF_MAX_BYTES);
	dg_buf_init(&p->errors, DIFF_MAX_BYTES);
	p->write.section = section_of(job);
	p->write.actor = dg_api_actor(job);
	p->write.admins = job->admins;
	p->write.n_admins = job->n_admins;
	p->result.item = &job->reply;
	p->result.diff = &p->diff;
	p->result.effects = dg_api_tells_access(job) ? &p->effects : NULL;
	p->result.errors = &p->errors;
	rc = dg_store_item_write(job->session->pg, job->session->loop,
				 &p->write, &p->result, &err);
	if (rc == DG_OK)
		put_success(p);
	else
		put_failure(p, rc, &err);
	dg_buf_fini(&p->diff);
	dg_buf_fini(&p->effects);
	dg_buf_fini(&p->errors);
}

static void
write_body(struct dg_api_job *job, enum dg_store_how how)
{
	struct put p = {.job = job, .write = {.how = how}};
	struct dg_json *body = NULL;

	if (!dg_api_body(job,
			 how == DG_STORE_MERGE
				 ? DG_STR("application/merge-patch+json")
				 : DG_STR("application/json"),
			 &body))
		return;
	p.write.body = body;
	p.write.name = job->match.segments[1];
	if (how == DG_STORE_CREATE &&
	    !dg_json_string(dg_json_get(body, "name"), &p.write.name))
		dg_api_problem(job, 422, "the item needs a name");
	else
		run(&p);
	dg_json_destroy(&body);
}

void
dg_api_create_item(struct dg_api_job *job)
{
	write_body(job, DG_STORE_CREATE);
}

void
dg_api_put_item(struct dg_api_job *job)
{
	write_body(job, DG_STORE_PUT);
}

void
dg_api_patch_item(struct dg_api_job *job)
{
	write_body(job, DG_STORE_MERGE);
}

void
dg_api_delete_item(struct dg_api_job *job)
{
	struct put p = {.job = job,
			.write = {.how = DG_STORE_DELETE,
				  .name = job->match.segments[1]}};

	run(&p);
}

static void
change_member(struct dg_api_job *job, enum dg_store_how how)
{
	struct put p = {.job = job,
			.write = {.how = how,
				  .name = job->match.segments[1],
				  .key = "members",
				  .value = job->match.segments[3]}};

	if (dg_str_starts_with(p.write.value, DG_STR("user:")) ||
	    dg_str_starts_with(p.write.value, DG_STR("role:")))
		run(&p);
	else
		dg_api_problem(job, 422, "a member is user:NAME or role:NAME");
}

void
dg_api_add_member(struct dg_api_job *job)
{
	change_member(job, DG_STORE_ADD);
}

void
dg_api_remove_member(struct dg_api_job *job)
{
	change_member(job, DG_STORE_REMOVE);
}
