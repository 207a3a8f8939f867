"""The export to the quality register: whole and right, checked first, without those who object, and counted in versions."""

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from db.models import MriAnswer, Person
from kansli_tui.errors import NotAllowedError, RefusedError
from kansli_tui.exchange.sweopt import COLUMNS, cells_of, findings
from kansli_tui.rows.office import Actor
from kansli_tui.rows.population import Protection
from kansli_tui.rows.quality_register import ExportVersion, LeftOut, MriResult, RegisterRound
from kansli_tui.rows.statistics import StatsFilter
from tests.factories import a_number
from tests.service.history_help import line, person, taken
from tests.service.test_history_random import funnel_lines
from tests.world import World

WHOLE = {
    "offered_on": "2025-01-07",
    "psa_ordered_on": "2025-01-07",
    "sampled_on": "2025-01-20",
    "psa_answered_on": "2025-01-22",
    "psa": "3,4",
    "psa_letter_on": "2025-01-24",
    "mri_referred_on": "2025-01-24",
    "mri_done_on": "2025-02-10",
    "mri_outcome": "done",
    "mri_answered_on": "2025-02-12",
    "pirads": "4",
    "volume_ml": "32",
    "mri_letter_on": "2025-02-13",
    "urology_referred_on": "2025-02-13",
    "urology_visit_on": "2025-02-20",
    "biopsied_on": "2025-02-20",
    "pathology_on": "2025-03-01",
    "isup": "2",
    "treatment": "surgery",
    "closed_on": "2025-03-02",
    "closed_reason": "cancer_found",
}
OTHER = a_number(103, "19700405")


def exported(
    world: World, region: str = "05", **more: Any
) -> tuple[ExportVersion, list[dict[str, str]], dict[str, Any]]:
    folder = world.folder / "register"
    made = world.office.quality_register.export(world.per, region, folder, recipient="registret", **more)
    data = (folder / made.file_name).read_bytes()
    about = json.loads((folder / made.file_name.replace(".csv", ".json")).read_text())
    assert about["sha256"] == made.sha256 == sha256(data).hexdigest()
    rows = list(csv.DictReader(StringIO(data.decode()), delimiter=";"))
    assert about["rows"] == made.rows == len(rows)
    return made, rows, about


def changed(world: World, table: Any, wanted: Any, **values: Any) -> None:
    with world.context.sessions.begin() as session:
        row = session.get_one(table, wanted)
        for name, value in values.items():
            setattr(row, name, value)


def test_a_whole_round_is_one_row_with_everything_in_it(world: World) -> None:
    taken(world, line(**WHOLE))
    made, (row,), about = exported(world)
    assert list(row) == list(COLUMNS) == list(about["columns"])
    said = {
        "pnr": person(world).number,
        "born": "1970",
        "region": "05",
        "round": "1",
        "psa": "3.4",
        "psa_comparator": "",
    }
    said |= {"mri_outcome": "done", "pirads": "4", "psa_density": "0.106", "isup": "2", "treatment": "surgery"}
    said |= {"sampled_on": "2025-01-20", "biopsy_indicated": "1", "unanalysable": "0", "closed_reason": "cancer_found"}
    assert {name: row[name] for name in said} == said
    assert Decimal(row["volume_ml"]) == 32
    assert (made.version, made.file_name, made.withdrawn) == (1, "sweopt-05-v0001.csv", 0)
    assert exported(world, since=date(2025, 1, 8))[1] == []


def test_the_file_counts_what_the_statistics_count(world: World) -> None:
    taken(world, *funnel_lines(400))
    for region in ("05", "06", "08"):
        made = world.office.statistics.make(world.per, StatsFilter((region,), world.today))
        shown = {row.indicator: row for row in made.rows if (row.region, row.born) == (region, "all")}
        version, rows, about = exported(world, region)
        assert version.version == 1
        assert len({(row["pnr"], row["round"]) for row in rows}) == len(rows) == shown["rounds"].numerator
        counted = about["counts"]
        assert counted["sampled"] == shown["participated"].numerator
        assert counted["psa_raised"] == shown["psa_raised"].numerator
        assert counted["mri_done"] == shown["mri_done"].numerator
        assert counted["biopsied"] == shown["isup_2_or_more"].denominator
        assert counted["isup_2_or_more"] == shown["isup_2_or_more"].numerator


def test_whoever_objects_is_left_out_with_everything_earlier_and_nobody_is_named(world: World) -> None:
    taken(world, line(**WHOLE), line(OTHER, **WHOLE))
    assert exported(world)[0].rows == 2
    world.clock.advance(days=3)
    changed(world, Person, person(world).id, register_objection_on=world.today)
    second, (row,), about = exported(world)
    assert (second.version, second.rows, second.withdrawn, row["pnr"]) == (2, 1, 1, OTHER)
    assert second.left_out == {LeftOut.OBJECTION: 1, LeftOut.PROTECTED: 0, LeftOut.BY_HAND: 0}
    assert about["withdrawn_since_version_before"] == 1
    assert person(world).number not in json.dumps(about)
    world.clock.advance(days=3)
    changed(
        world,
        Person,
        person(world, OTHER).id,
        protection=Protection.CONFIDENTIALITY,
    )
    third, rows, _about = exported(world)
    assert (third.rows, rows, third.withdrawn) == (0, [], 0)
    assert third.left_out == {LeftOut.OBJECTION: 1, LeftOut.PROTECTED: 1, LeftOut.BY_HAND: 0}
    versions = world.office.quality_register.versions(world.anna, "05")
    assert [(one.version, one.rows) for one in versions] == [(3, 0), (2, 1), (1, 2)]
    assert world.office.quality_register.versions(world.anna, "06") == ()


