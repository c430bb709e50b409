/* SPDX-License-Identifier: Apache-2.0 */
/*
 * replay_main.c - runs a fuzz target over stored inputs, without a fuzzer.
 *
 * usage: fuzz_X FILE|FOLDER...
 *
 * Each input is also run cut to every shorter length up to a bound, which
 * costs little and finds what depends on the end of the text. NAME.pack holds
 * many inputs, run as they are: pack.py writes "LENGTH\n", the bytes and "\n"
 * for each. No input at all is a failure: a test that tests nothing must not
 * pass.
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"

enum { INPUT_MAX = 4 << 20, CUT_MAX = 512, PATH_LEN_MAX = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* In memory of exactly its size, so that sanitizers see its end. */
static void
run_input(const uint8_t *data, size_t size)
{
	uint8_t *copy = dg_calloc(size + 1, 1);

	memcpy(copy + 1, data, size);
	(void)LLVMFuzzerTestOneInput(copy + 1, size);
	dg_free(copy);
}

/* How many; 0 when the file is damaged. */
static unsigned
run_pack(const uint8_t *data, size_t size)
{
	unsigned n = 0;
	size_t at = 0;

	while (at < size) {
		size_t len = 0;

		while (at < size && data[at] >= '0' && data[at] <= '9' &&
		       len < INPUT_MAX)
			len = len * 10 + (size_t)(data[at++] - '0');
		if (at >= size || data[at] != '\n' || len + 2 > size - at ||
		    data[at + len + 1] != '\n')
			return 0;
		run_input(data + at + 1, len);
		at += len + 2;
		n++;
	}
	return n;
}

static bool
is_pack(const char *path)
{
	const char *end = strrchr(path, '.');

	return end != NULL && strcmp(end, ".pack") == 0;
}

static unsigned
run_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	unsigned n = 1;
	uint8_t *data;
	size_t size;

	if (file == NULL) {
		fprintf(stderr, "%s: cannot be opened\n", path);
		return 0;
	}
	data = dg_calloc(INPUT_MAX, 1);
	size = fread(data, 1, INPUT_MAX, file);
	fclose(file);
	if (is_pack(path)) {
		n = run_pack(data, size);
	} else {
		for (size_t cut = 0; cut < size && cut < CUT_MAX; cut++)
			run_input(data, cut);
		run_input(data, size);
	}
	dg_free(data);
	return n;
}

static unsigned
run_path(const char *path)
{
	struct stat info;
	struct dirent *entry;
	unsigned n = 0;
	DIR *dir;

	if (stat(path, &info) != 0 || !S_ISDIR(info.st_mode))
		return run_file(path);
	dir = opendir(path);
	if (dir == NULL)
		return 0;
	for (entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
		char name[PATH_LEN_MAX];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		n += run_file(name);
	}
	closedir(dir);
	return n;
}

int
main(int argc, char **argv)
{
	unsigned n = 0;

	for (int i = 1; i < argc; i++)
		n += run_path(argv[i]);
	printf("%u inputs replayed\n", n);
	return n > 0 ? 0 : 1;
}
