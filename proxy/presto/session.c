/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session.c - client headers to values, and values to the headers of the
 * request that goes upstream. See session.h.
 *
 * The tables below are the allow-list: a header that stands in neither is
 * dropped. The reading follows the engines' own code (protocol.md 2.1, 2.2)
 * where it is clear what they read, and refuses where it is not: in names that
 * one engine decodes and the other takes as they are, escapes are refused.
 */
#include "presto/session.h"

#include "base/assert.h"
#include "base/map.h"
#include "presto/form.h"

enum { TRINO = 1 << DG_FAMILY_TRINO, PRESTO = 1 << DG_FAMILY_PRESTO };

#define NAME(text) DG_STR_INIT(text)

/* Headers with one plain value. */
struct single {
	struct dg_str name; /* without the prefix */
	size_t offset;      /* of the dg_str in struct dg_session */
	unsigned families;
	bool sent; /* goes upstream as it came */
};

#define SINGLE(text, member, families, sent) \
	{ \
		NAME(text), offsetof(struct dg_session, member), families, \
			sent \
	}

static const struct single singles[] = {
	SINGLE("User", user, TRINO | PRESTO, false),
	SINGLE("Original-User", original_user, TRINO, false),
	SINGLE("Catalog", catalog, TRINO | PRESTO, true),
	SINGLE("Schema", schema, TRINO | PRESTO, true),
	SINGLE("Path", path, TRINO, false),
	SINGLE("Source", source, TRINO | PRESTO, true),
	SINGLE("Client-Info", client_info, TRINO | PRESTO, true),
	SINGLE("Trace-Token", trace_token, TRINO | PRESTO, true),
	SINGLE("Time-Zone", time_zone, TRINO | PRESTO, true),
	SINGLE("Language", language, TRINO | PRESTO, true),
	SINGLE("Transaction-Id", transaction, TRINO | PRESTO, false),
	SINGLE("Client-Capabilities", capabilities, TRINO, true),
};

/* Headers with a comma-separated list of name=value. */
enum rule {
	RULE_PROPERTY, /* name as it is, value decoded, one '=' */
	RULE_ROLE,     /* the same; Presto splits at the first '=' */
	RULE_ESTIMATE, /* value of letters and digits, so never escaped */
	RULE_PREPARED, /* name and value decoded */
};

struct multi {
	struct dg_str name;
	enum rule rule;
	size_t offset;   /* of the pointer to the pairs */
	size_t n_offset; /* of their number */
};

#define MULTI(text, rule, member) \
	{ \
		NAME(text), rule, offsetof(struct dg_session, member), \
			offsetof(struct dg_session, n_##member) \
	}

static const struct multi multis[] = {
	MULTI("Session", RULE_PROPERTY, properties),
	MULTI("Role", RULE_ROLE, roles),
	MULTI("Resource-Estimate", RULE_ESTIMATE, estimates),
	MULTI("Prepared-Statement", RULE_PREPARED, prepared),
};

#define OWN_PREFIX DG_STR("datagateway.")

static struct dg_str *
single_at(struct dg_session *session, const struct single *single)
{
	return (struct dg_str *)(void *)((char *)session + single->offset);
}

/* ---- reading ----------------------------------------------------------- */

static bool
is_printable(struct dg_str s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.data[i];

		if (c < 0x20 || c > 0x7e)
			return false;
	}
	return true;
}

/* What follows the prefix of the family, e.g. "Schema"; else false. */
static bool
strip_prefix(struct dg_str name, enum dg_family family, struct dg_str *rest_out)
{
	struct dg_str prefix = dg_family_prefix(family);

	if (!dg_str_starts_with_nocase(name, prefix))
		return false;
	*rest_out = dg_str_slice(name, prefix.len, name.len);
	return true;
}

static enum dg_rc
find_family(const struct dg_http_head *head, struct dg_session *out,
	    struct dg_error *err)
{
	bool trino = false;
	bool presto = false;
	struct dg_str rest;

