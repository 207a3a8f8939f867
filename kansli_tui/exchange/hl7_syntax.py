"""One HL7 v2 message from bytes to segments and text: character set, separators, escapes. It knows no meaning.

The library splits; this module guards its door. Only the standard separators are accepted, since a damaged separator list
would silently move every value. The library's own unescaping is not used: it logs field contents and reads hex as Latin-1.
"""

import re
from dataclasses import dataclass
from typing import Any, Final

import hl7

from kansli_tui.exchange.profile import CHARSETS, Profile
from kansli_tui.rows.lab import Problem
from kansli_tui.rows.lab_reasons import Reason

SEPARATORS: Final = "|^~\\&"

_LINE_BREAK: Final = re.compile(rb"\r\n|\r|\n")
_HEADER: Final = re.compile(rb"MSH\|\^~\\&#?\|")
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SEGMENT: Final = re.compile(r"[A-Z][A-Z0-9]{2}(?:\||$)", re.ASCII)
_ESCAPE: Final = re.compile(r"\\([^\\]*)\\")
_HEX: Final = re.compile(r"X((?:[0-9A-Fa-f]{2})+)", re.ASCII)
_ESCAPED: Final = {
    "F": "|",
    "S": "^",
    "T": "&",
    "R": "~",
    "E": "\\",
    "P": "#",
    # Highlighting has no meaning on a plain screen; line commands become line breaks, indents a space.
    "H": "",
    "N": "",
    ".br": "\n",
    ".sp": "\n",
    ".ce": "\n",
    ".fi": "",
    ".nf": "",
    ".in": " ",
    ".ti": " ",
    ".sk": " ",
}
_FORMATTING: Final = re.compile(r"(\.(?:sp|in|ti|sk))[+-]?[0-9]{1,3}", re.ASCII)
_CHARSET_FIELD: Final = 18
_OTHER_NAMES: Final = {
    "UTF-8": "UNICODE UTF-8",
    "UTF8": "UNICODE UTF-8",
    "ISO-8859-1": "8859/1",
    "ISO8859-1": "8859/1",
    "ISO-8859-15": "8859/15",
    "ISO8859-15": "8859/15",
}


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment. `line` is its line in the message, from 1; positions are those of the standard, from 1."""

    name: str
    line: int
    fields: Any
    codec: str

    def repetitions(self, field: int) -> int:
        """How many repetitions the field has; an empty field has one."""
        return len(self.fields[field]) if field < len(self.fields) else 1

    def raw(self, field: int) -> str:
        """The whole field as written, escapes kept; '' when absent."""
        return str(self.fields[field]) if field < len(self.fields) else ""

    def part(self, field: int, component: int = 1, *, repetition: int = 1, subcomponent: int = 1) -> str:
        """One leaf as text with escapes resolved; '' when absent. A field with fewer levels is its own first part."""
        return unescape(self._leaf(field, repetition, component, subcomponent), self.codec)

    def text(self, field: int) -> str:
        """The whole field as text, escapes resolved, its repetitions as lines."""
        return "\n".join(unescape(part, self.codec) for part in self.raw(field).split("~"))

    def _leaf(self, field: int, repetition: int, component: int, subcomponent: int) -> str:
        node = self.fields[field] if field < len(self.fields) else ""
        for index in (repetition, component, subcomponent):
            if isinstance(node, str):
                node = node if index == 1 else ""
            else:
                node = node[index - 1] if index <= len(node) else ""
        return str(node)


@dataclass(frozen=True, slots=True)
class Message:
    """A message that has been split: its segments in order, and whether it said which character set it is in."""

    segments: tuple[Segment, ...]
    charset_stated: bool

    @property
    def header(self) -> Segment:
        """MSH."""
        return self.segments[0]

    def named(self, name: str) -> tuple[Segment, ...]:
        """All segments of that name, in order."""
        return tuple(segment for segment in self.segments if segment.name == name)


def split_message(raw: bytes, profile: Profile) -> Message | Problem:
    """Decode and split one message.

    Args:
        raw: the bytes of one message without framing; lines end with CR, LF or CRLF.
        profile: whose character set is taken where MSH-18 is empty and the message is not plain ASCII.
    """
    lines = _LINE_BREAK.split(raw)
    if not _HEADER.match(lines[0]):
        # A header with the right name but other separators deserves its own word.
        return Problem(Reason.SEPARATORS if re.match(rb"MSH[^\w\s]", lines[0]) else Reason.NO_HEADER)
    for number, line in enumerate(lines, start=1):
        if _CONTROL.search(line):
            return Problem(Reason.CONTROL_CHARACTER, {"line": number})
    stated = _stated_charset(lines[0])
    name = _OTHER_NAMES.get(stated.upper(), stated.upper()) or ("ASCII" if raw.isascii() else profile.charset)
    if name not in CHARSETS:
        return Problem(Reason.UNKNOWN_CHARSET, {"charset": stated[:20]})
    codec = CHARSETS[name]
    text = _decode(raw, codec)
    if text is None:
        return Problem(Reason.CHARSET_MISMATCH, {"charset": name})
    numbered = [
        (number, line) for number, line in enumerate(re.split("\r\n|\r|\n", text), start=1) if line.strip(" \t")
    ]
    for number, line in numbered:
        if not _SEGMENT.match(line):
            return Problem(Reason.BROKEN_SEGMENT, {"line": number})
    parsed = hl7.parse("\r".join(line for _, line in numbered))
    return Message(
        segments=tuple(
            Segment(name=line[:3], line=number, fields=fields, codec=codec)
            for (number, line), fields in zip(numbered, parsed, strict=True)
        ),
        charset_stated=bool(stated),
    )


def _stated_charset(header: bytes) -> str:
    """MSH-18, first repetition: the others only list what escapes could switch to."""
    fields = header.decode("latin-1").split("|")
    # MSH-1 is the separator itself, so MSH-18 stands at index 17.
    return fields[_CHARSET_FIELD - 1].split("~")[0].strip() if len(fields) >= _CHARSET_FIELD else ""


def _decode(raw: bytes, codec: str) -> str | None:
    """Text, or None where the bytes contradict the character set.

    Every byte is some Latin-1 letter, so bytes that form valid UTF-8 sequences, or C1 controls, betray another set.
    """
    try:
        text = raw.decode(codec)
    except UnicodeDecodeError:
        return None
    if codec.startswith("iso8859") and not raw.isascii():
        if any("\x80" <= char <= "\x9f" for char in text):
            return None
        try:
            raw.decode("utf-8")
        except UnicodeDecodeError:
            return text
        return None
    return text


def unescape(text: str, codec: str) -> str:
    r"""Resolve HL7 escapes (\F\ \S\ \T\ \R\ \E\ \.br\ \Xhh\ …). What is not understood stays as it was written."""
    if "\\" not in text:
        return text
    return _ESCAPE.sub(lambda match: _resolved(match, codec), text)


def holds_unknown_escape(text: str, codec: str) -> bool:
    """Whether some escape stays as it was written."""
    return any(_resolved(match, codec) == match.group() for match in _ESCAPE.finditer(text)) or (
        "\\" in _ESCAPE.sub("", text)
    )


def _resolved(match: re.Match[str], codec: str) -> str:
    code = match.group(1)
    if code in _ESCAPED:
        return _ESCAPED[code]
    if formatting := _FORMATTING.fullmatch(code):
        return _ESCAPED[formatting.group(1)]
    if hexadecimal := _HEX.fullmatch(code):
        try:
            return bytes.fromhex(hexadecimal.group(1)).decode(codec)
        except UnicodeDecodeError:
            return match.group()
    return match.group()


def escape(text: str) -> str:
    """Text as it may stand in a field: the five separators as escapes, line breaks as line commands."""
    written = text.replace("\\", "\\E\\")
    for char, code in (("|", "F"), ("^", "S"), ("&", "T"), ("~", "R")):
        written = written.replace(char, f"\\{code}\\")
    return re.sub("\r\n|\r|\n", lambda _: "\\.br\\", written)
