"""Bytes of a register file to clean lines of text. A byte that cannot be read becomes U+FFFD in its line; nothing is guessed or dropped."""

import re
import unicodedata
from typing import Final

from kansli_tui.errors import UnreadableFileError

UNREADABLE: Final = "\N{REPLACEMENT CHARACTER}"

_C1: Final = dict.fromkeys(range(0x80, 0xA0), UNREADABLE)
_NOT_ASCII: Final = re.compile(r"[^\x00-\x7f]")
_ESCAPE_SEQUENCE: Final = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])|\x9b[0-?]*[ -/]*[@-~]"
)
_SPACES: Final = re.compile(r"[\s\u00a0]+")


def decode_lines(raw: bytes) -> list[str]:
    """The lines of a file in UTF-8 or Latin-1, without their line ends.

    A file that is valid UTF-8 is UTF-8. Otherwise the character set that more lines speak for wins: a UTF-8 file with a wrong byte
    stays UTF-8, and only the damaged lines hold U+FFFD; a Latin-1 file is read as such, and lines in it that are UTF-8, or hold a
    character that Latin-1 lacks, hold U+FFFD instead.

    Raises:
        UnreadableFileError: the file is empty, or is no text file.
    """
    if not raw.strip():
        raise UnreadableFileError("The file is empty: fetch it again.")
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in raw[:1000]:
        raise UnreadableFileError("The file is not UTF-8 or Latin-1 text: save it as UTF-8 and import it again.")
    if raw.startswith(b"PK\x03\x04"):
        raise UnreadableFileError(
            "The file is a workbook or an archive: save it as CSV (UTF-8, semicolons) and import it again."
        )
    try:
        return _lines(raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return _decode_line_by_line(raw)


def clean(line: str) -> tuple[str, bool]:
    """A line without escape sequences, control and invisible characters, composed (NFC), and whether anything was taken away."""
    if line.isascii() and line.isprintable():
        return line, False
    line = unicodedata.normalize("NFC", line)
    if line.isprintable():
        return line, False
    kept = _ESCAPE_SEQUENCE.sub("", line)
    kept = _SPACES.sub(" ", kept)
    kept = "".join(character for character in kept if character.isprintable())
    # A no-break space is a space that looks the same: nobody needs to be told.
    return kept, kept != line.replace("\u00a0", " ")


def _lines(text: str) -> list[str]:
    separator = "\n" if "\n" in text else "\r"
    return [line.removesuffix("\r") for line in text.split(separator)]


def _decode_line_by_line(raw: bytes) -> list[str]:
    has_bom = raw.startswith(b"\xef\xbb\xbf")
    pieces = raw.removeprefix(b"\xef\xbb\xbf").split(b"\n" if b"\n" in raw else b"\r")
    valid = [_is_utf8(piece) for piece in pieces]
    for_utf8 = sum(fine and not piece.isascii() for fine, piece in zip(valid, pieces, strict=True))
    if has_bom or for_utf8 >= valid.count(False):
        decoded = [piece.decode("utf-8", errors="replace") for piece in pieces]
    else:
        decoded = [
            _NOT_ASCII.sub(UNREADABLE, piece.decode("utf-8")) if fine else piece.decode("latin-1").translate(_C1)
            for fine, piece in zip(valid, pieces, strict=True)
        ]
    return [line.removesuffix("\r") for line in decoded]


def _is_utf8(piece: bytes) -> bool:
    try:
        piece.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
