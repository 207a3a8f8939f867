"""What must be true of everybody at every moment, read straight from the rows: tests of random lives and simulations ask it.

Every table is read once, so that asking after each step of many lives stays cheap.
"""

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import (
    Block,
    Booking,
    Decided,
    Letter,
    Person,
    PsaAnswer,
    PsaOrder,
    Referral,
    ReferralChange,
    Round,
    StepChange,
    Task,
)
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.moves import MOVES
from kansli_tui.pathway.referrals import LIVE, PLACES, REFERRAL_MOVES, ReferralEvent, ReferralKind, ReferralState
from kansli_tui.pathway.ruleset import Outcome
from kansli_tui.pathway.steps import MRI_PHASE, UROLOGY_PHASE, ClosedReason, Event, Queue, Step
from kansli_tui.rows.answers import DecisionState, OrderState
from kansli_tui.rows.letter_states import LetterState
from kansli_tui.rows.referrals import BookingState, DecisionKind
from kansli_tui.service.proposing import ASSESSING

_HELD_BY_TASK = {
    Step.MRI_TO_REFER: Queue.MRI_REFERRAL,
    Step.MRI_TO_BOOK: Queue.MRI_BOOKING,
    Step.MRI_TO_RESOLVE: Queue.MRI_CONTACT,
    Step.MRI_TO_ASSESS: Queue.MRI_ANSWER,
    Step.UROLOGY_TO_REFER: Queue.UROLOGY_REFERRAL,
    Step.UROLOGY_TO_RESOLVE: Queue.UROLOGY_CONTACT,
    Step.PATHOLOGY_TO_ASSESS: Queue.PATHOLOGY,
}
_NOTHING_ON_ITS_WAY = (Step.NOT_DUE, Step.EXCLUDED, Step.POSTPONED, Step.AWAITING_SAMPLE, Step.ANSWER_TO_ASSESS)
_IN_NO_ROUND = (Step.CLOSED, Step.EXCLUDED, Step.NOT_DUE)
_OWED_ANYWAY = (LetterType.CORRECTION, LetterType.HANDED_OVER, LetterType.REGISTER_OPT_OUT_CONFIRMED)
_RAISED = 3


