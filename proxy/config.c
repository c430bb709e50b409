/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config.c - from a YAML file to a struct dg_config, with all its errors.
 *
 * The document is walked once; mappings spell the dotted paths of config.def.
 * A problem never stops the walk: it is noted with its line, and the file is
 * refused at the end. Unknown keys are problems, the nearest name is offered.
 */
#include "config.h"

#include <limits.h>
#include <stdio.h>
#include <yaml.h>

#include "base/assert.h"
#include "base/mem.h"
#include "config_table.h"

enum {
	CONFIG_FILE_MAX = 1 << 20,
	CONFIG_PATH_MAX = 128,
	CONFIG_DEPTH_MAX = 8, /* of the paths in config.def */
	CONFIG_LIST_MAX = 1024,
	CONFIG_SUGGEST_DISTANCE = 3,
	CONFIG_CONNINFO_MAX = 4096,
};

struct reader {
	const char *name; /* of the file, for messages */
	yaml_document_t *document;
	struct dg_config *config;
	size_t *lines; /* per option: where it stands, 0 = nowhere */
	struct dg_buf *errors;
	size_t n_errors;
};

/* A full error buffer loses text, never the fact that there was an error. */
static void
complain_at(struct reader *r, size_t line, const char *path, const char *text)
{
	enum dg_rc rc;

	r->n_errors++;
	if (line > 0)
		rc = dg_buf_appendf(r->errors, "%s:%zu: %s%s%s\n", r->name,
				    line, path, path[0] == '\0' ? "" : ": ",
				    text);
	else
		rc = dg_buf_appendf(r->errors, "%s: %s%s%s\n", r->name, path,
				    path[0] == '\0' ? "" : ": ", text);
	(void)rc;
}

static size_t
line_of(const yaml_node_t *node)
{
	return node->start_mark.line + 1;
}

static struct dg_str
scalar_text(const yaml_node_t *node)
{
	return dg_str_make((const char *)node->data.scalar.value,
			   node->data.scalar.length);
}

/* ---- unknown keys ------------------------------------------------------ */

static size_t
min3(size_t a, size_t b, size_t c)
{
	size_t least = a < b ? a : b;

	return least < c ? least : c;
}

/* Levenshtein; strings of up to CONFIG_PATH_MAX bytes. */
static size_t
edit_distance(struct dg_str a, struct dg_str b)
{
	size_t row[CONFIG_PATH_MAX + 1];

	if (b.len > CONFIG_PATH_MAX)
		return SIZE_MAX;
	for (size_t j = 0; j <= b.len; j++)
		row[j] = j;
	for (size_t i = 1; i <= a.len; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= b.len; j++) {
			size_t above = row[j];
			size_t change = a.data[i - 1] == b.data[j - 1] ? 0 : 1;

			row[j] = min3(above + 1, row[j - 1] + 1,
				      diagonal + change);
			diagonal = above;
		}
	}
	return row[b.len];
}

static const char *
nearest_path(struct dg_str path)
{
	const char *best = NULL;
	size_t best_distance = CONFIG_SUGGEST_DISTANCE + 1;

	for (size_t i = 0; i < dg_n_options; i++) {
		struct dg_str known = dg_str_from_cstr(dg_options[i].path);
		size_t distance = edit_distance(path, known);

		/* The right last word in the wrong section counts as near. */
		if (dg_str_ends_with(known, path) && distance > 0 &&
		    dg_options[i].path[known.len - path.len - 1] == '.')
			distance = 1;
		if (distance < best_distance) {
			best_distance = distance;
			best = dg_options[i].path;
		}
	}
	return best;
}

static void
complain_unknown(struct reader *r, size_t line, const char *path)
{
	const char *near = nearest_path(dg_str_from_cstr(path));
	char text[CONFIG_PATH_MAX + 64];

	(void)snprintf(text, sizeof(text), "unknown option%s%s%s",
		       near == NULL ? "" : "; did you mean ",
		       near == NULL ? "" : near, near == NULL ? "" : "?");
	complain_at(r, line, path, text);
}

