"""What every screen promises: failures are shown, write keys rest, and a key pressed for one never acts on the next."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import pytest
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message

from kansli_tui.errors import ChangedBySomeoneElseError, RefusedError
from screens.base import KansliScreen, in_words, keys
from screens.widgets.table import KansliTable
from tests.screens.conftest import SIZE, make_app, seen, settle
from tests.screens.fakes import FakeOffice


@dataclass
class Work:
    """A queue of names; confirming takes the first away. `gate` lets a test hold the write."""

    names: list[str]
    confirmed: list[str]
    gate: threading.Event
    fails: Exception | None = None

    def rows(self) -> tuple[str, ...]:
        return tuple(self.names)

    def confirm(self, name: str) -> str:
        assert self.gate.wait(5)
        if self.fails is not None:
            raise self.fails
        self.confirmed.append(name)
        self.names.remove(name)
        return name


class Queue(KansliScreen):
    AREA = "Queue"
    BINDINGS: ClassVar[list[BindingType]] = keys("answers.confirm")

    class NamesRead(Message):
        def __init__(self, names: tuple[str, ...]) -> None:
            super().__init__()
            self.names = names

    def __init__(self, work: Work) -> None:
        super().__init__()
        self.work = work

    def compose_body(self) -> ComposeResult:
        yield KansliTable()

    def on_mount(self) -> None:
        self.query_one(KansliTable).columns_are(("Name", 0))

    def reload(self) -> None:
        self.read(self.work.rows, self.NamesRead)

    def on_queue_names_read(self, fact: NamesRead) -> None:
        if self.query_one(KansliTable).fill((name, [name]) for name in fact.names):
            self.rest()

    def action_confirm(self) -> None:
        name = self.query_one(KansliTable).current
        if name is not None:
            self.write(lambda: self.work.confirm(name), lambda done: f"{done} klar")


@pytest.fixture
def work() -> Work:
    gate = threading.Event()
    gate.set()
    return Work(["Ek", "Lind", "Sjö"], [], gate)


async def opened(pilot: object, work: Work) -> Queue:
    screen = Queue(work)
    await settle(pilot)
    await pilot.app.push_screen(screen)  # type: ignore[attr-defined]
    await settle(pilot)
    return screen


async def test_a_second_press_while_the_first_is_saved_does_nothing(office: FakeOffice, work: Work) -> None:
    work.gate.clear()
    app = make_app(office)
    async with app.run_test(size=SIZE) as pilot:
        screen = await opened(pilot, work)
        await pilot.press("enter", "enter", "enter")
        assert screen.busy
        assert "(Enter bekräfta)" in seen(app)
        work.gate.set()
        await settle(pilot)
        assert work.confirmed == ["Ek"]
        assert not screen.busy
        assert "✓ Ek klar" in seen(app)


async def test_the_write_keys_rest_when_the_next_has_come_under_them(
    office: FakeOffice, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(KansliScreen, "REST", 30)
    app = make_app(office)
    async with app.run_test(size=SIZE) as pilot:
        screen = await opened(pilot, work)
        await pilot.press("enter")
        await settle(pilot)
        assert screen.query_one(KansliTable).current == "Lind"
        await pilot.press("enter", "enter")
        await settle(pilot)
        assert work.confirmed == ["Ek"]
        screen.resting = False
        await pilot.press("enter")
        await settle(pilot)
        assert work.confirmed == ["Ek", "Lind"]


async def test_a_refusal_is_shown_in_words_and_the_keys_live_again(office: FakeOffice, work: Work) -> None:
    work.fails = RefusedError("The person is held: see to the register task first.")
    app = make_app(office)
    async with app.run_test(size=SIZE) as pilot:
        screen = await opened(pilot, work)
        await pilot.press("enter")
        await settle(pilot)
        assert "✗ Personen är stoppad: ta hand om registeruppgiften först." in seen(app)
        assert not screen.busy
        assert work.confirmed == []


async def test_what_somebody_else_has_changed_is_read_again(office: FakeOffice, work: Work) -> None:
    work.fails = ChangedBySomeoneElseError("{who} has done this already.", who="per")
    app = make_app(office)
    async with app.run_test(size=SIZE) as pilot:
        screen = await opened(pilot, work)
        work.names[:] = ["Lind"]
        await pilot.press("enter")
        await settle(pilot)
        assert "✗ per har redan gjort detta." in seen(app)
        assert screen.query_one(KansliTable).row_count == 1


async def test_an_unforeseen_failure_is_shown_and_logged_without_what_it_says(
    office: FakeOffice, work: Work, caplog: pytest.LogCaptureFixture
) -> None:
    work.fails = LookupError("19760101-2391 Lindqvist")
    app = make_app(office)
    with caplog.at_level(logging.ERROR):
        async with app.run_test(size=SIZE) as pilot:
            await opened(pilot, work)
            await pilot.press("enter")
            await settle(pilot)
            shown = seen(app)
    assert "✗ Programmet stötte på något ingen förutsett (LookupError)." in shown
    assert "2391" not in shown
    assert "Lindqvist" not in shown
    assert "test_base.py" in caplog.text
    assert "Lindqvist" not in caplog.text
    assert "2391" not in caplog.text


async def test_a_read_that_fails_is_shown(office: FakeOffice, work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> tuple[str, ...]:
        raise RefusedError("There is no such task.")

    app = make_app(office)
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot, work)
        monkeypatch.setattr(work, "rows", broken)
        await pilot.press("ctrl+r")
        await settle(pilot)
        assert "✗ Det finns ingen sådan uppgift." in seen(app)


async def test_escape_waits_for_what_is_being_saved(office: FakeOffice, work: Work) -> None:
    work.gate.clear()
    app = make_app(office)
    async with app.run_test(size=SIZE) as pilot:
        screen = await opened(pilot, work)
        await pilot.press("enter", "escape", "ctrl+q")
        assert app.screen is screen
        assert app.is_running
        work.gate.set()
        await settle(pilot)
        await pilot.press("escape")
        await settle(pilot)
        assert app.screen is not screen
        assert work.confirmed == ["Ek"]


async def test_a_newer_read_replaces_an_older_that_is_late(office: FakeOffice, work: Work) -> None:
    late = threading.Event()
    answers: list[Callable[[], tuple[str, ...]]] = [lambda: (late.wait(5), ("gammal",))[1], lambda: ("ny",)]
    app = make_app(office)
    async with app.run_test(size=SIZE) as pilot:
        screen = await opened(pilot, work)
        work.rows = lambda: (answers.pop(0))()  # type: ignore[method-assign]  # noqa: PLW0108 - one answer a call
        await pilot.press("ctrl+r")
        await pilot.press("ctrl+r")
        await settle(pilot)
        late.set()
        await settle(pilot)
        assert screen.query_one(KansliTable).current == "ny"


def test_a_file_that_cannot_be_used_is_told_in_words() -> None:
    assert in_words(PermissionError(13, "Permission denied")).startswith("Filen eller mappen går inte att använda")
