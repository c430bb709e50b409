/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_file.h - reading policy files; private to store/.
 *
 * policy_yaml.c knows YAML and walks it, policy_keys.c knows which keys there
 * are and what they mean, policy_text.c the small languages within texts.
 */
#ifndef DG_STORE_POLICY_FILE_H
#define DG_STORE_POLICY_FILE_H

#include <yaml.h>

#include "policy_model.h"

/* Where a node of a JSON document stands. */
struct dg_policy_place {
	int parent;        /* node; 0: the root */
	struct dg_str key; /* in the parent; data NULL: an array */
	size_t index;
};

struct dg_policy_reader {
	struct dg_policy_model *model; /* borrowed; being filled */
	struct dg_buf *errors;         /* borrowed */
	size_t n_errors;
	bool is_full; /* not all errors found room */
	/* From somewhere else: references to our files and environment are
	 * refused. */
	bool is_remote;
	/* Part of a policy: what it names may stand elsewhere. */
	bool is_partial;
	/* JSON: by node, the first is 1; NULL: YAML, told by its lines. */
	const struct dg_policy_place *places;
	yaml_document_t document;
};

struct dg_policy_key {
	const char *name;
	void (*read)(struct dg_policy_reader *r, const yaml_node_t *value,
		     const struct dg_policy_key *key,
		     struct dg_policy_item *item);
	unsigned field; /* where it goes; its meaning is the reader's */
	bool is_required;
};

struct dg_policy_keys {
	const struct dg_policy_key *keys;
	size_t n;
};
extern const struct dg_policy_keys dg_policy_keys[DG_POLICY_SECTIONS];

/* Defaults that are not empty. */
void dg_policy_begin_item(enum dg_policy_section section,
			  struct dg_policy_item *item);
/* What several keys must agree on. */
void dg_policy_end_item(struct dg_policy_reader *r, const yaml_node_t *node,
			enum dg_policy_section section,
			struct dg_policy_item *item);

/* The document has been loaded into r: its items, then all of it together. */
void dg_policy_read_document(struct dg_policy_reader *r);
void dg_policy_check_document(struct dg_policy_reader *r);

/* policy_json.c: the JSON pointer of a node, at the end of the errors. */
void dg_policy_put_pointer(struct dg_policy_reader *r, int node);

unsigned dg_policy_line(const yaml_node_t *node);
void dg_policy_complain(struct dg_policy_reader *r, const yaml_node_t *node,
			const char *fmt, ...) DG_PRINTF(3, 4);
void dg_policy_complain_at(struct dg_policy_reader *r, unsigned line,
			   const char *fmt, ...) DG_PRINTF(3, 4);

/* These complain and return false when the node is something else. */
struct dg_str dg_policy_scalar(const yaml_node_t *node);
bool dg_policy_text(struct dg_policy_reader *r, const yaml_node_t *node,
		    const char *what, struct dg_str *out) DG_MUST_CHECK;
bool dg_policy_truth(struct dg_policy_reader *r, const yaml_node_t *node,
		     const char *what, int64_t *out) DG_MUST_CHECK;
bool dg_policy_texts(struct dg_policy_reader *r, const yaml_node_t *node,
		     const char *what, struct dg_str **items_out,
		     size_t *n_out) DG_MUST_CHECK;

#endif
