/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_net_listener.c - who may share a port and who may not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "net/listener.h"

static void
on_accept(void *arg, int fd, const char *peer)
{
	(void)arg;
	(void)fd;
	(void)peer;
}

static void
shares_a_port_only_on_purpose(void **state)
{
	struct dg_loop *loop = dg_loop_create("test", 16);
	struct dg_listener *first;
	struct dg_listener *second;
	struct dg_error err;
	char address[32];

	(void)state;
	assert_int_equal(dg_listener_open(loop, DG_STR("127.0.0.1:0"),
					  on_accept, NULL, &first, &err),
			 DG_OK);
	(void)snprintf(address, sizeof(address), "127.0.0.1:%u",
		       dg_listener_port(first));
	/* Another worker joins; another program would not get that far. */
	assert_int_equal(dg_listener_open(loop, dg_str_from_cstr(address),
					  on_accept, NULL, &second, &err),
			 DG_OK);
	assert_int_equal(
		dg_listener_check_free(dg_str_from_cstr(address), &err),
		DG_ERR_IO);
	assert_non_null(strstr(err.text, address));
	dg_listener_close(&first);
	dg_listener_close(&second);
	assert_int_equal(
		dg_listener_check_free(dg_str_from_cstr(address), &err), DG_OK);
	dg_loop_destroy(&loop);
}

static void
refuses_what_is_no_address(void **state)
{
	static const char *const texts[] = {
		"",    "here", "localhost:1", "127.0.0.1:", "127.0.0.1:99999",
		"[::1"};
	struct dg_error err;

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(texts); i++)
		assert_int_equal(dg_listener_check_free(
					 dg_str_from_cstr(texts[i]), &err),
				 DG_ERR_INVALID);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shares_a_port_only_on_purpose),
		cmocka_unit_test(refuses_what_is_no_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
