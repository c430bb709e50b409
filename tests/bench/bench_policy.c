/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_policy.c - a large policy: loading, holding, asking, changing it.
 *
 *   bench_policy migrate                 makes the schema
 *   bench_policy fill RULES              SQL that fills it, for psql
 *   bench_policy measure RULES CHANGES   figures
 *   bench_policy alone RULES             those that need no Postgres
 *
 * DG_TEST_PG is the conninfo.
 *
 * Everything goes the way of a replica: a follower that loads from Postgres
 * and is told of changes. Those that the last figure is about are processes of
 * their own. Times of decisions and deltas are CPU time of the thread that
 * works, so that a busy machine does not count. Figures are lines
 * `name value unit` on stdout.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "policy_workload.h"
#include "store/store.h"

enum {
	REPLICAS = 3,
	QUESTIONS = 100000,
	WARM_QUESTIONS = 1000,
	SNAPSHOT_MAX_BYTES = 1 << 30,
	DECIDE_COLUMNS = 8,
	REACH_TIMEOUT_MS = 60000,
};

static void
figure(const char *name, double value, const char *unit)
{
	printf("policy.%s %.3f %s\n", name, value, unit);
	(void)fflush(stdout);
}

DG_NORETURN static void
die(const char *what, const char *why)
{
	fprintf(stderr, "bench_policy: %s: %s\n", what, why);
	exit(1);
}

static int
compare_double(const void *a, const void *b)
{
	double x;
	double y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return x < y ? -1 : x > y;
}

/* Sorts the samples. */
static double
percentile(double *samples, size_t n, double share)
{
	qsort(samples, n, sizeof(*samples), compare_double);
	return samples[(size_t)((double)(n - 1) * share)];
}

/* ---- filling ------------------------------------------------------------ */

static void
print_list(char open, const struct dg_str *items, size_t n)
{
	(void)putchar(open);
	for (size_t i = 0; i < n; i++)
		printf("%s%.*s", i == 0 ? "" : ",", DG_STR_ARG(items[i]));
	fputs("}\t", stdout);
}

static void
print_principals(const struct dg_acl_principal *principals, size_t n)
{
	(void)putchar('{');
	for (size_t i = 0; i < n; i++)
		printf("%s%s:%.*s", i == 0 ? "" : ",",
		       principals[i].is_role ? "role" : "user",
		       DG_STR_ARG(principals[i].name));
	fputs("}\t", stdout);
}

static void
print_rule(const struct workload_rule *r)
{
	const struct dg_acl_rule *rule = &r->rule;

	printf("%lld\trule %lld\t%s\t%s\ttable\t%.*s\t%.*s\t%.*s\t",
	       (long long)rule->id, (long long)rule->id,
	       rule->effect == DG_ACL_DENY ? "deny" : "allow", r->privileges,
	       DG_STR_ARG(rule->object.catalog),
	       DG_STR_ARG(rule->object.schema), DG_STR_ARG(rule->object.name));
	print_list('{', rule->columns, rule->n_columns);
	print_list('{', rule->clusters, rule->n_clusters);
	print_principals(rule->principals, rule->n_principals);
	print_principals(rule->except, rule->n_except);
	print_list('{', rule->tags, rule->n_tags);
	printf("%s\t%.*s\n",
	       rule->valid_until_us == 0 ? "\\N" : "2100-01-01 00:00:00+00",
	       DG_STR_ARG(rule->reason));
}

static void
print_members(void)
{
	char role[WORKLOAD_NAME];
	char member[WORKLOAD_NAME];

	puts("COPY datagateway.role_members FROM stdin;");
	for (unsigned i = 0; i < WORKLOAD_ROLES; i++)
		if (workload_role_of_role(i) != i)
			printf("%.*s\t\\N\t%.*s\n",
			       DG_STR_ARG(workload_role(
				       workload_role_of_role(i), role)),
			       DG_STR_ARG(workload_role(i, member)));
	for (unsigned i = 0; i < WORKLOAD_USERS; i++) {
		unsigned seen[WORKLOAD_ROLES_OF_USER];

		for (unsigned j = 0; j < WORKLOAD_ROLES_OF_USER; j++) {
			bool again = false;

			seen[j] = workload_role_of_user(i, j);
			for (unsigned k = 0; k < j; k++)
				again = again || seen[k] == seen[j];
			if (!again)
				printf("%.*s\t%.*s\t\\N\n",
				       DG_STR_ARG(workload_role(seen[j], role)),
				       DG_STR_ARG(workload_user(i, member)));
		}
	}
	puts("\\.");
}

