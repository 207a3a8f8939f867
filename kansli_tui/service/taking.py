"""What taking in has in common, whatever the message is about: the transaction, whose numbers it states, and how it ends.

One module for each kind says what a message does (`taking_psa`, `taking_mri`, `taking_bookings`, `taking_outcomes`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from db import audit
from db.models import LabMessage, Person, PersonNumber
from db.queries.people import by_number
from kansli_tui.errors import InvalidIdentityError
from kansli_tui.exchange.profile import Profile
from kansli_tui.pathway.identity import parse_identity
from kansli_tui.rows.answers import MessageState
from kansli_tui.rows.lab import PatientId
from kansli_tui.rows.office import Actor
from kansli_tui.service.context import Context
from kansli_tui.service.walk import Walk


@dataclass(frozen=True, slots=True)
class Took:
    """The message is taken in, or has no effect; `words` say which (a message id)."""

    state: MessageState
    words: str


@dataclass(frozen=True, slots=True)
class Held:
    """The message cannot be taken in by itself: why, and what a person does about it, as message ids with `values`."""

    reason: str
    fix: str
    values: Mapping[str, str | int] = field(default_factory=dict)


class Taking:
    """Takes single messages in within one transaction."""

    def __init__(self, context: Context, session: Session, actor: Actor, profile: Profile, file_name: str) -> None:
        self.session = session
        self.profile = profile
        self.walk = Walk(session, actor, context.clock(), context.rules(session))
        self.file_name = file_name

    def numbers(self, identities: Iterable[PatientId], known: frozenset[str]) -> tuple[frozenset[str], list[str]]:
        """The numbers that a message states, and those of them that are new to us although another one is ours."""
        stated = []
        for identity in identities:
            try:
                stated.append(parse_identity(identity.number, from_register=True).number)
            except InvalidIdentityError:
                continue
        return frozenset(stated), [number for number in stated if number not in known]

    def taken(self, numbers: Iterable[str]) -> bool:
        """Whether one of the numbers is somebody's already."""
        return any(by_number(self.session, number) for number in numbers)

    def link(self, person: Person, others: Sequence[str]) -> None:
        """A second number in the same message is the person's former one: kept, so that search finds both."""
        for other in others:
            if by_number(self.session, other) is None:
                self.session.add(
                    PersonNumber(
                        person_id=person.id,
                        region=person.region,
                        number=other,
                        source="laboratory",
                        added_at=self.walk.at,
                    )
                )
                audit.record(
                    self.session,
                    self.walk.actor,
                    self.walk.at,
                    "number.link",
                    person_id=person.id,
                    region=person.region,
                    why="second number in a message",
                )

    def mark(self, message: LabMessage, person: Person, state: MessageState) -> None:
        """The message is this person's. It is written at once: what comes of it names it."""
        message.state, message.person_id, message.region = state, person.id, person.region
        self.session.add(message)
        self.session.flush()

    def record(self, person: Person, action: str, subject: str) -> None:
        """A line in the log."""
        audit.record(
            self.session,
            self.walk.actor,
            self.walk.at,
            action,
            person_id=person.id,
            region=person.region,
            subject=subject,
        )
