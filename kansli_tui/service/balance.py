"""The balance: everyone in the register is somewhere, and the sum proves it. A difference names the people."""

import json
from collections.abc import Sequence

from sqlalchemy.orm import Session

from db import audit
from db.models import Meta
from db.queries import balance as queries
from kansli_tui.i18n import _
from kansli_tui.labels import label
from kansli_tui.pathway.steps import ClosedReason, ExclusionReason
from kansli_tui.rows.cases import Balance, BalanceRow, PersonHit, Unaccounted
from kansli_tui.rows.office import Actor
from kansli_tui.service.cases import hit
from kansli_tui.service.context import Context, chosen_regions, require_region
from kansli_tui.service.naming import shown_number
from kansli_tui.service.queues import BALANCE_KEY

_NAMED = 100


class BalanceService:
    """Counts everyone."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def make(self, actor: Actor, *, region: str | None = None, born: int | None = None) -> Balance:
        """Count now. A whole balance is remembered for the home screen."""
        at = self._context.clock()
        regions = chosen_regions(actor, region)
        with self._context.sessions.begin() as session:
            rows = self._rows(session, regions, born)
            lost = queries.lost(session, regions, born, _NAMED)
            balance = Balance(
                at=at,
                rows=rows,
                unaccounted=tuple(
                    Unaccounted(person.id, shown_number(person), person.region, why) for person, why in lost
                ),
            )
            audit.record(session, actor, at, "balance.make", region=region, detail={"adds_up": balance.adds_up})
            if region is None and born is None:
                totals = {
                    code: [
                        sum(row.in_register for row in rows if row.region == code),
                        sum(abs(row.difference) for row in rows if row.region == code),
                    ]
                    for code in regions
                }
                known = session.get(Meta, BALANCE_KEY, with_for_update=True)
                # Somebody who works for one region says nothing of the others.
                earlier = {} if known is None else json.loads(known.value)
                session.merge(Meta(key=BALANCE_KEY, value=json.dumps({**earlier, **totals})))
            return balance

    def people(
        self, actor: Actor, *, region: str, born: int, line: str, after: int = 0, limit: int = 50
    ) -> tuple[PersonHit, ...]:
        """The people of one line; the reading is logged. Page on with the last `person_id`."""
        require_region(actor, region)
        with self._context.sessions.begin() as session:
            people = queries.on_line(session, region, born, line, after, limit)
            audit.record_people(
                session,
                actor,
                self._context.clock(),
                "balance.people",
                ((person.id, person.region) for person in people),
                subject=f"{born} {line}",
            )
            return tuple(hit(person, person.number) for person in people)

    def _rows(self, session: Session, regions: Sequence[str], born: int | None) -> tuple[BalanceRow, ...]:
        registered = queries.registered(session, regions, born)
        lines: dict[tuple[str, int], dict[str, int]] = {key: {} for key in registered}
        for region, year, line, count in queries.by_line(session, regions, born):
            lines.setdefault((region, year), {})[line] = count
        return tuple(
            BalanceRow(
                region=region,
                born=year,
                in_register=registered.get((region, year), 0),
                lines=counts,
                difference=registered.get((region, year), 0) - sum(counts.values()),
            )
            for (region, year), counts in sorted(lines.items())
        )


def line_words(line: str) -> str:
    """A balance line in the language of the screen; the reason of those who have left included."""
    base, colon, reason = line.partition(": ")
    if not colon:
        return _(line)
    member = next((found for kind in (ClosedReason, ExclusionReason) for found in kind if found.value == reason), None)
    return f"{_(base)}: {label(member) if member is not None else reason}"


def remembered(row: Meta | None, regions: Sequence[str]) -> dict[str, tuple[int, int]]:
    """(people, difference) by region as the last whole balance said."""
    if row is None:
        return {}
    totals = json.loads(row.value)
    return {code: (totals[code][0], totals[code][1]) for code in regions if code in totals}
