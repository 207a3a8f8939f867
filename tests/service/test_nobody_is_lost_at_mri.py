"""Answers that come while something else is looked at, after a referral was taken back, or after a hand-over: a person sees each."""

from decimal import Decimal

import pytest
from sqlalchemy import select

from db.models import Task, Unit
from kansli_tui.errors import NotAllowedError, RefusedError
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.referrals import ReferralEvent, ReferralKind, ReferralState
from kansli_tui.pathway.steps import ClosedReason, Queue, Step
from kansli_tui.rows.answers import HeldRow, MessageState
from kansli_tui.rows.letter_states import LetterState
from kansli_tui.rows.office import Actor, Role
from tests.always import Everybody
from tests.service.unit_help import answers, assess, at_urology, confirm_pathology, in_days, referred, taken
from tests.world import World

LISA = Actor("lisa", "Lisa Linköping", Role.SUPERVISOR, frozenset({"05"}))


def corrections(world: World, man: int) -> list[str]:
    """What the open corrections of a man say."""
    statement = select(Task.reason).where(
        Task.person_id == man, Task.queue == Queue.CORRECTION, Task.closed_at.is_(None)
    )
    with world.context.sessions.read() as session:
        return list(session.scalars(statement.order_by(Task.id)))


def check(world: World) -> None:
    with world.context.sessions.read() as session:
        Everybody(session, {}).check()
    assert world.adds_up()


def hand_over(world: World, man: int, to: str = "06") -> None:
    version = world.person(man).version_id
    row = world.office.handovers.offer(world.anna, man, version=version, to_region=to, reason="har flyttat")
    world.office.handovers.accept(world.anna, row.handover_id)


def held(world: World, actor: Actor | None = None) -> HeldRow:
    (row,) = world.office.held.held(actor or world.anna)
    return row


def match_first(world: World, actor: Actor | None = None) -> None:
    """Match the one held message to its first candidate."""
    row = held(world, actor)
    chosen = row.candidates[0]
    world.office.held.match(actor or world.anna, row.message_id, chosen.order_id, "ringt enheten", kind=chosen.kind)


# A PSA answer that changes while the MRI or the biopsy goes on


@pytest.mark.parametrize("first", ["mri", "psa"])
def test_an_mri_answer_nobody_has_assessed_is_shown_when_a_lower_psa_leads_elsewhere(world: World, first: str) -> None:
    man = referred(world)
    correction = world.message(man, "2.0", status="C")
    if first == "mri":
        world.mri(man, (5,), "40")
        world.take(correction)
    else:
        world.take(correction)
        world.mri(man, (5,), "40")
    world.confirm(Queue.NORMAL, man)
    assert corrections(world, man)[-1] == "MR-svaret har ingen bedömt, bedöm vad det betyder: PI-RADS 5, 40 ml."
    row = world.office.corrections.rows(world.anna)[-1]
    assert (row.what, row.before, row.now) == ("mri", "–", "PI-RADS 5, 40 ml")
    check(world)


def test_a_new_sample_hides_no_mri_answer_that_nobody_has_assessed(world: World) -> None:
    man = referred(world)
    world.mri(man, (5,), "40")
    world.take(world.message(man, "2.0", status="D"))
    world.confirm(Queue.REPEAT, man)
    assert any("PI-RADS 5" in reason for reason in corrections(world, man))
    check(world)


def test_an_assessed_mri_answer_needs_no_second_look(world: World) -> None:
    man = at_urology(world, referred(world))
    world.take(world.message(man, "2.0", status="C"))
    world.confirm(Queue.NORMAL, man)
    assert not any("ingen bedömt" in reason for reason in corrections(world, man))
    check(world)


@pytest.mark.parametrize(("status", "value", "queue"), [("C", "2.0", Queue.NORMAL), ("D", "", Queue.REPEAT)])
def test_a_biopsy_taken_while_the_psa_answer_is_looked_at_decides(
    world: World, status: str, value: str, queue: Queue
) -> None:
    man = at_urology(world, referred(world))
    world.take(world.message(man, value, status=status))
    world.outcome(man, "biopsy")
    world.confirm(queue, man)
    assert world.step(man) is Step.BIOPSIED
    assert world.referral_state(man, ReferralKind.UROLOGY) is ReferralState.BIOPSIED
    check(world)
    world.outcome(man, "pathology", isup=4)
    assert world.step(man) is Step.PATHOLOGY_TO_ASSESS
    confirm_pathology(world, man)
    assert world.person(man).closed_reason is ClosedReason.CANCER_FOUND
    check(world)