static void
print_tags(void)
{
	struct workload_tagging t;
	char tag[WORKLOAD_NAME];

	puts("COPY datagateway.tags (name) FROM stdin;");
	for (unsigned i = 0; i < WORKLOAD_TAGS; i++)
		printf("%.*s\n", DG_STR_ARG(workload_tag(i, tag)));
	puts("\\.\nCOPY datagateway.tag_objects (tag, catalog, schema_name, "
	     "object_name, column_name) FROM stdin;");
	for (unsigned i = 0; i < WORKLOAD_TAGGINGS; i++) {
		const struct dg_acl_object *o = &t.tagging.object;

		workload_tagging(i, &t);
		printf("%.*s\t%.*s\t%.*s\t%.*s\t%.*s\n",
		       DG_STR_ARG(t.tagging.tag), DG_STR_ARG(o->catalog),
		       DG_STR_ARG(o->schema), DG_STR_ARG(o->name),
		       DG_STR_ARG(t.tagging.column));
	}
	puts("\\.");
}

/* Triggers and their log are left out: this is how the policy was before. */
static int
fill(long rules)
{
	char text[WORKLOAD_NAME];
	struct workload_rule *r = DG_NEW(struct workload_rule);

	puts("\\set ON_ERROR_STOP on\n"
	     "BEGIN;\n"
	     "SET LOCAL session_replication_role = replica;\n"
	     "DELETE FROM datagateway.rules;\n"
	     "INSERT INTO datagateway.clusters (name, engine, tls, host, port)"
	     " VALUES ('one', 'trino', false, '127.0.0.1', 1);\n"
	     "COPY datagateway.users (name, password_hash) FROM stdin;");
	for (unsigned i = 0; i < WORKLOAD_USERS; i++)
		printf("%.*s\t$argon2id$v=19$m=19456,t=2,p=1$"
		       "c2FsdHNhbHRzYWx0c2FsdA$"
		       "aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g\n",
		       DG_STR_ARG(workload_user(i, text)));
	puts("\\.\nCOPY datagateway.roles (name) FROM stdin;");
	for (unsigned i = 0; i < WORKLOAD_ROLES; i++)
		printf("%.*s\n", DG_STR_ARG(workload_role(i, text)));
	puts("\\.");
	print_members();
	print_tags();
	puts("DROP INDEX datagateway.rules_principals, "
	     "datagateway.rules_excepted, datagateway.rules_clusters, "
	     "datagateway.rules_tags;\n"
	     "COPY datagateway.rules (id, name, effect, privileges, kind, "
	     "catalog, schema_name, object_name, columns, clusters, "
	     "principals, excepted, tags, valid_until, reason) FROM stdin;");
	for (long i = 1; i <= rules; i++) {
		workload_rule(i, r);
		print_rule(r);
	}
	printf("\\.\nSELECT setval(pg_get_serial_sequence("
	       "'datagateway.rules', 'id'), %ld);\nCOMMIT;\n"
	       "CREATE INDEX rules_principals ON datagateway.rules "
	       "USING gin (principals);\n"
	       "CREATE INDEX rules_excepted ON datagateway.rules "
	       "USING gin (excepted);\n"
	       "CREATE INDEX rules_clusters ON datagateway.rules "
	       "USING gin (clusters);\n"
	       "CREATE INDEX rules_tags ON datagateway.rules "
	       "USING gin (tags);\n"
	       "VACUUM ANALYZE datagateway.rules;\n",
	       rules);
	dg_free(r);
	return 0;
}

/* ---- replicas ----------------------------------------------------------- */

struct replica {
	struct dg_loop *loop;
	struct dg_store_follower *follower;
	struct dg_store_snapshot *snapshot; /* ref */
};

