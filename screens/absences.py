"""Who is away: on those days the deputy has the duty of the watch. One's own days, and for supervisors anybody's."""

from datetime import date
from functools import partial
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message

from kansli_tui.i18n import _, day_full
from kansli_tui.rows.office import StaffRow
from kansli_tui.rows.watch import AbsenceRow
from screens.base import KansliScreen, keys
from screens.dialogs import AskReason, Choice, Choose, Confirm, Told
from screens.widgets.table import KansliTable
from screens.widgets.text import plain


class AbsencesScreen(KansliScreen):
    """Absences from today on."""

    AREA = "Absence"
    HELP = (
        "On these days the owner's checks are the deputy's duty. N notes days: your own, or as a supervisor anybody's. X ends an absence: "
        "the duty is the owner's again at once."
    )
    BINDINGS: ClassVar[list[BindingType]] = keys("watch.add_absence", "watch.end_absence")

    class AbsencesRead(Message):
        """Who is away."""

        def __init__(self, rows: tuple[AbsenceRow, ...]) -> None:
            super().__init__()
            self.rows = rows

    class StaffRead(Message):
        """Who can be away."""

        def __init__(self, staff: tuple[StaffRow, ...]) -> None:
            super().__init__()
            self.staff = staff

    def __init__(self) -> None:
        super().__init__()
        self._rows: dict[str, AbsenceRow] = {}

    def compose_body(self) -> ComposeResult:
        """The list."""
        yield KansliTable(id="absences")

    def on_mount(self) -> None:
        """Columns that fit 80 cells."""
        self.query_one(KansliTable).columns_are((_("Who"), 0), (_("First day"), 18), (_("Last day"), 18))

    def reload(self) -> None:
        """Read the absences."""
        self.read(partial(self.office.watch.absences, self.actor), self.AbsencesRead)

    @on(AbsencesRead)
    def draw(self, fact: AbsencesRead) -> None:
        """Draw them; those of today in bold."""
        self._rows = {str(row.absence_id): row for row in fact.rows}
        if self.query_one(KansliTable).fill((key, self._cells(row)) for key, row in self._rows.items()):
            self.rest()
        self.title_is("" if fact.rows else _("nobody is away"))
        self.refresh_bindings()

    def _cells(self, row: AbsenceRow) -> list[Text]:
        style = "bold" if row.first <= self.today <= row.last else ""
        return [plain(row.username, style), plain(day_full(row.first), style), plain(day_full(row.last), style)]

    @property
    def _marked(self) -> AbsenceRow | None:
        return self._rows.get(self.query_one(KansliTable).current or "")

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """One's own absence, or as a supervisor anybody's."""
        if action == "end_absence":
            row = self._marked if self.is_mounted else None
            if row is None or not (self.actor.is_supervisor or row.username == self.actor.username):
                return None
        return super().check_action(action, parameters)

    def action_add_absence(self) -> None:
        """Note days; supervisors say first whose."""
        if self.actor.is_supervisor:
            self.read(partial(self.office.staff.rows, self.actor), self.StaffRead, group="staff")
        else:
            self._ask_first(self.actor.username)

    @on(StaffRead)
    def _ask_who(self, fact: StaffRead) -> None:
        people = tuple(Choice(row.username, f"{row.username}  {row.name}") for row in fact.staff if row.active)
        self.ask(Choose(_("Who is away?"), people), self._ask_first)

    def _ask_first(self, username: str) -> None:
        dialog = AskReason(
            _("First day away: {who}", who=username), text="", day=_("First day"), today=self.today, past=True
        )
        self.ask(dialog, partial(self._ask_last, username))

    def _ask_last(self, username: str, told: Told) -> None:
        first = told.on
        if first is not None:
            title = _("Last day away: {who}", who=username)
            dialog = AskReason(
                title,
                (_("Away from {day}", day=day_full(first)),),
                text="",
                day=_("Last day"),
                today=self.today,
                past=True,
            )
            self.ask(dialog, lambda last: self._add(username, first, last.on))

    def _add(self, username: str, first: date, last: date | None) -> None:
        if last is not None:
            work = partial(self.office.watch.add_absence, self.actor, username, first, last)
            self.write(work, _("The absence is noted."))

    def action_end_absence(self) -> None:
        """Somebody is back."""
        row = self._marked
        if row is not None:
            lines = (
                _("{who}: {first} to {last}", who=row.username, first=day_full(row.first), last=day_full(row.last)),
            )
            end = partial(self.office.watch.end_absence, self.actor, row.absence_id)
            self.ask(Confirm(_("End the absence?"), lines), lambda _yes: self._end(end))

    def _end(self, end: partial[None]) -> None:
        self.write(end, _("The absence is ended."))
