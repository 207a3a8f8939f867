"""What can be said of each round as of a day, as one query: the ground that every count of the statistics stands on.

Only what was known by then counts: an answer that came or was replaced later is left as it was, so that last year's report can be
made again with the same numbers.
"""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any
from typing import cast as typing_cast

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Subquery,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)

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


def round_facts(
    as_of: date, scope: Scope = everybody, *, since: date | None = None, until: date | None = None
) -> Select[Any]:
    """One row for every round that had been offered by `as_of`, as it was known at the end of that day.

    The columns are those of `round_fact`, in its order. `since` and `until` are the first and the last day of offers wanted: only
    what is known of people with such an offer is read then.
    """
    last = as_of if until is None else min(as_of, until)
    offers: list[ColumnElement[bool]] = [Round.offered_on <= last]
    if since is not None:
        offers.append(Round.offered_on >= since)
    whom = scope
    if since is not None or last < as_of:
        period = select(Round.person_id).where(*offers)

        def whom(person_id: Any) -> ColumnElement[bool]:
            return and_(scope(person_id), person_id.in_(period))

    known = _known_of_rounds(as_of, whom, and_(*offers, scope(Round.person_id))).c
    sampled, valued = known.sampled.is_not(None), known.value.is_not(None)
    value = as_number(known.value)
    raised = and_(valued, value >= RAISED_FROM)
    over = or_(known.valid_until.is_(None), known.valid_until < as_of)
    indicated, cancer, due, again = known.indicated.is_not(None), known.isup >= 1, known.due_on, known.again_on
    due_is_over = days_after(due, literal(REOFFER_DAYS, Integer)) < as_of
    mri_answered = known.mri_answered.is_not(None)
    facts: dict[Fact, ColumnElement[bool]] = {
        Fact.OFFERED: known.offered_on.is_not(None),
        Fact.WINDOW_OPEN: and_(~sampled, ~over),
        Fact.DECIDED: or_(sampled, over),
        Fact.OVER: over,
        Fact.SAMPLED: sampled,
        Fact.UNANALYSABLE: and_(sampled, ~valued),
        Fact.WITH_VALUE: valued,
        Fact.RAISED: raised,
        Fact.MRI_DONE: and_(raised, mri_answered),
        Fact.INDICATED: indicated,
        Fact.BIOPSIED: known.isup.is_not(None),
        Fact.ISUP_1: known.isup == 1,
        Fact.ISUP_2_OR_MORE: known.isup >= 2,
        Fact.CANCER: cancer,
        Fact.TREATED: known.treatment.is_not(None),
        Fact.NEXT_DUE: and_(due.is_not(None), or_(again.is_not(None), due_is_over)),
        Fact.REOFFERED_IN_TIME: func.abs(days_between(due, again)) <= REOFFER_DAYS,
        Fact.FOLLOWED: or_(raised, and_(sampled, ~valued), indicated, mri_answered, known.isup.is_not(None)),
    }
    facts |= {
        fact: and_(valued, value >= low, *(() if high is None else (value < high,))) for fact, low, high in _CLASSES
    }
    facts |= {fact: and_(raised, known.pirads == score) for score, fact in enumerate(_PIRADS, start=1)}
    facts |= {fact: known.treatment == kind for fact, kind in _TREATMENTS.items()}
    days: dict[Day, Any] = {
        Day.PRE_LETTER_ON: known.pre_letter_on,
        Day.OFFERED_ON: known.offered_on,
        Day.SAMPLED_ON: local_day(known.sampled_at),
        Day.ANSWERED_ON: local_day(known.psa_first_at),
        Day.RAISED_ON: case(
            (and_(raised, or_(~indicated, known.mri_sent_at.is_not(None))), local_day(known.psa_first_at))
        ),
        Day.LETTER_ON: func.coalesce(known.letter_on, case((~raised, local_day(known.letter_at)))),
        Day.MRI_REFERRED_ON: local_day(known.mri_sent_at),
        Day.MRI_DONE_ON: func.coalesce(local_day(known.examined_at), known.mri_done_on),
        Day.MRI_ANSWERED_ON: local_day(known.mri_first_at),
        Day.UROLOGY_REFERRED_ON: local_day(known.urology_sent_at),
        Day.VISITED_ON: known.visited_on,
        Day.BIOPSIED_ON: func.coalesce(known.biopsied_on, known.told_biopsied_on),
        Day.PATHOLOGY_ON: known.reported_on,
    }
    changes_on = case(
        (~over, days_after(known.valid_until, literal(1, Integer))),
        (and_(due.is_not(None), again.is_(None), ~due_is_over), days_after(due, literal(REOFFER_DAYS + 1, Integer))),
        else_=null(),
    )
    is_open = or_(known.ended_at.is_(None), known.ended_at >= end_of(as_of))
    units = {UnitOf.MRI: known.mri_unit_id, UnitOf.UROLOGY: known.urology_unit_id}
    return (
        select(
            known.person_id,
            known.round_number,
            known.region,
            year_of(Person.birth_date).label("born"),
            case((Person.protection == Protection.NONE, known.municipality), else_="").label("municipality"),
            case((known.round_number > 1, 1), else_=0).label("later"),
            month_of(known.offered_on).label("month"),
            case((is_open, 1), else_=0).label("open"),
            changes_on.label("changes_on"),
            *(units[unit].label(unit.value) for unit in UnitOf),
            *(days[day].label(day.value) for day in Day),
            *(case((facts[fact], 1), else_=0).label(fact.value) for fact in Fact),
        )
        .join(Person, Person.id == known.person_id)
        .where(known.offered_on.is_not(None))
    )


