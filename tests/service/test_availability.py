"""The availability report: every wait agrees with one counted by hand from the facts, also as of days that have been."""

from collections import Counter
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from sqlalchemy import select, update

from db.models import (
    AuditRow,
    Decided,
    Letter,
    Person,
    PsaAnswer,
    PsaOrder,
    Referral,
    ReferralChange,
    Round,
    WaitingMonth,
)
from kansli_tui.errors import NotAllowedError, NotFoundError, RefusedError
from kansli_tui.pathway.availability import BY_NAME, WAITING_LISTS
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.referrals import ReferralEvent, ReferralKind
from kansli_tui.pathway.ruleset import Outcome
from kansli_tui.pathway.steps import Queue, Step
from kansli_tui.rows.answers import MessageState
from kansli_tui.rows.availability import AvailabilityReport, WaitingRow
from kansli_tui.rows.office import REGIONS, Actor
from kansli_tui.rows.population import Protection
from kansli_tui.rows.watch import DeviationCause
from kansli_tui.service.round_facts import end_of
from tests.service.history_help import line, taken
from tests.world import World

Counts = dict[tuple[str, str], tuple[int, ...]]
EVERYWHERE = tuple(REGIONS)


def report(world: World, as_of: date | None = None) -> AvailabilityReport:
    return world.office.availability.report(world.per, EVERYWHERE, as_of or world.today)


def row(world: World, name: str, region: str = "all", as_of: date | None = None) -> WaitingRow:
    return next(one for one in report(world, as_of).rows if (one.name, one.region) == (name, region))


def waiting(world: World) -> dict[str, int]:
    """List → how many wait now, of those where anybody does."""
    return {one.name: one.waiting for one in report(world).rows if one.region == "all" and one.waiting}


def test_one_man_is_on_the_lists_that_he_waits_on_and_on_no_other(world: World) -> None:
    man = world.man()
    world.offer(man)
    assert waiting(world) == {}
    world.clock.advance(days=10)
    sampled = world.today - timedelta(days=1)
    world.answer(man, "4.5", status="P")
    assert waiting(world) == {"psa_answer": 1}
    world.clock.advance(days=2)
    world.answer(man, "4.5", sampled=f"{sampled:%Y%m%d}080000")
    # Nobody has looked at the value yet, and he waits for both already.
    assert waiting(world) == {"psa_letter": 1, "mri_referral": 1}
    assert (row(world, "psa_letter").longest_days, row(world, "mri_referral").longest_days) == (3, 0)
    world.clock.advance(days=4)
    world.confirm(Queue.RAISED, man)
    world.refer(man, sent=False)
    assert waiting(world) == {"psa_letter": 1, "mri_referral": 1}
    assert (row(world, "psa_letter").longest_days, row(world, "mri_referral").longest_days) == (7, 4)
    world.post(LetterType.PSA_RAISED)
    assert waiting(world) == {"mri_referral": 1}
    world.send_orders()
    world.clock.advance(days=20)
    assert waiting(world) == {"mri_exam": 1}
    assert row(world, "mri_exam").longest_days == 20
    done(world, man)
    assert waiting(world) == {"mri_answer": 1}
    assert row(world, "mri_answer").longest_days == 1
    world.mri(man, (5,))
    assert waiting(world) == {"mri_letter": 1}
    (found,) = world.office.examinations.mri_rows(world.anna)
    world.office.examinations.confirm_mri(
        world.anna, found.decision_id, version=found.version, pirads=5, volume_ml=found.volume_ml
    )
    world.clock.advance(days=1)
    assert waiting(world) == {"mri_letter": 1, "urology_referral": 1}
    world.refer(man)
    world.post()
    world.clock.advance(days=14)
    on_the_day = row(world, "urology_visit")
    assert (on_the_day.past, on_the_day.share) == (0, Decimal("0.0"))
    world.clock.advance(days=1)
    assert waiting(world) == {"urology_visit": 1}
    late = row(world, "urology_visit")
    assert (late.target_days, late.past, late.share) == (14, 1, Decimal("100.0"))
    world.outcome(man, "visit", world.today - timedelta(days=3))
    assert waiting(world) == {"biopsy": 1}
    assert row(world, "biopsy").longest_days == 3
    world.outcome(man, "biopsy", world.today - timedelta(days=1))
    world.clock.advance(days=11)
    biopsied = row(world, "pathology")
    assert (biopsied.waiting, biopsied.longest_days, biopsied.past) == (1, 12, 1)
    world.outcome(man, "pathology", isup=0)
    assert waiting(world) == {"pathology_letter": 1}
    (answer,) = world.office.examinations.pathology_rows(world.anna)
    world.office.examinations.confirm_pathology(world.anna, answer.decision_id, version=answer.version)
    assert waiting(world) == {"pathology_letter": 1}
    world.post()
    assert waiting(world) == {}


