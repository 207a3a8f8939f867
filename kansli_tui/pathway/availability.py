"""The waiting lists of the availability report as data: who waits for what, from when, and with what target.

A list counts waits, not people: somebody may wait for a letter and for an examination at once, so lists are never added up.
Targets are those of the lead time that the wait is part of: the office's own defaults, since no national ones are published.
"""

from dataclasses import dataclass

from kansli_tui.pathway.lead_times import BY_NAME as LEAD_TIMES
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.referrals import ReferralKind
from kansli_tui.pathway.ruleset import Outcome
from kansli_tui.pathway.standing import By
from kansli_tui.pathway.steps import Step

_S, _L = Step, LetterType


@dataclass(frozen=True, slots=True)
class WaitingList:
    """Who waits: everybody at one of `steps`, and whoever has a letter of `letters` that is not posted.

    The wait began when the person last came to one of `clock` (to `steps` where it is empty) from another step. It began earlier
    where more is known: on the day of the sample (`sampled`), or on the day that a referral's own limit counts from (`limit`, a
    field of `RegionRules`). `proposed` also lets those wait whose PSA answer nobody has assessed when that is what the rules
    propose: a raised value that nobody has acted on is not outside every list.
    """

    name: str
    label: str
    """What is waited for, in some words (message id)."""
    meaning: str
    """Who waits and since when (message id)."""
    held_by: By
    steps: frozenset[Step]
    clock: frozenset[Step] = frozenset()
    letters: tuple[LetterType, ...] = ()
    sampled: bool = False
    limit: str = ""
    proposed: Outcome | None = None
    lead_time: str = ""
    kind: ReferralKind | None = None
    subjects: tuple[str, ...] = ("person", "task", "referral", "booking")
    """On what a cause may have been noted for it to be this wait's cause."""

    @property
    def target_days(self) -> int | None:
        """The office's own target in days; None where it has none."""
        return LEAD_TIMES[self.lead_time].target if self.lead_time else None

    @property
    def began(self) -> frozenset[Step]:
        """The steps whose latest arrival starts the clock."""
        return self.clock or self.steps


_ASSESSED = frozenset({_S.ANSWER_TO_ASSESS})
_LETTER_SUBJECTS = ("person", "task", "letter")

WAITING_LISTS: tuple[WaitingList, ...] = (
    WaitingList(
        "psa_order",
        "PSA order to place",
        "Has said yes or been offered, and the order has not been sent to the laboratory; since the order should be sent",
        By.OFFICE,
        frozenset({_S.ORDER_TO_SEND}),
        subjects=("person", "task", "order"),
    ),
    WaitingList(
        "psa_answer",
        "Sample → final answer",
        "A sample is taken and there is no final answer; since the sample, among those of whom the laboratory has told",
        By.LABORATORY,
        frozenset({_S.AWAITING_ANSWER}),
        sampled=True,
        lead_time="sample_to_answer",
        subjects=("person", "task", "order"),
    ),
    WaitingList(
        "psa_letter",
        "Sample → answer letter",
        "There is a PSA answer and the letter has not been posted; since the sample",
        By.OFFICE,
        _ASSESSED,
        letters=(_L.PSA_LOW, _L.PSA_TWO_YEARS, _L.PSA_RAISED, _L.PSA_VERY_HIGH, _L.REPEAT_SAMPLE),
        sampled=True,
        lead_time="sample_to_letter",
        subjects=_LETTER_SUBJECTS,
    ),
    WaitingList(
        "mri_referral",
        "Raised value → MRI referral",
        "The value leads to MRI and no referral has been sent; since the answer",
        By.OFFICE,
        frozenset({_S.MRI_TO_REFER, _S.MRI_REFERRAL_TO_SEND}),
        clock=_ASSESSED,
        proposed=Outcome.MRI,
        lead_time="answer_to_mri_referral",
        kind=ReferralKind.MRI,
    ),
    WaitingList(
        "mri_exam",
        "MRI referral → MRI",
        "The referral is sent and the MRI is not done, also where an appointment came to nothing; since it was sent",
        By.UNIT,
        frozenset({_S.MRI_REFERRED, _S.MRI_TO_BOOK, _S.MRI_BOOKED, _S.MRI_TO_RESOLVE}),
        lead_time="mri_wait",
        kind=ReferralKind.MRI,
    ),
    WaitingList(
        "mri_answer",
        "MRI done → its answer",
        "The MRI is done and not answered; since the examination",
        By.UNIT,
        frozenset({_S.MRI_DONE}),
        limit="mri_answer_days",
        lead_time="mri_answer",
        kind=ReferralKind.MRI,
    ),
    WaitingList(
        "mri_letter",
        "MRI answer → letter",
        "There is an MRI answer, or it came to nothing, and the letter has not been posted; since the answer",
        By.OFFICE,
        frozenset({_S.MRI_TO_ASSESS}),
        letters=(_L.MRI_NO_BIOPSY, _L.MRI_UROLOGY, _L.MRI_NOT_DONE),
        kind=ReferralKind.MRI,
        subjects=_LETTER_SUBJECTS,
    ),
    WaitingList(
        "urology_referral",
        "Decision → urology referral",
        "The answer leads to urology and no referral has been sent; since the answer",
        By.OFFICE,
        frozenset({_S.UROLOGY_TO_REFER, _S.UROLOGY_REFERRAL_TO_SEND}),
        clock=_ASSESSED | {_S.MRI_TO_ASSESS},
        proposed=Outcome.UROLOGY,
        kind=ReferralKind.UROLOGY,
    ),
    WaitingList(
        "urology_visit",
        "Urology referral → first visit",
        "The referral is sent and there has been no visit, also where it came to nothing; since it was sent",
        By.UNIT,
        frozenset({_S.UROLOGY_REFERRED, _S.UROLOGY_TO_RESOLVE}),
        lead_time="urology_wait",
        kind=ReferralKind.UROLOGY,
    ),
    WaitingList(
        "biopsy",
        "Visit → biopsy",
        "Has been seen by the urologist and there is no word of a biopsy; since the visit",
        By.UNIT,
        frozenset({_S.UROLOGY_VISITED}),
        limit="biopsy_days",
        kind=ReferralKind.UROLOGY,
    ),
    WaitingList(
        "pathology",
        "Biopsy → pathology answer",
        "A biopsy is taken and there is no pathology answer; since the biopsy",
        By.UNIT,
        frozenset({_S.BIOPSIED}),
        limit="pathology_days",
        lead_time="biopsy_answer",
        kind=ReferralKind.UROLOGY,
    ),
    WaitingList(
        "pathology_letter",
        "Pathology answer → letter",
        "There is a pathology answer and the letter, where one is owed, has not been posted; since the answer",
        By.OFFICE,
        frozenset({_S.PATHOLOGY_TO_ASSESS}),
        letters=(_L.BIOPSY_BENIGN,),
        kind=ReferralKind.UROLOGY,
        subjects=_LETTER_SUBJECTS,
    ),
)
"""Every list, in the order of the pathway."""
BY_NAME = {one.name: one for one in WAITING_LISTS}
