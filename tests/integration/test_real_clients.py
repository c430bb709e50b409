# SPDX-License-Identifier: Apache-2.0
"""The engines' command lines, JDBC drivers and Python clients, with TLS."""

import pytest

import policy
from real_clients import run_cli, run_jdbc

REGIONS = ["AFRICA", "AMERICA", "ASIA", "EUROPE", "MIDDLE EAST"]
FAMILIES = [("trino", "green"), ("presto", "violet")]

SWITCH = {"trino": [], "presto": ["--session", "datagateway.cluster=violet"]}


@pytest.fixture(scope="module")
def marked(tls_site):
    for name in tls_site.clusters:
        tls_site.direct(name, "DROP TABLE IF EXISTS memory.default.whoami")
        tls_site.direct(
            name, "CREATE TABLE memory.default.whoami AS "
                  f"SELECT '{name}' AS cluster",
        )
    yield tls_site
    for name in tls_site.clusters:
        tls_site.direct(name, "DROP TABLE memory.default.whoami")


def cli(site, family, user, sql, *arguments, password=None):
    return run_cli(
        family, site.gateway.url, user, sql,
        password or policy.PASSWORDS[user], site.tls.ca, arguments,
    )


# ---- command lines -----------------------------------------------------------

@pytest.mark.parametrize("family, _", FAMILIES)
def test_cli_query(tls_site, family, _):
    result = cli(tls_site, family, "analyst",
                 "SELECT name FROM tpch.tiny.region ORDER BY 1",
                 *SWITCH[family])
    assert result.status == 0, result.err
    assert [row[0] for row in result.rows] == REGIONS


@pytest.mark.parametrize("family, _", FAMILIES)
def test_cli_refusal_points_into_the_text(tls_site, family, _):
    sql = "select name,\n  acctbal\nfrom tpch.tiny.customer"
    result = cli(tls_site, family, "analyst", sql, *SWITCH[family])
    assert result.status == 1
    assert "Access Denied" in result.err
    assert "acctbal" in result.err
    line = next(t for t in result.err.splitlines() if t.startswith("LINE 2:"))
    assert "acctbal" in line
    caret = result.err.splitlines()[result.err.splitlines().index(line) + 1]
    assert caret.index("^") == line.index("acctbal")


@pytest.mark.parametrize("family, there", FAMILIES)
def test_cli_connects_to_a_cluster(marked, family, there):
    result = cli(marked, family, "engineer",
                 "SELECT cluster FROM memory.default.whoami",
                 "--session", f"datagateway.cluster={there}")
    assert result.rows == [[there]], result.err


def test_cli_client_tag(marked):
    result = cli(marked, "trino", "engineer",
                 "SELECT cluster FROM memory.default.whoami",
                 "--client-tags", "cluster=green,foo")
    assert result.rows == [["green"]], result.err


def test_cli_switches_on_the_fly(marked):
    result = cli(marked, "trino", "engineer",
                 "SELECT cluster FROM memory.default.whoami;"
                 "SET SESSION datagateway.cluster = 'green';"
                 "SELECT cluster FROM memory.default.whoami;"
                 "RESET SESSION datagateway.cluster;"
                 "SELECT cluster FROM memory.default.whoami")
    assert result.status == 0, result.err
    shown = [row[0] for row in result.rows if row[0] in marked.clusters]
    assert shown == ["blue", "green", "blue"]


MOVE = [
    "PREPARE p FROM SELECT cluster FROM memory.default.whoami WHERE 1 = ?",
    "EXECUTE p USING 1",
    "SET SESSION datagateway.cluster = 'green'",
    "EXECUTE p USING 1",
    "USE memory.default",
    "RESET SESSION datagateway.cluster",
    "SELECT cluster FROM whoami",
    "DEALLOCATE PREPARE p",
    "EXECUTE p USING 1",
]


def test_cli_takes_along_what_it_prepared(marked):
    """Prepared statements and names are the connection's, not the cluster's."""
    result = cli(marked, "trino", "engineer", ";".join(MOVE))
    assert result.status == 1
    assert "Prepared statement not found: p" in result.err
    shown = [row[0] for row in result.rows if row[0] in marked.clusters]
    assert shown == ["blue", "green", "blue"], result.out + result.err


def test_jdbc_takes_along_what_it_prepared(marked):
    results = jdbc(marked, "trino-jdbc-476", "trino", None, MOVE,
                   sessionProperties=None)
    assert [r.error for r in results[:-1]] == [None] * (len(MOVE) - 1)
    assert [results[i].rows for i in (1, 3, 6)] == [[["blue"]], [["green"]],
                                                    [["blue"]]]
    assert "Prepared statement not found: p" in results[-1].error


def test_presto_cli_moves_to_the_presto_cluster(marked):
    """The default is a Trino: refused by name, until it says where to go."""
    refused = cli(marked, "presto", "engineer", "SELECT 1")
    assert refused.status == 1
    assert "presto" in refused.err.lower() and "trino" in refused.err.lower()
    result = cli(marked, "presto", "engineer",
                 "SET SESSION datagateway.cluster = 'violet';"
                 "SELECT cluster FROM memory.default.whoami")
    assert result.status == 0, result.err
    assert ["violet"] in result.rows


@pytest.mark.parametrize("family, _", FAMILIES)
def test_cli_wrong_password(tls_site, family, _):
    result = cli(tls_site, family, "analyst", "SELECT 1", password="wrong")
    assert result.status == 1
    assert "1\n" not in result.out


