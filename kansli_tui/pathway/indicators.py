"""The office's indicators as definitions: what each one counts, of what, and the published figure beside it.

Numerator and denominator are names of yes/no facts about one round, which `service.round_facts` reads from the database. No
national targets are published for organised testing: the references are published results, not limits. Source: domain, section 10.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from math import sqrt
from types import MappingProxyType


class Fact(StrEnum):
    """What can be said of one round as of a day."""

    OFFERED = "offered"
    WINDOW_OPEN = "window_open"
    """No sample yet, and the offer still holds: neither a participant nor a non-participant."""
    DECIDED = "decided"
    """Offered, and either sampled or past the last day of the offer."""
    OVER = "over"
    """Offered, and the last day of the offer has been, sample or not: rounds that have had the same time."""
    SAMPLED = "sampled"
    UNANALYSABLE = "unanalysable"
    WITH_VALUE = "with_value"
    PSA_0_1 = "psa_0_1"
    PSA_1_2 = "psa_1_2"
    PSA_2_3 = "psa_2_3"
    PSA_3_10 = "psa_3_10"
    PSA_10_20 = "psa_10_20"
    PSA_20_100 = "psa_20_100"
    PSA_100_ = "psa_100_"
    RAISED = "raised"
    """PSA 3 µg/l or more."""
    MRI_DONE = "mri_done"
    PIRADS_1 = "pirads_1"
    PIRADS_2 = "pirads_2"
    PIRADS_3 = "pirads_3"
    PIRADS_4 = "pirads_4"
    PIRADS_5 = "pirads_5"
    INDICATED = "indicated"
    """The round has led to urology: by PSA alone, by MRI, or by a person's decision."""
    BIOPSIED = "biopsied"
    ISUP_1 = "isup_1"
    ISUP_2_OR_MORE = "isup_2_or_more"
    CANCER = "cancer"
    """ISUP 1 or more."""
    TREATED = "treated"
    SURGERY = "surgery"
    RADIOTHERAPY = "radiotherapy"
    SURVEILLANCE = "surveillance"
    OTHER_TREATMENT = "other_treatment"
    NEXT_DUE = "next_due"
    """The round has led to a day for the next offer, and that day and 30 more have been, or the next offer has been sent."""
    REOFFERED_IN_TIME = "reoffered_in_time"
    """The next offer was sent within 30 days of its day, before or after."""
    FOLLOWED = "followed"
    """Anything but a plain value below the limit has come of it: the few rounds that the lists behind the numbers mostly ask for."""


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator. `name` is what files call it, `meaning` what it says (translated when shown), `reference` a published figure."""

    name: str
    meaning: str
    numerator: Fact
    denominator: Fact
    reference: str = ""


_F = Fact
_REFERENCE_RAISED = "2–4 % vid 50 år"
REOFFER_DAYS = 30
"""How far from its day a next offer may be sent and still be in time (domain, indicator 16)."""

INDICATORS: tuple[Indicator, ...] = (
    Indicator("participated", "Gave a sample, of those offered whose time is over", _F.SAMPLED, _F.DECIDED, "31–49 %"),
    Indicator(
        "participated_when_over", "Gave a sample, of all whose last day has been", _F.SAMPLED, _F.OVER, "31–49 %"
    ),
    Indicator("window_open", "The time for the sample goes on, of those offered", _F.WINDOW_OPEN, _F.OFFERED),
    Indicator("psa_unanalysable", "Samples that could not be analysed, of those sampled", _F.UNANALYSABLE, _F.SAMPLED),
    Indicator("psa_0_1", "PSA below 1, of those analysed", _F.PSA_0_1, _F.WITH_VALUE),
    Indicator("psa_1_2", "PSA 1–1.9, of those analysed", _F.PSA_1_2, _F.WITH_VALUE),
    Indicator("psa_2_3", "PSA 2–2.9, of those analysed", _F.PSA_2_3, _F.WITH_VALUE),
    Indicator("psa_3_10", "PSA 3–9.9, of those analysed", _F.PSA_3_10, _F.WITH_VALUE),
    Indicator("psa_10_20", "PSA 10–19.9, of those analysed", _F.PSA_10_20, _F.WITH_VALUE),
    Indicator("psa_20_100", "PSA 20–99, of those analysed", _F.PSA_20_100, _F.WITH_VALUE),
    Indicator("psa_100_", "PSA 100 or more, of those analysed", _F.PSA_100_, _F.WITH_VALUE),
    Indicator("psa_raised", "PSA 3 or more, of those sampled", _F.RAISED, _F.SAMPLED, _REFERENCE_RAISED),
    Indicator("mri_done", "MRI done, of PSA 3 or more", _F.MRI_DONE, _F.RAISED),
    Indicator("pirads_1", "PI-RADS 1, of MRI done", _F.PIRADS_1, _F.MRI_DONE),
    Indicator("pirads_2", "PI-RADS 2, of MRI done", _F.PIRADS_2, _F.MRI_DONE),
    Indicator("pirads_3", "PI-RADS 3, of MRI done", _F.PIRADS_3, _F.MRI_DONE),
    Indicator("pirads_4", "PI-RADS 4, of MRI done", _F.PIRADS_4, _F.MRI_DONE, "4–5: 12–21 %"),
    Indicator("pirads_5", "PI-RADS 5, of MRI done", _F.PIRADS_5, _F.MRI_DONE, "4–5: 12–21 %"),
    Indicator("biopsy_indicated", "Biopsy indicated, of PSA 3 or more", _F.INDICATED, _F.RAISED, "44 %"),
    Indicator("biopsied", "Biopsy done, of those indicated", _F.BIOPSIED, _F.INDICATED, "72 %"),
    Indicator("biopsied_of_raised", "Biopsy done, of PSA 3 or more", _F.BIOPSIED, _F.RAISED, "32 %"),
    Indicator("isup_2_or_more", "ISUP 2 or more, of those biopsied", _F.ISUP_2_OR_MORE, _F.BIOPSIED, "42 %"),
    Indicator("isup_1", "ISUP 1, of those biopsied", _F.ISUP_1, _F.BIOPSIED, "20 %"),
    Indicator("isup_2_or_more_of_sampled", "ISUP 2 or more, of those sampled", _F.ISUP_2_OR_MORE, _F.SAMPLED, "0,39 %"),
    Indicator("cancer", "Cancer found, of those biopsied", _F.CANCER, _F.BIOPSIED),
    Indicator("treated", "Treatment noted, of cancer found", _F.TREATED, _F.CANCER),
    Indicator("treated_surgery", "Surgery, of cancer found", _F.SURGERY, _F.CANCER),
    Indicator("treated_radiotherapy", "Radiotherapy, of cancer found", _F.RADIOTHERAPY, _F.CANCER),
    Indicator("treated_surveillance", "Active surveillance, of cancer found", _F.SURVEILLANCE, _F.CANCER),
    Indicator("treated_other", "Other treatment, of cancer found", _F.OTHER_TREATMENT, _F.CANCER),
    Indicator(
        "reoffered_in_time", "Offered again within 30 days of the day, of those due", _F.REOFFERED_IN_TIME, _F.NEXT_DUE
    ),
)

FUNNEL = ("rounds", "participated", "psa_raised", "mri_done", "biopsy_indicated", "biopsied", "isup_2_or_more")
"""The indicators of the flow, from the offer down; `rounds` is the number of offers itself."""


@dataclass(frozen=True, slots=True)
class Measure:
    """What is summed over rounds: how many have both facts. `name` is its column in the sums."""

    name: str
    fact: Fact
    within: Fact


def _measures() -> tuple[Measure, ...]:
    """A sum for every numerator within its denominator, and one for every denominator."""
    numerators = [Measure(one.name, one.numerator, one.denominator) for one in INDICATORS]
    wholes = sorted({one.denominator for one in INDICATORS})
    return (*numerators, *(Measure(f"of_{fact.value}", fact, fact) for fact in wholes))


MEASURES = _measures()


class Coverage(StrEnum):
    """Where a person stands towards the offer. Everybody in the register is in exactly one, so that the shares add up to all.

    Excluded and closed are written with their reason: 'excluded:cancer_known', 'closed:dead'.
    """

    OFFERED = "offered"
    ON_ITS_WAY = "on_its_way"
    POSTPONED = "postponed"
    HELD = "held"
    """Held by the register: nothing goes out until somebody has looked."""
    NOT_DUE = "not_due"
    """Waits, and has never been offered; counted as one of the next two."""
    WAITING = "waiting"
    """The birth year is in an approved plan: the turn comes."""
    NOT_PLANNED = "not_planned"
    """The birth year is in no approved plan yet."""
    EXCLUDED = "excluded"
    CLOSED = "closed"
    ANOTHER_TIME = "another_time"
    """Offered, but not in the period that is counted."""


COVERAGE_MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        Coverage.ON_ITS_WAY: "Not offered: the offer is on its way",
        Coverage.POSTPONED: "Not offered: postponed",
        Coverage.HELD: "Not offered: held by the register",
        Coverage.WAITING: "Not offered: waits for release in an approved plan",
        Coverage.NOT_PLANNED: "Not offered: the birth year is in no approved plan",
        Coverage.ANOTHER_TIME: "Offered, but not in the period",
        Coverage.EXCLUDED: "Not offered: excluded",
        Coverage.CLOSED: "Not offered: has left",
    }
)
"""What is said of people who have not been offered; the reason of excluded and closed follows after."""

PEOPLE_MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "rounds": "Offers made",
        "offered": "Offered, of those in the register",
        "offered_of_eligible": "Offered, of those neither excluded nor gone before an offer",
        "opted_out": "No more offers wanted, of those in the register",
        "open_without_next_date": "Nothing holds the next step, of those in the register",
    }
)
"""Indicators that count people and not rounds."""


def meaning_of(name: str) -> str:
    """The meaning (message id) of an indicator by its name; of a reason for not offering the words before its reason."""
    known = {**PEOPLE_MEANINGS, **{one.name: one.meaning for one in INDICATORS}}
    if name in known:
        return known[name]
    return COVERAGE_MEANINGS[name.removeprefix("not_offered_").partition(":")[0]]


def percent(numerator: int, denominator: int, decimals: int = 1) -> Decimal | None:
    """The share in per cent, rounded half up; None of nothing."""
    if denominator == 0:
        return None
    step = Decimal(1).scaleb(-decimals)
    return (Decimal(100 * numerator) / denominator).quantize(step, ROUND_HALF_UP)


_Z = 1.959963984540054
"""The normal quantile of a two-sided 95 % interval."""


def wilson(numerator: int, denominator: int) -> tuple[float, float] | None:
    """The 95 % interval of the share after Wilson (1927), as shares from 0 to 1; None of nothing."""
    if denominator == 0:
        return None
    share, square = numerator / denominator, _Z * _Z
    middle = share + square / (2 * denominator)
    half = _Z * sqrt(share * (1 - share) / denominator + square / (4 * denominator * denominator))
    whole = 1 + square / denominator
    return max(0.0, (middle - half) / whole), min(1.0, (middle + half) / whole)


def funnel_limits(share: float, denominator: float, z: float = _Z) -> tuple[float, float]:
    """Where a unit of this size lies by chance alone when its true share is the common one: the control limits of a funnel plot.

    Normal approximation of the binomial (Spiegelhalter 2005); `z` 1.96 for 95 %, 3.09 for 99.8 %. Shares from 0 to 1.
    """
    half = z * sqrt(share * (1 - share) / denominator)
    return max(0.0, share - half), min(1.0, share + half)
