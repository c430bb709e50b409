/* SPDX-License-Identifier: Apache-2.0 */
/*
 * audit_spool.c - see audit_spool.h.
 *
 * A segment has no last chunk: it ends where its writer ended, and a chunk
 * that a crash has cut off was never answered for. Numbers of segments only
 * grow; one is written, or one is read, never both.
 */
#include "audit_spool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/log.h"
#include "base/mem.h"
#include "replace.h"
#include "sealed.h"

enum { NAME_EXTRA = 32, SEGMENT_MAX_BYTES = 64 << 20 };

static const struct dg_sealed_kind audit_kind = {"DGAUDITS", 1};
static const char key_purpose[] = "datagateway audit spool";

struct segment {
	uint64_t number;
	uint64_t bytes;
};

struct dg_audit_spool {
	char *path; /* owned */
	struct dg_sealed_key key;
	uint64_t max_bytes;
	struct segment *segments; /* owned; sorted, oldest first */
	size_t n;
	uint64_t bytes; /* of all */
	uint64_t last;  /* number that was given away last */
	int write_fd;   /* of the newest segment; -1: none is written */
	struct dg_sealer sealer;
	int read_fd; /* of the oldest; -1: none is read */
	struct dg_unsealer unsealer;
};

static void
name_segment(const struct dg_audit_spool *spool, uint64_t number, char *out,
	     size_t size)
{
	(void)snprintf(out, size, "%s.%" PRIu64, spool->path, number);
}

static size_t
name_size(const struct dg_audit_spool *spool)
{
	return strlen(spool->path) + NAME_EXTRA;
}

/* ---- what is there ------------------------------------------------------ */

static void
add_segment(struct dg_audit_spool *spool, uint64_t number, uint64_t bytes)
{
	spool->segments = dg_realloc(spool->segments, spool->n + 1,
				     sizeof(*spool->segments));
	spool->segments[spool->n++] =
		(struct segment){.number = number, .bytes = bytes};
	spool->bytes += bytes;
	if (number > spool->last)
		spool->last = number;
}

static int
compare_segment(const void *a, const void *b)
{
	const struct segment *x = a;
	const struct segment *y = b;

	return x->number < y->number ? -1 : x->number > y->number;
}

/* NAME.NUMBER, and what is no number is no segment. */
static void
look_at(struct dg_audit_spool *spool, int folder, const char *base,
	const char *name)
{
	size_t len = strlen(base);
	struct stat about;
	uint64_t number;

	if (strncmp(name, base, len) != 0 || name[len] != '.' ||
	    dg_str_to_u64(dg_str_from_cstr(name + len + 1), &number) != DG_OK ||
	    fstatat(folder, name, &about, AT_SYMLINK_NOFOLLOW) != 0 ||
	    !S_ISREG(about.st_mode))
		return;
	add_segment(spool, number, (uint64_t)about.st_size);
}

static enum dg_rc
scan(struct dg_audit_spool *spool, struct dg_error *err)
{
	char *folder = dg_strdup(spool->path);
	char *slash = strrchr(folder, '/');
	const char *base = slash == NULL ? spool->path
					 : spool->path + (slash - folder) + 1;
	const struct dirent *entry;
	DIR *dir;

	if (slash != NULL)
		slash[slash == folder ? 1 : 0] = '\0';
	dir = opendir(slash == NULL ? "." : folder);
	dg_free(folder);
	if (dir == NULL)
		return dg_error_set(err, DG_ERR_IO, "the folder of %s: %s",
				    spool->path, strerrordesc_np(errno));
	for (entry = readdir(dir); entry != NULL; entry = readdir(dir))
		look_at(spool, dirfd(dir), base, entry->d_name);
	(void)closedir(dir);
	if (spool->n > 0)
		qsort(spool->segments, spool->n, sizeof(*spool->segments),
		      compare_segment);
	return DG_OK;
}

