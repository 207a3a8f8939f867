"""PSA orders and their cancellations as HL7 v2 bytes for one counterpart. It writes what it is given and decides nothing.

The shape is that of OML^O21 (order) and ORM^O01 with ORC-1 CA (cancellation). How long the sample is valid has no field that
laboratories agree on; it stands in the work list and in the man's letter.
"""

from datetime import datetime
from typing import Final

from kansli_tui.exchange import hl7_write as write
from kansli_tui.exchange.hl7_syntax import escape
from kansli_tui.exchange.profile import Profile
from kansli_tui.rows.lab import OrderOut

CANCEL_TYPE: Final = "ORM^O01^ORM_O01"
_ORDER_TYPE: Final = "OML^O21^OML_O21"


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
    segments = [
        write.header(profile, profile.their_facility, _ORDER_TYPE, profile.hl7_version, control_id, at),
        write.patient(order, profile),
        ["PV1", "1", "O", escape(profile.our_facility)],
        write.common_order(order.order_number, profile, "NW", write.local(order.ordered_at)),
        _request(order, profile),
    ]
    return write.message_bytes(segments, order.order_number, profile)


def cancel_message(order: OrderOut, profile: Profile, *, control_id: str, at: datetime) -> bytes:
    """A cancellation of an order already sent (ORM^O01, ORC-1 CA); arguments and errors as for `order_message`."""
    segments = [
        write.header(profile, profile.their_facility, CANCEL_TYPE, profile.cancel_hl7_version, control_id, at),
        write.patient(order, profile),
        write.common_order(order.order_number, profile, "CA", ""),
        _request(order, profile),
    ]
    return write.message_bytes(segments, order.order_number, profile)


def _request(order: OrderOut, profile: Profile) -> list[str]:
    code = write.components(escape(profile.psa_codes[0]), escape(profile.psa_text), escape(profile.psa_system))
    return ["OBR", "1", write.order_number(order.order_number, profile), "", code]
