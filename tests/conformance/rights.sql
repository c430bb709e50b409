-- SPDX-License-Identifier: Apache-2.0
insert into u select a, b from t where c > 1
----
insert into u (d) select k from v
----
insert into t (a, r) values (1, row(1, 'x'))
----
delete from t
----
delete from t where a = 1 and b in (select d from u)
----
update t set b = 'x'
----
update t set b = (select max(d) from u where u.a = t.a), c = c + 1 where r.x = 1
----
create table n as select * from u
----
create table n (x, y) as select a, c from t with no data
----
create table n (x bigint, y varchar)
----
-- more: LIKE shows the columns of t; Presto asks nothing
create table n (like t, z bigint)
----
-- more: the table is there, so the engine asks nothing; we do not know that
create table if not exists u (z bigint)
----
create view n as select k from v
----
-- more: it destroys what DROP protects
create or replace view v as select a, d as k from u
----
drop table t
----
drop view v
----
-- more: not there, so the engine asks nothing
drop table if exists nothing
----
-- more: other rules may hold under another name
alter table t rename to n
----
alter table t add column z bigint
----
-- more: other rules may hold under another name
alter table t rename column a to z
----
alter table t drop column a
----
-- more: hidden columns, too
analyze t
----
truncate table t
----
create schema n
----
create schema memory.n
----
drop schema forms
----
-- more: other rules may hold under another name
alter schema forms rename to n
----
show schemas
----
show schemas from tpch
----
show tables
----
show tables from tpch.tiny
----
-- more: Presto filters the list instead
show columns from t
----
-- more: Presto filters the list instead
describe v
----
-- more: Presto asks the catalog's own access control only, which may not know of it
show create table t
----
-- more: as above
show create view v
----
-- more: the engine filters the list instead
show catalogs
----
show functions
----
show session
----
-- more: opaque where the engine has roles of the system, which no rule can name
show roles
----
-- more: opaque where the engine has roles of the system, which no rule can name
show current roles
----
-- more: opaque where the engine has roles of the system, which no rule can name
show role grants
----
-- more: the grants of a table stand for the list of its schema
show grants on table t
----
-- more: SHOW STATS tells the values' bounds: the right to read all columns
show stats for t
----
show stats for (select a from t where c > 1)
----
explain select a from t where b = 'x'
----
explain (type validate) select a from t
----
explain (type logical) insert into u select a, b from t
----
explain (type io) select a from t
----
explain analyze select a from v
----
set session memory.p = 'x'
----
reset session memory.p
----
set session query_max_run_time = '1h'
----
grant select on t to x
----
grant all privileges on t to x
----
revoke insert on t from x
----
create role n
----
drop role role
----
grant role to user x
----
revoke role from user x
----
-- more: the engine filters what there is instead
use tpch.tiny
----
select k, n from vv
----
select t.r.x, s.b.c, l[1] from t, w
----
select (s).b.d from w
----
select s.b from w where s.a in (select a from u)
----
-- more: hidden columns, too
table t
----
-- more: hidden columns, too
table v
----
values (1, (select max(a) from t))
----
-- more: its columns are in no metadata of this test
select * from information_schema.columns where table_name = 't'
----
select node_id from system.runtime.nodes
----
with c as (select * from t), d as (select a from c) select 1 from d
----
select count(*) from t
----
select 1 from t, u
