"""Referrals as staff handle them: made in a form, sent, followed, reminded of, come to nothing, and taken back."""

from datetime import timedelta

import pytest

from kansli_tui.errors import ChangedBySomeoneElseError, KansliError, NotAllowedError, NotFoundError, RefusedError
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.referrals import ReferralEvent, ReferralKind, ReferralState
from kansli_tui.pathway.steps import ClosedReason, Queue, Step
from kansli_tui.rows.letter_states import LetterState
from kansli_tui.rows.office import Actor
from kansli_tui.rows.referrals import ReferralRow
from tests.world import World


@pytest.fixture
def man(world: World) -> int:
    return world.raised("3.4")


def note(world: World, row: ReferralRow, event: ReferralEvent, text: str = "ringde") -> ReferralRow:
    return world.office.referrals.note(world.anna, row.referral_id, event, version=row.version, note=text)


# Making and sending


def test_the_form_says_what_the_unit_needs(world: World, man: int) -> None:
    form = world.office.referrals.form(world.anna, man)
    assert form.kind is ReferralKind.MRI
    assert "PSA 3,4 µg/l" in form.question
    assert [unit.code for unit in form.units] == ["05-mri"]
    assert any("Pacemaker" in asked for asked in form.asks)
    assert not form.phone_first
    assert "referral.form" in world.audit(man)


def test_a_referral_is_made_then_sent_and_the_man_follows_it(world: World, man: int) -> None:
    made = world.refer(man, sent=False)
    assert made.number.startswith("OPTMR-2026-")
    assert (world.step(man), world.tasks(man)) == (Step.MRI_REFERRAL_TO_SEND, [])
    assert world.adds_up()
    sent = world.office.referrals.send(world.anna, made.referral_id, version=made.version, receipt="R-88213")
    assert (world.step(man), sent.receipt) == (Step.MRI_REFERRED, "R-88213")
    assert world.person(man).next_on == world.today + timedelta(days=14) == sent.due_on
    case = world.case(man)
    assert case.holder is not None
    assert (case.holder.unit, case.holder.phone) == ("Röntgenkliniken, Linköping", "08-465 004 11")
    assert world.adds_up()


def test_the_answers_to_the_units_questions_are_kept(world: World, man: int) -> None:
    row = world.refer(man)
    detail = world.office.referrals.detail(world.anna, row.referral_id)
    assert detail.answers == (("Pacemaker eller annat inopererat med ström?", "Nej"),)
    assert [line.what for line in detail.history][-1] == "Remiss gjord"


def test_a_unit_that_gives_us_slots_is_booked_by_the_office(world: World) -> None:
    man = world.man(region="06", municipality="0685")
    world.act(man, "offer_now")
    world.post()
    world.act(man, "accept")
    world.send_orders()
    world.clock.advance(days=3)
    world.answer(man, "4")
    world.confirm(Queue.RAISED, man)
    world.refer(man)
    assert (world.step(man), world.tasks(man)) == (Step.MRI_TO_BOOK, [Queue.MRI_BOOKING])
    assert world.adds_up()


def test_another_regions_unit_and_an_old_picture_are_refused(world: World, man: int, jkp: Actor) -> None:
    form = world.office.referrals.form(world.anna, man)
    other = world.office.units.rows(world.anna, region="08", kind=ReferralKind.MRI)[0]
    with pytest.raises(KansliError, match="unit"):
        world.office.referrals.refer(world.anna, man, version=form.version, unit_id=other.unit_id)
    with pytest.raises(ChangedBySomeoneElseError):
        world.office.referrals.refer(world.anna, man, version=form.version - 1, unit_id=form.units[0].unit_id)
    with pytest.raises(NotAllowedError):
        world.office.referrals.form(jkp, man)
    assert world.step(man) is Step.MRI_TO_REFER


def test_a_second_referral_waits_for_the_first(world: World, man: int) -> None:
    row = world.refer(man)
    with pytest.raises(RefusedError):
        world.refer(man)
    with pytest.raises(RefusedError, match="cannot happen"):
        world.office.referrals.send(world.anna, row.referral_id, version=row.version)


