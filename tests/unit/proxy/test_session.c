/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_session.c - headers to session and back: what is read, what is refused,
 * what never goes upstream.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <zstd.h>

#include "base/base64.h"
#include "presto/form.h"
#include "presto/session.h"

struct fixture {
	struct dg_arena *arena;
	struct dg_http_head head;
	struct dg_session session;
	struct dg_error err;
};

static int
setup(void **state)
{
	static struct fixture f;

	memset(&f, 0, sizeof(f));
	f.arena = dg_arena_create(64 << 20);
	*state = &f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	dg_arena_destroy(&f->arena);
	return 0;
}

static void
add(struct fixture *f, const char *name, const char *value)
{
	f->head.headers[f->head.n_headers++] = (struct dg_http_header){
		dg_str_from_cstr(name), dg_str_from_cstr(value)};
}

static enum dg_rc
read_session(struct fixture *f)
{
	return dg_session_read(&f->head, f->arena, &f->session, &f->err);
}

static void
expect_str(struct dg_str got, const char *want)
{
	assert_int_equal(got.len, strlen(want));
	assert_memory_equal(got.data, want, got.len);
}

static void
reads_all_kinds(void **state)
{
	struct fixture *f = *state;

	add(f, "x-trino-user", "alice");
	add(f, "X-Trino-Catalog", " tpch ");
	add(f, "X-Trino-Schema", "tiny");
	add(f, "X-Trino-Source", "trino-cli");
	add(f, "X-Trino-Client-Tags", "cluster=b, ,foo");
	add(f, "X-Trino-Session", "query_max_run_time=2h,hive.x=a%2Cb+c");
	add(f, "X-Trino-Session", "DataGateway.Cluster=east,");
	add(f, "X-Trino-Role", "system=ROLE%7Badmin%7D");
	add(f, "X-Trino-Resource-Estimate", "CPU_TIME=5m");
	add(f, "X-Trino-Transaction-Id", "NONE");
	add(f, "X-Trino-Prepared-Statement", "a%3Db=SELECT+1%2C%0A2");
	add(f, "X-Trino-Routing-Group", "\xc3\xa4");
	add(f, "Accept-Encoding", "zstd");
	add(f, "User-Agent", "trino-cli");
	assert_int_equal(read_session(f), DG_OK);
	assert_true(f->session.has_family);
	assert_int_equal(f->session.family, DG_FAMILY_TRINO);
	expect_str(f->session.user, "alice");
	expect_str(f->session.catalog, "tpch");
	expect_str(f->session.transaction, "NONE");
	assert_int_equal(f->session.n_tags, 2);
	expect_str(f->session.tags[0], "cluster=b");
	assert_int_equal(f->session.n_properties, 2);
	expect_str(f->session.properties[1].name, "hive.x");
	expect_str(f->session.properties[1].value, "a,b c");
	assert_int_equal(f->session.n_own_properties, 1);
	expect_str(dg_session_own(&f->session, DG_STR("cluster")), "east");
	assert_int_equal(dg_session_own(&f->session, DG_STR("other")).len, 0);
	expect_str(f->session.roles[0].value, "ROLE{admin}");
	expect_str(f->session.prepared[0].name, "a=b");
	expect_str(f->session.prepared[0].value, "SELECT 1,\n2");
}

static void
no_family_is_no_error(void **state)
{
	struct fixture *f = *state;

	add(f, "User-Agent", "curl");
	assert_int_equal(read_session(f), DG_OK);
	assert_false(f->session.has_family);
}

static void
presto_splits_roles_at_the_first_sign(void **state)
{
	struct fixture *f = *state;

	add(f, "X-Presto-Role", "hive=ROLE{a=b}");
	assert_int_equal(read_session(f), DG_OK);
	expect_str(f->session.roles[0].value, "ROLE{a=b}");
}

struct refusal {
	const char *name;
	const char *value;
	const char *name2;
	const char *value2;
};

