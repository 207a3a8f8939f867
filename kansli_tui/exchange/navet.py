"""The tax agency's flat notification file (lines of `#UP`, field code and value) to register lines. Knows no database.

It is a file of changes: a record gives only the fields that it names.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from kansli_tui.errors import InvalidIdentityError, UnreadableFileError
from kansli_tui.exchange.register_fields import (
    INVISIBLE_REMOVED,
    UNREADABLE_CHARACTER,
    Flaw,
    flaw,
    has_unreadable,
    problem,
    register_flag,
    register_identity,
    settle,
    settle_repeated,
)
from kansli_tui.exchange.register_text import clean, decode_lines
from kansli_tui.rows.population import Protection, RegisterLine, RegisterPerson, Remark

NUMBER: Final = "01001"
NEW_NUMBER: Final = "01002"
CONFIDENTIALITY: Final = "01003"
PREFERRED_MARK: Final = "01011"
GIVEN_NAMES: Final = "01012"
MIDDLE_NAME: Final = "01013"
FAMILY_NAME: Final = "01014"
PROTECTED_REGISTRATION: Final = "01020"

_FIELD_OF_CODE: Final = {
    NUMBER: "number",
    NEW_NUMBER: "reference_number",
    CONFIDENTIALITY: "protection",
    PREFERRED_MARK: "preferred_mark",
    GIVEN_NAMES: "given_names",
    MIDDLE_NAME: "middle_name",
    FAMILY_NAME: "family_name",
    PROTECTED_REGISTRATION: "protection",
}
_UP: Final = re.compile(r"#UP ([0-9]{5})(?: +(.*))?")
_NUMBER_LINE: Final = re.compile(r"#UP +01001\b")
# The delivery's own description of itself, which may stand before or after the records and holds nobody.
_DELIVERY: Final = re.compile(
    r"#(?:MEDIELEV_(?:START|SLUT)|DATABESKRIVNING_(?:START|SLUT)|TECKENPROV|ORGNR|NAMN|AVDELNING|ADRESS|POSTNR|POSTORT|KONTAKT|EMAIL"
    r"|TELEFON|FAX|PROGRAM|PRODUKT|MEDIAID|SKAPAD|FILTITEL|EXREF|FILNAMN)(?: .*)?"
)


@dataclass(slots=True)
class _Record:
    """The lines of one person, as they stand."""

    line: int
    texts: list[str] = field(default_factory=list)

    @property
    def raw_text(self) -> str:
        return "\n".join(self.texts)


def read_navet(raw: bytes) -> tuple[RegisterLine, ...]:
    """Every record of the file, in its order; a record begins at each 01001.

    Raises:
        UnreadableFileError: no text, or nothing in it is a `#UP` line.
    """
    lines = decode_lines(raw)
    if not any(line.startswith("#UP ") for line in lines):
        raise UnreadableFileError(
            "The file has no lines that begin with #UP: choose another format or have the file sent again."
        )
    records: list[_Record] = []
    current: _Record | None = None
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        if _DELIVERY.fullmatch(line.rstrip()):
            current = None
            continue
        if current is None or _NUMBER_LINE.match(line):
            current = _Record(number)
            records.append(current)
        current.texts.append(line)
    return settle_repeated([_read_record(record) for record in records])


def _read_record(record: _Record) -> RegisterLine:
    given: dict[str, str] = {}
    flaws: list[Flaw] = []
    remarks: list[Remark] = []
    for offset, text in enumerate(record.texts):
        line, removed = clean(text)
        if removed and not remarks:
            remarks.append(Remark(INVISIBLE_REMOVED))
        matched = _UP.fullmatch(line.rstrip())
        if not matched:
            reason = "Line {line} is not #UP, a field code of five digits and a value: have the file sent again."
            flaws.append(flaw(reason, line=record.line + offset))
            continue
        code, value = matched.group(1), (matched.group(2) or "").strip()
        if code not in _FIELD_OF_CODE:
            remarks.append(
                Remark("Field {code} is not known here: see in the register whether it matters.", {"code": code})
            )
        elif given.setdefault(code, value) != value:
            reason = "Field {code} stands more than once with different values: have the file sent again."
            flaws.append(flaw(reason, _FIELD_OF_CODE[code], code=code))
        if has_unreadable(value) and code in _FIELD_OF_CODE:
            flaws.append(flaw(UNREADABLE_CHARACTER, _FIELD_OF_CODE[code]))
    if NUMBER not in given:
        reason = "The lines stand before any number (field 01001): have the file sent again."
        return problem(
            record.line,
            record.raw_text,
            None,
            flaws[0].reason if flaws else reason,
            **(flaws[0].values if flaws else {}),
        )
    try:
        identity = register_identity(given[NUMBER])
    except InvalidIdentityError as refused:
        return problem(record.line, record.raw_text, None, refused.message)
    fields_given = {"number", "birth_date"} | {_FIELD_OF_CODE[code] for code in given}
    protection = _protection(given, fields_given, flaws, remarks)
    person = RegisterPerson(
        number=identity.number,
        birth_date=identity.birth_date,
        protection=protection,
        reference_number=_new_number(given, identity.number, flaws),
        preferred_mark=given.get(PREFERRED_MARK, ""),
        given_names=given.get(GIVEN_NAMES, ""),
        middle_name=given.get(MIDDLE_NAME, ""),
        family_name=given.get(FAMILY_NAME, ""),
    )
    flaws += [
        flaw("Field {code} is empty: have the file sent again.", _FIELD_OF_CODE[code], code=code)
        for code in (GIVEN_NAMES, FAMILY_NAME)
        if given.get(code) == ""
    ]
    return settle(record.line, record.raw_text, person, frozenset(fields_given), flaws=flaws, remarks=remarks)


def _protection(given: dict[str, str], fields_given: set[str], flaws: list[Flaw], remarks: list[Remark]) -> Protection:
    """The protection that the record gives. That one of the two marks has ended says nothing of the other, so it lifts nothing alone."""
    marks = {code: register_flag(given[code]) for code in (CONFIDENTIALITY, PROTECTED_REGISTRATION) if code in given}
    for code, mark in marks.items():
        if mark is None:
            reason = "Field {code} must be J or N: ask the sender, and treat the person as protected until then."
            flaws.append(flaw(reason, *(() if any(marks.values()) else ("protection",)), code=code))
    if marks.get(PROTECTED_REGISTRATION):
        return Protection.PROTECTED_REGISTRATION
    if marks.get(CONFIDENTIALITY):
        return Protection.CONFIDENTIALITY
    if len(marks) == 1:
        fields_given.discard("protection")
        remarks.append(
            Remark(
                "One protection mark has ended but the other is not named: see in the register before it is lifted here."
            )
        )
    return Protection.NONE


def _new_number(given: dict[str, str], number: str, flaws: list[Flaw]) -> str:
    if NEW_NUMBER not in given:
        return ""
    try:
        new_number = register_identity(given[NEW_NUMBER]).number
    except InvalidIdentityError:
        flaws.append(
            flaw("The new number is not a valid number: find the right one in the register.", "reference_number")
        )
        return ""
    if new_number == number:
        flaws.append(
            flaw("The new number is the same as the old one: find the right one in the register.", "reference_number")
        )
    return new_number
