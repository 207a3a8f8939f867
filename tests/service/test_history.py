"""Earlier rounds of a predecessor system end where the rules say: with a date, with work for somebody, or outside; nobody silently."""

from datetime import date

import pytest
from sqlalchemy import select

from db.models import (
    AuditRow,
    Booking,
    Decided,
    LabMessage,
    Letter,
    MriAnswer,
    PsaAnswer,
    PsaOrder,
    Referral,
    Round,
    StepChange,
    Treatment,
)
from kansli_tui.pathway import moves
from kansli_tui.pathway.ruleset import Outcome
from kansli_tui.pathway.steps import ClosedReason, Event, Queue, Step
from kansli_tui.rows.answers import DecisionState, OrderState
from kansli_tui.rows.offers import RoundKind
from tests.factories import a_number
from tests.service.history_help import (
    BIOPSIED,
    EXAMINED,
    OFFERED,
    RAISED,
    REFERRED,
    SAMPLED,
    TO_UROLOGY,
    line,
    person,
    rows_of,
    take,
    taken,
    work,
)
from tests.world import World

DAY = date(2023, 2, 1)
LETTER = {"psa_letter_on": date(2023, 2, 6)}

WAITS: list[tuple[str, dict[str, object], date]] = [
    ("low", {**SAMPLED, **LETTER, "psa": "0.99"}, date(2029, 2, 1)),
    ("below a limit", {**SAMPLED, **LETTER, "psa": "<0.1"}, date(2029, 2, 1)),
    ("between", {**SAMPLED, **LETTER, "psa": "1,0"}, date(2025, 2, 1)),
    ("just below", {**SAMPLED, **LETTER, "psa": "2.99"}, date(2025, 2, 1)),
    ("no sample", OFFERED, date(2025, 1, 16)),
    ("accepted, no sample", {**OFFERED, "answer": "accepted"}, date(2025, 1, 16)),
    ("declined", {**OFFERED, "answer": "declined"}, date(2025, 1, 16)),
    ("declined the pre-letter", {"preletter_on": date(2023, 1, 2), "answer": "declined"}, date(2025, 1, 2)),
    ("accepted, never ordered", {"offered_on": date(2023, 1, 16), "answer": "accepted"}, date(2025, 1, 16)),
    ("repeat offered, no sample", {**SAMPLED, **LETTER, "psa": "unanalysable"}, date(2025, 1, 16)),
    ("low density", {**EXAMINED, "pirads": "3", "mri_letter_on": date(2023, 2, 24)}, date(2025, 2, 1)),
    (
        "no MRI, settled",
        {**REFERRED, "mri_outcome": "declined", "mri_letter_on": date(2023, 3, 1)},
        date(2025, 2, 1),
    ),
    ("benign", {**BIOPSIED, "pathology_on": date(2023, 3, 17), "isup": "0"}, date(2025, 3, 7)),
    (
        "closed for age too early",
        {**SAMPLED, **LETTER, "psa": "0.5", "closed_on": date(2023, 3, 1), "closed_reason": "age"},
        date(2029, 2, 1),
    ),
]


@pytest.mark.parametrize(("cells", "next_on"), [case[1:] for case in WAITS], ids=[case[0] for case in WAITS])
def test_a_finished_round_waits_for_the_next_offer(world: World, cells: dict[str, object], next_on: date) -> None:
    taken(world, line(**cells))
    man = person(world)
    assert (man.step, man.next_on, man.closed_reason) == (Step.NOT_DUE, next_on, None)
    assert work(world) == []
    assert [row.ended_at is not None for row in rows_of(world, Round)] == [True]
    assert world.adds_up()


