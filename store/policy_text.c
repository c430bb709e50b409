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

#include "base/buf.h"
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

enum dg_rc
dg_policy_tagged(struct dg_str text, struct dg_arena *arena,
		 struct dg_acl_tagging *tagging_out, struct dg_error *err)
{
	struct dg_acl_object *o = &tagging_out->object;
	struct dg_str *parts[] = {&o->catalog, &o->schema, &o->name};
	static const enum dg_acl_kind kinds[] = {DG_ACL_CATALOG, DG_ACL_SCHEMA,
						 DG_ACL_TABLE};
	size_t at = 0;
	size_t n = 0;

	*tagging_out = (struct dg_acl_tagging){.column = DG_STR_EMPTY};
	do {
		struct dg_str part;
		enum dg_rc rc = read_part(text, &at, arena, &part, err);

		if (rc != DG_OK)
			return rc;
		if (part.len == 0 || at + 1 == text.len)
			return dg_error_set(err, DG_ERR_INVALID,
					    "\"%.*s\" is not of the form "
					    "CATALOG.SCHEMA.TABLE.COLUMN",
					    DG_STR_ARG(text));
		*parts[n] = dg_policy_lower(arena, part);
		if (parts[n]->data == NULL)
			return too_large(err);
		o->kind = kinds[n++];
		at++; /* the dot */
	} while (at < text.len && n < DG_ARRAY_LEN(parts));
	if (at >= text.len)
		return DG_OK;
	tagging_out->column =
		dg_policy_lower(arena, dg_str_slice(text, at, text.len));
	return tagging_out->column.data == NULL ? too_large(err) : DG_OK;
}

/* In quotes where dots or quotes are in it. */
static enum dg_rc
put_part(struct dg_buf *out, struct dg_str part)
{
	enum dg_rc rc;

	if (dg_str_find(part, '.', 0) == part.len &&
	    dg_str_find(part, '"', 0) == part.len)
		return dg_buf_append(out, part);
	rc = dg_buf_append(out, DG_STR("\""));
	for (size_t i = 0; rc == DG_OK && i < part.len; i++)
		rc = dg_buf_append(out, part.data[i] == '"'
						? DG_STR("\"\"")
						: dg_str_slice(part, i, i + 1));
	return rc == DG_OK ? dg_buf_append(out, DG_STR("\"")) : rc;
}

enum dg_rc
dg_policy_tagged_text(const struct dg_acl_tagging *tagging,
		      struct dg_arena *arena, struct dg_str *text_out,
		      struct dg_error *err)
{
	enum { TEXT_MAX = 64 << 10 };
	const struct dg_acl_object *o = &tagging->object;
	const struct dg_str parts[] = {o->catalog, o->schema, o->name};
	struct dg_buf text;
	enum dg_rc rc = DG_OK;

	dg_buf_init(&text, TEXT_MAX);
	for (size_t i = 0; rc == DG_OK && i < DG_ARRAY_LEN(parts); i++) {
		if (parts[i].len == 0)
			break;
		if (i > 0)
			rc = dg_buf_append(&text, DG_STR("."));
		if (rc == DG_OK)
			rc = put_part(&text, parts[i]);
	}
	if (rc == DG_OK && tagging->column.len > 0)
		rc = dg_buf_append(&text, DG_STR("."));
	if (rc == DG_OK)
		rc = dg_buf_append(&text, tagging->column);
	if (rc == DG_OK)
		*text_out = dg_arena_str(arena, dg_buf_peek(&text));
	dg_buf_fini(&text);
	return rc != DG_OK || text_out->data == NULL ? too_large(err) : DG_OK;
}

enum dg_rc
dg_policy_map_catalog(struct dg_acl_builder *builder, struct dg_str cluster,
		      struct dg_str text, struct dg_error *err)
{
	size_t equals = dg_str_find(text, '=', 0);

	return dg_acl_map_catalog(
		builder, cluster, dg_str_slice(text, 0, equals),
		dg_str_slice(text, equals + 1, text.len), err);
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

/* Days since 1970-01-01, in a calendar whose years begin in March. */
static int64_t
days_of(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t in_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day;

	return 365 * y + y / 4 - y / 100 + y / 400 + in_year - 719469;
}

/* ".5" and the like: microseconds; -1 for what is none. */
static int64_t
fraction_us(struct dg_str text)
{
	int64_t us = 0;

	if (text.len == 0)
		return 0;
	if (text.data[0] != '.' || text.len < 2 || text.len > 7)
		return -1;
	for (size_t i = 1; i < 7; i++) {
		int digit = i < text.len ? digits(text, i, 1) : 0;

		if (digit < 0)
			return -1;
		us = 10 * us + digit;
	}
	return us;
}

enum dg_rc
dg_policy_time_us(struct dg_str text, int64_t *us_out)
{
	char whole[] = "0000-00-00T00:00:00Z";
	struct dg_str time = dg_str_make(whole, sizeof(whole) - 1);
	int64_t seconds;
	int64_t us;

	*us_out = 0;
	if (text.data == NULL)
		return DG_OK;
	if (text.len < time.len || text.data[text.len - 1] != 'Z')
		return DG_ERR_INVALID;
	memcpy(whole, text.data, time.len - 1);
	us = fraction_us(dg_str_slice(text, time.len - 1, text.len - 1));
	if (us < 0 || !is_date(time) || !is_time_of_day(time))
		return DG_ERR_INVALID;
	seconds = days_of(digits(time, 0, 4), digits(time, 5, 2),
			  digits(time, 8, 2)) *
		  86400;
	seconds += digits(time, 11, 2) * 3600 + digits(time, 14, 2) * 60 +
		   digits(time, 17, 2);
	*us_out = seconds * 1000000 + us;
	return DG_OK;
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
