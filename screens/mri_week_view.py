"""How the week of an MRI unit is written: its heading, the marked time, and who waits."""

from dataclasses import dataclass
from datetime import timedelta

from rich.cells import cell_len
from rich.text import Text

from kansli_tui.i18n import _, day, number
from kansli_tui.labels import label
from kansli_tui.rows.referrals import ReferralRow, UnitRow, WeekRow
from screens.mri_acts import day_words
from screens.widgets.text import plain, visible
from screens.widgets.week_grid import Cell, short_name
from screens.widgets.words import shown_place

MOST = 9
"""So many can be booked with a digit."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody who may be given a time."""

    referral_id: int
    version: int
    number: str
    name: str
    days: int
    orphan: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """What one reading gives: the region's units, the referral one came with, and the week."""

    units: tuple[UnitRow, ...]
    referral: ReferralRow | None
    week: WeekRow | None


def waiting_line(waiting: tuple[Waiting, ...], chosen: int | None, width: int) -> Text:
    """Who waits, each whole on a line of `width` cells; `chosen` is the referral that Enter books, `!` lost an appointment."""
    text = plain(_("To book {count}", count=len(waiting)), "bold")
    used = text.cell_len
    for place, row in enumerate(waiting[:MOST], start=1):
        sign = ("▸" if row.referral_id == chosen else "") + ("!" if row.orphan else "")
        words = f"{place} {sign}{short_name(row.name)} {_('{days} d', days=row.days)}"
        fits = used + 3 + cell_len(words) <= width
        used = used + 3 + cell_len(words) if fits else cell_len(words)
        text.append("   " if fits else "\n").append(words, "reverse" if row.referral_id == chosen else "")
    if len(waiting) > MOST:
        text.append("   " + _("… and {count} more", count=number(len(waiting) - MOST)))
    return text


def under(cell: Cell | None) -> object:
    """What the cursor stands on, apart from its time."""
    return None if cell is None else (cell.day, cell.clock, cell.booking.booking_id if cell.booking else 0)


def heading(week: WeekRow) -> Text:
    """The unit, the days, how full it is, and how the unit is reached."""
    unit = week.unit
    text = plain(unit.name, "bold").append(f"  {visible(shown_place(unit.region))}  ")
    last = week.monday + timedelta(days=4)
    first = str(week.monday.day) if last.month == week.monday.month else day(week.monday)
    text.append(f"{first}–{day(last)}  ", "bold")
    text.append(_("capacity {capacity} · booked {booked}", capacity=week.capacity, booked=week.booked))
    return text.append(f"\n{visible(unit.phone)} · {visible(unit.hours)} · {label(unit.books)}", "dim")


def about(cell: Cell) -> Text:
    """The marked time: who has it, or that it is free, closed or no slot."""
    at = f"{day_words(cell.day)} {cell.clock}"
    slot = cell.slot
    if slot is None:
        return plain(_("{at}: no slot", at=at), "dim")
    if slot.booking is None:
        said = _("{at}: free, {minutes} min", at=at, minutes=slot.minutes)
        return plain(said) if slot.open else plain(_("{at}: closed, {why}", at=at, why=slot.closed_reason))
    booking = slot.booking
    text = plain(f"{at}  {booking.number}  {booking.name}", "bold").append(f"  {visible(booking.referral_number)}")
    text.append(f"  {_('no outcome yet') if booking.late else label(booking.state)}")
    text.append(f" · {visible(booking.made_by)}", "dim")
    return text.append(f" · {visible(booking.why)}", "dim") if booking.why else text
