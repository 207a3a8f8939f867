"""Files in: answers, appointments and outcomes are taken in message by message; what is in doubt is held for a person.

Every message keeps its raw bytes and hash. A message that comes twice has no effect; the same id with other bytes is held.
"""

from collections.abc import Callable
from hashlib import sha256

from sqlalchemy import select

from db import audit
from db.models import LabMessage
from kansli_tui.exchange.incoming_file import read_incoming_file
from kansli_tui.exchange.lab_values import visible
from kansli_tui.pathway.steps import Queue
from kansli_tui.rows.answers import ImportedItem, LabImport, MessageState
from kansli_tui.rows.incoming import IncomingItem
from kansli_tui.rows.lab import LabAnswer
from kansli_tui.rows.office import NO_REGION, Actor
from kansli_tui.rows.referral_messages import BookingMessage, FromUnit, MriReport, OutcomeLine
from kansli_tui.service import taking_psa, taking_units
from kansli_tui.service.applying import LONGEST_SENDER
from kansli_tui.service.context import Context
from kansli_tui.service.profiles import profile_of
from kansli_tui.service.taking import Held, Taking

_TOGETHER = 100
"""Messages that share a transaction. When one fails they are all taken back, and importing the file again takes in the rest."""


class AnswerService:
    """Takes files of laboratories and units in, told apart by what they hold."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def import_file(
        self, actor: Actor, raw: bytes, name: str, *, progress: Callable[[int, int], None] | None = None
    ) -> LabImport:
        """Take a file in. UnreadableFileError when nothing in it can be told apart; everything else ends in an item."""
        profile = profile_of(self._context.settings, raw)
        # A file's name is whatever its disk allows; the database takes text.
        name = visible(name.encode("utf-8", "replace").decode("utf-8"))
        file = read_incoming_file(raw, name, profile)
        items: list[ImportedItem] = []
        for start in range(0, len(file.items), _TOGETHER):
            some = file.items[start : start + _TOGETHER]
            with self._context.sessions.begin() as session:
                taking = Taking(self._context, session, actor, profile, name)
                items += [_take(taking, item) for item in some]
                audit.record(
                    session,
                    actor,
                    self._context.clock(),
                    "answers.import",
                    subject=f"file:{file.sha256[:16]}",
                    detail={"messages": len(some)},
                )
            if progress is not None:
                progress(min(start + _TOGETHER, len(file.items)), len(file.items))
        return LabImport(name, file.sha256, tuple(items))


def _take(taking: Taking, item: IncomingItem) -> ImportedItem:
    """Take one item in: applied, without effect, or held."""
    answer = item if isinstance(item, LabAnswer | FromUnit) else None
    number = answer.order_number if answer is not None else None
    twin = _twin(taking, item)
    if twin is not None and twin.sha256 == item.sha256:
        return ImportedItem(item.position, MessageState.NO_EFFECT, number, "Already imported", "", {})
    message = _keep(taking, item)
    match item:
        case LabAnswer():
            result = taking_psa.take(taking, message, item, same_id=twin is not None)
        case MriReport() | BookingMessage() | OutcomeLine():
            result = taking_units.take(taking, message, item, same_id=twin is not None)
        case _:
            result = Held(item.reason.value, item.fix, item.values)
    if isinstance(result, Held):
        return _hold(taking, message, item.position, result)
    return ImportedItem(item.position, result.state, number, result.words, "", {})


def _twin(taking: Taking, item: IncomingItem) -> LabMessage | None:
    """A message that came before with the same id from the same sender, or with the same bytes."""
    if isinstance(item, LabAnswer | FromUnit) and item.control_id is not None:
        return taking.session.scalar(
            select(LabMessage)
            .where(LabMessage.sender == item.sender[:LONGEST_SENDER], LabMessage.control_id == item.control_id)
            .order_by((LabMessage.sha256 == item.sha256).desc(), LabMessage.id)
            .limit(1)
        )
    return taking.session.scalar(select(LabMessage).where(LabMessage.sha256 == item.sha256).limit(1))


def _keep(taking: Taking, item: IncomingItem) -> LabMessage:
    answer = item if isinstance(item, LabAnswer | FromUnit) else None
    return LabMessage(
        sender=answer.sender[:LONGEST_SENDER] if answer else "",
        control_id=answer.control_id if answer else None,
        sha256=sha256(item.raw).hexdigest(),
        raw=item.raw,
        file_name=taking.file_name,
        position=item.position,
        received_at=taking.walk.at,
        state=MessageState.HELD,
        region=NO_REGION,
        order_number=answer.order_number if answer else None,
        kind=_KINDS.get(type(item), "lab"),
    )


def _hold(taking: Taking, message: LabMessage, position: int, held: Held) -> ImportedItem:
    words = {name: str(value) for name, value in held.values.items()}
    message.state, message.held_reason = MessageState.HELD, held.reason
    message.held_detail = {"fix": held.fix, "values": words}
    taking.session.add(message)
    taking.session.flush()
    taking.walk.open_task(Queue.HELD, f"message:{message.id}", region=message.region, reason=held.reason)
    return ImportedItem(position, MessageState.HELD, message.order_number, held.reason, held.fix, words)


_KINDS: dict[type[object], str] = {MriReport: "mri", BookingMessage: "booking", OutcomeLine: "outcome"}
"""`LabMessage.kind` of what is no laboratory answer."""
