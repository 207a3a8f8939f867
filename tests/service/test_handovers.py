"""A move between regions is offered and taken over: both see it, nothing owed is lost, and everybody is accounted for all the way."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from db.models import AuditRow, Block, Decided, Handover, Letter, Person, PsaOrder, StepChange, Task
from kansli_tui.errors import ChangedBySomeoneElseError, NotAllowedError, NotFoundError, RefusedError
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.referrals import ReferralEvent, ReferralKind, ReferralState
from kansli_tui.pathway.ruleset import RegionRules
from kansli_tui.pathway.steps import Event, Queue, Step
from kansli_tui.rows.letter_states import LetterState
from kansli_tui.rows.office import Actor, Role
from kansli_tui.rows.population import Protection
from kansli_tui.rows.referrals import BookingState, HandoverRow, HandoverState
from kansli_tui.service.naming import MASKED_NAME
from kansli_tui.service.walk import Walk
from tests.service.calendar_help import MONDAY, calendar
from tests.world import World, at

LISA = Actor("lisa", "Lisa Linköping", Role.CASEWORKER, frozenset({"05"}))
KALLE = Actor("kalle", "Kalle Kalmar", Role.CASEWORKER, frozenset({"08"}))


def offer(world: World, man: int, to: str = "06", actor: Actor | None = None) -> HandoverRow:
    version = world.person(man).version_id
    return world.office.handovers.offer(actor or world.anna, man, version=version, to_region=to, reason="har flyttat")


def hand_over(world: World, man: int, to: str = "06") -> HandoverRow:
    """Offered and taken over, the balance looked at after each."""
    offered = offer(world, man, to)
    assert world.adds_up()
    accepted = world.office.handovers.accept(world.per, offered.handover_id, note="välkommen")
    assert world.adds_up()
    assert world.person(man).region == to
    return accepted


def all_of(world: World, model: Any, man: int) -> list[Any]:
    with world.context.sessions.read() as session:
        return list(session.scalars(select(model).where(model.person_id == man).order_by(model.id)))


def open_tasks(world: World, man: int) -> set[tuple[Queue, str]]:
    return {(task.queue, task.region) for task in all_of(world, Task, man) if task.closed_at is None}


def unsent(world: World, man: int) -> list[Letter]:
    return [letter for letter in all_of(world, Letter, man) if letter.state is LetterState.PREPARED]


def hold(world: World, man: int, kind: str) -> None:
    with world.context.sessions.begin() as session:
        walk = Walk(session, world.anna, world.clock(), world.context.rules(session))
        walk.block(session.get_one(Person, man), kind, "Has moved")


def sampled(world: World, value: str = "4.5", **more: Any) -> int:
    man = world.man()
    world.offer(man)
    world.clock.advance(days=10)
    world.answer(man, value, **more)
    return man


def test_both_sides_see_it_and_neither_sees_others(world: World, jkp: Actor) -> None:
    man = world.man()
    offered = offer(world, man, actor=LISA)
    assert (offered.from_region, offered.to_region, offered.state) == ("05", "06", HandoverState.OFFERED)
    for actor in (LISA, jkp):
        assert [row.handover_id for row in world.office.handovers.rows(actor)] == [offered.handover_id]
    assert world.office.handovers.rows(KALLE) == ()
    assert open_tasks(world, man) == {(Queue.HANDOVER, "06")}
    assert [row.person_id for row in world.office.queues.page(jkp, Queue.HANDOVER)] == [man]
    world.office.handovers.accept(jkp, offered.handover_id)
    for actor in (LISA, jkp):
        (row,) = world.office.handovers.rows(actor)
        assert row.state is HandoverState.ACCEPTED
    assert open_tasks(world, man) == set()
    with pytest.raises(NotAllowedError):
        world.office.cases.open(LISA, man)
    assert world.office.cases.open(jkp, man).region == "06"
    world.clock.advance(days=31)
    assert world.office.handovers.rows(jkp) == ()


def test_every_reading_and_act_is_logged_for_both_regions(world: World) -> None:
    man = world.man()
    offered = offer(world, man)
    world.office.handovers.rows(world.anna)
    world.office.handovers.accept(world.anna, offered.handover_id)
    with world.context.sessions.read() as session:
        lines = session.execute(
            select(AuditRow.action, AuditRow.region).where(AuditRow.action.startswith("handover."))
        ).all()
    acts = ("handover.offer", "handover.show", "handover.accept")
    assert sorted(map(tuple, lines)) == sorted((act, region) for act in acts for region in ("05", "06"))


def test_only_the_region_he_is_in_offers_and_only_the_other_answers(world: World, jkp: Actor) -> None:
    man = world.man()
    with pytest.raises(NotAllowedError):
        offer(world, man, actor=jkp)
    offered = offer(world, man, actor=LISA)
    handovers = world.office.handovers
    with pytest.raises(NotAllowedError):
        handovers.accept(LISA, offered.handover_id)
    with pytest.raises(NotAllowedError):
        handovers.send_back(LISA, offered.handover_id, reason="x")
    with pytest.raises(NotAllowedError):
        handovers.withdraw(jkp, offered.handover_id, reason="x")
    for act in (handovers.accept, lambda actor, key: handovers.withdraw(actor, key, reason="x")):
        with pytest.raises(NotFoundError):
            act(KALLE, offered.handover_id)
    assert world.person(man).region == "05"


def test_what_cannot_be_offered(world: World) -> None:
    man = world.man()
    person = world.person(man)
    for values, error in (
        ({"to_region": "05"}, RefusedError),
        ({"to_region": "01"}, RefusedError),
        ({"reason": " "}, RefusedError),
        ({"version": person.version_id + 1}, ChangedBySomeoneElseError),
    ):
        plain = {"version": person.version_id, "to_region": "06", "reason": "x"}
        with pytest.raises(error):
            world.office.handovers.offer(world.anna, man, **(plain | values))
    offer(world, man)
    with pytest.raises(RefusedError, match="already"):
        offer(world, man, "08")
    gone = world.man()
    world.act(gone, "opt_out")
    with pytest.raises(RefusedError, match="closed"):
        offer(world, gone)


def test_it_is_answered_once(world: World) -> None:
    for act in (
        lambda key: world.office.handovers.accept(world.anna, key),
        lambda key: world.office.handovers.send_back(world.anna, key, reason="bor inte här"),
        lambda key: world.office.handovers.withdraw(world.anna, key, reason="fel person"),
    ):
        offered = offer(world, world.man())
        act(offered.handover_id)
        for again in (
            lambda key: world.office.handovers.accept(world.per, key),
            lambda key: world.office.handovers.send_back(world.per, key, reason="x"),
            lambda key: world.office.handovers.withdraw(world.per, key, reason="x"),
        ):
            with pytest.raises(ChangedBySomeoneElseError):
                again(offered.handover_id)


def test_sent_back_is_work_for_the_region_that_offered(world: World) -> None:
    man = world.man()
    offered = offer(world, man)
    world.office.handovers.send_back(world.anna, offered.handover_id, reason="okänd adress")
    assert world.person(man).region == "05"
    assert open_tasks(world, man) == {(Queue.REGISTER, "05")}
    (row,) = world.office.handovers.rows(world.anna)
    assert (row.state, row.end_reason) == (HandoverState.RETURNED, "okänd adress")
    assert world.adds_up()
    hand_over(world, man)


def test_withdrawn_leaves_nothing(world: World) -> None:
    man = world.man()
    offered = offer(world, man)
    world.office.handovers.withdraw(world.anna, offered.handover_id, reason="flyttar inte")
    assert open_tasks(world, man) == set()
    assert world.person(man).region == "05"
    for act in (world.office.handovers.withdraw, world.office.handovers.send_back):
        other = offer(world, world.man())
        with pytest.raises(RefusedError, match="why"):
            act(world.anna, other.handover_id, reason=" ")


def test_somebody_who_dies_meanwhile_is_not_taken_over(world: World) -> None:
    man = world.man()
    offered = offer(world, man)
    world.act(man, "close", detail="dead")
    assert world.tasks(man) == []
    assert world.office.handovers.rows(world.anna)[0].state is HandoverState.WITHDRAWN
    with pytest.raises(ChangedBySomeoneElseError):
        world.office.handovers.accept(world.per, offered.handover_id)
    assert world.person(man).region == "05"


def test_history_keeps_the_region_it_was_made_in_and_says_that_he_moved(world: World) -> None:
    man = sampled(world)
    since = world.person(man).since
    world.clock.advance(days=1)
    hand_over(world, man)
    changes = all_of(world, StepChange, man)
    assert changes[-1].event is Event.HANDED_OVER
    assert (changes[-1].from_step, changes[-1].to_step, changes[-1].region) == (
        Step.ANSWER_TO_ASSESS,
        Step.ANSWER_TO_ASSESS,
        "06",
    )
    assert {change.region for change in changes[:-1]} == {"05"}
    assert world.person(man).since == since
    assert {letter.region for letter in all_of(world, Letter, man) if letter.state is LetterState.POSTED} == {"05"}
    assert {"har flyttat", "välkommen"} <= {line.detail for line in world.case(man).timeline}


def test_an_answer_to_assess_is_assessed_by_the_new_region(world: World, jkp: Actor) -> None:
    man = sampled(world)
    hand_over(world, man)
    assert open_tasks(world, man) == {(Queue.RAISED, "06")}
    assert {decided.region for decided in all_of(world, Decided, man)} == {"06"}
    (row,) = world.office.decisions.rows(jkp, Queue.RAISED)
    world.office.decisions.confirm(jkp, row.decision_id, version=row.version)
    assert world.step(man) is Step.MRI_TO_REFER
    form = world.office.referrals.form(jkp, man)
    assert {unit.region for unit in form.units} == {"06"}
    assert world.adds_up()


def test_the_letter_says_who_writes_from_now_on(world: World) -> None:
    world.paper = True
    man = sampled(world)
    hand_over(world, man)
    (letter,) = unsent(world, man)
    assert (letter.type, letter.region, letter.values) == (
        LetterType.HANDED_OVER,
        "06",
        {"from_region": "Region Östergötland"},
    )
    text = world.office.letters.preview(world.anna, letter.id)
    assert "Region Jönköpings län" in text
    assert "Region Östergötland" in text
    assert world.post(LetterType.HANDED_OVER) == 1
    assert world.step(man) is Step.ANSWER_TO_ASSESS


def test_nobody_who_has_never_heard_from_us_gets_a_letter(world: World) -> None:
    man = world.man()
    hand_over(world, man)
    assert world.letters(man) == []


def test_letters_are_made_anew_in_the_new_regions_name_also_printed_ones(world: World) -> None:
    first, second, staying = sampled(world, "0.4"), 0, 0
    world.confirm(Queue.NORMAL, first)
    second, staying = (offered_now(world) for _ in range(2))
    printed = world.office.letters.make_batch(world.anna, region="05", type=LetterType.OFFER)
    assert printed.to_post == 2
    world.office.letters.write(world.anna, printed.batch_id, world.folder)
    hand_over(world, first)
    hand_over(world, second, "08")
    assert {letter.type: letter.region for letter in unsent(world, first)} == {
        LetterType.PSA_LOW: "06",
        LetterType.HANDED_OVER: "06",
    }
    assert {letter.type: letter.region for letter in unsent(world, second)} == {
        LetterType.OFFER: "08",
        LetterType.HANDED_OVER: "08",
    }
    left = world.office.letters.by_number(world.anna, printed.number)
    assert (left.to_post, len(left.take_out)) == (1, 1)
    world.office.letters.confirm(world.anna, left.batch_id, version=left.version, posted=1)
    assert world.step(staying) is Step.ORDER_TO_SEND
    assert world.step(second) is Step.OFFER_TO_POST
    world.post()
    assert world.step(first) is Step.NOT_DUE
    assert world.step(second) is Step.ORDER_TO_SEND
    assert world.adds_up()


def offered_now(world: World, **values: Any) -> int:
    man = world.man(**values)
    world.act(man, "offer_now")
    return man


def test_the_new_region_orders_when_it_does_so(world: World) -> None:
    """05 and 08 order with the offer, 06 when he says yes."""
    to_jonkoping, to_kalmar = offered_now(world), offered_now(world)
    from_jonkoping = offered_now(world, region="06", municipality="0685")
    hand_over(world, to_jonkoping)
    hand_over(world, to_kalmar, "08")
    hand_over(world, from_jonkoping, "05")

    def offer_of(man: int) -> Letter:
        return next(letter for letter in unsent(world, man) if letter.type is LetterType.OFFER)

    assert "order_number" not in offer_of(to_jonkoping).values
    assert offer_of(to_kalmar).values["order_number"] == world.order(to_kalmar)
    assert offer_of(from_jonkoping).values["order_number"] == world.order(from_jonkoping)
    world.post()
    assert world.step(to_jonkoping) is Step.OFFERED
    assert world.step(to_kalmar) is Step.ORDER_TO_SEND
    assert world.step(from_jonkoping) is Step.ORDER_TO_SEND
    world.clock.advance(minutes=1)
    assert world.send_orders() == 2
    assert world.adds_up()


def test_a_sent_order_stays_with_its_laboratory_and_the_answer_comes_to_the_new_region(
    world: World, jkp: Actor
) -> None:
    man = world.man()
    world.offer(man)
    hand_over(world, man)
    assert {order.region for order in all_of(world, PsaOrder, man)} == {"05"}
    world.clock.advance(days=5)
    world.answer(man, "3.4", status="P")
    assert [row.region for row in world.office.referrals.clock(jkp, kind="psa")] == ["06"]
    assert world.office.referrals.clock(LISA, kind="psa") == ()
    world.answer(man, "3.4")
    assert open_tasks(world, man) == {(Queue.RAISED, "06")}
    assert world.adds_up()


def test_an_order_that_is_not_sent_goes_to_the_new_laboratory(world: World, jkp: Actor) -> None:
    man = offered_now(world)
    world.post()
    assert world.step(man) is Step.ORDER_TO_SEND
    hand_over(world, man)
    assert {order.region for order in all_of(world, PsaOrder, man)} == {"06"}
    world.clock.advance(minutes=1)
    assert world.office.orders.export(jkp, world.folder / "orders").orders == 1
    assert world.step(man) is Step.AWAITING_SAMPLE


def test_who_waits_for_a_referral_gets_one_in_the_new_region(world: World) -> None:
    man = world.raised()
    hand_over(world, man, "08")
    assert open_tasks(world, man) == {(Queue.MRI_REFERRAL, "08")}
    (letter,) = (letter for letter in unsent(world, man) if letter.type is LetterType.PSA_RAISED)
    (unit,) = world.office.units.rows(world.anna, region="08", kind=ReferralKind.MRI)
    assert letter.values["mri_unit"] == unit.name
    world.refer(man)
    assert world.referral(man).region == "08"
    assert world.adds_up()


def test_a_referral_that_is_not_sent_is_made_again_to_the_new_regions_unit(world: World) -> None:
    man = world.raised()
    world.refer(man, sent=False)
    hand_over(world, man, "08")
    assert world.step(man) is Step.MRI_TO_REFER
    assert world.referral_state(man) is ReferralState.CANCELLED
    assert not world.referral(man).cancel_owed
    assert open_tasks(world, man) == {(Queue.MRI_REFERRAL, "08")}
    world.refer(man)
    assert world.step(man) is Step.MRI_REFERRED
    assert world.adds_up()


def test_a_referral_that_is_out_stays_with_its_unit_and_is_followed_by_the_new_region(world: World, jkp: Actor) -> None:
    man = world.raised()
    made = world.refer(man)
    world.booking(man, "S12", world.clock.now + timedelta(days=5))
    hand_over(world, man)
    assert world.step(man) is Step.MRI_BOOKED
    (row,) = world.office.referrals.clock(jkp, kind="mri")
    assert (row.number, row.unit, row.booked_at) == (made.number, made.unit, world.clock.now + timedelta(days=5))
    assert world.office.referrals.clock(LISA, kind="mri") == ()
    world.office.referrals.note(jkp, row.referral_id, ReferralEvent.DONE, version=row.version, note="ringde")
    world.clock.advance(days=7)
    world.mri(man, (4,), examined=f"{world.clock.now - timedelta(days=1):%Y%m%d%H%M%S}")
    assert world.step(man) is Step.MRI_TO_ASSESS
    assert open_tasks(world, man) == {(Queue.MRI_ANSWER, "06")}
    assert [found.person_id for found in world.office.examinations.mri_rows(jkp)] == [man]
    assert world.adds_up()


def test_a_referral_taken_back_after_the_move_is_cancelled_with_the_unit_that_has_it(world: World, jkp: Actor) -> None:
    man = world.raised()
    world.refer(man)
    hand_over(world, man)
    world.act(man, "close", detail="dead")
    assert world.referral(man).cancel_owed
    world.clock.advance(minutes=1)
    made = world.office.orders.export(jkp, world.folder / "ut")
    assert made.referral_cancellations == 1
    assert not world.referral(man).cancel_owed


def test_the_appointment_is_moved_by_the_new_region_and_the_day_closed_by_the_units(world: World, jkp: Actor) -> None:
    book = calendar(world, {})
    book.slots(MONDAY)
    (man,) = book.men
    book.book(man, "2026-10-12T08:00")
    hand_over(world, man)
    world.clock.now = at("2026-10-12T17:00")
    (late,) = world.office.bookings.late(jkp)
    assert (late.person_id, late.region) == (man, "06")
    assert world.office.bookings.late(LISA) == ()
    world.office.bookings.close_day(LISA, book.unit_id, MONDAY, {late.booking_id: BookingState.DONE}, why="")
    assert world.step(man) is Step.MRI_DONE
    assert world.adds_up()


def test_who_waits_to_be_booked_is_booked_by_the_new_region(world: World, jkp: Actor) -> None:
    book = calendar(world, {})
    (man,) = book.men
    hand_over(world, man)
    assert open_tasks(world, man) == {(Queue.MRI_BOOKING, "06")}
    assert [row.person_id for row in world.office.queues.page(jkp, Queue.MRI_BOOKING)] == [man]
    assert world.step(man) is Step.MRI_TO_BOOK


@pytest.mark.parametrize("other", [None, "duplicate"])
def test_the_registers_hold_ends_when_he_is_taken_over_and_other_holds_stay(world: World, other: str | None) -> None:
    man = offered_now(world)
    hold(world, man, "move:06")
    if other is not None:
        hold(world, man, other)
    hand_over(world, man)
    person = world.person(man)
    assert person.blocked is (other is not None)
    ended = {block.kind: block.ended_at is not None for block in all_of(world, Block, man)}
    assert ended == {"move:06": True} | ({other: False} if other is not None else {})
    assert open_tasks(world, man) == ({(Queue.REGISTER, "06")} if other is not None else set())
    assert world.post() == (0 if other is not None else 2)


def test_a_hold_for_another_region_than_he_went_to_stays(world: World) -> None:
    man = world.man()
    hold(world, man, "move:08")
    hand_over(world, man, "06")
    assert world.person(man).blocked
    hand_over(world, man, "08")
    assert not world.person(man).blocked


def test_a_protected_person_is_masked_and_his_letters_are_made_by_hand(world: World) -> None:
    man = offered_now(world, protection=Protection.CONFIDENTIALITY)
    row = hand_over(world, man)
    assert row.name == MASKED_NAME
    assert all(letter.by_hand for letter in unsent(world, man))
    assert open_tasks(world, man) == {(Queue.PROTECTED, "06")}


def test_the_next_offer_follows_the_new_regions_ages(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = world.man()
    world.offer(waiting)
    world.act(waiting, "decline")
    on = world.person(waiting).next_on
    young, old = world.man(), world.man(round_number=1, next_on=date(2030, 5, 5))
    usual = Walk.rules

    def later(walk: Walk, region: str) -> RegionRules:
        return replace(usual(walk, region), first_age=52, last_age=53) if region == "06" else usual(walk, region)

    monkeypatch.setattr(Walk, "rules", later)
    for man in (waiting, young, old):
        hand_over(world, man)
    assert world.person(young).next_on == date(2028, 1, 1)
    assert world.person(waiting).next_on == on
    assert world.person(old).next_on == date(2030, 1, 1), "the year after the last age"


STEPS: dict[str, Callable[[World], int]] = {
    "postponed": lambda world: acted(world, "postpone", on=world.today + timedelta(days=9)),
    "excluded": lambda world: acted(world, "exclude", detail="other"),
    "awaiting answer": lambda world: sampled(world, "4.5", status="P"),
    "repeat": lambda world: confirmed(world, "", Queue.REPEAT),
    "very high": lambda world: confirmed(world, "212", Queue.URGENT),
}


def acted(world: World, action: str, **more: Any) -> int:
    man = world.man()
    world.act(man, action, **more)
    return man


def confirmed(world: World, value: str, queue: Queue) -> int:
    man = sampled(world, value, **({"status": "X", "type": "ST"} if not value else {}))
    world.confirm(queue, man)
    return man


@pytest.mark.parametrize("where", STEPS)
def test_he_stands_where_he_stood_and_goes_on_from_there(world: World, where: str) -> None:
    man = STEPS[where](world)
    before = world.person(man)
    queues = {queue for queue, _region in open_tasks(world, man)}
    hand_over(world, man)
    after = world.person(man)
    assert (after.step, after.next_on, after.round_number) == (before.step, before.next_on, before.round_number)
    assert open_tasks(world, man) == {(queue, "06") for queue in queues}
    hand_over(world, man, "08")
    hand_over(world, man, "05")
    assert world.step(man) is before.step
    assert len(all_of(world, Handover, man)) == 3
