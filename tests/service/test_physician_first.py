"""A new offer instead of urology after a grave finding is a physician's to decide."""

from dataclasses import replace

import pytest

from kansli_tui.errors import RefusedError
from kansli_tui.pathway.referrals import ReferralEvent, ReferralKind
from kansli_tui.pathway.steps import Queue, Step
from kansli_tui.rows.office import Role
from tests.service.unit_help import at_urology, referred
from tests.world import World


@pytest.fixture
def man(world: World) -> int:
    """PI-RADS 4, and urology has sent the referral back."""
    man = at_urology(world, referred(world))
    row = world.referral(man, ReferralKind.UROLOGY)
    world.office.referrals.note(world.anna, row.id, ReferralEvent.DECLINED, version=row.version_id, note="Vill inte")
    assert world.step(man) is Step.UROLOGY_TO_RESOLVE
    return man


def test_a_caseworker_asks_the_physician_first(world: World, man: int) -> None:
    assert "new_offer_later" in world.case(man).actions
    with pytest.raises(RefusedError, match="physician"):
        world.act(man, "new_offer_later", reason="Vill inte")
    world.office.cases.ask_physician(world.anna, man, "Vill inte ta biopsi, PI-RADS 4. Nytt erbjudande?")
    with pytest.raises(RefusedError, match="physician"):
        world.act(man, "new_offer_later", reason="Vill inte")
    (task,) = world.office.queues.page(world.anna, Queue.MEDICAL)
    world.office.queues.finish(world.per, task.task_id, "Ja, talat med honom")
    world.act(man, "new_offer_later", reason="Vill inte")
    assert world.step(man) is Step.ANSWER_LETTER_TO_POST


def test_a_physician_decides_at_once(world: World, man: int) -> None:
    lena = replace(world.anna, role=Role.PHYSICIAN)
    case = world.case(man)
    world.office.cases.act(lena, man, "new_offer_later", version=case.version, reason="Talat med honom")
    assert world.step(man) is Step.ANSWER_LETTER_TO_POST
