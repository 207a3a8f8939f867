"""Which of two cases of one person may go into the other. Pure; nothing here reads or writes.

No fact is moved by a merge, so the case that goes must have nothing open, and must say nothing that the kept one does not know: a no,
a known cancer, or a later date of the next offer.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from kansli_tui.pathway.steps import ClosedReason, ExclusionReason, Step

MERGEABLE = frozenset({Step.NOT_DUE, Step.EXCLUDED, Step.CLOSED})
"""Where a case may stand that goes into another: outside every round."""
DUPLICATE_BLOCK = "duplicate"
"""The kind of block that two possible duplicates have until somebody has looked."""
MERGED = "The case has been merged into another"
"""Why a message to an order or referral of a merged case is held (a message id; stored)."""
MERGED_FIX = "Match it to the kept case if it is about a sample or examination there; else take the merge back first."
_SAYS_NO = frozenset(
    {ClosedReason.OPTED_OUT, ClosedReason.CANCER_KNOWN, ClosedReason.CANCER_FOUND, ClosedReason.NO_PROSTATE}
)

Words = tuple[str, Mapping[str, object]]
"""A message id and its values."""


@dataclass(frozen=True, slots=True)
class MergeFacts:
    """What of a case decides. The counts are of what is open: letters not posted, orders, referrals, tasks, held messages."""

    region: str
    protection: str
    step: Step
    step_label: str
    closed_reason: ClosedReason | None
    exclusion_reason: ExclusionReason | None
    next_on: date | None
    rounds: int
    objects: bool
    """Does not want to be in the quality register."""
    letters: int
    orders: int
    referrals: int
    tasks: int
    held_messages: int
    handed_over: bool
    other_holds: bool
    """Held for another reason than being a possible duplicate."""
    is_merged: bool
    has_merged: bool


def why_never(one: MergeFacts, other: MergeFacts) -> str | None:
    """Why the two are not merged whichever is kept, as a message id; None when nothing says so."""
    if one.region != other.region:
        return "They are in different regions: one region hands the person over to the other first."
    if ClosedReason.DEAD in (one.closed_reason, other.closed_reason):
        return "One of them is dead: find out in the population register, and re-open or close that case first."
    if one.protection != other.protection:
        return "Their protected identity differs: wait until the population register says the same of both."
    if one.is_merged or other.is_merged:
        return "One of them is merged already: take that merge back first."
    return None


def hinders(gone: MergeFacts, kept: MergeFacts) -> list[Words]:
    """Why `gone` cannot go into `kept`, and what to finish first; empty when it can."""
    return [*_open(gone), *_says(gone, kept)]


def _open(gone: MergeFacts) -> Iterator[Words]:
    if gone.step not in MERGEABLE:
        yield "Stands at: {step}. See the round to its end first, or keep this case.", {"step": gone.step_label}
    for count, words in (
        (gone.letters, "Letters not posted: {count}. Post or stop them first, or keep this case."),
        (gone.orders, "Open PSA orders: {count}. Wait for the answer or cancel first, or keep this case."),
        (gone.referrals, "Referrals under way: {count}. Wait for the answer or take back first, or keep this case."),
        (gone.held_messages, "Held answers: {count}. See to them first, or keep this case."),
        (gone.tasks, "Open tasks: {count}. Finish them first, or keep this case."),
    ):
        if count:
            yield words, {"count": count}
    if gone.handed_over:
        yield "Is offered to another region: withdraw that first.", {}
    if gone.other_holds:
        yield "Is held for another reason: see to that first.", {}
    if gone.has_merged:
        yield "Another case has been merged into this one: keep this case, or take that merge back first.", {}


def _says(gone: MergeFacts, kept: MergeFacts) -> Iterator[Words]:
    if gone.step is Step.CLOSED:
        if gone.closed_reason in _SAYS_NO and kept.closed_reason is not gone.closed_reason:
            yield "Has left: {step}. Keep this case, or note the same on the other first.", {"step": gone.step_label}
    elif kept.step is Step.CLOSED:
        yield "The other case is closed: keep this case, or re-open the other first.", {}
    if gone.step is Step.EXCLUDED and kept.exclusion_reason is not gone.exclusion_reason:
        yield "Is excluded: {step}. Keep this case, or note the same on the other first.", {"step": gone.step_label}
    if gone.objects and not kept.objects:
        yield "Does not want to be in the quality register: note the same on the other first.", {}
    if gone.rounds and gone.step is Step.NOT_DUE and kept.step is Step.NOT_DUE and _waits_longer(gone, kept):
        yield "Waits until {on} after an earlier round: keep this case.", {"on": gone.next_on}


def _waits_longer(gone: MergeFacts, kept: MergeFacts) -> bool:
    return gone.next_on is not None and (kept.next_on is None or kept.next_on < gone.next_on)
