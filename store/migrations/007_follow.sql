-- SPDX-License-Identifier: Apache-2.0
-- What replicas need to load what has changed instead of everything: the log
-- of changes without who made them, and rules as they were.

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
	t name;
BEGIN
	-- All tables whose changes count as changes of the policy.
	FOR t IN SELECT c.relname FROM pg_trigger g JOIN pg_class c
	         ON c.oid = g.tgrelid
	         WHERE g.tgname = 'note_change' AND
	               c.relnamespace = 'datagateway'::regnamespace LOOP
		EXECUTE format('CREATE TRIGGER note_truncate AFTER TRUNCATE
			ON datagateway.%I FOR EACH STATEMENT
			EXECUTE FUNCTION datagateway.note_truncate()', t);
	END LOOP;
END
$$;

CREATE VIEW datagateway.policy_log AS
SELECT id, version, at, object,
       before IS NOT NULL OR after IS NOT NULL AS is_row
FROM datagateway.policy_change;

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
