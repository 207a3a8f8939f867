"""Making a batch: which waiting letters can leave the house now, why others cannot, and the batch that is set from the rest."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import astuple
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from db import audit
from db.models import Letter, LetterBatch, Person
from kansli_tui.errors import LetterError
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.steps import Queue
from kansli_tui.rows.letter_states import BatchState, Channel, LetterState
from kansli_tui.rows.letters import LetterContent, Recipient, RegionOffice
from kansli_tui.rows.population import Protection
from kansli_tui.service.letter_content import build, freeze, in_care_of, recipient
from kansli_tui.service.still_true import (
    appointment_is_near,
    appointment_stands,
    nothing_is_owed,
    ring_about_call,
    still_true,
)
from kansli_tui.service.text_book import TextBook
from kansli_tui.service.walk import Walk

Progress = Callable[[int, int], None]
"""Told how many of how many are done. What it raises ends the work."""

_AT_ONCE = 500


def waiting(session: Session, condition: tuple[ColumnElement[bool], ...]) -> Iterator[Letter]:
    """The waiting letters by key, under lock, some at a time."""
    after = 0
    while True:
        letters = session.scalars(
            select(Letter)
            .where(*condition, Letter.id > after)
            .order_by(Letter.id)
            .limit(_AT_ONCE)
            .with_for_update(skip_locked=True)
        ).all()
        if not letters:
            return
        # Read together, so that each letter finds its person without a question of its own. They are kept while they are needed.
        people = session.scalars(select(Person).where(Person.id.in_({letter.person_id for letter in letters}))).all()
        yield from letters
        del people
        after = letters[-1].id


def checked(
    walk: Walk,
    letter: Letter,
    office: RegionOffice,
    texts: TextBook,
    left_out: Counter[str],
    *,
    agency: Recipient,
    invented: bool,
) -> LetterContent | None:
    """The letter's content, or None when it cannot be printed now: then counted under why, with a task or stopped.

    `agency` is whom a protected person's letter is sent in care of.
    """
    from reports.letters import check  # noqa: PLC0415 - reportlab loads when letters are made

    person = walk.session.get_one(Person, letter.person_id)
    if nothing_is_owed(letter, person):
        why = person.closed_reason.value if person.closed_reason is not None else "closed"
        letter.state, letter.stopped_at, letter.stop_reason = LetterState.STOPPED, walk.at, why
        left_out["The person has left the programme"] += 1
        return None
    overtaken = letter.again_of is not None and not still_true(walk, letter, person)
    if overtaken or (letter.type is LetterType.MRI_CALL and not appointment_stands(walk, letter)):
        letter.state, letter.stopped_at, letter.stop_reason = LetterState.STOPPED, walk.at, "overtaken"
        left_out["The letter no longer says what is so"] += 1
        return None
    if person.blocked:
        left_out["The person is held"] += 1
        return None
    if person.protection is not Protection.NONE and not letter.by_hand:
        letter.by_hand = True
        walk.open_task(Queue.PROTECTED, f"letter:{letter.id}", region=person.region, person=person)
        left_out["Protected identity, printed by hand"] += 1
        return None
    to = recipient(person) if person.protection is Protection.NONE else in_care_of(person, agency)
    if to is None:
        walk.open_task(
            Queue.ADDRESS, f"letter:{letter.id}", region=person.region, person=person, reason="No usable address"
        )
        left_out["No usable address"] += 1
        return None
    rules = walk.rules(person.region)
    try:
        content = build(letter, to, office, rules, texts, on=walk.today, invented=invented)
        check(content)
    except LetterError as problem:
        walk.open_task(Queue.ADDRESS, f"letter:{letter.id}", region=person.region, person=person, reason=str(problem))
        left_out["The letter cannot be set"] += 1
        return None
    if letter.type is LetterType.MRI_CALL and appointment_is_near(walk, letter):
        ring_about_call(walk, letter, person)
    return content


def prepare_batch(
    walk: Walk,
    ready: list[tuple[Letter, LetterContent]],
    left_out: Counter[str],
    *,
    region: str,
    kind: LetterType,
    by_hand: bool,
    channel: Channel,
) -> LetterBatch:
    """Freeze what each letter says, in a batch of their own."""
    session, actor = walk.session, walk.actor
    batch = new_batch(
        walk, region=region, kind=kind, by_hand=by_hand, channel=channel, letters=len(ready), left_out=left_out
    )
    for letter, content in ready:
        letter.state, letter.batch_id, letter.printed_at = LetterState.PRINTED, batch.id, walk.at
        letter.content, letter.channel = freeze(content), channel
        letter.language = content.language
    audit.record_people(
        session,
        actor,
        walk.at,
        "letter.print",
        ((letter.person_id, letter.region) for letter, _ in ready),
        subject=f"batch:{batch.number}",
    )
    session.flush()
    return batch


def new_batch(
    walk: Walk,
    *,
    region: str,
    kind: LetterType,
    by_hand: bool,
    channel: Channel,
    letters: int,
    left_out: Mapping[str, int],
    reprint_of: str = "",
    reason: str = "",
) -> LetterBatch:
    """The row of a batch, numbered year-running number."""
    batch = LetterBatch(
        # The running number is the row's own, which is known once the row is written.
        number=f"new {uuid4()}",
        region=region,
        type=kind,
        by_hand=by_hand,
        channel=channel,
        state=BatchState.PREPARED,
        made_at=walk.at,
        made_by=walk.actor.username,
        letters=letters,
        left_out=dict(left_out),
        reprint_of=reprint_of,
        reason=reason,
    )
    walk.session.add(batch)
    walk.session.flush()
    batch.number = f"{walk.today.year}-{batch.id:05d}"
    return batch


def set_letters(
    contents: Sequence[LetterContent], made_at: datetime, progress: Progress | None = None
) -> dict[str, Any]:
    """Set frozen letters in one PDF; what the batch's row keeps of it. The same letters and time give the same bytes."""
    from reports.letters import render_batch  # noqa: PLC0415 - reportlab loads when letters are set

    rendered = render_batch(contents, created=made_at, checked=True, progress=progress)
    return {
        "pages": sum(page.pages for page in rendered.pages),
        "sha256": rendered.sha256,
        "pdf": rendered.pdf,
        "page_map": [list(astuple(page)) for page in rendered.pages],
    }
