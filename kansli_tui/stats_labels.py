"""What indicators, lead times and groups of the statistics are called, in the chosen language."""

from kansli_tui.i18n import _
from kansli_tui.labels import label
from kansli_tui.pathway.indicators import Coverage, meaning_of
from kansli_tui.pathway.lead_times import BY_NAME
from kansli_tui.pathway.municipalities import MUNICIPALITIES
from kansli_tui.pathway.steps import ClosedReason, ExclusionReason
from kansli_tui.rows.office import REGION_SHORT


def indicator_words(name: str) -> str:
    """What an indicator counts; a reason for not offering with the reason itself."""
    words = _(meaning_of(name))
    status, _colon, code = name.removeprefix("not_offered_").partition(":")
    if not code:
        return words
    reason = ClosedReason(code) if status == Coverage.CLOSED else ExclusionReason(code)
    return f"{words}: {label(reason)}"


def lead_words(name: str) -> str:
    """From which day to which a lead time is."""
    return _(BY_NAME[name].meaning)


def group_words(by: str, name: str) -> str:
    """A group of a breakdown: 'RÖ', 'Motala', '50 år', 'första omgången'."""
    if name == "all":
        return _("all")
    if by == "region":
        return REGION_SHORT.get(name, name)
    if by == "municipality":
        if name in MUNICIPALITIES:
            return MUNICIPALITIES[name].name
        return _("another municipality ({code})", code=name) if name else _("unknown or protected")
    if by == "round":
        return _("first rounds") if name == "first" else _("later rounds")
    return _("{age} years", age=name) if by == "age" else name
