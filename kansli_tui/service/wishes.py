"""What a person has asked for: letters in another language or by another channel, and not to be in the quality register."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import audit
from db.models import Contact, Letter, Person
from db.queries.people import by_id
from kansli_tui.errors import ChangedBySomeoneElseError, RefusedError
from kansli_tui.i18n import later
from kansli_tui.letter_labels import LANGUAGE_NAMES
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.steps import ClosedReason, Queue
from kansli_tui.rows.letter_states import Channel, LetterState
from kansli_tui.rows.office import Actor
from kansli_tui.rows.population import Protection
from kansli_tui.service.context import Context, plain, require_region
from kansli_tui.service.holding import OUT_OF_REGISTER
from kansli_tui.service.walk import Walk

_REMOVE = later("Ask the quality register to remove the person's data, and note here when they have answered")
OBJECTS, CONSENTS = "objects", "consents"
"""How a wish about the register begins where it is kept; a wish about letters begins "en, 1177"."""


def read_wish(stored: str) -> dict[str, str] | None:
    """A wish as it is kept in parts: `register`, or `letter_language` and `letter_channel`; and why (`text`). None if it is no such text."""
    wish, colon, why = stored.partition(": ")
    language, _comma, channel = wish.partition(", ")
    if colon and wish in (OBJECTS, CONSENTS):
        return {"register": wish, "text": why}
    if colon and language in LANGUAGE_NAMES and channel in set(Channel):
        return {"letter_language": language, "letter_channel": Channel(channel), "text": why}
    return None


class WishService:
    """Wishes about letters and the register; each is a line on the case."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def letters(
        self, actor: Actor, person_id: int, *, version: int, language: str, channel: Channel, reason: str
    ) -> None:
        """Send the person's letters in a language and by a channel from now on; those that wait follow.

        RefusedError for a language without letters, and for a protected person by any other way than paper: those letters go through
        the tax agency's forwarding.
        """
        if language not in LANGUAGE_NAMES:
            raise RefusedError("There are no letters in that language.")
        with self._context.sessions.begin() as session:
            walk, person = self._person(session, actor, person_id, version, reason)
            if channel is not Channel.PAPER and person.protection is not Protection.NONE:
                raise RefusedError("A protected person's letters go on paper, through the tax agency.")
            person.letter_language, person.letter_channel = language, channel
            waiting = select(Letter).where(Letter.person_id == person.id, Letter.state == LetterState.PREPARED)
            # Under lock: what is just being printed goes as it is.
            for letter in session.scalars(waiting.with_for_update()):
                letter.language = language
                if letter.type is not LetterType.MRI_CALL:
                    letter.channel = channel
            self._noted(walk, person, f"{language}, {channel.value}: {plain(reason)}", "case.letters")

    def register(self, actor: Actor, person_id: int, *, version: int, objects: bool, reason: str) -> None:
        """Note that the person does not want to be in the quality register, or wants to again. The first is confirmed by a letter."""
        with self._context.sessions.begin() as session:
            walk, person = self._person(session, actor, person_id, version, reason)
            if objects is (person.register_objection_on is not None):
                raise RefusedError("This is noted already.")
            if objects and person.closed_reason is ClosedReason.DEAD:
                raise RefusedError("The person is dead. The register removes the data on the relatives' own request.")
            person.register_objection_on = walk.today if objects else None
            if objects:
                walk.prepare_letter(person, LetterType.REGISTER_OPT_OUT_CONFIRMED)
                walk.open_task(
                    Queue.REGISTER, f"{OUT_OF_REGISTER}{person.id}", region=person.region, person=person, reason=_REMOVE
                )
            else:
                walk.end_register_removal(person.id, "in the register again")
                walk.stop_letters(person, "in the register again", (LetterType.REGISTER_OPT_OUT_CONFIRMED,))
            action = "case.register_objection" if objects else "case.register_consent"
            self._noted(walk, person, f"{OBJECTS if objects else CONSENTS}: {plain(reason)}", action)

    def _person(self, session: Session, actor: Actor, person_id: int, version: int, reason: str) -> tuple[Walk, Person]:
        if not reason.strip():
            raise RefusedError("State why.")
        person = by_id(session, person_id, lock=True)
        require_region(actor, person.region)
        if person.version_id != version:
            raise ChangedBySomeoneElseError("Somebody else has changed the case. Look at it again.")
        return Walk(session, actor, self._context.clock(), self._context.rules(session)), person

    def _noted(self, walk: Walk, person: Person, text: str, action: str) -> None:
        walk.session.add(
            Contact(
                person_id=person.id, region=person.region, at=walk.at, by=walk.actor.username, kind="wish", text=text
            )
        )
        audit.record(walk.session, walk.actor, walk.at, action, person_id=person.id, region=person.region)
