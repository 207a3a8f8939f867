"""Register care: each check finds what it is for and nothing before; each finding is set right or said to be right; each counts to zero."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from db.models import AuditRow, CareSettled, HandEdit, Letter, MriAnswer, PathologyAnswer, Person, PsaAnswer, Referral
from kansli_tui.errors import ChangedBySomeoneElseError, NotAllowedError, NotFoundError, RefusedError
from kansli_tui.i18n import set_language
from kansli_tui.pathway.register_care import CHECKS, Cared
from kansli_tui.pathway.steps import ClosedReason, Step
from kansli_tui.rows.office import NO_REGION, Actor, Role
from kansli_tui.rows.population import Protection
from kansli_tui.rows.register_care import CareCheckRow, CareFinding, HandField
from kansli_tui.service import register_care as care_service
from kansli_tui.service.naming import MASKED_NAME
from kansli_tui.service.walk import Walk
from tests.world import World


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    set_language("en")
    yield
    set_language("sv")


def count(world: World, check: Cared) -> CareCheckRow:
    return world.office.register_care.count(world.per, check.value)


def findings(world: World, check: Cared, **more: Any) -> tuple[CareFinding, ...]:
    found = world.office.register_care.findings(world.per, check.value, **more)
    if not more:
        assert count(world, check).total == len(found)
    return found


def settle(world: World, finding: CareFinding, why: str = "stämmer, frågade enheten") -> CareCheckRow:
    return world.office.register_care.settle(
        world.anna, finding.check, finding.subject, seen=finding.fingerprint, why=why
    )


def change(world: World, table: Any, person: int, **values: Any) -> None:
    with world.context.sessions.begin() as session:
        session.execute(update(table).where(table.person_id == person).values(**values))


# What each check finds, and what sets it right


def answered(world: World, value: str = "0.4") -> int:
    man = world.man()
    world.act(man, "offer_now")
    world.post()
    world.clock.advance(minutes=1)
    world.send_orders()
    world.clock.advance(days=2)
    world.answer(man, value)
    return man


def mri(world: World, volume: str | None = "40") -> int:
    """His MRI has been confirmed; without a volume where none is stated."""
    man = world.raised()
    world.refer(man)
    world.clock.advance(days=3)
    world.mri(man, (4,), volume)
    (row,) = world.office.examinations.mri_rows(world.anna)
    world.office.examinations.confirm_mri(
        world.anna, row.decision_id, version=row.version, pirads=4, volume_ml=row.volume_ml
    )
    return man


def biopsied(world: World) -> int:
    man = mri(world)
    world.refer(man)
    world.clock.advance(days=9)
    world.outcome(man, "visit")
    world.outcome(man, "biopsy")
    world.outcome(man, "pathology", isup=0)
    return man


def unknown_order(world: World) -> None:
    man = answered(world)
    world.take(world.message(man, "3.4", order="OPT-1"))


def differing(world: World) -> int:
    man = world.man()
    world.office.hand_edits.edit(
        world.anna, man, version=1, values={HandField.FAMILY: {"family_name": "Ek"}}, why="ringde"
    )
    with world.context.sessions.begin() as session:
        session.execute(update(HandEdit).values(differs={"family_name": "Ny"}, differs_at=world.clock.now))
    return man


def held_twins(world: World) -> None:
    man = world.man(family_name="Udd")
    with world.context.sessions.begin() as session:
        made = Walk(session, world.anna, world.clock(), world.context.rules(session))
        made.block(session.get_one(Person, man), "duplicate", "Possible duplicate")


def wrong(prepare: Callable[[World], int], table: Any, **days: int) -> Callable[[World], None]:
    """What `prepare` made, with some columns so many days from now."""

    def make(world: World) -> None:
        man = prepare(world)
        now = world.clock.now
        dated = {
            name: (now + timedelta(days=days_from)) if name.endswith("_at") else world.today + timedelta(days=days_from)
            for name, days_from in days.items()
        }
        change(world, table, man, **dated)

    return make


def twins(world: World) -> None:
    for _ in range(2):
        world.man(family_name="Lik", birth_date=date(1976, 5, 5))
    # Another day, another region, and one that has left: no pair of these is one.
    world.man(family_name="Lik", birth_date=date(1976, 5, 6))
    world.man(family_name="Lik", birth_date=date(1976, 5, 5), region="06", municipality="0685")


FINDS: list[tuple[Cared, Callable[[World], Any], str]] = [
    (Cared.DIFFERENCES, differing, "By hand: Ek · the register: Ny (Family name)"),
    (Cared.HELD_AS_DUPLICATES, held_twins, "Held since"),
    (Cared.POSSIBLE_DUPLICATES, twins, "Same name"),
    (Cared.ANSWERS_WITHOUT_ORDER, unknown_order, "not ours"),
    (Cared.UNKNOWN_CODES, lambda w: w.take(w.message(answered(w), "3.4", status="Q")), "status is missing"),
    (Cared.UNKNOWN_CODES, lambda w: w.take(w.message(answered(w), "3.4", unit="pmol/L")), "not µg/L"),
    (Cared.UNKNOWN_DEREGISTRATION, lambda w: w.man(deregistered_code="QX"), "Code QX"),
    (Cared.UNKNOWN_MUNICIPALITY, lambda w: w.man(municipality=""), "No municipality"),
    (Cared.UNKNOWN_MUNICIPALITY, lambda w: w.man(municipality="0680"), "0680"),
    (Cared.BIRTH_DATE_UNKNOWN, lambda w: w.man(birth_date_known=False), "Reckoned"),
    (Cared.MRI_WITHOUT_VOLUME, lambda w: mri(w, None), "without a volume"),
    (Cared.PSA_DATES, wrong(answered, PsaAnswer, sampled_at=1), "but the answer came"),
    (Cared.PSA_DATES, wrong(answered, PsaAnswer, sampled_at=-9), "before the offer"),
    (Cared.PSA_DATES, wrong(answered, PsaAnswer, analysed_at=-9), "analysed or reported"),
    (Cared.MRI_DATES, wrong(mri, MriAnswer, examined_at=1), "but the answer came"),
    (Cared.MRI_DATES, wrong(mri, MriAnswer, examined_at=-30), "before the referral"),
    (Cared.MRI_DATES, wrong(mri, MriAnswer, reported_at=-30), "reported before"),
    (Cared.REFERRAL_DATES, wrong(mri, Referral, done_on=-30), "before the referral"),
    (Cared.REFERRAL_DATES, wrong(mri, Referral, done_on=2000), "not come"),
    (Cared.PATHOLOGY_DATES, wrong(biopsied, PathologyAnswer, biopsied_on=-40), "before the referral"),
    (Cared.PATHOLOGY_DATES, wrong(biopsied, PathologyAnswer, reported_on=-1), "pathology answer is of"),
    (Cared.PATHOLOGY_DATES, wrong(biopsied, PathologyAnswer, reported_on=1), "but it came"),
    (Cared.LETTER_DATES, wrong(answered, Letter, posted_on=2000), "not come"),
    (Cared.LETTER_DATES, wrong(answered, Letter, posted_on=-30), "but printed"),
    (Cared.REGISTER_DATES, lambda w: w.man(deregistered_code="OB", deregistered_on="2031-00-00"), "Deregistered"),
]  # fmt: skip


def test_each_check_finds_what_it_is_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything in one office: a check that finds what another is for would be seen."""
    biopsied(world)
    for each in CHECKS:
        # The men of this test share their name and birth dates recur: what is said of pairs is tested on its own.
        assert each.code is Cared.POSSIBLE_DUPLICATES or not findings(world, each.code), each.code
    monkeypatch.setattr(care_service, "SHOWN", 2)
    wanted: dict[Cared, list[str]] = {}
    for check, make, words in FINDS:
        make(world)
        wanted.setdefault(check, []).append(words)
        world.clock.advance(minutes=1)
    for check, words in wanted.items():
        found: list[CareFinding] = []
        while page := findings(world, check, after=found[-1].key if found else (0, 0)):
            found += page
        said = [finding.what.format(**finding.values) for finding in found]
        if check in (Cared.ANSWERS_WITHOUT_ORDER, Cared.UNKNOWN_CODES):
            assert all(finding.person_id is None for finding in found)
        if check is Cared.POSSIBLE_DUPLICATES:
            assert sum(finding.name.startswith("Lik") for finding in found) == 1
            continue
        assert len(said) == len(words), (check, said)
        assert all(expected in text for expected, text in zip(words, said, strict=True)), (check, said)
        assert count(world, check).total == len(found)


