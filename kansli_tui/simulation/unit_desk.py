"""The invented staff's sittings with the units: referrals, appointments, MRI and pathology answers, and what comes to nothing."""

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Final

from kansli_tui.errors import RefusedError
from kansli_tui.pathway.referrals import ReferralEvent, ReferralKind
from kansli_tui.pathway.ruleset import Outcome
from kansli_tui.pathway.steps import Queue
from kansli_tui.rows.cases import CaseAction, TaskRow
from kansli_tui.rows.office import Actor
from kansli_tui.rows.referrals import BookingState, BookingWay, MriAnswerRow, ReferralRow, ToBook, UnitRow
from kansli_tui.service.context import local_date
from kansli_tui.service.office import Office
from kansli_tui.simulation.chance import chance
from kansli_tui.simulation.clock import SimulatedClock
from kansli_tui.simulation.radiology import Radiology
from kansli_tui.simulation.referred import UnitCall
from kansli_tui.simulation.report import SimulationReport
from kansli_tui.simulation.staff import Crew
from kansli_tui.simulation.urology import Urology

_PAGE: Final = 50
_CLOCK_PAGE: Final = 200
_SLOT_DAYS: Final = (1, 3)
_SLOT_TIMES: Final = (time(9), time(9, 45), time(10, 30), time(13), time(13, 45))
_SLOT_MINUTES: Final = 30
_SLOT_WEEKS: Final = 4
_WEEKS_LOOKED_AT: Final = 6
_SHARE_WITH_METAL: Final = 0.04
_NEW_TIME_DAYS: Final = 12
"""Where a unit that books itself has cancelled, it gives a time so far ahead by phone."""

_SETTLED: Final[Mapping[Queue, tuple[tuple[float, CaseAction, str], ...]]] = {
    Queue.MRI_CONTACT: (
        (0.45, CaseAction.RESEND, "Vill ha en ny tid, remissen skickas om."),
        (0.10, CaseAction.REFER_AGAIN, "Remitteras till rätt enhet."),
        (0.20, CaseAction.TO_UROLOGY, "Kan inte göra MR, urologen bedömer. Han har fått besked på telefon."),
        (0.25, CaseAction.NEW_OFFER_LATER, "Avstår den här gången."),
    ),
    Queue.UROLOGY_CONTACT: (
        (0.20, CaseAction.RESEND, "Har ångrat sig och vill ha en tid."),
        (0.80, CaseAction.NEW_OFFER_LATER, "Ingen biopsi den här gången."),
    ),
}
"""How often each way out is chosen for somebody of whose examination nothing came."""


