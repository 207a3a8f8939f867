"""Screens on an office in memory, in a window of 80 × 24, without the rest of the write keys unless a test asks for it."""

import asyncio
import time
from collections.abc import Iterator
from typing import Any, cast

import pytest
from textual.css.stylesheet import Stylesheet

from kansli_tui import i18n
from kansli_tui.app import KansliApp
from kansli_tui.rows.office import Actor
from screens.base import KansliScreen
from screens.dialogs import Dialog
from tests.screens.fakes import ANNA, FakeOffice, clock

SIZE = (80, 24)


TICK, BUSY = 0.004, 0.0005
"""Seconds: how long a test looks whether anything goes on, and the processor time that says so."""


async def until_quiet(min_sleep: float = 0, max_sleep: float = 1) -> None:
    """Stands in for Textual's wait after each key, which takes 20 ms at the least whatever goes on.

    Quiet is when nothing waits in the event loop and the process, its threads too, has rested for a tick.
    """
    loop: Any = asyncio.get_running_loop()
    end, least = loop.time() + max_sleep, loop.time() + min_sleep
    while loop.time() < end:
        used = time.process_time()
        await asyncio.sleep(TICK)
        if not loop._ready and time.process_time() - used < BUSY and loop.time() >= least:
            break


_RULES: dict[Any, Any] = {}
_parse_rules = Stylesheet._parse_rules


def parse_once(sheet: Stylesheet, css: str, read_from: Any, *more: Any, **named: Any) -> Any:
    """Style sheets are the same for every app with the same theme: each is parsed once per run."""
    key = (css, read_from, more, tuple(named.items()), frozenset(sheet._variables.items()))
    if key not in _RULES:
        _RULES[key] = _parse_rules(sheet, css, read_from, *more, **named)
    return _RULES[key]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Stylesheet, "_parse_rules", parse_once)
    monkeypatch.setattr("textual.app.wait_for_idle", until_quiet)
    monkeypatch.setattr("textual.pilot.wait_for_idle", until_quiet)
    monkeypatch.setattr("textual.constants.TEXTUAL_ANIMATIONS", "none")


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
