"""The office's indicators as definitions: what each one counts, of what, and the published figure beside it.

Numerator and denominator are names of yes/no facts about one round, which `service.round_facts` reads from the database. No
national targets are published for organised testing: the references are published results, not limits. Source: domain, section 10.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from math import sqrt


class Fact(StrEnum):
    """What can be said of one round as of a day."""

    OFFERED = "offered"
    WINDOW_OPEN = "window_open"
    """No sample yet, and the offer still holds: neither a participant nor a non-participant."""
    DECIDED = "decided"
    """Offered, and either sampled or past the last day of the offer."""
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
    TREATED = "treated"


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator. `name` is what files call it, `meaning` what it says (translated when shown), `reference` a published figure."""

    name: str
    meaning: str
    numerator: Fact
    denominator: Fact
    reference: str = ""


_F = Fact
_REFERENCE_RAISED = "2,9 % (Bratt 2024)"

INDICATORS: tuple[Indicator, ...] = (
    Indicator("participated", "Gave a sample, of those offered whose time is over", _F.SAMPLED, _F.DECIDED, "31–49 %"),
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
    Indicator("pirads_4", "PI-RADS 4, of MRI done", _F.PIRADS_4, _F.MRI_DONE),
    Indicator("pirads_5", "PI-RADS 5, of MRI done", _F.PIRADS_5, _F.MRI_DONE),
    Indicator("biopsy_indicated", "Biopsy indicated, of PSA 3 or more", _F.INDICATED, _F.RAISED, "44 %"),
    Indicator("biopsied", "Biopsy done, of those indicated", _F.BIOPSIED, _F.INDICATED, "72 %"),
    Indicator("biopsied_of_raised", "Biopsy done, of PSA 3 or more", _F.BIOPSIED, _F.RAISED, "32 %"),
    Indicator("isup_2_or_more", "ISUP 2 or more, of those biopsied", _F.ISUP_2_OR_MORE, _F.BIOPSIED, "42 %"),
    Indicator("isup_1", "ISUP 1, of those biopsied", _F.ISUP_1, _F.BIOPSIED, "20 %"),
    Indicator("isup_2_or_more_of_sampled", "ISUP 2 or more, of those sampled", _F.ISUP_2_OR_MORE, _F.SAMPLED, "0,39 %"),
    Indicator("treated", "Treatment noted, of those biopsied", _F.TREATED, _F.BIOPSIED),
)


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
