"""The comparison in words and characters: where each place stands towards what chance alone would give."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from rich.text import Text

from kansli_tui.i18n import _, later, n_, number
from kansli_tui.pathway.indicators import funnel_limits
from kansli_tui.pathway.municipalities import MUNICIPALITIES
from kansli_tui.rows.office import REGION_SHORT
from kansli_tui.rows.statistics import StatsRow
from kansli_tui.service.counting import Dimension
from kansli_tui.service.statistics import ALL
from kansli_tui.stats_labels import group_words
from screens.stats_words import count, interval, share
from screens.widgets.text import plain, right

Z_95, Z_998 = 1.959963984540054, 3.090232306167813
"""The normal quantiles of the two control limits, two-sided."""
_FEW = 5
"""With fewer expected either way the limits, which are those of a normal distribution, say nothing."""
_NAMED = 4
_PLACE, _COUNTS, _SHARE, _INTERVAL, _STANDS = 13, 15, 8, 13, 2


class Stands(StrEnum):
    """Where a place lies towards the limits."""

    TOO_FEW = "too_few"
    WITHIN = "within"
    OUTSIDE_95 = "outside_95"
    OUTSIDE_998 = "outside_998"


MARKS = {Stands.TOO_FEW: "·", Stands.WITHIN: "", Stands.OUTSIDE_95: "!", Stands.OUTSIDE_998: "‼"}


@dataclass(frozen=True, slots=True)
class Place:
    """A region or municipality in the plot: its short name, its whole, its share from 0 to 1, and where it stands."""

    name: str
    short: str
    denominator: int
    share: float
    stands: Stands
    above: bool


def places(rows: Mapping[str, StatsRow], by: Dimension) -> list[Place]:
    """Every place that has a whole, against the share of all together."""
    whole = rows.get(ALL)
    if whole is None or not whole.denominator:
        return []
    common = (whole.numerator or 0) / whole.denominator
    found = []
    for name, row in rows.items():
        if name != ALL and row.denominator:
            of = (row.numerator or 0) / row.denominator
            found.append(
                Place(name, short(by, name), row.denominator, of, stands(of, common, row.denominator), of > common)
            )
    return found


def stands(of: float, common: float, denominator: int) -> Stands:
    """Where a share lies towards the limits around the common one."""
    if denominator * min(common, 1 - common) < _FEW:
        return Stands.TOO_FEW
    for z, outside in ((Z_998, Stands.OUTSIDE_998), (Z_95, Stands.OUTSIDE_95)):
        low, high = funnel_limits(common, denominator, z)
        if not low <= of <= high:
            return outside
    return Stands.WITHIN


def short(by: Dimension, name: str) -> str:
    """'RÖ', or the first three letters of a municipality: no two of the three regions' share them."""
    if by is Dimension.REGION:
        return REGION_SHORT.get(name, name)
    return MUNICIPALITIES[name].name[:3] if name in MUNICIPALITIES else name


def order(rows: Mapping[str, StatsRow], by: Dimension) -> dict[str, StatsRow]:
    """The total first; regions as they are always shown, municipalities by share, the highest first and those with too few last.

    Protected people and those whose municipality is not known are no place.
    """
    known = {name: row for name, row in rows.items() if name != ALL}
    if by is Dimension.MUNICIPALITY:
        few = {place.name for place in places(rows, by) if place.stands is Stands.TOO_FEW}
        listed = [(name, row) for name, row in known.items() if name in MUNICIPALITIES and row.denominator]
        known = dict(sorted(listed, key=lambda item: (item[0] in few, -(item[1].percent or 0), item[0])))
    one = by is Dimension.REGION and len(known) == 1  # it would stand there twice
    return ({ALL: rows[ALL]} if ALL in rows and not one else {}) | known


# The table


def columns(width: int, rows: Mapping[str, StatsRow]) -> tuple[tuple[tuple[str | Text, int], ...], int]:
    """Headings with their widths for a table of `width` cells without padding, and how wide the whiskers are."""
    fixed = _PLACE + _COUNTS + _SHARE + _INTERVAL + 3
    whiskers = max(10, width - 1 - fixed - _STANDS - 2)
    low, high = _span(rows)
    ends = tick(low), tick(high)
    scale = f"   {ends[0]}{ends[1].rjust(max(1, whiskers - 3 - len(ends[0])))}"
    heads: tuple[tuple[str | Text, int], ...] = (
        (_("Place"), _PLACE),
        (right(_("count/of")), _COUNTS),
        (right(_("share")), _SHARE),
        (right(_("95 %")), _INTERVAL + 1),
        (plain(scale), whiskers),
        ("", _STANDS + 1),
    )
    return heads, whiskers


