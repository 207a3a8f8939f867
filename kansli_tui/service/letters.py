"""Batches of letters: prepared letters are checked once more, rendered, printed, and confirmed as posted.

A batch holds letters of one region and one type, so that no letter can leave in another region's name. Deaths, blocks,
protection and addresses are looked at again at the moment a batch is made and when it is confirmed; whoever is left out is
named with why.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from db import audit
from db.models import Letter, LetterBatch, Person
from kansli_tui.errors import ChangedBySomeoneElseError, LetterError, NotFoundError, RefusedError
from kansli_tui.i18n import _
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.rows.letter_states import BatchRow, BatchState, LetterRow, LetterState, WaitingLetters
from kansli_tui.rows.letters import LetterContent, RegionOffice
from kansli_tui.rows.office import Actor
from kansli_tui.rows.population import Protection
from kansli_tui.service import printing
from kansli_tui.service.context import Context, plain, require_region
from kansli_tui.service.files import write_whole
from kansli_tui.service.letter_content import build, recipient, thaw
from kansli_tui.service.naming import shown_name, shown_number
from kansli_tui.service.offices import offices
from kansli_tui.service.posting import Posting
from kansli_tui.service.walk import Walk

MOST_LETTERS = 2_000
"""A batch holds at most this many; the rest wait for the next one."""


class LetterService:
    """The letters' way out of the house."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.set_at_once = True
        """Whether a batch's PDF is set when the batch is made. Without it the batch holds frozen letters alone, and the PDF is set
        from them, to the same bytes, when it is first written or a letter is taken out: for databases of invented people, whose
        letters hardly anybody prints. A real office sets at once, so that a letter that cannot be set stops its batch."""

    def waiting(self, actor: Actor) -> tuple[WaitingLetters, ...]:
        """Prepared letters that no batch holds, by region and type."""
        with self._context.sessions.read() as session:
            rows = session.execute(
                select(Letter.region, Letter.type, Letter.by_hand, func.count(), func.min(Letter.prepared_at))
                .where(Letter.state == LetterState.PREPARED, Letter.region.in_(actor.regions))
                .group_by(Letter.region, Letter.type, Letter.by_hand)
                .order_by(Letter.region, Letter.type, Letter.by_hand)
            )
            return tuple(WaitingLetters(*row) for row in rows)

    def batches(self, actor: Actor, *, limit: int = 50) -> tuple[BatchRow, ...]:
        """The newest batches of the actor's regions; those still to confirm first."""
        with self._context.sessions.read() as session:
            found = session.scalars(
                select(LetterBatch)
                .where(LetterBatch.region.in_(actor.regions))
                .order_by(LetterBatch.state != BatchState.PRINTED, LetterBatch.id.desc())
                .limit(limit)
            ).all()
            return tuple(self._row(session, batch) for batch in found)

    def make_batch(
        self,
        actor: Actor,
        *,
        region: str,
        type: LetterType,  # noqa: A002 — the field's name
        by_hand: bool = False,
        progress: Callable[[int, int], None] | None = None,
    ) -> BatchRow:
        """Prepare, check and render the waiting letters of a region and type. RefusedError when none can be printed.

        A letter that cannot be printed stays prepared and gets a task; one whose person is dead is stopped.
        """
        require_region(actor, region)
        context = self._context
        with context.sessions.begin() as session:
            walk = Walk(session, actor, context.clock(), context.rules(session))
            waiting = (
                Letter.state == LetterState.PREPARED,
                Letter.region == region,
                Letter.type == type,
                Letter.by_hand.is_(by_hand),
            )
            # By hand, one envelope at a time; and a letter that has to wait holds up no other.
            most = 1 if by_hand else MOST_LETTERS
            total = min(most, session.scalar(select(func.count(Letter.id)).where(*waiting)) or 0)
            left_out: Counter[str] = Counter()
            ready: list[tuple[Letter, LetterContent]] = []
            office = self._office(region)
            for done, letter in enumerate(printing.waiting(session, waiting), start=1):
                content = printing.checked(walk, letter, office, left_out, invented=context.facts.invented)
                if content is not None:
                    ready.append((letter, content))
                if progress is not None:
                    progress(min(done, total), total)
                if len(ready) == most:
                    break
            batch = (
                printing.print_batch(
                    walk, ready, left_out, region=region, kind=type, by_hand=by_hand, set_at_once=self.set_at_once
                )
                if ready
                else None
            )
            row = self._row(session, batch) if batch is not None else None
        if row is None:
            if left_out:
                raise RefusedError(
                    "No letter could be printed: {reasons}. Each has a task.",
                    reasons="; ".join(f"{_(reason)} ({count})" for reason, count in left_out.items()),
                )
            raise RefusedError("There is no letter of this kind to print.")
        return row

    def make_batches(
        self,
        actor: Actor,
        *,
        region: str,
        type: LetterType,  # noqa: A002 — the field's name
        by_hand: bool = False,
    ) -> list[BatchRow]:
        """As many batches as the waiting letters of a kind need; letters that cannot be printed are left with a task."""
        made: list[BatchRow] = []
        while True:
            try:
                made.append(self.make_batch(actor, region=region, type=type, by_hand=by_hand))
            except RefusedError:
                return made

    def by_number(self, actor: Actor, number: str) -> BatchRow:
        """A batch by the number that stands on its files."""
        with self._context.sessions.read() as session:
            batch = session.scalar(select(LetterBatch).where(LetterBatch.number == number))
            if batch is None:
                raise NotFoundError("There is no such batch.")
            require_region(actor, batch.region)
            return self._row(session, batch)

    def write(self, actor: Actor, batch_id: int, directory: Path) -> tuple[Path, ...]:
        """Write the batch's PDF and its manifest into a folder. Every writing is logged; the bytes are always the same."""
        from reports import manifest  # noqa: PLC0415 - reports load when letters are made
        from reports.letters import LetterPages, RenderedBatch  # noqa: PLC0415

        with self._context.sessions.begin() as session:
            batch = self._batch(session, actor, batch_id, None)
            if batch.state is BatchState.CANCELLED:
                raise RefusedError("The batch is cancelled: its letters are printed again in another one.")
            if batch.pages is None:
                printing.set_batch(batch, self._contents(session, batch))
            pages = tuple(LetterPages(*page) for page in batch.page_map or [])
            if batch.by_hand:
                # Where a protected person lives stands in no list.
                pages = tuple(replace(page, postcode="") for page in pages)
            printed = RenderedBatch(batch.pdf or b"", pages, batch.sha256 or "")
            audit.record(
                session,
                actor,
                self._context.clock(),
                "letters.write",
                region=batch.region,
                subject=f"batch:{batch.number}",
            )
            name = f"brev-{batch.region}-{batch.number}"
            files = {
                f"{name}.pdf": printed.pdf,
                f"{name}.csv": manifest.manifest_csv(printed).encode(),
                f"{name}.json": manifest.manifest_json(printed).encode(),
            }
        return tuple(write_whole(directory, file, data) for file, data in files.items())

    def confirm(self, actor: Actor, batch_id: int, *, version: int, posted: int) -> BatchRow:
        """Confirm that the batch has been handed to the post. `posted` is the number of envelopes counted.

        A count that differs from what should be there blocks. Letters stopped since printing are not among them; those of
        people who have been held or protected since wait for another batch.
        """
        with self._context.sessions.begin() as session:
            batch = self._batch(session, actor, batch_id, version)
            if batch.state is not BatchState.PRINTED:
                raise RefusedError("Only a printed batch can be confirmed as posted.")
            walk = Walk(session, actor, self._context.clock(), self._context.rules(session))
            # People first, then their letters anew: whoever closes or holds one of them has done so before or will after.
            people = self._people(session, batch, lock=True)
            letters = self._letters(session, batch, lock=True)
            printed = [letter for letter in letters if letter.state is LetterState.PRINTED]
            staying = [letter for letter in printed if _stays(letter, people[letter.person_id])]
            going = [(letter, people[letter.person_id]) for letter in printed if letter not in staying]
            if posted != len(going):
                raise RefusedError(
                    "{posted} envelopes were counted but {expected} letters should leave. Count again, and take out: {out}.",
                    posted=posted,
                    expected=len(going),
                    out=", ".join(self._taken_out(session, batch)) or "–",
                )
            if staying and batch.pages is None:
                printing.set_batch(batch, self._contents(session, batch))
            for letter in staying:
                _prepared_again(letter)
            Posting(walk, going).record()
            batch.state, batch.posted_on, batch.posted_by = BatchState.POSTED, walk.today, actor.username
            audit.record_people(
                session,
                actor,
                walk.at,
                "letter.posted",
                ((person.id, person.region) for _, person in going),
                subject=f"batch:{batch.number}",
            )
            session.flush()
            return self._row(session, batch)

    def cancel(self, actor: Actor, batch_id: int, *, version: int, reason: str) -> BatchRow:
        """Throw a printed batch away: its letters wait for the next one."""
        if not reason.strip():
            raise RefusedError("State why.")
        with self._context.sessions.begin() as session:
            batch = self._batch(session, actor, batch_id, version)
            if batch.state is not BatchState.PRINTED:
                raise RefusedError("Only a printed batch can be cancelled.")
            for letter in self._letters(session, batch):
                if letter.state is LetterState.PRINTED:
                    _prepared_again(letter)
            batch.state = BatchState.CANCELLED
            audit.record(
                session,
                actor,
                self._context.clock(),
                "letters.cancel",
                region=batch.region,
                subject=f"batch:{batch.number}",
                why=plain(reason),
            )
            session.flush()
            return self._row(session, batch)

    def letters(self, actor: Actor, batch_id: int) -> tuple[LetterRow, ...]:
        """The letters of a batch."""
        with self._context.sessions.begin() as session:
            batch = self._batch(session, actor, batch_id, None)
            letters = self._letters(session, batch)
            found = self._people(session, batch)
            people = {letter.id: found[letter.person_id] for letter in letters}
            audit.record_people(
                session,
                actor,
                self._context.clock(),
                "letters.list",
                ((person.id, person.region) for person in people.values()),
                subject=f"batch:{batch.number}",
            )
            return tuple(
                LetterRow(
                    letter.id,
                    letter.person_id,
                    letter.region,
                    shown_number(people[letter.id]),
                    shown_name(people[letter.id]),
                    letter.type,
                    letter.state,
                    letter.prepared_at,
                    letter.posted_on,
                    letter.stop_reason,
                )
                for letter in letters
            )

    def preview(self, actor: Actor, letter_id: int) -> str:
        """The text of a letter for the terminal; as printed if it is, else as it would be printed today."""
        from reports.letters import plain_text  # noqa: PLC0415 - texts are read when a letter is looked at

        context = self._context
        with context.sessions.begin() as session:
            letter = session.get(Letter, letter_id)
            if letter is None:
                raise NotFoundError("There is no such letter.")
            require_region(actor, letter.region)
            person = session.get_one(Person, letter.person_id)
            if person.protection is not Protection.NONE:
                raise RefusedError("The letter of a protected person is shown only when it is printed by hand.")
            audit.record(
                session,
                actor,
                context.clock(),
                "letter.preview",
                person_id=person.id,
                region=person.region,
                subject=f"letter:{letter.id}",
            )
            if letter.content is not None:
                return plain_text(thaw(letter.content))
            to = recipient(person)
            if to is None:
                raise LetterError("The person has no address that can be used.")
            rules = context.rules(session).region(person.region, context.today)
            return plain_text(
                build(
                    letter,
                    to,
                    self._office(person.region),
                    rules,
                    on=context.today,
                    invented=context.facts.invented,
                )
            )

    def _office(self, region: str) -> RegionOffice:
        found = offices(self._context.settings.offices_file).get(region)
        if found is None:
            raise LetterError("The offices file says nothing about region {region}.", region=region)
        return found

    def _batch(self, session: Session, actor: Actor, batch_id: int, version: int | None) -> LetterBatch:
        batch = session.get(LetterBatch, batch_id, with_for_update=True if version is not None else None)
        if batch is None:
            raise NotFoundError("There is no such batch.")
        require_region(actor, batch.region)
        if version is not None and batch.version_id != version:
            raise ChangedBySomeoneElseError("Somebody else has changed the batch. Look at it again.")
        return batch

    def _people(self, session: Session, batch: LetterBatch, *, lock: bool = False) -> dict[int, Person]:
        """Whom the batch's letters go to."""
        mine = select(Letter.person_id).where(Letter.batch_id == batch.id)
        statement = select(Person).where(Person.id.in_(mine)).order_by(Person.id)
        if lock:
            statement = statement.with_for_update().execution_options(populate_existing=True)
        return {person.id: person for person in session.scalars(statement)}

    def _contents(self, session: Session, batch: LetterBatch) -> list[LetterContent]:
        """What the batch's letters say, in the order they were printed in."""
        letters = self._letters(session, batch)
        return [thaw(letter.content) for letter in letters if letter.content is not None]

    def _letters(self, session: Session, batch: LetterBatch, *, lock: bool = False) -> list[Letter]:
        statement = select(Letter).where(Letter.batch_id == batch.id).order_by(Letter.id)
        if lock:
            statement = statement.with_for_update().execution_options(populate_existing=True)
        return sorted(
            session.scalars(statement),
            key=lambda letter: ((letter.content or {}).get("recipient", {}).get("postcode", ""), letter.id),
        )

    def _taken_out(self, session: Session, batch: LetterBatch) -> list[str]:
        protected = and_(Person.protection != Protection.NONE, Letter.by_hand.is_(False))
        stays = and_(Letter.state == LetterState.PRINTED, or_(Person.blocked, protected))
        out = session.scalars(
            select(Letter.id)
            .join(Person, Person.id == Letter.person_id)
            .where(Letter.batch_id == batch.id, or_(Letter.state == LetterState.STOPPED, stays))
            .order_by(Letter.id)
        )
        return [f"B-{letter_id:06d}" for letter_id in out]

    def _row(self, session: Session, batch: LetterBatch) -> BatchRow:
        out = self._taken_out(session, batch) if batch.state is BatchState.PRINTED else []
        return BatchRow(
            batch_id=batch.id,
            number=batch.number,
            region=batch.region,
            type=batch.type,
            by_hand=batch.by_hand,
            state=batch.state,
            made_at=batch.made_at,
            made_by=batch.made_by,
            letters=batch.letters,
            to_post=batch.letters - len(out),
            take_out=tuple(out),
            pages=batch.pages,
            posted_on=batch.posted_on,
            posted_by=batch.posted_by,
            left_out=tuple(f"{reason} ({count})" for reason, count in batch.left_out.items()),
            version=batch.version_id,
        )


def _stays(letter: Letter, person: Person) -> bool:
    """Whether a printed letter may not leave now: its person is held, or protected and it is not one sent by hand."""
    return person.blocked or (person.protection is not Protection.NONE and not letter.by_hand)


def _prepared_again(letter: Letter) -> None:
    """The letter waits for another batch."""
    letter.state, letter.batch_id, letter.content, letter.printed_at = LetterState.PREPARED, None, None, None
