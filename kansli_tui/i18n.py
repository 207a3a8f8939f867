"""What people read, in their language: translated messages, dates, ages and numbers.

Message ids are English; the Swedish catalogue is read when first needed, without a compile step. Nothing is translated at
import. Letters do not use this module: they have the recipient's language, not the user's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

LANGUAGES = ("sv", "en")
NO_BREAK = "\N{NO-BREAK SPACE}"

_MONTHS = {
    "sv": ("jan", "feb", "mars", "apr", "maj", "juni", "juli", "aug", "sep", "okt", "nov", "dec"),
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
}
_MONTHS_FULL = {
    "sv": (
        "januari",
        "februari",
        "mars",
        "april",
        "maj",
        "juni",
        "juli",
        "augusti",
        "september",
        "oktober",
        "november",
        "december",
    ),
    "en": (
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
}


@dataclass(slots=True)
class _Chosen:
    language: str = "sv"


_chosen = _Chosen()


class _Values(dict[str, object]):
    """Placeholder values; a missing one stays readable as `{name}` instead of hiding the message behind an error."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


def set_language(code: str) -> None:
    """Choose the language of the screens, 'sv' or 'en'; ValueError for any other."""
    if code not in LANGUAGES:
        raise ValueError(code)
    _chosen.language = code


def language() -> str:
    """The chosen language, 'sv' or 'en'."""
    return _chosen.language


def _(message: str, /, **values: object) -> str:
    """The message in the chosen language, its `{placeholders}` filled; an unknown id is shown as it stands."""
    text = message
    if _chosen.language != "en":
        text = catalogue(_chosen.language).get(message, message)
    return text.format_map(_Values(values)) if values else text


def later(message: str, /) -> str:
    """Marks a message id that stands in a table and is translated with `_` when it is shown."""
    return message


def n_(one: str, many: str, count: int, /, **values: object) -> str:
    """The form for `count`, which also fills `{count}` (written with spaces between thousands)."""
    form = one if count == 1 else many
    return _(form, **{"count": number(count), **values})


@cache
def catalogue(code: str) -> Mapping[str, str]:
    """Message id → translation, from the language's catalogue. A plural entry counts as two messages."""
    from babel.messages.pofile import read_po  # noqa: PLC0415 - babel loads when a screen first speaks

    path = files("kansli_tui").joinpath("locale", code, "LC_MESSAGES", "kansli.po")
    with path.open("rb") as stream:
        entries = read_po(stream, locale=code)
    known: dict[str, str] = {}
    for entry in entries:
        ids = (entry.id,) if isinstance(entry.id, str) else tuple(entry.id)
        texts = (entry.string,) if isinstance(entry.string, str) else tuple(entry.string or ())
        known.update({key: text for key, text in zip(ids, texts, strict=True) if key and text})
    return known


@cache
def _stockholm() -> ZoneInfo:
    return ZoneInfo("Europe/Stockholm")


def local(at: datetime) -> datetime:
    """An aware time as the office's clocks show it (Europe/Stockholm)."""
    return at.astimezone(_stockholm())


def local_day(at: date | datetime) -> date:
    """The office's calendar day of a time; a date is itself."""
    return local(at).date() if isinstance(at, datetime) else at


def clock(at: datetime) -> str:
    """'10:41'."""
    return f"{local(at):%H:%M}"


def day(on: date | datetime, today: date | datetime | None = None) -> str:
    """'3 nov'; with `today` given, the year follows when it is another: '3 nov 2024'."""
    on = local_day(on)
    text = f"{on.day} {_MONTHS[_chosen.language][on.month - 1]}"
    return text if today is None or local_day(today).year == on.year else f"{text} {on.year}"


def day_full(on: date | datetime) -> str:
    """'14 mars 2026'."""
    on = local_day(on)
    return f"{on.day} {_MONTHS_FULL[_chosen.language][on.month - 1]} {on.year}"


def moment(at: datetime, today: date | datetime | None = None) -> str:
    """'3 nov 10:41'."""
    return f"{day(at, today)} {clock(at)}"


def ago(at: date | datetime, now: datetime) -> str:
    """How long since (or until) a time, in one or two words: '12 min', '4 h', '8 dagar', 'i morgon', 'om 5 dagar'.

    A date alone is counted in calendar days.
    """
    days = (local_day(now) - local_day(at)).days
    if days < 0:
        if days == -1:
            return _("tomorrow")
        return _("in {time}", time=_long(-days))
    if isinstance(at, datetime):
        minutes = max(0, int((now - at).total_seconds() // 60))
        if minutes < 60:
            return f"{minutes} min"
        if minutes < 24 * 60:
            return f"{minutes // 60} h"
    return _("today") if days == 0 else _long(days)


def _long(days: int) -> str:
    """'8 dagar'; from a hundred days on months, which take no more room: '21 mån'."""
    if days < 100:
        return n_("{count} day", "{count} days", days)
    months = days * 12 // 365
    return n_("{count} month", "{count} months", months)


def number(value: Decimal | int) -> str:
    """'28 114' or '3,4': no-break spaces between thousands, decimal comma (a point in English)."""
    whole, point, decimals = f"{value:,f}".partition(".") if isinstance(value, Decimal) else (f"{value:,}", "", "")
    comma = "," if _chosen.language == "sv" else "."
    return whole.replace(",", NO_BREAK) + (comma + decimals if point else "")
