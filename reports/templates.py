"""Letter texts: put together, parsed, and filled with one letter's values.

A text is plain: `# title`, `## heading`, paragraphs, `- ` list items, `> ` lines of the message box, and `@part` for the
lines of the shared text `shared_<part>`. `{name}` stands for a value. A block that starts with `[name]` is there only when
the letter has that value, with `[!name]` only when it has not. Filling is one pass of plain replacement: a value that
itself looks like a placeholder stays as it is.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from kansli_tui.errors import LetterError
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.rows.letters import VALUE_RULES, LetterContent, RegionOffice
from reports.text import NO_BREAK, clean, keep_together
from reports.values import format_values

REGION_NAMES = frozenset({"region", "office", "phone", "hours", "web"})
"""Names every text may use; they come from the region, not from `values`."""
SAMPLING_TYPES = frozenset(
    {
        LetterType.OFFER,
        LetterType.OFFER_AFTER_NO_SAMPLE,
        LetterType.OFFER_AFTER_INTERVAL,
        LetterType.REPEAT_SAMPLE,
    }
)
"""Letters that send the person to a sampling place, and so list the places."""

SHARED = "shared_"
"""Before the name of a text that others take in."""

_NAME = re.compile(r"\{([a-z_]+)\}")
_CONDITION = re.compile(r"\[(!?)([a-z_]+)\]\s*")


class Kind(StrEnum):
    """What a block of text is."""

    TITLE = "title"
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    BOX = "box"


_MARKS = (("## ", Kind.HEADING), ("# ", Kind.TITLE), ("- ", Kind.ITEM), ("> ", Kind.BOX))


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a text file. `condition` is the value's name, "" for always; `absent` turns it round."""

    kind: Kind
    text: str
    condition: str = ""
    absent: bool = False

    @property
    def names(self) -> frozenset[str]:
        """The placeholders in the text."""
        return frozenset(_NAME.findall(self.text))


@dataclass(frozen=True, slots=True)
class Piece:
    """A block filled in. `shared`: the same in every letter of the region, so it need be laid out only once."""

    kind: Kind
    text: str
    shared: bool


Lookup = Callable[[str], tuple[str, str]]
"""From a text's name ("offer", "shared_sampling") to its version and its body."""


def assemble(name: str, lookup: Lookup) -> tuple[str, str]:
    """A text with its shared parts put in: the version of each text used, in order ("2026-1+06:2026-2"), and the whole.

    A shared part that changes makes another letter, so its version counts. What `lookup` raises goes on.

    Raises:
        LetterError: a part that holds itself.
    """
    versions: list[str] = []
    lines = _assembled(name, lookup, versions, ())
    return "+".join(versions), "\n".join(lines)


def _assembled(name: str, lookup: Lookup, versions: list[str], inside: tuple[str, ...]) -> list[str]:
    if name in inside:
        raise LetterError("The letter text {name} holds itself. Take the line @{part} out.", name=name, part=name)
    version, body = lookup(name)
    versions.append(version)
    out: list[str] = []
    for line in body.splitlines():
        if line.startswith("@"):
            out += _assembled(f"{SHARED}{line[1:].strip()}", lookup, versions, (*inside, name))
        else:
            out.append(line)
    return out


@lru_cache(maxsize=256)
def read_text(text: str, letter_type: LetterType) -> tuple[Block, ...]:
    """The blocks of a whole text. LetterError when it breaks the format or names a value that no letter of the type has."""
    blocks = parse(text.splitlines(), VALUE_RULES[letter_type].known)
    if sum(block.kind is Kind.TITLE for block in blocks) != 1 or blocks[0].kind is not Kind.TITLE:
        raise LetterError("The letter text must begin with one title: a line with # before it.")
    return blocks


