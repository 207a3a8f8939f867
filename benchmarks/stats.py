"""The statistics at growing numbers of people: a year's report counted from the facts, the screens of today, and how the sums follow.

The report is made as of a past day, where nothing is kept, and is timed in turn with the same aggregates by one hand-written SQL each;
the figures of both are compared. Run: `python -m benchmarks.stats [--people 20000 200000 2000000] [--backend sqlite postgresql] [--json]`.
"""

import argparse
import json
from collections import Counter
from collections.abc import Callable
from datetime import date
from statistics import quantiles
from time import perf_counter
from typing import Any

from sqlalchemy import text

from benchmarks.lives import fill, now
from benchmarks.lives_sql import NOW
from benchmarks.people import ACTOR, office
from benchmarks.stats_by_hand import ByHand
from benchmarks.timing import paired
from kansli_tui.pathway.indicators import MEASURES
from kansli_tui.pathway.lead_times import LEAD_TIMES
from kansli_tui.rows.statistics import LeadPart, Part, StatsFilter
from kansli_tui.service.counting import Dimension, count_leads, count_people, count_rounds
from kansli_tui.service.office import Office
from kansli_tui.service.summaries import catch_up, rebuild

_REGIONS = ("05", "06", "08")
_YEAR = (date(2025, 1, 1), date(2025, 12, 31))
_PAST = StatsFilter(_REGIONS, _YEAR[1], *_YEAR)
_ALL = StatsFilter(_REGIONS, NOW.date())
_SCREENS = {
    "all": _ALL,
    "a year": StatsFilter(_REGIONS, NOW.date(), *_YEAR),
    "a quarter": StatsFilter(_REGIONS, NOW.date(), date(2026, 7, 1), date(2026, 9, 30)),
    "a region": StatsFilter(("06",), NOW.date()),
    "a birth year": StatsFilter(_REGIONS, NOW.date(), born=(1962,)),
    "a municipality": StatsFilter(("05",), NOW.date(), municipality="0580"),
}
_PEOPLE = (
    ("participated", Part.NUMERATOR),
    ("participated", Part.REST),
    ("psa_raised", Part.NUMERATOR),
    ("psa_20_100", Part.NUMERATOR),
    ("biopsied", Part.REST),
    ("isup_2_or_more", Part.NUMERATOR),
    ("treated_surgery", Part.NUMERATOR),
    ("window_open", Part.NUMERATOR),
    ("opted_out", Part.NUMERATOR),
    ("not_offered_held", Part.NUMERATOR),
    ("not_offered_not_planned", Part.NUMERATOR),
)
_LEADS = (
    ("offer_to_sample", LeadPart.DONE),
    ("sample_to_letter", LeadPart.LATE),
    ("mri_wait", LeadPart.WAITING),
    ("urology_wait", LeadPart.LATE),
    ("biopsy_answer", LeadPart.WAITING_OVER),
)
Figures = dict[str, dict[str, Any]]


def report(opened: Office, runs: int) -> Figures:
    """Each part of a yearly report against the same by hand: our milliseconds, theirs, and the ratio; the sum last."""
    engine = opened.context.sessions.engine
    hand = ByHand(postgres=engine.dialect.name == "postgresql", since=_YEAR[0], until=_YEAR[1], as_of=_PAST.as_of)
    statistics = opened.statistics

    def by_hand(*statements: str) -> Callable[[], list[Any]]:
        def ask() -> list[Any]:
            with engine.connect() as connection:
                return [connection.execute(text(statement.replace(":", "\\:"))).all() for statement in statements]

        return ask

    parts: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
        "indicators by region and birth year": (
            lambda: statistics.make(ACTOR, _PAST),
            by_hand(hand.indicators("region, born"), hand.coverage("region, born")),
        ),
        "by municipality": (
            lambda: statistics.breakdown(ACTOR, _PAST, Dimension.MUNICIPALITY),
            by_hand(hand.indicators("municipality"), hand.coverage("municipality, region, born")),
        ),
        "by age": (
            lambda: statistics.breakdown(ACTOR, _PAST, Dimension.AGE),
            by_hand(hand.indicators("age"), hand.coverage("region, born")),
        ),
        "by round": (
            lambda: statistics.breakdown(ACTOR, _PAST, Dimension.ROUND),
            by_hand(hand.indicators("later")),
        ),
        "lead times by region": (lambda: statistics.lead_times(ACTOR, _PAST), by_hand(hand.lead_times())),
        "lead times by unit": (lambda: statistics.lead_times(ACTOR, _PAST, by_unit=True), by_hand(hand.lead_times())),
    }
    _compare(opened, hand)
    found: Figures = {}
    for name, (ours, theirs) in parts.items():
        mine, bare = paired(ours, theirs, runs=runs)
        found[name] = {"ours_ms": mine * 1e3, "bare_ms": bare * 1e3, "ratio": mine / bare}
    mine, bare = (sum(part[key] for part in found.values()) for key in ("ours_ms", "bare_ms"))
    return {**found, "the whole report": {"ours_ms": mine, "bare_ms": bare, "ratio": mine / bare}}


