/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check.h - the outcome against the rules it was made from; private to import/.
 */
#ifndef DG_IMPORT_CHECK_H
#define DG_IMPORT_CHECK_H

#include "lists.h"

/*
 * Asks acl and the lists about everybody and everything that is known, and
 * about users and objects that are made up. INTERNAL: the policy grants more,
 * err says what. Counts what it grants less, with a note.
 */
enum dg_rc dg_import_check(struct dg_lists *lists,
			   struct dg_import_policy *policy,
			   struct dg_error *err) DG_MUST_CHECK;

#endif
