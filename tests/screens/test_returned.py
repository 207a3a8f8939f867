"""Returned mail, counting by scanning, and a person's letters: nothing that is typed is lost, nothing happens to the wrong letter."""

from typing import Any

import pytest
from textual.widgets import Input, TextArea

from kansli_tui.app import KansliApp
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.steps import Queue, Step
from kansli_tui.rows.letter_states import BatchRow, BatchState, LetterState, ReturnReason
from kansli_tui.rows.population import Protection
from screens.batch_letters import BatchLettersScreen, LetterTextScreen
from screens.case_letters import CaseLettersScreen
from screens.dialogs import AskReason, Assert
from screens.enclosure import AskEnclosure
from screens.returned import ReturnedScreen
from screens.returned_task import ReturnedTaskScreen
from screens.scan_count import AskAside, ScanCountScreen
from tests.screens.at_work import app_of, go
from tests.screens.conftest import SIZE, seen, settle
from tests.world import World

pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)


def printed(world: World, count: int, **values: Any) -> tuple[list[int], BatchRow]:
    """Men with a printed pre-letter each (B-000001 and on), and the batch."""
    men = [world.man(family_name=f"Man{place}", **values) for place in range(count)]
    world.release(world.plan())
    made = world.office.letters.make_batch(
        world.anna, region="05", type=LetterType.PRE_LETTER, by_hand="protection" in values
    )
    world.office.letters.write(world.anna, made.batch_id, world.folder / "brev")
    return men, world.office.letters.by_number(world.anna, made.number)


def posted(world: World, count: int, **values: Any) -> list[int]:
    men, batch = printed(world, count, **values)
    world.office.letters.confirm(world.anna, batch.batch_id, version=batch.version, posted=batch.to_post)
    return men


async def typed(pilot: Any, *lines: str) -> None:
    """Lines as a scanner types them: with Enter, and without waiting for an answer."""
    for line in lines:
        pilot.app.screen.query_one("#code", Input).value = line
        await pilot.press("enter")
    await settle(pilot)


async def opened(pilot: Any, app: KansliApp, screen: Any) -> None:
    await settle(pilot)
    await app.push_screen(screen)
    await settle(pilot)


# Counting by scanning


async def test_a_scanned_batch_names_what_is_missing_sets_it_aside_and_posts_the_rest(world: World) -> None:
    men, batch = printed(world, 3)
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot, app, BatchLettersScreen(batch))
        await go(pilot, "r")
        assert isinstance(app.screen, ScanCountScreen)
        await go(pilot, "ctrl+l")
        assert "3 brev är inte sedda än" in seen(app)
        assert not app.screen.query_one("#letters", Input).value, "nobody has looked for them yet"
        await go(pilot, "escape")
        await typed(pilot, "B-000001 1/1", "b2", "2", "2", "B-000099")
        assert "✗ B-000099 hör inte till satsen." in seen(app)
        await typed(pilot, "hej", "")
        assert "2 av 3" in seen(app)
        assert "1: B-000003" in seen(app), "missing"
        assert "1: B-000099  finns inte i satsen" in seen(app)
        assert "TVÅ GÅNGER" in seen(app)
        assert "1: B-000002" in seen(app), "twice"
        assert "Alla brev är inte sedda." in seen(app), "an empty line posts nothing before all are here"
        await go(pilot, "ctrl+l")
        assert isinstance(app.screen, AskAside)
        assert app.screen.query_one("#letters", Input).value == "B-000003", "the missing stand there already"
        await go(pilot, "enter")
        await pilot.press(*"trasigt", "enter")
        await settle(pilot)
        assert "1 brev är lagt åt sidan; 2 brev är kvar i satsen." in seen(app)
        assert "Alla är här." in seen(app)
        await go(pilot, "enter")
        assert "! Ta ut B-000099: hör inte till satsen." in seen(app).split("Är satsen postad?")[1], (
            "before it is posted"
        )
        await go(pilot, "enter")
        assert isinstance(app.screen, BatchLettersScreen)
        assert "✓ 2 brev är postade." in seen(app)
    assert [world.step(man) for man in men].count(Step.OFFER_PLANNED) == 2
    assert world.letters(men[2]) == [(LetterType.PRE_LETTER, LetterState.PREPARED)], "it waits for the next batch"


