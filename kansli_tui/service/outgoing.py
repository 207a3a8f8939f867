"""What an export writes: PSA orders to laboratories, as messages and work lists, and what is left out and why."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from db.models import Person, PsaOrder
from kansli_tui.errors import KansliError
from kansli_tui.exchange.hl7_out import cancel_message, order_message
from kansli_tui.exchange.profile import IDENTITY_OIDS, Profile
from kansli_tui.exchange.worklist import worklist_csv
from kansli_tui.pathway.identity import parse_identity
from kansli_tui.rows.lab import OrderOut
from kansli_tui.rows.population import Addresses, Protection, preferred_name, usable_address


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


def order_out(order: PsaOrder, person: Person) -> OrderOut:
    """The order as it leaves."""
    to = leaving(person)
    return OrderOut(
        order_number=order.number,
        identity_number=person.number,
        identity_oid=to.identity_oid,
        family=person.family_name,
        given=to.given,
        birth_date=person.birth_date,
        street=to.street,
        city=to.city,
        postcode=to.postcode,
        ordered_at=order.ordered_at,
        valid_until=order.valid_until,
        region=order.region,
        sex=to.sex,
    )


@dataclass(frozen=True, slots=True)
class Leaving:
    """What leaves the house about a person: a protected one's address does not ('')."""

    identity_oid: str
    given: str
    street: str
    postcode: str
    city: str
    sex: str


def leaving(person: Person) -> Leaving:
    """What a message or a form says of the person."""
    hidden = person.protection is not Protection.NONE
    address = None if hidden else usable_address(Addresses.from_fields(person.address), person.protection)
    identity = parse_identity(person.number, from_register=True)
    return Leaving(
        identity_oid=IDENTITY_OIDS[identity.kind],
        given=preferred_name(person.given_names, person.preferred_mark) or person.given_names,
        street=address.lines[-1] if address is not None and address.lines else "",
        city=address.city if address is not None else "",
        postcode=address.postcode if address is not None else "",
        sex={"M": "M", "K": "F"}.get(person.sex, "U"),
    )
