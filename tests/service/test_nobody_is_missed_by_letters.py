"""What an adversary tried on the letters: none to the dead, none untrue, none twice, none lost, none in another's name."""

from typing import Any

import pytest
from sqlalchemy import select

from db.models import Letter, Person, Task
from kansli_tui.errors import RefusedError
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.steps import ClosedReason, Queue, Step
from kansli_tui.rows.letter_states import BatchRow, Channel, LetterState, ReturnReason
from kansli_tui.service.walk import Walk
from tests.always import Everybody
from tests.service.calendar_help import calendar
from tests.world import World

PRE, INBOX = LetterType.PRE_LETTER, Channel.MESSAGE_1177


@pytest.fixture(autouse=True)
def nobody_is_lost(world: World) -> object:
    """After every test everybody is accounted for."""
    yield
    with world.context.sessions.read() as session:
        Everybody(session, {}).check()
    assert world.adds_up()


def letter_of(world: World, person: int, kind: LetterType | None = None) -> Letter:
    """The person's newest letter (of a kind)."""
    with world.context.sessions.read() as session:
        statement = select(Letter).where(Letter.person_id == person).order_by(Letter.id.desc())
        found = session.scalars(statement if kind is None else statement.where(Letter.type == kind)).first()
        assert found is not None
        return found


def walk(world: World, person: int, what: str, *args: Any) -> None:
    with world.context.sessions.begin() as session:
        made = Walk(session, world.anna, world.clock(), world.context.rules(session))
        getattr(made, what)(session.get_one(Person, person), *args)


def printed(world: World, kind: LetterType = PRE, channel: Channel = Channel.PAPER, region: str = "05") -> BatchRow:
    """A batch of the letters that wait, written to files."""
    made = world.office.letters.make_batch(world.anna, region=region, type=kind, channel=channel)
    world.office.letters.write(world.anna, made.batch_id, world.folder / "brev")
    return world.office.letters.by_number(world.anna, made.number)


# Nothing to the dead


def test_a_letter_to_somebody_never_offered_is_stopped_by_his_death(world: World) -> None:
    """Whoever does not want to be in the register gets a letter before he has had any round."""
    man, other = world.man(), world.man()
    for one in (man, other):
        version = world.person(one).version_id
        world.office.wishes.register(world.anna, one, version=version, objects=True, reason="ringde")
    made = printed(world, LetterType.REGISTER_OPT_OUT_CONFIRMED)
    walk(world, man, "close", ClosedReason.DEAD)
    done = world.office.letters.confirm(world.anna, made.batch_id, version=made.version, posted=1)
    assert done.envelopes == 1
    assert [letter_of(world, one).state for one in (man, other)] == [LetterState.STOPPED, LetterState.POSTED]


def test_a_confirmation_is_not_sent_once_more_to_the_dead_nor_their_address_looked_for(world: World) -> None:
    man = world.man(letter_channel=INBOX)
    world.offer(man)
    world.act(man, "opt_out")
    world.post(LetterType.OPT_OUT_CONFIRMED)
    letter = letter_of(world, man)
    walk(world, man, "close", ClosedReason.DEAD)
    with pytest.raises(RefusedError, match="has left the programme"):
        world.office.mail.send_again(world.anna, letter.id, reason="borta", address_checked=True)
    world.clock.advance(days=8)
    world.office.daily.run(world.anna)
    assert letter_of(world, man).id == letter.id
    world.office.mail.returned(world.anna, f"B-{letter.id}", ReturnReason.MOVED)
    assert Queue.ADDRESS not in world.tasks(man)


# Nothing untrue


def test_a_confirmation_is_not_sent_once_more_to_somebody_who_has_come_back(world: World) -> None:
    man = world.man(letter_channel=INBOX)
    world.offer(man)
    version = world.person(man).version_id
    world.office.wishes.register(world.anna, man, version=version, objects=True, reason="ringde")
    world.act(man, "opt_out")
    world.post()
    version = world.person(man).version_id
    world.office.wishes.register(world.anna, man, version=version, objects=False, reason="ångrade sig")
    version = world.person(man).version_id
    world.office.cases.act(world.per, man, "reopen", version=version, reason="vill vara med")
    before = len(world.letters(man))
    told = [
        letter_of(world, man, kind) for kind in (LetterType.OPT_OUT_CONFIRMED, LetterType.REGISTER_OPT_OUT_CONFIRMED)
    ]
    for letter in told:
        with pytest.raises(RefusedError, match="no longer says what is so"):
            world.office.mail.send_again(world.anna, letter.id, reason="borta")
    world.clock.advance(days=8)
    world.office.daily.run(world.anna)
    assert len(world.letters(man)) == before
    with world.context.sessions.read() as session:
        asked = set(session.scalars(select(Task.subject).where(Task.queue == Queue.CONTACT)))
    assert asked >= {f"not read:{letter.id}" for letter in told}, "somebody sees to what he has been told"


def test_an_offer_is_not_sent_once_more_to_somebody_asked_for_a_new_sample(world: World) -> None:
    man = world.man(letter_channel=INBOX)
    world.offer(man)
    offer = letter_of(world, man, LetterType.OFFER)
    world.clock.advance(days=3)
    world.answer(man, "", status="X")
    world.confirm(Queue.REPEAT, man)
    world.post(LetterType.REPEAT_SAMPLE)
    world.send_orders()
    assert world.step(man) is Step.AWAITING_SAMPLE
    before = len(world.letters(man))
    with pytest.raises(RefusedError, match="no longer says what is so"):
        world.office.mail.send_again(world.anna, offer.id, reason="borta")
    world.clock.advance(days=5)
    world.office.daily.run(world.anna)
    assert len(world.letters(man)) == before, "the offer names an order that has been used"


def test_a_call_to_a_time_that_has_passed_is_not_sent_once_more(world: World) -> None:
    here = calendar(world, {})
    (man,) = here.men
    here.slots()
    here.book(man, "2026-10-13T08:30")
    world.post(LetterType.MRI_CALL)
    call = letter_of(world, man, LetterType.MRI_CALL)
    world.office.mail.returned(world.anna, f"B-{call.id}", ReturnReason.MOVED)
    world.clock.advance(days=6)
    assert world.step(man) is Step.MRI_BOOKED
    with pytest.raises(RefusedError, match="no longer says what is so"):
        world.office.mail.send_again(world.anna, call.id, reason="ny adress", address_checked=True)
