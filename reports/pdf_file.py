"""A PDF/A-2b file as bytes: pages, blocks that are stamped on many of them, two fonts, and the tree that tells a reader what is what.

Written here because a letter run needs few of a PDF's means, the same bytes every time, and thousands of pages a second.
The rules are those of ISO 32000-1 (PDF 1.7) and ISO 19005-2 (PDF/A-2).
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from importlib import resources
from itertools import accumulate

from reports.fonts import cut, faces, packed, to_unicode
from reports.tag_tree import Tag, TagPlan, tag_plan
from reports.xmp import metadata

_TOGETHER = 400
"""So many small objects are packed in one stream."""
_PLACE = struct.Struct(">BIH").pack
_A4 = "[0 0 595.276 841.89]"


@dataclass(slots=True)
class PdfFile:
    """One file in the making: `stamp` blocks, `add` letters of pages, `finish` once. The same calls give the same bytes."""

    created: datetime
    title: str
    chars: dict[str, set[str]] = field(default_factory=lambda: {name: set() for name in faces()})
    _out: bytearray = field(default_factory=lambda: bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"))
    # Where each object is, as the file's table has it: 1 and the offset, or 2, the stream it is packed in and its place there.
    _places: dict[int, bytes] = field(default_factory=dict)
    _waiting: list[tuple[int, str]] = field(default_factory=list)
    _last: int = 0
    _stamps: list[int] = field(default_factory=list)
    _pages: list[int] = field(default_factory=list)
    _letters: list[int] = field(default_factory=list)
    _marks: list[int] = field(default_factory=list)
    _catalog: int = 0
    _tree: int = 0
    _root: int = 0
    _document: int = 0
    _page_resources: int = 0
    _stamp_resources: int = 0
    _fonts: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._catalog, self._tree, self._root, self._document = (self._number() for _ in range(4))
        self._page_resources, self._stamp_resources = self._number(), self._number()
        self._fonts = {name: self._number() for name in faces()}

    # What the press calls

    def stamp(self, content: str, box: tuple[float, float, float, float]) -> str:
        """Keep a block; gives the name by which page content draws it (`/name Do`). `box` holds all of its ink."""
        number = self._stream(
            content.encode("ascii"),
            f"/Type/XObject/Subtype/Form/BBox[{' '.join(f'{edge:.2f}' for edge in box)}]"
            f"/Resources {self._stamp_resources} 0 R",
        )
        self._stamps.append(number)
        return f"X{len(self._stamps)}"

    def plan(self, tags: Sequence[Tag], pages: int, language: str) -> TagPlan:
        """The structure of letters with these marked pieces on so many pages."""
        return tag_plan(tags, pages, self._document, language)

    def add(self, contents: Sequence[str], tags: TagPlan, title: str) -> None:
        """One letter: the operators of its pages, what their marked pieces are, and its title in ASCII."""
        first = self._last + 1
        self._last += tags.pages + tags.size
        for page, content in enumerate(contents, start=first):
            stream = self._stream(content.encode("ascii"), "")
            self._waiting.append(
                (
                    page,
                    (
                        f"<</Type/Page/Parent {self._tree} 0 R/MediaBox{_A4}/Resources {self._page_resources} 0 R"
                        f"/Contents {stream} 0 R/StructParents {len(self._pages)}/Tabs/S>>"
                    ),
                )
            )
            self._pages.append(page)
        letter = first + tags.pages
        texts = (tags.template % (title, *(first + offset for offset in tags.offsets))).split("\n")
        self._waiting += enumerate(texts, start=letter)
        self._letters.append(letter)
        self._marks += [first + offset for offset in tags.marks]
        if len(self._waiting) >= _TOGETHER:
            self._flush()

    def finish(self) -> bytes:
        """The whole file."""
        for name, number in self._fonts.items():
            self._font(name, number)
        fonts = "".join(f"/{faces()[name].resource} {number} 0 R" for name, number in self._fonts.items())
        stamps = "".join(f"/X{place} {number} 0 R" for place, number in enumerate(self._stamps, start=1))
        self._pack(self._stamp_resources, f"<</Font<<{fonts}>>>>")
        self._pack(self._page_resources, f"<</Font<<{fonts}>>/XObject<<{stamps}>>>>")
        self._pack(self._tree, f"<</Type/Pages/Count {len(self._pages)}/Kids[{_refs(self._pages)}]>>")
        marks = " ".join(f"{place} {number} 0 R" for place, number in enumerate(self._marks))
        parents = self._packed(f"<</Nums[{marks}]>>")
        self._pack(
            self._root,
            f"<</Type/StructTreeRoot/K {self._document} 0 R/ParentTree {parents} 0 R/ParentTreeNextKey {len(self._marks)}>>",
        )
        self._pack(self._document, f"<</S/Document/P {self._root} 0 R/K[{_refs(self._letters)}]>>")
        profile = self._stream(_profile(), "/N 3/Alternate/DeviceRGB")
        intent = (
            "/OutputIntents[<</Type/OutputIntent/S/GTS_PDFA1/OutputConditionIdentifier(sRGB IEC61966-2.1)"
            f"/Info(sRGB IEC61966-2.1)/DestOutputProfile {profile} 0 R>>]"
        )
        # Not compressed, so that an archive finds it without reading PDF.
        xmp = self._stream(metadata(self.title, self.created), "/Type/Metadata/Subtype/XML", pack=False)
        self._pack(
            self._catalog,
            f"<</Type/Catalog/Pages {self._tree} 0 R/Lang(sv-SE)/MarkInfo<</Marked true>>/StructTreeRoot {self._root} 0 R"
            f"/Metadata {xmp} 0 R{intent}"
            # Scaling would move the address out of the window, and printing on both sides would put two people on one sheet.
            "/ViewerPreferences<</DisplayDocTitle true/PrintScaling/None/Duplex/Simplex>>>>",
        )
        day = f"(D:{self.created.astimezone(UTC):%Y%m%d%H%M%S}Z)"
        title = f"<FEFF{self.title.encode('utf-16-be').hex().upper()}>"
        info = self._number()
        self._pack(
            info,
            f"<</Title{title}/Author(Kansli)/Creator(Kansli)/Producer(Kansli)/CreationDate{day}/ModDate{day}>>",
        )
        return self._ended(info)

    # How a PDF is put together

    def _number(self) -> int:
        self._last += 1
        return self._last

    def _stream(self, data: bytes, entries: str, *, pack: bool = True) -> int:
        number = self._number()
        if pack:
            data, entries = packed(data), entries + "/Filter/FlateDecode"
        self._places[number] = _PLACE(1, len(self._out), 0)
        self._out += f"{number} 0 obj\n<<{entries}/Length {len(data)}>>stream\n".encode()
        self._out += data
        self._out += b"\nendstream\nendobj\n"
        return number

    def _packed(self, text: str) -> int:
        number = self._number()
        self._pack(number, text)
        return number

    def _pack(self, number: int, text: str) -> None:
        self._waiting.append((number, text))
        if len(self._waiting) >= _TOGETHER:
            self._flush()

    def _flush(self) -> None:
        waiting, self._waiting = self._waiting, []
        starts = accumulate((len(text) + 1 for _, text in waiting), initial=0)
        before = " ".join([f"{number} {start}" for (number, _), start in zip(waiting, starts, strict=False)]) + "\n"
        body = before + "\n".join([text for _, text in waiting])
        inside = self._stream(body.encode("ascii"), f"/Type/ObjStm/N {len(waiting)}/First {len(before)}")
        for place, (number, _text) in enumerate(waiting):
            self._places[number] = _PLACE(2, inside, place)

    def _font(self, name: str, number: int) -> None:
        face = faces()[name]
        part = cut(face, self.chars[name])
        file = self._stream(part.data, f"/Length1 {len(part.data)}")
        metrics = face.file
        box = " ".join(f"{edge:g}" for edge in metrics.bbox)
        descriptor = self._packed(
            f"<</Type/FontDescriptor/FontName/{part.name}/Flags 4/FontBBox[{box}]/ItalicAngle 0/Ascent {metrics.ascent:g}"
            f"/Descent {metrics.descent:g}/CapHeight {metrics.capHeight:g}/StemV {metrics.stemV:g}/FontFile2 {file} 0 R>>"
        )
        widths = " ".join(f"{glyph}[{width}]" for glyph, width in sorted(part.widths.items()))
        below = self._packed(
            f"<</Type/Font/Subtype/CIDFontType2/BaseFont/{part.name}/CIDToGIDMap/Identity/DW 0/W[{widths}]"
            f"/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/FontDescriptor {descriptor} 0 R>>"
        )
        text = self._stream(to_unicode(part.chars), "")
        self._pack(
            number,
            f"<</Type/Font/Subtype/Type0/BaseFont/{part.name}/Encoding/Identity-H/DescendantFonts[{below} 0 R]"
            f"/ToUnicode {text} 0 R>>",
        )

    def _ended(self, info: int) -> bytes:
        self._flush()
        number, start = self._number(), len(self._out)
        self._places[number] = _PLACE(1, start, 0)
        table = b"".join([_PLACE(0, 0, 65535), *(self._places[place] for place in range(1, number + 1))])
        name = sha256(self._out).hexdigest()[:32].upper()
        data = packed(table)
        self._out += (
            f"{number} 0 obj\n<</Type/XRef/Size {number + 1}/W[1 4 2]/Root {self._catalog} 0 R/Info {info} 0 R"
            f"/ID[<{name}><{name}>]/Filter/FlateDecode/Length {len(data)}>>stream\n"
        ).encode()
        self._out += data + f"\nendstream\nendobj\nstartxref\n{start}\n%%EOF\n".encode()
        return bytes(self._out)


def _refs(numbers: Sequence[int]) -> str:
    return " ".join(f"{number} 0 R" for number in numbers)


@cache
def _profile() -> bytes:
    """What the colours mean: sRGB, made with Little CMS and free to use."""
    return resources.files("reports").joinpath("srgb.icc").read_bytes()
