"""Referrals out: what units get, on paper and as messages, once; and what they never get."""

import csv
from io import BytesIO
from pathlib import Path
from typing import Any

import hl7
import pytest
from pypdf import PdfReader
from sqlalchemy import select

from db.models import Person, Referral, Unit
from kansli_tui.errors import NotFoundError, RefusedError
from kansli_tui.pathway.referrals import ReferralKind, ReferralState
from kansli_tui.pathway.steps import Queue, Step
from kansli_tui.rows.answers import OrderExport
from kansli_tui.rows.office import Actor
from kansli_tui.rows.population import Protection
from tests.world import World


def export(world: World, actor: Actor | None = None) -> OrderExport:
    world.clock.advance(minutes=1)
    return world.office.orders.export(actor or world.anna, world.folder / "ut")


def of(made: OrderExport, what: str, ending: str) -> list[bytes]:
    return [
        Path(file).read_bytes() for file in made.files if Path(file).name.startswith(what) and file.endswith(ending)
    ]


def messages(made: OrderExport, what: str) -> list[Any]:
    texts = [f"MSH{part}" for raw in of(made, what, ".hl7") for part in raw.decode().split("MSH") if part]
    return [hl7.parse(text) for text in texts]


def lines(made: OrderExport, what: str) -> list[dict[str, str]]:
    return [
        row
        for raw in of(made, what, ".csv")
        for row in csv.DictReader(raw.decode("utf-8-sig").splitlines(), delimiter=";")
    ]


def words(made: OrderExport) -> list[str]:
    return [page.extract_text() for raw in of(made, "remisser", ".pdf") for page in PdfReader(BytesIO(raw)).pages]


def to_urology(world: World, scores: tuple[int, ...] = (4,), volume: str = "42", value: str = "4.5") -> int:
    """A man whose MRI has been confirmed to need a biopsy: he waits for his urology referral."""
    man = world.raised(value)
    world.refer(man)
    world.mri(man, scores, volume)
    (row,) = world.office.examinations.mri_rows(world.anna)
    assert row.suggested is not None
    world.office.examinations.confirm_mri(
        world.anna, row.decision_id, version=row.version, pirads=row.suggested, volume_ml=row.volume_ml
    )
    assert world.step(man) is Step.UROLOGY_TO_REFER
    return man


def test_an_mri_referral_leaves_as_message_form_and_line_and_is_sent(world: World) -> None:
    man = world.raised("4.5", family_name="Å^|~&ström")
    number = world.refer(man, sent=False).number
    assert world.step(man) is Step.MRI_REFERRAL_TO_SEND
    made = export(world)
    assert (made.orders, made.referrals, made.left_out) == (0, 1, ())
    (message,) = messages(made, "mr-remisser")
    assert str(message.segment("MSH")[9]) == "OMG^O19^OMG_O19"
    assert str(message.segment("MSH")[6]) == "SE2321000040-RIS1"
    assert str(message.segment("ORC")[2]).split("^")[0] == number
    assert str(message.segment("PID")[3]).split("^")[0] == world.person(man).number
    assert str(message.segment("OBX")[5]) == "4.5"
    (form,) = words(made)
    assert number in form
    assert "4,5" in form
    (line,) = lines(made, "remisser-arbetslista")
    assert (line["order"], line["kind"], line["psa"], line["receipt"]) == (number, "mri", "4.5", "")
    assert world.step(man) is Step.MRI_REFERRED
    assert world.referral_state(man) is ReferralState.SENT
    assert "referral.send" in world.audit(man)
    assert world.adds_up()
    again = export(world)
    assert (again.referrals, again.files) == (0, ())


def test_a_unit_that_gives_slots_is_booked_by_us(world: World) -> None:
    man = world.man(region="06", municipality="0685")
    world.offer(man, region="06")
    world.act(man, "accept")
    world.send_orders()
    world.clock.advance(days=2)
    world.answer(man, "4.5")
    world.confirm(Queue.RAISED, man)
    world.refer(man, sent=False)
    assert export(world).referrals == 1
    assert world.step(man) is Step.MRI_TO_BOOK
    assert world.tasks(man) == [Queue.MRI_BOOKING]


def test_a_urology_referral_leaves_on_paper_with_what_mri_has_shown(world: World) -> None:
    man = to_urology(world, (4, 2), "42")
    number = world.refer(man, sent=False).number
    made = export(world)
    assert made.referrals == 1
    assert messages(made, "mr-remisser") == []
    (form,) = words(made)
    assert number in form
    assert "0,107" in form, "the density is cut, never rounded"
    (line,) = lines(made, "remisser-arbetslista")
    assert (line["kind"], line["pirads"], line["volume_ml"], line["density"]) == ("urology", "4", "42", "0.107")
    assert world.step(man) is Step.UROLOGY_REFERRED


def test_one_pdf_for_each_region_and_one_file_for_each_receiver(world: World) -> None:
    first = world.raised("4.5")
    second = world.man(region="08", municipality="0880")
    world.offer(second, region="08")
    world.clock.advance(days=2)
    world.answer(second, "6.5")
    world.confirm(Queue.RAISED, second)
    for man in (first, second):
        world.refer(man, sent=False)
    made = export(world)
    assert made.referrals == 2
    assert len(words(made)) == 2
    assert len(of(made, "remisser-05", ".pdf")) == len(of(made, "remisser-08", ".pdf")) == 1
    assert {str(message.segment("MSH")[6]) for message in messages(made, "mr-remisser")} == {
        "SE2321000040-RIS1",
        "SE2321000230-RIS1",
    }
    assert len(of(made, "mr-remisser", ".hl7")) == 2


