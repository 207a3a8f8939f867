"""Counting within a transaction: rounds, people and lead times, by whatever groups are asked for.

As of today the sums answer (`service.summaries`); as of another day, or for days inside a month, the facts are counted one by one.
Both are the same facts, so the same figure comes out.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import Select, case, func, literal, select, union_all
from sqlalchemy.orm import Session

from db.models import Meta, OfferPlan, Round, lead_count, person_count, person_fact, round_count, round_fact
from db.sql import days_between, year_of
from kansli_tui.pathway.indicators import MEASURES, Coverage
from kansli_tui.pathway.lead_times import LEAD_TIMES, Day, LeadTime, UnitOf
from kansli_tui.rows.statistics import RoundsWanted, StatsFilter
from kansli_tui.service.person_facts import person_facts
from kansli_tui.service.round_facts import end_of, round_facts
from kansli_tui.service.summaries import STATE

T = TypeVar("T")
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
    """The rounds' facts as of the day, to select from: kept ones, or made for this question, of the period's offers."""
    if sums_hold(session, wanted.as_of, today):
        return round_fact
    return round_facts(wanted.as_of, since=wanted.since, until=wanted.until).subquery()


def facts_of_people(session: Session, wanted: StatsFilter, today: date) -> Any:
    """The people's facts as of the day, to select from."""
    return person_fact if sums_hold(session, wanted.as_of, today) else person_facts(wanted.as_of).subquery()


def count_rounds(
    session: Session, wanted: StatsFilter, today: date, by: Sequence[Dimension]
) -> dict[Group, Counter[str]]:
    """Of each group how many rounds each measure of `pathway.indicators` has."""
    names = [one.name for one in MEASURES]
    rows: list[Any]
    if sums_hold(session, wanted.as_of, today):
        months, days = _months_and_days(wanted)
        rows = [row for some in days for row in _grouped(session, some, round_fact, by, _sums(round_fact))]
        if months is not None:
            rows += _grouped(session, months, round_count, by, [func.sum(round_count.c[name]) for name in names])
        places: Sequence[int] = range(len(by))
    else:
        source = facts_of_rounds(session, wanted, today)
        # The facts are made once, and every way to group them comes out of the same rows.
        rows = _once(session, ("rounds", wanted), lambda: _grouped(session, wanted, source, _BY_ALL, _sums(source)))
        places = [_BY_ALL.index(one) for one in by]
    counts: dict[Group, Counter[str]] = defaultdict(Counter)
    for row in rows:
        counted = counts[tuple(str(row[place]) for place in places)]
        for name, number in zip(names, row[-len(names) :], strict=True):
            counted[name] += int(number or 0)
    return {group: counted for group, counted in counts.items() if counted["of_offered"]}


def count_people(
    session: Session, wanted: StatsFilter, today: date, by: Sequence[Dimension]
) -> dict[Group, Counter[str]]:
    """Of each group how many people there are by coverage (the statuses of `Coverage`), `registered` and `opted_out`.

    People are counted where they live now. `not_due` is told apart by the plans; with a period, whoever was offered at another
    time is `another_time`.
    """
    in_plan = planned(session, wanted)
    counts: dict[Group, Counter[str]] = defaultdict(Counter)
    for region, born, municipality, status, period, people, opted_out in _standing(session, wanted, today):
        if not people and not opted_out:
            continue
        values = {
            Dimension.REGION: region,
            Dimension.BORN: born,
            Dimension.MUNICIPALITY: municipality,
            Dimension.AGE: wanted.as_of.year - born,
        }
        counted = counts[tuple(str(values[one]) for one in by)]
        name = status
        if status == Coverage.NOT_DUE:
            name = Coverage.WAITING if (region, born) in in_plan else Coverage.NOT_PLANNED
        elif status == Coverage.OFFERED and not period:
            name = Coverage.ANOTHER_TIME
        counted[str(name)] += int(people)
        counted["registered"] += int(people)
        counted["opted_out"] += int(opted_out)
    if wanted.since is not None or wanted.until is not None:
        for counted in counts.values():
            counted[Coverage.ANOTHER_TIME] += 0
    return counts


Days = dict[tuple[str, int], Counter[int]]
"""Of each region and unit (0 where no unit has the time) how many rounds took, or have waited, how many days."""


def count_leads(session: Session, wanted: StatsFilter, today: date) -> dict[str, tuple[Days, Days]]:
    """Of each lead time the rounds where it has ended, and those that still wait."""
    return _once(session, ("leads", wanted), lambda: _leads(session, wanted, today))


