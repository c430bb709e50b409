/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keyword.h - the hash under which words are looked up; private to this folder.
 *
 * Shared by token.c, which hashes the words it finds, and mkkeywords.c,
 * which lays out the table when the program is built.
 */
#ifndef DG_SQLPARSE_KEYWORD_H
#define DG_SQLPARSE_KEYWORD_H

#include <stddef.h>
#include <stdint.h>

#define DG_SQL_HASH_BUCKETS 1024u

/*
 * A word's first eight bytes, zero behind a shorter one, whatever the case of
 * its letters. What is no letter in a name stays different from all others.
 */
static inline uint64_t
dg_sql_fold_head(uint64_t head)
{
	return head | UINT64_C(0x2020202020202020);
}

/* Of a word's folded head, its last byte and its length. */
static inline uint32_t
dg_sql_hash_word(uint64_t head, unsigned char last, size_t len)
{
	uint64_t hash = head * UINT64_C(0x9E3779B97F4A7C15);

	hash ^= (uint64_t)((last | 0x20u) * 31u + len) << 40;
	hash *= UINT64_C(0xD6E8FEB86659FD93);
	return (uint32_t)(hash >> 54);
}

#endif
