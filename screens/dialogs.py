"""Questions on top of a screen: yes or no, one of several, a reason and perhaps a day. Esc always leaves without an answer.

A dialog rests a moment before Enter works, so that a key pressed once too often does not answer a question nobody has read.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar, TypeVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import ActiveBinding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.reactive import reactive
from textual.screen import ModalScreen
from textual.widgets import Input, Label, OptionList, Static
from textual.widgets.option_list import Option

from kansli_tui.i18n import _, day_full
from screens.base import keys, translated
from screens.widgets.field import Field
from screens.widgets.key_bar import KeyBar
from screens.widgets.text import plain

Answer = TypeVar("Answer")
_SHORTEST_REASON = 3
_MOST_ROWS, _LEAST_ROWS = 13, 6
"""Rows of a list of choices below lines."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several: the id that is the answer, its label, and what it leads to."""

    id: str
    label: str
    help: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What was written in an `AskReason`: the text ('' where none was asked for) and the day."""

    text: str
    on: date | None = None


class Dialog(ModalScreen[Answer]):
    """A box in the middle with a title, some lines, its own widgets and its keys. All texts come translated."""

    BINDINGS: ClassVar[list[BindingType]] = keys("dialog.accept", "dialog.cancel")
    REST: ClassVar[float] = 0.3

    resting: reactive[bool] = reactive(False, bindings=True)

    def __init__(self, title: str, lines: tuple[str, ...] = ()) -> None:
        super().__init__()
        self._title = title
        self._lines = lines

    def compose(self) -> ComposeResult:
        """Title, lines, the dialog's own, what is wrong, keys."""
        with Vertical(id="dialog"):
            yield Label(plain(self._title, "bold"), id="dialog-title")
            if self._lines:
                with VerticalScroll(id="dialog-lines", can_focus=False):
                    yield Static(plain("\n".join(self._lines), lines=True))
            yield from self.compose_answer()
            yield Static("", id="dialog-wrong")
            yield KeyBar()

    def compose_answer(self) -> ComposeResult:
        """Where the answer is given."""
        yield from ()

    def on_mount(self) -> None:
        """Rest before the first Enter."""
        if self.REST:
            self.resting = True
            self.set_timer(self.REST, self._rested)

    def _rested(self) -> None:
        self.resting = False

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's form
        """Enter waits while resting."""
        return None if self.resting and action == "accept" else True

    @property
    def active_bindings(self) -> dict[str, ActiveBinding]:
        """The live bindings in the chosen language."""
        return translated(super().active_bindings)

    def wrong(self, text: str) -> None:
        """Say what is missing in the answer."""
        self.query_one("#dialog-wrong", Static).update(plain("✗ " + text))

    def action_cancel(self) -> None:
        """Leave without an answer."""
        self.dismiss(None)

    def action_accept(self) -> None:
        """Give the answer."""


class Confirm(Dialog[bool]):
    """Yes (Enter) or leave (Esc)."""

    def action_accept(self) -> None:
        """Yes."""
        self.dismiss(True)


class Assert(Dialog[bool]):
    """Something that only a person knows: J says that it is so, N or Esc goes back. Enter, pressed by habit, says nothing."""

    BINDINGS: ClassVar[list[BindingType]] = keys("dialog.yes", "dialog.no")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Enter is not there; J waits while resting."""
        if action == "accept":
            return False
        return None if self.resting and action == "yes" else super().check_action(action, parameters)

    def action_yes(self) -> None:
        """It is so."""
        self.dismiss(True)

    def action_no(self) -> None:
        """It is not."""
        self.dismiss(None)


class Show(Dialog[bool]):
    """Something to read; Enter and Esc both close it."""

    def action_accept(self) -> None:
        """Close."""
        self.dismiss(None)


class Choose(Dialog[str]):
    """One of several choices; the answer is its id."""

    def __init__(self, title: str, choices: tuple[Choice, ...], lines: tuple[str, ...] = ()) -> None:
        super().__init__(title, lines)
        self._choices = choices

    def compose_answer(self) -> ComposeResult:
        """The choices, each with what it leads to."""
        choices = ChoiceList(*(Option(_choice_text(choice), id=choice.id) for choice in self._choices))
        if self._lines:
            # In 24 rows the keys stay in sight below the list, which scrolls.
            choices.styles.max_height = max(_LEAST_ROWS, _MOST_ROWS - len(self._lines))
        yield choices

    def action_accept(self) -> None:
        """Answer with the marked choice."""
        highlighted = self.query_one(ChoiceList).highlighted_option
        if highlighted is not None:
            self.dismiss(highlighted.id)

    @on(OptionList.OptionSelected)
    def _clicked(self) -> None:
        self.action_accept()


class ChoiceList(OptionList, inherit_bindings=False):
    """Enter belongs to the dialog, which rests first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bound for bound in OptionList.BINDINGS if getattr(bound, "key", "") != "enter"
    ]


