/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explain_api.c - see explain_api.h. What the command line says goes as it is;
 * whether it makes sense, the API says.
 */
#include "explain_api.h"

#include "admin_client.h"
#include "catalog_file.h"

enum { BODY_MAX = 72 << 20 };

static void
put_text(struct dg_json_writer *w, const char *key, struct dg_str text)
{
	if (text.len == 0)
		return;
	dg_json_key(w, key);
	dg_json_put_str(w, text);
}

static void
put_word(struct dg_json_writer *w, const char *key, const char *word)
{
	if (word != NULL)
		put_text(w, key, dg_str_from_cstr(word));
}

static bool
put_metadata(struct dg_json_writer *w, const char *file)
{
	struct dg_json *root = NULL;
	struct dg_error err = {.text = ""};

	if (file == NULL)
		return true;
	if (dg_catalog_file_read(file, &root, &err) != DG_OK) {
		dg_cli_complain("explain", "%s", err.text);
		return false;
	}
	dg_json_key(w, "metadata");
	dg_json_put_value(w, root);
	dg_json_destroy(&root);
	return true;
}

static bool
make_body(const struct dg_cli_question *q, struct dg_buf *out)
{
	const struct dg_explain *e = q->explain;
	struct dg_json_writer w;
	bool ok;

	dg_json_begin(&w, out);
	dg_json_object_open(&w);
	put_text(&w, "user", e->user);
	put_text(&w, "sql", e->sql);
	put_text(&w, "cluster", e->cluster);
	put_text(&w, "catalog", e->catalog);
	put_text(&w, "schema", e->schema);
	put_text(&w, "address", e->client);
	put_word(&w, "engine", q->engine);
	put_word(&w, "version", q->version);
	put_word(&w, "time", q->time);
	if (e->n_groups > 0) {
		dg_json_key(&w, "groups");
		dg_json_array_open(&w);
		for (size_t i = 0; i < e->n_groups; i++)
			dg_json_put_str(&w, e->groups[i]);
		dg_json_array_close(&w);
	}
	ok = put_metadata(&w, q->metadata);
	dg_json_object_close(&w);
	return dg_json_finish(&w) == DG_OK && ok;
}

bool
dg_cli_explain_ask(const struct dg_cli_question *q, struct dg_buf *json_out)
{
	struct dg_cli_admin admin = {.command = "explain",
				     .server = q->server,
				     .ca_file = q->ca_file,
				     .token_file = q->token_file};
	struct dg_buf body;
	bool ok;

	dg_buf_init(&body, BODY_MAX);
	ok = make_body(q, &body) && dg_cli_admin_connect(&admin) &&
	     dg_cli_admin_ask(&admin, "POST", DG_STR("/explain"),
			      "application/json", dg_buf_peek(&body)) &&
	     dg_buf_append(json_out, dg_buf_peek(&admin.body)) == DG_OK;
	dg_cli_admin_close(&admin);
	dg_buf_fini(&body);
	return ok;
}