static void
on_snapshot(void *arg, struct dg_store_snapshot *s)
{
	struct replica *r = arg;

	dg_store_snapshot_unref(&r->snapshot);
	r->snapshot = dg_store_snapshot_ref(s);
}

static void
replica_start(struct replica *r)
{
	struct dg_store_follower_config config = {
		.conninfo = getenv("DG_TEST_PG"),
		.poll_ms = 1000,
		.snapshot_max_bytes = SNAPSHOT_MAX_BYTES,
		.on_snapshot = on_snapshot,
		.arg = r,
	};

	*r = (struct replica){.loop = dg_loop_create("replica", 100)};
	r->follower = dg_store_follower_create(r->loop, &config);
}

static void
replica_stop(struct replica *r)
{
	dg_store_follower_destroy(&r->follower);
	dg_store_snapshot_unref(&r->snapshot);
	dg_loop_destroy(&r->loop);
}

static void
replica_reach(struct replica *r, int64_t version)
{
	uint64_t until_ms = dg_clock_mono_ms() + REACH_TIMEOUT_MS;

	while (r->snapshot == NULL || r->snapshot->version < version) {
		if (dg_clock_mono_ms() > until_ms)
			die("a replica", "does not get the version");
		dg_loop_run_once(r->loop);
	}
}

/* ---- the writer --------------------------------------------------------- */

struct writer {
	struct dg_loop *loop;
	struct dg_pg *pg;
	int64_t version;
	unsigned n_changes;
};

static void
writer_open(struct writer *w)
{
	struct dg_pg_config config = {
		.name = "writer",
		.conninfo = getenv("DG_TEST_PG"),
		.connect_timeout_ms = 10000,
		.query_timeout_ms = 60000,
		.queue_max = 4,
	};

	*w = (struct writer){.loop = dg_loop_create("writer", 10),
			     .version = 1};
	w->pg = dg_pg_create(w->loop, &config);
}

static void
writer_close(struct writer *w)
{
	dg_pg_destroy(&w->pg);
	dg_loop_destroy(&w->loop);
}

static void
writer_run(struct writer *w, const char *sql)
{
	struct dg_error err;

	if (dg_pg_script_wait(w->pg, w->loop, sql, &err) != DG_OK)
		die(sql, err.text);
}

/* One rule is added, changed, taken away; the version is one more. */
static void
writer_prepare(struct writer *w)
{
	unsigned n = w->n_changes++;
	unsigned table = workload_popular_table(n);
	char schema[WORKLOAD_NAME];
	char name[WORKLOAD_NAME];
	char role[WORKLOAD_NAME];
	char sql[1024];
	struct dg_acl_object object;

	workload_table(table, schema, name, &object);
	switch (n % 4) {
	case 0:
	case 1:
		(void)snprintf(sql, sizeof(sql),
			       "BEGIN; INSERT INTO datagateway.rules (name, "
			       "effect, privileges, kind, catalog, schema_name,"
			       " object_name, principals) VALUES ('new %u', "
			       "'allow', '{select}', 'table', '%.*s', '%.*s', "
			       "'%.*s', '{role:%.*s}')",
			       n, DG_STR_ARG(object.catalog),
			       DG_STR_ARG(object.schema),
			       DG_STR_ARG(object.name),
			       DG_STR_ARG(workload_role(
				       n / 4 * 37 % WORKLOAD_ROLES, role)));
		break;
	case 2:
		(void)snprintf(sql, sizeof(sql),
			       "BEGIN; UPDATE datagateway.rules SET columns = "
			       "'{a,b,c}' WHERE name = 'new %u'",
			       n - 1);
		break;
	default:
		(void)snprintf(sql, sizeof(sql),
			       "BEGIN; DELETE FROM datagateway.rules "
			       "WHERE name = 'new %u'",
			       n - 3);
		break;
	}
	writer_run(w, sql);
}

static void
writer_commit(struct writer *w)
{
	writer_run(w, "COMMIT");
	w->version++;
}

/* ---- loading and holding ------------------------------------------------ */

static double
peak_rss_mb(void)
{
	char line[256];
	FILE *f = fopen("/proc/self/status", "re");
	long kb = 0;

	if (f == NULL)
		die("/proc/self/status", "cannot be read");
	while (fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, "VmHWM:", 6) == 0)
			kb = strtol(line + 6, NULL, 10);
	(void)fclose(f);
	return (double)kb / 1024;
}

