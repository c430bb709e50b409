/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mkdict.c - writes sql.dict: keywords and signs, for libFuzzer's -dict.
 *
 * A build-time program: the words are those of keywords.def, so that there is
 * no list to keep in step.
 */
#include <stdio.h>
#include <string.h>

static const char *const words[] = {
#define DG_SQL_WORD(word, token, t_since, t_reserved, p_since, p_reserved) \
	" " #word " ",
#include "scan/keywords.def"
#undef DG_SQL_WORD
#define SQL_SIGN(sign) sign,
#define SQL_FRAGMENT(text)
#include "sql_fragments.def"
#undef SQL_FRAGMENT
#undef SQL_SIGN
};

static void
print_escaped(const char *word)
{
	for (; *word != '\0'; word++) {
		unsigned char c = (unsigned char)*word;

		if (c == '"' || c == '\\' || c < 0x20 || c > 0x7E)
			printf("\\x%02X", c);
		else
			putchar(c);
	}
}

int
main(void)
{
	printf("# Written by mkdict.c; not to be edited.\n");
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		putchar('"');
		print_escaped(words[i]);
		printf("\"\n");
	}
	return 0;
}
