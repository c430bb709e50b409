/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_route.c - operations by method and path, and who may have them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "route.h"

static void
finds(void **state)
{
	static const struct {
		const char *method;
		const char *path;
		const char *id;    /* NULL: none */
		const char *allow; /* "": the path is not known */
	} cases[] = {
		{"GET", "/users", "listUsers", ""},
		{"GET", "/users/ann", "readUser", ""},
		{"PUT", "/roles/a/members/user:b", "addMember", ""},
		{"GET", "/", "readPage", ""},
		{"GET", "", NULL, ""},
		{"GET", "/users/", NULL, ""},
		{"GET", "//users", NULL, ""},
		{"GET", "/users/a/b", NULL, ""},
		{"GET", "/users/a/b/c/d/e", NULL, ""},
		{"GET", "/%75sers", "listUsers", ""},
		{"PATCH", "/users", NULL, "GET, POST"},
		{"get", "/users", NULL, "GET, POST"},
		{"HEAD", "/users/a", NULL, "GET, PUT, PATCH, DELETE"},
	};
	struct dg_arena *arena = dg_arena_create(1 << 16);

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		struct dg_api_match match;

		assert_int_equal(dg_api_match(dg_str_from_cstr(cases[i].method),
					      dg_str_from_cstr(cases[i].path),
					      arena, &match),
				 DG_OK);
		if (cases[i].id == NULL)
			assert_null(match.route);
		else
			assert_string_equal(match.route->id, cases[i].id);
		if (cases[i].id == NULL)
			assert_string_equal(match.allow, cases[i].allow);
	}
	dg_arena_destroy(&arena);
}

static void
decodes(void **state)
{
	static const struct {
		const char *text;
		bool is_query;
		const char *want; /* NULL: wrong */
	} cases[] = {
		{"plain", false, "plain"},     {"a%2Fb", false, "a/b"},
		{"a+b", false, "a+b"},         {"a+b", true, "a b"},
		{"%C3%BC", false, "\xc3\xbc"}, {"%", false, NULL},
		{"%4", false, NULL},           {"%4g", false, NULL},
		{"%00", false, NULL},          {"%0a", false, NULL},
		{"%7f", false, NULL},          {"%ff", false, NULL},
		{"%41", false, "A"},           {"", true, ""},
	};
	struct dg_arena *arena = dg_arena_create(1 << 16);

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		struct dg_str got =
			dg_api_decode(arena, dg_str_from_cstr(cases[i].text),
				      cases[i].is_query);

		if (cases[i].want == NULL)
			assert_null(got.data);
		else
			assert_true(dg_str_eq(got,
					      dg_str_from_cstr(cases[i].want)));
	}
	dg_arena_destroy(&arena);
}

static void
permits(void **state)
{
	static const struct dg_str write_users[] = {DG_STR_INIT("users:write")};
	static const struct dg_str read_users[] = {DG_STR_INIT("users:read")};
	static const struct {
		enum dg_store_admin_role role;
		const struct dg_str *scope;
		enum dg_api_access access;
		const char *resource;
		bool is_write;
		bool want;
	} cases[] = {
		{DG_STORE_ADMIN, NULL, API_OWNER, "tokens", true, true},
		{DG_STORE_ADMIN, NULL, API_WRITE, "rules", true, true},
		{DG_STORE_ADMIN, write_users, API_WRITE, "users", true, true},
		{DG_STORE_ADMIN, write_users, API_READ, "users", false, true},
		{DG_STORE_ADMIN, write_users, API_WRITE, "rules", true, false},
		{DG_STORE_ADMIN, write_users, API_OWNER, "tokens", true, false},
		{DG_STORE_ADMIN, read_users, API_WRITE, "users", true, false},
		{DG_STORE_ADMIN, read_users, API_ANY, "self", false, true},
		{DG_STORE_STEWARD, NULL, API_READ, "rules", false, true},
		{DG_STORE_STEWARD, NULL, API_WRITE, "rules", true, true},
		{DG_STORE_STEWARD, NULL, API_OWNER, "apply", true, false},
		{DG_STORE_AUDITOR, NULL, API_READ, "audit", false, true},
		{DG_STORE_AUDITOR, NULL, API_ASK, "explain", false, true},
		{DG_STORE_AUDITOR, read_users, API_ASK, "explain", false,
		 false},
		{DG_STORE_AUDITOR, NULL, API_OWNER, "tokens", false, false},
		{DG_STORE_AUDITOR, write_users, API_WRITE, "users", true,
		 false},
	};

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		const struct dg_store_token token = {
			.role = cases[i].role,
			.scopes = cases[i].scope,
			.n_scopes = cases[i].scope == NULL ? 0 : 1,
		};
		enum dg_rc rc =
			dg_api_permit(&token, cases[i].access,
				      dg_str_from_cstr(cases[i].resource),
				      cases[i].is_write, NULL);

		assert_int_equal(rc, cases[i].want ? DG_OK : DG_ERR_DENIED);
	}
}

/* A handler may trust its access: what writes is for those who may write. */
static void
table_is_sound(void **state)
{
	(void)state;
	for (size_t i = 0; i < dg_api_n_routes; i++) {
		const struct dg_api_route *r = &dg_api_routes[i];
		bool is_read =
			dg_str_eq(dg_str_from_cstr(r->method), DG_STR("GET"));

		assert_true((r->access == API_OPEN) == (r->handle == NULL));
		assert_true(is_read || r->access == API_ASK ||
			    r->access == API_WRITE || r->access == API_OWNER);
		for (size_t j = 0; j < i; j++)
			assert_true(strcmp(r->id, dg_api_routes[j].id) != 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds),
		cmocka_unit_test(decodes),
		cmocka_unit_test(permits),
		cmocka_unit_test(table_is_sound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