def test_shares_medians_and_the_population_are_rounded_half_up(world: World) -> None:
    men = [world.man() for _place in range(3)]
    for _place in range(5):
        world.man(region="08", municipality="0880")
    gone = world.man()
    world.act(gone, "close", detail="emigrated")
    world.offer(*men)
    for man in men:
        world.clock.advance(days=7)
        world.answer(man, "0.4")
    world.clock.advance(days=1)
    ours = row(world, "psa_letter", "05")
    # The samples were taken 2, 9 and 16 days ago.
    assert (ours.waiting, ours.past, ours.share) == (3, 1, Decimal("33.3"))
    assert (ours.median_days, ours.longest_days) == (Decimal("9.0"), 16)
    assert (ours.population, ours.per_10_000) == (3, Decimal("10000.0"))
    everywhere = row(world, "psa_letter")
    assert (everywhere.population, everywhere.per_10_000) == (8, Decimal("3750.0"))
    nobody = row(world, "psa_letter", "06")
    assert (nobody.waiting, nobody.share, nobody.median_days, nobody.longest_days) == (0, None, None, None)
    assert (nobody.population, nobody.per_10_000) == (0, None)


def test_the_newest_cause_of_this_wait_holds_and_the_causes_add_up(world: World) -> None:
    men = [world.raised(), world.man()]
    referral = world.refer(men[0])
    subject = f"referral:{referral.referral_id}"
    note = world.office.watch.note_cause
    note(world.anna, subject, DeviationCause.LOST, "x")
    then = world.today
    world.clock.advance(days=2)
    note(world.anna, subject, DeviationCause.CAPACITY, "x")
    assert row(world, "mri_exam").causes == {"capacity": 1}
    assert row(world, "mri_exam", as_of=then).causes == {"lost": 1}
    note(world.anna, f"person:{men[0]}", DeviationCause.MEDICAL, "x")
    world.clock.advance(days=1)
    world.mri(men[0], (2,))
    # What was noted on the wait before is not the cause of this one.
    world.clock.advance(days=1)
    assert row(world, "mri_letter").causes == {"": 1}
    note(world.anna, f"person:{men[0]}", DeviationCause.OFFICE, "x")
    assert row(world, "mri_letter").causes == {"office": 1}
    for one in report(world).rows:
        assert sum(one.causes.values()) == one.waiting


def test_who_waits_is_named_masked_and_logged(world: World, jkp: Actor) -> None:
    first, hidden, moved = (world.raised(family_name=name) for name in ("Först", "Hemlig", "Flyttad"))
    for man in (first, hidden, moved):
        world.refer(man)
        world.clock.advance(days=1)
    then = world.today
    with world.context.sessions.begin() as session:
        session.get_one(Person, hidden).protection = Protection.CONFIDENTIALITY
    people = world.office.availability.people
    named = people(world.anna, "mri_exam", ("05",), then)
    assert [one.person_id for one in named] == [first, hidden, moved]
    assert [one.days for one in named] == [3, 2, 1]
    assert named[0].name == "Först, Åke"
    assert named[0].unit == world.office.units.rows(world.anna, region="05")[0].name
    assert named[1].masked
    assert "Hemlig" not in str(named[1])
    paged = people(world.anna, "mri_exam", EVERYWHERE, then, after=(named[0].since, named[0].person_id), limit=1)
    assert [one.person_id for one in paged] == [hidden]
    assert world.audit(first).count("availability.people") == 1
    assert world.audit(hidden).count("availability.people") == 2
    version = world.person(moved).version_id
    handed = world.office.handovers.offer(world.anna, moved, version=version, to_region="06", reason="flyttat")
    world.clock.advance(days=1)
    world.office.handovers.accept(jkp, handed.handover_id)
    here = Actor("lin", "Lin", world.anna.role, frozenset({"05"}))
    before = people(here, "mri_exam", ("05",), then)
    assert before[2].elsewhere
    assert "Flyttad" not in str(before[2])
    assert world.audit(moved).count("availability.people") == 1
    assert [one.person_id for one in people(jkp, "mri_exam", ("06",), world.today)] == [moved]
    assert people(jkp, "mri_exam", ("06",), world.today)[0].since == named[2].since
    for refused, error in (
        (lambda: people(jkp, "mri_exam", ("05",), then), NotAllowedError),
        (lambda: people(world.anna, "häst", EVERYWHERE, then), NotFoundError),
        (lambda: people(world.anna, "mri_exam", EVERYWHERE, world.today + timedelta(days=1)), RefusedError),
        (lambda: world.office.availability.report(jkp, ("05", "06"), then), NotAllowedError),
    ):
        with pytest.raises(error):
            refused()


