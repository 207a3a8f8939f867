"""Sets letters on pages with reportlab: the frame, the address, the text column and the side column.

Takes letters that have been checked. Blocks that are the same in every letter are laid out once and stamped, so a batch
costs little more than what differs. Loads reportlab: import it only where a letter is set.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph

from kansli_tui.rows.letters import LetterContent, RegionOffice
from reports import page, styles
from reports.address import MM, address_lines, fit_address
from reports.flow import paginate
from reports.labels import Labels, labels
from reports.logo import draw_logo
from reports.templates import SAMPLING_TYPES, Kind, Piece, compose, region_values
from reports.text import clean, format_date, para

_ANY = "sv"
"""The frame holds nothing of a region that depends on the letter's language."""


@dataclass(frozen=True, slots=True, eq=False)
class Laid:
    """Paragraphs laid out as one block: each with its place from the block's left and top edge, in points."""

    parts: tuple[tuple[Any, float, float], ...]
    width: float
    height: float
    before: float = 0.0
    keep: bool = False
    tinted: bool = False
    shared: bool = True


@dataclass(frozen=True, slots=True)
class _Draft:
    """One letter laid out: the blocks of its two columns, page by page, with their distance from the column's top."""

    letter: LetterContent
    body: list[list[tuple[Laid, float]]]
    side: list[list[tuple[Laid, float]]]

    @property
    def pages(self) -> int:
        return max(len(self.body), len(self.side))


