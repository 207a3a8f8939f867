"""Which query answers each check of the watch.

Each begins at an index over what is open (tasks, referrals, orders, letters) or at the index of steps and dates, so that it costs
what is open and not what is stored. A finding belongs to the region its person is in now.
"""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from db.queries.watch_finding import Finder, Hit, Terms
from db.queries.watch_people import (
    answer_silent,
    blocked,
    day_not_run,
    new_offer_late,
    no_capacity,
    no_next_step,
    not_due_without_date,
)
from db.queries.watch_work import (
    cancellation_not_sent,
    handover_open,
    left,
    letter_not_posted,
    order_not_sent,
    order_open,
    referrals,
    tasks,
)
from kansli_tui.pathway.referrals import ReferralKind, ReferralState
from kansli_tui.pathway.steps import Queue
from kansli_tui.pathway.watch import Check, Watched

_BOTH = tuple(ReferralKind)
_MRI, _UROLOGY = (ReferralKind.MRI,), (ReferralKind.UROLOGY,)
_AT_UNIT = (ReferralState.SENT, ReferralState.ACCEPTED)

_FINDERS: Mapping[Watched, Finder] = {
    Watched.URGENT_ANSWER: tasks(Queue.URGENT),
    Watched.RAISED_ANSWER: tasks(Queue.RAISED, Queue.UNDECIDED),
    Watched.NORMAL_ANSWER: tasks(Queue.NORMAL, Queue.REPEAT),
    Watched.MRI_ANSWER: tasks(Queue.MRI_ANSWER),
    Watched.PATHOLOGY_ANSWER: tasks(Queue.PATHOLOGY),
    Watched.NOT_REFERRED: tasks(Queue.MRI_REFERRAL, Queue.UROLOGY_REFERRAL),
    Watched.REFERRAL_NOT_SENT: referrals(_BOTH, ReferralState.CREATED),
    Watched.MRI_SILENT: referrals(_MRI, *_AT_UNIT),
    Watched.MRI_NOT_BOOKED: referrals(_MRI, ReferralState.TO_BOOK),
    Watched.BOOKING_PASSED: referrals(_BOTH, ReferralState.BOOKED),
    Watched.MRI_NOT_ANSWERED: referrals(_MRI, ReferralState.DONE),
    Watched.UROLOGY_SILENT: referrals(_UROLOGY, *_AT_UNIT, ReferralState.TO_BOOK),
    Watched.VISIT_WITHOUT_WORD: referrals(_UROLOGY, ReferralState.DONE),
    Watched.PATHOLOGY_SILENT: referrals(_BOTH, ReferralState.BIOPSIED),
    Watched.NOT_SETTLED: referrals(_BOTH, ReferralState.RETURNED),
    Watched.ORDER_NOT_SENT: order_not_sent,
    Watched.ORDER_OPEN: order_open,
    Watched.CANCELLATION_NOT_SENT: cancellation_not_sent,
    Watched.NO_NEXT_STEP: no_next_step,
    Watched.NOT_DUE_WITHOUT_DATE: not_due_without_date,
    Watched.NEW_OFFER_LATE: new_offer_late,
    Watched.ANSWER_SILENT: answer_silent,
    Watched.BLOCKED_WITH_CARE_OWED: blocked,
    Watched.DAY_NOT_RUN: day_not_run,
    Watched.LETTER_NOT_POSTED: letter_not_posted,
    Watched.LEFT_WITH_OPEN_WORK: left,
    Watched.HELD_MESSAGE: tasks(Queue.HELD, nobodys=True),
    Watched.CORRECTION_OPEN: tasks(Queue.CORRECTION),
    Watched.CONTACT_OPEN: tasks(Queue.CONTACT, Queue.MEDICAL),
    Watched.BY_HAND_OPEN: tasks(Queue.PROTECTED, Queue.ADDRESS),
    Watched.REGISTER_OPEN: tasks(Queue.REGISTER),
    Watched.HANDOVER_OPEN: handover_open,
    Watched.NO_CAPACITY: no_capacity,
}


def find(session: Session, check: Check, terms: Terms) -> tuple[list[Hit], int]:
    """The first findings of a check, and how many there are in all."""
    return _FINDERS[check.code](session, check, terms)
