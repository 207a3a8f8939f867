"""Held answers: a person looks, and matches, refuses or sends back. What the answer says can never be overruled here."""

from collections.abc import Iterable, Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import audit
from db.models import LabMessage, Person, PsaOrder, Referral, Task
from db.queries.people import by_number
from kansli_tui.errors import (
    ChangedBySomeoneElseError,
    InvalidIdentityError,
    NotAllowedError,
    NotFoundError,
    RefusedError,
)
from kansli_tui.exchange.incoming_file import read_incoming_file
from kansli_tui.pathway.answers import HoldReason
from kansli_tui.pathway.identity import parse_identity
from kansli_tui.pathway.steps import Queue
from kansli_tui.pathway.unit_answers import UnitReason
from kansli_tui.rows.answers import Candidate, HeldRow, MessageState
from kansli_tui.rows.lab import LabAnswer
from kansli_tui.rows.office import NO_REGION, Actor
from kansli_tui.rows.referral_messages import FromUnit
from kansli_tui.service import taking_psa, taking_units
from kansli_tui.service.context import Context, chosen_regions, plain, require_region
from kansli_tui.service.held_words import Readable, is_readable, summary
from kansli_tui.service.naming import is_masked, shown_name, shown_number
from kansli_tui.service.profiles import profile_of
from kansli_tui.service.taking import Held, Taking

_MOST = 200
_RECENT = 3
"""So many orders or referrals of a person, the newest, are candidates."""
_ANOTHERS = frozenset(
    reason.value
    for reason in (
        HoldReason.OTHER_PERSON,
        HoldReason.BIRTH_DATE,
        HoldReason.NUMBER_TAKEN,
        UnitReason.OTHER_PERSON,
        UnitReason.BIRTH_DATE,
        UnitReason.NUMBER_TAKEN,
    )
)
"""Reasons that say the answer may be somebody else's."""


