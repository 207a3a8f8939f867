"""Behind every figure stand exactly the people that it counts; the protected stay masked, and reading is logged for each."""

import pytest
from sqlalchemy import func, select

from db.models import AuditRow, Person
from kansli_tui.errors import NotAllowedError, NotFoundError
from kansli_tui.pathway.indicators import INDICATORS
from kansli_tui.pathway.steps import Queue
from kansli_tui.rows.office import Actor
from kansli_tui.rows.population import Protection
from kansli_tui.rows.statistics import LeadPart, Part, StatsFilter
from kansli_tui.service.naming import MASKED_NAME
from tests.screens.at_work import biopsied
from tests.service.test_handovers import hand_over
from tests.world import World

EVERYWHERE = ("05", "06", "08")


@pytest.fixture
def lived(world: World) -> World:
    """Somebody at every stage, one who moved, one who is protected, one who wants no more, two who were never offered."""
    biopsied(world, 0, 1, 3)
    more = [world.man(municipality="0580") for _ in range(4)]
    world.offer(*more)
    world.clock.advance(days=8)
    world.answer(more[0], "0.4")
    world.answer(more[1], "3.9")
    world.confirm(Queue.RAISED, more[1])
    world.act(more[2], "opt_out", reason="ringde")
    world.man(region="08", municipality="0880")
    excluded = world.man()
    world.act(excluded, "exclude", detail="no_prostate")
    hand_over(world, more[0])
    with world.context.sessions.begin() as session:
        session.get_one(Person, more[1]).protection = Protection.CONFIDENTIALITY
    return world


@pytest.mark.parametrize("days_ago", [0, 3])
def test_behind_every_figure_stand_the_people_it_counts(lived: World, days_ago: int) -> None:
    world, office = lived, lived.office
    as_of = world.today
    world.clock.advance(days=days_ago)
    wanted = StatsFilter(EVERYWHERE, as_of)
    made = office.statistics.make(world.per, wanted)
    shown = {row.indicator: row for row in made.rows if (row.region, row.born) == ("all", "all")}
    rounds = {one.name for one in INDICATORS} | {"rounds"}
    of_people = {name for name in shown if name.startswith(("offered", "not_offered_", "opted_out"))}
    assert {"not_offered_not_planned", "not_offered_excluded:no_prostate"} <= of_people
    opened = 0
    for name in rounds | of_people:
        row = shown[name]
        parts = {Part.NUMERATOR: row.numerator}
        if not days_ago:
            parts |= {Part.DENOMINATOR: row.denominator, Part.REST: (row.denominator or 0) - (row.numerator or 0)}
        for part, expected in parts.items():
            behind = office.stats_people.of_indicator(world.per, wanted, name, part, limit=100)
            assert len(behind) == expected, (name, part)
            opened += len(behind)
    assert opened > (100 if not days_ago else 30)
    shares = sum(shown[name].numerator or 0 for name in of_people if name.startswith("not_offered_"))
    assert shares + (shown["offered"].numerator or 0) == shown["offered"].denominator, "the reasons add up to everybody"
    for lead in office.statistics.lead_times(world.per, wanted):
        if lead.region != "all":
            continue
        expected_by_part = {LeadPart.DONE: lead.rounds, LeadPart.WAITING: lead.waiting}
        if lead.target is not None:
            expected_by_part |= {
                LeadPart.LATE: lead.rounds - (lead.within or 0),
                LeadPart.WAITING_OVER: lead.waiting_over or 0,
            }
        for part_of_lead, expected in expected_by_part.items():
            behind = office.stats_people.of_lead(world.per, wanted, lead.lead, part_of_lead, limit=100)
            assert len(behind) == expected, (lead.lead, part_of_lead)
            assert (
                part_of_lead is not LeadPart.WAITING
                or max((one.days or 0 for one in behind), default=None) == lead.longest_waiting
            )


@pytest.mark.parametrize("days_ago", [0, 3])
def test_with_a_period_only_those_offered_in_it_stand_behind_the_coverage(lived: World, days_ago: int) -> None:
    world, office = lived, lived.office
    as_of = world.today
    world.clock.advance(days=days_ago)
    offers = office.stats_people.of_indicator(world.per, StatsFilter(EVERYWHERE, as_of), "rounds", Part.NUMERATOR)
    last = max(one.offered_on for one in offers if one.offered_on)
    wanted = StatsFilter(EVERYWHERE, as_of, since=last)
    shown = {
        row.indicator: row
        for row in office.statistics.make(world.per, wanted).rows
        if (row.region, row.born) == ("all", "all")
    }
    assert 0 < (shown["not_offered_another_time"].numerator or 0) < len(offers)
    for name in ("offered", "offered_of_eligible", "not_offered_another_time", "rounds", "participated"):
        row = shown[name]
        parts = {Part.NUMERATOR: row.numerator}
        if name != "not_offered_another_time":
            parts |= {Part.DENOMINATOR: row.denominator, Part.REST: (row.denominator or 0) - (row.numerator or 0)}
        for part, expected in parts.items():
            behind = office.stats_people.of_indicator(world.per, wanted, name, part, limit=100)
            assert len(behind) == expected, (name, part)


def test_pages_follow_each_other_and_nothing_is_shown_that_may_not_be(lived: World, jkp: Actor) -> None:
    world, office = lived, lived.office
    wanted = StatsFilter(EVERYWHERE, world.today)
    pages, after = [], (0, 0)
    while page := office.stats_people.of_indicator(world.per, wanted, "rounds", Part.NUMERATOR, after=after, limit=3):
        pages += page
        after = (page[-1].person_id, page[-1].round_number)
    assert len({(one.person_id, one.round_number) for one in pages}) == len(pages) == 7
    masked = [one for one in pages if one.masked]
    assert [one.name for one in masked] == [MASKED_NAME]
    with world.context.sessions.read() as session:
        logged = session.scalar(select(func.count(AuditRow.id)).where(AuditRow.action == "stats.people"))
    assert logged == 7
    ours = office.stats_people.of_indicator(jkp, StatsFilter(("06",), world.today), "rounds", Part.NUMERATOR)
    assert ours == (), "the round was made by the region that he has left"
    with pytest.raises(NotAllowedError):
        office.stats_people.of_indicator(jkp, wanted, "rounds", Part.NUMERATOR)
    with pytest.raises(NotFoundError):
        office.stats_people.of_indicator(world.per, wanted, "hittepå", Part.NUMERATOR)
    with pytest.raises(NotFoundError):
        office.stats_people.of_lead(world.per, wanted, "mri_wait", LeadPart.LATE)
