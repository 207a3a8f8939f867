"""PSA orders and their cancellations as HL7 v2 bytes for one counterpart. It writes what it is given and decides nothing.

The shape is that of OML^O21 (order) and ORM^O01 with ORC-1 CA (cancellation). How long the sample is valid has no field that
laboratories agree on; it stands in the work list and in the man's letter.
"""

import unicodedata
from datetime import date, datetime
from typing import Final

from kansli_tui.errors import RefusedError
from kansli_tui.exchange.hl7_syntax import escape
from kansli_tui.exchange.lab_values import stockholm
from kansli_tui.exchange.profile import CHARSETS, Profile
from kansli_tui.rows.lab import OrderOut

_ORDER_TYPE: Final = "OML^O21^OML_O21"
_CANCEL_TYPE: Final = "ORM^O01^ORM_O01"


def order_message(order: OrderOut, profile: Profile, *, control_id: str, at: datetime) -> bytes:
    """A new order (OML^O21, ORC-1 NW), every segment ended by CR.

    Args:
        order: the order; its times are aware.
        profile: the laboratory's.
        control_id: MSH-10, unique among what we send.
        at: MSH-7, aware.

    Raises:
        RefusedError: a character that the profile's character set lacks or that no message may hold.
        ValueError: a time without its time zone.
    """
    return _bytes(
        [
            _header(profile, _ORDER_TYPE, profile.hl7_version, control_id, at),
            _patient(order, profile),
            ["PV1", "1", "O", escape(profile.our_facility)],
            _common_order(order, profile, "NW", _local(order.ordered_at)),
            _request(order, profile),
        ],
        order,
        profile,
    )


def cancel_message(order: OrderOut, profile: Profile, *, control_id: str, at: datetime) -> bytes:
    """A cancellation of an order already sent (ORM^O01, ORC-1 CA); arguments and errors as for `order_message`."""
    return _bytes(
        [
            _header(profile, _CANCEL_TYPE, profile.cancel_hl7_version, control_id, at),
            _patient(order, profile),
            _common_order(order, profile, "CA", ""),
            _request(order, profile),
        ],
        order,
        profile,
    )


def _header(profile: Profile, type_: str, version: str, control_id: str, at: datetime) -> list[str]:
    sent = _local(at) + at.astimezone(stockholm()).strftime("%z")
    parties = (profile.our_application, profile.our_facility, profile.their_application, profile.their_facility)
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


def _patient(order: OrderOut, profile: Profile) -> list[str]:
    authority = f"&{escape(order.identity_oid)}&ISO" if order.identity_oid else ""
    address = [order.street, "", order.city, "", order.postcode.replace(" ", "")]
    return [
        "PID",
        "1",
        "",
        _components(escape(order.identity_number), "", "", authority, "NI"),
        "",
        _components(escape(order.family), escape(order.given), "", "", "", "", "L"),
        "",
        _day(order.birth_date),
        order.sex,
        "",
        "",
        _components(*(escape(part) for part in address), escape(profile.country)) if any(address) else "",
    ]


def _common_order(order: OrderOut, profile: Profile, control: str, ordered_at: str) -> list[str]:
    orderer = (profile.orderer_hsa_id, profile.orderer_family, profile.orderer_given)
    number = _order_number(order, profile)
    return ["ORC", control, number, *[""] * 6, ordered_at, "", "", _components(*(escape(part) for part in orderer))]


def _request(order: OrderOut, profile: Profile) -> list[str]:
    code = _components(escape(profile.psa_codes[0]), escape(profile.psa_text), escape(profile.psa_system))
    return ["OBR", "1", _order_number(order, profile), "", code]


def _order_number(order: OrderOut, profile: Profile) -> str:
    return _components(escape(order.order_number), escape(profile.our_facility))


def _components(*parts: str) -> str:
    return "^".join(parts).rstrip("^")


def _day(day: date) -> str:
    return f"{day.year:04}{day.month:02}{day.day:02}"


def _local(moment: datetime) -> str:
    if moment.tzinfo is None:
        raise ValueError("a time in an order needs its time zone")
    return moment.astimezone(stockholm()).strftime("%Y%m%d%H%M%S")


def _bytes(segments: list[list[str]], order: OrderOut, profile: Profile) -> bytes:
    """The segments in the profile's character set; names are composed (NFC) first, as registers write them."""
    text = "".join(unicodedata.normalize("NFC", "|".join(segment)) + "\r" for segment in segments)
    codec = CHARSETS[profile.charset]
    for char in text:
        if (unicodedata.category(char) == "Cc" and char != "\r") or not _has(codec, char):
            raise RefusedError(
                "Order {order} holds the character {character}, which cannot be sent as {charset}. "
                "Place the order by the work list, or agree on UNICODE UTF-8 with {counterpart}.",
                order=order.order_number,
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
