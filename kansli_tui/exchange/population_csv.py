"""The population register as CSV (`;`, UTF-8 or Latin-1, one person a line) to register lines. Knows no database.

Every line of the file comes out as a person or a problem.
"""

import csv
from collections.abc import Mapping
from typing import Final

from kansli_tui.errors import InvalidIdentityError, UnreadableFileError
from kansli_tui.exchange.register_fields import (
    INVISIBLE_REMOVED,
    UNREADABLE_CHARACTER,
    Flaw,
    flaw,
    has_unreadable,
    problem,
    register_date,
    register_flag,
    register_identity,
    settle,
    settle_repeated,
)
from kansli_tui.exchange.register_text import clean, decode_lines
from kansli_tui.pathway.municipalities import municipality_code
from kansli_tui.pathway.register_codes import DeregistrationEffect
from kansli_tui.rows.population import (
    ALL_FIELDS,
    Addresses,
    Protection,
    RegisterLine,
    RegisterPerson,
    Remark,
)

_FIELD_OF_COLUMN: Final = {
    "pnr": "number",
    "kon": "sex",
    "sekretess": "protection",
    "skyddad_fbf": "protection",
    "avreg": "deregistered_code",
    "avreg_datum": "deregistered_on",
    "hanvisning": "reference_number",
    "fornamn": "given_names",
    "tilltal": "preferred_mark",
    "mellannamn": "middle_name",
    "efternamn": "family_name",
    "avisering": "notification_name",
    "co": "addresses",
    "adr1": "addresses",
    "adr2": "addresses",
    "postnr": "addresses",
    "ort": "addresses",
    "sp_co": "addresses",
    "sp_adr1": "addresses",
    "sp_adr2": "addresses",
    "sp_postnr": "addresses",
    "sp_ort": "addresses",
    "utl1": "addresses",
    "utl2": "addresses",
    "utl3": "addresses",
    "land": "addresses",
    "lan": "county",
    "kommun": "municipality",
    "distrikt": "district",
    "fbf_datum": "registered_since",
}
COLUMNS: Final = tuple(_FIELD_OF_COLUMN)
OPTIONAL_COLUMNS: Final = frozenset({"tilltal", "mellannamn", "avisering", "distrikt", "fbf_datum"})
"""A file may leave these out, and then says nothing of them. Without any other column a mark, a death or an address could be missed."""

_LONGEST_CODE: Final = 10


def read_population_csv(raw: bytes, *, columns: Mapping[str, str] | None = None) -> tuple[RegisterLine, ...]:
    """Every record of the file, in its order.

    Args:
        raw: the file's bytes.
        columns: headings of the file by our column name, for those that differ: {"pnr": "personnr"}.

    Raises:
        UnreadableFileError: no text, or headings are missing; the message names them.
    """
    lines = decode_lines(raw)
    heading_at = next(at for at, line in enumerate(lines) if line.strip())
    layout = _Layout(_cells(clean(lines[heading_at])[0]) or [], columns or {})
    read = [
        _read_line(at + 1, lines[at], layout)
        for at in range(heading_at + 1, len(lines))
        if lines[at] and not lines[at].isspace()
    ]
    return settle_repeated(read)


class _Layout:
    """Where the columns stand in this file."""

    def __init__(self, headings: list[str], columns: Mapping[str, str]) -> None:
        unknown = sorted(columns.keys() - _FIELD_OF_COLUMN.keys())
        if unknown:
            raise UnreadableFileError(
                "The column map in the settings names columns that do not exist: {names}. Correct the settings.",
                names=", ".join(unknown),
            )
        found = [heading.casefold() for heading in headings]
        self.width = len(found)
        self.places: dict[str, int] = {}
        missing, twice = [], []
        for column in COLUMNS:
            heading = columns.get(column, column)
            count = found.count(heading.strip().casefold())
            if count == 1:
                self.places[column] = found.index(heading.strip().casefold())
            elif count > 1:
                twice.append(heading)
            elif column not in OPTIONAL_COLUMNS:
                missing.append(heading)
        if missing:
            raise UnreadableFileError(
                "The file lacks the headings {names}. The first line must name the columns, separated by semicolons: "
                "have the file sent again, or set the column map in the settings.",
                names=", ".join(missing),
            )
        if twice:
            raise UnreadableFileError(
                "The headings {names} stand more than once: have the file sent again.", names=", ".join(twice)
            )
        self.given = ALL_FIELDS - {name for column, name in _FIELD_OF_COLUMN.items() if column not in self.places}


def _cells(line: str) -> list[str] | None:
    """The cells of one line; None when its quotes do not close. Every line stands alone, so an open quote never swallows the next person."""
    if '"' not in line:
        return [cell.strip() for cell in line.split(";")]
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=";", strict=True))]
    except csv.Error:
        return None


