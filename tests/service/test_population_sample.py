"""The register samples: every odd row ends where it should, and none is lost."""

from datetime import date

import pytest

from kansli_tui.pathway.steps import ClosedReason, Step
from kansli_tui.rows.population import Protection
from kansli_tui.rows.register import ChangeKind
from kansli_tui.service.naming import MASKED_NAME
from tests.service.register_help import (
    CSV_SAMPLE,
    NAVET_SAMPLE,
    accept,
    blocks,
    compare,
    counts,
    numbers_of,
    only,
    people,
    person_of,
    register_tasks,
    rows,
    take_in,
)
from tests.world import World

ORDINARY, CONFIDENTIAL, PROTECTED = "197601012391", "197601022390", "197601032399"
OLD, NEW = "197601042398", "197601052397"
DEAD, EMIGRATED, TWO_ADDRESSES, UNKNOWN_CODE = "197601062396", "197601072395", "197601082394", "197601092393"


@pytest.fixture
def sample(world: World) -> World:
    take_in(world, raw=CSV_SAMPLE)
    return world


def test_every_row_of_the_sample_is_accounted_for(world: World) -> None:
    made = compare(world, raw=CSV_SAMPLE)
    assert counts(made) == {"new": 7, "changed": 1, "problem": 1}
    assert made.needs_person
    assert sorted(row.line for row in rows(world, made)) == list(range(2, 11))
    assert people(world) == [], "nothing changes before it is accepted"
    accept(world, made)
    assert len(people(world)) == 7
    assert world.adds_up()


def test_an_ordinary_man_waits_for_the_year_of_his_first_offer(sample: World) -> None:
    person = person_of(sample, ORDINARY)
    assert (person.region, person.municipality, person.step) == ("05", "0580", Step.NOT_DUE)
    assert (person.next_on, person.birth_date, person.birth_date_known) == (date(2026, 1, 1), date(1976, 1, 1), True)
    assert (person.given_names, person.preferred_mark, person.family_name) == ("Karl Åke", "20", "Sjöberg")
    assert person.name_key == "sjöberg karl åke"
    assert person.address == {"adr2": "Storgatan 1 lgh 1101", "postnr": "58222", "ort": "LINKÖPING"}
    assert person.registered_since == "2013-02-25"


def test_both_protections_are_masked_in_the_review_and_kept(world: World) -> None:
    made = compare(world, raw=CSV_SAMPLE)
    for row in rows(world, made):
        if row.number in ("19760102-2390", "19760103-2399"):
            assert row.name == MASKED_NAME
            assert not any(word in row.what for word in ("Test", "Dold", "Box", "Jönköping", "Kalmar"))
    accept(world, made)
    assert person_of(world, CONFIDENTIAL).protection is Protection.CONFIDENTIALITY
    protected = person_of(world, PROTECTED)
    assert protected.protection is Protection.PROTECTED_REGISTRATION
    assert set(protected.address) == {"sp_adr1", "sp_adr2", "sp_postnr", "sp_ort"}


def test_the_old_number_makes_no_second_person(sample: World) -> None:
    person = person_of(sample, NEW)
    assert person_of(sample, OLD).id == person.id
    assert person.number == NEW
    assert numbers_of(sample, person.id) == {OLD, NEW}
    assert sample.office.cases.find(sample.anna, OLD) == person.id


def test_a_dead_man_comes_in_closed_with_his_partial_date(sample: World) -> None:
    person = person_of(sample, DEAD)
    assert (person.step, person.closed_reason, person.deregistered_on) == (
        Step.CLOSED,
        ClosedReason.DEAD,
        "2026-00-00",
    )
    assert person.next_on is None


def test_an_emigrated_man_without_a_place_is_held_and_nothing_is_sent(world: World) -> None:
    made = compare(world, raw=CSV_SAMPLE)
    row = only(world, made, ChangeKind.PROBLEM)
    assert (row.number, row.region) == ("19760107-2395", "00")
    assert "does not say where" in row.message
    accept(world, made)
    assert all(person.number != EMIGRATED for person in people(world))


def test_the_special_address_is_kept_beside_the_registered_one(sample: World) -> None:
    address = person_of(sample, TWO_ADDRESSES).address
    assert (address["co"], address["sp_ort"]) == ("c/o Testperson", "JÖNKÖPING")


def test_an_unknown_code_holds_the_man_until_somebody_has_looked(sample: World) -> None:
    person = person_of(sample, UNKNOWN_CODE)
    assert (person.step, person.blocked) == (Step.NOT_DUE, True)
    assert blocks(sample, person.id) == ["register:ZZ"]
    assert len(register_tasks(sample, person.id)) == 1


def test_the_same_file_again_changes_nothing(sample: World) -> None:
    before = [(person.id, person.version_id, person.step) for person in people(sample)]
    made = take_in(sample, raw=CSV_SAMPLE)
    assert counts(made) == {"unchanged": 8, "problem": 1}
    assert [(person.id, person.version_id, person.step) for person in people(sample)] == before
    assert sample.adds_up()


def test_notifications_about_people_we_have(sample: World) -> None:
    made = compare(sample, raw=NAVET_SAMPLE)
    assert made.format == "navet"
    assert counts(made) == {"unchanged": 3, "changed": 1}
    accept(sample, made)
    person = person_of(sample, NEW)
    assert (person.given_names, person.family_name, person.number) == ("Per", "Nytt-Nummer", NEW)
    assert person_of(sample, PROTECTED).protection is Protection.PROTECTED_REGISTRATION


def test_a_notification_of_a_new_number_keeps_the_person(world: World) -> None:
    person_id = world.man(number=OLD, family_name="Gammal")
    made = compare(world, raw=NAVET_SAMPLE)
    assert counts(made) == {"changed": 1, "problem": 3}
    assert {row.message for row in rows(world, made, ChangeKind.PROBLEM)} == {
        "The person is not in our register and the record is not a whole one: nothing is done with it."
    }
    accept(world, made)
    person = world.person(person_id)
    assert (person.number, person.birth_date) == (NEW, date(1976, 1, 5))
    assert numbers_of(world, person_id) == {OLD, NEW}
    assert len(people(world)) == 1
    assert register_tasks(world) == [], "records of people who are not ours ask for nobody"
