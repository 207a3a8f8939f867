"""What an incoming laboratory answer may do: decide, wait, lead to a repeat sample, retract, or be held for a person.

Whose it is comes first, what it says second, and only then what the rules make of the value (`decide`). An answer is
matched on our order number and the person, never on the person alone. Whatever is in doubt is held with a reason and
the fix; nothing is converted, guessed or dropped.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from kansli_tui.pathway.ruleset import Outcome

FINAL = frozenset("FCABVU")
"""HL7 table 0085: final, corrected, amended, appended, verified; U makes an earlier preliminary value final."""
CORRECTING = frozenset("CAB")
WAITING = frozenset("PSRI")
RETRACTING = frozenset("DW")
NOT_DONE = "X"
WITHOUT_EFFECT = frozenset("NO")


class Verdict(StrEnum):
    """What is done with an answer."""

    DECIDE = "decide"
    WAIT = "wait"
    REPEAT = "repeat"
    RETRACT = "retract"
    NO_EFFECT = "no_effect"
    HOLD = "hold"


class HoldReason(StrEnum):
    """Why an answer is held once it could be read; values are message ids (at most 60 characters, stored)."""

    SAME_ID_OTHER_CONTENT = "Same message id as before but other content"
    NO_ORDER_NUMBER = "The answer has no order number"
    UNKNOWN_ORDER = "The order number is not ours"
    OTHER_PERSON = "The order belongs to another person"
    BIRTH_DATE = "The birth date contradicts the register"
    NUMBER_TAKEN = "A second number belongs to another person"
    DEAD = "The person is dead"
    CLOSED = "The person has left the programme"
    ORDER_CANCELLED = "The order was cancelled"
    EARLIER_ROUND = "The order belongs to an earlier round"
    STATUS_MISSING = "The status is missing or unknown"
    VALUE_UNREADABLE = "The value cannot be read as a number"
    VALUE_EMPTY = "The value is empty although the answer is final"
    VALUE_ZERO = "The value is exactly zero"
    UNIT = "The unit is missing or not µg/L"
    SAMPLE_TIME_MISSING = "The time of sampling is missing"
    SAMPLE_IN_FUTURE = "The sample is dated in the future"
    SAMPLE_BEFORE_OFFER = "The sample was taken before the offer"
    SAMPLE_LATE = "The sample was taken after the order had expired"
    NOT_EXPECTED = "No answer is expected where the person stands"
    NOTHING_TO_RETRACT = "There is no answer to take back"
    CONTRADICTS = "A different final answer is already here"
    SEVERAL_VALUES = "Several different PSA values in one answer"


FIXES: Mapping[HoldReason, str] = {
    HoldReason.SAME_ID_OTHER_CONTENT: "Ask the laboratory which of the two is right; refuse the other.",
    HoldReason.NO_ORDER_NUMBER: "Find the order and match by hand, or send the answer back.",
    HoldReason.UNKNOWN_ORDER: "Probably ordered by somebody else: send it back, or match it to the right order.",
    HoldReason.OTHER_PERSON: "Compare number and name with the order; send it back if the sample is another person's.",
    HoldReason.BIRTH_DATE: "Check with the laboratory whose sample it is before you match it.",
    HoldReason.NUMBER_TAKEN: "Check in the register whose number it is, then match or send back.",
    HoldReason.DEAD: "Check the sample date; send the answer back or refuse it with a note.",
    HoldReason.CLOSED: "Decide whether the answer is still owed; re-open the case first if it is.",
    HoldReason.ORDER_CANCELLED: "Check whether the sample was taken anyway; match it if the person wants the answer.",
    HoldReason.EARLIER_ROUND: "Check which round the sample belongs to; ask the physician if in doubt.",
    HoldReason.STATUS_MISSING: "Ask the laboratory for the status of the answer.",
    HoldReason.VALUE_UNREADABLE: "Read the text; ask the laboratory for a number or register a repeat sample.",
    HoldReason.VALUE_EMPTY: "An empty value is not zero: ask the laboratory to send the value.",
    HoldReason.VALUE_ZERO: "No assay measures zero: ask the laboratory for the value, or for one with a limit (<0.1).",
    HoldReason.UNIT: "Ask the laboratory to send the value in µg/L; it is never converted here.",
    HoldReason.SAMPLE_TIME_MISSING: "Ask the laboratory when the sample was taken.",
    HoldReason.SAMPLE_IN_FUTURE: "Ask the laboratory for the right time of sampling.",
    HoldReason.SAMPLE_BEFORE_OFFER: "Probably another sample: check with the laboratory, match it or send it back.",
    HoldReason.SAMPLE_LATE: "Match it if the answer is to count although the order had expired.",
    HoldReason.NOT_EXPECTED: "Look at the case; match it when the person stands where an answer is expected.",
    HoldReason.NOTHING_TO_RETRACT: "Ask the laboratory whether its first answer was lost on the way.",
    HoldReason.CONTRADICTS: "Ask the laboratory to send a correction (status C) or to withdraw one of them.",
    HoldReason.SEVERAL_VALUES: "Ask the laboratory which value is right.",
}
"""What a person does about each reason, as message ids."""

MATCHABLE = frozenset(
    {
        HoldReason.NO_ORDER_NUMBER,
        HoldReason.UNKNOWN_ORDER,
        HoldReason.OTHER_PERSON,
        HoldReason.BIRTH_DATE,
        HoldReason.NUMBER_TAKEN,
        HoldReason.ORDER_CANCELLED,
        HoldReason.SAMPLE_BEFORE_OFFER,
        HoldReason.SAMPLE_LATE,
        HoldReason.SAME_ID_OTHER_CONTENT,
        HoldReason.NOT_EXPECTED,
    }
)
"""Reasons a person may overrule by matching the answer to an order. What the answer says cannot be overruled."""


@dataclass(frozen=True, slots=True)
class AnswerFacts:
    """What an answer says: numbers of the patient, the one PSA result and when the sample was taken."""

    numbers: frozenset[str]
    birth_date: date | None
    status: str
    value: Decimal | None
    comparator: str | None
    unit_is_ugl: bool
    raw_value: str
    sampled_on: date | None


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """Our side: the order that the answer names, its person, and the answer that is already there."""

    numbers: frozenset[str]
    birth_date: date
    dead: bool
    closed: bool
    offered_on: date
    valid_until: date
    cancelled: bool
    order_round: int
    person_round: int
    current_status: str | None = None
    current_value: Decimal | None = None
    current_comparator: str | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict. For HOLD, `reason` says why; `values` fill its fix and never hold personal data."""

    verdict: Verdict
    reason: HoldReason | None = None
    values: Mapping[str, str] = field(default_factory=dict)


