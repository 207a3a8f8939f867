"""A replayed person's way: the bulk form of `service.walk` and `service.referring`, along the same tables, at the line's own times.

It collects rows and writes none.
"""

from datetime import date, datetime, timedelta

from db.base import Base
from db.models import Booking, PsaOrder, Referral, ReferralChange, Round, StepChange, Task
from kansli_tui.pathway import moves
from kansli_tui.pathway.referrals import LIMITS, LIVE, PLACES, ReferralEvent, ReferralKind, ReferralState, follows
from kansli_tui.pathway.standing import STANDINGS, HeldBy
from kansli_tui.pathway.steps import OWED, REFERRED, ClosedReason, Event, Queue, Step
from kansli_tui.rows.answers import OrderState
from kansli_tui.rows.referrals import BookingState
from kansli_tui.service.history_facts import BY, Facts, HistoryTerms, Keys, Row, Standing, noon
from kansli_tui.service.referring import PREFIX

_ENDS_CARE = frozenset({ClosedReason.DEAD, ClosedReason.CANCER_KNOWN, ClosedReason.CANCER_FOUND})
_ENDS_REFERRED = _ENDS_CARE | {ClosedReason.EMIGRATED, ClosedReason.MOVED_OUT, ClosedReason.NO_PROSTATE}


def may_close(step: Step, why: ClosedReason) -> bool:
    """Whether a reason may end what stands at a step; the same as by hand (`case_actions`)."""
    if step in REFERRED:
        return why in _ENDS_REFERRED
    return step not in OWED or why in _ENDS_CARE


