"""Numbers for invented people: personal identity numbers that are nobody's on purpose, and telephone numbers reserved for fiction."""

from datetime import date
from random import Random
from typing import Final

from kansli_tui.pathway.identity import IdentityKind, check_digit, is_test_serial

_STEP: Final = 167
"""Serials of one day are taken in strides of this prime, so that neighbours in age do not have neighbouring numbers."""


class NumberSeries:
    """Hands out each male number once. Not safe to share between threads."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._taken: dict[tuple[IdentityKind, date], int] = {}
        self._serials: dict[tuple[IdentityKind, int], tuple[str, ...]] = {}

    def draw(self, born: date, kind: IdentityKind = IdentityKind.PERSONNUMMER) -> str | None:
        """A fresh number of a man born that day, outside the test series; None when the day has none left."""
        serials = self._serials_of(kind, born.year)
        taken = self._taken.get((kind, born), 0)
        if taken == len(serials):
            return None
        self._taken[kind, born] = taken + 1
        serial = serials[(self._seed + born.toordinal() * 31 + taken * _STEP) % len(serials)]
        day = born.day + 60 if kind is IdentityKind.SAMORDNINGSNUMMER else born.day
        ten = f"{born.year % 100:02}{born.month:02}{day:02}{serial}"
        return f"{born.year // 100}{ten}{check_digit(ten)}"

    def _serials_of(self, kind: IdentityKind, year: int) -> tuple[str, ...]:
        known = self._serials.get((kind, year))
        if known is None:
            known = tuple(f"{serial:03}" for serial in range(11, 980, 2) if not is_test_serial(kind, year, serial))
            self._serials[kind, year] = known
        return known


def invented_phone(rng: Random) -> str:
    """A telephone number from the series that the authority keeps for fiction: 08-465 004 00-99 and 070-174 06 05-99."""
    if rng.random() < 0.2:
        return f"08-465 004 {int(rng.random() * 100):02}"
    return f"070-174 06 {5 + int(rng.random() * 95):02}"
