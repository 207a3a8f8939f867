"""Who waits, now or as of a moment, from moves, answers, decisions and letters as they were known then. Reads only.

Now is read from where people stand, by index: it costs what waits and not what is stored. A moment that has been is read from the
moves themselves; nothing that has happened after it is looked at, so that it comes out the same whenever it is made again.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    Subquery,
    and_,
    case,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from db.models import Decided, Handover, Letter, Person, PsaAnswer, StepChange
from kansli_tui.pathway.availability import WaitingList
from kansli_tui.pathway.ruleset import Outcome
from kansli_tui.pathway.steps import Step
from kansli_tui.rows.letter_states import LetterState
from kansli_tui.rows.referrals import DecisionKind


class Wait(NamedTuple):
    """One wait as it is read. `limit_on` is the last day of the list's own limit, where it has one."""

    list: str
    person_id: int
    region: str
    began_at: datetime
    sampled_at: datetime | None
    limit_on: date | None


class Then(NamedTuple):
    """As of what: the first moment after a day, and the day."""

    until: datetime
    day: date


def waits(session: Session, lists: Sequence[WaitingList], regions: Sequence[str], then: Then | None) -> Iterator[Wait]:
    """Every wait on some lists; who stands and who has a letter on the same list comes twice. `then` None is now."""
    yield from _standing_waits(session, lists, regions, then)
    yield from _letter_waits(session, lists, regions, then)


def population(session: Session, regions: Sequence[str], then: Then | None) -> dict[str, int]:
    """Region → people in the register there who had not left the programme."""
    if then is not None and session.scalar(select(StepChange.id).where(StepChange.at < then.until).limit(1)) is None:
        return dict.fromkeys(regions, 0)
    standing = _standing(regions, then, [step for step in Step if step is not Step.CLOSED]).subquery()
    rows = session.execute(select(standing.c.region, func.count()).group_by(standing.c.region))
    found = {row[0]: row[1] for row in rows}
    return {region: found.get(region, 0) for region in regions}


def _standing(regions: Sequence[str], then: Then | None, steps: Sequence[Step]) -> Select[*tuple[Any, ...]]:
    """Where people stand: person_id, region, step, round_number."""
    if then is None:
        return select(Person.id.label("person_id"), Person.region, Person.step, Person.round_number).where(
            Person.step.in_(steps), Person.region.in_(regions)
        )
    # Who has not moved since stands there still, in the region where he was: those are most, and need no look at their moves.
    moved_region = select(Handover.person_id).where(Handover.ended_at >= then.until)
    still = select(Person.id.label("person_id"), Person.region, Person.step, Person.round_number).where(
        Person.since < then.until,
        Person.step.in_(steps),
        Person.region.in_(regions),
        Person.id.not_in(moved_region),
    )
    before = select(func.max(StepChange.id)).where(StepChange.person_id == Person.id, StepChange.at < then.until)
    since = (
        select(StepChange.person_id, StepChange.region, StepChange.to_step.label("step"), StepChange.round_number)
        .select_from(Person)
        .join(StepChange, StepChange.id == before.correlate(Person).scalar_subquery())
        .where(
            or_(Person.since >= then.until, Person.id.in_(moved_region)),
            StepChange.to_step.in_(steps),
            StepChange.region.in_(regions),
        )
    )
    return select(union_all(still, since).subquery())


# Those who stand


def _standing_waits(
    session: Session, lists: Sequence[WaitingList], regions: Sequence[str], then: Then | None
) -> Iterator[Wait]:
    steps = sorted({step for one in lists for step in one.steps} | _unassessed(lists))
    at = _standing(regions, then, steps).subquery()
    began = case(
        *((at.c.step.in_(sorted(one.steps)), _came(at, one, then)) for one in lists if one.steps),
        else_=_arrived(at, frozenset({Step.ANSWER_TO_ASSESS}), then),
    )
    limited = [(at.c.step.in_(sorted(one.steps)), _limit_on(at, one, then)) for one in lists if one.limit]
    sampled = [(at.c.step.in_(sorted(one.steps)), _sampled(at.c.person_id, then)) for one in lists if one.sampled]
    rows = session.execute(
        select(
            at.c.person_id,
            at.c.region,
            at.c.step,
            began,
            case(*sampled) if sampled else null(),
            case(*limited) if limited else null(),
            case((at.c.step == Step.ANSWER_TO_ASSESS, _proposed(at, then))),
        )
    )
    by_step = {step: one.name for one in lists for step in one.steps}
    by_proposal = {one.proposed: one.name for one in lists if one.proposed is not None}
    for person_id, region, step, began_at, sampled_at, limit_on, proposed in rows:
        if step in by_step:
            yield Wait(by_step[step], person_id, region, began_at, sampled_at, limit_on)
        if proposed in by_proposal:
            yield Wait(by_proposal[proposed], person_id, region, began_at, None, None)


def _unassessed(lists: Sequence[WaitingList]) -> set[Step]:
    return {Step.ANSWER_TO_ASSESS} if any(one.proposed is not None for one in lists) else set()


