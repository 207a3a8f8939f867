"""Reads a letter back out of its PDF: text in reading order, where each character stands in millimetres, and ink."""

from dataclasses import dataclass

import pypdfium2
import zxingcpp

from reports.address import MM
from reports.page import HEIGHT, Box


@dataclass(frozen=True, slots=True)
class Char:
    char: str
    box: Box


def page_texts(pdf: bytes) -> list[str]:
    """The text of each page, all white space (no-break spaces too) as single spaces."""
    with pypdfium2.PdfDocument(pdf) as document:
        return [" ".join(page.get_textpage().get_text_range().split()) for page in document]


def characters(pdf: bytes, page: int) -> list[Char]:
    """Every visible character of a page with its box."""
    found = []
    with pypdfium2.PdfDocument(pdf) as document:
        text = document[page].get_textpage()
        for index in range(text.count_chars()):
            char = text.get_text_range(index, 1)
            if char.strip():
                left, bottom, right, top = (value / MM for value in text.get_charbox(index))
                found.append(Char(char, Box(left, HEIGHT - top, right - left, top - bottom)))
    return found


def text_inside(pdf: bytes, page: int, box: Box) -> str:
    """The visible characters that touch the box, without spaces."""
    return "".join(item.char for item in characters(pdf, page) if item.box.meets(box))


def ink(pdf: bytes, page: int, box: Box, *, but_not: Box | None = None) -> bool:
    """Whether anything at all is drawn in the box (outside `but_not`): text, line or tint."""
    scale = 4 / MM  # four pixels a millimetre
    with pypdfium2.PdfDocument(pdf) as document:
        picture = document[page].render(scale=scale).to_pil().convert("L")
    if but_not:
        picture.paste(255, _pixels(but_not))
    darkest, _ = picture.crop(_pixels(box)).getextrema()
    return bool(darkest < 250)


def codes(pdf: bytes, page: int) -> list[str]:
    """What the Data Matrix codes of a page say, as a 150 dpi scanner reads them."""
    with pypdfium2.PdfDocument(pdf) as document:
        picture = document[page].render(scale=150 / 72, grayscale=True).to_pil()
    return [code.text for code in zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.DataMatrix)]


def _pixels(box: Box) -> tuple[int, int, int, int]:
    return round(box.x * 4), round(box.y * 4), round(box.right * 4), round(box.bottom * 4)
