"""What channels tell of letters: receipts are noted, and a letter that was not delivered or not read goes on paper once.

Nothing here moves anybody: a letter that is sent once more says the same thing again (`mail.send_once_more`). The same receipt
twice, or one that comes late or in the wrong order, changes nothing that has been done.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, exists, insert, select
from sqlalchemy.orm import Session, aliased

from db import audit
from db.models import Letter, LetterAttempt, Person
from kansli_tui.errors import RefusedError
from kansli_tui.exchange.receipts_in import read_receipts
from kansli_tui.i18n import later
from kansli_tui.pathway.steps import Queue
from kansli_tui.rows.letter_states import AttemptOutcome, Channel, LetterState
from kansli_tui.rows.office import Actor
from kansli_tui.rows.receipts import Receipt, ReceiptProblem, ReceiptReport
from kansli_tui.service.batches import letter_number
from kansli_tui.service.context import Context
from kansli_tui.service.holding import in_pieces
from kansli_tui.service.mail import refuse_untrue, send_once_more
from kansli_tui.service.offices import post_of
from kansli_tui.service.still_true import nothing_is_owed
from kansli_tui.service.walk import Walk

_AT_ONCE = 500
_AHEAD = timedelta(days=1)
"""So much may another computer's clock be ahead of ours."""
_FAILED = later(
    "A letter was not delivered and no longer says what is so. See on the case what the person is to be told now"
)
_UNREAD = later(
    "A letter in 1177 was not read and no longer says what is so. See on the case what the person is to be told now"
)
_STOPPED = later("A letter that was stopped has been delivered all the same. Find out what the person has been told")


class ChannelService:
    """Receipts from print houses and 1177."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def receive(self, actor: Actor, raw: bytes, file_name: str) -> ReceiptReport:
        """Take in a file of receipts. A letter that could not be delivered is prepared at once, on paper.

        Lines that cannot be used come back with what to do; corrected, the whole file is taken in again and only they have effect.
        UnreadableFileError when nothing of the file can be read.
        """
        receipts: dict[int, list[Receipt]] = defaultdict(list)
        problems: list[ReceiptProblem] = []
        for line in read_receipts(raw):
            if isinstance(line, ReceiptProblem):
                problems.append(line)
            elif line.at > self._context.clock() + _AHEAD:
                problems.append(
                    ReceiptProblem(
                        line.place, "The time has not come yet. Ask whoever wrote the file for the right time."
                    )
                )
            else:
                receipts[line.letter_id].append(line)
        done: Counter[str] = Counter()
        subject = f"file:{hashlib.sha256(raw).hexdigest()[:16]}"
        for keys in in_pieces(sorted(receipts)):
            with self._context.sessions.begin() as session:
                walk = Walk(session, actor, self._context.clock(), self._context.rules(session))
                some = {key: sorted(receipts[key], key=lambda one: one.at) for key in keys}
                counted: Counter[str] = Counter()
                problems += self._take(walk, some, counted)
                audit.record(session, actor, walk.at, "letters.receipts", subject=subject, detail=dict(counted))
            done += counted
        return ReceiptReport(
            file=file_name,
            taken=done["taken"],
            known=done["known"],
            on_paper=done["on_paper"],
            to_contact=done["to_contact"],
            problems=tuple(sorted(problems, key=lambda problem: problem.place)),
        )

    def _take(self, walk: Walk, receipts: dict[int, list[Receipt]], done: Counter[str]) -> Iterator[ReceiptProblem]:
        """Note the receipts of some letters, by the letter's key."""
        letters, people = _locked(walk.session, list(receipts))
        known = _attempts(walk.session, list(letters))
        problems: list[ReceiptProblem] = []
        touched: list[tuple[int, str]] = []
        for key, lines in receipts.items():
            letter = letters.get(key)
            refused = _why_not(walk.actor, letter)
            if letter is None or refused is not None:
                problems += [
                    ReceiptProblem(line.place, refused or "", {"letter": letter_number(key)}) for line in lines
                ]
                continue
            new = {(line.outcome, line.at): line for line in lines if (line.outcome, line.at) not in known[key]}
            done["known"] += len(lines) - len(new)
            done["taken"] += len(new)
            if not new:
                continue
            walk.session.execute(insert(LetterAttempt), [_row(walk, letter, line) for line in new.values()])
            known[key] |= new.keys()
            touched.append((letter.person_id, letter.region))
            done[_follow(walk, letter, people[letter.person_id], set(new), known[key])] += 1
        audit.record_people(walk.session, walk.actor, walk.at, "letter.receipt", touched)
        return iter(problems)


def fall_back_unread(context: Context, actor: Actor) -> int:
    """Letters in 1177 that nobody has read in the region's days go on paper, each once; how many were looked at.

    Letters of people who are held wait until they are released.
    """
    count = 0
    for region in sorted(actor.regions):
        days = post_of(context.settings.offices_file, region).unread_days
        unread = (Letter.region == region, *_unread(context.today - timedelta(days=days)))
        while True:
            with context.sessions.begin() as session:
                free = (
                    select(Letter.id)
                    .join(Person, Person.id == Letter.person_id)
                    .where(*unread, Person.blocked.is_(False))
                )
                found = session.scalars(free.order_by(Letter.id).limit(_AT_ONCE)).all()
                if not found:
                    break
                letters, people = _locked(session, found)
                # Another run may have been there between the question and the lock.
                still = set(session.scalars(select(Letter.id).where(Letter.id.in_(found), *unread)))
                walk = Walk(session, actor, context.clock(), context.rules(session))
                for key in sorted(still):
                    letter, person = letters[key], people[letters[key].person_id]
                    row = Receipt(0, key, AttemptOutcome.UNREAD, walk.at, "")
                    session.execute(insert(LetterAttempt), [_row(walk, letter, row)])
                    _on_paper(walk, letter, person, _UNREAD)
                count += len(still)
    return count


