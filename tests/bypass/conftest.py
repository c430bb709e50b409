# SPDX-License-Identifier: Apache-2.0
"""The place of the tricks: tables with canaries on each engine, and a site.

Nothing but the gateway's own reading stands between a trick and the data: the
cross-check, which would catch what that reading missed, is off; but for the
cases that are about the cross-check itself.
"""

import collections
import contextlib
import functools
import itertools
import os

import pytest

import bypass
import policy
import servers
from client import Client
from deaf import DeafCoordinator

#: columns of the tables; $ is the value. All but id, name and info.pub are
#: forbidden in the guarded one.
ROW = (
    "select bigint '1' id, 'ann' name, '$TEXT' secret, $NUMBER pin, "
    "array['$TEXT'] list, map(array['k'], array['$TEXT']) kv, "
    "cast(row('open', '$TEXT') as row(pub varchar, priv varchar)) info, "
    "array[cast(row('open', '$TEXT') as row(pub varchar, priv varchar))] "
    "pairs, '{\"k\": \"$TEXT\"}' doc"
)
FORBIDDEN = ["secret", "pin", "list", "kv", "info.priv", "pairs.priv",
             "doc"]

_NUMBERS = itertools.count(1)


class Place:
    """Two schemas on one engine: one open to the reader, and its vault."""

    def __init__(self, clusters, engine):
        self.family, self.cluster = bypass.ENGINES[engine]
        self._url = clusters[self.cluster].url()
        self.schema = f"bypass_{os.getpid()}_{next(_NUMBERS)}"

    def direct(self, sql):
        return servers.run_sql(self._url, self.family, sql,
                               catalog="memory", schema=self.schema)

    def engine(self):
        """A client of the engine itself."""
        return Client(self._url, "tests", family=self.family)

    def create(self):
        hidden = ROW.replace("$TEXT", "canary-Zq7") \
            .replace("$NUMBER", "90210777")
        shown = ROW.replace("$TEXT", "visible-Zq7") \
            .replace("$NUMBER", "80108777")
        for name in (self.schema, self.schema + "_vault"):
            self.direct(f"create schema memory.{name}")
        for table, row in {
            "free": shown, "guarded": hidden, "shut": hidden,
            '"free$files"': shown, '"shut$files"': hidden,
            f"{self.schema}_vault.free": hidden,
            f"{self.schema}_vault.shut": hidden,
        }.items():
            self.direct(f"create table {table} as {row}")
        self.direct("create view free_view as select secret from free")
        self.direct("create view shut_view as select secret from guarded")

    def drop(self):
        tables = "select table_schema, table_name, table_type " \
            "from information_schema.tables where table_schema in " \
            f"('{self.schema}', '{self.schema}_vault')"
        for schema, name, kind in self.direct(tables):
            kind = "view" if kind == "VIEW" else "table"
            quoted = name.replace('"', '""')
            self.direct(f'drop {kind} {schema}."{quoted}"')
        for name in (self.schema, self.schema + "_vault"):
            self.direct(f"drop schema memory.{name}")


def rules(clusters, place, cross_check):
    """What analyst, who tries all of the tricks, may do in the place."""
    made = policy.base(clusters)
    for name, cluster in made.clusters.items():
        if cluster["engine"] == "trino":
            made.cluster(name, cross_check=cross_check)
    who = ["role:analysts"]
    where = "memory." + place.schema
    for name in ("free", "free_view", "guarded", "guarded_*"):
        made.allow(f"{name} may be read", who, ["read"],
                   table=f"{where}.{name}")
    for name in ("guarded", "guarded_*"):
        made.deny(f"secrets of {name}", who, ["select"],
                  table=f"{where}.{name}", columns=FORBIDDEN)
    made.allow("free may be changed", who, ["write", "refresh", "analyze"],
               table=f"{where}.free")
    made.allow("guarded may be changed", who, ["write"],
               table=f"{where}.guarded")
    made.allow("what begins with mine is mine", who, ["own"],
               table=f"{where}.mine*")
    made.allow("built-in table functions", who, ["execute"],
               table_function="system.builtin.*")
    return made


Ground = collections.namedtuple("Ground", "place site checked_site make_deaf")


@pytest.fixture(scope="module")
def make_ground(make_site, clusters):
    """A place on an engine and two gateways: cross-check off, and enforced;
    and where it is asked for one whose coordinator can be made deaf."""
    places = []
    ears = contextlib.ExitStack()

    def make_deaf(engine, place):
        relay = ears.enter_context(
            DeafCoordinator(clusters[place.cluster].url()))
        base = rules(clusters, place, "off")
        base.cluster(place.cluster, url=relay.url)
        return make_site(f"{engine}-deaf", base=base, options={
            "metadata.ttl": "0ms", "errors.disclose": "full"}), relay

    def make(engine):
        place = Place(clusters, engine)
        places.append(place)
        place.create()
        options = {"metadata.ttl": "1h", "errors.disclose": "full"}
        return Ground(place, *(
            make_site(f"{engine}-{mode}", options=options,
                      base=rules(clusters, place, mode))
            for mode in ("off", "enforce")
        ), functools.cache(lambda: make_deaf(engine, place)))

    yield make
    ears.close()
    for place in places:
        place.drop()


@pytest.fixture(scope="module")
def ground(make_ground, request):
    return make_ground(request.module.ENGINE)


def pytest_generate_tests(metafunc):
    if "case" in metafunc.fixturenames:
        metafunc.parametrize("case", bypass.parameters(metafunc.module.ENGINE))
