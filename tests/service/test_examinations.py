"""MRI answers and pathology answers: suggested by the unit, confirmed by a person, decided by the rules, corrected afterwards."""

from datetime import timedelta
from decimal import Decimal

import pytest

from kansli_tui.errors import ChangedBySomeoneElseError, NotAllowedError, RefusedError
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.referrals import ReferralKind, ReferralState
from kansli_tui.pathway.ruleset import Outcome
from kansli_tui.pathway.steps import ClosedReason, Queue, Step
from kansli_tui.rows.letter_states import LetterState
from kansli_tui.rows.office import Actor
from kansli_tui.rows.referral_messages import Treatment
from kansli_tui.rows.referrals import MriAnswerRow, PathologyRow
from tests.world import World


@pytest.fixture
def man(world: World) -> int:
    """Referred to MRI with PSA 4.5; his letter has been posted."""
    person_id = world.raised("4.5")
    world.post(LetterType.PSA_RAISED)
    world.refer(person_id)
    world.clock.advance(days=9)
    return person_id


def mri_row(world: World) -> MriAnswerRow:
    (row,) = world.office.examinations.mri_rows(world.anna)
    return row


def confirm(world: World, pirads: int | None = None, volume: str | None = None, **more: object) -> Outcome:
    row = mri_row(world)
    return world.office.examinations.confirm_mri(
        world.anna,
        row.decision_id,
        version=row.version,
        pirads=pirads or row.suggested or 0,
        volume_ml=Decimal(volume) if volume else row.volume_ml,
        **more,  # type: ignore[arg-type]
    )


def pathology_row(world: World) -> PathologyRow:
    (row,) = world.office.examinations.pathology_rows(world.anna)
    return row


def at_urology(world: World, man: int) -> None:
    world.mri(man, (4,))
    confirm(world)
    world.clock.advance(minutes=1)
    world.post()
    world.refer(man)
    world.clock.advance(days=5)


# Assessing MRI


@pytest.mark.parametrize(
    ("scores", "volume", "outcome", "step"),
    [
        ((4, 2), "38", Outcome.UROLOGY, Step.UROLOGY_TO_REFER),
        ((3,), "30", Outcome.UROLOGY, Step.UROLOGY_TO_REFER),
        ((3,), "30.1", Outcome.NEW_OFFER, Step.ANSWER_LETTER_TO_POST),
        ((1,), "80", Outcome.NEW_OFFER, Step.ANSWER_LETTER_TO_POST),
    ],
)
def test_what_a_person_confirms_is_decided_by_the_rules(
    world: World, man: int, scores: tuple[int, ...], volume: str, outcome: Outcome, step: Step
) -> None:
    world.mri(man, scores, volume)
    assert (world.step(man), world.tasks(man)) == (Step.MRI_TO_ASSESS, [Queue.MRI_ANSWER])
    row = mri_row(world)
    assert (row.suggested, row.lesions) == (max(scores), scores)
    assert row.proposal is not None
    assert row.proposal.outcome is outcome
    assert confirm(world) is outcome
    assert world.step(man) is step
    case = world.case(man)
    assert case.mri is not None
    assert (case.mri.pirads, case.mri.volume_ml) == (max(scores), Decimal(volume))
    assert case.mri.density == Decimal("4.5") / Decimal(volume)
    assert world.adds_up()


def test_a_score_read_from_prose_waits_for_a_person_with_its_sentence(world: World, man: int) -> None:
    world.mri(man, (), "38", text="Bedömning: PI-RADS 4 (tidigare 3).")
    row = mri_row(world)
    assert row.suggested == 4
    assert "tidigare 3" in row.suggested_from
    assert world.step(man) is Step.MRI_TO_ASSESS, "nothing is decided on a text"
    assert world.case(man).mri is None
    assert confirm(world, pirads=3) is Outcome.NEW_OFFER, "the person's score counts, not the suggestion"


def test_without_a_volume_a_low_score_cannot_be_decided_and_says_whom_to_ask(world: World, man: int) -> None:
    world.mri(man, (3,), None)
    row = mri_row(world)
    assert row.proposal is not None
    assert "volym" in row.proposal.reason
    assert row.unit_phone == "08-465 004 11"
    with pytest.raises(RefusedError, match="cannot decide"):
        confirm(world)
    assert world.step(man) is Step.MRI_TO_ASSESS
    assert confirm(world, volume="29.9") is Outcome.UROLOGY
    assert world.adds_up()


