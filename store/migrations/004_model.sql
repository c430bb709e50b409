-- SPDX-License-Identifier: Apache-2.0
-- The rest of the model: tags, networks, rules that break the glass, what is
-- only observed, names of catalogs by cluster, who administers what.

ALTER TABLE datagateway.clusters
	ADD COLUMN mode text NOT NULL DEFAULT 'enforce'
		CHECK (mode IN ('enforce', 'observe')),
	-- "name on the cluster=name in the policy"
	ADD COLUMN catalogs text[] NOT NULL DEFAULT '{}'
		CHECK (array_position(catalogs, NULL) IS NULL);

ALTER TABLE datagateway.users
	-- empty: all that the configuration allows
	ADD COLUMN auth_methods text[] NOT NULL DEFAULT '{}'
		CHECK (auth_methods <@ ARRAY['password', 'token']);

ALTER TABLE datagateway.rules
	ADD COLUMN tags text[] NOT NULL DEFAULT '{}'
		CHECK (array_position(tags, NULL) IS NULL),
	ADD COLUMN networks text[] NOT NULL DEFAULT '{}'
		CHECK (array_position(networks, NULL) IS NULL),
	ADD COLUMN break_glass boolean NOT NULL DEFAULT false,
	ADD CHECK (NOT break_glass OR (effect = 'allow' AND
		btrim(reason) <> '' AND valid_until IS NOT NULL));
CREATE INDEX rules_tags ON datagateway.rules USING gin (tags);

-- Only those that there is something to say about.
CREATE TABLE datagateway.catalogs (
	id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name        text NOT NULL UNIQUE CHECK (datagateway.is_name(name)),
	mode        text NOT NULL DEFAULT 'enforce'
	            CHECK (mode IN ('enforce', 'observe')),
	description text NOT NULL DEFAULT ''
);

CREATE TABLE datagateway.tags (
	id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name        text NOT NULL UNIQUE CHECK (datagateway.is_name(name)),
	description text NOT NULL DEFAULT ''
);

-- Where tags were put; empty parts: on all of what stands before them.
CREATE TABLE datagateway.tag_objects (
	tag         text NOT NULL REFERENCES datagateway.tags (name)
	            ON UPDATE CASCADE ON DELETE CASCADE,
	catalog     text NOT NULL CHECK (catalog <> ''),
	schema_name text NOT NULL DEFAULT '',
	object_name text NOT NULL DEFAULT '',
	column_name text NOT NULL DEFAULT '', -- a.b: a field
	PRIMARY KEY (tag, catalog, schema_name, object_name, column_name),
	CHECK (schema_name <> '' OR object_name = ''),
	CHECK (object_name <> '' OR column_name = '')
);
CREATE INDEX tag_objects_object ON datagateway.tag_objects
	(catalog, schema_name, object_name);

-- catalogs and schemas (as catalog.schema) may be patterns.
CREATE TABLE datagateway.admins (
	id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name       text NOT NULL UNIQUE CHECK (datagateway.is_name(name)),
	role       text NOT NULL CHECK (role IN ('admin', 'steward', 'auditor')),
	principals text[] NOT NULL CHECK (cardinality(principals) > 0),
	catalogs   text[] NOT NULL DEFAULT '{}',
	schemas    text[] NOT NULL DEFAULT '{}',
	tags       text[] NOT NULL DEFAULT '{}',
	CHECK (array_position(principals || catalogs || schemas || tags, NULL)
	       IS NULL),
	CHECK ((role = 'steward') = (cardinality(catalogs || schemas || tags) > 0))
);
CREATE INDEX admins_principals ON datagateway.admins USING gin (principals);

-- ---- objects as texts: catalog.schema.table.column ----------------------------

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

-- ---- versions and the log -----------------------------------------------------

CREATE OR REPLACE FUNCTION datagateway.note_change() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
	was jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
	is_now jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
	named jsonb := coalesce(is_now, was);
BEGIN
	INSERT INTO datagateway.policy_change
		(version, actor, object, name, before, after)
	SELECT version,
	       coalesce(nullif(current_setting('datagateway.actor', true), ''),
	                session_user),
	       TG_TABLE_NAME,
	       coalesce(named ->> 'name', named ->> 'role', named ->> 'tag'),
	       datagateway.masked(was), datagateway.masked(is_now)
	FROM datagateway.policy_version;
	RETURN NULL;
END
$$;

-- What was verified with a method that is not allowed any more must be
-- verified again.
CREATE OR REPLACE FUNCTION datagateway.count_credentials() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
	IF NEW.password_hash <> OLD.password_hash OR
	   NEW.disabled <> OLD.disabled OR
	   NEW.auth_methods <> OLD.auth_methods THEN
		NEW.credential_version := OLD.credential_version + 1;
	END IF;
	RETURN NEW;
END
$$;

DO $$
DECLARE
	t text;
