"""The last days of an invented office, by script: everything is done, and then work is left at every place where work can wait.

Some weeks before, a few men with raised values are set aside, so that their referrals stand at every place on the last day.
What is left on purpose is known by number: the watch finds exactly that.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import islice
from typing import Final

from kansli_tui.errors import RefusedError
from kansli_tui.exchange.mri_csv import HEADINGS
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.steps import Queue
from kansli_tui.service.context import STOCKHOLM
from kansli_tui.simulation import urology
from kansli_tui.simulation.chance import chance
from kansli_tui.simulation.desk import Desk
from kansli_tui.simulation.oru import NOT_ANALYSED, Ordered, Result, batch, corrected, in_other_unit
from kansli_tui.simulation.referred import Referred
from kansli_tui.simulation.ris import NOT_COMPLETED, Finding, finding

_STILL_VALID: Final = timedelta(days=80)
"""An order that came so long ago at most can still be answered in all of the script's days."""
_NORMAL: Final = 26
_NORMAL_CONFIRMED: Final = 4
"""Low answers of the last day, and how many of them have been confirmed already."""
_BEGIN_DAYS: Final = 35
_REPORT_DAYS: Final = 21
"""So many days before today the men are set aside and referred, and the first of them are examined."""
_SCENES: Final = (
    "trap", "no_volume", "low", "no_show", "aborted", "returned", "cancelled", "silent", "passed", "mixed_up",
    "corrected", "benign", "cancer", "declined",
)  # fmt: skip
"""Men referred to the units that book themselves: what is seen of each on the last day."""
_SPARE: Final = 4
"""Men set aside beyond those, for one whose answer may be held."""
_TO_BOOK: Final = 2
_BOOKED: Final = 4
"""Men referred to the unit that gives the office slots: how many wait, and how many are booked the week after."""
_FEWEST_AT_END: Final = 58
"""Orders that the last three days answer."""
_OWN_SLOTS: Final = "06"


class TooFewWaitError(RefusedError):
    """Too few wait for a sample on the script's days."""


@dataclass(slots=True)
class _Pool:
    """Orders that the script answers as it needs, the oldest first."""

    orders: Iterator[Ordered]

    def take(self, count: int = 1) -> list[Ordered]:
        """The next orders."""
        return list(islice(self.orders, count))

    def one(self) -> Ordered:
        """The next order. TooFewWaitError when there is none left."""
        for order in self.orders:
            return order
        raise TooFewWaitError("The demonstration ran out of people who wait for a sample: ask for more men.")


