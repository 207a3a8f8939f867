"""What can be said of each round as of a day, as one query: the ground that every count of the statistics stands on.

Only what was known by then counts: an answer that came or was replaced later is left as it was, so that last year's report can be
made again with the same numbers.
"""

from datetime import date, datetime, time, timedelta
from typing import Any

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
    Person,
    Round,
)
from db.sql import as_number, days_after, days_between, local_day, month_of, year_of
from kansli_tui.pathway.indicators import REOFFER_DAYS, Fact
from kansli_tui.pathway.lead_times import Day, UnitOf
from kansli_tui.pathway.referrals import ReferralKind
from kansli_tui.rows.population import Protection
from kansli_tui.rows.referral_messages import Treatment as TreatmentKind
from kansli_tui.service import round_parts
from kansli_tui.service.context import STOCKHOLM
from kansli_tui.service.round_parts import Scope

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
    # A comparator is part of the value: "<5" may be on either side of 3, and is in no class; a person decides on it.
    sign = func.coalesce(known.comparator, "")
    raised = and_(valued, value >= RAISED_FROM, ~sign.like("<%"))
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
    facts |= {fact: and_(valued, _in_class(value, sign, low, high)) for fact, low, high in _CLASSES}
    facts |= {fact: and_(raised, known.pirads == score) for score, fact in enumerate(_PIRADS, start=1)}
    facts |= {fact: known.treatment == kind for fact, kind in _TREATMENTS.items()}
    days: dict[Day, Any] = {
        Day.PRE_LETTER_ON: known.pre_letter_on,
        Day.OFFERED_ON: known.offered_on,
        Day.SAMPLED_ON: local_day(known.sampled_at),
        Day.ANSWERED_ON: local_day(known.psa_first_at),
        Day.RAISED_ON: case(
            (
                and_(raised, ~facts[Fact.PSA_100_], or_(~indicated, known.mri_sent_at.is_not(None))),
                local_day(known.psa_first_at),
            )
        ),
        Day.LETTER_ON: func.coalesce(known.letter_on, case((~raised, local_day(known.letter_at)))),
        Day.MRI_REFERRED_ON: local_day(func.coalesce(known.answered_sent_at, known.mri_sent_at)),
        # An attempt that was broken off before the referral was sent again is not the examination that is waited for.
        Day.MRI_DONE_ON: func.coalesce(
            local_day(known.examined_at),
            case((known.mri_done_on >= local_day(known.mri_sent_at), known.mri_done_on)),
        ),
        # The first answer, unless it is of an examination before the one that counts.
        Day.MRI_ANSWERED_ON: local_day(
            case((known.mri_first_at < known.examined_at, known.mri_received_at), else_=known.mri_first_at)
        ),
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
    # A round that has been opened again no longer says when it had ended: the moves do.
    had_ended = func.coalesce(known.over_move, 0) > func.coalesce(known.back_move, 0)
    is_open = and_(or_(known.ended_at.is_(None), known.ended_at >= end_of(as_of)), ~had_ended)
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


def _in_class(value: Any, sign: Any, low: int, high: int | None) -> ColumnElement[bool]:
    """Whether the value lies in the class for certain: "<1" below 1, ">100" from 100, and "<5" in none."""
    if high is None:
        return and_(value >= low, ~sign.like("<%"))
    inside = and_(value >= low, value < high, sign == "")
    below = or_(and_(sign.like("<%"), value < high), and_(sign == "<", value == high))
    return or_(inside, below) if low == 0 else inside


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
        round_parts.psa(until, scope),
        round_parts.mri(until, scope),
        round_parts.pathology(until, scope),
        *(round_parts.referral(kind, until, scope) for kind in ReferralKind),
        round_parts.treatment(until, scope),
        round_parts.indicated(until, scope),
        round_parts.letters(as_of, scope),
        round_parts.steps(until, scope),
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
