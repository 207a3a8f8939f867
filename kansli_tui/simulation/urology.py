"""The urology clinics of the simulation: visits, biopsies, the pathologist's answers and treatments, told in lists; some by phone."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from heapq import heapify, heappop, heappush
from pathlib import Path
from random import Random
from typing import Final

from kansli_tui.exchange.outcomes_csv import HEADINGS
from kansli_tui.pathway.referrals import ReferralEvent
from kansli_tui.simulation.chance import chance
from kansli_tui.simulation.referred import Referred, UnitCall, urology_referrals

_SILENT: Final = 0.04
_DECLINED: Final = 0.10
_NO_BIOPSY: Final = 0.16
"""Seen, and no biopsy taken. Published: 72 % of those whom a biopsy is indicated for are biopsied."""
_ISUP: Final = ((0.38, 0), (0.20, 1), (0.22, 2), (0.10, 3), (0.06, 4), (0.04, 5))
"""What biopsies show. Published: ISUP 1 in 20 % and ISUP 2 or more in 42 % of the biopsied."""
_TREATMENTS: Final = ((0.45, "surveillance"), (0.3, "surgery"), (0.2, "radiotherapy"), (0.05, "other"))
_DAYS_TO_VISIT: Final = (3, 16)
_DAYS_TO_BIOPSY: Final = (5, 26)
_DAYS_TO_PATHOLOGY: Final = (4, 13)
_DAYS_TO_TREATMENT: Final = (20, 70)
_SHARE_WITHOUT_GRADE: Final = 0.02
_SHARE_CHANGED: Final = 0.01
_SHARE_BIOPSY_LATE: Final = 0.03
_RESENT_DAYS: Final = 7


@dataclass(frozen=True, slots=True, order=True)
class _Line:
    on: date
    place: int
    number: str
    text: str


class Urology:
    """Receives work lists, and hands over what it has to say by a day."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._open: dict[str, Referred] = {}
        self._silent: set[str] = set()
        self._tries: dict[str, int] = {}
        self._lines: list[_Line] = []
        self._calls: list[UnitCall] = []
        self._made = 0
        self.biopsies = 0

    def receive(self, files: Iterable[str], on: date) -> None:
        """Read the office's work lists: referrals, and referrals taken back."""
        for file in files:
            for referred, withdrawn in urology_referrals(Path(file)):
                if withdrawn:
                    self.forget(referred.number)
                else:
                    self._open[referred.number] = referred
                    self.begin(referred.number, on)

    def begin(self, number: str, on: date, *, again: bool = False) -> None:
        """See to a referral from a day on; `again` when the office has asked or sent it once more."""
        referred = self._open.get(number)
        if referred is None:
            return
        self._tries[number] = self._tries.get(number, 0) + 1
        rng = chance(self._seed, number, "urology", self._tries[number])
        drawn = rng.random()
        self._silent.discard(number)
        if drawn < _SILENT and not again:
            self._silent.add(number)
            return
        day = _weekday(on + timedelta(days=rng.randrange(*_DAYS_TO_VISIT)))
        drawn -= _SILENT
        if 0 <= drawn < _DECLINED and not again:
            self._write(referred, "declined", day)
            return
        self._write(referred, "visit", day)
        if drawn < _DECLINED + _NO_BIOPSY and not again:
            told = _weekday(day + timedelta(days=3))
            heappush(self._calls, UnitCall(told, number, ReferralEvent.NOT_COMPLETED, "Urologen avstår från biopsi."))
            return
        self._biopsy(referred, _weekday(day + timedelta(days=rng.randrange(*_DAYS_TO_BIOPSY))), rng)

    def reminded(self, number: str, on: date) -> None:
        """The office has asked about a referral: one that lies somewhere is found, and a line that was lost is sent."""
        if number in self._silent or not any(line.number == number for line in self._lines):
            self.begin(number, on, again=True)

    def forget(self, number: str) -> None:
        """Nothing more comes of a referral by itself."""
        self._open.pop(number, None)
        self._silent.discard(number)
        self._lines = [line for line in self._lines if line.number != number]
        heapify(self._lines)
        self._calls = [call for call in self._calls if call.number != number]
        heapify(self._calls)

    def list_of(self, on: date) -> bytes | None:
        """The lines that leave up to a day; None when none does."""
        lines = []
        while self._lines and self._lines[0].on <= on:
            lines.append(heappop(self._lines).text)
        return as_list(lines) if lines else None

    def calls(self, on: date) -> Iterator[UnitCall]:
        """The clinics' phone calls up to a day."""
        while self._calls and self._calls[0].on <= on:
            yield heappop(self._calls)

    def referrals(self) -> tuple[Referred, ...]:
        """The referrals that something may still come of."""
        return tuple(self._open.values())

    def _biopsy(self, referred: Referred, day: date, rng: Random) -> None:
        self.biopsies += 1
        told = _weekday(day + timedelta(days=rng.randrange(*_DAYS_TO_PATHOLOGY)))
        late = rng.random() < _SHARE_BIOPSY_LATE
        self._write(referred, "biopsy", day, sent=told + timedelta(days=7) if late else day)
        isup = int(_drawn(_ISUP, rng))
        sent = told
        if rng.random() < _SHARE_WITHOUT_GRADE:
            self._write(referred, "pathology", told)
            sent = _weekday(told + timedelta(days=_RESENT_DAYS))
        self._write(referred, "pathology", told, isup=str(isup), sent=sent)
        if rng.random() < _SHARE_CHANGED:
            self._write(referred, "pathology", sent + timedelta(days=9), isup=str((isup + 1) % 6))
        elif isup:
            treated = _weekday(told + timedelta(days=rng.randrange(*_DAYS_TO_TREATMENT)))
            self._write(referred, "treatment", treated, treatment=_drawn(_TREATMENTS, rng))

    def _write(
        self,
        referred: Referred,
        event: str,
        on: date,
        *,
        isup: str = "",
        treatment: str = "",
        sent: date | None = None,
    ) -> None:
        self._made += 1
        text = line(referred, event, on, isup=isup, treatment=treatment)
        heappush(self._lines, _Line(sent or on, self._made, referred.number, text))


def line(referred: Referred, event: str, on: date, *, isup: str = "", treatment: str = "") -> str:
    """One line of a list."""
    return f"{referred.number};{referred.patient_number};{event};{on.isoformat()};{isup};{treatment}"


def as_list(lines: Iterable[str]) -> bytes:
    """Lines as a file."""
    return "\n".join([";".join(HEADINGS), *lines, ""]).encode()


def _drawn(shares: tuple[tuple[float, object], ...], rng: Random) -> str:
    drawn = rng.random()
    for share, what in shares:
        if drawn < share:
            return str(what)
        drawn -= share
    return str(shares[0][1])


def _weekday(day: date) -> date:
    return day + timedelta(days=max(0, 7 - day.weekday())) if day.weekday() >= 5 else day
