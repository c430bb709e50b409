/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_config.c - the option table, the YAML reader, and the files that are
 * written from or by hand against them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "config_table.h"

#define MINIMAL \
	"listen: ['127.0.0.1:0']\n" \
	"postgres:\n" \
	"  conninfo: host=/tmp\n" \
	"auth:\n" \
	"  password:\n" \
	"    require_tls: false\n"

static struct dg_config *
parse(const char *yaml, struct dg_buf *errors)
{
	struct dg_config *config;

	dg_buf_init(errors, 1 << 16);
	if (dg_config_parse(dg_str_from_cstr(yaml), "x.yaml", &config,
			    errors) != DG_OK)
		assert_null(config);
	else
		assert_non_null(config);
	return config;
}

static void
refuse(const char *yaml, const char *complaint)
{
	struct dg_buf errors;
	struct dg_config *config = parse(yaml, &errors);

	assert_null(config);
	assert_int_equal(dg_buf_append_char(&errors, '\0'), DG_OK);
	if (strstr(dg_buf_peek(&errors).data, complaint) == NULL)
		fail_msg("no '%s' in:\n%s", complaint,
			 dg_buf_peek(&errors).data);
	dg_buf_fini(&errors);
}

static void
takes_defaults(void **state)
{
	struct dg_buf errors;
	struct dg_config *config = parse(MINIMAL, &errors);

	(void)state;
	assert_non_null(config);
	assert_int_equal(config->n_listen, 1);
	assert_string_equal(config->listen[0], "127.0.0.1:0");
	assert_int_equal(config->uri_queued_ms, 60000);
	assert_int_equal(config->limit_head, 2 << 20);
	assert_true(config->auth_password);
	assert_false(config->auth_trusted_header);
	assert_int_equal(config->errors_disclose, DG_DISCLOSE_FULL);
	assert_string_equal(config->tls_cert, "");
	dg_config_destroy(&config);
	assert_null(config);
	dg_buf_fini(&errors);
}

static void
reads_units(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} good[] = {{"30s", 30000},
		    {"500ms", 500},
		    {"2m", 120000},
		    {"1 h", 3600000},
		    {"250", 250}};
	static const char *const bad[] = {"s",   "-1s",  "1.5s",
					  "1kg", "2MiB", "99999999999999999d"};
	char yaml[512];

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(good); i++) {
		struct dg_buf errors;
		struct dg_config *config;

		(void)snprintf(yaml, sizeof(yaml),
			       MINIMAL "timeouts: {head: '%s'}\n",
			       good[i].text);
		if (good[i].ms > 600000) {
			refuse(yaml, "x.yaml:7: timeouts.head: must be from "
				     "100ms to 10m");
			continue;
		}
		config = parse(yaml, &errors);
		assert_non_null(config);
		assert_int_equal(config->timeout_head_ms, good[i].ms);
		dg_config_destroy(&config);
		dg_buf_fini(&errors);
	}
	for (size_t i = 0; i < DG_ARRAY_LEN(bad); i++) {
		(void)snprintf(yaml, sizeof(yaml),
			       MINIMAL "timeouts: {head: '%s'}\n", bad[i]);
		refuse(yaml, "x.yaml:7: timeouts.head: must be a duration");
	}
}

