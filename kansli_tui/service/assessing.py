"""From what a unit found to what happens next: MRI and pathology answers are proposed on, confirmed by a person, and lead on.

A score read from an answer is a suggestion: what counts is the PI-RADS and the volume that a person has confirmed, and the rules
are asked again with those.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import select

from db.models import Decided, MriAnswer, PathologyAnswer, Person, PsaAnswer, Referral
from kansli_tui.errors import RefusedError
from kansli_tui.pathway.answers import RETRACTING
from kansli_tui.pathway.decide import (
    CONFIRMATION,
    Decision,
    PsaValue,
    decide_mri,
    decide_pathology,
    mri_not_done,
    not_done,
)
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.referrals import ReferralKind, ReferralState
from kansli_tui.pathway.ruleset import Outcome, RuleSet
from kansli_tui.pathway.steps import ClosedReason, Queue, Step
from kansli_tui.rows.referrals import DecisionKind
from kansli_tui.service import referring
from kansli_tui.service.context import local_date
from kansli_tui.service.deciding import mark_confirmed, next_offer_values, rewrite, store, why
from kansli_tui.service.latest import current_mri_answer, current_pathology, latest_answer
from kansli_tui.service.units import usual_unit
from kansli_tui.service.walk import Walk

MRI_LETTERS = (LetterType.MRI_NO_BIOPSY, LetterType.MRI_UROLOGY, LetterType.MRI_NOT_DONE, LetterType.BIOPSY_BENIGN)
"""Letters that an MRI or pathology answer is behind."""
ENDING_LETTERS = (LetterType.MRI_NO_BIOPSY, LetterType.MRI_NOT_DONE, LetterType.BIOPSY_BENIGN)
"""Those of them that end a round."""


def go_on(walk: Walk, person: Person, kind: ReferralKind) -> bool:
    """After a confirmed decision: the person goes on where the round's referral is, its answer proposed on again. False: none yet.

    One that has not been sent and asks about a value that no longer holds is taken back: a person writes it anew.
    """
    unsent = referring.of_round(walk.session, person, kind)
    if unsent is not None and unsent.state is ReferralState.CREATED and _asks_about_another(walk, person, unsent):
        walk.cancel_referral(unsent, "answer corrected")
        return False
    referral = referring.resume(walk, person, kind)
    if referral is None:
        return False
    if referral.state is ReferralState.ANSWERED:
        if kind is ReferralKind.MRI:
            answer = current_mri_answer(walk.session, referral)
            assert answer is not None
            propose_mri(walk, person, answer)
        else:
            found = current_pathology(walk.session, referral)
            assert found is not None
            propose_pathology(walk, person, found)
    return True


# MRI


def suggested(lesions: Sequence[int], prose: Sequence[Sequence[object]]) -> int | None:
    """The highest score, coded or in the text: where they differ the lower one is never what is shown. Never more than a suggestion."""
    return max([*lesions, *(int(str(score)) for score, _sentence in prose)], default=None)


def mri_words(answer: MriAnswer | None) -> str:
    """What an answer says, in a few words."""
    if answer is None:
        return "–"
    if answer.status in RETRACTING:
        return "återtaget"
    scores = ", ".join(str(score) for score in answer.lesions) or "–"
    volume = "–" if answer.volume_ml is None else f"{answer.volume_ml:f}".replace(".", ",") + " ml"
    return f"PI-RADS {scores}, {volume}"


def tell_of_unassessed(walk: Walk, person: Person) -> None:
    """He goes another way although his MRI has been answered: what nobody has assessed is shown to a person."""
    referral = referring.of_round(walk.session, person, ReferralKind.MRI)
    answer = current_mri_answer(walk.session, referral) if referral is not None else None
    if answer is None or not answer.completed:
        return
    assessed = select(Decided.id).where(Decided.mri_answer_id == answer.id, Decided.confirmed_at.is_not(None))
    if walk.session.scalar(assessed.limit(1)) is None:
        walk.open_task(
            Queue.CORRECTION,
            f"mri:{answer.id}",
            region=person.region,
            person=person,
            reason=f"MR-svaret har ingen bedömt, bedöm vad det betyder: {mri_words(answer)}.",
        )


def mri_proposal(
    rules: RuleSet, psa: PsaAnswer, answer: MriAnswer, *, pirads: int | None, volume_ml: Decimal | None
) -> Decision:
    """What the rules say of a score and a volume; a person decides where there is no score."""
    if not answer.completed:
        return mri_not_done(rules, "undersökningen är inte genomförd")
    if pirads is None:
        return mri_not_done(rules, "svaret har ingen PI-RADS")
    assert psa.value is not None
    assert psa.sampled_at is not None
    return decide_mri(
        pirads,
        volume_ml,
        PsaValue(psa.value, psa.comparator),
        sampled_on=local_date(psa.sampled_at),
        rules=rules,
    )


def propose_mri(walk: Walk, person: Person, answer: MriAnswer) -> Decided:
    """Store what the rules say about the suggestion, and open the task where a person confirms score and volume."""
    psa = _psa(walk, person)
    walk.close_tasks(person, "superseded", referring.PHASE_QUEUES[ReferralKind.MRI])
    decision = mri_proposal(
        walk.rule_set(person.region),
        psa,
        answer,
        pirads=suggested(answer.lesions, answer.prose),
        volume_ml=answer.volume_ml,
    )
    decided = store(walk, person, decision, kind=DecisionKind.MRI, answer_id=psa.id, mri_answer_id=answer.id)
    walk.open_task(
        Queue.MRI_ANSWER, f"decision:{decided.id}", region=person.region, person=person, reason=decision.reason
    )
    return decided


def confirm_mri(
    walk: Walk,
    person: Person,
    decided: Decided,
    answer: MriAnswer,
    *,
    pirads: int,
    volume_ml: Decimal | None,
    outcome: Outcome | None = None,
    reason: str = "",
) -> Outcome:
    """Confirm the highest PI-RADS and the volume; what the rules say of them happens.

    A person may choose urology where the rules say otherwise, with a reason; never less than the rules say.
    """
    psa = walk.session.get_one(PsaAnswer, decided.answer_id)
    decision = mri_proposal(walk.rule_set(person.region), psa, answer, pirads=pirads, volume_ml=volume_ml)
    chosen = outcome or decision.outcome
    if chosen is not decision.outcome and chosen is not Outcome.UROLOGY:
        raise RefusedError("The rules do not allow this outcome for this answer.")
    if chosen is not decision.outcome and not reason.strip():
        raise RefusedError("State why it is decided otherwise than the rules propose.")
    if chosen is Outcome.PERSON:
        raise RefusedError("The rules cannot decide: {reason}", reason=decision.reason)
    rewrite(decided, decision)
    mark_confirmed(walk, decided, chosen, reason)
    walk.close_tasks(person, chosen.value, (Queue.MRI_ANSWER,))
    examined = _examined_on(walk, answer).isoformat()
    walk.move(person, CONFIRMATION[chosen], reason=why(decided))
    if chosen is Outcome.UROLOGY:
        unit = usual_unit(walk.session, person.region, ReferralKind.UROLOGY)
        walk.prepare_letter(person, LetterType.MRI_UROLOGY, {"examined_on": examined, "urology_unit": unit.name})
        _to_urology(walk, person, decided)
        return chosen
    assert decided.new_offer_on is not None
    assert decided.letter is not None
    assert psa.value is not None
    assert psa.sampled_at is not None
    walk.cancel_referrals(person, "no biopsy needed", (ReferralKind.UROLOGY,))
    walk.stop_letters(person, "overtaken")
    walk.prepare_letter(
        person,
        LetterType(decided.letter),
        {
            "psa": PsaValue(psa.value, psa.comparator).swedish(),
            "sampled_on": local_date(psa.sampled_at).isoformat(),
            "examined_on": examined,
            **next_offer_values(walk, person, decided.new_offer_on),
        },
    )
    return chosen


# Pathology


def propose_pathology(walk: Walk, person: Person, found: PathologyAnswer) -> Decided:
    """Store what the rules say about the pathologist's answer, and open the task where a person confirms it."""
    psa = _psa(walk, person)
    walk.close_tasks(person, "superseded", referring.PHASE_QUEUES[ReferralKind.UROLOGY])
    decision = decide_pathology(
        found.isup,
        biopsied_on=found.biopsied_on,
        region=walk.rules(person.region),
        rules=walk.rule_set(person.region),
    )
    decided = store(walk, person, decision, kind=DecisionKind.PATHOLOGY, answer_id=psa.id, pathology_id=found.id)
    walk.open_task(
        Queue.PATHOLOGY, f"decision:{decided.id}", region=person.region, person=person, reason=decision.reason
    )
    return decided


