#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Real Trino and Presto coordinators and their clients, for tests and laptops.

  engines.py list
  engines.py fetch NAME...             bring engines or clients to the cache
  engines.py path NAME...              where a fetched set (or its jar) lies
  engines.py start NAME [--dir DIR]    start and wait; prints the URL
  engines.py stop DIR|NAME...          stop
  engines.py status [DIR|NAME...]      one line each
  engines.py url DIR|NAME              its address
  engines.py sql DIR|NAME STATEMENT... run directly; rows as JSON
  engines.py can-run NAME              exit 0 if a suitable Java is here

NAME is one of `list`. An instance is a folder; without --dir it is
CACHE/instances/NAME. CACHE is DG_CACHE or ~/.cache/datagateway.
"""

import argparse
import json
import pathlib
import sys

import artefacts
import servers


def folder_of(text):
    """A known name stands for its default folder."""
    if text in servers.ENGINES:
        return artefacts.cache_dir() / "instances" / text
    return pathlib.Path(text)


def do_list(_):
    for name in artefacts.SETS:
        plugins = [plugin for plugin, _ in servers.ICEBERG.values()]
        kind = ("engine" if name in servers.ENGINES
                else "plugin" if name in plugins else "client")
        state = "fetched" if artefacts.is_fetched(name) else "-"
        print(f"{name:20} {kind:7} {state}")


def do_fetch(args):
    for name in args.name:
        artefacts.fetch(name, args.update_lock)


def do_path(args):
    for name in args.name:
        if args.jar:
            print(artefacts.jar_of(name))
        else:
            print(artefacts.path_of(name))


def do_start(args):
    instance = servers.Instance(args.dir or folder_of(args.name))
    instance.start(args.name, args.port, args.heap, iceberg=args.iceberg)
    if not args.no_wait:
        instance.wait()
    print(instance.url())


def do_stop(args):
    for text in args.what:
        servers.Instance(folder_of(text)).stop()


def do_status(args):
    failed = False
    for text in args.what or servers.ENGINES:
        instance = servers.Instance(folder_of(text))
        record = instance.record()
        if not instance.is_alive():
            state, failed = "stopped", True
        else:
            state = "ready" if instance.is_ready() else "starting"
        where = f" {instance.url()} pid {record['pid']}" if record else ""
        print(f"{text} {state}{where}")
    return 1 if failed else 0


def do_url(args):
    print(servers.Instance(folder_of(args.what)).url())


def do_sql(args):
    instance = servers.Instance(folder_of(args.what))
    family = (instance.record() or {}).get("family")
    for text in args.statement:
        for row in servers.run_sql(instance.url(), family, text):
            print(json.dumps(row))


def do_can_run(args):
    reason = servers.can_run(args.name)
    if reason:
        print(reason, file=sys.stderr)
        return 1
    return 0


def parser():
    top = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    commands = top.add_subparsers(dest="command", required=True)

    def add(name, function):
        command = commands.add_parser(name)
        command.set_defaults(function=function)
        return command

    sets = list(artefacts.SETS)
    add("list", do_list)
    fetch = add("fetch", do_fetch)
    fetch.add_argument("name", nargs="+", choices=sets)
    fetch.add_argument("--update-lock", action="store_true",
                       help="record what Maven brings as the right content")
    path = add("path", do_path)
    path.add_argument("name", nargs="+", choices=sets)
    path.add_argument("--jar", action="store_true",
                      help="the single jar of a client")
    start = add("start", do_start)
    start.add_argument("name", choices=list(servers.ENGINES))
    start.add_argument("--dir", type=pathlib.Path)
    start.add_argument("--port", type=int, default=0)
    start.add_argument("--heap", default="1G")
    start.add_argument("--no-wait", action="store_true")
    start.add_argument("--iceberg", action="store_true",
                       help="with a catalog iceberg (trino-476, presto-0.287)")
    stop = add("stop", do_stop)
    stop.add_argument("what", nargs="+")
    status = add("status", do_status)
    status.add_argument("what", nargs="*")
    url = add("url", do_url)
    url.add_argument("what")
    sql = add("sql", do_sql)
    sql.add_argument("what")
    sql.add_argument("statement", nargs="+")
    can_run = add("can-run", do_can_run)
    can_run.add_argument("name", choices=list(servers.ENGINES))
    return top


def main():
    args = parser().parse_args()
    try:
        return args.function(args) or 0
    except (artefacts.FetchError, servers.ServerError) as error:
        print(f"engines: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
