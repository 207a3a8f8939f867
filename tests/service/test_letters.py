"""Letters out of the house: prepared, printed, counted, posted; and everybody to whom none may leave."""

import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Letter, LetterBatch, Person, StepChange
from kansli_tui.errors import ChangedBySomeoneElseError, KansliError, LetterError, NotAllowedError, RefusedError
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.steps import ClosedReason, Event, Queue, Step
from kansli_tui.rows.letter_states import BatchRow, BatchState, LetterState
from kansli_tui.rows.office import Actor
from kansli_tui.rows.population import Protection
from kansli_tui.service import batches, letters, printing
from kansli_tui.service.walk import Walk
from tests.reports.pdf_reading import page_texts
from tests.world import World

PRE = LetterType.PRE_LETTER


def released(world: World, *people: dict[str, Any], region: str = "05") -> list[int]:
    """People with a prepared pre-letter."""
    made = [world.man(**{"region": region, **values}) for values in people]
    world.release(world.plan(region=region))
    return made


def batch(world: World, kind: LetterType = PRE, **more: Any) -> BatchRow:
    return world.office.letters.make_batch(world.anna, region=more.pop("region", "05"), type=kind, **more)


def confirm(world: World, made: BatchRow, posted: int | None = None) -> BatchRow:
    if shown(world, made).state is BatchState.RENDERED:
        world.office.letters.write(world.anna, made.batch_id, world.folder / "brev")
    return world.office.letters.confirm(
        world.anna, made.batch_id, version=made.version, posted=made.to_post if posted is None else posted
    )


def shown(world: World, made: BatchRow) -> BatchRow:
    return world.office.letters.by_number(world.anna, made.number)


def change(world: World, person_id: int, **values: Any) -> None:
    with world.context.sessions.begin() as session:
        person = session.get_one(Person, person_id)
        for name, value in values.items():
            setattr(person, name, value)


def walk(world: World, person_id: int, what: str, *args: Any) -> None:
    with world.context.sessions.begin() as session:
        made = Walk(session, world.anna, world.clock(), world.context.rules(session))
        getattr(made, what)(session.get_one(Person, person_id), *args)


def states(world: World, person: int) -> list[LetterState]:
    return [state for _kind, state in world.letters(person)]


# The way out


def test_prepared_printed_posted_moves_the_person_only_when_posted(world: World) -> None:
    (man,) = released(world, {})
    assert (world.step(man), states(world, man)) == (Step.PRE_LETTER_TO_POST, [LetterState.PREPARED])
    made = batch(world)
    assert (world.step(man), states(world, man)) == (Step.PRE_LETTER_TO_POST, [LetterState.PRINTED])
    done = confirm(world, made)
    assert (world.step(man), states(world, man)) == (Step.OFFER_PLANNED, [LetterState.POSTED])
    assert world.person(man).next_on == world.today + timedelta(days=14)
    assert (done.state, done.posted_by, done.posted_on) == (BatchState.POSTED, "anna", world.today)
    assert world.adds_up()


def test_the_paper_says_what_it_should_and_nothing_of_others(world: World) -> None:
    first, second = world.man(family_name="Ålund"), world.man(family_name="Öman")
    world.offer(first, second)
    world.clock.advance(days=10)
    world.answer(first, "0.40")
    world.answer(second, "2.95")
    world.confirm(Queue.NORMAL, first)
    world.confirm(Queue.NORMAL, second)
    made = batch(world, LetterType.PSA_LOW)
    with world.context.sessions.read() as session:
        pdf = session.get_one(LetterBatch, made.batch_id).pdf
    assert pdf is not None
    text = " ".join(page_texts(pdf))
    assert "Åke Ålund" in text
    assert "0,40 µg/l" in text
    assert "2032" in text
    assert "Öman" not in text
    assert world.person(first).number not in text
    preview = world.office.letters.preview(
        world.anna, next(row.letter_id for row in world.office.letters.letters(world.anna, made.batch_id))
    )
    assert "0,40" in preview


