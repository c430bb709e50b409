# SPDX-License-Identifier: Apache-2.0
"""The table of tricks: reads it, runs one trick, says what came of it.

A trick is written once and run twice: at what is forbidden, where it has to be
refused and the canary must be in no byte of the replies; and as a control at
what is allowed, where it has to show the value. A trick whose control shows
nothing proves nothing. README.md tells what a case may say.
"""

import base64
import dataclasses
import pathlib
import re
import urllib.parse

import pytest
import yaml

from client import Unexpected

CASES = pathlib.Path(__file__).parent / "cases"

#: what nobody may see who asks; the numbers are those of column pin.
CANARY = re.compile(rb"canary-Zq7|90210777", re.IGNORECASE)
#: the same in what is allowed.
VISIBLE = re.compile(rb"visible-Zq7|80108777", re.IGNORECASE)

ENGINES = {
    "trino": ("trino", "blue"),
    "old-trino": ("trino", "green"),
    "presto": ("presto", "violet"),
}

#: how the control shows that the trick is one.
CONTROLS = {
    "value": "through the gateway, where allowed: the value comes",
    "rows": "through the gateway, where allowed: it runs",
    "relayed": "through the gateway, where allowed: the engine is asked "
               "(and cannot do it with the catalogs here)",
    "engine": "straight at the engine: the forbidden value comes",
    "engine-rows": "straight at the engine: it runs",
    "none": "none: see why",
}


@dataclasses.dataclass(frozen=True)
class Case:
    """One trick; README.md describes the fields."""

    name: str
    trick: str
    category: str
    sql: object  # a text, or a list of texts, {direct: text}, {sql, meanwhile}
    engines: tuple = ("trino", "presto")
    refusal: object = "PERMISSION_DENIED"
    control: str = "value"
    why: str = ""
    harmless: object = None
    headers: dict = dataclasses.field(default_factory=dict)
    catalog: str = "memory"
    schema: str = "$O"
    session: dict = dataclasses.field(default_factory=dict)
    prepared: dict = dataclasses.field(default_factory=dict)
    encoding: str = "utf-8"
    repeat: dict = dataclasses.field(default_factory=dict)
    cleanup: tuple = ()
    cross_check: bool = False
    deaf: bool = False
    asked: bool = False
    leaks: dict = dataclasses.field(default_factory=dict)
    but: dict = dataclasses.field(default_factory=dict)

    def on(self, engine):
        """The case as it is on that engine."""
        return dataclasses.replace(self, **self.but.get(engine, {}))

    @property
    def steps(self):
        return self.sql if isinstance(self.sql, list) else [self.sql]

    @property
    def refusals(self):
        given = self.refusal
        return given if isinstance(given, list) else [given]


def load():
    """All cases, in the order of the files and of their lines."""
    found = []
    for path in sorted(CASES.glob("*.yaml")):
        tree = yaml.safe_load(path.read_text("utf-8"))
        for row in tree["cases"]:
            found.append(Case(category=tree["category"], **row))
    return found


@dataclasses.dataclass
class Answer:
    """What came of one step."""

    seen: bytes  # every byte of headers and bodies
    rows: list
    error: str  # its name, or HTTP and the status, or None
    message: str


class Names:
    """What the placeholders of a case stand for."""

    def __init__(self, schema, forbidden):
        self._names = {
            "O": schema, "C": "guarded", "T": "shut", "W": "shut_view",
            "S": schema + "_vault",
        } if forbidden else {
            "O": schema, "C": "free", "T": "free", "W": "free_view",
            "S": schema,
        }

    def fill(self, text, repeat=None):
        """$C a table with forbidden columns, $T one that is forbidden, $W a
        view that is, $S a schema that is, $O the schema of the first three."""
        text = repeated(text, repeat or {})
        # In one pass: what a name brings in is not looked at again.
        pattern = r"\$(?:([OCTWS])(?![A-Za-z])|\{([a-z]+):([OCTWS])\})"
        return re.sub(pattern, self._name, text)

    def _name(self, match):
        name = self._names[match[1] or match[3]]
        return {None: name, "upper": name.upper(),
                "long": LONG_S.get(name, name)}[match[2]]


def repeated(text, repeat):
    """With the long parts in it that a case does not want to spell out."""
    for token, what in repeat.items():
        text = text.replace(token, what["text"] * what["times"])
    return text


#: the same names to a reader that folds all of Unicode.
LONG_S = {"shut": "\u017fhut"}


def zstd_frame(data):
    """As a frame of one raw block; at most 255 bytes."""
    block = (len(data) << 3 | 1).to_bytes(3, "little")
    return b"\x28\xb5\x2f\xfd\x20" + bytes([len(data)]) + block + data


def prepared_value(text):
    """As a driver puts it into the header; Trino's may be compressed."""
    if text.startswith("raw:"):
        return text.removeprefix("raw:")
    if text.startswith("zstd:"):
        frame = zstd_frame(text.removeprefix("zstd:").encode())
        text = "$zstd:" + base64.urlsafe_b64encode(frame).decode()
    return urllib.parse.quote_plus(text)


def run(case, client, names, direct):
    """Runs the steps in one session; returns an Answer for each of them.

    direct: a function that runs a statement past the gateway.
    """
    client.catalog = names.fill(case.catalog)
    client.schema = names.fill(case.schema)
    client.session.update(case.session)
    client.prepared = {
        key: prepared_value(names.fill(text))
        for key, text in case.prepared.items()
    }
    def fill(value):
        return list(map(names.fill, value)) if isinstance(value, list) \
            else names.fill(value)

    headers = {
        key.replace("X-*-", client.prefix): fill(value)
        for key, value in case.headers.items()
    }
    answers = []
    for step in case.steps:
        if isinstance(step, str):
            step = {"sql": step}
        step = {key: names.fill(text, case.repeat)
                for key, text in step.items()}
        if "direct" in step:
            direct(step["direct"])
            continue
        late = [step["meanwhile"]] if "meanwhile" in step else []
        answers.append(one_step(client, step["sql"].encode(case.encoding),
                                headers, lambda: late and direct(late.pop())))
    return answers


def one_step(client, text, headers, meanwhile):
    """meanwhile: what is done before the first page is asked for."""
    def go_on(_):
        meanwhile()

    try:
        result = client.run(text, headers=headers, stop_after=go_on)
    except Unexpected as refusal:  # in HTTP, not as a failed statement
        status = str(refusal).split()[1]
        return Answer(str(refusal).encode(), [], f"HTTP {status}",
                      str(refusal))
    seen = b"\n".join(
        reply.body + repr(reply.headers).encode() for reply in result.replies
    )
    error = result.error["errorName"] if result.error else None
    return Answer(seen, result.rows, error, result.message)


def parameters(engine):
    """The cases of an engine for parametrize. Those known to leak have to go
    on leaking until their mark is taken away with the leak."""
    found = []
    for case in load():
        if engine not in case.engines:
            continue
        reason = case.leaks.get(engine)
        marks = pytest.mark.xfail(strict=True, reason=reason) if reason else ()
        found.append(pytest.param(case.on(engine), id=case.name, marks=marks))
    return found
