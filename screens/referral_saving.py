"""Saving a referral form: the referral is made, and where the user has sent it already that is noted at once."""

from typing import TYPE_CHECKING

from kansli_tui.errors import KansliError, RefusedError
from kansli_tui.i18n import _
from kansli_tui.rows.office import Actor
from kansli_tui.rows.referrals import ReferralForm, ReferralRow
from screens.base import in_words
from screens.referral_form_view import NOT_ASKED, Draft

if TYPE_CHECKING:
    from kansli_tui.service.office import Office


def save(
    office: "Office", actor: Actor, form: ReferralForm, draft: Draft, receipt: str | None, despite: str = ""
) -> ReferralRow:
    """Make the referral of the form as it was shown; with a `receipt` ('' for none) it is noted as sent by hand.

    `despite` says why it is made although something stands against it; it goes into the referral's history.

    RefusedError with the referral's number when it was made but could not be noted as sent.
    """
    row = office.referrals.refer(
        actor,
        form.person_id,
        version=form.version,
        unit_id=draft.unit_id,
        answers=tuple((asked, draft.answers.get(asked, NOT_ASKED)) for asked in form.asks),
        question=draft.question,
        despite=despite,
    )
    if receipt is None:
        return row
    try:
        return office.referrals.send(actor, row.referral_id, version=row.version, receipt=receipt)
    except KansliError as problem:
        raise RefusedError(
            "Referral {number} is made but not noted as sent: {why}", number=row.number, why=in_words(problem)
        ) from problem


def saved(row: ReferralRow, receipt: str | None) -> str:
    """What was done, in a sentence."""
    values = {"name": row.name, "number": row.number, "unit": row.unit}
    if receipt is None:
        return _("{name}: {number} to {unit} is made and leaves with the next export.", **values)
    return _("{name}: {number} to {unit} is made and noted as sent.", **values)