@pytest.mark.parametrize(("status", "value", "queue"), [("C", "2.0", Queue.NORMAL), ("D", "", Queue.REPEAT)])
def test_cancer_found_while_the_psa_answer_is_looked_at_is_confirmed_by_a_person(
    world: World, status: str, value: str, queue: Queue
) -> None:
    man = at_urology(world, referred(world))
    world.take(world.message(man, value, status=status))
    world.outcome(man, "biopsy")
    world.outcome(man, "pathology", isup=4)
    world.confirm(queue, man)
    assert world.step(man) is Step.PATHOLOGY_TO_ASSESS
    assert not [kind for kind, state in world.letters(man) if state is LetterState.PREPARED and kind in _PSA_ENDS]
    check(world)
    confirm_pathology(world, man)
    assert world.person(man).closed_reason is ClosedReason.CANCER_FOUND


_PSA_ENDS = (LetterType.PSA_LOW, LetterType.PSA_TWO_YEARS, LetterType.REPEAT_SAMPLE)


# Answers to a referral that no longer holds


def test_an_answer_to_a_referral_taken_back_when_the_case_was_closed_is_kept_and_told(world: World) -> None:
    man = referred(world)
    world.act(man, "close", detail="emigrated")
    assert taken(world, world.mri_message(man, (5,), "40"))[0] is MessageState.HELD
    version = world.person(man).version_id
    world.office.cases.act(world.per, man, "reopen", version=version, reason="kom tillbaka")
    match_first(world)
    assert "PI-RADS 5, 40 ml" in corrections(world, man)[0]
    assert [answer.lesions for answer in answers(world, man)] == [[5]]
    assert world.step(man) is Step.NOT_DUE
    assert world.referral_state(man) is ReferralState.CANCELLED
    check(world)


def test_pathology_of_a_biopsy_taken_before_the_unit_heard_that_the_referral_was_taken_back(world: World) -> None:
    man = at_urology(world, referred(world))
    world.take(world.message(man, "2.0", status="C"))
    world.confirm(Queue.NORMAL, man)
    assert taken(world, world.outcome_line(man, "biopsy"))[0] is MessageState.HELD
    match_first(world)
    assert taken(world, world.outcome_line(man, "pathology", isup=3))[0] is MessageState.HELD
    match_first(world)
    assert "ISUP 3" in corrections(world, man)[-1]
    assert not world.office.held.held(world.anna)
    check(world)


def test_a_changed_pathology_answer_of_an_earlier_round_is_kept_and_told(world: World) -> None:
    man = at_urology(world, referred(world))
    world.outcome(man, "biopsy")
    world.outcome(man, "pathology", isup=0)
    confirm_pathology(world, man)
    world.post()
    first = world.referral(man, ReferralKind.UROLOGY)
    world.act(man, "offer_now")
    changed = world.outcome_line(man, "pathology", isup=4, order=first.number)
    assert taken(world, changed)[0] is MessageState.HELD
    match_first(world)
    assert "ISUP 0 → ISUP 4" in corrections(world, man)[0]
    assert world.step(man) is not Step.PATHOLOGY_TO_ASSESS
    check(world)


def test_a_booking_for_a_referral_taken_back_still_leads_nowhere(world: World) -> None:
    man = referred(world)
    world.act(man, "close", detail="emigrated")
    world.office.cases.act(world.per, man, "reopen", version=world.person(man).version_id, reason="kom tillbaka")
    assert taken(world, world.booking_message(man, "S12", world.clock.now))[0] is MessageState.HELD
    with pytest.raises(RefusedError):
        match_first(world)
    check(world)


# Another region has taken him over


def test_who_takes_over_an_answered_man_has_his_referral_too(world: World, jkp: Actor) -> None:
    man = referred(world)
    world.mri(man, (2,), "40")
    hand_over(world, man)
    (row,) = world.office.examinations.mri_rows(jkp)
    world.office.examinations.not_diagnostic(jkp, row.decision_id, version=row.version, reason="rörelse")
    assert [line.person_id for line in world.office.referrals.clock(jkp, kind="mri")] == [man]
    assert not world.office.referrals.clock(LISA, kind="mri")
    check(world)


def test_the_former_region_neither_sees_nor_answers_his_referrals(world: World, jkp: Actor) -> None:
    man = referred(world)
    first = world.referral(man)
    world.office.referrals.note(
        world.anna, first.id, ReferralEvent.RETURNED, version=first.version_id, note="fel enhet"
    )
    world.act(man, "refer_again")
    world.refer(man)
    world.mri(man, (2,), "40")
    hand_over(world, man)
    for referral in (first.id, world.referral(man).id):
        shown = world.office.referrals.detail(jkp, referral)
        with pytest.raises(NotAllowedError):
            world.office.referrals.detail(LISA, referral)
        with pytest.raises(NotAllowedError):
            world.office.held.candidate(LISA, shown.row.number)
        with pytest.raises(NotAllowedError):
            world.office.examinations.enter_mri(
                LISA,
                referral,
                version=shown.row.version,
                examined_on=world.today,
                scores=(5,),
                volume_ml=Decimal(40),
                text="",
                why="telefon",
            )