async def test_one_letter_of_a_batch_is_saved_and_set_aside(world: World) -> None:
    men, batch = printed(world, 2)
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot, app, BatchLettersScreen(batch))
        await go(pilot, "s")
        app.screen.query_one("#text", Input).value = str(world.folder / "ett")
        await go(pilot, "enter")
        assert "✓ Sparat i" in seen(app)
        await go(pilot, "a")
        await pilot.press(*"kladd", "enter")
        await settle(pilot)
        assert "1 brev är lagt åt sidan; 1 brev är kvar i satsen." in seen(app)
        assert "B-000001" not in seen(app)
    (file,) = (world.folder / "ett").iterdir()
    assert file.name == "brev-05-B-000001.pdf"
    assert file.read_bytes().startswith(b"%PDF")
    assert world.letters(men[0]) == [(LetterType.PRE_LETTER, LetterState.PREPARED)]


# Returned mail


async def test_returned_letters_are_noted_one_after_the_other_and_nothing_is_lost(world: World) -> None:
    men = posted(world, 3)
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await go(pilot, "f4", "r")
        assert isinstance(app.screen, ReturnedScreen)
        await typed(pilot, "B-000001", "3", "B-000002 1/1", "B-000002", "hej", "B-000777", "3000003", "b3")
        text = seen(app)
        assert "Returer · 3 noterade" in text
        assert "✓ B-000001  Förbrev · Man0, Åke · 574 31 VETLANDA" in text
        assert "ingen orsak angiven: en uppgift att hitta adressen" in text
        assert "adressaten har flyttat: en uppgift att hitta adressen" in text
        assert "✗ B-000002  Brevet är redan noterat" in text
        assert "✗ hej  " in text
        assert "✗ B-000777  " in text
        await typed(pilot, "9")
        assert "✗ Orsak 9 finns inte: orsakerna är 1 till 6." in seen(app)
        await go(pilot, "escape")
    assert [world.letters(man)[0][1] for man in men] == [LetterState.RETURNED] * 3
    assert len(world.office.queues.page(world.anna, Queue.ADDRESS, limit=10)) == 3


async def test_a_returned_letter_is_sent_again_once_the_address_is_checked(world: World) -> None:
    (man,) = posted(world, 1)
    world.office.mail.returned(world.anna, "B-000001", ReturnReason.MOVED)
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        app.open_queue(Queue.ADDRESS)
        await settle(pilot)
        await go(pilot, "enter")
        assert isinstance(app.screen, ReturnedTaskScreen)
        assert "adressaten har flyttat" in seen(app)
        assert "! Registret har den adress som brevet kom tillbaka från." in seen(app)
        await go(pilot, "v")
        assert isinstance(app.screen, LetterTextScreen)
        await go(pilot, "escape", "s")
        assert isinstance(app.screen, Assert)
        await go(pilot, "enter")
        assert isinstance(app.screen, Assert), "Enter, pressed by habit, says nothing"
        await go(pilot, "j")
        assert isinstance(app.screen, AskReason)
        assert "adressen kontrollerad" in seen(app), "and not that he has moved"
        await go(pilot, "enter")
        assert "✓ Brevet är förberett igen: B-000002 väntar på utskrift." in seen(app)
        assert "Inget: det är skickat igen som B-000002." in seen(app)
        await go(pilot, "s", "d")
        assert isinstance(app.screen, ReturnedTaskScreen), "it is done with"
    assert world.letters(man) == [
        (LetterType.PRE_LETTER, LetterState.RETURNED),
        (LetterType.PRE_LETTER, LetterState.PREPARED),
    ]
    assert not world.office.queues.page(world.anna, Queue.ADDRESS, limit=10)


