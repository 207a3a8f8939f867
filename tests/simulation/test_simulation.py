"""Men who live through the pathway: the same every time, everybody accounted for, and never in a real office."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, func, select

from db.base import Base
from db.models import Letter, Person, PsaAnswer, PsaOrder, Round, Task
from kansli_tui.errors import RefusedError
from kansli_tui.pathway.steps import ClosedReason, Step
from kansli_tui.rows.answers import OrderState
from kansli_tui.rows.letter_states import LetterState
from kansli_tui.service.office import Office
from kansli_tui.simulation import SimulatedClock, SimulationReport, make_demo, simulate, simulate_into
from tests.conftest import NewDatabase

UNTIL = date(2026, 11, 20)
SALTED = ("staff", "password_hash")
"""The one column that differs: a password's salt is random wherever it is set."""


MEN, YEARS, SEED = 100, 1, 3
"""As many as it takes for a few to come to every end that is asked for below."""


@pytest.fixture(scope="module")
def just_lived(new_database: NewDatabase) -> Iterator[tuple[Office, SimulationReport, dict[str, Any]]]:
    """Some hundred men who have lived through a year, on each backend, and every row they left."""
    with new_database() as url:
        office = Office.open(url, clock=SimulatedClock())
        report = simulate(office, men=MEN, years=YEARS, seed=SEED, until=UNTIL)
        yield office, report, _rows(url)
        office.close()


@pytest.fixture(scope="module")
def lived(just_lived: tuple[Office, SimulationReport, dict[str, Any]]) -> tuple[Office, SimulationReport]:
    return just_lived[:2]


def test_everybody_is_accounted_for(lived: tuple[Office, SimulationReport]) -> None:
    office, report = lived
    assert report.adds_up
    balance = office.balance.make(office.staff.as_user("anna"))
    assert balance.adds_up
    assert sum(row.in_register for row in balance.rows) == MEN


def test_when_everything_has_been_done_the_watch_finds_nothing(lived: tuple[Office, SimulationReport]) -> None:
    _office, report = lived
    assert report.found_when_done == []


def test_the_pathway_has_been_walked_to_its_ends(lived: tuple[Office, SimulationReport]) -> None:
    office, report = lived
    assert min(report.rounds, report.letters, report.orders, report.samples, report.answers) > 20
    assert report.calls > 5
    with office.context.sessions.read() as session:
        assert session.scalar(select(func.count(Round.id)).where(Round.result == "answered"))
        assert session.scalar(select(func.count(Round.id)).where(Round.result == "no_sample"))
        assert session.scalar(select(func.count(PsaOrder.id)).where(PsaOrder.state == OrderState.EXPIRED))
        assert session.scalar(select(func.count(Person.id)).where(Person.closed_reason == ClosedReason.DEAD))
        assert report.letters == session.scalar(select(func.count(Letter.id)).where(Letter.state == LetterState.POSTED))


def test_participation_is_within_what_has_been_published(lived: tuple[Office, SimulationReport]) -> None:
    office, _report = lived
    with office.context.sessions.read() as session:
        in_time = Round.offered_on < date(2026, 7, 1)
        offered = session.scalar(select(func.count(Round.id)).where(in_time)) or 0
        answered = session.scalar(
            select(func.count(func.distinct(PsaAnswer.person_id)))
            .join(Round, Round.person_id == PsaAnswer.person_id)
            .where(PsaAnswer.value.is_not(None), in_time)
        )
    assert answered is not None
    assert 0.25 < answered / offered < 0.6


def test_nobody_with_an_open_round_lacks_a_task_a_date_a_letter_or_an_order(
    lived: tuple[Office, SimulationReport],
) -> None:
    office, _report = lived
    with office.context.sessions.read() as session:
        for person in session.scalars(select(Person).where(Person.step.not_in((Step.CLOSED, Step.EXCLUDED)))):
            held = person.next_on is not None or any(
                session.scalar(select(func.count()).select_from(kind).where(kind.person_id == person.id, condition))
                for kind, condition in (
                    (Task, Task.closed_at.is_(None)),
                    (Letter, Letter.state.in_((LetterState.PREPARED, LetterState.PRINTED))),
                    (PsaOrder, PsaOrder.state == OrderState.CREATED),
                )
            )
            assert held, f"nothing holds a person at {person.step}"


def test_nothing_happens_after_the_last_day(lived: tuple[Office, SimulationReport]) -> None:
    office, _report = lived
    assert office.context.today == UNTIL
    with office.context.sessions.read() as session:
        assert session.scalar(select(func.count(Letter.id)).where(Letter.posted_on > UNTIL)) == 0


@pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)
def test_the_same_seed_gives_the_same_rows_whatever_the_process(
    new_database: NewDatabase, just_lived: tuple[Office, SimulationReport, dict[str, Any]]
) -> None:
    """Lived once more by a process of its own, which puts sets in another order."""
    _office, _report, rows = just_lived
    with new_database() as url:
        script = (
            "from datetime import date; from kansli_tui.simulation import simulate_into;"
            f"simulate_into('{url}', men={MEN}, years={YEARS}, seed={SEED}, until=date.fromisoformat('{UNTIL}'))"
        )
        subprocess.run(
            [sys.executable, "-c", script],
            check=True,
            timeout=120,
            cwd=Path(__file__).parents[2],
            env=os.environ | {"PYTHONHASHSEED": "2" if os.environ.get("PYTHONHASHSEED") == "1" else "1"},
        )
        assert _rows(url) == rows


@pytest.mark.parametrize("begin", [simulate_into, make_demo])
def test_a_production_database_is_refused_and_left_as_it_was(tmp_path: Path, begin: Any) -> None:
    url = f"sqlite:///{tmp_path / 'office.db'}"
    Office.open(url, create="production").close()
    before = _rows(url)
    arguments = {"fresh": True} if begin is make_demo else {"men": 20, "years": 1, "seed": 1, "until": UNTIL}
    with pytest.raises(RefusedError, match="production"):
        begin(url, **arguments)
    assert _rows(url) == before


def test_simulating_twice_in_one_database_is_refused(lived: tuple[Office, SimulationReport]) -> None:
    office, _report = lived
    url = office.context.sessions.engine.url.render_as_string(hide_password=False)
    with pytest.raises(RefusedError, match="empty"):
        simulate_into(url, men=10, years=1, seed=1, until=UNTIL)


@pytest.mark.parametrize(("men", "years"), [(0, 1), (10, 0)])
def test_a_simulation_of_nothing_is_refused(tmp_path: Path, men: int, years: int) -> None:
    with pytest.raises(RefusedError, match="at least one man"):
        simulate_into(f"sqlite:///{tmp_path / 'office.db'}", men=men, years=years, seed=1, until=UNTIL)


def _rows(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, but for what a random salt makes different."""
    engine = create_engine(url)
    with engine.connect() as connection:
        rows = {
            table.name: [
                tuple(row)
                for row in connection.execute(
                    select(*(column for column in table.columns if (table.name, column.name) != SALTED)).order_by(
                        *table.primary_key
                    )
                )
            ]
            for table in Base.metadata.sorted_tables
        }
    engine.dispose()
    return rows
