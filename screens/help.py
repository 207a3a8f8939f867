"""Help (F1): how this screen is used and every key that works on it, all from the table of keys."""

from collections.abc import Iterable
from typing import ClassVar

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import ActiveBinding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from kansli_tui.i18n import _
from kansli_tui.keys import GROUPS, KEYS, Key
from screens.base import KansliScreen
from screens.widgets.text import plain


class HelpScreen(KansliScreen):
    """Shows the keys that were live where F1 was pressed; those of the screen first, those that work everywhere last."""

    AREA = "Help"
    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(self, area: str, text: str, live: tuple[ActiveBinding, ...]) -> None:
        super().__init__()
        self._area, self._text, self._live = area, text, live

    def compose_body(self) -> ComposeResult:
        """One page that scrolls."""
        with VerticalScroll():
            yield Static(self._page())

    def on_mount(self) -> None:
        """Say whose help it is."""
        self.title_is(_(self._area) if self._area else "")

    def _page(self) -> RenderableType:
        ids = dict.fromkeys(active.binding.id or "" for active in self._live)
        keys = [key for key in KEYS.values() if key.id in ids]
        groups = sorted(
            {key.group for key in keys},
            key=lambda group: (group == "app", group == "screen", list(GROUPS).index(group)),
        )
        parts: list[RenderableType] = []
        if self._text:
            parts += [plain(_(self._text)), Text()]
        for group in groups:
            parts += [plain(_(GROUPS[group]), "bold"), _keys(key for key in keys if key.group == group), Text()]
        parts.append(plain(_("Arrows, PgUp, PgDn, Home and End move in lists. Tab moves between fields."), "dim"))
        return Group(*parts)


def _keys(keys: Iterable[Key]) -> Table:
    grid = Table.grid(padding=(0, 2, 0, 0), expand=True)
    grid.add_column(width=8, no_wrap=True)
    grid.add_column(width=18)
    grid.add_column(ratio=1)
    for key in keys:
        grid.add_row(plain("  " + key.display, "bold"), plain(_(key.label)), plain(_(key.tooltip), "dim"))
    return grid