def judge(
    answer: AnswerFacts, order: OrderFacts, *, today: date, overruled: frozenset[HoldReason] = frozenset()
) -> Judgement:
    """What to do with `answer` to `order`. A person's match overrules the reasons in `overruled`."""
    for reason in (*_whose(answer, order), *_when(answer, order, today)):
        if reason not in overruled:
            return Judgement(Verdict.HOLD, reason)
    return _what(answer, order)


def _whose(answer: AnswerFacts, order: OrderFacts) -> list[HoldReason]:
    doubts = []
    if not answer.numbers & order.numbers:
        doubts.append(HoldReason.OTHER_PERSON)
    if answer.birth_date is not None and answer.birth_date != order.birth_date:
        doubts.append(HoldReason.BIRTH_DATE)
    if order.dead:
        doubts.append(HoldReason.DEAD)
    elif order.closed:
        doubts.append(HoldReason.CLOSED)
    if order.order_round != order.person_round:
        doubts.append(HoldReason.EARLIER_ROUND)
    if order.cancelled:
        doubts.append(HoldReason.ORDER_CANCELLED)
    return doubts


def _when(answer: AnswerFacts, order: OrderFacts, today: date) -> list[HoldReason]:
    if answer.sampled_on is None:
        return [HoldReason.SAMPLE_TIME_MISSING] if answer.status in FINAL else []
    if answer.sampled_on > today:
        return [HoldReason.SAMPLE_IN_FUTURE]
    if answer.sampled_on < order.offered_on:
        return [HoldReason.SAMPLE_BEFORE_OFFER]
    if answer.sampled_on > order.valid_until:
        return [HoldReason.SAMPLE_LATE]
    return []


def _what(answer: AnswerFacts, order: OrderFacts) -> Judgement:
    status = answer.status
    has_final = order.current_status is not None and order.current_status in FINAL
    if status in WITHOUT_EFFECT:
        return Judgement(Verdict.NO_EFFECT)
    if status in WAITING:
        # A preliminary answer that comes after the final one has been overtaken on the way; one after another takes its
        # place, for status U makes the latest of them final without sending the value again.
        overtaken = order.current_status is not None and order.current_status not in WAITING
        return Judgement(Verdict.NO_EFFECT if overtaken else Verdict.WAIT)
    if status in RETRACTING:
        if order.current_status is None:
            return Judgement(Verdict.HOLD, HoldReason.NOTHING_TO_RETRACT)
        return Judgement(Verdict.NO_EFFECT if order.current_status in RETRACTING else Verdict.RETRACT)
    if status == NOT_DONE:
        if has_final:
            return Judgement(Verdict.HOLD, HoldReason.CONTRADICTS)
        return Judgement(Verdict.NO_EFFECT if order.current_status == NOT_DONE else Verdict.REPEAT)
    if status not in FINAL:
        return Judgement(Verdict.HOLD, HoldReason.STATUS_MISSING, {"status": status or "–"})
    if status == "U" and answer.value is None:
        if order.current_status in WAITING and order.current_value is not None:
            return Judgement(Verdict.DECIDE)
        return Judgement(Verdict.HOLD, HoldReason.VALUE_EMPTY)
    if answer.value is None:
        empty = answer.raw_value in ("", '""')
        return Judgement(Verdict.HOLD, HoldReason.VALUE_EMPTY if empty else HoldReason.VALUE_UNREADABLE)
    if answer.value == 0 and answer.comparator is None:
        return Judgement(Verdict.HOLD, HoldReason.VALUE_ZERO)
    if not answer.unit_is_ugl:
        return Judgement(Verdict.HOLD, HoldReason.UNIT)
    if has_final and status not in CORRECTING:
        same = (answer.value, answer.comparator) == (order.current_value, order.current_comparator)
        return Judgement(Verdict.NO_EFFECT) if same else Judgement(Verdict.HOLD, HoldReason.CONTRADICTS)
    return Judgement(Verdict.DECIDE)


CHOICES: Mapping[Outcome, tuple[Outcome, ...]] = {
    Outcome.NEW_OFFER: (Outcome.NEW_OFFER, Outcome.REPEAT),
    Outcome.MRI: (Outcome.MRI, Outcome.UROLOGY, Outcome.REPEAT),
    Outcome.UROLOGY: (Outcome.UROLOGY, Outcome.MRI, Outcome.REPEAT),
    Outcome.REPEAT: (Outcome.REPEAT,),
    Outcome.PERSON: (Outcome.MRI, Outcome.UROLOGY, Outcome.REPEAT),
}
"""What a person may confirm for each proposal. A raised value can never be confirmed as a normal one."""
