"""Two cases that are one person: shown side by side, merged, and taken apart again. No fact is moved or rewritten by either.

The merged case is closed with its own reason. Its numbers lead to the kept case in search, in the register's files and when answers
are matched; its history is read within the kept one's. Taking the merge back gives both just the standing that they had.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from db import audit
from db.models import (
    Block,
    Handover,
    LabMessage,
    Letter,
    Person,
    PersonMerge,
    PsaOrder,
    Referral,
    Task,
)
from db.queries.care import merged_into, open_merge
from db.queries.history import history_of
from db.queries.people import by_id
from kansli_tui.errors import ChangedBySomeoneElseError, NotFoundError, RefusedError
from kansli_tui.i18n import _, day_full
from kansli_tui.pathway.identity import format_identity
from kansli_tui.pathway.merging import DUPLICATE_BLOCK, MergeFacts, Words, hinders, why_never
from kansli_tui.pathway.referrals import LIVE
from kansli_tui.pathway.steps import ClosedReason, Event, Queue, Step
from kansli_tui.rows.answers import MessageState
from kansli_tui.rows.office import Actor
from kansli_tui.rows.referrals import HandoverState
from kansli_tui.rows.register_care import MergePreview, MergeRow, MergeSide
from kansli_tui.service.context import Context, plain, require_region
from kansli_tui.service.happenings import timeline
from kansli_tui.service.holding import OPEN_ORDERS, UNSENT
from kansli_tui.service.naming import (
    MASKED_NAME,
    is_masked,
    shown_address,
    shown_municipality,
    shown_name,
    shown_number,
    step_words,
)
from kansli_tui.service.register_entry import first_offer_on
from kansli_tui.service.walk import Walk


class MergeService:
    """Merging, taking back, and what a merge would do."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def preview(self, actor: Actor, one_id: int, other_id: int) -> MergePreview:
        """Two cases side by side, and for each why it could not be the one that goes. The reading is logged for both."""
        with self._context.sessions.begin() as session:
            one, other = _two(session, actor, one_id, other_id, lock=False)
            facts = {person.id: _facts(session, person) for person in (one, other)}
            audit.record_people(
                session,
                actor,
                self._context.clock(),
                "care.merge_preview",
                ((person.id, person.region) for person in (one, other)),
            )
            never = why_never(facts[one.id], facts[other.id])
            return MergePreview(
                one=_side(session, one, hinders(facts[one.id], facts[other.id])),
                other=_side(session, other, hinders(facts[other.id], facts[one.id])),
                refused=_(never) if never is not None else "",
                same=tuple(_same(one, other)),
            )

    def merge(
        self, actor: Actor, *, keep: tuple[int, int], merged: tuple[int, int], take_number: bool, why: str
    ) -> MergeRow:
        """Merge one case into another, as both were when they were shown.

        Args:
            actor: who does it.
            keep: (key, version) of the case that goes on.
            merged: (key, version) of the case that is closed and read within the other.
            take_number: the merged case's number is the one that holds by the register: the kept case goes by it from now on.
            why: how it is known that they are one person.

        Raises:
            RefusedError: says what to finish first, or which of them to keep.
        """
        if not why.strip():
            raise RefusedError("State why.")
        with self._context.sessions.begin() as session:
            kept, gone = _two(session, actor, keep[0], merged[0], lock=True)
            if (kept.version_id, gone.version_id) != (keep[1], merged[1]):
                raise ChangedBySomeoneElseError("Somebody else has changed one of the cases. Look at them again.")
            facts, others = _facts(session, gone), _facts(session, kept)
            if (never := why_never(facts, others)) is not None:
                raise RefusedError(never)
            if stopping := hinders(facts, others):
                words, values = stopping[0]
                raise RefusedError(words, **_shown(values))
            walk = self._walk(session, actor)
            row = _merge(walk, kept, gone, take_number=take_number, why=plain(why))
            self._record(session, actor, "care.merge", (kept, gone), row, plain(why))
            return _row(row)

    def take_back(self, actor: Actor, merge_id: int, *, why: str) -> MergeRow:
        """They are two people after all: both stand as they stood; what has happened to the kept case since stays there."""
        if not why.strip():
            raise RefusedError("State why.")
        with self._context.sessions.begin() as session:
            row = session.get(PersonMerge, merge_id)
            if row is None:
                raise NotFoundError("There is no such merge.")
            kept, gone = _two(session, actor, row.person_id, row.merged_id, lock=True)
            session.refresh(row)
            if row.ended_at is not None:
                raise ChangedBySomeoneElseError("{who} has taken the merge back already.", who=row.ended_by)
            _take_back(self._walk(session, actor), row, kept, gone, plain(why))
            self._record(session, actor, "care.merge_taken_back", (kept, gone), row, plain(why))
            return _row(row)

    def rows(self, actor: Actor, person_id: int) -> tuple[MergeRow, ...]:
        """The merges that hold of a case, whichever side it is on. The reading is logged."""
        with self._context.sessions.begin() as session:
            person = by_id(session, person_id)
            require_region(actor, person.region)
            audit.record(
                session, actor, self._context.clock(), "care.merges", person_id=person.id, region=person.region
            )
            mine = open_merge(session, person.id)
            return tuple(_row(row) for row in ([mine] if mine is not None else merged_into(session, person.id)))

    def _walk(self, session: Session, actor: Actor) -> Walk:
        return Walk(session, actor, self._context.clock(), self._context.rules(session))

    def _record(
        self, session: Session, actor: Actor, action: str, people: Iterable[Person], row: PersonMerge, why: str
    ) -> None:
        session.flush()
        audit.record_people(
            session,
            actor,
            self._context.clock(),
            action,
            [(person.id, person.region) for person in people],
            subject=f"merge:{row.id}",
            why=why,
        )


