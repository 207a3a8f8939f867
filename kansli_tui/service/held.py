"""Held answers: a person looks, and matches, refuses or sends back. What the answer says can never be overruled here."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import audit
from db.models import LabMessage, Person, PsaOrder, Task
from db.queries.people import by_number
from kansli_tui.errors import (
    ChangedBySomeoneElseError,
    InvalidIdentityError,
    NotAllowedError,
    NotFoundError,
    RefusedError,
)
from kansli_tui.exchange.incoming_file import read_incoming_file
from kansli_tui.pathway.answers import FIXES, HoldReason
from kansli_tui.pathway.identity import format_identity, parse_identity
from kansli_tui.pathway.steps import Queue
from kansli_tui.rows.answers import Candidate, HeldRow, MessageState
from kansli_tui.rows.lab import LabAnswer
from kansli_tui.rows.office import NO_REGION, Actor
from kansli_tui.service.answers import Taking
from kansli_tui.service.context import Context, chosen_regions, plain, require_region
from kansli_tui.service.naming import MASKED_NAME, is_masked, shown_name, shown_number
from kansli_tui.service.profiles import profile_of

_MOST = 200
_ANOTHERS = frozenset({HoldReason.OTHER_PERSON, HoldReason.BIRTH_DATE, HoldReason.NUMBER_TAKEN})
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
        """The order that a person knows a held answer belongs to, by its number; the reading is logged."""
        with self._context.sessions.begin() as session:
            order = session.scalar(select(PsaOrder).where(PsaOrder.number == plain(order_number).upper()))
            if order is None:
                raise NotFoundError("There is no order {order}.", order=plain(order_number))
            require_region(actor, order.region)
            person = session.get_one(Person, order.person_id)
            audit.record(
                session,
                actor,
                self._context.clock(),
                "held.candidate",
                person_id=person.id,
                region=person.region,
                subject=f"order:{order.number}",
            )
            return Candidate(
                order.id, order.number, person.id, shown_number(person), shown_name(person), "Order number"
            )

    def match(self, actor: Actor, message_id: int, order_id: int, reason: str) -> None:
        """Let a held answer count for an order. RefusedError when what it says still cannot be used."""
        _require_reason(reason)
        with self._context.sessions.begin() as session:
            message = self._open(session, actor, message_id)
            order = session.get(PsaOrder, order_id)
            if order is None:
                raise NotFoundError("There is no such order.")
            require_region(actor, order.region)
            if message.held_reason in _ANOTHERS and not actor.is_supervisor:
                raise NotAllowedError("The message names another person: only a supervisor may match it.")
            item = self._read(message)
            if item is None:
                raise RefusedError("The message cannot be read, so it cannot be matched. Send it back.")
            taking = Taking(
                self._context, session, actor, profile_of(self._context.settings, message.raw), message.file_name
            )
            still = taking.match(message, item, order)
            if still is not None:
                raise RefusedError(still.value + ". " + FIXES[still])
            self._close(session, actor, message, MessageState.MATCHED, plain(reason))

    def refuse(self, actor: Actor, message_id: int, reason: str) -> None:
        """Refuse a held answer: it is kept, and never counts."""
        self._put_aside(actor, message_id, MessageState.REFUSED, reason)

    def send_back(self, actor: Actor, message_id: int, reason: str) -> None:
        """Note that a held answer has been sent back to the laboratory to be put right."""
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

    def _read(self, message: LabMessage) -> LabAnswer | None:
        item = read_incoming_file(
            message.raw, message.file_name, profile_of(self._context.settings, message.raw)
        ).items[0]
        return item if isinstance(item, LabAnswer) else None

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
            summary=_summary(item, masked=any(is_masked(person) for person in people)),
            candidates=tuple(self._candidates(session, actor, message, people)),
        )

    def _people(self, session: Session, item: LabAnswer | None) -> list[Person]:
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
        self, session: Session, actor: Actor, message: LabMessage, people: list[Person]
    ) -> Iterator[Candidate]:
        found: dict[int, tuple[PsaOrder, str]] = {}
        if message.order_number:
            order = session.scalar(select(PsaOrder).where(PsaOrder.number == message.order_number))
            if order is not None:
                found[order.id] = (order, "Order number")
        for person in people:
            for order in session.scalars(
                select(PsaOrder).where(PsaOrder.person_id == person.id).order_by(PsaOrder.id.desc()).limit(3)
            ):
                found.setdefault(order.id, (order, "Personal number"))
        for order, why in found.values():
            if order.region in actor.regions:
                person = session.get_one(Person, order.person_id)
                yield Candidate(order.id, order.number, person.id, shown_number(person), shown_name(person), why)


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise RefusedError("State why.")


def _summary(item: LabAnswer | None, *, masked: bool) -> tuple[tuple[str, str], ...]:
    """What the message says, as (message id, value) pairs for the screen; no name where one of its people is protected."""
    if item is None:
        return ()
    numbers = ", ".join(
        format_identity(identity.number) if len(identity.number) == 12 else identity.number
        for identity in item.identities
    )
    lines = [
        ("Number", numbers),
        ("Name", MASKED_NAME if masked else ", ".join(part for part in (item.family, item.given) if part)),
        ("Birth date", item.birth_date.isoformat() if item.birth_date else ""),
        ("Order", item.order_number or ""),
        ("Sampled", item.sampled_at.isoformat() if item.sampled_at else ""),
    ]
    lines += [
        (
            observation.code,
            f"{observation.raw_value} {observation.unit_raw} ({observation.status or '–'})".strip(),
        )
        for observation in item.observations
    ]
    lines.append(("Comment", item.comment))
    return tuple(line for line in lines if line[1])
