"""People whom the register does not pick: added by hand at somebody's request, with a reason, and never sorted out by sex afterwards."""

from collections.abc import Mapping

from db import audit
from db.models import Person, PersonNumber, StepChange
from db.queries.people import by_number, name_key
from kansli_tui.errors import KansliError, RefusedError
from kansli_tui.pathway.identity import parse_identity
from kansli_tui.pathway.steps import Event, Step
from kansli_tui.rows.offers import RoundKind
from kansli_tui.rows.office import Actor
from kansli_tui.service.context import Context, plain, require_region
from kansli_tui.service.offers import begin_offer
from kansli_tui.service.walk import Walk

ADDRESS_FIELDS = ("co", "adr1", "adr2", "postnr", "ort")


class RequestService:
    """Adding people by request."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def add(
        self,
        actor: Actor,
        *,
        number: str,
        region: str,
        given: str,
        family: str,
        address: Mapping[str, str],
        reason: str,
        offer_now: bool = False,
    ) -> int:
        """Add a person with a prostate whom the register does not pick; returns the key. `address` by the register's field names.

        Refused for a number that is in the register already (the case is opened instead) and for an age outside the offer.
        """
        require_region(actor, region)
        if not reason.strip():
            raise RefusedError("State why.")
        if not (given.strip() and family.strip()):
            raise KansliError("State given name and family name.")
        identity = parse_identity(number)
        given, family, reason = plain(given), plain(family), plain(reason)
        with self._context.sessions.begin() as session:
            if by_number(session, identity.number) is not None:
                raise RefusedError("The person is in the register already: search for the number and open the case.")
            walk = Walk(session, actor, self._context.clock(), self._context.rules(session))
            if identity.birth_date is None:
                raise RefusedError("The birth date is not known. Register care adds such persons.")
            rules = walk.rules(region)
            age = walk.today.year - identity.birth_date.year
            if not rules.first_age <= age <= rules.last_age:
                raise RefusedError(
                    "Age {age}: the region offers {first}–{last} years.",
                    age=age,
                    first=rules.first_age,
                    last=rules.last_age,
                )
            person = Person(
                region=region,
                number=identity.number,
                birth_date=identity.birth_date,
                given_names=given.strip(),
                family_name=family.strip(),
                name_key=name_key(family, given),
                address={
                    name: plain(text) for name, text in address.items() if name in ADDRESS_FIELDS and text.strip()
                },
                source="request",
                step=Step.NOT_DUE,
                since=walk.at,
                next_on=walk.today,
            )
            session.add(person)
            session.flush()
            session.add(
                PersonNumber(
                    person_id=person.id, region=region, number=identity.number, source="request", added_at=walk.at
                )
            )
            session.add(
                StepChange(
                    person_id=person.id,
                    region=region,
                    round_number=0,
                    at=walk.at,
                    event=Event.REGISTERED,
                    to_step=Step.NOT_DUE,
                    next_on=walk.today,
                    reason=reason.strip(),
                    by=actor.username,
                )
            )
            audit.record(session, actor, walk.at, "person.add", person_id=person.id, region=region, why=reason)
            if offer_now:
                begin_offer(walk, person, RoundKind.REQUEST, None, reason=reason)
            return person.id
