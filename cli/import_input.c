/* SPDX-License-Identifier: Apache-2.0 */
/*
 * import_input.c - see import_input.h. The forms are those that Trino has for
 * users (its password file), groups (its group file), and what `analyze` takes
 * for metadata.
 */
#include "import_input.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/assert.h"
#include "base/json.h"
#include "base/map.h"
#include "base/mem.h"
#include "catalog_file.h"
#include "stream.h"

#define FILE_MAX_BYTES ((size_t)64 << 20)

struct person {
	struct dg_import_user user;
	struct dg_str *groups, *roles;
	size_t groups_capacity, roles_capacity;
};

struct reading {
	struct dg_arena *arena;
	struct dg_error *err;
	struct dg_map found; /* name -> struct person */
	struct person **persons;
	size_t n_persons, persons_capacity;
};

static void *
grow(struct reading *r, void *items, size_t n, size_t *capacity, size_t size)
{
	void *grown;

	if (n < *capacity)
		return items;
	*capacity = 2 * *capacity + 16;
	grown = dg_arena_alloc_array(r->arena, *capacity, size);
	DG_ASSERT(grown != NULL); /* a tool of one person */
	if (n > 0)
		memcpy(grown, items, n * size);
	return grown;
}

static enum dg_rc
read_file(struct reading *r, const char *path, struct dg_str *out)
{
	FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	struct dg_buf text;
	enum dg_rc rc;

	if (in == NULL)
		return dg_error_set(r->err, DG_ERR_IO, "%s: %s", path,
				    strerror(errno));
	dg_buf_init(&text, FILE_MAX_BYTES);
	rc = dg_cli_stream_read(in, &text);
	if (rc == DG_ERR_LIMIT)
		dg_error_set(r->err, rc, "%s: larger than %zu bytes", path,
			     FILE_MAX_BYTES);
	else if (rc != DG_OK)
		dg_error_set(r->err, rc, "%s: %s", path, strerror(errno));
	*out = dg_arena_str(r->arena, dg_buf_peek(&text));
	if (in != stdin)
		(void)fclose(in);
	dg_buf_fini(&text);
	return rc;
}

/* ---- people -------------------------------------------------------------- */

static struct person *
want_person(struct reading *r, struct dg_str name)
{
	struct person *p = dg_map_get(&r->found, name);

	if (p != NULL)
		return p;
	p = DG_ARENA_NEW(r->arena, struct person);
	DG_ASSERT(p != NULL && dg_map_put(&r->found, name, p, NULL) == DG_OK);
	p->user.name = name;
	r->persons = grow(r, r->persons, r->n_persons, &r->persons_capacity,
			  sizeof(struct person *));
	r->persons[r->n_persons++] = p;
	return p;
}

static enum dg_rc
add_member(struct reading *r, struct dg_str line, bool is_role)
{
	size_t colon = dg_str_find(line, ':', 0);
	struct dg_str set = dg_str_trim(dg_str_slice(line, 0, colon));
	struct dg_str rest = dg_str_slice(line, colon + 1, line.len);
	struct dg_str name;

	if (colon == line.len || set.len == 0)
		return dg_error_set(r->err, DG_ERR_INVALID,
				    "not of the form NAME:USER,USER");
	while (dg_str_split(&rest, ',', &name)) {
		struct person *p;

		name = dg_str_trim(name);
		if (name.len == 0)
			continue;
		p = want_person(r, name);
		if (is_role) {
			p->roles = grow(r, p->roles, p->user.n_roles,
					&p->roles_capacity, sizeof(set));
			p->roles[p->user.n_roles++] = set;
		} else {
			p->groups = grow(r, p->groups, p->user.n_groups,
					 &p->groups_capacity, sizeof(set));
			p->groups[p->user.n_groups++] = set;
		}
	}
	return DG_OK;
}

