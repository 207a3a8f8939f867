"""Lines of the follow-up plan: read as rows, written with their history, frozen when the quarter is closed."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db.models import FollowUp, FollowUpChange, FollowUpPlan
from kansli_tui.errors import ChangedBySomeoneElseError, NotFoundError, RefusedError
from kansli_tui.pathway.follow_up import PLAN_MEASURES, Limits, PlanMeasure, Result, Status, Unit, status_of
from kansli_tui.pathway.quarters import Quarter, read_quarter
from kansli_tui.rows.follow_up import Before, ChangeWhat, FollowUpRow, Override, TargetRow
from kansli_tui.rows.office import Actor
from kansli_tui.service.context import plain
from kansli_tui.service.targets import require_joint_or_own, target_of

EDITABLE = ("area", "activity", "responsible", "due", "results", "challenges")
MOST_WRITTEN = 2_000
"""So many characters fit in a text of a line; names of areas and people are shorter."""
MOST_NAMED = 80
_SHORT = ("area", "responsible")


def a_quarter(text: str) -> Quarter:
    """The quarter as written. RefusedError says how it is written."""
    quarter = read_quarter(text)
    if quarter is None:
        raise RefusedError("Write a quarter as 2026K3.")
    return quarter


def lines_of(session: Session, quarter: str, region: str) -> list[FollowUp]:
    """The lines of a plan in the order they were added."""
    statement = select(FollowUp).where(
        FollowUp.quarter == quarter, FollowUp.region == region, FollowUp.removed_at.is_(None)
    )
    return list(session.scalars(statement.order_by(FollowUp.id)))


def hold(session: Session, quarter: str, region: str) -> FollowUpPlan:
    """The plan under lock, made where it is missing: lines are written one at a time. RefusedError once it is closed."""
    found = select(FollowUpPlan).where(FollowUpPlan.quarter == quarter, FollowUpPlan.region == region)
    plan = session.scalar(found.with_for_update())
    if plan is None:
        plan = FollowUpPlan(quarter=quarter, region=region)
        session.add(plan)
        try:
            session.flush()
        except IntegrityError as problem:
            raise ChangedBySomeoneElseError("Somebody else has just begun this plan. Look at it again.") from problem
    if plan.closed_at is not None:
        raise RefusedError("The quarter is closed: its lines no longer change.")
    return plan


def a_line(session: Session, actor: Actor, line_id: int) -> FollowUp:
    """A line of a plan that the actor may see. NotFoundError, NotAllowedError."""
    line = session.get(FollowUp, line_id)
    if line is None or line.removed_at is not None:
        raise NotFoundError("The line is no longer in the plan.")
    require_joint_or_own(actor, line.region)
    return line


def held_line(session: Session, actor: Actor, line_id: int, version: int) -> FollowUp:
    """A line of an open plan, under lock, as it was shown. ChangedBySomeoneElseError, and what `a_line` and `hold` raise."""
    line = a_line(session, actor, line_id)
    hold(session, line.quarter, line.region)
    session.refresh(line)
    if line.version_id != version or line.removed_at is not None:
        raise ChangedBySomeoneElseError("Somebody else has changed the line. Look at it again.")
    return line


def checked_texts(given: Mapping[str, str | date | None]) -> dict[str, str | date | None]:
    """What somebody wrote in a line, cleaned. RefusedError for an unknown field, no area, or a text that is too long."""
    cleaned: dict[str, str | date | None] = {}
    for field, value in given.items():
        if field not in EDITABLE or (field == "due") is isinstance(value, str):
            raise RefusedError("There is no such field in a line of the plan.")
        cleaned[field] = plain(value) if isinstance(value, str) else value
        most = MOST_NAMED if field in _SHORT else MOST_WRITTEN
        if isinstance(value, str) and len(value) > most:
            raise RefusedError("The text is too long: at most {most} characters.", most=most)
    if cleaned.get("area") == "":
        raise RefusedError("State the area, for example participation.")
    return cleaned


def require_new(session: Session, line: FollowUp) -> None:
    """Refuse a line whose area and measure the plan has already."""
    for other in lines_of(session, line.quarter, line.region):
        if other is not line and (other.area.casefold(), other.measure) == (line.area.casefold(), line.measure):
            raise RefusedError("The plan has a line of that area and measure already.")


def noted(
    session: Session,
    line: FollowUp,
    at: datetime,
    by: str,
    what: ChangeWhat,
    *,
    field: str = "",
    before: object = "",
    after: object = "",
    why: str = "",
) -> None:
    """Keep what happened to a line."""
    session.add(
        FollowUpChange(
            line_id=line.id,
            at=at,
            by=by,
            what=what,
            field=field,
            before=_written(before),
            after=_written(after),
            why=why,
        )
    )


def _written(value: object) -> str:
    return "" if value is None else str(value)


class Reader:
    """Makes rows of lines: of an open plan from today's targets and results, of a closed one from what was frozen."""

    def __init__(self, held: dict[tuple[str, str], TargetRow], results: Mapping[str, Result]) -> None:
        self._held, self._results = held, results

    def rows(self, session: Session, lines: Iterable[FollowUp], *, closed: bool) -> tuple[FollowUpRow, ...]:
        """The lines as shown, each with how it stood in the quarter it was carried over from."""
        return tuple(self._row(session, line, closed=closed) for line in lines)

    def _target(self, line: FollowUp) -> tuple[Limits | None, date | None]:
        target = target_of(self._held, line.measure, line.region)
        return (target.limits, target.valid_from) if target is not None else (None, None)

    def _row(self, session: Session, line: FollowUp, *, closed: bool) -> FollowUpRow:
        measure = measure_of(line)
        if closed:
            limits, since, result = _limits(line), line.target_from, _result(line)
            computed = line.computed or Status.NO_RESULT
        else:
            (limits, since), result = self._target(line), self._results.get(line.measure)
            computed = status_of(measure.unit, result, limits)
        return FollowUpRow(
            line_id=line.id,
            version=line.version_id,
            area=line.area,
            measure=measure,
            limits=limits,
            target_from=since,
            result=result,
            computed=computed,
            override=_override(line),
            results=line.results,
            challenges=line.challenges,
            activity=line.activity,
            responsible=line.responsible,
            due=line.due,
            before=_before(session, line),
        )


