"""Batches of letters on their way out: prepared, rendered, printed, and confirmed as posted.

A batch holds letters of one region, type and channel, so that no letter can leave in another region's name. Deaths, blocks,
protection and addresses are looked at again at the moment a batch is made and when it is confirmed; whoever is left out is
named with why. Each stage is a transaction of its own: a program that is killed between two goes on with the same letters.
"""

from collections import Counter
from contextlib import suppress
from pathlib import Path

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from db import audit
from db.models import Letter, LetterBatch, Person
from kansli_tui.errors import LetterError, NotFoundError, RefusedError
from kansli_tui.i18n import _
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.rows.letter_states import (
    OPEN_BATCHES,
    BatchRow,
    BatchState,
    Channel,
    LetterRow,
    LetterState,
    WaitingLetters,
)
from kansli_tui.rows.letters import LetterContent
from kansli_tui.rows.office import Actor
from kansli_tui.rows.population import Protection
from kansli_tui.service import batches, printing, ways_out
from kansli_tui.service.context import Context, plain, require_region
from kansli_tui.service.handing_over import hand_over, refuse_other_count
from kansli_tui.service.letter_content import build, recipient, thaw
from kansli_tui.service.offices import agency_of
from kansli_tui.service.printing import Progress
from kansli_tui.service.walk import Walk

MOST_LETTERS = 2_000
"""A batch holds at most this many; the rest wait for the next one."""