	for (size_t i = 0; i < head->n_headers; i++) {
		struct dg_str name = head->headers[i].name;

		trino |= strip_prefix(name, DG_FAMILY_TRINO, &rest);
		presto |= strip_prefix(name, DG_FAMILY_PRESTO, &rest);
	}
	if (trino && presto)
		return dg_error_set(err, DG_ERR_INVALID,
				    "Both Trino and Presto headers detected");
	out->has_family = trino || presto;
	out->family = presto ? DG_FAMILY_PRESTO : DG_FAMILY_TRINO;
	return DG_OK;
}

/* The only instance of a header, empty when there is none. */
static enum dg_rc
read_only_one(const struct dg_http_head *head, enum dg_family family,
	      struct dg_str name, struct dg_str *value_out,
	      struct dg_error *err)
{
	const struct dg_http_header *found = NULL;
	struct dg_str rest;

	*value_out = DG_STR_EMPTY;
	for (size_t i = 0; i < head->n_headers; i++) {
		const struct dg_http_header *header = &head->headers[i];

		if (!strip_prefix(header->name, family, &rest) ||
		    !dg_str_eq_nocase(rest, name))
			continue;
		if (found != NULL)
			return dg_error_set(err, DG_ERR_INVALID,
					    "Header %.*s is there twice",
					    DG_STR_ARG(header->name));
		if (!is_printable(header->value))
			return dg_error_set(
				err, DG_ERR_INVALID,
				"Header %.*s has characters other than "
				"printable ASCII",
				DG_STR_ARG(header->name));
		found = header;
	}
	if (found != NULL)
		*value_out = dg_str_trim(found->value);
	return DG_OK;
}

static enum dg_rc
read_singles(const struct dg_http_head *head, struct dg_session *out,
	     struct dg_error *err)
{
	enum dg_rc rc = DG_OK;

	for (size_t i = 0; i < DG_ARRAY_LEN(singles) && rc == DG_OK; i++) {
		struct dg_str *value = single_at(out, &singles[i]);

		*value = DG_STR_EMPTY;
		if ((singles[i].families & (1U << out->family)) != 0)
			rc = read_only_one(head, out->family, singles[i].name,
					   value, err);
	}
	return rc;
}

/* All items of a multi-valued header, trimmed, empty ones left out. */
static enum dg_rc
collect_items(const struct dg_http_head *head, enum dg_family family,
	      struct dg_str name, struct dg_arena *arena,
	      struct dg_str **items_out, size_t *n_out, struct dg_error *err)
{
	struct dg_str rest;
	struct dg_str item;
	size_t n = 0;

	*n_out = 0;
	*items_out = DG_ARENA_ARRAY(arena, struct dg_str, DG_SESSION_ITEMS_MAX);
	if (*items_out == NULL)
		return dg_error_set(err, DG_ERR_LIMIT, "Out of memory");
	for (size_t i = 0; i < head->n_headers; i++) {
		struct dg_str value = head->headers[i].value;

		if (!strip_prefix(head->headers[i].name, family, &rest) ||
		    !dg_str_eq_nocase(rest, name))
			continue;
		if (!is_printable(value))
			return dg_error_set(
				err, DG_ERR_INVALID,
				"Header %.*s has characters other than "
				"printable ASCII",
				DG_STR_ARG(head->headers[i].name));
		while (dg_str_split(&value, ',', &item)) {
			item = dg_str_trim(item);
			if (item.len == 0)
				continue;
			if (n == DG_SESSION_ITEMS_MAX)
				return dg_error_set(
					err, DG_ERR_INVALID,
					"Header %.*s has more than %d items",
					DG_STR_ARG(head->headers[i].name),
					DG_SESSION_ITEMS_MAX);
			(*items_out)[n++] = item;
		}
	}
	*n_out = n;
	return DG_OK;
}

