/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_seal.c - sealed URIs: what goes in comes out, nothing else does.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "presto/aead.h"
#include "presto/seal.h"

#define KEY1 "1 MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
#define KEY2 "2 YWJjZGVmZ2hpamFiY2RlZmdoaWphYmNkZWZnaGlqYWI="

static struct dg_arena *arena;

static int
setup(void **state)
{
	(void)state;
	arena = dg_arena_create(1 << 20);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	dg_arena_destroy(&arena);
	return 0;
}

static struct dg_keyring *
ring_of(const char *lines)
{
	struct dg_keyring *ring = NULL;
	struct dg_error err;

	assert_int_equal(dg_keyring_parse(dg_str_from_cstr(lines), &ring, &err),
			 DG_OK);
	return ring;
}

static struct dg_sealed
sample(void)
{
	return (struct dg_sealed){
		.phase = DG_SEAL_EXECUTING,
		.flags = DG_SEAL_CHECKED | DG_SEAL_STARTED,
		.query_id = DG_STR("20260801_101112_00007_k3x9z"),
		.cluster = DG_STR("east"),
		.path = DG_STR("/v1/statement/executing/x/ya/0?a=b"),
		.principal = DG_STR("bi"),
		.session_user = DG_STR("alice"),
		.statement_id = DG_STR("s1"),
		.rights = UINT64_MAX - 1,
		.started_us = -5,
		.expires_us = 1000,
		.bytes = UINT64_MAX,
		.extra = DG_STR("x\0y"),
		.changes = DG_STR("c\0s\0t\0"),
	};
}

static void
expect_same(const struct dg_sealed *a, const struct dg_sealed *b)
{
	assert_int_equal(a->phase, b->phase);
	assert_int_equal(a->flags, b->flags);
	assert_true(dg_str_eq(a->query_id, b->query_id));
	assert_true(dg_str_eq(a->cluster, b->cluster));
	assert_true(dg_str_eq(a->path, b->path));
	assert_true(dg_str_eq(a->principal, b->principal));
	assert_true(dg_str_eq(a->session_user, b->session_user));
	assert_true(dg_str_eq(a->statement_id, b->statement_id));
	assert_true(dg_str_eq(a->extra, b->extra));
	assert_true(dg_str_eq(a->changes, b->changes));
	assert_int_equal(a->rights, b->rights);
	assert_int_equal(a->started_us, b->started_us);
	assert_int_equal(a->expires_us, b->expires_us);
	assert_int_equal(a->bytes, b->bytes);
}

static void
round_trip_on(struct dg_keyring *from, struct dg_keyring *to)
{
	struct dg_sealed in = sample();
	struct dg_sealed out;
	struct dg_buf text;

	dg_buf_init(&text, 10000);
	for (int i = 0; i < 3; i++) {
		dg_buf_clear(&text);
		assert_int_equal(dg_seal_uri(from, &in, &text), DG_OK);
		assert_true(dg_str_starts_with(
			dg_buf_peek(&text),
			DG_STR("/v1/statement/executing/"
			       "20260801_101112_00007_k3x9z/")));
		assert_int_equal(
			dg_unseal_uri(to, dg_buf_peek(&text), 999, arena, &out),
			DG_OK);
		expect_same(&in, &out);
	}
	dg_buf_fini(&text);
}

static void
round_trips(void **state)
{
	(void)state;
	/* Two replicas: same key, salts of their own. */
	struct dg_keyring *a = ring_of(KEY1 "\n" KEY2 "\n");
	struct dg_keyring *b = ring_of("# rotated\n" KEY2 "\n\n" KEY1);

	round_trip_on(a, a);
	round_trip_on(a, b);
	round_trip_on(b, a);
	dg_aead_use(a, DG_AEAD_XCHACHA);
	round_trip_on(a, b);
	/* The other's AES messages, opened without libsodium's AES. */
	round_trip_on(b, a);
	dg_keyring_destroy(&a);
	dg_keyring_destroy(&b);
	assert_null(a);
}

static void
same_user_rides_once(void **state)
{
	(void)state;
	struct dg_keyring *ring = dg_keyring_random();
	struct dg_sealed in = sample();
	struct dg_sealed out;
	struct dg_buf text;

	in.session_user = in.principal;
	dg_buf_init(&text, 10000);
	assert_int_equal(dg_seal_uri(ring, &in, &text), DG_OK);
	assert_int_equal(
		dg_unseal_uri(ring, dg_buf_peek(&text), 0, arena, &out), DG_OK);
	expect_same(&in, &out);
	dg_buf_fini(&text);
	dg_keyring_destroy(&ring);
}