def freeze(line: FollowUp, shown: FollowUpRow) -> None:
    """Write what is shown of an open line into it: target, result and colour."""
    limits, result = shown.limits, shown.result
    line.direction = limits.direction if limits is not None else None
    line.green = limits.green if limits is not None else None
    line.yellow = limits.yellow if limits is not None else None
    line.target_from = shown.target_from
    if result is not None:
        line.numerator, line.denominator, line.value = result.numerator, result.denominator, result.value
        line.waiting, line.late = result.waiting, result.late
    line.computed = shown.computed


def measure_of(line: FollowUp) -> PlanMeasure:
    """What a line follows; a measure that the program no longer knows keeps its name."""
    return PLAN_MEASURES.get(line.measure) or PlanMeasure(line.measure, line.measure, Unit.PERCENT)


def _limits(line: FollowUp) -> Limits | None:
    if line.direction is None or line.green is None or line.yellow is None:
        return None
    return Limits(line.direction, line.green, line.yellow)


def _result(line: FollowUp) -> Result | None:
    counted = line.value is not None or line.denominator is not None
    return Result(line.value, line.numerator, line.denominator, line.waiting, line.late) if counted else None


def _override(line: FollowUp) -> Override | None:
    if line.override is None or line.override_at is None:
        return None
    return Override(line.override, line.override_comment, line.override_by, line.override_at)


def _before(session: Session, line: FollowUp) -> Before | None:
    """How the line stood when the quarter before was closed; nothing while that one is open, for its numbers still move."""
    earlier = session.get(FollowUp, line.carried_from) if line.carried_from is not None else None
    if earlier is None or earlier.computed is None:
        return None
    return Before(earlier.quarter, earlier.override or earlier.computed, _result(earlier))


def stamp_of(rows: Iterable[FollowUpRow]) -> str:
    """Stands for everything that is shown of the lines: another stamp, another plan."""
    return sha256(repr(tuple(rows)).encode()).hexdigest()[:16]