static bool
has_header(const struct dg_http_head *head, enum dg_family family,
	   struct dg_str name)
{
	struct dg_str rest;

	for (size_t i = 0; i < head->n_headers; i++) {
		if (strip_prefix(head->headers[i].name, family, &rest) &&
		    dg_str_eq_nocase(rest, name))
			return true;
	}
	return false;
}

/*
 * A name that one engine takes as it is and another may decode: only
 * characters that both read alike.
 */
static bool
is_plain_name(struct dg_str s)
{
	const struct dg_str unlike = DG_STR("%+=,\"'");

	for (size_t i = 0; i < s.len; i++) {
		if (s.data[i] <= ' ' ||
		    dg_str_find(unlike, s.data[i], 0) < unlike.len)
			return false;
	}
	return s.len > 0;
}

/* A property is "name" or "catalog.name": engines differ on more dots. */
static bool
is_property_name(struct dg_str s)
{
	size_t dot = dg_str_find(s, '.', 0);

	return is_plain_name(s) && dot != 0 && dot + 1 != s.len &&
	       dg_str_find(s, '.', dot + 1) >= s.len;
}

static bool
is_estimate(struct dg_str name, struct dg_str value)
{
	static const struct dg_str names[] = {
		NAME("EXECUTION_TIME"),
		NAME("CPU_TIME"),
		NAME("PEAK_MEMORY"),
		NAME("PEAK_TASK_MEMORY"),
	};

	for (size_t i = 0; i < value.len; i++) {
		char c = value.data[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
		      (c >= 'A' && c <= 'Z') || c == '.'))
			return false;
	}
	for (size_t i = 0; i < DG_ARRAY_LEN(names); i++) {
		if (dg_str_eq(name, names[i]))
			return value.len > 0;
	}
	return false;
}

static enum dg_rc
split_pair(struct dg_str item, bool first_only, struct dg_pair *pair_out)
{
	size_t at = dg_str_find(item, '=', 0);

	if (at >= item.len)
		return DG_ERR_INVALID;
	if (!first_only && dg_str_find(item, '=', at + 1) < item.len)
		return DG_ERR_INVALID;
	pair_out->name = dg_str_trim(dg_str_slice(item, 0, at));
	pair_out->value = dg_str_trim(dg_str_slice(item, at + 1, item.len));
	return DG_OK;
}

static enum dg_rc
read_pair(enum rule rule, enum dg_family family, struct dg_str item,
	  struct dg_arena *arena, struct dg_pair *pair_out)
{
	bool first_only = family == DG_FAMILY_PRESTO && rule != RULE_PROPERTY;
	enum dg_rc rc = split_pair(item, first_only, pair_out);

	if (rc != DG_OK)
		return rc;
	switch (rule) {
	case RULE_PROPERTY:
		if (!is_property_name(pair_out->name))
			return DG_ERR_INVALID;
		break;
	case RULE_ROLE:
		if (!is_plain_name(pair_out->name))
			return DG_ERR_INVALID;
		break;
	case RULE_ESTIMATE:
		return is_estimate(pair_out->name, pair_out->value)
			       ? DG_OK
			       : DG_ERR_INVALID;
	case RULE_PREPARED:
		rc = dg_form_decode(pair_out->name, arena, &pair_out->name);
		if (rc == DG_OK && pair_out->name.len == 0)
			rc = DG_ERR_INVALID;
		break;
	}
	if (rc != DG_OK)
		return rc;
	return dg_form_decode(pair_out->value, arena, &pair_out->value);
}

static enum dg_rc
lower_in_arena(struct dg_str s, struct dg_arena *arena, struct dg_str *out)
{
	char *to = dg_arena_alloc(arena, s.len);

	if (to == NULL)
		return DG_ERR_LIMIT;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.data[i];

		to[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	}
	*out = dg_str_make(to, s.len);
	return DG_OK;
}

