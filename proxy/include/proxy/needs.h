/* SPDX-License-Identifier: Apache-2.0 */
/*
 * needs.h - what a rule has to grant for what a statement does, in words.
 *
 * For people who look at an access list; nothing is decided by it.
 */
#ifndef DG_PROXY_NEEDS_H
#define DG_PROXY_NEEDS_H

#include <stddef.h>

/*
 * Of an action by its name in access lists: the privilege, "no deny", "any
 * right" or "refused". NULL: there is no such action.
 */
const char *dg_authorize_needs(const char *action);

#endif
