"""Lead times as definitions: from which day of a round to which, with what target, and whose time it is.

The targets are the office's delivered defaults (domain, section 6); the national fast track does not formally cover organised
testing, so nothing here is a limit set by anybody else.
"""

from dataclasses import dataclass
from enum import StrEnum


class Day(StrEnum):
    """The days of a round that are kept; each is the day in Sweden, and none while it has not come."""

    PRE_LETTER_ON = "pre_letter_on"
    OFFERED_ON = "offered_on"
    SAMPLED_ON = "sampled_on"
    ANSWERED_ON = "answered_on"
    """The first final answer on the sample that counts."""
    RAISED_ON = "raised_on"
    """The same day where the value was raised and MRI is the way on."""
    LETTER_ON = "letter_on"
    """The answer letter was posted."""
    MRI_REFERRED_ON = "mri_referred_on"
    MRI_DONE_ON = "mri_done_on"
    MRI_ANSWERED_ON = "mri_answered_on"
    UROLOGY_REFERRED_ON = "urology_referred_on"
    VISITED_ON = "visited_on"
    BIOPSIED_ON = "biopsied_on"
    PATHOLOGY_ON = "pathology_on"


class UnitOf(StrEnum):
    """Whose time a lead time is; the value is the column of the unit."""

    MRI = "mri_unit"
    UROLOGY = "urology_unit"


@dataclass(frozen=True, slots=True)
class LeadTime:
    """One lead time. `meaning` is translated when shown; `target` in days, None where the office has set none."""

    name: str
    meaning: str
    start: Day
    end: Day
    target: int | None = None
    unit: UnitOf | None = None


LEAD_TIMES: tuple[LeadTime, ...] = (
    LeadTime("pre_letter_to_offer", "From pre-letter to offer", Day.PRE_LETTER_ON, Day.OFFERED_ON),
    LeadTime("offer_to_sample", "From offer to sample", Day.OFFERED_ON, Day.SAMPLED_ON),
    LeadTime("sample_to_answer", "From sample to final answer", Day.SAMPLED_ON, Day.ANSWERED_ON),
    LeadTime("sample_to_letter", "From sample to answer letter", Day.SAMPLED_ON, Day.LETTER_ON, 14),
    LeadTime("answer_to_mri_referral", "From raised answer to MRI referral", Day.RAISED_ON, Day.MRI_REFERRED_ON),
    LeadTime("mri_wait", "From MRI referral to examination", Day.MRI_REFERRED_ON, Day.MRI_DONE_ON, None, UnitOf.MRI),
    LeadTime("mri_answer", "From MRI to its answer", Day.MRI_DONE_ON, Day.MRI_ANSWERED_ON, None, UnitOf.MRI),
    LeadTime(
        "urology_wait",
        "From urology referral to first visit",
        Day.UROLOGY_REFERRED_ON,
        Day.VISITED_ON,
        14,
        UnitOf.UROLOGY,
    ),
    LeadTime("biopsy_answer", "From biopsy to pathology", Day.BIOPSIED_ON, Day.PATHOLOGY_ON, 11, UnitOf.UROLOGY),
    LeadTime("sample_to_pathology", "From sample to pathology", Day.SAMPLED_ON, Day.PATHOLOGY_ON),
)
BY_NAME = {one.name: one for one in LEAD_TIMES}


def quantile(counts: dict[int, int], share: float) -> float | None:
    """A quantile of days given as days → how many, between neighbours in proportion (R's type 7); None of nothing."""
    total = sum(counts.values())
    if not total:
        return None
    place = share * (total - 1)
    low = int(place)
    return _at(counts, low) + (place - low) * (_at(counts, min(low + 1, total - 1)) - _at(counts, low))


def _at(counts: dict[int, int], place: int) -> int:
    """The days of the place in order, the first being 0."""
    seen = 0
    for days in sorted(counts):
        seen += counts[days]
        if place < seen:
            return days
    raise IndexError(place)
