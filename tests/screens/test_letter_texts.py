"""Letter texts on screen: written by one, read before it is signed, signed by another, and read by everybody."""

from dataclasses import replace

import pytest
from textual.widgets import Input, Static, TextArea

from kansli_tui.app import KansliApp
from kansli_tui.errors import LetterError
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.rows.letter_states import TextRow
from kansli_tui.rows.office import Actor
from screens import opening
from screens.letter_text_edit import LetterTextEditScreen, line_of
from screens.letter_text_view import DifferenceScreen, ReadScreen, SignText
from screens.letter_texts import LetterTextsScreen
from screens.widgets.table import KansliTable
from tests.screens.conftest import SIZE, seen, settle
from tests.world import World

on_sqlite = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)


def app_of(world: World, actor: Actor) -> KansliApp:
    return KansliApp(world.office, actor, demo=True, clock=world.clock)


async def to_texts(app: KansliApp, pilot: object) -> LetterTextsScreen:
    await settle(pilot)
    app.open_area("letters")
    await settle(pilot)
    await pilot.press("b")  # type: ignore[attr-defined]
    await settle(pilot)
    assert isinstance(app.screen, LetterTextsScreen)
    return app.screen


def mark(screen: LetterTextsScreen, row: TextRow) -> None:
    table = screen.query_one(KansliTable)
    table.move_cursor(row=table.get_row_index(str(row.text_id)), animate=False)


def in_force(world: World, name: str, language: str = "sv") -> TextRow:
    rows = world.office.letter_texts.rows(world.per)
    return next(row for row in rows if (row.name, row.language, row.in_force) == (name, language, True))


def draft(world: World, by: Actor, name: str = "age_exit") -> TextRow:
    row = in_force(world, name)
    body = row.body.replace("\n\n", "\n\nEn ny mening om <b>kansliet</b> [red].\n\n", 1)
    return world.office.letter_texts.write(
        by, name=name, language="sv", region="", body=body, valid_from=world.today, comment="En mening till"
    )


@on_sqlite
async def test_a_new_version_is_checked_with_its_line_saved_and_waits_on_top(world: World) -> None:
    app = app_of(world, world.per)
    async with app.run_test(size=SIZE) as pilot:
        screen = await to_texts(app, pilot)
        assert "VÄNTAR PÅ SIGNERING" not in seen(app)
        old = in_force(world, "age_exit")
        mark(screen, old)
        await pilot.press("n", "enter")
        await settle(pilot)
        edit = app.screen
        assert isinstance(edit, LetterTextEditScreen)
        assert "Alla regioner · från version" in seen(app)
        area = edit.query_one(TextArea)
        area.load_text(old.body + "\nNytt stycke.\n\nRing {fonen}.\n")
        line = area.text.splitlines().index("Ring {fonen}.") + 1
        await pilot.press("tab")
        await settle(pilot)
        assert f"✗ Rad {line}: Brevtexten har en plats som inget brev fyller: fonen" in seen(app)
        assert area.cursor_location == (line - 1, 0)
        area.load_text(area.text.replace("{fonen}", "{phone}"))
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert "Skriv vad som är nytt i texten." in seen(app)
        await pilot.press("escape")
        await settle(pilot)
        assert "Lämna utan att spara?" in seen(app)
        await pilot.press("escape")
        edit.query_one("#comment", Input).value = "Telefon i slutet"
        await pilot.press("ctrl+s")
        await settle(pilot)
        shown = seen(app)
        assert app.screen is screen
        assert "är sparad som utkast. En annan arbetsledare signerar den." in shown
        assert shown.index("VÄNTAR PÅ SIGNERING") < shown.index("av per") < shown.index("TEXTER")
        assert "En annan arbetsledare än du signerar den." in " ".join(seen(app).split())
        assert "(S signera)" in seen(app)
        await pilot.press("s")
        await settle(pilot)
        assert app.screen is screen, "nobody signs what he has written"


@on_sqlite
async def test_somebody_else_sees_the_difference_and_signs(world: World) -> None:
    eva = replace(world.per, username="eva", name="Eva")
    row = draft(world, eva)
    app = app_of(world, world.per)
    async with app.run_test(size=SIZE) as pilot:
        screen = await to_texts(app, pilot)
        mark(screen, row)
        await pilot.press("d")
        await settle(pilot)
        assert isinstance(app.screen, DifferenceScreen)
        added = app.screen.query(".-added").first(Static)
        assert "+ En ny mening om <b>kansliet</b> [red]." in seen(app)
        assert added.styles.color != app.screen.query(".-same").first(Static).styles.color
        await pilot.press("escape", "s")
        await settle(pilot)
        assert isinstance(app.screen, SignText)
        assert "J ja, så är det" in seen(app), "the keys are in sight"
        assert "+ En ny mening om <b>kansliet</b> [red]." in seen(app)
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(app.screen, SignText), "Enter by habit signs nothing"
        await pilot.press("j")
        await settle(pilot)
        assert "✓ Signerad: gäller från" in seen(app)
    signed = in_force(world, "age_exit")
    assert (signed.text_id, signed.signed_by) == (row.text_id, "per")


