# SPDX-License-Identifier: Apache-2.0
"""Views that are read with their reader's rights, and those that are not.

Behind the gateway the engines have no rules of their own: what a reader may
not see, only the gateway keeps from him.
"""

import pytest

import policy
from deaf import DeafCoordinator

SCHEMA = "memory.views"
SECRET = "tpch.tiny.customer"

#: {view: its text behind the name}; each over those before it
VIEWS = {
    "invoker": f"SECURITY INVOKER AS SELECT name, acctbal FROM {SECRET}",
    "definer": f"AS SELECT name, acctbal FROM {SECRET}",
    "filters": "SECURITY INVOKER AS SELECT name FROM tpch.tiny.customer "
               "WHERE acctbal > 0",
    "harmless": "SECURITY INVOKER AS SELECT name FROM tpch.tiny.nation",
    "outer_invoker": f"SECURITY INVOKER AS SELECT name FROM {SCHEMA}.invoker",
    "outer_definer": f"AS SELECT name FROM {SCHEMA}.invoker",
    "over_definer": f"SECURITY INVOKER AS SELECT acctbal FROM {SCHEMA}.definer",
}

#: Presto wants the session to have a schema when it plans such a view.
NESTED = "CREATE OR REPLACE VIEW nested SECURITY DEFINER AS " \
         "SELECT name FROM definer"

REFUSED = ("invoker", "filters", "outer_invoker")
ALLOWED = ("definer", "harmless", "outer_definer", "over_definer")
#: Names that have to be quoted, as they are written.
ODD = [
    '"odd view"', '"it\'s ""odd"""', '"UPPER+lower"', '"dotted.view"',
    '"$x"', '"plain$x"', '"at@1"', '"a,b: text"', '"gr\u00fc\u00dfe \u3042"',
]
ODD_TEXT = f"SECURITY INVOKER AS SELECT name FROM {SECRET} WHERE acctbal > 0"
#: Trino tells what is meant; Presto's definition is all there is to know.
SHORT = f"CREATE OR REPLACE VIEW {SCHEMA}.short SECURITY INVOKER AS " \
        "SELECT name FROM nation"

FAMILIES = {"blue": "trino", "green": "trino", "violet": "presto"}


def with_views(usual, mode="off"):
    """analyst may read all views, and not customer.acctbal."""
    made = usual.change()
    for name in ("blue", "green"):
        made.cluster(name, cross_check=mode)
    made.allow("readers of views", ["role:analysts"], ["read", "refresh"],
               table=SCHEMA + ".*")
    made.allow("engineers look around", ["role:engineers"], ["read"],
               table="system.*.*")
    made.allow("copies", ["role:analysts"], ["create", "drop", "insert"],
               table="memory.views.copy*")
    return made


@pytest.fixture(scope="module")
def views_site(make_site, clusters):
    """Without the cross-check, which would hide what was decided wrongly."""
    site = make_site("views", base=with_views(policy.base(clusters)))
    for cluster, family in FAMILIES.items():
        site.direct(cluster, f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}",
                    user="maker")
        for view, text in VIEWS.items():
            site.direct(
                cluster, f"CREATE OR REPLACE VIEW {SCHEMA}.{view} {text}",
                user="maker",
            )
        for name in ODD:
            site.direct(
                cluster, f"CREATE OR REPLACE VIEW {SCHEMA}.{name} {ODD_TEXT}",
                user="maker",
            )
        site.direct(cluster, NESTED, user="maker", catalog="memory",
                    schema="views")
        site.direct(cluster, SHORT, user="maker", catalog="tpch",
                    schema="tiny")
        site.direct(
            cluster, f"CREATE OR REPLACE VIEW {SCHEMA}.own AS "
            f"SELECT acctbal FROM {SECRET}", user="analyst",
        )
    return site


@pytest.fixture(scope="module")
def checked_site(views_site, make_site, clusters):
    assert views_site  # it has made the views
    return make_site("views-checked",
                     base=with_views(policy.base(clusters), "enforce"))


@pytest.fixture(params=sorted(FAMILIES))
def analyst(request, views_site):
    client = views_site.client("analyst", FAMILIES[request.param])
    client.session["datagateway.cluster"] = request.param
    return client


@pytest.mark.parametrize("view", REFUSED)
def test_refused(analyst, view):
    result = analyst.refused(f"SELECT name FROM\n {SCHEMA}.{view}")
    assert result.error["errorName"] == "PERMISSION_DENIED"
    assert "acctbal" in result.message
    assert SECRET in result.message
    assert result.location == (2, 2)


