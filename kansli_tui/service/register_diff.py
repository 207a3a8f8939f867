"""What each line of a register hand-over is against the people we know: new, changed, unchanged or a problem. Writes nothing.

Lines are taken in the file's order, and each changes what is known before the next is looked at: two lines about one person (an old
number and a new one) build on each other, and never make two people.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from db.queries.register import Known
from kansli_tui.exchange.register_fields import INVISIBLE_REMOVED
from kansli_tui.pathway.identity import parse_identity
from kansli_tui.pathway.register_codes import DeregistrationEffect
from kansli_tui.pathway.ruleset import RegionRules
from kansli_tui.pathway.steps import ClosedReason
from kansli_tui.rows.office import NO_REGION
from kansli_tui.rows.population import ALL_FIELDS, RegisterLine, RegisterPerson, Remark
from kansli_tui.rows.register import ChangeKind
from kansli_tui.service.hand_edits import touched
from kansli_tui.service.register_changes import Changes, Effect, find_changes
from kansli_tui.service.register_data import line_to_data, plain
from kansli_tui.service.register_entry import entry, place_of
from kansli_tui.service.register_links import Chain, chains, replaces_number

NEEDED = frozenset(
    {
        "sex",
        "protection",
        "deregistered_code",
        "given_names",
        "family_name",
        "addresses",
        "county",
        "municipality",
    }
)
"""What a record must give for somebody to come into the register with it."""

_GOES_BY_THE_MERGED = (
    "The number that holds is that of a case merged into this one: take the merge back, and merge again by that number."
)


@dataclass(slots=True)
class Found:
    """A line that is not unchanged, as it will stand in the change-set."""

    line: int
    kind: ChangeKind
    region: str
    number: str | None
    person_id: int | None
    data: dict[str, Any] = field(default_factory=dict)
    reason: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What a comparison goes by: the rules of a region, the date, and whether test numbers are refused."""

    rules: Callable[[str], RegionRules]
    today: date
    refuse_test_numbers: bool


