"""The home screen and the queues: counted by region, the oldest first, taken by one at a time."""

import threading
from datetime import date, timedelta

import pytest

from kansli_tui.errors import ChangedBySomeoneElseError, KansliError, NotAllowedError, NotFoundError, RefusedError
from kansli_tui.pathway.steps import Queue, Step
from kansli_tui.rows.office import Actor
from tests.world import World


def answered(world: World, *values: str, region: str = "05") -> list[int]:
    men = [world.man(region=region) for _ in values]
    for man in men:
        world.act(man, "offer_now")
    world.post()
    if region == "06":
        for man in men:
            world.act(man, "accept")
    world.clock.advance(minutes=1)
    world.send_orders()
    world.clock.advance(days=3)
    for man, value in zip(men, values, strict=True):
        world.answer(man, value, type="ST")
    return men


def test_the_home_screen_puts_what_must_be_done_first_on_top(world: World) -> None:
    answered(world, "2.0", "3.4", "140", "<5")
    answered(world, "0.4", "0.5", region="08")
    home = world.office.queues.home(world.anna)
    assert [count.queue for count in home.queues] == list(Queue)
    assert home.queues[0].queue is Queue.URGENT
    counts = {count.queue: count.by_region for count in home.queues if count.total}
    assert counts == {
        Queue.URGENT: {"05": 1},
        Queue.RAISED: {"05": 1},
        Queue.UNDECIDED: {"05": 1},
        Queue.NORMAL: {"05": 1, "08": 2},
    }
    normal = next(count for count in home.queues if count.queue is Queue.NORMAL)
    assert normal.oldest == world.clock.now - timedelta(days=3, minutes=1)
    assert home.done_today == 0


def test_home_shows_a_region_only_what_is_its_own(world: World, jkp: Actor) -> None:
    answered(world, "2.0")
    world.take(world.message(world.man(region="08"), "2.0", order="OPT-1"))
    home = world.office.queues.home(jkp)
    counts = {count.queue: count.total for count in home.queues if count.total}
    assert counts == {Queue.HELD: 1}, "an answer whose region nobody knows is everybody's"
    with pytest.raises(NotAllowedError):
        world.office.queues.page(jkp, Queue.NORMAL, region="05")


def test_work_done_many_at_a_time_and_people_who_wait_are_counted(world: World) -> None:
    plan = world.plan()
    for _ in range(3):
        world.man()

    def batches() -> dict[str, int]:
        home = world.office.queues.home(world.anna)
        return {count.label: sum(count.by_region.values()) for count in home.batches}

    assert batches() == {
        "Offers to release": 3,
        "Letters to print": 0,
        "Letters to post": 0,
        "Orders to send": 0,
        "Referrals to send": 0,
        "Cancellations to send": 0,
    }
    world.release(plan)
    assert batches()["Letters to print"] == 3
    world.post()
    home = world.office.queues.home(world.anna)
    waiting = {count.label: (sum(count.by_region.values()), count.oldest) for count in home.waiting}
    assert waiting[Step.OFFER_PLANNED.value] == (3, world.today + timedelta(days=14))


def test_referrals_and_cancellations_that_wait_to_be_sent_are_counted_until_they_are(world: World, jkp: Actor) -> None:
    here, gone = answered(world, "4.5", "4.6")
    for man in (here, gone):
        world.confirm(Queue.RAISED, man)
        world.refer(man, sent=man == gone)
    dead = world.man()
    world.act(dead, "offer_now")
    world.post()

    def batches(actor: Actor) -> dict[str, tuple[int, date | None]]:
        lines = world.office.queues.home(actor).batches
        return {line.label: (sum(line.by_region.values()), line.oldest) for line in lines}

    assert batches(world.anna)["Referrals to send"] == (1, world.today)
    assert batches(jkp)["Referrals to send"] == (0, None)
    world.send_orders()
    assert batches(world.anna)["Referrals to send"] == (0, None)
    assert batches(world.anna)["Cancellations to send"] == (0, None)
    for man in (gone, dead):
        world.act(man, "close", detail="dead")
    assert batches(world.anna)["Cancellations to send"] == (2, world.today)
    world.send_orders()
    assert batches(world.anna)["Cancellations to send"] == (0, None)


