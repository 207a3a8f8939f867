"""Taking some people's earlier rounds in within one transaction: each checked and replayed, then all of them written together."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from db import audit
from db.base import Base
from db.models import (
    Booking,
    Decided,
    LabMessage,
    MriAnswer,
    PathologyAnswer,
    Person,
    PersonNumber,
    PsaAnswer,
    PsaOrder,
    Referral,
    ReferralChange,
    Round,
    StepChange,
    Task,
    Treatment,
)
from db.queries.bulk import NextKeys, insert_all, place_people
from db.queries.imported import HISTORY, KnownPerson
from kansli_tui.errors import InvalidIdentityError
from kansli_tui.pathway.identity import IdentityKind, parse_identity
from kansli_tui.pathway.steps import Event, ExclusionReason, Step
from kansli_tui.rows.answers import MessageState
from kansli_tui.rows.history import HistoryLine, HistoryProblem
from kansli_tui.rows.lab_reasons import Reason
from kansli_tui.rows.office import Actor
from kansli_tui.service.context import Context
from kansli_tui.service.history_checks import check_line, check_person, check_rounds, control_id
from kansli_tui.service.history_facts import Facts, HistoryFlawError, HistoryTerms, Row, Standing
from kansli_tui.service.history_replay import Replay
from kansli_tui.service.register_entry import born_by_number, first_offer_on

_FIX = (
    "Check in the predecessor system and in our register what is right, correct a copy of the file and import the copy."
)
_BECAUSE_OF = "Line {line}: nothing of the person is applied because of line {other}"
_PARENTS_FIRST: tuple[type[Base], ...] = (
    Person,
    PersonNumber,
    LabMessage,
    StepChange,
    Round,
    PsaOrder,
    PsaAnswer,
    Referral,
    ReferralChange,
    Booking,
    MriAnswer,
    PathologyAnswer,
    Treatment,
    Decided,
    Task,
)
"""The order in which tables are written: what is named by others first."""


@dataclass(slots=True)
class Group:
    """One person's lines, with their bytes by line. `held_line` is a line of his that could not be read."""

    number: str
    lines: list[HistoryLine] = field(default_factory=list)
    raw: dict[int, bytes] = field(default_factory=dict)
    person_id: int | None = None
    held_line: int | None = None


