"""The days on which the office works: not Saturdays, Sundays, Swedish public holidays or the eves that are days off."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache

_SATURDAY = 5


def is_office_day(day: date) -> bool:
    """Whether the office works on a day."""
    return day.weekday() < _SATURDAY and day not in _days_off(day.year)


def last_office_day(before: date) -> date:
    """The latest office day before a day."""
    day = before - timedelta(days=1)
    while not is_office_day(day):
        day -= timedelta(days=1)
    return day


@cache
def _days_off(year: int) -> Mapping[date, str]:
    """Public holidays, and Midsummer, Christmas and New Year's Eve, which are days off in practice."""
    import holidays  # noqa: PLC0415 - a country's calendar is loaded when a date is first asked about

    return dict(holidays.country_holidays("SE", years=year, categories=("public", "de_facto")))
