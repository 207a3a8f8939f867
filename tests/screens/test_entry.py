"""What a unit has told is entered from the case: an answer, a visit, a biopsy, pathology, a treatment, or that nothing came of it."""

import pytest
from sqlalchemy import select

from db.models import MriAnswer
from kansli_tui.pathway.referrals import ReferralKind, ReferralState
from kansli_tui.pathway.steps import ClosedReason, Queue, Step
from screens.case import CaseScreen
from screens.dialogs import Choose
from screens.entry_forms import MriEntry, PathologyEntry
from tests.screens.at_work import app_of, biopsied, examined, go
from tests.screens.conftest import SIZE, seen, settle
from tests.world import World

pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)
"""Screens know no database: one of them is enough."""


async def write(pilot: object, *typed: str) -> None:
    """Fill in field after field with Enter between."""
    for text in typed:
        await pilot.press(*text, "enter")  # type: ignore[attr-defined]
        await settle(pilot)


async def test_an_mri_answer_told_by_phone(world: World) -> None:
    person = world.raised("4.5")
    world.refer(person)
    world.clock.advance(days=20)
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        app.open_case(person)
        await settle(pilot)
        shown = seen(app)
        holder = world.case(person).holder
        assert holder is not None
        assert holder.phone in shown, "whom to phone stands on the case"
        assert "U för in" in shown
        await go(pilot, "u")
        assert "Svaret får ett förslag och bekräftas bland MR-svaren." in seen(app)
        await go(pilot, "home", "enter")
        assert isinstance(app.screen, MriEntry)
        await write(pilot, "+3", "4, 9", "42,5", "lesion vänster", "dr Ek på telefon")
        assert isinstance(app.screen, MriEntry)
        assert "✗ Skriv PI-RADS 1 till 5 för varje lesion" in seen(app)
        app.screen.query_one("#scores").value = "4, 3"  # type: ignore[attr-defined]
        await go(pilot, "enter")
        assert "har inte varit än" in seen(app)
        app.screen.query_one("#day").value = "-3"  # type: ignore[attr-defined]
        await go(pilot, "enter")
        assert "✓ MR-svaret är infört." in seen(app)
    assert world.step(person) is Step.MRI_TO_ASSESS
    assert Queue.MRI_ANSWER in world.tasks(person)
    with world.context.sessions.read() as session:
        answer = session.scalars(select(MriAnswer).where(MriAnswer.person_id == person)).one()
        assert (list(answer.lesions), f"{answer.volume_ml:f}", answer.text) == ([4, 3], "42.5", "lesion vänster")


async def test_visit_biopsy_and_pathology_from_the_case(world: World) -> None:
    (person,) = examined(world, {"scores": (5,)})
    row = world.office.examinations.mri_rows(world.anna)[0]
    world.office.examinations.confirm_mri(
        world.anna, row.decision_id, version=row.version, pirads=5, volume_ml=row.volume_ml
    )
    world.refer(person)
    world.clock.advance(days=10)
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        app.open_case(person)
        await settle(pilot)
        shown = seen(app)
        assert "MR        PI-RADS 5 · 40 ml · densitet 0,112" in shown, "4.5 / 40 = 0.1125, cut"
        await go(pilot, "u")
        assert isinstance(app.screen, Choose)
        assert "Vilken remiss gäller det?" in seen(app), "he has an MRI referral too"
        await go(pilot, "home", "enter", "home")
        options = app.screen.query_one("ChoiceList").options  # type: ignore[attr-defined]
        names = [option.id for option in options]
        assert {"done", "biopsied", "pathology"} <= set(names)
        assert "treatment" not in names, "no cancer has been found"
        app.screen.query_one("ChoiceList").highlighted = names.index("done")  # type: ignore[attr-defined]
        await go(pilot, "enter")
        await write(pilot, "-2", "mottagningen ringde")
        assert world.step(person) is Step.UROLOGY_VISITED
        await go(pilot, "u", "home", "enter")
        names = [option.id for option in app.screen.query_one("ChoiceList").options]  # type: ignore[attr-defined]
        app.screen.query_one("ChoiceList").highlighted = names.index("biopsied")  # type: ignore[attr-defined]
        await go(pilot, "enter")
        await write(pilot, "-2", "mottagningen ringde")
        assert world.step(person) is Step.BIOPSIED
        await go(pilot, "u", "home", "enter")
        names = [option.id for option in app.screen.query_one("ChoiceList").options]  # type: ignore[attr-defined]
        app.screen.query_one("ChoiceList").highlighted = names.index("pathology")  # type: ignore[attr-defined]
        await go(pilot, "enter")
        assert isinstance(app.screen, PathologyEntry)
        await write(pilot, "-2", "-5", "7", "dr Ek på papper")
        assert "✗ Svaret kan inte vara äldre än biopsin." in seen(app)
        app.screen.query_one("#reported").value = "0"  # type: ignore[attr-defined]
        await go(pilot, "enter")
        assert "✗ Skriv ISUP 0 till 5; 0 är godartat." in seen(app)
        app.screen.query_one("#isup").value = "0"  # type: ignore[attr-defined]
        await go(pilot, "enter")
        assert "✓ PAD-svaret är infört." in seen(app)
    assert world.step(person) is Step.PATHOLOGY_TO_ASSESS
    assert Queue.PATHOLOGY in world.tasks(person)