WORK: list[tuple[str, dict[str, object], Step, Queue]] = [
    ("raised, nothing since", {**SAMPLED, "psa": "3.4"}, Step.ANSWER_TO_ASSESS, Queue.RAISED),
    ("exactly the limit", {**SAMPLED, "psa": "3"}, Step.ANSWER_TO_ASSESS, Queue.RAISED),
    ("low, no letter", {**SAMPLED, "psa": "0.7"}, Step.ANSWER_TO_ASSESS, Queue.NORMAL),
    ("undecidable", {**SAMPLED, **LETTER, "psa": "<5"}, Step.ANSWER_TO_ASSESS, Queue.UNDECIDED),
    ("very high", {**SAMPLED, "psa": ">100"}, Step.ANSWER_TO_ASSESS, Queue.URGENT),
    ("unanalysable", {**SAMPLED, "psa": "unanalysable"}, Step.ANSWER_TO_ASSESS, Queue.REPEAT),
    ("raised, told, never referred", RAISED, Step.MRI_TO_REFER, Queue.MRI_REFERRAL),
    (
        "very high, told, never referred",
        {**SAMPLED, **LETTER, "psa": "120"},
        Step.UROLOGY_TO_REFER,
        Queue.UROLOGY_REFERRAL,
    ),
    ("no-show", {**REFERRED, "mri_outcome": "noshow"}, Step.MRI_TO_RESOLVE, Queue.MRI_CONTACT),
    ("declined MRI", {**REFERRED, "mri_outcome": "declined"}, Step.MRI_TO_RESOLVE, Queue.MRI_CONTACT),
    ("no MRI possible", {**REFERRED, "mri_outcome": "contraindicated"}, Step.MRI_TO_RESOLVE, Queue.MRI_CONTACT),
    (
        "not diagnostic",
        {**REFERRED, "mri_done_on": date(2023, 2, 20), "mri_outcome": "nondiagnostic"},
        Step.MRI_TO_RESOLVE,
        Queue.MRI_CONTACT,
    ),
    ("MRI answer without letter", {**EXAMINED, "pirads": "2"}, Step.MRI_TO_ASSESS, Queue.MRI_ANSWER),
    ("MRI answer without score", EXAMINED, Step.MRI_TO_ASSESS, Queue.MRI_ANSWER),
    (
        "no volume",
        {**EXAMINED, "volume_ml": "", "pirads": "3", "mri_letter_on": date(2023, 2, 24)},
        Step.MRI_TO_ASSESS,
        Queue.MRI_ANSWER,
    ),
    (
        "biopsy indicated, told, never referred",
        {**EXAMINED, "pirads": "5", "mri_letter_on": date(2023, 2, 24)},
        Step.UROLOGY_TO_REFER,
        Queue.UROLOGY_REFERRAL,
    ),
    (
        "opted out while care is owed",
        {**RAISED, "closed_on": date(2023, 3, 1), "closed_reason": "opted_out"},
        Step.MRI_TO_REFER,
        Queue.MRI_REFERRAL,
    ),
    (
        "moved while an answer is owed",
        {**SAMPLED, "psa": "7", "closed_on": date(2023, 3, 1), "closed_reason": "moved_out"},
        Step.ANSWER_TO_ASSESS,
        Queue.RAISED,
    ),
]


@pytest.mark.parametrize(("cells", "step", "queue"), [case[1:] for case in WORK], ids=[case[0] for case in WORK])
def test_what_the_line_leaves_undone_is_work(world: World, cells: dict[str, object], step: Step, queue: Queue) -> None:
    taken(world, line(**cells))
    assert person(world).step is step
    assert [found for found, _reason in work(world)] == [queue]
    assert world.adds_up()
    if "closed_on" in cells:
        assert "2023-03-01" in work(world)[0][1]


