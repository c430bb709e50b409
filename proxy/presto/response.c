/* SPDX-License-Identifier: Apache-2.0 */
/*
 * response.c - see response.h.
 *
 * SET SESSION AUTHORIZATION and temporary functions do not pass the gateway
 * (session.h), so neither do the headers that would tell a client of them.
 */
#include "presto/response.h"

enum way { COPY, PROPERTY, TRANSACTION };

struct rule {
	struct dg_str name;
	enum way way;
};

static const struct rule rules[] = {
	{DG_STR_INIT("Set-Catalog"), COPY},
	{DG_STR_INIT("Set-Schema"), COPY},
	{DG_STR_INIT("Set-Session"), PROPERTY},
	{DG_STR_INIT("Clear-Session"), PROPERTY},
	{DG_STR_INIT("Set-Role"), COPY},
	{DG_STR_INIT("Added-Prepare"), COPY},
	{DG_STR_INIT("Deallocated-Prepare"), COPY},
	{DG_STR_INIT("Started-Transaction-Id"), TRANSACTION},
	{DG_STR_INIT("Clear-Transaction-Id"), COPY},
};

static bool
is_safe_value(struct dg_str s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.data[i];

		if (c < 0x20 || c == 0x7f)
			return false;
	}
	return true;
}

static const struct rule *
find_rule(struct dg_str name, struct dg_str prefix)
{
	if (!dg_str_starts_with_nocase(name, prefix))
		return NULL;
	name = dg_str_slice(name, prefix.len, name.len);
	for (size_t i = 0; i < DG_ARRAY_LEN(rules); i++) {
		if (dg_str_eq_nocase(rules[i].name, name))
			return &rules[i];
	}
	return NULL;
}

static enum dg_rc
seal_transaction(const struct dg_response_context *context, struct dg_str id,
		 struct dg_arena *arena, struct dg_str *out)
{
	const struct dg_sealed_transaction sealed = {
		.cluster = context->cluster,
		.principal = context->principal,
		.session_user = context->session_user,
		.id = id,
		.expires_us = context->transaction_until_us,
	};
	struct dg_buf text;
	enum dg_rc rc;

	dg_buf_init(&text, 4096);
	rc = dg_seal_transaction(context->keys, &sealed, &text);
	if (rc == DG_OK) {
		*out = dg_arena_str(arena, dg_buf_peek(&text));
		if (out->data == NULL)
			rc = DG_ERR_LIMIT;
	}
	dg_buf_fini(&text);
	return rc;
}

/* CONFLICT: this one does not pass. */
static enum dg_rc
make_value(const struct dg_response_context *context, const struct rule *rule,
	   struct dg_str value, struct dg_arena *arena, struct dg_str *out)
{
	switch (rule->way) {
	case PROPERTY:
		if (dg_str_starts_with_nocase(value, DG_STR("datagateway.")))
			return DG_ERR_CONFLICT;
		break;
	case TRANSACTION:
		return seal_transaction(context, value, arena, out);
	case COPY:
		break;
	}
	*out = dg_arena_str(arena, value);
	return out->data == NULL ? DG_ERR_LIMIT : DG_OK;
}

static bool
is_json(struct dg_str type)
{
	const struct dg_str json = DG_STR("application/json");

	return dg_str_starts_with_nocase(type, json) &&
	       (type.len == json.len || type.data[json.len] == ';' ||
		type.data[json.len] == ' ');
}

static enum dg_rc
check_body_headers(const struct dg_http_head *head)
{
	bool typed = false;

	for (size_t i = 0; i < head->n_headers; i++) {
		const struct dg_http_header *h = &head->headers[i];

		if (dg_str_eq_nocase(h->name, DG_STR("Content-Encoding")) &&
		    !dg_str_eq_nocase(h->value, DG_STR("identity")))
			return DG_ERR_INVALID;
		if (!dg_str_eq_nocase(h->name, DG_STR("Content-Type")))
			continue;
		if (typed || !is_json(h->value))
			return DG_ERR_INVALID;
		typed = true;
	}
	return typed ? DG_OK : DG_ERR_INVALID;
}

enum dg_rc
dg_response_headers(const struct dg_response_context *context,
		    const struct dg_http_head *head, struct dg_arena *arena,
		    struct dg_http_header *out, size_t max, size_t *n)
{
	struct dg_str prefix = dg_family_prefix(context->family);
	enum dg_rc rc = check_body_headers(head);

	for (size_t i = 0; i < head->n_headers && rc == DG_OK; i++) {
		const struct rule *rule =
			find_rule(head->headers[i].name, prefix);
		struct dg_str value;

		if (rule == NULL)
			continue;
		if (!is_safe_value(head->headers[i].value))
			return DG_ERR_INVALID;
		rc = make_value(context, rule, head->headers[i].value, arena,
				&value);
		if (rc == DG_ERR_CONFLICT) {
			rc = DG_OK;
			continue;
		}
		if (rc == DG_OK && *n == max)
			rc = DG_ERR_LIMIT;
		if (rc != DG_OK)
			break;
		out[*n].name =
			dg_arena_printf(arena, "%.*s%.*s", DG_STR_ARG(prefix),
					DG_STR_ARG(rule->name));
		out[*n].value = value;
		if (out[*n].name.data == NULL)
			return DG_ERR_LIMIT;
		(*n)++;
	}
	return rc;
}
