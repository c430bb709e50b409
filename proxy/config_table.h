/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_table.h - config.def as an array, for the files of the configuration.
 */
#ifndef DG_PROXY_CONFIG_TABLE_H
#define DG_PROXY_CONFIG_TABLE_H

#include "config.h"

enum dg_option_type {
	DG_OPTION_STR,
	DG_OPTION_INT,
	DG_OPTION_BOOL,
	DG_OPTION_ENUM,
	DG_OPTION_LIST,
};

struct dg_option {
	enum dg_option_type type;
	const char *path;
	size_t offset;       /* of the member */
	size_t count_offset; /* LIST: of its n_ member */
	const char *text;    /* STR: the default */
	int64_t number;      /* INT, BOOL, ENUM: the default */
	int64_t min;         /* INT */
	int64_t max;
	const char *unit;   /* INT */
	const char *values; /* ENUM: "a|b" */
	bool reloadable;
	const char *help;
};

extern const struct dg_option dg_options[];
extern const size_t dg_n_options;

/* The members of a config, by option. */
char **dg_option_str(const struct dg_option *option, struct dg_config *config);
int64_t *dg_option_int(const struct dg_option *option,
		       struct dg_config *config);
bool *dg_option_bool(const struct dg_option *option, struct dg_config *config);
int *dg_option_enum(const struct dg_option *option, struct dg_config *config);
char ***dg_option_list(const struct dg_option *option,
		       struct dg_config *config);
size_t *dg_option_count(const struct dg_option *option,
			struct dg_config *config);

/* "30s", "64KiB" or a bare number, by the option's unit; range unchecked. */
enum dg_rc dg_option_read_number(const struct dg_option *option,
				 struct dg_str text,
				 int64_t *out) DG_MUST_CHECK;
/* The shortest exact way to write a number of that option. */
#define DG_OPTION_NUMBER_MAX 32
void dg_option_write_number(const struct dg_option *option, int64_t number,
			    char out[DG_OPTION_NUMBER_MAX]);
/* Index of text among "a|b|c", or -1. */
int dg_option_value_index(const char *values, struct dg_str text);

/* What one option cannot say: options that contradict each other. */
typedef void (*dg_config_complain_fn)(void *arg, const char *path,
				      const char *text);
void dg_config_cross_check(const struct dg_config *config,
			   dg_config_complain_fn fn, void *arg);

#endif