# ---- JDBC --------------------------------------------------------------------

DRIVERS = [
    ("trino-jdbc-476", "trino", "green"),
    ("presto-jdbc-0.296", "presto", "violet"),
    ("presto-jdbc-0.287", "presto", "violet"),
]


def jdbc(site, driver, family, cluster, lines, user="engineer", **more):
    authority = site.gateway.url.partition("//")[2]
    more = {"sessionProperties": f"datagateway.cluster:{cluster}", **more}
    return run_jdbc(
        driver, f"jdbc:{family}://{authority}/tpch/tiny", lines,
        user=user, password=policy.PASSWORDS[user], SSL="true",
        SSLTrustStorePath=site.tls.ca,
        **{k: v for k, v in more.items() if v},
    )


@pytest.mark.parametrize("driver, family, cluster", DRIVERS)
def test_jdbc(marked, driver, family, cluster):
    results = jdbc(marked, driver, family, cluster, [
        "SELECT name FROM region ORDER BY 1",
        "SELECT cluster FROM memory.default.whoami",
        "?SELECT name FROM region WHERE name = ?\tASIA",
        "SELECT l.orderkey, l.comment FROM lineitem l",
        "!info",
    ])
    assert [r.error for r in results] == [None] * 5
    assert [row[0] for row in results[0].rows] == REGIONS
    assert results[1].rows == [[cluster]]
    assert results[2].rows == [["ASIA"]]
    assert len(results[3].rows) == 60175
    assert ["tpch"] in results[4].rows


@pytest.mark.parametrize("driver, family, cluster", DRIVERS)
def test_jdbc_refusal(marked, driver, family, cluster):
    (result,) = jdbc(marked, driver, family, cluster,
                     ["SELECT * FROM customer"], user="analyst")
    code, _, message = result.error.partition(" ")
    assert code == "4"
    assert "Access Denied" in message and "acctbal" in message
    # Drivers never show errorLocation: the text has to.
    assert "line 1:" in message


def test_trino_jdbc_switches_on_the_fly(marked):
    results = jdbc(marked, "trino-jdbc-476", "trino", None, [
        "SELECT cluster FROM memory.default.whoami",
        "SET SESSION datagateway.cluster = 'green'",
        "SELECT cluster FROM memory.default.whoami",
        "RESET SESSION datagateway.cluster",
        "SELECT cluster FROM memory.default.whoami",
    ], sessionProperties=None)
    assert [r.error for r in results] == [None] * 5
    assert [r.rows for r in results[::2]] == [[["blue"]], [["green"]],
                                              [["blue"]]]


@pytest.mark.parametrize("driver", ["presto-jdbc-0.296", "presto-jdbc-0.287"])
def test_presto_jdbc_keeps_the_property(marked, driver):
    results = jdbc(marked, driver, "presto", None, [
        "SET SESSION datagateway.cluster = 'violet'",
        "SELECT cluster FROM memory.default.whoami",
    ], sessionProperties=None)
    assert [r.error for r in results] == [None] * 2
    assert results[1].rows == [["violet"]]


# ---- Python ------------------------------------------------------------------

def trino_connection(site, user="engineer", **more):
    trino = pytest.importorskip("trino")
    return trino.dbapi.connect(
        host="127.0.0.1", port=site.gateway.port, http_scheme="https",
        auth=trino.auth.BasicAuthentication(user, policy.PASSWORDS[user]),
        verify=str(site.tls.ca), catalog="tpch", schema="tiny", **more,
    )


@pytest.fixture(autouse=True)
def no_other_authorities(monkeypatch):
    """requests prefers this over verify=."""
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)


def test_python_trino(marked):
    connection = trino_connection(
        marked, session_properties={"datagateway.cluster": "green"}
    )
    cursor = connection.cursor()
    cursor.execute("SELECT cluster FROM memory.default.whoami")
    assert cursor.fetchall() == [["green"]]
    cursor.execute("SELECT name FROM region WHERE name = ?", ("ASIA",))
    assert cursor.fetchall() == [["ASIA"]]
    cursor.execute("SELECT orderkey, comment FROM lineitem")
    assert len(cursor.fetchall()) == 60175
    cursor.execute("SELECT orderkey FROM lineitem")
    cursor.fetchone()
    cursor.cancel()


def test_python_trino_refusal(marked):
    trino = pytest.importorskip("trino")
    cursor = trino_connection(marked, "analyst").cursor()
    with pytest.raises(trino.exceptions.TrinoUserError) as caught:
        cursor.execute("SELECT * FROM customer")
        cursor.fetchall()
    assert caught.value.error_name == "PERMISSION_DENIED"
    assert "acctbal" in caught.value.message


def test_python_presto(marked):
    prestodb = pytest.importorskip("prestodb")
    connection = prestodb.dbapi.connect(
        host="127.0.0.1", port=marked.gateway.port, http_scheme="https",
        user="engineer", catalog="tpch", schema="tiny",
        auth=prestodb.auth.BasicAuthentication(
            "engineer", policy.PASSWORDS["engineer"]
        ),
        session_properties={"datagateway.cluster": "violet"},
    )
    connection._http_session.verify = str(marked.tls.ca)
    cursor = connection.cursor()
    cursor.execute("SELECT cluster FROM memory.default.whoami")
    assert cursor.fetchall() == [["violet"]]
    cursor.execute("SELECT count(*) FROM lineitem")
    assert cursor.fetchall() == [[60175]]
