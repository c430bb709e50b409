#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Many small inputs of a fuzz target in one file, and back.

usage: pack.py pack FOLDER FILE.pack
       pack.py unpack FILE.pack FOLDER

A record is the length in decimal, a line feed, the bytes, a line feed; sorted,
so that a corpus grown further differs little. An unpacked file is named by the
hash of its bytes, as libFuzzer does it.
"""

import hashlib
import pathlib
import sys


def records(data):
    at = 0
    while at < len(data):
        end = data.index(b"\n", at)
        length = int(data[at:end])
        at = end + 1 + length
        if data[at : at + 1] != b"\n":
            raise ValueError(f"no line feed at byte {at}")
        yield data[end + 1 : at]
        at += 1


def pack(folder, file):
    inputs = sorted({path.read_bytes() for path in folder.iterdir()})
    file.write_bytes(b"".join(b"%d\n%s\n" % (len(i), i) for i in inputs))
    print(f"{len(inputs)} inputs, {file.stat().st_size} bytes")


def unpack(file, folder):
    folder.mkdir(parents=True, exist_ok=True)
    for data in records(file.read_bytes()):
        (folder / hashlib.sha1(data).hexdigest()).write_bytes(data)


def main():
    if len(sys.argv) != 4 or sys.argv[1] not in ("pack", "unpack"):
        sys.exit(__doc__)
    source, target = map(pathlib.Path, sys.argv[2:])
    (pack if sys.argv[1] == "pack" else unpack)(source, target)


if __name__ == "__main__":
    main()
