"""Numbers of a register file that replace each other: which of them are one person, and which is the last. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kansli_tui.pathway.register_codes import DeregistrationEffect
from kansli_tui.rows.population import RegisterPerson


@dataclass(frozen=True, slots=True)
class Chain:
    """Numbers that one person has had, by the file. `last` is the one that holds; None when they replace each other in a circle."""

    numbers: tuple[str, ...]
    last: str | None


def replaces_number(person: RegisterPerson) -> bool:
    """Whether the record says that its number has been replaced: a code for it, or a new number and no code."""
    if person.deregistered_code is None:
        return bool(person.reference_number)
    return person.deregistration is DeregistrationEffect.NUMBER_CHANGED and bool(person.reference_number)


def chains(people: Iterable[RegisterPerson]) -> Mapping[str, Chain]:
    """Every number that such a record names, and its chain. A record has one new number, so a chain has one end or none."""
    replaced_by = {person.number: person.reference_number for person in people if replaces_number(person)}
    neighbours: defaultdict[str, set[str]] = defaultdict(set)
    for old, new in replaced_by.items():
        neighbours[old].add(new)
        neighbours[new].add(old)
    found: dict[str, Chain] = {}
    for start in neighbours:
        if start in found:
            continue
        together, waiting = {start}, [start]
        while waiting:
            more = neighbours[waiting.pop()] - together
            together |= more
            waiting.extend(more)
        ends = together - replaced_by.keys()
        chain = Chain(tuple(sorted(together)), ends.pop() if ends else None)
        found.update(dict.fromkeys(together, chain))
    return found
