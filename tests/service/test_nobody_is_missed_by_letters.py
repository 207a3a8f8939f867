"""What an adversary tried on the letters: none to the dead, none untrue, none twice, none lost, none in another's name."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from unittest.mock import patch

import pytest
from reportlab.pdfgen.canvas import Canvas
from sqlalchemy import delete, select

from db.models import Letter, LetterBatch, LetterText, Person, Task
from kansli_tui.errors import KansliError, LetterError, NotAllowedError, RefusedError
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.steps import ClosedReason, Queue, Step
from kansli_tui.rows.letter_states import BatchRow, BatchState, Channel, LetterState, ReturnReason, TextState
from kansli_tui.rows.office import Actor
from kansli_tui.rows.population import Protection
from kansli_tui.service import printing, ways_out
from kansli_tui.service.register_effects import prepare_again
from kansli_tui.service.text_book import install_texts
from kansli_tui.service.walk import Walk
from reports.letters import extract
from tests.always import Everybody
from tests.reports.pdf_reading import page_texts
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


def test_a_call_to_a_time_that_is_near_is_told_by_phone(world: World) -> None:
    here = calendar(world, {})
    (man,) = here.men
    here.slots()
    here.book(man, "2026-10-13T08:30")
    at = datetime(2026, 10, 13, 6, 30, tzinfo=UTC)
    world.clock.now = at - timedelta(days=2, hours=23)
    world.post(LetterType.MRI_CALL)
    assert world.tasks(man).count(Queue.CONTACT) == 1, "it is posted, and somebody rings"
    call = letter_of(world, man, LetterType.MRI_CALL)
    world.office.mail.returned(world.anna, f"B-{call.id}", ReturnReason.MOVED)
    with pytest.raises(RefusedError, match="ring the person"):
        world.office.mail.send_again(world.anna, call.id, reason="ny adress", address_checked=True)
    assert world.tasks(man).count(Queue.CONTACT) == 1
    assert [kind for kind, _state in world.letters(man)].count(LetterType.MRI_CALL) == 1


# The texts, then and now


def sign(world: World, **more: Any) -> None:
    """A text written by Per and signed by Eva."""
    plain = {"region": "", "body": "# Rubrik\n> Ett annat brev.\n", "valid_from": world.today, "comment": "ny"}
    new = world.office.letter_texts.write(world.per, **{**plain, **more})
    world.office.letter_texts.sign(Actor("eva", "Eva", world.per.role, world.per.regions), new.text_id)


def test_what_was_posted_before_texts_were_kept_is_read_as_it_was(world: World) -> None:
    man = world.man()
    world.offer(man)
    offer = letter_of(world, man, LetterType.OFFER)
    with world.context.sessions.begin() as session:
        # As the version before left it: a letter that names its texts, and no texts.
        letter = session.get_one(Letter, offer.id)
        letter.content = {**(letter.content or {}), "template_version": "2026-1+2026-1+2026-1"}
        session.execute(delete(LetterText))
    for _again in range(2):
        with world.context.sessions.begin() as session:
            install_texts(session, world.clock())
    said = world.office.letters.preview(world.anna, offer.id)
    assert "Syftet är att hitta prostatacancer tidigt." in " ".join(said.split())
    now = world.context.text_book.current(LetterType.OFFER, "sv", "05", world.today)
    assert now.version.split("+")[0] != "2026-1", "new letters are set from the new texts"
    assert {row.state for row in world.office.letter_texts.rows(world.per)} == {TextState.SIGNED}


def test_one_letter_is_taken_out_of_a_file_that_an_earlier_version_set() -> None:
    out = BytesIO()
    pages = Canvas(out)
    for name in ("Adam", "Bertil"):
        pages.drawString(72, 700, f"Till {name}")
        pages.showPage()
    pages.save()
    one = extract(out.getvalue(), 2, 1)
    assert page_texts(one) == ["Till Bertil"]
    assert one == extract(out.getvalue(), 2, 1)


def test_an_easy_text_of_one_region_or_of_a_coming_day_stops_no_letter_of_another(world: World) -> None:
    man = world.man(letter_language="sv-simple")
    world.release(world.plan())
    kind = LetterType.AGE_EXIT
    walk(world, man, "prepare_letter", kind)
    sign(world, name=kind.value, language="sv-simple", region="06")
    sign(world, name=kind.value, language="sv-simple", valid_from=world.today + timedelta(days=30))
    assert "Ett annat brev" not in world.office.letters.preview(world.anna, letter_of(world, man).id)


def test_a_text_that_is_too_tall_for_a_page_is_refused_before_it_stops_every_batch(world: World) -> None:
    with pytest.raises(LetterError, match="taller than the page"):
        sign(world, name="pre_letter", language="sv", body="# Rubrik\n" + "> rad\n" * 3000)


def test_a_delivered_text_arrives_though_the_office_has_one_of_that_version(world: World) -> None:
    with world.context.sessions.begin() as session:
        (row,) = session.scalars(
            select(LetterText).where(LetterText.name == "pre_letter", LetterText.language == "sv")
        ).all()
        version, row.version = row.version, "2020-1"
    sign(world, name="pre_letter", language="sv", body="# Rubrik\n> Den {offer_on}.\n")
    with world.context.sessions.begin() as session:
        rows = select(LetterText).where(LetterText.name == "pre_letter", LetterText.language == "sv")
        for row in session.scalars(rows.where(LetterText.written_by == "per")):
            row.version = version
    for _again in range(2):
        with world.context.sessions.begin() as session:
            install_texts(session, world.clock())
    with world.context.sessions.read() as session:
        found = [(row.version, row.state) for row in session.scalars(rows.order_by(LetterText.id))]
    assert found == [
        ("2020-1", TextState.SIGNED),
        (version, TextState.SIGNED),
        (f"p{version}", TextState.DRAFT),
    ]


# Back from the post, and handed over


@pytest.mark.parametrize("returned_first", [True, False])
def test_who_is_handed_over_gets_his_returned_answer_from_the_region_he_is_in(
    world: World, jkp: Actor, returned_first: bool
) -> None:
    man = world.raised()
    world.post(LetterType.PSA_RAISED)
    answer = letter_of(world, man, LetterType.PSA_RAISED)
    offer = letter_of(world, man, LetterType.OFFER)
    lisa = Actor("lisa", "Lisa", world.anna.role, frozenset({"05"}))

    def comes_back() -> None:
        world.office.mail.returned(lisa, f"B-{answer.id}", ReturnReason.MOVED)

    if returned_first:
        comes_back()
    version = world.person(man).version_id
    row = world.office.handovers.offer(lisa, man, version=version, to_region="06", reason="har flyttat")
    world.office.handovers.accept(jkp, row.handover_id)
    if not returned_first:
        comes_back()
    (task,) = world.office.queues.page(jkp, Queue.ADDRESS)
    assert world.office.mail_rows.returned(jkp, answer.id).task_id == task.task_id
    assert world.office.mail_rows.returned(lisa, answer.id).now_at == (), (
        "where he lives now is the new region's to know"
    )
    with pytest.raises(RefusedError, match="Another region has taken"):
        world.office.mail.send_again(lisa, answer.id, reason="ny adress", address_checked=True)
    with pytest.raises(RefusedError, match="no longer says what is so"):
        world.office.mail.send_again(jkp, offer.id, reason="borta", address_checked=True)
    again = world.office.mail.send_again(jkp, answer.id, reason="ny adress", address_checked=True)
    assert "Region Jönköpings län" in world.office.letters.preview(jkp, again)
    assert Queue.ADDRESS not in world.tasks(man)
    world.post()
    assert (letter_of(world, man).region, letter_of(world, man).state) == ("06", LetterState.POSTED)


# Batches


def pdf_of(world: World, batch: BatchRow) -> bytes:
    with world.context.sessions.read() as session:
        return session.get_one(LetterBatch, batch.batch_id).pdf or b""


def killed(world: World) -> BatchRow:
    """A batch whose program was killed before the PDF was set."""
    with (
        patch("kansli_tui.service.letters.LetterService._take_back"),
        patch("kansli_tui.service.printing.set_letters", side_effect=KeyboardInterrupt),
        pytest.raises(KeyboardInterrupt),
    ):
        world.office.letters.make_batch(world.anna, region="05", type=PRE)
    (left,) = world.office.letters.left_behind(world.anna)
    return left


def test_a_reprint_of_a_reprint_has_the_bytes_of_the_first(world: World) -> None:
    world.man()
    world.release(world.plan())
    batch = printed(world)
    first = pdf_of(world, batch)
    for _day in range(2):
        world.clock.advance(days=1)
        batch = world.office.mail.reprint(world.anna, batch.batch_id, version=batch.version, reason="fel papper")
        assert pdf_of(world, batch) == first


def test_a_batch_that_is_set_after_a_kill_holds_no_letter_that_has_been_stopped_since(world: World) -> None:
    """A protected person's old address would else be printed, to be picked out by hand."""
    man, other = world.man(family_name="Skyddad"), world.man(family_name="Annan")
    world.release(world.plan())
    left = killed(world)
    with world.context.sessions.begin() as session:
        made = Walk(session, world.anna, world.clock(), world.context.rules(session))
        person = session.get_one(Person, man)
        person.protection = Protection.CONFIDENTIALITY
        prepare_again(made, person, "Protected since", printed_only=False)
    batch = world.office.letters.render(world.anna, left.batch_id)
    text = " ".join(page_texts(pdf_of(world, batch)))
    assert "Annan" in text
    assert "Skyddad" not in text
    assert (batch.to_post, batch.sheets_to_post, batch.take_out) == (1, 1, ())
    world.office.letters.write(world.anna, batch.batch_id, world.folder / "brev")
    world.office.letters.confirm(world.anna, batch.batch_id, version=batch.version, posted=1, sheets=1)
    assert world.step(other) is Step.OFFER_PLANNED


