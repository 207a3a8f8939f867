"""Which counts must be hidden so that nobody can reckon from the others that a group has one to four people.

For every small count another table is looked for: one with the same figures everywhere they are shown, where all sums come out and
nothing is negative, and in which this count is at least five. What differs between that table and the true one is hidden. Whoever
adds and subtracts what is shown can then not tell the two tables apart, so every hidden small count might as well be five or more.
Nothing here knows what is counted: sums are given as data.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from heapq import heappop, heappush
from itertools import count as counter
from itertools import islice
from math import log2
from typing import NamedTuple

SMALL = 5
"""Fewer people than this are never shown to be there (domain, section 9)."""
UNSEEN = "~"
"""How the names of facts and groups begin that are never shown themselves but can be had by subtraction."""
_FORMS = 40
"""How many ways to change a fact are tried for each step."""
_MOST_NEEDED = 20
"""So much dearer is what the reader most needs."""
_TRIES = 6000
"""How many unfinished tables are looked at for one step, before everything is hidden."""


class Cell(NamedTuple):
    """How many of a group have a fact."""

    fact: str
    group: str


@dataclass(frozen=True, slots=True)
class Sum:
    """`whole` is what its parts are together; nobody is in two parts."""

    whole: str
    parts: tuple[str, ...]


@dataclass(frozen=True)
class Counts:
    """Counts of facts in groups, and how they add up.

    `values` holds every cell, also unseen ones; what is not in it is a zero that everybody sees. `taken_as_known` are facts and
    groups that an outsider can guess or is told elsewhere: no other count is protected by them. `never` are groups that may not
    be reckoned at all, of whatever size.
    """

    values: Mapping[Cell, int]
    facts: tuple[Sum, ...]
    groups: tuple[Sum, ...]
    taken_as_known: frozenset[str] = frozenset()
    never: frozenset[str] = frozenset()
    figures: Mapping[str, int] = field(default_factory=dict)
    """How many figures stand on a fact, and go with it; 1 where nothing is said."""
    kept: frozenset[str] = frozenset()
    """The facts that the reader most needs: hidden only where no other way is found, and in `kept_groups` last of all."""
    kept_groups: frozenset[str] = frozenset()
    unpublished: frozenset[Cell] = frozenset()
    """Cells that stand in no table: they help to hide, and need no hiding."""


def hidden_cells(counts: Counts, already: Iterable[Cell] = ()) -> set[Cell]:
    """The cells to hide; `already` are hidden for other reasons."""
    return _Hiding(counts, set(already)).all()


def is_small(value: int) -> bool:
    """Whether the number is of one to four people."""
    return 0 < value < SMALL


Change = tuple[tuple[str, int], ...]
"""Names with +1 or -1: a change that leaves every sum as it comes out."""


@dataclass
class _Hiding:
    counts: Counts
    hidden: set[Cell]
    covered: set[Cell] = field(default_factory=set)
    """Small counts for which another table has been found."""

    def __post_init__(self) -> None:
        self.sizes = _sizes(self.counts.groups)
        self.sparing = True
        self.forms = cache(lambda fact: tuple(self._forms(fact, self._dear)))
        self.of_group: dict[str, list[Sum]] = {}
        for one in self.counts.groups:
            for name in (one.whole, *one.parts):
                self.of_group.setdefault(name, []).append(one)

    def all(self) -> set[Cell]:
        for cell in sorted(self._small(), key=lambda cell: (-self.sizes.get(cell.group, 1), cell)):
            if cell not in self.covered:
                self._protect(cell)
        return self.hidden

    def _small(self) -> Iterator[Cell]:
        for cell, value in self.counts.values.items():
            small = is_small(value) and cell not in self.counts.unpublished
            if small or (value and cell.group in self.counts.never):
                yield cell

    def _goal(self, cell: Cell) -> int:
        return self.counts.values[cell] + SMALL if cell.group in self.counts.never else SMALL

    def _protect(self, cell: Cell) -> None:
        """Find the other table for one cell, step by step, and hide what differs."""
        other: dict[Cell, int] = {}
        while (missing := self._goal(cell) - self._in(other, cell)) > 0:
            step = self._step(other, cell)
            if step is None:
                self.sparing = False
                step = self._step(other, cell)
                self.sparing = True
            if step is None:
                self.hidden.update(one for one in self.counts.values if not self._unseen(one))
                return
            times = min([missing, *(self._in(other, one) for one, sign in step if sign < 0)])
            for one, sign in step:
                other[one] = self._in(other, one) + sign * times
        for one, value in other.items():
            if value == self.counts.values.get(one, 0):
                continue
            if not self._unseen(one):
                self.hidden.add(one)
            if value >= SMALL and one in self.counts.values and value >= self._goal(one):
                self.covered.add(one)

    def _in(self, other: Mapping[Cell, int], cell: Cell) -> int:
        value = other.get(cell)
        return self.counts.values.get(cell, 0) if value is None else value

    def _dear(self, fact: str, _sign: int) -> float:
        """What changes in sight is dear, what nobody sees costs nothing."""
        if fact.startswith(UNSEEN):
            return 0
        return self.counts.figures.get(fact, 1) * (_MOST_NEEDED if fact in self.counts.kept else 1)

    def _unseen(self, cell: Cell) -> bool:
        return cell.fact.startswith(UNSEEN) or cell.group.startswith(UNSEEN) or cell in self.counts.unpublished

    def _forms(self, fact: str, cost_of: Callable[[str, int], float | None]) -> Iterator[Change]:
        return islice(_forms(self.counts.facts, fact, self.counts.taken_as_known, cost_of), _FORMS)

    def _step(self, other: Mapping[Cell, int], cell: Cell) -> list[tuple[Cell, int]] | None:
        """One person more in the cell, in the way that hides least: the usual changes first, then whatever this group has room for."""

        def room(name: str, sign: int) -> float | None:
            return self._cost(other, ((name, sign),), cell.group, 1)

        return self._cheapest(other, cell, self.forms(cell.fact)) or self._cheapest(
            other, cell, self._forms(cell.fact, room)
        )

    def _cheapest(
        self, other: Mapping[Cell, int], cell: Cell, forms: Iterable[Change]
    ) -> list[tuple[Cell, int]] | None:
        """A change of facts in the cell's group, and against it in others."""
        order = counter()
        heap: list[tuple[float, int, int, Change, dict[str, int]]] = []
        for form in forms:
            cost = self._cost(other, form, cell.group, 1)
            if cost is not None:
                heappush(heap, (cost, -1, next(order), form, {cell.group: 1}))
        for _try in range(_TRIES):
            if not heap:
                return None
            spent, size, _place, form, groups = heappop(heap)
            broken = self._broken(groups)
            if broken is None:
                return [(Cell(fact, group), sign * of) for group, of in groups.items() for fact, sign in form]
            one, sign = broken
            for name in (one.whole, *one.parts):
                if name in groups or name in self.counts.taken_as_known or name in self.counts.never:
                    continue
                of = sign if name == one.whole else -sign
                cost = self._cost(other, form, name, of)
                if cost is not None:
                    heappush(heap, (spent + cost, size - 1, next(order), form, {**groups, name: of}))
        return None

    def _broken(self, groups: Mapping[str, int]) -> tuple[Sum, int] | None:
        """A sum of groups that does not come out, and whether its parts are too many (+1) or too few (-1)."""
        for name in groups:
            for one in self.of_group.get(name, ()):
                over = sum(groups.get(part, 0) for part in one.parts) - groups.get(one.whole, 0)
                if over:
                    return one, 1 if over > 0 else -1
        return None

    def _cost(self, other: Mapping[Cell, int], form: Change, group: str, of: int) -> float | None:
        """What it takes to change the facts in the group: large counts of large groups are the dearest. None if somebody is lacking."""
        cost = 0.0
        for fact, sign in form:
            cell = Cell(fact, group)
            value = self._in(other, cell)
            if value + sign * of < 0:
                return None
            if self.sparing and fact in self.counts.kept and group in self.counts.kept_groups and not is_small(value):
                return None
            if cell not in self.hidden and not self._unseen(cell) and cell not in other:
                cost += self.sizes.get(group, 1) * (1 + log2(1 + value)) * self._dear(fact, sign)
        return cost


