"""A queue's first page, the jump to its end, opening a case and the home counts, at growing numbers of people.

Each is timed in turn with the same rows by bare SQL on the driver, the log rows that the law asks for written in both. Run:
`python -m benchmarks.queue [--people 20000 200000 2000000] [--backend sqlite postgresql] [--json]`.
"""

import argparse
import json
from collections.abc import Callable
from contextlib import closing
from typing import Any

from benchmarks.people import ACTOR, OPEN_EACH, office
from benchmarks.timing import paired
from kansli_tui.pathway.steps import Queue
from kansli_tui.service.office import Office

_PAGE = 50
_REGIONS = ("05", "06", "08", "00")


def _task_page(order: str) -> str:
    """The page as somebody who knows the index would write it: each region in its order, merged, then joined."""
    each = " UNION ALL ".join(
        "SELECT * FROM (SELECT id, opened_at FROM task WHERE queue = 'raised' AND closed_at IS NULL"
        f" AND region = '{region}' ORDER BY opened_at {order}, id {order} LIMIT {_PAGE}) AS r{region}"
        for region in _REGIONS
    )
    return (
        "SELECT t.id, t.queue, t.region, t.person_id, t.subject, t.reason, t.opened_at, t.lease_by, t.lease_until, p.*"
        f" FROM (SELECT * FROM ({each}) AS merged ORDER BY opened_at {order}, id {order} LIMIT {_PAGE}) AS page"
        " JOIN task t ON t.id = page.id LEFT JOIN person p ON p.id = t.person_id"
        f" ORDER BY t.opened_at {order}, t.id {order}"
    )


_LOG = "INSERT INTO audit (at, actor, role, action, person_id, region, subject, why) VALUES ({0}, {0}, {0}, {0}, {0}, {0}, {0}, {0})"


class Bare:
    """The same rows by SQL on the driver, with the log rows of the reading in the same transaction."""

    def __init__(self, opened: Office) -> None:
        engine = opened.context.sessions.engine
        self.mark = "%s" if engine.dialect.name == "postgresql" else "?"
        self._connection = engine.raw_connection()
        self._now = opened.context.clock().isoformat()

    def close(self) -> None:
        self._connection.close()

    def read(self, statement: str, log: str | None = None, *values: Any) -> list[Any]:
        with closing(self._connection.cursor()) as cursor:
            if self.mark == "?":
                cursor.execute("BEGIN")
            cursor.execute(statement.replace("?", self.mark), values)
            rows = cursor.fetchall()
            if log is not None:
                entries = [(self._now, "bench", "supervisor", log, row[3], row[2], "", "") for row in rows]
                cursor.executemany(_LOG.format(self.mark), entries)
            cursor.execute("COMMIT") if self.mark == "?" else self._connection.commit()
        return rows


def measure(opened: Office, people: int) -> dict[str, dict[str, float]]:
    """Name → our milliseconds, the bare ones, and their ratio."""
    bare = Bare(opened)
    person = people // OPEN_EACH // 2 * OPEN_EACH
    works: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
        "first page": (
            lambda: opened.queues.page(ACTOR, Queue.RAISED, limit=_PAGE),
            lambda: bare.read(_task_page("ASC"), "queue.show"),
        ),
        "last page": (
            lambda: opened.queues.last_page(ACTOR, Queue.RAISED, limit=_PAGE),
            lambda: bare.read(_task_page("DESC"), "queue.show"),
        ),
        "open case": (lambda: opened.cases.open(ACTOR, person), lambda: _bare_case(bare, person)),
        "home counts": (lambda: opened.queues.home(ACTOR), lambda: _bare_home(bare)),
    }
    results = {}
    for name, (ours, by_sql) in works.items():
        mine, theirs = paired(ours, by_sql)
        results[name] = {"ours_ms": mine * 1e3, "bare_ms": theirs * 1e3, "ratio": mine / theirs}
    bare.close()
    return results


def _bare_case(bare: Bare, person: int) -> None:
    """The rows of a case, table by table, and the log row of its opening."""
    bare.read("SELECT id, number, region, id FROM person WHERE id = ?", "case.open", person)
    for table in (
        "person",
        "person_number",
        "step_change",
        "letter",
        "psa_order",
        "psa_answer",
        "decision",
        "contact",
        "block",
        "task",
    ):
        key = "id" if table == "person" else "person_id"
        bare.read(f"SELECT * FROM {table} WHERE {key} = ?", None, person)


def _bare_home(bare: Bare) -> None:
    for statement in (
        "SELECT queue, region, count(*), min(opened_at) FROM task WHERE closed_at IS NULL GROUP BY queue, region",
        "SELECT step, region, count(*), min(next_on) FROM person WHERE step IN ('offer_planned', 'offered', 'awaiting_sample',"
        " 'awaiting_answer', 'postponed', 'mri_referred', 'urology_referred') GROUP BY step, region",
        "SELECT region, count(*), min(prepared_at) FROM letter WHERE state = 'prepared' GROUP BY region",
        "SELECT region, count(*), min(prepared_at) FROM letter WHERE state = 'printed' GROUP BY region",
        "SELECT o.region, count(*), min(o.ordered_at) FROM psa_order o JOIN person p ON p.id = o.person_id"
        " WHERE o.state = 'created' AND p.step = 'order_to_send' GROUP BY o.region",
        "SELECT count(*) FROM task WHERE closed_by = 'bench' AND closed_at >= '2026-11-22'",
        "SELECT count(*) FROM register_import WHERE state IN ('review', 'stopped')",
        "SELECT value FROM meta WHERE key = 'balance'",
        "SELECT * FROM offer_plan WHERE state = 'approved'",
    ):
        bare.read(statement)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, nargs="+", default=[20_000, 200_000, 2_000_000])
    parser.add_argument("--backend", nargs="+", default=["sqlite", "postgresql"])
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    everything: dict[str, dict[int, dict[str, dict[str, float]]]] = {}
    for backend in options.backend:
        for people in options.people:
            with office(backend, people) as opened:
                everything.setdefault(backend, {})[people] = measure(opened, people)
    if options.json:
        print(json.dumps(everything, indent=2))
        return
    for backend, sizes in everything.items():
        smallest = sizes[min(sizes)]
        for people, results in sizes.items():
            for name, figures in results.items():
                growth = figures["ours_ms"] / smallest[name]["ours_ms"]
                print(
                    f"{backend:<11}{people:>10,}  {name:<12}{figures['ours_ms']:>9.2f} ms  bare {figures['bare_ms']:>8.2f} ms"
                    f"  ×{figures['ratio']:.1f}  growth ×{growth:.2f}"
                )


if __name__ == "__main__":
    main()
