"""The demonstration: an invented office as it stands this morning, with work in every queue. Two years by chance, the last three days by script."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from sqlalchemy import MetaData

from db.engine import make_engine
from kansli_tui.errors import RefusedError
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.steps import Queue
from kansli_tui.service.context import STOCKHOLM, SYSTEM, now_utc
from kansli_tui.service.office import Office
from kansli_tui.simulation.clock import SimulatedClock
from kansli_tui.simulation.desk import Desk
from kansli_tui.simulation.life import Life, Planning, Progress, close_desk, hasten, live, open_desk
from kansli_tui.simulation.oru import NOT_ANALYSED, Ordered, Result, batch, corrected, in_other_unit
from migrations import runner

_DAYS: Final = 800
"""More than two years, so that those who gave no sample have been offered again."""
_SECOND_PLAN_WEEKS: Final = 60
_THIRD_PLAN_WEEKS: Final = 12
"""How long before today the second and the third plan begin."""
_STILL_VALID: Final = timedelta(days=80)
"""An order that came so long ago at most can still be answered in all of the script's days."""
_FEWEST_MEN: Final = 400
_NORMAL: Final = 26
_NORMAL_CONFIRMED: Final = 4
"""Low answers of the last day, and how many of them have been confirmed already."""


def make_demo(
    url: str,
    *,
    men: int = 600,
    seed: int = 1,
    fresh: bool = False,
    progress: Progress | None = None,
    today: date | None = None,
) -> None:
    """Make the demonstration's database if it is missing or half made, or with `fresh` once more from nothing.

    The same men, seed and day give the same rows. RefusedError for a production database, and for fewer men than fill the queues.
    """
    if men < _FEWEST_MEN:
        raise RefusedError("A demonstration needs at least {men} men.", men=_FEWEST_MEN)
    if _is_made(url) and not fresh:
        return
    _empty(url)
    office = Office.open(url, clock=SimulatedClock(), create="invented")
    try:
        hasten(office)
        day = today or now_utc().astimezone(STOCKHOLM).date()
        with TemporaryDirectory() as folder:
            _make(office, _life(men, seed, day), day, Path(folder), progress)
    finally:
        office.close()


def _is_made(url: str) -> bool:
    """Whether the database holds a whole demonstration: its last act is the balance. RefusedError for a production database."""
    engine = make_engine(url)
    try:
        if runner.current(engine) is None:
            return False
    finally:
        engine.dispose()
    office = Office.open(url, create="invented")
    try:
        return bool(office.queues.home(SYSTEM).balance)
    finally:
        office.close()


def _empty(url: str) -> None:
    """Drop everything. Only called when the database is new or has said that it is invented."""
    engine = make_engine(url)
    try:
        with engine.begin() as connection:
            tables = MetaData()
            tables.reflect(connection)
            if tables.tables and "alembic_version" not in tables.tables:
                raise RefusedError(
                    "The database holds tables of another program. Choose another database for the demonstration."
                )
            tables.drop_all(connection)
    finally:
        engine.dispose()


def _life(men: int, seed: int, today: date) -> Life:
    """Twelve birth years; half of them at first, the youngest in the last plan, which still has many to offer."""
    first, last = today - timedelta(days=_DAYS), _weekdays_before(today)[0] - timedelta(days=1)
    second, third = today - timedelta(weeks=_SECOND_PLAN_WEEKS), today - timedelta(weeks=_THIRD_PLAN_WEEKS)
    youngest = third.year - 50
    oldest = youngest - 11
    return Life(
        men=men,
        seed=seed,
        start=first,
        until=last,
        born=tuple(range(oldest, youngest + 1)),
        plans=(
            Planning(first, tuple(range(oldest, youngest - 5))),
            Planning(second, tuple(range(oldest, youngest - 2)), weeks=50),
            Planning(third, tuple(range(oldest, youngest + 1)), weeks=55),
        ),
        patient_until=third,
        last_release=today - timedelta(days=today.weekday() + 1),
    )


def _weekdays_before(today: date) -> tuple[date, date, date]:
    """The three working days before a day."""
    days = (today - timedelta(days=back) for back in range(1, 8))
    third, second, first = islice((day for day in days if day.weekday() < 5), 3)
    return first, second, third


def _make(office: Office, life: Life, today: date, folder: Path, progress: Progress | None) -> None:
    desk = open_desk(office, life, folder)
    live(desk, life, progress)
    script = _Script(desk, today)
    first, second, third = _weekdays_before(today)
    script.clear_the_desk(first)
    script.referrals_and_letters(second)
    script.full_queues(third)
    close_desk(desk)


