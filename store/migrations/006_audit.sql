-- SPDX-License-Identifier: Apache-2.0
-- Partitions of the audit, which are made ahead and dropped as a whole, and what
-- the audit and the change log are searched by.

-- All partitions but the default ones, with their bounds.
CREATE VIEW datagateway.audit_partitions AS
SELECT p.relname AS parent, c.relname AS name, b.bounds[1]::timestamptz AS since,
       b.bounds[2]::timestamptz AS until
FROM pg_inherits i
JOIN pg_class c ON c.oid = i.inhrelid
JOIN pg_class p ON p.oid = i.inhparent,
LATERAL (SELECT regexp_match(pg_get_expr(c.relpartbound, c.oid),
                             'FROM \(''(.*)''\) TO \(''(.*)''\)')) AS b (bounds)
WHERE p.oid IN ('datagateway.audit_decision'::regclass,
                'datagateway.audit_end'::regclass) AND
      b.bounds IS NOT NULL;

-- One partition. What the default one has of it moves there.
CREATE FUNCTION datagateway.audit_make_partition(parent text, key text,
	since timestamptz, until timestamptz)
RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
	name text := parent || '_' ||
		to_char(since AT TIME ZONE 'UTC', 'YYYYMMDD');
BEGIN
	EXECUTE format('CREATE TABLE datagateway.%I (LIKE datagateway.%I
		INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', name, parent);
	-- Whoever adds rows waits before their partition is chosen: one that
	-- waited for the default partition would not fit it any more.
	EXECUTE format('LOCK TABLE datagateway.%I IN SHARE ROW EXCLUSIVE MODE',
	               parent);
	EXECUTE format('WITH moved AS (DELETE FROM datagateway.%I
		WHERE %I >= %L AND %I < %L RETURNING *)
		INSERT INTO datagateway.%I SELECT * FROM moved',
		parent || '_default', key, since, key, until, name);
	EXECUTE format('ALTER TABLE datagateway.%I ATTACH PARTITION
		datagateway.%I FOR VALUES FROM (%L) TO (%L)',
		parent, name, since, until);
END
$$;

-- Partitions of a day or a month (step), from where the last one ends, or the
-- oldest row lies, to so many steps beyond now. How many were made.
CREATE FUNCTION datagateway.audit_make_partitions(step text, ahead integer)
RETURNS integer
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
	t record;
	since timestamp; -- UTC
	until timestamp;
	oldest timestamptz;
	made integer := 0;
BEGIN
	PERFORM pg_advisory_xact_lock(hashtext('datagateway.audit'));
	FOR t IN SELECT * FROM (VALUES ('audit_decision', 'at'),
	                               ('audit_end', 'started_at'))
	                       AS x (parent, key) LOOP
		SELECT max(p.until) AT TIME ZONE 'UTC' INTO since
		FROM datagateway.audit_partitions p WHERE p.parent = t.parent;
		IF since IS NULL THEN
			EXECUTE format('SELECT min(%I) FROM datagateway.%I', t.key,
			               t.parent) INTO oldest;
			since := date_trunc(step,
				coalesce(oldest, now()) AT TIME ZONE 'UTC');
		END IF;
		WHILE since <= now() AT TIME ZONE 'UTC' +
		               ahead * ('1 ' || step)::interval LOOP
			until := date_trunc(step, since) + ('1 ' || step)::interval;
			PERFORM datagateway.audit_make_partition(t.parent, t.key,
				since AT TIME ZONE 'UTC', until AT TIME ZONE 'UTC');
			since := until;
			made := made + 1;
		END LOOP;
	END LOOP;
	RETURN made;
END
$$;

-- Those that end before then. How many there were.
CREATE FUNCTION datagateway.audit_drop_partitions(before timestamptz)
RETURNS integer
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
	p record;
	dropped integer := 0;
BEGIN
	PERFORM pg_advisory_xact_lock(hashtext('datagateway.audit'));
	FOR p IN SELECT name FROM datagateway.audit_partitions
	         WHERE until <= before LOOP
		EXECUTE format('DROP TABLE datagateway.%I', p.name);
		dropped := dropped + 1;
	END LOOP;
	RETURN dropped;
END
$$;

-- At most so many rows of before then that are in no partition of their own.
CREATE FUNCTION datagateway.audit_delete(before timestamptz, most integer)
RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
	n bigint;
	total bigint := 0;
BEGIN
	DELETE FROM datagateway.audit_decision_default WHERE ctid = ANY (ARRAY(
		SELECT ctid FROM datagateway.audit_decision_default
		WHERE at < before LIMIT most));
	GET DIAGNOSTICS n = ROW_COUNT;
	total := n;
	DELETE FROM datagateway.audit_end_default WHERE ctid = ANY (ARRAY(
		SELECT ctid FROM datagateway.audit_end_default
		WHERE started_at < before LIMIT most));
	GET DIAGNOSTICS n = ROW_COUNT;
	RETURN total + n;
END
$$;

-- What an access list holds that names an object, "catalog.schema.table.column"
-- or less of it. A column may also stand for all of them.
CREATE FUNCTION datagateway.access_pattern(object text, all_columns boolean)
RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
	SELECT jsonb_build_array(jsonb_strip_nulls(jsonb_build_object(
		'catalog', nullif(parts[1], ''), 'schema', nullif(parts[2], ''),
		'table', nullif(parts[3], ''),
		'columns', CASE WHEN parts[4] <> '' THEN
			CASE WHEN all_columns THEN to_jsonb('*'::text)
			     ELSE jsonb_build_array(parts[4]) END END)))
	FROM (SELECT datagateway.object_parts(lower(object))) AS x (parts)
	WHERE parts IS NOT NULL -- else it is NULL: nothing holds that
$$;

-- Whether a name is what a rule's pattern says; empty stands for all beneath.
CREATE FUNCTION datagateway.glob_matches(pattern text, name text)
RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
	SELECT coalesce(pattern, '') = '' OR coalesce(name, '') = '' OR
	       name LIKE replace(replace(replace(replace(replace(pattern,
			'\', '\\'), '%', '\%'), '_', '\_'), '*', '%'), '?', '_')
$$;

-- Whether a row of the change log, of a rule or of where a tag was put, names
-- the object or something that it lies in.
CREATE FUNCTION datagateway.is_about(changed jsonb, object text)
RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
	SELECT coalesce(changed ->> 'catalog', '') <> '' AND
	       datagateway.glob_matches(changed ->> 'catalog', parts[1]) AND
	       datagateway.glob_matches(changed ->> 'schema_name', parts[2]) AND
	       datagateway.glob_matches(changed ->> 'object_name', parts[3]) AND
	       (coalesce(parts[4], '') = '' OR
	        coalesce(changed -> 'columns', '[]') IN ('[]', 'null') OR
	        changed -> 'columns' ? parts[4])
	FROM (SELECT datagateway.object_parts(lower(object))) AS x (parts)
	WHERE parts IS NOT NULL
$$;