def _two(session: Session, actor: Actor, one_id: int, other_id: int, *, lock: bool) -> tuple[Person, Person]:
    """Both people, locked in the order of their keys, in the actor's regions."""
    if one_id == other_id:
        raise RefusedError("That is the same case. State the other one's number.")
    found = {key: by_id(session, key, lock=lock) for key in sorted((one_id, other_id))}
    for person in found.values():
        require_region(actor, person.region)
    return found[one_id], found[other_id]


# What decides, and what is shown


def _facts(session: Session, person: Person) -> MergeFacts:
    def count(statement: Select[Any]) -> int:
        return session.scalar(select(func.count()).select_from(statement.subquery())) or 0

    mine = (PsaOrder.number, PsaOrder.person_id), (Referral.number, Referral.person_id)
    numbers = [select(number).where(owner == person.id) for number, owner in mine]
    kinds = set(session.scalars(select(Block.kind).where(Block.person_id == person.id, Block.ended_at.is_(None))))
    return MergeFacts(
        region=person.region,
        protection=person.protection.value,
        step=person.step,
        step_label=step_words(person),
        closed_reason=person.closed_reason,
        exclusion_reason=person.exclusion_reason,
        next_on=person.next_on,
        rounds=person.round_number,
        objects=person.register_objection_on is not None,
        letters=count(select(Letter.id).where(Letter.person_id == person.id, Letter.state.in_(UNSENT))),
        orders=count(select(PsaOrder.id).where(PsaOrder.person_id == person.id, PsaOrder.state.in_(OPEN_ORDERS))),
        referrals=count(select(Referral.id).where(Referral.person_id == person.id, Referral.state.in_(LIVE))),
        # What register care has to do about the case is done by the merge; a hand-over is said by itself.
        tasks=count(
            select(Task.id).where(
                Task.person_id == person.id,
                Task.closed_at.is_(None),
                Task.queue.not_in((Queue.REGISTER, Queue.HANDOVER)),
            )
        ),
        held_messages=count(
            select(LabMessage.id).where(
                LabMessage.state == MessageState.HELD,
                LabMessage.order_number.in_(numbers[0].union_all(numbers[1])),
            )
        ),
        handed_over=session.scalar(
            select(Handover.id).where(Handover.person_id == person.id, Handover.state == HandoverState.OFFERED)
        )
        is not None,
        other_holds=bool(kinds - {DUPLICATE_BLOCK}),
        is_merged=open_merge(session, person.id) is not None,
        has_merged=bool(merged_into(session, person.id)),
    )


def _shown(values: Mapping[str, object]) -> dict[str, object]:
    return {name: day_full(value) if isinstance(value, date) else value for name, value in values.items()}


def _side(session: Session, person: Person, stopping: list[Words]) -> MergeSide:
    masked = is_masked(person)
    history = history_of(session, person.id)
    latest = timeline(history)[:1]
    return MergeSide(
        person_id=person.id,
        number=MASKED_NAME if masked else shown_number(person),
        name=shown_name(person),
        masked=masked,
        birth_date=person.birth_date,
        birth_date_known=person.birth_date_known,
        region=person.region,
        municipality=shown_municipality(person),
        address=() if masked else shown_address(person),
        step=person.step,
        step_label=step_words(person),
        next_on=person.next_on,
        rounds=person.round_number,
        latest=f"{day_full(latest[0].at.date())} {latest[0].what}" if latest else "",
        held=tuple(_(block.reason) for block in history.blocks if block.ended_at is None),
        hinders=tuple(_(words, **_shown(values)) for words, values in stopping),
        version=person.version_id,
    )