static void
refuses_with_line(void **state)
{
	static const struct {
		const char *yaml;
		const char *complaint;
	} cases[] = {
		{"listn: []\n", "x.yaml:1: listn: unknown option; did you "
				"mean listen?"},
		{MINIMAL "\nnonsense_of_all_sorts: 1\n",
		 "x.yaml:8: nonsense_of_all_sorts: unknown option\n"},
		{MINIMAL "tls:\n  certifcate: x\n",
		 "did you mean tls.certificate?"},
		{MINIMAL "conninfo: x\n", "did you mean postgres.conninfo?"},
		{MINIMAL "tls: x\n", "x.yaml:7: tls: is a section"},
		{MINIMAL "workers: {a: 1}\n",
		 "workers: must be a value, not a section"},
		{MINIMAL "workers: [1]\n", "must be one value, not a list"},
		{MINIMAL "workers: 257\n", "must be from 0 to 256"},
		{MINIMAL "workers: many\n",
		 "must be a whole number of threads"},
		{MINIMAL "workers: 1\nworkers: 1\n",
		 "x.yaml:8: workers: is set a second time"},
		{MINIMAL "postgres: {migrate: yes}\n", "must be true or false"},
		{MINIMAL "log: {level: loud}\n",
		 "must be one of debug|info|warn|error"},
		{MINIMAL "secrets: {bindings: x}\n", "must be a list"},
		{MINIMAL "secrets: {bindings: [[x]]}\n",
		 "an entry must be a plain text"},
		{MINIMAL "secrets: {bindings: ['file:x']}\n",
		 "an entry is 'file:PATH https://HOST:PORT'"},
		{MINIMAL "? [a]\n: 1\n", "a key must be a text"},
		{"- a\n", "x.yaml:1: must be a mapping"},
		{"a: [\n", "x.yaml:2: "},
		{"a: *nowhere\n", "x.yaml:1: "},
		{"", "listen: at least one address is needed"},
		{"", "postgres.conninfo: is needed"},
		{MINIMAL "public_url: 'https://a/b'\n", "public_url: must be"},
		{MINIMAL "public_url: 'ftp://a'\n", "public_url: must be"},
		{MINIMAL "keys: {ring: /etc/keys}\n",
		 "must be file:PATH or env:NAME"},
		{MINIMAL "tls: {key: k}\n",
		 "tls.certificate and tls.key come together"},
		{"listen: ['localhost:1']\n",
		 "x.yaml:1: listen: an address is a literal and a port"},
		{MINIMAL "admin: {listen: nine}\n",
		 "an address is a literal and a port"},
		{MINIMAL "admin: {listen: '127.0.0.1:99999'}\n",
		 "an address is a literal and a port"},
		{"listen: ['127.0.0.1:1', '127.0.0.1:1']\n",
		 "x.yaml:1: listen: an address stands there twice"},
		{"listen: ['127.0.0.1:1']\nadmin: {listen: '127.0.0.1:1'}\n",
		 "x.yaml:2: admin.listen: is an address of listen"},
		{MINIMAL "offload: {threads: 8}\n",
		 "8 threads need 152 MiB to verify passwords"},
		{"listen: ['127.0.0.1:1']\npostgres: {conninfo: x}\n",
		 "without tls.certificate every password would be refused"},
		{"listen: ['127.0.0.1:1']\npostgres: {conninfo: x}\n"
		 "auth: {password: {enabled: false}}\n",
		 "no way to authenticate is switched on"},
		{MINIMAL "policy: {max_staleness: 2s}\n",
		 "at least three times postgres.poll"},
		{"&a\nlisten: &b [*b]\n", "an entry must be a plain text"},
	};

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(cases); i++)
		refuse(cases[i].yaml, cases[i].complaint);
}

static void
tells_all_errors_at_once(void **state)
{
	struct dg_buf errors;
	struct dg_config *config =
		parse("workers: x\nlog: {level: y}\nz: 1\n", &errors);
	struct dg_str rest = dg_buf_peek(&errors);
	struct dg_str line;
	size_t n = 0;

	(void)state;
	assert_null(config);
	while (dg_str_split(&rest, '\n', &line))
		n += line.len > 0;
	/* These three, listen, conninfo, and passwords without TLS. */
	assert_int_equal(n, 6);
	dg_buf_fini(&errors);
}

static void
survives_a_full_error_buffer(void **state)
{
	struct dg_config *config;
	struct dg_buf errors;

	(void)state;
	dg_buf_init(&errors, 10);
	assert_int_not_equal(
		dg_config_parse(DG_STR("a: 1\nb: 2\n"), "x", &config, &errors),
		DG_OK);
	assert_null(config);
	dg_buf_fini(&errors);
}

static void
reloads_only_what_may(void **state)
{
	struct dg_buf errors;
	struct dg_buf why;
	struct dg_config *a = parse(MINIMAL, &errors);
	struct dg_config *b = parse(
		MINIMAL "errors: {help: ask}\nlog: {level: warn}\n", &errors);
	struct dg_config *c =
		parse(MINIMAL "workers: 3\nhealth: {interval: 9s}\n", &errors);

	(void)state;
	dg_buf_init(&why, 1024);
	assert_int_equal(dg_config_check_reload(a, b, &why), DG_OK);
	assert_int_equal(dg_config_check_reload(a, c, &why), DG_ERR_CONFLICT);
	assert_true(dg_str_eq(dg_buf_peek(&why),
			      DG_STR("workers, health.interval")));
	dg_buf_fini(&why);
	dg_config_destroy(&a);
	dg_config_destroy(&b);
	dg_config_destroy(&c);
}

static void
writes_numbers_it_reads(void **state)
{
	(void)state;
	for (size_t i = 0; i < dg_n_options; i++) {
		char text[DG_OPTION_NUMBER_MAX];
		int64_t back;

		if (dg_options[i].type != DG_OPTION_INT)
			continue;
		assert_true(dg_options[i].min <= dg_options[i].number);
		assert_true(dg_options[i].number <= dg_options[i].max);
		dg_option_write_number(&dg_options[i], dg_options[i].number,
				       text);
		assert_int_equal(dg_option_read_number(&dg_options[i],
						       dg_str_from_cstr(text),
						       &back),
				 DG_OK);
		assert_int_equal(back, dg_options[i].number);
	}
}