DATED: list[tuple[str, dict[str, object], Step, date]] = [
    ("pre-letter posted", {"preletter_on": date(2026, 9, 7)}, Step.OFFER_PLANNED, date(2026, 9, 21)),
    (
        "offered, reply awaited",
        {"region": "06", "offered_on": date(2026, 9, 1)},
        Step.OFFERED,
        date(2026, 11, 30),
    ),
    (
        "ordered",
        {"offered_on": date(2026, 9, 1), "psa_ordered_on": date(2026, 9, 1)},
        Step.AWAITING_SAMPLE,
        date(2026, 11, 30),
    ),
    ("sampled, no answer", {**OFFERED, "sampled_on": DAY}, Step.AWAITING_ANSWER, date(2023, 2, 15)),
    ("MRI referred", REFERRED, Step.MRI_REFERRED, date(2023, 2, 21)),
    ("MRI booked", {**REFERRED, "mri_booked_for": date(2026, 10, 1)}, Step.MRI_BOOKED, date(2026, 10, 1)),
    ("MRI done", {**REFERRED, "mri_done_on": date(2023, 2, 20)}, Step.MRI_DONE, date(2023, 3, 6)),
    ("urology referred", TO_UROLOGY, Step.UROLOGY_REFERRED, date(2023, 3, 10)),
    (
        "urology visited",
        {**TO_UROLOGY, "urology_visit_on": date(2023, 3, 6)},
        Step.UROLOGY_VISITED,
        date(2023, 4, 3),
    ),
    ("biopsied", BIOPSIED, Step.BIOPSIED, date(2023, 3, 18)),
]


@pytest.mark.parametrize(("cells", "step", "next_on"), [case[1:] for case in DATED], ids=[case[0] for case in DATED])
def test_where_the_line_stops_the_person_stands_with_a_date(
    world: World, cells: dict[str, object], step: Step, next_on: date
) -> None:
    taken(world, line(**cells))
    man = person(world)
    assert (man.step, man.next_on) == (step, next_on)
    assert work(world) == []
    assert world.adds_up()


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ({**BIOPSIED, "pathology_on": date(2023, 3, 17), "isup": "1"}, ClosedReason.CANCER_FOUND),
        (
            {
                **BIOPSIED,
                "pathology_on": date(2023, 3, 17),
                "isup": "5",
                "treatment": "surgery",
                "closed_on": date(2023, 4, 1),
                "closed_reason": "age",
            },
            ClosedReason.CANCER_FOUND,
        ),
        ({**RAISED, "closed_on": date(2023, 3, 1), "closed_reason": "dead"}, ClosedReason.DEAD),
        ({**REFERRED, "closed_on": date(2023, 3, 1), "closed_reason": "moved_out"}, ClosedReason.MOVED_OUT),
        ({"closed_on": date(2023, 3, 1), "closed_reason": "opted_out"}, ClosedReason.OPTED_OUT),
        ({**OFFERED, "closed_on": date(2023, 3, 1), "closed_reason": "opted_out"}, ClosedReason.OPTED_OUT),
    ],
)
def test_who_has_left_is_closed_with_the_reason(world: World, cells: dict[str, object], why: ClosedReason) -> None:
    taken(world, line(**cells))
    man = person(world)
    assert (man.step, man.closed_reason) == (Step.CLOSED, why)
    assert work(world) == []
    assert world.adds_up()
    assert all(row.ended_at is not None for row in rows_of(world, Round))
    assert all(row.state not in (OrderState.CREATED, OrderState.SENT) for row in rows_of(world, PsaOrder))
    assert {row.due_on for row in rows_of(world, Referral) if row.cancelled_at} <= {None}
    expected = [date(2023, 4, 1)] if cells.get("treatment") else []
    assert [row.on for row in rows_of(world, Treatment)] == expected


def test_the_next_date_is_never_after_the_age_exit(world: World) -> None:
    old = a_number(103, "19500101")
    taken(world, line(old, **SAMPLED, **LETTER, psa="0.5"))
    assert person(world, old).next_on == date(2025, 1, 1)
    world.office.daily.run(world.anna)
    assert person(world, old).closed_reason is ClosedReason.AGE


def test_a_silent_referral_becomes_a_task_of_the_day(world: World) -> None:
    taken(world, line(**REFERRED))
    world.office.daily.run(world.anna)
    assert [queue for queue, _reason in work(world)] == [Queue.CONTACT]


def test_an_order_that_the_rules_owe_goes_out_with_the_next_export(world: World) -> None:
    taken(world, line(**RAISED), line(a_number(105), offered_on=date(2026, 9, 1)))
    man = person(world, a_number(105))
    assert (man.step, man.next_on) == (Step.ORDER_TO_SEND, date(2026, 11, 30))
    world.act(man.id, "opt_out")
    assert world.adds_up()


