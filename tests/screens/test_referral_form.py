"""The referral form on the real services: answered, made, sent, and on to the next man of the queue."""

from dataclasses import replace
from typing import Any

import pytest

from db.models import Person
from kansli_tui.app import KansliApp
from kansli_tui.pathway.referrals import ReferralKind, ReferralState
from kansli_tui.pathway.steps import Queue, Step
from screens.base import KansliScreen
from screens.case import CaseScreen
from screens.referral_form import ReferralFormScreen
from screens.tasks import TasksScreen
from tests.screens.at_work import answered, app_of, go
from tests.screens.conftest import SIZE, seen, settle
from tests.screens.mri_help import to_refer
from tests.world import World

pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)


async def form_of(pilot: Any, app: KansliApp, queue: Queue = Queue.MRI_REFERRAL) -> ReferralFormScreen:
    await settle(pilot)
    app.open_queue(queue)
    await settle(pilot)
    await go(pilot, "enter")
    assert isinstance(app.screen, ReferralFormScreen)
    return app.screen


async def test_answers_are_kept_and_what_is_not_asked_says_so(world: World) -> None:
    people = to_refer(world, 1)
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await form_of(pilot, app)
        assert "Röntgenkliniken, Linköping" in seen(app)
        assert "08-465 004 11 · vardagar 8–16" in seen(app)
        assert "4 frågor är inte ställda" in seen(app)
        await go(pilot, "j", "n", "v", "x", "home", "enter", *"2019", "enter")
        assert "Ja, 2019" in seen(app)
        assert "1 fråga är inte ställd" in seen(app)
        await go(pilot, "f", "end", "backspace", "exclamation_mark", "enter")
        await go(pilot, "s")
        question = seen(app)
        assert "Han har svarat ja på det som kan hindra undersökningen" in question
        assert "Ja, 2019" in question
        await go(pilot, "end", "enter", *"rtg", "enter")
        assert isinstance(app.screen, TasksScreen)
        assert "är sparad och går i väg" in " ".join(seen(app).split())
        assert "Ingen mer väntar i kön." in seen(app)
    referral = world.referral(people[0])
    assert referral.state is ReferralState.CREATED
    assert [said for _asked, said in referral.answers] == ["Ja, 2019", "Nej", "Vet ej", "Ej frågat"]
    assert referral.question.endswith("volym!")


