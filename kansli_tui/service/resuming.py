"""Taking a postponed person up again: on his date by the day's run, or before it because somebody asks."""

from sqlalchemy import select

from db.models import Person, Round
from kansli_tui.pathway.steps import Event
from kansli_tui.service.context import local_date
from kansli_tui.service.latest import latest_answer
from kansli_tui.service.offering import prepare_repeat
from kansli_tui.service.walk import Walk


def resume(walk: Walk, person: Person, *, reason: str = "") -> None:
    """A postponed offer is due at once; a postponed sample gets its repeat letter and a new order."""
    opened = walk.session.scalar(
        select(Round).where(Round.person_id == person.id, Round.number == person.round_number, Round.ended_at.is_(None))
    )
    if opened is None:
        on = walk.offer_or_age_exit(person, walk.today)
        walk.move(person, Event.POSTPONEMENT_ENDED, next_on=on, reason=reason)
        return
    walk.move(person, Event.SAMPLE_POSTPONEMENT_ENDED, reason=reason)
    answer = latest_answer(walk.session, person)
    sampled_on = answer.sampled_at if answer is not None else None
    prepare_repeat(walk, person, local_date(sampled_on).isoformat() if sampled_on is not None else "")
