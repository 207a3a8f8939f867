"""Held answers: a person sees to them, once, and what the answer says is never overruled."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from db.models import LabMessage
from kansli_tui.errors import ChangedBySomeoneElseError, NotAllowedError, NotFoundError, RefusedError
from kansli_tui.pathway.steps import Queue, Step
from kansli_tui.rows.answers import HeldRow, MessageState
from kansli_tui.rows.office import Actor
from kansli_tui.rows.population import Protection
from tests.world import World


@pytest.fixture
def man(world: World) -> int:
    person = world.man()
    world.offer(person)
    world.clock.advance(days=10)
    return person


def hold(world: World, raw: bytes) -> HeldRow:
    (item,) = world.take(raw).items
    assert item.state is MessageState.HELD
    return world.office.held.held(world.anna)[-1]


def state(world: World, message_id: int) -> MessageState:
    with world.context.sessions.read() as session:
        return session.get_one(LabMessage, message_id).state


def test_what_is_held_says_why_what_to_do_what_it_says_and_whose_it_may_be(world: World, man: int) -> None:
    row = hold(world, world.message(man, "3.4", born="19760101"))
    assert row.reason == "The birth date contradicts the register"
    assert row.fix
    assert dict(row.summary)["Order"] == world.order(man)
    assert ("NPU08669", "3.4 ug/L (F)") in row.summary
    assert [candidate.person_id for candidate in row.candidates] == [man]
    assert "held.show" in world.audit(man), "whose data are shown is logged"


def test_matching_lets_it_count_once(world: World, man: int) -> None:
    row = hold(world, world.message(man, "3.4", order="OPT-2026-424242"))
    (candidate,) = row.candidates
    with pytest.raises(RefusedError, match="State why"):
        world.office.held.match(world.anna, row.message_id, candidate.order_id, " ")
    world.office.held.match(world.anna, row.message_id, candidate.order_id, "fel nummer\x00 hos labb")
    assert state(world, row.message_id) is MessageState.MATCHED
    assert world.tasks() == [Queue.RAISED]
    assert {"held.matched", "answer.take"} <= set(world.audit(man))
    for act in (
        lambda: world.office.held.match(world.anna, row.message_id, candidate.order_id, "igen"),
        lambda: world.office.held.refuse(world.per, row.message_id, "nej"),
    ):
        with pytest.raises(ChangedBySomeoneElseError):
            act()
    assert world.adds_up()


@pytest.mark.parametrize("way", ["refuse", "send_back"])
def test_refused_and_sent_back_ones_are_kept_and_never_count(world: World, man: int, way: str) -> None:
    raw = world.message(man, "3.4", born="19760101")
    row = hold(world, raw)
    act: Callable[[Actor, int, str], None] = getattr(world.office.held, way)
    with pytest.raises(RefusedError):
        act(world.anna, row.message_id, "\n")
    act(world.anna, row.message_id, "annan patient")
    assert state(world, row.message_id) in (MessageState.REFUSED, MessageState.RETURNED)
    assert world.office.held.held(world.anna) == ()
    assert world.tasks() == []
    assert world.step(man) is Step.AWAITING_SAMPLE
    assert [item.state for item in world.take(raw).items] == [MessageState.NO_EFFECT]


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"unit": "ng/L"}, "unit"),
        ({"value": ""}, "empty"),
        ({"value": '""'}, "empty"),
        ({"value": "tre"}, "cannot be read"),
        ({"sampled": ""}, "time of sampling"),
        ({"sampled": "20290101080000"}, "future"),
        ({"status": "Q"}, "status"),
    ],
)
def test_what_the_answer_says_can_not_be_matched_away(world: World, man: int, more: dict[str, str], why: str) -> None:
    row = hold(world, world.message(man, **{"value": "3.4", **more}))
    with pytest.raises(RefusedError, match=why):
        world.office.held.match(world.anna, row.message_id, row.candidates[0].order_id, "ändå")
    assert state(world, row.message_id) is MessageState.HELD
    assert world.step(man) is Step.AWAITING_SAMPLE
    assert Queue.HELD in world.tasks()


def test_a_dead_mans_answer_can_not_be_matched(world: World, man: int) -> None:
    raw = world.message(man, "3.4")
    world.act(man, "close", detail="dead")
    row = hold(world, raw)
    with pytest.raises(RefusedError, match="dead"):
        world.office.held.match(world.anna, row.message_id, row.candidates[0].order_id, "ändå")


def test_unreadable_bytes_are_shown_as_such_and_can_be_sent_back(world: World, man: int) -> None:
    row = hold(world, b"MSH|^~\\&|LAB\x00\xff|broken")
    assert (row.summary, row.candidates) == ((), ())
    with pytest.raises(RefusedError):
        world.office.held.match(world.anna, row.message_id, 1, "x")
    world.office.held.send_back(world.anna, row.message_id, "trasig fil")
    assert world.tasks() == []


def test_the_names_of_protected_people_do_not_stand_there(world: World, man: int) -> None:
    from db.models import Person  # noqa: PLC0415

    raw = world.message(man, "3.4", born="19760101").replace(b"X^Y", b"Hemlig^Person")
    with world.context.sessions.begin() as session:
        session.get_one(Person, man).protection = Protection.CONFIDENTIALITY
    row = hold(world, raw)
    assert "Hemlig" not in repr(row)
    assert "Öberg" not in repr(row)


def test_a_region_sees_its_own_and_what_is_nobodys(world: World, jkp: Actor, man: int) -> None:
    own = hold(world, world.message(man, "3.4", born="19760101"))
    hold(world, world.message(man, "3.4", order="OPT-1"))
    assert [row.reason for row in world.office.held.held(jkp)] == ["The order number is not ours"]
    (foreign,) = world.office.held.held(jkp)
    assert foreign.candidates == (), "whose it may be is not told to another region"
    with pytest.raises(NotAllowedError):
        world.office.held.refuse(jkp, own.message_id, "x")
    with pytest.raises(NotAllowedError):
        world.office.held.match(jkp, foreign.message_id, own.candidates[0].order_id, "x")


def test_unknown_messages_and_orders(world: World, man: int) -> None:
    row = hold(world, world.message(man, "3.4", born="19760101"))
    with pytest.raises(NotFoundError):
        world.office.held.refuse(world.anna, 999, "x")
    with pytest.raises(NotFoundError):
        world.office.held.match(world.anna, row.message_id, 999, "x")


def test_the_same_id_with_other_content_can_be_matched_when_a_person_has_asked(world: World, man: int) -> None:
    world.answer(man, "2.4", control="M1")
    row = hold(world, world.message(man, "3.4", control="M1", status="C"))
    assert row.reason == "Same message id as before but other content"
    world.office.held.match(world.anna, row.message_id, row.candidates[0].order_id, "labb bekräftar")
    assert world.tasks() == [Queue.RAISED]


def test_every_held_message_has_exactly_one_task(world: World, man: int) -> None:
    for value in ("1.0", "2.0"):
        world.take(world.message(man, value, order="OPT-1"))
    rows = world.office.held.held(world.anna)
    assert len({row.task_id for row in rows}) == 2
    with world.context.sessions.read() as session:
        assert len(session.scalars(select(LabMessage)).all()) == 2
