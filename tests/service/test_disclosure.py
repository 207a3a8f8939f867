"""Nothing that leaves the office can be reckoned back to fewer than five people."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from kansli_tui.rows.statistics import StatsRow
from kansli_tui.service.disclosure import SMALL, suppressed

REGIONS, YEARS = ("05", "06", "08"), ("1973", "1974")


def table(cells: list[tuple[int, int]]) -> list[StatsRow]:
    """A whole table with its totals, from (numerator, the rest of the denominator) of each region and year."""
    parts = dict(zip(product(REGIONS, YEARS), cells, strict=True))
    rows = []
    for region, born in product(("all", *REGIONS), ("all", *YEARS)):
        mine = [cell for (r, b), cell in parts.items() if region in ("all", r) and born in ("all", b)]
        numerator, rest = sum(cell[0] for cell in mine), sum(cell[1] for cell in mine)
        rows.append(StatsRow("participated", region, born, numerator, numerator + rest, None))
    return rows


_CELLS = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=6, max_size=6)


@given(_CELLS)
def test_no_small_cell_is_shown_and_no_line_has_exactly_one_gap(cells: list[tuple[int, int]]) -> None:
    rows = table(cells)
    out = suppressed(rows)
    assert [(row.region, row.born) for row in out] == [(row.region, row.born) for row in rows]
    for row in out:
        if row.suppressed:
            assert (row.numerator, row.denominator, row.percent) == (None, None, None)
        else:
            assert row.numerator is not None
            assert row.denominator is not None
            assert not 0 < row.numerator < SMALL
            assert not 0 < row.denominator - row.numerator < SMALL
    for lines in (
        [[row for row in out if row.born == born] for born in ("all", *YEARS)],
        [[row for row in out if row.region == region] for region in ("all", *REGIONS)],
    ):
        for line in lines:
            assert sum(row.suppressed for row in line) != 1, "what is hidden could be had by subtraction"


def test_large_counts_are_left_alone() -> None:
    rows = table([(40, 60)] * 6)
    assert suppressed(rows) == tuple(rows)
