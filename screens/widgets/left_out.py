"""Why people are left out of something done together, as services count it: 'reason (3)' with the reason a message id."""

from kansli_tui.i18n import _


def counted_words(text: str) -> str:
    """The reason in the chosen language, with its count."""
    reason, parenthesis, count = text.rpartition(" (")
    return f"{_(reason)} ({count}" if parenthesis else _(text)
