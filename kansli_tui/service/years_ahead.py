"""The offers to come, counted quarter by quarter from the dates that people wait for."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from db.queries.ahead import waiting_by_month
from kansli_tui.rows.offers import AheadRow
from kansli_tui.service.rule_book import RuleBook


def years_ahead(session: Session, rules: RuleBook, regions: Sequence[str], today: date) -> tuple[AheadRow, ...]:
    """Rows by quarter and region; those whose month has passed stand first, as quarter 0."""
    last_ages = {region: rules.region(region, today).last_age for region in regions}
    counted: dict[tuple[int, int, str], list[int]] = {}
    for region, year, month, leaves, count in waiting_by_month(session, last_ages):
        passed = (year, month) < (today.year, today.month)
        quarter = (0, 0) if passed else (year, (month + 2) // 3)
        counted.setdefault((*quarter, region), [0, 0])[leaves] += count
    return tuple(
        AheadRow(region, year, quarter, offers, leaving)
        for (year, quarter, region), (offers, leaving) in sorted(counted.items())
    )