def _known_of_rounds(as_of: date, scope: Scope, offers: ColumnElement[bool]) -> Subquery:
    """One row for each round with all that was known of it. Rounds that are not wanted have no `offered_on`.

    Everything is read as rows of (person, round) and put together by grouping: joins of so many parts are beyond the planner of
    SQLite, which then goes through all of every part for each round.
    """
    until = end_of(as_of)
    parts = (
        select(
            Round.person_id,
            Round.number.label("round_number"),
            Round.region,
            Round.municipality,
            Round.pre_letter_on,
            Round.offered_on,
            Round.valid_until,
            Round.ended_at,
        ).where(offers),
        select(Round.person_id, (Round.number - 1).label("round_number"), Round.offered_on.label("again_on")).where(
            Round.number > 1, Round.offered_on <= as_of, scope(Round.person_id)
        ),
        _psa(until, scope),
        _mri(until, scope),
        _pathology(until, scope),
        *(_referral(kind, until, scope) for kind in ReferralKind),
        _treatment(until, scope),
        _indicated(until, scope),
        _letters(as_of, scope),
        _steps(until, scope),
    )
    types = {column.name: column.type for part in parts for column in part.selected_columns}
    rows = union_all(*(_padded(part, types) for part in parts)).subquery()
    key = (rows.c.person_id, rows.c.round_number)
    known = (
        (func.min if name in _EARLIEST else func.max)(rows.c[name]).label(name) for name in types if name not in _KEY
    )
    return select(*key, *known).group_by(*key).subquery()


_KEY = ("person_id", "round_number")
_EARLIEST = ("letter_on", "letter_at")
"""Of what may be there more than once, the first counts."""


def _padded(part: Select[Any], types: dict[str, Any]) -> Select[Any]:
    """The part with every column, empty where it says nothing."""
    of = part.selected_columns
    # The empty ones need a type: PostgreSQL takes two that have none for text.
    return part.with_only_columns(
        *(of[name] if name in of else cast(null(), kind).label(name) for name, kind in types.items()),
        maintain_column_froms=True,
    )


