"""Whether a letter that has been posted once still says what is so: asked before it is sent again, and before the copy leaves."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Letter, Person, Task
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.steps import Queue, Step

OFFERS = frozenset({LetterType.OFFER, LetterType.OFFER_AFTER_NO_SAMPLE, LetterType.OFFER_AFTER_INTERVAL})
AFTER_EXIT = frozenset(
    {
        LetterType.AGE_EXIT,
        LetterType.OPT_OUT_CONFIRMED,
        LetterType.REGISTER_OPT_OUT_CONFIRMED,
        LetterType.CORRECTION,
    }
)
"""Letters that are owed to somebody alive whose case is closed; no step overtakes them."""
WAITS_FOR_SAMPLE = frozenset({Step.OFFERED, Step.ORDER_TO_SEND, Step.AWAITING_SAMPLE})
"""Where an offer or a request for a new sample still says what is so."""
_TRUE_AT = {
    **dict.fromkeys((*OFFERS, LetterType.REPEAT_SAMPLE), WAITS_FOR_SAMPLE),
    LetterType.PRE_LETTER: frozenset({Step.OFFER_PLANNED}),
    LetterType.MRI_CALL: frozenset({Step.MRI_BOOKED}),
}


def still_true(session: Session, letter: Letter, person: Person) -> bool:
    """Same round, a step that the letter fits, and no correction that somebody has yet to see to."""
    if letter.type in AFTER_EXIT:
        return True
    if person.round_number != letter.round_number or person.step not in _TRUE_AT.get(letter.type, (person.step,)):
        return False
    corrected = select(Task.id).where(
        Task.person_id == person.id, Task.queue == Queue.CORRECTION, Task.closed_at.is_(None)
    )
    return session.scalar(corrected.limit(1)) is None
