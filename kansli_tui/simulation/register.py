"""The population register of the simulation: everybody's entry, what life does to it, and the files it hands over. Knows no office."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import Final

from kansli_tui.exchange.population_csv import COLUMNS
from kansli_tui.invented.numbers import NumberSeries
from kansli_tui.invented.streets import Places, home_address
from kansli_tui.pathway.identity import IdentityKind, parse_identity
from kansli_tui.pathway.municipalities import REGIONS
from kansli_tui.rows.population import (
    Address,
    Addresses,
    ForeignAddress,
    Protection,
    RegisterPerson,
    usable_address,
)
from kansli_tui.simulation.chance import chance

_A_YEAR: Final = 365.25
_YEARLY: Final = {
    "moved": 0.04,
    "died": 0.006,
    "moved_out": 0.006,
    "emigrated": 0.0015,
    "lost_address": 0.002,
    "protected": 0.0006,
    "missing": 0.0006,
}
"""How many of all men it happens to in a year."""
_ADDRESS_BACK_DAYS: Final = 70
_SHARE_NEW_NUMBERS: Final = 0.3
"""Of those with a samordningsnummer, who get a personnummer in a year."""


@dataclass(frozen=True, slots=True, order=True)
class _Fate:
    """What happens to an entry on a day; `place` is the man's place in the register, which a new number does not change."""

    on: date
    place: int
    what: str


class Register:
    """Everybody's entry as of a day. `hand_over_changes` moves the day on."""

    def __init__(self, people: Iterable[RegisterPerson], *, seed: int, start: date, until: date) -> None:
        self._seed = seed
        self._entries = [_no_later(person, start) for person in people]
        self._numbers = {entry.number for entry in self._entries}
        self._series = NumberSeries(seed + 1)
        self._fates = sorted(
            fate for place, entry in enumerate(self._entries) for fate in _fates(seed, place, entry, start, until)
        )
        self._happened = 0

    @property
    def men(self) -> int:
        """How many there are."""
        return len(self._entries)

    def by_cohort(self) -> Mapping[tuple[str, int], int]:
        """(region, birth year) → how many men."""
        return Counter((entry.county, entry.birth_date.year) for entry in self._entries if entry.birth_date is not None)

    def hand_over_all(self) -> bytes:
        """The cohort file: everybody, as CSV."""
        return _file(self._entries)

    def hand_over_changes(self, until: date) -> bytes | None:
        """The change file: everybody whose entry has changed up to a day; None when nothing has."""
        end = bisect_right(self._fates, until, key=lambda fate: fate.on)
        changed: dict[int, None] = {}
        replaced: list[RegisterPerson] = []
        for fate in self._fates[self._happened : end]:
            if self._entries[fate.place].deregistered_code is None:
                old = self._happen(fate)
                replaced += [old] if old is not None else []
                changed[fate.place] = None
        self._happened = max(self._happened, end)
        return _file([*replaced, *(self._entries[place] for place in changed)]) if changed else None

    def change(self, happenings: Mapping[str, str], on: date) -> bytes:
        """Let something happen to some men at once, number → what, and hand over their lines."""
        places = {entry.number: place for place, entry in enumerate(self._entries)}
        for number, what in happenings.items():
            self._happen(_Fate(on, places[number], what))
        return _file(self._entries[places[number]] for number in happenings)

    def county(self, number: str) -> str:
        """The county somebody is registered in; '' for nobody."""
        return next((entry.county for entry in self._entries if entry.number == number), "")

    def give_addresses(self, on: date) -> bytes | None:
        """Let everybody whom no mail reaches have an address again, and hand over their lines; None when mail reaches all.

        For a protected person it is the tax agency's forwarding address.
        """
        lost = {
            entry.number: "moved" if entry.protection is Protection.NONE else "forwarded"
            for entry in self._entries
            if entry.deregistered_code is None
            and entry.county in REGIONS
            and usable_address(entry.addresses, entry.protection) is None
        }
        return self.change(lost, on) if lost else None

    def plain(self) -> frozenset[str]:
        """The numbers of those with nothing out of the ordinary: registered, not protected, with an address at home."""
        return frozenset(
            entry.number
            for entry in self._entries
            if entry.deregistered_code is None
            and entry.protection is Protection.NONE
            and entry.addresses.registered.is_given
            and entry.county in REGIONS
        )

    def _happen(self, fate: _Fate) -> RegisterPerson | None:
        """Change the entry; the old one too when the man has got a new number."""
        entry = self._entries[fate.place]
        rng = chance(self._seed, entry.number, fate.what, fate.on)
        if fate.what == "new_number":
            return self._renumber(fate, entry)
        self._entries[fate.place] = _HAPPENINGS[fate.what](entry, fate.on, rng)
        return None

    def _renumber(self, fate: _Fate, entry: RegisterPerson) -> RegisterPerson | None:
        assert entry.birth_date is not None
        number = self._series.draw(entry.birth_date)
        while number in self._numbers:
            number = self._series.draw(entry.birth_date)
        if number is None:
            return None
        self._numbers.add(number)
        self._entries[fate.place] = replace(entry, number=number)
        return replace(entry, deregistered_code="GS", deregistered_on=fate.on.isoformat(), reference_number=number)