def _known(model: Any, until: datetime) -> ColumnElement[bool]:
    """The version of an answer that held at the moment."""
    return or_(model.replaced_at.is_(None), model.replaced_at >= until)


def _newest(columns: Any, *order: Any) -> Select[Any]:
    """The first row of each round by an order."""
    of = columns.selected_columns
    place = func.row_number().over(partition_by=(of.person_id, of.round_number), order_by=order)
    rows = columns.add_columns(place.label("place")).subquery()
    return select(*(column for column in rows.c if column.name != "place")).where(rows.c.place == 1)


def _psa(until: datetime, scope: Scope) -> Select[Any]:
    """Of each round the newest final answer with a value; where none has one, the newest final answer. `psa_first_at`: the order's first."""
    first_at = func.min(PsaAnswer.received_at).over(partition_by=PsaAnswer.order_id)
    rows = (
        select(
            PsaOrder.person_id,
            PsaOrder.round_number,
            PsaOrder.id.label("order_id"),
            PsaAnswer.value,
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
    columns = select(c.person_id, c.round_number, _yes("sampled"), c.value, c.sampled_at, c.psa_first_at).where(c.known)
    return _newest(columns, c.value.is_(None), c.order_id.desc())


def _mri(until: datetime, scope: Scope) -> Select[Any]:
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
    columns = select(c.person_id, c.round_number, _yes("mri_answered"), c.examined_at, c.mri_first_at, c.pirads).where(
        c.known
    )
    return _newest(columns, c.referral_id.desc(), c.decision_id.desc().nulls_last())


def _pathology(until: datetime, scope: Scope) -> Select[Any]:
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


def _referral(kind: ReferralKind, until: datetime, scope: Scope) -> Select[Any]:
    """Of each round the newest referral of the kind that has been sent and not taken back."""
    day = (until - timedelta(days=1)).date()
    done = case((Referral.done_on <= day, Referral.done_on))
    biopsied = case((Referral.biopsied_on <= day, Referral.biopsied_on))
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


def _treatment(until: datetime, scope: Scope) -> Select[Any]:
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


def _indicated(until: datetime, scope: Scope) -> Select[Any]:
    """The decisions that have led to urology."""
    return select(Decided.person_id, Decided.round_number, _yes("indicated")).where(
        Decided.outcome == Outcome.UROLOGY,
        Decided.kind != DecisionKind.PATHOLOGY,
        _held(until),
        scope(Decided.person_id),
    )


def _letters(as_of: date, scope: Scope) -> Select[Any]:
    """When letters about the PSA answer were posted."""
    posted: Any = select(Letter.person_id, Letter.round_number, Letter.posted_on.label("letter_on")).where(
        Letter.type.in_(_ANSWER_LETTERS), Letter.posted_on <= as_of, scope(Letter.person_id)
    )
    return typing_cast("Select[Any]", posted)


def _steps(until: datetime, scope: Scope) -> Select[Any]:
    """The moves that posted an answer letter (rounds of a predecessor have no letters), and what day the last move to an end has set."""
    ends = StepChange.to_step.in_(_ENDS)
    place = func.row_number().over(
        partition_by=(StepChange.person_id, StepChange.round_number),
        order_by=(case((ends, 0), else_=1), StepChange.id.desc()),
    )
    posted = StepChange.event == Event.ANSWER_LETTER_POSTED
    rows = (
        select(
            StepChange.person_id,
            StepChange.round_number,
            case((posted, StepChange.at)).label("letter_at"),
            case((StepChange.to_step == Step.NOT_DUE, StepChange.next_on)).label("due_on"),
            place.label("place"),
        )
        .where(or_(posted, ends), StepChange.at < until, scope(StepChange.person_id))
        .subquery()
    )
    c = rows.c
    return select(c.person_id, c.round_number, c.letter_at, case((c.place == 1, c.due_on)).label("due_on"))


def _yes(name: str) -> Any:
    return literal(1).label(name)
