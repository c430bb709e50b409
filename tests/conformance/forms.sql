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
----
-- more: which columns of its tables a function wants, it says at run time
select * from table(exclude_columns(input => table(t), columns => descriptor(b)))
----
-- rights: a table function needs one, built in or not
select * from table(sequence(1, 5)) as s (n), u
----
-- rights: the engine sets the property when it runs, not when it analyses
with session query_max_run_time = '1h' select a from t
----
select a, sum(c) from t group by auto
----
select a from t union corresponding select a from u
----
select r.x, l[1], t.r.y from t
----
select array[a][1], row(a, b)[1], (a, c), map(array[b], array[c]) from t
----
select cast(a as varchar(5)), try_cast(b as decimal(10, 2)), ts at time zone 'UTC', ts at time zone interval '1' hour from t
----
select trim(both 'x' from b), substring(b from 1 for 2), position('a' in b), normalize(b, NFC), extract(year from ts) from t
----
select listagg(b, ',' on overflow truncate '...' with count) within group (order by c) filter (where a > 1) from t group by l
----
select lag(a) ignore nulls over (order by c), sum(a) over w from t window w as (partition by b order by ts groups between 1 preceding and current row)
----
select count(*) filter (where a > 1), array_agg(b order by c), sum(distinct a), grouping(r) from t group by rollup (r, l)
----
select transform(l, x -> x + a), reduce(l, 0, (s, x) -> s + x, s -> s) from t
----
select e from t cross join unnest(l) with ordinality as z (e, n)
----
select a from t tablesample bernoulli (50)
----
select a from t order by c desc nulls last, b offset 1 row fetch first 2 rows with ties
----
select q.* from t cross join lateral (select t.b as x, a as y) as q
----
select a from t where (a, b) in (select u.a, d from u) and c between 1 and 2 and b like 'x' escape '!' and ts is not null
----
select case a when 1 then b else cast(c as varchar) end, coalesce(b, 'x'), nullif(a, 1), if(a > 1, b), try(a / 0) from t
----
select (select max(u.a) from u where u.d = t.b), exists (select 1 from u where u.a = t.a), a = any (select a from u) from t
----
select * from (select a as k, b from t) x join (select a as k, d from u) y using (k)
----
select * from (values (1, 2)) as v (x, y) where x = (select max(a) from t)
----
select (row(a, b)).*, t.* from t
----
select json_array(a, (select max(d) from u) absent on null), json_object('x' : r.x) from t
----
select m.m from u join t match_recognize (partition by a measures last(x.c) as m pattern (x) define x as x.b is not null) as m on m.a = u.a
----
select * from t match_recognize (partition by a measures avg(x.c) as m all rows per match pattern ({- y -} x) define x as abs(x.c) > 1, y as y.a is null) where b is not null
