"""Earlier rounds of a predecessor system end where the rules say: with a date, with work for somebody, or outside; nobody silently."""

from datetime import date

import pytest
from sqlalchemy import select, update

from db.models import (
    AuditRow,
    Booking,
    Decided,
    LabMessage,
    Letter,
    MriAnswer,
    Person,
    PersonNumber,
    PsaAnswer,
    PsaOrder,
    Referral,
    Round,
    StepChange,
    Task,
    Treatment,
)
from kansli_tui.errors import NotAllowedError, RefusedError, UnreadableFileError
from kansli_tui.pathway import moves
from kansli_tui.pathway.ruleset import Outcome
from kansli_tui.pathway.steps import ClosedReason, Event, ExclusionReason, Queue, Step
from kansli_tui.rows.answers import DecisionState, OrderState
from kansli_tui.rows.offers import RoundKind
from kansli_tui.rows.office import Actor
from kansli_tui.rows.population import Protection
from tests.factories import a_number, register_file, register_row
from tests.service.history_help import (
    BIOPSIED,
    EXAMINED,
    MAN,
    OFFERED,
    RAISED,
    REFERRED,
    SAMPLED,
    TO_UROLOGY,
    history_file,
    line,
    person,
    rows_of,
    sizes,
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


# Several rounds


def test_rounds_come_in_any_order_and_the_last_one_counts(world: World) -> None:
    first = line(**OFFERED)
    second = line(
        round="2",
        offered_on=date(2025, 1, 20),
        sampled_on=date(2025, 2, 1),
        psa_answered_on=date(2025, 2, 3),
        psa="1.5",
        psa_letter_on=date(2025, 2, 5),
    )
    third = line(round="3", offered_on=date(2026, 9, 1), psa_ordered_on=date(2026, 9, 1))
    taken(world, third, first, second)
    man = person(world)
    assert (man.step, man.round_number) == (Step.AWAITING_SAMPLE, 3)
    assert [(row.number, row.kind, row.result) for row in rows_of(world, Round)] == [
        (1, RoundKind.FIRST, "no_sample"),
        (2, RoundKind.AFTER_NO_SAMPLE, "answered"),
        (3, RoundKind.AFTER_INTERVAL, None),
    ]
    assert world.adds_up()


def test_who_came_back_has_a_later_round(world: World) -> None:
    taken(
        world,
        line(**OFFERED, closed_on=date(2023, 2, 1), closed_reason="opted_out"),
        line(round="2", offered_on=date(2026, 9, 1), psa_ordered_on=date(2026, 9, 1)),
    )
    assert (person(world).step, person(world).closed_reason) == (Step.AWAITING_SAMPLE, None)


LATER = {"round": "2", "offered_on": date(2025, 1, 20)}
PROBLEMS: list[tuple[str, tuple[str, ...], set[int], str]] = [
    ("overlap", (line(**RAISED), line(round="2", offered_on=date(2023, 2, 5))), {3, 2}, "begins before psa_letter_on"),
    ("owed care", (line(**RAISED), line(**LATER)), {2, 3}, "is not finished when round 2 begins"),
    (
        "the same round",
        (line(**OFFERED), line(**{**OFFERED, "answer": "accepted"})),
        {2, 3},
        "stands in the file twice",
    ),
    ("two regions", (line(**OFFERED), line(**{**LATER, "region": "06"})), {2, 3}, "region 06"),
    ("ahead", (line(**{**OFFERED, "sampled_on": date(2026, 9, 15)}),), {2}, "sampled_on lies ahead"),
    ("nothing", (line(),), {2}, "nothing that has happened"),
    ("a sample and no offer", (line(sampled_on=DAY),), {2}, "offered_on"),
    ("accepted and no offer", (line(preletter_on=DAY, answer="accepted"),), {2}, "offered_on"),
    (
        "a score without an examination",
        (line(**{**EXAMINED, "mri_outcome": "nondiagnostic"}, pirads="4"),),
        {2},
        "mri_outcome contradicts pirads",
    ),
    (
        "benign cancer",
        (
            line(
                **BIOPSIED,
                pathology_on=date(2023, 3, 17),
                isup="0",
                closed_on=date(2023, 3, 18),
                closed_reason="cancer_found",
            ),
        ),
        {2},
        "closed_reason contradicts isup",
    ),
    (
        "closed before the last fact",
        (line(**EXAMINED, pirads="2", closed_on=date(2023, 2, 21), closed_reason="dead"),),
        {2},
        "closed_on is before mri_answered_on",
    ),
    ("another number", (line(closed_on=DAY, closed_reason="number_replaced"),), {2}, "present number"),
    (
        "a round after death",
        (line(**OFFERED, closed_on=date(2023, 2, 1), closed_reason="dead"), line(**LATER)),
        {2, 3},
        "left for good in round 1",
    ),
    ("unreadable beside", (line(**OFFERED), line(**{**LATER, "offered_on": "20 jan"})), {2, 3}, "line 3"),
    ("reserve number", (line("AB1234567890", **OFFERED),), {2}, "birth date is not known"),
]


@pytest.mark.parametrize(
    ("lines", "numbers", "words"), [case[1:] for case in PROBLEMS], ids=[case[0] for case in PROBLEMS]
)
def test_what_cannot_be_is_named_and_the_rest_goes_on(
    world: World, lines: tuple[str, ...], numbers: set[int], words: str
) -> None:
    other = a_number(109)
    before = sizes(world)
    made = take(world, *lines)
    assert {problem.line for problem in made.problems} == numbers
    assert any(words in problem.reason.format_map(problem.values) for problem in made.problems)
    assert all(problem.fix for problem in made.problems)
    assert not any(MAN in str(problem) for problem in made.problems)
    assert sizes(world) == before
    made = take(world, *lines, line(other, **OFFERED))
    assert (made.applied, made.rows) == (1, len(lines) + 1)
    assert person(world, other).step is Step.NOT_DUE


def test_a_file_with_other_headings_is_refused_whole(world: World) -> None:
    with pytest.raises(UnreadableFileError):
        world.office.history.import_file(world.anna, b"pnr;region\n1;05\n", "x.csv")


def test_other_regions_are_refused_whole(world: World, jkp: Actor) -> None:
    before = sizes(world, log=True)
    with pytest.raises(NotAllowedError):
        world.office.history.import_file(jkp, history_file(line(**OFFERED)), "x.csv")
    assert sizes(world, log=True) == before


def test_a_region_without_a_unit_is_refused_before_anything_is_written(world: World) -> None:
    with world.context.sessions.begin() as session:
        session.execute(update(Person).values(blocked=False))
        from db.models import Unit  # noqa: PLC0415

        session.execute(update(Unit).values(active=False))
    before = sizes(world, log=True)
    with pytest.raises(RefusedError):
        take(world, line(**REFERRED))
    assert sizes(world, log=True) == before
    taken(world, line(**RAISED))


def test_a_production_database_takes_no_test_numbers(world: World) -> None:
    from dataclasses import replace  # noqa: PLC0415

    from kansli_tui.rows.office import OfficeFacts  # noqa: PLC0415
    from kansli_tui.service.office import Office  # noqa: PLC0415

    facts = OfficeFacts("production", world.context.facts.database)
    world.office = Office(replace(world.context, facts=facts))
    made = take(world, line(a_number(239, "19900203"), **OFFERED), line(**OFFERED))
    assert [problem.line for problem in made.problems] == [2]
    assert made.applied == 1


# The register


def test_the_same_file_twice_changes_nothing(world: World) -> None:
    lines = (line(**RAISED), line(a_number(103), **OFFERED), line(**RAISED))
    first = taken(world, *lines)
    assert (first.applied, first.known, first.people) == (2, 1, 2)
    before = sizes(world)
    again = taken(world, *lines)
    assert (again.applied, again.known) == (0, 3)
    assert again.stands == first.stands
    assert sizes(world) == before


def test_a_dry_run_says_the_same_and_writes_only_the_log(world: World) -> None:
    lines = (line(**RAISED), line(a_number(103), **OFFERED), line(a_number(105)))
    before = sizes(world)
    would = take(world, *lines, dry_run=True)
    assert sizes(world) == before
    did = take(world, *lines)
    assert (would.dry_run, did.dry_run) == (True, False)
    assert (would.stands, would.applied, would.problems) == (did.stands, did.applied, did.problems)


def test_a_person_in_the_register_is_known_by_an_earlier_number(world: World) -> None:
    key = world.man()
    old = a_number(101, "19760466")
    with world.context.sessions.begin() as session:
        session.add(PersonNumber(person_id=key, region="05", number=old, source="register", added_at=world.clock()))
    version = world.person(key).version_id
    made = taken(world, line(old, **OFFERED), line(world.person(key).number, round="2", offered_on=date(2026, 9, 1)))
    assert (made.people, made.applied_people) == (1, 1)
    man = world.person(key)
    assert (man.step, man.round_number, man.family_name) == (Step.ORDER_TO_SEND, 2, "Öberg")
    assert man.version_id > version
    assert world.adds_up()


def test_a_later_hand_over_fills_in_name_and_address(world: World) -> None:
    taken(world, line(**SAMPLED, **LETTER, psa="0.5"))
    new = person(world)
    assert (new.source, new.family_name, new.address, new.birth_date) == ("history", "", {}, date(1970, 4, 5))
    raw = register_file(register_row(pnr=MAN, lan="05", kommun="80"))
    compared = world.office.population.compare(world.per, raw, "befolkning.csv", changes_only=True)
    world.office.population.accept(world.per, compared.import_id, version=compared.version)
    man = person(world)
    assert (man.id, man.family_name, man.municipality, man.step) == (new.id, "Öberg", "0580", Step.NOT_DUE)
    assert man.address["ort"] == "VETLANDA"
    assert man.next_on == date(2029, 2, 1)
    assert work(world) == []
    assert world.adds_up()


def test_another_region_than_ours_is_a_problem(world: World) -> None:
    key = world.man(region="06", municipality="0685")
    made = take(world, line(world.person(key).number, **OFFERED))
    assert [problem.line for problem in made.problems] == [2]
    assert world.person(key).round_number == 0


def test_a_round_going_on_here_is_not_touched(world: World) -> None:
    key = world.man()
    world.offer(key)
    before = world.person(key).version_id
    made = take(world, line(world.person(key).number, **OFFERED))
    assert "going on" in made.problems[0].reason
    assert world.person(key).version_id == before


def test_newer_facts_here_are_not_overtaken(world: World) -> None:
    key = world.man()
    world.offer(key)
    world.act(key, "decline")
    number = world.person(key).number
    assert "otherwise" in take(world, line(number, **OFFERED)).problems[0].reason
    assert "newer" in take(world, line(number, round="2", **OFFERED)).problems[0].reason
    other = take(world, line(number, round="1", **{**OFFERED, "answer": "declined"}))
    assert other.applied == 0


def test_a_later_file_goes_on_where_the_first_one_ended(world: World) -> None:
    taken(world, line(**OFFERED))
    made = taken(world, line(**OFFERED), line(round="2", offered_on=date(2026, 9, 1), psa_ordered_on=date(2026, 9, 1)))
    assert (made.applied, made.known) == (1, 1)
    assert person(world).step is Step.AWAITING_SAMPLE
    assert [row.kind for row in rows_of(world, Round)] == [RoundKind.FIRST, RoundKind.AFTER_NO_SAMPLE]
    assert world.adds_up()


@pytest.mark.parametrize(
    ("cells", "closed", "step"),
    [
        (SAMPLED | LETTER | {"psa": "0.5"}, ClosedReason.EMIGRATED, Step.CLOSED),
        (RAISED, ClosedReason.EMIGRATED, Step.MRI_TO_REFER),
        (RAISED, ClosedReason.DEAD, Step.CLOSED),
        (BIOPSIED | {"pathology_on": date(2023, 3, 17), "isup": "3"}, ClosedReason.DEAD, Step.CLOSED),
    ],
)
def test_who_has_left_here_stays_outside_unless_something_is_owed(
    world: World, cells: dict[str, object], closed: ClosedReason, step: Step
) -> None:
    key = world.man(step=Step.CLOSED, next_on=None, closed_reason=closed)
    taken(world, line(world.person(key).number, **cells))
    man = world.person(key)
    assert man.step is step
    assert man.closed_reason is (closed if step is Step.CLOSED else None)
    changes = rows_of(world, StepChange, man.number)
    assert [row.from_step for row in changes[1:]] == [row.to_step for row in changes[:-1]]
    assert world.adds_up()


@pytest.mark.parametrize(
    ("cells", "why", "step"),
    [
        (OFFERED, ExclusionReason.CANCER_KNOWN, Step.EXCLUDED),
        (RAISED, ExclusionReason.CANCER_KNOWN, Step.MRI_TO_REFER),
        (OFFERED, ExclusionReason.NOT_IN_TARGET_GROUP, Step.NOT_DUE),
        ({"offered_on": date(2026, 9, 1)}, ExclusionReason.OTHER, Step.EXCLUDED),
    ],
)
def test_who_is_kept_out_here_stays_so_unless_something_is_owed(
    world: World, cells: dict[str, object], why: ExclusionReason, step: Step
) -> None:
    key = world.man(step=Step.EXCLUDED, next_on=None, exclusion_reason=why)
    taken(world, line(world.person(key).number, **cells))
    man = world.person(key)
    assert (man.step, man.exclusion_reason) == (step, why if step is Step.EXCLUDED else None)
    assert not [row for row in rows_of(world, PsaOrder, man.number) if row.state is OrderState.CREATED]
    assert world.adds_up()


def test_protected_people_are_taken_in_as_others(world: World) -> None:
    key = world.man(protection=Protection.CONFIDENTIALITY)
    taken(world, line(world.person(key).number, **OFFERED))
    assert world.person(key).step is Step.NOT_DUE


def test_a_confirmed_proposal_of_an_old_answer_goes_on_as_any_other(world: World) -> None:
    taken(world, line(**SAMPLED, psa="3.4"))
    key = person(world).id
    world.confirm(Queue.RAISED, key)
    assert world.step(key) is Step.MRI_TO_REFER
    assert world.adds_up()


def test_new_people_keep_getting_keys_of_their_own(world: World) -> None:
    taken(world, line(**RAISED))
    key = world.man()
    world.offer(key)
    world.clock.advance(days=5)
    world.answer(key, "4.0")
    taken(world, line(a_number(111), **SAMPLED, psa="9"))
    with world.context.sessions.read() as session:
        assert len(session.scalars(select(Task.subject)).all()) == len(set(session.scalars(select(Task.subject))))
    assert world.adds_up()


def test_a_new_person_without_address_gets_nothing_in_the_window_of_an_envelope(world: World) -> None:
    taken(world, line(**SAMPLED, psa="0.4"), line(a_number(105), offered_on=date(2026, 9, 1)))
    key = person(world).id
    world.confirm(Queue.NORMAL, key)
    world.post()
    assert (world.step(key), [queue for queue, _reason in work(world)]) == (
        Step.ANSWER_LETTER_TO_POST,
        [Queue.ADDRESS],
    )
    world.send_orders()
    assert world.adds_up()
    raw = register_file(register_row(pnr=MAN, lan="05", kommun="80"))
    compared = world.office.population.compare(world.per, raw, "befolkning.csv", changes_only=True)
    world.office.population.accept(world.per, compared.import_id, version=compared.version)
    world.post()
    assert (world.step(key), world.person(key).next_on) == (Step.NOT_DUE, date(2029, 2, 1))
    assert work(world) == []


def test_an_old_examination_is_assessed_and_settled_as_any_other(world: World) -> None:
    other = a_number(105)
    taken(world, line(**EXAMINED, pirads="3"), line(other, **{**REFERRED, "mri_outcome": "noshow"}))
    (row,) = world.office.examinations.mri_rows(world.anna)
    assert (row.suggested, row.volume_ml) == (3, 40)
    world.office.examinations.confirm_mri(
        world.anna, row.decision_id, version=row.version, pirads=3, volume_ml=row.volume_ml
    )
    assert person(world).step is Step.ANSWER_LETTER_TO_POST
    world.act(person(world, other).id, "refer_again")
    assert person(world, other).step is Step.MRI_TO_REFER
    world.refer(person(world, other).id)
    assert person(world, other).step is Step.MRI_REFERRED
    assert world.adds_up()


def test_a_biopsy_whose_answer_comes_here_is_taken_in_as_any_other(world: World) -> None:
    taken(world, line(**BIOPSIED))
    key = person(world).id
    world.outcome(key, "pathology", isup=2)
    (row,) = world.office.examinations.pathology_rows(world.anna)
    world.office.examinations.confirm_pathology(world.anna, row.decision_id, version=row.version)
    assert (world.step(key), person(world).closed_reason) == (Step.CLOSED, ClosedReason.CANCER_FOUND)
    assert world.adds_up()


def test_closed_for_age_at_the_right_age(world: World) -> None:
    old = a_number(103, "19480101")
    low = {**SAMPLED, **LETTER, "psa": "0.5"}
    taken(world, line(old, **low, closed_on=date(2023, 3, 1), closed_reason="age"))
    assert person(world, old).closed_reason is ClosedReason.AGE
