"""The letter texts that come with the program: `texts/<name>.<language>.txt`, each with its version in the first line.

Versions that letters have been posted with, and that have been replaced since, stay as `earlier_texts/<name>.<language>.<version>.txt`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

from kansli_tui.errors import LetterError
from kansli_tui.pathway.letter_types import LetterType
from reports.templates import assemble


@dataclass(frozen=True, slots=True)
class DeliveredText:
    """One text file. `name` is a letter type's value, or "shared_" and the name of a part."""

    name: str
    language: str
    version: str
    body: str


@cache
def delivered_texts() -> dict[tuple[str, str], DeliveredText]:
    """Every delivered text by name and language. LetterError when a file does not begin with its version."""
    return {(text.name, text.language): text for text in _read()}


def delivered_text(letter_type: LetterType, language: str) -> tuple[str, str]:
    """A delivered letter with its shared parts: its version and the whole text. LetterError when there is none."""
    texts = delivered_texts()

    def lookup(name: str) -> tuple[str, str]:
        try:
            found = texts[name, language]
        except KeyError:
            raise LetterError("There is no letter text {name} in {language}.", name=name, language=language) from None
        return found.version, found.body

    return assemble(letter_type.value, lookup)


@cache
def earlier_texts() -> tuple[DeliveredText, ...]:
    """Every delivered text that a newer version has replaced, the oldest version first."""
    folder = resources.files("reports").joinpath("earlier_texts")
    return tuple(sorted(map(_text, folder.iterdir()), key=lambda text: (text.name, text.language, text.version)))


def _read() -> Iterator[DeliveredText]:
    for file in sorted(resources.files("reports").joinpath("texts").iterdir(), key=lambda file: file.name):
        yield _text(file)


def _text(file: Traversable) -> DeliveredText:
    name, language = file.name.split(".")[:2]
    version, _line, body = file.read_text(encoding="utf-8").partition("\n")
    if not re.fullmatch(r"[0-9]{4}-[0-9]+", version):
        raise LetterError(
            'The letter text {file} must begin with its version, such as "2026-1".', file=f"{name}.{language}"
        )
    return DeliveredText(name, language, version, body)
