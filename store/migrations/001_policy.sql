-- SPDX-License-Identifier: Apache-2.0
-- Who may do what: users, roles, rules, clusters, and the log of their changes.
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
	credential_version bigint NOT NULL DEFAULT 1
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
	CHECK (valid_until > valid_from),
	CHECK (array_position(columns || clusters || principals || excepted,
	                      NULL) IS NULL)
);
CREATE INDEX rules_principals ON datagateway.rules USING gin (principals);
CREATE INDEX rules_excepted ON datagateway.rules USING gin (excepted);
CREATE INDEX rules_clusters ON datagateway.rules USING gin (clusters);

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
	       TG_TABLE_NAME, coalesce(named ->> 'name', named ->> 'role'),
	       datagateway.masked(was), datagateway.masked(is_now)
	FROM datagateway.policy_version;
	RETURN NULL;
END
$$;

-- What was verified with the former credentials must be verified again.
CREATE FUNCTION datagateway.count_credentials() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
	IF NEW.password_hash <> OLD.password_hash OR
	   NEW.disabled <> OLD.disabled THEN
		NEW.credential_version := OLD.credential_version + 1;
	END IF;
	RETURN NEW;
END
$$;
CREATE TRIGGER count_credentials BEFORE UPDATE ON datagateway.users
	FOR EACH ROW EXECUTE FUNCTION datagateway.count_credentials();

DO $$
DECLARE
	t text;
BEGIN
	FOREACH t IN ARRAY ARRAY['clusters', 'users', 'roles', 'role_members',
	                         'rules'] LOOP
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

-- ---- what must hold when a transaction ends -----------------------------------

CREATE FUNCTION datagateway.check_rule() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
	missing text;
BEGIN
	SELECT format('rule "%s" names %s "%s", which does not exist', r.name,
	              left(p, 4), substr(p, 6))
	INTO missing
	FROM datagateway.rules r, unnest(r.principals || r.excepted) p
	WHERE r.id = NEW.id AND
	      NOT CASE left(p, 5)
	          WHEN 'user:' THEN EXISTS (SELECT FROM datagateway.users u
	                                    WHERE u.name = substr(p, 6))
	          WHEN 'role:' THEN EXISTS (SELECT FROM datagateway.roles o
	                                    WHERE o.name = substr(p, 6))
	          ELSE false END
	LIMIT 1;
	IF missing IS NULL THEN
		SELECT format('rule "%s" names cluster "%s", which does not exist',
		              r.name, c)
		INTO missing
		FROM datagateway.rules r, unnest(r.clusters) c
		WHERE r.id = NEW.id AND NOT EXISTS
			(SELECT FROM datagateway.clusters x WHERE x.name = c)
		LIMIT 1;
	END IF;
	IF missing IS NOT NULL THEN
		RAISE EXCEPTION '%', missing USING ERRCODE = '23503';
	END IF;
	RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER check_rule AFTER INSERT OR UPDATE
	ON datagateway.rules DEFERRABLE INITIALLY DEFERRED
	FOR EACH ROW EXECUTE FUNCTION datagateway.check_rule();

CREATE FUNCTION datagateway.check_user() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
	missing text;
BEGIN
	SELECT u.default_cluster INTO missing FROM datagateway.users u
	WHERE u.id = NEW.id AND u.default_cluster <> '' AND NOT EXISTS
		(SELECT FROM datagateway.clusters c WHERE c.name = u.default_cluster);
	IF missing IS NOT NULL THEN
		RAISE EXCEPTION 'the default cluster "%" of user "%" does not exist',
			missing, NEW.name USING ERRCODE = '23503';
	END IF;
	RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER check_user AFTER INSERT OR UPDATE
	ON datagateway.users DEFERRABLE INITIALLY DEFERRED
	FOR EACH ROW EXECUTE FUNCTION datagateway.check_user();

-- A rule that lost its last principal would silently be void.
CREATE FUNCTION datagateway.check_removed() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
	what text := rtrim(TG_TABLE_NAME, 's');
	token text := what || ':' || OLD.name;
	used_by text;
BEGIN
	IF what = 'cluster' THEN
		IF EXISTS (SELECT FROM datagateway.clusters WHERE name = OLD.name) THEN
			RETURN NULL;
		END IF;
		SELECT format('rule "%s"', name) INTO used_by
		FROM datagateway.rules WHERE clusters @> ARRAY[OLD.name];
		IF used_by IS NULL THEN
			SELECT format('user "%s"', name) INTO used_by
			FROM datagateway.users WHERE default_cluster = OLD.name;
		END IF;
	ELSE
		IF what = 'user' AND EXISTS
		   (SELECT FROM datagateway.users WHERE name = OLD.name) OR
		   what = 'role' AND EXISTS
		   (SELECT FROM datagateway.roles WHERE name = OLD.name) THEN
			RETURN NULL;
		END IF;
		SELECT format('rule "%s"', name) INTO used_by
		FROM datagateway.rules
		WHERE principals @> ARRAY[token] OR excepted @> ARRAY[token];
	END IF;
	IF what = 'role' AND OLD.name = 'public' THEN
		RAISE EXCEPTION 'role public cannot be removed'
			USING ERRCODE = '23503';
	END IF;
	IF used_by IS NOT NULL THEN
		RAISE EXCEPTION '% "%" is still named by %', what, OLD.name,
			used_by USING ERRCODE = '23503';
	END IF;
	RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER check_removed AFTER DELETE OR UPDATE OF name
	ON datagateway.users DEFERRABLE INITIALLY DEFERRED
	FOR EACH ROW EXECUTE FUNCTION datagateway.check_removed();
CREATE CONSTRAINT TRIGGER check_removed AFTER DELETE OR UPDATE OF name
	ON datagateway.roles DEFERRABLE INITIALLY DEFERRED
	FOR EACH ROW EXECUTE FUNCTION datagateway.check_removed();
CREATE CONSTRAINT TRIGGER check_removed AFTER DELETE OR UPDATE OF name
	ON datagateway.clusters DEFERRABLE INITIALLY DEFERRED
	FOR EACH ROW EXECUTE FUNCTION datagateway.check_removed();

CREATE FUNCTION datagateway.check_cycle() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
	cycle text;
BEGIN
	IF NEW.member_role IS NULL THEN
		RETURN NULL;
	END IF;
	-- Upwards from the role; meeting the member again closes a cycle.
	WITH RECURSIVE up (role, path) AS (
		SELECT NEW.role, ARRAY[NEW.member_role, NEW.role]
		UNION ALL
		SELECT m.role, up.path || m.role
		FROM up JOIN datagateway.role_members m ON m.member_role = up.role
		WHERE up.role <> NEW.member_role AND
		      NOT m.role = ANY (up.path[2:])
	)
	SELECT array_to_string(path, ' -> ') INTO cycle FROM up
	WHERE role = NEW.member_role AND EXISTS
		(SELECT FROM datagateway.role_members m
		 WHERE m.role = NEW.role AND m.member_role = NEW.member_role)
	LIMIT 1;
	IF cycle IS NOT NULL THEN
		RAISE EXCEPTION 'roles form a cycle: %', cycle
			USING ERRCODE = '23514';
	END IF;
	RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER check_cycle AFTER INSERT OR UPDATE
	ON datagateway.role_members DEFERRABLE INITIALLY DEFERRED
	FOR EACH ROW EXECUTE FUNCTION datagateway.check_cycle();

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
