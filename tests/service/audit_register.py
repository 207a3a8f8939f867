"""One doing of each method of the exports to the quality register, for the test that every act leaves a line."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.world import World


def register_acts(world: World, folder: Path) -> dict[str, Callable[[], Callable[[], Any]]]:
    """Method → what prepares it and returns the act."""
    register = world.office.quality_register
    return {
        "quality_register.check": lambda: lambda: register.check(world.anna, "05"),
        "quality_register.export": lambda: lambda: register.export(world.per, "05", folder, recipient="registret"),
        "quality_register.versions": lambda: lambda: register.versions(world.anna, "05"),
    }
