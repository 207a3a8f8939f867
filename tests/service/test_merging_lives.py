"""Random lives in which cases are merged and taken apart at any moment: nobody is lost, and who is taken apart stands as he stood."""

import os
from typing import Any

import pytest

from kansli_tui.errors import RefusedError
from kansli_tui.pathway.steps import Step
from kansli_tui.rows.register_care import MergeRow
from tests.service.test_random_lives import Lives, Nothing
from tests.sums import sums_agree
from tests.world import World

SEEDS = int(os.environ.get("KANSLI_LIVES", "1"))


class MergedLives(Lives):
    """Three men more of one region, and two things more that can happen."""

    def __init__(self, world: World, seed: int) -> None:
        super().__init__(world, seed)
        self.men += [world.man() for _ in range(3)]
        self.merges: dict[int, tuple[MergeRow, tuple[Any, ...]]] = {}
        self.merged, self.refused, self.taken_back = 0, 0, 0

    def step(self) -> None:
        match self.die.randrange(6):
            case 0:
                self.merge()
            case 1 if self.merges:
                self.take_back()
            case _:
                super().step()

    def standing(self, person_id: int) -> tuple[Any, ...]:
        person = self.world.person(person_id)
        return (
            person.number,
            person.step,
            person.next_on,
            person.closed_reason,
            person.exclusion_reason,
            person.birth_date,
        )

    def merge(self) -> None:
        """Of some pairs the first that may be merged; else one that may not, which is refused."""
        merging = self.world.office.merging
        for _pair in range(self.die.choice((1, 8))):
            kept, gone = self.die.sample(self.men, 2)
            seen = merging.preview(self.world.per, kept, gone)
            if not seen.refused and not seen.other.hinders:
                break
        before = self.standing(gone)
        sides = (kept, seen.one.version), (gone, seen.other.version)
        take = self.die.random() < 0.5
        self.done.append(f"merge {gone} into {kept}")
        try:
            row = merging.merge(self.actor, keep=sides[0], merged=sides[1], take_number=take, why="slump")
        except RefusedError:
            assert seen.refused or seen.other.hinders, "refused without a reason that was shown"
            self.refused += 1
            return
        assert not seen.refused
        assert not seen.other.hinders
        self.merged += 1
        self.merges[gone] = row, before

    def take_back(self) -> None:
        gone = self.die.choice(list(self.merges))
        row, before = self.merges.pop(gone)
        self.done.append(f"take back {gone}")
        try:
            self.world.office.merging.take_back(self.actor, row.merge_id, why="slump")
        except RefusedError:
            later = [other for other, _before in self.merges.values() if other.merge_id > row.merge_id]
            assert any(other.kept_id == row.kept_id and other.took_number for other in later)
            self.merges[gone] = row, before
            return
        assert self.standing(gone) == before
        self.taken_back += 1

    def look(self) -> None:
        super().look()
        for gone, (row, _before) in self.merges.items():
            assert self.world.step(gone) is Step.CLOSED, "something has happened to a merged case"
            assert self.world.office.cases.find(self.world.per, self.world.person(gone).number) == row.kept_id


@pytest.mark.parametrize("seed", range(SEEDS))
@pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)
def test_merged_and_taken_apart_at_any_moment(world: World, seed: int) -> None:
    lives = MergedLives(world, seed + 5_000)
    for step in range(120):
        try:
            lives.step()
            lives.look()
        except Nothing:
            continue
        except AssertionError as fault:
            raise AssertionError(f"{fault}\nafter:\n" + "\n".join(lives.done[-25:])) from fault
        if step % 30 == 0:
            sums_agree(world)
    sums_agree(world)
    assert lives.merged >= 1
    assert lives.taken_back >= 1
    assert lives.refused >= 1