enum dg_rc
dg_audit_spool_open(const char *path, struct dg_str key, uint64_t max_bytes,
		    struct dg_audit_spool **spool_out, struct dg_error *err)
{
	struct dg_audit_spool *spool = DG_NEW(struct dg_audit_spool);
	enum dg_rc rc = dg_sealed_key_read(key, key_purpose, &spool->key, err);

	spool->path = dg_strdup(path);
	spool->max_bytes = max_bytes;
	spool->write_fd = -1;
	spool->read_fd = -1;
	if (rc == DG_OK)
		rc = scan(spool, err);
	if (rc != DG_OK)
		dg_audit_spool_close(&spool);
	*spool_out = spool;
	return rc;
}

static void
end_writing(struct dg_audit_spool *spool)
{
	if (spool->write_fd < 0)
		return;
	dg_sealer_close(&spool->sealer);
	dg_file_close(&spool->write_fd);
}

void
dg_audit_spool_rewind(struct dg_audit_spool *spool)
{
	if (spool->read_fd < 0)
		return;
	dg_unsealer_close(&spool->unsealer);
	dg_file_close(&spool->read_fd);
}

void
dg_audit_spool_close(struct dg_audit_spool **spool)
{
	struct dg_audit_spool *s = *spool;

	*spool = NULL;
	if (s == NULL)
		return;
	end_writing(s);
	dg_audit_spool_rewind(s);
	dg_wipe(&s->key, sizeof(s->key));
	dg_free(s->segments);
	dg_free(s->path);
	dg_free(s);
}

bool
dg_audit_spool_is_empty(const struct dg_audit_spool *spool)
{
	return spool->n == 0;
}

uint64_t
dg_audit_spool_bytes(const struct dg_audit_spool *spool)
{
	return spool->bytes;
}

/* ---- writing ------------------------------------------------------------ */

