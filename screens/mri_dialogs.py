"""Questions of the MRI calendar: a day and time, slots for some weeks, and what became of everybody on a day."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from kansli_tui.i18n import _, clock, day, n_
from kansli_tui.keys import KEYS
from kansli_tui.labels import label
from kansli_tui.rows.referrals import BookingRow, BookingState
from screens.dialogs import Dialog, parse_day
from screens.lines import Line, Lines
from screens.widgets.table import KansliTable
from screens.widgets.text import plain, right
from screens.widgets.week_grid import WEEKDAYS

_TIME = re.compile(r"([0-9]{1,2})(?:[:.]?([0-9]{2}))?")
_ENGLISH = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LEAST_WORDS = 3
_MOST_TIMES, _MOST_WEEKS, _MOST_MINUTES = 60, 53, 480


@dataclass(frozen=True, slots=True)
class Agreed:
    """A time, and what has been agreed. Without a zone it is what the clocks in Sweden show."""

    at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class SlotsGiven:
    """Slots at the same clock times for some weeks; weekdays from 0, Monday."""

    first: date
    weeks: int
    weekdays: tuple[int, ...]
    times: tuple[time, ...]
    minutes: int


class AskTime(Lines[Agreed]):
    """A day and a clock time, and why."""

    def __init__(
        self, title: str, lines: tuple[str, ...], *, today: date, why: str, given: tuple[str, str] = ("", "")
    ) -> None:
        super().__init__(title, lines)
        self._today, self._why, self._given = today, why, given

    def fields(self) -> Mapping[str, Line]:
        """Day, time, why."""
        return {
            "day": Line(_("Day"), self._given[0], "1/12"),
            "time": Line(_("Time"), self._given[1], "08:30"),
            "text": Line(self._why),
        }

    def read_so_far(self) -> str:
        """The day with its weekday, and the time."""
        chosen, at = parse_day(self.typed("day"), self._today), parse_time(self.typed("time"))
        if chosen is None:
            return ""
        return f"= {_(WEEKDAYS[chosen.weekday()]).lower()} {day(chosen, self._today)}" + (f" {at:%H:%M}" if at else "")

    def action_accept(self) -> None:
        """Answer when day, time and why are there."""
        chosen, at = parse_day(self.typed("day"), self._today), parse_time(self.typed("time"))
        if chosen is None:
            self.missing("day", _("Write a day, for example 2026-12-01, 1/12 or +14."))
        elif at is None:
            self.missing("time", _("Write a time, for example 08:30."))
        elif len(self.typed("text")) < _LEAST_WORDS:
            self.missing("text", _("Write a few words; they stay in the case."))
        else:
            self.dismiss(Agreed(datetime.combine(chosen, at), self.typed("text")))


class SlotsForm(Lines[SlotsGiven]):
    """Weekdays, times and weeks. What is typed is counted out before it is added."""

    def __init__(self, unit: str, first: date, today: date) -> None:
        super().__init__(_("Add slots"), (unit, _("Slots that are there already stay as they are.")))
        self._first, self._today = first, today

    def fields(self) -> Mapping[str, Line]:
        """Weekdays, times, minutes, first day, weeks."""
        first, fifth = (_(WEEKDAYS[number]).lower() for number in (0, 4))
        return {
            "weekdays": Line(_("Weekdays"), example=f"{first}-{fifth}"),
            "times": Line(_("Times"), example="08:00-11:30, 13:00"),
            "minutes": Line(_("Minutes each"), "30"),
            "first": Line(_("First day"), self._first.isoformat()),
            "weeks": Line(_("Number of weeks"), "1"),
        }

    def read_so_far(self) -> str:
        """How many slots it makes."""
        weekdays, weeks = parse_weekdays(self.typed("weekdays")), _whole(self.typed("weeks"))
        times = parse_times(self.typed("times"), _whole(self.typed("minutes")))
        if not (weekdays and times and weeks):
            return ""
        names = ", ".join(_(WEEKDAYS[number]).lower() for number in weekdays)
        count = n_("{count} slot", "{count} slots", len(weekdays) * len(times) * weeks)
        return f"= {count}: {names} {' '.join(f'{at:%H:%M}' for at in times)}"

    def action_accept(self) -> None:
        """Answer when every field can be read; else say which cannot."""
        minutes, weeks = _whole(self.typed("minutes")), _whole(self.typed("weeks"))
        weekdays, times = parse_weekdays(self.typed("weekdays")), parse_times(self.typed("times"), minutes)
        first = parse_day(self.typed("first"), self._today)
        if not weekdays:
            self.missing("weekdays", _("Write weekdays as mon, wed or mon-fri."))
        elif not times:
            self.missing("times", _("Write times as 08:00, 08:30 or 08:00-11:30."))
        elif not 1 <= minutes <= _MOST_MINUTES:
            self.missing("minutes", _("Write how many minutes each slot is."))
        elif first is None or first < self._today:
            self.missing("first", _("Write a first day that has not passed, for example 2026-12-01, 1/12 or +14."))
        elif not 1 <= weeks <= _MOST_WEEKS:
            self.missing("weeks", _("Write how many weeks, from 1 to {count}.", count=_MOST_WEEKS))
        else:
            self.dismiss(SlotsGiven(first, weeks, weekdays, times, minutes))


class DayOutcomes(Dialog[dict[int, BookingState]]):
    """Everybody on a day, one by one: done, did not come, cancelled. Enter answers only when everybody has an outcome."""

    CSS_PATH = "mri_dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(f"{KEYS[id_].key},{KEYS[id_].key.upper()}", f"outcome('{state}')", KEYS[id_].label, id=id_)
        for id_, state in (
            ("week.done", BookingState.DONE),
            ("week.no_show", BookingState.NO_SHOW),
            ("week.cancel", BookingState.CANCELLED),
        )
    ]

    def __init__(self, title: str, rows: tuple[BookingRow, ...]) -> None:
        super().__init__(title, (_("State what became of each. Nothing is saved before everybody has an outcome."),))
        self._rows = rows
        self._outcomes: dict[int, BookingState] = {}

    def compose_answer(self) -> ComposeResult:
        """The people, and how many are left."""
        yield KansliTable(id="people")
        yield Static("", id="left")

    def on_mount(self) -> None:
        """Columns that fit the box."""
        super().on_mount()
        table = self.query_one(KansliTable)
        table.columns_are((_("Time"), 5), (_("Number"), 13), (_("Name"), 0), (_("Outcome"), 12))
        self._draw()
        table.focus()

    def _draw(self) -> None:
        self.query_one(KansliTable).fill((str(row.booking_id), self._cells(row)) for row in self._rows)
        left = len(self._rows) - len(self._outcomes)
        said = (
            n_("{count} is left.", "{count} are left.", left) if left else _("Everybody has an outcome. Enter saves.")
        )
        self.query_one("#left", Static).update(plain(said))

    def _cells(self, row: BookingRow) -> list[Text]:
        outcome = self._outcomes.get(row.booking_id)
        said = plain(label(outcome), "bold") if outcome else plain("?")
        return [right(clock(row.starts_at)), plain(row.number), plain(row.name), said]

    def action_outcome(self, state: str) -> None:
        """Give the marked one an outcome, and mark the next who has none."""
        table = self.query_one(KansliTable)
        if self.resting or table.current is None:
            return
        place = table.cursor_row
        self._outcomes[int(table.current)] = BookingState(state)
        self._draw()
        order = [*range(place + 1, len(self._rows)), *range(place)]
        following = next((at for at in order if self._rows[at].booking_id not in self._outcomes), None)
        if following is not None:
            table.move_cursor(row=following, animate=False)

    def action_accept(self) -> None:
        """Answer when nobody is left."""
        left = len(self._rows) - len(self._outcomes)
        if left:
            self.wrong(n_("{count} has no outcome yet.", "{count} have no outcome yet.", left))
        else:
            self.dismiss(dict(self._outcomes))


def parse_time(typed: str) -> time | None:
    """'08:30', '8.30', '0830' or '8' as a clock time; else None."""
    found = _TIME.fullmatch(typed.strip())
    if found is None or int(found[1]) > 23 or int(found[2] or 0) > 59:
        return None
    return time(int(found[1]), int(found[2] or 0))


def parse_times(typed: str, step: int) -> tuple[time, ...]:
    """'08:00, 13:00' or '08:00-11:30' (one every `step` minutes) as clock times, sorted; () when it cannot be read."""
    times: set[time] = set()
    for part in re.split(r"[,;\s]+", re.sub(r"\s*[-–]\s*", "-", typed.strip())):
        first, dash, last = part.partition("-")
        begin, end = parse_time(first), parse_time(last if dash else first)
        if begin is None or end is None or end < begin or (dash and step < 1):
            return ()
        at, stop = datetime.combine(date.min, begin), datetime.combine(date.min, end)
        while at <= stop and len(times) <= _MOST_TIMES:
            times.add(at.time())
            at += timedelta(minutes=step) if dash else timedelta(days=1)
    return tuple(sorted(times)) if len(times) <= _MOST_TIMES else ()


def parse_weekdays(typed: str) -> tuple[int, ...]:
    """'mån, ons', 'mån-fre' or '1-5' as weekdays from 0, Monday, sorted; () when it cannot be read."""
    days: set[int] = set()
    for part in re.split(r"[,;\s]+", re.sub(r"\s*[-–]\s*", "-", typed.strip())):
        first, dash, last = part.partition("-")
        begin, end = _weekday(first), _weekday(last if dash else first)
        if begin is None or end is None or end < begin:
            return ()
        days.update(range(begin, end + 1))
    return tuple(sorted(days))


def _weekday(typed: str) -> int | None:
    text = typed.strip().lower()
    if text in "1234567" and len(text) == 1:
        return int(text) - 1
    for names in (tuple(_(name).lower() for name in WEEKDAYS), _ENGLISH):
        found = [
            at for at, name in enumerate(names) if len(text) > 1 and text.startswith(name[: max(2, len(text))][:3])
        ]
        if len(found) == 1:
            return found[0]
    return None


def _whole(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdecimal() else 0
