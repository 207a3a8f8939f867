"""Every laboratory message of the samples does what its expected outcome says, on both databases."""

import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from db.models import LabMessage, PsaAnswer
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.steps import Queue, Step
from kansli_tui.rows.answers import MessageState
from kansli_tui.rows.letter_states import LetterState
from tests.world import World, at

SAMPLES = Path(__file__).parents[1] / "samples"
EXPECTED = json.loads((SAMPLES / "expected.json").read_text())
AKE, OLA = "197001239297", "197002129273"


def sample(name: str) -> bytes:
    return (SAMPLES / f"{name}.hl7").read_bytes()


@pytest.fixture
def ake(world: World) -> int:
    """Åke has a posted offer and a sent order with the number that the samples answer."""
    world.clock.now = at("2026-10-01T08:00")
    person = world.man(number=AKE, family_name="Testsson", given_names="Åke")
    world.offer(person, born=(1970,))
    world.order(person, number="OPT-2026-000123")
    world.clock.now = at("2026-11-03T08:00")
    return person


def state_of(world: World, name: str) -> MessageState:
    (item,) = world.take(sample(name), name).items
    return item.state


def current(world: World, person: int) -> PsaAnswer:
    with world.context.sessions.read() as session:
        found = session.scalar(select(PsaAnswer).where(PsaAnswer.person_id == person, PsaAnswer.replaced_at.is_(None)))
        assert found is not None
        return found


