"""Hand-overs between the regions: offered by the one a person is in, taken over or sent back by the other; both see it.

Each region is its own controller, so nobody changes region by himself or by a register file. What happens on acceptance:

- the person, open tasks, proposals that wait to be confirmed, and letters that have not been posted are the new region's. Letters
  are prepared again in its name; a printed one is taken out of its batch.
- a PSA order that has not been sent goes to the new region's laboratory. A sent one keeps its region, because the region says which
  laboratory has it; its answer follows the person, and so does a held message once it is matched.
- a referral that has not been sent is taken back, and the new region makes one to a unit of its own. One that is out stays with the
  unit that has it and keeps its appointment, but both become the new region's to follow: their region says who answers for the man,
  as does an answered one of the round, for its answer may be corrected; messages about his referrals that are held go along;
  and the unit's own region says where the unit is and to whom a cancellation goes. So `require_region` on a referral or an
  appointment lets in those who may open the case, and no others; who keeps the unit's calendar closes its days as before.
- history (moves, posted letters, answers, ended orders and referrals, contacts, the round) keeps the region it was made in.

Every act and every reading is logged for both regions.
"""

from datetime import date, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from db import audit
from db.models import Block, Decided, Handover, LabMessage, Letter, Person, PsaOrder, Referral, Task
from db.queries.people import by_id
from db.queries.register import MOVE_KIND
from kansli_tui.errors import ChangedBySomeoneElseError, NotFoundError, RefusedError
from kansli_tui.labels import label
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.referrals import ReferralKind, ReferralState
from kansli_tui.pathway.steps import Event, Queue, Step
from kansli_tui.rows.answers import DecisionState, MessageState, OrderState
from kansli_tui.rows.letter_states import LetterState
from kansli_tui.rows.office import REGION_SHORT, REGIONS, Actor
from kansli_tui.rows.referrals import HandoverRow, HandoverState
from kansli_tui.service import referring
from kansli_tui.service.assessing import open_referral_task
from kansli_tui.service.context import Context, plain, require_region
from kansli_tui.service.holding import UNSENT
from kansli_tui.service.naming import shown_name, shown_number
from kansli_tui.service.offering import OFFER_LETTERS, prepare_offer
from kansli_tui.service.offices import offices
from kansli_tui.service.register_effects import prepare_again
from kansli_tui.service.register_entry import first_offer_on
from kansli_tui.service.units import usual_unit
from kansli_tui.service.walk import Walk

_SHOWN_AFTER_END = timedelta(days=30)
_MOST_SHOWN = 200
_UNSENT_REFERRAL = {
    Step.MRI_REFERRAL_TO_SEND: Event.MRI_REFERRAL_WITHDRAWN,
    Step.UROLOGY_REFERRAL_TO_SEND: Event.UROLOGY_REFERRAL_WITHDRAWN,
}
_UNIT_VALUES = {"mri_unit": ReferralKind.MRI, "urology_unit": ReferralKind.UROLOGY}
_OFFERS = frozenset(OFFER_LETTERS.values())


