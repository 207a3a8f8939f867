"""The day's run: what the date makes due happens once, on the day and not before."""

from datetime import date, timedelta

import pytest

from db.models import Person
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.steps import ClosedReason, Queue, Step
from kansli_tui.rows.letter_states import LetterState
from kansli_tui.rows.office import Actor
from kansli_tui.service.daily import DailyReport
from kansli_tui.service.walk import Walk
from tests.factories import a_number
from tests.world import World


def run(world: World) -> DailyReport:
    made = world.office.daily.run(world.anna)
    again = world.office.daily.run(world.anna)
    assert again.total == 0, "twice on a day does nothing twice"
    return made


def block(world: World, man: int) -> None:
    with world.context.sessions.begin() as session:
        made = Walk(session, world.anna, world.clock(), world.context.rules(session))
        made.block(session.get_one(Person, man), "duplicate", "Possible duplicate")


def test_the_offer_follows_the_pre_letter_on_its_day(world: World) -> None:
    man = world.man()
    world.release(world.plan())
    world.post()
    world.clock.advance(days=13)
    assert run(world).total == 0
    world.clock.advance(days=1)
    assert run(world).offers == 1
    assert (world.step(man), world.letters(man)[-1]) == (
        Step.OFFER_TO_POST,
        (LetterType.OFFER, LetterState.PREPARED),
    )
    assert "daily.offer" in world.audit(man)
    assert world.adds_up()


def test_the_window_is_open_on_its_last_day_and_closed_after_it(world: World) -> None:
    man = world.man()
    world.offer(man)
    offered = world.today
    world.clock.advance(days=90)
    assert run(world).expired == 0
    raw = world.message(man, "2.0")
    world.clock.advance(days=1)
    assert run(world).expired == 1
    assert (world.step(man), world.person(man).next_on) == (Step.NOT_DUE, offered.replace(year=offered.year + 2))
    assert world.letters(man)[-1][1] is LetterState.POSTED, "no reminder letter, on purpose"
    assert world.take(raw).items[0].state == "applied", "a sample in time counts whenever its answer comes"
    assert world.adds_up()


@pytest.mark.parametrize("accepted", [False, True])
def test_an_offer_nobody_answers_and_an_order_nobody_sends_expire(world: World, accepted: bool) -> None:
    man = world.man(region="06", municipality="0685")
    world.act(man, "offer_now")
    world.post()
    if accepted:
        world.act(man, "accept")
    world.clock.advance(days=91)
    assert run(world).expired == 1
    assert world.step(man) is Step.NOT_DUE
    assert world.office.orders.export(world.anna, world.folder).files == ()
    assert world.adds_up()


def test_whoever_is_held_waits_until_somebody_has_looked(world: World) -> None:
    man = world.man()
    world.offer(man)
    block(world, man)
    world.clock.advance(days=100)
    assert run(world).total == 0
    world.act(man, "unblock")
    assert run(world).expired == 1


def test_a_postponement_ends_on_its_day(world: World) -> None:
    man = world.man()
    world.act(man, "postpone", on=world.today + timedelta(days=30))
    world.clock.advance(days=29)
    assert run(world).resumed == 0
    world.clock.advance(days=1)
    assert run(world).resumed == 1
    assert (world.step(man), world.person(man).next_on) == (Step.NOT_DUE, world.today)
    assert world.release(world.plan()) == 1


def test_the_age_exit_is_the_first_day_of_the_year_after_the_last_age(world: World) -> None:
    old, young = world.man(number=a_number(11, "19521231")), world.man(number=a_number(11, "19530101"))
    world.clock.now = world.clock.now.replace(month=12, day=31)
    assert run(world).aged_out == 0
    world.clock.advance(days=1)
    assert world.today == date(2027, 1, 1)
    assert run(world).aged_out == 1
    assert world.person(old).closed_reason is ClosedReason.AGE
    assert world.step(young) is Step.NOT_DUE
    assert world.adds_up()


def test_silence_becomes_a_task_and_an_answer_ends_it(world: World) -> None:
    man = world.man()
    world.offer(man)
    world.clock.advance(days=5)
    world.answer(man, "2.0", status="P")
    world.clock.advance(days=14)
    assert run(world).reminded == 1
    assert world.tasks(man) == [Queue.CONTACT]
    assert world.person(man).next_on == world.today + timedelta(days=14)
    world.clock.advance(days=14)
    assert run(world).reminded == 1
    assert world.tasks(man) == [Queue.CONTACT], "one task, however long it lasts"
    world.answer(man, "2.0", sampled="20261001080000")
    assert world.tasks(man) == [Queue.NORMAL]
    assert world.adds_up()


def test_a_silent_referral_becomes_a_task_and_a_death_ends_it(world: World) -> None:
    man = world.man()
    world.offer(man)
    world.clock.advance(days=5)
    world.answer(man, "3.4")
    world.confirm(Queue.RAISED, man)
    world.post()
    world.refer(man)
    world.clock.advance(days=14)
    assert run(world).reminded == 1
    assert world.tasks(man) == [Queue.CONTACT]
    world.act(man, "close", detail="dead")
    assert world.tasks(man) == []


def test_the_run_is_the_actors_own_regions(world: World, jkp: Actor) -> None:
    man = world.man()
    world.act(man, "postpone", on=world.today + timedelta(days=1))
    world.clock.advance(days=2)
    assert world.office.daily.run(jkp).total == 0
    assert world.step(man) is Step.POSTPONED


def test_more_people_than_fit_one_transaction(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from kansli_tui.service import daily  # noqa: PLC0415

    monkeypatch.setattr(daily, "_TOGETHER", 2)
    men = [world.man() for _ in range(5)]
    for man in men:
        world.act(man, "postpone", on=world.today + timedelta(days=1))
    world.clock.advance(days=1)
    assert run(world).resumed == 5


def test_a_killed_run_is_made_again_and_ends_right(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from kansli_tui.service import daily  # noqa: PLC0415

    men = [world.man() for _ in range(5)]
    for man in men:
        world.act(man, "postpone", on=world.today + timedelta(days=1))
    world.clock.advance(days=1)
    monkeypatch.setattr(daily, "_TOGETHER", 2)
    whole, calls = Walk.move, []

    def killed(self: Walk, *args: object, **more: object) -> Step:
        calls.append(1)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return whole(self, *args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Walk, "move", killed)
    with pytest.raises(KeyboardInterrupt):
        world.office.daily.run(world.anna)
    monkeypatch.setattr(Walk, "move", whole)
    assert [world.step(man) for man in men].count(Step.NOT_DUE) == 2
    assert world.adds_up()
    assert run(world).resumed == 3
