"""Quarters of a year, written 2026K3."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

_WRITTEN = re.compile(r"([0-9]{4})[KQ]([1-4])")


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    """One quarter; `number` is 1 to 4."""

    year: int
    number: int

    @property
    def first(self) -> date:
        """The first day."""
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def last(self) -> date:
        """The last day."""
        month = 3 * self.number
        return date(self.year, month, monthrange(self.year, month)[1])

    def plus(self, quarters: int) -> "Quarter":
        """So many quarters later, or earlier where negative."""
        year, number = divmod(4 * self.year + self.number - 1 + quarters, 4)
        return Quarter(year, number + 1)

    def __str__(self) -> str:
        return f"{self.year}K{self.number}"


def quarter_of(day: date) -> Quarter:
    """The quarter that a day lies in."""
    return Quarter(day.year, (day.month + 2) // 3)


def read_quarter(text: str) -> Quarter | None:
    """The quarter written as 2026K3 (2026Q3 too, small letters too); None when it cannot be read."""
    found = _WRITTEN.fullmatch(text.strip().upper())
    return Quarter(int(found[1]), int(found[2])) if found is not None and int(found[1]) > 0 else None
