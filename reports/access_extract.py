"""The access extract on paper, in Swedish, for the person it is about. Set from an `AccessExtract` alone.

A character that the font lacks is written out as its code, so that nothing in the extract is lost or stops it. reportlab is loaded
when the first one is set, not at import.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from io import BytesIO
from typing import TYPE_CHECKING

from kansli_tui.i18n import catalogue, clock, local_day, number
from kansli_tui.labels import CONTACTS, label_id
from kansli_tui.letter_labels import LANGUAGE_NAMES
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.referrals import ReferralEvent, ReferralState
from kansli_tui.pathway.ruleset import Outcome
from kansli_tui.pathway.steps import ClosedReason, ExclusionReason
from kansli_tui.rows.access_extract import AccessExtract, Entry, Value
from kansli_tui.rows.letters import RegionOffice
from kansli_tui.rows.office import REGIONS
from reports.access_words import ACTIONS, FIELDS, TITLES, WORDS
from reports.text import NO_BREAK, clean, format_date

if TYPE_CHECKING:
    from reports.paper import Row

_DAY = re.compile("[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")
_TIME = re.compile(rf"{_DAY.pattern}T[0-9]{{2}}:[0-9:.]+[+Z][0-9:]*")
_NUMBER = re.compile(r"[0-9]{1,6}\.[0-9]+")
_LONGEST = 900
"""Characters of one row; a longer text goes on in the next, which may stand on another page."""
_USUAL: Mapping[str, object] = {
    "birth_date_known": True,
    "completed": True,
    "round_number": 0,
    "by_hand": False,
    "blocked": False,
}
"""Facts that are not worth a place when they say what is usual."""


def access_extract_pdf(extract: AccessExtract, office: RegionOffice) -> bytes:
    """The extract as PDF; the same extract gives the same bytes. The file's title names nobody.

    Page one says what it is, how much there is of each kind and what is not in it; every section follows in time order.
    """
    from reports.paper import draw_frame, draw_rows, pages_of  # noqa: PLC0415 - reportlab loads when it is needed
    from reports.press import new_canvas  # noqa: PLC0415

    pages = pages_of(_rows(extract))
    day = format_date(local_day(extract.at), "sv")
    foot = (
        f"{clean(office.name)} · {clean(office.office_name)} · {clean(office.return_address)}",
        f"Telefon {clean(office.phone)} · {clean(office.web)}",
        f"{clean(office.name)} är personuppgiftsansvarig. Innehållet omfattas av sekretess.",
    )
    buffer = BytesIO()
    canvas = new_canvas(buffer, extract.at, "Registerutdrag")
    for count, rows in enumerate(pages, start=1):
        names, dateline = (office.name, office.office_name), (day, "Registerutdrag")
        draw_frame(canvas, names, dateline, foot, (count, len(pages)), extract.invented)
        draw_rows(canvas, rows)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _rows(extract: AccessExtract) -> list["Row"]:
    from reports import styles  # noqa: PLC0415 - reportlab
    from reports.paper import Column, Look, row  # noqa: PLC0415

    glyphs = styles.register_fonts()
    whole, counts, parts = (
        (Column(0, 170),),
        (Column(0, 120), Column(122, 30, right=True)),
        (Column(0, 31), Column(33, 137)),
    )
    log = (Column(0, 31), Column(33, 44), Column(79, 91))
    plain, quiet, bold = Look(9.5), Look(8.5, ink="quiet"), Look(9.5, bold=True)
    heading = Look(12, bold=True, ink="accent")

    def shown(text: str) -> str:
        return printable(text, glyphs)

    out = [
        row(whole, ("Registerutdrag",), Look(20, bold=True, ink="accent")),
        row(whole, (shown(f"{extract.number}  {extract.name}"),), Look(11, bold=True)),
        row(whole, (shown(f"Uttaget {_when(extract.at)} av {extract.made_by}. Skäl: {extract.why}"),), plain, before=4),
    ]
    out += [row(whole, (text,), plain, before=4) for text in _ABOUT]
    out.append(row(counts, ("Det här finns i utdraget", "Antal"), quiet, before=8, keep=True, tinted=True))
    out += [
        row(counts, (TITLES[name], number(len(entries))), plain, ruled=True)
        for name, entries in extract.sections.items()
    ]
    for name, entries in extract.sections.items():
        if entries:
            out.append(row(whole, (TITLES[name],), heading, before=16, keep=True))
        for entry in entries:
            when = _stamp(entry.at) if entry.at is not None else ""
            if name == "log":
                out.append(row(log, (when, shown(_headline(entry)), shown(_who(entry))), plain, ruled=True))
                continue
            facts = [line for fact in _facts(entry, extract) for line in fact.splitlines() if line.strip()]
            out.append(row(parts, (when, shown(_headline(entry))), (plain, bold), before=5, keep=bool(facts)))
            out += [row(parts, ("", piece), plain) for fact in facts for piece in _pieces(shown(fact))]
    return out


_ABOUT = tuple(
    " ".join(part.split())
    for part in [
        "\n    Det här är de uppgifter som kansliet för organiserad prostatacancertestning har registrerat om dig, och vem som har tagit\n    del av dem. Du har rätt till utdraget enligt artikel 15 i dataskyddsförordningen och 8 kap. 5 § patientdatalagen.",
        "    Uppgifterna behövs för att erbjuda dig provtagning, följa upp svaren och visa vad som har gjorts. De sparas i minst tio år.\n    De kommer från folkbokföringen, laboratoriet, mottagningarna och det du själv har sagt. De lämnas till dem som tar prov och\n    undersöker dig, och till kvalitetsregistret om du inte har sagt nej till det.",
        "    Är något fel kan du begära att det rättas. Du kan också klaga hos Integritetsskyddsmyndigheten.",
        "    Kopior av själva breven, remisserna och svaren så som de kom lämnar kansliet ut om du ber om det. Ett tecken som inte kan\n    skrivas ut står som sin kod, till exempel ‹U+4E2D›.\n    ",
    ]
)


def printable(text: str, glyphs: AbstractSet[int]) -> str:
    """The text as one line, each character that the font lacks written out as its code: ‹U+4E2D›."""
    return "".join(
        char if ord(char) in glyphs and (char.isprintable() or char == NO_BREAK) else f"‹U+{ord(char):04X}›"
        for char in unicodedata.normalize("NFC", clean(text))
    )


def _pieces(text: str) -> list[str]:
    """The text in rows that fit a page, parted between words where there are any."""
    pieces = []
    while len(text) > _LONGEST:
        cut = text.rfind(" ", _LONGEST // 2, _LONGEST)
        cut = cut if cut > 0 else _LONGEST
        pieces.append(text[:cut])
        text = text[cut:].lstrip()
    return [*pieces, text]


def _headline(entry: Entry) -> str:
    head = in_swedish("what", entry.what)
    return head[:1].upper() + head[1:]


def _who(entry: Entry) -> str:
    """Who did it, in which role, the act's code and the reason, on one line."""
    facts = entry.facts
    who = [str(facts[key]) for key in ("name", "user") if key in facts]
    words = [" / ".join(who), *(in_swedish(key, facts[key]) for key in ("role", "action", "why") if key in facts)]
    return " · ".join(words)


