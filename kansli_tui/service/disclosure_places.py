"""The municipalities that leave: participation only, whole rows, and never so few hidden that they could be had by subtraction.

A municipality's row is shown or hidden as one. What is hidden of a region, protected and unknown places with it, must be nobody or five
or more in every figure, and those who are in no municipality's row must never be alone in it: else the smallest row that is shown is
hidden too.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import chain

from kansli_tui.pathway.small_counts import is_small
from kansli_tui.rows.statistics import Breakdown, StatsGroup, StatsRow

ALL = "all"
LEAVES = ("rounds", "participated", "window_open")
"""What comes of few samples is told of regions, not of places."""
Counts = dict[str, int]


def places_that_leave(
    made: Breakdown, regions: Mapping[str, Sequence[StatsRow]], concealed: Collection[str] = ()
) -> Breakdown:
    """The breakdown by municipality with whole rows hidden. `regions` are the rows of each region, as far as they are known.

    `concealed` are the regions, or 'all', of which one of these figures is hidden: their municipalities must not add up to it.
    """
    groups = {group.name: [row for row in group.rows if row.indicator in LEAVES] for group in made.groups}
    counts = {name: _counts(rows) for name, rows in groups.items()}
    places = [name for name in counts if name not in (ALL, "")]
    hidden = {name for name in places if any(map(is_small, counts[name].values()))}
    wholes = [(ALL, counts.get(ALL, {}), places)]
    for region, rows in regions.items():
        wholes.append((region, _counts(rows), [name for name in places if name[:2] == region]))
    changed = True
    while changed:
        changed = False
        for of, whole, parts in wholes:
            shown = [name for name in parts if name not in hidden]
            alone = len(shown) == len(parts)
            if shown and ((alone and of in concealed) or _tells(whole, [counts[name] for name in shown], alone=alone)):
                hidden.add(min(shown, key=lambda name: (counts[name].get("rounds", 0), name)))
                changed = True
    return replace(
        made,
        groups=tuple(
            StatsGroup(name, tuple(_hide(row) if name in hidden else row for row in rows))
            for name, rows in groups.items()
            if name
        ),
    )


def _counts(rows: Sequence[StatsRow]) -> Counts:
    """Every figure of a row and what is left of it: of those offered, of those whose time is over, and who did not come."""
    pairs = ((row.indicator, row.numerator or 0, row.denominator or 0) for row in rows if row.indicator in LEAVES)
    return dict(
        chain.from_iterable(
            ((name, part), (f"{name}, of", whole), (f"not {name}", whole - part)) for name, part, whole in pairs
        )
    )


def _tells(whole: Counts, shown: Sequence[Counts], *, alone: bool) -> bool:
    """Whether what is not shown could be few people, or only those who are in no municipality's row."""
    rest = {name: number - sum(one.get(name, 0) for one in shown) for name, number in whole.items()}
    if min(rest.values(), default=0) < 0:
        # People have moved between offer and count: the figures do not add up, and nothing can be had by subtraction.
        return False
    return any(map(is_small, rest.values())) or (alone and any(rest.values()))


def _hide(row: StatsRow) -> StatsRow:
    return replace(row, numerator=None, denominator=None, percent=None, low=None, high=None, suppressed=True)