def test_a_reprint_has_the_same_bytes_whatever_has_changed_since(world: World, tmp_path: Path) -> None:
    (man,) = released(world, {})
    made = batch(world)
    first = [path.read_bytes() for path in world.office.letters.write(world.anna, made.batch_id, tmp_path / "a")]
    change(world, man, family_name="Annansson", address={"adr2": "Nygatan 2", "postnr": "58000", "ort": "X"})
    world.clock.advance(days=40)
    again = world.office.letters.write(world.anna, made.batch_id, tmp_path / "b")
    assert [path.read_bytes() for path in again] == first
    assert {path.suffix for path in again} == {".pdf", ".csv", ".json"}
    assert not list(tmp_path.rglob("*.part"))
    manifest = first[1].decode()
    assert "Öberg" not in manifest
    assert world.person(man).number not in manifest


def test_a_disk_that_cannot_be_written_says_so_and_loses_nothing(world: World, tmp_path: Path) -> None:
    released(world, {})
    made = batch(world)
    place = tmp_path / "plats"
    place.write_text("en fil, ingen mapp")
    with pytest.raises(RefusedError, match="could not be written"):
        world.office.letters.write(world.anna, made.batch_id, place)
    assert world.office.letters.write(world.anna, made.batch_id, tmp_path)


def test_regions_and_types_are_never_mixed(world: World) -> None:
    released(world, {})
    (there,) = released(world, {}, region="08")
    made = batch(world)
    assert made.letters == 1
    assert states(world, there) == [LetterState.PREPARED]
    assert {row.region for row in world.office.letters.waiting(world.anna)} == {"08"}


def test_other_regions_letters_are_out_of_reach(world: World, jkp: Actor, tmp_path: Path) -> None:
    released(world, {})
    made = batch(world)
    service = world.office.letters
    assert service.waiting(jkp) == ()
    assert service.batches(jkp) == ()
    for act in (
        lambda: service.make_batch(jkp, region="05", type=PRE),
        lambda: service.write(jkp, made.batch_id, tmp_path),
        lambda: service.confirm(jkp, made.batch_id, version=made.version, posted=1),
        lambda: service.cancel(jkp, made.batch_id, version=made.version, reason="x"),
        lambda: service.letters(jkp, made.batch_id),
        lambda: service.by_number(jkp, made.number),
    ):
        with pytest.raises(NotAllowedError):
            act()


# The count


@pytest.mark.parametrize("posted", [0, 1, 3, -2])
def test_a_wrong_count_blocks_and_nobody_is_moved(world: World, posted: int) -> None:
    men = released(world, {}, {})
    made = batch(world)
    with pytest.raises(RefusedError, match="Count again"):
        confirm(world, made, posted)
    assert {world.step(man) for man in men} == {Step.PRE_LETTER_TO_POST}
    assert shown(world, made).state is BatchState.PRINTED


def test_the_refusal_names_the_envelope_to_take_out(world: World) -> None:
    first, _second = released(world, {}, {})
    made = batch(world)
    world.act(first, "close", detail="dead")
    out = shown(world, made).take_out
    with pytest.raises(RefusedError) as refused:
        confirm(world, made, 2)
    assert out[0] in str(refused.value)
    done = confirm(world, made, 1)
    assert done.state is BatchState.POSTED
    assert states(world, first) == [LetterState.STOPPED]


# To whom nothing may leave


@pytest.mark.parametrize("printed", [False, True])
def test_nothing_leaves_to_the_dead(world: World, printed: bool) -> None:
    dead, alive = released(world, {}, {})
    made = batch(world) if printed else None
    world.act(dead, "close", detail="dead")
    made = made or batch(world)
    confirm(world, made, 1)
    assert states(world, dead) == [LetterState.STOPPED]
    assert world.person(dead).closed_reason is ClosedReason.DEAD
    assert states(world, alive) == [LetterState.POSTED]
    assert world.adds_up()


def test_a_death_that_is_only_in_the_register_yet_stops_the_letter_when_it_is_printed(world: World) -> None:
    (man,) = released(world, {})
    change(world, man, step=Step.CLOSED, closed_reason=ClosedReason.DEAD)
    with pytest.raises(RefusedError, match="lämnat programmet"):
        batch(world)
    assert states(world, man) == [LetterState.STOPPED]


