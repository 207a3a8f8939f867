"""Letters around the batches: set aside, printed again, counted by scanning, returned, sent again; nobody gets one twice."""

from pathlib import Path

import pytest
from sqlalchemy import select

from db.models import Letter, LetterAttempt, LetterBatch
from kansli_tui.errors import NotAllowedError, RefusedError
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.steps import ClosedReason, Queue, Step
from kansli_tui.rows.letter_states import AttemptOutcome, BatchRow, BatchState, Channel, LetterState, ReturnReason
from kansli_tui.rows.office import Actor
from kansli_tui.rows.population import Protection
from kansli_tui.service.walk import Walk
from tests.always import Everybody
from tests.world import World

PRE = LetterType.PRE_LETTER


@pytest.fixture(autouse=True)
def nobody_is_lost(world: World) -> object:
    """After every test everybody is accounted for."""
    yield
    with world.context.sessions.read() as session:
        Everybody(session, {}).check()
    assert world.adds_up()


def printed(world: World, *people: int, kind: LetterType = PRE) -> BatchRow:
    """A batch of the letters that wait, printed to files."""
    made = world.office.letters.make_batch(world.anna, region="05", type=kind)
    world.office.letters.write(world.anna, made.batch_id, world.folder / "brev")
    return world.office.letters.by_number(world.anna, made.number)


def released(world: World, count: int) -> list[int]:
    people = [world.man() for _ in range(count)]
    world.release(world.plan())
    return people


def letter_of(world: World, person: int, kind: LetterType | None = None) -> Letter:
    """The person's newest letter (of a kind)."""
    with world.context.sessions.read() as session:
        statement = select(Letter).where(Letter.person_id == person).order_by(Letter.id.desc())
        if kind is not None:
            statement = statement.where(Letter.type == kind)
        found = session.scalars(statement).first()
        assert found is not None
        return found


def number_of(world: World, person: int) -> str:
    return f"B-{letter_of(world, person).id:06d}"


def outcomes(world: World, person: int) -> list[AttemptOutcome]:
    with world.context.sessions.read() as session:
        statement = select(LetterAttempt.outcome).where(LetterAttempt.person_id == person).order_by(LetterAttempt.id)
        return list(session.scalars(statement))


def pdf_of(world: World, batch: BatchRow) -> bytes:
    with world.context.sessions.read() as session:
        return session.get_one(LetterBatch, batch.batch_id).pdf or b""


def move_house(world: World, person: int, street: str = "Nygatan 2") -> None:
    with world.context.sessions.begin() as session:
        found = session.get_one(type(world.person(person)), person)
        found.address = {**found.address, "adr2": street}


# Counting, setting aside, printing again


def test_a_batch_is_posted_only_when_it_is_printed_and_both_counts_are_right(world: World) -> None:
    first, _second = released(world, 2)
    made = world.office.letters.make_batch(world.anna, region="05", type=PRE)
    assert made.state is BatchState.RENDERED
    confirm = world.office.letters.confirm
    with pytest.raises(RefusedError, match="has not been printed"):
        confirm(world.anna, made.batch_id, version=made.version, posted=2)
    world.office.letters.write(world.anna, made.batch_id, world.folder / "brev")
    with pytest.raises(RefusedError, match="3 sheets were counted but 2 should leave"):
        confirm(world.anna, made.batch_id, version=made.version, posted=2, sheets=3)
    assert world.step(first) is Step.PRE_LETTER_TO_POST
    done = confirm(world.anna, made.batch_id, version=made.version, posted=2, sheets=2)
    assert (done.state, done.envelopes, done.sheets, done.printed_by) == (BatchState.POSTED, 2, 2, "anna")
    assert outcomes(world, first) == [AttemptOutcome.HANDED_OVER]


def test_scanning_names_what_is_missing_strange_and_twice_and_the_missing_can_be_set_aside(world: World) -> None:
    first, second, third = released(world, 3)
    made = printed(world)
    numbers = [number_of(world, person) for person in (first, second, third)]
    scans = [f"{numbers[0]} 1/1", numbers[0].lower(), numbers[2], numbers[2], "B-999999", " "]
    counted = world.office.mail.count(world.anna, made.batch_id, scans)
    assert (counted.seen, counted.missing, counted.strange) == (2, (numbers[1],), ("B-999999",))
    assert counted.twice == (numbers[2],), "the page and the envelope of one letter are not twice the same"
    aside = world.office.mail.set_aside(
        world.anna, made.batch_id, version=made.version, letters=[numbers[1]], reason="skrynklat"
    )
    assert (aside.to_post, aside.sheets_to_post, aside.take_out) == (2, 2, (numbers[1],))
    world.office.letters.confirm(world.anna, made.batch_id, version=aside.version, posted=2, sheets=2)
    assert [world.step(person) for person in (first, second, third)] == [
        Step.OFFER_PLANNED,
        Step.PRE_LETTER_TO_POST,
        Step.OFFER_PLANNED,
    ]
    assert world.post(PRE) == 1
    assert world.step(second) is Step.OFFER_PLANNED
    assert [len(world.letters(person)) for person in (first, second, third)] == [1, 1, 1]


