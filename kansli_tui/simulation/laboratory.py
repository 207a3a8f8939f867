"""The laboratory of the simulation: it reads the orders that the office writes, takes samples of those who come, and answers.

It knows nothing but its own files: who comes and what the sample shows is drawn for each order by itself.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from heapq import heappop, heappush
from pathlib import Path
from random import Random
from typing import Final

from kansli_tui.exchange.profile import Profile
from kansli_tui.invented.psa import psa_value
from kansli_tui.service.context import STOCKHOLM
from kansli_tui.simulation.chance import chance
from kansli_tui.simulation.oru import (
    NOT_ANALYSED,
    WRONG_PERSON,
    Ordered,
    Result,
    batch,
    corrected,
    in_other_unit,
    message,
    result_of,
)

_SHARE_NOT_ANALYSED: Final = 0.01
_SHARE_PRELIMINARY: Final = 0.01
_SHARE_NOTE: Final = 0.01
_SHARE_OTHER_UNIT: Final = 0.002
_SHARE_OTHER_PERSON: Final = 0.001
_SHARE_STRAY: Final = 0.002
_SHARE_TWICE: Final = 0.003
_SHARE_CORRECTED: Final = 0.005
_SHARE_WITHDRAWN: Final = 0.0005
_SHARE_LATE: Final = 0.003
_MEAN_DAYS_TO_SAMPLE: Final = 16
_MOST_DAYS_TO_SAMPLE: Final = 70
_LATE_DAYS: Final = (93, 120)
_RESENT_DAYS: Final = 9
_OURS: Final = "OPT-"
"""What the numbers of PSA orders begin with; referrals to other units are none of the laboratory's."""


@dataclass(frozen=True, slots=True, order=True)
class _Outgoing:
    """A message that leaves on a day; `place` keeps the order in which they were made."""

    on: date
    place: int
    raw: bytes


