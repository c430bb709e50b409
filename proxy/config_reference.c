/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_reference.c - docs/configuration.md, written from the option table.
 * A test compares the file with what this writes.
 */
#include "config_table.h"

#include "base/assert.h"

static const char intro[] =
	"# Configuration\n"
	"\n"
	"<!-- Written by `datagateway check-config --reference` from "
	"proxy/config.def. -->\n"
	"\n"
	"One YAML file, given as `serve -c FILE`. `datagateway check-config "
	"FILE` shows every error of it at once. A dotted option is a key in a "
	"section:\n"
	"\n"
	"```yaml\n"
	"listen: [\"0.0.0.0:8443\"]\n"
	"tls:\n"
	"  certificate: /etc/datagateway/tls.crt\n"
	"  key: /etc/datagateway/tls.key\n"
	"postgres:\n"
	"  conninfo: env:DATAGATEWAY_POSTGRES\n"
	"```\n"
	"\n"
	"Durations are written `500ms`, `30s`, `5m`, `2h`, `7d`, sizes "
	"`65536`, `64KiB`, `2MiB`, `1GiB`. Options marked *reload* change on "
	"SIGHUP; a reload that would change another one is refused as a "
	"whole. Certificates and keys are read again at each reload. "
	"deploy/datagateway.yaml is a commented sample.\n"
	"\n"
	"| option | type | default | range | reload | what |\n"
	"|---|---|---|---|---|---|\n";

static enum dg_rc
write_type(const struct dg_option *option, struct dg_buf *out)
{
	switch (option->type) {
	case DG_OPTION_STR:
		return dg_buf_append(out, DG_STR("text"));
	case DG_OPTION_INT:
		return dg_buf_append(out,
				     strcmp(option->unit, "ms") == 0
					     ? DG_STR("duration")
				     : strcmp(option->unit, "bytes") == 0
					     ? DG_STR("size")
					     : dg_str_from_cstr(option->unit));
	case DG_OPTION_BOOL:
		return dg_buf_append(out, DG_STR("true or false"));
	case DG_OPTION_ENUM:
		return dg_buf_append(out, DG_STR("choice"));
	case DG_OPTION_LIST:
		return dg_buf_append(out, DG_STR("list"));
	}
	DG_UNREACHABLE();
}

static enum dg_rc
write_choice(const struct dg_option *option, struct dg_buf *out, int only)
{
	struct dg_str rest = dg_str_from_cstr(option->values);
	struct dg_str value;
	enum dg_rc rc = DG_OK;

	for (int i = 0; dg_str_split(&rest, '|', &value) && rc == DG_OK; i++)
		if (only < 0 || only == i)
			rc = dg_buf_appendf(out, "%s`%.*s`",
					    only < 0 && i > 0 ? " " : "",
					    DG_STR_ARG(value));
	return rc;
}

static enum dg_rc
write_default(const struct dg_option *option, struct dg_buf *out)
{
	char number[DG_OPTION_NUMBER_MAX];

	switch (option->type) {
	case DG_OPTION_STR:
		if (option->text[0] == '\0')
			return DG_OK;
		return dg_buf_appendf(out, "`%s`", option->text);
	case DG_OPTION_INT:
		dg_option_write_number(option, option->number, number);
		return dg_buf_appendf(out, "`%s`", number);
	case DG_OPTION_BOOL:
		return dg_buf_append(out, option->number != 0
						  ? DG_STR("`true`")
						  : DG_STR("`false`"));
	case DG_OPTION_ENUM:
		return write_choice(option, out, (int)option->number);
	case DG_OPTION_LIST:
		return DG_OK;
	}
	DG_UNREACHABLE();
}

static enum dg_rc
write_range(const struct dg_option *option, struct dg_buf *out)
{
	char low[DG_OPTION_NUMBER_MAX];
	char high[DG_OPTION_NUMBER_MAX];

	if (option->type == DG_OPTION_ENUM)
		return write_choice(option, out, -1);
	if (option->type != DG_OPTION_INT)
		return DG_OK;
	dg_option_write_number(option, option->min, low);
	dg_option_write_number(option, option->max, high);
	return dg_buf_appendf(out, "%s to %s", low, high);
}

static enum dg_rc
write_row(const struct dg_option *option, struct dg_buf *out)
{
	enum dg_rc rc = dg_buf_appendf(out, "| `%s` | ", option->path);

	if (rc == DG_OK)
		rc = write_type(option, out);
	if (rc == DG_OK)
		rc = dg_buf_append(out, DG_STR(" | "));
	if (rc == DG_OK)
		rc = write_default(option, out);
	if (rc == DG_OK)
		rc = dg_buf_append(out, DG_STR(" | "));
	if (rc == DG_OK)
		rc = write_range(option, out);
	if (rc == DG_OK)
		rc = dg_buf_appendf(out, " | %s | %s |\n",
				    option->reloadable ? "yes" : "",
				    option->help);
	return rc;
}

enum dg_rc
dg_config_reference(struct dg_buf *out)
{
	enum dg_rc rc = dg_buf_append(out, dg_str_from_cstr(intro));

	for (size_t i = 0; rc == DG_OK && i < dg_n_options; i++)
		rc = write_row(&dg_options[i], out);
	return rc;
}
