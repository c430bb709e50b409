/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_text.c - see policy_text.h. Nothing here looks at other parts of the
 * file.
 */
#include "policy_text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"

enum { SECRET_MAX = 4096, PATH_BYTES = 4096 };

static enum dg_rc
too_large(struct dg_error *err)
{
	return dg_error_set(err, DG_ERR_LIMIT, "the file is too large");
}

struct dg_str
dg_policy_lower(struct dg_arena *arena, struct dg_str s)
{
	char *copy = dg_arena_alloc(arena, s.len);

	if (copy == NULL)
		return dg_str_make(NULL, 0);
	for (size_t i = 0; i < s.len; i++)
		copy[i] = s.data[i] >= 'A' && s.data[i] <= 'Z'
				  ? (char)(s.data[i] - 'A' + 'a')
				  : s.data[i];
	return dg_str_make(copy, s.len);
}

enum dg_rc
dg_policy_principal(struct dg_str text, struct dg_arena *arena,
		    struct dg_str *token_out, struct dg_error *err)
{
	bool has_kind = dg_str_starts_with(text, DG_STR("user:")) ||
			dg_str_starts_with(text, DG_STR("role:"));

	if (text.len == (has_kind ? 5 : 0))
		return dg_error_set(err, DG_ERR_INVALID,
				    "a user or role has no name");
	if (has_kind)
		*token_out = text;
	else if (dg_str_eq(text, DG_STR("public")))
		*token_out = DG_STR("role:public");
	else
		*token_out =
			dg_arena_printf(arena, "user:%.*s", DG_STR_ARG(text));
	return token_out->data == NULL ? too_large(err) : DG_OK;
}

/* ---- objects ------------------------------------------------------------ */

/* One part up to a dot or the end; at is behind it then. */
static enum dg_rc
read_part(struct dg_str text, size_t *at, struct dg_arena *arena,
	  struct dg_str *part_out, struct dg_error *err)
{
	size_t end;
	char *out;
	size_t n = 0;

	if (*at >= text.len || text.data[*at] != '"') {
		end = dg_str_find(text, '.', *at);
		*part_out = dg_str_slice(text, *at, end);
		*at = end;
		if (dg_str_find(*part_out, '"', 0) < part_out->len)
			return dg_error_set(err, DG_ERR_INVALID,
					    "a quote in the middle of \"%.*s\"",
					    DG_STR_ARG(*part_out));
		return DG_OK;
	}
	out = dg_arena_alloc(arena, text.len);
	if (out == NULL)
		return too_large(err);
	for (end = *at + 1; end < text.len; end++) {
		if (text.data[end] == '"') {
			if (end + 1 == text.len || text.data[end + 1] != '"')
				break;
			end++;
		}
		out[n++] = text.data[end];
	}
	if (end == text.len ||
	    (end + 1 < text.len && text.data[end + 1] != '.'))
		return dg_error_set(err, DG_ERR_INVALID,
				    "a quote in \"%.*s\" is not closed",
				    DG_STR_ARG(text));
	*part_out = dg_str_make(out, n);
	*at = end + 1;
	return DG_OK;
}

static enum dg_rc
split_object(struct dg_str text, struct dg_str **parts, size_t n,
	     const char *shape, struct dg_arena *arena, struct dg_error *err)
{
	size_t at = 0;

	for (size_t i = 0; i < n; i++) {
		struct dg_str part;
		enum dg_rc rc = read_part(text, &at, arena, &part, err);
		bool is_last = i + 1 == n;

		if (rc != DG_OK)
			return rc;
		if (part.len == 0 || (at < text.len) == is_last)
			return dg_error_set(err, DG_ERR_INVALID,
					    "\"%.*s\" is not of the form %s",
					    DG_STR_ARG(text), shape);
		*parts[i] = dg_policy_lower(arena, part);
		if (parts[i]->data == NULL)
			return too_large(err);
		at++; /* the dot */
	}
	return DG_OK;
}

