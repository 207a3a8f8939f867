"""Whatever is asked for, the kept sums and the facts made for the question say the same."""

from datetime import date, timedelta

import pytest

from kansli_tui.rows.statistics import RoundsWanted, StatsFilter
from kansli_tui.service import counting
from kansli_tui.service.counting import Dimension
from tests.world import World


def test_sums_and_facts_say_the_same_of_any_period_and_place(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    began = world.today
    for number in range(9):
        man = world.man(municipality="0580" if number % 2 else "0581")
        world.offer(man)
        world.clock.advance(days=4)
        if number % 3:
            world.answer(man, ("0.7", "2.2", "3.1")[number % 3])
        world.clock.advance(days=7)
    middle, today = began + timedelta(days=37), world.today
    first = middle.replace(day=1)
    periods: list[tuple[date | None, date | None]] = [
        (None, None),
        (began, today),
        (first, None),
        (None, first - timedelta(days=1)),
        (middle, middle + timedelta(days=3)),
        (began + timedelta(days=2), middle),
        (middle, today - timedelta(days=1)),
        (first - timedelta(days=3), first + timedelta(days=1)),
        (today, today + timedelta(days=40)),
        (first, middle),
    ]
    asked = [StatsFilter(("05", "06"), today, since, until) for since, until in periods]
    asked += [
        StatsFilter(("05",), today, began, middle, municipality="0580"),
        StatsFilter(("05",), today, middle, rounds=RoundsWanted.LATER),
        StatsFilter(("05",), today, born=(today.year - 50,)),
        StatsFilter(("06",), today),
    ]

    if world.context.facts.database == "postgresql":
        # The conditions are put together in the same way: every other one is asked of the other database.
        asked = asked[1::2]

    def everything() -> list[object]:
        statistics = world.office.statistics
        return [
            (
                statistics.make(world.per, wanted),
                statistics.lead_times(world.per, wanted),
                statistics.lead_times(world.per, wanted, by_unit=True),
                [statistics.breakdown(world.per, wanted, by) for by in Dimension],
            )
            for wanted in asked
        ]

    kept = everything()
    monkeypatch.setattr(counting, "sums_hold", lambda *_anything: False)
    for wanted, sums, facts in zip(asked, kept, everything(), strict=True):
        assert sums == facts, wanted
    assert len({str(one) for one in kept}) > len(asked) / 2
