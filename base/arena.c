/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arena.c - chunked bump allocation. See arena.h.
 *
 *     arena -> chunk (newest) -> chunk -> ... -> first chunk
 *              | header | handed out | room |
 *
 * The arena's own struct lives in front of the first chunk: one malloc for a
 * statement that stays small. Bytes that were not handed out are poisoned
 * under AddressSanitizer.
 */
#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/assert.h"
#include "base/mem.h"

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#endif

#ifdef ARENA_ASAN
#include <sanitizer/asan_interface.h>
#define ARENA_POISON(p, n) ASAN_POISON_MEMORY_REGION((p), (n))
#define ARENA_UNPOISON(p, n) ASAN_UNPOISON_MEMORY_REGION((p), (n))
#else
#define ARENA_POISON(p, n) ((void)(p), (void)(n))
#define ARENA_UNPOISON(p, n) ((void)(p), (void)(n))
#endif

enum {
	ARENA_ALIGN = 16,
	ARENA_FIRST_CHUNK = 8 * 1024, /* most stay within it */
	/* Below malloc's mmap threshold: a page fault per page costs more. */
	ARENA_CHUNK = 64 * 1024,
};

struct chunk {
	struct chunk *older; /* owned; NULL in the first chunk */
	char *bytes;         /* the room, aligned */
	size_t size;         /* of the room */
	size_t used;         /* of the room, a multiple of ARENA_ALIGN */
};

struct dg_arena {
	struct chunk *newest; /* owned, but for the first, which is below */
	size_t cap;
	size_t held;              /* bytes from the heap, headers included */
	size_t used_older;        /* sum of used in all chunks but the newest */
	struct dg_budget *budget; /* borrowed; for chunks behind the first */
	bool starved;             /* the budget was used up */
	bool secret;              /* is overwritten when it is given back */
	struct chunk first;
};

static size_t
round_up(size_t n)
{
	return (n + (ARENA_ALIGN - 1)) & ~(size_t)(ARENA_ALIGN - 1);
}

struct dg_arena *
dg_arena_create(size_t cap_bytes)
{
	size_t header = round_up(sizeof(struct dg_arena));
	size_t size =
		cap_bytes < ARENA_FIRST_CHUNK ? cap_bytes : ARENA_FIRST_CHUNK;
	struct dg_arena *arena;

	if (size < header)
		size = header;
	size &= ~(size_t)(ARENA_ALIGN - 1);
	arena = dg_realloc(NULL, size, 1);
	*arena = (struct dg_arena){
		.newest = &arena->first,
		.cap = cap_bytes,
		.held = size,
		.first = {.bytes = (char *)arena + header,
			  .size = size - header},
	};
	ARENA_POISON(arena->first.bytes, arena->first.size);
	return arena;
}

/* All that was handed out of the newest chunk from byte start on. */
static void
take_back(struct dg_arena *arena, size_t start)
{
	struct chunk *chunk = arena->newest;

	ARENA_UNPOISON(chunk->bytes + start, chunk->used - start);
	if (arena->secret)
		dg_wipe(chunk->bytes + start, chunk->used - start);
	chunk->used = start;
}

static void
drop_newest(struct dg_arena *arena)
{
	struct chunk *chunk = arena->newest;
	size_t size = round_up(sizeof(*chunk)) + chunk->size;

	DG_ASSERT(chunk->older != NULL);
	take_back(arena, 0);
	arena->newest = chunk->older;
	arena->used_older -= arena->newest->used;
	arena->held -= size;
	dg_budget_give(arena->budget, size);
	ARENA_UNPOISON(chunk->bytes, chunk->size);
	dg_free(chunk);
}

void
dg_arena_destroy(struct dg_arena **arena)
{
	struct dg_arena *a = *arena;

	if (a == NULL)
		return;
	while (a->newest != &a->first)
		drop_newest(a);
	take_back(a, 0);
	ARENA_UNPOISON(a->first.bytes, a->first.size);
	dg_free(a);
	*arena = NULL;
}

void
dg_arena_reset(struct dg_arena *arena)
{
	dg_arena_rewind(arena, (struct dg_arena_mark){&arena->first, 0});
	arena->starved = false;
}

void
dg_arena_set_budget(struct dg_arena *arena, struct dg_budget *budget)
{
	DG_ASSERT(arena->newest == &arena->first);
	arena->budget = budget;
}

void
dg_arena_keep_secrets(struct dg_arena *arena)
{
	arena->secret = true;
}