async def test_a_returned_letter_of_a_protected_person_shows_no_address_and_is_ended_in_words(world: World) -> None:
    posted(
        world, 1, protection=Protection.CONFIDENTIALITY, address={"adr2": "Hemliga v. 7", "postnr": "57431", "ort": "X"}
    )
    world.office.mail.returned(world.anna, "B-000001", ReturnReason.UNKNOWN)
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot, app, ReturnedTaskScreen(1))
        assert "Hemliga" not in seen(app)
        assert "Skyddade personuppgifter" in seen(app)
        assert "skyddad, visas inte" in seen(app)
        await go(pilot, "d")
        await pilot.press(*"ringd", "enter")
        await settle(pilot)
        assert "Inget: uppgiften är klar." in seen(app)
    assert not world.office.queues.page(world.anna, Queue.ADDRESS, limit=10)


# A person's letters


async def test_a_persons_letters_are_read_enclosed_printed_alone_and_sent_again(world: World) -> None:
    man, other = (world.man(family_name=f"Man{place}") for place in range(2))
    world.release(world.plan())
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        app.open_case(man)
        await settle(pilot)
        await go(pilot, "b")
        assert isinstance(app.screen, CaseLettersScreen)
        assert "Man0, Åke" in seen(app)
        await go(pilot, "s")
        assert isinstance(app.screen, CaseLettersScreen), "what has not left is not sent again"
        await go(pilot, "e")
        assert isinstance(app.screen, AskEnclosure)
        area = app.screen.query_one(TextArea)
        area.text = "x" * 2_001
        await go(pilot, "ctrl+s")
        assert "✗ Texten är för lång. Korta den." in seen(app)
        area.text = "Hej.\nRing oss."
        await go(pilot, "ctrl+s")
        assert "✓ Bilagan följer med brevet." in seen(app)
        assert "Med bilaga: Hej. Ring oss." in seen(app)
        await go(pilot, "v")
        assert "Ring oss." in _scrolled(app)
        await go(pilot, "escape", "p", "enter")
        assert "✓ Sats 2026-00001 är gjord av bara detta brev." in seen(app)
        (batch,) = world.office.letters.batches(world.anna)
        assert (batch.state, batch.letters, batch.pages) == (BatchState.RENDERED, 1, 2)
        world.office.letters.write(world.anna, batch.batch_id, world.folder)
        batch = world.office.letters.by_number(world.anna, batch.number)
        world.office.letters.confirm(world.anna, batch.batch_id, version=batch.version, posted=1)
        await go(pilot, "ctrl+r", "s")
        await pilot.press(*"tappat", "enter")
        await settle(pilot)
        assert "✓ Brevet är förberett igen: B-000003 väntar på utskrift." in seen(app)
    assert world.letters(other) == [(LetterType.PRE_LETTER, LetterState.PREPARED)], "nobody else's letter was printed"


def _scrolled(app: KansliApp) -> str:
    """The whole text of the letter on screen, also what is scrolled out of sight."""
    assert isinstance(app.screen, LetterTextScreen)
    return app.screen._text


async def test_a_return_noted_by_mistake_is_taken_back_from_the_persons_letters(world: World) -> None:
    (man,) = posted(world, 1)
    world.office.mail.returned(world.anna, "B-1", ReturnReason.MOVED)
    assert world.tasks(man) == [Queue.ADDRESS]
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot, app, CaseLettersScreen(man))
        await pilot.press("t")
        await settle(pilot)
        assert isinstance(app.screen, AskReason)
        await pilot.press(*"fel brev", "enter")
        await settle(pilot)
        assert "Returen är tillbakatagen" in seen(app)
    assert world.tasks(man) == []
    assert [state for _kind, state in world.letters(man)] == [LetterState.POSTED]
