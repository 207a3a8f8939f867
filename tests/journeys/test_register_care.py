"""Looking after the register, in the caseworkers' own words: a man who is here twice, and an address that the register does not know."""

from kansli_tui.pathway.register_care import CHECKS
from kansli_tui.pathway.steps import Queue, Step
from kansli_tui.rows.answers import MessageState
from kansli_tui.rows.register_care import HandField
from tests.factories import a_number, register_file, register_row
from tests.world import World

LINKOPING = {"lan": "05", "kommun": "80", "postnr": "58222", "ort": "LINKÖPING", "fornamn": "Bo", "efternamn": "Udd"}
OLD, NEW = a_number(301, "19760301"), a_number(303, "19760301")


def hand_over(world: World, *rows: dict[str, str]) -> None:
    raw = register_file(*(register_row(**{**LINKOPING, **row}) for row in rows))
    made = world.office.population.compare(world.anna, raw, "dagens.csv", changes_only=True)
    world.office.population.accept(world.anna, made.import_id, version=made.version)


def to_do(world: World) -> dict[str, int]:
    """What register care counts, without the zeros."""
    counted = {
        check.code.value: world.office.register_care.count(world.anna, check.code.value).total for check in CHECKS
    }
    return {check: count for check, count in counted.items() if count}


def test_a_man_who_is_here_twice_and_lives_elsewhere_than_the_register_says(world: World) -> None:
    world.paper = False
    office, anna = world.office, world.anna

    # Given a man with an order out, who comes in once more by a new number, before the register says that they are one.
    hand_over(world, {"pnr": OLD})
    bo = office.cases.find(anna, OLD)
    world.act(bo, "offer_now")
    world.post()
    world.clock.advance(minutes=1)
    world.send_orders()
    hand_over(world, {"pnr": NEW})
    twin = office.cases.find(anna, NEW)
    assert to_do(world) == {"possible_duplicates": 1}
    hand_over(world, {"pnr": OLD, "avreg": "GN", "hanvisning": NEW})
    assert to_do(world) == {"possible_duplicates": 1, "held_as_duplicates": 2}

    # Anna compares them. The one with the order is kept, and goes by the number that holds.
    (pair,) = office.register_care.findings(anna, "possible_duplicates")
    assert (pair.person_id, pair.other_id) == (bo, twin)
    seen = office.merging.preview(anna, bo, twin)
    assert seen.one.hinders, "the case with the order cannot be the one that goes"
    assert not seen.other.hinders
    office.merging.merge(
        anna, keep=(bo, seen.one.version), merged=(twin, seen.other.version), take_number=True, why="enligt registret"
    )
    assert to_do(world) == {}
    assert [hit.person_id for number in (OLD, NEW) for hit in office.cases.search(anna, number)] == [bo, bo]

    # He phones: he lives with his sister. The register moves him somewhere else next week; nobody overwrites anything.
    form = office.hand_edits.form(anna, bo)
    sister = {"co": "c/o Ek", "adr2": "Nygatan 2", "postnr": "582 23", "ort": "LINKÖPING"}
    office.hand_edits.edit(
        anna,
        bo,
        version=form.version,
        values={HandField.SPECIAL: {f"sp_{k}": v for k, v in sister.items()}},
        why="ringde",
    )
    hand_over(
        world, {"pnr": NEW, "adr2": "Storgatan 9", "sp_adr2": "Box 1", "sp_postnr": "58101", "sp_ort": "LINKÖPING"}
    )
    assert world.case(bo).address == ("c/o Ek", "Nygatan 2", "582 23  LINKÖPING")
    assert to_do(world) == {"differences": 1}
    (difference,) = office.register_care.findings(anna, "differences")
    value = next(one for one in office.hand_edits.form(anna, bo).values if one.edit_id == difference.edit_id)
    assert value.differs is not None
    office.hand_edits.settle(anna, value.edit_id or 0, differs=value.differs, accept=True, why="frågade honom")
    assert world.case(bo).address == ("Box 1", "581 01  LINKÖPING")
    assert to_do(world) == {}

    # The laboratory answers by the number that was on the order, and the answer is his.
    world.clock.advance(days=3)
    taken = world.take(world.message(bo, "0.6", pnr=OLD))
    assert [item.state for item in taken.items] == [MessageState.APPLIED]
    world.confirm(Queue.NORMAL, bo)
    world.post()
    assert (world.step(bo), world.step(twin)) == (Step.NOT_DUE, Step.CLOSED)
    assert world.adds_up()
