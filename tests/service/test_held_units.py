"""Held messages of units: what is shown of them, and the ways out; where a referral may go cannot be overruled."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from db.models import LabMessage, Person
from kansli_tui.errors import NotAllowedError, RefusedError
from kansli_tui.labels import label
from kansli_tui.pathway.referrals import ReferralEvent, ReferralKind
from kansli_tui.pathway.steps import Queue, Step
from kansli_tui.rows.answers import Candidate, HeldRow, MessageState
from kansli_tui.rows.office import Actor
from kansli_tui.rows.population import Protection
from tests.world import World


@pytest.fixture
def man(world: World) -> int:
    """A man whose MRI referral has been sent."""
    person = world.raised("4.5")
    world.refer(person)
    world.clock.advance(days=2)
    return person


def hold(world: World, raw: bytes) -> HeldRow:
    (item,) = world.take(raw).items
    assert item.state is MessageState.HELD
    return world.office.held.held(world.anna)[-1]


def match(world: World, row: HeldRow, candidate: Candidate, actor: Actor | None = None) -> None:
    world.office.held.match(
        actor or world.anna, row.message_id, candidate.order_id, "enheten bekräftar", kind=candidate.kind
    )


def kinds(world: World) -> list[tuple[str, MessageState]]:
    with world.context.sessions.read() as session:
        rows = session.execute(select(LabMessage.kind, LabMessage.state).order_by(LabMessage.id)).all()
        return [(kind, state) for kind, state in rows]


def test_a_report_is_shown_with_what_it_says(world: World, man: int) -> None:
    row = hold(world, world.mri_message(man, (4, 2), "38", order="OPTMR-2026-777777", text="Lesion 1."))
    shown = dict(row.summary)
    assert (shown["PI-RADS"], shown["Volume"], shown["Text"], shown["Status"]) == ("4, 2", "38 mL", "Lesion 1.", "F")
    assert shown["Order"] == "OPTMR-2026-777777"
    assert "Examined" in shown
    (candidate,) = row.candidates
    assert (candidate.kind, candidate.person_id, candidate.why) == ("mri", man, "Personal number")
    assert candidate.order_number == world.referral(man).number
    assert "held.show" in world.audit(man)


def test_an_appointment_and_a_line_are_shown_with_what_they_say(world: World, man: int) -> None:
    at = world.clock.now + timedelta(days=9)
    booking = hold(world, world.booking_message(man, "S12", at, order="OPTMR-2026-777777", why="ny tid"))
    shown = dict(booking.summary)
    assert (shown["Event"], shown["Comment"]) == (label(ReferralEvent.BOOKED), "ny tid")
    assert shown["Appointment"]
    line = hold(world, world.outcome_line(man, "pathology", order="OPTUR-2026-777777", isup=2))
    shown = dict(line.summary)
    assert (shown["Event"], shown["ISUP"], shown["Day"]) == ("PAD-svar", "2", world.today.isoformat())
    assert line.candidates == (), "he has no urology referral"
    assert [kind for kind, _state in kinds(world)] == ["lab", "booking", "outcome"]


def test_a_report_is_matched_to_the_referral_that_a_person_knows(world: World, man: int) -> None:
    row = hold(world, world.mri_message(man, (5,), "38", order="OPTMR-2026-777777"))
    candidate = world.office.held.candidate(world.anna, world.referral(man).number.lower())
    assert candidate.kind == "mri"
    match(world, row, candidate)
    assert kinds(world)[-1] == ("mri", MessageState.MATCHED)
    assert world.step(man) is Step.MRI_TO_ASSESS
    assert world.tasks() == [Queue.MRI_ANSWER]
    assert {"held.matched", "mri.take"} <= set(world.audit(man))
    assert world.adds_up()


@pytest.mark.parametrize("more", [{"born": "19760101"}, {"pnr": "197002129273"}])
def test_a_message_that_names_another_person_takes_a_supervisor(world: World, man: int, more: dict[str, Any]) -> None:
    row = hold(world, world.mri_message(man, **more))
    candidate = row.candidates[0]
    with pytest.raises(NotAllowedError):
        match(world, row, candidate)
    match(world, row, candidate, world.per)
    assert world.step(man) is Step.MRI_TO_ASSESS


def test_a_report_does_not_answer_a_psa_order_nor_a_sample_a_referral(world: World, man: int) -> None:
    report = hold(world, world.mri_message(man, order="OPTMR-2026-777777"))
    order = world.office.held.candidate(world.anna, world.order(man))
    assert order.kind == "psa"
    with pytest.raises(RefusedError, match="about something else"):
        match(world, report, order)
    sample = hold(world, world.message(man, "3.4", order="OPT-2026-777777"))
    with pytest.raises(RefusedError, match="about something else"):
        match(world, sample, report.candidates[0])


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"status": "Q"}, "status"),
        ({"examined": "20300101080000"}, "future"),
        ({"status": "W"}, "no answer to take back"),
    ],
)
def test_what_a_report_says_can_not_be_matched_away(world: World, man: int, more: dict[str, str], why: str) -> None:
    row = hold(world, world.mri_message(man, (4,), "40", **more))
    with pytest.raises(RefusedError, match=re.escape(why)):
        match(world, row, row.candidates[0])
    assert kinds(world)[-1] == ("mri", MessageState.HELD)
    assert world.step(man) is Step.MRI_REFERRED


def test_a_dead_mans_report_can_not_be_matched(world: World, man: int) -> None:
    raw = world.mri_message(man)
    world.act(man, "close", detail="dead")
    row = hold(world, raw)
    with pytest.raises(RefusedError, match="dead"):
        match(world, row, row.candidates[0])


def test_a_report_on_a_referral_taken_back_is_matched_to_the_one_that_holds(world: World, man: int) -> None:
    world.booking(man, "S26", world.clock.now)
    old = world.referral(man).number
    raw = world.mri_message(man, (2,), "60", order=old)
    world.act(man, "refer_again")
    world.refer(man)
    row = hold(world, raw)
    assert row.reason == "The referral has been taken back"
    assert [candidate.order_number for candidate in row.candidates] == [old, world.referral(man).number]
    with pytest.raises(RefusedError, match="taken back"):
        match(world, row, row.candidates[0])
    match(world, row, row.candidates[1])
    assert world.step(man) is Step.MRI_TO_ASSESS
    assert world.adds_up()


def test_what_is_not_expected_is_matched_once_the_referral_is_put_right(world: World) -> None:
    man = world.raised()
    row = world.refer(man, sent=False)
    held = hold(world, world.mri_message(man))
    with pytest.raises(RefusedError, match="as it stands now"):
        match(world, held, held.candidates[0])
    world.office.referrals.send(world.anna, row.referral_id, version=row.version)
    match(world, held, held.candidates[0])
    assert world.step(man) is Step.MRI_TO_ASSESS


@pytest.mark.parametrize("way", ["refuse", "send_back"])
def test_refused_and_sent_back_ones_never_count(world: World, man: int, way: str) -> None:
    raw = world.booking_message(man, "S12", world.clock.now, order="OPTMR-1")
    row = hold(world, raw)
    getattr(world.office.held, way)(world.anna, row.message_id, "annan patient")
    assert world.tasks() == []
    assert world.step(man) is Step.MRI_REFERRED
    assert [item.state for item in world.take(raw).items] == [MessageState.NO_EFFECT]


def test_another_region_sees_no_candidates_and_cannot_match(world: World, jkp: Actor, man: int) -> None:
    own = hold(world, world.mri_message(man, order="OPTMR-1"))
    (foreign,) = world.office.held.held(jkp)
    assert foreign.candidates == ()
    with pytest.raises(NotAllowedError):
        match(world, foreign, own.candidates[0], jkp)
    with pytest.raises(NotAllowedError):
        world.office.held.candidate(jkp, world.referral(man).number)


def test_the_names_of_protected_people_do_not_stand_there(world: World, man: int) -> None:
    raw = world.mri_message(man, order="OPTMR-1").replace(b"X^Y", b"Hemlig^Person")
    with world.context.sessions.begin() as session:
        session.get_one(Person, man).protection = Protection.CONFIDENTIALITY
    row = hold(world, raw)
    assert "Hemlig" not in repr(row)
    assert "Öberg" not in repr(row)


def test_only_the_newest_referrals_of_the_kind_are_candidates(world: World, man: int) -> None:
    world.mri(man, (5,), "40")
    (row,) = world.office.examinations.mri_rows(world.anna)
    world.office.examinations.confirm_mri(
        world.anna, row.decision_id, version=row.version, pirads=5, volume_ml=row.volume_ml
    )
    world.refer(man)
    held = hold(world, world.outcome_line(man, "visit", order=""))
    assert [candidate.order_number for candidate in held.candidates] == [
        world.referral(man, ReferralKind.UROLOGY).number
    ]
