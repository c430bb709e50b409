/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mem.c - heap wrappers that abort when memory is gone. See mem.h.
 */
#include "base/mem.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEPT_BYTES = 64 << 20, MAPPED_FROM_BYTES = 16 << 20 };

DG_NORETURN static void
die_of_memory(size_t count, size_t size)
{
	fprintf(stderr, "out of memory: %zu x %zu bytes\n", count, size);
	abort();
}

void
dg_mem_keep_freed(void)
{
	/* Where the C library knows no such setting, it is slower: no harm. */
	(void)mallopt(M_TRIM_THRESHOLD, KEPT_BYTES);
	(void)mallopt(M_MMAP_THRESHOLD, MAPPED_FROM_BYTES);
}

void *
dg_calloc(size_t count, size_t size)
{
	void *ptr;

	if (count == 0 || size == 0) {
		count = 1;
		size = 1;
	}
	ptr = calloc(count, size);
	if (ptr == NULL)
		die_of_memory(count, size);
	return ptr;
}

void *
dg_realloc(void *ptr, size_t count, size_t size)
{
	void *moved;

	if (count == 0 || size == 0) {
		count = 1;
		size = 1;
	}
	moved = reallocarray(ptr, count, size);
	if (moved == NULL)
		die_of_memory(count, size);
	return moved;
}

char *
dg_strdup(const char *s)
{
	size_t len = strlen(s) + 1;
	char *copy = dg_calloc(len, 1);

	memcpy(copy, s, len);
	return copy;
}

void
dg_free(void *ptr)
{
	free(ptr);
}

void
dg_wipe(void *ptr, size_t len)
{
	if (len > 0)
		explicit_bzero(ptr, len);
}
