"""What can be said of each round as of a day, as one query: the ground that every count of the statistics stands on.

Only what was known by then counts: an answer that came or was replaced later is left as it was, so that last year's report can be
made again with the same numbers.
"""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, Subquery, and_, case, cast, func, literal, null, or_, select
from sqlalchemy.orm import aliased

from db.models import (
    Decided,
    Letter,
    MriAnswer,
    PathologyAnswer,
    Person,
    PsaAnswer,
    PsaOrder,
    Referral,
    Round,
    StepChange,
    Treatment,
)
from db.sql import as_number, days_after, days_between, local_day, month_of, year_of
from kansli_tui.pathway.answers import FINAL, NOT_DONE
from kansli_tui.pathway.indicators import REOFFER_DAYS, Fact
from kansli_tui.pathway.lead_times import Day, UnitOf
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.referrals import ReferralKind
from kansli_tui.pathway.ruleset import Outcome
from kansli_tui.pathway.steps import Event, Step
from kansli_tui.rows.answers import DecisionState
from kansli_tui.rows.population import Protection
from kansli_tui.rows.referral_messages import Treatment as TreatmentKind
from kansli_tui.rows.referrals import DecisionKind
from kansli_tui.service.context import STOCKHOLM

Scope = Callable[[Any], ColumnElement[bool]]
"""Says of a column of person ids whose rows are read."""

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
_TREATMENTS = {
    Fact.SURGERY: TreatmentKind.SURGERY,
    Fact.RADIOTHERAPY: TreatmentKind.RADIOTHERAPY,
    Fact.SURVEILLANCE: TreatmentKind.SURVEILLANCE,
    Fact.OTHER_TREATMENT: TreatmentKind.OTHER,
}
_ANSWER_LETTERS = (LetterType.PSA_LOW, LetterType.PSA_TWO_YEARS, LetterType.PSA_RAISED, LetterType.PSA_VERY_HIGH)
_ENDS = (Step.NOT_DUE, Step.CLOSED, Step.EXCLUDED, Step.POSTPONED)
"""Where a person stands when nothing goes on in the round."""


def end_of(day: date) -> datetime:
    """The first moment after a day, in Sweden."""
    return datetime.combine(day + timedelta(days=1), time(), STOCKHOLM)


def everybody(person_id: Any) -> ColumnElement[bool]:
    """The scope of a count of all."""
    condition: ColumnElement[bool] = person_id.is_not(None)
    return condition


