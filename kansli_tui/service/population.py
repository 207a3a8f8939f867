"""Register hand-overs: a file becomes a change-set, a person reviews it, and only then does anything change.

Nothing in a file is guessed or dropped: each of its lines is new, changed, unchanged or a problem, and the counts say so. A file that
matches the register badly stops whole.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db import audit
from db.models import Person, RegisterImport, RegisterImportRow
from db.queries import register
from db.queries.care import open_edits_of, open_merges
from db.queries.register import Known, chunks
from kansli_tui.errors import ChangedBySomeoneElseError, NotAllowedError, NotFoundError, RefusedError
from kansli_tui.exchange.population_file import read_population
from kansli_tui.rows.office import NO_REGION, Actor
from kansli_tui.rows.population import RegisterFile, RegisterLine
from kansli_tui.rows.register import ChangeKind, ChangeRow, ChangeSetRow, ImportState
from kansli_tui.service.context import Context
from kansli_tui.service.hand_edits import as_registered
from kansli_tui.service.register_accept import Acceptance
from kansli_tui.service.register_coverage import Coverage, told
from kansli_tui.service.register_data import line_from_data
from kansli_tui.service.register_diff import Comparison, Found, Terms
from kansli_tui.service.register_effects import CHANGED_SINCE
from kansli_tui.service.register_words import change_row
from kansli_tui.service.walk import Walk

Progress = Callable[[int, int], None]

_ORDER = (ChangeKind.PROBLEM, ChangeKind.MISSING, ChangeKind.CHANGED, ChangeKind.NEW)
"""In a change-set, what asks most for a reader stands first."""


@dataclass(slots=True)
class _Compared:
    """What a comparison found, against which state of the register."""

    stamp: str
    found: list[Found] = field(default_factory=list)
    unchanged: int = 0
    stopped: str | None = None

    def counts(self) -> dict[str, int]:
        counted = Counter(found.kind.value for found in self.found)
        counted[ChangeKind.UNCHANGED.value] = self.unchanged
        return {kind.value: counted[kind.value] for kind in ChangeKind}


class PopulationService:
    """Compares, shows, accepts and rejects register hand-overs."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def compare(
        self,
        actor: Actor,
        raw: bytes,
        name: str,
        *,
        format: str | None = None,  # noqa: A002 — the word that the command line uses
        changes_only: bool = False,
        progress: Progress | None = None,
    ) -> ChangeSetRow:
        """Read a file and find out what it would change. Changes nothing in the register.

        Args:
            actor: who does it.
            raw: the file's bytes.
            name: its name, to show.
            format: "csv" or "navet"; None to see it from the contents.
            changes_only: a CSV file of single people, which says nothing of those whom it does not name. Navet always is one.
            progress: told (done, total) now and then.

        Raises:
            UnreadableFileError: the whole file is refused; the message says what to do.
            NotAllowedError: it is about a region that the actor does not work for.
        """
        file = read_population(raw, name, format, self._context.settings.population_columns)
        meter = _Meter(progress, 2 * len(file.lines))
        compared = self._compare(file, meter, whole=file.format == "csv" and not changes_only)
        return self._store(actor, file, compared, meter)

    def list(self, actor: Actor, *, limit: int = 50) -> tuple[ChangeSetRow, ...]:
        """The latest hand-overs, those that wait for a decision first. They are counts, not people."""
        del actor
        with self._context.sessions.read() as session:
            found = session.scalars(
                select(RegisterImport)
                .order_by(
                    RegisterImport.state.not_in((ImportState.REVIEW, ImportState.STOPPED)), RegisterImport.id.desc()
                )
                .limit(limit)
            ).all()
            now = register.stamp(session)
            return tuple(_row(each, now) for each in found)

    def rows(
        self, actor: Actor, import_id: int, *, kind: ChangeKind | None = None, after: int = 0, limit: int = 50
    ) -> tuple[ChangeRow, ...]:
        """A page of lines that are not unchanged, of the actor's regions; the reading is logged. Page on with the last `row_id`."""
        with self._context.sessions.begin() as session:
            self._import(session, import_id)
            rows = register.import_page(session, import_id, {*actor.regions, NO_REGION}, kind, after, limit)
            ids = [row.person_id for row in rows if row.person_id is not None]
            people = {person.id: person for person in session.scalars(select(Person).where(Person.id.in_(ids)))}
            audit.record(
                session,
                actor,
                self._context.clock(),
                "register.rows",
                subject=f"import:{import_id}",
                detail={"kind": kind, "after": after, "rows": len(rows)},
            )
            audit.record_people(
                session,
                actor,
                self._context.clock(),
                "register.read",
                ((person.id, person.region) for person in people.values()),
                subject=f"import:{import_id}",
            )
            return tuple(change_row(row, people.get(row.person_id or 0)) for row in rows)

    def accept(self, actor: Actor, import_id: int, *, version: int, progress: Progress | None = None) -> ChangeSetRow:
        """Apply the whole change-set at once: people, numbers, orders, letters, blocks and tasks.

        Raises:
            ChangedBySomeoneElseError: it has been decided already, or the register has changed since it was compared.
            RefusedError: the file was stopped.
        """
        context = self._context
        try:
            with context.sessions.begin() as session:
                register.lock_reviews(session)
                handed_over = self._undecided(session, actor, import_id, version)
                if handed_over.state is ImportState.STOPPED:
                    raise RefusedError(
                        "The file was stopped and cannot be accepted: {reason}", reason=told(handed_over.stopped_reason)
                    )
                if handed_over.register_stamp != register.stamp(session):
                    raise ChangedBySomeoneElseError(CHANGED_SINCE)
                meter = _Meter(progress, sum(handed_over.counts.values()) - handed_over.counts[ChangeKind.UNCHANGED])
                walk = Walk(session, actor, context.clock(), context.rules(session))
                Acceptance(walk, import_id, meter.advance).apply()
                self._decide(session, actor, handed_over, ImportState.ACCEPTED, "register.accept")
                return _row(handed_over, register.stamp(session))
        except IntegrityError as problem:
            # Somebody has added one of the new people by hand in this very moment.
            raise ChangedBySomeoneElseError(CHANGED_SINCE) from problem

    def reject(self, actor: Actor, import_id: int, *, version: int, reason: str) -> ChangeSetRow:
        """Put the file aside; nothing of it is applied. RefusedError without a reason."""
        if not reason.strip():
            raise RefusedError("State why.")
        with self._context.sessions.begin() as session:
            handed_over = self._undecided(session, actor, import_id, version)
            self._decide(session, actor, handed_over, ImportState.REJECTED, "register.reject", why=reason)
            return _row(handed_over, register.stamp(session))

    def compare_again(self, actor: Actor, import_id: int, *, progress: Progress | None = None) -> ChangeSetRow:
        """Compare the stored lines with the register as it is now, as a new change-set; the old one is put aside.

        Lines that were unchanged are not stored. What the register has learned about those people since is newer than the file.
        """
        with self._context.sessions.read() as session:
            old = self._import(session, import_id)
            if old.state is not ImportState.REVIEW:
                raise RefusedError("Only a file that waits for review is compared again: import the file anew.")
            lines: dict[int, RegisterLine] = {}
            missing: list[int] = []
            for kind in _ORDER:
                for rows in register.import_rows(session, import_id, kind):
                    if kind is ChangeKind.MISSING:
                        missing += [row.person_id for row in rows if row.person_id is not None]
                    else:
                        lines.update({row.line: line_from_data(row.line, row.data) for row in rows})
        file = RegisterFile(old.file_name, old.sha256, old.format, tuple(lines[line] for line in sorted(lines)))
        meter = _Meter(progress, 2 * len(lines))
        compared = self._compare(file, meter, missing=missing)
        compared.unchanged += old.counts[ChangeKind.UNCHANGED]
        return self._store(actor, file, compared, meter, instead_of=(import_id, old.version_id))

    # Comparing

    def _compare(
        self, file: RegisterFile, meter: "_Meter", *, whole: bool = False, missing: Sequence[int] = ()
    ) -> _Compared:
        """Reads only. A `whole` file should name everyone; `missing` are those whom it did not, where it is no longer at hand."""
        context = self._context
        with context.sessions.read() as session:
            # The stamp is read before anything else: what changes while the lines are compared makes it stale.
            compared = _Compared(register.stamp(session))
            book = context.rules(session)
            terms = Terms(
                lambda region: book.region(region, context.today),
                context.today,
                refuse_test_numbers=not context.facts.invented,
            )
            comparison = Comparison(file.lines, _known(session, file.lines), terms)
            for found in comparison.run():
                if found is None:
                    compared.unchanged += 1
                else:
                    compared.found.append(found)
                meter.advance(1)
            compared.found += _missing(session, set(missing) - comparison.seen)
            if whole:
                coverage = Coverage(session, file.lines, comparison.seen, context.settings)
                compared.stopped = coverage.stopped
                compared.found += _missing(session, coverage.missing)
        return compared

    def _store(
        self,
        actor: Actor,
        file: RegisterFile,
        compared: _Compared,
        meter: "_Meter",
        *,
        instead_of: tuple[int, int] | None = None,
    ) -> ChangeSetRow:
        foreign = sorted({found.region for found in compared.found} - {*actor.regions, NO_REGION})
        if foreign:
            raise NotAllowedError(
                "The file is about region {region}, which you do not work for: ask somebody who does.",
                region=foreign[0],
            )
        at = self._context.clock()
        with self._context.sessions.begin() as session:
            if instead_of is not None:
                old_id, old_version = instead_of
                old = self._undecided(session, actor, old_id, old_version)
                self._decide(session, actor, old, ImportState.REJECTED, "register.compare_again", why="Compared again")
            handed_over = RegisterImport(
                file_name=file.name,
                sha256=file.sha256,
                format=file.format,
                state=ImportState.STOPPED if compared.stopped else ImportState.REVIEW,
                made_at=at,
                made_by=actor.username,
                register_stamp=compared.stamp,
                counts=compared.counts(),
                stopped_reason=compared.stopped,
            )
            session.add(handed_over)
            session.flush()
            # Of a file that is probably the wrong one, nothing but the counts is kept.
            rows = [] if compared.stopped else sorted(compared.found, key=lambda found: _ORDER.index(found.kind))
            for some in chunks(rows):
                session.execute(insert(RegisterImportRow), [_stored(handed_over.id, found) for found in some])
                meter.advance(len(some))
            audit.record(
                session,
                actor,
                at,
                "register.compare",
                subject=f"import:{handed_over.id}",
                detail={**handed_over.counts, "stopped": bool(compared.stopped)},
            )
            meter.finish()
            return _row(handed_over, register.stamp(session))

    # Finding and deciding

    def _import(self, session: Session, import_id: int) -> RegisterImport:
        found = session.get(RegisterImport, import_id)
        if found is None:
            raise NotFoundError("There is no such register file.")
        return found

    def _undecided(self, session: Session, actor: Actor, import_id: int, version: int) -> RegisterImport:
        handed_over = session.get(RegisterImport, import_id, with_for_update=True, populate_existing=True)
        if handed_over is None:
            raise NotFoundError("There is no such register file.")
        if handed_over.state not in (ImportState.REVIEW, ImportState.STOPPED):
            raise ChangedBySomeoneElseError("{who} has decided on this file already.", who=handed_over.decided_by)
        if handed_over.version_id != version:
            raise ChangedBySomeoneElseError("Somebody else has changed the review. Look at it again.")
        foreign = sorted(register.regions_of(session, import_id) - {*actor.regions, NO_REGION})
        if foreign:
            raise NotAllowedError(
                "The file is about region {region}, which you do not work for: ask somebody who does.",
                region=foreign[0],
            )
        return handed_over

    def _decide(
        self,
        session: Session,
        actor: Actor,
        handed_over: RegisterImport,
        state: ImportState,
        action: str,
        *,
        why: str = "",
    ) -> None:
        at = self._context.clock()
        handed_over.state, handed_over.decided_at, handed_over.decided_by = state, at, actor.username
        audit.record(
            session,
            actor,
            at,
            action,
            subject=f"import:{handed_over.id}",
            why=why,
            detail=dict(handed_over.counts),
        )
        session.flush()


