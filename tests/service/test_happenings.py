"""The timeline in words: what the program stores is shown as a label, what a person wrote as it was written."""

import pytest

from kansli_tui import i18n
from kansli_tui.pathway.steps import Queue
from kansli_tui.service.walk import Walk
from tests.service.test_handovers import offer
from tests.world import World


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("reminded", "påmind"),
        ("answered", "Besvarad"),
        ("biopsied", "Biopsi tagen"),
        ("Ringt, väntar på besked", "Ringt, väntar på besked"),
    ],
)
def test_what_ended_a_silence_is_shown_in_swedish(world: World, stored: str, shown: str) -> None:
    man = world.man()
    with world.context.sessions.begin() as session:
        walk = Walk(session, world.anna, world.clock.now, world.context.rules(session))
        person = world.person(man)
        walk.open_task(Queue.CONTACT, f"silent:{man}", region="05", person=person, reason="Tyst")
        session.flush()
        walk.end_silence(person, stored)
    i18n.set_language("sv")
    (line,) = [line for line in world.case(man).timeline if line.kind == "task"]
    assert line.detail == shown


def test_a_hand_over_names_regions_and_not_their_codes(world: World) -> None:
    man = world.man()
    offer(world, man)
    assert any("RÖ→RJL" in line.what for line in world.case(man).timeline)
