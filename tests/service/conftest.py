"""Tests of services: letters are checked but not set, except where a test asks for paper."""

import pytest

from tests.world import World


@pytest.fixture
def world(world: World) -> World:
    world.paper = False
    return world
