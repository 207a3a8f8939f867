"""The words for stored values: enum member → English message id. Translated when shown, never here.

`label(member)` is what screens use. A value that has no words here is a programming error and a test finds it.
"""

from collections.abc import Mapping
from enum import StrEnum

from kansli_tui.follow_up_labels import FOLLOW_UP_LABELS, every_follow_up_word
from kansli_tui.i18n import _
from kansli_tui.letter_labels import LANGUAGE_NAMES, LETTER_LABELS
from kansli_tui.pathway.referrals import ReferralEvent, ReferralKind, ReferralState
from kansli_tui.pathway.ruleset import Outcome
from kansli_tui.pathway.standing import STANDINGS, By
from kansli_tui.pathway.steps import ClosedReason, Event, ExclusionReason, Queue, Step
from kansli_tui.rows.answers import DecisionState, MessageState, OrderState
from kansli_tui.rows.cases import CaseAction
from kansli_tui.rows.offers import PlanState, RoundKind
from kansli_tui.rows.office import Role
from kansli_tui.rows.population import Protection
from kansli_tui.rows.referral_messages import Treatment
from kansli_tui.rows.referrals import BookingState, BookingWay, HandoverState
from kansli_tui.rows.register import ChangeKind, ImportState
from kansli_tui.rows.register_care import HandField
from kansli_tui.rows.watch import DeviationCause

