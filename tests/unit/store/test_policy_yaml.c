/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_policy_yaml.c - every error of a policy file, with its line; nothing of
 * a file with an error is taken, and no secret is repeated.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include "store/store.h"

#include <cmocka.h>

#define HASH "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA"

/* "" when the file is good. */
static const char *
errors_of(const char *yaml)
{
	static char text[16384];
	struct dg_store_policy_file *file = NULL;
	struct dg_buf errors;
	enum dg_rc rc;

	dg_buf_init(&errors, 1 << 20);
	rc = dg_store_policy_parse(dg_str_from_cstr(yaml), &file, &errors);
	assert_int_equal(rc == DG_OK, file != NULL);
	assert_int_equal(rc == DG_OK, dg_buf_len(&errors) == 0);
	assert_true(dg_buf_len(&errors) < sizeof(text));
	memcpy(text, dg_buf_peek(&errors).data, dg_buf_len(&errors));
	text[dg_buf_len(&errors)] = '\0';
	dg_store_policy_destroy(&file);
	dg_buf_fini(&errors);
	return text;
}

static void
test_good(void **state)
{
	(void)state;
	assert_string_equal(errors_of(""), "");
	assert_string_equal(errors_of("# nothing\n"), "");
	assert_string_equal(errors_of("{}"), "");
	assert_string_equal(errors_of("users: []\nrules: []\n"), "");
	assert_string_equal(
		errors_of("users:\n"
			  "- {name: ann, password_hash: '" HASH "'}\n"
			  "- {name: 'no', password_hash: none}\n"
			  "roles:\n"
			  "- {name: r, members: [ann, 'no', role:s]}\n"
			  "- {name: s, members: no}\n"
			  "clusters:\n"
			  "- {name: one, engine: trino, url: 'http://h:1'}\n"
			  "rules:\n"
			  "- {name: x, effect: allow, to: role:r, privileges: "
			  "SELECT, table: a.b.c, columns: [C, d], clusters: "
			  "One}\n"),
		"");
}

static void
test_all_errors_at_once(void **state)
{
	(void)state;
	assert_string_equal(
		errors_of("users:\n"
			  "- name: ann\n"
			  "  pasword_file: /x\n"
			  "- {}\n"
			  "- name: ann\n"
			  "rules:\n"
			  "- name: x\n"
			  "  effect: permit\n"
			  "  to: [zoe, role:r]\n"
			  "  privileges: [select, fly]\n"
			  "  table: a.b\n"
			  "  column: [c]\n"
			  "roles: 7\n"
			  "thing: 1\n"),
		"line 3: unknown key \"pasword_file\" in a user\n"
		"line 4: a user needs \"name\"\n"
		"line 5: user \"ann\" is in line 2 already\n"
		"line 8: effect must be allow or deny\n"
		"line 10: unknown privilege \"fly\"\n"
		"line 11: \"a.b\" is not of the form CATALOG.SCHEMA.NAME\n"
		"line 12: unknown key \"column\" in a rule\n"
		"line 13: roles must be a list\n"
		"line 14: unknown key \"thing\"; there are users, roles, "
		"clusters, rules, catalogs, tags, admins, group_mappings, "
		"default_rules\n"
		"line 7: rule \"x\" names user \"zoe\", which is not in the "
		"file\n");
}

static void
test_structure(void **state)
{
	static const struct {
		const char *yaml;
		const char *errors;
	} cases[] = {
		{"users: [", "line 2: this is not YAML: "},
		{"[]", "line 1: a policy is a mapping: "},
		{"a: 1\n---\nb: 2\n", "line 1: unknown key"},
		{"users: []\n---\nusers: []\n",
		 "line 3: a policy is one document, not several\n"},
		{"users: []\nusers: []\n",
		 "line 2: \"users\" is given twice\n"},
		{"users:\n", "line 1: users must be a list\n"},
		{"users: [ann]\n", "line 1: a user is a mapping with a name\n"},
		{"users: [{name: a, name: b}]\n",
		 "line 1: \"name\" is given twice\n"},
		{"users: [{name: [a]}]\n", "line 1: name must be a text\n"},
		{"users: [{name: }]\n", "line 1: name has no value\n"},
		{"users: [{name: ~}]\n", "line 1: name has no value\n"},
		{"users: [{name: ''}]\n",
		 "line 1: a name has 1 to 256 bytes\n"},
		{"users: [{name: \"a\\0b\"}]\n",
		 "line 1: name has a control character in it\n"},
		{"users: [{name: \"a\\nb\"}]\n",
		 "line 1: name has a control character in it\n"},
		{"users: [{[a]: b}]\n", "line 1: a key must be a text\n"},
		{"users: [{name: a, disabled: yes}]\n",
		 "line 1: disabled must be true or false\n"},
		{"users: [{name: a, disabled: 'true'}]\n",
		 "line 1: disabled must be true or false\n"},
		{"default_rules: maybe\n",
		 "line 1: default_rules must be true or false\n"},
		{"roles: [{name: r, members: {a: b}}]\n",
		 "line 1: members must be a list of texts\n"},
		{"users: [{name: \xff}]\n", "line 1: this is not YAML: "},
	};

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		const char *errors = errors_of(cases[i].yaml);

		if (strncmp(errors, cases[i].errors, strlen(cases[i].errors)) !=
		    0)
			fail_msg("%s: %s", cases[i].yaml, errors);
	}
}

