"""A week as a grid: a column a day, a row a clock time, a cell an appointment, a free slot or nothing. The arrows choose a cell."""

from dataclasses import dataclass
from datetime import date, datetime

from rich.cells import cell_len, set_cell_size
from rich.text import Text
from textual.binding import Binding
from textual.widgets import DataTable

from kansli_tui.i18n import _, clock, later, local_day
from kansli_tui.rows.referrals import BookingRow, BookingState, SlotRow
from screens.widgets.table import fit
from screens.widgets.text import plain, visible

WEEKDAYS = (
    later("Mon"), later("Tue"), later("Wed"), later("Thu"), later("Fri"), later("Sat"), later("Sun"),
)  # fmt: skip
FREE, NONE = "·", "–"
_LABEL, _WORKDAYS, _WIDEST = 7, 5, 24


@dataclass(frozen=True, slots=True)
class Cell:
    """A place in the grid: its day and clock time, and the slot or appointment there, if any."""

    day: date
    clock: str
    slot: SlotRow | None

    @property
    def booking(self) -> BookingRow | None:
        """The appointment here."""
        return self.slot.booking if self.slot is not None else None


class WeekGrid(DataTable[Text], inherit_bindings=False):
    """The cursor stays with its day and time when the week is drawn again, with its weekday and time in another week.

    Enter belongs to the screen.
    """

    BINDINGS = [  # noqa: RUF012 - Textual's own declaration
        Binding("up", "cursor_up", show=False),
        Binding("down", "cursor_down", show=False),
        Binding("left", "cursor_left", show=False),
        Binding("right", "cursor_right", show=False),
        Binding("home", "scroll_home", show=False),
        Binding("end", "scroll_end", show=False),
    ]

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, cursor_type="cell", zebra_stripes=False)
        self._days: tuple[date, ...] = ()
        self._lines: list[tuple[str, list[SlotRow | None]]] = []
        self._today = date.min
        self._laid_out = 0
        self._stood: Cell | None = None
        """Where the cursor stood last, also across a week without times."""

    @property
    def current(self) -> Cell | None:
        """The cell under the cursor; None while the grid is empty."""
        if not self.is_valid_coordinate(self.cursor_coordinate):
            return None
        row, column = self.cursor_coordinate
        at, slots = self._lines[row]
        return Cell(self._days[column], at, slots[column])

    @property
    def day(self) -> date | None:
        """The day of the marked column, also where the week has no times."""
        column = self.cursor_coordinate.column
        return self._days[column] if column < len(self._days) else (self._days[0] if self._days else None)

    def fill(
        self, days: tuple[tuple[date, tuple[SlotRow, ...]], ...], today: date, *, mark: datetime | None = None
    ) -> None:
        """Show the days (weekends only where something is in them); with `mark` the cursor goes to that time."""
        shown = [(day, slots) for place, (day, slots) in enumerate(days) if place < _WORKDAYS or slots]
        before = self._stood = self.current or self._stood
        self._days, self._today = tuple(day for day, _slots in shown), today
        self._lines = _lines([slots for _day, slots in shown])
        self._draw()
        if mark is not None:
            self._go_to(local_day(mark), clock(mark))
        elif before is not None and before.day in self._days:
            self._go_to(before.day, before.clock)
        elif before is not None:
            self._same_place(before)
        elif today in self._days and self._lines:
            self.move_cursor(row=0, column=self._days.index(today), animate=False)

    def _go_to(self, day: date, at: str) -> None:
        row = next((place for place, (label, _slots) in enumerate(self._lines) if label == at), 0)
        if day in self._days and self._lines:
            self.move_cursor(row=row, column=self._days.index(day), animate=False)

    def _same_place(self, before: Cell) -> None:
        """The weekday and time of another week; where nothing is there the week's first free slot."""
        column = next((place for place, day in enumerate(self._days) if day.weekday() == before.day.weekday()), 0)
        places = [(row, column) for row, (at, slots) in enumerate(self._lines) if at == before.clock and slots[column]]
        free = [
            (slot.starts_at, row, place)
            for row, (_at, slots) in enumerate(self._lines)
            for place, slot in enumerate(slots)
            if slot is not None and slot.open and slot.booking is None
        ]
        if places or free:
            row, column = places[0] if places else min(free)[1:]
            self.move_cursor(row=row, column=column, animate=False)
        elif self._lines:
            self.move_cursor(row=0, column=column, animate=False)

    def on_resize(self) -> None:
        """Give every day the same width."""
        if self.size.width != self._laid_out:
            cursor = self.cursor_coordinate
            self._draw()
            if self.is_valid_coordinate(cursor):
                self.move_cursor(row=cursor.row, column=cursor.column, animate=False)

    def _draw(self) -> None:
        self._laid_out = self.size.width
        width = min(_WIDEST, max(6, (self.size.width - _LABEL - 1) // max(1, len(self._days)) - 2))
        self.clear(columns=True)
        for day in self._days:
            head = f"{_(WEEKDAYS[day.weekday()])} {day.day}"
            today = " " + _("today") if day == self._today else ""
            self.add_column(fit(plain(head + today, "bold" if today else ""), width), width=width)
        last = ""
        for at, slots in self._lines:
            self.add_row(*(shown(slot, width) for slot in slots), label=plain(at if at != last else ""))
            last = at


def _lines(days: list[tuple[SlotRow, ...]]) -> list[tuple[str, list[SlotRow | None]]]:
    """A line for every clock time of the week, more than one where a day has more than one appointment at it."""
    times = sorted({clock(slot.starts_at) for slots in days for slot in slots})
    lines: list[tuple[str, list[SlotRow | None]]] = []
    for at in times:
        at_time = [[slot for slot in slots if clock(slot.starts_at) == at] for slots in days]
        lines += [
            (at, [here[place] if place < len(here) else None for here in at_time])
            for place in range(max(len(here) for here in at_time))
        ]
    return lines


def shown(slot: SlotRow | None, width: int) -> Text:
    """A cell: a name, a free slot, a closed one, or nothing. What became of an appointment stands before the name as a sign."""
    if slot is None:
        return plain(NONE, "dim")
    if slot.booking is None:
        return plain(FREE) if slot.open else plain(_("closed"), "dim italic")
    booking = slot.booking
    sign = "!" if booking.late else _SIGNS.get(booking.state, "")
    style = "bold" if booking.late else "dim" if booking.state is not BookingState.BOOKED else ""
    return plain(sign + short_name(booking.name, width - len(sign)), style)


_SIGNS = {BookingState.DONE: "✓", BookingState.NO_SHOW: "✗"}


def short_name(name: str, width: int = _WIDEST) -> str:
    """'Lindqvist Ö' of 'Lindqvist, Örjan' in at most `width` cells, the family name cut where it must be; others as they stand."""
    family, comma, given = visible(name).partition(", ")
    end = f" {given[:1]}" if comma else ""
    room = width - cell_len(end)
    return (family if cell_len(family) <= room else f"{set_cell_size(family, room - 1).rstrip()}…") + end