class LetterService:
    """The letters' way out of the house."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.set_at_once = True
        """Whether a batch's PDF is set when the batch is made. Without it the batch holds frozen letters alone and counts as printed;
        the PDF is set from them, to the same bytes, when it is first written or a letter is taken out: for databases of invented
        people, whose letters hardly anybody prints. A real office sets at once, so that a letter that cannot be set stops its batch."""

    def waiting(self, actor: Actor) -> tuple[WaitingLetters, ...]:
        """Prepared letters that no batch holds, by region, type and the channel they leave by."""
        with self._context.sessions.read() as session:
            kinds = (Letter.region, Letter.type, Letter.by_hand, Letter.channel)
            rows = session.execute(
                select(*kinds, func.count(), func.min(Letter.prepared_at))
                .where(Letter.state == LetterState.PREPARED, Letter.region.in_(actor.regions))
                .group_by(*kinds)
                .order_by(*kinds)
            )
            return ways_out.merged(
                self._context.settings.offices_file,
                (
                    WaitingLetters(region, kind, by_hand, letters, oldest, channel)
                    for region, kind, by_hand, channel, letters, oldest in rows
                ),
            )

    def batches(self, actor: Actor, *, limit: int = 50) -> tuple[BatchRow, ...]:
        """The newest batches of the actor's regions; those still to post first."""
        with self._context.sessions.read() as session:
            found = session.scalars(
                select(LetterBatch)
                .where(LetterBatch.region.in_(actor.regions))
                .order_by(LetterBatch.state.not_in(OPEN_BATCHES), LetterBatch.id.desc())
                .limit(limit)
            ).all()
            return tuple(batches.row_of(session, batch) for batch in found)

    def left_behind(self, actor: Actor) -> tuple[BatchRow, ...]:
        """The actor's own batches whose files have never been written, because the program was killed; the oldest first."""
        unwritten = LetterBatch.state.in_((BatchState.PREPARED, BatchState.RENDERED))
        mine = (LetterBatch.made_by == actor.username, LetterBatch.region.in_(actor.regions))
        with self._context.sessions.read() as session:
            found = session.scalars(select(LetterBatch).where(unwritten, *mine).order_by(LetterBatch.id)).all()
            return tuple(batches.row_of(session, batch) for batch in found)

    def make_batch(
        self,
        actor: Actor,
        *,
        region: str,
        type: LetterType,  # noqa: A002 — the field's name
        by_hand: bool = False,
        channel: Channel = Channel.PAPER,
        letter_id: int | None = None,
        progress: Progress | None = None,
    ) -> BatchRow:
        """Prepare, check and render the waiting letters of a region, type and channel, or one of them alone.

        A letter that cannot be printed stays prepared and gets a task; one whose person is dead is stopped. RefusedError when none
        can be printed. What `progress` raises ends the work: the letters wait as before.
        """
        require_region(actor, region)
        channel = Channel.PAPER if by_hand else channel
        batch_id = self._prepare(actor, region, type, by_hand, channel, letter_id, progress)
        try:
            return self.render(actor, batch_id, progress=progress)
        except BaseException:
            with suppress(RefusedError):
                self._take_back(actor, batch_id)
            raise

    def make_batches(
        self,
        actor: Actor,
        *,
        region: str,
        type: LetterType,  # noqa: A002 — the field's name
        by_hand: bool = False,
        channel: Channel = Channel.PAPER,
    ) -> list[BatchRow]:
        """As many batches as the waiting letters of a kind need; letters that cannot be printed are left with a task.

        First come the actor's own batches that were made but never written, because the program was killed.
        """
        made = []
        for batch in self.left_behind(actor):
            if (batch.region, batch.type, batch.by_hand, batch.channel) == (region, type, by_hand, channel):
                with suppress(RefusedError):
                    made.append(self.render(actor, batch.batch_id))
        while True:
            try:
                made.append(self.make_batch(actor, region=region, type=type, by_hand=by_hand, channel=channel))
            except RefusedError:
                return made

    def render(self, actor: Actor, batch_id: int, *, progress: Progress | None = None) -> BatchRow:
        """Set the PDF of a prepared batch, outside any transaction: others can write meanwhile. A second time changes nothing.

        Letters that have been stopped since the batch was prepared, which a program was killed after, are not in it.
        RefusedError when none is left, or when somebody cancels the batch meanwhile.
        """
        with self._context.sessions.read() as session:
            batch = batches.batch_of(session, actor, batch_id)
            if batch.state is not BatchState.PREPARED:
                return batches.row_of(session, batch)
            stopped = batches.stopped_in(session, batch)
            contents = batches.contents_of(session, batch, self._context.texts(session), without=stopped)
            made_at = batch.made_at
        if not contents:
            raise RefusedError("No letter of the batch can leave. Cancel it instead.")
        kept = printing.set_letters(contents, made_at, progress)
        with self._context.sessions.begin() as session:
            batch = batches.batch_of(session, actor, batch_id)
            session.refresh(batch, with_for_update=True)
            if batch.state is BatchState.CANCELLED:
                raise RefusedError("The batch is cancelled: its letters are printed again in another one.")
            if batch.state is not BatchState.PREPARED:
                # The same bytes, set by another program meanwhile.
                return batches.row_of(session, batch)
            # Past the version: whoever looks at the batch has nothing taken away.
            set_now = {**kept, "letters": len(contents), "state": BatchState.RENDERED}
            session.execute(update(LetterBatch).where(LetterBatch.id == batch_id).values(**set_now))
            session.execute(update(Letter).where(Letter.id.in_(stopped)).values(batch_id=None))
            session.refresh(batch)
            at = self._context.clock()
            audit.record(session, actor, at, "letters.render", region=batch.region, subject=f"batch:{batch.number}")
            return batches.row_of(session, batch)

    def by_number(self, actor: Actor, number: str) -> BatchRow:
        """A batch by the number that stands on its files."""
        with self._context.sessions.read() as session:
            batch = session.scalar(select(LetterBatch).where(LetterBatch.number == number))
            if batch is None:
                raise NotFoundError("There is no such batch.")
            require_region(actor, batch.region)
            return batches.row_of(session, batch)

    def write(self, actor: Actor, batch_id: int, directory: Path) -> tuple[Path, ...]:
        """Write what leaves into a folder, as the batch's channel wants it. Every writing is logged; the bytes are always the same."""
        self.render(actor, batch_id)
        with self._context.sessions.begin() as session:
            batch = batches.batch_of(session, actor, batch_id)
            if batch.pages is None and batch.state is not BatchState.CANCELLED:
                self._set_now(session, batch)
            leaving = ways_out.leaving(session, batch, self._context.texts(session))
            audit.record(
                session,
                actor,
                self._context.clock(),
                "letters.write",
                region=batch.region,
                subject=f"batch:{batch.number}",
            )
        written = ways_out.way_out(leaving.channel).write(leaving, directory)
        if not self._mark_printed(actor, batch_id):
            # Its letters wait again: nobody may fetch these. What announces them was written last.
            for path in reversed(written):
                with suppress(OSError):
                    path.unlink()
            raise RefusedError("The batch is cancelled: its letters are printed again in another one.")
        return written

    def confirm(self, actor: Actor, batch_id: int, *, version: int, posted: int, sheets: int | None = None) -> BatchRow:
        """Confirm that the batch has been handed over. `posted` is the number of envelopes counted, `sheets` that of sheets.

        A count that differs from what should be there blocks. Letters stopped since printing are not among them; those of
        people who have been held or protected since wait for another batch.
        """
        with self._context.sessions.begin() as session:
            batch = batches.batch_of(session, actor, batch_id, version)
            if batch.state in (BatchState.PREPARED, BatchState.RENDERED):
                raise RefusedError("The batch has not been printed. Save its PDF and print it first.")
            if batch.state is not BatchState.PRINTED:
                raise RefusedError("Only a printed batch can be confirmed as posted.")
            walk = self._walk(session, actor)
            # People first, then their letters anew: whoever closes or holds one of them has done so before or will after.
            people = batches.people_of(session, batch, lock=True)
            letters = batches.letters_of(session, batch, lock=True)
            printed = [letter for letter in letters if letter.state is LetterState.PRINTED]
            staying = [letter for letter in printed if batches.stays(letter, people[letter.person_id])]
            going = [(letter, people[letter.person_id]) for letter in printed if letter not in staying]
            refuse_other_count(batches.row_of(session, batch), batch, posted, len(going), sheets)
            if staying and batch.pages is None:
                self._set_now(session, batch)
            for letter in staying:
                batches.prepared_again(letter, people[letter.person_id])
            hand_over(walk, going)
            batch.state, batch.posted_on, batch.posted_by = BatchState.POSTED, walk.today, actor.username
            # What was posted: letters that were stopped, set aside or stay are no longer among them.
            batch.letters, batch.envelopes, batch.sheets = len(going), posted, sheets
            audit.record_people(
                session,
                actor,
                walk.at,
                "letter.posted",
                ((person.id, person.region) for _, person in going),
                subject=f"batch:{batch.number}",
            )
            session.flush()
            return batches.row_of(session, batch)

    def cancel(self, actor: Actor, batch_id: int, *, version: int, reason: str) -> BatchRow:
        """Throw a batch away that has not been posted: its letters wait for the next one."""
        if not reason.strip():
            raise RefusedError("State why.")
        with self._context.sessions.begin() as session:
            batch = batches.batch_of(session, actor, batch_id, version)
            self._cancel(session, actor, batch, plain(reason))
            return batches.row_of(session, batch)

    def letters(self, actor: Actor, batch_id: int) -> tuple[LetterRow, ...]:
        """The letters of a batch."""
        with self._context.sessions.begin() as session:
            batch = batches.batch_of(session, actor, batch_id)
            letters = batches.letters_of(session, batch)
            people = batches.people_of(session, batch)
            audit.record_people(
                session,
                actor,
                self._context.clock(),
                "letters.list",
                ((person.id, person.region) for person in people.values()),
                subject=f"batch:{batch.number}",
            )
            return batches.letter_rows(batch, letters, people)

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
            texts = context.texts(session)
            if letter.content is not None:
                return plain_text(thaw(letter.content, texts))
            # Stopped before it was printed, and the person handed over since: where he lives now is the new region's to know.
            require_region(actor, person.region)
            to = recipient(person)
            if to is None:
                raise LetterError("The person has no address that can be used.")
            rules = context.rules(session).region(person.region, context.today)
            office = batches.office_of(context, person.region)
            return plain_text(
                build(letter, to, office, rules, texts, on=context.today, invented=context.facts.invented)
            )

    # Stages

    def _walk(self, session: Session, actor: Actor) -> Walk:
        return Walk(session, actor, self._context.clock(), self._context.rules(session))

    def _prepare(
        self,
        actor: Actor,
        region: str,
        kind: LetterType,
        by_hand: bool,
        channel: Channel,
        letter_id: int | None,
        progress: Progress | None,
    ) -> int:
        """Look at each waiting letter and freeze those that can leave. The batch's key."""
        context = self._context
        with context.sessions.begin() as session:
            walk = self._walk(session, actor)
            waiting = [
                Letter.state == LetterState.PREPARED,
                Letter.region == region,
                Letter.type == kind,
                Letter.by_hand.is_(by_hand),
            ]
            if letter_id is None and not by_hand:
                # By paper or print house is the region's choice of the day; 1177 is the person's.
                inbox = channel is Channel.MESSAGE_1177
                waiting.append(
                    Letter.channel == Channel.MESSAGE_1177 if inbox else Letter.channel != Channel.MESSAGE_1177
                )
            if letter_id is not None:
                waiting.append(Letter.id == letter_id)
            # By hand, one envelope at a time; and a letter that has to wait holds up no other.
            most = 1 if by_hand else MOST_LETTERS
            total = min(most, session.scalar(select(func.count(Letter.id)).where(*waiting)) or 0)
            left_out: Counter[str] = Counter()
            ready: list[tuple[Letter, LetterContent]] = []
            office, texts = batches.office_of(context, region), context.texts(session)
            agency = agency_of(context.settings)
            for done, letter in enumerate(printing.waiting(session, tuple(waiting)), start=1):
                content = printing.checked(
                    walk, letter, office, texts, left_out, agency=agency, invented=context.facts.invented
                )
                if content is not None:
                    ready.append((letter, content))
                if progress is not None:
                    progress(min(done, total), total)
                if len(ready) == most:
                    break
            if ready:
                batch = printing.prepare_batch(
                    walk, ready, left_out, region=region, kind=kind, by_hand=by_hand, channel=channel
                )
                if not self.set_at_once:
                    batch.state, batch.printed_at, batch.printed_by = BatchState.PRINTED, walk.at, actor.username
                return batch.id
        # Outside the transaction: the tasks and stops of those left out have been written.
        if left_out:
            raise RefusedError(
                "No letter could be printed: {reasons}. Each has a task.",
                reasons="; ".join(f"{_(reason)} ({count})" for reason, count in left_out.items()),
            )
        raise RefusedError("There is no letter of this kind to print.")

    def _mark_printed(self, actor: Actor, batch_id: int) -> bool:
        """Note that the files have been written; False when the batch has been cancelled meanwhile."""
        # Past the version: saving the files again takes nothing away from whoever is looking at the batch.
        with self._context.sessions.begin() as session:
            session.execute(
                update(LetterBatch)
                .where(LetterBatch.id == batch_id, LetterBatch.state == BatchState.RENDERED)
                .values(state=BatchState.PRINTED, printed_at=self._context.clock(), printed_by=actor.username)
            )
            return batches.batch_of(session, actor, batch_id).state is not BatchState.CANCELLED

    def _take_back(self, actor: Actor, batch_id: int) -> None:
        """The work was ended before the PDF was set: the letters wait as before."""
        with self._context.sessions.begin() as session:
            batch = batches.batch_of(session, actor, batch_id)
            session.refresh(batch, with_for_update=True)
            if batch.state is BatchState.PREPARED:
                self._cancel(session, actor, batch, "Ended before it was finished")

    def _cancel(self, session: Session, actor: Actor, batch: LetterBatch, reason: str) -> None:
        if batch.state not in OPEN_BATCHES:
            raise RefusedError("Only a batch that has not been posted can be cancelled.")
        # People first, then their letters anew: what is being stopped meanwhile does not wait again.
        people = batches.people_of(session, batch, lock=True)
        for letter in batches.letters_of(session, batch, lock=True):
            if letter.state is LetterState.PRINTED:
                batches.prepared_again(letter, people[letter.person_id])
        batch.state, batch.reason = BatchState.CANCELLED, reason
        audit.record(
            session,
            actor,
            self._context.clock(),
            "letters.cancel",
            region=batch.region,
            subject=f"batch:{batch.number}",
            why=reason,
        )
        session.flush()

    def _set_now(self, session: Session, batch: LetterBatch) -> None:
        contents = batches.contents_of(session, batch, self._context.texts(session))
        for name, value in printing.set_letters(contents, batch.made_at).items():
            setattr(batch, name, value)
