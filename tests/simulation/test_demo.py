"""The demonstration: work in every queue, on any day of the year."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from db.models import Letter, Task
from kansli_tui.errors import RefusedError
from kansli_tui.pathway.follow_up import Status
from kansli_tui.pathway.quarters import quarter_of
from kansli_tui.pathway.ruleset import Outcome
from kansli_tui.pathway.steps import Queue, Step
from kansli_tui.pathway.watch import BY_CODE, Watched
from kansli_tui.rows.cases import Home
from kansli_tui.rows.follow_up import JOINT
from kansli_tui.rows.letter_states import LetterState
from kansli_tui.rows.offers import PlanState
from kansli_tui.rows.office import Actor, Role
from kansli_tui.rows.referrals import BookingWay, HandoverState
from kansli_tui.rows.register import ChangeKind, ImportState
from kansli_tui.service.context import STOCKHOLM
from kansli_tui.service.office import Office
from kansli_tui.simulation import SimulatedClock, make_demo
from kansli_tui.simulation.last_days import weekdays_before
from kansli_tui.simulation.staff import PASSWORD

TODAY = date(2026, 11, 23)
TASKS = {
    Watched.URGENT_ANSWER: (Queue.URGENT,),
    Watched.RAISED_ANSWER: (Queue.RAISED, Queue.UNDECIDED),
    Watched.NORMAL_ANSWER: (Queue.NORMAL, Queue.REPEAT),
    Watched.MRI_ANSWER: (Queue.MRI_ANSWER,),
    Watched.PATHOLOGY_ANSWER: (Queue.PATHOLOGY,),
    Watched.NOT_REFERRED: (Queue.MRI_REFERRAL, Queue.UROLOGY_REFERRAL),
    Watched.HELD_MESSAGE: (Queue.HELD,),
    Watched.CORRECTION_OPEN: (Queue.CORRECTION,),
    Watched.CONTACT_OPEN: (Queue.CONTACT, Queue.MEDICAL),
    Watched.BY_HAND_OPEN: (Queue.PROTECTED, Queue.ADDRESS),
    Watched.REGISTER_OPEN: (Queue.REGISTER,),
}
REFERRALS = {
    (kind, state): check
    for check, kinds, states in (
        (Watched.REFERRAL_NOT_SENT, ("mri", "urology"), ("created",)),
        (Watched.MRI_SILENT, ("mri",), ("sent", "accepted")),
        (Watched.MRI_NOT_BOOKED, ("mri",), ("to_book",)),
        (Watched.BOOKING_PASSED, ("mri", "urology"), ("booked",)),
        (Watched.MRI_NOT_ANSWERED, ("mri",), ("done",)),
        (Watched.UROLOGY_SILENT, ("urology",), ("sent", "accepted", "to_book")),
        (Watched.VISIT_WITHOUT_WORD, ("urology",), ("done",)),
        (Watched.PATHOLOGY_SILENT, ("mri", "urology"), ("biopsied",)),
        (Watched.NOT_SETTLED, ("mri", "urology"), ("returned",)),
    )
    for kind in kinds
    for state in states
}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The demonstration as it stands on a Monday morning."""
    url = f"sqlite:///{tmp_path_factory.mktemp('demo') / 'demo.db'}"
    make_demo(url, today=TODAY)
    clock = SimulatedClock()
    clock.move_to(TODAY, 8)
    office = Office.open(url, clock=clock)
    yield office
    office.close()


@pytest.fixture
def anna(demo: Office) -> Actor:
    return demo.staff.as_user("anna")


@pytest.fixture
def home(demo: Office, anna: Actor) -> Home:
    return demo.queues.home(anna)


def test_there_is_work_in_every_queue(home: Home) -> None:
    empty = {count.queue for count in home.queues if count.total == 0}
    assert not empty
    counts = {count.queue: count.total for count in home.queues}
    assert counts[Queue.NORMAL] >= 20
    assert counts[Queue.HELD] >= 4


