"""The office's statistics: every indicator by region and birth year or another group, and lead times. All from `service.counting`."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import product

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import audit
from db.models import Unit
from db.queries import balance
from kansli_tui.errors import RefusedError
from kansli_tui.pathway.indicators import INDICATORS, Coverage, percent, wilson
from kansli_tui.pathway.lead_times import LEAD_TIMES, LeadTime, quantile
from kansli_tui.rows.office import Actor
from kansli_tui.rows.statistics import Breakdown, LeadRow, Statistics, StatsFilter, StatsGroup, StatsRow
from kansli_tui.service.context import Context, plain, require_region
from kansli_tui.service.counting import Days, Dimension, Group, count_leads, count_people, count_rounds
from kansli_tui.service.summaries import catch_up

ALL = "all"
"""The region, birth year or group of a total."""
_BY_PLACE_AND_YEAR = (Dimension.REGION, Dimension.BORN)


class StatisticsService:
    """Counts, exact: for staff. What leaves the office is suppressed on its way out."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def make(self, actor: Actor, wanted: StatsFilter, *, recipient: str = "", purpose: str = "") -> Statistics:
        """Every indicator for all groups of the filter. The log says what was counted and, for a file, for whom and why."""
        ask(self._context, actor, wanted, "stats.make", "; ".join(filter(None, (recipient, purpose))))
        with self._context.heavy.read() as session:
            return indicators(session, self._context, wanted)

    def breakdown(self, actor: Actor, wanted: StatsFilter, by: Dimension) -> Breakdown:
        """Every indicator of rounds in total and for each region, birth year, municipality, round or age; the total first."""
        ask(self._context, actor, wanted, f"stats.by_{by.value}")
        with self._context.heavy.read() as session:
            return broken_down(session, self._context, wanted, by)

    def lead_times(self, actor: Actor, wanted: StatsFilter, *, by_unit: bool = False) -> tuple[LeadRow, ...]:
        """Every lead time in total and by region, or by unit; the total first. Who still waits is counted beside, never as done."""
        ask(self._context, actor, wanted, "stats.lead_times")
        with self._context.heavy.read() as session:
            return lead_rows(session, self._context, wanted, by_unit=by_unit)


def ask(context: Context, actor: Actor, wanted: StatsFilter, action: str, why: str = "") -> None:
    """See that the actor may, write the question into the log, and bring the sums up to now."""
    for region in wanted.regions:
        require_region(actor, region)
    if wanted.as_of > context.today:
        # Everybody whose time goes on would be counted as one who did not come.
        raise RefusedError("The day is still to come: choose today or an earlier one.")
    with context.sessions.begin() as session:
        subject = ",".join(wanted.regions)
        audit.record(session, actor, context.clock(), action, subject=subject, why=plain(why), detail=_asked(wanted))
    if wanted.as_of == context.today:
        catch_up(context)


def _asked(wanted: StatsFilter) -> dict[str, str | list[int] | None]:
    """The filter as the log has it: two reports of the same people can be found by it."""
    return {
        "as_of": wanted.as_of.isoformat(),
        "from": wanted.since.isoformat() if wanted.since else None,
        "to": wanted.until.isoformat() if wanted.until else None,
        "born": list(wanted.born),
        "municipality": wanted.municipality,
        "rounds": wanted.rounds.value,
    }


def indicators(session: Session, context: Context, wanted: StatsFilter) -> Statistics:
    """Every indicator for all groups of the filter, within a transaction. The sums must have been caught up before."""
    counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for counted in (
        count_people(session, wanted, context.today, _BY_PLACE_AND_YEAR),
        count_rounds(session, wanted, context.today, _BY_PLACE_AND_YEAR),
        _lost(session, context, wanted),
    ):
        for group, values in counted.items():
            for one in _groups(*group):
                counts[one].update(values)
    knows_lost = _knows_lost(context, wanted)
    groups = sorted(counts, key=lambda group: (group[0] != ALL, group[0], group[1] != ALL, group[1]))
    rows = (row for region, born in groups for row in _rows(region, born, counts[region, born], knows_lost=knows_lost))
    return Statistics(wanted, tuple(rows))


def broken_down(session: Session, context: Context, wanted: StatsFilter, by: Dimension) -> Breakdown:
    """Every indicator by one dimension within a transaction; see `StatisticsService.breakdown`."""
    counts = count_rounds(session, wanted, context.today, (by,))
    people = {} if by is Dimension.ROUND else count_people(session, wanted, context.today, (by,))
    groups: dict[str, Counter[str]] = defaultdict(Counter)
    for (group,), counted in (*counts.items(), *people.items()):
        groups[group].update(counted)
        groups[ALL].update(counted)
    names = sorted(groups, key=lambda name: (name != ALL, name))
    return Breakdown(wanted, by.value, tuple(StatsGroup(name, tuple(_rows(ALL, ALL, groups[name]))) for name in names))


def indicators_of_rounds(session: Session, context: Context, wanted: StatsFilter) -> Sequence[StatsRow]:
    """Every indicator of rounds in total, within a transaction: what is asked for often and shown small."""
    counts = count_rounds(session, wanted, context.today, ())
    return _of_rounds(ALL, ALL, counts.get((), Counter()))


