"""The watch as staff use it: run every check, see whose duty each is and what is late, and note why something is late.

A check is run for the regions of whoever runs it. No check changes anything but the record that it was run.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import audit
from db.models import (
    Absence,
    Booking,
    Deviation,
    Handover,
    Letter,
    Person,
    PsaOrder,
    Referral,
    Staff,
    StaffRegion,
    Task,
    Unit,
    WatchDuty,
    WatchRun,
)
from db.queries.watch import find
from db.queries.watch_finding import Hit, Terms
from kansli_tui.errors import NotFoundError, RefusedError
from kansli_tui.i18n import day_full
from kansli_tui.labels import label
from kansli_tui.pathway.watch import BY_CODE, CHECKS, Check, Watched, is_late, on_duty
from kansli_tui.rows.office import NO_REGION, Actor
from kansli_tui.rows.watch import AbsenceRow, CheckRow, DeviationCause, Finding, WatchReport
from kansli_tui.service.context import STOCKHOLM, Context, local_date, plain, require_region, require_supervisor
from kansli_tui.service.naming import MASKED_NAME, is_masked, shown_name, shown_number
from kansli_tui.service.office_days import is_office_day, last_office_day

SHOWN = 200
"""So many findings of a check are shown; all of them are counted."""
_LATEST_RUNS = 1_000
"""So many rows of runs are looked at: some dozens of runs of all checks."""
_MOST_HOURS = 24 * 31
_AT_ONCE = 500
_SUBJECTS: Mapping[str, Any] = {
    "referral": Referral,
    "order": PsaOrder,
    "letter": Letter,
    "task": Task,
    "booking": Booking,
    "handover": Handover,
    "unit": Unit,
}
"""What a cause can be noted on, besides a person ('person:5') and a region ('region:05')."""


class WatchService:
    """Checks, duties, absences and causes."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def run(self, actor: Actor) -> WatchReport:
        """Run every check in the actor's regions, and record that it was done. Everybody who is shown is logged."""
        at, terms = self._context.clock(), self._terms(actor)
        # The checks only read: whoever works meanwhile is not made to wait for them.
        with self._context.sessions.read() as session:
            found = [(check, *find(session, check, terms)) for check in CHECKS]
            hits = [(check, hit) for check, some, _total in found for hit in some]
            causes = _causes(session, [hit.subject for _check, hit in hits])
        findings = tuple(_finding(check, hit, causes) for check, hit in hits)
        with self._context.sessions.begin() as session:
            for check, _some, total in found:
                session.add(
                    WatchRun(at=at, by=actor.username, check=check.code.value, regions=[*terms.regions], found=total)
                )
            audit.record(
                session,
                actor,
                at,
                "watch.run",
                detail={check.code.value: total for check, _some, total in found if total},
            )
            people = {hit.person.id: hit.person.region for _check, hit in hits if hit.person is not None}
            audit.record_people(session, actor, at, "watch.finding", people.items())
            session.flush()
            return WatchReport(at, check_rows(session, self._context, actor), findings)

    def board(self, actor: Actor) -> tuple[CheckRow, ...]:
        """Every check, the most urgent first, as the last runs left it. Runs none."""
        with self._context.sessions.read() as session:
            return check_rows(session, self._context, actor)

    # Duties and absences

    def set_duty(self, actor: Actor, check: str, *, owner: str, deputy: str, every_hours: int) -> CheckRow:
        """Appoint who sees to a check and who steps in, and how often it is run. Only supervisors; '' appoints nobody.

        RefusedError for somebody who works for none of the actor's regions: they would see nothing of what is found.
        """
        require_supervisor(actor)
        code = _check(check).code
        owner, deputy = plain(owner), plain(deputy)
        if deputy and not owner:
            raise RefusedError("Appoint an owner before a deputy.")
        if deputy and deputy == owner:
            raise RefusedError("The deputy is somebody else than the owner.")
        if not 1 <= every_hours <= _MOST_HOURS:
            raise RefusedError("A check is run at least once a month: state 1 to {hours} hours.", hours=_MOST_HOURS)
        at = self._context.clock()
        with self._context.sessions.begin() as session:
            for username in filter(None, (owner, deputy)):
                _staff(session, username)
                if not _works_for(session, username, actor.regions):
                    raise RefusedError("{user} works for none of your regions: appoint somebody else.", user=username)
            session.merge(
                WatchDuty(
                    check=code.value,
                    owner=owner,
                    deputy=deputy,
                    every_hours=every_hours,
                    set_at=at,
                    set_by=actor.username,
                )
            )
            audit.record(
                session, actor, at, "watch.duty", subject=f"{code.value} {owner or '-'} {deputy or '-'} {every_hours}"
            )
            session.flush()
            return next(row for row in check_rows(session, self._context, actor) if row.check == code.value)

    def absences(self, actor: Actor) -> tuple[AbsenceRow, ...]:
        """Who is away today or later, the nearest first."""
        del actor
        with self._context.sessions.read() as session:
            rows = session.scalars(
                select(Absence)
                .where(Absence.ended_at.is_(None), Absence.last >= self._context.today)
                .order_by(Absence.first, Absence.id)
            )
            return tuple(_absence_row(row) for row in rows)

    def add_absence(self, actor: Actor, username: str, first: date, last: date) -> AbsenceRow:
        """Somebody is away, first and last day included: oneself, or by a supervisor anybody."""
        username = plain(username)
        if username != actor.username:
            require_supervisor(actor)
        if last < first:
            raise RefusedError("The last day comes before the first.")
        if last < self._context.today:
            raise RefusedError("The absence is over already.")
        at = self._context.clock()
        with self._context.sessions.begin() as session:
            _staff(session, username)
            row = Absence(username=username, first=first, last=last, noted_at=at, noted_by=actor.username)
            session.add(row)
            audit.record(session, actor, at, "watch.absence", subject=f"{username} {first} {last}")
            session.flush()
            return _absence_row(row)

    def end_absence(self, actor: Actor, absence_id: int) -> None:
        """Somebody is back, or does not go: the duty is theirs again at once."""
        at = self._context.clock()
        with self._context.sessions.begin() as session:
            row = session.get(Absence, absence_id, with_for_update=True)
            if row is None:
                raise NotFoundError("There is no such absence.")
            if row.username != actor.username:
                require_supervisor(actor)
            if row.ended_at is not None:
                return
            row.ended_at = at
            audit.record(session, actor, at, "watch.absence_ended", subject=f"absence:{row.id}")

    # Causes

    def note_cause(self, actor: Actor, subject: str, cause: DeviationCause, note: str) -> None:
        """Note why something is late, on the subject of a finding. The newest cause is shown with later findings."""
        at = self._context.clock()
        with self._context.sessions.begin() as session:
            person_id, region = _whose(session, subject)
            if region != NO_REGION:
                require_region(actor, region)
            session.add(
                Deviation(
                    subject=subject,
                    person_id=person_id,
                    region=region,
                    cause=DeviationCause(cause),
                    note=plain(note),
                    at=at,
                    by=actor.username,
                )
            )
            audit.record(
                session,
                actor,
                at,
                "watch.cause",
                person_id=person_id,
                region=region,
                subject=f"{subject} {DeviationCause(cause).value}",
                why=plain(note),
            )

    def _terms(self, actor: Actor) -> Terms:
        today = self._context.today
        return Terms(
            regions=sorted(actor.regions),
            now=self._context.clock(),
            today=today,
            last_office_day=last_office_day(today),
            midnight=lambda day: datetime.combine(day, time(), STOCKHOLM),
            limit=SHOWN,
        )


