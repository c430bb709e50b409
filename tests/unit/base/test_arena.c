/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_arena.c - alignment, zeroing, the cap, marks, poisoning.
 */
#include "base/arena.h"

#include "test_support.h"

static bool
is_zero(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (p[i] != 0)
			return false;
	}
	return true;
}

static void
test_aligned_and_zeroed(void **state)
{
	struct dg_arena *arena = dg_arena_create(10 << 20);

	(void)state;
	for (size_t round = 0; round < 2; round++) {
		for (size_t size = 0; size < 3000; size += 7) {
			char *p = dg_arena_alloc(arena, size);

			assert_non_null(p);
			assert_int_equal((uintptr_t)p % 16, 0);
			assert_true(is_zero(p, size));
			memset(p, 0xEE, size);
		}
		dg_arena_reset(arena);
		assert_int_equal(dg_arena_used(arena), 0);
	}
	dg_arena_destroy(&arena);
	assert_null(arena);
	dg_arena_destroy(&arena);
}

static void
test_cap(void **state)
{
	static const size_t caps[] = {0,    100,   4096,   8192,
				      8193, 20000, 100000, 1000000};

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(caps); i++) {
		struct dg_arena *arena = dg_arena_create(caps[i]);
		size_t got = 0;

		while (dg_arena_alloc(arena, 64) != NULL)
			got += 64;
		/* Bookkeeping included; an arena itself needs a little. */
		assert_true(dg_arena_held(arena) <= caps[i] || caps[i] < 256);
		assert_true(got <= caps[i]);
		/* Most of the cap can really be used. */
		assert_true(got + 600 + caps[i] / 8 >= caps[i]);
		assert_int_equal(dg_arena_used(arena), got);
		assert_null(dg_arena_alloc(arena, caps[i] + 1));
		dg_arena_destroy(&arena);
	}
}

static void
test_hostile_sizes(void **state)
{
	struct dg_arena *arena = dg_arena_create(1 << 20);

	(void)state;
	assert_null(dg_arena_alloc(arena, SIZE_MAX));
	assert_null(dg_arena_alloc(arena, SIZE_MAX - 15));
	assert_null(dg_arena_alloc(arena, SIZE_MAX / 2 + 1));
	assert_null(dg_arena_alloc_array(arena, SIZE_MAX / 2, 3));
	assert_null(dg_arena_alloc_array(arena, 2, SIZE_MAX));
	assert_null(dg_arena_str(arena, dg_str_make("", SIZE_MAX)).data);
	assert_int_equal(dg_arena_used(arena), 0);
	dg_arena_destroy(&arena);
}

static void
test_strings(void **state)
{
	struct dg_arena *arena = dg_arena_create(1 << 20);
	struct dg_str copy = dg_arena_str(arena, DG_STR("a\0b"));

	(void)state;
	assert_true(dg_str_eq(copy, DG_STR("a\0b")));
	assert_non_null(dg_arena_str(arena, DG_STR_EMPTY).data);
	assert_string_equal(dg_arena_cstr(arena, DG_STR("abc")), "abc");
	assert_string_equal(dg_arena_cstr(arena, DG_STR_EMPTY), "");
	assert_null(dg_arena_cstr(arena, DG_STR("a\0b")));
	assert_str(dg_arena_printf(arena, "%d-%s", 5, "x"), "5-x");
	dg_arena_destroy(&arena);

	arena = dg_arena_create(0);
	assert_null(dg_arena_str(arena, DG_STR("x")).data);
	assert_null(dg_arena_cstr(arena, DG_STR("x")));
	assert_null(dg_arena_printf(arena, "x").data);
	dg_arena_destroy(&arena);
}

static void
test_mark_and_rewind(void **state)
{
	struct dg_arena *arena = dg_arena_create(10 << 20);
	char *keep = dg_arena_alloc(arena, 100);
	struct dg_arena_mark mark;
	size_t used;
	size_t held;

	(void)state;
	memset(keep, 'k', 100);
	mark = dg_arena_mark(arena);
	used = dg_arena_used(arena);
	held = dg_arena_held(arena);
	for (int i = 0; i < 1000; i++) {
		char *p = dg_arena_alloc(arena, 999);

		assert_non_null(p);
		memset(p, 'x', 999);
	}
	assert_true(dg_arena_held(arena) > held);
	dg_arena_rewind(arena, mark);
	assert_int_equal(dg_arena_used(arena), used);
	assert_int_equal(dg_arena_held(arena), held);
	assert_int_equal(keep[99], 'k');
	assert_true(is_zero(dg_arena_alloc(arena, 200), 200));
	dg_arena_destroy(&arena);
}

static void
test_one_large_allocation(void **state)
{
	struct dg_arena *arena = dg_arena_create(4 << 20);
	char *p = dg_arena_alloc(arena, 3 << 20);

	(void)state;
	assert_non_null(p);
	assert_true(is_zero(p, 3 << 20));
	assert_non_null(dg_arena_alloc(arena, 100));
	assert_null(dg_arena_alloc(arena, 2 << 20));
	dg_arena_destroy(&arena);
}

#if defined(__SANITIZE_ADDRESS__)
#define HAS_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_ASAN 1
#endif
#endif

#ifdef HAS_ASAN
#include <sanitizer/asan_interface.h>

static void
test_poison(void **state)
{
	struct dg_arena *arena = dg_arena_create(1 << 20);
	struct dg_arena_mark mark = dg_arena_mark(arena);
	char *p = dg_arena_alloc(arena, 10);

	(void)state;
	assert_false(__asan_address_is_poisoned(p + 9));
	assert_true(__asan_address_is_poisoned(p + 10));
	dg_arena_rewind(arena, mark);
	assert_true(__asan_address_is_poisoned(p));
	dg_arena_destroy(&arena);
}

/* Nobody may look. */
static void
test_secrets(void **state)
{
	(void)state;
	skip();
}
#else
/* What was given back is looked at in the first chunk, which stays. */
static void
test_secrets(void **state)
{
	struct dg_arena *arena = dg_arena_create(1 << 20);
	struct dg_arena_mark mark;
	char *p;

	(void)state;
	for (int secret = 0; secret < 2; secret++) {
		if (secret)
			dg_arena_keep_secrets(arena);
		mark = dg_arena_mark(arena);
		p = dg_arena_alloc(arena, 100);
		memset(p, 's', 100);
		assert_non_null(dg_arena_alloc(arena, 100000));
		dg_arena_rewind(arena, mark);
		assert_int_equal(is_zero(p, 100), secret);
	}
	p = dg_arena_alloc(arena, 100);
	memset(p, 's', 100);
	dg_arena_reset(arena);
	assert_true(is_zero(p, 100));
	dg_arena_destroy(&arena);
}

static void
test_poison(void **state)
{
	(void)state;
	skip();
}
#endif

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_aligned_and_zeroed),
		cmocka_unit_test(test_cap),
		cmocka_unit_test(test_hostile_sizes),
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_mark_and_rewind),
		cmocka_unit_test(test_one_large_allocation),
		cmocka_unit_test(test_secrets),
		cmocka_unit_test(test_poison),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
