"""What can be said of each round as of a day, as one query: the ground that every count of the statistics stands on.

Only what was known by then counts: an answer that came or was replaced later is left as it was, so that last year's report can be
made again with the same numbers.
"""

from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Float,
    Integer,
    Select,
    Subquery,
    and_,
    case,
    cast,
    exists,
    extract,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Session

from db.models import Decided, MriAnswer, PathologyAnswer, Person, PsaAnswer, PsaOrder, Referral, Round, Treatment
from kansli_tui.pathway.answers import FINAL, NOT_DONE
from kansli_tui.pathway.indicators import Fact
from kansli_tui.pathway.referrals import ReferralKind
from kansli_tui.pathway.ruleset import Outcome
from kansli_tui.rows.answers import DecisionState
from kansli_tui.rows.population import Protection
from kansli_tui.rows.referrals import DecisionKind
from kansli_tui.service.context import STOCKHOLM

RAISED_FROM = 3
_CLASSES = (
    (Fact.PSA_0_1, 0, 1),
    (Fact.PSA_1_2, 1, 2),
    (Fact.PSA_2_3, 2, 3),
    (Fact.PSA_3_10, 3, 10),
    (Fact.PSA_10_20, 10, 20),
    (Fact.PSA_20_100, 20, 100),
    (Fact.PSA_100_, 100, None),
)
_PIRADS = (Fact.PIRADS_1, Fact.PIRADS_2, Fact.PIRADS_3, Fact.PIRADS_4, Fact.PIRADS_5)


def end_of(day: date) -> datetime:
    """The first moment after a day, in Sweden."""
    return datetime.combine(day + timedelta(days=1), time(), STOCKHOLM)


def round_facts(session: Session, as_of: date) -> Select[Any]:
    """One row for every round that had been offered by `as_of`, as it was known at the end of that day.

    Columns: person_id, region, born (year), municipality, protected, round_number, kind, offered_on, and 0 or 1 for each `Fact`.
    """
    until = end_of(as_of)
    answer, mri, pathology = _psa(until), _mri(until), _pathology(until)
    value = _number(session, answer.c.value)
    sampled, valued = answer.c.person_id.is_not(None), answer.c.value.is_not(None)
    over = or_(Round.valid_until.is_(None), Round.valid_until < as_of)
    raised = and_(valued, value >= RAISED_FROM)
    facts: dict[Fact, ColumnElement[bool]] = {
        Fact.OFFERED: Round.offered_on.is_not(None),
        Fact.WINDOW_OPEN: and_(~sampled, ~over),
        Fact.DECIDED: or_(sampled, over),
        Fact.SAMPLED: sampled,
        Fact.UNANALYSABLE: and_(sampled, ~valued),
        Fact.WITH_VALUE: valued,
        Fact.RAISED: raised,
        Fact.MRI_DONE: and_(raised, mri.c.person_id.is_not(None)),
        Fact.INDICATED: _indicated(until),
        Fact.BIOPSIED: pathology.c.isup.is_not(None),
        Fact.ISUP_1: pathology.c.isup == 1,
        Fact.ISUP_2_OR_MORE: pathology.c.isup >= 2,
        Fact.TREATED: _treated(as_of),
    }
    for fact, low, high in _CLASSES:
        facts[fact] = and_(valued, value >= low, *(() if high is None else (value < high,)))
    for score, fact in enumerate(_PIRADS, start=1):
        facts[fact] = and_(raised, mri.c.pirads == score)
    return (
        select(
            Round.person_id,
            Round.region,
            cast(extract("year", Person.birth_date), Integer).label("born"),
            Person.municipality,
            (Person.protection != Protection.NONE).label("protected"),
            Round.number.label("round_number"),
            Round.kind,
            Round.offered_on,
            *(case((held, 1), else_=0).label(fact.value) for fact, held in facts.items()),
        )
        .join(Person, Person.id == Round.person_id)
        .outerjoin(answer, _same_round(answer))
        .outerjoin(mri, _same_round(mri))
        .outerjoin(pathology, _same_round(pathology))
        .where(Round.offered_on <= as_of)
    )


