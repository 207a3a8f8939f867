"""The invented office's own targets, and its follow-up plan: one quarter closed, one ready to be closed, one begun."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from kansli_tui.pathway.follow_up import Direction, Limits, Status
from kansli_tui.pathway.quarters import Quarter, quarter_of
from kansli_tui.rows.follow_up import JOINT
from kansli_tui.rows.statistics import StatsFilter
from kansli_tui.service.office import Office
from kansli_tui.simulation.staff import Crew

_KALMAR: Final = "08"
_QUARTERS_BACK: Final = 6
_ENOUGH: Final = 60
"""Offers in a quarter that give its lines a colour."""
_LEAST, _MOST = Direction.AT_LEAST, Direction.AT_MOST
_TARGETS: Final = (
    ("participated", JOINT, _LEAST, "40", "30", "Styrgruppens beslut om deltagande"),
    ("participated", _KALMAR, _LEAST, "45", "35", "Länets eget mål i verksamhetsplanen"),
    ("mri_done", JOINT, _LEAST, "95", "90", "Alla med förhöjt PSA ska erbjudas MR"),
    ("sample_to_letter_within", JOINT, _LEAST, "95", "85", "Svarsbrev inom två veckor"),
    ("mri_wait_median", JOINT, _MOST, "21", "28", "Överenskommelse med röntgen"),
    ("open_without_next_date", JOINT, _MOST, "0", "0", "Ingen ska tappas bort"),
)


@dataclass(frozen=True, slots=True)
class _Line:
    area: str
    measure: str
    activity: str = ""
    responsible: str = ""
    results: str = ""
    challenges: str = ""


_LINES: Final = (
    _Line(
        "Deltagande",
        "participated",
        "Kortare erbjudande, prövat med patientrådet",
        "Per Ek",
        "Fler lämnade prov i de yngre årgångarna.",
        "Få provtagningsställen har öppet på kvällar.",
    ),
    _Line("PSA-svar", "psa_raised"),
    _Line("MR", "mri_done", "Ring dem som inte har kommit till sin tid", "Anna Lind"),
    _Line("Ledtider", "sample_to_letter_within", results="Breven går varje tisdag och fredag."),
    _Line("Ledtider", "mri_wait_median", "Fler tider i Kalmar", "Ulla Strand", challenges="Röntgen saknar personal."),
    _Line("Alla redovisade", "open_without_next_date"),
)


def write_plans(office: Office, crew: Crew, today: date) -> None:
    """Set the targets and write the plans, the joint one and Kalmar's."""
    now = quarter_of(today)
    ready = now.plus(-1)
    closed = _closed(office, crew, ready)
    for measure, region, direction, green, yellow, why in _TARGETS:
        limits = Limits(direction, Decimal(green), Decimal(yellow))
        office.targets.set(
            crew.per, measure=measure, region=region, limits=limits, valid_from=date(closed.year, 1, 1), why=why
        )
    for region, lines in ((JOINT, _LINES), (_KALMAR, _LINES[:1])):
        _write(office, crew, str(closed), region, lines)
        office.follow_up.start(crew.anna, str(ready), region)
        _close(office, crew, str(closed), region)
        office.follow_up.start(crew.anna, str(now), region)
    row = next(row for row in office.follow_up.quarter(crew.per, str(ready), JOINT).rows if row.area == "MR")
    office.follow_up.override(
        crew.per,
        row.line_id,
        Status.YELLOW,
        version=row.version,
        comment="Två väntar på en tid som de har bett att få flytta.",
    )


def _closed(office: Office, crew: Crew, ready: Quarter) -> Quarter:
    """The newest quarter before in which enough were offered: the invented office does not offer in all of them."""
    for back in range(1, _QUARTERS_BACK):
        quarter = ready.plus(-back)
        # The last day at work may lie before today; a later one is not counted.
        wanted = StatsFilter(tuple(sorted(crew.per.regions)), office.context.today, quarter.first, quarter.last)
        rows = office.statistics.make(crew.per, wanted).rows
        offers = next((row.numerator for row in rows if row.indicator == "rounds"), None)
        if (offers or 0) >= _ENOUGH:
            return quarter
    return ready.plus(-1)


def _write(office: Office, crew: Crew, quarter: str, region: str, lines: tuple[_Line, ...]) -> None:
    for line in lines:
        line_id = office.follow_up.add(
            crew.anna,
            quarter,
            region,
            area=line.area,
            measure=line.measure,
            activity=line.activity,
            responsible=line.responsible,
        )
        if line.results or line.challenges:
            office.follow_up.edit(crew.anna, line_id, version=1, results=line.results, challenges=line.challenges)


def _close(office: Office, crew: Crew, quarter: str, region: str) -> None:
    shown = office.follow_up.quarter(crew.per, quarter, region)
    office.follow_up.close(crew.per, quarter, region, stamp=shown.stamp)
