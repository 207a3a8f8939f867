"""Whom a whole hand-over should name: the people of the regions and birth years that it is about. Reads only.

A file is about a region and birth year when it names a fair number of people of it: at least one for every twenty of its largest. One
man with a mistyped year therefore does not make the program expect everyone born that year.
"""

import json
from collections import Counter
from collections.abc import Iterable, Sequence

from sqlalchemy.orm import Session

from db.queries import register
from kansli_tui.i18n import _
from kansli_tui.rows.population import RegisterLine
from kansli_tui.service.register_entry import place_of
from kansli_tui.settings import Settings

_FEWEST_EXPECTED = 5
"""Of fewer expected people a share says nothing: those who have moved in among a new birth year."""
_FAIR_SHARE = 20
_BADLY_MATCHED = (
    "Only {matched} of {expected} people whom the register should name are in the file. "
    "Check that it is the right file and that it is whole, and fetch it again. A file of changes only is imported as such."
)


class Coverage:
    """What a file leaves out. `missing` are keys of our people; `stopped` is why the whole file is stopped (see `told`), or None."""

    def __init__(self, session: Session, lines: Sequence[RegisterLine], seen: set[int], settings: Settings) -> None:
        expected = register.people_of_years(session, _about(lines))
        missing = expected.keys() - seen
        self.stopped: str | None = None
        self.missing: frozenset[int] = frozenset(missing)
        # Those who were added by request are often nobody whom the register picks.
        by_register = {person_id for person_id, (_region, source) in expected.items() if source == "register"}
        matched = len(by_register & seen)
        if len(lines) < settings.match_from_rows:
            if len(missing) >= settings.match_from_rows:
                # A few lines and many missing: a file of single people, which says nothing of the others.
                self.missing = frozenset()
        elif len(by_register) >= _FEWEST_EXPECTED and matched < settings.lowest_match * len(by_register):
            self.stopped = json.dumps([_BADLY_MATCHED, {"matched": matched, "expected": len(by_register)}])


def told(stopped: str | None) -> str | None:
    """Why a file is stopped, in the language of the screen."""
    if stopped is None:
        return None
    message, values = json.loads(stopped)
    return _(message, **values)


def _about(lines: Iterable[RegisterLine]) -> list[tuple[str, int]]:
    """The (region, birth year) pairs that the file is about."""
    counted: Counter[tuple[str, int]] = Counter()
    for line in lines:
        if line.person is not None:
            region = place_of(line.person)[1]
            if region is not None:
                counted[region, int(line.person.number[:4])] += 1
    largest = max(counted.values(), default=0)
    return sorted(pair for pair, count in counted.items() if count * _FAIR_SHARE >= largest)