def _sizes(sums: Sequence[Sum]) -> dict[str, int]:
    """How many smallest groups are in each group."""
    of_whole: dict[str, list[Sum]] = {}
    for one in sums:
        of_whole.setdefault(one.whole, []).append(one)
    sizes: dict[str, int] = {}

    def size(name: str) -> int:
        if name not in sizes:
            sizes[name] = max((sum(map(size, one.parts)) for one in of_whole.get(name, ())), default=1) or 1
        return sizes[name]

    for one in sums:
        size(one.whole)
    return sizes


def _forms(
    sums: Sequence[Sum], fact: str, taken_as_known: frozenset[str], cost_of: Callable[[str, int], float | None]
) -> Iterator[Change]:
    """Changes of facts with one more of this fact after which every sum comes out again, the cheapest first."""
    of_fact: dict[str, list[Sum]] = {}
    for one in sums:
        for name in (one.whole, *one.parts):
            of_fact.setdefault(name, []).append(one)
    order = counter()
    heap: list[tuple[float, int, int, dict[str, int]]] = [(0, -1, 0, {fact: 1})]
    seen = set()
    for _try in range(_TRIES):
        if not heap:
            return
        spent, size, _place, change = heappop(heap)
        broken = next(
            (
                (one, over)
                for name in change
                for one in of_fact.get(name, ())
                if (over := sum(change.get(part, 0) for part in one.parts) - change.get(one.whole, 0))
            ),
            None,
        )
        if broken is None:
            form = tuple(sorted(change.items()))
            if form not in seen:
                seen.add(form)
                yield form
            continue
        one, over = broken
        sign = 1 if over > 0 else -1
        for name in (one.whole, *one.parts):
            of = sign if name == one.whole else -sign
            if name not in change and name not in taken_as_known and (cost := cost_of(name, of)) is not None:
                heappush(heap, (spent + cost, size - 1, next(order), {**change, name: of}))
