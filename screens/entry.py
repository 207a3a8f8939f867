"""Entering by hand what a unit has told: an answer, a visit, a biopsy, a treatment, or that nothing came of it.

The questions, and the act they end in. What may happen to a referral now is the service's word.
"""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from kansli_tui.i18n import _, later
from kansli_tui.labels import label
from kansli_tui.pathway.referrals import ReferralEvent, ReferralKind, ReferralState
from kansli_tui.rows.office import Actor
from kansli_tui.rows.referral_messages import Treatment
from kansli_tui.rows.referrals import ReferralDetail
from screens.base import KansliScreen
from screens.dialogs import Choice, Choose
from screens.entry_forms import DayEntry, DayTold, MriEntry, MriTold, PathologyEntry, PathologyTold

if TYPE_CHECKING:
    from kansli_tui.service.office import Office

Act = Callable[[], object]
Then = Callable[[Act, str], object]
"""What is done with the act that was chosen, and the words for it."""

_MRI, _PATHOLOGY, _TREATMENT = "mri", "pathology", "treatment"
_LEADS_TO = {
    ReferralEvent.ACCEPTED: later("The unit has it; the limit for an appointment begins."),
    ReferralEvent.DONE: later("The person has been there; the answer is waited for."),
    ReferralEvent.BIOPSIED: later("The pathologist's answer is waited for."),
    ReferralEvent.NO_SHOW: later("The person is contacted: what happens next is settled on the case."),
    ReferralEvent.DECLINED: later("The person is contacted: what happens next is settled on the case."),
    ReferralEvent.CONTRAINDICATED: later("Another way is settled on the case: the urologist, or a new offer later."),
    ReferralEvent.NOT_COMPLETED: later("The person is contacted: what happens next is settled on the case."),
    ReferralEvent.RETURNED: later("The referral comes back as work: send it again, or make another."),
    ReferralEvent.REBOOK: later("The person waits to be booked again."),
    ReferralEvent.RESENT: later("The same referral is with the unit again."),
}
"""What noting an event leads to (message ids)."""
_BEFORE_PATHOLOGY = (ReferralEvent.ACCEPTED, ReferralEvent.DONE, ReferralEvent.BIOPSIED)


def ask_entry(screen: KansliScreen, detail: ReferralDetail, today: date, then: Then) -> None:
    """Ask what happened, then when and who said so; `then` gets the act on the referral as it was shown."""
    row = detail.row
    choices = tuple(_choices(detail))
    lines = (f"{row.person_number}  {row.name}", f"{row.number}  {row.unit} {row.unit_phone}".strip())
    dialog = Choose(_("What has been told?"), choices, lines)
    screen.ask(dialog, lambda chosen: ask_chosen(screen, detail, today, chosen, then))


def answer_choices(detail: ReferralDetail) -> tuple[Choice, ...]:
    """The answers that may be entered on the referral as it stands."""
    row = detail.row
    if row.state in (ReferralState.CREATED, ReferralState.CANCELLED):
        return ()
    if row.kind == ReferralKind.MRI:
        return (Choice(_MRI, _("MRI answer"), _("It is proposed on, and confirmed among the MRI answers.")),)
    confirmed = _("It is proposed on, and confirmed among the pathology answers.")
    pathology = Choice(_PATHOLOGY, _("Pathology answer"), confirmed)
    if row.state == ReferralState.ANSWERED:
        noted = _("Noted for the statistics; nothing else changes.")
        return (pathology, Choice(_TREATMENT, _("Treatment"), noted))
    return (pathology,)


def _choices(detail: ReferralDetail) -> tuple[Choice, ...]:
    """Where it goes on stands first: an MRI answer; a visit and a biopsy before the pathologist's answer."""
    events = [event for event in _LEADS_TO if event in detail.possible]
    noted = [Choice(event.value, label(event), _(_LEADS_TO[event])) for event in events]
    before = 0 if detail.row.kind == ReferralKind.MRI else sum(event in _BEFORE_PATHOLOGY for event in events)
    return (*noted[:before], *answer_choices(detail), *noted[before:])


def ask_chosen(screen: KansliScreen, detail: ReferralDetail, today: date, chosen: str, then: Then) -> None:
    """Ask when it was and who said so, for the choice with this id."""
    office, actor = screen.office, screen.actor
    lines = (f"{detail.row.person_number}  {detail.row.name}",)
    if chosen == _MRI:
        form = MriEntry(_("MRI answer, by hand"), lines, today)
        screen.ask(form, lambda told: then(_enter_mri(office, actor, detail, told), _("The MRI answer is entered.")))
    elif chosen == _PATHOLOGY:
        pathology = PathologyEntry(_("Pathology answer, by hand"), lines, today)
        said = _("The pathology answer is entered.")
        screen.ask(pathology, lambda told: then(_enter_pathology(office, actor, detail, told), said))
    elif chosen == _TREATMENT:
        kinds = tuple(Choice(kind.value, label(kind)) for kind in Treatment)
        dialog = Choose(_("Which treatment?"), kinds, lines)
        screen.ask(
            dialog,
            lambda kind: _ask_day(
                screen, lines, today, label(Treatment(kind)), _treat(office, actor, detail, Treatment(kind)), then
            ),
        )
    else:
        event = ReferralEvent(chosen)
        _ask_day(screen, lines, today, label(event), _note(office, actor, detail, event), then)


def _ask_day(
    screen: KansliScreen,
    lines: tuple[str, ...],
    today: date,
    title: str,
    act: Callable[[DayTold], Act],
    then: Then,
) -> None:
    said = _("Noted: {what}.", what=title)
    screen.ask(DayEntry(title, lines, today), lambda told: then(act(told), said))


def _enter_mri(office: "Office", actor: Actor, detail: ReferralDetail, told: MriTold) -> Act:
    return partial(
        office.examinations.enter_mri,
        actor,
        detail.row.referral_id,
        version=detail.row.version,
        examined_on=told.examined_on,
        scores=told.scores,
        volume_ml=told.volume_ml,
        text=told.text,
        why=told.why,
    )


def _enter_pathology(office: "Office", actor: Actor, detail: ReferralDetail, told: PathologyTold) -> Act:
    return partial(
        office.examinations.enter_pathology,
        actor,
        detail.row.referral_id,
        version=detail.row.version,
        biopsied_on=told.biopsied_on,
        reported_on=told.reported_on,
        isup=told.isup,
        why=told.why,
    )


def _treat(office: "Office", actor: Actor, detail: ReferralDetail, kind: Treatment) -> Callable[[DayTold], Act]:
    enter = partial(office.examinations.enter_treatment, actor, detail.row.referral_id, version=detail.row.version)
    return lambda told: partial(enter, kind=kind, on=told.on, why=told.why)


def _note(office: "Office", actor: Actor, detail: ReferralDetail, event: ReferralEvent) -> Callable[[DayTold], Act]:
    note = partial(office.referrals.note, actor, detail.row.referral_id, event, version=detail.row.version)
    return lambda told: partial(note, note=told.why, on=told.on)
