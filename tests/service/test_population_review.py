"""Comparing, stopping, reviewing, going stale, accepting once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from db.models import AuditRow, RegisterImportRow
from kansli_tui.errors import (
    ChangedBySomeoneElseError,
    NotAllowedError,
    NotFoundError,
    RefusedError,
    UnreadableFileError,
)
from kansli_tui.i18n import set_language
from kansli_tui.pathway.steps import ClosedReason, ExclusionReason, Step
from kansli_tui.rows.office import Actor, OfficeFacts
from kansli_tui.rows.population import Protection
from kansli_tui.rows.register import ChangeKind, ChangeSetRow, ImportState
from kansli_tui.service.naming import MASKED_NAME
from kansli_tui.service.office import Office
from kansli_tui.settings import Settings
from tests.factories import register_file
from tests.service.register_help import (
    accept,
    compare,
    counts,
    line,
    number,
    only,
    people,
    person_of,
    register_tasks,
    rows,
    take_in,
)
from tests.world import World


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    """Messages as they stand in the program."""
    set_language("en")
    yield
    set_language("sv")


MEN = [number(serial) for serial in range(1, 200, 2)]


def test_a_changed_man_says_which_fields_from_what_to_what(world: World) -> None:
    take_in(world, line(MEN[0], efternamn="Öberg", adr2="Vägen 1"))
    made = compare(world, line(MEN[0], efternamn="Nyberg", adr2="Gatan 2", mellannamn="Ek"))
    row = only(world, made, ChangeKind.CHANGED)
    assert row.name == "Öberg, Åke"
    assert "Family name: Öberg → Nyberg" in row.what
    assert "Middle name: – → Ek" in row.what
    assert "Address: Vägen 1, 58222, LINKÖPING → Gatan 2, 58222, LINKÖPING" in row.what
    before = person_of(world, MEN[0])
    accept(world, made)
    person = person_of(world, MEN[0])
    assert (person.family_name, person.middle_name, person.name_key) == ("Nyberg", "Ek", "nyberg åke")
    assert person.address["adr2"] == "Gatan 2"
    assert person.version_id == before.version_id + 1
    assert (person.step, person.next_on, person.since) == (before.step, before.next_on, before.since)
    assert "register.change" in world.audit(person.id)


def test_what_protected_people_change_is_not_shown(world: World) -> None:
    take_in(world, line(MEN[0], efternamn="Hemlig"), line(MEN[2], efternamn="Dold", sekretess="J"))
    made = compare(
        world,
        line(MEN[0], efternamn="Gömd", adr2="Grottan 1", sekretess="J"),
        line(MEN[2], efternamn="Öppen", adr2="Torget 1"),
    )
    for row in rows(world, made):
        assert row.name == MASKED_NAME
        assert not any(word in row.what for word in ("Hemlig", "Gömd", "Grottan", "Dold", "Öppen", "Torget", "Vägen"))
        assert "Family name: changed" in row.what


@pytest.mark.parametrize(
    ("values", "step", "closed", "excluded"),
    [
        ({"kon": "K"}, Step.EXCLUDED, None, ExclusionReason.NOT_IN_TARGET_GROUP),
        ({"kon": ""}, Step.NOT_DUE, None, None),
        ({"avreg": "AV", "avreg_datum": "2026-03-00"}, Step.CLOSED, ClosedReason.DEAD, None),
        ({"avreg": "UV", "avreg_datum": "2026-03-14"}, Step.CLOSED, ClosedReason.EMIGRATED, None),
        ({"avreg": "OB"}, Step.NOT_DUE, None, None),
    ],
)
def test_how_somebody_new_begins(
    world: World, values: dict[str, str], step: Step, closed: ClosedReason | None, excluded: ExclusionReason | None
) -> None:
    take_in(world, line(MEN[0], **values))
    person = person_of(world, MEN[0])
    assert (person.step, person.closed_reason, person.exclusion_reason) == (step, closed, excluded)
    assert (person.next_on is not None) == (step is Step.NOT_DUE)
    assert person.blocked == (values.get("avreg") == "OB")
    assert world.adds_up()


def test_where_the_register_says_nothing_of_sex_the_number_does(world: World) -> None:
    woman = number(2)
    take_in(world, line(woman, kon=""), line(number(4), kon="M"))
    assert person_of(world, woman).step is Step.EXCLUDED
    assert person_of(world, number(4)).step is Step.NOT_DUE, "the register's word rules over the number's digit"


@pytest.mark.parametrize(
    ("born", "step", "next_on"),
    [
        ("19520101", Step.NOT_DUE, date(2002, 1, 1)),
        ("19511231", Step.CLOSED, None),
        ("19761231", Step.NOT_DUE, date(2026, 1, 1)),
        ("19770101", Step.NOT_DUE, date(2027, 1, 1)),
    ],
)
def test_age_is_the_age_reached_in_the_calendar_year(world: World, born: str, step: Step, next_on: date | None) -> None:
    pnr = number(11, born)
    take_in(world, line(pnr))
    person = person_of(world, pnr)
    assert (person.step, person.next_on) == (step, next_on)
    assert (person.closed_reason is ClosedReason.AGE) == (step is Step.CLOSED)


@pytest.mark.parametrize(
    ("digits", "birth_date", "known"),
    [
        ("19760263", date(1976, 2, 3), True),
        ("19760060", date(1976, 1, 1), False),
        ("19760360", date(1976, 3, 1), False),
        ("19760071", date(1976, 1, 11), False),
        ("19760291", date(1976, 2, 1), False),
    ],
)
def test_samordningsnummer_with_unknown_or_impossible_days(
    world: World, digits: str, birth_date: date, known: bool
) -> None:
    pnr = number(11, digits)
    take_in(world, line(pnr))
    person = person_of(world, pnr)
    assert (person.birth_date, person.birth_date_known, person.step) == (birth_date, known, Step.NOT_DUE)


def test_not_resident_and_not_ours_is_held_and_asks_for_nobody(world: World) -> None:
    made = take_in(world, line(MEN[0], lan="01", kommun="80"))
    assert counts(made) == {"problem": 1}
    assert "Not resident" in only(world, made, ChangeKind.PROBLEM).message
    assert people(world) == []
    assert register_tasks(world) == []


def test_a_living_man_without_a_place_is_held_with_a_task(world: World) -> None:
    made = take_in(world, line(MEN[0], lan="", kommun=""))
    assert "where the person is registered" in only(world, made, ChangeKind.PROBLEM).message
    assert len(register_tasks(world)) == 1


def test_unreadable_lines_are_held_with_their_reason_and_raw_text(world: World) -> None:
    made = take_in(world, line(MEN[0]), line("197602031235"), "tre;celler;bara")
    assert counts(made) == {"new": 1, "problem": 2}
    assert [row.line for row in rows(world, made, ChangeKind.PROBLEM)] == [3, 4]
    assert register_tasks(world) == ["Lines of a register file are held: see the register review."]
    with world.context.sessions.read() as session:
        kept = session.scalars(
            select(RegisterImportRow).where(RegisterImportRow.kind == ChangeKind.PROBLEM).order_by(RegisterImportRow.id)
        ).all()
    assert kept[1].data["raw"] == "tre;celler;bara"


def test_a_repeated_line_is_one_person_and_no_task(world: World) -> None:
    made = take_in(world, line(MEN[0]), line(MEN[0]))
    assert counts(made) == {"new": 1, "problem": 1}
    assert len(people(world)) == 1
    assert register_tasks(world) == []


def test_a_postcode_that_cannot_be_used_asks_for_a_person(world: World) -> None:
    take_in(world, line(MEN[0], postnr="5822"))
    assert register_tasks(world, person_of(world, MEN[0]).id) == [
        "A postcode does not have five digits: letters cannot be addressed until it is corrected."
    ]
    again = compare(world, line(MEN[0], postnr="5822"))
    assert counts(again) == {"problem": 1}, "it is said again until it is corrected"


def test_test_numbers_are_held_in_a_production_database(world: World) -> None:
    production = replace(world.context, facts=OfficeFacts("production", "x"))
    office = Office(production)
    raw = register_file(line(number(239, "19900105")), line(number(241, "19900105")))
    made = office.population.compare(world.anna, raw, "fil.csv")
    assert counts(made) == {"new": 1, "problem": 1}
    (row,) = office.population.rows(world.anna, made.import_id, kind=ChangeKind.PROBLEM)
    assert "test number" in row.message


# Missing, and files that match badly


def test_ours_but_not_in_the_file(world: World) -> None:
    take_in(world, *(line(pnr) for pnr in MEN[:20]))
    made = compare(world, *(line(pnr) for pnr in MEN[2:20]))
    assert counts(made) == {"unchanged": 18, "missing": 2}
    assert {row.number.replace("-", "") for row in rows(world, made, ChangeKind.MISSING)} == set(MEN[:2])
    before = person_of(world, MEN[0])
    accept(world, made)
    assert person_of(world, MEN[0]).version_id == before.version_id, "nothing is changed"
    assert len(register_tasks(world, before.id)) == 1
    take_in(world, *(line(pnr) for pnr in MEN[2:20]))
    assert len(register_tasks(world, before.id)) == 1, "one open task is enough"


def test_other_birth_years_regions_and_those_who_have_left_are_not_expected(world: World) -> None:
    world.man(number=number(1, "19680101"))
    world.man(number=number(3, "19760101"), region="08", municipality="0880")
    world.man(number=number(5, "19760101"), step=Step.CLOSED, closed_reason=ClosedReason.DEAD, next_on=None)
    assert counts(compare(world, *(line(pnr) for pnr in MEN[:12]))) == {"new": 12}


def test_one_mistyped_year_does_not_make_a_whole_year_expected(world: World) -> None:
    for serial in range(1, 60, 2):
        world.man(number=number(serial, "19680101"))
    lines = [line(pnr) for pnr in MEN[:40]] + [line(number(99, "19680101"))]
    assert compare(world, *lines).state is ImportState.REVIEW


def test_a_file_that_matches_badly_stops_whole(world: World) -> None:
    take_in(world, *(line(pnr) for pnr in MEN[:20]))
    made = compare(world, *(line(pnr) for pnr in MEN[7:40]))
    assert made.state is ImportState.STOPPED
    assert made.stopped_reason is not None
    assert made.stopped_reason.startswith("Only 13 of 20 people")
    assert made.needs_person
    assert made.counts[ChangeKind.NEW] == 20
    assert rows(world, made) == (), "of what is probably the wrong file, only the counts are kept"
    with pytest.raises(RefusedError, match="Only 13 of 20"):
        accept(world, made)
    assert len(people(world)) == 20
    rejected = world.office.population.reject(world.anna, made.import_id, version=made.version, reason="fel fil")
    assert rejected.state is ImportState.REJECTED


def test_just_enough_matches_and_the_share_is_a_setting(world: World) -> None:
    take_in(world, *(line(pnr) for pnr in MEN[:20]))
    lines = [line(pnr) for pnr in MEN[6:20]]
    assert compare(world, *lines).state is ImportState.REVIEW
    strict = replace(world.context, settings=Settings.model_construct(lowest_match=0.9, match_from_rows=10))
    made = Office(strict).population.compare(world.anna, register_file(*lines), "fil.csv")
    assert made.state is ImportState.STOPPED


def test_a_small_file_is_one_of_single_people(world: World) -> None:
    take_in(world, *(line(pnr) for pnr in MEN[:20]))
    made = compare(world, line(MEN[0], efternamn="Nyberg"))
    assert counts(made) == {"changed": 1}


def test_a_file_of_changes_only_says_nothing_of_the_others(world: World) -> None:
    take_in(world, *(line(pnr) for pnr in MEN[:40]))
    lines = [line(pnr, efternamn="Nyberg") for pnr in MEN[:12]]
    assert compare(world, *lines).state is ImportState.STOPPED
    made = compare(world, *lines, changes_only=True)
    assert (made.state, counts(made)) == (ImportState.REVIEW, {"changed": 12})


def test_other_headings_through_the_settings(world: World) -> None:
    mapped = replace(world.context, settings=Settings.model_construct(population_columns={"pnr": "personnr"}))
    raw = register_file(line(MEN[0])).replace(b"pnr;", b"personnr;")
    assert counts(Office(mapped).population.compare(world.anna, raw, "fil.csv")) == {"new": 1}
    with pytest.raises(UnreadableFileError, match="pnr"):
        world.office.population.compare(world.anna, raw, "fil.csv")


# Once, and never on another register than the one reviewed


def test_an_accepted_file_is_never_applied_twice(world: World) -> None:
    made = take_in(world, line(MEN[0]))
    with pytest.raises(ChangedBySomeoneElseError, match="anna"):
        accept(world, made)
    assert len(people(world)) == 1
    with pytest.raises(ChangedBySomeoneElseError):
        world.office.population.reject(world.anna, made.import_id, version=2, reason="sent")


def test_two_reviews_of_one_file_and_the_second_is_stale(world: World) -> None:
    first, second = compare(world, line(MEN[0])), compare(world, line(MEN[0]))
    accept(world, first)
    assert [row.stale for row in world.office.population.list(world.anna)] == [True, False]
    with pytest.raises(ChangedBySomeoneElseError, match="Compare it again"):
        accept(world, second)
    again = world.office.population.compare_again(world.anna, second.import_id)
    assert (counts(again), again.stale, again.state) == ({"unchanged": 1}, False, ImportState.REVIEW)
    states = {row.import_id: row.state for row in world.office.population.list(world.anna)}
    assert states[second.import_id] is ImportState.REJECTED
    accept(world, again)
    assert len(people(world)) == 1


def test_compared_again_after_somebody_was_added(world: World) -> None:
    take_in(world, *(line(pnr) for pnr in MEN[:12]))
    lines = [line(MEN[1], avreg="AV"), *(line(pnr) for pnr in MEN[2:14]), "trasig"]
    made = compare(world, *lines)
    assert counts(made) == {"new": 2, "changed": 1, "problem": 1, "unchanged": 10, "missing": 1}
    added = world.man(number=MEN[12], family_name="Annan")
    with pytest.raises(ChangedBySomeoneElseError):
        accept(world, made)
    again = world.office.population.compare_again(world.anna, made.import_id)
    assert counts(again) == {"new": 1, "changed": 2, "problem": 1, "unchanged": 10, "missing": 1}
    accept(world, again)
    assert world.person(added).family_name == "Öberg"
    assert person_of(world, MEN[1]).closed_reason is ClosedReason.DEAD
    assert len(people(world)) == 14


def test_a_field_changed_since_stops_the_whole_acceptance(world: World) -> None:
    take_in(world, line(MEN[0]), line(MEN[1]))
    made = compare(world, line(MEN[0], efternamn="Nyberg"), line(MEN[1], avreg="AV"), line(MEN[2]))
    with world.context.sessions.begin() as session:
        session.get_one(type(person_of(world, MEN[0])), person_of(world, MEN[0]).id).family_name = "Annan"
    with pytest.raises(ChangedBySomeoneElseError, match="Compare it again"):
        accept(world, made)
    assert len(people(world)) == 2, "nothing of it is applied"
    assert person_of(world, MEN[1]).step is Step.NOT_DUE


@pytest.mark.parametrize("same", [True, False])
def test_two_who_accept_at_the_same_moment(world: World, same: bool) -> None:
    first = compare(world, *(line(pnr) for pnr in MEN))
    second = first if same else compare(world, *(line(pnr) for pnr in MEN))

    def press(made: ChangeSetRow) -> str:
        try:
            accept(world, made)
        except ChangedBySomeoneElseError:
            return "told"
        return "done"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(press, (first, second))) == ["done", "told"]
    assert len(people(world)) == len(MEN)
    assert world.adds_up()


def test_work_on_a_case_does_not_make_the_review_stale(world: World) -> None:
    take_in(world, line(MEN[0]))
    made = compare(world, line(MEN[0], avreg="AV"))
    world.offer(person_of(world, MEN[0]).id)
    accept(world, made)
    assert person_of(world, MEN[0]).closed_reason is ClosedReason.DEAD


def test_rejected_with_a_reason(world: World) -> None:
    made = compare(world, line(MEN[0]))
    with pytest.raises(RefusedError, match="why"):
        world.office.population.reject(world.anna, made.import_id, version=made.version, reason=" ")
    with pytest.raises(ChangedBySomeoneElseError):
        world.office.population.reject(world.anna, made.import_id, version=99, reason="fel fil")
    rejected = world.office.population.reject(world.anna, made.import_id, version=made.version, reason="fel fil")
    assert (rejected.state, rejected.decided_by) == (ImportState.REJECTED, "anna")
    with pytest.raises(ChangedBySomeoneElseError):
        accept(world, rejected)
    with pytest.raises(RefusedError):
        world.office.population.compare_again(world.anna, made.import_id)
    assert people(world) == []


def test_there_is_no_such_file(world: World) -> None:
    for act in (
        lambda: world.office.population.rows(world.anna, 7),
        lambda: world.office.population.accept(world.anna, 7, version=1),
        lambda: world.office.population.compare_again(world.anna, 7),
    ):
        with pytest.raises(NotFoundError):
            act()


def test_somebody_else_may_not_take_in_a_region(world: World, jkp: Actor) -> None:
    raw = register_file(line(MEN[0]))
    with pytest.raises(NotAllowedError, match="05"):
        world.office.population.compare(jkp, raw, "fil.csv")
    own = register_file(line(MEN[1], lan="06", kommun="80"))
    assert counts(world.office.population.compare(jkp, own, "fil.csv")) == {"new": 1}
    both = compare(world, line(MEN[0]), line(MEN[1], lan="06", kommun="80"), "trasig")
    seen = world.office.population.rows(jkp, both.import_id)
    assert [(row.region, row.kind) for row in seen] == [("00", ChangeKind.PROBLEM), ("06", ChangeKind.NEW)]
    with pytest.raises(NotAllowedError):
        world.office.population.accept(jkp, both.import_id, version=both.version)


def test_rows_come_in_pages_with_what_asks_most_first(world: World) -> None:
    take_in(world, *(line(pnr) for pnr in MEN[:10]))
    made = compare(
        world, *(line(pnr) for pnr in MEN[1:9]), line(MEN[9], efternamn="Ny"), line(MEN[11]), line(MEN[12]), "trasig"
    )
    seen: list[ChangeKind] = []
    after = 0
    while page := world.office.population.rows(world.anna, made.import_id, after=after, limit=2):
        assert len(page) <= 2
        seen += [row.kind for row in page]
        after = page[-1].row_id
    assert seen == [ChangeKind.PROBLEM, ChangeKind.MISSING, ChangeKind.CHANGED, ChangeKind.NEW, ChangeKind.NEW]


def test_everything_is_in_the_log(world: World) -> None:
    made = compare(world, line(MEN[0]))
    rows(world, made)
    accept(world, made)
    with world.context.sessions.read() as session:
        actions = list(session.scalars(select(AuditRow.action).order_by(AuditRow.id)))
    assert actions == ["register.compare", "register.rows", "register.add", "register.accept"]


def test_progress_is_told_to_its_end(world: World) -> None:
    told: list[tuple[int, int]] = []
    raw = register_file(*(line(pnr) for pnr in MEN))
    made = world.office.population.compare(
        world.anna, raw, "fil.csv", progress=lambda done, total: told.append((done, total))
    )
    assert told[-1] == (200, 200)
    assert [done for done, _ in told] == sorted({done for done, _ in told})
    told.clear()
    world.office.population.accept(
        world.anna, made.import_id, version=made.version, progress=lambda done, total: told.append((done, total))
    )
    assert told[-1] == (100, 100)


def test_a_file_of_two_thousand(world: World) -> None:
    lines = [
        line(number(serial, f"1976{month:02}{day:02}"))
        for month in (1, 2, 3, 4)
        for day in range(1, 26)
        for serial in range(101, 141, 2)
    ]
    assert counts(take_in(world, *lines)) == {"new": 2000}
    changed = [each.replace("Öberg", "Nyberg") for each in lines[:300]]
    dead = [each.replace(";N;N;;", ";N;N;AV;") for each in lines[300:350]]
    made = take_in(world, *changed, *dead, *lines[350:])
    assert counts(made) == {"changed": 350, "unchanged": 1650}
    everyone = people(world)
    assert len(everyone) == 2000
    assert sum(person.family_name == "Nyberg" for person in everyone) == 300
    assert sum(person.closed_reason is ClosedReason.DEAD for person in everyone) == 50
    assert all(person.protection is Protection.NONE for person in everyone)
    assert world.adds_up()
