"""The question before a person is offered to another region: which, and why."""

from collections.abc import Callable

from kansli_tui.i18n import _
from kansli_tui.rows.cases import Case
from kansli_tui.rows.office import REGION_SHORT, REGIONS
from screens.base import KansliScreen
from screens.dialogs import AskReason, Choice, Choose


def ask_hand_over(screen: KansliScreen, case: Case, then: Callable[[Case, str, str], None]) -> None:
    """Ask for the region and the reason; `then` gets the case as it was shown, the region's code and the reason."""
    others = (code for code in sorted(REGIONS) if code != case.region)
    choices = tuple(Choice(code, f"{REGION_SHORT[code]}  {REGIONS[code]}") for code in others)
    lines = (f"{case.number}  {case.name}", _("Nothing changes until the other region has accepted."))
    dialog = Choose(_("Offer the person to which region?"), choices, lines)
    screen.ask(dialog, lambda region: _ask_why(screen, case, region, then))


def _ask_why(screen: KansliScreen, case: Case, region: str, then: Callable[[Case, str, str], None]) -> None:
    title = _("Offer to {region}", region=REGIONS[region])
    dialog = AskReason(title, (f"{case.number}  {case.name}",), text=_("Why, and since when the person lives there"))
    screen.ask(dialog, lambda told: then(case, region, told.text))
