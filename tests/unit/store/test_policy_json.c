/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_policy_json.c - policies as JSON: the same errors as files, by pointer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/admin.h"

/* The errors of a policy in JSON; "" when there is none. */
static const char *
errors_of(const char *json, bool is_partial)
{
	static char text[4096];
	struct dg_store_policy_file *file = NULL;
	struct dg_json *root = NULL;
	struct dg_error err = {.text = ""};
	struct dg_buf errors;
	enum dg_rc rc;

	assert_int_equal(
		dg_json_parse(dg_str_from_cstr(json), 1 << 20, &root, &err),
		DG_OK);
	dg_buf_init(&errors, sizeof(text) - 1);
	rc = dg_store_policy_parse_json(root, is_partial, &file, &errors);
	memcpy(text, dg_buf_peek(&errors).data, dg_buf_len(&errors));
	text[dg_buf_len(&errors)] = '\0';
	assert_true((rc == DG_OK) == (text[0] == '\0'));
	assert_true((rc == DG_OK) == (file != NULL));
	dg_store_policy_destroy(&file);
	dg_buf_fini(&errors);
	dg_json_destroy(&root);
	return text;
}

static void
tells_places(void **state)
{
	static const struct {
		const char *json;
		const char *want;
	} cases[] = {
		{"{}", ""},
		{"{\"users\":[{\"name\":\"a\"}]}", ""},
		{"{\"users\":[{\"name\":\"a\",\"password\":\"p\"}]}", ""},
		{"[]", "\ta policy is a mapping: users, roles, clusters, "
		       "rules\n"},
		{"{\"users\":{}}", "/users\tusers must be a list\n"},
		{"{\"users\":[{\"name\":1}]}",
		 "/users/0/name\tname must be a text\n"},
		{"{\"users\":[{\"name\":\"a\",\"x/y~z\":1}]}",
		 "/users/0/x~1y~0z\tunknown key \"x/y~z\" in a user\n"},
		{"{\"users\":[{\"name\":\"a\"},{\"name\":\"a\"}]}",
		 "/users/1\tuser \"a\" is there twice\n"},
		{"{\"roles\":[{\"name\":\"r\",\"members\":\"a\"}]}",
		 "/roles/0/members\tmembers must be a list of texts\n"},
		{"{\"users\":[{\"name\":\"a\",\"password_file\":\"/x\"}]}",
		 "/users/0/password_file\tpassword_file would be read on "
		 "another machine than yours\n"},
		{"{\"users\":[{\"name\":\"a\",\"password\":\"\"}]}",
		 "/users/0/password\ta password has 1 to 1024 bytes\n"},
		{"{\"users\":[],\"roles\":[{\"name\":\"r\","
		 "\"members\":[\"a\"]}]}",
		 "/roles/0\trole \"r\" names user \"a\", which is not in the "
		 "file\n"},
		{"[[[[[[[[[[]]]]]]]]]]", "\tnested too deep or too large\n"},
	};

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++)
		assert_string_equal(errors_of(cases[i].json, false),
				    cases[i].want);
}

/* A part names what stands elsewhere. */
static void
parts(void **state)
{
	(void)state;
	assert_string_equal(
		errors_of("{\"users\":[],\"roles\":[{\"name\":\"r\","
			  "\"members\":[\"a\"]}]}",
			  true),
		"");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_places),
		cmocka_unit_test(parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
