"""The table of moves, walked exhaustively: nobody can get stuck, and nobody can be moved where the table does not say."""

from itertools import product

import pytest

from kansli_tui.pathway.moves import MOVES, possible, target
from kansli_tui.pathway.referrals import PLACES, ReferralKind
from kansli_tui.pathway.standing import STANDINGS, HeldBy
from kansli_tui.pathway.steps import MRI_PHASE, UROLOGY_PHASE, Event, Step

START = Step.NOT_DUE
ENDS = {Step.NOT_DUE, Step.CLOSED}


def reachable(start: Step, *, without: frozenset[Event] = frozenset()) -> set[Step]:
    found, waiting = {start}, [start]
    while waiting:
        step = waiting.pop()
        for event in possible(step) - without:
            to = MOVES[step, event]
            if to not in found:
                found.add(to)
                waiting.append(to)
    return found


@pytest.mark.parametrize(("step", "event"), list(product(Step, Event)))
def test_every_pair_is_a_move_or_none(step: Step, event: Event) -> None:
    to = target(step, event)
    assert (event in possible(step)) == (to is not None)
    if to is not None:
        assert MOVES[step, event] is to


def test_every_step_is_reached_from_the_register() -> None:
    assert reachable(START) == set(Step)


# Without the ways out that a person chooses, the work itself must lead on.
CHOSEN = frozenset(
    {Event.CLOSED, Event.EXCLUDED, Event.DECLINED, Event.POSTPONED, Event.ANSWER_CORRECTED, Event.ANSWER_RETRACTED}
)


@pytest.mark.parametrize("step", [step for step in Step if step is not Step.CLOSED])
def test_from_every_step_the_work_leads_to_waiting_to_an_end_or_to_a_date(step: Step) -> None:
    dated = {at for at, standing in STANDINGS.items() if standing.held_by is HeldBy.DATE}
    assert reachable(step, without=CHOSEN) & (ENDS | dated)


@pytest.mark.parametrize("step", list(Step))
def test_every_open_step_can_be_closed_and_a_closed_one_reopened(step: Step) -> None:
    assert target(step, Event.CLOSED) is (None if step is Step.CLOSED else Step.CLOSED)
    assert target(step, Event.REOPENED) is (Step.NOT_DUE if step is Step.CLOSED else None)


def test_every_event_is_used_and_only_the_first_has_no_move() -> None:
    assert {event for _step, event in MOVES} == set(Event) - {Event.REGISTERED}


def test_every_step_has_its_words_and_what_holds_it() -> None:
    assert set(STANDINGS) == set(Step)
    for standing in STANDINGS.values():
        assert standing.label
        assert standing.next_what
        assert standing.line


def ways_into(to: Step) -> set[tuple[Step, Event]]:
    """The moves that lead to a step from another one."""
    return {(step, event) for (step, event), reached in MOVES.items() if reached is to and step is not to}


def test_only_a_posted_offer_or_an_answer_opens_the_way_to_an_order() -> None:
    before = {step for step, _event in ways_into(Step.ORDER_TO_SEND)}
    assert before == {Step.OFFER_TO_POST, Step.OFFERED, Step.REPEAT_TO_POST}


@pytest.mark.parametrize(
    ("to", "events"),
    [
        (Step.ANSWER_LETTER_TO_POST, {Event.CONFIRMED_NEW_OFFER}),
        (Step.MRI_TO_REFER, {Event.CONFIRMED_MRI, Event.MRI_REFERRAL_WITHDRAWN}),
        (Step.UROLOGY_TO_REFER, {Event.CONFIRMED_UROLOGY, Event.UROLOGY_REFERRAL_WITHDRAWN}),
    ],
)
def test_an_answer_letter_and_a_referral_need_a_confirmed_decision(to: Step, events: set[Event]) -> None:
    assert {event for _step, event in ways_into(to)} == events


def test_a_hand_over_leaves_everybody_where_he_stands() -> None:
    assert all(target(step, Event.HANDED_OVER) is step for step in Step if step is not Step.CLOSED)


def test_no_mri_event_touches_somebody_outside_the_mri_phase_and_no_urology_event_outside_urology() -> None:
    for (kind, _state), (event, to) in PLACES.items():
        phase = MRI_PHASE if kind is ReferralKind.MRI else UROLOGY_PHASE
        assert to in phase
        assert {step for (step, happening) in MOVES if happening is event} == phase


def test_nothing_answers_for_somebody_who_has_left_or_is_kept_out() -> None:
    answers = {Event.ANSWER_PENDING, Event.ANSWER_RECEIVED, Event.ANSWER_CORRECTED, Event.ANSWER_RETRACTED}
    assert not answers & (possible(Step.CLOSED) | possible(Step.EXCLUDED))


def test_a_correction_is_heard_from_every_step_after_an_answer_until_tissue_is_taken() -> None:
    after = reachable(Step.ANSWER_TO_ASSESS, without=CHOSEN | {Event.RELEASED, Event.RELEASED_WITH_PRE_LETTER})
    by_biopsy = {Step.BIOPSIED, Step.PATHOLOGY_TO_ASSESS}
    assert by_biopsy < after
    for step in after:
        expected = None if step in by_biopsy else Step.ANSWER_TO_ASSESS
        assert target(step, Event.ANSWER_CORRECTED) is expected, step
        assert target(step, Event.ANSWER_RETRACTED) is expected, step


def test_nobody_waits_without_a_date() -> None:
    assert STANDINGS[Step.NOT_DUE].held_by is HeldBy.DATE
    assert {step for step, standing in STANDINGS.items() if standing.held_by is HeldBy.REASON} == {
        Step.CLOSED,
        Step.EXCLUDED,
    }
