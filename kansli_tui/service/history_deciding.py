"""What every part of a replayed round shares: the round's row, its decisions as they were made or wait for somebody, and its end."""

from datetime import date

from db.models import Decided
from kansli_tui.pathway.decide import Decision
from kansli_tui.pathway.ruleset import Outcome
from kansli_tui.pathway.steps import ClosedReason, Event, Queue
from kansli_tui.rows.answers import DecisionState
from kansli_tui.rows.history import HistoryLine
from kansli_tui.rows.referrals import DecisionKind
from kansli_tui.service.history_facts import BY, Row
from kansli_tui.service.history_path import Path

BY_LINE = "Enligt föregående system."
STOPS = "Ur historik: inget senare är antecknat i filen."


class RoundSoFar:
    """One line of a person, as far as it has been played."""

    def __init__(self, path: Path, line: HistoryLine, message_id: int, next_begins: date | None) -> None:
        self.path = path
        self.line = line
        self.message_id = message_id
        self.next_begins = next_begins
        self.standing = path.standing
        self.terms = path.terms
        self.rules = path.terms.rules
        self.round: Row | None = None
        self.order: Row | None = None

    def end_round(self, on: date, result: str) -> None:
        """The round is over; what an offer ended with chooses the next one."""
        assert self.round is not None
        self.round["ended_at"], self.round["result"] = self.path.at(on), result
        if self.line.offered_on is not None:
            self.standing.last_result = result

    def end_with_letter(self, on: date, decision: Decision) -> None:
        """The letter that ends a round has been posted: the next offer waits."""
        assert decision.new_offer_on is not None
        self.end_round(on, "answered")
        next_on = self.standing.offer_or_age_exit(decision.new_offer_on, self.rules)
        self.path.move(Event.ANSWER_LETTER_POSTED, on, next_on=next_on, reason=decision.reason)

    def decide(
        self,
        kind: DecisionKind,
        decision: Decision,
        outcome: Outcome | None,
        on: date,
        queue: Queue,
        *,
        answer_id: int,
        proposed_on: date | None = None,
        mri_answer_id: int | None = None,
        pathology_id: int | None = None,
    ) -> None:
        """A decision as it was made; without an outcome a proposal, and the task where a person confirms it."""
        path = self.path
        key = path.key(Decided)
        proposed_on = proposed_on or self.line.psa_answered_on or on
        confirmed = outcome is not None
        path.facts.add(
            Decided,
            {
                **path.head(),
                "id": key,
                "round_number": self.line.round,
                "kind": kind,
                "answer_id": answer_id,
                "mri_answer_id": mri_answer_id,
                "pathology_id": pathology_id,
                "state": DecisionState.CONFIRMED if confirmed else DecisionState.PROPOSED,
                "rule_set": decision.rule_set,
                "rule_number": decision.rule_number,
                "inputs": decision.inputs,
                "proposed": decision.outcome,
                "outcome": outcome,
                "reason": decision.reason,
                "letter": decision.letter.value if decision.letter else None,
                "new_offer_on": decision.new_offer_on if outcome in (None, Outcome.NEW_OFFER) else None,
                "proposed_at": path.at(proposed_on),
                "confirmed_at": path.at(on) if confirmed else None,
                "confirmed_by": BY if confirmed else None,
                "confirm_reason": BY_LINE if confirmed and outcome is not decision.outcome else "",
            },
        )
        if not confirmed:
            path.task(queue, f"decision:{key}", f"{decision.reason} {STOPS}")

    def to_refer(self, queue: Queue, decision: Decision) -> None:
        """The referral that the rules ask for is not in the line: somebody makes it."""
        subject = f"refer:{self.standing.person_id}:{self.line.round}"
        self.path.task(queue, subject, f"{decision.reason} {STOPS}")

    def close(self, on: date, why: ClosedReason, reason: str) -> None:
        """Leave the programme in this round."""
        if self.round is not None and self.round["ended_at"] is None:
            self.end_round(on, why.value)
        self.path.close(on, why, reason)
