/* SPDX-License-Identifier: Apache-2.0 */
/*
 * replace.c - see replace.h. A file is written under another name, synced,
 * renamed, and then the folder is synced: after a crash there is the former
 * file or the new one.
 */
#include "replace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"

enum { FRESH_SUFFIX = 5 /* ".new" */ };

static enum dg_rc
failed(struct dg_error *err, const char *what, const char *path)
{
	int number = errno;
	enum dg_rc rc = number == ENOENT ? DG_ERR_NOT_FOUND : DG_ERR_IO;

	return dg_error_set(err, rc, "%s %s: %s", what, path,
			    strerrordesc_np(number));
}

/* ---- writing ------------------------------------------------------------ */

enum dg_rc
dg_replace_open(struct dg_replace *r, const char *path, struct dg_error *err)
{
	size_t size = strlen(path) + FRESH_SUFFIX;

	r->path = dg_strdup(path);
	r->fresh = DG_NEW_ARRAY(char, size);
	(void)snprintf(r->fresh, size, "%s.new", path);
	/* What a crash has left behind. */
	(void)unlink(r->fresh);
	r->fd = open(r->fresh,
		     O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		     S_IRUSR | S_IWUSR);
	return r->fd < 0 ? failed(err, "create", r->fresh) : DG_OK;
}

enum dg_rc
dg_replace_put(void *arg, const void *bytes, size_t n, struct dg_error *err)
{
	struct dg_replace *r = arg;
	const char *at = bytes;

	while (n > 0) {
		ssize_t done = write(r->fd, at, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return failed(err, "write", r->fresh);
		at += done;
		n -= (size_t)done;
	}
	return DG_OK;
}

/* The folder that path is in, opened. */
static int
open_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder;
	int fd;

	if (slash == NULL)
		return open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	folder = dg_strdup(path);
	folder[slash == path ? 1 : slash - path] = '\0';
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	dg_free(folder);
	return fd;
}

enum dg_rc
dg_folder_sync(const char *path, struct dg_error *err)
{
	int folder = open_folder(path);
	int synced;

	if (folder < 0)
		return failed(err, "open the folder of", path);
	synced = fsync(folder);
	(void)close(folder);
	return synced == 0 ? DG_OK : failed(err, "sync the folder of", path);
}

enum dg_rc
dg_replace_commit(struct dg_replace *r, struct dg_error *err)
{
	if (fsync(r->fd) != 0)
		return failed(err, "sync", r->fresh);
	if (rename(r->fresh, r->path) != 0)
		return failed(err, "rename", r->fresh);
	(void)close(r->fd);
	r->fd = -1;
	return dg_folder_sync(r->path, err);
}

void
dg_replace_close(struct dg_replace *r)
{
	if (r->fd >= 0) {
		(void)close(r->fd);
		(void)unlink(r->fresh);
	}
	dg_free(r->path);
	dg_free(r->fresh);
}

/* ---- reading ------------------------------------------------------------ */

enum dg_rc
dg_file_open(const char *path, int *fd_out, struct dg_error *err)
{
	struct stat about;
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return failed(err, "open", path);
	if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode)) {
		(void)close(fd);
		return dg_error_set(err, DG_ERR_INVALID,
				    "%s is no regular file", path);
	}
	*fd_out = fd;
	return DG_OK;
}

enum dg_rc
dg_file_get(void *arg, void *to, size_t n, size_t *got_out,
	    struct dg_error *err)
{
	const int *fd = arg;
	char *at = to;

	*got_out = 0;
	while (*got_out < n) {
		ssize_t got = read(*fd, at + *got_out, n - *got_out);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return dg_error_set(err, DG_ERR_IO, "read: %s",
					    strerrordesc_np(errno));
		if (got == 0)
			break;
		*got_out += (size_t)got;
	}
	return DG_OK;
}

void
dg_file_close(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}
