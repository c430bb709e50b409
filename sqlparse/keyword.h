/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keyword.h - the hash under which words are looked up; private to this folder.
 *
 * Shared by token.c, which hashes words as it scans them, and mkkeywords.c,
 * which lays out the table when the program is built.
 */
#ifndef DG_SQLPARSE_KEYWORD_H
#define DG_SQLPARSE_KEYWORD_H

#include <stdint.h>

#define DG_SQL_HASH_SEED 5381u
#define DG_SQL_HASH_BUCKETS 1024u

/* Letters lose their case; digits and `_` stay different from letters. */
static inline uint32_t
dg_sql_hash_step(uint32_t hash, unsigned char c)
{
	return hash * 33u + (c | 0x20u);
}

static inline uint32_t
dg_sql_hash_bucket(uint32_t hash)
{
	return (hash ^ (hash >> 11)) & (DG_SQL_HASH_BUCKETS - 1);
}

#endif
