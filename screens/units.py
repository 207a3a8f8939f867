"""The directory of units that take referrals: how each is reached, how it books, and what it is sent. Supervisors keep it."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import Static

from kansli_tui.i18n import _, n_, number
from kansli_tui.labels import label
from kansli_tui.pathway.referrals import ReferralKind
from kansli_tui.rows.office import REGION_SHORT, REGIONS
from kansli_tui.rows.referrals import BookingWay, UnitRow
from screens.base import KansliScreen, keys
from screens.dialogs import Choice, Choose
from screens.lines import Line, Lines
from screens.widgets.table import KansliTable
from screens.widgets.text import plain, right
from screens.widgets.words import facts, shown_place

_WAYS = tuple(BookingWay)


class UnitsScreen(KansliScreen):
    """Every unit of one's regions, and all that is known of the marked one."""

    AREA = "Units"
    HELP = (
        "Units that take MRI and urology referrals, with phone and hours. A supervisor changes one with Enter and adds one with N; "
        "a unit that no longer takes referrals is made inactive, and its referrals stay."
    )
    CSS_PATH = "units.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keys("units.edit", "units.add")

    class UnitsRead(Message):
        """The directory."""

        def __init__(self, rows: tuple[UnitRow, ...]) -> None:
            super().__init__()
            self.rows = rows

    def __init__(self) -> None:
        super().__init__()
        self._rows: dict[str, UnitRow] = {}

    def compose_body(self) -> ComposeResult:
        """List and the marked unit."""
        yield KansliTable(id="units")
        yield Static(id="about")

    def on_mount(self) -> None:
        """Columns that fit 80 cells."""
        self.query_one(KansliTable).columns_are(
            ("", 3), (_("What"), 7), (_("Unit"), 0), (_("Phone"), 13), (right(_("cap.")), 5), (_("State"), 7)
        )

    def reload(self) -> None:
        """Read the directory."""
        self.read(partial(self.office.units.rows, self.actor), self.UnitsRead)

    @on(UnitsRead)
    def draw(self, fact: UnitsRead) -> None:
        """Draw it."""
        self._rows = {str(row.unit_id): row for row in fact.rows}
        if self.query_one(KansliTable).fill((key, _cells(row)) for key, row in self._rows.items()):
            self.rest()
        self.title_is(n_("{count} unit", "{count} units", len(fact.rows)))
        self._show_about()
        self.refresh_bindings()

    @on(KansliTable.RowHighlighted)
    def _show_about(self) -> None:
        row = self._marked
        about = self.query_one("#about", Static)
        if row is None:
            about.update(plain(_("There is no unit yet. A supervisor adds one with N.")))
            return
        sent = " ".join(part for part in (row.exam_code, row.exam_text) if part)
        calls = (
            _("the unit sends its own call") if row.writes_itself else _("the office sends the letter with the time")
        )
        about.update(
            facts(
                (_("UNIT"), plain(f"{row.name}  {REGIONS.get(row.region, row.region)}", "bold")),
                (_("PHONE"), plain(f"{row.phone}  {row.hours}")),
                (_("BOOKS"), plain(f"{label(row.books)}; {calls}")),
                (_("IS SENT"), plain(sent or "–")),
                (_("HSA-id"), plain(f"{row.hsa_id or '–'}   {_('code {code}', code=row.code)}")),
            )
        )

    @property
    def _marked(self) -> UnitRow | None:
        return self._rows.get(self.query_one(KansliTable).current or "")

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only supervisors keep the directory."""
        if action in ("edit", "add") and not self.actor.is_supervisor:
            return False
        if action == "edit" and not (self.is_mounted and self._marked):
            return None
        return super().check_action(action, parameters)

    def action_edit(self) -> None:
        """Change the marked unit as it was shown."""
        row = self._marked
        if row is not None:
            self.ask(UnitForm(row.name, row), self._save)

    def action_add(self) -> None:
        """Region and kind first: they never change."""
        choices = tuple(
            Choice(f"{code}:{kind}", f"{REGIONS[code]}, {label(kind)}")
            for code in REGION_SHORT
            if code in self.actor.regions
            for kind in ReferralKind
        )
        self.ask(Choose(_("Where, and what does it do?"), choices), self._ask_new)

    def _ask_new(self, chosen: str) -> None:
        region, _colon, kind = chosen.partition(":")
        own = UnitRow(
            unit_id=0,
            code="",
            region=region,
            kind=ReferralKind(kind),
            name="",
            hsa_id="",
            phone="",
            hours="",
            weekly_capacity=0,
            exam_code="",
            exam_text="",
            books=BookingWay.CALLS,
            writes_itself=True,
            active=True,
            version=0,
        )
        self.ask(UnitForm(f"{REGIONS[region]}, {label(own.kind)}", own), self._save)

    def _save(self, row: UnitRow) -> None:
        self.write(partial(self.office.units.save, self.actor, row), _("{unit} is saved.", unit=row.name))


class UnitForm(Lines[UnitRow]):
    """Everything that may be changed of a unit; the code of a new one too."""

    def __init__(self, title: str, row: UnitRow) -> None:
        super().__init__(title)
        self._row = row

    def fields(self) -> Mapping[str, Line]:
        """One line a field."""
        row = self._row
        new = {"code": Line(_("Code"), example=f"{row.region}-{row.kind}-2")} if row.unit_id == 0 else {}
        yes = {True: _("yes"), False: _("no")}
        return {
            **new,
            "name": Line(_("Name"), row.name),
            "phone": Line(_("Phone"), row.phone, "08-465 004 11"),
            "hours": Line(_("Hours"), row.hours),
            "capacity": Line(_("Appointments a week"), str(row.weekly_capacity)),
            "books": Line(_("Books (1, 2 or 3)"), str(_WAYS.index(row.books) + 1)),
            "writes": Line(_("Sends its own call"), yes[row.writes_itself]),
            "exam": Line(_("Examination, text"), row.exam_text),
            "exam-code": Line(_("Examination, code"), row.exam_code),
            "hsa": Line(_("HSA-id"), row.hsa_id),
            "active": Line(_("Takes referrals"), yes[row.active]),
        }

    def read_so_far(self) -> str:
        """What the number of how it books means."""
        typed = self.typed("books")
        chosen = int(typed) if typed in ("1", "2", "3") else 0
        return "   ".join(f"{'▸' if at == chosen else ''}{at} {label(way)}" for at, way in enumerate(_WAYS, start=1))

    def action_accept(self) -> None:
        """Answer when every field can be read; else say which cannot."""
        words = {_("yes"): True, _("no"): False}
        capacity, books = self.typed("capacity"), self.typed("books")
        for name in ("code", "name", "phone"):
            if (name != "code" or self._row.unit_id == 0) and not self.typed(name):
                self.missing(name, _("Fill in code, name and phone."))
                return
        if not (capacity.isascii() and capacity.isdecimal()):
            self.missing("capacity", _("Write a number; 0 when it is not known."))
        elif books not in ("1", "2", "3"):
            self.missing("books", _("Write 1, 2 or 3: what they mean stands below."))
        elif (
            wrong := next((name for name in ("writes", "active") if self.typed(name).lower() not in words), None)
        ) is not None:
            self.missing(wrong, _("Write yes or no."))
        else:
            self.dismiss(
                replace(
                    self._row,
                    code=self._row.code or self.typed("code"),
                    name=self.typed("name"),
                    phone=self.typed("phone"),
                    hours=self.typed("hours"),
                    weekly_capacity=int(capacity),
                    books=_WAYS[int(books) - 1],
                    writes_itself=words[self.typed("writes").lower()],
                    exam_text=self.typed("exam"),
                    exam_code=self.typed("exam-code"),
                    hsa_id=self.typed("hsa"),
                    active=words[self.typed("active").lower()],
                )
            )


def _cells(row: UnitRow) -> list[Text]:
    return [
        plain(shown_place(row.region)),
        plain(label(row.kind)),
        plain(row.name),
        plain(row.phone),
        right(number(row.weekly_capacity) if row.weekly_capacity else "–"),
        plain("" if row.active else _("inactive")),
    ]
