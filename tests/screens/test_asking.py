"""Questions that need something typed: nothing unusable is accepted, and what is wrong is said."""

from pathlib import Path
from typing import Any

from kansli_tui.app import KansliApp
from screens.asking import AskLine, AskNumber, AskPath, PathSuggester
from screens.dialogs import Dialog
from tests.screens.conftest import SIZE, make_app, seen, settle
from tests.screens.fakes import FakeOffice


async def ask(pilot: Any, dialog: Dialog[Any]) -> list[Any]:
    """The dialog on screen; the list gets its answer."""
    answers: list[Any] = []
    app: KansliApp = pilot.app
    await settle(pilot)
    app.push_screen(dialog, answers.append)
    await settle(pilot)
    return answers


async def test_a_line_is_not_empty(office: FakeOffice) -> None:
    app = make_app(office)
    async with app.run_test(size=SIZE) as pilot:
        answers = await ask(pilot, AskLine("Kvittens", text="Nummer"))
        await pilot.press("space", "enter")
        assert answers == []
        assert "✗ Skriv något först." in seen(app)
        await pilot.press("R", "space", "1", "enter")
        assert answers == ["R 1"]


async def test_a_number_is_digits_and_may_have_to_be_the_right_one(office: FakeOffice) -> None:
    app = make_app(office)
    async with app.run_test(size=SIZE) as pilot:
        answers = await ask(pilot, AskNumber("Antal", text="Antal", must_be=12, refusal="Fel antal."))
        await pilot.press("enter")
        assert "✗ Skriv ett tal." in seen(app)
        await pilot.press("x", "-", "1", "enter")
        assert "✗ Fel antal." in seen(app)
        assert answers == []
        await pilot.press("2", "enter")
        assert answers == [12]


async def test_leaving_gives_no_answer(office: FakeOffice) -> None:
    app = make_app(office)
    async with app.run_test(size=SIZE) as pilot:
        answers = await ask(pilot, AskNumber("Antal", text="Antal"))
        await pilot.press("1", "escape")
        assert answers == [None]


async def test_a_file_is_looked_for_before_it_is_handed_on(office: FakeOffice, tmp_path: Path) -> None:
    (tmp_path / "svar.hl7").write_text("MSH", encoding="utf-8")
    app = make_app(office)
    async with app.run_test(size=SIZE) as pilot:
        answers = await ask(pilot, AskPath("Fil", text="Fil", given=f"{tmp_path}/"))
        await pilot.press("enter")
        assert "✗ Det här är en mapp." in seen(app)
        await pilot.press("n", "enter")
        assert "✗ Det finns ingen sådan fil." in seen(app)
        await pilot.press("backspace", "s")
        await settle(pilot)
        await pilot.press("tab", "enter")
        assert answers == [tmp_path / "svar.hl7"]


async def test_a_folder_may_be_new_but_is_no_file(office: FakeOffice, tmp_path: Path) -> None:
    (tmp_path / "svar.hl7").write_text("MSH", encoding="utf-8")
    app = make_app(office)
    async with app.run_test(size=SIZE) as pilot:
        dialog = AskPath("Mapp", text="Mapp", given=f"{tmp_path}/svar.hl7", folder=True)
        answers = await ask(pilot, dialog)
        await pilot.press("enter")
        assert "✗ Det här är en fil, inte en mapp." in seen(app)
        await pilot.press("2", "enter")
        assert answers == [tmp_path / "svar.hl72"]


async def test_suggestions_hide_hidden_files_and_survive_what_is_not_there(tmp_path: Path) -> None:
    (tmp_path / ".hemlig").mkdir()
    (tmp_path / "ut").mkdir()
    (tmp_path / "utdrag.csv").write_text("", encoding="utf-8")
    anything, folders = PathSuggester(), PathSuggester(folders_only=True)
    assert await anything.get_suggestion(f"{tmp_path}/") is None
    assert await anything.get_suggestion(f"{tmp_path}/u") == f"{tmp_path}/ut/"
    assert await anything.get_suggestion(f"{tmp_path}/utd") == f"{tmp_path}/utdrag.csv"
    assert await folders.get_suggestion(f"{tmp_path}/utd") is None
    assert await anything.get_suggestion(f"{tmp_path}/.h") == f"{tmp_path}/.hemlig/"
    assert await anything.get_suggestion("/finns/inte/alls") is None
    assert await anything.get_suggestion("~ingensomheterså/x") is None
