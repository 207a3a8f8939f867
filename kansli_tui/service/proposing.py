"""From an answer to a proposal: the rules decide, the proposal is stored with its inputs, and a task waits for a person.

Where a region has switched on automatic decisions for low values, the program confirms those, and only those, itself.
"""

from datetime import timedelta

from sqlalchemy import select

from db import audit
from db.models import Decided, Person, PsaAnswer
from kansli_tui.pathway.answers import NOT_DONE, RETRACTING
from kansli_tui.pathway.decide import CONFIRMATION, Decision, PsaValue, decide_psa, queue_of, retracted, unanalysable
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.ruleset import Outcome, RuleSet
from kansli_tui.pathway.steps import Queue
from kansli_tui.rows.answers import DecisionState
from kansli_tui.service.context import SYSTEM, local_date
from kansli_tui.service.latest import corrections
from kansli_tui.service.offering import prepare_repeat
from kansli_tui.service.rule_book import RuleBook
from kansli_tui.service.walk import Walk

ASSESSING = (Queue.URGENT, Queue.RAISED, Queue.UNDECIDED, Queue.REPEAT, Queue.NORMAL)
"""The queues in which an answer waits for a person."""


def propose(walk: Walk, rule_book: RuleBook, person: Person, answer: PsaAnswer) -> Decided:
    """Store what the rules say about the current answer and open its task; supersedes every earlier proposal of the round."""
    rules = rule_book.rule_set(person.region, walk.today)
    decision = decide(rules, person, answer)
    supersede(walk, person)
    decided = Decided(
        person_id=person.id,
        region=person.region,
        round_number=person.round_number,
        answer_id=answer.id,
        state=DecisionState.PROPOSED,
        rule_set=decision.rule_set,
        rule_number=decision.rule_number,
        inputs=decision.inputs,
        proposed=decision.outcome,
        reason=decision.reason,
        letter=decision.letter.value if decision.letter else None,
        new_offer_on=decision.new_offer_on,
        proposed_at=walk.at,
    )
    walk.session.add(decided)
    walk.session.flush()
    walk.open_task(
        queue_of(decision), f"decision:{decided.id}", region=person.region, person=person, reason=decision.reason
    )
    automatic = decision.outcome is Outcome.NEW_OFFER and walk.rules(person.region).automatic_low
    if automatic and not person.blocked and not corrections(walk.session, [answer]):
        # Whoever imports the file decides nothing: the region's signed rule set does.
        program = Walk(walk.session, SYSTEM, walk.at, rule_book)
        confirm(program, person, answer, decided, Outcome.NEW_OFFER, "automatiskt enligt regionens inställning")
        audit.record(
            walk.session,
            SYSTEM,
            walk.at,
            "decision.automatic",
            person_id=person.id,
            region=person.region,
            subject=f"decision:{decided.id}",
            why=decided.rule_set,
        )
    return decided


def decide(rules: RuleSet, person: Person, answer: PsaAnswer) -> Decision:
    """What the rules say about one stored answer."""
    if answer.status in RETRACTING:
        return retracted(rules)
    if answer.status == NOT_DONE or answer.value is None or answer.sampled_at is None:
        return unanalysable(rules)
    return decide_psa(
        PsaValue(answer.value, answer.comparator),
        birth_date=person.birth_date,
        sampled_on=local_date(answer.sampled_at),
        rules=rules,
    )


def supersede(walk: Walk, person: Person) -> None:
    """Earlier proposals and confirmations of the round no longer hold; their tasks end."""
    for earlier in walk.session.scalars(
        select(Decided).where(
            Decided.person_id == person.id,
            Decided.round_number == person.round_number,
            Decided.state != DecisionState.SUPERSEDED,
        )
    ):
        earlier.state = DecisionState.SUPERSEDED
    walk.close_tasks(person, "superseded", (*ASSESSING, Queue.MRI_REFERRAL, Queue.UROLOGY_REFERRAL))


def confirm(walk: Walk, person: Person, answer: PsaAnswer, decided: Decided, outcome: Outcome, reason: str) -> None:
    """Confirm an outcome: the move, the letter and the next task, in one go."""
    decided.state, decided.outcome = DecisionState.CONFIRMED, outcome
    decided.confirmed_at, decided.confirmed_by, decided.confirm_reason = walk.at, walk.actor.username, reason
    if outcome is not Outcome.NEW_OFFER:
        decided.new_offer_on = None
    walk.close_tasks(person, outcome.value, ASSESSING)
    walk.move(person, CONFIRMATION[outcome], reason=decided.reason if not reason else f"{decided.reason} {reason}")
    sampled_on = local_date(answer.sampled_at).isoformat() if answer.sampled_at else ""
    shown = PsaValue(answer.value, answer.comparator).swedish() if answer.value is not None else ""
    match outcome:
        case Outcome.NEW_OFFER:
            assert decided.new_offer_on is not None
            assert decided.letter is not None
            values = {"psa": shown, "sampled_on": sampled_on}
            last_year = person.birth_date.year + walk.rules(person.region).last_age
            if decided.new_offer_on.year > last_year:
                values["last_year"] = str(last_year)
            else:
                values["next_year"] = str(decided.new_offer_on.year)
            walk.prepare_letter(person, LetterType(decided.letter), values)
        case Outcome.MRI:
            walk.prepare_letter(person, LetterType.PSA_RAISED, {"psa": shown, "sampled_on": sampled_on})
            walk.open_task(
                Queue.MRI_REFERRAL, f"decision:{decided.id}", region=person.region, person=person, reason=decided.reason
            )
        case Outcome.UROLOGY:
            # He is phoned first: the letter is prepared when that and the referral have been done.
            walk.open_task(
                Queue.UROLOGY_REFERRAL,
                f"decision:{decided.id}",
                region=person.region,
                person=person,
                reason=decided.reason,
            )
        case Outcome.REPEAT:
            prepare_repeat(walk, person, sampled_on)
        case Outcome.PERSON:
            raise AssertionError("a person chooses another outcome first")


def referral_reminder(walk: Walk, region: str) -> timedelta:
    """How long a referral may be silent before it is looked at."""
    return timedelta(days=walk.rules(region).referral_reminder_days)