static double
cpu_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* A load beside a version that is in use: both are there at the end. */
static void
measure_load(struct replica *first, long rules)
{
	struct replica second;
	uint64_t start_us = dg_clock_mono_us();
	double start_cpu = cpu_ms();

	replica_start(first);
	replica_reach(first, 1);
	figure("load_s", (double)(dg_clock_mono_us() - start_us) / 1e6, "s");
	figure("load_cpu_s", (cpu_ms() - start_cpu) / 1e3, "s");
	figure("bytes_per_rule",
	       (double)dg_acl_snapshot_bytes(first->snapshot->acl) /
		       (double)rules,
	       "bytes");
	figure("rss_one_mb", peak_rss_mb(), "MB");
	replica_start(&second);
	replica_reach(&second, 1);
	figure("rss_mb", peak_rss_mb(), "MB");
	replica_stop(&second);
}

/* ---- deciding ----------------------------------------------------------- */

struct question {
	struct dg_acl_entry entry;
	struct dg_acl_request request;
	struct dg_str columns[WORKLOAD_COLUMNS];
	char texts[WORKLOAD_COLUMNS + 3][WORKLOAD_NAME];
};

static void
make_question(unsigned number, struct question *q)
{
	unsigned table = workload_popular_table(number + 77);

	for (unsigned i = 0; i < WORKLOAD_COLUMNS; i++)
		q->columns[i] = workload_column(table, i, q->texts[i]);
	q->entry = (struct dg_acl_entry){
		.privilege = DG_ACL_P_SELECT,
		.columns = q->columns,
		.n_columns = DECIDE_COLUMNS,
		.columns_known = true,
		.table_columns = q->columns,
		.n_table_columns = WORKLOAD_COLUMNS,
	};
	workload_table(table, q->texts[WORKLOAD_COLUMNS],
		       q->texts[WORKLOAD_COLUMNS + 1], &q->entry.object);
	q->request = (struct dg_acl_request){
		.user = workload_user(number * 31 % WORKLOAD_USERS,
				      q->texts[WORKLOAD_COLUMNS + 2]),
		.cluster = DG_STR("one"),
		.now_us = 1,
		.entries = &q->entry,
		.n_entries = 1,
	};
}

static bool
ask(struct dg_acl_snapshot *s, struct dg_acl_cache *cache,
    const struct question *q, struct dg_arena *arena)
{
	struct dg_acl_decision decision;

	dg_arena_reset(arena);
	if (dg_acl_decide(s, cache, &q->request, arena, &decision) != DG_OK)
		die("decide", "no memory");
	return decision.allowed;
}