_WORDS: Mapping[type[StrEnum], Mapping[StrEnum, str]] = {
    HandField: {
        HandField.GIVEN: "Given names",
        HandField.MIDDLE: "Middle name",
        HandField.FAMILY: "Family name",
        HandField.ADDRESS: "Address",
        HandField.SPECIAL: "Special address",
        HandField.ABROAD: "Address abroad",
        HandField.MUNICIPALITY: "Municipality",
        HandField.BIRTH_DATE: "Birth date",
    },
    Step: {step: standing.label for step, standing in STANDINGS.items()},
    Event: {
        Event.REGISTERED: "Came into the register",
        Event.RELEASED_WITH_PRE_LETTER: "Released, pre-letter first",
        Event.RELEASED: "Released for an offer",
        Event.PRE_LETTER_POSTED: "Pre-letter posted",
        Event.OFFER_DATE_REACHED: "Day of the offer",
        Event.OFFER_POSTED: "Offer posted",
        Event.OFFER_POSTED_WITH_ORDER: "Offer posted, sample ordered",
        Event.OFFER_POSTED_AGAIN: "Offer posted again",
        Event.ACCEPTED: "Accepted the offer",
        Event.DECLINED: "Declined this time",
        Event.POSTPONED: "Postponed",
        Event.POSTPONEMENT_ENDED: "Postponement over",
        Event.SAMPLE_POSTPONEMENT_ENDED: "Postponement over, sample offered",
        Event.ORDER_SENT: "Order sent",
        Event.WINDOW_EXPIRED: "No sample in time",
        Event.ANSWER_PENDING: "Preliminary answer",
        Event.ANSWER_RECEIVED: "Answer received",
        Event.ANSWER_CORRECTED: "Answer corrected",
        Event.ANSWER_RETRACTED: "Answer taken back",
        Event.CONFIRMED_NEW_OFFER: "Confirmed: new offer later",
        Event.CONFIRMED_MRI: "Confirmed: MRI",
        Event.CONFIRMED_UROLOGY: "Confirmed: urologist",
        Event.CONFIRMED_REPEAT: "Confirmed: repeat sample",
        Event.REPEAT_LETTER_POSTED: "Repeat letter posted",
        Event.ANSWER_LETTER_POSTED: "Answer letter posted",
        Event.MRI_REFERRAL_SENT: "MRI referral sent",
        Event.MRI_REFERRAL_MADE: "MRI referral made",
        Event.MRI_REFERRAL_WITHDRAWN: "MRI referral taken back",
        Event.MRI_BOOKING_NEEDED: "MRI appointment needed",
        Event.MRI_BOOKED: "MRI booked",
        Event.MRI_PERFORMED: "MRI done",
        Event.MRI_NOT_DONE: "MRI not done",
        Event.MRI_ANSWERED: "MRI answered",
        Event.MRI_ANSWER_CORRECTED: "MRI answer corrected",
        Event.UROLOGY_REFERRAL_MADE: "Urology referral made",
        Event.UROLOGY_REFERRAL_WITHDRAWN: "Urology referral taken back",
        Event.UROLOGY_REFERRAL_SENT: "Urology referral sent",
        Event.UROLOGY_VISITED: "Seen by the urologist",
        Event.BIOPSIED: "Biopsy taken",
        Event.UROLOGY_NOT_DONE: "Urology not done",
        Event.PATHOLOGY_ANSWERED: "Pathology answered",
        Event.PATHOLOGY_CORRECTED: "Pathology answer corrected",
        Event.PSA_DECISION_UNDONE: "Decision taken back",
        Event.MRI_DECISION_UNDONE: "MRI decision taken back",
        Event.PATHOLOGY_DECISION_UNDONE: "Pathology decision taken back",
        Event.HANDED_OVER: "Handed over to another region",
        Event.EXCLUDED: "Excluded",
        Event.READMITTED: "Taken in again",
        Event.CLOSED: "Left the programme",
        Event.REOPENED: "Opened again",
    },
    By: {
        By.OFFICE: "the office",
        By.PERSON: "the person",
        By.LABORATORY: "the laboratory",
        By.PROGRAM: "the program, by itself",
        By.UNIT: "the unit referred to",
        By.NOBODY: "nobody",
    },
    Queue: {
        Queue.URGENT: "Very high PSA, phone today",
        Queue.UROLOGY_REFERRAL: "Urology referral to make",
        Queue.PATHOLOGY: "Pathology answers",
        Queue.MRI_ANSWER: "MRI answers to assess",
        Queue.RAISED: "Raised answers",
        Queue.UNDECIDED: "Answers to judge",
        Queue.REPEAT: "Repeat samples",
        Queue.NORMAL: "Normal answers",
        Queue.MRI_REFERRAL: "MRI referral to make",
        Queue.MRI_BOOKING: "MRI to book",
        Queue.MRI_CONTACT: "MRI not done: contact",
        Queue.UROLOGY_CONTACT: "Urology not done: contact",
        Queue.CORRECTION: "Corrected answers",
        Queue.HELD: "Held answers",
        Queue.MEDICAL: "Questions to physician",
        Queue.CONTACT: "Contacts",
        Queue.PROTECTED: "Protected data, by hand",
        Queue.ADDRESS: "Addresses",
        Queue.HANDOVER: "Hand-over between regions",
        Queue.REGISTER: "Register care",
    },
    Outcome: {
        Outcome.NEW_OFFER: "New offer later",
        Outcome.MRI: "MRI referral",
        Outcome.UROLOGY: "Referral to urologist",
        Outcome.REPEAT: "Repeat sample",
        Outcome.CARE: "Cancer: to clinical care",
        Outcome.PERSON: "A person decides",
    },
    **LETTER_LABELS,
    **FOLLOW_UP_LABELS,
    OrderState: {
        OrderState.CREATED: "to send",
        OrderState.SENT: "sent",
        OrderState.ANSWERED: "answered",
        OrderState.EXPIRED: "expired",
        OrderState.CANCELLED: "cancelled",
    },
    MessageState: {
        MessageState.APPLIED: "applied",
        MessageState.NO_EFFECT: "already known",
        MessageState.HELD: "held",
        MessageState.MATCHED: "matched by hand",
        MessageState.REFUSED: "refused",
        MessageState.RETURNED: "sent back",
    },
    DecisionState: {
        DecisionState.PROPOSED: "proposed",
        DecisionState.CONFIRMED: "confirmed",
        DecisionState.SUPERSEDED: "superseded",
    },
    PlanState: {
        PlanState.DRAFT: "draft",
        PlanState.APPROVED: "approved",
        PlanState.ENDED: "ended",
    },
    RoundKind: {
        RoundKind.FIRST: "first round",
        RoundKind.AFTER_NO_SAMPLE: "after no sample",
        RoundKind.AFTER_INTERVAL: "after interval",
        RoundKind.REQUEST: "by request",
    },
    ImportState: {
        ImportState.REVIEW: "to review",
        ImportState.ACCEPTED: "accepted",
        ImportState.REJECTED: "rejected",
        ImportState.STOPPED: "stopped whole",
    },
    ChangeKind: {
        ChangeKind.NEW: "new",
        ChangeKind.CHANGED: "changed",
        ChangeKind.UNCHANGED: "unchanged",
        ChangeKind.PROBLEM: "problem",
        ChangeKind.MISSING: "ours but not in the file",
    },
    ClosedReason: {
        ClosedReason.DEAD: "Dead",
        ClosedReason.EMIGRATED: "Emigrated",
        ClosedReason.MOVED_OUT: "Moved out of the regions",
        ClosedReason.CANCER_KNOWN: "Prostate cancer known",
        ClosedReason.CANCER_FOUND: "Prostate cancer found, in clinical care",
        ClosedReason.OPTED_OUT: "Has opted out",
        ClosedReason.NO_PROSTATE: "Has no prostate",
        ClosedReason.AGE: "Past the last age",
        ClosedReason.NUMBER_REPLACED: "Number replaced by another",
    },
    ExclusionReason: {
        ExclusionReason.CANCER_KNOWN: "Prostate cancer known",
        ExclusionReason.NO_PROSTATE: "Has no prostate",
        ExclusionReason.NOT_RESIDENT: "Not resident here",
        ExclusionReason.NOT_IN_TARGET_GROUP: "Not in the target group",
        ExclusionReason.OTHER: "Other reason",
    },
    Protection: {
        Protection.NONE: "No protection",
        Protection.CONFIDENTIALITY: "Confidentiality mark",
        Protection.PROTECTED_REGISTRATION: "Protected registration",
    },
    ReferralKind: {ReferralKind.MRI: "MRI", ReferralKind.UROLOGY: "Urology"},
    ReferralState: {
        ReferralState.CREATED: "to send",
        ReferralState.SENT: "sent",
        ReferralState.ACCEPTED: "accepted",
        ReferralState.TO_BOOK: "to book",
        ReferralState.BOOKED: "booked",
        ReferralState.DONE: "done",
        ReferralState.BIOPSIED: "biopsy taken",
        ReferralState.RETURNED: "came to nothing",
        ReferralState.ANSWERED: "answered",
        ReferralState.CANCELLED: "taken back",
    },
    ReferralEvent: {
        ReferralEvent.MADE: "Referral made",
        ReferralEvent.SENT: "Referral sent",
        ReferralEvent.SENT_TO_BOOK: "Referral sent, the office books",
        ReferralEvent.ACCEPTED: "Accepted by the unit",
        ReferralEvent.BOOKED: "Appointment booked",
        ReferralEvent.MOVED: "Appointment moved",
        ReferralEvent.BOOKING_CANCELLED: "Appointment cancelled",
        ReferralEvent.REBOOK: "To be booked again",
        ReferralEvent.DONE: "Done",
        ReferralEvent.BIOPSIED: "Biopsy taken",
        ReferralEvent.ANSWERED: "Answered",
        ReferralEvent.CORRECTED: "Answer corrected",
        ReferralEvent.RETRACTED: "Answer taken back",
        ReferralEvent.NO_SHOW: "Did not come",
        ReferralEvent.DECLINED: "The person declines",
        ReferralEvent.CONTRAINDICATED: "Cannot be done for medical reasons",
        ReferralEvent.NOT_DIAGNOSTIC: "Cannot be assessed",
        ReferralEvent.NOT_COMPLETED: "Not completed",
        ReferralEvent.RETURNED: "Returned by the unit",
        ReferralEvent.RESENT: "Sent again",
        ReferralEvent.CANCELLED: "Referral taken back",
    },
    BookingWay: {
        BookingWay.OWN_SLOTS: "the office books in the unit's slots",
        BookingWay.MESSAGES: "the unit books and sends messages",
        BookingWay.CALLS: "the unit calls the person",
    },
    BookingState: {
        BookingState.BOOKED: "booked",
        BookingState.MOVED: "moved",
        BookingState.CANCELLED: "cancelled",
        BookingState.NO_SHOW: "did not come",
        BookingState.DONE: "done",
    },
    Treatment: {
        Treatment.SURGERY: "Surgery",
        Treatment.RADIOTHERAPY: "Radiotherapy",
        Treatment.SURVEILLANCE: "Active surveillance",
        Treatment.OTHER: "Other treatment",
    },
    HandoverState: {
        HandoverState.OFFERED: "offered",
        HandoverState.ACCEPTED: "taken over",
        HandoverState.RETURNED: "sent back",
        HandoverState.WITHDRAWN: "withdrawn",
    },
    DeviationCause: {
        DeviationCause.PATIENT_CHOICE: "The person's own choice",
        DeviationCause.MEDICAL: "Medical reasons",
        DeviationCause.CAPACITY: "Lack of capacity",
        DeviationCause.WRONG_UNIT: "Sent to the wrong unit",
        DeviationCause.LOST: "Lost on the way",
        DeviationCause.OFFICE: "Delay at the office",
        DeviationCause.OTHER: "Other cause",
    },
    Role: {
        Role.CASEWORKER: "caseworker",
        Role.SUPERVISOR: "supervisor",
        Role.PHYSICIAN: "physician",
        Role.SYSTEM: "program",
    },
}

