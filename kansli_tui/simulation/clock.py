"""A clock that the simulation moves; it never goes backwards, so the office's log keeps its order."""

from datetime import UTC, date, datetime, time, timedelta

from kansli_tui.service.context import STOCKHOLM


class SimulatedClock:
    """Give it to `Office.open` as its clock."""

    def __init__(self, now: datetime | None = None) -> None:
        self._now = now or datetime(2020, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        """The time now, in UTC."""
        return self._now

    def move_to(self, day: date, hour: int, minute: int = 0) -> None:
        """Go to a time of a day in Sweden; a time that has passed leaves the clock where it is."""
        self._now = max(self._now, datetime.combine(day, time(hour, minute), STOCKHOLM).astimezone(UTC))

    def work(self, minutes: float) -> None:
        """Some minutes of work pass."""
        self._now += timedelta(minutes=minutes)
