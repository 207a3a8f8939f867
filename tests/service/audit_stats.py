"""One doing of each method of the statistics, for the test that every act leaves a line."""

from collections.abc import Callable
from typing import Any

from kansli_tui.rows.statistics import LeadPart, Part, StatsFilter
from kansli_tui.rows.stats_report import ReportKind
from kansli_tui.service.counting import Dimension
from tests.world import World

DERIVED = {"stats_dirty", "round_fact", "round_count", "lead_count", "person_fact", "person_count", "waiting_month"}
"""Tables that are counted from the others: bringing them up to now is no act."""


def stats_acts(world: World) -> dict[str, Callable[[], Callable[[], Any]]]:
    """Method → what prepares it and returns the act."""
    office, anna = world.office, world.anna

    def wanted() -> StatsFilter:
        return StatsFilter(("05", "06", "08"), world.today)

    outward = {"recipient": "Nämnden", "purpose": "årsrapport"}

    def offered(act: Callable[[], Any]) -> Callable[[], Any]:
        world.offer(world.man())
        return act

    return {
        "statistics.make": lambda: lambda: office.statistics.make(anna, wanted()),
        "statistics.breakdown": lambda: lambda: office.statistics.breakdown(anna, wanted(), Dimension.REGION),
        "statistics.lead_times": lambda: lambda: office.statistics.lead_times(anna, wanted()),
        "stats_people.of_indicator": lambda: offered(
            lambda: office.stats_people.of_indicator(anna, wanted(), "rounds", Part.NUMERATOR)
        ),
        "stats_people.of_lead": lambda: offered(
            lambda: office.stats_people.of_lead(anna, wanted(), "offer_to_sample", LeadPart.WAITING)
        ),
        "stats_reports.report": lambda: (
            lambda: office.stats_reports.report(anna, wanted(), ReportKind.SUMMARY, **outward)
        ),
        "stats_reports.pdf": lambda: lambda: office.stats_reports.pdf(anna, wanted(), ReportKind.SUMMARY, **outward),
        "stats_reports.workbook": lambda: lambda: office.stats_reports.workbook(anna, wanted(), **outward),
    }
