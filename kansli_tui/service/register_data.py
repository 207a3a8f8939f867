"""A line of a register file as JSON in a change-set, and back. Says nothing of what the line does."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from kansli_tui.rows.population import (
    Addresses,
    Protection,
    RegisterLine,
    RegisterPerson,
    RegisterProblem,
    Remark,
)

_TEXTS = (
    "sex",
    "deregistered_code",
    "deregistered_on",
    "reference_number",
    "given_names",
    "preferred_mark",
    "middle_name",
    "family_name",
    "county",
    "municipality",
    "registered_since",
)


def line_to_data(line: RegisterLine) -> dict[str, Any]:
    """Everything that the line says and the program keeps. A held line keeps its raw text too, so that nothing is lost."""
    data: dict[str, Any] = {}
    if line.person is not None:
        data["person"] = _person_to_data(line.person)
    if line.problem is not None:
        data["problem"] = [line.problem.number, line.problem.reason, plain(line.problem.values)]
        data["raw"] = line.raw_text
    if line.change_only is not None:
        data["given"] = sorted(line.change_only)
    if line.remarks:
        data["remarks"] = [[remark.reason, plain(remark.values)] for remark in line.remarks]
    return data


def line_from_data(number: int, data: Mapping[str, Any]) -> RegisterLine:
    """The line with its number in the file."""
    person, problem, given = data.get("person"), data.get("problem"), data.get("given")
    return RegisterLine(
        line=number,
        raw_text=data.get("raw", ""),
        person=None if person is None else person_from_data(person),
        problem=None if problem is None else RegisterProblem(number, *problem),
        change_only=None if given is None else frozenset(given),
        remarks=tuple(Remark(*remark) for remark in data.get("remarks", ())),
    )


def person_from_data(data: Mapping[str, Any]) -> RegisterPerson:
    """The person that a line gave."""
    born = data.get("birth_date")
    return RegisterPerson(
        number=data["number"],
        birth_date=date.fromisoformat(born) if born else None,
        protection=Protection(data.get("protection", Protection.NONE)),
        addresses=Addresses.from_fields(data.get("address", {})),
        **{name: data[name] for name in _TEXTS if name in data},
    )


def plain(values: Mapping[str, object]) -> dict[str, str]:
    """Values of a message as text."""
    return {name: str(value) for name, value in values.items()}


def _person_to_data(person: RegisterPerson) -> dict[str, Any]:
    data: dict[str, Any] = {"number": person.number}
    if person.birth_date is not None:
        data["birth_date"] = person.birth_date.isoformat()
    if person.protection is not Protection.NONE:
        data["protection"] = person.protection.value
    if address := person.addresses.to_fields():
        data["address"] = address
    for name in _TEXTS:
        if value := getattr(person, name):
            data[name] = value
    return data
