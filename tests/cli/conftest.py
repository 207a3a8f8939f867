"""The command line in this process, on a database of the test's own, as the computer's user."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import time_machine
from typer.testing import CliRunner

from kansli_tui.__main__ import cli
from kansli_tui.i18n import set_language
from tests.databases import BEGINNING, SqliteFiles


@dataclass(frozen=True)
class Ran:
    """What a command left."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on standard output."""
        return json.loads(self.out)


Run = Callable[..., Ran]


@pytest.fixture
def today() -> Iterator[time_machine.Traveller]:
    """The computer's clock, which stands still until a test shifts it."""
    with time_machine.travel(BEGINNING, tick=False) as traveller:
        yield traveller


@pytest.fixture
def url(today: time_machine.Traveller, sqlite_files: SqliteFiles, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An invented office whose only staff is the computer's user."""
    for name in ("KANSLI_SETTINGS", "KANSLI_USER", "KANSLI_PASSWORD", "KANSLI_NEW_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("kansli_tui.cli.common.getpass.getuser", lambda: "datoranvändare")
    with sqlite_files.database() as url:
        monkeypatch.setenv("KANSLI_DATABASE_URL", url)
        yield url


@pytest.fixture
def run(url: str) -> Run:
    """Runs one command."""

    def once(*arguments: object, **more: Any) -> Ran:
        try:
            made = CliRunner().invoke(cli, [str(argument) for argument in arguments], **more)
        finally:
            set_language("sv")
        return Ran(made.exit_code, made.stdout, made.stderr)

    made = once("db", "upgrade")
    assert made.code == 0, made.err
    return once
