-- SPDX-License-Identifier: Apache-2.0
-- Who may do what: users, roles, rules, clusters, tags, who administers what, and
-- the log of their changes.
--
-- Whoever changes a row of these tables, by whatever tool, takes a new version
-- (once per transaction; the lock on its row puts versions in commit order),
-- leaves a row in policy_change, and wakes the replicas.

CREATE TABLE datagateway.policy_version (
	only_row   boolean PRIMARY KEY DEFAULT true CHECK (only_row),
	version    bigint NOT NULL,
	changed_at timestamptz NOT NULL DEFAULT now(),
	changed_in xid8 NOT NULL DEFAULT pg_current_xact_id()
);
INSERT INTO datagateway.policy_version (version) VALUES (1);

CREATE TABLE datagateway.policy_change (
	id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	version bigint NOT NULL,
	actor   text NOT NULL,
	at      timestamptz NOT NULL DEFAULT clock_timestamp(),
	object  text NOT NULL, -- the table
	name    text NOT NULL, -- of the row
	before  jsonb,         -- NULL: added; password hashes are masked
	after   jsonb          -- NULL: removed
);
CREATE INDEX policy_change_version ON datagateway.policy_change (version);

CREATE FUNCTION datagateway.is_name(name text) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
	SELECT length(name) BETWEEN 1 AND 256 AND name !~ '[[:cntrl:]]'
$$;

CREATE TABLE datagateway.clusters (
	id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name           text NOT NULL UNIQUE
	               CHECK (name ~ '^[a-z0-9][a-z0-9._-]{0,62}$'),
	engine         text NOT NULL CHECK (engine IN ('trino', 'presto')),
	tls            boolean NOT NULL,
	host           text NOT NULL CHECK (host ~ '^[A-Za-z0-9._:-]{1,255}$'),
	port           integer NOT NULL CHECK (port BETWEEN 1 AND 65535),
	enabled        boolean NOT NULL DEFAULT true,
	is_default     boolean NOT NULL DEFAULT false,
	identity       text NOT NULL DEFAULT 'header'
	               CHECK (identity IN ('header', 'password')),
	service_user   text NOT NULL DEFAULT '',
	-- A reference, never the secret itself.
	service_secret text NOT NULL DEFAULT ''
	               CHECK (service_secret ~ '^$|^(file|env):.'),
	metadata_user  text NOT NULL DEFAULT '',
	tls_ca_file    text NOT NULL DEFAULT '',
	cross_check    text NOT NULL DEFAULT 'audit'
	               CHECK (cross_check IN ('off', 'audit', 'enforce')),
	mode           text NOT NULL DEFAULT 'enforce'
	               CHECK (mode IN ('enforce', 'observe')),
	-- "name on the cluster=name in the policy"
	catalogs       text[] NOT NULL DEFAULT '{}'
	               CHECK (array_position(catalogs, NULL) IS NULL),
	CHECK (identity <> 'password' OR (service_user <> '' AND service_secret <> ''))
);
CREATE UNIQUE INDEX clusters_default ON datagateway.clusters (is_default)
	WHERE is_default;

CREATE TABLE datagateway.users (
	id                 bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name               text NOT NULL UNIQUE CHECK (datagateway.is_name(name)),
	password_hash      text NOT NULL DEFAULT ''
	                   CHECK (password_hash ~ '^$|^\$argon2id\$v=19\$'),
	disabled           boolean NOT NULL DEFAULT false,
	default_cluster    text NOT NULL DEFAULT '',
	default_catalog    text NOT NULL DEFAULT '',
	default_schema     text NOT NULL DEFAULT '',
	credential_version bigint NOT NULL DEFAULT 1,
	-- empty: all that the configuration allows
	auth_methods       text[] NOT NULL DEFAULT '{}'
	                   CHECK (auth_methods <@ ARRAY['password', 'token'])
);

CREATE TABLE datagateway.roles (
	id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name        text NOT NULL UNIQUE CHECK (datagateway.is_name(name)),
	builtin     boolean NOT NULL DEFAULT false,
	description text NOT NULL DEFAULT ''
);

