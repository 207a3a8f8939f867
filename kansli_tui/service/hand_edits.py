"""Names, addresses, municipality and unknown birth dates written by hand, and what the register says against them.

What is written by hand holds, in letters too, until somebody has settled it or the register says the same. A hand-over neither
overwrites it nor is dropped: what it says stands beside it as a difference. A death or a protected identity wins at once.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from db import audit
from db.models import HandEdit, Person
from db.queries.care import open_edits
from db.queries.people import by_id, name_key
from kansli_tui.errors import ChangedBySomeoneElseError, NotFoundError, RefusedError
from kansli_tui.pathway.identity import parse_identity
from kansli_tui.pathway.municipalities import region_of
from kansli_tui.pathway.steps import ClosedReason
from kansli_tui.rows.office import Actor
from kansli_tui.rows.register_care import ADDRESSES, PARTS, HandField, HandForm, HandValue
from kansli_tui.service.context import Context, plain, require_region
from kansli_tui.service.naming import is_masked, shown_name, shown_number
from kansli_tui.service.walk import Walk

CHANGED_SINCE = "The register has changed since the file was compared. Compare it again and review what it says now."
_LONGEST = 80
_POSTCODE = 5
_GONE = frozenset({ClosedReason.DEAD, ClosedReason.NUMBER_REPLACED})


class HandEditService:
    """Writing by hand, and settling what the register says against it."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def form(self, actor: Actor, person_id: int) -> HandForm:
        """What may be written by hand about a person, with what the register says beside it. The reading is logged."""
        with self._context.sessions.begin() as session:
            person = _editable(session, actor, person_id, lock=False)
            self._record(session, actor, "care.form", person)
            return _form(session, person)

    def edit(
        self, actor: Actor, person_id: int, *, version: int, values: Mapping[HandField, Mapping[str, str]], why: str
    ) -> HandForm:
        """Write some things by hand. What is the same as now is left alone; what is the register's own ends what was by hand.

        Args:
            actor: who does it.
            person_id: whom it is about.
            version: the case's, as it was when the form was shown.
            values: by field the parts of `PARTS` that it consists of; a part that is left out is empty.
            why: where it is known from.

        Raises:
            RefusedError: says which value cannot be right, or that the register alone may say it.
        """
        if not why.strip():
            raise RefusedError("State why.")
        with self._context.sessions.begin() as session:
            person = _editable(session, actor, person_id, lock=True)
            if person.version_id != version:
                raise ChangedBySomeoneElseError("Somebody else has changed the case. Look at it again.")
            walk = Walk(session, actor, self._context.clock(), self._context.rules(session))
            edits = open_edits(session, person.id)
            new = {field: _clean(field, given) for field, given in values.items()}
            changed = [field for field in new if new[field] != held(person, field)]
            for field in changed:
                _check(person, field, new[field], walk.today, by_hand=field in edits)
            if not changed:
                raise RefusedError("Nothing has been changed.")
            for field in changed:
                _write(walk, person, field, new[field], edits.get(field), plain(why))
            if not (person.given_names and person.family_name):
                raise RefusedError("State given name and family name.")
            self._record(session, actor, "care.edit", person, subject=" ".join(sorted(changed)), why=plain(why))
            session.flush()
            return _form(session, person)

    def settle(self, actor: Actor, edit_id: int, *, differs: Mapping[str, str], accept: bool, why: str) -> HandForm:
        """Settle one difference: accept what the register says, or keep what is written by hand against just that.

        `differs` is what the register said when the difference was shown; ChangedBySomeoneElseError when it says another thing now.
        """
        if not why.strip():
            raise RefusedError("State why.")
        with self._context.sessions.begin() as session:
            found = session.get(HandEdit, edit_id)
            if found is None:
                raise NotFoundError("There is no such difference.")
            person = _editable(session, actor, found.person_id, lock=True)
            session.refresh(found)
            if found.ended_at is not None or found.differs is None or found.differs != dict(differs):
                raise ChangedBySomeoneElseError("Somebody else has settled this, or the register has said more since.")
            walk = Walk(session, actor, self._context.clock(), self._context.rules(session))
            if accept:
                put(person, found.field, found.differs)
                _end(walk, found, plain(why))
            else:
                _end(walk, found, plain(why))
                session.flush()
                session.add(_made(walk, person, found.field, found.value, found.differs, plain(why)))
            action = "care.accept" if accept else "care.keep"
            self._record(session, actor, action, person, subject=found.field.value, why=plain(why))
            session.flush()
            return _form(session, person)

    def _record(
        self, session: Session, actor: Actor, action: str, person: Person, *, subject: str = "", why: str = ""
    ) -> None:
        at = self._context.clock()
        audit.record(session, actor, at, action, person_id=person.id, region=person.region, subject=subject, why=why)