static void
refuses(void **state)
{
	static const struct refusal cases[] = {
		{"X-Trino-User", "a", "X-Presto-User", "a"},
		{"X-Trino-User", "a", "x-trino-user", "b"},
		{"X-Trino-User", "a", "X-Trino-User", "a"},
		{"X-Trino-Schema", "a", NULL, NULL},
		{"X-Trino-Catalog", "\xc3\xa4", NULL, NULL},
		{"X-Trino-Catalog", "a\tb", NULL, NULL},
		{"X-Trino-Client-Tags", "a", "X-Trino-Client-Tags", "b"},
		{"X-Trino-Session", "a=1", "X-Trino-Session", "A=2"},
		{"X-Trino-Session", "a=1,a=1", NULL, NULL},
		{"X-Trino-Session", "a", NULL, NULL},
		{"X-Trino-Session", "a=1=2", NULL, NULL},
		{"X-Trino-Session", "=1", NULL, NULL},
		{"X-Trino-Session", "a.b.c=1", NULL, NULL},
		{"X-Trino-Session", ".b=1", NULL, NULL},
		{"X-Trino-Session", "a.=1", NULL, NULL},
		{"X-Trino-Session", "datagateway%2Ecluster=x", NULL, NULL},
		{"X-Trino-Session", "a=%4", NULL, NULL},
		{"X-Trino-Session", "a=%", NULL, NULL},
		{"X-Trino-Session", "a=%zz", NULL, NULL},
		{"X-Trino-Session", "a=%00", NULL, NULL},
		{"X-Trino-Session", "a=%ff", NULL, NULL},
		{"X-Trino-Session", "a=\xc3\xa4", NULL, NULL},
		{"X-Trino-Role", "a=ALL,A=NONE", NULL, NULL},
		{"X-Trino-Role", "system=ROLE{a=b}", NULL, NULL},
		{"X-Presto-Session", "a=b=c", NULL, NULL},
		{"X-Trino-Resource-Estimate", "CPU_TIME=5%20m", NULL, NULL},
		{"X-Trino-Resource-Estimate", "OTHER=5m", NULL, NULL},
		{"X-Trino-Prepared-Statement", "=x", NULL, NULL},
		{"X-Trino-Prepared-Statement", "a=x,%61=y", NULL, NULL},
		{"X-Presto-Prepared-Statement", "a=%c3%28", NULL, NULL},
	};

	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++) {
		struct fixture *f = *state;

		f->head.n_headers = 0;
		add(f, cases[i].name, cases[i].value);
		if (cases[i].name2 != NULL)
			add(f, cases[i].name2, cases[i].value2);
		if (read_session(f) != DG_ERR_INVALID)
			fail_msg("case %zu: %s", i, cases[i].value);
		assert_true(strlen(f->err.text) > 0);
	}
}

static void
prepared_names_differ_by_case(void **state)
{
	struct fixture *f = *state;
	struct dg_str text;

	add(f, "X-Presto-Prepared-Statement", "q=SELECT+1,Q=SELECT+2");
	assert_int_equal(read_session(f), DG_OK);
	assert_int_equal(dg_session_prepared(&f->session, DG_STR("Q"), 100,
					     f->arena, &text, &f->err),
			 DG_OK);
	expect_str(text, "SELECT 2");
	assert_int_equal(dg_session_prepared(&f->session, DG_STR("x"), 100,
					     f->arena, &text, &f->err),
			 DG_ERR_NOT_FOUND);
	assert_int_equal(dg_session_prepared(&f->session, DG_STR("q"), 4,
					     f->arena, &text, &f->err),
			 DG_ERR_LIMIT);
}

/* "name=$zstd:..." of a frame; padded as Trino does. */
static char *
zstd_item(struct fixture *f, const void *frame, size_t n)
{
	struct dg_buf out;
	char *text;

	dg_buf_init(&out, 8 << 20);
	text = dg_arena_alloc(f->arena, dg_base64_encoded_len(n, true) + 8);
	n = dg_base64_encode(dg_str_make(frame, n), true, text + 6);
	memcpy(text, "$zstd:", 6);
	assert_int_equal(dg_buf_append(&out, DG_STR("q=")), DG_OK);
	assert_int_equal(dg_form_encode(dg_str_make(text, n + 6), &out), DG_OK);
	if (n % 4 != 0)
		assert_int_equal(
			dg_buf_append(&out, n % 4 == 3 ? DG_STR("%3D")
						       : DG_STR("%3D%3D")),
			DG_OK);
	text = dg_arena_cstr(f->arena, dg_buf_peek(&out));
	dg_buf_fini(&out);
	return text;
}

static enum dg_rc
read_frame(struct fixture *f, const void *frame, size_t n, struct dg_str *text)
{
	f->head.n_headers = 0;
	add(f, "X-Trino-Prepared-Statement", zstd_item(f, frame, n));
	assert_int_equal(read_session(f), DG_OK);
	return dg_session_prepared(&f->session, DG_STR("q"), 1 << 20, f->arena,
				   &text[0], &f->err);
}

static void
undoes_zstd(void **state)
{
	struct fixture *f = *state;
	static char sql[5000];
	char frame[6000];
	struct dg_str text;
	size_t n;

	memset(sql, 'x', sizeof(sql));
	n = ZSTD_compress(frame, sizeof(frame), sql, sizeof(sql), 3);
	assert_int_equal(read_frame(f, frame, n, &text), DG_OK);
	assert_int_equal(text.len, sizeof(sql));
	assert_memory_equal(text.data, sql, sizeof(sql));
}