BEGIN
	FOREACH t IN ARRAY ARRAY['catalogs', 'tags', 'tag_objects', 'admins'] LOOP
		EXECUTE format('CREATE TRIGGER begin_change BEFORE INSERT OR
			UPDATE OR DELETE OR TRUNCATE ON datagateway.%I
			FOR EACH STATEMENT
			EXECUTE FUNCTION datagateway.begin_change()', t);
		EXECUTE format('CREATE TRIGGER note_change AFTER INSERT OR
			UPDATE OR DELETE ON datagateway.%I FOR EACH ROW
			EXECUTE FUNCTION datagateway.note_change()', t);
	END LOOP;
END
$$;

-- ---- what must hold -----------------------------------------------------------

-- The end is near when it is written; afterwards nobody looks at it again.
CREATE FUNCTION datagateway.check_break_glass() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
	IF NOT NEW.break_glass OR TG_OP = 'UPDATE' AND OLD.break_glass AND
	   (NEW.valid_from, NEW.valid_until) IS NOT DISTINCT FROM
	   (OLD.valid_from, OLD.valid_until) THEN
		RETURN NEW;
	END IF;
	IF NEW.valid_until > coalesce(NEW.valid_from, now()) + interval '1 day' THEN
		RAISE EXCEPTION 'rule "%" breaks the glass and must end within a day',
			NEW.name USING ERRCODE = '23514';
	END IF;
	RETURN NEW;
END
$$;
CREATE TRIGGER check_break_glass BEFORE INSERT OR UPDATE
	ON datagateway.rules
	FOR EACH ROW EXECUTE FUNCTION datagateway.check_break_glass();

CREATE FUNCTION datagateway.check_rule_tags() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
	missing text;
BEGIN
	SELECT format('rule "%s" names tag "%s", which does not exist', r.name, t)
	INTO missing
	FROM datagateway.rules r, unnest(r.tags) t
	WHERE r.id = NEW.id AND NOT EXISTS
		(SELECT FROM datagateway.tags x WHERE x.name = t)
	LIMIT 1;
	IF missing IS NOT NULL THEN
		RAISE EXCEPTION '%', missing USING ERRCODE = '23503';
	END IF;
	RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER check_rule_tags AFTER INSERT OR UPDATE
	ON datagateway.rules DEFERRABLE INITIALLY DEFERRED
	FOR EACH ROW EXECUTE FUNCTION datagateway.check_rule_tags();

CREATE FUNCTION datagateway.check_admin() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
	missing text;
BEGIN
	SELECT format('admin "%s" names %s "%s", which does not exist', a.name,
	              left(p, 4), substr(p, 6))
	INTO missing
	FROM datagateway.admins a,
	     unnest(a.principals || ARRAY(SELECT 'tags:' || t
	                                  FROM unnest(a.tags) t)) p
	WHERE a.id = NEW.id AND
	      NOT CASE left(p, 5)
	          WHEN 'user:' THEN EXISTS (SELECT FROM datagateway.users u
	                                    WHERE u.name = substr(p, 6))
	          WHEN 'role:' THEN EXISTS (SELECT FROM datagateway.roles o
	                                    WHERE o.name = substr(p, 6))
	          WHEN 'tags:' THEN EXISTS (SELECT FROM datagateway.tags t
	                                    WHERE t.name = substr(p, 6))
	          ELSE false END
	LIMIT 1;
	IF missing IS NOT NULL THEN
		RAISE EXCEPTION '%', missing USING ERRCODE = '23503';
	END IF;
	RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER check_admin AFTER INSERT OR UPDATE
	ON datagateway.admins DEFERRABLE INITIALLY DEFERRED
	FOR EACH ROW EXECUTE FUNCTION datagateway.check_admin();

-- A rule by a tag that is gone would silently be void; an admin, too.
CREATE FUNCTION datagateway.check_tag_removed() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
	used_by text;
BEGIN
	IF EXISTS (SELECT FROM datagateway.tags WHERE name = OLD.name) THEN
		RETURN NULL;
	END IF;
	SELECT format('rule "%s"', name) INTO used_by
	FROM datagateway.rules WHERE tags @> ARRAY[OLD.name] LIMIT 1;
	IF used_by IS NULL THEN
		SELECT format('admin "%s"', name) INTO used_by
		FROM datagateway.admins WHERE OLD.name = ANY (tags) LIMIT 1;
	END IF;
	IF used_by IS NOT NULL THEN
		RAISE EXCEPTION 'tag "%" is still named by %', OLD.name, used_by
			USING ERRCODE = '23503';
	END IF;
	RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER check_tag_removed AFTER DELETE OR UPDATE OF name
	ON datagateway.tags DEFERRABLE INITIALLY DEFERRED
	FOR EACH ROW EXECUTE FUNCTION datagateway.check_tag_removed();

CREATE FUNCTION datagateway.check_admins_left() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
	what text := rtrim(TG_TABLE_NAME, 's');
	used_by text;
BEGIN
	IF what = 'user' AND EXISTS
	   (SELECT FROM datagateway.users WHERE name = OLD.name) OR
	   what = 'role' AND EXISTS
	   (SELECT FROM datagateway.roles WHERE name = OLD.name) THEN
		RETURN NULL;
	END IF;
	SELECT format('admin "%s"', name) INTO used_by
	FROM datagateway.admins
	WHERE principals @> ARRAY[what || ':' || OLD.name] LIMIT 1;
	IF used_by IS NOT NULL THEN
		RAISE EXCEPTION '% "%" is still named by %', what, OLD.name,
			used_by USING ERRCODE = '23503';
	END IF;
	RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER check_admins_left AFTER DELETE OR UPDATE OF name
	ON datagateway.users DEFERRABLE INITIALLY DEFERRED
	FOR EACH ROW EXECUTE FUNCTION datagateway.check_admins_left();
CREATE CONSTRAINT TRIGGER check_admins_left AFTER DELETE OR UPDATE OF name
	ON datagateway.roles DEFERRABLE INITIALLY DEFERRED
	FOR EACH ROW EXECUTE FUNCTION datagateway.check_admins_left();

-- ---- how tools write ----------------------------------------------------------

-- As before (003_apply.sql), and of catalogs, tags, admins: the same.
CREATE OR REPLACE FUNCTION datagateway.apply_changes(changes jsonb, actor text,
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
