"""The week of an MRI unit: who has which time, what is free, who waits; and everything that is done with appointments and slots.

Every act shows the man and the time it concerns before it is done, and carries the appointment of the key press.
"""

from datetime import date, datetime, timedelta
from functools import partial
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Static
from textual.worker import Worker

from kansli_tui.errors import RefusedError
from kansli_tui.i18n import _, local_day
from kansli_tui.keys import KEYS
from kansli_tui.pathway.referrals import ReferralKind
from kansli_tui.rows.referrals import BookingRow, BookingWay, ReferralRow, UnitRow, WeekRow
from screens import mri_acts, mri_slots
from screens.base import KansliScreen, keys
from screens.mri_week_view import MOST, Shown, Waiting, about, heading, under, waiting_line
from screens.widgets.text import plain
from screens.widgets.week_grid import WeekGrid

_BOOK = KEYS["week.book"]


class MriWeekScreen(KansliScreen):
    """A week of a unit. With a referral it opens on its unit, and on its appointment or with its man chosen."""

    AREA = "MRI appointments"
    HELP = (
        "The arrows choose a time. A digit books the person with that number below in the marked time, after a question. M takes up "
        "the marked appointment: choose the new time and press Enter; old and new are shown before it is done. H books, or moves to, "
        "a day and time that you write, for units that give no slots. N adds slots, S closes them and shows first who would lose an "
        "appointment. D asks what became of everybody on the marked day. + and - change week, B changes unit. "
        "· is free, – no slot, ! has passed without an outcome, ✓ done, ✗ did not come."
    )
    CSS_PATH = "mri_week.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        *keys(*(id_ for id_, key in KEYS.items() if key.group == "week" and id_ != _BOOK.id)),
        *(Binding(str(place), f"book({place})", _BOOK.label, id=_BOOK.id) for place in range(1, MOST + 1)),
    ]

    class WeekRead(Message):
        """The week as it stands now."""

        def __init__(self, shown: Shown) -> None:
            super().__init__()
            self.shown = shown

    def __init__(self, unit_id: int | None = None, referral_id: int | None = None) -> None:
        super().__init__()
        self.unit_id, self._referral_id = unit_id, referral_id
        self._monday: date | None = None
        self._units: tuple[UnitRow, ...] = ()
        self.week: WeekRow | None = None
        self.waiting: tuple[Waiting, ...] = ()
        self.chosen: int | None = None
        """The referral of the man one came with, until he has a time."""
        self._brought: Waiting | None = None
        self.moving: BookingRow | None = None
        self._mark: datetime | None = None

    def compose_body(self) -> ComposeResult:
        """Unit and counts, the grid, the marked time, and who waits."""
        yield Static(id="unit")
        yield WeekGrid(id="week")
        yield Static(id="marked")
        yield Static(id="waiting")

    # Reading

    def reload(self) -> None:
        """Read the week again."""
        self._read(self.unit_id, self._monday)

    def _read(self, unit_id: int | None, monday: date | None) -> None:
        self.read(partial(self._all, unit_id, monday, self._referral_id), self.WeekRead)

    def _all(self, unit_id: int | None, monday: date | None, referral_id: int | None) -> Shown:
        """The unit comes from the referral, else the first that gives slots; the week from the appointment, else today's."""
        units = self.office.units.rows(self.actor, kind=ReferralKind.MRI, active=True)
        row = self.office.referrals.detail(self.actor, referral_id).row if referral_id is not None else None
        if row is not None:
            unit_id, monday = row.unit_id, local_day(row.booked_at) if row.booked_at else monday
        if unit_id is None and units:
            unit_id = next((unit for unit in units if unit.books is BookingWay.OWN_SLOTS), units[0]).unit_id
        if unit_id is None:
            return Shown(units, row, None)
        first = monday or self.today
        week = self.office.bookings.week(self.actor, unit_id, first - timedelta(days=first.weekday()))
        return Shown(units, row, week)

    @on(WeekRead)
    def draw(self, fact: WeekRead) -> None:
        """Draw it. The write keys rest when something else has come under them."""
        shown = fact.shown
        if shown.referral is not None:
            self._arrived(shown.referral)
        self._units = shown.units
        if shown.week is None:
            self.query_one("#unit", Static).update(
                plain(_("Your regions have no MRI unit. A supervisor adds one under units."))
            )
            return
        grid = self.query_one(WeekGrid)
        before, waited = (self.unit_id, self._monday, under(grid.current)), self.waiting
        self.week, self.unit_id, self._monday = shown.week, shown.week.unit.unit_id, shown.week.monday
        self.waiting = self._who_waits(shown.week)
        grid.fill(shown.week.days, self.today, mark=self._mark)
        self._mark = None
        if waited and (before != (self.unit_id, self._monday, under(grid.current)) or waited != self.waiting):
            self.rest()
        self.title_is(_("week {number}", number=shown.week.monday.isocalendar().week))
        self._draw_text()
        grid.focus()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """What was refused may have been taken meanwhile: the week is read again."""
        if event.worker.group == "write" and isinstance(event.worker.error, RefusedError) and event.worker.is_finished:
            self.reload()

    def _arrived(self, row: ReferralRow) -> None:
        """Once: the man one came with is chosen, or his appointment marked."""
        self._referral_id, self._mark = None, row.booked_at
        if row.booked_at is None:
            self.chosen = row.referral_id
            self._brought = Waiting(row.referral_id, row.version, row.person_number, row.name, row.days)

    def _who_waits(self, week: WeekRow) -> tuple[Waiting, ...]:
        rows = [
            Waiting(row.referral_id, row.version, row.number, row.name, row.waiting_days, row.orphan, row.why)
            for row in week.to_book
        ]
        brought = self._brought
        if brought is not None and brought.referral_id not in {row.referral_id for row in rows}:
            rows.insert(0, brought)
        return tuple(rows)

    def _draw_text(self) -> None:
        week = self.week
        if week is None:
            return
        self.query_one("#unit", Static).update(heading(week))
        self._show_marked()
        self.query_one("#waiting", Static).update(waiting_line(self.waiting, self.chosen, self.size.width - 4))
        self.refresh_bindings()

    @on(WeekGrid.CellHighlighted)
    def _show_marked(self) -> None:
        text = Text()
        if self.moving is not None:
            moved = _("Moving {name} from {at}: choose a time, Enter. Esc stops.", **mri_acts.named(self.moving))
            text = plain(f" {moved} ", "reverse bold")
        elif (cell := self.query_one(WeekGrid).current) is not None:
            text = about(cell)
        elif self.week is not None:
            text = plain(
                _("No times this week. N adds slots that the unit gives; H books a time that has been agreed.")
            )
        self.query_one("#marked", Static).update(text)
        self.refresh_bindings()

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What the marked time allows."""
        ready = self.is_mounted and self.week is not None
        cell = self.query_one(WeekGrid).current if ready else None
        booking = cell.booking if cell is not None else None
        place = parameters[0] if parameters and isinstance(parameters[0], int) else 0
        slot = cell.slot if cell is not None else None
        open_one = mri_acts.is_open(booking)
        live = {
            "book": self.moving is None and place <= len(self.waiting) and cell is not None and not open_one,
            "move": open_one and self.moving is None,
            "cancel": open_one and self.moving is None,
            "no_show": open_one and self.moving is None,
            "done": open_one and self.moving is None,
            "by_hand": self.moving is not None or bool(self.waiting) or open_one,
            "cut": cell is not None and slot is not None,
            "reopen": slot is not None and not slot.open,
            "choose": cell is not None,
            "unit": len(self._units) > 1,
        }
        if action != "back" and KEYS.get(f"week.{action}") is not None and not (ready and live.get(action, True)):
            return None
        return super().check_action(action, parameters)

    def action_choose(self) -> None:
        """Put the moved one here; book the chosen man in a free slot; open the case of whoever has the time."""
        cell = self.query_one(WeekGrid).current
        if cell is None:
            return
        if self.moving is not None:
            mri_acts.move(self, self.moving, cell)
        elif cell.booking is not None:
            self.desk.open_case(cell.booking.person_id)
        elif (row := next((row for row in self.waiting if row.referral_id == self.chosen), None)) is not None:
            mri_acts.book(self, row, cell)
        else:
            self.notice.done(_("Press the digit of the person who is to have the time."))

    def action_book(self, place: int = 1) -> None:
        """Book the man with this number."""
        cell = self.query_one(WeekGrid).current
        if cell is not None and place <= len(self.waiting):
            mri_acts.book(self, self.waiting[place - 1], cell)

    def action_move(self) -> None:
        """Take up the appointment; the next Enter puts it down."""
        cell = self.query_one(WeekGrid).current
        self.moving = cell.booking if cell is not None and mri_acts.is_open(cell.booking) else None
        self._show_marked()

    def action_back(self) -> None:
        """Put a taken-up appointment back where it is; else leave."""
        if self.moving is not None:
            self.moving = None
            self._show_marked()
        else:
            super().action_back()

    def action_by_hand(self) -> None:
        """A day and time that has been agreed."""
        mri_acts.by_hand(self, self.query_one(WeekGrid).current)

    def action_cancel(self) -> None:
        """Cancel the appointment."""
        mri_acts.end(self, self.query_one(WeekGrid).current, mri_acts.CANCEL)

    def action_no_show(self) -> None:
        """He did not come."""
        mri_acts.end(self, self.query_one(WeekGrid).current, mri_acts.NO_SHOW)

    def action_done(self) -> None:
        """He came."""
        mri_acts.end(self, self.query_one(WeekGrid).current, mri_acts.DONE)

    def action_add_slots(self) -> None:
        """Slots that the unit gives."""
        mri_slots.add_slots(self)

    def action_cut(self) -> None:
        """Close slots."""
        mri_slots.ask_cut(self, self.query_one(WeekGrid).current)

    def action_reopen(self) -> None:
        """Open the slot again."""
        mri_slots.reopen(self, self.query_one(WeekGrid).current)

    def action_close_day(self) -> None:
        """An outcome for everybody on the marked day."""
        mri_slots.close_day(self, self.query_one(WeekGrid).day or self.today)

    @on(mri_slots.CutShown)
    def _cut_shown(self, fact: mri_slots.CutShown) -> None:
        mri_slots.confirm_cut(self, fact)

    @on(mri_slots.DayRead)
    def _day_read(self, fact: mri_slots.DayRead) -> None:
        mri_slots.ask_outcomes(self, fact)

    @on(mri_acts.Booked)
    def _booked(self, fact: mri_acts.Booked) -> None:
        """The man has his time: nobody is chosen any more, and the week shows it."""
        self.notice.done(fact.text)
        self.moving = self._brought = self.chosen = None
        self._mark, self._monday = fact.row.starts_at, local_day(fact.row.starts_at)

    def action_week_next(self) -> None:
        """A week on."""
        self._turn(7)

    def action_week_before(self) -> None:
        """A week back."""
        self._turn(-7)

    def _turn(self, days: int) -> None:
        if self.week is not None:
            self._read(self.week.unit.unit_id, self.week.monday + timedelta(days=days))

    def action_unit(self) -> None:
        """The next unit; an appointment that is being moved stays with its own."""
        ids = [unit.unit_id for unit in self._units]
        if self.week is not None and ids and self.moving is None:
            at = ids.index(self.week.unit.unit_id) if self.week.unit.unit_id in ids else -1
            self._brought = self.chosen = None
            self._read(ids[(at + 1) % len(ids)], self.week.monday)