def round_facts(as_of: date, scope: Scope = everybody) -> Select[Any]:
    """One row for every round that had been offered by `as_of`, as it was known at the end of that day.

    The columns are those of `round_fact`, in its order.
    """
    until = end_of(as_of)
    answer, mri, pathology = _psa(until, scope), _mri(until, scope), _pathology(until, scope)
    to_mri, to_urology = _referral(ReferralKind.MRI, until, scope), _referral(ReferralKind.UROLOGY, until, scope)
    treatment, indication, steps = _treatment(until, scope), _indicated(until, scope), _steps(until, scope)
    letter, follower, last = _letters(as_of, scope), aliased(Round), aliased(StepChange)
    sampled, valued = answer.c.person_id.is_not(None), answer.c.value.is_not(None)
    value = as_number(answer.c.value)
    raised = and_(valued, value >= RAISED_FROM)
    over = or_(Round.valid_until.is_(None), Round.valid_until < as_of)
    indicated, cancer = indication.c.person_id.is_not(None), pathology.c.isup >= 1
    due = case((last.to_step == Step.NOT_DUE, last.next_on))
    again = case((follower.offered_on <= as_of, follower.offered_on))
    due_is_over = days_after(due, literal(REOFFER_DAYS, Integer)) < as_of
    facts: dict[Fact, ColumnElement[bool]] = {
        Fact.OFFERED: Round.offered_on.is_not(None),
        Fact.WINDOW_OPEN: and_(~sampled, ~over),
        Fact.DECIDED: or_(sampled, over),
        Fact.SAMPLED: sampled,
        Fact.UNANALYSABLE: and_(sampled, ~valued),
        Fact.WITH_VALUE: valued,
        Fact.RAISED: raised,
        Fact.MRI_DONE: and_(raised, mri.c.person_id.is_not(None)),
        Fact.INDICATED: indicated,
        Fact.BIOPSIED: pathology.c.isup.is_not(None),
        Fact.ISUP_1: pathology.c.isup == 1,
        Fact.ISUP_2_OR_MORE: pathology.c.isup >= 2,
        Fact.CANCER: cancer,
        Fact.TREATED: treatment.c.kind.is_not(None),
        Fact.NEXT_DUE: and_(due.is_not(None), or_(again.is_not(None), due_is_over)),
        Fact.REOFFERED_IN_TIME: func.abs(days_between(due, again)) <= REOFFER_DAYS,
        Fact.FOLLOWED: or_(
            raised, and_(sampled, ~valued), indicated, mri.c.person_id.is_not(None), pathology.c.isup.is_not(None)
        ),
    }
    facts |= {
        fact: and_(valued, value >= low, *(() if high is None else (value < high,))) for fact, low, high in _CLASSES
    }
    facts |= {fact: and_(raised, mri.c.pirads == score) for score, fact in enumerate(_PIRADS, start=1)}
    facts |= {fact: treatment.c.kind == kind for fact, kind in _TREATMENTS.items()}
    days: dict[Day, Any] = {
        Day.PRE_LETTER_ON: Round.pre_letter_on,
        Day.OFFERED_ON: Round.offered_on,
        Day.SAMPLED_ON: local_day(answer.c.sampled_at),
        Day.ANSWERED_ON: local_day(answer.c.first_at),
        Day.RAISED_ON: case(
            (and_(raised, or_(~indicated, to_mri.c.sent_at.is_not(None))), local_day(answer.c.first_at))
        ),
        Day.LETTER_ON: func.coalesce(letter.c.posted_on, case((~raised, local_day(steps.c.letter_at)))),
        Day.MRI_REFERRED_ON: local_day(to_mri.c.sent_at),
        Day.MRI_DONE_ON: func.coalesce(local_day(mri.c.examined_at), to_mri.c.done_on),
        Day.MRI_ANSWERED_ON: local_day(mri.c.first_at),
        Day.UROLOGY_REFERRED_ON: local_day(to_urology.c.sent_at),
        Day.VISITED_ON: to_urology.c.done_on,
        Day.BIOPSIED_ON: func.coalesce(pathology.c.biopsied_on, to_urology.c.biopsied_on),
        Day.PATHOLOGY_ON: pathology.c.reported_on,
    }
    changes_on = case(
        (facts[Fact.WINDOW_OPEN], days_after(Round.valid_until, literal(1, Integer))),
        (and_(due.is_not(None), again.is_(None), ~due_is_over), days_after(due, literal(REOFFER_DAYS + 1, Integer))),
        else_=null(),
    )
    units = {UnitOf.MRI: to_mri.c.unit_id, UnitOf.UROLOGY: to_urology.c.unit_id}
    return (
        select(
            Round.person_id,
            Round.number.label("round_number"),
            Round.region,
            year_of(Person.birth_date).label("born"),
            case((Person.protection == Protection.NONE, Round.municipality), else_="").label("municipality"),
            case((Round.number > 1, 1), else_=0).label("later"),
            month_of(Round.offered_on).label("month"),
            case((or_(Round.ended_at.is_(None), Round.ended_at >= until), 1), else_=0).label("open"),
            changes_on.label("changes_on"),
            *(units[unit].label(unit.value) for unit in UnitOf),
            *(days[day].label(day.value) for day in Day),
            *(case((facts[fact], 1), else_=0).label(fact.value) for fact in Fact),
        )
        .join(Person, Person.id == Round.person_id)
        .outerjoin(answer, _same_round(answer))
        .outerjoin(mri, _same_round(mri))
        .outerjoin(pathology, _same_round(pathology))
        .outerjoin(to_mri, _same_round(to_mri))
        .outerjoin(to_urology, _same_round(to_urology))
        .outerjoin(treatment, _same_round(treatment))
        .outerjoin(indication, _same_round(indication))
        .outerjoin(letter, _same_round(letter))
        .outerjoin(steps, _same_round(steps))
        .outerjoin(last, last.id == steps.c.last_id)
        .outerjoin(follower, and_(follower.person_id == Round.person_id, follower.number == Round.number + 1))
        .where(Round.offered_on <= as_of, scope(Round.person_id))
    )


def _same_round(part: Subquery) -> ColumnElement[bool]:
    return and_(part.c.person_id == Round.person_id, part.c.round_number == Round.number)


def _known(model: Any, until: datetime) -> ColumnElement[bool]:
    """The version of an answer that held at the moment."""
    return or_(model.replaced_at.is_(None), model.replaced_at >= until)


def _newest(columns: Any, *order: Any, by: Any) -> Subquery:
    """The first row of each round by an order."""
    place = func.row_number().over(partition_by=by, order_by=order)
    inner = columns.add_columns(place.label("place")).subquery()
    return select(inner).where(inner.c.place == 1).subquery()


def _psa(until: datetime, scope: Scope) -> Subquery:
    """Of each round the newest final answer with a value; where none has one, the newest final answer. `first_at`: the order's first."""
    first_at = func.min(PsaAnswer.received_at).over(partition_by=PsaAnswer.order_id)
    inner = (
        select(
            PsaOrder.person_id,
            PsaOrder.round_number,
            PsaOrder.id.label("order_id"),
            PsaAnswer.value,
            PsaAnswer.sampled_at,
            first_at.label("first_at"),
            _known(PsaAnswer, until).label("known"),
        )
        .join(PsaOrder, PsaOrder.id == PsaAnswer.order_id)
        .where(
            PsaAnswer.received_at < until,
            PsaAnswer.status.in_(sorted(FINAL | {NOT_DONE})),
            scope(PsaAnswer.person_id),
        )
        .subquery()
    )
    c = inner.c
    return _newest(select(inner).where(c.known), c.value.is_(None), c.order_id.desc(), by=(c.person_id, c.round_number))


