/* SPDX-License-Identifier: Apache-2.0 */
/*
 * replace.h - files that are there as a whole or not at all; private to store/.
 *
 * Blocks: off the loops that serve anybody.
 */
#ifndef DG_STORE_REPLACE_H
#define DG_STORE_REPLACE_H

#include "base/error.h"

/* PATH.new while it is written, PATH from commit on. */
struct dg_replace {
	char *path; /* owned, as fresh */
	char *fresh;
	int fd; /* -1: committed or never opened */
};
/* For the owner alone (0600). Close in any case. */
enum dg_rc dg_replace_open(struct dg_replace *r, const char *path,
			   struct dg_error *err) DG_MUST_CHECK;
/* A dg_sealed_put_fn; arg is the struct dg_replace. */
enum dg_rc dg_replace_put(void *arg, const void *bytes, size_t n,
			  struct dg_error *err) DG_MUST_CHECK;
/* On disk, with its name, when it returns. */
enum dg_rc dg_replace_commit(struct dg_replace *r,
			     struct dg_error *err) DG_MUST_CHECK;
/* So that the name of a new file is there after a crash. */
enum dg_rc dg_folder_sync(const char *path, struct dg_error *err) DG_MUST_CHECK;
/* What was not committed is gone. */
void dg_replace_close(struct dg_replace *r);

/* A regular file for reading; NOT_FOUND where there is none. */
enum dg_rc dg_file_open(const char *path, int *fd_out,
			struct dg_error *err) DG_MUST_CHECK;
/* A dg_sealed_get_fn; arg is an int, the descriptor. */
enum dg_rc dg_file_get(void *arg, void *to, size_t n, size_t *got_out,
		       struct dg_error *err) DG_MUST_CHECK;
void dg_file_close(int *fd);

#endif
