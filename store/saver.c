/* SPDX-License-Identifier: Apache-2.0 */
/*
 * saver.c - writes the policy's file, and reads it at a start without
 * Postgres.
 *
 * Writing is a job on a thread of its own, with its own loop and connection:
 * one transaction, the tables of policy_rows.h as COPY sends them. The version
 * in the file may be newer than the one in force; never is FILE.seen told a
 * later time than one at which the version in the file was the newest.
 */
#include <stdatomic.h>
#include <stdio.h>

#include "base/assert.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/metrics.h"
#include "base/offload.h"
#include "last_good.h"
#include "policy_load.h"
#include "policy_rows.h"
#include "replace.h"

enum {
	SAVER_MAGIC = 0x53617665,
	SEEN_EVERY_MS = 10000,
	SEEN_SUFFIX = 6, /* ".seen" */
	PG_TIMEOUT_MS = 60000,
	PG_CONNECT_MS = 10000,
	PG_QUEUE = 4,
	MAILBOX = 4,
	WRITES_OK = 0,
	WRITES_FAILED = 1,
};

static const char key_purpose[] = "datagateway policy snapshot";

struct dg_store_saver {
	uint32_t magic;
	struct dg_loop *loop;    /* borrowed */
	struct dg_offload *pool; /* owned; one thread */
	char *path;              /* owned */
	char *seen_path;         /* owned */
	char *conninfo;          /* owned; wiped */
	char source[DG_LAST_GOOD_SOURCE_MAX];
	struct dg_sealed_key key;
	unsigned interval_ms;
	struct job *job;          /* owned; NULL: nothing is being written */
	struct dg_last_good file; /* version 0: not known what is in it */
	uint64_t tried_ms;        /* 0: never */
	uint64_t seen_ms;         /* when FILE.seen was written */
};

/* One writing; the thread's alone until it is done, but for cancelling. */
struct job {
	const struct dg_store_saver *saver;
	struct dg_loop *loop; /* owned */
	struct dg_pg *pg;     /* owned; NULL: cancelled */
	bool is_seen;         /* of FILE.seen alone */
	struct dg_last_good about;
	struct dg_last_good_writer writer;
	size_t table;
	bool done; /* the COPY */
	atomic_bool cancelled;
	atomic_bool finished; /* rc, err and about are there */
	enum dg_rc rc;
	struct dg_error err;
};

/* ---- the job ------------------------------------------------------------ */

static void
on_version(void *arg, enum dg_rc rc, const struct dg_pg_result *result,
	   const struct dg_error *err)
{
	struct job *job = arg;
	struct dg_str stamp;

	job->rc = rc;
	if (rc != DG_OK) {
		job->err = *err;
		return;
	}
	if (dg_pg_rows(result) != 1 ||
	    dg_str_to_i64(dg_pg_get(result, 0, 0), &job->about.version) !=
		    DG_OK ||
	    dg_pg_get(result, 0, 1).len >= sizeof(job->about.stamp)) {
		job->rc = dg_error_set(&job->err, DG_ERR_INVALID,
				       "the policy version is not understood");
		return;
	}
	stamp = dg_pg_get(result, 0, 1);
	(void)snprintf(job->about.stamp, sizeof(job->about.stamp), "%.*s",
		       DG_STR_ARG(stamp));
}

static bool
on_line(void *arg, char *line, size_t len)
{
	struct job *job = arg;

	if (job->rc == DG_OK)
		job->rc = dg_last_good_writer_line(&job->writer, job->table,
						   dg_str_make(line, len),
						   &job->err);
	return job->rc == DG_OK && !atomic_load(&job->cancelled);
}

static void
on_copied(void *arg, enum dg_rc rc, const struct dg_pg_result *result DG_UNUSED,
	  const struct dg_error *err)
{
	struct job *job = arg;

	job->done = true;
	/* Our own reason is better than "the reader stopped". */
	if (rc == DG_OK || job->rc != DG_OK)
		return;
	job->rc = rc;
	job->err = *err;
}

static enum dg_rc
copy_table(struct job *job)
{
	job->done = false;
	if (job->pg == NULL ||
	    dg_pg_copy_out(job->pg, dg_policy_tables[job->table].sql, on_line,
			   on_copied, job) != DG_OK)
		return dg_error_set(&job->err, DG_ERR_UNAVAILABLE,
				    "no connection to Postgres");
	while (!job->done)
		dg_loop_run_once(job->loop);
	return job->rc;
}

