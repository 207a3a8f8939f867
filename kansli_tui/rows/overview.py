"""The office at a glance, as the first view of the statistics shows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from kansli_tui.pathway.steps import Queue
from kansli_tui.rows.availability import WaitingRow
from kansli_tui.rows.cases import Home
from kansli_tui.rows.statistics import StatsRow


@dataclass(frozen=True, slots=True)
class Done:
    """Work that is done, by region: since midnight and since Monday."""

    today: Mapping[str, int]
    week: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Overview:
    """What waits and what has been done. `home` is what the home screen says; `oldest` since when the oldest of a queue waits in a region."""

    home: Home
    oldest: Mapping[tuple[Queue, str], datetime]
    tasks: Done
    letters: Done
    """Letters that were confirmed as posted."""


@dataclass(frozen=True, slots=True)
class Headlines:
    """The main numbers of all one's regions: indicators of the rounds offered from `since` to `until`, and who waits now past a target."""

    since: date
    until: date
    indicators: tuple[StatsRow, ...]
    waiting: tuple[WaitingRow, ...]
    """The lists that have a target, in their order."""
