/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_coordinator.c - what coordinators tell besides result pages, and a few
 * small readers: /v1/info, pages with columns, what a query touched,
 * `Authorization: Basic`, the configuration file.
 *
 * The first byte says which. What holds besides not crashing: a next address
 * is a path of the statement protocol, a version is set only with its text, a
 * list of what was decided that was cut covers nothing it did not cover whole.
 */
#include <sodium.h>

#include "auth/basic.h"
#include "base/assert.h"
#include "config.h"
#include "metadata/columns_query.h"
#include "metadata/cross_check.h"
#include "route/health.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ARENA_MAX = 1 << 20 };

static void
read_info(enum dg_store_engine engine, struct dg_str in)
{
	struct dg_cluster_state state = {.version = 0};
	const char *why;

	if (dg_health_read_info(engine, in, &state, &why))
		DG_ASSERT(state.version > 0 && state.version_text[0] != '\0');
	else
		DG_ASSERT(state.version == 0 && why != NULL);
}

static void
read_columns(enum dg_store_engine engine, struct dg_str in,
	     struct dg_arena *arena)
{
	static const struct dg_sql_name table = {
		DG_STR_INIT("c"), DG_STR_INIT("s"), DG_STR_INIT("x")};
	struct dg_sql_columns columns = {.n_names = 0};
	struct dg_page_place place = {DG_STR_EMPTY, DG_STR_EMPTY};
	const char *why;

	(void)dg_columns_page(engine, &table, in, arena, &columns, &place,
			      &why);
	DG_ASSERT(place.next.len == 0 ||
		  dg_str_starts_with(place.next, DG_STR("/v1/statement/")));
	for (size_t i = 0; i < columns.n_names; i++)
		DG_ASSERT(columns.names[i].data != NULL);
}

/* One list with two columns of t, which is read; o is written. */
static struct dg_str
decided(struct dg_arena *arena)
{
	static struct dg_sql_column_use columns[] = {
		{.name = DG_STR_INIT("a"), .offset = 0},
		{.name = DG_STR_INIT("b"), .offset = 0}};
	static const struct dg_sql_access access[] = {
		{.action = DG_SQL_ACT_SELECT,
		 .object = {DG_STR_INIT("c"), DG_STR_INIT("s"),
			    DG_STR_INIT("t")},
		 .columns = columns,
		 .n_columns = DG_ARRAY_LEN(columns)},
		{.action = DG_SQL_ACT_INSERT,
		 .object = {DG_STR_INIT("c"), DG_STR_INIT("s"),
			    DG_STR_INIT("o")}},
	};
	const struct dg_sql_analysis analysis = {
		.statement = DG_SQL_STMT_INSERT,
		.access = access,
		.n_access = DG_ARRAY_LEN(access),
	};
	struct dg_str text;

	DG_ASSERT(dg_check_encode(&analysis, arena, &text) == DG_OK);
	return text;
}

static void
compare_cut(struct dg_str in, struct dg_arena *arena)
{
	struct dg_str whole = decided(arena);
	struct dg_str what;

	if (dg_check_compare(whole, in, DG_STR("ann"), arena, &what) !=
	    DG_CHECK_EXCEEDED)
		return;
	for (size_t len = 0; len < whole.len; len++)
		DG_ASSERT(dg_check_compare(dg_str_slice(whole, 0, len), in,
					   DG_STR("ann"), arena,
					   &what) != DG_CHECK_OK);
}

static void
compare_with(struct dg_str in, struct dg_arena *arena)
{
	static const struct dg_str body = DG_STR_INIT(
		"{\"state\":\"RUNNING\",\"referencedTables\":[{\"catalog\":"
		"\"c\",\"schema\":\"s\",\"table\":\"t\",\"columns\":["
		"{\"column\":\"a\"}]}],\"output\":null}");
	struct dg_str what;

	(void)dg_check_compare(in, body, DG_STR("ann"), arena, &what);
}

static void
read_basic(struct dg_str in)
{
	struct dg_basic basic;

	if (dg_basic_read(in, &basic) != DG_OK)
		return;
	DG_ASSERT(basic.user.len > 0 && basic.password.len > 0);
	DG_ASSERT(dg_str_is_utf8(basic.user));
}

static void
read_config(struct dg_str in)
{
	struct dg_config *config;
	struct dg_buf errors;

	dg_buf_init(&errors, 4096);
	if (dg_config_parse(in, "x", &config, &errors) == DG_OK)
		DG_ASSERT(config->n_listen > 0);
	else
		DG_ASSERT(config == NULL && dg_buf_len(&errors) > 0);
	dg_config_destroy(&config);
	dg_buf_fini(&errors);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dg_arena *arena;
	struct dg_str in;

	if (size == 0 || sodium_init() < 0)
		return 0;
	in = dg_str_make((const char *)data + 1, size - 1);
	arena = dg_arena_create(ARENA_MAX);
	switch (data[0] % 8) {
	case 0:
		read_info(DG_STORE_TRINO, in);
		break;
	case 1:
		read_info(DG_STORE_PRESTO, in);
		break;
	case 2:
		read_columns(DG_STORE_TRINO, in, arena);
		break;
	case 3:
		read_columns(DG_STORE_PRESTO, in, arena);
		break;
	case 4:
		compare_cut(in, arena);
		break;
	case 5:
		compare_with(in, arena);
		break;
	case 6:
		read_basic(in);
		break;
	case 7:
		read_config(in);
		break;
	}
	dg_arena_destroy(&arena);
	return 0;
}
