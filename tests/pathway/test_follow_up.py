"""The colour of a result: both sides of each limit, nothing rounded, and no colour where chance would choose it."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kansli_tui.pathway.follow_up import FEWEST, Direction, Limits, Result, Status, Unit, fault_in, status_of
from kansli_tui.pathway.indicators import percent
from kansli_tui.pathway.quarters import Quarter, quarter_of, read_quarter


def limits(direction: Direction, green: str, yellow: str) -> Limits:
    return Limits(direction, Decimal(green), Decimal(yellow))


def share(numerator: int, denominator: int, waiting: int = 0, late: int = 0) -> Result:
    return Result(percent(numerator, denominator), numerator, denominator, waiting, late)


LEAST = limits(Direction.AT_LEAST, "95", "90")
MOST = limits(Direction.AT_MOST, "5", "7.5")
ONLY_GREEN = limits(Direction.AT_LEAST, "95", "95")
NONE_LEFT = limits(Direction.AT_MOST, "0", "0")
DAYS = limits(Direction.AT_MOST, "14", "21")


@pytest.mark.parametrize(
    ("unit", "result", "given", "expected"),
    [
        (Unit.PERCENT, share(19, 20), LEAST, Status.GREEN),
        (Unit.PERCENT, share(9_496, 10_000), LEAST, Status.YELLOW),  # shown as 95,0 %
        (Unit.PERCENT, share(949_999, 1_000_000), LEAST, Status.YELLOW),
        (Unit.PERCENT, share(18, 20), LEAST, Status.YELLOW),
        (Unit.PERCENT, share(8_999, 10_000), LEAST, Status.RED),
        (Unit.PERCENT, share(0, 20), LEAST, Status.RED),
        (Unit.PERCENT, share(94, 100), ONLY_GREEN, Status.RED),
        (Unit.PERCENT, share(1, 20), MOST, Status.GREEN),
        (Unit.PERCENT, share(501, 10_000), MOST, Status.YELLOW),
        (Unit.PERCENT, share(3, 40), MOST, Status.YELLOW),
        (Unit.PERCENT, share(751, 10_000), MOST, Status.RED),
        (Unit.PERCENT, share(FEWEST - 1, FEWEST - 1), LEAST, Status.TOO_FEW),
        (Unit.PERCENT, share(FEWEST, FEWEST), LEAST, Status.GREEN),
        (Unit.PERCENT, share(190, 195, 5), LEAST, Status.GREEN),  # 190 of 200 even if all five miss
        (Unit.PERCENT, share(190, 195, 6), LEAST, Status.TOO_EARLY),
        (Unit.PERCENT, share(20, 20, 30), LEAST, Status.TOO_EARLY),
        (Unit.PERCENT, share(20, 20, 30, 30), LEAST, Status.RED),
        (Unit.PERCENT, share(20, 20, 30, 4), LEAST, Status.TOO_EARLY),
        (Unit.PERCENT, share(20, 20, 30, 6), LEAST, Status.RED),  # 44 of 50 at best
        (Unit.PERCENT, share(19, 19, 500), LEAST, Status.TOO_FEW),
        (Unit.PERCENT, share(0, 0), LEAST, Status.NO_RESULT),
        (Unit.PERCENT, None, LEAST, Status.NO_RESULT),
        (Unit.PERCENT, share(19, 20), None, Status.NO_TARGET),
        (Unit.PERCENT, share(1, 2), None, Status.NO_TARGET),
        (Unit.DAYS, Result(Decimal("14.0"), None, 20), DAYS, Status.GREEN),
        (Unit.DAYS, Result(Decimal("14.5"), None, 20), DAYS, Status.YELLOW),
        (Unit.DAYS, Result(Decimal("21.5"), None, 20), DAYS, Status.RED),
        (Unit.DAYS, Result(Decimal(3), None, 19), DAYS, Status.TOO_FEW),
        (Unit.COUNT, Result(Decimal(0), 0), NONE_LEFT, Status.GREEN),
        (Unit.COUNT, Result(Decimal(1), 1), NONE_LEFT, Status.RED),
    ],
)
def test_a_result_has_the_colour_of_its_side(
    unit: Unit, result: Result | None, given: Limits | None, expected: Status
) -> None:
    assert status_of(unit, result, given) is expected


_shares = st.integers(FEWEST, 2_000_000).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole)))
_limit = st.decimals(0, 100, places=2)
_ORDER = (Status.RED, Status.YELLOW, Status.GREEN)


@given(_shares, _limit, _limit, st.sampled_from(Direction))
def test_the_colour_is_that_of_the_exact_fraction(
    counted: tuple[int, int], one: Decimal, other: Decimal, direction: Direction
) -> None:
    least = direction is Direction.AT_LEAST
    green, yellow = (max(one, other), min(one, other)) if least else (min(one, other), max(one, other))
    set_ = Limits(direction, green, yellow)
    assert fault_in(Unit.PERCENT, set_) == ""
    exact = Fraction(100 * counted[0], counted[1])
    reached = [exact >= Fraction(limit) if least else exact <= Fraction(limit) for limit in (green, yellow)]
    expected = Status.GREEN if reached[0] else Status.YELLOW if reached[1] else Status.RED
    assert status_of(Unit.PERCENT, share(*counted), set_) is expected


@given(_shares, _limit, _limit)
def test_one_more_is_never_worse_where_more_is_better(counted: tuple[int, int], one: Decimal, other: Decimal) -> None:
    numerator, whole = counted
    set_ = Limits(Direction.AT_LEAST, max(one, other), min(one, other))
    colours = [status_of(Unit.PERCENT, share(part, whole), set_) for part in (max(0, numerator - 1), numerator)]
    assert _ORDER.index(colours[0]) <= _ORDER.index(colours[1])


@given(_shares, st.integers(1, 200), st.data(), _limit, _limit, st.sampled_from(Direction))
def test_a_colour_that_is_given_is_the_one_that_comes_when_nobody_waits(
    counted: tuple[int, int], waiting: int, data: st.DataObject, one: Decimal, other: Decimal, direction: Direction
) -> None:
    late = data.draw(st.integers(0, waiting))
    came = data.draw(st.integers(0, waiting - late))
    least = direction is Direction.AT_LEAST
    set_ = Limits(direction, *((max(one, other), min(one, other)) if least else (min(one, other), max(one, other))))
    said = status_of(Unit.PERCENT, share(*counted, waiting, late), set_)
    then = status_of(Unit.PERCENT, share(counted[0] + came, counted[1] + waiting), set_)
    assert said in (then, Status.TOO_EARLY)


@pytest.mark.parametrize(
    ("unit", "given", "words"),
    [
        (Unit.PERCENT, limits(Direction.AT_LEAST, "100", "0"), ""),
        (Unit.PERCENT, limits(Direction.AT_LEAST, "100.01", "0"), "at most 100"),
        (Unit.DAYS, limits(Direction.AT_MOST, "100.01", "365"), ""),
        (Unit.PERCENT, limits(Direction.AT_LEAST, "90", "90.01"), "not above"),
        (Unit.PERCENT, limits(Direction.AT_MOST, "5", "4.99"), "not below"),
        (Unit.PERCENT, limits(Direction.AT_LEAST, "90", "-1"), "from 0 up"),
        (Unit.PERCENT, limits(Direction.AT_LEAST, "NaN", "1"), "from 0 up"),
        (Unit.COUNT, limits(Direction.AT_MOST, "1", "Infinity"), "from 0 up"),
        (Unit.PERCENT, limits(Direction.AT_LEAST, "90.005", "80"), "two decimals"),
        (Unit.COUNT, limits(Direction.AT_MOST, "0", "1000000"), "below a million"),
        (Unit.COUNT, limits(Direction.AT_MOST, "0", "9E99"), "below a million"),
    ],
)
def test_limits_that_cannot_be_are_refused_in_words(unit: Unit, given: Limits, words: str) -> None:
    fault = fault_in(unit, given)
    assert words in fault
    assert bool(fault) is bool(words)


@given(st.dates(date(1900, 1, 1), date(9000, 1, 1)), st.integers(-40, 40))
def test_quarters_follow_each_other_without_a_gap(day: date, quarters: int) -> None:
    one = quarter_of(day)
    assert one.first <= day <= one.last
    assert one.plus(1).first == one.last + timedelta(days=1)
    assert one.plus(quarters).plus(-quarters) == one
    assert (one.plus(quarters) > one) is (quarters > 0)
    assert read_quarter(str(one)) == one


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2026K3", Quarter(2026, 3)),
        (" 2026q4 ", Quarter(2026, 4)),
        ("2026K5", None),
        ("2026K0", None),
        ("26K1", None),
        ("0000K1", None),
        ("2026", None),
        ("", None),
    ],
)
def test_a_quarter_is_read_as_it_is_written(text: str, read: Quarter | None) -> None:
    assert read_quarter(text) == read
