"""What closing some times of a unit concerns: its open slots, and the appointments that would be lost. Reads only."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy.orm import Session

from db.models import Slot, Unit
from db.queries import bookings
from db.queries.bookings import Found
from kansli_tui.errors import RefusedError
from kansli_tui.service.booking_rows import moment


@dataclass(frozen=True, slots=True)
class Cut:
    """The slots of some times, and the appointments that lose theirs (in slots or beside them)."""

    slots: list[Slot]
    lost: list[Found]

    @property
    def free(self) -> int:
        """How many open slots go that nobody has booked."""
        times = {found[0].starts_at for found in self.lost}
        return sum(slot.open and slot.starts_at not in times for slot in self.slots)

    @property
    def stamp(self) -> str:
        """Says exactly these slots, open or closed, and exactly these appointments."""
        parts = [f"{slot.id}:{slot.open}" for slot in self.slots] + [f"b{found[0].id}" for found in self.lost]
        return sha256(",".join(sorted(parts)).encode()).hexdigest()


def find(session: Session, unit: Unit, starts: Collection[datetime], now: datetime, *, lock: bool = True) -> Cut:
    """What closing these times concerns, with the slots locked. RefusedError for a time that has passed or is nothing there."""
    wanted = moments(starts)
    if any(at <= now for at in wanted):
        raise RefusedError("A time that has passed cannot be closed: state what became of the appointment.")
    cut = Cut(bookings.slots_at(session, unit.id, wanted, lock=lock), bookings.open_at(session, unit.id, wanted))
    if wanted - {slot.starts_at for slot in cut.slots} - {found[0].starts_at for found in cut.lost}:
        raise RefusedError("The unit has no slot at some of these times. Look at the week again.")
    if not cut.lost and not any(slot.open for slot in cut.slots):
        raise RefusedError("These times are closed already.")
    return cut


def moments(starts: Collection[datetime]) -> set[datetime]:
    """Chosen times as they are stored; RefusedError when none is chosen."""
    if not starts:
        raise RefusedError("Choose at least one time.")
    return {moment(at) for at in starts}
