"""The question for a prostate volume in ml, as people write it."""

import re
from decimal import Decimal

from textual.widgets import Input

from kansli_tui.i18n import _
from screens.asking import AskTyped
from screens.widgets.field import Field

_VOLUME = re.compile(r"([0-9]{1,4})(?:[.,]([0-9]{1,2}))?(?: ?(?:ml|cm3|cm³|cc))?", re.IGNORECASE)
_LARGEST = Decimal(1000)


def parse_volume(typed: str) -> Decimal | None:
    """'42', '42,5' or '42.5 ml' in ml; None for anything else, for zero, and above a litre."""
    read = _VOLUME.fullmatch(typed.strip())
    if read is None:
        return None
    volume = Decimal(f"{read[1]}.{read[2]}" if read[2] else read[1])
    return volume if 0 < volume <= _LARGEST else None


def wrong_volume() -> str:
    """What a volume looks like."""
    return _("Write the volume in ml, above 0 and at most 1000, for example 42 or 42,5.")


class AskVolume(AskTyped[Decimal]):
    """A volume above zero."""

    def __init__(self, title: str, lines: tuple[str, ...] = ()) -> None:
        super().__init__(title, lines, text=_("Volume in ml, for example 42,5"))

    def field(self) -> Input:
        """A short field."""
        return Field(id="text", max_length=12)

    def answer(self) -> Decimal | None:
        """The volume."""
        volume = parse_volume(self.typed)
        if volume is None:
            self.wrong(wrong_volume())
        return volume
