"""A person's history as lines that can be read: made from the facts, in the language of the screen."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime, time

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import (
    Letter,
    Person,
    PsaAnswer,
    PsaOrder,
)
from db.queries.history import History
from kansli_tui.i18n import _, day, moment
from kansli_tui.labels import KINDS, label
from kansli_tui.letter_labels import LANGUAGE_NAMES
from kansli_tui.pathway.decide import PsaValue
from kansli_tui.pathway.identity import format_identity
from kansli_tui.pathway.referrals import ReferralEvent, ReferralState
from kansli_tui.pathway.register_care import BY_CODE, Cared
from kansli_tui.pathway.steps import ClosedReason, Event, Queue
from kansli_tui.rows.answers import DecisionState, OrderState
from kansli_tui.rows.cases import Happening
from kansli_tui.rows.letter_states import AttemptOutcome, Channel
from kansli_tui.rows.office import REGION_SHORT
from kansli_tui.service.assessing import mri_words
from kansli_tui.service.batches import letter_number
from kansli_tui.service.context import local_date
from kansli_tui.service.wishes import OBJECTS, read_wish

_TOLD_ELSEWHERE = frozenset(
    {
        Event.PRE_LETTER_POSTED,
        Event.OFFER_POSTED,
        Event.OFFER_POSTED_WITH_ORDER,
        Event.ORDER_SENT,
        Event.ANSWER_PENDING,
        Event.ANSWER_RECEIVED,
        Event.ANSWER_CORRECTED,
        Event.ANSWER_RETRACTED,
        Event.CONFIRMED_NEW_OFFER,
        Event.CONFIRMED_MRI,
        Event.CONFIRMED_UROLOGY,
        Event.CONFIRMED_REPEAT,
        Event.REPEAT_LETTER_POSTED,
        Event.ANSWER_LETTER_POSTED,
        Event.OFFER_DATE_REACHED,
        Event.MRI_REFERRAL_MADE,
        Event.MRI_REFERRAL_SENT,
        Event.MRI_BOOKING_NEEDED,
        Event.MRI_BOOKED,
        Event.MRI_PERFORMED,
        Event.MRI_NOT_DONE,
        Event.MRI_ANSWERED,
        Event.MRI_ANSWER_CORRECTED,
        Event.UROLOGY_REFERRAL_MADE,
        Event.UROLOGY_REFERRAL_SENT,
        Event.UROLOGY_VISITED,
        Event.BIOPSIED,
        Event.UROLOGY_NOT_DONE,
        Event.PATHOLOGY_ANSWERED,
        Event.PATHOLOGY_CORRECTED,
        Event.HANDED_OVER,
    }
)
"""Moves that a letter, an order, a referral, an answer, a decision or a hand-over already tells about."""

_TOLD_BY_BOOKINGS = (ReferralEvent.BOOKED, ReferralEvent.MOVED, ReferralEvent.BOOKING_CANCELLED)
_TOLD_TASKS = (Queue.CORRECTION, Queue.MEDICAL, Queue.CONTACT, Queue.ADDRESS, Queue.REGISTER)


def timeline(history: History) -> tuple[Happening, ...]:
    """Everything that has happened, the newest first."""
    lines: list[Happening] = []
    for source in (
        _moves,
        _letters,
        _attempts,
        _orders,
        _answers,
        _messages,
        _referrals,
        _bookings,
        _examinations,
        _decisions,
        _contacts,
        _blocks,
        _tasks,
        _handovers,
        _merges,
        _hand_edits,
        _settled,
    ):
        lines.extend(source(history))
    # Of things at the same moment, the later stage of the work stands on top.
    order = {kind: place for place, kind in enumerate(KINDS)}
    return tuple(sorted(lines, key=lambda line: (line.at, order[line.kind]), reverse=True))


def short_timeline(session: Session, person: Person) -> tuple[str, ...]:
    """The round in a few words each, the oldest first: '15 okt erbjudande'."""
    orders = session.execute(
        select(PsaOrder.ordered_at).where(PsaOrder.person_id == person.id).order_by(PsaOrder.id.desc()).limit(1)
    ).scalars()
    letters = session.execute(
        select(Letter.posted_on, Letter.type)
        .where(Letter.person_id == person.id, Letter.round_number == person.round_number, Letter.posted_on.is_not(None))
        .order_by(Letter.id)
    )
    answers = session.execute(
        select(PsaAnswer.sampled_at, PsaAnswer.received_at)
        .where(PsaAnswer.person_id == person.id, PsaAnswer.replaced_at.is_(None))
        .order_by(PsaAnswer.id.desc())
        .limit(1)
    )
    dated = [(posted, label(kind)) for posted, kind in letters if posted is not None]
    dated += [(local_date(ordered), _("order")) for ordered in orders]
    for sampled, received in answers:
        if sampled is not None:
            dated.append((local_date(sampled), _("sample")))
        dated.append((local_date(received), _("answer")))
    return tuple(f"{day(on)} {what}" for on, what in sorted(dated, key=lambda pair: pair[0]))


def _moves(history: History) -> Iterable[Happening]:
    for change in history.changes:
        if change.event not in _TOLD_ELSEWHERE:
            kind = "register" if change.event is Event.REGISTERED else "step"
            yield Happening(change.at, kind, label(change.event), change.by, _(change.reason) if change.reason else "")


def _letters(history: History) -> Iterable[Happening]:
    for letter, batch, posted_by in history.letters:
        name = label(letter.type)
        yield Happening(
            letter.prepared_at, "letter", _("{letter}, prepared", letter=name), letter.prepared_by, _stands_for(letter)
        )
        if letter.stopped_at is not None:
            yield Happening(
                letter.stopped_at, "letter", _("{letter}, stopped", letter=name), "", _(letter.stop_reason or "")
            )
        elif letter.posted_on is not None:
            yield Happening(
                datetime.combine(letter.posted_on, time(12), UTC),
                "letter",
                _("{letter}, posted (batch {batch})", letter=name, batch=batch),
                posted_by or "",
                "" if letter.channel is Channel.PAPER else label(letter.channel),
                whole_day=True,
            )
        elif letter.printed_at is not None:
            yield Happening(
                letter.printed_at, "letter", _("{letter}, printed (batch {batch})", letter=name, batch=batch), "", ""
            )


def _stands_for(letter: Letter) -> str:
    """Which letter it says once more."""
    return _("sent again, in place of {number}", number=letter_number(letter.again_of)) if letter.again_of else ""


def _attempts(history: History) -> Iterable[Happening]:
    """What the post and the other channels have told; that a letter was handed over is told by its batch."""
    kinds = {letter.id: letter.type for letter, _batch, _by in history.letters}
    for attempt in history.attempts:
        if attempt.outcome is AttemptOutcome.HANDED_OVER:
            if attempt.note:
                yield Happening(attempt.at, "letter", letter_number(attempt.letter_id), attempt.by, attempt.note)
            continue
        letter = f"{label(kinds[attempt.letter_id])} {letter_number(attempt.letter_id)}"
        # The post's word stands in the outcome itself.
        way = "" if attempt.outcome is AttemptOutcome.RETURNED else label(attempt.channel)
        detail = ", ".join(part for part in (way, attempt.note) if part)
        yield Happening(attempt.at, "letter", f"{letter}: {label(attempt.outcome)}", attempt.by, detail)


def _orders(history: History) -> Iterable[Happening]:
    for order in history.orders:
        until = _("valid until {on}", on=day(order.valid_until))
        yield Happening(order.ordered_at, "order", _("PSA {order} ordered", order=order.number), "", until)
        if order.sent_at is not None:
            receipt = _("receipt {receipt}", receipt=order.receipt) if order.receipt else ""
            yield Happening(order.sent_at, "order", _("PSA {order} sent", order=order.number), "", receipt)
        if order.cancelled_at is not None and order.cancel_reason != "answered":
            yield Happening(
                order.cancelled_at,
                "order",
                _("PSA {order} expired", order=order.number)
                if order.state is OrderState.EXPIRED
                else _("PSA {order} cancelled", order=order.number),
                "",
                _(order.cancel_reason or ""),
            )


def _answers(history: History) -> Iterable[Happening]:
    for answer, file_name in history.answers:
        if answer.sampled_at is not None and answer.version == 1:
            yield Happening(answer.sampled_at, "sample", _("sample taken"), "", "")
        value = (
            f"{PsaValue(answer.value, answer.comparator).swedish()} µg/l"
            if answer.value is not None
            else answer.raw_value
        )
        detail = ", ".join(part for part in (_("status {status}", status=answer.status), answer.comment) if part)
        yield Happening(answer.received_at, "answer", f"PSA {value or '–'}", file_name, detail)


def _messages(history: History) -> Iterable[Happening]:
    """Answers that were held, and what a person did about them and why."""
    for message in history.messages:
        why = _(message.held_reason or "")
        yield Happening(message.received_at, "message", _("answer held"), message.file_name, why)
        if message.resolved_at is not None:
            what = _("held answer: {state}", state=label(message.state))
            yield Happening(message.resolved_at, "message", what, message.resolved_by or "", message.resolution or "")


def _referrals(history: History) -> Iterable[Happening]:
    by_id = {referral.id: (referral, unit) for referral, unit in history.referrals}
    for change in history.referral_changes:
        referral, unit = by_id[change.referral_id]
        if change.event in _TOLD_BY_BOOKINGS:
            continue
        what = f"{label(referral.kind)} {referral.number}: {label(change.event)}"
        made = change.event is ReferralEvent.MADE
        note = _(change.note) if change.note else ""
        detail = ". ".join(part for part in (unit.name, note) if part) if made else note
        yield Happening(change.at, "referral", what, change.by, detail)


def _bookings(history: History) -> Iterable[Happening]:
    units = {unit.id: unit.name for _referral, unit in history.referrals}
    for booking in history.bookings:
        what = _("MRI appointment {at}", at=moment(booking.starts_at))
        detail = ", ".join(part for part in (units.get(booking.unit_id, ""), booking.why) if part)
        yield Happening(booking.made_at, "booking", what, booking.made_by, detail)
        if booking.ended_at is not None:
            ended = _("MRI appointment {at}: {state}", at=moment(booking.starts_at), state=label(booking.state))
            reason = _(booking.end_reason) if booking.end_reason else ""
            yield Happening(booking.ended_at, "booking", ended, booking.ended_by or "", reason)


def _examinations(history: History) -> Iterable[Happening]:
    for answer in history.mri_answers:
        what = _("MRI answer: {words}", words=mri_words(answer))
        replaced = f" ({_('replaced')})" if answer.replaced_at else ""
        yield Happening(
            answer.received_at, "examination", what + replaced, answer.entered_by or answer.sender, answer.why
        )
    for found in history.pathology:
        benign = found.isup == 0
        what = _("Pathology: benign") if benign else _("Pathology: ISUP {isup}", isup=found.isup)
        replaced = f" ({_('replaced')})" if found.replaced_at else ""
        detail = _("biopsy {on}", on=day(found.biopsied_on))
        yield Happening(found.received_at, "examination", what + replaced, found.entered_by, detail)
    for treatment in history.treatments:
        what = f"{label(treatment.kind)} {day(treatment.on)}"
        yield Happening(treatment.received_at, "examination", what, treatment.entered_by, "")


def _handovers(history: History) -> Iterable[Happening]:
    for handover in history.handovers:
        regions = {"from": REGION_SHORT[handover.region], "to": REGION_SHORT[handover.to_region]}
        what = _("hand-over {from}→{to} offered", **regions)
        yield Happening(handover.at, "step", what, handover.by, handover.reason)
        if handover.ended_at is not None:
            ended = _("hand-over {from}→{to}: {state}", state=label(handover.state), **regions)
            yield Happening(handover.ended_at, "step", ended, handover.ended_by or "", handover.end_reason)


def _merges(history: History) -> Iterable[Happening]:
    """Both numbers as they were, so that either case says with which other it was merged."""
    for merge in history.merges:
        numbers = {"kept": format_identity(merge.kept_number), "merged": format_identity(merge.merged_number)}
        yield Happening(merge.at, "merge", _("Case {merged} merged into {kept}", **numbers), merge.by, merge.why)
        if merge.ended_at is not None:
            what = _("Merge of {merged} into {kept} taken back", **numbers)
            yield Happening(merge.ended_at, "merge", what, merge.ended_by or "", merge.end_reason or "")


def _hand_edits(history: History) -> Iterable[Happening]:
    """What was written by hand; the values are on the case."""
    for edit in history.hand_edits:
        field = label(edit.field)
        yield Happening(edit.at, "register", _("Written by hand: {field}", field=field), edit.by, edit.why)
        if edit.differs_at is not None:
            yield Happening(edit.differs_at, "register", _("The register differs: {field}", field=field), "", "")
        if edit.ended_at is not None:
            what = _("By hand no longer: {field}", field=field)
            yield Happening(edit.ended_at, "register", what, edit.ended_by or "", _(edit.end_reason or ""))


def _settled(history: History) -> Iterable[Happening]:
    for row in history.settled:
        what = _("Register care: {check} looked at", check=_(BY_CODE[Cared(row.check)].label))
        yield Happening(row.at, "register", what, row.by, row.why)


def _decisions(history: History) -> Iterable[Happening]:
    for decided in history.decisions:
        if decided.confirmed_at is None:
            continue
        assert decided.outcome is not None
        rule = _("rule {number}, {rules}", number=decided.rule_number, rules=decided.rule_set)
        superseded = f" ({_('superseded')})" if decided.state is DecisionState.SUPERSEDED else ""
        reason = f"{decided.reason} {decided.confirm_reason}".strip()
        yield Happening(
            decided.confirmed_at,
            "decision",
            f"{label(decided.outcome)}, {rule}{superseded}",
            decided.confirmed_by or "",
            reason,
        )


def _contacts(history: History) -> Iterable[Happening]:
    for contact in history.contacts:
        if contact.kind == "wish":
            what, why = wish_words(contact.text)
            yield Happening(contact.at, "contact", what, contact.by, why)
        else:
            yield Happening(contact.at, "contact", contact.text, contact.by, _(contact.kind))


def wish_words(stored: str) -> tuple[str, str]:
    """A stored wish in words, and why: "en, 1177: ringde" is 'Letters: English, 1177 inbox'."""
    wish = read_wish(stored)
    if wish is None:
        return stored, _("wish")
    if "register" not in wish:
        return letter_wish(wish["letter_language"], Channel(wish["letter_channel"])), wish["text"]
    if wish["register"] == OBJECTS:
        return _("Does not want to be in the quality register"), wish["text"]
    return _("May be in the quality register again"), wish["text"]


def letter_wish(language: str, channel: Channel) -> str:
    """How somebody gets letters: 'Letters: English, 1177 inbox'."""
    return _("Letters: {language}, {channel}", language=_(LANGUAGE_NAMES[language]), channel=label(channel))


def _blocks(history: History) -> Iterable[Happening]:
    for block in history.blocks:
        yield Happening(block.began_at, "block", _("held"), block.began_by, _(block.reason))
        if block.ended_at is not None:
            yield Happening(block.ended_at, "block", _("no longer held"), block.ended_by or "", block.end_reason or "")


def _outcome(stored: str) -> str:
    """What came of a task: a person's own words, or what the program has stored when something was heard."""
    for kind in (ReferralEvent, ReferralState, ClosedReason):
        with suppress(ValueError):
            return label(kind(stored))
    return _(stored) if stored else ""


def _tasks(history: History) -> Iterable[Happening]:
    for task in history.tasks:
        if task.closed_at is None or task.queue not in _TOLD_TASKS:
            continue
        yield Happening(
            task.closed_at,
            "task",
            _("{queue}: done", queue=label(task.queue)),
            task.closed_by or "",
            _outcome(task.outcome or ""),
        )
