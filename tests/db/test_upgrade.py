"""A database of the version before is brought up with what is in it: nobody who was referred by hand falls out of the clock."""

from datetime import date
from typing import Any

import pytest
from alembic import command
from sqlalchemy import select

from db.engine import Sessions
from db.models import Decided, Letter, Meta, Person, Referral, RuleSetRow
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.referrals import ReferralState
from kansli_tui.pathway.steps import Step
from kansli_tui.rows.letter_states import LetterState
from kansli_tui.rows.referrals import DecisionKind
from kansli_tui.service.delivering import deliver
from kansli_tui.service.office import Office
from migrations import runner
from tests.conftest import Clock
from tests.world import World


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
