"""Lead times, waiting lists and plans that leave: few people can be reckoned from none of them."""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from kansli_tui.pathway.follow_up import PLAN_MEASURES, Result, Status
from kansli_tui.pathway.lead_times import LEAD_TIMES
from kansli_tui.pathway.small_counts import Cell
from kansli_tui.rows.availability import AvailabilityReport, WaitingPoint, WaitingRow
from kansli_tui.rows.statistics import LeadRow
from kansli_tui.service.disclosure_beside import (
    disclosable_availability,
    disclosable_follow_up,
    disclosable_leads,
    result_that_leaves,
)
from tests.reports.stats_factory import plan
from tests.service.attack import Equation, bounds, reckoned, without_known

REGIONS = ("05", "06", "08")
_URGENT = next(lead for lead in LEAD_TIMES if lead.name == "urology_wait")
Values = dict[tuple[str, str], int]


def lead_row(region: str, unit_id: int, done: int, within: int, waiting: int, over: int) -> LeadRow:
    """A row with whatever days: they stand on the counts."""
    unit = f"enhet {unit_id}" if unit_id else ""
    share = Decimal(1)
    return LeadRow(
        "urology_wait", region, unit, unit_id, done, 1.0, 2.0, 3.0, _URGENT.target, within, share, waiting, over, 9
    )


def place(row: LeadRow) -> str:
    return f"{row.region}/{row.unit_id}" if row.unit_id else row.region


def told(row: LeadRow) -> dict[tuple[str, str], int | None]:
    counts = {"done": row.rounds, "within": row.within, "waiting": row.waiting, "over": row.waiting_over}
    return {(name, place(row)): value for name, value in counts.items()}


def attacked(truth: Values, known: Values, equations: Iterable[Equation]) -> None:
    """Fails when a count of one to four is shown, reckoned, or known to be below five."""
    assert not any(0 < value < 5 for value in known.values())
    left = without_known(equations, known)
    few = {name for name, value in truth.items() if 0 < value < 5}
    assert not reckoned(left) & few
    reach = bounds(left)
    assert not [name for name in few & set(reach) if reach[name][1] < 5]


def with_rests(equations: Sequence[Equation], truth: Values) -> None:
    """Fill in what is never shown: it is the last of its equation."""
    for terms, _right in equations:
        last = list(terms)[-1]
        if last not in truth:
            truth[last] = sum(factor * truth[name] for name, factor in terms.items() if name != last)  # type: ignore[index]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**9), st.sampled_from((2, 8, 40)))
def test_lead_times_by_region_and_unit_give_no_few_away(seed: int, most: int) -> None:
    dice = random.Random(seed)
    units = []
    for region in REGIONS:
        for number in range(1, 1 + dice.randint(1, 3)):
            done, waiting = dice.randint(0, most), dice.randint(0, most)
            units.append((region, number, done, dice.randint(0, done), waiting, dice.randint(0, waiting)))

    def summed(rows: list[tuple[str, int, int, int, int, int]], region: str) -> LeadRow:
        done, within, waiting, over = (sum(row[column] for row in rows) for column in range(2, 6))
        return lead_row(region, 0, done, within, waiting, over)

    total = summed(units, "all")
    leads = (total, *(summed([unit for unit in units if unit[0] == region], region) for region in REGIONS))
    by_unit = (total, *(lead_row(*unit) for unit in units))
    out, out_by_unit = disclosable_leads(leads, by_unit, set())
    truth = {name: value or 0 for row in (*leads, *by_unit) for name, value in told(row).items()}
    known = {name: value for row in (*out, *out_by_unit) for name, value in told(row).items() if value is not None}
    equations: list[Equation] = []
    for group in dict.fromkeys(map(place, (*leads, *by_unit))):
        equations.append(({("done", group): 1, ("within", group): -1, ("late", group): -1}, 0))
        equations.append(({("waiting", group): 1, ("over", group): -1, ("in time", group): -1}, 0))
    with_rests(equations, truth)
    for fact in ("done", "within", "waiting", "over", "late", "in time"):
        equations.append(({(fact, "all"): 1, **{(fact, region): -1 for region in REGIONS}}, 0))
        for region in REGIONS:
            parts = {(fact, f"{unit[0]}/{unit[1]}"): -1 for unit in units if unit[0] == region}
            equations.append(({(fact, region): 1, **parts}, 0))
    attacked(truth, known, equations)
    for row in (*out, *out_by_unit):
        assert row.rounds is not None or (row.median, row.first_quartile, row.within, row.percent) == (None,) * 4
        assert row.waiting is not None or (row.waiting_over, row.longest_waiting) == (None, None)


def test_a_lead_time_is_hidden_with_the_indicator_that_its_end_is_counted_by() -> None:
    leads = tuple(
        lead_row(region, 0, number, number - 10, 0, 0) for region, number in (("all", 60), ("05", 30), ("06", 30))
    )
    out, _none = disclosable_leads(leads, (), {Cell("indicated", "05/all"), Cell("indicated", "06/all")})
    assert [(row.region, row.rounds) for row in out] == [("all", 60), ("05", None), ("06", None)]
    assert disclosable_leads(leads, (), set())[0] == leads