def _unread(until: date) -> tuple[ColumnElement[bool], ...]:
    """Posted in 1177 until a day, and neither read, sent again, nor known as undelivered (which has been seen to)."""
    again, failed, delivered = aliased(Letter), aliased(LetterAttempt), aliased(LetterAttempt)
    ended = LetterAttempt.outcome.in_((AttemptOutcome.READ, AttemptOutcome.UNREAD))
    came_after_all = exists().where(
        delivered.letter_id == Letter.id, delivered.outcome == AttemptOutcome.DELIVERED, delivered.at >= failed.at
    )
    return (
        Letter.state == LetterState.POSTED,
        Letter.channel == Channel.MESSAGE_1177,
        Letter.posted_on <= until,
        ~exists().where(LetterAttempt.letter_id == Letter.id, ended),
        ~exists().where(failed.letter_id == Letter.id, failed.outcome == AttemptOutcome.FAILED, ~came_after_all),
        ~exists().where(again.again_of == Letter.id, again.state != LetterState.STOPPED),
    )


_Known = set[tuple[AttemptOutcome, datetime]]


def _follow(walk: Walk, letter: Letter, person: Person, new: _Known, known: _Known) -> str:
    """What has to be done about a letter after its new receipts; under what it is counted."""
    outcomes = {outcome for outcome, _at in new}
    if letter.state is LetterState.STOPPED and outcomes & {AttemptOutcome.DELIVERED, AttemptOutcome.READ}:
        walk.open_task(
            Queue.CONTACT, f"stopped but sent:{letter.id}", region=person.region, person=person, reason=_STOPPED
        )
        return "to_contact"
    failed = [at for outcome, at in new if outcome is AttemptOutcome.FAILED]
    if not failed or letter.state is not LetterState.POSTED:
        return "noted"
    latest = max(failed)
    for outcome, at in known:
        if outcome is AttemptOutcome.READ or (outcome is AttemptOutcome.DELIVERED and at >= latest):
            # It came all the same.
            return "noted"
    return _on_paper(walk, letter, person, _FAILED)


def _on_paper(walk: Walk, letter: Letter, person: Person, otherwise: str) -> str:
    """Prepare the letter once more, on paper; where it no longer says what is so, a contact task with that reason instead."""
    sent_again = select(Letter.id).where(Letter.again_of == letter.id, Letter.state != LetterState.STOPPED)
    if walk.session.scalar(sent_again.limit(1)) is not None:
        return "noted"
    try:
        refuse_untrue(walk, letter, person)
    except RefusedError:
        if nothing_is_owed(letter, person):
            return "noted"
        walk.open_task(Queue.CONTACT, f"not read:{letter.id}", region=person.region, person=person, reason=otherwise)
        return "to_contact"
    anew = send_once_more(walk, letter, person, channel=Channel.PAPER)
    audit.record(
        walk.session,
        walk.actor,
        walk.at,
        "letter.again",
        person_id=person.id,
        region=person.region,
        subject=f"letter:{anew.id}",
    )
    return "on_paper"


def _why_not(actor: Actor, letter: Letter | None) -> str | None:
    """Why a letter's receipts cannot be noted, as a message id; None when they can."""
    if letter is None:
        return "There is no letter {letter} here. Ask whoever wrote the file whose letter it is."
    if letter.region not in actor.regions:
        return "Letter {letter} is another region's. Let somebody of that region take the file in."
    if letter.state in (LetterState.POSTED, LetterState.RETURNED) and letter.channel is Channel.PAPER:
        return (
            "Letter {letter} went on paper: nobody else can know of it. Ask whoever wrote the file whose letter it is."
        )
    if letter.state is LetterState.PREPARED or letter.state is LetterState.PRINTED:
        return "Letter {letter} is not confirmed as posted. Confirm its batch and take the file in again."
    return None


def _locked(session: Session, keys: Sequence[int]) -> tuple[dict[int, Letter], dict[int, Person]]:
    """Letters and their people under lock by key, as they are now: people first, like everybody who locks both."""
    mine = select(Letter.person_id).where(Letter.id.in_(keys))
    people = select(Person).where(Person.id.in_(mine)).order_by(Person.id).with_for_update()
    found = {person.id: person for person in session.scalars(people.execution_options(populate_existing=True))}
    letters = select(Letter).where(Letter.id.in_(keys)).order_by(Letter.id).with_for_update()
    return (
        {letter.id: letter for letter in session.scalars(letters.execution_options(populate_existing=True))},
        found,
    )


def _attempts(session: Session, keys: Sequence[int]) -> dict[int, _Known]:
    """What is known of letters already, by key."""
    found: dict[int, _Known] = defaultdict(set)
    rows = select(LetterAttempt.letter_id, LetterAttempt.outcome, LetterAttempt.at)
    for key, outcome, at in session.execute(rows.where(LetterAttempt.letter_id.in_(keys))):
        found[key].add((outcome, at))
    return found


def _row(walk: Walk, letter: Letter, receipt: Receipt) -> dict[str, object]:
    return {
        "letter_id": letter.id,
        "person_id": letter.person_id,
        "region": letter.region,
        "channel": letter.channel,
        "outcome": receipt.outcome,
        "at": receipt.at,
        "note": receipt.note,
        "by": walk.actor.username,
    }
