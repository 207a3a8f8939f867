"""The results of the measures that targets and plans speak of. Counts nothing itself: it asks the statistics."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from kansli_tui.pathway.follow_up import PLAN_MEASURES, PlanMeasure, Result, Unit
from kansli_tui.pathway.quarters import Quarter
from kansli_tui.rows.office import Actor
from kansli_tui.rows.statistics import LeadRow, Statistics, StatsFilter
from kansli_tui.service.context import Context
from kansli_tui.service.statistics import ALL, StatisticsService


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be counted: the measures, for rounds offered in the quarter in the regions together, as known on `as_of`."""

    measures: frozenset[str]
    quarter: Quarter
    regions: tuple[str, ...]
    as_of: date


def measured(context: Context, actor: Actor, asked: Asked) -> Mapping[str, Result]:
    """The result of each measure that anything could be counted for. Whom nothing holds is known of today only."""
    wanted = StatsFilter(asked.regions, asked.as_of, asked.quarter.first, asked.quarter.last)
    statistics = StatisticsService(context)
    followed = [PLAN_MEASURES[name] for name in asked.measures if name in PLAN_MEASURES]
    found: dict[str, Result] = {}
    if any(measure.lead is None for measure in followed):
        found.update(_indicators(statistics.make(actor, wanted)))
    if any(measure.lead is not None for measure in followed):
        leads = {row.lead: row for row in statistics.lead_times(actor, wanted) if row.region == ALL}
        found.update(_lead_times(followed, leads))
    return {measure.name: found[measure.name] for measure in followed if measure.name in found}


_STILL_OPEN = {"participated": "window_open"}
"""The indicator whose numerator counts those who may still come to be counted in another one."""


def _indicators(made: Statistics) -> Iterator[tuple[str, Result]]:
    counted = {row.indicator: row.numerator or 0 for row in made.rows if (row.region, row.born) == (ALL, ALL)}
    for row in made.rows:
        measure = PLAN_MEASURES.get(row.indicator)
        if measure is None or (row.region, row.born) != (ALL, ALL) or row.numerator is None:
            continue
        if measure.unit is Unit.COUNT:
            yield measure.name, Result(Decimal(row.numerator), row.numerator)
        else:
            waiting = counted.get(_STILL_OPEN.get(measure.name, ""), 0)
            yield measure.name, Result(row.percent, row.numerator, row.denominator, waiting)


def _lead_times(followed: list[PlanMeasure], leads: Mapping[str, LeadRow]) -> Iterator[tuple[str, Result]]:
    """The share within the days of the lead time, or the median of those where it has ended; who waits stands beside."""
    for measure in followed:
        row = leads.get(measure.lead.name) if measure.lead is not None else None
        if row is not None and measure.unit is Unit.PERCENT:
            yield measure.name, Result(row.percent, row.within, row.rounds, row.waiting or 0, row.waiting_over or 0)
        elif row is not None:
            # A median lies on a whole or a half day, which a float holds exactly.
            median = None if row.median is None else Decimal(row.median)
            yield measure.name, Result(median, None, row.rounds, row.waiting or 0)
