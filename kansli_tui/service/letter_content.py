"""From a letter's row to the frozen content it is set from, and to JSON and back, so that it can be made again."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from db.models import Letter, Person
from kansli_tui.errors import LetterError
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.ruleset import RegionRules
from kansli_tui.rows.letters import VALUE_RULES, LetterContent, LetterValue, Recipient, RegionOffice
from kansli_tui.rows.population import Addresses, Protection, usable_address
from kansli_tui.service.context import STOCKHOLM
from kansli_tui.service.naming import letter_name
from kansli_tui.service.text_book import TextBook
from reports.text import format_appointment

_DATES = frozenset({"sampled_on", "offer_on", "valid_until", "next_on", "examined_on", "biopsied_on", "sent_on"})
_YEARS = frozenset({"next_year", "last_year"})


def recipient(person: Person) -> Recipient | None:
    """To whom and where; None when the register has no address that can be used."""
    address = usable_address(Addresses.from_fields(person.address), person.protection)
    if address is None:
        return None
    return Recipient(letter_name(person), address.lines, address.postcode, address.city, address.country)


def in_care_of(person: Person, agency: Recipient) -> Recipient:
    """Where a protected person's letter goes by hand: the name, in care of the tax agency. Never where the person is registered.

    With protected registration the special address stands, where it can be used: it is the agency's own for that person.
    """
    if person.protection is Protection.PROTECTED_REGISTRATION:
        special = recipient(person)
        if special is not None:
            return special
    return Recipient(letter_name(person), (f"c/o {agency.name}", *agency.lines), agency.postcode, agency.city)


def build(
    letter: Letter,
    to: Recipient,
    office: RegionOffice,
    rules: RegionRules,
    texts: TextBook,
    *,
    on: date,
    invented: bool,
) -> LetterContent:
    """The whole letter as of `on`, its date: dates that count from the letter are set now, and its text is the one in force."""
    source = texts.current(letter.type, letter.language, office.code, on)
    known = VALUE_RULES[letter.type].known
    values: dict[str, LetterValue] = {
        name: _value(name, spoken_value(name, text, source.language)) for name, text in letter.values.items()
    }
    from_today: Mapping[str, LetterValue] = {
        "offer_on": on + timedelta(days=rules.pre_letter_days),
        "valid_until": on + timedelta(days=rules.sample_window_days),
        "next_on": on + timedelta(days=rules.referral_reminder_days),
    }
    values.update({name: value for name, value in from_today.items() if name in known and name not in values})
    return LetterContent(
        letter_id=f"B-{letter.id:06d}",
        type=letter.type,
        language=source.language,
        region=office,
        recipient=to,
        on=on,
        values=values,
        invented=invented,
        template_version=source.version,
        text=source.text,
        enclosure=letter.enclosure,
    )


def freeze(content: LetterContent) -> dict[str, Any]:
    """The content as JSON, kept with the letter."""
    data = asdict(content)
    del data["text"]
    data["on"] = content.on.isoformat()
    data["values"] = {
        name: value.isoformat() if isinstance(value, date) else str(value) for name, value in content.values.items()
    }
    return data


def thaw(data: Mapping[str, Any], texts: TextBook) -> LetterContent:
    """The content as it was frozen, with the text of the version it names. LetterError when that version is not here."""
    region, to = dict(data["region"]), dict(data["recipient"])
    region["sampling_places"] = tuple(region["sampling_places"])
    box = region.get("window_box")
    region["window_box"] = tuple(box) if box else None
    kind = LetterType(data["type"])
    to["lines"] = tuple(to["lines"])
    return LetterContent(
        letter_id=data["letter_id"],
        type=kind,
        language=data["language"],
        region=RegionOffice(**region),
        recipient=Recipient(**to),
        on=date.fromisoformat(data["on"]),
        values={name: _value(name, text) for name, text in data["values"].items()},
        invented=data["invented"],
        template_version=data["template_version"],
        text=texts.exact(kind, data["language"], data["template_version"]),
        enclosure=data.get("enclosure", ""),
    )


_ENGLISH = (
    ("mindre än", "less than"),
    ("högst", "at most"),
    ("mer än", "more than"),
    ("minst", "at least"),
    (",", "."),
)
_PSA_NAMES = frozenset({"psa", "psa_before", "psa_now"})
_TIMES = frozenset({"booked_at", "instead_of"})


def spoken_value(name: str, text: str, language: str) -> str:
    """A stored value in the letter's language: values of PSA are stored in Swedish, times as ISO 8601 with their zone."""
    if name in _TIMES:
        return _time_in_words(text, language)
    if name in _PSA_NAMES and language == "en":
        for swedish, english in _ENGLISH:
            text = text.replace(swedish, english)
    return text


def _time_in_words(text: str, language: str) -> str:
    """'tisdag 24 november 2026 kl. 10.00'; a text that is no time (written by an earlier version) stays as it is."""
    try:
        at = datetime.fromisoformat(text).astimezone(STOCKHOLM)
    except ValueError:
        return text
    return format_appointment(at, language)


def _value(name: str, text: str) -> LetterValue:
    try:
        if name in _DATES:
            return date.fromisoformat(text)
        return int(text) if name in _YEARS else text
    except ValueError as problem:
        raise LetterError("The letter's value {name} cannot be read.", name=name) from problem
