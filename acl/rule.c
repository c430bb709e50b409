/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rule.c - which rules make sense.
 *
 * A rule that looks as if it said something and does not is worse than an
 * error: a deny of SELECT on a schema, say, would deny no table. All such
 * rules are refused here, where they are written and where they are loaded.
 */
#include "base/assert.h"
#include "builder.h"
#include "pattern.h"

enum {
	PART_CATALOG = 1,
	PART_SCHEMA = 2,
	PART_NAME = 4,
	PART_ALL = PART_CATALOG | PART_SCHEMA | PART_NAME,
	NAME_MAX_BYTES = 4096,
};

#define BIT(p) DG_ACL_BIT(DG_ACL_P_##p)
#define ALL_PRIVILEGES (DG_ACL_BIT(DG_ACL_P_COUNT) - 1)
#define DDL (BIT(CREATE) | BIT(DROP) | BIT(ALTER) | BIT(COMMENT) | BIT(GRANT))
#define DML \
	(BIT(SELECT) | BIT(INSERT) | BIT(UPDATE) | BIT(DELETE) | BIT(TRUNCATE))
#define COLUMN_PRIVILEGES (BIT(SELECT) | BIT(UPDATE))

static const struct {
	unsigned parts;
	uint32_t privileges;
} kinds[] = {
	[DG_ACL_CATALOG] = {PART_CATALOG, DDL | BIT(SHOW)},
	[DG_ACL_SCHEMA] = {PART_CATALOG | PART_SCHEMA, DDL | BIT(SHOW)},
	[DG_ACL_TABLE] = {PART_ALL,
			  DML | DDL | BIT(REFRESH) | BIT(ANALYZE) | BIT(SHOW)},
	[DG_ACL_FUNCTION] = {PART_ALL, DDL | BIT(EXECUTE) | BIT(SHOW)},
	[DG_ACL_PROCEDURE] = {PART_ALL, BIT(EXECUTE) | BIT(GRANT) | BIT(SHOW)},
	[DG_ACL_TABLE_FUNCTION] = {PART_ALL,
				   BIT(EXECUTE) | BIT(GRANT) | BIT(SHOW)},
	[DG_ACL_CLUSTER] = {PART_NAME, BIT(USE) | BIT(SHOW)},
	[DG_ACL_PROPERTY] = {PART_NAME, BIT(SET) | BIT(SHOW)},
	[DG_ACL_USER] = {PART_NAME, BIT(IMPERSONATE) | BIT(SHOW)},
	[DG_ACL_QUERY] = {PART_NAME, BIT(VIEW) | BIT(KILL) | BIT(SHOW)},
};

uint32_t
dg_acl_kind_privileges(enum dg_acl_kind kind)
{
	return kinds[kind].privileges;
}

unsigned
dg_acl_kind_parts(enum dg_acl_kind kind)
{
	return kinds[kind].parts;
}

bool
dg_acl_kind_keeps_case(enum dg_acl_kind kind)
{
	return kind == DG_ACL_USER || kind == DG_ACL_QUERY;
}

bool
dg_acl_names_role(enum dg_acl_kind kind, struct dg_str name)
{
	return dg_acl_kind_keeps_case(kind) &&
	       dg_str_starts_with(name, DG_STR("role:"));
}

static bool
is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

struct dg_str
dg_acl_lower(struct dg_arena *arena, struct dg_str s)
{
	size_t first = 0;
	char *copy;

	while (first < s.len && !is_upper(s.data[first]))
		first++;
	if (first == s.len)
		return s;
	copy = dg_arena_alloc(arena, s.len);
	if (copy == NULL)
		return dg_str_make(NULL, 0);
	for (size_t i = 0; i < s.len; i++)
		copy[i] = is_upper(s.data[i]) ? (char)(s.data[i] - 'A' + 'a')
					      : s.data[i];
	return dg_str_make(copy, s.len);
}

static uint32_t
code_point(struct dg_str s, size_t at, size_t n)
{
	uint32_t c = (unsigned char)s.data[at];

	if (n > 1)
		c &= 0x7fU >> n;
	for (size_t i = 1; i < n; i++)
		c = c << 6 | ((unsigned char)s.data[at + i] & 0x3fU);
	return c;
}

