/* SPDX-License-Identifier: Apache-2.0 */
/*
 * statement_private.h - one POST on its way: shared by statement.c, which
 * moves it along and talks to others, and decide.c, which judges it.
 */
#ifndef DG_PROXY_PRESTO_STATEMENT_PRIVATE_H
#define DG_PROXY_PRESTO_STATEMENT_PRIVATE_H

#include "authorize.h"
#include "base/fsm.h"
#include "base/map.h"
#include "presto/answer.h"
#include "presto/statement.h"

#define DG_STATEMENT_MAGIC UINT32_C(0x53544d31)

/* What has been found; written once, by decide.c or by a failure on the way. */
struct dg_outcome {
	bool known;
	enum dg_decision decision;
	const char *reason; /* static: for audit and logs */
	/*
	 * How it is told: a status with the failure's message as one line of
	 * text, or (status 0) a page.
	 */
	unsigned http_status;
	struct dg_own_page page;
	/* From the verdict; the list is gone once it is recorded. */
	int64_t rule_id;
	struct dg_str access_json;
};

struct dg_statement {
	uint32_t magic;
	struct dg_fsm fsm;
	struct dg_worker *worker;
	struct dg_http_exchange *x; /* NULL once answered or gone */
	struct dg_arena *arena;     /* the exchange's: what is kept */
	/*
	 * The worker's: the tree and what hangs on it, from dg_decide_text to
	 * the next wait, which nothing in it outlives.
	 */
	struct dg_arena *work;
	const struct dg_config *config;
	struct dg_store_snapshot *policy; /* ref: the one it is judged by */
	char id[DG_STATEMENT_ID_MAX];
	int64_t at_us; /* wall clock at the start */
	/*
	 * Wall clock once the body was there: the one moment as of which all
	 * rights are decided, however long that takes, and that the URI tells
	 * the first GET of.
	 */
	int64_t rights_us;
	uint64_t busy_us; /* spent deciding */

	struct dg_caller caller; /* in the arena */
	struct dg_str principal; /* its name */
	struct dg_str user;      /* session user: whose rights count */
	struct dg_subject own;   /* the principal, asked about */
	struct dg_subject who;   /* the session user, asked about */
	struct dg_str base;      /* absolute base of our URIs */
	struct dg_session session;
	enum dg_family family;     /* the client's, or the target's */
	struct dg_str transaction; /* the engine's id, "NONE" or "" */

	/* The target, or why there is none; found before the body is read. */
	enum dg_rc target_rc;
	struct dg_target target;
	struct dg_error target_err;

	struct dg_str text;
	struct dg_sql_tree *tree;        /* in work */
	struct dg_sql_analysis analysis; /* in work */
	const char *kind;                /* static: what the tree is, or "" */
	bool read_only;
	bool observed; /* runs although some right is missing */
	/* Answers of metadata by table, the same in all rounds. */
	struct dg_map columns;
	struct dg_arena *facts; /* owned: holds them; NULL without any */
	unsigned rounds;        /* of fetching columns, begun */
	bool crowded;           /* a table was given less than the deadline */
	size_t n_fetched;       /* tables, in all of them */
	uint64_t columns_until_ms; /* monotonic; when the last of them ends */
	/* The prepared statement that this one names. */
	struct dg_str prepared_name;
	struct dg_str prepared_text;
	struct dg_error prepared_err; /* why its text cannot be had */
	struct dg_str check;          /* for the cross-check of its pages */
	struct dg_str changes;        /* tables that it changes */

	struct dg_outcome outcome;

	/* What it waits for; one at a time, besides the timer. */
	struct dg_timer timer;
	struct dg_metadata_wait *wait;
	struct dg_audit_call *audit;
	struct dg_fetch *fetch;
};

/*
 * Before the body: session, user, target. Sets the outcome when the statement
 * ends here.
 */
void dg_decide_head(struct dg_statement *st);
/*
 * With the body in st->text. True: the outcome is known. False: the columns of
 * st->analysis.pending are needed first, then call again.
 */
bool dg_decide_text(struct dg_statement *st);

/* Sets the outcome to a refusal. reason is static, message in the arena. */
void dg_decide_refuse(struct dg_statement *st, enum dg_decision decision,
		      const char *reason, enum dg_query_error error,
		      struct dg_str message);
/* The same; the message is made of fmt. */
void dg_decide_fail(struct dg_statement *st, enum dg_decision decision,
		    const char *reason, enum dg_query_error error,
		    const char *fmt, ...) DG_PRINTF(5, 6);
/* The same for what is wrong with the request itself: answered with status. */
void dg_decide_fail_http(struct dg_statement *st, enum dg_decision decision,
			 const char *reason, unsigned status, const char *text);
/* The same for a statement that needs more memory than it may have. */
void dg_decide_fail_full(struct dg_statement *st);
/* Queries for columns are rationed, and its turn did not come. */
void dg_decide_fail_crowded(struct dg_statement *st);
/* A copy that outlives the work. */
struct dg_str dg_decide_keep(struct dg_statement *st, struct dg_str s);
/* A question to the policy about one of its subjects. */
struct dg_authorize_request dg_decide_request(const struct dg_statement *st,
					      const struct dg_subject *who);
/* The worker had no memory left while the statement was looked at. */
bool dg_decide_is_starved(const struct dg_statement *st);
/* Replaces any outcome by 503, for which clients come again. */
void dg_decide_busy(struct dg_statement *st);
/* The normalised text for the audit, in work; never fails, may be cut. */
struct dg_str dg_decide_audit_text(struct dg_statement *st,
				   uint64_t *fingerprint_out);
struct dg_sql_engine dg_decide_engine(const struct dg_statement *st);

#endif