class LastDays:
    """The script. `before` holds what it does in the weeks before; `run` is the last three working days before `today`."""

    def __init__(self, desk: Desk, today: date) -> None:
        self._desk = desk
        self._today = today
        self._pool = _Pool(iter(()))
        self._men: dict[str, Referred] = {}
        self._in_slots: list[str] = []
        self._to_correct: tuple[Ordered, Result, datetime] | None = None

    @property
    def before(self) -> Mapping[date, Callable[[], None]]:
        """What is done on days before the last three."""
        return {
            _weekday(self._today - timedelta(days=_BEGIN_DAYS)): self._set_aside,
            _weekday(self._today - timedelta(days=_REPORT_DAYS)): self._first_reports,
        }

    @property
    def days(self) -> tuple[date, date, date]:
        """The last three working days before today."""
        return weekdays_before(self._today)

    def run(self, *, enough: bool = False) -> bool:
        """The last three days; False, and only the desk is cleared, when too few wait for a sample (TooFewWaitError with `enough`)."""
        first, second, third = self.days
        self.clear_the_desk(first)
        if not self._men or len(self._orders(first)) < _FEWEST_AT_END:
            if enough:
                raise TooFewWaitError("The demonstration ran out of people who wait for a sample: ask for more men.")
            return False
        self.last_answers(first)
        self.referrals_and_letters(second)
        self.full_queues(third)
        return True

    # Weeks before

    def _set_aside(self) -> None:
        """Raised values for some men, all of them referred; from now on only the script decides what the units say."""
        desk, day = self._desk, self._desk.office.context.today
        regions = self._regions(self._orders(day))
        theirs = [order for order, region in regions if region and region != _OWN_SLOTS][: len(_SCENES) + _SPARE]
        if len(theirs) < len(_SCENES):
            return
        for order in theirs:
            desk.laboratory.forget(order)
        self._import(day, [(order, Result("4.1")) for order in theirs])
        desk.assess()
        desk.clock.work(30)
        desk.refer()
        mine = self._taken_over(theirs)
        if len(mine) < len(_SCENES):
            return
        self._men.update(zip(_SCENES, mine, strict=True))
        desk.units.left.add(self._men["silent"].number)

    def _taken_over(self, orders: Sequence[Ordered]) -> list[Referred]:
        """The MRI referrals of some men, one for each scene, of which nothing comes by itself from now on.

        A man whose answer was held, or who has got another number meanwhile, is none of them.
        """
        radiology = self._desk.units.radiology
        found = {referred.patient_number: referred for referred in radiology.referrals()}
        mine = [found[order.patient_number] for order in orders if order.patient_number in found][: len(_SCENES)]
        for referred in mine:
            radiology.forget(referred.number)
        return mine

    def _regions(self, orders: Sequence[Ordered]) -> list[tuple[Ordered, str]]:
        """Orders with the region that their men are registered in."""
        return [(order, self._desk.register.county(order.patient_number)) for order in orders]

    def _first_reports(self) -> None:
        """Those who are to come to urology, and one whose answer will be corrected, are examined and referred on."""
        if not self._men:
            return
        desk, day = self._desk, self._desk.office.context.today
        cancer = [self._men[scene] for scene in ("benign", "cancer", "declined")]
        raw = [self._report(man, (5,), Decimal(38), day) for man in cancer]
        raw.append(self._report(self._men["corrected"], (2,), Decimal(60), day))
        desk.import_answers(batch(raw), f"mr-{day:%Y%m%d}-a.hl7")
        desk.units.assess()
        desk.clock.work(30)
        desk.refer()
        numbers = {man.patient_number: scene for scene, man in self._men.items()}
        for referred in desk.units.urology.referrals():
            scene = numbers.get(referred.patient_number)
            if scene is not None:
                self._men[f"{scene} at urology"] = referred
                desk.units.urology.forget(referred.number)

    # The last three days

    def clear_the_desk(self, day: date) -> None:
        """Everything that waits is done."""
        desk = self._desk
        desk.clock.move_to(day, 7, 30)
        desk.begin_day()
        found = desk.register.give_addresses(day)
        if found is not None:
            desk.take_in_register(found, f"adresser-{day:%Y%m%d}.csv", changes_only=True)
        desk.answer_calls()
        desk.units.answer_units()
        desk.take_in_answers()
        desk.units.open_slots()
        for _time in range(3):
            self._decide_all()
            self._post_all()
            desk.send_orders()
        desk.units.remind()
        desk.ask_about_silence()
        self._report_findings()

    def last_answers(self, day: date) -> None:
        """A few answers go the whole way: low and posted, referred to MRI, referred to urology."""
        desk, orders = self._desk, self._orders(day)
        for order in orders:
            desk.laboratory.forget(order)
        ours = [order for order, region in self._regions(orders) if region == _OWN_SLOTS][: _TO_BOOK + _BOOKED]
        ours = ours[: len(orders) - _FEWEST_AT_END]
        self._pool = _Pool(iter([order for order in orders if order not in ours]))
        low, raised, high = self._pool.one(), self._pool.one(), self._pool.one()
        desk.clock.move_to(day, 13)
        sampled = self._sampled(low, day)
        self._to_correct = (low, Result("2.1"), sampled)
        in_slots = [(order, Result("5.2")) for order in ours]
        self._import(day, [(low, Result("2.1")), (raised, Result("7.4")), (high, Result("> 100")), *in_slots])
        self._appointments(day)
        desk.assess()
        desk.refer()
        self._in_slots = [referred.number for referred in self._taken_over(ours)]
        desk.units.left.update(self._in_slots)
        self._post_all()
        self._biopsied(day)

    def _report_findings(self) -> None:
        """The watch after everything has been done: it finds nothing but what was left on purpose."""
        desk = self._desk
        left = {row.referral_id for number, row in desk.units.live().items() if number in desk.units.left}
        desk.report.found_when_done = [
            f"{finding.check} {finding.subject}"
            for finding in desk.watch()
            if finding.subject not in {f"referral:{key}" for key in left}
        ]

    def _appointments(self, day: date) -> None:
        """One is booked today and nobody says what came of it; one is booked for later."""
        desk, radiology = self._desk, self._desk.units.radiology
        sent = datetime.combine(day, time(8, 5), STOCKHOLM)
        later = datetime.combine(self._today + timedelta(days=9), time(9, 30), STOCKHOLM)
        today = datetime.combine(day, time(15, 30), STOCKHOLM)
        raw = [
            radiology.appoint(self._men["passed"], "S12", sent=sent, at=today),
            radiology.appoint(self._men["cancelled"], "S12", sent=sent, at=later),
            radiology.appoint(self._men["no_show"], "S12", sent=sent, at=today + timedelta(minutes=30)),
        ]
        desk.import_answers(batch(raw), f"mr-{day:%Y%m%d}-b.hl7")

    def _biopsied(self, day: date) -> None:
        lines = []
        for scene in ("benign", "cancer"):
            man = self._men[f"{scene} at urology"]
            lines.append(urology.line(man, "visit", day - timedelta(days=8)))
            lines.append(urology.line(man, "biopsy", day - timedelta(days=1)))
        self._desk.import_answers(urology.as_list(lines), f"utfall-{day:%Y%m%d}-a.csv")

    def _units_last(self, day: date) -> None:
        """What the units send on the last day: answers of every kind, men who did not come, a referral sent back."""
        desk, men, radiology = self._desk, self._men, self._desk.units.radiology
        sent = datetime.combine(day, time(7, 50), STOCKHOLM)
        trap = Finding((4,), Decimal(38), _TRAP, coded=False)
        raw = [
            self._report(men["trap"], (4,), Decimal(38), day, trap),
            self._report(men["no_volume"], (3,), None, day),
            self._report(men["low"], (2,), Decimal(52), day),
            self._report(men["aborted"], (1,), None, day, NOT_COMPLETED),
            self._report(men["mixed_up"], (4,), Decimal(41), day, patient=men["low"]),
            self._report(men["corrected"], (4,), Decimal(60), day, status="C"),
            radiology.appoint(men["no_show"], "S26", sent=sent),
            radiology.appoint(men["cancelled"], "S15", sent=sent, why="Kameran är avställd"),
        ]
        desk.import_answers(batch(raw), f"mr-{day:%Y%m%d}-c.hl7")
        returned = men["returned"]
        cells = f"{returned.number};{returned.patient_number};returned;{day};;;;Remissen är ställd till fel enhet."
        desk.import_answers(f"{';'.join(HEADINGS)}\n{cells}\n".encode(), f"mr-{day:%Y%m%d}-c.csv")
        lines = [
            urology.line(men["benign at urology"], "pathology", day, isup="0"),
            urology.line(men["cancer at urology"], "pathology", day, isup="3"),
            urology.line(men["declined at urology"], "declined", day),
        ]
        desk.import_answers(urology.as_list(lines), f"utfall-{day:%Y%m%d}-b.csv")

    def _report(
        self,
        man: Referred,
        scores: tuple[int, ...],
        volume: Decimal | None,
        day: date,
        found: Finding | None = None,
        *,
        status: str = "F",
        patient: Referred | None = None,
    ) -> bytes:
        """One MRI answer, examined two days before; `patient` when another man's number stands in it."""
        who = man if patient is None else replace(patient, number=man.number)
        written = found or finding(scores, volume, chance("last days", man.number, status), status=status)
        return self._desk.units.radiology.write(
            who,
            written,
            examined=datetime.combine(day - timedelta(days=2), time(10), STOCKHOLM),
            reported=datetime.combine(day, time(7, 45), STOCKHOLM),
        )

    def _orders(self, day: date) -> list[Ordered]:
        """Orders that can still be answered, of men with nothing out of the ordinary."""
        laboratory, plain = self._desk.laboratory, self._desk.register.plain()
        return [
            order
            for order in laboratory.unanswered(day)
            if order.patient_number in plain and laboratory.received_on(order) > day - _STILL_VALID
        ]

    def referrals_and_letters(self, day: date) -> None:
        """Referrals wait to be sent and letters to be posted; the register marks, moves and loses people."""
        desk = self._desk
        pool = self._pool
        desk.clock.move_to(day, 8)
        desk.begin_day()
        protected, homeless, missing, moving = pool.one(), pool.one(), pool.one(), pool.one()
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
            moving.patient_number: "moved_region",
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
        self._units_last(day)
        desk.units.book(only=self._in_slots[:_BOOKED])
        self._offer_hand_over()
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

    def _offer_hand_over(self) -> None:
        """Somebody who has moved is offered to his new region, which has not answered."""
        desk = self._desk
        for task in desk.tasks(Queue.REGISTER):
            moved_to = desk.moved_to(task)
            if moved_to and task.person_id is not None:
                desk.units.offer(task.person_id, moved_to)
                return

    def _decide_all(self) -> None:
        desk = self._desk
        desk.see_to_held()
        desk.see_to_tasks()
        desk.assess()
        desk.units.assess()
        desk.units.close_days()
        desk.units.settle()
        desk.units.book()
        desk.refer()

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
        before = max(weekdays_before(day)[-1], self._desk.laboratory.received_on(order))
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


_TRAP: Final = (
    "MR prostata, biparametrisk.\\.br\\Prostatavolym 38 ml.\\.br\\Lesion 1: höger perifera zonen, mid, 9 mm.\\.br\\"
    "Bedömning: PI-RADS 4 (tidigare PI-RADS 3, 2024)."
)
"""A score in prose alone, beside an earlier one."""


def weekdays_before(today: date) -> tuple[date, date, date]:
    """The three working days before a day."""
    days = (today - timedelta(days=back) for back in range(1, 8))
    third, second, first = islice((day for day in days if day.weekday() < 5), 3)
    return first, second, third


def _weekday(day: date) -> date:
    """The day itself, or the Friday before a weekend."""
    return day - timedelta(days=max(0, day.weekday() - 4))
