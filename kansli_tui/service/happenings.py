"""A person's history as lines that can be read: made from the facts, in the language of the screen."""

from collections.abc import Iterable
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
from kansli_tui.i18n import _, day
from kansli_tui.labels import label
from kansli_tui.pathway.decide import PsaValue
from kansli_tui.pathway.steps import Event, Queue
from kansli_tui.rows.answers import DecisionState, OrderState
from kansli_tui.rows.cases import Happening
from kansli_tui.service.context import local_date

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
    }
)
"""Moves that a letter, an order, an answer or a decision already tells about."""

_TOLD_TASKS = (Queue.CORRECTION, Queue.MEDICAL, Queue.CONTACT, Queue.ADDRESS, Queue.REGISTER)


def timeline(history: History) -> tuple[Happening, ...]:
    """Everything that has happened, the newest first."""
    lines: list[Happening] = []
    for source in (_moves, _letters, _orders, _answers, _messages, _decisions, _contacts, _blocks, _tasks):
        lines.extend(source(history))
    # Of things at the same moment, the later stage of the work stands on top.
    order = {kind: place for place, kind in enumerate(_STAGES)}
    return tuple(sorted(lines, key=lambda line: (line.at, order[line.kind]), reverse=True))


_STAGES = ("register", "step", "order", "sample", "message", "answer", "decision", "letter", "contact", "block", "task")


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
        yield Happening(letter.prepared_at, "letter", _("{letter}, prepared", letter=name), letter.prepared_by, "")
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
                "",
            )
        elif letter.printed_at is not None:
            yield Happening(
                letter.printed_at, "letter", _("{letter}, printed (batch {batch})", letter=name, batch=batch), "", ""
            )


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
        yield Happening(contact.at, "contact", contact.text, contact.by, _(contact.kind))


def _blocks(history: History) -> Iterable[Happening]:
    for block in history.blocks:
        yield Happening(block.began_at, "block", _("held"), block.began_by, _(block.reason))
        if block.ended_at is not None:
            yield Happening(block.ended_at, "block", _("no longer held"), block.ended_by or "", block.end_reason or "")


def _tasks(history: History) -> Iterable[Happening]:
    for task in history.tasks:
        if task.closed_at is None or task.queue not in _TOLD_TASKS:
            continue
        yield Happening(
            task.closed_at,
            "task",
            _("{queue}: done", queue=label(task.queue)),
            task.closed_by or "",
            task.outcome or "",
        )