/* How a name is compared. */
enum spelling {
	SPELT_EXACTLY,
	SPELT_LOWER,  /* catalogs, schemas, tables: Java's toLowerCase */
	SPELT_COLUMN, /* equalsIgnoreCase, which folds more letters */
};

static bool
is_lower(uint32_t c)
{
	static const struct {
		uint32_t first, last, stride;
	} folds[] = {
#define DG_SQL_FOLD(first, last, stride, delta) {first, last, stride},
#define DG_SQL_FOLD_COLUMN(from, to)
#include "base/fold.def"
#undef DG_SQL_FOLD
#undef DG_SQL_FOLD_COLUMN
		{0x0130, 0x0130, 1}, /* depends on the engine */
		{0x03A3, 0x03A3, 1}, /* depends on its neighbours */
	};

	for (size_t i = 0; i < DG_ARRAY_LEN(folds); i++)
		if (c >= folds[i].first && c <= folds[i].last &&
		    (c - folds[i].first) % folds[i].stride == 0)
			return false;
	return true;
}

static bool
is_column_letter(uint32_t c)
{
	static const uint32_t folds[] = {
#define DG_SQL_FOLD(first, last, stride, delta)
#define DG_SQL_FOLD_COLUMN(from, to) from,
#include "base/fold.def"
#undef DG_SQL_FOLD
#undef DG_SQL_FOLD_COLUMN
	};

	for (size_t i = 0; i < DG_ARRAY_LEN(folds); i++)
		if (c == folds[i])
			return false;
	return true;
}

/*
 * Beyond ASCII the engines fold names by Java's tables; a rule in another
 * spelling than the folded one would never match, so it is refused.
 */
static bool
is_folded(uint32_t c, enum spelling spelling)
{
	return spelling == SPELT_EXACTLY ||
	       (is_lower(c) &&
		(spelling != SPELT_COLUMN || is_column_letter(c)));
}

static enum dg_rc
check_name(const char *what, struct dg_str name, enum spelling spelling,
	   struct dg_error *err)
{
	size_t n;

	if (name.len == 0)
		return dg_error_set(err, DG_ERR_INVALID, "%s is empty", what);
	if (name.len > NAME_MAX_BYTES)
		return dg_error_set(err, DG_ERR_INVALID,
				    "%s is longer than %d bytes", what,
				    (int)NAME_MAX_BYTES);
	for (size_t at = 0; at < name.len; at += n) {
		n = 1;
		if (name.data[at] > 0) /* most names are ASCII */
			continue;
		n = dg_str_utf8_step(name, at);
		if (n == 0 || name.data[at] == '\0')
			return dg_error_set(err, DG_ERR_INVALID,
					    "%s is not UTF-8 text", what);
		if (n > 1 && !is_folded(code_point(name, at, n), spelling))
			return dg_error_set(
				err, DG_ERR_INVALID,
				"%s \"%.*s\" must be written in lower case%s",
				what, DG_STR_ARG(name),
				is_lower(code_point(name, at, n))
					? ", with the letters that the engines "
					  "take its own for"
					: "");
	}
	return DG_OK;
}

enum dg_rc
dg_acl_check_exact(const char *what, struct dg_str name, bool is_column,
		   struct dg_error *err)
{
	enum dg_rc rc = check_name(what, name,
				   is_column ? SPELT_COLUMN : SPELT_LOWER, err);

	if (rc == DG_OK && dg_acl_is_pattern(name))
		rc = dg_error_set(err, DG_ERR_INVALID,
				  "%s \"%.*s\" is a pattern; a name is wanted",
				  what, DG_STR_ARG(name));
	return rc;
}

enum dg_rc
dg_acl_name_check(const char *what, struct dg_str name, struct dg_error *err)
{
	return dg_acl_check_exact(what, name, false, err);
}

