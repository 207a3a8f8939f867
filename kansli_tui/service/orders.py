"""Orders out: PSA orders and cancellations as HL7 files and a work list; receipt numbers typed back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from db import audit
from db.models import Person, PsaOrder
from kansli_tui.errors import KansliError, NotFoundError, RefusedError
from kansli_tui.exchange.hl7_out import cancel_message, order_message
from kansli_tui.exchange.profile import IDENTITY_OIDS, Profile
from kansli_tui.exchange.worklist import worklist_csv
from kansli_tui.pathway.identity import parse_identity
from kansli_tui.pathway.steps import Event, Step
from kansli_tui.rows.answers import OrderExport, OrderRow, OrderState
from kansli_tui.rows.lab import OrderOut
from kansli_tui.rows.office import Actor
from kansli_tui.rows.population import Addresses, Protection, preferred_name, usable_address
from kansli_tui.service.context import STOCKHOLM, Context, chosen_regions, plain, require_region
from kansli_tui.service.files import write_whole
from kansli_tui.service.naming import shown_name, shown_number
from kansli_tui.service.profiles import profile_for
from kansli_tui.service.walk import Walk

_LONGEST_RECEIPT = 60


class OrderService:
    """PSA orders on their way to the laboratory."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def rows(
        self,
        actor: Actor,
        *,
        state: OrderState | None = OrderState.CREATED,
        region: str | None = None,
        after: int = 0,
        limit: int = 50,
    ) -> tuple[OrderRow, ...]:
        """Orders of a state (None: all), by key. Created ones are shown once their letter has been posted."""
        statement = (
            select(PsaOrder, Person)
            .join(Person, Person.id == PsaOrder.person_id)
            .where(PsaOrder.region.in_(chosen_regions(actor, region)), PsaOrder.id > after)
            .order_by(PsaOrder.id)
            .limit(limit)
        )
        if state is not None:
            statement = statement.where(PsaOrder.state == state)
        if state is OrderState.CREATED:
            statement = statement.where(Person.step == Step.ORDER_TO_SEND)
        with self._context.sessions.begin() as session:
            found = session.execute(statement).all()
            audit.record_people(
                session,
                actor,
                self._context.clock(),
                "orders.list",
                ((person.id, person.region) for _order, person in found),
            )
            return tuple(
                OrderRow(
                    order.id,
                    order.number,
                    person.id,
                    order.region,
                    shown_number(person),
                    shown_name(person),
                    order.state,
                    order.ordered_at,
                    order.valid_until,
                    order.receipt,
                )
                for order, person in found
            )

    def export(self, actor: Actor, directory: Path) -> OrderExport:
        """Write every waiting order and cancellation of the actor's regions into a folder, and mark them sent.

        Files are written before anything is marked; when that fails nothing is marked, and the export is made again.
        """
        context = self._context
        with context.sessions.begin() as session:
            walk = Walk(session, actor, context.clock(), context.rules(session))
            stamp = walk.at.astimezone(STOCKHOLM).strftime("%Y%m%dT%H%M%S%f")
            waiting, withdrawn = self._waiting(session, actor), self._cancelled(session, actor)
            made = Outgoing()
            for profile, regions in self._laboratories(actor):
                made.orders(profile, [pair for pair in waiting if pair[0].region in regions], walk.at, stamp)
                made.cancellations(profile, [pair for pair in withdrawn if pair[0].region in regions], walk.at, stamp)
            files = tuple(str(path) for path in _written(directory, made.files))
            for order, person in made.sent:
                order.state, order.sent_at = OrderState.SENT, walk.at
                walk.move(person, Event.ORDER_SENT, next_on=order.valid_until)
            for order, _person in made.cancelled:
                order.cancel_sent_at = walk.at
            audit.record_people(
                session,
                actor,
                walk.at,
                "order.send",
                ((person.id, person.region) for _order, person in (*made.sent, *made.cancelled)),
                subject=stamp,
            )
            return OrderExport(len(made.sent), len(made.cancelled), files, tuple(made.left_out))

    def receipt(self, actor: Actor, order_number: str, receipt: str) -> None:
        """Type back the number that the laboratory's system gave an order."""
        receipt = plain(receipt)
        if not receipt:
            raise RefusedError("Write the receipt number.")
        if len(receipt) > _LONGEST_RECEIPT:
            raise RefusedError("A receipt number has at most {count} characters.", count=_LONGEST_RECEIPT)
        with self._context.sessions.begin() as session:
            order_number = plain(order_number)
            order = session.scalar(select(PsaOrder).where(PsaOrder.number == order_number).with_for_update())
            if order is None:
                raise NotFoundError("There is no order {order}.", order=order_number)
            require_region(actor, order.region)
            if order.state is OrderState.CREATED:
                raise RefusedError("Order {order} has not been sent yet.", order=order_number)
            if order.receipt not in (None, receipt):
                raise RefusedError("Order {order} has another receipt number already.", order=order_number)
            order.receipt = receipt
            audit.record(
                session,
                actor,
                self._context.clock(),
                "order.receipt",
                person_id=order.person_id,
                region=order.region,
                subject=f"order:{order.number}",
            )

    def _waiting(self, session: Session, actor: Actor) -> list[tuple[PsaOrder, Person]]:
        rows = session.execute(
            select(PsaOrder, Person)
            .join(Person, Person.id == PsaOrder.person_id)
            .where(
                PsaOrder.state == OrderState.CREATED,
                Person.step == Step.ORDER_TO_SEND,
                Person.blocked.is_(False),
                PsaOrder.region.in_(actor.regions),
            )
            .order_by(PsaOrder.id)
            .with_for_update()
        )
        return [(order, person) for order, person in rows]

    def _cancelled(self, session: Session, actor: Actor) -> list[tuple[PsaOrder, Person]]:
        """Orders the laboratory has been sent and that no longer hold."""
        rows = session.execute(
            select(PsaOrder, Person)
            .join(Person, Person.id == PsaOrder.person_id)
            .where(
                and_(PsaOrder.state == OrderState.CANCELLED, PsaOrder.sent_at.is_not(None)),
                PsaOrder.cancel_sent_at.is_(None),
                PsaOrder.region.in_(actor.regions),
            )
            .order_by(PsaOrder.id)
            .with_for_update()
        )
        return [(order, person) for order, person in rows]

    def _laboratories(self, actor: Actor) -> list[tuple[Profile, set[str]]]:
        """Each laboratory's profile and the regions that order from it."""
        found: dict[Profile, set[str]] = {}
        for region in sorted(actor.regions):
            found.setdefault(profile_for(self._context.settings, region), set()).add(region)
        return list(found.items())


