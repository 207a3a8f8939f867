"""Tables of a report: heads that stand again on the next page, totals, groups, and figures with a drawing beside them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from reportlab.platypus import LongTable, Paragraph

from kansli_tui.rows.statistics import StatsRow
from reports import styles
from reports.address import MM
from reports.stats_charts import SERIES, Axis, Series, axis, scale, whisker
from reports.stats_paper import WIDTH, kept, style
from reports.stats_words import count, interval_of, is_hidden, share_of
from reports.text import para

_PAD = 2.0


@dataclass(slots=True)
class Table:
    """A table in the making. `widths` in millimetres, together at most 170; columns in `right` hold numbers."""

    heads: Sequence[Any]
    widths: Sequence[float]
    right: Sequence[int] = ()
    plot: int | None = None
    """The column of drawings: they fill the height of their row."""
    size: float = 8.4
    rows: list[list[Any]] = field(default_factory=list)
    totals: list[int] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)

    def add(self, *cells: Any, total: bool = False) -> None:
        """One row; texts are checked against the font, drawings stand as they are."""
        if total:
            self.totals.append(len(self.rows) + 1)
        bold = total
        self.rows.append([self._cell(cell, column, bold=bold) for column, cell in enumerate(cells)])

    def group(self, title: str, drawn: Any = "") -> None:
        """A line over the rows of one group, with a scale in the column of drawings."""
        self.groups.append(len(self.rows) + 1)
        cells: list[Any] = [""] * len(self.widths)
        cells[0] = Paragraph(para(kept(title)), style("cell-bold"))
        if self.plot is not None:
            cells[self.plot] = drawn
        self.rows.append(cells)

    def _cell(self, cell: Any, column: int, *, bold: bool) -> Any:
        if not isinstance(cell, str):
            return cell
        lines = cell.split("\n")
        font, room = (styles.BOLD if bold else styles.REGULAR), self.widths[column] * MM - 2 * _PAD
        if all(styles.width(kept(one), self.size, font) <= room for one in lines):
            return cell
        look = style("cell-right" if column in self.right else "cell-bold" if bold else "cell")
        return Paragraph(para(cell), look if self.size == look.fontSize else look.clone("small", fontSize=self.size))

    def _kept_to(self, group: int) -> int:
        """The last row that stays on the page of a group's name: all of a small group, two of a large one."""
        last = min((row for row in self.groups if row > group), default=len(self.rows) + 1) - 1
        return last if last - group <= 6 else group + 2

    def made(self) -> Any:
        """The table as reportlab sets it; its head stands again on every page."""
        heads = [
            Paragraph(para(kept(head)), style("head-right" if column in self.right else "head"))
            if isinstance(head, str)
            else head
            for column, head in enumerate(self.heads)
        ]
        last = [("ALIGN", (column, 0), (column, -1), "RIGHT") for column in self.right]
        looks: list[tuple[Any, ...]] = [
            ("FONT", (0, 0), (-1, -1), styles.REGULAR, self.size, 10.4),
            ("TEXTCOLOR", (0, 0), (-1, -1), styles.INK),
            ("VALIGN", (0, 0), (-1, 0), "BOTTOM"),
            ("VALIGN", (0, 1), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), _PAD),
            ("RIGHTPADDING", (0, 0), (-1, -1), _PAD),
            ("TOPPADDING", (0, 0), (-1, -1), _PAD),
            ("BOTTOMPADDING", (0, 0), (-1, -1), _PAD),
            ("BACKGROUND", (0, 0), (-1, 0), styles.TINT),
            ("LINEBELOW", (0, 1), (-1, -1), 0.35, styles.TINT),
            ("LINEBELOW", (0, 0), (-1, 0), 0.7, styles.ACCENT),
            *last,
            # Words do not touch the number before them.
            *(
                ("LEFTPADDING", (column, 0), (column, -1), 4 * _PAD)
                for column in range(1, len(self.widths))
                if column not in self.right and column - 1 in self.right and column != self.plot
            ),
        ]
        for row in self.totals:
            looks += [
                ("FONT", (0, row), (-1, row), styles.BOLD, self.size, 10.4),
                ("LINEBELOW", (0, row), (-1, row), 0.7, styles.QUIET),
            ]
        for row in self.groups:
            end = (self.plot - 1) if self.plot is not None else -1
            looks += [
                ("SPAN", (0, row), (end, row)),
                ("TOPPADDING", (0, row), (-1, row), 6),
                ("VALIGN", (0, row), (-1, row), "BOTTOM"),
                ("LINEBELOW", (0, row), (-1, row), 0.5, styles.QUIET),
                ("NOSPLIT", (0, row), (0, self._kept_to(row))),
            ]
        if self.plot is not None:
            column = self.plot
            looks += [
                ("TOPPADDING", (column, 1), (column, -1), 0),
                ("BOTTOMPADDING", (column, 0), (column, -1), 0),
                ("LEFTPADDING", (column, 0), (column, -1), 0),
                ("RIGHTPADDING", (column, 0), (column, -1), 0),
            ]
        return LongTable(
            [heads, *self.rows],
            colWidths=[width * MM for width in self.widths],
            repeatRows=1,
            style=looks,
            hAlign="LEFT",
            spaceBefore=2,
            spaceAfter=6,
        )