class Path:
    """One person's way: moved along the table of moves, with his referrals, collecting rows. Writes nothing."""

    def __init__(self, standing: Standing, terms: HistoryTerms, keys: Keys) -> None:
        self.standing = standing
        self.terms = terms
        self.facts = Facts()
        self._keys = keys
        self._last = date.min

    def key(self, table: type[Base]) -> int:
        """The key of a new row."""
        return self._keys(table)

    def at(self, on: date) -> datetime:
        """The time that a fact of a day gets; never after the import itself."""
        return min(noon(on), self.terms.now)

    def head(self) -> Row:
        """What every row about the person begins with."""
        return {"person_id": self.standing.person_id, "region": self.terms.region}

    def move(self, event: Event, on: date, *, next_on: date | None = None, reason: str = "", because: str = "") -> None:
        """Let `event` happen on a day; never before what has happened already."""
        standing = self.standing
        to = moves.target(standing.step, event)
        if to is None:
            raise AssertionError(f"{event} at {standing.step}")
        self._last = max(self._last, on)
        at = self.at(self._last)
        self.facts.add(
            StepChange,
            {
                **self.head(),
                "round_number": standing.round_number,
                "at": at,
                "event": event,
                "from_step": standing.step,
                "to_step": to,
                "next_on": next_on,
                "reason": reason,
                "because": because,
                "by": BY,
            },
        )
        standing.step, standing.since, standing.next_on = to, at, next_on

    def task(self, queue: Queue, subject: str, reason: str) -> None:
        """Work for a person: opened now, by whoever imports."""
        self.facts.add(
            Task,
            {
                **self.head(),
                "queue": queue,
                "subject": subject,
                "reason": reason,
                "opened_at": self.terms.now,
                "opened_by": self.terms.importer,
            },
        )

    # Referrals

    def refer(self, kind: ReferralKind, on: date) -> Row:
        """A referral that was made and sent on a day, to the region's usual unit: the line does not say which."""
        key = self._keys(Referral)
        referral = self.facts.add(
            Referral,
            {
                **self.head(),
                "id": key,
                "number": f"{PREFIX[kind]}-{on.year}-{key:06d}",
                "kind": kind,
                "round_number": self.standing.round_number,
                "unit_id": self.terms.units[kind],
                "state": ReferralState.CREATED,
                "state_since": self.at(on),
                "due_on": None,
                "made_at": self.at(on),
                "made_by": BY,
                "sent_at": self.at(on),
                "done_on": None,
                "biopsied_on": None,
                "cancelled_at": None,
                "cancel_reason": None,
            },
        )
        self._remember(referral, ReferralEvent.MADE, None, on, "")
        self._place(referral, on, "")
        self.advance(referral, ReferralEvent.SENT, on)
        return referral

    def advance(
        self, referral: Row, event: ReferralEvent, on: date, *, booked_for: date | None = None, note: str = ""
    ) -> None:
        """Let `event` happen to the referral, and place the person where it is then."""
        to = follows(referral["state"], event)
        if to is None:
            raise AssertionError(f"{event} at {referral['state']}")
        self._remember(referral, event, to, on, note)
        if to is not referral["state"]:
            referral["state_since"] = self.at(on)
        referral["state"] = to
        referral["due_on"] = booked_for or self._due(referral["kind"], to, on)
        if event is ReferralEvent.DONE:
            referral["done_on"] = on
        elif event is ReferralEvent.BIOPSIED:
            referral["biopsied_on"] = on
        self._place(referral, on, note)

    def take_back(self, referral: Row, on: date, reason: str) -> None:
        """The referral no longer holds. The person's step is the caller's; the unit was told long ago, or will be by phone."""
        if referral["state"] not in LIVE:
            return
        self.end_booking(referral, BookingState.CANCELLED, on)
        self._remember(referral, ReferralEvent.CANCELLED, ReferralState.CANCELLED, on, reason)
        referral["state"], referral["state_since"], referral["due_on"] = ReferralState.CANCELLED, self.at(on), None
        referral["cancelled_at"], referral["cancel_reason"] = self.at(on), reason[:80]

    def book(self, referral: Row, booked_for: date, on: date) -> None:
        """An appointment; the file keeps no time of day."""
        self.facts.add(
            Booking,
            {
                **self.head(),
                "referral_id": referral["id"],
                "unit_id": referral["unit_id"],
                "starts_at": noon(booked_for),
                "state": BookingState.BOOKED,
                "source": "history",
                "made_at": self.at(on),
                "made_by": BY,
                "ended_at": None,
                "ended_by": None,
            },
        )
        self.advance(referral, ReferralEvent.BOOKED, on, booked_for=booked_for)

    def end_booking(self, referral: Row, to: BookingState, on: date) -> None:
        """What became of the referral's open appointment, if it has one."""
        for booking in self.facts.of(Booking):
            if booking["referral_id"] == referral["id"] and booking["state"] is BookingState.BOOKED:
                booking.update(state=to, ended_at=self.at(on), ended_by=BY)

    def _place(self, referral: Row, on: date, note: str) -> None:
        event, step = PLACES[referral["kind"], referral["state"]]
        dated = STANDINGS[step].held_by is HeldBy.DATE
        next_on = referral["due_on"] if dated else None
        if step is self.standing.step:
            self.standing.next_on = next_on
        else:
            self.move(event, on, next_on=next_on, reason=note)

    def _due(self, kind: ReferralKind, state: ReferralState, since: date) -> date | None:
        field = LIMITS.get((kind, state))
        if field is None:
            return None
        days: int = getattr(self.terms.rules, field)
        return since + timedelta(days=days)

    def _remember(self, referral: Row, event: ReferralEvent, to: ReferralState | None, on: date, note: str) -> None:
        self.facts.add(
            ReferralChange,
            {
                **self.head(),
                "referral_id": referral["id"],
                "at": self.at(on),
                "event": event,
                "from_state": referral["state"] if to is not None else None,
                "to_state": to or referral["state"],
                "note": note,
                "by": BY,
            },
        )

    # Leaving

    def close(self, on: date, why: ClosedReason, reason: str = "") -> None:
        """Leave the programme: nothing is on its way any longer."""
        self.drop(on, why.value)
        self.move(Event.CLOSED, on, reason=reason or why.value, because=why.value)
        self.standing.closed_reason = why

    def drop(self, on: date, reason: str) -> None:
        """End the open round, order, referrals and tasks. The laboratory does not know the order's number, so it is told nothing."""
        at = self.at(max(self._last, on))
        for referral in self.facts.of(Referral):
            self.take_back(referral, on, reason)
        for order in self.facts.of(PsaOrder):
            if order["state"] in (OrderState.CREATED, OrderState.SENT):
                sent = order["sent_at"] is not None
                order.update(
                    state=OrderState.CANCELLED,
                    cancelled_at=at,
                    cancel_reason=reason,
                    cancel_sent_at=at if sent else None,
                )
        for opened in self.facts.of(Round):
            if opened["ended_at"] is None:
                opened["ended_at"], opened["result"] = at, reason
        self.facts.rows.pop(Task, None)
