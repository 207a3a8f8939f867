"""Segments of HL7 v2 messages that we send, and their bytes. Everything written is escaped; it decides nothing."""

import unicodedata
from collections.abc import Sequence
from datetime import date, datetime
from typing import Final, Protocol

from kansli_tui.errors import RefusedError
from kansli_tui.exchange.hl7_syntax import escape
from kansli_tui.exchange.lab_values import stockholm
from kansli_tui.exchange.profile import CHARSETS, Profile

_LEGAL_NAME: Final = "L"


class Patient(Protocol):
    """Whom a message is about; `OrderOut` and `ReferralOut` are such."""

    @property
    def identity_number(self) -> str:
        """The number as stored."""

    @property
    def identity_oid(self) -> str:
        """Who gave the number out."""

    @property
    def family(self) -> str:
        """Family name."""

    @property
    def given(self) -> str:
        """Given name."""

    @property
    def birth_date(self) -> date:
        """The register's."""

    @property
    def sex(self) -> str:
        """Administrative sex in the register."""

    @property
    def street(self) -> str:
        """Street, '' where no address may be given."""

    @property
    def postcode(self) -> str:
        """Postcode, with or without its space."""

    @property
    def city(self) -> str:
        """Post town."""


def header(profile: Profile, facility: str, type_: str, version: str, control_id: str, at: datetime) -> list[str]:
    """MSH, to `facility` of the profile's application. `at` is aware."""
    sent = local(at) + at.astimezone(stockholm()).strftime("%z")
    parties = (profile.our_application, profile.our_facility, profile.their_application, facility)
    return [
        "MSH",
        "^~\\&",
        *(escape(party) for party in parties),
        sent,
        "",
        type_,
        escape(control_id),
        profile.processing_id,
        version,
        "",
        "",
        "AL",
        "NE",
        "SE",
        profile.charset,
    ]


def patient(person: Patient, profile: Profile, *, with_address: bool = True) -> list[str]:
    """PID."""
    authority = f"&{escape(person.identity_oid)}&ISO" if person.identity_oid else ""
    address = [person.street, "", person.city, "", person.postcode.replace(" ", "")] if with_address else []
    return [
        "PID",
        "1",
        "",
        components(escape(person.identity_number), "", "", authority, "NI"),
        "",
        components(escape(person.family), escape(person.given), "", "", "", "", _LEGAL_NAME),
        "",
        f"{person.birth_date.year:04}{person.birth_date.month:02}{person.birth_date.day:02}",
        person.sex,
        "",
        "",
        components(*(escape(part) for part in address), escape(profile.country)) if any(address) else "",
    ]


def common_order(number: str, profile: Profile, control: str, ordered_at: str) -> list[str]:
    """ORC with our number, the time in ORC-9 and the ordering physician."""
    return ["ORC", control, order_number(number, profile), *[""] * 6, ordered_at, "", "", orderer(profile)]


def orderer(profile: Profile) -> str:
    """The ordering physician."""
    return components(
        *(escape(part) for part in (profile.orderer_hsa_id, profile.orderer_family, profile.orderer_given))
    )


def order_number(number: str, profile: Profile) -> str:
    """Our number and that we gave it out."""
    return components(escape(number), escape(profile.our_facility))


def components(*parts: str) -> str:
    """A field of components, without empty ones at its end."""
    return "^".join(parts).rstrip("^")


def local(moment: datetime) -> str:
    """A time to the second in Europe/Stockholm.

    Raises:
        ValueError: a time without its time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("a time in an order needs its time zone")
    return moment.astimezone(stockholm()).strftime("%Y%m%d%H%M%S")


def message_bytes(segments: Sequence[Sequence[str]], number: str, profile: Profile) -> bytes:
    """The segments in the profile's character set, each ended by CR; names are composed (NFC) first, as registers write them.

    Raises:
        RefusedError: a character that the profile's character set lacks or that no message may hold; `number` says in which order.
    """
    text = "".join(unicodedata.normalize("NFC", "|".join(segment)) + "\r" for segment in segments)
    codec = CHARSETS[profile.charset]
    for char in text:
        if (unicodedata.category(char) == "Cc" and char != "\r") or not _has(codec, char):
            raise RefusedError(
                "Order {order} holds the character {character}, which cannot be sent as {charset}. "
                "Place the order by the work list, or agree on UNICODE UTF-8 with {counterpart}.",
                order=number,
                character=f"U+{ord(char):04X}",
                charset=profile.charset,
                counterpart=profile.name,
            )
    return text.encode(codec)


def _has(codec: str, char: str) -> bool:
    try:
        char.encode(codec)
    except UnicodeEncodeError:
        return False
    return True