ACTIONS: Mapping[CaseAction, tuple[str, str]] = {
    CaseAction.REFER: ("Make the referral", "A form asks for the unit and what it needs to know."),
    CaseAction.REBOOK: ("Book another MRI appointment", "The referral stands; the person waits to be booked."),
    CaseAction.RESEND: (
        "Send the referral again",
        "The same referral is with the unit again and its limit begins anew.",
    ),
    CaseAction.REFER_AGAIN: ("Make another referral", "This referral is taken back and a new one is made."),
    CaseAction.TO_UROLOGY: ("To the urologist without MRI", "The person is phoned and a urology referral is made."),
    CaseAction.NEW_OFFER_LATER: (
        "No examination now: new offer later",
        "The referral is taken back, a letter says so, and a new offer comes after the rule set's years.",
    ),
    CaseAction.UNBLOCK: ("Take away the block", "Letters, orders and offers go out again."),
    CaseAction.ACCEPT: ("Accepts the offer", "A PSA order is made and sent to the laboratory."),
    CaseAction.RESUME: ("Take up again now", "The pathway goes on at once instead of on the date."),
    CaseAction.OFFER_NOW: ("Offer now", "The offer letter is prepared without waiting for the interval."),
    CaseAction.READMIT: ("Readmit after exclusion", "The person waits for the next offer again."),
    CaseAction.REOPEN: ("Reopen the case", "The person waits for the next offer again."),
    CaseAction.UNDO: ("Take back the latest step", "Only while nothing of it has left the house."),
    CaseAction.DECLINE: ("Declines this time", "The round ends. A new offer comes after the interval of no sample."),
    CaseAction.POSTPONE: ("Postpone to a date", "Nothing is sent before the date; then the pathway goes on."),
    CaseAction.OPT_OUT: ("Wants no more offers", "The case is closed and a confirming letter is prepared."),
    CaseAction.EXCLUDE: ("Exclude from offers", "Orders and unsent letters are stopped. It can be taken back."),
    CaseAction.CLOSE: ("Close the case", "Orders and unsent letters are stopped."),
}
"""What may be done with a case: the words, and what it leads to (message ids). What goes on stands first, endings last."""