def test_whoever_is_held_before_printing_is_left_out(world: World) -> None:
    held, free = released(world, {}, {})
    walk(world, held, "block", "duplicate", "Possible duplicate")
    made = batch(world)
    assert made.left_out == ("The person is held (1)",)
    confirm(world, made)
    assert (states(world, held), states(world, free)) == ([LetterState.PREPARED], [LetterState.POSTED])
    world.act(held, "unblock")
    confirm(world, batch(world))
    assert states(world, held) == [LetterState.POSTED]


@pytest.mark.parametrize("how", ["block", "protection"])
def test_whoever_is_held_or_protected_after_printing_is_taken_out_and_waits(world: World, how: str) -> None:
    held, free = released(world, {}, {})
    made = batch(world)
    if how == "block":
        walk(world, held, "block", "duplicate", "Possible duplicate")
    else:
        change(world, held, protection=Protection.CONFIDENTIALITY)
    now = shown(world, made)
    assert (now.to_post, len(now.take_out)) == (1, 1)
    with pytest.raises(RefusedError):
        confirm(world, made, 2)
    confirm(world, made, 1)
    assert (states(world, held), states(world, free)) == ([LetterState.PREPARED], [LetterState.POSTED])
    assert world.step(held) is Step.PRE_LETTER_TO_POST
    assert world.adds_up()


def test_protected_people_go_by_hand_one_at_a_time(world: World) -> None:
    people = released(world, *({"protection": Protection.CONFIDENTIALITY} for _ in range(3)), {})
    assert world.tasks().count(Queue.PROTECTED) == 3
    assert batch(world).letters == 1
    for left in (3, 2, 1):
        assert sum(row.letters for row in world.office.letters.waiting(world.anna) if row.by_hand) == left
        made = batch(world, by_hand=True)
        assert (made.letters, made.by_hand) == (1, True)
        confirm(world, made)
        assert world.tasks().count(Queue.PROTECTED) == left - 1
    assert {world.step(person) for person in people[:3]} == {Step.OFFER_PLANNED}


def test_a_protected_letter_that_cannot_leave_holds_up_no_other(world: World) -> None:
    stuck, free = released(
        world,
        {"protection": Protection.CONFIDENTIALITY, "family_name": "\u4e2d\u6587"},
        {"protection": Protection.CONFIDENTIALITY},
    )
    confirm(world, batch(world, by_hand=True))
    assert (world.step(stuck), world.step(free)) == (Step.PRE_LETTER_TO_POST, Step.OFFER_PLANNED)
    assert Queue.ADDRESS in world.tasks(stuck)


@pytest.mark.parametrize(
    ("protection", "address", "to"),
    [
        (Protection.CONFIDENTIALITY, {"adr2": "Hemliga vägen 1", "postnr": "58000", "ort": "X"}, "Box 2820"),
        (Protection.CONFIDENTIALITY, {"sp_adr2": "Hemliga boxen 1", "sp_postnr": "58000", "sp_ort": "X"}, "Box 2820"),
        (Protection.CONFIDENTIALITY, {}, "Box 2820"),
        (Protection.PROTECTED_REGISTRATION, {}, "Box 2820"),
        (Protection.PROTECTED_REGISTRATION, {"sp_adr2": "Box 9", "sp_postnr": "40320", "sp_ort": "X"}, "Box 9"),
    ],
)
def test_a_protected_persons_letter_goes_in_care_of_the_tax_agency(
    world: World, protection: Protection, address: dict[str, str], to: str
) -> None:
    (man,) = released(world, {"protection": protection, "address": address})
    batch(world, by_hand=True)
    with world.context.sessions.read() as session:
        (content,) = session.scalars(select(Letter.content).where(Letter.person_id == man))
    assert content is not None
    assert content["recipient"]["lines"][-1] == to
    assert "Hemliga" not in str(content)
    assert world.person(man).family_name in content["recipient"]["name"]
    assert Queue.ADDRESS not in world.tasks(man)