/* ---- one option -------------------------------------------------------- */

static void
complain_range(struct reader *r, size_t line, const struct dg_option *option)
{
	char low[DG_OPTION_NUMBER_MAX];
	char high[DG_OPTION_NUMBER_MAX];
	char text[160];

	dg_option_write_number(option, option->min, low);
	dg_option_write_number(option, option->max, high);
	(void)snprintf(text, sizeof(text), "must be from %s to %s", low, high);
	complain_at(r, line, option->path, text);
}

static void
complain_number(struct reader *r, size_t line, const struct dg_option *option)
{
	char text[160];

	if (strcmp(option->unit, "ms") == 0)
		(void)snprintf(text, sizeof(text),
			       "must be a duration such as 500ms, 30s, 5m");
	else if (strcmp(option->unit, "bytes") == 0)
		(void)snprintf(text, sizeof(text),
			       "must be a size such as 65536, 64KiB, 2MiB");
	else
		(void)snprintf(text, sizeof(text),
			       "must be a whole number of %s", option->unit);
	complain_at(r, line, option->path, text);
}

static void
set_number(struct reader *r, size_t line, const struct dg_option *option,
	   struct dg_str text)
{
	int64_t number;

	if (dg_option_read_number(option, text, &number) != DG_OK)
		complain_number(r, line, option);
	else if (number < option->min || number > option->max)
		complain_range(r, line, option);
	else
		*dg_option_int(option, r->config) = number;
}

static void
set_bool(struct reader *r, size_t line, const struct dg_option *option,
	 struct dg_str text)
{
	if (dg_str_eq(text, DG_STR("true")))
		*dg_option_bool(option, r->config) = true;
	else if (dg_str_eq(text, DG_STR("false")))
		*dg_option_bool(option, r->config) = false;
	else
		complain_at(r, line, option->path, "must be true or false");
}

static void
set_enum(struct reader *r, size_t line, const struct dg_option *option,
	 struct dg_str text)
{
	int index = dg_option_value_index(option->values, text);
	char message[128];

	if (index >= 0) {
		*dg_option_enum(option, r->config) = index;
		return;
	}
	(void)snprintf(message, sizeof(message), "must be one of %s",
		       option->values);
	complain_at(r, line, option->path, message);
}

static void
set_str(struct reader *r, size_t line, const struct dg_option *option,
	struct dg_str text)
{
	char **member = dg_option_str(option, r->config);
	char *copy;

	if (dg_str_to_cstr(text, &copy) != DG_OK) {
		complain_at(r, line, option->path, "must not hold a NUL");
		return;
	}
	dg_free(*member);
	*member = copy;
}

static void
set_scalar(struct reader *r, size_t line, const struct dg_option *option,
	   struct dg_str text)
{
	switch (option->type) {
	case DG_OPTION_STR:
		set_str(r, line, option, text);
		break;
	case DG_OPTION_INT:
		set_number(r, line, option, text);
		break;
	case DG_OPTION_BOOL:
		set_bool(r, line, option, text);
		break;
	case DG_OPTION_ENUM:
		set_enum(r, line, option, text);
		break;
	case DG_OPTION_LIST:
		complain_at(r, line, option->path,
			    "must be a list, such as [\"one\", \"two\"]");
		break;
	}
}

static void
set_list(struct reader *r, const struct dg_option *option,
	 const yaml_node_t *node)
{
	const yaml_node_item_t *items = node->data.sequence.items.start;
	size_t n = (size_t)(node->data.sequence.items.top - items);
	char **list;

	if (n > CONFIG_LIST_MAX) {
		complain_at(r, line_of(node), option->path,
			    "has too many entries");
		return;
	}
	list = DG_NEW_ARRAY(char *, n + 1);
	*dg_option_list(option, r->config) = list;
	for (size_t i = 0; i < n; i++) {
		const yaml_node_t *item =
			yaml_document_get_node(r->document, items[i]);

		if (item->type != YAML_SCALAR_NODE ||
		    dg_str_to_cstr(scalar_text(item), &list[i]) != DG_OK) {
			complain_at(r, line_of(item), option->path,
				    "an entry must be a plain text");
			return;
		}
		*dg_option_count(option, r->config) = i + 1;
	}
}

