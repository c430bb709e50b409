-- SPDX-License-Identifier: Apache-2.0
select m from t match_recognize (partition by a order by c measures x.b as m pattern (x) define x as length(x.b) > 1)
----
select * from t match_recognize (partition by a measures last(b) as m pattern (x) define x as true)
----
select m from t match_recognize (measures classifier() as m all rows per match pattern (x y) define y as y.a > prev(x.a))
----
select m, c from t match_recognize (measures classifier() as m all rows per match pattern (x) define x as true)
----
select * from t match_recognize (measures classifier() as m all rows per match pattern (x) define x as true)
----
select q.b, q.m from t as p match_recognize (partition by p.a order by p.c measures match_number() as m all rows per match pattern (x) define x as true) as q
----
select m, n from t match_recognize (measures classifier(a) as m, count(a.*) as n pattern (a) define a as true)
----
select m from t match_recognize (measures last(s.b) as m pattern (x y) subset s = (x, y) define y as x.a = y.a)
----
select m from t match_recognize (measures "X".b as m pattern (x) define x as true)
----
select m from t match_recognize (measures final last(b) as m, running sum(a) as n pattern (x) define x as true)
----
with w as (select a as k, b from t) select m from w match_recognize (measures x.k as m pattern (x) define x as true)
----
select p from t match_recognize (partition by b measures c as m pattern (x) define x as true) as q (p, n)
----
-- more: with ALL ROWS the names of q are not matched with columns
select p from u match_recognize (order by d all rows per match pattern (x) define x as true) as q (p, n)
----
select m over (partition by a order by c measures last(x.b) as m rows between current row and unbounded following pattern (x) define x as true) from t
----
select m over w from t window w as (measures x.b as m rows between current row and unbounded following pattern (x) define x as x.a > 1)
----
select sum(a) over (rows between current row and unbounded following pattern (x+) define x as x.c > 1) from t
----
select json_exists(b, 'lax $' passing c as v) from t
----
select json_value(b, 'lax $' returning varchar default cast(a as varchar) on empty) from t
----
select json_query(b format json, 'lax $' with wrapper) from t
----
select json_object(b : a, key cast(c as varchar) value b) from t
----
select json_array(b, a, c) from t
----
select v from t, json_table(b, 'lax $' passing a as p columns (v varchar path 'lax $' default cast(c as varchar) on empty, o for ordinality))
----
select j.v, j.w from t left join json_table(t.b, 'lax $' columns (v varchar, nested path 'lax $' columns (w bigint))) as j on true
----
select x, y from t cross join json_table(b, 'lax $' columns (v varchar, w varchar)) as j (x, y)
----
select j.* from t cross join json_table(b, 'lax $' columns (d varchar, e bigint)) as j
----
select * from json_table('[]', 'lax $' columns (a varchar)), t