def test_there_is_work_to_do_in_batches_and_people_at_every_waiting_step(home: Home) -> None:
    for count in (*home.batches, *home.waiting):
        if count.label in ("Referrals to send", "Cancellations to send"):
            continue  # They have left with the day's export.
        assert sum(count.by_region.values()) > 0, count.label


def test_held_answers_have_different_reasons_and_a_fix(demo: Office, anna: Actor) -> None:
    held = demo.held.held(anna)
    assert len({row.reason for row in held}) >= 4
    assert all(row.fix for row in held)


def test_the_balance_adds_up(demo: Office, anna: Actor, home: Home) -> None:
    assert demo.balance.make(anna).adds_up
    assert sum(people for people, _difference in home.balance.values()) == 600
    assert all(difference == 0 for _people, difference in home.balance.values())


def test_a_plan_waits_for_approval_and_another_for_its_release(demo: Office, anna: Actor) -> None:
    plans = demo.offers.plans(anna)
    draft = next(plan for plan in plans if plan.state is PlanState.DRAFT)
    assert draft.author == "jonas"
    assert any(plan.state is PlanState.APPROVED and plan.next_week is not None and plan.due for plan in plans)


def test_a_quarter_is_signed_one_can_be_signed_and_one_is_begun(demo: Office) -> None:
    per = demo.staff.as_user("per")
    now = quarter_of(TODAY)
    begun, ready = (demo.follow_up.quarter(per, str(quarter), JOINT) for quarter in (now, now.plus(-1)))
    signed = demo.follow_up.quarter(per, ready.earlier, JOINT)
    assert [shown.is_closed for shown in (signed, ready, begun)] == [True, False, False]
    assert all(len(shown.rows) == 6 for shown in (signed, ready, begun))
    assert {Status.GREEN, Status.TOO_FEW} <= {row.status for row in signed.rows}
    assert any(row.override is not None for row in ready.rows)
    assert sum(bool(row.own) for row in demo.targets.rows(per)) == 5


def test_a_register_file_waits_for_review_and_can_be_accepted(demo: Office, anna: Actor) -> None:
    latest = demo.population.list(anna)[0]
    assert latest.state is ImportState.REVIEW
    assert not latest.stale
    assert latest.counts[ChangeKind.CHANGED] >= 3
    assert latest.counts[ChangeKind.PROBLEM] == 1


def test_everybody_can_sign_in(demo: Office) -> None:
    roles = {
        "anna": Role.CASEWORKER,
        "per": Role.SUPERVISOR,
        "ulla": Role.SUPERVISOR,
        "lena": Role.PHYSICIAN,
        "jonas": Role.CASEWORKER,
    }
    for username, role in roles.items():
        assert demo.staff.sign_in(username, PASSWORD).role is role
    assert demo.staff.as_user("jonas").regions == {"06"}


def test_slots_of_the_week_after_are_half_filled_and_somebody_waits_for_one(demo: Office, anna: Actor) -> None:
    unit = next(unit for unit in demo.units.rows(anna, region="06") if unit.books is BookingWay.OWN_SLOTS)
    weeks = [demo.bookings.week(anna, unit.unit_id, TODAY + timedelta(weeks=ahead)) for ahead in (0, 1, 2)]
    assert 0 < sum(week.booked for week in weeks) < sum(week.capacity for week in weeks)
    assert weeks[0].to_book


def test_mri_answers_of_every_kind_wait(demo: Office, anna: Actor) -> None:
    rows = demo.examinations.mri_rows(anna, limit=50)
    trap = next(row for row in rows if not row.lesions and "tidigare PI-RADS 3" in row.text)
    assert trap.suggested == 4
    assert trap.suggested_from.startswith("Bedömning")
    assert any(
        row.volume_ml is None and row.proposal is not None and row.proposal.outcome is Outcome.PERSON for row in rows
    )
    grades = {row.isup for row in demo.examinations.pathology_rows(anna, limit=50)}
    assert 0 in grades
    assert grades & {1, 2, 3, 4, 5}