static void
set_option(struct reader *r, const struct dg_option *option,
	   const yaml_node_t *node)
{
	size_t *line = &r->lines[option - dg_options];

	if (*line != 0) {
		complain_at(r, line_of(node), option->path,
			    "is set a second time");
		return;
	}
	*line = line_of(node);
	switch (node->type) {
	case YAML_SCALAR_NODE:
		set_scalar(r, *line, option, scalar_text(node));
		break;
	case YAML_SEQUENCE_NODE:
		if (option->type == DG_OPTION_LIST)
			set_list(r, option, node);
		else
			complain_at(r, *line, option->path,
				    "must be one value, not a list");
		break;
	case YAML_MAPPING_NODE:
		complain_at(r, *line, option->path,
			    "must be a value, not a section");
		break;
	case YAML_NO_NODE:
		break;
	}
}

/* ---- the document ------------------------------------------------------ */

static const struct dg_option *
find_option(const char *path)
{
	for (size_t i = 0; i < dg_n_options; i++)
		if (strcmp(dg_options[i].path, path) == 0)
			return &dg_options[i];
	return NULL;
}

static bool
is_section(const char *path)
{
	size_t len = strlen(path);

	for (size_t i = 0; i < dg_n_options; i++)
		if (strncmp(dg_options[i].path, path, len) == 0 &&
		    dg_options[i].path[len] == '.')
			return true;
	return false;
}

/* A section that is being walked. */
struct section {
	const yaml_node_pair_t *next;
	const yaml_node_pair_t *end;
	char path[CONFIG_PATH_MAX]; /* "" at the top */
};

static void
open_section(struct section *section, const yaml_node_t *node, const char *path)
{
	section->next = node->data.mapping.pairs.start;
	section->end = node->data.mapping.pairs.top;
	(void)snprintf(section->path, sizeof(section->path), "%s", path);
}

/* "section.key"; false when it cannot be one. */
static bool
make_path(struct reader *r, const char *prefix, const yaml_node_t *key,
	  char path[CONFIG_PATH_MAX])
{
	int n;

	if (key->type != YAML_SCALAR_NODE) {
		complain_at(r, line_of(key), prefix, "a key must be a text");
		return false;
	}
	n = snprintf(path, CONFIG_PATH_MAX, "%s%s%s", prefix,
		     prefix[0] == '\0' ? "" : ".",
		     (const char *)key->data.scalar.value);
	if (n < 0 || n >= CONFIG_PATH_MAX) {
		complain_at(r, line_of(key), prefix, "a key is too long");
		return false;
	}
	return true;
}

/* True: value is a section, to be walked next. */
static bool
take_pair(struct reader *r, const char *path, const yaml_node_t *key,
	  const yaml_node_t *value)
{
	const struct dg_option *option = find_option(path);

	if (option != NULL)
		set_option(r, option, value);
	else if (!is_section(path))
		complain_unknown(r, line_of(key), path);
	else if (value->type == YAML_MAPPING_NODE)
		return true;
	else
		complain_at(r, line_of(value), path,
			    "is a section: its options stand indented below");
	return false;
}

/* Goes no deeper than the paths of the table: is_section ends it. */
static void
walk(struct reader *r, const yaml_node_t *root)
{
	struct section stack[CONFIG_DEPTH_MAX];
	size_t depth = 1;

	open_section(&stack[0], root, "");
	while (depth > 0) {
		struct section *top = &stack[depth - 1];
		char path[CONFIG_PATH_MAX];
		const yaml_node_t *key;
		const yaml_node_t *value;

		if (top->next == top->end) {
			depth--;
			continue;
		}
		key = yaml_document_get_node(r->document, top->next->key);
		value = yaml_document_get_node(r->document, top->next->value);
		top->next++;
		if (!make_path(r, top->path, key, path) ||
		    !take_pair(r, path, key, value))
			continue;
		DG_ASSERT(depth < CONFIG_DEPTH_MAX);
		open_section(&stack[depth++], value, path);
	}
}

