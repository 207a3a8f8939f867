"""Where everybody in the register stands towards the offer as of a day, as one query: offered, or why not."""

from datetime import date
from typing import Any

from sqlalchemy import Select, and_, case, exists, func, not_, or_, select
from sqlalchemy.orm import aliased

from db.models import Block, Person, Round, StepChange
from db.sql import year_of
from kansli_tui.pathway.indicators import Coverage
from kansli_tui.pathway.steps import ClosedReason, Step
from kansli_tui.rows.population import Protection
from kansli_tui.service.round_facts import end_of, everybody
from kansli_tui.service.round_parts import Scope


def person_facts(as_of: date, scope: Scope = everybody) -> Select[Any]:
    """One row for everybody who was in the register at the end of `as_of`, in the region that they belonged to then.

    The columns are those of `person_fact`. Whether a birth year is in a plan is asked when it is counted: plans change for all.
    """
    until = end_of(as_of)
    newest = (
        select(StepChange.person_id, func.max(StepChange.id).label("change_id"))
        .where(StepChange.at < until, scope(StepChange.person_id))
        .group_by(StepChange.person_id)
        .subquery()
    )
    stands = aliased(StepChange)
    offered = exists().where(Round.person_id == Person.id, Round.offered_on <= as_of)
    blocked = exists().where(
        Block.person_id == Person.id, Block.began_at < until, or_(Block.ended_at.is_(None), Block.ended_at >= until)
    )
    closed = stands.to_step == Step.CLOSED
    status = case(
        (offered, Coverage.OFFERED.value),
        (closed, f"{Coverage.CLOSED.value}:" + stands.because),
        (stands.to_step == Step.EXCLUDED, f"{Coverage.EXCLUDED.value}:" + stands.because),
        (blocked, Coverage.HELD.value),
        (stands.to_step == Step.NOT_DUE, Coverage.NOT_DUE.value),
        (stands.to_step == Step.POSTPONED, Coverage.POSTPONED.value),
        else_=Coverage.ON_ITS_WAY.value,
    )
    opted_out = and_(closed, stands.because == ClosedReason.OPTED_OUT.value)
    return (
        select(
            Person.id.label("person_id"),
            stands.region,
            year_of(Person.birth_date).label("born"),
            case((Person.protection == Protection.NONE, Person.municipality), else_="").label("municipality"),
            status.label("status"),
            case((opted_out, 1), else_=0).label("opted_out"),
        )
        .join(newest, newest.c.person_id == Person.id)
        .join(stands, stands.id == newest.c.change_id)
        # A number that another has replaced is nobody: the person is there by the other one.
        .where(not_(and_(closed, stands.because == ClosedReason.NUMBER_REPLACED.value)))
    )