static void
refuses_odd_zstd(void **state)
{
	struct fixture *f = *state;
	static const char skippable[] = "\x50\x2a\x4d\x18\x01\x00\x00\x00x";
	static char zeros[2 << 20];
	static char big[1 << 20];
	char frame[300];
	ZSTD_CCtx *ctx = ZSTD_createCCtx();
	struct dg_str text;
	size_t n;

	/* A bomb: the declared size is over the limit. */
	n = ZSTD_compress(big, sizeof(big), zeros, sizeof(zeros), 3);
	assert_true(n < 1000);
	assert_int_equal(read_frame(f, big, n, &text), DG_ERR_LIMIT);
	/* Something behind the frame. */
	n = ZSTD_compress(frame, 200, "SELECT 1", 8, 3);
	memcpy(frame + n, frame, n);
	assert_int_equal(read_frame(f, frame, n, &text), DG_OK);
	assert_int_equal(read_frame(f, frame, n + 1, &text), DG_ERR_INVALID);
	assert_int_equal(read_frame(f, frame, 2 * n, &text), DG_ERR_INVALID);
	assert_int_equal(read_frame(f, frame, n - 1, &text), DG_ERR_INVALID);
	/* Altered. */
	frame[0]++;
	assert_int_equal(read_frame(f, frame, n, &text), DG_ERR_INVALID);
	assert_int_equal(read_frame(f, skippable, 9, &text), DG_ERR_INVALID);
	/* Not UTF-8. */
	n = ZSTD_compress(frame, 200, "\xff\xfe", 2, 3);
	assert_int_equal(read_frame(f, frame, n, &text), DG_ERR_INVALID);
	/* Without a content size. */
	ZSTD_CCtx_setParameter(ctx, ZSTD_c_contentSizeFlag, 0);
	n = ZSTD_compress2(ctx, frame, 200, "SELECT 1", 8);
	assert_false(ZSTD_isError(n));
	assert_int_equal(read_frame(f, frame, n, &text), DG_ERR_INVALID);
	ZSTD_freeCCtx(ctx);
	/* Not base64, and nothing at all. */
	f->head.n_headers = 0;
	add(f, "X-Trino-Prepared-Statement", "q=%24zstd%3A**,r=%24zstd%3A");
	assert_int_equal(read_session(f), DG_OK);
	assert_int_equal(dg_session_prepared(&f->session, DG_STR("q"), 100,
					     f->arena, &text, &f->err),
			 DG_ERR_INVALID);
	assert_int_equal(dg_session_prepared(&f->session, DG_STR("r"), 100,
					     f->arena, &text, &f->err),
			 DG_ERR_INVALID);
}

static void
presto_knows_no_zstd(void **state)
{
	struct fixture *f = *state;
	struct dg_str text;

	add(f, "X-Presto-Prepared-Statement", "q=%24zstd%3AKLUv");
	assert_int_equal(read_session(f), DG_OK);
	assert_int_equal(dg_session_prepared(&f->session, DG_STR("q"), 100,
					     f->arena, &text, &f->err),
			 DG_OK);
	expect_str(text, "$zstd:KLUv");
}

static const struct dg_http_header *
find(const struct dg_http_header *headers, size_t n, const char *name)
{
	const struct dg_http_header *found = NULL;

	for (size_t i = 0; i < n; i++) {
		if (!dg_str_eq(headers[i].name, dg_str_from_cstr(name)))
			continue;
		assert_null(found);
		found = &headers[i];
	}
	return found;
}

static void
writes_what_may_pass(void **state)
{
	struct fixture *f = *state;
	struct dg_http_header out[40];
	struct dg_session_emit emit = {
		.family = DG_FAMILY_TRINO,
		.transaction = DG_STR("NONE"),
		.prepared_name = DG_STR("q"),
		.prepared_text = DG_STR("SELECT 'a b'"),
	};
	size_t n = 0;

	add(f, "X-Trino-User", "alice");
	add(f, "X-Trino-Original-User", "alice");
	add(f, "X-Trino-Path", "evil.functions");
	add(f, "X-Trino-Catalog", "tpch");
	add(f, "X-Trino-Session", "a=1,datagateway.cluster=x,c.d=a%20b");
	add(f, "X-Trino-Client-Tags", "x,y");
	add(f, "X-Trino-Prepared-Statement", "q=SELECT+%27a+b%27,r=DROP");
	add(f, "X-Trino-Extra-Credential", "token=secret");
	add(f, "X-Trino-Internal-Bearer", "jwt");
	add(f, "X-Trino-Query-Data-Encoding", "json");
	add(f, "X-Presumably", "x");
	add(f, "X-Forwarded-For", "10.0.0.1");
	add(f, "User-Agent", "trino-cli");
	assert_int_equal(read_session(f), DG_OK);
	assert_int_equal(
		dg_session_write(&f->session, &emit, f->arena, out, 40, &n),
		DG_OK);
	assert_int_equal(n, 7);
	expect_str(find(out, n, "X-Trino-Path")->value, "system.builtin");
	expect_str(find(out, n, "X-Trino-Catalog")->value, "tpch");
	expect_str(find(out, n, "X-Trino-Session")->value, "a=1,c.d=a+b");
	expect_str(find(out, n, "X-Trino-Client-Tags")->value, "x,y");
	expect_str(find(out, n, "X-Trino-Prepared-Statement")->value,
		   "q=SELECT+%27a+b%27");
	expect_str(find(out, n, "X-Trino-Transaction-Id")->value, "NONE");
	expect_str(find(out, n, "User-Agent")->value, "trino-cli");
	n = 0;
	assert_int_equal(
		dg_session_write(&f->session, &emit, f->arena, out, 5, &n),
		DG_ERR_LIMIT);
	emit.family = DG_FAMILY_PRESTO;
	n = 0;
	assert_int_equal(
		dg_session_write(&f->session, &emit, f->arena, out, 40, &n),
		DG_OK);
	for (size_t i = 0; i < n; i++)
		assert_false(dg_str_ends_with(out[i].name, DG_STR("-Path")));
}

