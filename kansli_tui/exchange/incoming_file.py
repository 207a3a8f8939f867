"""A file from outside, whatever it is: cut into messages or rows so that one wrong byte costs one message.

Every byte ends up in some item; what cannot be read is held with its bytes and a reason. A batch that does not add up is held
whole: each of its messages comes back as `Unreadable`, and its bytes can be read again alone once somebody has looked.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from kansli_tui.errors import UnreadableFileError
from kansli_tui.exchange import history_csv, lab_csv, mri_csv, outcomes_csv
from kansli_tui.exchange.csv_rows import first_headings
from kansli_tui.exchange.hl7_in import read_message
from kansli_tui.exchange.lab_values import visible
from kansli_tui.exchange.profile import Profile
from kansli_tui.rows.incoming import IncomingFile, IncomingItem
from kansli_tui.rows.lab import Problem, Unreadable
from kansli_tui.rows.lab_reasons import Reason

_BOM: Final = b"\xef\xbb\xbf"
_MLLP_START: Final = b"\x0b"
_MLLP_END: Final = b"\x1c"
_HEADER: Final = b"MSH|^~\\&|"
# A line break in the place of one byte of a header does not end a line, and an end mark ends one only where a frame may end.
_LINE: Final = re.compile(
    b"(?:"
    + b"|".join(re.escape(_HEADER[:at]) + b"[\r\n]" + re.escape(_HEADER[at + 1 :]) for at in range(1, len(_HEADER)))
    + rb")?[^\r\n\x1c]*(?:\x1c(?![\r\n\x0b]|\Z)[^\r\n\x1c]*)*(?:\x1c\r?\n?|\r\n|\r|\n|\Z)"
)
# A message starts where its name or its separators stand, so that damage to either still leaves a boundary.
_STARTS: Final = re.compile(rb"MSH|.{0,7}\^~\\&", re.DOTALL)
_STARTS_INSIDE: Final = re.compile(rb"[\x0b\xef\xbb\xbf]*MSH\|\^~\\&#?\|")
_LONGEST_DAMAGE: Final = 3
_ENVELOPE: Final = re.compile(rb"(FHS|BHS|BTS|FTS)(?:\||\s*$)")
_KNOWN_ENOUGH: Final = 3
"""How many headings tell that a file is meant as such a CSV, so that a missing one is named."""
_SURELY_HISTORY: Final = 8
_BLANK: Final = b" \t\r\n" + _MLLP_START + _MLLP_END + _BOM


@dataclass(slots=True)
class _Piece:
    """The bytes of one message in its file, and which run of messages (a batch, or what stands between two) it is in."""

    raw: bytes
    run: int
    framed: bool = False
    cut_off: bool = False


def read_incoming_file(raw: bytes, name: str, profile: Profile) -> IncomingFile:
    """Read a file of HL7 v2 messages (one, several, in batches, framed or not) or a CSV of answers or events, told apart by content.

    Raises:
        UnreadableFileError: the file is empty, it is a CSV that lacks one of its headings, or one of earlier rounds. Anything else comes back as items.
    """
    if not raw.strip(_BLANK):
        raise UnreadableFileError("The file is empty. Check that it was saved or sent completely.")
    items: tuple[IncomingItem, ...]
    headings = _csv_headings(raw)
    if headings == lab_csv.HEADINGS:
        items = tuple(lab_csv.read_lab_csv(raw, profile))
    elif headings == mri_csv.HEADINGS:
        items = tuple(mri_csv.read_mri_csv(raw))
    elif headings == outcomes_csv.HEADINGS:
        items = tuple(outcomes_csv.read_outcomes_csv(raw))
    elif _is_hl7(raw):
        items = tuple(_read_hl7(raw, profile))
    else:
        items = (_unreadable(raw, 1, Problem(Reason.UNKNOWN_FILE)),)
    return IncomingFile(name=name, sha256=hashlib.sha256(raw).hexdigest(), items=items)


def _csv_headings(raw: bytes) -> tuple[str, ...] | None:
    """The headings of the kind of CSV that the first line fits best; None when it fits none."""
    found = first_headings(raw)
    if len(found & set(history_csv.HEADINGS)) >= _SURELY_HISTORY:
        raise UnreadableFileError("The file holds earlier rounds. Import it with: kansli-tui import history FILE")
    kinds = (lab_csv.HEADINGS, mri_csv.HEADINGS, outcomes_csv.HEADINGS)
    known, _, best = max((len(found & set(headings)), -len(headings), headings) for headings in kinds)
    return best if known >= _KNOWN_ENOUGH else None


def _unreadable(raw: bytes, position: int, problem: Problem) -> Unreadable:
    return Unreadable(position, raw, hashlib.sha256(raw).hexdigest(), problem.reason, problem.values)


def _is_hl7(raw: bytes) -> bool:
    lines = (line.lstrip(_BLANK) for line in _lines(raw))
    return any(_STARTS.match(line) or _ENVELOPE.match(line) for line in lines)


def _lines(raw: bytes) -> Iterator[bytes]:
    """The lines with their line breaks; a message that starts inside a line starts a line of its own."""
    for match in _LINE.finditer(raw):
        line, start = match.group(), 0
        for inside in _STARTS_INSIDE.finditer(line):
            # A damaged byte or two before MSH belong to that message; more is the end of the one before.
            if inside.start() - start > _LONGEST_DAMAGE:
                yield line[start : inside.start()]
                start = inside.start()
        if line[start:]:
            yield line[start:]


def _read_hl7(raw: bytes, profile: Profile) -> Iterator[IncomingItem]:
    cut = _Cutter()
    for line in _lines(raw):
        cut.take(line)
    cut.finish()
    for position, piece in enumerate(cut.pieces, start=1):
        problem = cut.file_problem or cut.run_problems.get(piece.run)
        if problem is not None:
            yield _unreadable(piece.raw.rstrip(b"\r\n"), position, problem)
        else:
            yield read_message(piece.raw, position, profile, cut_off=piece.cut_off)


@dataclass(slots=True)
class _Cutter:
    """Cuts a stream of lines into messages and checks the counts that its envelopes state.

    `FHS (BHS message… BTS)… FTS`, every envelope optional. Lines that belong to no message are held but not counted. A batch without an end, or an end without a beginning, has lost
    something; so has one whose BTS-1 is another number than its messages.
    """

    pieces: list[_Piece] = field(default_factory=list)
    run_problems: dict[int, Problem] = field(default_factory=dict)
    file_problem: Problem | None = None
    _run: int = 0
    _current: _Piece | None = None
    _in_batch: bool = False
    _in_file: bool = False
    _batches: int = 0
    _messages: int = 0

    def take(self, line: bytes) -> None:
        """The next line of the file."""
        framed = line.lstrip(_BOM).startswith(_MLLP_START)
        content = line.lstrip(_BOM + _MLLP_START)
        # Outside a frame the end mark is a damaged byte like any other.
        ends_frame = content.rstrip(b"\r\n").endswith(_MLLP_END) and (
            framed or (self._current is not None and self._current.framed)
        )
        if ends_frame:
            content = content.rstrip(b"\r\n" + _MLLP_END)
        if envelope := _ENVELOPE.match(content):
            self._close(at_line_end=True)
            self._envelope(envelope.group(1), content)
        elif _STARTS.match(content):
            self._close(at_line_end=self._current is None or self._current.raw.endswith((b"\r", b"\n")))
            self._open(_Piece(content, self._run, framed=framed))
            self._messages += 1
        elif self._current is not None:
            self._current.raw += content
        elif content.strip(_BLANK):
            self._open(_Piece(content, self._run, framed=framed))
        if ends_frame and self._current is not None:
            self._current.framed = False
            self._close(at_line_end=True)

    def finish(self) -> None:
        """The file ends here."""
        self._close(at_line_end=True)
        if self._in_batch:
            self.run_problems[self._run] = Problem(Reason.BATCH_CUT_OFF)
        if self._in_file:
            self.file_problem = self.file_problem or Problem(Reason.BATCH_CUT_OFF)

    def _open(self, piece: _Piece) -> None:
        self._current = piece
        self.pieces.append(piece)

    def _close(self, *, at_line_end: bool) -> None:
        """The current message ends: whole only if its last line ended and an opened frame was closed."""
        if self._current is not None:
            self._current.cut_off = self._current.framed or not at_line_end
            self._current = None

    def _envelope(self, name: bytes, line: bytes) -> None:
        if name == b"FHS":
            if self._in_file:
                self.file_problem = Problem(Reason.BATCH_CUT_OFF)
            self._in_file, self._batches = True, 0
        elif name == b"BHS":
            if self._in_batch:
                self.run_problems[self._run] = Problem(Reason.BATCH_CUT_OFF)
            self._run, self._messages = self._run + 1, 0
            self._in_batch = True
            self._batches += 1
        elif name == b"BTS":
            if not self._in_batch:
                self.run_problems[self._run] = Problem(Reason.BATCH_CUT_OFF)
            elif (stated := _count(line)) not in ("", str(self._messages)):
                values: dict[str, str | int] = {"stated": stated, "found": self._messages}
                self.run_problems[self._run] = Problem(Reason.BATCH_COUNT, values)
            self._run, self._messages = self._run + 1, 0
            self._in_batch = False
        else:
            found = self._batches or int(bool(self.pieces))
            if (stated := _count(line)) not in ("", str(found)):
                self.file_problem = Problem(Reason.FILE_COUNT, {"stated": stated, "found": found})
            self._in_file = False


def _count(line: bytes) -> str:
    """The count in the first field of BTS or FTS, without leading zeros; '' when not stated."""
    fields = line.decode("latin-1").strip().split("|")
    stated = visible(fields[1].strip()) if len(fields) > 1 else ""
    return stated.lstrip("0")[:10] or stated[:1]
