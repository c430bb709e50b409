# SPDX-License-Identifier: Apache-2.0
"""Names of which more could be made than the gateway does.

Ordinary tables whose names look like a metadata table's, functions of one word.
"""

import pytest

import policy

TABLE = 'memory.default."pub$secret"'


def changed_policy(usual, deny):
    """Analysts read the schema; denied: the name as it is written."""
    made = usual.change()
    made.allow("analysts read memory", ["role:analysts"], ["read"],
               table="memory.default.*")
    if deny:
        made.deny("not that one", ["role:analysts"], ["select"],
                  table="memory.default.pub$secret")
    return made


@pytest.fixture(scope="module")
def names_site(make_site, clusters):
    site = make_site(
        "names", base=changed_policy(policy.base(clusters), False)
    )
    engineer = site.client("engineer")
    for sql in (f"DROP TABLE IF EXISTS {TABLE}",
                f"CREATE TABLE {TABLE} AS SELECT 4711 AS ssn"):
        assert engineer.run(sql).error is None
    yield site
    site.direct("blue", f"DROP TABLE IF EXISTS {TABLE}")


def test_read_with_the_right_on_its_base(names_site):
    """And the cross-check takes the name that the engine reports."""
    exceeded = names_site.gateway.metric(
        "datagateway_cross_check_total", result="exceeded"
    )
    analyst = names_site.client("analyst")
    assert analyst.rows(f"SELECT ssn FROM {TABLE}") == [[4711]]
    assert analyst.rows(f"DESCRIBE {TABLE}")[0][0] == "ssn"
    assert names_site.gateway.metric(
        "datagateway_cross_check_total", result="exceeded"
    ) == exceeded


def test_right_on_its_base_is_needed(names_site):
    result = names_site.client("guest").refused(f"SELECT ssn FROM {TABLE}")
    assert result.error["errorName"] == "PERMISSION_DENIED"
    assert "memory.default.pub" in result.message


def test_name_of_any_number_of_tables(names_site):
    result = names_site.client("engineer").refused(
        'SELECT 1 FROM tpch.tiny."nat*"'
    )
    assert "may mean several tables" in result.message


def test_words_are_no_functions_of_a_catalog(names_site):
    """The path that the engine goes along is ours, not its sql.path."""
    analyst = names_site.client("analyst")
    assert analyst.rows("SELECT current_path, upper('a')") == [
        ["system.builtin", "A"]
    ]


def test_replacing_needs_drop(names_site):
    made = changed_policy(names_site.policy, False)
    made.allow("analysts create", ["role:analysts"], ["create"],
               table="memory.default.*")
    names_site.apply(made)
    result = names_site.client("analyst").refused(
        "CREATE OR REPLACE VIEW memory.default.replaced AS SELECT 1 a"
    )
    assert result.error["errorName"] == "PERMISSION_DENIED"
    assert "drop view memory.default.replaced" in result.message


def test_denied_by_the_name_as_written(names_site):
    """Last: applying a policy adds rules and takes none away."""
    names_site.apply(changed_policy(names_site.policy, True))
    analyst = names_site.client("analyst")
    for sql in (f"SELECT ssn FROM {TABLE}",
                f"SELECT count(*) FROM (TABLE {TABLE}) t",
                "WITH x AS (SELECT * FROM memory.default.\"PUB$Secret\") "
                "SELECT 1",
                f"DESCRIBE {TABLE}"):
        result = analyst.refused(sql)
        assert result.error["errorName"] == "PERMISSION_DENIED", sql
        assert "memory.default.pub$secret" in result.message, sql
        assert "4711" not in str([reply.body for reply in result.replies])
