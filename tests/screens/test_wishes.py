"""What a person asks for, from the case: what holds today is shown, and so is what was wished, on the case and its timeline."""

from pathlib import Path

from kansli_tui.app import KansliApp
from kansli_tui.rows.letter_states import Channel, ReturnReason
from tests.screens.conftest import SIZE, seen, settle
from tests.world import World


async def test_language_way_and_register_are_wished_from_the_case(world: World) -> None:
    person = world.man()
    app = KansliApp(world.office, world.anna, demo=True, clock=world.clock)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        app.open_case(person)
        await settle(pilot)
        assert "ÖNSKAR" not in seen(app), "the usual is not told"
        await pilot.press("v")
        await settle(pilot)
        shown = seen(app)
        assert all(now in shown for now in ("Nu: svenska", "Nu: papper", "Nu: får vara med"))
        await pilot.press("enter", "end", "enter", *"ringde själv", "enter")
        await settle(pilot)
        assert "✓ Önskemålet är antecknat" in seen(app)
        assert "ÖNSKAR    Brev på engelska" in seen(app)
        await pilot.press("v", "down", "enter")
        await settle(pilot)
        assert "tryckeri" not in seen(app).lower(), "a print house is not the person's to choose"
        await pilot.press("end", "enter", *"skrev det", "enter")
        await settle(pilot)
        await pilot.press("v", "end", "enter", *"brev den 3", "enter")
        await settle(pilot)
        shown = seen(app)
        assert "Vill inte vara med i kvalitetsregistret sedan" in " ".join(shown.split())
        assert "Brev: engelska, 1177 inkorg · skrev det" in shown
        assert "Brev: engelska, papper · ringde själv" in shown
        await pilot.press("v", "end", "enter", *"ångrar sig", "enter")
        await settle(pilot)
        assert "Får vara med i kvalitetsregistret igen · ångrar sig" in seen(app)
    stored = world.person(person)
    assert (stored.letter_language, stored.letter_channel) == ("en", Channel.MESSAGE_1177)
    assert stored.register_objection_on is None


async def test_the_extract_is_written_from_the_case_with_a_reason(world: World, tmp_path: Path) -> None:
    person = world.man()
    app = KansliApp(world.office, world.anna, demo=True, clock=world.clock)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        app.open_case(person)
        await settle(pilot)
        await pilot.press("r", *"begäran per brev", "enter")
        await settle(pilot)
        app.screen.query_one("#text").value = str(tmp_path / "ut")  # type: ignore[attr-defined]
        await pilot.press("enter")
        await settle(pilot)
        assert "Sparat i" in seen(app)
    assert sorted(file.suffix for file in (tmp_path / "ut").iterdir()) == [".json", ".pdf"]
    assert world.case(person).timeline[0].kind == "register", "taking it out is in the log, not on the timeline"


def test_what_became_of_a_letter_is_on_the_timeline(world: World) -> None:
    man = world.man()
    world.offer(man)
    office = world.office
    office.mail.returned(world.anna, "2", ReturnReason.UNKNOWN)
    office.mail.send_again(world.anna, 2, reason="adressen är rätt", address_checked=True)
    told = [f"{line.what} | {line.detail}" for line in world.case(man).timeline if line.kind == "letter"]
    assert "Erbjudande B-000002: i retur från posten | okänd adressat" in told
    assert "Erbjudande, förberett | skickat igen, i stället för B-000002" in told