def _leads(session: Session, wanted: StatsFilter, today: date) -> dict[str, tuple[Days, Days]]:
    source = facts_of_rounds(session, wanted, today)
    needed = [
        "region",
        "open",
        "window_open",
        "indicated",
        *(unit.value for unit in UnitOf),
        *(day.value for day in Day),
    ]
    columns = [source.c[name] for name in needed]
    facts: Any = narrowed(select(*columns), source, wanted)
    parts: list[Any] = []
    if sums_hold(session, wanted.as_of, today):
        facts = facts.where(source.c.open == 1).cte("facts")
        # The sums of days know no municipality.
        months, days = (None, [wanted]) if wanted.municipality else _months_and_days(wanted)
        for number, some in enumerate(days):
            ended = narrowed(select(*columns), source, some).cte(f"ended_{number}")
            parts += [_took(ended, lead, 0) for lead in LEAD_TIMES]
        if months is not None:
            key = (lead_count.c.lead, lead_count.c.region, lead_count.c.unit, lead_count.c.days)
            kept = select(key[0], literal(0), *key[1:], func.sum(lead_count.c.rounds)).group_by(*key)
            parts.append(narrowed(kept, lead_count, months))
    else:
        facts = facts.cte("facts")
        parts += [_took(facts, lead, 0) for lead in LEAD_TIMES]
    parts += [_took(facts, lead, 1, wanted.as_of) for lead in LEAD_TIMES]
    counts: dict[str, tuple[Days, Days]] = {
        lead.name: (defaultdict(Counter), defaultdict(Counter)) for lead in LEAD_TIMES
    }
    for name, waiting, region, unit, days, number in session.execute(union_all(*parts)):
        if number:
            counts[name][waiting][region, unit][days] += int(number)
    return counts


def _took(facts: Any, lead: LeadTime, waiting: int, as_of: date | None = None) -> Select[Any]:
    """How many rounds of each region and unit took how many days; as of a day, how many still wait."""
    start, end = facts.c[lead.start.value], facts.c[lead.end.value]
    unit = func.coalesce(facts.c[lead.unit.value], 0) if lead.unit else literal(0)
    days = days_between(start, end if as_of is None else literal(as_of))
    conditions = [start.is_not(None), end.is_not(None)] if as_of is None else waits(facts, lead)
    key = (facts.c.region, unit, days)
    counted: Any = select(literal(lead.name), literal(waiting), *key, func.count())
    statement: Select[Any] = counted.where(*conditions).group_by(*key)
    return statement


def waits(source: Any, lead: LeadTime) -> list[Any]:
    """The time has begun and not ended, and the round goes on: for the sample while the offer holds, for pathology once indicated."""
    start, end = source.c[lead.start.value], source.c[lead.end.value]
    must = {"offer_to_sample": "window_open", "sample_to_pathology": "indicated"}.get(lead.name)
    more = [source.c[must] == 1] if must is not None else []
    return [source.c.open == 1, start.is_not(None), end.is_(None), *more]


def narrowed(statement: Select[Any], source: Any, wanted: StatsFilter, *, in_order: bool = False) -> Select[Any]:
    """Only what the filter wants: of sums by the month of the offer, of facts by its day.

    `in_order` for a page of a long list: the days are then no reason to leave the order of the list and to sort all of it.
    """
    statement = statement.where(source.c.region.in_(wanted.regions))
    if wanted.born:
        statement = statement.where(source.c.born.in_(wanted.born))
    if wanted.municipality:
        statement = statement.where(source.c.municipality == wanted.municipality)
    if wanted.rounds is not RoundsWanted.ALL:
        statement = statement.where(source.c.later == (0 if wanted.rounds is RoundsWanted.FIRST else 1))
    day = source.c.offered_on if "offered_on" in source.c else source.c.month
    if in_order:
        day = func.coalesce(day, day)
    if wanted.since is not None:
        statement = statement.where(day >= wanted.since)
    if wanted.until is not None:
        statement = statement.where(day <= wanted.until)
    return statement


_BY_ALL = tuple(Dimension)


def _grouped(session: Session, wanted: StatsFilter, source: Any, by: Sequence[Dimension], sums: list[Any]) -> list[Any]:
    """Sums of rounds by dimensions."""
    keys = _of_rounds(source, by)
    return list(session.execute(narrowed(select(*keys, *sums), source, wanted).group_by(*keys)))


def _sums(facts: Any) -> list[Any]:
    return [func.sum(facts.c[one.fact.value] * facts.c[one.within.value]) for one in MEASURES]


def _once(session: Session, question: Any, answer: Callable[[], T]) -> T:
    """Within one transaction the database is asked a question once."""
    known: dict[Any, T] = session.info.setdefault("counted", {})
    if question not in known:
        known[question] = answer()
    return known[question]


def _of_rounds(source: Any, by: Iterable[Dimension]) -> list[Any]:
    columns = {
        Dimension.REGION: source.c.region,
        Dimension.BORN: source.c.born,
        Dimension.MUNICIPALITY: source.c.municipality,
        Dimension.ROUND: case((source.c.later == 0, RoundsWanted.FIRST.value), else_=RoundsWanted.LATER.value),
        Dimension.AGE: year_of(source.c.month) - source.c.born,
    }
    return [columns[one].label(f"by_{one.value}") for one in by]


