"""Reports and workbooks from the statistics: nothing is written before it is said for whom and why."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from textual.widgets import Input

from db.models import AuditRow
from tests.screens.at_work import answered, app_of, go
from tests.screens.conftest import SIZE, seen
from tests.screens.test_flow import at
from tests.world import World

pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)


def fill(app: Any, **values: str) -> None:
    for name, value in values.items():
        app.screen.query_one(f"#{name}", Input).value = value


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def test_a_report_and_a_workbook_are_written_for_somebody_and_logged(world: World, tmp_path: Path) -> None:
    answered(world, "0.4", "4.5")
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app, "3", "p")
        assert "Rapport på papper" in seen(app)
        await go(pilot, "down", "down", "enter", "enter")
        assert "✗ Skriv vem som får filen" in seen(app)
        fill(app, recipient="Styrelsen")
        await go(pilot, "enter")
        assert "✗ Skriv vad den ska användas till" in seen(app)
        fill(app, purpose="Verksamhetsberättelse", folder=str(tmp_path / "ut"), exact="kanske")
        await go(pilot, "enter")
        assert "✗ Skriv J för alla tal, eller ingenting." in seen(app)
        fill(app, exact="")
        await go(pilot, "enter")
        assert "✓ Sparat i" in seen(app)
        await go(pilot, "2", "x")
        fill(app, recipient="Kansliet", purpose="Egen kontroll", folder=str(tmp_path / "ut"), exact="j")
        await go(pilot, "enter")
        assert "Bara en arbetsledare" in seen(app), "small numbers are shown to supervisors alone"
        await go(pilot, "x")
        fill(app, recipient="Kansliet", purpose="Egen kontroll", folder=str(tmp_path / "ut"))
        await go(pilot, "enter")
        assert "✓ Sparat i" in seen(app)
    written = {path.suffix: path.read_bytes()[:4] for path in (tmp_path / "ut").iterdir()}
    assert written == {".pdf": b"%PDF", ".xlsx": b"PK\x03\x04"}
    with world.context.sessions.read() as session:
        logged = {
            row.action: row.why
            for row in session.scalars(select(AuditRow).where(AuditRow.action.in_(("stats.pdf", "stats.xlsx"))))
        }
    assert logged == {"stats.pdf": "Styrelsen; Verksamhetsberättelse", "stats.xlsx": "Kansliet; Egen kontroll"}


async def test_a_folder_that_cannot_be_used_is_said(world: World, tmp_path: Path) -> None:
    (tmp_path / "fil").write_text("")
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app, "2", "x")
        fill(app, recipient="Styrelsen", purpose="Rapport", folder=str(tmp_path / "fil" / "mapp"))
        await go(pilot, "enter")
        assert "kunde inte skrivas" in seen(app)
    assert names(tmp_path) == ["fil"]
