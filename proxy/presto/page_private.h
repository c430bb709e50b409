/* SPDX-License-Identifier: Apache-2.0 */
/*
 * page_private.h - one request for a sealed URI on its way: shared by page.c,
 * which checks and answers it, and page_relay.c, which streams pages.
 */
#ifndef DG_PROXY_PRESTO_PAGE_PRIVATE_H
#define DG_PROXY_PRESTO_PAGE_PRIVATE_H

#include "base/fsm.h"
#include "metadata/cross_check.h"
#include "presto/answer.h"
#include "presto/seal_page.h"
#include "presto/statement.h"

#define DG_PAGE_MAGIC UINT32_C(0x50414731)

enum dg_page_state {
	DG_PAGE_REQUEST, /* until the coordinator has answered */
	DG_PAGE_HOLD,    /* a page comes in, nothing has been released */
	DG_PAGE_CHECK,   /* held back until the cross-check has an answer */
	DG_PAGE_RELEASE, /* the reply has begun */
	DG_PAGE_CANCEL,  /* DELETE or HEAD has been passed on */
	DG_PAGE_DONE,    /* answered, or the client has gone */
	DG_PAGE_N_STATES,
};

struct dg_page {
	uint32_t magic;
	struct dg_fsm fsm;
	struct dg_worker *worker;
	struct dg_http_exchange *x; /* not to be used once DONE */
	struct dg_arena *arena;     /* the exchange's */
	const struct dg_config *config;
	struct dg_str base;
	struct dg_caller caller; /* in the arena */
	struct dg_sealed sealed; /* of the URI that was asked for */
	struct dg_sealed next;   /* what this page's URIs inherit */
	struct dg_target target; /* in the arena */
	enum dg_family family;   /* of the cluster */

	struct dg_upstream_call *call;
	bool upstream_done;  /* the page is in, whole */
	bool paused;         /* the coordinator is not being read */
	unsigned bad_status; /* of the coordinator, when not 200 */
	bool checked;        /* this page may be released */
	struct dg_check_call *check;
	struct dg_fetch *fetch; /* DELETE, HEAD */

	struct dg_rewriter *rewriter; /* owned */
	struct dg_page_uris uris;
	struct dg_buf out;              /* rewritten, not yet released */
	struct dg_http_header *headers; /* of the reply, in the arena */
	size_t n_headers;
	uint64_t bytes_in;
};

/* The exchange is not touched any more, nothing calls back any more. */
void dg_page_finish(struct dg_page *page);

/* These finish; only before the reply has begun. */
void dg_page_answer_line(struct dg_page *page, unsigned status,
			 const char *line);
/* The query is over for the client; state is what the audit says. */
void dg_page_answer_failed(struct dg_page *page, const char *state,
			   enum dg_query_error error, const char *message);
void dg_page_answer_failure(struct dg_page *page, const char *state,
			    const struct dg_failure *failure);
/* Label values of datagateway_pages_refused_total, in their order. */
enum dg_page_refusal {
	DG_PAGE_FORGED,
	DG_PAGE_EXPIRED,
	DG_PAGE_FOREIGN,
	DG_PAGE_REVOKED,
	DG_PAGE_CROSS_CHECK,
	DG_PAGE_UNREADABLE,
};
/* Counts one. */
void dg_page_count_refusal(enum dg_page_refusal refusal);
/* The query is stopped where it runs, too: nobody will ask for its pages. */
void dg_page_refuse_query(struct dg_page *page, enum dg_page_refusal refusal,
			  const char *event, const char *message);

void dg_page_audit_end(const struct dg_page *page, const char *state,
		       const char *error_name);
void dg_page_log(const struct dg_page *page, const char *event,
		 const char *why);
/*
 * A request to the coordinator for the sealed path, in the session user's
 * name. False: answered.
 */
bool dg_page_fill_request(struct dg_page *page, const char *method,
			  struct dg_http_header *headers, size_t max,
			  struct dg_upstream_request *request);
/* GET: streams the coordinator's page. */
void dg_page_relay(struct dg_page *page);

#endif
