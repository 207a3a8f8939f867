"""The office's statistics: every indicator by region and birth year, from one query over the rounds."""

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from itertools import product

from sqlalchemy import func, select

from db import audit
from kansli_tui.pathway.indicators import INDICATORS, Fact, percent, wilson
from kansli_tui.rows.office import Actor
from kansli_tui.rows.statistics import Statistics, StatsFilter, StatsRow
from kansli_tui.service.context import Context, plain, require_region
from kansli_tui.service.round_facts import round_facts

ALL = "all"
"""The region or birth year of a total."""


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
            sums = [func.sum(rounds.c[fact.value]).label(fact.value) for fact in Fact]
            statement = (
                select(rounds.c.region, rounds.c.born, *sums)
                .where(rounds.c.region.in_(wanted.regions))
                .group_by(rounds.c.region, rounds.c.born)
            )
            if wanted.since is not None:
                statement = statement.where(rounds.c.offered_on >= wanted.since)
            if wanted.until is not None:
                statement = statement.where(rounds.c.offered_on <= wanted.until)
            if wanted.born is not None:
                statement = statement.where(rounds.c.born == wanted.born)
            counts: dict[tuple[str, str], dict[Fact, int]] = defaultdict(lambda: dict.fromkeys(Fact, 0))
            for row in session.execute(statement).mappings():
                for group in product((ALL, row["region"]), (ALL, str(row["born"]))):
                    for fact in Fact:
                        counts[group][fact] += int(row[fact.value])
            why = plain("; ".join(filter(None, (recipient, purpose))))
            subject = ",".join(wanted.regions)
            audit.record(session, actor, self._context.clock(), "stats.make", subject=subject, why=why)
        groups = sorted(counts, key=lambda group: (group[0] != ALL, group[0], group[1] != ALL, group[1]))
        rows = (row for region, born in groups for row in _rows(region, born, counts[region, born]))
        return Statistics(wanted, tuple(rows))


def _rows(region: str, born: str, counts: Mapping[Fact, int]) -> list[StatsRow]:
    rows = [StatsRow("offered", region, born, counts[Fact.OFFERED], counts[Fact.OFFERED], None)]
    for indicator in INDICATORS:
        numerator, denominator = counts[indicator.numerator], counts[indicator.denominator]
        interval = wilson(numerator, denominator)
        low, high = (None, None) if interval is None else (_tenths(interval[0]), _tenths(interval[1]))
        share = percent(numerator, denominator)
        rows.append(StatsRow(indicator.name, region, born, numerator, denominator, share, low, high))
    return rows


def _tenths(share: float) -> Decimal:
    return Decimal(share * 100).quantize(Decimal("0.1"))
