-- SPDX-License-Identifier: Apache-2.0
-- The one way in which tools change the policy: all changes of a file in one
-- call, hence in one transaction, refused when somebody was faster.
--
-- changes: {"users": {"delete": [name...], "set": [{...}...]}, the same for
-- roles, clusters, rules, catalogs, tags, admins, group_mappings;
-- "default_rules": true|false}

-- Objects as texts: catalog.schema.table.column.
CREATE FUNCTION datagateway.object_text(catalog text, schema_name text,
                                        object_name text, column_name text)
RETURNS text
LANGUAGE sql IMMUTABLE AS $$
	SELECT string_agg(CASE WHEN n < 4 AND part ~ '[."]'
	                  THEN '"' || replace(part, '"', '""') || '"'
	                  ELSE part END, '.' ORDER BY n)
	FROM unnest(ARRAY[catalog, schema_name, object_name, column_name])
	     WITH ORDINALITY AS x (part, n)
	WHERE part <> ''
$$;

-- The way back; NULL when it is no such text.
CREATE FUNCTION datagateway.object_parts(object text) RETURNS text[]
LANGUAGE sql IMMUTABLE AS $$
	SELECT array_agg(CASE WHEN n < 4 AND left(part, 1) = '"'
	                 THEN replace(substr(part, 2, length(part) - 2), '""', '"')
	                 ELSE part END ORDER BY n)
	FROM unnest(regexp_match(object,
		'^("(?:[^"]|"")+"|[^."]+)' ||
		'(?:\.("(?:[^"]|"")+"|[^."]+)' ||
		'(?:\.("(?:[^"]|"")+"|[^."]+)(?:\.(.+))?)?)?$'))
	     WITH ORDINALITY AS x (part, n)
$$;

CREATE FUNCTION datagateway.apply_changes(changes jsonb, actor text,
                                          expected_version bigint)
RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
	taken bigint;
