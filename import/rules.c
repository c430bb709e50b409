/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules.c - see rules.h. One table says which keys each section has, which of
 * them hold regular expressions, and what the others may be.
 */
#include "rules.h"

#include <stddef.h>

#include "base/mem.h"
#include "lines.h"

enum { DOCUMENT_MAX_BYTES = 64 << 20, RULES_MAX = 20000 };

const char *const dg_trino_sections[DG_TRINO_SECTIONS] = {
	[DG_TRINO_CATALOGS] = "catalogs",
	[DG_TRINO_SCHEMAS] = "schemas",
	[DG_TRINO_TABLES] = "tables",
	[DG_TRINO_FUNCTIONS] = "functions",
	[DG_TRINO_PROCEDURES] = "procedures",
	[DG_TRINO_SYSTEM_PROPERTIES] = "system_session_properties",
	[DG_TRINO_CATALOG_PROPERTIES] = "catalog_session_properties",
	[DG_TRINO_IMPERSONATION] = "impersonation",
	[DG_TRINO_QUERIES] = "queries",
	[DG_TRINO_PRINCIPALS] = "principals",
	[DG_TRINO_AUTHORIZATION] = "authorization",
	[DG_TRINO_SYSTEM_INFORMATION] = "system_information",
};

struct reading {
	struct dg_trino_file *file;
	struct dg_str text;
	struct dg_error *err;
	struct dg_trino_rule *rule;
	size_t unknown_capacity;
};

struct word {
	const char *text;
	unsigned bits;
};

typedef enum dg_rc (*read_fn)(struct reading *r, const struct dg_json *value);

static enum dg_rc
wrong(const struct reading *r, const char *what)
{
	return dg_error_set(r->err, DG_ERR_INVALID, "%s", what);
}

/* ---- values -------------------------------------------------------------- */

static bool
same_word(struct dg_str s, const char *word, bool any_case)
{
	return any_case ? dg_str_eq_nocase(s, dg_str_from_cstr(word))
			: dg_str_eq(s, dg_str_from_cstr(word));
}

static enum dg_rc
add_word(struct reading *r, struct dg_str s, const struct word *words,
	 bool any_case)
{
	for (; words->text != NULL; words++)
		if (same_word(s, words->text, any_case)) {
			r->rule->grants |= words->bits;
			return DG_OK;
		}
	return dg_error_set(r->err, DG_ERR_INVALID, "unknown word \"%.*s\"",
			    DG_STR_ARG(s));
}

static enum dg_rc
read_words(struct reading *r, const struct dg_json *value,
	   const struct word *words, bool any_case)
{
	enum dg_rc rc = DG_OK;

	if (!dg_json_is_array(value))
		return wrong(r, "privileges and modes are a list of words");
	for (size_t i = 0; rc == DG_OK && i < dg_json_size(value); i++) {
		struct dg_str s;

		if (!dg_json_string(dg_json_at(value, i), &s))
			return wrong(r, "privileges and modes are words");
		rc = add_word(r, s, words, any_case);
	}
	return rc;
}

static enum dg_rc
read_truth(struct reading *r, const struct dg_json *value)
{
	bool truth;

	if (!dg_json_bool(value, &truth))
		return wrong(r, "allow and owner are true or false");
	r->rule->grants = truth ? DG_TRINO_YES : 0;
	return DG_OK;
}

static enum dg_rc
read_access(struct reading *r, const struct dg_json *value)
{
	static const struct word words[] = {
		{"none", 0},
		{"read-only", DG_TRINO_READ},
		{"all", DG_TRINO_READ | DG_TRINO_ALL},
		{"owner", DG_TRINO_READ | DG_TRINO_ALL | DG_TRINO_OWNER},
		{NULL, 0},
	};
	struct dg_str s;
	bool truth;

	if (dg_json_bool(value, &truth)) {
		r->rule->grants = truth ? DG_TRINO_READ | DG_TRINO_ALL : 0;
		return DG_OK;
	}
	if (!dg_json_string(value, &s))
		return wrong(r, "allow is true, false, none, read-only, all "
				"or owner");
	return add_word(r, s, words, true);
}

static enum dg_rc
read_table_privileges(struct reading *r, const struct dg_json *value)
{
	static const struct word words[] = {
		{"SELECT", DG_TRINO_SELECT},
		{"INSERT", DG_TRINO_INSERT},
		{"DELETE", DG_TRINO_DELETE},
		{"UPDATE", DG_TRINO_UPDATE},
		{"OWNERSHIP", DG_TRINO_OWNERSHIP},
		{"GRANT_SELECT", DG_TRINO_GRANT_SELECT},
		{NULL, 0},
	};

	return read_words(r, value, words, false);
}

