"""Letters as PDF: check one, set a batch, preview one as text, and print the sheet that proves the envelope window.

A letter is set from its `LetterContent` alone. This module knows no database and sends nothing; reportlab is loaded
when the first letter is checked or set, not at import.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from textwrap import wrap

from kansli_tui.errors import LetterError
from kansli_tui.rows.letters import LetterContent, RegionOffice
from reports import page
from reports.address import SWEDEN, address_lines, fit_address
from reports.digest import letter_digest
from reports.labels import labels
from reports.templates import Kind, compose, region_values
from reports.text import NO_BREAK, clean, enclosed_paragraphs, format_date, format_postcode, lacking, visible

PREVIEW_WIDTH = 72
ENCLOSURE_LIMIT = 2_000
"""Characters in a hand-written text: about a page."""
OWN_MEASURES = "own"
"""The envelope of a region whose window has measures of its own."""
_LETTER_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")


@dataclass(frozen=True, slots=True)
class LetterPages:
    """Where one letter is in the batch: its first page (from 1), how many, and the postcode it is sorted by ("" abroad).

    `envelope` is the window it needs ("H2", "V2" or "own"), `enclosures` how many hand-written texts are with it, `digest` what
    `letter_digest` gives for its content. They are empty for batches made before these were kept.
    """

    letter_id: str
    first_page: int
    pages: int
    postcode: str
    envelope: str = ""
    enclosures: int = 0
    digest: str = ""


@dataclass(frozen=True, slots=True)
class RenderedBatch:
    """A batch ready to print; `sha256` is the hexadecimal digest of `pdf`."""

    pdf: bytes
    pages: tuple[LetterPages, ...]
    sha256: str


def check(letter: LetterContent) -> None:
    """Refuse a letter that cannot be printed right.

    Raises:
        LetterError: with what is wrong and what to do. Never with a name, an address or a value in the message.
    """
    from reports.fonts import width  # noqa: PLC0415 - reportlab loads when the first letter needs it

    if not _LETTER_ID.fullmatch(letter.letter_id):
        raise LetterError("The letter's id must be 1 to 40 letters, digits, dots, hyphens or underscores.")
    labels(letter.language)
    pieces = compose(letter)
    lines = address_lines(letter.recipient)

    glyphs = _glyphs()
    for number, line in enumerate(lines, start=1):
        code = lacking(line, glyphs)
        if code:
            raise LetterError(
                "Address line {line} has the character {code}, which the letter font lacks. "
                "Correct it in the register or send the letter by hand.",
                line=number,
                code=code,
            )
    _check_region(letter.region, letter.language)
    for piece in pieces:
        (_check_shared if piece.shared else _check_text)(piece.text)
    _check_enclosure(letter.enclosure)
    fit_address(lines, page.sheet(letter.region).address, width)


def _check_enclosure(text: str) -> None:
    if not text:
        return
    if len(text) > ENCLOSURE_LIMIT:
        raise LetterError(
            "The message to the person is {count} characters. Shorten it to {limit}.",
            count=len(text),
            limit=ENCLOSURE_LIMIT,
        )
    for paragraph in enclosed_paragraphs(text):
        code = lacking(paragraph, _glyphs())
        if code:
            raise LetterError(
                "The message to the person has the character {code}, which the letter font lacks. Take it out.",
                code=code,
            )


def _glyphs() -> frozenset[int]:
    from reports import styles  # noqa: PLC0415 - reportlab loads when the first letter needs it

    return styles.register_fonts()


@lru_cache(maxsize=64)
def _check_region(region: RegionOffice, language: str) -> None:
    """What is the same in every letter of a region and language: asked once. What is refused is asked again each time."""
    from reports import frame  # noqa: PLC0415 - reportlab loads when the first letter needs it

    words, sheet = labels(language), page.sheet(region)
    values = region_values(region, language)
    for name, text in values.items():
        if not text:
            raise LetterError("The region's {name} is empty. Fill it in under the region's settings.", name=name)
    for text in (*values.values(), clean(region.return_address), *map(clean, region.sampling_places)):
        code = lacking(text, _glyphs())
        if code:
            raise LetterError(
                "The region's settings have the character {code}, which the letter font lacks. Correct them.", code=code
            )
    if not frame.lay_sender(region, words).fits(sheet.sender) or not frame.lay_footer(region, words).fits(
        page.FOOTER_TEXT
    ):
        raise LetterError("The region's names and return address are too long for the letterhead. Shorten them.")


def _check_text(text: str) -> None:
    code = lacking(text.replace("\n", ""), _glyphs())
    if code:
        raise LetterError(
            "The letter's text has the character {code}, which the letter font lacks. Correct the text or the value in it.",
            code=code,
        )


# A block that is the same in every letter of a region: asked once.
_check_shared = lru_cache(maxsize=1_000)(_check_text)


def render_batch(
    letters: Sequence[LetterContent],
    *,
    created: datetime,
    checked: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> RenderedBatch:
    """Set the letters in the given order, each from a new page, in one PDF.

    The same letters and `created` (with time zone) give the same bytes. With `checked` each letter has passed `check` already.
    `progress` is told how many of how many are set; what it raises ends the work.

    Raises:
        LetterError: no letter, the same id twice, or one that `check` refuses (its id is in the message); nothing is set then.
    """
    from reports.press import Press  # noqa: PLC0415 - reportlab loads when the first letter is set

    if not letters:
        raise LetterError("There is no letter to print.")
    seen: set[str] = set()
    for letter in letters:
        try:
            if not checked:
                check(letter)
        except LetterError as error:
            raise LetterError("Letter {letter}: {reason}", letter=letter.letter_id, reason=str(error)) from error
        if letter.letter_id in seen:
            raise LetterError("Letter {letter} is twice in the batch.", letter=letter.letter_id)
        seen.add(letter.letter_id)

    press = Press(created, f"Brev {letters[0].letter_id} – {letters[-1].letter_id}")
    placed: list[LetterPages] = []
    first = 1
    for letter in letters:
        pages = press.add(letter)
        placed.append(
            LetterPages(
                letter.letter_id,
                first,
                pages,
                _sorting_postcode(letter),
                letter.region.window if letter.region.window_box is None else OWN_MEASURES,
                int(bool(enclosed_paragraphs(letter.enclosure))),
                letter_digest(letter),
            )
        )
        first += pages
        if progress is not None:
            progress(len(placed), len(letters))
    pdf = press.finish()
    return RenderedBatch(pdf, tuple(placed), sha256(pdf).hexdigest())


def plain_text(letter: LetterContent) -> str:
    """The letter as text for the terminal, 72 columns wide; control characters are written out as codes.

    Raises:
        LetterError: a value is missing or wrong, or the address is not complete.
    """
    words = labels(letter.language)
    out = [words.invented, ""] if letter.invented else []
    out += [clean(letter.region.name), format_date(letter.on, letter.language), ""]
    out += [f"    {visible(line)}" for line in address_lines(letter.recipient)]
    previous: Kind | None = None
    for piece in compose(letter):
        if previous is not Kind.HEADING and not piece.kind is previous is Kind.ITEM:
            out.append("")
        out += _wrapped(piece.kind, visible_lines(piece.text))
        previous = piece.kind
    enclosed = enclosed_paragraphs(letter.enclosure)
    if enclosed:
        out += ["", *_wrapped(Kind.TITLE, [words.enclosure])]
        for paragraph in enclosed:
            out += ["", *_wrapped(Kind.PARAGRAPH, [visible(paragraph)])]
    return "\n".join(line.replace(NO_BREAK, " ") for line in out) + "\n"


def visible_lines(text: str) -> list[str]:
    """The lines of a block, each with its control characters written out."""
    return [visible(line) for line in text.split("\n")]


def calibration_page(window: str | RegionOffice | tuple[float, float, float, float]) -> bytes:
    """A sheet to print once for a printer and an envelope: the window with a ruler, and an example address in it.

    Args:
        window: "H2", "V2", the region whose envelope it is, or a window's left, top, width and height in millimetres.

    Raises:
        LetterError: there is no such window, or the letter has no room for it.
    """
    from reports.calibration import draw_calibration  # noqa: PLC0415 - reportlab loads when it is needed

    if isinstance(window, RegionOffice):
        name = window.window if window.window_box is None else ""
        return draw_calibration(page.sheet(window), name)
    if isinstance(window, str):
        return draw_calibration(page.usual_sheet(window), window)
    return draw_calibration(page.sheet_of(page.Box(*window)), "")


def extract(pdf: bytes, first_page: int, pages: int) -> bytes:
    """One letter out of a batch's file, as a PDF/A file of its own: the same pages, and the same bytes every time.

    Args:
        pdf: from `render_batch`.
        first_page: the letter's first page, from 1.
        pages: how many it has.

    Raises:
        LetterError: the file has no such pages.
    """
    from reports.extract import extract_pages  # noqa: PLC0415 - pikepdf loads when it is needed

    return extract_pages(pdf, first_page, pages)


def _wrapped(kind: Kind, lines: Sequence[str]) -> list[str]:
    if kind is Kind.TITLE:
        titled = wrap(lines[0].upper(), PREVIEW_WIDTH)
        return [*titled, "=" * max(map(len, titled))]
    first, rest = {Kind.ITEM: ("- ", "  "), Kind.BOX: ("| ", "| ")}.get(kind, ("", ""))
    return [
        part
        for line in lines
        for part in wrap(line, PREVIEW_WIDTH, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False)
    ]


def _sorting_postcode(letter: LetterContent) -> str:
    recipient = letter.recipient
    if clean(recipient.country).casefold() not in SWEDEN:
        return ""
    return format_postcode(recipient.postcode).replace(" ", "")