enum dg_rc
dg_policy_object(struct dg_str text, enum dg_acl_kind kind,
		 struct dg_arena *arena, struct dg_acl_object *object_out,
		 struct dg_error *err)
{
	struct dg_acl_object *o = object_out;
	struct dg_str *parts[] = {&o->catalog, &o->schema, &o->name};

	*o = (struct dg_acl_object){.kind = kind,
				    .catalog = DG_STR_EMPTY,
				    .schema = DG_STR_EMPTY,
				    .name = DG_STR_EMPTY};
	switch (kind) {
	case DG_ACL_CATALOG:
		return split_object(text, parts, 1, "CATALOG", arena, err);
	case DG_ACL_SCHEMA:
		return split_object(text, parts, 2, "CATALOG.SCHEMA", arena,
				    err);
	case DG_ACL_TABLE:
	case DG_ACL_FUNCTION:
	case DG_ACL_PROCEDURE:
	case DG_ACL_TABLE_FUNCTION:
		return split_object(text, parts, 3, "CATALOG.SCHEMA.NAME",
				    arena, err);
	case DG_ACL_CLUSTER:
	case DG_ACL_PROPERTY:
		o->name = dg_policy_lower(arena, text);
		return o->name.data == NULL ? too_large(err) : DG_OK;
	case DG_ACL_USER:
	case DG_ACL_QUERY:
		o->name = text; /* users are compared exactly */
		return DG_OK;
	case DG_ACL_KIND_COUNT:
		break;
	}
	return dg_error_set(err, DG_ERR_INVALID, "unknown kind");
}

/* ---- URLs and times ----------------------------------------------------- */

static bool
is_host(struct dg_str host)
{
	for (size_t i = 0; i < host.len; i++) {
		char c = host.data[i];

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
		      c == '.' || c == '-' || c == '_' || c == ':'))
			return false;
	}
	return host.len > 0 && host.len <= 255;
}

enum dg_rc
dg_policy_url(struct dg_str text, struct dg_arena *arena,
	      struct dg_policy_url *url_out, struct dg_error *err)
{
	struct dg_str rest = dg_policy_lower(arena, text);
	struct dg_str port;
	uint64_t number;
	size_t end;

	if (rest.data == NULL)
		return too_large(err);
	url_out->tls = dg_str_starts_with(rest, DG_STR("https://"));
	number = url_out->tls ? 443 : 80;
	if (!url_out->tls && !dg_str_starts_with(rest, DG_STR("http://")))
		goto fail;
	rest = dg_str_slice(rest, url_out->tls ? 8 : 7, rest.len);
	if (dg_str_ends_with(rest, DG_STR("/")))
		rest = dg_str_slice(rest, 0, rest.len - 1);
	if (rest.len > 0 && rest.data[0] == '[') {
		end = dg_str_find(rest, ']', 0);
		url_out->host = dg_str_slice(rest, 1, end);
		end++;
	} else {
		end = dg_str_find(rest, ':', 0);
		url_out->host = dg_str_slice(rest, 0, end);
	}
	if (end < rest.len) {
		port = dg_str_slice(rest, end + 1, rest.len);
		if (rest.data[end] != ':' ||
		    dg_str_to_u64(port, &number) != DG_OK)
			goto fail;
	}
	if (end > rest.len || !is_host(url_out->host) || number < 1 ||
	    number > UINT16_MAX)
		goto fail;
	url_out->port = (uint16_t)number;
	return DG_OK;
fail:
	return dg_error_set(err, DG_ERR_INVALID,
			    "\"%.*s\" is not of the form "
			    "http://HOST:PORT or https://HOST:PORT",
			    DG_STR_ARG(text));
}

/* Digits of text at at, n of them; 0 to 9999, or -1. */
static int
digits(struct dg_str text, size_t at, size_t n)
{
	int value = 0;

	for (size_t i = at; i < at + n; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return -1;
		value = 10 * value + (text.data[i] - '0');
	}
	return value;
}

