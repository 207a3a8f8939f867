"""Counting everyone: by region, birth year and line; and finding whoever lacks what should hold him.

Two sides are counted from different rows on purpose: registrations (facts) on one, people with what holds their step on the
other. A difference is a person that the program has lost hold of.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache

from sqlalchemy import ColumnElement, and_, case, exists, extract, func, literal, not_, or_, select, union_all
from sqlalchemy.orm import Session

from db.models import Letter, Person, PsaOrder, Referral, StepChange, Task
from kansli_tui.pathway.referrals import ReferralState
from kansli_tui.pathway.standing import STANDINGS, HeldBy
from kansli_tui.pathway.steps import Event, Queue, Step
from kansli_tui.rows.answers import OrderState
from kansli_tui.rows.letter_states import LetterState

_BORN: ColumnElement[int] = extract("year", Person.birth_date)
_TASK_QUEUES = {
    Step.ANSWER_TO_ASSESS: (Queue.URGENT, Queue.RAISED, Queue.UNDECIDED, Queue.REPEAT, Queue.NORMAL),
    Step.MRI_TO_REFER: (Queue.MRI_REFERRAL,),
    Step.MRI_TO_BOOK: (Queue.MRI_BOOKING,),
    Step.MRI_TO_RESOLVE: (Queue.MRI_CONTACT,),
    Step.MRI_TO_ASSESS: (Queue.MRI_ANSWER,),
    Step.UROLOGY_TO_REFER: (Queue.UROLOGY_REFERRAL,),
    Step.UROLOGY_TO_RESOLVE: (Queue.UROLOGY_CONTACT,),
    Step.PATHOLOGY_TO_ASSESS: (Queue.PATHOLOGY,),
}


def registered(session: Session, regions: Sequence[str], born: int | None) -> dict[tuple[str, int], int]:
    """(region, birth year) → how many people have been registered, from the facts."""
    statement = (
        select(Person.region, _BORN, func.count(StepChange.id))
        .join(StepChange, and_(StepChange.person_id == Person.id, StepChange.event == Event.REGISTERED))
        .where(*_scope(regions, born))
        .group_by(Person.region, _BORN)
    )
    return {(region, int(year)): count for region, year, count in session.execute(statement)}


def by_line(session: Session, regions: Sequence[str], born: int | None) -> Iterator[tuple[str, int, str, int]]:
    """(region, birth year, line, people who are held there)."""
    line = _line()
    statement = (
        select(Person.region, _BORN, line, func.count(Person.id))
        .where(*_scope(regions, born), not_(is_lost()))
        .group_by(Person.region, _BORN, line)
    )
    for region, year, name, count in session.execute(statement):
        yield region, int(year), name, count


def lost(session: Session, regions: Sequence[str], born: int | None, limit: int) -> list[tuple[Person, str]]:
    """People whose step is held by nothing, and what is missing (message id)."""
    people = session.scalars(select(Person).where(*_scope(regions, born), is_lost()).order_by(Person.id).limit(limit))
    return [(person, _MISSING[STANDINGS[person.step].held_by]) for person in people]


def people_by_region(session: Session, regions: Sequence[str]) -> dict[str, int]:
    """How many people are in the register of each region."""
    statement = select(Person.region, func.count(Person.id)).where(*_scope(regions, None)).group_by(Person.region)
    return dict(iter(session.execute(statement)))


def lost_by_year(session: Session, regions: Sequence[str]) -> list[tuple[str, int, int]]:
    """How many people's step is held by nothing, by region and birth year."""
    # Step by step, so that each is found by an index: most people wait with a date, and are not gone through.
    rows = session.execute(
        union_all(
            *(
                select(Person.region, _BORN, func.count(Person.id))
                .where(Person.step == step, *_scope(regions, None), broken)
                .group_by(Person.region, _BORN)
                for step, broken in _broken().items()
            )
        )
    )
    found: Counter[tuple[str, int]] = Counter()
    for region, born, people in rows:
        found[region, int(born)] += people
    return [(region, born, people) for (region, born), people in sorted(found.items())]


def on_line(session: Session, region: str, born: int, line: str, after: int, limit: int) -> list[Person]:
    """The people of a line, by key."""
    return list(
        session.scalars(
            select(Person)
            .where(*_scope((region,), born), _line() == line, Person.id > after)
            .order_by(Person.id)
            .limit(limit)
        )
    )


_MISSING = {
    HeldBy.DATE: "No date is set for what happens next",
    HeldBy.TASK: "No task is open",
    HeldBy.LETTER: "No letter is prepared",
    HeldBy.ORDER: "No order waits to be sent",
    HeldBy.REFERRAL: "No referral waits to be sent",
    HeldBy.REASON: "No reason is stated",
}


def _scope(regions: Sequence[str], born: int | None) -> list[ColumnElement[bool]]:
    scope: list[ColumnElement[bool]] = [Person.region.in_(regions)]
    if born is not None:
        scope.append(_BORN.in_([born]))
    return scope


@cache
def _line() -> ColumnElement[str]:
    """The balance line of a person: where he stands, and for those who have left, why."""
    waiting_again = and_(Person.step == Step.NOT_DUE, Person.round_number > 0)
    lines: list[tuple[ColumnElement[bool], ColumnElement[str]]] = [(waiting_again, literal("Waiting for next offer"))]
    for step, standing in STANDINGS.items():
        words: ColumnElement[str] = literal(standing.line)
        if step is Step.CLOSED:
            words = literal("Closed: ").concat(func.coalesce(Person.closed_reason, "–"))
        elif step is Step.EXCLUDED:
            words = literal("Excluded: ").concat(func.coalesce(Person.exclusion_reason, "–"))
        lines.append((Person.step == step, words))
    return case(*lines, else_=literal("–"))


@cache
def is_lost() -> ColumnElement[bool]:
    """Whether nothing holds a person at his step, or the latest fact says another step.

    Kept: it is always the same, and putting it together takes milliseconds for every balance and screen of counts.
    """
    return or_(*(and_(Person.step == step, broken) for step, broken in _broken().items()))


@cache
def _broken() -> dict[Step, ColumnElement[bool]]:
    """Of each step when nothing holds a person who stands there."""
    broken: dict[Step, ColumnElement[bool]] = {}
    for step, standing in STANDINGS.items():
        match standing.held_by:
            case HeldBy.DATE:
                broken[step] = Person.next_on.is_(None)
            case HeldBy.REASON:
                column = Person.closed_reason if step is Step.CLOSED else Person.exclusion_reason
                broken[step] = column.is_(None)
            case HeldBy.TASK:
                task = exists().where(
                    Task.person_id == Person.id, Task.closed_at.is_(None), Task.queue.in_(_TASK_QUEUES[step])
                )
                broken[step] = not_(task)
            case HeldBy.LETTER:
                letter = exists().where(
                    Letter.person_id == Person.id, Letter.state.in_((LetterState.PREPARED, LetterState.PRINTED))
                )
                broken[step] = not_(letter)
            case HeldBy.ORDER:
                order = exists().where(PsaOrder.person_id == Person.id, PsaOrder.state == OrderState.CREATED)
                broken[step] = not_(order)
            case HeldBy.REFERRAL:
                referral = exists().where(Referral.person_id == Person.id, Referral.state == ReferralState.CREATED)
                broken[step] = not_(referral)
    return broken
