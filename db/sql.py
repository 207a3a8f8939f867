"""Expressions that mean the same on SQLite and PostgreSQL: days in Sweden, days between two days, years, exact numbers."""

from typing import Any

from sqlalchemy import Date, Float, Integer
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class local_day(FunctionElement[Any]):  # noqa: N801 - written as the function it is
    """The day in Sweden of a stored UTC time."""

    type = Date()
    inherit_cache = True


class days_between(FunctionElement[Any]):  # noqa: N801
    """Whole days from the first day to the second; negative when the second is earlier."""

    type = Integer()
    inherit_cache = True


class year_of(FunctionElement[Any]):  # noqa: N801
    """The year of a day."""

    type = Integer()
    inherit_cache = True


class month_of(FunctionElement[Any]):  # noqa: N801
    """The first day of a day's month."""

    type = Date()
    inherit_cache = True


class as_number(FunctionElement[Any]):  # noqa: N801
    """An exact decimal as a number to compare with whole limits: SQLite keeps decimals as text, and the nearest float lies on the right side."""

    type = Float()
    inherit_cache = True


@compiles(local_day, "sqlite")
def _local_day_sqlite(element: Any, compiler: Any, **more: Any) -> str:
    # Summer time goes from 01:00 UTC on the last Sunday of March to that of October; before 22:00 UTC the day is the same anyway.
    at = compiler.process(element.clauses, **more)
    begins = f"date(substr({at}, 1, 4) || '-03-25', 'weekday 0') || ' 01:00'"
    ends = f"date(substr({at}, 1, 4) || '-10-25', 'weekday 0') || ' 01:00'"
    summer = f"CASE WHEN {at} >= {begins} AND {at} < {ends} THEN '+2 hours' ELSE '+1 hours' END"
    return f"CASE WHEN substr({at}, 12, 2) < '22' THEN substr({at}, 1, 10) ELSE date({at}, {summer}) END"


@compiles(local_day, "postgresql")
def _local_day_postgresql(element: Any, compiler: Any, **more: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **more)} AT TIME ZONE 'Europe/Stockholm' AS DATE)"


@compiles(days_between, "sqlite")
def _days_sqlite(element: Any, compiler: Any, **more: Any) -> str:
    first, second = (compiler.process(clause, **more) for clause in element.clauses)
    return f"CAST(julianday({second}) - julianday({first}) AS INTEGER)"


@compiles(days_between, "postgresql")
def _days_postgresql(element: Any, compiler: Any, **more: Any) -> str:
    first, second = (compiler.process(clause, **more) for clause in element.clauses)
    return f"({second} - {first})"


@compiles(year_of, "sqlite")
def _year_sqlite(element: Any, compiler: Any, **more: Any) -> str:
    return f"CAST(substr({compiler.process(element.clauses, **more)}, 1, 4) AS INTEGER)"


@compiles(year_of, "postgresql")
def _year_postgresql(element: Any, compiler: Any, **more: Any) -> str:
    return f"CAST(extract(year FROM {compiler.process(element.clauses, **more)}) AS INTEGER)"


@compiles(month_of, "sqlite")
def _month_sqlite(element: Any, compiler: Any, **more: Any) -> str:
    return f"(substr({compiler.process(element.clauses, **more)}, 1, 7) || '-01')"


@compiles(month_of, "postgresql")
def _month_postgresql(element: Any, compiler: Any, **more: Any) -> str:
    return f"CAST(date_trunc('month', {compiler.process(element.clauses, **more)}) AS DATE)"


@compiles(as_number, "sqlite")
def _number_sqlite(element: Any, compiler: Any, **more: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **more)} AS REAL)"


@compiles(as_number, "postgresql")
def _number_postgresql(element: Any, compiler: Any, **more: Any) -> str:
    return str(compiler.process(element.clauses, **more))


class days_after(FunctionElement[Any]):  # noqa: N801
    """The day so many days after a day."""

    type = Date()
    inherit_cache = True


@compiles(days_after, "sqlite")
def _after_sqlite(element: Any, compiler: Any, **more: Any) -> str:
    day, days = (compiler.process(clause, **more) for clause in element.clauses)
    return f"date({day}, {days} || ' days')"


@compiles(days_after, "postgresql")
def _after_postgresql(element: Any, compiler: Any, **more: Any) -> str:
    day, days = (compiler.process(clause, **more) for clause in element.clauses)
    return f"({day} + {days})"
