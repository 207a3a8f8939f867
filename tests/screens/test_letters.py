"""Letters on screen: printed, counted, posted; nobody is moved before the count is right."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from textual.widgets import Input

from db.models import Letter
from kansli_tui.app import KansliApp
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.steps import Step
from kansli_tui.rows.letter_states import BatchState, Channel, LetterState
from kansli_tui.rows.population import Protection
from screens import opening
from screens.batch_letters import BatchLettersScreen, LetterTextScreen
from screens.dialogs import AskReason, Confirm, Show
from screens.letter_acts import AskCounts
from screens.letters import LettersScreen
from screens.long_work import LongWork
from tests.screens.at_work import app_of, go
from tests.screens.conftest import SIZE, seen, settle
from tests.world import World

pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)


def released(world: World, count: int = 2, **values: Any) -> list[int]:
    men = [world.man(family_name=f"Man{place}", **values) for place in range(count)]
    world.release(world.plan())
    return men


def names(folder: Path) -> list[str]:
    return [file.name for file in folder.iterdir()]


async def at(pilot: Any, app: KansliApp) -> LettersScreen:
    await settle(pilot)
    await go(pilot, "f4")
    screen = app.screen
    assert isinstance(screen, LettersScreen)
    return screen


async def saved(pilot: Any, app: KansliApp, folder: Path) -> None:
    """The marked batch's files in a folder: it counts as printed."""
    await go(pilot, "s")
    app.screen.query_one("#text", Input).value = str(folder)
    await go(pilot, "enter")


async def test_made_printed_counted_wrong_counted_right_and_posted(world: World, tmp_path: Path) -> None:
    men = released(world)
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app)
        assert "Brev · 2 brev väntar" in seen(app)
        await go(pilot, "p")
        assert isinstance(app.screen, Confirm)
        assert "Skriva ut 2 brev?" in seen(app)
        await go(pilot, "enter")
        assert "✓ Sats 2026-00001 är gjord: 2 brev, " in seen(app)
        assert "att skriva ut" in seen(app), "made is not printed"
        await go(pilot, "k")
        assert isinstance(app.screen, LettersScreen), "nobody counts what has not been printed"
        await saved(pilot, app, tmp_path / "brev")
        assert "att posta" in seen(app)
        assert "2 brev = 2 ark ÷ 1 = 2 kuvert = 2 lämnade" in seen(app)
        assert {world.step(man) for man in men} == {Step.PRE_LETTER_TO_POST}, "printing moves nobody"
        await go(pilot, "k", "enter", "enter")
        assert isinstance(app.screen, AskCounts), "a count is asked for"
        assert "✗ Skriv ett tal." in seen(app)
        await go(pilot, "1", "enter", "enter")
        assert isinstance(app.screen, Confirm), "a way to find out which is missing is offered"
        assert "Räkna genom att skanna?" in seen(app)
        await go(pilot, "escape")
        assert "✗ 1 kuvert räknades men 2 brev ska gå" in seen(app)
        await go(pilot, "k", "2", "enter", "3", "enter", "escape")
        assert "✗ 3 ark räknades men 2 " in seen(app)
        assert {world.step(man) for man in men} == {Step.PRE_LETTER_TO_POST}
        await go(pilot, "k", "2", "enter", "2", "enter")
        assert "✓ 2 brev är postade." in seen(app)
        assert "postat 14 sep" in seen(app)
        assert "räknat: 2 kuvert, 2 ark" in seen(app)
        await go(pilot, "k", "x", "t", "p")
        assert isinstance(app.screen, LettersScreen), "a posted batch is done with"
    assert {world.step(man) for man in men} == {Step.OFFER_PLANNED}
    assert all("letter.posted" in world.audit(man) for man in men)


