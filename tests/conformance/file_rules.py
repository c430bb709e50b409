# SPDX-License-Identifier: Apache-2.0
"""Trino's own class for file-based access control, asked in-process."""

import pathlib
import subprocess
import tempfile
import threading

import artefacts
import engine_access
import javas

HERE = pathlib.Path(__file__).resolve().parent

VERSIONS = ("435", "476")


class FileRules:
    """java/FileRules.java, started; a context that ends it."""

    def __init__(self, version):
        oracle = engine_access.ORACLES["trino", version]
        home = javas.find(oracle.lowest, oracle.highest).home
        jars = artefacts.fetch(oracle.set) / oracle.folder
        self.folder = tempfile.TemporaryDirectory(prefix="dg-rules-")
        subprocess.run(
            [home / "bin" / "javac", "-nowarn", "-cp", f"{jars}/*",
             "-d", self.folder.name, HERE / "java" / "FileRules.java"],
            check=True, stderr=subprocess.DEVNULL,
        )
        self.log = open(pathlib.Path(self.folder.name, "log"), "wb")
        self.process = subprocess.Popen(
            [home / "bin" / "java", "-Xmx512M", "-XX:+UseSerialGC",
             "-XX:TieredStopAtLevel=1", "-Djdk.attach.allowAttachSelf=true",
             "-cp", f"{self.folder.name}:{jars}/*", "FileRules"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log,
        )

    def ask(self, file, questions):
        """[(check, user, groups, roles, *names)] -> [bool]."""
        lines = [f"file\t{file}"] + [
            "\t".join(x if isinstance(x, str) else ",".join(x) for x in q)
            for q in questions
        ]
        writer = threading.Thread(target=self._write, args=(lines,))
        writer.start()
        answers = [
            self.process.stdout.readline().decode().strip() for _ in lines
        ]
        writer.join()
        for line, answer in zip(lines, answers):
            if answer not in ("yes", "no"):
                raise RuntimeError(f"{line}: {answer}")
        return [answer == "yes" for answer in answers[1:]]

    def _write(self, lines):
        try:
            self.process.stdin.write(("\n".join(lines) + "\n").encode())
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