def test_a_batch_of_which_nobody_is_left_after_a_kill_stops_no_other(world: World) -> None:
    man = world.man()
    world.release(world.plan())
    left = killed(world)
    walk(world, man, "close", ClosedReason.DEAD)
    with pytest.raises(RefusedError, match="Cancel it instead"):
        world.office.letters.write(world.anna, left.batch_id, world.folder)
    other = world.man()
    world.clock.advance(days=7)
    world.release(world.plan())
    assert world.post(PRE) == 1
    assert world.step(other) is Step.OFFER_PLANNED
    world.office.letters.cancel(world.anna, left.batch_id, version=left.version, reason="tom")
    assert letter_of(world, man).state is LetterState.STOPPED


def test_a_batch_that_is_cancelled_while_another_sets_it_is_no_batch_of_that_other(world: World) -> None:
    world.man()
    world.release(world.plan())
    left = killed(world)
    setting = printing.set_letters

    def cancelled(*args: Any) -> dict[str, Any]:
        if slow.call_count == 1:
            world.office.letters.cancel(world.anna, left.batch_id, version=left.version, reason="fel")
        return setting(*args)

    with patch("kansli_tui.service.printing.set_letters") as slow:
        slow.side_effect = cancelled
        made = world.office.letters.make_batches(world.anna, region="05", type=PRE)
    assert [batch.state for batch in made] == [BatchState.RENDERED], "its letters are in a new batch, and only there"


