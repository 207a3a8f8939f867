"""A table of people, batches or lines: cells are text, the cursor stays with its row, and an empty table breaks no key."""

from collections.abc import Iterable, Sequence

from rich.text import Text
from textual.binding import Binding
from textual.widgets import DataTable

from screens.widgets.text import plain


class KansliTable(DataTable[Text], inherit_bindings=False):
    """Rows have string keys. Enter belongs to the screen, so that it is one key among the others."""

    BINDINGS = [  # noqa: RUF012 - Textual declares it so
        Binding("up", "cursor_up", show=False),
        Binding("down", "cursor_down", show=False),
        Binding("pageup", "page_up", show=False),
        Binding("pagedown", "page_down", show=False),
        Binding("home,ctrl+home", "scroll_top", show=False),
        Binding("end,ctrl+end", "scroll_bottom", show=False),
    ]

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, classes=classes, cursor_type="row", zebra_stripes=False, cell_padding=1)

    @property
    def current(self) -> str | None:
        """The key of the row under the cursor; None when the table is empty."""
        if not self.is_valid_row_index(self.cursor_row):
            return None
        return self.ordered_rows[self.cursor_row].key.value

    def columns_are(self, *columns: tuple[str, int | None]) -> None:
        """Set the headings (already translated) and widths in cells; None fits the widest cell."""
        self.clear(columns=True)
        for heading, width in columns:
            self.add_column(plain(heading), width=width)

    def fill(self, rows: Iterable[tuple[str, Sequence[Text | str]]]) -> bool:
        """Show these rows; the cursor stays with its row. Returns True when another row than before is now under it."""
        before, place = self.current, self.cursor_row
        self.clear()
        places: dict[str, int] = {}
        for index, (key, cells) in enumerate(rows):
            self.add_row(*(cell if isinstance(cell, Text) else plain(cell) for cell in cells), key=key)
            places[key] = index
        if places:
            at = places.get(before, min(place, len(places) - 1)) if before is not None else 0
            self.move_cursor(row=at, animate=False)
        return before is not None and self.current != before