/* A dg_sealed_put_fn: to the end of the segment that is written. */
static enum dg_rc
put(void *arg, const void *bytes, size_t n, struct dg_error *err)
{
	struct dg_audit_spool *spool = arg;
	const char *at = bytes;

	while (n > 0) {
		ssize_t done = write(spool->write_fd, at, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return dg_error_set(err, DG_ERR_IO, "write: %s",
					    strerrordesc_np(errno));
		at += done;
		n -= (size_t)done;
		spool->bytes += (uint64_t)done;
		spool->segments[spool->n - 1].bytes += (uint64_t)done;
	}
	return DG_OK;
}

static enum dg_rc
begin_segment(struct dg_audit_spool *spool, struct dg_error *err)
{
	size_t size = name_size(spool);
	char *name = DG_NEW_ARRAY(char, size);
	enum dg_rc rc = DG_OK;

	name_segment(spool, spool->last + 1, name, size);
	spool->write_fd =
		open(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		     S_IRUSR | S_IWUSR);
	if (spool->write_fd < 0)
		rc = dg_error_set(err, DG_ERR_IO, "create %s: %s", name,
				  strerrordesc_np(errno));
	else
		rc = dg_folder_sync(name, err);
	if (spool->write_fd >= 0) {
		add_segment(spool, spool->last + 1, 0);
		if (dg_sealer_open(&spool->sealer, &audit_kind, &spool->key,
				   put, spool, err) != DG_OK)
			rc = DG_ERR_IO;
		if (rc != DG_OK)
			end_writing(spool);
	}
	dg_free(name);
	return rc;
}

enum dg_rc
dg_audit_spool_append(struct dg_audit_spool *spool, struct dg_str batch,
		      struct dg_error *err)
{
	enum dg_rc rc = DG_OK;

	DG_ASSERT(batch.len <= DG_SEALED_CHUNK_MAX);
	dg_audit_spool_rewind(spool);
	if (spool->bytes + batch.len > spool->max_bytes)
		return dg_error_set(err, DG_ERR_LIMIT,
				    "the audit spool is full");
	if (spool->write_fd >= 0 &&
	    spool->segments[spool->n - 1].bytes > SEGMENT_MAX_BYTES)
		end_writing(spool);
	if (spool->write_fd < 0)
		rc = begin_segment(spool, err);
	if (rc == DG_OK)
		rc = dg_sealer_put(&spool->sealer, batch, false, err);
	if (rc == DG_OK && fdatasync(spool->write_fd) != 0)
		rc = dg_error_set(err, DG_ERR_IO, "sync: %s",
				  strerrordesc_np(errno));
	/* What is behind half a chunk could not be read: another segment. */
	if (rc != DG_OK)
		end_writing(spool);
	return rc;
}

/* ---- reading ------------------------------------------------------------ */

static enum dg_rc
begin_reading(struct dg_audit_spool *spool, struct dg_error *err)
{
	size_t size = name_size(spool);
	char *name = DG_NEW_ARRAY(char, size);
	enum dg_rc rc;

	end_writing(spool);
	name_segment(spool, spool->segments[0].number, name, size);
	rc = dg_file_open(name, &spool->read_fd, err);
	dg_free(name);
	if (rc != DG_OK)
		return rc;
	return dg_unsealer_open(&spool->unsealer, &audit_kind, &spool->key,
				dg_file_get, &spool->read_fd, err);
}

static void
drop_oldest(struct dg_audit_spool *spool)
{
	dg_audit_spool_rewind(spool);
	spool->bytes -= spool->segments[0].bytes;
	spool->n--;
	memmove(spool->segments, spool->segments + 1,
		spool->n * sizeof(*spool->segments));
}

/* For people to look at. */
static void
put_aside(struct dg_audit_spool *spool, const struct dg_error *err)
{
	size_t size = name_size(spool);
	char *name = DG_NEW_ARRAY(char, size);
	char *aside = DG_NEW_ARRAY(char, size);

	name_segment(spool, spool->segments[0].number, name, size);
	(void)snprintf(aside, size, "%s.unread", name);
	/* Never over one that was put aside before. */
	(void)renameat2(AT_FDCWD, name, AT_FDCWD, aside, RENAME_NOREPLACE);
	dg_log_error(NULL, "audit.spool_unread",
		     DG_FIELDS(DG_LOG_CSTR("file", aside)),
		     "audit records on disk cannot be read; the file is kept: "
		     "%s",
		     err->text);
	drop_oldest(spool);
	dg_free(name);
	dg_free(aside);
}

enum dg_rc
dg_audit_spool_next(struct dg_audit_spool *spool, struct dg_str *batch_out,
		    bool *at_end_out, struct dg_error *err)
{
	enum dg_rc rc = DG_OK;
	char *chunk = NULL;
	size_t len = 0;

	DG_ASSERT(spool->n > 0);
	*at_end_out = false;
	if (spool->read_fd < 0)
		rc = begin_reading(spool, err);
	if (rc == DG_OK)
		rc = dg_unsealer_next(&spool->unsealer, &chunk, &len,
				      at_end_out, err);
	if (rc == DG_ERR_NOT_FOUND && spool->read_fd >= 0) {
		*at_end_out = true; /* of what was written */
		return DG_OK;
	}
	if (rc != DG_OK)
		put_aside(spool, err);
	else
		*batch_out = dg_str_make(chunk, len);
	return rc;
}

void
dg_audit_spool_forget(struct dg_audit_spool *spool)
{
	size_t size = name_size(spool);
	char *name = DG_NEW_ARRAY(char, size);

	name_segment(spool, spool->segments[0].number, name, size);
	if (unlink(name) != 0)
		dg_log_error(NULL, "audit.spool_kept",
			     DG_FIELDS(DG_LOG_CSTR("file", name)),
			     "a file of the audit spool cannot be removed; it "
			     "is read again at the next start");
	drop_oldest(spool);
	dg_free(name);
}
