/* SPDX-License-Identifier: Apache-2.0 */
/*
 * growth_steps.h - how far the code under growth.c has gone.
 */
#ifndef DG_TESTS_BENCH_GROWTH_STEPS_H
#define DG_TESTS_BENCH_GROWTH_STEPS_H

#include <stdint.h>

#ifdef GROWTH_UNCOUNTED
static uint64_t growth_steps;
#else
extern uint64_t growth_steps;
#endif

#endif
