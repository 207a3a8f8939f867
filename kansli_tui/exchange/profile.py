"""Agreements with one counterpart, as data: who we are to each other, character set, codes. It reads settings and sends nothing."""

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

from kansli_tui.errors import UnreadableFileError
from kansli_tui.pathway.identity import IdentityKind

CHARSETS: Final = {
    "ASCII": "ascii",
    "8859/1": "iso8859-1",
    "8859/15": "iso8859-15",
    "UNICODE UTF-8": "utf-8",
}
"""HL7 table 0211 as used here: the name in MSH-18 and Python's codec."""

IDENTITY_OIDS: Final = {
    IdentityKind.PERSONNUMMER: "1.2.752.129.2.1.3.1",
    IdentityKind.SAMORDNINGSNUMMER: "1.2.752.129.2.1.3.3",
    IdentityKind.NATIONAL_RESERVE: "1.2.752.74.9.1",
}
"""Who gave a number out. A local reserve number has the OID of its region's own series, which the office states."""

_PROCESSING: Final = ("P", "T", "D")


@dataclass(frozen=True, slots=True)
class PsaAlias:
    """A laboratory's own code for PSA. With an empty `system` the code counts in any code system."""

    code: str
    system: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One counterpart. The defaults are those of the message samples.

    Attributes:
        our_application, our_facility: MSH-3 and MSH-4 of what we send, the facility as an HSA-id.
        their_application, their_facility: MSH-5 and MSH-6 of what we send.
        charset: one of `CHARSETS`; used out, and in where a message with letters outside ASCII leaves MSH-18 empty.
        hl7_version, cancel_hl7_version: MSH-12 of orders and of cancellations.
        processing_id: MSH-11 of what we send. 'P' refuses incoming messages marked as tests.
        psa_codes: NPU codes that are PSA. P- and S-PSA share NPU08669.
        psa_aliases: the laboratory's own codes for the same.
        psa_text, psa_system: how an order names the first of `psa_codes`.
        exam_code, exam_text, exam_system: MRI of the prostate as every unit understands it.
        local_exam_system: the code system of a unit's own catalogue, whose codes stand beside it.
        cancel_message: the message that takes an order back.
        orderer_hsa_id, orderer_family, orderer_given: the ordering physician.
        country: of the address in orders.
    """

    name: str = "default"
    our_application: str = "OPT"
    our_facility: str = "SE2321000040-OPT1"
    their_application: str = "LABSYS"
    their_facility: str = "SE2321000040-LAB1"
    charset: str = "UNICODE UTF-8"
    hl7_version: str = "2.5.1"
    cancel_hl7_version: str = "2.3.1"
    processing_id: str = "T"
    psa_codes: tuple[str, ...] = ("NPU08669",)
    psa_aliases: tuple[PsaAlias, ...] = ()
    psa_text: str = "P-PSA"
    psa_system: str = "NPU"
    exam_code: str = "719178004"
    exam_text: str = "MR prostata"
    exam_system: str = "SCT"
    local_exam_system: str = "99LOKAL"
    cancel_message: str = "ORM_O01"
    orderer_hsa_id: str = "SE2321000040-DOC1"
    orderer_family: str = "Läkare"
    orderer_given: str = "Lena"
    country: str = "SE"


def default_profile() -> Profile:
    """The profile that the samples agree with."""
    return Profile()


def radiology_profile() -> Profile:
    """The profile of a radiology information system, as the samples have it."""
    return Profile(name="radiology", their_application="RIS", their_facility="SE2321000040-RIS1")


def load_profile(path: Path) -> Profile:
    """Read a profile from a TOML file: keys are the attributes of `Profile`, `psa_aliases` a list of {code, system}.

    A key left out keeps its default, but `name`, `our_facility`, `their_facility` and `processing_id` must be stated.

    Raises:
        UnreadableFileError: saying which key is missing, unknown or wrong.
    """
    try:
        values = tomllib.loads(path.read_bytes().decode("utf-8"))
    except OSError as error:
        raise UnreadableFileError("The profile cannot be opened: {why}", why=error.strerror or "") from error
    except UnicodeDecodeError as error:
        raise UnreadableFileError("The profile is not UTF-8. Save it as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise UnreadableFileError("The profile is not valid TOML: {why}", why=str(error)) from error
    return _checked(values)


def _checked(values: dict[str, Any]) -> Profile:
    known = {field.name for field in fields(Profile)}
    if unknown := sorted(set(values) - known):
        raise UnreadableFileError("The profile has a key that does not exist: {key}", key=unknown[0])
    for key in ("name", "our_facility", "their_facility", "processing_id"):
        if key not in values:
            raise UnreadableFileError("The profile lacks the key {key}", key=key)
    checked: dict[str, Any] = {}
    for key, value in values.items():
        if key == "psa_codes":
            checked[key] = _codes(value)
        elif key == "psa_aliases":
            checked[key] = _aliases(value)
        elif isinstance(value, str) and value.strip() and value.isprintable():
            checked[key] = value.strip()
        else:
            raise UnreadableFileError("The profile's {key} must be a text that is not empty", key=key)
    profile = Profile(**checked)
    _one_of("charset", profile.charset, tuple(CHARSETS))
    _one_of("processing_id", profile.processing_id, _PROCESSING)
    _one_of("cancel_message", profile.cancel_message, ("ORM_O01",))
    return profile


def _codes(value: object) -> tuple[str, ...]:
    if isinstance(value, list) and value and all(isinstance(code, str) and code.strip() for code in value):
        return tuple(code.strip() for code in value)
    raise UnreadableFileError("The profile's psa_codes must be a list of codes that is not empty")


def _aliases(value: object) -> tuple[PsaAlias, ...]:
    if not isinstance(value, list):
        raise UnreadableFileError("The profile's psa_aliases must be a list of {{code, system}}", key="psa_aliases")
    aliases = []
    for alias in value:
        if not (
            isinstance(alias, dict)
            and {"code"} <= set(alias) <= {"code", "system"}
            and all(isinstance(part, str) and part.strip() for part in alias.values())
        ):
            raise UnreadableFileError("The profile's psa_aliases must be a list of {{code, system}}", key="psa_aliases")
        aliases.append(PsaAlias(code=alias["code"].strip(), system=alias.get("system", "").strip()))
    return tuple(aliases)


def _one_of(key: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise UnreadableFileError(
            "The profile's {key} is {value}; it must be one of: {allowed}",
            key=key,
            value=value,
            allowed=", ".join(allowed),
        )
