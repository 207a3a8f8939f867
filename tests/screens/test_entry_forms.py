"""What people type for days, scores and volumes, read as they mean it or refused."""

from datetime import date
from decimal import Decimal

import pytest

from screens.entry_forms import parse_past_day, parse_scores
from screens.volume import parse_volume

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("42", Decimal(42)),
        ("42,5", Decimal("42.5")),
        ("42.55 ml", Decimal("42.55")),
        (" 7 cm3", Decimal(7)),
        ("1000", Decimal(1000)),
        ("1000,1", None),
        ("0", None),
        ("0,00", None),
        ("-4", None),
        ("4,", None),
        ("ca 40", None),
        ("1e2", None),
        ("", None),
        ("٤٢", None),
    ],
)
def test_volumes_as_people_write_them(typed: str, read: Decimal | None) -> None:
    assert parse_volume(typed) == read


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("2026-11-20", date(2026, 11, 20)),
        ("20/11", date(2026, 11, 20)),
        ("24/12", date(2025, 12, 24)),
        ("22/11", TODAY),
        ("0", TODAY),
        ("-3", date(2026, 11, 19)),
        ("29/2", None),
        ("31/11", None),
        ("igår", None),
        ("", None),
    ],
)
def test_days_that_have_been(typed: str, read: date | None) -> None:
    assert parse_past_day(typed, TODAY) == read


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("4", (4,)),
        ("4, 3", (4, 3)),
        ("4;3 2", (4, 3, 2)),
        ("", ()),
        ("6", None),
        ("0", None),
        ("4-3", None),
        ("44", None),
    ],
)
def test_scores_of_lesions(typed: str, read: tuple[int, ...] | None) -> None:
    assert parse_scores(typed) == read
