"""Taking a line of urology in: a visit, a biopsy, the pathologist's answer, a treatment, or that he declined."""

from collections.abc import Mapping

from sqlalchemy import select

from db.models import LabMessage, PathologyAnswer, Person, Referral, Treatment
from kansli_tui.pathway.referrals import ReferralEvent
from kansli_tui.pathway.steps import Step
from kansli_tui.pathway.unit_answers import NoEffect, UnitJudgement, UnitReason, judge_outcome, judge_pathology
from kansli_tui.rows.referral_messages import OutcomeEvent, OutcomeLine
from kansli_tui.service import examining, referring
from kansli_tui.service.latest import current_pathology
from kansli_tui.service.walk import Walk

_EVENTS: Mapping[OutcomeEvent, ReferralEvent] = {
    OutcomeEvent.VISIT: ReferralEvent.DONE,
    OutcomeEvent.BIOPSY: ReferralEvent.BIOPSIED,
    OutcomeEvent.DECLINED: ReferralEvent.DECLINED,
}


def judge(walk: Walk, item: OutcomeLine, referral: Referral) -> UnitJudgement:
    """What the line may do as the referral stands, beside what is known already."""
    current = current_pathology(walk.session, referral)
    if item.event is OutcomeEvent.PATHOLOGY:
        return judge_pathology(
            item.isup,
            item.on,
            referral.state,
            biopsied_on=referral.biopsied_on,
            current_isup=current.isup if current else None,
        )
    if item.event is OutcomeEvent.TREATMENT:
        if current is None or current.isup == 0:
            return UnitJudgement(reason=UnitReason.NO_CANCER)
        known = select(Treatment.id).where(
            Treatment.referral_id == referral.id, Treatment.kind == item.treatment, Treatment.on == item.on
        )
        return UnitJudgement(no_effect=NoEffect.KNOWN if walk.session.scalar(known.limit(1)) is not None else None)
    if item.event is OutcomeEvent.BIOPSY and current is not None and item.on > current.reported_on:
        return UnitJudgement(reason=UnitReason.DAYS)
    return judge_outcome(_EVENTS[item.event], referral.state)


def apply(
    walk: Walk, item: OutcomeLine, person: Person, referral: Referral, judgement: UnitJudgement, message: LabMessage
) -> None:
    """Let the line happen."""
    event = judgement.event
    if item.event is OutcomeEvent.TREATMENT:
        assert item.treatment is not None
        walk.session.add(
            Treatment(
                person_id=person.id,
                region=person.region,
                referral_id=referral.id,
                message_id=message.id,
                kind=item.treatment,
                on=item.on,
                received_at=walk.at,
            )
        )
        return
    assert event is not None
    if item.event is OutcomeEvent.PATHOLOGY:
        assert item.isup is not None
        # Where no line has told of the biopsy the pathologist's day stands for it.
        found = _found(walk, person, referral, message, isup=item.isup)
        found.biopsied_on, found.reported_on = referral.biopsied_on or item.on, item.on
        examining.pathology_came(walk, person, referral, found, event)
    elif judgement.late:
        first = event is ReferralEvent.BIOPSIED and referral.biopsied_on is None
        referring.note_late(walk, referral, event, on=item.on, message_id=message.id)
        if first:
            _set_day(walk, person, referral, item, message)
    else:
        referring.advance(walk, person, referral, event, on=item.on, message_id=message.id)


def _set_day(walk: Walk, person: Person, referral: Referral, item: OutcomeLine, message: LabMessage) -> None:
    """The biopsy's own day has come after the answer: the proposal counts from it as long as nobody has confirmed it."""
    current = current_pathology(walk.session, referral)
    if current is None or current.biopsied_on == item.on or person.step is not Step.PATHOLOGY_TO_ASSESS:
        return
    found = _found(walk, person, referral, message, isup=current.isup)
    found.biopsied_on, found.reported_on = item.on, current.reported_on
    examining.pathology_came(walk, person, referral, found, ReferralEvent.CORRECTED)


def _found(walk: Walk, person: Person, referral: Referral, message: LabMessage, *, isup: int) -> PathologyAnswer:
    return PathologyAnswer(
        person_id=person.id,
        region=person.region,
        referral_id=referral.id,
        message_id=message.id,
        isup=isup,
        received_at=walk.at,
    )
