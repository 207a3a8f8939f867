"""Reports and workbooks: everything they say is counted here and frozen; `reports` and `exchange` set it.

What leaves the office has small numbers hidden, and stands in the log with recipient and purpose.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from db import audit
from db.queries import balance
from kansli_tui.errors import RefusedError
from kansli_tui.pathway.quarters import quarter_of
from kansli_tui.rows.follow_up import JOINT, FollowUpQuarter
from kansli_tui.rows.office import REGIONS, Actor
from kansli_tui.rows.statistics import RoundsWanted, Statistics, StatsFilter
from kansli_tui.rows.stats_report import BalanceLine, QualityNote, ReportKind, StatsReport
from kansli_tui.service.availability import AvailabilityService
from kansli_tui.service.context import Context, plain, require_supervisor
from kansli_tui.service.counting import Dimension
from kansli_tui.service.disclosure import disclosable
from kansli_tui.service.follow_up import FollowUpService
from kansli_tui.service.register_care import RegisterCareService
from kansli_tui.service.statistics import ALL, ask, broken_down, indicators, lead_rows

_LEAP_DAY = (2, 29)
_BROKEN_DOWN = (Dimension.REGION, Dimension.MUNICIPALITY, Dimension.AGE, Dimension.ROUND)
_IN_FILE_NAMES = {ReportKind.YEAR: "ar", ReportKind.QUARTER: "kvartal", ReportKind.SUMMARY: "sammanfattning"}


class StatsReportService:
    """Makes reports as bytes; whoever asks writes them where they belong."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def pdf(
        self, actor: Actor, wanted: StatsFilter, kind: ReportKind, *, recipient: str, purpose: str, exact: bool = False
    ) -> tuple[str, bytes]:
        """A report on paper with a file name for it. With `exact` nothing is hidden: for supervisors, and it may not leave the office then."""
        from reports.stats_report import stats_report_pdf  # noqa: PLC0415 - reportlab loads when a paper is set

        report = self.report(actor, wanted, kind, recipient=recipient, purpose=purpose, exact=exact)
        return self._left(actor, report, "stats.pdf", "pdf", stats_report_pdf(report))

    def workbook(
        self, actor: Actor, wanted: StatsFilter, *, recipient: str, purpose: str, exact: bool = False
    ) -> tuple[str, bytes]:
        """Everything a report holds as a spreadsheet with a file name for it."""
        from kansli_tui.exchange.stats_xlsx import stats_workbook  # noqa: PLC0415 - a library that is seldom needed

        report = self.report(actor, wanted, ReportKind.YEAR, recipient=recipient, purpose=purpose, exact=exact)
        return self._left(actor, report, "stats.xlsx", "xlsx", stats_workbook(report))

    def report(
        self, actor: Actor, wanted: StatsFilter, kind: ReportKind, *, recipient: str, purpose: str, exact: bool = False
    ) -> StatsReport:
        """Count everything that a report says. RefusedError without recipient and purpose where it is to leave the office."""
        if exact:
            require_supervisor(actor)
        recipient, purpose = plain(recipient), plain(purpose)
        if not exact and not (recipient and purpose):
            raise RefusedError("Say whom the file is for and what it is to be used for: both are logged.")
        context = self._context
        ask(context, actor, wanted, "stats.report", "; ".join(filter(None, (recipient, purpose))))
        # One reading for all tables: each fact of a past day is counted once, and the tables tell of the same people.
        with context.heavy.read() as session:
            made, earlier = (indicators(session, context, asked) for asked in (wanted, the_period_before(wanted)))
            groups = {by: broken_down(session, context, wanted, by) for by in _BROKEN_DOWN}
            leads, by_unit = (lead_rows(session, context, wanted, by_unit=of_unit) for of_unit in (False, True))
        report = StatsReport(
            kind=kind,
            period=period_name(wanted),
            filter=wanted,
            made_at=context.clock(),
            made_by=actor.name,
            recipient=recipient,
            purpose=purpose,
            exact=exact,
            invented=context.facts.invented,
            statistics=made,
            earlier=earlier,
            by_region=groups[Dimension.REGION],
            by_municipality=groups[Dimension.MUNICIPALITY],
            by_age=groups[Dimension.AGE],
            by_round=groups[Dimension.ROUND],
            leads=leads,
            leads_by_unit=by_unit,
            availability=AvailabilityService(context).report(actor, wanted.regions, wanted.as_of),
            follow_up=self._follow_up(actor, wanted),
            balance=self._balance(wanted),
            notes=tuple(self._notes(actor, made)),
        )
        return report if exact else disclosable(report)

    def _left(self, actor: Actor, report: StatsReport, action: str, ending: str, data: bytes) -> tuple[str, bytes]:
        at, wanted = self._context.clock(), report.filter
        with self._context.sessions.begin() as session:
            audit.record(
                session,
                actor,
                at,
                action,
                subject=",".join(wanted.regions),
                why="; ".join(filter(None, (report.recipient, report.purpose))),
                detail=_filter_detail(report),
            )
        place = "-".join(wanted.regions)
        inside = "-exakt" if report.exact else ""
        return f"statistik-{_IN_FILE_NAMES[report.kind]}-{report.period}-{place}{inside}.{ending}".replace(
            " ", "_"
        ), data

    def _follow_up(self, actor: Actor, wanted: StatsFilter) -> FollowUpQuarter | None:
        """The plan of the last quarter of the period: the joint one for all regions, a region's own for one."""
        quarter = quarter_of(min(wanted.until or wanted.as_of, wanted.as_of))
        if set(wanted.regions) == set(REGIONS):
            return FollowUpService(self._context).quarter(actor, str(quarter), JOINT)
        if len(wanted.regions) == 1:
            return FollowUpService(self._context).quarter(actor, str(quarter), wanted.regions[0])
        return None

    def _balance(self, wanted: StatsFilter) -> tuple[BalanceLine, ...]:
        with self._context.heavy.read() as session:
            people = balance.people_by_region(session, wanted.regions)
            lost = balance.lost_by_year(session, wanted.regions)
        return tuple(
            BalanceLine(region, people.get(region, 0), sum(number for code, _born, number in lost if code == region))
            for region in wanted.regions
        )

    def _notes(self, actor: Actor, made: Statistics) -> Iterator[QualityNote]:
        """What the reader of the figures must know of the data."""
        total = {row.indicator: row for row in made.rows if (row.region, row.born) == (ALL, ALL)}
        if (still := total.get("window_open")) is not None and still.numerator:
            yield QualityNote(
                "Rounds whose time for a sample goes on: neither participants nor non-participants.",
                still.numerator,
                {},
            )
        for check in RegisterCareService(self._context).board(actor):
            found = sum(check.by_region.get(region, 0) for region in made.filter.regions)
            if found:
                yield QualityNote(check.label, found, {})


