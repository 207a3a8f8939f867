"""The questions before something is done with a case: which action, what it leads to, the kind of reason, the reason, the day."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from kansli_tui.i18n import _, later
from kansli_tui.labels import ACTIONS, label
from kansli_tui.pathway.moves import target
from kansli_tui.pathway.steps import MRI_PHASE, ClosedReason, Event, ExclusionReason
from kansli_tui.rows.cases import Case, CaseAction
from screens.base import KansliScreen
from screens.case_care import ask_care, care_choices
from screens.dialogs import AskReason, Choice, Choose, Told
from screens.referral_form import ReferralFormScreen

EVENTS = {
    CaseAction.ACCEPT: Event.ACCEPTED,
    CaseAction.DECLINE: Event.DECLINED,
    CaseAction.OPT_OUT: Event.CLOSED,
    CaseAction.POSTPONE: Event.POSTPONED,
    CaseAction.EXCLUDE: Event.EXCLUDED,
    CaseAction.READMIT: Event.READMITTED,
    CaseAction.CLOSE: Event.CLOSED,
    CaseAction.REOPEN: Event.REOPENED,
    CaseAction.REBOOK: Event.MRI_BOOKING_NEEDED,
    CaseAction.TO_UROLOGY: Event.CONFIRMED_UROLOGY,
    CaseAction.NEW_OFFER_LATER: Event.CONFIRMED_NEW_OFFER,
    CaseAction.OFFER_NOW: Event.RELEASED,
}
"""The move that an action is, for the preview of where it leads; the service alone decides."""
IN_MRI = {CaseAction.RESEND: Event.MRI_REFERRAL_SENT, CaseAction.REFER_AGAIN: Event.CONFIRMED_MRI}
IN_UROLOGY = {CaseAction.RESEND: Event.UROLOGY_REFERRAL_SENT, CaseAction.REFER_AGAIN: Event.CONFIRMED_UROLOGY}
"""The move of an action that follows the referral it is about."""

_DAYS = {CaseAction.POSTPONE: later("Not before")}
_BY_THE_PROGRAM = (ClosedReason.CANCER_FOUND, ClosedReason.OPTED_OUT, ClosedReason.AGE, ClosedReason.NUMBER_REPLACED)
"""Reasons that another action or the program gives."""
_DETAILS: dict[CaseAction, tuple[str, tuple[ClosedReason | ExclusionReason, ...]]] = {
    CaseAction.EXCLUDE: (later("Why is the person excluded?"), tuple(ExclusionReason)),
    CaseAction.CLOSE: (
        later("Why is the case closed?"),
        tuple(reason for reason in ClosedReason if reason not in _BY_THE_PROGRAM),
    ),
}


@dataclass(frozen=True, slots=True)
class ActionAsked:
    """What the user has chosen and written."""

    action: CaseAction
    reason: str
    on: date | None = None
    detail: str = ""


Then = Callable[[Case, ActionAsked], None]


def ask_action(screen: KansliScreen, case: Case, today: date, then: Then) -> None:
    """Ask the questions one after the other; `then` gets the case as it was shown at the key press."""
    known = [name for name in ACTIONS if name in case.actions]
    choices = tuple(Choice(name, _(ACTIONS[name][0]), _(ACTIONS[name][1])) for name in known)
    care = care_choices(case)
    names = {choice.id for choice in care}
    dialog = Choose(_("What is to be done?"), (*choices, *care))

    def chosen(name: str) -> None:
        if name in names:
            ask_care(screen, case, name)
        else:
            _chosen(screen, case, today, CaseAction(name), then)

    screen.ask(dialog, chosen)


def _chosen(screen: KansliScreen, case: Case, today: date, action: CaseAction, then: Then) -> None:
    if action is CaseAction.REFER:
        screen.app.push_screen(ReferralFormScreen(case.person_id))
    else:
        _ask_detail(screen, case, today, action, then)


def _ask_detail(screen: KansliScreen, case: Case, today: date, action: CaseAction, then: Then) -> None:
    if action in _DETAILS:
        question, reasons = _DETAILS[action]
        choices = tuple(Choice(reason.value, label(reason)) for reason in reasons)
        screen.ask(
            Choose(_(question), choices), lambda detail: _ask_reason(screen, case, today, (action, detail), then)
        )
    else:
        _ask_reason(screen, case, today, (action, ""), then)


def _ask_reason(screen: KansliScreen, case: Case, today: date, chosen: tuple[CaseAction, str], then: Then) -> None:
    action, detail = chosen
    dialog = AskReason(
        _(ACTIONS[action][0]),
        preview(case, action),
        text=_("Reason"),
        day=_(_DAYS[action]) if action in _DAYS else "",
        today=today,
    )
    screen.ask(dialog, lambda told: then(case, _asked(action, detail, told)))


def _asked(action: CaseAction, detail: str, told: Told) -> ActionAsked:
    return ActionAsked(action, told.text, told.on, detail)


def preview(case: Case, action: CaseAction) -> tuple[str, ...]:
    """What an action leads to, in words."""
    event = (EVENTS | (IN_MRI if case.step in MRI_PHASE else IN_UROLOGY)).get(action)
    to = target(case.step, event) if event is not None else None
    lines = [_(ACTIONS[action][1])]
    if to is not None:
        lines.append(_("From {before} to {after}.", before=f"”{label(case.step)}”", after=f"”{label(to)}”"))
    return tuple(lines)
