/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules.h - Trino's rule file as it is written, each rule with its line;
 * private to import/.
 *
 * What Trino would refuse is refused. Nothing is decided here.
 */
#ifndef DG_IMPORT_RULES_H
#define DG_IMPORT_RULES_H

#include "base/json.h"
#include "import/import.h"
#include "regex.h"

enum dg_trino_section {
	DG_TRINO_CATALOGS,
	DG_TRINO_SCHEMAS,
	DG_TRINO_TABLES,
	DG_TRINO_FUNCTIONS,
	DG_TRINO_PROCEDURES,
	DG_TRINO_SYSTEM_PROPERTIES,
	DG_TRINO_CATALOG_PROPERTIES,
	DG_TRINO_IMPERSONATION,
	DG_TRINO_QUERIES,
	DG_TRINO_PRINCIPALS,
	DG_TRINO_AUTHORIZATION,
	DG_TRINO_SYSTEM_INFORMATION,
	DG_TRINO_SECTIONS
};
extern const char *const dg_trino_sections[DG_TRINO_SECTIONS];

/* What a rule of a section grants; bits of dg_trino_rule.grants. */
enum {
	DG_TRINO_READ = 1, /* catalogs: read-only and more */
	DG_TRINO_ALL = 2,  /* all and more */
	DG_TRINO_OWNER = 4,

	DG_TRINO_SELECT = 1, /* tables */
	DG_TRINO_INSERT = 2,
	DG_TRINO_DELETE = 4,
	DG_TRINO_UPDATE = 8,
	DG_TRINO_OWNERSHIP = 16, /* functions, too */
	DG_TRINO_GRANT_SELECT = 32,

	DG_TRINO_EXECUTE = 1, /* functions, procedures */
	DG_TRINO_GRANT_EXECUTE = 2,

	DG_TRINO_QUERY_EXECUTE = 1,
	DG_TRINO_QUERY_VIEW = 2,
	DG_TRINO_QUERY_KILL = 4,

	DG_TRINO_YES = 1, /* owner, allow */
};

struct dg_trino_rule {
	enum dg_trino_section section;
	size_t index;  /* within the section; 0: not written in the file */
	unsigned line; /* 0: not written in the file */
	unsigned grants;
	/* NULL: not given. Owned by the file. */
	struct dg_regex *user, *role, *group; /* original_user and so on */
	struct dg_regex *catalog, *schema, *name;
	struct dg_str new_user; /* impersonation: before replacing */
	/* Tables: columns with allow false, and those with a mask. */
	const struct dg_str *restricted;
	size_t n_restricted;
	size_t n_masks;
	bool has_filter;
};

struct dg_trino_file {
	struct dg_arena *arena; /* borrowed */
	bool is_there[DG_TRINO_SECTIONS];
	struct dg_trino_rule *rules[DG_TRINO_SECTIONS];
	size_t n[DG_TRINO_SECTIONS];
	struct dg_str *unknown; /* keys that Trino does not look at, in words */
	size_t n_unknown;
};

/* INVALID: it is no such file. The file is freed in both cases by _fini. */
enum dg_rc dg_trino_file_read(struct dg_str text, struct dg_arena *arena,
			      struct dg_trino_file *file_out,
			      struct dg_error *err) DG_MUST_CHECK;
void dg_trino_file_fini(struct dg_trino_file *file);

#endif
