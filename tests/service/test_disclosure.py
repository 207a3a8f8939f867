"""Nothing that leaves the office can be reckoned back to fewer than five people: somebody outside tries, and fails."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from kansli_tui.pathway.indicators import percent
from kansli_tui.rows.statistics import Breakdown, StatsFilter, StatsGroup, StatsRow
from kansli_tui.service.disclosure import disclosable_breakdown, suppressed
from kansli_tui.service.disclosure_places import places_that_leave
from tests.service.attack import Equation, bounds, largest, reckoned, without_known

REGIONS, YEARS = ("05", "06"), ("1973", "1974")
Table = dict[tuple[str, str], Counter[str]]
"""Of each region and year how many have each fact; a fact is the name of a figure below."""

# What an outsider knows of how the figures add up, as they would write it down; '-' begins what is never shown.
SUMS = {
    "offered": [("decided", "window_open"), ("next_due", "-not due")],
    "decided": [("sampled", "-did not come")],
    "sampled": [("unanalysable", "with_value"), ("isup_2 of sampled", "-sampled otherwise"), ("raised", "-not raised")],
    "with_value": [("psa_0_1", "psa_1_2", "psa_2_3", "raised")],
    "raised": [
        ("psa_3_10", "psa_10_20", "psa_20_100", "psa_100_"),
        ("mri_done", "-no mri"),
        ("indicated of raised", "-not indicated"),
        ("biopsied of raised", "-not biopsied"),
    ],
    "mri_done": [("pirads_1", "pirads_2", "pirads_3", "pirads_4", "pirads_5", "-no score")],
    "indicated": [("biopsied of indicated", "-no biopsy"), ("indicated of raised", "-indicated otherwise")],
    "biopsied": [("cancer", "-benign"), ("biopsied of indicated", "-not after indication")],
    "cancer": [("isup_1", "isup_2"), ("treated", "-untreated")],
    "isup_2": [("isup_2 of sampled", "-isup_2 otherwise")],
    "treated": [("surgery", "radiotherapy", "surveillance", "other")],
    "next_due": [("in time", "-late")],
}
# Name of the indicator → what its numerator and its denominator are above.
FIGURES = {
    "rounds": ("offered", "offered"),
    "participated": ("sampled", "decided"),
    "window_open": ("window_open", "offered"),
    "psa_unanalysable": ("unanalysable", "sampled"),
    **{
        name: (name, "with_value")
        for name in ("psa_0_1", "psa_1_2", "psa_2_3", "psa_3_10", "psa_10_20", "psa_20_100", "psa_100_")
    },
    "psa_raised": ("raised", "sampled"),
    "mri_done": ("mri_done", "raised"),
    **{f"pirads_{score}": (f"pirads_{score}", "mri_done") for score in range(1, 6)},
    "biopsy_indicated": ("indicated of raised", "raised"),
    "biopsied": ("biopsied of indicated", "indicated"),
    "biopsied_of_raised": ("biopsied of raised", "raised"),
    "isup_2_or_more": ("isup_2", "biopsied"),
    "isup_1": ("isup_1", "biopsied"),
    "isup_2_or_more_of_sampled": ("isup_2 of sampled", "sampled"),
    "cancer": ("cancer", "biopsied"),
    "treated": ("treated", "cancer"),
    "treated_surgery": ("surgery", "cancer"),
    "treated_radiotherapy": ("radiotherapy", "cancer"),
    "treated_surveillance": ("surveillance", "cancer"),
    "treated_other": ("other", "cancer"),
    "reoffered_in_time": ("in time", "next_due"),
}


def a_life(dice: random.Random) -> Iterator[str]:
    """The facts of one round."""
    yield "offered"
    if dice.random() < 0.3:
        yield "next_due"
        if dice.random() < 0.7:
            yield "in time"
    if dice.random() < 0.1:
        yield "window_open"
        return
    yield "decided"
    if dice.random() < 0.4:
        return
    yield "sampled"
    if dice.random() < 0.05:
        yield "unanalysable"
        return
    yield "with_value"
    value = dice.choices(
        ("psa_0_1", "psa_1_2", "psa_2_3", "psa_3_10", "psa_10_20", "psa_20_100", "psa_100_"), (30, 30, 15, 40, 10, 5, 3)
    )[0]
    yield value
    if value in ("psa_0_1", "psa_1_2", "psa_2_3"):
        return
    yield "raised"
    if dice.random() < 0.8:
        yield "mri_done"
        if dice.random() < 0.95:
            yield f"pirads_{dice.randint(1, 5)}"
    if dice.random() < 0.5:
        yield from ("indicated", "indicated of raised")
        if dice.random() < 0.7:
            yield from ("biopsied", "biopsied of indicated", "biopsied of raised")
            grade = dice.random()
            if grade < 0.6:
                yield "cancer"
                yield from ("isup_1",) if grade < 0.3 else ("isup_2", "isup_2 of sampled")
                if dice.random() < 0.8:
                    yield "treated"
                    yield dice.choice(("surgery", "radiotherapy", "surveillance", "other"))


def a_table(seed: int, people: int, leaves: Iterable[tuple[str, str]]) -> Table:
    dice = random.Random(seed)
    table: Table = {leaf: Counter() for leaf in leaves}
    places = list(table)
    for _person in range(people):
        table[dice.choice(places)].update(a_life(dice))
    return table


def summed(table: Table) -> Table:
    whole: Table = defaultdict(Counter)
    for (region, born), counted in table.items():
        for group in product(("all", region), ("all", born)):
            whole[group].update(counted)
    return dict(whole)


def rows_of(whole: Table, figures: Iterable[str]) -> list[StatsRow]:
    return [
        StatsRow(
            name,
            region,
            born,
            counted[FIGURES[name][0]],
            counted[FIGURES[name][1]],
            percent(*(counted[fact] for fact in FIGURES[name])),
        )
        for (region, born), counted in sorted(whole.items())
        for name in figures
    ]


def equations(groups: Mapping[tuple[str, str], object], shown: set[str]) -> Iterator[Equation]:
    """All that adds up: facts in every group, and every fact over the groups. Only of facts that any figure speaks of."""
    facts = set()
    for whole, ways in SUMS.items():
        for parts in ways:
            if whole in shown and any(part in shown for part in parts):
                facts |= {whole, *parts}
                for group in groups:
                    yield {(whole, group): 1, **{(part, group): -1 for part in parts}}, 0
    regions = sorted({region for region, _born in groups} - {"all"})
    years = sorted({born for _region, born in groups} - {"all"})
    for fact in sorted(facts | shown):
        for born in ("all", *years):
            yield {(fact, ("all", born)): 1, **{(fact, (region, born)): -1 for region in regions}}, 0
        for region in ("all", *regions):
            yield {(fact, (region, "all")): 1, **{(fact, (region, born)): -1 for born in years}}, 0


def truth(whole: Table) -> dict[object, int]:
    """Every count, also what is never shown."""
    values: dict[object, int] = {}
    for group, counted in whole.items():
        for fact in {fact for pair in FIGURES.values() for fact in pair}:
            values[fact, group] = counted[fact]
        for fact, ways in SUMS.items():
            for parts in ways:
                for part in parts:
                    if part.startswith("-"):
                        values[part, group] = counted[fact] - sum(counted[one] for one in parts if one != part)
    return values


def attacked(seed: int, people: int, figures: list[str], *, exactly: bool) -> int:
    """Publish a random table, attack it; how many figures stay shown."""
    whole = summed(a_table(seed, people, product(REGIONS, YEARS)))
    out = suppressed(rows_of(whole, figures))
    known = {}
    for row in out:
        assert (row.numerator is None) is (row.denominator is None) is row.suppressed
        if row.numerator is not None and row.denominator is not None:
            for fact, number in zip(FIGURES[row.indicator], (row.numerator, row.denominator), strict=True):
                assert whole[row.region, row.born][fact] == number
                known[fact, (row.region, row.born)] = number
        else:
            assert (row.percent, row.low, row.high) == (None, None, None)
    assert not any(0 < number < 5 for number in known.values())
    shown = {fact for name in figures for fact in FIGURES[name]}
    left = without_known(equations(whole, shown), known)
    values = truth(whole)
    found = reckoned(left)
    assert not [name for name in found if 0 < values[name] < 5], "reckoned by elimination"
    for row in out:
        cells = {(fact, (row.region, row.born)) for fact in FIGURES[row.indicator]}
        assert not row.suppressed or not cells <= (found | set(known)), "a hidden row can be filled in"
    reach = bounds(left)
    few = [name for name in reach if 0 < values[name] < 5]
    assert not [name for name in few if reach[name][1] < 5], "known to be few by going through the sums"
    if exactly:
        dice = random.Random(seed)
        for name in dice.sample(few, min(2, len(few))):
            most = largest(left, name)
            assert most is None or most >= 5, f"{name} is known to be few"
    return sum(not row.suppressed for row in out)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**9), st.sampled_from((3, 20, 60, 200, 800, 3000)))
def test_no_small_count_can_be_reckoned_from_everything_that_is_shown(seed: int, people: int) -> None:
    attacked(seed, people, list(FIGURES), exactly=False)


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 10**9), st.sampled_from((30, 120, 400)))
def test_not_even_all_equations_together_say_that_a_hidden_count_is_small(seed: int, people: int) -> None:
    some = ["psa_100_", "psa_20_100", "psa_10_20", "psa_3_10", "psa_raised"]
    attacked(seed, people, some, exactly=True)


def test_most_of_a_large_table_stays() -> None:
    figures = list(FIGURES)
    assert attacked(1, 20_000, figures, exactly=False) > 0.9 * 9 * len(figures)


def municipalities(counts: Mapping[str, int]) -> Breakdown:
    """Offers and samples of the municipalities of one region, as the office counts them: '' are protected or unknown."""
    groups = {"all": sum(counts.values()), **counts}
    return Breakdown(
        StatsFilter(("05",), date(2026, 1, 1)),
        "municipality",
        tuple(
            StatsGroup(name, (StatsRow("rounds", "all", "all", number, number, percent(number, number)),))
            for name, number in groups.items()
        ),
    )


def offers(made: Breakdown) -> dict[str, int | None]:
    return {group.name: group.rows[0].numerator for group in made.groups}


def test_protected_people_are_no_row_and_cannot_be_had_by_subtraction() -> None:
    made = municipalities({"": 9, "0580": 900, "0561": 40, "0562": 70})
    out = offers(disclosable_breakdown(made))
    assert "" not in out
    assert out == {"all": 1019, "0580": 900, "0561": None, "0562": 70}
    assert offers(disclosable_breakdown(municipalities({"0580": 900, "0561": 40}))) == {
        "all": 940,
        "0580": 900,
        "0561": 40,
    }


def test_a_reason_that_only_a_few_have_does_not_show_by_having_a_row() -> None:
    reasons = {"not_offered_closed:dead": 3, "not_offered_postponed": 40}
    rows = []
    for region, dead in (("all", 3), ("05", 3), ("06", 0)):
        whole = 1000 if region == "all" else 500
        postponed = 40 if region == "all" else 20
        rows += [
            StatsRow("offered", region, "all", whole - postponed - dead, whole, None),
            StatsRow("offered_of_eligible", region, "all", whole - postponed - dead, whole - dead, None),
            *(
                StatsRow(name, region, "all", number, whole, None)
                for name, number in zip(reasons, (dead, postponed), strict=True)
                if number
            ),
        ]
    out = suppressed(rows)
    shown = [row for row in out if row.indicator == "not_offered_closed:dead"]
    assert {row.region for row in shown} >= {"all", "05"}
    assert all(row.suppressed for row in shown)
    eligible = [row for row in out if row.indicator == "offered_of_eligible" and row.region in ("all", "05")]
    assert all(row.suppressed for row in eligible), "those who are gone are the rest of the register"


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(st.sampled_from(["", "0580", "0561", "0562", "0880", "0881"]), st.tuples(*[st.integers(0, 60)] * 3))
)
def test_no_place_of_few_and_nobody_protected_can_be_had_from_the_municipalities(
    places: dict[str, tuple[int, int, int]],
) -> None:
    """Somebody outside takes the rows that are shown from their region and from the total, figure by figure."""

    def rows(came: int, stayed: int, waits: int) -> tuple[StatsRow, ...]:
        over, offered = came + stayed, came + stayed + waits
        return (
            StatsRow("rounds", "all", "all", offered, offered, None),
            StatsRow("participated", "all", "all", came, over, None),
            StatsRow("window_open", "all", "all", waits, offered, None),
        )

    def together(names: Iterable[str]) -> tuple[int, int, int]:
        came, stayed, waits = (sum(places[name][place] for name in names) for place in range(3))
        return came, stayed, waits

    protected_in = "05"
    regions = {code: [name for name in places if (name or protected_in)[:2] == code] for code in ("05", "08")}
    made = Breakdown(
        StatsFilter(("05", "08"), date(2026, 1, 1)),
        "municipality",
        (*tuple(StatsGroup(name, rows(*places[name])) for name in places), StatsGroup("all", rows(*together(places)))),
    )
    out = places_that_leave(made, {code: rows(*together(names)) for code, names in regions.items()})
    shown = {group.name for group in out.groups if group.name != "all" and not group.rows[0].suppressed}
    assert "" not in shown
    for names in (list(places), *regions.values()):
        here = [name for name in names if name in shown]
        left = together([name for name in names if name not in shown])
        if here:
            assert not any(0 < number < 5 for number in (*left, left[0] + left[1], sum(left)))
            assert {name for name in names if name not in shown} != {""} or not sum(places[""])
    for name in shown:
        assert not any(0 < number < 5 for number in places[name])


def test_municipalities_do_not_add_up_to_a_region_whose_figure_is_hidden() -> None:
    made = municipalities({"0580": 60, "0561": 40})
    assert offers(places_that_leave(made, {}, {"all"})) == {"all": 100, "0580": 60, "0561": None}
    assert offers(places_that_leave(made, {})) == {"all": 100, "0580": 60, "0561": 40}
