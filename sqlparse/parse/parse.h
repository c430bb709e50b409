/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parse.h - what a tree says at a glance; private to this folder.
 */
#ifndef DG_SQLPARSE_PARSE_H
#define DG_SQLPARSE_PARSE_H

#include "ast/ast.h"

/* The statement of a root node. */
enum dg_sql_statement dg_sql_classify(const struct dg_sql_node *root);
/* Fills tree->effect from text and root. False: the arena is full. */
bool dg_sql_find_effect(struct dg_sql_tree *tree, struct dg_arena *arena);

#endif