def _read_line(line: int, raw_text: str, layout: _Layout) -> RegisterLine:
    text, removed = clean(raw_text)
    cells = _cells(text)
    if cells is None:
        return problem(
            line,
            raw_text,
            None,
            "The quotation marks of the line do not match: correct the line or have the file sent again.",
        )
    if len(cells) != layout.width:
        reason = "The line has {found} columns instead of {expected}: correct the line or have the file sent again."
        return problem(line, raw_text, None, reason, found=len(cells), expected=layout.width)
    row = {column: cells[place] for column, place in layout.places.items()}
    try:
        identity = register_identity(row["pnr"])
    except InvalidIdentityError as refused:
        reason = UNREADABLE_CHARACTER if has_unreadable(row["pnr"]) else refused.message
        return problem(line, raw_text, None, reason)
    flaws: list[Flaw] = []
    remarks = [Remark(INVISIBLE_REMOVED)] if removed else []
    if has_unreadable(text):
        damaged = {_FIELD_OF_COLUMN[column] for column, cell in row.items() if has_unreadable(cell)}
        flaws.append(flaw(UNREADABLE_CHARACTER, *damaged))
    person = RegisterPerson(
        number=identity.number,
        birth_date=identity.birth_date,
        sex=_sex(row["kon"], flaws),
        protection=_protection(row, flaws),
        reference_number=_reference(row["hanvisning"], identity.number, flaws),
        given_names=row["fornamn"],
        preferred_mark=row.get("tilltal", ""),
        middle_name=row.get("mellannamn", ""),
        family_name=row["efternamn"],
        notification_name=row.get("avisering", ""),
        addresses=_addresses(row, remarks),
        county=row["lan"],
        municipality=_municipality(row, flaws),
        district=row.get("distrikt", ""),
        registered_since=_date(row.get("fbf_datum", ""), "registered_since", flaws),
        deregistered_code=_deregistered_code(row, flaws),
        deregistered_on=_date(row["avreg_datum"], "deregistered_on", flaws),
    )
    _check_whole(person, flaws)
    return settle(line, raw_text, person, layout.given, flaws=flaws, remarks=remarks)


def _sex(text: str, flaws: list[Flaw]) -> str:
    sex = text.upper()
    if sex in ("M", "K", ""):
        return sex
    flaws.append(flaw("The sex must be M or K, or be left empty: correct the line or have the file sent again.", "sex"))
    return ""


def _protection(row: Mapping[str, str], flaws: list[Flaw]) -> Protection:
    registration, confidentiality = register_flag(row["skyddad_fbf"]), register_flag(row["sekretess"])
    if registration:
        return Protection.PROTECTED_REGISTRATION
    if registration is None or confidentiality is None:
        reason = "A protection mark must be J or N: ask the sender, and treat the person as protected until then."
        flaws.append(flaw(reason, *(() if confidentiality else ("protection",))))
    return Protection.CONFIDENTIALITY if confidentiality else Protection.NONE


def _reference(text: str, number: str, flaws: list[Flaw]) -> str:
    if not text:
        return ""
    try:
        reference = register_identity(text).number
    except InvalidIdentityError:
        flaws.append(
            flaw("The reference number is not a valid number: find the right one in the register.", "reference_number")
        )
        return ""
    if reference == number:
        flaws.append(
            flaw(
                "The reference number is the same as the number itself: find the right one in the register.",
                "reference_number",
            )
        )
    return reference


def _addresses(row: dict[str, str], remarks: list[Remark]) -> Addresses:
    for column in ("postnr", "sp_postnr"):
        written = row[column]
        if written:
            row[column] = written.replace(" ", "")
            if len(row[column]) != 5 or not (row[column].isascii() and row[column].isdecimal()):
                remarks.append(
                    Remark("A postcode does not have five digits: letters cannot be addressed until it is corrected.")
                )
    return Addresses.from_fields(row)


def _municipality(row: Mapping[str, str], flaws: list[Flaw]) -> str:
    code = municipality_code(row["lan"], row["kommun"])
    if code is None:
        reason = "County and municipality do not go together: county has two digits and municipality two more. Correct the line."
        flaws.append(flaw(reason, "county", "municipality"))
    return code or ""


def _date(text: str, name: str, flaws: list[Flaw]) -> str:
    read = register_date(text)
    if read is None:
        flaws.append(flaw("A date is not a date: write YYYY-MM-DD, with 00 for what is unknown.", name))
    return read or ""


def _deregistered_code(row: Mapping[str, str], flaws: list[Flaw]) -> str | None:
    code = row["avreg"].upper()
    if len(code) > _LONGEST_CODE:
        flaws.append(
            flaw(
                "The deregistration code is too long to be one: compare the columns with the heading.",
                "deregistered_code",
            )
        )
        return None
    if not code and row["avreg_datum"]:
        reason = "There is a date of deregistration but no code: find out in the register whether the person is deregistered, and why."
        flaws.append(flaw(reason, "deregistered_code", "deregistered_on"))
    return code or None


def _check_whole(person: RegisterPerson, flaws: list[Flaw]) -> None:
    if person.deregistration is DeregistrationEffect.NUMBER_CHANGED and not person.reference_number:
        reason = "The number has been replaced but the new one is missing: find it in the register."
        flaws.append(flaw(reason, "reference_number"))
    if (
        not (person.given_names or person.family_name or person.deregistered_code)
        and person.protection is Protection.NONE
    ):
        flaws.append(
            flaw("The line has no name: correct the line or have the file sent again.", "given_names", "family_name")
        )
