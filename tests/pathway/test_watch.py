"""The checks of the watch as data, whose duty they are, and when one is late."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from kansli_tui.pathway.watch import BY_CODE, CHECKS, Watched, is_late, office_hours, on_duty

STOCKHOLM = ZoneInfo("Europe/Stockholm")
FRIDAY = datetime(2026, 11, 20, 8, 0, tzinfo=STOCKHOLM)


def weekday(day: date) -> bool:
    return day.weekday() < 5


def test_everything_watched_has_one_check_with_words_of_its_own() -> None:
    assert set(BY_CODE) == set(Watched)
    assert len(CHECKS) == len(Watched)
    assert len({check.label for check in CHECKS}) == len(CHECKS)
    for check in CHECKS:
        assert check.fix.endswith((".", "?")), check.code
        assert check.every_hours > 0
        assert len(check.code.value) <= 40, "longer than its column"


def test_what_must_be_done_the_same_day_is_found_the_same_day() -> None:
    assert 0 < BY_CODE[Watched.URGENT_ANSWER].grace_hours < 24
    assert CHECKS[0].code is Watched.URGENT_ANSWER


@pytest.mark.parametrize(
    ("owner", "deputy", "away", "duty"),
    [
        ("anna", "per", set(), "anna"),
        ("anna", "per", {"anna"}, "per"),
        ("anna", "per", {"per"}, "anna"),
        ("anna", "per", {"anna", "per"}, ""),
        ("anna", "", {"anna"}, ""),
        ("", "", set(), ""),
    ],
)
def test_the_duty_moves_to_the_deputy_and_then_to_everybody(owner: str, deputy: str, away: set[str], duty: str) -> None:
    assert on_duty(owner, deputy, away) == duty


@pytest.mark.parametrize(
    ("passed", "hours"),
    [
        (timedelta(0), 0),
        (timedelta(hours=3), 3),
        (timedelta(hours=16), 16),
        (timedelta(days=1), 16),
        (timedelta(days=2, hours=16), 16),
        (timedelta(days=3), 24),
        (timedelta(days=7), 5 * 24),
    ],
)
def test_hours_of_a_weekend_do_not_count(passed: timedelta, hours: float) -> None:
    assert office_hours(FRIDAY, FRIDAY + passed, weekday) == hours


def test_late_is_more_than_the_hours_and_never_run_is_late() -> None:
    def late(passed: timedelta) -> bool:
        return is_late(FRIDAY, FRIDAY + passed, every_hours=24, is_office_day=weekday)

    assert not late(timedelta(days=3))
    assert late(timedelta(days=3, minutes=1))
    assert is_late(None, FRIDAY, every_hours=24, is_office_day=weekday)
    assert is_late(FRIDAY, FRIDAY + timedelta(days=400), every_hours=24, is_office_day=lambda _day: False)


def test_a_run_dated_in_the_future_is_none() -> None:
    assert is_late(FRIDAY + timedelta(days=30), FRIDAY, every_hours=24, is_office_day=weekday)
    assert not is_late(FRIDAY + timedelta(minutes=1), FRIDAY, every_hours=24, is_office_day=weekday)
