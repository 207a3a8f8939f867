"""Two cases of one person: merged without moving a fact, found and read as one, and taken apart as they were."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from db.models import Person, PersonMerge, StepChange
from kansli_tui.errors import ChangedBySomeoneElseError, NotAllowedError, RefusedError
from kansli_tui.i18n import set_language
from kansli_tui.pathway.steps import ClosedReason, ExclusionReason, Queue, Step
from kansli_tui.rows.answers import MessageState
from kansli_tui.rows.office import Actor, Role
from kansli_tui.rows.population import Protection
from kansli_tui.rows.register import ChangeKind
from kansli_tui.rows.register_care import MergeRow
from kansli_tui.service.walk import Walk
from tests.always import Everybody
from tests.factories import a_number
from tests.service.register_help import blocks, compare, counts, line, number, only, person_of, take_in
from tests.sums import sums_agree
from tests.world import World


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    set_language("en")
    yield
    set_language("sv")


def merge(world: World, keep: int, gone: int, *, take_number: bool = False, actor: Actor | None = None) -> MergeRow:
    """Merge as both are now."""
    return world.office.merging.merge(
        actor or world.anna,
        keep=(keep, world.person(keep).version_id),
        merged=(gone, world.person(gone).version_id),
        take_number=take_number,
        why="samma man enligt folkbokföringen",
    )


def take_back(world: World, row: MergeRow) -> None:
    world.office.merging.take_back(world.anna, row.merge_id, why="två män")


def standing(world: World, *people: int) -> list[tuple[Any, ...]]:
    """All that a case is, but when it was last touched."""
    return [
        (
            person.number, person.step, person.next_on, person.round_number, person.closed_reason, person.exclusion_reason,
            person.blocked, person.birth_date, person.birth_date_known, person.name_key, person.protection, person.region,
        )
        for person in map(world.person, people)
    ]  # fmt: skip


def sound(world: World) -> None:
    """Everyone is accounted for, what must always be true is, and the statistics follow."""
    assert world.adds_up()
    sums_agree(world)
    with world.context.sessions.read() as session:
        Everybody(session, {}).check()


def block(world: World, *people: int) -> None:
    with world.context.sessions.begin() as session:
        made = Walk(session, world.anna, world.clock(), world.context.rules(session))
        for person in people:
            made.block(session.get_one(Person, person), "duplicate", "Possible duplicate")


# Property


LIVES = ("waits", "offered", "answered", "opted_out", "excluded", "moved_out", "postponed", "age")


def lived(world: World, how: str) -> int:
    """Somebody who has come so far."""
    man = world.man()
    match how:
        case "offered":
            world.act(man, "offer_now")
            world.post()
        case "answered":
            world.act(man, "offer_now")
            world.post()
            world.clock.advance(minutes=1)
            world.send_orders()
            world.clock.advance(days=2)
            world.answer(man, "0.4")
            world.confirm(Queue.NORMAL, man)
            world.post()
        case "opted_out" | "excluded":
            world.act(man, {"opted_out": "opt_out", "excluded": "exclude"}[how])
            world.post()
        case "moved_out":
            world.act(man, "close", detail="moved_out")
        case "postponed":
            world.act(man, "postpone", on=world.today + timedelta(days=30))
        case "age":
            with world.context.sessions.begin() as session:
                Walk(session, world.anna, world.clock(), world.context.rules(session)).close(
                    session.get_one(Person, man), ClosedReason.AGE
                )
    return man


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(one=st.sampled_from(LIVES), other=st.sampled_from(LIVES), take=st.booleans(), held=st.booleans())
@pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)
def test_merged_and_taken_apart_is_as_before(world: World, one: str, other: str, take: bool, held: bool) -> None:
    """Whatever the preview says may be merged can be merged and taken apart; whatever it says may not is refused."""
    kept, gone = lived(world, one), lived(world, other)
    before = standing(world, kept, gone)
    if held:
        block(world, kept, gone)
    seen = world.office.merging.preview(world.anna, kept, gone)
    if seen.refused or seen.other.hinders:
        with pytest.raises(RefusedError, match=r".+"):
            merge(world, kept, gone, take_number=take)
        return
    row = merge(world, kept, gone, take_number=take)
    sound(world)
    assert (world.person(gone).step, world.person(gone).closed_reason) == (Step.CLOSED, ClosedReason.NUMBER_REPLACED)
    assert world.office.cases.find(world.anna, world.person(gone).number) == kept
    world.clock.advance(minutes=5)
    take_back(world, row)
    sound(world)
    assert standing(world, kept, gone) == before


# Found and read as one


def test_either_number_finds_the_kept_case_and_its_history_has_both(world: World) -> None:
    kept, gone = lived(world, "answered"), world.man(family_name="Ek")
    numbers = [world.person(each).number for each in (kept, gone)]
    merge(world, kept, gone)
    for each in numbers:
        (hit,) = world.office.cases.search(world.anna, each)
        assert (hit.person_id, hit.matched_number.replace("-", "")) == (kept, each)
    (by_name,) = world.office.cases.search(world.anna, "ek")
    assert by_name.person_id == kept
    case, other = world.case(kept), world.case(gone)
    assert [each.person_id for each in case.merged] == [gone]
    assert case.earlier_numbers == (other.number,)
    assert other.merged_into is not None
    assert other.merged_into.person_id == kept
    assert "reopen" not in other.actions
    told = [happening.what for happening in case.timeline]
    assert f"({other.number}) Came into the register" in told
    assert sum("merged into" in what for what in told) == 1
    assert any("merged into" in happening.what for happening in other.timeline)
    # Whoever opens the one has read the other.
    assert world.audit(gone).count("case.open") == 2


def test_no_fact_is_moved(world: World) -> None:
    kept, gone = world.man(), lived(world, "opted_out")
    world.act(kept, "opt_out")
    world.post()

    def facts() -> list[tuple[Any, ...]]:
        with world.context.sessions.read() as session:
            return [tuple(row) for row in session.execute(select(*StepChange.__table__.columns))]

    before = facts()
    row = merge(world, kept, gone, take_number=True)
    assert facts() == before, "the case was closed already"
    take_back(world, row)
    assert facts() == before


# Numbers


def test_the_kept_case_goes_by_the_number_that_holds(world: World) -> None:
    kept, gone = world.man(family_name="Öberg"), world.man(birth_date=date(1976, 3, 4))
    mine, theirs = (world.person(each).number for each in (kept, gone))
    row = merge(world, kept, gone, take_number=True)
    assert (world.person(kept).number, world.person(gone).number) == (theirs, mine)
    assert world.person(kept).birth_date == date(1976, 3, 4)
    (hit,) = world.office.cases.search(world.anna, mine)
    assert hit.person_id == kept
    world.act(kept, "offer_now")
    world.post()
    world.clock.advance(minutes=1)
    world.send_orders()
    world.clock.advance(days=2)
    # The laboratory may answer with either.
    taken = world.take(world.message(kept, "2.4", pnr=mine))
    assert [item.state for item in taken.items] == [MessageState.APPLIED]
    take_back(world, row)
    assert (world.person(kept).number, world.person(gone).number) == (mine, theirs)
    sound(world)


MAN, NEW = number(1), number(3)


def replaced(world: World) -> tuple[int, int]:
    """Two men whom the register then says are one."""
    take_in(world, line(MAN), line(NEW))
    found = person_of(world, MAN).id, person_of(world, NEW).id
    take_in(world, line(MAN, avreg="GN", hanvisning=NEW), line(NEW))
    assert [blocks(world, each) for each in found] == [["duplicate"]] * 2
    return found


def test_the_register_is_understood_after_the_merge(world: World) -> None:
    one, other = replaced(world)
    merge(world, one, other, take_number=True)
    assert [blocks(world, each) for each in (one, other)] == [[], []]
    assert not world.tasks(one)
    assert not world.tasks(other)
    # The same file again: both lines are the kept man's, and he is no duplicate of himself.
    again = compare(world, line(MAN, avreg="GN", hanvisning=NEW), line(NEW))
    assert counts(again) == {"unchanged": 2}
    take_in(world, line(NEW, efternamn="Ek"))
    assert (world.person(one).family_name, world.person(other).family_name) == ("Ek", "Öberg")
    take_in(world, line(NEW, efternamn="Ek", avreg="AV"))
    assert world.person(one).closed_reason is ClosedReason.DEAD
    assert world.person(other).closed_reason is ClosedReason.NUMBER_REPLACED
    sound(world)


def test_a_number_that_holds_elsewhere_is_asked_about(world: World) -> None:
    one, other = replaced(world)
    merge(world, one, other)
    made = compare(world, line(MAN, avreg="GN", hanvisning=NEW), line(NEW))
    assert "take the merge back" in only(world, made, ChangeKind.PROBLEM).message
    assert world.person(one).number == MAN


def test_a_number_that_the_register_gives_meanwhile_stays(world: World) -> None:
    one, other = replaced(world)
    row = merge(world, one, other, take_number=True)
    third = number(5)
    take_in(world, line(NEW, avreg="GN", hanvisning=third), line(third))
    assert world.person(one).number == third
    take_back(world, row)
    assert (world.person(one).number, world.person(other).number) == (third, NEW)
    sound(world)


def test_the_later_of_two_merges_that_took_the_number_is_taken_back_first(world: World) -> None:
    kept, one, other = (world.man() for _ in range(3))
    before = standing(world, kept, one, other)
    first, second = (merge(world, kept, gone, take_number=True) for gone in (one, other))
    with pytest.raises(RefusedError, match="later merge"):
        take_back(world, first)
    take_back(world, second)
    take_back(world, first)
    assert standing(world, kept, one, other) == before


# Answers


def test_an_answer_for_the_merged_order_is_held_and_can_be_matched_to_the_kept_one(world: World) -> None:
    kept, gone = lived(world, "waits"), lived(world, "waits")
    for man in (kept, gone):
        world.act(man, "offer_now")
        world.post()
    world.clock.advance(minutes=1)
    world.send_orders()
    world.clock.advance(days=2)
    late = world.message(gone, "4.4")
    world.act(gone, "decline")
    merge(world, kept, gone)
    taken = world.take(late)
    assert [item.state for item in taken.items] == [MessageState.HELD]
    (shown,) = world.office.held.held(world.anna)
    assert shown.reason == "The case has been merged into another"
    with world.context.sessions.read() as session:
        assert session.scalars(select(PersonMerge)).one().ended_at is None
    order = world.office.held.candidate(world.anna, world.order(kept))
    world.office.held.match(world.anna, shown.message_id, order.order_id, "samma man")
    assert world.step(kept) is Step.ANSWER_TO_ASSESS
    sound(world)


# Refused


def test_what_is_refused_says_what_to_do(world: World) -> None:
    free = world.man()

    def refuses(words: str, prepare: Callable[[int], Any] | None = None, *, kept: int = free, **values: Any) -> None:
        gone = world.man(**values)
        if prepare is not None:
            prepare(gone)
        with pytest.raises(RefusedError, match=words):
            merge(world, kept, gone)
        preview = world.office.merging.preview(world.anna, kept, gone)
        assert preview.refused or preview.other.hinders

    def closed(why: ClosedReason) -> dict[str, Any]:
        return {"step": Step.CLOSED, "closed_reason": why, "next_on": None}

    refuses("round to its end", lambda man: world.act(man, "offer_now"))
    refuses("round to its end", lambda man: world.act(man, "postpone", on=world.today + timedelta(days=9)))
    refuses("Letters not posted: 1", lambda man: world.act(man, "opt_out"))
    refuses("tasks: 1", lambda man: world.office.cases.ask_physician(world.anna, man, "fråga"))
    refuses(
        "another region",
        lambda man: world.office.handovers.offer(
            world.anna, man, version=world.person(man).version_id, to_region="06", reason="skäl"
        ),
    )
    refuses("different regions", region="06", municipality="0685")
    refuses("protected identity differs", protection=Protection.CONFIDENTIALITY)
    refuses("is dead", **closed(ClosedReason.DEAD))
    refuses("Has left", **closed(ClosedReason.CANCER_KNOWN))
    refuses("excluded", step=Step.EXCLUDED, exclusion_reason=ExclusionReason.NO_PROSTATE, next_on=None)
    refuses("quality register", register_objection_on=world.today)
    refuses("other case is closed", kept=world.man(**closed(ClosedReason.MOVED_OUT)))
    refuses("Waits until", next_on=date(2032, 1, 1), round_number=1)
    with pytest.raises(RefusedError, match="same case"):
        merge(world, free, free)
    with pytest.raises(RefusedError, match="why"):
        world.office.merging.merge(world.anna, keep=(free, 1), merged=(world.man(), 1), take_number=False, why=" ")


def test_who_may_and_when_it_has_changed(world: World) -> None:
    kept, gone, third = world.man(), world.man(), world.man()
    elsewhere = Actor("eva", "Eva", Role.SUPERVISOR, frozenset({"06"}))
    with pytest.raises(NotAllowedError):
        merge(world, kept, gone, actor=elsewhere)
    with pytest.raises(ChangedBySomeoneElseError):
        world.office.merging.merge(world.anna, keep=(kept, 1), merged=(gone, 9), take_number=False, why="skäl")
    row = merge(world, kept, gone)
    with pytest.raises(RefusedError, match="merged already"):
        merge(world, third, gone)
    with pytest.raises(RefusedError, match="merged into this one"):
        merge(world, third, kept)
    merge(world, kept, third)
    assert [each.merged_id for each in world.office.merging.rows(world.anna, kept)] == [gone, third]
    take_back(world, row)
    with pytest.raises(ChangedBySomeoneElseError):
        take_back(world, row)
    sound(world)


def test_a_number_is_never_given_twice(world: World) -> None:
    """A merged case's number cannot be added once more by request."""
    kept, gone = world.man(), world.man(number=a_number(77, "19760508"))
    merge(world, kept, gone)
    with pytest.raises(RefusedError, match="in the register already"):
        world.office.requests.add(
            world.anna, number=a_number(77, "19760508"), region="05", given="Bo", family="Ek", address={}, reason="skäl"
        )