/* A compressed entry goes on compressed by us, with the same text. */
static void
recompresses(void **state)
{
	struct fixture *f = *state;
	struct dg_http_header out[40];
	struct dg_session_emit emit = {.family = DG_FAMILY_TRINO};
	static char sql[5000];
	char frame[6000];
	struct dg_str text;
	size_t n;

	memset(sql, 'x', sizeof(sql));
	n = ZSTD_compress(frame, sizeof(frame), sql, sizeof(sql), 19);
	assert_int_equal(read_frame(f, frame, n, &text), DG_OK);
	emit.prepared_name = DG_STR("q");
	emit.prepared_text = text;
	n = 0;
	assert_int_equal(
		dg_session_write(&f->session, &emit, f->arena, out, 40, &n),
		DG_OK);
	assert_int_equal(n, 2);
	assert_true(dg_str_starts_with(out[1].value, DG_STR("q=%24zstd%3A")));
	f->head.n_headers = 1;
	f->head.headers[0] = out[1];
	assert_int_equal(read_session(f), DG_OK);
	assert_int_equal(dg_session_prepared(&f->session, DG_STR("q"), 1 << 20,
					     f->arena, &text, &f->err),
			 DG_OK);
	assert_int_equal(text.len, sizeof(sql));
}

static void
form_round_trip(void **state)
{
	struct fixture *f = *state;
	static const char text[] =
		"aZ09.-*_ +%=&,/\"'\n\xc3\xa4\xf0\x9f\x98\x80";
	struct dg_buf out;
	struct dg_str back;

	dg_buf_init(&out, 200);
	assert_int_equal(dg_form_encode(dg_str_from_cstr(text), &out), DG_OK);
	assert_true(dg_str_starts_with(dg_buf_peek(&out),
				       DG_STR("aZ09.-*_+%2B%25%3D%26%2C")));
	assert_int_equal(dg_form_decode(dg_buf_peek(&out), f->arena, &back),
			 DG_OK);
	expect_str(back, text);
	dg_buf_fini(&out);
	dg_buf_init(&out, 8);
	assert_int_equal(dg_form_encode(dg_str_from_cstr(text), &out),
			 DG_ERR_LIMIT);
	assert_int_equal(dg_buf_len(&out), 0);
	dg_buf_fini(&out);
}

static void
bounds_items(void **state)
{
	struct fixture *f = *state;
	static char many[8 * (DG_SESSION_ITEMS_MAX + 2)];
	size_t n = 0;

	for (int i = 0; i < DG_SESSION_ITEMS_MAX; i++)
		n += (size_t)snprintf(many + n, sizeof(many) - n, "a%d=,", i);
	add(f, "X-Trino-Session", many);
	assert_int_equal(read_session(f), DG_OK);
	assert_int_equal(f->session.n_properties, DG_SESSION_ITEMS_MAX);
	snprintf(many + n, sizeof(many) - n, "b=");
	f->head.headers[0].value = dg_str_from_cstr(many);
	assert_int_equal(read_session(f), DG_ERR_INVALID);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		TEST(reads_all_kinds),
		TEST(no_family_is_no_error),
		TEST(presto_splits_roles_at_the_first_sign),
		TEST(refuses),
		TEST(prepared_names_differ_by_case),
		TEST(undoes_zstd),
		TEST(refuses_odd_zstd),
		TEST(presto_knows_no_zstd),
		TEST(writes_what_may_pass),
		TEST(recompresses),
		TEST(form_round_trip),
		TEST(bounds_items),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
