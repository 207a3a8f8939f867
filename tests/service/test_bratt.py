"""A published funnel, whole: a history file of 68,060 invented men comes out with every count and every printed percentage.

Bratt 2024, men of 50 in three Swedish regions. On SQLite alone, for the time it takes; test_statistics asks a part of it of both.
"""

from decimal import Decimal

import pytest

from kansli_tui.pathway.indicators import percent
from kansli_tui.rows.statistics import Part, StatsFilter
from kansli_tui.service.counting import Dimension
from tests.service.history_help import taken
from tests.service.test_history_random import funnel_lines
from tests.world import World

pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)
EVERYWHERE = ("05", "06", "08")


def test_the_published_funnel_comes_out_whole(world: World) -> None:
    taken(world, *funnel_lines(68_060))
    wanted = StatsFilter(EVERYWHERE, world.today)
    made = world.office.statistics.make(world.per, wanted)
    shown = {
        row.indicator: (row.numerator or 0, row.denominator or 0)
        for row in made.rows
        if (row.region, row.born) == ("all", "all")
    }
    assert shown["offered"] == (68_060, 68_060)
    for name, counts, decimals, printed in (
        ("participated", (23_855, 68_060), 0, "35"),
        ("psa_raised", (696, 23_855), 1, "2.9"),
        ("mri_done", (696, 696), 0, "100"),
        ("biopsy_indicated", (306, 696), 0, "44"),
        ("biopsied_of_raised", (221, 696), 0, "32"),
        ("biopsied", (221, 306), 0, "72"),
        ("isup_2_or_more", (93, 221), 0, "42"),
        ("isup_2_or_more_of_sampled", (93, 23_855), 2, "0.39"),
        ("isup_1", (44, 221), 0, "20"),
    ):
        assert shown[name] == counts
        assert percent(*counts, decimals) == Decimal(printed)
    by_year = world.office.statistics.breakdown(world.per, wanted, Dimension.BORN)
    assert [group.name for group in by_year.groups] == ["all", "1973"]
    behind = world.office.stats_people.of_indicator(world.per, wanted, "isup_2_or_more", Part.NUMERATOR, limit=500)
    assert len({one.person_id for one in behind}) == 93
