"""Somebody outside who has a report and a pencil: what they can reckon from the sums that they know of, by exact linear algebra.

Written apart from the program: equations are (coefficients, right side) over unknown counts that are whole numbers from zero up.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from fractions import Fraction

Equation = tuple[Mapping[Hashable, int], int]
_PRIME = 2**61 - 1


def without_known(
    equations: Iterable[Equation], known: Mapping[Hashable, int]
) -> list[tuple[dict[Hashable, int], int]]:
    """The equations with all that is shown put in."""
    out = []
    for terms, right in equations:
        left = {name: factor for name, factor in terms.items() if name not in known}
        shown = sum(factor * known[name] for name, factor in terms.items() if name in known)
        if left:
            out.append((left, right - shown))
    return out


def reckoned(equations: Sequence[Equation]) -> set[Hashable]:
    """The unknowns that have one value only, by elimination (the sign of a count is not used)."""
    rows: list[dict[Hashable, int]] = []
    for terms, _right in equations:
        row = {name: factor % _PRIME for name, factor in terms.items()}
        for pivot in rows:
            lead = next(iter(pivot))
            if lead in row:
                _subtract(row, pivot, row[lead])
        if row:
            lead = next(iter(row))
            inverse = pow(row[lead], -1, _PRIME)
            row = {lead: 1, **{name: factor * inverse % _PRIME for name, factor in row.items() if name != lead}}
            for other in rows:
                if lead in other:
                    _subtract(other, row, other[lead])
            rows.append(row)
    return {next(iter(row)) for row in rows if len(row) == 1}


def _subtract(row: dict[Hashable, int], pivot: Mapping[Hashable, int], times: int) -> None:
    for name, factor in pivot.items():
        rest = (row.get(name, 0) - times * factor) % _PRIME
        if rest:
            row[name] = rest
        else:
            row.pop(name, None)


def bounds(equations: Sequence[Equation]) -> dict[Hashable, tuple[int, float]]:
    """Between which numbers each unknown must lie, equation by equation until nothing gets narrower."""
    low: dict[Hashable, int] = {name: 0 for terms, _right in equations for name in terms}
    high: dict[Hashable, float] = dict.fromkeys(low, float("inf"))
    narrower = True
    while narrower:
        narrower = False
        for terms, right in equations:
            for name, factor in terms.items():
                others = [(other, weight) for other, weight in terms.items() if other != name]
                least = sum(weight * (low[other] if weight > 0 else high[other]) for other, weight in others)
                most = sum(weight * (high[other] if weight > 0 else low[other]) for other, weight in others)
                ends = sorted(((right - least) / factor, (right - most) / factor))
                if ends[0] > low[name]:
                    low[name], narrower = int(-(-ends[0] // 1)), True
                if ends[1] < high[name]:
                    high[name], narrower = ends[1] // 1, True
    return {name: (low[name], high[name]) for name in low}


def largest(equations: Sequence[Equation], wanted: Hashable) -> Fraction | None:
    """The most that an unknown can be by all equations together (None: no limit): the simplex method in fractions, Bland's rule."""
    names = sorted({name for terms, _right in equations for name in terms}, key=repr)
    place = {name: index for index, name in enumerate(names)}
    count, rows = len(names), []
    for index, (terms, right) in enumerate(equations):
        sign = -1 if right < 0 else 1
        row = [Fraction(0)] * (count + len(equations) + 1)
        for name, factor in terms.items():
            row[place[name]] = Fraction(sign * factor)
        row[count + index], row[-1] = Fraction(1), Fraction(sign * right)
        rows.append(row)
    basis = [count + index for index in range(len(rows))]
    first = [Fraction(0)] * count + [Fraction(-1)] * len(rows) + [Fraction(0)]
    _climb(rows, basis, first, len(first) - 1)
    for index, base in enumerate(basis):
        if base >= count:
            assert rows[index][-1] == 0, "the equations contradict each other"
            entering = next((column for column in range(count) if rows[index][column]), None)
            if entering is not None:
                _pivot(rows, basis, index, entering)
    goal = [Fraction(0)] * len(first)
    goal[place[wanted]] = Fraction(1)
    if not _climb(rows, basis, goal, count):
        return None
    return next((rows[index][-1] for index, base in enumerate(basis) if base == place[wanted]), Fraction(0))


def _climb(rows: list[list[Fraction]], basis: list[int], goal: Sequence[Fraction], columns: int) -> bool:
    """Make the goal as large as it gets; False where nothing limits it."""
    while True:
        worth = [goal[base] for base in basis]
        entering = next(
            (
                column
                for column in range(columns)
                if column not in basis
                and goal[column] > sum(price * row[column] for price, row in zip(worth, rows, strict=True) if price)
            ),
            None,
        )
        if entering is None:
            return True
        ratios = [(row[-1] / row[entering], basis[index], index) for index, row in enumerate(rows) if row[entering] > 0]
        if not ratios:
            return False
        _pivot(rows, basis, min(ratios)[2], entering)


def _pivot(rows: list[list[Fraction]], basis: list[int], index: int, entering: int) -> None:
    factor = rows[index][entering]
    rows[index] = [value / factor if value else value for value in rows[index]]
    for other, row in enumerate(rows):
        if other != index and row[entering]:
            times = row[entering]
            rows[other] = [value - times * of if of else value for value, of in zip(row, rows[index], strict=True)]
    basis[index] = entering