def _mri(until: datetime, scope: Scope) -> Subquery:
    """Of each round the newest completed MRI, with the highest PI-RADS that a person has confirmed. `first_at`: the referral's first answer."""
    confirmed = and_(Decided.mri_answer_id == MriAnswer.id, Decided.kind == DecisionKind.MRI, _held(until))
    first_at = func.min(MriAnswer.received_at).over(partition_by=MriAnswer.referral_id)
    inner = (
        select(
            Referral.person_id,
            Referral.round_number,
            Referral.id.label("referral_id"),
            Decided.id.label("decision_id"),
            MriAnswer.examined_at,
            first_at.label("first_at"),
            _known(MriAnswer, until).label("known"),
            cast(Decided.inputs["pirads"].as_string(), Integer).label("pirads"),
        )
        .select_from(MriAnswer)
        .join(Referral, Referral.id == MriAnswer.referral_id)
        .outerjoin(Decided, confirmed)
        .where(MriAnswer.received_at < until, MriAnswer.completed.is_(True), scope(MriAnswer.person_id))
        .subquery()
    )
    c = inner.c
    newest = (c.referral_id.desc(), c.decision_id.desc().nulls_last())
    return _newest(select(inner).where(c.known), *newest, by=(c.person_id, c.round_number))


def _pathology(until: datetime, scope: Scope) -> Subquery:
    columns = (
        select(
            Referral.person_id,
            Referral.round_number,
            PathologyAnswer.isup,
            PathologyAnswer.biopsied_on,
            PathologyAnswer.reported_on,
        )
        .join(Referral, Referral.id == PathologyAnswer.referral_id)
        .where(PathologyAnswer.received_at < until, _known(PathologyAnswer, until), scope(PathologyAnswer.person_id))
    )
    return _newest(columns, Referral.id.desc(), by=(Referral.person_id, Referral.round_number))


def _referral(kind: ReferralKind, until: datetime, scope: Scope) -> Subquery:
    """Of each round the newest referral of the kind that has been sent and not taken back."""
    day = (until - timedelta(days=1)).date()
    columns = select(
        Referral.person_id,
        Referral.round_number,
        Referral.unit_id,
        Referral.sent_at,
        case((Referral.done_on <= day, Referral.done_on)).label("done_on"),
        case((Referral.biopsied_on <= day, Referral.biopsied_on)).label("biopsied_on"),
    ).where(
        Referral.kind == kind,
        Referral.sent_at < until,
        or_(Referral.cancelled_at.is_(None), Referral.cancelled_at >= until),
        scope(Referral.person_id),
    )
    return _newest(columns, Referral.id.desc(), by=(Referral.person_id, Referral.round_number))


def _treatment(until: datetime, scope: Scope) -> Subquery:
    columns = (
        select(Referral.person_id, Referral.round_number, Treatment.kind)
        .join(Referral, Referral.id == Treatment.referral_id)
        .where(Treatment.received_at < until, scope(Treatment.person_id))
    )
    newest = (Treatment.on.desc(), Treatment.id.desc())
    return _newest(columns, *newest, by=(Referral.person_id, Referral.round_number))


def _held(until: datetime) -> ColumnElement[bool]:
    """A decision that was confirmed by then and had not been superseded."""
    return and_(
        Decided.confirmed_at < until,
        or_(
            Decided.superseded_at >= until,
            and_(Decided.superseded_at.is_(None), Decided.state == DecisionState.CONFIRMED),
        ),
    )


def _indicated(until: datetime, scope: Scope) -> Subquery:
    """The rounds that a decision has led to urology."""
    return (
        select(Decided.person_id, Decided.round_number)
        .where(
            Decided.outcome == Outcome.UROLOGY,
            Decided.kind != DecisionKind.PATHOLOGY,
            _held(until),
            scope(Decided.person_id),
        )
        .distinct()
        .subquery()
    )


def _letters(as_of: date, scope: Scope) -> Subquery:
    """When the first letter about the PSA answer of each round was posted."""
    return (
        select(Letter.person_id, Letter.round_number, func.min(Letter.posted_on).label("posted_on"))
        .where(Letter.type.in_(_ANSWER_LETTERS), Letter.posted_on <= as_of, scope(Letter.person_id))
        .group_by(Letter.person_id, Letter.round_number)
        .subquery()
    )


def _steps(until: datetime, scope: Scope) -> Subquery:
    """Of each round the last move to where nothing goes on, and when an answer letter was posted (rounds of a predecessor have no letters)."""
    posted = StepChange.event == Event.ANSWER_LETTER_POSTED
    ends = StepChange.to_step.in_(_ENDS)
    return (
        select(
            StepChange.person_id,
            StepChange.round_number,
            func.max(case((ends, StepChange.id))).label("last_id"),
            func.min(case((posted, StepChange.at))).label("letter_at"),
        )
        .where(or_(posted, ends), StepChange.at < until, scope(StepChange.person_id))
        .group_by(StepChange.person_id, StepChange.round_number)
        .subquery()
    )
