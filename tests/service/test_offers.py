"""Offers out: approved by another, once a week, never twice for one man and round, whatever is pressed or killed."""

import threading
from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from db.models import Letter, OfferRelease, Person, Round
from kansli_tui.errors import ChangedBySomeoneElseError, KansliError, NotAllowedError, RefusedError
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.steps import Step
from kansli_tui.rows.offers import PlanRow, PlanState, RoundKind
from kansli_tui.rows.office import Actor
from kansli_tui.service import offers
from kansli_tui.service.walk import Walk
from tests.factories import a_number
from tests.world import World


def draft(world: World, **more: Any) -> PlanRow:
    values: dict[str, Any] = {
        "region": "05",
        "birth_years": (1976,),
        "per_week": 2,
        "starts_on": world.today,
        **more,
    }
    return world.office.offers.create_plan(world.anna, **values)


def row(world: World, plan_id: int) -> PlanRow:
    return next(found for found in world.office.offers.plans(world.anna) if found.plan_id == plan_id)


def rounds(world: World) -> list[tuple[int, int]]:
    with world.context.sessions.read() as session:
        return [(person, number) for person, number in session.execute(select(Round.person_id, Round.number))]


def change(world: World, person_id: int, **values: Any) -> None:
    with world.context.sessions.begin() as session:
        person = session.get_one(Person, person_id)
        for name, value in values.items():
            setattr(person, name, value)


# Plans


def test_a_plan_is_approved_by_somebody_other_than_its_author(world: World) -> None:
    plan = draft(world)
    with pytest.raises(RefusedError, match="other than its author"):
        world.office.offers.approve(world.anna, plan.plan_id, version=plan.version)
    approved = world.office.offers.approve(world.per, plan.plan_id, version=plan.version)
    assert (approved.state, approved.author, approved.approved_by) == (PlanState.APPROVED, "anna", "per")
    with pytest.raises(RefusedError, match="Only a draft"):
        world.office.offers.approve(world.per, plan.plan_id, version=approved.version)


def test_nothing_is_released_from_a_draft_an_ended_plan_or_one_that_has_not_begun(world: World) -> None:
    world.man()
    plan = draft(world)
    with pytest.raises(RefusedError, match="approved"):
        world.office.offers.release(world.anna, plan.plan_id, version=plan.version)
    later = draft(world, starts_on=world.today + timedelta(days=8))
    later = world.office.offers.approve(world.per, later.plan_id, version=later.version)
    with pytest.raises(RefusedError, match="not begun"):
        world.office.offers.release(world.anna, later.plan_id, version=later.version)
    ended = world.office.offers.end(world.anna, later.plan_id, version=later.version)
    with pytest.raises(RefusedError, match="approved"):
        world.office.offers.release(world.anna, ended.plan_id, version=ended.version)
    assert rounds(world) == []


