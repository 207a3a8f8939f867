"""The people behind a figure: the same conditions that count them, as a page of rows."""

from datetime import date
from typing import Any

from sqlalchemy import and_, literal, not_, select, tuple_
from sqlalchemy.orm import Session

from db import audit
from db.models import Person
from db.sql import days_between
from kansli_tui.errors import NotFoundError
from kansli_tui.pathway.indicators import INDICATORS, Coverage, Fact, Indicator
from kansli_tui.pathway.lead_times import BY_NAME, LeadTime
from kansli_tui.rows.office import Actor
from kansli_tui.rows.statistics import LeadPart, Part, StatsFilter, StatsPerson
from kansli_tui.service.context import Context, require_region
from kansli_tui.service.counting import facts_of_people, facts_of_rounds, narrowed, narrowed_to_period, planned, waits
from kansli_tui.service.naming import MASKED_NAME, is_masked, shown_name, shown_number
from kansli_tui.service.summaries import catch_up

_BY_NAME = {one.name: one for one in INDICATORS} | {
    "rounds": Indicator("rounds", "", Fact.OFFERED, Fact.OFFERED),
}
_COMMON = frozenset(
    {
        Fact.OFFERED,
        Fact.WINDOW_OPEN,
        Fact.DECIDED,
        Fact.OVER,
        Fact.SAMPLED,
        Fact.WITH_VALUE,
        Fact.PSA_0_1,
        Fact.PSA_1_2,
        Fact.PSA_2_3,
        Fact.NEXT_DUE,
        Fact.REOFFERED_IN_TIME,
    }
)
"""Facts of many rounds; every other one is only of rounds that were followed, which have an index of their own."""
Cursor = tuple[int, int]
"""Person and round of the last row shown; (0, 0) for the first page."""