def parse(lines: Iterable[str], known: frozenset[str]) -> tuple[Block, ...]:
    """The blocks of a letter text; `known` are the value names it may use besides those of the region.

    Raises:
        LetterError: a placeholder or condition that no letter of the type fills.
    """
    blocks: list[Block] = []
    open_block: list[str] = []
    for line in (*lines, ""):
        starts = any(line.startswith(mark) for mark, _ in _MARKS)
        inside_box = bool(open_block) and open_block[0].startswith("> ") and line.startswith("> ")
        if open_block and not inside_box and (starts or not line.strip()):
            blocks.append(_block(open_block, known))
            open_block = []
        if line.strip():
            open_block.append(line.strip())
        if line.startswith("#"):
            blocks.append(_block(open_block, known))
            open_block = []
    return tuple(blocks)


def _block(lines: list[str], known: frozenset[str]) -> Block:
    mark, kind = next(((m, k) for m, k in _MARKS if lines[0].startswith(m)), ("", Kind.PARAGRAPH))
    text = ("\n" if kind is Kind.BOX else " ").join(line.removeprefix(mark) for line in lines)
    found = _CONDITION.match(text)
    if found:
        text = text[found.end() :]
    text = text.replace(" µg/l", f"{NO_BREAK}µg/l")
    block = Block(kind, text, condition=found[2] if found else "", absent=bool(found and found[1]))
    unknown = (block.names | ({block.condition} - {""})) - known - REGION_NAMES
    if unknown or set("{}") & set(_NAME.sub("", text)):
        raise LetterError(
            "The letter text has a placeholder no letter fills: {names}", names=", ".join(sorted(unknown)) or "{ }"
        )
    return block


def compose(letter: LetterContent) -> tuple[Piece, ...]:
    """The letter's text in order, filled with its values.

    Raises:
        LetterError: a value is missing, unknown or of the wrong kind, or the text breaks the format.
    """
    values = format_values(letter)
    shown = values | region_values(letter.region, letter.language)
    ready = _ready(letter.text, letter.type, letter.region, letter.language, frozenset(values))
    return tuple(piece or Piece(block.kind, fill(block.text, shown), shared=False) for block, piece in ready)


@lru_cache(maxsize=256)
def _ready(
    text: str, letter_type: LetterType, region: RegionOffice, language: str, names: frozenset[str]
) -> tuple[tuple[Block, Piece | None], ...]:
    """The blocks of letters that have these values; with its piece each one that is the same in all of them."""
    shown = region_values(region, language)
    return tuple(
        (block, None if block.names & names else Piece(block.kind, fill(block.text, shown), shared=True))
        for block in _chosen(text, letter_type, names)
    )


def chosen_blocks(letter: LetterContent) -> tuple[Block, ...]:
    """The blocks of the letter's text whose conditions its values meet."""
    return _chosen(letter.text, letter.type, frozenset(letter.values))


def _chosen(text: str, letter_type: LetterType, names: frozenset[str]) -> tuple[Block, ...]:
    return tuple(
        block
        for block in read_text(text, letter_type)
        if not block.condition or (block.condition in names) is not block.absent
    )


def lost_values(text: str, letter_type: LetterType) -> frozenset[str]:
    """Values that every letter of the type has, and that some letter would not show: a result without its number, a call without its time."""
    rules = VALUE_RULES[letter_type]
    lost: set[str] = set()
    for one in rules.one_of or {""}:
        always = rules.required | ({one} - {""})
        for names in (always, always | rules.optional):
            lost |= always.difference(*(block.names for block in _chosen(text, letter_type, names)))
    return frozenset(lost)


@lru_cache(maxsize=64)
def region_values(region: RegionOffice, language: str) -> dict[str, str]:
    """What the region's placeholders stand for in a letter of that language."""
    return {
        "region": clean(region.name),
        "office": clean(region.office_name),
        "phone": keep_together(clean(region.phone)),
        "hours": clean(region.hours_en if language == "en" and region.hours_en else region.hours),
        "web": clean(region.web),
    }


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with each `{name}` replaced, in one pass."""
    return _NAME.sub(lambda match: values[match[1]], text)
