/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lab.h - a loop and a connection to the Postgres of with_postgres.sh; every
 * test begins with an empty database.
 */
#ifndef DG_TESTS_STORE_LAB_H
#define DG_TESTS_STORE_LAB_H

#include "base/loop.h"
#include "store/store.h"

struct lab {
	struct dg_loop *loop;
	struct dg_pg *pg;
};

/* For cmocka's setup and teardown: *state is a struct lab *. */
int lab_setup(void **state);          /* nothing there */
int lab_setup_migrated(void **state); /* all migrations done */
int lab_teardown(void **state);

const char *lab_conninfo(void);
/* Its own connection, e.g. for a second writer. */
struct dg_pg *lab_connect(struct dg_loop *loop);
/* Fails the test on an error; several statements are one transaction. */
void lab_run(struct lab *lab, const char *sql);
/* The rc of it, and its message in lab_error(). */
enum dg_rc lab_try(struct lab *lab, const char *sql);
const char *lab_error(void);
/* The first column, a row a line, NULL as "-"; static until the next call. */
const char *lab_ask(struct lab *lab, const char *sql);
/* "stop", "start", "restart" the server. */
void lab_server(const char *verb);

/* Drives the loop until condition is true; fails the test after 30 s. */
#define LAB_UNTIL(lab, condition) \
	do { \
		struct dg_timer watchdog_ = {0}; \
		dg_timer_start(&watchdog_, (lab)->loop, 30000, lab_timeout, \
			       NULL); \
		while (!(condition)) \
			dg_loop_run_once((lab)->loop); \
		dg_timer_fini(&watchdog_); \
	} while (0)
void lab_timeout(void *arg);

#endif
