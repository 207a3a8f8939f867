"""What it means that a letter has been posted: the move it makes. One table from letter type to move."""

from datetime import date, timedelta

from sqlalchemy import select

from db.models import Decided, Letter, Person, PsaOrder
from kansli_tui.errors import RefusedError
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.steps import Event
from kansli_tui.rows.answers import DecisionState
from kansli_tui.rows.letter_states import LetterState
from kansli_tui.service.letter_content import thaw
from kansli_tui.service.walk import OPEN_ORDERS, Walk

_OFFERS = frozenset({LetterType.OFFER, LetterType.OFFER_AFTER_NO_SAMPLE, LetterType.OFFER_AFTER_INTERVAL})
_ANSWERS = frozenset(
    {
        LetterType.PSA_LOW,
        LetterType.PSA_TWO_YEARS,
        LetterType.MRI_NO_BIOPSY,
        LetterType.MRI_NOT_DONE,
        LetterType.BIOPSY_BENIGN,
    }
)
"""Letters that end a round: the next offer waits from then on."""


def posted(walk: Walk, letter: Letter, person: Person) -> None:
    """Record that a printed letter has left the house, and move the person where its type does."""
    letter.state, letter.posted_on = LetterState.POSTED, walk.today
    walk.close_letter_tasks([letter], "posted")
    if letter.type is LetterType.PRE_LETTER:
        _pre_letter(walk, person)
    elif letter.type in _OFFERS:
        _offer(walk, letter, person)
    elif letter.type is LetterType.REPEAT_SAMPLE:
        _repeat(walk, letter, person)
    elif letter.type in _ANSWERS:
        _answer(walk, person)


def _pre_letter(walk: Walk, person: Person) -> None:
    opened = walk.round_of(person)
    assert opened is not None
    opened.pre_letter_on = walk.today
    days = walk.rules(person.region).pre_letter_days
    walk.move(person, Event.PRE_LETTER_POSTED, next_on=walk.today + timedelta(days=days))


def _offer(walk: Walk, letter: Letter, person: Person) -> None:
    opened = walk.round_of(person)
    assert opened is not None
    until = _until(letter)
    opened.offered_on, opened.valid_until = walk.today, until
    order = _waiting_order(walk, person, until)
    walk.move(person, Event.OFFER_POSTED if order is None else Event.OFFER_POSTED_WITH_ORDER, next_on=until)


def _repeat(walk: Walk, letter: Letter, person: Person) -> None:
    until = _until(letter)
    _waiting_order(walk, person, until)
    walk.move(person, Event.REPEAT_LETTER_POSTED, next_on=until)


def _answer(walk: Walk, person: Person) -> None:
    decision = walk.session.scalar(
        select(Decided)
        .where(
            Decided.person_id == person.id,
            Decided.round_number == person.round_number,
            Decided.state == DecisionState.CONFIRMED,
        )
        .order_by(Decided.id.desc())
    )
    if decision is None or decision.new_offer_on is None:
        raise RefusedError("The answer letter has no confirmed decision behind it.")
    walk.end_round(person, "answered")
    walk.move(
        person,
        Event.ANSWER_LETTER_POSTED,
        next_on=walk.offer_or_age_exit(person, decision.new_offer_on),
        reason=decision.reason,
    )


def _until(letter: Letter) -> date:
    """The last day that the posted letter itself promises."""
    assert letter.content is not None
    until = thaw(letter.content).values["valid_until"]
    assert isinstance(until, date)
    return until


def _waiting_order(walk: Walk, person: Person, until: date) -> PsaOrder | None:
    order = walk.session.scalar(
        select(PsaOrder)
        .where(PsaOrder.person_id == person.id, PsaOrder.state.in_(OPEN_ORDERS))
        .order_by(PsaOrder.id.desc())
    )
    if order is not None:
        order.valid_until = until
    return order
