"""Taking an MRI report in: what it may do to its referral, and the answer that is kept of it."""

from collections.abc import Sequence
from decimal import Decimal

from db.models import LabMessage, MriAnswer, Person, Referral
from kansli_tui.pathway.answers import RETRACTING
from kansli_tui.pathway.referrals import ReferralEvent
from kansli_tui.pathway.unit_answers import UnitJudgement, UnitReason, judge_report
from kansli_tui.rows.referral_messages import MriReport
from kansli_tui.service import examining, referring
from kansli_tui.service.assessing import suggested
from kansli_tui.service.latest import current_mri_answer
from kansli_tui.service.walk import Walk

_LONGEST_SENDER = 120
_LONGEST_NOTE = 300


def judge(walk: Walk, item: MriReport, referral: Referral, overruled: frozenset[UnitReason]) -> UnitJudgement:
    """What the report may do as the referral stands, beside the answer that is there."""
    current = current_mri_answer(walk.session, referral)
    scores = [lesion.score for lesion in item.lesions]
    reported = (item.reported_at, current.reported_at if current else None)
    return judge_report(
        item.status,
        referral.state,
        completed=item.completed,
        scores=scores,
        current_status=current.status if current else None,
        same=current is not None and _says(item, scores) == (current.lesions, current.volume_ml, current.text),
        agrees=current is not None and bool(current.entered_by) and _findings(item) == _found(current),
        overtaken=reported[0] is not None and reported[1] is not None and reported[0] < reported[1],
        overruled=overruled,
    )


def _says(item: MriReport, scores: Sequence[int]) -> tuple[object, ...]:
    return list(scores), item.volume_ml, item.text


def _findings(item: MriReport) -> tuple[int | None, Decimal | None]:
    prose = [(found.score, found.sentence) for found in item.prose_scores]
    return suggested([lesion.score for lesion in item.lesions], prose), item.volume_ml


def _found(answer: MriAnswer) -> tuple[int | None, Decimal | None]:
    return suggested(answer.lesions, answer.prose), answer.volume_ml


def apply(
    walk: Walk, item: MriReport, person: Person, referral: Referral, judgement: UnitJudgement, message: LabMessage
) -> None:
    """Let the report happen. One that says that nothing came of the examination is no answer: its text is kept as a note."""
    event = judgement.event
    assert event is not None
    if event is ReferralEvent.NOT_COMPLETED:
        note = " ".join(item.text.split())[:_LONGEST_NOTE]
        referring.advance(walk, person, referral, event, note=note, message_id=message.id)
        return
    taken_back = item.status in RETRACTING
    answer = MriAnswer(
        person_id=person.id,
        region=person.region,
        referral_id=referral.id,
        message_id=message.id,
        status=item.status,
        completed=item.completed and not taken_back,
        text=item.text,
        volume_ml=None if taken_back else item.volume_ml,
        volume_raw=item.volume_raw,
        lesions=[] if taken_back else [lesion.score for lesion in item.lesions],
        prose=[] if taken_back else [[found.score, found.sentence] for found in item.prose_scores],
        examined_at=item.examined_at,
        reported_at=item.reported_at,
        received_at=walk.at,
        sender=item.sender[:_LONGEST_SENDER],
        warnings=list(item.warnings),
    )
    examining.mri_came(walk, person, referral, answer, event, agrees=judgement.late)