def confirm_pathology(walk: Walk, person: Person, decided: Decided, found: PathologyAnswer) -> Outcome:
    """Benign: a letter and a new offer. Cancer: out of the programme, into clinical care, which tells him."""
    mark_confirmed(walk, decided, decided.proposed, "")
    walk.close_tasks(person, decided.proposed.value, (Queue.PATHOLOGY,))
    if decided.proposed is Outcome.CARE:
        walk.close(person, ClosedReason.CANCER_FOUND, decided.reason)
        return decided.proposed
    assert decided.new_offer_on is not None
    assert decided.letter is not None
    walk.move(person, CONFIRMATION[decided.proposed], reason=why(decided))
    walk.stop_letters(person, "overtaken")
    walk.prepare_letter(
        person,
        LetterType(decided.letter),
        {
            "biopsied_on": found.biopsied_on.isoformat(),
            **next_offer_values(walk, person, decided.new_offer_on),
        },
    )
    return decided.proposed


# Where nothing came of it


def settle_with_new_offer(walk: Walk, person: Person, reason: str) -> None:
    """MRI or biopsy will not come about: its referral is taken back, and a letter says when the next offer comes."""
    psa = _psa(walk, person)
    assert psa.sampled_at is not None
    decision = not_done(
        since=local_date(psa.sampled_at),
        region=walk.rules(person.region),
        rules=walk.rule_set(person.region),
        reason=reason,
    )
    walk.cancel_referrals(person, reason)
    decided = store(walk, person, decision, kind=DecisionKind.MRI, answer_id=psa.id)
    mark_confirmed(walk, decided, Outcome.NEW_OFFER, "")
    walk.close_tasks(person, "new offer")
    walk.move(person, CONFIRMATION[Outcome.NEW_OFFER], reason=reason)
    assert decided.new_offer_on is not None
    walk.stop_letters(person, "overtaken")
    walk.prepare_letter(person, LetterType.MRI_NOT_DONE, next_offer_values(walk, person, decided.new_offer_on))