def test_a_high_score_needs_no_volume(world: World, man: int) -> None:
    world.mri(man, (5,), None)
    assert confirm(world) is Outcome.UROLOGY


@pytest.mark.parametrize(("pirads", "volume"), [(0, "30"), (6, "30"), (3, "0"), (3, "-1"), (3, "1001"), (3, "NaN")])
def test_what_cannot_be_a_score_or_a_volume_is_refused(world: World, man: int, pirads: int, volume: str) -> None:
    world.mri(man, (3,))
    row = mri_row(world)
    with pytest.raises(RefusedError):
        world.office.examinations.confirm_mri(
            world.anna, row.decision_id, version=row.version, pirads=pirads, volume_ml=Decimal(volume)
        )
    assert world.step(man) is Step.MRI_TO_ASSESS


def test_the_preview_is_what_confirming_does(world: World, man: int) -> None:
    world.mri(man, (2,))
    row = mri_row(world)
    made = world.office.examinations.preview(world.anna, row.decision_id, pirads=3, volume_ml=Decimal(30))
    assert made.outcome is Outcome.UROLOGY
    assert "0,150" in made.reason
    assert world.step(man) is Step.MRI_TO_ASSESS


def test_urology_may_be_chosen_against_the_rules_with_a_reason_but_never_less(world: World, man: int) -> None:
    world.mri(man, (2,), "80")
    with pytest.raises(RefusedError, match="State why"):
        confirm(world, outcome=Outcome.UROLOGY)
    world.office.examinations.preview(world.anna, mri_row(world).decision_id, pirads=5, volume_ml=None)
    with pytest.raises(RefusedError, match="do not allow"):
        confirm(world, pirads=5, outcome=Outcome.NEW_OFFER, reason="läkarens beslut")
    assert confirm(world, outcome=Outcome.UROLOGY, reason="läkarens beslut: hereditet") is Outcome.UROLOGY
    assert "hereditet" in world.case(man).timeline[0].detail + world.case(man).timeline[1].detail
    assert world.adds_up()


def test_an_old_picture_another_region_and_a_held_person_are_refused(world: World, man: int, jkp: Actor) -> None:
    world.mri(man, (2,))
    row = mri_row(world)
    assert world.office.examinations.mri_rows(jkp) == ()
    with pytest.raises(NotAllowedError):
        world.office.examinations.confirm_mri(
            jkp, row.decision_id, version=row.version, pirads=2, volume_ml=row.volume_ml
        )
    with pytest.raises(ChangedBySomeoneElseError):
        world.office.examinations.confirm_mri(
            world.anna, row.decision_id, version=row.version - 1, pirads=2, volume_ml=row.volume_ml
        )


def test_the_same_key_twice_is_harmless_and_a_colleagues_is_told(world: World, man: int) -> None:
    world.mri(man, (2,))
    row = mri_row(world)
    for _press in range(2):
        world.office.examinations.confirm_mri(
            world.anna, row.decision_id, version=row.version, pirads=2, volume_ml=row.volume_ml
        )
    with pytest.raises(ChangedBySomeoneElseError):
        world.office.examinations.confirm_mri(
            world.per, row.decision_id, version=row.version, pirads=2, volume_ml=row.volume_ml
        )


def test_pictures_that_cannot_be_assessed_come_back_to_be_settled(world: World, man: int) -> None:
    world.mri(man, (2,))
    row = mri_row(world)
    world.office.examinations.not_diagnostic(
        world.anna, row.decision_id, version=row.version, reason="Rörelseartefakter"
    )
    assert (world.step(man), world.tasks(man)) == (Step.MRI_TO_RESOLVE, [Queue.MRI_CONTACT])
    assert world.office.examinations.mri_rows(world.anna) == ()
    world.act(man, "rebook")
    assert world.step(man) is Step.MRI_TO_BOOK
    assert world.adds_up()


