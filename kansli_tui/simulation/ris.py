"""How the simulated radiology writes: SIU (appointments) and ORU (answers) bytes, in the shapes that units really use."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from random import Random
from typing import Final

from kansli_tui.exchange.lab_values import stockholm
from kansli_tui.exchange.profile import Profile
from kansli_tui.simulation.referred import Referred

_EXAM: Final = "719178004^MR prostata^SCT"
_SHARE_TRAP: Final = 0.2
_SHARE_PROSE_ONLY: Final = 0.1
_PLACES: Final = ("höger perifera zonen", "vänster perifera zonen", "vänster transitionszon", "höger apex", "basalt")
_NONE: Final = "Inga fokala förändringar."


@dataclass(frozen=True, slots=True)
class Finding:
    """What the radiologist saw: the score of each lesion, the highest first, and the volume; `coded` scores stand in rows of their own."""

    scores: tuple[int, ...]
    volume_ml: Decimal | None
    text: str
    coded: bool = True
    status: str = "F"


NOT_COMPLETED: Final = Finding(
    (), None, "Undersökningen avbruten, patienten klarade inte att ligga i kameran.", status="X"
)
NOT_READABLE: Final = Finding((), None, "Kraftiga rörelseartefakter, undersökningen kan inte bedömas.")
WRONG_PATIENT: Final = Finding((), None, "Svaret gäller annan patient.", status="W")


def finding(scores: tuple[int, ...], volume: Decimal | None, rng: Random, *, status: str = "F") -> Finding:
    """An answer in words, now and then with the earlier score beside the new one, or with no coded rows."""
    highest = max(scores)
    lines = ["MR prostata, biparametrisk."]
    if volume is not None:
        lines.append(f"Prostatavolym {_comma(volume)} ml.")
    if highest == 1:
        lines.append(_NONE)
    for number, score in enumerate(scores, start=1):
        if score > 1:
            place = _PLACES[int(rng.random() * len(_PLACES))]
            lines.append(f"Lesion {number}: {place}, {6 + int(rng.random() * 14)} mm, PI-RADS {score}.")
    earlier = ""
    if rng.random() < _SHARE_TRAP:
        earlier = f" (tidigare PI-RADS {1 + highest % 5})"
    lines.append(f"Bedömning: PI-RADS {highest}{earlier}.")
    return Finding(scores, volume, "\\.br\\".join(lines), rng.random() > _SHARE_PROSE_ONLY, status)


def appointment(
    referred: Referred,
    event: str,
    profile: Profile,
    *,
    control_id: str,
    sent: datetime,
    at: datetime | None = None,
    why: str = "",
) -> bytes:
    """One SIU ('S12', 'S13', 'S15' or 'S26'), every segment ended by CR, in UTF-8."""
    start = _time(at) if at is not None else ""
    return _bytes(
        [
            _head(referred, profile, f"SIU^{event}^SIU_S12", control_id, sent),
            [
                "SCH",
                f"{referred.number}^{profile.our_facility}",
                f"{_own(referred)}^RIS",
                "",
                "",
                "",
                f"ROUTINE^{why}^L" if why else "",
                "NORMAL",
                "",
                "30",
                "min",
                f"^^30^{start}",
            ],
            _patient(referred),
        ]
    )


def report(
    referred: Referred, found: Finding, profile: Profile, *, control_id: str, examined: datetime, reported: datetime
) -> bytes:
    """One ORU^R01, every segment ended by CR, in UTF-8."""
    number, own = f"{referred.number}^{profile.our_facility}", f"{_own(referred)}^RIS"
    status = found.status
    rows = [["FT", "18748-4^Utlåtande^LN", "", found.text, ""]]
    if found.volume_ml is not None:
        rows.append(["NM", "15315-5^Prostatavolym^LN", "", f"{found.volume_ml:f}", "mL"])
    if found.coded:
        rows += [
            ["NM", "1345044005^PI-RADS^SCT", str(lesion), str(score), ""]
            for lesion, score in enumerate(found.scores, start=1)
        ]
    return _bytes(
        [
            _head(referred, profile, "ORU^R01^ORU_R01", control_id, reported),
            _patient(referred),
            ["ORC", "RE", number, own, "", "CM"],
            ["OBR", "1", number, own, _EXAM, "", "", _time(examined), *[""] * 14, _time(reported), "", "RAD", status],
            *(["OBX", str(place), *row, "", "", "", "", status] for place, row in enumerate(rows, start=1)),
        ]
    )


def _head(referred: Referred, profile: Profile, type_: str, control_id: str, at: datetime) -> list[str]:
    sender = (profile.their_application, referred.unit or profile.their_facility)
    return [
        "MSH",
        "^~\\&",
        *sender,
        profile.our_application,
        profile.our_facility,
        f"{_time(at)}{at.astimezone(stockholm()):%z}",
        "",
        type_,
        control_id,
        profile.processing_id,
        "2.5.1",
        "",
        "",
        "AL",
        "NE",
        "SE",
        "UNICODE UTF-8",
    ]


def _patient(referred: Referred) -> list[str]:
    return ["PID", "1", "", referred.identity, "", referred.name, "", referred.born, "M"]


def _own(referred: Referred) -> str:
    """The unit's own number of the referral."""
    return f"RIS-{referred.number.removeprefix('OPTMR-')}"


def _bytes(segments: Sequence[Sequence[str]]) -> bytes:
    return "".join("|".join(segment) + "\r" for segment in segments).encode()


def _comma(number: Decimal) -> str:
    return f"{number:f}".replace(".", ",")


def _time(moment: datetime) -> str:
    return moment.astimezone(stockholm()).strftime("%Y%m%d%H%M%S")
