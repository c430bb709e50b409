/* SPDX-License-Identifier: Apache-2.0 */
/*
 * admin_write.c - see admin_write.h. What is shown is a dry run of the very
 * request that follows; what would change nothing is not asked about.
 */
#include "admin_write.h"

#include <stdio.h>
#include <unistd.h>

enum { TARGET_MAX = 1 << 16 };

static void
show_difference(const struct dg_json *reply)
{
	const struct dg_json *diff = dg_json_get(reply, "diff");

	for (size_t i = 0; i < dg_json_size(diff); i++) {
		struct dg_str line = DG_STR_EMPTY;

		(void)dg_json_string(dg_json_at(diff, i), &line);
		printf("%.*s\n", DG_STR_ARG(line));
	}
	if (dg_json_size(diff) == 0)
		puts("nothing to change");
	dg_cli_effects(dg_json_get(reply, "effects"));
}

static bool
is_agreed(const struct dg_cli_admin *admin)
{
	char answer[16];

	if (isatty(STDIN_FILENO) == 0) {
		dg_cli_complain(admin->command,
				"this may take rights away, and there is "
				"nobody to ask: use --yes or --dry-run");
		return false;
	}
	printf("This may take rights away. Do it? [y/N] ");
	(void)fflush(stdout);
	return fgets(answer, sizeof(answer), stdin) != NULL &&
	       (answer[0] == 'y' || answer[0] == 'Y');
}

/* What it would do; false after a complaint. */
static bool
try_it(struct dg_cli_admin *admin, const struct dg_cli_writing *w,
       bool *is_nothing_out)
{
	struct dg_json *reply = NULL;
	int64_t n_changes = 1;
	struct dg_buf dry;
	bool ok;

	dg_buf_init(&dry, TARGET_MAX + 16);
	ok = dg_buf_appendf(&dry, "%.*s?dry_run=true",
			    DG_STR_ARG(dg_buf_peek(&w->target))) == DG_OK &&
	     dg_cli_admin_ask(admin, w->method, dg_buf_peek(&dry),
			      w->content_type, dg_buf_peek(&w->body)) &&
	     dg_cli_admin_reply(admin, &reply);
	dg_buf_fini(&dry);
	if (!ok)
		return false;
	(void)dg_json_int(dg_json_get(reply, "changes"), &n_changes);
	*is_nothing_out = n_changes == 0;
	if (!admin->json)
		show_difference(reply);
	else if (admin->dry_run || n_changes == 0)
		dg_cli_admin_print(admin);
	dg_json_destroy(&reply);
	return true;
}

/* The target with what is to be waited for. */
static bool
do_it(struct dg_cli_admin *admin, const struct dg_cli_writing *w)
{
	struct dg_buf target;
	bool ok;

	dg_buf_init(&target, TARGET_MAX + 64);
	ok = dg_buf_append(&target, dg_buf_peek(&w->target)) == DG_OK;
	if (ok && admin->wait)
		ok = dg_buf_append(&target, DG_STR("?wait=applied")) == DG_OK;
	if (ok && admin->wait_seconds != NULL)
		ok = dg_buf_append(&target, DG_STR("&wait_timeout=")) ==
			     DG_OK &&
		     dg_cli_encode(&target,
				   dg_str_from_cstr(admin->wait_seconds)) ==
			     DG_OK;
	ok = ok && dg_cli_admin_ask(admin, w->method, dg_buf_peek(&target),
				    w->content_type, dg_buf_peek(&w->body));
	dg_buf_fini(&target);
	return ok;
}

/* Who does not have it yet. */
static void
show_pending(const struct dg_cli_admin *admin, const struct dg_json *reply)
{
	const struct dg_json *behind = dg_json_get(reply, "behind");
	struct dg_str detail = DG_STR_EMPTY;

	(void)dg_json_string(dg_json_get(reply, "detail"), &detail);
	dg_cli_complain(admin->command, "%.*s", DG_STR_ARG(detail));
	for (size_t i = 0; i < dg_json_size(behind); i++) {
		const struct dg_json *replica = dg_json_at(behind, i);
		struct dg_str name = DG_STR_EMPTY;
		struct dg_str address = DG_STR_EMPTY;
		struct dg_str state = DG_STR_EMPTY;

		(void)dg_json_string(dg_json_get(replica, "name"), &name);
		(void)dg_json_string(dg_json_get(replica, "address"), &address);
		(void)dg_json_string(dg_json_get(replica, "state"), &state);
		fprintf(stderr, "  %.*s (%.*s): %.*s\n", DG_STR_ARG(name),
			DG_STR_ARG(address), DG_STR_ARG(state));
	}
}

/* Of a whole policy: how much it was. */
static void
show_changes(const struct dg_json *reply)
{
	int64_t n_changes = 0;
	int64_t version = 0;

	(void)dg_json_int(dg_json_get(reply, "changes"), &n_changes);
	(void)dg_json_int(dg_json_get(reply, "version"), &version);
	printf("%lld change%s applied, version %lld is in force\n",
	       (long long)n_changes, n_changes == 1 ? "" : "s",
	       (long long)version);
}

static void
show_done(struct dg_cli_admin *admin)
{
	struct dg_json *reply = NULL;

	if (admin->json) {
		dg_cli_admin_print(admin);
	} else if (admin->status == 204) {
		puts("done");
	} else if (dg_cli_admin_reply(admin, &reply)) {
		if (admin->status == 202)
			show_pending(admin, reply);
		else if (dg_json_get(reply, "changes") != NULL)
			show_changes(reply);
		else
			dg_cli_record(reply);
		dg_json_destroy(&reply);
	}
}

enum dg_exit
dg_cli_admin_write(struct dg_cli_admin *admin, const struct dg_cli_writing *w)
{
	bool asks = w->takes_away && !admin->yes;
	bool is_nothing = false;

	if ((admin->dry_run || asks) && !try_it(admin, w, &is_nothing))
		return DG_EXIT_FAILED;
	if (admin->dry_run || is_nothing)
		return DG_EXIT_OK;
	if (asks && !is_agreed(admin))
		return DG_EXIT_FAILED;
	if (!do_it(admin, w))
		return DG_EXIT_FAILED;
	show_done(admin);
	return admin->status == 202 ? DG_EXIT_PENDING : DG_EXIT_OK;
}
