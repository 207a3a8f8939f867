"""A line to write in. Its Enter is one of the program's keys, so that the key bar shows it."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import Input

from kansli_tui.keys import KEYS


class Field(Input):
    """In a dialog: Enter goes on."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", KEYS["dialog.accept"].label, id="dialog.accept")
    ]


class SearchField(Input):
    """Above a list: Enter opens what is marked in it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "submit", KEYS["list.open"].label, id="list.open")]
