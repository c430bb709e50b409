/* SPDX-License-Identifier: Apache-2.0 */
/*
 * answer.h - whole replies of the statement protocol, and the names under
 * which decisions are counted and recorded.
 */
#ifndef DG_PROXY_PRESTO_ANSWER_H
#define DG_PROXY_PRESTO_ANSWER_H

#include "presto/own_page.h"
#include "worker.h"

/* In the order of the metric datagateway_statements_total's label. */
enum dg_decision {
	DG_DECISION_ALLOWED,
	DG_DECISION_DENIED,
	DG_DECISION_INVALID,
	DG_DECISION_UNSUPPORTED,
	DG_DECISION_ERROR,
	DG_DECISION_ANSWERED,
};
const char *dg_decision_name(enum dg_decision decision);

/* Each ends the exchange: x is gone. */

/* One line of text/plain; line breaks in it become blanks. */
void dg_answer_text(struct dg_http_exchange *x, unsigned status,
		    struct dg_str line);
/* 200 with a JSON page; at most 8 more headers. */
void dg_answer_page(struct dg_http_exchange *x,
		    const struct dg_http_header *headers, size_t n_headers,
		    struct dg_str body);
/* 200 with a page of our own. */
void dg_answer_own(struct dg_http_exchange *x, const struct dg_own_page *page,
		   struct dg_str id, struct dg_str base);
/* 204. */
void dg_answer_nothing(struct dg_http_exchange *x);

/* Headers that every page carries, before those of its own. */
#define DG_PAGE_HEADERS 3
void dg_answer_page_headers(struct dg_http_header out[DG_PAGE_HEADERS]);

#define DG_STATEMENT_ID_MAX 24
/* Random, for audit records and for people to quote. */
void dg_statement_make_id(char id_out[DG_STATEMENT_ID_MAX]);

#endif