static void
expires(void **state)
{
	(void)state;
	struct dg_keyring *ring = dg_keyring_random();
	struct dg_sealed in = sample();
	struct dg_sealed out;
	struct dg_buf text;

	dg_buf_init(&text, 10000);
	assert_int_equal(dg_seal_uri(ring, &in, &text), DG_OK);
	assert_int_equal(
		dg_unseal_uri(ring, dg_buf_peek(&text), 1000, arena, &out),
		DG_ERR_TIMEOUT);
	expect_same(&in, &out);
	dg_buf_fini(&text);
	dg_keyring_destroy(&ring);
}

/* Every byte of the path matters. */
static void
refuses_altered(void **state)
{
	(void)state;
	struct dg_keyring *rings[] = {ring_of(KEY1), ring_of(KEY1)};
	struct dg_sealed in = sample();
	struct dg_sealed out;
	struct dg_buf text;

	dg_aead_use(rings[1], DG_AEAD_XCHACHA);
	for (int r = 0; r < 2; r++) {
		struct dg_str path;

		dg_buf_init(&text, 10000);
		assert_int_equal(dg_seal_uri(rings[r], &in, &text), DG_OK);
		path = dg_buf_peek(&text);
		for (size_t i = 0; i < path.len; i++) {
			char *p = text.data + text.head + i;
			char was = *p;

			*p = was == 'A' ? 'B' : 'A';
			assert_int_not_equal(
				dg_unseal_uri(rings[0], path, 0, arena, &out),
				DG_OK);
			*p = was;
			assert_int_not_equal(
				dg_unseal_uri(rings[0],
					      dg_str_slice(path, 0, i), 0,
					      arena, &out),
				DG_OK);
			dg_arena_reset(arena);
		}
		assert_int_equal(dg_unseal_uri(rings[0], path, 0, arena, &out),
				 DG_OK);
		dg_buf_fini(&text);
	}
	dg_keyring_destroy(&rings[0]);
	dg_keyring_destroy(&rings[1]);
}

static void
refuses_other_places_and_keys(void **state)
{
	(void)state;
	struct dg_keyring *ring = ring_of(KEY1);
	struct dg_keyring *other = ring_of(KEY2);
	/* The same id over another key. */
	struct dg_keyring *forged =
		ring_of("1 YWJjZGVmZ2hpamFiY2RlZmdoaWphYmNkZWZnaGlqYWI=");
	struct dg_sealed in = sample();
	struct dg_sealed_transaction transaction;
	struct dg_sealed out;
	struct dg_buf text;
	struct dg_str sealed;
	struct dg_str path;
	size_t at;

	dg_buf_init(&text, 10000);
	assert_int_equal(dg_seal_uri(ring, &in, &text), DG_OK);
	assert_int_equal(
		dg_unseal_uri(other, dg_buf_peek(&text), 0, arena, &out),
		DG_ERR_INVALID);
	assert_int_equal(
		dg_unseal_uri(forged, dg_buf_peek(&text), 0, arena, &out),
		DG_ERR_INVALID);
	at = dg_buf_len(&text);
	while (dg_buf_peek(&text).data[at - 1] != '/')
		at--;
	sealed = dg_str_slice(dg_buf_peek(&text), at, dg_buf_len(&text));
	path = dg_arena_printf(arena, "/v1/statement/queued/%.*s/%.*s",
			       DG_STR_ARG(in.query_id), DG_STR_ARG(sealed));
	assert_int_equal(dg_unseal_uri(ring, path, 0, arena, &out),
			 DG_ERR_INVALID);
	path = dg_arena_printf(arena, "/v1/statement/executing/other/%.*s",
			       DG_STR_ARG(sealed));
	assert_int_equal(dg_unseal_uri(ring, path, 0, arena, &out),
			 DG_ERR_INVALID);
	/* A URI is no transaction. */
	assert_int_equal(
		dg_unseal_transaction(ring, sealed, 0, arena, &transaction),
		DG_ERR_INVALID);
	dg_buf_fini(&text);
	dg_keyring_destroy(&ring);
	dg_keyring_destroy(&other);
	dg_keyring_destroy(&forged);
}

