/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_table.c - config.def as an array, and numbers with units.
 *
 * Only this file expands the table into descriptors; parser, reference and
 * reload walk the array.
 */
#include "config_table.h"

#include <inttypes.h>
#include <stdio.h>

#define MEMBER(member) offsetof(struct dg_config, member)

const struct dg_option dg_options[] = {
#define DG_OPT_STR(member, where, def, reload, about) \
	{.type = DG_OPTION_STR, \
	 .path = (where), \
	 .offset = MEMBER(member), \
	 .text = (def), \
	 .reloadable = (reload), \
	 .help = (about)},
#define DG_OPT_INT(member, where, def, low, high, of, reload, about) \
	{.type = DG_OPTION_INT, \
	 .path = (where), \
	 .offset = MEMBER(member), \
	 .number = (def), \
	 .min = (low), \
	 .max = (high), \
	 .unit = (of), \
	 .reloadable = (reload), \
	 .help = (about)},
#define DG_OPT_BOOL(member, where, def, reload, about) \
	{.type = DG_OPTION_BOOL, \
	 .path = (where), \
	 .offset = MEMBER(member), \
	 .number = (def) ? 1 : 0, \
	 .reloadable = (reload), \
	 .help = (about)},
#define DG_OPT_ENUM(member, where, def, choice, reload, about) \
	{.type = DG_OPTION_ENUM, \
	 .path = (where), \
	 .offset = MEMBER(member), \
	 .number = (def), \
	 .values = (choice), \
	 .reloadable = (reload), \
	 .help = (about)},
#define DG_OPT_LIST(member, where, reload, about) \
	{.type = DG_OPTION_LIST, \
	 .path = (where), \
	 .offset = MEMBER(member), \
	 .count_offset = MEMBER(n_##member), \
	 .reloadable = (reload), \
	 .help = (about)},
#include "config.def"
#undef DG_OPT_STR
#undef DG_OPT_INT
#undef DG_OPT_BOOL
#undef DG_OPT_ENUM
#undef DG_OPT_LIST
};

const size_t dg_n_options = DG_ARRAY_LEN(dg_options);

static void *
member_at(struct dg_config *config, size_t offset)
{
	return (char *)config + offset;
}

char **
dg_option_str(const struct dg_option *option, struct dg_config *config)
{
	return member_at(config, option->offset);
}

int64_t *
dg_option_int(const struct dg_option *option, struct dg_config *config)
{
	return member_at(config, option->offset);
}

bool *
dg_option_bool(const struct dg_option *option, struct dg_config *config)
{
	return member_at(config, option->offset);
}

int *
dg_option_enum(const struct dg_option *option, struct dg_config *config)
{
	return member_at(config, option->offset);
}

char ***
dg_option_list(const struct dg_option *option, struct dg_config *config)
{
	return member_at(config, option->offset);
}

size_t *
dg_option_count(const struct dg_option *option, struct dg_config *config)
{
	return member_at(config, option->count_offset);
}

struct unit {
	const char *of;     /* the option's unit */
	const char *suffix; /* largest first */
	int64_t factor;
};

static const struct unit units[] = {
	{"ms", "d", 86400000},     {"ms", "h", 3600000},
	{"ms", "m", 60000},        {"ms", "s", 1000},
	{"ms", "ms", 1},           {"bytes", "GiB", INT64_C(1) << 30},
	{"bytes", "MiB", 1 << 20}, {"bytes", "KiB", 1 << 10},
	{"bytes", "B", 1},
};

static const struct unit *
find_unit(const char *of, struct dg_str suffix)
{
	for (size_t i = 0; i < DG_ARRAY_LEN(units); i++)
		if (strcmp(units[i].of, of) == 0 &&
		    dg_str_eq(dg_str_from_cstr(units[i].suffix), suffix))
			return &units[i];
	return NULL;
}

enum dg_rc
dg_option_read_number(const struct dg_option *option, struct dg_str text,
		      int64_t *out)
{
	const struct unit *unit;
	struct dg_str suffix;
	size_t digits = 0;
	int64_t number;

	while (digits < text.len && text.data[digits] >= '0' &&
	       text.data[digits] <= '9')
		digits++;
	if (dg_str_to_i64(dg_str_slice(text, 0, digits), &number) != DG_OK)
		return DG_ERR_INVALID;
	suffix = dg_str_trim(dg_str_slice(text, digits, text.len));
	if (suffix.len > 0) {
		unit = find_unit(option->unit, suffix);
		if (unit == NULL ||
		    __builtin_mul_overflow(number, unit->factor, &number))
			return DG_ERR_INVALID;
	}
	*out = number;
	return DG_OK;
}

void
dg_option_write_number(const struct dg_option *option, int64_t number,
		       char out[DG_OPTION_NUMBER_MAX])
{
	const char *suffix = "";

	for (size_t i = 0; number > 0 && i < DG_ARRAY_LEN(units); i++) {
		if (strcmp(units[i].of, option->unit) != 0 ||
		    number % units[i].factor != 0)
			continue;
		number /= units[i].factor;
		suffix = units[i].suffix;
		break;
	}
	(void)snprintf(out, DG_OPTION_NUMBER_MAX, "%" PRId64 "%s", number,
		       suffix);
}

int
dg_option_value_index(const char *values, struct dg_str text)
{
	struct dg_str rest = dg_str_from_cstr(values);
	struct dg_str value;

	for (int i = 0; dg_str_split(&rest, '|', &value); i++)
		if (dg_str_eq(value, text))
			return i;
	return -1;
}
