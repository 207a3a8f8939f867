"""Sets letters on pages: the frame, the address, the text column and the side column.

Takes letters that have been checked. What is the same in many letters is laid out once: a block is drawn once in the file
and stamped, and letters whose own lines take the same room share one layout. Loads reportlab for its fonts: import it only
where a letter is set.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from itertools import groupby
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from kansli_tui.rows.letters import LetterContent
from reports import page, styles
from reports.address import MM, address_lines
from reports.flow import paginate
from reports.fonts import faces
from reports.frame import draw_address, draw_frame, up
from reports.labels import Labels, labels
from reports.matrix import matrix, matrix_text
from reports.pdf_file import PdfFile
from reports.tag_tree import Tag, TagPlan
from reports.templates import SAMPLING_TYPES, Block, Kind, chosen_blocks, fill, region_values
from reports.text import clean, enclosed_paragraphs, format_date
from reports.typeset import Laid, draw, lay, lay_box
from reports.values import format_values

_TYPES = {Kind.TITLE: "H1", Kind.HEADING: "H2", Kind.ITEM: "LI", Kind.PARAGRAPH: "P", Kind.BOX: "P"}
_KEPT = 500
"""So many of the letters' own blocks are remembered at a time."""
_MARGIN = 5.0
"""Room around a stamp for what hangs outside its lines, such as descenders; points."""