static enum dg_rc
check_object(const struct dg_acl_object *object, struct dg_error *err)
{
	const struct {
		const char *what;
		struct dg_str value;
	} parts[] = {{"catalog", object->catalog},
		     {"schema", object->schema},
		     {"name", object->name}};
	unsigned used = kinds[object->kind].parts;
	enum spelling spelling = dg_acl_kind_keeps_case(object->kind)
					 ? SPELT_EXACTLY
					 : SPELT_LOWER;

	for (unsigned i = 0; i < DG_ARRAY_LEN(parts); i++) {
		if ((used & (1U << i)) == 0) {
			if (parts[i].value.len > 0)
				return dg_error_set(
					err, DG_ERR_INVALID,
					"a %s has no %s part",
					dg_acl_kind_name(object->kind),
					parts[i].what);
			continue;
		}
		if (check_name(parts[i].what, parts[i].value, spelling, err) !=
		    DG_OK)
			return DG_ERR_INVALID;
	}
	if (dg_acl_names_role(object->kind, object->name) &&
	    dg_acl_is_pattern(object->name))
		return dg_error_set(err, DG_ERR_INVALID,
				    "\"%.*s\" is a pattern; roles are named "
				    "exactly",
				    DG_STR_ARG(object->name));
	return DG_OK;
}

static enum dg_rc
check_privileges(const struct dg_acl_rule *rule, struct dg_error *err)
{
	enum dg_acl_kind kind = rule->object.kind;
	uint32_t extra = rule->privileges & ~kinds[kind].privileges;

	if (rule->privileges == 0)
		return dg_error_set(err, DG_ERR_INVALID,
				    "a rule needs a privilege");
	if ((rule->privileges & ~ALL_PRIVILEGES) != 0)
		return dg_error_set(err, DG_ERR_INVALID, "unknown privilege");
	if (rule->privileges == ALL_PRIVILEGES || extra == 0)
		return DG_OK;
	for (unsigned p = 0; p < DG_ACL_P_COUNT; p++)
		if ((extra & DG_ACL_BIT(p)) != 0)
			return dg_error_set(
				err, DG_ERR_INVALID,
				"privilege %s does not apply to a %s",
				dg_acl_privilege_name((enum dg_acl_privilege)p),
				dg_acl_kind_name(kind));
	DG_UNREACHABLE();
}

static enum dg_rc
check_columns(const struct dg_acl_rule *rule, struct dg_error *err)
{
	uint32_t fit = COLUMN_PRIVILEGES;

	if (rule->n_columns == 0)
		return DG_OK;
	if (rule->object.kind != DG_ACL_TABLE)
		return dg_error_set(err, DG_ERR_INVALID, "a %s has no columns",
				    dg_acl_kind_name(rule->object.kind));
	if (rule->effect == DG_ACL_ALLOW)
		fit |= BIT(SHOW); /* of the table; so that READ can be used */
	if ((rule->privileges & ~fit) != 0)
		return dg_error_set(err, DG_ERR_INVALID,
				    "columns go with select and update only%s",
				    rule->effect == DG_ACL_ALLOW ? " (and read)"
								 : "");
	for (size_t i = 0; i < rule->n_columns; i++) {
		if (check_name("column", rule->columns[i], SPELT_COLUMN, err) !=
		    DG_OK)
			return DG_ERR_INVALID;
		if (dg_acl_is_pattern(rule->columns[i]))
			return dg_error_set(err, DG_ERR_INVALID,
					    "column \"%.*s\" is a pattern; "
					    "columns are written exactly",
					    DG_STR_ARG(rule->columns[i]));
	}
	return DG_OK;
}

static enum dg_rc
check_principals(const struct dg_acl_rule *rule, struct dg_error *err)
{
	if (rule->n_principals == 0)
		return dg_error_set(err, DG_ERR_INVALID,
				    "a rule needs a user or role");
	if (rule->n_except > 0 && rule->effect != DG_ACL_DENY)
		return dg_error_set(err, DG_ERR_INVALID,
				    "except goes with deny only");
	for (size_t i = 0; i < rule->n_except; i++)
		if (rule->except[i].is_role &&
		    dg_str_eq(rule->except[i].name, DG_STR("public")))
			return dg_error_set(
				err, DG_ERR_INVALID,
				"except public would make the deny void");
	return DG_OK;
}

