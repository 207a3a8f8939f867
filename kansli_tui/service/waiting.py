"""Who waits, with the day each wait began, the cause that is noted for it and the unit that has it; inside a caller's transaction."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Deviation, Referral, Unit
from db.queries.waiting import Then, Wait, waits
from kansli_tui.errors import RuleSetError
from kansli_tui.pathway.availability import BY_NAME, WaitingList
from kansli_tui.pathway.ruleset import RegionRules
from kansli_tui.service.context import local_date
from kansli_tui.service.holding import in_pieces

Rules = Callable[[str, date], RegionRules]


@dataclass(frozen=True, slots=True)
class Waiting:
    """One wait. A person is at most once on a list."""

    list: str
    person_id: int
    region: str
    since: date

    @property
    def place(self) -> tuple[date, int]:
        """Where it stands in the list: the longest wait first."""
        return self.since, self.person_id

    def days(self, as_of: date) -> int:
        """Whole days waited; a sample that is dated ahead has not waited at all."""
        return max(0, (as_of - self.since).days)


def waiting_on(
    session: Session,
    lists: Sequence[WaitingList],
    regions: Sequence[str],
    then: Then | None,
    as_of: date,
    rules: Rules,
) -> list[Waiting]:
    """Everybody who waits on some lists, in their order, the longest wait first. `then` None is now."""
    earliest: dict[tuple[str, int], Waiting] = {}
    for wait in waits(session, lists, regions, then):
        since = min(_since(wait, rules), as_of)
        known = earliest.get((wait.list, wait.person_id))
        if known is None or since < known.since:
            earliest[wait.list, wait.person_id] = Waiting(wait.list, wait.person_id, wait.region, since)
    order = {one.name: place for place, one in enumerate(lists)}
    return sorted(earliest.values(), key=lambda waiting: (order[waiting.list], waiting.place))


def is_past(waiting: Waiting, as_of: date) -> bool:
    """Whether the wait is longer than the list's target; never where it has none."""
    target = BY_NAME[waiting.list].target_days
    return target is not None and waiting.days(as_of) > target


def _since(wait: Wait, rules: Rules) -> date:
    began = local_date(wait.began_at)
    if wait.sampled_at is not None:
        return local_date(wait.sampled_at)
    if wait.limit_on is None:
        return began
    # The limit was set from the day of the examination, which may have been told later.
    try:
        days: int = getattr(rules(wait.region, began), BY_NAME[wait.list].limit)
    except RuleSetError:
        # Of a round that was taken in from before there were rules.
        return began
    return min(began, wait.limit_on - timedelta(days=days))


def causes_of(session: Session, found: Iterable[Waiting], then: Then | None) -> dict[Waiting, str]:
    """The newest cause that was noted by then on what each wait is about, since it began. Those without one are left out."""
    by_person: dict[int, list[Waiting]] = {}
    for waiting in found:
        by_person.setdefault(waiting.person_id, []).append(waiting)
    causes: dict[Waiting, str] = {}
    for some in in_pieces(by_person):
        statement = (
            select(Deviation.person_id, Deviation.subject, Deviation.cause, Deviation.at)
            .where(Deviation.person_id.in_(some))
            .order_by(Deviation.id)
        )
        if then is not None:
            statement = statement.where(Deviation.at < then.until)
        for person_id, subject, cause, at in session.execute(statement):
            kind, noted = subject.partition(":")[0], local_date(at)
            for waiting in by_person.get(person_id or 0, ()):
                if kind in BY_NAME[waiting.list].subjects and noted >= waiting.since:
                    causes[waiting] = cause.value
    return causes


def units_of(session: Session, one: WaitingList, people: Sequence[int], then: Then | None) -> Mapping[int, str]:
    """The unit that each person's newest referral of the list's kind had gone to."""
    if one.kind is None:
        return {}
    statement = (
        select(Referral.person_id, Unit.name)
        .join(Unit, Unit.id == Referral.unit_id)
        .where(Referral.person_id.in_(people), Referral.kind == one.kind)
        .order_by(Referral.id)
    )
    if then is not None:
        statement = statement.where(Referral.made_at < then.until)
    return {row[0]: row[1] for row in session.execute(statement)}
