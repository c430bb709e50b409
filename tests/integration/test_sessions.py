# SPDX-License-Identifier: Apache-2.0
"""What a connection keeps: names, properties, prepared statements, work."""

import urllib.parse

import pytest

from gateway import wait_until

FAMILIES = [("trino", "blue"), ("presto", "violet")]


@pytest.mark.parametrize("family, cluster", FAMILIES)
def test_use(site, family, cluster):
    client = site.client("analyst", family)
    assert client.run("USE tpch.tiny").error is None
    assert (client.catalog, client.schema) == ("tpch", "tiny")
    assert client.rows("SELECT count(*) FROM nation") == [[25]]
    result = client.refused("SELECT acctbal FROM customer")
    assert "tpch.tiny.customer" in result.message


def test_names_resolve_as_in_the_session(site):
    client = site.client("analyst")
    client.catalog, client.schema = "tpch", "sf1"
    result = client.refused("SELECT * FROM customer")
    assert "tpch.sf1.customer" in result.message
    client.catalog, client.schema = "tpch", None
    assert client.rows("SELECT count(*) FROM tiny.nation") == [[25]]


def test_table_without_a_session(site):
    result = site.client("analyst").refused("SELECT * FROM nation")
    assert result.error["errorType"] == "USER_ERROR"


@pytest.mark.parametrize("family, cluster", FAMILIES)
def test_prepared_statements(site, family, cluster):
    client = site.client("analyst", family)
    assert client.run("PREPARE p FROM SELECT name FROM tpch.tiny.nation "
                      "WHERE nationkey = ?").error is None
    assert list(client.prepared) == ["p"]
    assert client.rows("EXECUTE p USING 3") == [["CANADA"]]
    assert client.run("DEALLOCATE PREPARE p").error is None
    assert client.prepared == {}
    client.refused("EXECUTE p USING 3")


@pytest.mark.parametrize("family, cluster", FAMILIES)
def test_prepared_statements_are_decided_when_run(site, family, cluster):
    """Whatever was prepared, and wherever: the text in the header counts."""
    client = site.client("analyst", family)
    client.prepared["p"] = urllib.parse.quote_plus(
        "SELECT acctbal FROM tpch.tiny.customer"
    )
    result = client.refused("EXECUTE p")
    assert result.error["errorName"] == "PERMISSION_DENIED"
    assert client.rows("SELECT 1") == [[1]]  # not named: does not matter


def test_execute_immediate(site):
    client = site.client("analyst")
    assert client.rows("EXECUTE IMMEDIATE 'SELECT ?' USING 5") == [[5]]
    result = client.refused(
        "EXECUTE IMMEDIATE 'SELECT acctbal FROM tpch.tiny.customer'"
    )
    assert result.error["errorName"] == "PERMISSION_DENIED"


def test_go_client_prepares_nothing(site):
    """It sends the header by itself and never a PREPARE."""
    client = site.client("analyst")
    client.prepared["_trino_go"] = urllib.parse.quote_plus(
        "SELECT name FROM tpch.tiny.nation WHERE nationkey = ?"
    )
    assert client.rows("EXECUTE _trino_go USING 3") == [["CANADA"]]


def test_prepared_statement_that_hides(site):
    client = site.client("analyst")
    for text in ("SELECT 1; SELECT 2", "PREPARE q FROM SELECT 1", "EXECUTE p",
                 "not sql", ""):
        client.prepared = {"p": urllib.parse.quote_plus(text)}
        client.refused("EXECUTE p")


def test_empty_session_header(site):
    """dbt sends one."""
    client = site.client("analyst")
    assert client.rows("SELECT 1", headers={"X-Trino-Session": ""}) == [[1]]


def test_session_properties_reach_the_engine(site):
    client = site.client("engineer")
    assert client.run("SET SESSION join_distribution_type = 'BROADCAST'"
                      ).error is None
    assert client.session == {"join_distribution_type": "BROADCAST"}
    assert client.rows("SELECT 1") == [[1]]
    assert client.run("RESET SESSION join_distribution_type").error is None
    assert client.session == {}


