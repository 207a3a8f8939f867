"""The queues: what waits, how much and since when, page by page; and the home screen that sums it up."""

from collections.abc import Iterable
from datetime import date, datetime, time

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db import audit
from db.models import Letter, Meta, OfferPlan, Person, PsaOrder, Referral, RegisterImport, Task
from db.queries.tasks import open_page
from kansli_tui.errors import RefusedError
from kansli_tui.pathway.referrals import ReferralState
from kansli_tui.pathway.steps import Queue, Step
from kansli_tui.rows.answers import OrderState
from kansli_tui.rows.cases import Home, QueueCount, TaskRow, WaitingCount
from kansli_tui.rows.letter_states import LetterState
from kansli_tui.rows.offers import PlanState
from kansli_tui.rows.office import NO_REGION, Actor
from kansli_tui.rows.register import ImportState
from kansli_tui.service import leases
from kansli_tui.service.context import STOCKHOLM, Context, chosen_regions, local_date, plain
from kansli_tui.service.due import due_people
from kansli_tui.service.task_rows import task_row
from kansli_tui.service.watch import check_rows

FINISHED_BY_HAND = frozenset({Queue.CORRECTION, Queue.MEDICAL, Queue.CONTACT, Queue.ADDRESS, Queue.REGISTER})
"""Tasks that a person may declare done. The others end when the step they hold ends."""
_WAITING_STEPS = (
    Step.OFFER_PLANNED,
    Step.OFFERED,
    Step.AWAITING_SAMPLE,
    Step.AWAITING_ANSWER,
    Step.POSTPONED,
    Step.MRI_REFERRED,
    Step.UROLOGY_REFERRED,
)
BALANCE_KEY = "balance"


