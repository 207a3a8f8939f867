"""What an incoming answer may do: every reason to hold, which of them comes first, and every status on every earlier one."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kansli_tui.pathway.answers import (
    CHOICES,
    CORRECTING,
    FINAL,
    FIXES,
    MATCHABLE,
    NOT_DONE,
    RETRACTING,
    WAITING,
    WITHOUT_EFFECT,
    AnswerFacts,
    HoldReason,
    Judgement,
    OrderFacts,
    Verdict,
    judge,
)
from kansli_tui.pathway.ruleset import Outcome

TODAY = date(2026, 11, 3)
OFFERED, UNTIL = date(2026, 10, 1), date(2026, 12, 30)
BORN = date(1976, 2, 3)
PLAIN = AnswerFacts(
    numbers=frozenset({"197602039291"}),
    birth_date=BORN,
    status="F",
    value=Decimal("2.4"),
    comparator=None,
    unit_is_ugl=True,
    raw_value="2.4",
    sampled_on=date(2026, 10, 30),
)
ORDER = OrderFacts(
    numbers=frozenset({"197602039291"}),
    birth_date=BORN,
    dead=False,
    closed=False,
    offered_on=OFFERED,
    valid_until=UNTIL,
    cancelled=False,
    order_round=1,
    person_round=1,
)

H = HoldReason
DOUBTS: list[tuple[HoldReason, dict[str, Any], dict[str, Any]]] = [
    # (reason, what differs in the answer, what differs in the order), in order of precedence
    (H.OTHER_PERSON, {"numbers": frozenset({"197002129273"})}, {}),
    (H.BIRTH_DATE, {"birth_date": date(1976, 2, 4)}, {}),
    (H.DEAD, {}, {"dead": True, "closed": True}),
    (H.EARLIER_ROUND, {}, {"person_round": 2}),
    (H.ORDER_CANCELLED, {}, {"cancelled": True}),
    (H.SAMPLE_IN_FUTURE, {"sampled_on": TODAY + timedelta(days=1)}, {}),
    (H.STATUS_MISSING, {"status": ""}, {}),
]
"""Each of them with all that follow still gives the first."""


def held(answer: AnswerFacts = PLAIN, order: OrderFacts = ORDER, **more: Any) -> HoldReason | None:
    made = judge(answer, order, today=TODAY, **more)
    assert (made.verdict is Verdict.HOLD) == (made.reason is not None)
    return made.reason


def test_a_plain_final_answer_is_decided() -> None:
    assert judge(PLAIN, ORDER, today=TODAY) == Judgement(Verdict.DECIDE)


@pytest.mark.parametrize(
    ("reason", "answer", "order"),
    [
        *DOUBTS,
        (H.OTHER_PERSON, {"numbers": frozenset()}, {}),
        (H.CLOSED, {}, {"closed": True}),
        (H.EARLIER_ROUND, {}, {"order_round": 1, "person_round": 3}),
        (H.SAMPLE_TIME_MISSING, {"sampled_on": None}, {}),
        (H.SAMPLE_BEFORE_OFFER, {"sampled_on": OFFERED - timedelta(days=1)}, {}),
        (H.SAMPLE_LATE, {"sampled_on": date(2026, 10, 2)}, {"valid_until": date(2026, 10, 1)}),
        (H.STATUS_MISSING, {"status": "Z"}, {}),
        (H.STATUS_MISSING, {"status": "f"}, {}),
        (H.STATUS_MISSING, {"status": "FC"}, {}),
        (H.VALUE_EMPTY, {"value": None, "raw_value": ""}, {}),
        (H.VALUE_EMPTY, {"value": None, "raw_value": '""'}, {}),
        (H.VALUE_EMPTY, {"value": None, "raw_value": "", "status": "U"}, {}),
        (H.VALUE_UNREADABLE, {"value": None, "raw_value": "ca 3"}, {}),
        (H.VALUE_UNREADABLE, {"value": None, "raw_value": "hemolys"}, {}),
        (H.UNIT, {"unit_is_ugl": False}, {}),
        (H.CONTRADICTS, {"value": Decimal("2.5")}, {"current_status": "F", "current_value": Decimal("2.4")}),
        (
            H.CONTRADICTS,
            {"comparator": "<"},
            {"current_status": "F", "current_value": Decimal("2.4")},
        ),
        (H.CONTRADICTS, {"status": "X", "value": None}, {"current_status": "F", "current_value": Decimal("2.4")}),
        (H.NOTHING_TO_RETRACT, {"status": "D", "value": None}, {}),
        (H.NOTHING_TO_RETRACT, {"status": "W", "value": None}, {}),
    ],
)
def test_each_reason_to_hold(reason: HoldReason, answer: dict[str, Any], order: dict[str, Any]) -> None:
    assert held(replace(PLAIN, **answer), replace(ORDER, **order)) is reason


@pytest.mark.parametrize("first", range(len(DOUBTS)))
def test_of_several_reasons_the_gravest_is_named(first: int) -> None:
    answer, order = PLAIN, ORDER
    for _reason, said, ours in DOUBTS[first:]:
        answer, order = replace(answer, **said), replace(order, **ours)
    assert held(answer, order) is DOUBTS[first][0]


def test_dates_are_inclusive() -> None:
    for on in (OFFERED, TODAY):
        assert held(replace(PLAIN, sampled_on=on)) is None
    late = replace(ORDER, valid_until=date(2026, 10, 30))
    assert held(PLAIN, late) is None


@pytest.mark.parametrize("reason", sorted(MATCHABLE, key=str))
def test_a_persons_match_overrules_whose_it_is_and_when(reason: HoldReason) -> None:
    for known, said, ours in DOUBTS:
        if known is reason:
            assert held(replace(PLAIN, **said), replace(ORDER, **ours), overruled=MATCHABLE) is None


def test_what_the_answer_says_can_never_be_overruled() -> None:
    fixed = {H.DEAD, H.CLOSED, H.STATUS_MISSING, H.VALUE_EMPTY, H.VALUE_UNREADABLE, H.UNIT, H.CONTRADICTS}
    assert not fixed & MATCHABLE
    everything = frozenset(HoldReason)
    assert held(replace(PLAIN, unit_is_ugl=False), overruled=everything) is H.UNIT
    assert held(replace(PLAIN, value=None, raw_value=""), overruled=everything) is H.VALUE_EMPTY
    assert held(replace(PLAIN, status=""), overruled=everything) is H.STATUS_MISSING


def test_every_reason_says_what_to_do_and_can_be_stored() -> None:
    assert set(FIXES) == set(HoldReason)
    assert all(len(reason.value) <= 60 for reason in HoldReason)


DECIDE, WAIT, REPEAT, RETRACT, NOTHING, HOLD = (
    Verdict.DECIDE,
    Verdict.WAIT,
    Verdict.REPEAT,
    Verdict.RETRACT,
    Verdict.NO_EFFECT,
    Verdict.HOLD,
)


@pytest.mark.parametrize(
    ("current", "status", "value", "verdict"),
    [
        (None, "F", "2.4", DECIDE),
        (None, "C", "2.4", DECIDE),
        (None, "U", "2.4", DECIDE),
        (None, "P", "2.4", WAIT),
        (None, "I", None, WAIT),
        (None, "X", None, REPEAT),
        (None, "N", None, NOTHING),
        (None, "O", None, NOTHING),
        # An updated preliminary value takes the place of the earlier one; U makes the last one final.
        ("P", "P", "3.6", WAIT),
        ("P", "F", "3.6", DECIDE),
        ("P", "U", None, DECIDE),
        ("P", "X", None, REPEAT),
        ("P", "D", None, RETRACT),
        # Messages in the wrong order: what has been overtaken has no effect.
        ("F", "P", "2.4", NOTHING),
        ("C", "P", "2.4", NOTHING),
        ("X", "P", "2.4", NOTHING),
        ("D", "P", "2.4", NOTHING),
        ("F", "F", "2.4", NOTHING),
        ("F", "F", "2.40", NOTHING),
        ("F", "F", "2.5", HOLD),
        ("F", "X", None, HOLD),
        ("F", "C", "2.5", DECIDE),
        ("F", "A", "2.5", DECIDE),
        ("F", "B", "2.5", DECIDE),
        ("F", "D", None, RETRACT),
        ("F", "W", None, RETRACT),
        ("C", "F", "2.5", HOLD),
        ("X", "X", None, NOTHING),
        ("X", "F", "2.5", DECIDE),
        ("X", "D", None, RETRACT),
        ("D", "D", None, NOTHING),
        ("W", "D", None, NOTHING),
        ("D", "F", "2.5", DECIDE),
        ("W", "F", "2.5", DECIDE),
        ("D", "X", None, REPEAT),
    ],
)
def test_each_status_after_each_other(current: str | None, status: str, value: str | None, verdict: Verdict) -> None:
    order = replace(ORDER, current_status=current, current_value=Decimal("2.4") if current in ("P", "F", "C") else None)
    answer = replace(PLAIN, status=status, value=None if value is None else Decimal(value), raw_value=value or "")
    assert judge(answer, order, today=TODAY).verdict is verdict


def test_statuses_do_not_overlap() -> None:
    groups = (FINAL, WAITING, RETRACTING, WITHOUT_EFFECT, frozenset(NOT_DONE))
    assert sum(len(group) for group in groups) == len(frozenset().union(*groups))
    assert CORRECTING < FINAL


statuses = st.one_of(
    st.sampled_from(sorted(FINAL | WAITING | RETRACTING | WITHOUT_EFFECT | {NOT_DONE})), st.text(max_size=3)
)


@given(
    status=statuses,
    current=st.one_of(st.none(), statuses),
    value=st.one_of(st.none(), st.decimals(0, 500, places=2)),
    raw=st.text(max_size=5),
    unit=st.booleans(),
    sampled=st.one_of(st.none(), st.dates(date(2026, 9, 1), date(2027, 1, 31))),
)
def test_nothing_is_decided_on_without_a_value_a_unit_and_a_day(
    status: str, current: str | None, value: Decimal | None, raw: str, unit: bool, sampled: date | None
) -> None:
    answer = replace(PLAIN, status=status, value=value, raw_value=raw, unit_is_ugl=unit, sampled_on=sampled)
    order = replace(ORDER, current_status=current, current_value=Decimal(1) if current in ("P", "F") else None)
    made = judge(answer, order, today=TODAY)
    if made.verdict is Verdict.DECIDE:
        assert status in FINAL
        assert sampled is not None
        assert OFFERED <= sampled <= TODAY
        assert (value is not None and unit) or (status == "U" and order.current_value is not None)


@pytest.mark.parametrize(("proposed", "chosen"), list(product(CHOICES, Outcome)))
def test_what_a_person_may_confirm(proposed: Outcome, chosen: Outcome) -> None:
    may = chosen in CHOICES[proposed]
    if chosen is Outcome.NEW_OFFER:
        assert may == (proposed is Outcome.NEW_OFFER), "only a low value is confirmed as a low one"
    if chosen is Outcome.PERSON:
        assert not may
    if chosen is Outcome.REPEAT:
        assert may