/* The secret itself must not come back in the error. */
static void
test_passwords(void **state)
{
	(void)state;
	assert_string_equal(
		errors_of("users: [{name: a, password: hunter2}]\n"),
		"line 1: passwords do not stand in policy files: use "
		"password_file, password_env or password_hash\n");
	assert_string_equal(
		errors_of("users: [{name: a, password_hash: hunter2}]\n"),
		"line 1: password_hash must be \"none\" or argon2id with at "
		"most m=19456,t=10,p=1\n");
	assert_string_equal(errors_of("users: [{name: a, password_hash: none, "
				      "password_env: HOME}]\n"),
			    "line 1: the password is given twice\n");
	assert_string_equal(
		errors_of("users: [{name: a, password_file: /nonexistent}]\n"),
		"line 1: password_file: /nonexistent: No such file or "
		"directory\n");
	assert_string_equal(
		errors_of("clusters: [{name: c, engine: trino, url: "
			  "'http://h', service_secret: hunter2}]\n"),
		"line 1: service_secret must be file:PATH or env:NAME\n");
}

#define CLUSTER "clusters: [{name: c, engine: trino, url: 'https://h', "

static void
test_clusters(void **state)
{
	static const struct {
		const char *yaml;
		const char *errors;
	} cases[] = {
		{CLUSTER "identity: header}]", ""},
		{CLUSTER "identity: magic}]",
		 "line 1: identity must be header or password\n"},
		{CLUSTER "identity: password}]",
		 "line 1: identity password needs service_user and "
		 "service_secret\n"},
		{CLUSTER "identity: password, service_user: u, "
			 "service_secret: 'env:X'}]",
		 ""},
		{CLUSTER "mode: observe, catalogs: [pg=pg_two, x=Hive]}]", ""},
		{CLUSTER "mode: watch}]",
		 "line 1: mode must be enforce or observe\n"},
		{CLUSTER "catalogs: [pg]}]",
		 "line 1: \"pg\" is not of the form "
		 "NAME_ON_THE_CLUSTER=NAME_IN_RULES\n"},
		{CLUSTER "catalogs: [pg=a, PG=b]}]",
		 "line 1: catalog \"pg\" has two names\n"},
		{CLUSTER "cross_check: on}]",
		 "line 1: cross_check must be off, audit or enforce\n"},
		{"clusters: [{name: c, engine: presto, url: 'http://h', "
		 "cross_check: audit}]",
		 "line 1: cross_check needs trino: presto does not tell what a "
		 "query read\n"},
		{"clusters: [{name: c, engine: trino, url: 'http://h', "
		 "tls_ca_file: /x}]",
		 "line 1: tls_ca_file needs an https:// url\n"},
		{"clusters: [{name: C, engine: trino, url: 'http://h'}]",
		 "line 1: the name of a cluster is lower-case letters, digits "
		 "and . _ - inside\n"},
		{"clusters:\n- {name: a, engine: trino, url: 'http://h', "
		 "default: true}\n- {name: b, engine: trino, url: 'http://h', "
		 "default: true}\n",
		 "line 3: cluster \"a\" in line 2 is the default already\n"},
		{"clusters: []\nusers: [{name: a, default_cluster: C}]\n",
		 "line 2: user \"a\" names cluster \"c\", which is not in the "
		 "file\n"},
	};

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++)
		assert_string_equal(errors_of(cases[i].yaml), cases[i].errors);
}

#define RULE "rules: [{name: x, effect: deny, to: public, "

#define ALLOW \
	"rules: [{name: x, effect: allow, to: public, privileges: select, " \
	"table: a.b.c, "