static enum dg_rc
read_routine_privileges(struct reading *r, const struct dg_json *value)
{
	static const struct word words[] = {
		{"EXECUTE", DG_TRINO_EXECUTE},
		{"GRANT_EXECUTE", DG_TRINO_GRANT_EXECUTE},
		{"OWNERSHIP", DG_TRINO_OWNERSHIP},
		{NULL, 0},
	};

	return read_words(r, value, words, false);
}

static enum dg_rc
read_query_modes(struct reading *r, const struct dg_json *value)
{
	static const struct word words[] = {
		{"execute", DG_TRINO_QUERY_EXECUTE},
		{"view", DG_TRINO_QUERY_VIEW},
		{"kill", DG_TRINO_QUERY_KILL},
		{NULL, 0},
	};

	return read_words(r, value, words, true);
}

static bool
is_there(const struct dg_json *object, const char *key)
{
	struct dg_str s;

	return dg_json_get(object, key) != NULL &&
	       dg_json_string(dg_json_get(object, key), &s);
}

/* A column that is masked cannot be shown as it is, nor may it be read so. */
static enum dg_rc
read_columns(struct reading *r, const struct dg_json *value)
{
	size_t n = dg_json_size(value);
	struct dg_str *names;

	if (!dg_json_is_array(value))
		return wrong(r, "columns are a list");
	names = DG_ARENA_ARRAY(r->file->arena, struct dg_str, n);
	if (names == NULL)
		return wrong(r, "too many columns");
	for (size_t i = 0; i < n; i++) {
		const struct dg_json *column = dg_json_at(value, i);
		bool allow = true;
		struct dg_str name;

		if (!dg_json_is_object(column) ||
		    !dg_json_string(dg_json_get(column, "name"), &name))
			return wrong(r, "a column needs a name");
		if (dg_json_get(column, "allow") != NULL &&
		    !dg_json_bool(dg_json_get(column, "allow"), &allow))
			return wrong(r, "allow of a column is true or false");
		if (is_there(column, "mask"))
			r->rule->n_masks++;
		if (allow && !is_there(column, "mask"))
			continue;
		names[r->rule->n_restricted++] =
			dg_arena_str(r->file->arena, name);
	}
	r->rule->restricted = names;
	return DG_OK;
}

static enum dg_rc
read_filter(struct reading *r, const struct dg_json *value)
{
	struct dg_str s;

	if (!dg_json_string(value, &s))
		return wrong(r, "filter is a text");
	r->rule->has_filter = true;
	return DG_OK;
}

static enum dg_rc
read_new_user(struct reading *r, const struct dg_json *value)
{
	struct dg_str s;

	if (!dg_json_string(value, &s))
		return wrong(r, "new_user is a text");
	r->rule->new_user = dg_arena_str(r->file->arena, s);
	return DG_OK;
}

static enum dg_rc
read_nothing(struct reading *r, const struct dg_json *value)
{
	(void)r;
	(void)value;
	return DG_OK;
}

/* ---- keys ---------------------------------------------------------------- */

#define BIT(section) (1U << DG_TRINO_##section)
#define PEOPLE \
	(BIT(CATALOGS) | BIT(SCHEMAS) | BIT(TABLES) | BIT(FUNCTIONS) | \
	 BIT(PROCEDURES) | BIT(SYSTEM_PROPERTIES) | BIT(CATALOG_PROPERTIES) | \
	 BIT(QUERIES))
#define IN_CATALOGS \
	(BIT(CATALOGS) | BIT(SCHEMAS) | BIT(TABLES) | BIT(FUNCTIONS) | \
	 BIT(PROCEDURES) | BIT(CATALOG_PROPERTIES))
#define IN_SCHEMAS \
	(BIT(SCHEMAS) | BIT(TABLES) | BIT(FUNCTIONS) | BIT(PROCEDURES))
#define NOT_CARRIED \
	(BIT(PRINCIPALS) | BIT(AUTHORIZATION) | BIT(SYSTEM_INFORMATION))
#define REGEX(member) (offsetof(struct dg_trino_rule, member)), NULL

struct key {
	unsigned sections;
	const char *name;
	size_t regex; /* where it goes, when read is NULL */
	read_fn read;
};

