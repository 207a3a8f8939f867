"""Every action of every service leaves a line in the log, in the transaction of the act itself, with who, what, whom and when."""

import inspect
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, select

from db import audit
from db.base import Base
from db.models import AuditRow, LetterText, PsaOrder
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.steps import Queue
from kansli_tui.rows.office import Actor, Role
from kansli_tui.rows.watch import DeviationCause
from kansli_tui.service.rule_book import delivered_rule_set
from tests.factories import a_number, register_file, register_row
from tests.service.audit_calendar import calendar_acts
from tests.service.audit_care import care_acts
from tests.service.audit_follow_up import FOLLOW_UP_READS, follow_up_acts
from tests.service.audit_letters import letter_acts
from tests.service.audit_referrals import referral_acts
from tests.service.audit_register import register_acts
from tests.service.audit_stats import DERIVED, stats_acts
from tests.service.history_help import history_file, line
from tests.world import World

SERVICES = (
    "staff",
    "rules",
    "queues",
    "cases",
    "population",
    "offers",
    "requests",
    "orders",
    "answers",
    "held",
    "decisions",
    "letters",
    "mail",
    "mail_rows",
    "channels",
    "letter_texts",
    "papers",
    "wishes",
    "statistics",
    "stats_people",
    "stats_reports",
    "quality_register",
    "availability",
    "overview",
    "balance",
    "daily",
    "units",
    "referrals",
    "examinations",
    "corrections",
    "bookings",
    "history",
    "watch",
    "handovers",
    "register_care",
    "hand_edits",
    "merging",
    "access",
    "targets",
    "follow_up",
)
READS = {
    # Counts, lists of work without a person in them, and what only says whether something is there.
    "staff.rows",
    "staff.anyone",
    "staff.first_supervisor",
    "staff.as_user",
    "rules.rows",
    "rules.in_force",
    "queues.home",
    "overview.make",
    "offers.plans",
    "offers.releases",
    "letters.waiting",
    "letters.batches",
    "letters.left_behind",
    "letters.by_number",
    "mail.count",
    "letter_texts.rows",
    "letter_texts.difference",
    "letter_texts.preview",
    "letter_texts.preview_pdf",
    "letter_texts.check",
    "letter_texts.used_in",
    "decisions.count",
    "population.list",
    "cases.find",
    "watch.board",
    "register_care.board",
    "watch.absences",
    "balance.signed",
    "offers.ahead",
    "units.rows",
    *FOLLOW_UP_READS,
}
LEASES = {"queues.take", "queues.put_back"}
"""Who is at work on a task for some minutes; taking one over from somebody is logged."""

EVA = Actor("eva", "Eva", Role.SUPERVISOR, frozenset({"05", "06", "08"}))


def methods(world: World) -> set[str]:
    found = set()
    for name in SERVICES:
        service = getattr(world.office, name)
        for method, _function in inspect.getmembers(type(service), inspect.isfunction):
            if not method.startswith("_"):
                found.add(f"{name}.{method}")
    return found


def lines(world: World) -> int:
    with world.context.sessions.read() as session:
        return session.scalar(select(func.count(AuditRow.id))) or 0


def contents(world: World) -> dict[str, list[Any]]:
    """Everything in the database but the log itself, and what is remembered for the home screen, as it is stored."""
    with world.context.sessions.read() as session:
        return {
            table.name: [tuple(row) for row in session.connection().exec_driver_sql(f'SELECT * FROM "{table.name}"')]
            for table in Base.metadata.sorted_tables
            if table.name not in {"audit", "meta", *DERIVED}
        }