# Down to zero


def test_a_finding_that_is_right_is_settled_until_the_data_change(world: World) -> None:
    man = world.man(municipality="")
    (finding,) = findings(world, Cared.UNKNOWN_MUNICIPALITY)
    with pytest.raises(RefusedError, match="why"):
        settle(world, finding, " ")
    row = settle(world, finding, "bor utomlands, har valt kansliet")
    assert row.by_region["05"] == 0
    assert findings(world, Cared.UNKNOWN_MUNICIPALITY) == ()
    settle(world, finding)
    with world.context.sessions.read() as session:
        assert session.scalar(select(func.count(CareSettled.id))) == 1
    with world.context.sessions.begin() as session:
        session.get_one(Person, man).municipality = "0180"
    (again,) = findings(world, Cared.UNKNOWN_MUNICIPALITY)
    assert again.fingerprint != finding.fingerprint
    with pytest.raises(ChangedBySomeoneElseError):
        settle(world, finding)
    with world.context.sessions.begin() as session:
        session.get_one(Person, man).municipality = "0580"
    assert findings(world, Cared.UNKNOWN_MUNICIPALITY) == ()


def test_two_people_of_one_name_are_two_or_one(world: World) -> None:
    born = date(1976, 5, 5)
    one, two, three = (world.man(family_name="Lik", birth_date=born) for _ in range(3))
    pairs = findings(world, Cared.POSSIBLE_DUPLICATES)
    assert [(pair.person_id, pair.other_id) for pair in pairs] == [(one, two), (one, three), (two, three)]
    settle(world, pairs[0], "tvillingar? nej, två män")
    merged = world.office.merging.merge(
        world.anna, keep=(one, world.person(one).version_id), merged=(three, 1), take_number=False, why="samma man"
    )
    assert findings(world, Cared.POSSIBLE_DUPLICATES) == ()
    world.office.merging.take_back(world.anna, merged.merge_id, why="nej")
    assert len(findings(world, Cared.POSSIBLE_DUPLICATES)) == 2
    with world.context.sessions.begin() as session:
        for person in (one, two):
            session.get_one(Person, person).family_name = "Olik"
            session.get_one(Person, person).name_key = "olik åke"
    # What was said of two men called Lik says nothing of two called Olik.
    assert [(pair.person_id, pair.other_id) for pair in findings(world, Cared.POSSIBLE_DUPLICATES)] == [(one, two)]


