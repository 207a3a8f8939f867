"""What happens in invented people's rounds, day by day, as SQL for both databases: chances, days and places."""

from datetime import UTC, date, datetime

from sqlalchemy import Connection, text

from kansli_tui.pathway.municipalities import MUNICIPALITIES
from kansli_tui.rows.office import REGIONS

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
TABLES = (
    "person",
    "round",
    "psa_order",
    "lab_message",
    "psa_answer",
    "decision",
    "referral",
    "mri_answer",
    "pathology_answer",
    "treatment",
    "letter",
    "step_change",
    "block",
    "task",
)
"""What is filled; all but the people are facts about them."""
EPOCH = date(2020, 12, 1)
TODAY = (NOW.date() - EPOCH).days
ROUNDS = 3
COLUMNS = (
    "n, k, region, municipality, o, u, no_value, psa, raised, r, l, corrected, mri_sent, mri_done, mri_answer, pirads, mri_unit,"
    " uro_sent, visit, biopsy, path_answer, isup, uro_unit, treated, ending"
)


class Dialect:
    """What is written otherwise on the two databases. Days are whole numbers since the epoch of the benchmark."""

    def __init__(self, *, postgres: bool) -> None:
        self.postgres = postgres
        self.true, self.false = ("true", "false") if postgres else ("1", "0")
        self.index_lives = "CREATE INDEX IF NOT EXISTS bench_life_key ON bench_life (n, k)"
        self.empty, self.none = ("'{}'::json", "'[]'::json") if postgres else ("'{}'", "'[]'")
        self.bytes = "'x'::bytea" if postgres else "'x'"

    def day(self, days: str) -> str:
        return f"(date '{EPOCH}' + cast({days} AS int))" if self.postgres else f"date('{EPOCH}', ({days}) || ' days')"

    def at(self, days: str, seconds: str = "0") -> str:
        """A time between 07:00 and 16:00 UTC."""
        if self.postgres:
            return f"(timestamptz '{EPOCH} 07:00Z' + ({days}) * interval '1 day' + ({seconds}) * interval '1 second')"
        return f"datetime('{EPOCH} 07:00:00', ({days}) || ' days', ({seconds}) || ' seconds')"

    def padded(self, number: str) -> str:
        return f"lpad(cast({number} AS text), 9, '0')" if self.postgres else f"printf('%09d', {number})"

    def series(self, first: int, last: int) -> str:
        if self.postgres:
            return f"(SELECT cast(generate_series({first}, {last}) AS bigint) AS n) AS s"
        return f"(WITH RECURSIVE c(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM c WHERE n < {last}) SELECT n FROM c) AS s"

    def drop_triggers(self, connection: Connection) -> list[str]:
        if self.postgres:
            connection.execute(text("SET session_replication_role = replica"))
            for table in TABLES:
                connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
            return []
        rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
        for name, _sql in rows:
            connection.execute(text(f"DROP TRIGGER {name}"))
        return [statement for _name, statement in rows]

    def restore_triggers(self, connection: Connection, triggers: list[str]) -> None:
        if self.postgres:
            for table in TABLES:
                connection.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER ALL"))
        for statement in triggers:
            connection.execute(text(statement))


COLUMNS_TYPED = ", ".join(
    f"{name} {'text' if name in ('region', 'municipality', 'psa', 'ending') else 'bigint'}"
    for name in (part.strip() for part in COLUMNS.split(","))
)


def chance(salt: int, below: int, of: str = "n", by: str = "k") -> str:
    """A number from 0 to `below` - 1 that a person's and round's numbers decide, evenly spread."""
    factor = (7_368_787, 9_576_890_767 % 1_000_003, 611_953, 104_729, 15_485_863 % 1_000_003, 32_452_843 % 1_000_003)
    return f"(((({of} + 13) * {factor[salt % 6] + 2 * salt} + {by} * 40503 + {salt} * 7919) % 1000003) % {below})"


def place_of(of: str) -> str:
    """The person's municipality by region: the same share in each."""
    cases = []
    for region in sorted(REGIONS):
        codes = sorted(code for code, place in MUNICIPALITIES.items() if place.region == region)
        inner = " ".join(f"WHEN {index} THEN '{code}'" for index, code in enumerate(codes))
        cases.append(f"WHEN '{region}' THEN CASE {chance(1, len(codes), of, '0')} {inner} END")
    return f"CASE {region_of(of)} {' '.join(cases)} END"


def region_of(of: str) -> str:
    return f"(CASE {of} % 3 WHEN 0 THEN '05' WHEN 1 THEN '06' ELSE '08' END)"


def unit_of(units: dict[tuple[str, str], list[int]], kind: str) -> str:
    cases = []
    for region in sorted(REGIONS):
        own = units[region, kind]
        inner = " ".join(f"WHEN {index} THEN {identity}" for index, identity in enumerate(own))
        cases.append(f"WHEN '{region}' THEN CASE {chance(2, len(own))} {inner} END")
    return f"CASE region {' '.join(cases)} END"


def until_today(days: str, *, when: str = "1 = 1") -> str:
    return f"CASE WHEN {when} AND {days} <= {TODAY} THEN {days} END"


