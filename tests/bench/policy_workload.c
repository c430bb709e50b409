/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_workload.c - see policy_workload.h.
 *
 * Numbers are drawn from a hash of the rule's number, so that rule n does not
 * depend on how many there are. Roles and schemas are drawn as the square of a
 * fraction: the first of 100 roles gets a tenth of all rules. A tenth of the
 * rules is about what carries a tag. A fifth of the
 * rules is about a hundredth of the tables, a half about a tenth.
 */
#include "policy_workload.h"

#include <stdarg.h>
#include <stdio.h>

enum { CATALOGS = 4, SCHEMAS = 80 };

static const char *const catalogs[CATALOGS] = {"lake", "crm", "erp", "science"};
static const char *const areas[] = {"sales", "finance",  "risk", "web",
				    "hr",    "shipping", "ads",  "support"};
static const char *const nouns[] = {
	"orders",   "customers", "items",   "events", "clicks", "invoices",
	"payments", "sessions",  "returns", "stock",  "prices", "contracts",
};
static const char *const kinds[] = {"daily", "raw", "hourly", "final",
				    "pii",   "tmp", "hist",   "v2"};

/* splitmix64: a good number from each state. */
static uint64_t
scramble(uint64_t x)
{
	x += UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

static uint64_t
draw(uint64_t *state)
{
	*state += UINT64_C(0x632be59bd9b4e019);
	return scramble(*state);
}

static unsigned
dice(uint64_t *state, unsigned sides)
{
	return (unsigned)((draw(state) >> 32) * sides >> 32);
}

static bool
percent(uint64_t *state, unsigned share)
{
	return dice(state, 100) < share;
}

static double
fraction(uint64_t number)
{
	return (double)(number >> 11) / (double)(UINT64_C(1) << 53);
}

static unsigned
popular_square(uint64_t number, unsigned n)
{
	double f = fraction(number);

	return (unsigned)(f * f * n);
}

unsigned
workload_popular_table(uint64_t number)
{
	uint64_t state = number;
	unsigned share = dice(&state, 100);
	unsigned among = share < 50   ? WORKLOAD_TABLES
			 : share < 80 ? WORKLOAD_TABLES / 10
				      : WORKLOAD_TABLES / 100;

	return dice(&state, among);
}

static struct dg_str DG_PRINTF(2, 3) print(char *out, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(out, WORKLOAD_NAME, fmt, ap);
	va_end(ap);
	return dg_str_from_cstr(out);
}

struct dg_str
workload_user(unsigned user, char out[WORKLOAD_NAME])
{
	return print(out, "user%u@example.com", user);
}

struct dg_str
workload_role(unsigned role, char out[WORKLOAD_NAME])
{
	return print(out, "%s_%s_%u", areas[role % DG_ARRAY_LEN(areas)],
		     role % WORKLOAD_DEPTH == WORKLOAD_DEPTH - 1 ? "analysts"
								 : "readers",
		     role);
}

unsigned
workload_role_of_user(unsigned user, unsigned i)
{
	unsigned chains = WORKLOAD_ROLES / WORKLOAD_DEPTH;
	unsigned chain = (unsigned)(scramble(user * 7 + i) % chains);

	return chain * WORKLOAD_DEPTH + WORKLOAD_DEPTH - 1;
}

/* Chains: 4 is in 3, 3 in 2, 2 in 1, 1 in 0. */
unsigned
workload_role_of_role(unsigned role)
{
	return role % WORKLOAD_DEPTH == 0 ? role : role - 1;
}

static unsigned
schema_of_table(unsigned table)
{
	return popular_square(scramble(table + 1000003), SCHEMAS);
}

static struct dg_str
catalog_of_schema(unsigned schema)
{
	return dg_str_from_cstr(catalogs[schema % 7 % CATALOGS]);
}

static struct dg_str
schema_name(unsigned schema, char out[WORKLOAD_NAME])
{
	return print(out, "%s_%u", areas[schema % DG_ARRAY_LEN(areas)], schema);
}

void
workload_table(unsigned table, char schema[WORKLOAD_NAME],
	       char name[WORKLOAD_NAME], struct dg_acl_object *out)
{
	unsigned s = schema_of_table(table);

	*out = (struct dg_acl_object){
		.kind = DG_ACL_TABLE,
		.catalog = catalog_of_schema(s),
		.schema = schema_name(s, schema),
		.name = print(name, "%s_%u_%s",
			      nouns[table % DG_ARRAY_LEN(nouns)], table,
			      kinds[table / 7 % DG_ARRAY_LEN(kinds)]),
	};
}

struct dg_str
workload_column(unsigned table, unsigned column, char out[WORKLOAD_NAME])
{
	return print(out, "%s_column_%u",
		     nouns[(table + column) % DG_ARRAY_LEN(nouns)], column);
}

struct dg_str
workload_tag(unsigned tag, char out[WORKLOAD_NAME])
{
	return print(out, "tag_%u", tag);
}

/* Half of them on tables, four in ten on columns, the first on schemas. */
void
workload_tagging(unsigned number, struct workload_tagging *out)
{
	unsigned table = number * 2 % WORKLOAD_TABLES;
	struct dg_acl_tagging *t = &out->tagging;

	*t = (struct dg_acl_tagging){.column = DG_STR_EMPTY};
	t->tag = workload_tag(popular_square(scramble(number), WORKLOAD_TAGS),
			      out->texts[0]);
	if (number < SCHEMAS) {
		t->object = (struct dg_acl_object){
			.kind = DG_ACL_SCHEMA,
			.catalog = catalog_of_schema(number),
			.schema = schema_name(number, out->texts[1])};
		return;
	}
	workload_table(table, out->texts[1], out->texts[2], &t->object);
	if (number % 10 < 4)
		t->column = workload_column(table, number % WORKLOAD_COLUMNS,
					    out->texts[3]);
}

/* ---- rules -------------------------------------------------------------- */

static char *
room(struct workload_rule *r)
{
	return r->texts[r->n_texts++];
}

static struct dg_acl_principal
draw_principal(uint64_t *state, struct workload_rule *r)
{
	unsigned share = dice(state, 100);

	if (share < 85) {
		unsigned role = popular_square(draw(state), WORKLOAD_ROLES);

		return (struct dg_acl_principal){
			.is_role = true,
			.name = workload_role(role * 37 % WORKLOAD_ROLES,
					      room(r)),
		};
	}
	if (share < 99)
		return (struct dg_acl_principal){
			.name = workload_user(dice(state, WORKLOAD_USERS),
					      room(r))};
	return (struct dg_acl_principal){.is_role = true,
					 .name = DG_STR("public")};
}

static void
draw_principals(uint64_t *state, struct workload_rule *r)
{
	r->rule.principals = r->principals;
	r->rule.n_principals = percent(state, 3) ? 2 : 1;
	for (size_t i = 0; i < r->rule.n_principals; i++)
		r->principals[i] = draw_principal(state, r);
	if (r->rule.effect == DG_ACL_DENY && percent(state, 20)) {
		r->except = (struct dg_acl_principal){
			.name = workload_user(dice(state, WORKLOAD_USERS),
					      room(r))};
		r->rule.except = &r->except;
		r->rule.n_except = 1;
	}
}

/* The patterns that people write, from a table that they have in mind. */
static void
make_pattern(uint64_t *state, unsigned table, struct workload_rule *r)
{
	struct dg_acl_object *o = &r->rule.object;
	const char *noun = nouns[table % DG_ARRAY_LEN(nouns)];
	unsigned s = schema_of_table(table);
	unsigned share = dice(state, 100);

	if (share < 50) /* one subject of a schema */
		o->name = print(room(r), "%s_%u*", noun, table / 10);
	else if (share < 70) /* a schema */
		o->name = DG_STR("*");
	else if (share < 80) { /* an area */
		o->schema =
			print(room(r), "%s_*", areas[s % DG_ARRAY_LEN(areas)]);
		o->name = DG_STR("*");
	} else if (share < 90) { /* what is alike in all of a schema */
		o->name = print(room(r), "*_%s",
				kinds[table / 7 % DG_ARRAY_LEN(kinds)]);
	} else { /* a subject, wherever it is */
		o->schema = DG_STR("*");
		o->name = print(room(r), "%s_%u?_*", noun, table / 10);
	}
}

/* All that carries a tag, or what does in one schema; denies in one table. */
static void
make_tagged(uint64_t *state, struct workload_rule *r)
{
	struct dg_acl_object *o = &r->rule.object;

	if (r->rule.effect == DG_ACL_ALLOW) {
		if (percent(state, 60)) {
			o->catalog = DG_STR("*");
			o->schema = DG_STR("*");
		}
		o->name = DG_STR("*");
	}
	r->tag = workload_tag(popular_square(draw(state), WORKLOAD_TAGS),
			      room(r));
	r->rule.tags = &r->tag;
	r->rule.n_tags = 1;
}

static void
draw_columns(uint64_t *state, unsigned table, struct workload_rule *r)
{
	size_t n = 1 + dice(state, WORKLOAD_LIST);
	unsigned first = dice(state, WORKLOAD_COLUMNS);

	for (size_t i = 0; i < n; i++)
		r->columns[i] = workload_column(
			table, (first + (unsigned)i) % WORKLOAD_COLUMNS,
			room(r));
	r->rule.columns = r->columns;
	r->rule.n_columns = n;
}

static void
draw_privileges(uint64_t *state, struct workload_rule *r)
{
	static const struct {
		uint32_t mask;
		const char *text;
	} choices[] = {
		{DG_ACL_BIT(DG_ACL_P_SELECT), "{select}"},
		{DG_ACL_BIT(DG_ACL_P_SELECT) | DG_ACL_BIT(DG_ACL_P_SHOW),
		 "{read}"},
		{DG_ACL_BIT(DG_ACL_P_INSERT), "{insert}"},
		{DG_ACL_BIT(DG_ACL_P_INSERT) | DG_ACL_BIT(DG_ACL_P_DELETE),
		 "{insert,delete}"},
	};
	unsigned share = dice(state, 100);
	unsigned at = share < 65 ? 0 : share < 85 ? 1 : share < 95 ? 2 : 3;

	if (r->rule.n_columns > 0)
		at = 0;
	r->rule.privileges = choices[at].mask;
	r->privileges = choices[at].text;
}

static void
draw_conditions(uint64_t *state, struct workload_rule *r)
{
	if (percent(state, 5)) /* the year 2100 */
		r->rule.valid_until_us = INT64_C(4102444800000000);
	if (percent(state, 3)) {
		r->cluster = DG_STR("one");
		r->rule.clusters = &r->cluster;
		r->rule.n_clusters = 1;
	}
	if (percent(state, 20))
		r->rule.reason =
			print(room(r), "ticket %u", dice(state, 20000));
}

void
workload_rule(int64_t id, struct workload_rule *out)
{
	uint64_t state = scramble((uint64_t)id);
	unsigned table = workload_popular_table(draw(&state));
	char *schema;
	char *name;

	*out = (struct workload_rule){.rule = {.id = id}};
	schema = room(out);
	name = room(out);
	workload_table(table, schema, name, &out->rule.object);
	out->rule.effect = percent(&state, 5) ? DG_ACL_DENY : DG_ACL_ALLOW;
	/* Denies are about something: wide ones would leave nothing. */
	if (percent(&state, 10))
		make_tagged(&state, out);
	else if (out->rule.effect == DG_ACL_ALLOW && percent(&state, 24))
		make_pattern(&state, table, out);
	draw_principals(&state, out);
	if (out->rule.n_tags == 0 && percent(&state, 33))
		draw_columns(&state, table, out);
	draw_privileges(&state, out);
	draw_conditions(&state, out);
}
