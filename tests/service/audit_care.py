"""One doing of each method of register care, for the test that every act leaves a line."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import update

from db.models import HandEdit
from kansli_tui.rows.register_care import HandField
from tests.world import World


def care_acts(world: World) -> dict[str, Callable[[], Callable[[], Any]]]:
    """Method → what prepares it and returns the act."""
    care, hand, merging = world.office.register_care, world.office.hand_edits, world.office.merging

    def edit(man: int, family: str = "Ek") -> Any:
        values = {HandField.FAMILY: {"family_name": family}}
        return hand.edit(world.anna, man, version=world.person(man).version_id, values=values, why="ringde")

    def by_hand(act: Callable[[int], Any]) -> Callable[[], Any]:
        man = world.man()
        return lambda: act(man)

    def difference() -> Callable[[], Any]:
        man = world.man()
        edit(man)
        with world.context.sessions.begin() as session:
            session.execute(update(HandEdit).values(differs={"family_name": "Ny"}, differs_at=world.clock.now))
        (shown,) = care.findings(world.anna, "differences")
        assert shown.edit_id is not None
        edit_id = shown.edit_id
        return lambda: hand.settle(world.anna, edit_id, differs={"family_name": "Ny"}, accept=True, why="skäl")

    def settle() -> Callable[[], Any]:
        world.man(municipality="")
        (shown,) = care.findings(world.anna, "unknown_municipality")
        return lambda: care.settle(world.anna, shown.check, shown.subject, seen=shown.fingerprint, why="skäl")

    def two(act: Callable[[int, int], Any]) -> Callable[[], Any]:
        one, other = world.man(), world.man()
        return lambda: act(one, other)

    def merge(one: int, other: int) -> Any:
        return merging.merge(world.anna, keep=(one, 1), merged=(other, 1), take_number=False, why="skäl")

    def merged(act: Callable[[Any], Any]) -> Callable[[], Any]:
        row = merge(world.man(), world.man())
        return lambda: act(row)

    return {
        "register_care.count": lambda: lambda: care.count(world.anna, "letter_dates"),
        "register_care.findings": lambda: by_hand(lambda _man: care.findings(world.anna, "letter_dates")),
        "register_care.settle": settle,
        "hand_edits.form": lambda: by_hand(lambda man: hand.form(world.anna, man)),
        "hand_edits.edit": lambda: by_hand(edit),
        "hand_edits.settle": difference,
        "merging.preview": lambda: two(lambda one, other: merging.preview(world.anna, one, other)),
        "merging.merge": lambda: two(merge),
        "merging.take_back": lambda: merged(lambda row: merging.take_back(world.anna, row.merge_id, why="skäl")),
        "merging.rows": lambda: merged(lambda row: merging.rows(world.anna, row.kept_id)),
    }
