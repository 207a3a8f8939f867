"""The words of targets and the follow-up plan, in English; the catalogue has them in Swedish. Part of `labels`, for screens and reports."""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum

from kansli_tui.i18n import _, n_, number
from kansli_tui.pathway.follow_up import Direction, Limits, PlanMeasure, Result, Status, Unit
from kansli_tui.rows.follow_up import ChangeWhat

FOLLOW_UP_LABELS: Mapping[type[StrEnum], Mapping[StrEnum, str]] = {
    Status: {
        Status.GREEN: "green",
        Status.YELLOW: "yellow",
        Status.RED: "red",
        Status.CLOSED: "line closed",
        Status.TOO_FEW: "too few to judge",
        Status.TOO_EARLY: "too early to judge",
        Status.NO_TARGET: "no target",
        Status.NO_RESULT: "no result",
    },
    Direction: {
        Direction.AT_LEAST: "at least",
        Direction.AT_MOST: "at most",
    },
    ChangeWhat: {
        ChangeWhat.ADDED: "Line added",
        ChangeWhat.CARRIED: "Taken over from an earlier quarter",
        ChangeWhat.EDITED: "Written",
        ChangeWhat.OVERRIDDEN: "Status set by hand",
        ChangeWhat.OVERRIDE_ENDED: "Back to the computed status",
        ChangeWhat.REMOVED: "Line removed",
        ChangeWhat.CLOSED: "Quarter closed",
    },
}
AREAS = (
    "Participation",
    "Equal offer",
    "PSA answers",
    "MRI",
    "Biopsy and pathology",
    "Lead times",
    "Accounting for everyone",
)
"""Suggested areas of a plan (message ids); any other may be written."""
FIELDS: Mapping[str, str] = {
    "area": "Area",
    "activity": "Activity",
    "responsible": "Responsible",
    "due": "Done by",
    "results": "Results",
    "challenges": "Challenges",
    "status": "Status",
}
"""What can be written in a line of a plan, message ids by the field's name."""
SIGNS: Mapping[Status, str] = {
    Status.GREEN: "●",
    Status.YELLOW: "▲",
    Status.RED: "■",
    Status.CLOSED: "✓",
    Status.TOO_FEW: "○",
    Status.TOO_EARLY: "○",
    Status.NO_TARGET: "–",
    Status.NO_RESULT: "–",
}
"""A sign of its own for each status, so that none is told by colour alone."""


def every_follow_up_word() -> tuple[str, ...]:
    """The message ids here that are not labels of members."""
    return (*AREAS, *FIELDS.values())


def measure_words(measure: PlanMeasure) -> str:
    """What is followed: 'Lämnat prov, av …', 'Inom 14 dagar: från prov till svarsbrev'."""
    words = _(measure.meaning)
    if measure.lead is None:
        return words
    words = words[:1].lower() + words[1:]
    if measure.unit is Unit.DAYS:
        return _("Median: {lead}", lead=words)
    return _("Within {days} days: {lead}", days=measure.lead.target, lead=words)


def limit_text(unit: Unit, limits: Limits | None) -> str:
    """The target in short: '≥ 95 %', '≤ 14 d'; '–' where there is none."""
    return f"{_sign(limits.direction)} {_amount(unit, limits.green)}" if limits is not None else "–"


def limits_text(unit: Unit, limits: Limits | None) -> str:
    """Both limits: 'green ≥ 95 %, yellow ≥ 90 %'."""
    if limits is None:
        return _("no target of the office's own")
    sign = _sign(limits.direction)
    green, yellow = (f"{sign} {_amount(unit, limit)}" for limit in (limits.green, limits.yellow))
    if limits.green == limits.yellow:
        return _("green {green}, else red", green=green)
    return _("green {green}, yellow {yellow}, else red", green=green, yellow=yellow)


def result_text(unit: Unit, result: Result | None) -> str:
    """What came out, in short: '90,0 %', '21 d', '3'; '–' of nothing."""
    if result is None or result.value is None:
        return "–"
    return f"{number(result.value)} %" if unit is Unit.PERCENT else _amount(unit, result.value)


def counted_text(unit: Unit, result: Result | None) -> str:
    """What came out with what it is made of: '87,5 % (35 of 40)'."""
    text = result_text(unit, result)
    if result is None or result.denominator is None:
        return text
    if result.numerator is None:
        return f"{text} ({_('{count} counted', count=number(result.denominator))})"
    of = _("{part} of {whole}", part=number(result.numerator), whole=number(result.denominator))
    return f"{text} ({of})"


def waiting_text(result: Result | None) -> str:
    """How many may still come to be counted, '' where nobody."""
    if result is None or not result.waiting:
        return ""
    words = n_("{count} not yet counted", "{count} not yet counted", result.waiting)
    return (
        words
        if not result.late
        else _("{words}, {late} of them too late already", words=words, late=number(result.late))
    )


def _sign(direction: Direction) -> str:
    return "≥" if direction is Direction.AT_LEAST else "≤"


def _amount(unit: Unit, value: Decimal) -> str:
    text = number(_short(value))
    return {Unit.PERCENT: f"{text} %", Unit.DAYS: _("{days} d", days=text), Unit.COUNT: text}[unit]


def _short(value: Decimal) -> Decimal:
    """Without the zeros that say nothing: 95 and 97.5, never 95.0."""
    whole = value.to_integral_value()
    return whole if whole == value else value.normalize()