@dataclass(slots=True)
class _Pool:
    """Orders that the script answers as it needs, the oldest first."""

    orders: Iterator[Ordered]

    def take(self, count: int = 1) -> list[Ordered]:
        """The next orders."""
        return list(islice(self.orders, count))

    def one(self) -> Ordered:
        """The next order. RefusedError when there is none left."""
        for order in self.orders:
            return order
        raise RefusedError("The demonstration ran out of people who wait for a sample: ask for more men.")


class _Script:
    """The last three days: first everything is done, then work is left at every place where work can wait."""

    def __init__(self, desk: Desk, today: date) -> None:
        self._desk = desk
        self._today = today
        self._pool = _Pool(iter(()))
        self._to_correct: tuple[Ordered, Result, datetime] | None = None

    def clear_the_desk(self, day: date) -> None:
        """Everything that waits is done; a few answers go the whole way: low and posted, referred to MRI, referred to urology."""
        desk = self._desk
        desk.clock.move_to(day, 7, 30)
        desk.begin_day()
        desk.answer_calls()
        desk.take_in_answers()
        self._decide_all()
        self._post_all()
        desk.send_orders()
        plain = desk.register.plain()
        orders = [
            order
            for order in desk.laboratory.unanswered(day)
            if order.patient_number in plain and desk.laboratory.received_on(order) > day - _STILL_VALID
        ]
        for order in orders:
            desk.laboratory.forget(order)
        self._pool = _Pool(iter(orders))
        low, raised, high = self._pool.one(), self._pool.one(), self._pool.one()
        desk.clock.move_to(day, 13)
        sampled = self._sampled(low, day)
        self._to_correct = (low, Result("2.1"), sampled)
        self._import(day, [(low, Result("2.1")), (raised, Result("7.4")), (high, Result("> 100"))])
        self._decide_all()
        self._post_all()

    def referrals_and_letters(self, day: date) -> None:
        """Referrals wait to be sent and letters to be posted; the register marks, moves and loses people."""
        desk = self._desk
        pool = self._pool
        desk.clock.move_to(day, 8)
        desk.begin_day()
        protected, homeless, missing = pool.one(), pool.one(), pool.one()
        ill, raised, high = pool.one(), pool.take(2), pool.one()
        self._import(
            day,
            [(order, NOT_ANALYSED) for order in pool.take(3)]
            + [(order, self._low(order, day)) for order in (protected, homeless, *pool.take(4))]
            + [(order, Result(value)) for order, value in zip(raised, ("4.6", "11.2"), strict=True)]
            + [(ill, Result("3.9")), (high, Result("212"))],
        )
        desk.clock.move_to(day, 10)
        desk.assess_low()
        for row in desk.answers(Queue.REPEAT):
            desk.confirm(row)
        for row in desk.answers(Queue.RAISED):
            if row.number.replace("-", "") == ill.patient_number:
                desk.office.decisions.postpone(
                    desk.crew.anna,
                    row.decision_id,
                    version=row.version,
                    on=self._today + timedelta(days=28),
                    reason="Urinvägsinfektion när provet togs, nytt prov om en månad",
                )
            else:
                desk.confirm(row)
        for row in desk.answers(Queue.URGENT):
            desk.confirm(row)
        desk.clock.move_to(day, 13)
        changes = {
            protected.patient_number: "protected",
            homeless.patient_number: "lost_address",
            missing.patient_number: "missing",
        }
        desk.take_in_register(desk.register.change(changes, day), f"andringar-{day:%Y%m%d}.csv", changes_only=True)
        desk.clock.move_to(day, 14)
        desk.print_letters(everything=True, by_hand=False)

    def full_queues(self, day: date) -> None:
        """The laboratory's largest file of the week, calls, a question, a draft and a hand-over: nothing of it seen to yet."""
        desk = self._desk
        desk.clock.move_to(day, 8)
        desk.begin_day()
        for letters in desk.printed():
            if letters.type is LetterType.REPEAT_SAMPLE:
                desk.post(letters)
        self._import_the_last(day)
        desk.clock.move_to(day, 10)
        for row in desk.answers(Queue.NORMAL)[:_NORMAL_CONFIRMED]:
            desk.confirm(row)
        asked = desk.answers(Queue.RAISED)[:2]
        for row, question in zip(
            asked,
            (
                "Behandlas med finasterid sedan två år. Ska värdet räknas om?",
                "Har pacemaker. Kan han göra MR eller väljs en annan väg?",
            ),
            strict=True,
        ):
            desk.clock.work(6)
            desk.office.cases.note(
                desk.crew.anna, row.person_id, "phone", "Ringt om svaret, har en fråga till läkaren."
            )
            desk.office.cases.ask_physician(desk.crew.anna, row.person_id, question)
        self._draft_plan()
        self._leave_hand_over(day)

    def _import_the_last(self, day: date) -> None:
        desk, pool = self._desk, self._pool
        laboratory = desk.laboratory
        desk.clock.move_to(day, 9)
        unit, other, empty = pool.one(), pool.one(), pool.one()
        stranger, late = pool.one(), pool.one()
        answers = [
            (unit, in_other_unit(Result("1.8"), laboratory.psa_of(unit, day))),
            (Ordered(other.number, stranger.identity, stranger.name, stranger.born), Result("2.2")),
            (empty, Result("")),
            (Ordered("REM-998877", late.identity, late.name, late.born), Result("1.1")),
            (pool.one(), Result("147")),
            (pool.one(), Result("< 5", "ST")),
            (pool.one(), Result("3.6", status="P")),
            *((order, NOT_ANALYSED) for order in pool.take(2)),
            *zip(pool.take(4), (Result("3.0"), Result("5.8"), Result("18.4"), Result("9.7")), strict=True),
        ]
        answers += [(order, self._low(order, day)) for order in pool.take(_NORMAL)]
        assert self._to_correct is not None
        corrected_order, earlier, sampled = self._to_correct
        reported = datetime.combine(day, time(8, 15), STOCKHOLM)
        correction = laboratory.write(
            corrected_order,
            corrected(earlier, laboratory.psa_of(corrected_order, day) + 3),
            sampled=sampled,
            reported=reported,
        )
        self._import(day, answers, correction)

    def _decide_all(self) -> None:
        desk = self._desk
        desk.assess()
        desk.units.refer()
        desk.see_to_held()
        desk.see_to_tasks()

    def _post_all(self) -> None:
        desk = self._desk
        desk.print_letters(everything=True)
        desk.post_letters()

    def _import(self, day: date, answers: list[tuple[Ordered, Result]], *more: bytes) -> None:
        reported = datetime.combine(day, time(7, 40), STOCKHOLM)
        messages = [
            self._desk.laboratory.write(order, result, sampled=self._sampled(order, day), reported=reported)
            for order, result in answers
        ]
        self._desk.import_answers(batch([*messages, *more]))

    def _sampled(self, order: Ordered, day: date) -> datetime:
        """The morning of the working day before, or the day the order came if that is later."""
        before = max(_weekdays_before(day)[-1], self._desk.laboratory.received_on(order))
        return datetime.combine(before, time(7, 30), STOCKHOLM)

    def _low(self, order: Ordered, day: date) -> Result:
        value = self._desk.laboratory.psa_of(order, day)
        return Result(f"{value:f}" if value < 3 else "1.4")

    def _draft_plan(self) -> None:
        """Jonas asks for more people in his region; somebody else is to approve it."""
        monday = self._today + timedelta(days=7 - self._today.weekday())
        self._desk.clock.work(20)
        self._desk.office.offers.create_plan(
            self._desk.crew.jonas,
            region="06",
            birth_years=(monday.year - 50, monday.year - 51),
            per_week=5,
            starts_on=monday,
            note="Fler tider på MR från nästa månad",
        )

    def _leave_hand_over(self, day: date) -> None:
        """A change file that somebody has compared and nobody has accepted, with one line that is not right."""
        desk = self._desk
        people = sorted(desk.register.plain())[:: max(1, desk.register.men // 5)][:5]
        happenings = dict(zip(people, ("moved", "moved", "died", "moved_out", "emigrated"), strict=True))
        raw = desk.register.change(happenings, day)
        *lines, _end = raw.decode().split("\r\n")
        wrong = "19" + lines[-1][2:11] + ("1" if lines[-1][11] != "1" else "2") + lines[-1][12:]
        desk.clock.move_to(day, 15)
        desk.office.population.compare(
            desk.crew.anna, "\r\n".join([*lines, wrong, ""]).encode(), f"andringar-{day:%Y%m%d}.csv", changes_only=True
        )
