"""A database of the version before is brought up with what is in it: nobody who was referred by hand falls out of the clock."""

from datetime import date
from importlib import import_module
from typing import Any

import pytest
from alembic import command
from sqlalchemy import delete, func, select, text

from db.engine import Sessions
from db.models import Decided, Letter, Meta, Person, Referral, Round, RuleSetRow, StatsDirty, StepChange
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.referrals import ReferralState
from kansli_tui.pathway.steps import Step
from kansli_tui.rows.letter_states import LetterState
from kansli_tui.rows.referrals import DecisionKind
from kansli_tui.service.delivering import deliver
from kansli_tui.service.office import Office
from migrations import runner
from tests.conftest import Clock
from tests.sums import sums_agree
from tests.world import World

FOLLOWED: dict[str, str] = import_module("migrations.versions.0005_statistics_follow_changes").FOLLOWED


def to(sessions: Sessions, revision: str) -> None:
    config = runner._config()
    with sessions.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


def test_the_version_before_is_brought_up_with_its_people(world: World, sessions: Sessions, clock: Clock) -> None:
    waiting, referred = world.raised("3.4"), world.raised("5")
    world.post(LetterType.PSA_RAISED)
    third = world.raised("4")
    with sessions.begin() as session:
        person = session.get_one(Person, referred)
        # As the version before left somebody whose referral was noted by hand: a step, a date and nothing more.
        person.step, person.next_on = Step.MRI_REFERRED, date(2026, 12, 1)
        for letter in session.scalars(select(Letter).where(Letter.state == LetterState.PREPARED)):
            letter.values = {name: value for name, value in letter.values.items() if name != "mri_unit"}
        session.delete(session.scalars(select(RuleSetRow)).one())
    to(sessions, "0001")
    assert runner.current(sessions.engine) == "0001"
    runner.upgrade(sessions.engine)
    for _again in range(2):
        with sessions.begin() as session:
            deliver(session, clock())
    with sessions.read() as session:
        (referral,) = session.scalars(select(Referral))
        assert (referral.person_id, referral.state, referral.due_on) == (
            referred,
            ReferralState.SENT,
            date(2026, 12, 1),
        )
        assert referral.number.startswith("OPTMR-2026-")
        assert set(session.scalars(select(Decided.kind))) == {DecisionKind.PSA}
        units = set(
            session.scalars(
                select(Letter.values["mri_unit"].as_string()).where(
                    Letter.person_id == third, Letter.type == LetterType.PSA_RAISED
                )
            )
        )
        assert units == {"Röntgenkliniken, Linköping"}
        assert [row.version for row in session.scalars(select(RuleSetRow))] == ["2026:2"]
    assert world.step(waiting) is Step.MRI_TO_REFER
    world.refer(waiting)
    assert world.adds_up()


def test_opening_an_older_database_says_what_to_do(database_url: str, sessions: Sessions, settings: Any) -> None:
    from kansli_tui.errors import RefusedError  # noqa: PLC0415

    to(sessions, "0001")
    with pytest.raises(RefusedError, match="db upgrade"):
        Office.open(database_url, settings=settings)
    office = Office.open(database_url, settings=settings, create="invented")
    assert office.facts.invented
    office.close()
    with sessions.read() as session:
        assert session.scalars(select(Meta.value).where(Meta.key == "kind")).one() == "invented"


def test_statistics_begin_with_what_was_there_and_follow_every_change(world: World, sessions: Sessions) -> None:
    """Rounds and moves of the version before get what they lacked, and from then on whatever is written leaves a mark."""
    men = [world.man(municipality="0580") for _ in range(3)]
    world.offer(*men)
    world.act(men[0], "opt_out", reason="ringde")
    world.act(men[1], "exclude", detail="no_prostate")
    assert sums_agree(world) == 3
    to(sessions, "0003")
    runner.upgrade(sessions.engine)
    with sessions.read() as session:
        assert set(session.scalars(select(Round.municipality))) == {"0580"}
        moves = session.execute(select(StepChange.person_id, StepChange.because).where(StepChange.because != "")).all()
    assert {tuple(move) for move in moves} == {(men[0], "opted_out"), (men[1], "no_prostate")}
    assert sums_agree(world) == 3
    world.clock.advance(days=5)
    world.answer(men[2], "2.2")
    assert sums_agree(world) == 3
    postgresql = world.context.facts.database == "postgresql"
    with sessions.begin() as session:
        for table, person in FOLLOWED.items():
            session.execute(text(f"UPDATE {table} SET {person} = {person}"))
            marks = session.scalar(select(func.count(StatsDirty.id)))
            rows = session.scalar(text(f"SELECT count(*) FROM {table}"))
            assert marks == rows if postgresql else bool(marks) == bool(rows), table
            session.execute(delete(StatsDirty))
