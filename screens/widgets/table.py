"""A table of people, batches or lines: cells are text, the cursor stays with its row, and an empty table breaks no key."""

import re
from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from rich.text import Text
from textual.binding import Binding
from textual.widgets import DataTable

from screens.widgets.text import plain

_LEAST = 6


class KansliTable(DataTable[Text], inherit_bindings=False):
    """Rows have string keys; Enter belongs to the screen, so that it is one key among the others.

    Meant for a page of rows (at most some hundred): page through the service, not through the table.
    """

    BINDINGS = [  # noqa: RUF012 - Textual's own declaration
        Binding("up", "cursor_up", show=False),
        Binding("down", "cursor_down", show=False),
        Binding("pageup", "page_up", show=False),
        Binding("pagedown", "page_down", show=False),
        Binding("home,ctrl+home", "scroll_top", show=False),
        Binding("end,ctrl+end", "scroll_bottom", show=False),
    ]

    def __init__(self, *, id: str | None = None, classes: str | None = None, cell_padding: int = 1) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, classes=classes, cursor_type="row", zebra_stripes=False, cell_padding=cell_padding)
        self._columns: tuple[tuple[Text, int], ...] = ()
        self._filled: tuple[tuple[str, tuple[Text, ...]], ...] = ()
        self._laid_out = 0

    @property
    def current(self) -> str | None:
        """The key of the row under the cursor; None when the table is empty."""
        if not self.is_valid_row_index(self.cursor_row):
            return None
        return self.ordered_rows[self.cursor_row].key.value

    def columns_are(self, *columns: tuple[str | Text, int]) -> None:
        """Set headings (translated) and widths in cells; columns of width 0 share what is left over."""
        self._columns = tuple((head if isinstance(head, Text) else plain(head), width) for head, width in columns)
        self._lay_out()

    def fill(self, rows: Iterable[tuple[str, Sequence[Text | str]]]) -> bool:
        """Show these rows; the cursor stays with its row. True when another row than before has come under it.

        A cell that is too long ends between words with an ellipsis; line breaks in a cell make the row higher.
        """
        before, place = self.current, self.cursor_row
        self._filled = tuple(
            (key, tuple(cell if isinstance(cell, Text) else plain(cell) for cell in cells)) for key, cells in rows
        )
        self.clear()
        places: dict[str, int] = {}
        widths = [column.width for column in self.ordered_columns]
        for index, (key, cells) in enumerate(self._filled):
            fitted = [fit(cell, width) for cell, width in zip(cells, widths, strict=True)]
            height = 1 + max((cell.plain.count("\n") for cell in fitted), default=0)
            self.add_row(*fitted, key=key, height=height)
            places[key] = index
        if places:
            at = places.get(before, min(place, len(places) - 1)) if before is not None else 0
            self.move_cursor(row=at, animate=False)
        return before is not None and self.current != before

    def on_resize(self) -> None:
        """Give the columns without a width of their own what is left over."""
        if self.size.width != self._laid_out:
            self._lay_out()

    def _lay_out(self) -> None:
        self._laid_out = self.size.width
        taken = sum(width + 2 * self.cell_padding for _head, width in self._columns)
        shared = [width for _head, width in self._columns if width == 0]
        gutter = self.styles.scrollbar_size_vertical if self.styles.scrollbar_gutter == "stable" else 0
        left = max(0, self._laid_out - gutter - taken - (1 if self.cell_padding else 0))
        before = self.cursor_row
        self.clear(columns=True)
        for head, width in self._columns:
            self.add_column(head, width=width or max(_LEAST, left // max(1, len(shared))))
        self.fill(self._filled)
        if self.is_valid_row_index(before):
            self.move_cursor(row=before, animate=False)


def fit(text: Text, width: int) -> Text:
    """The text within `width` cells a line, each line cut between words with an ellipsis where it must be cut."""
    if all(cell_len(line) <= width for line in text.plain.split("\n")):
        return text
    fitted = Text("\n", justify=text.justify).join(_fit_line(line, width) for line in text.split("\n"))
    fitted.justify = text.justify
    return fitted


def _fit_line(line: Text, width: int) -> Text:
    if cell_len(line.plain) <= width:
        return line
    cut = line.copy()
    cut.truncate(width - 1)
    words = cut.plain.rstrip()
    if line.plain[len(words) : len(words) + 1] not in ("", *" ,;:.)"):
        ends = [match.end() for match in re.finditer("[ -]", words) if match.end() > width // 3]
        words = words[: ends[-1]] if ends else words
    cut = line[: len(words.rstrip(" ,·"))]
    cut.append("…")
    return cut
