"""What may leave the office: counts below five are hidden, and so is what they could be reckoned from.

A row is hidden when its numerator, or what remains of its denominator, is 1 to 4. Where totals stand beside their parts, a single
hidden part could be had by subtraction: then the smallest other part is hidden too.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from kansli_tui.rows.statistics import StatsRow

SMALL = 5
_ALL = "all"


def suppressed(rows: Sequence[StatsRow]) -> tuple[StatsRow, ...]:
    """The rows with everything hidden that could point at few people; order and number of rows stay."""
    hidden = {_key(row) for row in rows if _small(row)}
    groups = list(_groups(rows))
    while more := {key for group in groups for key in _second(group, hidden)} - hidden:
        hidden |= more
    return tuple(_hide(row) if _key(row) in hidden else row for row in rows)


def _key(row: StatsRow) -> tuple[str, str, str]:
    return row.indicator, row.region, row.born


def _small(row: StatsRow) -> bool:
    if row.numerator is None or row.denominator is None:
        return True
    rest = row.denominator - row.numerator
    return 0 < row.numerator < SMALL or 0 < rest < SMALL


def _groups(rows: Iterable[StatsRow]) -> Iterable[list[StatsRow]]:
    """A total with its parts: the regions of a birth year, the birth years of a region."""
    of_born, of_region = defaultdict(list), defaultdict(list)
    for row in rows:
        of_born[row.indicator, row.born].append(row)
        of_region[row.indicator, row.region].append(row)
    return [group for group in (*of_born.values(), *of_region.values()) if len(group) > 1]


def _second(group: Sequence[StatsRow], hidden: set[tuple[str, str, str]]) -> set[tuple[str, str, str]]:
    """Of a group with exactly one hidden row the smallest other part: with two hidden none can be reckoned."""
    out = [row for row in group if _key(row) in hidden]
    if len(out) != 1:
        return set()
    rest = [row for row in group if _key(row) not in hidden]
    parts = [row for row in rest if not _is_total(row, group)] or rest
    return {_key(min(parts, key=lambda row: (row.numerator or 0, _key(row))))}


def _is_total(row: StatsRow, group: Sequence[StatsRow]) -> bool:
    by_region = len({one.born for one in group}) == 1
    return (row.region if by_region else row.born) == _ALL


def _hide(row: StatsRow) -> StatsRow:
    return replace(row, numerator=None, denominator=None, percent=None, low=None, high=None, suppressed=True)
