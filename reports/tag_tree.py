"""The part of a file's structure tree that belongs to one letter: what each marked piece is, and the way back from its mark.

Letters with one layout have the same part but for the numbers of its objects, so it is made once, with the numbers left open.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby


@dataclass(frozen=True, slots=True)
class Tag:
    """What a piece of a page is, for readers that speak: a standard structure type ("P", "H1", "LI").

    `page` counts from 0 within the letter, `mark` is the marked content on that page.
    """

    type: str
    page: int
    mark: int


@dataclass(frozen=True, slots=True)
class TagPlan:
    """A letter's objects with their numbers left open.

    `template` has a line per object: the letter's title, then a number wherever one stands. `offsets` are those numbers
    counted from the letter's first page; `pages` come first, then the letter's own element, then the others.
    `marks` are the offsets of the lists that lead back from each page's marks.
    """

    pages: int
    template: str
    offsets: tuple[int, ...]
    size: int
    marks: tuple[int, ...]


def tag_plan(tags: Sequence[Tag], pages: int, document: int, language: str) -> TagPlan:
    """The plan for pieces in reading order; list items that follow each other become one list.

    Args:
        tags: every marked piece; on each page their marks count from 0 in this order.
        pages: how many pages the letter has.
        document: the number of the element that all letters hang under.
        language: of the letter ("sv-SE").
    """
    letter = pages
    first = letter + 1
    following = first + len(tags)
    objects: list[tuple[str, tuple[int, ...]]] = []
    wrappers: list[tuple[str, tuple[int, ...]]] = []
    kids: list[int] = []
    for listed, group in groupby(enumerate(tags, start=first), key=lambda numbered: numbered[1].type == "LI"):
        pieces = list(group)
        if listed:
            whole, items = following, range(following + 1, following + 1 + len(pieces))
            following += 1 + len(pieces)
            kids.append(whole)
            wrappers.append((f"<</S/L/P %d 0 R/K[{_open(len(items))}]>>", (letter, *items)))
            wrappers += [("<</S/LI/P %d 0 R/K %d 0 R>>", (whole, number)) for number, _ in pieces]
        else:
            kids += [number for number, _ in pieces]
            items = range(letter, letter + 1)
        for place, (_number, tag) in enumerate(pieces):
            above, kind = (items[place], "LBody") if listed else (letter, tag.type)
            objects.append((f"<</S/{kind}/P %d 0 R/Pg %d 0 R/K {tag.mark}>>", (above, tag.page)))
    back = [[number for number, tag in enumerate(tags, start=first) if tag.page == page] for page in range(pages)]
    own = (f"<</S/Sect/T(%s)/P {document} 0 R/Lang({language})/K[{_open(len(kids))}]>>", tuple(kids))
    whole_part = [own, *objects, *wrappers, *((f"[{_open(len(numbers))}]", tuple(numbers)) for numbers in back)]
    return TagPlan(
        pages,
        "\n".join(text for text, _ in whole_part),
        tuple(offset for _, offsets in whole_part for offset in offsets),
        len(whole_part),
        tuple(range(following, following + pages)),
    )


def _open(count: int) -> str:
    return " ".join(["%d 0 R"] * count)
