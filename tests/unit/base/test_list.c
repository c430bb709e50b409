/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_list.c - order, removal while walking, links that know they are free.
 */
#include "base/list.h"

#include "test_support.h"

struct item {
	int n;
	struct dg_list link;
};

/* The items' numbers as one decimal: 1, 2, 3 gives 123. */
static int
digits(const struct dg_list *head)
{
	struct dg_list *it;
	struct dg_list *tmp;
	int n = 0;

	DG_LIST_FOREACH (it, tmp, head)
		n = n * 10 + DG_CONTAINER_OF(it, struct item, link)->n;
	return n;
}

static void
test_order(void **state)
{
	struct item items[3] = {{.n = 1}, {.n = 2}, {.n = 3}};
	struct dg_list head;

	(void)state;
	dg_list_init(&head);
	assert_true(dg_list_is_empty(&head));
	for (int i = 0; i < 3; i++) {
		dg_list_init(&items[i].link);
		assert_false(dg_list_is_linked(&items[i].link));
	}
	dg_list_append(&head, &items[1].link);
	dg_list_append(&head, &items[2].link);
	dg_list_prepend(&head, &items[0].link);
	assert_int_equal(digits(&head), 123);
	dg_list_remove(&items[1].link);
	assert_false(dg_list_is_linked(&items[1].link));
	assert_int_equal(digits(&head), 13);
	dg_list_prepend(&head, &items[1].link);
	assert_int_equal(digits(&head), 213);
	assert_true(dg_list_is_linked(&items[1].link));
}

static void
test_removal_while_walking(void **state)
{
	struct item items[5] = {
		{.n = 1}, {.n = 2}, {.n = 3}, {.n = 4}, {.n = 5}};
	struct dg_list head;
	struct dg_list *it;
	struct dg_list *tmp;

	(void)state;
	dg_list_init(&head);
	for (int i = 0; i < 5; i++)
		dg_list_append(&head, &items[i].link);
	DG_LIST_FOREACH (it, tmp, &head) {
		if (DG_CONTAINER_OF(it, struct item, link)->n % 2 != 0)
			dg_list_remove(it);
	}
	assert_int_equal(digits(&head), 24);
	DG_LIST_FOREACH (it, tmp, &head)
		dg_list_remove(it);
	assert_true(dg_list_is_empty(&head));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_removal_while_walking),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
