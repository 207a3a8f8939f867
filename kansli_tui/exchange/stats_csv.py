"""The indicators as CSV for a spreadsheet: semicolons, decimal commas, UTF-8 with a mark, and no cell that acts as a formula."""

import csv
from collections.abc import Sequence
from decimal import Decimal
from io import StringIO
from typing import Final

from kansli_tui.rows.statistics import StatsRow
from kansli_tui.stats_labels import indicator_words

COLUMNS: Final = (
    "indicator",
    "meaning",
    "region",
    "born",
    "numerator",
    "denominator",
    "percent",
    "low",
    "high",
    "suppressed",
)
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def stats_csv(rows: Sequence[StatsRow]) -> bytes:
    """One line for every row, in its order; a hidden row has no figures and 1 in the last column."""
    out = StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        counts = ("" if count is None else str(count) for count in (row.numerator, row.denominator))
        shares = (_comma(share) for share in (row.percent, row.low, row.high))
        names = map(harmless, (row.indicator, indicator_words(row.indicator), row.region, row.born))
        writer.writerow((*names, *counts, *shares, int(row.suppressed)))
    return out.getvalue().encode("utf-8-sig")


def harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula, on one line."""
    line = " ".join(text.splitlines())
    return f"'{line}" if line.startswith(_FORMULA) else line


def _comma(number: Decimal | None) -> str:
    return "" if number is None else f"{number:f}".replace(".", ",")
