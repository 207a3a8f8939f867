"""Laboratory answers a second, through to decision and audit, against bare INSERTs of the very same rows on the driver.

Run: `python -m benchmarks.imports [--answers 2000] [--backend sqlite postgresql] [--json]`.
"""

import argparse
import json
from contextlib import closing
from time import perf_counter
from typing import Any

from sqlalchemy import text

from benchmarks.people import ACTOR, OPEN_EACH, office
from kansli_tui.pathway.identity import check_digit
from kansli_tui.rows.answers import MessageState
from kansli_tui.service.office import Office

_TABLES = ("lab_message", "psa_answer", "decision", "step_change", "task", "audit")
_TOGETHER = 100


def measure(opened: Office, answers: int) -> dict[str, float]:
    """Answers a second of ours and of the bare INSERTs, and how many times longer ours takes."""
    engine = opened.context.sessions.engine
    _await_samples(opened, answers)
    with engine.connect() as connection:
        before = {table: connection.scalar(text(f"SELECT max(id) FROM {table}")) or 0 for table in _TABLES}
        orders = connection.execute(
            text(
                f"SELECT p.number, o.number, p.birth_date FROM person p JOIN psa_order o ON o.person_id = p.id ORDER BY o.id LIMIT {answers}"
            )
        ).all()
    raw = b"".join(_message(place, *row) for place, row in enumerate(orders))
    begun = perf_counter()
    taken = opened.answers.import_file(ACTOR, raw, "bench.hl7")
    ours = perf_counter() - begun
    assert taken.count(MessageState.APPLIED) == answers, taken.items[0]
    bare = _bare(opened, before)
    return {"ours_per_second": answers / ours, "bare_per_second": answers / bare, "ratio": ours / bare}


def _await_samples(opened: Office, answers: int) -> None:
    """Turn the open cases of the filled database back into men who wait for their sample."""
    with opened.context.sessions.engine.begin() as connection:
        for statement in (
            "DELETE FROM task",
            "DELETE FROM decision",
            "DELETE FROM psa_answer",
            "DELETE FROM lab_message",
            "UPDATE psa_order SET state = 'sent', ordered_at = '2026-09-01 08:00:00', valid_until = '2026-12-24'",
            f"UPDATE person SET step = 'awaiting_sample', next_on = '2026-12-24' WHERE id % {OPEN_EACH} = 0",
        ):
            connection.execute(text(statement))
        people = connection.scalars(text(f"SELECT person_id FROM psa_order ORDER BY id LIMIT {answers}")).all()
        assert len(people) == answers
        numbers = [{"person": person, "number": _number(place)} for place, person in enumerate(people)]
        for table, key in (("person", "id"), ("person_number", "person_id")):
            connection.execute(text(f"UPDATE {table} SET number = :number WHERE {key} = :person"), numbers)


def _number(place: int) -> str:
    """A number with a right check digit, unlike those that the filling makes up."""
    day, serial = divmod(place, 500)
    ten = f"71{day % 12 + 1:02}{day // 12 + 1:02}{serial * 2 + 1:03}"
    return f"19{ten}{check_digit(ten)}"


def _message(place: int, number: str, order: str, birth_date: Any) -> bytes:
    born = str(birth_date).replace("-", "")
    value = ("0.7", "1.4", "2.4", "3.6", "12", "140")[place % 6]
    return (
        f"MSH|^~\\&|LABSYS|SE2321000040-LAB1|OPT|SE2321000040-OPT1|20261101103015+0100||ORU^R01^ORU_R01|B{place}|T|2.5.1"
        f"|||AL|NE|SE|UNICODE UTF-8\rPID|1||{number}^^^&1.2.752.129.2.1.3.1&ISO^NI||Öberg^Åke||{born}|M\r"
        f"ORC|RE|{order}^SE2321000040-OPT1|L{place}^SE2321000040-LAB1||CM\r"
        f"OBR|1|{order}^SE2321000040-OPT1|L{place}^SE2321000040-LAB1|NPU08669^P-PSA^NPU|||20261030081500|||||||||||||||||LAB|F\r"
        f"OBX|1|NM|NPU08669^P-PSA^NPU||{value}|ug/L^^UCUM|<3.0|N|||F|||20261030135900\r"
    ).encode()


def _bare(opened: Office, before: dict[str, int]) -> float:
    """Take the rows out that the import made, and time putting them back by plain INSERTs, a hundred in a transaction."""
    engine = opened.context.sessions.engine
    mark = "%s" if engine.dialect.name == "postgresql" else "?"
    connection = engine.raw_connection()
    with closing(connection.cursor()) as cursor:
        batches = []
        for table in _TABLES:
            cursor.execute(f"SELECT * FROM {table} WHERE id > {before[table]} ORDER BY id")
            names = [column[0] for column in cursor.description]
            rows = [tuple(_plain(cell) for cell in row) for row in cursor.fetchall()]
            insert = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join(mark for _ in names)})"
            batches.append((insert, rows))
        for table in reversed(_TABLES):
            cursor.execute(f"DELETE FROM {table} WHERE id > {before[table]}")
        connection.commit()
        begun = perf_counter()
        for insert, rows in batches:
            for start in range(0, len(rows), _TOGETHER):
                if mark == "?":
                    cursor.execute("BEGIN IMMEDIATE")
                cursor.executemany(insert, rows[start : start + _TOGETHER])
                cursor.execute("COMMIT") if mark == "?" else connection.commit()
        spent = perf_counter() - begun
    connection.close()
    return spent


def _plain(cell: Any) -> Any:
    return json.dumps(cell) if isinstance(cell, dict | list) else cell


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=2_000)
    parser.add_argument("--backend", nargs="+", default=["sqlite", "postgresql"])
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    results = {}
    for backend in options.backend:
        with office(backend, options.answers * OPEN_EACH) as opened:
            results[backend] = measure(opened, options.answers)
    if options.json:
        print(json.dumps(results, indent=2))
        return
    for backend, figures in results.items():
        print(
            f"{backend:<11}{figures['ours_per_second']:>8.0f} answers/s   bare INSERT {figures['bare_per_second']:>8.0f}/s"
            f"   ×{figures['ratio']:.1f}"
        )


if __name__ == "__main__":
    main()
