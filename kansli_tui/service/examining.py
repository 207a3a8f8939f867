"""What an MRI or pathology answer does to its person: a new version, the referral moved on, the proposal, and corrections.

Called within a transaction, for answers that came in a file and for those typed in. The judgement has been made
(`pathway.unit_answers`); nothing here decides whose an answer is.
"""

from sqlalchemy import func, select

from db.models import Decided, MriAnswer, PathologyAnswer, Person, Referral
from kansli_tui.pathway import moves
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.referrals import ReferralEvent, ReferralKind, ReferralState
from kansli_tui.pathway.steps import MRI_PHASE, UROLOGY_PHASE, Event, Queue, Step
from kansli_tui.rows.answers import DecisionState
from kansli_tui.rows.referrals import DecisionKind
from kansli_tui.service import referring
from kansli_tui.service.applying import something_is_out
from kansli_tui.service.assessing import MRI_LETTERS, mri_words, propose_mri, propose_pathology
from kansli_tui.service.context import local_date
from kansli_tui.service.deciding import BUILT_ON, supersede
from kansli_tui.service.latest import current_mri_answer, current_pathology, tissue_taken
from kansli_tui.service.walk import Walk

_PATHOLOGY_LETTERS = (LetterType.BIOPSY_BENIGN,)
_OUTSIDE = "Svar på en remiss som är återtagen eller från en tidigare omgång, bedöm vad det betyder:"


def mri_came(
    walk: Walk, person: Person, referral: Referral, answer: MriAnswer, event: ReferralEvent, *, agrees: bool = False
) -> None:
    """Store an MRI answer (its version is set here) as what `event` says: ANSWERED, CORRECTED or RETRACTED.

    After a confirmed decision he comes back to be assessed, as far as the table of moves allows it. Once tissue has been taken, or
    where the MRI no longer decides his way, it is stored and a person is told. One that `agrees` with the answer typed in before it
    is stored in its place, and what has been decided holds.
    """
    earlier = current_mri_answer(walk.session, referral)
    if earlier is not None:
        earlier.replaced_at = walk.at
        # Only one version may hold: the old one ends before the new one is written.
        walk.session.flush()
    answer.version = _next(walk, MriAnswer, referral)
    walk.session.add(answer)
    walk.session.flush()
    if answer.examined_at is not None and referral.done_on is None:
        referral.done_on = local_date(answer.examined_at)
    if _no_longer_his(person, referral) and not (agrees and referral.state is ReferralState.ANSWERED):
        referring.note_late(walk, referral, event, message_id=answer.message_id)
        _tell(
            walk,
            person,
            f"mri:{answer.id}",
            f"{_OUTSIDE} {referral.number}: {mri_words(earlier)} → {mri_words(answer)}.",
        )
        return
    if agrees:
        referring.note_late(walk, referral, event, message_id=answer.message_id)
        if person.step is Step.MRI_TO_ASSESS and referring.of_round(walk.session, person, ReferralKind.MRI) is referral:
            propose_mri(walk, person, answer)
        return
    if event is ReferralEvent.ANSWERED:
        referring.advance(walk, person, referral, event, message_id=answer.message_id)
        if person.step in MRI_PHASE:
            propose_mri(walk, person, answer)
        return
    in_phase = person.step in MRI_PHASE and referring.of_round(walk.session, person, ReferralKind.MRI) is referral
    back = in_phase or _comes_back(walk, person, referral)
    taken_back = event is ReferralEvent.RETRACTED
    reason = f"MR-svaret är ändrat: {mri_words(earlier)} → {mri_words(answer)}."
    if answer.status == "W":
        reason += " Enheten skriver att svaret gällde en annan patient: anmäl avvikelse."
    unseen = not back and person.step is not Step.ANSWER_TO_ASSESS
    if taken_back or unseen or something_is_out(walk, person, MRI_LETTERS, (ReferralKind.UROLOGY,)):
        _tell(walk, person, f"mri:{answer.id}", reason)
    if not back:
        if taken_back and person.step is Step.ANSWER_TO_ASSESS:
            # He is being assessed anyway: where the MRI is needed again he comes back to this referral.
            referring.advance(walk, person, referral, event, message_id=answer.message_id)
        else:
            referring.note_late(walk, referral, event, message_id=answer.message_id)
        return
    walk.stop_letters(person, "answer corrected", MRI_LETTERS)
    _bring_back(walk, person, Event.MRI_ANSWER_CORRECTED, MRI_PHASE)
    if taken_back:
        supersede(walk, person, BUILT_ON[DecisionKind.MRI])
    referring.advance(walk, person, referral, event, message_id=answer.message_id)
    if not taken_back:
        propose_mri(walk, person, answer)


