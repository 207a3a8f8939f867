"""While a question to the physician is open nothing is confirmed or referred, unless somebody writes why."""

import pytest
from sqlalchemy import select

from db.models import AuditRow
from kansli_tui.errors import RefusedError
from kansli_tui.pathway.steps import Queue, Step
from tests.service.unit_help import assess, referred
from tests.world import World

_QUESTION = "Har pacemaker. Kan han göra MR?"
_WHY = "Läkaren svarade på telefon"
_OPEN = "question to the physician"


def ask(world: World, man: int) -> None:
    world.office.cases.ask_physician(world.anna, man, _QUESTION)


def finish(world: World) -> None:
    (task,) = world.office.queues.page(world.anna, Queue.MEDICAL)
    world.office.queues.finish(world.anna, task.task_id, "Kan göra MR")


@pytest.fixture
def answered(world: World) -> int:
    man = world.man()
    world.offer(man)
    world.clock.advance(days=10)
    world.answer(man, "4.5")
    return man


def test_the_case_names_the_question_until_it_is_finished(world: World) -> None:
    man = world.man()
    ask(world, man)
    assert any(_QUESTION in line for line in world.case(man).blocked_by)
    finish(world)
    assert world.case(man).blocked_by == ()


def test_an_answer_is_not_confirmed_past_a_question(world: World, answered: int) -> None:
    ask(world, answered)
    with pytest.raises(RefusedError, match=_OPEN):
        world.confirm(Queue.RAISED, answered)
    assert world.step(answered) is Step.ANSWER_TO_ASSESS
    world.confirm(Queue.RAISED, answered, reason=_WHY)
    assert world.step(answered) is Step.MRI_TO_REFER


def test_an_answer_is_confirmed_when_the_question_is_finished(world: World, answered: int) -> None:
    ask(world, answered)
    finish(world)
    world.confirm(Queue.RAISED, answered)
    assert world.step(answered) is Step.MRI_TO_REFER


def test_a_question_about_somebody_else_stops_nobody(world: World, answered: int) -> None:
    ask(world, world.man())
    world.confirm(Queue.RAISED, answered)
    assert world.step(answered) is Step.MRI_TO_REFER


def test_a_referral_needs_a_reason_that_stands_in_its_history(world: World) -> None:
    man = world.raised()
    assert world.office.referrals.form(world.anna, man).blocked_by == ()
    ask(world, man)
    form = world.office.referrals.form(world.anna, man)
    assert any(_QUESTION in line for line in form.blocked_by)
    refer = world.office.referrals.refer
    with pytest.raises(RefusedError, match=_OPEN):
        refer(world.anna, man, version=form.version, unit_id=form.units[0].unit_id, despite=" ")
    row = refer(world.anna, man, version=form.version, unit_id=form.units[0].unit_id, despite=_WHY)
    (made,) = world.office.referrals.detail(world.anna, row.referral_id).history
    assert made.detail == _WHY
    assert any(line.kind == "referral" and _WHY in line.detail for line in world.case(man).timeline)
    with world.context.sessions.read() as session:
        assert session.scalars(select(AuditRow.why).where(AuditRow.action == "referral.make")).all() == [_WHY]


def test_an_mri_answer_is_not_confirmed_past_a_question(world: World) -> None:
    man = referred(world)
    world.mri(man, (4,))
    ask(world, man)
    with pytest.raises(RefusedError, match=_OPEN):
        assess(world, man)
    (row,) = world.office.examinations.mri_rows(world.anna)
    world.office.examinations.confirm_mri(
        world.anna, row.decision_id, version=row.version, pirads=4, volume_ml=row.volume_ml, reason=_WHY
    )
    assert world.step(man) is Step.UROLOGY_TO_REFER
