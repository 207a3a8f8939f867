"""The latest facts about a person that several services need."""

from collections.abc import Iterable

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from db.models import Decided, MriAnswer, PathologyAnswer, Person, PsaAnswer, PsaOrder, Referral
from kansli_tui.pathway.answers import FINAL, WAITING
from kansli_tui.pathway.referrals import ReferralKind, ReferralState
from kansli_tui.rows.answers import DecisionState


def latest_answer(session: Session, person: Person) -> PsaAnswer | None:
    """The answer that the round's decision stands on; where there is none, the newest answer that holds."""
    decided_on = session.scalar(
        select(PsaAnswer)
        .join(Decided, Decided.answer_id == PsaAnswer.id)
        .where(
            Decided.person_id == person.id,
            Decided.round_number == person.round_number,
            Decided.state != DecisionState.SUPERSEDED,
        )
        .order_by(Decided.id.desc())
        .limit(1)
    )
    if decided_on is not None:
        return decided_on
    return session.scalar(
        select(PsaAnswer)
        .where(PsaAnswer.person_id == person.id, PsaAnswer.replaced_at.is_(None))
        .order_by(PsaAnswer.id.desc())
        .limit(1)
    )


def later_answer(session: Session, order: PsaOrder) -> bool:
    """Whether a later order of the same round has a final answer that holds: then this order's sample is not the last one."""
    statement = (
        select(PsaAnswer.id)
        .join(PsaOrder, PsaOrder.id == PsaAnswer.order_id)
        .where(
            PsaOrder.person_id == order.person_id,
            PsaOrder.round_number == order.round_number,
            PsaOrder.id > order.id,
            PsaAnswer.replaced_at.is_(None),
            PsaAnswer.status.in_(FINAL),
        )
        .limit(1)
    )
    return session.scalar(statement) is not None


def current_mri_answer(session: Session, referral: Referral) -> MriAnswer | None:
    """The version of the referral's MRI answer that holds now."""
    return session.scalar(
        select(MriAnswer).where(MriAnswer.referral_id == referral.id, MriAnswer.replaced_at.is_(None))
    )


def current_pathology(session: Session, referral: Referral) -> PathologyAnswer | None:
    """The version of the referral's pathology answer that holds now."""
    return session.scalar(
        select(PathologyAnswer).where(PathologyAnswer.referral_id == referral.id, PathologyAnswer.replaced_at.is_(None))
    )


def tissue_taken(session: Session, person: Person) -> bool:
    """Whether the round has come to a biopsy: from then on neither PSA nor MRI decides the way."""
    statement = (
        select(Referral.id)
        .where(
            Referral.person_id == person.id,
            Referral.round_number == person.round_number,
            Referral.kind == ReferralKind.UROLOGY,
            or_(Referral.biopsied_on.is_not(None), Referral.state == ReferralState.ANSWERED),
        )
        .limit(1)
    )
    return session.scalar(statement) is not None


def corrections(session: Session, answers: Iterable[PsaAnswer]) -> set[int]:
    """Keys of those answers that took the place of another one. A final answer after a preliminary one corrects nothing."""
    versions = [answer.id for answer in answers if answer.version > 1]
    if not versions:
        return set()
    before = aliased(PsaAnswer)
    found = session.scalars(
        select(PsaAnswer.id)
        .join(before, before.order_id == PsaAnswer.order_id)
        .where(PsaAnswer.id.in_(versions), before.version < PsaAnswer.version, before.status.not_in(WAITING))
    )
    return set(found)
