#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Do the checks find what they are for? Each is run over a small tree that is
in order, and again with one thing wrong."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from lint import finish

HERE = Path(__file__).resolve().parent
SPDX = "/* SPDX-License-Identifier: Apache-2.0 */\n"
HEAD = SPDX + "/*\n * a file of the self-test.\n */\n"
FSM = HEAD + """static const struct dg_fsm_state states[] = {
	[A] = {"a", DG_FSM_TO(B), true},
	[B] = {"b", 0, false},
};
"""
TABLE = """| folder (target) | is | may link |
|---|---|---|
| `base/` (`dg_base`) | base | `jansson` |
| `acl/` (`dg_acl`) | policy | `base` |
"""
JOB = """apiVersion: batch/v1
kind: Job
metadata: {name: x}
spec:
  template:
    spec:
      automountServiceAccountToken: false
      securityContext:
        runAsNonRoot: true
        seccompProfile: {type: RuntimeDefault}
      containers:
        - name: x
          command: [datagateway, version]
          env: [{name: PGPASSWORD, valueFrom: {secretKeyRef: {name: x}}}]
          resources: {limits: {memory: 1Mi}}
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities: {drop: ["ALL"]}
"""
GOOD = {
    "base/thing.c": HEAD + "enum { THING_MAGIC = 0x11111111 };\n",
    "base/fsm_user.c": FSM,
    "base/CMakeLists.txt": "dg_add_module(base SOURCES thing.c fsm_user.c)\n",
    "base/README.md": "- `thing.c`: x\n- `fsm_user.c`: x\n",
    "acl/rule.c": HEAD + "enum { RULE_MAGIC = 0x22222222 };\n",
    "acl/CMakeLists.txt": "dg_add_module(acl SOURCES rule.c)\n",
    "acl/README.md": "- `rule.c`: x\n",
    "deploy/README.md": "- `kubernetes/`: x\n",
    "deploy/kubernetes/README.md": "- `job.yaml`: x\n",
    "deploy/kubernetes/job.yaml": JOB,
    "docs/README.md": "- `architecture.md`: x\n- `fsm/`: x\n",
    "docs/architecture.md": TABLE,
    "docs/fsm/fsm_user.dot": "// SPDX-License-Identifier: Apache-2.0\n"
                             "digraph x {\n\ta -> b;\n\tb;\n}\n",
    "build/tests/lint/link_graph.txt":
        "dg_base:dg_compile_options;PkgConfig::JANSSON\ndg_acl:dg_base\n",
}
# check, file, its text, what the finding says
BAD = [
    ("banned", "acl/rule.c", HEAD + "int x(char *a)\n{ return atoi(a); }\n",
     "acl/rule.c:6: atoi()"),
    ("banned", "acl/rule.c", HEAD + "void x(void)\n{ free(0); }\n", "free()"),
    ("style", "acl/rule.c", "int x;\n", "no SPDX line"),
    ("style", "acl/rule.c", SPDX + "int x;\n", "what the file is for"),
    ("style", "acl/rule.c", HEAD + "typedef struct x x_t;\n", "typedef"),
    ("style", "acl/rule.c", HEAD + "/* TO" "DO */\n", "leftover"),
    ("style", "acl/rule.c", HEAD + "int x;\n" * 900, "at most 800"),
    ("style", "acl/rule.c", HEAD + "int x; \n", "white space"),
    ("style", "acl/rule.c", HEAD + "int x;", "no newline"),
    ("style", "acl/rule.h", HEAD + "int x;\n", "no include guard"),
    ("style", "docs/architecture.md", TABLE + "/wo" "rk/main/x\n",
     "path of one machine"),
    ("includes", "acl/rule.c", HEAD + "#include <libpq-fe.h>\n",
     "base/pg.h"),
    ("includes", "acl/rule.c", HEAD + "#include <time.h>\n", "pure"),
    ("readme", "acl/new.c", HEAD, "no line for new.c"),
    ("readme", "acl/README.md", GOOD["acl/README.md"] + "- `gone.c`: x\n",
     "names gone.c"),
    ("magics", "acl/rule.c", HEAD + "enum { RULE_MAGIC = 0x11111111 };\n",
     "has the value of"),
    ("tests_listed", "acl/new.c", HEAD, "acl/new.c: not in"),
    ("fsm", "docs/fsm/fsm_user.dot", "digraph x {\n\tb -> a;\n}\n",
     "a -> b of base/fsm_user.c:5 is not drawn"),
    ("fsm", "docs/fsm/other.dot", "digraph x {\n}\n", "no table in C"),
    ("kubernetes", "deploy/kubernetes/job.yaml", JOB + "x: [\n", "job.yaml:"),
    ("kubernetes", "deploy/kubernetes/job.yaml",
     JOB.replace("runAsNonRoot: true", "runAsUser: 0"), "x lacks runAsNonRoot"),
    ("kubernetes", "deploy/kubernetes/job.yaml",
     JOB.replace('{drop: ["ALL"]}', '{drop: ["ALL"], add: ["NET_RAW"]}'),
     "x lacks capabilities"),
    ("kubernetes", "deploy/kubernetes/job.yaml",
     JOB.replace("valueFrom: {secretKeyRef: {name: x}}", "value: y"),
     "a value for PGPASSWORD"),
    ("kubernetes", "deploy/kubernetes/job.yaml",
     JOB.replace("version]", "-d, 'postgresql://a:b@db/x']"),
     "a secret on its command line"),
    ("link_graph", "build/tests/lint/link_graph.txt",
     "dg_base:dg_acl\ndg_acl:dg_base\n", "dg_base links dg_acl"),
    ("link_graph", "build/tests/lint/link_graph.txt",
     GOOD["build/tests/lint/link_graph.txt"] + "dg_new:\n", "dg_new: not in"),
]


def run(check: str, tree: Path) -> subprocess.CompletedProcess:
    environment = dict(os.environ, DG_LINT_ROOT=str(tree),
                       DG_BUILD_DIR=str(tree / "build"))
    return subprocess.run([sys.executable, HERE / f"{check}.py"],
                          env=environment, capture_output=True, text=True,
                          check=False)


def write(tree: Path, name: str, text: str) -> None:
    path = tree / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def main() -> None:
    findings = []
    for check in sorted({row[0] for row in BAD}):
        with tempfile.TemporaryDirectory() as folder:
            tree = Path(folder)
            for name, text in GOOD.items():
                write(tree, name, text)
            out = run(check, tree)
            if out.returncode != 0:
                findings.append(f"{check}: complains about a tree in order: "
                                f"{(out.stdout + out.stderr).strip()}")
    for check, name, text, expected in BAD:
        with tempfile.TemporaryDirectory() as folder:
            tree = Path(folder)
            for good, good_text in GOOD.items():
                write(tree, good, good_text)
            write(tree, name, text)
            out = run(check, tree)
            if out.returncode != 1 or expected not in out.stdout:
                findings.append(f"{check}: does not say '{expected}' but: "
                                f"{(out.stdout + out.stderr).strip()[:300]}")
    finish(findings, "A check that finds nothing is worth nothing.",
           f"{len(BAD)} faults are found")


main()
