"""The working session: a key acts on the man it was typed for, once, and everything is said in words."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from textual import events
from textual.message import Message

from db.models import Person, PsaAnswer, Task
from db.queries.people import by_id
from kansli_tui.app import KansliApp
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.ruleset import Outcome
from kansli_tui.pathway.steps import Queue, Step
from kansli_tui.rows.population import Protection
from kansli_tui.service.walk import Walk
from screens.answer_session import AnswerSession
from screens.answers import AnswersScreen
from screens.asking import AskNumber
from screens.case import CaseScreen
from screens.dialogs import Choose
from tests.screens.at_work import answered, app_of, go
from tests.screens.conftest import SIZE, seen, settle
from tests.world import World

pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)
"""Screens know no database: one of them is enough."""


@pytest.fixture(autouse=True)
def without_rest(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    monkeypatch.setattr(AnswerSession, "REST", 0)
    return lambda seconds: monkeypatch.setattr(AnswerSession, "REST", seconds)


async def at(pilot: Any, app: KansliApp, queue: Queue) -> AnswersScreen:
    await settle(pilot)
    app.open_queue(queue)
    await settle(pilot)
    screen = app.screen
    assert isinstance(screen, AnswersScreen)
    return screen


def lease(world: World, person: int) -> str | None:
    with world.context.sessions.read() as session:
        return session.scalar(select(Task.lease_by).where(Task.person_id == person, Task.closed_at.is_(None)))


async def test_the_proposal_its_reason_and_its_consequence_stand_before_the_key(world: World) -> None:
    answered(world, "3.4")
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app, Queue.RAISED)
        shown = seen(app)
        assert "Provsvar · Förhöjda · 1 kvar" in shown
        assert "PSA        3,4 µg/l" in shown
        assert "FÖRSLAG    MR-remiss   regel 12, SÖSR 2026:2" in shown
        assert "Varför     PSA 3,4 µg/l är lika med eller över 3 och under 100 vid 50 år" in shown
        assert "Sedan      Brev ”förhöjt PSA” och MR-remiss till" in shown
        assert "Hinder     inga" in shown
        assert "Tidslinje  14 sep Förbrev · 28 sep Erbjudande" in shown
        assert "Enter bekräfta  A annat beslut  O omprov  L läkarfråga  U skjut upp  H håll" in shown


async def test_enter_confirms_the_man_on_screen_and_the_next_one_comes(world: World) -> None:
    first, second = answered(world, "3.4", "4.1")
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        screen = await at(pilot, app, Queue.RAISED)
        assert "Nästa: " in seen(app)
        assert "Man1, Åke  4,1 µg/l" in seen(app)
        await go(pilot, "enter")
        assert "✓" in seen(app)
        assert "Man0, Åke: MR-remiss" in seen(app)
        assert screen.shown is not None
        assert screen.shown.person_id == second
        assert "1 kvar" in seen(app)
    assert world.step(first) is Step.MRI_TO_REFER
    assert world.step(second) is Step.ANSWER_TO_ASSESS
    assert world.audit(first).count("decision.confirm") == 1
    assert world.letters(first)[-1][0] is LetterType.PSA_RAISED


async def test_enter_twice_confirms_one_man_only(world: World, without_rest: Callable[[float], None]) -> None:
    first, second = answered(world, "3.4", "4.1")
    without_rest(60)
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        screen = await at(pilot, app, Queue.RAISED)
        screen._rested()
        screen._quiet_until = 0
        await pilot.press("enter", "enter")
        await settle(pilot)
        await go(pilot, "enter", "enter", "o", "enter")
        assert world.step(first) is Step.MRI_TO_REFER
        assert world.step(second) is Step.ANSWER_TO_ASSESS
        assert not isinstance(app.screen, Choose)
        screen._rested()
        screen._quiet_until = 0
        await go(pilot, "enter")
    assert world.step(second) is Step.MRI_TO_REFER


async def test_a_key_typed_before_the_man_came_up_is_not_for_him(world: World) -> None:
    (person,) = answered(world, "3.4")
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        screen = await at(pilot, app, Queue.RAISED)
        late = events.Key("enter", None)
        screen._quiet_until = Message().time + 0.1
        app.post_message(late)
        await settle(pilot)
        assert world.step(person) is Step.ANSWER_TO_ASSESS
        screen._quiet_until = 0
        await go(pilot, "enter")
    assert world.step(person) is Step.MRI_TO_REFER


async def test_a_key_that_is_held_down_keeps_the_keys_at_rest(
    world: World, without_rest: Callable[[float], None]
) -> None:
    answered(world, "3.4")
    without_rest(60)
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        screen = await at(pilot, app, Queue.RAISED)
        before = screen._quiet_until
        await go(pilot, "enter")
        assert screen._quiet_until > before
        await go(pilot, "down")
        assert screen._quiet_until > before, "only writing keys lengthen the rest"


async def test_what_a_colleague_has_confirmed_is_told_and_the_next_man_is_untouched(world: World) -> None:
    first, second = answered(world, "3.4", "4.1")
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        screen = await at(pilot, app, Queue.RAISED)
        row = world.shown(Queue.RAISED, first)
        world.office.queues.take(world.per, row.task_id, take_over=True)
        world.office.decisions.confirm(
            world.per, row.decision_id, version=row.version, outcome=Outcome.REPEAT, reason="hemolys"
        )
        await go(pilot, "enter")
        assert "✗ Ärendet har ändrats sedan det visades. Se på det igen." in seen(app)
        assert screen.shown is not None
        assert screen.shown.person_id == second
    assert world.step(first) is Step.REPEAT_TO_POST
    assert world.step(second) is Step.ANSWER_TO_ASSESS


async def test_what_blocks_is_shown_and_the_refusal_is_in_words(world: World) -> None:
    (person,) = answered(world, "3.4")
    with world.context.sessions.begin() as session:
        walk = Walk(session, world.per, world.clock(), world.context.rules(session))
        walk.block(by_id(session, person, lock=True), "register", "Moved to another county")
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app, Queue.RAISED)
        assert "Hinder     ! " in seen(app)
        await go(pilot, "enter")
        assert "✗ Personen är stoppad: ta hand om registeruppgiften först." in seen(app)
    assert world.step(person) is Step.ANSWER_TO_ASSESS


async def test_a_very_high_value_is_announced_in_every_queue_and_says_phone_first(world: World) -> None:
    answered(world, "2.0", "140")
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app, Queue.NORMAL)
        assert "!1 Mycket högt 1" in seen(app)
        await go(pilot, "1")
        assert "RING FÖRST, idag: före brev och remiss" in seen(app)
        assert "FÖRSLAG    Remiss till urolog" in seen(app)


async def test_where_the_rules_leave_it_to_a_person_he_chooses_with_a_reason(world: World) -> None:
    (person,) = answered(world, "<^5", type="SN")
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app, Queue.UNDECIDED)
        await go(pilot, "enter")
        assert isinstance(app.screen, Choose)
        assert "MR-remiss" in seen(app)
        assert "Nytt erbjudande" not in seen(app)
        await go(pilot, "enter", "enter")
        assert "✗" in seen(app), "no decision without a reason"
        await pilot.press(*"läkare har sett svaret", "enter")
        await settle(pilot)
    assert world.step(person) is Step.MRI_TO_REFER


async def test_a_repeat_sample_instead_needs_a_reason(world: World) -> None:
    (person,) = answered(world, "3.4")
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app, Queue.RAISED)
        await go(pilot, "o")
        await pilot.press(*"provet stod varmt", "enter")
        await settle(pilot)
        assert "Inget svar väntar här." in seen(app)
    assert world.step(person) is Step.REPEAT_TO_POST


async def test_postponed_to_a_day(world: World) -> None:
    (person,) = answered(world, "3.4")
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app, Queue.RAISED)
        await go(pilot, "u")
        await pilot.press(*"2026-11-02", "enter", *"urinvägsinfektion", "enter")
        await settle(pilot)
    assert world.step(person) is Step.POSTPONED
    assert world.person(person).next_on == date(2026, 11, 2)


async def test_question_and_note_leave_the_man_in_the_queue(world: World) -> None:
    (person,) = answered(world, "3.4")
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        screen = await at(pilot, app, Queue.RAISED)
        await go(pilot, "l")
        await pilot.press(*"finasterid?", "enter")
        await settle(pilot)
        await go(pilot, "n")
        await pilot.press(*"ringde om svaret", "enter")
        await settle(pilot)
        assert screen.shown is not None
        assert screen.shown.person_id == person
        await go(pilot, "v")
        assert isinstance(app.screen, CaseScreen)
        assert "ringde om svaret" in seen(app)
        await go(pilot, "escape", "enter", "enter")
        assert "✗ Skriv några ord" in seen(app), "an open question is not passed with Enter"
        assert world.step(person) is Step.ANSWER_TO_ASSESS
        await go(pilot, *"besvarad", "enter")
    assert Queue.MEDICAL in world.tasks(person)
    assert world.step(person) is Step.MRI_TO_REFER


async def test_the_man_on_screen_is_leased_and_given_back(world: World) -> None:
    first, second = answered(world, "3.4", "4.1")
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app, Queue.RAISED)
        assert lease(world, first) == "anna"
        await go(pilot, "right")
        assert (lease(world, first), lease(world, second)) == (None, "anna")
        await go(pilot, "right")
        assert "Det var den sista i kön." in seen(app)
        await go(pilot, "left", "escape")
        assert (lease(world, first), lease(world, second)) == (None, None)


async def test_a_man_who_is_kept_stays_with_the_user(world: World) -> None:
    first, second = answered(world, "3.4", "4.1")
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app, Queue.RAISED)
        await go(pilot, "h")
        assert (lease(world, first), lease(world, second)) == ("anna", "anna")
        await go(pilot, "left", "h", "right")
        assert (lease(world, first), lease(world, second)) == (None, "anna")


async def test_whom_a_colleague_works_on_is_named_and_taken_over_explicitly(world: World) -> None:
    first, second = answered(world, "3.4", "4.1")
    world.office.queues.take(world.per, world.shown(Queue.RAISED, first).task_id)
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        screen = await at(pilot, app, Queue.RAISED)
        assert screen.shown is not None
        assert screen.shown.person_id == second, "one begins with somebody who is free"
        await go(pilot, "left")
        assert "! per arbetar med detta. T tar över." in seen(app)
        await go(pilot, "enter")
        assert world.step(first) is Step.ANSWER_TO_ASSESS
        await go(pilot, "t")
        assert lease(world, first) == "anna"
        await go(pilot, "enter")
    assert world.step(first) is Step.MRI_TO_REFER
    assert "task.take_over" in world.audit(first)


async def test_an_empty_queue_is_calm_and_says_what_else_waits(world: World) -> None:
    answered(world, "2.0")
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        screen = await at(pilot, app, Queue.REPEAT)
        assert "Inget svar väntar här." in seen(app)
        assert "5  Normala: 1" in seen(app)
        await go(pilot, "enter", "o", "u", "h", "right", "left", "t", "v", "n", "l", "b")
        assert app.screen is screen
        await go(pilot, "5")
        assert screen.shown is not None


async def test_low_values_together_after_the_count_is_typed(world: World) -> None:
    people = answered(world, "0.6", "2.4", "1.1")
    (alone,) = people[2:]
    with world.context.sessions.begin() as session:
        answer = session.scalars(select(PsaAnswer).where(PsaAnswer.person_id == alone)).one()
        answer.comment = "Hemolys"
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app, Queue.NORMAL)
        await go(pilot, "b")
        assert isinstance(app.screen, AskNumber)
        shown = seen(app)
        assert "Bekräfta 2 låga svar tillsammans?" in shown
        assert "Man0, Åke  0,6 µg/l" in shown
        assert "Laboratoriet har skrivit en" in shown
        await go(pilot, "enter", "3", "enter")
        assert isinstance(app.screen, AskNumber), "another number than the count confirms nothing"
        assert world.step(people[0]) is Step.ANSWER_TO_ASSESS
        await go(pilot, "backspace", "2", "enter")
        assert "✓ 2 svar är bekräftade." in seen(app)
        assert "1 kvar" in seen(app)
    assert [world.step(person) for person in people] == [
        Step.ANSWER_LETTER_TO_POST,
        Step.ANSWER_LETTER_TO_POST,
        Step.ANSWER_TO_ASSESS,
    ]
    assert all("decision.confirm" in world.audit(person) for person in people[:2])


async def test_low_values_that_have_changed_since_the_preview_are_refused(world: World) -> None:
    people = answered(world, "0.6", "2.4")
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app, Queue.NORMAL)
        await go(pilot, "b", "2")
        world.answer(people[0], "5.5", status="C")
        await go(pilot, "enter")
        assert "✗ Svaren har ändrats sedan förhandsvisningen. Se på den igen." in seen(app)
    assert [world.step(person) for person in people] == [Step.ANSWER_TO_ASSESS] * 2


async def test_protected_people_stand_masked(world: World) -> None:
    answered(world, "3.4")
    with world.context.sessions.begin() as session:
        session.scalars(select(Person)).one().protection = Protection.CONFIDENTIALITY
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app, Queue.RAISED)
        assert "Man0" not in seen(app)
        assert "SKYDDAD" in seen(app).upper()


async def test_a_long_queue_is_gone_through_in_order_without_skipping_anybody(world: World) -> None:
    people = [world.man(family_name=f"Man{place}") for place in range(26)]
    world.offer(*people)
    world.clock.advance(days=2)
    for person in people:
        world.clock.advance(minutes=1)
        world.answer(person, "3.4")
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        screen = await at(pilot, app, Queue.RAISED)
        met = []
        for _place in people:
            assert screen.shown is not None
            met.append(screen.shown.person_id)
            await go(pilot, "right")
        assert met == people
        assert "Det var den sista i kön." in seen(app)
        assert len(screen._rows) < len(people), "a window, not the whole queue"
        await go(pilot, "enter")
        assert screen.shown is not None, "those who were skipped wait still"
        while screen._from is not None or screen._rows[0].person_id != people[0]:
            await go(pilot, "left")
        assert "25 kvar" in seen(app)
    assert [world.step(person) for person in (people[0], people[-1])] == [Step.ANSWER_TO_ASSESS, Step.MRI_TO_REFER]
