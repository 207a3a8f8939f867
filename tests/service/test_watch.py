"""The failsafe: each check finds what it is for and nothing before, its duty has somebody, and what is not run in time is late."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from db.models import AuditRow, Booking, Letter, Person, PsaOrder, Referral, WatchRun
from kansli_tui.errors import NotAllowedError, NotFoundError, RefusedError
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.referrals import ReferralEvent
from kansli_tui.pathway.steps import Queue, Step
from kansli_tui.pathway.watch import CHECKS, Watched
from kansli_tui.rows.letter_states import LetterState
from kansli_tui.rows.office import REGIONS, Actor, Role
from kansli_tui.rows.population import Protection
from kansli_tui.rows.referrals import BookingState
from kansli_tui.rows.watch import CheckRow, DeviationCause, Finding
from kansli_tui.service import watch as watch_service
from kansli_tui.service.naming import MASKED_NAME
from kansli_tui.service.walk import Walk
from tests.service.calendar_help import calendar
from tests.world import World, at


def found(world: World, code: Watched, actor: Actor | None = None) -> list[Finding]:
    report = world.office.watch.run(actor or world.per)
    findings = [finding for finding in report.findings if finding.check == code.value]
    (row,) = (row for row in report.checks if row.check == code.value)
    assert row.found == len(findings)
    return findings


def change(world: World, statement: Any) -> None:
    with world.context.sessions.begin() as session:
        session.execute(statement)


def walk(world: World, act: Callable[[Walk, Person], Any], man: int) -> None:
    with world.context.sessions.begin() as session:
        walking = Walk(session, world.anna, world.clock(), world.context.rules(session))
        act(walking, session.get_one(Person, man))


def sampled(world: World, value: str = "4.5", **more: str) -> int:
    man = world.man()
    world.offer(man)
    world.clock.advance(days=10)
    world.answer(man, value, **more)
    return man


def at_urology(world: World) -> int:
    """With the urologist at once, because the value was so high."""
    man = sampled(world, "212")
    world.confirm(Queue.URGENT, man)
    world.refer(man)
    return man


def noted(world: World, event: ReferralEvent) -> int:
    man = world.raised()
    row = world.refer(man)
    world.office.referrals.note(world.anna, row.referral_id, event, version=row.version, note="skäl")
    return man


def booked(world: World) -> int:
    man = world.raised()
    world.refer(man)
    world.booking(man, "S12", world.clock.now + timedelta(days=5))
    return man


def mri_answered(world: World) -> int:
    man = world.raised()
    world.refer(man)
    world.clock.advance(days=3)
    world.mri(man, (4,))
    return man


def at_the_urologist(world: World, *events: str) -> int:
    man = at_urology(world)
    for event in events:
        world.outcome(man, event, **({"isup": 0} if event == "pathology" else {}))
    return man


def held_back(world: World) -> int:
    man = sampled(world)
    walk(world, lambda walking, person: walking.block(person, "duplicate", "Possible duplicate"), man)
    return man


def with_task(queue: Queue) -> Callable[[World], int]:
    def prepare(world: World) -> int:
        man = world.man()
        walk(
            world,
            lambda walking, person: walking.open_task(queue, f"x:{person.id}", region=person.region, person=person),
            man,
        )
        return man

    return prepare


def offer_now(world: World) -> int:
    man = world.man()
    world.act(man, "offer_now")
    return man


def order_to_send(world: World) -> int:
    man = offer_now(world)
    world.post()
    assert world.step(man) is Step.ORDER_TO_SEND
    return man


def order_past_its_window(world: World) -> int:
    man = world.man()
    world.offer(man)
    change(world, update(PsaOrder).values(valid_until=world.today))
    return man


def opted_out_with_an_order_out(world: World) -> int:
    man = world.man()
    world.offer(man)
    world.act(man, "opt_out")
    return man


def declined(world: World) -> int:
    man = world.man()
    world.offer(man)
    world.act(man, "decline")
    change(world, update(Person).values(next_on=world.today))
    return man


def handed(world: World) -> int:
    man = world.man()
    version = world.person(man).version_id
    world.office.handovers.offer(world.anna, man, version=version, to_region="06", reason="flyttat")
    return man


def postponed(world: World) -> int:
    man = world.man()
    world.act(man, "postpone", on=world.today + timedelta(days=1))
    return man


def date_passed(world: World) -> int:
    man = world.man()
    world.offer(man)
    change(world, update(Person).values(next_on=world.today))
    return man


def message_of_nobody(world: World) -> None:
    man = world.man()
    world.offer(man)
    world.clock.advance(days=3)
    world.take(world.message(man, "3.4", order="OPT-1"))


def referred(world: World, *, sent: bool = True) -> int:
    man = world.raised()
    world.refer(man, sent=sent)
    return man


def referred_unsent(world: World) -> int:
    return referred(world, sent=False)


DAYS = {
    Watched.RAISED_ANSWER: (sampled, 2),
    Watched.NORMAL_ANSWER: (lambda world: sampled(world, "0.4"), 6),
    Watched.MRI_ANSWER: (mri_answered, 2),
    Watched.PATHOLOGY_ANSWER: (lambda world: at_the_urologist(world, "biopsy", "pathology"), 2),
    Watched.NOT_REFERRED: (World.raised, 2),
    Watched.REFERRAL_NOT_SENT: (referred_unsent, 2),
    Watched.MRI_SILENT: (referred, 14),
    Watched.MRI_NOT_BOOKED: (lambda world: calendar(world, {}).men[0], 7),
    Watched.BOOKING_PASSED: (booked, 6),
    Watched.MRI_NOT_ANSWERED: (lambda world: noted(world, ReferralEvent.DONE), 14),
    Watched.UROLOGY_SILENT: (at_urology, 14),
    Watched.VISIT_WITHOUT_WORD: (lambda world: at_the_urologist(world, "visit"), 28),
    Watched.PATHOLOGY_SILENT: (lambda world: at_the_urologist(world, "biopsy"), 11),
    Watched.NOT_SETTLED: (lambda world: noted(world, ReferralEvent.RETURNED), 7),
    Watched.BLOCKED_WITH_CARE_OWED: (held_back, 2),
    Watched.NO_NEXT_STEP: (date_passed, 14),
    Watched.CORRECTION_OPEN: (with_task(Queue.CORRECTION), 1),
    Watched.CONTACT_OPEN: (with_task(Queue.CONTACT), 4),
    Watched.BY_HAND_OPEN: (with_task(Queue.ADDRESS), 4),
    Watched.REGISTER_OPEN: (with_task(Queue.REGISTER), 14),
    Watched.HELD_MESSAGE: (message_of_nobody, 1),
    Watched.ORDER_NOT_SENT: (order_to_send, 2),
    Watched.ORDER_OPEN: (order_past_its_window, 3),
    Watched.CANCELLATION_NOT_SENT: (opted_out_with_an_order_out, 2),
    Watched.ANSWER_SILENT: (lambda world: sampled(world, "4.5", status="P"), 14),
    Watched.LETTER_NOT_POSTED: (offer_now, 5),
    Watched.HANDOVER_OPEN: (handed, 3),
    Watched.DAY_NOT_RUN: (postponed, 1),
    Watched.NEW_OFFER_LATE: (declined, 60),
}
"""Each check: how it comes to be, and for how many days from then it is still let pass."""
OF_NOBODY = {Watched.DAY_NOT_RUN, Watched.HELD_MESSAGE}
ELSEWHERE = {
    Watched.URGENT_ANSWER,
    Watched.NOT_DUE_WITHOUT_DATE,
    Watched.LEFT_WITH_OPEN_WORK,
    Watched.NO_CAPACITY,
}
"""Checks with a test of their own below."""


def test_every_check_is_tried() -> None:
    assert set(DAYS) | ELSEWHERE == set(Watched)


@pytest.mark.parametrize("code", DAYS)
def test_a_check_lets_its_days_pass_and_then_finds(world: World, code: Watched) -> None:
    prepare, days = DAYS[code]
    man = prepare(world)
    assert found(world, code) == []
    world.clock.advance(days=days)
    assert found(world, code) == []
    world.clock.advance(days=1)
    (finding,) = found(world, code)
    assert finding.person_id == (None if code in OF_NOBODY else man)
    assert finding.what.format_map(finding.values)
    assert finding.since is not None
    if code not in OF_NOBODY:
        assert "watch.finding" in world.audit(man)


def test_a_very_high_value_is_found_the_same_day(world: World) -> None:
    man = sampled(world, "212")
    world.clock.advance(hours=2)
    assert found(world, Watched.URGENT_ANSWER) == []
    world.clock.advance(minutes=1)
    (finding,) = found(world, Watched.URGENT_ANSWER)
    assert finding.person_id == man
    world.confirm(Queue.URGENT, man)
    assert found(world, Watched.URGENT_ANSWER) == []


def test_what_has_been_seen_to_is_not_found(world: World) -> None:
    man = referred(world)
    world.clock.advance(days=15)
    (finding,) = found(world, Watched.MRI_SILENT)
    row = world.office.referrals.clock(world.anna, kind="mri")[0]
    assert finding.subject == f"referral:{row.referral_id}"
    world.office.referrals.remind(world.anna, row.referral_id, version=row.version, note="ringde")
    assert found(world, Watched.MRI_SILENT) == []
    assert world.step(man) is Step.MRI_REFERRED


def test_somebody_without_a_date_is_found(world: World) -> None:
    man, other = world.man(), world.man()
    assert found(world, Watched.NOT_DUE_WITHOUT_DATE) == []
    change(world, update(Person).where(Person.id == man).values(next_on=None))
    assert [finding.person_id for finding in found(world, Watched.NOT_DUE_WITHOUT_DATE)] == [man]
    world.act(other, "postpone", on=world.today + timedelta(days=9))
    change(world, update(Person).where(Person.id == other).values(next_on=None))
    assert [finding.person_id for finding in found(world, Watched.NO_NEXT_STEP)] == [other]


def test_somebody_who_waits_for_a_unit_with_no_referral_out_is_found(world: World) -> None:
    man = referred(world)
    assert found(world, Watched.NO_NEXT_STEP) == []
    change(world, update(Referral).values(state="cancelled"))
    assert [finding.person_id for finding in found(world, Watched.NO_NEXT_STEP)] == [man]


def test_what_is_still_open_for_a_dead_man_is_found(world: World) -> None:
    man = booked(world)
    assert found(world, Watched.LEFT_WITH_OPEN_WORK) == []
    world.act(man, "close", detail="dead")
    assert found(world, Watched.LEFT_WITH_OPEN_WORK) == []
    change(world, update(PsaOrder).values(state="sent"))
    change(world, update(Letter).values(state=LetterState.PREPARED))
    change(world, update(Referral).values(state="sent"))
    change(world, update(Booking).values(state=BookingState.BOOKED))
    kinds = {finding.subject.partition(":")[0] for finding in found(world, Watched.LEFT_WITH_OPEN_WORK)}
    assert kinds == {"order", "letter", "referral", "booking"}


def test_a_letter_owed_after_the_exit_is_no_finding(world: World) -> None:
    man = world.man()
    world.act(man, "opt_out")
    assert world.letters(man) == [(LetterType.OPT_OUT_CONFIRMED, LetterState.PREPARED)]
    assert found(world, Watched.LEFT_WITH_OPEN_WORK) == []


def test_somebody_who_dies_while_he_is_handed_over_leaves_nothing_open(world: World) -> None:
    man = handed(world)
    world.act(man, "close", detail="dead")
    assert found(world, Watched.LEFT_WITH_OPEN_WORK) == []
    assert found(world, Watched.HANDOVER_OPEN) == []


def test_a_unit_without_slots_for_those_who_wait_is_found(world: World) -> None:
    book = calendar(world, {}, {})
    (finding,) = found(world, Watched.NO_CAPACITY)
    assert (finding.region, finding.values["waiting"], finding.values["free"]) == ("05", "2", "0")
    book.slots(world.today + timedelta(days=(7 - world.today.weekday())))
    assert found(world, Watched.NO_CAPACITY) == []


def test_slots_far_ahead_are_not_enough(world: World) -> None:
    book = calendar(world, {})
    book.slots(world.today + timedelta(days=(7 - world.today.weekday()) + 35))
    assert len(found(world, Watched.NO_CAPACITY)) == 1


def test_over_a_weekend_nothing_should_have_been_run(world: World) -> None:
    man = world.man()
    world.act(man, "postpone", on=date(2026, 9, 19))
    world.clock.now = at("2026-09-21T08:00")
    assert found(world, Watched.DAY_NOT_RUN) == [], "due on a Saturday: Monday's run moves him"
    world.clock.now = at("2026-09-22T08:00")
    assert len(found(world, Watched.DAY_NOT_RUN)) == 1
    world.office.daily.run(world.anna)
    assert found(world, Watched.DAY_NOT_RUN) == []


def test_while_an_answer_is_held_the_day_has_been_run(world: World) -> None:
    man = world.man()
    world.offer(man)
    change(world, update(Person).values(next_on=world.today))
    world.clock.advance(days=3)
    assert len(found(world, Watched.DAY_NOT_RUN)) == 1
    world.take(world.message(man, "3.4", pnr="197601012391"))
    assert Queue.HELD in world.tasks()
    assert found(world, Watched.DAY_NOT_RUN) == []


def test_protected_people_are_masked(world: World) -> None:
    man = world.man(protection=Protection.CONFIDENTIALITY)
    walk(world, lambda walking, person: walking.block(person, "duplicate", "Possible duplicate"), man)
    world.clock.advance(days=20)
    (finding,) = found(world, Watched.REGISTER_OPEN)
    assert (finding.number, finding.name, finding.masked) == (MASKED_NAME, MASKED_NAME, True)


def test_a_region_sees_its_own(world: World, jkp: Actor) -> None:
    world.man()
    change(world, update(Person).values(next_on=None))
    assert found(world, Watched.NOT_DUE_WITHOUT_DATE, jkp) == []
    assert len(found(world, Watched.NOT_DUE_WITHOUT_DATE)) == 1


def test_many_findings_are_counted_whole_and_shown_in_part(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch_service, "SHOWN", 2)
    for _ in range(3):
        world.man()
    change(world, update(Person).values(next_on=None))
    report = world.office.watch.run(world.per)
    (row,) = (row for row in report.checks if row.check == Watched.NOT_DUE_WITHOUT_DATE.value)
    assert (row.found, len(report.findings)) == (3, 2)


# Duties


@pytest.fixture
def staff(world: World) -> World:
    for username in ("anna", "per"):
        world.office.staff.add(
            world.per,
            username=username,
            name=username,
            role=Role.SUPERVISOR,
            regions=tuple(REGIONS),
            password="ett långt lösenord",
        )
    return world


def row_of(world: World, code: Watched = Watched.HELD_MESSAGE) -> CheckRow:
    return next(row for row in world.office.watch.board(world.anna) if row.check == code.value)


def appoint(world: World, owner: str = "anna", deputy: str = "per", every_hours: int = 24) -> CheckRow:
    return world.office.watch.set_duty(
        world.per, Watched.HELD_MESSAGE.value, owner=owner, deputy=deputy, every_hours=every_hours
    )


def test_at_first_every_check_is_everybodys_and_late(world: World) -> None:
    board = world.office.watch.board(world.anna)
    assert [row.check for row in board] == [check.code.value for check in CHECKS]
    assert all(row.late and row.last_run is None and row.on_duty == "" for row in board)


def test_a_run_is_recorded_with_who_and_when(world: World) -> None:
    report = world.office.watch.run(world.anna)
    assert report.at == world.clock.now
    for row in (*report.checks, *world.office.watch.board(world.per)):
        assert (row.last_run, row.last_by, row.late) == (world.clock.now, "anna", False)
    with world.context.sessions.read() as session:
        assert session.scalar(select(func.count(WatchRun.id))) == len(CHECKS)
        assert session.scalars(select(AuditRow.action)).all() == ["watch.run"]


def test_home_says_what_is_late_and_runs_nothing(world: World) -> None:
    assert {row.late for row in world.office.queues.home(world.anna).watch} == {True}
    world.office.watch.run(world.anna)
    assert {row.late for row in world.office.queues.home(world.anna).watch} == {False}
    with world.context.sessions.read() as session:
        assert session.scalar(select(func.count(WatchRun.id))) == len(CHECKS)


def test_a_run_in_one_region_is_no_run_in_the_others(world: World, jkp: Actor) -> None:
    world.office.watch.run(jkp)
    assert not any(row.late for row in world.office.watch.board(jkp))
    assert all(row.late for row in world.office.watch.board(world.anna))
    first = world.clock.now
    world.clock.advance(hours=1)
    world.office.watch.run(Actor("x", "X", Role.CASEWORKER, frozenset({"05", "08"})))
    assert {row.last_run for row in world.office.watch.board(world.anna)} == {first}


def test_it_is_late_after_its_hours_and_a_weekend_does_not_count(staff: World) -> None:
    appoint(staff)
    staff.clock.now = at("2026-09-18T08:00")
    staff.office.watch.run(staff.anna)
    staff.clock.now = at("2026-09-21T08:00")
    assert not row_of(staff).late
    staff.clock.advance(minutes=1)
    assert row_of(staff).late


def test_a_public_holiday_does_not_count(staff: World) -> None:
    appoint(staff)
    staff.clock.now = at("2026-12-23T08:00")
    staff.office.watch.run(staff.anna)
    for moment, late in (("2026-12-27T20:00", False), ("2026-12-28T08:00", False), ("2026-12-28T08:01", True)):
        staff.clock.now = at(moment)
        assert row_of(staff).late is late, moment


def test_the_duty_moves_to_the_deputy_and_to_everybody_and_back(staff: World) -> None:
    assert appoint(staff).on_duty == "anna"
    tomorrow = staff.today + timedelta(days=1)
    mine = staff.office.watch.add_absence(staff.anna, "anna", tomorrow, tomorrow + timedelta(days=2))
    assert row_of(staff).on_duty == "anna", "not away yet"
    staff.clock.advance(days=1)
    assert row_of(staff).on_duty == "per"
    staff.office.watch.add_absence(staff.per, "per", tomorrow, tomorrow)
    assert row_of(staff).on_duty == ""
    assert [row.username for row in staff.office.watch.absences(staff.anna)] == ["anna", "per"]
    staff.office.watch.end_absence(staff.anna, mine.absence_id)
    staff.office.watch.end_absence(staff.anna, mine.absence_id)
    assert row_of(staff).on_duty == "anna"
    staff.clock.advance(days=5)
    assert staff.office.watch.absences(staff.anna) == ()
    row = row_of(staff)
    assert (row.owner, row.deputy, row.every_hours) == ("anna", "per", 24)


def test_the_last_day_of_an_absence_is_included(staff: World) -> None:
    appoint(staff)
    staff.office.watch.add_absence(staff.per, "anna", staff.today, staff.today + timedelta(days=1))
    for duty in ("per", "per", "anna"):
        assert row_of(staff).on_duty == duty
        staff.clock.advance(days=1)


def test_only_supervisors_appoint_and_note_others_as_away(staff: World, jkp: Actor) -> None:
    with pytest.raises(NotAllowedError):
        staff.office.watch.set_duty(staff.anna, "held_message", owner="anna", deputy="", every_hours=24)
    with pytest.raises(NotAllowedError):
        staff.office.watch.add_absence(jkp, "anna", staff.today, staff.today)
    row = staff.office.watch.add_absence(staff.per, "anna", staff.today, staff.today)
    with pytest.raises(NotAllowedError):
        staff.office.watch.end_absence(jkp, row.absence_id)


@pytest.mark.parametrize(
    ("owner", "deputy", "hours", "error"),
    [
        ("ingen", "", 24, NotFoundError),
        ("anna", "ingen", 24, NotFoundError),
        ("", "per", 24, RefusedError),
        ("anna", "anna", 24, RefusedError),
        ("anna", "per", 0, RefusedError),
        ("anna", "per", 10_000, RefusedError),
    ],
)
def test_a_duty_has_people_who_exist_and_a_time(
    staff: World, owner: str, deputy: str, hours: int, error: type[Exception]
) -> None:
    with pytest.raises(error):
        appoint(staff, owner, deputy, hours)
    assert row_of(staff).owner == ""


@pytest.mark.parametrize(("owner", "deputy"), [("kalle", ""), ("anna", "kalle")])
def test_nobody_is_appointed_who_works_for_none_of_the_regions(staff: World, owner: str, deputy: str) -> None:
    staff.office.staff.add(
        staff.per,
        username="kalle",
        name="Kalle",
        role=Role.CASEWORKER,
        regions=("08",),
        password="ett långt lösenord",
    )
    elsewhere = replace(staff.per, regions=frozenset({"05", "06"}))
    with pytest.raises(RefusedError, match="none of your regions"):
        staff.office.watch.set_duty(elsewhere, "held_message", owner=owner, deputy=deputy, every_hours=24)
    assert row_of(staff).owner == ""
    assert appoint(staff, owner, deputy).owner == owner


def test_what_cannot_be_is_refused(staff: World) -> None:
    today = staff.today
    for act, error in (
        (lambda: staff.office.watch.set_duty(staff.per, "x", owner="", deputy="", every_hours=1), NotFoundError),
        (lambda: staff.office.watch.add_absence(staff.anna, "anna", today, today - timedelta(days=1)), RefusedError),
        (
            lambda: staff.office.watch.add_absence(
                staff.anna, "anna", today - timedelta(days=3), today - timedelta(days=1)
            ),
            RefusedError,
        ),
        (lambda: staff.office.watch.add_absence(staff.per, "ingen", today, today), NotFoundError),
        (lambda: staff.office.watch.end_absence(staff.per, 99), NotFoundError),
    ):
        with pytest.raises(error):
            act()


# Causes


def test_a_cause_is_shown_with_later_findings_and_on_the_clock(world: World, jkp: Actor) -> None:
    man = referred(world)
    world.clock.advance(days=15)
    (finding,) = found(world, Watched.MRI_SILENT)
    assert finding.cause is None
    with pytest.raises(NotAllowedError):
        world.office.watch.note_cause(jkp, finding.subject, DeviationCause.LOST, "x")
    for cause in (DeviationCause.LOST, DeviationCause.CAPACITY):
        world.office.watch.note_cause(world.anna, finding.subject, cause, "ont om tider")
    (again,) = found(world, Watched.MRI_SILENT)
    assert again.cause == "capacity"
    assert world.office.referrals.clock(world.anna, kind="mri")[0].cause == "capacity"
    assert "watch.cause" in world.audit(man)


def test_a_cause_can_be_noted_on_every_subject_that_is_found(world: World) -> None:
    calendar(world, {})
    for prepare in (message_of_nobody, referred_unsent, order_to_send, handed, postponed):
        prepare(world)
    change(world, update(Person).where(Person.step == Step.NOT_DUE).values(next_on=None))
    world.clock.advance(days=40)
    subjects = {finding.subject for finding in world.office.watch.run(world.per).findings}
    assert {subject.partition(":")[0] for subject in subjects} >= {"referral", "order", "handover", "task", "region"}
    for subject in subjects:
        world.office.watch.note_cause(world.per, subject, DeviationCause.OFFICE, "sent")
    assert {finding.cause for finding in world.office.watch.run(world.per).findings} == {"office"}


@pytest.mark.parametrize("subject", ["", "person", "person:", "person:99", "person:x", "häst:1", "region:", "letter:²"])
def test_a_cause_on_nothing_is_refused(world: World, subject: str) -> None:
    with pytest.raises(NotFoundError):
        world.office.watch.note_cause(world.anna, subject, DeviationCause.OTHER, "x")


def test_finished_work_leaves_nothing_to_find(world: World) -> None:
    """A whole life by the book, with the watch run at every step: nothing is found but what stands to be done."""
    man = world.man()
    world.offer(man)
    world.clock.advance(days=10)
    world.answer(man, "0.4")
    world.confirm(Queue.NORMAL, man)
    world.post()
    world.office.daily.run(world.anna)
    assert world.office.watch.run(world.per).findings == ()
    assert world.adds_up()
    assert world.step(man) is Step.NOT_DUE
