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
    MRI_REFERRED = "mri_referred"
    UROLOGY_TO_REFER = "urology_to_refer"
    UROLOGY_REFERRED = "urology_referred"
    POSTPONED = "postponed"
    EXCLUDED = "excluded"
    CLOSED = "closed"


OWED = frozenset(
    {
        Step.AWAITING_ANSWER,
        Step.ANSWER_TO_ASSESS,
        Step.REPEAT_TO_POST,
        Step.ANSWER_LETTER_TO_POST,
        Step.MRI_TO_REFER,
        Step.MRI_REFERRED,
        Step.UROLOGY_TO_REFER,
        Step.UROLOGY_REFERRED,
    }
)
"""Where a person waits for an answer or for care: no wish about offers and no move away ends that."""

REFERRED = frozenset({Step.MRI_REFERRED, Step.UROLOGY_REFERRED})
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
    MRI_REFERRAL_SENT = "mri_referral_sent"
    UROLOGY_REFERRAL_SENT = "urology_referral_sent"
    EXCLUDED = "excluded"
    READMITTED = "readmitted"
    CLOSED = "closed"
    REOPENED = "reopened"


class Queue(StrEnum):
    """A worklist of tasks, in the order of the home screen: what must be done first stands first."""

    URGENT = "urgent"
    UROLOGY_REFERRAL = "urology_referral"
    RAISED = "raised"
    UNDECIDED = "undecided"
    REPEAT = "repeat"
    NORMAL = "normal"
    MRI_REFERRAL = "mri_referral"
    CORRECTION = "correction"
    HELD = "held"
    MEDICAL = "medical"
    CONTACT = "contact"
    PROTECTED = "protected"
    ADDRESS = "address"
    REGISTER = "register"


class ClosedReason(StrEnum):
    """Why a person has left the programme (domain: exit)."""

    DEAD = "dead"
    EMIGRATED = "emigrated"
    MOVED_OUT = "moved_out"
    CANCER_KNOWN = "cancer_known"
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
