/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_permit.c - whether an administrator may turn what is stored into what
 * a file or a request says.
 *
 * Every difference is judged alone, by acl/admin.h; what does not differ is not
 * looked at. A whole policy, a bulk and a single item come the same way, so
 * there is no second way to write.
 */
#include "policy_model.h"
#include "policy_text.h"

enum { SCRATCH_BYTES = 16 << 20 };

struct permit {
	const struct dg_acl_admin *admins;
	size_t n_admins;
	const struct dg_policy_model *file;
	const struct dg_policy_model *stored;
	struct dg_arena *scratch;
	struct dg_error *err;
};

static enum dg_rc
judge(const struct permit *p, const struct dg_acl_write *write)
{
	return dg_acl_may_write(p->admins, p->n_admins, write, p->err);
}

/* ---- tags --------------------------------------------------------------- */

static bool
is_listed(const struct dg_policy_value *list, struct dg_str text)
{
	for (size_t i = 0; i < list->n_items; i++)
		if (dg_str_eq(list->items[i], text))
			return true;
	return false;
}

/* What is in a and not in b was put on, or taken away. */
static enum dg_rc
judge_objects(const struct permit *p, struct dg_str tag,
	      const struct dg_policy_value *a, const struct dg_policy_value *b)
{
	for (size_t i = 0; i < a->n_items; i++) {
		struct dg_acl_tagging tagging;
		const struct dg_acl_write write = {.kind = DG_ACL_WRITE_TAGGING,
						   .tagging = &tagging};
		enum dg_rc rc;

		if (is_listed(b, a->items[i]))
			continue;
		dg_arena_reset(p->scratch);
		rc = dg_policy_tagged(a->items[i], p->scratch, &tagging,
				      p->err);
		tagging.tag = tag;
		if (rc == DG_OK)
			rc = judge(p, &write);
		if (rc != DG_OK)
			return rc;
	}
	return DG_OK;
}

/* Its objects are the stewards' affair, all else of it is not. */
static enum dg_rc
judge_tag(const struct permit *p, const struct dg_policy_item *before,
	  const struct dg_policy_item *after)
{
	const struct dg_acl_write other = {.kind = DG_ACL_WRITE_OTHER};
	const struct dg_policy_value *was;
	const struct dg_policy_value *is;
	enum dg_rc rc;

	if (before == NULL || after == NULL ||
	    !dg_policy_equal(DG_POLICY_TEXT,
			     &before->fields[DG_TAG_DESCRIPTION],
			     &after->fields[DG_TAG_DESCRIPTION]))
		return judge(p, &other);
	was = &before->fields[DG_TAG_OBJECTS];
	is = &after->fields[DG_TAG_OBJECTS];
	rc = judge_objects(p, after->name, is, was);
	return rc == DG_OK ? judge_objects(p, after->name, was, is) : rc;
}

/* ---- items -------------------------------------------------------------- */

static enum dg_rc
judge_rule(const struct permit *p, const struct dg_policy_item *before,
	   const struct dg_policy_item *after)
{
	struct dg_acl_rule rules[2];
	struct dg_acl_write write = {.kind = DG_ACL_WRITE_RULE};
	enum dg_rc rc = DG_OK;

	dg_arena_reset(p->scratch);
	if (before != NULL) {
		rc = dg_policy_rule(before, 1, p->scratch, &rules[0], p->err);
		write.before = &rules[0];
	}
	if (rc == DG_OK && after != NULL) {
		rc = dg_policy_rule(after, 1, p->scratch, &rules[1], p->err);
		write.after = &rules[1];
	}
	return rc == DG_OK ? judge(p, &write) : rc;
}

static enum dg_rc
judge_change(const struct permit *p, enum dg_policy_section section,
	     const struct dg_policy_item *before,
	     const struct dg_policy_item *after)
{
	const struct dg_acl_write other = {.kind = DG_ACL_WRITE_OTHER};

	switch (section) {
	case DG_POLICY_RULES:
		return judge_rule(p, before, after);
	case DG_POLICY_TAGS:
		return judge_tag(p, before, after);
	case DG_POLICY_USERS:
	case DG_POLICY_ROLES:
	case DG_POLICY_CLUSTERS:
	case DG_POLICY_CATALOGS:
	case DG_POLICY_ADMINS:
	case DG_POLICY_GROUPS:
	case DG_POLICY_SECTIONS:
		break;
	}
	return judge(p, &other);
}

static bool
is_same(enum dg_policy_section section, const struct dg_policy_item *a,
	const struct dg_policy_item *b)
{
	const struct dg_policy_section_info *info =
		&dg_policy_sections[section];

	if (b->password != DG_POLICY_KEEP)
		return false;
	for (size_t i = 0; i < info->n_fields; i++)
		if (!info->fields[i].is_secret &&
		    !dg_policy_equal(info->fields[i].type, &a->fields[i],
				     &b->fields[i]))
			return false;
	return true;
}

static enum dg_rc
wrap(const struct permit *p, enum dg_policy_section section,
     const struct dg_policy_item *item)
{
	return dg_error_wrap(p->err, "%s \"%.*s\"",
			     dg_policy_sections[section].one,
			     DG_STR_ARG(item->name));
}

static enum dg_rc
judge_section(const struct permit *p, enum dg_policy_section section)
{
	const struct dg_policy_list *wanted = &p->file->lists[section];
	const struct dg_policy_list *stored = &p->stored->lists[section];

	for (size_t i = 0; i < wanted->n; i++) {
		const struct dg_policy_item *item = wanted->items[i];
		const struct dg_policy_item *old =
			dg_policy_find(p->stored, section, item->name);

		if (old != NULL && is_same(section, old, item))
			continue;
		if (judge_change(p, section, old, item) != DG_OK)
			return wrap(p, section, item);
	}
	for (size_t i = 0; wanted->is_there && i < stored->n; i++) {
		const struct dg_policy_item *old = stored->items[i];

		if (dg_policy_find(p->file, section, old->name) != NULL)
			continue;
		if (judge_change(p, section, old, NULL) != DG_OK)
			return wrap(p, section, old);
	}
	return DG_OK;
}

enum dg_rc
dg_policy_permit(const struct dg_acl_admin *admins, size_t n_admins,
		 const struct dg_policy_model *file,
		 const struct dg_policy_model *stored, struct dg_error *err)
{
	const struct dg_acl_write other = {.kind = DG_ACL_WRITE_OTHER};
	struct permit p = {.admins = admins,
			   .n_admins = n_admins,
			   .file = file,
			   .stored = stored,
			   .err = err};
	enum dg_rc rc = DG_OK;

	p.scratch = dg_arena_create(SCRATCH_BYTES);
	for (unsigned s = 0; rc == DG_OK && s < DG_POLICY_SECTIONS; s++)
		rc = judge_section(&p, (enum dg_policy_section)s);
	if (rc == DG_OK && file->default_rules >= 0 &&
	    file->default_rules != stored->default_rules) {
		rc = judge(&p, &other);
		if (rc != DG_OK)
			(void)dg_error_wrap(err, "default_rules");
	}
	dg_arena_destroy(&p.scratch);
	return rc;
}