@dataclass(slots=True)
class Press:
    """One PDF in the making. Call `add` for each letter and `finish` once."""

    created: datetime
    title: str
    _buffer: BytesIO = field(default_factory=BytesIO)
    _canvas: Any = None
    _laid: dict[tuple[object, ...], Laid] = field(default_factory=dict)
    _stamps: dict[object, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        styles.register_fonts()
        self._canvas = new_canvas(self._buffer, self.created, self.title)

    def add(self, letter: LetterContent) -> int:
        """Set one letter on new pages; gives how many."""
        draft = self._draft(letter)
        for number in range(draft.pages):
            self._frame(letter, number, draft.pages)
            for column, boxes in (
                (draft.body, (page.BODY, page.NEXT_BODY)),
                (draft.side, (page.SIDE, page.NEXT_SIDE)),
            ):
                box = boxes[min(number, 1)]
                for laid, down in column[number] if number < len(column) else ():
                    self._put(laid, box, down)
            self._canvas.showPage()
        return draft.pages

    def finish(self) -> bytes:
        """The finished file."""
        self._canvas.save()
        return self._buffer.getvalue()

    # What a letter holds

    def _draft(self, letter: LetterContent) -> _Draft:
        pieces = compose(letter)
        body = [self._lay_piece(piece, keep=_stays(pieces, index)) for index, piece in enumerate(pieces)]
        side = list(self._side(letter))
        return _Draft(
            letter,
            paginate(body, page.BODY.height * MM, page.NEXT_BODY.height * MM),
            paginate(side, page.SIDE.height * MM, page.NEXT_SIDE.height * MM),
        )

    def _lay_piece(self, piece: Piece, *, keep: bool) -> Laid:
        key = (piece.kind, piece.text, keep)
        if piece.shared and key in self._laid:
            return self._laid[key]
        across = page.BODY.width * MM
        laid = _lay_box(piece, across) if piece.kind is Kind.BOX else _lay_block(piece, across, keep=keep)
        if piece.shared:
            self._laid[key] = laid
        return laid

    def _side(self, letter: LetterContent) -> Iterable[Laid]:
        words, region = labels(letter.language), region_values(letter.region, letter.language)
        yield self._lay_side(words.contact, heading=True)
        for text in (region["office"], words.phone.format(phone=region["phone"]), region["hours"], region["web"]):
            yield self._lay_side(text)
        if letter.type in SAMPLING_TYPES:
            yield self._lay_side(words.places, heading=True)
            for place in letter.region.sampling_places:
                yield self._lay_side(clean(place))
        for heading, text in ((words.advice, words.advice_text), (words.help, words.help_text)):
            yield self._lay_side(heading, heading=True)
            yield self._lay_side(text)

    def _lay_side(self, text: str, *, heading: bool = False) -> Laid:
        key = ("side", heading, text)
        if key not in self._laid:
            look = styles.SIDE_HEADING if heading else styles.SIDE_TEXT
            self._laid[key] = _lay(text, look, page.SIDE.width * MM, keep=heading)
        return self._laid[key]

    # Ink on paper

    def _put(self, laid: Laid, box: page.Box, down: float) -> None:
        x, y = box.x * MM, (page.HEIGHT - box.y) * MM - down - laid.height
        if not laid.shared:
            _draw(self._canvas, laid, x, y)
            return
        stamp = self._stamps.get(laid)
        if stamp is None:
            stamp = self._stamps[laid] = f"block{len(self._stamps)}"
            # The margin leaves room for what hangs outside the lines, such as descenders.
            self._canvas.beginForm(stamp, -5, -5, laid.width + 5, laid.height + 5)
            _draw(self._canvas, laid, 0, 0)
            self._canvas.endForm()
        self._canvas.saveState()
        self._canvas.translate(x, y)
        self._canvas.doForm(stamp)
        self._canvas.restoreState()

    def _frame(self, letter: LetterContent, number: int, pages: int) -> None:
        """Everything but the columns: logo, date, sender, address, footer and the notice of an invented person."""
        words = labels(letter.language)
        key = ("frame", letter.region, letter.language, letter.invented, number > 0)
        stamp = self._stamps.get(key)
        if stamp is None:
            stamp = self._stamps[key] = f"frame{len(self._stamps)}"
            self._canvas.beginForm(stamp)
            self._fixed_frame(letter, words, following=number > 0)
            self._canvas.endForm()
        self._canvas.doForm(stamp)

        canvas = self._canvas
        canvas.setFillColor(styles.INK)
        canvas.setFont(styles.REGULAR, 10)
        canvas.drawRightString(
            page.DATELINE.right * MM, _up(page.DATELINE.y + 5), format_date(letter.on, letter.language)
        )
        canvas.setFillColor(styles.QUIET)
        canvas.setFont(styles.REGULAR, 8)
        canvas.drawRightString(
            page.DATELINE.right * MM, _up(page.DATELINE.y + 9.2), words.letter.format(letter=letter.letter_id)
        )
        canvas.drawRightString(
            page.FOOTER.right * MM, _up(page.FOOTER.y + 5.4), words.page.format(page=number + 1, pages=pages)
        )
        if number == 0:
            self._address(letter)

    def _address(self, letter: LetterContent) -> None:
        box = page.sheet(letter.region.window).address
        fitted = fit_address(address_lines(letter.recipient), box, styles.width)
        self._canvas.setFillColor(styles.INK)
        self._canvas.setFont(styles.REGULAR, fitted.size)
        spare = box.height * MM - len(fitted.lines) * fitted.leading
        # In the middle of the window, so that a sliding letter hides no line. 0.76: the ascenders' share of the line.
        baseline = _up(box.y) - spare / 2 - fitted.leading * 0.76
        for line in fitted.lines:
            self._canvas.drawString(box.x * MM, baseline, line)
            baseline -= fitted.leading

    def _fixed_frame(self, letter: LetterContent, words: Labels, *, following: bool) -> None:
        canvas = self._canvas
        logo = page.NEXT_LOGO if following else page.LOGO
        draw_logo(canvas, logo, _up(logo.bottom), (clean(letter.region.name), words.programme))
        if not following:
            lay_sender(letter.region, words).draw(canvas, page.sheet(letter.region.window).sender)
        canvas.setStrokeColor(styles.ACCENT)
        canvas.setLineWidth(0.6)
        top = _up(page.FOOTER.y)
        canvas.line(page.FOOTER.x * MM, top, page.FOOTER.right * MM, top)
        lay_footer(letter.region, words).draw(canvas, page.FOOTER_TEXT)
        side = page.NEXT_SIDE if following else page.SIDE
        canvas.setStrokeColor(styles.TINT)
        if not following:
            canvas.setLineWidth(1.2)
            canvas.line((side.x - 4.5) * MM, _up(side.y), (side.x - 4.5) * MM, _up(side.bottom))
        if letter.invented:
            canvas.setFillColor(styles.WARNING)
            canvas.setFont(styles.BOLD, 10)
            canvas.drawCentredString(page.WIDTH / 2 * MM, _up(page.NOTICE.bottom - 1), words.invented)


@dataclass(frozen=True, slots=True)
class FrameText:
    """Paragraphs one below the other in a box of the frame."""

    paragraphs: tuple[tuple[Any, float], ...]

    def fits(self, box: page.Box) -> bool:
        """Whether all of it has room."""
        return sum(height for _, height in self.paragraphs) <= box.height * MM

    def draw(self, canvas: Any, box: page.Box) -> None:
        """Draw from the top of the box."""
        y = _up(box.y)
        for paragraph, height in self.paragraphs:
            y -= height
            paragraph.drawOn(canvas, box.x * MM, y)


def lay_sender(office: RegionOffice, words: Labels) -> FrameText:
    """The sender beside the window."""
    across = page.sheet(office.window).sender.width * MM
    region = region_values(office, _ANY)
    return _frame_text(
        across,
        (words.sender, styles.SENDER_LABEL),
        (region["region"], styles.SENDER),
        (region["office"], styles.SENDER),
        (clean(office.return_address), styles.SENDER),
    )


def lay_footer(office: RegionOffice, words: Labels) -> FrameText:
    """The fixed footer: who sends, how to reach the office, who is responsible for the data."""
    region = region_values(office, _ANY)
    return _frame_text(
        page.FOOTER_TEXT.width * MM,
        (f"{region['region']} · {region['office']} · {clean(office.return_address)}", styles.FOOTER),
        (f"{words.phone.format(phone=region['phone'])} · {region['web']}", styles.FOOTER),
        (words.legal.format(region=region["region"]), styles.FOOTER),
    )


def new_canvas(buffer: BytesIO, created: datetime, title: str) -> Any:
    """An empty A4 file whose bytes depend on nothing but what is drawn and `created`."""
    canvas = Canvas(buffer, pagesize=A4, pageCompression=1, invariant=1, lang="sv-SE")
    canvas.setTitle(title)
    canvas.setAuthor("Kansli")
    canvas.setCreator("Kansli")
    canvas.setSubject("")
    canvas.setDateFormatter(lambda *_: f"D:{created:%Y%m%d%H%M%S}")
    # Scaling would move the address out of the window, and printing on both sides would put two people on one sheet.
    canvas.setViewerPreference("PrintScaling", "None")
    canvas.setViewerPreference("Duplex", "Simplex")
    return canvas


def _frame_text(across: float, *texts: tuple[str, Any]) -> FrameText:
    paragraphs = [Paragraph(para(text), style) for text, style in texts if text]
    return FrameText(tuple((paragraph, paragraph.wrap(across, 1e6)[1]) for paragraph in paragraphs))


def _stays(pieces: Sequence[Piece], index: int) -> bool:
    """Whether a block must stay with the next: headings, what introduces a list, and a list's first and last two items."""
    kinds = [piece.kind for piece in pieces[max(index - 1, 0) : index + 3]]
    here = min(index, 1)
    before, after = kinds[:here], kinds[here + 1 :]
    if not after:
        return False
    if kinds[here] is Kind.ITEM:
        return after[0] is Kind.ITEM and (before != [Kind.ITEM] or after[1:] != [Kind.ITEM])
    return kinds[here] in {Kind.TITLE, Kind.HEADING} or (after[0] is Kind.ITEM and kinds[here] is Kind.PARAGRAPH)


def _lay(
    text: str, look: styles.Look, across: float, *, keep: bool, bullet: str | None = None, shared: bool = True
) -> Laid:
    paragraph = Paragraph(para(text), look.style, bulletText=bullet)
    height = paragraph.wrap(across, 1e6)[1]
    return Laid(((paragraph, 0.0, 0.0),), across, height, look.before, keep, shared=shared)


def _lay_block(piece: Piece, across: float, *, keep: bool) -> Laid:
    bullet = "•" if piece.kind is Kind.ITEM else None
    return _lay(piece.text, styles.LOOKS[piece.kind], across, keep=keep, bullet=bullet, shared=piece.shared)


def _lay_box(piece: Piece, across: float) -> Laid:
    """The message box: its first line in bold, on a tint."""
    pad, parts, down = styles.BOX_PADDING, [], styles.BOX_PADDING
    for number, line in enumerate(piece.text.split("\n")):
        paragraph = Paragraph(para(line), styles.BOX_TEXT if number else styles.BOX_LEAD)
        height = paragraph.wrap(across - 2 * pad - 3, 1e6)[1]
        parts.append((paragraph, pad + 3, down))
        down += height
    height = down + pad + styles.BOX_AFTER
    return Laid(tuple(parts), across, height, styles.BOX_BEFORE, tinted=True, shared=piece.shared)


def _draw(canvas: Any, laid: Laid, x: float, y: float) -> None:
    """Draw a block whose lower left corner is at (`x`, `y`)."""
    if laid.tinted:
        foot, height = y + styles.BOX_AFTER, laid.height - styles.BOX_AFTER
        canvas.setFillColor(styles.TINT)
        canvas.rect(x, foot, laid.width, height, stroke=0, fill=1)
        canvas.setFillColor(styles.ACCENT)
        canvas.rect(x, foot, 2.4, height, stroke=0, fill=1)
    for paragraph, right, down in laid.parts:
        paragraph.drawOn(canvas, x + right, y + laid.height - down - paragraph.height)


def _up(down: float) -> float:
    """Millimetres from the top as points from the bottom, as reportlab counts."""
    return (page.HEIGHT - down) * MM
