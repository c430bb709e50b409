# SPDX-License-Identifier: Apache-2.0
"""What tools do with JDBC drivers, compared with the engine's own answers.

Metadata by patterns, typed parameters, batches, setCatalog, transactions by
setAutoCommit(false), limits, cancel: JdbcTools.java does it, here it is run
straight at the engine and through the gateway.
"""

import pytest

import policy
import statements
from real_clients import run_jdbc_tools

SCHEMA = "memory.jdbc_tools"
TABLES = (f"{SCHEMA}.t", f"{SCHEMA}.t2")
CASES = [
    ("trino-jdbc-476", "trino", "blue"),
    ("trino-jdbc-476", "trino", "green"),
    ("presto-jdbc-0.296", "presto", "violet"),
    ("presto-jdbc-0.287", "presto", "violet"),
]

#: what drivers do not do, wherever they are connected to.
LACKING = {
    "presto-jdbc-0.296": ["primary keys"],
    "presto-jdbc-0.287": ["primary keys", "a batch", "a transaction",
                          "an isolation"],
}


@pytest.fixture(scope="module")
def tools_site(make_site, clusters, tls):
    made = make_site("tools", tls=tls,
                     base=statements.rules(policy.base(clusters)))
    yield made
    for name in clusters:
        clear(made, name)


def clear(site, cluster):
    for table in TABLES:
        site.direct(cluster, f"DROP TABLE IF EXISTS {table}")
    site.direct(cluster, f"DROP SCHEMA IF EXISTS {SCHEMA}")


def make_tables(site, cluster):
    clear(site, cluster)
    site.direct(cluster, f"CREATE SCHEMA {SCHEMA}")
    for table in TABLES:
        site.direct(cluster, f"CREATE TABLE {table} (a bigint, b varchar)")


def through_gateway(site, driver, family, cluster, user):
    address = site.gateway.url.partition("//")[2]
    return run_jdbc_tools(
        driver, f"jdbc:{family}://{address}", SCHEMA, user=user,
        password=policy.PASSWORDS[user], SSL="true",
        SSLTrustStorePath=site.tls.ca,
        sessionProperties=f"datagateway.cluster:{cluster}",
    )


@pytest.mark.parametrize("driver, family, cluster", CASES)
def test_tools(tools_site, driver, family, cluster):
    make_tables(tools_site, cluster)
    engine = tools_site.clusters[cluster].url().partition("//")[2]
    wanted = run_jdbc_tools(driver, f"jdbc:{family}://{engine}", SCHEMA,
                            user="keeper")
    make_tables(tools_site, cluster)
    got = through_gateway(tools_site, driver, family, cluster, "keeper")
    assert list(got) == list(wanted)
    # What does not work at the engine would prove nothing.
    failed = [step for step, text in wanted.items() if "error" in text]
    assert failed == LACKING.get(driver, [])
    for step, text in wanted.items():
        statements.same(f"{step}:\n{got[step]}", f"{step}:\n{text}")


@pytest.mark.parametrize("driver, family, cluster", CASES[1:3])
def test_tools_without_rights(tools_site, driver, family, cluster):
    """Refused where a right is needed; the connection goes on as it was."""
    make_tables(tools_site, cluster)
    got = through_gateway(tools_site, driver, family, cluster, "clerk")
    for step, words in {
        "parameters that change": f"Cannot insert into table {SCHEMA}.t",
        "a batch": f"Cannot insert into table {SCHEMA}.t",
        "a transaction": "Cannot select from table tpch.tiny.region",
        "cancel": "cancelled after rows: false",
    }.items():
        assert words in got[step], got[step]
    assert "O'Neil" in got["parameters"]
    assert got["after all that"] == "row\t1\n"
