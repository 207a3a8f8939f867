"""Counting within a transaction: rounds, people and lead times, by whatever groups are asked for.

As of today the sums answer (`service.summaries`); as of another day, or for days inside a month, the facts are counted one by one.
Both are the same facts, so the same figure comes out.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, case, func, literal, select
from sqlalchemy.orm import Session

from db.models import Meta, OfferPlan, lead_count, person_count, person_fact, round_count, round_fact
from db.sql import days_between, year_of
from kansli_tui.pathway.indicators import MEASURES, Coverage
from kansli_tui.pathway.lead_times import LeadTime
from kansli_tui.rows.statistics import RoundsWanted, StatsFilter
from kansli_tui.service.person_facts import person_facts
from kansli_tui.service.round_facts import end_of, round_facts
from kansli_tui.service.summaries import STATE

Group = tuple[str, ...]
"""The values of the dimensions that were asked for, as text."""


class Dimension(StrEnum):
    """What figures can be broken down by."""

    REGION = "region"
    BORN = "born"
    MUNICIPALITY = "municipality"
    ROUND = "round"
    AGE = "age"
    """Age reached in the calendar year of the offer; of people the year of the as-of day."""


def sums_hold(session: Session, as_of: date, today: date) -> bool:
    """Whether the kept facts are those of the day."""
    state = session.get(Meta, STATE)
    return as_of == today and state is not None and json.loads(state.value).get("as_of") == today.isoformat()


def facts_of_rounds(session: Session, wanted: StatsFilter, today: date) -> Any:
    """The rounds' facts as of the day, to select from: kept ones, or made for this question."""
    return round_fact if sums_hold(session, wanted.as_of, today) else round_facts(wanted.as_of).subquery()


def facts_of_people(session: Session, wanted: StatsFilter, today: date) -> Any:
    """The people's facts as of the day, to select from."""
    return person_fact if sums_hold(session, wanted.as_of, today) else person_facts(wanted.as_of).subquery()


def count_rounds(
    session: Session, wanted: StatsFilter, today: date, by: Sequence[Dimension]
) -> dict[Group, Counter[str]]:
    """Of each group how many rounds each measure of `pathway.indicators` has."""
    if sums_hold(session, wanted.as_of, today) and _whole_months(wanted):
        source: Any = round_count
        sums = [func.sum(round_count.c[one.name]).label(one.name) for one in MEASURES]
    else:
        source = facts_of_rounds(session, wanted, today)
        sums = [func.sum(source.c[one.fact.value] * source.c[one.within.value]).label(one.name) for one in MEASURES]
    return _counted(session, narrowed(select(*_of_rounds(source, by), *sums), source, wanted), len(by))


def count_people(
    session: Session, wanted: StatsFilter, today: date, by: Sequence[Dimension]
) -> dict[Group, Counter[str]]:
    """Of each group how many people there are by coverage (the statuses of `Coverage`), `registered` and `opted_out`.

    People are counted where they live now. `not_due` is told apart by the plans; with a period, whoever was offered at another
    time is `another_time`.
    """
    holds = sums_hold(session, wanted.as_of, today)
    source: Any = person_count if holds else person_facts(wanted.as_of).subquery()
    people = func.sum(person_count.c.people) if holds else func.count()
    columns = (*_of_people(source, by, wanted), source.c.region, source.c.born, source.c.status)
    statement = select(*columns, people, func.sum(source.c.opted_out)).where(*_whom(source, wanted)).group_by(*columns)
    in_plan = planned(session, wanted)
    counts: dict[Group, Counter[str]] = defaultdict(Counter)
    for *group, region, born, status, number, opted_out in session.execute(statement):
        counted = counts[tuple(map(str, group))]
        if status == Coverage.NOT_DUE:
            status = Coverage.WAITING if (region, born) in in_plan else Coverage.NOT_PLANNED  # noqa: PLW2901 - the finer word
        counted[str(status)] += int(number)
        counted["registered"] += int(number)
        counted["opted_out"] += int(opted_out)
    if wanted.since is not None or wanted.until is not None:
        _tell_periods_apart(session, wanted, today, by, counts)
    return counts


def count_leads(
    session: Session, wanted: StatsFilter, today: date, lead: LeadTime, *, by_unit: bool
) -> dict[tuple[str, int], Counter[int]]:
    """Of each region and unit (0 where they are not asked for) how many rounds took how many days."""
    if sums_hold(session, wanted.as_of, today) and _whole_months(wanted) and not wanted.municipality:
        source: Any = lead_count
        unit: Any
        days: Any
        rounds: Any
        unit, days, rounds = lead_count.c.unit, lead_count.c.days, func.sum(lead_count.c.rounds)
        statement = select(source.c.region, unit, days, rounds).where(source.c.lead == lead.name)
    else:
        source = facts_of_rounds(session, wanted, today)
        start, end = source.c[lead.start.value], source.c[lead.end.value]
        unit = func.coalesce(source.c[lead.unit.value], 0) if lead.unit else literal(0)
        days, rounds = days_between(start, end), func.count()
        statement = select(source.c.region, unit, days, rounds).where(start.is_not(None), end.is_not(None))
    statement = narrowed(statement, source, wanted).group_by(source.c.region, unit, days)
    counts: dict[tuple[str, int], Counter[int]] = defaultdict(Counter)
    for region, of_unit, took, number in session.execute(statement):
        if number:
            counts[region, of_unit if by_unit else 0][took] += int(number)
    return counts


