"""Exports to the national quality register: checked before anything is written, numbered by region, and kept count of."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db import audit
from db.models import AuditRow, QualityExport
from kansli_tui.errors import RefusedError
from kansli_tui.exchange import sweopt
from kansli_tui.rows.office import Actor
from kansli_tui.rows.quality_register import ExportVersion, Finding, LeftOut, RegisterCheck, RegisterRound
from kansli_tui.service.context import Context, local_date, plain, require_region, require_supervisor
from kansli_tui.service.files import write_whole
from kansli_tui.service.register_rounds import Found, rounds_of
from kansli_tui.service.summaries import catch_up

_SENT = "quality_register.sent"
"""The line in the log of everybody in an export."""
Case = tuple[int, int]
"""The person's key in the office, and the number of the round."""


@dataclass(frozen=True, slots=True)
class _Gathered:
    rows: tuple[RegisterRound, ...]
    left_out: Counter[LeftOut]
    findings: tuple[Finding, ...]
    objecting: tuple[Found, ...]


class QualityRegisterService:
    """What the national quality register gets of a region's rounds. People who object, and protected people, are never in it."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def check(
        self,
        actor: Actor,
        region: str,
        *,
        since: date | None = None,
        until: date | None = None,
        leave_out: Collection[Case] = (),
    ) -> RegisterCheck:
        """What an export of the rounds offered in the period would hold, and what has to be put right before. Writes nothing."""
        require_region(actor, region)
        catch_up(self._context)
        with self._context.sessions.begin() as session:
            found = self._gathered(session, region, since, until, leave_out)
            cases = {finding.case for finding in found.findings}
            at = self._context.clock()
            audit.record(session, actor, at, "quality_register.check", region=region, detail=_counts(found))
            audit.record_people(
                session, actor, at, "quality_register.finding", ((case, region) for case in sorted(cases))
            )
        return RegisterCheck(region, since, until, len(found.rows), dict(found.left_out), found.findings)

    def export(
        self,
        actor: Actor,
        region: str,
        folder: Path,
        *,
        recipient: str,
        since: date | None = None,
        until: date | None = None,
        leave_out: Collection[Case] = (),
    ) -> ExportVersion:
        """Write the region's next version, a CSV and its manifest, into a folder.

        RefusedError while any row has a fault that is not left out by hand: then nothing is written.
        """
        require_supervisor(actor)
        require_region(actor, region)
        if not plain(recipient):
            raise RefusedError("Say whom the export is for: it is logged.")
        catch_up(self._context)
        with self._context.sessions.begin() as session:
            found = self._gathered(session, region, since, until, leave_out)
            if found.findings:
                raise RefusedError(
                    "Nothing was written: {count} faults stop the export. List them with --check, correct them, or leave the rounds out by hand.",
                    count=len(found.findings),
                )
            made = self._next_version(session, actor, region, plain(recipient), since, until, found)
            self._write(folder, made, found)
            at = made.made_at
            counts = {**_counts(found), "version": made.version, "withdrawn": made.withdrawn, "sha256": made.sha256}
            audit.record(
                session,
                actor,
                at,
                "quality_register.export",
                region=region,
                subject=made.file_name,
                why=made.recipient,
                detail=counts,
            )
            people = dict.fromkeys((row.case, region) for row in found.rows)
            audit.record_people(session, actor, at, _SENT, people, subject=made.file_name)
            return _version(made)

    def versions(self, actor: Actor, region: str) -> tuple[ExportVersion, ...]:
        """What has gone, the newest first."""
        require_region(actor, region)
        with self._context.sessions.begin() as session:
            audit.record(session, actor, self._context.clock(), "quality_register.versions", region=region)
            newest = select(QualityExport).where(QualityExport.region == region).order_by(QualityExport.version.desc())
            return tuple(map(_version, session.scalars(newest)))

    def _gathered(
        self, session: Session, region: str, since: date | None, until: date | None, leave_out: Collection[Case]
    ) -> _Gathered:
        rows: list[RegisterRound] = []
        left_out: Counter[LeftOut] = Counter()
        objecting: list[Found] = []
        for found in rounds_of(session, self._context, region, since, until):
            reason = found.left_out
            if reason is None and (found.row.case, found.row.round) in leave_out:
                reason = LeftOut.BY_HAND
            if reason is None:
                rows.append(found.row)
            else:
                left_out[reason] += 1
            if reason is LeftOut.OBJECTION:
                objecting.append(found)
        findings = tuple(sweopt.findings(rows, self._context.today))
        return _Gathered(tuple(rows), left_out, findings, tuple(objecting))

    def _next_version(
        self,
        session: Session,
        actor: Actor,
        region: str,
        recipient: str,
        since: date | None,
        until: date | None,
        found: _Gathered,
    ) -> QualityExport:
        newest = session.scalar(select(func.max(QualityExport.version)).where(QualityExport.region == region))
        before = session.scalars(
            select(QualityExport).where(QualityExport.region == region, QualityExport.version == newest)
        ).first()
        version = (newest or 0) + 1
        made = QualityExport(
            region=region,
            version=version,
            made_at=self._context.clock(),
            made_by=actor.username,
            recipient=recipient,
            since=since,
            until=until,
            rows=len(found.rows),
            left_out={reason.value: found.left_out[reason] for reason in LeftOut},
            withdrawn=_withdrawn(session, found.objecting, before),
            schema=sweopt.SCHEMA,
            sha256=sha256(sweopt.sweopt_csv(found.rows)).hexdigest(),
            file_name=f"sweopt-{region}-v{version:04d}.csv",
        )
        session.add(made)
        # Two at once: the second finds its number taken before it has written anything.
        session.flush()
        return made

    def _write(self, folder: Path, made: QualityExport, found: _Gathered) -> None:
        """The manifest last: whoever sees it knows that the file is whole."""
        data = sweopt.sweopt_csv(found.rows)
        told: dict[str, str | int | None] = {
            "region": made.region,
            "version": made.version,
            "made_at": made.made_at.isoformat(),
            "made_by": made.made_by,
            "recipient": made.recipient,
            "offered_from": made.since.isoformat() if made.since else None,
            "offered_to": made.until.isoformat() if made.until else None,
            "withdrawn_since_version_before": made.withdrawn,
            "invented_people": int(self._context.facts.invented),
        }
        write_whole(folder, made.file_name, data)
        about = sweopt.manifest(made.file_name, data, found.rows, dict(found.left_out), **told)
        write_whole(folder, made.file_name.replace(".csv", ".json"), about)


def _withdrawn(session: Session, objecting: Sequence[Found], before: QualityExport | None) -> int:
    """How many rounds of people who object now were in the version before: the log says whose it held."""
    if before is None or not objecting:
        return 0
    sent = select(AuditRow.person_id).where(AuditRow.action == _SENT, AuditRow.subject == before.file_name)
    cases = set(session.scalars(sent))
    first, last = before.since or date.min, min(before.until or date.max, local_date(before.made_at))
    return sum(
        found.row.case in cases and found.row.offered_on is not None and first <= found.row.offered_on <= last
        for found in objecting
    )


def _counts(found: _Gathered) -> dict[str, int | str]:
    return {
        "rows": len(found.rows),
        "findings": len(found.findings),
        **{reason.value: found.left_out[reason] for reason in LeftOut},
    }


def _version(row: QualityExport) -> ExportVersion:
    return ExportVersion(
        region=row.region,
        version=row.version,
        made_at=row.made_at,
        made_by=row.made_by,
        recipient=row.recipient,
        since=row.since,
        until=row.until,
        rows=row.rows,
        left_out={LeftOut(reason): number for reason, number in row.left_out.items()},
        withdrawn=row.withdrawn,
        schema=row.schema,
        sha256=row.sha256,
        file_name=row.file_name,
    )
