"""The watch (failsafe) as data: which checks there are, what each one lets pass, whose duty it is, and when it is late.

Pure: what a check finds is asked of the database elsewhere, and which days the office works is an argument.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

OFFICE_DAY = 30
"""Once every office day, with room for a later start than the day before (hours of office days)."""
OFFICE_WEEK = 126
"""Once every office week."""


class Watched(StrEnum):
    """What is watched. The value is stored with runs and duties; never rename one without a migration."""

    NO_NEXT_STEP = "no_next_step"
    NOT_DUE_WITHOUT_DATE = "not_due_without_date"
    NEW_OFFER_LATE = "new_offer_late"
    DAY_NOT_RUN = "day_not_run"
    ORDER_NOT_SENT = "order_not_sent"
    ORDER_OPEN = "order_open"
    ANSWER_SILENT = "answer_silent"
    URGENT_ANSWER = "urgent_answer"
    RAISED_ANSWER = "raised_answer"
    NORMAL_ANSWER = "normal_answer"
    MRI_ANSWER = "mri_answer"
    PATHOLOGY_ANSWER = "pathology_answer"
    NOT_REFERRED = "not_referred"
    REFERRAL_NOT_SENT = "referral_not_sent"
    MRI_SILENT = "mri_silent"
    MRI_NOT_BOOKED = "mri_not_booked"
    BOOKING_PASSED = "booking_passed"
    MRI_NOT_ANSWERED = "mri_not_answered"
    UROLOGY_SILENT = "urology_silent"
    VISIT_WITHOUT_WORD = "visit_without_word"
    PATHOLOGY_SILENT = "pathology_silent"
    NOT_SETTLED = "not_settled"
    LETTER_NOT_POSTED = "letter_not_posted"
    CANCELLATION_NOT_SENT = "cancellation_not_sent"
    LEFT_WITH_OPEN_WORK = "left_with_open_work"
    BLOCKED_WITH_CARE_OWED = "blocked_with_care_owed"
    HELD_MESSAGE = "held_message"
    CORRECTION_OPEN = "correction_open"
    CONTACT_OPEN = "contact_open"
    BY_HAND_OPEN = "by_hand_open"
    REGISTER_OPEN = "register_open"
    HANDOVER_OPEN = "handover_open"
    NO_CAPACITY = "no_capacity"


@dataclass(frozen=True, slots=True)
class Check:
    """A named check. `label` and `fix` (what to do about a finding) are message ids.

    `every_hours` counts hours of office days between two runs. `grace_days` are let pass after the day that something should have
    happened, before it is found: 0 finds it the day after; what has `grace_hours` is found the same day. `ahead_days` is how far a
    check looks forward.
    """

    code: Watched
    label: str
    fix: str
    every_hours: int = OFFICE_DAY
    grace_days: int = 0
    grace_hours: int = 0
    ahead_days: int = 0


_W = Watched

CHECKS: tuple[Check, ...] = (
    Check(
        _W.URGENT_ANSWER,
        "Very high PSA not seen to the same day",
        "Open Answers, phone the person now and confirm.",
        every_hours=24,
        grace_hours=2,
    ),
    Check(
        _W.RAISED_ANSWER,
        "Raised or unclear PSA answer not confirmed",
        "Open Answers and confirm, or ask the physician.",
        grace_days=2,
    ),
    Check(
        _W.MRI_ANSWER,
        "MRI answer not confirmed",
        "Open MRI and confirm the highest PI-RADS and the volume.",
        grace_days=2,
    ),
    Check(
        _W.PATHOLOGY_ANSWER,
        "Pathology answer not confirmed",
        "Open MRI and confirm the pathology answer.",
        grace_days=2,
    ),
    Check(
        _W.NORMAL_ANSWER,
        "Normal PSA answer or repeat sample not confirmed",
        "Open Answers and confirm: the letter should leave within two weeks of the sample.",
        grace_days=6,
    ),
    Check(
        _W.NOT_REFERRED,
        "Decided but not referred",
        "Open the case and make the referral.",
        grace_days=2,
    ),
    Check(
        _W.REFERRAL_NOT_SENT,
        "Referral made but not sent",
        "Export the orders, or send the referral by hand and note the receipt.",
    ),
    Check(
        _W.MRI_SILENT,
        "Nothing heard of an MRI referral",
        "Phone the unit, and note the reminder or what it said.",
    ),
    Check(
        _W.MRI_NOT_BOOKED,
        "MRI appointment not booked in time",
        "Book an appointment in the calendar, or ask the unit for more slots.",
    ),
    Check(
        _W.BOOKING_PASSED,
        "Appointment passed with no outcome",
        "Ask the unit whether the person came, and close the day in the calendar.",
        grace_days=1,
    ),
    Check(
        _W.MRI_NOT_ANSWERED,
        "MRI done but not answered",
        "Phone the unit and ask for the answer.",
    ),
    Check(
        _W.UROLOGY_SILENT,
        "Nothing heard of a urology referral",
        "Phone the unit, and note the reminder or what it said.",
    ),
    Check(
        _W.VISIT_WITHOUT_WORD,
        "Seen by the urologist, no word of a biopsy",
        "Phone the unit: has a biopsy been taken, or is none planned?",
    ),
    Check(
        _W.PATHOLOGY_SILENT,
        "Biopsy taken but no pathology answer",
        "Phone the unit and ask for the pathology answer.",
    ),
    Check(
        _W.NOT_SETTLED,
        "Examination came to nothing and is not settled",
        "Open the case: book again, refer again, or settle what happens instead.",
    ),
    Check(
        _W.BLOCKED_WITH_CARE_OWED,
        "Held person who is owed an answer or care",
        "See to the register task today: nothing goes out while the person is held.",
        grace_days=2,
    ),
    Check(
        _W.NO_NEXT_STEP,
        "Open round without a next step, or its date long passed",
        "Open the case and find out what should happen next.",
        grace_days=14,
    ),
    Check(
        _W.LEFT_WITH_OPEN_WORK,
        "Has died or left, with something still open",
        "Open the case and stop what is open; tell the unit or the laboratory.",
    ),
    Check(
        _W.CANCELLATION_NOT_SENT,
        "Taken back, but the unit or the laboratory has not been told",
        "Export the orders: the cancellation goes with them.",
        grace_days=2,
    ),
    Check(
        _W.CORRECTION_OPEN,
        "Corrected answer not seen to",
        "Open Corrected answers: the person has been told something that no longer holds.",
        grace_days=1,
    ),
    Check(
        _W.HELD_MESSAGE,
        "Held message not seen to",
        "Open Held answers: match, refuse or send back.",
        grace_days=1,
    ),
    Check(
        _W.ORDER_NOT_SENT,
        "PSA order not sent",
        "Export the orders: without one the person cannot give a sample.",
        grace_days=2,
    ),
    Check(
        _W.ORDER_OPEN,
        "PSA order past its window and still open",
        "Run the day, or ask the laboratory whether a sample has come.",
        grace_days=3,
    ),
    Check(
        _W.ANSWER_SILENT,
        "Sample taken but no final answer",
        "Phone the laboratory and ask for the final answer.",
        grace_days=14,
    ),
    Check(
        _W.LETTER_NOT_POSTED,
        "Letter prepared but not posted",
        "Print the batch and confirm it as posted, or see to what stops the letter.",
        grace_days=5,
    ),
    Check(
        _W.CONTACT_OPEN,
        "Contact or question to the physician not seen to",
        "Open the task and finish it with what came of it.",
        grace_days=4,
    ),
    Check(
        _W.BY_HAND_OPEN,
        "Letter by hand or missing address not seen to",
        "Print the letter by hand, or find the address.",
        grace_days=4,
    ),
    Check(
        _W.REGISTER_OPEN,
        "Register task not seen to",
        "Open the task and finish it with what came of it.",
        every_hours=OFFICE_WEEK,
        grace_days=14,
    ),
    Check(
        _W.HANDOVER_OPEN,
        "Hand-over not answered",
        "The receiving region takes over or sends back.",
        grace_days=3,
    ),
    Check(
        _W.DAY_NOT_RUN,
        "The day's run has not been made",
        "Run the day: kansli-tui run-day.",
        every_hours=24,
    ),
    Check(
        _W.NO_CAPACITY,
        "MRI unit without free slots for those who wait",
        "Ask the unit for more slots, or refer to another unit.",
        every_hours=OFFICE_WEEK,
        ahead_days=21,
    ),
    Check(
        _W.NEW_OFFER_LATE,
        "New offer long due and not released",
        "Approve a plan for the birth year, or raise its weekly number.",
        every_hours=OFFICE_WEEK,
        grace_days=60,
    ),
    Check(
        _W.NOT_DUE_WITHOUT_DATE,
        "Waiting with no date of a next offer",
        "Open the case and find out what should happen next.",
    ),
)
"""Every check, the most urgent first."""
BY_CODE = {check.code: check for check in CHECKS}


def on_duty(owner: str, deputy: str, away: Collection[str]) -> str:
    """Whose duty a check is today: the owner's, the deputy's while the owner is away, and '' (everybody's) when both are."""
    return next((name for name in (owner, deputy) if name and name not in away), "")


def office_hours(since: datetime, until: datetime, is_office_day: Callable[[date], bool]) -> float:
    """Hours from `since` to `until` (both in the office's own time zone) that lie on office days, all hours of a day counted."""
    passed = timedelta()
    at = since
    while at < until:
        next_day = datetime.combine(at.date() + timedelta(days=1), time(), at.tzinfo)
        if is_office_day(at.date()):
            passed += min(next_day, until) - at
        at = next_day
    return passed / timedelta(hours=1)


def is_late(
    last_run: datetime | None, now: datetime, *, every_hours: int, is_office_day: Callable[[date], bool]
) -> bool:
    """Whether a check should have been run again by now; one that has never been run is late."""
    # A run that is dated in the future says that a clock was wrong, not that the check has been run.
    if last_run is None or last_run > now + timedelta(hours=1):
        return True
    # A check that has rested for months is late whatever days lie between; they need not be counted one by one.
    if now - last_run > timedelta(days=366):
        return True
    return office_hours(last_run, now, is_office_day) > every_hours
