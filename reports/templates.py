"""The letter texts: read from `texts/<type>.<language>.txt`, and filled with one letter's values.

A text file is plain: the first line is its version, then `# title`, `## heading`, paragraphs, `- ` list items, `> `
lines of the message box, and `@part` for the lines of `shared_<part>.<language>.txt`. `{name}` stands for a value. A block that starts with `[name]` is there only when the
letter has that value, with `[!name]` only when it has not. Filling is one pass of plain replacement: a value that
itself looks like a placeholder stays as it is.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources

from kansli_tui.errors import LetterError
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.rows.letters import VALUE_RULES, LetterContent, RegionOffice
from reports.labels import labels
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
class Template:
    """A letter text as written."""

    version: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """A block filled in. `shared`: the same in every letter of the region, so it need be laid out only once."""

    kind: Kind
    text: str
    shared: bool


def template_version(letter_type: LetterType, language: str) -> str:
    """The version of the text that is installed now; a letter is prepared with it and refuses to print with another."""
    return load(letter_type, language).version


@cache
def load(letter_type: LetterType, language: str) -> Template:
    """The text of a letter type.

    Raises:
        LetterError: no letters in that language, or the file breaks the format.
    """
    labels(language)
    versions: list[str] = []
    lines = _lines(letter_type.value, language, versions)
    # A shared part that changes makes another letter, so its version counts.
    return Template("+".join(versions), parse(lines, VALUE_RULES[letter_type].known))


def _lines(name: str, language: str, versions: list[str]) -> list[str]:
    """The lines of a text file, shared parts put in; adds the version of each file read to `versions`."""
    source = resources.files("reports").joinpath("texts", f"{name}.{language}.txt").read_text(encoding="utf-8")
    version, *lines = source.splitlines()
    if not re.fullmatch(r"[0-9]{4}-[0-9]+", version):
        raise LetterError(
            'The letter text {file} must begin with its version, such as "2026-1".', file=f"{name}.{language}"
        )
    versions.append(version)
    out: list[str] = []
    for line in lines:
        if line.startswith("@"):
            out += _lines(f"shared_{line[1:].strip()}", language, versions)
        else:
            out.append(line)
    return out


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
        LetterError: a value is missing, unknown or of the wrong kind, or the text has another version.
    """
    template = load(letter.type, letter.language)
    if letter.template_version != template.version:
        raise LetterError(
            "The letter was prepared with text version {prepared}, but version {installed} is installed. Prepare it again.",
            prepared=letter.template_version,
            installed=template.version,
        )
    values = format_values(letter)
    shown = values | region_values(letter.region, letter.language)
    return tuple(
        Piece(block.kind, fill(block.text, shown), shared=not (block.names & values.keys()))
        for block in template.blocks
        if not block.condition or (block.condition in values) is not block.absent
    )


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
