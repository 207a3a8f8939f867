"""The work lists for offices that type orders and referrals into the region's own system, and the receipt numbers they type back.

One file serves both ways: a list has an empty `receipt` column, and any CSV with the columns `order` and `receipt` is read.
It is made to be opened in a spreadsheet program, so no cell may act as a formula.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from kansli_tui.errors import UnreadableFileError
from kansli_tui.exchange.lab_values import stockholm, visible
from kansli_tui.rows.lab import OrderOut
from kansli_tui.rows.referral_messages import ReferralOut

COLUMNS: Final = (
    "order",
    "region",
    "pnr",
    "family",
    "given",
    "birth_date",
    "street",
    "postcode",
    "city",
    "ordered_on",
    "valid_until",
    "receipt",
)

REFERRAL_COLUMNS: Final = (
    "order",
    "kind",
    "region",
    "unit",
    "unit_hsa_id",
    "pnr",
    "family",
    "given",
    "birth_date",
    "street",
    "postcode",
    "city",
    "made_on",
    "psa",
    "sampled_on",
    "pirads",
    "volume_ml",
    "density",
    "exam_code",
    "question",
    "answers",
    "receipt",
)

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_LONGEST_RECEIPT: Final = 60


@dataclass(frozen=True, slots=True)
class Receipt:
    """A number typed back: the region's own number for our order. `line` is the line in the file, headings being 1."""

    order_number: str
    receipt: str
    line: int


@dataclass(frozen=True, slots=True)
class ReceiptProblem:
    """A line that was not used: `reason` is a message id, `line` fills its placeholder."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class ReceiptFile:
    """What a typed-back file holds. Lines without a receipt yet are neither receipts nor problems."""

    receipts: tuple[Receipt, ...]
    problems: tuple[ReceiptProblem, ...]


def worklist_csv(orders: Iterable[OrderOut]) -> bytes:
    """The orders as CSV: UTF-8 with BOM, `;`, CRLF, dates ISO; in the order given."""
    return _csv(
        COLUMNS,
        (
            (
                order.order_number,
                order.region,
                order.identity_number,
                order.family,
                order.given,
                order.birth_date.isoformat(),
                order.street,
                order.postcode,
                order.city,
                _day(order.ordered_at),
                order.valid_until.isoformat(),
                "",
            )
            for order in orders
        ),
    )


def referral_worklist_csv(referrals: Iterable[ReferralOut]) -> bytes:
    """Referrals of both kinds as CSV, in the same form. A protected person's address is left out."""
    return _csv(REFERRAL_COLUMNS, map(_referral_cells, referrals))


def _referral_cells(referral: ReferralOut) -> Sequence[str]:
    address = (referral.street, referral.postcode, referral.city)
    return (
        referral.number,
        referral.kind,
        referral.region,
        referral.unit_name,
        referral.unit_hsa_id,
        referral.identity_number,
        referral.family,
        referral.given,
        referral.birth_date.isoformat(),
        *(("", "", "") if referral.protected else address),
        _day(referral.made_at),
        f"{referral.psa_comparator}{referral.psa_value}",
        _day(referral.sampled_at) if referral.sampled_at else "",
        *(referral.mri or ("", "", "")),
        referral.exam_code,
        referral.question,
        " ".join(f"{question.rstrip(' ?:')}: {answer}." for question, answer in referral.answers),
        "",
    )


def _day(moment: datetime) -> str:
    return moment.astimezone(stockholm()).date().isoformat()


def _csv(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _harmless(cell: str) -> str:
    """The cell as plain text to a spreadsheet: an apostrophe before what would start a formula."""
    shown = visible(cell).replace("\n", " ")
    return f"'{shown}" if shown.startswith(_FORMULA) else shown


def _typed(cell: str) -> str:
    """A cell as it was before `_harmless`."""
    text = cell.strip()
    return text[1:] if text[:1] == "'" and text[1:].startswith(_FORMULA) else text


def read_receipts(raw: bytes) -> ReceiptFile:
    """Read receipts typed back, UTF-8 or Latin-1, `;`. The same line twice counts once; two receipts for one order, none.

    Raises:
        UnreadableFileError: the file is empty or lacks a heading.
    """
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("iso8859-1")
    lines = [(number, line) for number, line in enumerate(re.split("\r\n|\r|\n", text), start=1) if line.strip()]
    if not lines:
        raise UnreadableFileError("The file is empty. Check that it was saved or sent completely.")
    headings = [cell.strip(' "').lower() for cell in lines[0][1].split(";")]
    for heading in ("order", "receipt"):
        if headings.count(heading) != 1:
            raise UnreadableFileError(
                "The heading {heading} is missing or stands twice. The first line must hold: {headings}",
                heading=heading,
                headings="order;receipt",
            )
    read = list(_receipts(lines[1:], headings))
    seen: dict[str, set[str]] = {}
    for entry in read:
        if isinstance(entry, Receipt):
            seen.setdefault(entry.order_number, set()).add(entry.receipt)
    receipts: dict[str, Receipt] = {}
    problems = [entry for entry in read if isinstance(entry, ReceiptProblem)]
    for entry in read:
        if not isinstance(entry, Receipt):
            continue
        if len(seen[entry.order_number]) > 1:
            problems.append(ReceiptProblem(entry.line, "Line {line}: the order has two different receipts in the file"))
        else:
            receipts.setdefault(entry.order_number, entry)
    return ReceiptFile(tuple(receipts.values()), tuple(sorted(problems, key=lambda problem: problem.line)))


def _receipts(lines: list[tuple[int, str]], headings: list[str]) -> Iterator[Receipt | ReceiptProblem]:
    for number, line in lines:
        try:
            cells = next(csv.reader([line], delimiter=";", strict=True))
        except csv.Error:
            yield ReceiptProblem(number, "Line {line} has a quotation mark out of place")
            continue
        if len(cells) != len(headings):
            yield ReceiptProblem(number, "Line {line} has another number of columns than the headings")
            continue
        row = dict(zip(headings, map(_typed, cells), strict=True))
        order, receipt = row["order"], row["receipt"]
        if not receipt:
            continue
        if not order:
            yield ReceiptProblem(number, "Line {line} has a receipt but no order")
        elif len(receipt) > _LONGEST_RECEIPT or visible(receipt) != receipt:
            yield ReceiptProblem(
                number, "Line {line}: the receipt is too long or holds characters that cannot be typed"
            )
        else:
            yield Receipt(order, receipt, number)
