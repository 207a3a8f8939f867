"""`kansli-tui watch`: the failsafe checks for a timer or a person; whose duty they are; who is away."""

from datetime import datetime
from typing import Annotated, Any

import typer

from kansli_tui.cli.common import NEEDS_A_PERSON, AsJson, Database, Debug, User, day, opened, print_json
from kansli_tui.i18n import _, day_full, moment
from kansli_tui.rows.office import REGION_SHORT
from kansli_tui.rows.watch import CheckRow, Finding, WatchReport
from kansli_tui.service.watch import SHOWN


def watch(database: Database = None, user: User = None, as_json: AsJson = False, debug: Debug = False) -> None:
    """Kör alla bevakningar och visa vad som är sent och vad man gör åt det. Avslutas med 1 om något hittas."""
    with opened(database, user, debug=debug) as run:
        report = run.office.watch.run(run.actor)
        if as_json:
            print_json(watch_json(report))
        else:
            _tell(report)
        raise typer.Exit(NEEDS_A_PERSON if any(check.found for check in report.checks) else 0)


def watch_duty(
    check: Annotated[str | None, typer.Argument(help="Bevakningens namn; utan namn visas alla.")] = None,
    owner: Annotated[str, typer.Option(help="Användarnamn; tomt är alla.")] = "",
    deputy: Annotated[str, typer.Option(help="Ersättare när ägaren är borta.")] = "",
    every_hours: Annotated[int, typer.Option(help="Hur ofta, i timmar på arbetsdagar.")] = 24,
    database: Database = None,
    user: User = None,
    debug: Debug = False,
) -> None:
    """Vem som ansvarar för en bevakning, vem som ersätter och hur ofta den ska köras."""
    with opened(database, user, debug=debug) as run:
        rows = (
            run.office.watch.board(run.actor)
            if check is None
            else (run.office.watch.set_duty(run.actor, check, owner=owner, deputy=deputy, every_hours=every_hours),)
        )
        for row in rows:
            print(f"{row.check:<24}{_duty(row)}  {row.every_hours} h  {_run(row.last_run, row.last_by)}")


def absence(
    username: Annotated[str | None, typer.Argument(help="Användarnamn; utan namn visas alla.")] = None,
    first: Annotated[str | None, typer.Argument(help="Första dagen, ÅÅÅÅ-MM-DD.")] = None,
    last: Annotated[str | None, typer.Argument(help="Sista dagen; utan den en enda dag.")] = None,
    end: Annotated[int | None, typer.Option(help="Avsluta en frånvaro med detta nummer.")] = None,
    database: Database = None,
    user: User = None,
    debug: Debug = False,
) -> None:
    """Vem som är borta: då har ersättaren bevakningen."""
    with opened(database, user, debug=debug) as run:
        if end is not None:
            run.office.watch.end_absence(run.actor, end)
        elif username is not None:
            begins = day(first) if first is not None else run.office.context.today
            run.office.watch.add_absence(run.actor, username, begins, day(last) if last is not None else begins)
        for row in run.office.watch.absences(run.actor):
            print(f"{row.absence_id:>5}  {row.username:<20}{day_full(row.first)} – {day_full(row.last)}")


def watch_json(report: WatchReport) -> dict[str, Any]:
    """The report: every check with how many it found, and the first findings of each."""
    return {
        "at": report.at,
        "checks": [
            {
                "check": row.check,
                "label": _(row.label),
                "fix": _(row.fix),
                "owner": row.owner,
                "deputy": row.deputy,
                "on_duty": row.on_duty,
                "every_hours": row.every_hours,
                "last_run": row.last_run,
                "last_by": row.last_by,
                "found": row.found,
                "late": row.late,
            }
            for row in report.checks
        ],
        "findings": [
            {
                "check": finding.check,
                "person_id": finding.person_id,
                "region": finding.region,
                "personnummer": None if finding.masked else finding.number.replace("-", "") or None,
                "what": what(finding),
                "since": finding.since,
                "subject": finding.subject,
                "cause": finding.cause,
            }
            for finding in report.findings
        ],
    }


def what(finding: Finding) -> str:
    """A finding in words."""
    return _(finding.what, **finding.values)


def _tell(report: WatchReport) -> None:
    for row in report.checks:
        if not row.found:
            continue
        print(f"✗ {_(row.label)}: {row.found}  ({_duty(row)})")
        print(f"  → {_(row.fix)}")
        for finding in report.findings:
            if finding.check == row.check:
                since = day_full(finding.since) if finding.since is not None else "–"
                region = REGION_SHORT.get(finding.region, "–")
                print(f"    {region:<4}{finding.number or '–':<25}{since:<20}{what(finding)}  [{finding.subject}]")
        if row.found > SHOWN:
            print(f"    {_('and {count} more', count=row.found - SHOWN)}")
    found = sum(row.found for row in report.checks)
    if found:
        print(
            _("{count} findings in {checks} checks.", count=found, checks=sum(row.found > 0 for row in report.checks))
        )
    else:
        print(_("All {checks} checks are run, and nothing is late.", checks=len(report.checks)))


def _duty(row: CheckRow) -> str:
    return row.on_duty or _("everybody's")


def _run(at: datetime | None, by: str) -> str:
    return _("never run") if at is None else f"{moment(at)} {by}"
