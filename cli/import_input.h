/* SPDX-License-Identifier: Apache-2.0 */
/*
 * import_input.h - the files that `admin import` reads besides the rules.
 */
#ifndef DG_CLI_IMPORT_INPUT_H
#define DG_CLI_IMPORT_INPUT_H

#include "import/import.h"

struct dg_import_files {
	const char *rules;
	const char *metadata; /* the others may be NULL */
	const char *users;    /* a name a line, what follows a colon is cut */
	const char *groups;   /* "group:user,user" a line */
	const char *roles;    /* the same */
};

/*
 * All that is read lives in the arena. A line that cannot be read is INVALID
 * with its number.
 */
enum dg_rc dg_import_input_read(const struct dg_import_files *files,
				struct dg_arena *arena,
				struct dg_import_input *input_out,
				struct dg_error *err) DG_MUST_CHECK;

#endif