class Everybody:
    """Every row of a small database by person, as it is now. `posted_to_the_dead` is kept by whoever asks repeatedly."""

    def __init__(self, session: Session, posted_to_the_dead: dict[int, set[int]]) -> None:
        self.people = session.scalars(select(Person)).all()
        self._posted_to_the_dead = posted_to_the_dead
        self._changes = _by_person(session.scalars(select(StepChange).order_by(StepChange.id)))
        self._letters = _by_person(session.scalars(select(Letter).order_by(Letter.id)))
        self._tasks = _by_person(session.scalars(select(Task).where(Task.closed_at.is_(None))))
        self._seen_to = {
            int(subject.removeprefix("returned:"))
            for subject in session.scalars(select(Task.subject).where(Task.subject.like("returned:%")))
        }
        self._rounds = _by_person(session.scalars(select(Round).where(Round.ended_at.is_(None))))
        self._orders = _by_person(
            session.scalars(select(PsaOrder).where(PsaOrder.state.in_((OrderState.CREATED, OrderState.SENT))))
        )
        self._blocks = _by_person(session.scalars(select(Block).where(Block.ended_at.is_(None))))
        self._decisions = _by_person(
            session.scalars(select(Decided).where(Decided.state != DecisionState.SUPERSEDED).order_by(Decided.id))
        )
        self._answers = {answer.id: answer for answer in session.scalars(select(PsaAnswer))}
        self._referrals = _by_person(session.scalars(select(Referral).order_by(Referral.id)))
        self._bookings = Counter(
            session.scalars(select(Booking.referral_id).where(Booking.state == BookingState.BOOKED))
        )
        self._referral_changes: dict[int, list[ReferralChange]] = defaultdict(list)
        for change in session.scalars(select(ReferralChange).order_by(ReferralChange.id)):
            self._referral_changes[change.referral_id].append(change)

    def check(self) -> None:
        """AssertionError says what is wrong with whom."""
        for person in self.people:
            self._history(person)
            self._round(person)
            self._on_its_way(person)
            self._work(person)
            self._decided(person)
            self._referred(person)

    def _history(self, person: Person) -> None:
        changes = self._changes[person.id]
        assert changes[0].event is Event.REGISTERED
        for before, after in itertools.pairwise(changes):
            assert after.from_step is before.to_step
            assert MOVES[after.from_step, after.event] is after.to_step, "a move that the table does not know"
        assert changes[-1].to_step is person.step

    def _round(self, person: Person) -> None:
        rounds, orders = self._rounds[person.id], self._orders[person.id]
        assert len(rounds) <= 1, "two open rounds"
        assert len(orders) <= 1, "two open orders"
        if person.step in _IN_NO_ROUND:
            assert not rounds, "a round is open for somebody who is in none"
            assert not orders, "an order is open for somebody who is in no round"
        elif person.step is not Step.POSTPONED:
            assert rounds, f"no round is open at {person.step}"
        assert person.blocked == bool(self._blocks[person.id])

    def _on_its_way(self, person: Person) -> None:
        letters = self._letters[person.id]
        posted = {letter.id for letter in letters if letter.state is LetterState.POSTED}
        unsent = [letter for letter in letters if letter.state in (LetterState.PREPARED, LetterState.PRINTED)]
        # A letter that has been posted before is looked at when it is printed again: until then it may have been overtaken.
        first_time = [letter for letter in unsent if letter.again_of is None]
        about_a_step = [letter.type for letter in first_time if letter.type not in _OWED_ANYWAY]
        again = [letter.again_of for letter in letters if letter.again_of is not None and letter.stopped_at is None]
        assert len(again) == len(set(again)), "the same letter sent again twice"
        for letter in letters:
            # Who has left the programme is owed nothing of what was sent before, nor when he comes back.
            left = any(change.event is Event.CLOSED for change in self._changes[person.id])
            back = letter.state is LetterState.RETURNED and not left
            assert not back or letter.id in self._seen_to, "nobody sees to a returned letter"
        if any(referral.state is ReferralState.BOOKED for referral in self._referrals[person.id]):
            # His appointment stands while something else is being looked at.
            about_a_step = [kind for kind in about_a_step if kind is not LetterType.MRI_CALL]
        if person.closed_reason is ClosedReason.DEAD:
            assert not unsent, "a letter waits for a dead man"
            # One that went before may still come back.
            assert posted <= self._posted_to_the_dead.setdefault(person.id, posted), "a letter went to a dead man"
        else:
            # Who was thought dead and is not gets letters again.
            self._posted_to_the_dead.pop(person.id, None)
        assert len(about_a_step) == len(set(about_a_step)), (
            f"the same letter twice on its way to {person.id} at {person.step}: {about_a_step}"
        )
        if person.step in _NOTHING_ON_ITS_WAY:
            assert not about_a_step, f"a letter is on its way to somebody at {person.step}: {about_a_step}"

    def _work(self, person: Person) -> None:
        queues = Counter(task.queue for task in self._tasks[person.id])
        assert sum(queues[queue] for queue in ASSESSING) == (person.step is Step.ANSWER_TO_ASSESS)
        for step, queue in _HELD_BY_TASK.items():
            assert queues[queue] == (person.step is step), f"{queue} at {person.step}"

    def _decided(self, person: Person) -> None:
        of_round = [each for each in self._decisions[person.id] if each.round_number == person.round_number]
        standing = {decided.kind: decided for decided in of_round}
        assert len(of_round) == len(standing), "two decisions of a kind hold at once"
        if person.step in MRI_PHASE | UROLOGY_PHASE or person.step is Step.ANSWER_LETTER_TO_POST:
            decided = standing[DecisionKind.PSA]
            assert decided.state is DecisionState.CONFIRMED
            answer = self._answers[decided.answer_id]
            assert answer.replaced_at is None or self._tissue(person), "stands on an answer that no longer holds"
            assert answer.value is not None or self._tissue(person)
            if person.step is Step.ANSWER_LETTER_TO_POST and answer.value is not None and answer.value >= _RAISED:
                latest = max(standing.values(), key=lambda each: each.id)
                assert latest.kind is not DecisionKind.PSA, "a raised value on its way out as a normal one"
                assert latest.outcome is Outcome.NEW_OFFER
        for kind, step in ((DecisionKind.MRI, Step.MRI_TO_ASSESS), (DecisionKind.PATHOLOGY, Step.PATHOLOGY_TO_ASSESS)):
            proposed = kind in standing and standing[kind].state is DecisionState.PROPOSED
            assert proposed == (person.step is step), f"{kind} proposed at {person.step}"

    def _tissue(self, person: Person) -> bool:
        return any(
            referral.biopsied_on is not None or referral.state is ReferralState.ANSWERED
            for referral in self._referrals[person.id]
            if referral.kind is ReferralKind.UROLOGY and referral.round_number == person.round_number
        )

    def _referred(self, person: Person) -> None:
        """Where he stands is where his referral is; nothing lives for somebody who is in no round."""
        referrals = self._referrals[person.id]
        for referral in referrals:
            expected = referral.state is ReferralState.BOOKED and referral.kind is ReferralKind.MRI
            assert self._bookings[referral.id] == expected, f"appointments of a referral that is {referral.state}"
            changes = self._referral_changes[referral.id]
            assert changes[0].event is ReferralEvent.MADE
            for change in changes[1:]:
                assert change.from_state is not None
                noted = change.from_state is change.to_state
                assert noted or REFERRAL_MOVES[change.from_state, change.event] is change.to_state
            assert changes[-1].to_state is referral.state
        living = Counter(referral.kind for referral in referrals if referral.state in LIVE)
        assert max(living.values(), default=0) <= 1, "two live referrals of a kind"
        if person.step in _IN_NO_ROUND:
            assert not living, "a referral lives for somebody who is in no round"
        for kind, phase, making in (
            (ReferralKind.MRI, MRI_PHASE, Step.MRI_TO_REFER),
            (ReferralKind.UROLOGY, UROLOGY_PHASE, Step.UROLOGY_TO_REFER),
        ):
            if person.step in phase and person.step is not making:
                mine = [
                    referral
                    for referral in referrals
                    if referral.kind is kind
                    and referral.round_number == person.round_number
                    and referral.state is not ReferralState.CANCELLED
                ]
                assert PLACES[kind, mine[-1].state][1] is person.step, f"{person.step} but {mine[-1].state}"


def _by_person(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        if row.person_id is not None:
            found[row.person_id].append(row)
    return found