# A lived office against a count by hand


def test_every_day_agrees_with_a_count_by_hand_and_comes_out_the_same_afterwards(world: World) -> None:
    """Men by chance at every stage for a hundred days, with corrections, a move and a death; each day is made again at the end."""
    chance = Random(4)
    men = [world.man() for _place in range(9)]
    world.offer(*men)
    shown: dict[date, Counts] = {}
    people: dict[date, Any] = {}
    lists: set[str] = set()
    for day in range(100):
        world.clock.advance(days=1)
        if day % 3 == 0 or day > 60:
            live(world, chance, men)
        if day == 40:
            move(world, men[0])
        if day == 70:
            world.act(men[1], "close", detail="dead")
        if day % 6 == 0 or (world.today + timedelta(days=1)).day == 1:
            made = report(world)
            shown[world.today] = counts(made)
            people[world.today] = [one.population for one in made.rows[:4]]
            assert waits(made) == by_hand(world), world.today
            lists |= {one.name for one in made.rows if one.waiting}
    assert len(lists) >= 9, lists
    world.clock.advance(days=35)
    for day, before in shown.items():
        made = report(world, day)
        assert counts(made) == before, day
        assert [one.population for one in made.rows[:4]] == people[day]
    # The months: the same as was reported on their last days, and the same when they are read again.
    for made in (report(world), report(world)):
        points = {(point.name, point.region, point.on): (point.waiting, point.past or 0) for point in made.over_time}
        ends = [day for day in shown if (day + timedelta(days=1)).day == 1]
        assert len(ends) >= 3
        for end in ends:
            assert {key: before[:2] for key, before in shown[end].items()} == {
                (name, region): numbers for (name, region, on), numbers in points.items() if on == end
            }
    with world.context.sessions.read() as session:
        assert {one.day for one in session.scalars(select(WaitingMonth))} >= set(ends)


def counts(made: AvailabilityReport) -> Counts:
    return {
        (one.name, one.region): (one.waiting, one.past or 0, one.longest_days or 0, int(10 * (one.median_days or 0)))
        for one in made.rows
    }


def waits(made: AvailabilityReport) -> Counter[str]:
    return Counter({one.name: one.waiting for one in made.rows if one.region == "all" and one.waiting})


def live(world: World, chance: Random, men: list[int]) -> None:
    """Something happens to some of them, or to the post."""
    for man in chance.sample(men, 3):
        happen(world, chance, man)
    if chance.random() < 0.3:
        world.post()
        world.send_orders()