ACCEPTED = {
    "oru_01_normal_final": Queue.NORMAL,
    "oru_02_below_limit_SN": Queue.NORMAL,
    "oru_03_below_limit_ST_decimal_comma": Queue.NORMAL,
    "oru_04_above_limit_NM_illegal": Queue.URGENT,
    "oru_10_total_and_free_psa": Queue.RAISED,
    "oru_13_latin1": Queue.NORMAL,
    "oru_14_repeated_pid3_snr_to_pnr": Queue.NORMAL,
    "oru_17_escape_and_lf": Queue.NORMAL,
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_final_answers_are_taken_in_with_their_value_and_wait_in_the_right_queue(
    world: World, ake: int, name: str
) -> None:
    assert state_of(world, name) is MessageState.APPLIED
    answer = current(world, ake)
    assert answer.value == Decimal(EXPECTED[name]["value"])
    assert answer.comparator == EXPECTED[name].get("comparator")
    assert answer.status == EXPECTED[name]["status"]
    assert world.step(ake) is Step.ANSWER_TO_ASSESS
    assert world.tasks(ake) == [ACCEPTED[name]]
    assert world.adds_up()


HELD = {
    "oru_11_unknown_order": "The order number is not ours",
    "oru_12_wrong_unit": "The unit is missing or not µg/L",
    "oru_19_mismatched_name_or_dob": "The birth date contradicts the register",
}


@pytest.mark.parametrize("name", HELD)
def test_doubtful_answers_are_held_with_reason_and_fix_and_the_man_waits_on(world: World, ake: int, name: str) -> None:
    (item,) = world.take(sample(name), name).items
    assert (item.state, item.message) == (MessageState.HELD, HELD[name])
    assert item.fix
    assert world.step(ake) is Step.AWAITING_SAMPLE
    assert Queue.HELD in world.tasks()
    with world.context.sessions.read() as session:
        message = session.scalars(select(LabMessage)).one()
        assert message.raw.splitlines() == sample(name).splitlines()


def test_04_warns_that_the_value_breaks_its_type(world: World, ake: int) -> None:
    world.take(sample("oru_04_above_limit_NM_illegal"))
    assert current(world, ake).warnings


def test_05_unanalysable_goes_to_repeat(world: World, ake: int) -> None:
    assert state_of(world, "oru_05_haemolysed_not_performed") is MessageState.APPLIED
    assert current(world, ake).value is None
    assert world.tasks(ake) == [Queue.REPEAT]


@pytest.mark.parametrize("name", ["oru_06_preliminary", "oru_18_partial_no_psa_yet"])
def test_preliminary_is_stored_and_nothing_is_decided(world: World, ake: int, name: str) -> None:
    assert state_of(world, name) is MessageState.APPLIED
    assert world.step(ake) is Step.AWAITING_ANSWER
    assert world.tasks(ake) == []
    assert world.person(ake).next_on == world.today + timedelta(days=14)
    assert state_of(world, "oru_01_normal_final") is MessageState.APPLIED
    assert world.tasks(ake) == [Queue.NORMAL]


def test_07_correction_reopens_the_decision_and_stops_the_letter(world: World, ake: int) -> None:
    world.take(sample("oru_01_normal_final"))
    world.confirm(Queue.NORMAL, ake)
    assert world.letters(ake)[-1] == (LetterType.PSA_TWO_YEARS, LetterState.PREPARED)
    assert state_of(world, "oru_07_correction") is MessageState.APPLIED
    assert world.letters(ake)[-1] == (LetterType.PSA_TWO_YEARS, LetterState.STOPPED)
    assert current(world, ake).value == Decimal("4.2")
    assert current(world, ake).version == 2
    assert world.tasks(ake) == [Queue.RAISED]
    assert world.adds_up()


def test_07_correction_after_the_letter_has_gone_opens_a_task_with_what_went_out(world: World, ake: int) -> None:
    world.take(sample("oru_01_normal_final"))
    world.confirm(Queue.NORMAL, ake)
    world.post()
    assert world.step(ake) is Step.NOT_DUE
    world.take(sample("oru_07_correction"))
    assert world.step(ake) is Step.ANSWER_TO_ASSESS
    assert sorted(world.tasks(ake)) == sorted([Queue.RAISED, Queue.CORRECTION])
    assert world.adds_up()


@pytest.mark.parametrize("name", ["oru_08_wrong_patient", "oru_09_delete"])
def test_retraction_takes_the_value_away_and_proposes_a_new_sample(world: World, ake: int, name: str) -> None:
    world.take(sample("oru_01_normal_final"))
    world.confirm(Queue.NORMAL, ake)
    assert state_of(world, name) is MessageState.APPLIED
    assert current(world, ake).value is None
    assert world.letters(ake)[-1][1] is LetterState.STOPPED
    queues = [Queue.REPEAT, Queue.CORRECTION] if name == "oru_08_wrong_patient" else [Queue.REPEAT]
    assert sorted(world.tasks(ake)) == sorted(queues)
    assert world.adds_up()


def test_10_keeps_free_psa_as_context_only(world: World, ake: int) -> None:
    world.take(sample("oru_10_total_and_free_psa"))
    assert {other["code"] for other in current(world, ake).context or []} == {"NPU12534", "NPU09226"}


def test_14_links_the_former_samordningsnummer(world: World, ake: int) -> None:
    world.take(sample("oru_14_repeated_pid3_snr_to_pnr"))
    assert world.office.cases.find(world.anna, "19700178-2395") == ake


def test_15_same_id_and_bytes_has_no_effect(world: World, ake: int) -> None:
    world.take(sample("oru_01_normal_final"))
    world.confirm(Queue.NORMAL, ake)
    before = world.person(ake).version_id
    assert state_of(world, "oru_15_duplicate_of_01") is MessageState.NO_EFFECT
    assert world.person(ake).version_id == before


def test_16_same_id_other_content_is_held(world: World, ake: int) -> None:
    world.take(sample("oru_01_normal_final"))
    assert state_of(world, "oru_16_same_id_other_content") is MessageState.HELD
    assert current(world, ake).value == Decimal("2.4")


def test_20_batch_answers_two_men(world: World) -> None:
    world.clock.now = at("2026-10-01T08:00")
    ake = world.man(number=AKE)
    ola = world.man(number=OLA)
    world.offer(ake, ola, born=(1970,))
    world.order(ake, number="OPT-2026-000123")
    world.order(ola, number="OPT-2026-000124")
    world.clock.now = at("2026-11-03T08:00")
    taken = world.take(sample("oru_20_two_patients_batch"))
    assert [item.state for item in taken.items] == [MessageState.APPLIED] * 2
    assert [current(world, ake).value, current(world, ola).value] == [Decimal("0.6"), Decimal("5.1")]
    assert (world.tasks(ake), world.tasks(ola)) == ([Queue.NORMAL], [Queue.RAISED])


def test_every_sample_that_is_not_for_the_laboratory_is_held(world: World, ake: int) -> None:
    for name in ("siu_s12_mri", "oru_mri_report", "omg_o19_mri_order"):
        assert state_of(world, name) is MessageState.HELD
    assert world.step(ake) is Step.AWAITING_SAMPLE
