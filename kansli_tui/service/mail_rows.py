"""Letters as people look at them one by one: a person's letters, one that came back, one letter's own PDF. Every look is logged."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import audit
from db.models import Letter, LetterAttempt, LetterBatch, Person, Task
from db.queries.people import by_id
from kansli_tui.errors import NotFoundError, RefusedError
from kansli_tui.pathway.steps import Queue
from kansli_tui.rows.letter_states import BatchState, LetterState
from kansli_tui.rows.letters import Recipient
from kansli_tui.rows.mail import Attempt, PersonLetter, PersonLetters, ReturnedLetter
from kansli_tui.rows.office import Actor
from kansli_tui.service import batches, printing
from kansli_tui.service.batches import booked_at, letter_number
from kansli_tui.service.context import Context, require_region
from kansli_tui.service.files import write_whole
from kansli_tui.service.holding import RETURNED
from kansli_tui.service.letter_content import recipient
from kansli_tui.service.mail import require_letter, same_address
from kansli_tui.service.naming import is_masked, shown_name, shown_number


class MailRowService:
    """Reads letters; moves nobody."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def of_person(self, actor: Actor, person_id: int) -> PersonLetters:
        """Who got what when: every letter of a person, the newest first."""
        with self._context.sessions.begin() as session:
            person = by_id(session, person_id)
            require_region(actor, person.region)
            self._logged(session, actor, "letters.of_person", person, "")
            found = session.execute(
                select(Letter, LetterBatch.number, LetterBatch.state)
                .outerjoin(LetterBatch, LetterBatch.id == Letter.batch_id)
                .where(Letter.person_id == person_id)
                .order_by(Letter.id.desc())
            ).all()
            told: dict[int, list[Attempt]] = {}
            for attempt in session.scalars(
                select(LetterAttempt).where(LetterAttempt.person_id == person_id).order_by(LetterAttempt.id)
            ):
                told.setdefault(attempt.letter_id, []).append(
                    Attempt(attempt.at, attempt.channel, attempt.outcome, attempt.note)
                )
            masked = is_masked(person)
            letters = tuple(
                _letter(letter, number or "", state, told.get(letter.id, ()), masked=masked)
                for letter, number, state in found
            )
            return PersonLetters(person.id, shown_number(person), shown_name(person), masked, letters)

    def returned(self, actor: Actor, letter_id: int) -> ReturnedLetter:
        """A letter that came back, with the address it went to and the register's of today."""
        with self._context.sessions.begin() as session:
            letter = session.get(Letter, letter_id)
            if letter is None:
                raise NotFoundError("There is no such letter.")
            # Whoever has been handed over is the new region's, with the task about a letter that came back to the old one.
            require_letter(session, actor, letter)
            person = session.get_one(Person, letter.person_id)
            self._logged(session, actor, "letter.show", person, f"letter:{letter.id}")
            task = session.scalar(
                select(Task).where(
                    Task.queue == Queue.ADDRESS, Task.subject == f"{RETURNED}{letter.id}", Task.closed_at.is_(None)
                )
            )
            leased = task is not None and task.lease_until is not None and task.lease_until >= self._context.clock()
            again = session.scalar(
                select(Letter.id).where(Letter.again_of == letter.id, Letter.state != LetterState.STOPPED).limit(1)
            )
            masked = is_masked(person)
            to = recipient(person)
            return ReturnedLetter(
                letter_id=letter.id,
                type=letter.type,
                person_id=person.id,
                number=shown_number(person),
                name=shown_name(person),
                masked=masked,
                region=person.region,
                posted_on=letter.posted_on,
                returned_on=letter.returned_on,
                reason=letter.return_reason,
                sent_to=() if masked else _sent_to(letter.content),
                now_at=() if masked or to is None or person.region not in actor.regions else _lines(to),
                same=same_address(letter, person),
                again=again,
                task_id=task.id if task is not None else None,
                lease_by=task.lease_by if task is not None and leased else None,
                booked_at=booked_at(letter),
            )

    def save(self, actor: Actor, letter_id: int, directory: Path) -> Path:
        """Write one printed letter's own PDF, the same pages as in its batch. RefusedError for one that is not printed."""
        from reports.letters import extract  # noqa: PLC0415 - reports load when letters are made

        with self._context.sessions.begin() as session:
            letter = self._mine(session, actor, letter_id)
            person = session.get_one(Person, letter.person_id)
            if is_masked(person) and not letter.by_hand:
                # It says where the person was found before.
                raise RefusedError("The letter of a protected person is shown only when it is printed by hand.")
            batch = session.get(LetterBatch, letter.batch_id) if letter.batch_id is not None else None
            if batch is None:
                raise RefusedError("The letter has not been printed yet, so it has no PDF. V shows what it says.")
            if batch.pages is None:
                contents = batches.contents_of(session, batch, self._context.texts(session))
                for name, value in printing.set_letters(contents, batch.made_at).items():
                    setattr(batch, name, value)
            number = letter_number(letter.id)
            place = next((page for page in batch.page_map or [] if page[0] == number), None)
            if place is None:
                raise RefusedError("The letter is not in its batch's PDF any longer. V shows what it says.")
            self._logged(session, actor, "letter.write", person, f"letter:{letter.id}")
            pdf = extract(batch.pdf or b"", place[1], place[2])
        return write_whole(directory, f"brev-{letter.region}-{number}.pdf", pdf)

    def _mine(self, session: Session, actor: Actor, letter_id: int) -> Letter:
        letter = session.get(Letter, letter_id)
        if letter is None:
            raise NotFoundError("There is no such letter.")
        require_region(actor, letter.region)
        return letter

    def _logged(self, session: Session, actor: Actor, action: str, person: Person, subject: str) -> None:
        at = self._context.clock()
        audit.record(session, actor, at, action, person_id=person.id, region=person.region, subject=subject)


def _letter(
    letter: Letter, batch: str, state: BatchState | None, told: Iterable[Attempt], *, masked: bool
) -> PersonLetter:
    return PersonLetter(
        letter_id=letter.id,
        type=letter.type,
        state=letter.state,
        language=letter.language,
        channel=letter.channel,
        by_hand=letter.by_hand,
        prepared_at=letter.prepared_at,
        printed_at=letter.printed_at,
        posted_on=letter.posted_on,
        returned_on=letter.returned_on,
        return_reason=letter.return_reason,
        stop_reason=letter.stop_reason,
        batch=batch,
        enclosure=letter.enclosure,
        again_of=letter.again_of,
        sent_to=() if masked else _sent_to(letter.content),
        attempts=tuple(told),
        booked_at=booked_at(letter),
        batch_state=state,
    )


def _sent_to(content: Mapping[str, Any] | None) -> tuple[str, ...]:
    """The lines of the address that a frozen letter went to."""
    if content is None:
        return ()
    to = dict(content["recipient"])
    return _lines(Recipient(**{**to, "lines": tuple(to["lines"])}))


def _lines(to: Recipient) -> tuple[str, ...]:
    """The address as it stands in the window."""
    postcode = to.postcode if to.country else f"{to.postcode[:3]} {to.postcode[3:]}"
    city = f"{postcode} {to.city}".strip()
    return tuple(line for line in (*to.lines, city, to.country) if line)
