# SPDX-License-Identifier: Apache-2.0
"""Tags, networks, modes, catalogs by other names, rules that break the glass:
through the program, on real engines."""

import datetime
import json

import pytest

from gateway import wait_until

FAMILIES = [("trino", "blue"), ("presto", "violet")]
NATION = "SELECT name FROM tpch.tiny.nation WHERE nationkey = 3"


@pytest.fixture(scope="module")
def site(make_site):
    return make_site("model")


@pytest.fixture
def usual(site):
    """The policy as it is, and will be again."""
    policy = site.policy.change()
    yield policy
    site.apply(policy)


def decision(site, sql):
    """What the audit says of the newest statement with this in its text."""
    def find():
        return site.sql(
            "SELECT decision, reason, access FROM datagateway.audit_decision "
            f"WHERE text ILIKE '%{sql}%' ORDER BY at DESC LIMIT 1")
    outcome, reason, access = wait_until(find, sql)[0]
    return outcome, reason, json.loads(access)


@pytest.mark.parametrize("family, cluster", FAMILIES)
def test_tags(site, usual, family, cluster):
    client = site.client("analyst", family)
    site.apply(usual.change()
          .tag("secret", "tpch.tiny.nation.comment", "tpch.sf1")
          .tag("open", "tpch.tiny.region.name")
          .deny("no secrets", ["public"], ["select"], tags=["secret"],
                **{"except": ["role:engineers"]})
          .allow("outsider uses", ["outsider"], ["use"], cluster="*")
          .allow("outsider reads", ["outsider"], ["read"], tags=["open"]))
    assert client.rows(NATION) == [["CANADA"]]
    result = client.refused("SELECT comment FROM tpch.tiny.nation")
    assert "columns [comment] in table tpch.tiny.nation" in result.message
    client.refused("SELECT count(*) FROM tpch.sf1.nation")
    engineer = site.client("engineer", family)
    assert len(engineer.rows("SELECT * FROM tpch.tiny.nation")) == 25
    outsider = site.client("outsider", family)
    assert len(outsider.rows("SELECT name FROM tpch.tiny.region")) == 5
    outsider.refused("SELECT comment FROM tpch.tiny.region")
    outsider.refused(NATION)
    assert "region" in str(outsider.rows("SHOW TABLES FROM tpch.tiny"))


def test_networks(site, usual):
    client = site.client("analyst")
    site.apply(usual.change().deny(
        "not from here", ["analyst"], ["select"], table="tpch.tiny.nation",
        networks=["127.0.0.0/8"]))
    client.refused(NATION)
    site.apply(usual.change().deny(
        "not from there", ["analyst"], ["select"], table="tpch.tiny.nation",
        networks=["10.0.0.0/8", "::/0"]))
    assert client.rows(NATION) == [["CANADA"]]
    site.apply(usual.change()
          .allow("outsider uses", ["outsider"], ["use"], cluster="*",
                 networks=["127.0.0.1"])
          .allow("outsider reads", ["outsider"], ["select"],
                 table="tpch.tiny.nation", networks=["127.0.0.0/8"]))
    assert site.client("outsider").rows(NATION) == [["CANADA"]]


@pytest.mark.parametrize("family, cluster", FAMILIES)
def test_observed_cluster(site, usual, family, cluster):
    client = site.client("analyst", family)
    site.apply(usual.change().cluster(cluster, mode="observe"))
    before = site.gateway.metric("datagateway_observed_denials_total")
    sql = f"SELECT acctbal, name FROM tpch.tiny.customer WHERE 7 = {before} + 7"
    client.run(sql)
    site.gateway.wait_for_metric("datagateway_observed_denials_total",
                                 before + 1)
    outcome, reason, access = decision(site, "acctbal, name FROM tpch")
    assert (outcome, reason) == ("allowed", "would_deny")
    (entry,) = [a for a in access if a["table"] == "customer"]
    assert entry["would_deny"] == "denied_by_rule"
    assert entry["missing"] == ["acctbal"] and entry["rule"] > 0
    assert client.rows("SHOW SCHEMAS FROM memory")
    # Nobody knows what these do, and who may come in is not observed.
    client.refused("SET ROLE ALL" if family == "presto"
                   else "SET SESSION AUTHORIZATION bob")
    assert site.client("outsider", family).refused(NATION)


def test_observed_catalog(site, usual):
    client = site.client("analyst")
    site.apply(usual.change().catalog("tpch", mode="observe"))
    assert len(client.rows("SELECT acctbal FROM tpch.tiny.customer "
                           "WHERE custkey = 1")) == 1
    client.refused("CREATE SCHEMA memory.observed")


def test_catalogs_by_other_names(site, usual):
    """On blue the rules about tpch are rules about something else."""
    client = site.client("analyst")
    site.apply(usual.change()
          .cluster("blue", catalogs=["tpch=other"])
          .allow("analysts read other", ["role:analysts"], ["read"],
                 table="other.tiny.region"))
    client.refused(NATION)
    assert len(client.rows("SELECT name FROM tpch.tiny.region")) == 5
    assert site.client("analyst", "presto").rows(NATION) == [["CANADA"]]


def test_break_glass(site, usual):
    soon = (datetime.datetime.now(datetime.timezone.utc) +
            datetime.timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    site.apply(usual.change()
          .allow("outsider uses", ["outsider"], ["use"], cluster="*")
          .allow("incident", ["outsider"], ["select"], break_glass=True,
                 table="tpch.tiny.nation", valid_until=soon,
                 reason="incident 815"))
    outsider = site.client("outsider")
    assert outsider.rows("SELECT name, 'glass' FROM tpch.tiny.nation "
                         "WHERE nationkey = 3") == [["CANADA", "glass"]]
    _, _, access = decision(site, "SELECT name, ? FROM tpch.tiny.nation")
    assert access[0]["break_glass"] is True


def test_login_methods(site, usual):
    site.apply(usual.change().user("analyst", auth_methods=["token"]))
    assert site.client("analyst").post("SELECT 1").status == 401
    site.apply(usual.change().user("analyst", auth_methods=["password"]))
    assert site.client("analyst").rows("SELECT 1") == [[1]]


@pytest.mark.parametrize("family, cluster", FAMILIES)
def test_session_properties(site, usual, family, cluster):
    """In the header, in SET SESSION and in WITH SESSION alike."""
    site.apply(usual.change().allow(
        "runs long", ["analyst"], ["set"], property="query_max_run_time"))
    for name, right in [("query_max_run_time", True),
                        ("query_max_execution_time", False)]:
        client = site.client("analyst", family)
        statement = f"SET SESSION {name} = '1h'"
        refused = f"Cannot set system session property {name}"
        client.session[name] = "1h"
        if right:
            assert client.rows("SELECT 1") == [[1]]
        else:
            assert refused in client.refused("SELECT 1").message
        del client.session[name]
        if right:
            assert client.run(statement).error is None
            assert client.session[name] == "1h"
        else:
            assert refused in client.refused(statement).message
        if family == "trino":
            sql = f"WITH SESSION {name} = '1h' SELECT 1"
            if right:
                assert client.rows(sql) == [[1]]
            else:
                assert refused in client.refused(sql).message


def test_impersonation_by_role(site, usual):
    site.apply(usual.change().allow(
        "outsider speaks for analysts", ["outsider"], ["impersonate"],
        user="role:analysts"))
    client = site.client("outsider")
    result = client.run(NATION, headers={"X-Trino-User": "analyst"})
    assert result.rows == [["CANADA"]]
    result = client.refused(NATION, headers={"X-Trino-User": "engineer"})
    assert "cannot impersonate user engineer" in result.message