static bool
is_date(struct dg_str t)
{
	static const int days[] = {31, 28, 31, 30, 31, 30,
				   31, 31, 30, 31, 30, 31};
	int year = digits(t, 0, 4);
	int month = digits(t, 5, 2);
	int day = digits(t, 8, 2);
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return t.data[4] == '-' && t.data[7] == '-' && year >= 1970 &&
	       month >= 1 && month <= 12 && day >= 1 &&
	       day <= days[month - 1] + (month == 2 && leap ? 1 : 0);
}

static bool
is_time_of_day(struct dg_str t)
{
	int hour = digits(t, 11, 2);
	int minute = digits(t, 14, 2);
	int second = digits(t, 17, 2);

	return t.data[10] == 'T' && t.data[13] == ':' && t.data[16] == ':' &&
	       t.data[19] == 'Z' && hour >= 0 && hour <= 23 && minute >= 0 &&
	       minute <= 59 && second >= 0 && second <= 59;
}

enum dg_rc
dg_policy_time(struct dg_str text, struct dg_arena *arena,
	       struct dg_str *time_out, struct dg_error *err)
{
	if (text.len == 10 && is_date(text))
		*time_out = dg_arena_printf(arena, "%.*sT00:00:00Z",
					    DG_STR_ARG(text));
	else if (text.len == 20 && is_date(text) && is_time_of_day(text))
		*time_out = text;
	else
		return dg_error_set(err, DG_ERR_INVALID,
				    "\"%.*s\" is not a time in UTC such as "
				    "2026-01-31 or 2026-01-31T12:00:00Z",
				    DG_STR_ARG(text));
	return time_out->data == NULL ? too_large(err) : DG_OK;
}

/* ---- secrets ------------------------------------------------------------ */

static enum dg_rc
take_secret(const char *bytes, size_t n, struct dg_str *out,
	    struct dg_error *err)
{
	while (n > 0 && (bytes[n - 1] == '\n' || bytes[n - 1] == '\r'))
		n--;
	if (n == 0)
		return dg_error_set(err, DG_ERR_INVALID, "it is empty");
	*out = dg_str_dup(dg_str_make(bytes, n));
	return DG_OK;
}

enum dg_rc
dg_policy_read_file(struct dg_str path, struct dg_str *out,
		    struct dg_error *err)
{
	char name[PATH_BYTES] = {0};
	char bytes[SECRET_MAX];
	size_t n = 0;
	ssize_t got = 0;
	enum dg_rc rc;
	int fd;

	if (path.len >= sizeof(name))
		return dg_error_set(err, DG_ERR_INVALID,
				    "the path is too long");
	memcpy(name, path.data, path.len);
	fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return dg_error_set(err, DG_ERR_IO, "%s: %s", name,
				    strerror(errno));
	while (n < sizeof(bytes)) {
		got = read(fd, bytes + n, sizeof(bytes) - n);
		if (got <= 0)
			break;
		n += (size_t)got;
	}
	if (got < 0)
		rc = dg_error_set(err, DG_ERR_IO, "%s: %s", name,
				  strerror(errno));
	else if (n == sizeof(bytes))
		rc = dg_error_set(err, DG_ERR_INVALID,
				  "%s is too long for a password", name);
	else
		rc = take_secret(bytes, n, out, err);
	(void)close(fd);
	dg_wipe(bytes, sizeof(bytes));
	return rc;
}

enum dg_rc
dg_policy_read_env(struct dg_str name, struct dg_str *out, struct dg_error *err)
{
	char *variable = NULL;
	const char *value = NULL;

	if (dg_str_to_cstr(name, &variable) == DG_OK)
		value = getenv(variable);
	dg_free(variable);
	if (value == NULL)
		return dg_error_set(err, DG_ERR_NOT_FOUND,
				    "there is no environment variable %.*s",
				    DG_STR_ARG(name));
	return take_secret(value, strlen(value), out, err);
}
