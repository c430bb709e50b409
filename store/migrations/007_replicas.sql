-- SPDX-License-Identifier: Apache-2.0
-- Which replicas there are, and which version of the policy each works with.
--
-- Replicas write here through two functions alone, and each its own row alone:
-- a row is found by a secret that only its process has. All ages are told by
-- the clock of this server. A row outlives its reports for as long as a process
-- that cannot reach this server goes on deciding (policy.max_staleness): until
-- then nobody can know that it has ended.

CREATE TABLE datagateway.replicas (
	id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	secret         bytea NOT NULL UNIQUE, -- a hash of it
	name           text NOT NULL,
	host           text NOT NULL,
	address        text NOT NULL,
	program        text NOT NULL, -- its version
	login          text NOT NULL DEFAULT session_user,
	started_at     timestamptz NOT NULL,
	reported_at    timestamptz NOT NULL,
	report_every   interval NOT NULL,
	polled_at      timestamptz, -- NULL: it has not seen a policy yet
	stale_after    interval NOT NULL,
	policy_version bigint NOT NULL, -- in force; 0: none
	policy_stamp   text NOT NULL,
	policy_seen    bigint NOT NULL,
	CHECK (least(policy_version, policy_seen) >= 0),
	CHECK (name || host || address || program || policy_stamp !~ '[[:cntrl:]]'),
	CHECK (greatest(length(name), length(host), length(address),
	                length(program), length(policy_stamp)) <= 256)
) WITH (fillfactor = 50);

-- When silence begins to mean something, and when nothing is left of it.
CREATE FUNCTION datagateway.replica_silent_at(r datagateway.replicas)
RETURNS timestamptz
LANGUAGE sql STABLE AS $$
	SELECT r.reported_at + 3 * r.report_every + interval '1 second'
$$;
CREATE FUNCTION datagateway.replica_gone_at(r datagateway.replicas)
RETURNS timestamptz
LANGUAGE sql STABLE AS $$
	SELECT greatest(r.reported_at + 3 * r.report_every + interval '1 second',
	                r.polled_at + r.stale_after)
$$;

-- is_ours: its version is one of this history (001_policy.sql).
CREATE VIEW datagateway.replica_states AS
SELECT s.id, s.name, s.host, s.address, s.program, s.login, s.started_at,
       s.reported_at, s.polled_at, s.policy_version, s.policy_seen, s.is_ours,
       s.newest,
       CASE WHEN now() > s.silent_at THEN 'silent'
            WHEN s.is_ours AND s.policy_version = s.newest THEN 'current'
            ELSE 'behind' END AS state,
       greatest(s.newest - s.policy_version, 0) AS versions_behind,
       CASE WHEN s.is_ours AND s.policy_version = s.newest THEN 0
            ELSE round(extract(epoch FROM now() - greatest(s.started_at,
                 coalesce((SELECT l.at FROM datagateway.policy_log l
                           WHERE l.version > s.policy_version
                           ORDER BY l.version, l.id LIMIT 1),
                          s.changed_at)))::numeric, 3)
       END AS seconds_behind
FROM (SELECT r.*, datagateway.replica_silent_at(r) AS silent_at,
             v.version AS newest, v.changed_at,
             r.policy_stamp = CASE WHEN r.policy_version = v.version
                              THEN v.stamp
                              ELSE datagateway.policy_stamp(r.policy_version)
                              END AS is_ours
      FROM datagateway.replicas r,
           (SELECT version, changed_at,
                   datagateway.policy_stamp(version) AS stamp
            FROM datagateway.policy_version OFFSET 0) v
      WHERE datagateway.replica_gone_at(r) >= now()) s;

-- Runs as the schema's owner, for whoever reads hostile bytes: it takes no
-- name of an object, touches one row, and waits for nobody.
CREATE FUNCTION datagateway.report_replica(key text, name text, host text,
	address text, program text, uptime_ms bigint, report_every_ms bigint,
	poll_age_ms bigint, stale_after_ms bigint, policy_version bigint,
	policy_stamp text, policy_seen bigint)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '1s'
AS $$
#variable_conflict use_variable
DECLARE
	ms CONSTANT interval := interval '1 millisecond';
	week CONSTANT bigint := 604800000;
	mine CONSTANT bytea := sha256(convert_to(key, 'UTF8'));
	at CONSTANT timestamptz := clock_timestamp();
	polled CONSTANT timestamptz :=
		CASE WHEN poll_age_ms >= 0 THEN at - ms * poll_age_ms END;
BEGIN
	IF length(key) < 32 THEN
		RAISE EXCEPTION 'the key is too short' USING ERRCODE = '22023';
	END IF;
	-- A report that is lost is made up for by the next one.
	PERFORM set_config('synchronous_commit', 'off', true);
	UPDATE datagateway.replicas AS r SET
		reported_at = at, polled_at = polled,
		report_every = ms * least(greatest(report_every_ms, 100), week),
		stale_after = ms * least(greatest(stale_after_ms, 0), week),
		policy_version = policy_version, policy_stamp = policy_stamp,
		policy_seen = policy_seen
	WHERE r.secret = mine;
	IF FOUND THEN
		RETURN;
	END IF;
	-- Those that have ended, and the one whose place this one takes.
	DELETE FROM datagateway.replicas AS r WHERE r.id IN (
		SELECT o.id FROM datagateway.replicas o
		WHERE datagateway.replica_gone_at(o) < at OR
		      (o.name = name AND o.host = host AND o.address = address AND
		       datagateway.replica_silent_at(o) < at)
		FOR UPDATE SKIP LOCKED);
	IF (SELECT count(*) FROM datagateway.replicas) >= 1000 THEN
		RAISE EXCEPTION 'there are too many replicas'
			USING ERRCODE = '54000';
	END IF;
	INSERT INTO datagateway.replicas
		(secret, name, host, address, program, started_at, reported_at,
		 report_every, polled_at, stale_after, policy_version,
		 policy_stamp, policy_seen)
	VALUES (mine, name, host, address, program,
	        at - ms * least(greatest(uptime_ms, 0), 1000 * week), at,
	        ms * least(greatest(report_every_ms, 100), week), polled,
	        ms * least(greatest(stale_after_ms, 0), week),
	        policy_version, policy_stamp, policy_seen);
END
$$;

-- A process that ends says so.
CREATE FUNCTION datagateway.leave_replica(key text) RETURNS void
LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '1s'
AS $$
	DELETE FROM datagateway.replicas
	WHERE secret = sha256(convert_to(key, 'UTF8'))
$$;

REVOKE ALL ON FUNCTION datagateway.report_replica, datagateway.leave_replica
	FROM PUBLIC;