def test_files_of_a_batch_that_is_cancelled_while_they_are_written_are_not_left_to_be_fetched(world: World) -> None:
    """A print house would post them, and the next batch the same letters again."""
    world.man()
    world.release(world.plan())
    made = world.office.letters.make_batch(world.anna, region="05", type=PRE, channel=Channel.VENDOR)
    writing = ways_out.write_whole

    def cancelled(*args: Any) -> Any:
        if slow.call_count == 1:
            world.office.letters.cancel(world.anna, made.batch_id, version=made.version, reason="fel")
        return writing(*args)

    with patch("kansli_tui.service.ways_out.write_whole") as slow:
        slow.side_effect = cancelled
        with pytest.raises(RefusedError, match="is cancelled"):
            world.office.letters.write(world.anna, made.batch_id, world.folder / "ut")
    assert [path for path in (world.folder / "ut").rglob("*") if path.is_file()] == []
    assert world.post() == 1


def test_a_letter_stopped_by_a_hand_over_shows_the_old_region_no_new_address(world: World, jkp: Actor) -> None:
    man = world.man()
    world.release(world.plan())
    letter = letter_of(world, man)
    lisa = Actor("lisa", "Lisa", world.anna.role, frozenset({"05"}))
    version = world.person(man).version_id
    row = world.office.handovers.offer(lisa, man, version=version, to_region="06", reason="har flyttat")
    world.office.handovers.accept(jkp, row.handover_id)
    with pytest.raises(NotAllowedError):
        world.office.letters.preview(lisa, letter.id)


