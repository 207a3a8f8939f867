"""The office's own targets: set by a supervisor with a reason, valid from a day, and never changed afterwards."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import audit
from db.models import IndicatorTarget
from kansli_tui.errors import NotFoundError, RefusedError
from kansli_tui.pathway.follow_up import PLAN_MEASURES, Limits, PlanMeasure, fault_in
from kansli_tui.rows.follow_up import JOINT, TargetRow, TargetsRow
from kansli_tui.rows.office import REGIONS, Actor
from kansli_tui.service.context import Context, plain, require_region, require_supervisor


class TargetService:
    """Targets of indicators. None is delivered: no national ones are published."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def rows(self, actor: Actor, on: date | None = None) -> tuple[TargetsRow, ...]:
        """Every measure with the targets that hold on the day (today unless said): the common one, and those of one's regions."""
        with self._context.sessions.read() as session:
            held = targets_on(session, on or self._context.today)
        regions = (JOINT, *sorted(actor.regions))
        return tuple(
            TargetsRow(measure, {region: held[name, region] for region in regions if (name, region) in held})
            for name, measure in PLAN_MEASURES.items()
        )

    def history(self, actor: Actor, measure: str) -> tuple[TargetRow, ...]:
        """Every target that has been set for a measure, the common ones and those of one's regions, the newest first."""
        statement = (
            select(IndicatorTarget)
            .where(
                IndicatorTarget.measure == known(measure).name,
                IndicatorTarget.region.in_([JOINT, *sorted(actor.regions)]),
            )
            .order_by(IndicatorTarget.id.desc())
        )
        with self._context.sessions.read() as session:
            return tuple(_row(target) for target in session.scalars(statement))

    def set(self, actor: Actor, *, measure: str, region: str, limits: Limits, valid_from: date, why: str) -> TargetRow:
        """Set the target of a measure from a day, for one region or with '' for all. Only supervisors; RefusedError for wrong limits."""
        fault = fault_in(known(measure).unit, limits)
        if fault:
            raise RefusedError(fault)
        return self._write(actor, measure, region, limits, valid_from, why)

    def end(self, actor: Actor, *, measure: str, region: str, valid_from: date, why: str) -> TargetRow:
        """No such target from the day on: a region follows the common one again. RefusedError where none holds that day."""
        return self._write(actor, measure, region, None, valid_from, why)

    def _write(
        self, actor: Actor, measure: str, region: str, limits: Limits | None, valid_from: date, why: str
    ) -> TargetRow:
        require_supervisor(actor)
        require_joint_or_own(actor, region)
        name, why, at = known(measure).name, plain(why), self._context.clock()
        if not why:
            raise RefusedError("State why.")
        with self._context.sessions.begin() as session:
            if limits is None and (name, region) not in targets_on(session, valid_from):
                raise RefusedError("No such target holds on that day.")
            row = IndicatorTarget(
                measure=name,
                region=region,
                direction=limits.direction if limits is not None else None,
                green=limits.green if limits is not None else None,
                yellow=limits.yellow if limits is not None else None,
                valid_from=valid_from,
                set_by=actor.username,
                set_at=at,
                why=why,
            )
            session.add(row)
            session.flush()
            text = f"{limits.direction.value} {limits.green} {limits.yellow}" if limits is not None else "-"
            subject = f"{name} {valid_from.isoformat()} {text}"
            action = "targets.set" if limits is not None else "targets.end"
            audit.record(session, actor, at, action, region=region or None, subject=subject, why=why)
            return _row(row)


def targets_on(session: Session, day: date) -> dict[tuple[str, str], TargetRow]:
    """The targets that hold on a day by measure and region, '' for the common ones. What has ended by then is not there."""
    rows = session.scalars(
        select(IndicatorTarget)
        .where(IndicatorTarget.valid_from <= day)
        .order_by(IndicatorTarget.valid_from, IndicatorTarget.id)
    )
    newest = {(row.measure, row.region): row for row in rows}
    return {key: _row(row) for key, row in newest.items() if row.green is not None}


def target_of(held: dict[tuple[str, str], TargetRow], measure: str, region: str) -> TargetRow | None:
    """What holds for a measure in a region: its own target before the common one."""
    return held.get((measure, region)) or held.get((measure, JOINT))


def known(measure: str) -> PlanMeasure:
    """The measure of a name. NotFoundError where there is none."""
    if measure not in PLAN_MEASURES:
        raise NotFoundError("There is no measure named {name}.", name=plain(measure))
    return PLAN_MEASURES[measure]


def require_joint_or_own(actor: Actor, region: str) -> None:
    """Refuse a region that the actor does not work for; '' asks for all of them."""
    for one in regions_of(region):
        require_region(actor, one)


def regions_of(region: str) -> Iterable[str]:
    """The regions that '' or one code stands for."""
    return sorted(REGIONS) if region == JOINT else [region]


def _row(row: IndicatorTarget) -> TargetRow:
    limits = None
    if row.direction is not None and row.green is not None and row.yellow is not None:
        limits = Limits(row.direction, row.green, row.yellow)
    return TargetRow(row.id, row.measure, row.region, limits, row.valid_from, row.set_by, row.set_at, row.why)
