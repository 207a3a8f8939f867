import csv
from pathlib import Path

import pytest

from kansli_tui.pathway.municipalities import MUNICIPALITIES, REGIONS, municipality_code, region_of
from kansli_tui.pathway.register_codes import (
    KNOWN_CODES,
    DeregistrationEffect,
    deregistration_effect,
    deregistration_meaning,
)

CODES = Path(__file__).parent.parent / "samples" / "codes"


def code_list(name: str) -> list[dict[str, str]]:
    with (CODES / name).open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines, delimiter=";"))


def test_the_municipalities_are_those_of_the_national_list() -> None:
    listed = {row["kommunkod"]: (row["kommun"], row["lan"]) for row in code_list("kommuner_05_06_08.csv")}
    assert {code: (known.name, known.region) for code, known in MUNICIPALITIES.items()} == listed
    assert {known.region for known in MUNICIPALITIES.values()} == set(REGIONS)


def test_region_of_a_municipality() -> None:
    assert region_of("0685") == "06"
    assert region_of("0180") is None
    assert region_of("") is None


@pytest.mark.parametrize(
    ("county", "municipality", "code"),
    [
        ("05", "80", "0580"),
        ("05", "0580", "0580"),
        ("", "0580", "0580"),
        ("05", "", ""),
        ("", "", ""),
        ("06", "0580", None),
        ("", "80", None),
        ("05", "8", None),
        ("05", "8x", None),
        ("05", "٨٠", None),
    ],
)
def test_municipality_code_of_the_two_fields(county: str, municipality: str, code: str | None) -> None:
    assert municipality_code(county, municipality) == code


def test_every_listed_code_has_an_effect() -> None:
    assert {row["code"] for row in code_list("avregistreringsorsak.csv")} - {"*"} == set(KNOWN_CODES)


@pytest.mark.parametrize(
    ("codes", "effect"),
    [
        (("AV", "A"), DeregistrationEffect.DEAD),
        (("UV",), DeregistrationEffect.EMIGRATED),
        (("GN", "GS", "G"), DeregistrationEffect.NUMBER_CHANGED),
        (("AS", "OB", "TA", "FI", "AN", "O", "ZZ", "av", "AV "), DeregistrationEffect.HOLD),
    ],
)
def test_effects(codes: tuple[str, ...], effect: DeregistrationEffect) -> None:
    assert {deregistration_effect(code) for code in codes} == {effect}


def test_an_unknown_code_says_so() -> None:
    assert "not known" in deregistration_meaning("ZZ")
    assert deregistration_meaning("AV") == "Dead"
