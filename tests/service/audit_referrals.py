"""One doing of each method of referrals, examinations and corrections, for the test that every act leaves a line."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from kansli_tui.pathway.referrals import ReferralEvent, ReferralKind
from kansli_tui.pathway.steps import Queue
from kansli_tui.rows.referral_messages import Treatment
from kansli_tui.rows.referrals import MriAnswerRow, PathologyRow, ReferralRow
from tests.world import World

Act = Callable[[], Any]
Answered = Callable[..., int]


def referral_acts(world: World, answered: Answered) -> dict[str, Callable[[], Act]]:
    """Method → what prepares it and returns the act. `answered(value)` is a man whose answer has come."""
    office, anna = world.office, world.anna

    def raised(value: str = "4.5") -> int:
        man = answered(value)
        world.confirm(Queue.RAISED if value == "4.5" else Queue.URGENT, man)
        return man

    def waiting(act: Callable[[int], Any]) -> Act:
        man = raised()
        return lambda: act(man)

    def made(act: Callable[[ReferralRow], Any], *, value: str = "4.5", sent: bool = True) -> Act:
        row = world.refer(raised(value), sent=sent)
        return lambda: act(row)

    def reported(act: Callable[[MriAnswerRow], Any]) -> Act:
        man = raised()
        world.refer(man)
        world.clock.advance(days=2)
        world.mri(man, (2,))
        (row,) = office.examinations.mri_rows(anna)
        return lambda: act(row)

    def biopsied(act: Callable[[PathologyRow], Any]) -> Act:
        man = raised("140")
        world.refer(man)
        world.outcome(man, "pathology", isup=2)
        (row,) = office.examinations.pathology_rows(anna)
        return lambda: act(row)

    def treated() -> Act:
        man = raised("140")
        world.refer(man)
        world.outcome(man, "pathology", isup=2)
        referral = world.referral(man, ReferralKind.UROLOGY)
        return lambda: office.examinations.enter_treatment(
            anna, referral.id, version=referral.version_id, kind=Treatment.SURGERY, on=world.today, why="skäl"
        )

    def corrected(act: Callable[[int], Any]) -> Act:
        man = raised()
        world.post()
        world.clock.advance(minutes=1)
        world.answer(man, "5.1", status="C")
        (row,) = office.corrections.rows(anna)
        return lambda: act(row.task_id)

    def save_unit() -> Act:
        unit = office.units.rows(anna)[0]
        return lambda: office.units.save(world.per, unit)

    def refer(man: int) -> Any:
        form = office.referrals.form(anna, man)
        return office.referrals.refer(anna, man, version=form.version, unit_id=form.units[0].unit_id)

    def prepare(task_id: int) -> Any:
        version = office.corrections.row(anna, task_id).version
        return office.corrections.prepare_letter(anna, task_id, version=version)

    return {
        "units.save": save_unit,
        "referrals.form": lambda: waiting(lambda man: office.referrals.form(anna, man)),
        "referrals.refer": lambda: waiting(refer),
        "referrals.send": lambda: made(
            lambda row: office.referrals.send(anna, row.referral_id, version=row.version), sent=False
        ),
        "referrals.receipt": lambda: made(lambda row: office.referrals.receipt(anna, row.number, "R-1")),
        "referrals.note": lambda: made(
            lambda row: office.referrals.note(
                anna, row.referral_id, ReferralEvent.ACCEPTED, version=row.version, note="skäl"
            )
        ),
        "referrals.remind": lambda: made(
            lambda row: office.referrals.remind(anna, row.referral_id, version=row.version, note="skäl")
        ),
        "referrals.clock": lambda: made(lambda _row: office.referrals.clock(anna)),
        "referrals.detail": lambda: made(lambda row: office.referrals.detail(anna, row.referral_id)),
        "examinations.mri_rows": lambda: reported(lambda _row: office.examinations.mri_rows(anna)),
        "examinations.preview": lambda: reported(
            lambda row: office.examinations.preview(anna, row.decision_id, pirads=3, volume_ml=Decimal(30))
        ),
        "examinations.confirm_mri": lambda: reported(
            lambda row: office.examinations.confirm_mri(
                anna, row.decision_id, version=row.version, pirads=2, volume_ml=row.volume_ml
            )
        ),
        "examinations.not_diagnostic": lambda: reported(
            lambda row: office.examinations.not_diagnostic(anna, row.decision_id, version=row.version, reason="skäl")
        ),
        "examinations.pathology_rows": lambda: biopsied(lambda _row: office.examinations.pathology_rows(anna)),
        "examinations.confirm_pathology": lambda: biopsied(
            lambda row: office.examinations.confirm_pathology(anna, row.decision_id, version=row.version)
        ),
        "examinations.enter_mri": lambda: made(
            lambda row: office.examinations.enter_mri(
                anna,
                row.referral_id,
                version=row.version,
                examined_on=world.today,
                scores=(4,),
                volume_ml=None,
                text="",
                why="skäl",
            )
        ),
        "examinations.enter_pathology": lambda: made(
            lambda row: office.examinations.enter_pathology(
                anna,
                row.referral_id,
                version=row.version,
                biopsied_on=world.today,
                reported_on=world.today,
                isup=0,
                why="skäl",
            ),
            value="140",
        ),
        "examinations.enter_treatment": treated,
        "corrections.rows": lambda: corrected(lambda _task: office.corrections.rows(anna)),
        "corrections.row": lambda: corrected(lambda task: office.corrections.row(anna, task)),
        "corrections.prepare_letter": lambda: corrected(prepare),
    }
