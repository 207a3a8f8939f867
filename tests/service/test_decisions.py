"""Confirming: what may be chosen, by whom, on which picture of the case; and many low values at once."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from db.models import Decided, Person
from kansli_tui.errors import ChangedBySomeoneElseError, KansliError, NotAllowedError, NotFoundError, RefusedError
from kansli_tui.pathway.answers import CHOICES
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.ruleset import Outcome
from kansli_tui.pathway.steps import Queue, Step
from kansli_tui.rows.answers import AnswerRow, DecisionState
from kansli_tui.rows.letter_states import LetterState
from kansli_tui.rows.office import Actor
from kansli_tui.rows.population import Protection
from kansli_tui.service.walk import Walk
from tests.world import World

QUEUES = {"0.4": Queue.NORMAL, "2.0": Queue.NORMAL, "3.4": Queue.RAISED, "140": Queue.URGENT, "<5": Queue.UNDECIDED}


def answered(world: World, *values: str, **more: Any) -> list[int]:
    """A man for each value, with that answer to assess ('X': not analysable)."""
    men = [world.man(**more) for _ in values]
    world.offer(*men)
    world.clock.advance(days=10)
    for man, value in zip(men, values, strict=True):
        world.answer(man, "" if value == "X" else value, status="X" if value == "X" else "F", type="ST")
    return men


def queue_of(value: str) -> Queue:
    return QUEUES.get(value, Queue.REPEAT)


def decided(world: World, man: int) -> Decided:
    with world.context.sessions.read() as session:
        return session.scalars(select(Decided).where(Decided.person_id == man).order_by(Decided.id.desc())).all()[0]


def confirm(world: World, row: AnswerRow, actor: Actor | None = None, **more: Any) -> None:
    world.office.decisions.confirm(actor or world.anna, row.decision_id, **{"version": row.version, **more})


STEPS = {
    Outcome.NEW_OFFER: (Step.ANSWER_LETTER_TO_POST, None),
    Outcome.MRI: (Step.MRI_TO_REFER, Queue.MRI_REFERRAL),
    Outcome.UROLOGY: (Step.UROLOGY_TO_REFER, Queue.UROLOGY_REFERRAL),
    Outcome.REPEAT: (Step.REPEAT_TO_POST, None),
}
LETTERS = {
    ("0.4", Outcome.NEW_OFFER): LetterType.PSA_LOW,
    ("2.0", Outcome.NEW_OFFER): LetterType.PSA_TWO_YEARS,
    ("3.4", Outcome.MRI): LetterType.PSA_RAISED,
    ("X", Outcome.REPEAT): LetterType.REPEAT_SAMPLE,
}


@pytest.mark.parametrize("value", ["0.4", "2.0", "3.4", "140", "X"])
def test_the_proposal_is_confirmed_with_its_letter_and_its_next_task(world: World, value: str) -> None:
    (man,) = answered(world, value)
    row = world.shown(queue_of(value), man)
    assert row.reason
    assert row.consequence
    confirm(world, row)
    made = decided(world, man)
    assert (made.state, made.outcome, made.confirmed_by) == (DecisionState.CONFIRMED, row.proposed, "anna")
    step, queue = STEPS[row.proposed]
    assert world.step(man) is step
    assert world.tasks(man) == ([queue] if queue else [])
    letter = LETTERS.get((value, row.proposed))
    if letter is not None:
        assert world.letters(man)[-1] == (letter, LetterState.PREPARED)
    assert "decision.confirm" in world.audit(man)
    assert world.adds_up()


@pytest.mark.parametrize("value", ["0.4", "3.4", "140", "<5", "X"])
def test_another_outcome_is_allowed_only_as_the_rules_leave_it_and_with_a_reason(world: World, value: str) -> None:
    for man, outcome in zip(answered(world, *[value] * len(Outcome)), Outcome, strict=True):
        row = world.shown(queue_of(value), man)
        if outcome not in CHOICES[row.proposed]:
            with pytest.raises(RefusedError, match="do not allow"):
                confirm(world, row, outcome=outcome, reason="ändå")
            assert world.step(man) is Step.ANSWER_TO_ASSESS
            continue
        if outcome is not row.proposed:
            with pytest.raises(RefusedError, match="State why"):
                confirm(world, row, outcome=outcome, reason=" ")
        confirm(world, row, outcome=outcome, reason="läkarbedömning\x1b[2J")
        assert world.step(man) is STEPS[outcome][0]
        assert decided(world, man).confirm_reason == "läkarbedömning·[2J"
    assert world.adds_up()


def test_nothing_raised_can_ever_be_confirmed_as_normal(world: World) -> None:
    for man in answered(world, "3.0", "3.4", "140", "<5", ">99"):
        with pytest.raises(RefusedError):
            world.office.decisions.confirm(
                world.per,
                decided(world, man).id,
                version=world.person(man).version_id,
                outcome=Outcome.NEW_OFFER,
                reason="låg",
            )


def test_an_undecidable_value_needs_a_chosen_outcome(world: World) -> None:
    (man,) = answered(world, "<5")
    row = world.shown(Queue.UNDECIDED, man)
    with pytest.raises(RefusedError):
        confirm(world, row)


def test_an_old_picture_is_refused(world: World) -> None:
    (man,) = answered(world, "0.4")
    row = world.shown(Queue.NORMAL, man)
    with pytest.raises(ChangedBySomeoneElseError):
        confirm(world, row, version=row.version - 1)
    world.answer(man, "4.0", status="C")
    with pytest.raises(ChangedBySomeoneElseError):
        confirm(world, row)
    with pytest.raises(ChangedBySomeoneElseError):
        confirm(world, row, version=world.person(man).version_id)


def test_pressing_twice_is_harmless_and_after_somebody_else_it_is_told(world: World) -> None:
    (man,) = answered(world, "3.4")
    row = world.shown(Queue.RAISED, man)
    confirm(world, row)
    confirm(world, row)
    assert world.audit(man).count("decision.confirm") == 1
    with pytest.raises(RefusedError, match="another outcome"):
        confirm(world, row, outcome=Outcome.REPEAT, reason="om")
    with pytest.raises(ChangedBySomeoneElseError):
        confirm(world, row, world.per)
    assert [kind for kind, _state in world.letters(man)].count(LetterType.PSA_RAISED) == 1


def test_a_held_person_is_not_decided_on(world: World) -> None:
    (man,) = answered(world, "0.4")
    with world.context.sessions.begin() as session:
        made = Walk(session, world.anna, world.clock(), world.context.rules(session))
        made.block(session.get_one(Person, man), "duplicate", "Possible duplicate")
    row = world.shown(Queue.NORMAL, man)
    assert row.blocked_by == ("Possible duplicate",)
    with pytest.raises(RefusedError, match="held"):
        confirm(world, row)


def test_other_regions_and_unknown_decisions(world: World, jkp: Actor) -> None:
    (man,) = answered(world, "0.4")
    row = world.shown(Queue.NORMAL, man)
    assert world.office.decisions.rows(jkp, Queue.NORMAL) == ()
    with pytest.raises(NotAllowedError):
        confirm(world, row, jkp)
    with pytest.raises(NotAllowedError):
        world.office.decisions.postpone(
            jkp, row.decision_id, version=row.version, on=world.today + timedelta(days=9), reason="x"
        )
    with pytest.raises(NotFoundError):
        world.office.decisions.confirm(world.anna, 999, version=1)


# Leases


def test_what_another_has_taken_is_neither_confirmed_nor_put_off(world: World) -> None:
    (man,) = answered(world, "0.4")
    row = world.shown(Queue.NORMAL, man)
    world.office.queues.take(world.per, row.task_id)
    assert world.shown(Queue.NORMAL, man).lease_by == "per"
    on = world.today + timedelta(days=30)
    with pytest.raises(ChangedBySomeoneElseError, match="per"):
        confirm(world, row)
    with pytest.raises(ChangedBySomeoneElseError, match="per"):
        world.office.decisions.postpone(world.anna, row.decision_id, version=row.version, on=on, reason="x")
    with pytest.raises(ChangedBySomeoneElseError, match="per"):
        world.office.queues.take(world.anna, row.task_id)
    world.office.queues.take(world.anna, row.task_id, take_over=True)
    assert "task.take_over" in world.audit(man)
    confirm(world, row)


def test_a_lease_lapses_by_itself_and_can_be_given_back(world: World) -> None:
    (man,) = answered(world, "0.4")
    row = world.shown(Queue.NORMAL, man)
    world.office.queues.take(world.per, row.task_id)
    world.office.queues.put_back(world.anna, row.task_id)
    assert world.shown(Queue.NORMAL, man).lease_by == "per", "only one's own is given back"
    world.office.queues.put_back(world.per, row.task_id)
    assert world.shown(Queue.NORMAL, man).lease_by is None
    world.office.queues.take(world.per, row.task_id)
    world.clock.advance(minutes=16)
    confirm(world, row)
    with pytest.raises(ChangedBySomeoneElseError):
        world.office.queues.take(world.per, row.task_id)


# Putting off


def test_a_case_is_put_off_to_a_date_with_a_reason(world: World) -> None:
    (man,) = answered(world, "5.0")
    row = world.shown(Queue.RAISED, man)
    service = world.office.decisions
    for on, why in ((world.today, "infektion"), (world.today + timedelta(days=9), " ")):
        with pytest.raises(RefusedError):
            service.postpone(world.anna, row.decision_id, version=row.version, on=on, reason=why)
    on = world.today + timedelta(days=30)
    service.postpone(world.anna, row.decision_id, version=row.version, on=on, reason="infektion")
    assert (world.step(man), world.person(man).next_on) == (Step.POSTPONED, on)
    assert world.tasks(man) == []
    assert world.case(man).psa is not None, "the value is not forgotten"
    with pytest.raises(ChangedBySomeoneElseError):
        confirm(world, row, version=world.person(man).version_id)
    assert world.adds_up()


# Many at once


def test_low_values_are_confirmed_together_after_a_preview_and_only_the_plain_ones(world: World) -> None:
    men = answered(world, "0.4", "2.0", "0.5", "0.6", "3.4", "X")
    with world.context.sessions.begin() as session:
        made = Walk(session, world.anna, world.clock(), world.context.rules(session))
        made.block(session.get_one(Person, men[2]), "duplicate", "Possible duplicate")
    world.office.queues.take(world.per, world.shown(Queue.NORMAL, men[3]).task_id)
    preview = world.office.decisions.preview_low(world.anna)
    assert preview.count == 2
    assert {row.person_id for row in preview.rows} == set(men[:2])
    assert sorted(preview.left_out) == ["Somebody is working on it (1)", "The person is held (1)"]
    done = world.office.decisions.confirm_low(world.anna, stamp=preview.stamp)
    assert (done.confirmed, len(done.left)) == (2, 2)
    assert {world.step(man) for man in men[:2]} == {Step.ANSWER_LETTER_TO_POST}
    assert {world.step(man) for man in men[2:]} == {Step.ANSWER_TO_ASSESS}
    assert all("decision.confirm" in world.audit(man) for man in men[:2])
    assert world.adds_up()


def test_a_comment_from_the_laboratory_is_read_by_a_person(world: World) -> None:
    man = world.man()
    world.offer(man)
    world.clock.advance(days=10)
    world.answer(man, "0.4", comment="Hemolytiskt prov")
    preview = world.office.decisions.preview_low(world.anna)
    assert preview.left_out == ("The laboratory has written a comment (1)",)


@pytest.mark.parametrize("change", ["another", "fewer", "corrected"])
def test_the_preview_must_still_be_true(world: World, change: str) -> None:
    first, second, third = answered(world, "0.4", "0.5", "X")
    preview = world.office.decisions.preview_low(world.anna)
    if change == "another":
        with world.context.sessions.read() as session:
            assert session.get(Person, third) is not None
        world.answer(third, "0.6")
        world.office.decisions.confirm(world.anna, decided(world, first).id, version=world.person(first).version_id)
    elif change == "fewer":
        world.confirm(Queue.NORMAL, first)
    else:
        world.answer(second, "0.7", status="C")
    with pytest.raises(ChangedBySomeoneElseError):
        world.office.decisions.confirm_low(world.anna, stamp=preview.stamp)
    assert world.step(second) is Step.ANSWER_TO_ASSESS


def test_a_forged_stamp_confirms_nothing(world: World) -> None:
    (man,) = answered(world, "0.4")
    with pytest.raises(ChangedBySomeoneElseError):
        world.office.decisions.confirm_low(world.anna, stamp="")
    assert world.step(man) is Step.ANSWER_TO_ASSESS


def test_a_region_that_wants_no_batches_has_none(world: World) -> None:
    from kansli_tui.service.rule_book import delivered_rule_set  # noqa: PLC0415

    (man,) = answered(world, "0.4")
    text = (
        delivered_rule_set().replace('"2026:2"', '"2026:3"').replace("[regions.05]", "[regions.05]\nbatch_low = false")
    )
    made = world.office.rules.load(world.per, text)
    world.office.rules.sign(Actor("eva", "Eva", world.per.role, world.per.regions), made.name, made.version)
    preview = world.office.decisions.preview_low(world.anna)
    assert preview.count == 0
    assert world.office.decisions.confirm_low(world.anna, stamp=preview.stamp).confirmed == 0
    assert world.step(man) is Step.ANSWER_TO_ASSESS


def test_a_killed_batch_confirms_nobody(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from kansli_tui.service import decisions  # noqa: PLC0415

    men = answered(world, "0.4", "0.5", "0.6")
    preview = world.office.decisions.preview_low(world.anna)
    whole, calls = decisions.confirm, []

    def killed(*args: Any) -> None:
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        whole(*args)

    monkeypatch.setattr(decisions, "confirm", killed)
    with pytest.raises(KeyboardInterrupt):
        world.office.decisions.confirm_low(world.anna, stamp=preview.stamp)
    assert {world.step(man) for man in men} == {Step.ANSWER_TO_ASSESS}
    monkeypatch.undo()
    assert world.office.decisions.confirm_low(world.anna, stamp=preview.stamp).confirmed == 3


# Reading


def test_the_queue_shows_what_a_decision_needs_and_logs_everybody_shown(world: World) -> None:
    (man,) = answered(world, "3.40", municipality="0583")
    row = world.shown(Queue.RAISED, man)
    assert (str(row.value), row.rule_number, row.rule_set) == ("3.40", 12, "SÖSR 2026:2")
    assert (row.municipality, row.age, row.masked) == ("Motala", 50, False)
    assert "MR" in row.consequence
    assert len(row.timeline) >= 3
    assert "answer.show" in world.audit(man)


def test_protected_people_are_masked(world: World) -> None:
    (man,) = answered(world, "3.4")
    with world.context.sessions.begin() as session:
        session.get_one(Person, man).protection = Protection.CONFIDENTIALITY
    row = world.shown(Queue.RAISED, man)
    assert (row.masked, row.municipality) == (True, "")
    assert "Öberg" not in row.name


def test_pages_follow_each_other_without_gap_or_repeat(world: World) -> None:
    men = answered(world, *["0.4"] * 5)
    seen: list[int] = []
    after = None
    while rows := world.office.decisions.rows(world.anna, Queue.NORMAL, after=after, limit=2):
        seen += [row.person_id for row in rows]
        after = (rows[-1].opened_at, rows[-1].task_id)
    assert seen == men
    assert world.office.decisions.count(world.anna, Queue.NORMAL) == 5


def test_a_last_offer_says_that_it_was_the_last(world: World) -> None:
    from tests.factories import a_number  # noqa: PLC0415

    man = world.man(number=a_number(11, "19530101"))
    world.offer(man, born=(1953,))
    world.clock.advance(days=10)
    world.answer(man, "0.4")
    world.confirm(Queue.NORMAL, man)
    world.post()
    assert world.person(man).next_on is not None
    assert str(world.person(man).next_on) == "2028-01-01", "the year he turns 75 he leaves"
    world.clock.advance(days=600)
    world.office.daily.run(world.anna)
    assert world.step(man) is Step.CLOSED
    assert world.adds_up()


def test_nothing_is_shown_or_counted_of_an_unknown_region(world: World, jkp: Actor) -> None:
    for act in (
        lambda: world.office.decisions.rows(jkp, Queue.NORMAL, region="05"),
        lambda: world.office.decisions.preview_low(jkp, region="05"),
        lambda: world.office.decisions.count(jkp, Queue.NORMAL, region="05"),
    ):
        with pytest.raises(KansliError):
            act()