/* CONFLICT when the name was there before; prepared names keep their case. */
static enum dg_rc
note_name(struct dg_map *seen, enum rule rule, struct dg_str name,
	  struct dg_arena *arena)
{
	struct dg_str key = name;
	void *old = NULL;
	enum dg_rc rc = DG_OK;

	if (rule != RULE_PREPARED)
		rc = lower_in_arena(name, arena, &key);
	if (rc == DG_OK)
		rc = dg_map_put(seen, key, seen, &old);
	if (rc == DG_OK && old != NULL)
		rc = DG_ERR_CONFLICT;
	return rc;
}

static enum dg_rc
read_multi(const struct dg_http_head *head, const struct multi *multi,
	   struct dg_arena *arena, struct dg_session *out, struct dg_error *err)
{
	struct dg_pair *pairs;
	struct dg_str *items;
	struct dg_map seen;
	size_t n;
	enum dg_rc rc = DG_OK;

	if (!has_header(head, out->family, multi->name))
		return DG_OK;
	rc = collect_items(head, out->family, multi->name, arena, &items, &n,
			   err);
	if (rc != DG_OK)
		return rc;
	pairs = DG_ARENA_ARRAY(arena, struct dg_pair, n);
	if (pairs == NULL)
		return dg_error_set(err, DG_ERR_LIMIT, "Out of memory");
	dg_map_init(&seen, arena);
	for (size_t i = 0; i < n && rc == DG_OK; i++) {
		rc = read_pair(multi->rule, out->family, items[i], arena,
			       &pairs[i]);
		if (rc == DG_OK)
			rc = note_name(&seen, multi->rule, pairs[i].name,
				       arena);
	}
	if (rc == DG_ERR_CONFLICT)
		return dg_error_set(err, DG_ERR_INVALID,
				    "X-%s-%.*s header has a name twice",
				    dg_family_name(out->family),
				    DG_STR_ARG(multi->name));
	if (rc != DG_OK)
		return dg_error_set(err, rc, "Invalid X-%s-%.*s header",
				    dg_family_name(out->family),
				    DG_STR_ARG(multi->name));
	*(const struct dg_pair **)(void *)((char *)out + multi->offset) = pairs;
	*(size_t *)(void *)((char *)out + multi->n_offset) = n;
	return DG_OK;
}

/* Takes datagateway.* out of the properties: no engine may see them. */
static enum dg_rc
split_own(struct dg_arena *arena, struct dg_session *session,
	  struct dg_error *err)
{
	size_t n = session->n_properties;
	struct dg_pair *theirs = DG_ARENA_ARRAY(arena, struct dg_pair, n);
	struct dg_pair *own = DG_ARENA_ARRAY(arena, struct dg_pair, n);
	size_t n_theirs = 0;
	size_t n_own = 0;

	if (theirs == NULL || own == NULL)
		return dg_error_set(err, DG_ERR_LIMIT, "Out of memory");
	for (size_t i = 0; i < n; i++) {
		const struct dg_pair *pair = &session->properties[i];
		struct dg_str name = pair->name;

		if (!dg_str_starts_with_nocase(name, OWN_PREFIX)) {
			theirs[n_theirs++] = *pair;
			continue;
		}
		name = dg_str_slice(name, OWN_PREFIX.len, name.len);
		if (lower_in_arena(name, arena, &name) != DG_OK)
			return dg_error_set(err, DG_ERR_LIMIT, "Out of memory");
		own[n_own++] = (struct dg_pair){name, pair->value};
	}
	session->properties = theirs;
	session->n_properties = n_theirs;
	session->own_properties = own;
	session->n_own_properties = n_own;
	return DG_OK;
}

static enum dg_rc
read_tags(const struct dg_http_head *head, struct dg_arena *arena,
	  struct dg_session *out, struct dg_error *err)
{
	struct dg_str *items;
	struct dg_str value;
	enum dg_rc rc;

