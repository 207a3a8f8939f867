"""The installed program as a process of its own: codes, streams, one line for wrong use."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.databases import SqliteFiles


def program(*arguments: str, database: str = "", **more: str) -> "subprocess.CompletedProcess[str]":
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("KANSLI_")},
        "PYTHONUTF8": "1",
        **({"KANSLI_DATABASE_URL": database} if database else {}),
        **more,
    }
    return subprocess.run(
        [sys.executable, "-m", "kansli_tui", *arguments],
        env=environment,
        capture_output=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
        timeout=60,
        check=False,
    )


def test_one_json_document_and_nothing_else(sqlite_files: SqliteFiles) -> None:
    with sqlite_files.database() as url:
        assert program("db", "upgrade", database=url).returncode == 0
        made = program("balance", "--json", database=url)
    assert (made.returncode, made.stderr) == (0, "")
    assert json.loads(made.stdout)["adds_up"] is True


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
def test_wrong_use_is_code_two_and_one_line(arguments: tuple[str, ...], tmp_path: Path) -> None:
    made = program(*arguments, database=f"sqlite:///{tmp_path / 'x.db'}")
    assert (made.returncode, made.stdout) == (2, "")
    assert len(made.stderr.strip().splitlines()) == 1, made.stderr


def test_refusals_are_code_two_and_one_line(tmp_path: Path) -> None:
    made = program("balance", "--database", f"sqlite:///{tmp_path / 'x.db'}")
    assert (made.returncode, made.stdout) == (2, "")
    assert made.stderr.strip() == "Det finns ingen databas än. Kör: kansli-tui db upgrade"


def test_help_and_version_are_code_zero() -> None:
    for arguments in (("--help",), ("--version",), ("import", "lab", "--help")):
        made = program(*arguments)
        assert (made.returncode, made.stderr) == (0, "")
        assert made.stdout.strip()


def test_the_trace_is_shown_only_when_it_is_asked_for(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'x.db'}"
    assert "Traceback" not in program("balance", database=database).stderr
    assert "Traceback" in program("balance", "--debug", database=database).stderr


def test_a_reader_that_has_had_enough_ends_the_command_without_a_word(sqlite_files: SqliteFiles) -> None:
    with sqlite_files.database() as url:
        assert program("db", "upgrade", database=url).returncode == 0
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


def test_a_file_that_is_not_there_is_said_in_swedish(sqlite_files: SqliteFiles) -> None:
    with sqlite_files.database() as url:
        assert program("db", "upgrade", database=url).returncode == 0
        made = program("import", "lab", "saknas.hl7", database=url, KANSLI_USER="x")
    assert made.returncode == 2
    assert "No such file" not in made.stderr