static enum dg_rc
run_script(struct job *job, const char *sql)
{
	if (job->pg == NULL)
		return DG_ERR_CLOSED;
	return dg_pg_script_wait(job->pg, job->loop, sql, &job->err);
}

static enum dg_rc
read_version(struct job *job)
{
	enum dg_rc rc;

	if (job->pg == NULL)
		return DG_ERR_CLOSED;
	rc = dg_pg_query_wait(job->pg, job->loop, dg_store_version_sql, NULL, 0,
			      on_version, job, NULL);
	return rc == DG_OK ? job->rc : rc;
}

/* From one transaction into what becomes the file. */
static enum dg_rc
dump(struct job *job, struct dg_replace *file)
{
	enum dg_rc rc;

	job->about.seen = dg_last_good_now();
	rc = run_script(job, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
	if (rc == DG_OK)
		rc = read_version(job);
	if (rc != DG_OK)
		return rc;
	rc = dg_last_good_writer_open(&job->writer, &job->saver->key,
				      &job->about, dg_replace_put, file,
				      &job->err);
	for (job->table = 0; rc == DG_OK && job->table < dg_policy_n_tables;
	     job->table++)
		rc = copy_table(job);
	/* Only a session that is still the same has read one version. */
	if (rc == DG_OK)
		rc = run_script(job, "SAVEPOINT here"); /* fails outside one */
	if (rc == DG_OK)
		rc = run_script(job, "COMMIT");
	if (rc == DG_OK)
		rc = dg_last_good_writer_finish(&job->writer, &job->err);
	dg_last_good_writer_close(&job->writer);
	return rc;
}

static enum dg_rc
write_policy(struct job *job)
{
	const struct dg_pg_config config = {
		.name = "policy file",
		.conninfo = job->saver->conninfo,
		.connect_timeout_ms = PG_CONNECT_MS,
		.query_timeout_ms = PG_TIMEOUT_MS,
		.queue_max = PG_QUEUE,
	};
	struct dg_replace file;
	enum dg_rc rc;

	job->pg = dg_pg_create(job->loop, &config);
	rc = dg_replace_open(&file, job->saver->path, &job->err);
	if (rc == DG_OK)
		rc = dump(job, &file);
	if (rc == DG_OK)
		rc = dg_replace_commit(&file, &job->err);
	dg_replace_close(&file);
	dg_pg_destroy(&job->pg);
	return rc;
}

static enum dg_rc
write_seen(struct job *job)
{
	struct dg_replace file;
	enum dg_rc rc =
		dg_replace_open(&file, job->saver->seen_path, &job->err);

	if (rc == DG_OK)
		rc = dg_last_good_seen_write(&job->saver->key, job->about.id,
					     &job->about.seen, dg_replace_put,
					     &file, &job->err);
	if (rc == DG_OK)
		rc = dg_replace_commit(&file, &job->err);
	dg_replace_close(&file);
	return rc;
}

/* The job's thread. */
static void
work(void *arg)
{
	struct job *job = arg;

	job->rc = job->is_seen ? write_seen(job) : write_policy(job);
	atomic_store(&job->finished, true);
}

/* The job's thread, while it waits: all that it waits for comes to an end. */
static void
on_cancel(void *arg)
{
	struct job *job = arg;

	dg_pg_destroy(&job->pg);
}

/* ---- when --------------------------------------------------------------- */

static void
job_free(struct job **job)
{
	struct job *j = *job;

	*job = NULL;
	if (j == NULL)
		return;
	dg_loop_destroy(&j->loop);
	dg_free(j);
}

static void
note_written(struct dg_store_saver *saver, const struct job *job)
{
	saver->file = job->about;
	saver->seen_ms = dg_clock_mono_ms();
	if (job->is_seen)
		return;
	dg_metric_add_label(DG_METRIC_POLICY_FILE_WRITES, WRITES_OK, 1);
	dg_metric_set(DG_METRIC_POLICY_FILE_VERSION, job->about.version);
	dg_log_info(NULL, "policy.file_written",
		    DG_FIELDS(DG_LOG_CSTR("file", saver->path),
			      DG_LOG_INT("version", job->about.version)),
		    "the policy can be had without Postgres");
}

static void
note_failed(const struct dg_store_saver *saver, const struct job *job)
{
	dg_metric_add_label(DG_METRIC_POLICY_FILE_WRITES, WRITES_FAILED, 1);
	dg_log_error(NULL, "policy.file_not_written",
		     DG_FIELDS(DG_LOG_CSTR("file", saver->path),
			       DG_LOG_CSTR("code", dg_rc_name(job->rc))),
		     "a start without Postgres would find an older policy, or "
		     "none: %s",
		     job->err.text);
}

/*
 * Looked for when there is something to write anyway: no message to the loop
 * could come after the saver has gone.
 */
static void
collect(struct dg_store_saver *saver)
{
	const struct job *job = saver->job;

	if (job == NULL || !atomic_load(&job->finished))
		return;
	if (job->rc == DG_OK)
		note_written(saver, job);
	else
		note_failed(saver, job);
	job_free(&saver->job);
}

static void
on_nothing(void *arg DG_UNUSED)
{
}

static void
submit(struct dg_store_saver *saver, bool is_seen)
{
	struct job *job = DG_NEW(struct job);

	job->saver = saver;
	job->is_seen = is_seen;
	job->loop = dg_loop_create("policy file", MAILBOX);
	if (is_seen) {
		job->about = saver->file;
		job->about.seen = dg_last_good_now();
	} else {
		dg_last_good_init(&job->about);
		memcpy(job->about.source, saver->source, sizeof(saver->source));
	}
	saver->job = job;
	if (dg_offload_submit(saver->pool, 0, work, on_nothing, job,
			      saver->loop) != DG_OK)
		job_free(&saver->job);
}

static bool
is_in_file(const struct dg_store_saver *saver,
	   const struct dg_store_snapshot *snapshot)
{
	return saver->file.version == snapshot->version &&
	       strcmp(saver->file.stamp, snapshot->stamp) == 0;
}

void
dg_store_saver_note(struct dg_store_saver *saver,
		    const struct dg_store_snapshot *snapshot)
{
	uint64_t now_ms = dg_clock_mono_ms();
	uint64_t seen_every_ms;

	if (saver == NULL)
		return;
	DG_CHECK_MAGIC(saver, SAVER_MAGIC);
	collect(saver);
	if (saver->job != NULL)
		return;
	seen_every_ms = saver->interval_ms < SEEN_EVERY_MS ? saver->interval_ms
							   : SEEN_EVERY_MS;
	if (is_in_file(saver, snapshot)) {
		if (now_ms - saver->seen_ms >= seen_every_ms)
			submit(saver, true);
	} else if (saver->tried_ms == 0 ||
		   now_ms - saver->tried_ms >= saver->interval_ms) {
		saver->tried_ms = now_ms;
		submit(saver, false);
	}
}

/* ---- life --------------------------------------------------------------- */

enum dg_rc
dg_store_saver_create(struct dg_loop *loop,
		      const struct dg_store_saver_config *config,
		      struct dg_store_saver **saver_out, struct dg_error *err)
{
	static const struct dg_offload_config one = {.threads = 1,
						     .queue_max = 1};
	struct dg_store_saver *saver;
	struct dg_sealed_key key;
	size_t size = strlen(config->path) + SEEN_SUFFIX;
	enum dg_rc rc = dg_sealed_key_read(config->key, key_purpose, &key, err);

	if (rc != DG_OK)
		return rc;
	saver = DG_NEW(struct dg_store_saver);
	saver->magic = SAVER_MAGIC;
	saver->loop = loop;
	saver->key = key;
	dg_wipe(&key, sizeof(key));
	saver->interval_ms = config->interval_ms;
	saver->path = dg_strdup(config->path);
	saver->seen_path = DG_NEW_ARRAY(char, size);
	(void)snprintf(saver->seen_path, size, "%s.seen", config->path);
	saver->conninfo = dg_strdup(config->conninfo);
	if (dg_pg_describe(config->conninfo, saver->source,
			   sizeof(saver->source)) != DG_OK)
		saver->source[0] = '\0'; /* Postgres will say what is wrong */
	saver->pool = dg_offload_create(&one);
	*saver_out = saver;
	return DG_OK;
}

void
dg_store_saver_destroy(struct dg_store_saver **saver)
{
	struct dg_store_saver *s = *saver;

	*saver = NULL;
	if (s == NULL)
		return;
	DG_CHECK_MAGIC(s, SAVER_MAGIC);
	if (s->job != NULL) {
		atomic_store(&s->job->cancelled, true);
		/* Its mailbox is its own, and empty. */
		DG_ASSERT(dg_loop_post(s->job->loop, on_cancel, s->job) ==
			  DG_OK);
	}
	dg_offload_destroy(&s->pool);
	job_free(&s->job);
	dg_wipe(&s->key, sizeof(s->key));
	dg_wipe(s->conninfo, strlen(s->conninfo));
	dg_free(s->conninfo);
	dg_free(s->path);
	dg_free(s->seen_path);
	s->magic = 0;
	dg_free(s);
}

/* ---- reading ------------------------------------------------------------ */

static enum dg_rc
check_source(const struct dg_store_saver *saver,
	     const struct dg_last_good *about, struct dg_error *err)
{
	if (strcmp(about->source, saver->source) == 0)
		return DG_OK;
	return dg_error_set(err, DG_ERR_INVALID,
			    "it holds the policy of the Postgres \"%s\", and "
			    "postgres.conninfo names \"%s\"",
			    about->source, saver->source);
}

static enum dg_rc
read_rows(struct dg_last_good_reader *reader, struct dg_policy_intake *in,
	  struct dg_error *err)
{
	bool at_end = false;
	enum dg_rc rc = DG_OK;

	while (rc == DG_OK && !at_end) {
		size_t table = 0;
		size_t len = 0;
		char *line = NULL;

		rc = dg_last_good_reader_next(reader, &table, &line, &len,
					      &at_end, err);
		if (rc != DG_OK || at_end)
			break;
		rc = dg_policy_take_line(in, table, line, len);
		if (rc != DG_OK)
			*err = in->err;
	}
	return rc;
}

static enum dg_rc
read_policy(struct dg_store_saver *saver, int *fd, size_t max_bytes,
	    struct dg_last_good *about_out,
	    struct dg_store_snapshot **snapshot_out, struct dg_error *err)
{
	struct dg_last_good_reader reader;
	struct dg_policy_intake in;
	enum dg_rc rc = dg_last_good_reader_open(
		&reader, &saver->key, dg_file_get, fd, about_out, err);

	dg_policy_intake_init(&in, max_bytes);
	if (rc == DG_OK)
		rc = check_source(saver, about_out, err);
	if (rc == DG_OK) {
		dg_policy_intake_begin(&in, about_out->version,
				       dg_str_from_cstr(about_out->stamp));
		rc = read_rows(&reader, &in, err);
	}
	if (rc == DG_OK) {
		rc = dg_policy_intake_finish(&in, snapshot_out);
		if (rc != DG_OK)
			*err = in.err;
	}
	dg_policy_intake_fini(&in);
	dg_last_good_reader_close(&reader);
	return rc;
}

/* A later time, if there is one for this very file. */
static void
read_seen(const struct dg_store_saver *saver, struct dg_last_good *about)
{
	struct dg_last_good_time seen = {.wall_us = 0};
	char id[DG_LAST_GOOD_ID + 1];
	struct dg_error err;
	enum dg_rc rc;
	int fd = -1;

	rc = dg_file_open(saver->seen_path, &fd, &err);
	if (rc == DG_OK)
		rc = dg_last_good_seen_read(&saver->key, dg_file_get, &fd, id,
					    &seen, &err);
	dg_file_close(&fd);
	if (rc != DG_OK && rc != DG_ERR_NOT_FOUND)
		dg_log_warn(NULL, "policy.seen_refused",
			    DG_FIELDS(DG_LOG_CSTR("file", saver->seen_path)),
			    "the policy's file is taken for as old as it was "
			    "when it was written: %s",
			    err.text);
	if (rc == DG_OK && strcmp(id, about->id) == 0 &&
	    seen.wall_us >= about->seen.wall_us)
		about->seen = seen;
}

enum dg_rc
dg_store_saver_load(struct dg_store_saver *saver, size_t max_bytes,
		    struct dg_store_snapshot **snapshot_out,
		    int64_t *age_ms_out, struct dg_error *err)
{
	struct dg_store_snapshot *snapshot = NULL;
	struct dg_last_good_time now = dg_last_good_now();
	struct dg_last_good about;
	enum dg_rc rc;
	int fd = -1;

	DG_CHECK_MAGIC(saver, SAVER_MAGIC);
	rc = dg_file_open(saver->path, &fd, err);
	if (rc != DG_OK)
		return rc;
	rc = read_policy(saver, &fd, max_bytes, &about, &snapshot, err);
	dg_file_close(&fd);
	if (rc == DG_OK) {
		read_seen(saver, &about);
		rc = dg_last_good_age_ms(&about.seen, &now, age_ms_out, err);
	}
	if (rc != DG_OK) {
		dg_store_snapshot_unref(&snapshot);
		return dg_error_wrap(err, "%s cannot be used", saver->path);
	}
	saver->file = about;
	dg_metric_set(DG_METRIC_POLICY_FILE_VERSION, about.version);
	*snapshot_out = snapshot;
	return DG_OK;
}