class Acts:
    """One doing of each method, in an office where there is something to do."""

    def __init__(self, world: World, tmp_path: Path) -> None:
        self.world, self.office, self.folder = world, world.office, tmp_path

    def answered(self, value: str = "3.4", **more: Any) -> int:
        man = self.world.man(**more)
        self.world.act(man, "offer_now")
        self.world.post()
        self.world.clock.advance(minutes=1)
        self.world.send_orders()
        self.world.clock.advance(days=2)
        self.world.answer(man, value)
        return man

    def held(self) -> int:
        man = self.world.man()
        self.world.act(man, "offer_now")
        self.world.post()
        self.world.clock.advance(minutes=1)
        self.world.send_orders()
        self.world.clock.advance(days=2)
        self.world.take(self.world.message(man, "3.4", order="OPT-1"))
        return self.office.held.held(self.world.anna)[0].message_id

    def plan(self) -> Any:
        return self.office.offers.create_plan(
            self.world.anna, region="05", birth_years=(1976,), per_week=5, starts_on=self.world.today
        )

    def batch(self) -> Any:
        return self.office.letters.make_batch(self.world.anna, region="05", type=LetterType.OFFER)

    def change_set(self) -> Any:
        raw = register_file(*(register_row(pnr=a_number(serial, "19760101")) for serial in range(101, 105, 2)))
        return self.office.population.compare(self.world.per, raw, "fil.csv")

    def table(self) -> dict[str, Callable[[], Callable[[], Any]]]:
        """Method → what prepares it and returns the act."""
        w, o = self.world, self.office
        password = "ett långt lösenord"

        def staff() -> None:
            o.staff.install_first("chef", ("05",))
            o.staff.add(w.per, username="eva", name="Eva", role=Role.CASEWORKER, regions=("05",), password=password)

        def shown(value: str = "3.4", queue: Queue = Queue.RAISED) -> Any:
            return w.shown(queue, self.answered(value))

        def with_staff(act: Callable[[], Any]) -> Callable[[], Any]:
            staff()
            return act

        def decision(act: Callable[[Any], Any]) -> Callable[[], Any]:
            row = shown()
            return lambda: act(row)

        def held(act: Callable[[int], Any]) -> Callable[[], Any]:
            message = self.held()
            return lambda: act(message)

        def plan(act: Callable[[Any], Any]) -> Callable[[], Any]:
            w.man()
            made = self.plan()
            return lambda: act(made)

        def batch(act: Callable[[Any], Any]) -> Callable[[], Any]:
            w.act(w.man(), "offer_now")
            made = self.batch()
            o.letters.write(w.anna, made.batch_id, self.folder)
            return lambda: act(made)

        def prepared(act: Callable[[], Any]) -> Callable[[], Any]:
            w.act(w.man(), "offer_now")
            return act

        def man(act: Callable[[int], Any], **values: Any) -> Callable[[], Any]:
            person = w.man(**values)
            return lambda: act(person)

        def change_set(act: Callable[[Any], Any]) -> Callable[[], Any]:
            made = self.change_set()
            return lambda: act(made)

        def order() -> Callable[[], Any]:
            number = w.order(self.answered())
            return lambda: o.orders.receipt(w.anna, number, "R-1")

        def question() -> Callable[[], Any]:
            o.cases.ask_physician(w.anna, w.man(), "fråga")
            (task,) = o.queues.page(w.anna, Queue.MEDICAL)
            return lambda: o.queues.finish(w.anna, task.task_id, "ja")

        def preview_letter(made: Any) -> Any:
            return o.letters.preview(w.anna, o.letters.letters(w.anna, made.batch_id)[0].letter_id)

        def rules() -> Callable[[], Any]:
            o.rules.load(w.per, delivered_rule_set().replace('"2026:2"', '"2026:3"'))
            return lambda: o.rules.sign(EVA, "SÖSR", "2026:3")

        def approve(made: Any) -> Any:
            return o.offers.approve(w.per, made.plan_id, version=made.version)

        def release(made: Any) -> Any:
            approved = approve(made)
            return o.offers.release(w.anna, made.plan_id, version=approved.version)

        def match(message: int) -> Any:
            candidate = o.held.held(w.anna)[0].candidates[0]
            return o.held.match(w.anna, message, candidate.order_id, "skäl")

        def latest_order() -> str:
            with w.context.sessions.read() as session:
                return session.scalars(select(PsaOrder.number).order_by(PsaOrder.id.desc())).first() or ""

        def signed_balance() -> Callable[[], Any]:
            signed = o.balance.sign(w.anna)
            return lambda: o.balance.signed_pdf(w.anna, signed.balance_id)

        def absence() -> Callable[[], Any]:
            staff()
            noted = o.watch.add_absence(w.per, "eva", w.today, w.today)
            return lambda: o.watch.end_absence(w.per, noted.absence_id)

        def offer_to_jonkoping(person: int) -> Any:
            version = w.person(person).version_id
            return o.handovers.offer(w.anna, person, version=version, to_region="06", reason="skäl")

        def handover(act: Callable[[Any], Any]) -> Callable[[], Any]:
            made = offer_to_jonkoping(w.man())
            return lambda: act(made)

        def daily() -> Callable[[], Any]:
            w.act(w.man(), "postpone", on=w.today + timedelta(days=1))
            w.clock.advance(days=2)
            return lambda: o.daily.run(w.anna)

        return {
            "staff.sign_in": lambda: with_staff(lambda: o.staff.sign_in("eva", password)),
            "staff.install_first": lambda: lambda: o.staff.install_first("chef", ("05",)),
            "staff.set_password": lambda: with_staff(lambda: o.staff.set_password(w.per, "eva", password)),
            "staff.add": lambda: with_staff(
                lambda: o.staff.add(
                    w.per, username="ny", name="Ny", role=Role.CASEWORKER, regions=("05",), password=password
                )
            ),
            "staff.grant": lambda: with_staff(lambda: o.staff.grant(w.per, "eva", ("06",))),
            "staff.revoke": lambda: with_staff(lambda: o.staff.revoke(w.per, "eva")),
            "rules.load": lambda: lambda: o.rules.load(w.per, delivered_rule_set().replace('"2026:2"', '"2026:3"')),
            "rules.sign": rules,
            "queues.page": lambda: decision(lambda _row: o.queues.page(w.anna, Queue.RAISED)),
            "queues.last_page": lambda: decision(lambda _row: o.queues.last_page(w.anna, Queue.RAISED)),
            "queues.finish": question,
            "cases.search": lambda: man(lambda _man: o.cases.search(w.anna, "öberg")),
            "cases.open": lambda: man(lambda person: o.cases.open(w.anna, person)),
            "cases.reveal": lambda: man(lambda person: o.cases.reveal(w.per, person, "skäl")),
            "cases.note": lambda: man(lambda person: o.cases.note(w.anna, person, "note", "hej")),
            "cases.ask_physician": lambda: man(lambda person: o.cases.ask_physician(w.anna, person, "hej?")),
            "cases.act": lambda: man(lambda person: w.act(person, "opt_out")),
            "population.compare": lambda: self.change_set,
            "population.rows": lambda: change_set(lambda made: o.population.rows(w.per, made.import_id)),
            "population.accept": lambda: change_set(
                lambda made: o.population.accept(w.per, made.import_id, version=made.version)
            ),
            "population.reject": lambda: change_set(
                lambda made: o.population.reject(w.per, made.import_id, version=made.version, reason="skäl")
            ),
            "population.compare_again": lambda: change_set(
                lambda made: o.population.compare_again(w.per, made.import_id)
            ),
            "offers.create_plan": lambda: self.plan,
            "offers.approve": lambda: plan(approve),
            "offers.end": lambda: plan(lambda made: o.offers.end(w.anna, made.plan_id, version=made.version)),
            "offers.dry_run": lambda: plan(lambda made: o.offers.dry_run(w.anna, made.plan_id)),
            "offers.release": lambda: plan(release),
            "requests.add": lambda: (
                lambda: o.requests.add(
                    w.anna,
                    number=a_number(12, "19760101"),
                    region="05",
                    given="Kim",
                    family="Ek",
                    address={},
                    reason="skäl",
                )
            ),
            "orders.rows": lambda: decision(lambda _row: o.orders.rows(w.anna, state=None)),
            "orders.export": self._order_to_send,
            "orders.receipt": order,
            "answers.import_file": self._message,
            "held.held": lambda: held(lambda _message: o.held.held(w.anna)),
            "held.candidate": lambda: held(lambda _message: o.held.candidate(w.anna, latest_order())),
            "held.match": lambda: held(match),
            "held.refuse": lambda: held(lambda message: o.held.refuse(w.anna, message, "skäl")),
            "held.send_back": lambda: held(lambda message: o.held.send_back(w.anna, message, "skäl")),
            "decisions.rows": lambda: decision(lambda _row: o.decisions.rows(w.anna, Queue.RAISED)),
            "decisions.confirm": lambda: decision(
                lambda row: o.decisions.confirm(w.anna, row.decision_id, version=row.version)
            ),
            "decisions.postpone": lambda: decision(
                lambda row: o.decisions.postpone(
                    w.anna, row.decision_id, version=row.version, on=w.today + timedelta(days=9), reason="skäl"
                )
            ),
            "decisions.preview_low": lambda: self._low(lambda: o.decisions.preview_low(w.anna)),
            "decisions.confirm_low": lambda: self._low(
                lambda: o.decisions.confirm_low(w.anna, stamp=o.decisions.preview_low(w.anna).stamp)
            ),
            "letters.make_batch": lambda: prepared(self.batch),
            "letters.make_batches": lambda: prepared(
                lambda: o.letters.make_batches(w.anna, region="05", type=LetterType.OFFER)
            ),
            "letters.write": lambda: batch(lambda made: o.letters.write(w.anna, made.batch_id, self.folder)),
            "letters.confirm": lambda: batch(
                lambda made: o.letters.confirm(w.anna, made.batch_id, version=made.version, posted=1)
            ),
            "letters.cancel": lambda: batch(
                lambda made: o.letters.cancel(w.anna, made.batch_id, version=made.version, reason="skäl")
            ),
            "letters.letters": lambda: batch(lambda made: o.letters.letters(w.anna, made.batch_id)),
            "letters.preview": lambda: batch(preview_letter),
            "overview.headlines": lambda: lambda: o.overview.headlines(w.anna),
            "availability.report": lambda: lambda: o.availability.report(w.anna, ("05",), w.today),
            "availability.people": lambda: decision(
                lambda _row: o.availability.people(w.anna, "psa_letter", ("05",), w.today)
            ),
            "balance.make": lambda: lambda: o.balance.make(w.anna),
            "balance.people": lambda: man(
                lambda _man: o.balance.people(w.anna, region="05", born=1976, line="Not due yet")
            ),
            "balance.pdf": lambda: lambda: o.balance.pdf(w.anna),
            "balance.sign": lambda: lambda: o.balance.sign(w.anna),
            "balance.signed_pdf": signed_balance,
            "daily.run": daily,
            "watch.run": lambda: lambda: o.watch.run(w.anna),
            "watch.set_duty": lambda: with_staff(
                lambda: o.watch.set_duty(w.per, "held_message", owner="eva", deputy="", every_hours=24)
            ),
            "watch.add_absence": lambda: with_staff(lambda: o.watch.add_absence(w.per, "eva", w.today, w.today)),
            "watch.end_absence": absence,
            "watch.note_cause": lambda: man(
                lambda person: o.watch.note_cause(w.anna, f"person:{person}", DeviationCause.OTHER, "skäl")
            ),
            "handovers.offer": lambda: man(offer_to_jonkoping),
            "handovers.rows": lambda: handover(lambda _made: o.handovers.rows(w.anna)),
            "handovers.accept": lambda: handover(lambda made: o.handovers.accept(w.anna, made.handover_id)),
            "handovers.send_back": lambda: handover(
                lambda made: o.handovers.send_back(w.anna, made.handover_id, reason="skäl")
            ),
            "handovers.withdraw": lambda: handover(
                lambda made: o.handovers.withdraw(w.anna, made.handover_id, reason="skäl")
            ),
            "access.make": lambda: man(lambda person: o.access.make(w.anna, person, why="skäl")),
            "access.write": lambda: man(lambda person: o.access.write(w.anna, person, self.folder, why="skäl")),
            **calendar_acts(w),
            **care_acts(w),
            **referral_acts(w, self.answered),
            **letter_acts(w),
            **follow_up_acts(w),
            **register_acts(w, self.folder),
            **stats_acts(w),
            "history.import_file": lambda: lambda: o.history.import_file(w.anna, history_file(line()), "omgångar.csv"),
        }

    def _order_to_send(self) -> Callable[[], Any]:
        self.world.act(self.world.man(), "offer_now")
        self.world.post()
        return lambda: self.office.orders.export(self.world.anna, self.folder)

    def _message(self) -> Callable[[], Any]:
        raw = self.world.message(self.answered(), "0.4", status="C")
        return lambda: self.world.take(raw)

    def _low(self, act: Callable[[], Any]) -> Callable[[], Any]:
        self.answered("0.4")
        return act


@pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)
def test_every_public_method_is_known_here(world: World, tmp_path: Path) -> None:
    assert methods(world) == set(Acts(world, tmp_path).table()) | READS | LEASES


@pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)
def test_every_act_leaves_a_line_and_without_the_line_there_is_no_act(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is tried first with a log that cannot be written: then nothing may have happened."""

    class LogIsFullError(Exception):
        pass

    def full(*_args: Any, **_more: Any) -> None:
        raise LogIsFullError

    faults = []
    for name in Acts(world, tmp_path).table():
        act = Acts(world, tmp_path).table()[name]()
        before, written = contents(world), lines(world)
        with monkeypatch.context() as patch:
            patch.setattr(audit, "record", full)
            patch.setattr(audit, "record_people", full)
            try:
                act()
                faults.append(f"{name}: is done without a line")
            except LogIsFullError:
                pass
        if contents(world) != before:
            faults.append(f"{name}: happened although its line could not be written")
        if lines(world) != written:
            faults.append(f"{name}: a line of something that has not happened")
        act()
        if lines(world) == written:
            faults.append(f"{name}: leaves no line")
        reset(world)
    assert faults == []


def reset(world: World) -> None:
    """An empty office again."""
    with world.context.sessions.begin() as session:
        for table in reversed(Base.metadata.sorted_tables):
            if table.name not in ("audit", "meta", "rule_set", "unit", "letter_text"):
                session.execute(table.delete())
        session.execute(delete(LetterText).where(LetterText.comment != "Följer med programmet"))
        session.execute(Base.metadata.tables["rule_set"].delete().where(Base.metadata.tables["rule_set"].c.id > 1))


def test_a_line_says_who_what_whom_when_and_why(world: World) -> None:
    man = world.man()
    world.act(man, "opt_out", reason="ringde och avstod")
    with world.context.sessions.read() as session:
        row = session.scalars(select(AuditRow)).one()
    assert (row.actor, row.role, row.action, row.person_id, row.region, row.why, row.at) == (
        "anna",
        "caseworker",
        "case.opt_out",
        man,
        "05",
        "ringde och avstod",
        world.clock.now,
    )


def test_nothing_is_done_by_nobody(world: World) -> None:
    nobody = Actor("", "", Role.CASEWORKER, frozenset({"05"}))
    man = world.man()
    with pytest.raises(ValueError, match="somebody"):
        world.office.cases.open(nobody, man)
    with pytest.raises(ValueError, match="somebody"):
        world.office.cases.act(nobody, man, "opt_out", version=1, reason="x")
    assert world.step(man) == "not_due"


def test_the_log_holds_no_names_and_no_numbers(world: World) -> None:
    man = world.man(family_name="Lindqvist")
    number = world.person(man).number
    world.offer(man)
    world.clock.advance(days=5)
    world.answer(man, "3.4")
    world.confirm(Queue.RAISED, man)
    world.post()
    world.office.cases.search(world.anna, "lindqvist")
    with world.context.sessions.read() as session:
        everything = " ".join(f"{row.subject} {row.why} {row.detail}" for row in session.scalars(select(AuditRow)))
    assert "Lindqvist" not in everything
    assert number not in everything