ANSWER_QUEUES: Mapping[Queue, str] = {
    Queue.URGENT: "Very high",
    Queue.RAISED: "Raised",
    Queue.UNDECIDED: "To judge",
    Queue.REPEAT: "Repeat",
    Queue.NORMAL: "Normal",
}
"""The queues of the answers' working session in their order, with short words (message ids)."""
LEADS_TO: Mapping[Outcome, str] = {
    Outcome.NEW_OFFER: "An answer letter is prepared; a new offer comes after the rule's years.",
    Outcome.MRI: "The letter on a raised PSA is prepared and an MRI referral waits to be sent.",
    Outcome.UROLOGY: "The person is phoned today; a referral to the urologist waits to be sent.",
    Outcome.REPEAT: "A letter with a new order for a repeat sample is prepared.",
}
"""What choosing an outcome leads to (message ids)."""
CHANGES: Mapping[ChangeKind, str] = {
    ChangeKind.NEW: "New",
    ChangeKind.CHANGED: "Changed",
    ChangeKind.UNCHANGED: "Same",
    ChangeKind.PROBLEM: "Problem",
    ChangeKind.MISSING: "Gone",
}
"""The kinds of lines of a change-set in a word each (message ids)."""

HOLDERS = (
    "The office: to send",
    "The unit: to accept and book",
    "The unit: to book",
    "The office: to book",
    "The person: has an appointment",
    "The unit: to answer",
    "The unit: biopsy or word",
    "The office: state what came of the appointment",
    "Pathology: to answer",
    "The office: to settle",
    "The office: to assess",
    "Nobody: taken back",
    "The laboratory: to answer",
    "The person: to give a sample",
)
"""Who holds a person whose referral is in a state (message ids); `service.referral_rows` says which."""
KINDS = (
    "register",
    "step",
    "order",
    "sample",
    "message",
    "answer",
    "referral",
    "booking",
    "examination",
    "decision",
    "letter",
    "contact",
    "block",
    "task",
    "merge",
)
"""The kinds of lines in a timeline, message ids."""
CONTACTS: Mapping[str, str] = {
    "phone": "Phone call",
    "message": "Message",
    "note": "Note",
    "question": "Question",
    "wish": "Wish",
}
"""The kinds of contact with a person, by stored value."""


def label_id(member: StrEnum) -> str:
    """The message id of a stored value."""
    return _WORDS[type(member)][member]


def label(member: StrEnum) -> str:
    """A stored value in the chosen language."""
    return _(label_id(member))


def every_label() -> tuple[str, ...]:
    """All message ids of this module and of the standings, and stored reasons, for the test of translations."""
    words = [text for members in _WORDS.values() for text in members.values()]
    words += [text for pair in ACTIONS.values() for text in pair]
    words += [text for standing in STANDINGS.values() for text in (standing.next_what, standing.line)]
    words += [*ANSWER_QUEUES.values(), *LEADS_TO.values(), *CHANGES.values()]
    words += [
        *HOLDERS,
        *KINDS,
        *CONTACTS,
        *CONTACTS.values(),
        *LANGUAGE_NAMES.values(),
        *every_follow_up_word(),
        *(member.value for member in (*ClosedReason, *ExclusionReason)),
    ]
    return tuple(dict.fromkeys(words))
