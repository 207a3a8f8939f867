"""MRI referrals and their cancellations as HL7 v2 bytes for one unit. It writes what it is given and decides nothing.

The shape is that of OMG^O19 (referral) and ORM^O01 with ORC-1 CA (cancellation). The examination is named by its common code, with
the unit's own code beside it where the unit has stated one. Urology is referred to by paper and work list: no message is agreed on.
"""

from datetime import datetime
from typing import Final

from kansli_tui.exchange import hl7_write as write
from kansli_tui.exchange.hl7_out import CANCEL_TYPE
from kansli_tui.exchange.hl7_syntax import escape
from kansli_tui.exchange.profile import Profile
from kansli_tui.rows.referral_messages import ReferralOut

_REFERRAL_TYPE: Final = "OMG^O19^OMG_O19"
_ROUTINE: Final = "R"
_UNIT: Final = "ug/L"


def referral_message(referral: ReferralOut, profile: Profile, *, control_id: str, at: datetime) -> bytes:
    """A new MRI referral (OMG^O19, ORC-1 NW), every segment ended by CR, to the unit itself (MSH-6).

    Args:
        referral: the referral; its times are aware. A protected person's address is left out.
        profile: the unit's or its region's; its facility stands in where the unit has no HSA-id.
        control_id: MSH-10, unique among what we send.
        at: MSH-7, aware.

    Raises:
        RefusedError: a character that the profile's character set lacks or that no message may hold.
        ValueError: a time without its time zone, or a referral to urology.
    """
    _require_mri(referral)
    segments = [
        write.header(profile, _facility(referral, profile), _REFERRAL_TYPE, profile.hl7_version, control_id, at),
        write.patient(referral, profile, with_address=not referral.protected),
        write.common_order(referral.number, profile, "NW", write.local(referral.made_at)),
        ["TQ1", "1", *[""] * 7, _ROUTINE],
        [*_request(referral, profile), *[""] * 11, write.orderer(profile)],
        *_psa(referral, profile),
        *_question(referral),
    ]
    return write.message_bytes(segments, referral.number, profile)


def cancel_referral_message(referral: ReferralOut, profile: Profile, *, control_id: str, at: datetime) -> bytes:
    """A cancellation of a referral already sent (ORM^O01, ORC-1 CA); arguments and errors as for `referral_message`."""
    _require_mri(referral)
    segments = [
        write.header(profile, _facility(referral, profile), CANCEL_TYPE, profile.cancel_hl7_version, control_id, at),
        write.patient(referral, profile, with_address=not referral.protected),
        write.common_order(referral.number, profile, "CA", ""),
        _request(referral, profile),
    ]
    return write.message_bytes(segments, referral.number, profile)


def _require_mri(referral: ReferralOut) -> None:
    if referral.kind != "mri":
        raise ValueError("only referrals for MRI go as messages")


def _facility(referral: ReferralOut, profile: Profile) -> str:
    return referral.unit_hsa_id or profile.their_facility


def _request(referral: ReferralOut, profile: Profile) -> list[str]:
    """OBR up to OBR-4."""
    local = (referral.exam_code, referral.exam_text, profile.local_exam_system) if referral.exam_code else ()
    exam = (profile.exam_code, profile.exam_text, profile.exam_system, *local)
    number = write.order_number(referral.number, profile)
    return ["OBR", "1", number, "", write.components(*(escape(part) for part in exam))]


def _psa(referral: ReferralOut, profile: Profile) -> list[list[str]]:
    """The PSA value that the referral stands on. A comparator is part of the value, so it takes a structured number."""
    if not referral.psa_value:
        return []
    code = write.components(escape(profile.psa_codes[0]), escape(profile.psa_text), escape(profile.psa_system))
    value = escape(referral.psa_value)
    type_, written = ("SN", f"{escape(referral.psa_comparator)}^{value}") if referral.psa_comparator else ("NM", value)
    sampled = ["", "", write.local(referral.sampled_at)] if referral.sampled_at else []
    return [["OBX", "1", type_, code, "", written, _UNIT, "", "", "", "", "F", *sampled]]


def _question(referral: ReferralOut) -> list[list[str]]:
    """The question and what the man has answered, as one note in whole sentences."""
    answers = [f"{question.rstrip(' ?:')}: {answer}" for question, answer in referral.answers]
    sentences = [
        text if text.endswith((".", "!", "?")) else f"{text}." for text in (referral.question, *answers) if text
    ]
    return [["NTE", "1", "L", escape(" ".join(sentences))]] if sentences else []