def lead_rows(session: Session, context: Context, wanted: StatsFilter, *, by_unit: bool = False) -> tuple[LeadRow, ...]:
    """Every lead time within a transaction; see `StatisticsService.lead_times`."""
    units = {row.id: row.name for row in session.execute(select(Unit.id, Unit.name))} if by_unit else {}
    rows: list[LeadRow] = []
    counts = count_leads(session, wanted, context.today)
    for lead in LEAD_TIMES:
        if by_unit and lead.unit is None:
            continue
        taken, waiting = (part if by_unit else _by_region(part) for part in counts[lead.name])
        all_taken, all_waiting = _together(taken.values()), _together(waiting.values())
        rows.append(_lead_row(lead, ALL, "", 0, all_taken, all_waiting))
        for region, unit in sorted({*taken, *waiting}):
            rows.append(
                _lead_row(
                    lead, region, units.get(unit, ""), unit, taken.get((region, unit)), waiting.get((region, unit))
                )
            )
    return tuple(rows)


def _by_region(counts: Days) -> Days:
    regions: Days = defaultdict(Counter)
    for (region, _unit), days in counts.items():
        regions[region, 0].update(days)
    return regions


def _together(counts: Iterable[Counter[int]]) -> Counter[int]:
    total: Counter[int] = Counter()
    for one in counts:
        total.update(one)
    return total


def _lead_row(
    lead: LeadTime, region: str, unit: str, unit_id: int, taken: Counter[int] | None, waiting: Counter[int] | None
) -> LeadRow:
    done, still = taken or Counter(), waiting or Counter()
    number = sum(done.values())
    within = None if lead.target is None else sum(count for days, count in done.items() if days <= lead.target)
    over = None if lead.target is None else sum(count for days, count in still.items() if days > lead.target)
    return LeadRow(
        lead=lead.name,
        region=region,
        unit=unit,
        unit_id=unit_id,
        rounds=number,
        first_quartile=quantile(done, 0.25),
        median=quantile(done, 0.5),
        third_quartile=quantile(done, 0.75),
        target=lead.target,
        within=within,
        percent=None if within is None else percent(within, number),
        waiting=sum(still.values()),
        waiting_over=over,
        longest_waiting=max(still, default=None),
    )


def _groups(region: str, born: str) -> Iterable[tuple[str, str]]:
    """The group itself and the totals it is part of."""
    return product((ALL, region), (ALL, born))


def _knows_lost(context: Context, wanted: StatsFilter) -> bool:
    return wanted.as_of == context.today and not wanted.municipality


def _lost(session: Session, context: Context, wanted: StatsFilter) -> Mapping[Group, Counter[str]]:
    """Whom nothing holds; known of now only."""
    if not _knows_lost(context, wanted):
        return {}
    found = balance.lost_by_year(session, wanted.regions)
    return {
        (region, str(born)): Counter(lost=number)
        for region, born, number in found
        if not wanted.born or born in wanted.born
    }


def _rows(region: str, born: str, counts: Mapping[str, int], *, knows_lost: bool = False) -> list[StatsRow]:
    """Coverage counts people where they live now; everything else rounds, in the region that made the offer.

    Where nobody has asked whom nothing holds, nothing is said of it: that is not zero.
    """
    return [*_of_people(region, born, counts, knows_lost=knows_lost), *_of_rounds(region, born, counts)]


def _of_people(region: str, born: str, counts: Mapping[str, int], *, knows_lost: bool) -> list[StatsRow]:
    registered = counts.get("registered", 0)
    if not registered:
        return []
    offered = counts[Coverage.OFFERED]
    gone = [name for name in counts if name.partition(":")[0] in (Coverage.EXCLUDED, Coverage.CLOSED)]
    eligible = registered - sum(counts[name] for name in gone)
    reasons = sorted(name for name in counts if name.partition(":")[0] in _REASONS)
    numbers = [("offered", offered, registered), ("offered_of_eligible", offered, eligible)]
    numbers += [(f"not_offered_{name}", counts[name], registered) for name in reasons]
    numbers.append(("opted_out", counts["opted_out"], registered))
    if knows_lost:
        numbers.append(("open_without_next_date", counts.get("lost", 0), registered))
    return [_row(name, region, born, numerator, denominator) for name, numerator, denominator in numbers]


_REASONS = frozenset(Coverage) - {Coverage.OFFERED, Coverage.NOT_DUE}


def _of_rounds(region: str, born: str, counts: Mapping[str, int]) -> Sequence[StatsRow]:
    offers = counts.get("of_offered", 0)
    rounds = _row("rounds", region, born, offers, offers)
    return [
        rounds,
        *(_row(one.name, region, born, counts[one.name], counts[f"of_{one.denominator.value}"]) for one in INDICATORS),
    ]


def _row(name: str, region: str, born: str, numerator: int, denominator: int) -> StatsRow:
    interval = wilson(numerator, denominator)
    low, high = (None, None) if interval is None else (_tenths(interval[0]), _tenths(interval[1]))
    return StatsRow(name, region, born, numerator, denominator, percent(numerator, denominator), low, high)


def _tenths(share: float) -> Decimal:
    return Decimal(share * 100).quantize(Decimal("0.1"))
