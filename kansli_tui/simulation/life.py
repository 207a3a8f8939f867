"""The years of a simulated office: its plans, and the rhythm of its weeks."""

import gc
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from sqlalchemy import event

from kansli_tui.errors import RefusedError
from kansli_tui.exchange.profile import default_profile, radiology_profile
from kansli_tui.invented.people import people
from kansli_tui.pathway.referrals import ReferralKind
from kansli_tui.pathway.ruleset import add_years
from kansli_tui.rows.offers import PlanState
from kansli_tui.rows.office import REGIONS
from kansli_tui.service.offers import iso_week
from kansli_tui.service.office import Office
from kansli_tui.simulation.clock import SimulatedClock
from kansli_tui.simulation.desk import Desk
from kansli_tui.simulation.laboratory import Laboratory
from kansli_tui.simulation.last_days import LastDays
from kansli_tui.simulation.men import Men
from kansli_tui.simulation.radiology import Radiology
from kansli_tui.simulation.register import Register
from kansli_tui.simulation.report import SimulationReport
from kansli_tui.simulation.staff import engage
from kansli_tui.simulation.unit_desk import UnitDesk
from kansli_tui.simulation.urology import Urology

Progress = Callable[[int, int], None]

_FIRST_AGE: Final = 50
_LAST_AGE: Final = 74
_OFFERED_AT_FIRST: Final = 600
"""The first plan holds as many birth years from 50 up as it takes to offer about so many men."""
_WEEKS_OF_A_YEAR: Final = 42
"""Weeks in which a year's people are released: what the no-send weeks leave, and a few to spare."""
_WEEKS_FOR_ALL: Final = 78
"""In so many weeks everybody in a later year's plan could be offered: about half of them wait for a date of another year."""
_IMPATIENT: Final = timedelta(days=150)
"""Before these last days letters wait longer for company, which takes half the time and changes nothing else."""
_NO_SEND: Final = (1, 28, 29, 30, 31, 52)
"""ISO weeks in summer and at Christmas."""


@dataclass(frozen=True, slots=True)
class Planning:
    """A plan for every region from a day on: whom it offers, and how many a week of the men there are."""

    starts_on: date
    birth_years: tuple[int, ...]
    weeks: int = _WEEKS_OF_A_YEAR
    no_send_weeks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Life:
    """A stretch of time and who lives in it."""

    men: int
    seed: int
    start: date
    until: date
    born: tuple[int, ...]
    plans: tuple[Planning, ...]
    last_release: date | None = None
    """Nothing is released after this day."""
    patient_until: date | None = None
    """Until this day letters are printed half as often, which takes half the time."""


def simulate(
    office: Office, *, men: int, years: int, seed: int, until: date, progress: Progress | None = None
) -> SimulationReport:
    """Let `men` invented men of three regions live through the programme for some years, up to and including a day.

    `office` is empty, invented, and opened with a `SimulatedClock`; RefusedError otherwise. `progress` is told days done and of how
    many. The same arguments give the same rows.
    """
    if men < 1 or years < 1:
        raise RefusedError("A simulation needs at least one man and one year.")
    hasten(office)
    start = add_years(until, -years)
    today = until + timedelta(days=1)
    with TemporaryDirectory() as folder:
        patient = until - _IMPATIENT
        life = Life(men, seed, start, until, _born(start, until), _plans(men, start, until), patient_until=patient)
        desk = open_desk(office, life, Path(folder))
        script = LastDays(desk, today)
        last = script.days[0] - timedelta(days=1)
        live(desk, replace(life, until=last), progress, before=script.before)
        if not script.run():
            live(desk, replace(life, start=last + timedelta(days=1)))
        desk.clock.move_to(until, 16)
        desk.report.findings = len(desk.watch())
        return close_desk(desk)


def simulate_into(
    url: str, *, men: int, years: int, seed: int, until: date, progress: Progress | None = None
) -> SimulationReport:
    """`simulate` on the database at `url`, which is made if it is missing. RefusedError for a production database."""
    office = Office.open(url, clock=SimulatedClock(), create="invented")
    try:
        return simulate(office, men=men, years=years, seed=seed, until=until, progress=progress)
    finally:
        office.close()


def hasten(office: Office) -> None:
    """Do not wait for the disk, nor set letters that nobody prints: what is invented can be invented again."""
    office.letters.set_at_once = False
    # Millions of short-lived rows: looking for cycles among them as often as usual takes a fifth of the time.
    gc.set_threshold(100_000, 50, 100)
    engine = office.context.sessions.engine
    statement = "PRAGMA synchronous = OFF" if engine.dialect.name == "sqlite" else "SET synchronous_commit = off"

    @event.listens_for(engine, "checkout")
    def on_checkout(connection: Any, record: Any, proxy: Any) -> None:
        del record, proxy
        cursor = connection.cursor()
        cursor.execute(statement)
        cursor.close()


def open_desk(office: Office, life: Life, folder: Path) -> Desk:
    """Engage the staff and take the register in."""
    clock = office.context.clock
    if not isinstance(clock, SimulatedClock):
        raise TypeError("a simulated office needs a clock that can be moved")
    if life.men < 1 or life.start >= life.until:
        raise RefusedError("A simulation needs at least one man and one year.")
    clock.move_to(life.start, 7)
    crew = engage(office)
    register = Register(
        people(life.men, seed=life.seed, born=life.born), seed=life.seed, start=life.start, until=life.until
    )
    habits = Men(life.seed)
    laboratory = Laboratory(life.seed, default_profile(), lambda order: habits.comes(order, office.context.today))
    report = SimulationReport(men=life.men)
    ways = {unit.hsa_id: unit.books for unit in office.units.rows(crew.anna, kind=ReferralKind.MRI)}
    rooms = (Radiology(life.seed, radiology_profile(), ways), Urology(life.seed))
    units = UnitDesk(office, crew, clock, rooms, report, life.seed)
    desk = Desk(office, crew, clock, register, laboratory, units, habits, folder, report)
    desk.take_in_register(register.hand_over_all(), f"arskullar-{life.start:%Y%m%d}.csv")
    return desk


