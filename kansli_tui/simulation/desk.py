"""The invented staff at work: each method is a sitting of somebody at one of the office's lists, done by the real services."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta
from heapq import heappop, heappush
from pathlib import Path
from typing import Final

from kansli_tui.errors import RefusedError
from kansli_tui.pathway.answers import HoldReason
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.ruleset import OrderTime, Outcome
from kansli_tui.pathway.steps import Queue, Step
from kansli_tui.rows.answers import AnswerRow, HeldRow, MessageState
from kansli_tui.rows.cases import CaseAction, TaskRow
from kansli_tui.rows.letter_states import BatchRow, BatchState, LetterState, WaitingLetters
from kansli_tui.rows.offers import PlanState
from kansli_tui.rows.office import Actor
from kansli_tui.rows.register import ImportState
from kansli_tui.rows.watch import Finding
from kansli_tui.service.office import Office
from kansli_tui.simulation.clock import SimulatedClock
from kansli_tui.simulation.laboratory import Laboratory
from kansli_tui.simulation.men import ANSWERED_BY_MEN, OFFERS, Call, Men
from kansli_tui.simulation.register import Register
from kansli_tui.simulation.report import SimulationReport
from kansli_tui.simulation.staff import Crew
from kansli_tui.simulation.unit_desk import UnitDesk

_PAGE: Final = 50
_WORTH_A_BATCH: Final = 100
_ANSWERS_WAIT: Final = timedelta(days=3)
_OFFERS_WAIT: Final = timedelta(days=11)
_MATCHED_BY_HAND: Final = frozenset({HoldReason.SAMPLE_LATE.value, HoldReason.ORDER_CANCELLED.value})
_SENT_BACK: Final = frozenset(
    {
        HoldReason.UNKNOWN_ORDER.value,
        HoldReason.OTHER_PERSON.value,
        HoldReason.BIRTH_DATE.value,
        HoldReason.UNIT.value,
        HoldReason.VALUE_EMPTY.value,
        HoldReason.STATUS_MISSING.value,
    }
)


class Desk:
    """The office, its surroundings, and the staff's way of working."""

    def __init__(
        self,
        office: Office,
        crew: Crew,
        clock: SimulatedClock,
        register: Register,
        laboratory: Laboratory,
        units: UnitDesk,
        men: Men,
        folder: Path,
        report: SimulationReport,
    ) -> None:
        self.office = office
        self.crew = crew
        self.clock = clock
        self.register = register
        self.laboratory = laboratory
        self.units = units
        self.men = men
        self.report = report
        self.patience = 1
        """How many times longer than usual letters wait for company before they are printed."""
        self._folder = folder
        self._calls: list[Call] = []
        self._unassessed = False
        self._by_phone = {
            region: office.rules.in_force(crew.anna, region).for_region(region).psa_order is OrderTime.AT_ACCEPTANCE
            for region in sorted(crew.anna.regions)
        }

    # Register and offers

    def take_in_register(self, raw: bytes, name: str, *, changes_only: bool = False) -> None:
        """Compare a hand-over and accept it."""
        anna = self.crew.anna
        made = self.office.population.compare(anna, raw, name, changes_only=changes_only)
        self.clock.work(5)
        if made.state is not ImportState.REVIEW:
            raise RefusedError("The register file was stopped: {reason}", reason=made.stopped_reason)
        self.office.population.accept(anna, made.import_id, version=made.version)
        self.report.hand_overs += 1

    def begin_day(self) -> None:
        """What the date makes due."""
        self.office.daily.run(self.crew.anna)

    def release(self) -> None:
        """Release the week's people of every plan that sends this week."""
        for plan in reversed(self.office.offers.plans(self.crew.anna)):
            if plan.state is PlanState.APPROVED and plan.next_week is not None and plan.due:
                self.clock.work(2)
                released = self.office.offers.release(self.crew.anna, plan.plan_id, version=plan.version)
                self.report.rounds += released.people

    # Letters and orders

    def print_letters(self, *, everything: bool = False, by_hand: bool = True) -> None:
        """Make batches of prepared letters when they are many or have waited; what cannot be printed stays and has a task."""
        for waiting in self.office.letters.waiting(self.crew.anna):
            patience = (
                _OFFERS_WAIT if waiting.type in OFFERS or waiting.type is LetterType.PRE_LETTER else _ANSWERS_WAIT
            )
            if (
                not everything
                and waiting.letters < _WORTH_A_BATCH
                and self.clock() - waiting.oldest < patience * self.patience
            ):
                continue
            if waiting.by_hand and not by_hand:
                continue
            for _time in range(waiting.letters if waiting.by_hand else 1):
                self.clock.work(1)
                if not self._print(waiting):
                    break

    def _print(self, waiting: WaitingLetters) -> bool:
        try:
            self.office.letters.make_batch(
                self.crew.anna, region=waiting.region, type=waiting.type, by_hand=waiting.by_hand
            )
        except RefusedError:
            return False
        return True

    def post_letters(self) -> None:
        """Count the envelopes of every printed batch and confirm it; the men read their letters."""
        while printed := self.printed():
            for batch in printed:
                self.post(batch)
            if len(printed) < _PAGE:
                return

    def printed(self) -> list[BatchRow]:
        """The batches that wait to be posted."""
        found = self.office.letters.batches(self.crew.anna, limit=_PAGE)
        return [batch for batch in found if batch.state is BatchState.PRINTED]

    def post(self, batch: BatchRow) -> None:
        """Confirm one batch, and let the men answer."""
        self.clock.work(3)
        posted = self.office.letters.confirm(
            self.crew.anna, batch.batch_id, version=batch.version, posted=batch.to_post
        )
        self.report.letters += batch.to_post
        if posted.type not in ANSWERED_BY_MEN:
            return
        today = posted.posted_on
        assert today is not None
        for letter in self.office.letters.letters(self.crew.anna, batch.batch_id):
            if letter.state is LetterState.POSTED:
                call = self.men.reply(letter, today, by_phone=self._by_phone[letter.region])
                if call is not None:
                    heappush(self._calls, call)

    def send_orders(self) -> None:
        """Write orders, referrals and cancellations, and hand the files to the laboratory and the units."""
        export = self.office.orders.export(self.crew.anna, self._folder)
        self.report.orders += export.orders
        self.laboratory.receive(export.files, self.office.context.today)
        self.units.receive(export.files, self.office.context.today)
        for file in export.files:
            Path(file).unlink()

    # Answers

    def take_in_answers(self) -> None:
        """Import what the laboratory and the units have sent."""
        raw = self.laboratory.file(self.office.context.today)
        if raw is not None:
            self.import_answers(raw)
        self.units.take_in(self.import_answers)

    def import_answers(self, raw: bytes, name: str = "") -> None:
        """Import one file of the laboratory or of a unit."""
        name = name or f"psa-{self.office.context.today:%Y%m%d}-{self.report.answer_files + 1}.hl7"
        taken = self.office.answers.import_file(self.crew.anna, raw, name)
        self.report.answer_files += 1
        self._unassessed = True
        self.report.answers += taken.count(MessageState.APPLIED)
        self.report.held += taken.count(MessageState.HELD)

    def assess(self) -> None:
        """Confirm the low values together and everybody else one at a time, when answers have come since the last time."""
        if not self._unassessed:
            return
        self._unassessed = False
        for queue in (Queue.URGENT, Queue.RAISED, Queue.UNDECIDED, Queue.REPEAT):
            for row in self._answers(queue):
                self.confirm(row)
        self.assess_low()

    def assess_low(self) -> None:
        """Low values: the plain ones as a batch, the others one at a time."""
        anna, decisions = self.crew.anna, self.office.decisions
        while (preview := decisions.preview_low(anna)).count:
            self.clock.work(3)
            decisions.confirm_low(anna, stamp=preview.stamp)
            if preview.count < _PAGE:
                break
        for row in self._answers(Queue.NORMAL):
            self.confirm(row)

    def confirm(self, row: AnswerRow) -> None:
        """Confirm one answer as proposed; where the rules leave it to a person, take another sample."""
        self.clock.work(1)
        if row.blocked_by:
            self._unassessed = True
            return
        undecided = row.proposed is Outcome.PERSON
        self.office.decisions.confirm(
            self.crew.anna,
            row.decision_id,
            version=row.version,
            outcome=Outcome.REPEAT if undecided else None,
            reason="Värdet säger inte om gränsen är passerad, nytt prov tas." if undecided else "",
        )

    def _answers(self, queue: Queue) -> Iterator[AnswerRow]:
        after = None
        while rows := self.office.decisions.rows(self.crew.anna, queue, after=after, limit=_PAGE):
            yield from rows
            if len(rows) < _PAGE:
                return
            after = (rows[-1].opened_at, rows[-1].task_id)

    def answers(self, queue: Queue) -> tuple[AnswerRow, ...]:
        """The first answers of a queue."""
        return self.office.decisions.rows(self.crew.anna, queue, limit=_PAGE)

    def refer(self) -> None:
        """Make the referrals that wait, and send them."""
        if self.units.refer():
            self.send_orders()

    def see_to_held(self) -> None:
        """Held answers: matched where the sample is his, else sent back or refused."""
        held = self.office.held
        for row in held.held(self.crew.anna):
            self.clock.work(4)
            if row.reason in _MATCHED_BY_HAND and row.candidates and self._match(row):
                continue
            if row.reason in _SENT_BACK:
                held.send_back(self.crew.anna, row.message_id, "Återsänd till laboratoriet för rättelse")
            else:
                held.refuse(self.crew.anna, row.message_id, "Gäller inte längre, noterat på ärendet")

    def _match(self, row: HeldRow) -> bool:
        try:
            self.office.held.match(
                self.crew.anna, row.message_id, row.candidates[0].order_id, "Provet är taget, svaret ska räknas"
            )
        except RefusedError:
            return False
        self._unassessed = True
        return True

    # People

    def answer_calls(self) -> None:
        """The phone hour: everybody who has called by today."""
        today = self.office.context.today
        while self._calls and self._calls[0].on <= today:
            self.clock.work(3)
            self._answer(heappop(self._calls))

    def _answer(self, call: Call) -> None:
        actor = self.crew.jonas if call.region in self.crew.jonas.regions else self.crew.anna
        self.report.calls += 1
        if call.action is None:
            self.office.cases.note(actor, call.person_id, "phone", call.text)
            return
        if self._act(actor, call.person_id, call.action, call.text, on=call.until, detail=call.detail):
            self.report.replies[call.action.value] = self.report.replies.get(call.action.value, 0) + 1

    def _act(
        self, actor: Actor, person_id: int, action: CaseAction, reason: str, *, on: date | None = None, detail: str = ""
    ) -> bool:
        """Open the case and do it, if it can be done where he stands."""
        case = self.office.cases.open(actor, person_id)
        if action not in case.actions or (action is CaseAction.POSTPONE and case.step is Step.NOT_DUE):
            return False
        self.clock.work(1)
        self.office.cases.act(
            actor,
            person_id,
            action.value,
            version=case.version,
            reason=reason,
            on=on,
            detail=detail,
        )
        return True

    def see_to_tasks(self) -> None:
        """Corrections, questions and register care that have waited: done by those who may."""
        self.units.correct()
        self._finish(Queue.MEDICAL, self.crew.lena, "Besvarat")
        for task in self._tasks(Queue.REGISTER):
            self.clock.work(5)
            if task.subject.startswith("block:") and task.person_id is not None:
                self._look_up(task, task.person_id)
            else:
                self.office.queues.finish(self.crew.anna, task.task_id, "Kontrollerat i registret")

    def ask_about_silence(self) -> None:
        """Answers and referrals that nothing has been heard of: the laboratory or the unit is asked."""
        self._finish(Queue.CONTACT, self.crew.anna, "Ringt enheten, väntar på besked")

    def _finish(self, queue: Queue, actor: Actor, outcome: str) -> None:
        for task in self._tasks(queue):
            self.clock.work(5)
            self.office.queues.finish(actor, task.task_id, outcome)

    def _look_up(self, task: TaskRow, person_id: int) -> None:
        """A held person: handed over to the region he has moved to, let go on, or closed when he has left for good."""
        anna = self.crew.anna
        moved_to = self.moved_to(task)
        if moved_to and self.units.hand_over(person_id, moved_to):
            return
        if "left the regions" in task.reason:
            # Whoever is owed an answer is let go on until he has had it.
            with suppress(RefusedError):
                self._act(
                    anna, person_id, CaseAction.CLOSE, "Utflyttad, svaret lämnat på annat sätt", detail="moved_out"
                )
        self._act(anna, person_id, CaseAction.UNBLOCK, "Kontrollerat i registret")

    def moved_to(self, task: TaskRow) -> str:
        """The region that somebody who is held has moved to; '' when that is not why, or he has left the three."""
        moved = self.register.county(task.number.replace("-", "")) if "another county" in task.reason else ""
        return moved if moved in self.crew.anna.regions else ""

    def watch(self) -> tuple[Finding, ...]:
        """Run every check of the watch."""
        return self.office.watch.run(self.crew.anna).findings

    def _tasks(self, queue: Queue) -> Iterator[TaskRow]:
        after = None
        while rows := self.office.queues.page(self.crew.anna, queue, after=after, limit=_PAGE):
            yield from rows
            if len(rows) < _PAGE:
                return
            after = (rows[-1].opened_at, rows[-1].task_id)

    def tasks(self, queue: Queue) -> tuple[TaskRow, ...]:
        """The first tasks of a queue."""
        return self.office.queues.page(self.crew.anna, queue, limit=_PAGE)
