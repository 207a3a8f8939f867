"""The kept sums are those of the slow way at any moment: after corrections, moves, late answers, time, and when counted anew."""

import pytest
from sqlalchemy import delete, func, select

from db.models import Meta, StatsDirty, StepChange, round_count
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.steps import Queue
from kansli_tui.service import summaries
from kansli_tui.service.summaries import STATE, catch_up, rebuild
from tests.service.test_handovers import hand_over
from tests.sums import sums_agree
from tests.world import World


def test_the_sums_follow_corrections_moves_late_answers_and_the_days(world: World) -> None:
    men = [world.man(municipality="0580") for _ in range(6)]
    world.man(region="08", municipality="0880")
    assert sums_agree(world) == 0
    world.offer(*men)
    assert sums_agree(world) == 6
    world.clock.advance(days=10)
    world.answer(men[0], "3.4")
    world.answer(men[1], "0.4")
    world.answer(men[2], "12")
    sums_agree(world)
    world.confirm(Queue.RAISED, men[0])
    world.confirm(Queue.RAISED, men[2])
    world.refer(men[0])
    world.refer(men[2])
    world.post(LetterType.PSA_RAISED)
    sums_agree(world)
    world.clock.advance(days=12)
    world.mri(men[0], (4,), "45")
    sums_agree(world)
    row = world.office.examinations.mri_rows(world.anna)[0]
    world.office.examinations.confirm_mri(
        world.anna, row.decision_id, version=row.version, pirads=4, volume_ml=row.volume_ml
    )
    sums_agree(world)
    hand_over(world, men[2])
    world.act(men[3], "opt_out", reason="ringde")
    sums_agree(world)
    world.answer(men[1], "5.2", status="C")
    sums_agree(world)
    # The time of the offers goes out: nobody has done anything.
    world.clock.advance(days=120)
    sums_agree(world)
    world.office.daily.run(world.per)
    sums_agree(world)
    world.clock.advance(days=800)
    world.office.daily.run(world.per)
    assert sums_agree(world) == 6


def test_only_those_of_whom_something_has_changed_are_counted_anew(world: World) -> None:
    men = [world.man() for _ in range(3)]
    world.offer(*men)
    assert catch_up(world.context) == 3
    assert catch_up(world.context) == 0
    world.clock.advance(days=3)
    world.answer(men[0], "1.2")
    assert catch_up(world.context) == 1
    with world.context.sessions.begin() as session:
        session.execute(delete(StepChange).where(StepChange.person_id == men[1], StepChange.round_number > 0))
    assert catch_up(world.context) == 1, "whatever writes, a row that goes away too"
    with world.context.sessions.read() as session:
        assert session.scalar(select(func.count(StatsDirty.id))) == 0


def test_counting_everybody_anew_gives_the_same(world: World) -> None:
    men = [world.man() for _ in range(5)]
    world.offer(*men)
    world.clock.advance(days=3)
    world.answer(men[0], "3.3")
    sums_agree(world)
    with world.context.sessions.read() as session:
        before = session.execute(select(round_count)).all()
    assert rebuild(world.context) == 5
    with world.context.sessions.read() as session:
        assert session.execute(select(round_count)).all() == before
    sums_agree(world)
    with world.context.sessions.begin() as session:
        session.get_one(Meta, STATE).value = '{"building": "somebody who was killed"}'
    assert catch_up(world.context) == 5, "what was left half-way is made whole"
    sums_agree(world)
    world.clock.advance(days=-1)
    assert catch_up(world.context) == 5, "a clock that was wrong"
    sums_agree(world)


def test_many_changes_are_counted_a_few_at_a_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(summaries, "_PEOPLE_AT_ONCE", 2)
    men = [world.man() for _ in range(5)]
    sums_agree(world)
    world.offer(*men)
    assert catch_up(world.context) == 5
    monkeypatch.setattr(summaries, "_MANY", 3)
    monkeypatch.setattr(summaries, "_KEYS_AT_ONCE", 2)
    world.clock.advance(days=3)
    for man in men:
        world.answer(man, "0.2")
    assert catch_up(world.context) == 5
    sums_agree(world)
