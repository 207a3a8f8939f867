"""`kansli-tui stats`: every indicator by region and birth year; exact on the screen, suppressed in files that may leave."""

import csv
from io import StringIO
from pathlib import Path
from typing import Annotated, Any

import typer

from kansli_tui.cli.common import AsJson, Database, Debug, Region, User, day, opened, print_json
from kansli_tui.errors import RefusedError
from kansli_tui.i18n import _
from kansli_tui.rows.statistics import Statistics, StatsFilter, StatsRow
from kansli_tui.service.disclosure import suppressed
from kansli_tui.service.files import write_whole
from kansli_tui.stats_labels import indicator_words

_COLUMNS = (
    "indicator",
    "meaning",
    "region",
    "born",
    "numerator",
    "denominator",
    "percent",
    "low",
    "high",
    "suppressed",
)


def stats(
    region: Region = None,
    born: Annotated[int | None, typer.Option(help="Födelseår.")] = None,
    since: Annotated[str | None, typer.Option("--from", help="Erbjudna från och med, ÅÅÅÅ-MM-DD.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Erbjudna till och med, ÅÅÅÅ-MM-DD.")] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", help="Som det var känt den dagen.")] = None,
    csv_file: Annotated[
        Path | None, typer.Option("--csv", help="Skriv en fil som får lämna kansliet: tal under 5 döljs.")
    ] = None,
    recipient: Annotated[str, typer.Option(help="Vem filen är till; loggas.")] = "",
    purpose: Annotated[str, typer.Option(help="Vad den ska användas till; loggas.")] = "",
    database: Database = None,
    user: User = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Indikatorerna per region och födelseår, räknade på omgångar. På skärmen exakta tal, i filer döljs små."""
    with opened(database, user, debug=debug) as run:
        wanted = StatsFilter(
            regions=(region,) if region else tuple(sorted(run.actor.regions)),
            as_of=day(as_of) if as_of else run.office.context.today,
            since=day(since) if since else None,
            until=day(until) if until else None,
            born=(born,) if born else (),
        )
        if wanted.since is not None and wanted.until is not None and wanted.since > wanted.until:
            raise RefusedError("The first day is after the last one. Change --from or --to.")
        if wanted.as_of > run.office.context.today:
            raise RefusedError("The day has not come yet: nothing is known as of it. Choose today or an earlier day.")
        made = run.office.statistics.make(run.actor, wanted, recipient=recipient, purpose=purpose)
        if csv_file is not None:
            write_whole(csv_file.parent, csv_file.name, _csv(made).encode("utf-8-sig"))
        if as_json:
            print_json(_json(made))
        else:
            _tell(made)


def _json(made: Statistics) -> dict[str, Any]:
    asked = made.filter
    return {
        "filter": {"regions": asked.regions, "born": list(asked.born), "from": asked.since, "to": asked.until},
        "as_of": asked.as_of,
        "counted": "rounds; 'offered' counts people",
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
    }


def _csv(made: Statistics) -> str:
    """As the office's spreadsheet opens it: semicolons and decimal commas."""
    out = StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    for row in suppressed(made.rows):
        numbers = (row.percent, row.low, row.high)
        shares = ["" if number is None else f"{number:f}".replace(".", ",") for number in numbers]
        whole = ["" if count is None else count for count in (row.numerator, row.denominator)]
        writer.writerow(
            (row.indicator, indicator_words(row.indicator), row.region, row.born, *whole, *shares, int(row.suppressed))
        )
    return out.getvalue()


def _tell(made: Statistics) -> None:
    print(_("As of {day}, counted in rounds.", day=made.filter.as_of))
    for row in made.rows:
        if (row.region, row.born) == ("all", "all"):
            print(_line(row))


def _line(row: StatsRow) -> str:
    share = "" if row.percent is None else f"{row.percent:f}".replace(".", ",") + " %"
    of = f"{row.numerator} / {row.denominator}"
    return f"  {indicator_words(row.indicator):<52} {of:>16} {share:>9}"