def _came(at: Subquery, one: WaitingList, then: Then | None) -> ColumnElement[Any]:
    """When the person came to what starts the clock in this round; else to the list; else to the step at all."""
    clock = _arrived(at, one.began, then, StepChange.round_number == at.c.round_number)
    own = _arrived(at, one.steps, then)
    return func.coalesce(clock, own, _latest(at.c.person_id, StepChange.at, then))


def _arrived(at: Subquery, steps: frozenset[Step], then: Then | None, *more: ColumnElement[bool]) -> ScalarSelect[Any]:
    return (
        select(func.max(StepChange.at))
        .where(StepChange.person_id == at.c.person_id, *_from_elsewhere(steps), *_before(StepChange.at, then), *more)
        .scalar_subquery()
    )


def _limit_on(at: Subquery, one: WaitingList, then: Then | None) -> ScalarSelect[Any]:
    """The last day of the limit as it was set when the person came to the list."""
    return (
        select(StepChange.next_on)
        .where(StepChange.person_id == at.c.person_id, *_from_elsewhere(one.steps), *_before(StepChange.at, then))
        .order_by(StepChange.id.desc())
        .limit(1)
        .scalar_subquery()
    )


def _from_elsewhere(steps: frozenset[Step]) -> tuple[ColumnElement[bool], ...]:
    """The moves into some steps from outside them: a hand-over between regions, or a new appointment, does not start a clock."""
    inside = sorted(steps)
    return (
        StepChange.to_step.in_(inside),
        or_(StepChange.from_step.is_(None), StepChange.from_step.not_in(inside)),
    )


def _latest(person_id: Any, column: Any, then: Then | None) -> ScalarSelect[Any]:
    """Something of the person's latest move."""
    return (
        select(column)
        .where(StepChange.person_id == person_id, *_before(StepChange.at, then))
        .order_by(StepChange.id.desc())
        .limit(1)
        .scalar_subquery()
    )


def _sampled(person_id: Any, then: Then | None) -> ScalarSelect[Any]:
    """When the newest sample that an answer was known of had been taken."""
    return (
        select(PsaAnswer.sampled_at)
        .where(PsaAnswer.person_id == person_id, *_before(PsaAnswer.received_at, then))
        .order_by(PsaAnswer.id.desc())
        .limit(1)
        .scalar_subquery()
    )


def _proposed(at: Subquery, then: Then | None) -> ScalarSelect[Outcome]:
    """What the rules had proposed on the round's newest PSA answer."""
    return (
        select(Decided.proposed)
        .where(
            Decided.person_id == at.c.person_id,
            Decided.round_number == at.c.round_number,
            Decided.kind == DecisionKind.PSA,
            *_before(Decided.proposed_at, then),
        )
        .order_by(Decided.id.desc())
        .limit(1)
        .scalar_subquery()
    )


def _before(column: Any, then: Then | None) -> tuple[ColumnElement[bool], ...]:
    return () if then is None else (column < then.until,)


# Letters that have not been posted


def _letter_waits(
    session: Session, lists: Sequence[WaitingList], regions: Sequence[str], then: Then | None
) -> Iterator[Wait]:
    lettered = [one for one in lists if one.letters]
    if not lettered:
        return
    if then is None:
        unposted: ColumnElement[bool] = Letter.state.in_((LetterState.PREPARED, LetterState.PRINTED))
        region: Any = Person.region
    else:
        unposted = and_(
            Letter.prepared_at < then.until,
            or_(Letter.stopped_at.is_(None), Letter.stopped_at >= then.until),
            or_(Letter.posted_on.is_(None), Letter.posted_on > then.day),
        )
        region = _latest(Letter.person_id, StepChange.region, then)
    began = case(*((Letter.type.in_(one.letters), _came_for_letter(one, then)) for one in lettered))
    sampled = [(Letter.type.in_(one.letters), _sampled(Letter.person_id, then)) for one in lettered if one.sampled]
    name = case(*((Letter.type.in_(one.letters), literal(one.name)) for one in lettered))
    kinds = [kind for one in lettered for kind in one.letters]
    found = (
        select(
            name.label("list"),
            Letter.person_id,
            region.label("region"),
            began.label("began"),
            (case(*sampled) if sampled else null()).label("sampled"),
        )
        # Who gets a letter once more has had it.
        .where(unposted, Letter.type.in_(kinds), Letter.again_of.is_(None))
    )
    if then is None:
        found = found.join(Person, Person.id == Letter.person_id)
    rows = found.subquery()
    for list_name, person_id, where, began_at, sampled_at in session.execute(
        select(rows).where(rows.c.region.in_(regions))
    ):
        yield Wait(list_name, person_id, where, began_at, sampled_at, None)


def _came_for_letter(one: WaitingList, then: Then | None) -> ColumnElement[Any]:
    """When the answer came that the letter tells of; where none did, when the letter was prepared."""
    came = (
        select(func.max(StepChange.at))
        .where(
            StepChange.person_id == Letter.person_id,
            StepChange.round_number == Letter.round_number,
            *_from_elsewhere(one.began),
            *_before(StepChange.at, then),
        )
        .scalar_subquery()
    )
    return func.coalesce(came, Letter.prepared_at)