def _whom(source: Any, wanted: StatsFilter) -> list[Any]:
    conditions = [source.c.region.in_(wanted.regions)]
    if wanted.born:
        conditions.append(source.c.born.in_(wanted.born))
    if wanted.municipality:
        conditions.append(source.c.municipality == wanted.municipality)
    return conditions


def _standing(session: Session, wanted: StatsFilter, today: date) -> Iterable[Any]:
    """(region, born, municipality, status, offered in the period, people, opted out)."""
    if not sums_hold(session, wanted.as_of, today):
        return _once(session, ("people", wanted), lambda: _standing_then(session, wanted))
    c = person_count.c
    kept = select(c.region, c.born, c.municipality, c.status, literal(1), c.people, c.opted_out)
    rows = session.execute(kept.where(*_whom(person_count, wanted))).all()
    if wanted.since is None and wanted.until is None:
        return rows
    offered = _offered_in_period(session, wanted)
    told_apart: list[Any] = []
    for row in rows:
        within = offered.get(tuple(row[:3]), 0) if row.status == Coverage.OFFERED else row.people
        # Who has opted out is counted whichever time the offer had: once is enough.
        told_apart += [(*row[:4], 1, within, row.opted_out), (*row[:4], 0, row.people - within, 0)]
    return told_apart


def _offered_in_period(session: Session, wanted: StatsFilter) -> dict[tuple[Any, ...], int]:
    """(region, born, municipality) → people with an offer in the period, found by the index of its days."""
    offers = narrowed_to_period(select(round_fact.c.person_id), round_fact, wanted).distinct().subquery()
    key = (person_fact.c.region, person_fact.c.born, person_fact.c.municipality)
    statement = (
        select(*key, func.count())
        .select_from(offers)
        .join(person_fact, person_fact.c.person_id == offers.c.person_id)
        .where(*_whom(person_fact, wanted))
        .group_by(*key)
    )
    return {tuple(place): int(people) for *place, people in session.execute(statement)}


def _standing_then(session: Session, wanted: StatsFilter) -> Sequence[Any]:
    source = person_facts(wanted.as_of).subquery()
    # Looked up person by person: a long list of keys is beyond what PostgreSQL keeps in memory.
    theirs = select(Round.id).where(Round.person_id == source.c.person_id, Round.offered_on <= wanted.as_of)
    offers = narrowed_to_period(theirs, Round, wanted).exists()
    whole = wanted.since is None and wanted.until is None
    period = literal(1) if whole else case((offers, 1), else_=0).label("period")
    key = (source.c.region, source.c.born, source.c.municipality, source.c.status)
    counted = select(*key, period, func.count(), func.sum(source.c.opted_out)).where(*_whom(source, wanted))
    return session.execute(counted.group_by(*key, *([] if whole else [period]))).all()


def narrowed_to_period(statement: Select[Any], rounds: Any, wanted: StatsFilter) -> Select[Any]:
    """Only offers of the period, of whichever region."""
    columns = rounds if rounds is Round else rounds.c
    if wanted.since is not None:
        statement = statement.where(columns.offered_on >= wanted.since)
    if wanted.until is not None:
        statement = statement.where(columns.offered_on <= wanted.until)
    return statement


def planned(session: Session, wanted: StatsFilter) -> set[tuple[str, int]]:
    """Regions and birth years that an approved plan has, as of the day."""
    plans = session.execute(
        select(OfferPlan.region, OfferPlan.birth_years).where(OfferPlan.approved_at < end_of(wanted.as_of))
    )
    return {(region, int(year)) for region, years in plans for year in years}


def _months_and_days(wanted: StatsFilter) -> tuple[StatsFilter | None, list[StatsFilter]]:
    """The whole months of the period, which the sums know, and the days of a month that it begins or ends within."""
    since, until = wanted.since, wanted.until
    # Nothing has been offered after the day that is counted as of: its month is whole as far as it goes.
    whole = until is None or until >= wanted.as_of or (until + timedelta(days=1)).day == 1
    until_day = None if whole else until
    since_day = None if since is None or since.day == 1 else since
    if since_day and until_day and since_day.replace(day=1) == until_day.replace(day=1):
        return None, [wanted]
    days: list[StatsFilter] = []
    if since_day:
        since = (since_day.replace(day=1) + timedelta(days=31)).replace(day=1)
        days.append(replace(wanted, since=since_day, until=since - timedelta(days=1)))
        if until is not None and until < since:
            return None, [wanted]
    if until_day:
        days.append(replace(wanted, since=until_day.replace(day=1), until=until_day))
        until = until_day.replace(day=1) - timedelta(days=1)
    return replace(wanted, since=since, until=until), days