class Taking:
    """Takes groups in. Afterwards it holds the counts; nothing is in the database before `write`."""

    def __init__(
        self,
        session: Session,
        actor: Actor,
        context: Context,
        terms: Mapping[str, HistoryTerms],
        file_name: str,
        *,
        write: bool,
    ) -> None:
        self._session = session
        self._actor = actor
        self._now = context.clock()
        self._refuse_test_numbers = not context.facts.invented
        self._terms = terms
        self._file_name = file_name
        self._subject = ""
        numbers = count(1)
        self._keys = NextKeys(session) if write else lambda _table: next(numbers)
        self._facts = Facts()
        self._placed: list[Row] = []
        self._people: list[tuple[int, str]] = []
        self.stands: Counter[Step] = Counter()
        self.problems: list[HistoryProblem] = []
        self.applied = self.applied_people = self.known = 0

    def take(self, groups: Sequence[Group], known: Mapping[int, KnownPerson], file_sha256: str) -> None:
        """Replay every group; `known` are the people in the register by key."""
        self._subject = f"file:{file_sha256[:16]}"
        for group in groups:
            person = known.get(group.person_id) if group.person_id is not None else None
            lines, known_lines = _new_lines(group, person)
            self.known += known_lines
            try:
                self._check(group, lines, person)
            except HistoryFlawError as flaw:
                self._tell(lines, flaw)
                continue
            if lines:
                self._apply_or_tell(group, lines, person)
            elif person is not None:
                self.stands[person.step] += 1

    def write(self) -> None:
        """Write everything that was collected, and the log."""
        for table in _PARENTS_FIRST:
            insert_all(self._session, table, self._facts.of(table))
        place_people(self._session, self._placed)
        audit.record_people(self._session, self._actor, self._now, "history.take", self._people, subject=self._subject)

    # One person

    def _check(self, group: Group, lines: Sequence[HistoryLine], person: KnownPerson | None) -> None:
        if not lines:
            return
        if group.held_line is not None:
            raise HistoryFlawError(lines[0].line, _BECAUSE_OF, other=group.held_line)
        region = lines[0].region if person is None else person.region
        for line in lines:
            if line.region != region:
                raise HistoryFlawError(
                    line.line,
                    "Line {line}: region {region} is not the one where the person is registered",
                    region=line.region,
                )
            check_line(line, self._terms[line.region].today)
        check_rounds(lines)
        if person is not None:
            check_person(person, lines)

    def _apply_or_tell(self, group: Group, lines: Sequence[HistoryLine], person: KnownPerson | None) -> None:
        terms = self._terms[lines[0].region]
        facts = Facts()
        try:
            standing = (
                self._standing(person) if person is not None else self._registered(group.number, lines, terms, facts)
            )
            self._replay(standing, terms, lines, person, group, facts)
        except HistoryFlawError as flaw:
            self._tell(lines, flaw)
            return
        self._facts.take_over(facts)
        self.applied += len(lines)
        self.applied_people += 1
        self.stands[standing.step] += 1
        self._people.append((standing.person_id, terms.region))

    def _replay(
        self,
        standing: Standing,
        terms: HistoryTerms,
        lines: Sequence[HistoryLine],
        person: KnownPerson | None,
        group: Group,
        facts: Facts,
    ) -> None:
        messages = {line.line: self._message(line, group.raw[line.line], standing, terms, facts) for line in lines}
        replay = Replay(standing, terms, self._keys)
        replay.play(lines, messages)
        if person is not None and person.round_number == 0:
            _restore(replay, person)
        facts.take_over(replay.facts)
        state = {
            "step": standing.step,
            "since": standing.since,
            "next_on": standing.next_on,
            "round_number": standing.round_number,
            "closed_reason": standing.closed_reason,
            "exclusion_reason": standing.exclusion_reason,
        }
        if person is None:
            facts.of(Person)[0].update(state)
        else:
            self._placed.append({"key": standing.person_id, **state})

    def _standing(self, person: KnownPerson) -> Standing:
        return Standing(
            person_id=person.person_id,
            birth_date=person.birth_date,
            municipality=person.municipality,
            step=person.step,
            since=person.since,
            next_on=person.next_on,
            round_number=person.round_number,
            last_result=person.last_result,
            closed_reason=person.closed_reason,
            exclusion_reason=person.exclusion_reason,
        )

    def _registered(self, number: str, lines: Sequence[HistoryLine], terms: HistoryTerms, facts: Facts) -> Standing:
        """Somebody new: what the line tells of him, until a register hand-over says more. Never sorted out by sex."""
        try:
            identity = parse_identity(number)
        except InvalidIdentityError as problem:
            raise HistoryFlawError(lines[0].line, Reason.HISTORY_NUMBER) from problem
        if identity.kind is IdentityKind.NATIONAL_RESERVE:
            raise HistoryFlawError(
                lines[0].line, "Line {line}: the birth date is not known; register care adds such persons"
            )
        if self._refuse_test_numbers and identity.is_test:
            raise HistoryFlawError(
                lines[0].line,
                "Line {line}: the number looks like a test number; see first that the person is real",
            )
        birth_date, is_known = born_by_number(number)
        next_on = first_offer_on(birth_date, terms.rules)
        standing = Standing(self._keys(Person), birth_date, "", Step.NOT_DUE, self._now, next_on)
        facts.add(
            Person,
            {
                "id": standing.person_id,
                "region": terms.region,
                "number": number,
                "birth_date": birth_date,
                "birth_date_known": is_known,
                "source": HISTORY,
            },
        )
        common: dict[str, Any] = {"person_id": standing.person_id, "region": terms.region}
        facts.add(PersonNumber, {**common, "number": number, "source": HISTORY, "added_at": self._now})
        facts.add(
            StepChange,
            {
                **common,
                "round_number": 0,
                "at": self._now,
                "event": Event.REGISTERED,
                "from_step": None,
                "to_step": Step.NOT_DUE,
                "next_on": next_on,
                "reason": "",
                "because": "",
                "by": self._actor.username,
            },
        )
        return standing

    def _message(self, line: HistoryLine, raw: bytes, standing: Standing, terms: HistoryTerms, facts: Facts) -> int:
        key = self._keys(LabMessage)
        facts.add(
            LabMessage,
            {
                "id": key,
                "sender": HISTORY,
                "control_id": control_id(line),
                "sha256": sha256(raw).hexdigest(),
                "raw": raw,
                "file_name": self._file_name,
                "position": line.line,
                "received_at": self._now,
                "state": MessageState.APPLIED,
                "region": terms.region,
                "person_id": standing.person_id,
                "kind": HISTORY,
            },
        )
        return key

    def _tell(self, lines: Sequence[HistoryLine], flaw: HistoryFlawError) -> None:
        """The line that cannot be, and the person's other lines, which wait for it."""
        for line in lines:
            if line.line == flaw.line:
                reason, values = flaw.reason, flaw.values
            else:
                reason, values = (
                    _BECAUSE_OF,
                    {"other": flaw.values["other"] if flaw.reason == _BECAUSE_OF else flaw.line},
                )
            self.problems.append(HistoryProblem(line.line, str(reason), _FIX, {"line": line.line, **values}))


def _new_lines(group: Group, person: KnownPerson | None) -> tuple[list[HistoryLine], int]:
    """The lines that are not in the register word for word, by round, and how many are; one that stands twice counts as known."""
    held = set(person.lines.values()) if person is not None else set()
    new: list[HistoryLine] = []
    for line in group.lines:
        said = control_id(line)
        if said not in held:
            held.add(said)
            new.append(line)
    return sorted(new, key=lambda line: (line.round, line.line)), len(group.lines) - len(new)


def _restore(replay: Replay, person: KnownPerson) -> None:
    """What the register says of somebody who has left, or is kept out, holds again; but never over what he is owed.

    Whom the register did not pick by sex was offered all the same, at request: he goes on.
    """
    if person.closed_reason is not None:
        replay.restore(person.closed_reason)
    elif person.exclusion_reason is not None and person.exclusion_reason is not ExclusionReason.NOT_IN_TARGET_GROUP:
        replay.exclude(person.exclusion_reason)
