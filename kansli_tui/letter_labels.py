"""The words of letters, batches, channels and returns, in English; the catalogue has them in Swedish. Part of `labels`."""

from collections.abc import Mapping
from enum import StrEnum

from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.rows.letter_states import AttemptOutcome, BatchState, Channel, LetterState, ReturnReason, TextState

LETTER_LABELS: Mapping[type[StrEnum], Mapping[StrEnum, str]] = {
    LetterType: {
        LetterType.PRE_LETTER: "Pre-letter",
        LetterType.OFFER: "Offer",
        LetterType.OFFER_AFTER_NO_SAMPLE: "New offer after no sample",
        LetterType.OFFER_AFTER_INTERVAL: "New offer after interval",
        LetterType.PSA_LOW: "PSA low",
        LetterType.PSA_TWO_YEARS: "PSA, new test in two years",
        LetterType.PSA_RAISED: "Raised PSA",
        LetterType.PSA_VERY_HIGH: "Very high PSA",
        LetterType.REPEAT_SAMPLE: "Repeat sample",
        LetterType.OPT_OUT_CONFIRMED: "Opt-out confirmed",
        LetterType.AGE_EXIT: "Age exit",
        LetterType.MRI_CALL: "MRI appointment",
        LetterType.MRI_NO_BIOPSY: "MRI, no biopsy",
        LetterType.MRI_UROLOGY: "MRI, to urologist",
        LetterType.MRI_NOT_DONE: "MRI did not come about",
        LetterType.BIOPSY_BENIGN: "Benign biopsy",
        LetterType.CORRECTION: "Correction",
        LetterType.HANDED_OVER: "Taken over after a move",
        LetterType.REGISTER_OPT_OUT_CONFIRMED: "Register opt-out confirmed",
    },
    LetterState: {
        LetterState.PREPARED: "prepared",
        LetterState.PRINTED: "printed",
        LetterState.POSTED: "posted",
        LetterState.STOPPED: "stopped",
        LetterState.RETURNED: "returned by the post",
    },
    BatchState: {
        BatchState.PREPARED: "not finished",
        BatchState.RENDERED: "to print",
        BatchState.PRINTED: "printed",
        BatchState.POSTED: "posted",
        BatchState.CANCELLED: "cancelled",
    },
    Channel: {
        Channel.PAPER: "paper",
        Channel.VENDOR: "print house",
        Channel.MESSAGE_1177: "1177 inbox",
    },
    AttemptOutcome: {
        AttemptOutcome.HANDED_OVER: "handed over",
        AttemptOutcome.DELIVERED: "delivered",
        AttemptOutcome.READ: "read",
        AttemptOutcome.FAILED: "could not be delivered",
        AttemptOutcome.UNREAD: "not read in time",
        AttemptOutcome.RETURNED: "returned by the post",
    },
    ReturnReason: {
        ReturnReason.UNKNOWN: "addressee unknown",
        ReturnReason.MOVED: "addressee has moved",
        ReturnReason.INCOMPLETE: "address incomplete",
        ReturnReason.REFUSED: "not accepted",
        ReturnReason.DEAD: "addressee deceased",
        ReturnReason.NOT_SAID: "no reason given",
    },
    TextState: {
        TextState.DRAFT: "draft",
        TextState.SIGNED: "signed",
        TextState.REJECTED: "rejected",
    },
}
LANGUAGE_NAMES: Mapping[str, str] = {"sv": "Swedish", "sv-simple": "easy-to-read Swedish", "en": "English"}
"""What letters are written in, by their codes in `rows.letters.LANGUAGES`."""
