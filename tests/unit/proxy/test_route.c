/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_route.c - which cluster is chosen, what its /v1/info tells, and as whom
 * it is asked.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "proxy/policy_fixture.h"
#include "route/health.h"
#include "route/route.h"

static struct dg_cluster_state states_array[] = {
	{.name = DG_STR_INIT("one"), .reachable = true, .version = 476},
	{.name = DG_STR_INIT("pre"), .reachable = true, .version = 287},
};
static struct dg_cluster_states states = {
	.states = states_array,
	.n_states = DG_ARRAY_LEN(states_array),
	.refs = 1,
};

struct fixture {
	struct policy_fixture policy;
	struct dg_arena *arena;
};

static void
open_fixture(struct fixture *f)
{
	f->arena = dg_arena_create(1 << 20);
	policy_fixture_init(&f->policy, 1);
	policy_fixture_user(&f->policy, "ann", "");
	policy_fixture_user(&f->policy, "bob", "")->default_cluster =
		DG_STR("pre");
	policy_fixture_user(&f->policy, "eve", "");
	policy_fixture_cluster(&f->policy, "one", DG_STORE_TRINO, 1)
		->is_default = true;
	policy_fixture_cluster(&f->policy, "two", DG_STORE_TRINO, 2);
	policy_fixture_cluster(&f->policy, "pre", DG_STORE_PRESTO, 3);
	policy_fixture_cluster(&f->policy, "off", DG_STORE_TRINO, 4)->enabled =
		false;
	policy_fixture_cluster(&f->policy, "secret", DG_STORE_TRINO, 5);
	policy_fixture_use(&f->policy, "ann", "o*");
	policy_fixture_use(&f->policy, "ann", "two");
	policy_fixture_use(&f->policy, "bob", "pre");
	(void)policy_fixture_finish(&f->policy);
}

static void
close_fixture(struct fixture *f)
{
	policy_fixture_fini(&f->policy);
	dg_arena_destroy(&f->arena);
}

struct choice {
	const char *user;
	const char *property; /* NULL: none */
	const char *tag;
	const char *want; /* NULL: refused */
	enum dg_rc rc;
	const char *says;
};

static const struct choice choices[] = {
	{"ann", NULL, NULL, "one", DG_OK, ""},
	{"ann", "two", NULL, "two", DG_OK, ""},
	{"ann", NULL, "cluster=two", "two", DG_OK, ""},
	{"ann", NULL, "other", "one", DG_OK, ""},
	{"ann", "two", "cluster=one", "two", DG_OK, ""},
	{"bob", NULL, NULL, "pre", DG_OK, ""},
	{"bob", "one", NULL, NULL, DG_ERR_DENIED, "you may use: pre"},
	{"ann", "secret", NULL, NULL, DG_ERR_DENIED,
	 "'secret' (session property datagateway.cluster) does not exist or "
	 "may not be used by you; you may use: one, two"},
	{"ann", "nowhere", NULL, NULL, DG_ERR_NOT_FOUND,
	 "'nowhere' (session property datagateway.cluster) does not exist or "
	 "may not be used by you; you may use: one, two"},
	{"ann", NULL, "cluster=nowhere", NULL, DG_ERR_NOT_FOUND,
	 "(client tag cluster=)"},
	{"ann", NULL, "cluster=", NULL, DG_ERR_INVALID, "client tag"},
	{"ann", "", NULL, NULL, DG_ERR_INVALID, "is empty"},
	{"ann", "ONE", NULL, "one", DG_OK, ""},
	{"ann", "off", NULL, NULL, DG_ERR_UNAVAILABLE, "switched off"},
	{"eve", NULL, NULL, NULL, DG_ERR_DENIED, "you may use: none"},
	{"nobody", "one", NULL, NULL, DG_ERR_DENIED, "you may use: none"},
};

static void
check_choice(struct fixture *f, const struct choice *c)
{
	const struct dg_pair property = {DG_STR("cluster"),
					 dg_str_from_cstr(c->property)};
	const struct dg_str tag = dg_str_from_cstr(c->tag);
	const struct dg_session session = {
		.own_properties = &property,
		.n_own_properties = c->property != NULL,
		.tags = &tag,
		.n_tags = c->tag != NULL,
	};
	struct dg_target target;
	struct dg_error err = {.text = ""};
	enum dg_rc rc = dg_route_choose(
		&f->policy.snapshot, &states,
		&(struct dg_subject){.user = dg_str_from_cstr(c->user)},
		&session, 0, f->arena, &target, &err);

	assert_int_equal(rc, c->rc);
	if (rc == DG_OK)
		assert_true(dg_str_eq(target.cluster->name,
				      dg_str_from_cstr(c->want)));
	else if (strstr(err.text, c->says) == NULL)
		fail_msg("no '%s' in '%s'", c->says, err.text);
}

