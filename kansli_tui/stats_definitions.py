"""Every indicator and lead time defined in words: what is counted, of what, by which rule of time, and the published figure beside it."""

from dataclasses import dataclass

from kansli_tui.i18n import _, later
from kansli_tui.pathway.indicators import INDICATORS, Coverage, Fact
from kansli_tui.pathway.lead_times import BY_NAME, Day
from kansli_tui.stats_labels import indicator_words, lead_words

_BY_NAME = {one.name: one for one in INDICATORS}
_PSA = later("the sample that counts has a value in the class")
_PIRADS = later("the highest PI-RADS of the MRI is this one")
_TREATMENT = later("the latest treatment noted is this one")

FACTS: dict[Fact, str] = {
    Fact.OFFERED: later("every offer that has been sent"),
    Fact.WINDOW_OPEN: later("no sample has come, and the offer still holds"),
    Fact.DECIDED: later("the sample has come, or the last day of the offer has been"),
    Fact.OVER: later("the last day of the offer has been, sample or not"),
    Fact.SAMPLED: later("a final answer on a sample has come"),
    Fact.UNANALYSABLE: later("the sample that counts has no value"),
    Fact.WITH_VALUE: later("the sample that counts has a value"),
    Fact.PSA_0_1: _PSA,
    Fact.PSA_1_2: _PSA,
    Fact.PSA_2_3: _PSA,
    Fact.PSA_3_10: _PSA,
    Fact.PSA_10_20: _PSA,
    Fact.PSA_20_100: _PSA,
    Fact.PSA_100_: _PSA,
    Fact.RAISED: later("the value is 3 µg/l or more"),
    Fact.MRI_DONE: later("3 µg/l or more, and MRI has been done and answered"),
    Fact.PIRADS_1: _PIRADS,
    Fact.PIRADS_2: _PIRADS,
    Fact.PIRADS_3: _PIRADS,
    Fact.PIRADS_4: _PIRADS,
    Fact.PIRADS_5: _PIRADS,
    Fact.INDICATED: later("the round has led to urology: by PSA alone, by MRI, or by a person's decision"),
    Fact.BIOPSIED: later("the answer on a biopsy has come"),
    Fact.ISUP_1: later("the highest ISUP of the biopsy is 1"),
    Fact.ISUP_2_OR_MORE: later("the highest ISUP of the biopsy is 2 or more"),
    Fact.CANCER: later("the highest ISUP of the biopsy is 1 or more"),
    Fact.TREATED: later("a treatment has been noted"),
    Fact.SURGERY: _TREATMENT,
    Fact.RADIOTHERAPY: _TREATMENT,
    Fact.SURVEILLANCE: _TREATMENT,
    Fact.OTHER_TREATMENT: _TREATMENT,
    Fact.NEXT_DUE: later("the round led to a next offer, which has been sent or whose day is more than 30 days ago"),
    Fact.REOFFERED_IN_TIME: later("the next offer was sent at most 30 days before or after its day"),
}
"""What each fact says of a round: message ids."""

DAYS: dict[Day, str] = {
    Day.PRE_LETTER_ON: later("the pre-letter was posted"),
    Day.OFFERED_ON: later("the offer was sent"),
    Day.SAMPLED_ON: later("the sample was taken"),
    Day.ANSWERED_ON: later("the first final answer on the sample came"),
    Day.RAISED_ON: later("the first final answer came, where it was raised"),
    Day.LETTER_ON: later("the answer letter was posted"),
    Day.MRI_REFERRED_ON: later("the referral to MRI was sent"),
    Day.MRI_DONE_ON: later("MRI was done"),
    Day.MRI_ANSWERED_ON: later("the first final MRI answer came"),
    Day.UROLOGY_REFERRED_ON: later("the referral to the urologist was sent"),
    Day.VISITED_ON: later("the first visit took place"),
    Day.BIOPSIED_ON: later("the biopsy was taken"),
    Day.PATHOLOGY_ON: later("the pathology answer was given"),
}
"""What happened on each day of a round: message ids."""

_STILL_COMING = frozenset(
    {Fact.MRI_DONE, Fact.INDICATED, Fact.BIOPSIED, Fact.ISUP_1, Fact.ISUP_2_OR_MORE, Fact.CANCER, Fact.TREATED}
)


@dataclass(frozen=True, slots=True)
class Definition:
    """One figure in words (translated). `reference` is a published result, '' where none is known; it is no limit."""

    meaning: str
    numerator: str
    denominator: str
    time_rule: str
    reference: str = ""


def definition(name: str) -> Definition:
    """The definition of an indicator by its name, also of those that count people and of the reasons for not offering."""
    known = _BY_NAME.get(name)
    if known is None:
        return _of_people(name) if name != "rounds" else _rounds()
    return Definition(
        indicator_words(name),
        _(FACTS[known.numerator]),
        _(FACTS[known.denominator]),
        _rule(known.numerator),
        known.reference,
    )


def _rounds() -> Definition:
    offered = _(FACTS[Fact.OFFERED])
    return Definition(
        indicator_words("rounds"), offered, offered, _("Rounds offered in the period; a person can have several.")
    )


def _rule(numerator: Fact) -> str:
    if numerator is Fact.SAMPLED:
        return _(
            "While many still have time the share is too high: they are in neither number. Rounds offered in the period."
        )
    if numerator is Fact.WINDOW_OPEN:
        return _("Rounds offered in the period. They are neither participants nor non-participants yet.")
    if numerator in _STILL_COMING:
        return _(
            "Rounds offered in the period. Whoever still waits on the day counts as not done yet, so the share can rise."
        )
    if numerator is Fact.REOFFERED_IN_TIME:
        return _(
            "Rounds offered in the period whose next offer should have gone; whoever is not due yet is in neither number."
        )
    return _("Rounds offered in the period, with what was known at the end of the day.")


def _of_people(name: str) -> Definition:
    status = name.removeprefix("not_offered_").partition(":")[0]
    numerators = {
        "offered": _("people who have been offered in the period"),
        "offered_of_eligible": _("people who have been offered in the period"),
        "opted_out": _("people who have said that they want no more offers"),
        "open_without_next_date": _("people with an open case that nothing takes further; the target is 0"),
        Coverage.ANOTHER_TIME: _("people who have been offered, but not in the period"),
        Coverage.EXCLUDED: _("people not offered because of an exclusion, for the reason named"),
        Coverage.CLOSED: _("people not offered who have left, for the reason named"),
    }
    denominator = (
        _("people in the register who are neither excluded nor gone")
        if name == "offered_of_eligible"
        else _("people in the register")
    )
    return Definition(
        indicator_words(name),
        numerators.get(name) or numerators.get(status) or _("people without an offer who stand so on the day"),
        denominator,
        _(
            "People, once each, where they live on the day. Offered and the reasons for not offering add up to everybody."
        ),
    )


@dataclass(frozen=True, slots=True)
class LeadDefinition:
    """A lead time in words: from which day to which."""

    meaning: str
    start: str
    end: str
    time_rule: str


def lead_definition(name: str) -> LeadDefinition:
    """The definition of a lead time by its name."""
    lead = BY_NAME[name]
    return LeadDefinition(
        lead_words(name),
        _("the day when {what}", what=_(DAYS[lead.start])),
        _("the day when {what}", what=_(DAYS[lead.end])),
        _(
            "Rounds offered in the period. Median and quartiles are of those that are done; whoever still waits is counted beside."
        ),
    )
