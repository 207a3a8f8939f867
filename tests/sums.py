"""The kept sums of the statistics say what counting everything says: asked by tests at any moment of any life."""

from collections import Counter
from typing import Any

from sqlalchemy import select

from db.models import lead_count, person_count, person_fact, round_count, round_fact
from kansli_tui.pathway.indicators import MEASURES
from kansli_tui.pathway.lead_times import LEAD_TIMES
from kansli_tui.service.person_facts import person_facts
from kansli_tui.service.round_facts import round_facts
from kansli_tui.service.summaries import catch_up
from tests.world import World


def sums_agree(world: World) -> int:
    """Catch up, and compare the facts and every sum with what the rows say, added up in Python. Returns how many rounds there are."""
    catch_up(world.context)
    with world.context.sessions.read() as session:

        def of(statement: Any) -> list[dict[str, Any]]:
            return [dict(row) for row in session.execute(statement).mappings()]

        rounds, kept = of(round_facts(world.today)), of(select(round_fact))
        assert by_key(rounds) == by_key(kept)
        people, known = of(person_facts(world.today)), of(select(person_fact))
        assert by_key(people) == by_key(known)
        sums: Counter[tuple[Any, ...]] = Counter()
        for row in rounds:
            cell = (row["region"], row["born"], row["municipality"], row["later"], row["month"])
            for one in MEASURES:
                sums[(*cell, one.name)] += row[one.fact.value] * row[one.within.value]
        found = Counter(
            {
                (row["region"], row["born"], row["municipality"], row["later"], row["month"], one.name): row[one.name]
                for row in of(select(round_count))
                for one in MEASURES
            }
        )
        assert +sums == +found
        days: Counter[tuple[Any, ...]] = Counter()
        for row in rounds:
            for lead in LEAD_TIMES:
                start, end = row[lead.start.value], row[lead.end.value]
                if start is not None and end is not None:
                    unit = (row[lead.unit.value] or 0) if lead.unit else 0
                    days[
                        lead.name, row["region"], row["born"], row["later"], row["month"], unit, (end - start).days
                    ] += 1
        assert days == +Counter(
            {
                (r["lead"], r["region"], r["born"], r["later"], r["month"], r["unit"], r["days"]): r["rounds"]
                for r in of(select(lead_count))
            }
        )
        standing = Counter((row["region"], row["born"], row["municipality"], row["status"]) for row in people)
        assert standing == +Counter(
            {(r["region"], r["born"], r["municipality"], r["status"]): r["people"] for r in of(select(person_count))}
        )
        assert sum(row["opted_out"] for row in people) == sum(row["opted_out"] for row in of(select(person_count)))
    return len(rounds)


def by_key(rows: list[dict[str, Any]]) -> dict[Any, dict[str, Any]]:
    return {(row["person_id"], row.get("round_number")): row for row in rows}
