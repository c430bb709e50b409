# SPDX-License-Identifier: Apache-2.0
"""What an engine would check of a statement, asked in-process.

java/AccessPresto.java and java/AccessTrino.java are whole servers over catalogs
of our own making; an access control that writes down what it is asked tells
exactly which rights the engine wants. Here they are started, and their answers
brought into the terms of `datagateway analyze`.
"""

import collections
import json
import pathlib
import subprocess
import sys
import tempfile
import threading

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "deploy" / "engines"))

import artefacts  # noqa: E402  (its folder is added above)
import javas  # noqa: E402

#: set: of jars, of which `folder` holds them; lowest, highest: of Java.
Oracle = collections.namedtuple("Oracle", "program set folder lowest highest")

ORACLES = {
    ("presto", "0.287"): Oracle("AccessPresto", "presto-0.287", ".", 17, 21),
    ("presto", "0.296"): Oracle("AccessPresto", "presto-0.296", ".", 17, 21),
    ("trino", "435"): Oracle("AccessTrino", "trino-435", ".", 17, 21),
    ("trino", "476"): Oracle("AccessTrino", "trino-476", "lib", 24, 99),
}

#: packages that the engines' libraries reach into.
OPENED = (
    "io", "lang", "lang.ref", "lang.reflect", "net", "nio", "security", "util",
    "util.concurrent",
)

#: between the parts of a question.
PART = "\x01"

#: what the engine calls it -> the action of `analyze`.
ACTIONS = {
    "AddColumn": "add_column",
    "AddConstraint": "add_constraint",
    "AlterColumn": "alter_column",
    "CreateCatalog": "create_catalog",
    "CreateFunction": "create_function",
    "CreateMaterializedView": "create_materialized_view",
    "CreateSchema": "create_schema",
    "CreateTable": "create_table",
    "CreateView": "create_view",
    "DeleteFromTable": "delete",
    "DropCatalog": "drop_catalog",
    "DropColumn": "drop_column",
    "DropConstraint": "drop_constraint",
    "DropFunction": "drop_function",
    "DropMaterializedView": "drop_materialized_view",
    "DropSchema": "drop_schema",
    "DropTable": "drop_table",
    "DropView": "drop_view",
    "ExecuteFunction": "function",
    "ExecuteProcedure": "procedure",
    "ExecuteTableProcedure": "table_procedure",
    "GrantSchemaPrivilege": "grant_schema",
    "GrantTablePrivilege": "grant_table",
    "InsertIntoTable": "insert",
    "RefreshMaterializedView": "refresh_materialized_view",
    "RenameColumn": "rename_column",
    "RenameMaterializedView": "rename_materialized_view",
    "RenameSchema": "rename_schema",
    "RenameTable": "rename_table",
    "RenameView": "rename_view",
    "SelectFromColumns": "select",
    "SetColumnComment": "comment_column",
    "SetMaterializedViewProperties": "set_properties",
    "SetSchemaAuthorization": "set_schema_authorization",
    "SetTableAuthorization": "set_table_authorization",
    "SetTableComment": "comment_table",
    "SetTableProperties": "set_properties",
    "SetViewAuthorization": "set_table_authorization",
    "SetViewComment": "comment_view",
    "ShowColumns": "show_columns",
    "ShowColumnsMetadata": "show_columns",
    "ShowCreateFunction": "show_create_function",
    "ShowCreateSchema": "show_create_schema",
    "ShowCreateTable": "show_create",
    "ShowFunctions": "show_functions",
    "ShowSchemas": "show_schemas",
    "ShowTables": "show_tables",
    "ShowTablesMetadata": "show_tables",
    "TruncateTable": "truncate",
    "UpdateTableColumns": "update",
}
ACTIONS |= {
    verb + what: ACTIONS["Grant" + what]
    for verb in ("Revoke", "Deny")
    for what in ("SchemaPrivilege", "TablePrivilege")
}

#: of every statement, and not what a policy of ours is about.
OF_ANY = ("SetUser", "AccessCatalog", "ExecuteQuery")