static void
test_rules(void **state)
{
	static const struct {
		const char *yaml;
		const char *errors;
	} cases[] = {
		{RULE "privileges: select, table: '*.*.*'}]", ""},
		{RULE "privileges: select}]",
		 "line 1: a rule needs an object: table, schema, catalog, "
		 "function, procedure, table_function, cluster, property, user "
		 "or query; or tags\n"},
		{RULE "privileges: select, tags: [PII]}]", ""},
		{RULE "privileges: select, tags: [p*]}]",
		 "line 1: tag \"p*\" is a pattern; a name is wanted\n"},
		{RULE "privileges: use, cluster: x, tags: [pii]}]",
		 "line 1: a cluster carries no tags\n"},
		{RULE "privileges: select, tags: [pii]}]\ntags: [{name: x}]\n",
		 "line 1: rule \"x\": there is no tag \"pii\"\n"},
		{RULE
		 "privileges: select, table: a.b.c, networks: [10.0.0.0/8, "
		 "'2001:DB8::/32', 10.0.0.1]}]",
		 ""},
		{RULE
		 "privileges: select, table: a.b.c, networks: 10.0.0.1/8}]",
		 "line 1: network \"10.0.0.1/8\" has bits behind its prefix\n"},
		{RULE "privileges: select, table: a.b.c, break_glass: true, "
		      "valid_until: 2026-02-02, reason: x}]",
		 "line 1: break_glass goes with allow only\n"},
		{ALLOW
		 "break_glass: true, valid_until: 2026-02-02, reason: x}]",
		 ""},
		{ALLOW "break_glass: true, valid_until: 2026-02-02}]",
		 "line 1: a break_glass rule needs a reason\n"},
		{ALLOW "break_glass: true, reason: x}]",
		 "line 1: a break_glass rule needs an end\n"},
		{ALLOW "break_glass: true, reason: x, valid_from: 2028-02-28, "
		       "valid_until: 2028-02-29}]",
		 ""},
		{ALLOW "break_glass: true, reason: x, valid_from: 2028-02-28, "
		       "valid_until: 2028-02-29T00:00:01Z}]",
		 "line 1: a break_glass rule ends after a day at the latest\n"},
		{RULE "privileges: select, table: a.b.c, schema: a.b}]",
		 "line 1: a rule has one object, not both table and schema\n"},
		{RULE "privileges: select, schema: a.b}]",
		 "line 1: privilege select does not apply to a schema\n"},
		{RULE "privileges: select, table: a.b.c, columns: []}]",
		 "line 1: columns is empty; leave it out\n"},
		{RULE "privileges: select, table: a.b.c, columns: ['x*']}]",
		 "line 1: column \"x*\" is a pattern; columns are written "
		 "exactly\n"},
		{RULE "privileges: insert, table: a.b.c, columns: [x]}]",
		 "line 1: columns go with select and update only\n"},
		{RULE "privileges: [], table: a.b.c}]",
		 "line 1: privileges is empty; leave it out\n"},
		{RULE "privileges: select, table: a.b.c, valid_from: "
		      "2026-02-02, valid_until: 2026-02-02T00:00:00Z}]",
		 "line 1: the rule would end before it begins\n"},
		{RULE "privileges: select, table: a.b.c, valid_from: soon}]",
		 "line 1: valid_from: \"soon\" is not a time in UTC such as "
		 "2026-01-31 or 2026-01-31T12:00:00Z\n"},
		{RULE "privileges: select, table: a.b.c, except: [public]}]",
		 "line 1: except public would make the deny void\n"},
		{"rules: [{name: 'default: x', effect: allow, to: public, "
		 "privileges: use, cluster: '*'}]",
		 "line 1: names beginning with \"default: \" are kept for the "
		 "default rules\n"},
		{"rules: [{name: x, effect: allow, to: [], privileges: use, "
		 "cluster: '*'}]",
		 "line 1: a rule needs a user or role\n"},
	};

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++)
		assert_string_equal(errors_of(cases[i].yaml), cases[i].errors);
}

static void
test_roles(void **state)
{
	(void)state;
	assert_string_equal(errors_of("roles: [{name: public}]\n"),
			    "line 1: role public is built in: it holds every "
			    "user\n");
	assert_string_equal(
		errors_of("users: []\nroles:\n- {name: a, members: role:b}\n"
			  "- {name: b, members: role:c}\n"
			  "- {name: c, members: role:a}\n"),
		"roles form a cycle: a -> c -> b -> a\n");
	assert_string_equal(
		errors_of("users: []\nroles:\n- {name: a, members: public}\n"),
		"line 3: role \"a\": public holds every user; it has no "
		"members and is no member\n");
	assert_string_equal(
		errors_of("users: []\nroles:\n- {name: a, members: [x]}\n"),
		"line 3: role \"a\" names user \"x\", which is not in the "
		"file\n");
}

