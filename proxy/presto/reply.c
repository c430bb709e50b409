/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reply.c - result pages written by the gateway. See reply.h.
 *
 * The order of members and the set of statistics are those of the engines,
 * all zero: some clients demand them (protocol.md 3.1, 5.1).
 */
#include "presto/reply.h"

#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/json.h"

static const struct dg_query_error_info query_errors[] = {
#define DG_QUERY_ERROR(id, name, code, type) [DG_QE_##id] = {name, code, type},
#include "presto/query_errors.def"
#undef DG_QUERY_ERROR
};

const char *
dg_query_error_name(enum dg_query_error error)
{
	return query_errors[error].name;
}

bool
dg_query_error_is_known(unsigned number)
{
	return number < DG_ARRAY_LEN(query_errors);
}

/* ---- ids --------------------------------------------------------------- */

/*
 * Coordinators make their suffixes of letters without l, o and of digits
 * without 0, 1: with "d0l" in front an id of ours cannot be one of theirs.
 */
void
dg_reply_make_query_id(int64_t wall_us, char id_out[DG_QUERY_ID_MAX])
{
	static const char letters[] = "abcdefghijkmnpqrstuvwxyz23456789";
	static _Atomic unsigned last;
	unsigned n = atomic_fetch_add(&last, 1) % 100000;
	uint32_t random = randombytes_random();
	char now[DG_CLOCK_TEXT_MAX];

	dg_clock_format_utc(wall_us, now);
	snprintf(id_out, DG_QUERY_ID_MAX,
		 "%.4s%.2s%.2s_%.2s%.2s%.2s_%05u_d0l%c%c", now, now + 5,
		 now + 8, now + 11, now + 14, now + 17, n, letters[random & 31],
		 letters[random >> 5 & 31]);
}

/* ---- parts ------------------------------------------------------------- */

enum { T = 1 << DG_FAMILY_TRINO, P = 1 << DG_FAMILY_PRESTO };

struct number {
	const char *name;
	unsigned families;
};

static const struct number numbers[] = {
	{"nodes", T | P},
	{"totalSplits", T | P},
	{"queuedSplits", T | P},
	{"runningSplits", T | P},
	{"completedSplits", T | P},
	{"planningTimeMillis", T},
	{"analysisTimeMillis", T},
	{"cpuTimeMillis", T | P},
	{"wallTimeMillis", T | P},
	{"waitingForPrerequisitesTimeMillis", P},
	{"queuedTimeMillis", T | P},
	{"elapsedTimeMillis", T | P},
	{"finishingTimeMillis", T},
	{"physicalInputTimeMillis", T},
	{"processedRows", T | P},
	{"processedBytes", T | P},
	{"physicalInputBytes", T},
	{"physicalWrittenBytes", T},
	{"internalNetworkInputBytes", T},
	{"peakMemoryBytes", T | P},
	{"peakTotalMemoryBytes", P},
	{"peakTaskTotalMemoryBytes", P},
	{"spilledBytes", T | P},
};

static void
put_stats(struct dg_json_writer *w, enum dg_family family, const char *state,
	  bool queued)
{
	dg_json_key(w, "stats");
	dg_json_object_open(w);
	dg_json_key(w, "state");
	dg_json_put_cstr(w, state);
	if (family == DG_FAMILY_PRESTO) {
		dg_json_key(w, "waitingForPrerequisites");
		dg_json_put_bool(w, false);
	}
	dg_json_key(w, "queued");
	dg_json_put_bool(w, queued);
	dg_json_key(w, "scheduled");
	dg_json_put_bool(w, false);
	for (size_t i = 0; i < DG_ARRAY_LEN(numbers); i++) {
		if ((numbers[i].families & (1U << family)) == 0)
			continue;
		dg_json_key(w, numbers[i].name);
		dg_json_put_int(w, 0);
	}
	dg_json_object_close(w);
}

static void
put_empty_array(struct dg_json_writer *w, const char *key)
{
	dg_json_key(w, key);
	dg_json_array_open(w);
	dg_json_array_close(w);
}

enum dg_rc
dg_reply_info_uri(struct dg_str base, struct dg_str id, struct dg_buf *out)
{
	enum dg_rc rc = dg_buf_append(out, base);

	if (rc == DG_OK)
		rc = dg_buf_append(out, DG_STR("/ui/query.html?"));
	if (rc == DG_OK)
		rc = dg_buf_append(out, id);
	return rc;
}

/* Opens the page: id and infoUri. */
static void
put_head(struct dg_json_writer *w, struct dg_str id, struct dg_str base)
{
	struct dg_buf uri;

	dg_buf_init(&uri, base.len + id.len + 64);
	dg_json_object_open(w);
	dg_json_key(w, "id");
	dg_json_put_str(w, id);
	dg_json_key(w, "infoUri");
	if (dg_reply_info_uri(base, id, &uri) != DG_OK)
		w->rc = DG_ERR_LIMIT;
	dg_json_put_str(w, dg_buf_peek(&uri));
	dg_buf_fini(&uri);
}

static enum dg_rc
finish(struct dg_json_writer *w)
{
	dg_json_object_close(w);
	return dg_json_finish(w);
}

