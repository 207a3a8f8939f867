"""What holds somebody at each step, said once: the balance and the case read the same table."""

from kansli_tui.pathway.standing import STANDINGS, By, HeldBy
from kansli_tui.pathway.steps import MRI_PHASE, UROLOGY_PHASE, Step


def test_work_of_the_office_is_held_by_a_task_a_letter_or_an_order() -> None:
    for step, standing in STANDINGS.items():
        if standing.by is By.OFFICE:
            assert standing.held_by in (HeldBy.TASK, HeldBy.LETTER, HeldBy.ORDER, HeldBy.REFERRAL), step


def test_waiting_for_others_is_held_by_a_date() -> None:
    for step, standing in STANDINGS.items():
        if standing.by in (By.PERSON, By.LABORATORY, By.UNIT, By.PROGRAM):
            assert standing.held_by is HeldBy.DATE, step


def test_nobody_acts_only_where_a_person_has_left_or_is_kept_out() -> None:
    assert {step for step, standing in STANDINGS.items() if standing.by is By.NOBODY} == {Step.EXCLUDED, Step.CLOSED}


def test_those_with_a_raised_value_have_lines_of_their_own_in_the_balance() -> None:
    assert {step for step, standing in STANDINGS.items() if standing.line == "MRI"} == MRI_PHASE
    assert {step for step, standing in STANDINGS.items() if standing.line == "Urology"} == UROLOGY_PHASE
