"""Orders out: what the laboratory gets, once, and what it never gets."""

from pathlib import Path
from typing import Any

import hl7
import pytest
from sqlalchemy import select

from db.models import Person, PsaOrder
from kansli_tui.errors import KansliError, NotAllowedError, NotFoundError, RefusedError
from kansli_tui.exchange.worklist import read_receipts
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.steps import Event, Queue, Step
from kansli_tui.rows.answers import OrderExport, OrderState
from kansli_tui.rows.office import Actor
from kansli_tui.rows.population import Protection
from kansli_tui.service.walk import Walk
from tests.world import World


def waiting(world: World, *people: dict[str, Any], region: str = "05") -> list[int]:
    """People whose order waits to be sent."""
    made = [world.man(**{"region": region, **values}) for values in people]
    for man in made:
        world.act(man, "offer_now")
    world.post()
    if region == "06":
        for man in made:
            world.act(man, "accept")
    for man in made:
        assert world.step(man) is Step.ORDER_TO_SEND
    return made


def export(world: World, to: Path | None = None) -> OrderExport:
    world.clock.advance(minutes=1)
    return world.office.orders.export(world.anna, to or world.folder / "ut")


def messages(made: OrderExport, what: str) -> list[Any]:
    raw = b"".join(Path(file).read_bytes() for file in made.files if what in Path(file).name and file.endswith(".hl7"))
    texts = [f"MSH{part}" for part in raw.decode().split("MSH") if part]
    return [hl7.parse(text) for text in texts]


def state(world: World, man: int) -> OrderState:
    with world.context.sessions.read() as session:
        return session.scalars(
            select(PsaOrder.state).where(PsaOrder.person_id == man).order_by(PsaOrder.id.desc())
        ).all()[0]


def test_the_files_read_back_and_the_people_are_moved(world: World) -> None:
    first, second = waiting(world, {"family_name": "Å^|~&ström"}, {"family_name": "Öberg"})
    made = export(world)
    assert (made.orders, made.cancellations, made.left_out) == (2, 0, ())
    read = messages(made, "bestallningar")
    assert [str(message.segment("MSH")[9]) for message in read] == ["OML^O21^OML_O21"] * 2
    numbers = {str(message.segment("ORC")[2]).split("^")[0] for message in read}
    assert numbers == {world.order(first), world.order(second)}
    persons = {str(message.segment("PID")[3]).split("^")[0] for message in read}
    assert persons == {world.person(first).number, world.person(second).number}
    (worklist,) = (Path(file) for file in made.files if file.endswith(".csv"))
    assert worklist.read_bytes().decode("utf-8-sig").count("\r\n") == 3
    assert read_receipts(worklist.read_bytes()).receipts == ()
    assert {world.step(man) for man in (first, second)} == {Step.AWAITING_SAMPLE}
    assert "order.send" in world.audit(first)
    assert world.adds_up()


def test_a_second_export_writes_nothing(world: World, tmp_path: Path) -> None:
    waiting(world, {})
    export(world)
    again = export(world, tmp_path / "igen")
    assert (again.orders, again.cancellations, again.files) == (0, 0, ())
    assert not (tmp_path / "igen").exists()


def test_an_order_is_not_sent_before_its_letter_has_left(world: World) -> None:
    man = world.man()
    world.act(man, "offer_now")
    assert export(world).orders == 0
    assert world.office.orders.rows(world.anna) == ()
    world.post()
    assert len(world.office.orders.rows(world.anna)) == 1


def test_where_the_region_orders_at_acceptance_nothing_waits_before_it(world: World) -> None:
    man = world.man(region="06", municipality="0685")
    world.act(man, "offer_now")
    world.post()
    assert world.step(man) is Step.OFFERED
    assert export(world).orders == 0
    world.act(man, "accept")
    assert export(world).orders == 1
    assert world.step(man) is Step.AWAITING_SAMPLE
    assert world.adds_up()


def test_a_death_after_the_order_sends_one_cancellation(world: World) -> None:
    (man,) = waiting(world, {})
    export(world)
    world.act(man, "close", detail="dead")
    made = export(world)
    (message,) = messages(made, "avbestallningar")
    assert str(message.segment("ORC")[1]) == "CA"
    assert str(message.segment("ORC")[2]).split("^")[0] == world.order(man)
    assert (made.orders, made.cancellations) == (0, 1)
    assert export(world).cancellations == 0


def test_an_order_that_was_never_sent_is_cancelled_without_a_message(world: World) -> None:
    (man,) = waiting(world, {})
    world.act(man, "decline")
    made = export(world)
    assert (made.orders, made.cancellations, made.files) == (0, 0, ())
    assert state(world, man) is OrderState.CANCELLED


def test_an_order_that_is_no_longer_needed_is_cancelled_at_the_laboratory(world: World) -> None:
    (man,) = waiting(world, {})
    first = world.order(man)
    export(world)
    world.clock.advance(days=3)
    world.answer(man, "", status="X")
    world.confirm(Queue.REPEAT, man)
    world.post(LetterType.REPEAT_SAMPLE)
    export(world)
    second = world.order(man)
    world.clock.advance(days=3)
    world.answer(man, "2.0", order=first)
    made = export(world)
    (message,) = messages(made, "avbestallningar")
    assert str(message.segment("ORC")[2]).split("^")[0] == second
    assert world.adds_up()


def test_an_expired_order_needs_no_cancellation(world: World) -> None:
    (man,) = waiting(world, {})
    export(world)
    world.clock.advance(days=91)
    world.office.daily.run(world.anna)
    assert state(world, man) is OrderState.EXPIRED
    assert export(world).files == ()