static void
has_unique_paths(void **state)
{
	(void)state;
	for (size_t i = 0; i < dg_n_options; i++)
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(dg_options[i].path,
						dg_options[k].path);
}

static void
reads_secrets(void **state)
{
	char path[] = "/tmp/dg-secret-XXXXXX";
	char reference[64];
	struct dg_error err;
	struct dg_str secret;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "s3cret\r\n", 8), 8);
	close(fd);
	(void)snprintf(reference, sizeof(reference), "file:%s", path);
	assert_int_equal(
		dg_secret_read(dg_str_from_cstr(reference), 8, &secret, &err),
		DG_OK);
	assert_true(dg_str_eq(secret, DG_STR("s3cret")));
	assert_int_equal(secret.data[secret.len], '\0');
	dg_secret_free(&secret);
	assert_null(secret.data);
	assert_int_equal(
		dg_secret_read(dg_str_from_cstr(reference), 7, &secret, &err),
		DG_ERR_LIMIT);
	assert_null(strstr(err.text, "s3c"));
	assert_int_equal(truncate(path, 0), 0);
	assert_int_equal(
		dg_secret_read(dg_str_from_cstr(reference), 7, &secret, &err),
		DG_ERR_INVALID);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(
		dg_secret_read(dg_str_from_cstr(reference), 7, &secret, &err),
		DG_ERR_IO);
	assert_int_equal(
		dg_secret_read(DG_STR("file:/dev/zero"), 7, &secret, &err),
		DG_ERR_INVALID);
	assert_int_equal(setenv("DG_TEST_SECRET", "abc", 1), 0);
	assert_int_equal(
		dg_secret_read(DG_STR("env:DG_TEST_SECRET"), 7, &secret, &err),
		DG_OK);
	assert_true(dg_str_eq(secret, DG_STR("abc")));
	dg_secret_free(&secret);
	assert_int_equal(
		dg_secret_read(DG_STR("env:DG_TEST_NOT_SET"), 7, &secret, &err),
		DG_ERR_NOT_FOUND);
	assert_int_equal(dg_secret_read(DG_STR("plain"), 7, &secret, &err),
			 DG_ERR_INVALID);
}

/* ---- files of the tree ------------------------------------------------- */

static struct dg_str
read_file(const char *name)
{
	char path[512];
	struct dg_error err;
	struct dg_str text;

	(void)snprintf(path, sizeof(path), "file:%s/%s", DG_SOURCE_DIR, name);
	if (dg_secret_read(dg_str_from_cstr(path), 1 << 20, &text, &err) !=
	    DG_OK)
		fail_msg("%s", err.text);
	return text;
}

static void
sample_file_loads(void **state)
{
	struct dg_config *config;
	struct dg_buf errors;

	(void)state;
	dg_buf_init(&errors, 1 << 16);
	if (dg_config_load(DG_SOURCE_DIR "/deploy/datagateway.yaml", &config,
			   &errors) != DG_OK)
		fail_msg("%.*s", DG_STR_ARG(dg_buf_peek(&errors)));
	assert_string_equal(config->keys_ring, "file:/etc/datagateway/keys");
	dg_config_destroy(&config);
	assert_int_equal(dg_config_load("/nonexistent.yaml", &config, &errors),
			 DG_ERR_IO);
	assert_true(dg_str_starts_with(dg_buf_peek(&errors),
				       DG_STR("/nonexistent.yaml: cannot")));
	dg_buf_fini(&errors);
}

static void
reference_is_up_to_date(void **state)
{
	struct dg_str have = read_file("docs/configuration.md");
	struct dg_buf want;

	(void)state;
	dg_buf_init(&want, 1 << 20);
	assert_int_equal(dg_config_reference(&want), DG_OK);
	/* dg_secret_read cut the last newline. */
	dg_buf_truncate(&want, dg_buf_len(&want) - 1);
	if (!dg_str_eq(have, dg_buf_peek(&want)))
		fail_msg("run: datagateway check-config --reference > "
			 "docs/configuration.md");
	dg_buf_fini(&want);
	dg_secret_free(&have);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_defaults),
		cmocka_unit_test(reads_units),
		cmocka_unit_test(refuses_with_line),
		cmocka_unit_test(tells_all_errors_at_once),
		cmocka_unit_test(survives_a_full_error_buffer),
		cmocka_unit_test(reloads_only_what_may),
		cmocka_unit_test(writes_numbers_it_reads),
		cmocka_unit_test(has_unique_paths),
		cmocka_unit_test(reads_secrets),
		cmocka_unit_test(sample_file_loads),
		cmocka_unit_test(reference_is_up_to_date),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
