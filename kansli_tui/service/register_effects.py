"""What an accepted line does to a person of ours, at once and inside the acceptance's transaction: orders, letters, blocks, tasks."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, update

from db.models import Letter, Person, PersonNumber, Task
from db.queries.people import by_id, name_key
from db.queries.register import MOVE_KIND
from kansli_tui.errors import ChangedBySomeoneElseError
from kansli_tui.pathway.register_codes import deregistration_meaning
from kansli_tui.pathway.steps import OWED, ClosedReason, Queue, Step
from kansli_tui.rows.letter_states import LetterState
from kansli_tui.rows.population import Protection
from kansli_tui.rows.register_care import HandField
from kansli_tui.service.hand_edits import birth_date_by_number, end_edits, register_says
from kansli_tui.service.holding import UNSENT
from kansli_tui.service.register_changes import Effect
from kansli_tui.service.register_entry import born_by_number, first_offer_on
from kansli_tui.service.walk import Walk

CHANGED_SINCE = "The register has changed since the file was compared. Compare it again and review what it says now."


def apply_change(walk: Walk, person: Person, data: Mapping[str, Any], fields: list[list[Any]]) -> None:
    """Change the fields, add the numbers, and let every effect take place.

    Raises:
        ChangedBySomeoneElseError: a field is no longer what the comparison saw.
    """
    effects = [Effect(effect) for effect in data["effects"]]
    if Effect.DEAD in effects or Effect.PROTECTED in effects:
        end_edits(walk, person, "The register's word on a death or a protected identity holds")
    elif Effect.MOVED_OUT in effects:
        end_edits(walk, person, "Moved out by the register", frozenset({HandField.MUNICIPALITY}))
    for name, old, new in register_says(walk, person, fields):
        _change(person, name, old, new)
    person.name_key = name_key(person.family_name, person.given_names)
    add_numbers(walk, person, data.get("numbers", ()))
    if Effect.NUMBER in effects:
        _born_again(walk, person)
    for effect in effects:
        _take_place(walk, person, effect, data)
    for reason, values in data.get("asks", ()):
        ask(walk, person, "register", reason if not values else SEE_REVIEW)


SEE_REVIEW = "A line of a register file about the person is not right: see the register review."


def ask(walk: Walk, person: Person, about: str, reason: str) -> None:
    """A register task about the person; the one that is open for the same thing if there is one."""
    walk.open_task(Queue.REGISTER, f"{about}:{person.id}", region=person.region, person=person, reason=reason)


def add_numbers(walk: Walk, person: Person, numbers: list[str] | tuple[str, ...]) -> None:
    """Numbers that are his from now on."""
    for number in numbers:
        walk.session.add(
            PersonNumber(person_id=person.id, region=person.region, number=number, source="register", added_at=walk.at)
        )


def hold_duplicates(walk: Walk, people: list[int]) -> None:
    """Hold people who may be one and the same; nobody merges them without looking."""
    for person_id in people:
        walk.block(
            by_id(walk.session, person_id, lock=True),
            "duplicate",
            "Possible duplicate: by the register, one number has replaced that of somebody else of ours.",
        )


def _change(person: Person, name: str, old: Any, new: Any) -> None:
    current = getattr(person, name)
    if (current.value if name == "protection" else current) != old:
        raise ChangedBySomeoneElseError(CHANGED_SINCE)
    setattr(person, name, Protection(new) if name == "protection" else new)


def _born_again(walk: Walk, person: Person) -> None:
    """The birth date that the new number says, and with it the year of the first offer."""
    birth_date_by_number(walk, person)
    person.birth_date, person.birth_date_known = born_by_number(person.number)
    if person.step is Step.NOT_DUE and person.round_number == 0:
        person.next_on = first_offer_on(person.birth_date, walk.rules(person.region))


def _take_place(walk: Walk, person: Person, effect: Effect, data: Mapping[str, Any]) -> None:
    match effect:
        case Effect.DEAD:
            walk.close(person, ClosedReason.DEAD, "Dead by the population register")
        case Effect.EMIGRATED:
            _leave(walk, person, ClosedReason.EMIGRATED, "Emigrated by the population register")
        case Effect.MOVED_OUT:
            _leave(walk, person, ClosedReason.MOVED_OUT, "Moved out of the three regions by the population register")
        case Effect.HELD_BY_CODE:
            code = person.deregistered_code or ""
            _hold(walk, person, f"register:{code}", deregistration_meaning(code))
        case Effect.MOVES_REGION:
            _hold(
                walk,
                person,
                f"{MOVE_KIND}{data['moves_to']}",
                "Has moved to another county by the register: hand the person over, or find out where he lives.",
            )
        case Effect.PROTECTED:
            prepare_again(walk, person, "Protected since the letter was prepared", printed_only=False)
        case Effect.SEX:
            ask(
                walk, person, "sex", "The sex has changed in the register: decide whether the person is offered a test."
            )
        case Effect.RETURNED:
            ask(walk, person, "returned", "Has come back by the register: decide whether the person is taken in again.")
        case Effect.NUMBER | Effect.EARLIER_NUMBER | Effect.DUPLICATE | Effect.BY_HAND:
            pass


def _leave(walk: Walk, person: Person, why: ClosedReason, reason: str) -> None:
    if person.step is Step.CLOSED:
        return
    if person.step in OWED:
        _hold(
            walk,
            person,
            f"owed:{why.value}",
            "Has left the regions by the register while an answer or care is owed: decide who sees to it, then close the case.",
        )
    else:
        walk.close(person, why, reason)


def _hold(walk: Walk, person: Person, kind: str, reason: str) -> None:
    prepare_again(walk, person, reason, printed_only=True)
    walk.block(person, kind, reason)


def prepare_again(walk: Walk, person: Person, reason: str, *, printed_only: bool) -> None:
    """Stop letters that have not left the house and prepare them anew, as the person now is: by hand for a protected one.

    A held person's letters wait as prepared ones, so that only printed ones have to be taken out.
    """
    states = (LetterState.PRINTED,) if printed_only else UNSENT
    walk.session.flush()
    letters = walk.session.scalars(
        select(Letter).where(Letter.person_id == person.id, Letter.state.in_(states)).order_by(Letter.id)
    ).all()
    for letter in letters:
        letter.state, letter.stopped_at, letter.stop_reason = LetterState.STOPPED, walk.at, reason
    walk.session.execute(
        update(Task)
        .where(
            Task.queue.in_((Queue.PROTECTED, Queue.ADDRESS)),
            Task.subject.in_([f"letter:{letter.id}" for letter in letters]),
            Task.closed_at.is_(None),
        )
        .values(closed_at=walk.at, closed_by=walk.actor.username, outcome=reason)
    )
    for letter in letters:
        anew = walk.prepare_letter(person, letter.type, letter.values)
        anew.round_number, anew.again_of, anew.enclosure = letter.round_number, letter.again_of, letter.enclosure
        if letter.again_of is not None:
            # What was not read in 1177 does not go there a second time.
            anew.channel = letter.channel