def test_no_biopsy_is_written_and_ends_the_round(world: World, man: int) -> None:
    sampled = world.today - timedelta(days=10)
    world.mri(man, (2,), "80")
    confirm(world)
    assert world.letters(man)[-1] == (LetterType.MRI_NO_BIOPSY, LetterState.PREPARED)
    world.clock.advance(minutes=1)
    assert world.post() == 1
    assert (world.step(man), world.person(man).next_on) == (Step.NOT_DUE, sampled.replace(year=sampled.year + 2))
    assert world.adds_up()


def test_an_mri_decision_is_undone_while_its_letter_waits(world: World, man: int) -> None:
    world.mri(man, (2,), "80")
    confirm(world)
    world.act(man, "undo", reason="fel siffra")
    assert (world.step(man), world.tasks(man)) == (Step.MRI_TO_ASSESS, [Queue.MRI_ANSWER])
    assert confirm(world, pirads=4) is Outcome.UROLOGY
    assert world.adds_up()


# Addenda and corrections


def test_an_addendum_after_the_letter_reopens_and_lists_what_went_out(world: World, man: int) -> None:
    world.mri(man, (2,), "80")
    confirm(world)
    world.clock.advance(minutes=1)
    world.post()
    world.clock.advance(days=2)
    world.mri(man, (4, 2), "80", status="C")
    assert world.step(man) is Step.MRI_TO_ASSESS
    assert sorted(world.tasks(man)) == sorted([Queue.MRI_ANSWER, Queue.CORRECTION])
    (row,) = world.office.corrections.rows(world.anna)
    assert (row.what, row.before, row.now) == ("mri", "PI-RADS 2, 80 ml", "PI-RADS 4, 2, 80 ml")
    assert any("MR utan biopsi" in letter for letter in row.letters)
    assert any("OPTMR-" in order for order in row.orders)
    assert "remiss till urolog" in row.rules_say
    assert row.draft
    made = world.office.corrections.prepare_letter(world.anna, row.task_id, version=row.version)
    assert made.letter_prepared
    with pytest.raises(RefusedError, match="already"):
        world.office.corrections.prepare_letter(world.anna, row.task_id, version=made.version)
    confirm(world)
    assert world.step(man) is Step.UROLOGY_TO_REFER
    world.clock.advance(minutes=1)
    world.post()
    assert (LetterType.CORRECTION, LetterState.POSTED) in world.letters(man)
    world.office.queues.finish(world.anna, row.task_id, "Ringt och skickat rättelse")
    assert Queue.CORRECTION not in world.tasks(man)
    assert world.adds_up()


def test_a_corrected_psa_after_the_mri_asks_for_the_density_again(world: World, man: int) -> None:
    world.mri(man, (3,), "31")
    assert confirm(world) is Outcome.NEW_OFFER
    world.answer(man, "4.8", status="C")
    assert world.step(man) is Step.ANSWER_TO_ASSESS
    assert (LetterType.MRI_NO_BIOPSY, LetterState.STOPPED) in world.letters(man)
    world.confirm(Queue.RAISED, man)
    assert (world.step(man), Queue.MRI_ANSWER in world.tasks(man)) == (Step.MRI_TO_ASSESS, True)
    row = mri_row(world)
    assert row.proposal is not None
    assert row.proposal.outcome is Outcome.UROLOGY, "4.8 and 31 ml is above 0.15"
    assert world.adds_up()


def test_a_corrected_psa_while_the_unit_answers_loses_nothing(world: World, man: int) -> None:
    world.answer(man, "5.5", status="C")
    assert world.step(man) is Step.ANSWER_TO_ASSESS
    world.mri(man, (4,))
    assert world.step(man) is Step.ANSWER_TO_ASSESS
    assert world.referral_state(man) is ReferralState.ANSWERED
    world.confirm(Queue.RAISED, man)
    assert world.step(man) is Step.MRI_TO_ASSESS
    assert confirm(world) is Outcome.UROLOGY
    assert world.adds_up()


# Pathology