static void
test_tags_and_admins(void **state)
{
	static const struct {
		const char *yaml;
		const char *errors;
	} cases[] = {
		{"tags: [{name: PII, objects: [c, c.s, c.s.t, c.s.t.a, "
		 "c.s.t.a.b, '\"a.b\".\"x\"\"y\".t']}]\n"
		 "catalogs: [{name: Hive, mode: observe}]\n",
		 ""},
		{"tags: [{name: pii, objects: [c.*]}]\n",
		 "line 1: objects: schema \"*\" is a pattern; a name is "
		 "wanted\n"},
		{"tags: [{name: pii, objects: [c..t]}]\n",
		 "line 1: objects: \"c..t\" is not of the form "
		 "CATALOG.SCHEMA.TABLE.COLUMN\n"},
		{"tags: [{name: pii, objects: [c.]}]\n",
		 "line 1: objects: \"c.\" is not of the form "
		 "CATALOG.SCHEMA.TABLE.COLUMN\n"},
		{"tags: [{name: pii}, {name: PII}]\n",
		 "line 1: tag \"pii\" is in line 1 already\n"},
		{"tags: [{name: 'p?'}]\n",
		 "line 1: name \"p?\" is a pattern; a name is wanted\n"},
		{"catalogs: [{name: c, mode: off}]\n",
		 "line 1: mode must be enforce or observe\n"},
		{"users: [{name: ann, auth_methods: [password, token]}]\n", ""},
		{"users: [{name: ann, auth_methods: [guess]}]\n",
		 "line 1: auth_methods must be password or token\n"},
		{"users: [{name: ann}]\nroles: []\n"
		 "tags: [{name: pii}]\n"
		 "admins: [{name: a, role: admin, to: ann}, "
		 "{name: s, role: steward, to: ann, schemas: [hive.sales], "
		 "tags: pii}, {name: r, role: auditor, to: ann}]\n",
		 ""},
		{"users: []\nroles: []\nadmins: [{name: a, role: admin, to: "
		 "ann}]\n",
		 "line 3: admin \"a\": there is no user \"ann\"\n"},
		{"tags: []\nadmins: [{name: a, role: steward, to: ann, tags: "
		 "pii}]\n",
		 "line 2: admin \"a\": there is no tag \"pii\"\n"},
		{"admins: [{name: a, role: steward, to: ann}]\n",
		 "line 1: a steward needs catalogs, schemas or tags\n"},
		{"admins: [{name: a, role: admin, to: ann, catalogs: c}]\n",
		 "line 1: only a steward has catalogs, schemas or tags\n"},
		{"group_mappings: [{name: 'Team A', roles: [r, s]}, {name: "
		 "b, roles: r}]\n",
		 ""},
		{"group_mappings: [{name: a, roles: []}]\n",
		 "line 1: roles names no role\n"},
		{"group_mappings: [{name: a, roles: ['']}]\n",
		 "line 1: roles names no role\n"},
		{"group_mappings: [{name: a}]\n",
		 "line 1: a group mapping needs \"roles\"\n"},
		{"group_mappings: [{name: a, roles: r}, {name: a, roles: s}]\n",
		 "line 1: group mapping \"a\" is in line 1 already\n"},
		{"admins: [{name: a, role: king, to: ann}]\n",
		 "line 1: role must be admin, steward or auditor\n"},
	};

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++)
		assert_string_equal(errors_of(cases[i].yaml), cases[i].errors);
}

/* Depth, aliases and size: an answer, soon, whatever the file. */
static void
test_hostile(void **state)
{
	enum { DEPTH = 10000 };
	char *deep = malloc(DEPTH + 1);
	char *wide;

	(void)state;
	assert_non_null(deep);
	memset(deep, '[', DEPTH);
	deep[DEPTH] = '\0';
	assert_true(errors_of(deep)[0] != '\0');
	free(deep);
	assert_true(errors_of("a: &a [x,x,x,x,x,x,x,x,x]\n"
			      "b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
			      "c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"
			      "users: *c\n")[0] != '\0');
	assert_true(errors_of("users: &u\n- *u\n")[0] != '\0');
	wide = malloc((1 << 20) + 32);
	assert_non_null(wide);
	memcpy(wide, "users: [{name: ", 15);
	memset(wide + 15, 'n', 1 << 20);
	memcpy(wide + 15 + (1 << 20), "}]", 3);
	assert_string_equal(errors_of(wide),
			    "line 1: a name has 1 to 256 bytes\n");
	free(wide);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_all_errors_at_once),
		cmocka_unit_test(test_structure),
		cmocka_unit_test(test_passwords),
		cmocka_unit_test(test_clusters),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_roles),
		cmocka_unit_test(test_tags_and_admins),
		cmocka_unit_test(test_hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
