/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_yaml.c - reads a policy file (docs/policy.md): every error in it, with
 * its line, before anything is done with any of it.
 *
 * A key that is not known is an error: a misspelt "columns" would otherwise
 * turn a rule about a column into one about a table. Passwords are never in
 * the file, only references to them, or hashes.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/assert.h"
#include "base/mem.h"
#include "credentials.h"
#include "policy_file.h"
#include "policy_text.h"

enum {
	MODEL_MAX_BYTES = 1 << 30,
	KEYS_MAX = 64,
	ITEMS_MAX = 2000000,
};

/* ---- errors and nodes --------------------------------------------------- */

unsigned
dg_policy_line(const yaml_node_t *node)
{
	return (unsigned)node->start_mark.line + 1;
}

void
dg_policy_complain(struct dg_policy_reader *r, const yaml_node_t *node,
		   const char *fmt, ...)
{
	char text[DG_ERROR_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	r->n_errors++;
	/* When there is no room for more, the first ones will do. */
	if (r->places != NULL) {
		dg_policy_put_pointer(r, (int)dg_policy_line(node));
		if (dg_buf_appendf(r->errors, "\t%s\n", text) != DG_OK)
			r->is_full = true;
	} else if (dg_buf_appendf(r->errors, "line %u: %s\n",
				  dg_policy_line(node), text) != DG_OK) {
		r->is_full = true;
	}
}

static yaml_node_t *
node_at(struct dg_policy_reader *r, int index)
{
	return yaml_document_get_node(&r->document, index);
}

struct dg_str
dg_policy_scalar(const yaml_node_t *node)
{
	return dg_str_make((const char *)node->data.scalar.value,
			   node->data.scalar.length);
}

static bool
is_plain(const yaml_node_t *node)
{
	return node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
}

/* Text without control characters, copied; false after a complaint. */
bool
dg_policy_text(struct dg_policy_reader *r, const yaml_node_t *node,
	       const char *what, struct dg_str *out)
{
	struct dg_str text;

	if (node->type != YAML_SCALAR_NODE) {
		dg_policy_complain(r, node, "%s must be a text", what);
		return false;
	}
	text = dg_policy_scalar(node);
	if (is_plain(node) && r->places != NULL) {
		dg_policy_complain(r, node, "%s must be a text", what);
		return false;
	}
	if (is_plain(node) &&
	    (text.len == 0 || dg_str_eq(text, DG_STR("null")) ||
	     dg_str_eq(text, DG_STR("~")))) {
		dg_policy_complain(r, node, "%s has no value", what);
		return false;
	}
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.data[i] < 0x20 ||
		    text.data[i] == 0x7f) {
			dg_policy_complain(r, node,
					   "%s has a control character in it",
					   what);
			return false;
		}
	*out = dg_arena_str(r->model->arena, text);
	if (out->data == NULL)
		dg_policy_complain(r, node, "the file is too large");
	return out->data != NULL;
}

bool
dg_policy_truth(struct dg_policy_reader *r, const yaml_node_t *node,
		const char *what, int64_t *out)
{
	struct dg_str text;

	if (node->type == YAML_SCALAR_NODE && is_plain(node)) {
		text = dg_policy_scalar(node);
		*out = dg_str_eq(text, DG_STR("true"));
		if (*out != 0 || dg_str_eq(text, DG_STR("false")))
			return true;
	}
	dg_policy_complain(r, node, "%s must be true or false", what);
	return false;
}

/* A sequence of texts, or one text alone. */
bool
dg_policy_texts(struct dg_policy_reader *r, const yaml_node_t *node,
		const char *what, struct dg_str **items_out, size_t *n_out)
{
	yaml_node_item_t *item;
	struct dg_str *items;
	size_t n;
	bool good = true;

	if (node->type == YAML_MAPPING_NODE ||
	    (node->type == YAML_SCALAR_NODE && r->places != NULL)) {
		dg_policy_complain(r, node, "%s must be a list of texts", what);
		return false;
	}
	n = node->type == YAML_SCALAR_NODE
		    ? 1
		    : (size_t)(node->data.sequence.items.top -
			       node->data.sequence.items.start);
	items = DG_ARENA_ARRAY(r->model->arena, struct dg_str, n);
	if (items == NULL) {
		dg_policy_complain(r, node, "the file is too large");
		return false;
	}
	*items_out = items;
	*n_out = n;
	if (node->type == YAML_SCALAR_NODE)
		return dg_policy_text(r, node, what, &items[0]);
	for (item = node->data.sequence.items.start;
	     item < node->data.sequence.items.top; item++)
		good = dg_policy_text(r, node_at(r, *item), what, items++) &&
		       good;
	return good;
}

