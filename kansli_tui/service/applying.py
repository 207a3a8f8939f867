"""What an answer that may count does to its person: a new version of the answer, the move, the proposal, and corrections.

Called within the transaction of an import or of a person's match. The judgement has been made (`pathway.answers`); nothing
here decides whose an answer is.
"""

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import or_, select

from db.models import LabMessage, Letter, Person, PsaAnswer, PsaOrder, Referral
from kansli_tui.pathway import moves
from kansli_tui.pathway.answers import RETRACTING, WAITING, Verdict
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.referrals import ReferralKind, ReferralState
from kansli_tui.pathway.steps import Event, Queue, Step
from kansli_tui.rows.answers import OrderState
from kansli_tui.rows.lab import LabAnswer, Observation
from kansli_tui.rows.letter_states import LetterState
from kansli_tui.service.assessing import ENDING_LETTERS, MRI_LETTERS
from kansli_tui.service.latest import tissue_taken
from kansli_tui.service.proposing import propose
from kansli_tui.service.walk import Walk

LONGEST_SENDER = 120
_LONGEST_FLAG = 10
"""What the columns hold. Longer texts are no ones that a laboratory uses; the raw message keeps them whole."""
_ANSWER_LETTERS = (
    LetterType.PSA_LOW,
    LetterType.PSA_TWO_YEARS,
    LetterType.PSA_RAISED,
    LetterType.PSA_VERY_HIGH,
    LetterType.REPEAT_SAMPLE,
    *MRI_LETTERS,
)
_BEFORE_TISSUE = tuple(letter for letter in _ANSWER_LETTERS if letter not in ENDING_LETTERS)
"""Once tissue has been taken the letter that ends the round stands on that, and not on the PSA answer."""


def current_answer(walk: Walk, order: PsaOrder) -> PsaAnswer | None:
    """The version of the order's answer that holds now."""
    return walk.session.scalar(select(PsaAnswer).where(PsaAnswer.order_id == order.id, PsaAnswer.replaced_at.is_(None)))


def event_of(person: Person, verdict: Verdict, earlier: PsaAnswer | None) -> Event | None:
    """The event that an answer would be for a person where he stands; None when it may not happen there."""
    if verdict is Verdict.WAIT:
        wanted: Iterable[Event] = (Event.ANSWER_PENDING,)
    elif verdict is Verdict.RETRACT:
        wanted = (Event.ANSWER_RETRACTED,)
    elif earlier is not None and earlier.status not in WAITING:
        wanted = (Event.ANSWER_CORRECTED,)
    else:
        wanted = (Event.ANSWER_RECEIVED, Event.ANSWER_CORRECTED)
    return next((event for event in wanted if moves.target(person.step, event) is not None), None)


def apply(
    walk: Walk,
    *,
    person: Person,
    order: PsaOrder,
    message: LabMessage,
    answer: LabAnswer,
    psa: Observation,
    verdict: Verdict,
    event: Event | None,
    earlier: PsaAnswer | None,
) -> None:
    """Store the new version after `earlier`, the one that held until now, and let its event happen.

    Without an event it is stored and moves nobody: a later sample has answered and what it said still holds, or tissue has been
    taken and decides; then a person is told.
    """
    stored = _store(walk, person, order, message, answer, psa, earlier)
    if event is None:
        if tissue_taken(walk.session, person):
            correct(walk, person, stored, earlier, stopping=_BEFORE_TISSUE)
        return
    if verdict is Verdict.WAIT:
        days = walk.rules(person.region).preliminary_alarm_days
        walk.move(person, event, next_on=walk.today + timedelta(days=days))
        return
    walk.end_silence(person, "answered")
    if event is not Event.ANSWER_RECEIVED:
        correct(walk, person, stored, earlier)
    order.state = OrderState.ANSWERED
    walk.cancel_orders(person, "answered")
    if person.step in (Step.NOT_DUE, Step.POSTPONED):
        walk.reopen_round(person)
    walk.move(person, event)
    propose(walk, person, stored)


def _store(
    walk: Walk,
    person: Person,
    order: PsaOrder,
    message: LabMessage,
    answer: LabAnswer,
    psa: Observation,
    earlier: PsaAnswer | None,
) -> PsaAnswer:
    if earlier is not None:
        earlier.replaced_at = walk.at
    # Status U makes the preliminary value final without sending it again.
    made_final = earlier if psa.status == "U" and psa.value is None else None
    stored = PsaAnswer(
        person_id=person.id,
        region=person.region,
        order_id=order.id,
        version=earlier.version + 1 if earlier else 1,
        status=psa.status,
        value=None if psa.status in RETRACTING else (made_final.value if made_final else psa.value),
        comparator=made_final.comparator if made_final else psa.comparator,
        raw_value=psa.raw_value,
        raw_unit=psa.unit_raw,
        flag=psa.flag[:_LONGEST_FLAG],
        laboratory=answer.sender[:LONGEST_SENDER],
        laboratory_number=answer.lab_number,
        sampled_at=answer.sampled_at or (earlier.sampled_at if earlier else None),
        analysed_at=psa.analysed_at,
        reported_at=answer.reported_at,
        received_at=walk.at,
        comment=answer.comment,
        context=[
            {"code": other.code, "text": other.code_text, "value": other.raw_value, "unit": other.unit_raw}
            for other in answer.observations
            if other is not psa
        ],
        warnings=[str(warning) for warning in answer.warnings],
    )
    # The message is written first: the answer names it.
    walk.session.flush()
    stored.message_id = message.id
    walk.session.add(stored)
    walk.session.flush()
    return stored


def correct(
    walk: Walk,
    person: Person,
    stored: PsaAnswer,
    earlier: PsaAnswer | None,
    *,
    stopping: Iterable[LetterType] = _ANSWER_LETTERS,
) -> None:
    """Stop what has not left the house; where something has, or the answer was another man's, a person must see to it."""
    walk.stop_letters(person, "answer corrected", stopping)
    wrong_person = stored.status == "W"
    if not (something_is_out(walk, person, _ANSWER_LETTERS) or wrong_person):
        return
    before = "–" if earlier is None else f"{earlier.comparator or ''}{earlier.raw_value}"
    now = "återtaget" if stored.status in RETRACTING else f"{stored.comparator or ''}{stored.raw_value}"
    reason = f"Svaret är ändrat: {before} → {now}."
    if wrong_person:
        reason += " Laboratoriet skriver att svaret gällde en annan patient: anmäl avvikelse."
    walk.open_task(Queue.CORRECTION, f"answer:{stored.id}", region=person.region, person=person, reason=reason)


def something_is_out(
    walk: Walk, person: Person, letters: Iterable[LetterType], referrals: Iterable[ReferralKind] = tuple(ReferralKind)
) -> bool:
    """Whether a letter of some types about the round's answers has been posted, or a referral of some kinds sent."""
    posted = select(Letter.id).where(
        Letter.person_id == person.id,
        Letter.round_number == person.round_number,
        Letter.type.in_(tuple(letters)),
        Letter.state == LetterState.POSTED,
    )
    sent = select(Referral.id).where(
        Referral.person_id == person.id,
        Referral.round_number == person.round_number,
        Referral.kind.in_(tuple(referrals)),
        Referral.sent_at.is_not(None),
        or_(Referral.state != ReferralState.CANCELLED, Referral.cancel_owed.is_(True)),
    )
    return any(walk.session.scalar(found.limit(1)) is not None for found in (posted, sent))