#: whose rights are those to read what the engine makes of the statement.
SHOWS = ("show", "describe")
GRANTS = ("show_grants", "show_all_grants")


#: (statement, what the engine calls the right) -> what we call it.
MEANT = {
    ("analyze", "insert"): "analyze",
    ("truncate", "delete"): "truncate",
    ("create_materialized_view", "create_table"): "create_materialized_view",
    ("create_materialized_view", "create_view"): "create_materialized_view",
    ("drop_materialized_view", "drop_table"): "drop_materialized_view",
    ("drop_materialized_view", "drop_view"): "drop_materialized_view",
}


def can_run(dialect, version):
    """The reason why not, or None."""
    oracle = ORACLES[dialect, version]
    if javas.find(oracle.lowest, oracle.highest) is None:
        return f"no Java {oracle.lowest} to {oracle.highest} for {dialect}"
    return None


class Engine:
    """The program, started; a context that ends it."""

    def __init__(self, dialect, version, setup, catalogs):
        """setup: [(catalog, schema, statement)] that make the tables."""
        oracle = ORACLES[dialect, version]
        home = javas.find(oracle.lowest, oracle.highest).home
        jars = artefacts.fetch(oracle.set) / oracle.folder
        self.folder = tempfile.TemporaryDirectory(prefix="dg-access-")
        classes = pathlib.Path(self.folder.name)
        subprocess.run(
            [
                home / "bin" / "javac", "-nowarn", "-cp", f"{jars}/*",
                "-d", classes,
                *(HERE / "java" / f"{name}.java"
                  for name in ("Recorder", "Wire", "Oracle", oracle.program)),
            ],
            check=True, stderr=subprocess.DEVNULL,
        )
        file = classes / "setup"
        file.write_bytes(_nul_ended(setup))
        self.log = open(classes / "log", "wb")
        opens = [f"--add-opens=java.base/java.{p}=ALL-UNNAMED" for p in OPENED]
        self.process = subprocess.Popen(
            [
                home / "bin" / "java", *opens,
                "--add-opens=java.base/jdk.internal.loader=ALL-UNNAMED",
                "-Djdk.attach.allowAttachSelf=true", "-Xmx1G", "-Xss16m",
                "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
                *(["--add-modules=jdk.incubator.vector"]
                  if oracle.lowest >= 24 else []),
                "-cp", f"{classes}:{jars}/*", oracle.program, file, *catalogs,
            ],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log,
        )

    def ask(self, questions):
        """[(catalog, schema, statement[, what p is])] -> [answer]."""
        writer = threading.Thread(target=self._write, args=(questions,))
        writer.start()
        lines = [self.process.stdout.readline() for _ in questions]
        writer.join()
        if not all(line.endswith(b"\n") for line in lines):
            log = pathlib.Path(self.folder.name, "log").read_bytes()
            raise RuntimeError("it ended: " + log[-3000:].decode("utf-8"))
        return [json.loads(line) for line in lines]

    def _write(self, questions):
        try:
            self.process.stdin.write(_nul_ended(questions))
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # ask() says why

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()
        self.log.close()
        self.folder.cleanup()


def _nul_ended(questions):
    return b"".join(PART.join(q).encode() + b"\0" for q in questions)


def _is_show(our):
    """Of an answer of `analyze`; the engines make the same of it behind EXPLAIN
    and EXPLAIN ANALYZE, whose kind does not tell what is explained."""
    actions = [entry["action"] for entry in our["access"]]
    if our["statement"].startswith("explain"):
        return actions != [] and all(one.startswith("show_") for one in actions)
    return our["statement"].startswith(SHOWS)