@pytest.mark.parametrize(
    "values",
    [
        {"region": "01"},
        {"birth_years": ()},
        {"birth_years": (1977,)},
        {"birth_years": (1951,)},
        {"per_week": 0},
        {"per_week": -5},
        {"no_send_weeks": ("2026-W54",)},
        {"no_send_weeks": ("2026-W3 ",)},
        {"no_send_weeks": ("2026-W+3",)},
        {"no_send_weeks": ("2026W30",)},
        {"no_send_weeks": ("٢٠٢٦-W30",)},
        {"no_send_weeks": ("v 30",)},
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(world: World, values: dict[str, Any]) -> None:
    with pytest.raises(KansliError):
        draft(world, **values)
    assert world.office.offers.plans(world.anna) == ()


def test_plans_of_other_regions_are_out_of_reach(world: World, jkp: Actor) -> None:
    plan = draft(world)
    service = world.office.offers
    assert service.plans(jkp) == ()
    for act in (
        lambda: service.dry_run(jkp, plan.plan_id),
        lambda: service.approve(jkp, plan.plan_id, version=plan.version),
        lambda: service.end(jkp, plan.plan_id, version=plan.version),
        lambda: service.releases(jkp, plan.plan_id),
        lambda: service.release(jkp, plan.plan_id, version=plan.version),
    ):
        with pytest.raises(NotAllowedError):
            act()


def test_the_no_send_week_is_kept_and_the_next_one_sends(world: World) -> None:
    world.man()
    week = offers.iso_week(world.today)
    plan = draft(world, no_send_weeks=(week,))
    plan = world.office.offers.approve(world.per, plan.plan_id, version=plan.version)
    dry = world.office.offers.dry_run(world.anna, plan.plan_id)
    assert (dry.sends_now, len(dry.due)) == (False, 1)
    with pytest.raises(RefusedError, match=week):
        world.office.offers.release(world.anna, plan.plan_id, version=plan.version)
    world.clock.advance(days=7)
    assert world.release(plan.plan_id) == 1


def test_one_release_a_week(world: World) -> None:
    for _ in range(5):
        world.man()
    plan = world.plan(per_week=2)
    assert world.release(plan) == 2
    with pytest.raises(RefusedError, match="released already"):
        world.release(plan)
    world.clock.advance(days=6)
    with pytest.raises(RefusedError, match="released already"):
        world.release(plan)
    world.clock.advance(days=1)
    assert world.release(plan) == 2
    assert row(world, plan).due == 1
    assert [made.people for made in world.office.offers.releases(world.anna, plan)] == [2, 2]
    assert world.adds_up()


def test_people_are_offered_in_order_of_birth_date(world: World) -> None:
    late = world.man(number=a_number(11, "19761224"))
    early = world.man(number=a_number(11, "19760101"))
    middle = world.man(number=a_number(11, "19760615"))
    plan = world.plan(per_week=2)
    world.release(plan)
    assert [world.step(person) for person in (early, middle, late)] == [
        Step.PRE_LETTER_TO_POST,
        Step.PRE_LETTER_TO_POST,
        Step.NOT_DUE,
    ]


def test_the_register_birth_date_rules_and_the_sex_digit_never_sorts_anybody_out(world: World) -> None:
    woman_by_number = world.man(number=a_number(12, "19760101"))
    born_otherwise = world.man(number=a_number(13, "19800101"), birth_date=date(1976, 3, 3), next_on=date(2026, 1, 1))
    assert world.release(world.plan()) == 2
    assert {world.step(person) for person in (woman_by_number, born_otherwise)} == {Step.PRE_LETTER_TO_POST}


# The dry run


def test_the_dry_run_adds_up_and_writes_nothing(world: World) -> None:
    men = [world.man() for _ in range(12)]
    world.man(region="08", municipality="0880")
    world.man(number=a_number(11, "19750101"))
    world.act(men[0], "exclude", detail="cancer_known")
    world.act(men[1], "exclude", detail="no_prostate")
    world.act(men[2], "opt_out")
    world.act(men[3], "close", detail="dead")
    world.act(men[4], "postpone", on=world.today + timedelta(days=30))
    world.act(men[5], "offer_now")
    change(world, men[6], next_on=world.today + timedelta(days=1))
    with world.context.sessions.begin() as session:
        made = Walk(session, world.anna, world.clock(), world.context.rules(session))
        made.block(session.get_one(Person, men[7]), "duplicate", "Possible duplicate")
    plan = draft(world, per_week=3)
    before = rounds(world)
    dry = world.office.offers.dry_run(world.anna, plan.plan_id)
    assert len(dry.due) + dry.later + sum(left.people for left in dry.left_out) == dry.in_birth_years == 12
    assert (len(dry.due), dry.later) == (3, 1)
    assert Counter({left.rule: left.people for left in dry.left_out}) == {
        "Excluded: cancer_known": 1,
        "Excluded: no_prostate": 1,
        "Closed: opted_out": 1,
        "Closed: dead": 1,
        "In a round already": 2,
        "Not due until a later date": 1,
        "Held by the register": 1,
    }
    assert all(left.first for left in dry.left_out)
    assert [person.kind for person in dry.due] == [RoundKind.FIRST] * 3
    assert rounds(world) == before
    world.office.offers.approve(world.per, plan.plan_id, version=plan.version)
    world.release(plan.plan_id)
    with world.context.sessions.read() as session:
        counted = session.scalars(select(OfferRelease.left_out)).one()
    assert counted == {left.rule: left.people for left in dry.left_out}, "the release counts as the dry run showed"


def test_the_release_offers_exactly_those_the_dry_run_showed(world: World) -> None:
    for _ in range(6):
        world.man()
    plan = world.plan(per_week=4)
    dry = world.office.offers.dry_run(world.anna, plan)
    world.release(plan)
    assert [person for person, _number in rounds(world)] == [shown.person_id for shown in dry.due]


def test_nobody_is_offered_in_the_year_after_the_last_age(world: World) -> None:
    person = world.man(number=a_number(11, "19520101"))
    plan = world.plan(born=(1952,))
    world.clock.advance(days=120)
    assert world.today.year == 2027
    dry = world.office.offers.dry_run(world.anna, plan)
    assert (dry.due, dry.later) == ((), 0)
    assert sum(left.people for left in dry.left_out) == dry.in_birth_years == 1
    assert row(world, plan).due == 0
    assert world.release(plan) == 0
    assert "offer_now" not in world.case(person).actions
    assert world.step(person) is Step.NOT_DUE


# Never twice


def test_two_plans_for_the_same_people_offer_each_once(world: World) -> None:
    men = [world.man() for _ in range(5)]
    first, second = world.plan(per_week=3), world.plan(per_week=3)
    assert world.release(first) + world.release(second) == 5
    assert sorted(rounds(world)) == [(man, 1) for man in men]


@pytest.mark.parametrize("plans", [1, 2])
def test_two_who_press_release_at_once_make_no_second_round(world: World, plans: int) -> None:
    men = [world.man() for _ in range(6)]
    made = [world.plan(per_week=4) for _ in range(plans)]
    versions = [(plan, row(world, plan).version) for plan in (made * 2)[:2]]
    start, outcomes = threading.Barrier(2), []

    def press(plan: int, version: int) -> None:
        start.wait()
        try:
            outcomes.append(world.office.offers.release(world.anna, plan, version=version).people)
        except KansliError as problem:
            outcomes.append(type(problem).__name__)

    threads = [threading.Thread(target=press, args=pair) for pair in versions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = rounds(world)
    assert len(found) == len(set(found)) == sum(count for count in outcomes if isinstance(count, int))
    assert {number for _person, number in found} == {1}
    with world.context.sessions.read() as session:
        letters = session.execute(select(Letter.person_id, func.count()).group_by(Letter.person_id)).all()
    assert {count for _person, count in letters} == {1}
    assert len(men) >= len(found)
    if plans == 1:
        assert outcomes.count("ChangedBySomeoneElseError") == 1
        assert len(found) == 4


@pytest.mark.parametrize("at", [1, 2, 4])
def test_a_release_that_is_killed_leaves_nothing_and_again_ends_right(
    world: World, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    men = [world.man() for _ in range(4)]
    plan = world.plan(per_week=4)
    whole, calls = Walk.begin_round, []

    def killed(*args: Any, **more: Any) -> Round:
        calls.append(1)
        if len(calls) == at:
            raise KeyboardInterrupt
        return whole(*args, **more)

    monkeypatch.setattr(Walk, "begin_round", killed)
    with pytest.raises(KeyboardInterrupt):
        world.release(plan)
    assert rounds(world) == []
    assert {world.step(man) for man in men} == {Step.NOT_DUE}
    with world.context.sessions.read() as session:
        assert session.scalars(select(OfferRelease)).all() == []
        assert session.scalars(select(Letter)).all() == []
    monkeypatch.undo()
    assert world.release(plan) == 4
    assert sorted(rounds(world)) == [(man, 1) for man in men]
    assert world.adds_up()


def test_an_old_picture_of_the_plan_is_refused(world: World) -> None:
    world.man()
    plan = world.plan()
    version = row(world, plan).version
    world.release(plan)
    with pytest.raises(ChangedBySomeoneElseError):
        world.office.offers.release(world.anna, plan, version=version)


# Which offer


def test_the_kind_of_the_next_offer_follows_from_what_came_of_the_last(world: World) -> None:
    silent, answered, declined, postponed = (world.man() for _ in range(4))
    world.release(world.plan())
    world.act(postponed, "postpone", on=world.today + timedelta(days=20))
    world.post(LetterType.PRE_LETTER)
    world.clock.advance(days=14)
    world.office.daily.run(world.anna)
    world.post()
    world.send_orders()
    world.clock.advance(days=5)
    world.act(declined, "decline")
    world.answer(answered, "2.0")
    world.office.decisions.confirm_low(world.anna, stamp=world.office.decisions.preview_low(world.anna).stamp)
    world.post()
    world.clock.advance(days=90)
    world.office.daily.run(world.anna)
    assert {world.step(man) for man in (silent, answered, declined, postponed)} == {Step.NOT_DUE}
    world.clock.advance(days=740)
    dry = world.office.offers.dry_run(world.anna, world.plan())
    assert {shown.person_id: shown.kind for shown in dry.due} == {
        silent: RoundKind.AFTER_NO_SAMPLE,
        answered: RoundKind.AFTER_INTERVAL,
        declined: RoundKind.AFTER_NO_SAMPLE,
        # He has never had an offer: a letter that thanks for the last time would be wrong.
        postponed: RoundKind.FIRST,
    }
    assert world.adds_up()


def test_the_letters_of_a_re_offer_have_no_pre_letter(world: World) -> None:
    man = world.man()
    world.offer(man)
    world.clock.advance(days=91)
    world.office.daily.run(world.anna)
    world.clock.advance(days=740)
    world.release(world.plan())
    assert world.letters(man)[-1][0] is LetterType.OFFER_AFTER_NO_SAMPLE
    assert world.step(man) is Step.OFFER_TO_POST


# By request


def test_an_offer_by_request_begins_a_round_outside_every_plan(world: World) -> None:
    man = world.man()
    version = world.person(man).version_id
    world.office.cases.act(world.anna, man, "offer_now", version=version, reason="ringde")
    assert world.step(man) is Step.OFFER_TO_POST, "he has asked himself and needs no pre-letter"
    with pytest.raises(ChangedBySomeoneElseError):
        world.office.cases.act(world.anna, man, "offer_now", version=version, reason="ringde")
    with pytest.raises(RefusedError):
        world.act(man, "offer_now", reason="ringde igen")
    assert len(rounds(world)) == 1


def test_nobody_who_is_held_is_offered_by_request(world: World) -> None:
    man = world.man()
    with world.context.sessions.begin() as session:
        made = Walk(session, world.anna, world.clock(), world.context.rules(session))
        made.block(session.get_one(Person, man), "duplicate", "Possible duplicate")
    with pytest.raises(RefusedError):
        world.act(man, "offer_now", reason="x")
    assert rounds(world) == []


def add(world: World, **more: Any) -> int:
    values: dict[str, Any] = {
        "number": a_number(12, "19760101"),
        "region": "05",
        "given": "Kim",
        "family": "Åkerö",
        "address": {"adr2": "Gatan 1", "postnr": "58000", "ort": "LINKÖPING"},
        "reason": "har prostata",
        **more,
    }
    return world.office.requests.add(world.anna, **values)


def test_a_person_added_by_request_is_in_the_next_release_and_in_the_balance(world: World) -> None:
    person = add(world)
    assert (world.step(person), world.person(person).source) == (Step.NOT_DUE, "request")
    assert "person.add" in world.audit(person)
    assert world.office.cases.search(world.anna, "åkerö")[0].person_id == person
    assert world.release(world.plan()) == 1
    assert world.post() == 1
    assert world.adds_up()


def test_a_person_added_by_request_may_be_offered_at_once(world: World) -> None:
    assert world.step(add(world, offer_now=True)) is Step.OFFER_TO_POST
    assert world.adds_up()


@pytest.mark.parametrize(
    "values",
    [
        {"reason": " "},
        {"given": ""},
        {"family": " "},
        {"number": "760101-1234"},
        {"number": "197601011235"},
        {"number": a_number(12, "19770101")},
        {"number": a_number(12, "19510101")},
        {"region": "01"},
    ],
)
def test_what_cannot_be_added_is_refused_with_the_reason(world: World, values: dict[str, Any]) -> None:
    with pytest.raises(KansliError):
        add(world, **values)
    with world.context.sessions.read() as session:
        assert session.scalars(select(Person)).all() == []


def test_nobody_is_added_twice_not_even_by_an_old_number(world: World) -> None:
    add(world)
    with pytest.raises(RefusedError, match="in the register already"):
        add(world)


def test_control_characters_in_what_is_typed_never_reach_the_register(world: World) -> None:
    person = world.person(add(world, given="Kim\x1b[31m", family="Åke\x00rö", reason="x\x00y"))
    assert (person.given_names, person.family_name) == ("Kim·[31m", "Åke·rö")
