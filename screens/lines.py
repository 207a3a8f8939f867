"""A question with several labelled fields below each other, as in every form of the program."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Input, Label, Static

from kansli_tui.i18n import _
from screens.dialogs import Answer, Dialog
from screens.widgets.field import Field
from screens.widgets.text import plain


@dataclass(frozen=True, slots=True)
class Line:
    """A field of a form: its label, what stands there from the start, and an example."""

    label: str
    given: str = ""
    example: str = ""
    longest: int = 200


class Lines(Dialog[Answer]):
    """Enter goes to the next field, and answers in the last; the arrows move between the fields.

    Below them stands what has been understood so far.
    """

    CSS_PATH = "lines.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]

    def fields(self) -> Mapping[str, Line]:
        """Id → field, in their order."""
        raise NotImplementedError

    def compose_answer(self) -> ComposeResult:
        """One line a field, and what has been read of them."""
        for name, line in self.fields().items():
            with Horizontal(classes="line"):
                yield Label(plain(line.label))
                hint = _("for example {example}", example=line.example) if line.example else ""
                yield Field(line.given, placeholder=hint, id=name, max_length=line.longest, select_on_focus=False)
        yield Static("", id="read")

    def typed(self, name: str) -> str:
        """What stands in a field."""
        return self.query_one(f"#{name}", Input).value.strip()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        fields = list(self.query(Input))
        following = self.worth_a_stop(fields[fields.index(event.input) + 1 :])
        if following:
            following[0].focus()
        elif not self.resting:
            self.action_accept()

    def worth_a_stop(self, fields: Sequence[Input]) -> Sequence[Input]:
        """Those of the fields that Enter goes on to; when none is left it answers."""
        return fields

    @on(Input.Changed)
    def _changed(self) -> None:
        self.query_one("#read", Static).update(plain(self.read_so_far(), "dim"))

    def read_so_far(self) -> str:
        """What is understood of what has been typed, in words."""
        return ""

    def missing(self, name: str, words: str) -> None:
        """Say what a field lacks, and go there."""
        self.wrong(words)
        self.query_one(f"#{name}", Input).focus()
