"""Answers typed in by hand, for units that send no messages: the same rules as for answers that come in a file."""

from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal

from db.models import MriAnswer, PathologyAnswer, Person, Referral, Treatment
from kansli_tui.errors import RefusedError
from kansli_tui.i18n import day_full
from kansli_tui.pathway.referrals import ReferralEvent, ReferralKind, ReferralState, follows
from kansli_tui.rows.referral_messages import Treatment as TreatmentKind
from kansli_tui.service import examining
from kansli_tui.service.context import STOCKHOLM, local_date
from kansli_tui.service.latest import current_mri_answer, current_pathology
from kansli_tui.service.walk import Walk

_BY_HAND = "F"
_BY_HAND_AGAIN = "C"


def enter_mri(
    walk: Walk,
    person: Person,
    referral: Referral,
    *,
    examined_on: date,
    scores: Sequence[int],
    volume_ml: Decimal | None,
    text: str,
    why: str,
) -> None:
    """An MRI answer read from paper or told by phone; a second one corrects the first."""
    _require(referral, ReferralKind.MRI)
    _in_time(walk, referral, examined_on)
    corrected = current_mri_answer(walk.session, referral) is not None
    answer = MriAnswer(
        person_id=person.id,
        region=person.region,
        referral_id=referral.id,
        entered_by=walk.actor.username,
        why=why,
        status=_BY_HAND_AGAIN if corrected else _BY_HAND,
        completed=True,
        text=text,
        volume_ml=volume_ml,
        lesions=list(scores),
        prose=[],
        examined_at=datetime.combine(examined_on, time(12), STOCKHOLM),
        received_at=walk.at,
    )
    examining.mri_came(walk, person, referral, answer, _event(referral))


def enter_pathology(
    walk: Walk, person: Person, referral: Referral, *, biopsied_on: date, reported_on: date, isup: int, why: str
) -> None:
    """A pathology answer read from paper or told by phone; a second one corrects the first. ISUP 0 is benign."""
    _require(referral, ReferralKind.UROLOGY)
    if isup not in range(6):
        raise RefusedError("ISUP is a number from 0 (benign) to 5.")
    _in_time(walk, referral, biopsied_on)
    if not biopsied_on <= reported_on <= walk.today:
        raise RefusedError("The pathology answer is dated between the biopsy and today.")
    found = PathologyAnswer(
        person_id=person.id,
        region=person.region,
        referral_id=referral.id,
        entered_by=walk.actor.username,
        why=why,
        isup=isup,
        biopsied_on=biopsied_on,
        reported_on=reported_on,
        received_at=walk.at,
    )
    examining.pathology_came(walk, person, referral, found, _event(referral))


def enter_treatment(walk: Walk, person: Person, referral: Referral, *, kind: TreatmentKind, on: date) -> None:
    """How a cancer that was found is treated."""
    _require(referral, ReferralKind.UROLOGY)
    found = current_pathology(walk.session, referral)
    if found is None or found.isup == 0:
        raise RefusedError("A treatment is noted when cancer has been found.")
    if not found.biopsied_on <= on <= walk.today:
        raise RefusedError("Choose a day from the biopsy to today.")
    walk.session.add(
        Treatment(
            person_id=person.id,
            region=person.region,
            referral_id=referral.id,
            entered_by=walk.actor.username,
            kind=kind,
            on=on,
            received_at=walk.at,
        )
    )


def _event(referral: Referral) -> ReferralEvent:
    event = ReferralEvent.CORRECTED if referral.state is ReferralState.ANSWERED else ReferralEvent.ANSWERED
    if follows(referral.state, event) is None:
        raise RefusedError("This cannot happen to the referral as it stands now.")
    return event


def _require(referral: Referral, kind: ReferralKind) -> None:
    if referral.kind is not kind:
        raise RefusedError("This cannot happen to the referral as it stands now.")


def _in_time(walk: Walk, referral: Referral, on: date) -> None:
    if on > walk.today:
        raise RefusedError("Choose a day that is not in the future.")
    made = local_date(referral.made_at)
    if on < made:
        raise RefusedError("The referral was made on {on}; choose that day or a later one.", on=day_full(made))
