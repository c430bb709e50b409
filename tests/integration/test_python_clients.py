# SPDX-License-Identifier: Apache-2.0
"""Python: DBAPI in depth, SQLAlchemy, dbt; compared with the engine's answers."""

import contextlib
import shutil
import subprocess
import sys

import pytest
import yaml

import policy
import statements

SCHEMA = "python_clients"
PLACE = f"memory.{SCHEMA}"


@pytest.fixture(scope="module")
def site(make_site, clusters, tls):
    made = make_site("python", tls=tls,
                     base=statements.rules(policy.base(clusters)))
    clear(made)
    made.direct("blue", f"CREATE SCHEMA {PLACE}")
    yield made
    clear(made)


def clear(site):
    rows = site.direct(
        "blue", "SELECT table_name, table_type FROM "
        "memory.information_schema.tables "
        f"WHERE table_schema = '{SCHEMA}'",
    )
    for name, kind in rows:
        kind = "VIEW" if kind == "VIEW" else "TABLE"
        site.direct("blue", f'DROP {kind} {PLACE}."{name}"')
    site.direct("blue", f"DROP SCHEMA IF EXISTS {PLACE}")


@pytest.fixture(autouse=True)
def no_other_authorities(monkeypatch):
    """requests prefers this over verify=."""
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)


def connect(site, who, **more):
    """who: "engine", or a user of the gateway."""
    trino = pytest.importorskip("trino")
    if who == "engine":
        port = int(site.clusters["blue"].url().rpartition(":")[2])
        return trino.dbapi.connect(host="127.0.0.1", port=port, user="keeper",
                                   catalog="memory", schema=SCHEMA, **more)
    return trino.dbapi.connect(
        host="127.0.0.1", port=site.gateway.port, http_scheme="https",
        auth=trino.auth.BasicAuthentication(who, policy.PASSWORDS[who]),
        verify=str(site.tls.ca), catalog="memory", schema=SCHEMA, **more,
    )


def on_both(site, function, **more):
    """What the function makes of a connection, here and there."""
    answers = []
    for who in ("engine", "keeper"):
        with contextlib.closing(connect(site, who, **more)) as connection:
            answers.append(function(connection))
    statements.same(answers[1], answers[0])
    return answers[1]


def test_cursor(site):
    def use(connection):
        cursor = connection.cursor()
        seen = []
        for sql, values in (
            ("CREATE TABLE c (a bigint, b varchar)", None),
            ("INSERT INTO c VALUES (?, ?)", (1, "it's")),
            ("SELECT a, b FROM c", None),
            ("SELECT ?, ?, ?", (1.5, None, [1, 2])),
            ("DROP TABLE c", None),
        ):
            cursor.execute(sql, values)
            seen.append((cursor.fetchall(), cursor.rowcount,
                         cursor.update_type, cursor.description))
        cursor.execute("SELECT nationkey FROM tpch.tiny.nation ORDER BY 1")
        seen.append((cursor.fetchmany(2), cursor.fetchone(),
                     len(cursor.fetchall())))
        seen.append([(d.name, d.type) for d in cursor.describe(
            "SELECT name AS n FROM tpch.tiny.nation WHERE nationkey = ?")])
        return seen

    seen = on_both(site, use)
    assert seen[2][0] == [[1, "it's"]]


def test_many(site):
    def use(connection):
        cursor = connection.cursor()
        cursor.execute("CREATE TABLE m (a bigint)").fetchall()
        cursor.executemany("INSERT INTO m VALUES (?)", [(1,), (2,), (3,)])
        rows = cursor.execute("SELECT a FROM m ORDER BY a").fetchall()
        cursor.execute("DROP TABLE m").fetchall()
        return rows

    assert on_both(site, use) == [[1], [2], [3]]


def test_legacy_prepared_statements(site):
    """PREPARE and EXECUTE with a header, as older servers need it."""
    def use(connection):
        cursor = connection.cursor()
        cursor.execute("SELECT name FROM tpch.tiny.nation "
                       "WHERE nationkey = ?", (3,))
        return cursor.fetchall()

    assert on_both(site, use, legacy_prepared_statements=True) == [["CANADA"]]


def test_transaction(site):
    trino = pytest.importorskip("trino")

    def use(connection):
        seen = []
        for end in (connection.commit, connection.rollback):
            cursor = connection.cursor()
            cursor.execute("SELECT count(*) FROM tpch.tiny.nation")
            seen.append(cursor.fetchall())
            end()
        return seen

    assert on_both(
        site, use,
        isolation_level=trino.transaction.IsolationLevel.READ_UNCOMMITTED,
    ) == [[[25]], [[25]]]


