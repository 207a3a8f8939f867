"""Messages of units: what moves a referral, what waits, what is held and why, whatever order they come in."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from db.models import Booking, Person, Referral
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.referrals import ReferralState
from kansli_tui.pathway.ruleset import Outcome
from kansli_tui.pathway.steps import ClosedReason, Queue, Step
from kansli_tui.rows.answers import MessageState as M
from kansli_tui.rows.letter_states import LetterState
from tests.service.unit_help import answers, assess, in_days, open_times, proposed, referred, taken
from tests.world import World


@pytest.fixture
def man(world: World) -> int:
    return referred(world)


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
    booked = in_days(world, 1)
    world.booking(man, "S12", booked)
    world.clock.advance(days=1)
    world.booking(man, "S26", booked)
    assert taken(world, world.booking_message(man, "S15", booked))[0] is M.NO_EFFECT
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
    on = world.today if event in ("noshow", "done", "answered") else world.today + timedelta(days=5)
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


def test_every_message_moves_the_referral_to_its_state_with_its_message(world: World, man: int) -> None:
    world.booking(man, "S12", in_days(world, 2), why="ny tid")
    detail = world.office.referrals.detail(world.anna, world.referral(man).id)
    assert detail.history[0].detail == "ny tid"
    with world.context.sessions.read() as session:
        referral = session.get_one(Referral, detail.row.referral_id)
        assert referral.last_message_at == world.clock.now
    assert {"booking.take"} <= set(world.audit(man))


@pytest.mark.parametrize("tells", ["no-show", "no-show without a time", "report", "done", "answered"])
def test_what_is_told_of_an_appointment_before_its_day_is_held_until_a_person_says_otherwise(
    world: World, man: int, tells: str
) -> None:
    booked = in_days(world, 6)
    world.booking(man, "S12", booked)
    early = in_days(world, 1)
    world.clock.advance(days=2)

    def line(event: str, *result: str) -> bytes:
        cells = (world.referral(man).number, world.person(man).number, event, f"{early:%Y-%m-%dT%H:%M}", "05-mri")
        return f"order;pnr;event;at;unit;pirads;volume_ml;text\n{';'.join((*cells, *result))}\n".encode()

    raw = {
        "no-show": lambda: world.booking_message(man, "S26", early, sent=early),
        "no-show without a time": lambda: world.booking_message(man, "S26", None, sent=early),
        "report": lambda: world.mri_message(man, (4,)),
        "done": lambda: line("done", "", "", ""),
        "answered": lambda: line("answered", "4", "40", "utlåtande"),
    }[tells]()
    state, why = taken(world, raw)
    assert (state, why) == (M.HELD, "It is dated before the appointment that is booked")
    assert open_times(world, man) == [booked]
    assert world.referral_state(man) is ReferralState.BOOKED


def test_a_no_show_at_a_coming_time_is_held(world: World, man: int) -> None:
    booked = in_days(world, 6)
    world.booking(man, "S12", booked)
    state, why = taken(world, world.booking_message(man, "S26", booked))
    assert (state, why) == (M.HELD, "The examination is dated in the future")
    assert world.referral_state(man) is ReferralState.BOOKED
