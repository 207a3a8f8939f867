"""What may leave the office: no figure of it, and nothing that can be reckoned from its figures, is of one to four people.

All tables of a report are looked at together, since they count the same people. Decision 16 says what is promised and what is not.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby

from kansli_tui.pathway.fact_sums import (
    LOST,
    LOST_SUMS,
    PEOPLE,
    ROUND_SUMS,
    TAKEN_AS_KNOWN,
    facts_of,
    filled,
    is_of_people,
    is_reason,
    people_sums,
)
from kansli_tui.pathway.indicators import Fact
from kansli_tui.pathway.small_counts import UNSEEN, Cell, Counts, Sum, hidden_cells
from kansli_tui.rows.statistics import Breakdown, Statistics, StatsFilter, StatsGroup, StatsRow
from kansli_tui.rows.stats_report import StatsReport
from kansli_tui.service.disclosure_beside import hidden_beside
from kansli_tui.service.disclosure_places import LEAVES, places_that_leave

ALL = "all"
TOTAL = f"{ALL}/{ALL}"
_LOST_ROW = LOST.removeprefix(PEOPLE)
_TOLD_OF_PLACES = frozenset(fact for name in LEAVES for fact in facts_of(name))
_PARTICIPATION = frozenset({"rounds", "participated", "window_open"})
_LEAVES: Mapping[str, frozenset[str]] = {
    "age": _PARTICIPATION | {"psa_raised"},
}
"""The indicators that leave in a breakdown by small groups; what comes of few samples would only hide the totals with it."""
KEPT = frozenset(
    {
        Fact.OFFERED.value,
        Fact.DECIDED.value,
        Fact.SAMPLED.value,
        Fact.RAISED.value,
        f"{PEOPLE}offered",
        f"{PEOPLE}eligible",
    }
)
"""What a reader most needs of a report: how many were offered and came."""


def suppressed(rows: Sequence[StatsRow]) -> tuple[StatsRow, ...]:
    """The rows of one table of regions and birth years with all hidden that points at few people.

    A reason for not offering that a group has no row for gets one where it has to be hidden there too.
    """
    hidden = _hidden([_of_statistics(rows)])
    return _shown(rows, hidden)


def disclosable(report: StatsReport) -> StatsReport:
    """The report with everything hidden that may not leave; its tables hide together."""
    made, wanted = report.statistics, report.filter
    broken_down = (report.by_region, report.by_age, report.by_round)
    hidden = _hidden([_of_statistics(made.rows), *(_of_breakdown(one) for one in broken_down)])
    earlier = suppressed(report.earlier.rows)
    region, age, by_round = (_hide_breakdown(one, hidden) for one in broken_down)
    return hidden_beside(
        replace(
            report,
            statistics=Statistics(wanted, _shown(made.rows, hidden)),
            earlier=Statistics(report.earlier.filter, earlier),
            by_region=region,
            by_municipality=places_that_leave(
                report.by_municipality,
                {group.name: group.rows for group in report.by_region.groups if group.name != ALL},
                {
                    cell.group.removesuffix(f"/{ALL}")
                    for cell in hidden
                    if cell.group.endswith(f"/{ALL}") and cell.fact in _TOLD_OF_PLACES
                },
            ),
            by_age=age,
            by_round=by_round,
        ),
        hidden,
        frozenset(
            row.numerator for row in made.rows if row.numerator and Cell(facts_of(row.indicator)[0], TOTAL) in hidden
        ),
    )


def disclosable_breakdown(made: Breakdown) -> Breakdown:
    """A breakdown on its own, as a file of it may leave."""
    if made.by == "municipality":
        return places_that_leave(made, {})
    return _hide_breakdown(made, _hidden([_of_breakdown(made)]))


@dataclass(frozen=True, slots=True)
class _Table:
    """The rows of each group, and how the groups add up."""

    rows: tuple[tuple[str, StatsRow], ...]
    sums: tuple[Sum, ...]
    by: str = ""


def _of_statistics(rows: Sequence[StatsRow]) -> _Table:
    places = {(row.region, row.born) for row in rows}
    regions = sorted({region for region, _born in places} - {ALL})
    years = sorted({born for _region, born in places} - {ALL})
    sums = [
        Sum(TOTAL, tuple(f"{region}/{ALL}" for region in regions)),
        Sum(TOTAL, tuple(f"{ALL}/{born}" for born in years)),
        *(Sum(f"{one}/{ALL}", tuple(f"{one}/{born}" for born in years if (one, born) in places)) for one in regions),
        *(
            Sum(f"{ALL}/{one}", tuple(f"{region}/{one}" for region in regions if (region, one) in places))
            for one in years
        ),
    ]
    return _Table(
        tuple((f"{row.region}/{row.born}", row) for row in rows),
        tuple(one for one in sums if one.parts and one.whole not in one.parts),
    )


def _of_breakdown(made: Breakdown) -> _Table:
    name_of = _namer(made.by, made.filter)
    rows = tuple(
        (name_of(group.name, row), row) for group in made.groups for row in group.rows if row.indicator != _LOST_ROW
    )
    parts = sorted({group for group, _row in rows} - {TOTAL})
    ages = tuple(part for part in parts if part.startswith(f"{made.by} "))
    named = tuple(part for part in parts if part not in ages)
    return _Table(rows, tuple(Sum(TOTAL, one) for one in (ages, named) if one), made.by)


def _namer(by: str, wanted: StatsFilter) -> Callable[[str, StatsRow], str]:
    """How the groups of a breakdown are called: like those of the other tables where they are the same people.

    An age is a birth year where all offers are of one calendar year, and always of people, whose age is that of the as-of day.
    """
    since, until = wanted.since, wanted.until or wanted.as_of
    one_year = since is not None and since.year == until.year

    def name_of(group: str, row: StatsRow) -> str:
        if group == ALL:
            return TOTAL
        if by == "region":
            return f"{group}/{ALL}"
        if by == "age" and is_of_people(facts_of(row.indicator)[0]):
            return f"{ALL}/{wanted.as_of.year - int(group)}"
        if by == "age" and one_year:
            return f"{ALL}/{until.year - int(group)}"
        return f"{ALL}/{group}" if by == "born" else f"{by} {group}"

    return name_of


def _hidden(tables: Sequence[_Table]) -> set[Cell]:
    """The cells to hide in all tables together: of coverage, of rounds, and of those whom nothing holds."""
    hidden: set[Cell] = set()
    cells = {
        Cell(fact, group): number or 0
        for table in reversed(tables)
        for group, row in table.rows
        for fact, number in zip(facts_of(row.indicator), (row.numerator, row.denominator), strict=True)
    }
    shown = {
        Cell(fact, group)
        for table in tables
        for group, row in table.rows
        if _stays(table.by, row)
        for fact in facts_of(row.indicator)
    }
    figures = Counter(
        fact for name in {row.indicator for table in tables for _group, row in table.rows} for fact in facts_of(name)
    )
    people = {cell.fact for cell in cells if is_of_people(cell.fact)} - {LOST}
    rounds = {cell.fact for cell in cells} - people - {LOST}
    lost = {fact for fact in (LOST, LOST_SUMS[0].whole) if any(cell.fact == LOST for cell in cells)}
    for facts, sums in ((people, people_sums(people)), (rounds, ROUND_SUMS), (lost, LOST_SUMS)):
        values = {cell: number for cell, number in cells.items() if cell.fact in facts}
        groups = filled(values, _group_sums(tables), by_group=True)
        facts_add_up = filled(values, sums)
        kept_groups = frozenset({TOTAL, *(cell.group for cell in values if cell.group.endswith(f"/{ALL}"))})
        unpublished = frozenset(cell for cell in values if cell not in shown and not cell.fact.startswith(UNSEEN))
        found = hidden_cells(
            Counts(values, facts_add_up, groups, TAKEN_AS_KNOWN, frozenset(), figures, KEPT, kept_groups, unpublished)
        )
        hidden |= {cell for cell in found if facts is not lost or cell.fact == LOST}
    return hidden


def _group_sums(tables: Sequence[_Table]) -> list[Sum]:
    """Each sum once."""
    return list(dict.fromkeys(one for table in tables for one in table.sums))


def _hide_breakdown(made: Breakdown, hidden: set[Cell]) -> Breakdown:
    """Without the groups that may not stand alone, and without what is not counted by group."""
    name_of = _namer(made.by, made.filter)
    groups = []
    for one in made.groups:
        rows = [row for row in one.rows if row.indicator != _LOST_ROW and _stays(made.by, row)]
        groups.append(StatsGroup(one.name, tuple(_leaving(rows, partial(name_of, one.name), hidden))))
    return replace(made, groups=tuple(groups))


def _stays(by: str, row: StatsRow) -> bool:
    """Whether the row stands in the table that leaves."""
    return by not in _LEAVES or row.indicator in _LEAVES[by]


def _shown(rows: Sequence[StatsRow], hidden: set[Cell]) -> tuple[StatsRow, ...]:
    """The rows of regions and birth years with what is hidden left empty."""
    groups = groupby(rows, key=lambda row: (row.region, row.born))
    return tuple(row for _place, found in groups for row in _leaving(list(found), _place_of, hidden))


def _place_of(row: StatsRow) -> str:
    return f"{row.region}/{row.born}"


def _leaving(rows: Sequence[StatsRow], group_of: Callable[[StatsRow], str], hidden: set[Cell]) -> Iterator[StatsRow]:
    """The rows of one group; last the reasons that have no row there and must be hidden there too, as if they had."""
    reasons: set[str] = set()
    like: StatsRow | None = None
    for row in rows:
        fact, within = facts_of(row.indicator)
        if is_of_people(fact):
            like = row
            reasons.add(fact)
        group = group_of(row)
        yield _hide(row) if {Cell(fact, group), Cell(within, group)} & hidden else row
    if like is not None:
        group = group_of(like)
        for fact in sorted(cell.fact for cell in hidden if cell.group == group and is_reason(cell.fact)):
            if fact not in reasons:
                yield replace(_hide(like), indicator=fact.removeprefix(PEOPLE))


def _hide(row: StatsRow) -> StatsRow:
    return replace(row, numerator=None, denominator=None, percent=None, low=None, high=None, suppressed=True)