async def test_a_treatment_is_noted_after_he_has_left_for_care(world: World) -> None:
    (person,) = biopsied(world, 3)
    row = world.office.examinations.pathology_rows(world.anna)[0]
    world.office.examinations.confirm_pathology(world.anna, row.decision_id, version=row.version)
    world.clock.advance(days=30)
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        app.open_case(person)
        await settle(pilot)
        await go(pilot, "u", "home", "enter", "end", "enter", "home", "enter")
        await write(pilot, "0", "dr Ek i brev")
        assert "✓ Antecknat: Operation." in seen(app)
    assert (world.step(person), world.person(person).closed_reason) == (Step.CLOSED, ClosedReason.CANCER_FOUND)
    assert "treatment.enter" in world.audit(person)


async def test_that_nothing_came_of_it_leads_to_the_actions_of_the_case(world: World) -> None:
    person = world.raised("4.5")
    world.refer(person)
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        app.open_case(person)
        await settle(pilot)
        await go(pilot, "u")
        names = [option.id for option in app.screen.query_one("ChoiceList").options]  # type: ignore[attr-defined]
        app.screen.query_one("ChoiceList").highlighted = names.index("contraindicated")  # type: ignore[attr-defined]
        await go(pilot, "enter")
        await write(pilot, "0", "pacemaker")
        assert world.step(person) is Step.MRI_TO_RESOLVE
        app.open_queue(Queue.MRI_CONTACT)
        await settle(pilot)
        await go(pilot, "enter")
        assert isinstance(app.screen, CaseScreen)
        assert "LÄGE      MR inte gjord: att reda ut" in seen(app)
        await go(pilot, "a")
        shown = seen(app)
        for words in ("Boka en ny MR-tid", "Skicka remissen igen", "Gör en ny remiss", "Till urolog utan MR"):
            assert words in shown
        names = [option.id for option in app.screen.query_one("ChoiceList").options]  # type: ignore[attr-defined]
        app.screen.query_one("ChoiceList").highlighted = names.index("to_urology")  # type: ignore[attr-defined]
        await go(pilot, "enter")
        assert "till ”Urologremiss att göra”." in seen(app)
        await write(pilot, "pacemaker, urolog bedömer")
    assert world.step(person) is Step.UROLOGY_TO_REFER
    assert world.referral_state(person, ReferralKind.MRI) is ReferralState.CANCELLED


async def test_nothing_is_entered_without_a_referral(world: World) -> None:
    person = world.man()
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        app.open_case(person)
        await settle(pilot)
        await go(pilot, "u")
        assert isinstance(app.screen, CaseScreen)
        assert "(U för in)" in seen(app)


async def test_an_answer_is_entered_from_the_clock_too(world: World) -> None:
    person = world.raised("4.5")
    world.refer(person)
    world.clock.advance(days=20)
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        app.open_screen("referrals")
        await settle(pilot)
        await go(pilot, "n", "home", "enter")
        assert isinstance(app.screen, MriEntry)
        await write(pilot, "-3", "2", "40", "inget misstänkt", "dr Ek på telefon")
        assert "✓ MR-svaret är infört." in seen(app)
    assert world.step(person) is Step.MRI_TO_ASSESS
