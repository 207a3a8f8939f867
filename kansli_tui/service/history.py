"""Earlier rounds from a predecessor system: read, checked against the register, replayed by the rules, and written in bulk.

A person's lines are applied all together or not at all; whoever's cannot be is named by line and reason, and the rest go on. The same
line a second time changes nothing. Each line is kept as it came, one message a line: a person's own evidence holds nobody else's.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from hashlib import sha256

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db import audit
from db.queries.imported import known_people, people_of
from db.queries.register import chunks
from kansli_tui.errors import ChangedBySomeoneElseError, InvalidIdentityError
from kansli_tui.exchange.csv_rows import CsvRow, csv_rows
from kansli_tui.exchange.history_csv import read_history_csv
from kansli_tui.pathway.identity import parse_identity
from kansli_tui.pathway.referrals import ReferralKind
from kansli_tui.pathway.steps import Queue, Step
from kansli_tui.rows.history import HistoryImport, HistoryLine, HistoryProblem
from kansli_tui.rows.lab import Unreadable
from kansli_tui.rows.office import Actor
from kansli_tui.service.context import Context, require_region
from kansli_tui.service.history_facts import HistoryTerms
from kansli_tui.service.history_taking import Group, Taking
from kansli_tui.service.units import usual_unit
from kansli_tui.service.waiting_months import forget
from kansli_tui.service.walk import Walk

Progress = Callable[[int, int], None]

_TOGETHER = 2_000
"""How many people one transaction takes."""
_NAMED = 20
_BOM = b"\xef\xbb\xbf"
_BREAK = re.compile(rb"\r\n|\r|\n")


@dataclass(slots=True)
class _File:
    """What was read: people by their number, lines nobody can read, and the bytes of each line."""

    sha256: str
    rows: int = 0
    groups: dict[str, Group] = field(default_factory=dict)
    problems: list[HistoryProblem] = field(default_factory=list)
    regions: set[str] = field(default_factory=set)
    units: set[tuple[str, ReferralKind]] = field(default_factory=set)


class HistoryService:
    """Takes a predecessor system's file in."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def import_file(
        self, actor: Actor, raw: bytes, name: str, *, dry_run: bool = False, progress: Progress | None = None
    ) -> HistoryImport:
        """Take the file in; with `dry_run` only say what would happen, which writes nothing but the log.

        Raises:
            UnreadableFileError: a heading is missing or stands twice.
            NotAllowedError: a line is of a region that the actor does not work for; nothing is applied.
            RefusedError: a region has no unit to refer to; nothing is applied.
            ChangedBySomeoneElseError: somebody else registered one of the people meanwhile. What has been applied stays, and
                importing the file again goes on from there.
        """
        file = _read(raw)
        for region in sorted(file.regions):
            require_region(actor, region)
        terms = self._terms(actor, file)
        groups = self._people(file)
        stands: Counter[Step] = Counter()
        applied = applied_people = known = 0
        if not dry_run:
            self._log(actor, file, "history.import")
        done = 0
        for some in chunks(groups, _TOGETHER):
            with self._session(dry_run=dry_run) as session:
                taking = Taking(session, actor, self._context, terms, name, write=not dry_run)
                taking.take(some, known_people(session, _ids(some), lock=not dry_run), file.sha256)
                if not dry_run:
                    _write(taking)
                    forget(session)
            stands.update(taking.stands)
            file.problems.extend(taking.problems)
            applied, known = applied + taking.applied, known + taking.known
            applied_people += taking.applied_people
            done += len(some)
            if progress is not None:
                progress(done, len(groups))
        if dry_run:
            self._log(actor, file, "history.dry_run")
        elif file.problems:
            self._hold(actor, file)
        return HistoryImport(
            file_name=name,
            sha256=file.sha256,
            dry_run=dry_run,
            rows=file.rows,
            people=len(groups),
            applied=applied,
            applied_people=applied_people,
            known=known,
            problems=tuple(sorted(file.problems, key=lambda problem: problem.line)),
            stands=dict(stands),
        )

    def _session(self, *, dry_run: bool) -> AbstractContextManager[Session]:
        return self._context.sessions.read() if dry_run else self._context.sessions.begin()

    def _terms(self, actor: Actor, file: _File) -> dict[str, HistoryTerms]:
        """What the rounds of each region are replayed by."""
        today, now = self._context.today, self._context.clock()
        with self._context.sessions.read() as session:
            book = self._context.rules(session)
            return {
                region: HistoryTerms(
                    region=region,
                    rule_set=book.rule_set(region, today),
                    rules=book.region(region, today),
                    now=now,
                    today=today,
                    importer=actor.username,
                    units={
                        kind: usual_unit(session, region, kind).id
                        for of_region, kind in sorted(file.units)
                        if of_region == region
                    },
                )
                for region in sorted(file.regions)
            }

    def _people(self, file: _File) -> list[Group]:
        """One group a person: lines under an earlier and a present number of his belong together."""
        with self._context.sessions.read() as session:
            for some in chunks(sorted(file.groups)):
                for number, person_id in people_of(session, some).items():
                    file.groups[number].person_id = person_id
        found: dict[int, Group] = {}
        groups = []
        for group in file.groups.values():
            first = found.setdefault(group.person_id, group) if group.person_id is not None else group
            if first is group:
                groups.append(group)
            else:
                first.lines.extend(group.lines)
                first.raw.update(group.raw)
                first.held_line = first.held_line or group.held_line
        return [group for group in groups if group.lines]

    def _hold(self, actor: Actor, file: _File) -> None:
        """Lines that were not applied stay as work: the file is kept by the office, and the task names its lines."""
        lines = sorted(problem.line for problem in file.problems)
        named = ", ".join(str(line) for line in lines[:_NAMED]) + (" …" if len(lines) > _NAMED else "")
        with self._context.sessions.begin() as session:
            walk = Walk(session, actor, self._context.clock(), self._context.rules(session))
            for region in sorted(file.regions):
                walk.open_task(
                    Queue.REGISTER,
                    f"history:{file.sha256[:16]}:{region}",
                    region=region,
                    reason=f"Tidigare omgångar: {len(lines)} rader togs inte in (rad {named}). Läs skälen med --dry-run, "
                    "rätta i en kopia av filen och läs in den.",
                )

    def _log(self, actor: Actor, file: _File, action: str) -> None:
        """The import's own line, written before its people's: an interrupted one is seen too."""
        with self._context.sessions.begin() as session:
            audit.record(
                session,
                actor,
                self._context.clock(),
                action,
                subject=f"file:{file.sha256[:16]}",
                detail={"rows": file.rows, "people": len(file.groups), "unreadable": len(file.problems)},
            )