def cells(by: Dimension, name: str, rows: Mapping[str, StatsRow], place: Place | None, width: int) -> list[Text]:
    """A place as cells."""
    row = rows[name]
    style = "bold" if name == ALL else ""
    return [
        plain(group_words(by, name), style),
        right(f"{count(row.numerator)}/{count(row.denominator)}", style),
        right(share(row), style),
        right(interval(row), style),
        plain("  " + whiskers(row, rows, width - 2)),
        plain(" " + MARKS[place.stands] if place is not None else "", "bold"),
    ]


_STEPS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
_MARKS = 10


def _span(rows: Mapping[str, StatsRow]) -> tuple[float, float]:
    """The shares in per cent that the whiskers' scale goes between, in whole steps."""
    lows = [float(row.low) for row in rows.values() if row.low is not None]
    highs = [float(row.high) for row in rows.values() if row.high is not None]
    if not lows:
        return 0.0, 100.0
    step = next((step for step in _STEPS if max(highs) - min(lows) <= _MARKS * step), 10.0)
    return step * (min(lows) // step), min(100.0, step * (max(highs) // step + 1))


def tick(value: float) -> str:
    """'40 %', or with a decimal '0,4 %'."""
    rounded = Decimal(value).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return f"{number(int(rounded) if rounded == int(rounded) else rounded)} %"


def whiskers(row: StatsRow, rows: Mapping[str, StatsRow], width: int) -> str:
    """'···├──●──┤·┆··': the interval, the share in it, and the share of all as a broken line."""
    low, high = _span(rows)

    def at(value: float) -> int:
        return max(0, min(width - 1, int((value - low) / (high - low) * (width - 1) + 0.5)))

    line = [" "] * width
    whole = rows.get(ALL)
    if whole is not None and whole.percent is not None:
        line[at(float(whole.percent))] = "┆"
    if row.low is not None and row.high is not None and row.percent is not None:
        first, last = at(float(row.low)), at(float(row.high))
        line[first : last + 1] = "─" * (last - first + 1)
        line[first], line[last] = "├", "┤"
        if (
            whole is not None
            and whole is not row
            and whole.percent is not None
            and first < at(float(whole.percent)) < last
        ):
            line[at(float(whole.percent))] = "┼"
        line[at(float(row.percent))] = "●"
    return "".join(line)


# In words


def says(found: Sequence[Place]) -> str:
    """Who lies outside the limits, in a sentence."""
    if len(found) < 2:
        return _("There is nothing to compare with: F chooses more regions.")
    judged = [place for place in found if place.stands is not Stands.TOO_FEW]
    if not judged:
        return _("There are too few in every place to say anything.")
    parts = [
        _("outside the 99.8 % limits: {places}", places=_named(place for place in judged if place.stands is outside))
        if outside is Stands.OUTSIDE_998
        else _("outside the 95 % limits: {places}", places=_named(place for place in judged if place.stands is outside))
        for outside in (Stands.OUTSIDE_998, Stands.OUTSIDE_95)
        if any(place.stands is outside for place in judged)
    ]
    few = len(found) - len(judged)
    words = "; ".join(parts) if parts else _("everyone lies within the limits")
    if few:
        words += "; " + n_("{count} place has too few", "{count} places have too few", few)
    return words[0].upper() + words[1:] + "."


def meaning(found: Sequence[Place]) -> str:
    """What lying outside does and does not mean; nothing where nobody can be judged."""
    if all(place.stands is Stands.TOO_FEW for place in found):
        return ""
    if any(place.stands in (Stands.OUTSIDE_95, Stands.OUTSIDE_998) for place in found):
        return _(
            "Outside: more than chance alone explains. Look at who was offered, ages and registration before care is judged; of twenty "
            "places one lies outside 95 % by chance."
        )
    return _(
        "Within: the difference can be chance alone. It does not prove that care is equal, least of all where few are counted."
    )


def _named(found: Iterable[Place]) -> str:
    """'RJL higher, RKL lower'; the furthest first, some of them."""
    listed = list(found)
    words = [
        _("{place} higher", place=place.short) if place.above else _("{place} lower", place=place.short)
        for place in listed
    ]
    if len(words) > _NAMED:
        words = [*words[:_NAMED], _("{count} more", count=number(len(words) - _NAMED))]
    return ", ".join(words)


LEGEND = later("● share  ├─┤ 95 %  ┆┼ all together  · too few  ! outside 95 %  ‼ outside 99.8 %")