/* ---- mappings ----------------------------------------------------------- */

/* Calls the key's reader; every key at most once, none that is not known. */
static void
read_mapping(struct dg_policy_reader *r, const yaml_node_t *node,
	     const char *what, const struct dg_policy_key *keys, size_t n_keys,
	     struct dg_policy_item *item)
{
	uint64_t seen = 0;
	yaml_node_pair_t *pair;

	for (pair = node->data.mapping.pairs.start;
	     pair < node->data.mapping.pairs.top; pair++) {
		const yaml_node_t *key = node_at(r, pair->key);
		const yaml_node_t *value = node_at(r, pair->value);
		struct dg_str name;
		size_t i = 0;

		if (!dg_policy_text(r, key, "a key", &name))
			continue;
		while (i < n_keys &&
		       !dg_str_eq(name, dg_str_from_cstr(keys[i].name)))
			i++;
		if (i == n_keys) {
			dg_policy_complain(r, key,
					   "unknown key \"%.*s\" in a %s",
					   DG_STR_ARG(name), what);
			continue;
		}
		if ((seen & UINT64_C(1) << i) != 0) {
			dg_policy_complain(r, key, "\"%.*s\" is given twice",
					   DG_STR_ARG(name));
			continue;
		}
		seen |= UINT64_C(1) << i;
		keys[i].read(r, value, &keys[i], item);
	}
	for (size_t i = 0; i < n_keys; i++)
		if (keys[i].is_required && (seen & UINT64_C(1) << i) == 0)
			dg_policy_complain(r, node, "a %s needs \"%s\"", what,
					   keys[i].name);
}

static void
enter_item(struct dg_policy_reader *r, enum dg_policy_section section,
	   const yaml_node_t *node, struct dg_policy_item *item)
{
	const struct dg_policy_item *other =
		dg_policy_find(r->model, section, item->name);

	if (item->name.len == 0)
		return; /* complained about */
	if (other != NULL && r->places != NULL)
		dg_policy_complain(r, node, "%s \"%.*s\" is there twice",
				   dg_policy_sections[section].one,
				   DG_STR_ARG(item->name));
	else if (other != NULL)
		dg_policy_complain(r, node, "%s \"%.*s\" is in line %u already",
				   dg_policy_sections[section].one,
				   DG_STR_ARG(item->name), other->line);
	else if (dg_policy_enter(r->model, section, item) != DG_OK)
		dg_policy_complain(r, node, "the file is too large");
}

static void
read_section(struct dg_policy_reader *r, const yaml_node_t *node,
	     enum dg_policy_section section)
{
	const char *one = dg_policy_sections[section].one;
	yaml_node_item_t *at;

	if (node->type != YAML_SEQUENCE_NODE) {
		dg_policy_complain(r, node, "%s must be a list",
				   dg_policy_sections[section].name);
		return;
	}
	r->model->lists[section].is_there = true;
	for (at = node->data.sequence.items.start;
	     at < node->data.sequence.items.top; at++) {
		const yaml_node_t *entry = node_at(r, *at);
		size_t errors = r->n_errors;
		struct dg_policy_item *item;

		if (entry->type != YAML_MAPPING_NODE) {
			dg_policy_complain(
				r, entry, "a %s is a mapping with a name", one);
			continue;
		}
		item = r->model->lists[section].n < ITEMS_MAX
			       ? dg_policy_add(r->model, section)
			       : NULL;
		if (item == NULL) {
			dg_policy_complain(r, entry, "the file is too large");
			return;
		}
		item->line = dg_policy_line(entry);
		dg_policy_begin_item(section, item);
		read_mapping(r, entry, one, dg_policy_keys[section].keys,
			     dg_policy_keys[section].n, item);
		if (r->n_errors == errors)
			dg_policy_end_item(r, entry, section, item);
		enter_item(r, section, entry, item);
	}
}