static void
on_complaint(void *arg, const char *path, const char *text)
{
	struct reader *r = arg;
	const struct dg_option *option = find_option(path);

	complain_at(r, option == NULL ? 0 : r->lines[option - dg_options], path,
		    text);
}

static struct dg_config *
create_default(void)
{
	struct dg_config *config = DG_NEW(struct dg_config);

	for (size_t i = 0; i < dg_n_options; i++) {
		const struct dg_option *option = &dg_options[i];

		switch (option->type) {
		case DG_OPTION_STR:
			*dg_option_str(option, config) =
				dg_strdup(option->text);
			break;
		case DG_OPTION_INT:
			*dg_option_int(option, config) = option->number;
			break;
		case DG_OPTION_BOOL:
			*dg_option_bool(option, config) = option->number != 0;
			break;
		case DG_OPTION_ENUM:
			*dg_option_enum(option, config) = (int)option->number;
			break;
		case DG_OPTION_LIST:
			break;
		}
	}
	return config;
}

static void
read_document(struct reader *r, struct dg_str yaml)
{
	yaml_parser_t parser;
	yaml_document_t document;
	const yaml_node_t *root;

	DG_ASSERT(yaml_parser_initialize(&parser) == 1);
	yaml_parser_set_input_string(&parser, (const unsigned char *)yaml.data,
				     yaml.len);
	if (yaml_parser_load(&parser, &document) != 1) {
		complain_at(r, parser.problem_mark.line + 1, "",
			    parser.problem == NULL ? "is not YAML"
						   : parser.problem);
		yaml_parser_delete(&parser);
		return;
	}
	r->document = &document;
	root = yaml_document_get_root_node(&document);
	if (root != NULL && root->type == YAML_MAPPING_NODE)
		walk(r, root);
	else if (root != NULL)
		complain_at(r, line_of(root), "",
			    "must be a mapping of options");
	yaml_document_delete(&document);
	yaml_parser_delete(&parser);
	r->document = NULL;
}

enum dg_rc
dg_config_parse(struct dg_str yaml, const char *name,
		struct dg_config **config_out, struct dg_buf *errors_out)
{
	struct reader r = {.name = name, .errors = errors_out};
	enum dg_rc rc = DG_OK;

	r.config = create_default();
	r.lines = DG_NEW_ARRAY(size_t, dg_n_options);
	if (yaml.len > CONFIG_FILE_MAX)
		complain_at(&r, 0, "", "is longer than 1 MiB");
	else
		read_document(&r, yaml);
	dg_config_cross_check(r.config, on_complaint, &r);
	dg_free(r.lines);
	if (r.n_errors > 0) {
		dg_config_destroy(&r.config);
		rc = DG_ERR_INVALID;
	}
	*config_out = r.config;
	return rc;
}

enum dg_rc
dg_config_load(const char *file, struct dg_config **config_out,
	       struct dg_buf *errors_out)
{
	struct dg_buf reference;
	struct dg_str text;
	struct dg_error err;
	enum dg_rc rc;
	enum dg_rc full;

	*config_out = NULL;
	dg_buf_init(&reference, PATH_MAX + sizeof("file:"));
	rc = dg_buf_appendf(&reference, "file:%s", file);
	if (rc == DG_OK)
		rc = dg_secret_read(dg_buf_peek(&reference), CONFIG_FILE_MAX,
				    &text, &err);
	else
		dg_error_set(&err, rc, "its path is too long");
	dg_buf_fini(&reference);
	if (rc != DG_OK) {
		full = dg_buf_appendf(errors_out, "%s: %s\n", file, err.text);
		(void)full;
		return rc;
	}
	rc = dg_config_parse(text, file, config_out, errors_out);
	dg_secret_free(&text);
	return rc;
}