static enum dg_rc
check_tags(const struct dg_acl_rule *rule, struct dg_error *err)
{
	enum dg_rc rc = DG_OK;

	if (rule->n_tags > 0 &&
	    (kinds[rule->object.kind].parts & PART_CATALOG) == 0)
		return dg_error_set(err, DG_ERR_INVALID, "a %s carries no tags",
				    dg_acl_kind_name(rule->object.kind));
	for (size_t i = 0; rc == DG_OK && i < rule->n_tags; i++)
		rc = dg_acl_check_exact("tag", rule->tags[i], false, err);
	return rc;
}

static enum dg_rc
check_networks(const struct dg_acl_rule *rule, struct dg_error *err)
{
	struct dg_acl_network ignored;
	enum dg_rc rc = DG_OK;

	for (size_t i = 0; rc == DG_OK && i < rule->n_networks; i++)
		rc = dg_acl_network_parse(rule->networks[i], &ignored, err);
	return rc;
}

/* Where valid_from is not given, whoever stores the rule knows when it is. */
static enum dg_rc
check_break_glass(const struct dg_acl_rule *rule, struct dg_error *err)
{
	if (!rule->break_glass)
		return DG_OK;
	if (rule->effect != DG_ACL_ALLOW)
		return dg_error_set(err, DG_ERR_INVALID,
				    "break_glass goes with allow only");
	if (dg_str_trim(rule->reason).len == 0)
		return dg_error_set(err, DG_ERR_INVALID,
				    "a break_glass rule needs a reason");
	if (rule->valid_until_us == 0)
		return dg_error_set(err, DG_ERR_INVALID,
				    "a break_glass rule needs an end");
	if (rule->valid_from_us != 0 &&
	    rule->valid_until_us - rule->valid_from_us >
		    DG_ACL_BREAK_GLASS_MAX_US)
		return dg_error_set(err, DG_ERR_INVALID,
				    "a break_glass rule ends after a day at "
				    "the latest");
	return DG_OK;
}

static enum dg_rc
check_conditions(const struct dg_acl_rule *rule, struct dg_error *err)
{
	if (rule->n_clusters > 0 && rule->object.kind == DG_ACL_CLUSTER)
		return dg_error_set(err, DG_ERR_INVALID,
				    "a rule about a cluster names it as its "
				    "object, not under clusters");
	for (size_t i = 0; i < rule->n_clusters; i++)
		if (check_name("cluster", rule->clusters[i], SPELT_LOWER,
			       err) != DG_OK)
			return DG_ERR_INVALID;
	if (rule->valid_from_us < 0 || rule->valid_until_us < 0 ||
	    (rule->valid_until_us != 0 &&
	     rule->valid_until_us <= rule->valid_from_us))
		return dg_error_set(err, DG_ERR_INVALID,
				    "the rule would end before it begins");
	return DG_OK;
}

enum dg_rc
dg_acl_rule_check(const struct dg_acl_rule *rule, struct dg_error *err)
{
	enum dg_rc rc;

	if (rule->id <= 0)
		return dg_error_set(err, DG_ERR_INVALID,
				    "a rule's id must be positive");
	if ((unsigned)rule->object.kind >= DG_ACL_KIND_COUNT)
		return dg_error_set(err, DG_ERR_INVALID, "unknown kind");
	rc = check_principals(rule, err);
	if (rc == DG_OK)
		rc = check_object(&rule->object, err);
	if (rc == DG_OK)
		rc = check_privileges(rule, err);
	if (rc == DG_OK)
		rc = check_columns(rule, err);
	if (rc == DG_OK)
		rc = check_tags(rule, err);
	if (rc == DG_OK)
		rc = check_networks(rule, err);
	if (rc == DG_OK)
		rc = check_conditions(rule, err);
	if (rc == DG_OK)
		rc = check_break_glass(rule, err);
	return rc;
}
