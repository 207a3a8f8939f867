"""`kansli-tui case` and `balance`: where one man stands, and that everyone stands somewhere."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from kansli_tui.cli.common import NEEDS_A_PERSON, AsJson, Database, Debug, Region, User, opened, print_json
from kansli_tui.errors import RefusedError
from kansli_tui.i18n import _, day, day_full, moment
from kansli_tui.labels import label
from kansli_tui.rows.cases import Balance, Case, SignedBalanceRow
from kansli_tui.rows.office import REGION_SHORT
from kansli_tui.service.balance import line_words
from kansli_tui.service.files import write_whole


def case(
    personnummer: str,
    extract: Annotated[
        Path | None, typer.Option(help="Skriv personens registerutdrag (PDF och JSON) till en mapp.")
    ] = None,
    why: Annotated[str, typer.Option(help="Varför utdraget tas; loggas.")] = "",
    database: Database = None,
    user: User = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """En person: var han står, varför, vad som händer härnäst och när, vad som hindrar, hela tidslinjen.

    Med --extract i stället allt som finns om personen, och vem som har tagit del av det.
    """
    with opened(database, user, debug=debug) as run:
        person_id = run.office.cases.find(run.actor, personnummer)
        if extract is not None:
            files = run.office.access.write(run.actor, person_id, extract, why=why)
            if as_json:
                print_json({"files": files})
            else:
                print("\n".join(map(str, files)))
            return
        found = run.office.cases.open(run.actor, person_id)
        if as_json:
            print_json(case_json(found))
        else:
            _tell(found, run.office.context.today)


def balance(
    region: Region = None,
    born: Annotated[int | None, typer.Option(help="Födelseår.")] = None,
    pdf: Annotated[Path | None, typer.Option(help="Skriv balansen som PDF till en fil.")] = None,
    sign: Annotated[bool, typer.Option("--sign", help="Underteckna balansen; den sparas med sin PDF.")] = False,
    database: Database = None,
    user: User = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Alla i registret redovisade, per region och födelseår. Avslutas med 1 om en rad inte går ihop."""
    with opened(database, user, debug=debug) as run:
        if (sign and (region, born) != (None, None)) or (pdf is not None and born is not None):
            raise RefusedError("A balance on paper holds every birth year, and one that is signed every region too.")
        made = run.office.balance.make(run.actor, region=region, born=born)
        signed = run.office.balance.sign(run.actor) if sign else None
        if pdf is not None:
            paper = (
                run.office.balance.signed_pdf(run.actor, signed.balance_id)
                if signed is not None
                else run.office.balance.pdf(run.actor, region=region)
            )
            write_whole(pdf.parent, pdf.name, paper)
        if as_json:
            print_json(balance_json(made, signed))
        else:
            _tell_balance(made)
            if signed is not None:
                print(
                    _(
                        "Signed by {who}: number {number}, {hash}",
                        who=signed.by,
                        number=signed.balance_id,
                        hash=signed.sha256,
                    )
                )
        raise typer.Exit(0 if made.adds_up else NEEDS_A_PERSON)


def case_json(found: Case) -> dict[str, Any]:
    """The contract's keys; a region is its county code."""
    return {
        "personnummer": found.number.replace("-", ""),
        "earlier_numbers": [number.replace("-", "") for number in found.earlier_numbers],
        "region": found.region,
        "step": found.step,
        "step_label": found.step_label,
        "since": found.since,
        "round": found.round_number,
        "rule_set": found.rule_set,
        "reason": found.reason,
        "next": {"what": found.next.what, "on": found.next.on, "by": found.next.by},
        "blocked_by": list(found.blocked_by),
        "tasks": [{"queue": task.queue, "reason": task.reason, "since": task.opened_at} for task in found.tasks],
        "psa": None
        if found.psa is None
        else {
            "value": found.psa.value,
            "comparator": found.psa.comparator,
            "unit": found.psa.unit,
            "status": found.psa.status,
            "sampled_at": found.psa.sampled_at,
        },
        "mri": None
        if found.mri is None
        else {"pirads": found.mri.pirads, "volume_ml": found.mri.volume_ml, "density": found.mri.density},
        "timeline": [
            {"at": line.at, "what": line.what, "by": line.by, "detail": line.detail} for line in found.timeline
        ],
    }


def balance_json(made: Balance, signed: SignedBalanceRow | None = None) -> dict[str, Any]:
    """The balance; `difference` is zero on every row when it adds up. `signed` is null when nobody has put their name to it now."""
    return {
        "at": made.at,
        "adds_up": made.adds_up,
        "rows": [
            {
                "region": row.region,
                "born": row.born,
                "in_register": row.in_register,
                "lines": row.lines,
                "difference": row.difference,
            }
            for row in made.rows
        ],
        "unaccounted": [
            {"personnummer": person.number.replace("-", ""), "region": person.region, "why": _(person.why)}
            for person in made.unaccounted
        ],
        "signed": None
        if signed is None
        else {"number": signed.balance_id, "at": signed.at, "by": signed.by, "sha256": signed.sha256},
    }


def _tell(found: Case, today: date) -> None:
    print(
        f"{found.number}  {found.name}  {_('{age} years', age=found.age)}  {REGION_SHORT[found.region]} {found.municipality}"
    )
    on = f", {day_full(found.next.on)}" if found.next.on else ""
    print(f"{_('STANDS'):<10}{found.step_label}, {_('since {on}', on=day_full(found.since))}")
    print(f"{_('WHY'):<10}{found.reason or '–'}")
    print(f"{_('NEXT'):<10}{found.next.what}{on} ({found.next.by})")
    print(f"{_('BLOCKED'):<10}{'; '.join(found.blocked_by) or _('nothing')}")
    for task in found.tasks:
        print(f"{_('TASK'):<10}{label(task.queue)}: {_(task.reason)}")
    for line in found.timeline:
        detail = f"  {line.detail}" if line.detail else ""
        when = day(line.at, today) if line.whole_day else moment(line.at, today)
        print(f"  {when:<18}{line.what}  {line.by}{detail}")


def _tell_balance(made: Balance) -> None:
    for row in made.rows:
        mark = "✓" if row.difference == 0 else "✗"
        print(
            f"{mark} {REGION_SHORT[row.region]:<4}{row.born}  {row.in_register:>8}  {_('difference')} {row.difference}"
        )
        for line, people in sorted(row.lines.items()):
            print(f"      {people:>8}  {line_words(line)}")
    for person in made.unaccounted:
        print(f"  {person.number}  {_(person.why)}")
    print(_("Everyone is accounted for.") if made.adds_up else _("The balance does not add up."))
