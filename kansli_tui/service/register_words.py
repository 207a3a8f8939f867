"""A row of a change-set in words, in the language of the screen. Protected people's names and addresses never stand in them."""

from collections.abc import Mapping, Sequence
from typing import Any

from db.models import Person, RegisterImportRow
from kansli_tui.i18n import _, later
from kansli_tui.labels import label
from kansli_tui.pathway.identity import format_identity
from kansli_tui.pathway.municipalities import MUNICIPALITIES
from kansli_tui.pathway.register_codes import deregistration_meaning
from kansli_tui.rows.population import Protection, RegisterPerson, preferred_name
from kansli_tui.rows.register import ChangeKind, ChangeRow
from kansli_tui.service.naming import MASKED_NAME, shown_name
from kansli_tui.service.register_changes import Effect
from kansli_tui.service.register_data import person_from_data, plain
from kansli_tui.service.register_entry import Entry

_FIELDS = {
    "number": later("Number"),
    "protection": later("Protection"),
    "deregistered_code": later("Deregistered"),
    "deregistered_on": later("Day of deregistration"),
    "given_names": later("Given names"),
    "preferred_mark": later("Name in use"),
    "middle_name": later("Middle name"),
    "family_name": later("Family name"),
    "address": later("Address"),
    "municipality": later("Municipality"),
    "sex": later("Sex"),
    "registered_since": later("Registered since"),
}
_HIDDEN = frozenset({"given_names", "preferred_mark", "middle_name", "family_name", "address", "municipality"})
_EFFECTS: Mapping[str, str] = {
    Entry.WAITS: later("Comes into the register and waits for an offer"),
    Entry.HELD: later("Comes into the register and is held until somebody has looked"),
    Entry.OTHER_SEX: later("Comes into the register, excluded: not in the target group"),
    Entry.TOO_OLD: later("Comes into the register, closed: older than the last age"),
    Entry.DEAD: later("Comes into the register, closed: dead"),
    Entry.EMIGRATED: later("Comes into the register, closed: emigrated"),
    Effect.DEAD: later("Leaves the programme: dead. Orders are cancelled and letters stopped"),
    Effect.EMIGRATED: later("Leaves the programme: emigrated; is held instead where an answer or care is owed"),
    Effect.MOVED_OUT: later("Leaves the programme: moved out; is held instead where an answer or care is owed"),
    Effect.HELD_BY_CODE: later("Is held until somebody has looked"),
    Effect.MOVES_REGION: later("Is held: has moved to another county and is not handed over by itself"),
    Effect.PROTECTED: later("Unsent letters are stopped and prepared anew by hand"),
    Effect.SEX: later("A task: decide whether the person is offered a test"),
    Effect.RETURNED: later("A task: decide whether the person is taken in again"),
    Effect.NUMBER: later("Gets a new number and keeps the earlier one; the case is the same"),
    Effect.EARLIER_NUMBER: later("An earlier number of the same person; no second person"),
    Effect.DUPLICATE: later("Both are held as possible duplicates"),
    Effect.BY_HAND: later("What is written by hand stands; what the register says is settled in register care"),
}
_MISSING = later("In our register but not in the file. Nothing is changed; a task is opened.")
_TASK = later("A task: see to the line")


def change_row(row: RegisterImportRow, person: Person | None) -> ChangeRow:
    """The row for the screen; `person` is ours, where the row is about one of ours."""
    record = person_from_data(row.data["person"]) if "person" in row.data else None
    masked = _is_masked(row, person, record)
    reason: Mapping[str, Any] = row.reason or {}
    return ChangeRow(
        row_id=row.id,
        line=row.line,
        kind=row.kind,
        region=row.region,
        number=format_identity(row.number or ""),
        name=_name(person, record, masked=masked),
        what=_what(row, record, masked=masked),
        message=reason.get("message", ""),
        values=plain(reason.get("values", {})),
        effect=_effect(row),
    )


def _is_masked(row: RegisterImportRow, person: Person | None, record: RegisterPerson | None) -> bool:
    """Whether he is protected now, was when the file was compared, or is by the file."""
    if person is not None and person.protection is not Protection.NONE:
        return True
    changed = [
        state for name, *states in (row.reason or {}).get("fields", ()) if name == "protection" for state in states
    ]
    return (record is not None and record.protection is not Protection.NONE) or any(
        state != Protection.NONE.value for state in changed
    )


def _name(person: Person | None, record: RegisterPerson | None, *, masked: bool) -> str:
    if masked:
        return MASKED_NAME
    if person is not None:
        return shown_name(person)
    if record is None:
        return ""
    given = preferred_name(record.given_names, record.preferred_mark)
    return ", ".join(name for name in (record.family_name, given) if name)


def _what(row: RegisterImportRow, record: RegisterPerson | None, *, masked: bool) -> str:
    parts: list[str] = []
    reason: Mapping[str, Any] = row.reason or {}
    if row.kind is ChangeKind.MISSING:
        parts.append(_(_MISSING))
    elif "message" in reason:
        parts.append(_(reason["message"], **reason["values"]))
    elif row.kind is ChangeKind.NEW and record is not None:
        parts.append(_described(record, masked=masked))
    parts += [_field(name, old, new, masked=masked) for name, old, new in reason.get("fields", ())]
    if "owner" in row.data:
        parts.append(_("Earlier number of {number}", number=format_identity(row.data["owner"])))
    elif numbers := row.data.get("numbers"):
        parts.append(_("Numbers added: {numbers}", numbers=", ".join(format_identity(number) for number in numbers)))
    if moves_to := row.data.get("moves_to"):
        parts.append(_("County by the register: {county}", county=moves_to))
    parts += [_(message, **values) for message, values in row.data.get("asks", ())]
    return " · ".join(part for part in parts if part)


def _described(record: RegisterPerson, *, masked: bool) -> str:
    code = record.deregistered_code
    gone = [f"{code}: {_(deregistration_meaning(code))}", record.deregistered_on] if code else []
    if masked:
        return " · ".join(filter(None, (label(record.protection), *gone)))
    place = MUNICIPALITIES.get(record.municipality)
    return " · ".join(filter(None, (place.name if place else "", _address(record.addresses.to_fields()), *gone)))


def _field(name: str, old: Any, new: Any, *, masked: bool) -> str:
    words = _(_FIELDS[name])
    if masked and name in _HIDDEN:
        return _("{field}: changed", field=words)
    return f"{words}: {_value(name, old)} → {_value(name, new)}"


def _value(name: str, value: Any) -> str:
    if name == "protection":
        return label(Protection(value))
    if not value:
        return "–"
    if name == "address":
        return _address(value)
    if name == "deregistered_code":
        return f"{value} ({_(deregistration_meaning(value))})"
    if name == "municipality":
        return MUNICIPALITIES[value].name if value in MUNICIPALITIES else str(value)
    return format_identity(value) if name == "number" else str(value)


def _address(fields: Mapping[str, str]) -> str:
    return ", ".join(fields.values())


def _effect(row: RegisterImportRow) -> str:
    effects: Sequence[str] = row.data.get("effects", ())
    words = [_(_EFFECTS[effect]) for effect in effects]
    if row.data.get("asks") or (row.kind is ChangeKind.PROBLEM and not effects and not row.data.get("quiet")):
        words.append(_(_TASK))
    return ". ".join(words)