def _fates(seed: int, place: int, entry: RegisterPerson, start: date, until: date) -> Iterable[_Fate]:
    """All that will happen to a man, drawn at once."""
    rng = chance(seed, entry.number, "fates")
    days = (until - start).days
    for what, yearly in _YEARLY.items():
        after = 1 + int(rng.expovariate(yearly / _A_YEAR))
        if after <= days:
            on = start + timedelta(days=after)
            yield _Fate(on, place, what)
            back = on + timedelta(days=_ADDRESS_BACK_DAYS)
            if what == "lost_address" and back <= until:
                yield _Fate(back, place, "moved")
    if entry.addresses == Addresses() and days > _ADDRESS_BACK_DAYS:
        yield _Fate(start + timedelta(days=_ADDRESS_BACK_DAYS), place, "moved")
    if parse_identity(entry.number).kind is IdentityKind.SAMORDNINGSNUMMER:
        after = int(rng.expovariate(_SHARE_NEW_NUMBERS / _A_YEAR))
        if after < days:
            yield _Fate(start + timedelta(days=1 + after), place, "new_number")


def _moved(entry: RegisterPerson, on: date, rng: Random) -> RegisterPerson:
    """A new home, mostly in the same region."""
    if entry.protection is not Protection.NONE or entry.county not in REGIONS:
        return entry
    regions = REGIONS if rng.random() < 0.1 else (entry.county,)
    municipality, postcode, city = Places(tuple(regions)).draw(rng)
    return replace(
        entry,
        addresses=Addresses(home_address(rng, postcode, city)),
        county=municipality[:2],
        municipality=municipality,
        registered_since=on.isoformat(),
    )


def _forwarded(entry: RegisterPerson, on: date, rng: Random) -> RegisterPerson:
    """Mail goes by the tax agency."""
    del on, rng
    return replace(entry, addresses=Addresses(special=Address(line_2="Box 2820", postcode="40320", city="GÖTEBORG")))


def _moved_region(entry: RegisterPerson, on: date, rng: Random) -> RegisterPerson:
    """A new home in another of the three regions."""
    other = sorted(region for region in REGIONS if region != entry.county)
    municipality, postcode, city = Places((other[int(rng.random() * len(other))],)).draw(rng)
    return replace(
        entry,
        addresses=Addresses(home_address(rng, postcode, city)),
        county=municipality[:2],
        municipality=municipality,
        registered_since=on.isoformat(),
    )


def _moved_out(entry: RegisterPerson, on: date, rng: Random) -> RegisterPerson:
    if entry.protection is not Protection.NONE:
        return entry
    number = 1 + int(rng.random() * 80)
    home = Address(line_2=f"Ringvägen {number}", postcode="11860", city="STOCKHOLM")
    return replace(entry, addresses=Addresses(home), county="01", municipality="0180", registered_since=on.isoformat())


def _died(entry: RegisterPerson, on: date, rng: Random) -> RegisterPerson:
    del rng
    return replace(entry, deregistered_code="AV", deregistered_on=on.isoformat())


def _emigrated(entry: RegisterPerson, on: date, rng: Random) -> RegisterPerson:
    home = ForeignAddress(line_1=f"Storgata {1 + int(rng.random() * 90)}", line_2="0155 Oslo", country="NORGE")
    return replace(
        entry,
        deregistered_code="UV",
        deregistered_on=on.isoformat(),
        addresses=Addresses(foreign=home),
        county="",
        municipality="",
    )


def _lost_address(entry: RegisterPerson, on: date, rng: Random) -> RegisterPerson:
    del on, rng
    return replace(entry, addresses=Addresses())


def _protected(entry: RegisterPerson, on: date, rng: Random) -> RegisterPerson:
    del on, rng
    return replace(entry, protection=Protection.CONFIDENTIALITY)


def _missing(entry: RegisterPerson, on: date, rng: Random) -> RegisterPerson:
    del rng
    return replace(entry, deregistered_code="OB", deregistered_on=on.isoformat())


_HAPPENINGS: Final[Mapping[str, Callable[[RegisterPerson, date, Random], RegisterPerson]]] = {
    "moved": _moved,
    "moved_region": _moved_region,
    "forwarded": _forwarded,
    "moved_out": _moved_out,
    "died": _died,
    "emigrated": _emigrated,
    "lost_address": _lost_address,
    "protected": _protected,
    "missing": _missing,
}


def _no_later(entry: RegisterPerson, start: date) -> RegisterPerson:
    """The entry as it can have been handed over on the first day."""
    return replace(entry, registered_since=min(entry.registered_since, start.isoformat()))


def _file(entries: Iterable[RegisterPerson]) -> bytes:
    lines = [";".join(COLUMNS), *(_line(entry) for entry in entries), ""]
    return "\r\n".join(lines).encode()


def _line(entry: RegisterPerson) -> str:
    cells = entry.addresses.to_fields() | {
        "pnr": entry.number,
        "kon": entry.sex,
        "sekretess": "J" if entry.protection is Protection.CONFIDENTIALITY else "N",
        "skyddad_fbf": "J" if entry.protection is Protection.PROTECTED_REGISTRATION else "N",
        "avreg": entry.deregistered_code or "",
        "avreg_datum": entry.deregistered_on,
        "hanvisning": entry.reference_number,
        "fornamn": entry.given_names,
        "tilltal": entry.preferred_mark,
        "mellannamn": entry.middle_name,
        "efternamn": entry.family_name,
        "lan": entry.county,
        "kommun": entry.municipality[2:],
        "fbf_datum": entry.registered_since,
    }
    return ";".join(cells.get(column, "") for column in COLUMNS)
