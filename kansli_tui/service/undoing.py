"""Taking back a step that has had no effect outside the house yet: a confirmed decision whose letter still waits, an unsent referral."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import select

from db.models import Decided, Letter, MriAnswer, PathologyAnswer, Person, PsaAnswer
from kansli_tui.errors import RefusedError
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.referrals import ReferralKind, ReferralState
from kansli_tui.pathway.steps import Event, Step
from kansli_tui.rows.answers import DecisionState
from kansli_tui.rows.letter_states import LetterState
from kansli_tui.rows.referrals import DecisionKind
from kansli_tui.service import referring
from kansli_tui.service.assessing import open_referral_task, propose_mri, propose_pathology
from kansli_tui.service.proposing import propose
from kansli_tui.service.walk import Walk

_UNSENT_REFERRAL: Mapping[Step, tuple[ReferralKind, Event]] = {
    Step.MRI_REFERRAL_TO_SEND: (ReferralKind.MRI, Event.MRI_REFERRAL_WITHDRAWN),
    Step.UROLOGY_REFERRAL_TO_SEND: (ReferralKind.UROLOGY, Event.UROLOGY_REFERRAL_WITHDRAWN),
}
_UNDONE = {
    DecisionKind.PSA: Event.PSA_DECISION_UNDONE,
    DecisionKind.MRI: Event.MRI_DECISION_UNDONE,
    DecisionKind.PATHOLOGY: Event.PATHOLOGY_DECISION_UNDONE,
}
_WITH_REFERRAL = (LetterType.PSA_VERY_HIGH,)
"""Letters that are prepared when the referral is made."""
UNDOABLE = frozenset(
    {
        Step.ANSWER_LETTER_TO_POST,
        Step.REPEAT_TO_POST,
        Step.MRI_TO_REFER,
        Step.UROLOGY_TO_REFER,
        *_UNSENT_REFERRAL,
    }
)
"""Where the latest step may still be taken back; whether it may is known when its letters have been looked at."""


def undo(walk: Walk, person: Person, reason: str) -> None:
    """Take the latest step back. RefusedError when something of it has left the house or cannot be taken back."""
    if person.step in _UNSENT_REFERRAL:
        _withdraw(walk, person, reason)
        return
    decided = walk.session.scalar(
        select(Decided)
        .where(
            Decided.person_id == person.id,
            Decided.round_number == person.round_number,
            Decided.state == DecisionState.CONFIRMED,
        )
        .order_by(Decided.confirmed_at.desc(), Decided.id.desc())
        .limit(1)
    )
    if decided is None or decided.confirmed_at is None:
        raise RefusedError("There is no decision to take back.")
    _refuse_if_printed(walk, person, decided.confirmed_at)
    if decided.kind is DecisionKind.MRI and decided.mri_answer_id is None:
        raise RefusedError(
            "This was settled by a person and cannot be undone here. Ask the physician what should happen instead."
        )
    walk.stop_letters(person, "undone")
    walk.cancel_orders(person, "undone")
    walk.close_tasks(person, "undone")
    walk.move(person, _UNDONE[decided.kind], reason=reason)
    if decided.kind is DecisionKind.PSA:
        propose(walk, person, walk.session.get_one(PsaAnswer, decided.answer_id), may_confirm=False)
    elif decided.kind is DecisionKind.MRI:
        propose_mri(walk, person, walk.session.get_one(MriAnswer, decided.mri_answer_id))
    else:
        propose_pathology(walk, person, walk.session.get_one(PathologyAnswer, decided.pathology_id))


def _withdraw(walk: Walk, person: Person, reason: str) -> None:
    kind, event = _UNSENT_REFERRAL[person.step]
    referral = referring.live(walk.session, person.id, kind)
    assert referral is not None
    assert referral.state is ReferralState.CREATED
    _refuse_if_printed(walk, person, referral.made_at, _WITH_REFERRAL)
    walk.stop_letters(person, "undone", _WITH_REFERRAL)
    walk.cancel_referral(referral, reason)
    walk.move(person, event, reason=reason)
    open_referral_task(walk, person, kind, reason)


def _refuse_if_printed(
    walk: Walk, person: Person, since: datetime, types: Iterable[LetterType] = tuple(LetterType)
) -> None:
    """RefusedError when a letter prepared since then has been printed."""
    printed = select(Letter.id).where(
        Letter.person_id == person.id,
        Letter.round_number == person.round_number,
        Letter.prepared_at >= since,
        Letter.type.in_(tuple(types)),
        Letter.state.in_((LetterState.PRINTED, LetterState.POSTED)),
    )
    if walk.session.scalar(printed.limit(1)) is not None:
        raise RefusedError(
            "The letter has been printed: this cannot be undone. Cancel the batch first, or correct the answer."
        )