class StatsPeopleService:
    """Opens the people behind a figure; every reading is logged for each of them."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def of_indicator(
        self, actor: Actor, wanted: StatsFilter, name: str, part: Part, *, after: Cursor = (0, 0), limit: int = 50
    ) -> tuple[StatsPerson, ...]:
        """The rounds (or people, of coverage) that an indicator counts. NotFoundError for a name that opens nobody."""
        self._prepare(actor, wanted)
        with self._context.heavy.read() as session:
            if name in _BY_NAME:
                found = self._rounds(session, wanted, _BY_NAME[name], part, after, limit)
            else:
                found = self._people(session, wanted, name, part, after, limit)
        return self._shown(actor, found, f"{name}:{part.value}")

    def of_lead(
        self,
        actor: Actor,
        wanted: StatsFilter,
        name: str,
        part: LeadPart,
        *,
        unit_id: int | None = None,
        after: Cursor = (0, 0),
        limit: int = 50,
    ) -> tuple[StatsPerson, ...]:
        """The rounds behind a lead time, of one unit where it is given."""
        lead = BY_NAME.get(name)
        if lead is None or (part in (LeadPart.LATE, LeadPart.WAITING_OVER) and lead.target is None):
            raise NotFoundError("There is nothing to open behind this figure.")
        self._prepare(actor, wanted)
        with self._context.heavy.read() as session:
            found = self._leads(session, wanted, lead, part, unit_id, after, limit)
        return self._shown(actor, found, f"{name}:{part.value}")

    def _prepare(self, actor: Actor, wanted: StatsFilter) -> None:
        for region in wanted.regions:
            require_region(actor, region)
        if wanted.as_of == self._context.today:
            catch_up(self._context)

    def _rounds(
        self, session: Session, wanted: StatsFilter, indicator: Indicator, part: Part, after: Cursor, limit: int
    ) -> list[tuple[Any, ...]]:
        source = facts_of_rounds(session, wanted, self._context.today)
        within, counted = source.c[indicator.denominator.value] == 1, source.c[indicator.numerator.value] == 1
        asked = {
            Part.NUMERATOR: and_(within, counted),
            Part.REST: and_(within, not_(counted)),
            Part.DENOMINATOR: within,
        }
        facts = {indicator.denominator, *([indicator.numerator] if part is Part.NUMERATOR else [])}
        conditions = [asked[part], *([] if facts <= _COMMON else [source.c.followed == 1])]
        return self._page(session, wanted, source, conditions, literal(None), after, limit)

    def _leads(
        self,
        session: Session,
        wanted: StatsFilter,
        lead: LeadTime,
        part: LeadPart,
        unit_id: int | None,
        after: Cursor,
        limit: int,
    ) -> list[tuple[Any, ...]]:
        source = facts_of_rounds(session, wanted, self._context.today)
        start, end = source.c[lead.start.value], source.c[lead.end.value]
        still = part in (LeadPart.WAITING, LeadPart.WAITING_OVER)
        days = days_between(start, literal(wanted.as_of) if still else end)
        conditions = waits(source, lead) if still else [start.is_not(None), end.is_not(None)]
        if part in (LeadPart.LATE, LeadPart.WAITING_OVER):
            conditions.append(days > lead.target)
        if unit_id is not None and lead.unit is not None:
            conditions.append(source.c[lead.unit.value] == unit_id)
        return self._page(session, wanted, source, conditions, days, after, limit)

    def _page(
        self,
        session: Session,
        wanted: StatsFilter,
        source: Any,
        conditions: list[Any],
        days: Any,
        after: Cursor,
        limit: int,
    ) -> list[tuple[Any, ...]]:
        key = (source.c.person_id, source.c.round_number)
        found = select(*key, source.c.region, source.c.offered_on, days.label("days"))
        found = found.where(*conditions, tuple_(*key) > tuple_(*map(literal, after)))
        # First who, then what is shown of them: what is sorted is small.
        page = narrowed(found, source, wanted, in_order=True).order_by(*key).limit(limit).subquery()
        rows = session.execute(
            select(Person, page.c.region, page.c.round_number, page.c.offered_on, page.c.days)
            .join(Person, Person.id == page.c.person_id)
            .order_by(page.c.person_id, page.c.round_number)
        )
        return [tuple(row) for row in rows]

    def _people(
        self, session: Session, wanted: StatsFilter, name: str, part: Part, after: Cursor, limit: int
    ) -> list[tuple[Any, ...]]:
        source = facts_of_people(session, wanted, self._context.today)
        conditions = _standing(session, source, wanted, self._context.today, name, part)
        statement = (
            select(Person, source.c.region, literal(0), literal(None), literal(None))
            .select_from(source)
            .join(Person, Person.id == source.c.person_id)
            .where(*conditions, source.c.region.in_(wanted.regions), source.c.person_id > after[0])
        )
        if wanted.born:
            statement = statement.where(source.c.born.in_(wanted.born))
        if wanted.municipality:
            statement = statement.where(source.c.municipality == wanted.municipality)
        return [tuple(row) for row in session.execute(statement.order_by(source.c.person_id).limit(limit))]

    def _shown(self, actor: Actor, found: list[tuple[Any, ...]], subject: str) -> tuple[StatsPerson, ...]:
        with self._context.sessions.begin() as session:
            audit.record_people(
                session,
                actor,
                self._context.clock(),
                "stats.people",
                ((row[0].id, row[1]) for row in found),
                subject=subject,
            )
        return tuple(_shown(actor, *row) for row in found)


def _standing(session: Session, source: Any, wanted: StatsFilter, today: date, name: str, part: Part) -> list[Any]:
    """The conditions on `person_fact` of a people's indicator; with a period only its offers are offers."""
    status = source.c.status
    offered: Any = status == Coverage.OFFERED.value
    rounds = facts_of_rounds(session, wanted, today)
    whole = wanted.since is None and wanted.until is None
    in_period = source.c.person_id.in_(narrowed_to_period(select(rounds.c.person_id), rounds, wanted))
    within = [not_(status.like("%:%"))] if name == "offered_of_eligible" else []
    reason = name.removeprefix("not_offered_")
    if name in ("offered", "offered_of_eligible"):
        counted = offered if whole else and_(offered, in_period)
    elif name == "opted_out":
        counted = source.c.opted_out == 1
    elif reason == name:
        raise NotFoundError("There is nothing to open behind this figure.")
    elif reason in (Coverage.WAITING, Coverage.NOT_PLANNED):
        in_plan = tuple_(source.c.region, source.c.born).in_(sorted(planned(session, wanted)) or [("", 0)])
        counted = and_(status == Coverage.NOT_DUE.value, in_plan if reason == Coverage.WAITING else not_(in_plan))
    elif reason == Coverage.ANOTHER_TIME:
        counted = and_(offered, literal(value=False) if whole else not_(in_period))
    else:
        counted = status == reason
    parts = {Part.NUMERATOR: [counted], Part.REST: [not_(counted)], Part.DENOMINATOR: []}
    return [*within, *parts[part]]


def _shown(actor: Actor, person: Person, region: str, number: int, offered_on: Any, days: int | None) -> StatsPerson:
    elsewhere = person.region not in actor.regions
    hidden = elsewhere or is_masked(person)
    return StatsPerson(
        person_id=person.id,
        round_number=number,
        region=region,
        number="" if elsewhere else shown_number(person),
        name=MASKED_NAME if hidden else shown_name(person),
        born=person.birth_date.year,
        offered_on=offered_on,
        days=days,
        masked=hidden,
        elsewhere=elsewhere,
    )
