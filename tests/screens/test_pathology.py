"""Pathology answers: benign with one key, cancer with two, and never one man's key for another."""

import pytest

from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.steps import ClosedReason, Queue, Step
from screens.dialogs import Confirm
from screens.pathology import PathologyScreen
from screens.session import WorkSession
from tests.screens.at_work import app_of, biopsied, go
from tests.screens.conftest import SIZE, seen, settle
from tests.world import World

pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)
"""Screens know no database: one of them is enough."""


@pytest.fixture(autouse=True)
def without_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(WorkSession, "REST", 0)


async def test_benign_is_confirmed_with_enter(world: World) -> None:
    (person,) = biopsied(world, 0)
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        app.open_queue(Queue.PATHOLOGY)
        await settle(pilot)
        assert isinstance(app.screen, PathologyScreen)
        shown = seen(app)
        assert "PAD-svar · 1 kvar" in shown
        assert "ISUP 0   godartat, ingen cancer" in shown
        assert "FÖRSLAG    Nytt erbjudande senare" in shown
        assert "Sedan      Brev, sedan nytt erbjudande" in shown
        await go(pilot, "enter")
        assert "Inget svar väntar här." in seen(app)
    assert world.step(person) is Step.ANSWER_LETTER_TO_POST
    assert world.letters(person)[-1][0] is LetterType.BIOPSY_BENIGN


async def test_cancer_is_asked_about_twice_and_sends_no_letter(world: World) -> None:
    first, second = biopsied(world, 3, 1)
    letters = len(world.letters(first))
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        app.open_queue(Queue.PATHOLOGY)
        await settle(pilot)
        await go(pilot, "enter")
        assert isinstance(app.screen, Confirm)
        shown = seen(app)
        assert "Cancer, ISUP 3. Avsluta till klinisk vård?" in shown
        assert "Han lämnar programmet för klinisk vård" in shown
        assert "Vi skickar inget brev" in shown
        await go(pilot, "escape")
        assert world.step(first) is Step.PATHOLOGY_TO_ASSESS
        await go(pilot, "enter", "enter")
        assert "Man0, Åke: Cancer: till klinisk vård" in seen(app)
        assert "ISUP 1   cancer" in seen(app), "the next man stands there, unconfirmed"
    assert (world.step(first), world.person(first).closed_reason) == (Step.CLOSED, ClosedReason.CANCER_FOUND)
    assert len(world.letters(first)) == letters
    assert world.step(second) is Step.PATHOLOGY_TO_ASSESS
