# SPDX-License-Identifier: Apache-2.0
"""Results through the gateway are the engine's own, row by row."""

import json
import math

import pytest

import lab

QUERIES = 22


def tpch(family):
    """The 22 queries of the corpus, on tpch.tiny."""
    import record_truth  # of tests/conformance
    found = record_truth.statements(lab.corpora_dir(), "tpch", (family,))
    return [sql for _, _, sql in found]


def same(left, right):
    """Sums of doubles depend on the order in which the workers add them."""
    if isinstance(left, float) and isinstance(right, float):
        return math.isclose(left, right, rel_tol=1e-9)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return left == right and type(left) is type(right)


@pytest.mark.parametrize("number", range(1, QUERIES + 1))
@pytest.mark.parametrize("cluster, family",
                         [("blue", "trino"), ("violet", "presto")])
def test_tpch(site, corpora, cluster, family, number):
    sql = tpch(family)[number - 1]
    # Some of the queries read acctbal, which the analyst may not.
    through = site.client("engineer", family).rows(sql)
    direct = site.direct(cluster, sql)
    assert len(through) == len(direct)
    for ours, theirs in zip(through, direct):
        assert same(ours, theirs)


TYPES = """
SELECT 1 AS a, CAST(NULL AS varchar) AS b, 'naïve "quoted" \\ slash' AS c,
  DATE '2020-02-29' AS d, TIMESTAMP '2020-02-29 01:02:03.456' AS e,
  DECIMAL '123.4500' AS f, X'00ff' AS g, ARRAY[1, NULL] AS h,
  MAP(ARRAY['k'], ARRAY[1.5e0]) AS i, CAST(ROW(1, 'x') AS ROW(p bigint, q varchar)) AS j,
  infinity() AS k, nan() AS l, INTERVAL '2' DAY AS m,
  '{"nextUri":"http://127.0.0.1:1/v1/statement/x"}' AS "nextUri",
  chr(128512) AS n, true AS o, CAST(12 AS tinyint) AS p
"""


@pytest.mark.parametrize("cluster, family",
                         [("blue", "trino"), ("violet", "presto")])
def test_types(site, cluster, family):
    result = site.client("analyst", family).run(TYPES)
    assert result.error is None
    direct = site.direct(cluster, TYPES)
    assert json.dumps(result.rows) == json.dumps(direct)


def test_columns_are_described_as_by_the_engine(site):
    sql = "SELECT * FROM tpch.tiny.orders LIMIT 1"
    result = site.client("analyst").run(sql)
    import servers
    direct = servers.run_query(site.clusters["blue"].url(), "trino", sql)
    assert result.columns == direct["columns"]


def test_engine_errors_come_through_with_their_place(site):
    result = site.client("analyst").refused(
        "SELECT name,\n  nationkey / 0\nFROM tpch.tiny.nation"
    )
    assert result.error["errorName"] == "DIVISION_BY_ZERO"


def test_empty_result_and_no_from(site):
    client = site.client("analyst")
    assert client.rows("SELECT name FROM tpch.tiny.nation WHERE false") == []
    assert client.rows("SELECT 1 + 1") == [[2]]
    assert client.rows("VALUES (1, 'a'), (2, 'b')") == [[1, "a"], [2, "b"]]


@pytest.mark.parametrize("family", ["trino", "presto"])
def test_comments_do_not_matter(site, family):
    sql = ("-- first\n/* {\"app\": \"dbt\"} */ SELECT /* a */ count(*) -- b\n"
           "FROM tpch.tiny.nation /* end */")
    assert site.client("analyst", family).rows(sql) == [[25]]
