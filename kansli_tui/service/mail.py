"""What happens to letters around the batches: set aside, printed again, counted by scanning, sent back, sent again."""

import re
from collections import Counter
from collections.abc import Sequence

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from db import audit
from db.models import Letter, LetterAttempt, LetterBatch, Person
from db.queries.people import by_id
from kansli_tui.errors import NotFoundError, RefusedError
from kansli_tui.i18n import later
from kansli_tui.labels import label
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.steps import Queue
from kansli_tui.rows.letter_states import (
    OPEN_BATCHES,
    AttemptOutcome,
    BatchRow,
    BatchState,
    Channel,
    Counted,
    LetterState,
    ReturnReason,
)
from kansli_tui.rows.office import Actor
from kansli_tui.rows.population import Protection
from kansli_tui.service import batches, printing
from kansli_tui.service.batches import letter_number
from kansli_tui.service.context import Context, plain, require_region
from kansli_tui.service.holding import POST_SAYS_DEAD, RETURNED, UNSENT
from kansli_tui.service.letter_content import recipient
from kansli_tui.service.still_true import (
    REGIONS_OWN,
    appointment_is_near,
    nothing_is_owed,
    ring_about_call,
    still_true,
)
from kansli_tui.service.walk import Walk

_NUMBER = re.compile(r"\s*(?:[Bb]-?)?0*([0-9]{1,12})(?:\s+[0-9]+/[0-9]+)?\s*")
MOST_ENCLOSED = 2_000
"""Characters of a hand-written enclosure."""


def read_number(text: str) -> int:
    """The letter's key from what was typed or scanned: 'B-000123', 'b123' or the code 'B-000123 1/2'."""
    found = _NUMBER.fullmatch(text)
    if found is None:
        raise RefusedError("A letter's number looks like B-000123. It stands at the top of the letter and in its code.")
    return int(found[1])


