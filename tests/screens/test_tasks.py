"""A queue as a list of tasks: pages, leases, finishing, and no key that an empty list breaks."""

from dataclasses import replace

import pytest

from kansli_tui.pathway.steps import Queue
from screens.case import CaseScreen
from screens.tasks import TasksScreen
from tests.screens.conftest import SIZE, make_app, seen, settle
from tests.screens.fakes import FakeOffice, at, task


async def open_queue(pilot: object, queue: Queue = Queue.CONTACT) -> None:
    await settle(pilot)
    pilot.app.open_queue(queue)  # type: ignore[attr-defined]
    await settle(pilot)


async def test_finishing_takes_what_came_of_it(office: FakeOffice) -> None:
    app = make_app(office)
    async with app.run_test(size=SIZE) as pilot:
        await open_queue(pilot)
        await pilot.press("down", "d", *"uppringd", "enter")
        await settle(pilot)
        assert office.calls("queues.finish") == [((2, "uppringd"), {})]
        assert "✓ Uppgiften är klar." in seen(app)


async def test_a_referral_is_not_finished_from_the_list(office: FakeOffice) -> None:
    app = make_app(office)
    async with app.run_test(size=SIZE) as pilot:
        await open_queue(pilot, Queue.MRI_REFERRAL)
        await pilot.press("d")
        await settle(pilot)
        assert isinstance(app.screen, TasksScreen)
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(app.screen, CaseScreen)


async def test_taking_over_from_a_colleague_is_asked_first() -> None:
    office = FakeOffice(answers={"queues.page": lambda _actor, _queue, **_how: (task(5, lease_by="per"),)})
    app = make_app(office)
    async with app.run_test(size=SIZE) as pilot:
        await open_queue(pilot)
        await pilot.press("t")
        await settle(pilot)
        assert "per arbetar med detta." in seen(app)
        await pilot.press("escape")
        await settle(pilot)
        assert not office.calls("queues.take")
        await pilot.press("t", "enter")
        await settle(pilot)
        assert office.calls("queues.take") == [((5,), {"take_over": True})]


async def test_pages_go_by_the_last_row_and_back_the_way_one_came() -> None:
    first = tuple(replace(task(1), task_id=number, opened_at=at(100 - number)) for number in range(50))
    office = FakeOffice(
        answers={"queues.page": lambda _actor, _queue, *, after, limit: first if after is None else (task(99),)[:limit]}
    )
    app = make_app(office)
    async with app.run_test(size=SIZE) as pilot:
        await open_queue(pilot)
        await pilot.press("plus")
        await settle(pilot)
        assert office.calls("queues.page")[-1][1]["after"] == (first[-1].opened_at, 49)
        assert "sida 2" in seen(app)
        await pilot.press("plus")
        await settle(pilot)
        assert "sida 2" in seen(app), "there is nothing after a page that is not full"
        await pilot.press("minus")
        await settle(pilot)
        assert office.calls("queues.page")[-1][1]["after"] is None


@pytest.mark.parametrize("queue", [Queue.CONTACT, Queue.MRI_REFERRAL, Queue.REGISTER])
async def test_no_key_breaks_an_empty_list(queue: Queue) -> None:
    office = FakeOffice(
        answers={
            "queues.page": lambda _actor, _queue, **_how: (),
            "queues.last_page": lambda _actor, _queue, **_how: (),
        }
    )
    app = make_app(office)
    async with app.run_test(size=SIZE) as pilot:
        await open_queue(pilot, queue)
        for key in ("enter", "d", "t", "p", "plus", "minus", "e", "up", "down", "pageup", "pagedown", "home", "end"):
            await pilot.press(key)
            await settle(pilot)
        assert isinstance(app.screen, TasksScreen)
        assert {name for name, _arguments, _named in office.asked} <= {
            "daily.run",
            "queues.home",
            "queues.page",
            "queues.last_page",
        }
