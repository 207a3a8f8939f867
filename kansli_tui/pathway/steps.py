"""Where a person can stand on the pathway, and what may happen to him there.

Source: the pathway table of the regional programme (see docs/decisions/0003). Values are stored; never rename one without a migration.
"""

from enum import StrEnum


class Step(StrEnum):
    """Where a person stands. Every step is worked (a task, letter or order), dated, or closed: see `standing`."""

    NOT_DUE = "not_due"
    PRE_LETTER_TO_POST = "pre_letter_to_post"
    OFFER_PLANNED = "offer_planned"
    OFFER_TO_POST = "offer_to_post"
    OFFERED = "offered"
    ORDER_TO_SEND = "order_to_send"
    AWAITING_SAMPLE = "awaiting_sample"
    AWAITING_ANSWER = "awaiting_answer"
    ANSWER_TO_ASSESS = "answer_to_assess"
    REPEAT_TO_POST = "repeat_to_post"
    ANSWER_LETTER_TO_POST = "answer_letter_to_post"
    MRI_TO_REFER = "mri_to_refer"
    MRI_REFERRAL_TO_SEND = "mri_referral_to_send"
    MRI_REFERRED = "mri_referred"
    MRI_TO_BOOK = "mri_to_book"
    MRI_BOOKED = "mri_booked"
    MRI_DONE = "mri_done"
    MRI_TO_RESOLVE = "mri_to_resolve"
    MRI_TO_ASSESS = "mri_to_assess"
    UROLOGY_TO_REFER = "urology_to_refer"
    UROLOGY_REFERRAL_TO_SEND = "urology_referral_to_send"
    UROLOGY_REFERRED = "urology_referred"
    UROLOGY_VISITED = "urology_visited"
    BIOPSIED = "biopsied"
    UROLOGY_TO_RESOLVE = "urology_to_resolve"
    PATHOLOGY_TO_ASSESS = "pathology_to_assess"
    POSTPONED = "postponed"
    EXCLUDED = "excluded"
    CLOSED = "closed"


MRI_PHASE = frozenset(
    {
        Step.MRI_TO_REFER,
        Step.MRI_REFERRAL_TO_SEND,
        Step.MRI_REFERRED,
        Step.MRI_TO_BOOK,
        Step.MRI_BOOKED,
        Step.MRI_DONE,
        Step.MRI_TO_RESOLVE,
        Step.MRI_TO_ASSESS,
    }
)
"""Where a person stands while the MRI referral decides what happens to him."""

UROLOGY_PHASE = frozenset(
    {
        Step.UROLOGY_TO_REFER,
        Step.UROLOGY_REFERRAL_TO_SEND,
        Step.UROLOGY_REFERRED,
        Step.UROLOGY_VISITED,
        Step.BIOPSIED,
        Step.UROLOGY_TO_RESOLVE,
        Step.PATHOLOGY_TO_ASSESS,
    }
)
"""Where a person stands while the urology referral decides what happens to him."""

OWED = (
    frozenset({Step.AWAITING_ANSWER, Step.ANSWER_TO_ASSESS, Step.REPEAT_TO_POST, Step.ANSWER_LETTER_TO_POST})
    | MRI_PHASE
    | UROLOGY_PHASE
)
"""Where a person waits for an answer or for care: no wish about offers and no move away ends that."""

REFERRED = frozenset(
    {
        Step.MRI_REFERRED,
        Step.MRI_BOOKED,
        Step.MRI_DONE,
        Step.UROLOGY_REFERRED,
        Step.UROLOGY_VISITED,
        Step.BIOPSIED,
    }
)
"""Where another unit has taken the person over."""


