/* SPDX-License-Identifier: Apache-2.0 */
/*
 * credentials.h - private to store/.
 */
#ifndef DG_STORE_CREDENTIALS_H
#define DG_STORE_CREDENTIALS_H

#include "store/store.h"

/* Whether verify would look at it: argon2id, within our cost. */
bool dg_store_password_is_hash(struct dg_str hash);

#endif
