/* SPDX-License-Identifier: Apache-2.0 */
/*
 * authorize_map.c - see authorize_map.h.
 *
 * What is there may be seen by who has any right on the object (SHOW is as
 * much); what the engine keeps of rights and roles needs GRANT.
 */
#include "authorize_map.h"

#include "proxy/needs.h"

struct dg_authorize_mapping
dg_authorize_map(enum dg_sql_action action)
{
#define BY(privilege, kind, verb) \
	((struct dg_authorize_mapping){DG_BY_PRIVILEGE, DG_ACL_P_##privilege, \
				       DG_ACL_##kind, verb})
#define SEE(kind, verb) \
	((struct dg_authorize_mapping){DG_BY_SIGHT, DG_ACL_P_SHOW, \
				       DG_ACL_##kind, verb})
	switch (action) {
	case DG_SQL_ACT_SELECT:
		return BY(SELECT, TABLE, "select from");
	case DG_SQL_ACT_SELECT_LITERAL:
	case DG_SQL_ACT_SELECT_MAYBE:
		return (struct dg_authorize_mapping){
			DG_UNLESS_DENIED, DG_ACL_P_SELECT, DG_ACL_TABLE,
			"select from"};
	case DG_SQL_ACT_INSERT:
		return BY(INSERT, TABLE, "insert into table");
	case DG_SQL_ACT_UPDATE:
		return BY(UPDATE, TABLE, "update");
	case DG_SQL_ACT_DELETE:
		return BY(DELETE, TABLE, "delete from table");
	case DG_SQL_ACT_CREATE_TABLE:
		return BY(CREATE, TABLE, "create table");
	case DG_SQL_ACT_DROP_TABLE:
		return BY(DROP, TABLE, "drop table");
	case DG_SQL_ACT_CREATE_VIEW:
		return BY(CREATE, TABLE, "create view");
	case DG_SQL_ACT_DROP_VIEW:
		return BY(DROP, TABLE, "drop view");
	case DG_SQL_ACT_TRUNCATE:
		return BY(TRUNCATE, TABLE, "truncate table");
	case DG_SQL_ACT_ANALYZE:
		return BY(ANALYZE, TABLE, "analyze table");
	case DG_SQL_ACT_RENAME_TABLE:
		return BY(ALTER, TABLE, "rename table");
	case DG_SQL_ACT_ADD_COLUMN:
		return BY(ALTER, TABLE, "add a column to table");
	case DG_SQL_ACT_DROP_COLUMN:
		return BY(ALTER, TABLE, "drop a column from table");
	case DG_SQL_ACT_RENAME_COLUMN:
		return BY(ALTER, TABLE, "rename a column in table");
	case DG_SQL_ACT_ALTER_COLUMN:
		return BY(ALTER, TABLE, "change a column of table");
	case DG_SQL_ACT_ADD_CONSTRAINT:
		return BY(ALTER, TABLE, "add a constraint to table");
	case DG_SQL_ACT_DROP_CONSTRAINT:
		return BY(ALTER, TABLE, "drop a constraint from table");
	case DG_SQL_ACT_SET_PROPERTIES:
		return BY(ALTER, TABLE, "set properties of");
	case DG_SQL_ACT_TABLE_PROCEDURE:
		return BY(ALTER, TABLE, "execute a procedure of table");
	case DG_SQL_ACT_CREATE_BRANCH:
		return BY(ALTER, TABLE, "make a branch of table");
	case DG_SQL_ACT_DROP_BRANCH:
		return BY(ALTER, TABLE, "take a branch from table");
	case DG_SQL_ACT_FAST_FORWARD:
		return BY(ALTER, TABLE, "fast forward a branch of table");
	case DG_SQL_ACT_RENAME_VIEW:
		return BY(ALTER, TABLE, "rename view");
	case DG_SQL_ACT_REFRESH_VIEW:
		return BY(REFRESH, TABLE, "refresh view");
	case DG_SQL_ACT_CREATE_MATERIALIZED_VIEW:
		return BY(CREATE, TABLE, "create materialized view");
	case DG_SQL_ACT_DROP_MATERIALIZED_VIEW:
		return BY(DROP, TABLE, "drop materialized view");
	case DG_SQL_ACT_RENAME_MATERIALIZED_VIEW:
		return BY(ALTER, TABLE, "rename materialized view");
	case DG_SQL_ACT_REFRESH_MATERIALIZED_VIEW:
		return BY(REFRESH, TABLE, "refresh materialized view");
	case DG_SQL_ACT_COMMENT_TABLE:
		return BY(COMMENT, TABLE, "comment on table");
	case DG_SQL_ACT_COMMENT_VIEW:
		return BY(COMMENT, TABLE, "comment on view");
	case DG_SQL_ACT_COMMENT_COLUMN:
		return BY(COMMENT, TABLE, "comment on a column of table");
	case DG_SQL_ACT_SET_TABLE_OWNER:
		return BY(GRANT, TABLE, "set authorization for table");
	case DG_SQL_ACT_GRANT_TABLE:
		return BY(GRANT, TABLE, "change privileges on table");
	case DG_SQL_ACT_CREATE_SCHEMA:
		return BY(CREATE, SCHEMA, "create schema");
	case DG_SQL_ACT_DROP_SCHEMA:
		return BY(DROP, SCHEMA, "drop schema");
	case DG_SQL_ACT_RENAME_SCHEMA:
		return BY(ALTER, SCHEMA, "rename schema");
	case DG_SQL_ACT_SET_SCHEMA_OWNER:
		return BY(GRANT, SCHEMA, "set authorization for schema");
	case DG_SQL_ACT_GRANT_SCHEMA:
		return BY(GRANT, SCHEMA, "change privileges on schema");
	case DG_SQL_ACT_CREATE_CATALOG:
		return BY(CREATE, CATALOG, "create catalog");
	case DG_SQL_ACT_DROP_CATALOG:
		return BY(DROP, CATALOG, "drop catalog");
	case DG_SQL_ACT_MANAGE_ROLES:
		return BY(GRANT, CATALOG, "change roles of catalog");
	case DG_SQL_ACT_SHOW_CATALOGS:
		return SEE(TABLE, "show catalogs");
	case DG_SQL_ACT_SHOW_SCHEMAS:
		return SEE(CATALOG, "show schemas of catalog");
	case DG_SQL_ACT_SHOW_TABLES:
		return SEE(SCHEMA, "show tables of schema");
	case DG_SQL_ACT_SHOW_COLUMNS:
		return SEE(TABLE, "show columns of table");
	case DG_SQL_ACT_SHOW_BRANCHES:
		return SEE(TABLE, "show branches of table");
	case DG_SQL_ACT_SHOW_CREATE:
		return BY(SHOW, TABLE, "show create table for");
	case DG_SQL_ACT_SHOW_GRANTS:
		return BY(GRANT, TABLE, "show grants on table");
	case DG_SQL_ACT_SHOW_CREATE_SCHEMA:
		return BY(SHOW, SCHEMA, "show create schema for");
	case DG_SQL_ACT_SHOW_FUNCTIONS:
		return SEE(SCHEMA, "show functions of schema");
	case DG_SQL_ACT_SHOW_ALL_GRANTS:
		return BY(GRANT, CATALOG, "show grants in catalog");
	case DG_SQL_ACT_SHOW_ROLES:
		return BY(GRANT, CATALOG, "show roles from catalog");
	case DG_SQL_ACT_USE_SCHEMA:
		return SEE(SCHEMA, "access schema");
	case DG_SQL_ACT_SET_SESSION:
		return BY(SET, PROPERTY, "set session property");
	case DG_SQL_ACT_TABLE_FUNCTION:
		return BY(EXECUTE, TABLE_FUNCTION, "execute table function");
	case DG_SQL_ACT_FUNCTION:
		return BY(EXECUTE, FUNCTION, "execute function");
	case DG_SQL_ACT_CREATE_FUNCTION:
		return BY(CREATE, FUNCTION, "create function");
	case DG_SQL_ACT_DROP_FUNCTION:
		return BY(DROP, FUNCTION, "drop function");
	case DG_SQL_ACT_ALTER_FUNCTION:
		return BY(ALTER, FUNCTION, "alter function");
	case DG_SQL_ACT_SHOW_CREATE_FUNCTION:
		return BY(SHOW, FUNCTION, "show create function for");
	case DG_SQL_ACT_PROCEDURE:
		return BY(EXECUTE, PROCEDURE, "execute procedure");
	case DG_SQL_ACT_OPAQUE:
		break;
	}
	return (struct dg_authorize_mapping){DG_NEVER, DG_ACL_P_SHOW,
					     DG_ACL_TABLE, "run"};
#undef BY
#undef SEE
}

const char *
dg_authorize_needs(const char *action)
{
	for (enum dg_sql_action a = 0; a <= DG_SQL_ACT_OPAQUE; a++) {
		struct dg_authorize_mapping map = dg_authorize_map(a);

		if (strcmp(action, dg_sql_action_name(a)) != 0)
			continue;
		switch (map.way) {
		case DG_BY_PRIVILEGE:
			return dg_acl_privilege_name(map.privilege);
		case DG_UNLESS_DENIED:
			return "no deny";
		case DG_BY_SIGHT:
			return "any right";
		case DG_NEVER:
			return "refused";
		}
	}
	return NULL;
}