def check_rows(session: Session, context: Context, actor: Actor) -> tuple[CheckRow, ...]:
    """The board from runs, duties and absences alone: cheap enough for every look at the home screen."""
    duties = {duty.check: duty for duty in session.scalars(select(WatchDuty))}
    today, now = context.today, context.clock().astimezone(STOCKHOLM)
    away = set(
        session.scalars(
            select(Absence.username).where(Absence.ended_at.is_(None), Absence.first <= today, Absence.last >= today)
        )
    )
    runs = _latest_runs(session)
    rows = []
    for check in CHECKS:
        duty = duties.get(check.code.value)
        owner, deputy = (duty.owner, duty.deputy) if duty is not None else ("", "")
        every_hours = duty.every_hours if duty is not None else check.every_hours
        last = _covering(runs.get(check.code.value, ()), actor.regions)
        last_run = last.at if last is not None else None
        rows.append(
            CheckRow(
                check=check.code.value,
                label=check.label,
                fix=check.fix,
                owner=owner,
                deputy=deputy,
                on_duty=on_duty(owner, deputy, away),
                every_hours=every_hours,
                last_run=last_run,
                last_by=last.by if last is not None else "",
                found=last.found if last is not None else 0,
                late=is_late(
                    last_run.astimezone(STOCKHOLM) if last_run is not None else None,
                    now,
                    every_hours=every_hours,
                    is_office_day=is_office_day,
                ),
            )
        )
    return tuple(rows)