/* ---- pages ------------------------------------------------------------- */

enum dg_rc
dg_reply_queued(enum dg_family family, struct dg_str id, struct dg_str base,
		struct dg_str next, struct dg_buf *out)
{
	struct dg_json_writer w;

	dg_json_begin(&w, out);
	put_head(&w, id, base);
	dg_json_key(&w, "nextUri");
	dg_json_put_str(&w, next);
	put_stats(&w, family, "QUEUED", true);
	put_empty_array(&w, "warnings");
	return finish(&w);
}

static void
put_location(struct dg_json_writer *w, const struct dg_failure *failure)
{
	if (failure->line == 0 || failure->column == 0)
		return;
	dg_json_key(w, "errorLocation");
	dg_json_object_open(w);
	dg_json_key(w, "lineNumber");
	dg_json_put_int(w, failure->line);
	dg_json_key(w, "columnNumber");
	dg_json_put_int(w, failure->column);
	dg_json_object_close(w);
}

static const char *
exception_class(enum dg_family family, enum dg_query_error error)
{
	bool denied = error == DG_QE_PERMISSION_DENIED;

	if (family == DG_FAMILY_TRINO)
		return denied ? "io.trino.spi.security.AccessDeniedException"
			      : "io.trino.spi.TrinoException";
	return denied ? "com.facebook.presto.spi.security.AccessDeniedException"
		      : "com.facebook.presto.spi.PrestoException";
}

static const struct dg_query_error_info *
error_info(const struct dg_failure *failure)
{
	return failure->engine != NULL ? failure->engine
				       : &query_errors[failure->error];
}

/* type, suppressed and stack are required by the Java clients. */
static void
put_failure_info(struct dg_json_writer *w, enum dg_family family,
		 const struct dg_failure *failure)
{
	const struct dg_query_error_info *error = error_info(failure);

	dg_json_key(w, "failureInfo");
	dg_json_object_open(w);
	dg_json_key(w, "type");
	dg_json_put_cstr(w, exception_class(family, failure->error));
	dg_json_key(w, "message");
	dg_json_put_str(w, failure->message);
	put_empty_array(w, "suppressed");
	put_empty_array(w, "stack");
	if (family == DG_FAMILY_TRINO) {
		dg_json_key(w, "errorInfo");
		dg_json_object_open(w);
		dg_json_key(w, "code");
		dg_json_put_int(w, error->code);
		dg_json_key(w, "name");
		dg_json_put_cstr(w, error->name);
		dg_json_key(w, "type");
		dg_json_put_cstr(w, error->type);
		dg_json_object_close(w);
	}
	put_location(w, failure);
	dg_json_object_close(w);
}

static void
put_error(struct dg_json_writer *w, enum dg_family family,
	  const struct dg_failure *failure)
{
	const struct dg_query_error_info *error = error_info(failure);

	dg_json_key(w, "error");
	dg_json_object_open(w);
	dg_json_key(w, "message");
	dg_json_put_str(w, failure->message);
	dg_json_key(w, "errorCode");
	dg_json_put_int(w, error->code);
	dg_json_key(w, "errorName");
	dg_json_put_cstr(w, error->name);
	dg_json_key(w, "errorType");
	dg_json_put_cstr(w, error->type);
	if (family == DG_FAMILY_PRESTO) {
		dg_json_key(w, "retriable");
		dg_json_put_bool(w, false);
	}
	put_location(w, failure);
	put_failure_info(w, family, failure);
	dg_json_object_close(w);
}

enum dg_rc
dg_reply_failed(enum dg_family family, struct dg_str id, struct dg_str base,
		const struct dg_failure *failure, struct dg_buf *out)
{
	struct dg_json_writer w;

	dg_json_begin(&w, out);
	put_head(&w, id, base);
	put_stats(&w, family, "FAILED", false);
	put_error(&w, family, failure);
	put_empty_array(&w, "warnings");
	return finish(&w);
}

/* prestodb's last page of SET SESSION has one column and one row. */
static const char presto_columns[] =
	"[{\"name\":\"result\",\"type\":\"boolean\",\"typeSignature\":"
	"{\"rawType\":\"boolean\",\"typeArguments\":[],"
	"\"literalArguments\":[],\"arguments\":[]}}]";

enum dg_rc
dg_reply_session_done(enum dg_family family, struct dg_str id,
		      struct dg_str base, const char *update_type,
		      struct dg_buf *out)
{
	struct dg_json_writer w;

	dg_json_begin(&w, out);
	put_head(&w, id, base);
	if (family == DG_FAMILY_PRESTO) {
		dg_json_key(&w, "columns");
		dg_json_put_raw(&w, dg_str_from_cstr(presto_columns));
		dg_json_key(&w, "data");
		dg_json_put_raw(&w, DG_STR("[[true]]"));
	} else {
		put_empty_array(&w, "columns");
	}
	put_stats(&w, family, "FINISHED", false);
	put_empty_array(&w, "warnings");
	dg_json_key(&w, "updateType");
	dg_json_put_cstr(&w, update_type);
	return finish(&w);
}
