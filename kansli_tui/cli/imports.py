"""`kansli-tui import`: register hand-overs, answers, appointments and outcomes, by file or by watched folder."""

import sys
import time
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from kansli_tui.cli.common import (
    NEEDS_A_PERSON,
    REFUSED,
    AsJson,
    Database,
    Debug,
    Run,
    User,
    opened,
    print_json,
    read_file,
    words,
)
from kansli_tui.errors import KansliError
from kansli_tui.exchange.inbox import Inbox
from kansli_tui.i18n import _, n_
from kansli_tui.labels import label
from kansli_tui.rows.answers import LabImport, MessageState
from kansli_tui.rows.register import ChangeKind, ChangeSetRow, ImportState

imports = typer.Typer(help="Läs in filer: befolkning, provsvar, MR, urologi.", no_args_is_help=True)
_PROBLEMS = 10_000
_LOOK_SECONDS = 2.0


@imports.command()
def population(
    file: Path,
    format: Annotated[str | None, typer.Option(help="csv eller navet; annars känns det igen.")] = None,  # noqa: A002 - the contract's name
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Jämför bara; ändringarna väntar på granskning.")] = False,
    changes_only: Annotated[
        bool, typer.Option("--changes-only", help="Filen har bara ändringar: den som inte står där saknas inte.")
    ] = False,
    accept: Annotated[bool, typer.Option("--accept", help="Godkänn ändringarna direkt.")] = False,
    database: Database = None,
    user: User = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Läs in en befolkningsfil som en ändringsmängd. Utan --accept ändras ingenting förrän någon har godkänt."""
    with opened(database, user, debug=debug) as run:
        if dry_run and accept:
            raise KansliError("Choose --dry-run or --accept, not both.")
        bar = Progress(quiet=as_json)
        made = run.office.population.compare(
            run.actor, read_file(file), file.name, format=format, changes_only=changes_only, progress=bar
        )
        if accept and made.state is ImportState.REVIEW:
            made = run.office.population.accept(run.actor, made.import_id, version=made.version, progress=bar)
        bar.close()
        problems = run.office.population.rows(run.actor, made.import_id, kind=ChangeKind.PROBLEM, limit=_PROBLEMS)
        if as_json:
            print_json(
                {
                    **_change_set(made),
                    "problems": [{"line": row.line, "reason": _(row.message, **row.values)} for row in problems],
                }
            )
        else:
            _tell_change_set(made)
            for row in problems:
                print(_("line {line}: {problem}", line=row.line, problem=_(row.message, **row.values)))
        if made.state is ImportState.STOPPED:
            raise typer.Exit(REFUSED)
        raise typer.Exit(NEEDS_A_PERSON if made.needs_person else 0)


@imports.command()
def lab(
    files: list[Path], database: Database = None, user: User = None, as_json: AsJson = False, debug: Debug = False
) -> None:
    """Läs in provsvar, HL7 v2 eller CSV. Det som är oklart hålls, med skäl och vad som kan göras."""
    with opened(database, user, debug=debug) as run:
        _import(run, files, as_json=as_json)


@imports.command()
def mri(
    files: list[Path], database: Database = None, user: User = None, as_json: AsJson = False, debug: Debug = False
) -> None:
    """Läs in MR-tider och MR-svar, HL7 v2 eller CSV. Det som är oklart hålls, med skäl och vad som kan göras."""
    with opened(database, user, debug=debug) as run:
        _import(run, files, as_json=as_json)


@imports.command()
def outcomes(
    files: list[Path], database: Database = None, user: User = None, as_json: AsJson = False, debug: Debug = False
) -> None:
    """Läs in besök, biopsier, PAD-svar och behandlingar från urologen, CSV. Det som är oklart hålls, med skäl."""
    with opened(database, user, debug=debug) as run:
        _import(run, files, as_json=as_json, rows=True)


def _import(run: Run, files: list[Path], *, as_json: bool, rows: bool = False) -> NoReturn:
    """Take files in, told apart by what they hold. With `rows` they are counted in lines. Ends the command with its exit code."""
    results: list[dict[str, Any]] = []
    held = failed = False
    for file in files:
        bar = Progress(quiet=as_json)
        try:
            taken = run.office.answers.import_file(run.actor, read_file(file), file.name, progress=bar)
        except KansliError as problem:
            # One unreadable file costs no other: it is named, and the rest are taken in.
            failed = True
            results.append({"file": file.name, "error": words(problem)})
            print(f"{file.name}: {words(problem)}", file=sys.stderr)
            continue
        finally:
            bar.close()
        held = held or taken.needs_person
        results.append(_lab_import(taken))
        if not as_json:
            _tell_lab_import(taken, rows=rows)
    if as_json:
        print_json({"files": results})
    raise typer.Exit(REFUSED if failed else NEEDS_A_PERSON if held else 0)


@imports.command()
def inbox(
    folder: Path,
    once: Annotated[bool, typer.Option("--once", help="Läs det som ligger där och sluta.")] = False,
    database: Database = None,
    user: User = None,
    debug: Debug = False,
) -> None:
    """Bevaka FOLDER/inbox för svar, MR-tider och utfall: lästa filer flyttas till done/, de som behöver en människa till held/."""
    with opened(database, user, debug=debug) as run:
        watched = Inbox(folder, settle_seconds=0.0 if once else _LOOK_SECONDS)
        watched.make_folders()
        if once:
            # A file is taken once it has stood unchanged between two looks.
            held = [_take_in(run, watched) for _look in range(2)]
            raise typer.Exit(NEEDS_A_PERSON if any(held) else 0)
        while True:
            _take_in(run, watched)
            time.sleep(_LOOK_SECONDS)


def _take_in(run: Run, watched: Inbox) -> bool:
    """Take in what lies there; whether anything of it needs a person."""
    needs_person = False
    for claim in watched.look(time.time()).claims:
        try:
            taken = run.office.answers.import_file(run.actor, read_file(claim.path), claim.name)
            held = taken.needs_person
            _tell_lab_import(taken)
        except KansliError as problem:
            held = True
            print(f"{claim.name}: {words(problem)}", file=sys.stderr)
        watched.finish(claim, held=held)
        needs_person = needs_person or held
    return needs_person


class Progress:
    """A line on standard error that says how far a long import has come; silent where nobody watches."""

    def __init__(self, *, quiet: bool) -> None:
        self._watched = not quiet and sys.stderr.isatty()
        self._shown = -1

    def __call__(self, done: int, total: int) -> None:
        """Show `done` of `total`."""
        percent = 100 if total == 0 else done * 100 // total
        if self._watched and percent != self._shown:
            self._shown = percent
            filled = percent * 40 // 100
            print(f"\r[{'█' * filled}{'·' * (40 - filled)}] {percent:3} %", end="", file=sys.stderr, flush=True)

    def close(self) -> None:
        """End the line."""
        if self._shown >= 0:
            print(file=sys.stderr)


def _change_set(made: ChangeSetRow) -> dict[str, Any]:
    return {
        "import_id": made.import_id,
        "file": made.file_name,
        "format": made.format,
        "state": made.state,
        "counts": {kind.value: made.counts.get(kind, 0) for kind in ChangeKind},
        "stopped_reason": _(made.stopped_reason) if made.stopped_reason else None,
    }


def _tell_change_set(made: ChangeSetRow) -> None:
    counts = ", ".join(f"{label(kind)} {made.counts.get(kind, 0)}" for kind in ChangeKind)
    print(f"{made.file_name}: {label(made.state)}. {counts}")
    if made.stopped_reason:
        print(_(made.stopped_reason))
    elif made.state is ImportState.REVIEW:
        print(_("Nothing has changed yet: review it on screen, or run again with --accept."))


def _lab_import(taken: LabImport) -> dict[str, Any]:
    return {
        "file": taken.file_name,
        "sha256": taken.sha256,
        **{
            state.value: taken.count(state)
            for state in (MessageState.APPLIED, MessageState.NO_EFFECT, MessageState.HELD)
        },
        "items": [
            {
                "position": item.position,
                "state": item.state,
                "order": item.order_number,
                "reason": _(item.message, **item.values),
                "fix": _(item.fix, **item.values) if item.fix else None,
            }
            for item in taken.items
        ],
    }


def _tell_lab_import(taken: LabImport, *, rows: bool = False) -> None:
    counts = ", ".join(
        f"{label(state)} {taken.count(state)}"
        for state in (MessageState.APPLIED, MessageState.NO_EFFECT, MessageState.HELD)
    )
    many = len(taken.items)
    said = n_("{count} line", "{count} lines", many) if rows else n_("{count} answer", "{count} answers", many)
    print(f"{taken.file_name}: {said}. {counts}")
    for item in taken.items:
        if item.state is MessageState.HELD:
            reason = _(item.message, **item.values)
            fix = _(item.fix, **item.values)
            print(f"  {item.position}. {item.order_number or '–'}: {reason}. {fix}")
