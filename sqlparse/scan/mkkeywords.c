/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mkkeywords.c - writes keyword_table.h: a hash table over keywords.def.
 *
 * A build-time program. Each bucket holds the first word with that hash, each
 * word the next one of its bucket; word 0 ends a chain. The heads of words are
 * in the byte order of the machine that builds.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "scan/keyword.h"

static const char *const words[] = {
	"",
#define DG_SQL_WORD(word, token, t_since, t_reserved, p_since, p_reserved) \
#word,
#include "scan/keywords.def"
#undef DG_SQL_WORD
};
#define N_WORDS (sizeof(words) / sizeof(words[0]))

static uint64_t
head_of(const char *word)
{
	size_t len = strlen(word);
	uint64_t head = 0;

	memcpy(&head, word, len < sizeof(head) ? len : sizeof(head));
	return dg_sql_fold_head(head);
}

static uint32_t
hash_word(const char *word)
{
	size_t len = strlen(word);

	return dg_sql_hash_word(head_of(word), (unsigned char)word[len - 1],
				len);
}

static void
print_table(const char *name, const unsigned *table, size_t n)
{
	printf("static const uint16_t %s[] = {", name);
	for (size_t i = 0; i < n; i++)
		printf("%s%u,", i % 16 == 0 ? "\n\t" : " ", table[i]);
	printf("\n};\n");
}

static void
print_heads(void)
{
	printf("static const uint64_t keyword_head[] = {");
	for (size_t i = 0; i < N_WORDS; i++)
		printf("%s0x%016" PRIx64 ",", i % 4 == 0 ? "\n\t" : " ",
		       head_of(words[i]));
	printf("\n};\n");
}

int
main(void)
{
	static unsigned bucket[DG_SQL_HASH_BUCKETS];
	static unsigned next[N_WORDS];
	size_t longest = 0;

	for (unsigned i = N_WORDS - 1; i > 0; i--) {
		uint32_t at = hash_word(words[i]);

		next[i] = bucket[at];
		bucket[at] = i;
		if (strlen(words[i]) > longest)
			longest = strlen(words[i]);
	}
	printf("/* Written by mkkeywords.c; not to be edited. */\n");
	printf("#define KEYWORD_LEN_MAX %zu\n", longest);
	print_table("keyword_bucket", bucket, DG_SQL_HASH_BUCKETS);
	print_table("keyword_next", next, N_WORDS);
	print_heads();
	return 0;
}
