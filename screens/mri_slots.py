"""What is done with the slots and days of an MRI unit: slots added, closed and opened again, a day finished.

Whom it concerns is shown before anything is done; a day is finished only when everybody on it has an outcome.
"""

from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING

from textual.message import Message

from kansli_tui.i18n import _, clock, n_
from kansli_tui.rows.referrals import BookingRow, BookingState, CutPreview, SlotRow, WeekRow
from screens.dialogs import AskReason, Choice, Choose, Told
from screens.mri_acts import day_words, is_open, words
from screens.mri_dialogs import DayOutcomes, SlotsForm, SlotsGiven
from screens.widgets.week_grid import Cell

if TYPE_CHECKING:
    from screens.mri_week import MriWeekScreen


class CutShown(Message):
    """What closing some times would do; `where` says in words which."""

    def __init__(self, unit_id: int, starts: tuple[datetime, ...], where: str, preview: CutPreview) -> None:
        super().__init__()
        self.unit_id, self.starts, self.where, self.preview = unit_id, starts, where, preview


class DayRead(Message):
    """The appointments of a day that lack an outcome."""

    def __init__(self, unit_id: int, on: date, rows: tuple[BookingRow, ...]) -> None:
        super().__init__()
        self.unit_id, self.on, self.rows = unit_id, on, rows


# Slots


def add_slots(screen: "MriWeekScreen") -> None:
    """Ask for weekdays, times and weeks."""
    week = screen.week
    if week is not None:
        dialog = SlotsForm(week.unit.name, max(week.monday, screen.today), screen.today)
        screen.ask(dialog, partial(_add_slots, screen, week.unit.unit_id))


def _add_slots(screen: "MriWeekScreen", unit_id: int, given: SlotsGiven) -> None:
    work = partial(
        screen.office.bookings.add_slots,
        screen.actor,
        unit_id,
        first=given.first,
        weeks=given.weeks,
        weekdays=given.weekdays,
        times=given.times,
        minutes=given.minutes,
    )
    screen.write(work, lambda count: n_("{count} slot is added.", "{count} slots are added.", count))


def ask_cut(screen: "MriWeekScreen", cell: Cell | None) -> None:
    """Which times are closed; then what it would do is read before anything is done."""
    now = screen.desk.now()
    _which(
        screen,
        cell,
        _("Which times are closed?"),
        lambda slot: slot.starts_at > now and (slot.open or is_open(slot.booking)),
        lambda starts, where: _preview(screen, starts, where),
    )


def _preview(screen: "MriWeekScreen", starts: tuple[datetime, ...], where: str) -> None:
    week = screen.week
    if week is not None:
        work = partial(screen.office.bookings.preview_cut, screen.actor, week.unit.unit_id, starts)
        screen.read(work, partial(CutShown, week.unit.unit_id, starts, where), group="cut")


def confirm_cut(screen: "MriWeekScreen", fact: CutShown) -> None:
    """Show whose appointments would be lost, and ask for the reason."""
    orphans = fact.preview.orphans
    lines = [fact.where, n_("{count} free slot is closed.", "{count} free slots are closed.", fact.preview.free)]
    if orphans:
        lost = n_(
            "{count} person loses the appointment and is booked first:",
            "{count} people lose their appointments and are booked first:",
            len(orphans),
        )
        lines += [lost, *(f"  {words(row.starts_at)}  {row.number}  {row.name}" for row in orphans)]
    else:
        lines.append(_("Nobody loses an appointment."))
    dialog = AskReason(_("Close these times?"), tuple(lines), text=_("Why they are closed"))
    screen.ask(dialog, lambda told: _cut(screen, fact, told))


def _cut(screen: "MriWeekScreen", fact: CutShown, told: Told) -> None:
    work = partial(
        screen.office.bookings.cut,
        screen.actor,
        fact.unit_id,
        fact.starts,
        stamp=fact.preview.stamp,
        reason=told.text,
    )
    screen.write(work, _cut_said)


def _cut_said(done: CutPreview) -> str:
    lost = len(done.orphans)
    if not lost:
        return _("The times are closed.")
    return n_("Closed. {count} person is to be booked first.", "Closed. {count} people are to be booked first.", lost)


