"""Every error the program raises on purpose. The message is an English message id; screens and the CLI translate it.

Personal data never goes into a message: a line number, an order number or a count says enough.
"""


class KansliError(Exception):
    """Base of all expected errors: `message` is a translatable message id, `values` fill its placeholders.

    `message % values` style is `str.format`: KansliError("Line {line} has no number", line=3).
    """

    def __init__(self, message: str, **values: object) -> None:
        super().__init__(message.format(**values) if values else message)
        self.message = message
        self.values = values


class InvalidIdentityError(KansliError):
    """A personal identity number that the rules of identity refuse."""


class UnreadableFileError(KansliError):
    """A file that cannot be read at all: wrong format, wrong character set, no heading."""


class RefusedError(KansliError):
    """The rules do not allow this action now."""


class ChangedBySomeoneElseError(KansliError):
    """What was acted on has been changed since it was shown."""


class NotAllowedError(KansliError):
    """The signed-in person lacks the right."""


class NotFoundError(KansliError):
    """Nothing in the register matches."""


class RuleSetError(KansliError):
    """A rule set file that does not hold together."""


class LetterError(KansliError):
    """A letter that cannot be set as it stands: a missing glyph, an address that does not fit."""


class StorageError(KansliError):
    """The database could not take or give something: a full disk, a lock, a lost connection. Nothing was half saved."""
