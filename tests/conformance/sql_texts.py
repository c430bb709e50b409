# SPDX-License-Identifier: Apache-2.0
"""The statements that are asked: third-party corpora, and words in all places.

The corpora are read where they lie (lab.corpora_dir), never copied.
"""

import json
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent

#: statements beside queries; @ is any word. Not all are of both engines.
PLACES = """
update @ set @ = @ where @
create table @ (@ bigint, @ varchar)
create table @.@ (a @)
create table t (like @)
alter table @ rename to @.@
alter table @ add column @ bigint
alter table @ drop column @
alter table @ rename column @ to @
alter table t set properties (@ = 1)
alter table t set properties @ = 1
drop schema @.@
create schema @ with (@ = @)
alter schema @ rename to @
call @(@ => 1, @)
call @.@(@)
grant @ to @
grant @, @ to @, @ with admin option granted by @
grant @ to role @
grant @ to user @, role @
grant @ on @ to @
grant @ on table @.@ to @
grant select on @ to role @
revoke @ from @
revoke @, @ on @ from @
revoke grant option for @ on @ from user @
revoke admin option for @ from @
create role @ with admin @
create role @ with admin role @
set role @
drop role @
analyze @
analyze @ with (@ = @)
explain analyze @
explain @
show stats for @
show create table @
show create view @.@
show columns from @
show tables from @.@
describe @
describe @.@
describe input @
describe output @
desc @
merge into @ @ using @ @ on @ when matched then update set @ = @ when not matched then insert (@) values (@)
merge into @ as @ using @ on @ = @ when matched then update set @ = 1
merge into @ using (select 1) @ on @ when not matched then insert values (@)
refresh materialized view @
drop materialized view @
create materialized view @ as table @
show grants on @
show grants on table @
show roles from @
show role grants from @
truncate table @
prepare @ from select @
execute @ using @
deallocate prepare @
create function @(@ bigint) returns bigint return @
create function @() returns @ return 1
create function f(@ @) returns bigint return 1
create function f(@) returns bigint return 1
drop function @(@)
drop function @()
alter view @ rename to @
create view @ as select @
create view @ security definer as select 1
drop view @
reset session @
reset session @.@
set session @ = 1
comment on table @ is 'x'
comment on column @.@ is 'x'
alter table @ set authorization @
alter table t set authorization role @
alter table t set authorization user @
alter @ x set authorization u
alter table t execute @
alter table t execute @(@ => 1) where @
alter table t alter column @ set data type @
alter table t alter column @ drop not null
create catalog @ using @
drop catalog @
create schema s authorization @
create schema s authorization user @
show functions from @
set path @.@, @
set session authorization @
set time zone @
deny @ on @ to @
grant @ on schema @ to @
grant a on @ b to @
create role @ in @
show create schema @
show create function @
create function f() returns bigint begin declare @, a bigint default @; set @ = @; return @; end
create function f() returns bigint @: loop leave @; end loop
create function f() returns bigint begin if @ then return @; elseif @ then iterate @; else set @ = 1; end if; end
create function f() returns bigint while @ do set a = 1; end while
create function f() returns bigint repeat set a = 1; until @ end repeat
create function f() returns bigint case @ when @ then return @; end case
create function f() returns bigint language @ return 1
create function f() returns bigint begin declare a @; return 1; end
alter table t add constraint @ unique (@, @)
alter table t drop constraint @
alter table t alter @ set not null
alter table t alter column @ set not null
alter table t alter @ drop not null
create table t (@ bigint, constraint @ primary key (@))
create table t (@ bigint, unique (@))
create table t (unique @)
create table t (primary @)
create type @ as (@ bigint)
create type @ as @
alter function @ called on null input
create function @(a @) returns @ language @ external name @
create temporary function @() returns @ return @
drop temporary function @
show create function @(@)
create or replace table @ (@) as select 1
create table @ (@, @) as select 1
insert into @ (@) select @
insert into @ select @
insert into @.@ values (@)
delete from @ where @
with @ (@) as (select 1) select 1
with recursive @ as (select 1) select 1
start transaction isolation level @
show session like @
explain (type @) select 1
explain (format @) select 1
use @
create vector index @ on @ (@)
"""


def corpus(folder):
    """All that is in the folder, each text once."""
    found = set()
    for path in sorted(pathlib.Path(folder).glob("*.jsonl")):
        with open(path, encoding="utf-8") as lines:
            found.update(json.loads(line)["sql"] for line in lines)
    return sorted(
        text
        for text in found
        if text.strip()
        and "\0" not in text
        and text.encode("utf-8", "replace").decode() == text
    )


def soft_words():
    """The templates of the unit test, which has our own keyword table only,
    and those of statements."""
    source = ROOT / "tests/unit/sqlparse/test_promote.c"
    listed = source.read_text().split("places[] = {")[1].split("};")[0]
    places = re.findall(r'"((?:[^"\\]|\\.)*)"', listed)
    table = (ROOT / "sqlparse/scan/keywords.def").read_text()
    words = re.findall(r"^DG_SQL_WORD\((\w+), ", table, re.MULTILINE)
    assert len(places) > 35 and len(words) > 300
    places += PLACES.strip().splitlines()
    return [p.replace("@", w.lower()) for w in words for p in places]
