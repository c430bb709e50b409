/* SPDX-License-Identifier: Apache-2.0 */
/*
 * names.c - names of privileges, kinds and reasons, and their parsing.
 *
 * Names are stable: they stand in policy files, in the audit trail and in
 * answers of the API.
 */
#include "acl/acl.h"
#include "base/assert.h"

static const char *const privilege_names[] = {
#define DG_ACL_PRIVILEGE(id, name) name,
#include "acl/privileges.def"
#undef DG_ACL_PRIVILEGE
};

static const struct {
	const char *name;
	uint32_t mask;
} bundles[] = {
	{"read", DG_ACL_BIT(DG_ACL_P_SELECT) | DG_ACL_BIT(DG_ACL_P_SHOW)},
	{"write", DG_ACL_BIT(DG_ACL_P_INSERT) | DG_ACL_BIT(DG_ACL_P_UPDATE) |
			  DG_ACL_BIT(DG_ACL_P_DELETE) |
			  DG_ACL_BIT(DG_ACL_P_TRUNCATE)},
	{"own", DG_ACL_BIT(DG_ACL_P_COUNT) - 1},
};

static const char *const kind_names[] = {
	[DG_ACL_CATALOG] = "catalog",
	[DG_ACL_SCHEMA] = "schema",
	[DG_ACL_TABLE] = "table",
	[DG_ACL_FUNCTION] = "function",
	[DG_ACL_PROCEDURE] = "procedure",
	[DG_ACL_TABLE_FUNCTION] = "table_function",
	[DG_ACL_CLUSTER] = "cluster",
	[DG_ACL_PROPERTY] = "property",
	[DG_ACL_USER] = "user",
	[DG_ACL_QUERY] = "query",
};

static const char *const reason_names[] = {
	[DG_ACL_R_ALLOWED] = "allowed",
	[DG_ACL_R_DENIED_BY_RULE] = "denied_by_rule",
	[DG_ACL_R_NOT_GRANTED] = "not_granted",
	[DG_ACL_R_COLUMNS_UNKNOWN] = "columns_unknown",
	[DG_ACL_R_NO_SUCH_USER] = "no_such_user",
};

const char *
dg_acl_privilege_name(enum dg_acl_privilege privilege)
{
	DG_ASSERT((size_t)privilege < DG_ARRAY_LEN(privilege_names));
	return privilege_names[privilege];
}

uint32_t
dg_acl_privilege_parse(struct dg_str name)
{
	for (unsigned i = 0; i < DG_ARRAY_LEN(privilege_names); i++)
		if (dg_str_eq_nocase(name,
				     dg_str_from_cstr(privilege_names[i])))
			return DG_ACL_BIT(i);
	for (unsigned i = 0; i < DG_ARRAY_LEN(bundles); i++)
		if (dg_str_eq_nocase(name, dg_str_from_cstr(bundles[i].name)))
			return bundles[i].mask;
	return 0;
}

const char *
dg_acl_kind_name(enum dg_acl_kind kind)
{
	DG_ASSERT((size_t)kind < DG_ARRAY_LEN(kind_names));
	return kind_names[kind];
}

bool
dg_acl_kind_parse(struct dg_str name, enum dg_acl_kind *kind_out)
{
	for (unsigned i = 0; i < DG_ARRAY_LEN(kind_names); i++)
		if (dg_str_eq_nocase(name, dg_str_from_cstr(kind_names[i]))) {
			*kind_out = (enum dg_acl_kind)i;
			return true;
		}
	return false;
}

const char *
dg_acl_reason_name(enum dg_acl_reason reason)
{
	DG_ASSERT((size_t)reason < DG_ARRAY_LEN(reason_names));
	return reason_names[reason];
}
