-- SPDX-License-Identifier: Apache-2.0
-- What was asked and what became of it. Two rows a statement: the decision,
-- committed before anything runs, and the end. Rows are never changed.
--
-- Both are partitioned by time; until partitions are made (006_audit.sql), rows
-- are in the default ones.

CREATE TABLE datagateway.audit_decision (
	statement_id   text NOT NULL,
	at             timestamptz NOT NULL,
	principal      text NOT NULL,
	session_user_name text NOT NULL,
	client_address text NOT NULL,
	source         text NOT NULL, -- the client says so
	cluster        text NOT NULL,
	statement      text NOT NULL, -- its kind
	text           text NOT NULL, -- normalised: no literals
	access         jsonb,
	decision       text NOT NULL,
	rule_id        bigint,
	reason         text NOT NULL,
	policy_version bigint NOT NULL,
	replica        text NOT NULL,
	-- Of the normalised text, in hexadecimal; empty where none was made.
	fingerprint    text NOT NULL DEFAULT '',
	PRIMARY KEY (statement_id, at)
) PARTITION BY RANGE (at);
CREATE INDEX audit_decision_at ON datagateway.audit_decision (at);
CREATE INDEX audit_decision_principal
	ON datagateway.audit_decision (principal, at);
CREATE INDEX audit_decision_fingerprint
	ON datagateway.audit_decision (fingerprint, at);
CREATE INDEX audit_decision_access
	ON datagateway.audit_decision USING gin (access jsonb_path_ops);
CREATE TABLE datagateway.audit_decision_default
	PARTITION OF datagateway.audit_decision DEFAULT;

-- One end a statement, whoever tells it and however often. It lies where its
-- decision does: started_at is the decision's time.
CREATE TABLE datagateway.audit_end (
	statement_id text NOT NULL,
	started_at   timestamptz NOT NULL,
	query_id     text NOT NULL, -- the engine's
	at           timestamptz NOT NULL,
	duration_ms  bigint NOT NULL,
	state        text NOT NULL,
	error_name   text NOT NULL,
	rows         bigint, -- NULL: not known
	bytes        bigint NOT NULL,
	PRIMARY KEY (statement_id, started_at)
) PARTITION BY RANGE (started_at);
CREATE INDEX audit_end_query ON datagateway.audit_end (query_id);
CREATE TABLE datagateway.audit_end_default
	PARTITION OF datagateway.audit_end DEFAULT;