async def test_a_letter_stopped_after_printing_is_to_be_taken_out(world: World, tmp_path: Path) -> None:
    gone, stays = released(world)
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app)
        await go(pilot, "p", "enter")
        await saved(pilot, app, tmp_path)
        world.act(gone, "close", detail="dead")
        await go(pilot, "ctrl+r")
        assert "! Ta ut ur det utskrivna: B-000001" in seen(app)
        await go(pilot, "k")
        assert "B-000001" in seen(app)
        await go(pilot, "1", "enter", "enter")
        assert "✓ 1 brev är postat." in seen(app)
    assert world.letters(gone) == [(LetterType.PRE_LETTER, LetterState.STOPPED)]
    assert world.letters(stays) == [(LetterType.PRE_LETTER, LetterState.POSTED)]
    assert world.step(gone) is Step.CLOSED


async def test_esc_stops_the_making_and_the_letters_wait_as_before(world: World, monkeypatch: Any) -> None:
    men = released(world)
    app = app_of(world)

    def pressed(self: LongWork, done: int, of: int) -> None:
        """Esc, pressed while the letters are set."""
        if self._stage == 1:
            self.stop()
        called(self, done, of)

    called = LongWork.__call__
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app)
        with monkeypatch.context() as stopped:
            stopped.setattr(LongWork, "__call__", pressed)
            await go(pilot, "p", "enter")
        assert "– Avbrutet. Inget är utskrivet, och breven väntar som förut." in seen(app)
        assert "Brev · 2 brev väntar" in seen(app)
        await go(pilot, "p", "enter")
        assert "är gjord: 2 brev, " in seen(app), "the same letters once more"
    assert [world.letters(man) for man in men] == [[(LetterType.PRE_LETTER, LetterState.PRINTED)]] * 2


async def test_what_a_killed_program_left_stands_on_top_and_is_finished(world: World, monkeypatch: Any) -> None:
    released(world)
    with monkeypatch.context() as killed:
        killed.setattr(world.office.letters, "render", lambda *_args, **_more: (_ for _ in ()).throw(SystemExit))
        killed.setattr(world.office.letters, "_take_back", lambda *_args: None)
        with pytest.raises(SystemExit):
            world.office.letters.make_batch(world.anna, region="05", type=LetterType.PRE_LETTER)
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app)
        assert "OFÄRDIGT" in seen(app).splitlines()[3]
        assert "PDF:en är inte gjord:" in seen(app)
        await go(pilot, "p")
        assert "✓ Sats 2026-00001 är gjord: 2 brev, " in seen(app)
    assert [(batch.state, batch.letters) for batch in world.office.letters.batches(world.anna)] == [
        (BatchState.RENDERED, 2)
    ]


async def test_a_batch_is_printed_again_in_place_of_the_old_one(world: World) -> None:
    men = released(world)
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app)
        await go(pilot, "p", "enter", "t")
        await pilot.press(*"fel papper", "enter")
        await settle(pilot)
        assert "✓ Sats 2026-00002 ersätter 2026-00001." in seen(app)
        assert "Skriver ut sats 2026-00001 igen: fel papper" in seen(app)
        assert "makulerad" in seen(app)
    assert [world.letters(man) for man in men] == [[(LetterType.PRE_LETTER, LetterState.PRINTED)]] * 2


@pytest.mark.parametrize("viewer", [True, False])
async def test_the_pdf_is_shown_or_it_is_said_where_it_is(
    world: World, monkeypatch: Any, tmp_path: Path, viewer: bool
) -> None:
    released(world)
    shown: list[Path] = []
    monkeypatch.setattr(opening, "user_cache_path", lambda _name: tmp_path)
    monkeypatch.setattr(opening, "start", lambda file: shown.append(file) or viewer)
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app)
        await go(pilot, "p", "enter", "o")
        (file,) = shown
        assert file.read_bytes().startswith(b"%PDF")
        assert file.parent.stat().st_mode & 0o077 == 0, "nobody else may read it"
        assert ("visas i ett eget fönster" if viewer else "Här finns inget program som visar PDF-filer") in seen(app)
        assert "att posta" in seen(app), "it counts as printed"


