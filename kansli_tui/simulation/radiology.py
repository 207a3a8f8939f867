"""The MRI units of the simulation: they read the referrals that the office writes, call the men, examine them and answer.

One books and sends messages, one gives the office slots to book, one calls the man itself and phones the office about it now and
then. They know nothing but their own files: what comes of a referral is drawn for it by itself.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from heapq import heapify, heappop, heappush
from pathlib import Path
from random import Random
from typing import Final

from kansli_tui.exchange.mri_csv import HEADINGS
from kansli_tui.exchange.profile import Profile
from kansli_tui.pathway.referrals import ReferralEvent
from kansli_tui.rows.referrals import BookingState, BookingWay
from kansli_tui.service.context import STOCKHOLM
from kansli_tui.simulation import ris
from kansli_tui.simulation.chance import chance
from kansli_tui.simulation.oru import batch
from kansli_tui.simulation.referred import Referred, UnitCall, mri_referrals
from kansli_tui.simulation.ris import Finding

_SILENT: Final = 0.03
"""The referral lies somewhere until somebody asks."""
_NOT_EXAMINED: Final = (
    (0.015, ReferralEvent.RETURNED, "Remissen är ställd till fel enhet."),
    (0.015, ReferralEvent.CONTRAINDICATED, "Har pacemaker, kan inte undersökas med MR."),
    (0.015, ReferralEvent.DECLINED, "Avböjer undersökningen."),
)
_SHARE_PHONED: Final = 0.6
"""Of those whom a unit calls itself: how many appointments it tells the office."""
_DAYS_TO_BOOK: Final = (1, 10)
_DAYS_TO_APPOINTMENT: Final = (6, 21)
_SHARE_MOVED: Final = 0.08
_SHARE_CANCELLED: Final = 0.03
_SHARE_NO_SHOW: Final = 0.025
_SHARE_OUT_OF_ORDER: Final = 0.2
"""Of the moved: the message of the move comes before that of the booking."""
_DAYS_TO_ANSWER: Final = (1, 9)
_SHARE_LATE: Final = 0.02
_LATE_DAYS: Final = 30
_SHARE_NOT_COMPLETED: Final = 0.015
_SHARE_NOT_READABLE: Final = 0.01
_SHARE_PRELIMINARY: Final = 0.02
_SHARE_OTHER_PERSON: Final = 0.005
_SHARE_ADDENDUM: Final = 0.03
_SHARE_WITHDRAWN: Final = 0.004
_SHARE_TWICE: Final = 0.02
_SHARE_NO_VOLUME: Final = 0.05
_RESENT_DAYS: Final = 8
_PIRADS: Final = ((0.11, 1), (0.46, 2), (0.14, 3), (0.19, 4), (0.10, 5))
"""Highest scores of men with a raised value: with the density rule they make about 44 % whom biopsy is indicated for."""
_MEDIAN_VOLUME: Final = 44
_HOURS: Final = (8, 9, 10, 11, 13, 14)


@dataclass(frozen=True, slots=True, order=True)
class _Outgoing:
    """What leaves on a day about a referral; `place` keeps the order in which it was made."""

    on: date
    place: int
    number: str
    raw: bytes


class Radiology:
    """Receives referral files, and hands over what it has to say by a day. `ways` are the units by HSA-id."""

    def __init__(self, seed: int, profile: Profile, ways: Mapping[str, BookingWay]) -> None:
        self._seed = seed
        self._profile = profile
        self._ways = ways
        self._open: dict[str, Referred] = {}
        self._missed: set[str] = set()
        self._volumes: dict[str, Decimal] = {}
        self._silent: set[str] = set()
        self._tries: dict[str, int] = {}
        self._outgoing: list[_Outgoing] = []
        self._lines: list[_Outgoing] = []
        self._calls: list[UnitCall] = []
        self._made = 0
        self.examined = 0

    def receive(self, files: Iterable[str], on: date) -> None:
        """Read what the office has written: referrals, and referrals taken back."""
        for file in files:
            for referred, withdrawn in mri_referrals(Path(file)):
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
        rng = chance(self._seed, number, "mri", self._tries[number])
        told = _weekday(on + timedelta(days=rng.randrange(*_DAYS_TO_BOOK)))
        drawn, way = rng.random(), self._ways[referred.unit]
        self._silent.discard(number)
        if drawn < _SILENT and not again:
            self._silent.add(number)
            return
        drawn -= _SILENT
        for share, event, why in _NOT_EXAMINED:
            if 0 <= drawn < share and not again:
                self._nothing(referred, event, why, told)
                return
            drawn -= share
        if way is BookingWay.OWN_SLOTS:
            return
        at = _appointment(told, rng)
        if way is BookingWay.CALLS:
            if rng.random() < _SHARE_PHONED:
                heappush(self._calls, UnitCall(told, number, ReferralEvent.BOOKED, "Enheten har ringt mannen.", at))
            self._examine(referred, at, rng)
            return
        self._book(referred, told, at, rng)

    def booked(self, number: str, at: datetime) -> None:
        """The office has booked a time itself, in the unit's slot or by phone."""
        referred = self._open.get(number)
        if referred is not None:
            self._drop(number)
            self._silent.discard(number)
            self._tries[number] = self._tries.get(number, 0) + 1
            self._examine(referred, at, chance(self._seed, number, "booked", self._tries[number]))

    def outcome(self, number: str) -> BookingState:
        """What the unit says became of an appointment that has passed."""
        return BookingState.NO_SHOW if number in self._missed else BookingState.DONE

    def reminded(self, number: str, on: date) -> None:
        """The office has asked about a referral: one that lies somewhere is found, and an answer that was lost is sent."""
        if number in self._silent:
            self.begin(number, on, again=True)
        elif number in self._open and not any(out.number == number for out in (*self._outgoing, *self._lines)):
            rng = chance(self._seed, number, "reminded", self._tries.get(number, 0))
            self._examine(self._open[number], _appointment(on, rng), rng)

    def volume(self, number: str) -> Decimal | None:
        """The volume that the unit tells by phone; None when it could not be measured."""
        return self._volumes.get(number)

    def forget(self, number: str) -> None:
        """Nothing more comes of a referral by itself."""
        self._open.pop(number, None)
        self._silent.discard(number)
        self._drop(number)

    def referrals(self) -> tuple[Referred, ...]:
        """The referrals that something may still come of."""
        return tuple(self._open.values())

    def file(self, on: date) -> bytes | None:
        """Messages that leave up to a day; None when none does."""
        messages = [out.raw for out in _leaving(self._outgoing, on)]
        return batch(messages) if messages else None

    def list_of(self, on: date) -> bytes | None:
        """What leaves up to a day as CSV: referrals sent back."""
        lines = [out.raw for out in _leaving(self._lines, on)]
        return b"\n".join([";".join(HEADINGS).encode(), *lines, b""]) if lines else None

    def calls(self, on: date) -> Iterator[UnitCall]:
        """The units' phone calls up to a day."""
        while self._calls and self._calls[0].on <= on:
            yield heappop(self._calls)

    def write(self, referred: Referred, found: Finding, *, examined: datetime, reported: datetime) -> bytes:
        """One answer, numbered."""
        return ris.report(
            referred, found, self._profile, control_id=self._control(), examined=examined, reported=reported
        )

    def appoint(
        self, referred: Referred, event: str, *, sent: datetime, at: datetime | None = None, why: str = ""
    ) -> bytes:
        """One message about an appointment, numbered."""
        return ris.appointment(referred, event, self._profile, control_id=self._control(), sent=sent, at=at, why=why)

    def _nothing(self, referred: Referred, event: ReferralEvent, why: str, told: date) -> None:
        """Sent back in a list, or told by phone."""
        if event is ReferralEvent.RETURNED:
            cells = (referred.number, referred.patient_number, "returned", told.isoformat(), "", "", "", why)
            self._queue(self._lines, told, referred, ";".join(cells).encode())
        else:
            heappush(self._calls, UnitCall(told, referred.number, event, why))

    def _book(self, referred: Referred, told: date, at: datetime, rng: Random) -> None:
        sent = _clock(told, rng)
        first = self.appoint(referred, "S12", sent=sent, at=at)
        if rng.random() < _SHARE_CANCELLED:
            self._queue(self._outgoing, told, referred, first)
            day = _weekday(told + timedelta(days=3))
            why = "Kameran är avställd"
            self._queue(
                self._outgoing, day, referred, self.appoint(referred, "S15", sent=_clock(day, rng), at=at, why=why)
            )
            return
        if rng.random() < _SHARE_MOVED:
            day = _weekday(told + timedelta(days=2))
            at = _appointment(day, rng)
            moved = self.appoint(referred, "S13", sent=_clock(day, rng), at=at, why="Patienten kan inte")
            late = day + timedelta(days=1) if rng.random() < _SHARE_OUT_OF_ORDER else told
            self._queue(self._outgoing, day, referred, moved)
            self._queue(self._outgoing, late, referred, first)
        else:
            self._queue(self._outgoing, told, referred, first)
            if rng.random() < _SHARE_TWICE:
                self._queue(self._outgoing, told, referred, first)
        self._examine(referred, at, rng)

    def _examine(self, referred: Referred, at: datetime, rng: Random) -> None:
        """The day comes: he does not, or he is examined and the answer is written some days later."""
        day = at.astimezone(STOCKHOLM).date()
        self._missed.discard(referred.number)
        if rng.random() < _SHARE_NO_SHOW:
            self._missed.add(referred.number)
            if self._ways[referred.unit] is BookingWay.MESSAGES:
                sent = datetime.combine(day, time(16), STOCKHOLM)
                self._queue(self._outgoing, day, referred, self.appoint(referred, "S26", sent=sent, at=at))
            return
        self.examined += 1
        answered = _weekday(day + timedelta(days=rng.randrange(*_DAYS_TO_ANSWER)))
        if rng.random() < _SHARE_LATE:
            answered = _weekday(answered + timedelta(days=_LATE_DAYS))
        for found, after in self._findings(referred, rng):
            on = _weekday(answered + timedelta(days=after))
            self._answer(referred, found, at, on, rng)

    def _answer(self, referred: Referred, found: Finding, at: datetime, on: date, rng: Random) -> None:
        sender = referred
        if found.status == "F" and rng.random() < _SHARE_OTHER_PERSON and len(self._open) > 1:
            other = next(one for one in self._open.values() if one.number != referred.number)
            sender = replace(referred, identity=other.identity, name=other.name, born=other.born)
        raw = self.write(sender, found, examined=at, reported=_clock(on, rng))
        self._queue(self._outgoing, on, referred, raw)
        if sender is not referred:
            later = _weekday(on + timedelta(days=_RESENT_DAYS))
            right = self.write(referred, found, examined=at, reported=_clock(later, rng))
            self._queue(self._outgoing, later, referred, right)
        elif rng.random() < _SHARE_TWICE:
            self._queue(self._outgoing, _weekday(on + timedelta(days=1)), referred, raw)

    def _findings(self, referred: Referred, rng: Random) -> Iterator[tuple[Finding, int]]:
        """What is answered about an examination, and how many days after the first answer."""
        drawn = rng.random()
        if drawn < _SHARE_NOT_COMPLETED:
            yield ris.NOT_COMPLETED, 0
            return
        if drawn < _SHARE_NOT_COMPLETED + _SHARE_NOT_READABLE:
            yield ris.NOT_READABLE, 0
            return
        volume = Decimal(round(rng.lognormvariate(0, 0.4) * _MEDIAN_VOLUME))
        self._volumes[referred.number] = volume
        scores = _scores(rng)
        stated = None if rng.random() < _SHARE_NO_VOLUME else volume
        found = ris.finding(scores, stated, rng)
        if rng.random() < _SHARE_PRELIMINARY:
            yield replace(found, status="P"), 0
            yield found, 4
            return
        yield found, 0
        if rng.random() < _SHARE_ADDENDUM:
            yield ris.finding(_scores(rng), volume + 6, rng, status="C"), 4 + int(rng.random() * 20)
        elif rng.random() < _SHARE_WITHDRAWN:
            yield ris.WRONG_PATIENT, 5
            yield found, 12

    def _queue(self, queue: list[_Outgoing], on: date, referred: Referred, raw: bytes) -> None:
        self._made += 1
        heappush(queue, _Outgoing(on, self._made, referred.number, raw))

    def _drop(self, number: str) -> None:
        for queue in (self._outgoing, self._lines):
            queue[:] = [out for out in queue if out.number != number]
            heapify(queue)
        self._calls[:] = [call for call in self._calls if call.number != number]
        heapify(self._calls)

    def _control(self) -> str:
        self._made += 1
        return f"U{self._made:08d}"


def _scores(rng: Random) -> tuple[int, ...]:
    drawn = rng.random()
    highest = _PIRADS[-1][1]
    for share, score in _PIRADS:
        if drawn < share:
            highest = score
            break
        drawn -= share
    return (highest, 2) if highest > 2 and rng.random() < 0.4 else (highest,)


def _appointment(told: date, rng: Random) -> datetime:
    day = _weekday(told + timedelta(days=rng.randrange(*_DAYS_TO_APPOINTMENT)))
    return datetime.combine(day, time(_HOURS[int(rng.random() * len(_HOURS))], 30 * (rng.random() < 0.5)), STOCKHOLM)


def _clock(on: date, rng: Random) -> datetime:
    return datetime.combine(on, time(8), STOCKHOLM) + timedelta(minutes=int(rng.random() * 360))


def _leaving(queue: list[_Outgoing], on: date) -> Iterator[_Outgoing]:
    while queue and queue[0].on <= on:
        yield heappop(queue)


def _weekday(day: date) -> date:
    return day + timedelta(days=max(0, 7 - day.weekday())) if day.weekday() >= 5 else day