	/* The engines read the first instance only. */
	rc = read_only_one(head, out->family, DG_STR("Client-Tags"), &value,
			   err);
	if (rc != DG_OK || value.len == 0)
		return rc;
	rc = collect_items(head, out->family, DG_STR("Client-Tags"), arena,
			   &items, &out->n_tags, err);
	out->tags = items;
	return rc;
}

static void
read_user_agent(const struct dg_http_head *head, struct dg_session *out)
{
	out->user_agent = DG_STR_EMPTY;
	for (size_t i = 0; i < head->n_headers; i++) {
		const struct dg_http_header *header = &head->headers[i];

		if (dg_str_eq_nocase(header->name, DG_STR("User-Agent")) &&
		    is_printable(header->value)) {
			out->user_agent = header->value;
			return;
		}
	}
}

enum dg_rc
dg_session_read(const struct dg_http_head *head, struct dg_arena *arena,
		struct dg_session *out, struct dg_error *err)
{
	enum dg_rc rc;

	memset(out, 0, sizeof(*out));
	rc = find_family(head, out, err);
	if (rc == DG_OK)
		rc = read_singles(head, out, err);
	if (rc == DG_OK)
		rc = read_tags(head, arena, out, err);
	for (size_t i = 0; i < DG_ARRAY_LEN(multis) && rc == DG_OK; i++)
		rc = read_multi(head, &multis[i], arena, out, err);
	if (rc == DG_OK)
		rc = split_own(arena, out, err);
	if (rc != DG_OK)
		return rc;
	read_user_agent(head, out);
	if (out->schema.len > 0 && out->catalog.len == 0)
		return dg_error_set(err, DG_ERR_INVALID,
				    "Schema is set but catalog is not");
	return DG_OK;
}

struct dg_str
dg_session_own(const struct dg_session *session, struct dg_str name)
{
	for (size_t i = 0; i < session->n_own_properties; i++) {
		if (dg_str_eq(session->own_properties[i].name, name))
			return session->own_properties[i].value;
	}
	return DG_STR_EMPTY;
}

/* ---- writing ----------------------------------------------------------- */

struct writer {
	enum dg_family family;
	struct dg_arena *arena;
	struct dg_http_header *out;
	size_t max;
	size_t *n;
};

static enum dg_rc
put(struct writer *w, struct dg_str name, struct dg_str value)
{
	struct dg_str full;

	if (value.len == 0)
		return DG_OK;
	if (*w->n == w->max)
		return DG_ERR_LIMIT;
	full = dg_arena_printf(w->arena, "X-%s-%.*s", dg_family_name(w->family),
			       DG_STR_ARG(name));
	if (full.data == NULL)
		return DG_ERR_LIMIT;
	w->out[(*w->n)++] = (struct dg_http_header){full, value};
	return DG_OK;
}

/* What has been written to text becomes the value; text is emptied. */
static enum dg_rc
put_buf(struct writer *w, struct dg_str name, struct dg_buf *text)
{
	struct dg_str value = dg_arena_str(w->arena, dg_buf_peek(text));

	dg_buf_clear(text);
	return value.data == NULL ? DG_ERR_LIMIT : put(w, name, value);
}

#define HEADER_MAX (2U << 20) /* the engines' limit for a whole head */

static enum dg_rc
put_pairs(struct writer *w, struct dg_str name, const struct dg_pair *pairs,
	  size_t n, struct dg_buf *text)
{
	enum dg_rc rc = DG_OK;

	for (size_t i = 0; i < n && rc == DG_OK; i++) {
		rc = dg_buf_append(text, i == 0 ? DG_STR_EMPTY : DG_STR(","));
		if (rc == DG_OK)
			rc = dg_buf_append(text, pairs[i].name);
		if (rc == DG_OK)
			rc = dg_buf_append_char(text, '=');
		if (rc == DG_OK)
			rc = dg_form_encode(pairs[i].value, text);
	}
	return rc == DG_OK ? put_buf(w, name, text) : rc;
}

