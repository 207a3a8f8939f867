"""Targets and the plan of a quarter: what a supervisor signs is what was counted, and stays so whatever comes later."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, update

from db.models import AuditRow, FollowUp, Person
from kansli_tui.errors import ChangedBySomeoneElseError, NotAllowedError, NotFoundError, RefusedError
from kansli_tui.pathway.follow_up import PLAN_MEASURES, Direction, Limits, Result, Status
from kansli_tui.rows.follow_up import ChangeWhat, FollowUpQuarter, FollowUpRow, TargetRow
from kansli_tui.rows.office import REGIONS, Actor, Role
from kansli_tui.rows.statistics import StatsFilter
from tests.factories import a_number
from tests.service.history_help import line, taken
from tests.service.test_booking_races import refusals, together
from tests.world import World

RAISED = Limits(Direction.AT_LEAST, Decimal(50), Decimal(30))
SPRING = "2026K2"
"""The newest quarter that is over when a test begins."""


def rounds(
    world: World, men: int, came: int, *, on: date = date(2026, 4, 7), region: str = "05", at: int = 101
) -> None:
    """So many men offered on the day, of whom so many came."""
    offered = {"region": region, "offered_on": on, "psa_ordered_on": on}
    sampled = {"sampled_on": date(2026, 4, 20), "psa_answered_on": date(2026, 4, 22), "psa": "0.8"}
    sampled["psa_letter_on"] = date(2026, 4, 25)
    taken(
        world,
        *(
            line(a_number(at + 2 * place, "19700405"), **offered, **(sampled if place < came else {}))
            for place in range(men)
        ),
    )


def target(world: World, limits: Limits = RAISED, **more: Any) -> TargetRow:
    given = {"measure": "participated", "region": "", "valid_from": date(2026, 1, 1), "why": "Beslut i styrgruppen"}
    return world.office.targets.set(world.per, limits=limits, **{**given, **more})


def add(world: World, quarter: str = SPRING, region: str = "05", **more: Any) -> int:
    given = {"area": "Deltagande", "measure": "participated"}
    return world.office.follow_up.add(world.anna, quarter, region, **{**given, **more})


def plan(world: World, quarter: str = SPRING, region: str = "05") -> FollowUpQuarter:
    return world.office.follow_up.quarter(world.per, quarter, region)


def only(shown: FollowUpQuarter) -> FollowUpRow:
    (row,) = shown.rows
    return row


def close(world: World, quarter: str = SPRING, region: str = "05") -> FollowUpQuarter:
    shown = plan(world, quarter, region)
    world.office.follow_up.close(world.per, quarter, region, stamp=shown.stamp)
    return plan(world, quarter, region)


def held(world: World, region: str, on: date, measure: str = "participated") -> Limits | None:
    """What holds for a region on a day, as the rows say it."""
    rows = {row.measure.name: row.own for row in world.office.targets.rows(world.per, on)}
    own = rows[measure].get(region) or rows[measure].get("")
    return own.limits if own is not None else None


# Targets


def test_no_target_is_delivered(world: World) -> None:
    rows = world.office.targets.rows(world.per)
    assert [row.measure.name for row in rows] == list(PLAN_MEASURES)
    assert all(row.own == {} for row in rows)


def test_the_newest_target_that_is_valid_on_a_day_holds_and_a_regions_own_goes_first(world: World) -> None:
    common, later, own = (Limits(Direction.AT_LEAST, Decimal(limit), Decimal(10)) for limit in ("40", "45", "60.5"))
    target(world, common)
    target(world, later, valid_from=date(2026, 7, 1))
    target(world, own, region="06", valid_from=date(2026, 5, 1))
    before, spring, summer = date(2025, 12, 31), date(2026, 6, 30), date(2026, 7, 1)
    assert [held(world, "05", day) for day in (before, spring, summer)] == [None, common, later]
    assert [held(world, "06", day) for day in (before, spring, summer)] == [None, own, own]
    world.office.targets.end(world.per, measure="participated", region="06", valid_from=summer, why="Följer de andra")
    assert [held(world, "06", day) for day in (before, spring, summer)] == [None, own, later]
    corrected = Limits(Direction.AT_LEAST, Decimal(41), Decimal(10))
    target(world, corrected)
    assert [held(world, "05", day) for day in (spring, summer)] == [corrected, later]
    history = world.office.targets.history(world.anna, "participated")
    assert [row.limits for row in history] == [corrected, None, own, later, common]
    assert {(row.set_by, row.set_at) for row in history} == {("per", world.clock.now)}


def test_only_a_supervisor_of_the_regions_sets_a_target_with_a_reason(world: World) -> None:
    one_region = Actor("eva", "Eva", Role.SUPERVISOR, frozenset({"06"}))
    for actor, region in ((world.anna, "05"), (one_region, ""), (one_region, "05")):
        with pytest.raises(NotAllowedError):
            world.office.targets.set(
                actor, measure="participated", region=region, limits=RAISED, valid_from=world.today, why="skäl"
            )
    with pytest.raises(RefusedError, match="why"):
        target(world, why=" ")
    with pytest.raises(RefusedError, match="at most 100"):
        target(world, Limits(Direction.AT_LEAST, Decimal(101), Decimal(1)))
    with pytest.raises(NotFoundError):
        target(world, measure="happiness")
    with pytest.raises(RefusedError, match="holds"):
        world.office.targets.end(world.per, measure="participated", region="", valid_from=world.today, why="skäl")
    target(world, region="05")
    target(world)
    seen = world.office.targets.history(one_region, "participated")
    assert [row.region for row in seen] == [""], "what another region has set is its own"


# The plan


def test_a_line_shows_what_the_statistics_count_and_its_colour(world: World) -> None:
    rounds(world, 40, 15)
    rounds(world, 10, 10, on=date(2026, 3, 30), at=301)
    rounds(world, 10, 10, region="06", at=501)
    add(world)
    shown = only(plan(world))
    wanted = StatsFilter(("05",), world.today, date(2026, 4, 1), date(2026, 6, 30))
    (counted,) = (
        row
        for row in world.office.statistics.make(world.per, wanted).rows
        if (row.indicator, row.region, row.born) == ("participated", "all", "all")
    )
    assert shown.result == Result(counted.percent, counted.numerator, counted.denominator)
    assert shown.result == Result(Decimal("37.5"), 15, 40)
    assert (shown.status, shown.limits) == (Status.NO_TARGET, None)
    target(world)
    assert (only(plan(world)).status, only(plan(world)).limits) == (Status.YELLOW, RAISED)
    target(world, Limits(Direction.AT_LEAST, Decimal("37.5"), Decimal(1)), region="05")
    assert only(plan(world)).status is Status.GREEN
    add(world, region="")
    joint = only(plan(world, region=""))
    assert (joint.result, joint.limits) == (Result(Decimal("50.0"), 25, 50), RAISED)
    target(world, valid_from=date(2026, 7, 1), limits=Limits(Direction.AT_LEAST, Decimal(99), Decimal(98)))
    assert only(plan(world, region="")).limits == RAISED, "what holds on the last day of the quarter"


def test_few_people_have_no_colour_and_nobody_no_result(world: World) -> None:
    target(world)
    add(world)
    assert (only(plan(world)).status, only(plan(world)).result) == (Status.NO_RESULT, None)
    rounds(world, 19, 19)
    assert only(plan(world)).status is Status.TOO_FEW


def test_while_the_time_of_some_goes_on_no_colour_is_given_that_they_could_change(world: World) -> None:
    men = [world.man() for _man in range(24)]
    world.offer(*men)
    target(world)
    add(world, "2026K3")
    world.clock.advance(days=5)
    for man in men[:21]:
        world.answer(man, "0.5")
    row = only(plan(world, "2026K3"))
    assert (row.result, row.status) == (Result(Decimal("100.0"), 21, 21, 3), Status.GREEN)
    target(world, Limits(Direction.AT_LEAST, Decimal(90), Decimal(80)), region="05")
    assert only(plan(world, "2026K3")).status is Status.TOO_EARLY
    for measure in ("participated", "sample_to_letter_within"):
        add(world, "2026K3", region="", measure=measure)
    signed = plan(world, "2026K3", "").rows
    assert [row.result for row in signed] == [Result(Decimal("100.0"), 21, 21, 3), Result(None, 0, 0, 21)]
    assert [row.result for row in close(world, "2026K3", "").rows] == [row.result for row in signed]
    add(world, "2026K3", measure="sample_to_letter_within")
    world.clock.advance(days=200)
    row = plan(world, "2026K3").rows[1]
    assert row.result == Result(None, 0, 0, 21, 21), "who still waits for a letter has waited too long by now"
    world.office.follow_up.remove(world.per, row.line_id, version=1, why="prövat")
    row = only(plan(world, "2026K3"))
    assert (row.result, row.status) == (Result(Decimal("87.5"), 21, 24), Status.YELLOW)


def test_open_cases_without_a_date_are_those_whom_nothing_holds(world: World) -> None:
    man = world.man()
    world.office.targets.set(
        world.per,
        measure="open_without_next_date",
        region="",
        limits=Limits(Direction.AT_MOST, Decimal(0), Decimal(0)),
        valid_from=date(2026, 1, 1),
        why="Ingen ska tappas bort",
    )
    add(world, "2026K3", measure="open_without_next_date")
    assert (only(plan(world, "2026K3")).status, only(plan(world, "2026K3")).result) == (
        Status.GREEN,
        Result(Decimal(0), 0),
    )
    with world.context.sessions.begin() as session:
        session.execute(update(Person).where(Person.id == man).values(next_on=None))
    row = only(plan(world, "2026K3"))
    assert (row.status, row.result) == (Status.RED, Result(Decimal(1), 1))


def test_lead_times_are_followed_by_share_and_by_median(world: World) -> None:
    rounds(world, 24, 22)
    limits = Limits(Direction.AT_MOST, Decimal(4), Decimal("5.5"))
    target(world, limits, measure="sample_to_letter_median", region="05")
    for measure in ("sample_to_letter_within", "sample_to_letter_median", "mri_wait_median"):
        add(world, area="Ledtider", measure=measure)
    within, median, none = plan(world).rows
    assert (within.result, within.status) == (Result(Decimal("100.0"), 22, 22), Status.NO_TARGET)
    assert (median.result, median.status) == (Result(Decimal(5), None, 22), Status.YELLOW)
    assert (none.result, none.status) == (Result(None, None, 0), Status.NO_RESULT)
    assert [(row.result, row.status) for row in close(world).rows] == [
        (row.result, row.status) for row in (within, median, none)
    ]


def test_a_status_is_set_by_hand_with_a_comment_and_taken_back(world: World) -> None:
    rounds(world, 40, 4)
    target(world)
    line_id = add(world)
    override = world.office.follow_up.override
    with pytest.raises(NotAllowedError):
        override(world.anna, line_id, Status.GREEN, version=1, comment="skäl")
    with pytest.raises(RefusedError, match="why"):
        override(world.per, line_id, Status.GREEN, version=1, comment="")
    with pytest.raises(RefusedError, match="by hand"):
        override(world.per, line_id, Status.TOO_FEW, version=1, comment="skäl")
    with pytest.raises(RefusedError, match="already"):
        override(world.per, line_id, None, version=1, comment="skäl")
    override(world.per, line_id, Status.YELLOW, version=1, comment="Utskick stod stilla i maj")
    row = only(plan(world))
    assert (row.computed, row.status) == (Status.RED, Status.YELLOW)
    assert row.override is not None
    assert (row.override.comment, row.override.by) == ("Utskick stod stilla i maj", "per")
    with pytest.raises(ChangedBySomeoneElseError):
        override(world.per, line_id, Status.CLOSED, version=1, comment="skäl")
    override(world.per, line_id, None, version=2, comment="Visade sig fel")
    assert (only(plan(world)).override, only(plan(world)).status) == (None, Status.RED)
    what = [(row.what, row.before, row.after, row.why) for row in world.office.follow_up.history(world.anna, line_id)]
    assert what == [
        (ChangeWhat.OVERRIDE_ENDED, "yellow", "", "Visade sig fel"),
        (ChangeWhat.OVERRIDDEN, "", "yellow", "Utskick stod stilla i maj"),
        (ChangeWhat.ADDED, "", "Deltagande: participated", ""),
    ]


def test_texts_are_written_and_every_earlier_wording_is_kept(world: World) -> None:
    line_id = add(world, activity="Kortare brev", responsible="Per", due=date(2026, 10, 1))
    edit = world.office.follow_up.edit
    edit(world.anna, line_id, version=1, results="Fler kom\x1b[2J", due=None, responsible="Per")
    row = only(plan(world))
    assert (row.results, row.due, row.activity) == ("Fler kom·[2J", None, "Kortare brev")
    edit(world.anna, line_id, version=2, results="Färre kom")
    changes = world.office.follow_up.history(world.anna, line_id)
    assert {(row.field, row.before, row.after) for row in changes if row.what is ChangeWhat.EDITED} == {
        ("results", "Fler kom·[2J", "Färre kom"),
        ("results", "", "Fler kom·[2J"),
        ("due", "2026-10-01", ""),
    }
    with pytest.raises(ChangedBySomeoneElseError):
        edit(world.anna, line_id, version=2, results="Fler")
    for wrong in ({"area": " "}, {"measure": "offered"}, {"due": "snart"}, {"results": "x" * 2001}, {"area": "x" * 81}):
        with pytest.raises(RefusedError):
            edit(world.anna, line_id, version=3, **wrong)


def test_one_line_for_an_area_and_measure(world: World) -> None:
    line_id = add(world)
    other = add(world, area="Jämlikhet")
    with pytest.raises(RefusedError, match="already"):
        add(world, area="DELTAGANDE ")
    with pytest.raises(RefusedError, match="already"):
        world.office.follow_up.edit(world.anna, other, version=1, area="deltagande")
    with pytest.raises(NotAllowedError):
        world.office.follow_up.remove(world.anna, line_id, version=1, why="fel rad")
    world.office.follow_up.remove(world.per, line_id, version=1, why="fel rad")
    assert only(plan(world)).line_id == other
    add(world)
    with pytest.raises(NotFoundError):
        world.office.follow_up.edit(world.anna, line_id, version=2, results="x")


def test_a_closed_quarter_stays_what_was_signed(world: World) -> None:
    rounds(world, 40, 15)
    target(world)
    first, second = add(world), add(world, area="Jämlikhet")
    world.office.follow_up.override(world.per, second, Status.CLOSED, version=1, comment="Följs i en annan plan")
    before = plan(world)
    closed = close(world)
    assert (closed.closed_by, closed.closed_at, closed.as_of) == ("per", world.clock.now, world.today)
    assert [(row.result, row.limits, row.status) for row in closed.rows] == [
        (row.result, row.limits, row.status) for row in before.rows
    ]
    world.clock.advance(days=40)
    rounds(world, 30, 30, at=701)
    target(world, Limits(Direction.AT_LEAST, Decimal(90), Decimal(80)))
    assert plan(world) == closed
    follow_up = world.office.follow_up
    for refused in (
        lambda: follow_up.edit(world.anna, first, version=closed.rows[0].version, results="x"),
        lambda: follow_up.override(world.per, first, Status.GREEN, version=closed.rows[0].version, comment="x"),
        lambda: follow_up.remove(world.per, first, version=closed.rows[0].version, why="x"),
        lambda: add(world, area="Ny"),
        lambda: follow_up.close(world.per, SPRING, "05", stamp=closed.stamp),
    ):
        with pytest.raises(RefusedError, match="closed"):
            refused()
    assert plan(world) == closed


def test_a_quarter_is_closed_by_a_supervisor_when_it_is_over_and_as_it_was_shown(world: World) -> None:
    add(world)
    shown = plan(world)
    follow_up = world.office.follow_up
    with pytest.raises(NotAllowedError):
        follow_up.close(world.anna, SPRING, "05", stamp=shown.stamp)
    with pytest.raises(RefusedError, match="goes on"):
        follow_up.close(world.per, "2026K3", "05", stamp=shown.stamp)
    with pytest.raises(RefusedError, match="no lines"):
        follow_up.close(world.per, "2026K1", "05", stamp=plan(world, "2026K1").stamp)
    rounds(world, 20, 10)
    with pytest.raises(ChangedBySomeoneElseError):
        follow_up.close(world.per, SPRING, "05", stamp=shown.stamp)
    shown = plan(world)
    add(world, area="Jämlikhet")
    with pytest.raises(ChangedBySomeoneElseError):
        follow_up.close(world.per, SPRING, "05", stamp=shown.stamp)
    assert not plan(world).is_closed
    close(world)
    with world.context.sessions.read() as session:
        (logged,) = session.execute(
            select(AuditRow.actor, AuditRow.region, AuditRow.subject).where(AuditRow.action == "follow_up.close")
        )
    assert tuple(logged) == ("per", "05", "2026K2 2")


def test_the_next_quarter_takes_over_what_is_open(world: World) -> None:
    rounds(world, 40, 15)
    target(world)
    add(world, activity="Kortare brev", responsible="Per", due=date(2026, 12, 1))
    done = add(world, area="Jämlikhet")
    world.office.follow_up.override(world.per, done, Status.CLOSED, version=1, comment="Klart")
    assert plan(world, "2026K3").earlier == SPRING
    assert world.office.follow_up.start(world.anna, "2026K3", "05") == 1
    row = only(plan(world, "2026K3"))
    assert (row.area, row.activity, row.responsible, row.due) == (
        "Deltagande",
        "Kortare brev",
        "Per",
        date(2026, 12, 1),
    )
    assert (row.results, row.override, row.before) == ("", None, None)
    close(world)
    row = only(plan(world, "2026K3"))
    assert row.before is not None
    assert (row.before.quarter, row.before.status, row.before.result) == (
        SPRING,
        Status.YELLOW,
        Result(Decimal("37.5"), 15, 40),
    )
    with pytest.raises(RefusedError, match="take over"):
        world.office.follow_up.start(world.anna, "2026K3", "05")
    assert plan(world, "2026K4").as_of is None, "it has not begun"
    assert world.office.follow_up.start(world.anna, "2026K4", "05") == 1
    with pytest.raises(RefusedError, match="next quarter"):
        add(world, "2027K1")
    with pytest.raises(RefusedError, match="2026K3"):
        add(world, "vår")


def test_a_plan_is_for_those_who_work_for_its_regions(world: World, jkp: Actor) -> None:
    ours, joint = add(world), add(world, region="")
    follow_up = world.office.follow_up
    for region in ("05", ""):
        with pytest.raises(NotAllowedError):
            follow_up.quarter(jkp, SPRING, region)
        with pytest.raises(NotAllowedError):
            follow_up.add(jkp, SPRING, region, area="Ny", measure="participated")
        with pytest.raises(NotAllowedError):
            follow_up.start(jkp, "2026K3", region)
    for line_id in (ours, joint):
        with pytest.raises(NotAllowedError):
            follow_up.history(jkp, line_id)
        with pytest.raises(NotAllowedError):
            follow_up.edit(jkp, line_id, version=1, results="x")
    with world.context.sessions.read() as session:
        assert session.scalars(select(FollowUp.version_id)).all() == [1, 1]
    assert frozenset(REGIONS) != jkp.regions
    assert follow_up.add(jkp, SPRING, "06", area="Ny", measure="participated") > joint


@pytest.mark.parametrize("attempt", range(3))
def test_whoever_is_second_is_refused_and_nothing_comes_twice(world: World, attempt: int) -> None:
    ends = together(lambda: add(world), lambda: add(world, area="DELTAGANDE"))
    assert len(refusals(ends)) == 1, attempt
    row = only(plan(world))
    follow_up, stamp = world.office.follow_up, plan(world).stamp
    ends = together(
        lambda: follow_up.close(world.per, SPRING, "05", stamp=stamp),
        lambda: follow_up.close(world.per, SPRING, "05", stamp=stamp),
        lambda: follow_up.edit(world.anna, row.line_id, version=row.version, results="Fler kom"),
    )
    shown = plan(world)
    if shown.is_closed:
        assert (len(refusals(ends)), only(shown).results) == (2, "")
    else:
        assert (len(refusals(ends)), only(shown).results) == (2, "Fler kom")
    closings = [change for change in follow_up.history(world.per, row.line_id) if change.what is ChangeWhat.CLOSED]
    assert len(closings) == shown.is_closed
