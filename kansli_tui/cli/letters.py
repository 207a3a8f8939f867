"""`kansli-tui letters`: batches from waiting letters to posted, letters that come back, receipts. Texts have a module of their own."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from kansli_tui.cli.common import (
    NEEDS_A_PERSON,
    REFUSED,
    AsJson,
    Database,
    Debug,
    Folder,
    Region,
    Run,
    User,
    opened,
    print_json,
    read_file,
    words,
)
from kansli_tui.cli.letter_texts import texts
from kansli_tui.errors import KansliError, RefusedError
from kansli_tui.i18n import _, n_
from kansli_tui.labels import label
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.rows.letter_states import BatchRow, BatchState, Channel, ReturnReason, WaitingLetters
from kansli_tui.rows.receipts import ReceiptReport
from kansli_tui.service.batches import letter_number
from kansli_tui.service.context import require_region
from kansli_tui.service.mail import read_number
from kansli_tui.service.receipt_words import reason, report_lines

letters = typer.Typer(
    help="Brev i satser: visa, skriv ut, bekräfta postade; returer och kvittenser.", no_args_is_help=True
)
letters.add_typer(texts, name="texts")
Why = Annotated[str, typer.Option("--reason", help="Varför.")]


@letters.command(name="list")
def list_letters(database: Database = None, user: User = None, as_json: AsJson = False, debug: Debug = False) -> None:
    """Visa brev som väntar på utskrift och de senaste satserna."""
    with opened(database, user, debug=debug) as run:
        waiting, batches = run.office.letters.waiting(run.actor), run.office.letters.batches(run.actor)
        if as_json:
            print_json({"waiting": waiting, "batches": batches})
            return
        for row in waiting:
            hand = f"  ({_('by hand')})" if row.by_hand else ""
            print(f"{row.region}  {label(row.type):<36}{row.letters:>6}{_way(row.channel)}{hand}")
        for batch in batches:
            print(_line(batch))


@letters.command()
def render(
    to: Folder = Path(),
    region: Region = None,
    type: Annotated[LetterType | None, typer.Option(help="Bara en brevtyp.")] = None,  # noqa: A002 - the contract's word
    channel: Annotated[Channel | None, typer.Option(help="Bara en kanal: paper, vendor eller 1177.")] = None,
    by_hand: Annotated[bool, typer.Option("--by-hand", help="Brev till personer med skyddade uppgifter.")] = False,
    database: Database = None,
    user: User = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Gör satser av alla brev som väntar och skriv deras filer. Avbrutet gör nästa körning klart det som fattas."""
    with opened(database, user, debug=debug) as run:
        service = run.office.letters
        if region is not None:
            require_region(run.actor, region)

        def wanted(row: WaitingLetters | BatchRow) -> bool:
            kind = (row.by_hand, row.region, row.type, row.channel)
            return all(
                asked in (None, found) for asked, found in zip((by_hand, region, type, channel), kind, strict=True)
            )

        # First what was made but never written, because the program was killed.
        made = [batch for batch in service.left_behind(run.actor) if wanted(batch)]
        for row in filter(wanted, service.waiting(run.actor)):
            done = {batch.number for batch in made}
            more = service.make_batches(
                run.actor, region=row.region, type=row.type, by_hand=by_hand, channel=row.channel
            )
            made += [batch for batch in more if batch.number not in done]
        left = sum(row.letters for row in service.waiting(run.actor) if wanted(row))
        files, refused = _written(run, made, to)
        made = [service.by_number(run.actor, number) for number in files]
        open_too = [
            batch.number
            for batch in service.batches(run.actor)
            if batch.state is BatchState.PRINTED and wanted(batch) and batch.number not in files
        ]
        if as_json:
            print_json({"batches": made, "left": left, "to_confirm": open_too, "refused": refused})
        else:
            if made or not refused:
                _tell_made(made, files, left)
            if open_too:
                print(_("Written before, and not yet confirmed as posted: {batches}.", batches=", ".join(open_too)))
        if refused:
            raise typer.Exit(NEEDS_A_PERSON if made else REFUSED)
        raise typer.Exit(NEEDS_A_PERSON if left or any(batch.left_out for batch in made) else 0)


