"""Uppföljning: the plan of a quarter, in the form that the regions know, from writing its lines to signing it.

Results come from those who count (`measuring`), never from here. Closing a quarter freezes targets, results and colours: a closed
quarter comes out the same whatever happens to the numbers, the targets or the program's definitions later.
"""

from collections.abc import Callable
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db import audit
from db.models import FollowUp, FollowUpChange, FollowUpPlan
from kansli_tui.errors import ChangedBySomeoneElseError, RefusedError
from kansli_tui.pathway.follow_up import BY_HAND, Result, Status
from kansli_tui.pathway.quarters import Quarter, quarter_of
from kansli_tui.rows.follow_up import ChangeWhat, FollowUpChangeRow, FollowUpQuarter
from kansli_tui.rows.office import Actor
from kansli_tui.service.context import Context, plain, require_supervisor
from kansli_tui.service.measuring import Asked, measured
from kansli_tui.service.plan_lines import (
    Reader,
    a_line,
    a_quarter,
    checked_texts,
    freeze,
    held_line,
    hold,
    lines_of,
    noted,
    require_new,
    stamp_of,
)
from kansli_tui.service.targets import known, regions_of, require_joint_or_own, targets_on


class FollowUpService:
    """Plans by quarter and region, '' for the three regions together. A caseworker writes; a supervisor judges and closes."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def quarter(self, actor: Actor, quarter: str, region: str) -> FollowUpQuarter:
        """The plan of a quarter: counted as of today while it is open, as it was signed once it is closed."""
        wanted = a_quarter(quarter)
        require_joint_or_own(actor, region)
        results = self._results(actor, wanted, region)
        with self._context.sessions.read() as session:
            return self._quarter(session, wanted, region, results)

    def history(self, actor: Actor, line_id: int) -> tuple[FollowUpChangeRow, ...]:
        """Everything that has been written of a line, the newest first."""
        with self._context.sessions.read() as session:
            a_line(session, actor, line_id)
            rows = session.scalars(
                select(FollowUpChange).where(FollowUpChange.line_id == line_id).order_by(FollowUpChange.id.desc())
            )
            return tuple(
                FollowUpChangeRow(row.at, row.by, row.what, row.field, row.before, row.after, row.why) for row in rows
            )

    # Lines

    def add(
        self,
        actor: Actor,
        quarter: str,
        region: str,
        *,
        area: str,
        measure: str,
        activity: str = "",
        responsible: str = "",
        due: date | None = None,
    ) -> int:
        """Add a line; its id. RefusedError when the plan has that area and measure, or is closed."""
        wanted = self._writable(actor, quarter, region)
        texts = checked_texts({"area": area, "activity": activity, "responsible": responsible, "due": due})
        name, at = known(measure).name, self._context.clock()
        with self._context.sessions.begin() as session:
            hold(session, str(wanted), region)
            line = FollowUp(quarter=str(wanted), region=region, measure=name, **texts)
            require_new(session, line)
            session.add(line)
            session.flush()
            noted(session, line, at, actor.username, ChangeWhat.ADDED, after=f"{line.area}: {name}")
            self._logged(session, actor, "follow_up.add", line, name)
            return line.id

    def edit(self, actor: Actor, line_id: int, *, version: int, **texts: str | date | None) -> None:
        """Write `area`, `activity`, `responsible`, `due`, `results` or `challenges`; what is not named stays."""
        cleaned = checked_texts(texts)

        def write(session: Session, line: FollowUp) -> None:
            for field, after in cleaned.items():
                before = getattr(line, field)
                if before != after:
                    setattr(line, field, after)
                    noted(
                        session,
                        line,
                        self._context.clock(),
                        actor.username,
                        ChangeWhat.EDITED,
                        field=field,
                        before=before,
                        after=after,
                    )
            require_new(session, line)

        self._change(actor, line_id, version, "follow_up.edit", write, subject=",".join(sorted(cleaned)))

    def override(self, actor: Actor, line_id: int, status: Status | None, *, version: int, comment: str) -> None:
        """Set a status by hand, closed too, with a comment; None goes back to the computed one. Only supervisors."""
        require_supervisor(actor)
        comment, at = plain(comment), self._context.clock()
        if not comment:
            raise RefusedError("State why.")
        if status is not None and status not in BY_HAND:
            raise RefusedError("Green, yellow, red and closed are set by hand; the rest follows from the numbers.")

        def write(session: Session, line: FollowUp) -> None:
            if status is None and line.override is None:
                raise RefusedError("The status is the computed one already.")
            before, what = line.override, ChangeWhat.OVERRIDDEN if status is not None else ChangeWhat.OVERRIDE_ENDED
            line.override = status
            line.override_comment = comment if status is not None else ""
            line.override_by, line.override_at = (actor.username, at) if status is not None else ("", None)
            noted(session, line, at, actor.username, what, field="status", before=before, after=status, why=comment)

        self._change(actor, line_id, version, "follow_up.override", write, subject=status or "-", why=comment)

    def remove(self, actor: Actor, line_id: int, *, version: int, why: str) -> None:
        """Take a line out of an open plan: it was written by mistake. Its history stays. Only supervisors."""
        require_supervisor(actor)
        why, at = plain(why), self._context.clock()
        if not why:
            raise RefusedError("State why.")

        def write(session: Session, line: FollowUp) -> None:
            line.removed_at = at
            noted(session, line, at, actor.username, ChangeWhat.REMOVED, why=why)

        self._change(actor, line_id, version, "follow_up.remove", write, why=why)

    # Quarters

    def start(self, actor: Actor, quarter: str, region: str) -> int:
        """Take over the lines of the quarter before that are not closed, with activity, responsible and day; how many.

        Results and challenges are written anew. A line that the plan has already is left as it is.
        """
        wanted = self._writable(actor, quarter, region)
        at = self._context.clock()
        with self._context.sessions.begin() as session:
            hold(session, str(wanted), region)
            earlier = _earlier(session, wanted, region)
            here = {(line.area.casefold(), line.measure) for line in lines_of(session, str(wanted), region)}
            new = [
                line
                for line in (lines_of(session, earlier, region) if earlier else ())
                if line.override is not Status.CLOSED and (line.area.casefold(), line.measure) not in here
            ]
            if not new:
                raise RefusedError("There are no open lines to take over from an earlier quarter.")
            for old in new:
                line = FollowUp(
                    quarter=str(wanted),
                    region=region,
                    area=old.area,
                    measure=old.measure,
                    activity=old.activity,
                    responsible=old.responsible,
                    due=old.due,
                    carried_from=old.id,
                )
                session.add(line)
                session.flush()
                noted(session, line, at, actor.username, ChangeWhat.CARRIED, before=earlier, after=str(wanted))
            subject = f"{wanted} {earlier} {len(new)}"
            audit.record(session, actor, at, "follow_up.start", region=region or None, subject=subject)
            return len(new)

    def close(self, actor: Actor, quarter: str, region: str, *, stamp: str) -> None:
        """Sign the plan as it was shown: targets, results and colours are frozen. Only supervisors, and after its last day.

        `stamp` is that of the plan that was shown; ChangedBySomeoneElseError when lines or numbers are others by now.
        """
        require_supervisor(actor)
        wanted = self._writable(actor, quarter, region)
        if self._context.today <= wanted.last:
            raise RefusedError("The quarter goes on until {day}. Close it when it is over.", day=wanted.last)
        results = self._results(actor, wanted, region)
        at = self._context.clock()
        with self._context.sessions.begin() as session:
            plan = hold(session, str(wanted), region)
            shown = self._quarter(session, wanted, region, results)
            if not shown.rows:
                raise RefusedError("The plan has no lines: there is nothing to sign.")
            if shown.stamp != stamp:
                raise ChangedBySomeoneElseError(
                    "Lines or numbers have changed since they were shown. Look at them, and close again."
                )
            for line, row in zip(lines_of(session, str(wanted), region), shown.rows, strict=True):
                freeze(line, row)
                noted(session, line, at, actor.username, ChangeWhat.CLOSED, after=row.status)
            plan.as_of, plan.closed_at, plan.closed_by = self._context.today, at, actor.username
            subject = f"{wanted} {len(shown.rows)}"
            audit.record(session, actor, at, "follow_up.close", region=region or None, subject=subject)

    # How

    def _writable(self, actor: Actor, quarter: str, region: str) -> Quarter:
        wanted = a_quarter(quarter)
        require_joint_or_own(actor, region)
        if wanted > quarter_of(self._context.today).plus(1):
            raise RefusedError("A plan is written for the next quarter at the latest.")
        return wanted

    def _results(self, actor: Actor, wanted: Quarter, region: str) -> dict[str, Result]:
        """What is counted for the lines of an open plan; nothing for a closed one, or before the quarter has begun."""
        today = self._context.today
        with self._context.sessions.read() as session:
            plan = session.get(FollowUpPlan, (str(wanted), region))
            names = frozenset(line.measure for line in lines_of(session, str(wanted), region))
        if not names or today < wanted.first or (plan is not None and plan.closed_at is not None):
            return {}
        return dict(measured(self._context, actor, Asked(names, wanted, tuple(regions_of(region)), today)))

    def _quarter(self, session: Session, wanted: Quarter, region: str, results: dict[str, Result]) -> FollowUpQuarter:
        plan = session.get(FollowUpPlan, (str(wanted), region))
        closed_at = plan.closed_at if plan is not None else None
        reader = Reader(targets_on(session, wanted.last), results)
        lines = lines_of(session, str(wanted), region)
        rows = reader.rows(session, lines, closed=closed_at is not None)
        today = self._context.today
        counted = today if today >= wanted.first else None
        return FollowUpQuarter(
            quarter=str(wanted),
            region=region,
            since=wanted.first,
            until=wanted.last,
            as_of=plan.as_of if plan is not None and closed_at is not None else counted,
            rows=rows,
            closed_at=closed_at,
            closed_by=plan.closed_by if plan is not None else "",
            earlier=_earlier(session, wanted, region),
            stamp=stamp_of(rows),
        )

    def _change(
        self,
        actor: Actor,
        line_id: int,
        version: int,
        action: str,
        write: Callable[[Session, FollowUp], None],
        *,
        subject: str = "",
        why: str = "",
    ) -> None:
        with self._context.sessions.begin() as session:
            line = held_line(session, actor, line_id, version)
            write(session, line)
            self._logged(session, actor, action, line, subject, why=why)

    def _logged(
        self, session: Session, actor: Actor, action: str, line: FollowUp, subject: str, *, why: str = ""
    ) -> None:
        audit.record(
            session,
            actor,
            self._context.clock(),
            action,
            region=line.region or None,
            subject=f"{line.quarter} line:{line.id} {subject}".strip(),
            why=why,
        )


def _earlier(session: Session, wanted: Quarter, region: str) -> str:
    """The newest quarter before with lines; '' where there is none. Quarters sort as they are written."""
    statement = select(func.max(FollowUp.quarter)).where(
        FollowUp.region == region, FollowUp.quarter < str(wanted), FollowUp.removed_at.is_(None)
    )
    return session.scalar(statement) or ""
