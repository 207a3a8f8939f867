"""What is done in the week of an MRI unit: the questions before each act, and the one service call after the answer.

Every question names the man and the time; the call carries the appointment or referral that was shown when the key was pressed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING

from textual.message import Message

from kansli_tui.i18n import _, clock, day, later, local_day, n_
from kansli_tui.rows.referrals import BookingRow, BookingState, CutPreview, SlotRow, WeekRow
from screens.dialogs import AskReason, Choice, Choose, Confirm, Told
from screens.mri_dialogs import Agreed, AskTime, DayOutcomes, SlotsForm, SlotsGiven
from screens.widgets.week_grid import WEEKDAYS, Cell

if TYPE_CHECKING:
    from screens.mri_week import MriWeekScreen, Waiting


class Booked(Message):
    """Somebody has a time; `text` says who and when."""

    def __init__(self, row: BookingRow, text: str) -> None:
        super().__init__()
        self.row = row
        self.text = text


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


@dataclass(frozen=True, slots=True)
class Ending:
    """A way an appointment ends: the question, what it leads to, what is asked for (message ids), and what is said when it is done."""

    method: str
    title: str
    leads_to: str
    text: str
    said: str
    optional: bool = False


CANCEL = Ending(
    "cancel",
    later("Cancel the appointment?"),
    later("The referral stands: the person waits for another time and stands in the queue."),
    later("Why it is cancelled"),
    later("{name} has no time any more, and waits to be booked."),
)
NO_SHOW = Ending(
    "no_show",
    later("Did the person not come?"),
    later("The person is to be contacted: a task in the queue says so."),
    later("What is known of it"),
    later("{name} did not come; the task is to contact."),
)
DONE = Ending(
    "done",
    later("Has the examination been done?"),
    later("The unit is to answer; the watch says when it is late."),
    later("Note (may be left empty)"),
    later("{name} has been examined; the unit is to answer."),
    optional=True,
)


def is_open(booking: BookingRow | None) -> bool:
    """Whether the appointment still stands."""
    return booking is not None and booking.state is BookingState.BOOKED


def day_words(on: date) -> str:
    """'tis 17 nov'."""
    return f"{_(WEEKDAYS[on.weekday()]).lower()} {day(on)}"


def words(at: datetime) -> str:
    """'tis 17 nov 08:30'."""
    return f"{day_words(local_day(at))} {clock(at)}"


def named(booking: BookingRow) -> dict[str, str]:
    """The man and time of an appointment, for a sentence."""
    return {"name": booking.name, "at": words(booking.starts_at)}


# Booking and moving


def book(screen: "MriWeekScreen", who: "Waiting", cell: Cell) -> None:
    """Book the marked time; where there is no slot the time is written."""
    slot = cell.slot
    if slot is None:
        _ask_time(screen, who, cell)
    elif is_open(slot.booking):
        screen.notice.failed(_("The time is taken. Choose a free one, or move the appointment with M."))
    elif not slot.open:
        screen.notice.failed(_("The time is closed: {why}. O opens it again.", why=slot.closed_reason))
    elif slot.starts_at <= screen.desk.now():
        lines = (*_about(screen, who), words(slot.starts_at), _("The time has passed."))
        dialog = AskReason(_("Book this time?"), lines, text=_("Why it is entered afterwards"))
        screen.ask(dialog, lambda told: _book(screen, who, slot.starts_at, told.text))
    else:
        lines = (*_about(screen, who), words(slot.starts_at), *_letter(screen))
        screen.ask(Confirm(_("Book this time?"), lines), lambda _yes: _book(screen, who, slot.starts_at, ""))


def by_hand(screen: "MriWeekScreen", cell: Cell | None) -> None:
    """Move what is being moved (or is marked) to a time that is written; else book the chosen man, or ask whom."""
    marked = cell.booking if cell is not None and is_open(cell.booking) else None
    moved = screen.moving or marked
    if moved is not None:
        lines = (f"{moved.number}  {moved.name}", _("From {at}", at=words(moved.starts_at)), *_letter(screen))
        dialog = AskTime(_("Move to a time that is agreed"), lines, today=screen.today, why=_("Why it is moved"))
        screen.ask(dialog, partial(_move_to, screen, moved))
        return
    chosen = next((row for row in screen.waiting if row.referral_id == screen.chosen), None)
    if chosen is not None or len(screen.waiting) == 1:
        _ask_time(screen, chosen or screen.waiting[0], cell)
        return
    choices = tuple(
        Choice(str(row.referral_id), f"{row.number}  {row.name}", n_("{count} day", "{count} days", row.days))
        for row in screen.waiting
    )
    waiting = {str(row.referral_id): row for row in screen.waiting}
    if choices:
        screen.ask(Choose(_("Who has been given a time?"), choices), lambda id_: _ask_time(screen, waiting[id_], cell))


def _ask_time(screen: "MriWeekScreen", who: "Waiting", cell: Cell | None) -> None:
    given = (cell.day.isoformat(), cell.clock) if cell is not None and cell.slot is None else ("", "")
    lines = (*_about(screen, who), *_letter(screen))
    dialog = AskTime(
        _("Book a time that is agreed"),
        lines,
        today=screen.today,
        why=_("What has been agreed, and with whom"),
        given=given,
    )
    screen.ask(dialog, lambda agreed: _book(screen, who, agreed.at, agreed.why))


def _book(screen: "MriWeekScreen", who: "Waiting", at: datetime, why: str) -> None:
    work = partial(
        screen.office.bookings.book, screen.actor, who.referral_id, version=who.version, starts_at=at, why=why
    )
    screen.write(work, lambda row: Booked(row, _("{name} has {at}.", **named(row))))


def move(screen: "MriWeekScreen", booking: BookingRow, cell: Cell) -> None:
    """Put what is being moved in the marked time."""
    slot = cell.slot
    if slot is None:
        screen.notice.failed(_("There is no slot here. H writes a time that has been agreed."))
    elif is_open(slot.booking):
        screen.notice.failed(_("The time is taken. Choose a free one."))
    elif not slot.open:
        screen.notice.failed(_("The time is closed: {why}. O opens it again.", why=slot.closed_reason))
    else:
        lines = (
            f"{booking.number}  {booking.name}",
            _("From {at}", at=words(booking.starts_at)),
            _("To   {at}", at=words(slot.starts_at)),
            *_letter(screen),
        )
        dialog = AskReason(_("Move the appointment?"), lines, text=_("Why it is moved"))
        screen.ask(dialog, lambda told: _move_to(screen, booking, Agreed(slot.starts_at, told.text)))


def _move_to(screen: "MriWeekScreen", booking: BookingRow, agreed: Agreed) -> None:
    work = partial(screen.office.bookings.move, screen.actor, booking.booking_id, starts_at=agreed.at, why=agreed.why)
    before = words(booking.starts_at)
    screen.write(
        work, lambda row: Booked(row, _("{name} is moved from {before} to {at}.", before=before, **named(row)))
    )


def end(screen: "MriWeekScreen", cell: Cell | None, ending: Ending) -> None:
    """Cancelled, did not come, or done."""
    booking = cell.booking if cell is not None else None
    if booking is None or not is_open(booking):
        return
    lines = (f"{booking.number}  {booking.name}", words(booking.starts_at), _(ending.leads_to))
    dialog = AskReason(_(ending.title), lines, text=_(ending.text), optional=ending.optional)
    screen.ask(dialog, lambda told: _end(screen, booking, ending, told))


def _end(screen: "MriWeekScreen", booking: BookingRow, ending: Ending, told: Told) -> None:
    screen.moving = None
    act = getattr(screen.office.bookings, ending.method)
    screen.write(partial(act, screen.actor, booking.booking_id, why=told.text), _(ending.said, name=booking.name))


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


def _about(screen: "MriWeekScreen", who: "Waiting") -> tuple[str, ...]:
    unit = screen.week.unit.name if screen.week is not None else ""
    return (f"{who.number}  {who.name}", unit, *((who.why,) if who.why else ()))


def _letter(screen: "MriWeekScreen") -> tuple[str, ...]:
    week = screen.week
    if week is None or week.unit.writes_itself:
        return ()
    return (_("A letter with the time is prepared."),)
