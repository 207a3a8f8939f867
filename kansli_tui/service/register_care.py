"""Register care as staff use it: how much each check finds, what it finds, and that a finding is right all the same.

A check is counted for the regions of whoever asks. Nobody changes anything by counting; what is found is set right where it belongs.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import audit
from db.models import CareCount, CareSettled
from db.queries.care_checks import count, find
from db.queries.care_finding import CareHit
from kansli_tui.errors import ChangedBySomeoneElseError, NotFoundError, RefusedError
from kansli_tui.i18n import _, day_full
from kansli_tui.labels import label
from kansli_tui.pathway.municipalities import MUNICIPALITIES
from kansli_tui.pathway.register_care import BY_CODE, CHECKS, CareCheck, Cared, fingerprint
from kansli_tui.rows.office import NO_REGION, Actor
from kansli_tui.rows.register_care import CareCheckRow, CareFinding, HandField
from kansli_tui.service.context import Context, chosen_regions, plain, require_region
from kansli_tui.service.naming import MASKED_NAME, is_masked, shown_name, shown_number

SHOWN = 100
"""So many findings stand on a page."""
_AT_ONCE = 500


class RegisterCareService:
    """Counts, findings, and findings that are right."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def board(self, actor: Actor) -> tuple[CareCheckRow, ...]:
        """Every check with what was counted last. Counts nothing: it opens at once, whatever the size of the register."""
        with self._context.sessions.read() as session:
            return tuple(_row(session, check, actor) for check in CHECKS)

    def count(self, actor: Actor, check: str) -> CareCheckRow:
        """Count one check anew in the actor's regions, and keep the count."""
        chosen, at = _check(check), self._context.clock()
        # The reading may take seconds in a large register: whoever works meanwhile is not made to wait for it.
        with self._context.sessions.read() as session:
            found = self._open_by_region(session, chosen, actor)
        with self._context.sessions.begin() as session:
            for region in sorted(_regions(actor)):
                number = found.get(region, 0)
                session.merge(CareCount(check=chosen.code.value, region=region, found=number, at=at, by=actor.username))
            detail = {region: number for region, number in found.items() if number}
            audit.record(session, actor, at, "care.count", subject=chosen.code.value, detail=detail or None)
            session.flush()
            return _row(session, chosen, actor)

    def findings(
        self, actor: Actor, check: str, *, region: str | None = None, after: tuple[int, int] = (0, 0)
    ) -> tuple[CareFinding, ...]:
        """A page of what a check finds that nobody has looked at, in the order of `key`; everybody who is shown is logged."""
        chosen = _check(check)
        regions = {*chosen_regions(actor, region), NO_REGION}
        with self._context.sessions.begin() as session:
            hits: list[CareHit] = []
            while len(hits) < SHOWN:
                page = list(
                    find(session, chosen.code, regions, self._context.today, after=after, limit=SHOWN - len(hits))
                )
                if not page:
                    break
                hits += self._not_settled(session, chosen, page)
                after = page[-1].key
            people = {
                person.id: person.region for hit in hits for person in (hit.person, hit.other) if person is not None
            }
            at = self._context.clock()
            audit.record(session, actor, at, "care.rows", subject=chosen.code.value, detail={"rows": len(hits)})
            audit.record_people(session, actor, at, "care.finding", people.items(), subject=chosen.code.value)
            return tuple(_finding(chosen, hit) for hit in hits)

    def settle(self, actor: Actor, check: str, subject: str, *, seen: str, why: str) -> CareCheckRow:
        """Somebody has looked: the finding is true, and right so. It is found again when the data change.

        `seen` is the fingerprint of the finding that was shown. ChangedBySomeoneElseError when the data are other ones by now.
        """
        chosen = _check(check)
        if not chosen.settleable:
            raise RefusedError("This is not settled here: it ends when what it is about has been done.")
        if not why.strip():
            raise RefusedError("State why.")
        at = self._context.clock()
        with self._context.sessions.begin() as session:
            hit = self._hit(session, chosen, subject, actor)
            if hit is None or _fingerprint(hit) != seen:
                raise ChangedBySomeoneElseError("The data have changed since. Look at the finding again.")
            assert hit.person is not None
            require_region(actor, hit.region)
            if self._not_settled(session, chosen, [hit]):
                for person in filter(None, (hit.person, hit.other)):
                    session.add(
                        CareSettled(
                            check=chosen.code.value,
                            subject=subject,
                            fingerprint=seen,
                            person_id=person.id,
                            region=person.region,
                            at=at,
                            by=actor.username,
                            why=plain(why),
                        )
                    )
            people = [(person.id, person.region) for person in (hit.person, hit.other) if person is not None]
            audit.record_people(
                session, actor, at, "care.settle", people, subject=f"{chosen.code.value} {subject}", why=plain(why)
            )
            counted = session.get(CareCount, (chosen.code.value, hit.region), with_for_update=True)
            if counted is not None and counted.found:
                counted.found -= 1
            session.flush()
            return _row(session, chosen, actor)

    # What has been looked at

    def _open_by_region(self, session: Session, check: CareCheck, actor: Actor) -> dict[str, int]:
        """Region → findings that nobody has looked at."""
        regions = _regions(actor)
        found = count(session, check.code, regions, self._context.today)
        for hit in self._settled_hits(session, check, regions):
            found[hit.region] -= 1
        return found

    def _settled_hits(self, session: Session, check: CareCheck, regions: Collection[str]) -> Iterable[CareHit]:
        """Findings that are there, just as somebody has looked at them."""
        if not check.settleable:
            return
        looked_at = set(
            session.execute(
                select(CareSettled.subject, CareSettled.fingerprint).where(
                    CareSettled.check == check.code.value, CareSettled.region.in_(sorted(regions))
                )
            )
        )
        keys = sorted({_key(subject) for subject, _seen in looked_at})
        for start in range(0, len(keys), _AT_ONCE):
            some = keys[start : start + _AT_ONCE]
            for hit in find(session, check.code, regions, self._context.today, keys=some):
                if (hit.subject, _fingerprint(hit)) in looked_at:
                    yield hit

    def _not_settled(self, session: Session, check: CareCheck, hits: list[CareHit]) -> list[CareHit]:
        looked_at = set(
            session.execute(
                select(CareSettled.subject, CareSettled.fingerprint).where(
                    CareSettled.check == check.code.value, CareSettled.subject.in_([hit.subject for hit in hits])
                )
            )
        )
        return [hit for hit in hits if (hit.subject, _fingerprint(hit)) not in looked_at]

    def _hit(self, session: Session, check: CareCheck, subject: str, actor: Actor) -> CareHit | None:
        try:
            key = _key(subject)
        except (ValueError, IndexError) as problem:
            raise NotFoundError("There is nothing of that name to settle.") from problem
        found = find(session, check.code, actor.regions, self._context.today, keys=[key])
        return next((hit for hit in found if hit.subject == subject), None)


