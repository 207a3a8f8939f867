"""Small things: visible text, cells that are cut between words, counts at the edge, days as people type them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.text import Text
from textual.app import App, ComposeResult

from screens.dialogs import parse_day
from screens.widgets.table import KansliTable, fit
from screens.widgets.text import REPLACEMENT, plain, visible
from screens.widgets.words import counted

TODAY = date(2026, 11, 11)


def test_what_is_invisible_is_shown() -> None:
    assert visible("a\x1b[31m\u202eb\u200b\n") == f"a{REPLACEMENT}[31m{REPLACEMENT}b{REPLACEMENT}{REPLACEMENT}"
    assert visible("Örjan Åström-Þór 3,4 µg") == "Örjan Åström-Þór 3,4 µg"
    assert visible("en\ntvå", lines=True) == "en\ntvå"


@given(st.text())
def test_no_text_becomes_markup_or_control_characters(text: str) -> None:
    shown = plain(text).plain
    assert len(shown) == len(text)
    assert all(
        character.isprintable() or character in (REPLACEMENT, "\N{NO-BREAK SPACE}") or ord(character) > 127
        for character in shown
    )
    assert "\x1b" not in shown


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("Urologremiss att skicka, ring först", 24, "Urologremiss att skicka…"),
        ("Urologremiss att skicka, ring först", 20, "Urologremiss att…"),
        ("von Lindqvist-Söderbergson, Karl", 21, "von Lindqvist-…"),
        ("Kort", 10, "Kort"),
        ("Oavbrutetlångtord", 8, "Oavbrut…"),
        ("19760101-2391\n19760161-2398", 13, "19760101-2391\n19760161-2398"),
    ],
)
def test_cells_are_cut_between_words(text: str, width: int, shown: str) -> None:
    assert fit(plain(text, lines=True), width).plain == shown


@given(st.text(alphabet="abc åäö-\n", max_size=60), st.integers(min_value=4, max_value=30))
def test_a_fitted_cell_fits(text: str, width: int) -> None:
    assert all(cell_len(line) <= width for line in fit(Text(text), width).plain.split("\n"))


def test_a_count_stands_at_the_edge() -> None:
    assert counted("Inväntar prov", "6 992", 20).plain == "Inväntar prov  6 992"
    assert counted("Urologremiss att skicka", "12", 16).plain == "Urologremiss\natt skicka    12"


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("2026-12-01", date(2026, 12, 1)),
        ("20261201", date(2026, 12, 1)),
        ("1/12", date(2026, 12, 1)),
        ("1/2", date(2027, 2, 1)),
        ("+14", date(2026, 11, 25)),
        ("+2v", date(2026, 11, 25)),
        ("+ 2 veckor", date(2026, 11, 25)),
        ("+10 dagar", date(2026, 11, 21)),
        ("2026-02-30", None),
        ("31/2", None),
        ("i morgon", None),
        ("", None),
        ("+9999999", None),
        ("٠١/١٢", None),
    ],
)
def test_days_as_people_type_them(typed: str, day: date | None) -> None:
    assert parse_day(typed, TODAY) == day


@given(st.text(max_size=12))
def test_no_typed_day_breaks(typed: str) -> None:
    assert parse_day(typed, TODAY) is None or isinstance(parse_day(typed, TODAY), date)


class _Tables(App[None]):
    def compose(self) -> ComposeResult:
        yield KansliTable()

    def on_mount(self) -> None:
        self.query_one(KansliTable).columns_are(("A", 4), ("B", 0), ("C", 0))


async def test_the_table_keeps_its_row_and_says_when_another_has_come() -> None:
    app = _Tables()
    async with app.run_test(size=(40, 10)) as pilot:
        table = app.query_one(KansliTable)
        assert table.current is None
        assert not table.fill([])
        assert not table.fill([(key, [key, "b", "c"]) for key in "xyz"])
        await pilot.press("down")
        assert table.current == "y"
        assert not table.fill([(key, [key, "b", "c"]) for key in "wxyz"])
        assert table.current == "y"
        assert table.fill([(key, [key, "b", "c"]) for key in "wxz"])
        assert table.current == "z"
        assert table.fill([])
        assert table.current is None
        await pilot.press("up", "down", "pageup", "pagedown", "home", "end")


async def test_columns_share_what_is_left_when_the_window_changes() -> None:
    app = _Tables()
    async with app.run_test(size=(40, 10)) as pilot:
        table = app.query_one(KansliTable)
        table.fill([("x", ["1", "ett två tre fyra fem sex", "c"])])
        await pilot.pause()
        narrow = [column.width for column in table.ordered_columns]
        await pilot.resize_terminal(100, 10)
        await pilot.pause()
        wide = [column.width for column in table.ordered_columns]
        assert wide[1] > narrow[1]
        assert table.get_row("x")[1].plain == "ett två tre fyra fem sex"
