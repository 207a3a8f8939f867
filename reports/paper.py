"""Office papers that are not letters: rows of cells under each other, and the frame around them. Loads reportlab.

The geometry is the letters' own. What a paper says is its own module's business; nothing here knows referrals or people.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from reportlab.lib.enums import TA_LEFT, TA_RIGHT
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import Paragraph

from kansli_tui.errors import LetterError
from reports import page, styles
from reports.address import MM
from reports.flow import paginate
from reports.labels import labels
from reports.logo import draw_logo
from reports.text import clean, lacking, para

BODY = page.Box(20, 34, 170, 232)
_PADDING = 1.6
"""Points above and below the text of a row."""


@dataclass(frozen=True, slots=True)
class Column:
    """Where a cell stands, in millimetres from the body's left edge."""

    x: float
    width: float
    right: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """Cells laid out side by side: each with its left edge in points. Its height and the space above it are points too.

    `keep`: stays with the next row. `header`: stands again on top of a page that begins with this row.
    """

    cells: tuple[tuple[Any, float], ...]
    height: float
    before: float = 0.0
    keep: bool = False
    ruled: bool = False
    tinted: bool = False
    header: "Row | None" = None


@dataclass(frozen=True, slots=True)
class Look:
    """The type of a row: size in points, and whether it is bold, quiet, in the accent colour or a warning."""

    size: float = 10.0
    bold: bool = False
    ink: str = "ink"


@cache
def _style(look: Look, *, right: bool) -> Any:
    inks = {"ink": styles.INK, "quiet": styles.QUIET, "accent": styles.ACCENT, "warning": styles.WARNING}
    return ParagraphStyle(
        "row",
        fontName=styles.BOLD if look.bold else styles.REGULAR,
        fontSize=look.size,
        leading=look.size * 1.24,
        textColor=inks[look.ink],
        alignment=TA_RIGHT if right else TA_LEFT,
        # A word without spaces, such as a long code, is broken rather than printed over its neighbour.
        splitLongWords=1,
    )


def row(
    columns: Sequence[Column],
    texts: Sequence[str],
    looks: Look | Sequence[Look],
    *,
    before: float = 0.0,
    keep: bool = False,
    ruled: bool = False,
    tinted: bool = False,
    header: Row | None = None,
) -> Row:
    """One row of texts, as many as columns; `looks` for all cells or one each. Text from outside is `clean`ed before.

    Raises:
        LetterError: a character that the font lacks.
    """
    glyphs = styles.register_fonts()
    each = [looks] * len(texts) if isinstance(looks, Look) else looks
    cells = []
    height = 0.0
    for column, text, look in zip(columns, texts, each, strict=True):
        code = lacking(text, glyphs)
        if code:
            raise LetterError("The paper has the character {code}, which its font lacks. Correct the text.", code=code)
        paragraph = Paragraph(para(text), _style(look, right=column.right))
        height = max(height, paragraph.wrap(column.width * MM, 1e6)[1])
        cells.append((paragraph, column.x * MM))
    return Row(tuple(cells), height + 2 * _PADDING, before, keep, ruled, tinted, header)


def space(height: float) -> Row:
    """Empty room of so many points, for what is written by hand; it stays with what follows."""
    return Row((), height, keep=True)


def height_of(rows: Sequence[Row]) -> float:
    """How high the rows are when they stand under each other, in points."""
    return sum(one.height + (one.before if index else 0.0) for index, one in enumerate(rows))


def pages_of(rows: Sequence[Row]) -> list[list[tuple[Row, float]]]:
    """The rows page by page, each with its distance from the body's top; a table that goes on begins with its header again.

    Raises:
        LetterError: a row is taller than a page.
    """
    room = BODY.height * MM
    tallest = max((one.header.height for one in rows if one.header), default=0.0)
    placed = []
    for number, here in enumerate(paginate(rows, room, room - tallest)):
        header = here[0][0].header if number and here else None
        again = [(header, 0.0)] if header else []
        placed.append(again + [(one, down + (header.height if header else 0.0)) for one, down in here])
    return placed


def draw_rows(canvas: Any, rows: Sequence[tuple[Row, float]], box: page.Box = BODY) -> None:
    """Draw placed rows in the box."""
    left, across = box.x * MM, box.width * MM
    for one, down in rows:
        top = up(box.y) - down
        if one.tinted:
            canvas.setFillColor(styles.TINT)
            canvas.rect(left - 4, top - one.height, across + 8, one.height, stroke=0, fill=1)
        for paragraph, x in one.cells:
            paragraph.drawOn(canvas, left + x, top - _PADDING - paragraph.height)
        if one.ruled:
            canvas.setStrokeColor(styles.TINT)
            canvas.setLineWidth(0.8)
            canvas.line(left, top - one.height, left + across, top - one.height)


def stacked(rows: Sequence[Row]) -> list[tuple[Row, float]]:
    """The rows with their distance from the top of one column, wherever they end."""
    placed, down = [], 0.0
    for index, one in enumerate(rows):
        down += one.before if index else 0.0
        placed.append((one, down))
        down += one.height
    return placed


def draw_frame(
    canvas: Any,
    names: tuple[str, str],
    dateline: tuple[str, str],
    foot: Sequence[str],
    of: tuple[int, int],
    invented: bool,
) -> None:
    """Logo, date, footer and page number; the notice when the people do not exist.

    Args:
        canvas: where to draw.
        names: the two lines beside the mark.
        dateline: the date, and a small line below it.
        foot: at most three lines.
        of: this page and how many there are.
        invented: whether the notice stands on top.
    """
    glyphs = styles.register_fonts()
    for text in (*names, *dateline, *foot):
        code = lacking(clean(text), glyphs)
        if code:
            raise LetterError(
                "The region's settings have the character {code}, which the letter font lacks. Correct them.", code=code
            )
    words = labels("sv")
    draw_logo(canvas, page.LOGO, up(page.LOGO.bottom), (clean(names[0]), clean(names[1])))
    canvas.setFillColor(styles.INK)
    canvas.setFont(styles.REGULAR, 10)
    canvas.drawRightString(page.DATELINE.right * MM, up(page.DATELINE.y + 5), dateline[0])
    canvas.setFillColor(styles.QUIET)
    canvas.setFont(styles.REGULAR, 8)
    canvas.drawRightString(page.DATELINE.right * MM, up(page.DATELINE.y + 9.2), dateline[1])
    canvas.setStrokeColor(styles.ACCENT)
    canvas.setLineWidth(0.6)
    canvas.line(page.FOOTER.x * MM, up(page.FOOTER.y), page.FOOTER.right * MM, up(page.FOOTER.y))
    for number, line in enumerate(foot):
        canvas.drawString(page.FOOTER.x * MM, up(page.FOOTER.y + 5.4 + 3.7 * number), clean(line))
    canvas.drawRightString(page.FOOTER.right * MM, up(page.FOOTER.y + 5.4), words.page.format(page=of[0], pages=of[1]))
    if invented:
        canvas.setFillColor(styles.WARNING)
        canvas.setFont(styles.BOLD, 10)
        canvas.drawCentredString(page.WIDTH / 2 * MM, up(page.NOTICE.bottom - 1), words.invented)


def up(down: float) -> float:
    """Millimetres from the top as points from the bottom, as reportlab counts."""
    return (page.HEIGHT - down) * MM
