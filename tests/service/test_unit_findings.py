"""Answers of units that change, and what comes from urology: who is taken back, who is told, and what is only kept."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from db.models import PathologyAnswer, Treatment
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.referrals import ReferralKind, ReferralState
from kansli_tui.pathway.ruleset import Outcome
from kansli_tui.pathway.steps import ClosedReason, Queue, Step
from kansli_tui.rows.answers import MessageState as M
from kansli_tui.rows.letter_states import LetterState
from tests.service.unit_help import answers, assess, at_urology, confirm_pathology, in_days, proposed, referred, taken
from tests.world import World

UROLOGY = ReferralKind.UROLOGY


@pytest.fixture
def man(world: World) -> int:
    return referred(world)


# Reports that change


def test_an_answer_that_comes_while_the_psa_is_assessed_anew_is_proposed_later(world: World, man: int) -> None:
    world.take(world.message(man, "6.5", status="C"))
    world.mri(man, (3,), "40")
    assert world.step(man) is Step.ANSWER_TO_ASSESS
    assert world.referral_state(man) is ReferralState.ANSWERED
    world.confirm(Queue.RAISED, man)
    assert world.step(man) is Step.MRI_TO_ASSESS
    assert Queue.MRI_ANSWER in world.tasks(man)
    assert proposed(world, man).inputs["psa"] == "6.5"


def test_a_correction_before_it_is_confirmed_only_renews_the_proposal(world: World, man: int) -> None:
    world.mri(man, (2,), "40")
    world.mri(man, (5,), "40", status="C")
    assert world.tasks(man) == [Queue.MRI_ANSWER]
    assert proposed(world, man).proposed is Outcome.UROLOGY
    assert [answer.version for answer in answers(world, man)] == [1, 2]


def test_a_correction_stops_the_letter_and_takes_him_back(world: World, man: int) -> None:
    world.mri(man, (2,), "60")
    assert assess(world, man) is Outcome.NEW_OFFER
    world.mri(man, (5,), "60", status="C")
    assert world.letters(man)[-1] == (LetterType.MRI_NO_BIOPSY, LetterState.STOPPED)
    assert world.step(man) is Step.MRI_TO_ASSESS
    assert world.tasks(man) == [Queue.MRI_ANSWER], "nothing about the MRI has gone out"
    assert assess(world, man) is Outcome.UROLOGY
    assert world.adds_up()


def test_a_correction_after_the_letter_has_gone_tells_a_person_what_went_out(world: World, man: int) -> None:
    world.mri(man, (2,), "60")
    assess(world, man)
    world.post()
    assert world.step(man) is Step.NOT_DUE
    world.mri(man, (5,), "60", status="C")
    assert world.step(man) is Step.MRI_TO_ASSESS
    assert sorted(world.tasks(man)) == sorted([Queue.MRI_ANSWER, Queue.CORRECTION])
    (row,) = world.office.corrections.rows(world.anna)
    assert (row.what, row.before, row.now) == ("mri", "PI-RADS 2, 60 ml", "PI-RADS 5, 60 ml")
    assert world.adds_up()


def test_a_correction_after_the_urology_referral_takes_him_back_and_the_referral_stays(world: World, man: int) -> None:
    at_urology(world, man)
    world.mri(man, (2,), "90", status="C")
    assert world.step(man) is Step.MRI_TO_ASSESS
    assert Queue.CORRECTION in world.tasks(man)
    assert world.referral_state(man, UROLOGY) is ReferralState.SENT
    assert assess(world, man) is Outcome.NEW_OFFER
    assert world.referral_state(man, UROLOGY) is ReferralState.CANCELLED
    assert world.referral(man, UROLOGY).cancel_owed
    assert world.adds_up()


def test_once_tissue_is_taken_a_changed_mri_answer_is_stored_and_told(world: World, man: int) -> None:
    at_urology(world, man)
    world.outcome(man, "biopsy")
    world.mri(man, (2,), "90", status="C")
    assert world.step(man) is Step.BIOPSIED
    assert world.tasks(man) == [Queue.CORRECTION]
    assert [answer.version for answer in answers(world, man)] == [1, 2]
    assert world.adds_up()


def test_another_final_answer_is_held_and_counts_as_a_correction_when_matched(world: World, man: int) -> None:
    world.mri(man, (2,), "60")
    addendum = world.mri_message(man, (4,), "60", text="Tillägg.")
    assert taken(world, addendum) == (M.HELD, "A different final answer is already here")
    (row,) = world.office.held.held(world.anna)
    (candidate,) = row.candidates
    world.office.held.match(world.anna, row.message_id, candidate.order_id, "enheten bekräftar", kind=candidate.kind)
    assert [answer.lesions for answer in answers(world, man)] == [[2], [4]]
    assert proposed(world, man).proposed is Outcome.UROLOGY


def test_the_same_final_answer_again_is_known(world: World, man: int) -> None:
    world.mri(man, (2,), "60")
    assert taken(world, world.mri_message(man, (2,), "60")) == (M.NO_EFFECT, "Known already")


def test_a_final_answer_that_its_correction_has_overtaken_changes_nothing(world: World, man: int) -> None:
    reported = {
        when: f"{world.clock.now - timedelta(hours=hours):%Y%m%d%H%M%S}" for when, hours in (("F", 9), ("C", 2))
    }
    first = world.mri_message(man, (2,), "60", reported=reported["F"])
    world.mri(man, (4,), "60", status="C", reported=reported["C"])
    assert taken(world, first) == (M.NO_EFFECT, "A newer message has come already")
    assert [answer.lesions for answer in answers(world, man)] == [[4]]


@pytest.mark.parametrize("status", ["W", "D"])
@pytest.mark.parametrize("confirmed", [False, True])
def test_a_taken_back_answer_is_work_again(world: World, man: int, status: str, confirmed: bool) -> None:
    world.mri(man, (4,), "60")
    if confirmed:
        assess(world, man)
    world.mri(man, (4,), "60", status=status)
    assert world.step(man) is Step.MRI_TO_RESOLVE
    assert world.referral_state(man) is ReferralState.RETURNED
    assert sorted(world.tasks(man)) == sorted([Queue.MRI_CONTACT, Queue.CORRECTION])
    assert (LetterType.MRI_UROLOGY, LetterState.PREPARED) not in world.letters(man)
    assert world.adds_up()
    world.mri(man, (2,), "60")
    assert world.step(man) is Step.MRI_TO_ASSESS
    assert [answer.version for answer in answers(world, man)] == [1, 2, 3]


def test_a_not_completed_one_may_be_booked_again_and_answered(world: World, man: int) -> None:
    world.mri(man, (), None, status="X", text="Avbröts.")
    assert world.tasks(man) == [Queue.MRI_CONTACT]
    world.booking(man, "S12", in_days(world, 3))
    assert world.step(man) is Step.MRI_BOOKED
    assert world.tasks(man) == []
    world.clock.advance(days=4)
    world.mri(man, (2,), "60")
    assert world.step(man) is Step.MRI_TO_ASSESS


def typed_in(world: World, man: int, score: int, volume: str) -> None:
    referral = world.referral(man)
    world.office.examinations.enter_mri(
        world.anna,
        referral.id,
        version=referral.version_id,
        examined_on=world.today,
        scores=(score,),
        volume_ml=Decimal(volume),
        text="per telefon",
        why="enheten ringde",
    )


def test_the_report_behind_an_answer_typed_in_takes_its_place_and_what_was_decided_holds(
    world: World, man: int
) -> None:
    typed_in(world, man, 4, "40")
    assess(world, man)
    world.mri(man, (4, 2), "40", text="Utlåtande.")
    assert world.step(man) is Step.UROLOGY_TO_REFER
    assert [answer.text for answer in answers(world, man)] == ["per telefon", "Utlåtande."]
    assert world.tasks(man) == [Queue.UROLOGY_REFERRAL]
    assert world.adds_up()


def test_a_report_that_says_otherwise_than_was_typed_in_is_held(world: World, man: int) -> None:
    typed_in(world, man, 2, "40")
    assert taken(world, world.mri_message(man, (4,), "40")) == (M.HELD, "A different final answer is already here")
    world.mri(man, (2,), "40", text="Utlåtande.")
    assert world.tasks(man).count(Queue.MRI_ANSWER) == 1
    (row,) = world.office.examinations.mri_rows(world.anna)
    assert row.text == "Utlåtande."


# Urology


def test_visit_biopsy_and_benign_answer(world: World, man: int) -> None:
    at_urology(world, man)
    world.outcome(man, "visit")
    assert world.step(man) is Step.UROLOGY_VISITED
    world.outcome(man, "biopsy")
    assert world.step(man) is Step.BIOPSIED
    biopsied = world.today
    world.clock.advance(days=7)
    world.outcome(man, "pathology", isup=0)
    assert world.tasks(man) == [Queue.PATHOLOGY]
    assert confirm_pathology(world, man) is Outcome.NEW_OFFER
    assert proposed(world, man).new_offer_on == biopsied.replace(year=biopsied.year + 2)
    assert world.letters(man)[-1][0] is LetterType.BIOPSY_BENIGN
    assert world.adds_up()


def test_cancer_closes_and_what_comes_later_is_taken_in(world: World, man: int) -> None:
    at_urology(world, man)
    world.outcome(man, "pathology", isup=2)
    assert confirm_pathology(world, man) is Outcome.CARE
    assert world.person(man).closed_reason is ClosedReason.CANCER_FOUND
    world.clock.advance(days=30)
    world.outcome(man, "treatment", treatment="surgery")
    world.outcome(man, "visit", world.today - timedelta(days=31))
    assert taken(world, world.outcome_line(man, "treatment", treatment="surgery"))[0] is M.NO_EFFECT
    with world.context.sessions.read() as session:
        assert [row.kind.value for row in session.scalars(select(Treatment))] == ["surgery"]
    world.outcome(man, "pathology", isup=3)
    assert world.step(man) is Step.CLOSED
    assert world.tasks(man) == [Queue.CORRECTION]
    assert world.adds_up()


def test_lines_in_the_wrong_order_end_the_same(world: World, man: int) -> None:
    at_urology(world, man)
    biopsied = world.today
    world.clock.advance(days=8)
    world.outcome(man, "pathology", isup=0)
    assert pathology(world)[-1].biopsied_on == world.today, (
        "without a line of the biopsy the pathologist's day stands for it"
    )
    world.outcome(man, "biopsy", biopsied)
    world.outcome(man, "visit", biopsied)
    assert world.step(man) is Step.PATHOLOGY_TO_ASSESS
    assert world.tasks(man) == [Queue.PATHOLOGY]
    assert (pathology(world)[-1].biopsied_on, pathology(world)[-1].isup) == (biopsied, 0)
    referral = world.referral(man, UROLOGY)
    assert (referral.biopsied_on, referral.done_on) == (biopsied, biopsied)
    confirm_pathology(world, man)
    assert proposed(world, man).new_offer_on == biopsied.replace(year=biopsied.year + 2)
    assert world.adds_up()


def pathology(world: World) -> list[PathologyAnswer]:
    with world.context.sessions.read() as session:
        return list(session.scalars(select(PathologyAnswer).order_by(PathologyAnswer.id)))


def test_a_changed_grade_takes_a_benign_one_back(world: World, man: int) -> None:
    at_urology(world, man)
    world.outcome(man, "pathology", isup=0)
    confirm_pathology(world, man)
    world.post()
    assert world.step(man) is Step.NOT_DUE
    world.clock.advance(days=2)
    world.outcome(man, "pathology", isup=3)
    assert world.step(man) is Step.PATHOLOGY_TO_ASSESS
    assert sorted(world.tasks(man)) == sorted([Queue.PATHOLOGY, Queue.CORRECTION])
    assert confirm_pathology(world, man) is Outcome.CARE
    assert world.adds_up()


def test_a_changed_grade_before_the_letter_has_gone_stops_it(world: World, man: int) -> None:
    at_urology(world, man)
    world.outcome(man, "pathology", isup=0)
    confirm_pathology(world, man)
    world.outcome(man, "pathology", isup=1)
    assert world.letters(man)[-1] == (LetterType.BIOPSY_BENIGN, LetterState.STOPPED)
    assert world.tasks(man) == [Queue.PATHOLOGY]


def test_declined_goes_to_a_person(world: World, man: int) -> None:
    at_urology(world, man)
    world.outcome(man, "declined")
    assert world.tasks(man) == [Queue.UROLOGY_CONTACT]
    assert world.step(man) is Step.UROLOGY_TO_RESOLVE


@pytest.mark.parametrize(
    ("event", "more", "reason"),
    [
        ("visit", {"on": date(2020, 1, 1)}, "It happened before the referral was made"),
        ("visit", {"on": date(2030, 1, 1)}, "The examination is dated in the future"),
        ("visit", {"order": ""}, "The message has no referral number"),
        ("visit", {"order": "OPTUR-2026-777777"}, "The referral number is not ours"),
        ("visit", {"pnr": "197002129273"}, "The referral belongs to another person"),
        ("treatment", {"treatment": "surgery"}, "No cancer is known to be treated"),
    ],
)
def test_lines_in_doubt_are_held(world: World, man: int, event: str, more: dict[str, object], reason: str) -> None:
    at_urology(world, man)
    more = dict(more)
    on = more.pop("on", None)
    assert on is None or isinstance(on, date)
    assert taken(world, world.outcome_line(man, event, on, **more)) == (M.HELD, reason)
    assert world.step(man) is Step.UROLOGY_REFERRED
    (row,) = world.office.held.held(world.anna)
    assert row.candidates or "pnr" in more


def test_an_answer_older_than_the_biopsy_is_held(world: World, man: int) -> None:
    at_urology(world, man)
    world.outcome(man, "biopsy")
    raw = world.outcome_line(man, "pathology", world.today - timedelta(days=1), isup=1)
    assert taken(world, raw) == (M.HELD, "The answer is older than the biopsy")


def test_a_line_without_number_is_matched_to_the_urology_referral(world: World, man: int) -> None:
    at_urology(world, man)
    world.take(world.outcome_line(man, "visit", order=""))
    (row,) = world.office.held.held(world.anna)
    (candidate,) = row.candidates
    assert (candidate.kind, candidate.order_number) == ("urology", world.referral(man, UROLOGY).number)
    world.office.held.match(world.anna, row.message_id, candidate.order_id, "samma man", kind=candidate.kind)
    assert world.step(man) is Step.UROLOGY_VISITED
    assert world.tasks(man) == []
