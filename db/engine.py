"""How the program reaches its database: SQLite in a file, or PostgreSQL. Nothing connects at import.

Writing sessions on SQLite begin IMMEDIATE, so that two writers wait for each other instead of failing half-way; reading
sessions never wait for a writer (WAL). Both databases get time limits: a thread that waits cannot be stopped.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from kansli_tui.errors import StorageError

LOCK_WAIT_SECONDS = 10
STATEMENT_SECONDS = 300


def make_engine(url: str) -> Engine:
    """An engine for a SQLAlchemy URL (`sqlite:///…` or `postgresql://…`; the driver is psycopg)."""
    try:
        parsed = make_url(url)
    except ArgumentError as problem:
        raise _wrong_address() from problem
    if parsed.get_backend_name() not in ("sqlite", "postgresql"):
        raise _wrong_address()
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(url, in_memory=parsed.database in (None, "", ":memory:"))
    parsed = parsed.set(drivername="postgresql+psycopg")
    limits = f"-c statement_timeout={STATEMENT_SECONDS}s -c lock_timeout={LOCK_WAIT_SECONDS}s -c timezone=UTC"
    return create_engine(parsed, connect_args={"options": limits}, pool_pre_ping=True)


def _wrong_address() -> StorageError:
    return StorageError("The address of the database is written sqlite:///file or postgresql://server/name.")


def _sqlite(url: str, *, in_memory: bool) -> Engine:
    # autocommit leaves BEGIN to us: the driver's own begins late, and a reader that turns writer then fails at once.
    arguments: dict[str, Any] = {"timeout": LOCK_WAIT_SECONDS, "isolation_level": None, "check_same_thread": False}
    if in_memory:
        engine = create_engine(url, connect_args=arguments, poolclass=StaticPool)
    else:
        database = make_url(url).database
        assert database is not None
        try:
            Path(database).parent.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            raise StorageError(
                "The folder of the database cannot be made: {problem}", problem=problem.strerror or problem
            ) from problem
        engine = create_engine(url, connect_args=arguments)

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, record: Any) -> None:
        del record
        cursor = connection.cursor()
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA cache_size = -65536")
        cursor.close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get("kansli_reading", False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


class Sessions:
    """Opens sessions. Services alone use it: `with sessions.begin() as session:` is one action, one transaction."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._reading = engine.execution_options(kansli_reading=True)

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """A writing transaction: committed when the block ends, rolled back when it raises."""
        with _in_words(), Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A reading transaction: sees one state of the database, never waits for a writer, writes nothing."""
        with _in_words(), Session(self._reading, expire_on_commit=False) as session:
            yield session


_TROUBLES = (
    (
        ("disk is full", "no space left", "disk full"),
        "The disk is full. Nothing of this was saved: make room and do it again.",
    ),
    (
        ("locked", "lock timeout", "deadlock", "statement timeout"),
        "Somebody else is writing just now. Nothing of this was saved: do it again in a moment.",
    ),
    (("readonly", "read-only", "permission denied"), "The database may only be read here. Nothing was saved."),
    (
        ("unable to open", "connection", "server closed"),
        "The database cannot be reached. Nothing was saved: try again.",
    ),
    (
        ("malformed", "not a database", "disk i/o"),
        "The database file is damaged. Stop working and restore the latest copy.",
    ),
)


@contextmanager
def _in_words() -> Iterator[None]:
    """Say what the database's trouble means to a person; what is not recognised goes on as it is."""
    try:
        yield
    except DBAPIError as problem:
        text = str(problem.orig).casefold()
        for signs, words in _TROUBLES:
            if any(sign in text for sign in signs):
                raise StorageError(words) from problem
        raise