CAUSES = ("", "capacity", "illness")


def waits(seed: int, most: int) -> Iterator[WaitingRow]:
    dice = random.Random(seed)
    rows = {region: [dice.randint(0, most) for _cause in CAUSES] for region in REGIONS}
    past = {region: dice.randint(0, sum(counts)) for region, counts in rows.items()}
    rows = {"all": [sum(column) for column in zip(*rows.values(), strict=True)], **rows}
    past["all"] = sum(past.values())
    for region, counts in rows.items():
        causes = {cause: count for cause, count in zip(CAUSES, counts, strict=True) if count}
        yield WaitingRow(
            "urology_visit", region, sum(counts), 14, past[region], None, None, 20, 1000, Decimal(1), causes
        )


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**9), st.sampled_from((2, 8, 40)))
def test_waiting_lists_with_their_causes_give_no_few_away(seed: int, most: int) -> None:
    rows = tuple(waits(seed, most))
    day = date(2026, 1, 1)
    points = tuple(
        WaitingPoint(row.name, row.region, on, row.waiting, row.past, None, 1000, Decimal(1))
        for row in rows
        for on in (date(2025, 12, 31), day)
    )
    out = disclosable_availability(AvailabilityReport(day, REGIONS, rows, points))
    truth, known = {}, {}
    for row, left in zip(rows, out.rows, strict=True):
        for one, values in ((row, truth), (left, known)):
            counts = {"waiting": one.waiting, "past": one.past}
            counts |= {f"cause {cause}": one.causes.get(cause, 0) for cause in CAUSES}
            values |= {(name, one.region): value for name, value in counts.items() if value is not None}
        assert left.waiting is not None or (left.median_days, left.longest_days, left.per_10_000) == (None,) * 3
    equations: list[Equation] = [
        ({("waiting", region): 1, ("past", region): -1, ("in time", region): -1}, 0) for region in ("all", *REGIONS)
    ]
    with_rests(equations, truth)
    equations += [
        ({("waiting", region): 1, **{(f"cause {cause}", region): -1 for cause in CAUSES}}, 0)
        for region in ("all", *REGIONS)
    ]
    for fact in ("waiting", "past", "in time", *(f"cause {cause}" for cause in CAUSES)):
        equations.append(({(fact, "all"): 1, **{(fact, region): -1 for region in REGIONS}}, 0))
    attacked(truth, known, equations)
    today = {point.region: point.waiting for point in out.over_time if point.on == day}
    assert today == {row.region: row.waiting for row in out.rows}, "the day itself is hidden as it is in the list"


def test_a_result_of_a_plan_leaves_without_counts_and_never_of_few() -> None:
    share, days = PLAN_MEASURES["participated"], PLAN_MEASURES["urology_wait_median"]
    lost = PLAN_MEASURES["open_without_next_date"]
    for measure, result in (
        (share, Result(Decimal(98), 98, 100)),
        (share, Result(Decimal(2), 2, 100)),
        (share, Result(Decimal("47.4"), 9, 19)),
        (share, Result(None, 0, 0)),
        (days, Result(Decimal(12), None, 19)),
        (lost, Result(Decimal(4))),
    ):
        assert result_that_leaves(measure, result) is None, result
    assert result_that_leaves(share, Result(Decimal("42.9"), 9, 21, waiting=3, late=1)) == Result(Decimal(43))
    assert result_that_leaves(share, Result(Decimal("49.5"), 9945, 20100)) == Result(Decimal(49)), "rounded once"
    assert result_that_leaves(share, Result(Decimal(100), 30, 30)) == Result(Decimal(100))
    assert result_that_leaves(days, Result(Decimal("12.5"), None, 20)) == Result(Decimal(13))
    assert result_that_leaves(lost, Result(Decimal(0))) == Result(Decimal(0))
    assert result_that_leaves(lost, Result(Decimal(5))) == Result(Decimal(5))


def test_a_line_that_is_hidden_has_no_colour_but_its_words() -> None:
    quarter = plan()
    green, early, by_hand, few, nothing = disclosable_follow_up(quarter).rows
    assert (green.result, green.status, green.hidden) == (Result(Decimal(96)), Status.GREEN, False)
    assert (early.result, early.hidden) == (Result(Decimal(90)), False)
    assert by_hand.status is Status.YELLOW
    assert (few.result, few.status, few.hidden) == (None, Status.NO_RESULT, True)
    assert (nothing.result, nothing.hidden) == (None, False)
    few_by_hand = replace(quarter.rows[2], result=Result(Decimal(75), 3, 4))
    line = disclosable_follow_up(replace(quarter, rows=(few_by_hand,))).rows[0]
    assert line.status is Status.NO_RESULT
    assert line.override is not None
    assert line.override.comment == "Två enheter saknar svar än."
    lost = replace(quarter.rows[0], measure=PLAN_MEASURES["open_without_next_date"], result=Result(Decimal(5)))
    assert disclosable_follow_up(replace(quarter, rows=(lost,)), hides_lost=True).rows[0].hidden
