"""How many waited at the ends of months: counted from the facts the first time, and kept."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from db.models import WaitingMonth
from db.queries.waiting import Then, population
from kansli_tui.pathway.availability import WAITING_LISTS
from kansli_tui.rows.office import REGIONS
from kansli_tui.service.context import Context
from kansli_tui.service.round_facts import end_of
from kansli_tui.service.waiting import is_past, waiting_on

_MONTHS = 12


class Count(NamedTuple):
    """Who waited, who of them past the target, and the people of the region."""

    waiting: int
    past: int
    population: int


@dataclass(frozen=True, slots=True)
class MonthEnd:
    """Every list (by name) in every region at the end of a month."""

    day: date
    counts: Mapping[tuple[str, str], Count]


def months_before(session: Session, context: Context, day: date) -> tuple[list[MonthEnd], list[MonthEnd]]:
    """The last twelve month ends before a day, the oldest first, and those of them that have not been kept yet."""
    ends = _ends(day)
    kept: dict[date, dict[tuple[str, str], Count]] = {end: {} for end in ends}
    for row in session.scalars(select(WaitingMonth).where(WaitingMonth.day.in_(ends))):
        kept[row.day][row.waiting_list, row.region] = Count(row.waiting, row.past, row.population)
    months, new = [], []
    for end in ends:
        # What a later version has added to the lists has not been counted by an earlier one.
        whole = all((one.name, region) in kept[end] for one in WAITING_LISTS for region in REGIONS)
        month = MonthEnd(end, kept[end]) if whole else _counted(session, context, end)
        months.append(month)
        new += [] if whole else [month]
    return months, new


def keep(session: Session, months: Sequence[MonthEnd], context: Context) -> None:
    """Keep what has been counted; what somebody else has kept meanwhile is the same."""
    if not months:
        return
    at = context.clock()
    rows = [
        {"day": month.day, "waiting_list": name, "region": region, "made_at": at, **count._asdict()}
        for month in months
        for (name, region), count in month.counts.items()
    ]
    dialect: Any = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    session.execute(delete(WaitingMonth).where(WaitingMonth.day.in_([month.day for month in months])))
    session.execute(dialect.insert(WaitingMonth).on_conflict_do_nothing(), rows)


def forget(session: Session) -> None:
    """Count every month again when it is asked for next: earlier rounds have been taken in, with days of their own."""
    session.execute(delete(WaitingMonth))


def _ends(day: date) -> list[date]:
    ends: list[date] = []
    end = day
    for _month in range(_MONTHS):
        end = end.replace(day=1) - timedelta(days=1)
        ends.append(end)
    return ends[::-1]


def _counted(session: Session, context: Context, end: date) -> MonthEnd:
    """Counted from the facts, for all regions: whoever asks next may work for others."""
    regions, then = sorted(REGIONS), Then(end_of(end), end)
    people = population(session, regions, then)
    # Before there was anybody nobody waited.
    found = (
        waiting_on(session, WAITING_LISTS, regions, then, end, context.rules(session).region)
        if any(people.values())
        else []
    )
    waiting = Counter((one.list, one.region) for one in found)
    past = Counter((one.list, one.region) for one in found if is_past(one, end))
    return MonthEnd(
        end,
        {
            (one.name, region): Count(waiting[one.name, region], past[one.name, region], people[region])
            for one in WAITING_LISTS
            for region in regions
        },
    )