def test_held_messages_about_him_go_along(world: World, jkp: Actor) -> None:
    man = referred(world)
    assert taken(world, world.mri_message(man, (5,), "40", examined="20200101120000"))[0] is MessageState.HELD
    hand_over(world, man)
    assert not world.office.held.held(LISA)
    assert Queue.HELD in world.tasks()
    match_first(world, jkp)
    assert world.step(man) is Step.MRI_TO_ASSESS
    check(world)


# What an answer suggests, and what may be typed in


def test_a_higher_score_in_the_text_than_in_the_codes_is_what_is_suggested(world: World) -> None:
    man = referred(world)
    world.mri(man, (2,), "40", text="Bedömning: PI-RADS 5.")
    (row,) = world.office.examinations.mri_rows(world.anna)
    assert (row.suggested, row.lesions, row.suggested_from) == (5, (2,), "Bedömning: PI-RADS 5.")


def test_a_volume_below_zero_is_refused_without_scores_too(world: World) -> None:
    man = referred(world)
    referral = world.referral(man)
    with pytest.raises(RefusedError):
        world.office.examinations.enter_mri(
            world.anna,
            referral.id,
            version=referral.version_id,
            examined_on=world.today,
            scores=(),
            volume_ml=Decimal(-5),
            text="PI-RADS 2",
            why="telefon",
        )


# What is read later than it was written


def test_a_correction_shows_the_letters_of_its_own_round_when_another_one_has_begun(world: World) -> None:
    man = referred(world)
    world.mri(man, (2,), "40")
    assess(world, man)
    world.post()
    world.mri(man, (3,), "40", status="C")
    assess(world, man)
    world.post()
    (before,) = world.office.corrections.rows(world.anna)
    world.act(man, "offer_now")
    (after,) = world.office.corrections.rows(world.anna)
    assert before.letters
    assert before.orders
    assert (after.letters, after.orders, after.rules_say) == (before.letters, before.orders, before.rules_say)
    assert after.draft == before.draft


def test_a_referral_that_waits_to_be_sent_never_asks_about_a_value_that_no_longer_holds(world: World) -> None:
    man = world.raised("4.5")
    world.refer(man, sent=False)
    world.take(world.message(man, "9.0", status="C"))
    world.confirm(Queue.RAISED, man)
    assert world.step(man) is Step.MRI_TO_REFER
    check(world)
    world.refer(man)
    assert "PSA 9,0" in world.referral(man).question
    check(world)


def test_an_unsent_referral_stays_when_the_value_is_the_same_after_all(world: World) -> None:
    man = world.raised("4.5")
    made = world.refer(man, sent=False)
    world.take(world.message(man, "4.5", status="C"))
    world.confirm(Queue.RAISED, man)
    assert world.step(man) is Step.MRI_REFERRAL_TO_SEND
    assert world.referral(man).number == made.number
    check(world)


# What was owed when something ended


def test_who_comes_back_after_a_raised_value_waits_for_more_than_a_new_offer(world: World) -> None:
    man = referred(world)
    world.act(man, "close", detail="dead")
    world.office.cases.act(world.per, man, "reopen", version=world.person(man).version_id, reason="fel person")
    assert world.tasks(man) == [Queue.MEDICAL]
    check(world)
    version = world.person(man).version_id
    world.office.cases.act(world.per, man, "close", version=version, reason="ändå", detail="dead")
    assert world.person(man).closed_reason is ClosedReason.DEAD
    check(world)


def test_who_comes_back_and_was_owed_nothing_has_no_task(world: World) -> None:
    man = world.man()
    world.act(man, "close", detail="emigrated")
    world.office.cases.act(world.per, man, "reopen", version=world.person(man).version_id, reason="åter")
    assert not world.tasks(man)


@pytest.mark.parametrize(("value", "queue"), [("2.0", Queue.NORMAL), ("150", Queue.URGENT)])
def test_who_has_been_called_to_an_mri_that_will_not_be_is_told(world: World, value: str, queue: Queue) -> None:
    man = referred(world)
    with world.context.sessions.begin() as session:
        session.get_one(Unit, world.referral(man).unit_id).writes_itself = False
    world.booking(man, "S12", in_days(world, 5))
    world.post()
    assert (LetterType.MRI_CALL, LetterState.POSTED) in world.letters(man)
    world.take(world.message(man, value, status="C"))
    world.confirm(queue, man)
    assert Queue.CONTACT in world.tasks(man)
    check(world)
