# SPDX-License-Identifier: Apache-2.0
"""We read what the engines' own parsers read, and place errors where they do.

Over all corpora: third-party statements, negative tests and half sentences out
of documentation among them. A statement that the engine reads is read by us.
Taking a little more than the engine is harmless (it refuses then), so that is
only kept small.
"""

import json
import pathlib
import re
import subprocess

import pytest

import engine_parsers
from lab import ROOT, corpora_dir

#: the most that we may take and the engine does not: syntax of other versions,
#: checks that the engine's parser does on numbers and argument counts.
OVER_ACCEPTED = 30
#: of statements that both refuse, how many in the same place.
SAME_PLACE = 0.985


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


def parse(program, dialect, version, statements):
    """What `analyze --parse-only` prints for each."""
    done = subprocess.run(
        [
            program,
            "analyze",
            "--dialect",
            dialect,
            "--engine-version",
            version,
            "--parse-only",
            "--jsonl",
            "-",
        ],
        input="".join(json.dumps({"sql": s}) + "\n" for s in statements),
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        check=False,
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(statements)
    return answers


@pytest.fixture(scope="module", params=sorted(engine_parsers.PARSERS))
def dialect(request):
    if engine_parsers.command(request.param) is None:
        pytest.skip("no Java for this engine's parser")
    return request.param


@pytest.fixture(scope="module")
def compared(dialect, corpora, datagateway):
    """[(statement, the engine's error or None, our answer)]"""
    statements = corpus(corpora)
    version = engine_parsers.PARSERS[dialect][3]
    return list(
        zip(
            statements,
            engine_parsers.judge(dialect, statements),
            parse(datagateway, dialect, version, statements),
        )
    )


def kind(answer):
    return "ok" if answer["ok"] else answer["error"]["kind"]


def test_all_that_the_engine_reads(compared):
    refused = [
        (sql, answer["error"])
        for sql, error, answer in compared
        if error is None and kind(answer) != "ok"
    ]
    assert refused == []
    assert sum(error is None and kind(a) == "ok" for _, error, a in compared) > 3600


def test_little_more_than_the_engine(compared):
    taken = [sql for sql, error, answer in compared if error and answer["ok"]]
    assert len(taken) <= OVER_ACCEPTED, taken


def test_errors_in_the_same_place(compared):
    places = [
        (answer["error"]["line"], answer["error"]["column"]) == error[:2]
        for _, error, answer in compared
        if error and kind(answer) == "syntax"
    ]
    assert len(places) > 1000
    assert sum(places) / len(places) >= SAME_PLACE


def soft_word_statements():
    """The templates of the unit test, which has our own keyword table only,
    and those of statements."""
    source = ROOT / "tests/unit/sqlparse/test_promote.c"
    listed = source.read_text().split("places[] = {")[1].split("};")[0]
    places = re.findall(r'"((?:[^"\\]|\\.)*)"', listed)
    table = (ROOT / "sqlparse/keywords.def").read_text()
    words = re.findall(r"^DG_SQL_WORD\((\w+), ", table, re.MULTILINE)
    assert len(places) > 35 and len(words) > 300
    places += PLACES.strip().splitlines()
    return [p.replace("@", w.lower()) for w in words for p in places]


def test_the_same_reading(dialect, corpora, datagateway):
    """Names, tables, scopes and joins are those of the engine's tree."""
    program = datagateway.parent / "tests/conformance/ast_outline"
    if not program.exists():
        pytest.skip("ast_outline is not built beside the program")
    statements = corpus(corpora) + soft_word_statements()
    version = engine_parsers.PARSERS[dialect][3]
    theirs = engine_parsers.outlines(
        engine_parsers.command(dialect, "outline"), statements
    )
    ours = engine_parsers.outlines(
        [str(program), dialect, version], statements
    )
    both = [
        (sql, sorted((a - b).elements()), engine_parsers.added(a, b))
        for sql, a, b in zip(statements, theirs, ours)
        if a is not None and b is not None
    ]
    assert len(both) > 9000
    assert [row for row in both if row[1] or row[2]] == []


def test_soft_words_in_every_place(dialect, datagateway):
    statements = soft_word_statements()
    version = engine_parsers.PARSERS[dialect][3]
    theirs = engine_parsers.judge(dialect, statements)
    ours = parse(datagateway, dialect, version, statements)
    missing = [
        sql
        for sql, error, answer in zip(statements, theirs, ours)
        if error is None and kind(answer) != "ok"
    ]
    assert missing == []


@pytest.mark.parametrize("bench", ["tpch", "tpcds"])
@pytest.mark.parametrize("name", ["trino", "presto"])
def test_benchmarks_are_read(bench, name, datagateway):
    folder = corpora_dir()
    if folder is None:
        pytest.skip("no corpora: set DG_SHARED to a folder that has them")
    with open(folder / f"{name}_{bench}.jsonl", encoding="utf-8") as lines:
        statements = [json.loads(line)["sql"] for line in lines]
    version = engine_parsers.PARSERS[name][3]
    answers = parse(datagateway, name, version, statements)
    assert len(statements) == {"tpch": 22, "tpcds": 103}[bench]
    assert [a for a in answers if not a["ok"]] == []