static const struct key keys[] = {
	{PEOPLE, "user", REGEX(user)},
	{PEOPLE, "role", REGEX(role)},
	{PEOPLE, "group", REGEX(group)},
	{IN_CATALOGS, "catalog", REGEX(catalog)},
	{IN_SCHEMAS, "schema", REGEX(schema)},
	{BIT(TABLES), "table", REGEX(name)},
	{BIT(FUNCTIONS), "function", REGEX(name)},
	{BIT(PROCEDURES), "procedure", REGEX(name)},
	{BIT(SYSTEM_PROPERTIES) | BIT(CATALOG_PROPERTIES), "property",
	 REGEX(name)},
	{BIT(QUERIES), "queryOwner", REGEX(name)},
	{BIT(IMPERSONATION), "original_user", REGEX(user)},
	{BIT(IMPERSONATION), "originalUser", REGEX(user)},
	{BIT(IMPERSONATION), "original_role", REGEX(role)},
	{BIT(IMPERSONATION), "new_user", 0, read_new_user},
	{BIT(IMPERSONATION), "newUser", 0, read_new_user},
	{BIT(CATALOGS), "allow", 0, read_access},
	{BIT(SCHEMAS), "owner", 0, read_truth},
	{BIT(TABLES), "privileges", 0, read_table_privileges},
	{BIT(FUNCTIONS) | BIT(PROCEDURES), "privileges", 0,
	 read_routine_privileges},
	{BIT(SYSTEM_PROPERTIES) | BIT(CATALOG_PROPERTIES) | BIT(IMPERSONATION),
	 "allow", 0, read_truth},
	{BIT(QUERIES), "allow", 0, read_query_modes},
	{BIT(TABLES), "columns", 0, read_columns},
	{BIT(TABLES), "filter", 0, read_filter},
	{BIT(TABLES), "filter_environment", 0, read_nothing},
};

/* What a rule cannot do without. */
static const struct {
	unsigned sections;
	const char *name;
} required[] = {
	{BIT(CATALOGS) | BIT(QUERIES), "allow"},
	{BIT(TABLES) | BIT(FUNCTIONS) | BIT(PROCEDURES), "privileges"},
};

static const struct key *
find_key(enum dg_trino_section section, struct dg_str name)
{
	for (size_t i = 0; i < DG_ARRAY_LEN(keys); i++)
		if ((keys[i].sections >> section & 1) != 0 &&
		    dg_str_eq(name, dg_str_from_cstr(keys[i].name)))
			return &keys[i];
	return NULL;
}

static void
add_unknown(struct reading *r, struct dg_str key)
{
	struct dg_str *all = r->file->unknown;

	if (r->file->n_unknown == r->unknown_capacity) {
		size_t more = 2 * r->unknown_capacity + 8;
		struct dg_str *grown =
			DG_ARENA_ARRAY(r->file->arena, struct dg_str, more);

		if (grown == NULL)
			return;
		for (size_t i = 0; i < r->file->n_unknown; i++)
			grown[i] = all[i];
		r->unknown_capacity = more;
		r->file->unknown = all = grown;
	}
	all[r->file->n_unknown++] = dg_arena_printf(
		r->file->arena, "line %u: %s has no key \"%.*s\"",
		r->rule->line, dg_trino_sections[r->rule->section],
		DG_STR_ARG(key));
}

static enum dg_rc
read_regex(struct reading *r, const struct key *key,
	   const struct dg_json *value)
{
	struct dg_regex **to =
		(struct dg_regex **)(void *)((char *)r->rule + key->regex);
	struct dg_str s;

	if (!dg_json_string(value, &s))
		return wrong(r, "an expression is a text");
	if (*to != NULL)
		return wrong(r, "it is given twice");
	return dg_regex_compile(s, r->file->arena, to, r->err);
}

static bool
is_null(const struct dg_json *value)
{
	struct dg_str s;
	int64_t n;
	bool b;

	return !dg_json_string(value, &s) && !dg_json_int(value, &n) &&
	       !dg_json_bool(value, &b) && !dg_json_is_array(value) &&
	       !dg_json_is_object(value);
}

static enum dg_rc
read_key(struct reading *r, struct dg_str name, const struct dg_json *value)
{
	const struct key *key = find_key(r->rule->section, name);
	enum dg_rc rc;

	if ((NOT_CARRIED >> r->rule->section & 1) != 0)
		return DG_OK;
	if (dg_str_eq(name, DG_STR("function_kinds")) ||
	    dg_str_eq(name, DG_STR("functionKinds")))
		return wrong(r, "function_kinds is no longer taken by Trino");
	if (key == NULL) {
		add_unknown(r, name);
		return DG_OK;
	}
	if (is_null(value)) /* as if it were not there */
		return DG_OK;
	rc = key->read != NULL ? key->read(r, value)
			       : read_regex(r, key, value);
	return rc == DG_OK ? DG_OK : dg_error_wrap(r->err, "%s", key->name);
}

