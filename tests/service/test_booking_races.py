"""Several at once at one calendar, and anything in any order: no slot and no man is booked twice, and nobody is lost."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import func, select

from db.models import Booking, Letter, Person, Referral
from kansli_tui.errors import ChangedBySomeoneElseError, KansliError, RefusedError
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.referrals import PLACES, ReferralEvent, ReferralState
from kansli_tui.rows.letter_states import LetterState
from kansli_tui.rows.population import Protection
from kansli_tui.rows.referrals import BookingState
from kansli_tui.service import booking
from kansli_tui.service.bookings import OUTCOMES, BookingService
from kansli_tui.service.context import SYSTEM
from kansli_tui.service.walk import Walk
from tests.service.calendar_help import calendar
from tests.world import World, at


def together(*acts: Callable[[], Any]) -> list[Exception | None]:
    """What each act ended with when all began at once."""
    ready, ends = threading.Barrier(len(acts)), [None] * len(acts)

    def run(place: int, act: Callable[[], Any]) -> None:
        ready.wait()
        try:
            act()
        except Exception as problem:  # noqa: BLE001 - the test looks at whatever came
            ends[place] = problem

    threads = [threading.Thread(target=run, args=(place, act)) for place, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return ends


def refusals(ends: list[Exception | None]) -> list[type[Exception]]:
    refused = [type(end) for end in ends if end is not None]
    assert set(refused) <= {RefusedError, ChangedBySomeoneElseError}, ends
    return refused


def open_bookings(world: World) -> int:
    with world.context.sessions.read() as session:
        return session.scalar(select(func.count(Booking.id)).where(Booking.state == BookingState.BOOKED)) or 0


@pytest.mark.parametrize("attempt", range(3))
def test_two_who_book_one_slot(world: World, attempt: int) -> None:
    here = calendar(world)
    here.slots()
    ends = together(*(lambda man=man: here.book(man, "2026-10-13T08:00") for man in here.men))
    assert refusals(ends) == [RefusedError], attempt
    assert open_bookings(world) == 1


def test_two_who_book_one_man(world: World) -> None:
    here = calendar(world, {})
    here.slots()
    referral = world.referral(here.men[0])

    def book(starts: str) -> None:
        world.office.bookings.book(world.anna, referral.id, version=referral.version_id, starts_at=at(starts))

    ends = together(lambda: book("2026-10-13T08:00"), lambda: book("2026-10-13T08:30"))
    assert refusals(ends) == [ChangedBySomeoneElseError]
    assert open_bookings(world) == 1


def test_one_who_cuts_and_one_who_books(world: World) -> None:
    here = calendar(world, {})
    here.slots()
    ends = together(lambda: here.cut("2026-10-13T08:00"), lambda: here.book(here.men[0], "2026-10-13T08:00"))
    cut, booked = ends
    refusals(ends)
    (row,) = here.shown_at("2026-10-13T08:00")
    assert row.open is (cut is not None)
    assert (row.booking is not None) <= row.open, "a closed slot keeps nobody"
    assert row.open is False or booked is None


def test_two_who_add_the_same_slots(world: World) -> None:
    here = calendar(world, {})
    assert together(here.slots, here.slots) == [None, None]
    assert len(here.all_slots()) == 10


def test_the_index_says_it_in_words_should_the_look_have_missed_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = calendar(world)
    here.slots()
    here.book(here.men[0], "2026-10-13T08:00")
    monkeypatch.setattr(booking, "_open_booking", lambda *_args, **_more: False)
    with pytest.raises(ChangedBySomeoneElseError, match="just booked"):
        here.book(here.men[1], "2026-10-13T08:00")
    assert here.bookings(here.men[1]) == []
    assert world.referral_state(here.men[1]) is ReferralState.TO_BOOK


# Anything in any order


class Days:
    """One calendar, a few men, and a die. What the service refuses it may refuse."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.die = world, Random(seed)
        self.here = calendar(world, {}, {}, {}, {"protection": Protection.CONFIDENTIALITY})
        self.here.slots(weeks=4)
        self.done: list[str] = []
        self.kinds: Counter[str] = Counter()

    def step(self) -> None:
        acts: list[tuple[int, Callable[[], None]]] = [
            (12, self.book),
            (6, self.move),
            (4, self.cancel),
            (4, self.account),
            (3, self.cut),
            (2, self.reopen),
            (4, self.close_day),
            (3, self.message),
            (5, self.days),
            (2, self.post),
            (2, self.daily),
            (1, self.block),
            (1, self.again),
        ]
        (chosen,) = self.die.choices([act for _weight, act in acts], [weight for weight, _act in acts])
        self.done.append(chosen.__name__)
        try:
            chosen()
        except KansliError as refused:
            self.done[-1] += f" ({refused})"
        else:
            self.kinds[chosen.__name__] += 1

    @property
    def bookings(self) -> BookingService:
        return self.world.office.bookings

    def man(self) -> int:
        return self.die.choice(self.here.men)

    def time(self) -> datetime:
        """A slot near today, mostly one to come; sometimes a time beside the slots."""
        slots = [slot.starts_at for slot in self.here.all_slots()]
        near = [at for at in slots if abs(at - self.world.clock.now) < timedelta(days=6)] or slots
        return self.die.choice(near) + timedelta(minutes=10 if self.die.random() < 0.1 else 0)

    def booked(self) -> Booking:
        with self.world.context.sessions.read() as session:
            found = session.scalars(
                select(Booking).where(Booking.state == BookingState.BOOKED).order_by(Booking.id)
            ).all()
        if not found:
            raise RefusedError("Nothing is booked.")
        return self.die.choice(found)

    # What can happen

    def book(self) -> None:
        self.here.book(self.man(), self.time(), why=self.die.choice(("", "skäl", "skäl")))

    def move(self) -> None:
        self.bookings.move(self.world.per, self.booked().id, starts_at=self.time(), why="skäl")

    def cancel(self) -> None:
        self.bookings.cancel(self.world.anna, self.booked().id, why="skäl")

    def account(self) -> None:
        act = self.die.choice((self.bookings.done, self.bookings.no_show))
        act(self.world.anna, self.booked().id, why="skäl")

    def cut(self) -> None:
        times = tuple({self.time() for _ in range(3)})
        preview = self.bookings.preview_cut(self.world.anna, self.here.unit_id, times)
        if self.die.random() < 0.2:
            self.book()
        self.bookings.cut(self.world.anna, self.here.unit_id, times, stamp=preview.stamp, reason="skäl")
        first = self.here.week(self.world.today).to_book[: len(preview.orphans)]
        assert all(row.orphan for row in first), "an orphan does not come first"

    def reopen(self) -> None:
        self.bookings.reopen(self.world.anna, self.here.unit_id, (self.time(),), reason="skäl")

    def close_day(self) -> None:
        day = self.world.today - timedelta(days=self.die.randrange(3))
        shown = self.bookings.open_on(self.world.anna, self.here.unit_id, day)
        outcomes = {row.booking_id: self.die.choice((*OUTCOMES, *OUTCOMES, BookingState.BOOKED)) for row in shown}
        assert self.bookings.close_day(self.world.anna, self.here.unit_id, day, outcomes, why="skäl") == len(shown)
        assert self.bookings.open_on(self.world.anna, self.here.unit_id, day) == ()

    def message(self) -> None:
        """A unit that books beside us, in a slot or not, open or not."""
        man, starts = self.man(), self.time()
        with self.world.context.sessions.begin() as session:
            walk = Walk(session, SYSTEM, self.world.clock.now, self.world.context.rules(session))
            person = session.get_one(Person, man)
            referral = session.get_one(Referral, self.world.referral(man).id)
            if self.die.random() < 0.6:
                booking.book(walk, person, referral, starts_at=starts, source="message")
            else:
                booking.cancel(walk, person, referral, why="S15")

    def days(self) -> None:
        self.world.clock.advance(days=self.die.choice((1, 1, 2)), hours=self.die.randrange(3))

    def post(self) -> None:
        self.world.post()

    def daily(self) -> None:
        self.world.office.daily.run(self.world.anna)

    def block(self) -> None:
        with self.world.context.sessions.begin() as session:
            walk = Walk(session, SYSTEM, self.world.clock.now, self.world.context.rules(session))
            person = session.get_one(Person, self.man())
            if person.blocked:
                walk.unblock(person, "skäl")
            elif self.die.random() < 0.3:
                walk.block(person, "test", "skäl")

    def again(self) -> None:
        """What has been examined is reported as not examined: he comes back to be booked."""
        referral = self.world.referral(self.man())
        for event in (ReferralEvent.NOT_COMPLETED, ReferralEvent.REBOOK):
            self.world.office.referrals.note(
                self.world.anna,
                referral.id,
                event,
                version=self.world.referral(referral.person_id).version_id,
                note="skäl",
            )

    # What must always hold

    def look(self) -> None:
        with self.world.context.sessions.read() as session:
            standing = session.scalars(select(Booking).where(Booking.state == BookingState.BOOKED)).all()
            slots = [booking.slot_id for booking in standing if booking.slot_id is not None]
            assert len(slots) == len(set(slots)), "a slot is booked twice"
            people = [booking.person_id for booking in standing]
            assert len(people) == len(set(people)), "a man is booked twice"
            for man in self.here.men:
                referral = session.scalars(select(Referral).where(Referral.person_id == man)).one()
                assert (referral.state is ReferralState.BOOKED) == (man in people)
                assert PLACES[referral.kind, referral.state][1] is session.get_one(Person, man).step
                if referral.orphaned:
                    assert referral.state is ReferralState.TO_BOOK
            for ended in session.scalars(select(Booking).where(Booking.state != BookingState.BOOKED)):
                assert ended.ended_at is not None
                assert ended.ended_by
                assert (ended.moved_to_id is not None) == (ended.state is BookingState.MOVED)
            calls = Counter(
                session.scalars(
                    select(Letter.person_id).where(
                        Letter.type == LetterType.MRI_CALL,
                        Letter.state.in_((LetterState.PREPARED, LetterState.PRINTED)),
                    )
                )
            )
            assert set(calls.values()) <= {1}, "two calls on their way to one man"
            assert set(calls) <= set(people), "a call on its way to a man without an appointment"
        week = self.here.week(self.world.today)
        shown = [row.booking.booking_id for _day, rows in week.days for row in rows if row.booking]
        assert len(shown) == len(set(shown)) == week.booked, "the week shows each appointment once"
        assert len(week.to_book) == sum(
            self.world.referral_state(man) is ReferralState.TO_BOOK for man in self.here.men
        )
        assert self.world.adds_up()


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_booked_nobody_is_booked_twice_or_lost(world: World, seed: int) -> None:
    postgresql = world.context.facts.database == "postgresql"
    days = Days(world, seed + (1000 if postgresql else 0))
    for _ in range(40 if postgresql else 120):
        days.step()
        try:
            days.look()
        except AssertionError as fault:
            raise AssertionError(f"{fault}\nafter:\n" + "\n".join(days.done[-25:])) from fault
    assert len(days.kinds) >= 8, f"too little happened to show anything: {days.kinds}"
