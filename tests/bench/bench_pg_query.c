/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_pg_query.c - the peer of bench_sql.c: microseconds in which libpg_query
 * gives the tree of each statement, by its public interface (as protobuf).
 *
 * usage: bench_pg_query STATEMENTS
 *
 * STATEMENTS are each ended by a NUL byte. Each line on stdin asks for one
 * pass, answered by a line of numbers, one a statement: CPU time of the thread,
 * 0 for what PostgreSQL does not read. Nothing is resolved or decided.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <pg_query.h>

enum { FILE_MAX_BYTES = 8 << 20, TEXT_MAX = 256 << 10 };

static char statements[FILE_MAX_BYTES];
static char distinct[TEXT_MAX];

static double
now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* 0: it was not read. */
static double
time_statement(const char *statement, uint64_t serial)
{
	PgQueryProtobufParseResult result;
	double start, took;
	bool is_read;

	snprintf(distinct, sizeof(distinct), "/* %" PRIu64 " */ %s", serial,
		 statement);
	start = now_us();
	result = pg_query_parse_protobuf(distinct);
	is_read = result.error == NULL;
	pg_query_free_protobuf_parse_result(result);
	took = now_us() - start;
	return is_read ? took : 0;
}

static double
time_nothing(void)
{
	double start = now_us();

	return now_us() - start;
}

int
main(int argc, char **argv)
{
	FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
	uint64_t serial = 0;
	char line[64];
	size_t n;

	if (file == NULL) {
		fprintf(stderr, "usage: bench_pg_query STATEMENTS\n");
		return 2;
	}
	n = fread(statements, 1, sizeof(statements) - 1, file);
	fclose(file);
	while (fgets(line, sizeof(line), stdin) != NULL) {
		printf("%.3f ", time_nothing());
		for (size_t at = 0; at < n; at += strlen(statements + at) + 1)
			printf("%.3f ",
			       time_statement(statements + at, serial++));
		printf("\n");
		fflush(stdout);
	}
	return 0;
}
