"""The availability report: who waits for what, per region and relative to its population, why, and how it was before."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from statistics import median

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import audit
from db.models import Person
from db.queries.waiting import Then, population
from kansli_tui.errors import NotFoundError, RefusedError
from kansli_tui.pathway.availability import BY_NAME, WAITING_LISTS
from kansli_tui.pathway.indicators import percent
from kansli_tui.rows.availability import (
    ALL_REGIONS,
    AvailabilityReport,
    WaitingPerson,
    WaitingPoint,
    WaitingRow,
)
from kansli_tui.rows.office import Actor
from kansli_tui.service.context import Context, plain, require_region
from kansli_tui.service.naming import MASKED_NAME, is_masked, shown_name, shown_number
from kansli_tui.service.round_facts import end_of
from kansli_tui.service.waiting import Waiting, causes_of, is_past, units_of, waiting_on
from kansli_tui.service.waiting_months import MonthEnd, keep, months_before

_PER = 10_000


class AvailabilityService:
    """Counts who waits, and names them."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def report(self, actor: Actor, regions: Sequence[str], as_of: date) -> AvailabilityReport:
        """Every waiting list in every region as of the end of a day (today: as of now), and at the last twelve month ends.

        Waits are counted in the region where the person was on the day, relative to the people who were in its register then and
        had not left the programme. RefusedError for a day to come.
        """
        wanted, then = self._asked(actor, regions, as_of)
        with self._context.heavy.read() as session:
            rows = waiting_rows(session, self._context, wanted, then, as_of)
            months, new = months_before(session, self._context, as_of)
        with self._context.sessions.begin() as session:
            keep(session, new, self._context)
            audit.record(
                session,
                actor,
                self._context.clock(),
                "availability.report",
                subject=f"{','.join(wanted)} {as_of.isoformat()}",
            )
        return AvailabilityReport(as_of, wanted, rows, tuple(_over_time(months, rows, as_of)))

    def people(
        self,
        actor: Actor,
        name: str,
        regions: Sequence[str],
        as_of: date,
        *,
        after: tuple[date, int] | None = None,
        limit: int = 50,
    ) -> tuple[WaitingPerson, ...]:
        """Those who wait on a list in some regions, the longest wait first. The reading is logged."""
        one = BY_NAME.get(name)
        if one is None:
            raise NotFoundError("There is no waiting list named {name}.", name=plain(name))
        wanted, then = self._asked(actor, regions, as_of)
        with self._context.sessions.begin() as session:
            found = waiting_on(session, [one], wanted, then, as_of, self._context.rules(session).region)
            page = [waiting for waiting in found if after is None or waiting.place > after][:limit]
            ids = [waiting.person_id for waiting in page]
            persons = {person.id: person for person in session.scalars(select(Person).where(Person.id.in_(ids)))}
            causes = causes_of(session, page, then)
            units = units_of(session, one, ids, then)
            at = self._context.clock()
            seen = [persons[id_] for id_ in ids if persons[id_].region in actor.regions]
            audit.record_people(
                session,
                actor,
                at,
                "availability.people",
                ((person.id, person.region) for person in seen),
                subject=f"{one.name} {as_of.isoformat()}",
            )
            return tuple(_person(waiting, persons[waiting.person_id], as_of, causes, units, actor) for waiting in page)

    def _asked(self, actor: Actor, regions: Sequence[str], as_of: date) -> tuple[tuple[str, ...], Then | None]:
        """The regions in order, and the moment; None for now."""
        for region in regions:
            require_region(actor, region)
        if as_of > self._context.today:
            raise RefusedError("The day is still to come: choose today or an earlier one.")
        then = None if as_of == self._context.today else Then(end_of(as_of), as_of)
        return tuple(sorted(set(regions))), then


def waiting_rows(
    session: Session, context: Context, regions: Sequence[str], then: Then | None, as_of: date
) -> tuple[WaitingRow, ...]:
    """Every list in every region and in all of them, inside a caller's transaction. `then` None is now."""
    found = waiting_on(session, WAITING_LISTS, regions, then, as_of, context.rules(session).region)
    causes = causes_of(session, found, then)
    return tuple(_rows(found, causes, population(session, regions, then), as_of))


def _rows(
    found: Iterable[Waiting], causes: Mapping[Waiting, str], people: Mapping[str, int], as_of: date
) -> Iterable[WaitingRow]:
    groups: dict[tuple[str, str], list[Waiting]] = defaultdict(list)
    for waiting in found:
        for region in (ALL_REGIONS, waiting.region):
            groups[waiting.list, region].append(waiting)
    everyone = {ALL_REGIONS: sum(people.values()), **people}
    for one in WAITING_LISTS:
        for region, living in everyone.items():
            group = groups[one.name, region]
            days = sorted(waiting.days(as_of) for waiting in group)
            past = sum(is_past(waiting, as_of) for waiting in group) if one.target_days is not None else None
            yield WaitingRow(
                name=one.name,
                region=region,
                waiting=len(group),
                target_days=one.target_days,
                past=past,
                share=percent(past, len(group)) if past is not None else None,
                median_days=_one_place(Decimal(median(days))) if days else None,
                longest_days=days[-1] if days else None,
                population=living,
                per_10_000=_per_10_000(len(group), living),
                causes=Counter(causes.get(waiting, "") for waiting in group),
            )


def _over_time(months: Sequence[MonthEnd], rows: Sequence[WaitingRow], as_of: date) -> Iterable[WaitingPoint]:
    regions = [row.region for row in rows if row.name == rows[0].name and row.region != ALL_REGIONS]
    for row in rows:
        one, of = BY_NAME[row.name], regions if row.region == ALL_REGIONS else [row.region]
        for month in months:
            there = [month.counts[one.name, code] for code in of]
            yield _point(
                row,
                month.day,
                sum(count.waiting for count in there),
                sum(count.past for count in there),
                sum(count.population for count in there),
            )
        yield _point(row, as_of, row.waiting or 0, row.past or 0, row.population)


def _point(row: WaitingRow, on: date, waiting: int, past: int, living: int) -> WaitingPoint:
    late = past if row.target_days is not None else None
    share = percent(past, waiting) if row.target_days is not None else None
    return WaitingPoint(row.name, row.region, on, waiting, late, share, living, _per_10_000(waiting, living))


def _per_10_000(waiting: int, living: int) -> Decimal | None:
    return _one_place(Decimal(_PER * waiting) / living) if living else None


def _one_place(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.1"), ROUND_HALF_UP)


def _person(
    waiting: Waiting,
    person: Person,
    as_of: date,
    causes: Mapping[Waiting, str],
    units: Mapping[int, str],
    actor: Actor,
) -> WaitingPerson:
    elsewhere = person.region not in actor.regions
    masked = is_masked(person) or elsewhere
    return WaitingPerson(
        person_id=person.id,
        region=waiting.region,
        number=MASKED_NAME if masked else shown_number(person),
        name="" if elsewhere else shown_name(person),
        since=waiting.since,
        days=waiting.days(as_of),
        past=is_past(waiting, as_of),
        cause=causes.get(waiting, ""),
        unit=units.get(person.id, ""),
        masked=masked,
        elsewhere=elsewhere,
    )