static enum dg_rc
put_tags(struct writer *w, const struct dg_session *session,
	 struct dg_buf *text)
{
	enum dg_rc rc = DG_OK;

	for (size_t i = 0; i < session->n_tags && rc == DG_OK; i++) {
		rc = dg_buf_append(text, i == 0 ? DG_STR_EMPTY : DG_STR(","));
		if (rc == DG_OK)
			rc = dg_buf_append(text, session->tags[i]);
	}
	return rc == DG_OK ? put_buf(w, DG_STR("Client-Tags"), text) : rc;
}

static enum dg_rc
put_prepared(struct writer *w, const struct dg_session *session,
	     const struct dg_session_emit *emit, struct dg_buf *text)
{
	struct dg_str value;
	enum dg_rc rc;

	if (emit->prepared_name.len == 0)
		return DG_OK;
	rc = dg_session_pack_prepared(session, emit->prepared_name,
				      emit->prepared_text, w->arena, &value);
	if (rc == DG_OK)
		rc = dg_form_encode(emit->prepared_name, text);
	if (rc == DG_OK)
		rc = dg_buf_append_char(text, '=');
	if (rc == DG_OK)
		rc = dg_form_encode(value, text);
	return rc == DG_OK ? put_buf(w, DG_STR("Prepared-Statement"), text)
			   : rc;
}

static enum dg_rc
put_singles(struct writer *w, const struct dg_session *session)
{
	enum dg_rc rc = DG_OK;

	for (size_t i = 0; i < DG_ARRAY_LEN(singles) && rc == DG_OK; i++) {
		const struct single *single = &singles[i];
		const struct dg_str *value =
			(const struct dg_str *)(const void *)((const char *)
								      session +
							      single->offset);

		if (single->sent && (single->families & (1U << w->family)) != 0)
			rc = put(w, single->name, *value);
	}
	return rc;
}

/*
 * Trino looks for a function of one word among its own and then along the SQL
 * path; the analysis knows the former alone. A path in the header takes the
 * place of the cluster's sql.path, so that such a name means nothing else.
 */
static enum dg_rc
put_path(struct writer *w)
{
	switch (w->family) {
	case DG_FAMILY_TRINO:
		return put(w, DG_STR("Path"), DG_STR("system.builtin"));
	case DG_FAMILY_PRESTO:
		return DG_OK; /* has none */
	}
	DG_UNREACHABLE();
}

enum dg_rc
dg_session_write(const struct dg_session *session,
		 const struct dg_session_emit *emit, struct dg_arena *arena,
		 struct dg_http_header *out, size_t max, size_t *n)
{
	struct writer w = {emit->family, arena, out, max, n};
	struct dg_buf text;
	enum dg_rc rc;

	dg_buf_init(&text, HEADER_MAX);
	rc = put_singles(&w, session);
	if (rc == DG_OK)
		rc = put_path(&w);
	if (rc == DG_OK)
		rc = put(&w, DG_STR("Transaction-Id"), emit->transaction);
	if (rc == DG_OK)
		rc = put_tags(&w, session, &text);
	if (rc == DG_OK)
		rc = put_pairs(&w, DG_STR("Session"), session->properties,
			       session->n_properties, &text);
	if (rc == DG_OK)
		rc = put_pairs(&w, DG_STR("Role"), session->roles,
			       session->n_roles, &text);
	if (rc == DG_OK)
		rc = put_pairs(&w, DG_STR("Resource-Estimate"),
			       session->estimates, session->n_estimates, &text);
	if (rc == DG_OK)
		rc = put_prepared(&w, session, emit, &text);
	if (rc == DG_OK && session->user_agent.len > 0) {
		if (*n == max)
			rc = DG_ERR_LIMIT;
		else
			out[(*n)++] = (struct dg_http_header){
				DG_STR("User-Agent"), session->user_agent};
	}
	dg_buf_fini(&text);
	return rc;
}
