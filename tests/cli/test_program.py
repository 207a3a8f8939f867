"""The installed program: codes, streams, one line for wrong use. Each way to end is tried once as a process of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import pytest

from kansli_tui.__main__ import main
from kansli_tui.i18n import set_language
from tests.databases import SqliteFiles


def without_ours() -> dict[str, str]:
    """The environment but for what is the program's."""
    return {name: value for name, value in os.environ.items() if not name.startswith("KANSLI_")}


def program(*arguments: str, database: str = "") -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "kansli_tui", *arguments],
        env=without_ours() | {"PYTHONUTF8": "1"} | ({"KANSLI_DATABASE_URL": database} if database else {}),
        capture_output=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
        timeout=60,
        check=False,
    )


@dataclass(frozen=True)
class Ended:
    """What the program left when it ran in this process."""

    returncode: int
    stdout: str
    stderr: str


Here = Callable[..., Ended]


@pytest.fixture
def here(capsys: pytest.CaptureFixture[str]) -> Iterator[Here]:
    """Does what `program` does without starting anything, which takes a second or two."""

    def once(*arguments: str, database: str = "", **more: str) -> Ended:
        environment = without_ours() | ({"KANSLI_DATABASE_URL": database} if database else {}) | more
        with (
            patch.dict(os.environ, environment, clear=True),
            patch.object(sys, "argv", ["kansli-tui", *arguments]),
            patch.object(sys, "excepthook", sys.excepthook),
            pytest.raises(SystemExit) as end,
        ):
            main()
        told = capsys.readouterr()
        assert isinstance(end.value.code, int)
        return Ended(end.value.code, told.out, told.err)

    mask = os.umask(0o077)
    yield once
    os.umask(mask)
    set_language("sv")


def test_one_json_document_and_nothing_else(sqlite_files: SqliteFiles, here: Here) -> None:
    with sqlite_files.database() as url:
        assert here("db", "upgrade", database=url).returncode == 0
        made = program("balance", "--json", database=url)
    assert (made.returncode, made.stderr) == (0, "")
    assert json.loads(made.stdout)["adds_up"] is True


def test_wrong_use_is_code_two_and_one_line(tmp_path: Path) -> None:
    made = program("finns-inte", database=f"sqlite:///{tmp_path / 'x.db'}")
    assert (made.returncode, made.stdout) == (2, "")
    assert len(made.stderr.strip().splitlines()) == 1, made.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("finns-inte",),
        ("case",),
        ("balance", "--född", "1976"),
        ("balance", "--born", "sjuttiosex"),
        ("offers", "plan", "--region", "05", "--born", "x", "--per-week", "3"),
    ],
)
def test_every_wrong_use_is_code_two_and_one_line(arguments: tuple[str, ...], tmp_path: Path, here: Here) -> None:
    made = here(*arguments, database=f"sqlite:///{tmp_path / 'x.db'}")
    assert (made.returncode, made.stdout) == (2, "")
    assert len(made.stderr.strip().splitlines()) == 1, made.stderr


def test_refusals_are_code_two_and_one_line(tmp_path: Path, here: Here) -> None:
    made = here("balance", "--database", f"sqlite:///{tmp_path / 'x.db'}")
    assert (made.returncode, made.stdout) == (2, "")
    assert made.stderr.strip() == "Det finns ingen databas än. Kör: kansli-tui db upgrade"


def test_help_and_version_are_code_zero(here: Here) -> None:
    for made in (program("--help"), here("--version"), here("import", "lab", "--help")):
        assert (made.returncode, made.stderr) == (0, "")
        assert made.stdout.strip()


def test_the_trace_is_shown_only_when_it_is_asked_for(tmp_path: Path, here: Here) -> None:
    database = f"sqlite:///{tmp_path / 'x.db'}"
    assert "Traceback" not in here("balance", database=database).stderr
    assert "Traceback" in program("balance", "--debug", database=database).stderr


def test_a_reader_that_has_had_enough_ends_the_command_without_a_word(sqlite_files: SqliteFiles, here: Here) -> None:
    with sqlite_files.database() as url:
        assert here("db", "upgrade", database=url).returncode == 0
        environment = {**os.environ, "PYTHONUTF8": "1", "KANSLI_DATABASE_URL": url}
        ours, theirs = os.pipe()
        os.close(ours)
        made = subprocess.run(
            [sys.executable, "-m", "kansli_tui", "balance"],
            env=environment,
            stdout=theirs,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            timeout=60,
            check=False,
        )
        os.close(theirs)
    assert (made.returncode, made.stderr) == (141, b"")


def test_a_file_that_is_not_there_is_said_in_swedish(sqlite_files: SqliteFiles, here: Here) -> None:
    with sqlite_files.database() as url:
        assert here("db", "upgrade", database=url).returncode == 0
        made = here("import", "lab", "saknas.hl7", database=url, KANSLI_USER="x")
    assert made.returncode == 2
    assert "No such file" not in made.stderr


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (("letters", "render", "--type", "brev"), "brev finns inte för '--type'. Välj något av 'pre_letter'"),
        (("stats", "--born", "x"), "'--born' ska vara ett heltal."),
        (("letters", "confirm", "1"), "'--posted' saknas."),
        (("letters", "fel"), "Kommandot fel finns inte."),
    ],
)
def test_wrong_use_is_said_in_the_offices_language(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], asked: tuple[str, ...], says: str
) -> None:
    monkeypatch.setattr("sys.argv", ["kansli-tui", *asked])
    monkeypatch.setattr("os.umask", lambda _mask: 0)
    with pytest.raises(SystemExit) as ended:
        main()
    told = capsys.readouterr().err
    assert ended.value.code == 2
    assert says in told
    assert len(told.splitlines()) == 1