def test_one_fault_stops_the_whole_export_until_it_is_corrected_or_left_out_by_hand(world: World) -> None:
    taken(world, line(**WHOLE), line(OTHER, **WHOLE))
    with world.context.sessions.begin() as session:
        session.query(MriAnswer).filter(MriAnswer.person_id == person(world).id).update({"volume_ml": Decimal(3000)})
    register = world.office.quality_register
    checked = register.check(world.anna, "05")
    (found,) = checked.findings
    assert (found.case, found.round, dict(found.values)) == (person(world).id, 1, {"column": "volume_ml"})
    with pytest.raises(RefusedError, match="Nothing was written"):
        exported(world)
    assert not (world.folder / "register").exists()
    assert register.versions(world.per, "05") == ()
    made, (row,), _about = exported(world, leave_out=[(found.case, found.round)])
    assert (row["pnr"], made.left_out[LeftOut.BY_HAND]) == (OTHER, 1)


def test_only_a_supervisor_of_the_region_sends_and_says_to_whom(world: World) -> None:
    register = world.office.quality_register
    with pytest.raises(NotAllowedError):
        register.export(world.anna, "05", world.folder, recipient="registret")
    away = Actor("x", "X", world.per.role, frozenset({"06"}))
    with pytest.raises(NotAllowedError):
        register.check(away, "05")
    with pytest.raises(RefusedError):
        register.export(world.per, "05", world.folder, recipient=" ")


def test_a_version_that_cannot_be_written_is_none(world: World) -> None:
    taken(world, line(**WHOLE))
    blocked = world.folder / "fil"
    blocked.write_text("")
    with pytest.raises(RefusedError):
        world.office.quality_register.export(world.per, "05", blocked, recipient="registret")
    assert world.office.quality_register.versions(world.per, "05") == ()


_DAY = date(2025, 3, 1)
FINE = RegisterRound(
    case=1, number="197004052396", region="05", born=1970, municipality="0580", round=1, pre_letter_on=None, offered_on=_DAY,
    valid_until=None, sampled_on=_DAY, answered_on=_DAY, psa=Decimal("3.0"), comparator="", unanalysable=False, letter_on=_DAY,
    mri_referred_on=_DAY, mri_done_on=_DAY, mri_answered_on=_DAY, mri_result=MriResult.DONE, pirads=3, volume_ml=Decimal(20),
    indicated=True, urology_referred_on=_DAY, visited_on=_DAY, biopsied_on=_DAY, pathology_on=_DAY, isup=0, treatment="",
    closed_on=None, closed_reason="", raised=True, found_isup=0,
)  # fmt: skip


def faults() -> Iterator[dict[str, Any]]:
    before = _DAY - timedelta(days=1)
    for name in (
        "sampled_on",
        "answered_on",
        "mri_done_on",
        "mri_answered_on",
        "visited_on",
        "biopsied_on",
        "pathology_on",
    ):
        yield {name: before}
    yield {"offered_on": None}
    yield {"letter_on": date(2027, 1, 1)}
    yield {"psa": Decimal(0), "raised": False}
    yield {"comparator": "~"}
    yield {"psa": None, "raised": False, "comparator": "<"}
    yield {"unanalysable": True}
    yield {"pirads": 6}
    yield {"volume_ml": Decimal(2)}
    yield {"isup": 6, "found_isup": 6}
    yield {"isup": None, "found_isup": None, "treatment": "surgery"}
    yield {"isup": 1}
    yield {"treatment": "bön"}
    yield {"pathology_on": None}
    yield {"answered_on": None}
    yield {"closed_on": _DAY}
    yield {"closed_on": _DAY, "closed_reason": "okänt"}
    yield {"number": "19700405239Ö"}
    yield {"municipality": "9999"}
    yield {"region": "01"}
    yield {"round": 0}
    yield {"raised": False}


@pytest.mark.parametrize("wrong", list(faults()), ids="+".join)
def test_every_rule_holds_what_cannot_be(wrong: dict[str, Any]) -> None:
    assert not list(findings([FINE], date(2026, 1, 1)))
    (first, *_more) = findings([replace(FINE, **wrong)], date(2026, 1, 1))
    assert (first.case, first.round) == (1, wrong.get("round", 1))
    assert "19700405" not in str(first)


def test_two_rows_of_one_person_and_round_are_held() -> None:
    assert len(list(findings([FINE, replace(FINE, case=2)], date(2026, 1, 1)))) == 2
    assert not list(findings([FINE, replace(FINE, round=2)], date(2026, 1, 1)))


def test_density_is_rounded_half_up_and_of_plain_values_only() -> None:
    assert cells_of(replace(FINE, psa=Decimal("4.5"), volume_ml=Decimal(30)))["psa_density"] == "0.150"
    assert cells_of(replace(FINE, psa=Decimal("1.0"), volume_ml=Decimal(16)))["psa_density"] == "0.063"
    assert cells_of(replace(FINE, comparator=">"))["psa_density"] == ""


def test_nothing_is_written_where_nobody_is(world: World, tmp_path: Path) -> None:
    made = world.office.quality_register.export(world.per, "08", tmp_path, recipient="registret")
    assert (made.rows, sum(made.left_out.values())) == (0, 0)
    assert (tmp_path / made.file_name).read_text().splitlines() == [";".join(COLUMNS)]
