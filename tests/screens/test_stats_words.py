"""How figures are written and drawn, and who differs more than chance explains."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from kansli_tui.pathway.municipalities import MUNICIPALITIES
from kansli_tui.rows.statistics import LeadRow, StatsFilter, StatsRow
from kansli_tui.service.counting import Dimension
from screens import comparison_view as compared
from screens import lead_times_view as leads
from screens.breakdown import narrowed
from screens.stats_words import eighths


def row(numerator: int, denominator: int, name: str = "participated") -> StatsRow:
    share = Decimal(100 * numerator) / denominator
    return StatsRow(name, "all", "all", numerator, denominator, share, share - 5, share + 5)


@pytest.mark.parametrize(
    ("of", "common", "denominator", "stands"),
    [
        (0.50, 0.50, 1_000, compared.Stands.WITHIN),
        (0.54, 0.50, 1_000, compared.Stands.OUTSIDE_95),
        (0.45, 0.50, 1_000, compared.Stands.OUTSIDE_998),
        (0.53, 0.50, 1_000, compared.Stands.WITHIN),
        (1.00, 0.50, 9, compared.Stands.TOO_FEW),
        (0.02, 0.004, 1_000, compared.Stands.TOO_FEW),
    ],
)
def test_who_differs_more_than_chance(of: float, common: float, denominator: int, stands: compared.Stands) -> None:
    """Half of a thousand may lie within 3.1 per cent by 95 of 100, and within 4.9 by 998 of 1,000."""
    assert compared.stands(of, common, denominator) is stands


def test_the_words_name_who_lies_outside_and_which_way() -> None:
    rows = {"all": row(1_500, 3_000), "05": row(450, 1_000), "06": row(510, 1_000), "08": row(540, 1_000)}
    found = compared.places(rows, Dimension.REGION)
    assert compared.says(found) == "Utanför 99,8 %-gränserna: RÖ lägre; utanför 95 %-gränserna: RKL högre."
    assert compared.meaning(found).startswith("Utanför: mer än enbart slumpen förklarar.")
    drawn = compared.whiskers(rows["05"], rows, 41)
    assert drawn.index("├") < drawn.index("●") < drawn.index("┤")
    assert drawn.rstrip()[-1] in "┤┆"


def test_protected_people_are_no_place_and_small_ones_come_last() -> None:
    rows = {
        "all": row(60, 120),
        "": row(1, 2),
        "0580": row(40, 60),
        "0581": row(15, 50),
        "0512": row(4, 4),
        "9999": row(1, 2),
    }
    assert list(compared.order(rows, Dimension.MUNICIPALITY)) == ["all", "0580", "0581", "0512"]


def test_short_names_of_municipalities_are_all_different() -> None:
    names = [compared.short(Dimension.MUNICIPALITY, code) for code in MUNICIPALITIES]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("numerator", "whole", "drawn"),
    [(0, 8, ""), (1, 1_000, "▏"), (1, 16, "▌"), (8, 8, "████████"), (3, 8, "███"), (5, 0, "")],
)
def test_a_bar_has_eighths_and_nothing_but_zero_is_drawn_as_nothing(numerator: int, whole: int, drawn: str) -> None:
    assert eighths(numerator, whole, 8) == drawn


def test_a_group_that_no_filter_can_say_opens_nobody() -> None:
    wanted = StatsFilter(("05",), date(2026, 1, 1))
    assert narrowed(wanted, Dimension.AGE, "50") is None
    assert narrowed(wanted, Dimension.MUNICIPALITY, "") is None
    assert narrowed(wanted, Dimension.BORN, "1974") == StatsFilter(("05",), wanted.as_of, born=(1974,))


def lead(**values: Any) -> LeadRow:
    given: dict[str, Any] = {
        "lead": "urology_wait", "region": "all", "unit": "", "unit_id": 0, "rounds": 4, "first_quartile": 10.0,
        "median": 20.0, "third_quartile": 30.0, "target": 14, "within": 1, "percent": None, "waiting": 0, "waiting_over": 0,
        "longest_waiting": None,
    }  # fmt: skip
    return LeadRow(**(given | values))


def test_the_middle_half_is_drawn_on_a_scale_from_nought() -> None:
    assert leads.drawn(lead(), 40, 41) == "··········━━━━¦━━━━━┃━━━━━━━━━━··········"
    assert leads.drawn(lead(median=14.0), 40, 41)[14] == "╋"
    assert (
        leads.drawn(lead(rounds=0, first_quartile=None, median=None, third_quartile=None, target=None), 40, 5)
        == "·····"
    )
    assert leads.days(12.25) == "12,3"
    assert leads.days(1_200.0) == "1\N{NO-BREAK SPACE}200"