@dataclass(frozen=True, slots=True)
class _Slot:
    """One block of the text: laid out already where it is the same in every letter, else to be filled in."""

    block: Block
    keep: bool
    laid: tuple[Laid, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Plan:
    """What letters of one type, text, region, language and set of values have in common."""

    words: Labels
    region: dict[str, str]
    slots: tuple[_Slot, ...]
    side: tuple[Laid, ...]
    stamps: tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Own:
    """Where a letter's own block stands: its number among them, its left and upper edge in points, its mark on the page."""

    index: int
    x: float
    top: float
    mark: int


@dataclass(frozen=True, slots=True)
class _Layout:
    """The pages of letters whose own blocks take the same room, in reading order: ready operators, and where the rest goes."""

    pages: tuple[tuple[str | _Own, ...], ...]
    tags: TagPlan


@dataclass(slots=True)
class Press:
    """One PDF in the making. Call `add` for each letter and `finish` once."""

    created: datetime
    title: str
    _file: PdfFile = field(init=False)
    _plans: dict[tuple[object, ...], _Plan] = field(default_factory=dict)
    _layouts: dict[tuple[object, ...], _Layout] = field(default_factory=dict)
    _stamps: dict[object, str] = field(default_factory=dict)
    _lately: dict[tuple[Kind, str, bool], list[Laid]] = field(default_factory=dict)
    _ready: dict[tuple[Laid, _Own], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._file = PdfFile(self.created, self.title)

    def add(self, letter: LetterContent) -> int:
        """Set one letter on new pages; gives how many."""
        plan = self._plan(letter)
        shown = format_values(letter) | plan.region
        own = [
            part
            for slot in plan.slots
            if not slot.laid
            for part in self._own(slot.block.kind, fill(slot.block.text, shown), keep=slot.keep)
        ]
        enclosed = _enclosure(letter, plan.words)
        shape = (plan, len(own), tuple((laid.height, laid.follows) for laid in (*own, *enclosed)))
        layout = self._layouts.get(shape)
        if layout is None:
            layout = self._layouts[shape] = self._lay_out(plan, own, enclosed)
        placed = [*own, *enclosed]
        count = len(layout.pages)
        contents = []
        for number, parts in enumerate(layout.pages):
            content = [self._head(letter, plan, number, count)]
            for part in parts:
                if isinstance(part, str):
                    content.append(part)
                else:
                    content.append(self._drawn(placed[part.index], part))
            contents.append("\n".join(content))
        self._file.add(contents, layout.tags, f"Brev {letter.letter_id}")
        return count

    def finish(self) -> bytes:
        """The finished file."""
        return self._file.finish()

    def _own(self, kind: Kind, text: str, *, keep: bool) -> list[Laid]:
        """A letter's own block. Many letters of a batch say the same, such as the day by which to answer."""
        key = (kind, text, keep)
        laid = self._lately.get(key)
        if laid is None:
            if len(self._lately) >= _KEPT:
                # What is drawn is kept by its block, so both go together.
                self._lately.clear()
                self._ready.clear()
            laid = self._lately[key] = _laid(kind, text, keep=keep)
        return laid

    def _drawn(self, laid: Laid, place: _Own) -> str:
        key = (laid, place)
        ready = self._ready.get(key)
        if ready is None:
            operators = draw(laid, place.x, place.top, self._file.chars)
            ready = self._ready[key] = f"/{laid.type}<</MCID {place.mark}>>BDC {operators} EMC"
        return ready

    # What letters have in common

    def _plan(self, letter: LetterContent) -> _Plan:
        key = (letter.text, letter.type, letter.region, letter.language, letter.invented, frozenset(letter.values))
        plan = self._plans.get(key)
        if plan is None:
            plan = self._plans[key] = self._planned(letter)
        return plan

    def _planned(self, letter: LetterContent) -> _Plan:
        words, region = labels(letter.language), region_values(letter.region, letter.language)
        blocks = chosen_blocks(letter)
        kinds = [block.kind for block in blocks]
        slots = []
        for index, block in enumerate(blocks):
            keep = _stays(kinds, index)
            shared = not block.names & letter.values.keys()
            laid = _laid(block.kind, fill(block.text, region), keep=keep) if shared else ()
            slots.append(_Slot(block, keep, tuple(laid)))
        stamps = []
        for following in (False, True):
            key = (letter.region, words.lang, letter.invented, following)
            if key not in self._stamps:
                content = draw_frame(
                    letter.region, words, self._file.chars, invented=letter.invented, following=following
                )
                self._stamps[key] = self._file.stamp(content, (0, 0, A4[0], A4[1]))
            stamps.append(self._stamps[key])
        return _Plan(
            words,
            region,
            tuple(slots),
            tuple(self._side(letter, words, region)),
            (stamps[0], stamps[1]),
        )

    def _side(self, letter: LetterContent, words: Labels, region: dict[str, str]) -> list[Laid]:
        texts = [(words.contact, True), (region["office"], False), (words.phone.format(phone=region["phone"]), False)]
        texts += [(region["hours"], False), (region["web"], False)]
        if letter.type in SAMPLING_TYPES:
            texts += [(words.places, True), *((clean(place), False) for place in letter.region.sampling_places)]
        texts += [(words.advice, True), (words.advice_text, False), (words.help, True), (words.help_text, False)]
        laid = []
        for text, heading in texts:
            look = styles.SIDE_HEADING if heading else styles.SIDE_TEXT
            laid += lay(text, look, page.SIDE.width * MM, keep=heading, type_="H2" if heading else "P")
        return laid

    def _lay_out(self, plan: _Plan, own: Sequence[Laid], enclosed: Sequence[Laid]) -> _Layout:
        """Place every block. The letter's own are known by their number in `own` and, after them, `enclosed`."""
        numbers = {id(laid): index for index, laid in enumerate((*own, *enclosed))}
        body: list[Laid] = []
        rest = list(own)
        for slot in plan.slots:
            if slot.laid:
                body += slot.laid
            else:
                # The parts of one block follow each other; the first has the space above it.
                body.append(rest.pop(0))
                while rest and rest[0].follows:
                    body.append(rest.pop(0))
        columns = [
            (paginate(body, page.BODY.height * MM, page.NEXT_BODY.height * MM), page.BODY, page.NEXT_BODY, 0),
            (paginate(plan.side, page.SIDE.height * MM, page.NEXT_SIDE.height * MM), page.SIDE, page.NEXT_SIDE, 0),
        ]
        count = max(len(placed) for placed, *_ in columns)
        if enclosed:
            columns.append(
                (
                    paginate(enclosed, page.NEXT_BODY.height * MM, page.NEXT_BODY.height * MM),
                    page.NEXT_BODY,
                    page.NEXT_BODY,
                    count,
                )
            )
            count += len(columns[-1][0])
        pages: list[list[str | _Own]] = [[self._fixed(plan, number, count)] for number in range(count)]
        tags = [Tag("P", 0, 0), Tag("P", 0, 1)]
        marks = [2] + [0] * (count - 1)
        for placed, first, following, start in columns:
            for number, blocks in enumerate(placed, start=start):
                box = following if number else first
                for laid, down in blocks:
                    mark = marks[number]
                    marks[number] += 1
                    x, top = box.x * MM, up(box.y) - down
                    index = numbers.get(id(laid))
                    if index is None:
                        pages[number].append(
                            f"/{laid.type}<</MCID {mark}>>BDC q 1 0 0 1 {x:.2f} {top:.2f} cm /{self._stamp(laid)} Do Q EMC"
                        )
                    else:
                        pages[number].append(_Own(index, x, top, mark))
                    tags.append(Tag(laid.type, number, mark))
        return _Layout(tuple(map(_joined, pages)), self._file.plan(tags, count, plan.words.lang))

    def _stamp(self, laid: Laid) -> str:
        content = draw(laid, 0, 0, self._file.chars)
        key = (content, laid.width)
        if key not in self._stamps:
            box = (-_MARGIN, -laid.height - _MARGIN, laid.width + _MARGIN, _MARGIN)
            self._stamps[key] = self._file.stamp(content, box)
        return self._stamps[key]

    # What is each letter's own on every page

    def _fixed(self, plan: _Plan, number: int, pages: int) -> str:
        """The frame and the page's number: the same on that page of every letter with the layout."""
        count = self._right(plan.words.page.format(page=number + 1, pages=pages), 8, page.FOOTER.y + 5.4)
        return f"/Artifact BMC /{plan.stamps[min(number, 1)]} Do {styles.QUIET_RGB} rg {count} EMC"

    def _head(self, letter: LetterContent, plan: _Plan, number: int, pages: int) -> str:
        """The Data Matrix, the letter's id, the date and, on the first page, the address."""
        known = self._right(plan.words.letter.format(letter=letter.letter_id), 8, page.DATELINE.y + 9.2)
        day = self._right(format_date(letter.on, letter.language), 10, page.DATELINE.y + 5)
        mark = matrix(matrix_text(letter.letter_id, number + 1, pages))
        start = f"/Artifact BMC {mark} {styles.QUIET_RGB} rg {known}"
        if number:
            return f"{start} {styles.INK_RGB} rg {day} EMC"
        address = draw_address(address_lines(letter.recipient), page.sheet(letter.region), self._file.chars)
        return f"{start} EMC\n/P<</MCID 0>>BDC {styles.INK_RGB} rg {day} EMC\n/P<</MCID 1>>BDC {address} EMC"

    def _right(self, text: str, size: float, down: float) -> str:
        """A text that ends at the right edge of the date."""
        regular = faces()[styles.REGULAR]
        self._file.chars[styles.REGULAR].update(text)
        x = page.DATELINE.right * MM - regular.width(text, size)
        return f"BT /{regular.resource} {size} Tf {x:.2f} {up(down):.2f} Td {regular.hex(text)} Tj ET"


def new_canvas(buffer: BytesIO, created: datetime, title: str) -> Any:
    """An empty A4 file for office papers, whose bytes depend on nothing but what is drawn and `created`."""
    canvas = Canvas(buffer, pagesize=A4, pageCompression=1, invariant=1, lang="sv-SE")
    canvas.setTitle(title)
    canvas.setAuthor("Kansli")
    canvas.setCreator("Kansli")
    canvas.setSubject("")
    canvas.setDateFormatter(lambda *_: f"D:{created:%Y%m%d%H%M%S}")
    canvas.setViewerPreference("PrintScaling", "None")
    canvas.setViewerPreference("Duplex", "Simplex")
    return canvas


def _laid(kind: Kind, text: str, *, keep: bool) -> list[Laid]:
    across = page.BODY.width * MM
    if kind is Kind.BOX:
        return [lay_box(text, across)]
    return lay(text, styles.LOOKS[kind], across, keep=keep, type_=_TYPES[kind], bullet="•" if kind is Kind.ITEM else "")


def _enclosure(letter: LetterContent, words: Labels) -> list[Laid]:
    """What somebody has written to this person, with its heading; nothing when there is none."""
    paragraphs = enclosed_paragraphs(letter.enclosure)
    if not paragraphs:
        return []
    laid = _laid(Kind.TITLE, words.enclosure, keep=True)
    for paragraph in paragraphs:
        laid += _laid(Kind.PARAGRAPH, paragraph, keep=False)
    return laid


def _stays(kinds: Sequence[Kind], index: int) -> bool:
    """Whether a block must stay with the next: headings, what introduces a list, and a list's first and last two items."""
    before, here, after = kinds[max(index - 1, 0) : index], kinds[index], kinds[index + 1 : index + 3]
    if not after:
        return False
    if here is Kind.ITEM:
        return after[0] is Kind.ITEM and (before != [Kind.ITEM] or after[1:] != [Kind.ITEM])
    return here in {Kind.TITLE, Kind.HEADING} or (after[0] is Kind.ITEM and here is Kind.PARAGRAPH)


def _joined(parts: Sequence[str | _Own]) -> tuple[str | _Own, ...]:
    """The parts with ready operators that follow each other made one."""
    out: list[str | _Own] = []
    for ready, group in groupby(parts, key=lambda part: isinstance(part, str)):
        run = list(group)
        out += ["\n".join(map(str, run))] if ready else run
    return tuple(out)