def test_kill_query(site):
    """The procedure of the engine, for those who may execute it."""
    trino = pytest.importorskip("trino")
    victim = connect(site, "keeper").cursor()
    victim.execute("SELECT l.comment FROM tpch.sf1.lineitem AS l")
    victim.fetchone()
    kill = "CALL system.runtime.kill_query(query_id => " \
        f"'{victim.query_id}', message => 'enough')"
    with pytest.raises(trino.exceptions.TrinoUserError) as refused:
        connect(site, "clerk").cursor().execute(kill).fetchall()
    assert refused.value.error_name == "PERMISSION_DENIED"
    connect(site, "keeper").cursor().execute(kill).fetchall()
    with pytest.raises(trino.exceptions.TrinoQueryError) as killed:
        victim.fetchall()
    assert killed.value.error_name == "ADMINISTRATIVELY_KILLED"
    assert "enough" in killed.value.message


def test_spooled_segments_are_not_asked_for(site):
    """The client asks for an encoding; what comes is the direct protocol."""
    cursor = connect(site, "keeper", encoding="json+zstd").cursor()
    cursor.execute("SELECT l.comment FROM tpch.tiny.lineitem AS l")
    assert len(cursor.fetchall()) == 60175


def test_sqlalchemy(site):
    sqlalchemy = pytest.importorskip("sqlalchemy")

    def use(who):
        engine = sqlalchemy.create_engine(
            f"trino://keeper@x/memory/{SCHEMA}",
            creator=lambda: connect(site, who),
        )
        data = sqlalchemy.MetaData()
        table = sqlalchemy.Table(
            "s", data, sqlalchemy.Column("a", sqlalchemy.BigInteger),
            sqlalchemy.Column("b", sqlalchemy.String),
        )
        data.create_all(engine)
        with engine.begin() as connection:
            connection.execute(table.insert(), [{"a": 1, "b": "x"},
                                                {"a": 2, "b": "y"}])
            rows = connection.execute(
                sqlalchemy.select(table.c.a, sqlalchemy.func.upper(table.c.b))
                .where(table.c.a > 0).order_by(table.c.a)
            ).all()
            connection.execute(sqlalchemy.text(
                "CREATE OR REPLACE VIEW sv AS SELECT a FROM s"))
        look = sqlalchemy.inspect(engine)
        seen = [
            rows, look.get_schema_names() != [], look.get_table_names(),
            look.get_view_names(), look.get_view_definition("sv"),
            [(c["name"], str(c["type"])) for c in look.get_columns("s")],
            look.has_table("s"), look.has_table("nonesuch"),
            look.get_pk_constraint("s"), look.get_indexes("s"),
        ]
        with engine.begin() as connection:
            connection.execute(sqlalchemy.text("DROP VIEW sv"))
        data.drop_all(engine)
        engine.dispose()
        return seen

    wanted = use("engine")
    assert wanted[0] == [(1, "X"), (2, "Y")]
    statements.same(use("keeper"), wanted)


def test_dbt(site, tmp_path):
    """A project with a table, a view on it, and a test; where dbt is."""
    dbt = shutil.which("dbt", path=str(sys.prefix + "/bin"))
    if dbt is None:
        pytest.skip("no dbt: pip install 'dbt-core<1.11' dbt-trino")
    (tmp_path / "models").mkdir()
    for name, text in {
        "dbt_project.yml": {"name": "shop", "version": "1.0",
                            "profile": "shop", "model-paths": ["models"]},
        "profiles.yml": {"shop": {"target": "it", "outputs": {"it": {
            "type": "trino", "method": "ldap", "user": "keeper",
            "password": policy.PASSWORDS["keeper"], "host": "127.0.0.1",
            "port": site.gateway.port, "http_scheme": "https",
            "cert": str(site.tls.ca), "catalog": "memory",
            "schema": SCHEMA, "threads": 1,
        }}}},
        "models/schema.yml": {"version": 2, "models": [
            {"name": "nations", "columns": [
                {"name": "nationkey", "data_tests": ["unique", "not_null"]},
            ]},
        ]},
    }.items():
        (tmp_path / name).write_text(yaml.safe_dump(text), "utf-8")
    for name, text in {
        "nations": "{{ config(materialized='table') }} "
                   "SELECT nationkey, name FROM tpch.tiny.nation",
        "large": "{{ config(materialized='view') }} "
                 "SELECT * FROM {{ ref('nations') }} WHERE nationkey > 20",
    }.items():
        (tmp_path / "models" / f"{name}.sql").write_text(text, "utf-8")
    done = subprocess.run(
        [dbt, "--no-send-anonymous-usage-stats", "build", "--project-dir",
         str(tmp_path), "--profiles-dir", str(tmp_path)],
        capture_output=True, text=True, check=False, timeout=300, cwd=tmp_path,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    assert site.direct("blue", f"SELECT count(*) FROM {PLACE}.large") == [[4]]