class Event(StrEnum):
    """What can happen to a person. Facts in the past tense; the value is stored in the history."""

    REGISTERED = "registered"
    RELEASED_WITH_PRE_LETTER = "released_with_pre_letter"
    RELEASED = "released"
    PRE_LETTER_POSTED = "pre_letter_posted"
    OFFER_DATE_REACHED = "offer_date_reached"
    OFFER_POSTED = "offer_posted"
    OFFER_POSTED_WITH_ORDER = "offer_posted_with_order"
    OFFER_POSTED_AGAIN = "offer_posted_again"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    POSTPONED = "postponed"
    POSTPONEMENT_ENDED = "postponement_ended"
    SAMPLE_POSTPONEMENT_ENDED = "sample_postponement_ended"
    ORDER_SENT = "order_sent"
    WINDOW_EXPIRED = "window_expired"
    ANSWER_PENDING = "answer_pending"
    ANSWER_RECEIVED = "answer_received"
    ANSWER_CORRECTED = "answer_corrected"
    ANSWER_RETRACTED = "answer_retracted"
    CONFIRMED_NEW_OFFER = "confirmed_new_offer"
    CONFIRMED_MRI = "confirmed_mri"
    CONFIRMED_UROLOGY = "confirmed_urology"
    CONFIRMED_REPEAT = "confirmed_repeat"
    REPEAT_LETTER_POSTED = "repeat_letter_posted"
    ANSWER_LETTER_POSTED = "answer_letter_posted"
    MRI_REFERRAL_MADE = "mri_referral_made"
    MRI_REFERRAL_WITHDRAWN = "mri_referral_withdrawn"
    MRI_REFERRAL_SENT = "mri_referral_sent"
    MRI_BOOKING_NEEDED = "mri_booking_needed"
    MRI_BOOKED = "mri_booked"
    MRI_PERFORMED = "mri_performed"
    MRI_NOT_DONE = "mri_not_done"
    MRI_ANSWERED = "mri_answered"
    MRI_ANSWER_CORRECTED = "mri_answer_corrected"
    UROLOGY_REFERRAL_MADE = "urology_referral_made"
    UROLOGY_REFERRAL_WITHDRAWN = "urology_referral_withdrawn"
    UROLOGY_REFERRAL_SENT = "urology_referral_sent"
    UROLOGY_VISITED = "urology_visited"
    BIOPSIED = "biopsied"
    UROLOGY_NOT_DONE = "urology_not_done"
    PATHOLOGY_ANSWERED = "pathology_answered"
    PATHOLOGY_CORRECTED = "pathology_corrected"
    PSA_DECISION_UNDONE = "psa_decision_undone"
    MRI_DECISION_UNDONE = "mri_decision_undone"
    PATHOLOGY_DECISION_UNDONE = "pathology_decision_undone"
    HANDED_OVER = "handed_over"
    EXCLUDED = "excluded"
    READMITTED = "readmitted"
    CLOSED = "closed"
    REOPENED = "reopened"


class Queue(StrEnum):
    """A worklist of tasks, in the order of the home screen: what must be done first stands first."""

    URGENT = "urgent"
    UROLOGY_REFERRAL = "urology_referral"
    PATHOLOGY = "pathology"
    MRI_ANSWER = "mri_answer"
    RAISED = "raised"
    UNDECIDED = "undecided"
    REPEAT = "repeat"
    NORMAL = "normal"
    MRI_REFERRAL = "mri_referral"
    MRI_BOOKING = "mri_booking"
    MRI_CONTACT = "mri_contact"
    UROLOGY_CONTACT = "urology_contact"
    CORRECTION = "correction"
    HELD = "held"
    MEDICAL = "medical"
    CONTACT = "contact"
    PROTECTED = "protected"
    ADDRESS = "address"
    HANDOVER = "handover"
    REGISTER = "register"


class ClosedReason(StrEnum):
    """Why a person has left the programme (domain: exit)."""

    DEAD = "dead"
    EMIGRATED = "emigrated"
    MOVED_OUT = "moved_out"
    CANCER_KNOWN = "cancer_known"
    CANCER_FOUND = "cancer_found"
    OPTED_OUT = "opted_out"
    NO_PROSTATE = "no_prostate"
    AGE = "age"
    NUMBER_REPLACED = "number_replaced"


class ExclusionReason(StrEnum):
    """Why a person in the register is kept out of offers by a person's decision."""

    CANCER_KNOWN = "cancer_known"
    NO_PROSTATE = "no_prostate"
    NOT_RESIDENT = "not_resident"
    NOT_IN_TARGET_GROUP = "not_in_target_group"
    OTHER = "other"
