/* SPDX-License-Identifier: Apache-2.0 */
/*
 * growth_steps.c - counts basic blocks: what the compiler calls in each under
 * -fsanitize-coverage=trace-pc, and what it calls of the C library, by bytes
 * (the linker's --wrap). Where nothing is compiled like that, nothing counts.
 */
#include "growth_steps.h"

#include <string.h>

void __sanitizer_cov_trace_pc(void);
void *__real_memchr(const void *s, int c, size_t n);
void *__wrap_memchr(const void *s, int c, size_t n);
void *__real_memmem(const void *s, size_t n, const void *what, size_t len);
void *__wrap_memmem(const void *s, size_t n, const void *what, size_t len);
void *__real_memcpy(void *to, const void *from, size_t n);
void *__wrap_memcpy(void *to, const void *from, size_t n);
void *__real_memset(void *to, int c, size_t n);
void *__wrap_memset(void *to, int c, size_t n);
int __real_memcmp(const void *a, const void *b, size_t n);
int __wrap_memcmp(const void *a, const void *b, size_t n);

enum { BYTES_A_STEP = 16 };

uint64_t growth_steps;

void
__sanitizer_cov_trace_pc(void)
{
	growth_steps++;
}

/* Up to where it found it: the rest was not looked at. */
static void
count_search(const void *s, size_t n, const void *found)
{
	if (found != NULL)
		n = (size_t)((const char *)found - (const char *)s);
	growth_steps += n / BYTES_A_STEP;
}

void *
__wrap_memchr(const void *s, int c, size_t n)
{
	void *found = __real_memchr(s, c, n);

	count_search(s, n, found);
	return found;
}

void *
__wrap_memmem(const void *s, size_t n, const void *what, size_t len)
{
	void *found = __real_memmem(s, n, what, len);

	count_search(s, n, found);
	return found;
}

void *
__wrap_memcpy(void *to, const void *from, size_t n)
{
	growth_steps += n / BYTES_A_STEP;
	return __real_memcpy(to, from, n);
}

void *
__wrap_memset(void *to, int c, size_t n)
{
	growth_steps += n / BYTES_A_STEP;
	return __real_memset(to, c, n);
}

int
__wrap_memcmp(const void *a, const void *b, size_t n)
{
	growth_steps += n / BYTES_A_STEP;
	return __real_memcmp(a, b, n);
}
