"""`kansli-tui letters texts`: versions of the letter texts, written by one and signed by another."""

from pathlib import Path
from typing import Annotated

import typer

from kansli_tui.cli.common import AsJson, Database, Debug, User, day, opened, print_json, read_file
from kansli_tui.errors import RefusedError
from kansli_tui.i18n import _
from kansli_tui.labels import label
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.rows.letter_states import Reader, TextRow

texts = typer.Typer(help="Brevtexter: visa, skriv, jämför, prova och signera.", no_args_is_help=True)


@texts.command(name="list")
def list_texts(
    every: Annotated[bool, typer.Option("--all", help="Också gamla och förkastade.")] = False,
    database: Database = None,
    user: User = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Visa texterna som gäller och de som väntar på signatur."""
    with opened(database, user, debug=debug) as run:
        rows = [
            row
            for row in run.office.letter_texts.rows(run.actor)
            if every or row.in_force or row.state.value == "draft"
        ]
        if as_json:
            print_json(rows)
            return
        for row in rows:
            print(_line(row))


@texts.command()
def show(
    text_id: int, database: Database = None, user: User = None, as_json: AsJson = False, debug: Debug = False
) -> None:
    """Visa en text som den är skriven."""
    with opened(database, user, debug=debug) as run:
        row = next((row for row in run.office.letter_texts.rows(run.actor) if row.text_id == text_id), None)
        if row is None:
            raise RefusedError("There is no such letter text.")
        print_json(row) if as_json else print(row.body, end="")


@texts.command()
def write(
    file: Path,
    name: Annotated[str, typer.Option(help="Brevtyp, eller shared_ och delens namn.")],
    comment: Annotated[str, typer.Option(help="Vad som är nytt.")],
    language: Annotated[str, typer.Option(help="sv, sv-simple eller en.")] = "sv",
    region: Annotated[str, typer.Option(help="Länskod; utan den för alla.")] = "",
    valid_from: Annotated[str | None, typer.Option(help="Första dag, ÅÅÅÅ-MM-DD; annars i dag.")] = None,
    database: Database = None,
    user: User = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Lägg in en ny version ur en textfil (UTF-8) som utkast. Någon annan signerar den."""
    with opened(database, user, debug=debug) as run:
        try:
            body = read_file(file).decode("utf-8-sig")
        except UnicodeDecodeError as problem:
            raise RefusedError("The file is not UTF-8.") from problem
        row = run.office.letter_texts.write(
            run.actor,
            name=name,
            language=language,
            region=region,
            body=body,
            valid_from=day(valid_from) if valid_from else run.office.context.today,
            comment=comment,
        )
        _tell(row, as_json=as_json)


@texts.command()
def sign(
    text_id: int, database: Database = None, user: User = None, as_json: AsJson = False, debug: Debug = False
) -> None:
    """Signera ett utkast som någon annan har skrivit."""
    with opened(database, user, debug=debug) as run:
        _tell(run.office.letter_texts.sign(run.actor, text_id), as_json=as_json)


@texts.command()
def reject(
    text_id: int,
    reason: Annotated[str, typer.Option(help="Varför.")],
    database: Database = None,
    user: User = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Lägg undan ett utkast."""
    with opened(database, user, debug=debug) as run:
        _tell(run.office.letter_texts.reject(run.actor, text_id, reason=reason), as_json=as_json)


@texts.command()
def diff(
    text_id: int,
    other: Annotated[int | None, typer.Argument(help="Textens nummer; annars den som gäller.")] = None,
    database: Database = None,
    user: User = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Visa vad en version ändrar."""
    with opened(database, user, debug=debug) as run:
        lines = run.office.letter_texts.difference(run.actor, text_id, other)
        print_json({"lines": lines}) if as_json else print("\n".join(lines))


@texts.command()
def preview(
    text_id: int,
    reader: Annotated[
        Reader, typer.Option("--for", help="Påhittad (made_up), långt namn (long_named), nästa verkliga (next).")
    ] = Reader.MADE_UP,
    type: Annotated[LetterType | None, typer.Option(help="Vilket brev en gemensam del visas i.")] = None,  # noqa: A002 - as elsewhere
    pdf: Annotated[Path | None, typer.Option(help="Skriv brevet som PDF i stället.")] = None,
    database: Database = None,
    user: User = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Visa ett brev som det skulle bli med den här texten."""
    from kansli_tui.service.files import write_whole  # noqa: PLC0415 - only here

    with opened(database, user, debug=debug) as run:
        service = run.office.letter_texts
        if pdf is not None:
            data = service.preview_pdf(run.actor, text_id, reader=reader, kind=type)
            file = write_whole(pdf.parent, pdf.name, data)
            print_json({"file": file}) if as_json else print(file)
            return
        text = service.preview(run.actor, text_id, reader=reader, kind=type)
        print_json({"text": text}) if as_json else print(text, end="")


def _tell(row: TextRow, *, as_json: bool) -> None:
    print_json(row) if as_json else print(_line(row))


def _line(row: TextRow) -> str:
    force = f"  ← {_('in force')}" if row.in_force else ""
    where = f"{row.language} {row.region}".strip()
    return f"{row.text_id:>5}  {row.name:<28}{where:<14}{row.version:<10}{row.valid_from}  {label(row.state)}{force}"
