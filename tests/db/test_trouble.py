"""What the database cannot do is said in words, and nothing of it is saved."""

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text

from db.engine import Sessions, make_engine
from kansli_tui.errors import StorageError


def fill(sessions: Sessions) -> None:
    with sessions.begin() as session:
        session.execute(text("INSERT INTO page VALUES (zeroblob(3000))"))
        session.execute(text("INSERT INTO page VALUES (zeroblob(300000))"))


def test_a_full_disk_is_said_and_nothing_is_half_saved(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'small.db'}")
    sessions = Sessions(engine)
    with sessions.begin() as session:
        session.execute(text("CREATE TABLE page (content BLOB)"))
        session.execute(text("PRAGMA max_page_count = 20"))
    with pytest.raises(StorageError, match="disk is full"):
        fill(sessions)
    with sessions.read() as session:
        assert session.scalar(text("SELECT count(*) FROM page")) == 0
    engine.dispose()


def test_a_database_that_somebody_holds_is_said(tmp_path: Path) -> None:
    file = tmp_path / "held.db"
    engine = make_engine(f"sqlite:///{file}")
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout = 50")
    other = sqlite3.connect(file)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StorageError, match="Somebody else is writing"), Sessions(engine).begin() as session:
        session.execute(text("CREATE TABLE mine (a)"))
    other.close()
    engine.dispose()


def test_a_damaged_file_is_said(tmp_path: Path) -> None:
    file = tmp_path / "broken.db"
    file.write_bytes(b"this is no database at all" * 100)
    engine = make_engine(f"sqlite:///{file}")
    with pytest.raises(StorageError, match="damaged"), Sessions(engine).read() as session:
        session.execute(text("SELECT 1 FROM sqlite_master"))
    engine.dispose()
