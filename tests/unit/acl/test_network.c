/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_network.c - addresses and networks as texts, and what is in what.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include "acl/acl.h"

#include <cmocka.h>

static void
test_holds(void **state)
{
	static const struct {
		const char *network;
		const char *address;
		bool holds;
	} cases[] = {
		{"10.0.0.0/8", "10.255.0.1", true},
		{"10.0.0.0/8", "11.0.0.1", false},
		{"10.0.0.0/8", "10.1.2.3:8080", true},
		{"10.0.0.0/8", "::ffff:10.1.2.3", true},
		{"10.0.0.0/8", "[::ffff:10.1.2.3]:8080", true},
		{"10.0.0.0/8", "::ffff:0a01:203", true},
		{"10.0.0.0/8", "::10.1.2.3", false},
		{"::ffff:10.0.0.0/104", "10.1.2.3", true},
		{"10.1.2.0/23", "10.1.3.255", true},
		{"10.1.2.0/23", "10.1.4.0", false},
		{"10.1.2.3", "10.1.2.3", true},
		{"10.1.2.3", "10.1.2.4", false},
		{"10.1.2.3/32", "10.1.2.3", true},
		{"0.0.0.0/0", "203.0.113.9", true},
		{"0.0.0.0/0", "2001:db8::1", false},
		{"::/0", "2001:db8::1", true},
		{"::/0", "203.0.113.9", false},
		{"::/0", "::ffff:203.0.113.9", false},
		{"2001:db8::/32", "2001:db8:ffff::1", true},
		{"2001:db8::/32", "[2001:db8::1]:443", true},
		{"2001:db8::/32", "2001:db9::1", false},
		{"2001:db8::/33", "2001:db8:8000::1", false},
		{"fe80::1", "fe80::1", true},
		{"::1", "127.0.0.1", false},
	};

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		struct dg_acl_network network;
		struct dg_acl_address address;
		struct dg_error err;

		assert_int_equal(
			dg_acl_network_parse(dg_str_from_cstr(cases[i].network),
					     &network, &err),
			DG_OK);
		assert_true(dg_acl_address_parse(
			dg_str_from_cstr(cases[i].address), &address));
		if (dg_acl_network_holds(&network, &address) != cases[i].holds)
			fail_msg("%s and %s", cases[i].network,
				 cases[i].address);
	}
}

static void
test_bad_networks(void **state)
{
	static const char *const bad[] = {
		"",
		"10.0.0.0/",
		"10.0.0.0/33",
		"10.0.0.0/-1",
		"10.0.0.0/8 ",
		"10.1.0.0/8",
		"10.0.0/8",
		"10.0.0.0/8/8",
		"*",
		"10.*",
		"2001:db8::/129",
		"2001:db8::1/32",
		"::ffff:10.0.0.0/95",
		"example.com",
		"fe80::1%eth0",
		"/8",
		"010.0.0.0/8",
	};

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(bad); i++) {
		struct dg_acl_network network;
		struct dg_error err;

		if (dg_acl_network_parse(dg_str_from_cstr(bad[i]), &network,
					 &err) != DG_ERR_INVALID)
			fail_msg("\"%s\" was taken", bad[i]);
	}
}

static void
test_bad_addresses(void **state)
{
	static const char *const bad[] = {
		"",     "unix",  "10.0.0",    "10.0.0.1:80:90",
		"[::1", "[]:80", "10.0.0.1 ", "1.2.3.4.5"};
	struct dg_acl_address address;

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(bad); i++)
		if (dg_acl_address_parse(dg_str_from_cstr(bad[i]), &address))
			fail_msg("\"%s\" was taken", bad[i]);
	assert_false(dg_acl_address_parse(DG_STR("10.0.0.1\0x"), &address));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_holds),
		cmocka_unit_test(test_bad_networks),
		cmocka_unit_test(test_bad_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