def test_a_failing_disk_marks_nothing_and_leaves_no_half_export(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kansli_tui.service import orders  # noqa: PLC0415

    (man,) = waiting(world, {})
    whole, calls = orders.write_whole, []

    def full(directory: Path, name: str, data: bytes) -> Path:
        calls.append(name)
        if len(calls) == 2:
            raise RefusedError("The disk is full.")
        return whole(directory, name, data)

    monkeypatch.setattr(orders, "write_whole", full)
    with pytest.raises(RefusedError):
        export(world, tmp_path)
    assert list(tmp_path.glob("psa-*")) == []
    assert (world.step(man), state(world, man)) == (Step.ORDER_TO_SEND, OrderState.CREATED)
    monkeypatch.undo()
    assert export(world, tmp_path).orders == 1
    assert world.adds_up()


def test_a_folder_that_cannot_be_written_says_so(world: World, tmp_path: Path) -> None:
    (man,) = waiting(world, {})
    (tmp_path / "fil").write_text("x")
    with pytest.raises(RefusedError, match="could not be written"):
        export(world, tmp_path / "fil")
    assert world.step(man) is Step.ORDER_TO_SEND


def test_a_protected_persons_address_stays_in_the_house(world: World) -> None:
    waiting(
        world,
        {
            "protection": Protection.CONFIDENTIALITY,
            "address": {"adr2": "Hemligvägen 7", "postnr": "58000", "ort": "GÖMSTA"},
        },
    )
    made = export(world)
    everything = b"".join(Path(file).read_bytes() for file in made.files).decode()
    assert "Hemligvägen" not in everything
    assert "GÖMSTA" not in everything
    assert made.orders == 1


def test_a_held_person_waits_and_others_are_sent(world: World) -> None:
    held, free = waiting(world, {}, {})
    with world.context.sessions.begin() as session:
        made = Walk(session, world.anna, world.clock(), world.context.rules(session))
        made.block(session.get_one(Person, held), "duplicate", "Possible duplicate")
    assert export(world).orders == 1
    assert (world.step(held), world.step(free)) == (Step.ORDER_TO_SEND, Step.AWAITING_SAMPLE)
    world.act(held, "unblock")
    assert export(world).orders == 1


def test_an_order_that_cannot_be_written_is_named_and_the_rest_are_sent(world: World) -> None:
    odd, plain = waiting(world, {}, {})
    with world.context.sessions.begin() as session:
        session.get_one(Person, odd).family_name = "Ber\x07g"
    made = export(world)
    assert made.orders == 1
    (left,) = made.left_out
    assert world.order(odd) in left
    assert "Ber" not in left
    assert (world.step(odd), world.step(plain)) == (Step.ORDER_TO_SEND, Step.AWAITING_SAMPLE)


def test_other_regions_orders_are_not_sent(world: World, jkp: Actor) -> None:
    waiting(world, {})
    made = world.office.orders.export(jkp, world.folder / "jkp")
    assert made.orders == 0
    assert world.office.orders.rows(jkp, state=None) == ()
    with pytest.raises(NotAllowedError):
        world.office.orders.rows(jkp, region="05")


# Receipts


def test_the_receipt_is_typed_back_once(world: World, jkp: Actor) -> None:
    (man,) = waiting(world, {})
    number = world.order(man)
    service = world.office.orders
    with pytest.raises(RefusedError, match="not been sent"):
        service.receipt(world.anna, number, "R-1")
    export(world)
    with pytest.raises(NotAllowedError):
        service.receipt(jkp, number, "R-1")
    service.receipt(world.anna, f" {number} ", " R-1 ")
    service.receipt(world.anna, number, "R-1")
    with pytest.raises(RefusedError, match="another receipt"):
        service.receipt(world.anna, number, "R-2")
    (row,) = service.rows(world.anna, state=None)
    assert row.receipt == "R-1"
    assert "order.receipt" in world.audit(man)


@pytest.mark.parametrize("receipt", ["", "  ", "x" * 61])
def test_a_receipt_that_is_none_is_refused(world: World, receipt: str) -> None:
    (man,) = waiting(world, {})
    export(world)
    with pytest.raises(KansliError):
        world.office.orders.receipt(world.anna, world.order(man), receipt)


def test_an_unknown_order(world: World) -> None:
    with pytest.raises(NotFoundError):
        world.office.orders.receipt(world.anna, "OPT-2026-999999\x00", "R-1")


def test_a_killed_export_marks_nothing_and_the_next_sends_under_the_same_ids(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    men = waiting(world, {}, {}, {})
    whole, calls = Walk.move, []

    def killed(self: Walk, person: Person, event: Event, **more: Any) -> Step:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return whole(self, person, event, **more)

    monkeypatch.setattr(Walk, "move", killed)
    with pytest.raises(KeyboardInterrupt):
        export(world, tmp_path / "1")
    monkeypatch.undo()
    assert {world.step(man) for man in men} == {Step.ORDER_TO_SEND}
    made = export(world, tmp_path / "2")
    assert made.orders == 3
    # The first files may have left before the power went: the laboratory knows the message by its id.
    killed_ids = {
        str(hl7.parse(f"MSH{part}").segment("MSH")[10])
        for file in (tmp_path / "1").glob("*.hl7")
        for part in file.read_text().split("MSH")
        if part
    }
    assert killed_ids == {str(message.segment("MSH")[10]) for message in messages(made, "bestallningar")}
    assert world.adds_up()
