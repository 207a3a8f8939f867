"""A register hand-over in any format that the program reads: bytes to a `RegisterFile`. Knows no database."""

import hashlib
from collections.abc import Mapping

from kansli_tui.errors import UnreadableFileError
from kansli_tui.exchange.navet import read_navet
from kansli_tui.exchange.population_csv import read_population_csv
from kansli_tui.rows.population import RegisterFile

FORMATS = ("csv", "navet")


def read_population(
    raw: bytes,
    name: str,
    format: str | None = None,  # noqa: A002 — the word that the command line and the row use
    columns: Mapping[str, str] | None = None,
) -> RegisterFile:
    """The file as records, in the file's order.

    Args:
        raw: the file's bytes, all of them.
        name: the file's name, kept to show.
        format: "csv" or "navet"; None to see it from the contents.
        columns: headings of a CSV file by our column name, for those that differ.

    Raises:
        UnreadableFileError: the whole file is refused; the message says why and what to do.
    """
    chosen = format or _format_of(raw)
    if chosen not in FORMATS:
        raise UnreadableFileError("The format {format} is not known: choose csv or navet.", format=chosen)
    lines = read_navet(raw) if chosen == "navet" else read_population_csv(raw, columns=columns)
    return RegisterFile(name, hashlib.sha256(raw).hexdigest(), chosen, lines)


def _format_of(raw: bytes) -> str:
    start = raw.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"<"):
        raise UnreadableFileError("The file is XML, which is not read: ask for CSV or the flat #UP file.")
    return "navet" if start.startswith(b"#") else "csv"
