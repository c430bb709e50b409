/* SPDX-License-Identifier: Apache-2.0 */
/*
 * last_good.h - the policy in a file, for a start without Postgres; private to
 * store/. docs/internals/store.md has the format.
 *
 * FILE has the rows of one version, as lines of the tables in policy_rows.h.
 * FILE.seen says when that version was last known to be the newest, and is
 * written much more often. Both are sealed (sealed.h). Nothing here knows of
 * files: see last_good_file.c.
 */
#ifndef DG_STORE_LAST_GOOD_H
#define DG_STORE_LAST_GOOD_H

#include "sealed.h"
#include "store/store.h"

enum {
	DG_LAST_GOOD_ID = 32, /* hexadecimal digits */
	DG_LAST_GOOD_SOURCE_MAX = 512,
	DG_LAST_GOOD_BOOT_MAX = 64,
};

/* A moment by two clocks: the wall's may be set, the other's ends at a boot. */
struct dg_last_good_time {
	int64_t wall_us;
	int64_t boot_ms; /* since the machine was started, sleep included */
	char boot_id[DG_LAST_GOOD_BOOT_MAX]; /* ""; not known */
};
struct dg_last_good_time dg_last_good_now(void);
/*
 * How long ago at least, whatever was done to the wall clock in between.
 * INVALID: that cannot be told, the clock was set back since.
 */
enum dg_rc dg_last_good_age_ms(const struct dg_last_good_time *then,
			       const struct dg_last_good_time *now,
			       int64_t *age_ms_out,
			       struct dg_error *err) DG_MUST_CHECK;

/* What a file says about itself. */
struct dg_last_good {
	char id[DG_LAST_GOOD_ID + 1]; /* by chance; FILE.seen names it */
	int64_t version;
	char stamp[DG_STORE_STAMP_MAX];
	char source[DG_LAST_GOOD_SOURCE_MAX]; /* whose policy it is */
	struct dg_last_good_time seen;
};
/* Sets id. */
void dg_last_good_init(struct dg_last_good *about);

struct dg_last_good_writer {
	struct dg_sealer sealer;
	struct dg_buf chunk;
};
/* Close in any case; stamp and source have neither tabs nor backslashes. */
enum dg_rc dg_last_good_writer_open(struct dg_last_good_writer *w,
				    const struct dg_sealed_key *key,
				    const struct dg_last_good *about,
				    dg_sealed_put_fn put, void *arg,
				    struct dg_error *err) DG_MUST_CHECK;
enum dg_rc dg_last_good_writer_line(struct dg_last_good_writer *w, size_t table,
				    struct dg_str line,
				    struct dg_error *err) DG_MUST_CHECK;
enum dg_rc dg_last_good_writer_finish(struct dg_last_good_writer *w,
				      struct dg_error *err) DG_MUST_CHECK;
void dg_last_good_writer_close(struct dg_last_good_writer *w);

struct dg_last_good_reader {
	struct dg_unsealer unsealer;
	char *at; /* in the chunk, as end */
	char *end;
	size_t table;
	size_t n_tables;
};
/*
 * Close in any case. INVALID where it is not what was written, or by another
 * version of the program; NOT_FOUND: it is cut off.
 */
enum dg_rc dg_last_good_reader_open(struct dg_last_good_reader *r,
				    const struct dg_sealed_key *key,
				    dg_sealed_get_fn get, void *arg,
				    struct dg_last_good *about_out,
				    struct dg_error *err) DG_MUST_CHECK;
/* Lines in the order of tables, the callee's to change until the next call. */
enum dg_rc dg_last_good_reader_next(struct dg_last_good_reader *r,
				    size_t *table_out, char **line_out,
				    size_t *len_out, bool *at_end_out,
				    struct dg_error *err) DG_MUST_CHECK;
void dg_last_good_reader_close(struct dg_last_good_reader *r);

/* FILE.seen: the file with this id was still the newest then. */
enum dg_rc dg_last_good_seen_write(const struct dg_sealed_key *key,
				   const char *id,
				   const struct dg_last_good_time *seen,
				   dg_sealed_put_fn put, void *arg,
				   struct dg_error *err) DG_MUST_CHECK;
enum dg_rc dg_last_good_seen_read(const struct dg_sealed_key *key,
				  dg_sealed_get_fn get, void *arg,
				  char id_out[DG_LAST_GOOD_ID + 1],
				  struct dg_last_good_time *seen_out,
				  struct dg_error *err) DG_MUST_CHECK;

#endif
