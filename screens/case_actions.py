"""The questions before something is done with a case: which action, what it leads to, the kind of reason, the reason, the day."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from kansli_tui.i18n import _
from kansli_tui.labels import ACTIONS, label
from kansli_tui.pathway.moves import target
from kansli_tui.pathway.steps import ClosedReason, Event, ExclusionReason
from kansli_tui.rows.cases import Case
from screens.base import KansliScreen
from screens.dialogs import AskReason, Choice, Choose, Told

EVENTS = {
    "accept": Event.ACCEPTED,
    "decline": Event.DECLINED,
    "opt_out": Event.CLOSED,
    "postpone": Event.POSTPONED,
    "exclude": Event.EXCLUDED,
    "readmit": Event.READMITTED,
    "close": Event.CLOSED,
    "reopen": Event.REOPENED,
    "repeat_sample": Event.CONFIRMED_REPEAT,
    "mri_referral_sent": Event.MRI_REFERRAL_SENT,
    "urology_referral_sent": Event.UROLOGY_REFERRAL_SENT,
}
"""The move that an action is, for the preview of where it leads; the service alone decides."""

_DAYS = {"postpone": "Not before"}
_DETAILS: dict[str, tuple[str, tuple[ClosedReason | ExclusionReason, ...]]] = {
    "exclude": ("Why is the person excluded?", tuple(ExclusionReason)),
    "close": (
        "Why is the case closed?",
        tuple(reason for reason in ClosedReason if reason is not ClosedReason.OPTED_OUT),
    ),
}


@dataclass(frozen=True, slots=True)
class ActionAsked:
    """What the user has chosen and written."""

    action: str
    reason: str
    on: date | None = None
    detail: str = ""


Then = Callable[[Case, ActionAsked], None]


def ask_action(screen: KansliScreen, case: Case, today: date, then: Then) -> None:
    """Ask the questions one after the other; `then` gets the case as it was shown at the key press."""
    known = [name for name in ACTIONS if name in case.actions]
    choices = tuple(Choice(name, _(ACTIONS[name][0]), _(ACTIONS[name][1])) for name in known)
    screen.ask(Choose(_("What is to be done?"), choices), lambda name: _ask_detail(screen, case, today, name, then))


def _ask_detail(screen: KansliScreen, case: Case, today: date, action: str, then: Then) -> None:
    if action in _DETAILS:
        question, reasons = _DETAILS[action]
        choices = tuple(Choice(reason.value, label(reason)) for reason in reasons)
        screen.ask(
            Choose(_(question), choices), lambda detail: _ask_reason(screen, case, today, (action, detail), then)
        )
    else:
        _ask_reason(screen, case, today, (action, ""), then)


def _ask_reason(screen: KansliScreen, case: Case, today: date, chosen: tuple[str, str], then: Then) -> None:
    action, detail = chosen
    dialog = AskReason(
        _(ACTIONS[action][0]),
        preview(case, action),
        text=_("Reason"),
        day=_(_DAYS[action]) if action in _DAYS else "",
        today=today,
    )
    screen.ask(dialog, lambda told: then(case, _asked(action, detail, told)))


def _asked(action: str, detail: str, told: Told) -> ActionAsked:
    return ActionAsked(action, told.text, told.on, detail)


def preview(case: Case, action: str) -> tuple[str, ...]:
    """What an action leads to, in words."""
    to = target(case.step, EVENTS[action]) if action in EVENTS else None
    lines = [_(ACTIONS[action][1])]
    if to is not None:
        lines.append(_("From {before} to {after}.", before=f"”{label(case.step)}”", after=f"”{label(to)}”"))
    return tuple(lines)