class _Meter:
    """Counts what is done and tells whoever wants to know, now and then and at the end."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress = progress
        self._total = max(total, 1)
        self._done = 0
        self._told = 0

    def advance(self, done: int) -> None:
        self._done = min(self._done + done, self._total)
        if self._done - self._told >= self._total / 200:
            self._tell()

    def finish(self) -> None:
        if self._told < self._total:
            self._done = self._total
            self._tell()

    def _tell(self) -> None:
        self._told = self._done
        if self._progress is not None:
            self._progress(self._done, self._total)


def _known(session: Session, lines: Iterable[RegisterLine]) -> dict[str, Known]:
    """Everyone whom the file names by a number, present or earlier; one object a person."""
    numbers: set[str] = set()
    for line in lines:
        if line.person is not None:
            numbers.update(filter(None, (line.person.number, line.person.reference_number)))
        elif line.problem is not None and line.problem.number:
            numbers.add(line.problem.number)
    people: dict[int, Known] = {}
    known: dict[str, Known] = {}
    for some in chunks(sorted(numbers)):
        for number, person in register.known_by_number(session, some).items():
            known[number] = people.setdefault(person.person_id, person)
    _follow_merges(session, people, known)
    for edit in open_edits_of(session, people):
        person = people[edit.person_id]
        person.by_hand |= {edit.field}
        as_registered(person.facts, [edit])
    for person_id, county in register.open_moves(session):
        if person_id in people:
            people[person_id].moves_to.add(county)
    return known


def _follow_merges(session: Session, people: dict[int, Known], known: dict[str, Known]) -> None:
    """A number of a case that has been merged is the kept one's."""
    kept = open_merges(session, people)
    people.update(register.known_by_id(session, sorted(set(kept.values()) - people.keys())))
    for number, person in known.items():
        if person.person_id in kept:
            known[number] = people[kept[person.person_id]]
            known[number].merged_numbers |= {number}


def _missing(session: Session, ids: Iterable[int]) -> list[Found]:
    return [
        Found(0, ChangeKind.MISSING, person.region, person.number, person.person_id)
        for some in chunks(sorted(ids))
        for person in register.known_by_id(session, some).values()
        if person.closed_reason is None
    ]


def _stored(import_id: int, found: Found) -> dict[str, Any]:
    return {
        "import_id": import_id,
        "region": found.region,
        "line": found.line,
        "kind": found.kind,
        "number": found.number,
        "person_id": found.person_id,
        "data": found.data,
        "reason": found.reason,
    }


def _row(handed_over: RegisterImport, stamp: str) -> ChangeSetRow:
    return ChangeSetRow(
        import_id=handed_over.id,
        file_name=handed_over.file_name,
        format=handed_over.format,
        state=handed_over.state,
        made_at=handed_over.made_at,
        made_by=handed_over.made_by,
        counts={kind: handed_over.counts[kind.value] for kind in ChangeKind},
        stopped_reason=told(handed_over.stopped_reason),
        stale=handed_over.state is ImportState.REVIEW and handed_over.register_stamp != stamp,
        decided_by=handed_over.decided_by,
        decided_at=handed_over.decided_at,
        version=handed_over.version_id,
    )