static void
read_root(struct dg_policy_reader *r, const yaml_node_t *root)
{
	uint64_t seen = 0;
	yaml_node_pair_t *pair;

	for (pair = root->data.mapping.pairs.start;
	     pair < root->data.mapping.pairs.top; pair++) {
		const yaml_node_t *key = node_at(r, pair->key);
		const yaml_node_t *value = node_at(r, pair->value);
		struct dg_str name;
		unsigned s = 0;
		int64_t truth;

		if (!dg_policy_text(r, key, "a key", &name))
			continue;
		while (s < DG_POLICY_SECTIONS &&
		       !dg_str_eq(name,
				  dg_str_from_cstr(dg_policy_sections[s].name)))
			s++;
		if (s == DG_POLICY_SECTIONS &&
		    !dg_str_eq(name, DG_STR("default_rules"))) {
			dg_policy_complain(r, key,
					   "unknown key \"%.*s\"; there are "
					   "users, roles, clusters, rules, "
					   "catalogs, tags, admins, "
					   "group_mappings, "
					   "default_rules",
					   DG_STR_ARG(name));
		} else if ((seen & UINT64_C(1) << s) != 0) {
			dg_policy_complain(r, key, "\"%.*s\" is given twice",
					   DG_STR_ARG(name));
		} else if (s < DG_POLICY_SECTIONS) {
			read_section(r, value, (enum dg_policy_section)s);
		} else if (dg_policy_truth(r, value, "default_rules", &truth)) {
			r->model->default_rules = (int)truth;
		}
		seen |= UINT64_C(1) << s;
	}
}

/* ---- names that are used ------------------------------------------------ */

/* "user:x", "role:x": of sections that the file has. */
static void
check_principals(struct dg_policy_reader *r, enum dg_policy_section section,
		 const struct dg_policy_item *item,
		 const struct dg_policy_value *list)
{
	for (size_t i = 0; i < list->n_items; i++) {
		struct dg_str token = list->items[i];
		bool is_role = dg_str_starts_with(token, DG_STR("role:"));
		struct dg_str name = dg_str_slice(token, 5, token.len);
		enum dg_policy_section of =
			is_role ? DG_POLICY_ROLES : DG_POLICY_USERS;

		if (!r->model->lists[of].is_there ||
		    (is_role && dg_str_eq(name, DG_STR("public"))) ||
		    dg_policy_find(r->model, of, name) != NULL)
			continue;
		dg_policy_complain_at(
			r, item->line,
			"%s \"%.*s\" names %s \"%.*s\", which is "
			"not in the file",
			dg_policy_sections[section].one, DG_STR_ARG(item->name),
			dg_policy_sections[of].one, DG_STR_ARG(name));
	}
}

static void
check_cluster(struct dg_policy_reader *r, enum dg_policy_section section,
	      const struct dg_policy_item *item, struct dg_str cluster)
{
	if (cluster.len == 0 || !r->model->lists[DG_POLICY_CLUSTERS].is_there ||
	    dg_policy_find(r->model, DG_POLICY_CLUSTERS, cluster) != NULL)
		return;
	dg_policy_complain_at(
		r, item->line,
		"%s \"%.*s\" names cluster \"%.*s\", which is not in the file",
		dg_policy_sections[section].one, DG_STR_ARG(item->name),
		DG_STR_ARG(cluster));
}

static void
check_default(struct dg_policy_reader *r)
{
	const struct dg_policy_list *list =
		&r->model->lists[DG_POLICY_CLUSTERS];
	const struct dg_policy_item *first = NULL;

	for (size_t i = 0; i < list->n; i++) {
		if (list->items[i]->fields[DG_CLUSTER_IS_DEFAULT].number == 0)
			continue;
		if (first != NULL && r->places != NULL)
			dg_policy_complain_at(r, list->items[i]->line,
					      "cluster \"%.*s\" is the default "
					      "already",
					      DG_STR_ARG(first->name));
		else if (first != NULL)
			dg_policy_complain_at(r, list->items[i]->line,
					      "cluster \"%.*s\" in line %u is "
					      "the default already",
					      DG_STR_ARG(first->name),
					      first->line);
		else
			first = list->items[i];
	}
}

static void
check_names(struct dg_policy_reader *r)
{
	const struct dg_policy_list *lists = r->model->lists;

	for (size_t i = 0; i < lists[DG_POLICY_USERS].n; i++) {
		const struct dg_policy_item *user =
			lists[DG_POLICY_USERS].items[i];

		check_cluster(r, DG_POLICY_USERS, user,
			      user->fields[DG_USER_DEFAULT_CLUSTER].text);
	}
	for (size_t i = 0; i < lists[DG_POLICY_ROLES].n; i++)
		check_principals(r, DG_POLICY_ROLES,
				 lists[DG_POLICY_ROLES].items[i],
				 &lists[DG_POLICY_ROLES]
					  .items[i]
					  ->fields[DG_ROLE_MEMBERS]);
	for (size_t i = 0; i < lists[DG_POLICY_RULES].n; i++) {
		const struct dg_policy_item *rule =
			lists[DG_POLICY_RULES].items[i];
		const struct dg_policy_value *on =
			&rule->fields[DG_RULE_CLUSTERS];

		check_principals(r, DG_POLICY_RULES, rule,
				 &rule->fields[DG_RULE_PRINCIPALS]);
		check_principals(r, DG_POLICY_RULES, rule,
				 &rule->fields[DG_RULE_EXCEPTED]);
		for (size_t j = 0; j < on->n_items; j++)
			check_cluster(r, DG_POLICY_RULES, rule, on->items[j]);
	}
	check_default(r);
}