class HeldService:
    """The held messages and the three ways out of there."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def held(self, actor: Actor, *, region: str | None = None) -> tuple[HeldRow, ...]:
        """What is held for the regions, and what nobody knows whose it is; the oldest first. Reading it is logged."""
        regions = [*chosen_regions(actor, region), NO_REGION]
        with self._context.sessions.begin() as session:
            found = session.scalars(
                select(LabMessage)
                .where(LabMessage.state == MessageState.HELD, LabMessage.region.in_(regions))
                .order_by(LabMessage.id)
                .limit(_MOST)
            ).all()
            open_tasks = session.execute(
                select(Task.subject, Task.id).where(
                    Task.queue == Queue.HELD,
                    Task.closed_at.is_(None),
                    Task.subject.in_([f"message:{message.id}" for message in found]),
                )
            )
            tasks: dict[str, int] = {subject: task_id for subject, task_id in open_tasks}  # noqa: C416 - rows are tuples
            audit.record(session, actor, self._context.clock(), "held.list", detail={"messages": len(found)})
            rows = [self._row(session, actor, message, tasks[f"message:{message.id}"]) for message in found]
            shown = sorted({candidate.person_id for row in rows for candidate in row.candidates})
            people = [(person.id, person.region) for person in (session.get_one(Person, key) for key in shown)]
            audit.record_people(session, actor, self._context.clock(), "held.show", people)
            return tuple(rows)

    def candidate(self, actor: Actor, order_number: str) -> Candidate:
        """The order or referral that a person knows a held message belongs to, by its number; the reading is logged."""
        number = plain(order_number).upper()
        with self._context.sessions.begin() as session:
            found: PsaOrder | Referral | None = session.scalar(select(PsaOrder).where(PsaOrder.number == number))
            found = found or session.scalar(select(Referral).where(Referral.number == number))
            if found is None:
                raise NotFoundError("There is no order {order}.", order=plain(order_number))
            require_region(actor, _region(session, found))
            audit.record(
                session,
                actor,
                self._context.clock(),
                "held.candidate",
                person_id=found.person_id,
                region=found.region,
                subject=_subject(found),
            )
            return _candidate(session, found, "Order number")

    def match(self, actor: Actor, message_id: int, order_id: int, reason: str, *, kind: str = "psa") -> None:
        """Let a held message count for an order, or for a referral where `kind` is 'mri' or 'urology' (as its candidate says).

        RefusedError when what it says still cannot be used.
        """
        _require_reason(reason)
        with self._context.sessions.begin() as session:
            message = self._open(session, actor, message_id)
            chosen = session.get(PsaOrder, order_id) if kind == "psa" else session.get(Referral, order_id)
            if chosen is None:
                raise NotFoundError("There is no such order.")
            require_region(actor, _region(session, chosen))
            if message.held_reason in _ANOTHERS and not actor.is_supervisor:
                raise NotAllowedError("The message names another person: only a supervisor may match it.")
            item = self._read(message)
            if item is None:
                raise RefusedError("The message cannot be read, so it cannot be matched. Send it back.")
            taking = Taking(
                self._context, session, actor, profile_of(self._context.settings, message.raw), message.file_name
            )
            still = _match(taking, message, item, chosen)
            if isinstance(still, Held):
                raise RefusedError(still.reason + ". " + still.fix)
            self._close(session, actor, message, MessageState.MATCHED, plain(reason))

    def refuse(self, actor: Actor, message_id: int, reason: str) -> None:
        """Refuse a held message: it is kept, and never counts."""
        self._put_aside(actor, message_id, MessageState.REFUSED, reason)

    def send_back(self, actor: Actor, message_id: int, reason: str) -> None:
        """Note that a held message has been sent back to its sender to be put right."""
        self._put_aside(actor, message_id, MessageState.RETURNED, reason)

    def _put_aside(self, actor: Actor, message_id: int, state: MessageState, reason: str) -> None:
        _require_reason(reason)
        with self._context.sessions.begin() as session:
            self._close(session, actor, self._open(session, actor, message_id), state, plain(reason))

    def _open(self, session: Session, actor: Actor, message_id: int) -> LabMessage:
        message = session.get(LabMessage, message_id, with_for_update=True)
        if message is None:
            raise NotFoundError("There is no such message.")
        if message.region != NO_REGION:
            require_region(actor, message.region)
        if message.state is not MessageState.HELD:
            raise ChangedBySomeoneElseError("Somebody else has seen to this message already.")
        return message

    def _close(self, session: Session, actor: Actor, message: LabMessage, state: MessageState, reason: str) -> None:
        at = self._context.clock()
        message.state, message.resolved_at, message.resolved_by, message.resolution = state, at, actor.username, reason
        task = session.scalar(
            select(Task).where(
                Task.queue == Queue.HELD, Task.subject == f"message:{message.id}", Task.closed_at.is_(None)
            )
        )
        if task is not None:
            task.closed_at, task.closed_by, task.outcome = at, actor.username, state.value
        audit.record(
            session,
            actor,
            at,
            f"held.{state.value}",
            person_id=message.person_id,
            region=message.region,
            subject=f"message:{message.id}",
            why=reason,
        )

    def _read(self, message: LabMessage) -> Readable | None:
        item = read_incoming_file(
            message.raw, message.file_name, profile_of(self._context.settings, message.raw)
        ).items[0]
        return item if is_readable(item) else None

    def _row(self, session: Session, actor: Actor, message: LabMessage, task_id: int) -> HeldRow:
        item = self._read(message)
        people = self._people(session, item)
        detail = message.held_detail or {}
        return HeldRow(
            message_id=message.id,
            task_id=task_id,
            region=message.region,
            file_name=message.file_name,
            position=message.position,
            received_at=message.received_at,
            order_number=message.order_number,
            reason=message.held_reason or "",
            fix=detail.get("fix", ""),
            values=detail.get("values", {}),
            summary=summary(item, masked=any(is_masked(person) for person in people)),
            candidates=tuple(self._candidates(session, actor, message, item, people)),
        )

    def _people(self, session: Session, item: Readable | None) -> list[Person]:
        """Those of ours whose numbers the message states."""
        people: dict[int, Person] = {}
        for identity in item.identities if item is not None else ():
            try:
                person = by_number(session, parse_identity(identity.number, from_register=True).number)
            except InvalidIdentityError:
                continue
            if person is not None:
                people[person.id] = person
        return list(people.values())

    def _candidates(
        self, session: Session, actor: Actor, message: LabMessage, item: Readable | None, people: list[Person]
    ) -> Iterator[Candidate]:
        """What the message names, and the newest orders (or referrals of its kind) of the people whose numbers it states."""
        found: dict[int, tuple[PsaOrder | Referral, str]] = {}
        if isinstance(item, FromUnit):
            kind = taking_units.kind_of(item)
            named: PsaOrder | Referral | None = session.scalar(
                select(Referral).where(Referral.number == message.order_number, Referral.kind == kind)
            )
        else:
            named = session.scalar(select(PsaOrder).where(PsaOrder.number == message.order_number))
        if message.order_number and named is not None:
            found[named.id] = (named, "Order number")
        for person in people:
            recent: Iterable[PsaOrder | Referral] = (
                session.scalars(
                    select(Referral)
                    .where(Referral.person_id == person.id, Referral.kind == taking_units.kind_of(item))
                    .order_by(Referral.id.desc())
                    .limit(_RECENT)
                )
                if isinstance(item, FromUnit)
                else session.scalars(
                    select(PsaOrder).where(PsaOrder.person_id == person.id).order_by(PsaOrder.id.desc()).limit(_RECENT)
                )
            )
            for one in recent:
                found.setdefault(one.id, (one, "Personal number"))
        for one, why in found.values():
            if _region(session, one) in actor.regions:
                yield _candidate(session, one, why)


def _match(taking: Taking, message: LabMessage, item: Readable, chosen: PsaOrder | Referral) -> object:
    if isinstance(item, LabAnswer) and isinstance(chosen, PsaOrder):
        return taking_psa.match(taking, message, item, chosen)
    if isinstance(item, FromUnit) and isinstance(chosen, Referral):
        return taking_units.match(taking, message, item, chosen)
    raise RefusedError(
        "The message is about something else. Choose an order for an answer, a referral for a unit's message."
    )


def _candidate(session: Session, found: PsaOrder | Referral, why: str) -> Candidate:
    person = session.get_one(Person, found.person_id)
    kind = "psa" if isinstance(found, PsaOrder) else found.kind.value
    return Candidate(found.id, found.number, person.id, shown_number(person), shown_name(person), why, kind)


def _region(session: Session, found: PsaOrder | Referral) -> str:
    """Whose it is to see to: a sent order's laboratory answers its region; a unit's message is about a case."""
    return found.region if isinstance(found, PsaOrder) else session.get_one(Person, found.person_id).region


def _subject(found: PsaOrder | Referral) -> str:
    return f"order:{found.number}" if isinstance(found, PsaOrder) else f"referral:{found.number}"


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise RefusedError("State why.")
