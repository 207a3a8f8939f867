"""How the simulated laboratory writes an answer: ORU^R01 bytes in the shapes that laboratories really use."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from random import Random
from typing import Final

from kansli_tui.exchange.lab_values import stockholm
from kansli_tui.exchange.profile import Profile

_PSA: Final = "NPU08669^P-PSA^NPU"
_LARGEST_MEASURED: Final = Decimal(100)
_SMALLEST_MEASURED: Final = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Ordered:
    """An order as the laboratory has it: our number, and the patient's fields in the bytes of the order (still escaped)."""

    number: str
    identity: str
    name: str
    born: str

    @property
    def patient_number(self) -> str:
        """The person's number."""
        return self.identity.partition("^")[0]


@dataclass(frozen=True, slots=True)
class Result:
    """One result row as it is written: type, value, unit, status and the laboratory's note."""

    value: str
    value_type: str = "NM"
    unit: str = "ug/L^^UCUM"
    status: str = "F"
    note: str = ""


NOT_ANALYSED: Final = Result("Ej utfört, hemolys", "ST", "", "X", "Nytt prov önskas.")
WRONG_PERSON: Final = Result("Svaret gäller annan patient", "ST", "", "W")


def result_of(value: Decimal, rng: Random) -> Result:
    """A measured value as one or another laboratory writes it."""
    written, way = f"{value:f}", rng.random()
    if value < _SMALLEST_MEASURED:
        return Result("<^0.1", "SN")
    if value > _LARGEST_MEASURED and way < 0.3:
        return Result("> 100")
    if way < 0.02:
        return Result(written.replace(".", ","), "ST", "µg/L")
    if way < 0.04:
        return Result(written, "NM", "ng/mL")
    return Result(written)


def corrected(earlier: Result, value: Decimal) -> Result:
    """The correction of an answer that has gone out."""
    return Result(f"{value:f}", status="C", note=f"Rättat svar, ersätter {earlier.value.replace('.', ',')}.")


def in_other_unit(result: Result, value: Decimal) -> Result:
    """The same value in a unit that nobody has agreed on."""
    return replace(result, value=f"{value * 1000:.0f}", value_type="NM", unit="ng/L")


def message(
    order: Ordered, result: Result, profile: Profile, *, control_id: str, sampled: datetime, reported: datetime
) -> bytes:
    """One ORU^R01, every segment ended by CR, in UTF-8."""
    lab_number = f"L{order.number.removeprefix('OPT-')}^{profile.their_facility}"
    number = f"{order.number}^{profile.our_facility}"
    parties = (profile.their_application, profile.their_facility, profile.our_application, profile.our_facility)
    status = result.status if result.status in ("P", "X", "C") else "F"
    segments = [
        [
            "MSH",
            "^~\\&",
            *parties,
            _time(reported),
            "",
            "ORU^R01^ORU_R01",
            control_id,
            profile.processing_id,
            "2.5.1",
            "",
            "",
            "AL",
            "NE",
            "SE",
            "UNICODE UTF-8",
        ],
        ["PID", "1", "", order.identity, "", order.name, "", order.born, "M"],
        ["ORC", "RE", number, lab_number, "", "A" if status == "P" else "CM", "", "", "", _time(reported)],
        ["OBR", "1", number, lab_number, _PSA, "", "", _time(sampled), *[""] * 14, _time(reported), "", "LAB", status],
        [
            "OBX",
            "1",
            result.value_type,
            _PSA,
            "",
            result.value,
            result.unit,
            "<3.0",
            "",
            "",
            "",
            result.status,
            "",
            "",
            _time(reported),
        ],
    ]
    if result.note:
        segments.append(["NTE", "1", "L", result.note])
    return "".join("|".join(segment) + "\r" for segment in segments).encode()


def batch(messages: list[bytes]) -> bytes:
    """Messages as one file with its envelope."""
    return b"BHS|^~\\&\r" + b"".join(messages) + f"BTS|{len(messages)}\r".encode()


def _time(moment: datetime) -> str:
    return moment.astimezone(stockholm()).strftime("%Y%m%d%H%M%S")