def test_a_correction_has_a_letter_that_went_out(demo: Office, anna: Actor) -> None:
    rows = demo.corrections.rows(anna)
    assert {row.what for row in rows} >= {"psa", "mri"}
    assert all(row.letters and row.draft for row in rows)


def test_a_hand_over_waits_for_its_answer(demo: Office, anna: Actor) -> None:
    assert any(row.state is HandoverState.OFFERED for row in demo.handovers.rows(anna))


def test_a_referral_is_overdue_on_the_clock_and_a_check_of_the_watch_is_late(demo: Office, anna: Actor) -> None:
    assert demo.referrals.clock(anna, kind="mri")[0].overdue > 0
    assert any(check.late and check.last_run is not None for check in demo.watch.board(anna))


def test_the_watch_finds_exactly_what_has_been_left(demo: Office, anna: Actor) -> None:
    """What the lists of the office show as open for longer than each check lets pass, and nothing else."""
    now = demo.context.clock()
    expected: set[tuple[str, str]] = set()
    for check, queues in TASKS.items():
        rule = BY_CODE[check]
        midnight = datetime.combine(TODAY - timedelta(days=rule.grace_days), time(), STOCKHOLM)
        before = now - timedelta(hours=rule.grace_hours) if rule.grace_hours else midnight
        for queue in queues:
            rows = demo.queues.page(anna, queue, limit=500)
            expected |= {(check, f"task:{row.task_id}") for row in rows if row.opened_at < before}
    for row in (*demo.referrals.clock(anna, kind="mri"), *demo.referrals.clock(anna, kind="urology")):
        check = REFERRALS[row.kind, row.state]
        if row.overdue > BY_CODE[check].grace_days:
            expected.add((check, f"referral:{row.referral_id}"))
    orders = demo.orders.rows(anna, limit=500)
    since = datetime.combine(TODAY - timedelta(days=2), time(), STOCKHOLM)
    cases = {order.order_id: demo.cases.open(anna, order.person_id) for order in orders}
    expected |= {(Watched.ORDER_NOT_SENT, f"order:{key}") for key, case in cases.items() if case.since < since}
    found = {(Watched(finding.check), finding.subject) for finding in demo.watch.run(anna).findings}
    assert found == expected
    assert {Watched.URGENT_ANSWER, Watched.MRI_SILENT, Watched.BOOKING_PASSED} <= {check for check, _key in found}


def test_nothing_has_been_waiting_for_months(demo: Office) -> None:
    with demo.context.sessions.read() as session:
        for opened in session.scalars(select(Task.opened_at).where(Task.closed_at.is_(None))):
            assert (TODAY - opened.date()).days < 60
        for prepared in session.scalars(select(Letter.prepared_at).where(Letter.state == LetterState.PREPARED)):
            assert (TODAY - prepared.date()).days < 60


def test_a_case_with_an_answer_tells_its_story(demo: Office, anna: Actor) -> None:
    row = demo.decisions.rows(anna, Queue.RAISED)[0]
    case = demo.cases.open(anna, row.person_id)
    assert case.step is Step.ANSWER_TO_ASSESS
    assert len(case.timeline) >= 5
    assert case.psa is not None


def test_a_demonstration_that_is_there_is_opened_as_it_was_left(demo: Office, anna: Actor) -> None:
    before = demo.queues.home(anna)
    make_demo(str(demo.context.sessions.engine.url), today=TODAY)
    assert demo.queues.home(anna) == before


def test_too_few_men_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="at least"):
        make_demo(f"sqlite:///{tmp_path / 'demo.db'}", men=50)
    assert not (tmp_path / "demo.db").exists()


@pytest.mark.parametrize(
    ("today", "days"),
    [
        (date(2026, 11, 23), ["2026-11-18", "2026-11-19", "2026-11-20"]),
        (date(2026, 11, 22), ["2026-11-18", "2026-11-19", "2026-11-20"]),
        (date(2026, 11, 25), ["2026-11-20", "2026-11-23", "2026-11-24"]),
    ],
)
def test_the_last_three_working_days(today: date, days: list[str]) -> None:
    assert [day.isoformat() for day in weekdays_before(today)] == days
