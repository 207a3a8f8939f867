"""Screens on an office in memory, in a window of 80 × 24, without the rest of the write keys unless a test asks for it."""

import asyncio
from collections.abc import Iterator
from typing import Any, cast

import pytest

from kansli_tui import i18n
from kansli_tui.app import KansliApp
from kansli_tui.rows.office import Actor
from screens.base import KansliScreen
from screens.dialogs import Dialog
from tests.screens.fakes import ANNA, FakeOffice, clock

SIZE = (80, 24)


@pytest.fixture(autouse=True)
def swedish(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(KansliScreen, "REST", 0)
    monkeypatch.setattr(Dialog, "REST", 0)
    i18n.set_language("sv")
    yield
    i18n.set_language("sv")


@pytest.fixture
def office() -> FakeOffice:
    return FakeOffice()


def make_app(office: FakeOffice, actor: Actor | None = ANNA, *, demo: bool = True) -> KansliApp:
    return KansliApp(cast("Any", office), actor, demo=demo, clock=clock)


async def settle(pilot: Any) -> None:
    """Until no worker runs and everything it told is drawn."""
    for _round in range(40):
        await pilot.pause()
        running = [worker.wait() for worker in pilot.app.workers if not worker.is_finished]
        if not running:
            break
        await asyncio.gather(*running, return_exceptions=True)
    await pilot.pause()
    await pilot.pause()


def seen(app: KansliApp) -> str:
    """What stands on the screen, line by line."""
    return "\n".join(strip.text.rstrip() for strip in app.screen._compositor.render_strips(app.size))