def settle_with_urology(walk: Walk, person: Person, reason: str) -> None:
    """The MRI will not come about: urology assesses him without it. He is told by phone, for no letter says this."""
    psa = _psa(walk, person)
    decision = mri_not_done(walk.rule_set(person.region), reason)
    walk.cancel_referrals(person, reason, (ReferralKind.MRI,))
    decided = store(walk, person, decision, kind=DecisionKind.MRI, answer_id=psa.id)
    mark_confirmed(walk, decided, Outcome.UROLOGY, reason)
    walk.close_tasks(person, "urology")
    walk.move(person, CONFIRMATION[Outcome.UROLOGY], reason=reason)
    _to_urology(walk, person, decided)


def refer_again(walk: Walk, person: Person, reason: str) -> None:
    """The referral is taken back and another one made, to another unit or with other answers."""
    kind = ReferralKind.MRI if person.step is Step.MRI_TO_RESOLVE else ReferralKind.UROLOGY
    walk.cancel_referrals(person, reason, (kind,))
    walk.close_tasks(person, "referred again")
    outcome = Outcome.MRI if kind is ReferralKind.MRI else Outcome.UROLOGY
    walk.move(person, CONFIRMATION[outcome], reason=reason)
    open_referral_task(walk, person, kind, reason)


def open_referral_task(walk: Walk, person: Person, kind: ReferralKind, reason: str) -> None:
    """Somebody makes the referral: one task for each person and round."""
    queue = Queue.MRI_REFERRAL if kind is ReferralKind.MRI else Queue.UROLOGY_REFERRAL
    walk.session.flush()
    walk.open_task(
        queue, f"refer:{person.id}:{person.round_number}", region=person.region, person=person, reason=reason
    )


def _asks_about_another(walk: Walk, person: Person, referral: Referral) -> bool:
    psa = _psa(walk, person)
    shown = f"PSA {PsaValue(psa.value, psa.comparator).swedish()} µg/l" if psa.value is not None else "PSA –"
    return "PSA " in referral.question and shown not in referral.question


def _to_urology(walk: Walk, person: Person, decided: Decided) -> None:
    if not go_on(walk, person, ReferralKind.UROLOGY):
        open_referral_task(walk, person, ReferralKind.UROLOGY, decided.reason)


def _psa(walk: Walk, person: Person) -> PsaAnswer:
    psa = latest_answer(walk.session, person)
    if psa is None:
        raise RefusedError("The round has no PSA answer to stand on.")
    return psa


def _examined_on(walk: Walk, answer: MriAnswer) -> date:
    if answer.examined_at is not None:
        return local_date(answer.examined_at)
    referral = walk.session.get_one(Referral, answer.referral_id)
    return referral.done_on or local_date(answer.received_at)