async def test_who_cannot_get_a_letter_is_named_and_has_a_task(world: World) -> None:
    lost = world.man(address={})
    released(world, 1)
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app)
        await go(pilot, "p", "enter")
        assert isinstance(app.screen, Show)
        assert "Ingen användbar adress (1)" in seen(app)
        await go(pilot, "enter")
        assert "Lämnade utanför: Ingen användbar adress (1)" in seen(app)
    assert world.tasks(lost)
    assert world.letters(lost) == [(LetterType.PRE_LETTER, LetterState.PREPARED)]


async def test_where_nobody_can_get_a_letter_the_reasons_are_said(world: World) -> None:
    released(world, 1, address={})
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app)
        await go(pilot, "p", "enter")
        assert "✗ Inget brev kunde skrivas ut: Ingen användbar adress (1)." in seen(app)


async def test_protected_people_stand_apart_and_are_printed_one_at_a_time(world: World) -> None:
    hidden = released(world, 2, protection=Protection.CONFIDENTIALITY)
    (open_,) = [world.man(family_name="Öppen")]
    world.clock.advance(days=7)
    world.release(1)
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app)
        assert "FÖR HAND (skyddade)" in seen(app)
        await go(pilot, "down", "down", "p")
        assert "Skriva ut 1 brev?" in seen(app)
        assert "! Skyddade uppgifter: innerkuvert" in seen(app), (
            "what is otherwise with it is said before it is printed"
        )
        await go(pilot, "enter")
        assert seen(app).count("FÖR HAND · Förbrev") == 2, "the batch, and the one that waits"
    printed = [kind for man in hidden for kind in world.letters(man) if kind[1] is LetterState.PRINTED]
    assert len(printed) == 1
    assert world.letters(open_) == [(LetterType.PRE_LETTER, LetterState.PREPARED)]


async def test_the_papers_around_a_protected_letter_are_saved_from_its_batch(world: World, tmp_path: Path) -> None:
    released(world, 1, protection=Protection.CONFIDENTIALITY)
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app)
        await go(pilot, "u")
        assert isinstance(app.screen, LettersScreen), "there is no batch yet"
        await go(pilot, "p", "enter", "u")
        app.screen.query_one("#text", Input).value = str(tmp_path)
        await go(pilot, "enter")
        assert "✓ Sparat i" in seen(app)
        assert "Skatteverkets förmedling" in seen(app)
    assert any(file.endswith(".pdf") for file in names(tmp_path))


async def test_what_leaves_by_1177_is_handed_over_without_envelopes(world: World, tmp_path: Path) -> None:
    (man,) = released(world, 1)
    with world.context.sessions.begin() as session:
        session.execute(update(Letter).values(channel=Channel.MESSAGE_1177))
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app)
        assert "1177 · Förbrev" in seen(app)
        assert "P exportera" in seen(app)
        await go(pilot, "p")
        assert "Exportera 1 meddelande till 1177?" in seen(app)
        await go(pilot, "enter")
        assert "S skriver den till en mapp." in seen(app)
        await go(pilot, "o")
        assert "att exportera" in seen(app)
        assert "S skriver meddelandena till 1177." in seen(app)
        await saved(pilot, app, tmp_path)
        assert "1 brev = 1 lämnade" in seen(app)
        await go(pilot, "k")
        assert "Lämnade brev" in seen(app)
        assert "ark" not in seen(app).split("Är satsen lämnad?")[1].split("Gjord av")[0]
        assert "kuvert" not in seen(app)
        await go(pilot, "2", "enter")
        assert "✗ 2 stämmer inte med de 1 brev som ska lämnas." in seen(app)
        assert isinstance(app.screen, LettersScreen), "there is nothing to scan"
        await go(pilot, "k", "1", "enter")
        assert "✓ 1 brev är lämnat." in seen(app)
        assert "Lämnad 14 sep" in seen(app)
        await go(pilot, "s")
        assert isinstance(app.screen, LettersScreen), "it is not handed over twice"
    assert world.step(man) is Step.OFFER_PLANNED
    assert names(tmp_path) == ["1177-05-2026-00001"]