class Laboratory:
    """Receives order files, and hands over what it has to answer by a day.

    `comes` says how likely the person of an order is to give a sample.
    """

    def __init__(self, seed: int, profile: Profile, comes: Callable[[Ordered], float]) -> None:
        self._seed = seed
        self._profile = profile
        self._comes = comes
        self._open: dict[str, Ordered] = {}
        self._received: dict[str, date] = {}
        self._taken: dict[str, date] = {}
        self._answered: dict[str, date] = {}
        self._outgoing: list[_Outgoing] = []
        self._made = 0
        self.samples = 0

    def receive(self, files: Iterable[str], on: date) -> None:
        """Read what the office has written: orders, and cancellations of orders."""
        for file in files:
            path = Path(file)
            if path.suffix != ".hl7":
                continue
            for order, cancelled in _orders(path.read_bytes()):
                if cancelled:
                    self._cancel(order, on)
                else:
                    self._open[order.number], self._received[order.number] = order, on
                    self._draw(order, on)

    def unanswered(self, on: date) -> list[Ordered]:
        """Orders to which nothing has been answered up to a day, the oldest first."""
        return [order for number, order in self._open.items() if self._answered.get(number, date.max) > on]

    def received_on(self, order: Ordered) -> date:
        """When an order came in; long ago for one that is not ours."""
        return self._received.get(order.number, date.min)

    def file(self, on: date) -> bytes | None:
        """Everything that leaves up to a day; None when nothing does."""
        messages = []
        while self._outgoing and self._outgoing[0].on <= on:
            messages.append(heappop(self._outgoing).raw)
        return batch(messages) if messages else None

    def forget(self, order: Ordered) -> None:
        """Nothing more comes of an order by itself."""
        self._open.pop(order.number, None)
        mark = f"|{order.number}^".encode()
        # A sorted list is a heap.
        self._outgoing = sorted(out for out in self._outgoing if mark not in out.raw)

    def write(self, order: Ordered, result: Result, *, sampled: datetime, reported: datetime) -> bytes:
        """One message, numbered."""
        self._made += 1
        control_id = f"S{self._made:08d}"
        return message(order, result, self._profile, control_id=control_id, sampled=sampled, reported=reported)

    def _cancel(self, order: Ordered, on: date) -> None:
        """A sample that has been taken is answered all the same."""
        if self._taken.get(order.number, date.max) > on:
            self.forget(order)

    def _draw(self, order: Ordered, on: date) -> None:
        rng = chance(self._seed, order.number, "sample")
        comes, late = rng.random() < self._comes(order), rng.random() < _SHARE_LATE
        if late:
            days = rng.randrange(*_LATE_DAYS)
        elif comes:
            days = 2 + min(int(rng.expovariate(1 / _MEAN_DAYS_TO_SAMPLE)), _MOST_DAYS_TO_SAMPLE)
        else:
            return
        day = _weekday(on + timedelta(days=days))
        sampled = datetime.combine(day, time(7, 30), STOCKHOLM) + timedelta(minutes=int(rng.random() * 420))
        self._taken[order.number] = day
        self.samples += 1
        for result, after in self._results(order, day, rng):
            self._answered.setdefault(order.number, _weekday(day + timedelta(days=after)))
            self._send(order, result, sampled, _weekday(day + timedelta(days=after)))
        if rng.random() < _SHARE_STRAY:
            stray = Ordered(f"REM-{int(rng.random() * 900_000) + 100_000}", order.identity, order.name, order.born)
            self._send(stray, Result("1.1"), sampled, _weekday(day + timedelta(days=2)))

    def _results(self, order: Ordered, day: date, rng: Random) -> Iterator[tuple[Result, int]]:
        """What is answered about a sample, and how many days after it."""
        after = 1 + int(rng.random() * 3)
        kind = rng.random()
        if kind < _SHARE_NOT_ANALYSED:
            yield NOT_ANALYSED, after
            return
        value = self.psa_of(order, day)
        result = result_of(value, rng)
        kind -= _SHARE_NOT_ANALYSED
        if kind < _SHARE_PRELIMINARY:
            yield Result(f"{value:f}", status="P"), after
            yield result, after + 4
        elif (kind := kind - _SHARE_PRELIMINARY) < _SHARE_OTHER_UNIT:
            yield in_other_unit(result, value), after
            yield result, after + _RESENT_DAYS
        elif (kind := kind - _SHARE_OTHER_UNIT) < _SHARE_NOTE:
            yield Result(f"{value:f}", note="Lätt hemolyserat prov, bedöms kunna besvaras."), after
        else:
            yield result, after
        if rng.random() < _SHARE_CORRECTED:
            new = (value * Decimal(f"{rng.uniform(0.6, 1.8):.2f}")).quantize(Decimal("0.1"))
            yield corrected(result, max(new, Decimal("0.1"))), after + 3 + int(rng.random() * 20)
        elif rng.random() < _SHARE_WITHDRAWN:
            yield WRONG_PERSON, after + 5 + int(rng.random() * 10)

    def psa_of(self, order: Ordered, day: date) -> Decimal:
        """The man's PSA: drawn the same way every time, so that it grows with his age and does not jump."""
        age = day.year - int(order.born[:4])
        rng = chance(self._seed, order.name, order.born, "psa")
        return psa_value(rng, age) or psa_value(rng, age) or Decimal("0.8")

    def _send(self, order: Ordered, result: Result, sampled: datetime, day: date) -> None:
        rng = chance(self._seed, order.number, "message", self._made)
        reported = datetime.combine(day, time(13, 0), STOCKHOLM) + timedelta(minutes=int(rng.random() * 180))
        sender = order
        if result.status == "F" and rng.random() < _SHARE_OTHER_PERSON and self._open:
            sender = _mixed_up(order, next(iter(self._open.values())))
        raw = self.write(sender, result, sampled=sampled, reported=reported)
        self._queue(day, raw)
        if sender is not order:
            later = _weekday(day + timedelta(days=_RESENT_DAYS))
            self._queue(later, self.write(order, result, sampled=sampled, reported=reported))
        elif rng.random() < _SHARE_TWICE:
            self._queue(_weekday(day + timedelta(days=1)), raw)

    def _queue(self, on: date, raw: bytes) -> None:
        heappush(self._outgoing, _Outgoing(on, self._made, raw))


def _mixed_up(order: Ordered, other: Ordered) -> Ordered:
    """Our order with another patient in it."""
    return Ordered(order.number, other.identity, other.name, other.born)


def _weekday(day: date) -> date:
    """The day itself, or the Monday after a weekend."""
    return day + timedelta(days=max(0, 7 - day.weekday())) if day.weekday() >= 5 else day


def _orders(raw: bytes) -> Iterator[tuple[Ordered, bool]]:
    """Each order of a file, and whether it is a cancellation."""
    identity = name = born = ""
    cancelled = False
    for segment in raw.decode().split("\r"):
        fields = segment.split("|")
        if fields[0] == "PID":
            identity, name, born = fields[3], fields[5], fields[7]
        elif fields[0] == "ORC":
            cancelled = fields[1] == "CA"
        elif fields[0] == "OBR" and fields[2].startswith(_OURS):
            yield Ordered(fields[2].partition("^")[0], identity, name, born), cancelled