def lives(sql: Dialect, units: dict[tuple[str, str], list[int]], number: int, first: int, last: int) -> str:
    """What happens in everybody's round of a number, day by day; nothing of it after today, and none after a cancer."""
    share = {1: 5000, 2: 1300, 3: 200}[number]
    goes_on = (
        f"AND NOT EXISTS (SELECT 1 FROM bench_life b WHERE b.n = s.n AND (b.isup >= 1 OR b.k = {number - 1} AND b.ending IS NULL))"
        f" AND EXISTS (SELECT 1 FROM bench_life b WHERE b.n = s.n AND b.k = {number - 1})"
        if number > 1
        else ""
    )
    return f"""
    INSERT INTO bench_life ({COLUMNS})
    WITH a AS (
        SELECT s.n, {number} AS k, {region_of("s.n")} AS region, {place_of("s.n")} AS municipality,
        {chance(3, 2180, "s.n", "0")} + {730 * (number - 1)} + {chance(4, 90, "s.n", str(number)) if number > 1 else "0"} AS o
        FROM {sql.series(first, last)} WHERE {chance(5, 10000, "s.n", "0")} < {share} {goes_on}
    ), b AS (
        SELECT a.*, CASE WHEN {chance(6, 1000)} < 450 THEN o + 4 + {chance(7, 75)} END AS u FROM a WHERE o <= {TODAY}
    ), c AS (
        SELECT b.*, {until_today(f"u + 1 + {chance(8, 5)}")} AS r, {chance(9, 10000)} AS value_of FROM b
    ), d AS (
        SELECT c.*, CASE WHEN r IS NOT NULL AND value_of >= 9970 THEN 1 ELSE 0 END AS no_value,
        CASE WHEN r IS NULL OR value_of >= 9970 THEN NULL
        WHEN value_of < 5600 THEN '0.' || (1 + {chance(10, 9)})
        WHEN value_of < 8600 THEN '1.' || {chance(10, 10)}
        WHEN value_of < 9650 THEN '2.' || {chance(10, 10)}
        WHEN value_of < 9910 THEN (3 + {chance(11, 7)}) || '.' || {chance(10, 10)}
        WHEN value_of < 9950 THEN (10 + {chance(11, 10)}) || '.5'
        WHEN value_of < 9966 THEN cast(20 + {chance(11, 80)} AS text)
        ELSE cast(100 + {chance(11, 900)} AS text) END AS psa,
        CASE WHEN r IS NOT NULL AND value_of BETWEEN 9650 AND 9969 THEN 1 ELSE 0 END AS raised,
        CASE WHEN {chance(12, 1000)} < 5 THEN 1 ELSE 0 END AS corrected,
        {until_today(f"r + 1 + {chance(13, 6)}")} AS l FROM c
    ), e AS (
        SELECT d.*, {until_today(f"l + 1 + {chance(14, 5)}", when=f"raised = 1 AND {chance(15, 100)} < 93")} AS mri_sent FROM d
    ), f AS (
        SELECT e.*, {until_today(f"mri_sent + 7 + {chance(16, 30)}")} AS mri_done FROM e
    ), g AS (
        SELECT f.*, {until_today(f"mri_done + 2 + {chance(17, 8)}")} AS mri_answer,
        CASE WHEN {chance(18, 100)} < 25 THEN 1 WHEN {chance(18, 100)} < 50 THEN 2 WHEN {chance(18, 100)} < 65 THEN 3
        WHEN {chance(18, 100)} < 87 THEN 4 ELSE 5 END AS pirads FROM f
    ), h AS (
        SELECT g.*, {until_today(f"mri_answer + 2 + {chance(19, 4)}", when="pirads >= 4")} AS uro_sent FROM g
    ), i AS (
        SELECT h.*, {until_today(f"uro_sent + 6 + {chance(20, 15)}")} AS visit FROM h
    ), j AS (
        SELECT i.*, {until_today(f"visit + 3 + {chance(21, 12)}", when=f"{chance(22, 100)} < 85")} AS biopsy FROM i
    ), m AS (
        SELECT j.*, {until_today(f"biopsy + 6 + {chance(23, 10)}")} AS path_answer FROM j
    ), p AS (
        SELECT m.*, CASE WHEN path_answer IS NULL THEN NULL WHEN {chance(24, 100)} < 30 THEN 0 WHEN {chance(24, 100)} < 50 THEN 1
        ELSE 2 + {chance(25, 4)} END AS isup FROM m
    )
    SELECT n, k, region, municipality, o, CASE WHEN r IS NOT NULL THEN u END, no_value, psa, raised, r, l, corrected, mri_sent,
    mri_done, mri_answer, CASE WHEN mri_answer IS NOT NULL THEN pirads END, {unit_of(units, "mri")}, uro_sent, visit, biopsy,
    path_answer, isup, {unit_of(units, "urology")},
    CASE WHEN isup >= 1 AND {chance(26, 100)} < 90 AND path_answer + 20 <= {TODAY} THEN path_answer + 20 END,
    CASE
        WHEN r IS NULL AND o + 90 < {TODAY} THEN 'window' WHEN r IS NULL OR l IS NULL THEN NULL
        WHEN raised = 0 THEN 'low' WHEN isup >= 1 THEN 'cancer' WHEN isup = 0 THEN 'benign'
        WHEN mri_sent IS NULL AND l + 10 <= {TODAY} THEN 'refused' WHEN mri_sent IS NULL THEN NULL
        WHEN mri_answer IS NULL THEN NULL WHEN pirads < 4 AND mri_answer + 6 <= {TODAY} THEN 'no_biopsy'
        WHEN visit + 20 <= {TODAY} AND biopsy IS NULL THEN 'not_biopsied' ELSE NULL
    END FROM p"""