static void
chooses(void **state)
{
	struct fixture f;

	(void)state;
	open_fixture(&f);
	for (size_t i = 0; i < DG_ARRAY_LEN(choices); i++)
		check_choice(&f, &choices[i]);
	close_fixture(&f);
}

static void
refuses_two_names(void **state)
{
	const struct dg_str tags[] = {DG_STR_INIT("cluster=one"),
				      DG_STR_INIT("cluster=two")};
	const struct dg_session session = {.tags = tags, .n_tags = 2};
	struct dg_target target;
	struct fixture f;

	(void)state;
	open_fixture(&f);
	assert_int_equal(
		dg_route_choose(&f.policy.snapshot, &states,
				&(struct dg_subject){.user = DG_STR("ann")},
				&session, 0, f.arena, &target, NULL),
		DG_ERR_INVALID);
	close_fixture(&f);
}

static void
finds_by_name(void **state)
{
	struct dg_target target;
	struct fixture f;

	(void)state;
	open_fixture(&f);
	assert_int_equal(
		dg_route_by_name(&f.policy.snapshot, &states,
				 &(struct dg_subject){.user = DG_STR("ann")},
				 DG_STR("one"), 0, &target, NULL),
		DG_OK);
	assert_int_equal(target.version, 476);
	assert_int_equal(target.endpoint.port, 1);
	assert_int_equal(dg_route_check_ready(&target, NULL), DG_OK);
	/* Its coordinator has not answered yet. */
	assert_int_equal(
		dg_route_by_name(&f.policy.snapshot, &states,
				 &(struct dg_subject){.user = DG_STR("ann")},
				 DG_STR("two"), 0, &target, NULL),
		DG_OK);
	assert_int_equal(dg_route_check_ready(&target, NULL),
			 DG_ERR_UNAVAILABLE);
	assert_int_equal(
		dg_route_by_name(&f.policy.snapshot, NULL,
				 &(struct dg_subject){.user = DG_STR("ann")},
				 DG_STR("secret"), 0, &target, NULL),
		DG_ERR_DENIED);
	assert_int_equal(
		dg_route_by_name(&f.policy.snapshot, NULL,
				 &(struct dg_subject){.user = DG_STR("ann")},
				 DG_STR("gone"), 0, &target, NULL),
		DG_ERR_NOT_FOUND);
	assert_int_equal(
		dg_route_by_name(&f.policy.snapshot, NULL,
				 &(struct dg_subject){.user = DG_STR("ann")},
				 DG_STR("off"), 0, &target, NULL),
		DG_ERR_UNAVAILABLE);
	close_fixture(&f);
}

static void
keeps_families_apart(void **state)
{
	static const struct dg_session trino = {.family = DG_FAMILY_TRINO,
						.has_family = true};
	static const struct dg_session presto = {.family = DG_FAMILY_PRESTO,
						 .has_family = true};
	struct dg_target target;
	struct dg_error err;
	struct fixture f;

	(void)state;
	open_fixture(&f);
	assert_int_equal(
		dg_route_by_name(&f.policy.snapshot, &states,
				 &(struct dg_subject){.user = DG_STR("bob")},
				 DG_STR("pre"), 0, &target, NULL),
		DG_OK);
	assert_int_equal(dg_route_check_family(&target, &presto, &err), DG_OK);
	assert_int_equal(dg_route_check_family(&target, &trino, &err),
			 DG_ERR_UNSUPPORTED);
	assert_non_null(strstr(err.text, "runs Presto"));
	assert_non_null(strstr(err.text, "protocol of Trino"));
	close_fixture(&f);
}

static void
reads_info(void **state)
{
	static const struct {
		enum dg_store_engine engine;
		const char *body;
		unsigned version; /* 0: refused */
		bool starting;
	} cases[] = {
		{DG_STORE_TRINO,
		 "{\"nodeVersion\":{\"version\":\"476\"},\"starting\":false}",
		 476, false},
		{DG_STORE_TRINO,
		 "{\"nodeVersion\":{\"version\":\"435\"},\"starting\":true}",
		 435, true},
		{DG_STORE_PRESTO, "{\"nodeVersion\":{\"version\":\"0.287\"}}",
		 287, false},
		{DG_STORE_TRINO, "{\"nodeVersion\":{\"version\":\"0.287\"}}", 0,
		 false},
		{DG_STORE_TRINO, "{\"nodeVersion\":{\"version\":\"\\\"x\"}}", 0,
		 false},
		{DG_STORE_TRINO, "{\"nodeVersion\":{}}", 0, false},
		{DG_STORE_TRINO, "<html>", 0, false},
		{DG_STORE_TRINO, "", 0, false},
	};

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		struct dg_cluster_state s = {.version = 7};
		const char *why;
		bool ok = dg_health_read_info(cases[i].engine,
					      dg_str_from_cstr(cases[i].body),
					      &s, &why);

		assert_int_equal(ok, cases[i].version != 0);
		assert_int_equal(s.version, ok ? cases[i].version : 7);
		assert_int_equal(s.starting, cases[i].starting);
		assert_int_equal(s.reachable, ok);
	}
}