def test_a_letter_set_aside_follows_what_its_person_has_wished_meanwhile(world: World) -> None:
    man = world.man()
    world.release(world.plan())
    batch = printed(world)
    version = world.person(man).version_id
    world.office.wishes.letters(world.anna, man, version=version, language="en", channel=INBOX, reason="önskar")
    letter = letter_of(world, man)
    world.office.mail.set_aside(
        world.anna, batch.batch_id, version=batch.version, letters=[f"B-{letter.id}"], reason="skrynklat"
    )
    letter = letter_of(world, man)
    assert (letter.state, letter.language, letter.channel) == (LetterState.PREPARED, "en", INBOX)


def test_one_letter_that_somebody_asks_to_print_goes_on_paper_and_is_not_waited_for_in_1177(world: World) -> None:
    man, other = world.man(letter_channel=INBOX), world.man(letter_channel=INBOX)
    world.release(world.plan())
    made = world.office.mail.print_single(world.anna, letter_of(world, man).id)
    world.office.letters.write(world.anna, made.batch_id, world.folder / "brev")
    world.office.letters.confirm(world.anna, made.batch_id, version=made.version, posted=1)
    assert made.channel is letter_of(world, man).channel is Channel.PAPER
    assert letter_of(world, other).channel is INBOX
    world.clock.advance(days=8)
    assert world.office.daily.run(world.anna).unread == 0


def test_what_was_not_read_stays_on_paper_when_it_is_prepared_anew(world: World) -> None:
    man = world.man(letter_channel=INBOX)
    world.release(world.plan())
    printed(world, PRE, INBOX)
    (batch,) = world.office.letters.batches(world.anna)
    world.office.letters.confirm(world.anna, batch.batch_id, version=batch.version, posted=1)
    world.clock.advance(days=7)
    world.office.daily.run(world.anna)
    assert letter_of(world, man).channel is Channel.PAPER
    made = printed(world)
    walk(world, man, "block", "undersöks", "undersöks")
    world.office.mail.set_aside(
        world.anna, made.batch_id, version=made.version, letters=[f"B-{letter_of(world, man).id}"], reason="hållen"
    )
    assert letter_of(world, man).channel is Channel.PAPER
    with world.context.sessions.begin() as session:
        made_by = Walk(session, world.anna, world.clock(), world.context.rules(session))
        prepare_again(made_by, session.get_one(Person, man), "flyttar", printed_only=False)
    assert (letter_of(world, man).state, letter_of(world, man).channel) == (LetterState.PREPARED, Channel.PAPER)


