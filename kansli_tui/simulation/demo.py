"""The demonstration: an invented office as it stands this morning, with work in every queue. Two years by chance, the last three days by script."""

from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from sqlalchemy import MetaData

from db.engine import make_engine
from kansli_tui.errors import RefusedError
from kansli_tui.service.context import STOCKHOLM, SYSTEM, now_utc
from kansli_tui.service.office import Office
from kansli_tui.simulation.clock import SimulatedClock
from kansli_tui.simulation.last_days import LastDays, TooFewWaitError, weekdays_before
from kansli_tui.simulation.life import Life, Planning, Progress, close_desk, hasten, live, open_desk
from kansli_tui.simulation.plans import write_plans
from migrations import runner

_DAYS: Final = 800
"""More than two years, so that those who gave no sample have been offered again."""
_SECOND_PLAN_WEEKS: Final = 60
_THIRD_PLAN_WEEKS: Final = 15
"""How long before today the second and the third plan begin."""
_FEWEST_MEN: Final = 400
_GROWTH: Final = (1, 1.5, 2.5)
"""How many times the wanted men are invented, one after the other until the queues can be filled."""


def make_demo(
    url: str,
    *,
    men: int = 600,
    seed: int = 1,
    fresh: bool = False,
    progress: Progress | None = None,
    today: date | None = None,
) -> None:
    """Make the demonstration's database if it is missing or half made, or with `fresh` once more from nothing.

    The same men, seed and day give the same rows; more men than asked for are invented where too few wait on that day. RefusedError for a production database, and for fewer men than fill the queues.
    """
    if men < _FEWEST_MEN:
        raise RefusedError("A demonstration needs at least {men} men.", men=_FEWEST_MEN)
    if _is_made(url) and not fresh:
        return
    day = today or now_utc().astimezone(STOCKHOLM).date()
    for more in _GROWTH:
        try:
            _make_anew(url, _life(round(men * more), seed, day), day, progress)
        except TooFewWaitError:
            # By the calendar too few wait for a sample on some days: then more men are invented.
            if more == _GROWTH[-1]:
                raise
        else:
            return


def _make_anew(url: str, life: Life, day: date, progress: Progress | None) -> None:
    _empty(url)
    office = Office.open(url, clock=SimulatedClock(), create="invented")
    try:
        hasten(office)
        with TemporaryDirectory() as folder:
            _make(office, life, day, Path(folder), progress)
    finally:
        office.close()


def _is_made(url: str) -> bool:
    """Whether the database holds a whole demonstration: its last act is the balance. RefusedError for a production database."""
    engine = make_engine(url)
    try:
        if runner.current(engine) is None:
            return False
    finally:
        engine.dispose()
    office = Office.open(url, create="invented")
    try:
        return bool(office.queues.home(SYSTEM).balance)
    finally:
        office.close()


def _empty(url: str) -> None:
    """Drop everything. Only called when the database is new or has said that it is invented."""
    engine = make_engine(url)
    try:
        with engine.begin() as connection:
            tables = MetaData()
            tables.reflect(connection)
            if tables.tables and "alembic_version" not in tables.tables:
                raise RefusedError(
                    "The database holds tables of another program. Choose another database for the demonstration."
                )
            tables.drop_all(connection)
    finally:
        engine.dispose()


def _life(men: int, seed: int, today: date) -> Life:
    """Ten birth years; half of them at first, the youngest in the last plan, which still has many to offer."""
    first, last = today - timedelta(days=_DAYS), weekdays_before(today)[0] - timedelta(days=1)
    second, third = today - timedelta(weeks=_SECOND_PLAN_WEEKS), today - timedelta(weeks=_THIRD_PLAN_WEEKS)
    youngest = third.year - 50
    oldest = youngest - 9
    return Life(
        men=men,
        seed=seed,
        start=first,
        until=last,
        born=tuple(range(oldest, youngest + 1)),
        plans=(
            Planning(first, tuple(range(oldest, youngest - 5))),
            Planning(second, tuple(range(oldest, youngest - 3)), weeks=50),
            Planning(third, tuple(range(oldest, youngest + 1)), weeks=45),
        ),
        patient_until=third,
        last_release=today - timedelta(days=today.weekday() + 1),
    )


def _make(office: Office, life: Life, today: date, folder: Path, progress: Progress | None) -> None:
    desk = open_desk(office, life, folder)
    script = LastDays(desk, today)
    live(desk, life, progress, before=script.before)
    script.run(enough=True)
    write_plans(office, desk.crew, today)
    close_desk(desk)