def reopen(screen: "MriWeekScreen", cell: Cell | None) -> None:
    """Open closed times again."""
    _which(
        screen,
        cell,
        _("Which times are opened again?"),
        lambda slot: not slot.open,
        lambda starts, where: _ask_reopen(screen, starts, where),
    )


def _ask_reopen(screen: "MriWeekScreen", starts: tuple[datetime, ...], where: str) -> None:
    week = screen.week
    if week is not None:
        unit_id = week.unit.unit_id
        dialog = AskReason(_("Open these times again?"), (where,), text=_("Why they are opened"))
        screen.ask(dialog, lambda told: _reopen(screen, unit_id, starts, told))


def _reopen(screen: "MriWeekScreen", unit_id: int, starts: tuple[datetime, ...], told: Told) -> None:
    work = partial(screen.office.bookings.reopen, screen.actor, unit_id, starts, reason=told.text)
    screen.write(work, lambda count: n_("{count} time is open again.", "{count} times are open again.", count))


# The day


def close_day(screen: "MriWeekScreen", on: date) -> None:
    """Read who of the day lacks an outcome."""
    week = screen.week
    if week is None:
        return
    if on > screen.today:
        screen.notice.failed(_("The day has not been yet: it is finished when everybody has come or not."))
        return
    work = partial(screen.office.bookings.open_on, screen.actor, week.unit.unit_id, on)
    screen.read(work, partial(DayRead, week.unit.unit_id, on), group="day")


def ask_outcomes(screen: "MriWeekScreen", fact: DayRead) -> None:
    """One outcome for each; nothing is saved before everybody has one."""
    if not fact.rows:
        screen.notice.done(_("Nobody on {day} lacks an outcome.", day=day_words(fact.on)))
        return
    dialog = DayOutcomes(_("Finish {day}", day=day_words(fact.on)), fact.rows)
    screen.ask(dialog, partial(_why_not_all, screen, fact))


def _why_not_all(screen: "MriWeekScreen", fact: DayRead, outcomes: dict[int, BookingState]) -> None:
    away = [row for row in fact.rows if outcomes[row.booking_id] is not BookingState.DONE]
    if not away:
        _close(screen, fact, outcomes, Told(""))
        return
    lines = tuple(f"{clock(row.starts_at)}  {row.number}  {row.name}" for row in away)
    dialog = AskReason(_("Those who were not examined"), lines, text=_("What is known of it"))
    screen.ask(dialog, lambda told: _close(screen, fact, outcomes, told))


def _close(screen: "MriWeekScreen", fact: DayRead, outcomes: dict[int, BookingState], told: Told) -> None:
    work = partial(screen.office.bookings.close_day, screen.actor, fact.unit_id, fact.on, outcomes, why=told.text)
    on = day_words(fact.on)
    screen.write(work, lambda count: _("{day} is finished: {count} with an outcome.", day=on, count=count))


# Within


def _which(
    screen: "MriWeekScreen",
    cell: Cell | None,
    title: str,
    wanted: Callable[[SlotRow], bool],
    then: Callable[[tuple[datetime, ...], str], None],
) -> None:
    """Ask whether the marked time, its day or its week is meant; `then` gets the times and says them in words."""
    week = screen.week
    if week is None or cell is None:
        return
    ways = {
        "time": (f"{day_words(cell.day)} {cell.clock}", (cell.slot,) if cell.slot is not None else ()),
        "day": (_("All of {day}", day=day_words(cell.day)), _slots(week, cell.day)),
        "week": (_("The whole week {number}", number=week.monday.isocalendar().week), _slots(week)),
    }
    found = {
        name: (words_, tuple(dict.fromkeys(slot.starts_at for slot in slots if wanted(slot))))
        for name, (words_, slots) in ways.items()
    }
    choices = tuple(
        Choice(name, words_, n_("{count} time", "{count} times", len(starts)))
        for name, (words_, starts) in found.items()
        if starts
    )
    if not choices:
        screen.notice.failed(_("There is no such time this week that can still be changed."))
        return
    screen.ask(Choose(title, choices), lambda name: then(found[name][1], f"{week.unit.name}: {found[name][0]}"))


def _slots(week: WeekRow, on: date | None = None) -> tuple[SlotRow, ...]:
    return tuple(slot for day_, slots in week.days if on in (None, day_) for slot in slots)
