"""The keys of `case --json` about the MRI: null until a person has confirmed, then exactly what was confirmed."""

import json
from decimal import Decimal

import pytest

from kansli_tui.cli.common import print_json
from kansli_tui.cli.show import case_json
from tests.world import World


def test_the_mri_is_null_until_a_person_has_confirmed_it(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.paper = False
    man = world.raised("4.5")
    assert case_json(world.case(man))["mri"] is None
    world.refer(man)
    world.clock.advance(days=3)
    world.mri(man, (3,), "30")
    assert case_json(world.case(man))["mri"] is None
    (row,) = world.office.examinations.mri_rows(world.anna)
    world.office.examinations.confirm_mri(
        world.anna, row.decision_id, version=row.version, pirads=3, volume_ml=Decimal(30)
    )
    assert case_json(world.case(man))["mri"] == {"pirads": 3, "volume_ml": Decimal(30), "density": Decimal("0.15")}
    print_json(case_json(world.case(man)))
    written = json.loads(capsys.readouterr().out)
    assert written["mri"] == {"pirads": 3, "volume_ml": "30", "density": "0.15"}