def test_a_receipt_is_typed_back_once(world: World, man: int) -> None:
    row = world.refer(man)
    world.office.referrals.receipt(world.anna, row.number, "R-1")
    world.office.referrals.receipt(world.anna, row.number, "R-1")
    with pytest.raises(RefusedError, match="another receipt"):
        world.office.referrals.receipt(world.anna, row.number, "R-2")
    with pytest.raises(NotFoundError):
        world.office.referrals.receipt(world.anna, "OPTMR-2026-999999", "R-1")


def test_a_very_high_value_goes_straight_to_urology_with_its_letter(world: World) -> None:
    man = world.man()
    world.offer(man)
    world.clock.advance(days=5)
    world.answer(man, "140")
    world.confirm(Queue.URGENT, man)
    assert world.office.referrals.form(world.anna, man).phone_first
    row = world.refer(man)
    assert row.number.startswith("OPTUR-")
    assert world.letters(man)[-1] == (LetterType.PSA_VERY_HIGH, LetterState.PREPARED)
    assert world.step(man) is Step.UROLOGY_REFERRED
    assert world.adds_up()
    note(world, row, ReferralEvent.RETURNED, "fel mottagning")
    world.act(man, "refer_again", reason="annan mottagning")
    world.refer(man)
    waiting = [kind for kind, state in world.letters(man) if state is LetterState.PREPARED]
    assert waiting == [LetterType.PSA_VERY_HIGH], "referred again before the letter has left, he gets one"


# Following


def test_what_the_unit_says_is_noted_and_moves_the_limit(world: World, man: int) -> None:
    row = world.refer(man)
    world.clock.advance(days=3)
    row = note(world, row, ReferralEvent.ACCEPTED)
    assert (row.state, world.step(man)) == (ReferralState.ACCEPTED, Step.MRI_REFERRED)
    assert row.due_on == world.today + timedelta(days=14) == world.person(man).next_on
    row = note(world, row, ReferralEvent.DONE)
    assert (world.step(man), row.holder) == (Step.MRI_DONE, "The unit: to answer")
    assert world.adds_up()


@pytest.mark.parametrize(
    "event",
    [
        ReferralEvent.RETURNED,
        ReferralEvent.DECLINED,
        ReferralEvent.CONTRAINDICATED,
        ReferralEvent.NO_SHOW,
        ReferralEvent.NOT_COMPLETED,
    ],
)
def test_whatever_came_to_nothing_comes_back_as_work(world: World, man: int, event: ReferralEvent) -> None:
    note(world, world.refer(man), event, "kom inte till stånd")
    assert (world.step(man), world.tasks(man)) == (Step.MRI_TO_RESOLVE, [Queue.MRI_CONTACT])
    assert world.case(man).actions >= {"rebook", "resend", "refer_again", "to_urology", "new_offer_later"}
    assert world.adds_up()


@pytest.mark.parametrize(
    ("action", "step", "queue"),
    [
        ("rebook", Step.MRI_TO_BOOK, Queue.MRI_BOOKING),
        ("resend", Step.MRI_REFERRED, None),
        ("refer_again", Step.MRI_TO_REFER, Queue.MRI_REFERRAL),
        ("to_urology", Step.UROLOGY_TO_REFER, Queue.UROLOGY_REFERRAL),
        ("new_offer_later", Step.ANSWER_LETTER_TO_POST, None),
    ],
)
def test_each_way_to_settle_an_mri_that_was_not_done(
    world: World, man: int, action: str, step: Step, queue: Queue | None
) -> None:
    note(world, world.refer(man), ReferralEvent.DECLINED)
    world.act(man, action)
    assert world.step(man) is step
    assert world.tasks(man) == ([] if queue is None else [queue])
    assert world.adds_up()