def are_alone(groups: Sequence[tuple[str, Sequence[object]]]) -> bool:
    """Whether every group has one row, which then needs no name but the group's."""
    return all(len(rows) == 1 for _title, rows in groups)


def joined(pairs: Sequence[Sequence[str]], width: float, size: float) -> str:
    """What stands between the two halves of cells: a space where all fit on a line of `width` millimetres, else a new line."""
    room = width * MM - 2 * _PAD
    return "  " if all(styles.width("  ".join(one), size, styles.BOLD) <= room for one in pairs) else "\n"


def shown(rows: Sequence[StatsRow]) -> list[StatsRow]:
    """The rows whose share can be drawn."""
    return [row for row in rows if not is_hidden(row) and row.percent is not None]


def share_axis(rows: Sequence[StatsRow], width: float) -> Axis:
    """A scale that holds the shares and their intervals."""
    ends = [float(end) for row in shown(rows) for end in (row.low, row.percent, row.high) if end is not None]
    return axis(ends, width, unit="\N{NO-BREAK SPACE}%", top=100.0)


def drawn(row: StatsRow, along: Axis, look: Series = SERIES[0], common: StatsRow | None = None) -> Any:
    """The share with its interval; an empty cell where there is nothing to draw."""
    if not shown([row]):
        return ""
    assert row.percent is not None
    value = float(row.percent)
    low, high = float(value if row.low is None else row.low), float(value if row.high is None else row.high)
    middle = float(common.percent) if common is not None and shown([common]) and common.percent is not None else None
    return whisker(along, low, value, high, look, middle)


def figures(row: StatsRow) -> tuple[str, str, str, str]:
    """n, N, share and interval of a row."""
    hidden = row.suppressed
    whole, part = (None if hidden else row.denominator), (None if hidden else row.numerator)
    return count(part), count(whole), share_of(row), interval_of(row)


def forest(named: Sequence[tuple[str, StatsRow]], first: str, part: str, whole: str, *, plot: float = 58) -> Any:
    """Shares under each other with their intervals drawn against one scale; the first is the total."""
    along = share_axis([row for _name, row in named], plot * MM)
    widths = (WIDTH / MM - plot - 68, 17, 17, 15, 19, plot)
    table = Table(
        (first, part, whole, "Andel", "95 % intervall", scale(along, used=bool(shown([row for _name, row in named])))),
        widths,
        right=(1, 2, 3, 4),
        plot=5,
    )
    total = named[0][1] if named else None
    for place, (name, row) in enumerate(named):
        is_total = place == 0 and len(named) > 1
        table.add(name, *figures(row), drawn(row, along, common=total), total=is_total)
    return table.made()