class HandoverService:
    """Offering, taking over, sending back and withdrawing."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def rows(self, actor: Actor) -> tuple[HandoverRow, ...]:
        """Hand-overs from and to the actor's regions: those that wait for an answer first, then those ended of late."""
        at = self._context.clock()
        with self._context.sessions.begin() as session:
            found = session.execute(
                select(Handover, Person)
                .join(Person, Person.id == Handover.person_id)
                .where(
                    or_(Handover.region.in_(actor.regions), Handover.to_region.in_(actor.regions)),
                    or_(Handover.state == HandoverState.OFFERED, Handover.ended_at >= at - _SHOWN_AFTER_END),
                )
                .order_by(Handover.state != HandoverState.OFFERED, Handover.at.desc(), Handover.id.desc())
                .limit(_MOST_SHOWN)
            ).all()
            for handover, _person in found:
                _audit(session, actor, self._context, handover, "handover.show")
            return tuple(_row(handover, person) for handover, person in found)

    def offer(self, actor: Actor, person_id: int, *, version: int, to_region: str, reason: str) -> HandoverRow:
        """Offer the person to another of the regions. Nothing changes for him until it is accepted; a held person may be offered."""
        if not reason.strip():
            raise RefusedError("State why.")
        if to_region not in REGIONS:
            raise RefusedError("Choose one of the three regions.")
        with self._context.sessions.begin() as session:
            person = by_id(session, person_id, lock=True)
            require_region(actor, person.region)
            if person.version_id != version:
                raise ChangedBySomeoneElseError("Somebody else has changed the case. Look at it again.")
            if to_region == person.region:
                raise RefusedError("The person is in that region already.")
            if person.step is Step.CLOSED:
                raise RefusedError("The case is closed: there is nothing to hand over.")
            if _open_of(session, person.id) is not None:
                raise RefusedError("The person has been offered to a region already. Withdraw that first.")
            walk = self._walk(session, actor)
            handover = Handover(
                person_id=person.id,
                region=person.region,
                to_region=to_region,
                state=HandoverState.OFFERED,
                reason=plain(reason),
                at=walk.at,
                by=actor.username,
            )
            session.add(handover)
            session.flush()
            walk.open_task(Queue.HANDOVER, _subject(handover), region=to_region, person=person, reason=handover.reason)
            _audit(session, actor, self._context, handover, "handover.offer", why=handover.reason)
            return _row(handover, person)

    def accept(self, actor: Actor, handover_id: int, *, note: str = "") -> HandoverRow:
        """Take the person over where he stands, with everything that is open; a letter tells him who writes from now on."""
        with self._context.sessions.begin() as session:
            handover, person, walk = self._open(session, actor, handover_id)
            require_region(actor, handover.to_region)
            if person.region != handover.region:
                raise ChangedBySomeoneElseError("The person is no longer in the region that offered him.")
            if person.step is Step.CLOSED:
                raise RefusedError("The case is closed: there is nothing to hand over.")
            _take_over(walk, person, handover, self._region_name(handover.region), plain(note))
            self._end(walk, handover, HandoverState.ACCEPTED, plain(note))
            _audit(session, actor, self._context, handover, "handover.accept", why=plain(note))
            session.flush()
            return _row(handover, person)

    def send_back(self, actor: Actor, handover_id: int, *, reason: str) -> HandoverRow:
        """Say no: the person stays where he is, and the region that offered him gets a task to find out why."""
        if not reason.strip():
            raise RefusedError("State why.")
        with self._context.sessions.begin() as session:
            handover, person, walk = self._open(session, actor, handover_id)
            require_region(actor, handover.to_region)
            self._end(walk, handover, HandoverState.RETURNED, plain(reason))
            walk.open_task(
                Queue.REGISTER,
                _subject(handover),
                region=handover.region,
                person=person,
                reason="The hand-over was sent back: read why and find out where the person lives.",
            )
            _audit(session, actor, self._context, handover, "handover.send_back", why=plain(reason))
            session.flush()
            return _row(handover, person)

    def withdraw(self, actor: Actor, handover_id: int, *, reason: str) -> HandoverRow:
        """Take the offer back before it is answered."""
        if not reason.strip():
            raise RefusedError("State why.")
        with self._context.sessions.begin() as session:
            handover, person, walk = self._open(session, actor, handover_id)
            require_region(actor, handover.region)
            self._end(walk, handover, HandoverState.WITHDRAWN, plain(reason))
            _audit(session, actor, self._context, handover, "handover.withdraw", why=plain(reason))
            session.flush()
            return _row(handover, person)

    def _open(self, session: Session, actor: Actor, handover_id: int) -> tuple[Handover, Person, Walk]:
        """The hand-over that waits for an answer, under its person's lock."""
        handover = session.get(Handover, handover_id)
        if handover is None or not {handover.region, handover.to_region} & actor.regions:
            raise NotFoundError("There is no such hand-over.")
        person = by_id(session, handover.person_id, lock=True)
        session.refresh(handover)
        if handover.state is not HandoverState.OFFERED:
            raise ChangedBySomeoneElseError("{who} has done this already.", who=handover.ended_by)
        return handover, person, self._walk(session, actor)

    def _walk(self, session: Session, actor: Actor) -> Walk:
        return Walk(session, actor, self._context.clock(), self._context.rules(session))

    def _end(self, walk: Walk, handover: Handover, state: HandoverState, why: str) -> None:
        handover.state, handover.end_reason = state, why
        handover.ended_at, handover.ended_by = walk.at, walk.actor.username
        walk.session.flush()
        walk.session.execute(
            update(Task)
            .where(Task.queue == Queue.HANDOVER, Task.subject == _subject(handover), Task.closed_at.is_(None))
            .values(closed_at=walk.at, closed_by=walk.actor.username, outcome=label(state))
        )

    def _region_name(self, region: str) -> str:
        """The region as letters name it."""
        office = offices(self._context.settings.offices_file).get(region)
        return office.name if office is not None else REGIONS[region]


def _take_over(walk: Walk, person: Person, handover: Handover, from_name: str, note: str) -> None:
    session = walk.session
    person.region = handover.to_region
    why = f"{REGION_SHORT[handover.region]} → {REGION_SHORT[handover.to_region]}: {note or handover.reason}"
    stands_since = person.since
    walk.move(person, Event.HANDED_OVER, next_on=_next_on(walk, person), reason=why)
    # He stands where he stood, and has stood there as long.
    person.since = stands_since
    session.flush()
    session.execute(
        update(Task)
        .where(Task.person_id == person.id, Task.closed_at.is_(None), Task.queue != Queue.HANDOVER)
        .values(region=person.region, lease_by=None, lease_until=None)
    )
    session.execute(
        update(Decided)
        .where(Decided.person_id == person.id, Decided.state == DecisionState.PROPOSED)
        .values(region=person.region)
    )
    session.execute(
        update(PsaOrder)
        .where(PsaOrder.person_id == person.id, PsaOrder.state == OrderState.CREATED)
        .values(region=person.region)
    )
    for kind in ReferralKind:
        _referral(walk, person, kind, why)
    _held_messages(walk, person)
    _letters(walk, person, why)
    if person.round_number > 0 and person.step is not Step.EXCLUDED:
        # Somebody who has never had a letter from us is told nothing of a change he knows nothing of.
        walk.prepare_letter(person, LetterType.HANDED_OVER, {"from_region": from_name})
    _end_move_block(walk, person, why)


