"""Register care's checks of dates that cannot be right. Statements only: days are days in Sweden."""

from datetime import date

from sqlalchemy import and_, func, or_, select

from db.models import Letter, MriAnswer, PathologyAnswer, Person, PsaAnswer, PsaOrder, Referral, Round, Treatment
from db.queries.care_finding import Statement, about, faults
from db.sql import local_day
from kansli_tui.pathway.steps import Step


def psa_dates(today: date) -> Statement:
    """Samples after their answer, or before their offer."""
    del today
    offered = func.coalesce(Round.offered_on, local_day(PsaOrder.ordered_at))
    words, wrong = faults(
        (
            (PsaAnswer.sampled_at > PsaAnswer.received_at, "Sampled {sampled}, but the answer came {came} ({order})"),
            (
                or_(PsaAnswer.reported_at < PsaAnswer.sampled_at, PsaAnswer.analysed_at < PsaAnswer.sampled_at),
                "Sampled {sampled}, but analysed or reported before that ({order})",
            ),
            (local_day(PsaAnswer.sampled_at) < offered, "Sampled {sampled}, before the offer of {offered} ({order})"),
        )
    )
    return (
        about(
            PsaAnswer.id,
            words,
            order=PsaOrder.number,
            sampled=local_day(PsaAnswer.sampled_at),
            came=local_day(PsaAnswer.received_at),
            offered=offered,
        )
        .join(PsaAnswer, PsaAnswer.person_id == Person.id)
        .join(PsaOrder, PsaOrder.id == PsaAnswer.order_id)
        .outerjoin(Round, and_(Round.person_id == PsaOrder.person_id, Round.number == PsaOrder.round_number))
        .where(PsaAnswer.replaced_at.is_(None), wrong)
    )


def mri_dates(today: date) -> Statement:
    """Examinations after their answer, or before their referral."""
    del today
    made = local_day(Referral.made_at)
    words, wrong = faults(
        (
            (
                MriAnswer.examined_at > MriAnswer.received_at,
                "Examined {examined}, but the answer came {came} ({referral})",
            ),
            (
                MriAnswer.reported_at < MriAnswer.examined_at,
                "Examined {examined}, but reported before that ({referral})",
            ),
            (
                local_day(MriAnswer.examined_at) < made,
                "Examined {examined}, before the referral of {made} ({referral})",
            ),
        )
    )
    return (
        about(
            MriAnswer.id,
            words,
            referral=Referral.number,
            examined=local_day(MriAnswer.examined_at),
            came=local_day(MriAnswer.received_at),
            made=made,
        )
        .join(MriAnswer, MriAnswer.person_id == Person.id)
        .join(Referral, Referral.id == MriAnswer.referral_id)
        .where(MriAnswer.replaced_at.is_(None), wrong)
    )


def referral_dates(today: date) -> Statement:
    """What a unit has done before it was asked, in the future, or in the wrong order."""
    made = local_day(Referral.made_at)
    words, wrong = faults(
        (
            (Referral.done_on < made, "Visit or examination {done}, before the referral of {made} ({referral})"),
            (Referral.biopsied_on < made, "Biopsy {biopsied}, before the referral of {made} ({referral})"),
            (Referral.biopsied_on < Referral.done_on, "Biopsy {biopsied}, before the visit {done} ({referral})"),
            (Referral.done_on > today, "Visit or examination {done}, a day that has not come ({referral})"),
            (Referral.biopsied_on > today, "Biopsy {biopsied}, a day that has not come ({referral})"),
        )
    )
    return (
        about(
            Referral.id,
            words,
            referral=Referral.number,
            made=made,
            done=Referral.done_on,
            biopsied=Referral.biopsied_on,
        )
        .join(Referral, Referral.person_id == Person.id)
        .where(wrong)
    )


def pathology_dates(today: date) -> Statement:
    """Biopsies before the referral or after their answer, and treatments before the biopsy."""
    made, came = local_day(Referral.made_at), local_day(PathologyAnswer.received_at)
    treated = (
        select(func.min(Treatment.on)).where(Treatment.referral_id == PathologyAnswer.referral_id).scalar_subquery()
    )
    words, wrong = faults(
        (
            (PathologyAnswer.biopsied_on < made, "Biopsy {biopsied}, before the referral of {made} ({referral})"),
            (
                PathologyAnswer.reported_on < PathologyAnswer.biopsied_on,
                "Biopsy {biopsied}, but the pathology answer is of {reported} ({referral})",
            ),
            (PathologyAnswer.reported_on > came, "Pathology answer of {reported}, but it came {came} ({referral})"),
            (treated < PathologyAnswer.biopsied_on, "Treated {treated}, before the biopsy {biopsied} ({referral})"),
            (treated > today, "Treated {treated}, a day that has not come ({referral})"),
        )
    )
    return (
        about(
            PathologyAnswer.id,
            words,
            referral=Referral.number,
            made=made,
            biopsied=PathologyAnswer.biopsied_on,
            reported=PathologyAnswer.reported_on,
            came=came,
            treated=treated,
        )
        .join(PathologyAnswer, PathologyAnswer.person_id == Person.id)
        .join(Referral, Referral.id == PathologyAnswer.referral_id)
        .where(PathologyAnswer.replaced_at.is_(None), wrong)
    )


def letter_dates(today: date) -> Statement:
    """Letters posted before they were printed or in the future, or returned before they were posted."""
    printed = local_day(Letter.printed_at)
    words, wrong = faults(
        (
            (Letter.posted_on < printed, "Letter of {posted}, but printed {printed}"),
            (Letter.posted_on > today, "Letter of {posted}, a day that has not come"),
            (Letter.returned_on < Letter.posted_on, "Letter of {posted}, but returned {returned}"),
        )
    )
    return (
        about(Letter.id, words, posted=Letter.posted_on, printed=printed, returned=Letter.returned_on)
        .join(Letter, Letter.person_id == Person.id)
        .where(wrong)
    )


def register_dates(today: date) -> Statement:
    """The register's days that have not come."""
    # The register's days are kept as it writes them, partial ones too (2026-00-00): as text they sort as days do.
    day = today.isoformat()
    words, wrong = faults(
        (
            (Person.deregistered_on > day, "Deregistered {deregistered}, a day that has not come"),
            (Person.registered_since > day, "Registered since {since}, a day that has not come"),
        )
    )
    return about(Person.id, words, deregistered=Person.deregistered_on, since=Person.registered_since).where(
        wrong, Person.step != Step.CLOSED
    )