def test_benign_stays_in_the_programme(world: World, man: int) -> None:
    at_urology(world, man)
    world.outcome(man, "biopsy")
    assert world.step(man) is Step.BIOPSIED
    biopsied = world.today
    world.clock.advance(days=8)
    world.outcome(man, "pathology", isup=0)
    assert world.tasks(man) == [Queue.PATHOLOGY]
    row = pathology_row(world)
    assert (row.isup, row.proposed, row.biopsied_on) == (0, Outcome.NEW_OFFER, biopsied)
    world.office.examinations.confirm_pathology(world.anna, row.decision_id, version=row.version)
    assert world.letters(man)[-1] == (LetterType.BIOPSY_BENIGN, LetterState.PREPARED)
    world.clock.advance(minutes=1)
    world.post()
    assert (world.step(man), world.person(man).next_on) == (Step.NOT_DUE, biopsied.replace(year=biopsied.year + 2))
    assert world.adds_up()


def test_cancer_leaves_the_programme_and_its_treatment_is_noted_afterwards(world: World, man: int) -> None:
    at_urology(world, man)
    letters = len(world.letters(man))
    world.outcome(man, "pathology", isup=2)
    row = pathology_row(world)
    assert row.proposed is Outcome.CARE
    world.office.examinations.confirm_pathology(world.anna, row.decision_id, version=row.version)
    assert world.person(man).closed_reason is ClosedReason.CANCER_FOUND
    assert len(world.letters(man)) == letters, "clinical care tells him"
    world.clock.advance(days=30)
    world.outcome(man, "treatment", treatment="surgery")
    assert any("Operation" in line.what for line in world.case(man).timeline)
    assert world.adds_up()


def test_a_biopsied_man_stays_where_he_is_when_the_psa_is_corrected_and_somebody_is_told(
    world: World, man: int
) -> None:
    at_urology(world, man)
    world.outcome(man, "biopsy")
    world.answer(man, "1.1", status="C")
    assert (world.step(man), world.tasks(man)) == (Step.BIOPSIED, [Queue.CORRECTION])
    assert world.adds_up()


# By hand


def test_an_answer_told_by_phone_counts_like_a_file(world: World, man: int) -> None:
    referral = world.referral(man)
    enter = world.office.examinations.enter_mri
    values = {"examined_on": world.today, "scores": (4,), "volume_ml": Decimal(40), "text": ""}
    with pytest.raises(RefusedError, match="comes from"):
        enter(world.anna, referral.id, version=referral.version_id, why=" ", **values)  # type: ignore[arg-type]
    enter(world.anna, referral.id, version=referral.version_id, why="Ringt röntgen, svar läst upp", **values)  # type: ignore[arg-type]
    assert mri_row(world).suggested == 4
    assert confirm(world) is Outcome.UROLOGY
    referral = world.referral(man)
    values["scores"] = (2,)
    enter(world.anna, referral.id, version=referral.version_id, why="Felhört", **values)  # type: ignore[arg-type]
    assert world.step(man) is Step.MRI_TO_ASSESS
    assert mri_row(world).corrected
    assert world.adds_up()


def test_urology_told_by_phone(world: World, man: int) -> None:
    at_urology(world, man)
    referral = world.referral(man, ReferralKind.UROLOGY)
    examinations = world.office.examinations
    with pytest.raises(RefusedError, match="cancer"):
        examinations.enter_treatment(
            world.anna, referral.id, version=referral.version_id, kind=Treatment.SURGERY, on=world.today, why="brev"
        )
    with pytest.raises(RefusedError, match="ISUP"):
        examinations.enter_pathology(
            world.anna,
            referral.id,
            version=referral.version_id,
            biopsied_on=world.today,
            reported_on=world.today,
            isup=6,
            why="brev",
        )
    examinations.enter_pathology(
        world.anna,
        referral.id,
        version=referral.version_id,
        biopsied_on=world.today - timedelta(days=1),
        reported_on=world.today,
        isup=3,
        why="brev från kliniken",
    )
    row = pathology_row(world)
    examinations.confirm_pathology(world.anna, row.decision_id, version=row.version)
    referral = world.referral(man, ReferralKind.UROLOGY)
    examinations.enter_treatment(
        world.anna, referral.id, version=referral.version_id, kind=Treatment.SURVEILLANCE, on=world.today, why="brev"
    )
    assert world.person(man).closed_reason is ClosedReason.CANCER_FOUND
    assert world.adds_up()
