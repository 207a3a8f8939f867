"""The appointment that a letter calls somebody to: a letter that is late for it does not help, and then somebody must ring."""

from datetime import datetime

from rich.text import Text

from kansli_tui.i18n import _, local_day, moment
from screens.widgets.text import plain

_RING_WITHIN = 3
"""Days: the post takes up to so many, so that a letter printed now may come too late."""


def appointment(booked_at: datetime | None, now: datetime) -> str:
    """'Time: 16 Sep 10:00'; nothing for a letter that states none."""
    return "" if booked_at is None else _("Time: {at}", at=moment(booked_at, now))


def ring(booked_at: datetime | None, now: datetime) -> str:
    """That the person must be rung, when the time is so near that a letter cannot be trusted to come before it."""
    if booked_at is None or booked_at < now or (local_day(booked_at) - local_day(now)).days > _RING_WITHIN:
        return ""
    return _("Ring the person: the time is {at}.", at=moment(booked_at, now))


def appointment_lines(booked_at: datetime | None, now: datetime) -> Text:
    """The time, and under it in bold that somebody must ring; empty for a letter that states no time."""
    text = plain(appointment(booked_at, now))
    warning = ring(booked_at, now)
    return text.append(f"\n! {warning}", "bold") if warning else text
