"""What it means that letters have been posted: the move each makes by its type."""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import select

from db.models import Decided, Letter, Person, PsaOrder
from kansli_tui.errors import RefusedError
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.steps import Event
from kansli_tui.rows.answers import DecisionState
from kansli_tui.rows.letter_states import LetterState
from kansli_tui.service.holding import OPEN_ORDERS, in_pieces
from kansli_tui.service.still_true import OFFERS, WAITS_FOR_SAMPLE
from kansli_tui.service.walk import Walk

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


class Posting:
    """Records the letters of a batch as posted. What it needs to know of their people is read for all of them at once."""

    def __init__(self, walk: Walk, letters: Sequence[tuple[Letter, Person]]) -> None:
        self._walk = walk
        self._letters = letters
        self._orders: dict[int, PsaOrder] = {}
        self._decided: dict[int, Decided] = {}
        types = {letter.type for letter, _ in letters}
        people = [person for _, person in letters]
        if types & {LetterType.PRE_LETTER, *OFFERS, *_ANSWERS}:
            walk.read_rounds(people)
        for some in in_pieces(person.id for person in people):
            if types & {LetterType.REPEAT_SAMPLE, *OFFERS}:
                self._read_orders(some)
            if types & _ANSWERS:
                self._read_decisions(some)

    def record(self) -> None:
        """Every letter has left the house, and moves its person where its type does."""
        walk = self._walk
        walk.close_letter_tasks([letter for letter, _ in self._letters], "posted")
        for letter, person in self._letters:
            letter.state, letter.posted_on = LetterState.POSTED, walk.today
            if letter.again_of is not None:
                self._again(letter, person)
            elif letter.type is LetterType.PRE_LETTER:
                self._pre_letter(person)
            elif letter.type in OFFERS:
                self._offer(letter, person)
            elif letter.type is LetterType.REPEAT_SAMPLE:
                self._repeat(letter, person)
            elif letter.type in _ANSWERS:
                self._answer(person)

    def _read_orders(self, people: Sequence[int]) -> None:
        """The newest open order of each."""
        found = self._walk.session.scalars(
            select(PsaOrder)
            .where(PsaOrder.person_id.in_(people), PsaOrder.state.in_(OPEN_ORDERS))
            .order_by(PsaOrder.id)
        )
        self._orders.update((order.person_id, order) for order in found)

    def _read_decisions(self, people: Sequence[int]) -> None:
        """The newest confirmed decision of each one's round."""
        found = self._walk.session.scalars(
            select(Decided)
            .join(Person, Person.id == Decided.person_id)
            .where(
                Decided.person_id.in_(people),
                Decided.round_number == Person.round_number,
                Decided.state == DecisionState.CONFIRMED,
            )
            .order_by(Decided.id)
        )
        self._decided.update((decided.person_id, decided) for decided in found)

    def _pre_letter(self, person: Person) -> None:
        walk = self._walk
        opened = walk.round_of(person)
        assert opened is not None
        opened.pre_letter_on = walk.today
        days = walk.rules(person.region).pre_letter_days
        walk.move(person, Event.PRE_LETTER_POSTED, next_on=walk.today + timedelta(days=days))

    def _offer(self, letter: Letter, person: Person) -> None:
        walk = self._walk
        opened = walk.round_of(person)
        assert opened is not None
        until = _until(letter)
        opened.offered_on, opened.valid_until = walk.today, until
        ordered = self._order_until(person, until)
        walk.move(person, Event.OFFER_POSTED_WITH_ORDER if ordered else Event.OFFER_POSTED, next_on=until)

    def _repeat(self, letter: Letter, person: Person) -> None:
        until = _until(letter)
        self._order_until(person, until)
        self._walk.move(person, Event.REPEAT_LETTER_POSTED, next_on=until)

    def _answer(self, person: Person) -> None:
        walk, decision = self._walk, self._decided.get(person.id)
        if decision is None or decision.new_offer_on is None:
            raise RefusedError("The answer letter has no confirmed decision behind it.")
        walk.end_round(person, "answered")
        walk.move(
            person,
            Event.ANSWER_LETTER_POSTED,
            next_on=walk.offer_or_age_exit(person, decision.new_offer_on),
            reason=decision.reason,
        )

    def _again(self, letter: Letter, person: Person) -> None:
        """A letter that has been posted before moves nobody; an offer gives the time anew that its first copy did not."""
        walk = self._walk
        if letter.type not in (*OFFERS, LetterType.REPEAT_SAMPLE) or letter.round_number != person.round_number:
            return
        if person.step not in WAITS_FOR_SAMPLE:
            return
        until = _until(letter)
        opened = walk.round_of(person)
        if opened is not None and letter.type in OFFERS:
            opened.valid_until = until
        self._order_until(person, until)
        walk.move(person, Event.OFFER_POSTED_AGAIN, next_on=until)

    def _order_until(self, person: Person, until: date) -> bool:
        """Let the person's open order hold until the day that the letter promises; False when there is none."""
        order = self._orders.get(person.id)
        if order is not None:
            order.valid_until = until
        return order is not None


def _until(letter: Letter) -> date:
    """The last day that the posted letter itself promises."""
    assert letter.content is not None
    return date.fromisoformat(letter.content["values"]["valid_until"])