def test_nothing_old_is_told_to_the_laboratory(world: World) -> None:
    taken(
        world,
        line(**OFFERED, answer="declined"),
        line(a_number(105), **OFFERED),
        line(a_number(107), **OFFERED, closed_on=date(2023, 2, 1), closed_reason="dead"),
    )
    made = world.office.orders.export(world.anna, world.folder / "ut")
    assert (made.orders, made.cancellations) == (0, 0)


# The facts


def test_every_fact_of_a_full_line_is_a_row_with_its_own_day(world: World) -> None:
    taken(world, line(**{**BIOPSIED, "psa": ">4,5"}, pathology_on=date(2023, 3, 17), isup="2", treatment="other"))
    (answer,) = rows_of(world, PsaAnswer)
    assert (f"{answer.value:f}", answer.comparator, answer.sampled_at.date()) == ("4.5", ">", date(2023, 2, 1))
    (opened,) = rows_of(world, Round)
    assert (opened.pre_letter_on, opened.offered_on, opened.kind) == (
        date(2023, 1, 2),
        date(2023, 1, 16),
        RoundKind.FIRST,
    )
    assert (opened.valid_until, opened.result) == (date(2023, 4, 16), "cancer_found")
    decisions = [(row.proposed, row.outcome, row.state, row.confirm_reason) for row in rows_of(world, Decided)]
    assert [row[2] for row in decisions] == [DecisionState.CONFIRMED] * 3
    assert [row[1] for row in decisions] == [Outcome.MRI, Outcome.UROLOGY, Outcome.CARE]
    assert decisions[0][0] is Outcome.PERSON
    assert decisions[0][3] != ""
    assert [(row.kind.value, row.state.value) for row in rows_of(world, Referral)] == [
        ("mri", "answered"),
        ("urology", "answered"),
    ]
    assert [row.state.value for row in rows_of(world, Booking)] == ["done"]
    assert [(row.lesions, row.volume_ml) for row in rows_of(world, MriAnswer)] == [([4], 40)]
    assert rows_of(world, Letter) == []
    changes = rows_of(world, StepChange)
    assert changes[0].event is Event.REGISTERED
    assert all(moves.target(row.from_step, row.event) is row.to_step for row in changes[1:])
    assert [row.from_step for row in changes[1:]] == [row.to_step for row in changes[:-1]]
    assert [row.at for row in changes[1:]] == sorted(row.at for row in changes[1:])
    assert changes[-1].at.date() == date(2023, 3, 17)


def test_the_line_itself_is_kept_as_it_came_and_holds_nobody_else(world: World) -> None:
    taken(world, line(a_number(103), **OFFERED), line(**RAISED))
    (kept,) = rows_of(world, LabMessage)
    assert kept.raw.decode().splitlines()[1:] == [line(**RAISED)]
    assert (kept.kind, kept.position, kept.file_name) == ("history", 3, "historik.csv")


def test_the_case_reads_well(world: World) -> None:
    taken(world, line(**EXAMINED, pirads="4"))
    case = world.case(person(world).id)
    assert case.step_label
    assert any("3,4" in happening.what for happening in case.timeline)


def test_the_import_and_each_person_stand_in_the_log(world: World) -> None:
    taken(world, line(**RAISED), line(a_number(103), **OFFERED))
    with world.context.sessions.read() as session:
        found = session.execute(select(AuditRow.action, AuditRow.person_id).where(AuditRow.action.like("history.%")))
        logged = [(action, person_id is not None) for action, person_id in found]
    assert logged == [("history.import", False), ("history.take", True), ("history.take", True)]


def test_lines_that_were_not_applied_stay_as_work_that_names_them(world: World) -> None:
    made = take(world, line(psa="3.4", psa_answered_on="", sampled_on="2024-03-01"), line(a_number(21), round="2"))
    assert made.needs_person
    take(world, line(psa="3.4", psa_answered_on="", sampled_on="2024-03-01"), line(a_number(21), round="2"))
    (task,) = world.office.queues.page(world.anna, Queue.REGISTER)
    assert f"rad {made.problems[0].line}" in task.reason
    world.office.queues.finish(world.anna, task.task_id, "rättad och inläst")
