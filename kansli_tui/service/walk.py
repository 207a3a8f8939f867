"""The one way a person is moved: inside a service's transaction, through the table of moves, with every promise kept.

A step promises that something holds the person there (a date, a task, a letter, an order). `Walk` writes the move and what
holds it together, and takes away what no longer applies. Services call it; nothing else writes `Person.step`.
"""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import select, update

from db.models import (
    Decided,
    Letter,
    OfferRelease,
    Person,
    Round,
    StepChange,
)
from kansli_tui.errors import RefusedError
from kansli_tui.pathway import moves
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.ruleset import add_years
from kansli_tui.pathway.steps import ClosedReason, Event, Step
from kansli_tui.rows.answers import DecisionState, OrderState
from kansli_tui.rows.letter_states import LetterState
from kansli_tui.rows.offers import RoundKind
from kansli_tui.service.holding import ABOUT_A_STEP, STEP_QUEUES, Holding, in_pieces


class Walk(Holding):
    """Moves people within one transaction on behalf of an actor, at one time."""

    # Moving

    def move(
        self, person: Person, event: Event, *, next_on: date | None = None, reason: str = "", because: str = ""
    ) -> Step:
        """Let `event` happen to `person`. RefusedError when the table of moves does not allow it.

        `because` is the code of why somebody leaves or is excluded.
        """
        to = moves.target(person.step, event)
        if to is None:
            raise RefusedError("This cannot be done where the person stands now.")
        self.session.add(
            StepChange(
                person_id=person.id,
                region=person.region,
                round_number=person.round_number,
                at=self.at,
                event=event,
                from_step=person.step,
                to_step=to,
                next_on=next_on,
                reason=reason,
                because=because,
                by=self.actor.username,
            )
        )
        person.step, person.since, person.next_on = to, self.at, next_on
        return to

    def begin_round(self, person: Person, kind: RoundKind, *, release: OfferRelease | None = None) -> Round:
        """Start the person's next round. The database refuses a second open one."""
        person.round_number += 1
        opened = Round(
            person_id=person.id,
            region=person.region,
            number=person.round_number,
            kind=kind,
            release_id=release.id if release else None,
            began_at=self.at,
            municipality=person.municipality,
        )
        self.session.add(opened)
        self._rounds[person.id] = opened
        return opened

    def read_rounds(self, people: Iterable[Person]) -> None:
        """Read the latest rounds of many at once; `round_of` then asks no more. The caller holds the people's locks."""
        numbers = {person.id: person.round_number for person in people}
        for some in in_pieces(numbers):
            for found in self.session.scalars(select(Round).where(Round.person_id.in_(some))):
                if found.number == numbers[found.person_id]:
                    self._rounds[found.person_id] = found

    def round_of(self, person: Person) -> Round | None:
        """The person's latest round."""
        known = self._rounds.get(person.id)
        if known is None or known.number != person.round_number:
            known = self.session.scalar(
                select(Round).where(Round.person_id == person.id, Round.number == person.round_number)
            )
            if known is not None:
                self._rounds[person.id] = known
        return known

    def end_round(self, person: Person, result: str) -> None:
        """End the latest round if it is open."""
        latest = self.round_of(person)
        if latest is not None and latest.ended_at is None:
            latest.ended_at, latest.result = self.at, result

    def reopen_round(self, person: Person) -> None:
        """Open the latest round again, for an answer that comes or changes after its end."""
        latest = self.round_of(person)
        if latest is not None:
            latest.ended_at, latest.result = None, None

    def back_to_waiting(self, person: Person, event: Event, *, on: date, result: str, reason: str = "") -> None:
        """End the round and wait for the next offer on a date; at most until the year after the last age."""
        self.end_what_is_out([person], result)
        self.end_round(person, result)
        self.move(person, event, next_on=self.offer_or_age_exit(person, on), reason=reason)

    def end_what_is_out(
        self, people: Sequence[Person], why: str, *, orders: OrderState = OrderState.CANCELLED, cancelled: str = ""
    ) -> None:
        """Take back the orders (or let them expire), stop the letters and close the step's tasks of some people.

        `cancelled` is why the orders no longer hold where that is said in other words.
        """
        for some in in_pieces(person.id for person in people):
            self.cancel_orders_of(some, cancelled or why, orders)
            self.stop_letters_of(some, why, ABOUT_A_STEP)
            self.close_tasks_of(some, why, STEP_QUEUES)

    def offer_or_age_exit(self, person: Person, on: date) -> date:
        """The date of the next offer, or of the age exit where he would be too old for it."""
        last_age = self.rules(person.region).last_age
        exit_on = date(person.birth_date.year + last_age + 1, 1, 1)
        return min(on, exit_on)

    def next_offer_on(self, person: Person) -> date:
        """When somebody who comes back is offered: now, but never earlier than what he waited for when he left."""
        waited = self.session.scalar(
            select(StepChange.next_on)
            .where(
                StepChange.person_id == person.id, StepChange.to_step == Step.NOT_DUE, StepChange.next_on.is_not(None)
            )
            .order_by(StepChange.id.desc())
            .limit(1)
        )
        first = date(person.birth_date.year + self.rules(person.region).first_age, 1, 1)
        return self.offer_or_age_exit(person, max(first, self.today, waited or self.today))

    def after_no_sample(self, person: Person, since: date) -> date:
        """When somebody who gave no sample is offered again."""
        return add_years(since, self.rules(person.region).no_sample_years)

    def close(self, person: Person, why: ClosedReason, reason: str = "") -> None:
        """Leave the programme: everything that is on its way to him is stopped in the same transaction."""
        # Who has had no round and has not left before has nothing on its way.
        if person.round_number or person.step is Step.CLOSED:
            self.cancel_orders(person, why.value)
            self.cancel_referrals(person, why.value)
            self.stop_letters(person, why.value, LetterType if why is ClosedReason.DEAD else ABOUT_A_STEP)
            self.close_tasks(person, why.value)
            self.end_silence(person, why.value)
            self._end_returned_of(person, why)
            self.end_round(person, why.value)
            self.session.execute(
                update(Decided)
                .where(Decided.person_id == person.id, Decided.state == DecisionState.PROPOSED)
                .values(state=DecisionState.SUPERSEDED, superseded_at=self.at)
            )
        elif why is ClosedReason.DEAD:
            # Whoever has said no to the quality register is told so by letter, before any round.
            self.stop_letters(person, why.value, LetterType)
        self.end_handover(person, why.value)
        if person.step is not Step.CLOSED:
            self.move(person, Event.CLOSED, reason=reason or why.value, because=why.value)
        person.closed_reason = why

    def _end_returned_of(self, person: Person, why: ClosedReason) -> None:
        """Nobody looks for the address of somebody who has left; a confirmation that is owed to the living still goes out."""
        back = select(Letter).where(Letter.person_id == person.id, Letter.state == LetterState.RETURNED)
        if why is not ClosedReason.DEAD:
            back = back.where(Letter.type.in_(sorted(ABOUT_A_STEP)))
        self.end_returned(self.session.scalars(back).all(), why.value)
