"""The line above the key bar that says what happened: done, in progress, or failed, always in words and never by colour alone."""

from rich.text import Text
from textual.widgets import Static

from screens.widgets.text import visible


class Notice(Static):
    """One to three lines. It stays until something else happens; an error is not something that fades away."""

    def clear(self) -> None:
        """Say nothing."""
        self._say("", "", "")

    def done(self, text: str) -> None:
        """Say what was done."""
        self._say("✓ ", text, "-done")

    def failed(self, text: str) -> None:
        """Say what went wrong and what to do."""
        self._say("✗ ", text, "-failed")

    def working(self, text: str) -> None:
        """Say what is going on."""
        self._say("… ", text, "-working")

    def calm(self, text: str) -> None:
        """Say what has become of what the user himself has ended: neither done nor failed."""
        self._say("– ", text, "")

    @property
    def text(self) -> str:
        """What is said now."""
        return self._text

    _text = ""

    def _say(self, sign: str, text: str, kind: str) -> None:
        self._text = text
        self.set_class(kind == "-done", "-done")
        self.set_class(kind == "-failed", "-failed")
        self.set_class(kind == "-working", "-working")
        self.update(Text(sign + visible(text, lines=True)))
