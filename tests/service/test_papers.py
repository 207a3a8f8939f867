"""Papers beside the letters: forwarding for protected people, and a question to a physician."""

from pathlib import Path

import pytest

from kansli_tui.errors import RefusedError
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.steps import Queue
from kansli_tui.rows.population import Protection
from tests.reports.pdf_reading import page_texts
from tests.world import World


def test_a_protected_persons_letter_gets_its_cover_note_and_inner_envelope(world: World, tmp_path: Path) -> None:
    man = world.man(protection=Protection.CONFIDENTIALITY)
    world.act(man, "offer_now")
    made = world.office.letters.make_batch(world.anna, region="05", type=LetterType.OFFER, by_hand=True)
    (path,) = world.office.papers.forwarding(world.anna, made.batch_id, tmp_path)
    person = world.person(man)
    assert person.number not in path.name
    assert person.family_name.casefold() not in path.name.casefold()
    cover, inner = page_texts(path.read_bytes())
    assert "Box 2820" in cover
    assert "403 20" in cover
    assert person.family_name in inner
    assert person.number[-4:] in inner
    assert "prostat" not in (cover + inner).casefold()
    assert "letter.forwarding" in world.audit(man)


def test_other_letters_are_not_forwarded(world: World, tmp_path: Path) -> None:
    world.act(world.man(), "offer_now")
    made = world.office.letters.make_batch(world.anna, region="05", type=LetterType.OFFER)
    with pytest.raises(RefusedError, match="protected people"):
        world.office.papers.forwarding(world.anna, made.batch_id, tmp_path)
    assert list(tmp_path.glob("formedling*")) == []


def test_a_question_stands_on_paper_with_what_is_known(world: World, tmp_path: Path) -> None:
    man = world.raised("4.5")
    world.refer(man)
    world.mri(man, (3,), "40")
    (row,) = world.office.examinations.mri_rows(world.anna)
    world.office.examinations.confirm_mri(
        world.anna, row.decision_id, version=row.version, pirads=3, volume_ml=row.volume_ml
    )
    world.office.cases.ask_physician(world.anna, man, "Ska han biopseras?")
    (task,) = world.office.queues.page(world.anna, Queue.MEDICAL)
    path = world.office.papers.physician_question(world.anna, task.task_id, tmp_path)
    text = " ".join(page_texts(path.read_bytes()))
    for shown in ("Ska han biopseras?", "4,5", "40", world.person(man).family_name):
        assert shown in text
    world.office.queues.finish(world.anna, task.task_id, outcome="Nej")
    with pytest.raises(RefusedError, match="Only an open question"):
        world.office.papers.physician_question(world.anna, task.task_id, tmp_path)
