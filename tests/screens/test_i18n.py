"""Dates, ages and numbers as people in Sweden write them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from kansli_tui import i18n
from kansli_tui.i18n import NO_BREAK, _, ago, clock, day, day_full, n_, number

NOW = datetime(2026, 11, 11, 22, 30, tzinfo=UTC)
"""23:30 in Sweden."""


def test_days() -> None:
    assert day(date(2026, 11, 3)) == "3 nov"
    assert day(date(2024, 3, 14), NOW) == "14 mars 2024"
    assert day(date(2026, 3, 14), NOW) == "14 mars"
    assert day_full(date(2026, 3, 14)) == "14 mars 2026"


def test_a_late_evening_in_utc_is_the_next_day_in_sweden() -> None:
    late = datetime(2026, 11, 11, 23, 30, tzinfo=UTC)
    assert day(late) == "12 nov"
    assert clock(late) == "00:30"


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (NOW - timedelta(seconds=5), "0 min"),
        (NOW - timedelta(minutes=59), "59 min"),
        (NOW - timedelta(minutes=60), "1 h"),
        (NOW - timedelta(hours=23, minutes=59), "23 h"),
        (NOW - timedelta(days=1), "1 dag"),
        (NOW - timedelta(days=8), "8 dagar"),
        (date(2026, 8, 4), "99 dagar"),
        (date(2026, 8, 3), "3 mån"),
        (NOW - timedelta(days=657), "21 mån"),
        (date(2027, 11, 11), "om 12 mån"),
        (date(2026, 11, 11), "idag"),
        (date(2026, 11, 12), "i morgon"),
        (date(2026, 11, 16), "om 5 dagar"),
        (date(2026, 11, 10), "1 dag"),
    ],
)
def test_ages(at: date | datetime, words: str) -> None:
    assert ago(at, NOW) == words


def test_numbers() -> None:
    assert number(28114) == f"28{NO_BREAK}114"
    assert number(Decimal("3.40")) == "3,40"
    assert number(Decimal("1234.5")) == f"1{NO_BREAK}234,5"
    i18n.set_language("en")
    assert number(Decimal("3.4")) == "3.4"


def test_values_are_data_and_a_missing_one_does_not_hide_the_message() -> None:
    assert _("{who} is working on this.", who="{anna}") == "{anna} arbetar med detta."
    assert _("{who} is working on this.", whom="x") == "{who} arbetar med detta."
    assert n_("{count} task", "{count} tasks", 1) == "1 uppgift"
    assert n_("{count} task", "{count} tasks", 1200) == f"1{NO_BREAK}200 uppgifter"


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(ValueError, match="fi"):
        i18n.set_language("fi")
