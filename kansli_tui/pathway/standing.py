"""What keeps a person from being forgotten at each step, and what he waits for: the words behind *what happens next*.

`Held` is the promise that the balance checks: a step is held by a date, a task, a letter or an order, or it is an end.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from kansli_tui.pathway.steps import Step


class HeldBy(StrEnum):
    """What must exist for everyone who stands at a step; the balance names whoever lacks it."""

    DATE = "date"
    TASK = "task"
    LETTER = "letter"
    ORDER = "order"
    REFERRAL = "referral"
    REASON = "reason"


class By(StrEnum):
    """Who acts next."""

    OFFICE = "office"
    PERSON = "person"
    LABORATORY = "laboratory"
    PROGRAM = "program"
    UNIT = "unit"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Standing:
    """A step in words: `label` and `next_what` are message ids; `work` is open work of a round."""

    label: str
    next_what: str
    by: By
    held_by: HeldBy
    line: str
    """The balance line that the step is counted on (message id)."""


_D, _T, _L, _O, _R = HeldBy.DATE, HeldBy.TASK, HeldBy.LETTER, HeldBy.ORDER, HeldBy.REASON
_TO_SEND = HeldBy.REFERRAL

STANDINGS: Mapping[Step, Standing] = MappingProxyType(
    {
        Step.NOT_DUE: Standing("Not due yet", "Offer when due", By.PROGRAM, _D, "Not due yet"),
        Step.PRE_LETTER_TO_POST: Standing(
            "Pre-letter to post", "Pre-letter is posted", By.OFFICE, _L, "Offer on its way"
        ),
        Step.OFFER_PLANNED: Standing(
            "Pre-letter posted, offer planned", "Offer is sent", By.PROGRAM, _D, "Offer on its way"
        ),
        Step.OFFER_TO_POST: Standing("Offer to post", "Offer is posted", By.OFFICE, _L, "Offer on its way"),
        Step.OFFERED: Standing("Offered, reply awaited", "Replies or the offer expires", By.PERSON, _D, "Offered"),
        Step.ORDER_TO_SEND: Standing("PSA order to send", "PSA order is sent", By.OFFICE, _O, "Offered"),
        Step.AWAITING_SAMPLE: Standing(
            "Awaiting sample", "Gives a sample or the offer expires", By.PERSON, _D, "Offered"
        ),
        Step.AWAITING_ANSWER: Standing("Awaiting final answer", "Final answer arrives", By.LABORATORY, _D, "Sampled"),
        Step.ANSWER_TO_ASSESS: Standing("Answer to assess", "Answer is confirmed", By.OFFICE, _T, "Sampled"),
        Step.REPEAT_TO_POST: Standing("Repeat sample to post", "Repeat letter is posted", By.OFFICE, _L, "Sampled"),
        Step.ANSWER_LETTER_TO_POST: Standing(
            "Answer letter to post", "Answer letter is posted", By.OFFICE, _L, "Sampled"
        ),
        Step.MRI_TO_REFER: Standing("MRI referral to make", "MRI referral is made", By.OFFICE, _T, "MRI"),
        Step.MRI_REFERRAL_TO_SEND: Standing("MRI referral to send", "MRI referral is sent", By.OFFICE, _TO_SEND, "MRI"),
        Step.MRI_REFERRED: Standing("MRI referral sent", "The unit books; reminder", By.UNIT, _D, "MRI"),
        Step.MRI_TO_BOOK: Standing("MRI to book", "An MRI appointment is booked", By.OFFICE, _T, "MRI"),
        Step.MRI_BOOKED: Standing("MRI booked", "Comes to the MRI", By.PERSON, _D, "MRI"),
        Step.MRI_DONE: Standing("MRI done, answer awaited", "The unit answers; reminder", By.UNIT, _D, "MRI"),
        Step.MRI_TO_RESOLVE: Standing(
            "MRI not done: to settle", "It is settled what happens instead", By.OFFICE, _T, "MRI"
        ),
        Step.MRI_TO_ASSESS: Standing("MRI answer to assess", "PI-RADS and volume are confirmed", By.OFFICE, _T, "MRI"),
        Step.UROLOGY_TO_REFER: Standing(
            "Urology referral to make", "Urology referral is made", By.OFFICE, _T, "Urology"
        ),
        Step.UROLOGY_REFERRAL_TO_SEND: Standing(
            "Urology referral to send", "Urology referral is sent", By.OFFICE, _TO_SEND, "Urology"
        ),
        Step.UROLOGY_REFERRED: Standing("Urology referral sent", "The unit calls; reminder", By.UNIT, _D, "Urology"),
        Step.UROLOGY_VISITED: Standing(
            "Urology visited", "Biopsy or word from the unit; reminder", By.UNIT, _D, "Urology"
        ),
        Step.BIOPSIED: Standing("Biopsied, pathology awaited", "Pathology answers; reminder", By.UNIT, _D, "Urology"),
        Step.UROLOGY_TO_RESOLVE: Standing(
            "Urology not done: to settle", "It is settled what happens instead", By.OFFICE, _T, "Urology"
        ),
        Step.PATHOLOGY_TO_ASSESS: Standing(
            "Pathology answer to assess", "Pathology is confirmed", By.OFFICE, _T, "Urology"
        ),
        Step.POSTPONED: Standing("Postponed", "Is taken up again", By.PROGRAM, _D, "Postponed"),
        Step.EXCLUDED: Standing("Excluded", "Nothing until readmitted", By.NOBODY, _R, "Excluded"),
        Step.CLOSED: Standing("Closed", "Nothing", By.NOBODY, _R, "Closed"),
    }
)
