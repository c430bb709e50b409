# SPDX-License-Identifier: Apache-2.0
"""The download cache holds whole, verified sets or nothing."""

import hashlib
import io
import zipfile

import pytest

import artefacts


class FakeMaven:
    """Two files, one of them an archive; damage() spoils the next download."""

    def __init__(self, folder):
        self.folder = folder
        self.downloads = 0
        self.bad = 0
        self.contents = {"a.jar": b"jar" * 1000, "b.zip": self._zip()}

    @staticmethod
    def _zip():
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as handle:
            handle.writestr("b-1.0/inside.jar", "x" * 100)
        return out.getvalue()

    def download(self, _):
        self.downloads += 1
        self.folder.mkdir(exist_ok=True)
        for name, content in self.contents.items():
            path = self.folder / name
            if path.exists():
                continue
            if self.bad:
                self.bad -= 1
                content = b"?" + content[1:]
            path.write_bytes(content)
        return sorted(self.folder / name for name in self.contents)


@pytest.fixture
def maven(tmp_path, monkeypatch):
    fake = FakeMaven(tmp_path / "maven")
    made = artefacts.Set(("g:a:1", "g:b:1:zip"), False, {"b.zip": "plugin/b"})
    monkeypatch.setattr(artefacts, "SETS", {"fake": made})
    monkeypatch.setattr(artefacts, "LOCKS", tmp_path / "lock")
    monkeypatch.setattr(artefacts, "_download", fake.download)
    monkeypatch.setenv("DG_CACHE", str(tmp_path / "cache"))
    (tmp_path / "lock").mkdir()
    (tmp_path / "lock" / "fake.lock").write_text("".join(
        f"{hashlib.sha256(content).hexdigest()} {len(content)} {name}\n"
        for name, content in fake.contents.items()
    ))
    return fake


def test_fetched_once(maven):
    folder = artefacts.fetch("fake")
    assert (folder / "a.jar").read_bytes() == maven.contents["a.jar"]
    assert (folder / "plugin" / "b" / "inside.jar").exists()
    assert artefacts.fetch("fake") == folder
    assert maven.downloads == 1


def test_damaged_download_is_brought_again(maven):
    maven.bad = 1
    folder = artefacts.fetch("fake")
    assert (folder / "a.jar").read_bytes() == maven.contents["a.jar"]
    assert maven.downloads == 2


def test_wrong_content_is_refused(maven):
    maven.bad = 100
    with pytest.raises(artefacts.FetchError, match="SHA-256"):
        artefacts.fetch("fake")
    assert not artefacts.is_fetched("fake")
    assert not list((artefacts.cache_dir() / "sets").glob("*.partial"))


@pytest.mark.parametrize("change", ["missing.jar", "added.jar"])
def test_list_has_to_be_the_recorded_one(maven, change):
    if change == "added.jar":
        maven.contents["added.jar"] = b"?"
    else:
        del maven.contents["a.jar"]
    with pytest.raises(artefacts.FetchError):
        artefacts.fetch("fake")


@pytest.mark.parametrize("spoil", [
    lambda folder: (folder / "a.jar").unlink(),
    lambda folder: (folder / "plugin" / "b" / "inside.jar").write_text("x"),
    lambda folder: (folder / ".complete").unlink(),
    lambda folder: (folder / ".complete").write_text("x"),
], ids=["removed", "cut", "unmarked", "marked wrong"])
def test_spoiled_set_is_laid_out_again(maven, spoil):
    folder = artefacts.fetch("fake")
    spoil(folder)
    assert not artefacts.is_fetched("fake")
    artefacts.fetch("fake")
    assert (folder / "a.jar").read_bytes() == maven.contents["a.jar"]
    assert artefacts.is_fetched("fake")


def test_changed_lock_makes_it_stale(maven, tmp_path):
    artefacts.fetch("fake")
    lock = tmp_path / "lock" / "fake.lock"
    lock.write_text(lock.read_text() + "0 0 another\n")
    assert not artefacts.is_fetched("fake")


def test_every_set_has_a_lock():
    for name in artefacts.SETS:
        rows = (artefacts.LOCKS / f"{name}.lock").read_text().splitlines()
        assert rows
        for row in rows:
            digest, size, file_name = row.split(" ")
            assert len(digest) == 64 and int(size) > 0 and file_name
