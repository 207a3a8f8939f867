"""What a record changes about a person we know, field by field, and what follows from it. Writes nothing.

A record that says nothing of a field leaves it; an empty name never takes one away; protection is never lowered by a record that is
partial or flawed; a move out of a region is never silent.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from db.queries.register import Known
from kansli_tui.pathway.municipalities import region_of
from kansli_tui.pathway.register_codes import DeregistrationEffect, deregistration_effect
from kansli_tui.pathway.steps import ClosedReason, Step
from kansli_tui.rows.population import Protection, RegisterPerson, Remark
from kansli_tui.service.register_entry import place_of

_HEIGHT = {Protection.NONE: 0, Protection.CONFIDENTIALITY: 1, Protection.PROTECTED_REGISTRATION: 2}


class Effect(StrEnum):
    """What an accepted line does besides changing fields; the value stands in the change-set."""

    DEAD = "dead"
    EMIGRATED = "emigrated"
    MOVED_OUT = "moved_out"
    HELD_BY_CODE = "held_by_code"
    MOVES_REGION = "moves_region"
    PROTECTED = "protected"
    SEX = "sex"
    RETURNED = "returned"
    NUMBER = "number"
    EARLIER_NUMBER = "earlier_number"
    DUPLICATE = "duplicate"
    BY_HAND = "by_hand"


@dataclass(slots=True)
class Changes:
    """Fields as [name, old, new]; effects in the order they take place; numbers that become his; remarks that ask for a person."""

    fields: list[list[Any]] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    moves_to: str = ""

    def add(self, other: "Changes") -> None:
        """Everything of the other after everything of this."""
        self.fields += other.fields
        self.effects += other.effects
        self.numbers += other.numbers
        self.remarks += other.remarks
        self.moves_to = self.moves_to or other.moves_to


def find_changes(
    known: Known, person: RegisterPerson, given: AbstractSet[str], *, trusted: bool, whole: bool = False
) -> Changes:
    """What the record changes, and from then on known.

    Args:
        known: the person as he is; `facts` become what they will be.
        person: the record.
        given: the fields that the record gives.
        trusted: nothing in it was flawed, so that protection may be lifted by it.
        whole: it gives both protection marks, so that one of them may be lifted alone.
    """
    changes = Changes()
    _deregistration(known, person, given, changes)
    _protection(known, person, given, changes, trusted=trusted, whole=whole)
    _names(known, person, given, changes)
    _address(known, person, given, changes)
    _place(known, person, given, changes)
    _sex(known, person, given, changes)
    if "registered_since" in given and person.registered_since:
        _put(known, changes, "registered_since", person.registered_since)
    return changes


def _put(known: Known, changes: Changes, name: str, new: Any) -> bool:
    old = known.facts[name]
    if old == new:
        return False
    changes.fields.append([name, old, new])
    known.facts[name] = new
    return True


def _deregistration(known: Known, person: RegisterPerson, given: AbstractSet[str], changes: Changes) -> None:
    if "deregistered_code" not in given:
        return
    before: str | None = known.facts["deregistered_code"]
    code = person.deregistered_code
    on = person.deregistered_on or None if code else None
    changed = _put(known, changes, "deregistered_code", code)
    if "deregistered_on" in given or changed:
        _put(known, changes, "deregistered_on", on)
    effect = person.deregistration
    if effect is DeregistrationEffect.DEAD:
        # Asked of his state and not of the change: a death that was not acted on is acted on now.
        if known.closed_reason is not ClosedReason.DEAD:
            changes.effects.append(Effect.DEAD)
            known.step, known.closed_reason = Step.CLOSED, ClosedReason.DEAD
    elif changed and effect is DeregistrationEffect.EMIGRATED and known.step is not Step.CLOSED:
        changes.effects.append(Effect.EMIGRATED)
    elif changed and effect is DeregistrationEffect.HOLD:
        changes.effects.append(Effect.HELD_BY_CODE)
    elif (
        effect is None
        and before
        and known.closed_reason is ClosedReason.EMIGRATED
        and deregistration_effect(before) is DeregistrationEffect.EMIGRATED
    ):
        changes.effects.append(Effect.RETURNED)


def _protection(
    known: Known,
    person: RegisterPerson,
    given: AbstractSet[str],
    changes: Changes,
    *,
    trusted: bool,
    whole: bool,
) -> None:
    if "protection" not in given:
        return
    old, new = known.protection, person.protection
    if _HEIGHT[new] > _HEIGHT[old]:
        _put(known, changes, "protection", new.value)
        changes.effects.append(Effect.PROTECTED)
    elif trusted and (whole or new is Protection.NONE):
        _put(known, changes, "protection", new.value)


def _names(known: Known, person: RegisterPerson, given: AbstractSet[str], changes: Changes) -> None:
    for name in ("given_names", "family_name"):
        if name in given and getattr(person, name):
            _put(known, changes, name, getattr(person, name))
    named = bool(person.given_names and person.family_name)
    for name in ("preferred_mark", "middle_name"):
        if name in given and (named or getattr(person, name)):
            _put(known, changes, name, getattr(person, name))


def _address(known: Known, person: RegisterPerson, given: AbstractSet[str], changes: Changes) -> None:
    new: dict[str, str] = known.facts["address"]
    if "addresses" in given:
        stated = person.addresses.to_fields()
        if stated or person.deregistered_code is None:
            new = stated
    if known.protection is Protection.PROTECTED_REGISTRATION:
        # His true address is never here, and an older one may be it.
        new = {name: value for name, value in new.items() if name.startswith("sp_")}
    _put(known, changes, "address", new)


def _place(known: Known, person: RegisterPerson, given: AbstractSet[str], changes: Changes) -> None:
    if "municipality" not in given or person.deregistration is DeregistrationEffect.DEAD:
        return
    place, region = place_of(person)
    hidden = known.protection is Protection.PROTECTED_REGISTRATION
    if not place:
        if person.deregistered_code is None and not hidden:
            changes.remarks.append(
                Remark("The file does not say where the person is registered: find out before anything is sent.")
            )
        return
    if region == known.region:
        if person.municipality:
            left = region_of(known.facts["municipality"]) is None
            if _put(known, changes, "municipality", person.municipality) and left:
                _came_back(known, changes)
    elif region is None and not hidden:
        moved = _put(known, changes, "municipality", place)
        if moved and known.step is not Step.CLOSED and Effect.EMIGRATED not in changes.effects:
            changes.effects.append(Effect.MOVED_OUT)
    elif place[:2] not in known.moves_to:
        known.moves_to.add(place[:2])
        changes.moves_to = place[:2]
        changes.effects.append(Effect.MOVES_REGION)


def _came_back(known: Known, changes: Changes) -> None:
    if known.closed_reason is ClosedReason.MOVED_OUT and Effect.RETURNED not in changes.effects:
        changes.effects.append(Effect.RETURNED)


def _sex(known: Known, person: RegisterPerson, given: AbstractSet[str], changes: Changes) -> None:
    if "sex" not in given or not person.sex:
        return
    before = known.facts["sex"]
    if _put(known, changes, "sex", person.sex) and (before or person.sex != "M"):
        changes.effects.append(Effect.SEX)
