"""Work that takes a while and that Esc ends: how far it has come, how long it will take, and the word to stop."""

from collections.abc import Callable
from threading import Event
from time import monotonic

from kansli_tui.errors import RefusedError
from kansli_tui.i18n import _, n_
from screens.widgets.bar import bar

_WIDTH = 16
_SAID_EVERY, _GUESSED_AFTER = 0.2, 0.5
"""Seconds between two words on how far it has come, and before the first guess of what is left."""


class StoppedError(RefusedError):
    """The user has ended the work; the message says how it stands now."""


class LongWork:
    """A progress callback `(done, of)` for stages that each count from one: it says how far, and raises once `stop` is called.

    `stages` are the stages' words (translated) with how long each takes in proportion to the others. `stopped` is the message id of
    what is so when the work has been stopped.
    """

    def __init__(
        self,
        say: Callable[[str], None],
        stages: tuple[tuple[str, float], ...],
        *,
        stopped: str,
        seconds: Callable[[], float] = monotonic,
    ) -> None:
        self._say, self._stages, self._stopped, self._seconds = say, stages, stopped, seconds
        self._stop = Event()
        self._stage, self._done = 0, 0
        self._began = self._said = seconds()

    def stop(self) -> None:
        """End the work at its next step."""
        self._stop.set()

    def __call__(self, done: int, of: int) -> None:
        """Called from the worker's thread."""
        if self._stop.is_set():
            raise StoppedError(self._stopped)
        now = self._seconds()
        if done < self._done:
            self._stage, self._began = min(self._stage + 1, len(self._stages) - 1), now
        self._done = done
        if now - self._said >= _SAID_EVERY or done == of:
            self._said = now
            words = f"{self._stages[self._stage][0]} {bar(done, of, _WIDTH)}"
            left = self._left(now - self._began, done, of)
            self._say(" · ".join(part for part in (words, left, _("Esc stops")) if part))

    def _left(self, spent: float, done: int, of: int) -> str:
        """What is left, from how fast it has gone; nothing while there is too little to tell from."""
        if spent < _GUESSED_AFTER or not done:
            return ""
        whole = spent * of / done
        share = self._stages[self._stage][1]
        after = sum(later for _words, later in self._stages[self._stage + 1 :])
        return about(whole - spent + whole * after / share)


def about(seconds: float) -> str:
    """'about 20 s left', '… 3 min left'; counted in fives above ten seconds, as it is a guess."""
    if seconds >= 90:
        return n_("about {count} min left", "about {count} min left", round(seconds / 60))
    count = max(1, round(seconds)) if seconds < 10 else 5 * round(seconds / 5)
    return n_("about {count} s left", "about {count} s left", count)
