"""The Data Matrix in the left margin: which letter and which of its pages this is, for machines that fill envelopes.

It holds the letter's id and "page/pages" and nothing about a person.
"""

import zxingcpp

from reports.address import MM
from reports.page import HEIGHT, MATRIX

_MODULE = 0.5
"""Millimetres: three points of a 150 dpi scanner."""
_DIGITS = bytes.maketrans(b"\x00\xff", b"01")


def matrix_text(letter_id: str, page: int, pages: int) -> str:
    """What the code says: "B-2026-000042 1/2"."""
    return f"{letter_id} {page}/{pages}"


def matrix(text: str) -> str:
    """The code as operators: a bitmap in the page, black on the paper, its upper left corner in its box's."""
    rows, columns, bits = _bits(text)
    module = min(_MODULE, MATRIX.width / columns, MATRIX.height / rows) * MM
    left, foot = MATRIX.x * MM, (HEIGHT - MATRIX.y) * MM - rows * module
    return (
        f"q 0 g {columns * module:.3f} 0 0 {rows * module:.3f} {left:.2f} {foot:.2f} cm "
        f"BI /W {columns} /H {rows} /IM true /BPC 1 /F /AHx ID {bits}> EI Q"
    )


def _bits(text: str) -> tuple[int, int, str]:
    """Rows, columns and the modules as hexadecimal digits, each row filled up to whole bytes; black is 0."""
    image = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.DataMatrix).to_image(add_quiet_zones=False)
    rows, columns = image.shape
    # The image offers the buffer protocol; its stub does not say so.
    dots = bytes(memoryview(image)).translate(_DIGITS)  # type: ignore[arg-type]
    spare = -columns % 8
    if spare:
        dots = b"".join([dots[start : start + columns] + b"1" * spare for start in range(0, len(dots), columns)])
    return rows, columns, f"{int(dots, 2):0{len(dots) // 4}X}"