class AskReason(Dialog[Told]):
    """A text, and where asked for a day. `lines` say what it leads to.

    `text` is the field's label ('' asks for no text), `day` the day's label ('' asks for none); the day must be after `today`
    unless `past` is true.
    """

    def __init__(
        self,
        title: str,
        lines: tuple[str, ...] = (),
        *,
        text: str,
        day: str = "",
        today: date | None = None,
        past: bool = False,
        optional: bool = False,
        given: str = "",
    ) -> None:
        super().__init__(title, lines)
        self._text, self._day = text, day
        self._today = today or date.min
        self._past, self._optional, self._given = past, optional, given

    def compose_answer(self) -> ComposeResult:
        """The fields that are asked for."""
        if self._day:
            yield Label(plain(self._day))
            yield Field(placeholder=_("2026-12-01, 1/12, +14 days or +2w"), id="day", max_length=12)
            yield Static("", id="day-read")
        if self._text:
            yield Label(plain(self._text))
            yield Field(self._given, id="text", max_length=500)

    @on(Input.Changed, "#day")
    def _day_typed(self, event: Input.Changed) -> None:
        read = parse_day(event.value, self._today)
        self.query_one("#day-read", Static).update(plain("= " + day_full(read) if read else ""))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        if event.input.id == "day" and self._text and not self.query_one("#text", Input).value:
            self.query_one("#text", Input).focus()
        elif not self.resting:
            self.action_accept()

    def action_accept(self) -> None:
        """Answer when everything asked for is there."""
        chosen = parse_day(self.query_one("#day", Input).value, self._today) if self._day else None
        if self._day and chosen is None:
            self.wrong(_("Write a day, for example 2026-12-01, 1/12 or +14."))
            self.query_one("#day", Input).focus()
        elif chosen is not None and not self._past and chosen <= self._today:
            self.wrong(_("The day must be later than today."))
            self.query_one("#day", Input).focus()
        elif self._text and not self._optional and len(self._written) < _SHORTEST_REASON:
            self.wrong(_("Write a few words; they stay in the case."))
            self.query_one("#text", Input).focus()
        else:
            self.dismiss(Told(self._written, chosen))

    @property
    def _written(self) -> str:
        return self.query_one("#text", Input).value.strip() if self._text else ""


def parse_day(typed: str, today: date) -> date | None:
    """A day as people type it: 2026-12-01, 20261201, 1/12 (the next one to come), +14 (days), +2w or +2v (weeks); else None."""
    text = typed.strip().lower()
    try:
        if whole := re.fullmatch(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})", text):
            year, month, day = (int(part) for part in whole.groups())
            return date(year, month, day)
        if short := re.fullmatch(r"([0-9]{1,2})/([0-9]{1,2})", text):
            day, month = (int(part) for part in short.groups())
            this_year = date(today.year, month, day)
            return this_year if this_year >= today else date(today.year + 1, month, day)
        if later := re.fullmatch(r"\+ ?([0-9]{1,4}) ?([dwv]?)[a-zåäö]*", text):
            count, unit = int(later[1]), later[2]
            return today + timedelta(days=count * (7 if unit in ("w", "v") else 1))
    except (ValueError, OverflowError):
        return None
    return None


def _choice_text(choice: Choice) -> Text:
    text = plain(choice.label, "bold")
    if choice.help:
        text.append("\n  ").append_text(plain(choice.help))
    return text
