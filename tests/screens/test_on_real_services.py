"""The same screens on the real services: what the office in memory promises is what the office does."""

from kansli_tui.app import KansliApp
from kansli_tui.pathway.steps import Step
from screens.case import CaseScreen
from tests.screens.conftest import SIZE, seen, settle
from tests.world import World


def app_of(world: World) -> KansliApp:
    return KansliApp(world.office, world.anna, demo=True, clock=world.clock)


async def test_the_phone_hour(world: World) -> None:
    person = world.man()
    world.man(given_names="Bo", family_name="Ek")
    world.offer(person)
    world.office.cases.note(world.anna, person, "phone", "[bold]ringde[/]")
    number = world.case(person).number
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        home = seen(app)
        assert "Dagens eget arbete" in home
        assert "ej körda i tid" in home
        assert "Väntar" in home
        await pilot.press("f2", *number, "enter")
        await settle(pilot)
        assert isinstance(app.screen, CaseScreen)
        shown = seen(app)
        assert "LÄGE      Inväntar prov sedan" in shown
        assert "HÄRNÄST   Lämnar prov, eller erbjudandet går ut" in shown
        assert "HINDRAR   inget" in shown
        assert "[bold]ringde[/]" in shown
        await pilot.press("a", "home", "enter", *"ville vänta", "enter")
        await settle(pilot)
        assert "✓ Klart: Avböjer den här gången." in seen(app)
        assert "LÄGE      Inte aktuell än" in seen(app)
    assert world.step(person) is Step.NOT_DUE


async def test_what_a_colleague_has_changed_meanwhile_is_told_and_read_again(world: World) -> None:
    person = world.man()
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        app.open_case(person)
        await settle(pilot)
        world.act(person, "exclude", detail="no_prostate")
        await pilot.press("a", "home", "down", "enter")
        await settle(pilot)
        app.screen.query_one("#day").value = "+14"  # type: ignore[attr-defined]
        await pilot.press("enter", *"infektion", "enter")
        await settle(pilot)
        assert "✗ Någon annan har ändrat ärendet. Se på det igen." in seen(app)
        assert "LÄGE      Undantagen: Har ingen prostata" in seen(app)
    assert world.step(person) is Step.EXCLUDED


async def test_a_question_to_the_physician_becomes_a_task_that_is_answered(world: World) -> None:
    person = world.man()
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        app.open_case(person)
        await settle(pilot)
        await pilot.press("l", *"finasterid sedan mars", "enter")
        await settle(pilot)
        assert "✓ Frågan ligger hos läkaren." in seen(app)
        await pilot.press("escape", "e")
        await settle(pilot)
        assert "finasterid sedan mars" in seen(app)
        await pilot.press("t")
        await settle(pilot)
        assert "anna" in seen(app)
        await pilot.press("d", *"dubbla värdet", "enter")
        await settle(pilot)
        assert "✓ Uppgiften är klar." in seen(app)
        assert "0 uppgifter" in seen(app)