class QueueService:
    """Reads and takes tasks."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def home(self, actor: Actor) -> Home:
        """Counts by region with the oldest date, for everything that waits, in one read."""
        with self._context.sessions.read() as session:
            return home(session, self._context, actor)

    def page(
        self,
        actor: Actor,
        queue: Queue,
        *,
        region: str | None = None,
        after: tuple[datetime, int] | None = None,
        limit: int = 50,
    ) -> tuple[TaskRow, ...]:
        """A page of a queue, the oldest first, after the cursor (`opened_at`, `task_id`) of the last row before it."""
        return self._read(actor, queue, region, after, limit, newest=False)

    def last_page(
        self, actor: Actor, queue: Queue, *, region: str | None = None, limit: int = 50
    ) -> tuple[TaskRow, ...]:
        """The end of a queue, in the same order as `page`."""
        return self._read(actor, queue, region, None, limit, newest=True)[::-1]

    def take(self, actor: Actor, task_id: int, *, take_over: bool = False) -> None:
        """Take a task for a while; ChangedBySomeoneElseError while another has it, unless it is taken over."""
        with self._context.sessions.begin() as session:
            leases.take(session, self._context, actor, task_id, take_over=take_over)

    def put_back(self, actor: Actor, task_id: int) -> None:
        """Give a task back; what another has taken over meanwhile stays theirs."""
        with self._context.sessions.begin() as session:
            task = session.get(Task, task_id, with_for_update=True)
            if task is not None and task.lease_by == actor.username:
                task.lease_by, task.lease_until = None, None

    def finish(self, actor: Actor, task_id: int, outcome: str) -> None:
        """Declare a task done, with what came of it."""
        if not outcome.strip():
            raise RefusedError("Write what came of it.")
        with self._context.sessions.begin() as session:
            task = leases.open_task(session, actor, task_id)
            if task.queue not in FINISHED_BY_HAND:
                raise RefusedError("This task ends when the case moves on: open the case.")
            if task.subject.startswith("block:"):
                raise RefusedError("End the hold on the case; the task goes with it.")
            leases.refuse_if_taken(task, self._context, actor)
            at = self._context.clock()
            task.closed_at, task.closed_by, task.outcome = at, actor.username, plain(outcome)
            audit.record(
                session,
                actor,
                at,
                "task.finish",
                person_id=task.person_id,
                region=task.region,
                subject=f"{task.queue.value} {task.subject}",
                why=plain(outcome),
            )

    def _read(
        self,
        actor: Actor,
        queue: Queue,
        region: str | None,
        after: tuple[datetime, int] | None,
        limit: int,
        *,
        newest: bool,
    ) -> tuple[TaskRow, ...]:
        regions = [*chosen_regions(actor, region), NO_REGION]
        page = open_page(queue, regions, after=after, limit=limit, newest=newest)
        order = (Task.opened_at.desc(), Task.id.desc()) if newest else (Task.opened_at, Task.id)
        statement = (
            select(Task, Person)
            .join(page, page.c.id == Task.id)
            .outerjoin(Person, Person.id == Task.person_id)
            .order_by(*order)
        )
        with self._context.sessions.begin() as session:
            found = session.execute(statement).all()
            now = self._context.clock()
            audit.record_people(
                session,
                actor,
                now,
                "queue.show",
                ((person.id, person.region) for _task, person in found if person is not None),
                subject=queue.value,
            )
            return tuple(task_row(task, person, now) for task, person in found)


def home(session: Session, context: Context, actor: Actor) -> Home:
    """Everything that waits in the actor's regions, inside a caller's transaction."""
    from kansli_tui.service.balance import remembered  # noqa: PLC0415 - balance counts people of the same lists

    regions = sorted(actor.regions)
    midnight = datetime.combine(context.today, time(), STOCKHOLM)
    done = session.scalar(
        select(func.count(Task.id)).where(Task.closed_by == actor.username, Task.closed_at >= midnight)
    )
    reviews = session.scalar(
        select(func.count(RegisterImport.id)).where(RegisterImport.state.in_((ImportState.REVIEW, ImportState.STOPPED)))
    )
    return Home(
        queues=tuple(_counts(session, regions)),
        batches=tuple(_batches(session, context, regions)),
        waiting=tuple(_waiting(session, regions)),
        register_reviews=reviews or 0,
        done_today=done or 0,
        balance=remembered(session.get(Meta, BALANCE_KEY), regions),
        watch=check_rows(session, context, actor),
    )


def open_tasks(session: Session, regions: list[str]) -> list[tuple[Queue, str, int, datetime]]:
    """(queue, region, open tasks, since when the oldest waits), also of tasks of no known region."""
    rows = session.execute(
        select(Task.queue, Task.region, func.count(), func.min(Task.opened_at))
        .where(Task.closed_at.is_(None), Task.region.in_([*regions, NO_REGION]))
        .group_by(Task.queue, Task.region)
    )
    return [(queue, region, count, oldest) for queue, region, count, oldest in rows if oldest is not None]


def _counts(session: Session, regions: list[str]) -> list[QueueCount]:
    rows = open_tasks(session, regions)
    counts = []
    for queue in Queue:
        mine = [(region, count, oldest) for at, region, count, oldest in rows if at is queue]
        counts.append(
            QueueCount(
                queue,
                {region: count for region, count, _oldest in mine},
                min((oldest for _region, _count, oldest in mine), default=None),
            )
        )
    return counts


def _batches(session: Session, context: Context, regions: list[str]) -> list[WaitingCount]:
    """Work that is done many at a time: releases, letters to print and to post, orders, referrals and cancellations to send."""
    today = context.today
    plans = session.scalars(
        select(OfferPlan).where(OfferPlan.region.in_(regions), OfferPlan.state == PlanState.APPROVED)
    ).all()
    due: dict[str, int] = {}
    rules = context.rules(session)
    for plan in plans:
        last_age = rules.region(plan.region, today).last_age
        number = due_people(plan, today, last_age).with_only_columns(func.count(Person.id)).order_by(None)
        due[plan.region] = due.get(plan.region, 0) + (session.scalar(number) or 0)
    counts = [WaitingCount("Offers to release", {region: n for region, n in due.items() if n}, None)]
    for words, state in (("Letters to print", LetterState.PREPARED), ("Letters to post", LetterState.PRINTED)):
        rows = session.execute(
            select(Letter.region, func.count(), func.min(Letter.prepared_at))
            .where(Letter.state == state, Letter.region.in_(regions))
            .group_by(Letter.region)
        ).all()
        counts.append(_batch(words, rows))
    orders = session.execute(
        select(PsaOrder.region, func.count(), func.min(PsaOrder.ordered_at))
        .join(Person, Person.id == PsaOrder.person_id)
        .where(
            PsaOrder.state == OrderState.CREATED,
            Person.step == Step.ORDER_TO_SEND,
            PsaOrder.region.in_(regions),
        )
        .group_by(PsaOrder.region)
    ).all()
    referrals = session.execute(
        select(Referral.region, func.count(), func.min(Referral.made_at))
        .join(Person, Person.id == Referral.person_id)
        .where(
            Referral.state == ReferralState.CREATED,
            Person.step.in_((Step.MRI_REFERRAL_TO_SEND, Step.UROLOGY_REFERRAL_TO_SEND)),
            Referral.region.in_(regions),
        )
        .group_by(Referral.region)
    ).all()
    cancelled = session.execute(
        select(PsaOrder.region, func.count(), func.min(PsaOrder.cancelled_at))
        .where(
            PsaOrder.state == OrderState.CANCELLED,
            PsaOrder.sent_at.is_not(None),
            PsaOrder.cancel_sent_at.is_(None),
            PsaOrder.region.in_(regions),
        )
        .group_by(PsaOrder.region)
    ).all()
    withdrawn = session.execute(
        select(Referral.region, func.count(), func.min(Referral.state_since))
        .where(Referral.state == ReferralState.CANCELLED, Referral.cancel_owed.is_(True), Referral.region.in_(regions))
        .group_by(Referral.region)
    ).all()
    return [
        *counts,
        _batch("Orders to send", orders),
        _batch("Referrals to send", referrals),
        _batch("Cancellations to send", [*cancelled, *withdrawn]),
    ]


def _waiting(session: Session, regions: list[str]) -> list[WaitingCount]:
    """People who wait for a date, by step, with the next date."""
    rows = session.execute(
        select(Person.step, Person.region, func.count(), func.min(Person.next_on))
        .where(Person.step.in_(_WAITING_STEPS), Person.region.in_(regions))
        .group_by(Person.step, Person.region)
    ).all()
    counts = []
    for step in _WAITING_STEPS:
        mine = [(region, count, first) for at, region, count, first in rows if at is step]
        dates: list[date] = [first for _region, _count, first in mine if first is not None]
        counts.append(
            WaitingCount(step.value, {region: count for region, count, _first in mine}, min(dates, default=None))
        )
    return counts


def _batch(words: str, rows: Iterable[tuple[str, int, datetime | None]]) -> WaitingCount:
    """Counts of regions, some of them more than once, as one line with the oldest date."""
    counts: dict[str, int] = {}
    dates: list[date] = []
    for region, count, oldest in rows:
        counts[region] = counts.get(region, 0) + count
        dates += [local_date(oldest)] if oldest is not None else []
    return WaitingCount(words, counts, min(dates, default=None))
