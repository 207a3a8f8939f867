"""The line of keys at the bottom, from the screen's live bindings: as many whole keys as fit, help always among them."""

from dataclasses import replace

from rich.cells import cell_len
from rich.text import Text
from textual import events
from textual.app import RenderResult
from textual.screen import Screen
from textual.widget import Widget

from kansli_tui.i18n import _
from kansli_tui.keys import KEYS, Key

_LAST = ("screen.back", "app.watch", "app.search", "app.help")
"""These stand last, and always; but the watch only where there is room."""
_WATCH, _ROOM = "app.watch", 100
"""From this width in cells its key stands in the bar; Home announces it at any width."""
_RANK = {"list": 1, "screen": 2, "app": 3}
"""The screen's own keys come first; what does not fit is left to the help."""


class KeyBar(Widget):
    """Greyed keys stand in brackets too, so that it shows without colour."""

    def __init__(self) -> None:
        super().__init__()
        self._places: list[tuple[int, int, int, str]] = []

    def on_mount(self) -> None:
        """Follow which keys are live."""
        self.screen.bindings_updated_signal.subscribe(self, self._changed)

    def _changed(self, _screen: Screen[object]) -> None:
        self.refresh()

    def live_keys(self) -> list[tuple[Key, bool]]:
        """The keys to show, in the order of the table, with whether they work now."""
        live: dict[str, bool] = {}
        for active in self.screen.active_bindings.values():
            if active.binding.id in KEYS:
                live[active.binding.id] = live.get(active.binding.id, False) or active.enabled
        shown = [key for key in KEYS.values() if key.id in live and key.show and key.id not in _LAST]
        shown.sort(key=lambda key: (key.id != "list.open", _RANK.get(key.group, 0)))
        shown += [KEYS[id_] for id_ in _LAST if id_ in live and (id_ != _WATCH or self.size.width >= _ROOM)]
        said = getattr(self.screen, "key_labels", {})
        return [(replace(key, label=said.get(key.id, key.label)), live[key.id]) for key in shown]

    def render(self) -> RenderResult:
        """One line, or two where the window has room for it."""
        lines = max(1, self.size.height)
        keys = self.live_keys()
        end = [item for item in keys if item[0].id in _LAST]
        rest = [item for item in keys if item[0].id not in _LAST]
        while rest and not self._fits([*rest, *end], lines):
            rest.pop()
        return self._draw([*rest, *end])

    def _fits(self, keys: list[tuple[Key, bool]], lines: int) -> bool:
        column, line = 1, 1
        for key, live in keys:
            width = cell_len(_words(key, live=live))
            if column > 1 and column + width > self.size.width:
                line, column = line + 1, 1
            column += width + 2
        return line <= lines

    def _draw(self, keys: list[tuple[Key, bool]]) -> Text:
        text, column, line = Text(" ", no_wrap=True, end=""), 1, 0
        self._places = []
        for key, live in keys:
            words = _words(key, live=live)
            if column > 1 and column + cell_len(words) > self.size.width:
                text.append("\n ")
                line, column = line + 1, 1
            self._places.append((line, column, column + cell_len(words), key.key))
            if live:
                text.append(key.display, "bold")
                text.append(words.removeprefix(key.display))
            else:
                text.append(words, "dim")
            text.append("  ")
            column += cell_len(words) + 2
        return text

    def on_click(self, event: events.Click) -> None:
        """A click on a key presses it."""
        for line, start, end, key in self._places:
            if event.y == line and start <= event.x < end:
                self.app.simulate_key(key)


def _words(key: Key, *, live: bool) -> str:
    text = key.display if key.id == "screen.back" else f"{key.display} {_(key.label)}"
    return text if live else f"({text})"
