"""How far long work has come, as a bar of characters with the count beside it: readable in any terminal and without colour."""

from collections.abc import Callable

from kansli_tui.i18n import _, number

_WIDTH = 24


def bar(done: int, of: int, width: int = _WIDTH) -> str:
    """'██████░░░░░░ 12 000 of 48 000'."""
    filled = width * done // of if of else width
    return f"{'█' * filled}{'░' * (width - filled)} {_('{done} of {count}', done=number(done), count=number(of))}"


def telling(say: Callable[[str], None], what: str) -> Callable[[int, int], None]:
    """A progress callback that says `what` with a bar, at every whole percent and not more often."""
    said = [-1]

    def tell(done: int, of: int) -> None:
        percent = 100 * done // of if of else 100
        if percent != said[0]:
            said[0] = percent
            say(f"{what} {bar(done, of)}")

    return tell