def _write(taking: Taking) -> None:
    try:
        taking.write()
    except IntegrityError as problem:
        raise ChangedBySomeoneElseError(
            "Somebody else changed one of these people just now. Import the file again: what is in already stays as it is."
        ) from problem


def _ids(groups: Iterable[Group]) -> list[int]:
    return [group.person_id for group in groups if group.person_id is not None]


def _read(raw: bytes) -> _File:
    """Every line, by number. What cannot be read is a problem, and holds back the other lines of its number."""
    file = _File(sha256(raw).hexdigest())
    pieces = _BREAK.split(raw.removeprefix(_BOM))
    headings = next((piece for piece in pieces if piece.strip()), b"")
    bom = _BOM if raw.startswith(_BOM) else b""
    for item in read_history_csv(raw):
        file.rows += 1
        if isinstance(item, Unreadable):
            file.problems.append(HistoryProblem(item.position, item.reason.value, item.fix, dict(item.values)))
            number = _number_in(item.raw)
            if number is not None:
                group = file.groups.setdefault(number, Group(number))
                group.held_line = group.held_line or item.position
            continue
        group = file.groups.setdefault(item.number, Group(item.number))
        group.lines.append(item)
        group.raw[item.line] = bom + headings + b"\n" + pieces[item.line - 1]
        _needs(file, item)
    return file


def _needs(file: _File, line: HistoryLine) -> None:
    file.regions.add(line.region)
    if line.mri_referred_on is not None:
        file.units.add((line.region, ReferralKind.MRI))
    if line.urology_referred_on is not None:
        file.units.add((line.region, ReferralKind.UROLOGY))


def _number_in(raw: bytes) -> str | None:
    """Whose line it is, though the rest of it cannot be used."""
    row = next(csv_rows(raw, ("pnr",)))
    if not isinstance(row, CsvRow):
        return None
    try:
        return parse_identity(row.cells["pnr"], from_register=True).number
    except InvalidIdentityError:
        return None
