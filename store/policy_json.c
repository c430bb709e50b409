/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_json.c - a policy, or part of one, that came as JSON.
 *
 * The tree becomes a YAML document by hand, so that one reader knows the keys
 * and what they mean. Errors name their place by a JSON pointer; the "line" of
 * a node is its number in the document. JSON is strict: a number is no text,
 * and one text is no list. It always comes from somewhere else.
 */
#include <stdio.h>

#include "base/mem.h"
#include "policy_file.h"

enum { MODEL_MAX_BYTES = 1 << 30, DEPTH_MAX = 6, NODES_MAX = 8000000 };

struct building {
	yaml_document_t *document;
	struct dg_policy_place *places; /* owned */
	size_t capacity;
	int n;
};

static void
note_place(struct building *b, int node, struct dg_policy_place place)
{
	yaml_node_t *made = yaml_document_get_node(b->document, node);

	made->start_mark.line = (size_t)node - 1;
	if (b->places == NULL || (size_t)node >= b->capacity) {
		b->capacity = 2 * (size_t)node + 64;
		b->places =
			dg_realloc(b->places, b->capacity, sizeof(*b->places));
	}
	b->places[node] = place;
	b->n = node;
}

/* Not texts; what is none of these is told by its word. */
static const char *
plain_word(const struct dg_json *value)
{
	bool truth;

	if (dg_json_bool(value, &truth))
		return truth ? "true" : "false";
	return "null";
}

static int
add_scalar(struct building *b, const struct dg_json *value)
{
	struct dg_str text;
	bool is_text = dg_json_string(value, &text);

	if (!is_text)
		text = dg_str_from_cstr(plain_word(value));
	return yaml_document_add_scalar(
		b->document, NULL, (const unsigned char *)text.data,
		(int)text.len,
		is_text ? YAML_DOUBLE_QUOTED_SCALAR_STYLE
			: YAML_PLAIN_SCALAR_STYLE);
}

/* The node; 0 when it is too much. */
static int /* NOLINTNEXTLINE(misc-no-recursion): DEPTH_MAX deep */
add_node(struct building *b, const struct dg_json *value,
	 struct dg_policy_place place, unsigned depth)
{
	struct dg_json_iter iter = {0};
	int node;

	if (depth > DEPTH_MAX || b->n >= NODES_MAX)
		return 0;
	if (dg_json_is_array(value))
		node = yaml_document_add_sequence(b->document, NULL,
						  YAML_FLOW_SEQUENCE_STYLE);
	else if (dg_json_is_object(value))
		node = yaml_document_add_mapping(b->document, NULL,
						 YAML_FLOW_MAPPING_STYLE);
	else
		node = add_scalar(b, value);
	if (node == 0)
		return 0;
	note_place(b, node, place);
	for (size_t i = 0; dg_json_is_array(value) && i < dg_json_size(value);
	     i++) {
		int child = add_node(
			b, dg_json_at(value, i),
			(struct dg_policy_place){.parent = node, .index = i},
			depth + 1);

		if (child == 0 || yaml_document_append_sequence_item(
					  b->document, node, child) == 0)
			return 0;
	}
	while (dg_json_is_object(value) && dg_json_next(value, &iter)) {
		struct dg_policy_place at = {.parent = node, .key = iter.key};
		int key = yaml_document_add_scalar(
			b->document, NULL, (const unsigned char *)iter.key.data,
			(int)iter.key.len, YAML_DOUBLE_QUOTED_SCALAR_STYLE);
		int child;

		if (key == 0)
			return 0;
		note_place(b, key, at);
		child = add_node(b, iter.value, at, depth + 1);
		if (child == 0 || yaml_document_append_mapping_pair(
					  b->document, node, key, child) == 0)
			return 0;
	}
	return node;
}

static void
put(struct dg_policy_reader *r, struct dg_str text)
{
	if (dg_buf_append(r->errors, text) != DG_OK)
		r->is_full = true;
}

/* RFC 6901: "~" and "/" have other names; ours has no tab or line in it. */
static void
put_key(struct dg_policy_reader *r, struct dg_str key)
{
	put(r, DG_STR("/"));
	for (size_t i = 0; i < key.len; i++) {
		if (key.data[i] == '~')
			put(r, DG_STR("~0"));
		else if (key.data[i] == '/')
			put(r, DG_STR("~1"));
		else if ((unsigned char)key.data[i] < 0x20)
			put(r, DG_STR("?"));
		else
			put(r, dg_str_slice(key, i, i + 1));
	}
}

void
dg_policy_put_pointer(struct dg_policy_reader *r, int node)
{
	int path[DEPTH_MAX + 2] = {0};
	unsigned n = 0;
	char number[24];

	for (; node > 0 && n < DG_ARRAY_LEN(path);
	     node = r->places[node].parent)
		path[n++] = node;
	while (n-- > 0) {
		const struct dg_policy_place *place = &r->places[path[n]];

		if (place->parent == 0)
			continue;
		if (place->key.data != NULL) {
			put_key(r, place->key);
			continue;
		}
		(void)snprintf(number, sizeof(number), "%zu", place->index);
		put_key(r, dg_str_from_cstr(number));
	}
}

enum dg_rc
dg_store_policy_parse_json(const struct dg_json *root, bool is_partial,
			   struct dg_store_policy_file **file_out,
			   struct dg_buf *errors_out)
{
	struct dg_store_policy_file *file = DG_NEW(struct dg_store_policy_file);
	struct dg_policy_reader r = {.model = &file->model,
				     .errors = errors_out,
				     .is_remote = true,
				     .is_partial = is_partial};
	struct building b = {.document = &r.document};
	bool is_built;

	dg_policy_model_init(&file->model, MODEL_MAX_BYTES);
	dg_arena_keep_secrets(file->model.arena);
	file->model.is_json = true;
	is_built = yaml_document_initialize(&r.document, NULL, NULL, NULL, 1,
					    1) == 1 &&
		   add_node(&b, root, (struct dg_policy_place){.parent = 0},
			    0) != 0;
	r.places = b.places;
	if (is_built) {
		dg_policy_read_document(&r);
		dg_policy_check_document(&r);
	} else if (dg_buf_append(errors_out,
				 DG_STR("\tnested too deep or too large\n")) !=
		   DG_OK) {
		r.is_full = true;
	}
	yaml_document_delete(&r.document);
	dg_free(b.places);
	if (!is_built || r.n_errors > 0 || r.is_full) {
		dg_store_policy_destroy(&file);
		return DG_ERR_INVALID;
	}
	*file_out = file;
	return DG_OK;
}
