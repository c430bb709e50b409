# SPDX-License-Identifier: Apache-2.0
"""Which cluster a statement goes to, and who says so."""

import urllib.parse

import pytest

from gateway import wait_until


@pytest.fixture(scope="module")
def marked(site):
    """Each cluster has a table that tells its name."""
    for name in site.clusters:
        site.direct(name, "DROP TABLE IF EXISTS memory.default.here")
        site.direct(
            name,
            f"CREATE TABLE memory.default.here AS SELECT '{name}' AS cluster",
        )
    yield site
    for name in site.clusters:
        site.direct(name, "DROP TABLE memory.default.here")


HERE = "SELECT cluster FROM memory.default.here"


def where(client, headers=None):
    return client.rows(HERE, headers=headers)[0][0]


def test_global_default(marked):
    assert where(marked.client("engineer")) == "blue"


def test_users_default(make_site, marked):
    site = make_site("default", base=marked.policy.change().user(
        "engineer", default_cluster="green"
    ))
    assert where(site.client("engineer")) == "green"


def test_session_property(marked):
    client = marked.client("engineer")
    client.session["datagateway.cluster"] = "green"
    assert where(client) == "green"


def test_client_tag(marked):
    client = marked.client("engineer")
    tag = {"X-Trino-Client-Tags": "foo,cluster=green"}
    assert where(client, headers=tag) == "green"
    client.session["datagateway.cluster"] = "blue"
    assert where(client, headers=tag) == "blue"


@pytest.mark.parametrize("family, there, back", [
    ("trino", "green", "blue"), ("presto", "violet", None),
])
def test_switch_on_the_fly(marked, family, there, back):
    client = marked.client("engineer", family)
    client.session.clear()
    result = client.run(f"SET SESSION datagateway.cluster = '{there}'")
    assert result.error is None
    last = result.replies[-1].json()
    assert last["updateType"] == "SET SESSION"
    assert last["stats"]["state"] == "FINISHED"
    if family == "trino":
        assert last["columns"] == []
    else:
        # JDBC keeps the property only after a page like the engine's own.
        assert last["columns"][0]["name"] == "result"
        assert last["data"] == [[True]]
    assert client.session == {"datagateway.cluster": there}
    assert where(client) == there
    result = client.run("RESET SESSION datagateway.cluster")
    assert result.error is None
    assert client.session == {}
    if back:
        assert where(client) == back


def test_own_properties_do_not_reach_the_engine(marked):
    client = marked.client("engineer")
    client.session["datagateway.cluster"] = "green"
    rows = client.rows("SELECT 1")
    assert rows == [[1]]  # the engine refuses properties it does not know


@pytest.mark.parametrize("name", ["nowhere", "", "blu", "green ", "a=b"])
def test_unknown_name(marked, name):
    client = marked.client("engineer")
    client.session["datagateway.cluster"] = name
    result = client.refused("SELECT 1")
    assert "cluster" in result.message.lower()


def test_names_compare_without_case(marked):
    """In what is found and in what is forbidden."""
    client = marked.client("engineer")
    client.session["datagateway.cluster"] = "GREEN"
    assert where(client) == "green"
    guest = marked.client("guest")
    guest.session["datagateway.cluster"] = "GREEN"
    guest.refused("SELECT 1")


@pytest.mark.parametrize("sql", [
    "SET SESSION datagateway.cluster = 'nowhere'",
    "SET SESSION datagateway.nothing = 'x'",
    "SET SESSION datagateway.cluster = 1",
    "RESET SESSION datagateway.nothing",
])
def test_bad_set_session(marked, sql):
    client = marked.client("engineer")
    client.refused(sql)
    assert client.session == {}


def test_forbidden_cluster(marked):
    client = marked.client("guest")
    client.session["datagateway.cluster"] = "green"
    assert "green" in client.refused("SELECT 1").message
    client.session.clear()
    client.refused("SET SESSION datagateway.cluster = 'green'")
    assert client.session == {}
    assert len(client.rows("SELECT name FROM tpch.tiny.nation")) == 25


def test_other_family_is_refused_by_name(marked):
    client = marked.client("engineer", "trino")
    client.session["datagateway.cluster"] = "violet"
    message = client.refused("SELECT 1").message.lower()
    assert "presto" in message and "trino" in message
    client = marked.client("engineer", "presto")
    client.session["datagateway.cluster"] = "blue"
    message = client.refused("SELECT 1").message.lower()
    assert "presto" in message and "trino" in message


def test_refused_inside_prepare(marked):
    client = marked.client("engineer")
    client.refused("PREPARE p FROM SET SESSION datagateway.cluster = 'green'")
    client.refused("EXECUTE IMMEDIATE 'SET SESSION datagateway.cluster = "
                   "''green'''")
    assert client.session == {} and client.prepared == {}


def test_prepared_set_session_slipped_into_the_header(marked):
    client = marked.client("engineer")
    client.prepared["p"] = urllib.parse.quote_plus(
        "SET SESSION datagateway.cluster = 'green'"
    )
    client.refused("EXECUTE p")
    assert client.session == {}


def test_switch_away_from_a_dead_cluster(make_site, marked):
    """Answered by the gateway, so a dead cluster is no trap."""
    policy = marked.policy.change()
    policy.cluster("dead", engine="trino", url="http://127.0.0.1:1",
                   metadata_user="x")
    policy.user("engineer", default_cluster="dead")
    site = make_site("dead", base=policy)
    client = site.client("engineer")
    assert client.refused("SELECT 1").error
    assert client.run("SET SESSION datagateway.cluster = 'green'").error is None
    assert where(client) == "green"


def test_version_of_the_default_cluster(marked):
    reply = marked.client("engineer").request("GET", "/v1/info")
    assert reply.status == 200
    info = reply.json()
    version = marked.clusters["blue"].record()["version"]
    assert info["nodeVersion"]["version"].startswith(version)
    assert "environment" in info and info["environment"] != "test"
    assert info["starting"] is False


def test_a_cluster_comes_and_goes(make_site, marked):
    site = make_site("comes")
    client = site.client("engineer")
    client.session["datagateway.cluster"] = "new"
    client.refused("SELECT 1")
    changed = site.policy.change().cluster(
        "new", engine="trino", url=site.clusters["green"].url(),
        metadata_user="datagateway",
    )
    site.apply(changed)
    # The gateway learns the version before it can read the cluster's SQL.
    wait_until(lambda: client.works("SELECT 1"),
               "the new cluster to be usable")
    assert where(client) == "green"
    changed = site.policy.change()
    del changed.clusters["new"]
    site.apply(changed)
    client.refused("SELECT 1")
