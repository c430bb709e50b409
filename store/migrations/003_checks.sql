-- SPDX-License-Identifier: Apache-2.0
-- What must hold of a policy when a transaction ends, whoever wrote it: what is
-- named exists, roles form no cycle, what breaks the glass is mended in a day.

CREATE FUNCTION datagateway.check_rule() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
	missing text;
BEGIN
	SELECT format('rule "%s" names %s "%s", which does not exist', r.name,
	              rtrim(n.kind, ':'), n.name)
	INTO missing
	FROM datagateway.rules r, LATERAL (
		SELECT left(p, 5), substr(p, 6)
		FROM unnest(r.principals || r.excepted) p
		UNION ALL SELECT 'cluster', c FROM unnest(r.clusters) c
		UNION ALL SELECT 'tag', t FROM unnest(r.tags) t) AS n (kind, name)
	WHERE r.id = NEW.id AND
	      NOT CASE n.kind
	          WHEN 'user:' THEN EXISTS (SELECT FROM datagateway.users x
	                                    WHERE x.name = n.name)
	          WHEN 'role:' THEN EXISTS (SELECT FROM datagateway.roles x
	                                    WHERE x.name = n.name)
	          WHEN 'cluster' THEN EXISTS (SELECT FROM datagateway.clusters x
	                                      WHERE x.name = n.name)
	          WHEN 'tag' THEN EXISTS (SELECT FROM datagateway.tags x
	                                  WHERE x.name = n.name)
	          ELSE false END
	LIMIT 1;
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

-- A rule that lost its last principal, tag or cluster would silently be void; an
-- admin, too.
CREATE FUNCTION datagateway.check_removed() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
	what text := rtrim(TG_TABLE_NAME, 's');
	token text := what || ':' || OLD.name;
	is_there boolean;
	used_by text;
BEGIN
	EXECUTE format('SELECT EXISTS (SELECT FROM datagateway.%I
	                WHERE name = $1)', TG_TABLE_NAME)
	INTO is_there USING OLD.name;
	IF is_there THEN -- under that name again
		RETURN NULL;
	END IF;
	IF what = 'role' AND OLD.name = 'public' THEN
		RAISE EXCEPTION 'role public cannot be removed'
			USING ERRCODE = '23503';
	END IF;
	IF what = 'cluster' THEN
		SELECT format('rule "%s"', name) INTO used_by
		FROM datagateway.rules WHERE clusters @> ARRAY[OLD.name] LIMIT 1;
		IF used_by IS NULL THEN
			SELECT format('user "%s"', name) INTO used_by
			FROM datagateway.users
			WHERE default_cluster = OLD.name LIMIT 1;
		END IF;
	ELSIF what = 'tag' THEN
		SELECT format('rule "%s"', name) INTO used_by
		FROM datagateway.rules WHERE tags @> ARRAY[OLD.name] LIMIT 1;
		IF used_by IS NULL THEN
			SELECT format('admin "%s"', name) INTO used_by
			FROM datagateway.admins WHERE OLD.name = ANY (tags) LIMIT 1;
		END IF;
	ELSE
		SELECT format('admin "%s"', name) INTO used_by
		FROM datagateway.admins WHERE principals @> ARRAY[token] LIMIT 1;
		IF used_by IS NULL THEN
			SELECT format('rule "%s"', name) INTO used_by
			FROM datagateway.rules
			WHERE principals @> ARRAY[token] OR
			      excepted @> ARRAY[token] LIMIT 1;
		END IF;
	END IF;
	IF used_by IS NOT NULL THEN
		RAISE EXCEPTION '% "%" is still named by %', what, OLD.name,
			used_by USING ERRCODE = '23503';
	END IF;
	RETURN NULL;
END
$$;
DO $$
DECLARE
	t text;
BEGIN
	FOREACH t IN ARRAY ARRAY['users', 'roles', 'clusters', 'tags'] LOOP
		EXECUTE format('CREATE CONSTRAINT TRIGGER check_removed
			AFTER DELETE OR UPDATE OF name ON datagateway.%I
			DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
			EXECUTE FUNCTION datagateway.check_removed()', t);
	END LOOP;
END
$$;

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
