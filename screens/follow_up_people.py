"""The people behind a line of the follow-up plan: which of them there are to open, and what reads them."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from kansli_tui.follow_up_labels import measure_words
from kansli_tui.i18n import _, number
from kansli_tui.pathway.follow_up import Unit
from kansli_tui.rows.follow_up import JOINT, FollowUpQuarter, FollowUpRow
from kansli_tui.rows.office import REGIONS, Actor
from kansli_tui.rows.statistics import LeadPart, Part, StatsFilter, StatsPerson
from screens.stats_people import Behind
from screens.stats_words import of_people

if TYPE_CHECKING:
    from kansli_tui.service.office import Office


def parts(row: FollowUpRow) -> dict[Part | LeadPart, str]:
    """Those that can be opened, with words and number; nobody behind a line without a result, or one that counts no list."""
    result = row.result
    if result is None or row.measure.unit is Unit.COUNT or not result.denominator:
        return {}
    counted, whole = result.numerator or 0, result.denominator
    found: dict[Part | LeadPart, tuple[str, int]]
    if row.measure.lead is not None:
        found = {
            LeadPart.LATE: (_("those done after the target: {count}", count=number(whole - counted)), whole - counted),
            LeadPart.DONE: (_("those done: {count}", count=number(whole)), whole),
            LeadPart.WAITING: (_("those who wait: {count}", count=number(result.waiting)), result.waiting),
        }
        if row.measure.unit is not Unit.PERCENT:
            del found[LeadPart.LATE]
    else:
        found = {Part.NUMERATOR: (_("those counted: {count}", count=number(counted)), counted)}
        if not of_people(row.measure.name) or row.measure.name.startswith("offered"):
            found[Part.REST] = (_("the others: {count}", count=number(whole - counted)), whole - counted)
    return {part: words for part, (words, people) in found.items() if people}


def behind(
    office: "Office", actor: Actor, shown: FollowUpQuarter, row: FollowUpRow, part: Part | LeadPart, words: str
) -> Behind:
    """What the list of people shows: as known on the day of the plan. The plan must have been counted."""
    assert shown.as_of is not None
    regions = tuple(sorted(REGIONS)) if shown.region == JOINT else (shown.region,)
    wanted = StatsFilter(regions, shown.as_of, shown.since, shown.until)
    page: Callable[..., tuple[StatsPerson, ...]]
    days = ""
    if isinstance(part, LeadPart):
        assert row.measure.lead is not None
        page = partial(office.stats_people.of_lead, actor, wanted, row.measure.lead.name, part)
        days = _("has waited") if part is LeadPart.WAITING else _("took days")
    else:
        page = partial(office.stats_people.of_indicator, actor, wanted, row.measure.name, part)
    return Behind(measure_words(row.measure), words, f"{shown.quarter} · {row.area}", page, days)