# What holds and what the register says


def held(person: Person, field: HandField) -> dict[str, str]:
    """What the person's row says of a field; empty parts are left out."""
    if field is HandField.BIRTH_DATE:
        return {"birth_date": person.birth_date.isoformat()} if person.birth_date_known else {}
    source: Mapping[str, str] = (
        person.address if field in ADDRESSES else {name: getattr(person, name) for name in PARTS[field]}
    )
    return {name: source[name] for name in PARTS[field] if source.get(name)}


def put(person: Person, field: HandField, value: Mapping[str, str]) -> None:
    """Let the person's row say it."""
    if field is HandField.BIRTH_DATE:
        if value:
            person.birth_date, person.birth_date_known = date.fromisoformat(value["birth_date"]), True
        else:
            person.birth_date_known = False
    elif field in ADDRESSES:
        others = {name: text for name, text in person.address.items() if name not in PARTS[field]}
        person.address = others | dict(value)
    else:
        for name in PARTS[field]:
            setattr(person, name, value.get(name, ""))
        person.name_key = name_key(person.family_name, person.given_names)


def said(edit: HandEdit) -> dict[str, str]:
    """What the register has said last of a field that is written by hand."""
    return edit.differs if edit.differs is not None else edit.register_value


def as_registered(facts: dict[str, Any], edits: list[HandEdit]) -> None:
    """Let `facts` of a hand-over's comparison say what the register said last, where they say what is written by hand."""
    for edit in edits:
        if edit.field in ADDRESSES:
            others = {name: text for name, text in facts["address"].items() if name not in PARTS[edit.field]}
            facts["address"] = others | said(edit)
        elif edit.field is not HandField.BIRTH_DATE:
            facts.update({name: said(edit).get(name, "") for name in PARTS[edit.field]})


def touched(fields: list[list[Any]], by_hand: frozenset[HandField]) -> frozenset[HandField]:
    """Which of the fields written by hand the changes [name, old, new] of a hand-over are about."""
    found = set()
    for name, old, new in fields:
        for field in by_hand:
            if name == "address" and field in ADDRESSES:
                if any(old.get(part, "") != new.get(part, "") for part in PARTS[field]):
                    found.add(field)
            elif name in PARTS[field]:
                found.add(field)
    return frozenset(found)


# What a hand-over does, within its transaction


def register_says(walk: Walk, person: Person, fields: list[list[Any]]) -> list[list[Any]]:
    """Note beside what is written by hand what the register says of it; returns the changes that are left to make.

    Raises:
        ChangedBySomeoneElseError: the register had said another thing than the comparison saw.
    """
    edits = open_edits(walk.session, person.id)
    about = touched(fields, frozenset(edits))
    left: list[list[Any]] = []
    now = {field: dict(said(edit)) for field, edit in edits.items()}
    for name, old, new in fields:
        if name == "address" and edits.keys() & ADDRESSES:
            left.append([name, *_without(person, frozenset(edits.keys() & ADDRESSES), old, new, now)])
            continue
        field = next((each for each in edits if name in PARTS[each]), None)
        if field is None:
            left.append([name, old, new])
            continue
        if now[field].get(name, "") != old:
            raise ChangedBySomeoneElseError(CHANGED_SINCE)
        now[field][name] = new
    for field in about:
        _hear(walk, edits[field], {name: text for name, text in now[field].items() if text})
    return left


def end_edits(walk: Walk, person: Person, reason: str, fields: frozenset[HandField] = frozenset(HandField)) -> None:
    """What is written by hand no longer holds, and the row says what the register said last."""
    for field, edit in open_edits(walk.session, person.id).items():
        if field in fields:
            put(person, field, said(edit))
            _end(walk, edit, reason)


def birth_date_by_number(walk: Walk, person: Person) -> None:
    """A new number of the register says when the person was born: what was written by hand ends, and the row is the caller's."""
    edit = open_edits(walk.session, person.id).get(HandField.BIRTH_DATE)
    if edit is not None:
        _end(walk, edit, _NEW_NUMBER)


_NEW_NUMBER = "The register has given the person a new number"


def _without(
    person: Person,
    about: frozenset[HandField],
    old: Mapping[str, str],
    new: Mapping[str, str],
    now: dict[HandField, dict[str, str]],
) -> tuple[dict[str, str], dict[str, str]]:
    """An address change without the parts that are written by hand, which go into `now`; both sides as the row says them."""
    mine: set[str] = set()
    for field in about:
        if now[field] != {name: old[name] for name in PARTS[field] if old.get(name)}:
            raise ChangedBySomeoneElseError(CHANGED_SINCE)
        now[field] = {name: new[name] for name in PARTS[field] if new.get(name)}
        mine |= set(PARTS[field])
    kept = {name: text for name, text in person.address.items() if name in mine}

    def beside(given: Mapping[str, str]) -> dict[str, str]:
        return {name: text for name, text in given.items() if name not in mine} | kept

    return beside(old), beside(new)