CREATE TABLE datagateway.role_members (
	role        text NOT NULL REFERENCES datagateway.roles (name)
	            ON UPDATE CASCADE ON DELETE CASCADE,
	member_user text REFERENCES datagateway.users (name)
	            ON UPDATE CASCADE ON DELETE CASCADE,
	member_role text REFERENCES datagateway.roles (name)
	            ON UPDATE CASCADE ON DELETE CASCADE,
	CHECK ((member_user IS NULL) <> (member_role IS NULL)),
	CHECK (role <> 'public' AND member_role <> 'public')
);
CREATE UNIQUE INDEX role_members_user
	ON datagateway.role_members (role, member_user)
	WHERE member_user IS NOT NULL;
CREATE UNIQUE INDEX role_members_role
	ON datagateway.role_members (role, member_role)
	WHERE member_role IS NOT NULL;
CREATE INDEX role_members_by_user ON datagateway.role_members (member_user);
CREATE INDEX role_members_by_role ON datagateway.role_members (member_role);

-- Principals are 'user:NAME' and 'role:NAME'; lists are sets.
CREATE TABLE datagateway.rules (
	id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name        text NOT NULL UNIQUE CHECK (datagateway.is_name(name)),
	builtin     boolean NOT NULL DEFAULT false,
	enabled     boolean NOT NULL DEFAULT true,
	effect      text NOT NULL CHECK (effect IN ('allow', 'deny')),
	privileges  text[] NOT NULL CHECK (
		cardinality(privileges) > 0 AND
		privileges <@ ARRAY['select', 'insert', 'update', 'delete',
			'truncate', 'create', 'drop', 'alter', 'comment',
			'refresh', 'analyze', 'show', 'execute', 'grant', 'set',
			'impersonate', 'view', 'kill', 'use', 'read', 'write',
			'own']),
	kind        text NOT NULL CHECK (kind IN ('catalog', 'schema', 'table',
		'function', 'procedure', 'table_function', 'cluster',
		'property', 'user', 'query')),
	catalog     text NOT NULL DEFAULT '',
	schema_name text NOT NULL DEFAULT '',
	object_name text NOT NULL DEFAULT '',
	columns     text[] NOT NULL DEFAULT '{}',
	clusters    text[] NOT NULL DEFAULT '{}',
	principals  text[] NOT NULL CHECK (cardinality(principals) > 0),
	excepted    text[] NOT NULL DEFAULT '{}',
	valid_from  timestamptz CHECK (isfinite(valid_from)),
	valid_until timestamptz CHECK (isfinite(valid_until)),
	reason      text NOT NULL DEFAULT '',
	created_by  text NOT NULL DEFAULT session_user,
	created_at  timestamptz NOT NULL DEFAULT now(),
	tags        text[] NOT NULL DEFAULT '{}',
	networks    text[] NOT NULL DEFAULT '{}',
	break_glass boolean NOT NULL DEFAULT false,
	CHECK (valid_until > valid_from),
	CHECK (array_position(columns || clusters || principals || excepted ||
	                      tags || networks, NULL) IS NULL),
	CHECK (NOT break_glass OR (effect = 'allow' AND btrim(reason) <> '' AND
	                           valid_until IS NOT NULL))
);
CREATE INDEX rules_principals ON datagateway.rules USING gin (principals);
CREATE INDEX rules_excepted ON datagateway.rules USING gin (excepted);
CREATE INDEX rules_clusters ON datagateway.rules USING gin (clusters);
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

-- Which roles the groups of a token stand for. A role that does not exist
-- gives nothing, so these are no references.
CREATE TABLE datagateway.group_mappings (
	id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	-- The group, exactly as the issuer writes it.
	name        text NOT NULL UNIQUE CHECK (datagateway.is_name(name)),
	roles       text[] NOT NULL CHECK (cardinality(roles) > 0 AND
	            array_position(roles, NULL) IS NULL),
	description text NOT NULL DEFAULT ''
);

-- ---- versions and the log ---------------------------------------------------

CREATE FUNCTION datagateway.take_version() RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
	taken bigint;
BEGIN
	UPDATE datagateway.policy_version
	SET version = version + 1, changed_at = now(),
	    changed_in = pg_current_xact_id()
	WHERE changed_in <> pg_current_xact_id()
	RETURNING version INTO taken;
	IF taken IS NULL THEN -- this transaction has one already
		SELECT version INTO taken FROM datagateway.policy_version;
	ELSE
		PERFORM pg_notify('datagateway_policy', taken::text);
	END IF;
	RETURN taken;
END
$$;

CREATE FUNCTION datagateway.begin_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM datagateway.take_version();
	RETURN NULL;
END
$$;

