"""One number for everything a letter is set from: the same content, the same number, years later and on another computer."""

import json
from dataclasses import fields
from datetime import date
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256
from typing import Any

from kansli_tui.rows.letters import LetterContent, RegionOffice


def letter_digest(letter: LetterContent) -> str:
    """The SHA-256 of the letter's frozen content, hexadecimal.

    Its canonical form is JSON in UTF-8, the letter's own fields, then its text, then its region: keys sorted, no spaces, a day as `{"day": "2026-03-14"}`, a decimal number as
    `{"number": "3.40"}`, and nothing that is empty (`""`, null, an empty list): a field that is added later, empty in
    old letters, leaves their digests as they were.
    """
    whole = {name: _plain(getattr(letter, name)) for name in _OWN}
    whole = {name: value for name, value in whole.items() if not _empty(value)}
    return sha256(f"{_json(whole)}{_part(letter.text)}{_part(letter.region)}".encode()).hexdigest()


_OWN = tuple(field.name for field in fields(LetterContent) if field.name not in {"text", "region"})


@lru_cache(maxsize=256)
def _part(part: str | RegionOffice) -> str:
    """A text or a region, which many letters have in common."""
    return _json(_plain(part))


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return {"day": value.isoformat()}
    if isinstance(value, Decimal):
        return {"number": str(value)}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    if hasattr(value, "items"):
        return {str(name): _plain(part) for name, part in value.items()}
    if hasattr(value, "__dataclass_fields__"):
        named = {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
        return {name: part for name, part in named.items() if not _empty(part)}
    return value


def _empty(value: Any) -> bool:
    return value is None or value in ("", [], {})


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
