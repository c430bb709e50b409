/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log.h - structured log: one JSON object a line on stderr.
 *
 * {"ts":"...","level":"info","event":"proxy.listening","msg":"...", fields...}
 * `event` is a stable dotted name that tests and dashboards rely on. A context
 * is a chain (gateway > listener > connection > statement) whose fields are
 * added to each line. Lines are bounded (8 KiB, then cut inside a string),
 * control bytes escaped, invalid UTF-8 replaced. Thread-safe: one write(2) a
 * line. Never pass secrets, tokens, raw SQL (normalised text only).
 */
#ifndef DG_BASE_LOG_H
#define DG_BASE_LOG_H

#include "base/str.h"

enum dg_log_level {
	DG_LOG_DEBUG,
	DG_LOG_INFO,
	DG_LOG_WARN,
	DG_LOG_ERROR,
};

struct dg_log_field {
	const char *name; /* static */
	enum { DG_LOG_F_STR, DG_LOG_F_INT, DG_LOG_F_BOOL } type;
	struct dg_str str;
	int64_t num;
};

#define DG_LOG_STR(n, v) \
	((struct dg_log_field){.name = (n), .type = DG_LOG_F_STR, .str = (v)})
#define DG_LOG_CSTR(n, v) DG_LOG_STR(n, dg_str_from_cstr(v))
#define DG_LOG_INT(n, v) \
	((struct dg_log_field){ \
		.name = (n), .type = DG_LOG_F_INT, .num = (int64_t)(v)})
#define DG_LOG_BOOL(n, v) \
	((struct dg_log_field){ \
		.name = (n), .type = DG_LOG_F_BOOL, .num = (v) ? 1 : 0})

struct dg_log_ctx {
	const struct dg_log_ctx *parent; /* borrowed, outlives this */
	const struct dg_log_field *fields;
	size_t n_fields;
};

/* Lines below level are dropped; default info. fd default 2. Any thread. */
void dg_log_set_level(enum dg_log_level level);
void dg_log_set_fd(int fd);
bool dg_log_enabled(enum dg_log_level level);

void dg_log_write(enum dg_log_level level, const struct dg_log_ctx *ctx,
		  const char *event, const struct dg_log_field *fields,
		  size_t n_fields, const char *fmt, ...) DG_PRINTF(6, 7);

/* dg_log_info(ctx, "event", DG_FIELDS(DG_LOG_INT("n", 1)), "text %d", 2); */
#define DG_FIELDS(...) \
	((const struct dg_log_field[]){__VA_ARGS__}), \
		(sizeof((const struct dg_log_field[]){__VA_ARGS__}) / \
		 sizeof(struct dg_log_field))
#define DG_NO_FIELDS NULL, 0

#define dg_log_debug(ctx, event, ...) \
	dg_log_write(DG_LOG_DEBUG, (ctx), (event), __VA_ARGS__)
#define dg_log_info(ctx, event, ...) \
	dg_log_write(DG_LOG_INFO, (ctx), (event), __VA_ARGS__)
#define dg_log_warn(ctx, event, ...) \
	dg_log_write(DG_LOG_WARN, (ctx), (event), __VA_ARGS__)
#define dg_log_error(ctx, event, ...) \
	dg_log_write(DG_LOG_ERROR, (ctx), (event), __VA_ARGS__)

#endif