CREATE FUNCTION datagateway.masked(value jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN value ->> 'password_hash' <> ''
	       THEN value || '{"password_hash": "***"}' ELSE value END
$$;

CREATE FUNCTION datagateway.note_change() RETURNS trigger
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

-- What was verified with the former credentials, or with a method that is not
-- allowed any more, must be verified again.
CREATE FUNCTION datagateway.count_credentials() RETURNS trigger
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
CREATE TRIGGER count_credentials BEFORE UPDATE ON datagateway.users
	FOR EACH ROW EXECUTE FUNCTION datagateway.count_credentials();

-- Nobody could tell from the log that a table was emptied.
CREATE FUNCTION datagateway.note_truncate() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO datagateway.policy_change (version, actor, object, name)
	SELECT version,
	       coalesce(nullif(current_setting('datagateway.actor', true), ''),
	                session_user),
	       TG_TABLE_NAME, '*'
	FROM datagateway.policy_version;
	RETURN NULL;
END
$$;

DO $$
DECLARE
	t text;
BEGIN
	FOREACH t IN ARRAY ARRAY['clusters', 'users', 'roles', 'role_members',
	                         'rules', 'catalogs', 'tags', 'tag_objects',
	                         'admins', 'group_mappings'] LOOP
		EXECUTE format('CREATE TRIGGER begin_change BEFORE INSERT OR
			UPDATE OR DELETE OR TRUNCATE ON datagateway.%I
			FOR EACH STATEMENT
			EXECUTE FUNCTION datagateway.begin_change()', t);
		EXECUTE format('CREATE TRIGGER note_change AFTER INSERT OR
			UPDATE OR DELETE ON datagateway.%I FOR EACH ROW
			EXECUTE FUNCTION datagateway.note_change()', t);
		EXECUTE format('CREATE TRIGGER note_truncate AFTER TRUNCATE
			ON datagateway.%I FOR EACH STATEMENT
			EXECUTE FUNCTION datagateway.note_truncate()', t);
	END LOOP;
END
$$;

-- ---- what replicas load instead of everything -----------------------------------

-- The log without who made the changes, and rules as they were. Tokens of the
-- admin API are no policy: their rows make no version, and are not seen here.
CREATE VIEW datagateway.policy_log AS
SELECT id, version, at, object,
       before IS NOT NULL OR after IS NOT NULL AS is_row
FROM datagateway.policy_change
WHERE object <> 'admin_tokens';

-- Tells versions of one number apart that come from histories of which one was
-- lost: a standby that was behind and took over, a backup that was restored.
CREATE FUNCTION datagateway.policy_stamp(of_version bigint) RETURNS text
LANGUAGE sql STABLE AS $$
	SELECT coalesce(max(id) || '/' || extract(epoch FROM max(at)), '')
	FROM datagateway.policy_log WHERE version = of_version
$$;

CREATE VIEW datagateway.rule_change AS
SELECT id, version, (coalesce(before, after) ->> 'id')::bigint AS rule, before
FROM datagateway.policy_change
WHERE object = 'rules';

-- ---- what every JDBC tool needs, as rules that can be switched off ------------

INSERT INTO datagateway.roles (name, builtin, description)
VALUES ('public', true, 'every authenticated user');

INSERT INTO datagateway.rules (name, builtin, effect, privileges, kind, catalog,
                               schema_name, object_name, principals, reason)
SELECT 'default: ' || what, true, 'allow', ARRAY['select'], 'table', catalog,
       schema_name, object_name, ARRAY['role:public'],
       'tools list schemas, tables and columns with it'
FROM (VALUES
	('information_schema.schemata', '*', 'information_schema', 'schemata'),
	('information_schema.tables', '*', 'information_schema', 'tables'),
	('information_schema.columns', '*', 'information_schema', 'columns'),
	('system.jdbc', 'system', 'jdbc', '*')
) AS d (what, catalog, schema_name, object_name);

-- Session properties are an allow-list. These change how a query runs, not how
-- much it may use, what it reads or what a write does.
INSERT INTO datagateway.rules (name, builtin, effect, privileges, kind,
                               object_name, principals, reason)
SELECT 'default: set ' || property, true, 'allow', ARRAY['set'], 'property',
       property, ARRAY['role:public'], 'harmless session property'
FROM unnest(ARRAY['time_zone_id', 'join_distribution_type',
                  'join_reordering_strategy']) AS property;