static enum dg_rc
add_user(struct reading *r, struct dg_str line, bool is_role)
{
	struct dg_str name =
		dg_str_trim(dg_str_slice(line, 0, dg_str_find(line, ':', 0)));

	(void)is_role;
	if (name.len == 0)
		return dg_error_set(r->err, DG_ERR_INVALID, "no name");
	(void)want_person(r, name);
	return DG_OK;
}

static enum dg_rc
read_lines(struct reading *r, const char *path, bool is_role,
	   enum dg_rc (*read)(struct reading *, struct dg_str, bool))
{
	struct dg_str rest, line;
	enum dg_rc rc;

	if (path == NULL)
		return DG_OK;
	rc = read_file(r, path, &rest);
	for (unsigned n = 1; rc == DG_OK && dg_str_split(&rest, '\n', &line);
	     n++) {
		line = dg_str_trim(line);
		if (line.len == 0 || line.data[0] == '#')
			continue;
		rc = read(r, line, is_role);
		if (rc != DG_OK)
			rc = dg_error_wrap(r->err, "%s: line %u", path, n);
	}
	return rc;
}

static void
give_users(struct reading *r, struct dg_import_input *out)
{
	struct dg_import_user *users =
		DG_ARENA_ARRAY(r->arena, struct dg_import_user, r->n_persons);

	DG_ASSERT(users != NULL);
	for (size_t i = 0; i < r->n_persons; i++) {
		users[i] = r->persons[i]->user;
		users[i].groups = r->persons[i]->groups;
		users[i].roles = r->persons[i]->roles;
	}
	out->users = users;
	out->n_users = r->n_persons;
}

/* ---- metadata ------------------------------------------------------------ */

struct tables {
	struct reading *reading;
	struct dg_import_table *items;
	size_t n, capacity;
};

static enum dg_rc
add_table(void *arg, const struct dg_sql_name *name,
	  const struct dg_json *columns DG_UNUSED)
{
	struct tables *out = arg;
	struct dg_arena *arena = out->reading->arena;

	out->items = grow(out->reading, out->items, out->n, &out->capacity,
			  sizeof(*out->items));
	out->items[out->n++] =
		(struct dg_import_table){dg_arena_str(arena, name->catalog),
					 dg_arena_str(arena, name->schema),
					 dg_arena_str(arena, name->table)};
	return DG_OK;
}

static enum dg_rc
read_metadata(struct reading *r, const char *path, struct dg_import_input *out)
{
	struct tables tables = {.reading = r};
	struct dg_json *root;
	struct dg_str text;
	enum dg_rc rc;

	if (path == NULL)
		return DG_OK;
	rc = read_file(r, path, &text);
	if (rc == DG_OK) {
		rc = dg_json_parse(text, FILE_MAX_BYTES, &root, r->err);
		if (rc != DG_OK)
			rc = dg_error_wrap(r->err, "%s", path);
	}
	if (rc != DG_OK)
		return rc;
	rc = dg_tables_each(root, add_table, &tables);
	dg_json_destroy(&root);
	out->tables = tables.items;
	out->n_tables = tables.n;
	return rc;
}

enum dg_rc
dg_import_input_read(const struct dg_import_files *files,
		     struct dg_arena *arena, struct dg_import_input *input_out,
		     struct dg_error *err)
{
	struct reading r = {.arena = arena, .err = err};
	enum dg_rc rc;

	*input_out = (struct dg_import_input){
		.users_known = files->users != NULL,
		.groups_known = files->groups != NULL,
		.roles_known = files->roles != NULL,
	};
	dg_map_init(&r.found, NULL);
	rc = read_file(&r, files->rules, &input_out->rules);
	if (rc == DG_OK)
		rc = read_lines(&r, files->users, false, add_user);
	if (rc == DG_OK)
		rc = read_lines(&r, files->groups, false, add_member);
	if (rc == DG_OK)
		rc = read_lines(&r, files->roles, true, add_member);
	if (rc == DG_OK)
		rc = read_metadata(&r, files->metadata, input_out);
	give_users(&r, input_out);
	dg_map_fini(&r.found);
	return rc;
}