def live(
    desk: Desk, life: Life, progress: Progress | None = None, *, before: Mapping[date, Callable[[], None]] | None = None
) -> None:
    """Every day from the first to the last. `before` holds what else is done at the end of some days."""
    days = (life.until - life.start).days + 1
    scenes = before or {}
    plans = {max(planning.starts_on, life.start): planning for planning in life.plans}
    for done in range(days):
        day = life.start + timedelta(days=done)
        desk.clock.move_to(day, 7, 30)
        if day in plans:
            renew_plans(desk, plans[day])
        desk.patience = 2 if life.patient_until is not None and day < life.patient_until else 1
        _work(desk, day, releasing=life.last_release is None or day <= life.last_release)
        if day in scenes:
            desk.clock.move_to(day, 16)
            scenes[day]()
        if progress is not None:
            progress(done + 1, days)


def close_desk(desk: Desk) -> SimulationReport:
    """Make the balance, and report."""
    desk.report.samples = desk.laboratory.samples
    desk.report.adds_up = desk.office.balance.make(desk.crew.anna).adds_up
    return desk.report


def _work(desk: Desk, day: date, *, releasing: bool) -> None:
    """A day of the office's week: letters on Mondays, post and orders on Tuesdays, answers on Wednesdays, decisions on Thursdays.

    Every other Friday what is held and what asks for a person is seen to.
    """
    match day.weekday():
        case 0:
            if day.day <= 7:
                changes = desk.register.hand_over_changes(day)
                if changes is not None:
                    desk.take_in_register(changes, f"andringar-{day:%Y%m%d}.csv", changes_only=True)
            desk.begin_day()
            desk.clock.move_to(day, 9)
            if releasing:
                desk.release()
            desk.clock.move_to(day, 10)
            desk.print_letters()
        case 1:
            desk.clock.move_to(day, 9)
            desk.post_letters()
            desk.clock.move_to(day, 14)
            desk.send_orders()
        case 2:
            desk.clock.move_to(day, 10)
            desk.answer_calls()
            desk.units.answer_units()
            desk.clock.move_to(day, 15)
            desk.take_in_answers()
        case 3:
            desk.clock.move_to(day, 8)
            desk.assess()
            desk.units.assess()
            desk.clock.move_to(day, 11)
            desk.units.close_days()
            desk.units.settle()
            desk.units.book()
            desk.clock.move_to(day, 13)
            desk.refer()
        case 4 if day.isocalendar().week % 2 == 0:
            desk.clock.move_to(day, 9)
            desk.see_to_held()
            desk.clock.move_to(day, 13)
            desk.see_to_tasks()
            desk.units.remind()
            if day.isocalendar().week % 4 == 0:
                desk.units.open_slots()
            if day.isocalendar().week % 8 == 0:
                desk.ask_about_silence()
        case _:
            pass


def renew_plans(desk: Desk, planning: Planning) -> None:
    """Anna drafts a plan for each region, Per approves it, and the plan before it ends."""
    offers, anna, per = desk.office.offers, desk.crew.anna, desk.crew.per
    cohorts = desk.register.by_cohort()
    for plan in offers.plans(per):
        if plan.state is PlanState.APPROVED:
            offers.end(per, plan.plan_id, version=plan.version)
    for region in REGIONS:
        in_plan = sum(cohorts.get((region, year), 0) for year in planning.birth_years)
        desk.clock.work(10)
        drafted = offers.create_plan(
            anna,
            region=region,
            birth_years=planning.birth_years,
            per_week=max(1, -(-in_plan // planning.weeks)),
            no_send_weeks=planning.no_send_weeks,
            starts_on=planning.starts_on,
        )
        desk.clock.work(10)
        offers.approve(per, drafted.plan_id, version=drafted.version)


def _born(start: date, until: date) -> tuple[int, ...]:
    """Birth years of those who can be offered at some time."""
    return tuple(range(start.year - _LAST_AGE, until.year - _FIRST_AGE + 1))


def _plans(men: int, start: date, until: date) -> tuple[Planning, ...]:
    """A plan a year. The first offers those who are 50, and older ones while men are few; each later one adds those who turn 50."""
    born = len(_born(start, until))
    cohorts = min(max(1, -(-_OFFERED_AT_FIRST * born // men) - 1), _LAST_AGE - _FIRST_AGE + 1)
    oldest = start.year - _FIRST_AGE - (cohorts - 1)
    return tuple(
        Planning(
            starts_on=max(start, date(year, 1, 1)),
            birth_years=tuple(born for born in range(oldest, year - _FIRST_AGE + 1) if year - born <= _LAST_AGE),
            weeks=_WEEKS_OF_A_YEAR if year == start.year else _WEEKS_FOR_ALL,
            no_send_weeks=tuple(_no_send(year)),
        )
        for year in range(start.year, until.year + 1)
    )


def _no_send(year: int) -> list[str]:
    return [iso_week(date.fromisocalendar(year, week, 1)) for week in _NO_SEND]
