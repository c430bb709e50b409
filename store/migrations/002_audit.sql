-- SPDX-License-Identifier: Apache-2.0
-- What was asked and what became of it. Two rows a statement: the decision,
-- committed before anything runs, and the end. Rows are never changed.
--
-- audit_decision is partitioned by time; until partitions are made, its rows
-- are in the default one.

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
	PRIMARY KEY (statement_id, at)
) PARTITION BY RANGE (at);
CREATE INDEX audit_decision_at ON datagateway.audit_decision (at);
CREATE INDEX audit_decision_principal
	ON datagateway.audit_decision (principal, at);
CREATE TABLE datagateway.audit_decision_default
	PARTITION OF datagateway.audit_decision DEFAULT;

-- One end a statement, whoever tells it and however often.
CREATE TABLE datagateway.audit_end (
	statement_id text PRIMARY KEY,
	query_id     text NOT NULL, -- the engine's
	at           timestamptz NOT NULL,
	duration_ms  bigint NOT NULL,
	state        text NOT NULL,
	error_name   text NOT NULL,
	rows         bigint, -- NULL: not known
	bytes        bigint NOT NULL
);
CREATE INDEX audit_end_at ON datagateway.audit_end (at);