def test_those_who_have_left_are_let_be(world: World) -> None:
    for _ in range(2):
        world.man(family_name="Lik", birth_date=date(1976, 5, 5), step=Step.CLOSED, closed_reason=ClosedReason.DEAD,
                  municipality="", birth_date_known=False)  # fmt: skip
    assert all(count(world, check.code).total == 0 for check in CHECKS)


# Who sees what


def test_regions_and_protected_people(world: World) -> None:
    world.man(municipality="")
    world.man(region="08", municipality="")
    world.man(municipality="", protection=Protection.CONFIDENTIALITY)
    assert count(world, Cared.UNKNOWN_MUNICIPALITY).by_region == {"05": 2, "06": 0, "08": 1, NO_REGION: 0}
    found = findings(world, Cared.UNKNOWN_MUNICIPALITY)
    assert [(finding.region, finding.masked) for finding in found] == [("05", False), ("08", False), ("05", True)]
    assert (found[2].number, found[2].name) == (MASKED_NAME, MASKED_NAME)
    eva = Actor("eva", "Eva", Role.CASEWORKER, frozenset({"08"}))
    care = world.office.register_care
    assert [finding.region for finding in care.findings(eva, "unknown_municipality")] == ["08"]
    assert care.count(eva, "unknown_municipality").by_region == {"08": 1, NO_REGION: 0}
    with pytest.raises(NotAllowedError):
        care.findings(eva, "unknown_municipality", region="05")
    with pytest.raises(ChangedBySomeoneElseError):
        care.settle(eva, "unknown_municipality", found[0].subject, seen=found[0].fingerprint, why="skäl")
    assert len(care.findings(world.per, "unknown_municipality", region="05")) == 2
    with world.context.sessions.read() as session:
        seen = session.scalars(select(AuditRow).where(AuditRow.action == "care.finding", AuditRow.actor == "eva")).all()
    assert [row.region for row in seen] == ["08"]


def test_what_is_not_settled_here(world: World) -> None:
    differing(world)
    (finding,) = findings(world, Cared.DIFFERENCES)
    with pytest.raises(RefusedError, match="ends when"):
        settle(world, finding)
    care = world.office.register_care
    for check, subject in (("nothing", "person:1"), ("unknown_municipality", "person")):
        with pytest.raises((NotFoundError, RefusedError)):
            care.settle(world.anna, check, subject, seen="", why="skäl")


def test_the_board_says_when_it_was_counted(world: World) -> None:
    care = world.office.register_care
    assert all(row.counted_at is None for row in care.board(world.per))
    eva = Actor("eva", "Eva", Role.CASEWORKER, frozenset({"08"}))
    care.count(eva, "letter_dates")
    (row,) = (row for row in care.board(world.per) if row.check == "letter_dates")
    assert row.counted_at is None, "two regions have not been counted"
    world.clock.advance(minutes=1)
    care.count(world.per, "letter_dates")
    (row,) = (row for row in care.board(world.per) if row.check == "letter_dates")
    assert (row.counted_at, row.total) == (world.clock.now, 0)
