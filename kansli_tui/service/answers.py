"""Answers in: files from the laboratory are taken in message by message; what is in doubt is held for a person.

Every message keeps its raw bytes and hash. A message that comes twice has no effect; the same id with other bytes is held.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import audit
from db.models import LabMessage, Person, PersonNumber, PsaOrder, Round
from db.queries.people import by_number, numbers_of
from kansli_tui.errors import InvalidIdentityError
from kansli_tui.exchange.incoming_file import read_incoming_file
from kansli_tui.exchange.lab_values import canonical_unit, visible
from kansli_tui.exchange.lab_values import psa as choose_psa
from kansli_tui.exchange.profile import Profile
from kansli_tui.pathway.answers import FIXES, AnswerFacts, HoldReason, OrderFacts, Verdict, judge
from kansli_tui.pathway.identity import parse_identity
from kansli_tui.pathway.steps import ClosedReason, Queue, Step
from kansli_tui.rows.answers import ImportedItem, LabImport, MessageState, OrderState
from kansli_tui.rows.incoming import IncomingItem
from kansli_tui.rows.lab import LabAnswer, Observation, Problem
from kansli_tui.rows.lab_reasons import FIXES as FILE_FIXES
from kansli_tui.rows.lab_reasons import Reason
from kansli_tui.rows.office import NO_REGION, Actor
from kansli_tui.rows.referral_messages import FromUnit
from kansli_tui.service import applying
from kansli_tui.service.context import Context, local_date
from kansli_tui.service.latest import later_answer, tissue_taken
from kansli_tui.service.profiles import profile_of
from kansli_tui.service.walk import Walk

_TOGETHER = 100
"""Messages that share a transaction. When one fails they are all taken back, and importing the file again takes in the rest."""


class AnswerService:
    """Takes laboratory files in."""

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
                items += [taking.take(item) for item in some]
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


class Taking:
    """Takes single messages in within one transaction."""

    def __init__(self, context: Context, session: Session, actor: Actor, profile: Profile, file_name: str) -> None:
        self.session = session
        self.profile = profile
        self.rule_book = context.rules(session)
        self.walk = Walk(session, actor, context.clock(), self.rule_book)
        self._file_name = file_name

    def take(self, item: IncomingItem) -> ImportedItem:
        """Take one item in: applied, without effect, or held."""
        order_number = item.order_number if isinstance(item, LabAnswer) else None
        twin = self._twin(item)
        if twin is not None and twin.sha256 == item.sha256:
            return ImportedItem(item.position, MessageState.NO_EFFECT, order_number, "Already imported", "", {})
        message = self._keep(item)
        if isinstance(item, FromUnit):
            values: dict[str, str | int] = {"type": item.message_type}
            return self._hold(message, item.position, Reason.OTHER_TYPE.value, FILE_FIXES[Reason.OTHER_TYPE], values)
        if not isinstance(item, LabAnswer):
            return self._hold(message, item.position, item.reason.value, item.fix, dict(item.values))
        if twin is not None:
            return self._hold_because(message, item, HoldReason.SAME_ID_OTHER_CONTENT)
        chosen = choose_psa(item, self.profile)
        if isinstance(chosen, Problem):
            return self._hold(message, item.position, chosen.reason.value, chosen.fix, dict(chosen.values))
        return self._judge(message, item, chosen)

    def match(self, message: LabMessage, item: LabAnswer, order: PsaOrder) -> HoldReason | None:
        """Apply a held message to the order a person has chosen; or why it still cannot count."""
        from kansli_tui.pathway.answers import MATCHABLE  # noqa: PLC0415 - read where it is used

        chosen = choose_psa(item, self.profile)
        if isinstance(chosen, Problem):
            return HoldReason.VALUE_UNREADABLE
        return self._try(message, item, chosen, order, overruled=MATCHABLE)

    def _judge(self, message: LabMessage, item: LabAnswer, psa: Observation) -> ImportedItem:
        if item.order_number is None:
            return self._hold_because(message, item, HoldReason.NO_ORDER_NUMBER)
        order = self.session.scalar(select(PsaOrder).where(PsaOrder.number == item.order_number))
        if order is None:
            return self._hold_because(message, item, HoldReason.UNKNOWN_ORDER)
        message.region = order.region
        reason = self._try(message, item, psa, order)
        if reason is not None:
            return self._hold_because(message, item, reason)
        return ImportedItem(item.position, message.state, item.order_number, "Taken in", "", {})

    def _try(
        self,
        message: LabMessage,
        item: LabAnswer,
        psa: Observation,
        order: PsaOrder,
        *,
        overruled: frozenset[HoldReason] = frozenset(),
    ) -> HoldReason | None:
        person = self.session.get_one(Person, order.person_id, with_for_update=True)
        numbers = frozenset(numbers_of(self.session, person.id))
        stated, others = self._numbers(item, numbers)
        earlier = applying.current_answer(self.walk, order)
        opened = self.session.scalar(
            select(Round).where(Round.person_id == person.id, Round.number == order.round_number)
        )
        judgement = judge(
            AnswerFacts(
                numbers=stated,
                birth_date=item.birth_date if person.birth_date_known else None,
                status=psa.status,
                value=psa.value,
                comparator=psa.comparator,
                unit_is_ugl=psa.unit == "ug/L",
                raw_value=psa.raw_value,
                sampled_on=local_date(item.sampled_at) if item.sampled_at else None,
            ),
            OrderFacts(
                numbers=numbers,
                birth_date=person.birth_date,
                dead=person.closed_reason is ClosedReason.DEAD,
                closed=person.step is Step.CLOSED,
                offered_on=(opened.offered_on if opened and opened.offered_on else local_date(order.ordered_at)),
                valid_until=order.valid_until,
                cancelled=order.state is OrderState.CANCELLED and order.cancel_reason != "answered",
                order_round=order.round_number,
                person_round=person.round_number,
                current_status=earlier.status if earlier else None,
                # A preliminary value in another unit is no value that status U could make final.
                current_value=earlier.value if earlier and canonical_unit(earlier.raw_unit) else None,
                current_comparator=earlier.comparator if earlier else None,
            ),
            today=self.walk.today,
            overruled=overruled,
        )
        if judgement.reason is not None:
            return judgement.reason
        if HoldReason.NUMBER_TAKEN not in overruled and any(by_number(self.session, other) for other in others):
            return HoldReason.NUMBER_TAKEN
        if judgement.verdict is Verdict.NO_EFFECT:
            message.state, message.person_id = MessageState.NO_EFFECT, person.id
            self.session.add(message)
            return None
        # Once tissue has been taken a changed answer moves nobody: it is stored, and a person is told.
        noted = earlier is not None and tissue_taken(self.session, person)
        event = None if noted else applying.event_of(person, judgement.verdict, earlier)
        overtaken = later_answer(self.session, order)
        taken_back = overtaken and judgement.verdict is Verdict.RETRACT
        if (event is None and not noted) or (overtaken and not taken_back and HoldReason.NOT_EXPECTED not in overruled):
            return HoldReason.NOT_EXPECTED
        if stated & numbers:
            # Only beside a number of ours is another one his: a person may match an answer that names a stranger.
            self._link(person, others)
        message.state, message.person_id, message.region = MessageState.APPLIED, person.id, person.region
        self.session.add(message)
        applying.apply(
            self.walk,
            person=person,
            order=order,
            message=message,
            answer=item,
            psa=psa,
            verdict=judgement.verdict,
            event=None if taken_back else event,
            earlier=earlier,
        )
        audit.record(
            self.session,
            self.walk.actor,
            self.walk.at,
            "answer.take",
            person_id=person.id,
            region=person.region,
            subject=f"order:{order.number}",
        )
        return None

    def _numbers(self, item: LabAnswer, known: frozenset[str]) -> tuple[frozenset[str], list[str]]:
        """The numbers the message states, and those that are new to us although another one is ours."""
        stated = []
        for identity in item.identities:
            try:
                stated.append(parse_identity(identity.number, from_register=True).number)
            except InvalidIdentityError:
                continue
        return frozenset(stated), [number for number in stated if number not in known]

    def _link(self, person: Person, others: Sequence[str]) -> None:
        """A second number in the same message is the person's former one: kept, so that search finds both."""
        for other in others:
            if by_number(self.session, other) is None:
                self.session.add(
                    PersonNumber(
                        person_id=person.id,
                        region=person.region,
                        number=other,
                        source="laboratory",
                        added_at=self.walk.at,
                    )
                )
                audit.record(
                    self.session,
                    self.walk.actor,
                    self.walk.at,
                    "number.link",
                    person_id=person.id,
                    region=person.region,
                    why="second number in a laboratory message",
                )

    def _twin(self, item: IncomingItem) -> LabMessage | None:
        """A message that came before with the same id from the same sender, or with the same bytes."""
        if isinstance(item, LabAnswer) and item.control_id is not None:
            return self.session.scalar(
                select(LabMessage)
                .where(
                    LabMessage.sender == item.sender[: applying.LONGEST_SENDER],
                    LabMessage.control_id == item.control_id,
                )
                .order_by((LabMessage.sha256 == item.sha256).desc(), LabMessage.id)
                .limit(1)
            )
        return self.session.scalar(select(LabMessage).where(LabMessage.sha256 == item.sha256).limit(1))

    def _keep(self, item: IncomingItem) -> LabMessage:
        answer = item if isinstance(item, LabAnswer) else None
        return LabMessage(
            sender=answer.sender[: applying.LONGEST_SENDER] if answer else "",
            control_id=answer.control_id if answer else None,
            sha256=sha256(item.raw).hexdigest(),
            raw=item.raw,
            file_name=self._file_name,
            position=item.position,
            received_at=self.walk.at,
            state=MessageState.HELD,
            region=NO_REGION,
            order_number=answer.order_number if answer else None,
        )

    def _hold_because(self, message: LabMessage, item: LabAnswer, reason: HoldReason) -> ImportedItem:
        return self._hold(message, item.position, reason.value, FIXES[reason], {})

    def _hold(
        self, message: LabMessage, position: int, reason: str, fix: str, values: dict[str, str | int]
    ) -> ImportedItem:
        words = {name: str(value) for name, value in values.items()}
        message.state, message.held_reason = MessageState.HELD, reason
        message.held_detail = {"fix": fix, "values": words}
        self.session.add(message)
        self.session.flush()
        self.walk.open_task(Queue.HELD, f"message:{message.id}", region=message.region, reason=reason)
        return ImportedItem(position, MessageState.HELD, message.order_number, reason, fix, words)