def _hear(walk: Walk, edit: HandEdit, value: dict[str, str]) -> None:
    if value == edit.value:
        _end(walk, edit, "The register says the same")
    elif value == edit.register_value:
        edit.differs, edit.differs_at = None, None
    else:
        edit.differs, edit.differs_at = value, walk.at


def _end(walk: Walk, edit: HandEdit, reason: str) -> None:
    edit.ended_at, edit.ended_by, edit.end_reason = walk.at, walk.actor.username, reason
    walk.session.add(edit)
    walk.session.flush()


# Writing


def _editable(session: Session, actor: Actor, person_id: int, *, lock: bool) -> Person:
    person = by_id(session, person_id, lock=lock)
    require_region(actor, person.region)
    if is_masked(person):
        raise RefusedError("The identity is protected: name and address come from the population register alone.")
    if person.closed_reason in _GONE:
        raise RefusedError("The person is dead, or the case is merged into another: nothing is written by hand here.")
    return person


def _clean(field: HandField, given: Mapping[str, str]) -> dict[str, str]:
    found = {name: " ".join(plain(given.get(name, "")).split()) for name in PARTS[field]}
    for name in ("postnr", "sp_postnr"):
        if name in found:
            found[name] = found[name].replace(" ", "")
    return {name: text for name, text in found.items() if text}


def _check(person: Person, field: HandField, value: Mapping[str, str], today: date, *, by_hand: bool) -> None:
    if any(len(text) > _LONGEST for text in value.values()):
        raise RefusedError("Write at most {most} characters on a line.", most=_LONGEST)
    if field is HandField.BIRTH_DATE:
        _check_birth_date(person, value, today, by_hand=by_hand)
    elif field is HandField.MUNICIPALITY and region_of(value.get("municipality", "")) != person.region:
        raise RefusedError(
            "Choose a municipality of the person's region. Who has moved to another region is handed over to it."
        )
    elif field in (HandField.ADDRESS, HandField.SPECIAL):
        postcode = next((text for name, text in value.items() if name.endswith("postnr")), "")
        if postcode and not (len(postcode) == _POSTCODE and postcode.isascii() and postcode.isdecimal()):
            raise RefusedError("A postcode has five digits.")


def _check_birth_date(person: Person, value: Mapping[str, str], today: date, *, by_hand: bool) -> None:
    if person.birth_date_known and not by_hand:
        raise RefusedError("The register knows the birth date: have it set right there.")
    if not value:
        return
    try:
        born = date.fromisoformat(value["birth_date"])
    except ValueError as problem:
        raise RefusedError("Write the date as 1976-02-03.") from problem
    number = parse_identity(person.number, from_register=True).number
    stated = (int(number[:4]), int(number[4:6]), int(number[6:8]) % 60)
    if any(known and known != part for known, part in zip(stated, (born.year, born.month, born.day), strict=True)):
        raise RefusedError("The number says another year, month or day: have the register set right.")
    if born > today:
        raise RefusedError("The date has not come yet.")


def _write(
    walk: Walk, person: Person, field: HandField, value: dict[str, str], before: HandEdit | None, why: str
) -> None:
    registered = said(before) if before is not None else held(person, field)
    put(person, field, value)
    if before is not None:
        _end(walk, before, why)
    if value != registered:
        walk.session.add(_made(walk, person, field, value, registered, why))


def _made(
    walk: Walk, person: Person, field: HandField, value: dict[str, str], registered: dict[str, str], why: str
) -> HandEdit:
    return HandEdit(
        person_id=person.id,
        region=person.region,
        field=field,
        value=value,
        register_value=registered,
        at=walk.at,
        by=walk.actor.username,
        why=why,
    )


def _form(session: Session, person: Person) -> HandForm:
    edits = open_edits(session, person.id)
    fields = [field for field in HandField if field is not HandField.BIRTH_DATE or _asks_birth_date(person, edits)]
    return HandForm(
        person_id=person.id,
        number=shown_number(person),
        name=shown_name(person),
        region=person.region,
        version=person.version_id,
        values=tuple(_value(person, field, edits.get(field)) for field in fields),
    )


def _asks_birth_date(person: Person, edits: Mapping[HandField, HandEdit]) -> bool:
    return not person.birth_date_known or HandField.BIRTH_DATE in edits


def _value(person: Person, field: HandField, edit: HandEdit | None) -> HandValue:
    value = held(person, field)
    if edit is None:
        return HandValue(field, value, value, None, None, "", None, "")
    return HandValue(field, value, edit.register_value, edit.differs, edit.id, edit.by, edit.at, edit.why)
