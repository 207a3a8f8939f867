"""Messages of units: what moves a referral, what waits, what is held and why, whatever order they come in."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from db.models import Booking, Decided, MriAnswer, PathologyAnswer, Person, Referral, Treatment
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.referrals import ReferralKind, ReferralState
from kansli_tui.pathway.ruleset import Outcome
from kansli_tui.pathway.steps import ClosedReason, Queue, Step
from kansli_tui.rows.answers import MessageState
from kansli_tui.rows.letter_states import LetterState
from kansli_tui.rows.referrals import BookingState
from tests.world import World

UROLOGY = ReferralKind.UROLOGY
M = MessageState


@pytest.fixture
def man(world: World) -> int:
    """A man with PSA 4.5 whose MRI referral has been sent, four days ago."""
    person = world.raised("4.5")
    world.refer(person)
    world.clock.advance(days=4)
    return person


def in_days(world: World, days: float) -> datetime:
    now: datetime = world.clock.now
    return now.replace(minute=0, second=0, microsecond=0) + timedelta(days=days)


def taken(world: World, raw: bytes) -> tuple[MessageState, str]:
    (item,) = world.take(raw).items
    return item.state, item.message


def assess(world: World, man: int, *, pirads: int | None = None, volume: str | None = None) -> Outcome:
    row = next(row for row in world.office.examinations.mri_rows(world.anna) if row.person_id == man)
    score = pirads or row.suggested
    assert score is not None
    return world.office.examinations.confirm_mri(
        world.anna,
        row.decision_id,
        version=row.version,
        pirads=score,
        volume_ml=Decimal(volume) if volume else row.volume_ml,
    )


def confirm_pathology(world: World, man: int) -> Outcome:
    row = next(row for row in world.office.examinations.pathology_rows(world.anna) if row.person_id == man)
    return world.office.examinations.confirm_pathology(world.anna, row.decision_id, version=row.version)


def at_urology(world: World, man: int) -> int:
    """His MRI shows PI-RADS 4, and the urology referral has been sent three days ago."""
    world.mri(man, (4,), "40")
    assess(world, man)
    world.refer(man)
    world.clock.advance(days=3)
    return man


def answers(world: World, man: int) -> list[MriAnswer]:
    with world.context.sessions.read() as session:
        return list(session.scalars(select(MriAnswer).where(MriAnswer.person_id == man).order_by(MriAnswer.id)))


def open_times(world: World, man: int) -> list[datetime]:
    with world.context.sessions.read() as session:
        return list(
            session.scalars(
                select(Booking.starts_at).where(Booking.person_id == man, Booking.state == BookingState.BOOKED)
            )
        )


def proposed(world: World, man: int) -> Decided:
    with world.context.sessions.read() as session:
        found = session.scalars(select(Decided).where(Decided.person_id == man).order_by(Decided.id.desc())).first()
        assert found is not None
        return found


# From message to proposal


@pytest.mark.parametrize(
    ("psa", "volume", "outcome"),
    [("4.5", "30", Outcome.UROLOGY), ("4.49", "30", Outcome.NEW_OFFER), ("4.5", "30.01", Outcome.NEW_OFFER)],
)
def test_density_is_compared_exactly_from_message_to_proposal(
    world: World, psa: str, volume: str, outcome: Outcome
) -> None:
    man = world.raised(psa)
    world.refer(man)
    world.mri(man, (3, 2), volume)
    assert proposed(world, man).proposed is outcome
    assert world.tasks(man) == [Queue.MRI_ANSWER]
    assert assess(world, man) is outcome
    letter = LetterType.MRI_UROLOGY if outcome is Outcome.UROLOGY else LetterType.MRI_NO_BIOPSY
    assert world.letters(man)[-1] == (letter, LetterState.PREPARED)
    assert world.adds_up()


def test_a_score_in_prose_is_only_suggested(world: World, man: int) -> None:
    world.mri(man, (), "40", text="Bedömning: PI-RADS 4 (tidigare 3).")
    (row,) = world.office.examinations.mri_rows(world.anna)
    assert (row.lesions, row.suggested) == ((), 4)
    assert world.step(man) is Step.MRI_TO_ASSESS


def test_without_score_or_volume_a_person_is_asked(world: World, man: int) -> None:
    world.mri(man, (3,), None)
    assert proposed(world, man).proposed is Outcome.PERSON
    assert world.tasks(man) == [Queue.MRI_ANSWER]
    assert assess(world, man, volume="60") is Outcome.NEW_OFFER


# Held, and why


def change(**values: object) -> Callable[[World, int], None]:
    def do(world: World, man: int) -> None:
        with world.context.sessions.begin() as session:
            for name, value in values.items():
                setattr(session.get_one(Person, man), name, value)

    return do


def die(world: World, man: int) -> None:
    world.act(man, "close", detail="dead")


def cancel(world: World, man: int) -> None:
    from kansli_tui.service.walk import Walk  # noqa: PLC0415

    with world.context.sessions.begin() as session:
        walk = Walk(session, world.anna, world.clock.now, world.context.rules(session))
        walk.cancel_referrals(session.get_one(Person, man), "prov")


def nothing(_world: World, _man: int) -> None:
    """Nothing has changed."""


HELD = [
    ("The referral number is not ours", {"order": "OPTMR-2026-777777"}, nothing),
    ("The referral belongs to another person", {"pnr": "197002129273"}, nothing),
    ("The birth date contradicts the register", {"born": "19760101"}, nothing),
    ("The person is dead", {}, die),
    ("The person has left the programme", {}, change(step=Step.CLOSED, closed_reason=ClosedReason.EMIGRATED)),
    ("The referral has been taken back", {}, cancel),
    ("The referral belongs to an earlier round", {}, change(round_number=2)),
]


@pytest.mark.parametrize(("reason", "more", "before"), HELD)
@pytest.mark.parametrize("kind", ["report", "booking"])
def test_whose_it_is_comes_first(
    world: World, man: int, kind: str, reason: str, more: dict[str, Any], before: Callable[[World, int], None]
) -> None:
    make = (
        world.mri_message
        if kind == "report"
        else lambda man, **m: world.booking_message(man, "S12", in_days(world, 9), **m)
    )
    raw = make(man, **more)
    before(world, man)
    step = world.step(man)
    assert taken(world, raw) == (M.HELD, reason)
    assert world.step(man) is step
    assert answers(world, man) == []
    assert open_times(world, man) == []
    (row,) = world.office.held.held(world.anna)
    assert row.fix
    assert row.summary
    candidates = [(candidate.kind, candidate.person_id) for candidate in row.candidates]
    assert ("mri", man) in candidates or "pnr" in more
    assert taken(world, raw)[0] is M.NO_EFFECT, "the same bytes again are the same message"


@pytest.mark.parametrize(
    ("reason", "more"),
    [
        ("It happened before the referral was made", {"examined": "20200101080000"}),
        ("The examination is dated in the future", {"examined": "20300101080000"}),
        ("The examination is dated in the future", {"reported": "20300101080000"}),
        ("The status is missing or unknown", {"status": "Q"}),
        ("There is no answer to take back", {"status": "W"}),
        ("There is no answer to take back", {"status": "D"}),
    ],
)
def test_what_a_report_says_can_hold_it(world: World, man: int, reason: str, more: dict[str, Any]) -> None:
    assert taken(world, world.mri_message(man, (4,), "40", **more)) == (M.HELD, reason)
    assert world.step(man) is Step.MRI_REFERRED


@pytest.mark.parametrize("status", ["P", "S", "R", "I"])
def test_what_is_not_final_waits(world: World, man: int, status: str) -> None:
    state, words = taken(world, world.mri_message(man, (5,), "40", status=status))
    assert (state, words) == (M.NO_EFFECT, "Not final yet: kept until the final answer comes")
    assert (world.step(man), answers(world, man)) == (Step.MRI_REFERRED, [])
    world.mri(man, (5,), "40")
    assert world.step(man) is Step.MRI_TO_ASSESS


@pytest.mark.parametrize("status", ["F", "C"])
def test_final_and_corrected_count(world: World, man: int, status: str) -> None:
    world.mri(man, (4,), status=status)
    assert world.step(man) is Step.MRI_TO_ASSESS
    assert [answer.status for answer in answers(world, man)] == [status]


def test_an_answer_to_a_referral_that_has_not_been_sent_is_held(world: World) -> None:
    man = world.raised()
    world.refer(man, sent=False)
    assert taken(world, world.mri_message(man)) == (M.HELD, "This cannot happen to the referral as it stands now")


def test_a_urology_line_on_an_mri_referral_is_held(world: World, man: int) -> None:
    raw = world.outcome_line(man, "visit", order=world.referral(man).number)
    assert taken(world, raw) == (M.HELD, "The referral is for another kind of examination")


def test_the_same_id_with_other_bytes_is_held_and_with_the_same_has_no_effect(world: World, man: int) -> None:
    raw = world.mri_message(man, (2,), control="A1")
    assert taken(world, raw)[0] is M.APPLIED
    assert taken(world, raw) == (M.NO_EFFECT, "Already imported")
    other = world.mri_message(man, (5,), control="A1")
    assert taken(world, other) == (M.HELD, "Same message id as before but other content")
    assert [answer.lesions for answer in answers(world, man)] == [[2]]


def test_a_former_number_beside_his_own_is_linked(world: World, man: int) -> None:
    raw = world.mri_message(man).replace(b"&ISO^NI||", b"&ISO^NI~197001782395^^^&1.2.752.129.2.1.3.3&ISO^NI||")
    assert taken(world, raw)[0] is M.APPLIED
    assert world.office.cases.find(world.anna, "19700178-2395") == man


def test_a_second_number_that_is_another_mans_holds(world: World, man: int) -> None:
    world.man(number="197002129273")
    raw = world.mri_message(man).replace(b"&ISO^NI||", b"&ISO^NI~197002129273^^^&1.2.752.129.2.1.3.1&ISO^NI||")
    assert taken(world, raw) == (M.HELD, "A second number belongs to another person")


# Appointments in any order


@pytest.mark.parametrize("order", [("S12", "S13"), ("S13", "S12")])
def test_the_newest_appointment_holds_whatever_comes_first(world: World, man: int, order: tuple[str, str]) -> None:
    first, second = in_days(world, 5), in_days(world, 9)
    written = {
        "S12": (first, world.clock.now - timedelta(hours=5)),
        "S13": (second, world.clock.now - timedelta(hours=1)),
    }
    messages = {event: world.booking_message(man, event, at, sent=sent) for event, (at, sent) in written.items()}
    states = [taken(world, messages[event]) for event in order]
    assert open_times(world, man) == [second]
    assert world.step(man) is Step.MRI_BOOKED
    if order == ("S13", "S12"):
        assert states[1] == (M.NO_EFFECT, "A newer message has come already")
    assert world.adds_up()


def test_a_cancellation_that_overtakes_its_booking_leaves_nothing_booked(world: World, man: int) -> None:
    booked = world.booking_message(man, "S12", in_days(world, 5), sent=world.clock.now - timedelta(hours=5))
    world.booking(man, "S15", in_days(world, 5), sent=world.clock.now - timedelta(hours=1))
    assert taken(world, booked)[0] is M.NO_EFFECT
    assert open_times(world, man) == []
    assert world.tasks(man) == [Queue.MRI_BOOKING]


def test_equal_times_count_in_the_order_they_come(world: World, man: int) -> None:
    sent = world.clock.now
    world.booking(man, "S12", in_days(world, 5), sent=sent)
    world.booking(man, "S13", in_days(world, 6), sent=sent)
    assert open_times(world, man) == [in_days(world, 6)]


def test_the_same_appointment_told_again_changes_nothing(world: World, man: int) -> None:
    world.booking(man, "S12", in_days(world, 5))
    again = world.booking_message(man, "S13", in_days(world, 5), sent=world.clock.now + timedelta(minutes=1))
    assert taken(world, again) == (M.NO_EFFECT, "Known already")
    with world.context.sessions.read() as session:
        assert len(session.scalars(select(Booking)).all()) == 1


def test_an_appointment_told_of_after_the_report_changes_nothing(world: World, man: int) -> None:
    late = world.booking_message(man, "S13", in_days(world, 1), sent=world.clock.now - timedelta(days=1))
    world.mri(man, (4,))
    assert taken(world, late)[0] is M.NO_EFFECT
    assert world.step(man) is Step.MRI_TO_ASSESS


def test_a_returned_referral_is_not_made_bookable_by_a_late_cancellation(world: World, man: int) -> None:
    world.booking(man, "S12", in_days(world, 1))
    world.booking(man, "S26", in_days(world, 1))
    assert taken(world, world.booking_message(man, "S15", in_days(world, 1)))[0] is M.NO_EFFECT
    assert world.step(man) is Step.MRI_TO_RESOLVE


@pytest.mark.parametrize(
    ("event", "step"),
    [
        ("booked", Step.MRI_BOOKED),
        ("moved", Step.MRI_BOOKED),
        ("cancelled", Step.MRI_TO_BOOK),
        ("noshow", Step.MRI_TO_RESOLVE),
        ("done", Step.MRI_DONE),
        ("returned", Step.MRI_TO_RESOLVE),
        ("answered", Step.MRI_TO_ASSESS),
    ],
)
def test_csv_lines_do_the_same(world: World, man: int, event: str, step: Step) -> None:
    on = world.today if event in ("done", "answered") else world.today + timedelta(days=5)
    cells = (world.referral(man).number, world.person(man).number, event, f"{on}T10:30", "05-mri")
    result = ("4", "40", "utlåtande") if event == "answered" else ("", "", "")
    raw = f"order;pnr;event;at;unit;pirads;volume_ml;text\n{';'.join((*cells, *result))}\n".encode()
    if event == "answered":
        world.clock.advance(hours=12)
    assert taken(world, raw)[0] is M.APPLIED
    assert world.step(man) is step
    assert world.adds_up()


def test_a_day_without_a_time_is_no_time_to_call_a_man_to(world: World) -> None:
    man = world.man(region="06", municipality="0685")
    world.offer(man, region="06")
    world.act(man, "accept")
    world.send_orders()
    world.clock.advance(days=2)
    world.answer(man, "4.5")
    world.confirm(Queue.RAISED, man)
    number = world.refer(man).number
    line = f"{number};{world.person(man).number};booked;{world.today + timedelta(days=9)};;;;"
    raw = f"order;pnr;event;at;unit;pirads;volume_ml;text\n{line}\n".encode()
    assert taken(world, raw) == (M.HELD, "The appointment has no readable time")
    assert open_times(world, man) == []


def test_whoever_is_being_assessed_anew_still_gets_his_appointment(world: World, man: int) -> None:
    world.take(world.message(man, "6.5", status="C"))
    assert world.step(man) is Step.ANSWER_TO_ASSESS
    world.booking(man, "S12", in_days(world, 5))
    assert world.step(man) is Step.ANSWER_TO_ASSESS
    assert world.referral_state(man) is ReferralState.BOOKED
    world.confirm(Queue.RAISED, man)
    assert world.step(man) is Step.MRI_BOOKED
    assert world.adds_up()


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
    on = more.pop("on", None) if "on" in more else None
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


def test_every_message_moves_the_referral_to_its_state_with_its_message(world: World, man: int) -> None:
    world.booking(man, "S12", in_days(world, 2), why="ny tid")
    detail = world.office.referrals.detail(world.anna, world.referral(man).id)
    assert detail.history[0].detail == "ny tid"
    with world.context.sessions.read() as session:
        referral = session.get_one(Referral, detail.row.referral_id)
        assert referral.last_message_at == world.clock.now
    assert {"booking.take"} <= set(world.audit(man))