def test_another_regions_referrals_are_not_written(world: World, jkp: Actor) -> None:
    man = world.raised()
    world.refer(man, sent=False)
    assert export(world, jkp).referrals == 0
    assert world.step(man) is Step.MRI_REFERRAL_TO_SEND


def test_a_protected_persons_address_never_leaves(world: World) -> None:
    man = world.raised()
    with world.context.sessions.begin() as session:
        session.get_one(Person, man).protection = Protection.CONFIDENTIALITY
    world.refer(man, sent=False)
    made = export(world)
    assert made.referrals == 1
    for file in made.files:
        raw = Path(file).read_bytes()
        assert b"VETLANDA" not in raw
        assert "Vägen 1".encode() not in raw
    assert "Vägen" not in words(made)[0]


def test_a_held_persons_referral_waits(world: World) -> None:
    man = world.raised()
    world.refer(man, sent=False)
    with world.context.sessions.begin() as session:
        session.get_one(Person, man).blocked = True
    assert export(world).referrals == 0
    assert world.step(man) is Step.MRI_REFERRAL_TO_SEND


def test_a_referral_waits_while_the_answer_behind_it_is_assessed_anew(world: World) -> None:
    man = world.raised()
    world.refer(man, sent=False)
    world.take(world.message(man, "6.5", status="C"))
    assert world.step(man) is Step.ANSWER_TO_ASSESS
    assert export(world).referrals == 0
    world.confirm(Queue.RAISED, man)
    assert world.step(man) is Step.MRI_TO_REFER, "an unsent referral that asks about the old value is made again"
    world.refer(man, sent=False)
    assert export(world).referrals == 1
    assert world.step(man) is Step.MRI_REFERRED


def test_what_cannot_be_written_stays_with_why_and_the_rest_leaves(world: World) -> None:
    good, bad = world.man(), world.man()
    world.offer(good, bad)
    world.clock.advance(days=2)
    for man in (good, bad):
        world.answer(man, "4.5")
        world.confirm(Queue.RAISED, man)
    with world.context.sessions.begin() as session:
        session.get_one(Person, bad).family_name = "漢字"
    world.refer(good, sent=False)
    row = world.refer(bad, sent=False)
    made = export(world)
    assert made.referrals == 1
    (why,) = made.left_out
    assert row.number in why
    assert (world.step(good), world.step(bad)) == (Step.MRI_REFERRED, Step.MRI_REFERRAL_TO_SEND)
    assert len(words(made)) == len(messages(made, "mr-remisser")) == 1


def test_a_unit_is_told_once_that_a_sent_referral_no_longer_holds(world: World) -> None:
    man = world.raised()
    number = world.refer(man).number
    world.act(man, "close", detail="dead")
    made = export(world)
    assert (made.referrals, made.referral_cancellations) == (0, 1)
    (message,) = messages(made, "mr-avbestallningar")
    assert str(message.segment("ORC")[1]) == "CA"
    assert str(message.segment("ORC")[2]).split("^")[0] == number
    (line,) = lines(made, "remisser-avbestallda")
    assert line["order"] == number
    assert world.referral(man).cancel_owed is False
    assert export(world).referral_cancellations == 0


def test_a_taken_back_urology_referral_is_in_the_list(world: World) -> None:
    man = to_urology(world)
    number = world.refer(man).number
    world.act(man, "close", detail="dead")
    made = export(world)
    assert made.referral_cancellations == 1
    assert [line["order"] for line in lines(made, "remisser-avbestallda")] == [number]
    assert messages(made, "mr-avbestallningar") == []


def test_a_referral_that_was_never_sent_is_taken_back_in_silence(world: World) -> None:
    man = world.raised()
    world.refer(man, sent=False)
    world.act(man, "close", detail="dead")
    made = export(world)
    assert (made.referrals, made.referral_cancellations, made.files) == (0, 0, ())


def test_nothing_is_marked_when_the_files_cannot_be_written(world: World) -> None:
    man = world.raised()
    world.refer(man, sent=False)
    (world.folder / "fil").write_text("")
    with pytest.raises(RefusedError):
        world.office.orders.export(world.anna, world.folder / "fil")
    assert world.referral_state(man) is ReferralState.CREATED


def test_receipts_of_referrals_are_typed_back_the_same_way(world: World) -> None:
    man = world.raised()
    number = world.refer(man).number
    world.office.orders.receipt(world.anna, number.lower(), " K-17 ")
    assert world.referral(man).receipt == "K-17"
    with pytest.raises(NotFoundError):
        world.office.orders.receipt(world.anna, "OPTUR-2026-999999", "K-18")


def test_the_units_own_code_goes_beside_the_common_one(world: World) -> None:
    with world.context.sessions.begin() as session:
        unit = session.scalars(select(Unit).where(Unit.code == "05-mri")).one()
        unit.exam_code = "MRP1"
    man = world.raised()
    world.refer(man, sent=False)
    (message,) = messages(export(world), "mr-remisser")
    assert str(message.segment("OBR")[4]) == "719178004^MR prostata^SCT^MRP1^MR prostata OPT^99LOKAL"


def test_who_has_two_referrals_gets_both_cancelled(world: World) -> None:
    man = to_urology(world)
    world.refer(man)
    with world.context.sessions.read() as session:
        kinds = session.scalars(select(Referral.kind).where(Referral.person_id == man).order_by(Referral.id)).all()
    assert list(kinds) == [ReferralKind.MRI, ReferralKind.UROLOGY]
    world.act(man, "close", detail="dead")
    assert export(world).referral_cancellations == 1, "the MRI has been answered: nothing of it is to be cancelled"
