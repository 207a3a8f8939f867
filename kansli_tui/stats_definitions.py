"""Every indicator and lead time defined in words: what is counted, of what, by which rule of time, and the published figure beside it."""

from dataclasses import dataclass

from kansli_tui.i18n import _
from kansli_tui.pathway.indicators import INDICATORS, Coverage, Fact
from kansli_tui.pathway.lead_times import BY_NAME
from kansli_tui.pathway.stats_definitions import DAY_MEANINGS, FACT_MEANINGS, time_rule
from kansli_tui.stats_labels import indicator_words, lead_words

_BY_NAME = {one.name: one for one in INDICATORS}


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
        _(FACT_MEANINGS[known.numerator]),
        _(FACT_MEANINGS[known.denominator]),
        _(time_rule(known.numerator)),
        known.reference,
    )


def _rounds() -> Definition:
    offered = _(FACT_MEANINGS[Fact.OFFERED])
    return Definition(
        indicator_words("rounds"), offered, offered, _("Rounds offered in the period; a person can have several.")
    )


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
        _("the day when {what}", what=_(DAY_MEANINGS[lead.start])),
        _("the day when {what}", what=_(DAY_MEANINGS[lead.end])),
        _(
            "Rounds offered in the period. Median and quartiles are of those that are done; whoever still waits is counted beside."
        ),
    )
