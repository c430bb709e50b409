/* SPDX-License-Identifier: Apache-2.0 */
/*
 * secret.c - secrets by reference: a file or an environment variable.
 *
 * The value is never logged nor put into an error; memory is wiped before it
 * goes back.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "proxy/config.h"

#define FILE_PREFIX DG_STR("file:")
#define ENV_PREFIX DG_STR("env:")

bool
dg_secret_is_reference(struct dg_str text)
{
	if (dg_str_starts_with(text, FILE_PREFIX))
		return text.len > FILE_PREFIX.len;
	return dg_str_starts_with(text, ENV_PREFIX) &&
	       text.len > ENV_PREFIX.len;
}

/* Reads up to max + 1 bytes, so that a longer file is noticed. */
static enum dg_rc
read_all(int fd, char *room, size_t max, size_t *len_out)
{
	size_t len = 0;
	ssize_t n = 1;

	while (n > 0 && len <= max) {
		n = read(fd, room + len, max + 1 - len);
		if (n < 0 && errno == EINTR) {
			n = 1;
			continue;
		}
		if (n < 0)
			return DG_ERR_IO;
		len += (size_t)n;
	}
	*len_out = len;
	return DG_OK;
}

/* Anything but a regular file could block or never end. */
static enum dg_rc
open_regular(const char *path, int *fd_out, struct dg_error *err)
{
	struct stat info;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return dg_error_set(err, DG_ERR_IO, "cannot open %s: %s", path,
				    strerror(errno));
	if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
		close(fd);
		return dg_error_set(err, DG_ERR_INVALID,
				    "%s is not a regular file", path);
	}
	*fd_out = fd;
	return DG_OK;
}

static enum dg_rc
read_file(const char *path, size_t max, struct dg_str *out,
	  struct dg_error *err)
{
	char *room;
	size_t len = 0;
	enum dg_rc rc;
	int fd;

	rc = open_regular(path, &fd, err);
	if (rc != DG_OK)
		return rc;
	room = dg_calloc(max + 2, 1);
	rc = read_all(fd, room, max, &len);
	close(fd);
	if (rc != DG_OK) {
		dg_error_set(err, rc, "cannot read %s: %s", path,
			     strerror(errno));
		goto fail;
	}
	if (len > max) {
		rc = dg_error_set(err, DG_ERR_LIMIT,
				  "%s is longer than %zu bytes", path, max);
		goto fail;
	}
	while (len > 0 && (room[len - 1] == '\n' || room[len - 1] == '\r'))
		room[--len] = '\0';
	*out = dg_str_make(room, len);
	return DG_OK;
fail:
	dg_wipe(room, max + 2);
	dg_free(room);
	return rc;
}

static enum dg_rc
read_env(const char *name, size_t max, struct dg_str *out, struct dg_error *err)
{
	const char *value = getenv(name);

	if (value == NULL)
		return dg_error_set(err, DG_ERR_NOT_FOUND,
				    "environment variable %s is not set", name);
	if (strlen(value) > max)
		return dg_error_set(
			err, DG_ERR_LIMIT,
			"environment variable %s is longer than %zu bytes",
			name, max);
	*out = dg_str_from_cstr(dg_strdup(value));
	return DG_OK;
}

enum dg_rc
dg_secret_read(struct dg_str reference, size_t max, struct dg_str *out,
	       struct dg_error *err)
{
	struct dg_str value = {NULL, 0};
	char *name = NULL;
	enum dg_rc rc;
	bool file = dg_str_starts_with(reference, FILE_PREFIX);
	size_t prefix = file ? FILE_PREFIX.len : ENV_PREFIX.len;

	if (!dg_secret_is_reference(reference))
		return dg_error_set(err, DG_ERR_INVALID,
				    "a secret is given as file:PATH or "
				    "env:NAME");
	rc = dg_str_to_cstr(dg_str_slice(reference, prefix, reference.len),
			    &name);
	if (rc != DG_OK)
		return dg_error_set(err, rc, "the reference holds a NUL");
	rc = file ? read_file(name, max, &value, err)
		  : read_env(name, max, &value, err);
	if (rc == DG_OK && value.len == 0)
		rc = dg_error_set(err, DG_ERR_INVALID, "%s is empty", name);
	else if (rc == DG_OK && memchr(value.data, '\0', value.len) != NULL)
		rc = dg_error_set(err, DG_ERR_INVALID, "%s holds a NUL", name);
	dg_free(name);
	if (rc != DG_OK) {
		dg_secret_free(&value);
		return rc;
	}
	*out = value;
	return DG_OK;
}

void
dg_secret_free(struct dg_str *secret)
{
	if (secret->data == NULL)
		return;
	/* The view is const for its readers; the owner wipes it. */
	dg_wipe((void *)(uintptr_t)secret->data, secret->len);
	dg_str_free(secret);
}
