"""Orders and referrals out: as HL7 files, forms and work lists, with cancellations; receipt numbers typed back."""

from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from db import audit
from db.models import Person, PsaOrder
from kansli_tui.errors import NotFoundError, RefusedError
from kansli_tui.exchange.profile import Profile
from kansli_tui.pathway.steps import Event, Step
from kansli_tui.rows.answers import OrderExport, OrderRow, OrderState
from kansli_tui.rows.office import Actor
from kansli_tui.service.context import STOCKHOLM, Context, chosen_regions, plain, require_region
from kansli_tui.service.files import write_whole
from kansli_tui.service.naming import shown_name, shown_number
from kansli_tui.service.outgoing import Outgoing
from kansli_tui.service.outgoing_referrals import OutgoingReferrals
from kansli_tui.service.profiles import profile_for
from kansli_tui.service.referrals import ReferralService
from kansli_tui.service.referring import PREFIX
from kansli_tui.service.walk import Walk

_LONGEST_RECEIPT = 60
_REFERRALS = tuple(f"{prefix}-" for prefix in PREFIX.values())
"""What the numbers of referrals begin with."""


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
        """Write every waiting order, referral and cancellation of the actor's regions into a folder, and mark them sent.

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
            referrals = OutgoingReferrals(context, walk, stamp)
            referrals.write()
            files = tuple(str(path) for path in _written(directory, {**made.files, **referrals.files}))
            for order, person in made.sent:
                order.state, order.sent_at = OrderState.SENT, walk.at
                walk.move(person, Event.ORDER_SENT, next_on=order.valid_until)
            for order, _person in made.cancelled:
                order.cancel_sent_at = walk.at
            referrals.mark()
            for action, people in (
                ("order.send", [person for _order, person in (*made.sent, *made.cancelled)]),
                ("referral.send", [one.person for one in (*referrals.sent, *referrals.cancelled)]),
            ):
                audit.record_people(
                    session, actor, walk.at, action, ((person.id, person.region) for person in people), subject=stamp
                )
            return OrderExport(
                orders=len(made.sent),
                cancellations=len(made.cancelled),
                files=files,
                left_out=(*made.left_out, *referrals.left_out),
                referrals=len(referrals.sent),
                referral_cancellations=len(referrals.cancelled),
            )

    def receipt(self, actor: Actor, order_number: str, receipt: str) -> None:
        """Type back the number that the laboratory's or the unit's system gave an order or a referral."""
        if plain(order_number).upper().startswith(_REFERRALS):
            ReferralService(self._context).receipt(actor, plain(order_number).upper(), receipt)
            return
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