def test_no_examination_now_means_a_letter_and_a_new_offer_two_years_from_the_sample(world: World, man: int) -> None:
    sampled = world.today - timedelta(days=1)
    note(world, world.refer(man), ReferralEvent.DECLINED)
    world.act(man, "new_offer_later", reason="Vill inte göra MR")
    assert world.letters(man)[-1] == (LetterType.MRI_NOT_DONE, LetterState.PREPARED)
    world.clock.advance(minutes=1)
    world.post()
    assert (world.step(man), world.person(man).next_on) == (Step.NOT_DUE, sampled.replace(year=sampled.year + 2))
    assert world.referral_state(man) is ReferralState.CANCELLED
    assert world.adds_up()


def test_urology_can_be_declined_and_settled(world: World) -> None:
    man = world.man()
    world.offer(man)
    world.clock.advance(days=5)
    world.answer(man, "140")
    world.confirm(Queue.URGENT, man)
    note(world, world.refer(man), ReferralEvent.DECLINED)
    assert world.tasks(man) == [Queue.UROLOGY_CONTACT]
    world.act(man, "refer_again")
    assert (world.step(man), world.tasks(man)) == (Step.UROLOGY_TO_REFER, [Queue.UROLOGY_REFERRAL])
    assert world.adds_up()


def test_silence_becomes_a_task_and_a_reminder_ends_it(world: World, man: int) -> None:
    row = world.refer(man)
    world.clock.advance(days=20)
    world.office.daily.run(world.anna)
    assert world.tasks(man) == [Queue.CONTACT]
    (late,) = world.office.referrals.clock(world.anna)
    assert (late.number, late.overdue, late.unit_phone) == (row.number, 6, "08-465 004 11")
    row = world.office.referrals.remind(world.anna, row.referral_id, version=late.version, note="De ringer i morgon")
    assert (row.overdue, row.reminded_on, world.tasks(man)) == (0, world.today, [])
    assert world.person(man).next_on == world.today + timedelta(days=14)
    assert world.adds_up()


def test_the_clock_shows_the_most_overdue_first_and_psa_orders_too(world: World) -> None:
    first = world.raised("3.4")
    row = world.refer(first)
    world.clock.advance(days=10)
    second = world.raised("5")
    world.refer(second)
    third = world.man()
    world.act(third, "offer_now")
    world.post()
    world.send_orders()
    world.clock.advance(days=2)
    world.answer(third, "2", status="P")
    world.clock.advance(days=25)
    rows = world.office.referrals.clock(world.anna)
    assert rows[0].person_id == first
    assert rows[0].number == row.number
    assert {shown.kind for shown in rows} == {"mri", "psa"}
    assert {shown.kind for shown in world.office.referrals.clock(world.anna, kind="psa")} == {"psa"}
    assert [shown.overdue for shown in rows] == sorted((shown.overdue for shown in rows), reverse=True)
    assert world.office.referrals.clock(world.anna, after=2) == rows[2:]


def test_a_day_in_the_future_or_before_the_referral_is_refused(world: World, man: int) -> None:
    row = world.refer(man)
    for day in (world.today + timedelta(days=1), world.today - timedelta(days=1)):
        with pytest.raises(RefusedError):
            world.office.referrals.note(
                world.anna, row.referral_id, ReferralEvent.DONE, version=row.version, note="x", on=day
            )
    with pytest.raises(RefusedError):
        note(world, row, ReferralEvent.DONE, "  ")
    with pytest.raises(RefusedError):
        note(world, row, ReferralEvent.BIOPSIED)
    assert world.step(man) is Step.MRI_REFERRED


# Ending and undoing


def test_a_death_takes_the_referral_back_and_the_unit_is_owed_word(world: World, man: int) -> None:
    world.refer(man)
    world.act(man, "close", detail="dead")
    referral = world.referral(man)
    assert (referral.state, referral.cancel_owed) == (ReferralState.CANCELLED, True)
    assert world.person(man).closed_reason is ClosedReason.DEAD
    assert world.adds_up()


