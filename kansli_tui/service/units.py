"""The directory of units that take referrals: where they are, how they book, and what they ask about the man."""

import tomllib
from functools import cache
from importlib import resources
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db import audit
from db.models import Unit
from kansli_tui.errors import ChangedBySomeoneElseError, KansliError, NotFoundError, RefusedError
from kansli_tui.pathway.referrals import ReferralKind
from kansli_tui.rows.office import Actor
from kansli_tui.rows.referrals import BookingWay, UnitRow
from kansli_tui.service.context import Context, plain, require_region, require_supervisor


@cache
def asked_about(kind: ReferralKind) -> tuple[str, ...]:
    """What units of a kind need to know about the man. In Swedish: question and answer stand on the referral."""
    return tuple(_delivered()["asks"][kind.value])


def _delivered() -> dict[str, Any]:
    return tomllib.loads(resources.files("kansli_tui").joinpath("units.toml").read_text(encoding="utf-8"))


class UnitService:
    """The directory."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def rows(
        self, actor: Actor, *, region: str | None = None, kind: ReferralKind | None = None, active: bool = False
    ) -> tuple[UnitRow, ...]:
        """The units of the actor's regions, by region and name; with `active` only those that take referrals now."""
        with self._context.sessions.read() as session:
            statement = select(Unit).where(Unit.region.in_(actor.regions)).order_by(Unit.region, Unit.kind, Unit.id)
            if region is not None:
                statement = statement.where(Unit.region == region)
            if kind is not None:
                statement = statement.where(Unit.kind == kind)
            if active:
                statement = statement.where(Unit.active.is_(True))
            return tuple(unit_row(unit) for unit in session.scalars(statement))

    def save(self, actor: Actor, unit: UnitRow) -> UnitRow:
        """Change a unit as it was shown, or add one (`unit_id` 0). Only supervisors; the code, region and kind of a unit never change."""
        require_supervisor(actor)
        require_region(actor, unit.region)
        if not unit.name.strip() or not unit.phone.strip():
            raise KansliError("State the unit's name and phone.")
        if unit.weekly_capacity < 0:
            raise KansliError("A capacity is a number of appointments a week.")
        with self._context.sessions.begin() as session:
            row = self._row(session, unit)
            row.name, row.hsa_id, row.phone = plain(unit.name), plain(unit.hsa_id), plain(unit.phone)
            row.hours, row.weekly_capacity = plain(unit.hours), unit.weekly_capacity
            row.exam_code, row.exam_text = plain(unit.exam_code), plain(unit.exam_text)
            row.books, row.writes_itself, row.active = unit.books, unit.writes_itself, unit.active
            session.flush()
            audit.record(
                session, actor, self._context.clock(), "unit.save", region=row.region, subject=f"unit:{row.code}"
            )
            return unit_row(row)

    def _row(self, session: Session, unit: UnitRow) -> Unit:
        if unit.unit_id:
            found = session.get(Unit, unit.unit_id, with_for_update=True)
            if found is None:
                raise NotFoundError("There is no such unit.")
            if found.version_id != unit.version:
                raise ChangedBySomeoneElseError("Somebody else has changed the unit. Look at it again.")
            if (found.region, found.kind) != (unit.region, unit.kind):
                raise RefusedError("A unit keeps its region and kind; add another one.")
            return found
        code = plain(unit.code)
        if not code or session.scalar(select(Unit.id).where(Unit.code == code)) is not None:
            raise RefusedError("State a code that no other unit has.")
        added = Unit(code=code, region=unit.region, kind=unit.kind)
        session.add(added)
        return added


def install_units(session: Session) -> None:
    """Put the delivered units into a directory that is empty."""
    if session.scalar(select(func.count(Unit.id))):
        return
    for unit in _delivered()["unit"]:
        session.add(Unit(**{**unit, "kind": ReferralKind(unit["kind"]), "books": BookingWay(unit["books"])}))
    session.flush()


def usual_unit(session: Session, region: str, kind: ReferralKind) -> Unit:
    """The region's first active unit of a kind; RefusedError when it has none."""
    unit = session.scalar(
        select(Unit).where(Unit.region == region, Unit.kind == kind, Unit.active.is_(True)).order_by(Unit.id).limit(1)
    )
    if unit is None:
        raise RefusedError("Region {region} has no active unit to refer to. A supervisor adds one.", region=region)
    return unit


def unit_row(unit: Unit) -> UnitRow:
    """A unit as a frozen row."""
    return UnitRow(
        unit_id=unit.id,
        code=unit.code,
        region=unit.region,
        kind=unit.kind,
        name=unit.name,
        hsa_id=unit.hsa_id,
        phone=unit.phone,
        hours=unit.hours,
        weekly_capacity=unit.weekly_capacity,
        exam_code=unit.exam_code,
        exam_text=unit.exam_text,
        books=unit.books,
        writes_itself=unit.writes_itself,
        active=unit.active,
        version=unit.version_id,
    )
