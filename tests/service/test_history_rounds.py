"""Several earlier rounds of one person, and lines that cannot be: those are named, and the rest goes on."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import update

from db.models import (
    Round,
    Unit,
)
from kansli_tui.errors import NotAllowedError, RefusedError, UnreadableFileError
from kansli_tui.pathway.steps import Step
from kansli_tui.rows.offers import RoundKind
from kansli_tui.rows.office import Actor, OfficeFacts
from kansli_tui.service.office import Office
from tests.factories import a_number
from tests.service.history_help import (
    BIOPSIED,
    EXAMINED,
    MAN,
    OFFERED,
    RAISED,
    REFERRED,
    history_file,
    line,
    person,
    rows_of,
    sizes,
    take,
    taken,
)
from tests.world import World

DAY = date(2023, 2, 1)
LETTER = {"psa_letter_on": date(2023, 2, 6)}


def test_rounds_come_in_any_order_and_the_last_one_counts(world: World) -> None:
    first = line(**OFFERED)
    second = line(
        round="2",
        offered_on=date(2025, 1, 20),
        sampled_on=date(2025, 2, 1),
        psa_answered_on=date(2025, 2, 3),
        psa="1.5",
        psa_letter_on=date(2025, 2, 5),
    )
    third = line(round="3", offered_on=date(2026, 9, 1), psa_ordered_on=date(2026, 9, 1))
    taken(world, third, first, second)
    man = person(world)
    assert (man.step, man.round_number) == (Step.AWAITING_SAMPLE, 3)
    assert [(row.number, row.kind, row.result) for row in rows_of(world, Round)] == [
        (1, RoundKind.FIRST, "no_sample"),
        (2, RoundKind.AFTER_NO_SAMPLE, "answered"),
        (3, RoundKind.AFTER_INTERVAL, None),
    ]
    assert world.adds_up()


def test_who_came_back_has_a_later_round(world: World) -> None:
    taken(
        world,
        line(**OFFERED, closed_on=date(2023, 2, 1), closed_reason="opted_out"),
        line(round="2", offered_on=date(2026, 9, 1), psa_ordered_on=date(2026, 9, 1)),
    )
    assert (person(world).step, person(world).closed_reason) == (Step.AWAITING_SAMPLE, None)


LATER = {"round": "2", "offered_on": date(2025, 1, 20)}
PROBLEMS: list[tuple[str, tuple[str, ...], set[int], str]] = [
    ("overlap", (line(**RAISED), line(round="2", offered_on=date(2023, 2, 5))), {3, 2}, "begins before psa_letter_on"),
    ("owed care", (line(**RAISED), line(**LATER)), {2, 3}, "is not finished when round 2 begins"),
    (
        "the same round",
        (line(**OFFERED), line(**{**OFFERED, "answer": "accepted"})),
        {2, 3},
        "stands in the file twice",
    ),
    ("two regions", (line(**OFFERED), line(**{**LATER, "region": "06"})), {2, 3}, "region 06"),
    ("ahead", (line(**{**OFFERED, "sampled_on": date(2026, 9, 15)}),), {2}, "sampled_on lies ahead"),
    ("nothing", (line(),), {2}, "nothing that has happened"),
    ("a sample and no offer", (line(sampled_on=DAY),), {2}, "offered_on"),
    ("accepted and no offer", (line(preletter_on=DAY, answer="accepted"),), {2}, "offered_on"),
    (
        "a score without an examination",
        (line(**{**EXAMINED, "mri_outcome": "nondiagnostic"}, pirads="4"),),
        {2},
        "mri_outcome contradicts pirads",
    ),
    (
        "benign cancer",
        (
            line(
                **BIOPSIED,
                pathology_on=date(2023, 3, 17),
                isup="0",
                closed_on=date(2023, 3, 18),
                closed_reason="cancer_found",
            ),
        ),
        {2},
        "closed_reason contradicts isup",
    ),
    (
        "closed before the last fact",
        (line(**EXAMINED, pirads="2", closed_on=date(2023, 2, 21), closed_reason="dead"),),
        {2},
        "closed_on is before mri_answered_on",
    ),
    ("another number", (line(closed_on=DAY, closed_reason="number_replaced"),), {2}, "present number"),
    (
        "a round after death",
        (line(**OFFERED, closed_on=date(2023, 2, 1), closed_reason="dead"), line(**LATER)),
        {2, 3},
        "left for good in round 1",
    ),
    ("unreadable beside", (line(**OFFERED), line(**{**LATER, "offered_on": "20 jan"})), {2, 3}, "line 3"),
    ("reserve number", (line("AB1234567890", **OFFERED),), {2}, "birth date is not known"),
]


@pytest.mark.parametrize(
    ("lines", "numbers", "words"), [case[1:] for case in PROBLEMS], ids=[case[0] for case in PROBLEMS]
)
def test_what_cannot_be_is_named_and_the_rest_goes_on(
    world: World, lines: tuple[str, ...], numbers: set[int], words: str
) -> None:
    other = a_number(109)
    before = sizes(world)
    made = take(world, *lines)
    told = sum(region in "".join(lines) for region in (";05;", ";06;", ";08;"))
    assert {problem.line for problem in made.problems} == numbers
    assert any(words in problem.reason.format_map(problem.values) for problem in made.problems)
    assert all(problem.fix for problem in made.problems)
    assert not any(MAN in str(problem) for problem in made.problems)
    # What was not applied is remembered by a task for each region of the file, and by nothing else.
    after = sizes(world)
    assert after.pop("task") - before.pop("task") == told
    assert after == before
    made = take(world, *lines, line(other, **OFFERED))
    assert (made.applied, made.rows) == (1, len(lines) + 1)
    assert person(world, other).step is Step.NOT_DUE


def test_a_file_with_other_headings_is_refused_whole(world: World) -> None:
    with pytest.raises(UnreadableFileError):
        world.office.history.import_file(world.anna, b"pnr;region\n1;05\n", "x.csv")


def test_other_regions_are_refused_whole(world: World, jkp: Actor) -> None:
    before = sizes(world, log=True)
    with pytest.raises(NotAllowedError):
        world.office.history.import_file(jkp, history_file(line(**OFFERED)), "x.csv")
    assert sizes(world, log=True) == before


def test_a_region_without_a_unit_is_refused_before_anything_is_written(world: World) -> None:
    with world.context.sessions.begin() as session:
        session.execute(update(Unit).values(active=False))
    before = sizes(world, log=True)
    with pytest.raises(RefusedError):
        take(world, line(**REFERRED))
    assert sizes(world, log=True) == before
    taken(world, line(**RAISED))


def test_a_production_database_takes_no_test_numbers(world: World) -> None:
    facts = OfficeFacts("production", world.context.facts.database)
    world.office = Office(replace(world.context, facts=facts))
    made = take(world, line(a_number(239, "19900203"), **OFFERED), line(**OFFERED))
    assert [problem.line for problem in made.problems] == [2]
    assert made.applied == 1