BEGIN
	PERFORM set_config('datagateway.actor', actor, true);
	taken := datagateway.take_version();
	IF taken <> expected_version + 1 THEN
		RAISE EXCEPTION 'the policy was changed meanwhile (version %, not %)',
			taken - 1, expected_version USING ERRCODE = 'DG001';
	END IF;

	DELETE FROM datagateway.rules WHERE NOT builtin AND name IN
		(SELECT jsonb_array_elements_text(changes #> '{rules,delete}'));
	DELETE FROM datagateway.admins WHERE name IN
		(SELECT jsonb_array_elements_text(changes #> '{admins,delete}'));
	DELETE FROM datagateway.tags WHERE name IN
		(SELECT jsonb_array_elements_text(changes #> '{tags,delete}'));
	DELETE FROM datagateway.catalogs WHERE name IN
		(SELECT jsonb_array_elements_text(changes #> '{catalogs,delete}'));
	DELETE FROM datagateway.group_mappings WHERE name IN
		(SELECT jsonb_array_elements_text(
			changes #> '{group_mappings,delete}'));
	DELETE FROM datagateway.roles WHERE NOT builtin AND name IN
		(SELECT jsonb_array_elements_text(changes #> '{roles,delete}'));
	DELETE FROM datagateway.users WHERE name IN
		(SELECT jsonb_array_elements_text(changes #> '{users,delete}'));
	DELETE FROM datagateway.clusters WHERE name IN
		(SELECT jsonb_array_elements_text(changes #> '{clusters,delete}'));

	-- Those that stop being the default come first: there is only one.
	INSERT INTO datagateway.clusters AS c
		(name, engine, tls, host, port, enabled, is_default, identity,
		 service_user, service_secret, metadata_user, tls_ca_file,
		 cross_check, mode, catalogs)
	SELECT name, engine, tls, host, port, enabled, is_default, identity,
	       service_user, service_secret, metadata_user, tls_ca_file,
	       cross_check, mode, catalogs
	FROM jsonb_to_recordset(changes #> '{clusters,set}') AS x
		(name text, engine text, tls boolean, host text, port integer,
		 enabled boolean, is_default boolean, identity text,
		 service_user text, service_secret text, metadata_user text,
		 tls_ca_file text, cross_check text, mode text,
		 catalogs text[])
	ORDER BY is_default, name
	ON CONFLICT (name) DO UPDATE SET
		engine = excluded.engine, tls = excluded.tls,
		host = excluded.host, port = excluded.port,
		enabled = excluded.enabled, is_default = excluded.is_default,
		identity = excluded.identity,
		service_user = excluded.service_user,
		service_secret = excluded.service_secret,
		metadata_user = excluded.metadata_user,
		tls_ca_file = excluded.tls_ca_file,
		cross_check = excluded.cross_check,
		mode = excluded.mode, catalogs = excluded.catalogs;

	INSERT INTO datagateway.users AS u
		(name, password_hash, disabled, default_cluster,
		 default_catalog, default_schema, auth_methods)
	SELECT name, password_hash, disabled, default_cluster, default_catalog,
	       default_schema, auth_methods
	FROM jsonb_to_recordset(changes #> '{users,set}') AS x
		(name text, password_hash text, disabled boolean,
		 default_cluster text, default_catalog text, default_schema text,
		 auth_methods text[])
	ON CONFLICT (name) DO UPDATE SET
		password_hash = excluded.password_hash,
		disabled = excluded.disabled,
		default_cluster = excluded.default_cluster,
		default_catalog = excluded.default_catalog,
		default_schema = excluded.default_schema,
		auth_methods = excluded.auth_methods;

	INSERT INTO datagateway.roles AS r (name, description)
	SELECT name, description
	FROM jsonb_to_recordset(changes #> '{roles,set}') AS x
		(name text, description text)
	ON CONFLICT (name) DO UPDATE SET description = excluded.description
	WHERE r.description <> excluded.description;

	DELETE FROM datagateway.role_members m
	USING jsonb_to_recordset(changes #> '{roles,set}') AS x
		(name text, members text[])
	WHERE m.role = x.name AND NOT
		coalesce('user:' || m.member_user, 'role:' || m.member_role)
			= ANY (x.members);
	INSERT INTO datagateway.role_members (role, member_user, member_role)
	SELECT x.name,
	       CASE WHEN left(m, 5) = 'user:' THEN substr(m, 6) END,
	       CASE WHEN left(m, 5) = 'role:' THEN substr(m, 6) END
	FROM jsonb_to_recordset(changes #> '{roles,set}') AS x
		(name text, members text[]), unnest(x.members) AS m
	ON CONFLICT DO NOTHING;

	INSERT INTO datagateway.catalogs AS c (name, mode, description)
	SELECT name, mode, description
	FROM jsonb_to_recordset(changes #> '{catalogs,set}') AS x
		(name text, mode text, description text)
	ON CONFLICT (name) DO UPDATE SET
		mode = excluded.mode, description = excluded.description;

	INSERT INTO datagateway.tags AS t (name, description)
	SELECT name, description
	FROM jsonb_to_recordset(changes #> '{tags,set}') AS x
		(name text, description text)
	ON CONFLICT (name) DO UPDATE SET description = excluded.description
	WHERE t.description <> excluded.description;
	DELETE FROM datagateway.tag_objects o
	USING jsonb_to_recordset(changes #> '{tags,set}') AS x
		(name text, objects text[])
	WHERE o.tag = x.name AND NOT
		datagateway.object_text(o.catalog, o.schema_name, o.object_name,
		                        o.column_name) = ANY (x.objects);
	INSERT INTO datagateway.tag_objects
		(tag, catalog, schema_name, object_name, column_name)
	SELECT x.name, p[1], coalesce(p[2], ''), coalesce(p[3], ''),
	       coalesce(p[4], '')
	FROM jsonb_to_recordset(changes #> '{tags,set}') AS x
		(name text, objects text[]), unnest(x.objects) AS o,
		datagateway.object_parts(o) AS p
	ON CONFLICT DO NOTHING;

	INSERT INTO datagateway.admins AS a
		(name, role, principals, catalogs, schemas, tags)
	SELECT name, role, principals, catalogs, schemas, tags
	FROM jsonb_to_recordset(changes #> '{admins,set}') AS x
		(name text, role text, principals text[], catalogs text[],
		 schemas text[], tags text[])
	ON CONFLICT (name) DO UPDATE SET
		role = excluded.role, principals = excluded.principals,
		catalogs = excluded.catalogs, schemas = excluded.schemas,
		tags = excluded.tags;

	INSERT INTO datagateway.group_mappings AS g (name, roles, description)
	SELECT name, roles, description
	FROM jsonb_to_recordset(changes #> '{group_mappings,set}') AS x
		(name text, roles text[], description text)
	ON CONFLICT (name) DO UPDATE SET
		roles = excluded.roles, description = excluded.description;

	INSERT INTO datagateway.rules AS r
		(name, enabled, effect, privileges, kind, catalog, schema_name,
		 object_name, columns, clusters, principals, excepted,
		 valid_from, valid_until, reason, tags, networks, break_glass,
		 created_by)
	SELECT name, enabled, effect, privileges, kind, catalog, schema_name,
	       object_name, columns, clusters, principals, excepted, valid_from,
	       valid_until, reason, tags, networks, break_glass, actor
	FROM jsonb_to_recordset(changes #> '{rules,set}') AS x
		(name text, enabled boolean, effect text, privileges text[],
		 kind text, catalog text, schema_name text, object_name text,
		 columns text[], clusters text[], principals text[],
		 excepted text[], valid_from timestamptz,
		 valid_until timestamptz, reason text, tags text[],
		 networks text[], break_glass boolean)
	ON CONFLICT (name) DO UPDATE SET
		enabled = excluded.enabled, effect = excluded.effect,
		privileges = excluded.privileges, kind = excluded.kind,
		catalog = excluded.catalog, schema_name = excluded.schema_name,
		object_name = excluded.object_name, columns = excluded.columns,
		clusters = excluded.clusters, principals = excluded.principals,
		excepted = excluded.excepted, valid_from = excluded.valid_from,
		valid_until = excluded.valid_until, reason = excluded.reason,
		tags = excluded.tags, networks = excluded.networks,
		break_glass = excluded.break_glass;

	IF changes ? 'default_rules' THEN
		UPDATE datagateway.rules
		SET enabled = (changes ->> 'default_rules')::boolean
		WHERE builtin AND
		      enabled <> (changes ->> 'default_rules')::boolean;
	END IF;
	RETURN taken;
END
$$;