def test_pages_go_on_where_the_last_ended_and_the_end_is_reached_at_once(world: World) -> None:
    men = answered(world, *["2.0"] * 7)
    service = world.office.queues
    seen: list[int | None] = []
    after = None
    while rows := service.page(world.anna, Queue.NORMAL, after=after, limit=3):
        seen += [row.person_id for row in rows]
        after = (rows[-1].opened_at, rows[-1].task_id)
    assert seen == men
    assert [row.person_id for row in service.last_page(world.anna, Queue.NORMAL, limit=3)] == men[-3:]
    assert "queue.show" in world.audit(men[0])


def test_what_is_done_today_is_counted_for_whoever_did_it(world: World) -> None:
    (man,) = answered(world, "2.0")
    world.confirm(Queue.NORMAL, man)
    assert world.office.queues.home(world.anna).done_today == 1
    assert world.office.queues.home(world.per).done_today == 0
    world.clock.advance(days=1)
    assert world.office.queues.home(world.anna).done_today == 0


# Taking


def test_two_who_take_the_same_task_at_once_get_it_one_of_them(world: World) -> None:
    (man,) = answered(world, "2.0")
    task = world.shown(Queue.NORMAL, man).task_id
    start, outcomes = threading.Barrier(2), []

    def take(actor: Actor) -> None:
        start.wait()
        try:
            world.office.queues.take(actor, task)
            outcomes.append(actor.username)
        except ChangedBySomeoneElseError:
            outcomes.append("refused")

    threads = [threading.Thread(target=take, args=(actor,)) for actor in (world.anna, world.per)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("refused") == 1
    assert world.shown(Queue.NORMAL, man).lease_by in outcomes


def test_a_task_of_another_region_or_none_is_not_taken(world: World, jkp: Actor) -> None:
    (man,) = answered(world, "2.0")
    task = world.shown(Queue.NORMAL, man).task_id
    with pytest.raises(NotAllowedError):
        world.office.queues.take(jkp, task)
    with pytest.raises(NotAllowedError):
        world.office.queues.take(jkp, task, take_over=True)
    with pytest.raises(NotFoundError):
        world.office.queues.take(world.anna, 999)
    assert world.shown(Queue.NORMAL, man).lease_by is None


# Finishing


def test_only_tasks_that_hold_no_step_are_finished_by_hand(world: World, jkp: Actor) -> None:
    man = world.man()
    world.office.cases.ask_physician(world.anna, man, "Kateter?")
    (task,) = world.office.queues.page(world.anna, Queue.MEDICAL)
    service = world.office.queues
    with pytest.raises(RefusedError):
        service.finish(world.anna, task.task_id, " ")
    with pytest.raises(NotAllowedError):
        service.finish(jkp, task.task_id, "ja")
    service.take(world.per, task.task_id)
    with pytest.raises(ChangedBySomeoneElseError):
        service.finish(world.anna, task.task_id, "ja")
    service.finish(world.per, task.task_id, "ja\x00")
    with pytest.raises(ChangedBySomeoneElseError, match="per"):
        service.finish(world.anna, task.task_id, "ja")
    assert "task.finish" in world.audit(man)


@pytest.mark.parametrize(("value", "queue"), [("2.0", Queue.NORMAL), ("3.4", Queue.RAISED), ("140", Queue.URGENT)])
def test_an_answer_is_never_finished_away(world: World, value: str, queue: Queue) -> None:
    (man,) = answered(world, value)
    with pytest.raises(RefusedError):
        world.office.queues.finish(world.per, world.shown(queue, man).task_id, "klar")
    assert world.tasks(man) == [queue]
    assert world.adds_up()


def test_a_referral_to_send_is_never_finished_away(world: World) -> None:
    (man,) = answered(world, "3.4")
    world.confirm(Queue.RAISED, man)
    (task,) = world.office.queues.page(world.anna, Queue.MRI_REFERRAL)
    with pytest.raises(RefusedError):
        world.office.queues.finish(world.anna, task.task_id, "klar")


def test_a_hold_is_ended_on_the_case_and_not_in_the_queue(world: World) -> None:
    from db.models import Person  # noqa: PLC0415
    from kansli_tui.service.walk import Walk  # noqa: PLC0415

    man = world.man()
    with world.context.sessions.begin() as session:
        made = Walk(session, world.anna, world.clock(), world.context.rules(session))
        made.block(session.get_one(Person, man), "duplicate", "Possible duplicate")
    (task,) = world.office.queues.page(world.anna, Queue.REGISTER)
    with pytest.raises(KansliError, match="hold"):
        world.office.queues.finish(world.anna, task.task_id, "klar")