def _next_on(walk: Walk, person: Person) -> date | None:
    """The date he waits for by the new region's rules: ages of the first and the last offer are the region's choice."""
    if person.step is not Step.NOT_DUE or person.next_on is None:
        return person.next_on
    first = first_offer_on(person.birth_date, walk.rules(person.region))
    return walk.offer_or_age_exit(person, first if person.round_number == 0 else person.next_on)


def _referral(walk: Walk, person: Person, kind: ReferralKind, why: str) -> None:
    referral = referring.of_round(walk.session, person, kind)
    if referral is None:
        return
    if referral.state is not ReferralState.CREATED:
        referral.region = person.region
        appointment = referring.booking_of(walk.session, referral)
        if appointment is not None:
            appointment.region = person.region
        return
    walk.cancel_referral(referral, "handed over")
    if person.step in _UNSENT_REFERRAL:
        walk.move(person, _UNSENT_REFERRAL[person.step], reason=why)
        open_referral_task(walk, person, kind, why)


def _held_messages(walk: Walk, person: Person) -> None:
    """What a unit has written about him and nobody has settled: only those who may open the case can."""
    numbers = select(Referral.number).where(Referral.person_id == person.id)
    held = walk.session.scalars(
        select(LabMessage).where(LabMessage.state == MessageState.HELD, LabMessage.order_number.in_(numbers))
    ).all()
    for message in held:
        message.region = person.region
    walk.session.execute(
        update(Task)
        .where(
            Task.queue == Queue.HELD,
            Task.subject.in_([f"message:{message.id}" for message in held]),
            Task.closed_at.is_(None),
        )
        .values(region=person.region, lease_by=None, lease_until=None)
    )


def _letters(walk: Walk, person: Person, why: str) -> None:
    """Every letter that has not left the house is made anew in the new region's name, with its units and by its rules."""
    if person.step is Step.OFFER_TO_POST:
        # Whether the order goes with the offer or waits for a yes is the region's choice.
        offer = walk.session.scalar(
            select(Letter.type).where(
                Letter.person_id == person.id, Letter.state.in_(UNSENT), Letter.type.in_(tuple(_OFFERS))
            )
        )
        if offer is not None:
            walk.cancel_orders(person, "handed over")
            walk.stop_letters(person, "handed over", _OFFERS)
            prepare_offer(walk, person, offer)
    prepare_again(walk, person, why, printed_only=False)
    walk.session.flush()
    for letter in walk.session.scalars(
        select(Letter).where(Letter.person_id == person.id, Letter.state == LetterState.PREPARED)
    ):
        for value, kind in _UNIT_VALUES.items():
            out = referring.live(walk.session, person.id, kind)
            if value in letter.values and out is None and letter.type is not LetterType.MRI_CALL:
                unit = usual_unit(walk.session, person.region, kind)
                letter.values = {**letter.values, value: unit.name}


def _end_move_block(walk: Walk, person: Person, why: str) -> None:
    """The register's hold until he is handed over ends when the region it named has him; other holds stay."""
    session = walk.session
    blocks = session.scalars(
        select(Block).where(Block.person_id == person.id, Block.ended_at.is_(None)).order_by(Block.id)
    ).all()
    if not blocks:
        return
    named = [block.id for block in blocks if block.kind == f"{MOVE_KIND}{person.region}"]
    ended = [block for block in blocks if block.kind.startswith(MOVE_KIND) and named and block.id <= max(named)]
    if len(ended) == len(blocks):
        walk.unblock(person, why)
        return
    for block in ended:
        block.ended_at, block.ended_by, block.end_reason = walk.at, walk.actor.username, why


def _open_of(session: Session, person_id: int) -> Handover | None:
    return session.scalar(
        select(Handover).where(Handover.person_id == person_id, Handover.state == HandoverState.OFFERED)
    )


def _subject(handover: Handover) -> str:
    return f"handover:{handover.id}"


def _row(handover: Handover, person: Person) -> HandoverRow:
    return HandoverRow(
        handover_id=handover.id,
        person_id=person.id,
        from_region=handover.region,
        to_region=handover.to_region,
        number=shown_number(person),
        name=shown_name(person),
        step_label=label(person.step),
        state=handover.state,
        reason=handover.reason,
        at=handover.at,
        by=handover.by,
        end_reason=handover.end_reason,
    )


def _audit(session: Session, actor: Actor, context: Context, handover: Handover, action: str, *, why: str = "") -> None:
    """A line for each of the two regions: both answer for who has seen what."""
    for region in (handover.region, handover.to_region):
        audit.record(
            session,
            actor,
            context.clock(),
            action,
            person_id=handover.person_id,
            region=region,
            subject=_subject(handover),
            why=why,
        )