@letters.command()
def write(
    number: str,
    to: Folder = Path(),
    database: Database = None,
    user: User = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Skriv en sats filer en gång till, med samma innehåll byte för byte."""
    with opened(database, user, debug=debug) as run:
        batch = run.office.letters.by_number(run.actor, number)
        _files(run, batch, to, as_json=as_json)


@letters.command()
def forwarding(
    number: str,
    to: Folder = Path(),
    database: Database = None,
    user: User = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Skriv följebrevet till Skatteverket och bladet till innerkuvertet för en sats som går för hand."""
    with opened(database, user, debug=debug) as run:
        batch = run.office.letters.by_number(run.actor, number)
        files = run.office.papers.forwarding(run.actor, batch.batch_id, to)
        print_json({"files": files}) if as_json else print("\n".join(f"  {file}" for file in files))


@letters.command()
def reprint(
    number: str,
    reason: Annotated[str, typer.Option("--reason", help="Varför satsen skrivs ut igen.")] = "ny utskrift",
    to: Folder = Path(),
    database: Database = None,
    user: User = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Skriv ut en sats på nytt som en egen sats med samma brev. Det som är utskrivet av den gamla kastas."""
    with opened(database, user, debug=debug) as run:
        old = run.office.letters.by_number(run.actor, number)
        new = run.office.mail.reprint(run.actor, old.batch_id, version=old.version, reason=reason)
        _files(run, new, to, as_json=as_json)


@letters.command()
def confirm(
    number: str,
    posted: Annotated[int, typer.Option(help="Antal kuvert som har räknats och lämnats till posten.")],
    sheets: Annotated[int | None, typer.Option(help="Antal ark som har räknats.")] = None,
    database: Database = None,
    user: User = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Bekräfta att en sats har postats. Stämmer inte antalet händer ingenting."""
    with opened(database, user, debug=debug) as run:
        batch = run.office.letters.by_number(run.actor, number)
        made = run.office.letters.confirm(
            run.actor, batch.batch_id, version=batch.version, posted=posted, sheets=sheets
        )
        _tell(made, as_json=as_json)


@letters.command()
def cancel(
    number: str,
    reason: Annotated[str, typer.Option(help="Varför satsen kastas.")],
    database: Database = None,
    user: User = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Kasta en utskriven sats; breven väntar på nästa."""
    with opened(database, user, debug=debug) as run:
        batch = run.office.letters.by_number(run.actor, number)
        made = run.office.letters.cancel(run.actor, batch.batch_id, version=batch.version, reason=reason)
        _tell(made, as_json=as_json)


@letters.command()
def count(
    number: str, database: Database = None, user: User = None, as_json: AsJson = False, debug: Debug = False
) -> None:
    """Jämför brevnummer på standard in, ett per rad (från en läsare), med satsen. Avslutas med 1 om något skiljer."""
    with opened(database, user, debug=debug) as run:
        batch = run.office.letters.by_number(run.actor, number)
        seen = sys.stdin.read().splitlines()
        for place, text in enumerate(seen, start=1):
            _number(place, text)
        found = run.office.mail.count(run.actor, batch.batch_id, seen)
        if as_json:
            print_json(found)
        else:
            print(_("{seen} of {all} letters seen.", seen=found.seen, all=batch.to_post))
            for text, some in (
                (_("Missing"), found.missing),
                (_("Do not belong to the batch"), found.strange),
                (_("Twice"), found.twice),
            ):
                if some:
                    print(f"{text}: {', '.join(some)}")
        raise typer.Exit(NEEDS_A_PERSON if found.missing or found.strange or found.twice else 0)


@letters.command(name="set-aside")
def set_aside(
    number: str,
    ids: list[str],
    reason: Why,
    database: Database = None,
    user: User = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Ta ut förstörda eller saknade brev ur en utskriven sats; de väntar på nästa, och resten kan gå."""
    with opened(database, user, debug=debug) as run:
        batch = run.office.letters.by_number(run.actor, number)
        made = run.office.mail.set_aside(run.actor, batch.batch_id, version=batch.version, letters=ids, reason=reason)
        _tell(made, as_json=as_json)


@letters.command()
def returned(
    ids: list[str],
    why: Annotated[ReturnReason, typer.Option(help="Vad postens etikett säger.")] = ReturnReason.NOT_SAID,
    undo: Annotated[bool, typer.Option("--undo", help="Ta tillbaka en retur som noterades av misstag.")] = False,
    reason: Annotated[str, typer.Option("--reason", help="Varför returen tas tillbaka.")] = "",
    database: Database = None,
    user: User = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Notera brev som har kommit i retur: var och en får en uppgift att söka rätt adress."""
    with opened(database, user, debug=debug) as run:
        noted: list[str] = []
        refused: list[dict[str, str]] = []
        for text in ids:
            try:
                if undo:
                    run.office.mail.take_back_return(run.actor, read_number(text), reason=reason)
                else:
                    run.office.mail.returned(run.actor, text, why)
                noted.append(letter_number(read_number(text)))
            except KansliError as problem:
                # One that cannot be noted keeps no other from it.
                refused.append({"letter": text, "reason": words(problem)})
        if as_json:
            print_json({"undone" if undo else "returned": noted, "refused": refused})
        else:
            for one in noted:
                print(f"{one}: {_('return taken back') if undo else label(why)}")
        for line in refused:
            print(f"{line['letter']}: {line['reason']}", file=sys.stderr)
        if refused:
            raise typer.Exit(NEEDS_A_PERSON if noted else REFUSED)


@letters.command()
def again(
    letter: str,
    reason: Why,
    address_checked: Annotated[
        bool, typer.Option("--address-checked", help="Registret är kontrollerat och adressen är rätt ändå.")
    ] = False,
    database: Database = None,
    user: User = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Förbered ett postat eller returnerat brev en gång till, till adressen som registret har nu."""
    with opened(database, user, debug=debug) as run:
        made = run.office.mail.send_again(
            run.actor, read_number(letter), reason=reason, address_checked=address_checked
        )
        number = letter_number(made)
        print_json({"letter": number}) if as_json else print(_("Letter {letter} waits to be printed.", letter=number))


@letters.command()
def receipts(
    files: list[Path], database: Database = None, user: User = None, as_json: AsJson = False, debug: Debug = False
) -> None:
    """Läs in kvittenser från tryckeri eller 1177 (CSV eller JSON). Det som inte kom fram går på papper."""
    with opened(database, user, debug=debug) as run:
        made: list[dict[str, Any]] = []
        for file in files:
            try:
                report = run.office.channels.receive(run.actor, read_file(file), file.name)
            except KansliError as problem:
                print(f"{file.name}: {words(problem)}", file=sys.stderr)
                made.append({"file": file.name, "error": words(problem)})
                continue
            made.append(_report(report))
            if not as_json:
                print("\n".join(report_lines(report)))
        if as_json:
            print_json({"files": made})
        if any("error" in one for one in made):
            raise typer.Exit(REFUSED)
        raise typer.Exit(NEEDS_A_PERSON if any(one["problems"] or one["to_contact"] for one in made) else 0)


def _number(place: int, text: str) -> None:
    """Refuse a line that is no letter's number, by its place."""
    try:
        if text.strip():
            read_number(text)
    except RefusedError as problem:
        raise RefusedError("Line {place}: {problem}", place=place, problem=words(problem)) from problem


def _report(report: ReceiptReport) -> dict[str, Any]:
    return {
        "file": report.file,
        "taken": report.taken,
        "known": report.known,
        "on_paper": report.on_paper,
        "to_contact": report.to_contact,
        "problems": [{"line": problem.place, "reason": reason(problem)} for problem in report.problems],
    }


def _written(run: Run, made: list[BatchRow], to: Path) -> tuple[dict[str, tuple[Path, ...]], list[dict[str, str]]]:
    """The files of each batch by its number, and the batches that could not be written: one keeps no other from it."""
    files, refused = {}, []
    for batch in made:
        try:
            files[batch.number] = run.office.letters.write(run.actor, batch.batch_id, to)
        except KansliError as problem:
            refused.append({"batch": batch.number, "reason": words(problem)})
            print(f"{batch.number}: {words(problem)}", file=sys.stderr)
    return files, refused


def _files(run: Run, batch: BatchRow, to: Path, *, as_json: bool) -> None:
    files = run.office.letters.write(run.actor, batch.batch_id, to)
    now = run.office.letters.by_number(run.actor, batch.number)
    if as_json:
        print_json({"batch": now, "files": files})
        return
    _tell_made([now], {now.number: files}, 0)


def _tell_made(made: list[BatchRow], files: dict[str, tuple[Path, ...]], left: int) -> None:
    for batch in made:
        print(_line(batch))
        for file in _places(files[batch.number]):
            print(f"  {file}")
    if left:
        print(
            n_(
                "{count} letter cannot be printed now: see its task.",
                "{count} letters cannot be printed now: see their tasks.",
                left,
            )
        )
    elif not made:
        print(_("There is no letter of this kind to print."))


def _places(files: tuple[Path, ...]) -> tuple[Path, ...]:
    """The files, or their folder where they are one for each letter."""
    return files if len(files) <= _SHOWN else (files[-1].parent, files[-1])


_SHOWN = 5


def _tell(batch: BatchRow, *, as_json: bool) -> None:
    print_json(batch) if as_json else print(_line(batch))


def _way(channel: Channel) -> str:
    return "" if channel is Channel.PAPER else f"  ({label(channel)})"


def _line(batch: BatchRow) -> str:
    kind = f"{batch.number}  {batch.region}  {label(batch.type):<36}{batch.to_post:>6}"
    return f"{kind}  {label(batch.state)}{_way(batch.channel)}"
