"""What every command shares: its options, opening the office as somebody, and how results and errors are written."""

import dataclasses
import getpass
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer

from kansli_tui.errors import KansliError, NotFoundError, RefusedError
from kansli_tui.i18n import _
from kansli_tui.rows.office import Actor
from kansli_tui.service.office import Office
from kansli_tui.settings import load_settings

NEEDS_A_PERSON = 1
REFUSED = 2
NOBODY_READS = 141
"""As a shell says it of a program whose reader has gone (128 + SIGPIPE)."""

Database = Annotated[str | None, typer.Option("--database", help="Databasens adress; annars KANSLI_DATABASE_URL.")]
User = Annotated[str | None, typer.Option("--user", help="Arbeta som en annan användare (fråga efter lösenord).")]
AsJson = Annotated[bool, typer.Option("--json", help="Skriv ett JSON-dokument på standard ut.")]
Debug = Annotated[bool, typer.Option("--debug", help="Visa hela felspåret.")]
Folder = Annotated[Path, typer.Option("--to", help="Mapp att skriva i; annars här.")]
Region = Annotated[str | None, typer.Option("--region", help="Länskod: 05, 06 eller 08.")]


@dataclasses.dataclass(frozen=True, slots=True)
class Run:
    """An open office and who acts."""

    office: Office
    actor: Actor


@contextmanager
def opened(database: str | None, user: str | None = None, *, debug: bool = False) -> Iterator[Run]:
    """Open the office as the computer's user, or as `user`. Every expected error ends the command with code 2."""
    with readable_errors(debug=debug):
        office = Office.open(**where(database))
        try:
            yield Run(office, _actor(office, user))
        finally:
            office.close()


def where(database: str | None) -> dict[str, Any]:
    """The database address and the settings, as `Office.open` takes them."""
    file = os.environ.get("KANSLI_SETTINGS")
    given = {} if database is None else {"database_url": database}
    settings = load_settings(Path(file) if file else None, **given)
    return {"url": settings.database_url, "settings": settings}


@contextmanager
def readable_errors(*, debug: bool = False) -> Iterator[None]:
    """Turn what goes wrong into one line on standard error and exit code 2; `debug` shows the trace instead.

    A reader that has had enough (`| head`) is no fault: the command ends without a word.
    """
    try:
        yield
        sys.stdout.flush()
    except KansliError as problem:
        if debug:
            raise
        print(words(problem), file=sys.stderr)
        raise typer.Exit(REFUSED) from None
    except (typer.Exit, typer.Abort, KeyboardInterrupt):
        raise
    except BrokenPipeError:
        # What is left in the buffer goes nowhere, so that leaving does not complain either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(NOBODY_READS) from None
    except Exception as problem:
        if debug:
            raise
        # The text of an unexpected fault can hold personal data, so only its kind is named.
        kind = type(problem).__name__
        print(_("Something unexpected went wrong ({kind}). Run again with --debug.", kind=kind), file=sys.stderr)
        raise typer.Exit(REFUSED) from None


def words(problem: KansliError) -> str:
    """An error in the user's language."""
    return _(problem.message, **problem.values)


def day(text: str) -> date:
    """A date as it is typed, YYYY-MM-DD."""
    try:
        return date.fromisoformat(text)
    except ValueError as problem:
        raise KansliError("Write a date as YYYY-MM-DD, not {text}.", text=text) from problem


def asked_for(prompt: str) -> str:
    """A password typed at the keyboard; refused where there is none."""
    try:
        return getpass.getpass(prompt)
    except EOFError as problem:
        raise RefusedError("A password is needed, and nobody can type one here.") from problem


def read_file(path: Path) -> bytes:
    """A file's bytes, or a clear error."""
    try:
        return path.read_bytes()
    except FileNotFoundError as problem:
        raise RefusedError("The file {name} does not exist.", name=path.name) from problem
    except OSError as problem:
        raise RefusedError(
            "The file {name} cannot be read: {problem}", name=path.name, problem=problem.strerror or problem
        ) from problem


def print_json(data: object) -> None:
    """One JSON document on standard output."""
    print(json.dumps(data, ensure_ascii=False, indent=2, default=_plain))


def _plain(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, frozenset | set):
        return sorted(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    raise TypeError(type(value).__name__)


def _actor(office: Office, user: str | None) -> Actor:
    """Who acts: the computer's own user, or another who gives a password (not asked for where people are invented)."""
    if user is None:
        user = os.environ.get("KANSLI_USER")
    if user is None:
        try:
            return office.staff.as_user(computer_user())
        except NotFoundError:
            if office.facts.invented and office.staff.anyone():
                return office.staff.first_supervisor()
            raise RefusedError(
                "{user} is not among the staff. A supervisor runs: kansli-tui staff add {user} …", user=computer_user()
            ) from None
    if office.facts.invented:
        return office.staff.as_user(user)
    password = os.environ.get("KANSLI_PASSWORD") or asked_for(_("Password for {user}: ", user=user))
    return office.staff.sign_in(user, password)


def computer_user() -> str:
    """The name that the computer's own sign-in gives whoever runs the program."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "office"
