"""What a result is worth against a target: the colour of a line in the regions' follow-up plan, and what a target must be like.

No national targets are published for organised testing. Every limit is the office's own, set by a supervisor and valid from a day;
nothing here holds one. Source: domain, section 10.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from kansli_tui.pathway.indicators import INDICATORS, PEOPLE_MEANINGS
from kansli_tui.pathway.lead_times import LEAD_TIMES, LeadTime


class Unit(StrEnum):
    """What a measure's value is counted in. A percentage also has the people or rounds it is made of."""

    PERCENT = "percent"
    DAYS = "days"
    COUNT = "count"


class Direction(StrEnum):
    """On which side of the limits the good values lie."""

    AT_LEAST = "at_least"
    AT_MOST = "at_most"


class Status(StrEnum):
    """What stands on a line. The first four can be set by a person; closed is only ever set by one."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    CLOSED = "closed"
    TOO_FEW = "too_few"
    """The denominator is below `FEWEST`: chance alone would choose the colour."""
    TOO_EARLY = "too_early"
    """Those who may still come to be counted could change the colour."""
    NO_TARGET = "no_target"
    NO_RESULT = "no_result"


BY_HAND = (Status.GREEN, Status.YELLOW, Status.RED, Status.CLOSED)
FEWEST = 20
"""Below so many people or rounds one alone moves the share by more than five points, and no colour is given. The office's own limit."""


@dataclass(frozen=True, slots=True)
class PlanMeasure:
    """Something that can be followed. `meaning` is a message id, `reference` a published figure, never a target.

    Of a lead time (`lead`) either the share within its days is followed, or the median.
    """

    name: str
    meaning: str
    unit: Unit
    reference: str = ""
    lead: LeadTime | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """The limit of green and that of yellow, both part of the better side. Equal limits leave no yellow."""

    direction: Direction
    green: Decimal
    yellow: Decimal


@dataclass(frozen=True, slots=True)
class Result:
    """What was counted: `numerator` of `denominator`, and `value` in the measure's unit as it is shown (a share with one decimal).

    A number of days has no numerator; a plain count has no denominator and is its own value. `value` is None of nothing.
    `waiting` are in none of them, because it is not known yet where they belong; of those `late` will not be in the numerator.
    """

    value: Decimal | None
    numerator: int | None = None
    denominator: int | None = None
    waiting: int = 0
    late: int = 0


def _measures() -> Mapping[str, PlanMeasure]:
    people = [PlanMeasure(name, PEOPLE_MEANINGS[name], Unit.PERCENT) for name in _OF_PEOPLE]
    rounds = [PlanMeasure(one.name, one.meaning, Unit.PERCENT, one.reference) for one in INDICATORS]
    leads = [
        PlanMeasure(f"{lead.name}_{kind}", lead.meaning, unit, lead=lead)
        for lead in LEAD_TIMES
        for kind, unit in (("within", Unit.PERCENT), ("median", Unit.DAYS))
        if unit is Unit.DAYS or lead.target is not None
    ]
    lost = PlanMeasure(OPEN_WITHOUT_NEXT_DATE, PEOPLE_MEANINGS[OPEN_WITHOUT_NEXT_DATE], Unit.COUNT)
    return {measure.name: measure for measure in (*people, *rounds, *leads, lost)}


OPEN_WITHOUT_NEXT_DATE = "open_without_next_date"
_OF_PEOPLE = ("offered", "offered_of_eligible", "opted_out")
PLAN_MEASURES: Mapping[str, PlanMeasure] = _measures()
"""Everything that can have a target and stand in a plan, by name: indicators, lead times, and those whom nothing holds."""


def status_of(unit: Unit, result: Result | None, limits: Limits | None) -> Status:
    """The colour of a result. Shares are compared unrounded, as whole numbers: 94.96 % is below a limit of 95."""
    if result is None or result.value is None:
        return Status.NO_RESULT
    if limits is None:
        return Status.NO_TARGET
    if result.denominator is not None and result.denominator < FEWEST:
        return Status.TOO_FEW
    if unit is not Unit.PERCENT or result.numerator is None or result.denominator is None:
        return _colour(result.value, 1, limits)
    # The share that will be known once nobody waits lies between the one where all who wait miss and the one where none does.
    whole = result.denominator + result.waiting
    ends = (result.numerator, result.numerator + result.waiting - result.late)
    least, most = (_colour(Decimal(100 * end), whole, limits) for end in ends)
    return least if least is most else Status.TOO_EARLY


def _colour(reached: Decimal, whole: int, limits: Limits) -> Status:
    """The colour of `reached` divided by `whole`, compared without dividing."""
    for limit, status in ((limits.green, Status.GREEN), (limits.yellow, Status.YELLOW)):
        if reached >= limit * whole if limits.direction is Direction.AT_LEAST else reached <= limit * whole:
            return status
    return Status.RED


def fault_in(unit: Unit, limits: Limits) -> str:
    """Why the limits cannot be a target, as a message id; '' when they can."""
    green, yellow = limits.green, limits.yellow
    if not (green.is_finite() and yellow.is_finite()) or min(green, yellow) < 0:
        return "A limit is a number from 0 up."
    if any(limit != limit.quantize(Decimal("0.01")) for limit in (green, yellow) if limit < _MOST):
        return "A limit has at most two decimals."
    if unit is Unit.PERCENT and max(green, yellow) > 100:
        return "A limit in per cent is at most 100."
    if max(green, yellow) >= _MOST:
        return "A limit is below a million."
    if limits.direction is Direction.AT_LEAST and yellow > green:
        return "With 'at least' the limit of yellow is not above that of green."
    if limits.direction is Direction.AT_MOST and yellow < green:
        return "With 'at most' the limit of yellow is not below that of green."
    return ""


_MOST = Decimal(1_000_000)