class MailService:
    """Letters that are printed anew, come back or are sent once more."""

    def __init__(self, context: Context) -> None:
        self._context = context

    # Batches that are not as they should be

    def count(self, actor: Actor, batch_id: int, seen: Sequence[str]) -> Counted:
        """Compare scanned letters with those that should leave. Scanning a letter's every page counts it once."""
        with self._context.sessions.read() as session:
            batch = batches.batch_of(session, actor, batch_id)
            if batch.state not in OPEN_BATCHES:
                raise RefusedError("The batch has left the office, or is cancelled: there is nothing to count.")
            out = set(batches.taken_out(session, batch))
            expected = {letter.id for letter in batches.letters_of(session, batch)} - out
            # A page is scanned with its number, an envelope's letter without: the same text again is the same paper again.
            scanned = Counter(text.strip() for text in seen if text.strip())
            keys = {text: read_number(text) for text in scanned}
            found = set(keys.values())
            return Counted(
                seen=len(found & expected),
                missing=tuple(map(letter_number, sorted(expected - found))),
                strange=tuple(map(letter_number, sorted(found - expected))),
                twice=tuple(letter_number(keys[text]) for text, times in sorted(scanned.items()) if times > 1),
            )

    def set_aside(self, actor: Actor, batch_id: int, *, version: int, letters: Sequence[str], reason: str) -> BatchRow:
        """Take spoiled or missing letters out of a printed batch: they wait for the next one, and the rest can leave."""
        if not reason.strip():
            raise RefusedError("State why.")
        wanted = {read_number(text) for text in letters}
        with self._context.sessions.begin() as session:
            batch = self._printed(session, actor, batch_id, version)
            if batch.pages is None:
                raise RefusedError("The batch has not been printed. Save its PDF and print it first.")
            people = batches.people_of(session, batch, lock=True)
            found = {
                letter.id: letter
                for letter in batches.letters_of(session, batch, lock=True)
                if letter.state is LetterState.PRINTED
            }
            strange = sorted(wanted - found.keys())
            if strange or not wanted:
                raise RefusedError(
                    "These letters are not in the batch: {letters}.",
                    letters=", ".join(map(letter_number, strange)) or "–",
                )
            for letter_id in wanted:
                batches.prepared_again(found[letter_id], people[found[letter_id].person_id])
            batch.reason = plain(reason)
            self._logged(
                session,
                actor,
                "letters.set_aside",
                batch,
                [found[letter_id] for letter_id in sorted(wanted)],
                plain(reason),
            )
            session.flush()
            return batches.row_of(session, batch)

    def reprint(self, actor: Actor, batch_id: int, *, version: int, reason: str) -> BatchRow:
        """Print a batch anew that has not been posted: a new batch with the same frozen letters, linked to the old one.

        With no letter stopped in between the PDF is the same byte for byte. The old batch is cancelled: what was printed of it is
        destroyed.
        """
        if not reason.strip():
            raise RefusedError("State why.")
        with self._context.sessions.begin() as session:
            old = self._printed(session, actor, batch_id, version)
            walk = self._walk(session, actor)
            people = batches.people_of(session, old, lock=True)
            letters = [
                letter for letter in batches.letters_of(session, old, lock=True) if letter.state is LetterState.PRINTED
            ]
            going = [letter for letter in letters if not batches.stays(letter, people[letter.person_id])]
            if not going:
                raise RefusedError("No letter of the batch can leave. Cancel it instead.")
            new = printing.new_batch(
                walk,
                region=old.region,
                kind=old.type,
                by_hand=old.by_hand,
                channel=old.channel,
                letters=len(going),
                left_out={},
                reprint_of=old.number,
                reason=plain(reason),
            )
            for letter in letters:
                if letter in going:
                    letter.batch_id, letter.printed_at = new.id, walk.at
                else:
                    batches.prepared_again(letter, people[letter.person_id])
            session.flush()
            contents = batches.contents_of(session, new, self._context.texts(session))
            kept = printing.set_letters(contents, batches.first_made_at(session, old))
            for name, value in kept.items():
                setattr(new, name, value)
            new.state = BatchState.RENDERED
            old.state, old.reason = BatchState.CANCELLED, plain(reason)
            self._logged(session, actor, "letters.reprint", new, going, plain(reason))
            session.flush()
            return batches.row_of(session, new)

    # Letters that come back

    def returned(self, actor: Actor, number: str, why: ReturnReason) -> int:
        """Note that the post has brought a letter back: a task to find the right address. The person's key.

        RefusedError for a letter that has not been posted, or is noted as returned already.
        """
        with self._context.sessions.begin() as session:
            letter = self._letter(session, actor, read_number(number))
            if letter.state is LetterState.RETURNED:
                raise RefusedError("The letter is noted as returned on {day} already.", day=letter.returned_on)
            if letter.state is not LetterState.POSTED:
                raise RefusedError("The letter has not been posted: take it out of its batch instead.")
            walk = self._walk(session, actor)
            person = session.get_one(Person, letter.person_id)
            letter.state, letter.returned_on, letter.return_reason = LetterState.RETURNED, walk.today, why
            note_attempt(walk, letter, AttemptOutcome.RETURNED, label(why))
            if not nothing_is_owed(letter, person):
                walk.open_task(
                    Queue.ADDRESS,
                    f"{RETURNED}{letter.id}",
                    region=person.region,
                    person=person,
                    reason=f"Brev {letter_number(letter.id)} ({label(letter.type)}) har kommit i retur: {label(why)}",
                )
            if why is ReturnReason.DEAD:
                walk.open_task(
                    Queue.REGISTER,
                    f"{POST_SAYS_DEAD}{person.id}",
                    region=person.region,
                    person=person,
                    reason="The post says that the person is dead: look in the population register, and close the case if it is so.",
                )
            self._logged_one(walk, "letter.returned", letter, why.value)
            return person.id

    def take_back_return(self, actor: Actor, letter_id: int, *, reason: str) -> None:
        """A letter was noted as returned by mistake: it counts as posted again, and nobody looks for its address.

        RefusedError for a letter that is not noted as returned, or that has been sent again since.
        """
        if not reason.strip():
            raise RefusedError("State why.")
        with self._context.sessions.begin() as session:
            letter = self._letter(session, actor, letter_id)
            if letter.state is not LetterState.RETURNED:
                raise RefusedError("The letter is not noted as returned.")
            again = select(Letter.id).where(Letter.again_of == letter.id, Letter.state != LetterState.STOPPED)
            if session.scalar(again.limit(1)) is not None:
                raise RefusedError("The letter has been sent again: that it came back can no longer be taken back.")
            walk = self._walk(session, actor)
            note_attempt(walk, letter, AttemptOutcome.HANDED_OVER, f"retur återtagen: {plain(reason)}")
            walk.end_returned([letter], "return taken back")
            if letter.return_reason is ReturnReason.DEAD:
                walk.end_post_says_dead(letter.person_id, "return taken back")
            letter.state, letter.returned_on, letter.return_reason = LetterState.POSTED, None, None
            self._logged_one(walk, "letter.return_taken_back", letter, plain(reason))

    # Letters that are sent once more

    def send_again(self, actor: Actor, letter_id: int, *, reason: str, address_checked: bool = False) -> int:
        """Prepare a posted or returned letter once more, to the address the register has now. The new letter's key.

        `address_checked`: somebody has looked in the register and the address of the returned letter is right all the same.
        RefusedError when the letter no longer says what is so; for a call to an appointment that is near, with a task to ring.
        """
        if not reason.strip():
            raise RefusedError("State why.")
        with self._context.sessions.begin() as session:
            letter = self._letter(session, actor, letter_id)
            walk = self._walk(session, actor)
            if letter.state not in (LetterState.POSTED, LetterState.RETURNED):
                raise RefusedError("Only a letter that has been posted can be sent again.")
            person = session.get_one(Person, letter.person_id)
            refuse_untrue(walk, letter, person)
            if letter.type is LetterType.MRI_CALL and appointment_is_near(walk, letter):
                ring_about_call(walk, letter, person)
            else:
                if letter.state is LetterState.RETURNED and not address_checked and same_address(letter, person):
                    raise RefusedError(
                        "The address is the one the letter came back from. Look in the population register; if it is right, say so."
                    )
                anew = send_once_more(walk, letter, person, channel=person.letter_channel)
                self._logged_one(walk, "letter.again", anew, plain(reason))
                return anew.id
        # Outside the transaction: the task to ring has been written.
        raise RefusedError("The appointment is too near for a letter: ring the person. There is a task for it.")

    def enclose(self, actor: Actor, letter_id: int, text: str) -> None:
        """Put a hand-written page into a letter that waits; an empty text takes it out."""
        if len(text) > MOST_ENCLOSED:
            raise RefusedError("The enclosure is longer than {most} characters. Shorten it.", most=MOST_ENCLOSED)
        with self._context.sessions.begin() as session:
            letter = self._letter(session, actor, letter_id)
            if letter.state is not LetterState.PREPARED:
                raise RefusedError("Only a letter that waits to be printed can be changed.")
            letter.enclosure = plain(text)
            self._logged_one(self._walk(session, actor), "letter.enclose", letter, "")

    def print_single(self, actor: Actor, letter_id: int) -> BatchRow:
        """Print one waiting letter by itself, on paper whatever way its person's letters go: a batch of one."""
        from kansli_tui.service.letters import LetterService  # noqa: PLC0415 — only here

        with self._context.sessions.read() as session:
            letter = self._letter(session, actor, letter_id, lock=False)
            region, kind, by_hand = letter.region, letter.type, letter.by_hand
        return LetterService(self._context).make_batch(
            actor, region=region, type=kind, by_hand=by_hand, channel=Channel.PAPER, letter_id=letter_id
        )

    # Habits

    def _walk(self, session: Session, actor: Actor) -> Walk:
        return Walk(session, actor, self._context.clock(), self._context.rules(session))

    def _letter(self, session: Session, actor: Actor, letter_id: int, *, lock: bool = True) -> Letter:
        """A letter of one of the actor's regions; as it and its person are now, both under lock, the person first."""
        letter = session.get(Letter, letter_id)
        if letter is None:
            raise NotFoundError("There is no such letter.")
        require_letter(session, actor, letter)
        if lock:
            by_id(session, letter.person_id, lock=True)
            session.refresh(letter, with_for_update=True)
        return letter

    def _printed(self, session: Session, actor: Actor, batch_id: int, version: int) -> LetterBatch:
        batch = batches.batch_of(session, actor, batch_id, version)
        if batch.state not in (BatchState.RENDERED, BatchState.PRINTED):
            raise RefusedError("Only a batch that is printed and not yet posted can be changed.")
        return batch

    def _logged(
        self, session: Session, actor: Actor, action: str, batch: LetterBatch, letters: Sequence[Letter], why: str
    ) -> None:
        at = self._context.clock()
        audit.record(session, actor, at, action, region=batch.region, subject=f"batch:{batch.number}", why=why)
        people = ((letter.person_id, letter.region) for letter in letters)
        audit.record_people(session, actor, at, action, people, subject=f"batch:{batch.number}")

    def _logged_one(self, walk: Walk, action: str, letter: Letter, why: str) -> None:
        audit.record(
            walk.session,
            walk.actor,
            walk.at,
            action,
            person_id=letter.person_id,
            region=letter.region,
            subject=f"letter:{letter.id}",
            why=why,
        )


