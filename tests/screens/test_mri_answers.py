"""MRI answers one man at a time: what is confirmed is what was read and typed for the man on screen, and for nobody else."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from db.models import Decided
from kansli_tui.app import KansliApp
from kansli_tui.pathway.decide import Decision
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.steps import Queue, Step
from screens.dialogs import AskReason
from screens.mri_answers import MriAnswersScreen
from screens.mri_view import Reading, marked
from screens.session import WorkSession
from screens.volume import AskVolume
from tests.screens.at_work import app_of, examined, go
from tests.screens.conftest import SIZE, seen, settle
from tests.world import World

pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)
"""Screens know no database: one of them is enough."""

PROSE = r"MR prostata.\.br\I vänster perifera zon en lesion, PI-RADS 4 (tidigare 3).\.br\Inga körtlar."


@pytest.fixture(autouse=True)
def without_rest(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    monkeypatch.setattr(WorkSession, "REST", 0)
    return lambda seconds: monkeypatch.setattr(WorkSession, "REST", seconds)


async def at(pilot: Any, app: KansliApp) -> MriAnswersScreen:
    await settle(pilot)
    app.open_queue(Queue.MRI_ANSWER)
    await settle(pilot)
    screen = app.screen
    assert isinstance(screen, MriAnswersScreen)
    return screen


def confirmed(world: World, person: int) -> dict[str, str]:
    """What the newest decision about a person stands on."""
    with world.context.sessions.read() as session:
        found = session.query(Decided).filter_by(person_id=person).order_by(Decided.id.desc()).first()
        assert found is not None
        return found.inputs


async def test_everything_stands_before_the_key_in_a_low_window(world: World) -> None:
    examined(world, {"scores": (3, 4), "volume": "42", "text": "PI-RADS 4."})
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app)
        shown = seen(app)
        assert "MR-svar · 1 kvar" in shown
        assert "PI-RADS    4   förslag: högsta kodade   kodat per lesion: 3, 4" in shown
        assert "Volym      42 ml     PSA 4,5 µg/l" in shown
        assert "FÖRSLAG    Remiss till urolog   regel 20, SÖSR 2026:2" in shown
        assert "Varför     PI-RADS 4: remiss till urolog" in shown
        assert "Sedan      Brevet ”MR, till urolog” och en urologremiss att göra" in shown
        assert "Hinder     inga" in shown
        assert "Enter bekräfta  1–5 PI-RADS  M volym" in shown


async def test_enter_accepts_the_suggestion_and_the_next_man_comes(world: World) -> None:
    first, second = examined(world, {"scores": (4,), "volume": "42"}, {"scores": (2,), "volume": "60"})
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        screen = await at(pilot, app)
        await go(pilot, "enter")
        assert "Man0, Åke: PI-RADS 4, Remiss till urolog" in seen(app)
        assert screen.shown is not None
        assert screen.shown.person_id == second
    assert world.step(first) is Step.UROLOGY_TO_REFER
    assert world.step(second) is Step.MRI_TO_ASSESS
    assert confirmed(world, first)["pirads"] == "4"


async def test_a_score_from_prose_is_marked_in_the_text_and_waits_for_a_person(world: World) -> None:
    (person,) = examined(world, {"scores": (), "volume": "42", "text": PROSE})
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        screen = await at(pilot, app)
        assert "PI-RADS    4   förslag ur den markerade meningen   inget kodat" in seen(app)
        row = screen.shown
        assert row is not None
        start, end = marked(row)
        assert "PI-RADS 4 (tidigare 3)" in row.text[start:end]
        assert "Inga körtlar" not in row.text[start:end]
        assert world.step(person) is Step.MRI_TO_ASSESS
        await go(pilot, "enter")
    assert world.step(person) is Step.UROLOGY_TO_REFER


async def test_without_the_volume_it_cannot_be_confirmed_and_says_whom_to_phone(world: World) -> None:
    (person,) = examined(world, {"scores": (2,), "volume": None})
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        screen = await at(pilot, app)
        assert screen.shown is not None
        assert screen.shown.unit_phone
        assert "Volym      saknas" in seen(app)
        await go(pilot, "enter")
        notice = screen.notice.text
        assert notice.startswith("Kan inte bekräftas utan volymen: ring ")
        assert screen.shown.unit in notice
        assert screen.shown.unit_phone in notice
        assert world.step(person) is Step.MRI_TO_ASSESS
        await go(pilot, "m")
        assert isinstance(app.screen, AskVolume)
        await go(pilot, "0", "enter")
        assert isinstance(app.screen, AskVolume), "a volume is never zero"
        assert "över 0 och högst 1000" in seen(app)
        await go(pilot, "backspace", "3", "1", ",", "5", "enter")
        assert "Volym      31,5 ml   angiven av dig; svaret säger –" in seen(app)
        assert "PSA-densitet 0,142" in seen(app), "4.5 / 31.5 = 0.14285…, cut"
        await go(pilot, "enter")
    assert world.step(person) is Step.ANSWER_LETTER_TO_POST
    assert confirmed(world, person)["volume_ml"] == "31.5"


@pytest.mark.parametrize(
    ("psa", "volume", "step"),
    [("4.5", "30", Step.UROLOGY_TO_REFER), ("4.49", "30", Step.ANSWER_LETTER_TO_POST)],
)
async def test_the_limit_of_density_is_exact(world: World, psa: str, volume: str, step: Step) -> None:
    (person,) = examined(world, {"scores": (3,), "volume": volume}, psa=psa)
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app)
        assert ("PSA-densitet 0,150" in seen(app)) == (psa == "4.5")
        assert ("PSA-densitet 0,149" in seen(app)) == (psa == "4.49")
        await go(pilot, "enter")
    assert world.step(person) is step


async def test_what_is_typed_changes_the_proposal_and_is_what_is_confirmed(world: World) -> None:
    (person,) = examined(world, {"scores": (2,), "volume": "40"}, psa="4.0")
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app)
        assert "FÖRSLAG    Nytt erbjudande senare" in seen(app)
        await go(pilot, "5")
        shown = seen(app)
        assert "PI-RADS    5   angivet av dig   svaret föreslår 2" in shown
        assert "FÖRSLAG    Remiss till urolog" in shown
        assert "Brevet ”MR, till urolog”" in shown
        await go(pilot, "enter")
    assert world.step(person) is Step.UROLOGY_TO_REFER
    assert confirmed(world, person)["pirads"] == "5"
    assert world.letters(person)[-1][0] is LetterType.MRI_UROLOGY


async def test_less_than_the_unit_has_coded_is_asked_about_once_more(world: World) -> None:
    (person,) = examined(world, {"scores": (4,), "volume": "60"}, psa="4.0")
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app)
        await go(pilot, "2", "enter")
        assert "PI-RADS 2, fast svaret säger 4?" in seen(app)
        await go(pilot, "escape")
        assert world.step(person) is Step.MRI_TO_ASSESS
        await go(pilot, "enter", "enter")
        assert "✗ Skriv några ord" in seen(app), "Enter, pressed by habit, is not a reason"
        assert world.step(person) is Step.MRI_TO_ASSESS
        await go(pilot, *"artefakt", "enter")
    assert world.step(person) is Step.ANSWER_LETTER_TO_POST
    assert confirmed(world, person)["pirads"] == "2"


async def test_nothing_is_confirmed_before_the_rules_have_answered(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    (person,) = examined(world, {"scores": (2,), "volume": "40"}, psa="4.0")
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        screen = await at(pilot, app)
        monkeypatch.setattr(screen, "read", lambda *_what, **_how: None)
        await pilot.press("5", "enter")
        await settle(pilot)
        assert "Regelverket tillfrågas…" in seen(app)
        assert world.step(person) is Step.MRI_TO_ASSESS


async def test_an_answer_of_the_rules_to_an_earlier_reading_is_not_shown(world: World) -> None:
    examined(world, {"scores": (2,), "volume": "40"}, psa="4.0")
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        screen = await at(pilot, app)
        row, before = screen.shown, screen.decision
        assert row is not None
        assert isinstance(before, Decision)
        late = screen.Previewed(row, Reading(5, Decimal(40), typed=True), before)
        await go(pilot, "4")
        asked = screen.decision
        screen.post_message(late)
        await settle(pilot)
        assert screen.decision is asked


async def test_what_was_typed_for_one_man_is_not_there_for_the_next(world: World) -> None:
    examined(world, {"scores": (2,), "volume": "40"}, {"scores": (2,), "volume": None}, psa="4.0")
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        screen = await at(pilot, app)
        await go(pilot, "5", "right")
        assert screen.reading == Reading(2, None)
        await go(pilot, "left")
        assert screen.reading == Reading(2, Decimal(40))
        assert "FÖRSLAG    Nytt erbjudande senare" in seen(app)


async def test_keys_typed_too_soon_act_on_nobody(world: World, without_rest: Callable[[float], None]) -> None:
    first, second = examined(world, {"scores": (4,), "volume": "42"}, {"scores": (2,), "volume": "40"}, psa="4.0")
    without_rest(60)
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        screen = await at(pilot, app)
        screen._rested()
        screen._quiet_until = 0
        await pilot.press("enter", "enter", "5", "enter")
        await settle(pilot)
        assert screen.shown is not None
        assert screen.shown.person_id == second
        assert screen.reading == Reading(2, Decimal(40)), "a digit meant for one man says nothing about the next"
    assert world.step(first) is Step.UROLOGY_TO_REFER
    assert world.step(second) is Step.MRI_TO_ASSESS


async def test_a_volume_asked_for_one_man_is_not_written_on_another(world: World) -> None:
    first, second = examined(world, {"scores": (2,), "volume": None}, {"scores": (2,), "volume": None}, psa="4.0")
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        screen = await at(pilot, app)
        await go(pilot, "m")
        row = next(row for row in world.office.examinations.mri_rows(world.per) if row.person_id == first)
        world.office.queues.take(world.per, row.task_id, take_over=True)
        world.office.examinations.not_diagnostic(world.per, row.decision_id, version=row.version, reason="rörelse")
        screen.reload()
        await settle(pilot)
        assert screen.shown is not None
        assert screen.shown.person_id == second
        await pilot.press("4", "0", "enter")
        await settle(pilot)
        assert screen.reading == Reading(2, None)


async def test_not_assessable_waits_for_contact(world: World) -> None:
    (person,) = examined(world, {"scores": (), "volume": None, "text": "Kraftiga rörelseartefakter."})
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        screen = await at(pilot, app)
        await go(pilot, "enter")
        assert screen.notice.text == "Läs svaret och ange högsta PI-RADS, 1 till 5."
        await go(pilot, "e", "enter")
        assert isinstance(app.screen, AskReason), "not without a reason"
        await pilot.press(*"artefakter", "enter")
        await settle(pilot)
        assert "Inget svar väntar här." in seen(app)
    assert world.step(person) is Step.MRI_TO_RESOLVE
    assert Queue.MRI_CONTACT in world.tasks(person)


async def test_to_the_urologist_against_the_rules_with_a_reason(world: World) -> None:
    (person,) = examined(world, {"scores": (3,), "volume": "60"}, psa="4.0")
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app)
        await go(pilot, "u")
        assert "Regelverket säger: PI-RADS 3" in seen(app)
        await pilot.press(*"ärftlighet", "enter")
        await settle(pilot)
    assert world.step(person) is Step.UROLOGY_TO_REFER
    assert Queue.UROLOGY_REFERRAL in world.tasks(person)


async def test_what_a_colleague_has_done_is_told(world: World) -> None:
    (person,) = examined(world, {"scores": (4,), "volume": "42"})
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app)
        row = world.office.examinations.mri_rows(world.per)[0]
        world.office.queues.take(world.per, row.task_id, take_over=True)
        world.office.examinations.not_diagnostic(world.per, row.decision_id, version=row.version, reason="rörelse")
        await go(pilot, "enter")
        assert "✗ Ärendet har ändrats sedan det visades. Se på det igen." in seen(app)
    assert world.step(person) is Step.MRI_TO_RESOLVE


async def test_a_corrected_answer_says_so(world: World) -> None:
    (person,) = examined(world, {"scores": (2,), "volume": "40"})
    world.clock.advance(days=1)
    world.mri(person, (4,), "40", status="C")
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app)
        assert "ÄNDRAT SVAR" in seen(app)
        assert "PI-RADS    4" in seen(app)
