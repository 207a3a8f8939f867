"""Earlier rounds and what the register already knows: who is known, who has left, what is newer, and how it goes on from there."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from db.models import (
    PersonNumber,
    PsaOrder,
    Round,
    StepChange,
    Task,
)
from kansli_tui.pathway.steps import ClosedReason, ExclusionReason, Queue, Step
from kansli_tui.rows.answers import OrderState
from kansli_tui.rows.offers import RoundKind
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
    assert (row.suggested, row.volume_ml) == (3, Decimal(40))
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
