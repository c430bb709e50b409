/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_workload.h - the large policy that figures are quoted for.
 *
 * 500 users, 100 roles in chains of five, 10,000 tables of 50 columns, 50 tags
 * put in 4,000 places, rules as they come about over years: few roles, tables
 * and tags have most of them. The
 * same for the same number of rules, in any process.
 */
#ifndef DG_TESTS_BENCH_POLICY_WORKLOAD_H
#define DG_TESTS_BENCH_POLICY_WORKLOAD_H

#include "acl/acl.h"

enum {
	WORKLOAD_USERS = 500,
	WORKLOAD_ROLES = 100,
	WORKLOAD_DEPTH = 5,
	WORKLOAD_TABLES = 10000,
	WORKLOAD_COLUMNS = 50,
	WORKLOAD_TAGS = 50,
	WORKLOAD_TAGGINGS = 4000,
	WORKLOAD_NAME = 64,
	WORKLOAD_LIST = 10,
};

/* A rule and room for its texts; lists point into it. */
struct workload_rule {
	struct dg_acl_rule rule;
	struct dg_acl_principal principals[2];
	struct dg_acl_principal except;
	struct dg_str columns[WORKLOAD_LIST];
	struct dg_str cluster;
	struct dg_str tag;
	char texts[WORKLOAD_LIST + 8][WORKLOAD_NAME];
	const char *privileges; /* as the table of rules has them: {select} */
	unsigned n_texts;
};

/* Rule number id (from 1), always the same. */
void workload_rule(int64_t id, struct workload_rule *out);

struct dg_str workload_user(unsigned user, char out[WORKLOAD_NAME]);
struct dg_str workload_role(unsigned role, char out[WORKLOAD_NAME]);
/* The roles of a user; the role that holds a role (its own number: none). */
enum { WORKLOAD_ROLES_OF_USER = 3 };
unsigned workload_role_of_user(unsigned user, unsigned i);
unsigned workload_role_of_role(unsigned role);

/* The table's names, exact, and its columns. */
void workload_table(unsigned table, char schema[WORKLOAD_NAME],
		    char name[WORKLOAD_NAME], struct dg_acl_object *out);
struct dg_str workload_column(unsigned table, unsigned column,
			      char out[WORKLOAD_NAME]);
/* Where a tag was put: names and room for them. All are different. */
struct workload_tagging {
	struct dg_acl_tagging tagging;
	char texts[4][WORKLOAD_NAME];
};
void workload_tagging(unsigned number, struct workload_tagging *out);
struct dg_str workload_tag(unsigned tag, char out[WORKLOAD_NAME]);

/* A table, popular ones more often; draw is any number. */
unsigned workload_popular_table(uint64_t draw);

#endif
