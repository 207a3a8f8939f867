"""Every radiology message of the samples does what its expected outcome says, on both databases."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from db.models import Booking, MriAnswer
from kansli_tui.pathway.referrals import ReferralState
from kansli_tui.pathway.steps import Queue, Step
from kansli_tui.rows.answers import MessageState
from kansli_tui.rows.referrals import BookingState
from tests.world import World, at

SAMPLES = Path(__file__).parents[1] / "samples"
EXPECTED = json.loads((SAMPLES / "expected.json").read_text())
AKE = "197001239297"


def sample(name: str) -> bytes:
    return (SAMPLES / f"{name}.hl7").read_bytes()


@pytest.fixture
def ake(world: World) -> int:
    """Åke has been referred to MRI with the number that the samples are about."""
    world.clock.now = at("2026-09-15T08:00")
    person = world.man(number=AKE, family_name="Testsson", given_names="Åke")
    world.offer(person, born=(1970,))
    world.clock.now = at("2026-10-30T08:00")
    world.answer(person, "3.4")
    world.confirm(Queue.RAISED, person)
    world.refer(person, number="OPTMR-2026-000045")
    world.clock.now = at("2026-11-03T08:00")
    return person


def state_of(world: World, name: str) -> MessageState:
    (item,) = world.take(sample(name), name).items
    return item.state


def bookings(world: World) -> list[tuple[str, BookingState]]:
    with world.context.sessions.read() as session:
        rows = session.scalars(select(Booking).order_by(Booking.id))
        return [(f"{booking.starts_at:%Y-%m-%dT%H:%M}", booking.state) for booking in rows]


def test_s12_books(world: World, ake: int) -> None:
    assert state_of(world, "siu_s12_mri") is MessageState.APPLIED
    assert world.step(ake) is Step.MRI_BOOKED
    assert bookings(world) == [("2026-11-20T07:30", BookingState.BOOKED)]
    assert world.person(ake).next_on == at("2026-11-20T00:00").date()
    assert world.adds_up()


def test_s13_takes_the_place_of_s12(world: World, ake: int) -> None:
    world.take(sample("siu_s12_mri"))
    assert state_of(world, "siu_s13_mri") is MessageState.APPLIED
    assert bookings(world) == [("2026-11-20T07:30", BookingState.MOVED), ("2026-11-24T09:00", BookingState.BOOKED)]
    assert world.step(ake) is Step.MRI_BOOKED


def test_s13_may_be_the_first_that_is_heard(world: World, ake: int) -> None:
    assert state_of(world, "siu_s13_mri") is MessageState.APPLIED
    assert bookings(world) == [("2026-11-24T09:00", BookingState.BOOKED)]


@pytest.mark.parametrize("first", [(), ("siu_s12_mri",), ("siu_s12_mri", "siu_s13_mri")])
def test_s15_goes_to_the_queue_of_those_to_book(world: World, ake: int, first: tuple[str, ...]) -> None:
    for name in first:
        world.take(sample(name))
    assert state_of(world, "siu_s15_mri") is MessageState.APPLIED
    assert world.step(ake) is Step.MRI_TO_BOOK
    assert world.tasks(ake) == [Queue.MRI_BOOKING]
    assert BookingState.BOOKED not in [state for _at, state in bookings(world)]
    assert world.adds_up()


@pytest.mark.parametrize("first", [(), ("siu_s12_mri",), ("siu_s12_mri", "siu_s15_mri")])
def test_s26_goes_to_the_queue_of_those_to_contact(world: World, ake: int, first: tuple[str, ...]) -> None:
    for name in first:
        world.take(sample(name))
    world.clock.now = at("2026-11-20T12:00")
    assert state_of(world, "siu_s26_mri") is MessageState.APPLIED
    assert world.step(ake) is Step.MRI_TO_RESOLVE
    assert world.tasks(ake) == [Queue.MRI_CONTACT]
    assert world.adds_up()


def test_the_report_waits_for_a_person_with_the_highest_score_suggested(world: World, ake: int) -> None:
    world.take(sample("siu_s12_mri"))
    world.clock.now = at("2026-11-23T08:00")
    expected = EXPECTED["oru_mri_report"]
    assert state_of(world, "oru_mri_report") is MessageState.APPLIED
    assert world.step(ake) is Step.MRI_TO_ASSESS
    assert world.tasks(ake) == [Queue.MRI_ANSWER]
    assert bookings(world) == [("2026-11-20T07:30", BookingState.DONE)]
    (row,) = world.office.examinations.mri_rows(world.anna)
    assert row.suggested == expected["overall_pirads"]
    assert row.lesions == tuple(expected["lesions"])
    assert row.volume_ml == Decimal(expected["volume_ml"])
    assert world.referral(ake).unit_number == "RIS-777"
    assert 3 not in [score.score for score in row.prose], "what it was earlier is no suggestion"
    assert world.adds_up()


def test_the_report_twice_has_no_effect(world: World, ake: int) -> None:
    world.clock.now = at("2026-11-23T08:00")
    world.take(sample("oru_mri_report"))
    before = world.person(ake).version_id
    assert state_of(world, "oru_mri_report") is MessageState.NO_EFFECT
    assert world.person(ake).version_id == before


def test_not_completed_goes_to_a_person_and_is_no_answer(world: World, ake: int) -> None:
    world.take(sample("siu_s12_mri"))
    world.clock.now = at("2026-11-23T08:00")
    assert state_of(world, "oru_mri_not_completed") is MessageState.APPLIED
    assert world.referral_state(ake) is ReferralState.RETURNED
    assert world.step(ake) is Step.MRI_TO_RESOLVE
    assert world.tasks(ake) == [Queue.MRI_CONTACT]
    with world.context.sessions.read() as session:
        assert session.scalars(select(MriAnswer)).all() == []
    row = world.referral(ake)
    history = world.office.referrals.detail(world.anna, row.id).history
    assert any("klaustrofobi" in line.detail for line in history)
    assert world.adds_up()


def test_another_mans_report_is_held(world: World, ake: int) -> None:
    world.clock.now = at("2026-11-23T08:00")
    raw = sample("oru_mri_report").replace(AKE.encode(), b"197002129273")
    (item,) = world.take(raw).items
    assert (item.state, item.message) == (MessageState.HELD, "The referral belongs to another person")
    assert world.step(ake) is Step.MRI_REFERRED


def test_our_own_order_coming_back_is_held(world: World, ake: int) -> None:
    assert state_of(world, "omg_o19_mri_order") is MessageState.HELD
    assert world.step(ake) is Step.MRI_REFERRED
