"""The office's statistics: every indicator by region and birth year, from one query over the rounds."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from itertools import product

from sqlalchemy import Integer, Select, case, cast, exists, extract, func, select

from db import audit
from db.models import Person, Round, StepChange
from kansli_tui.pathway.indicators import INDICATORS, percent, wilson
from kansli_tui.rows.office import Actor
from kansli_tui.rows.statistics import Statistics, StatsFilter, StatsRow
from kansli_tui.service.context import Context, plain, require_region
from kansli_tui.service.round_facts import end_of, round_facts

ALL = "all"
"""The region or birth year of a total."""
_DENOMINATORS = sorted({one.denominator for one in INDICATORS})


class StatisticsService:
    """Counts, exact: for staff. What leaves the office is suppressed on its way out."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def make(self, actor: Actor, wanted: StatsFilter, *, recipient: str = "", purpose: str = "") -> Statistics:
        """Every indicator for all groups of the filter. The log says what was counted and, for a file, for whom and why."""
        for region in wanted.regions:
            require_region(actor, region)
        with self._context.sessions.begin() as session:
            rounds = round_facts(session, wanted.as_of).subquery()
            # What is counted of something is part of it: who was biopsied without being indicated is no share of the indicated.
            sums = [
                func.sum(rounds.c[one.numerator.value] * rounds.c[one.denominator.value]).label(one.name)
                for one in INDICATORS
            ]
            wholes = [func.sum(rounds.c[fact.value]).label(f"of_{fact.value}") for fact in _DENOMINATORS]
            statement = (
                select(rounds.c.region, rounds.c.born, *sums, *wholes)
                .where(rounds.c.region.in_(wanted.regions))
                .group_by(rounds.c.region, rounds.c.born)
            )
            if wanted.since is not None:
                statement = statement.where(rounds.c.offered_on >= wanted.since)
            if wanted.until is not None:
                statement = statement.where(rounds.c.offered_on <= wanted.until)
            if wanted.born:
                statement = statement.where(rounds.c.born.in_(wanted.born))
            counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
            for row in session.execute(statement).mappings():
                found = {name: int(row[name]) for name in row if name not in ("region", "born")}
                for group in _groups(row["region"], row["born"]):
                    counts[group].update(found)
            for region, born, offered, registered in session.execute(_coverage(wanted)):
                for group in _groups(region, born):
                    counts[group].update(offered=int(offered), registered=int(registered))
            why = plain("; ".join(filter(None, (recipient, purpose))))
            subject = ",".join(wanted.regions)
            audit.record(session, actor, self._context.clock(), "stats.make", subject=subject, why=why)
        groups = sorted(counts, key=lambda group: (group[0] != ALL, group[0], group[1] != ALL, group[1]))
        rows = (row for region, born in groups for row in _rows(region, born, counts[region, born]))
        return Statistics(wanted, tuple(rows))


def _groups(region: str, born: int) -> Iterable[tuple[str, str]]:
    """The group itself and the totals it is part of."""
    return product((ALL, region), (ALL, str(born)))


def _coverage(wanted: StatsFilter) -> Select[str, int, int, int]:
    """People in the register by the end of the day, where they live now, and how many of them have been offered in the time."""
    born = cast(extract("year", Person.birth_date), Integer)
    known = exists().where(StepChange.person_id == Person.id, StepChange.at < end_of(wanted.as_of))
    last = min(wanted.as_of, wanted.until or wanted.as_of)
    in_time = [Round.person_id == Person.id, Round.offered_on <= last]
    if wanted.since is not None:
        in_time.append(Round.offered_on >= wanted.since)
    offered = func.sum(case((exists().where(*in_time), 1), else_=0))
    statement = (
        select(Person.region, born, offered, func.count(Person.id))
        .where(Person.region.in_(wanted.regions), known)
        .group_by(Person.region, born)
    )
    return statement.where(born.in_(wanted.born)) if wanted.born else statement


def _rows(region: str, born: str, counts: Mapping[str, int]) -> list[StatsRow]:
    """Coverage counts people where they live now; everything else rounds, in the region that made the offer."""
    rows = [_row("offered", region, born, counts["offered"], counts["registered"])]
    return rows + [
        _row(one.name, region, born, counts[one.name], counts[f"of_{one.denominator.value}"]) for one in INDICATORS
    ]


def _row(name: str, region: str, born: str, numerator: int, denominator: int) -> StatsRow:
    interval = wilson(numerator, denominator)
    low, high = (None, None) if interval is None else (_tenths(interval[0]), _tenths(interval[1]))
    return StatsRow(name, region, born, numerator, denominator, percent(numerator, denominator), low, high)


def _tenths(share: float) -> Decimal:
    return Decimal(share * 100).quantize(Decimal("0.1"))