def happen(world: World, chance: Random, man: int) -> None:
    office, step = world.office, world.step(man)
    match step:
        case Step.AWAITING_SAMPLE | Step.AWAITING_ANSWER:
            status = "P" if step is Step.AWAITING_SAMPLE and chance.random() < 0.4 else "F"
            world.answer(man, chance.choice(("0.4", "4.5", "5.5", "140")), status=status)
        case Step.ANSWER_TO_ASSESS:
            queue = next(queue for queue in world.tasks(man) if queue.value in ("normal", "raised", "urgent"))
            world.confirm(queue, man)
        case Step.MRI_TO_REFER | Step.UROLOGY_TO_REFER:
            world.refer(man, sent=chance.random() < 0.5)
        case Step.MRI_REFERRED if chance.random() < 0.3:
            world.answer(man, "1.2", status="C")
        case Step.MRI_REFERRED if chance.random() < 0.6:
            world.booking(man, "S12", world.clock.now + timedelta(days=4))
        case Step.MRI_BOOKED if (world.person(man).next_on or world.today) >= world.today - timedelta(days=1):
            pass
        case Step.MRI_REFERRED | Step.MRI_BOOKED if chance.random() < 0.4:
            done(world, man)
        case Step.MRI_REFERRED | Step.MRI_BOOKED | Step.MRI_DONE:
            world.mri(man, (chance.choice((2, 4, 5)),))
        case Step.MRI_TO_ASSESS:
            found = next(one for one in office.examinations.mri_rows(world.anna) if one.person_id == man)
            office.examinations.confirm_mri(
                world.anna,
                found.decision_id,
                version=found.version,
                pirads=found.suggested or 2,
                volume_ml=found.volume_ml,
            )
        case Step.UROLOGY_REFERRED:
            world.outcome(man, "visit")
        case Step.UROLOGY_VISITED:
            world.outcome(man, "biopsy")
        case Step.BIOPSIED:
            world.outcome(man, "pathology", isup=chance.choice((0, 2)))
        case Step.PATHOLOGY_TO_ASSESS:
            answer = next(one for one in office.examinations.pathology_rows(world.anna) if one.person_id == man)
            office.examinations.confirm_pathology(world.anna, answer.decision_id, version=answer.version)
        case _:
            pass


def done(world: World, man: int) -> None:
    """The unit tells that the man was examined yesterday; the answer comes later."""
    cells = (
        world.referral(man).number,
        world.person(man).number,
        "done",
        (world.today - timedelta(days=1)).isoformat(),
    )
    head = "order;pnr;event;at;unit;pirads;volume_ml;text"
    taken = world.take(f"{head}\n{';'.join(cells)};;;;\n".encode(), "mr.csv")
    assert [item.state for item in taken.items] == [MessageState.APPLIED], taken.items


def move(world: World, man: int) -> None:
    version = world.person(man).version_id
    handed = world.office.handovers.offer(world.anna, man, version=version, to_region="08", reason="flyttat")
    world.office.handovers.accept(world.per, handed.handover_id)


def by_hand(world: World) -> Counter[str]:
    """Who waits at the end of today, from orders, answers, decisions, referrals' histories and letters; steps are not looked at."""
    found: Counter[str] = Counter()
    until = end_of(world.today)
    with world.context.sessions.read() as session:
        for person in session.scalars(select(Person).where(Person.closed_reason.is_(None))):
            rows = {model: of(session, model, person) for model in (PsaOrder, PsaAnswer, Decided, Referral, Letter)}
            found.update(of_one(session, person, rows, until))
    return found


def of(session: Any, model: Any, person: Person) -> list[Any]:
    return list(session.scalars(select(model).where(model.person_id == person.id).order_by(model.id)))


def of_one(session: Any, person: Person, rows: dict[Any, list[Any]], until: datetime) -> set[str]:
    """The lists of one man, by what has been noted of him."""
    on: set[str] = set()
    offered = session.scalar(select(Round.offered_on).where(Round.person_id == person.id))
    if offered and any(order.sent_at is None and order.cancelled_at is None for order in rows[PsaOrder]):
        on.add("psa_order")
    unposted = [
        letter
        for letter in rows[Letter]
        if letter.stopped_at is None and letter.posted_on is None and not letter.again_of
    ]
    on |= {one.name for one in WAITING_LISTS for letter in unposted if letter.type in one.letters}
    answer = next((one for one in reversed(rows[PsaAnswer]) if one.received_at < until), None)
    if answer is None:
        return on
    if answer.status == "P":
        return on | {"psa_answer"}
    psa = [one for one in rows[Decided] if one.kind.value == "psa"][-1]
    if psa.confirmed_at is None:
        on |= {"psa_letter"} | ({"mri_referral"} if psa.proposed is Outcome.MRI else set())
        return on | ({"urology_referral"} if psa.proposed is Outcome.UROLOGY else set())
    outcome = psa.outcome
    for kind, wanted in ((ReferralKind.MRI, Outcome.MRI), (ReferralKind.UROLOGY, Outcome.UROLOGY)):
        if outcome is not wanted:
            continue
        referral = next(
            (one for one in reversed(rows[Referral]) if one.kind is kind and one.cancelled_at is None), None
        )
        events = set()
        if referral is not None:
            events = set(session.scalars(select(ReferralChange.event).where(ReferralChange.referral_id == referral.id)))
        on |= held_at(kind, events)
        if kind is ReferralKind.MRI and ReferralEvent.ANSWERED in events:
            mri = [one for one in rows[Decided] if one.kind.value == "mri"]
            if not mri or mri[-1].confirmed_at is None:
                on.add("mri_letter")
            else:
                outcome = mri[-1].outcome
        if kind is ReferralKind.UROLOGY and ReferralEvent.ANSWERED in events:
            last = [one for one in rows[Decided] if one.kind.value == "pathology"]
            on |= {"pathology_letter"} if not last or last[-1].confirmed_at is None else set()
    return on