class UnitDesk:
    """The office's side of the referrals, and the units it talks to."""

    def __init__(
        self,
        office: Office,
        crew: Crew,
        clock: SimulatedClock,
        units: tuple[Radiology, Urology],
        report: SimulationReport,
        seed: int,
    ) -> None:
        self.office = office
        self.crew = crew
        self.clock = clock
        self.radiology, self.urology = units
        self.report = report
        self.left: set[str] = set()
        """Referrals that nobody gets round to."""
        self._seed = seed
        self._rooms = office.units.rows(crew.anna, kind=ReferralKind.MRI, active=True)

    def receive(self, files: tuple[str, ...], on: date) -> None:
        """The units read what the office has written."""
        self.radiology.receive(files, on)
        self.urology.receive(files, on)

    # Referrals

    def refer(self) -> bool:
        """Make the referrals that wait: urology first, after a phone call. Whether any was made."""
        made = 0
        for queue in (Queue.UROLOGY_REFERRAL, Queue.MRI_REFERRAL):
            for task in self.tasks(queue):
                made += self.refer_one(task)
        return made > 0

    def refer_one(self, task: TaskRow) -> bool:
        """Make one referral with the man's answers to the unit's questions; it leaves with the next export."""
        assert task.person_id is not None
        anna, referrals = self.crew.anna, self.office.referrals
        form = referrals.form(anna, task.person_id)
        if form.phone_first:
            self.office.cases.note(anna, task.person_id, "phone", "Ringt och berättat om svaret och remissen.")
            form = referrals.form(anna, task.person_id)
        self.clock.work(2)
        rng = chance(self._seed, task.person_id, task.subject, "asked")
        answers = [(asked, "ja" if rng.random() < _SHARE_WITH_METAL else "nej") for asked in form.asks]
        try:
            referrals.refer(anna, task.person_id, version=form.version, unit_id=form.units[0].unit_id, answers=answers)
        except RefusedError:
            return False
        if form.kind is ReferralKind.MRI:
            self.report.mri_referrals += 1
        else:
            self.report.urology_referrals += 1
        return True

    def answer_units(self) -> None:
        """What the units have told by phone: noted on the referral, or booked by hand."""
        today = self.office.context.today
        calls = [*self.radiology.calls(today), *self.urology.calls(today)]
        rows = self.live() if calls else {}
        for call in calls:
            self.clock.work(2)
            row = rows.get(call.number)
            if row is not None:
                self._note(call, row)

    def _note(self, call: UnitCall, row: ReferralRow) -> None:
        """Note one call; a referral that has gone on meanwhile is left as it is."""
        try:
            if call.event is ReferralEvent.BOOKED:
                assert call.at is not None
                self.office.bookings.book(
                    self.crew.anna, row.referral_id, version=row.version, starts_at=call.at, why=call.note
                )
            else:
                self.office.referrals.note(
                    self.crew.anna, row.referral_id, call.event, version=row.version, note=call.note
                )
        except RefusedError:
            return

    def remind(self) -> None:
        """Ask the units about what is overdue on the clock."""
        today = self.office.context.today
        for row in self.live().values():
            if not row.overdue or row.number in self.left or row.state in ("created", "to_book", "returned"):
                continue
            self.clock.work(3)
            self.office.referrals.remind(
                self.crew.anna, row.referral_id, version=row.version, note="Ringt, enheten letar upp remissen."
            )
            self.report.reminders += 1
            unit = self.radiology if row.kind == "mri" else self.urology
            unit.reminded(row.number, today)

    def live(self) -> dict[str, ReferralRow]:
        """Every referral that is with somebody, by number."""
        found: dict[str, ReferralRow] = {}
        for kind in ReferralKind:
            after = 0
            while rows := self.office.referrals.clock(self.crew.anna, kind=kind, after=after, limit=_CLOCK_PAGE):
                found.update((row.number, row) for row in rows)
                after += len(rows)
                if len(rows) < _CLOCK_PAGE:
                    break
        return found

    # Appointments

    def open_slots(self) -> None:
        """The units that let the office book give it their times of some weeks."""
        first = self.office.context.today + timedelta(days=1)
        for unit in self._rooms:
            if unit.books is BookingWay.OWN_SLOTS:
                self.office.bookings.add_slots(
                    self.crew.anna,
                    unit.unit_id,
                    first=first,
                    weeks=_SLOT_WEEKS,
                    weekdays=_SLOT_DAYS,
                    times=_SLOT_TIMES,
                    minutes=_SLOT_MINUTES,
                )

    def book(self, *, only: Collection[str] | None = None) -> None:
        """Everybody who waits for an appointment: in the unit's first free slots, else a time that the unit gives by phone.

        `only` some referrals, by number; otherwise all but those that nobody gets round to.
        """
        today = self.office.context.today
        monday = today - timedelta(days=today.weekday())
        for unit in self._rooms:
            free: list[datetime] = []
            week = self.office.bookings.week(self.crew.anna, unit.unit_id, monday)
            waiting = [
                row
                for row in week.to_book
                if (row.referral_number not in self.left if only is None else row.referral_number in only)
            ]
            for ahead in range(1, _WEEKS_LOOKED_AT):
                if unit.books is not BookingWay.OWN_SLOTS or len(free) >= len(waiting):
                    break
                later = self.office.bookings.week(self.crew.anna, unit.unit_id, monday + timedelta(weeks=ahead))
                free += [
                    slot.starts_at
                    for _day, slots in later.days
                    for slot in slots
                    if slot.slot_id is not None and slot.open and slot.booking is None
                ]
            for place, row in enumerate(waiting):
                self._book(unit, row, free[place] if place < len(free) else None, place)

    def _book(self, unit: UnitRow, row: ToBook, at: datetime | None, place: int) -> None:
        self.clock.work(2)
        by_phone = at is None
        if at is None:
            day = self.office.context.today + timedelta(days=_NEW_TIME_DAYS + place // len(_SLOT_TIMES))
            day += timedelta(days=max(0, 7 - day.weekday())) if day.weekday() >= 5 else timedelta()
            at = datetime.combine(day, _SLOT_TIMES[place % len(_SLOT_TIMES)])
        try:
            made = self.office.bookings.book(
                self.crew.anna,
                row.referral_id,
                version=row.version,
                starts_at=at,
                minutes=_SLOT_MINUTES,
                why=f"{unit.name} gav tiden per telefon" if by_phone else "",
            )
        except RefusedError:
            return
        self.radiology.booked(row.referral_number, made.starts_at)

    def close_days(self) -> None:
        """What became of every appointment that has passed, as the unit says."""
        days: dict[tuple[str, date], None] = {}
        for row in self.office.bookings.late(self.crew.anna):
            days[row.region, local_date(row.starts_at)] = None
        for _region, day in days:
            for unit in self._rooms:
                open_ones = self.office.bookings.open_on(self.crew.anna, unit.unit_id, day)
                past = [row for row in open_ones if row.late]
                if past and len(past) == len(open_ones):
                    outcomes = {row.booking_id: self.radiology.outcome(row.referral_number) for row in open_ones}
                    missed = BookingState.NO_SHOW in outcomes.values()
                    self.clock.work(4)
                    self.office.bookings.close_day(
                        self.crew.anna, unit.unit_id, day, outcomes, why="Kom inte, hördes inte av." if missed else ""
                    )

    # Answers

    def take_in(self, take: Callable[[bytes, str], None]) -> None:
        """Import what the units have sent: messages, and lists of referrals sent back and of outcomes."""
        today = self.office.context.today
        for raw, name in (
            (self.radiology.file(today), f"mr-{today:%Y%m%d}.hl7"),
            (self.radiology.list_of(today), f"mr-{today:%Y%m%d}.csv"),
            (self.urology.list_of(today), f"utfall-{today:%Y%m%d}.csv"),
        ):
            if raw is not None:
                take(raw, name)

    def assess(self) -> None:
        """MRI and pathology answers, one man at a time."""
        for row in self.mri_rows():
            self.assess_mri(row)
        after = None
        while rows := self.office.examinations.pathology_rows(self.crew.anna, after=after, limit=_PAGE):
            for found in rows:
                self.clock.work(2)
                if not found.blocked_by:
                    self.office.examinations.confirm_pathology(self.crew.anna, found.decision_id, version=found.version)
                    self.report.biopsies += 1
            if len(rows) < _PAGE:
                break
            after = (rows[-1].opened_at, rows[-1].task_id)

    def mri_rows(self) -> Iterator[MriAnswerRow]:
        """The MRI answers that wait."""
        after = None
        while rows := self.office.examinations.mri_rows(self.crew.anna, after=after, limit=_PAGE):
            yield from rows
            if len(rows) < _PAGE:
                return
            after = (rows[-1].opened_at, rows[-1].task_id)

    def assess_mri(self, row: MriAnswerRow) -> None:
        """Confirm the highest score and the volume; a volume that is missing is asked for, what cannot be read is settled otherwise."""
        self.clock.work(3)
        if row.blocked_by:
            return
        anna, examinations = self.crew.anna, self.office.examinations
        if row.suggested is None:
            examinations.not_diagnostic(
                anna, row.decision_id, version=row.version, reason="Svaret har ingen PI-RADS och går inte att bedöma."
            )
            return
        volume, outcome, reason = row.volume_ml, None, ""
        undecided = row.proposal is not None and row.proposal.outcome is Outcome.PERSON
        if undecided and volume is None:
            volume = self.radiology.volume(row.referral_number)
            self.office.cases.note(anna, row.person_id, "phone", f"Frågat {row.unit} efter volymen.")
        decision = examinations.preview(anna, row.decision_id, pirads=row.suggested, volume_ml=volume)
        if decision.outcome is Outcome.PERSON:
            outcome, reason = Outcome.UROLOGY, "Volymen går inte att få fram, urologen bedömer."
        examinations.confirm_mri(
            anna,
            row.decision_id,
            version=row.version,
            pirads=row.suggested,
            volume_ml=volume,
            outcome=outcome,
            reason=reason,
        )
        self.report.mri_answers += 1

    # What came to nothing, and what changed afterwards

    def settle(self) -> None:
        """Examinations that came to nothing: another time, another way, or a new offer later."""
        for queue, ways in _SETTLED.items():
            for task in self.tasks(queue):
                self.clock.work(5)
                self._settle(task, ways)

    def _settle(self, task: TaskRow, ways: tuple[tuple[float, CaseAction, str], ...]) -> None:
        assert task.person_id is not None
        anna = self.crew.anna
        case = self.office.cases.open(anna, task.person_id)
        if case.holder is None or case.blocked_by:
            return
        drawn = chance(self._seed, task.subject, task.task_id, "settled").random()
        chosen, reason = ways[-1][1:]
        for share, action, why in ways:
            if drawn < share:
                chosen, reason = action, why
                break
            drawn -= share
        ours = {unit.name for unit in self._rooms if unit.books is BookingWay.OWN_SLOTS}
        if chosen is CaseAction.RESEND and case.holder.unit in ours:
            chosen = CaseAction.REBOOK
        if chosen not in case.actions:
            return
        number = case.holder.referral_number
        # A new offer after a grave finding is the physician's to decide.
        actor = self.crew.lena if chosen is CaseAction.NEW_OFFER_LATER else anna
        self.office.cases.act(actor, task.person_id, chosen.value, version=case.version, reason=reason)
        if chosen is CaseAction.RESEND:
            unit = self.radiology if task.queue is Queue.MRI_CONTACT else self.urology
            unit.begin(number, self.office.context.today, again=True)
        elif chosen is not CaseAction.REBOOK:
            self.radiology.forget(number)
            self.urology.forget(number)

    def correct(self) -> None:
        """Answers that changed after something had gone out: a letter where one had, and word to the unit."""
        anna, corrections = self.crew.anna, self.office.corrections
        for row in corrections.rows(anna):
            self.clock.work(8)
            if row.draft and not row.letter_prepared:
                try:
                    corrections.prepare_letter(anna, row.task_id, version=row.version)
                except RefusedError:
                    self.office.cases.note(anna, row.person_id, "phone", "Ringt om det ändrade svaret.")
            self.office.queues.finish(anna, row.task_id, "Ringt och skickat rättelse")
            self.report.corrections += 1

    def hand_over(self, person_id: int, to_region: str) -> bool:
        """Offer somebody who has moved to his new region, which takes him over."""
        try:
            offered = self.offer(person_id, to_region)
            if offered is not None:
                self.office.handovers.accept(self._receiver(to_region), offered)
                self.report.handovers += 1
        except RefusedError:
            return False
        return offered is not None

    def offer(self, person_id: int, to_region: str) -> int | None:
        """Offer somebody to another region: the hand-over's key; None when he is there already."""
        case = self.office.cases.open(self.crew.anna, person_id)
        if case.region == to_region:
            return None
        self.clock.work(4)
        offered = self.office.handovers.offer(
            self.crew.anna, person_id, version=case.version, to_region=to_region, reason="Folkbokförd där nu"
        )
        return offered.handover_id

    def _receiver(self, region: str) -> Actor:
        return self.crew.jonas if region in self.crew.jonas.regions else self.crew.per

    def tasks(self, queue: Queue) -> Iterator[TaskRow]:
        """Every task of a queue."""
        after = None
        while rows := self.office.queues.page(self.crew.anna, queue, after=after, limit=_PAGE):
            yield from rows
            if len(rows) < _PAGE:
                return
            after = (rows[-1].opened_at, rows[-1].task_id)
