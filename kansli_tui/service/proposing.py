"""From an answer to a proposal: the rules decide, the proposal is stored with its inputs, and a task waits for a person.

Where a region has switched on automatic decisions for low values, the program confirms those, and only those, itself.
"""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from db import audit
from db.models import Decided, Person, PsaAnswer
from kansli_tui.pathway.answers import NOT_DONE, RETRACTING
from kansli_tui.pathway.decide import CONFIRMATION, Decision, PsaValue, decide_psa, queue_of, retracted, unanalysable
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.referrals import ReferralKind, ReferralState
from kansli_tui.pathway.ruleset import Outcome, RuleSet
from kansli_tui.pathway.steps import Queue
from kansli_tui.rows.referrals import DecisionKind
from kansli_tui.service.asking import is_asked
from kansli_tui.service.assessing import go_on, open_referral_task, tell_of_unassessed
from kansli_tui.service.booking import tell_if_called
from kansli_tui.service.context import SYSTEM, local_date
from kansli_tui.service.deciding import mark_confirmed, next_offer_values, store, why
from kansli_tui.service.latest import corrections
from kansli_tui.service.offering import prepare_repeat
from kansli_tui.service.referring import PHASE_QUEUES, booking_of, live, of_round
from kansli_tui.service.units import usual_unit
from kansli_tui.service.walk import Walk

ASSESSING = (Queue.URGENT, Queue.RAISED, Queue.UNDECIDED, Queue.REPEAT, Queue.NORMAL)
"""The queues in which a PSA answer waits for a person."""
_SUPERSEDED_QUEUES = (*ASSESSING, *PHASE_QUEUES[ReferralKind.MRI], *PHASE_QUEUES[ReferralKind.UROLOGY])
_TISSUE_DECIDES = "Vävnad är tagen: PAD-svaret avgör."


def propose(walk: Walk, person: Person, answer: PsaAnswer, *, may_confirm: bool = True) -> Decided:
    """Store what the rules say about the current answer and open its task; supersedes every earlier proposal of the round.

    Without `may_confirm` a person confirms it also where the region decides low values automatically.
    """
    decision = decide(walk.rule_set(person.region), person, answer)
    walk.close_tasks(person, "superseded", _SUPERSEDED_QUEUES)
    decided = store(walk, person, decision, kind=DecisionKind.PSA, answer_id=answer.id)
    walk.open_task(
        queue_of(decision), f"decision:{decided.id}", region=person.region, person=person, reason=decision.reason
    )
    automatic = may_confirm and decision.outcome is Outcome.NEW_OFFER and walk.rules(person.region).automatic_low
    plain = automatic and not person.blocked and not is_asked(walk.session, person.id)
    if plain and not corrections(walk.session, [answer]):
        # Whoever imports the file decides nothing: the region's signed rule set does.
        program = walk.on_behalf_of(SYSTEM)
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


def confirm(walk: Walk, person: Person, answer: PsaAnswer, decided: Decided, outcome: Outcome, reason: str) -> None:
    """Confirm an outcome: the move, the letter and the next task, in one go.

    After a corrected answer he goes on where a referral of the round already is; referrals that no longer hold are taken back. Who
    was biopsied while the answer was looked at goes on to what the pathologist finds, whatever the answer says.
    """
    # Most have no referral in the round: they are asked about once.
    referred = of_round(walk.session, person) is not None
    if referred and outcome is not Outcome.UROLOGY and biopsied(walk.session, person):
        outcome, reason = Outcome.UROLOGY, f"{reason} {_TISSUE_DECIDES}".strip()
    mark_confirmed(walk, decided, outcome, reason)
    walk.close_tasks(person, outcome.value, ASSESSING)
    walk.move(person, CONFIRMATION[outcome], reason=why(decided))
    sampled_on = local_date(answer.sampled_at).isoformat() if answer.sampled_at else ""
    shown = PsaValue(answer.value, answer.comparator).swedish() if answer.value is not None else ""
    match outcome:
        case Outcome.NEW_OFFER:
            assert decided.new_offer_on is not None
            assert decided.letter is not None
            if referred:
                tell_of_unassessed(walk, person)
                _take_back(walk, person, "no longer needed", tuple(ReferralKind))
            walk.prepare_letter(
                person,
                LetterType(decided.letter),
                {"psa": shown, "sampled_on": sampled_on, **next_offer_values(walk, person, decided.new_offer_on)},
            )
        case Outcome.MRI:
            unit = usual_unit(walk.session, person.region, ReferralKind.MRI)
            walk.prepare_letter(
                person, LetterType.PSA_RAISED, {"psa": shown, "sampled_on": sampled_on, "mri_unit": unit.name}
            )
            if not go_on(walk, person, ReferralKind.MRI):
                open_referral_task(walk, person, ReferralKind.MRI, decided.reason)
        case Outcome.UROLOGY:
            # He is phoned first: the letter is prepared when the referral has been made.
            if referred:
                _take_back(walk, person, "urology at once", (ReferralKind.MRI,))
            if not go_on(walk, person, ReferralKind.UROLOGY):
                open_referral_task(walk, person, ReferralKind.UROLOGY, decided.reason)
        case Outcome.REPEAT:
            if referred:
                tell_of_unassessed(walk, person)
                _take_back(walk, person, "no longer needed", tuple(ReferralKind))
            prepare_repeat(walk, person, sampled_on)
        case Outcome.CARE | Outcome.PERSON:
            raise AssertionError("a person chooses another outcome first")


def _take_back(walk: Walk, person: Person, why: str, kinds: Iterable[ReferralKind]) -> None:
    """Referrals no longer lead on. Who has been called to an MRI that will not come about hears that."""
    referral = live(walk.session, person.id, ReferralKind.MRI)
    appointment = booking_of(walk.session, referral) if referral is not None else None
    if appointment is not None:
        tell_if_called(walk, person, appointment)
    walk.cancel_referrals(person, why, kinds)


def biopsied(session: Session, person: Person) -> bool:
    """Whether tissue has been taken on the round's urology referral."""
    referral = of_round(session, person, ReferralKind.UROLOGY)
    return referral is not None and (
        referral.biopsied_on is not None or referral.state in (ReferralState.BIOPSIED, ReferralState.ANSWERED)
    )
