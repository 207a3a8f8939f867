"""Text from outside as text: no markup is ever read from it, and nothing invisible stays invisible."""

import unicodedata

from rich.text import Text

_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def visible(text: object, *, lines: bool = False) -> str:
    """The text with control, direction and other invisible characters replaced; line breaks are kept when `lines`."""
    return "".join(
        character if (lines and character == "\n") or unicodedata.category(character) not in _HIDDEN else REPLACEMENT
        for character in str(text)
    )


def plain(text: object, style: str = "", *, lines: bool = False) -> Text:
    """A rich Text that shows exactly what it says; what is appended to it has a style of its own."""
    return Text().append(visible(text, lines=lines), style)


def right(text: object, style: str = "") -> Text:
    """A cell with its text at the right, for numbers."""
    return Text(visible(text), style, justify="right")
