"""What a unit's message may do: every reason has a fix, and no judgement leads where the referral may not go."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kansli_tui.pathway.referrals import ReferralEvent, ReferralKind, ReferralState, follows
from kansli_tui.pathway.unit_answers import (
    FIXES,
    MATCHABLE,
    MessageFacts,
    NoEffect,
    ReferralFacts,
    UnitJudgement,
    UnitReason,
    doubts,
    judge_booking,
    judge_outcome,
    judge_pathology,
    judge_report,
)

S, E, R = ReferralState, ReferralEvent, UnitReason
TODAY = date(2026, 11, 3)
AT = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
MESSAGE: dict[str, Any] = {
    "numbers": frozenset({"a", "b"}),
    "birth_date": date(1970, 1, 23),
    "kind": ReferralKind.MRI,
    "on": date(2026, 11, 1),
    "days": (date(2026, 11, 1), date(2026, 11, 2)),
}
REFERRAL: dict[str, Any] = {
    "numbers": frozenset({"b", "c"}),
    "birth_date": date(1970, 1, 23),
    "kind": ReferralKind.MRI,
    "state": S.SENT,
    "made_on": date(2026, 10, 30),
    "round": 1,
    "person_round": 1,
    "dead": False,
    "closed": False,
}


def found(message: dict[str, Any] | None = None, referral: dict[str, Any] | None = None) -> list[UnitReason]:
    facts, ours = MessageFacts(**MESSAGE | (message or {})), ReferralFacts(**REFERRAL | (referral or {}))
    return list(doubts(facts, ours, TODAY))


def test_every_reason_has_a_fix_and_can_be_stored() -> None:
    assert set(FIXES) == set(UnitReason)
    assert all(len(reason.value) <= 60 for reason in UnitReason)
    assert set(UnitReason) > MATCHABLE


def test_a_message_in_order_raises_no_doubt() -> None:
    assert found() == []
    assert found({"birth_date": None, "on": None, "days": ()}) == []
    assert found({"on": date(2026, 10, 30), "days": (date(2026, 10, 30), TODAY)}) == []
    assert found({}, {"booked_on": date(2026, 11, 1)}) == []


@pytest.mark.parametrize(
    ("reason", "message", "referral"),
    [
        (R.OTHER_KIND, {"kind": ReferralKind.UROLOGY}, {}),
        (R.OTHER_PERSON, {"numbers": frozenset({"x"})}, {}),
        (R.OTHER_PERSON, {"numbers": frozenset()}, {}),
        (R.BIRTH_DATE, {"birth_date": date(1970, 1, 24)}, {}),
        (R.DEAD, {}, {"dead": True, "closed": True}),
        (R.CLOSED, {}, {"closed": True}),
        (R.EARLIER_ROUND, {}, {"person_round": 2}),
        (R.TAKEN_BACK, {}, {"state": S.CANCELLED}),
        (R.IN_FUTURE, {"days": (date(2026, 11, 1), date(2026, 11, 4))}, {}),
        (R.BEFORE_REFERRAL, {"on": date(2026, 10, 29)}, {}),
        (R.BEFORE_APPOINTMENT, {}, {"booked_on": date(2026, 11, 2)}),
    ],
)
def test_each_doubt_alone(reason: UnitReason, message: dict[str, Any], referral: dict[str, Any]) -> None:
    assert found(message, referral) == [reason]


BOOKINGS = (E.BOOKED, E.MOVED, E.BOOKING_CANCELLED, E.NO_SHOW, E.DONE, E.RETURNED)


def leads_somewhere(state: ReferralState, judgement: UnitJudgement) -> bool:
    """Exactly one answer; an event is one the referral's own table allows, or a late one."""
    said = [judgement.event, judgement.reason, judgement.no_effect]
    allowed = judgement.event is None or judgement.late or follows(state, judgement.event) is not None
    return sum(one is not None for one in said) == 1 and allowed


