"""`kansli-tui stats sweopt`: a region's export to the national quality register, checked before it is written."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from kansli_tui.cli.common import NEEDS_A_PERSON, AsJson, Database, Debug, User, day, opened, print_json
from kansli_tui.errors import RefusedError
from kansli_tui.i18n import _
from kansli_tui.rows.quality_register import Finding, LeftOut


def sweopt(
    region: Annotated[str, typer.Option("--region", help="Länskod: 05, 06 eller 08. En region i taget.")],
    folder: Annotated[Path | None, typer.Option("--to", help="Mapp att skriva filen och dess manifest i.")] = None,
    recipient: Annotated[str, typer.Option(help="Vem filen är till; loggas.")] = "",
    since: Annotated[str | None, typer.Option("--from", help="Erbjudna från och med, ÅÅÅÅ-MM-DD.")] = None,
    until: Annotated[str | None, typer.Option("--to-date", help="Erbjudna till och med, ÅÅÅÅ-MM-DD.")] = None,
    leave_out: Annotated[
        list[str] | None, typer.Option("--leave-out", help="Lämna ute en omgång som inte kan stämma: ÄRENDE/OMGÅNG.")
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Kontrollera bara; skriv ingenting.")] = False,
    database: Database = None,
    user: User = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Filen till det nationella kvalitetsregistret: en rad per omgång. Den som sagt nej till registret är aldrig med."""
    with opened(database, user, debug=debug) as run:
        service = run.office.quality_register
        first, last = (day(text) if text else None for text in (since, until))
        if first is not None and last is not None and first > last:
            raise RefusedError("The first day is after the last one. Change --from or --to.")
        cases = [_case(text) for text in leave_out or ()]
        if not check:
            if folder is None:
                raise RefusedError("Say where the file is to be written with --to, or use --check.")
            made = service.export(
                run.actor, region, folder, recipient=recipient, since=first, until=last, leave_out=cases
            )
            if as_json:
                print_json(made)
            else:
                print(
                    _(
                        "{file}: {rows} rounds, version {version}.",
                        file=made.file_name,
                        rows=made.rows,
                        version=made.version,
                    )
                )
                _tell(made.left_out)
            return
        found = service.check(run.actor, region, since=first, until=last, leave_out=cases)
        if as_json:
            print_json(found)
        else:
            print(_("{rows} rounds, {faults} faults.", rows=found.rows, faults=len(found.findings)))
            _tell(found.left_out)
            for finding in found.findings:
                print(_line(finding))
        if found.findings:
            raise typer.Exit(NEEDS_A_PERSON)


def _case(text: str) -> tuple[int, int]:
    case, _slash, number = text.partition("/")
    if not (case.isascii() and case.isdecimal() and number.isascii() and number.isdecimal()):
        raise RefusedError("A round is written CASE/ROUND as --check lists it, not {text}.", text=text)
    return int(case), int(number)


def _tell(left_out: Mapping[LeftOut, int]) -> None:
    words = {
        LeftOut.OBJECTION: _("left out: does not want to be in the quality register"),
        LeftOut.PROTECTED: _("left out: protected"),
        LeftOut.BY_HAND: _("left out by hand"),
    }
    for reason, number in left_out.items():
        if number:
            print(f"  {number:>6} {words[reason]}")


def _line(finding: Finding) -> str:
    return f"  {finding.case}/{finding.round}: {_(finding.message, **finding.values)}"
