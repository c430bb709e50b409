/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_net_resolver.c - literals at once, names later and once for all who
 * ask, answers kept for a while, ends of all kinds.
 */
#include "net/resolver.h"

#include <semaphore.h>

#include "base/clock.h"
#include "net/address.h"
#include "net_rig.h"

struct world {
	struct rig rig;
	struct dg_offload *offload;
	struct dg_resolver *resolver;
};

struct answer {
	unsigned n;
	enum dg_rc rc;
	size_t n_addresses;
	char first[DG_ADDRESS_TEXT_MAX];
};

static void
world_init(struct world *world, size_t queue_max, unsigned ttl_ms)
{
	const struct dg_offload_config config = {.threads = 1,
						 .queue_max = queue_max};

	rig_init(&world->rig);
	world->offload = dg_offload_create(&config);
	world->resolver =
		dg_resolver_create(world->rig.loop, world->offload, ttl_ms);
}

static void
world_fini(struct world *world)
{
	dg_offload_destroy(&world->offload);
	dg_resolver_destroy(&world->resolver);
	assert_null(world->resolver);
	rig_fini(&world->rig);
}

static void
on_resolved(void *arg, enum dg_rc rc, const struct dg_address *addresses,
	    size_t n)
{
	struct answer *answer = arg;
	union dg_sockaddr address;

	answer->n++;
	answer->rc = rc;
	answer->n_addresses = n;
	if (n > 0) {
		memcpy(&address, &addresses[0].storage, sizeof(address));
		dg_address_format(&address, answer->first);
	}
}

static void
ask(struct world *world, const char *host, uint16_t port, struct answer *answer)
{
	*answer = (struct answer){0};
	dg_resolve(world->resolver, dg_str_from_cstr(host), port, on_resolved,
		   answer);
}

static void
test_literals(void **state)
{
	struct world world;
	struct answer answer;

	(void)state;
	world_init(&world, 4, 1000);
	ask(&world, "192.0.2.1", 8080, &answer);
	assert_int_equal(answer.n, 1);
	assert_string_equal(answer.first, "192.0.2.1:8080");
	ask(&world, "2001:db8::1", 443, &answer);
	assert_int_equal(answer.n, 1);
	assert_string_equal(answer.first, "[2001:db8::1]:443");
	world_fini(&world);
}

static void
test_names(void **state)
{
	struct world world;
	struct answer first;
	struct answer second;
	struct answer unknown;

	(void)state;
	world_init(&world, 4, 60000);
	ask(&world, "localhost", 80, &first);
	ask(&world, "localhost", 81, &second);
	assert_int_equal(first.n + second.n, 0);
	rig_until(&world.rig, first.n == 1 && second.n == 1);
	assert_int_equal(first.rc, DG_OK);
	assert_non_null(strstr(first.first, "1:80"));
	assert_non_null(strstr(second.first, "1:81"));
	/* Remembered: at once. */
	ask(&world, "localhost", 82, &first);
	assert_int_equal(first.n, 1);
	assert_non_null(strstr(first.first, "1:82"));
	ask(&world, "no-such-host.invalid", 80, &unknown);
	rig_until(&world.rig, unknown.n == 1);
	assert_int_equal(unknown.rc, DG_ERR_NOT_FOUND);
	world_fini(&world);
}

static void
test_answers_grow_old(void **state)
{
	struct world world;
	struct answer answer;
	uint64_t until;

	(void)state;
	world_init(&world, 4, 5);
	ask(&world, "localhost", 80, &answer);
	rig_until(&world.rig, answer.n == 1);
	until = dg_clock_mono_ms() + 10;
	rig_until(&world.rig, dg_clock_mono_ms() > until);
	ask(&world, "localhost", 80, &answer);
	assert_int_equal(answer.n, 0);
	rig_until(&world.rig, answer.n == 1);
	assert_int_equal(answer.rc, DG_OK);
	world_fini(&world);
}

static void
test_odd_names(void **state)
{
	struct world world;
	struct answer answer;
	char name[300];

	(void)state;
	memset(name, 'a', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	world_init(&world, 4, 1000);
	ask(&world, "", 80, &answer);
	assert_int_equal(answer.rc, DG_ERR_NOT_FOUND);
	ask(&world, name, 80, &answer);
	assert_int_equal(answer.n, 1);
	assert_int_equal(answer.rc, DG_ERR_NOT_FOUND);
	answer = (struct answer){0};
	dg_resolve(world.resolver, DG_STR("a\0b"), 80, on_resolved, &answer);
	assert_int_equal(answer.rc, DG_ERR_NOT_FOUND);
	world_fini(&world);
}

static void
wait_for_gate(void *gate)
{
	while (sem_wait(gate) != 0)
		;
}

static void
pass_gate(void *gate)
{
	(void)gate;
}

/* The pool is full, and it and the resolver end before the answer comes. */
static void
test_full_and_gone(void **state)
{
	struct world world;
	sem_t gate;
	struct answer first;
	struct answer second;

	(void)state;
	world_init(&world, 2, 1000);
	assert_int_equal(sem_init(&gate, 0, 0), 0);
	assert_int_equal(dg_offload_submit(world.offload, 0, wait_for_gate,
					   pass_gate, &gate, world.rig.loop),
			 DG_OK);
	ask(&world, "localhost", 80, &first);
	ask(&world, "other.invalid", 80, &second);
	assert_int_equal(second.n, 1);
	assert_int_equal(second.rc, DG_ERR_UNAVAILABLE);
	/* The pool ends first: it drops the job, or its answer is not read. */
	assert_int_equal(sem_post(&gate), 0);
	dg_offload_destroy(&world.offload);
	assert_int_equal(first.n, 0);
	dg_resolver_destroy(&world.resolver);
	assert_int_equal(first.n, 1);
	assert_int_equal(first.rc, DG_ERR_NOT_FOUND);
	rig_fini(&world.rig);
	assert_int_equal(sem_destroy(&gate), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_literals),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_answers_grow_old),
		cmocka_unit_test(test_odd_names),
		cmocka_unit_test(test_full_and_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
