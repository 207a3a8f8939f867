"""A hand-written page that goes with a letter: several lines, and how many characters are left."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static, TextArea

from kansli_tui.i18n import _, number
from kansli_tui.service.mail import MOST_ENCLOSED
from screens.base import keys
from screens.dialogs import Dialog
from screens.widgets.text import plain


class AskEnclosure(Dialog[str]):
    """Enter is a new line here, so Ctrl+S saves. An empty text takes the page out."""

    CSS_PATH = "enclosure.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keys("enclosure.save")

    def __init__(self, given: str) -> None:
        super().__init__(
            _("A page with the letter"), (_("It is printed on a page of its own. An empty text takes it out."),)
        )
        self._given = given

    def compose_answer(self) -> ComposeResult:
        """The text and its length."""
        yield TextArea(self._given, id="page", show_line_numbers=False, soft_wrap=True)
        yield Static(id="length")

    def on_mount(self) -> None:
        """Write at once, from the end of what stands there."""
        page = self.query_one(TextArea)
        page.focus()
        page.move_cursor(page.document.end)
        self._count()

    @on(TextArea.Changed)
    def _count(self) -> None:
        typed = len(self.query_one(TextArea).text)
        words = _("{count} of {most} characters", count=number(typed), most=number(MOST_ENCLOSED))
        self.query_one("#length", Static).update(plain(words, "bold" if typed > MOST_ENCLOSED else ""))
        self.wrong(_("The text is too long. Shorten it.")) if typed > MOST_ENCLOSED else self.all_right()

    def all_right(self) -> None:
        """Nothing is wrong any longer."""
        self.query_one("#dialog-wrong", Static).update("")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Enter belongs to the text; saving rests a moment like every answer."""
        if action == "accept":
            return False
        return None if self.resting and action == "save" else super().check_action(action, parameters)

    def action_save(self) -> None:
        """Give the text."""
        text = self.query_one(TextArea).text.rstrip()
        if len(text) <= MOST_ENCLOSED:
            self.dismiss(text)
