-- SPDX-License-Identifier: Apache-2.0
-- What the part that reads hostile bytes may do: read the policy, add audit
-- rows, nothing else. Repeatable; run after each migration. Where roles may
-- not be created, nothing happens: create datagateway_proxy (NOLOGIN) as a
-- superuser, migrate again, and grant it to the role that replicas log in as.

DO $$
BEGIN
	IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'datagateway_proxy') THEN
		BEGIN
			CREATE ROLE datagateway_proxy NOLOGIN;
		EXCEPTION
		WHEN insufficient_privilege THEN
			RAISE NOTICE 'role datagateway_proxy cannot be created';
			RETURN;
		WHEN duplicate_object OR unique_violation THEN
			NULL; -- another database of this server was faster
		END;
	END IF;
	GRANT USAGE ON SCHEMA datagateway TO datagateway_proxy;
	GRANT SELECT ON datagateway.schema_version, datagateway.policy_version,
		datagateway.clusters, datagateway.users, datagateway.roles,
		datagateway.role_members, datagateway.rules,
		datagateway.catalogs, datagateway.tags, datagateway.tag_objects,
		datagateway.admins, datagateway.group_mappings,
		datagateway.policy_log, datagateway.rule_change
		TO datagateway_proxy;
	GRANT INSERT ON datagateway.audit_decision, datagateway.audit_end
		TO datagateway_proxy;
	-- ON CONFLICT DO NOTHING reads the columns of the key.
	GRANT SELECT (statement_id, at) ON datagateway.audit_decision
		TO datagateway_proxy;
	GRANT SELECT (statement_id, started_at) ON datagateway.audit_end
		TO datagateway_proxy;
	-- The row of who has the key, and nothing else of that table.
	GRANT EXECUTE ON FUNCTION datagateway.report_replica,
		datagateway.leave_replica TO datagateway_proxy;
END
$$;

-- The admin API: the policy and its own tables, the audit for reading; it
-- neither changes the schema nor the past.
DO $$
BEGIN
	IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'datagateway_admin') THEN
		BEGIN
			CREATE ROLE datagateway_admin NOLOGIN;
		EXCEPTION
		WHEN insufficient_privilege THEN
			RAISE NOTICE 'role datagateway_admin cannot be created';
			RETURN;
		WHEN duplicate_object OR unique_violation THEN
			NULL;
		END;
	END IF;
	GRANT USAGE ON SCHEMA datagateway TO datagateway_admin;
	-- What is not named here is for reading, a partition of the audit too.
	REVOKE ALL ON ALL TABLES IN SCHEMA datagateway FROM datagateway_admin;
	GRANT SELECT ON ALL TABLES IN SCHEMA datagateway TO datagateway_admin;
	GRANT INSERT, UPDATE, DELETE ON datagateway.clusters, datagateway.users,
		datagateway.roles, datagateway.role_members, datagateway.rules,
		datagateway.catalogs, datagateway.tags, datagateway.tag_objects,
		datagateway.admins, datagateway.group_mappings,
		datagateway.admin_tokens, datagateway.admin_replies
		TO datagateway_admin;
	GRANT UPDATE ON datagateway.policy_version TO datagateway_admin;
	GRANT INSERT ON datagateway.policy_change TO datagateway_admin;
END
$$;
