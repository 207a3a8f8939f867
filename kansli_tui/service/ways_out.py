"""The ways out of the house: paper printed here, a folder for a print house, messages for 1177. One interface, one module.

A way out is given a batch that is set and writes into a folder what leaves, with a list of it. Every file is written whole, and
what says that the batch is complete comes last.
"""

import hashlib
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from sqlalchemy.orm import Session

from db.models import LetterBatch
from kansli_tui.errors import RefusedError
from kansli_tui.exchange.channels_out import Message, control_json, messages_json
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.rows.letter_states import BatchState, Channel, LetterState, WaitingLetters
from kansli_tui.rows.letters import LetterContent
from kansli_tui.service import batches
from kansli_tui.service.files import write_whole
from kansli_tui.service.letter_content import thaw
from kansli_tui.service.offices import post_of
from kansli_tui.service.text_book import TextBook

if TYPE_CHECKING:
    from reports.letters import RenderedBatch
    from reports.manifest import BatchHeader


@dataclass(frozen=True, slots=True)
class Leaving:
    """A batch that is set, as a way out is given it. `messages`: what each letter that may leave says, with the person's number (1177 only)."""

    channel: Channel
    header: "BatchHeader"
    printed: "RenderedBatch"
    messages: tuple[tuple[LetterContent, str], ...] = ()

    @property
    def name(self) -> str:
        """What the batch's files are called after: '05-2026-00012'."""
        return f"{self.header.region}-{self.header.number}"


class WayOut(Protocol):
    """A way out of the house."""

    def write(self, leaving: Leaving, directory: Path) -> tuple[Path, ...]:
        """Write what leaves and what it is. The same batch gives the same bytes. RefusedError says what could not be written."""


class OwnPrinter:
    """PDF and manifest, for the office to print and put in envelopes."""

    def write(self, leaving: Leaving, directory: Path) -> tuple[Path, ...]:
        """`brev-….pdf`, `.csv` and `.json` in the folder itself."""
        return tuple(write_whole(directory, name, data) for name, data in _paper(leaving).items())


class PrintHouse:
    """A folder of its own with PDF and manifest, and last the control file, so that a half batch is never fetched."""

    def write(self, leaving: Leaving, directory: Path) -> tuple[Path, ...]:
        """`brev-…/` with the same files as for the own printer and `klar-….json`."""
        files = _paper(leaving)
        folder = directory / f"brev-{leaving.name}"
        written = [write_whole(folder, name, data) for name, data in files.items()]
        pages = leaving.printed.pages
        facts = {
            **_facts(leaving),
            "letters": len(pages),
            "pages": sum(letter.pages for letter in pages),
            "sheets": sum(letter.pages for letter in pages),
        }
        return (*written, write_whole(folder, f"klar-{leaving.name}.json", control_json(facts, files)))


class Messages1177:
    """A folder of its own with each letter's PDF, and last the file of messages that names them."""

    def write(self, leaving: Leaving, directory: Path) -> tuple[Path, ...]:
        """`1177-…/` with `B-….pdf` for each letter and `meddelanden-….json`."""
        from reports.letters import render_batch  # noqa: PLC0415 - reportlab loads when letters are set
        from reports.message import message_subject, message_text  # noqa: PLC0415

        folder = directory / f"1177-{leaving.name}"
        written, messages = [], []
        for content, number in leaving.messages:
            # Set by itself the letter has the batch's own pages, and nothing of the others'.
            pdf = render_batch([content], created=leaving.header.made, checked=True).pdf
            written.append(write_whole(folder, f"{content.letter_id}.pdf", pdf))
            messages.append(
                Message(
                    letter_id=content.letter_id,
                    personal_number=number,
                    language=content.language,
                    subject=message_subject(content),
                    body=message_text(content),
                    pdf_name=f"{content.letter_id}.pdf",
                    pdf_sha256=hashlib.sha256(pdf).hexdigest(),
                    pdf_bytes=len(pdf),
                )
            )
        invented = any(content.invented for content, _number in leaving.messages)
        facts = {**_facts(leaving), "invented_people": invented, "letters": len(messages)}
        written.append(write_whole(folder, f"meddelanden-{leaving.name}.json", messages_json(facts, messages)))
        _remove_others(folder, {path.name for path in written})
        return tuple(written)


