"""Files are written whole or not at all, and a disk that refuses is told of in one line."""

import errno
from pathlib import Path

import pytest

from kansli_tui.errors import RefusedError
from kansli_tui.service.files import write_whole


def test_a_file_is_whole_and_its_folder_made(tmp_path: Path) -> None:
    path = write_whole(tmp_path / "a" / "b", "x.hl7", b"data")
    assert path.read_bytes() == b"data"
    assert [found.name for found in path.parent.iterdir()] == ["x.hl7"]


def test_writing_again_replaces_it_whole(tmp_path: Path) -> None:
    write_whole(tmp_path, "x", b"first and long")
    write_whole(tmp_path, "x", b"second")
    assert (tmp_path / "x").read_bytes() == b"second"


def test_a_full_disk_leaves_nothing_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_whole(tmp_path, "x", b"first")

    def full(path: Path, data: bytes) -> int:
        with path.open("wb") as stream:
            stream.write(data[:2])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(RefusedError, match="No space left on device"):
        write_whole(tmp_path, "x", b"second")
    assert [found.name for found in tmp_path.iterdir()] == ["x"]
    assert (tmp_path / "x").read_text() == "first"


def test_a_folder_that_is_a_file_says_so(tmp_path: Path) -> None:
    (tmp_path / "plats").write_text("fil")
    with pytest.raises(RefusedError, match=r"x\.hl7 could not be written"):
        write_whole(tmp_path / "plats", "x.hl7", b"data")


def test_a_killed_writing_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_whole(tmp_path, "x", b"first")

    def killed(path: Path, target: Path) -> Path:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        write_whole(tmp_path, "x", b"second")
    assert (tmp_path / "x").read_bytes() == b"first"
