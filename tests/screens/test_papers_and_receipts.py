"""A question on paper from its queue, and receipts read in from the letters area."""

from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input

from kansli_tui.app import KansliApp
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.steps import Queue
from kansli_tui.rows.letter_states import Channel
from screens.letters import LettersScreen
from screens.tasks import TasksScreen
from tests.screens.at_work import app_of
from tests.screens.conftest import SIZE, seen, settle
from tests.world import World

pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)


def list_of(folder: Path) -> list[str]:
    return [path.name for path in folder.glob("*.pdf")]


async def opened(pilot: Any, app: KansliApp, screen: Any) -> None:
    await settle(pilot)
    await app.push_screen(screen)
    await settle(pilot)


async def typed(pilot: Any, text: str) -> None:
    pilot.app.screen.query_one("#text", Input).value = text
    await pilot.press("enter")
    await settle(pilot)


async def test_a_question_is_saved_on_paper_and_other_queues_have_no_such_key(world: World, tmp_path: Path) -> None:
    man = world.man()
    world.office.cases.ask_physician(world.anna, man, "Vad gör vi?")
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot, app, TasksScreen(Queue.CONTACT))
        assert "på papper" not in seen(app)
        await opened(pilot, app, TasksScreen(Queue.MEDICAL))
        assert "på papper" in seen(app)
        await pilot.press("s")
        await settle(pilot)
        await typed(pilot, str(tmp_path))
        assert "Sparad" in seen(app)
    assert list_of(tmp_path) == ["fraga-000001.pdf"]


async def test_receipts_are_read_in_and_what_could_not_be_used_is_said(world: World, tmp_path: Path) -> None:
    man = world.man()
    version = world.person(man).version_id
    world.office.wishes.letters(
        world.anna, man, version=version, language="sv", channel=Channel.MESSAGE_1177, reason="vill"
    )
    world.act(man, "offer_now")
    world.post(LetterType.OFFER)
    at = world.clock.now.isoformat()
    file = tmp_path / "kvittenser.csv"
    file.write_text(f"letter_id;outcome;at;note\nB-000001;failed;{at};\nB-999999;read;{at};\n")
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot, app, LettersScreen())
        await pilot.press("i")
        await settle(pilot)
        await typed(pilot, str(file))
        told = " ".join(seen(app).replace("│", " ").split())
        assert "1 brev går på papper" in told
        assert "rad 3" in told
    assert [kind for kind, _state in world.letters(man)] == [LetterType.OFFER, LetterType.OFFER]
