/* SPDX-License-Identifier: Apache-2.0 */
/*
 * last_good.c - what is in the sealed chunks of the policy's file.
 *
 * The first chunk is one line about the file. The others are records: which
 * table (1 byte), length (4), a line of its COPY. The line about the file has
 * a hash of what the tables are: a program that reads other columns refuses
 * the file instead of taking one for another.
 */
#include "last_good.h"

#include <stdio.h>
#include <time.h>

#include "base/assert.h"
#include "base/clock.h"
#include "base/mem.h"
#include "copy_text.h"
#include "policy_rows.h"

enum {
	CHUNK_BYTES = 64 << 10, /* more only for a longer line */
	RECORD_HEAD = 5,
	ABOUT_MAX = 2048,
	TABLES_ID = 32, /* hexadecimal digits */
	ABOUT_CELLS = 8,
	SEEN_CELLS = 4,
	CLOCK_SLACK_US = 5000000, /* between two clocks that are both right */
};

static const struct dg_sealed_kind policy_kind = {"DGPOLICY", 1};
static const struct dg_sealed_kind seen_kind = {"DGPOLSEE", 1};

/* ---- time --------------------------------------------------------------- */

static void
read_boot_id(char out[DG_LAST_GOOD_BOOT_MAX])
{
	FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");

	out[0] = '\0';
	if (f == NULL)
		return;
	if (fgets(out, DG_LAST_GOOD_BOOT_MAX, f) == NULL)
		out[0] = '\0';
	(void)fclose(f);
	out[strcspn(out, "\n")] = '\0';
}

struct dg_last_good_time
dg_last_good_now(void)
{
	struct dg_last_good_time now = {.wall_us = dg_clock_wall_us()};
	struct timespec boot;

	DG_ASSERT(clock_gettime(CLOCK_BOOTTIME, &boot) == 0);
	now.boot_ms = (int64_t)boot.tv_sec * 1000 + boot.tv_nsec / 1000000;
	read_boot_id(now.boot_id);
	return now;
}

enum dg_rc
dg_last_good_age_ms(const struct dg_last_good_time *then,
		    const struct dg_last_good_time *now, int64_t *age_ms_out,
		    struct dg_error *err)
{
	bool same_boot = then->boot_id[0] != '\0' &&
			 strcmp(then->boot_id, now->boot_id) == 0 &&
			 now->boot_ms >= then->boot_ms;
	int64_t by_boot_ms = same_boot ? now->boot_ms - then->boot_ms : 0;
	int64_t by_wall_us = now->wall_us - then->wall_us;

	if (by_wall_us < -CLOCK_SLACK_US && !same_boot)
		return dg_error_set(err, DG_ERR_INVALID,
				    "it was written %lld s in the future: the "
				    "clock was set back, set it right",
				    (long long)(-by_wall_us / 1000000));
	*age_ms_out =
		by_wall_us / 1000 > by_boot_ms ? by_wall_us / 1000 : by_boot_ms;
	return DG_OK;
}

/* ---- the line about the file -------------------------------------------- */

static void
random_id(char out[DG_LAST_GOOD_ID + 1])
{
	unsigned char bytes[DG_LAST_GOOD_ID / 2];

	randombytes_buf(bytes, sizeof(bytes));
	(void)sodium_bin2hex(out, DG_LAST_GOOD_ID + 1, bytes, sizeof(bytes));
}

void
dg_last_good_init(struct dg_last_good *about)
{
	*about = (struct dg_last_good){.version = 0};
	DG_ASSERT(sodium_init() >= 0);
	random_id(about->id);
}

/* Of all that is read, with its columns. */
static void
tables_id(char out[TABLES_ID + 1])
{
	crypto_generichash_state state;
	unsigned char hash[TABLES_ID / 2];

	(void)crypto_generichash_init(&state, NULL, 0, sizeof(hash));
	for (size_t i = 0; i < dg_policy_n_tables; i++) {
		const char *sql = dg_policy_tables[i].sql;

		(void)crypto_generichash_update(
			&state, (const unsigned char *)sql, strlen(sql) + 1);
	}
	(void)crypto_generichash_final(&state, hash, sizeof(hash));
	(void)sodium_bin2hex(out, TABLES_ID + 1, hash, sizeof(hash));
}

static enum dg_rc
not_understood(struct dg_error *err)
{
	return dg_error_set(err, DG_ERR_INVALID,
			    "what it says about itself is not understood");
}

/* False: it does not fit, or is not all of the cell. */
static bool
get_text(struct dg_str cell, char *out, size_t size)
{
	if (cell.data == NULL || cell.len >= size ||
	    (cell.len > 0 && memchr(cell.data, '\0', cell.len) != NULL))
		return false;
	if (cell.len > 0)
		memcpy(out, cell.data, cell.len);
	out[cell.len] = '\0';
	return true;
}

