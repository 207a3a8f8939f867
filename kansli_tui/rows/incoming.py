"""Everything that a file from outside can hold, in its order: answers, bookings, outcomes, and what could not be read."""

from dataclasses import dataclass

from kansli_tui.rows.lab import LabAnswer, OtherMessage, Unreadable
from kansli_tui.rows.referral_messages import BookingMessage, MriReport, OutcomeLine

IncomingItem = LabAnswer | MriReport | BookingMessage | OutcomeLine | Unreadable | OtherMessage


@dataclass(frozen=True, slots=True)
class IncomingFile:
    """Everything a file holds, in its order; nothing in the file is left out."""

    name: str
    sha256: str
    items: tuple[IncomingItem, ...]
