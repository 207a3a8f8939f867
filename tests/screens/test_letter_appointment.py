"""A letter that calls somebody to an appointment says when, wherever it is seen, and that he must be rung when it may come too late."""

from datetime import timedelta

import pytest

from kansli_tui.pathway.letter_types import LetterType
from screens.batch_letters import BatchLettersScreen
from screens.case_letters import CaseLettersScreen
from screens.returned_task import ReturnedTaskScreen
from tests.screens.at_work import app_of
from tests.screens.conftest import SIZE, seen, settle
from tests.screens.mri_help import at, booked, next_monday, to_book
from tests.world import World

pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)


async def test_the_time_stands_with_the_letter_and_a_time_soon_says_to_ring(world: World) -> None:
    _unit, (man,) = to_book(world, 1)
    when = at(next_monday(world), 8)
    booked(world, man, when)
    letters, mail = world.office.letters, world.office.mail_rows
    (call,) = [row for row in mail.of_person(world.anna, man).letters if row.type is LetterType.MRI_CALL]
    assert call.booked_at == when
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        world.clock.now = when - timedelta(days=4)
        await app.push_screen(CaseLettersScreen(man))
        await settle(pilot)
        assert "Tid: " in seen(app)
        assert "Ring personen" not in seen(app), "the letter comes in time"
        world.clock.now = when - timedelta(days=2)
        batch = letters.make_batch(world.anna, region="05", type=LetterType.MRI_CALL)
        for screen in (CaseLettersScreen(man), BatchLettersScreen(batch), ReturnedTaskScreen(call.letter_id)):
            await app.push_screen(screen)
            await settle(pilot)
            assert "! Ring personen: tiden är " in seen(app)
            assert f"{when.day} " in seen(app).split("tiden är ")[1].splitlines()[0]
            assert "utskrivet" not in seen(app), "the PDF has been made, and nobody has taken it out"
        assert "att skriva ut" not in seen(app)
        await settle(pilot)
        await app.push_screen(BatchLettersScreen(batch))
        await settle(pilot)
        assert "att skriva ut" in seen(app)