static enum dg_rc
check_rule(const struct reading *r, const struct dg_json *object)
{
	const struct dg_trino_rule *rule = r->rule;

	for (size_t i = 0; i < DG_ARRAY_LEN(required); i++)
		if ((required[i].sections >> rule->section & 1) != 0 &&
		    (dg_json_get(object, required[i].name) == NULL ||
		     is_null(dg_json_get(object, required[i].name))))
			return dg_error_set(r->err, DG_ERR_INVALID,
					    "%s is missing", required[i].name);
	if (rule->section == DG_TRINO_IMPERSONATION &&
	    rule->new_user.data == NULL)
		return wrong(r, "new_user is missing");
	if (rule->section == DG_TRINO_QUERIES && rule->name != NULL &&
	    (rule->grants & DG_TRINO_QUERY_EXECUTE) != 0)
		return wrong(r, "execute does not go with queryOwner");
	return DG_OK;
}

static enum dg_rc
read_rule(struct reading *r, const struct dg_json *object)
{
	struct dg_json_iter member = {0};
	enum dg_rc rc = DG_OK;

	if (!dg_json_is_object(object))
		return wrong(r, "a rule is an object");
	if (r->rule->section == DG_TRINO_IMPERSONATION)
		r->rule->grants = DG_TRINO_YES;
	while (rc == DG_OK && dg_json_next(object, &member))
		rc = read_key(r, member.key, member.value);
	return rc == DG_OK ? check_rule(r, object) : rc;
}

static enum dg_rc
read_section(struct reading *r, enum dg_trino_section section,
	     const struct dg_json *list)
{
	struct dg_str name = dg_str_from_cstr(dg_trino_sections[section]);
	struct dg_trino_file *file = r->file;
	size_t n = dg_json_size(list);
	unsigned *lines;
	enum dg_rc rc = DG_OK;

	if (list == NULL || is_null(list))
		return DG_OK;
	if (!dg_json_is_array(list) || n > RULES_MAX)
		return dg_error_set(r->err, DG_ERR_INVALID,
				    "%s is not a list of at most %d rules",
				    dg_trino_sections[section], RULES_MAX);
	file->rules[section] =
		DG_ARENA_ARRAY(file->arena, struct dg_trino_rule, n);
	lines = DG_ARENA_ARRAY(file->arena, unsigned, n);
	if (file->rules[section] == NULL || lines == NULL)
		return wrong(r, "the file is too large");
	file->is_there[section] = true;
	file->n[section] = n;
	dg_json_lines_of(r->text, name, lines, n);
	for (size_t i = 0; rc == DG_OK && i < n; i++) {
		r->rule = &file->rules[section][i];
		r->rule->section = section;
		r->rule->index = i + 1;
		r->rule->line = lines[i];
		rc = read_rule(r, dg_json_at(list, i));
		if (rc != DG_OK)
			rc = dg_error_wrap(r->err, "line %u: %s[%zu]",
					   r->rule->line,
					   dg_trino_sections[section], i + 1);
	}
	return rc;
}

static bool
is_section(struct dg_str key)
{
	for (size_t i = 0; i < DG_TRINO_SECTIONS; i++)
		if (dg_str_eq(key, dg_str_from_cstr(dg_trino_sections[i])))
			return true;
	return false;
}

enum dg_rc
dg_trino_file_read(struct dg_str text, struct dg_arena *arena,
		   struct dg_trino_file *file_out, struct dg_error *err)
{
	struct reading r = {.file = file_out, .text = text, .err = err};
	struct dg_json_iter member = {0};
	struct dg_json *root;
	enum dg_rc rc;

	*file_out = (struct dg_trino_file){.arena = arena};
	rc = dg_json_parse(text, DOCUMENT_MAX_BYTES, &root, err);
	if (rc != DG_OK)
		return rc;
	if (!dg_json_is_object(root))
		rc = wrong(&r, "the file is not a JSON object");
	for (unsigned i = 0; rc == DG_OK && i < DG_TRINO_SECTIONS; i++)
		rc = read_section(&r, (enum dg_trino_section)i,
				  dg_json_get(root, dg_trino_sections[i]));
	while (rc == DG_OK && dg_json_next(root, &member))
		if (!is_section(member.key))
			rc = dg_error_set(err, DG_ERR_INVALID,
					  "there is no section \"%.*s\"",
					  DG_STR_ARG(member.key));
	dg_json_destroy(&root);
	return rc;
}

void
dg_trino_file_fini(struct dg_trino_file *file)
{
	for (size_t s = 0; s < DG_TRINO_SECTIONS; s++)
		for (size_t i = 0; i < file->n[s]; i++) {
			struct dg_trino_rule *rule = &file->rules[s][i];

			dg_regex_destroy(&rule->user);
			dg_regex_destroy(&rule->role);
			dg_regex_destroy(&rule->group);
			dg_regex_destroy(&rule->catalog);
			dg_regex_destroy(&rule->schema);
			dg_regex_destroy(&rule->name);
		}
}
