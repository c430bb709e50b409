/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_map.c - the map against a plain array, and SipHash's known answers.
 */
#include "base/map.h"

#include <stdio.h>

#include "base/mem.h"
#include "test_support.h"

static void
test_basics(void **state)
{
	struct dg_map map;
	int one = 1;
	int two = 2;
	void *old = &two;

	(void)state;
	dg_map_init(&map, NULL);
	assert_null(dg_map_get(&map, DG_STR("a")));
	assert_null(dg_map_remove(&map, DG_STR("a")));
	assert_int_equal(dg_map_put(&map, DG_STR("a"), &one, &old), DG_OK);
	assert_null(old);
	assert_int_equal(dg_map_put(&map, DG_STR("a"), &two, &old), DG_OK);
	assert_ptr_equal(old, &one);
	assert_int_equal(dg_map_put(&map, DG_STR(""), &one, NULL), DG_OK);
	assert_int_equal(map.count, 2);
	assert_ptr_equal(dg_map_get(&map, DG_STR("a")), &two);
	assert_ptr_equal(dg_map_get(&map, DG_STR_EMPTY), &one);
	assert_ptr_equal(dg_map_remove(&map, DG_STR("a")), &two);
	assert_null(dg_map_get(&map, DG_STR("a")));
	assert_int_equal(map.count, 1);
	dg_map_fini(&map);
	assert_int_equal(map.count, 0);
}

enum { KEYS = 500, STEPS = 60000 };

/* Random puts and removes; the array of values is the truth. */
static void
run_against_array(struct dg_map *map)
{
	static char names[KEYS][16];
	static int values[KEYS];
	static bool present[KEYS];
	size_t count = 0;
	unsigned random = 99;

	memset(present, 0, sizeof(present));
	for (int i = 0; i < KEYS; i++)
		snprintf(names[i], sizeof(names[i]), "key-%d", i);
	for (int step = 0; step < STEPS; step++) {
		size_t k;
		struct dg_str key;

		random = random * 1103515245 + 12345;
		k = (random >> 8) % KEYS;
		key = dg_str_from_cstr(names[k]);
		assert_ptr_equal(dg_map_get(map, key),
				 present[k] ? &values[k] : NULL);
		if ((random >> 28) % 2 == 0) {
			assert_int_equal(dg_map_put(map, key, &values[k], NULL),
					 DG_OK);
			count += !present[k];
			present[k] = true;
		} else {
			assert_ptr_equal(dg_map_remove(map, key),
					 present[k] ? &values[k] : NULL);
			count -= present[k];
			present[k] = false;
		}
		assert_int_equal(map->count, count);
	}
	for (size_t k = 0; k < KEYS; k++)
		assert_ptr_equal(dg_map_get(map, dg_str_from_cstr(names[k])),
				 present[k] ? &values[k] : NULL);
}

static void
test_against_array(void **state)
{
	struct dg_arena *arena = dg_arena_create(1 << 20);
	struct dg_map map;

	(void)state;
	dg_map_init(&map, NULL);
	run_against_array(&map);
	dg_map_fini(&map);
	dg_map_init(&map, arena);
	run_against_array(&map);
	dg_arena_destroy(&arena);
}

static void
test_iteration_sees_each_once(void **state)
{
	static char names[100][16];
	static int seen[100];
	struct dg_map_iter iter = {0};
	struct dg_map map;
	size_t n = 0;

	(void)state;
	dg_map_init(&map, NULL);
	assert_false(dg_map_next(&map, &iter));
	for (int i = 0; i < 100; i++) {
		snprintf(names[i], sizeof(names[i]), "%d", i);
		assert_int_equal(dg_map_put(&map, dg_str_from_cstr(names[i]),
					    &seen[i], NULL),
				 DG_OK);
	}
	iter = (struct dg_map_iter){0};
	while (dg_map_next(&map, &iter)) {
		(*(int *)iter.value)++;
		n++;
	}
	assert_int_equal(n, 100);
	for (int i = 0; i < 100; i++)
		assert_int_equal(seen[i], 1);
	dg_map_fini(&map);
}

static void
test_full_arena(void **state)
{
	static char names[1000][16];
	struct dg_arena *arena = dg_arena_create(4096);
	struct dg_map map;
	enum dg_rc rc = DG_OK;
	int n = 0;

	(void)state;
	dg_map_init(&map, arena);
	while (rc == DG_OK && n < 1000) {
		snprintf(names[n], sizeof(names[n]), "%d", n);
		rc = dg_map_put(&map, dg_str_from_cstr(names[n]), arena, NULL);
		n += rc == DG_OK;
	}
	assert_int_equal(rc, DG_ERR_LIMIT);
	/* What is in stays in. */
	assert_int_equal(map.count, n);
	for (int i = 0; i < n; i++)
		assert_ptr_equal(dg_map_get(&map, dg_str_from_cstr(names[i])),
				 arena);
	dg_arena_destroy(&arena);
}

/* Computed with an independent SipHash-1-3, key 00 01 .. 0f. */
static void
test_siphash(void **state)
{
	const uint64_t k0 = UINT64_C(0x0706050403020100);
	const uint64_t k1 = UINT64_C(0x0f0e0d0c0b0a0908);
	static const uint64_t expected[] = {
		UINT64_C(0xabac0158050fc4dc), UINT64_C(0xc9f49bf37d57ca93),
		UINT64_C(0x82cb9b024dc7d44d), UINT64_C(0x8bf80ab8e7ddf7fb),
		UINT64_C(0xcf75576088d38328), UINT64_C(0xdef9d52f49533b67),
		UINT64_C(0xc50d2b50c59f22a7), UINT64_C(0xd3927d989bb11140),
		UINT64_C(0x369095118d299a8e), UINT64_C(0x25a48eb36c063de4),
		UINT64_C(0x79de85ee92ff097f), UINT64_C(0x70c118c1f94dc352),
		UINT64_C(0x78a384b157b4d9a2), UINT64_C(0x306f760c1229ffa7),
		UINT64_C(0x605aa111c0f95d34), UINT64_C(0xd320d86d2a519956),
		UINT64_C(0xcc4fdd1a7d908b66), UINT64_C(0x9cf2689063dbd80c),
	};
	unsigned char in[DG_ARRAY_LEN(expected)];

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(expected); i++) {
		in[i] = (unsigned char)i;
		assert_true(dg_hash_seeded(k0, k1, in, i) == expected[i]);
	}
	assert_true(dg_hash("a", 1) == dg_hash("a", 1));
	assert_true(dg_hash("a", 1) != dg_hash("b", 1));
}

/* The same bytes hash alike wherever they lie; one byte more or less does not.
 */
static void
test_quick_hash(void **state)
{
	char text[80];
	uint64_t seen[70];

	(void)state;
	memset(text, 'x', sizeof(text));
	for (size_t len = 0; len < DG_ARRAY_LEN(seen); len++) {
		char copy[80];

		seen[len] = dg_hash_quick(text, len);
		memcpy(copy + 3, text, len);
		assert_true(dg_hash_quick(copy + 3, len) == seen[len]);
		for (size_t i = 0; i < len; i++) {
			assert_true(seen[i] != seen[len]);
			copy[3 + i] ^= 1;
			assert_true(dg_hash_quick(copy + 3, len) != seen[len]);
			copy[3 + i] ^= 1;
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_basics),
		cmocka_unit_test(test_against_array),
		cmocka_unit_test(test_iteration_sees_each_once),
		cmocka_unit_test(test_full_arena),
		cmocka_unit_test(test_siphash),
		cmocka_unit_test(test_quick_hash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
