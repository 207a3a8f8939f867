"""What every decision has in common, whatever it stands on: stored as proposed, superseded by newer facts, confirmed by somebody."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select

from db.models import Decided, Person
from kansli_tui.pathway.decide import Decision
from kansli_tui.pathway.ruleset import Outcome
from kansli_tui.rows.answers import DecisionState
from kansli_tui.rows.referrals import DecisionKind
from kansli_tui.service.walk import Walk

BUILT_ON = {
    DecisionKind.PSA: frozenset(DecisionKind),
    DecisionKind.MRI: frozenset({DecisionKind.MRI, DecisionKind.PATHOLOGY}),
    DecisionKind.PATHOLOGY: frozenset({DecisionKind.PATHOLOGY}),
}
"""What no longer holds when there is a new proposal: the density of an MRI decision stands on the PSA answer, and so on."""


def supersede(walk: Walk, person: Person, kinds: Iterable[DecisionKind]) -> None:
    """Earlier proposals and confirmations of the round no longer hold."""
    for earlier in walk.session.scalars(
        select(Decided).where(
            Decided.person_id == person.id,
            Decided.round_number == person.round_number,
            Decided.state != DecisionState.SUPERSEDED,
            Decided.kind.in_(tuple(kinds)),
        )
    ):
        earlier.state, earlier.superseded_at = DecisionState.SUPERSEDED, walk.at


def store(
    walk: Walk,
    person: Person,
    decision: Decision,
    *,
    kind: DecisionKind,
    answer_id: int,
    mri_answer_id: int | None = None,
    pathology_id: int | None = None,
) -> Decided:
    """The proposal as a row; whatever it supersedes no longer holds."""
    supersede(walk, person, BUILT_ON[kind])
    decided = Decided(
        person_id=person.id,
        region=person.region,
        round_number=person.round_number,
        kind=kind,
        answer_id=answer_id,
        mri_answer_id=mri_answer_id,
        pathology_id=pathology_id,
        state=DecisionState.PROPOSED,
        proposed=decision.outcome,
        proposed_at=walk.at,
    )
    rewrite(decided, decision)
    walk.session.add(decided)
    walk.session.flush()
    return decided


def rewrite(decided: Decided, decision: Decision) -> None:
    """Let the row say what the rules say about what a person has confirmed (a score, a volume)."""
    decided.rule_set, decided.rule_number = decision.rule_set, decision.rule_number
    decided.inputs, decided.reason = decision.inputs, decision.reason
    decided.letter = decision.letter.value if decision.letter else None
    decided.new_offer_on = decision.new_offer_on


def mark_confirmed(walk: Walk, decided: Decided, outcome: Outcome, reason: str) -> None:
    """Who confirmed what, and why if otherwise than proposed. Only a new offer keeps its date."""
    decided.state, decided.outcome = DecisionState.CONFIRMED, outcome
    decided.confirmed_at, decided.confirmed_by, decided.confirm_reason = walk.at, walk.actor.username, reason
    if outcome is not Outcome.NEW_OFFER:
        decided.new_offer_on = None


def why(decided: Decided) -> str:
    """The reason of the rules and of the person who confirmed, as the move keeps it."""
    return f"{decided.reason} {decided.confirm_reason}".strip()


def next_offer_values(walk: Walk, person: Person, on: date) -> dict[str, str]:
    """What a letter says of the next offer: its year, or the last year of offers where he would be too old."""
    last_year = person.birth_date.year + walk.rules(person.region).last_age
    return {"last_year": str(last_year)} if on.year > last_year else {"next_year": str(on.year)}