async def test_the_next_man_of_the_queue_comes_with_an_empty_form(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = to_refer(world, 3)
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        screen = await form_of(pilot, app)
        await go(pilot, "j", "j", "j", "j")
        await go(pilot, "home", "n", "n", "n", "n")
        monkeypatch.setattr(KansliScreen, "REST", 60)
        await go(pilot, "s", "s")
        shown = seen(app)
        assert "Man1, Åke" in shown
        assert "4 frågor är inte ställda" in shown
        assert world.step(people[1]) is Step.MRI_TO_REFER, "a key pressed once too often is not for the next man"
        monkeypatch.setattr(KansliScreen, "REST", 0)
        screen.resting = False
        await go(pilot, "right")
        assert "Man2, Åke" in seen(app)
        assert [row.lease_by for row in world.office.queues.page(world.per, Queue.MRI_REFERRAL)] == [None, "anna"]
        await go(pilot, "right")
        assert isinstance(app.screen, TasksScreen)
    assert [world.step(person) for person in people] == [
        Step.MRI_REFERRAL_TO_SEND,
        Step.MRI_TO_REFER,
        Step.MRI_TO_REFER,
    ]


async def test_sent_already_with_its_receipt(world: World) -> None:
    people = to_refer(world, 1)
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await form_of(pilot, app)
        await go(pilot, "k", "R", "7", "enter")
        assert "är sparad och noterad som skickad." in " ".join(seen(app).split())
    referral = world.referral(people[0])
    assert (referral.state, referral.receipt) == (ReferralState.SENT, "R7")


async def test_made_but_not_sent_is_told_with_its_number(world: World) -> None:
    people = to_refer(world, 1)
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await form_of(pilot, app)
        await go(pilot, "k", *["R"] * 61, "enter")
        assert "är sparad men inte noterad som skickad: Ett kvittensnummer har högst 60" in " ".join(seen(app).split())
    assert world.referral(people[0]).state is ReferralState.CREATED


async def test_a_very_high_value_is_phoned_before_the_referral_is_made(world: World) -> None:
    world.paper = False
    people = answered(world, "140")
    world.confirm(Queue.URGENT, people[0])
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        screen = await form_of(pilot, app, Queue.UROLOGY_REFERRAL)
        assert "RING HONOM FÖRST" in seen(app)
        await go(pilot, "s")
        assert "Är han uppringd?" in seen(app)
        await go(pilot, "escape")
        assert app.screen is screen
        assert world.step(people[0]) is Step.UROLOGY_TO_REFER
        await go(pilot, "s", "enter")
        assert "Är han uppringd?" in seen(app), "Enter, pressed by habit, asserts nothing"
        await go(pilot, "n")
        assert app.screen is screen
        assert world.step(people[0]) is Step.UROLOGY_TO_REFER
        await go(pilot, "s", "j")
    assert world.referral(people[0], ReferralKind.UROLOGY).state is ReferralState.CREATED


async def test_from_the_case_the_action_opens_the_form_and_leads_back(world: World) -> None:
    people = to_refer(world, 2)
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        app.open_case(people[1])
        await settle(pilot)
        await go(pilot, "a", "home", "enter")
        assert isinstance(app.screen, ReferralFormScreen)
        assert "Man1, Åke" in seen(app)
        await go(pilot, "right", "s")
        assert isinstance(app.screen, CaseScreen)
        assert "är sparad och går i väg" in " ".join(seen(app).split())
        assert "MR-remiss att skicka" in seen(app)
    assert world.step(people[0]) is Step.MRI_TO_REFER


async def test_a_colleague_who_has_the_task_is_named_and_the_task_goes_back_with_esc(world: World) -> None:
    to_refer(world, 1)
    task = world.office.queues.page(world.per, Queue.MRI_REFERRAL)[0]
    world.office.queues.take(world.per, task.task_id)
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await form_of(pilot, app)
        assert "✗ per arbetar med detta." in seen(app)
        await go(pilot, "j", "n", "v", "x", "enter", "f", "e", "s", "k")
        await go(pilot, "escape")
        assert isinstance(app.screen, TasksScreen)
        await go(pilot, "t", "enter", "enter")
        assert "Man0, Åke" in seen(app)
        await go(pilot, "escape")
    assert world.office.queues.page(world.per, Queue.MRI_REFERRAL)[0].lease_by is None


async def test_what_a_colleague_has_changed_is_told_and_the_answers_stay(world: World) -> None:
    people = to_refer(world, 1)
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await form_of(pilot, app)
        await go(pilot, "v")
        with world.context.sessions.begin() as session:
            session.get_one(Person, people[0]).municipality = "0581"
        await go(pilot, "s")
        assert "✗ Någon annan har ändrat ärendet. Se på det igen." in seen(app)
        assert "3 frågor är inte ställda" in seen(app)
        await go(pilot, "s")
    assert world.referral(people[0]).answers[0][1] == "Vet ej"


async def test_another_unit_of_the_region_is_chosen(world: World) -> None:
    people = to_refer(world, 1)
    usual = next(row for row in world.office.units.rows(world.per, region="05", kind=ReferralKind.MRI))
    other = replace(usual, unit_id=0, code="05-mri-2", name="Röntgen, Norrköping", phone="08-465 004 19", version=0)
    other = world.office.units.save(world.per, other)
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await form_of(pilot, app)
        assert "den vanliga" in seen(app)
        await go(pilot, "e", "down", "enter")
        assert "08-465 004 19" in seen(app)
        await go(pilot, "s")
    assert world.referral(people[0]).unit_id == other.unit_id


async def test_a_yes_stops_the_referral_until_the_physician_is_asked_or_a_reason_is_written(world: World) -> None:
    people = to_refer(world, 1)
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        screen = await form_of(pilot, app)
        await go(pilot, "j", "s")
        assert "Pacemaker eller annat inopererat med ström? Ja" in seen(app)
        await go(pilot, "escape")
        assert app.screen is screen
        assert world.step(people[0]) is Step.MRI_TO_REFER
        await go(pilot, "s", "home", "enter")
        assert "Kan han undersökas med MR?" in seen(app)
        await go(pilot, "enter")
        assert "✓ Frågan ligger hos läkaren." in seen(app)
        assert Queue.MEDICAL in world.tasks(people[0])
        assert "HINDRAR" in seen(app), "what is asked stands on the form"
        assert world.step(people[0]) is Step.MRI_TO_REFER
        await go(pilot, "s", "end", "enter", "enter")
        assert "✗ Skriv några ord" in seen(app)
        await go(pilot, *"mjuk", "enter")
    assert world.step(people[0]) is Step.MRI_REFERRAL_TO_SEND


async def test_an_open_question_to_the_physician_is_passed_with_written_words_only(world: World) -> None:
    people = to_refer(world, 1)
    world.office.cases.ask_physician(world.per, people[0], "Tål han kontrast?")
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await form_of(pilot, app)
        assert "Tål han kontrast?" in seen(app)
        await go(pilot, "s", "enter")
        assert "Göra remissen ändå?" in seen(app)
        assert world.step(people[0]) is Step.MRI_TO_REFER
        await go(pilot, *"utan", "enter")
    assert world.step(people[0]) is Step.MRI_REFERRAL_TO_SEND
