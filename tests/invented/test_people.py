import itertools
import re
from collections import Counter
from datetime import date
from random import Random

import pytest

from kansli_tui.invented.names import invented_name
from kansli_tui.invented.numbers import NumberSeries, invented_phone
from kansli_tui.invented.people import people
from kansli_tui.invented.psa import psa_value
from kansli_tui.pathway.identity import IdentityKind, parse_identity
from kansli_tui.pathway.municipalities import MUNICIPALITIES
from kansli_tui.rows.population import (
    AddressSource,
    Protection,
    RegisterPerson,
    postal_address,
    preferred_name,
    whole_date,
)

THOUSANDS = 5_000


@pytest.fixture(scope="module")
def crowd() -> list[RegisterPerson]:
    return list(people(THOUSANDS, seed=7))


def test_the_same_seed_gives_the_same_people(crowd: list[RegisterPerson]) -> None:
    assert list(itertools.islice(people(100, seed=7), 100)) == crowd[:100]
    assert [person.number for person in people(100, seed=8)] != [person.number for person in crowd[:100]]


def test_numbers_are_valid_unique_male_and_outside_the_test_series(crowd: list[RegisterPerson]) -> None:
    assert len({person.number for person in crowd}) == THOUSANDS
    for person in crowd:
        identity = parse_identity(person.number)
        assert not identity.is_test
        assert identity.sex_digit is not None
        assert identity.sex_digit % 2 == 1
        assert identity.birth_date == person.birth_date
        assert person.birth_date is not None
        assert 1952 <= person.birth_date.year <= 1976


def test_people_live_where_their_municipality_says(crowd: list[RegisterPerson]) -> None:
    postcode_belongs: dict[str, set[str]] = {}
    for person in crowd:
        assert MUNICIPALITIES[person.municipality].region == person.county
        home = person.addresses.registered
        if home.is_given:
            assert re.fullmatch(r"[3-6][0-9]{4}", home.postcode)
            assert home.city == home.city.upper()
            postcode_belongs.setdefault(home.postcode, set()).add(home.city)
        since = whole_date(person.registered_since)
        assert since is not None
        assert person.birth_date is not None
        assert person.birth_date <= since
    assert all(len(cities) == 1 for cities in postcode_belongs.values())


def test_regions_and_municipalities_have_their_proportions(crowd: list[RegisterPerson]) -> None:
    regions = Counter(person.county for person in crowd)
    # About 472 000, 369 000 and 247 000 inhabitants.
    assert abs(regions["05"] / THOUSANDS - 0.435) < 0.03
    assert abs(regions["06"] / THOUSANDS - 0.339) < 0.03
    assert abs(regions["08"] / THOUSANDS - 0.226) < 0.03
    towns = Counter(person.municipality for person in crowd)
    assert set(towns) == set(MUNICIPALITIES)
    assert {code for code, _ in towns.most_common(3)} == {"0580", "0581", "0680"}


def test_every_odd_case_is_there(crowd: list[RegisterPerson]) -> None:
    assert sum(person.protection is Protection.CONFIDENTIALITY for person in crowd) > 5
    protected = [person for person in crowd if person.protection is Protection.PROTECTED_REGISTRATION]
    assert len(protected) > 2
    assert not any(person.addresses.registered.is_given for person in protected)
    sources = Counter(address.source if (address := postal_address(person)) else None for person in crowd)
    assert sources[None] == 20
    assert sources[AddressSource.SPECIAL] > 40
    assert sum(bool(person.addresses.registered.co) for person in crowd) > 60
    kinds = Counter(parse_identity(person.number).kind for person in crowd)
    assert kinds[IdentityKind.SAMORDNINGSNUMMER] == 25


def test_names_have_all_kinds_of_letters_and_marks_that_fit(crowd: list[RegisterPerson]) -> None:
    letters = set("".join(person.full_name for person in crowd))
    assert letters >= set("åäöÅÖŁÇễĐćıŞñ-")
    for person in crowd:
        assert preferred_name(person.given_names, person.preferred_mark)
        assert person.family_name
        assert person.full_name.isprintable()
    assert {person.preferred_mark for person in crowd} == {"10", "20", "12"}
    assert len({(person.given_names, person.family_name) for person in crowd}) > THOUSANDS * 0.8


def test_regions_and_birth_years_are_kept() -> None:
    few = list(people(200, seed=1, regions=("08",), born=(1974,)))
    assert {person.county for person in few} == {"08"}
    assert {person.birth_date.year for person in few if person.birth_date} == {1974}


@pytest.mark.parametrize(("regions", "born"), [((), (1974,)), (("01",), (1974,)), (("05",), ())])
def test_impossible_wishes_are_refused(regions: tuple[str, ...], born: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="Invented people need"):
        people(1, seed=1, regions=regions, born=born)


def test_a_day_gives_each_number_once_and_then_none() -> None:
    series = NumberSeries(3)
    day = date(1974, 5, 1)
    given = list(iter(lambda: series.draw(day), None))
    assert len(given) == len(set(given)) > 450
    assert series.draw(day) is None
    assert series.draw(day, IdentityKind.SAMORDNINGSNUMMER) is not None


def test_foreign_names_are_given_on_request() -> None:
    rng = Random(1)
    swedish = {"Johansson", "Andersson", "Karlsson", "Lind"}
    assert not swedish & {invented_name(rng, foreign=True).family_name for _ in range(500)}


def test_telephone_numbers_are_those_kept_for_fiction() -> None:
    rng = Random(1)
    for _ in range(500):
        phone = invented_phone(rng)
        mobile = re.fullmatch(r"070-174 06 ([0-9]{2})", phone)
        assert re.fullmatch(r"08-465 004 [0-9]{2}", phone) or (mobile and int(mobile[1]) >= 5)


@pytest.mark.parametrize(("age", "low", "high"), [(50, 0.024, 0.036), (60, 0.07, 0.11), (70, 0.15, 0.24)])
def test_raised_values_by_age(age: int, low: float, high: float) -> None:
    rng = Random(50)
    values = [psa_value(rng, age) for _ in range(40_000)]
    analysed = [value for value in values if value is not None]
    assert abs(1 - len(analysed) / len(values) - 0.01) < 0.003
    assert low < sum(value >= 3 for value in analysed) / len(analysed) < high
    assert max(analysed) > 100
    assert min(analysed) > 0
    assert 0.4 < sum(value < 1 for value in analysed) / len(analysed) < 0.7 or age > 60
