"""What comes with the program and belongs in the database: the delivered rule set, the units, the letter texts, and referrals for whom they came late.

Runs when a database is made or brought up to this version; a second time changes nothing.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Letter, Person, Referral
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.referrals import ReferralKind, ReferralState
from kansli_tui.pathway.steps import Step
from kansli_tui.rows.letter_states import LetterState
from kansli_tui.service.context import SYSTEM
from kansli_tui.service.referring import PREFIX, live
from kansli_tui.service.rule_book import install_delivered
from kansli_tui.service.text_book import install_texts
from kansli_tui.service.units import install_units, usual_unit

_REFERRED = {Step.MRI_REFERRED: ReferralKind.MRI, Step.UROLOGY_REFERRED: ReferralKind.UROLOGY}
_NAMES_UNIT = {
    LetterType.PSA_RAISED: ("mri_unit", ReferralKind.MRI),
    LetterType.PSA_VERY_HIGH: ("urology_unit", ReferralKind.UROLOGY),
}


def deliver(session: Session, at: datetime) -> None:
    """Install what is missing."""
    install_delivered(session, at)
    install_units(session)
    install_texts(session, at)
    _adopt_referrals(session)
    _name_units(session)


def _adopt_referrals(session: Session) -> None:
    """Referrals that an earlier version only noted by hand become rows of the clock, as sent when the note was made."""
    for person in session.scalars(select(Person).where(Person.step.in_(_REFERRED))):
        kind = _REFERRED[person.step]
        if live(session, person.id, kind) is not None:
            continue
        referral = Referral(
            number=f"new {person.id}",
            kind=kind,
            person_id=person.id,
            region=person.region,
            round_number=person.round_number,
            unit_id=usual_unit(session, person.region, kind).id,
            state=ReferralState.SENT,
            state_since=person.since,
            due_on=person.next_on,
            made_at=person.since,
            made_by=SYSTEM.username,
            sent_at=person.since,
        )
        session.add(referral)
        session.flush()
        referral.number = f"{PREFIX[kind]}-{person.since.year}-{referral.id:06d}"


def _name_units(session: Session) -> None:
    """Letters prepared before units were rows name the region's usual unit."""
    for letter in session.scalars(
        select(Letter).where(Letter.state == LetterState.PREPARED, Letter.type.in_(_NAMES_UNIT))
    ):
        value, kind = _NAMES_UNIT[letter.type]
        if value not in letter.values:
            letter.values = {**letter.values, value: usual_unit(session, letter.region, kind).name}