_WAYS: dict[Channel, WayOut] = {
    Channel.PAPER: OwnPrinter(),
    Channel.VENDOR: PrintHouse(),
    Channel.MESSAGE_1177: Messages1177(),
}


def way_out(channel: Channel) -> WayOut:
    """What writes a channel's files."""
    return _WAYS[channel]


def channel_of(offices_file: Path | None, region: str, channel: Channel, *, by_hand: bool) -> Channel:
    """How a letter leaves: a protected person's on paper by hand, one for 1177 there, any other as the region's letters do."""
    if by_hand:
        return Channel.PAPER
    return Channel.MESSAGE_1177 if channel is Channel.MESSAGE_1177 else post_of(offices_file, region).channel


def merged(offices_file: Path | None, rows: Iterable[WaitingLetters]) -> tuple[WaitingLetters, ...]:
    """Waiting letters by the channel they leave by; the rows of one region and type come one after the other."""
    found: dict[tuple[str, LetterType, bool, Channel], WaitingLetters] = {}
    for row in rows:
        channel = channel_of(offices_file, row.region, row.channel, by_hand=row.by_hand)
        key = (row.region, row.type, row.by_hand, channel)
        before = found.get(key)
        letters, oldest = (before.letters, min(before.oldest, row.oldest)) if before else (0, row.oldest)
        found[key] = replace(row, channel=channel, letters=letters + row.letters, oldest=oldest)
    return tuple(found.values())


def leaving(session: Session, batch: LetterBatch, texts: TextBook) -> Leaving:
    """A batch that is set, as it may leave now.

    RefusedError when it may not: it is cancelled; it has been handed over to somebody who would send it a second time; or it
    holds a letter that a print house must not get.
    """
    from reports.letters import LetterPages, RenderedBatch  # noqa: PLC0415 - reports load when letters are made
    from reports.manifest import BatchHeader  # noqa: PLC0415

    if batch.state is BatchState.CANCELLED:
        raise RefusedError("The batch is cancelled: its letters are printed again in another one.")
    if batch.channel is not Channel.PAPER and batch.state is BatchState.POSTED:
        raise RefusedError("The batch has been handed over. Send a lost letter again from its case.")
    taken_out = batches.row_of(session, batch).take_out
    if batch.channel is Channel.VENDOR and taken_out:
        raise RefusedError(
            "These letters may not leave: {letters}. Print the batch again without them; if it has been fetched, tell the print house.",
            letters=", ".join(taken_out),
        )
    messages: tuple[tuple[LetterContent, str], ...] = ()
    if batch.channel is Channel.MESSAGE_1177:
        messages = _messages(session, batch, set(taken_out), texts)
    header = BatchHeader(batch.number, batch.region, batch.type.value, batch.made_at, batch.by_hand)
    pages = tuple(LetterPages(*page) for page in batch.page_map or [])
    return Leaving(batch.channel, header, RenderedBatch(batch.pdf or b"", pages, batch.sha256 or ""), messages)


def _messages(
    session: Session, batch: LetterBatch, taken_out: set[str], texts: TextBook
) -> tuple[tuple[LetterContent, str], ...]:
    going = [
        letter
        for letter in batches.letters_of(session, batch)
        if letter.state is LetterState.PRINTED
        and letter.content is not None
        and batches.letter_number(letter.id) not in taken_out
    ]
    if not going:
        raise RefusedError("No letter of the batch can leave. Cancel it instead.")
    people = batches.people_of(session, batch)
    return tuple((thaw(letter.content or {}, texts), people[letter.person_id].number) for letter in going)


def _facts(leaving: Leaving) -> dict[str, object]:
    header = leaving.header
    return {"number": header.number, "region": header.region, "made": header.made.isoformat(timespec="seconds")}


def _paper(leaving: Leaving) -> dict[str, bytes]:
    from reports.manifest import manifest_csv, manifest_json  # noqa: PLC0415 - reports load when letters are made

    name = f"brev-{leaving.name}"
    return {
        f"{name}.pdf": leaving.printed.pdf,
        f"{name}.csv": manifest_csv(leaving.printed, leaving.header).encode(),
        f"{name}.json": manifest_json(leaving.printed, leaving.header).encode(),
    }


def _remove_others(folder: Path, names: set[str]) -> None:
    """What an earlier writing left of letters that may no longer leave."""
    for old in folder.glob("B-*.pdf"):
        if old.name not in names:
            with suppress(OSError):
                old.unlink()