@pytest.mark.parametrize("view", ALLOWED)
def test_allowed(analyst, view):
    assert analyst.rows(f"SELECT * FROM {SCHEMA}.{view} LIMIT 1")


@pytest.mark.parametrize("cluster", ["blue", "green"])
def test_the_cross_check_agrees(checked_site, cluster):
    """The engine reports through views what was decided through views."""
    client = checked_site.client("engineer")
    client.session["datagateway.cluster"] = cluster
    for view in REFUSED + ALLOWED:
        assert client.rows(f"SELECT * FROM {SCHEMA}.{view} LIMIT 1"), view
    assert checked_site.gateway.metric(
        "datagateway_cross_check_total", result="exceeded") == 0


@pytest.mark.parametrize("cluster", sorted(FAMILIES))
def test_tables_of_catalogs_without_views(views_site, cluster):
    """What they answer is that this is a table: nothing stays unknown."""
    client = views_site.client("engineer", FAMILIES[cluster])
    client.session["datagateway.cluster"] = cluster
    for table in ("tpch.tiny.nation", 'tpch."sf1.0".nation',
                  "system.metadata.catalogs", "system.jdbc.types",
                  "tpch.information_schema.columns",
                  "system.information_schema.tables"):
        error = client.run(f"SELECT * FROM {table} LIMIT 0").error
        assert error is None, error["message"]


def test_nested_by_short_names(analyst):
    """Who has a schema in his session may read such a view on Presto, too."""
    analyst.catalog, analyst.schema = SCHEMA.split(".")
    assert analyst.rows(f"SELECT * FROM {SCHEMA}.nested LIMIT 1")


def test_own_view(analyst):
    """Whom Trino says to be a view's owner reads with the rights he has now."""
    sql = f"SELECT acctbal FROM {SCHEMA}.own LIMIT 1"
    if analyst.family == "trino":
        assert "acctbal" in analyst.refused(sql).message
    else:
        assert len(analyst.rows(sql)) == 1


def test_copy_is_refused_before_it_is_made(analyst):
    """A cross-check would come too late for what writes."""
    analyst.refused(
        f"CREATE TABLE memory.views.copy AS SELECT name FROM {SCHEMA}.filters"
    )
    analyst.works("DROP TABLE IF EXISTS memory.views.copy")
    result = analyst.refused("SELECT * FROM memory.views.copy")
    assert "does not exist" in result.message


@pytest.mark.parametrize("sql", [
    f"EXPLAIN ANALYZE SELECT * FROM {SCHEMA}.filters",
    f"SHOW STATS FOR (SELECT name FROM {SCHEMA}.filters)",
    f"WITH x AS (TABLE {SCHEMA}.filters) SELECT name FROM x",
    f"SELECT 1 WHERE EXISTS (SELECT 1 FROM {SCHEMA}.outer_invoker)",
])
def test_wherever_it_is_named(analyst, sql):
    assert "acctbal" in analyst.refused(sql).message


def test_names_without_catalog(analyst):
    result = analyst.run(f"SELECT name FROM {SCHEMA}.short LIMIT 1")
    if analyst.family == "trino":
        assert len(result.rows) == 1
    else:
        assert result.error["errorName"] == "PERMISSION_DENIED"
        assert f"what view {SCHEMA}.short reads" in result.message


@pytest.mark.parametrize("name", ODD)
def test_odd_names(analyst, name):
    """What has to be quoted is asked for all the same."""
    assert "acctbal" in analyst.refused(
        f"SELECT name FROM {SCHEMA}.{name} LIMIT 1").message


@pytest.fixture(scope="module")
def relay(clusters):
    with DeafCoordinator(clusters["blue"].url()) as coordinator:
        yield coordinator


def test_a_coordinator_that_hangs_up(make_site, clusters, relay):
    """The log alone tells where it is."""
    made = policy.base(clusters).cluster("blue", url=relay.url)
    site = make_site("views-away", base=made)
    relay.is_deaf = relay.hangs_up = True
    address = relay.url.split("//")[1]
    result = site.client("analyst").refused("SELECT name FROM tpch.tiny.nation")
    assert result.error["errorName"] == "QUERY_REJECTED"
    assert "is a view that reads with the rights" in result.message
    assert "(it could not be reached, " in result.message
    for told in address.split(":"):
        assert told not in result.message
    event = site.gateway.wait_for_event("metadata.failed")
    assert address in event["detail"]
    event = site.gateway.wait_for_event("audit.decision")
    assert address not in str(event)
