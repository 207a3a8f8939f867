"""Fixtures for all rooms: databases on both backends, a clock that tests move, and the people of an office."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from db.engine import Sessions, make_engine
from kansli_tui.rows.office import REGIONS, Actor, OfficeFacts, Role
from kansli_tui.service.context import Context
from kansli_tui.service.office import Office
from kansli_tui.service.rule_book import RuleBook
from kansli_tui.settings import Settings
from tests.databases import BACKENDS, BEGINNING, PostgresServer, SqliteFiles
from tests.world import World


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


@pytest.fixture(scope="session")
def sqlite_files(tmp_path_factory: pytest.TempPathFactory) -> SqliteFiles:
    return SqliteFiles(tmp_path_factory.mktemp("sqlite"))


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
