"""Taking a laboratory's answer in: matched on our order number and the person, judged, and applied or held."""

from sqlalchemy import select

from db.models import LabMessage, Person, PsaOrder, Round
from db.queries.people import numbers_of
from kansli_tui.exchange.lab_values import canonical_unit
from kansli_tui.exchange.lab_values import psa as choose_psa
from kansli_tui.pathway.answers import FIXES, MATCHABLE, AnswerFacts, HoldReason, OrderFacts, Verdict, judge
from kansli_tui.pathway.merging import MERGED, MERGED_FIX
from kansli_tui.pathway.steps import ClosedReason, Step
from kansli_tui.rows.answers import MessageState, OrderState
from kansli_tui.rows.lab import LabAnswer, Observation, Problem
from kansli_tui.service import applying
from kansli_tui.service.context import local_date
from kansli_tui.service.latest import later_answer, tissue_taken
from kansli_tui.service.taking import Held, Taking, Took

_TAKEN_IN = "Taken in"


def take(taking: Taking, message: LabMessage, item: LabAnswer, *, same_id: bool) -> Took | Held:
    """Take an answer in by its order number. `same_id` says that another message with its id came before."""
    if same_id:
        return _held(HoldReason.SAME_ID_OTHER_CONTENT)
    chosen = choose_psa(item, taking.profile)
    if isinstance(chosen, Problem):
        return Held(chosen.reason.value, chosen.fix, chosen.values)
    if item.order_number is None:
        return _held(HoldReason.NO_ORDER_NUMBER)
    order = taking.session.scalar(select(PsaOrder).where(PsaOrder.number == item.order_number))
    if order is None:
        return _held(HoldReason.UNKNOWN_ORDER)
    message.region = order.region
    return _try(taking, message, item, chosen, order)


def match(taking: Taking, message: LabMessage, item: LabAnswer, order: PsaOrder) -> Took | Held:
    """Apply a held answer to the order that a person has chosen; or why it still cannot count."""
    chosen = choose_psa(item, taking.profile)
    if isinstance(chosen, Problem):
        return _held(HoldReason.VALUE_UNREADABLE)
    return _try(taking, message, item, chosen, order, overruled=MATCHABLE)


def _held(reason: HoldReason) -> Held:
    return Held(reason.value, FIXES[reason])


def _try(
    taking: Taking,
    message: LabMessage,
    item: LabAnswer,
    psa: Observation,
    order: PsaOrder,
    *,
    overruled: frozenset[HoldReason] = frozenset(),
) -> Took | Held:
    session, walk = taking.session, taking.walk
    person = session.get_one(Person, order.person_id, with_for_update=True)
    numbers = frozenset(numbers_of(session, person.id))
    stated, others = taking.numbers(item.identities, numbers)
    earlier = applying.current_answer(walk, order)
    opened = session.scalar(select(Round).where(Round.person_id == person.id, Round.number == order.round_number))
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
        today=walk.today,
        overruled=overruled,
    )
    if judgement.reason is HoldReason.CLOSED and person.closed_reason is ClosedReason.NUMBER_REPLACED:
        return Held(MERGED, MERGED_FIX)
    if judgement.reason is not None:
        return _held(judgement.reason)
    if HoldReason.NUMBER_TAKEN not in overruled and taking.taken(others):
        return _held(HoldReason.NUMBER_TAKEN)
    if judgement.verdict is Verdict.NO_EFFECT:
        message.state, message.person_id = MessageState.NO_EFFECT, person.id
        session.add(message)
        return Took(MessageState.NO_EFFECT, _TAKEN_IN)
    # Once tissue has been taken a changed answer moves nobody: it is stored, and a person is told.
    noted = earlier is not None and tissue_taken(session, person)
    event = None if noted else applying.event_of(person, judgement.verdict, earlier)
    overtaken = later_answer(session, order)
    taken_back = overtaken and judgement.verdict is Verdict.RETRACT
    if (event is None and not noted) or (overtaken and not taken_back and HoldReason.NOT_EXPECTED not in overruled):
        return _held(HoldReason.NOT_EXPECTED)
    if stated & numbers:
        # Only beside a number of ours is another one his: a person may match an answer that names a stranger.
        taking.link(person, others)
    message.state, message.person_id, message.region = MessageState.APPLIED, person.id, person.region
    session.add(message)
    applying.apply(
        walk,
        person=person,
        order=order,
        message=message,
        answer=item,
        psa=psa,
        verdict=judgement.verdict,
        event=None if taken_back else event,
        earlier=earlier,
    )
    taking.record(person, "answer.take", f"order:{order.number}")
    return Took(MessageState.APPLIED, _TAKEN_IN)
