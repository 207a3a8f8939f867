"""Random files leave nobody behind, and a published funnel comes out as it went in."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from db.models import (
    Decided,
    MriAnswer,
    PathologyAnswer,
    Person,
    PsaAnswer,
    Round,
    StepChange,
)
from kansli_tui.pathway.moves import MOVES
from kansli_tui.pathway.ruleset import Outcome
from kansli_tui.pathway.steps import ClosedReason, Event, Step
from kansli_tui.rows.answers import DecisionState
from kansli_tui.rows.referrals import DecisionKind
from kansli_tui.service.office import Office
from tests.conftest import Clock, NewDatabase
from tests.databases import BEGINNING
from tests.factories import a_number
from tests.service.history_help import line, sizes, take, taken
from tests.world import World

_DAYS = st.integers(0, 40)
_PSA = st.sampled_from(["0.4", "<0.1", "1", "2.99", "3", "3,4", "9.1", "100", ">100", "<5", "unanalysable"])
_CHAIN = (
    "preletter_on",
    "offered_on",
    "psa_ordered_on",
    "sampled_on",
    "psa_answered_on",
    "psa_letter_on",
    "mri_referred_on",
    "mri_booked_for",
    "mri_done_on",
    "mri_answered_on",
    "mri_letter_on",
    "urology_referred_on",
    "urology_visit_on",
    "biopsied_on",
    "pathology_on",
    "closed_on",
)


_NO_MRI = {"mri_booked_for", "mri_done_on", "mri_answered_on"}
_WITHOUT: tuple[set[str], ...] = (
    set(),
    {"preletter_on"},
    {"psa_letter_on"},
    {"mri_letter_on"},
    {"mri_booked_for", "mri_letter_on"},
    _NO_MRI,
    _NO_MRI | {"mri_letter_on"},
    {"mri_answered_on"},
    {"mri_referred_on", "mri_letter_on"} | _NO_MRI,
    {"urology_visit_on"},
    set(_CHAIN) - {"closed_on"},
)
"""What a predecessor system may not have, together."""


@st.composite
def a_line(draw: st.DrawFn, begins: date) -> dict[str, object]:
    """Cells in possible order: a line stops somewhere, ways are left out, and now and then just any column."""
    cells: dict[str, object] = {}
    left_out = draw(st.sampled_from(_WITHOUT))
    odd = draw(st.sampled_from([*_CHAIN, *[""] * 80]))
    stop = draw(st.integers(2, len(_CHAIN)))
    leaves = draw(st.integers(0, 5)) == 0
    day = begins
    for place, column in enumerate(_CHAIN):
        later = day + timedelta(days=draw(_DAYS))
        if later > BEGINNING.date():
            break
        reached = leaves if column == "closed_on" else place < stop
        if reached and column not in left_out and column != odd:
            cells[column] = day = later
    if "psa_answered_on" in cells:
        referred = cells.keys() & {"mri_referred_on", "urology_referred_on"}
        cells["psa"] = draw(st.sampled_from(["3", "3,4", "9.1", ">100"]) if referred else _PSA)
    if "mri_answered_on" in cells:
        cells["pirads"] = draw(st.sampled_from(["", "1", "2", "3", "4", "5"]))
        cells["volume_ml"] = draw(st.sampled_from(["", "20", "30", "66.7"]))
    elif "mri_done_on" in cells:
        cells["mri_outcome"] = draw(st.sampled_from(["", "done", "nondiagnostic"]))
    elif "mri_referred_on" in cells:
        cells["mri_outcome"] = draw(st.sampled_from(["", "declined", "contraindicated", "noshow"]))
    if "pathology_on" in cells:
        cells["isup"] = draw(st.sampled_from(["0", "1", "2", "5"]))
    if "closed_on" in cells:
        cells["closed_reason"] = draw(st.sampled_from([*ClosedReason]))
    if "sampled_on" not in cells and "offered_on" in cells:
        cells["answer"] = draw(st.sampled_from(["", "accepted", "declined"]))
    return cells


@st.composite
def a_finished_line(draw: st.DrawFn, begins: date) -> dict[str, object]:
    """Cells of a round that ended in waiting, or in leaving for a while."""
    day = [begins + timedelta(days=days) for days in range(0, 100, 5)]
    offered: dict[str, object] = {"offered_on": day[0], "psa_ordered_on": day[0]}
    sampled = {**offered, "sampled_on": day[1], "psa_answered_on": day[2], "psa_letter_on": day[3]}
    referred = {**sampled, "psa": "4.4", "mri_referred_on": day[4]}
    ended: list[dict[str, object]] = [
        offered,
        {**offered, "answer": "declined"},
        {**offered, "closed_on": day[9], "closed_reason": "opted_out"},
        {**sampled, "psa": "0.3"},
        {**sampled, "psa": "2"},
        {**sampled, "psa": "unanalysable"},
        {**referred, "mri_outcome": "declined", "mri_letter_on": day[9]},
    ]
    return draw(st.sampled_from(ended))


@st.composite
def a_file(draw: st.DrawFn) -> list[str]:
    """Some men of some rounds each, in any order."""
    lines = []
    for man in range(draw(st.integers(1, 6))):
        number = a_number(101 + 2 * man, draw(st.sampled_from(["19500101", "19700405", "19760203"])))
        region = draw(st.sampled_from(["05", "06", "08"]))
        rounds = draw(st.sampled_from([1, 1, 1, 2, 3]))
        begins = BEGINNING.date() - timedelta(days=800 * (rounds - 1) + draw(st.integers(0, 900)))
        for round_number in range(1, rounds + 1):
            last = round_number == rounds or draw(st.integers(0, 19)) == 0
            cells = draw(a_line(begins) if last else a_finished_line(begins))
            other = draw(st.sampled_from(["08", *[region] * 20]))
            lines.append(line(number, **{"region": other, "round": round_number, **cells}))
            begins += timedelta(days=800)
    return draw(st.permutations(lines))


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(lines=a_file())
def test_whatever_a_file_says_nobody_is_left_behind(new_database: NewDatabase, tmp_path: Any, lines: list[str]) -> None:
    with new_database() as url:
        office = Office.open(url, clock=Clock(BEGINNING))
        try:
            world = _world(office, tmp_path)
            would = take(world, *lines, dry_run=True)
            made = take(world, *lines)
            assert (would.applied, would.known, would.problems, would.stands) == (
                made.applied,
                made.known,
                made.problems,
                made.stands,
            )
            assert made.applied + made.known + len(made.problems) == made.rows == len(lines)
            assert sum(made.stands.values()) == made.applied_people
            for step in made.stands:
                event(step.value)
            _sound(world)
            before = sizes(world)
            again = take(world, *lines)
            assert (again.applied, again.known) == (0, made.applied + made.known)
            assert sizes(world) == before
            world.office.daily.run(world.anna)
            _sound(world)
        finally:
            office.close()


def _world(office: Office, folder: Any) -> World:
    from kansli_tui.rows.office import Actor, Role  # noqa: PLC0415

    regions = frozenset({"05", "06", "08"})
    anna = Actor("anna", "Anna", Role.CASEWORKER, regions)
    per = Actor("per", "Per", Role.SUPERVISOR, regions)
    made = World(office.context, office.context.clock, anna, per, folder)
    made.paper = False
    return made


def _sound(world: World) -> None:
    """The balance adds up, every move is allowed and follows on the one before, and nobody has two open rounds."""
    assert world.adds_up()
    with world.context.sessions.read() as session:
        for man in session.scalars(select(Person)):
            changes = session.scalars(
                select(StepChange).where(StepChange.person_id == man.id).order_by(StepChange.id)
            ).all()
            assert [change.event for change in changes].count(Event.REGISTERED) == 1
            assert all((row.from_step, row.event) in MOVES for row in changes[1:] if row.from_step is not None)
            assert [row.from_step for row in changes[1:]] == [row.to_step for row in changes[:-1]]
            assert changes[-1].to_step is man.step
            opened = session.scalar(
                select(func.count(Round.id)).where(Round.person_id == man.id, Round.ended_at.is_(None))
            )
            outside = man.step in (Step.NOT_DUE, Step.CLOSED, Step.EXCLUDED)
            assert opened == (0 if outside else 1)
            assert man.step is not Step.NOT_DUE or man.next_on is not None


# A funnel (Bratt 2024, men of 50 in three regions), per 68,060 offered

_OFFERED, _SAMPLED, _RAISED, _INDICATED, _BIOPSIED, _SIGNIFICANT, _ISUP_1 = 68_060, 23_855, 696, 306, 221, 93, 44


def funnel(men: int) -> list[int]:
    """How many of so many men come to each stage, in the published proportions."""
    stages = (_OFFERED, _SAMPLED, _RAISED, _INDICATED, _BIOPSIED, _SIGNIFICANT, _ISUP_1)
    return [round(men * count / _OFFERED) for count in stages]


def funnel_lines(men: int) -> list[str]:
    _, sampled, raised_, indicated, biopsied, significant, isup_1 = funnel(men)
    lines = []
    for place in range(men):
        offered = date(2023, 1, 9) + timedelta(days=place % 300)
        day = [offered + timedelta(days=days) for days in range(120)]
        cells: dict[str, object] = {
            "offered_on": day[0],
            "psa_ordered_on": day[0],
            "preletter_on": offered - timedelta(14),
        }
        if place < sampled:
            value = "3.6" if place < raised_ else ("0.8", "1.4")[place % 2]
            cells |= {"sampled_on": day[20], "psa_answered_on": day[22], "psa": value, "psa_letter_on": day[25]}
        if place < raised_:
            cells |= {
                "mri_referred_on": day[26],
                "mri_done_on": day[40],
                "mri_outcome": "done",
                "mri_answered_on": day[44],
            }
            cells |= {"pirads": 4 if place < indicated else 2, "volume_ml": 45, "mri_letter_on": day[48]}
        if place < indicated:
            cells |= {"urology_referred_on": day[48]}
        if place < biopsied:
            isup = 2 if place < significant else 1 if place < significant + isup_1 else 0
            cells |= {"urology_visit_on": day[60], "biopsied_on": day[62], "pathology_on": day[75], "isup": isup}
        number = a_number(101 + 2 * (place % 400), f"1973{place // 400 % 12 + 1:02}{(14 + place // 4_800) % 28 + 1:02}")
        lines.append(line(number, **{**cells, "region": ("05", "06", "08")[place % 3]}))
    return lines


def test_a_published_funnel_comes_out_as_it_went_in(world: World) -> None:
    men = 2_000
    offered, sampled, raised_, indicated, biopsied, significant, isup_1 = funnel(men)
    made = taken(world, *funnel_lines(men))
    assert (made.rows, made.applied_people) == (men, men)
    with world.context.sessions.read() as session:

        def count(table: Any, *where: Any) -> int:
            return session.scalar(select(func.count(table.id)).where(*where)) or 0

        confirmed = Decided.state == DecisionState.CONFIRMED
        assert count(Round, Round.offered_on.is_not(None)) == offered
        assert count(PsaAnswer) == sampled
        assert count(Decided, confirmed, Decided.kind == DecisionKind.PSA, Decided.outcome == Outcome.MRI) == raised_
        assert count(MriAnswer) == raised_
        assert (
            count(Decided, confirmed, Decided.kind == DecisionKind.MRI, Decided.outcome == Outcome.UROLOGY) == indicated
        )
        assert count(PathologyAnswer) == biopsied
        assert count(PathologyAnswer, PathologyAnswer.isup >= 2) == significant
        assert count(PathologyAnswer, PathologyAnswer.isup == 1) == isup_1
    cancers = significant + isup_1
    assert made.stands == {
        Step.NOT_DUE: men - cancers - (indicated - biopsied),
        Step.UROLOGY_REFERRED: indicated - biopsied,
        Step.CLOSED: cancers,
    }
    balance = world.office.balance.make(world.per)
    assert balance.adds_up
    lines = Counter[str]()
    for row in balance.rows:
        lines.update(row.lines)
    assert lines == {
        "Waiting for next offer": men - cancers - (indicated - biopsied),
        "Urology": indicated - biopsied,
        "Closed: cancer_found": cancers,
    }
