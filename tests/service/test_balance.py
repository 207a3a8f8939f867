"""Everyone is somewhere: the sum proves it, and whoever is lost is named."""

from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import delete, update

from db.models import Letter, Person, PsaOrder, StepChange, Task
from kansli_tui.errors import NotAllowedError, NotFoundError
from kansli_tui.pathway.steps import Queue, Step
from kansli_tui.rows.office import Actor
from tests.factories import a_number
from tests.reports.pdf_reading import page_texts
from tests.world import World


def break_it(world: World, statement: Any) -> None:
    with world.context.sessions.begin() as session:
        session.execute(statement)


def test_everyone_is_on_exactly_one_line(world: World) -> None:
    men = [world.man() for _ in range(6)]
    other = world.man(number=a_number(11, "19750101"))
    world.act(men[0], "opt_out")
    world.act(men[1], "exclude", detail="cancer_known")
    world.offer(*men[2:4])
    made = world.office.balance.make(world.anna)
    assert made.adds_up
    rows = {(row.region, row.born): row for row in made.rows}
    assert rows["05", 1976].in_register == 6
    assert rows["05", 1976].lines == {"Closed: opted_out": 1, "Excluded: cancer_known": 1, "Offered": 4}
    assert rows["05", 1975].lines == {"Not due yet": 1}
    for row in made.rows:
        for line, count in row.lines.items():
            people = world.office.balance.people(world.anna, region=row.region, born=row.born, line=line)
            assert len(people) == count
    assert "balance.people" in world.audit(other)


def test_lines_open_page_by_page(world: World) -> None:
    men = [world.man() for _ in range(5)]
    seen: list[int] = []
    while hits := world.office.balance.people(
        world.anna, region="05", born=1976, line="Not due yet", after=seen[-1] if seen else 0, limit=2
    ):
        seen += [hit.person_id for hit in hits]
    assert seen == men


def test_somebody_without_a_date_a_task_a_letter_or_an_order_is_named(world: World) -> None:
    dateless, taskless, letterless, orderless, reasonless = (world.man() for _ in range(5))
    world.act(taskless, "offer_now")
    world.post()
    world.clock.advance(minutes=1)
    world.send_orders()
    world.clock.advance(days=2)
    world.answer(taskless, "3.4")
    world.act(letterless, "offer_now")
    world.act(orderless, "offer_now")
    with world.context.sessions.begin() as session:
        letter = session.query(Letter).filter(Letter.person_id == orderless).one().id
    assert letter
    world.post()
    world.act(reasonless, "opt_out")
    assert world.adds_up()
    break_it(world, update(Person).where(Person.id == dateless).values(next_on=None))
    break_it(world, delete(Task).where(Task.person_id == taskless))
    break_it(world, update(Person).where(Person.id == letterless).values(step=Step.OFFER_TO_POST))
    break_it(world, update(PsaOrder).where(PsaOrder.person_id == orderless).values(state="sent"))
    break_it(world, update(Person).where(Person.id == reasonless).values(closed_reason=None))
    made = world.office.balance.make(world.anna)
    assert not made.adds_up
    assert {lost.person_id: lost.why for lost in made.unaccounted} == {
        dateless: "No date is set for what happens next",
        taskless: "No task is open",
        letterless: "No letter is prepared",
        orderless: "No order waits to be sent",
        reasonless: "No reason is stated",
    }
    (row,) = made.rows
    assert row.difference == 5


def test_somebody_who_was_never_registered_is_a_difference(world: World) -> None:
    man = world.man()
    break_it(world, delete(StepChange).where(StepChange.person_id == man))
    assert not world.office.balance.make(world.anna).adds_up


def test_a_task_in_another_queue_holds_no_answer(world: World) -> None:
    man = world.man()
    world.act(man, "offer_now")
    world.post()
    world.clock.advance(minutes=1)
    world.send_orders()
    world.clock.advance(days=2)
    world.answer(man, "3.4")
    break_it(world, update(Task).where(Task.person_id == man).values(queue=Queue.CONTACT))
    assert not world.adds_up()


def test_one_region_or_one_year(world: World, jkp: Actor) -> None:
    world.man()
    world.man(region="06")
    world.man(region="06", number=a_number(11, "19750101"))
    assert {(row.region, row.born) for row in world.office.balance.make(world.anna, region="06").rows} == {
        ("06", 1976),
        ("06", 1975),
    }
    assert [row.region for row in world.office.balance.make(world.anna, born=1975).rows] == ["06"]
    assert {row.region for row in world.office.balance.make(jkp).rows} == {"06"}
    for act in (
        lambda: world.office.balance.make(jkp, region="05"),
        lambda: world.office.balance.people(jkp, region="05", born=1976, line="Not due yet"),
    ):
        with pytest.raises(NotAllowedError):
            act()


def test_home_remembers_every_region_whoever_counted_last(world: World, jkp: Actor) -> None:
    world.man()
    world.man(region="06")
    world.office.balance.make(world.anna)
    world.man(region="06")
    world.office.balance.make(jkp)
    world.office.balance.make(world.anna, region="05")
    home = world.office.queues.home(world.anna)
    assert home.balance == {"05": (1, 0), "06": (2, 0), "08": (0, 0)}
    assert world.office.queues.home(jkp).balance == {"06": (2, 0)}


def test_an_empty_register_adds_up(world: World) -> None:
    made = world.office.balance.make(world.anna)
    assert (made.rows, made.adds_up) == ((), True)


def test_the_balance_on_paper_says_what_the_screen_says(world: World) -> None:
    world.man()
    lost = world.man(region="06")
    break_it(world, update(Person).where(Person.id == lost).values(next_on=None))
    texts = page_texts(world.office.balance.pdf(world.per))
    assert "Summan stämmer inte" in texts[0]
    assert world.case(lost).number in texts[0]
    assert world.per.name in texts[0]
    assert any("Östergötland" in text for text in texts)
    assert {"balance.pdf"} <= set(world.audit(lost))
    (only,) = {row.region for row in world.office.balance.make(world.per, region="05").rows}
    assert only == "05"
    assert "Summan stämmer inte" not in page_texts(world.office.balance.pdf(world.per, region="05"))[0]


def test_a_signed_balance_is_kept_as_it_was(world: World, jkp: Actor) -> None:
    man = world.man()
    world.man(region="06")
    signed = world.office.balance.sign(world.anna)
    assert (signed.by, signed.at, signed.adds_up) == ("anna", world.clock.now, True)
    assert signed.totals == {"05": (1, 0), "06": (1, 0), "08": (0, 0)}
    break_it(world, update(Person).where(Person.id == man).values(next_on=None))
    world.clock.advance(days=1)
    again = world.office.balance.sign(world.per)
    assert (again.adds_up, again.totals["05"]) == (False, (1, 1))
    pdf = world.office.balance.signed_pdf(world.per, signed.balance_id)
    assert sha256(pdf).hexdigest() == signed.sha256
    assert "Summan stämmer inte" not in page_texts(pdf)[0]
    assert [row.balance_id for row in world.office.balance.signed(world.per)] == [again.balance_id, signed.balance_id]
    assert world.office.balance.signed(jkp) == ()
    with pytest.raises(NotAllowedError):
        world.office.balance.signed_pdf(jkp, signed.balance_id)
    with pytest.raises(NotFoundError):
        world.office.balance.signed_pdf(world.per, 99)
    own = world.office.balance.sign(jkp)
    assert own.totals == {"06": (1, 0)}
    assert world.office.balance.signed(jkp) == (own,)
