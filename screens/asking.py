"""Questions that need something typed: a file, a folder, a number that was counted, one line. Esc leaves without an answer."""

from pathlib import Path
from typing import ClassVar, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.suggester import Suggester
from textual.widgets import Input, Label

from kansli_tui.i18n import _
from screens.dialogs import Dialog
from screens.widgets.field import Field
from screens.widgets.text import plain

Answer = TypeVar("Answer")
_LONGEST_PATH = 1_000


class AskTyped(Dialog[Answer]):
    """One field; what is typed becomes the answer when `answer` makes one of it, else `wrong` says what is missing.

    The arrows scroll the lines above the field.
    """

    CSS_PATH = "asking.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "scroll_lines(1)", show=False),
        Binding("up", "scroll_lines(-1)", show=False),
        Binding("pagedown", "scroll_lines(8)", show=False),
        Binding("pageup", "scroll_lines(-8)", show=False),
    ]

    def __init__(self, title: str, lines: tuple[str, ...] = (), *, text: str, given: str = "") -> None:
        super().__init__(title, lines)
        self._text, self._given = text, given

    def compose_answer(self) -> ComposeResult:
        """The field with its label."""
        yield Label(plain(self._text))
        yield self.field()

    def field(self) -> Input:
        """The field."""
        return Field(self._given, id="text", max_length=200, select_on_focus=False)

    @property
    def typed(self) -> str:
        """What stands in the field."""
        return self.query_one("#text", Input).value.strip()

    def action_scroll_lines(self, lines: int) -> None:
        """Read on in the lines."""
        for scrolling in self.query("#dialog-lines"):
            scrolling.scroll_relative(y=lines, animate=False)

    @on(Input.Submitted)
    def _submitted(self) -> None:
        if not self.resting:
            self.action_accept()

    def answer(self) -> Answer | None:
        """The answer, or None after `wrong`."""
        raise NotImplementedError

    def action_accept(self) -> None:
        """Answer when it can be used."""
        answer = self.answer()
        if answer is None:
            self.query_one("#text", Input).focus()
        else:
            self.dismiss(answer)


class AskLine(AskTyped[str]):
    """One line of text that is not empty."""

    def answer(self) -> str | None:
        """The line."""
        if not self.typed:
            self.wrong(_("Write something first."))
        return self.typed or None


class AskNumber(AskTyped[int]):
    """A number that somebody has counted. With `must_be` any other number is refused here, in the words of `refusal`."""

    def __init__(
        self, title: str, lines: tuple[str, ...] = (), *, text: str, must_be: int | None = None, refusal: str = ""
    ) -> None:
        super().__init__(title, lines, text=text)
        self._must_be, self._refusal = must_be, refusal

    def field(self) -> Input:
        """Digits alone."""
        return Field(id="text", max_length=7, restrict="[0-9]*")

    def answer(self) -> int | None:
        """The number."""
        if not self.typed:
            self.wrong(_("Write a number."))
            return None
        number = int(self.typed)
        if self._must_be is not None and number != self._must_be:
            self.wrong(self._refusal)
            return None
        return number


class AskPath(AskTyped[Path]):
    """A file to read, or with `folder` a folder to write in, which may be new. `~` is the user's own folder; Tab completes."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("tab", "complete", show=False, priority=True)]

    def __init__(
        self, title: str, lines: tuple[str, ...] = (), *, text: str, given: str = "", folder: bool = False
    ) -> None:
        super().__init__(title, lines, text=text, given=given)
        self._folder = folder

    def field(self) -> Input:
        """A path, completed from what is there."""
        return Field(
            self._given,
            id="text",
            max_length=_LONGEST_PATH,
            suggester=PathSuggester(folders_only=self._folder),
            select_on_focus=False,
        )

    def action_complete(self) -> None:
        """Take what is suggested."""
        self.query_one("#text", Input).action_cursor_right()

    def answer(self) -> Path | None:
        """The path, looked at before it is handed on."""
        if not self.typed:
            self.wrong(_("Write the path of a folder.") if self._folder else _("Write the path of a file."))
            return None
        path = _at_home(self.typed)
        try:
            if self._folder and path.exists() and not path.is_dir():
                self.wrong(_("This is a file, not a folder."))
            elif self._folder:
                return path
            elif path.is_dir():
                self.wrong(_("This is a folder. Write the name of the file too."))
            elif not path.exists():
                self.wrong(_("There is no such file. Look at the spelling; Tab completes the name."))
            else:
                return path
        except OSError as problem:
            self.wrong(_("The file or folder cannot be used: {why}.", why=problem.strerror or type(problem).__name__))
        return None


class PathSuggester(Suggester):
    """Completes a path with the first name in its folder that begins so; hidden files only when a dot is typed."""

    def __init__(self, *, folders_only: bool = False) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._folders_only = folders_only

    async def get_suggestion(self, value: str) -> str | None:
        """The whole path, or None."""
        folder, slash, begun = value.rpartition("/")
        if not begun:
            return None
        try:
            names = sorted(_at_home(folder + slash or ".").iterdir())
            for path in names:
                if path.name.startswith(begun) and (path.is_dir() or not self._folders_only):
                    return f"{folder}{slash}{path.name}{'/' if path.is_dir() else ''}"
        except OSError:
            return None  # a folder that cannot be read has nothing to suggest; the answer is checked all the same
        return None


def _at_home(typed: str) -> Path:
    """The path; a `~` that names nobody stays as it is."""
    try:
        return Path(typed).expanduser()
    except RuntimeError:
        return Path(typed)