bool
dg_arena_is_starved(const struct dg_arena *arena)
{
	return arena->starved;
}

/* A chunk with room for need bytes; false when cap or budget forbid it. */
static DG_COLD bool
add_chunk(struct dg_arena *arena, size_t need)
{
	size_t header = round_up(sizeof(struct chunk));
	size_t allowed;
	size_t size;
	struct chunk *chunk;

	if (arena->held >= arena->cap)
		return false;
	allowed = (arena->cap - arena->held) & ~(size_t)(ARENA_ALIGN - 1);
	if (allowed < header || need > allowed - header)
		return false;
	size = ARENA_CHUNK;
	if (size < header + need)
		size = header + need;
	if (size > allowed)
		size = allowed;
	if (!dg_budget_take(arena->budget, size)) {
		arena->starved = true;
		return false;
	}
	chunk = dg_realloc(NULL, size, 1);
	chunk->bytes = (char *)chunk + header;
	chunk->size = size - header;
	chunk->used = 0;
	chunk->older = arena->newest;
	ARENA_POISON(chunk->bytes, chunk->size);
	arena->used_older += arena->newest->used;
	arena->newest = chunk;
	arena->held += size;
	return true;
}

static inline void *
take(struct dg_arena *arena, size_t size)
{
	struct chunk *chunk = arena->newest;
	size_t need;
	char *ptr;

	if (size > SIZE_MAX / 2)
		return NULL;
	need = size == 0 ? ARENA_ALIGN : round_up(size);
	if (need > chunk->size - chunk->used) {
		if (!add_chunk(arena, need))
			return NULL;
		chunk = arena->newest;
	}
	ptr = chunk->bytes + chunk->used;
	chunk->used += need;
	ARENA_UNPOISON(ptr, size);
	return ptr;
}

static inline void *
take_zeroed(struct dg_arena *arena, size_t size)
{
	void *ptr = take(arena, size);

	return ptr == NULL ? NULL : memset(ptr, 0, size);
}

void *
dg_arena_alloc_raw(struct dg_arena *arena, size_t size)
{
	return take(arena, size);
}

void *
dg_arena_alloc(struct dg_arena *arena, size_t size)
{
	return take_zeroed(arena, size);
}

void *
dg_arena_alloc_array(struct dg_arena *arena, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes))
		return NULL;
	return take_zeroed(arena, bytes);
}

struct dg_str
dg_arena_str(struct dg_arena *arena, struct dg_str s)
{
	char *copy = dg_arena_alloc_raw(arena, s.len);

	if (copy == NULL)
		return (struct dg_str){NULL, 0};
	if (s.len > 0)
		memcpy(copy, s.data, s.len);
	return dg_str_make(copy, s.len);
}

char *
dg_arena_cstr(struct dg_arena *arena, struct dg_str s)
{
	char *copy;

	if (s.len > 0 && memchr(s.data, '\0', s.len) != NULL)
		return NULL;
	if (s.len == SIZE_MAX)
		return NULL;
	copy = dg_arena_alloc(arena, s.len + 1);
	if (copy != NULL && s.len > 0)
		memcpy(copy, s.data, s.len);
	return copy;
}

struct dg_str
dg_arena_printf(struct dg_arena *arena, const char *fmt, ...)
{
	va_list ap;
	char *text;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	DG_ASSERT(len >= 0);
	text = dg_arena_alloc(arena, (size_t)len + 1);
	if (text == NULL)
		return (struct dg_str){NULL, 0};
	va_start(ap, fmt);
	vsnprintf(text, (size_t)len + 1, fmt, ap);
	va_end(ap);
	return dg_str_make(text, (size_t)len);
}

struct dg_arena_mark
dg_arena_mark(const struct dg_arena *arena)
{
	return (struct dg_arena_mark){arena->newest, arena->newest->used};
}

void
dg_arena_rewind(struct dg_arena *arena, struct dg_arena_mark mark)
{
	struct chunk *chunk;

	while (arena->newest != mark.chunk)
		drop_newest(arena);
	chunk = arena->newest;
	DG_ASSERT(mark.used <= chunk->used);
	take_back(arena, mark.used);
	ARENA_POISON(chunk->bytes + chunk->used, chunk->size - chunk->used);
}

size_t
dg_arena_used(const struct dg_arena *arena)
{
	return arena->used_older + arena->newest->used;
}

size_t
dg_arena_held(const struct dg_arena *arena)
{
	return arena->held;
}
