"""Copies of the whole database: made while the program is used, checked when made, restored beside what is there."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import URL, make_url, text

from db import audit
from db.engine import Sessions
from kansli_tui.errors import RefusedError
from kansli_tui.rows.office import Actor
from kansli_tui.service.context import Context, require_supervisor


def backup(context: Context, actor: Actor, file: Path) -> int:
    """Write a whole copy to a new file and return its size in bytes. RefusedError when the file exists or cannot be written."""
    require_supervisor(actor)
    if file.exists():
        raise RefusedError("The file {name} exists already; choose another name.", name=file.name)
    engine = context.sessions.engine
    unfinished = file.with_name(f".{file.name}.part")
    with context.sessions.begin() as session:
        audit.record(session, actor, context.clock(), "database.backup", subject=file.name[-120:])
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if engine.dialect.name == "sqlite":
            _copy_sqlite(Path(engine.url.database or ""), unfinished)
        else:
            _run("pg_dump", engine.url, "--format=custom", f"--file={unfinished}")
        unfinished.replace(file)
    except RefusedError:
        _remove(unfinished)
        raise
    except (OSError, sqlite3.Error) as problem:
        _remove(unfinished)
        raise RefusedError("The copy could not be written: {problem}", problem=_why(problem)) from problem
    return file.stat().st_size


def restore(url: str, file: Path) -> Path | None:
    """Put a copy in place. An existing SQLite database is kept beside under a dated name, which is returned."""
    if not file.exists():
        raise RefusedError("There is no file {name}.", name=file.name)
    target = make_url(url)
    if target.get_backend_name() != "sqlite":
        _run("pg_restore", target, "--exit-on-error", "--single-transaction", str(file))
        return None
    _check_sqlite(file)
    kind = _kind(file)
    if kind is None:
        raise RefusedError("The file {name} is no copy of an office.", name=file.name)
    place = Path(target.database or "")
    kept = None
    if place.exists():
        if _kind(place) not in (None, kind):
            raise RefusedError(
                "One of the two is for invented people and the other is not: they never take each other's place."
            )
        _refuse_if_used(place)
        kept = place.with_name(f"{place.stem}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}{place.suffix}")
        _keep(place, kept)
    unfinished = place.with_name(f".{place.name}.part")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, unfinished)
        for side in ("-wal", "-shm"):
            place.with_name(place.name + side).unlink(missing_ok=True)
        unfinished.replace(place)
    except OSError as problem:
        _remove(unfinished)
        raise RefusedError("The copy could not be restored: {problem}", problem=_why(problem)) from problem
    return kept


def check(sessions: Sessions) -> list[str]:
    """What the database itself finds wrong; empty when it is whole."""
    with sessions.read() as session:
        if sessions.engine.dialect.name == "sqlite":
            found = [row[0] for row in session.execute(text("PRAGMA integrity_check"))]
            broken = [f"{row[0]}: rad {row[1]} pekar fel" for row in session.execute(text("PRAGMA foreign_key_check"))]
            return [line for line in found if line != "ok"] + broken
        unready = session.execute(text("SELECT conname FROM pg_constraint WHERE NOT convalidated"))
        return [row[0] for row in unready]


def _remove(unfinished: Path) -> None:
    # What could not be made cannot be removed either; the first trouble is the one to tell.
    with suppress(OSError):
        unfinished.unlink()


def _why(problem: OSError | sqlite3.Error) -> str:
    return (problem.strerror if isinstance(problem, OSError) else None) or str(problem)


def _keep(place: Path, kept: Path) -> None:
    """Keep what is there. A copy through SQLite also takes what still lies in the write-ahead log; a damaged file goes as it is."""
    try:
        _copy_sqlite(place, kept)
    except (RefusedError, sqlite3.Error, OSError):
        try:
            for side in ("", "-wal", "-shm"):
                part = place.with_name(place.name + side)
                if part.exists():
                    shutil.copyfile(part, kept.with_name(kept.name + side))
        except OSError as problem:
            raise RefusedError("The copy could not be restored: {problem}", problem=_why(problem)) from problem


def _kind(file: Path) -> str | None:
    """'production' or 'invented'; None for an empty, damaged or strange file, which must not take the office's place."""
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as copy:
            found = copy.execute("select value from meta where key = 'kind'").fetchone()
    except sqlite3.Error:
        return None
    return None if found is None else str(found[0])


def _refuse_if_used(place: Path) -> None:
    """A program that has the database open would go on writing into what is put away."""
    try:
        with closing(sqlite3.connect(place, timeout=0)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.OperationalError as problem:
        if "locked" in str(problem):
            raise RefusedError("Somebody has the database open. Close every program on it first.") from problem
    except sqlite3.DatabaseError:
        # A damaged database is what a copy is for.
        return


def _copy_sqlite(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as origin, closing(sqlite3.connect(target)) as copy:
        origin.backup(copy)
        # One file, with no log beside it; whoever opens the office turns the log on again.
        copy.execute("PRAGMA journal_mode = DELETE")
    _check_sqlite(target)


def _check_sqlite(file: Path) -> None:
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as copy:
            (answer,) = copy.execute("PRAGMA integrity_check").fetchone()
    except sqlite3.Error as problem:
        raise RefusedError("The file {name} is not a whole database.", name=file.name) from problem
    if answer != "ok":
        raise RefusedError("The file {name} is not a whole database.", name=file.name)


def _run(program: str, database: URL, *arguments: str) -> None:
    """Run a tool of PostgreSQL. The password goes by the environment: everybody on the computer sees a command line."""
    where = shutil.which(program)
    if where is None:
        raise RefusedError("{program} is not installed; it comes with PostgreSQL.", program=program)
    address = database._replace(drivername="postgresql", password=None).render_as_string(hide_password=False)
    environment = dict(os.environ)
    if database.password is not None:
        environment["PGPASSWORD"] = str(database.password)
    done = subprocess.run(  # noqa: S603 - fixed program
        [where, f"--dbname={address}", *arguments], check=False, capture_output=True, text=True, env=environment
    )
    if done.returncode != 0:
        last = next(reversed(done.stderr.strip().splitlines()), str(done.returncode))
        raise RefusedError("{program} failed: {problem}", program=program, problem=last)