static void
asserts_users(void **state)
{
	struct dg_store_cluster cluster = {
		.name = DG_STR("c"),
		.engine = DG_STORE_PRESTO,
		.host = DG_STR("db.example"),
		.port = 8443,
		.identity = DG_STORE_ID_HEADER,
		.service_user = DG_STR("svc"),
		.service_secret = DG_STR("env:DG_TEST_CLUSTER"),
	};
	char bound[] = "env:DG_TEST_CLUSTER https://DB.example:8443";
	char elsewhere[] = "env:DG_TEST_CLUSTER https://evil.example:8443";
	char *const bindings[] = {elsewhere, bound};
	struct dg_arena *arena = dg_arena_create(4096);
	struct dg_http_header out[4];
	struct dg_error err;
	size_t n = 0;

	(void)state;
	assert_int_equal(setenv("DG_TEST_CLUSTER", "pw", 1), 0);
	assert_int_equal(dg_route_identity(&cluster, DG_STR("ann"), arena, out,
					   4, &n, &err),
			 DG_OK);
	assert_int_equal(n, 1);
	assert_true(dg_str_eq(out[0].name, DG_STR("X-Presto-User")));
	assert_true(dg_str_eq(out[0].value, DG_STR("ann")));
	assert_int_equal(dg_route_identity(&cluster, DG_STR("a\r\nX: y"), arena,
					   out, 4, &n, &err),
			 DG_ERR_UNSUPPORTED);
	assert_int_equal(n, 1);

	/* A password needs TLS and a binding to this very address. */
	cluster.identity = DG_STORE_ID_PASSWORD;
	assert_int_equal(dg_route_identity(&cluster, DG_STR("ann"), arena, out,
					   4, &n, &err),
			 DG_ERR_DENIED);
	cluster.tls = true;
	assert_int_equal(dg_route_identity(&cluster, DG_STR("ann"), arena, out,
					   4, &n, &err),
			 DG_ERR_DENIED);
	dg_route_secrets_open(bindings, 1);
	assert_int_equal(dg_route_identity(&cluster, DG_STR("ann"), arena, out,
					   4, &n, &err),
			 DG_ERR_DENIED);
	assert_non_null(strstr(err.text, "cluster 'c'"));
	dg_route_secrets_close();
	dg_route_secrets_open(bindings, 2);
	n = 0;
	assert_int_equal(dg_route_identity(&cluster, DG_STR("ann"), arena, out,
					   4, &n, &err),
			 DG_OK);
	assert_int_equal(n, 2);
	assert_true(dg_str_eq(out[1].name, DG_STR("Authorization")));
	assert_true(dg_str_eq(out[1].value, DG_STR("Basic c3ZjOnB3")));
	n = 3;
	assert_int_equal(dg_route_identity(&cluster, DG_STR("ann"), arena, out,
					   4, &n, &err),
			 DG_ERR_LIMIT);
	assert_int_equal(n, 3);
	dg_route_secrets_close();
	dg_arena_destroy(&arena);
}

static void
copies_targets(void **state)
{
	const struct dg_store_cluster cluster = {
		.name = DG_STR("c"),
		.host = DG_STR("h"),
		.port = 9,
		.tls_ca_file = DG_STR("/ca"),
	};
	const struct dg_target target = {.cluster = &cluster, .version = 5};
	struct dg_arena *arena = dg_arena_create(4096);
	struct dg_target copy;

	(void)state;
	assert_int_equal(dg_target_copy(&target, arena, &copy), DG_OK);
	assert_ptr_not_equal(copy.cluster, &cluster);
	assert_ptr_not_equal(copy.cluster->name.data, cluster.name.data);
	assert_int_equal(copy.version, 5);
	assert_int_equal(copy.endpoint.port, 9);
	assert_true(dg_str_eq(copy.endpoint.ca_file, DG_STR("/ca")));
	dg_arena_destroy(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chooses),
		cmocka_unit_test(refuses_two_names),
		cmocka_unit_test(finds_by_name),
		cmocka_unit_test(keeps_families_apart),
		cmocka_unit_test(reads_info),
		cmocka_unit_test(asserts_users),
		cmocka_unit_test(copies_targets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