def _same(one: Person, other: Person) -> Iterable[str]:
    if one.name_key == other.name_key:
        yield _("Same name")
    if one.birth_date == other.birth_date and one.birth_date_known and other.birth_date_known:
        yield _("Same birth date")
    if one.address and one.address == other.address:
        yield _("Same address")


# Doing and taking back


def _merge(walk: Walk, kept: Person, gone: Person, *, take_number: bool, why: str) -> PersonMerge:
    session = walk.session
    row = PersonMerge(
        person_id=kept.id,
        merged_id=gone.id,
        region=kept.region,
        took_number=take_number,
        kept_number=kept.number,
        merged_number=gone.number,
        kept_birth_date=kept.birth_date,
        kept_birth_date_known=kept.birth_date_known,
        merged_step=gone.step,
        merged_next_on=gone.next_on,
        merged_closed_reason=gone.closed_reason,
        merged_exclusion_reason=gone.exclusion_reason,
        at=walk.at,
        by=walk.actor.username,
        why=why,
    )
    session.add(row)
    for person in (kept, gone):
        _end_duplicate_hold(walk, person, why)
    session.execute(
        update(Task)
        .where(Task.person_id == gone.id, Task.queue == Queue.REGISTER, Task.closed_at.is_(None))
        .values(closed_at=walk.at, closed_by=walk.actor.username, outcome=why)
    )
    if gone.step is Step.CLOSED:
        gone.closed_reason = ClosedReason.NUMBER_REPLACED
    else:
        gone.exclusion_reason = None
        walk.close(gone, ClosedReason.NUMBER_REPLACED, why)
    if take_number:
        _change_numbers(walk, kept, gone)
        _born(walk, kept, gone.birth_date, known=gone.birth_date_known)
    return row


def _take_back(walk: Walk, row: PersonMerge, kept: Person, gone: Person, why: str) -> None:
    row.ended_at, row.ended_by, row.end_reason = walk.at, walk.actor.username, why
    walk.session.flush()
    if row.took_number:
        if kept.number == row.merged_number:
            _change_numbers(walk, kept, gone)
            _born(walk, kept, row.kept_birth_date, known=row.kept_birth_date_known)
        elif walk.session.scalar(select(Person.id).where(Person.number == row.merged_number)) is None:
            # The register has given the kept case another number meanwhile: that one stays.
            gone.number = row.merged_number
        else:
            raise RefusedError("A later merge has changed the kept case's number: take that merge back first.")
    if gone.closed_reason is not ClosedReason.NUMBER_REPLACED:
        return
    gone.closed_reason = row.merged_closed_reason
    if row.merged_step is Step.CLOSED:
        return
    walk.move(gone, Event.REOPENED, next_on=row.merged_next_on, reason=why)
    if row.merged_step is Step.EXCLUDED:
        assert row.merged_exclusion_reason is not None
        gone.exclusion_reason = row.merged_exclusion_reason
        walk.move(gone, Event.EXCLUDED, reason=why, because=row.merged_exclusion_reason.value)


def _change_numbers(walk: Walk, one: Person, other: Person) -> None:
    """Each goes by the other's number. A number is never two people's, not for a moment."""
    mine, theirs = one.number, other.number
    other.number = f"merging {other.id}"
    walk.session.flush()
    one.number = theirs
    walk.session.flush()
    other.number = mine
    walk.session.flush()


def _born(walk: Walk, person: Person, birth_date: date, *, known: bool) -> None:
    """The birth date that goes with the number, and the first offer where the year is another."""
    other_year = person.birth_date.year != birth_date.year
    person.birth_date, person.birth_date_known = birth_date, known
    if other_year and person.step is Step.NOT_DUE and person.round_number == 0:
        person.next_on = first_offer_on(birth_date, walk.rules(person.region))


def _end_duplicate_hold(walk: Walk, person: Person, why: str) -> None:
    """Nobody is held as a possible duplicate who has been looked at; other holds stay."""
    blocks = walk.session.scalars(select(Block).where(Block.person_id == person.id, Block.ended_at.is_(None))).all()
    ours = [block for block in blocks if block.kind == DUPLICATE_BLOCK]
    if ours and len(ours) == len(blocks):
        walk.unblock(person, why)
        return
    for block in ours:
        block.ended_at, block.ended_by, block.end_reason = walk.at, walk.actor.username, why


def _row(row: PersonMerge) -> MergeRow:
    return MergeRow(
        merge_id=row.id,
        kept_id=row.person_id,
        kept_number=format_identity(row.kept_number),
        merged_id=row.merged_id,
        merged_number=format_identity(row.merged_number),
        took_number=row.took_number,
        at=row.at,
        by=row.by,
        why=row.why,
    )
