"""Fixtures for all rooms: databases on both backends, a clock that tests move, and the people of an office."""

import gc
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher

from db.engine import Sessions, make_engine
from kansli_tui.rows.office import REGIONS, Actor, OfficeFacts, Role
from kansli_tui.service.context import Context
from kansli_tui.service.office import Office
from kansli_tui.service.rule_book import RuleBook
from kansli_tui.settings import Settings
from tests.databases import BACKENDS, BEGINNING, SHARED_SQL, PostgresServer, SqliteFiles
from tests.world import World


def pytest_collection_finish() -> None:
    """What has been loaded by now stays: the collector need not look through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Every test of a service runs on both databases; its table of cases runs whole on SQLite, and its first case on PostgreSQL.

    What the cases of one table differ in is decided above the database. It takes a third of the time off the run.
    """
    seen: set[tuple[str, str]] = set()
    kept: list[pytest.Item] = []
    left: list[pytest.Item] = []
    for item in items:
        parameters = getattr(getattr(item, "callspec", None), "params", {})
        here = parameters.get("new_database") == "postgresql" and "service" in item.path.parts
        test = (str(item.path), getattr(item, "originalname", item.name))
        if here and test in seen:
            left.append(item)
            continue
        if here:
            seen.add(test)
        kept.append(item)
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = kept


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Tests go to whichever worker is free, but a file of simulations goes whole to one, which makes what its tests share once.

    The files of simulations come first, so that none is left when the others are done. What the tests are run with would do
    that by marks, but from pytest 9.2 on its marks (in xdist 3.8) are not seen.
    """
    from xdist.scheduler import LoadScopeScheduling  # noqa: PLC0415 - only where tests run side by side

    class FilesOfSimulations(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            return file if file.startswith("tests/simulation/") else nodeid

    return FilesOfSimulations(config, log) if config.getoption("dist") == "loadgroup" else None


NewDatabase = Callable[[], AbstractContextManager[str]]


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self, now: datetime = BEGINNING) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, *, days: float = 0, hours: float = 0, minutes: float = 0) -> None:
        self.now += timedelta(days=days, hours=hours, minutes=minutes)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def anna() -> Actor:
    """A caseworker for all three regions."""
    return Actor("anna", "Anna Handläggare", Role.CASEWORKER, frozenset(REGIONS))


@pytest.fixture
def per() -> Actor:
    """A supervisor for all three regions."""
    return Actor("per", "Per Ansvarig", Role.SUPERVISOR, frozenset(REGIONS))


@pytest.fixture
def jkp() -> Actor:
    """A caseworker for one region only."""
    return Actor("jkp", "Jenny Jönköping", Role.CASEWORKER, frozenset({"06"}))


@pytest.fixture(scope="session", autouse=True)
def shared_sql() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("db.engine.create_engine", SHARED_SQL.create_engine)
        yield


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Passwords are hashed as the program does, but with as little work as the method allows: `slow_passwords` is the real one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("argon2.PasswordHasher", partial(PasswordHasher, time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture
def slow_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords as they are hashed in an office."""
    monkeypatch.setattr("argon2.PasswordHasher", PasswordHasher)


@pytest.fixture(scope="session")
def sqlite_files() -> Iterator[SqliteFiles]:
    with tempfile.TemporaryDirectory(prefix="kansli-", dir=in_memory()) as folder:
        yield SqliteFiles(Path(folder))


def in_memory() -> str | None:
    """A folder of files that are never on a disk, where there is one with room: there a commit waits for nothing."""
    folder = Path("/dev/shm")
    return str(folder) if folder.is_dir() and shutil.disk_usage(folder).free > 500_000_000 else None


@pytest.fixture(scope="session")
def postgres_server(testrun_uid: str, worker_id: str) -> Iterator[PostgresServer]:
    server = PostgresServer(testrun_uid, worker_id)
    yield server
    server.stop()


@pytest.fixture(params=BACKENDS, scope="session")
def new_database(request: pytest.FixtureRequest) -> NewDatabase:
    """Makes migrated databases on one backend: `with new_database() as url:`. For tests that need many."""
    made: SqliteFiles | PostgresServer = request.getfixturevalue(
        "sqlite_files" if request.param == "sqlite" else "postgres_server"
    )
    return made.database


@pytest.fixture
def database_url(new_database: NewDatabase) -> Iterator[str]:
    """A migrated database of the test's own, on each backend."""
    with new_database() as url:
        yield url


@pytest.fixture
def sessions(database_url: str) -> Iterator[Sessions]:
    engine = make_engine(database_url)
    yield Sessions(engine)
    engine.dispose()


@pytest.fixture
def settings() -> Settings:
    """The defaults, whatever the environment says."""
    return Settings.model_construct()


@pytest.fixture
def context(sessions: Sessions, clock: Clock, settings: Settings) -> Context:
    return Context(sessions, clock, settings, RuleBook(), OfficeFacts("invented", sessions.engine.dialect.name))


@pytest.fixture
def world(context: Context, clock: Clock, anna: Actor, per: Actor, tmp_path: Path) -> World:
    """An office at work, on each backend."""
    return World(context, clock, anna, per, tmp_path)


@pytest.fixture
def office(context: Context) -> Office:
    """Every service on the test's database, with the test's clock."""
    return Office(context)
