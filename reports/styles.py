"""The letter's type: Source Sans, its sizes, and how each kind of block looks. Loads reportlab and the font files.

Imported only when a letter is set, because reportlab takes time to load.
"""

import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Any

import font_source_sans_pro
from reportlab.lib.colors import HexColor
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from reports.templates import Kind

REGULAR = "SourceSansPro"
BOLD = "SourceSansPro-Semibold"
_FILES = {REGULAR: "SourceSansPro", BOLD: "SourceSansProSemibold"}

INK = HexColor("#1A1A1A")
ACCENT = HexColor("#1D4E5A")
QUIET = HexColor("#4A5458")
TINT = HexColor("#EAF1F2")
WARNING = HexColor("#B00020")

INK_RGB, QUIET_RGB = (f"{colour.red:.3g} {colour.green:.3g} {colour.blue:.3g}" for colour in (INK, QUIET))


@dataclass(frozen=True, slots=True)
class Look:
    """How a kind of block is set: its style, and the space above it in points."""

    style: Any
    before: float


@cache
def register_fonts() -> frozenset[int]:
    """Make the fonts known to reportlab, once; gives the code points that all of them have.

    Without combining accents: a letter that has none composed with its accent would print beside it.
    """
    faces = []
    for name, file in _FILES.items():
        font = TTFont(name, font_source_sans_pro.font_files_ttf[file])
        pdfmetrics.registerFont(font)
        faces.append(frozenset(font.face.charToGlyph))
    return frozenset(code for code in frozenset.intersection(*faces) if not unicodedata.combining(chr(code)))


def width(text: str, size: float, font: str = REGULAR) -> float:
    """The width of a text in points."""
    register_fonts()
    return float(pdfmetrics.stringWidth(text, font, size))


def _style(name: str, size: float, leading: float, font: str = REGULAR, **more: Any) -> Any:
    return ParagraphStyle(name, fontName=font, fontSize=size, leading=leading, textColor=more.pop("ink", INK), **more)


LOOKS: dict[Kind, Look] = {
    Kind.TITLE: Look(_style("title", 18, 22, BOLD, ink=ACCENT), before=0),
    Kind.HEADING: Look(_style("heading", 11.5, 14.5, BOLD, ink=ACCENT), before=8),
    Kind.PARAGRAPH: Look(_style("paragraph", 10.5, 13.3), before=3),
    Kind.ITEM: Look(_style("item", 10.5, 13.3, leftIndent=11, bulletIndent=1), before=1.2),
}
BOX_LEAD = _style("box-lead", 12.5, 16.5, BOLD)
BOX_TEXT = _style("box-text", 10.5, 13.3)
BOX_PADDING = 8.0
BOX_BEFORE = 7.0
BOX_AFTER = 4.0

SIDE_HEADING = Look(_style("side-heading", 9.5, 12, BOLD, ink=ACCENT), before=11)
SIDE_TEXT = Look(_style("side-text", 9, 11.6), before=2.5)
SENDER = Look(_style("sender", 9, 12), before=0)
SENDER_LABEL = Look(_style("sender-label", 7.5, 10, ink=QUIET), before=0)
FOOTER = Look(_style("footer", 8, 10.4, ink=QUIET), before=0)
