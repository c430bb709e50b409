# SPDX-License-Identifier: Apache-2.0
"""Statements with one fault, in every kind of place.

Where an engine says that an error is depends on what its parser could still
choose between when it met the fault, that is on all that is open around it. So
each fault stands in each place; {} in a place is the fault.
"""

#: where an expression may stand.
EXPRESSIONS = """
SELECT {}
SELECT a, {}
SELECT DISTINCT {}
SELECT f({})
SELECT f(1, {})
SELECT f(a + {})
SELECT f(DISTINCT {})
SELECT f(a ORDER BY {})
SELECT a + {}
SELECT a + f({})
SELECT a || f(b) || {}
SELECT -{}
SELECT NOT {}
SELECT ({})
SELECT (a, {})
SELECT (a + {})
SELECT ROW({})
SELECT ROW(1, {})
SELECT ARRAY[a + {}]
SELECT a[{}]
SELECT CAST({} AS x)
SELECT CAST(a + {} AS x)
SELECT EXTRACT(YEAR FROM {})
SELECT TRIM({} FROM x)
SELECT COALESCE(a, {})
SELECT IF(a, {})
SELECT TRY({})
SELECT CASE WHEN {} THEN 1 END
SELECT CASE {} WHEN 1 THEN 1 END
SELECT CASE WHEN a + {} THEN 1 END
SELECT CASE WHEN a THEN 1 ELSE {} END
SELECT a + CASE WHEN {} THEN 1 END
SELECT x -> {}
SELECT x -> a + {}
SELECT (x) -> {}
SELECT f(x -> {})
SELECT f(x -> a + {})
SELECT x BETWEEN {}
SELECT x BETWEEN 1 AND {}
SELECT x IS NULL OR {}
SELECT sum(a) FILTER (WHERE {})
SELECT sum(a) OVER (PARTITION BY {})
SELECT sum(a) OVER (ORDER BY a + {})
SELECT a + sum(a) OVER (ORDER BY {})
SELECT a AS b, {}
SELECT a b, c + d, {}
SELECT t.*, {}
SELECT *, {}
SELECT (SELECT {})
SELECT (SELECT a + {})
SELECT (SELECT a FROM t WHERE {})
SELECT a + (SELECT a FROM t WHERE {})
SELECT EXISTS (SELECT a FROM t WHERE {})
SELECT * FROM t WHERE {}
SELECT * FROM t WHERE ({})
SELECT * FROM t WHERE (a + {})
SELECT * FROM t WHERE f(({}))
SELECT * FROM t WHERE NOT(a = 1 AND {})
SELECT * FROM t WHERE a AND {}
SELECT * FROM t WHERE f(1, {})
SELECT * FROM t WHERE f(x -> {})
SELECT * FROM t WHERE a IN ({})
SELECT * FROM t WHERE a IN (1, {})
SELECT * FROM t WHERE ROW(1, {})
SELECT * FROM t WHERE EXISTS (SELECT a FROM t WHERE {})
SELECT * FROM t WHERE CASE WHEN {} THEN 1 END
SELECT a FROM t HAVING {}
SELECT a FROM t LIMIT {}
SELECT * FROM t ORDER BY {}
SELECT * FROM t ORDER BY ({})
SELECT * FROM t GROUP BY {}
SELECT * FROM t GROUP BY ({})
SELECT * FROM t GROUP BY ROLLUP({})
SELECT * FROM t GROUP BY GROUPING SETS (({}))
SELECT * FROM (SELECT {})
SELECT * FROM (SELECT a FROM t WHERE {})
SELECT * FROM t JOIN u ON {}
SELECT * FROM t JOIN u ON ({})
SELECT * FROM UNNEST({})
(SELECT {})
((SELECT a + {}))
SELECT 1 UNION SELECT {}
SELECT 1 UNION (SELECT a + {})
WITH w AS (SELECT a + {}) SELECT 1
VALUES {}
VALUES ({})
VALUES (1, {})
VALUES 1, {}
CALL p({})
CALL p(a => {})
EXECUTE p USING {}
SET SESSION a = {}
INSERT INTO t SELECT {}
INSERT INTO t VALUES ({})
DELETE FROM t WHERE {}
CREATE TABLE t AS SELECT a + {}
CREATE TABLE t WITH (a = {}) AS SELECT 1
CREATE VIEW v AS SELECT {}
EXPLAIN SELECT {}
PREPARE p FROM SELECT {}
"""

#: where the name of an object may stand.
NAMES = """
SELECT * FROM {}
SELECT * FROM a, {}
SELECT * FROM t JOIN {}
SELECT * FROM (t JOIN {})
INSERT INTO {}
INSERT INTO {} SELECT 1
CREATE TABLE {} AS SELECT 1
CREATE VIEW {} AS SELECT 1
CREATE SCHEMA {}
DROP TABLE {}
DROP VIEW IF EXISTS {}
ALTER TABLE {} RENAME TO b
ALTER TABLE a RENAME TO {}
SHOW COLUMNS FROM {}
SHOW TABLES FROM {}
SHOW CREATE TABLE {}
SHOW STATS FOR {}
CALL {}
DELETE FROM {}
ANALYZE {}
DESCRIBE {}
TABLE {}
GRANT SELECT ON {} TO u
USE {}
"""

CALLS = """
g(%s)
h.g(%s)
h.i.g(%s)
g(,s)
g(
g(FROM)
g(.a)
g(AS)
g(')
g(1, %s)
g(DISTINCT %)
year(%)
x IN
x IN (
x IN (%)
x IN (,
x IN 1
x IN (1, %)
x IN )
x NOT IN
x IN '
x IN ('
f(1).%
a[1].%
(a).%
'a''b
'a''b''c
U&'a''b
'abc
"""

CHAINS = """
a.%s
a.b.%s
a.b.c.%
a.
a.b.
a.(
a..b
a."
a.b.from
"""


def lines(text):
    return text.strip("\n").split("\n")


def faults():
    """Every fault in every place where its like may stand."""
    made = [place.replace("{}", fault)
            for place in lines(EXPRESSIONS)
            for fault in lines(CALLS) + lines(CHAINS)]
    made += [place.replace("{}", fault)
             for place in lines(NAMES) for fault in lines(CHAINS)]
    return sorted(set(made))