def _facts(entry: Entry, extract: AccessExtract) -> list[str]:
    """The short facts on a line together, each long text on its own."""
    short: list[str] = []
    long: list[str] = []
    for name, value in entry.facts.items():
        if (name in _USUAL and value == _USUAL[name]) or (name == "region" and value == extract.region):
            continue
        text = f"{FIELDS.get(name, name)}: {in_swedish(name, value)}"
        (long if len(text) > 90 or "\n" in text else short).append(text)
    return ([" · ".join(short)] if short else []) + long


def in_swedish(name: str, value: Value) -> str:
    """A fact's value as people read it."""
    if isinstance(value, bool):
        return "ja" if value else "nej"
    if isinstance(value, datetime | date):
        return _when(value)
    if isinstance(value, StrEnum):
        return _of_member(value)
    if isinstance(value, str):
        return _in_words(name, value)
    if isinstance(value, Decimal):
        return f"{value:f}".replace(".", ",")
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Mapping):
        return "; ".join(
            f"{FIELDS.get(key, key)} {in_swedish(key, one)}" for key, one in value.items() if one not in ("", None)
        )
    return "; ".join(_of_list(name, one) for one in value)


def _of_member(member: StrEnum) -> str:
    try:
        return swedish(label_id(member))
    except KeyError:
        return WORDS.get(member.value, member.value)


def _of_list(name: str, value: Value) -> str:
    """A part of a list: a question with its answer stands as 'question: answer'."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ": ".join(in_swedish(name, one) for one in value)
    return in_swedish(name, value)


def _in_words(name: str, text: str) -> str:
    if name in ("region", "to_region"):
        return REGIONS.get(text, text)
    if name in ("letter_language", "language"):
        return swedish(LANGUAGE_NAMES.get(text, text))
    if name == "action":
        return ACTIONS.get(text, text)
    if text in WORDS:
        return WORDS[text]
    if name == "what" and text in CONTACTS:
        return swedish(CONTACTS[text])
    if _NUMBER.fullmatch(text):
        whole, _point, decimals = text.partition(".")
        return f"{whole},{decimals[:4]}{'…' if len(decimals) > 4 else ''}"
    for kind in (LetterType, Outcome, ReferralEvent, ReferralState, ClosedReason, ExclusionReason):
        if text in set(kind):
            return swedish(label_id(kind(text)))
    if _DAY.fullmatch(text):
        return _when(date.fromisoformat(text))
    if _TIME.fullmatch(text):
        return _when(datetime.fromisoformat(text))
    return swedish(text)


def swedish(message: str) -> str:
    """A message id in Swedish whatever the screens' language is; anything else as it stands."""
    return catalogue("sv").get(message, message)


def _stamp(at: date | datetime) -> str:
    """'2026-11-22 15.02', as a column of times is read."""
    day = local_day(at).isoformat()
    return f"{day} {clock(at).replace(':', '.')}" if isinstance(at, datetime) else day


def _when(at: date | datetime) -> str:
    day = format_date(local_day(at), "sv")
    return f"{day} {clock(at).replace(':', '.')}" if isinstance(at, datetime) else day
