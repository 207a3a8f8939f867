"""Writes a new version of a letter text.

It is checked when the text is left and when it is saved: every letter that takes it in must be possible to set, and what is wrong
is said with its line.
"""

import re
from collections.abc import Callable
from datetime import date
from functools import partial
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Label, Static, TextArea

from kansli_tui.errors import KansliError
from kansli_tui.i18n import _
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.rows.letter_states import TextRow
from kansli_tui.rows.letters import VALUE_RULES
from screens.base import KansliScreen, in_words, keys
from screens.dialogs import Confirm, parse_day
from screens.letter_text_view import region_words, short_language, text_name
from screens.widgets.field import Field
from screens.widgets.text import plain

_EVERYWHERE = ("region", "office", "phone", "hours", "web")


class LetterTextEditScreen(KansliScreen):
    """The text, from when it holds and what is new in it. Saved as a draft, which somebody else signs."""

    AREA = "New version"
    HELP = (
        "A line with # is the title, ## a heading, - a point of a list, > a line of the box, @ takes in a shared part. {name} stands "
        "for a value; a line that begins with [name] is there only when the letter has that value, with [!name] only when it has not. "
        "The text is checked when you leave it with Tab and when Ctrl+S saves it as a draft."
    )
    CSS_PATH = "letter_texts.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keys("edit.save")

    class Checked(Message):
        """Every letter can be set from the text."""

        def __init__(self, body: str) -> None:
            super().__init__()
            self.body = body

    class Saved(Message):
        """The draft is there."""

        def __init__(self, row: TextRow) -> None:
            super().__init__()
            self.row = row

    def __init__(self, start: TextRow, region: str, saved: Callable[[TextRow], None]) -> None:
        super().__init__()
        self._start, self._region, self._saved = start, region, saved
        self._checked = self._begun = start.body.strip() + "\n"

    def compose_body(self) -> ComposeResult:
        """What is written, the fields, the text, and the values it may name."""
        start = self._start
        words = (text_name(start.name), short_language(start.language), region_words(self._region))
        yield Static(plain(" · ".join((*words, _("from version {version}", version=start.version))), "bold"), id="head")
        with Horizontal(classes="line"):
            yield Label(plain(_("Holds from")))
            yield Field(self.today.isoformat(), id="from", max_length=12, select_on_focus=False)
        with Horizontal(classes="line"):
            yield Label(plain(_("What is new")))
            yield Field(id="comment", max_length=300)
        yield TextArea(self._begun, id="text", soft_wrap=True, show_line_numbers=True, tab_behavior="focus")
        yield Static(
            plain(_("Values: {names}", names=" ".join(f"{{{name}}}" for name in _names(start.name))), "dim"), id="names"
        )

    def on_mount(self) -> None:
        """Begin in the text."""
        super().on_mount()
        self._text.focus()

    @property
    def _text(self) -> TextArea:
        return self.query_one("#text", TextArea)

    @on(Input.Submitted)
    def _next_field(self, event: Input.Submitted) -> None:
        self.query_one("#comment" if event.input.id == "from" else "#text").focus()

    # Checking

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        """Check what was left, where it has changed since the last time."""
        body = self._text.text if event.widget is self._text else self._checked
        if body != self._checked and not self.busy:
            self._checked = body
            check = partial(self.office.letter_texts.check, self.actor, body=body, valid_from=self._from or self.today)
            start = self._start
            checked = partial(check, name=start.name, language=start.language, region=self._region)
            self.read(checked, lambda _none: self.Checked(body), group="check")

    @property
    def _from(self) -> date | None:
        return parse_day(self.query_one("#from", Input).value, self.today)

    @on(Checked)
    def _say_checked(self, fact: Checked) -> None:
        if fact.body == self._text.text:
            self.notice.done(_("Every letter can be set from the text."))

    def failed(self, error: BaseException) -> None:
        """With the line where it is, and the cursor there."""
        line = line_of(error, self._text.text) if isinstance(error, KansliError) else None
        if line is None:
            super().failed(error)
            return
        self.notice.failed(_("Line {line}: {what}", line=line, what=in_words(error)))
        self._text.move_cursor((line - 1, 0))

    # Saving

    def action_save(self) -> None:
        """Check and save as a draft."""
        day, comment, on_day = self.query_one("#from", Input), self.query_one("#comment", Input), self._from
        if on_day is None:
            self.notice.failed(_("Write a day, for example 2026-12-01, 1/12 or +14."))
            day.focus()
        elif not comment.value.strip():
            self.notice.failed(_("Say what is new in the text."))
            comment.focus()
        else:
            start, self._checked = self._start, self._text.text
            write = partial(
                self.office.letter_texts.write,
                self.actor,
                name=start.name,
                language=start.language,
                region=self._region,
                body=self._checked,
                valid_from=on_day,
                comment=comment.value,
            )
            self.write(write, self.Saved, saying=_("The text is checked…"), reads_again=False)

    @on(Saved)
    def _leave(self, fact: Saved) -> None:
        if self.app.screen is self:
            self.app.pop_screen()
        self._saved(fact.row)

    def action_back(self) -> None:
        """Leave; what has been written is not thrown away without a question."""
        if self._text.text == self._begun and not self.query_one("#comment", Input).value.strip():
            super().action_back()
        else:
            lines = (_("What you have written is not saved."),)
            self.ask(Confirm(_("Leave without saving?"), lines), lambda _yes: self.app.pop_screen())


def _names(name: str) -> tuple[str, ...]:
    """The values that a text may name; those of a shared part are the ones of every letter together."""
    kinds = [LetterType(name)] if name in set(LetterType) else list(LetterType)
    known = set().union(*(VALUE_RULES[kind].known for kind in kinds)) if name in set(LetterType) else set()
    return (*sorted(known), *_EVERYWHERE)


def line_of(error: KansliError, body: str) -> int | None:
    """The line, from 1, that an error of a text speaks of; None where it speaks of no line."""
    lines = body.splitlines()
    wanted = _sought(error)
    if wanted is not None:
        return next((number for number, line in enumerate(lines, start=1) if wanted(line)), None)
    if error.message.startswith("The letter text must begin with one title"):
        titles = [number for number, line in enumerate(lines, start=1) if line.startswith("# ")]
        first = next((number for number, line in enumerate(lines, start=1) if line.strip()), 1)
        return titles[1] if titles[:1] == [first] and len(titles) > 1 else first
    return None


def _sought(error: KansliError) -> Callable[[str], bool] | None:
    """What the line looks like."""
    names, code, part = (str(error.values.get(key, "")) for key in ("names", "code", "part"))
    missing = str(error.values.get("name", ""))
    if names == "{ }":
        return lambda line: bool(set("{}") & set(re.sub(r"\{[a-z_]+\}", "", line)))
    if names:
        any_of = "|".join(re.escape(name) for name in names.split(", "))
        return lambda line: re.search(rf"\{{({any_of})\}}|\[!?({any_of})\]", line) is not None
    if re.fullmatch(r"U\+[0-9A-F]{4,6}", code):
        char = chr(int(code.removeprefix("U+"), 16))
        return lambda line: char in line
    taken_in = part or missing
    if taken_in.startswith("shared_"):
        return lambda line: line.strip() == f"@{taken_in.removeprefix('shared_')}"
    return None
