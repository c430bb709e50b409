/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clock.c - reading the two clocks. See clock.h.
 */
#include "base/clock.h"

#include <stdio.h>
#include <time.h>

#include "base/assert.h"

enum { US_PER_S = 1000000 };

static struct timespec
read_clock(clockid_t id)
{
	struct timespec now;

	DG_ASSERT(clock_gettime(id, &now) == 0);
	return now;
}

uint64_t
dg_clock_mono_us(void)
{
	struct timespec now = read_clock(CLOCK_MONOTONIC);

	return (uint64_t)now.tv_sec * US_PER_S + (uint64_t)now.tv_nsec / 1000;
}

uint64_t
dg_clock_mono_ms(void)
{
	return dg_clock_mono_us() / 1000;
}

int64_t
dg_clock_wall_us(void)
{
	struct timespec now = read_clock(CLOCK_REALTIME);

	return (int64_t)now.tv_sec * US_PER_S + now.tv_nsec / 1000;
}

void
dg_clock_format_utc(int64_t wall_us, char out[DG_CLOCK_TEXT_MAX])
{
	time_t seconds = (time_t)(wall_us / US_PER_S);
	int fraction = (int)(wall_us % US_PER_S);
	struct tm tm;
	char date[DG_CLOCK_TEXT_MAX - 8];

	if (fraction < 0) {
		fraction += US_PER_S;
		seconds--;
	}
	if (gmtime_r(&seconds, &tm) == NULL ||
	    strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm) == 0) {
		out[0] = '\0';
		return;
	}
	snprintf(out, DG_CLOCK_TEXT_MAX, "%s.%06uZ", date,
		 (unsigned)fraction % US_PER_S);
}