def _compare(opened: Office, hand: ByHand) -> None:
    """Stop where the program's figures are not those of the hand-written statements."""
    today = opened.context.today
    with opened.context.sessions.read() as session:
        ours = count_rounds(session, _PAST, today, (Dimension.REGION, Dimension.BORN))
        theirs = {
            (row.region, str(row.born)): Counter({one.name: int(getattr(row, one.name)) for one in MEASURES})
            for row in session.execute(text(hand.indicators("region, born").replace(":", "\\:")))
        }
        assert ours == theirs, "rounds"
        people, by_hand = count_people(session, _PAST, today, (Dimension.REGION, Dimension.BORN)), Counter[Any]()
        for row in session.execute(text(hand.coverage("region, born").replace(":", "\\:"))):
            by_hand[row.region, str(row.born), "registered"] += row.people
            by_hand[row.region, str(row.born), "opted_out"] += int(row.opted_out)
            if row.status == "offered":
                by_hand[row.region, str(row.born), "offered" if row.period else "another_time"] += row.people
        for (region, born), counted in people.items():
            for name in ("registered", "opted_out", "offered", "another_time"):
                assert counted[name] == by_hand[region, born, name], (region, born, name)
        leads = Counter[Any]()
        for name, parts in count_leads(session, _PAST, today).items():
            for waiting, part in enumerate(parts):
                for (region, unit), days in part.items():
                    leads.update({(name, waiting, region, unit, took): number for took, number in days.items()})
        rows = session.execute(text(hand.lead_times().replace(":", "\\:")))
        by_hand = Counter({tuple(row[:5]): row[5] for row in rows})
        different = {key: (leads[key], by_hand[key]) for key in leads | by_hand if leads[key] != by_hand[key]}
        assert not different, f"lead times, ours and by hand: {list(different.items())[:10]}"
    assert len(leads) > len(LEAD_TIMES)


