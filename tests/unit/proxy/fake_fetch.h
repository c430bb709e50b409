/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fake_fetch.h - in place of http/fetch.c: requests are kept until the test
 * answers them.
 */
#ifndef DG_TESTS_FAKE_FETCH_H
#define DG_TESTS_FAKE_FETCH_H

#include "http/client.h"

/* A pool that opens no connection; of the caller, who destroys it. */
struct dg_upstream *fake_fetch_upstream(struct dg_loop *loop);
/* Requests that wait for an answer, and all that were ever made. */
size_t fake_fetch_open(void);
size_t fake_fetch_made(void);
/* Of the oldest that waits: "METHOD target". Valid until the next call. */
const char *fake_fetch_request(void);
/* A header of it, or "". */
const char *fake_fetch_header(const char *name);
const char *fake_fetch_body(void);
/* Ends the oldest that waits. */
void fake_fetch_answer(unsigned status, const char *body);
void fake_fetch_fail(const char *why);
void fake_fetch_fail_as(enum dg_rc rc, const char *why);

#endif
