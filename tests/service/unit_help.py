"""What tests of units' messages share: a man on his way, what came in, and what a person confirms."""

from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import select

from db.models import Booking, Decided, MriAnswer
from kansli_tui.pathway.ruleset import Outcome
from kansli_tui.rows.answers import MessageState
from kansli_tui.rows.referrals import BookingState
from tests.world import World


def referred(world: World) -> int:
    """A man with PSA 4.5 whose MRI referral has been sent, four days ago."""
    person = world.raised("4.5")
    world.refer(person)
    world.clock.advance(days=4)
    return person


def in_days(world: World, days: float) -> datetime:
    now: datetime = world.clock.now
    return now.replace(minute=0, second=0, microsecond=0) + timedelta(days=days)


def taken(world: World, raw: bytes) -> tuple[MessageState, str]:
    (item,) = world.take(raw).items
    return item.state, item.message


def assess(world: World, man: int, *, pirads: int | None = None, volume: str | None = None) -> Outcome:
    row = next(row for row in world.office.examinations.mri_rows(world.anna) if row.person_id == man)
    score = pirads or row.suggested
    assert score is not None
    return world.office.examinations.confirm_mri(
        world.anna,
        row.decision_id,
        version=row.version,
        pirads=score,
        volume_ml=Decimal(volume) if volume else row.volume_ml,
    )


def confirm_pathology(world: World, man: int) -> Outcome:
    row = next(row for row in world.office.examinations.pathology_rows(world.anna) if row.person_id == man)
    return world.office.examinations.confirm_pathology(world.anna, row.decision_id, version=row.version)


def at_urology(world: World, man: int) -> int:
    """His MRI shows PI-RADS 4, and the urology referral has been sent three days ago."""
    world.mri(man, (4,), "40")
    assess(world, man)
    world.refer(man)
    world.clock.advance(days=3)
    return man


def answers(world: World, man: int) -> list[MriAnswer]:
    with world.context.sessions.read() as session:
        return list(session.scalars(select(MriAnswer).where(MriAnswer.person_id == man).order_by(MriAnswer.id)))


def open_times(world: World, man: int) -> list[datetime]:
    with world.context.sessions.read() as session:
        return list(
            session.scalars(
                select(Booking.starts_at).where(Booking.person_id == man, Booking.state == BookingState.BOOKED)
            )
        )


def proposed(world: World, man: int) -> Decided:
    with world.context.sessions.read() as session:
        found = session.scalars(select(Decided).where(Decided.person_id == man).order_by(Decided.id.desc())).first()
        assert found is not None
        return found