def _same_round(part: Subquery) -> ColumnElement[bool]:
    return and_(part.c.person_id == Round.person_id, part.c.round_number == Round.number)


def _known(model: Any, until: datetime) -> ColumnElement[bool]:
    """The version of an answer that held at the moment."""
    return and_(model.received_at < until, or_(model.replaced_at.is_(None), model.replaced_at >= until))


def _newest(columns: Any, by: Any) -> Subquery:
    """The first row of each round by an order."""
    inner = columns.add_columns(by.label("place")).subquery()
    return select(inner).where(inner.c.place == 1).subquery()


def _psa(until: datetime) -> Subquery:
    """Of each round the newest final answer with a value; where none has one, the newest final answer."""
    place = func.row_number().over(
        partition_by=(PsaOrder.person_id, PsaOrder.round_number),
        order_by=(PsaAnswer.value.is_(None), PsaOrder.id.desc()),
    )
    columns = (
        select(PsaOrder.person_id, PsaOrder.round_number, PsaAnswer.value)
        .join(PsaOrder, PsaOrder.id == PsaAnswer.order_id)
        .where(_known(PsaAnswer, until), PsaAnswer.status.in_(sorted(FINAL | {NOT_DONE})))
    )
    return _newest(columns, place)


def _mri(until: datetime) -> Subquery:
    """Of each round the newest completed MRI, with the highest PI-RADS that a person has confirmed."""
    place = func.row_number().over(
        partition_by=(Referral.person_id, Referral.round_number), order_by=(Referral.id.desc(), Decided.id.desc())
    )
    confirmed = and_(Decided.mri_answer_id == MriAnswer.id, Decided.kind == DecisionKind.MRI, _held(until))
    columns = (
        select(
            Referral.person_id,
            Referral.round_number,
            cast(Decided.inputs["pirads"].as_string(), Integer).label("pirads"),
        )
        .select_from(MriAnswer)
        .join(Referral, Referral.id == MriAnswer.referral_id)
        .outerjoin(Decided, confirmed)
        .where(_known(MriAnswer, until), MriAnswer.completed.is_(True))
    )
    return _newest(columns, place)


def _pathology(until: datetime) -> Subquery:
    place = func.row_number().over(
        partition_by=(Referral.person_id, Referral.round_number), order_by=Referral.id.desc()
    )
    columns = (
        select(Referral.person_id, Referral.round_number, PathologyAnswer.isup)
        .join(Referral, Referral.id == PathologyAnswer.referral_id)
        .where(_known(PathologyAnswer, until))
    )
    return _newest(columns, place)


def _held(until: datetime) -> ColumnElement[bool]:
    """A decision that was confirmed by then and had not been superseded."""
    return and_(
        Decided.confirmed_at < until,
        or_(
            Decided.superseded_at >= until,
            and_(Decided.superseded_at.is_(None), Decided.state == DecisionState.CONFIRMED),
        ),
    )


def _indicated(until: datetime) -> ColumnElement[bool]:
    return exists().where(
        Decided.person_id == Round.person_id,
        Decided.round_number == Round.number,
        Decided.outcome == Outcome.UROLOGY,
        Decided.kind != DecisionKind.PATHOLOGY,
        _held(until),
    )


def _treated(as_of: date) -> ColumnElement[bool]:
    return exists().where(
        Treatment.referral_id == Referral.id,
        Referral.person_id == Round.person_id,
        Referral.round_number == Round.number,
        Referral.kind == ReferralKind.UROLOGY,
        Treatment.on <= as_of,
    )


def _number(session: Session, value: Any) -> ColumnElement[Any]:
    """The value as a number: SQLite keeps exact decimals as text. Class limits are whole, so the nearest float is on the right side."""
    return cast(value, Float) if session.get_bind().dialect.name == "sqlite" else value
