"""Answers in: versions, corrections and retractions in any order, and what can never make a decision by mistake."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from db.models import Decided, LabMessage, Letter, PersonNumber, PsaAnswer, PsaOrder, Round
from kansli_tui.errors import ChangedBySomeoneElseError, NotAllowedError, UnreadableFileError
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.ruleset import Outcome
from kansli_tui.pathway.steps import Queue, Step
from kansli_tui.rows.answers import DecisionState, MessageState, OrderState
from kansli_tui.rows.letter_states import LetterState
from tests.factories import a_number
from tests.world import World


@pytest.fixture
def man(world: World) -> int:
    """A man with a posted offer and a sent order."""
    person = world.man()
    world.offer(person)
    world.clock.advance(days=20)
    return person


def states(world: World, raw: bytes) -> list[MessageState]:
    return [item.state for item in world.take(raw).items]


def reason(world: World, raw: bytes) -> str:
    (item,) = world.take(raw).items
    assert item.state is MessageState.HELD, item
    return item.message


def current(world: World, person: int) -> PsaAnswer:
    with world.context.sessions.read() as session:
        return session.scalars(
            select(PsaAnswer)
            .where(PsaAnswer.person_id == person, PsaAnswer.replaced_at.is_(None))
            .order_by(PsaAnswer.id.desc())
        ).all()[0]


def repeat(world: World, person: int) -> None:
    """Take a person with an answer to a repeat sample: letter posted, new order sent."""
    world.confirm(Queue.REPEAT, person)
    world.post(LetterType.REPEAT_SAMPLE)
    world.send_orders()
    assert world.step(person) is Step.AWAITING_SAMPLE
    world.clock.advance(days=5)


def test_a_late_answer_to_a_sample_in_time_is_taken_in_after_expiry_and_opens_the_round_again(
    world: World, man: int
) -> None:
    raw = world.message(man, "3.4")
    world.clock.advance(days=80)
    world.office.daily.run(world.anna)
    assert world.step(man) is Step.NOT_DUE
    assert states(world, raw) == [MessageState.APPLIED]
    assert world.step(man) is Step.ANSWER_TO_ASSESS
    with world.context.sessions.read() as session:
        (opened,) = session.scalars(select(Round).where(Round.person_id == man)).all()
        assert (opened.ended_at, opened.result) == (None, None)
        (order,) = session.scalars(select(PsaOrder).where(PsaOrder.person_id == man)).all()
        assert order.state is OrderState.ANSWERED
    world.confirm(Queue.RAISED, man)
    assert world.adds_up()


def test_an_answer_that_comes_when_the_next_round_has_begun_is_held(world: World, man: int) -> None:
    raw = world.message(man, "3.4")
    world.clock.advance(days=80)
    world.office.daily.run(world.anna)
    world.clock.advance(days=740)
    world.office.daily.run(world.anna)
    world.act(man, "offer_now")
    assert reason(world, raw) == "The order belongs to an earlier round"
    assert world.adds_up()


def test_a_late_sample_is_held_and_a_person_may_let_it_count(world: World, man: int) -> None:
    world.clock.advance(days=80)
    world.office.daily.run(world.anna)
    assert reason(world, world.message(man, "1.4")) == "The sample was taken after the order had expired"
    (held,) = world.office.held.held(world.anna)
    world.office.held.match(world.anna, held.message_id, held.candidates[0].order_id, "provet räknas")
    assert world.tasks(man) == [Queue.NORMAL]
    assert world.adds_up()


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"pnr": "197002129273"}, "The order belongs to another person"),
        ({"born": "19760101"}, "The birth date contradicts the register"),
        ({"sampled": "20260915080000"}, "The sample was taken before the offer"),
        ({"sampled": "20270101080000"}, "The sample is dated in the future"),
        ({"sampled": ""}, "The time of sampling is missing"),
        ({"unit": "ng/L"}, "The unit is missing or not µg/L"),
        ({"unit": ""}, "The unit is missing or not µg/L"),
        ({"order": "OPT-2026-999999"}, "The order number is not ours"),
    ],
)
def test_doubtful_answers_are_held_and_change_nothing(world: World, man: int, more: dict[str, str], why: str) -> None:
    before = world.person(man).version_id
    assert reason(world, world.message(man, **more)) == why
    assert world.person(man).version_id == before
    assert world.tasks() == [Queue.HELD]


@pytest.mark.parametrize("value", ["", '""', "ej analyserat", "3.4^3.5", "-1", "1e2", "٣"])
def test_what_is_no_number_is_never_one(world: World, man: int, value: str) -> None:
    (item,) = world.take(world.message(man, value)).items
    assert item.state is MessageState.HELD
    assert world.step(man) is Step.AWAITING_SAMPLE


def test_an_answer_for_somebody_dead_is_held(world: World, man: int) -> None:
    raw = world.message(man, "3.4")
    world.act(man, "close", detail="dead")
    assert reason(world, raw) == "The person is dead"


def test_an_answer_for_somebody_who_declined_is_held_and_can_be_matched(world: World, man: int) -> None:
    raw = world.message(man, "3.4")
    world.act(man, "decline")
    assert reason(world, raw) == "The order was cancelled"
    (held,) = world.office.held.held(world.anna)
    world.office.held.match(world.anna, held.message_id, held.candidates[0].order_id, "han vill ha svaret")
    assert world.tasks(man) == [Queue.RAISED]
    assert world.adds_up()


def test_an_answer_owed_to_somebody_who_has_become_too_old_can_be_taken_in(world: World) -> None:
    person = world.man(number=a_number(927, "19520301"))
    world.offer(person, born=(1952,))
    raw = world.message(person, "5.1", sampled="20261220080000")
    world.clock.advance(days=120)
    world.office.daily.run(world.anna)
    world.office.daily.run(world.anna)
    assert world.person(person).closed_reason == "age"
    assert reason(world, raw) == "The person has left the programme"
    assert world.person(person).next_on is None
    version = world.person(person).version_id
    world.office.cases.act(world.per, person, "reopen", version=version, reason="svar på prov i tid")
    (held,) = world.office.held.held(world.anna)
    world.office.held.match(world.anna, held.message_id, held.candidates[0].order_id, "provet togs i tid")
    assert world.tasks(person) == [Queue.RAISED]
    assert world.adds_up()


# Versions


def test_the_same_message_twice_has_no_effect_and_the_same_answer_under_another_id_neither(
    world: World, man: int
) -> None:
    raw = world.message(man, "2.4")
    assert states(world, raw) == [MessageState.APPLIED]
    assert states(world, raw) == [MessageState.NO_EFFECT]
    assert states(world, world.message(man, "2.40")) == [MessageState.NO_EFFECT]
    assert current(world, man).version == 1
    assert world.tasks(man) == [Queue.NORMAL]


def test_two_different_final_values_on_one_order_hold_the_second(world: World, man: int) -> None:
    world.answer(man, "2.4")
    assert reason(world, world.message(man, "24")) == "A different final answer is already here"
    assert current(world, man).value == Decimal("2.4")


def test_unanalysable_then_final_on_the_same_order_counts_the_value_and_stops_the_repeat(
    world: World, man: int
) -> None:
    first = world.order(man)
    world.answer(man, "", status="X")
    world.confirm(Queue.REPEAT, man)
    assert world.letters(man)[-1] == (LetterType.REPEAT_SAMPLE, LetterState.PREPARED)
    world.answer(man, "3.1", order=first)
    assert world.letters(man)[-1] == (LetterType.REPEAT_SAMPLE, LetterState.STOPPED)
    assert world.tasks(man) == [Queue.RAISED]
    with world.context.sessions.read() as session:
        orders = session.scalars(select(PsaOrder.state).where(PsaOrder.person_id == man).order_by(PsaOrder.id)).all()
    assert orders == [OrderState.ANSWERED, OrderState.CANCELLED]
    assert world.adds_up()


def test_deleted_then_a_new_final_answer_is_decided_anew(world: World, man: int) -> None:
    world.answer(man, "2.4")
    world.confirm(Queue.NORMAL, man)
    world.answer(man, '""', status="D")
    assert world.tasks(man) == [Queue.REPEAT]
    assert current(world, man).value is None
    world.answer(man, "4.2")
    assert world.tasks(man) == [Queue.RAISED]
    assert world.letters(man)[-1] == (LetterType.PSA_TWO_YEARS, LetterState.STOPPED)


def test_a_preliminary_after_the_final_changes_nothing(world: World, man: int) -> None:
    world.answer(man, "2.4")
    assert states(world, world.message(man, "9.9", status="P")) == [MessageState.NO_EFFECT]
    assert current(world, man).value == Decimal("2.4")


def test_u_makes_the_latest_preliminary_value_final(world: World, man: int) -> None:
    world.answer(man, "2.4", status="P")
    world.answer(man, "4.2", status="P")
    assert world.step(man) is Step.AWAITING_ANSWER
    world.answer(man, "", status="U")
    assert current(world, man).value == Decimal("4.2")
    assert world.tasks(man) == [Queue.RAISED]


def test_u_never_makes_a_value_in_another_unit_final(world: World, man: int) -> None:
    world.answer(man, "2.4", status="P", unit="ng/L")
    reason(world, world.message(man, "", status="U"))
    assert world.step(man) is Step.AWAITING_ANSWER
    assert world.tasks(man) == []


def test_a_low_answer_that_was_preliminary_first_is_no_correction(world: World, man: int) -> None:
    world.answer(man, "0.4", status="P")
    world.answer(man, "0.4")
    preview = world.office.decisions.preview_low(world.anna)
    assert (preview.count, preview.left_out) == (1, ())


def test_a_corrected_answer_is_looked_at_alone(world: World, man: int) -> None:
    world.answer(man, "3.4")
    world.answer(man, "0.4", status="C")
    preview = world.office.decisions.preview_low(world.anna)
    assert preview.count == 0
    assert preview.left_out == ("The answer is a correction (1)",)


def test_a_correction_after_the_referral_reopens_and_tells_the_unit(world: World, man: int) -> None:
    world.answer(man, "3.4")
    world.confirm(Queue.RAISED, man)
    world.post(LetterType.PSA_RAISED)
    world.refer(man)
    world.answer(man, "0.4", status="C")
    assert sorted(world.tasks(man)) == sorted([Queue.CORRECTION, Queue.NORMAL])
    (task,) = world.office.queues.page(world.anna, Queue.CORRECTION)
    assert "3.4 → 0.4" in task.reason
    (row,) = world.office.corrections.rows(world.anna)
    assert (row.before, row.now) == ("PSA 3,4 µg/l", "PSA 0,4 µg/l")
    assert "Förhöjt PSA" in row.letters[0]
    assert "OPTMR-" in row.orders[0]
    assert "under 1" in row.rules_say
    assert "3,4" in row.draft
    assert "0,4" in row.draft
    assert world.adds_up()


# A second sample in the same round


def test_taking_back_an_earlier_samples_answer_never_undoes_what_a_later_sample_said(world: World, man: int) -> None:
    first = world.order(man)
    world.answer(man, "", status="X")
    repeat(world, man)
    world.answer(man, "5.1")
    world.confirm(Queue.RAISED, man)
    world.take(world.message(man, '""', status="D", order=first))
    assert world.step(man) is Step.MRI_TO_REFER
    assert Queue.MRI_REFERRAL in world.tasks(man)
    with world.context.sessions.read() as session:
        held = session.scalars(select(Decided.outcome).where(Decided.state == DecisionState.CONFIRMED)).all()
    assert Outcome.MRI in held
    assert world.adds_up()


def test_a_value_for_an_earlier_sample_is_held_when_a_later_one_has_answered(world: World, man: int) -> None:
    first = world.order(man)
    world.answer(man, "", status="X")
    repeat(world, man)
    world.answer(man, "5.1")
    raw = world.message(man, "0.4", order=first)
    assert reason(world, raw) == "No answer is expected where the person stands"
    assert world.tasks(man) == [Queue.RAISED]
    (held,) = world.office.held.held(world.anna)
    chosen = next(candidate for candidate in held.candidates if candidate.order_number == first)
    world.office.held.match(world.anna, held.message_id, chosen.order_id, "bedömt av läkare")
    assert sorted(world.tasks(man)) == [Queue.CORRECTION, Queue.NORMAL]


def test_an_answer_to_the_repeat_sample_counts_like_a_first_one(world: World, man: int) -> None:
    world.answer(man, "", status="X")
    repeat(world, man)
    world.answer(man, "0.4")
    assert world.office.decisions.preview_low(world.anna).count == 1
    world.confirm(Queue.NORMAL, man)
    world.post()
    assert world.step(man) is Step.NOT_DUE
    assert world.adds_up()


def test_unanalysable_without_a_sample_time_leads_to_a_repeat_letter_that_can_be_printed(
    world: World, man: int
) -> None:
    world.answer(man, "", status="X", sampled="")
    repeat(world, man)
    assert world.adds_up()


def test_a_postponed_case_gets_its_repeat_letter_when_the_day_comes(world: World, man: int) -> None:
    world.answer(man, "3.4")
    row = world.shown(Queue.RAISED, man)
    world.office.decisions.postpone(
        world.anna,
        row.decision_id,
        version=row.version,
        on=world.today + timedelta(days=30),
        reason="urinvägsinfektion",
    )
    assert world.step(man) is Step.POSTPONED
    world.clock.advance(days=30)
    world.office.daily.run(world.anna)
    assert world.step(man) is Step.REPEAT_TO_POST
    assert world.post(LetterType.REPEAT_SAMPLE) == 1
    world.send_orders()
    assert world.step(man) is Step.AWAITING_SAMPLE
    assert world.adds_up()


# Numbers


def test_matching_by_hand_never_gives_a_person_a_strangers_number(world: World, man: int) -> None:
    assert reason(world, world.message(man, pnr="197002129273")) == "The order belongs to another person"
    (held,) = world.office.held.held(world.anna)
    order = held.candidates[0].order_id
    with pytest.raises(NotAllowedError, match="supervisor"):
        world.office.held.match(world.anna, held.message_id, order, "felskrivet hos laboratoriet")
    world.office.held.match(world.per, held.message_id, order, "felskrivet hos laboratoriet")
    assert world.tasks(man) == [Queue.NORMAL]
    with world.context.sessions.read() as session:
        numbers = session.scalars(select(PersonNumber.number).where(PersonNumber.person_id == man)).all()
    assert list(numbers) == [world.person(man).number]


def test_a_second_number_that_belongs_to_another_holds_the_answer(world: World, man: int) -> None:
    other = world.man(number="197002129273")
    mine = world.person(man).number
    raw = world.message(man, pnr=f"{mine}^^^&1.2.752.129.2.1.3.1&ISO^NI~197002129273")
    assert reason(world, raw) == "A second number belongs to another person"
    assert world.step(other) is Step.NOT_DUE


# Automatic decisions


def switch_on_automatic(world: World, region: str = "05") -> None:
    from kansli_tui.service.rule_book import delivered_rule_set  # noqa: PLC0415

    text = delivered_rule_set().replace('"2026:2"', '"2026:3"')
    text = text.replace(f"[regions.{region}]", f"[regions.{region}]\nautomatic_low = true")
    second = world.per.__class__("eva", "Eva", world.per.role, world.per.regions)
    made = world.office.rules.load(world.per, text)
    world.office.rules.sign(second, made.name, made.version)


def test_low_values_are_decided_automatically_only_where_the_region_has_signed_that(world: World) -> None:
    here, there = world.man(), world.man(region="08", municipality="0880")
    plan = world.plan(region="08")
    world.release(plan)
    world.offer(here)
    world.clock.advance(days=10)
    switch_on_automatic(world)
    world.answer(here, "0.4")
    world.answer(there, "0.4")
    assert world.step(here) is Step.ANSWER_LETTER_TO_POST
    assert world.step(there) is Step.ANSWER_TO_ASSESS
    with world.context.sessions.read() as session:
        decided = session.scalars(select(Decided).where(Decided.person_id == here)).one()
        assert decided.state is DecisionState.CONFIRMED
        assert decided.confirmed_by == "program", "nobody confirmed it"
    assert "decision.automatic" in world.audit(here)
    assert world.adds_up()


@pytest.mark.parametrize(("value", "status"), [("3.0", "F"), ("150", "F"), ("<5", "F"), ("", "X")])
def test_nothing_but_low_values_is_ever_decided_automatically(world: World, man: int, value: str, status: str) -> None:
    switch_on_automatic(world)
    world.answer(man, value, status=status, type="ST")
    assert world.step(man) is Step.ANSWER_TO_ASSESS


def test_a_low_value_with_an_open_question_is_never_confirmed_automatically(world: World, man: int) -> None:
    switch_on_automatic(world)
    world.office.cases.ask_physician(world.anna, man, "Behandlas med finasterid")
    world.answer(man, "0.4")
    assert world.step(man) is Step.ANSWER_TO_ASSESS


def test_a_correction_to_a_low_value_is_never_confirmed_automatically(world: World, man: int) -> None:
    switch_on_automatic(world)
    world.answer(man, "3.4")
    world.answer(man, "0.4", status="C")
    assert world.step(man) is Step.ANSWER_TO_ASSESS
    assert world.tasks(man) == [Queue.NORMAL]


# Files


def test_an_empty_file_and_one_that_is_none(world: World) -> None:
    with pytest.raises(UnreadableFileError):
        world.take(b"  \r\n")
    (item,) = world.take(b"Hej, prov kommer i morgon").items
    assert item.state is MessageState.HELD


def test_csv_rows_are_judged_like_messages(world: World, man: int) -> None:
    head = "order;pnr;code;value;unit;status;sampled_at;reported_at;comment\n"
    row = f"{world.order(man)};{world.person(man).number};NPU08669;3,4;µg/L;F;{world.today};;hemolys?\n"
    raw = (head + row).encode()
    assert states(world, raw) == [MessageState.APPLIED]
    assert states(world, raw) == [MessageState.NO_EFFECT]
    assert world.shown(Queue.RAISED, man).comment == "hemolys?"


def test_long_texts_from_the_laboratory_break_nothing(world: World, man: int) -> None:
    raw = world.message(man, "0.4", comment="x" * 5000).decode()
    raw = raw.replace("|<3.0||||F", "|<3.0|FAR_ABOVE_THE_HIGH_LIMIT|||F")
    raw = raw.replace(f"|{raw.split('|')[3]}|", f"|{'L' * 200}|", 1)
    assert states(world, raw.encode()) == [MessageState.APPLIED]


def test_a_file_name_that_is_no_text_is_kept_readable(world: World, man: int) -> None:
    world.office.answers.import_file(world.anna, world.message(man, "0.4"), "svar\udcff\x00.hl7")
    with world.context.sessions.read() as session:
        (name,) = session.scalars(select(LabMessage.file_name)).all()
    assert name.endswith(".hl7")


def test_raw_bytes_and_hash_are_kept_and_the_reading_is_logged(world: World, man: int) -> None:
    raw = world.message(man, "0.4")
    world.take(raw)
    with world.context.sessions.read() as session:
        message = session.scalars(select(LabMessage)).one()
        assert message.raw.splitlines() == raw.splitlines()
        assert len(message.sha256) == 64
    assert "answer.take" in world.audit(man)


def test_a_file_of_many_says_of_each_what_became_of_it(world: World) -> None:
    men = [world.man() for _ in range(12)]
    world.offer(*men)
    world.clock.advance(days=5)
    raw = b"".join(world.message(person, "0.4") for person in men[:10])
    raw += world.message(men[10], unit="ng/L") + world.message(men[11], "", status="X")
    seen: list[tuple[int, int]] = []
    taken = world.office.answers.import_file(world.anna, raw, "m.hl7", progress=lambda *at: seen.append(at))
    assert (taken.count(MessageState.APPLIED), taken.count(MessageState.HELD)) == (11, 1)
    assert taken.needs_person
    assert [item.position for item in taken.items] == list(range(1, 13))
    assert seen[-1] == (12, 12)


def test_a_kill_in_the_middle_of_a_file_leaves_all_or_nothing_and_again_ends_right(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kansli_tui.service import applying  # noqa: PLC0415

    men = [world.man() for _ in range(5)]
    world.offer(*men)
    world.clock.advance(days=5)
    raw = b"".join(world.message(person, "0.4") for person in men)
    whole, calls = applying.propose, []

    def killed(*args: object) -> object:
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return whole(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(applying, "propose", killed)
    with pytest.raises(KeyboardInterrupt):
        world.take(raw)
    assert {world.step(person) for person in men} == {Step.AWAITING_SAMPLE}
    assert world.tasks() == []
    monkeypatch.setattr(applying, "propose", whole)
    assert states(world, raw) == [MessageState.APPLIED] * 5
    with world.context.sessions.read() as session:
        assert len(session.scalars(select(PsaAnswer)).all()) == 5
        assert len(session.scalars(select(LabMessage)).all()) == 5
    assert world.adds_up()


def test_a_failure_inside_one_message_costs_no_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    men = [world.man() for _ in range(3)]
    world.offer(*men)
    world.clock.advance(days=5)
    raw = b"".join(world.message(person, "0.4") for person in men)
    from kansli_tui.errors import RuleSetError  # noqa: PLC0415
    from kansli_tui.service import applying  # noqa: PLC0415

    whole, calls = applying.propose, []

    def fails_once(*args: object) -> object:
        calls.append(1)
        if len(calls) == 2:
            raise RuleSetError("The region has no rules.")
        return whole(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(applying, "propose", fails_once)
    with pytest.raises(RuleSetError):
        world.take(raw)
    assert states(world, raw) == [MessageState.APPLIED] * 3
    assert world.adds_up()


def test_an_answer_letter_is_stopped_by_the_correction_even_when_it_is_printed(world: World, man: int) -> None:
    world.answer(man, "0.4")
    world.confirm(Queue.NORMAL, man)
    batch = world.office.letters.make_batch(world.anna, region="05", type=LetterType.PSA_LOW)
    world.office.letters.write(world.anna, batch.batch_id, world.folder)
    world.answer(man, "4.2", status="C")
    with world.context.sessions.read() as session:
        letter = session.scalars(select(Letter).where(Letter.type == LetterType.PSA_LOW)).one()
        assert letter.state is LetterState.STOPPED
    (shown,) = (row for row in world.office.letters.batches(world.anna) if row.batch_id == batch.batch_id)
    assert shown.to_post == 0
    assert shown.take_out == (f"B-{letter.id:06d}",)
    done = world.office.letters.confirm(world.anna, batch.batch_id, version=shown.version, posted=0)
    assert done.state == "posted"
    assert world.step(man) is Step.ANSWER_TO_ASSESS


def test_somebody_elses_act_between_is_seen(world: World, man: int) -> None:
    world.answer(man, "2.4")
    row = world.shown(Queue.NORMAL, man)
    world.answer(man, "4.2", status="C")
    with pytest.raises(ChangedBySomeoneElseError):
        world.office.decisions.confirm(world.anna, row.decision_id, version=row.version)
