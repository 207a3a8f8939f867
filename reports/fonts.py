"""The letter's two faces as a PDF needs them: glyph codes, widths, and a file cut down to the glyphs that were used. Loads reportlab.

Glyphs keep their numbers in the cut file, so text can be written before it is known what else the file will hold.
"""

import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any

from reportlab.pdfbase import pdfmetrics

from kansli_tui.errors import LetterError
from reports import styles

_KEPT = ("cvt ", "fpgm", "glyf", "head", "hhea", "hmtx", "loca", "maxp", "prep")
"""The tables that a TrueType font in a PDF has; the others are for programs that write text."""
_SMALL = 1 << 13
"""Bytes that a window of 13 bits holds."""
_MAGIC = 0xB1B0AFBA
"""What a whole font file adds up to (TrueType: head.checkSumAdjustment)."""


class _Known(dict[str, Any]):
    """By character; a character that the font lacks is an error and never an empty box."""

    def __missing__(self, char: str) -> Any:
        raise LetterError(
            "The letter cannot be printed: it has the character {code}, which the letter font lacks. "
            "Correct the text or send the letter by hand.",
            code=f"U+{ord(char):04X}",
        )


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """One font. `codes`: character → its glyph as four hexadecimal digits. `widths`: character → thousandths of the size."""

    name: str
    resource: str
    codes: dict[str, str]
    widths: dict[str, float]
    ascent: float
    file: Any

    def width(self, text: str, size: float) -> float:
        """How wide the text is, in points."""
        return sum(map(self.widths.__getitem__, text)) * size / 1000

    def hex(self, text: str) -> str:
        """The text as a PDF string."""
        return f"<{''.join(map(self.codes.__getitem__, text))}>"


@cache
def faces() -> dict[str, Face]:
    """The faces by their names in `styles`."""
    styles.register_fonts()
    return {name: _face(name, f"F{number}") for number, name in enumerate((styles.REGULAR, styles.BOLD), start=1)}


def width(text: str, size: float) -> float:
    """The width of a text in the regular face, in points; LetterError for a character it lacks."""
    return faces()[styles.REGULAR].width(text, size)


def _face(name: str, resource: str) -> Face:
    file = pdfmetrics.getFont(name).face
    codes, widths = _Known(), _Known()
    for code, glyph in file.charToGlyph.items():
        codes[chr(code)] = f"{glyph:04X}"
        widths[chr(code)] = float(file.charWidths[code])
    return Face(name, resource, codes, widths, file.ascent / 1000, file)


@dataclass(frozen=True, slots=True)
class Subset:
    """A face cut down: the font file, its name with the tag that says so, widths and characters by glyph."""

    name: str
    data: bytes
    widths: dict[int, int]
    chars: dict[int, str]


def cut(face: Face, chars: Iterable[str]) -> Subset:
    """The face with nothing but the glyphs of `chars`; the same characters give the same bytes."""
    wanted: dict[int, str] = {}
    # Space and no-break space are one glyph, read back as the first of those used.
    for char in sorted(chars):
        wanted.setdefault(int(face.codes[char], 16), char)
    tag = sha256(face.name.encode() + repr(sorted(wanted)).encode()).digest()
    letters = "".join(chr(ord("A") + byte % 26) for byte in tag[:6])
    file_name = face.file.name.decode() if isinstance(face.file.name, bytes) else str(face.file.name)
    return Subset(
        f"{letters}+{file_name}",
        _font_file(face.file, set(wanted)),
        {glyph: round(face.widths[char]) for glyph, char in wanted.items()},
        wanted,
    )


def _font_file(file: Any, glyphs: set[int]) -> bytes:
    tables = {tag: file.get_table(tag) for tag in _KEPT if tag in file.table}
    long_offsets = struct.unpack(">h", tables["head"][50:52])[0]
    loca = tables["loca"]
    count = struct.unpack(">H", tables["maxp"][4:6])[0]
    starts = (
        struct.unpack(f">{count + 1}I", loca)
        if long_offsets
        else tuple(2 * half for half in struct.unpack(f">{count + 1}H", loca))
    )
    outlines = [tables["glyf"][starts[glyph] : starts[glyph + 1]] for glyph in range(count)]
    kept = _with_parts({0, *glyphs}, outlines)
    glyf, offsets = bytearray(), [0]
    for glyph, outline in enumerate(outlines):
        if glyph in kept:
            glyf += outline + bytes(-len(outline) % 4)
        offsets.append(len(glyf))
    tables["glyf"], tables["loca"] = bytes(glyf), struct.pack(f">{count + 1}I", *offsets)
    head = bytearray(tables["head"])
    head[8:12], head[50:52] = bytes(4), struct.pack(">h", 1)
    tables["head"] = bytes(head)
    return _assembled(tables)


def _with_parts(glyphs: set[int], outlines: list[bytes]) -> set[int]:
    """The glyphs together with those they are built of, such as the ring of å."""
    found, open_ = set[int](), list(glyphs)
    while open_:
        glyph = open_.pop()
        if glyph in found:
            continue
        found.add(glyph)
        outline = outlines[glyph]
        if len(outline) < 10 or struct.unpack(">h", outline[:2])[0] >= 0:
            continue
        at, more = 10, True
        while more:
            flags, part = struct.unpack(">HH", outline[at : at + 4])
            open_.append(part)
            # Two arguments as words or bytes; then a scale, two scales or a matrix.
            at += 4 + (4 if flags & 1 else 2) + (2 if flags & 8 else 4 if flags & 0x40 else 8 if flags & 0x80 else 0)
            more = bool(flags & 0x20)
    return found


def _assembled(tables: dict[str, bytes]) -> bytes:
    count = len(tables)
    power = 1 << (count.bit_length() - 1)
    out = bytearray(struct.pack(">IHHHH", 0x10000, count, power * 16, power.bit_length() - 1, (count - power) * 16))
    at = 12 + 16 * count
    body = bytearray()
    for tag in sorted(tables):
        data = tables[tag]
        out += struct.pack(">4sIII", tag.encode(), _sum(data), at + len(body), len(data))
        if tag == "head":
            adjust = at + len(body) + 8
        body += data + bytes(-len(data) % 4)
    out += body
    out[adjust : adjust + 4] = struct.pack(">I", (_MAGIC - _sum(bytes(out))) % 2**32)
    return bytes(out)


def _sum(data: bytes) -> int:
    padded = data + bytes(-len(data) % 4)
    return int(sum(struct.unpack(f">{len(padded) // 4}I", padded)) % 2**32)


def to_unicode(chars: dict[int, str]) -> bytes:
    """The table by which a reader finds the text behind the glyphs."""
    pairs = [f"<{glyph:04X}> <{char.encode('utf-16-be').hex().upper()}>" for glyph, char in sorted(chars.items())]
    blocks = [pairs[start : start + 100] for start in range(0, len(pairs), 100)]
    listed = "\n".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n"
        "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
        f"1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n{listed}\n"
        "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
    ).encode()


def packed(data: bytes) -> bytes:
    """The bytes as /FlateDecode reads them."""
    if len(data) > _SMALL:
        return zlib.compress(data, 4)
    # A window no larger than the data saves more time than packing a page takes.
    packer = zlib.compressobj(6, zlib.DEFLATED, 13, 6)
    return packer.compress(data) + packer.flush()