def wanted(answer, our, user="user"):
    """{(action, object): columns} that the engine asks of this user.

    our: what `analyze` says to the same statement: its kind and its access.
    """
    statement = our["statement"]
    is_show = _is_show(our)
    asks_grants = any(entry["action"] in GRANTS for entry in our["access"])
    found = collections.defaultdict(set)
    for check in answer["checks"]:
        name, of = check["check"], check["of"]
        if name in OF_ANY or check.get("user", user) != user:
            continue
        if is_show and name == "SelectFromColumns" \
                and of[0][1] == "information_schema":
            continue
        action, thing, columns = _right(name, of)
        action = MEANT.get((statement, action), action)
        if action == "show_tables" and asks_grants:
            continue  # of its schemas; we want a right to show grants
        if action == "function" and thing[:2] == ("system", "builtin"):
            continue
        found[action, thing] |= set(columns)
    return dict(found)


def _right(name, of):
    if "Role" in name:
        verb = "show_roles" if name.startswith("Show") else "manage_roles"
        return verb, (), ()
    if name == "SetCatalogSessionProperty":
        return "set_session", (f"{of[0]}.{of[1]}",), ()
    if name == "SetSystemSessionProperty":
        return "set_session", (of[0],), ()
    if name == "SetEntityAuthorization":
        kind, *thing = of[0]
        return f"set_{kind.lower()}_authorization", tuple(thing), ()
    action = ACTIONS.get(name, f"? {name}")
    thing = next((part for part in of if isinstance(part, list)), of[:1])
    columns = of[1] if action in ("select", "update") else ()
    return action, tuple(thing), columns


def given(answer):
    """The same out of what `analyze` printed; None as columns: all of them."""
    found = {}
    for entry in answer["access"]:
        action = entry["action"]
        parts = tuple(
            entry[key] for key in ("catalog", "schema", "table")
            if key in entry
        )
        if action in ("set_session", "opaque"):
            parts = (entry.get("name", ""),)
        elif action in ("manage_roles", "show_roles"):
            parts = ()
        elif "name" in entry and action.endswith(("function", "procedure")):
            parts += (entry["name"],)
        columns = set(entry.get("columns", ()))
        before = found.setdefault((action, parts), set())
        if entry.get("all_columns") or before is None:
            found[action, parts] = None
        else:
            before |= columns
    return found


#: what stands for another right of the engine's.
STANDS_FOR = {"function": ("table_function",)}


def missing(engine, ours):
    """What the engine asks and we do not: [(action, object, columns)]."""
    if any(action == "opaque" for action, _ in ours):
        return []  # nobody is let through
    short = []
    for (action, thing), columns in sorted(engine.items()):
        names = (action, *STANDS_FOR.get(action, ()))
        keys = [(name, thing) for name in names if (name, thing) in ours]
        if not keys:
            short.append((action, thing, sorted(columns)))
        elif ours[keys[0]] is not None and columns - ours[keys[0]]:
            short.append((action, thing, sorted(columns - ours[keys[0]])))
    return short


def more(engine, ours):
    """What we ask and the engine does not."""
    long = []
    for (action, thing), columns in sorted(ours.items(), key=str):
        if (action, thing) not in engine:
            long.append((action, thing, []))
        elif columns is None:
            long.append((action, thing, ["*"]))
        elif columns - engine[action, thing]:
            long.append((action, thing, sorted(columns - engine[action, thing])))
    return long


def references(listed, answer, user="user"):
    """{table: columns} of a list of the analyzer's (AccessPresto.java).

    It has the table that a statement changes as well, which is not read.
    """
    written = {
        thing for action, thing in given(answer)
        if action in ("insert", "update", "delete")
    }
    found = collections.defaultdict(set)
    for who, table, columns in listed:
        if who == user and (columns or tuple(table) not in written):
            found[tuple(table)] |= set(columns)
    return dict(found)


def selected(answer):
    """The same of what `analyze` printed; None as columns: all of them."""
    return {
        thing: columns for (action, thing), columns in given(answer).items()
        if action == "select"
    }


def lacks(wanted, listed):
    """[(table, columns)] of wanted that are not listed."""
    return [
        (table, sorted(columns or ())) for table, columns in wanted.items()
        if table not in listed or listed[table] is not None
        and (columns is None or columns - listed[table])
    ]
