"""Copies of the whole database: made while the program is used, checked when made, restored beside what is there."""

import shutil
import sqlite3
import subprocess
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import make_url, text

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
        audit.record(session, actor, context.clock(), "database.backup", subject=file.name)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if engine.dialect.name == "sqlite":
            _copy_sqlite(Path(engine.url.database or ""), unfinished)
        else:
            address = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
            _run("pg_dump", "--format=custom", f"--file={unfinished}", address)
        unfinished.replace(file)
    except (OSError, sqlite3.Error) as problem:
        unfinished.unlink(missing_ok=True)
        raise RefusedError("The copy could not be written: {problem}", problem=problem) from problem
    return file.stat().st_size


def restore(url: str, file: Path) -> Path | None:
    """Put a copy in place. An existing SQLite database is kept beside under a dated name, which is returned."""
    if not file.exists():
        raise RefusedError("There is no file {name}.", name=file.name)
    target = make_url(url)
    if target.get_backend_name() != "sqlite":
        address = target.set(drivername="postgresql").render_as_string(hide_password=False)
        _run("pg_restore", "--exit-on-error", "--single-transaction", f"--dbname={address}", str(file))
        return None
    _check_sqlite(file)
    place = Path(target.database or "")
    kept = None
    if place.exists():
        kept = place.with_name(f"{place.stem}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}{place.suffix}")
        # A copy through SQLite also takes what still lies in the write-ahead log.
        _copy_sqlite(place, kept)
    unfinished = place.with_name(f".{place.name}.part")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, unfinished)
        for side in ("-wal", "-shm"):
            place.with_name(place.name + side).unlink(missing_ok=True)
        unfinished.replace(place)
    except OSError as problem:
        unfinished.unlink(missing_ok=True)
        raise RefusedError("The copy could not be restored: {problem}", problem=problem) from problem
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


def _copy_sqlite(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as origin, closing(sqlite3.connect(target)) as copy:
        origin.backup(copy)
    _check_sqlite(target)


def _check_sqlite(file: Path) -> None:
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as copy:
            (answer,) = copy.execute("PRAGMA integrity_check").fetchone()
    except sqlite3.Error as problem:
        raise RefusedError("The file {name} is not a whole database.", name=file.name) from problem
    if answer != "ok":
        raise RefusedError("The file {name} is not a whole database.", name=file.name)


def _run(program: str, *arguments: str) -> None:
    where = shutil.which(program)
    if where is None:
        raise RefusedError("{program} is not installed; it comes with PostgreSQL.", program=program)
    done = subprocess.run([where, *arguments], check=False, capture_output=True, text=True)  # noqa: S603 - fixed program
    if done.returncode != 0:
        raise RefusedError("{program} failed: {problem}", program=program, problem=done.stderr.strip().splitlines()[-1])
