"""The phone hour: find the person, read where he stands, write down what was said."""

import threading
from dataclasses import replace
from datetime import date

import pytest

from kansli_tui.errors import NotAllowedError
from kansli_tui.labels import label
from kansli_tui.pathway.steps import Step
from kansli_tui.rows.cases import CaseAction, PersonHit
from screens.case import CaseScreen
from screens.case_actions import EVENTS, IN_MRI, IN_UROLOGY, preview
from screens.search import SearchScreen
from tests.screens.conftest import SIZE, make_app, seen, settle
from tests.screens.fakes import FakeOffice, case, hit


async def find(pilot: object, text: str) -> None:
    await settle(pilot)
    await pilot.press("f2")  # type: ignore[attr-defined]
    await settle(pilot)
    await pilot.press(*text)  # type: ignore[attr-defined]


async def open_case(pilot: object) -> None:
    await settle(pilot)
    pilot.app.open_case(1)  # type: ignore[attr-defined]
    await settle(pilot)


async def test_hits_show_the_earlier_number_and_a_stop(office: FakeOffice) -> None:
    app = make_app(office)
    async with app.run_test(size=SIZE) as pilot:
        await find(pilot, "lin")
        await pilot.pause(0.4)
        await settle(pilot)
        shown = seen(app)
        assert "3 personer" in shown
        assert "tidigare nummer" in shown
        assert "STOPP" in shown
        assert [arguments for arguments, _named in office.calls("cases.search")] == [("lin",)], (
            "asked once, after a pause"
        )


async def test_enter_opens_the_marked_case(office: FakeOffice) -> None:
    app = make_app(office)
    async with app.run_test(size=SIZE) as pilot:
        await find(pilot, "lin")
        await pilot.pause(0.4)
        await settle(pilot)
        await pilot.press("down", "down", "enter")
        await settle(pilot)
        assert isinstance(app.screen, CaseScreen)
        assert office.calls("cases.open")[0][0] == (2,)
        await pilot.press("escape")
        await settle(pilot)
        assert isinstance(app.screen, SearchScreen)


async def test_a_number_and_enter_opens_the_only_hit_at_once() -> None:
    office = FakeOffice(answers={"cases.search": lambda _actor, _text: (hit(7),)})
    app = make_app(office)
    async with app.run_test(size=SIZE) as pilot:
        await find(pilot, "197601012391")
        await pilot.press("enter")
        await settle(pilot)
        assert office.calls("cases.open")[0][0] == (7,)


async def test_hits_for_what_is_no_longer_typed_are_dropped() -> None:
    slow = threading.Event()

    def search(_actor: object, text: str) -> tuple[PersonHit, ...]:
        if text == "li":
            assert slow.wait(5)
            return (hit(1, "Fel, Person"),)
        return (hit(2, "Rätt, Person"),)

    office = FakeOffice(answers={"cases.search": search})
    app = make_app(office)
    async with app.run_test(size=SIZE) as pilot:
        await find(pilot, "li")
        await pilot.pause(0.4)
        await pilot.press("n", "d")
        await pilot.pause(0.4)
        slow.set()
        await settle(pilot)
        assert "Rätt, Person" in seen(app)
        assert "Fel, Person" not in seen(app)


async def test_nobody_found_and_keys_without_hits(office: FakeOffice) -> None:
    office = FakeOffice(answers={"cases.search": lambda _actor, _text: ()})
    app = make_app(office)
    async with app.run_test(size=SIZE) as pilot:
        await find(pilot, "qqq")
        await pilot.press("enter")
        await settle(pilot)
        assert "Ingen i dina regioner stämmer." in seen(app)
        await pilot.press("down", "down", "up", "enter", "pagedown", "end", "home")
        await settle(pilot)
        assert isinstance(app.screen, SearchScreen)


async def test_search_works_from_a_dialog_too(office: FakeOffice) -> None:
    app = make_app(office)
    async with app.run_test(size=SIZE) as pilot:
        await open_case(pilot)
        await pilot.press("k", "f2")
        await settle(pilot)
        assert isinstance(app.screen, SearchScreen)
        await pilot.press("escape")
        await settle(pilot)
        assert "Vilken sorts kontakt?" in seen(app)


