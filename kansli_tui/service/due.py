"""Who is due in a plan, and why the others of its birth years are not: by rule, so that the numbers add up to everybody."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from db.models import OfferPlan, Person
from kansli_tui.pathway.steps import Step

_SHOWN_OF_A_RULE = 20
"""People named under a rule."""
_IN_ROUND = "In a round already"
_NOT_YET = "Not due until a later date"
_HELD = "Held by the register"
_TOO_OLD = "Older than the last age"
_EXCLUDED = "Excluded: {}"
_CLOSED = "Closed: {}"
"""Why people of a plan's birth years are not due: message ids."""


def left_out(
    session: Session, plan: OfferPlan, today: date, last_age: int
) -> Iterator[tuple[str, int, Sequence[Person]]]:
    """Everyone of the birth years who is not due: each rule with how many, and the first of them."""
    for rule, condition in _rules_out(session, plan, today, last_age):
        people = session.scalar(select(func.count(Person.id)).where(condition)) or 0
        if people:
            first = select(Person).where(condition).order_by(Person.birth_date, Person.id).limit(_SHOWN_OF_A_RULE)
            yield rule, people, session.scalars(first).all()


def counted(session: Session, plan: OfferPlan, today: date, last_age: int) -> Counter[str]:
    """How many are not due by each rule that somebody falls under, in one reading of the birth years."""
    due, too_old = _is_due(today), Person.birth_date < _oldest(today, last_age)
    columns = (Person.step, Person.exclusion_reason, Person.closed_reason, Person.blocked, due, too_old)
    counted: Counter[str] = Counter()
    for step, excluded, closed, blocked, is_due, is_too_old, people in session.execute(
        select(*columns, func.count(Person.id)).where(Person.region == plan.region, born_in(plan)).group_by(*columns)
    ):
        if step is Step.EXCLUDED and excluded is not None:
            counted[_EXCLUDED.format(excluded.value)] += people
        elif step is Step.CLOSED and closed is not None:
            counted[_CLOSED.format(closed.value)] += people
        elif step is Step.NOT_DUE and (blocked or is_too_old or not is_due):
            counted[_NOT_YET if not is_due else _HELD if blocked else _TOO_OLD] += people
        elif step not in (Step.NOT_DUE, Step.EXCLUDED, Step.CLOSED):
            counted[_IN_ROUND] += people
    return counted


def _rules_out(
    session: Session, plan: OfferPlan, today: date, last_age: int
) -> Iterator[tuple[str, ColumnElement[bool]]]:
    """Why somebody of the birth years is not due, by the first rule that fits; adds up with the due to all."""
    in_plan = and_(Person.region == plan.region, born_in(plan))
    not_yet = and_(Person.step == Step.NOT_DUE, Person.next_on > today)
    due = and_(Person.step == Step.NOT_DUE, _is_due(today))
    blocked = and_(due, Person.blocked)
    too_old = and_(due, Person.blocked.is_(False), Person.birth_date < _oldest(today, last_age))
    in_round = Person.step.not_in((Step.NOT_DUE, Step.EXCLUDED, Step.CLOSED))
    for rule, condition in (
        (_IN_ROUND, in_round),
        (_NOT_YET, not_yet),
        (_HELD, blocked),
        (_TOO_OLD, too_old),
    ):
        yield rule, and_(in_plan, condition)
    for column, step, words in (
        (Person.exclusion_reason, Step.EXCLUDED, _EXCLUDED),
        (Person.closed_reason, Step.CLOSED, _CLOSED),
    ):
        reasons = session.scalars(select(column).where(in_plan, Person.step == step).distinct()).all()
        for reason in sorted(reason for reason in reasons if reason is not None):
            yield words.format(reason.value), and_(in_plan, Person.step == step, column == reason)


def born_in(plan: OfferPlan) -> ColumnElement[bool]:
    """Whether a person is of the plan's birth years."""
    return or_(*(Person.birth_date.between(date(year, 1, 1), date(year, 12, 31)) for year in plan.birth_years))


def _is_due(today: date) -> ColumnElement[bool]:
    return or_(Person.next_on.is_(None), Person.next_on <= today)


def due_people(plan: OfferPlan, today: date, last_age: int) -> Select[Person]:
    """The due list of a plan: in order of birth date, as the programme's rule is. The year of `last_age` is the last."""
    return (
        select(Person)
        .where(
            Person.region == plan.region,
            Person.step == Step.NOT_DUE,
            born_in(plan),
            _is_due(today),
            Person.blocked.is_(False),
            Person.birth_date >= _oldest(today, last_age),
        )
        .order_by(Person.birth_date, Person.id)
    )


def _oldest(today: date, last_age: int) -> date:
    return date(today.year - last_age, 1, 1)
