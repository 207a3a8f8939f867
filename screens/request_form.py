"""The form of a person whom the register does not pick: number, name, address, region and why. What is typed is checked by the service."""

from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Input, Label

from kansli_tui.i18n import _
from kansli_tui.rows.office import REGION_SHORT
from screens.dialogs import Dialog
from screens.widgets.field import Field
from screens.widgets.text import plain

_FIELDS = ("number", "given", "family", "street", "postcode", "city", "region", "reason")


@dataclass(frozen=True, slots=True)
class Requested:
    """What was written in the form."""

    number: str
    region: str
    given: str
    family: str
    address: dict[str, str]
    reason: str


class RequestForm(Dialog[Requested]):
    """Enter in the last field, or anywhere when all is filled in, answers; the arrows move between fields."""

    CSS_PATH = "plan_form.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]

    def __init__(self, regions: tuple[str, ...], number: str) -> None:
        super().__init__(
            _("Add a person by request"),
            (_("For somebody with a prostate whom the register does not pick, and who asks to be offered a test."),),
        )
        self._regions, self._number = regions, number

    def compose_answer(self) -> ComposeResult:
        """One line a field."""
        values = {"number": self._number, "region": REGION_SHORT[self._regions[0]]}
        labels = {
            "number": (_("Number"), "19760101-2391"),
            "given": (_("Given name"), ""),
            "family": (_("Family name"), ""),
            "street": (_("Street"), ""),
            "postcode": (_("Postcode"), "58222"),
            "city": (_("City"), ""),
            "region": (_("Region"), ""),
            "reason": (_("Why"), ""),
        }
        for name, (words, example) in labels.items():
            with Horizontal(classes="line"):
                yield Label(plain(words))
                yield Field(
                    values.get(name, ""),
                    placeholder=_("for example {example}", example=example) if example else "",
                    id=name,
                    max_length=200,
                )

    def on_mount(self) -> None:
        """Begin with what is not known yet."""
        super().on_mount()
        self.query_one("#given" if self._number else "#number", Input).focus()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        empty = [field for field in self.query(Input) if not field.value.strip()]
        if empty and event.input.id != _FIELDS[-1] and empty[0] is not event.input:
            empty[0].focus()
        elif not self.resting:
            self.action_accept()

    def action_accept(self) -> None:
        """Answer when nothing is missing; else say what is."""
        typed = {name: self.query_one(f"#{name}", Input).value.strip() for name in _FIELDS}
        region = next((code for code in self._regions if typed["region"].upper() in (REGION_SHORT[code], code)), None)
        missing = next((name for name in _FIELDS if not typed[name]), "" if region else "region")
        if missing or region is None:
            self.wrong(
                _(
                    "Fill in every field; the region is one of {regions}.",
                    regions=", ".join(REGION_SHORT[code] for code in self._regions),
                )
            )
            self.query_one(f"#{missing or 'region'}", Input).focus()
            return
        self.dismiss(
            Requested(
                typed["number"],
                region,
                typed["given"],
                typed["family"],
                {"adr2": typed["street"], "postnr": typed["postcode"].replace(" ", ""), "ort": typed["city"]},
                typed["reason"],
            )
        )