static bool
get_number(struct dg_str cell, int64_t *out)
{
	return cell.data != NULL && dg_str_to_i64(cell, out) == DG_OK &&
	       *out >= 0;
}

/* From three cells. */
static bool
get_time(const struct dg_str *cells, struct dg_last_good_time *out)
{
	return get_number(cells[0], &out->wall_us) &&
	       get_number(cells[1], &out->boot_ms) &&
	       get_text(cells[2], out->boot_id, sizeof(out->boot_id));
}

static enum dg_rc
read_about(char *line, size_t len, struct dg_last_good *about,
	   struct dg_error *err)
{
	struct dg_str cells[ABOUT_CELLS];
	char tables[TABLES_ID + 1];

	if (dg_store_copy_split(line, len, cells, ABOUT_CELLS) != DG_OK)
		return not_understood(err);
	tables_id(tables);
	if (!dg_str_eq(cells[0], dg_str_from_cstr(tables)))
		return dg_error_set(err, DG_ERR_INVALID,
				    "it was written by another version of "
				    "this program");
	if (!get_text(cells[1], about->id, sizeof(about->id)) ||
	    strlen(about->id) != DG_LAST_GOOD_ID ||
	    !get_number(cells[2], &about->version) || about->version == 0 ||
	    !get_text(cells[3], about->stamp, sizeof(about->stamp)) ||
	    !get_text(cells[4], about->source, sizeof(about->source)) ||
	    !get_time(&cells[5], &about->seen))
		return not_understood(err);
	return DG_OK;
}

/* ---- writing ------------------------------------------------------------ */

/* What would have to be escaped is left out: nothing of ours has it. */
static enum dg_rc
put_line(struct dg_sealer *sealer, bool is_last, const char *line, int len,
	 struct dg_error *err)
{
	if (len < 0 || len >= ABOUT_MAX || strpbrk(line, "\\\n") != NULL)
		return dg_error_set(err, DG_ERR_INVALID,
				    "its source or stamp cannot be written");
	return dg_sealer_put(sealer, dg_str_make(line, (size_t)len), is_last,
			     err);
}

enum dg_rc
dg_last_good_writer_open(struct dg_last_good_writer *w,
			 const struct dg_sealed_key *key,
			 const struct dg_last_good *about, dg_sealed_put_fn put,
			 void *arg, struct dg_error *err)
{
	char tables[TABLES_ID + 1];
	char line[ABOUT_MAX];
	enum dg_rc rc;
	int len;

	dg_buf_init(&w->chunk, DG_SEALED_CHUNK_MAX);
	tables_id(tables);
	len = snprintf(line, sizeof(line),
		       "%s\t%s\t%lld\t%s\t%s\t%lld\t%lld\t%s", tables,
		       about->id, (long long)about->version, about->stamp,
		       about->source, (long long)about->seen.wall_us,
		       (long long)about->seen.boot_ms, about->seen.boot_id);
	rc = dg_sealer_open(&w->sealer, &policy_kind, key, put, arg, err);
	return rc == DG_OK ? put_line(&w->sealer, false, line, len, err) : rc;
}

static enum dg_rc
flush(struct dg_last_good_writer *w, bool is_last, struct dg_error *err)
{
	enum dg_rc rc =
		dg_sealer_put(&w->sealer, dg_buf_peek(&w->chunk), is_last, err);

	dg_buf_clear(&w->chunk);
	return rc;
}

enum dg_rc
dg_last_good_writer_line(struct dg_last_good_writer *w, size_t table,
			 struct dg_str line, struct dg_error *err)
{
	char head[RECORD_HEAD] = {(char)table};
	enum dg_rc rc = DG_OK;

	if (line.len > DG_SEALED_CHUNK_MAX - RECORD_HEAD)
		return dg_error_set(err, DG_ERR_LIMIT,
				    "a row of %zu bytes is too long for it",
				    line.len);
	if (dg_buf_len(&w->chunk) > 0 &&
	    dg_buf_len(&w->chunk) + RECORD_HEAD + line.len > CHUNK_BYTES)
		rc = flush(w, false, err);
	for (unsigned i = 0; i < 4; i++)
		head[1 + i] = (char)(line.len >> 8 * i & 0xff);
	if (rc == DG_OK)
		rc = dg_buf_append(&w->chunk, dg_str_make(head, RECORD_HEAD));
	return rc == DG_OK ? dg_buf_append(&w->chunk, line) : rc;
}

enum dg_rc
dg_last_good_writer_finish(struct dg_last_good_writer *w, struct dg_error *err)
{
	return flush(w, true, err);
}

