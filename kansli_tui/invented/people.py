"""Invented men as the population register would hand them over, in believable proportions and with the odd cases that an office meets."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random
from typing import Final

from kansli_tui.invented.names import invented_name
from kansli_tui.invented.numbers import NumberSeries
from kansli_tui.invented.streets import Places, home_address, special_address
from kansli_tui.pathway.identity import IdentityKind
from kansli_tui.pathway.municipalities import REGIONS
from kansli_tui.rows.population import Address, Addresses, Protection, RegisterPerson

# One in so many, by order and not by chance, so that even a small database has each of them.
_EVERY_CARE_OF: Final = 50
_EVERY_SPECIAL_ADDRESS: Final = 100
_EVERY_SAMORDNINGSNUMMER: Final = 200
_EVERY_NO_ADDRESS: Final = 250
_EVERY_CONFIDENTIALITY: Final = 400
_EVERY_PROTECTED_REGISTRATION: Final = 800

_FORWARDING: Final = Address(line_1="Förmedlingsuppdrag", line_2="Box 2820", postcode="40320", city="GÖTEBORG")
_LATEST_MOVE: Final = date(2025, 12, 31)


def people(
    n: int, *, seed: int, regions: Sequence[str] = REGIONS, born: Sequence[int] = tuple(range(1952, 1977))
) -> Iterator[RegisterPerson]:
    """`n` men, one after the other; the same arguments give the same men.

    Args:
        n: how many.
        seed: any number.
        regions: county codes; men are spread over their municipalities by inhabitants.
        born: birth years, all equally likely.

    Raises:
        ValueError: no such region or birth year, or more men than there are numbers (about 480 a day).
    """
    if not born or not regions or not set(regions) <= set(REGIONS):
        raise ValueError("Invented people need at least one birth year and regions among 05, 06 and 08.")
    return _people(n, seed, Places(tuple(regions)), tuple(born))


def _people(n: int, seed: int, places: Places, born: tuple[int, ...]) -> Iterator[RegisterPerson]:
    rng = Random(seed)  # noqa: S311 — nothing here is secret, and the same seed must give the same people
    series = NumberSeries(seed)
    days = [day for year in born for day in _days_of(year)]
    for place in range(1, n + 1):
        kind = IdentityKind.SAMORDNINGSNUMMER if place % _EVERY_SAMORDNINGSNUMMER == 33 else IdentityKind.PERSONNUMMER
        number, birth_date = _fresh_number(rng, series, days, kind)
        name = invented_name(rng, foreign=kind is IdentityKind.SAMORDNINGSNUMMER)
        municipality, postcode, city = places.draw(rng)
        protection = _protection(place)
        since = birth_date + timedelta(days=int(rng.random() * (_LATEST_MOVE - birth_date).days))
        yield RegisterPerson(
            number=number,
            birth_date=birth_date,
            sex="M",
            protection=protection,
            given_names=name.given_names,
            preferred_mark=name.preferred_mark,
            middle_name=name.middle_name,
            family_name=name.family_name,
            addresses=_addresses(rng, place, protection, postcode, city),
            county=municipality[:2],
            municipality=municipality,
            registered_since=since.isoformat(),
        )


def _days_of(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=offset) for offset in range((date(year + 1, 1, 1) - first).days)]


def _fresh_number(rng: Random, series: NumberSeries, days: list[date], kind: IdentityKind) -> tuple[str, date]:
    start = int(rng.random() * len(days))
    for offset in range(len(days)):
        born = days[(start + offset) % len(days)]
        number = series.draw(born, kind)
        if number:
            return number, born
    raise ValueError(
        "There are not enough numbers for so many invented people: ask for fewer, or for more birth years."
    )


def _protection(place: int) -> Protection:
    if place % _EVERY_PROTECTED_REGISTRATION == 71:
        return Protection.PROTECTED_REGISTRATION
    return Protection.CONFIDENTIALITY if place % _EVERY_CONFIDENTIALITY == 17 else Protection.NONE


def _addresses(rng: Random, place: int, protection: Protection, postcode: str, city: str) -> Addresses:
    if protection is Protection.PROTECTED_REGISTRATION:
        return Addresses(special=_FORWARDING)
    if place % _EVERY_NO_ADDRESS == 41:
        return Addresses()
    co = f"c/o {invented_name(rng).family_name}" if place % _EVERY_CARE_OF == 9 else ""
    home = home_address(rng, postcode, city, co)
    if place % _EVERY_SPECIAL_ADDRESS == 27:
        return Addresses(home, special_address(rng, postcode, city))
    return Addresses(home)
