"""The results of the measures that targets and plans speak of. Counts nothing itself: it asks those who count."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

from db.queries.watch import find
from db.queries.watch_finding import Terms
from kansli_tui.pathway.follow_up import OPEN_WITHOUT_NEXT_DATE, PLAN_MEASURES, Result, Unit
from kansli_tui.pathway.quarters import Quarter
from kansli_tui.pathway.watch import BY_CODE, Watched
from kansli_tui.rows.office import Actor
from kansli_tui.rows.statistics import Statistics, StatsFilter
from kansli_tui.service.context import STOCKHOLM, Context
from kansli_tui.service.office_days import last_office_day
from kansli_tui.service.statistics import ALL, StatisticsService

_NOTHING_MOVES = (Watched.NO_NEXT_STEP, Watched.NOT_DUE_WITHOUT_DATE)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be counted: the measures, for rounds offered in the quarter in the regions together, as known on `as_of`."""

    measures: frozenset[str]
    quarter: Quarter
    regions: tuple[str, ...]
    as_of: date


def measured(context: Context, actor: Actor, asked: Asked) -> Mapping[str, Result]:
    """The result of each measure that anything could be counted for. Counts of cases without a date are of now."""
    found: dict[str, Result] = {}
    if OPEN_WITHOUT_NEXT_DATE in asked.measures:
        found[OPEN_WITHOUT_NEXT_DATE] = _without_date(context, asked.regions)
    counted = asked.measures - {OPEN_WITHOUT_NEXT_DATE}
    if counted:
        wanted = StatsFilter(asked.regions, asked.as_of, asked.quarter.first, asked.quarter.last)
        found.update(_shares(StatisticsService(context).make(actor, wanted), counted))
    return found


def _shares(made: Statistics, names: Iterable[str]) -> dict[str, Result]:
    return {
        row.indicator: Result(row.percent, row.numerator, row.denominator)
        for row in made.rows
        if row.indicator in names
        and (row.region, row.born) == (ALL, ALL)
        and PLAN_MEASURES[row.indicator].unit is Unit.PERCENT
    }


def _without_date(context: Context, regions: tuple[str, ...]) -> Result:
    """What the watch finds: those whom nothing moves on, and those who wait for an offer with no date for it."""
    today = context.today
    terms = Terms(
        regions=list(regions),
        now=context.clock(),
        today=today,
        last_office_day=last_office_day(today),
        midnight=lambda day: datetime.combine(day, time(), STOCKHOLM),
        limit=1,
    )
    with context.sessions.read() as session:
        people = sum(find(session, BY_CODE[code], terms)[1] for code in _NOTHING_MOVES)
    return Result(Decimal(people), people)
