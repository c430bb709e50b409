-- SPDX-License-Identifier: Apache-2.0
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
CREATE TRIGGER begin_change BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE
	ON datagateway.group_mappings
	FOR EACH STATEMENT EXECUTE FUNCTION datagateway.begin_change();
CREATE TRIGGER note_change AFTER INSERT OR UPDATE OR DELETE
	ON datagateway.group_mappings
	FOR EACH ROW EXECUTE FUNCTION datagateway.note_change();

-- As before (004_model.sql), and of group mappings: the same.
ALTER FUNCTION datagateway.apply_changes(jsonb, text, bigint)
	RENAME TO apply_changes_but_groups;
CREATE FUNCTION datagateway.apply_changes(changes jsonb, actor text,
                                          expected_version bigint)
RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
	taken bigint := datagateway.apply_changes_but_groups(changes, actor,
		expected_version);
BEGIN
	DELETE FROM datagateway.group_mappings WHERE name IN
		(SELECT jsonb_array_elements_text(
			changes #> '{group_mappings,delete}'));
	INSERT INTO datagateway.group_mappings AS g (name, roles, description)
	SELECT name, roles, description
	FROM jsonb_to_recordset(changes #> '{group_mappings,set}') AS x
		(name text, roles text[], description text)
	ON CONFLICT (name) DO UPDATE SET
		roles = excluded.roles, description = excluded.description;
	RETURN taken;
END
$$;
