"""What a user with a fresh mind could do to lose somebody, and cannot any more."""

from datetime import timedelta

import pytest

from kansli_tui.errors import RefusedError
from kansli_tui.pathway.steps import ClosedReason, Queue, Step
from kansli_tui.rows.answers import MessageState
from tests.world import World


@pytest.fixture
def man(world: World) -> int:
    man = world.man()
    world.offer(man)
    world.clock.advance(days=10)
    return man


def test_a_wish_about_offers_does_not_end_the_care_that_is_owed(world: World, man: int) -> None:
    world.answer(man, "212")
    world.confirm(Queue.URGENT, man)
    assert "opt_out" not in world.case(man).actions
    with pytest.raises(RefusedError, match="owed"):
        world.act(man, "close", detail="moved_out")
    assert world.tasks(man) == [Queue.UROLOGY_REFERRAL]
    world.act(man, "close", detail="dead")
    assert world.person(man).closed_reason is ClosedReason.DEAD


def test_nothing_is_postponed_for_ever_and_can_be_taken_up_before(world: World, man: int) -> None:
    world.answer(man, "18.4")
    row = world.shown(Queue.RAISED, man)
    with pytest.raises(RefusedError, match="183"):
        world.office.decisions.postpone(
            world.anna, row.decision_id, version=row.version, on=world.today + timedelta(days=184), reason="x"
        )
    on = world.today + timedelta(days=30)
    world.office.decisions.postpone(world.anna, row.decision_id, version=row.version, on=on, reason="infektion")
    world.act(man, "resume", reason="Ringde, är frisk")
    assert world.step(man) is Step.REPEAT_TO_POST
    assert world.adds_up()


def test_an_offer_is_postponed_a_year_at_most(world: World) -> None:
    man = world.man()
    with pytest.raises(RefusedError, match="year"):
        world.act(man, "postpone", on=world.today + timedelta(days=800))
    world.act(man, "postpone", on=world.today + timedelta(days=200))
    world.act(man, "resume")
    assert world.step(man) is Step.NOT_DUE


def test_an_open_question_is_shown_and_keeps_him_out_of_the_batch(world: World, man: int) -> None:
    world.answer(man, "0.8")
    world.office.cases.ask_physician(world.anna, man, "Behandlas med finasterid")
    assert any("finasterid" in line for line in world.shown(Queue.NORMAL, man).blocked_by)
    preview = world.office.decisions.preview_low(world.anna)
    assert preview.count == 0
    assert preview.left_out


def test_a_held_answer_is_seen_on_the_case_and_stops_the_window(world: World, man: int) -> None:
    assert world.take(world.message(man, "580", unit="ng/L")).count(MessageState.HELD) == 1
    case = world.case(man)
    assert any(world.order(man) in line for line in case.blocked_by)
    world.clock.advance(days=120)
    assert world.office.daily.run(world.anna).expired == 0
    (held,) = world.office.held.held(world.anna)
    world.office.held.send_back(world.anna, held.message_id, "fel enhet")
    assert any(line.kind == "message" and "fel enhet" in line.detail for line in world.case(man).timeline)
    assert world.office.daily.run(world.anna).expired == 1


def test_a_plain_zero_is_held(world: World, man: int) -> None:
    (item,) = world.take(world.message(man, "0")).items
    assert (item.state, item.message) == (MessageState.HELD, "The value is exactly zero")