def held_at(kind: ReferralKind, events: set[ReferralEvent]) -> set[str]:
    """Where a referral has come, by what has happened to it."""
    names = {
        ReferralKind.MRI: ("mri_referral", "mri_exam", "mri_answer", "mri_answer"),
        ReferralKind.UROLOGY: ("urology_referral", "urology_visit", "biopsy", "pathology"),
    }[kind]
    if ReferralEvent.ANSWERED in events:
        return set()
    if ReferralEvent.BIOPSIED in events:
        return {names[3]}
    if ReferralEvent.DONE in events:
        return {names[2]}
    return {names[1] if events & {ReferralEvent.SENT, ReferralEvent.SENT_TO_BOOK} else names[0]}


def test_a_correction_afterwards_changes_nothing_earlier(world: World) -> None:
    man = world.raised()
    world.refer(man)
    world.clock.advance(days=3)
    then = world.today
    before = report(world, then)
    world.clock.advance(days=20)
    world.answer(man, "1.2", status="C")
    world.confirm(Queue.NORMAL, man)
    assert row(world, "mri_exam").waiting == 0
    after = report(world, then)
    assert after.rows == before.rows
    assert row(world, "mri_exam", as_of=then).waiting == 1


def test_months_are_counted_once_and_again_when_a_list_is_missing(world: World) -> None:
    world.man()
    first = report(world)
    assert len(first.over_time) == len(WAITING_LISTS) * 4 * 13
    with world.context.sessions.begin() as session:
        kept = {(one.day, one.waiting_list, one.region): one for one in session.scalars(select(WaitingMonth))}
        assert len(kept) == 12 * len(WAITING_LISTS) * 3
        session.execute(update(WaitingMonth).where(WaitingMonth.region == "05").values(waiting=7))
        session.delete(next(one for one in kept.values() if one.day == max(day for day, *_rest in kept)))
    again = [point for point in report(world).over_time if point.region == "05" and point.name == "mri_exam"]
    assert [point.waiting for point in again] == [7] * 11 + [0, 0]
    assert report(world).over_time[-1].on == world.today


def test_what_is_asked_is_logged(world: World) -> None:
    report(world)
    with world.context.sessions.read() as session:
        subjects = session.scalars(select(AuditRow.subject).where(AuditRow.action == "availability.report")).all()
    assert subjects == [f"05,06,08 {world.today.isoformat()}"]


def test_every_list_has_a_name_of_its_own_and_every_wait_of_the_office_is_on_one() -> None:
    assert len(BY_NAME) == len(WAITING_LISTS)
    steps = Counter(step for one in WAITING_LISTS for step in one.steps)
    assert set(steps.values()) == {1}


def test_earlier_rounds_that_are_taken_in_are_counted_in_the_months_that_were(world: World) -> None:
    ends = sorted({point.on for point in report(world).over_time})
    assert not any(point.waiting for point in report(world).over_time)
    waited = ends[-4]
    came = {
        "offered_on": waited - timedelta(days=40),
        "psa_ordered_on": waited - timedelta(days=40),
        "answer": "accepted",
    }
    answered = {"sampled_on": waited - timedelta(days=20), "psa_answered_on": waited - timedelta(days=18), "psa": "4.5"}
    referred = {"psa_letter_on": waited - timedelta(days=15), "mri_referred_on": waited - timedelta(days=14)}
    taken(world, line(**came, **answered, **referred))
    points = {(point.name, point.on): point.waiting for point in report(world).over_time if point.region == "05"}
    assert [points["mri_exam", end] for end in ends[-5:]] == [0, 1, 1, 1, 1]
    assert points["mri_exam", waited] == row(world, "mri_exam", as_of=waited).waiting
