"""`kansli-tui stats`: every indicator by region and birth year; exact on the screen, suppressed in files that may leave."""

import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from kansli_tui.cli.common import AsJson, Database, Debug, Region, Run, User, day, opened, print_json
from kansli_tui.cli.sweopt import sweopt
from kansli_tui.errors import RefusedError
from kansli_tui.exchange.stats_csv import stats_csv
from kansli_tui.i18n import _
from kansli_tui.pathway.municipalities import MUNICIPALITIES
from kansli_tui.pathway.quarters import read_quarter
from kansli_tui.rows.statistics import LeadRow, RoundsWanted, Statistics, StatsFilter, StatsRow
from kansli_tui.rows.stats_report import ReportKind
from kansli_tui.service.context import require_supervisor
from kansli_tui.service.disclosure import suppressed
from kansli_tui.service.files import write_whole
from kansli_tui.stats_labels import indicator_words

statistics = typer.Typer(help="Statistik, och det som lämnas till det nationella kvalitetsregistret.")
statistics.command(name="sweopt")(sweopt)


@statistics.callback(invoke_without_command=True)
def stats(
    context: typer.Context,
    region: Region = None,
    born: Annotated[int | None, typer.Option(help="Födelseår.")] = None,
    municipality: Annotated[str, typer.Option(help="Kommunkod med fyra siffror, där personen bodde.")] = "",
    rounds: Annotated[RoundsWanted, typer.Option(help="Vilka omgångar: all, first eller later.")] = RoundsWanted.ALL,
    period: Annotated[str, typer.Option(help="Erbjudna under ett år eller kvartal: 2025 eller 2025K3.")] = "",
    since: Annotated[str | None, typer.Option("--from", help="Erbjudna från och med, ÅÅÅÅ-MM-DD.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Erbjudna till och med, ÅÅÅÅ-MM-DD.")] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", help="Som det var känt den dagen.")] = None,
    csv_file: Annotated[
        Path | None, typer.Option("--csv", help="Skriv en fil som får lämna kansliet: tal under 5 döljs.")
    ] = None,
    xlsx_file: Annotated[
        Path | None, typer.Option("--xlsx", help="Skriv en arbetsbok som får lämna kansliet: tal under 5 döljs.")
    ] = None,
    pdf_file: Annotated[
        Path | None, typer.Option("--pdf", help="Skriv en rapport som får lämna kansliet: tal under 5 döljs.")
    ] = None,
    kind: Annotated[ReportKind, typer.Option(help="Rapportens längd: year, quarter eller summary.")] = ReportKind.YEAR,
    exact: Annotated[bool, typer.Option("--exact", help="Filerna visar även små tal: bara för kansliet.")] = False,
    recipient: Annotated[str, typer.Option(help="Vem filen är till; loggas.")] = "",
    purpose: Annotated[str, typer.Option(help="Vad den ska användas till; loggas.")] = "",
    database: Database = None,
    user: User = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Indikatorerna per region och födelseår, räknade på omgångar. På skärmen exakta tal, i filer döljs små."""
    if context.invoked_subcommand is not None:
        return
    with opened(database, user, debug=debug) as run:
        if exact:
            require_supervisor(run.actor)
        first, last = _period(period) if period else (day(since) if since else None, day(until) if until else None)
        if period and (since or until):
            raise RefusedError("Give either --period or --from and --to.")
        wanted = StatsFilter(
            regions=(region,) if region else tuple(sorted(run.actor.regions)),
            as_of=day(as_of) if as_of else run.office.context.today,
            since=first,
            until=last,
            born=(born,) if born else (),
            municipality=municipality,
            rounds=rounds,
        )
        _check(wanted, run.office.context.today)
        made = run.office.statistics.make(run.actor, wanted, recipient=recipient, purpose=purpose)
        if csv_file is not None:
            write_whole(csv_file.parent, csv_file.name, stats_csv(made.rows if exact else suppressed(made.rows)))
            _say_written(csv_file)
        _write_reports(run, wanted, pdf_file, xlsx_file, kind, recipient, purpose, exact=exact)
        if as_json:
            print_json(_json(made, run.office.statistics.lead_times(run.actor, wanted)))
        else:
            _tell(made)


def _period(text: str) -> tuple[date, date]:
    quarter = read_quarter(text)
    if quarter is not None:
        return quarter.first, quarter.last
    if len(text) == 4 and text.isascii() and text.isdecimal() and text != "0000":
        return date(int(text), 1, 1), date(int(text), 12, 31)
    raise RefusedError("A period is a year or a quarter: 2025 or 2025K3.")


def _check(wanted: StatsFilter, today: date) -> None:
    if wanted.since is not None and wanted.until is not None and wanted.since > wanted.until:
        raise RefusedError("The first day is after the last one. Change --from or --to.")
    if wanted.as_of > today:
        raise RefusedError("The day has not come yet: nothing is known as of it. Choose today or an earlier day.")
    if wanted.municipality and wanted.municipality not in MUNICIPALITIES:
        raise RefusedError("A municipality is the four digits of one in the three regions, for example 0580.")


def _write_reports(
    run: Run,
    wanted: StatsFilter,
    pdf_file: Path | None,
    xlsx_file: Path | None,
    kind: ReportKind,
    recipient: str,
    purpose: str,
    *,
    exact: bool,
) -> None:
    # A timer may write a report that somebody hands on later: the cover and the log say that nothing was stated.
    told = {"recipient": recipient or _("not stated"), "purpose": purpose or _("not stated")}
    if pdf_file is not None:
        _name, data = run.office.stats_reports.pdf(run.actor, wanted, kind, **told, exact=exact)
        write_whole(pdf_file.parent, pdf_file.name, data)
        _say_written(pdf_file)
    if xlsx_file is not None:
        _name, data = run.office.stats_reports.workbook(run.actor, wanted, **told, exact=exact)
        write_whole(xlsx_file.parent, xlsx_file.name, data)
        _say_written(xlsx_file)


def _say_written(file: Path) -> None:
    # Not on standard output, which may hold one JSON document.
    print(_("Written: {file}", file=file), file=sys.stderr)


def _json(made: Statistics, leads: tuple[LeadRow, ...]) -> dict[str, Any]:
    asked = made.filter
    return {
        "filter": {
            "regions": asked.regions,
            "born": list(asked.born),
            "municipality": asked.municipality,
            "rounds": asked.rounds,
            "from": asked.since,
            "to": asked.until,
        },
        "as_of": asked.as_of,
        "counted": "rounds; 'offered', 'not_offered_…', 'opted_out' and 'open_without_next_date' count people",
        "rows": [
            {
                "indicator": row.indicator,
                "region": row.region,
                "born": row.born,
                "numerator": row.numerator,
                "denominator": row.denominator,
                "percent": None if row.percent is None else float(row.percent),
                "suppressed": row.suppressed,
            }
            for row in made.rows
        ],
        "lead_times": [
            {
                "lead_time": row.lead,
                "region": row.region,
                "rounds": row.rounds,
                "first_quartile": row.first_quartile,
                "median": row.median,
                "third_quartile": row.third_quartile,
                "target": row.target,
                "within": row.within,
                "percent": None if row.percent is None else float(row.percent),
                "waiting": row.waiting,
                "waiting_over": row.waiting_over,
                "longest_waiting": row.longest_waiting,
            }
            for row in leads
        ],
    }


def _tell(made: Statistics) -> None:
    print(_("As of {day}, counted in rounds.", day=made.filter.as_of))
    for row in made.rows:
        if (row.region, row.born) == ("all", "all"):
            print(_line(row))


def _line(row: StatsRow) -> str:
    share = "" if row.percent is None else f"{row.percent:f}".replace(".", ",") + " %"
    of = f"{row.numerator} / {row.denominator}"
    return f"  {indicator_words(row.indicator):<72} {of:>16} {share:>9}"