static void
knows_its_paths(void **state)
{
	(void)state;
	static const char *const paths[] = {
		"/v1/statement",
		"/v1/statement/",
		"/v1/statement/queued",
		"/v1/statement/queued/",
		"/v1/statement/queued/retry",
		"/v1/statement/other/20260801/AA",
		"/v1/statement/queued/UPPER/AA",
		"/v1/statement/queued//AA",
		"/v1/query/x",
	};
	struct dg_keyring *ring = dg_keyring_random();
	struct dg_sealed out;
	struct dg_sealed in = sample();
	struct dg_buf text;

	for (size_t i = 0; i < DG_ARRAY_LEN(paths); i++) {
		enum dg_rc rc = dg_unseal_uri(ring, dg_str_from_cstr(paths[i]),
					      0, arena, &out);

		assert_true(rc == DG_ERR_NOT_FOUND || rc == DG_ERR_INVALID);
	}
	dg_buf_init(&text, 10000);
	in.query_id = DG_STR("a/b");
	assert_int_equal(dg_seal_uri(ring, &in, &text), DG_ERR_INVALID);
	in.query_id = DG_STR_EMPTY;
	assert_int_equal(dg_seal_uri(ring, &in, &text), DG_ERR_INVALID);
	in = sample();
	in.extra = dg_str_make(dg_arena_alloc(arena, 6000), 6000);
	assert_int_equal(dg_seal_uri(ring, &in, &text), DG_ERR_LIMIT);
	assert_int_equal(dg_buf_len(&text), 0);
	dg_buf_fini(&text);
	dg_keyring_destroy(&ring);
}

static void
longest_fits_the_path(void **state)
{
	(void)state;
	struct dg_keyring *ring = dg_keyring_random();
	struct dg_sealed in = sample();
	struct dg_sealed out;
	struct dg_buf text;

	in.extra = dg_str_make(dg_arena_alloc(arena, 5400), 5400);
	dg_buf_init(&text, 10000);
	assert_int_equal(dg_seal_uri(ring, &in, &text), DG_OK);
	assert_true(dg_buf_len(&text) <= DG_SEAL_PATH_MAX);
	assert_int_equal(
		dg_unseal_uri(ring, dg_buf_peek(&text), 0, arena, &out), DG_OK);
	dg_buf_fini(&text);
	dg_keyring_destroy(&ring);
}

static void
transactions(void **state)
{
	(void)state;
	struct dg_keyring *ring = ring_of(KEY1);
	struct dg_keyring *other = ring_of(KEY1);
	const struct dg_sealed_transaction in = {
		.cluster = DG_STR("east"),
		.principal = DG_STR("bi"),
		.session_user = DG_STR("alice"),
		.id = DG_STR("uuid"),
		.expires_us = 1000,
	};
	struct dg_sealed_transaction out;
	struct dg_buf text;

	dg_buf_init(&text, 10000);
	assert_int_equal(dg_seal_transaction(ring, &in, &text), DG_OK);
	for (size_t i = 0; i < dg_buf_len(&text); i++) {
		char c = dg_buf_peek(&text).data[i];

		assert_true(c > ' ' && c < 0x7f && c != ',');
	}
	assert_int_equal(dg_unseal_transaction(other, dg_buf_peek(&text), 999,
					       arena, &out),
			 DG_OK);
	assert_true(dg_str_eq(out.cluster, in.cluster));
	assert_true(dg_str_eq(out.principal, in.principal));
	assert_true(dg_str_eq(out.session_user, in.session_user));
	assert_true(dg_str_eq(out.id, in.id));
	assert_int_equal(out.expires_us, 1000);
	assert_int_equal(dg_unseal_transaction(other, dg_buf_peek(&text), 1000,
					       arena, &out),
			 DG_ERR_TIMEOUT);
	assert_int_equal(
		dg_unseal_transaction(ring, DG_STR("NONE"), 0, arena, &out),
		DG_ERR_INVALID);
	dg_buf_fini(&text);
	dg_keyring_destroy(&ring);
	dg_keyring_destroy(&other);
}

static void
bad_rings(void **state)
{
	(void)state;
	static const char *const rings[] = {
		"",
		"# only a comment\n",
		"x "
		"MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
		"256 MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
		"1",
		"1 c2hvcnQ=",
		"1 MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc4OTAx",
		KEY1 "\n" KEY1,
	};

	for (size_t i = 0; i < DG_ARRAY_LEN(rings); i++) {
		struct dg_keyring *ring = NULL;
		struct dg_error err;

		assert_int_equal(dg_keyring_parse(dg_str_from_cstr(rings[i]),
						  &ring, &err),
				 DG_ERR_INVALID);
		assert_null(ring);
		assert_null(strstr(err.text, "MDEy"));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		TEST(round_trips),
		TEST(same_user_rides_once),
		TEST(expires),
		TEST(refuses_altered),
		TEST(refuses_other_places_and_keys),
		TEST(knows_its_paths),
		TEST(longest_fits_the_path),
		TEST(transactions),
		TEST(bad_rings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