void
dg_policy_complain_at(struct dg_policy_reader *r, unsigned line,
		      const char *fmt, ...)
{
	yaml_node_t node = {.start_mark = {.line = line - 1}};
	char text[DG_ERROR_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	dg_policy_complain(r, &node, "%s", text);
}

/* ---- the file ----------------------------------------------------------- */

static void
complain_syntax(struct dg_policy_reader *r, const yaml_parser_t *parser)
{
	yaml_node_t node = {.start_mark = parser->problem_mark};

	dg_policy_complain(r, &node, "this is not YAML: %s",
			   parser->problem == NULL ? "out of memory"
						   : parser->problem);
}

/* What is left is about all of it together, e.g. a cycle of roles. */
void
dg_policy_check_document(struct dg_policy_reader *r)
{
	struct dg_error err = {0};

	if (r->is_partial)
		return;
	check_names(r);
	if (r->n_errors > 0 ||
	    dg_policy_check_whole(r->model, NULL, &err) == DG_OK)
		return;
	r->n_errors++;
	r->is_full = dg_buf_appendf(r->errors, "%s%s\n",
				    r->places == NULL ? "" : "\t",
				    err.text) != DG_OK;
}

void
dg_policy_read_document(struct dg_policy_reader *r)
{
	const yaml_node_t *root = yaml_document_get_root_node(&r->document);

	if (root == NULL)
		return; /* an empty file changes nothing */
	if (root->type != YAML_MAPPING_NODE) {
		dg_policy_complain(r, root,
				   "a policy is a mapping: users, "
				   "roles, clusters, rules");
		return;
	}
	read_root(r, root);
}

/* Behind the document that was read. */
static void
check_end(struct dg_policy_reader *r, yaml_parser_t *parser)
{
	yaml_document_t second;
	const yaml_node_t *root;

	if (yaml_parser_load(parser, &second) == 0) {
		complain_syntax(r, parser);
		return;
	}
	root = yaml_document_get_root_node(&second);
	if (root != NULL)
		dg_policy_complain(r, root,
				   "a policy is one document, not several");
	yaml_document_delete(&second);
}

enum dg_rc
dg_store_policy_parse(struct dg_str yaml,
		      struct dg_store_policy_file **file_out,
		      struct dg_buf *errors_out)
{
	return dg_store_policy_parse_from(yaml, false, file_out, errors_out);
}

enum dg_rc
dg_store_policy_parse_from(struct dg_str yaml, bool is_remote,
			   struct dg_store_policy_file **file_out,
			   struct dg_buf *errors_out)
{
	struct dg_store_policy_file *file = DG_NEW(struct dg_store_policy_file);
	struct dg_policy_reader r = {.model = &file->model,
				     .errors = errors_out,
				     .is_remote = is_remote};
	yaml_parser_t parser;

	dg_policy_model_init(&file->model, MODEL_MAX_BYTES);
	DG_ASSERT(yaml_parser_initialize(&parser) == 1);
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, (const unsigned char *)yaml.data,
				     yaml.len);
	if (yaml_parser_load(&parser, &r.document) == 0) {
		complain_syntax(&r, &parser);
	} else {
		dg_policy_read_document(&r);
		if (yaml_document_get_root_node(&r.document) != NULL)
			check_end(&r, &parser);
		dg_policy_check_document(&r);
		yaml_document_delete(&r.document);
	}
	yaml_parser_delete(&parser);
	if (r.n_errors > 0 || r.is_full) {
		dg_store_policy_destroy(&file);
		return DG_ERR_INVALID;
	}
	*file_out = file;
	return DG_OK;
}

void
dg_store_policy_destroy(struct dg_store_policy_file **file)
{
	struct dg_store_policy_file *f = *file;

	*file = NULL;
	if (f == NULL)
		return;
	dg_policy_model_fini(&f->model);
	dg_free(f);
}
