"""Which block stands where on which page: pure arithmetic on heights, so that nothing is clipped or left alone."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from kansli_tui.errors import LetterError


class Measured(Protocol):
    """What is placed: its height and the space above it in points, and whether it must stay with the next one."""

    @property
    def height(self) -> float: ...  # noqa: D102 - named in the class docstring
    @property
    def before(self) -> float: ...  # noqa: D102
    @property
    def keep(self) -> bool: ...  # noqa: D102


T = TypeVar("T", bound=Measured)


def paginate(blocks: Sequence[T], first: float, following: float) -> list[list[tuple[T, float]]]:
    """Place blocks on pages from the top.

    Args:
        blocks: in reading order.
        first: the height of the column on the first page, in points.
        following: the height on every later page.

    Returns:
        For each page, the blocks with the distance from the column's top to the block's top.

    Raises:
        LetterError: a block, with those it must stay with, is taller than a page.
    """
    pages: list[list[tuple[T, float]]] = [[]]
    used, room = 0.0, first
    for index, block in enumerate(blocks):
        above = block.before if pages[-1] else 0.0
        if pages[-1] and used + above + _chain(blocks, index) > room:
            pages.append([])
            used, room, above = 0.0, following, 0.0
        if used + above + block.height > room:
            raise LetterError("A block of the letter is taller than the page. Shorten the text.")
        pages[-1].append((block, used + above))
        used += above + block.height
    return pages


def _chain(blocks: Sequence[Measured], index: int) -> float:
    """The height of a block together with those that may not be parted from it."""
    height = blocks[index].height
    while blocks[index].keep and index + 1 < len(blocks):
        index += 1
        height += blocks[index].before + blocks[index].height
    return height