def period_name(wanted: StatsFilter) -> str:
    """'2025', '2025K3', or the days; 'hela tiden' is ''. For titles and file names."""
    since, until = wanted.since, wanted.until
    if since is None or until is None:
        return f"till {(until or wanted.as_of).isoformat()}" if since is None else f"från {since.isoformat()}"
    quarter = quarter_of(since)
    if (since, until) == (quarter.first, quarter.last):
        return str(quarter)
    if (since, until) == (date(since.year, 1, 1), date(since.year, 12, 31)):
        return str(since.year)
    return f"{since.isoformat()}–{until.isoformat()}"


def the_period_before(wanted: StatsFilter) -> StatsFilter:
    """The same a year earlier, as it was known a year earlier: the same time to come has passed, so that like is compared with like."""
    return replace(
        wanted,
        as_of=_a_year_before(wanted.as_of),
        since=_a_year_before(wanted.since) if wanted.since else None,
        until=_a_year_before(wanted.until) if wanted.until else None,
    )


def _a_year_before(day: date) -> date:
    last_of_month = (day + timedelta(days=1)).month != day.month
    if (day.month, day.day) == _LEAP_DAY:
        return date(day.year - 1, 2, 28)
    before = day.replace(year=day.year - 1)
    # The end of February stays the end of February.
    return (
        before + timedelta(days=1) if last_of_month and (before + timedelta(days=1)).month == before.month else before
    )


def _filter_detail(report: StatsReport) -> dict[str, str | bool | list[int]]:
    wanted = report.filter
    return {
        "kind": report.kind.value,
        "period": report.period,
        "as_of": wanted.as_of.isoformat(),
        "born": list(wanted.born),
        "municipality": wanted.municipality,
        "rounds": RoundsWanted(wanted.rounds).value,
        "exact": report.exact,
    }
