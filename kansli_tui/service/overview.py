"""The office at a glance: what waits, what has been done, and the main numbers. Every figure is counted where it is counted otherwise."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from db import audit
from db.models import Letter, LetterBatch, Staff, Task
from kansli_tui.pathway.ruleset import add_years
from kansli_tui.rows.availability import ALL_REGIONS
from kansli_tui.rows.letter_states import BatchState
from kansli_tui.rows.office import Actor
from kansli_tui.rows.overview import Done, Headlines, Overview
from kansli_tui.rows.statistics import StatsFilter
from kansli_tui.service.availability import waiting_rows
from kansli_tui.service.context import STOCKHOLM, Context
from kansli_tui.service.queues import home, open_tasks
from kansli_tui.service.statistics import indicators_of_rounds
from kansli_tui.service.summaries import catch_up

HEADLINES = ("participated", "psa_raised", "mri_done")


class OverviewService:
    """Counts for those who lead the work. Names nobody."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def make(self, actor: Actor) -> Overview:
        """What waits now by queue and region, and the work done today and since Monday."""
        regions = sorted(actor.regions)
        with self._context.sessions.read() as session:
            return Overview(
                home=home(session, self._context, actor),
                oldest={(queue, region): oldest for queue, region, _count, oldest in open_tasks(session, regions)},
                tasks=self._tasks(session, regions),
                letters=self._letters(session, regions),
            )

    def headlines(self, actor: Actor) -> Headlines:
        """The main indicators of the rounds that were offered in the last twelve months, and who has waited past a target."""
        today, regions = self._context.today, sorted(actor.regions)
        wanted = StatsFilter(tuple(regions), today, since=add_years(today, -1) + timedelta(days=1), until=today)
        with self._context.sessions.begin() as session:
            audit.record(session, actor, self._context.clock(), "overview.headlines", subject=",".join(regions))
        catch_up(self._context)
        with self._context.heavy.read() as session:
            made = indicators_of_rounds(session, self._context, wanted)
            rows = waiting_rows(session, self._context, regions, None, today)
        shown = {row.indicator: row for row in made}
        return Headlines(
            since=wanted.since or today,
            until=today,
            indicators=tuple(shown[name] for name in HEADLINES if name in shown),
            waiting=tuple(row for row in rows if row.region == ALL_REGIONS and row.target_days is not None),
        )

    def _tasks(self, session: Session, regions: Sequence[str]) -> Done:
        midnight, monday = self._begin()
        by_staff = select(Staff.username)
        return _done(
            session,
            select(Task.region, func.count(), func.sum(case((Task.closed_at >= midnight, 1), else_=0)))
            # By person, so that the index of who has closed what is used.
            .where(Task.closed_by.in_(by_staff), Task.closed_at >= monday, Task.region.in_(regions))
            .group_by(Task.region),
        )

    def _letters(self, session: Session, regions: Sequence[str]) -> Done:
        today = self._context.today
        return _done(
            session,
            select(Letter.region, func.count(), func.sum(case((Letter.posted_on == today, 1), else_=0)))
            .join(LetterBatch, LetterBatch.id == Letter.batch_id)
            .where(
                LetterBatch.state == BatchState.POSTED,
                LetterBatch.posted_on >= _monday(today),
                Letter.posted_on.is_not(None),
                Letter.region.in_(regions),
            )
            .group_by(Letter.region),
        )

    def _begin(self) -> tuple[datetime, datetime]:
        """Midnight, and the midnight that Monday began with."""
        today = self._context.today
        return datetime.combine(today, time(), STOCKHOLM), datetime.combine(_monday(today), time(), STOCKHOLM)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _done(session: Session, statement: Select[*tuple[Any, ...]]) -> Done:
    """From region, count of the week, count of today."""
    week: dict[str, int] = {}
    today: dict[str, int] = {}
    for region, of_week, of_today in session.execute(statement):
        week[region], today[region] = int(of_week), int(of_today)
    return Done(today, week)
