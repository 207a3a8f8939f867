"""What a caseworker does with one case: each action is a move of the table, with a reason, on the version that was shown."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import TypeVar

from sqlalchemy import select

from db.models import Decided, Person, StepChange, Task
from kansli_tui.errors import RefusedError
from kansli_tui.labels import label
from kansli_tui.pathway import moves
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.referrals import ReferralEvent, ReferralKind
from kansli_tui.pathway.register_codes import DeregistrationEffect, deregistration_effect
from kansli_tui.pathway.ruleset import Outcome, add_years
from kansli_tui.pathway.steps import MRI_PHASE, OWED, REFERRED, ClosedReason, Event, ExclusionReason, Queue, Step
from kansli_tui.rows.answers import DecisionState
from kansli_tui.rows.cases import CaseAction
from kansli_tui.rows.offers import RoundKind
from kansli_tui.rows.office import Actor, Role
from kansli_tui.rows.referrals import DecisionKind
from kansli_tui.service import assessing, referring
from kansli_tui.service.offering import of_age
from kansli_tui.service.offers import begin_offer
from kansli_tui.service.resuming import resume
from kansli_tui.service.undoing import UNDOABLE, undo
from kansli_tui.service.walk import Walk

_Reason = TypeVar("_Reason", ClosedReason, ExclusionReason)

_EVENTS: Mapping[CaseAction, Event] = {
    CaseAction.ACCEPT: Event.ACCEPTED,
    CaseAction.DECLINE: Event.DECLINED,
    CaseAction.OPT_OUT: Event.CLOSED,
    CaseAction.POSTPONE: Event.POSTPONED,
    CaseAction.EXCLUDE: Event.EXCLUDED,
    CaseAction.READMIT: Event.READMITTED,
    CaseAction.CLOSE: Event.CLOSED,
    CaseAction.REOPEN: Event.REOPENED,
    CaseAction.OFFER_NOW: Event.RELEASED,
}
_AT: Mapping[CaseAction, frozenset[Step]] = {
    CaseAction.REFER: frozenset({Step.MRI_TO_REFER, Step.UROLOGY_TO_REFER}),
    CaseAction.REBOOK: frozenset({Step.MRI_TO_RESOLVE}),
    CaseAction.RESEND: frozenset({Step.MRI_TO_RESOLVE, Step.UROLOGY_TO_RESOLVE}),
    CaseAction.REFER_AGAIN: frozenset({Step.MRI_TO_RESOLVE, Step.UROLOGY_TO_RESOLVE}),
    CaseAction.TO_UROLOGY: frozenset({Step.MRI_TO_RESOLVE}),
    CaseAction.NEW_OFFER_LATER: frozenset({Step.MRI_TO_RESOLVE, Step.UROLOGY_TO_RESOLVE}),
    CaseAction.UNDO: UNDOABLE,
}
"""Actions that lead to different moves by where the person stands."""
_GRAVE = ("4", "5")
"""PI-RADS that alone leads to urology."""
_SUPERVISORS = frozenset({CaseAction.REOPEN})
DATED = frozenset({CaseAction.POSTPONE})
"""Actions that need a date."""
_REOPENABLE = frozenset(
    {
        ClosedReason.OPTED_OUT,
        ClosedReason.EMIGRATED,
        ClosedReason.MOVED_OUT,
        ClosedReason.CANCER_KNOWN,
        ClosedReason.NO_PROSTATE,
        # An answer to a sample taken in time may still be owed.
        ClosedReason.AGE,
        # The register, or whoever closed the case, was wrong.
        ClosedReason.DEAD,
        ClosedReason.CANCER_FOUND,
    }
)


_NOT_BY_HAND = frozenset(
    {ClosedReason.AGE, ClosedReason.NUMBER_REPLACED, ClosedReason.OPTED_OUT, ClosedReason.CANCER_FOUND}
)
"""Reasons that the program gives, or another action: cancer is found by a pathology answer that a person confirms."""


def open_actions(actor: Actor, person: Person, *, of_age: bool) -> frozenset[CaseAction]:
    """The actions that the table of moves, the actor's role and the person's age for an offer allow now."""
    actions = {
        action
        for action, event in _EVENTS.items()
        if moves.target(person.step, event) is not None and (action not in _SUPERVISORS or actor.is_supervisor)
    }
    actions |= {action for action, steps in _AT.items() if person.step in steps}
    if person.step is Step.ANSWER_TO_ASSESS:
        # There the decision itself is postponed, in Provsvar, where the value is seen.
        actions -= {CaseAction.POSTPONE}
    if person.step in OWED:
        # A wish about offers ends neither an answer nor care that he is owed.
        actions -= {CaseAction.OPT_OUT}
    if person.step is Step.POSTPONED:
        actions |= {CaseAction.RESUME}
    dead_by_register = deregistration_effect(person.deregistered_code or "") is DeregistrationEffect.DEAD
    if person.closed_reason not in _REOPENABLE or (person.closed_reason is ClosedReason.DEAD and dead_by_register):
        actions -= {CaseAction.REOPEN}
    if person.blocked:
        actions -= {CaseAction.OFFER_NOW, CaseAction.ACCEPT}
        actions |= {CaseAction.UNBLOCK}
    if not of_age:
        actions -= {CaseAction.OFFER_NOW}
    return frozenset(actions)


def act(walk: Walk, person: Person, action: CaseAction, *, reason: str, on: date | None, detail: str) -> None:
    """Do it. RefusedError says what is missing."""
    offered = of_age(walk.rules(person.region), person, walk.today)
    if action not in open_actions(walk.actor, person, of_age=offered):
        raise RefusedError("This cannot be done where the person stands now.")
    if not reason.strip():
        raise RefusedError("State why.")
    if action in DATED and (on is None or on <= walk.today):
        raise RefusedError("Choose a date in the future.")
    if action in DATED and on is not None and on > add_years(_waits_until(walk, person), 1):
        raise RefusedError("Choose a date within a year.")
    _DO[action](walk, person, reason, on, detail)


def _waits_until(walk: Walk, person: Person) -> date:
    """Today, or the date of the next offer where he waits for one: a postponement is counted from there."""
    if person.step is Step.NOT_DUE and person.next_on is not None:
        return max(walk.today, person.next_on)
    return walk.today


def _accept(walk: Walk, person: Person, reason: str, on: date | None, detail: str) -> None:
    del on, detail
    until = person.next_on or walk.window_end(person)
    walk.move(person, Event.ACCEPTED, next_on=until, reason=reason)
    walk.create_order(person, kind="first", valid_until=until)


def _decline(walk: Walk, person: Person, reason: str, on: date | None, detail: str) -> None:
    del on, detail
    walk.back_to_waiting(
        person, Event.DECLINED, on=walk.after_no_sample(person, walk.today), result="declined", reason=reason
    )


def _opt_out(walk: Walk, person: Person, reason: str, on: date | None, detail: str) -> None:
    del on, detail
    walk.close(person, ClosedReason.OPTED_OUT, reason)
    walk.prepare_letter(person, LetterType.OPT_OUT_CONFIRMED)


def _postpone(walk: Walk, person: Person, reason: str, on: date | None, detail: str) -> None:
    del detail
    walk.cancel_orders(person, "postponed")
    walk.stop_letters(person, "postponed")
    walk.close_tasks(person, "postponed")
    if person.step is not Step.NOT_DUE:
        walk.end_round(person, "postponed")
    elif person.next_on is not None and on is not None and on < person.next_on:
        raise RefusedError("The person waits until {on} already; choose a later date.", on=person.next_on)
    walk.move(person, Event.POSTPONED, next_on=on, reason=reason)


def _exclude(walk: Walk, person: Person, reason: str, on: date | None, detail: str) -> None:
    del on
    why = _member(ExclusionReason, detail or ExclusionReason.OTHER.value)
    if why is None:
        raise RefusedError("Choose why the person is excluded.")
    walk.cancel_orders(person, "excluded")
    walk.stop_letters(person, "excluded")
    walk.close_tasks(person, "excluded")
    walk.end_round(person, "excluded")
    walk.move(person, Event.EXCLUDED, reason=reason, because=why.value)
    person.exclusion_reason = why


def _readmit(walk: Walk, person: Person, reason: str, on: date | None, detail: str) -> None:
    del on, detail
    person.exclusion_reason = None
    walk.move(person, Event.READMITTED, next_on=walk.next_offer_on(person), reason=reason)


def _close(walk: Walk, person: Person, reason: str, on: date | None, detail: str) -> None:
    del on
    why = _member(ClosedReason, detail)
    if why is None or why in _NOT_BY_HAND:
        raise RefusedError("Choose why the person leaves: dead, emigrated, moved out, cancer known or no prostate.")
    if person.step in OWED - REFERRED and why not in (ClosedReason.DEAD, ClosedReason.CANCER_KNOWN):
        raise RefusedError(
            "An answer or care is owed: see to that first. Only death or known cancer closes the case here."
        )
    walk.close(person, why, reason)


def _reopen(walk: Walk, person: Person, reason: str, on: date | None, detail: str) -> None:
    del on, detail
    person.closed_reason = None
    walk.stop_letters(person, "reopened")
    stood_at = walk.session.scalar(
        select(StepChange.from_step)
        .where(StepChange.person_id == person.id, StepChange.event == Event.CLOSED)
        .order_by(StepChange.id.desc())
        .limit(1)
    )
    walk.move(person, Event.REOPENED, next_on=walk.next_offer_on(person), reason=reason)
    if stood_at in OWED:
        # An answer or care was owed when the case was closed: a new offer alone would let a raised value be forgotten.
        walk.open_task(
            Queue.MEDICAL,
            f"reopened:{person.id}",
            region=person.region,
            person=person,
            reason=f"Stod vid ”{label(stood_at)}” när ärendet avslutades: avgör vad som ska göras nu.",
        )


def _refer(walk: Walk, person: Person, reason: str, on: date | None, detail: str) -> None:
    del walk, person, reason, on, detail
    raise RefusedError("A referral is made in its form, where the unit is chosen and its questions are answered.")


def _advance_live(walk: Walk, person: Person, event: ReferralEvent, reason: str) -> None:
    kind = ReferralKind.MRI if person.step in MRI_PHASE else ReferralKind.UROLOGY
    referral = referring.live(walk.session, person.id, kind)
    assert referral is not None
    referring.advance(walk, person, referral, event, note=reason)


def _rebook(walk: Walk, person: Person, reason: str, on: date | None, detail: str) -> None:
    del on, detail
    _advance_live(walk, person, ReferralEvent.REBOOK, reason)


def _resend(walk: Walk, person: Person, reason: str, on: date | None, detail: str) -> None:
    del on, detail
    _advance_live(walk, person, ReferralEvent.RESENT, reason)


def _refer_again(walk: Walk, person: Person, reason: str, on: date | None, detail: str) -> None:
    del on, detail
    assessing.refer_again(walk, person, reason)


def _to_urology(walk: Walk, person: Person, reason: str, on: date | None, detail: str) -> None:
    del on, detail
    assessing.settle_with_urology(walk, person, reason)


def _new_offer_later(walk: Walk, person: Person, reason: str, on: date | None, detail: str) -> None:
    del on, detail
    if person.step is Step.UROLOGY_TO_RESOLVE and _needs_physician(walk, person):
        raise RefusedError("The round points to urology: ask the physician first, then decide on a new offer.")
    assessing.settle_with_new_offer(walk, person, reason)


def _needs_physician(walk: Walk, person: Person) -> bool:
    """Whether what was confirmed of the round is grave, and no physician has decided or answered a question about it."""
    if walk.actor.role is Role.PHYSICIAN:
        return False
    confirmed = walk.session.scalars(
        select(Decided).where(
            Decided.person_id == person.id,
            Decided.round_number == person.round_number,
            Decided.state == DecisionState.CONFIRMED,
            Decided.outcome == Outcome.UROLOGY,
        )
    )
    if not any(one.kind is DecisionKind.PSA or one.inputs.get("pirads") in _GRAVE for one in confirmed):
        return False
    opened = walk.round_of(person)
    answered = select(Task.id).where(
        Task.person_id == person.id, Task.queue == Queue.MEDICAL, Task.closed_at.is_not(None)
    )
    if opened is not None:
        answered = answered.where(Task.closed_at >= opened.began_at)
    return walk.session.scalar(answered.limit(1)) is None


def _undo(walk: Walk, person: Person, reason: str, on: date | None, detail: str) -> None:
    del on, detail
    undo(walk, person, reason)


def _offer_now(walk: Walk, person: Person, reason: str, on: date | None, detail: str) -> None:
    del on, detail
    begin_offer(walk, person, RoundKind.REQUEST, None, reason=reason)


def _resume(walk: Walk, person: Person, reason: str, on: date | None, detail: str) -> None:
    del on, detail
    resume(walk, person, reason=reason)


def _unblock(walk: Walk, person: Person, reason: str, on: date | None, detail: str) -> None:
    del on, detail
    walk.unblock(person, reason)


_DO: Mapping[CaseAction, Callable[[Walk, Person, str, date | None, str], None]] = {
    CaseAction.ACCEPT: _accept,
    CaseAction.DECLINE: _decline,
    CaseAction.OPT_OUT: _opt_out,
    CaseAction.POSTPONE: _postpone,
    CaseAction.EXCLUDE: _exclude,
    CaseAction.READMIT: _readmit,
    CaseAction.CLOSE: _close,
    CaseAction.REOPEN: _reopen,
    CaseAction.REFER: _refer,
    CaseAction.REBOOK: _rebook,
    CaseAction.RESEND: _resend,
    CaseAction.REFER_AGAIN: _refer_again,
    CaseAction.TO_UROLOGY: _to_urology,
    CaseAction.NEW_OFFER_LATER: _new_offer_later,
    CaseAction.UNDO: _undo,
    CaseAction.OFFER_NOW: _offer_now,
    CaseAction.UNBLOCK: _unblock,
    CaseAction.RESUME: _resume,
}


def _member(members: type[_Reason], value: str) -> _Reason | None:
    try:
        return members(value)
    except ValueError:
        return None
