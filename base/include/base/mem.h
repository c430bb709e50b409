/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mem.h - heap memory for objects whose size we choose ourselves.
 *
 * These abort when memory is gone (as h2o and Dovecot do): a size asked for by
 * a peer must go through a capped dg_buf or dg_arena instead.
 */
#ifndef DG_BASE_MEM_H
#define DG_BASE_MEM_H

#include <stddef.h>

#include "base/attributes.h"

DG_BEGIN_DECLS

/* Zeroed memory; never NULL. Free with dg_free. */
void *dg_calloc(size_t count, size_t size) DG_MUST_CHECK;
void *dg_realloc(void *ptr, size_t count, size_t size) DG_MUST_CHECK;
char *dg_strdup(const char *s) DG_MUST_CHECK;
void dg_free(void *ptr);

/*
 * For a program that serves: 64 MiB of freed memory stay the process's. Else a
 * large statement has every page that it needs faulted in by the kernel, which
 * takes as long again as reading it. Once, before there are threads.
 */
void dg_mem_keep_freed(void);

/* Overwrites secrets in a way the compiler may not remove. */
void dg_wipe(void *ptr, size_t len);

#define DG_NEW(type) ((type *)dg_calloc(1, sizeof(type)))
#define DG_NEW_ARRAY(type, n) ((type *)dg_calloc((n), sizeof(type)))

DG_END_DECLS

#endif
