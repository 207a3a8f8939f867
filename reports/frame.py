"""What stands around every letter of a region: the mark, the sender beside the window, the footer, the notice of an invented person."""

from dataclasses import dataclass

from kansli_tui.rows.letters import RegionOffice
from reports import page, styles
from reports.address import MM, fit_address
from reports.fonts import faces, width
from reports.ink import Ink
from reports.labels import Labels
from reports.logo import draw_logo
from reports.templates import region_values
from reports.text import clean
from reports.typeset import Laid, draw, lay

_ANY = "sv"
"""The frame holds nothing of a region that depends on the letter's language."""

_HAIR = 0.05
"""A V begins at its very edge: rounded down it would stand outside the box. Points."""


@dataclass(frozen=True, slots=True)
class FrameText:
    """Paragraphs one below the other in a box of the frame."""

    blocks: tuple[Laid, ...]

    def fits(self, box: page.Box) -> bool:
        """Whether all of it has room."""
        return sum(laid.height for laid in self.blocks) <= box.height * MM

    def draw(self, ink: Ink, box: page.Box, chars: dict[str, set[str]]) -> None:
        """Draw from the top of the box."""
        top = up(box.y)
        for laid in self.blocks:
            ink.raw(draw(laid, box.x * MM, top, chars))
            top -= laid.height


def lay_sender(office: RegionOffice, words: Labels) -> FrameText:
    """The sender beside the window."""
    region = region_values(office, _ANY)
    return _frame_text(
        page.sheet(office).sender.width * MM,
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


def draw_frame(
    office: RegionOffice, words: Labels, chars: dict[str, set[str]], *, invented: bool, following: bool
) -> str:
    """The operators of the frame, on the first page or a following one."""
    ink = Ink(chars)
    logo = page.NEXT_LOGO if following else page.LOGO
    draw_logo(ink, logo, up(logo.bottom), (clean(office.name), words.programme))
    if not following:
        lay_sender(office, words).draw(ink, page.sheet(office).sender, chars)
    ink.setStrokeColor(styles.ACCENT)
    ink.setLineWidth(0.6)
    top = up(page.FOOTER.y)
    ink.line(page.FOOTER.x * MM, top, page.FOOTER.right * MM, top)
    lay_footer(office, words).draw(ink, page.FOOTER_TEXT, chars)
    if not following:
        ink.setStrokeColor(styles.TINT)
        ink.setLineWidth(1.2)
        rule = (page.SIDE.x - 4.5) * MM
        ink.line(rule, up(page.SIDE.y), rule, up(page.SIDE.bottom))
    if invented:
        ink.setFillColor(styles.WARNING)
        ink.setFont(styles.BOLD, 10)
        ink.drawCentredString(page.WIDTH / 2 * MM, up(page.NOTICE.bottom - 1), words.invented)
    return ink.content


def draw_address(lines: tuple[str, ...], sheet: page.Sheet, chars: dict[str, set[str]]) -> str:
    """The operators of the lines in the window, as large as they fit; LetterError when they do not."""
    box = sheet.address
    fitted = fit_address(lines, box, width)
    regular = faces()[styles.REGULAR]
    chars[styles.REGULAR].update(*fitted.lines)
    spare = box.height * MM - len(fitted.lines) * fitted.leading
    # In the middle of the window, so that a sliding letter hides no line. 0.76: the ascenders' share of the line.
    baseline = up(box.y) - spare / 2 - fitted.leading * 0.76
    shown = " T* ".join(f"{regular.hex(line)} Tj" for line in fitted.lines)
    return (
        f"BT {styles.INK_RGB} rg /{regular.resource} {fitted.size} Tf {fitted.leading} TL "
        f"{box.x * MM + _HAIR:.2f} {baseline:.2f} Td {shown} ET"
    )


def up(down: float) -> float:
    """Millimetres from the top as points from the bottom, as PDF counts."""
    return (page.HEIGHT - down) * MM


def _frame_text(across: float, *texts: tuple[str, styles.Look]) -> FrameText:
    return FrameText(tuple(laid for text, look in texts if text for laid in lay(text, look, across, keep=False)))