@pytest.mark.parametrize("text", ["", "brev", "B-", "B-1x", "OPT-2026-000001"])
def test_what_is_no_letter_number_is_refused(world: World, text: str) -> None:
    released(world, 1)
    made = printed(world)
    with pytest.raises(RefusedError):
        world.office.mail.set_aside(world.anna, made.batch_id, version=made.version, letters=[text], reason="x")


def test_a_reprint_is_a_new_batch_with_the_same_bytes_that_names_the_old_one_and_why(world: World) -> None:
    released(world, 2)
    old = printed(world)
    world.clock.advance(days=1)
    new = world.office.mail.reprint(world.anna, old.batch_id, version=old.version, reason="skrivaren strulade")
    assert (new.reprint_of, new.reason, new.state, new.to_post) == (
        old.number,
        "skrivaren strulade",
        BatchState.RENDERED,
        2,
    )
    assert pdf_of(world, new) == pdf_of(world, old)
    gone = world.office.letters.by_number(world.anna, old.number)
    assert gone.state is BatchState.CANCELLED
    with pytest.raises(RefusedError):
        world.office.letters.confirm(world.anna, old.batch_id, version=gone.version, posted=2)
    world.office.letters.write(world.anna, new.batch_id, world.folder / "brev")
    world.office.letters.confirm(world.anna, new.batch_id, version=new.version, posted=2)
    done = world.office.letters.by_number(world.anna, new.number)
    with pytest.raises(RefusedError):
        world.office.mail.reprint(world.anna, new.batch_id, version=done.version, reason="en gång till")


def test_a_reprint_leaves_out_whoever_has_been_held_or_has_died_since(world: World) -> None:
    alive, held, dead = released(world, 3)
    old = printed(world)
    with world.context.sessions.begin() as session:
        walk = Walk(session, world.anna, world.clock(), world.context.rules(session))
        people = {person: session.get_one(type(world.person(alive)), person) for person in (held, dead)}
        walk.block(people[held], "register", "undersöks")
        walk.close(people[dead], ClosedReason.DEAD)
    new = world.office.mail.reprint(world.anna, old.batch_id, version=old.version, reason="ny skrivare")
    assert new.to_post == new.letters == 1
    assert [row.person_id for row in world.office.letters.letters(world.anna, new.batch_id)] == [alive]
    assert world.letters(held)[0][1] is LetterState.PREPARED
    assert world.letters(dead)[0][1] is LetterState.STOPPED


def test_a_text_that_has_changed_since_changes_no_printed_letter(world: World, tmp_path: Path) -> None:
    released(world, 1)
    made = printed(world)
    before = pdf_of(world, made)
    new = world.office.letter_texts.write(
        world.per,
        name=PRE.value,
        language="sv",
        region="",
        body="# En annan rubrik\n> Ett annat brev den {offer_on}.\n",
        valid_from=world.today,
        comment="prov",
    )
    world.office.letter_texts.sign(Actor("eva", "Eva", world.per.role, world.per.regions), new.text_id)
    again = world.office.mail.reprint(world.anna, made.batch_id, version=made.version, reason="papper slut")
    assert pdf_of(world, again) == before, "the version a letter was set from is kept, and used again"
    other = world.man()
    world.clock.advance(days=7)
    world.release(world.plan(born=(1976,)))
    preview = world.office.letters.preview(world.anna, letter_of(world, other).id)
    assert "EN ANNAN RUBRIK" in preview


# Back from the post