@given(
    wanted=st.sampled_from(BOOKINGS),
    state=st.sampled_from(list(S)),
    starts_at=st.sampled_from([None, AT]),
    booked_for=st.sampled_from([None, AT, AT + timedelta(days=1)]),
    ages=st.tuples(*[st.sampled_from([None, AT, AT + timedelta(seconds=1)])] * 2),
)
def test_no_appointment_leads_where_the_referral_may_not_go(
    wanted: ReferralEvent,
    state: ReferralState,
    starts_at: datetime | None,
    booked_for: datetime | None,
    ages: tuple[datetime | None, datetime | None],
) -> None:
    judgement = judge_booking(
        wanted, state, starts_at=starts_at, booked_for=booked_for, sent_at=ages[0], newest_at=ages[1]
    )
    assert leads_somewhere(state, judgement)
    if judgement.event in (E.BOOKED, E.MOVED):
        assert starts_at is not None


@given(
    status=st.sampled_from([*"FCABPSRIXWDQ", ""]),
    state=st.sampled_from(list(S)),
    completed=st.booleans(),
    scores=st.lists(st.integers(0, 6), max_size=2),
    current=st.sampled_from([None, "F", "C", "W"]),
    same=st.booleans(),
    overtaken=st.booleans(),
)
def test_no_report_leads_where_the_referral_may_not_go(
    status: str,
    state: ReferralState,
    completed: bool,
    scores: list[int],
    current: str | None,
    same: bool,
    overtaken: bool,
) -> None:
    judgement = judge_report(
        status, state, completed=completed, scores=scores, current_status=current, same=same, overtaken=overtaken
    )
    assert leads_somewhere(state, judgement)
    if judgement.event in (E.ANSWERED, E.CORRECTED):
        assert status in "FCAB"
        assert completed
        assert all(1 <= score <= 5 for score in scores)


@given(wanted=st.sampled_from([E.DONE, E.BIOPSIED, E.DECLINED]), state=st.sampled_from(list(S)))
def test_no_line_leads_where_the_referral_may_not_go(wanted: ReferralEvent, state: ReferralState) -> None:
    assert leads_somewhere(state, judge_outcome(wanted, state))


@given(
    isup=st.sampled_from([None, -1, 0, 1, 5, 6]),
    state=st.sampled_from(list(S)),
    biopsied_on=st.sampled_from([None, TODAY - timedelta(days=1), TODAY, TODAY + timedelta(days=1)]),
    current=st.sampled_from([None, 0, 1]),
)
def test_no_grade_leads_where_the_referral_may_not_go(
    isup: int | None, state: ReferralState, biopsied_on: date | None, current: int | None
) -> None:
    judgement = judge_pathology(isup, TODAY, state, biopsied_on=biopsied_on, current_isup=current)
    assert leads_somewhere(state, judgement)
    assert judgement.reason is R.NO_GRADE or isup in range(6)


def test_a_report_and_its_states() -> None:
    plain: dict[str, Any] = {"completed": True}
    assert judge_report("F", S.DONE, **plain).event is E.ANSWERED
    assert judge_report("F", S.ANSWERED, current_status="F", **plain).reason is R.CONTRADICTS
    match = frozenset({R.CONTRADICTS})
    assert judge_report("F", S.ANSWERED, current_status="F", overruled=match, **plain).event is E.CORRECTED
    assert judge_report("C", S.ANSWERED, current_status="F", **plain).event is E.CORRECTED
    assert judge_report("W", S.ANSWERED, current_status="F", **plain).event is E.RETRACTED
    assert judge_report("W", S.RETURNED, current_status="W", **plain).no_effect is NoEffect.KNOWN
    assert judge_report("X", S.ANSWERED, current_status="F", completed=False).reason is R.NOT_EXPECTED
    assert judge_report("F", S.DONE, completed=False).event is E.NOT_COMPLETED
    assert judge_report("F", S.DONE, scores=[0], **plain).reason is R.SCORE


def test_a_cancelled_appointment_we_never_heard_of_is_ours_to_book() -> None:
    nothing: dict[str, Any] = {"starts_at": AT, "booked_for": None}
    for state in (S.SENT, S.ACCEPTED):
        assert judge_booking(E.BOOKING_CANCELLED, state, **nothing).event is E.REBOOK
    for state in (S.TO_BOOK, S.RETURNED):
        assert judge_booking(E.BOOKING_CANCELLED, state, **nothing).no_effect is NoEffect.NOTHING_BOOKED
    assert judge_booking(E.BOOKED, S.SENT, starts_at=None, booked_for=None).reason is R.NO_TIME