def count_waiting(
    session: Session, wanted: StatsFilter, today: date, lead: LeadTime, *, by_unit: bool
) -> dict[tuple[str, int], Counter[int]]:
    """Of each region and unit how many still wait, by how many days they have waited."""
    source = facts_of_rounds(session, wanted, today)
    start = source.c[lead.start.value]
    unit = func.coalesce(source.c[lead.unit.value], 0) if lead.unit else literal(0)
    days = days_between(start, literal(wanted.as_of))
    statement = select(source.c.region, unit, days, func.count()).where(*waits(source, lead))
    counts: dict[tuple[str, int], Counter[int]] = defaultdict(Counter)
    for region, of_unit, waited, number in session.execute(
        narrowed(statement, source, wanted).group_by(source.c.region, unit, days)
    ):
        counts[region, of_unit if by_unit else 0][waited] += int(number)
    return counts


def waits(source: Any, lead: LeadTime) -> list[Any]:
    """The time has begun and not ended, and the round goes on; for the sample only while the offer holds."""
    start, end = source.c[lead.start.value], source.c[lead.end.value]
    more = [source.c.window_open == 1] if lead.name == "offer_to_sample" else []
    return [source.c.open == 1, start.is_not(None), end.is_(None), *more]


def narrowed(statement: Select[Any], source: Any, wanted: StatsFilter) -> Select[Any]:
    """Only what the filter wants: of sums by the month of the offer, of facts by its day."""
    statement = statement.where(source.c.region.in_(wanted.regions))
    if wanted.born:
        statement = statement.where(source.c.born.in_(wanted.born))
    if wanted.municipality:
        statement = statement.where(source.c.municipality == wanted.municipality)
    if wanted.rounds is not RoundsWanted.ALL:
        statement = statement.where(source.c.later == (0 if wanted.rounds is RoundsWanted.FIRST else 1))
    day = source.c.offered_on if "offered_on" in source.c else source.c.month
    if wanted.since is not None:
        statement = statement.where(day >= wanted.since)
    if wanted.until is not None:
        statement = statement.where(day <= wanted.until)
    return statement


def _counted(session: Session, statement: Select[Any], width: int) -> dict[Group, Counter[str]]:
    keys = list(statement.selected_columns)[:width]
    counts: dict[Group, Counter[str]] = {}
    for row in session.execute(statement.group_by(*keys)):
        values = Counter({name: int(row._mapping[name] or 0) for name in (one.name for one in MEASURES)})  # noqa: SLF001 - its public name
        if values["of_offered"]:
            counts[tuple(map(str, row[:width]))] = values
    return counts


def _of_rounds(source: Any, by: Iterable[Dimension]) -> list[Any]:
    columns = {
        Dimension.REGION: source.c.region,
        Dimension.BORN: source.c.born,
        Dimension.MUNICIPALITY: source.c.municipality,
        Dimension.ROUND: case((source.c.later == 0, RoundsWanted.FIRST.value), else_=RoundsWanted.LATER.value),
        Dimension.AGE: year_of(source.c.month) - source.c.born,
    }
    return [columns[one].label(f"by_{one.value}") for one in by]


def _of_people(source: Any, by: Iterable[Dimension], wanted: StatsFilter) -> list[Any]:
    columns = {
        Dimension.REGION: source.c.region,
        Dimension.BORN: source.c.born,
        Dimension.MUNICIPALITY: source.c.municipality,
        Dimension.AGE: literal(wanted.as_of.year) - source.c.born,
    }
    return [columns[one].label(f"by_{one.value}") for one in by]


def _whom(source: Any, wanted: StatsFilter) -> list[Any]:
    conditions = [source.c.region.in_(wanted.regions)]
    if wanted.born:
        conditions.append(source.c.born.in_(wanted.born))
    if wanted.municipality:
        conditions.append(source.c.municipality == wanted.municipality)
    return conditions


def _tell_periods_apart(
    session: Session, wanted: StatsFilter, today: date, by: Sequence[Dimension], counts: dict[Group, Counter[str]]
) -> None:
    """Of those who have been offered, who was in the period."""
    rounds, people = facts_of_rounds(session, wanted, today), facts_of_people(session, wanted, today)
    in_period = narrowed_to_period(select(rounds.c.person_id), rounds, wanted).distinct().subquery()
    columns = _of_people(people, by, wanted)
    statement = (
        select(*columns, func.count())
        .select_from(in_period)
        .join(people, people.c.person_id == in_period.c.person_id)
        .where(*_whom(people, wanted))
        .group_by(*columns)
    )
    offered = {tuple(map(str, group)): int(number) for *group, number in session.execute(statement)}
    for group, counted in counts.items():
        counted[Coverage.ANOTHER_TIME] = counted[Coverage.OFFERED] - offered.get(group, 0)
        counted[Coverage.OFFERED] = offered.get(group, 0)


def narrowed_to_period(statement: Select[Any], rounds: Any, wanted: StatsFilter) -> Select[Any]:
    """Only offers of the period, of whichever region."""
    if wanted.since is not None:
        statement = statement.where(rounds.c.offered_on >= wanted.since)
    if wanted.until is not None:
        statement = statement.where(rounds.c.offered_on <= wanted.until)
    return statement


def planned(session: Session, wanted: StatsFilter) -> set[tuple[str, int]]:
    """Regions and birth years that an approved plan has, as of the day."""
    plans = session.execute(
        select(OfferPlan.region, OfferPlan.birth_years).where(OfferPlan.approved_at < end_of(wanted.as_of))
    )
    return {(region, int(year)) for region, years in plans for year in years}


def _whole_months(wanted: StatsFilter) -> bool:
    """Whether the period begins and ends with a month."""
    ends = wanted.until is None or (wanted.until + timedelta(days=1)).day == 1
    return ends and (wanted.since is None or wanted.since.day == 1)
