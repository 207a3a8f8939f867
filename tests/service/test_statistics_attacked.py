"""What somebody tried against the statistics: a figure as of a day is the same however late it is made again."""

from datetime import timedelta

import pytest

from kansli_tui.errors import RefusedError
from kansli_tui.pathway.indicators import INDICATORS
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.steps import Queue
from kansli_tui.rows.statistics import LeadRow, Part, StatsFilter
from kansli_tui.rows.stats_report import ReportKind
from tests.sums import sums_agree
from tests.world import World


def leads(world: World, **more: object) -> dict[str, tuple[int | None, int | None]]:
    """Lead time → rounds where it has ended, rounds that wait."""
    wanted = StatsFilter(**{"regions": ("05", "06", "08"), "as_of": world.today, **more})  # type: ignore[arg-type]
    rows: tuple[LeadRow, ...] = world.office.statistics.lead_times(world.per, wanted)
    return {row.lead: (row.rounds, row.waiting) for row in rows if row.region == "all"}


def test_a_visit_that_is_told_late_was_not_known_before(world: World) -> None:
    """The examination was made before it was told of; as of the days between, the man still waited."""
    man = world.raised()
    world.refer(man)
    world.clock.advance(days=10)
    then = leads(world)
    as_of = world.today
    assert then["mri_wait"] == (0, 1)
    world.clock.advance(days=7)
    world.mri(man, (4,), examined=f"{as_of - timedelta(days=2):%Y%m%d}101500")
    assert leads(world)["mri_wait"] == (1, 0)
    assert leads(world, as_of=as_of) == then
    world.office.examinations.confirm_mri(
        world.anna,
        (row := world.office.examinations.mri_rows(world.anna)[0]).decision_id,
        version=row.version,
        pirads=4,
        volume_ml=row.volume_ml,
    )
    world.refer(man)
    world.clock.advance(days=10)
    then, as_of = leads(world), world.today
    assert then["urology_wait"] == (0, 1)
    world.clock.advance(days=5)
    world.outcome(man, "visit", as_of - timedelta(days=1))
    world.outcome(man, "biopsy", as_of - timedelta(days=1))
    assert leads(world)["urology_wait"] == (1, 0)
    assert leads(world, as_of=as_of) == then
    sums_agree(world)


def test_a_round_that_is_opened_again_had_ended_all_the_same(world: World) -> None:
    """A low answer was told, and corrected to a raised one weeks later: between, nobody waited for anything."""
    man = world.man()
    world.offer(man)
    world.clock.advance(days=5)
    world.answer(man, "0.5")
    world.confirm(Queue.NORMAL, man)
    world.post()
    world.clock.advance(days=10)
    then, as_of = leads(world), world.today
    assert [waiting for _rounds, waiting in then.values()] == [0] * len(then)
    world.clock.advance(days=10)
    world.answer(man, "4.5", status="C")
    assert leads(world, as_of=as_of) == then
    sums_agree(world)


@pytest.mark.parametrize("part", list(Part))
def test_behind_a_figure_are_as_many_as_it_says(world: World, part: Part) -> None:
    """One came, one did not, one still has time; every indicator of rounds opens just those whom it counts."""
    came, stayed = world.man(), world.man()
    world.offer(came, stayed)
    world.clock.advance(days=5)
    world.answer(came, "0.5")
    world.clock.advance(days=300)
    late = world.man()
    world.offer(late)
    wanted = StatsFilter(("05", "06", "08"), world.today)
    made = world.office.statistics.make(world.per, wanted)
    opened = {one.name for one in INDICATORS}
    for row in made.rows:
        if row.indicator in opened and (row.region, row.born) == ("all", "all"):
            counted, whole = row.numerator or 0, row.denominator or 0
            said = {Part.NUMERATOR: counted, Part.REST: whole - counted, Part.DENOMINATOR: whole}[part]
            found = world.office.stats_people.of_indicator(world.per, wanted, row.indicator, part)
            assert len(found) == said, row.indicator


def test_a_day_to_come_is_not_counted(world: World) -> None:
    with pytest.raises(RefusedError):
        world.office.statistics.make(world.per, StatsFilter(("05",), world.today + timedelta(days=1)))


def test_who_waits_for_a_letter_cannot_be_had_from_the_samples_less_the_letters(world: World) -> None:
    men = [world.man() for _ in range(24)]
    world.offer(*men)
    world.clock.advance(days=9)
    for man in men[:22]:
        world.answer(man, "0.6")
    for man in men[:19]:
        world.confirm(Queue.NORMAL, man)
    world.post(LetterType.PSA_LOW)
    wanted = StatsFilter(("05", "06", "08"), world.today)
    told = {"recipient": "Nämnden", "purpose": "prövning"}
    exact = world.office.stats_reports.report(world.per, wanted, ReportKind.SUMMARY, **told, exact=True)
    leaving = world.office.stats_reports.report(world.per, wanted, ReportKind.SUMMARY, **told)
    done = {(row.lead, row.region): row.rounds for row in exact.leads}
    assert done["sample_to_letter", "05"] == 19
    sampled = next(row for row in leaving.statistics.rows if (row.indicator, row.born) == ("participated", "all"))
    assert sampled.numerator in (None, 22)
    shown = {(row.lead, row.region): row.rounds for row in leaving.leads}
    for region in ("all", "05"):
        assert sampled.numerator is None or shown["sample_to_letter", region] is None
