"""Plain text set in lines: where lines are broken, how high a block is, and its operators. One face and size in a block.

Nothing is read as markup. A word wider than the line is broken after a hyphen or, failing that, anywhere: never clipped.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from reports import styles
from reports.fonts import Face, faces
from reports.ink import Ink, rgb

_WHOLE = 10
"""A block of more lines than this may be parted between two pages."""
_PART = 5


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a block: its style, its text, and its baseline's place from the block's left and top edge, in points."""

    style: Any
    text: str
    right: float
    down: float


@dataclass(frozen=True, slots=True, eq=False)
class Laid:
    """Lines laid out as one block.

    `before` is the space above it, in points; `keep`: it stays with the next one; `follows`: it goes on with the one
    before it. `type` is what it is to a reader that speaks.
    """

    lines: tuple[Line, ...]
    width: float
    height: float
    before: float = 0.0
    keep: bool = False
    tinted: bool = False
    type: str = "P"
    follows: bool = False


def broken(text: str, face: Face, size: float, across: float) -> list[str]:
    """The text in lines that are at most `across` points wide, broken at spaces."""
    widths, room = face.widths, across * 1000 / size
    gap = widths[" "]
    lines: list[str] = []
    line: list[str] = []
    used = 0.0
    for word in unicodedata.normalize("NFC", text).split(" "):
        wide = sum(map(widths.__getitem__, word))
        if line and used + gap + wide > room:
            lines.append(" ".join(line))
            line, used = [], 0.0
        if wide > room:
            *full, last = _parts(word, widths, room)
            lines += full
            word, wide = last, sum(map(widths.__getitem__, last))  # noqa: PLW2901 - what is left of it
        used += (gap if line else 0.0) + wide
        line.append(word)
    lines.append(" ".join(line))
    return lines


def _parts(word: str, widths: dict[str, float], room: float) -> list[str]:
    parts, used = [""], 0.0
    for piece in re.findall(r"[^-]*-|[^-]+", word):
        wide = sum(map(widths.__getitem__, piece))
        if used + wide <= room:
            parts[-1] += piece
            used += wide
            continue
        for char in piece if wide > room else [piece]:
            wide = sum(map(widths.__getitem__, char))
            if parts[-1] and used + wide > room:
                parts.append("")
                used = 0.0
            parts[-1] += char
            used += wide
    return parts


def lay(text: str, look: styles.Look, across: float, *, keep: bool, type_: str = "P", bullet: str = "") -> list[Laid]:
    """A paragraph: one block, or several that follow each other when it is long enough to go on on the next page."""
    style = look.style
    face = faces()[style.fontName]
    lines = broken(text, face, style.fontSize, across - style.leftIndent)
    parts = [lines]
    if len(lines) > _WHOLE:
        parts = [lines[start : start + _PART] for start in range(0, len(lines), _PART)]
        if len(parts[-1]) == 1:
            parts[-2:] = [parts[-2] + parts[-1]]
    drop = face.ascent * style.fontSize
    laid = []
    for number, part in enumerate(parts):
        placed = [Line(style, line, style.leftIndent, drop + style.leading * row) for row, line in enumerate(part)]
        if bullet and number == 0:
            placed.insert(0, Line(style, bullet, style.bulletIndent, drop))
        height = style.leading * len(part)
        last = number == len(parts) - 1
        laid.append(
            Laid(
                tuple(placed),
                across,
                height,
                0.0 if number else look.before,
                keep=keep and last,
                type=type_,
                follows=number > 0,
            )
        )
    return laid


def lay_box(text: str, across: float) -> Laid:
    """The message box: its first line in bold, on a tint."""
    pad = styles.BOX_PADDING
    placed: list[Line] = []
    down = pad
    for number, paragraph in enumerate(text.split("\n")):
        style = styles.BOX_TEXT if number else styles.BOX_LEAD
        face = faces()[style.fontName]
        for line in broken(paragraph, face, style.fontSize, across - 2 * pad - 3):
            placed.append(Line(style, line, pad + 3, down + face.ascent * style.fontSize))
            down += style.leading
    return Laid(tuple(placed), across, down + pad + styles.BOX_AFTER, styles.BOX_BEFORE, tinted=True)


def draw(laid: Laid, x: float, top: float, chars: dict[str, set[str]]) -> str:
    """The block's operators, its upper left corner at (`x`, `top`) in points from the page's lower left corner."""
    out: list[str] = []
    if laid.tinted:
        ink = Ink(chars)
        height = laid.height - styles.BOX_AFTER
        ink.setFillColor(styles.TINT)
        ink.rect(x, top - height, laid.width, height, stroke=0, fill=1)
        ink.setFillColor(styles.ACCENT)
        ink.rect(x, top - height, 2.4, height, stroke=0, fill=1)
        out.append(ink.content)
    out.append("BT")
    style, at_x, at_y = None, 0.0, 0.0
    for line in laid.lines:
        face = faces()[line.style.fontName]
        if line.style is not style:
            style = line.style
            out.append(f"{rgb(style.textColor)} rg /{face.resource} {style.fontSize:g} Tf")
        chars[face.name].update(line.text)
        right, up = round(x + line.right, 2), round(top - line.down, 2)
        out.append(f"{right - at_x:.2f} {up - at_y:.2f} Td {face.hex(line.text)} Tj")
        at_x, at_y = right, up
    out.append("ET")
    return " ".join(out)