/* A cache of its own: no question was asked before. */
static void
measure_cold(struct dg_acl_snapshot *s)
{
	struct dg_acl_cache *cache = dg_acl_cache_create(s, QUESTIONS);
	struct dg_arena *arena = dg_arena_create(1 << 20);
	struct question *q = DG_NEW(struct question);
	double *samples = DG_NEW_ARRAY(double, QUESTIONS);
	unsigned allowed = 0;

	for (unsigned i = 0; i < QUESTIONS; i++) {
		struct timespec from;
		struct timespec to;

		make_question(i, q);
		(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
		allowed += ask(s, cache, q, arena);
		(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
		samples[i] = (double)(to.tv_sec - from.tv_sec) * 1e6 +
			     (double)(to.tv_nsec - from.tv_nsec) / 1e3;
	}
	figure("decide_cold_median_us", percentile(samples, QUESTIONS, 0.5),
	       "us");
	figure("decide_cold_p99_us", percentile(samples, QUESTIONS, 0.99),
	       "us");
	figure("decide_allowed", 100.0 * allowed / QUESTIONS, "percent");
	dg_free(samples);
	dg_free(q);
	dg_arena_destroy(&arena);
	dg_acl_cache_destroy(&cache);
}

static void
measure_warm(struct dg_acl_snapshot *s)
{
	struct dg_acl_cache *cache = dg_acl_cache_create(s, 4096);
	struct dg_arena *arena = dg_arena_create(1 << 20);
	struct question *q = DG_NEW_ARRAY(struct question, WARM_QUESTIONS);
	enum { PASSES = 50 };
	double samples[PASSES];

	for (unsigned i = 0; i < WARM_QUESTIONS; i++) {
		make_question(i, &q[i]);
		(void)ask(s, cache, &q[i], arena);
	}
	for (unsigned pass = 0; pass < PASSES; pass++) {
		uint64_t start = dg_clock_mono_us();

		for (unsigned i = 0; i < WARM_QUESTIONS; i++)
			(void)ask(s, cache, &q[i], arena);
		samples[pass] =
			(double)(dg_clock_mono_us() - start) / WARM_QUESTIONS;
	}
	figure("decide_warm_us", percentile(samples, PASSES, 0.5), "us");
	dg_free(q);
	dg_arena_destroy(&arena);
	dg_acl_cache_destroy(&cache);
}

/* ---- without Postgres --------------------------------------------------- */

static void
must(enum dg_rc rc, const struct dg_error *err)
{
	if (rc != DG_OK)
		die("the workload", err->text);
}

static void
add_members(struct dg_acl_builder *b)
{
	char role[WORKLOAD_NAME];
	char name[WORKLOAD_NAME];
	struct dg_error err;

	for (unsigned i = 0; i < WORKLOAD_ROLES; i++)
		must(dg_acl_add_role(b, workload_role(i, role), &err), &err);
	for (unsigned i = 0; i < WORKLOAD_ROLES; i++)
		if (workload_role_of_role(i) != i)
			must(dg_acl_add_member(
				     b,
				     workload_role(workload_role_of_role(i),
						   role),
				     (struct dg_acl_principal){
					     .is_role = true,
					     .name = workload_role(i, name)},
				     &err),
			     &err);
	for (unsigned i = 0; i < WORKLOAD_USERS; i++) {
		struct dg_acl_principal user = {.name = workload_user(i, name)};

		must(dg_acl_add_user(b, user.name, &err), &err);
		for (unsigned j = 0; j < WORKLOAD_ROLES_OF_USER; j++)
			must(dg_acl_add_member(
				     b,
				     workload_role(workload_role_of_user(i, j),
						   role),
				     user, &err),
			     &err);
	}
}

static void
add_taggings(struct dg_acl_builder *b)
{
	struct workload_tagging t;
	struct dg_error err;

	for (unsigned i = 0; i < WORKLOAD_TAGGINGS; i++) {
		workload_tagging(i, &t);
		must(dg_acl_add_tagging(b, &t.tagging, &err), &err);
	}
}

/* The policy alone: what building and deciding take. */
static int
measure_alone(long rules)
{
	struct dg_acl_builder *b = dg_acl_builder_create(1, SNAPSHOT_MAX_BYTES);
	struct workload_rule *r = DG_NEW(struct workload_rule);
	struct dg_acl_snapshot *s = NULL;
	struct dg_error err;
	double ms = 0;
	double start;

	add_members(b);
	add_taggings(b);
	for (long i = 1; i <= rules; i++) {
		workload_rule(i, r);
		start = cpu_ms();
		must(dg_acl_add_rule(b, &r->rule, &err), &err);
		ms += cpu_ms() - start;
	}
	start = cpu_ms();
	must(dg_acl_builder_finish(&b, &s, &err), &err);
	figure("compile_s", (cpu_ms() - start) / 1e3, "s");
	figure("build_s", (ms + cpu_ms() - start) / 1e3, "s");
	measure_warm(s);
	measure_cold(s);
	dg_acl_snapshot_unref(&s);
	dg_free(r);
	return 0;
}

/* ---- changing ----------------------------------------------------------- */

/* CPU of the replica's thread alone: the writer's is over by then. */
static void
measure_delta(struct replica *r, struct writer *w, unsigned changes)
{
	double *samples = DG_NEW_ARRAY(double, changes);

	for (unsigned i = 0; i < changes; i++) {
		double start;

		writer_prepare(w);
		writer_commit(w);
		start = cpu_ms();
		replica_reach(r, w->version);
		samples[i] = cpu_ms() - start;
	}
	figure("delta_median_ms", percentile(samples, changes, 0.5), "ms");
	figure("delta_ms", percentile(samples, changes, 0.99), "ms");
	dg_free(samples);
}

struct arrival {
	int64_t version;
	uint64_t at_us;
};

/* The child: says when it has which version; ends when it is killed. */
DG_NORETURN static void
be_replica(int out)
{
	struct replica r;
	int64_t said = 0;

	replica_start(&r);
	for (;;) {
		struct arrival arrival;

		replica_reach(&r, said + 1);
		said = r.snapshot->version;
		arrival = (struct arrival){said, dg_clock_mono_us()};
		if (write(out, &arrival, sizeof(arrival)) !=
		    (ssize_t)sizeof(arrival))
			_exit(0);
	}
}

static uint64_t
wait_arrival(int in, int64_t version)
{
	struct arrival arrival;

	do {
		if (read(in, &arrival, sizeof(arrival)) !=
		    (ssize_t)sizeof(arrival))
			die("a replica", "has ended");
	} while (arrival.version < version);
	return arrival.at_us;
}

static void
measure_apply(struct writer *w, unsigned changes)
{
	pid_t pids[REPLICAS];
	int ends[REPLICAS];
	double *samples = DG_NEW_ARRAY(double, changes);

	for (unsigned i = 0; i < REPLICAS; i++) {
		int fds[2];

		if (pipe(fds) != 0)
			die("pipe", "failed");
		pids[i] = fork();
		if (pids[i] == 0)
			be_replica(fds[1]);
		(void)close(fds[1]);
		ends[i] = fds[0];
	}
	for (unsigned i = 0; i < REPLICAS; i++)
		(void)wait_arrival(ends[i], w->version);
	for (unsigned i = 0; i < changes; i++) {
		uint64_t start;
		uint64_t last = 0;

		writer_prepare(w);
		start = dg_clock_mono_us();
		writer_commit(w);
		for (unsigned j = 0; j < REPLICAS; j++) {
			uint64_t at = wait_arrival(ends[j], w->version);

			if (at > last)
				last = at;
		}
		samples[i] = (double)(last - start) / 1e3;
	}
	for (unsigned i = 0; i < REPLICAS; i++) {
		(void)kill(pids[i], SIGKILL);
		(void)waitpid(pids[i], NULL, 0);
		(void)close(ends[i]);
	}
	figure("apply_median_ms", percentile(samples, changes, 0.5), "ms");
	figure("apply_p99_ms", percentile(samples, changes, 0.99), "ms");
	dg_free(samples);
}

/* ---- all of it ---------------------------------------------------------- */

static int
measure(long rules, unsigned changes)
{
	struct replica replica;
	struct writer writer;

	measure_load(&replica, rules);
	measure_warm(replica.snapshot->acl);
	measure_cold(replica.snapshot->acl);
	writer_open(&writer);
	measure_delta(&replica, &writer, changes);
	replica_stop(&replica);
	measure_apply(&writer, changes);
	writer_close(&writer);
	return 0;
}

static int
migrate(void)
{
	struct writer w;
	struct dg_error err;
	unsigned applied;

	writer_open(&w);
	if (dg_store_migrate(w.pg, w.loop, &applied, &err) != DG_OK)
		die("migrate", err.text);
	writer_close(&w);
	return 0;
}

int
main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";
	long rules = argc > 2 ? strtol(argv[2], NULL, 10) : 0;
	long changes = argc > 3 ? strtol(argv[3], NULL, 10) : 0;

	dg_mem_keep_freed();
	dg_log_set_level(DG_LOG_ERROR);
	if (strcmp(verb, "fill") == 0 && rules > 0)
		return fill(rules);
	if (strcmp(verb, "alone") == 0 && rules > 0)
		return measure_alone(rules);
	if (getenv("DG_TEST_PG") == NULL)
		die("DG_TEST_PG", "is not set: see tests/bench/run policy");
	if (strcmp(verb, "migrate") == 0)
		return migrate();
	if (strcmp(verb, "measure") == 0 && rules > 0 && changes > 0)
		return measure(rules, (unsigned)changes);
	die("usage", "bench_policy migrate | fill RULES | alone RULES | "
		     "measure RULES CHANGES");
}