def test_a_protected_persons_earlier_letter_is_not_written_by_itself(world: World) -> None:
    man = world.man()
    world.release(world.plan())
    world.post()
    with world.context.sessions.begin() as session:
        session.get_one(Person, man).protection = Protection.CONFIDENTIALITY
    with pytest.raises(RefusedError, match="protected"):
        world.office.mail_rows.save(world.anna, letter_of(world, man).id, world.folder)


# At the same time


class Meanwhile:
    """Somebody else who does something while a transaction is open; what they were refused with is kept."""

    def __init__(self, act: Callable[[], object]) -> None:
        self._act = act
        self.refused: KansliError | None = None
        self._thread = threading.Thread(target=self._run)

    def begins(self) -> None:
        """Begin, and come to where the open transaction is in the way."""
        self._thread.start()
        time.sleep(0.3)

    def ends(self) -> None:
        self._thread.join()

    def _run(self) -> None:
        try:
            self._act()
        except KansliError as problem:
            self.refused = problem


def test_a_letter_that_is_stopped_while_its_batch_is_cancelled_stays_stopped(world: World) -> None:
    man = world.man()
    world.release(world.plan())
    made = printed(world)
    cancel = Meanwhile(
        lambda: world.office.letters.cancel(world.anna, made.batch_id, version=made.version, reason="fel papper")
    )
    with world.context.sessions.begin() as session:
        person = session.get_one(Person, man, with_for_update=True)
        Walk(session, world.anna, world.clock(), world.context.rules(session)).close(person, ClosedReason.DEAD)
        session.flush()
        cancel.begins()
    cancel.ends()
    assert letter_of(world, man).state is LetterState.STOPPED


def test_two_who_write_the_same_text_at_once_get_a_version_each(world: World) -> None:
    def write(what: str) -> None:
        world.office.letter_texts.write(
            world.per,
            name="pre_letter",
            language="sv",
            region="",
            body=f"# Rubrik\n> {what} {{offer_on}}\n",
            valid_from=world.today,
            comment="ny",
        )

    other = Meanwhile(lambda: write("andra"))

    def slowly(_self: object, _session: object, _actor: object, action: str, _row: object) -> None:
        if action == "texts.write" and not begun:
            begun.append(True)
            other.begins()

    begun: list[bool] = []
    with patch("kansli_tui.service.letter_texts.LetterTextService._logged", slowly):
        write("första")
        other.ends()
    assert other.refused is None
    rows = [row for row in world.office.letter_texts.rows(world.per) if row.state is TextState.DRAFT]
    assert len({row.version for row in rows}) == len(rows) == 2


def test_a_wish_about_letters_leaves_one_alone_that_is_just_being_printed(world: World) -> None:
    """Else a letter on paper would count as one in 1177 that nobody reads, and be posted a second time."""
    man = world.man()
    world.release(world.plan())
    version = world.person(man).version_id
    wish = Meanwhile(
        lambda: world.office.wishes.letters(
            world.anna, man, version=version, language="en", channel=INBOX, reason="önskar"
        )
    )
    done = []

    def progress(_done: int, _of: int) -> None:
        if not done:
            wish.begins()
        done.append(_done)

    world.office.letters.make_batch(world.anna, region="05", type=PRE, progress=progress)
    wish.ends()
    letter = letter_of(world, man)
    assert (letter.state, letter.channel, letter.language) == (LetterState.PRINTED, Channel.PAPER, "sv")


def test_a_letter_is_sent_again_to_the_person_as_he_is_when_it_is_written(world: World) -> None:
    man = world.man()
    world.release(world.plan())
    world.post()
    letter = letter_of(world, man)
    again = Meanwhile(lambda: world.office.mail.send_again(world.anna, letter.id, reason="borta"))
    with world.context.sessions.begin() as session:
        person = session.get_one(Person, man, with_for_update=True)
        Walk(session, world.anna, world.clock(), world.context.rules(session)).close(person, ClosedReason.MOVED_OUT)
        session.flush()
        again.begins()
    again.ends()
    assert again.refused is not None
    assert letter_of(world, man).id == letter.id
