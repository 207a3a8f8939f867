"""The simulated register, laboratory and men, each alone: what they hand over is what the office's readers read."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from kansli_tui.exchange.hl7_out import cancel_message, order_message
from kansli_tui.exchange.incoming_file import read_incoming_file
from kansli_tui.exchange.lab_values import psa
from kansli_tui.exchange.population_file import read_population
from kansli_tui.exchange.profile import default_profile
from kansli_tui.invented.people import people
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.rows.cases import CaseAction
from kansli_tui.rows.lab import LabAnswer, Observation, OrderOut
from kansli_tui.rows.letter_states import LetterRow, LetterState
from kansli_tui.rows.population import Protection, RegisterPerson
from kansli_tui.simulation.chance import chance
from kansli_tui.simulation.clock import SimulatedClock
from kansli_tui.simulation.laboratory import Laboratory
from kansli_tui.simulation.men import Men
from kansli_tui.simulation.oru import Ordered, result_of
from kansli_tui.simulation.register import Register

START, UNTIL = date(2024, 1, 1), date(2026, 12, 31)
PROFILE = default_profile()


def a_register(seed: int = 1, men: int = 1_000) -> Register:
    return Register(people(men, seed=seed), seed=seed, start=START, until=UNTIL)


def read(raw: bytes | None) -> list[RegisterPerson]:
    assert raw is not None
    lines = read_population(raw, "file.csv").lines
    assert not [line for line in lines if line.problem]
    return [line.person for line in lines if line.person is not None]


def test_the_register_hands_over_everybody_as_the_office_reads_them() -> None:
    handed_over = read(a_register().hand_over_all())
    assert [person.number for person in handed_over] == [person.number for person in people(1_000, seed=1)]
    assert {person.protection for person in handed_over} == set(Protection)


def test_another_seed_gives_other_people_and_the_same_seed_the_same() -> None:
    assert a_register(1).hand_over_all() == a_register(1).hand_over_all()
    assert a_register(1).hand_over_all() != a_register(2).hand_over_all()


def test_changes_name_each_change_once() -> None:
    register = a_register()
    first, again = (
        register.hand_over_changes(UNTIL - timedelta(days=400)),
        register.hand_over_changes(UNTIL - timedelta(days=400)),
    )
    assert again is None
    later = register.hand_over_changes(UNTIL)
    gone = {person.number for person in read(first) if person.deregistered_code}
    assert gone
    assert not gone & {person.number for person in read(later)}


def test_all_kinds_of_changes_come(crowd_changes: list[RegisterPerson]) -> None:
    codes = Counter(person.deregistered_code for person in crowd_changes)
    assert {"AV", "UV", "OB", "GS", None} <= set(codes)
    assert any(person.county == "01" for person in crowd_changes)
    assert any(person.protection is Protection.CONFIDENTIALITY for person in crowd_changes)


def test_a_new_number_refers_back(crowd_changes: list[RegisterPerson]) -> None:
    numbers = {person.number for person in crowd_changes}
    for person in crowd_changes:
        if person.deregistered_code == "GS":
            assert person.reference_number in numbers


@pytest.fixture(scope="module")
def crowd_changes() -> list[RegisterPerson]:
    return read(a_register(men=8_000).hand_over_changes(UNTIL))


CROWD = list(people(1_000, seed=4))


def an_order(serial: int) -> OrderOut:
    person = CROWD[serial - 1]
    assert person.birth_date is not None
    return OrderOut(
        order_number=f"OPT-2026-{serial:06}",
        identity_number=person.number,
        identity_oid="1.2.752.129.2.1.3.1",
        family=person.family_name,
        given=person.given_names,
        birth_date=person.birth_date,
        street="Vägen 1",
        city="VETLANDA",
        postcode="57431",
        ordered_at=datetime(2026, 1, 5, 9, tzinfo=UTC),
        valid_until=date(2026, 4, 5),
        region="06",
    )


def a_laboratory(folder: Path, orders: int, *, comes: float) -> Laboratory:
    laboratory = Laboratory(1, PROFILE, lambda _order: comes)
    file = folder / "orders.hl7"
    at = datetime(2026, 1, 5, 9, tzinfo=UTC)
    file.write_bytes(
        b"".join(
            order_message(an_order(serial), PROFILE, control_id=f"O{serial}", at=at) for serial in range(1, orders + 1)
        )
    )
    laboratory.receive([str(file), str(folder / "list.csv")], date(2026, 1, 6))
    return laboratory


def answers(raw: bytes | None) -> list[tuple[LabAnswer, Observation]]:
    assert raw is not None
    found = []
    for item in read_incoming_file(raw, "file.hl7", PROFILE).items:
        assert isinstance(item, LabAnswer)
        row = psa(item, PROFILE)
        assert isinstance(row, Observation)
        found.append((item, row))
    return found


def test_the_laboratory_answers_orders_as_the_office_reads_answers(tmp_path: Path) -> None:
    laboratory = a_laboratory(tmp_path, 1_000, comes=1.0)
    found = answers(laboratory.file(date(2026, 12, 31)))
    assert laboratory.samples == 1_000
    assert {f"OPT-2026-{serial:06}" for serial in range(1, 1_001)} <= {item.order_number for item, _row in found}
    statuses = Counter(row.status for _item, row in found)
    assert statuses["F"] > 900
    assert {"X", "P", "C"} <= set(statuses)
    for item, row in found:
        assert item.sampled_at is not None
        assert date(2026, 1, 6) < item.sampled_at.date()
        assert row.status in ("X", "W") or row.value is not None


def test_nothing_is_answered_before_its_day_and_nothing_twice(tmp_path: Path) -> None:
    laboratory = a_laboratory(tmp_path, 50, comes=1.0)
    assert laboratory.file(date(2026, 1, 6)) is None
    assert len(laboratory.unanswered(date(2026, 1, 6))) == 50
    assert laboratory.file(date(2026, 12, 31)) is not None
    assert laboratory.file(date(2026, 12, 31)) is None
    assert laboratory.unanswered(date(2026, 12, 31)) == []


def test_a_cancelled_order_is_not_sampled(tmp_path: Path) -> None:
    laboratory = a_laboratory(tmp_path, 20, comes=1.0)
    file = tmp_path / "cancelled.hl7"
    at = datetime(2026, 1, 6, 9, tzinfo=UTC)
    file.write_bytes(
        b"".join(cancel_message(an_order(serial), PROFILE, control_id=f"C{serial}", at=at) for serial in range(1, 21))
    )
    laboratory.receive([str(file)], date(2026, 1, 6))
    assert laboratory.file(date(2026, 12, 31)) is None


@pytest.mark.parametrize("value", ["0.05", "0.84", "2.95", "3.0", "17.2", "100", "131"])
def test_every_way_of_writing_a_value_reads_as_that_value(tmp_path: Path, value: str) -> None:
    laboratory = Laboratory(1, PROFILE, lambda _order: 0)
    order = Ordered("OPT-2026-000001", "197602039293^^^&1.2.752.129.2.1.3.1&ISO^NI", "Öberg^Åke^^^^^L", "19760203")
    moment = datetime(2026, 2, 2, 7, tzinfo=UTC)
    for draw in range(40):
        result = result_of(Decimal(value), chance(value, draw))
        (item, row), *_rest = answers(laboratory.write(order, result, sampled=moment, reported=moment))
        assert item.sampled_at == moment
        assert row.unit == "ug/L"
        if row.comparator == "<":
            assert Decimal(value) < Decimal("0.1") == row.value
        elif row.comparator == ">":
            assert Decimal(value) > Decimal(100) == row.value
        else:
            assert row.value == Decimal(value)


def a_letter(letter_id: int, kind: LetterType = LetterType.OFFER) -> LetterRow:
    at = datetime(2026, 1, 5, 9, tzinfo=UTC)
    return LetterRow(
        letter_id, letter_id, "06", "19760203-9293", "Öberg, Åke", kind, LetterState.POSTED, at, at.date(), None
    )


def test_half_of_those_who_have_to_call_do_and_they_mostly_come() -> None:
    men = Men(1)
    on = date(2026, 1, 7)
    calls = [men.reply(a_letter(letter_id), on, by_phone=True) for letter_id in range(3_000)]
    accepted = sum(call is not None and call.action is CaseAction.ACCEPT for call in calls)
    assert 0.31 < accepted / 3_000 < 0.49
    order = Ordered("OPT-2026-000001", "197602039293^^^", "Öberg^Åke", "19760203")
    assert men.comes(order, on) > 0.9


def test_participation_grows_with_age_within_what_has_been_published() -> None:
    men = Men(1)
    shares = [
        men.comes(Ordered("1", f"{born}0203{serial}", "", f"{born}0203"), date(2026, 1, 7))
        for serial, born in enumerate((1976, 1966, 1956), start=1000)
    ]
    assert shares == sorted(shares)
    assert 0.35 <= shares[0] < shares[-1] <= 0.47


def test_some_decline_opt_out_wait_and_ask() -> None:
    men = Men(1)
    on = date(2026, 1, 7)
    calls = [men.reply(a_letter(letter_id), on, by_phone=False) for letter_id in range(4_000)]
    actions = Counter(call.action for call in calls if call is not None)
    assert set(actions) == {
        None,
        CaseAction.DECLINE,
        CaseAction.OPT_OUT,
        CaseAction.POSTPONE,
        CaseAction.CLOSE,
    }
    assert all(call is None or (call.on > on and call.on.weekday() < 5) for call in calls)


def test_the_clock_never_goes_backwards() -> None:
    clock = SimulatedClock()
    clock.move_to(date(2026, 7, 1), 12)
    noon = clock()
    clock.move_to(date(2026, 7, 1), 8)
    assert clock() == noon == datetime(2026, 7, 1, 10, tzinfo=UTC)
    clock.work(5)
    assert clock() - noon == timedelta(minutes=5)