@dataclass(slots=True)
class Outgoing:
    """What an export will write and mark. An order that cannot be written is named with why and stays where it is."""

    files: dict[str, bytes] = field(default_factory=dict)
    sent: list[tuple[PsaOrder, Person]] = field(default_factory=list)
    cancelled: list[tuple[PsaOrder, Person]] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def orders(self, profile: Profile, orders: list[tuple[PsaOrder, Person]], at: datetime, stamp: str) -> None:
        """The orders to one laboratory, as messages and as a work list."""
        messages: list[bytes] = []
        rows: list[OrderOut] = []
        for order, person in orders:
            outgoing = self._outgoing(order, person)
            if outgoing is not None and self._write(messages, order_message, outgoing, profile, f"O{order.id:08d}", at):
                rows.append(outgoing)
                self.sent.append((order, person))
        if messages:
            self.files[f"psa-bestallningar-{profile.their_facility}-{stamp}.hl7"] = b"".join(messages)
            self.files[f"psa-arbetslista-{profile.their_facility}-{stamp}.csv"] = worklist_csv(rows)

    def cancellations(self, profile: Profile, orders: list[tuple[PsaOrder, Person]], at: datetime, stamp: str) -> None:
        """The cancellations to one laboratory."""
        messages: list[bytes] = []
        for order, person in orders:
            outgoing = self._outgoing(order, person)
            if outgoing is not None and self._write(
                messages, cancel_message, outgoing, profile, f"C{order.id:08d}", at
            ):
                self.cancelled.append((order, person))
        if messages:
            self.files[f"psa-avbestallningar-{profile.their_facility}-{stamp}.hl7"] = b"".join(messages)

    def _outgoing(self, order: PsaOrder, person: Person) -> OrderOut | None:
        try:
            return order_out(order, person)
        except KansliError as problem:
            self.left_out.append(f"{order.number}: {problem}")
            return None

    def _write(
        self,
        messages: list[bytes],
        write: Callable[..., bytes],
        outgoing: OrderOut,
        profile: Profile,
        control_id: str,
        at: datetime,
    ) -> bool:
        try:
            messages.append(write(outgoing, profile, control_id=control_id, at=at))
        except KansliError as problem:
            self.left_out.append(f"{outgoing.order_number}: {problem}")
            return False
        return True


def _written(directory: Path, files: Mapping[str, bytes]) -> list[Path]:
    """All of the files, or none: half an export would be taken for a whole one."""
    written: list[Path] = []
    try:
        for name, data in files.items():
            written.append(write_whole(directory, name, data))
    except RefusedError:
        for path in written:
            path.unlink(missing_ok=True)
        raise
    return written


def order_out(order: PsaOrder, person: Person) -> OrderOut:
    """The order as it leaves: a protected person's address stays in the house."""
    hidden = person.protection is not Protection.NONE
    address = None if hidden else usable_address(Addresses.from_fields(person.address), person.protection)
    identity = parse_identity(person.number, from_register=True)
    return OrderOut(
        order_number=order.number,
        identity_number=person.number,
        identity_oid=IDENTITY_OIDS[identity.kind],
        family=person.family_name,
        given=preferred_name(person.given_names, person.preferred_mark) or person.given_names,
        birth_date=person.birth_date,
        street=address.lines[-1] if address is not None and address.lines else "",
        city=address.city if address is not None else "",
        postcode=address.postcode if address is not None else "",
        ordered_at=order.ordered_at,
        valid_until=order.valid_until,
        region=order.region,
        sex={"M": "M", "K": "F"}.get(person.sex, "U"),
    )