def test_an_unsent_referral_and_then_the_decision_are_taken_back(world: World, man: int) -> None:
    world.refer(man, sent=False)
    world.act(man, "undo")
    assert (world.step(man), world.tasks(man)) == (Step.MRI_TO_REFER, [Queue.MRI_REFERRAL])
    assert (world.referral(man).state, world.referral(man).cancel_owed) == (ReferralState.CANCELLED, False)
    world.act(man, "undo")
    assert (world.step(man), world.tasks(man)) == (Step.ANSWER_TO_ASSESS, [Queue.RAISED])
    assert world.letters(man)[-1] == (LetterType.PSA_RAISED, LetterState.STOPPED)
    world.confirm(Queue.RAISED, man)
    assert world.step(man) is Step.MRI_TO_REFER
    assert world.adds_up()


def test_what_has_been_printed_or_sent_is_not_undone(world: World, man: int) -> None:
    world.post(LetterType.PSA_RAISED)
    with pytest.raises(RefusedError, match="printed"):
        world.act(man, "undo")
    world.refer(man)
    assert "undo" not in world.case(man).actions


def test_an_undone_low_value_waits_for_a_person_even_where_they_are_automatic(world: World) -> None:
    man = world.man()
    world.offer(man)
    world.clock.advance(days=5)
    world.answer(man, "0.4")
    world.confirm(Queue.NORMAL, man)
    world.act(man, "undo", reason="fel person bekräftad")
    assert (world.step(man), world.tasks(man)) == (Step.ANSWER_TO_ASSESS, [Queue.NORMAL])
    assert world.letters(man)[-1][1] is LetterState.STOPPED
    assert world.adds_up()


# A corrected PSA answer while the referral lives


def test_a_corrected_value_that_still_means_mri_lets_him_go_on_where_he_was(world: World, man: int) -> None:
    row = world.refer(man)
    note(world, row, ReferralEvent.ACCEPTED)
    world.answer(man, "3.9", status="C")
    assert world.step(man) is Step.ANSWER_TO_ASSESS
    assert world.referral_state(man) is ReferralState.ACCEPTED
    world.confirm(Queue.RAISED, man)
    assert world.step(man) is Step.MRI_REFERRED
    assert world.referral(man).id == row.referral_id
    assert world.tasks(man) == [Queue.CORRECTION]
    assert world.adds_up()


def test_a_corrected_value_that_is_low_takes_the_referral_back(world: World, man: int) -> None:
    world.refer(man)
    world.answer(man, "0.9", status="C")
    world.confirm(Queue.NORMAL, man)
    assert world.step(man) is Step.ANSWER_LETTER_TO_POST
    assert (world.referral_state(man), world.referral(man).cancel_owed) == (ReferralState.CANCELLED, True)
    assert world.adds_up()


# The directory


def test_only_a_supervisor_changes_a_unit(world: World) -> None:
    from dataclasses import replace  # noqa: PLC0415

    unit = world.office.units.rows(world.anna, region="05", kind=ReferralKind.MRI)[0]
    with pytest.raises(NotAllowedError):
        world.office.units.save(world.anna, unit)
    saved = world.office.units.save(world.per, replace(unit, phone="08-465 004 19", weekly_capacity=8))
    assert (saved.phone, saved.weekly_capacity, saved.version) == ("08-465 004 19", 8, unit.version + 1)
    with pytest.raises(ChangedBySomeoneElseError):
        world.office.units.save(world.per, unit)
    added = world.office.units.save(world.per, replace(unit, unit_id=0, code="05-mri-2", name="MR Norrköping"))
    assert added.unit_id not in (0, unit.unit_id)
    with pytest.raises(RefusedError, match="code"):
        world.office.units.save(world.per, replace(unit, unit_id=0, code="05-mri-2"))
    with pytest.raises(KansliError, match="phone"):
        world.office.units.save(world.per, replace(added, phone=" "))
    world.office.units.save(world.per, replace(added, active=False))
    assert [row.code for row in world.office.units.rows(world.anna, kind=ReferralKind.MRI, active=True)] == [
        "05-mri",
        "06-mri",
        "08-mri",
    ]
