"""One doing of each method of targets and the follow-up plan, for the test that every act leaves a line."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from kansli_tui.pathway.follow_up import Direction, Limits, Status
from tests.world import World

_LIMITS = Limits(Direction.AT_LEAST, Decimal(40), Decimal(30))
_OVER, _NEXT = "2026K1", "2026K3"


def follow_up_acts(world: World) -> dict[str, Callable[[], Callable[[], Any]]]:
    """Method → what prepares it and returns the act."""
    plans, targets = world.office.follow_up, world.office.targets

    def add() -> int:
        return plans.add(world.anna, _OVER, "05", area="Deltagande", measure="participated")

    def line(act: Callable[[int], Any]) -> Callable[[], Any]:
        made = add()
        return lambda: act(made)

    def set_target() -> Any:
        return targets.set(
            world.per, measure="participated", region="05", limits=_LIMITS, valid_from=world.today, why="skäl"
        )

    def end_target() -> Callable[[], Any]:
        set_target()
        return lambda: targets.end(world.per, measure="participated", region="05", valid_from=world.today, why="skäl")

    def close(_line: int) -> Any:
        return plans.close(world.per, _OVER, "05", stamp=plans.quarter(world.per, _OVER, "05").stamp)

    return {
        "targets.set": lambda: set_target,
        "targets.end": end_target,
        "follow_up.add": lambda: add,
        "follow_up.edit": lambda: line(lambda made: plans.edit(world.anna, made, version=1, results="fler kom")),
        "follow_up.override": lambda: line(
            lambda made: plans.override(world.per, made, Status.GREEN, version=1, comment="skäl")
        ),
        "follow_up.remove": lambda: line(lambda made: plans.remove(world.per, made, version=1, why="skäl")),
        "follow_up.start": lambda: line(lambda _made: plans.start(world.anna, _NEXT, "05")),
        "follow_up.close": lambda: line(close),
    }


FOLLOW_UP_READS = {"targets.rows", "targets.history", "follow_up.quarter", "follow_up.history"}
"""Limits, counts and what the office has written about them; nobody is in them."""
