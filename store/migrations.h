/* SPDX-License-Identifier: Apache-2.0 */
/*
 * migrations.h - the SQL of migrations/, built into the program.
 */
#ifndef DG_STORE_MIGRATIONS_H
#define DG_STORE_MIGRATIONS_H

#include <stddef.h>

struct dg_store_migration {
	const char *name; /* "001_policy.sql"; NULL ends the list */
	const char *sql;
};

/* In order; the first is number 1. */
extern const struct dg_store_migration dg_store_migrations[];
/* Repeatable; run after each migration. */
extern const char *const dg_store_grants;

#endif
