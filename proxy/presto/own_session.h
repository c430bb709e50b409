/* SPDX-License-Identifier: Apache-2.0 */
/*
 * own_session.h - SET SESSION and RESET SESSION of datagateway.*, which the
 * gateway answers itself: pure recognition, no policy.
 */
#ifndef DG_PROXY_PRESTO_OWN_SESSION_H
#define DG_PROXY_PRESTO_OWN_SESSION_H

#include "sqlparse/sqlparse.h"

enum dg_own_session {
	DG_OWN_SESSION_NONE,   /* not about datagateway.* */
	DG_OWN_SESSION_SET,    /* SET SESSION datagateway.x = 'text' */
	DG_OWN_SESSION_RESET,  /* RESET SESSION datagateway.x */
	DG_OWN_SESSION_VALUE,  /* SET to something else than a string */
	DG_OWN_SESSION_NESTED, /* one of these inside PREPARE */
};

struct dg_own_setting {
	struct dg_str property; /* "datagateway.cluster", lower case */
	struct dg_str value;    /* SET */
};

/* Whether a property is the gateway's own, in any case. */
bool dg_own_session_is_name(struct dg_str property);
/*
 * Views live in the arena or in text. A text that does not parse is NONE: it
 * gets its error where all others do.
 */
enum dg_own_session dg_own_session_find(struct dg_str text,
					struct dg_sql_engine engine,
					const struct dg_sql_limits *limits,
					struct dg_arena *arena,
					struct dg_own_setting *setting_out);

#endif