async def test_the_four_answers_stand_in_80_by_24_without_scrolling(office: FakeOffice) -> None:
    app = make_app(office)
    async with app.run_test(size=SIZE) as pilot:
        await open_case(pilot)
        shown = seen(app)
        starts = [line.split()[0] for line in shown.splitlines() if line.strip()]
        assert [word for word in starts if word in ("LÄGE", "VARFÖR", "HÄRNÄST", "HINDRAR")] == [
            "LÄGE",
            "VARFÖR",
            "HÄRNÄST",
            "HINDRAR",
        ]
        assert "MR inte gjord: att reda ut sedan 3 nov (8 dagar)" in shown
        assert "17 nov (om 6 dagar)" in shown
        assert "ringde, undrade om väntetid" in shown
        assert "A åtgärder…" in shown
        assert "I identitet" in shown


async def test_long_reasons_do_not_push_the_timeline_out() -> None:
    long = replace(case(), reason="PSA " * 200, blocked_by=("stopp " * 60,))
    office = FakeOffice(answers={"cases.open": lambda _actor, _id: long})
    app = make_app(office)
    async with app.run_test(size=SIZE) as pilot:
        await open_case(pilot)
        assert app.screen.query_one("#timeline").size.height >= 4


async def test_a_note_is_written_with_what_was_said(office: FakeOffice) -> None:
    app = make_app(office)
    async with app.run_test(size=SIZE) as pilot:
        await open_case(pilot)
        await pilot.press("k", "enter", *"ringde", "enter")
        await settle(pilot)
        assert office.calls("cases.note") == [((1, "phone", "ringde"), {})]
        assert "✓ Notisen finns i ärendet." in seen(app)


async def test_an_action_asks_shows_where_it_leads_and_carries_the_version(office: FakeOffice) -> None:
    app = make_app(office)
    async with app.run_test(size=SIZE) as pilot:
        await open_case(pilot)
        await pilot.press("a", "home", "enter")
        await settle(pilot)
        assert "Från ”MR inte gjord: att reda ut” till ”MR att boka”." in seen(app)
        await pilot.press("enter")
        await settle(pilot)
        assert "✗ Skriv några ord; de står kvar i ärendet." in seen(app)
        await pilot.press(*"ny tid idag", "enter")
        await settle(pilot)
        (arguments, named) = office.calls("cases.act")[0]
        assert arguments == (1, CaseAction.REBOOK)
        assert named == {"version": 3, "reason": "ny tid idag", "on": None, "detail": ""}
        assert "✓ Klart: Boka en ny MR-tid." in seen(app)


async def test_postponing_asks_for_a_day_in_the_future(office: FakeOffice) -> None:
    app = make_app(office)
    async with app.run_test(size=SIZE) as pilot:
        await open_case(pilot)
        await pilot.press("a", "home", "down", "enter", *"2026-11-11", "enter", *"infektion", "enter")
        await settle(pilot)
        assert "✗ Dagen ska vara senare än idag." in seen(app)
        app.screen.query_one("#day").value = "+30"  # type: ignore[attr-defined]
        await settle(pilot)
        assert "= 11 december 2026" in seen(app)
        await pilot.press("enter", "enter")
        await settle(pilot)
        assert office.calls("cases.act")[0][1]["on"] == date(2026, 12, 11)


async def test_escape_leaves_every_question_without_doing_anything(office: FakeOffice) -> None:
    app = make_app(office)
    async with app.run_test(size=SIZE) as pilot:
        await open_case(pilot)
        for keys in (["k"], ["k", "enter"], ["a"], ["a", "enter"], ["l"], ["i"]):
            await pilot.press(*keys)
            await settle(pilot)
            for _press in keys:
                if not isinstance(app.screen, CaseScreen):
                    await pilot.press("escape")
                    await settle(pilot)
            assert isinstance(app.screen, CaseScreen), keys
        assert {called for called, _arguments, _named in office.asked} <= {"daily.run", "queues.home", "cases.open"}


