"""The paper of a report: its type, headings that find their way into the contents, and the frame of every page. Loads reportlab."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from io import BytesIO
from typing import Any

from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageBreak, PageTemplate, Paragraph, TableStyle
from reportlab.platypus.tableofcontents import TableOfContents

from kansli_tui.errors import LetterError
from reports import page, styles
from reports.address import MM
from reports.logo import draw_logo
from reports.text import clean, lacking, para

WIDTH = 170 * MM
"""The width of everything on a page, in points."""
_LEFT, _TOP, _BOTTOM = 20 * MM, 24 * MM, 20 * MM
HEIGHT = A4[1] - _TOP - _BOTTOM
_MARK = page.Box(20, 9, 60, 9)


@cache
def style(name: str) -> Any:
    """A paragraph style of the report by its name."""
    bold, accent, quiet = styles.BOLD, styles.ACCENT, styles.QUIET
    looks: dict[str, tuple[str, float, Any, dict[str, Any]]] = {
        "cover": (bold, 32, accent, {"leading": 37}),
        "h1": (bold, 18, accent, {"spaceAfter": 7, "keepWithNext": 1}),
        "h2": (bold, 11.5, accent, {"spaceBefore": 11, "spaceAfter": 4, "keepWithNext": 1}),
        "lead": (styles.REGULAR, 11, styles.INK, {"leading": 15, "spaceAfter": 6}),
        "text": (styles.REGULAR, 9.6, styles.INK, {"leading": 13, "spaceAfter": 5}),
        "point": (
            styles.REGULAR,
            9.6,
            styles.INK,
            {"leading": 13, "spaceAfter": 3, "leftIndent": 11, "bulletIndent": 1},
        ),
        "strong": (bold, 9.6, styles.INK, {"leading": 13, "spaceAfter": 3}),
        "note": (styles.REGULAR, 8.2, quiet, {"leading": 10.6, "spaceBefore": 3, "spaceAfter": 5}),
        "cell": (styles.REGULAR, 8.4, styles.INK, {"leading": 10.4}),
        "cell-bold": (bold, 8.4, styles.INK, {"leading": 10.4}),
        "cell-right": (styles.REGULAR, 8.4, styles.INK, {"leading": 10.4, "alignment": TA_RIGHT}),
        "head": (bold, 7.6, quiet, {"leading": 9.2}),
        "head-right": (bold, 7.6, quiet, {"leading": 9.2, "alignment": TA_RIGHT}),
        "tile": (bold, 20, accent, {"leading": 23}),
        "warning": (bold, 9.6, styles.WARNING, {"leading": 13, "spaceAfter": 5}),
        "toc": (styles.REGULAR, 10.4, styles.INK, {"leading": 15.6}),
    }
    font, size, colour, more = looks[name]
    more = {"leading": size * 1.24, "bulletFontName": font} | more
    return ParagraphStyle(name, fontName=font, fontSize=size, textColor=colour, splitLongWords=1, **more)


def safe(text: str) -> str:
    """The text as one line, every character in the font; LetterError says which is not."""
    text = clean(text).replace(" %", "\N{NO-BREAK SPACE}%")
    code = lacking(text, styles.register_fonts())
    if code:
        raise LetterError("The paper has the character {code}, which its font lacks. Correct the text.", code=code)
    return text


def kept(text: str) -> str:
    """As `safe`, but for text of this program, whose no-break spaces stay."""
    code = lacking(text, styles.register_fonts())
    if code:
        raise LetterError("The paper has the character {code}, which its font lacks. Correct the text.", code=code)
    return text


def text(words: str, look: str = "text") -> Any:
    """A paragraph; nothing in it is read as markup."""
    return Paragraph(para(kept(words)), style(look))


class Heading(Paragraph):  # type: ignore[misc] # reportlab has no types
    """A heading that stands in the contents and in the outline; `level` 0 for a section, 1 within one.

    Without `keep` what follows may be parted below its first lines: for long tables, after a `CondPageBreak`.
    """

    def __init__(self, words: str, level: int = 0, *, keep: bool = True) -> None:
        look = style("h1" if level == 0 else "h2")
        super().__init__(para(kept(words)), look if keep else look.clone("parted", keepWithNext=0))
        self.level, self.words = level, words


class _Pages(Flowable):  # type: ignore[misc]
    """Nothing on paper: asks for another round until the number of pages is the one that was printed."""

    def __init__(self) -> None:
        super().__init__()
        self.printed, self.made, self.headings = 0, 0, 0

    def isIndexing(self) -> int:  # noqa: N802 - reportlab's name
        return 1

    def isSatisfied(self) -> bool:  # noqa: N802 - reportlab's name
        return self.printed == self.made

    def beforeBuild(self) -> None:  # noqa: N802 - reportlab's name
        self.printed, self.headings = self.made, 0

    def notify(self, _kind: str, _what: object) -> None:
        return None

    def afterBuild(self) -> None:  # noqa: N802 - reportlab's name
        return None

    def wrap(self, *_room: float) -> tuple[float, float]:
        return 0, 0

    def draw(self) -> None:
        return None


@dataclass(frozen=True, slots=True)
class Frames:
    """What stands around every page."""

    title: str
    place: str
    foot: Sequence[str]
    invented: bool
    exact: bool


class _Document(BaseDocTemplate):  # type: ignore[misc]
    def __init__(self, buffer: BytesIO, frames: Frames) -> None:
        super().__init__(
            buffer, pagesize=A4, title=frames.title, subject=frames.place, author="Kansli", creator="Kansli"
        )
        body = Frame(_LEFT, _BOTTOM, WIDTH, HEIGHT, leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0)
        self.addPageTemplates([PageTemplate("page", [body], onPage=self._frame)])
        self.frames, self.pages = frames, _Pages()

    def _frame(self, canvas: Any, _document: Any) -> None:
        number, frames = canvas.getPageNumber(), self.frames
        draw_logo(canvas, _MARK, A4[1] - _MARK.bottom * MM, ("Prostatacancertestning", frames.place))
        right = _LEFT + WIDTH
        canvas.setFillColor(styles.QUIET)
        canvas.setFont(styles.REGULAR, 8)
        canvas.drawRightString(right, A4[1] - 13 * MM, frames.title)
        if frames.exact:
            canvas.setFillColor(styles.WARNING)
            canvas.setFont(styles.BOLD, 8)
            canvas.drawRightString(right, A4[1] - 16.6 * MM, "Exakta tal. Får inte lämna kansliet.")
        if frames.invented:
            canvas.setFillColor(styles.WARNING)
            canvas.setFont(styles.BOLD, 9)
            canvas.drawCentredString(A4[0] / 2, A4[1] - 7 * MM, "PÅHITTADE PERSONER – inga verkliga uppgifter")
        canvas.setStrokeColor(styles.ACCENT)
        canvas.setLineWidth(0.6)
        canvas.line(_LEFT, 15 * MM, right, 15 * MM)
        canvas.setFillColor(styles.QUIET)
        canvas.setFont(styles.REGULAR, 8)
        for place, line in enumerate(frames.foot):
            canvas.drawString(_LEFT, 11.4 * MM - place * 3.6 * MM, _fitted(line, WIDTH - 70))
        canvas.drawRightString(right, 11.4 * MM, f"sida {number} av {max(self.pages.printed, number)}")
        self.pages.made = number

    def afterFlowable(self, flowable: Any) -> None:  # noqa: N802 - reportlab's name
        """Note where a heading came to stand."""
        if isinstance(flowable, Heading):
            self.pages.headings += 1
            key = f"h{self.pages.headings}"
            self.canv.bookmarkPage(key)
            self.canv.addOutlineEntry(flowable.words, key, flowable.level, closed=flowable.level == 0)
            if flowable.level == 0:
                self.notify("TOCEntry", (0, para(flowable.words), self.page, key))


def _fitted(line: str, room: float) -> str:
    """As much of the line as there is room for, in points."""
    if styles.width(line, 8) <= room:
        return line
    while styles.width(f"{line}…", 8) > room:
        line = line[:-1]
    return f"{line}…"


def page_break() -> Any:
    """What follows begins on a new page."""
    return PageBreak()


def contents() -> Any:
    """The list of sections with their pages."""
    table = TableOfContents(dotsMinLevel=0)
    table.levelStyles = [style("toc")]
    table.tableStyle = TableStyle(
        [
            ("FONTNAME", (0, 0), (-1, -1), styles.REGULAR),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("RIGHTPADDING", (0, 0), (-1, -1), 0),
        ]
    )
    return table


def set_paper(story: list[Any], frames: Frames, made_at: datetime) -> bytes:
    """The pages as bytes; the same story and day give the same bytes.

    Raises:
        LetterError: a character that the font lacks.
    """
    for line in (frames.title, frames.place, *frames.foot):
        kept(line)
    styles.register_fonts()
    buffer = BytesIO()
    document = _Document(buffer, frames)

    def canvas(_file: Any, **_options: Any) -> Any:
        # In the report's own font from the start, so that every font named in the file is in it.
        made = Canvas(buffer, pagesize=A4, pageCompression=1, invariant=1, lang="sv-SE", initialFontName=styles.REGULAR)
        made.setDateFormatter(lambda *_: f"D:{made_at:%Y%m%d%H%M%S}")
        made.setViewerPreference("PrintScaling", "None")
        made.setViewerPreference("DisplayDocTitle", "true")
        return made

    document.multiBuild([*story, document.pages], canvasmaker=canvas)
    return buffer.getvalue()
