"""Years ahead: how many people wait for their next offer, by region and month, and how many then leave for age."""

from collections.abc import Mapping

from sqlalchemy import and_, case, extract, func, or_, select
from sqlalchemy.orm import Session

from db.models import Person
from kansli_tui.pathway.steps import Step


def waiting_by_month(session: Session, last_ages: Mapping[str, int]) -> list[tuple[str, int, int, bool, int]]:
    """(region, year, month, whether the age exit comes then instead of an offer, people) of everybody who is not due.

    `last_ages` holds the last age of an offer, in whole years reached in the calendar year, for the regions asked about.
    """
    year, month = extract("year", Person.next_on), extract("month", Person.next_on)
    age = year - extract("year", Person.birth_date)
    past = or_(*(and_(Person.region == region, age > last_age) for region, last_age in last_ages.items()))
    leaves = case((past, 1), else_=0)
    rows = session.execute(
        select(Person.region, year, month, leaves, func.count())
        .where(Person.step == Step.NOT_DUE, Person.next_on.is_not(None), Person.region.in_(list(last_ages)))
        .group_by(Person.region, year, month, leaves)
    )
    return [(region, int(y), int(m), bool(exits), count) for region, y, m, exits, count in rows]
