/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clock.h - the two clocks: monotonic for deadlines, wall for people.
 */
#ifndef DG_BASE_CLOCK_H
#define DG_BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

/* CLOCK_MONOTONIC; never goes back, says nothing about the date. */
uint64_t dg_clock_mono_ms(void);
uint64_t dg_clock_mono_us(void);
/* Microseconds since 1970-01-01 UTC. */
int64_t dg_clock_wall_us(void);

#define DG_CLOCK_TEXT_MAX 32
/* "2026-01-31T12:34:56.123456Z" into out. */
void dg_clock_format_utc(int64_t wall_us, char out[DG_CLOCK_TEXT_MAX]);

#endif
