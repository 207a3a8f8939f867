"""What is written by hand about a person: which of it, and the form with what the register says beside each line."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Input, Label

from kansli_tui.i18n import _, later
from kansli_tui.labels import label
from kansli_tui.pathway.municipalities import MUNICIPALITIES, region_of
from kansli_tui.rows.register_care import PARTS, HandField, HandForm, HandValue
from screens.base import KansliScreen
from screens.dialogs import Choice, Choose, Dialog
from screens.widgets.field import Field
from screens.widgets.text import plain

Written = tuple[dict[HandField, dict[str, str]], str]
"""By field the parts that were written, and why."""
_NAME = "name"
_GROUPS: dict[str, tuple[HandField, ...]] = {
    _NAME: (HandField.GIVEN, HandField.MIDDLE, HandField.FAMILY),
    HandField.ADDRESS: (HandField.ADDRESS,),
    HandField.SPECIAL: (HandField.SPECIAL,),
    HandField.ABROAD: (HandField.ABROAD,),
    HandField.MUNICIPALITY: (HandField.MUNICIPALITY,),
    HandField.BIRTH_DATE: (HandField.BIRTH_DATE,),
}
_LABELS: Mapping[str, str] = {
    "given_names": later("Given names"),
    "preferred_mark": later("Name in use, digits"),
    "middle_name": later("Middle name"),
    "family_name": later("Family name"),
    "co": later("c/o"),
    "adr1": later("Extra line"),
    "adr2": later("Street"),
    "postnr": later("Postcode"),
    "ort": later("City"),
    "utl1": later("Line 1"),
    "utl2": later("Line 2"),
    "utl3": later("Line 3"),
    "land": later("Country"),
    "municipality": later("Municipality, code or name"),
    "birth_date": later("Birth date"),
}
_LONGEST = 80


class HandEditForm(Dialog[Written]):
    """One line a part; Enter in the last one, or anywhere when the reason stands there, answers. The arrows move between them."""

    CSS_PATH = "hand_edit_form.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]

    def __init__(self, form: HandForm, fields: tuple[HandField, ...]) -> None:
        self._values = tuple(value for value in form.values if value.field in fields)
        self._region = form.region
        lines = [f"{form.number}  {form.name}", *_beside(self._values)]
        lines.append(_("It holds, in letters too, until it is settled against the register."))
        super().__init__(_("Write by hand"), tuple(lines))

    def compose_answer(self) -> ComposeResult:
        """The parts as they are now, and why."""
        for value in self._values:
            for name in PARTS[value.field]:
                given = value.value.get(name, "")
                if name == "municipality":
                    given = _place(given)
                yield from _line(name, _(_LABELS[name.removeprefix("sp_")]), given)
        yield from _line("why", _("Known from"), "")

    def on_mount(self) -> None:
        """Begin with the first line."""
        super().on_mount()
        self.query(Input).first().focus()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        why = self.query_one("#why", Input)
        if event.input is not why and not why.value.strip():
            self.app.action_focus_next()
        elif not self.resting:
            self.action_accept()

    def action_accept(self) -> None:
        """Answer when every part can be read and it is said where it is known from; what is wrong is said here, so that nothing typed is lost."""
        for value in self._values:
            for name in PARTS[value.field]:
                words = self._wrong_in(name, self.query_one(f"#{name}", Input).value.strip())
                if words:
                    self.wrong(words)
                    self.query_one(f"#{name}", Input).focus()
                    return
        why = self.query_one("#why", Input)
        if not why.value.strip():
            self.wrong(_("Write where it is known from; it stays in the case."))
            why.focus()
            return
        written: dict[HandField, dict[str, str]] = {}
        for value in self._values:
            parts = {name: self.query_one(f"#{name}", Input).value.strip() for name in PARTS[value.field]}
            if value.field is HandField.MUNICIPALITY:
                parts["municipality"] = _code(parts["municipality"])
            written[value.field] = parts
        self.dismiss((written, why.value.strip()))

    def _wrong_in(self, name: str, typed: str) -> str:
        """What is wrong with a part, in the words of the service, which has the last say; '' for nothing."""
        if not typed and name != "municipality":
            return ""
        if name.endswith("postnr") and not re.fullmatch(r"[0-9]{5}", typed.replace(" ", "")):
            return _("A postcode has five digits.")
        if name == "municipality" and region_of(_code(typed)) != self._region:
            return _(
                "Choose a municipality of the person's region. Who has moved to another region is handed over to it."
            )
        if name == "birth_date" and not _is_day(typed):
            return _("Write the date as 1976-02-03.")
        return ""


def ask_hand_edit(screen: KansliScreen, form: HandForm, then: Callable[[HandForm, Written], object]) -> None:
    """Which of it is written by hand, and then the form."""
    shown = {value.field: value for value in form.values}
    choices = tuple(
        Choice(name, _("Name") if name == _NAME else label(fields[0]), _now([shown[field] for field in fields]))
        for name, fields in _GROUPS.items()
        if all(field in shown for field in fields)
    )
    dialog = Choose(_("What is written by hand?"), choices)
    screen.ask(dialog, lambda name: screen.ask(HandEditForm(form, _GROUPS[name]), lambda written: then(form, written)))


def value_words(value: Mapping[str, str]) -> str:
    """The parts of a value on one line."""
    return ", ".join(_place(text) if name == "municipality" else text for name, text in value.items()) or "–"


def _now(values: list[HandValue]) -> str:
    now = value_words(
        {name: text for value in values for name, text in value.value.items() if name != "preferred_mark"}
    )
    return _("{value} (by hand)", value=now) if any(value.edit_id is not None for value in values) else now


def _beside(values: tuple[HandValue, ...]) -> list[str]:
    """What the register says, where something is written by hand already."""
    return [
        _("The register: {value}", value=value_words(value.differs or value.register_value))
        for value in values
        if value.edit_id is not None
    ]


def _line(name: str, words: str, given: str) -> ComposeResult:
    with Horizontal(classes="line"):
        yield Label(plain(words))
        yield Field(given, id=name, max_length=_LONGEST)


def _is_day(typed: str) -> bool:
    try:
        date.fromisoformat(typed)
    except ValueError:
        return False
    return True


def _place(code: str) -> str:
    known = MUNICIPALITIES.get(code)
    return known.name if known else code


def _code(typed: str) -> str:
    """The municipality's code for its code or name; what is neither is left for the service to refuse."""
    return next((code for code, place in MUNICIPALITIES.items() if place.name.casefold() == typed.casefold()), typed)