void
dg_last_good_writer_close(struct dg_last_good_writer *w)
{
	if (w->chunk.data != NULL)
		dg_wipe(w->chunk.data, w->chunk.cap);
	dg_buf_fini(&w->chunk);
	dg_sealer_close(&w->sealer);
}

/* ---- reading ------------------------------------------------------------ */

static enum dg_rc
next_chunk(struct dg_last_good_reader *r, bool *at_end_out,
	   struct dg_error *err)
{
	size_t len = 0;
	enum dg_rc rc =
		dg_unsealer_next(&r->unsealer, &r->at, &len, at_end_out, err);

	if (rc == DG_OK && !*at_end_out)
		r->end = r->at + len;
	return rc;
}

enum dg_rc
dg_last_good_reader_open(struct dg_last_good_reader *r,
			 const struct dg_sealed_key *key, dg_sealed_get_fn get,
			 void *arg, struct dg_last_good *about_out,
			 struct dg_error *err)
{
	bool at_end = false;
	enum dg_rc rc;

	*r = (struct dg_last_good_reader){.n_tables = dg_policy_n_tables};
	*about_out = (struct dg_last_good){.version = 0};
	rc = dg_unsealer_open(&r->unsealer, &policy_kind, key, get, arg, err);
	if (rc == DG_OK)
		rc = next_chunk(r, &at_end, err);
	if (rc == DG_OK && at_end)
		rc = not_understood(err);
	if (rc == DG_OK)
		rc = read_about(r->at, (size_t)(r->end - r->at), about_out,
				err);
	r->at = r->end;
	return rc;
}

enum dg_rc
dg_last_good_reader_next(struct dg_last_good_reader *r, size_t *table_out,
			 char **line_out, size_t *len_out, bool *at_end_out,
			 struct dg_error *err)
{
	const unsigned char *head;
	size_t len = 0;
	enum dg_rc rc = DG_OK;

	*at_end_out = false;
	while (rc == DG_OK && r->at == r->end && !*at_end_out)
		rc = next_chunk(r, at_end_out, err);
	if (rc != DG_OK || *at_end_out)
		return rc;
	head = (const unsigned char *)r->at;
	if (r->end - r->at < RECORD_HEAD)
		return dg_error_set(err, DG_ERR_INVALID, "a record is cut off");
	for (unsigned i = 0; i < 4; i++)
		len |= (size_t)head[1 + i] << 8 * i;
	if (head[0] < r->table || head[0] >= r->n_tables ||
	    len > (size_t)(r->end - r->at) - RECORD_HEAD)
		return dg_error_set(err, DG_ERR_INVALID,
				    "a record is not understood");
	r->table = head[0];
	*table_out = r->table;
	*line_out = r->at + RECORD_HEAD;
	*len_out = len;
	r->at += RECORD_HEAD + len;
	return DG_OK;
}

void
dg_last_good_reader_close(struct dg_last_good_reader *r)
{
	dg_unsealer_close(&r->unsealer);
}

/* ---- FILE.seen ---------------------------------------------------------- */

enum dg_rc
dg_last_good_seen_write(const struct dg_sealed_key *key, const char *id,
			const struct dg_last_good_time *seen,
			dg_sealed_put_fn put, void *arg, struct dg_error *err)
{
	struct dg_sealer sealer;
	char line[ABOUT_MAX];
	int len = snprintf(line, sizeof(line), "%s\t%lld\t%lld\t%s", id,
			   (long long)seen->wall_us, (long long)seen->boot_ms,
			   seen->boot_id);
	enum dg_rc rc = dg_sealer_open(&sealer, &seen_kind, key, put, arg, err);

	if (rc == DG_OK)
		rc = put_line(&sealer, true, line, len, err);
	dg_sealer_close(&sealer);
	return rc;
}

enum dg_rc
dg_last_good_seen_read(const struct dg_sealed_key *key, dg_sealed_get_fn get,
		       void *arg, char id_out[DG_LAST_GOOD_ID + 1],
		       struct dg_last_good_time *seen_out, struct dg_error *err)
{
	struct dg_unsealer unsealer;
	struct dg_str cells[SEEN_CELLS];
	bool at_end = false;
	size_t len = 0;
	char *line = NULL;
	enum dg_rc rc =
		dg_unsealer_open(&unsealer, &seen_kind, key, get, arg, err);

	if (rc == DG_OK)
		rc = dg_unsealer_next(&unsealer, &line, &len, &at_end, err);
	if (rc == DG_OK && !unsealer.is_over)
		rc = not_understood(err);
	if (rc == DG_OK &&
	    (dg_store_copy_split(line, len, cells, SEEN_CELLS) != DG_OK ||
	     !get_text(cells[0], id_out, DG_LAST_GOOD_ID + 1) ||
	     !get_time(&cells[1], seen_out)))
		rc = not_understood(err);
	dg_unsealer_close(&unsealer);
	return rc;
}
