"""People and register files for tests, with plain values that a test overrides."""

from datetime import date
from itertools import count
from typing import Any

from db.models import Person, PersonNumber, StepChange
from db.queries.people import name_key
from kansli_tui.exchange.population_csv import COLUMNS
from kansli_tui.pathway.identity import check_digit
from kansli_tui.pathway.steps import Event, Step
from kansli_tui.service.context import SYSTEM, Context

_SERIALS = count(1)


def a_number(serial: int, born: str = "19760203") -> str:
    """The personnummer of a day and a serial of three digits, odd for men."""
    ten = f"{born[2:]}{serial:03}"
    return f"{born}{serial:03}{check_digit(ten)}"


def _next_number() -> str:
    """Another man's number every time: 450 of each day of 1976."""
    place = next(_SERIALS)
    return a_number(place % 450 * 2 + 1, f"1976{place // 450 % 12 + 1:02}11")


def register_row(**values: str) -> str:
    """A line of the register CSV: a man of Vetlanda unless said otherwise."""
    plain = {
        "pnr": a_number(101),
        "kon": "M",
        "sekretess": "N",
        "skyddad_fbf": "N",
        "fornamn": "Åke",
        "tilltal": "10",
        "efternamn": "Öberg",
        "adr2": "Vägen 1",
        "postnr": "57431",
        "ort": "VETLANDA",
        "lan": "06",
        "kommun": "85",
        "fbf_datum": "2015-01-01",
    }
    cells = plain | values
    return ";".join(cells.get(column, "") for column in COLUMNS)


def register_file(*rows: str, encoding: str = "utf-8") -> bytes:
    """A register CSV of some lines."""
    return "\n".join((";".join(COLUMNS), *rows, "")).encode(encoding)


def add_person(context: Context, **values: Any) -> int:
    """Put one person into the register, as an accepted hand-over leaves him: NOT_DUE, due from the year he turns 50. Returns the key."""
    number = values.pop("number", None) or _next_number()
    plain: dict[str, Any] = {
        "region": "06",
        "number": number,
        "birth_date": date(int(number[:4]), int(number[4:6]) or 1, int(number[6:8]) % 60 or 1),
        "sex": "M",
        "given_names": "Åke",
        "preferred_mark": "10",
        "family_name": "Öberg",
        "municipality": "0685",
        "address": {"adr2": "Vägen 1", "postnr": "57431", "ort": "VETLANDA"},
        "registered_since": "2015-01-01",
        "step": Step.NOT_DUE,
        "since": context.clock(),
        "next_on": date(int(number[:4]) + 50, 1, 1),
    }
    given = plain | values
    with context.sessions.begin() as session:
        person = Person(**given, name_key=name_key(given["family_name"], given["given_names"]))
        session.add(person)
        session.flush()
        session.add(
            PersonNumber(
                person_id=person.id, region=person.region, number=number, source="register", added_at=context.clock()
            )
        )
        session.add(
            StepChange(
                person_id=person.id,
                region=person.region,
                round_number=0,
                at=context.clock(),
                event=Event.REGISTERED,
                to_step=person.step,
                next_on=person.next_on,
                by=SYSTEM.username,
            )
        )
        return person.id