void
dg_config_destroy(struct dg_config **config)
{
	struct dg_config *c = *config;

	if (c == NULL)
		return;
	for (size_t i = 0; i < dg_n_options; i++) {
		const struct dg_option *option = &dg_options[i];

		if (option->type == DG_OPTION_STR) {
			char *text = *dg_option_str(option, c);

			dg_wipe(text, strlen(text));
			dg_free(text);
		} else if (option->type == DG_OPTION_LIST) {
			char **list = *dg_option_list(option, c);

			for (size_t k = 0; k < *dg_option_count(option, c); k++)
				dg_free(list[k]);
			dg_free(list);
		}
	}
	dg_free(c);
	*config = NULL;
}

/* ---- reload ------------------------------------------------------------ */

static bool
is_same_list(char *const *a, size_t n_a, char *const *b, size_t n_b)
{
	if (n_a != n_b)
		return false;
	for (size_t i = 0; i < n_a; i++)
		if (strcmp(a[i], b[i]) != 0)
			return false;
	return true;
}

static bool
is_same(const struct dg_option *option, struct dg_config *a,
	struct dg_config *b)
{
	switch (option->type) {
	case DG_OPTION_STR:
		return strcmp(*dg_option_str(option, a),
			      *dg_option_str(option, b)) == 0;
	case DG_OPTION_INT:
		return *dg_option_int(option, a) == *dg_option_int(option, b);
	case DG_OPTION_BOOL:
		return *dg_option_bool(option, a) == *dg_option_bool(option, b);
	case DG_OPTION_ENUM:
		return *dg_option_enum(option, a) == *dg_option_enum(option, b);
	case DG_OPTION_LIST:
		return is_same_list(*dg_option_list(option, a),
				    *dg_option_count(option, a),
				    *dg_option_list(option, b),
				    *dg_option_count(option, b));
	}
	DG_UNREACHABLE();
}

enum dg_rc
dg_config_check_reload(const struct dg_config *running,
		       const struct dg_config *fresh, struct dg_buf *why_out)
{
	/* The accessors serve the parser too; nothing is written here. */
	struct dg_config *a = (void *)(uintptr_t)running;
	struct dg_config *b = (void *)(uintptr_t)fresh;
	enum dg_rc rc = DG_OK;

	for (size_t i = 0; i < dg_n_options; i++) {
		enum dg_rc full;

		if (dg_options[i].reloadable || is_same(&dg_options[i], a, b))
			continue;
		full = dg_buf_appendf(why_out, "%s%s", rc == DG_OK ? "" : ", ",
				      dg_options[i].path);
		(void)full;
		rc = DG_ERR_CONFLICT;
	}
	return rc;
}

/* ---- accessors --------------------------------------------------------- */

static enum dg_rc
resolve_conninfo(const char *given, const char *path, struct dg_str *out,
		 struct dg_error *err)
{
	struct dg_str text = dg_str_from_cstr(given);
	enum dg_rc rc;

	if (!dg_secret_is_reference(text)) {
		*out = dg_str_from_cstr(dg_strdup(given));
		return DG_OK;
	}
	rc = dg_secret_read(text, CONFIG_CONNINFO_MAX, out, err);
	if (rc != DG_OK)
		return dg_error_wrap(err, "%s", path);
	return DG_OK;
}

enum dg_rc
dg_config_conninfo(const struct dg_config *config, struct dg_str *out,
		   struct dg_error *err)
{
	return resolve_conninfo(config->postgres, "postgres.conninfo", out,
				err);
}

struct dg_config_admin
dg_config_admin(const struct dg_config *config)
{
	return (struct dg_config_admin){
		.listen = config->admin_listen,
		.tls_certificate = config->admin_tls_cert,
		.tls_key = config->admin_tls_key,
		.api_conninfo = config->admin_api,
		.audit_days = (unsigned)(config->audit_retention_ms / 86400000),
	};
}

enum dg_rc
dg_config_api_conninfo(const struct dg_config *config, struct dg_str *out,
		       struct dg_error *err)
{
	return resolve_conninfo(config->admin_api, "admin.api.conninfo", out,
				err);
}
