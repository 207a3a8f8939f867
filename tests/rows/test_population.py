from datetime import date

import pytest

from kansli_tui.pathway.register_codes import DeregistrationEffect
from kansli_tui.rows.population import (
    ALL_FIELDS,
    Address,
    Addresses,
    AddressSource,
    ForeignAddress,
    PostalAddress,
    Protection,
    RegisterPerson,
    postal_address,
    preferred_name,
    usable_address,
)

HOME = Address(line_2="Vägen 1", postcode="57431", city="VETLANDA")
BOX = Address(line_1="Anstalten", line_2="Box 1", postcode="55592", city="JÖNKÖPING")
ABROAD = ForeignAddress("Rosenheimer", "Van Kampenstraat", "7558 Hengelo", "Nederländerna")


@pytest.mark.parametrize(
    ("given", "mark", "name"),
    [
        ("Karl Åke", "20", "Åke"),
        ("Karl Åke", "10", "Karl"),
        ("Kjell Olof Stig", "12", "Kjell Olof"),
        ("Eva Ulla-Karin Isa", "23", "Ulla-Karin"),
        ("Eva Ulla-Karin Isa", "40", "Isa"),
        ("Per Ola Nils", "13", "Per Nils"),
        ("Per Ola", "21", "Ola Per"),
        ("Per Ola", "30", "Per Ola"),
        ("Per Ola", "00", "Per Ola"),
        ("Per Ola", "", "Per Ola"),
        ("Per Ola", "2", "Per Ola"),
        ("Per Ola", "x0", "Per Ola"),
        ("", "10", ""),
    ],
)
def test_preferred_name_follows_the_mark(given: str, mark: str, name: str) -> None:
    assert preferred_name(given, mark) == name


def test_special_beats_registered_beats_foreign() -> None:
    addresses = Addresses(HOME, BOX, ABROAD)
    special = usable_address(addresses, Protection.NONE)
    assert special == PostalAddress(AddressSource.SPECIAL, ("Anstalten", "Box 1"), "55592", "JÖNKÖPING")
    registered = usable_address(Addresses(HOME, Address(), ABROAD), Protection.CONFIDENTIALITY)
    assert registered == PostalAddress(AddressSource.REGISTERED, ("Vägen 1",), "57431", "VETLANDA")
    abroad = usable_address(Addresses(foreign=ABROAD), Protection.NONE)
    assert abroad is not None
    assert (abroad.source, abroad.country, len(abroad.lines)) == (AddressSource.FOREIGN, "Nederländerna", 3)


@pytest.mark.parametrize(
    "addresses",
    [
        Addresses(),
        Addresses(Address(line_2="Vägen 1", postcode="5743", city="VETLANDA")),
        Addresses(Address(line_2="Vägen 1", postcode="57431")),
        Addresses(Address(co="c/o Test", postcode="57431", city="VETLANDA")),
        Addresses(HOME, Address(line_1="Box 1")),
        Addresses(foreign=ForeignAddress("Rosenheimer")),
    ],
)
def test_no_usable_address_is_left_to_a_person(addresses: Addresses) -> None:
    assert usable_address(addresses, Protection.NONE) is None


def test_protected_registration_never_uses_the_registered_address() -> None:
    assert usable_address(Addresses(HOME, foreign=ABROAD), Protection.PROTECTED_REGISTRATION) is None
    forwarded = usable_address(Addresses(HOME, BOX), Protection.PROTECTED_REGISTRATION)
    assert forwarded is not None
    assert forwarded.source is AddressSource.SPECIAL


@pytest.mark.parametrize(("co", "line"), [("c/o Test", "c/o Test"), ("C/O Test", "C/O Test"), ("Test", "c/o Test")])
def test_care_of_is_said_once(co: str, line: str) -> None:
    person = RegisterPerson("1", None, addresses=Addresses(Address(co, "", "Vägen 1", "57431", "VETLANDA")))
    address = postal_address(person)
    assert address is not None
    assert address.lines == (line, "Vägen 1")


def test_address_fields_go_both_ways() -> None:
    addresses = Addresses(HOME, BOX, ABROAD)
    assert Addresses.from_fields(addresses.to_fields()) == addresses
    assert addresses.to_fields()["sp_ort"] == "JÖNKÖPING"
    assert Addresses().to_fields() == {}


def test_what_a_deregistration_says() -> None:
    dead = RegisterPerson("1", None, deregistered_code="AV", deregistered_on="2026-00-00")
    assert (dead.deregistration, dead.deregistered_date) == (DeregistrationEffect.DEAD, None)
    gone = RegisterPerson("1", None, deregistered_code="UV", deregistered_on="2026-03-14")
    assert (gone.deregistration, gone.deregistered_date) == (DeregistrationEffect.EMIGRATED, date(2026, 3, 14))
    assert RegisterPerson("1", None).deregistration is None


def test_full_name() -> None:
    person = RegisterPerson(
        "1", None, given_names="Karl Åke", preferred_mark="20", middle_name="Öst", family_name="Sjöberg"
    )
    assert person.full_name == "Åke Öst Sjöberg"
    assert "addresses" in ALL_FIELDS
