"""From a letter's row to the frozen content it is set from, and to JSON and back, so that it can be made again."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from db.models import Letter, Person
from kansli_tui.errors import LetterError
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.ruleset import RegionRules
from kansli_tui.rows.letters import VALUE_RULES, LetterContent, LetterValue, Recipient, RegionOffice
from kansli_tui.rows.population import Addresses, usable_address
from kansli_tui.service.naming import letter_name

_DATES = frozenset({"sampled_on", "offer_on", "valid_until", "next_on", "examined_on", "biopsied_on", "sent_on"})
_YEARS = frozenset({"next_year", "last_year"})


def recipient(person: Person) -> Recipient | None:
    """To whom and where; None when the register has no address that can be used."""
    address = usable_address(Addresses.from_fields(person.address), person.protection)
    if address is None:
        return None
    return Recipient(letter_name(person), address.lines, address.postcode, address.city, address.country)


def build(
    letter: Letter, to: Recipient, office: RegionOffice, rules: RegionRules, *, on: date, invented: bool
) -> LetterContent:
    """The whole letter as of `on`, its date: dates that count from the letter are set now."""
    from reports.delivered import delivered_text  # noqa: PLC0415 - texts are read when the first letter is made

    known = VALUE_RULES[letter.type].known
    values: dict[str, LetterValue] = {name: _value(name, text) for name, text in letter.values.items()}
    from_today: Mapping[str, LetterValue] = {
        "offer_on": on + timedelta(days=rules.pre_letter_days),
        "valid_until": on + timedelta(days=rules.sample_window_days),
        "next_on": on + timedelta(days=rules.referral_reminder_days),
    }
    values.update({name: value for name, value in from_today.items() if name in known and name not in values})
    version, text = delivered_text(letter.type, letter.language)
    return LetterContent(
        letter_id=f"B-{letter.id:06d}",
        type=letter.type,
        language=letter.language,
        region=office,
        recipient=to,
        on=on,
        values=values,
        invented=invented,
        template_version=version,
        text=text,
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


def thaw(data: Mapping[str, Any]) -> LetterContent:
    """The content as it was frozen."""
    region, to = dict(data["region"]), dict(data["recipient"])
    region["sampling_places"] = tuple(region["sampling_places"])
    to["lines"] = tuple(to["lines"])
    return LetterContent(
        letter_id=data["letter_id"],
        type=LetterType(data["type"]),
        language=data["language"],
        region=RegionOffice(**region),
        recipient=Recipient(**to),
        on=date.fromisoformat(data["on"]),
        values={name: _value(name, text) for name, text in data["values"].items()},
        invented=data["invented"],
        template_version=data["template_version"],
        text=_interim(LetterType(data["type"]), data["language"]),
    )


def _value(name: str, text: str) -> LetterValue:
    try:
        if name in _DATES:
            return date.fromisoformat(text)
        return int(text) if name in _YEARS else text
    except ValueError as problem:
        raise LetterError("The letter's value {name} cannot be read.", name=name) from problem


def _interim(kind: LetterType, language: str) -> str:
    from reports.delivered import delivered_text  # noqa: PLC0415

    return delivered_text(kind, language)[1]
