"""Home says what waits, and the day's own work is done once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from kansli_tui.i18n import NO_BREAK
from kansli_tui.pathway.steps import Queue
from kansli_tui.rows.cases import Home, QueueCount
from screens.home import HomeScreen, ranges
from screens.widgets.table import KansliTable
from tests.screens.conftest import SIZE, make_app, seen, settle
from tests.screens.fakes import NOW, FakeOffice, empty_home, failing, home


def line(shown: str, words: str) -> str:
    return next(line for line in shown.splitlines() if words in line)


async def test_counts_per_region_ages_and_balance(office: FakeOffice) -> None:
    app = make_app(office)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        shown = seen(app).replace(NO_BREAK, " ")
        assert line(shown, "Mycket högt PSA").split()[:9] == [
            "1",
            "!",
            "Mycket",
            "högt",
            "PSA,",
            "ring",
            "idag",
            "–",
            "1",
        ]
        assert "12 min" in line(shown, "Mycket högt PSA")
        assert " 38    21 1 017    1 dag" in line(shown, "Normala provsvar")
        assert "Hållna provsvar +2 okända" in shown
        assert "412   300   280 i morgon" in line(shown, "Erbjudanden att frisläppa")
        assert "28 114    ✓ 0" in line(shown, "RÖ     28")
        assert "✗ 1" in line(shown, "RKL    16")
        assert "Klart idag        61" in shown
        assert all(len(row) <= 80 for row in shown.splitlines())
        assert "…" not in shown, "nothing is cut at 80 columns"


async def test_the_days_own_work_is_done_once_and_told(office: FakeOffice) -> None:
    app = make_app(office)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        assert "✓ Dagens eget arbete: 12 erbjudanden förberedda, 1 uppskov slut." in seen(app)
        await pilot.press("e")
        await settle(pilot)
        await pilot.press("escape")
        await settle(pilot)
        await pilot.press("ctrl+r")
        await settle(pilot)
        assert len(office.calls("daily.run")) == 1
        assert len(office.calls("queues.home")) > 1


async def test_the_counts_come_although_the_days_work_fails(office: FakeOffice) -> None:
    office.fails["daily.run"] = failing("Only a supervisor may do this.")
    app = make_app(office)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        shown = seen(app)
        assert "✗ Bara en arbetsledare får göra detta." in shown
        assert "Normala provsvar" in shown


async def test_a_home_that_cannot_be_read_says_why(office: FakeOffice) -> None:
    office.fails["queues.home"] = failing("The database cannot be opened: {problem}", problem="låst")
    app = make_app(office)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        assert "✗ Databasen går inte att öppna: låst" in seen(app)


@pytest.mark.parametrize(("key", "queue"), [("e", Queue.MEDICAL), ("f", Queue.CONTACT), ("J", Queue.REGISTER)])
async def test_a_digit_or_letter_opens_its_queue(office: FakeOffice, key: str, queue: Queue) -> None:
    app = make_app(office)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press(key)
        await settle(pilot)
        assert office.calls("queues.page")[0][0] == (queue,)


async def test_what_is_empty_folds_in_a_low_window_and_stands_in_a_high_one(office: FakeOffice) -> None:
    app = make_app(office)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        shown = seen(app)
        assert "tomma: 2–4 6 0–C E G–J" in shown
        assert "Registervård" not in shown
        assert "Beställningar att skicka" not in shown
    app = make_app(office)
    async with app.run_test(size=(140, 45)) as pilot:
        await settle(pilot)
        shown = seen(app)
        assert "tomma" not in shown
        assert "Registervård" in shown
        assert "Beställningar att skicka" in shown


@pytest.mark.parametrize(
    ("places", "drawn"), [([], ""), ([0], "1"), ([1, 2, 4], "2–3 5"), ([8, 9, 10, 19], "9–A J"), ([0, 2], "1 3")]
)
def test_keys_of_neighbours_are_drawn_together(places: list[int], drawn: str) -> None:
    assert ranges(places) == drawn


async def test_late_checks_stand_on_everybodys_home_screen(office: FakeOffice) -> None:
    app = make_app(office)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        shown = seen(app)
        beside = [row[58:].strip() for row in shown.splitlines()]
        assert beside.index("F12 Bevakning") < beside.index("F7 Balans")
        assert "✗ ej körda i tid   1" in beside
        assert any(row.startswith("MR-svar inte") for row in beside)
        assert any(row.startswith("● Inget hört om") for row in beside)
        assert "körd 07:30 anna" in beside
        assert "ersättare per" in beside
        strips = pilot.app.screen._compositor.render_strips(pilot.app.size)
        late = next(
            segment for strip in strips for segment in strip if "ej körda i tid" in segment.text and segment.style
        )
        assert late.style is not None
        assert late.style.reverse or late.style.bgcolor != late.style.color


async def test_start_with_nothing_waiting_says_so(office: FakeOffice) -> None:
    office = FakeOffice(answers={"queues.home": lambda _actor: empty_home()})
    app = make_app(office)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("s")
        await settle(pilot)
        assert "✓ Inget väntar i någon kö." in seen(app)
        assert isinstance(app.screen, HomeScreen)


async def test_the_cursor_stays_with_its_line(office: FakeOffice) -> None:
    app = make_app(office)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("down", "down", "ctrl+r")
        await settle(pilot)
        assert app.screen.query_one(KansliTable).current == "queue:repeat"


def everything_waits_and_nothing_is_run(_actor: object) -> Home:
    counts = {"05": 1, "06": 2, "08": 3}
    queues = tuple(QueueCount(queue, counts, NOW - timedelta(days=12)) for queue in Queue)
    checks = tuple(replace(home().watch[0], check=f"check{place}", late=True) for place in range(30))
    return replace(home(), queues=queues, watch=checks)


@pytest.mark.parametrize("size", [SIZE, (100, 30), (140, 45)])
async def test_a_full_home_shows_ages_whole_and_folds_the_late_checks(size: tuple[int, int]) -> None:
    app = make_app(FakeOffice(answers={"queues.home": everything_waits_and_nothing_is_run}))
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        shown = seen(app)
        assert "  äldst" in shown
        assert shown.count("12 dagar") >= 17
        assert "MR-svar inte bekräftat" not in shown or "… 24 till (F12)" in shown
        assert "F7 Balans" in shown
        assert "Väntar" in shown
        assert "Klart idag" in shown
        assert ("F12 bevakning" in shown) == (size[0] >= 100)