class _Run(NamedTuple):
    check: str
    at: datetime
    by: str
    regions: list[str]
    found: int


def _latest_runs(session: Session) -> dict[str, list[_Run]]:
    """The newest runs by check, the newest first."""
    columns = (WatchRun.check, WatchRun.at, WatchRun.by, WatchRun.regions, WatchRun.found)
    found: dict[str, list[_Run]] = {}
    for row in session.execute(select(*columns).order_by(WatchRun.id.desc()).limit(_LATEST_RUNS)):
        found.setdefault(row[0], []).append(_Run(*row))
    return found


def _covering(runs: Sequence[_Run], regions: Iterable[str]) -> _Run | None:
    """The run after which every one of the regions had been seen to; None when one of them has not been."""
    left = set(regions)
    for run in runs:
        left -= set(run.regions)
        if not left:
            return run
    return None


def _finding(check: Check, hit: Hit, causes: Mapping[str, str]) -> Finding:
    number, name, masked = "", "", False
    if hit.person is not None:
        masked = is_masked(hit.person)
        number = MASKED_NAME if masked else shown_number(hit.person)
        name = shown_name(hit.person)
    return Finding(
        check=check.code.value,
        person_id=hit.person.id if hit.person is not None else None,
        region=hit.region,
        number=number,
        what=hit.what,
        values={key: _words(value) for key, value in hit.values.items()},
        since=local_date(hit.since) if isinstance(hit.since, datetime) else hit.since,
        subject=hit.subject,
        cause=causes.get(hit.subject),
        name=name,
        masked=masked,
    )


def _words(value: object) -> str:
    if isinstance(value, StrEnum):
        return label(value)
    return day_full(value) if isinstance(value, date) else str(value)


def _causes(session: Session, subjects: Sequence[str]) -> dict[str, str]:
    """The newest cause of each subject that has one."""
    found: dict[str, str] = {}
    for start in range(0, len(subjects), _AT_ONCE):
        rows = session.execute(
            select(Deviation.subject, Deviation.cause)
            .where(Deviation.subject.in_(subjects[start : start + _AT_ONCE]))
            .order_by(Deviation.id)
        )
        found.update((subject, cause.value) for subject, cause in rows)
    return found


def _whose(session: Session, subject: str) -> tuple[int | None, str]:
    """The person (None where there is none) and region that a subject concerns."""
    kind, _colon, key = subject.partition(":")
    if kind == "region" and key:
        return None, key
    row = None
    if key.isascii() and key.isdecimal():
        if kind == "person":
            person = session.get(Person, int(key))
            return (person.id, person.region) if person is not None else _nothing()
        row = session.get(_SUBJECTS[kind], int(key)) if kind in _SUBJECTS else None
    if row is None:
        return _nothing()
    person_id: int | None = getattr(row, "person_id", None)
    # What belongs to a person belongs to the region that he is in now.
    region: str = session.get_one(Person, person_id).region if person_id is not None else row.region
    return person_id, region


def _nothing() -> tuple[int | None, str]:
    raise NotFoundError("There is nothing of that name to note a cause on.")


def _check(code: str) -> Check:
    try:
        return BY_CODE[Watched(code)]
    except ValueError as problem:
        raise NotFoundError("There is no check named {check}.", check=plain(code)) from problem


def _staff(session: Session, username: str) -> None:
    known = session.scalar(select(Staff.id).where(Staff.username == username, Staff.active.is_(True)))
    if known is None:
        raise NotFoundError("There is no active user {user}.", user=username)


def _works_for(session: Session, username: str, regions: Iterable[str]) -> bool:
    found = (
        select(StaffRegion.region)
        .join(Staff, Staff.id == StaffRegion.staff_id)
        .where(Staff.username == username, StaffRegion.region.in_(list(regions)))
    )
    return session.scalar(found.limit(1)) is not None


def _absence_row(row: Absence) -> AbsenceRow:
    return AbsenceRow(row.id, row.username, row.first, row.last)