@on_sqlite
async def test_a_draft_is_put_away_with_a_reason_and_found_among_all_versions(world: World) -> None:
    row = draft(world, world.per)
    app = app_of(world, world.per)
    async with app.run_test(size=SIZE) as pilot:
        screen = await to_texts(app, pilot)
        mark(screen, row)
        await pilot.press("x", *"för lång", "enter")
        await settle(pilot)
        assert "✓ Utkastet är avvisat." in seen(app)
        assert str(row.text_id) not in screen._rows
        await pilot.press("a")
        await settle(pilot)
        mark(screen, row)
        await settle(pilot)
        assert "En mening till · för lång" in seen(app)


@on_sqlite
async def test_a_caseworker_reads_and_tries_and_can_change_nothing(world: World) -> None:
    row = draft(world, world.per)
    app = app_of(world, world.anna)
    async with app.run_test(size=SIZE) as pilot:
        screen = await to_texts(app, pilot)
        mark(screen, row)
        await settle(pilot)
        bar = seen(app)
        assert all(key in bar for key in ("(N ny version)", "(S signera)", "(X avvisa)"))
        for key in "nsx":
            await pilot.press(key)
            await settle(pilot)
            assert app.screen is screen
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(app.screen, ReadScreen)
        assert "En ny mening om <b>kansliet</b> [red]." in seen(app)
        await pilot.press("escape", "v", "down", "enter")
        await settle(pilot)
        assert isinstance(app.screen, ReadScreen)
        assert "PÅHITTAD PERSON" in seen(app)
        assert "Wijkmansson" in seen(app)


@on_sqlite
async def test_a_shared_part_is_read_in_the_letter_one_chooses(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    row = in_force(world, "shared_symptoms")
    kinds = world.office.letter_texts.used_in(world.anna, row.text_id)
    assert len(kinds) > 1
    assert set(kinds) < set(LetterType)
    shown: list[bytes] = []
    monkeypatch.setattr(opening, "private_folder", lambda: world.folder)
    monkeypatch.setattr(opening, "show", lambda file: shown.append(file.read_bytes()) or f"{file.name} visas.")
    app = app_of(world, world.anna)
    async with app.run_test(size=SIZE) as pilot:
        screen = await to_texts(app, pilot)
        mark(screen, row)
        await pilot.press("o", "enter")
        await settle(pilot)
        assert "I vilket brev?" in seen(app)
        await pilot.press("enter")
        await settle(pilot)
        assert f"✓ shared_symptoms.sv.{row.version}.pdf visas." in seen(app)
        assert shown[0].startswith(b"%PDF")
        await pilot.press("v", "down", "down", "enter")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert "✗ Inget brev av det här slaget väntar." in seen(app)


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (LetterError("The letter text has a placeholder no letter fills: {names}", names="fel"), 3),
        (LetterError("The letter text has a placeholder no letter fills: {names}", names="{ }"), 5),
        (LetterError("x {code}", code="U+4E2D"), 4),
        (LetterError("There is no letter text {name} in {language}.", name="shared_ring", language="sv"), 6),
        (LetterError("The letter text must begin with one title: a line with # before it."), 7),
        (LetterError("A block of the letter is taller than the page. Shorten the text."), None),
    ],
)
def test_the_line_of_an_error(error: LetterError, line: int | None) -> None:
    body = "# Rubrik\nTill {region}\n[!fel] Hej\n中\nett {par\n@ring\n# Igen\n"
    assert line_of(error, body) == line


@on_sqlite
async def test_the_next_real_person_is_looked_for_in_every_region_of_ones_own(world: World) -> None:
    man = world.man(region="08", municipality="0880", family_name="Kalmarsson")
    world.act(man, "offer_now")
    app = app_of(world, world.anna)
    async with app.run_test(size=SIZE) as pilot:
        screen = await to_texts(app, pilot)
        mark(screen, in_force(world, "offer"))
        await pilot.press("v", "end", "enter")
        await settle(pilot)
        shown = seen(app)
        assert "Region Kalmar län" in shown
        assert "Kalmarsson" in shown
    assert world.audit(man)[-1] == "letter.preview"