def test_a_returned_offer_is_sent_again_when_the_register_knows_better_and_its_time_begins_anew(world: World) -> None:
    man = world.man()
    world.offer(man)
    until = world.person(man).next_on
    number = number_of(world, man)
    world.clock.advance(days=10)
    assert world.office.mail.returned(world.anna, f"{number} 1/2", ReturnReason.MOVED) == man
    assert world.tasks(man) == [Queue.ADDRESS]
    assert letter_of(world, man).state is LetterState.RETURNED
    with pytest.raises(RefusedError, match="noted as returned"):
        world.office.mail.returned(world.anna, number, ReturnReason.MOVED)
    with pytest.raises(RefusedError, match="is the one the letter came back from"):
        world.office.mail.send_again(world.anna, letter_of(world, man).id, reason="ny adress")
    move_house(world, man)
    first = letter_of(world, man)
    world.office.mail.send_again(world.anna, first.id, reason="ny adress")
    assert world.tasks(man) == []
    with pytest.raises(RefusedError, match="sent again already"):
        world.office.mail.send_again(world.anna, first.id, reason="en gång till")
    world.post(LetterType.OFFER)
    assert letter_of(world, man).again_of == first.id
    assert world.step(man) is Step.AWAITING_SAMPLE
    after = world.person(man).next_on
    assert until is not None
    assert after is not None
    assert (after - until).days == 10
    assert outcomes(world, man)[-3:] == [
        AttemptOutcome.HANDED_OVER,
        AttemptOutcome.RETURNED,
        AttemptOutcome.HANDED_OVER,
    ]


def test_a_returned_answer_reaches_him_though_he_has_gone_on(world: World) -> None:
    man = world.raised()
    world.post(LetterType.PSA_RAISED)
    world.office.mail.returned(world.anna, number_of(world, man), ReturnReason.UNKNOWN)
    world.refer(man)
    assert Queue.ADDRESS in world.tasks(man), "the step went on, the letter has still not reached him"
    step = world.step(man)
    world.office.mail.send_again(
        world.anna, letter_of(world, man, LetterType.PSA_RAISED).id, reason="rätt adress", address_checked=True
    )
    world.post(LetterType.PSA_RAISED)
    assert world.step(man) is step
    assert Queue.ADDRESS not in world.tasks(man)


def test_a_letter_that_is_no_longer_true_is_not_sent_again(world: World) -> None:
    man = world.man()
    world.offer(man)
    offer = letter_of(world, man, LetterType.OFFER)
    world.clock.advance(days=5)
    world.answer(man, "0.5")
    with pytest.raises(RefusedError, match="no longer says what is so"):
        world.office.mail.send_again(world.anna, offer.id, reason="borta")


def test_nothing_is_sent_again_to_the_dead_and_their_returned_letter_is_nobodys_task(world: World) -> None:
    man = world.man()
    world.offer(man)
    world.office.mail.returned(world.anna, number_of(world, man), ReturnReason.DEAD)
    assert sorted(world.tasks(man)) == sorted([Queue.ADDRESS, Queue.REGISTER])
    world.act(man, "close", detail=ClosedReason.DEAD.value)
    assert Queue.ADDRESS not in world.tasks(man)
    with pytest.raises(RefusedError, match="has left the programme"):
        world.office.mail.send_again(world.anna, letter_of(world, man).id, reason="x", address_checked=True)


def test_a_letter_that_waits_is_neither_returned_nor_sent_again(world: World) -> None:
    (man,) = released(world, 1)
    with pytest.raises(RefusedError, match="has not been posted"):
        world.office.mail.returned(world.anna, number_of(world, man), ReturnReason.MOVED)
    with pytest.raises(RefusedError, match="has been posted"):
        world.office.mail.send_again(world.anna, letter_of(world, man).id, reason="x")


def test_another_regions_letters_are_not_ones_own(world: World, jkp: Actor) -> None:
    man = world.man()
    world.offer(man)
    letter = letter_of(world, man)
    for act in (
        lambda: world.office.mail.returned(jkp, number_of(world, man), ReturnReason.MOVED),
        lambda: world.office.mail.send_again(jkp, letter.id, reason="x"),
        lambda: world.office.mail.enclose(jkp, letter.id, "x"),
        lambda: world.office.mail.print_single(jkp, letter.id),
    ):
        with pytest.raises(NotAllowedError):
            act()


# One letter


def test_one_letter_is_printed_alone_with_what_somebody_wrote_to_him(world: World) -> None:
    first, second = released(world, 2)
    letter = letter_of(world, first)
    world.office.mail.enclose(world.anna, letter.id, "Hej!\n\nVi hörs på tisdag.")
    with pytest.raises(RefusedError, match="longer than 2000"):
        world.office.mail.enclose(world.anna, letter.id, "x" * 2001)
    made = world.office.mail.print_single(world.anna, letter.id)
    assert (made.letters, made.pages) == (1, 2), "the letter and the page written for him"
    assert world.letters(second) == [(PRE, LetterState.PREPARED)]
    assert "Vi hörs på tisdag." in world.office.letters.preview(world.anna, letter.id)
    with pytest.raises(RefusedError, match="waits to be printed"):
        world.office.mail.enclose(world.anna, letter.id, "för sent")