def screens(opened: Office, runs: int) -> Figures:
    """What the screens of today ask, each run anew: median and 95th percentile in milliseconds."""
    works: dict[str, Callable[[], object]] = {}
    for name, wanted in _SCREENS.items():
        works[f"indicators, {name}"] = lambda wanted=wanted: opened.statistics.make(ACTOR, wanted)  # type: ignore[misc]
        works[f"lead times, {name}"] = lambda wanted=wanted: opened.statistics.lead_times(ACTOR, wanted)  # type: ignore[misc]
    works["lead times by unit"] = lambda: opened.statistics.lead_times(ACTOR, _ALL, by_unit=True)
    for by in Dimension:
        works[f"flow by {by.value}"] = lambda by=by: opened.statistics.breakdown(ACTOR, _ALL, by)  # type: ignore[misc]
    for name, wanted in (
        ("", _ALL),
        (", a municipality", _SCREENS["a municipality"]),
        (", a year", _SCREENS["a year"]),
    ):
        works |= {
            f"people of {indicator} {part.value}{name}": lambda i=indicator, p=part, w=wanted: (  # type: ignore[misc]
                opened.stats_people.of_indicator(ACTOR, w, i, p)
            )
            for indicator, part in _PEOPLE
        }
        works |= {
            f"people of {lead} {part.value}{name}": lambda i=lead, p=part, w=wanted: (  # type: ignore[misc]
                opened.stats_people.of_lead(ACTOR, w, i, p)
            )
            for lead, part in _LEADS
        }
    works["availability"] = lambda: opened.availability.report(ACTOR, _REGIONS, NOW.date())
    works["the office today"] = lambda: opened.overview.make(ACTOR)
    works["headlines"] = lambda: opened.overview.headlines(ACTOR)
    works["register care"] = lambda: opened.register_care.board(ACTOR)
    found: Figures = {}
    for name, work in works.items():
        first = _timed(work)
        times = sorted(_timed(work) for _ in range(runs))
        p95 = quantiles(times, n=20, method="inclusive")[-1]
        found[name] = {"p50_ms": times[len(times) // 2] * 1e3, "p95_ms": p95 * 1e3, "first_ms": first * 1e3}
    return found


def following(opened: Office) -> Figures:
    """How long it takes to count changed people anew, and what the marks of the changes cost whoever writes."""
    engine = opened.context.sessions.engine
    found: Figures = {}
    for people in (1, 200, 2000):
        _touch(opened, people, "psa_answer", "comment = comment")
        counted: list[int] = []
        took = _timed(lambda counted=counted: counted.append(catch_up(opened.context)))  # type: ignore[misc]
        found[f"catch up after {people}"] = {"ms": took * 1e3, "people": counted[0]}
    postgres = engine.dialect.name == "postgresql"
    with engine.begin() as connection:
        triggers = (
            []
            if postgres
            else connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
        )
    with_marks = _timed(lambda: _touch(opened, 20_000, "psa_answer", "comment = 'x'"))
    with engine.begin() as connection:
        if postgres:
            connection.execute(text("ALTER TABLE psa_answer DISABLE TRIGGER stats_psa_answer"))
        for name, _sql in triggers:
            connection.execute(text(f"DROP TRIGGER {name}"))
    without = _timed(lambda: _touch(opened, 20_000, "psa_answer", "comment = 'y'"))
    with engine.begin() as connection:
        if postgres:
            connection.execute(text("ALTER TABLE psa_answer ENABLE TRIGGER stats_psa_answer"))
        for _name, statement in triggers:
            connection.execute(text(statement))
    found["marks of 20,000 people's answers, in one statement"] = {
        "with_ms": with_marks * 1e3,
        "without_ms": without * 1e3,
    }
    return found


def _touch(opened: Office, people: int, table: str, change: str) -> None:
    """Write to the rows of so many people."""
    with opened.context.sessions.engine.begin() as connection:
        some = f"SELECT DISTINCT person_id FROM {table} WHERE person_id > 1000 ORDER BY person_id LIMIT {people}"
        connection.execute(
            text(f"UPDATE {table} SET {change} WHERE person_id IN (SELECT person_id FROM ({some}) AS touched)")
        )


def _timed(work: Callable[[], object]) -> float:
    begun = perf_counter()
    work()
    return perf_counter() - begun


def measure(opened: Office, people: int, runs: int) -> dict[str, Figures]:
    """Everything at one size; the database is filled first."""
    facts: list[int] = []
    filled = _timed(lambda: facts.append(fill(opened, people)))
    rebuilt = _timed(lambda: rebuild(opened.context))
    with opened.context.sessions.engine.begin() as connection:
        connection.execute(text("ANALYZE"))
    made: Figures = {"data": {"facts": facts[0], "filled_s": filled, "all sums made_s": rebuilt}}
    return {
        "made": made,
        "screens": screens(opened, runs),
        "following": following(opened),
        "report": report(opened, max(3, runs // 3)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, nargs="+", default=[20_000, 200_000, 2_000_000])
    parser.add_argument("--backend", nargs="+", default=["sqlite", "postgresql"])
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    everything: dict[str, dict[int, dict[str, Figures]]] = {}
    for backend in options.backend:
        for people in options.people:
            with office(backend, people, filled=False, clock=now) as opened:
                everything.setdefault(backend, {})[people] = measure(opened, people, options.runs)
            if not options.json:
                _print(backend, people, everything[backend][people])
    if options.json:
        print(json.dumps(everything, indent=2))


def _print(backend: str, people: int, found: dict[str, Figures]) -> None:
    for part, figures in found.items():
        for name, values in figures.items():
            shown = "  ".join(f"{key} {value:,.1f}" for key, value in values.items())
            print(f"{backend:<11}{people:>10,}  {part:<10}{name:<52}{shown}", flush=True)


if __name__ == "__main__":
    main()
