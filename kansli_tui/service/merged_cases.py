"""How a case that has been merged into another is found and read: by the kept one, which says so."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from db.models import Person
from db.queries.care import open_merges
from db.queries.history import History, history_of
from db.queries.people import by_id
from kansli_tui.rows.cases import Happening, OtherCase
from kansli_tui.service.happenings import timeline
from kansli_tui.service.naming import is_masked, shown_number


def kept_instead(session: Session, found: list[tuple[Person, str]], regions: Sequence[str]) -> list[tuple[Person, str]]:
    """In place of a case that has been merged the kept one, once; the number that it was found by stays, to say so."""
    merged = open_merges(session, [person.id for person, _number in found])
    if not merged:
        return found
    hits: dict[int, tuple[Person, str]] = {}
    for person, number in found:
        kept = by_id(session, merged.get(person.id, person.id))
        shown = kept if kept.region in regions and is_masked(kept) == is_masked(person) else person
        if shown.id not in hits or number != shown.number:
            hits[shown.id] = (shown, number)
    return list(hits.values())


def other_cases(session: Session, history: History) -> tuple[OtherCase, ...]:
    """The cases that have been merged into this one, or the one that this has been merged into."""
    return tuple(
        OtherCase(other.id, shown_number(other), other.region, merge.id)
        for merge in history.merges
        if merge.ended_at is None
        for other in (by_id(session, merge.merged_id if merge.merged_id in history.merged else merge.person_id),)
    )


def whole_timeline(session: Session, history: History, others: Sequence[OtherCase]) -> tuple[Happening, ...]:
    """What has happened in this case and in those merged into it, which say so; the newest first."""
    lines = list(timeline(history))
    for other in others:
        if other.person_id in history.merged:
            lines += [
                replace(line, what=f"({other.number}) {line.what}")
                for line in timeline(history_of(session, other.person_id))
                if line.kind != "merge"
            ]
    return tuple(sorted(lines, key=lambda line: line.at, reverse=True)) if others else tuple(lines)
