"""What each fact and day of a round means, in words: message ids that screens, workbooks and papers translate. Pure."""

from collections.abc import Mapping
from types import MappingProxyType

from kansli_tui.pathway.indicators import Fact
from kansli_tui.pathway.lead_times import Day

_PSA = "the sample that counts has a value in the class"
_PIRADS = "the highest PI-RADS of the MRI is this one"
_TREATMENT = "the latest treatment noted is this one"

FACT_MEANINGS: Mapping[Fact, str] = MappingProxyType(
    {
        Fact.OFFERED: "every offer that has been sent",
        Fact.WINDOW_OPEN: "no sample has come, and the offer still holds",
        Fact.DECIDED: "the sample has come, or the last day of the offer has been",
        Fact.OVER: "the last day of the offer has been, sample or not",
        Fact.SAMPLED: "a final answer on a sample has come",
        Fact.UNANALYSABLE: "the sample that counts has no value",
        Fact.WITH_VALUE: "the sample that counts has a value",
        Fact.PSA_0_1: _PSA,
        Fact.PSA_1_2: _PSA,
        Fact.PSA_2_3: _PSA,
        Fact.PSA_3_10: _PSA,
        Fact.PSA_10_20: _PSA,
        Fact.PSA_20_100: _PSA,
        Fact.PSA_100_: _PSA,
        Fact.RAISED: "the value is 3 µg/l or more",
        Fact.MRI_DONE: "3 µg/l or more, and MRI has been done and answered",
        Fact.PIRADS_1: _PIRADS,
        Fact.PIRADS_2: _PIRADS,
        Fact.PIRADS_3: _PIRADS,
        Fact.PIRADS_4: _PIRADS,
        Fact.PIRADS_5: _PIRADS,
        Fact.INDICATED: "the round has led to urology: by PSA alone, by MRI, or by a person's decision",
        Fact.BIOPSIED: "the answer on a biopsy has come",
        Fact.ISUP_1: "the highest ISUP of the biopsy is 1",
        Fact.ISUP_2_OR_MORE: "the highest ISUP of the biopsy is 2 or more",
        Fact.CANCER: "the highest ISUP of the biopsy is 1 or more",
        Fact.TREATED: "a treatment has been noted",
        Fact.SURGERY: _TREATMENT,
        Fact.RADIOTHERAPY: _TREATMENT,
        Fact.SURVEILLANCE: _TREATMENT,
        Fact.OTHER_TREATMENT: _TREATMENT,
        Fact.NEXT_DUE: "the round led to a next offer, which has been sent or whose day is more than 30 days ago",
        Fact.REOFFERED_IN_TIME: "the next offer was sent at most 30 days before or after its day",
    }
)
"""What each fact says of a round: message ids."""

DAY_MEANINGS: Mapping[Day, str] = MappingProxyType(
    {
        Day.PRE_LETTER_ON: "the pre-letter was posted",
        Day.OFFERED_ON: "the offer was sent",
        Day.SAMPLED_ON: "the sample was taken",
        Day.ANSWERED_ON: "the first final answer on the sample came",
        Day.RAISED_ON: "the first final answer came, where it was raised",
        Day.LETTER_ON: "the answer letter was posted",
        Day.MRI_REFERRED_ON: "the referral to MRI was sent",
        Day.MRI_DONE_ON: "MRI was done",
        Day.MRI_ANSWERED_ON: "the first final MRI answer came",
        Day.UROLOGY_REFERRED_ON: "the referral to the urologist was sent",
        Day.VISITED_ON: "the first visit took place",
        Day.BIOPSIED_ON: "the biopsy was taken",
        Day.PATHOLOGY_ON: "the pathology answer was given",
    }
)
"""What happened on each day of a round: message ids."""

_STILL_COMING = frozenset(
    {Fact.MRI_DONE, Fact.INDICATED, Fact.BIOPSIED, Fact.ISUP_1, Fact.ISUP_2_OR_MORE, Fact.CANCER, Fact.TREATED}
)


def time_rule(numerator: Fact) -> str:
    """Which rounds a figure with this numerator is of, and what of them is not settled yet (message id)."""
    if numerator is Fact.SAMPLED:
        return "While many still have time the share is too high: they are in neither number. Rounds offered in the period."
    if numerator is Fact.WINDOW_OPEN:
        return "Rounds offered in the period. They are neither participants nor non-participants yet."
    if numerator in _STILL_COMING:
        return "Rounds offered in the period. Whoever still waits on the day counts as not done yet, so the share can rise."
    if numerator is Fact.REOFFERED_IN_TIME:
        return "Rounds offered in the period whose next offer should have gone; whoever is not due yet is in neither number."
    return "Rounds offered in the period, with what was known at the end of the day."