async def test_protected_data_are_shown_only_for_a_reason() -> None:
    hidden = replace(case(), masked=True, name="Skyddade personuppgifter", protection="confidentiality", address=())
    office = FakeOffice(answers={"cases.open": lambda _actor, _id: hidden})
    app = make_app(office)
    async with app.run_test(size=SIZE) as pilot:
        await open_case(pilot)
        assert "Lindqvist" not in seen(app)
        assert "SEKRETESSMARKERING" in seen(app)
        await pilot.press("i", *"brev i retur", "enter")
        await settle(pilot)
        assert office.calls("cases.reveal") == [((1, "brev i retur"), {})]
        assert "Lindqvist, Örjan" in seen(app)
        assert "Storgatan 1" in seen(app)
        await pilot.press("escape")
        await settle(pilot)
        assert "Lindqvist" not in seen(app)


async def test_a_refused_reveal_is_told(office: FakeOffice) -> None:
    hidden = replace(case(), masked=True)
    office = FakeOffice(answers={"cases.open": lambda _actor, _id: hidden})
    office.fails["cases.reveal"] = NotAllowedError("Only a supervisor may reveal protected data.")
    app = make_app(office)
    async with app.run_test(size=SIZE) as pilot:
        await open_case(pilot)
        await pilot.press("i", *"skäl", "enter")
        await settle(pilot)
        assert "✗ Bara en arbetsledare får visa skyddade uppgifter." in seen(app)


async def test_outside_text_is_text_and_nothing_else() -> None:
    nasty = replace(case(), name="[bold red]Ek[/] \x1b[31mBo\u202e", reason="[@click=app.quit]x[/]")
    office = FakeOffice(answers={"cases.open": lambda _actor, _id: nasty})
    app = make_app(office)
    async with app.run_test(size=SIZE) as pilot:
        await open_case(pilot)
        shown = seen(app)
        assert "[bold red]Ek[/] \N{REPLACEMENT CHARACTER}[31mBo\N{REPLACEMENT CHARACTER}" in shown
        assert "[@click=app.quit]x[/]" in shown


async def test_keys_do_nothing_before_the_case_is_there(office: FakeOffice) -> None:
    office.fails["cases.open"] = NotAllowedError("You do not work for region {region}.", region="08")
    app = make_app(office)
    async with app.run_test(size=SIZE) as pilot:
        await open_case(pilot)
        await pilot.press("k", "a", "l", "i", "down", "end", "ctrl+r")
        await settle(pilot)
        assert isinstance(app.screen, CaseScreen)
        assert "✗ Du arbetar inte för region 08." in seen(app)


@pytest.mark.parametrize("action", list(CaseAction))
def test_every_action_says_what_it_leads_to(action: CaseAction) -> None:
    assert all(preview(replace(case(), step=Step.OFFERED), action))
    # What it leads to depends on more than the step: on the block, on what was postponed or done last, on the form.
    more = (CaseAction.UNBLOCK, CaseAction.RESUME, CaseAction.UNDO, CaseAction.REFER)
    assert action in EVENTS or action in more or (action in IN_MRI and action in IN_UROLOGY)


@pytest.mark.parametrize(
    ("step", "action", "to"),
    [
        (Step.MRI_TO_RESOLVE, CaseAction.REBOOK, Step.MRI_TO_BOOK),
        (Step.MRI_TO_RESOLVE, CaseAction.RESEND, Step.MRI_REFERRED),
        (Step.MRI_TO_RESOLVE, CaseAction.REFER_AGAIN, Step.MRI_TO_REFER),
        (Step.MRI_TO_RESOLVE, CaseAction.TO_UROLOGY, Step.UROLOGY_TO_REFER),
        (Step.MRI_TO_RESOLVE, CaseAction.NEW_OFFER_LATER, Step.ANSWER_LETTER_TO_POST),
        (Step.UROLOGY_TO_RESOLVE, CaseAction.RESEND, Step.UROLOGY_REFERRED),
        (Step.UROLOGY_TO_RESOLVE, CaseAction.REFER_AGAIN, Step.UROLOGY_TO_REFER),
        (Step.UROLOGY_TO_RESOLVE, CaseAction.NEW_OFFER_LATER, Step.ANSWER_LETTER_TO_POST),
    ],
)
def test_what_settles_a_referral_says_where_it_leads(step: Step, action: CaseAction, to: Step) -> None:
    assert preview(replace(case(), step=step), action)[1].endswith(f"till ”{label(to)}”.")