def test_letters_that_cannot_leave_never_hold_up_the_rest_however_many(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(letters, "MOST_LETTERS", 2)
    monkeypatch.setattr(printing, "_AT_ONCE", 2)
    people = released(world, *({"address": {}} for _ in range(5)), {}, {}, {})
    assert [made.letters for made in world.office.letters.make_batches(world.anna, region="05", type=PRE)] == [2, 1]
    assert [states(world, person)[0] for person in people[:5]] == [LetterState.PREPARED] * 5
    assert world.tasks().count(Queue.ADDRESS) == 5


def test_a_protection_mark_that_came_after_preparing_makes_the_letter_one_by_hand(world: World) -> None:
    (man,) = released(world, {})
    change(world, man, protection=Protection.CONFIDENTIALITY)
    with pytest.raises(RefusedError, match="för hand"):
        batch(world)
    assert world.tasks(man) == [Queue.PROTECTED]
    confirm(world, batch(world, by_hand=True))
    assert world.tasks(man) == []


def test_a_protected_persons_letter_is_not_previewed(world: World) -> None:
    released(world, {"protection": Protection.CONFIDENTIALITY})
    with world.context.sessions.read() as session:
        letter = session.scalars(select(Letter.id)).one()
    with pytest.raises(RefusedError):
        world.office.letters.preview(world.anna, letter)


def test_no_address_opens_a_task_and_with_an_address_it_prints(world: World) -> None:
    (man,) = released(world, {"address": {}})
    with pytest.raises(RefusedError, match="användbar adress"):
        batch(world)
    with pytest.raises(RefusedError, match="användbar adress"):
        batch(world)
    assert world.tasks(man) == [Queue.ADDRESS], "one task, however often it is tried"
    change(world, man, address={"adr2": "Vägen 1", "postnr": "58000", "ort": "LINKÖPING"})
    confirm(world, batch(world))
    assert world.tasks(man) == []
    assert world.step(man) is Step.OFFER_PLANNED


@pytest.mark.parametrize(
    "values",
    [
        {"family_name": "\u4e2d\u6587"},
        {"family_name": "Ö" * 200},
        {"family_name": "", "given_names": ""},
        {"address": {"adr2": "Vägen 1", "postnr": "58000", "ort": "L\U0001f600"}},
    ],
)
def test_a_letter_that_cannot_be_set_is_left_out_while_others_print(world: World, values: dict[str, Any]) -> None:
    odd, plain = released(world, values, {})
    made = batch(world)
    assert (made.letters, made.left_out) == (1, ("The letter cannot be set (1)",))
    confirm(world, made)
    assert (states(world, odd), states(world, plain)) == ([LetterState.PREPARED], [LetterState.POSTED])
    assert world.tasks(odd) == [Queue.ADDRESS]
    (task,) = world.office.queues.page(world.anna, Queue.ADDRESS)
    assert "\u4e2d" not in task.reason


def test_a_posted_letter_closes_its_own_task_and_no_other(world: World) -> None:
    (man,) = released(world, {"protection": Protection.CONFIDENTIALITY})
    walk(world, man, "prepare_letter", LetterType.OPT_OUT_CONFIRMED)
    assert world.tasks(man).count(Queue.PROTECTED) == 2
    confirm(world, batch(world, by_hand=True))
    assert world.tasks(man) == [Queue.PROTECTED]


def test_there_is_nothing_to_print(world: World) -> None:
    with pytest.raises(RefusedError, match="no letter of this kind"):
        batch(world)
    with world.context.sessions.read() as session:
        assert session.scalars(select(LetterBatch)).all() == []


# Cancelling


def test_a_cancelled_batch_gives_its_letters_back_and_cannot_leave(world: World, tmp_path: Path) -> None:
    (man,) = released(world, {})
    made = batch(world)
    with pytest.raises(RefusedError, match="State why"):
        world.office.letters.cancel(world.anna, made.batch_id, version=made.version, reason="  ")
    world.office.letters.cancel(world.anna, made.batch_id, version=made.version, reason="pappersstopp")
    assert states(world, man) == [LetterState.PREPARED]
    now = shown(world, made)
    assert now.state is BatchState.CANCELLED
    for act in (
        lambda: confirm(world, now, 1),
        lambda: world.office.letters.cancel(world.anna, now.batch_id, version=now.version, reason="igen"),
        lambda: world.office.letters.write(world.anna, now.batch_id, tmp_path),
    ):
        with pytest.raises(RefusedError):
            act()
    again = batch(world)
    assert again.number != made.number
    confirm(world, again)
    assert world.step(man) is Step.OFFER_PLANNED


def test_a_posted_batch_can_neither_be_cancelled_nor_posted_again(world: World) -> None:
    released(world, {})
    done = confirm(world, batch(world))
    with pytest.raises(RefusedError):
        confirm(world, done, 1)
    with pytest.raises(RefusedError):
        world.office.letters.cancel(world.anna, done.batch_id, version=done.version, reason="ångrar")


def test_an_old_picture_of_a_batch_is_refused(world: World) -> None:
    released(world, {})
    made = batch(world)
    confirm(world, made)
    with pytest.raises(ChangedBySomeoneElseError):
        confirm(world, made, 1)


def test_two_who_confirm_the_same_batch_post_it_once(world: World) -> None:
    men = released(world, {}, {}, {})
    made = batch(world)
    start, outcomes = threading.Barrier(2), []

    def press() -> None:
        start.wait()
        try:
            outcomes.append(confirm(world, made).state.value)
        except KansliError as problem:
            outcomes.append(type(problem).__name__)

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["ChangedBySomeoneElseError", "posted"]
    with world.context.sessions.read() as session:
        moves = session.scalars(select(StepChange.id).where(StepChange.event == Event.PRE_LETTER_POSTED)).all()
    assert len(moves) == len(men)


@pytest.mark.parametrize("new_database", ["postgresql"], indirect=True)
def test_a_death_while_somebody_confirms_is_seen_before_anything_is_posted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The batch is held already, the people not yet: just then one of them dies in another transaction."""
    dead = world.man()
    world.act(dead, "opt_out")
    made = batch(world, LetterType.OPT_OUT_CONFIRMED)
    world.office.letters.write(world.anna, made.batch_id, world.folder)
    whole = batches.batch_of

    def dies(session: Session, *args: Any) -> LetterBatch:
        found = whole(session, *args)
        if len(args) == 3:
            batches.letters_of(session, found)
            walk(world, dead, "close", ClosedReason.DEAD)
        return found

    monkeypatch.setattr(batches, "batch_of", dies)
    with pytest.raises(RefusedError, match="Count again"):
        world.office.letters.confirm(world.anna, made.batch_id, version=made.version, posted=1)
    monkeypatch.undo()
    assert states(world, dead) == [LetterState.STOPPED]


def test_two_who_make_a_batch_at_once_print_every_letter_once(world: World) -> None:
    released(world, *({} for _ in range(4)))
    start, made = threading.Barrier(2), []

    def press() -> None:
        start.wait()
        try:
            made.append(batch(world).letters)
        except RefusedError:
            made.append(0)

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(made) == 4


# Killed in between


@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_kill_while_a_batch_is_made_leaves_nothing_and_again_ends_right(
    world: World, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    men = released(world, {}, {}, {})
    whole, calls = printing.freeze, []

    def killed(content: Any) -> Any:
        calls.append(1)
        if len(calls) == at:
            raise KeyboardInterrupt
        return whole(content)

    monkeypatch.setattr(printing, "freeze", killed)
    with pytest.raises(KeyboardInterrupt):
        batch(world)
    assert {tuple(states(world, man)) for man in men} == {(LetterState.PREPARED,)}
    assert world.office.letters.batches(world.anna) == ()
    monkeypatch.undo()
    assert batch(world).letters == 3


@pytest.mark.parametrize("at", [1, 3])
def test_a_kill_while_a_batch_is_confirmed_posts_nothing_and_again_posts_once(
    world: World, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    men = released(world, {}, {}, {})
    made = batch(world)
    whole, calls = Walk.move, []

    def killed(*args: Any, **more: Any) -> Step:
        calls.append(1)
        if len(calls) == at:
            raise KeyboardInterrupt
        return whole(*args, **more)

    monkeypatch.setattr(Walk, "move", killed)
    with pytest.raises(KeyboardInterrupt):
        confirm(world, made)
    assert {tuple(states(world, man)) for man in men} == {(LetterState.PRINTED,)}
    assert {world.step(man) for man in men} == {Step.PRE_LETTER_TO_POST}
    monkeypatch.undo()
    confirm(world, shown(world, made))
    assert {world.step(man) for man in men} == {Step.OFFER_PLANNED}
    assert world.adds_up()


def test_a_batch_set_from_its_frozen_letters_later_has_the_same_bytes(world: World) -> None:
    first, second = released(world, {"family_name": "Ålund"}, {"family_name": "Öman"})
    at_once = batch(world)
    written = [path.read_bytes() for path in world.office.letters.write(world.anna, at_once.batch_id, world.folder)]
    with world.context.sessions.begin() as session:
        row = session.get_one(LetterBatch, at_once.batch_id)
        row.pdf = row.page_map = row.pages = row.sha256 = None
    world.act(first, "opt_out")
    confirm(world, shown(world, at_once))
    again = [path.read_bytes() for path in world.office.letters.write(world.anna, at_once.batch_id, world.folder)]
    assert again == written
    assert world.step(second) is Step.OFFER_PLANNED


def test_a_batch_that_is_set_later_is_set_before_a_letter_is_taken_out_of_it(world: World) -> None:
    first, _second = released(world, {}, {})
    world.office.letters.set_at_once = False
    made = batch(world)
    assert made.pages is None
    with world.context.sessions.begin() as session:
        session.get_one(Person, first).blocked = True
    confirm(world, shown(world, made))
    assert states(world, first) == [LetterState.PREPARED]
    pdf, *_rest = world.office.letters.write(world.anna, made.batch_id, world.folder)
    assert len(page_texts(pdf.read_bytes())) == made.letters == 2


# The letters of each stage


def test_the_offer_promises_the_day_that_the_order_holds(world: World) -> None:
    man = world.man()
    world.release(world.plan())
    world.post(PRE)
    world.clock.advance(days=14)
    world.office.daily.run(world.anna)
    made = batch(world, LetterType.OFFER)
    promised = world.today + timedelta(days=90)
    world.clock.advance(days=3)
    confirm(world, made)
    assert world.person(man).next_on == promised
    world.send_orders()
    (order,) = world.office.orders.rows(world.anna, state=None)
    assert order.valid_until == promised


def test_the_very_high_letter_waits_for_the_call_and_the_referral(world: World) -> None:
    man = world.man()
    world.offer(man)
    world.clock.advance(days=10)
    world.answer(man, "140")
    world.confirm(Queue.URGENT, man)
    assert LetterType.PSA_VERY_HIGH not in [kind for kind, _state in world.letters(man)]
    world.refer(man)
    assert world.post(LetterType.PSA_VERY_HIGH) == 1
    assert world.step(man) is Step.UROLOGY_REFERRED
    assert world.adds_up()


def test_the_opt_out_letter_leaves_after_the_closing_but_not_after_a_death(world: World) -> None:
    first, second = world.man(), world.man()
    for man in (first, second):
        world.act(man, "opt_out")
    walk(world, second, "close", ClosedReason.DEAD)
    assert world.post(LetterType.OPT_OUT_CONFIRMED) == 1
    assert states(world, first) == [LetterState.POSTED]
    assert states(world, second) == [LetterState.STOPPED]
    assert world.adds_up()


def test_somebody_with_an_earlier_offer_gets_a_letter_when_he_is_too_old(world: World) -> None:
    from tests.factories import a_number  # noqa: PLC0415

    asked, never = world.man(number=a_number(11, "19520512")), world.man(number=a_number(13, "19520512"))
    world.act(asked, "offer_now")
    world.act(asked, "decline")
    world.clock.advance(days=120)
    world.office.daily.run(world.anna)
    assert [world.person(man).closed_reason for man in (asked, never)] == [ClosedReason.AGE] * 2
    assert world.letters(asked)[-1] == (LetterType.AGE_EXIT, LetterState.PREPARED)
    assert world.letters(never) == []
    assert world.post(LetterType.AGE_EXIT) == 1


def test_unknown_batches_and_letters(world: World) -> None:
    for act in (
        lambda: world.office.letters.by_number(world.anna, "2026-99999"),
        lambda: world.office.letters.letters(world.anna, 99),
        lambda: world.office.letters.preview(world.anna, 99),
    ):
        with pytest.raises(KansliError):
            act()


def test_a_preview_of_a_letter_without_an_address_says_so(world: World) -> None:
    released(world, {"address": {}})
    with world.context.sessions.read() as session:
        letter = session.scalars(select(Letter.id)).one()
    with pytest.raises(LetterError):
        world.office.letters.preview(world.anna, letter)
