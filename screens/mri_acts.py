"""What is done in the week of an MRI unit: the questions before each act, and the one service call after the answer.

Every question names the man and the time; the call carries the appointment or referral that was shown when the key was pressed.
"""

from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING

from textual.message import Message

from kansli_tui.i18n import _, clock, day, later, local_day, n_
from kansli_tui.rows.referrals import BookingRow, BookingState
from screens.dialogs import AskReason, Choice, Choose, Confirm, Told
from screens.mri_dialogs import Agreed, AskTime
from screens.widgets.week_grid import WEEKDAYS, Cell

if TYPE_CHECKING:
    from screens.mri_week import MriWeekScreen
    from screens.mri_week_view import Waiting


class Booked(Message):
    """Somebody has a time; `text` says who and when."""

    def __init__(self, row: BookingRow, text: str) -> None:
        super().__init__()
        self.row = row
        self.text = text


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
    """Book the marked time; where there is no slot nothing is booked by a digit."""
    slot = cell.slot
    if slot is None:
        screen.notice.failed(_("There is no slot here. H writes a time that has been agreed."))
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
        lines = (f"{moved.number}  {moved.name}", _("From {at}", at=words(moved.starts_at)), *_new_letter(screen))
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
            *_new_letter(screen),
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


# Within


def _about(screen: "MriWeekScreen", who: "Waiting") -> tuple[str, ...]:
    unit = screen.week.unit.name if screen.week is not None else ""
    return (f"{who.number}  {who.name}", unit, *((who.why,) if who.why else ()))


def _letter(screen: "MriWeekScreen") -> tuple[str, ...]:
    week = screen.week
    if week is None or week.unit.writes_itself:
        return ()
    return (_("A letter with the time is prepared."),)


def _new_letter(screen: "MriWeekScreen") -> tuple[str, ...]:
    """What becomes of the call that the man may have got already."""
    if not (letter := _letter(screen)):
        return ()
    return (*letter, _("If the call with the old time has been posted, a task says to tell the person the new time."))