def test_session_properties_are_an_allow_list(site):
    client = site.client("analyst")
    client.refused("SET SESSION resource_overcommit = true")
    client.session["resource_overcommit"] = "true"
    client.refused("SELECT 1")


@pytest.mark.parametrize("family, cluster", FAMILIES)
def test_transaction(site, family, cluster):
    client = site.client("analyst", family)
    client.transaction = "NONE"
    assert client.run("START TRANSACTION READ ONLY").error is None
    started = client.transaction
    assert started and started != "NONE"
    assert client.rows("SELECT count(*) FROM tpch.tiny.nation") == [[25]]
    assert client.run("COMMIT").error is None
    assert client.transaction is None


def test_transaction_id_is_sealed(site):
    client = site.client("analyst")
    client.transaction = "NONE"
    client.run("START TRANSACTION READ ONLY")
    mine = client.transaction
    other = site.client("engineer")
    other.transaction = mine
    other.refused("SELECT 1")
    other.transaction = "00000000-0000-0000-0000-000000000000"
    other.refused("SELECT 1")
    assert client.run("ROLLBACK").error is None


def test_transaction_stays_on_its_cluster(site):
    client = site.client("analyst")
    client.session["datagateway.cluster"] = "green"
    client.transaction = "NONE"
    client.run("START TRANSACTION READ ONLY")
    client.session["datagateway.cluster"] = "blue"
    client.refused("SELECT 1")
    client.session["datagateway.cluster"] = "green"
    assert client.rows("SELECT 1") == [[1]]
    client.run("ROLLBACK")


def test_transaction_ends_with_its_lifetime(make_site):
    site = make_site("brief", options={"uri.transaction_lifetime": "1s"})
    client = site.client("analyst")
    client.transaction = "NONE"
    client.run("START TRANSACTION READ ONLY")
    wait_until(lambda: not client.works("SELECT 1"),
               "the transaction to be too old")
    result = client.run("SELECT 1")
    assert result.error["errorName"] == "UNKNOWN_TRANSACTION"
    assert "too long ago" in result.message


def test_time_zone_and_source_pass(site):
    client = site.client("analyst")
    zone = {"X-Trino-Time-Zone": "Asia/Tokyo"}
    assert client.rows("SELECT current_timezone()", headers=zone) == [
        ["Asia/Tokyo"]
    ]


@pytest.mark.parametrize("family, cluster", FAMILIES)
def test_writing(site, family, cluster):
    client = site.client("engineer", family)
    name = f"memory.default.written_{family}"
    client.run(f"DROP TABLE IF EXISTS {name}")
    result = client.run(f"CREATE TABLE {name} AS SELECT * FROM "
                        "tpch.tiny.nation")
    assert result.error is None, result.message
    assert result.replies[-1].json()["updateType"] == "CREATE TABLE"
    result = client.run(f"INSERT INTO {name} SELECT * FROM tpch.tiny.nation")
    assert result.error is None, result.message
    assert client.rows(f"SELECT count(*) FROM {name}") == [[50]]
    site.client("analyst", family).refused(f"SELECT name FROM {name}")
    site.client("analyst", family).refused(f"DROP TABLE {name}")
    assert client.run(f"DROP TABLE {name}").error is None


@pytest.mark.parametrize("family, cluster", FAMILIES)
def test_show_and_describe(site, family, cluster):
    client = site.client("analyst", family)
    assert ["tpch"] in client.rows("SHOW CATALOGS")
    assert ["tiny"] in client.rows("SHOW SCHEMAS FROM tpch")
    assert ["nation"] in client.rows("SHOW TABLES FROM tpch.tiny")
    names = [row[0] for row in client.rows("DESCRIBE tpch.tiny.nation")]
    assert names == ["nationkey", "name", "regionkey", "comment"]
    assert client.rows("EXPLAIN SELECT name FROM tpch.tiny.nation")