class Comparison:
    """Compares the lines of one file. `known` is everyone who has, or has had, a number that the file names."""

    def __init__(self, lines: Sequence[RegisterLine], known: dict[str, Known], terms: Terms) -> None:
        self._lines = lines
        self._known = known
        self._terms = terms
        self._chains = chains(line.person for line in lines if line.person)
        self._by_number = {line.person.number: line for line in lines if line.person}
        self._texts = {line.raw_text for line in lines if line.person}
        self.seen: set[int] = set()
        """The keys of everyone whom the file names."""

    def run(self) -> Iterator[Found | None]:
        """One for each line, in order; None for an unchanged one."""
        for line in self._lines:
            found = self._problem(line) if line.person is None else self._person(line, line.person)
            if found is not None:
                found.data.update(line_to_data(line))
            yield found

    # Kinds of lines

    def _problem(self, line: RegisterLine) -> Found:
        assert line.problem is not None
        number = line.problem.number
        owner = self._owner(number) if number else None
        quiet = line.raw_text != "" and line.raw_text in self._texts
        return self._held(line, number, owner, line.problem.reason, plain(line.problem.values), quiet=quiet)

    def _person(self, line: RegisterLine, person: RegisterPerson) -> Found | None:
        owner = self._owner(person.number)
        if replaces_number(person):
            return self._replaced(line, person, self._chains[person.number])
        if owner is not None:
            return self._ours(line, person, owner)
        if len(self._owners(person.number)) > 1:
            return self._held(
                line,
                person.number,
                None,
                "The number replaces those of two people in our register: see in the register whose it is.",
            )
        return self._new(line, person)

    def _new(self, line: RegisterLine, person: RegisterPerson) -> Found:
        why = self._why_not_new(line, person)
        if why is not None:
            reason, quiet = why
            return self._held(line, person.number, None, reason, quiet=quiet)
        _, region = place_of(person)
        assert region is not None
        where = entry(person, self._terms.rules(region), self._terms.today)
        data: dict[str, Any] = {"effects": [where]}
        if remarks := _serious(line):
            data["asks"] = _asks(remarks)
        return Found(line.line, ChangeKind.NEW, region, person.number, None, data)

    def _ours(self, line: RegisterLine, person: RegisterPerson, owner: Known) -> Found | None:
        given = ALL_FIELDS if line.change_only is None else line.change_only
        if (
            owner.closed_reason is ClosedReason.DEAD
            and "deregistered_code" in given
            and person.deregistration is not DeregistrationEffect.DEAD
        ):
            reason = "Our register says that the person is dead, the file does not: find out. Nothing is changed or opened until then."
            return self._held(line, person.number, owner, reason)
        if not self._is_current(person.number, owner):
            # Of a number that has been replaced, only what must not wait is taken.
            given &= {"protection"} | (
                {"deregistered_code", "deregistered_on"}
                if person.deregistration is DeregistrationEffect.DEAD
                else set()
            )
            changes = find_changes(owner, person, given, trusted=False)
            if not (changes.fields or changes.effects):
                if person.deregistration is DeregistrationEffect.DEAD:
                    return None
                reason = "The line has an earlier number of a person in our register: see in the register which number holds."
                return self._held(line, person.number, owner, reason)
            return self._changed(line, person.number, owner, changes)
        remarks = _serious(line)
        changes = find_changes(owner, person, given, trusted=not remarks, whole=given >= NEEDED)
        return self._changed(line, person.number, owner, changes)

    def _replaced(self, line: RegisterLine, person: RegisterPerson, chain: Chain) -> Found | None:
        owners = self._owners(person.number)
        owner = self._known.get(person.number) or (owners[0] if owners else None)
        if chain.last is None:
            reason = (
                "The file says that numbers replace each other in a circle: find out in the register which one holds."
            )
            return self._held(line, person.number, owner, reason)
        if len(owners) > 1:
            reason = "Two people in our register may be the same, for one number replaces the other: find out. Both are held."
            found = self._held(line, person.number, owner, reason)
            found.data.update(effects=[Effect.DUPLICATE], people=[each.person_id for each in owners])
            return found
        if owner is None:
            return self._earlier_of_new(line, person, chain.last)
        changes = Changes()
        if owner.number not in chain.numbers and self._known.get(chain.last) is not owner:
            reason = "The file names another new number than the one we have: find out in the register which one holds."
            return self._held(line, person.number, owner, reason)
        if owner.number in chain.numbers and owner.number != chain.last:
            if chain.last in owner.merged_numbers:
                return self._held(line, person.number, owner, _GOES_BY_THE_MERGED)
            changes.fields.append(["number", owner.number, chain.last])
            changes.effects.append(Effect.NUMBER)
            owner.number = chain.last
        added = [number for number in chain.numbers if number not in self._known]
        if added:
            self._known.update(dict.fromkeys(added, owner))
            changes.numbers.extend(added)
            if Effect.NUMBER not in changes.effects:
                changes.effects.append(Effect.EARLIER_NUMBER)
        # A deregistered number's record is what he was; one that only names his new number says what he is.
        given = ALL_FIELDS if line.change_only is None else line.change_only
        if person.deregistered_code is not None:
            given &= {"protection"}
        changes.add(find_changes(owner, person, given, trusted=False))
        return self._changed(line, person.number, owner, changes)

    def _earlier_of_new(self, line: RegisterLine, person: RegisterPerson, last: str) -> Found:
        target = self._by_number.get(last)
        if target is None or target.person is None:
            reason = "The number has been replaced by one that is neither in our register nor in the file: find the person in the register."
            return self._held(line, person.number, None, reason)
        why = self._why_not_new(target, target.person)
        if why is not None:
            reason = "The number has been replaced by one whose line in the file is held: see to that line."
            return self._held(line, person.number, None, reason, quiet=why[1])
        _, region = place_of(target.person)
        data = {"effects": [Effect.EARLIER_NUMBER], "owner": last, "numbers": [person.number]}
        return Found(line.line, ChangeKind.CHANGED, region or NO_REGION, person.number, None, data, {"fields": []})

    # What they have in common

    def _changed(self, line: RegisterLine, number: str, owner: Known, changes: Changes) -> Found | None:
        remarks = _serious(line) + changes.remarks
        if touched(changes.fields, owner.by_hand):
            changes.effects.append(Effect.BY_HAND)
        if not (changes.fields or changes.effects):
            if not remarks:
                return None
            return self._held(line, number, owner, remarks[0].reason, plain(remarks[0].values))
        data: dict[str, Any] = {"effects": list(changes.effects)}
        if owner.by_hand:
            data["by_hand"] = True
        if changes.numbers:
            data["numbers"] = changes.numbers
        if changes.moves_to:
            data["moves_to"] = changes.moves_to
        if remarks:
            data["asks"] = _asks(remarks)
        return Found(
            line.line,
            ChangeKind.CHANGED,
            owner.region,
            number,
            owner.person_id,
            data,
            {"fields": changes.fields},
        )

    def _held(
        self,
        line: RegisterLine,
        number: str | None,
        owner: Known | None,
        reason: str,
        values: Mapping[str, str] | None = None,
        *,
        quiet: bool = False,
    ) -> Found:
        region = owner.region if owner else None
        if region is None and line.person is not None:
            region = place_of(line.person)[1]
        data = {"quiet": True} if quiet else {}
        return Found(
            line.line,
            ChangeKind.PROBLEM,
            region or NO_REGION,
            number,
            owner.person_id if owner else None,
            data,
            {"message": reason, "values": dict(values or {})},
        )

    def _why_not_new(self, line: RegisterLine, person: RegisterPerson) -> tuple[str, bool] | None:
        """Why nobody comes into the register with this line, and whether that asks for nobody; None when somebody does."""
        given = ALL_FIELDS if line.change_only is None else line.change_only
        if not given >= NEEDED:
            flawed = _serious(line)
            if flawed and person.municipality:
                return flawed[0].reason, False
            return "The person is not in our register and the record is not a whole one: nothing is done with it.", True
        place, region = place_of(person)
        if region is None:
            if place:
                return "Not resident in any of the three regions, and not in our register: nothing is done.", True
            if person.deregistered_code:
                return (
                    "Deregistered, not in our register, and the file does not say where the person lived: nothing is sent to him.",
                    True,
                )
            return (
                "The line does not say where the person is registered: correct it or have the file sent again.",
                False,
            )
        if self._terms.refuse_test_numbers and parse_identity(person.number, from_register=True).is_test:
            return (
                "The number looks like a test number: make sure that the person is real before he is added by hand.",
                False,
            )
        return None

    def _owner(self, number: str) -> Known | None:
        """The person whose number it is or, by the file, becomes."""
        owners = [self._known[number]] if number in self._known else self._owners(number)
        if len(owners) != 1:
            return None
        self.seen.add(owners[0].person_id)
        return owners[0]

    def _owners(self, number: str) -> list[Known]:
        chain = self._chains.get(number)
        found = {
            known.person_id: known
            for each in (chain.numbers if chain else (number,))
            if (known := self._known.get(each)) is not None
        }
        return list(found.values())

    def _is_current(self, number: str, owner: Known) -> bool:
        chain = self._chains.get(number)
        return owner.number == number or (chain is not None and chain.last == number)


def _serious(line: RegisterLine) -> list[Remark]:
    """What a person should look at, though the line could be read."""
    return [remark for remark in line.remarks if remark.reason != INVISIBLE_REMOVED]


def _asks(remarks: Iterable[Remark]) -> list[list[Any]]:
    return [[remark.reason, plain(remark.values)] for remark in remarks]
