"""The parts that the facts of rounds are put together from: what was known by a moment of samples, examinations, referrals and moves.

Each is a query with rows of (person, round), made into one row for each round by `service.round_facts`.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from typing import cast as typing_cast

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
)

from db.models import (
    Decided,
    Letter,
    MriAnswer,
    PathologyAnswer,
    PsaAnswer,
    PsaOrder,
    Referral,
    ReferralChange,
    StepChange,
    Treatment,
)
from kansli_tui.pathway.answers import FINAL, NOT_DONE
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.referrals import ReferralEvent, ReferralKind
from kansli_tui.pathway.ruleset import Outcome
from kansli_tui.pathway.steps import Event, Step
from kansli_tui.rows.answers import DecisionState
from kansli_tui.rows.referrals import DecisionKind

Scope = Callable[[Any], ColumnElement[bool]]
"""Says of a column of person ids whose rows are read."""

_ANSWER_LETTERS = (LetterType.PSA_LOW, LetterType.PSA_TWO_YEARS, LetterType.PSA_RAISED, LetterType.PSA_VERY_HIGH)
_ENDS = (Step.NOT_DUE, Step.CLOSED, Step.EXCLUDED, Step.POSTPONED)
"""Where a person stands when nothing goes on in the round."""
_OVER = (Step.NOT_DUE, Step.CLOSED, Step.EXCLUDED)
"""Where no round is open; a sample can be postponed within one."""


def _known(model: Any, until: datetime) -> ColumnElement[bool]:
    """The version of an answer that held at the moment."""
    return or_(model.replaced_at.is_(None), model.replaced_at >= until)


def _newest(columns: Any, *order: Any) -> Select[Any]:
    """The first row of each round by an order."""
    of = columns.selected_columns
    place = func.row_number().over(partition_by=(of.person_id, of.round_number), order_by=order)
    rows = columns.add_columns(place.label("place")).subquery()
    return select(*(column for column in rows.c if column.name != "place")).where(rows.c.place == 1)


def psa(until: datetime, scope: Scope) -> Select[Any]:
    """Of each round the newest final answer with a value; where none has one, the newest final answer. `psa_first_at`: the order's first."""
    first_at = func.min(PsaAnswer.received_at).over(partition_by=PsaAnswer.order_id)
    rows = (
        select(
            PsaOrder.person_id,
            PsaOrder.round_number,
            PsaOrder.id.label("order_id"),
            PsaAnswer.value,
            PsaAnswer.comparator,
            PsaAnswer.sampled_at,
            first_at.label("psa_first_at"),
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
    c = rows.c
    kept = (c.value, c.comparator, c.sampled_at, c.psa_first_at)
    columns = select(c.person_id, c.round_number, _yes("sampled"), *kept).where(c.known)
    return _newest(columns, c.value.is_(None), c.order_id.desc())


def mri(until: datetime, scope: Scope) -> Select[Any]:
    """Of each round the newest completed MRI, with the highest PI-RADS that a person has confirmed. `mri_first_at`: the referral's first answer."""
    confirmed = and_(Decided.mri_answer_id == MriAnswer.id, Decided.kind == DecisionKind.MRI, _held(until))
    first_at = func.min(MriAnswer.received_at).over(partition_by=MriAnswer.referral_id)
    rows = (
        select(
            Referral.person_id,
            Referral.round_number,
            Referral.id.label("referral_id"),
            Decided.id.label("decision_id"),
            MriAnswer.examined_at,
            MriAnswer.received_at.label("mri_received_at"),
            Referral.sent_at.label("answered_sent_at"),
            first_at.label("mri_first_at"),
            _known(MriAnswer, until).label("known"),
            cast(Decided.inputs["pirads"].as_string(), Integer).label("pirads"),
        )
        .select_from(MriAnswer)
        .join(Referral, Referral.id == MriAnswer.referral_id)
        .outerjoin(Decided, confirmed)
        .where(MriAnswer.received_at < until, MriAnswer.completed.is_(True), scope(MriAnswer.person_id))
        .subquery()
    )
    c = rows.c
    kept = (c.examined_at, c.mri_first_at, c.mri_received_at, c.answered_sent_at, c.pirads)
    columns = select(c.person_id, c.round_number, _yes("mri_answered"), *kept).where(c.known)
    return _newest(columns, c.referral_id.desc(), c.decision_id.desc().nulls_last())


def pathology(until: datetime, scope: Scope) -> Select[Any]:
    """Of each round the answer of the pathologist on its newest referral that has one."""
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
    return _newest(columns, Referral.id.desc())


def referral(kind: ReferralKind, until: datetime, scope: Scope) -> Select[Any]:
    """Of each round the newest referral of the kind that has been sent and not taken back."""
    day = (until - timedelta(days=1)).date()
    # The day itself is not enough: it may have been told weeks later.
    examined = exists().where(
        MriAnswer.referral_id == Referral.id, MriAnswer.examined_at.is_not(None), MriAnswer.received_at < until
    )
    told_done = or_(examined, _told(ReferralEvent.DONE, until))
    done = case((and_(Referral.done_on <= day, told_done), Referral.done_on))
    biopsied = case((and_(Referral.biopsied_on <= day, _told(ReferralEvent.BIOPSIED, until)), Referral.biopsied_on))
    columns = select(
        Referral.person_id,
        Referral.round_number,
        Referral.unit_id.label(f"{kind.value}_unit_id"),
        Referral.sent_at.label(f"{kind.value}_sent_at"),
        *(
            (done.label("mri_done_on"),)
            if kind is ReferralKind.MRI
            else (done.label("visited_on"), biopsied.label("told_biopsied_on"))
        ),
    ).where(
        Referral.kind == kind,
        Referral.sent_at < until,
        or_(Referral.cancelled_at.is_(None), Referral.cancelled_at >= until),
        scope(Referral.person_id),
    )
    return _newest(columns, Referral.id.desc())


def _told(event: ReferralEvent, until: datetime) -> ColumnElement[bool]:
    """Whether it was known by then that the event had happened to the referral."""
    return exists().where(
        ReferralChange.referral_id == Referral.id, ReferralChange.event == event, ReferralChange.at < until
    )


def treatment(until: datetime, scope: Scope) -> Select[Any]:
    """Of each round the treatment that was begun last."""
    columns = (
        select(Referral.person_id, Referral.round_number, Treatment.kind.label("treatment"))
        .join(Referral, Referral.id == Treatment.referral_id)
        .where(Treatment.received_at < until, scope(Treatment.person_id))
    )
    return _newest(columns, Treatment.on.desc(), Treatment.id.desc())


def _held(until: datetime) -> ColumnElement[bool]:
    """A decision that was confirmed by then and had not been superseded."""
    return and_(
        Decided.confirmed_at < until,
        or_(
            Decided.superseded_at >= until,
            and_(Decided.superseded_at.is_(None), Decided.state == DecisionState.CONFIRMED),
        ),
    )


def indicated(until: datetime, scope: Scope) -> Select[Any]:
    """The decisions that have led to urology."""
    return select(Decided.person_id, Decided.round_number, _yes("indicated")).where(
        Decided.outcome == Outcome.UROLOGY,
        Decided.kind != DecisionKind.PATHOLOGY,
        _held(until),
        scope(Decided.person_id),
    )


def letters(as_of: date, scope: Scope) -> Select[Any]:
    """When letters about the PSA answer were posted."""
    posted: Any = select(Letter.person_id, Letter.round_number, Letter.posted_on.label("letter_on")).where(
        Letter.type.in_(_ANSWER_LETTERS), Letter.posted_on <= as_of, scope(Letter.person_id)
    )
    return typing_cast("Select[Any]", posted)


def steps(until: datetime, scope: Scope) -> Select[Any]:
    """The moves that posted an answer letter (rounds of a predecessor have no letters), and what day the last move to an end has set."""
    ends = StepChange.to_step.in_(_ENDS)
    place = func.row_number().over(
        partition_by=(StepChange.person_id, StepChange.round_number),
        order_by=(case((ends, 0), else_=1), StepChange.id.desc()),
    )
    posted = StepChange.event == Event.ANSWER_LETTER_POSTED
    over = StepChange.to_step.in_(_OVER)
    # A release opens another round: reading those moves too would only take time.
    releases = (Event.RELEASED, Event.RELEASED_WITH_PRE_LETTER)
    back = and_(StepChange.from_step.in_(_OVER), ~over, StepChange.event.not_in(releases))
    rows = (
        select(
            StepChange.person_id,
            StepChange.round_number,
            case((posted, StepChange.at)).label("letter_at"),
            case((StepChange.to_step == Step.NOT_DUE, StepChange.next_on)).label("due_on"),
            case((over, StepChange.id)).label("over_move"),
            case((back, StepChange.id)).label("back_move"),
            place.label("place"),
        )
        .where(or_(posted, ends, back), StepChange.at < until, scope(StepChange.person_id))
        .subquery()
    )
    c = rows.c
    due_on = case((c.place == 1, c.due_on)).label("due_on")
    columns: tuple[Any, ...] = (c.person_id, c.round_number, c.letter_at, due_on, c.over_move, c.back_move)
    return select(*columns)


def _yes(name: str) -> Any:
    return literal(1).label(name)