def pathology_came(
    walk: Walk, person: Person, referral: Referral, found: PathologyAnswer, event: ReferralEvent
) -> None:
    """Store a pathology answer (its version is set here), ANSWERED or CORRECTED, and propose on it.

    Where he has been told already, or has left for clinical care, a person is told; a benign one comes back to be confirmed.
    """
    earlier = current_pathology(walk.session, referral)
    if earlier is not None:
        earlier.replaced_at = walk.at
        walk.session.flush()
    found.version = _next(walk, PathologyAnswer, referral)
    walk.session.add(found)
    walk.session.flush()
    before = "–" if earlier is None else f"ISUP {earlier.isup}"
    if _no_longer_his(person, referral):
        referring.note_late(walk, referral, event, message_id=found.message_id)
        _tell(walk, person, f"pathology:{found.id}", f"{_OUTSIDE} {referral.number}: {before} → ISUP {found.isup}.")
        return
    in_phase = person.step in UROLOGY_PHASE
    if event is ReferralEvent.ANSWERED or in_phase:
        referring.advance(walk, person, referral, event, message_id=found.message_id)
        if in_phase:
            propose_pathology(walk, person, found)
        return
    comes_back = moves.target(person.step, Event.PATHOLOGY_CORRECTED) is not None
    back = comes_back and _decided_on(walk, person, referral, DecisionKind.PATHOLOGY)
    if not back or something_is_out(walk, person, _PATHOLOGY_LETTERS, ()):
        _tell(walk, person, f"pathology:{found.id}", f"PAD-svaret är ändrat: {before} → ISUP {found.isup}.")
    if not back:
        referring.note_late(walk, referral, event, message_id=found.message_id)
        return
    walk.stop_letters(person, "answer corrected", _PATHOLOGY_LETTERS)
    _bring_back(walk, person, Event.PATHOLOGY_CORRECTED, UROLOGY_PHASE)
    referring.advance(walk, person, referral, event, message_id=found.message_id)
    propose_pathology(walk, person, found)


def _no_longer_his(person: Person, referral: Referral) -> bool:
    """Whether what he goes through now has nothing of the referral: it was taken back, or is of an earlier round."""
    return referral.state is ReferralState.CANCELLED or referral.round_number != person.round_number


def _comes_back(walk: Walk, person: Person, referral: Referral) -> bool:
    """Whether a changed MRI answer takes him back to be assessed: his way was decided on it, and no tissue has been taken."""
    return (
        moves.target(person.step, Event.MRI_ANSWER_CORRECTED) is not None
        and not tissue_taken(walk.session, person)
        and _decided_on(walk, person, referral, DecisionKind.MRI)
    )


def _decided_on(walk: Walk, person: Person, referral: Referral, kind: DecisionKind) -> bool:
    """Whether a decision of the round that still holds stands on an answer to the referral."""
    statement = select(Decided.id).where(
        Decided.person_id == person.id,
        Decided.round_number == person.round_number,
        Decided.kind == kind,
        Decided.state != DecisionState.SUPERSEDED,
    )
    if kind is DecisionKind.MRI:
        answers = select(MriAnswer.id).where(MriAnswer.referral_id == referral.id)
        statement = statement.where(Decided.mri_answer_id.in_(answers))
    else:
        found = select(PathologyAnswer.id).where(PathologyAnswer.referral_id == referral.id)
        statement = statement.where(Decided.pathology_id.in_(found))
    return walk.session.scalar(statement.limit(1)) is not None


def _bring_back(walk: Walk, person: Person, event: Event, phase: frozenset[Step]) -> None:
    if person.step in phase:
        return
    if person.step is Step.NOT_DUE:
        walk.reopen_round(person)
    walk.close_tasks(person, "superseded", referring.PHASE_QUEUES[ReferralKind.UROLOGY])
    walk.move(person, event)


def _tell(walk: Walk, person: Person, subject: str, reason: str) -> None:
    walk.open_task(Queue.CORRECTION, subject, region=person.region, person=person, reason=reason)


def _next(walk: Walk, model: type[MriAnswer] | type[PathologyAnswer], referral: Referral) -> int:
    newest = walk.session.scalar(select(func.max(model.version)).where(model.referral_id == referral.id))
    return (newest or 0) + 1
