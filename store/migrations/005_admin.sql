-- SPDX-License-Identifier: Apache-2.0
-- Who may use the admin API, and what a write repeated is answered with.

-- Only the hash of a token is kept. A token acts for its subject: that is the
-- name in the change log.
CREATE TABLE datagateway.admin_tokens (
	id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name         text NOT NULL CHECK (datagateway.is_name(name)),
	subject      text NOT NULL CHECK (datagateway.is_name(subject)),
	role         text NOT NULL
	             CHECK (role IN ('admin', 'steward', 'auditor')),
	-- "RESOURCE:read", "RESOURCE:write"; empty: all that the role may do.
	scopes       text[] NOT NULL DEFAULT '{}'
	             CHECK (array_position(scopes, NULL) IS NULL),
	hash         bytea NOT NULL CHECK (length(hash) = 32),
	created_by   text NOT NULL,
	created_at   timestamptz NOT NULL DEFAULT now(),
	expires_at   timestamptz NOT NULL CHECK (isfinite(expires_at)),
	revoked_at   timestamptz,
	last_used_at timestamptz
);

-- Tokens are no policy: their changes are logged without a new version.
CREATE FUNCTION datagateway.note_token_change() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
	was jsonb := CASE WHEN TG_OP <> 'INSERT'
	             THEN to_jsonb(OLD) - 'hash' - 'last_used_at' END;
	is_now jsonb := CASE WHEN TG_OP <> 'DELETE'
	                THEN to_jsonb(NEW) - 'hash' - 'last_used_at' END;
BEGIN
	IF was IS NOT DISTINCT FROM is_now THEN
		RETURN NULL;
	END IF;
	INSERT INTO datagateway.policy_change
		(version, actor, object, name, before, after)
	SELECT version,
	       coalesce(nullif(current_setting('datagateway.actor', true), ''),
	                session_user),
	       TG_TABLE_NAME, coalesce(is_now, was) ->> 'name', was, is_now
	FROM datagateway.policy_version;
	RETURN NULL;
END
$$;
CREATE TRIGGER note_change AFTER INSERT OR UPDATE OR DELETE
	ON datagateway.admin_tokens
	FOR EACH ROW EXECUTE FUNCTION datagateway.note_token_change();
CREATE TRIGGER note_truncate AFTER TRUNCATE ON datagateway.admin_tokens
	FOR EACH STATEMENT EXECUTE FUNCTION datagateway.note_truncate();

CREATE FUNCTION datagateway.create_token(name text, subject text, role text,
	scopes text[], hash bytea, seconds bigint, actor text)
RETURNS datagateway.admin_tokens
LANGUAGE sql AS $$
	SELECT set_config('datagateway.actor', actor, true);
	INSERT INTO datagateway.admin_tokens
		(name, subject, role, scopes, hash, created_by, expires_at)
	VALUES (name, subject, role, scopes, hash, actor,
	        now() + make_interval(secs => seconds))
	RETURNING *
$$;

-- False: there is none that could be revoked.
CREATE FUNCTION datagateway.revoke_token(token bigint, actor text)
RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM set_config('datagateway.actor', actor, true);
	UPDATE datagateway.admin_tokens SET revoked_at = now()
	WHERE id = token AND revoked_at IS NULL;
	RETURN FOUND;
END
$$;

-- What a write with an Idempotency-Key was answered; for a day.
CREATE TABLE datagateway.admin_replies (
	token   bigint NOT NULL REFERENCES datagateway.admin_tokens (id)
	        ON DELETE CASCADE,
	key     text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
	request text NOT NULL, -- a hash of it
	status  integer NOT NULL,
	etag    text NOT NULL,
	body    text NOT NULL,
	version bigint NOT NULL,
	at      timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (token, key)
);
CREATE INDEX admin_replies_at ON datagateway.admin_replies (at);

-- apply_changes, and in the same transaction the reply to keep. A dry run does
-- all of it, checks what is checked at the end, and undoes it with DG003.
CREATE FUNCTION datagateway.admin_write(changes jsonb, actor text,
	expected_version bigint, dry_run boolean, token bigint, key text,
	request text, status integer, etag text, body text)
RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
	taken bigint;
BEGIN
	taken := datagateway.apply_changes(changes, actor, expected_version);
	IF dry_run THEN
		SET CONSTRAINTS ALL IMMEDIATE;
		RAISE EXCEPTION 'a dry run changes nothing'
			USING ERRCODE = 'DG003';
	END IF;
	IF key IS NOT NULL THEN
		DELETE FROM datagateway.admin_replies
		WHERE at < now() - interval '1 day';
		INSERT INTO datagateway.admin_replies
			(token, key, request, status, etag, body, version)
		VALUES (token, key, request, status, etag, body, taken);
	END IF;
	RETURN taken;
END
$$;
