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
drop schema empty
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
explain show tables
----
explain analyze show tables
----
-- more: Presto filters the list instead
explain analyze show columns from t
----
explain analyze show schemas
----
-- more: the grants of a table stand for the list of its schema
explain analyze show grants on table t
----
explain analyze select table_name from information_schema.tables
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
----
-- more: Presto asks whether the owner may insert
refresh materialized view m
----
-- more: OR REPLACE destroys what DROP protects
create or replace materialized view n as select a from t
----
create materialized view n as select v.a, u.d from v join u on v.a = u.a
----
drop materialized view m
----
-- more: not there, so the engine asks nothing
drop materialized view if exists nothing
----
-- more: other rules may hold under another name
alter materialized view m rename to n
----
alter materialized view m set properties p = 'x'
----
-- more: SHOW CREATE is asked of the catalog's own access control only in Presto
show create materialized view m
----
select a from m_rows
----
create view n security invoker as select k from v
----
-- more: other rules may hold under another name
alter view v rename to n
----
alter view v set authorization bob
----
alter table t set authorization bob
----
alter table t set authorization role r
----
alter schema forms set authorization bob
----
-- more: the owner it gets
create schema n authorization bob
----
drop schema forms cascade
----
comment on table t is 'x'
----
comment on view v is 'x'
----
comment on column t.a is 'x'
----
comment on column v.a is null
----
alter table t set properties p = 'x'
----
alter table t set properties (p = 'x')
----
alter table t alter column a set data type bigint
----
alter table nn alter column a drop not null
----
alter table nn alter column a set not null
----
alter table t add column if not exists z bigint
----
alter table t add constraint k primary key (a)
----
alter table t add constraint k unique (a)
----
alter table t drop constraint k
----
alter table w add column s.z bigint
----
-- more: other rules may hold under another name
alter table w rename column s.a to z
----
alter table w drop column s.a
----
-- more: the procedure has a name, and rules of its own
alter table t execute optimize
----
-- more: the procedure has a name, and rules of its own
alter table t execute optimize(p => 'x') where a = 1 and c > 2
----
-- more: Presto asks nothing of a procedure
call forms.work()
----
create catalog k using made
----
drop catalog spare
----
select memory.forms.f(a) from t
----
create function memory.forms.g(x bigint) returns bigint return x + 1
----
-- more: OR REPLACE destroys what DROP protects
create or replace function memory.forms.g(x bigint) returns bigint begin declare y bigint default 1; return x + y; end
----
create or replace function memory.forms.f(x bigint) returns bigint return memory.forms.f(x) + 1
----
drop function memory.forms.f(bigint)
----
show create function memory.forms.f
----
show functions from memory.forms
----
show functions like 'x%'
----
with function g(x bigint) returns bigint return x + 1 select g(a) from t
----
with function g(x bigint) returns bigint begin declare y bigint default memory.forms.f(x); return y; end select g(1) from u
----
insert into u with function g(x bigint) returns bigint return x + 1 select g(a), b from t
----
-- more: the function chooses; we cannot know that it reads one column
select * from table(forms.pick(input => table(u), n => 2))
----
-- more: as above
select z from table(memory.forms.pick(table(select a, b from t)))
----
select a from t for version as of 1
----
select a from t for version as of bigint '1'
----
select a from t for timestamp as of timestamp '2020-01-01 00:00:00 UTC' where b = 'x'
----
insert into u select a, b from t for timestamp as of timestamp '2020-01-01 00:00:00 UTC'
----
execute p using 1
-- prepared: select a from t where c > ?
----
execute p
-- prepared: insert into u select a, b from t
----
execute p
-- prepared: delete from t where b = 'x'
----
describe input p
-- prepared: select a from t where c > ?
----
describe output p
-- prepared: select a from t where c > ?
----
execute immediate 'select a from t where c > ?' using 1
----
execute immediate 'update t set b = ''x'' where a = 1'
----
execute immediate 'drop table t'
----
prepare q from select a from t
----
deallocate prepare p
-- prepared: select 1
----
start transaction
----
commit
----
start transaction isolation level serializable, read only
----
rollback
----
set path memory.forms
----
-- more: the time zone is a session property to us
set time zone 'UTC'
----
-- more: the time zone is a session property to us
set time zone local
----
set session authorization bob
----
reset session authorization
----
set role all
----
set role role in memory
----
create role n in memory
----
drop role role in memory
----
grant role to user x in memory
----
revoke role from user x in memory
----
show roles from memory
----
show current roles from memory
----
show role grants from memory
----
grant create on schema forms to x
----
revoke create on schema forms from x
----
deny create on schema forms to x
----
deny select on t to x
----
grant select, insert, delete on t to user x with grant option
----
-- more: the grants of a catalog are one right
show grants
----
show session like 'x%'
----
show tables like 'x%'
----
show schemas like 'x%'
----
-- more: Presto filters the list instead
show columns from t like 'a%'
----
-- more: Presto asks nothing of it
show create schema forms
----
-- more: LIKE shows the columns of u, INCLUDING PROPERTIES what SHOW CREATE does
create table n (like u including properties)
----
-- more: OR REPLACE destroys what DROP protects
create or replace table n (x bigint)
----
-- more: OR REPLACE destroys what DROP protects
create or replace table t as select a from u
----
create table n (x bigint not null) comment 'c' with (p = 'y')
----
create table n (x bigint, primary key (x))
----
with session memory.p = 'x' select a from t
----
merge into u using t on u.a = t.a when matched and t.c > 1 then update set d = t.b when not matched then insert (a) values (t.a)
----
merge into u using t on u.a = t.a when matched then update set d = t.b when not matched then insert (a) values (t.a)
----
merge into u using (select a from t where c > 1) s on u.a = s.a when matched then delete
----
update t set b = 'x', c = 2
----
create type memory.forms.y as (x bigint)
----
create vector index i on t (a)
----
alter table t create branch 'b'
----
alter function memory.forms.f(bigint) called on null input
----
drop catalog spare cascade
----
refresh materialized view old
----
select a from inv
----
select x.a from (select a from inv) x join w on w.k = x.a
----
-- more: Presto asks of the view itself nothing
select a from m
----
select a from old
----
select a from inv2
----
select definv.a, inv.b from definv, inv
----
create table n as select b from inv2
----
-- more: SHOW STATS tells the values' bounds: the right to read all columns
show stats for inv
----
create view n security invoker as select a from inv2