# What people wish for


def test_letters_follow_the_persons_language_and_those_that_wait_too(world: World) -> None:
    man = world.man()
    world.offer(man)
    world.clock.advance(days=5)
    world.answer(man, "<0.1")
    world.confirm(Queue.NORMAL, man)
    version = world.person(man).version_id
    world.office.wishes.letters(
        world.anna, man, version=version, language="en", channel=Channel.PAPER, reason="talar engelska"
    )
    preview = world.office.letters.preview(world.anna, letter_of(world, man).id)
    assert "less than 0.1 µg/l" in preview
    with pytest.raises(RefusedError, match="no letters in that language"):
        world.office.wishes.letters(
            world.anna, man, version=version, language="fi", channel=Channel.PAPER, reason="talar finska"
        )
    assert world.post(LetterType.PSA_LOW) == 1


def test_a_letter_without_an_easy_text_goes_in_swedish(world: World) -> None:
    man = world.man()
    world.office.wishes.letters(
        world.anna,
        man,
        version=world.person(man).version_id,
        language="sv-simple",
        channel=Channel.PAPER,
        reason="önskar",
    )
    world.act(man, "opt_out")
    assert world.post(LetterType.OPT_OUT_CONFIRMED) == 1
    assert letter_of(world, man).language == "sv"


def test_a_protected_persons_letters_stay_on_paper(world: World) -> None:
    man = world.man(protection=Protection.CONFIDENTIALITY)
    with pytest.raises(RefusedError, match="through the tax agency"):
        world.office.wishes.letters(
            world.anna,
            man,
            version=world.person(man).version_id,
            language="sv",
            channel=Channel.MESSAGE_1177,
            reason="vill",
        )


def test_who_leaves_the_quality_register_gets_a_letter_and_stays_in_the_programme(world: World) -> None:
    man = world.man()
    object_ = world.office.wishes.register
    object_(world.anna, man, version=world.person(man).version_id, objects=True, reason="ringde")
    assert world.person(man).register_objection_on == world.today
    assert world.tasks(man) == [Queue.REGISTER], "the register removes nothing that nobody has asked it to"
    with pytest.raises(RefusedError, match="noted already"):
        object_(world.anna, man, version=world.person(man).version_id, objects=True, reason="ringde")
    world.act(man, "offer_now")
    assert {kind for kind, _state in world.letters(man)} == {LetterType.REGISTER_OPT_OUT_CONFIRMED, LetterType.OFFER}
    assert world.post() == 2
    object_(world.anna, man, version=world.person(man).version_id, objects=False, reason="ångrade sig")
    assert world.person(man).register_objection_on is None
    assert Queue.REGISTER not in world.tasks(man)


def test_a_posted_batch_says_how_many_letters_left_without_those_set_aside(world: World) -> None:
    people = released(world, 3)
    made = printed(world)
    world.office.mail.set_aside(
        world.anna, made.batch_id, version=made.version, letters=[number_of(world, people[0])], reason="fläck"
    )
    now = world.office.letters.by_number(world.anna, made.number)
    posted = world.office.letters.confirm(world.anna, made.batch_id, version=now.version, posted=2)
    assert (posted.letters, posted.to_post, posted.envelopes) == (2, 2, 2)
    with pytest.raises(RefusedError, match="nothing to count"):
        world.office.mail.count(world.anna, made.batch_id, [])


def test_a_return_noted_by_mistake_is_taken_back_until_the_letter_is_sent_again(world: World) -> None:
    (man,) = released(world, 1)
    world.post(PRE)
    letter = letter_of(world, man)
    mail = world.office.mail
    with pytest.raises(RefusedError, match="not noted"):
        mail.take_back_return(world.anna, letter.id, reason="fel")
    mail.returned(world.anna, number_of(world, man), ReturnReason.DEAD)
    assert sorted(world.tasks(man)) == sorted([Queue.ADDRESS, Queue.REGISTER])
    mail.take_back_return(world.anna, letter.id, reason="fel brev i handen")
    now = letter_of(world, man)
    assert (now.state, now.returned_on, now.return_reason) == (LetterState.POSTED, None, None)
    assert world.tasks(man) == []
    assert any("fel brev i handen" in line.detail for line in world.office.cases.open(world.anna, man).timeline)
    mail.returned(world.anna, number_of(world, man), ReturnReason.MOVED)
    mail.send_again(world.anna, letter.id, reason="ny adress", address_checked=True)
    with pytest.raises(RefusedError, match="sent again"):
        mail.take_back_return(world.anna, letter.id, reason="fel")
