"""People whom the register does not pick are added by request, with a reason, and walk the same way as everybody."""

import pytest

from kansli_tui.errors import InvalidIdentityError, NotAllowedError, RefusedError
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.steps import Step
from kansli_tui.rows.office import Actor
from kansli_tui.rows.register import ChangeKind
from tests.factories import a_number, register_file, register_row
from tests.world import World

NUMBER = a_number(102, "19740506")
"""A number whose serial the register reads as a woman's."""
ADDRESS = {"adr2": "Storgatan 1", "postnr": "58222", "ort": "LINKÖPING"}


def ask(world: World, *, number: str = NUMBER, region: str = "05", reason: str = "Har prostata, ringde själv") -> int:
    return world.office.requests.add(
        world.anna, number=number, region=region, given="Kim", family="Ek", address=ADDRESS, reason=reason
    )


def test_a_person_added_by_request_is_offered_whatever_the_sex_digit_says(world: World) -> None:
    kim = ask(world)
    assert world.step(kim) is Step.NOT_DUE
    assert "person.add" in world.audit(kim)
    world.offer(kim, born=(1974,))
    assert LetterType.OFFER in [kind for kind, _state in world.letters(kim)]
    assert world.adds_up()


def test_the_register_does_not_take_him_out_again(world: World) -> None:
    kim = ask(world)
    raw = register_file(register_row(pnr=NUMBER, kon="K", fornamn="Kim", efternamn="Ek", lan="05", kommun="80"))
    made = world.office.population.compare(world.anna, raw, "fil.csv")
    world.office.population.accept(world.anna, made.import_id, version=made.version)
    assert made.counts.get(ChangeKind.NEW, 0) == 0
    assert world.step(kim) is Step.NOT_DUE


def test_what_is_refused(world: World) -> None:
    ask(world)
    with pytest.raises(RefusedError, match="already"):
        ask(world)
    with pytest.raises(RefusedError, match="why"):
        ask(world, number=a_number(104, "19740506"), reason=" ")
    with pytest.raises(RefusedError, match="Age 25"):
        ask(world, number=a_number(104, "20010506"))
    with pytest.raises(InvalidIdentityError):
        ask(world, number="7405061234")
    one_region = Actor("jkp", "Jenny", world.anna.role, frozenset({"06"}))
    with pytest.raises(NotAllowedError):
        world.office.requests.add(
            one_region, number=a_number(104, "19740506"), region="05", given="A", family="B", address={}, reason="x"
        )
