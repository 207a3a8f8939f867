"""One doing of each method about letters, their texts and wishes, for the test that every act leaves a line."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from db.models import Letter
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.steps import Queue
from kansli_tui.rows.letter_states import BatchRow, Channel, ReturnReason, TextRow
from kansli_tui.rows.population import Protection
from tests.world import World


def letter_acts(world: World) -> dict[str, Callable[[], Callable[[], Any]]]:
    """Method → what prepares it and returns the act."""
    office, anna = world.office, world.anna
    eva = replace(world.per, username="eva")

    def newest() -> Letter:
        with world.context.sessions.read() as session:
            found = session.scalars(select(Letter).order_by(Letter.id.desc())).first()
            assert found is not None
            return found

    def offered() -> int:
        man = world.man()
        world.act(man, "offer_now")
        return man

    def batch(act: Callable[[BatchRow], Any]) -> Callable[[], Any]:
        offered()
        made = office.letters.make_batch(anna, region="05", type=LetterType.OFFER)
        office.letters.write(anna, made.batch_id, world.folder)
        return lambda: act(made)

    def prepared_only() -> Callable[[], Any]:
        offered()
        batch_id = office.letters._prepare(anna, "05", LetterType.OFFER, False, Channel.PAPER, None, None)
        return lambda: office.letters.render(anna, batch_id)

    def letter(act: Callable[[int], Any], *, posted: bool = False) -> Callable[[], Any]:
        offered()
        if posted:
            world.post(LetterType.OFFER)
        key = newest().id
        return lambda: act(key)

    def took_back(key: int) -> None:
        office.mail.returned(anna, f"B-{key}", ReturnReason.MOVED)
        office.mail.take_back_return(anna, key, reason="fel brev")

    def draft(act: Callable[[TextRow], Any]) -> Callable[[], Any]:
        made = write()
        return lambda: act(made)

    def write() -> TextRow:
        return office.letter_texts.write(
            world.per,
            name="age_exit",
            language="sv",
            region="",
            body="# Rubrik\n> Text.\n",
            valid_from=world.today,
            comment="kortare",
        )

    def man(act: Callable[[int, int], Any]) -> Callable[[], Any]:
        made = world.man()
        return lambda: act(made, world.person(made).version_id)

    def by_hand() -> Callable[[], Any]:
        protected = world.man(protection=Protection.CONFIDENTIALITY)
        world.act(protected, "offer_now")
        made = office.letters.make_batch(anna, region="05", type=LetterType.OFFER, by_hand=True)
        return lambda: office.papers.forwarding(anna, made.batch_id, world.folder)

    def question() -> Callable[[], Any]:
        asked = world.man()
        office.cases.ask_physician(anna, asked, "Vad gör vi?")
        (task,) = office.queues.page(anna, Queue.MEDICAL)
        return lambda: office.papers.physician_question(anna, task.task_id, world.folder)

    return {
        "papers.forwarding": by_hand,
        "papers.physician_question": question,
        "letters.render": prepared_only,
        "mail.set_aside": lambda: batch(
            lambda made: office.mail.set_aside(
                anna, made.batch_id, version=made.version, letters=[f"B-{newest().id}"], reason="skäl"
            )
        ),
        "mail.reprint": lambda: batch(
            lambda made: office.mail.reprint(anna, made.batch_id, version=made.version, reason="skäl")
        ),
        "mail.returned": lambda: letter(
            lambda key: office.mail.returned(anna, f"B-{key}", ReturnReason.MOVED), posted=True
        ),
        "mail.take_back_return": lambda: letter(took_back, posted=True),
        "mail.send_again": lambda: letter(lambda key: office.mail.send_again(anna, key, reason="skäl"), posted=True),
        "mail.enclose": lambda: letter(lambda key: office.mail.enclose(anna, key, "Hej")),
        "mail.print_single": lambda: letter(lambda key: office.mail.print_single(anna, key)),
        "mail_rows.of_person": lambda: man(lambda person, _version: office.mail_rows.of_person(anna, person)),
        "mail_rows.returned": lambda: letter(lambda key: office.mail_rows.returned(anna, key), posted=True),
        "mail_rows.save": lambda: batch(lambda _made: office.mail_rows.save(anna, newest().id, world.folder)),
        "channels.receive": lambda: letter(
            lambda key: office.channels.receive(
                anna, f"letter_id;outcome;at\nB-{key};failed;{world.clock.now:%Y-%m-%dT%H:%M}".encode(), "kvitto.csv"
            ),
            posted=True,
        ),
        "letter_texts.write": lambda: write,
        "letter_texts.sign": lambda: draft(lambda made: office.letter_texts.sign(eva, made.text_id)),
        "letter_texts.reject": lambda: draft(lambda made: office.letter_texts.reject(eva, made.text_id, reason="skäl")),
        "wishes.letters": lambda: man(
            lambda person, version: office.wishes.letters(
                anna, person, version=version, language="en", channel=Channel.PAPER, reason="skäl"
            )
        ),
        "wishes.register": lambda: man(
            lambda person, version: office.wishes.register(anna, person, version=version, objects=True, reason="skäl")
        ),
    }