def _regions(actor: Actor) -> set[str]:
    """The actor's, and messages of which nobody knows whose they are."""
    return {*actor.regions, NO_REGION}


def _key(subject: str) -> int:
    return int(subject.split(":")[1])


def _check(code: str) -> CareCheck:
    try:
        return BY_CODE[Cared(code)]
    except ValueError as problem:
        raise NotFoundError("There is no check named {check}.", check=plain(code)) from problem


def _row(session: Session, check: CareCheck, actor: Actor) -> CareCheckRow:
    rows = session.scalars(
        select(CareCount).where(CareCount.check == check.code.value, CareCount.region.in_(sorted(_regions(actor))))
    ).all()
    counted = {row.region: row.found for row in rows}
    whole = actor.regions <= counted.keys()
    return CareCheckRow(
        check=check.code.value,
        label=check.label,
        meaning=check.meaning,
        fix=check.fix,
        by_region=counted,
        counted_at=min(row.at for row in rows if row.region in actor.regions) if whole else None,
        settleable=check.settleable,
        slow=check.slow,
    )


def _fingerprint(hit: CareHit) -> str:
    facts = {name: _stored(value) for name, value in hit.values.items()}
    if hit.other is not None and hit.person is not None:
        facts["name"] = hit.person.name_key
    return fingerprint(hit.what, facts)


def _stored(value: object) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def _finding(check: CareCheck, hit: CareHit) -> CareFinding:
    number, name, masked = "", "", False
    if hit.person is not None:
        masked = is_masked(hit.person) or (hit.other is not None and is_masked(hit.other))
        number = MASKED_NAME if masked else shown_number(hit.person)
        name = MASKED_NAME if masked else shown_name(hit.person)
    values = {key: _words(value) for key, value in hit.values.items()}
    if hit.other is not None:
        values["other"] = MASKED_NAME if masked else shown_number(hit.other)
        if masked:
            values["born"] = "–"
    return CareFinding(
        check=check.code.value,
        key=hit.key,
        subject=hit.subject,
        fingerprint=_fingerprint(hit),
        region=hit.region,
        person_id=hit.person.id if hit.person is not None else None,
        number=number,
        name=name,
        masked=masked,
        what=hit.what,
        values=values,
        other_id=hit.other.id if hit.other is not None else None,
        edit_id=hit.key[0] if check.code is Cared.DIFFERENCES else None,
    )


def _words(value: Any) -> str:
    if isinstance(value, HandField):
        return label(value)
    if isinstance(value, Mapping):
        parts = (MUNICIPALITIES[text].name if text in MUNICIPALITIES else text for text in value.values())
        return ", ".join(parts) or "–"
    if isinstance(value, StrEnum | str):
        return _(str(value)) if value else "–"
    return day_full(value) if isinstance(value, date) else str(value if value is not None else "–")