def require_letter(session: Session, actor: Actor, letter: Letter) -> None:
    """Refuse a letter of a region the actor does not work for, unless its person has been handed over to one the actor does."""
    if letter.region not in actor.regions:
        person = session.get_one(Person, letter.person_id)
        require_region(actor, person.region if person.region in actor.regions else letter.region)


def note_attempt(walk: Walk, letter: Letter, outcome: AttemptOutcome, note: str = "") -> None:
    """Write down what a channel has done, or told us, about a letter."""
    walk.session.execute(
        insert(LetterAttempt).values(
            letter_id=letter.id,
            person_id=letter.person_id,
            region=letter.region,
            channel=letter.channel,
            outcome=outcome,
            at=walk.at,
            note=note,
            by=walk.actor.username,
        )
    )


def refuse_untrue(walk: Walk, letter: Letter, person: Person) -> None:
    """RefusedError when a letter that has been posted no longer says what is so, or is on its way again already."""
    session = walk.session
    again = select(Letter.id).where(Letter.again_of == letter.id, Letter.state != LetterState.STOPPED)
    if session.scalar(again.limit(1)) is not None:
        raise RefusedError("The letter has been sent again already. Send that one again if it too is lost.")
    if nothing_is_owed(letter, person):
        raise RefusedError("The person has left the programme: nothing more is sent.")
    elsewhere = person.region != letter.region
    if elsewhere and person.region not in walk.actor.regions:
        raise RefusedError("Another region has taken the person over: that region writes.")
    # Where to give the sample, and who has taken whom over, is each region's own to say; the rest is so whoever writes it.
    if (elsewhere and letter.type in REGIONS_OWN) or not still_true(walk, letter, person):
        raise RefusedError("The letter no longer says what is so. See on the case what the person is to be told now.")
    newer = select(Letter.id).where(
        Letter.person_id == person.id,
        Letter.type == letter.type,
        Letter.round_number == letter.round_number,
        Letter.id > letter.id,
        Letter.state.in_((*UNSENT, LetterState.POSTED)),
    )
    if session.scalar(newer.limit(1)) is not None:
        raise RefusedError("A newer letter of the same kind has been made. Send that one again instead.")


def send_once_more(walk: Walk, letter: Letter, person: Person, *, channel: Channel) -> Letter:
    """The letter once more, to where the person is now; what had to be done about the first one is done."""
    anew = walk.prepare_letter(person, letter.type, letter.values)
    anew.round_number, anew.again_of, anew.enclosure = letter.round_number, letter.id, letter.enclosure
    anew.channel = Channel.PAPER if letter.type is LetterType.MRI_CALL else channel
    walk.end_returned([letter], later("sent again"))
    walk.session.flush()
    return anew


def same_address(letter: Letter, person: Person) -> bool:
    """Whether a letter would go again to where it came back from; also when the register has no address now."""
    if person.protection is not Protection.NONE:
        # It goes in care of the tax agency again, if it did before.
        return letter.by_hand
    to = recipient(person)
    if to is None or letter.content is None:
        return True
    before = letter.content["recipient"]
    return (list(to.lines), to.postcode, to.city, to.country) == (
        list(before["lines"]),
        before["postcode"],
        before["city"],
        before["country"],
    )