async def test_the_letters_of_a_batch_are_listed_and_read(world: World) -> None:
    released(world)
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app)
        await go(pilot, "p", "enter", "enter")
        assert isinstance(app.screen, BatchLettersScreen)
        assert "B-000001" in seen(app)
        assert "Man0, Åke" in seen(app)
        await go(pilot, "v")
        assert isinstance(app.screen, LetterTextScreen)
        assert "prostata" in seen(app)
        await go(pilot, "escape", "escape")
        assert isinstance(app.screen, LettersScreen)


async def test_pdf_and_lists_are_saved_in_a_folder(world: World, tmp_path: Path) -> None:
    released(world)
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app)
        await go(pilot, "p", "enter", "s")
        app.screen.query_one("#text").value = str(tmp_path / "brev")  # type: ignore[attr-defined]
        await go(pilot, "enter")
        assert "✓ Sparat i" in seen(app)
    assert sorted(file.suffix for file in (tmp_path / "brev").iterdir()) == [".csv", ".json", ".pdf"]


async def test_a_folder_that_cannot_be_written_is_said_in_words(world: World, tmp_path: Path) -> None:
    released(world)
    (tmp_path / "upptagen").write_text("en fil", encoding="utf-8")
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app)
        await go(pilot, "p", "enter", "s")
        app.screen.query_one("#text").value = str(tmp_path / "upptagen")  # type: ignore[attr-defined]
        await go(pilot, "enter")
        assert "✗ Det här är en fil, inte en mapp." in seen(app)
        app.screen.query_one("#text").value = str(tmp_path / "upptagen" / "brev")  # type: ignore[attr-defined]
        await go(pilot, "enter")
        assert "✗ Filen " in seen(app)


async def test_a_cancelled_batch_leaves_its_letters_waiting(world: World) -> None:
    men = released(world)
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app)
        await go(pilot, "p", "enter", "x", "enter")
        assert isinstance(app.screen, AskReason), "no cancelling without a reason"
        await pilot.press(*"fel papper", "enter")
        await settle(pilot)
        assert "Brev · 2 brev väntar" in seen(app)
        assert "makulerad" in seen(app)
    assert [batch.state for batch in world.office.letters.batches(world.anna)] == [BatchState.CANCELLED]
    assert world.letters(men[0]) == [(LetterType.PRE_LETTER, LetterState.PREPARED)]


async def test_a_batch_that_a_colleague_has_posted_is_told(world: World, tmp_path: Path) -> None:
    released(world)
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app)
        await go(pilot, "p", "enter")
        await saved(pilot, app, tmp_path)
        await go(pilot, "k", "2", "enter")
        (batch,) = world.office.letters.batches(world.per)
        world.office.letters.confirm(world.per, batch.batch_id, version=batch.version, posted=2)
        await go(pilot, "enter")
        assert "✗ Någon annan har ändrat satsen. Se på den igen." in seen(app)
        assert "postat" in seen(app)


async def test_an_empty_list_is_calm(world: World) -> None:
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        screen = await at(pilot, app)
        assert "Inga brev väntar, och inga har skrivits ut." in seen(app)
        await go(pilot, "p", "k", "s", "o", "t", "x", "enter", "v")
        assert app.screen is screen


async def test_the_list_is_read_again_when_its_dialog_was_closed_in_another_area(world: World) -> None:
    released(world)
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        letters = await at(pilot, app)
        await go(pilot, "f10")
        # What was left out of a batch is told when it has been made, wherever the user is then.
        letters.ask(Show("Sats", ("klar",)), lambda _answer: None)
        await settle(pilot)
        await go(pilot, "enter")
        world.office.letters.make_batch(world.anna, region="05", type=LetterType.PRE_LETTER)
        await go(pilot, "f4")
        assert "2026-00001" in seen(app)
